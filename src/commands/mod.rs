//! One file a verb: parse arguments, call an operation, print.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is what a command does")]

mod check;
mod compile;
mod completions;
mod dataset;
mod device;
mod evaluate;
mod explain;
mod failure;
mod fetch;
mod fixes;
mod fmt;
mod generate;
mod infer;
mod interrupt;
#[cfg(feature = "lsp")]
mod lsp;
mod new;
mod page;
mod predict;
mod preview;
mod profile;
mod programs;
mod progress;
mod report;
mod sample;
mod schema;
#[cfg(feature = "server")]
mod serve;
mod summary;
mod tables;
mod train;
mod tune;
mod validate;
mod viz;
#[cfg(feature = "server")]
mod worker;

pub use failure::Failure;
pub use report::Format;

/// What `ndsl` can do.
#[derive(clap::Subcommand)]
pub enum Command {
    New(new::Arguments),
    Check(check::Arguments),
    Fmt(fmt::Arguments),
    Generate(generate::Arguments),
    Preview(preview::Arguments),
    Validate(validate::Arguments),
    Profile(profile::Arguments),
    Dataset(dataset::Arguments),
    Infer(infer::Arguments),
    Train(train::Arguments),
    Tune(tune::Arguments),
    Evaluate(evaluate::Arguments),
    Predict(predict::Arguments),
    Sample(sample::Arguments),
    Report(page::Arguments),
    Compile(compile::Arguments),
    Explain(explain::Arguments),
    Viz(viz::Arguments),
    Schema(schema::Arguments),
    #[cfg(feature = "lsp")]
    Lsp(lsp::Arguments),
    #[cfg(feature = "server")]
    Serve(serve::Arguments),
    #[cfg(feature = "server")]
    #[command(hide = true)]
    Worker(worker::Arguments),
    Completions(completions::Arguments),
}

impl Command {
    /// Carries it out.
    pub fn run(self) -> Result<(), Failure> {
        match self {
            Self::New(arguments) => arguments.run(),
            Self::Check(arguments) => arguments.run(),
            Self::Fmt(arguments) => arguments.run(),
            Self::Generate(arguments) => arguments.run(),
            Self::Preview(arguments) => arguments.run(),
            Self::Validate(arguments) => arguments.run(),
            Self::Profile(arguments) => arguments.run(),
            Self::Dataset(arguments) => arguments.run(),
            Self::Infer(arguments) => arguments.run(),
            Self::Train(arguments) => arguments.run(),
            Self::Tune(arguments) => arguments.run(),
            Self::Evaluate(arguments) => arguments.run(),
            Self::Predict(arguments) => arguments.run(),
            Self::Sample(arguments) => arguments.run(),
            Self::Report(arguments) => arguments.run(),
            Self::Compile(arguments) => arguments.run(),
            Self::Explain(arguments) => arguments.run(),
            Self::Viz(arguments) => arguments.run(),
            Self::Schema(arguments) => arguments.run(),
            #[cfg(feature = "lsp")]
            Self::Lsp(arguments) => arguments.run(),
            #[cfg(feature = "server")]
            Self::Serve(arguments) => arguments.run(),
            #[cfg(feature = "server")]
            Self::Worker(arguments) => arguments.run(),
            Self::Completions(arguments) => arguments.run(),
        }
    }
}
