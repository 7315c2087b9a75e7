//! What the texts of a column are like: their lengths and shapes, and whether all of them are addresses or identifiers of a known kind.

use super::shape::Shapes;

/// How many of the first different texts are remembered.
const REMEMBERED: usize = 200;

/// The longest that is.
const LONGEST: usize = 200;

/// A kind of text that can be told by each value alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `8f3b1c9e-…`, in small letters.
    Uuid,
    /// `ada@lantern.example`
    Email,
    /// `https://lantern.example/`
    Url,
    /// `192.0.2.7`
    Ip,
    /// `+1 212-555-0123`
    Phone,
}

const KINDS: [Kind; 5] = [Kind::Uuid, Kind::Email, Kind::Url, Kind::Ip, Kind::Phone];

impl Kind {
    /// The type of such columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::Uuid => "uuid",
            Self::Email => "email",
            Self::Url => "url",
            Self::Ip => "ip",
            Self::Phone => "phone",
        }
    }

    /// Whether everybody has their own.
    pub fn is_own(self) -> bool {
        matches!(self, Self::Uuid | Self::Email)
    }

    /// What each of the texts is.
    pub fn said(self) -> &'static str {
        match self {
            Self::Uuid => "a UUID, version 4",
            Self::Email => "an e-mail address",
            Self::Url => "an address on the web",
            Self::Ip => "an address of the internet protocol",
            Self::Phone => "a telephone number",
        }
    }

    /// Whether a text is of the kind.
    fn is(self, text: &str) -> bool {
        let bytes = text.as_bytes();
        match self {
            Self::Uuid => {
                let fits = |(place, byte): (usize, &u8)| match place {
                    8 | 13 | 18 | 23 => *byte == b'-',
                    14 => *byte == b'4',
                    19 => matches!(byte, b'8' | b'9' | b'a' | b'b'),
                    _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
                };
                bytes.len() == 36 && bytes.iter().enumerate().all(fits)
            }
            Self::Email => is_email(text),
            Self::Url => {
                let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
                rest.is_some_and(|rest| rest.contains('.') && !rest.contains(char::is_whitespace))
            }
            Self::Ip => {
                let part = |part: &str| {
                    (1..=3).contains(&part.len())
                        && part.bytes().all(|byte| byte.is_ascii_digit())
                        && (part.len() == 1 || !part.starts_with('0'))
                        && part.parse::<u16>().is_ok_and(|number| number < 256)
                };
                text.split('.').count() == 4 && text.split('.').all(part)
            }
            Self::Phone => {
                let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
                bytes.first() == Some(&b'+')
                    && (7..=15).contains(&digits)
                    && bytes[1..].iter().all(|byte| matches!(byte, b'0'..=b'9' | b' ' | b'-' | b'(' | b')' | b'.'))
            }
        }
    }
}

/// One `@` with a name before it and a domain with a dot behind it.
fn is_email(text: &str) -> bool {
    let Some((name, domain)) = text.split_once('@') else { return false };
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte);
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    !name.is_empty()
        && !name.starts_with('.')
        && !name.ends_with('.')
        && name.bytes().all(is_name)
        && domain.contains('.')
        && domain.split('.').all(is_label)
}

/// The texts of a column.
#[derive(Debug)]
pub struct Texts {
    /// The kinds that all texts so far are of.
    kinds: Vec<Kind>,
    /// What they have in common.
    pub shapes: Shapes,
    /// Whether one has a line break.
    pub lines: bool,
    /// How many have a blank in them.
    pub spaced: u64,
    /// How many there are.
    pub count: u64,
    /// The first ones, each once as far as that is known.
    pub first: Vec<String>,
}

impl Default for Texts {
    fn default() -> Self {
        Self { kinds: KINDS.to_vec(), shapes: Shapes::default(), lines: false, spaced: 0, count: 0, first: Vec::new() }
    }
}

impl Texts {
    /// Takes a text that comes `count` times.
    #[inline]
    pub fn add(&mut self, text: &str, count: u64) {
        self.count += count;
        if !self.kinds.is_empty() {
            self.kinds.retain(|kind| kind.is(text));
        }
        // The shape of an address says nothing.
        if self.kinds.is_empty() || self.count <= 64 {
            self.shapes.add(text, count);
        }
        if memchr::memchr2(b' ', b'\n', text.as_bytes()).is_some() {
            self.spaced += count;
            self.lines |= text.contains('\n');
        }
        if self.first.len() < REMEMBERED && text.len() <= LONGEST && !self.first.iter().any(|first| first == text) {
            self.first.push(text.to_owned());
        }
    }

    /// The kind that all texts are of.
    pub fn kind(&self) -> Option<Kind> {
        self.kinds.first().copied().filter(|_| self.count > 0)
    }

    /// The regular expression that all texts match, where they look like codes.
    pub fn pattern(&self) -> Option<String> {
        // Texts whose shapes were not looked at while all were of a kind may have others.
        (self.shapes.count() == self.count).then(|| self.shapes.pattern()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(texts: &[&str]) -> Option<Kind> {
        let mut all = Texts::default();
        texts.iter().for_each(|text| all.add(text, 1));
        all.kind()
    }

    #[test]
    fn kinds_are_told_by_every_value() {
        assert_eq!(kind(&["8f3b1c9e-1a2b-4c3d-8e4f-0123456789ab"]), Some(Kind::Uuid));
        assert_eq!(kind(&["8F3B1C9E-1A2B-4C3D-8E4F-0123456789AB"]), None);
        assert_eq!(kind(&["ada@lantern.example", "a.b+c@x-y.org"]), Some(Kind::Email));
        assert_eq!(kind(&["ada@lantern.example", "nobody"]), None);
        assert_eq!(kind(&["https://a.example/x?y=1"]), Some(Kind::Url));
        assert_eq!(kind(&["192.0.2.7", "10.0.0.255"]), Some(Kind::Ip));
        assert_eq!(kind(&["192.0.2.256"]), None);
        assert_eq!(kind(&["+1 212-555-0123", "+49 (30) 1234567"]), Some(Kind::Phone));
        assert_eq!(kind(&[]), None);
    }
}
