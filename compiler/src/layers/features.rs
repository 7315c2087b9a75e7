//! `Features`: a row of a table as numbers that the layers after it can learn from.
//!
//! Each column becomes some numbers by its type, one column after the other, as Keras's `FeatureSpace` does: numbers standardised,
//! enums one-hot or embedded, dates as points on circles. All that is standardised is done in one step, with one mean and one variance
//! for each; they are statistics of the model, fitted to the training rows before the first step.

use std::f64::consts::TAU;

use super::apply::Weight;
use super::settings::{NAME, TRAINABLE, initializer};
use super::{Apply, LayerDef};
use crate::check::RowColumn;
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::{Binary, Dim, ElementType, Encoding, Null, Op, Shape, Standardized, Unary, ValueId};
use crate::schema::datum::DAY;
use crate::signature::{Default, Kind, Parameter, Signature};

/// `Features(embedding=8, …)`
pub const FEATURES: LayerDef = LayerDef {
    signature: Signature {
        name: "Features",
        summary: "Makes numbers of a row of a table, by the types of its columns.",
        details: "Each column becomes some numbers, and they stand one after the other in the order of the columns:\n\n\
                  | Column | Its numbers | with `?` |\n\
                  |---|---|---|\n\
                  | `int`, `float`, `decimal` | as `numbers` says, of which each is `(x - mean) / deviation` | 0 where it is null, and 1 if it is null, else 0 |\n\
                  | `bool` | 0 or 1 | 0 where it is null, and 1 if it is null, else 0 |\n\
                  | `enum` of at most `embedding` labels | one for each label, 1 at its own | null is one more label, the last |\n\
                  | `enum` of more | a learnt vector of `embedding` numbers | null has a vector too |\n\
                  | `date` | its day, standardised; the sines, then the cosines of its place in the year, the month and the week | all 0 where it is null, and 1 if it is null, else 0 |\n\
                  | `datetime` | as of a date, and after each week its place in the day | the same |\n\
                  | `time` | the sine and the cosine of its place in the day | the same |\n\n\
                  The mean and the deviation are those of the training rows that are not null: statistics of the model, fitted before \
                  the first step and stored with it, so prediction needs nothing else. A missing number is therefore the mean. A column \
                  that is the same in every training row is 0. With `numbers=log` it is `sign(x) * log(1 + |x|)` that is standardised: of \
                  what is mostly small and sometimes huge, such as money, the huge no longer drowns the rest. With `numbers=both` a column \
                  becomes the two of them. A year begins on 1 March here, so that a date has one place in every year.",
        parameters: &[
            Parameter::new(
                "embedding",
                Kind::Int { min: 1 },
                Default::Int(8),
                "How long the vector of a label is, for enums that have more labels than that.",
            ),
            Parameter::new(
                "numbers",
                Kind::Choice(&["plain", "log", "both"]),
                Default::Word("plain"),
                "What of a number is standardised: itself, its logarithm, or both.",
            ),
            initializer("embeddings_initializer", "random_uniform", "How the vectors start."),
            NAME,
            TRAINABLE,
        ],
        example: "Features(embedding=8)",
    },
    aliases: &["FeatureSpace", "DenseFeatures"],
    build,
};

/// A standardised number is divided by at least this, as in Keras.
const LEAST_DEVIATION: f64 = 1e-7;

/// Days in four centuries, after which the calendar repeats.
const ERA: f64 = 146_097.0;

fn build(layer: &mut Apply<'_, '_, '_>) -> Option<ValueId> {
    let Some(row) = layer.table.clone() else {
        let message = "`Features` works on a row of a table, and no layer around it has one";
        layer.cx.report(Diagnostic::new(Code::WrongType, layer.span, message).label("inside another layer"));
        return None;
    };
    let embedding = layer.arguments.int("embedding");
    let numbers_are = layer.arguments.word("numbers").to_owned();
    let mut encoder =
        Encoder { layer, embedding, numbers_are, numbers: Vec::new(), present: Vec::new(), pieces: Vec::new() };
    let mut known = true;
    for column in &row.columns {
        known &= encoder.column(column).is_some();
    }
    if !known {
        return Some(encoder.layer.unknown([Dim::Unknown]));
    }
    encoder.finish()
}

/// Some of the numbers that a row becomes.
enum Piece {
    /// One of those that are standardised, by its place among them.
    Standard(usize),
    /// The same, 0 where the other value is 0.
    StandardWhere(usize, ValueId),
    /// These, `[N, width]`.
    Numbers(ValueId),
}

/// Columns becoming numbers.
struct Encoder<'l, 'c, 'n, 'e> {
    layer: &'l mut Apply<'c, 'n, 'e>,
    embedding: Option<usize>,
    /// What of a number is standardised: `plain`, `log` or `both`.
    numbers_are: String,
    /// What is standardised: `[N, 1]` each.
    numbers: Vec<ValueId>,
    /// 1 where a row has that number and 0 where it is null; nothing where every row has it.
    present: Vec<Option<ValueId>>,
    /// What the row becomes, in order.
    pieces: Vec<Piece>,
}

impl Encoder<'_, '_, '_, '_> {
    /// Adds the numbers of a column; nothing while a size is not known.
    fn column(&mut self, column: &RowColumn) -> Option<()> {
        let x = self.layer.reshape(column.value, Shape::batched([Dim::Known(1)]));
        let null = column.optional.then(|| self.is_null(x, column.encoding.null()));
        match &column.encoding {
            Encoding::Label(labels) => return self.label(x, column, labels.len()),
            Encoding::Whole | Encoding::Number => {
                let number = self.float(x);
                let present = null.map(|null| self.present(null));
                let number = self.or_zero(number, null);
                if self.numbers_are != "log" {
                    self.standard(number, present);
                }
                if self.numbers_are != "plain" {
                    let log = self.signed_log(number);
                    self.standard(log, present);
                }
                self.indicator(null);
            }
            Encoding::Truth => {
                let number = self.float(x);
                let number = self.or_zero(number, null);
                self.pieces.push(Piece::Numbers(number));
                self.indicator(null);
            }
            Encoding::Day => {
                let day = self.or_zero(x, null);
                self.moments(day, Vec::new(), null);
            }
            Encoding::Moment => {
                let second = self.or_zero(x, null);
                let day = self.with(Binary::FloorDivide, second, DAY as f64);
                let of_day = self.with(Binary::Remainder, second, DAY as f64);
                let clock = self.circle(of_day, DAY as f64);
                self.moments(day, vec![clock], null);
            }
            Encoding::Clock => {
                let second = self.or_zero(x, null);
                let clock = self.circle(second, DAY as f64);
                self.circles(&[clock], null);
                self.indicator(null);
            }
        }
        Some(())
    }

    /// `sign(x) * log(1 + |x|)`
    fn signed_log(&mut self, x: ValueId) -> ValueId {
        let span = self.layer.span;
        let builder = &mut self.layer.cx.builder;
        let (sign, size) = (builder.unary(Unary::Sign, x, span), builder.unary(Unary::Abs, x, span));
        let log = builder.unary(Unary::Log1p, size, span);
        self.binary(Binary::Multiply, sign, log)
    }

    /// An enum: one-hot where it has few labels, a learnt vector otherwise. A null is one more label.
    fn label(&mut self, x: ValueId, column: &RowColumn, labels: usize) -> Option<()> {
        let count = labels + usize::from(column.optional);
        let index = match column.optional {
            false => x,
            true => {
                let zero = self.whole(0.0);
                let null = self.binary(Binary::Less, x, zero);
                let last = self.whole(labels as f64);
                self.layer.node(Op::Where, vec![null, last, x])
            }
        };
        let index = self.layer.reshape(index, Shape::batched([]));
        let Some(width) = self.embedding else {
            self.layer.cx.incomplete = true;
            return None;
        };
        let numbers = match labels <= width {
            true => {
                let one_hot = self.layer.node(Op::OneHot { depth: count }, vec![index]);
                self.layer.cx.to_float(one_hot, self.layer.span)
            }
            false => {
                let dims = [Dim::Known(count), Dim::Known(width)];
                let weight = Weight::new("embeddings/labels", format!("{}.weight", column.name), dims);
                let weight = self.layer.started(weight, "embeddings");
                let table = self.layer.weight(weight)?;
                self.layer.node(Op::Gather { axis: 0 }, vec![table, index])
            }
        };
        self.pieces.push(Piece::Numbers(numbers));
        Some(())
    }

    /// A day, and perhaps a place in it: the day standardised, and their places on circles.
    fn moments(&mut self, day: ValueId, clock: Vec<ValueId>, null: Option<ValueId>) {
        let number = self.float(day);
        let present = null.map(|null| self.present(null));
        self.standard(number, present);
        let mut angles = self.calendar(day).to_vec();
        angles.extend(clock);
        self.circles(&angles, null);
        self.indicator(null);
    }

    /// The angles of a day in the year, the month and the week.
    ///
    /// By Hinnant's `civil_from_days`: years begin in March, so that the day a leap year adds is the last of one.
    fn calendar(&mut self, day: ValueId) -> [ValueId; 3] {
        let shifted = self.with(Binary::Add, day, 719_468.0);
        let of_era = self.with(Binary::Remainder, shifted, ERA);
        let [fours, centuries, eras] =
            [1460.0, 36_524.0, 146_096.0].map(|days| self.with(Binary::FloorDivide, of_era, days));
        let days = self.binary(Binary::Subtract, of_era, fours);
        let days = self.binary(Binary::Add, days, centuries);
        let days = self.binary(Binary::Subtract, days, eras);
        let year = self.with(Binary::FloorDivide, days, 365.0);
        let [ordinary, leaps, missed] =
            [(Binary::Multiply, 365.0), (Binary::FloorDivide, 4.0), (Binary::FloorDivide, 100.0)]
                .map(|(op, number)| self.with(op, year, number));
        let begun = self.binary(Binary::Add, ordinary, leaps);
        let begun = self.binary(Binary::Subtract, begun, missed);
        let of_year = self.binary(Binary::Subtract, of_era, begun);

        let fives = self.with(Binary::Multiply, of_year, 5.0);
        let fives = self.with(Binary::Add, fives, 2.0);
        let month = self.with(Binary::FloorDivide, fives, 153.0);
        let months = self.with(Binary::Multiply, month, 153.0);
        let months = self.with(Binary::Add, months, 2.0);
        let begun = self.with(Binary::FloorDivide, months, 5.0);
        let of_month = self.binary(Binary::Subtract, of_year, begun);

        // 1970-01-01 was a Thursday, and a week begins on Monday.
        let from_monday = self.with(Binary::Add, day, 3.0);
        let of_week = self.with(Binary::Remainder, from_monday, 7.0);
        [self.circle(of_year, 366.0), self.circle(of_month, 31.0), self.circle(of_week, 7.0)]
    }

    /// The angle of a place on a circle of so many.
    fn circle(&mut self, place: ValueId, around: f64) -> ValueId {
        let place = self.float(place);
        let factor = self.layer.cx.builder.constant(TAU / around, self.layer.span);
        self.binary(Binary::Multiply, place, factor)
    }

    /// The sines of some angles, then their cosines; 0 where the value is null.
    fn circles(&mut self, angles: &[ValueId], null: Option<ValueId>) {
        let all = self.joined(angles.to_vec());
        let span = self.layer.span;
        let sines = self.layer.cx.builder.unary(Unary::Sin, all, span);
        let cosines = self.layer.cx.builder.unary(Unary::Cos, all, span);
        let both = self.joined(vec![sines, cosines]);
        let both = match null {
            None => both,
            Some(null) => {
                let present = self.present(null);
                self.binary(Binary::Multiply, both, present)
            }
        };
        self.pieces.push(Piece::Numbers(both));
    }

    /// A number that is standardised, and stands for its mean where it is null.
    fn standard(&mut self, number: ValueId, present: Option<ValueId>) {
        let place = self.numbers.len();
        self.numbers.push(number);
        self.present.push(present);
        self.pieces.push(match present {
            None => Piece::Standard(place),
            Some(present) => Piece::StandardWhere(place, present),
        });
    }

    /// 1 where a column is null, 0 elsewhere; nothing for one that never is.
    fn indicator(&mut self, null: Option<ValueId>) {
        if let Some(null) = null {
            let number = self.float(null);
            self.pieces.push(Piece::Numbers(number));
        }
    }

    /// Whether each value is null.
    fn is_null(&mut self, x: ValueId, null: Null) -> ValueId {
        match null {
            // Nothing but NaN differs from itself.
            Null::NotANumber => self.binary(Binary::NotEqual, x, x),
            Null::Whole(number) => {
                let null = self.whole(number as f64);
                self.binary(Binary::Equal, x, null)
            }
        }
    }

    /// 1 where a value is there, 0 where it is null.
    fn present(&mut self, null: ValueId) -> ValueId {
        let not = self.layer.cx.builder.unary(Unary::Not, null, self.layer.span);
        self.float(not)
    }

    /// The value, 0 where it is null.
    fn or_zero(&mut self, x: ValueId, null: Option<ValueId>) -> ValueId {
        let Some(null) = null else { return x };
        let element = self.layer.cx.builder.value(x).element;
        let zero = self.layer.cx.builder.scalar(element, 0.0, self.layer.span);
        self.layer.node(Op::Where, vec![null, zero, x])
    }

    fn float(&mut self, x: ValueId) -> ValueId {
        self.layer.cx.to_float(x, self.layer.span)
    }

    fn whole(&mut self, number: f64) -> ValueId {
        self.layer.cx.builder.scalar(ElementType::I64, number, self.layer.span)
    }

    fn binary(&mut self, op: Binary, a: ValueId, b: ValueId) -> ValueId {
        self.layer.cx.builder.binary(op, a, b, self.layer.span)
    }

    /// Whole numbers with one that is written.
    fn with(&mut self, op: Binary, x: ValueId, number: f64) -> ValueId {
        let number = self.whole(number);
        self.binary(op, x, number)
    }

    /// Values beside each other.
    fn joined(&mut self, mut values: Vec<ValueId>) -> ValueId {
        match (values.pop(), values.is_empty()) {
            (Some(only), true) => only,
            (last, _) => {
                values.extend(last);
                self.layer.node(Op::Concat { axis: 1 }, values)
            }
        }
    }

    /// All that is standardised, `[N, k]`, with its statistics.
    fn standardized(&mut self) -> Option<ValueId> {
        let count = Dim::Known(self.numbers.len());
        let numbers = self.joined(self.numbers.clone());
        let fresh = self.layer.cx.builder.graph().parameters.len();
        let mean = self.layer.weight(Weight::new("mean", "mean", [count.clone()]).statistic())?;
        let variance = self.layer.weight(Weight::new("variance", "variance", [count]).ones().statistic())?;
        // A shared layer is fitted where it is applied first.
        if self.layer.cx.builder.graph().parameters.len() > fresh {
            let present = self.present.clone();
            self.layer.cx.builder.standardize(Standardized { numbers, present, mean, variance });
        }
        let span = self.layer.span;
        let builder = &mut self.layer.cx.builder;
        let root = builder.unary(Unary::Sqrt, variance, span);
        let least = builder.constant(LEAST_DEVIATION, span);
        let deviation = builder.binary(Binary::Maximum, root, least, span);
        let centred = builder.binary(Binary::Subtract, numbers, mean, span);
        Some(builder.binary(Binary::Divide, centred, deviation, span))
    }

    /// All pieces beside each other.
    fn finish(mut self) -> Option<ValueId> {
        let standard = match self.numbers.is_empty() {
            true => None,
            false => Some(self.standardized()?),
        };
        let mut values = Vec::new();
        let mut pieces = std::mem::take(&mut self.pieces).into_iter().peekable();
        while let Some(piece) = pieces.next() {
            let (first, present) = match piece {
                Piece::Numbers(numbers) => {
                    values.push(numbers);
                    continue;
                }
                Piece::Standard(place) => (place, None),
                Piece::StandardWhere(place, present) => (place, Some(present)),
            };
            let mut last = first;
            // Those that stand beside each other stay so.
            while present.is_none() && matches!(pieces.peek(), Some(Piece::Standard(_))) {
                pieces.next();
                last += 1;
            }
            let Some(standard) = standard else { continue };
            let part = self.part(standard, first, last + 1);
            values.push(match present {
                None => part,
                Some(present) => self.binary(Binary::Multiply, part, present),
            });
        }
        Some(self.joined(values))
    }

    /// Some of what is standardised.
    fn part(&mut self, standard: ValueId, start: usize, end: usize) -> ValueId {
        if end - start == self.numbers.len() {
            return standard;
        }
        let slice = Op::Slice { axis: 1, start: Dim::Known(start), end: Dim::Known(end), step: 1 };
        self.layer.node(slice, vec![standard])
    }
}
