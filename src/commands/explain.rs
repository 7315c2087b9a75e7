//! `ndsl explain`: the page of a diagnostic.

use ndsl::compiler::diagnostics::Code;

use super::Failure;

/// Explain a diagnostic, with an example that fails and one that works
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  ndsl explain E0301\n  ndsl explain --list")]
pub struct Arguments {
    /// Its code, such as E0301; without one, every code is listed
    code: Option<String>,
    /// List every code
    #[arg(long)]
    list: bool,
}

impl Arguments {
    pub fn run(self) -> Result<(), Failure> {
        let Some(wanted) = self.code.filter(|_| !self.list) else {
            for code in Code::ALL {
                println!("{}  {:7}  {}", code.as_str(), code.severity().word(), code.title());
            }
            return Ok(());
        };
        let code = Code::parse(wanted.trim()).ok_or_else(|| {
            Failure::Command(format!("there is no diagnostic `{wanted}`; `ndsl explain --list` shows them all"))
        })?;
        print!("{}", code.page());
        Ok(())
    }
}
