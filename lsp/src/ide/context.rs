//! What a place of a text is about to hold, told from the tokens before it: so it can be told of a text that is broken there,
//! as a text that is being written is.

use std::ops::Range;

use ndsl_grammar::{Token, TokenKind, lex};

/// The kinds of brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bracket {
    /// `(`
    Round,
    /// `[`
    Square,
    /// `{`
    Curly,
}

/// A bracket that is open at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Its kind.
    pub bracket: Bracket,
    /// Where it stands.
    pub open: usize,
    /// The word before it: what is called, or what the braces belong to.
    pub head: Option<Range<usize>>,
    /// What stands in it now: how many commas came before.
    pub index: usize,
    /// The name of what stands in it now: `units` of `units=`, `loss` of `loss:`.
    pub name: Option<Range<usize>>,
    /// Where what stands in it now begins.
    pub start: usize,
    /// The names given in it before.
    pub given: Vec<Range<usize>>,
}

/// What surrounds a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// The word that is being written, up to the place; empty where none is.
    pub prefix: Range<usize>,
    /// The keyword of the declaration the place is in, and where that begins.
    pub declaration: Option<(Range<usize>, usize)>,
    /// The open brackets of that declaration, the innermost last.
    pub frames: Vec<Frame>,
    /// The token before the word that is being written.
    pub before: Option<(TokenKind, Range<usize>)>,
    /// Whether that stands on an earlier line, or nothing does.
    pub begins_line: bool,
    /// Whether the place is inside a comment.
    pub in_comment: bool,
    /// The text between quotes that the place is in, its end where it has one.
    pub in_text: Option<Range<usize>>,
    /// What stands at the outermost level of the declaration now: `dataset Name: Shop =`, and where each begins.
    pub outer: Outer,
}

/// What stands outside of all brackets of a declaration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outer {
    /// Behind a `:`.
    pub colon: bool,
    /// Behind a `=`.
    pub assigned: bool,
    /// Behind `from`.
    pub from: bool,
    /// Behind `using`.
    pub using: bool,
}

/// The words that begin a declaration.
const DECLARATIONS: [&str; 12] = [
    "model",
    "Model",
    "const",
    "dataset",
    "train",
    "use",
    "block",
    "schema",
    "synthesizer",
    "deploy",
    "provider",
    "assert",
];

impl Context {
    /// What surrounds the byte at `offset`.
    pub fn at(text: &str, offset: usize) -> Self {
        let offset = text.floor_char_boundary(offset);
        let tokens = if text.len() > ndsl_grammar::MAX_SOURCE_BYTES { Vec::new() } else { lex(text) };
        let mut context = Self {
            prefix: offset..offset,
            declaration: None,
            frames: Vec::new(),
            before: None,
            begins_line: true,
            in_comment: false,
            in_text: None,
            outer: Outer::default(),
        };
        for token in &tokens {
            let range = token.range();
            if range.start >= offset {
                break;
            }
            if token.kind.is_comment() {
                context.in_comment = offset <= range.end && offset > range.start;
                continue;
            }
            if range.end >= offset && is_wordlike(token.kind, &text[range.clone()]) {
                context.prefix = range.start..offset;
                break;
            }
            if range.end > offset || token.kind == TokenKind::OpenText && range.end == offset {
                // Inside a token that is no word: a text, a number.
                if matches!(token.kind, TokenKind::Text | TokenKind::OpenText) {
                    context.in_text = Some(range);
                }
                break;
            }
            context.take(text, token);
        }
        let start = context.in_text.as_ref().map_or(context.prefix.start, |text| text.start);
        context.begins_line = match &context.before {
            Some((_, range)) => text[range.end..start].contains(['\n', '\r']),
            None => true,
        };
        if context.begins_line && matches!(context.frames.last(), Some(frame) if frame.bracket == Bracket::Curly) {
            context.next_entry(start);
        }
        context
    }

    /// Goes past a token.
    fn take(&mut self, text: &str, token: &Token) {
        let range = token.range();
        let on_new_line =
            self.before.as_ref().is_none_or(|(_, before)| text[before.end..range.start].contains(['\n', '\r']));
        if on_new_line && self.begins_declaration(text, token) {
            self.declaration = Some((range.clone(), range.start));
            self.frames.clear();
            self.outer = Outer::default();
        }
        let continues = matches!(self.before, Some((kind, _)) if is_operator(kind)) || is_operator(token.kind);
        if on_new_line && !continues && matches!(self.frames.last(), Some(frame) if frame.bracket == Bracket::Curly) {
            self.next_entry(range.start);
        }
        match token.kind {
            TokenKind::LeftParen => self.open(Bracket::Round, range.clone()),
            TokenKind::LeftBracket => self.open(Bracket::Square, range.clone()),
            TokenKind::LeftBrace => self.open(Bracket::Curly, range.clone()),
            TokenKind::RightParen | TokenKind::RightBracket | TokenKind::RightBrace => self.close(token.kind),
            TokenKind::Comma => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.index += 1;
                }
                self.next_entry(range.end);
            }
            TokenKind::Semicolon => self.next_entry(range.end),
            TokenKind::Colon | TokenKind::Assign => self.name(token.kind),
            TokenKind::Word if self.frames.is_empty() => {
                self.outer.from |= &text[range.clone()] == "from";
                self.outer.using |= &text[range.clone()] == "using";
            }
            _ => {}
        }
        self.before = Some((token.kind, range));
    }

    /// Whether a word at the start of a line begins a declaration: outside of brackets, or at the margin, where one that
    /// was never closed is given up.
    fn begins_declaration(&self, text: &str, token: &Token) -> bool {
        let range = token.range();
        let at_margin = range.start == 0 || text[..range.start].ends_with(['\n', '\r']);
        DECLARATIONS.contains(&&text[range]) && (self.frames.is_empty() || at_margin)
    }

    fn open(&mut self, bracket: Bracket, range: Range<usize>) {
        let word = matches!(&self.before, Some((kind, _)) if kind.is_word());
        let touches = matches!(&self.before, Some((_, before)) if before.end == range.start);
        let head = self.before.as_ref().map(|(_, before)| before.clone());
        self.frames.push(Frame {
            bracket,
            open: range.start,
            head: head.filter(|_| word && (touches || bracket == Bracket::Curly)),
            index: 0,
            name: None,
            start: range.end,
            given: Vec::new(),
        });
    }

    fn close(&mut self, kind: TokenKind) {
        let bracket = match kind {
            TokenKind::RightParen => Bracket::Round,
            TokenKind::RightBracket => Bracket::Square,
            _ => Bracket::Curly,
        };
        if let Some(place) = self.frames.iter().rposition(|frame| frame.bracket == bracket) {
            self.frames.truncate(place);
        }
    }

    /// What comes next in the innermost bracket is another thing.
    fn next_entry(&mut self, start: usize) {
        if let Some(frame) = self.frames.last_mut() {
            frame.given.extend(frame.name.take());
            frame.start = start;
        }
    }

    /// The word before gives a name to what comes.
    fn name(&mut self, kind: TokenKind) {
        let word = match &self.before {
            Some((before, range)) if before.is_word() => Some(range.clone()),
            _ => None,
        };
        match self.frames.last_mut() {
            None => {
                self.outer.colon |= kind == TokenKind::Colon;
                self.outer.assigned |= kind == TokenKind::Assign;
            }
            Some(frame) if frame.name.is_none() => frame.name = word,
            Some(_) => {}
        }
    }

    /// The innermost open bracket.
    pub fn frame(&self) -> Option<&Frame> {
        self.frames.last()
    }

    /// The innermost call that is open, and how many brackets are open in it.
    pub fn call(&self) -> Option<(&Frame, usize)> {
        let inner = self.frames.iter().rev().take_while(|frame| frame.bracket != Bracket::Curly);
        inner
            .enumerate()
            .find(|(_, frame)| frame.bracket == Bracket::Round && frame.head.is_some())
            .map(|(at, f)| (f, at))
    }

    /// The keyword of the declaration the place is in.
    pub fn keyword<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.declaration.as_ref().map(|(range, _)| &text[range.clone()])
    }

    /// Whether the token before the place is of that kind.
    pub fn is_behind(&self, kind: TokenKind) -> bool {
        matches!(&self.before, Some((before, _)) if *before == kind)
    }

    /// The word before the place, on the same line.
    pub fn word_before<'t>(&self, text: &'t str) -> Option<&'t str> {
        match &self.before {
            Some((kind, range)) if kind.is_word() && !self.begins_line => Some(&text[range.clone()]),
            _ => None,
        }
    }
}

/// Whether a token reads as a word that may be written on.
fn is_wordlike(kind: TokenKind, text: &str) -> bool {
    kind == TokenKind::Word || text.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// Whether a value goes on behind or before a token.
fn is_operator(kind: TokenKind) -> bool {
    use TokenKind as T;
    matches!(
        kind,
        T::Plus
            | T::Minus
            | T::Star
            | T::StarStar
            | T::Slash
            | T::SlashSlash
            | T::Percent
            | T::At
            | T::Pipe
            | T::Equal
            | T::NotEqual
            | T::Less
            | T::LessEqual
            | T::Greater
            | T::GreaterEqual
            | T::And
            | T::Or
            | T::Assign
            | T::Colon
            | T::Comma
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(marked: &str) -> (String, Context) {
        let offset = marked.find('‸').unwrap();
        let text = marked.replace('‸', "");
        let context = Context::at(&text, offset);
        (text, context)
    }

    #[test]
    fn an_argument_knows_its_call_and_what_was_given() {
        let (text, context) = at("model M {\n    input x: f32[8]\n    Conv2D(4, [3, 3], padding=same, act‸");
        let (call, depth) = context.call().unwrap();
        assert_eq!((&text[call.head.clone().unwrap()], call.index, depth), ("Conv2D", 3, 0));
        assert_eq!(&text[call.given[0].clone()], "padding");
        assert_eq!((&text[context.prefix.clone()], call.name.clone()), ("act", None));
        assert_eq!(context.keyword(&text), Some("model"));
    }

    #[test]
    fn a_value_knows_its_name() {
        let (text, context) = at("train t {\n    optimizer: Adam(learning_rate=‸1)\n}");
        let frame = context.frame().unwrap();
        assert_eq!(&text[frame.name.clone().unwrap()], "learning_rate");
        assert_eq!(&text[context.frames[0].name.clone().unwrap()], "optimizer");
    }

    #[test]
    fn a_new_line_between_braces_is_another_entry() {
        let (text, context) = at("train t {\n    model: M()\n    epochs: 3\n    ‸\n}");
        let frame = context.frame().unwrap();
        assert_eq!(frame.name, None);
        let given: Vec<&str> = frame.given.iter().map(|it| &text[it.clone()]).collect();
        assert_eq!(given, ["model", "epochs"]);
    }

    #[test]
    fn a_bracket_that_is_never_closed_ends_with_its_declaration() {
        let (text, context) = at("model M {\n    Dense(4,\n\ntrain t {\n    ‸");
        assert_eq!(context.keyword(&text), Some("train"));
        assert_eq!(context.frames.len(), 1);
    }

    #[test]
    fn comments_and_texts_are_known() {
        assert!(at("const a = 1 // a ‸ b").1.in_comment);
        assert!(at("const a = \"x‸y\"").1.in_text.is_some());
        assert!(at("const a = \"x‸").1.in_text.is_some());
        assert!(at("const a = \"x\"‸").1.in_text.is_none());
    }
}
