//! Ctrl-C: the first asks the operation to stop cleanly, the second ends the process.

use ndsl::runtime::train::Cancel;

use super::Failure;

/// A flag that Ctrl-C and SIGTERM raise.
pub fn cancel() -> Result<Cancel, Failure> {
    let cancel = Cancel::new();
    let raised = cancel.clone();
    ctrlc::set_handler(move || {
        if raised.is_cancelled() {
            // What is written is written beside and renamed, so ending here leaves nothing half-done.
            std::process::exit(130);
        }
        eprintln!("\nstopping at the next step; once more ends at once");
        raised.cancel();
    })
    .map_err(|error| Failure::Command(format!("cannot listen for Ctrl-C: {error}")))?;
    Ok(cancel)
}
