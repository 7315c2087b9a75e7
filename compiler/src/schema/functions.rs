//! The functions of expressions over columns: each is one entry here.

use crate::signature::{Default, Kind, Parameter, Signature};

/// Which function it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// The least of its arguments.
    Min,
    /// The largest of its arguments.
    Max,
    /// To the nearest, half to even.
    Round,
    /// Rounded down.
    Floor,
    /// Rounded up.
    Ceil,
    /// Without the sign.
    Abs,
    /// The square root; null of what is negative.
    Sqrt,
    /// `e` to the power.
    Exp,
    /// The natural logarithm; null of what is not above 0.
    Log,
    /// Characters of a text, items of a list.
    Len,
    /// In small letters.
    Lower,
    /// In capitals.
    Upper,
    /// Without white space at its ends.
    Trim,
    /// Texts one after another.
    Concat,
    /// Written out as a text.
    Text,
    /// The year of a day.
    Year,
    /// Its month, from 1.
    Month,
    /// Its day of the month, from 1.
    Day,
    /// Its day of the week, Monday being 1.
    Weekday,
    /// The hour of a moment or a time.
    Hour,
    /// Its minute.
    Minute,
    /// The day of a moment.
    Date,
    /// A length of time in days.
    Days,
    /// A length of time in hours.
    Hours,
    /// The first of its arguments that is not null.
    Coalesce,
}

/// A function of values of columns.
#[derive(Debug)]
pub struct FunctionDef {
    /// Its name, parameters and docs.
    pub signature: Signature,
    /// Which it is.
    pub function: Function,
    /// The fewest arguments and the most; no most where any number will do.
    pub arity: (usize, Option<usize>),
}

impl PartialEq for FunctionDef {
    fn eq(&self, other: &Self) -> bool {
        self.function == other.function
    }
}

const NUMBER: Kind = Kind::Special("a number");
const TEXT: Kind = Kind::Special("a text");
const DAY: Kind = Kind::Special("a date or a datetime");
const CLOCK: Kind = Kind::Special("a datetime or a time");
const SPAN: Kind = Kind::Special("a length of time");
const ORDERED: Kind = Kind::Special("two or more values of one ordered type");
const TEXTS: Kind = Kind::Special("two or more texts");
const ANY: Kind = Kind::Special("two or more values of one type");

macro_rules! def {
    ($name:literal, $function:ident, $parameter:literal: $kind:expr, $arity:expr, $summary:literal, $example:literal) => {
        FunctionDef {
            signature: Signature {
                name: $name,
                summary: $summary,
                details: "",
                parameters: &[Parameter::new($parameter, $kind, Default::Required, "What it works on.")],
                example: $example,
            },
            function: Function::$function,
            arity: $arity,
        }
    };
}

const ONE: (usize, Option<usize>) = (1, Some(1));
const SEVERAL: (usize, Option<usize>) = (2, None);

/// Every function, in the order the docs list them.
pub const FUNCTIONS: &[FunctionDef] = &[
    def!("min", Min, "values": ORDERED, SEVERAL, "The least of its arguments; null if one is.", "min(price, 100)"),
    def!("max", Max, "values": ORDERED, SEVERAL, "The largest of its arguments; null if one is.", "max(price, 100)"),
    FunctionDef {
        signature: Signature {
            name: "round",
            summary: "The nearest number with so many digits after its point, halves to the even one.",
            details: "Without `places` a whole number.",
            parameters: &[
                Parameter::new("value", NUMBER, Default::Required, "What it works on."),
                Parameter::new(
                    "places",
                    Kind::Int { min: 0 },
                    Default::Absent("a whole number"),
                    "The digits after the point, at most 12.",
                ),
            ],
            example: "round(price * 1.19, 2)",
        },
        function: Function::Round,
        arity: (1, Some(2)),
    },
    def!("floor", Floor, "value": NUMBER, ONE, "The largest whole number that is not above it.", "floor(price)"),
    def!("ceil", Ceil, "value": NUMBER, ONE, "The least whole number that is not below it.", "ceil(price)"),
    def!("abs", Abs, "value": NUMBER, ONE, "The number without its sign.", "abs(price - 10)"),
    def!("sqrt", Sqrt, "value": NUMBER, ONE, "The square root; null of a negative number.", "sqrt(price)"),
    def!("exp", Exp, "value": NUMBER, ONE, "`e ** value`", "exp(score)"),
    def!("log", Log, "value": NUMBER, ONE, "The natural logarithm; null of what is not above 0.", "log(price)"),
    def!("len", Len, "value": Kind::Special("a text or a list"), ONE, "The characters of a text, the items of a list.", "len(name)"),
    def!("lower", Lower, "value": TEXT, ONE, "The text in small letters.", "lower(name)"),
    def!("upper", Upper, "value": TEXT, ONE, "The text in capitals.", "upper(name)"),
    def!("trim", Trim, "value": TEXT, ONE, "The text without white space at its ends.", "trim(name)"),
    def!("concat", Concat, "values": TEXTS, SEVERAL, "Texts one after another; null if one is.", "concat(lower(name), \"@example.com\")"),
    def!("text", Text, "value": Kind::Special("any value"), ONE, "The value written out.", "text(quantity)"),
    def!("year", Year, "value": DAY, ONE, "The year of a day.", "year(placed)"),
    def!("month", Month, "value": DAY, ONE, "The month of a day, from 1 to 12.", "month(placed)"),
    def!("day", Day, "value": DAY, ONE, "The day of the month, from 1.", "day(placed)"),
    def!("weekday", Weekday, "value": DAY, ONE, "The day of the week, from Monday, which is 1, to Sunday, which is 7.", "weekday(placed)"),
    def!("hour", Hour, "value": CLOCK, ONE, "The hour, from 0 to 23.", "hour(placed)"),
    def!("minute", Minute, "value": CLOCK, ONE, "The minute, from 0 to 59.", "minute(placed)"),
    def!("date", Date, "value": Kind::Special("a datetime"), ONE, "The day of a moment.", "date(placed)"),
    def!("days", Days, "span": SPAN, ONE, "A length of time in days, with a fraction where there is one.", "days(shipped - placed)"),
    def!("hours", Hours, "span": SPAN, ONE, "A length of time in hours, with a fraction where there is one.", "hours(shipped - placed)"),
    def!("coalesce", Coalesce, "values": ANY, SEVERAL, "The first of its arguments that is not null.", "coalesce(shipped, placed)"),
];

/// `format`, which reads its text itself.
pub const FORMAT: Signature = Signature {
    name: "format",
    summary: "A text with columns in it: `{name}` stands for the column's value, written out.",
    details: "A column that is null is written as nothing. `{{` and `}}` are braces.",
    parameters: &[Parameter::new("template", Kind::Text, Default::Required, "The text, with its holes.")],
    example: "format(\"{name}-{quantity}\")",
};

/// The aggregates, which take a table or a column of one.
pub const AGGREGATES: &[Signature] = &[
    aggregate("count", "How many rows of another table refer to this one: `count(Order)`.", "count(Order)"),
    aggregate(
        "sum",
        "The sum of a column over the rows that refer to this one; 0 where none does.",
        "sum(Order.total)",
    ),
    aggregate(
        "mean",
        "The mean of a column over the rows that refer to this one; null where none does.",
        "mean(Order.total)",
    ),
    aggregate(
        "min",
        "The least of a column over the rows that refer to this one; null where none does.",
        "min(Order.placed)",
    ),
    aggregate(
        "max",
        "The largest of a column over the rows that refer to this one; null where none does.",
        "max(Order.placed)",
    ),
];

const fn aggregate(name: &'static str, summary: &'static str, example: &'static str) -> Signature {
    Signature { name, summary, details: "", parameters: OF_ROWS, example }
}

const OF_ROWS: &[Parameter] = &[
    Parameter::new("of", Kind::Special("a table or a column of it"), Default::Required, "What is looked at."),
    Parameter::new(
        "via",
        Kind::Special("the name of a reference"),
        Default::Absent("the only reference there is"),
        "The reference by which those rows are found, where the table has several.",
    ),
];

/// The function called `name`.
pub fn find(name: &str) -> Option<&'static FunctionDef> {
    FUNCTIONS.iter().find(|def| def.signature.name == name)
}

/// The names of all that can be called in an expression over columns.
pub fn names() -> impl Iterator<Item = &'static str> {
    let functions = FUNCTIONS.iter().map(|def| def.signature.name);
    functions.chain([FORMAT.name, "count", "sum", "mean"])
}

/// What others call a function of here.
pub fn meant(name: &str) -> Option<&'static str> {
    Some(match name {
        "length" | "char_length" | "size" => "len",
        "avg" | "average" => "mean",
        "ifnull" | "nvl" | "fillna" | "isnull" => "coalesce",
        "least" => "min",
        "greatest" => "max",
        "ceiling" => "ceil",
        "ln" => "log",
        "lowercase" | "lcase" => "lower",
        "uppercase" | "ucase" => "upper",
        "strip" => "trim",
        "str" | "string" | "to_char" => "text",
        "template" | "f" | "printf" => "format",
        "datediff" | "date_diff" => "days",
        "dayofweek" => "weekday",
        _ => return None,
    })
}
