//! `ndsl completions`: completion scripts for shells.

use clap::CommandFactory;
use clap_complete::Shell;

use super::Failure;

/// Write a completion script for a shell to stdout
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  ndsl completions bash > ~/.local/share/bash-completion/completions/ndsl\n  ndsl completions zsh > ~/.zfunc/_ndsl"
)]
pub struct Arguments {
    /// Which shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Arguments {
    pub fn run(self) -> Result<(), Failure> {
        clap_complete::generate(self.shell, &mut crate::Arguments::command(), "ndsl", &mut std::io::stdout());
        Ok(())
    }
}
