//! What people write who come from other languages, and how it is written here.

use crate::token::TokenKind;

/// What to say of lexemes that mean nothing here, though it is plain what was meant.
#[derive(Debug)]
pub(crate) struct Advice {
    /// The sentence; `{}` stands for the text at fault.
    pub(crate) message: &'static str,
    /// What to write under it.
    pub(crate) label: &'static str,
    /// What to do about it.
    pub(crate) help: Option<&'static str>,
    /// What mends it.
    pub(crate) mend: Mend,
}

/// A change of the lexemes at fault.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mend {
    /// There is none that is sure.
    Nothing,
    /// Put this in their place.
    Replace(&'static str),
    /// Put this in their place, right after what stands before them.
    Attach(&'static str),
    /// Leave them out.
    Remove,
    /// Leave the space before them out.
    CloseUp,
    /// Put one space in their place.
    Space,
}

const fn advice(message: &'static str, label: &'static str, help: Option<&'static str>, mend: Mend) -> Advice {
    Advice { message, label, help, mend }
}

/// `model = Sequential([…])`
pub(crate) static ASSIGNED_MODEL: Advice = advice(
    "a model is no value: it has a name and a body",
    "expected the model's name",
    Some("write `model Name { … }`, with its input and its layers on lines of their own"),
    Mend::Nothing,
);

/// `model.fit(…)`, `net.compile(…)`
pub(crate) static CALLED_MODEL: Advice = advice(
    "a model is described, not called",
    "expected the model's name",
    Some("its layers stand in its body, one after the other; a `train` declaration says how it is trained"),
    Mend::Nothing,
);

/// `train:` and what is indented below.
pub(crate) static NAMELESS_DECLARATION: Advice = advice(
    "`{}` begins no declaration: it has a name, and braces around what it holds",
    "expected a name",
    Some("write `model Name { … }`, `train name { … }`"),
    Mend::Nothing,
);

/// Where a declaration should begin.
pub(crate) static NO_DECLARATION: Advice = advice(
    "expected a declaration, found `{}`",
    "begins no declaration",
    Some("a file holds declarations: `model`, `block`, `schema`, `dataset`, `train` and others"),
    Mend::Nothing,
);

static DECORATOR: Advice =
    advice("there are no decorators", "begins no declaration", Some("remove the whole line"), Mend::Nothing);

static LONELY_STRING: Advice = advice(
    "a string alone says nothing",
    "begins no declaration",
    Some("a comment begins with `//`, what is shown of the declaration below it with `///`"),
    Mend::Nothing,
);

static LONELY_BRACE: Advice = advice(
    "braces belong to a declaration: its word and its name stand before them",
    "begins no declaration",
    Some("write `model Name { … }`, `train name { … }`; keys have no quotes, and a program is no JSON"),
    Mend::Nothing,
);

/// The words that begin something elsewhere and nothing here, at the start of a declaration.
static DECLARATIONS: &[(&[&str], Advice)] = &[
    (
        &["class", "nn", "Sequential"],
        advice(
            "there are no classes: a network is a `model`",
            "begins no declaration",
            Some("write `model Name(width: int = 32) { … }`, with its layers one after the other"),
            Mend::Nothing,
        ),
    ),
    (
        &["def", "fn", "func", "function", "fun"],
        advice(
            "there are no functions to define: what is used several times is a `block`",
            "begins no declaration",
            Some("write `block Name(width: int) { … }`, and use it as a layer: `Name(64)`"),
            Mend::Nothing,
        ),
    ),
    (
        &["import", "from", "include", "require"],
        advice(
            "nothing is imported: layers, functions, losses and optimizers are always known",
            "begins no declaration",
            Some("what another file declares is brought in with `use Encoder, Norm as LayerNorm from \"blocks.ndsl\"`"),
            Mend::Nothing,
        ),
    ),
    (
        &["let", "var", "val", "int", "float"],
        advice(
            "a constant begins with `const`",
            "begins no declaration",
            Some("write `const name = value`"),
            Mend::Nothing,
        ),
    ),
    (
        &["struct", "type", "record", "interface", "enum"],
        advice(
            "types of rows are the tables of a `schema`",
            "begins no declaration",
            Some("write `schema Shop { table Customer { id: int key } }`"),
            Mend::Nothing,
        ),
    ),
    (
        &["CREATE", "create", "table", "TABLE"],
        advice(
            "a table stands in a `schema`",
            "begins no declaration",
            Some("write `schema Shop { table Customer { id: int key } }`"),
            Mend::Nothing,
        ),
    ),
    (
        &["for", "while", "repeat", "if", "residual", "branch"],
        advice("`{}` stands in the body of a `model` or a `block`", "begins no declaration", None, Mend::Nothing),
    ),
];

/// The same, at the start of a statement.
static STATEMENTS: &[(&[&str], Advice)] = &[
    (
        &["for", "while", "loop"],
        advice(
            "a loop is written `repeat`",
            "begins no statement",
            Some("write `repeat 3 as i { … }`, or `repeat [32, 64] as width { … }`"),
            Mend::Nothing,
        ),
    ),
    (
        &["def", "fn", "func", "function", "class"],
        advice(
            "nothing is defined in a body: what is used several times is a `block` outside",
            "begins no statement",
            Some("write `block Name(width: int) { … }` beside the model, and use it as a layer: `Name(64)`"),
            Mend::Nothing,
        ),
    ),
    (
        &["assert"],
        advice(
            "in a body, a condition on dimensions and parameters is a `check`",
            "begins no statement",
            Some("`assert` stands outside, and is about what is declared there: `assert Digits.parameters < 1_000`"),
            Mend::Replace("check"),
        ),
    ),
    (
        &["return", "yield"],
        advice(
            "nothing is returned: the last value of a body is its output",
            "begins no statement",
            Some("write the value alone; name it with `as`, or write `output name = value` for one of several"),
            Mend::Remove,
        ),
    ),
    (
        &["let", "var", "val", "auto", "const"],
        advice("a value is named by `name = value` alone", "not needed", None, Mend::Remove),
    ),
    (
        &["elif", "elseif", "elsif"],
        advice(
            "a further condition begins with `else if`, right after the `}` of the one before",
            "begins no statement",
            Some("write `if depth > 2 { … } else if depth > 1 { … } else { … }`"),
            Mend::Nothing,
        ),
    ),
];

/// What `words` say of a word.
fn known(words: &'static [(&[&str], Advice)], word: &str) -> Option<&'static Advice> {
    words.iter().find(|(words, _)| words.contains(&word)).map(|(_, advice)| advice)
}

/// Whether a word begins a declaration in some other language.
pub(crate) fn begins_elsewhere(word: &str) -> bool {
    of_declaration(word).is_some()
}

/// What to say of a word at the start of a declaration.
pub(crate) fn of_declaration(word: &str) -> Option<&'static Advice> {
    known(DECLARATIONS, word)
}

/// What to say of anything but a word at the start of a declaration.
pub(crate) fn of_mark(kind: TokenKind) -> &'static Advice {
    match kind {
        TokenKind::At => &DECORATOR,
        TokenKind::Text => &LONELY_STRING,
        TokenKind::LeftBrace => &LONELY_BRACE,
        _ => &NO_DECLARATION,
    }
}

/// What to say of a word at the start of a declaration, by what follows it: `width = 3`, `Dense(64)`, `epochs: 10`.
pub(crate) fn before_mark(next: TokenKind, capital: bool) -> Option<&'static Advice> {
    Some(match next {
        TokenKind::Assign => &LONELY_VALUE,
        TokenKind::Dot => &CALLED_OUTSIDE,
        TokenKind::Colon => &LONELY_SETTING,
        TokenKind::LeftParen if capital => &LONELY_LAYER,
        _ => return None,
    })
}

static LONELY_VALUE: Advice = advice(
    "a constant begins with `const`",
    "begins no declaration",
    Some("write `const name = value`"),
    Mend::Nothing,
);

static LONELY_SETTING: Advice = advice(
    "settings stand in a declaration",
    "begins no declaration",
    Some("write `train name { model: Net(), epochs: 10 }`"),
    Mend::Nothing,
);

static LONELY_LAYER: Advice = advice(
    "a layer stands in the body of a `model` or a `block`",
    "begins no declaration",
    Some("write `model Name { … }`, with its input and its layers on lines of their own"),
    Mend::Nothing,
);

static CALLED_OUTSIDE: Advice = advice(
    "nothing is called here: a file declares, and `ndsl train` and `ndsl predict` run it",
    "begins no declaration",
    Some("a model is trained by a `train` declaration of its own: `train digits { model: Digits(), … }`"),
    Mend::Nothing,
);

/// What to say of a word at the start of a statement.
pub(crate) fn of_statement(word: &str) -> Option<&'static Advice> {
    known(STATEMENTS, word)
}

pub(crate) static SELF: Advice = advice(
    "there is no `self`: a value is named by `name = value`, and known from there on",
    "not needed",
    None,
    Mend::Remove,
);

pub(crate) static SHARE_APART: Advice = advice(
    "a share is written without a space: `70%`",
    "a space stands before it",
    Some("with spaces, `%` is the remainder of a division: `a % b`"),
    Mend::CloseUp,
);

pub(crate) static BOUND_APART: Advice = advice(
    "the end of a range touches its dots: `1..10`",
    "a space stands before it",
    Some("a range with nothing right after its dots is open"),
    Mend::CloseUp,
);

pub(crate) static COMMA_AFTER_STATEMENT: Advice =
    advice("a statement ends with its line, or with `;`", "statements take no comma", None, Mend::Remove);

pub(crate) static COMMA_BETWEEN_STATEMENTS: Advice =
    advice("a statement ends with its line, or with `;`", "statements take no comma", None, Mend::Replace(";"));

pub(crate) static SEMICOLON: Advice =
    advice("settings and columns end with their line, or with `,`", "expected `,`", None, Mend::Replace(","));

pub(crate) static AFTER_DECLARATION: Advice = advice("a declaration ends by itself", "not needed", None, Mend::Remove);

pub(crate) static TYPED_CONSTANT: Advice =
    advice("a constant's type follows from its value", "not needed", None, Mend::Remove);

pub(crate) static LONELY_ELSE: Advice = advice(
    "this `else` belongs to no `if`",
    "no `if` stands before it",
    Some("write `if condition { … } else { … }`"),
    Mend::Nothing,
);

pub(crate) static ELIF: Advice =
    advice("a further condition begins with `else if`", "means nothing here", None, Mend::Replace("else if"));

pub(crate) static TERNARY: Advice = advice(
    "a choice is written `if condition { a } else { b }`",
    "the condition comes first, each value in braces",
    None,
    Mend::Nothing,
);

pub(crate) static NO_COUNT: Advice = advice(
    "`repeat` takes a count or a list",
    "how often?",
    Some("write `repeat 3 { … }`, or `repeat [32, 64] as width { … }`"),
    Mend::Nothing,
);

pub(crate) static NAMES_APART: Advice = advice(
    "several names stand between `(` and `)`",
    "expected `{` and a body",
    Some("write `repeat [(64, 3), (128, 4)] as (width, depth) { … }`"),
    Mend::Nothing,
);

pub(crate) static LAMBDA: Advice = advice(
    "there are no functions without a name: an expression is written where it is used",
    "cannot stand here",
    Some("in a model, `it * 2` alone makes a new current value; a `block` has a name and is used as a layer"),
    Mend::Nothing,
);

pub(crate) static COMPREHENSION: Advice = advice(
    "a list holds its values one by one: there is no `for` in it",
    "cannot stand here",
    Some("layers are repeated by `repeat 3 as i { … }`"),
    Mend::Nothing,
);

pub(crate) static STRING_PREFIX: Advice = advice(
    "a string has nothing before its quotes",
    "not needed",
    Some("only the texts of `llm` and `format` in a schema fill in `{…}`"),
    Mend::Remove,
);

/// `freeze: [encoder.*]`
pub(crate) static UNQUOTED_PATTERN: Advice = advice(
    "names with `*` for a part of them are a text",
    "stands for nothing outside of quotes",
    Some("put the whole between quotes: `\"encoder.*\"`"),
    Mend::Nothing,
);

pub(crate) static ARROW: Advice = advice(
    "a value goes into a layer by `|>`, or by standing on the line before it",
    "means nothing here",
    None,
    Mend::Replace("|>"),
);

pub(crate) static AUGMENTED: Advice = advice(
    "a name keeps its value",
    "changes a name elsewhere",
    Some("`x + 1` on a line of its own makes a new current value; `y = x + 1` gives it another name"),
    Mend::Nothing,
);

pub(crate) static INPUT_AS_PARAMETER: Advice = advice(
    "what goes into a model is an `input` of its body",
    "no type of a parameter",
    Some(
        "write `model Name { input x: f32[10] … }`; between the round brackets stand numbers that are known beforehand",
    ),
    Mend::Nothing,
);

pub(crate) static RESULT_TYPE: Advice =
    advice("what comes out follows from the body", "not needed", None, Mend::Remove);

pub(crate) static COLON_SLICE: Advice =
    advice("a slice is written with dots: `x[1..10]`, `x[1..]`, `x[..10]`", "expected `..`", None, Mend::Replace(".."));

pub(crate) static ONE_NAME: Advice =
    advice("only a name can be bound by `=`", "no name stands before it", Some("write `name = value`"), Mend::Nothing);

pub(crate) static BRACE_AFTER_VALUE: Advice =
    advice("only `if`, `repeat`, `residual` and `branch` take a body", "no body can stand here", None, Mend::Nothing);

/// `encoder = share Dense(64)`
pub(crate) static SHARE_BEHIND: Advice = advice(
    "`share` stands before the name",
    "begins a statement",
    Some("write `share name = Layer(…)`; several layers that are shared together are a `block`"),
    Mend::Nothing,
);

pub(crate) static KEYWORD_BOUND: Advice =
    advice("`{}` begins a statement, so it names no value", "choose another name", None, Mend::Nothing);

pub(crate) static NO_ARM: Advice = advice(
    "`branch` holds bodies that run side by side",
    "expected `{`, perhaps after a name and `:`",
    Some("write `branch { a: { … } b: { … } }`"),
    Mend::Nothing,
);

pub(crate) static NESTED_TABLE: Advice = advice(
    "a table stands in a schema, not in another table",
    "cannot stand here",
    Some("end the table above with `}`, and name its rows with `ref`"),
    Mend::Nothing,
);

/// `table Order rows 1_000 { … }`
pub(crate) static ABOUT_A_TABLE: Advice = advice(
    "between a table's name and its columns stands nothing",
    "not needed",
    Some("how many rows a table has is said where they are made"),
    Mend::Remove,
);

pub(crate) static NOT_NULL: Advice =
    advice("a column is never null, unless its type ends in `?`", "not needed", None, Mend::Remove);

pub(crate) static BETWEEN: Advice = advice(
    "what lies between two values is a range after `in`",
    "expected `in`",
    Some("write `in 1..=5`"),
    Mend::Nothing,
);

pub(crate) static COMPARED: Advice = advice(
    "what a column may hold is a range after `in`",
    "expected `in`",
    Some("write `in 18..` for what is at least 18, `in ..=95` for what is at most 95"),
    Mend::Nothing,
);

pub(crate) static FLAG: Advice =
    advice("`key` and `unique` take no value: they are said, or not", "not needed", None, Mend::Remove);

pub(crate) static CLAUSE_MARK: Advice =
    advice("what a column says follows its word, without a mark: `default 0`", "not needed", None, Mend::Space);

pub(crate) static NULLABLE: Advice =
    advice("a column that may be null has a type that ends in `?`", "expected `?`", None, Mend::Attach("?"));

pub(crate) static PRIMARY_KEY: Advice =
    advice("the column that a row is known by is its `key`", "expected `key`", None, Mend::Replace("key"));

pub(crate) static REFERENCES: Advice = advice(
    "a column that names rows of another table has the type `ref`",
    "means nothing here",
    Some("write `customer: ref Customer`"),
    Mend::Nothing,
);

pub(crate) static GENERATED: Advice =
    advice("a key is filled in by itself where rows are made", "not needed", None, Mend::Remove);

pub(crate) static SQL_CHECK: Advice = advice(
    "a condition on one column follows its type; one on several stands on a line of its own",
    "expected the end of the column",
    Some("write `price: decimal(2) in 0..`, or `check price > cost` as a line of the table"),
    Mend::Nothing,
);

pub(crate) static LABEL_AS_WORD: Advice = advice(
    "a label is a word, or stands between quotes: `\"<=50K\"`",
    "cannot be read as a label",
    None,
    Mend::Nothing,
);

pub(crate) static OUTPUT_VALUE: Advice =
    advice("an output has a name and a value: `output mean = value`", "expected `=` and a value", None, Mend::Nothing);

pub(crate) static USE_NAMES: Advice = advice(
    "what is used from another file is listed by name",
    "expected names",
    Some("write `use Encoder, Norm as LayerNorm from \"blocks.ndsl\"`"),
    Mend::Nothing,
);

pub(crate) static EXCEPT_BRACKETS: Advice = advice(
    "the columns left out stand between `(` and `)`",
    "expected `(`",
    Some("write `Shop.Customer except (id, churned)`"),
    Mend::Nothing,
);

pub(crate) static BRACES_AS_VALUE: Advice = advice(
    "no value begins with `{`",
    "expected a value",
    Some("lists stand between `[` and `]`; settings and bodies in braces only follow `key:`"),
    Mend::Nothing,
);

pub(crate) static COLON_BEFORE_BRACE: Advice =
    advice("a body needs no `:` before its `{`", "not needed", None, Mend::Remove);

pub(crate) static NO_CLAUSE: Advice = advice(
    "`{}` says nothing of a column",
    "no clause begins with it",
    Some(
        "after its type a column takes `key`, `unique`, `in`, `length`, `matches`, `null`, `default`, `from`, `~` or `=`",
    ),
    Mend::Nothing,
);

pub(crate) static TOGETHER: Advice = advice(
    "columns that are `unique` or a `key` together stand between `(` and `)`",
    "expected `(`",
    Some("write `unique (first, last)`"),
    Mend::Nothing,
);
