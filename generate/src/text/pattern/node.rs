//! A regular expression as texts are drawn from it.

use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind, Look};

/// What is left of a regular expression without what no text matches.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Text(Box<str>),
    Class(Characters),
    Row(Box<[Node]>),
    Either(Box<[Node]>),
    Repeat {
        node: Box<Node>,
        least: u32,
        /// None where there is no end.
        most: Option<u32>,
        /// The lengths of the node.
        each: (u64, Option<u64>),
    },
    /// The beginning or the end of the whole text.
    Look(Look),
}

/// Some characters, as ranges in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Characters {
    ranges: Box<[(u32, u32)]>,
    count: u32,
}

/// Which of its characters a class is taken to mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alphabet {
    /// Those of ASCII that are printed, where it has any: what people mean by `.` and `\w`.
    Printable,
    /// All.
    Whole,
}

impl Characters {
    pub(super) fn new(ranges: impl IntoIterator<Item = (u32, u32)>) -> Self {
        // What lies between the surrogates' ends is no character.
        let whole = ranges.into_iter().flat_map(|(start, end)| [(start, end.min(0xd7ff)), (start.max(0xe000), end)]);
        let ranges: Box<[_]> = whole.filter(|(start, end)| start <= end).collect();
        let count = ranges.iter().map(|(start, end)| end - start + 1).sum();
        Self { ranges, count }
    }

    fn of_class(class: &ClassUnicode, alphabet: Alphabet) -> Self {
        let whole = Self::new(class.ranges().iter().map(|range| (u32::from(range.start()), u32::from(range.end()))));
        let printable = Self::new(whole.ranges.iter().map(|(start, end)| (*start.max(&0x20), *end.min(&0x7e))));
        match alphabet {
            Alphabet::Printable if printable.count > 0 => printable,
            _ => whole,
        }
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.count.into()
    }

    /// The one at a place.
    #[inline]
    pub fn at(&self, place: u64) -> char {
        let mut place = place as u32;
        for (start, end) in &self.ranges {
            if place <= end - start {
                return char::from_u32(start + place).unwrap_or(char::REPLACEMENT_CHARACTER);
            }
            place -= end - start + 1;
        }
        char::REPLACEMENT_CHARACTER
    }

    /// Them, as the first and the last of each range.
    pub fn ranges(&self) -> &[(u32, u32)] {
        &self.ranges
    }
}

impl Node {
    /// What texts are drawn from; none where no text matches.
    pub fn read(hir: &Hir, alphabet: Alphabet) -> Option<Self> {
        let whole = match Self::of(hir, alphabet)? {
            Self::Row(parts) => parts.into_vec(),
            other => vec![other],
        };
        // The whole text matches anyway, so these at its ends say nothing.
        let first = whole.iter().position(|part| !matches!(part, Self::Look(Look::Start))).unwrap_or(whole.len());
        let last = whole.iter().rposition(|part| !matches!(part, Self::Look(Look::End))).map_or(0, |last| last + 1);
        Some(Self::Row(whole.get(first..last).unwrap_or_default().into()))
    }

    fn of(hir: &Hir, alphabet: Alphabet) -> Option<Self> {
        Some(match hir.kind() {
            HirKind::Empty => Self::Row([].into()),
            HirKind::Literal(literal) => Self::Text(String::from_utf8_lossy(&literal.0).into()),
            HirKind::Look(look) => Self::Look(*look),
            HirKind::Class(Class::Unicode(class)) => {
                let characters = Characters::of_class(class, alphabet);
                (characters.count > 0).then_some(Self::Class(characters))?
            }
            HirKind::Class(Class::Bytes(_)) => return None,
            HirKind::Capture(capture) => Self::of(&capture.sub, alphabet)?,
            HirKind::Concat(parts) => {
                Self::Row(parts.iter().map(|part| Self::of(part, alphabet)).collect::<Option<_>>()?)
            }
            HirKind::Alternation(parts) => {
                let parts: Box<[_]> = parts.iter().filter_map(|part| Self::of(part, alphabet)).collect();
                (!parts.is_empty()).then_some(Self::Either(parts))?
            }
            HirKind::Repetition(repetition) => match Self::of(&repetition.sub, alphabet) {
                Some(node) => Self::repeat(node, repetition.min, repetition.max),
                None => (repetition.min == 0).then_some(Self::Row([].into()))?,
            },
        })
    }

    fn repeat(node: Self, least: u32, most: Option<u32>) -> Self {
        let each = node.lengths();
        match each {
            // Where nothing is repeated, once is as good as any number of times.
            (_, Some(0)) if node.looks() => {
                Self::Repeat { node: Box::new(node), least: least.min(1), most: Some(1), each }
            }
            (_, Some(0)) => Self::Row([].into()),
            // Where it may be nothing, it need not be there.
            (0, _) if !node.looks() => Self::Repeat { node: Box::new(node), least: 0, most, each },
            _ => Self::Repeat { node: Box::new(node), least, most, each },
        }
    }

    /// The least and the most characters of what matches; no most where there is none.
    pub fn lengths(&self) -> (u64, Option<u64>) {
        match self {
            Self::Text(text) => {
                let count = text.chars().count() as u64;
                (count, Some(count))
            }
            Self::Class(_) => (1, Some(1)),
            Self::Look(_) => (0, Some(0)),
            Self::Row(parts) => parts.iter().map(Self::lengths).fold((0, Some(0)), |(least, most), one| {
                (least.saturating_add(one.0), most.zip(one.1).map(|(most, one)| most.saturating_add(one)))
            }),
            Self::Either(parts) => {
                let either = parts
                    .iter()
                    .map(Self::lengths)
                    .reduce(|(least, most), one| (least.min(one.0), most.zip(one.1).map(|(most, one)| most.max(one))));
                either.unwrap_or((0, Some(0)))
            }
            Self::Repeat { least, most, each, .. } => {
                let times = most.map(u64::from);
                (
                    each.0.saturating_mul((*least).into()),
                    each.1.zip(times).map(|(one, times)| one.saturating_mul(times)),
                )
            }
        }
    }

    /// Whether it asks for the beginning or the end of the text somewhere within.
    pub fn looks(&self) -> bool {
        match self {
            Self::Text(_) | Self::Class(_) => false,
            Self::Look(_) => true,
            Self::Row(parts) | Self::Either(parts) => parts.iter().any(Self::looks),
            Self::Repeat { node, .. } => node.looks(),
        }
    }
}
