//! What a conditional model is given beside the value that is drawn, such as the label of the digit that is wanted.

use std::collections::BTreeMap;

use ndsl_compiler::ir::{ElementType, Encoding, Graph, ValueId};
use ndsl_compiler::plan::DataSource;
use ndsl_compiler::suggest::either;

use crate::engine::labels::label_inputs;
use crate::operations::Error;
use crate::operations::trained::Trained;
use crate::tensor::{Tensor, TensorData};

/// One field of the data: a value for each row in turn.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Condition {
    values: TensorData,
}

/// The fields of these names.
///
/// # Errors
/// Where the model reads no such field.
pub(super) fn fields_called<'n>(graph: &Graph, names: impl Iterator<Item = &'n String>) -> Result<Vec<ValueId>, Error> {
    let field = |name: &String| {
        let found = graph.inputs.iter().copied().find(|input| *graph.value(*input).name == **name);
        found.ok_or_else(|| {
            let known = either(graph.inputs.iter().map(|input| &*graph.value(*input).name)).replace(" or ", " and ");
            Error::Request(format!("the model reads no field `{name}`; it reads {known}"))
        })
    };
    names.map(field).collect()
}

impl Condition {
    /// What is given for the inputs of a graph but `from`, in their order.
    ///
    /// # Errors
    /// Where a field has several numbers a row, a value is none of it, or nothing depends on it.
    pub(super) fn all(
        graph: &Graph,
        from: ValueId,
        given: &BTreeMap<String, String>,
        trained: &Trained,
    ) -> Result<Vec<Self>, Error> {
        let inputs: Vec<ValueId> = graph.inputs.iter().copied().filter(|input| *input != from).collect();
        let is_read = |name: &str| inputs.iter().any(|input| graph.value(*input).name == name);
        if let Some(name) = given.keys().find(|name| !is_read(name)) {
            let from = &graph.value(from).name;
            return Err(Error::Request(format!(
                "nothing that comes of `{from}` depends on `{name}`, so it need not be given"
            )));
        }
        let mut conditions = Vec::new();
        for input in &inputs {
            let (value, name) = (graph.value(*input), graph.value(*input).name.to_string());
            let text = given.get(&name).map(String::as_str).unwrap_or_default();
            if value.shape.row().rank() > 0 {
                let row = value.shape.row();
                return Err(Error::Request(format!("`{name}` is {row} a row, and one number can be given")));
            }
            let labels = labels(trained, &name);
            let numbers = text.split(',').map(|text| number(&name, text.trim(), value.element, labels.as_deref()));
            let numbers: Vec<f64> = numbers.collect::<Result<_, Error>>()?;
            let place = graph.inputs.iter().position(|other| other == input);
            for classes in label_inputs(graph).into_iter().filter(|classes| Some(classes.input) == place) {
                let count = classes.classes as f64;
                if let Some(wrong) = numbers.iter().find(|label| !(0.0..count).contains(*label)) {
                    return Err(Error::Request(format!(
                        "`{name}` is one of {count} labels from 0, and {wrong} is none"
                    )));
                }
            }
            conditions.push(Self {
                values: match value.element {
                    ElementType::F32 => TensorData::F32(numbers.iter().map(|number| *number as f32).collect()),
                    ElementType::I64 => TensorData::I64(numbers.iter().map(|number| *number as i64).collect()),
                    ElementType::U8 => TensorData::U8(numbers.iter().map(|number| *number as u8).collect()),
                    ElementType::Bool => TensorData::Bool(numbers.iter().map(|number| *number != 0.0).collect()),
                },
            });
        }
        Ok(conditions)
    }

    /// The rows from one up to another: its values in turn.
    pub(super) fn batch(&self, from: usize, to: usize) -> Tensor {
        fn rows<T: Copy>(values: &[T], from: usize, to: usize) -> Vec<T> {
            values.iter().copied().cycle().skip(from % values.len().max(1)).take(to - from).collect()
        }
        let data = match &self.values {
            TensorData::F32(values) => TensorData::F32(rows(values, from, to)),
            TensorData::I64(values) => TensorData::I64(rows(values, from, to)),
            TensorData::U8(values) => TensorData::U8(rows(values, from, to)),
            TensorData::Bool(values) => TensorData::Bool(rows(values, from, to)),
        };
        Tensor { shape: vec![to - from], data }
    }
}

/// What the numbers of a field stand for, where they are labels.
fn labels(trained: &Trained, name: &str) -> Option<Vec<String>> {
    let metadata = &trained.model.metadata;
    if name == metadata.dataset.target && metadata.classes.is_some() {
        return metadata.classes.clone();
    }
    let DataSource::Table { columns, .. } = trained.source() else { return None };
    match &columns.iter().find(|column| column.name == name)?.encoding {
        Encoding::Label(labels) => Some(labels.to_vec()),
        _ => None,
    }
}

/// A value of a field, as a number.
fn number(name: &str, text: &str, element: ElementType, labels: Option<&[String]>) -> Result<f64, Error> {
    if let Some(labels) = labels {
        let place = labels.iter().position(|label| label == text);
        return place.map(|place| place as f64).ok_or_else(|| {
            let known = either(labels.iter().map(String::as_str));
            Error::Request(format!("`{name}` is {known}, and not `{text}`"))
        });
    }
    let whole = |least: f64, most: f64| {
        let number = text.parse::<i64>().ok().map(|number| number as f64);
        number.filter(|number| (least..=most).contains(number))
    };
    let (found, expected) = match element {
        ElementType::F32 => (text.parse::<f32>().ok().filter(|it| it.is_finite()).map(f64::from), "a number"),
        ElementType::I64 => (whole(-(2f64.powi(53)), 2f64.powi(53)), "a whole number"),
        ElementType::U8 => (whole(0.0, 255.0), "a whole number from 0 to 255"),
        ElementType::Bool => (text.parse::<bool>().ok().map(|truth| f64::from(u8::from(truth))), "`true` or `false`"),
    };
    found.ok_or_else(|| Error::Request(format!("`{name}` is {expected}, and not `{text}`")))
}
