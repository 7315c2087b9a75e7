//! The parser's own errors: small while parsing, put into words only for those that last.

use super::advice::{self, Advice, Mend};
use crate::lexeme::{Lexeme, LexemeKind};
use crate::token::TokenKind;
use crate::{FileId, Span, SyntaxError, SyntaxErrorKind, SyntaxFix, literal};
use chumsky::DefaultExpected;
use chumsky::error::{Error, LabelError};
use chumsky::input::Input;
use chumsky::span::SimpleSpan;
use chumsky::util::MaybeRef;

/// What went wrong at a lexeme.
///
/// It holds no text: faults are turned into [`SyntaxError`]s with the lexemes at hand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    /// The lexeme at fault; nothing at the end of the declaration.
    pub(crate) index: Option<u32>,
    pub(crate) problem: Problem,
}

/// The mistakes the parser knows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Problem {
    /// Something else had to come: "a value", "`,` or `)`". The text would mend it if it is put before the lexeme.
    Expected(&'static str, Option<&'static str>),
    /// This mark had to be that one, between a name and its value.
    Instead(&'static str, &'static str),
    /// A bracket that stands apart from what it could be applied to.
    Ambiguous,
    /// A statement that begins with an operator.
    LeadingOperator,
    /// `|>` into something that is not a call.
    NotACall(SimpleSpan, bool),
    /// A parameter without a type, and the type its default has.
    NoType(&'static str),
    /// Several values between round brackets, of which this is the closing one.
    Tuple(SimpleSpan),
    /// The same of dimensions.
    Dimensions(SimpleSpan),
    /// The same of a table's columns.
    Braces(SimpleSpan),
    /// The same of an enum's labels.
    Labels(SimpleSpan),
    /// Values between braces where a list stands between brackets.
    BracedList(SimpleSpan),
    /// Brackets around what takes none.
    NoBrackets(SimpleSpan),
    /// A colon where a body begins: `model A:`; whether the rest of the declaration is that body.
    ColonBody(bool),
    /// A body between round brackets, of which this is the closing one.
    BodyBrackets(SimpleSpan),
    /// What an arm of a `branch` would hold, without its braces; and the lexeme that opens the arms.
    BareArm(SimpleSpan, u32),
    /// `output z`, and where the name stands.
    BareOutput(SimpleSpan),
    /// `list[text]`, of which this is the closing bracket.
    ItemBrackets(SimpleSpan),
    /// `Optional[string]`, of which these are the opening and the closing bracket.
    Optional(SimpleSpan, SimpleSpan),
    /// A key between quotes.
    QuotedKey,
    /// `repeat i in list`: the name and what it goes through.
    RepeatIn {
        /// The name.
        name: SimpleSpan,
        /// The list.
        list: SimpleSpan,
    },
    /// A word that was meant to be this one.
    Misspelt(&'static str),
    /// What is known of so many lexemes from this one on.
    Advice(&'static Advice, u32),
    /// Something that is reported nowhere else.
    Other,
}

impl Fault {
    pub(crate) fn at(found: Option<&Lexeme<'_>>, problem: Problem) -> Self {
        Self { index: found.map(|lexeme| lexeme.index), problem }
    }

    /// The error in words; `lexemes` are those of the declaration.
    pub(crate) fn describe(self, text: &str, file: FileId, lexemes: &[Lexeme<'_>], end: usize) -> SyntaxError {
        let first = lexemes.first().map_or(0, |lexeme| lexeme.index);
        let at = self.index.map_or(lexemes.len(), |index| (index - first) as usize);
        let found = lexemes.get(at);
        let before = lexemes[..at].iter().rev().find(|lexeme| !lexeme.text.is_empty());
        let gap = before.map_or(end, |lexeme| lexeme.span.end);
        let gap = Span::new(file, gap..gap);
        // What is missing at the end of an unfinished line is not looked for on the next.
        let unfinished = matches!(self.problem, Problem::Expected(..))
            && at.checked_sub(1).and_then(|at| lexemes.get(at)).is_some_and(|last| {
                let begins = last.is_opener() || last.is_separator() || last.is(TokenKind::Comma);
                !begins && !last.text.is_empty()
            });
        let same_line = |found: &&Lexeme<'_>| !(unfinished && text[gap.range().start..found.span.start].contains('\n'));
        let found = found.filter(|lexeme| lexeme.text.is_empty() || same_line(lexeme));
        let in_text = found.filter(|lexeme| !lexeme.text.is_empty());
        let span = in_text.map_or(gap, |lexeme| Span::new(file, lexeme.span.into_range()));
        let found = found.map_or_else(|| "the end of the line".to_owned(), Lexeme::describe);
        let mut error = SyntaxError {
            span,
            kind: SyntaxErrorKind::Unexpected,
            message: String::new(),
            label: String::new(),
            related: Vec::new(),
            help: None,
            fix: None,
        };
        match self.problem {
            Problem::Expected(wanted, insert) => {
                // What stands before a line's end explains nothing on the next line.
                let after = at.checked_sub(1).and_then(|at| lexemes.get(at)).filter(|lexeme| !lexeme.text.is_empty());
                let after = after.map(Lexeme::describe);
                let after = after.map_or_else(String::new, |text| format!(" after {text}"));
                error.message = format!("expected {wanted}{after}, found {found}");
                error.label = format!("expected {wanted}");
                error.fix = insert.map(|text| SyntaxFix::new(format!("insert `{}`", text.trim()), gap, text));
            }
            Problem::Instead(wanted, what) => {
                error.message = format!("{what} takes `{wanted}` before its value, not {found}");
                error.label = format!("expected `{wanted}`");
                error.fix = Some(SyntaxFix::new(format!("write `{wanted}`"), span, wanted));
            }
            Problem::Ambiguous => {
                let opens = if found == "`[`" { "an index" } else { "a call" };
                error.kind = SyntaxErrorKind::AmbiguousStatement;
                error.message = format!("this could be {opens} or the start of a statement");
                error.label = format!("a space stands before {found}");
                error.help =
                    Some(format!("end the statement before {found} with `;`, or remove the space for {opens}"));
                error.fix = Some(SyntaxFix::new("insert `;`", gap, ";"));
            }
            Problem::LeadingOperator => {
                error.message = "no statement begins with an operator".to_owned();
                error.label = "nothing stands before it".to_owned();
                error.help = Some("put a negated value in brackets: `(-x)`".to_owned());
            }
            Problem::NotACall(right, callable) => {
                error.span = Span::new(file, right.into_range());
                error.message = "expected a call after `|>`".to_owned();
                error.label = "this is not a call".to_owned();
                error.fix = callable.then(|| SyntaxFix::new("add `()`", error.span.after(), "()"));
            }
            Problem::NoType(kind) => {
                error.message = "a parameter has a type: `name: int = 1`".to_owned();
                error.label = "expected `:` and a type".to_owned();
                error.help = Some("the types are `int`, `float`, `bool`, `string`, `activation` and `list`".to_owned());
                error.fix = Some(SyntaxFix::new(format!("insert `: {kind}`"), gap, format!(": {kind}")));
            }
            Problem::Tuple(close) => {
                error.message = "a list is written between `[` and `]`".to_owned();
                error.label = "round brackets make no list".to_owned();
                rebracket(&mut error, close, ["[", "]"], "use square brackets");
            }
            Problem::Dimensions(close) => {
                error.message = "dimensions stand between `[` and `]`".to_owned();
                error.label = "expected `[`".to_owned();
                rebracket(&mut error, close, ["[", "]"], "use square brackets");
            }
            Problem::Braces(close) | Problem::Labels(close) => {
                let what = if matches!(self.problem, Problem::Labels(_)) { "labels" } else { "columns" };
                error.message = format!("{what} stand between `{{` and `}}`");
                error.label = "expected `{`".to_owned();
                let open = error.span;
                rebracket(&mut error, close, ["{", "}"], "use braces");
                error.span = open;
            }
            Problem::BracedList(close) => {
                error.message = "a list is written between `[` and `]`".to_owned();
                error.label = "braces make no list".to_owned();
                rebracket(&mut error, close, ["[", "]"], "use square brackets");
            }
            Problem::ColonBody(whole) => {
                error.message = "a body stands between `{` and `}`".to_owned();
                error.label = "expected `{`".to_owned();
                if let (true, Some(_)) = (whole, in_text) {
                    let after = indented_below(text, lexemes, at).map_or(span, |last| Span::new(file, last)).after();
                    error.fix = Some(SyntaxFix {
                        title: "put the body between braces".to_owned(),
                        edits: vec![(gap.to(span), " {".to_owned()), (after, "\n}".to_owned())],
                    });
                }
            }
            Problem::BodyBrackets(close) => {
                error.message = "a body stands between `{` and `}`".to_owned();
                error.label = "expected `{`".to_owned();
                let open = error.span;
                rebracket(&mut error, close, [" {", "}"], "use braces");
                error.span = open;
            }
            Problem::BareArm(arm, _) => {
                let arm = Span::new(file, arm.into_range());
                error.message = advice::NO_ARM.message.to_owned();
                error.label = "each stands between braces of its own".to_owned();
                error.help = advice::NO_ARM.help.map(str::to_owned);
                error.fix = Some(SyntaxFix {
                    title: "put braces around each".to_owned(),
                    edits: vec![(arm.before(), "{ ".to_owned()), (arm.after(), " }".to_owned())],
                });
            }
            Problem::BareOutput(name) => {
                let name = Span::new(file, name.into_range());
                let word = text.get(name.range()).unwrap_or_default();
                error.message = advice::OUTPUT_VALUE.message.to_owned();
                error.label = advice::OUTPUT_VALUE.label.to_owned();
                error.fix =
                    Some(SyntaxFix::new(format!("write `output {word} = {word}`"), name.after(), format!(" = {word}")));
                error.span = span.to(name);
            }
            Problem::ItemBrackets(close) => {
                error.message = "what a list holds stands between `(` and `)`".to_owned();
                error.label = "expected `(`".to_owned();
                let open = error.span;
                rebracket(&mut error, close, ["(", ")"], "use round brackets");
                error.span = open;
            }
            Problem::Optional(open, close) => {
                let [open, close] = [open, close].map(|bracket| Span::new(file, bracket.into_range()));
                error.message = "a column that may be null has a type that ends in `?`".to_owned();
                error.label = "means nothing here".to_owned();
                if close.start < close.end {
                    let inner = text.get(open.end as usize..close.start as usize).unwrap_or_default();
                    error.fix = Some(SyntaxFix {
                        title: format!("write `{inner}?`"),
                        edits: vec![(span.to(open), String::new()), (close, "?".to_owned())],
                    });
                }
            }
            Problem::NoBrackets(close) => {
                error.message = "names are listed without brackets".to_owned();
                error.label = "not needed".to_owned();
                rebracket(&mut error, close, ["", ""], "remove the brackets");
            }
            Problem::QuotedKey => {
                let key = in_text.map_or("", |text| literal::raw(text.text));
                let word = key.starts_with(|c: char| c == '_' || c.is_alphabetic())
                    && key.chars().all(|c| c == '_' || c.is_alphanumeric());
                error.message = "a key is written without quotes".to_owned();
                error.label = "quotes are for texts".to_owned();
                error.fix = word.then(|| SyntaxFix::new(format!("write `{key}`"), span, key));
            }
            Problem::RepeatIn { name, list } => {
                error.span = span.to(Span::new(file, list.into_range()));
                error.message = "`repeat` names its items with `as`".to_owned();
                error.label = "the list comes first".to_owned();
                let written = |part: SimpleSpan| text.get(part.into_range()).unwrap_or("");
                let meant = format!("{} as {}", written(list), written(name));
                error.fix = Some(SyntaxFix::new(format!("write `{meant}`"), error.span, meant));
            }
            Problem::Misspelt(word) => {
                error.message = format!("{found} means nothing here");
                error.label = format!("did you mean `{word}`?");
                error.fix = Some(SyntaxFix::new(format!("write `{word}`"), span, word));
            }
            Problem::Advice(advice, count) => {
                let last = lexemes.get((at + count as usize).saturating_sub(1)).filter(|last| !last.text.is_empty());
                if let (Some(last), Some(_)) = (last, in_text) {
                    error.span = span.to(Span::new(file, last.span.into_range()));
                }
                let covered = text.get(error.span.range()).unwrap_or("");
                error.message = advice.message.replace("{}", covered);
                error.label = advice.label.to_owned();
                error.help = advice.help.map(str::to_owned);
                error.fix = mend(advice.mend, error.span, gap, covered);
            }
            Problem::Other => {
                error.message = format!("{found} cannot stand here");
                error.label = "unexpected".to_owned();
            }
        }
        error
    }

    /// Whether the lexeme at fault has an error of its own already, touches one that has, or follows a string that took
    /// what had to come between them along to the end of its line.
    pub(crate) fn is_reported(self, lexemes: &[Lexeme<'_>]) -> bool {
        let first = lexemes.first().map_or(0, |lexeme| lexeme.index);
        let at = self.index.map_or(lexemes.len(), |index| (index - first) as usize);
        let own = lexemes.get(at).is_some_and(|lexeme| lexeme.kind == LexemeKind::Bad);
        // Brackets that were put in have no text either; a line's end stands between.
        let mut before = lexemes[..at.min(lexemes.len())].iter().rev();
        let before = before.find(|lexeme| lexeme.kind == LexemeKind::Newline || !lexeme.text.is_empty());
        let touches = |before: &Lexeme<'_>| {
            before.kind == LexemeKind::Bad && lexemes.get(at).is_some_and(|lexeme| lexeme.span.start == before.span.end)
        };
        own || before.is_some_and(|before| before.is_open_string() || touches(before))
    }
}

/// Puts `brackets` in place of those at fault, of which `close` is the closing one.
fn rebracket(error: &mut SyntaxError, close: SimpleSpan, brackets: [&str; 2], title: &str) {
    let close = Span::new(error.span.file, close.into_range());
    // A bracket that had to be put in stands in no text.
    error.fix = (close.start < close.end).then(|| SyntaxFix {
        title: title.to_owned(),
        edits: vec![(error.span, brackets[0].to_owned()), (close, brackets[1].to_owned())],
    });
    error.span = error.span.to(close);
}

/// Where the last of the lexemes stands that belong to the lines which are indented below that of the lexeme at `head`.
fn indented_below(text: &str, lexemes: &[Lexeme<'_>], head: usize) -> Option<std::ops::Range<usize>> {
    let line = |lexeme: &Lexeme<'_>| text[..lexeme.span.start].rfind('\n').map_or(0, |end| end + 1);
    let indent = |start: usize| text[start..].bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let first = line(lexemes.get(head)?);
    let below = lexemes[head + 1..].iter().filter(|lexeme| !lexeme.text.is_empty());
    let below = below.take_while(|lexeme| line(lexeme) == first || indent(line(lexeme)) > indent(first));
    below.last().map(|last| last.span.into_range())
}

/// The fix for what stands at `span`; `gap` is where the lexeme before it ends.
fn mend(mend: Mend, span: Span, gap: Span, covered: &str) -> Option<SyntaxFix> {
    let before = Span { start: gap.start.min(span.start), end: span.start, ..span };
    match mend {
        Mend::Nothing => None,
        Mend::Replace(text) => Some(SyntaxFix::new(format!("write `{text}`"), span, text)),
        Mend::Attach(text) => Some(SyntaxFix::new(format!("write `{text}`"), before.to(span), text)),
        Mend::Remove => Some(SyntaxFix::new(format!("remove `{covered}`"), span, "")),
        Mend::Space => Some(SyntaxFix::new(format!("put a space in place of `{covered}`"), before.to(span), " ")),
        Mend::CloseUp => Some(SyntaxFix::new("remove the space", before, "")),
    }
}

impl<'t, I: Input<'t, Token = Lexeme<'t>>> Error<'t, I> for Fault {
    fn merge(self, _other: Self) -> Self {
        self
    }
}

impl<'t, I: Input<'t, Token = Lexeme<'t>>> LabelError<'t, I, DefaultExpected<'t, Lexeme<'t>>> for Fault {
    fn expected_found<E: IntoIterator<Item = DefaultExpected<'t, Lexeme<'t>>>>(
        _expected: E,
        found: Option<MaybeRef<'t, Lexeme<'t>>>,
        _span: I::Span,
    ) -> Self {
        Self::at(found.as_deref(), Problem::Other)
    }
}
