//! `ndsl compile`: a model as an artifact.

use std::path::{Path, PathBuf};

use ndsl::runtime::operations::compile::{self, Backend, Program, Request};
use serde_json::json;

use super::{Failure, Format, report, summary};

/// Compile a model to an artifact: a trained one from its folder, or a program with its first weights
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  ndsl compile runs/digits --backend onnx\n  ndsl compile model.ndsl --backend onnx --model Cnn -o cnn.onnx"
)]
pub struct Arguments {
    /// A trained model's folder, or a program
    path: PathBuf,
    /// What to make
    #[arg(long, default_value = "onnx", value_parser = backend)]
    backend: Backend,
    /// The file to write; by default the model's name in the current folder
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// Which model of the program
    #[arg(long)]
    model: Option<String>,
    /// Insert `Flatten()` before the last `Dense` of an output of several axes
    #[arg(long)]
    auto_flatten_output: bool,
    /// The seed of the first weights of a program
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The version of ONNX's operator set: 20 or 23
    #[arg(long, default_value_t = 20)]
    opset: i64,
    /// How faults and the result are written
    #[arg(long, value_enum, default_value_t)]
    message_format: Format,
}

fn backend(name: &str) -> Result<Backend, String> {
    Backend::from_name(name).ok_or_else(|| {
        let known: Vec<&str> = Backend::ALL.iter().map(|backend| backend.name()).collect();
        format!("this version makes {}", known.join(", "))
    })
}

impl Arguments {
    pub fn run(self) -> Result<(), Failure> {
        let program = if self.path.is_dir() {
            Program::Folder { path: self.path.clone() }
        } else {
            let source = report::read_source(&self.path)?;
            Program::Text {
                name: source.name.clone(),
                text: source.text.to_string(),
                model: self.model.clone(),
                folder: Some(report::folder(&self.path).to_path_buf()),
            }
        };
        let request = Request {
            auto_flatten_output: self.auto_flatten_output,
            seed: self.seed,
            opset: self.opset,
            ..Request::new(program, self.backend)
        };
        let response = compile::run(&request).map_err(|error| Failure::operation(error, self.message_format))?;
        report::diagnostics(&response.diagnostics, &response.given, self.message_format);
        let output = self.output.unwrap_or_else(|| PathBuf::from(&response.file_name));
        write(&output, &response.bytes)?;
        if self.message_format == Format::Json {
            let made = json!({
                "artifact": output,
                "model": response.model,
                "backend": response.backend.name(),
                "bytes": response.bytes.len(),
                "parameters": response.parameters,
                "trained": response.trained,
                "signature": response.signature,
                "rewrites": response.rewrites,
            });
            println!("{made}");
            return Ok(());
        }
        for sentence in &response.rewrites {
            eprintln!("note: {sentence}");
        }
        let weights = if response.trained { "trained weights" } else { "first weights, not trained" };
        eprintln!(
            "wrote {} ({}): {}, {} parameters, {weights}",
            output.display(),
            summary::bytes(response.bytes.len() as u64),
            response.model,
            summary::grouped(response.parameters as u64),
        );
        Ok(())
    }
}

/// Writes a file beside and renames it, so that it is there whole or not at all.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    ndsl::runtime::files::write_whole(path, bytes).map_err(|error| Failure::io("write", path, &error))
}
