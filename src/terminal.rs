//! What the terminal can show.

use std::io::{self, IsTerminal};

use ndsl::compiler::diagnostics::render::Style;

/// How diagnostics are shown on stderr: in colour on a terminal, unless `NO_COLOR` is set.
pub fn style() -> Style {
    Style { colour: colours() && io::stderr().is_terminal() }
}

/// Whether colours are welcome at all: <https://no-color.org>.
pub fn colours() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Whether a person watches stderr, so that a progress bar makes sense.
pub fn watched() -> bool {
    io::stderr().is_terminal()
}

/// Makes `ndsl … | head` end like other commands when its reader has gone, instead of by a panic in `print!`.
pub fn end_quietly_on_closed_pipes() {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let payload = info.payload();
        let text = payload.downcast_ref::<String>().map(String::as_str).or(payload.downcast_ref::<&str>().copied());
        if text.is_some_and(|text| text.starts_with("failed printing to stdout")) {
            std::process::exit(0);
        }
        default(info);
    }));
}
