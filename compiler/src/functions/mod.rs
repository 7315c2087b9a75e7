//! The functions of tensors beside the activations: one definition each, in a file of its family.
//!
//! A function is a [`FunctionDef`]: the signature the checker, hover, completion and docs read, and what it makes of its
//! arguments. Its first parameter takes what is piped in. To add one: a definition here and a line in [`FUNCTIONS`].

mod arithmetic;
mod drawing;
pub(crate) mod einsum;
mod elements;
mod indexing;
mod joining;
mod products;
mod reduction;
mod shapes;

use ndsl_grammar::Span;

use crate::by_name::ByName;
use crate::check::{Arguments, Context, Failure, Value};
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::{Binary, Dim, ElementType, Op, Shape, ValueId};
use crate::signature::{Default, Kind, Parameter, Signature};

/// A function of tensors.
pub struct FunctionDef {
    /// Its name, parameters and docs.
    pub signature: Signature,
    /// What it makes of its arguments; nothing where a fault was reported or something is unknown.
    pub build: fn(&mut Call<'_, '_, '_>) -> Option<Value>,
}

/// A function being called.
pub struct Call<'c, 'n, 'e> {
    /// Where it happens.
    pub cx: &'c mut Context<'n>,
    /// What the call gives.
    pub arguments: &'c Arguments<'e>,
    /// The call.
    pub span: Span,
    /// What it is.
    pub def: &'static FunctionDef,
}

/// Every function, in the order the docs list them.
pub const FUNCTIONS: &[&FunctionDef] = &[
    &shapes::RESHAPE,
    &shapes::FLATTEN,
    &shapes::TRANSPOSE,
    &shapes::PERMUTE,
    &shapes::EXPAND_DIMS,
    &shapes::SQUEEZE,
    &joining::CONCAT,
    &joining::STACK,
    &joining::SPLIT,
    &joining::TILE,
    &joining::REPEAT_ELEMENTS,
    &joining::PAD,
    &joining::FLIP,
    &indexing::GATHER,
    &indexing::ONE_HOT,
    &indexing::POSITIONS,
    &indexing::RANGE,
    &reduction::SUM,
    &reduction::MEAN,
    &reduction::MAX,
    &reduction::MIN,
    &reduction::PROD,
    &reduction::VAR,
    &reduction::STD,
    &reduction::NORM,
    &reduction::LOGSUMEXP,
    &reduction::ANY,
    &reduction::ALL,
    &reduction::ARGMAX,
    &reduction::ARGMIN,
    &reduction::CUMSUM,
    &reduction::L2_NORMALIZE,
    &arithmetic::ADD,
    &arithmetic::SUBTRACT,
    &arithmetic::MULTIPLY,
    &arithmetic::AVERAGE,
    &arithmetic::MAXIMUM,
    &arithmetic::MINIMUM,
    &arithmetic::POW,
    &arithmetic::CLIP,
    &arithmetic::WHERE,
    &products::MATMUL,
    &products::DOT,
    &einsum::EINSUM,
    &elements::CAST,
    &elements::GLU,
    &elements::ABS,
    &elements::SIGN,
    &elements::EXP,
    &elements::EXPM1,
    &elements::LOG,
    &elements::LOG1P,
    &elements::SQRT,
    &elements::RSQRT,
    &elements::RECIPROCAL,
    &elements::SQUARE,
    &elements::SIN,
    &elements::COS,
    &elements::ERF,
    &elements::FLOOR,
    &elements::CEIL,
    &elements::ROUND,
    &elements::LOGICAL_NOT,
    &drawing::RANDOM_NORMAL,
    &drawing::RANDOM_UNIFORM,
    &drawing::ZEROS_LIKE,
    &drawing::ONES_LIKE,
    &drawing::STOP_GRADIENT,
];

/// The function called `name`.
pub fn find(name: &str) -> Option<&'static FunctionDef> {
    static BY_NAME: ByName<FunctionDef> =
        ByName::new(|| FUNCTIONS.iter().map(|function| (function.signature.name, *function)).collect());
    BY_NAME.find(name)
}

/// What other libraries call a function.
pub fn find_alias(name: &str) -> Option<&'static str> {
    Some(match name {
        "cat" | "concatenate" => "concat",
        "unsqueeze" => "expand_dims",
        "view" => "reshape",
        "clamp" => "clip",
        "power" => "pow",
        "product" => "prod",
        "variance" => "var",
        "take" | "take_along_axis" | "index_select" => "gather",
        "arange" => "range",
        "onehot" => "one_hot",
        "randn_like" | "normal" => "random_normal",
        "rand_like" | "uniform" => "random_uniform",
        "detach" => "stop_gradient",
        "reverse" => "flip",
        "normalize" => "l2_normalize",
        "reduce_mean" => "mean",
        "reduce_sum" => "sum",
        "reduce_max" | "amax" => "max",
        "reduce_min" | "amin" => "min",
        "swapaxes" => "permute",
        "mul" => "multiply",
        "sub" => "subtract",
        "bmm" | "mm" => "matmul",
        "negative" | "neg" => "-x",
        _ => return None,
    })
}

/// The function that does with several values what `name` does along the axes of one.
pub fn of_several(name: &str) -> Option<&'static str> {
    Some(match name {
        "sum" => "add",
        "prod" => "multiply",
        "mean" => "average",
        "max" => "maximum",
        "min" => "minimum",
        _ => return None,
    })
}

const X: Parameter = Parameter::new("x", Kind::Tensor, Default::Required, "What it works on.");

/// What a function of each element works on: a number that is known when compiling is answered by a number.
const OF_EACH: Parameter = Parameter::new("x", Kind::Operand, Default::Required, "What it works on.");

const AXIS: Parameter = axis(Default::Int(-1), "The axis.");

const KEEPDIMS: Parameter =
    Parameter::new("keepdims", Kind::Bool, Default::Bool(false), "Whether the axes stay, each with size 1.")
        .also(&["keepdim"]);

const fn axis(default: Default, summary: &'static str) -> Parameter {
    Parameter::new("axis", Kind::Axis, default, summary).also(&["dim"])
}

impl Call<'_, '_, '_> {
    /// The function's name.
    fn name(&self) -> &'static str {
        self.def.signature.name
    }

    /// The tensor of an argument.
    fn tensor(&self, name: &str) -> Option<ValueId> {
        self.arguments.tensor(name)
    }

    /// The number of an argument that is one, known when compiling.
    fn known(&self, name: &str) -> Option<Value> {
        self.arguments.value(name).filter(|value| value.number().is_some()).cloned()
    }

    /// The answer to a call on numbers; where there is none, that is reported.
    fn computed(&mut self, answer: Result<Value, Failure>) -> Option<Value> {
        Some(self.cx.computed(answer, self.span, [self.span; 2]))
    }

    /// The tensor of an argument, which must be `f32`.
    fn float(&mut self, name: &str) -> Option<ValueId> {
        self.cx.float_tensor(self.arguments, name, self.name(), self.span)
    }

    /// The tensor of an argument, which must be of numbers.
    fn number(&mut self, name: &str) -> Option<ValueId> {
        let x = self.tensor(name)?;
        if self.cx.builder.value(x).element != ElementType::Bool {
            return Some(x);
        }
        let kind = self.cx.type_of(x);
        let fault = Diagnostic::new(
            Code::ElementType,
            self.arguments.span(name, self.span),
            format!("`{}` works on numbers, this is {kind}", self.name()),
        )
        .label(kind)
        .help("`cast(x, f32)` makes numbers of truth values: 1 where true, 0 elsewhere");
        self.cx.report_with_origin(fault, x);
        None
    }

    /// The tensor of an argument, which must be of truth values.
    fn truth(&mut self, name: &str) -> Option<ValueId> {
        let x = self.tensor(name)?;
        if self.cx.builder.value(x).element == ElementType::Bool {
            return Some(x);
        }
        let kind = self.cx.type_of(x);
        let fault = Diagnostic::new(
            Code::ElementType,
            self.arguments.span(name, self.span),
            format!("`{}` works on truth values, this is {kind}", self.name()),
        )
        .label(kind)
        .help("a comparison makes truth values: `x > 0`; so does `cast(x, bool)`");
        self.cx.report_with_origin(fault, x);
        None
    }

    /// The axis of the call, counted from the front.
    fn axis(&mut self, x: ValueId) -> Option<usize> {
        self.cx.axis(self.arguments, "axis", x, self.span)
    }

    /// Where a new axis of `x` stands, counted from the front.
    fn new_axis(&mut self, x: ValueId) -> Option<usize> {
        let span = self.arguments.span("axis", self.span);
        let row = self.cx.row(x);
        let given = match self.arguments.value("axis") {
            None => -1,
            Some(Value::Int(axis)) => *axis,
            Some(_) => {
                let fault = Diagnostic::new(Code::WrongType, span, "a new axis has no name yet")
                    .label("expected a negative number")
                    .help("-1 makes it the last one");
                self.cx.report(fault);
                return None;
            }
        };
        let at = usize::try_from(given.unsigned_abs()).ok().filter(|_| given < 0);
        let at = at.and_then(|back| (row.rank() + 1).checked_sub(back));
        if at.is_none() {
            let message = format!("a new axis of {row} can be -{} to -1", row.rank() + 1);
            let mut fault = Diagnostic::new(Code::Rank, span, message).label("no place for an axis");
            if given >= 0 {
                fault = fault.help("axes are counted from the last, the batch left out: -1 is a new last one");
            }
            self.cx.report_with_origin(fault, x);
        }
        at.map(|at| at + self.cx.lead(x))
    }

    /// The dimensions of a value, batch first.
    fn shape(&self, x: ValueId) -> Shape {
        self.cx.builder.shape(x).clone()
    }

    /// Adds an operation.
    fn node(&mut self, op: Op, inputs: Vec<ValueId>) -> ValueId {
        self.cx.builder.node(op, inputs, self.span)
    }

    /// `a` and `b` element by element, broadcasting as operators do; what does not go together is reported.
    fn binary(&mut self, op: Binary, a: ValueId, b: ValueId) -> Option<ValueId> {
        let (types, rows) = ([a, b].map(|id| self.cx.builder.value(id).element), [a, b].map(|id| self.cx.type_of(id)));
        if types[0] != types[1] {
            let message = format!("`{}` works on tensors of one type, not on {} and {}", self.name(), rows[0], rows[1]);
            let fault = Diagnostic::new(Code::ElementType, self.span, message)
                .label("two types")
                .help(format!("`cast(x, {})` converts", types[0]));
            self.cx.report_with_origin(fault, b);
            return None;
        }
        self.cx.combine(op, a, b, self.span, self.span)
    }

    /// The tensors of the first argument; fewer than `least` are reported.
    fn several(&mut self, least: usize) -> Option<Vec<ValueId>> {
        let first = self.def.signature.parameters.first()?.name;
        let tensors = self.arguments.tensors(first)?;
        if tensors.len() < least {
            let message = format!("`{}` works on {least} tensors or more, not on {}", self.name(), tensors.len());
            let fault = Diagnostic::new(Code::MissingArgument, self.span, message)
                .label(format!("{} given", tensors.len()))
                .help(format!("they stand one after the other, `{}(a, b)`, or in a list", self.name()));
            self.cx.report(fault);
            return None;
        }
        Some(tensors)
    }

    /// A shape of as many rows as `x` has, if it has rows.
    fn like(&self, x: ValueId, dims: impl IntoIterator<Item = Dim>) -> Shape {
        let batch = self.cx.builder.shape(x).0.iter().take(self.cx.lead(x)).cloned();
        Shape(batch.chain(dims).collect())
    }

    /// `dim` where `at` is, the others as they are.
    fn with_dim(shape: &Shape, at: usize, dim: Dim) -> Shape {
        let mut dims = shape.0.clone();
        dims[at] = dim;
        Shape(dims)
    }
}

fn tensor(id: ValueId) -> Option<Value> {
    Some(Value::Tensor(id))
}
