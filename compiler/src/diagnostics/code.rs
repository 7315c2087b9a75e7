//! Every kind of diagnostic there is.
//!
//! To add one: a line in the table below and a page in `docs/errors/` named after its code, with a failing and a fixed
//! example. A test runs both examples of every page.

use super::Severity;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal $severity:ident;)*) => {
        /// The kind of a diagnostic: stable across versions, explained by `ndsl explain`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every code, in the order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The code as it is shown: `E0301`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// How bad faults of this kind are.
            pub fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// The page that explains it, in Markdown.
            pub fn page(self) -> &'static str {
                match self { $(Self::$name => include_str!(concat!("../../../docs/errors/", $code, ".md")),)* }
            }
        }
    };
}

codes! {
    /// A token that cannot stand where it stands.
    UnexpectedToken = "E0101" Error;
    /// A bracket that is never closed, or closes another kind.
    Unbalanced = "E0102" Error;
    /// A string that does not end on its line.
    UnterminatedString = "E0103" Error;
    /// An escape that means nothing.
    UnknownEscape = "E0104" Error;
    /// A character that belongs to no token.
    UnknownCharacter = "E0105" Error;
    /// A number that cannot be held.
    BadNumber = "E0106" Error;
    /// Brackets nested too deep.
    TooDeep = "E0107" Error;
    /// Two statements that could be read as one.
    AmbiguousStatement = "E0108" Error;
    /// A source that is too large, or not text.
    BadSource = "E0109" Error;
    /// A word reserved for a part of the language that this version does not have.
    Reserved = "E0110" Error;

    /// A name that nothing declares.
    UnknownName = "E0201" Error;
    /// A name declared twice.
    Duplicate = "E0202" Error;
    /// A layer that does not exist.
    UnknownLayer = "E0203" Error;
    /// A function that does not exist.
    UnknownFunction = "E0204" Error;
    /// A declaration that takes the name of a built-in.
    Shadowing = "E0205" Error;
    /// A constant that depends on itself.
    Cycle = "E0206" Error;
    /// A block that leads back to itself.
    Recursion = "E0207" Error;
    /// A field that a value does not have.
    UnknownField = "E0208" Error;

    /// A file that is not there, or cannot be read.
    UnknownFile = "E0220" Error;
    /// Files that use one another in a circle.
    FileCycle = "E0221" Error;
    /// A path that names no file of the project.
    BadPath = "E0222" Error;
    /// A name that the other file does not declare.
    NotInFile = "E0223" Error;
    /// More files, or larger ones, than a program may use.
    TooManyFiles = "E0224" Error;

    /// A parameter or setting that does not exist.
    UnknownParameter = "E0301" Error;
    /// A parameter or setting that has no default and no value.
    MissingArgument = "E0302" Error;
    /// More arguments than parameters, or one given twice.
    ExtraArgument = "E0303" Error;
    /// A value of the wrong kind.
    WrongType = "E0304" Error;
    /// A number or word outside what is allowed.
    OutOfRange = "E0305" Error;
    /// A statement that does nothing, such as a bare function.
    NoEffect = "E0306" Error;
    /// Arithmetic that has no answer.
    Arithmetic = "E0307" Error;

    /// A layer that wants another number of dimensions.
    Rank = "E0401" Error;
    /// Two shapes that do not go together.
    ShapeMismatch = "E0402" Error;
    /// A window larger than what it slides over.
    WindowTooLarge = "E0403" Error;
    /// A layer without a value to be applied to, or a model without an input or output.
    NoValue = "E0404" Error;
    /// An element type that cannot stand here.
    ElementType = "E0405" Error;
    /// A model that is larger than the compiler allows.
    ModelTooLarge = "E0406" Error;
    /// A block, a model or a `repeat` that unrolls to too much.
    TooManySteps = "E0407" Error;
    /// A `check` or an `assert` that does not hold.
    Unmet = "E0408" Error;
    /// A symbolic dimension that would be two sizes, or none.
    DimensionConflict = "E0409" Error;
    /// A number that has to be known when compiling, and is known in a run only.
    OnlyInARun = "E0410" Error;
    /// A column that a model cannot learn from.
    NotAFeature = "E0411" Error;
    /// An output that does not fit the column it predicts.
    WrongHead = "E0412" Error;

    /// A loss or metric that does not fit the output.
    LossMismatch = "E0501" Error;
    /// A dataset that does not fit the model.
    DataMismatch = "E0502" Error;
    /// A quantity with a unit that does not exist or measures something else.
    WrongUnit = "E0503" Error;
    /// Two settings that exclude each other, or one without what it needs.
    Conflict = "E0504" Error;
    /// A secret that stands in a file.
    Secret = "E0505" Error;
    /// A `tune` where nothing searches.
    TuneMisplaced = "E0506" Error;
    /// A choice of a `tune`, or a combination of several, that cannot be built.
    ImpossibleChoice = "E0507" Error;

    /// A search space that is too large to be checked whole.
    SpaceNotWhole = "W0520" Note;
    /// A setting that changes nothing.
    NoEffectSetting = "W0521" Warning;

    /// A column that a table does not have.
    UnknownColumn = "E0701" Error;
    /// A schema or table that does not exist.
    UnknownTable = "E0702" Error;
    /// A column type that does not exist.
    UnknownType = "E0703" Error;
    /// A clause that does not go with its column.
    Clause = "E0704" Error;
    /// Limits that leave no value.
    NoValueLeft = "E0705" Error;
    /// Shares that do not sum to 100%.
    Weights = "E0706" Error;
    /// References that need each other's rows.
    ReferenceCycle = "E0707" Error;
    /// A reference to rows that nothing tells apart.
    ReferenceTarget = "E0708" Error;
    /// A unique column with fewer values than rows.
    TooFewValues = "E0709" Error;
    /// A check that no row can meet.
    ImpossibleCheck = "E0710" Error;
    /// A column that depends on itself.
    ColumnCycle = "E0711" Error;
    /// A default, a draw or a derived value outside of what its column allows.
    OutsideRange = "E0712" Error;
    /// A distribution that cannot stand where it stands.
    Distribution = "E0713" Error;
    /// A null where there can be none.
    Nullability = "E0714" Error;
    /// Correlations that no columns can have.
    Correlation = "E0715" Error;
    /// A pattern that is no regular expression, or one that nothing can be drawn from.
    Pattern = "E0716" Error;
    /// A text with holes that cannot be read.
    Template = "E0717" Error;
    /// A label that its enum does not have.
    UnknownLabel = "E0718" Error;
    /// A schema or table that is not put together as one.
    TableForm = "E0719" Error;
    /// Rows that cannot be made as a schema asks.
    NotMade = "E0720" Error;

    /// A training whose loss is no longer a number.
    Diverged = "E0801" Error;
    /// Gradients that do not reach a layer.
    VanishingGradients = "W0802" Warning;
    /// Gradients that grow beyond bounds.
    ExplodingGradients = "W0803" Warning;
    /// Units that answer 0 to everything.
    DeadUnits = "W0804" Warning;
    /// A device that this build does not reach or this machine does not have, or numbers that it cannot compute with.
    Device = "E0805" Error;

    /// A layer that works on the last axis where a flatten was probably meant.
    LastAxis = "W0601" Warning;
    /// A flatten that the compiler inserted.
    FlattenInserted = "W0602" Note;
    /// A softmax or sigmoid too many.
    DoubleActivation = "W0603" Warning;
    /// A name that is never read.
    Unused = "W0604" Warning;
    /// A check that is never false.
    AlwaysHolds = "W0731" Warning;
    /// A unique column that leaves a table few rows.
    FewRows = "W0732" Warning;
    /// Checks too large to be proved.
    NotProved = "W0733" Note;
}

impl Code {
    /// The code written as `text`, in any case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str().eq_ignore_ascii_case(text))
    }

    /// Whether it shows while a program runs, and a check of it cannot.
    pub fn is_of_a_run(self) -> bool {
        matches!(
            self,
            Self::NotMade
                | Self::Diverged
                | Self::VanishingGradients
                | Self::ExplodingGradients
                | Self::DeadUnits
                | Self::Device
        )
    }

    /// Its page's heading: one line that names the fault.
    pub fn title(self) -> &'static str {
        self.page().lines().next().map_or("", |line| line.trim_start_matches(['#', ' ']))
    }
}
