//! Starts the language server of ndsl, and gives it the user's settings.

use zed_extension_api::serde_json::{Value, json};
use zed_extension_api::settings::LspSettings;
use zed_extension_api::{Command, Extension, LanguageServerId, Result, Worktree, register_extension};

struct Ndsl;

impl Extension for Ndsl {
    fn new() -> Self {
        Self
    }

    /// The program of the settings (`lsp.ndsl.binary`), or the one on PATH.
    fn language_server_command(&mut self, _: &LanguageServerId, worktree: &Worktree) -> Result<Command> {
        let binary = LspSettings::for_worktree("ndsl", worktree)?.binary;
        let (path, arguments) = binary.map_or((None, None), |binary| (binary.path, binary.arguments));
        let command = path.or_else(|| worktree.which("ndsl")).ok_or("`ndsl` is not on PATH")?;
        let args = arguments.unwrap_or_else(|| vec!["lsp".to_owned()]);
        Ok(Command { command, args, env: worktree.shell_env() })
    }

    fn language_server_workspace_configuration(
        &mut self,
        _: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<Value>> {
        let settings = LspSettings::for_worktree("ndsl", worktree)?.settings;
        Ok(Some(json!({ "ndsl": settings.unwrap_or_else(|| json!({})) })))
    }
}

register_extension!(Ndsl);
