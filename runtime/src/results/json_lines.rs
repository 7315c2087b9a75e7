//! JSON lines: an object a row.

use std::io::{self, Write};

use super::{Cells, Column, Kind, Paper, Sheet, shown};
use crate::tensor::TensorData;

/// A file of JSON lines.
pub(super) struct JsonLines {
    columns: Vec<Column>,
    /// The columns' names as JSON.
    names: Vec<String>,
    paper: io::BufWriter<Paper>,
}

impl JsonLines {
    pub(super) fn begin(columns: Vec<Column>, paper: Paper) -> Self {
        let names = columns.iter().map(|column| json(&column.name)).collect();
        Self { columns, names, paper: io::BufWriter::new(paper) }
    }
}

impl Sheet for JsonLines {
    fn add(&mut self, rows: usize, cells: &[Cells]) -> io::Result<()> {
        let mut line = String::new();
        for row in 0..rows {
            line.clear();
            for ((column, name), cells) in self.columns.iter().zip(&self.names).zip(cells) {
                line.push(if line.is_empty() { '{' } else { ',' });
                line.push_str(name);
                line.push(':');
                match (cells, &column.kind) {
                    (Cells::Numbers(data), Kind::Numbers(_, shape)) => {
                        list(data, row * column.width(), shape, &mut line);
                    }
                    (Cells::Text(texts), _) => line.push_str(&json(&texts[row])),
                    (Cells::Numbers(data), Kind::Text) => line.push_str(&number(data, row)),
                }
            }
            line.push_str("}\n");
            self.paper.write_all(line.as_bytes())?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<Paper> {
        self.paper.into_inner().map_err(io::IntoInnerError::into_error)
    }
}

/// Numbers from `at` on, as lists in lists of that shape.
fn list(data: &TensorData, at: usize, shape: &[usize], line: &mut String) {
    let Some((count, inner)) = shape.split_first() else { return line.push_str(&number(data, at)) };
    let width: usize = inner.iter().product();
    line.push('[');
    for place in 0..*count {
        if place > 0 {
            line.push(',');
        }
        list(data, at + place * width, inner, line);
    }
    line.push(']');
}

/// JSON has no number that is not finite.
fn number(data: &TensorData, at: usize) -> String {
    match data {
        TensorData::F32(numbers) if !numbers[at].is_finite() => "null".to_owned(),
        data => shown(data, at),
    }
}

fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
