//! The lines of a script, and the comments in it.

use std::fmt::Write as _;

use super::REMARK;

/// A line between the brackets of a table.
pub(super) enum Line {
    /// A column or a constraint, with the comments above it and the remark behind it.
    Element { docs: Option<String>, text: String, remark: Option<String> },
    /// What SQL cannot say.
    Remark { docs: Option<String>, text: String },
}

/// Prints the lines between the brackets of a table.
pub(super) fn print(out: &mut String, lines: &[Line]) {
    let last = lines.iter().rposition(|line| matches!(line, Line::Element { .. }));
    for (place, line) in lines.iter().enumerate() {
        match line {
            Line::Element { docs, text, remark } => {
                doc_lines(out, "    ", docs.as_deref());
                let comma = if Some(place) == last { "" } else { "," };
                let _ = write!(out, "    {text}{comma}");
                if let Some(remark) = remark {
                    let _ = write!(out, " --{REMARK} {remark}");
                }
                out.push('\n');
            }
            Line::Remark { docs, text } => {
                for line in docs.iter().flat_map(|docs| docs.split('\n')) {
                    remark_line(out, "    ", &format!("/// {line}"));
                }
                remark_line(out, "    ", text);
            }
        }
    }
}

/// What SQL cannot say, in the words of the language.
pub(super) fn remark_line(out: &mut String, indent: &str, text: &str) {
    let _ = writeln!(out, "{indent}--{REMARK} {text}");
}

/// A doc comment, as lines that are read as none else.
pub(super) fn doc_lines(out: &mut String, indent: &str, docs: Option<&str>) {
    for line in docs.into_iter().flat_map(|docs| docs.split('\n')) {
        let escape = if line.starts_with("ndsl:") || line.starts_with('\\') { "\\" } else { "" };
        let line = format!("{indent}-- {escape}{line}");
        let _ = writeln!(out, "{}", line.trim_end());
    }
}
