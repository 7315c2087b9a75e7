//! Real programs with a few changes that people make without meaning to: tokens and lines left out, doubled, swapped, or taken
//! from another program.

#[path = "sound/checking.rs"]
mod checking;
#[path = "../../grammar/tests/sound/files.rs"]
mod files;
#[path = "../../grammar/tests/sound/layout.rs"]
mod layout;
#[path = "sound/meaning.rs"]
mod meaning;

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use ndsl_grammar::lex;
use proptest::prelude::*;
use proptest::sample::Index;

/// What no text of this size may take, on a machine that does much else.
const LONGEST: Duration = Duration::from_secs(120);

/// The examples and the standard library.
static PROGRAMS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let paths = files::below(&["examples", "compiler/src/std"], "ndsl");
    paths.iter().map(|path| std::fs::read_to_string(path).expect("an example is text")).collect()
});

/// A change of a text.
#[derive(Clone, Debug)]
enum Change {
    /// So many tokens are left out.
    Drop(Index, usize),
    /// A token stands twice.
    Double(Index),
    /// Two tokens change places.
    Swap(Index, Index),
    /// A line is left out.
    DropLine(Index),
    /// A line stands twice.
    DoubleLine(Index),
    /// Two lines change places.
    SwapLines(Index, Index),
    /// A token gives its place to one of another program.
    Foreign(Index, usize, Index),
    /// From a line on, the text goes on as another program does from one of its lines.
    Splice(Index, usize, Index),
    /// A line ends where a token does.
    Break(Index),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    let other = 0..PROGRAMS.len();
    prop_oneof![
        (at(), 1..4_usize).prop_map(|(at, count)| Change::Drop(at, count)),
        at().prop_map(Change::Double),
        (at(), at()).prop_map(|(a, b)| Change::Swap(a, b)),
        at().prop_map(Change::DropLine),
        at().prop_map(Change::DoubleLine),
        (at(), at()).prop_map(|(a, b)| Change::SwapLines(a, b)),
        (at(), other.clone(), at()).prop_map(|(at, other, from)| Change::Foreign(at, other, from)),
        (at(), other, at()).prop_map(|(at, other, from)| Change::Splice(at, other, from)),
        at().prop_map(Change::Break),
    ]
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

impl Change {
    /// The text with the change made; as it was where it is empty.
    fn make(&self, text: &str) -> String {
        let tokens = lex(text);
        if tokens.is_empty() {
            return text.to_owned();
        }
        let token = |at: &Index| tokens[at.index(tokens.len())].range();
        let mut all = lines(text);
        let line = |at: &Index| at.index(all.len());
        match self {
            Self::Drop(at, count) => {
                let first = at.index(tokens.len());
                let last = (first + count - 1).min(tokens.len() - 1);
                format!("{}{}", &text[..tokens[first].start as usize], &text[tokens[last].end as usize..])
            }
            Self::Double(at) => {
                let range = token(at);
                format!("{} {}", &text[..range.end], &text[range.start..])
            }
            Self::Swap(a, b) => {
                let (a, b) = (token(a), token(b));
                let (a, b) = if a.start <= b.start { (a, b) } else { (b, a) };
                if a == b {
                    return text.to_owned();
                }
                let between = &text[a.end..b.start];
                format!("{}{}{between}{}{}", &text[..a.start], &text[b.clone()], &text[a.clone()], &text[b.end..])
            }
            Self::DropLine(at) => {
                all.remove(line(at));
                all.concat()
            }
            Self::DoubleLine(at) => {
                let at = line(at);
                all.insert(at, all[at]);
                all.concat()
            }
            Self::SwapLines(a, b) => {
                let (a, b) = (line(a), line(b));
                all.swap(a, b);
                all.concat()
            }
            Self::Foreign(at, other, from) => {
                let donor = &PROGRAMS[*other];
                let others = lex(donor);
                let piece = &donor[others[from.index(others.len())].range()];
                let range = token(at);
                format!("{}{piece}{}", &text[..range.start], &text[range.end..])
            }
            Self::Splice(at, other, from) => {
                let others = lines(&PROGRAMS[*other]);
                let head = all[..line(at)].concat();
                head + &others[from.index(others.len())..].concat()
            }
            Self::Break(at) => {
                let range = token(at);
                format!("{}\n{}", &text[..range.end], &text[range.end..])
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_program_with_a_few_changes_is_checked_and_laid_out(
        program in 0..PROGRAMS.len(), changes in prop::collection::vec(change(), 1..5),
    ) {
        let text = changes.iter().fold(PROGRAMS[program].clone(), |text, change| change.make(&text));
        let start = Instant::now();
        checking::check(&text);
        if let Some(tidy) = layout::lay_out(&text) {
            meaning::keep_meaning(&text, &tidy, "a changed program");
        }
        prop_assert!(start.elapsed() < LONGEST, "{:?} for\n{}", start.elapsed(), text);
    }
}
