//! The numbers of a text's tokens, as a dataset has them: `tokens TOKENIZER_JSON TEXT…` prints a list for each text.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "what an example prints is what it is for")]

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use ndsl_compiler::plan::{DataSource, DatasetPlan, Files, Format, Located, TextShape, Tokens};
use ndsl_runtime::data;
use ndsl_runtime::tensor::TensorData;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let tokenizer = arguments.next().ok_or("which tokenizer.json?")?;
    let located = |text: String| Located { text, span: Default::default() };
    for text in arguments {
        let tokens = Tokens::Tokenizer { path: located(tokenizer.clone()) };
        // A row is one token and the one behind it.
        let shape = TextShape { context: 1, stride: 1, tokens };
        let source = DataSource::Text { files: Files::of(located(text), Format::Text), shape };
        let plan = DatasetPlan { name: "text".into(), span: Default::default(), folder: String::new(), source };
        let data = data::open(&plan, Path::new(""))?;
        let rows: Vec<usize> = (0..data.rows).collect();
        let numbers = |name: &str| -> Result<Vec<i64>, Box<dyn Error>> {
            match data.batch(data.field(name).ok_or("no such field")?, &rows)?.data {
                TensorData::I64(numbers) => Ok(numbers),
                _ => Err("tokens are whole numbers".into()),
            }
        };
        let mut all = numbers("tokens")?;
        all.extend(numbers("next")?.last());
        println!("{all:?}");
    }
    Ok(())
}
