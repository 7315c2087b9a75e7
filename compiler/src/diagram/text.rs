//! Texts of a picture: how wide they are, where they are cut and wrapped, and how they stand in XML.

use std::fmt::Write;

use unicode_width::UnicodeWidthChar;

/// A kind of letters, with their size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Font {
    /// Names.
    Title,
    /// The heading of the picture.
    Heading,
    /// What is said beside names.
    Note,
    /// What the program says: arguments, expressions.
    Code,
    /// Shapes behind boxes.
    Shape,
}

impl Font {
    /// The size of its letters.
    pub fn size(self) -> f64 {
        match self {
            Self::Heading => 17.0,
            Self::Title => 12.5,
            Self::Note | Self::Code => 10.5,
            Self::Shape => 10.0,
        }
    }

    /// How wide a text is. Viewers have other fonts: these are the widths of Helvetica and Courier, with a little to spare.
    pub fn width(self, text: &str) -> f64 {
        let mono = matches!(self, Self::Code | Self::Shape);
        let bold = matches!(self, Self::Title | Self::Heading);
        let em: f64 = text.chars().map(|letter| if mono { cell(letter) } else { proportional(letter) }).sum();
        em * self.size() * if bold { 1.1 } else { 1.04 }
    }
}

fn cell(letter: char) -> f64 {
    0.602 * letter.width().unwrap_or(1) as f64
}

fn proportional(letter: char) -> f64 {
    match letter {
        'i' | 'j' | 'l' | '\'' | '|' => 0.23,
        ' ' | '.' | ',' | ';' | ':' | '!' | 'I' | '/' | '[' | ']' | 'f' | 't' | '·' => 0.29,
        '(' | ')' | '-' | 'r' | '`' | '"' => 0.35,
        'm' | 'M' | 'W' | '%' => 0.86,
        'w' | 'O' | 'Q' | 'G' | 'N' | 'D' | 'C' | 'U' | 'H' | 'R' | '→' => 0.75,
        'A'..='Z' | '&' | '+' | '=' | '<' | '>' | '×' => 0.66,
        '\0'..='~' => 0.56,
        other => 0.6 * other.width().unwrap_or(1) as f64,
    }
}

/// The text, cut behind `most` letters.
pub fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
        None => text.to_owned(),
    }
}

/// The text in at most `lines` lines of at most `most` letters each, broken at spaces; what is left over is cut.
pub fn wrapped(text: &str, most: usize, lines: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let fits = |line: &String| line.chars().count() + 1 + word.chars().count() <= most;
        let full = out.len() == lines;
        match out.last_mut() {
            Some(line) if fits(line) => {
                line.push(' ');
                line.push_str(word);
            }
            Some(line) if full => {
                *line = format!("{}…", line.chars().take(most.saturating_sub(1)).collect::<String>());
                break;
            }
            _ => out.push(cut(word, most.saturating_sub(1))),
        }
    }
    out
}

/// A piece of source on one line.
pub fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `1234567` as `1,234,567`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1234567` as `1.2 M`: three digits at most, and the unit.
pub fn rounded(number: u64) -> String {
    let units = ["", " k", " M", " G", " T", " P"];
    let mut size = number as f64;
    let mut unit = 0;
    while size >= 999.5 && unit + 1 < units.len() {
        size /= 1000.0;
        unit += 1;
    }
    match unit {
        0 => number.to_string(),
        _ if size < 9.95 => format!("{size:.1}{}", units[unit]),
        _ => format!("{size:.0}{}", units[unit]),
    }
}

/// `1 parameter`, `1,234 parameters`
pub fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// A text as XML has it, between tags and between double quotes.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push(' '),
            // What XML 1.0 cannot hold, even escaped.
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(letter),
        }
    }
    out
}

/// Writes a length with at most two digits behind the point.
pub fn length(out: &mut String, length: f64) {
    let rounded = (length * 100.0).round() / 100.0;
    // A negative zero is one too.
    let _ = write!(out, "{}", if rounded == 0.0 { 0.0 } else { rounded });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_wrapped_and_cut() {
        assert_eq!(wrapped("a + b", 10, 2), ["a + b"]);
        assert_eq!(wrapped("mean + exp(log_variance / 2)", 12, 3), ["mean +", "exp(log_var…", "/ 2)"]);
        assert_eq!(wrapped("one two three four", 9, 2), ["one two", "three…"]);
        assert_eq!(wrapped("", 9, 2), Vec::<String>::new());
    }

    #[test]
    fn numbers_are_rounded_to_what_a_reader_compares() {
        assert_eq!(
            [0, 999, 1000, 9_949, 9_950, 25_636_712].map(rounded),
            ["0", "999", "1.0 k", "9.9 k", "10 k", "26 M"]
        );
    }

    #[test]
    fn nothing_in_a_text_is_markup() {
        assert_eq!(escaped("a < b && \"c\" > \u{1}'"), "a &lt; b &amp;&amp; &quot;c&quot; &gt; \u{fffd}'");
    }
}
