//! `--device`: what computes.

use ndsl::compiler::plan::{DeviceChoice, UnknownDevice};

/// What computes, of every command that runs a model.
#[derive(clap::Args)]
pub struct DeviceArgument {
    /// What computes: `cpu`, a GPU as `cuda`, `vulkan` or `wgpu`, one of several as `cuda:1`, or `auto`: a GPU where this build reaches one, and the processor elsewhere
    #[arg(long, value_name = "DEVICE", value_parser = device)]
    device: Option<DeviceChoice>,
}

fn device(text: &str) -> Result<DeviceChoice, UnknownDevice> {
    text.parse()
}

impl DeviceArgument {
    /// What was asked for.
    pub fn given(&self) -> Option<DeviceChoice> {
        self.device
    }

    /// What was asked for; the best there is where nothing was.
    pub fn choice(&self) -> DeviceChoice {
        self.device.unwrap_or_default()
    }
}
