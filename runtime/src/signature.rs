//! What goes into a model and what comes out, as metadata and answers say it.

use ndsl_compiler::ir::{Dim, ElementType, Encoding, Graph, Output, ValueId};
use serde::{Deserialize, Serialize};

/// The inputs and outputs of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// What goes in, in order.
    pub inputs: Vec<TensorSignature>,
    /// What comes out, in order.
    pub outputs: Vec<TensorSignature>,
}

/// One input or output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TensorSignature {
    /// Its name.
    pub name: String,
    /// Its kind of numbers.
    pub element: ElementType,
    /// Its dimensions, the batch first.
    pub shape: Vec<Size>,
    /// The column of a table that it is, or that it predicts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<ColumnSignature>,
}

/// A column of a table, as a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnSignature {
    /// Its name, the table's before it: `Shop.Customer.plan`.
    pub name: String,
    /// Its kind: `int`, `float`, `bool`, `enum`, `date`, `datetime` or `time`.
    pub kind: String,
    /// How a value is a number; of an output, how its numbers are read.
    pub meaning: String,
    /// For labels and truth values: what the numbers from 0 on stand for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<String>>,
    /// The number that stands for a missing value, where one may be missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub null: Option<String>,
}

impl ColumnSignature {
    fn new(path: &str, encoding: &Encoding, meaning: &str, null: Option<String>) -> Self {
        let (name, kind, meaning) = (path.to_owned(), encoding.name().to_owned(), meaning.to_owned());
        Self { name, kind, meaning, labels: encoding.labels(), null }
    }
}

/// How the numbers of an output that predicts a column are read.
fn decoding(encoding: &Encoding) -> &'static str {
    match encoding {
        Encoding::Truth => "a logit: its sigmoid is the probability of true",
        Encoding::Label(_) => "logits: their softmax is the probability of each label",
        _ => "the number",
    }
}

/// One dimension: a number, or a name for one that is known when running.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Size {
    /// A number.
    Number(usize),
    /// A name; `N` is the batch.
    Name(String),
}

impl Signature {
    /// The signature of a graph.
    pub fn of(graph: &Graph) -> Self {
        let tensor = |name: &str, id: ValueId| {
            let value = graph.value(id);
            let size = |dim: &Dim| match dim {
                Dim::Known(size) => Size::Number(*size),
                other => Size::Name(other.to_string()),
            };
            let shape = value.shape.dims().iter().map(size).collect();
            TensorSignature { name: name.to_owned(), element: value.element, shape, column: None }
        };
        let input = |id: &ValueId| {
            let column = graph.column(*id).map(|column| {
                let null = column.optional.then(|| column.encoding.null().to_string());
                ColumnSignature::new(&column.path, &column.encoding, column.encoding.meaning(), null)
            });
            TensorSignature { column, ..tensor(&graph.value(*id).name, *id) }
        };
        let output = |output: &Output| {
            let head = output.head.as_ref();
            let column =
                head.map(|head| ColumnSignature::new(&head.path, &head.encoding, decoding(&head.encoding), None));
            TensorSignature { column, ..tensor(&output.name, output.value) }
        };
        Self { inputs: graph.inputs.iter().map(input).collect(), outputs: graph.outputs.iter().map(output).collect() }
    }
}
