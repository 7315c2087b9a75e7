//! What each token of a text is, for colours that follow meaning.

use std::ops::Range;

use ndsl_compiler::Analysis;
use ndsl_compiler::check::{Meaning, Occurrence, SymbolKind};
use ndsl_grammar::keyword::Place;
use ndsl_grammar::{KEYWORDS, Token, TokenKind, lex};

use super::target::{is_library, own};

/// What a token is: the kinds that editors know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A word of the language.
    Keyword,
    /// A schema.
    Namespace,
    /// An element type, a column type, the kind of a parameter.
    Type,
    /// A model, a block or a layer.
    Class,
    /// A table.
    Struct,
    /// A function, loss, metric, source, distribution.
    Function,
    /// A parameter or setting, where it is declared or given.
    Parameter,
    /// A value that something names.
    Variable,
    /// A column, field or part.
    Property,
    /// A label, or a word that a setting takes.
    EnumMember,
    /// A symbolic dimension.
    TypeParameter,
    /// A text.
    String,
    /// A number, date, share or quantity.
    Number,
    /// A comment.
    Comment,
    /// An operator.
    Operator,
}

impl Kind {
    /// Every kind, in the order of the legend.
    pub const ALL: [(Self, &'static str); 15] = [
        (Self::Keyword, "keyword"),
        (Self::Namespace, "namespace"),
        (Self::Type, "type"),
        (Self::Class, "class"),
        (Self::Struct, "struct"),
        (Self::Function, "function"),
        (Self::Parameter, "parameter"),
        (Self::Variable, "variable"),
        (Self::Property, "property"),
        (Self::EnumMember, "enumMember"),
        (Self::TypeParameter, "typeParameter"),
        (Self::String, "string"),
        (Self::Number, "number"),
        (Self::Comment, "comment"),
        (Self::Operator, "operator"),
    ];
}

/// What else is known of a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Modifiers {
    /// It is named here first.
    pub declaration: bool,
    /// It never changes.
    pub readonly: bool,
    /// The language or its library has it.
    pub default_library: bool,
    /// It is a doc comment.
    pub documentation: bool,
}

impl Modifiers {
    /// Every modifier, in the order of their bits.
    pub const ALL: [&'static str; 4] = ["declaration", "readonly", "defaultLibrary", "documentation"];

    /// Them as bits.
    pub fn bits(self) -> u32 {
        u32::from(self.declaration)
            | u32::from(self.readonly) << 1
            | u32::from(self.default_library) << 2
            | u32::from(self.documentation) << 3
    }
}

/// A token that is something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SemanticToken {
    /// Its place; on one line.
    pub range: Range<usize>,
    /// What it is.
    pub kind: Kind,
    /// What else is known of it.
    pub modifiers: Modifiers,
}

/// The words that stand for types and are neither declared nor keywords.
const TYPES: [&str; 9] = ["int", "float", "bool", "string", "activation", "list", "f32", "i64", "u8"];

/// The tokens of the given text that overlap `range`, in their order.
pub fn tokens(analysis: &Analysis, range: &Range<usize>) -> Vec<SemanticToken> {
    let text = &*analysis.source.text;
    if text.len() > ndsl_grammar::MAX_SOURCE_BYTES {
        return Vec::new();
    }
    let names = own(analysis);
    let mut next = names.partition_point(|it| (it.span.start as usize) < range.start);
    let mut out = Vec::new();
    let all = lex(text);
    for (place, token) in all.iter().enumerate() {
        let at = token.range();
        if at.end <= range.start {
            continue;
        }
        if at.start >= range.end {
            break;
        }
        while names.get(next).is_some_and(|it| (it.span.start as usize) < at.start) {
            next += 1;
        }
        let here = names[next..].iter().take_while(|it| it.span.start as usize == at.start);
        let name = here.clone().find(|it| it.span.range() == at);
        let known = name.map(|name| of_name(analysis, name));
        if let Some((kind, modifiers)) = known.or_else(|| of_token(text, &all, place)) {
            out.push(SemanticToken { range: at, kind, modifiers });
        }
    }
    out
}

fn of_name(analysis: &Analysis, name: &Occurrence) -> (Kind, Modifiers) {
    let built_in = Modifiers { default_library: true, ..Modifiers::default() };
    match name.meaning {
        Meaning::Symbol { kind, definition } => {
            let source = ndsl_compiler::Texts::source(&analysis.sources, definition.file);
            let modifiers = Modifiers {
                declaration: name.is_definition(),
                readonly: matches!(kind, SymbolKind::Constant | SymbolKind::Parameter | SymbolKind::Round),
                default_library: definition.file != name.span.file && is_library(source),
                documentation: false,
            };
            (of_symbol(kind), modifiers)
        }
        Meaning::BuiltIn(signature) => match signature.name.starts_with(|first: char| first.is_uppercase()) {
            true => (Kind::Class, built_in),
            false => (Kind::Function, built_in),
        },
        Meaning::ColumnType(_) => (Kind::Type, built_in),
        Meaning::Parameter(..) => (Kind::Parameter, Modifiers::default()),
        Meaning::Choice(_) => (Kind::EnumMember, Modifiers::default()),
    }
}

fn of_symbol(kind: SymbolKind) -> Kind {
    match kind {
        SymbolKind::Block | SymbolKind::Model => Kind::Class,
        SymbolKind::Schema => Kind::Namespace,
        SymbolKind::Table => Kind::Struct,
        SymbolKind::Column | SymbolKind::Field | SymbolKind::Part | SymbolKind::Arm => Kind::Property,
        SymbolKind::Label => Kind::EnumMember,
        SymbolKind::Parameter => Kind::Parameter,
        SymbolKind::Dimension => Kind::TypeParameter,
        SymbolKind::Constant
        | SymbolKind::Dataset
        | SymbolKind::Train
        | SymbolKind::Synthesizer
        | SymbolKind::Deploy
        | SymbolKind::Provider
        | SymbolKind::Declaration
        | SymbolKind::Input
        | SymbolKind::Output
        | SymbolKind::Local
        | SymbolKind::Shared
        | SymbolKind::Round => Kind::Variable,
    }
}

/// What a token is by itself.
fn of_token(text: &str, all: &[Token], place: usize) -> Option<(Kind, Modifiers)> {
    let token = &all[place];
    let kind = match token.kind {
        TokenKind::Word => return word(text, all, place),
        TokenKind::Int
        | TokenKind::Float
        | TokenKind::Share
        | TokenKind::Quantity
        | TokenKind::Date
        | TokenKind::DateTime
        | TokenKind::Time => Kind::Number,
        TokenKind::Text | TokenKind::OpenText | TokenKind::SingleQuoted => Kind::String,
        TokenKind::DocComment => {
            return Some((Kind::Comment, Modifiers { documentation: true, ..Modifiers::default() }));
        }
        TokenKind::Comment => Kind::Comment,
        TokenKind::True
        | TokenKind::False
        | TokenKind::And
        | TokenKind::Or
        | TokenKind::Not
        | TokenKind::In
        | TokenKind::As
        | TokenKind::Else
        | TokenKind::Null => Kind::Keyword,
        _ => return None,
    };
    // Before a colon any word is a key.
    let is_key = kind == Kind::Keyword && followed_by_colon(all, place);
    Some((if is_key { Kind::Parameter } else { kind }, Modifiers::default()))
}

fn word(text: &str, all: &[Token], place: usize) -> Option<(Kind, Modifiers)> {
    let word = &text[all[place].range()];
    if word == "it" {
        return Some((Kind::Keyword, Modifiers::default()));
    }
    if followed_by_colon(all, place) {
        // A key that nothing is known of, as in settings with a fault.
        return Some((Kind::Parameter, Modifiers::default()));
    }
    if TYPES.contains(&word) {
        return Some((Kind::Type, Modifiers { default_library: true, ..Modifiers::default() }));
    }
    let begins = place == 0 || starts_line(text, all, place);
    let keyword = KEYWORDS.iter().find(|keyword| keyword.word == word)?;
    let stands = match keyword.place {
        Place::Declaration => begins,
        Place::Statement | Place::Schema | Place::Expression => true,
    };
    stands.then_some((Kind::Keyword, Modifiers::default()))
}

fn followed_by_colon(all: &[Token], place: usize) -> bool {
    all.get(place + 1).is_some_and(|next| next.kind == TokenKind::Colon)
}

fn starts_line(text: &str, all: &[Token], place: usize) -> bool {
    text[all[place - 1].range().end..all[place].range().start].contains(['\n', '\r'])
        || all[place - 1].kind == TokenKind::RightBrace
}
