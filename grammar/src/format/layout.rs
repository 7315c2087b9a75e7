//! The document printer: pieces of text and the places where a line may end, laid out on lines of at most [`MAX_WIDTH`] columns.
//!
//! A group is printed on one line if it fits, and otherwise every line of it ends where it may; the groups inside it decide
//! for themselves. This is the way of Oppen and Wadler, over one flat list of pieces: a group knows its width when it is
//! closed, so printing looks at every piece once, and ahead no further than one line.

use unicode_width::UnicodeWidthStr;

/// The columns of a line.
pub const MAX_WIDTH: usize = 100;
/// The columns of one level.
const INDENT: usize = 4;
/// Trailing comments behind more columns than this are not lined up with their neighbours: they would push them too far away.
const MAX_ALIGNED: usize = 60;

/// A place where a line may end.
#[derive(Clone, Copy)]
pub(super) struct Line {
    /// What is printed where it does not.
    flat: &'static str,
    /// Whether it ends here in any case.
    hard: bool,
    /// Whether an empty line follows where it ends.
    blank: bool,
    /// Whether it ends only where the next piece no longer fits, though the group is broken.
    fill: bool,
}

impl Line {
    /// A line's end, always.
    pub(super) const HARD: Self = Self { flat: "", hard: true, blank: false, fill: false };
    /// A line's end or nothing.
    pub(super) const SOFT: Self = Self::or("");
    /// A line's end or a space.
    pub(super) const SPACE: Self = Self::or(" ");
    /// A line's end or `; `.
    pub(super) const SEMICOLON: Self = Self::or("; ");
    /// A line's end or `, `.
    pub(super) const COMMA: Self = Self::or(", ");
    /// A space, or a line's end before what no longer fits.
    pub(super) const FILL: Self = Self { fill: true, ..Self::SPACE };

    const fn or(flat: &'static str) -> Self {
        Self { flat, hard: false, blank: false, fill: false }
    }

    /// The same, with an empty line after it where `blank` is true.
    pub(super) fn blank(self, blank: bool) -> Self {
        Self { blank, ..self }
    }
}

#[derive(Clone, Copy)]
enum Piece<'s> {
    Text(&'s str),
    /// Text only where its group is broken.
    Broken(&'static str),
    Line(Line),
    /// A comment at the end of the current line.
    Trailing(&'s str),
    /// Spaces where the group that holds many of them is broken, else one; or where `line` is true, a line's end.
    Pad {
        spaces: u32,
        line: bool,
    },
    /// Up to its `End`; `width` is what it takes on one line, or nothing where a line's end in it is hard.
    Group {
        width: Option<u32>,
        end: u32,
    },
    Indent,
    End,
}

/// A point between two pieces, to measure from.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    width: u32,
    hard: u32,
}

/// Spaces whose number is not known yet.
#[derive(Clone, Copy)]
pub(super) struct Pad {
    at: usize,
    /// The group of its line.
    line: Option<usize>,
}

/// A document while it is made.
#[derive(Default)]
pub(super) struct Layout<'s> {
    pieces: Vec<Piece<'s>>,
    /// The width of all pieces on one line, and how many line ends among them are hard.
    width: u32,
    hard: u32,
    open: Vec<(usize, Mark)>,
}

impl<'s> Layout<'s> {
    pub(super) fn text(&mut self, text: &'s str) {
        self.width += columns(text) as u32;
        self.pieces.push(Piece::Text(text));
    }

    /// Text only where the group is broken, such as a trailing comma.
    pub(super) fn if_broken(&mut self, text: &'static str) {
        self.pieces.push(Piece::Broken(text));
    }

    pub(super) fn line(&mut self, line: Line) {
        self.width += line.flat.len() as u32;
        self.hard += u32::from(line.hard);
        self.pieces.push(Piece::Line(line));
    }

    /// A comment at the end of the current line; a hard line has to follow.
    pub(super) fn trailing(&mut self, comment: &'s str) {
        self.pieces.push(Piece::Trailing(comment));
    }

    /// Spaces whose number is [set](Self::set_pad) later, for the lines of the current group to be lined up.
    ///
    /// Where `line` is true the pad stands in a group of its own line, and is a line's end where that does not fit.
    pub(super) fn pad(&mut self, line: bool) -> Pad {
        self.pieces.push(Piece::Pad { spaces: 1, line });
        self.width += 1;
        let groups = self.open.iter().rev().map(|(at, _)| *at).find(|at| self.is_group(*at));
        Pad { at: self.pieces.len() - 1, line: groups.filter(|_| line) }
    }

    /// Sets the spaces of a pad; the group of its own line becomes so much wider.
    pub(super) fn set_pad(&mut self, pad: Pad, spaces: u32) {
        let Some(Piece::Pad { spaces: set, .. }) = self.pieces.get_mut(pad.at) else { return };
        *set = spaces;
        if let Some(Piece::Group { width: Some(width), .. }) = pad.line.and_then(|line| self.pieces.get_mut(line)) {
            *width += spaces - 1;
        }
    }

    fn is_group(&self, at: usize) -> bool {
        matches!(self.pieces[at], Piece::Group { .. })
    }

    pub(super) fn group(&mut self) {
        self.open.push((self.pieces.len(), self.mark()));
        self.pieces.push(Piece::Group { width: None, end: 0 });
    }

    pub(super) fn indent(&mut self) {
        self.open.push((self.pieces.len(), self.mark()));
        self.pieces.push(Piece::Indent);
    }

    /// Closes what was opened last.
    pub(super) fn end(&mut self) {
        let Some((at, from)) = self.open.pop() else { return };
        if let Piece::Group { .. } = self.pieces[at] {
            self.pieces[at] = Piece::Group { width: self.width_since(from), end: self.pieces.len() as u32 };
        }
        self.pieces.push(Piece::End);
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { width: self.width, hard: self.hard }
    }

    /// The width of what was added since, unless it cannot stand on one line.
    pub(super) fn width_since(&self, mark: Mark) -> Option<u32> {
        (self.hard == mark.hard).then(|| self.width - mark.width)
    }

    /// Whether the document takes more than one line.
    pub(super) fn is_long(&self) -> bool {
        self.hard > 0 || self.width as usize > MAX_WIDTH
    }

    /// Prints the document, which is empty afterwards.
    pub(super) fn print(&mut self, out: &mut Output) {
        let mut levels: Vec<Level> = Vec::new();
        let mut broken = true;
        for (at, piece) in self.pieces.iter().enumerate() {
            match *piece {
                Piece::Text(text) => out.text(text),
                Piece::Broken(text) if broken => out.text(text),
                Piece::Broken(_) => {}
                Piece::Line(line) => {
                    let stays = !line.hard
                        && (!broken || line.fill && out.column + line.flat.len() + self.ahead(at + 1) <= MAX_WIDTH);
                    if stays {
                        out.text(line.flat);
                    } else {
                        out.newline(line.blank);
                    }
                }
                Piece::Trailing(comment) => out.trailing(comment),
                Piece::Pad { line: true, .. } if broken => out.newline(false),
                Piece::Pad { spaces, line } => {
                    let lined_up = if line { is_broken_around(&levels) } else { broken };
                    out.pad(if lined_up { spaces as usize } else { 1 });
                }
                Piece::Group { width, end } => {
                    levels.push(Level::Group { broken });
                    let fits = |width: u32| out.column + width as usize + self.ahead(end as usize) <= MAX_WIDTH;
                    broken = broken && !width.is_some_and(fits);
                }
                Piece::Indent => {
                    levels.push(Level::Indent);
                    out.indent(true);
                }
                Piece::End => match levels.pop() {
                    Some(Level::Group { broken: outer }) => broken = outer,
                    Some(Level::Indent) => out.indent(false),
                    None => {}
                },
            }
        }
        self.pieces.clear();
        self.open.clear();
        (self.width, self.hard) = (0, 0);
    }

    /// The columns from a piece to the next place where a line may end; more than a line's are not counted on.
    fn ahead(&self, from: usize) -> usize {
        let mut width = 0;
        for piece in &self.pieces[from..] {
            width += match piece {
                Piece::Text(text) => columns(text),
                Piece::Broken(text) => text.len(),
                Piece::Line(_) | Piece::Pad { line: true, .. } => break,
                Piece::Pad { spaces, .. } => *spaces as usize,
                Piece::Trailing(_) | Piece::Group { .. } | Piece::Indent | Piece::End => 0,
            };
            if width > MAX_WIDTH {
                break;
            }
        }
        width
    }
}

enum Level {
    /// A group, and whether the one around it is broken.
    Group {
        broken: bool,
    },
    Indent,
}

/// Whether the group around the innermost is broken.
fn is_broken_around(levels: &[Level]) -> bool {
    let outer = levels.iter().rev().find_map(|level| match level {
        Level::Group { broken } => Some(*broken),
        Level::Indent => None,
    });
    outer.unwrap_or(true)
}

/// The text that is printed.
#[derive(Default)]
pub(super) struct Output {
    text: String,
    /// The column that comes next.
    column: usize,
    level: usize,
    /// Whether the line is empty so far; its indentation is written with its first text.
    fresh: bool,
    /// The level of the current line.
    line_level: usize,
    /// Whether it begins with a closing bracket.
    closes: bool,
    comment: String,
    /// The trailing comments of the lines just before: where each begins, and behind how many columns.
    run: Vec<(usize, usize)>,
    /// The level of those lines.
    run_level: usize,
}

impl Output {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self { text: String::with_capacity(capacity), fresh: true, ..Self::default() }
    }

    fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if self.fresh {
            self.text.extend(std::iter::repeat_n(' ', self.level * INDENT));
            self.line_level = self.level;
            self.closes = matches!(text, ")" | "]" | "}");
            self.fresh = false;
        }
        self.text.push_str(text);
        self.column += columns(text);
    }

    fn pad(&mut self, spaces: usize) {
        self.text.extend(std::iter::repeat_n(' ', spaces));
        self.column += spaces;
    }

    fn indent(&mut self, deeper: bool) {
        self.level = if deeper { self.level + 1 } else { self.level.saturating_sub(1) };
        if self.fresh {
            self.column = self.level * INDENT;
        }
    }

    fn trailing(&mut self, comment: &str) {
        if !self.comment.is_empty() {
            self.comment.push(' ');
        }
        self.comment.push_str(comment);
    }

    /// Ends the line, and adds an empty one where `blank` is true.
    pub(super) fn newline(&mut self, blank: bool) {
        if self.comment.is_empty() {
            self.end_run();
        } else {
            // What closes brackets is no neighbour of what follows them.
            let level = if self.closes { usize::MAX } else { self.line_level };
            if self.run_level != level {
                self.end_run();
            }
            self.run_level = level;
            self.run.push((self.text.len(), self.column));
            self.text.push_str("  ");
            self.text.push_str(&self.comment);
            self.comment.clear();
        }
        self.text.push('\n');
        if blank {
            self.end_run();
            self.text.push('\n');
        }
        self.fresh = true;
        self.column = self.level * INDENT;
    }

    /// Lines up the comments of neighbouring lines.
    fn end_run(&mut self) {
        let aligned = self.run.iter().map(|(_, column)| *column).filter(|column| *column <= MAX_ALIGNED);
        if self.run.len() > 1
            && let Some(widest) = aligned.max()
        {
            let tail = self.text.split_off(self.run[0].0);
            let ends = self.run.iter().skip(1).map(|(at, _)| *at).chain([self.text.len() + tail.len()]);
            let mut from = 0;
            for ((at, column), end) in self.run.iter().zip(ends) {
                self.text.extend(std::iter::repeat_n(' ', widest.saturating_sub(*column)));
                self.text.push_str(&tail[from..from + end - at]);
                from += end - at;
            }
        }
        self.run.clear();
    }

    /// The text; its last line ends.
    pub(super) fn finish(mut self) -> String {
        if !self.fresh || !self.comment.is_empty() {
            self.newline(false);
        }
        self.end_run();
        self.text
    }
}

/// How many columns a text takes on a terminal.
pub(super) fn columns(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}
