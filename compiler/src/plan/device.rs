//! What computes, and how it is written.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::suggest::{either, nearest};

/// What computes. Written `cpu`, `cuda:0`, `wgpu:1` or `vulkan:0`; without a number the first of its kind is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Device {
    /// The processor.
    #[default]
    Cpu,
    /// One of NVIDIA's GPUs, through CUDA.
    Cuda(u16),
    /// A GPU through whatever the system has: Vulkan, Metal or DirectX 12.
    Wgpu(u16),
    /// A GPU through Vulkan, with shaders of its own.
    Vulkan(u16),
}

impl Device {
    /// The kind of device: its name without a number.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cuda(_) => "cuda",
            Self::Wgpu(_) => "wgpu",
            Self::Vulkan(_) => "vulkan",
        }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(number) | Self::Wgpu(number) | Self::Vulkan(number) => write!(f, "{}:{number}", self.kind()),
        }
    }
}

/// What is asked to compute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum DeviceChoice {
    /// The first of `cuda`, `vulkan` and `wgpu` that is there and is no software, else the processor.
    #[default]
    Auto,
    /// This one and no other.
    One(Device),
}

impl DeviceChoice {
    /// What it may be, without numbers.
    pub const WORDS: &[&str] = &["auto", "cpu", "cuda", "wgpu", "vulkan"];

    /// The word that was probably meant: what others call a device, or what is written nearly so.
    pub fn meant(word: &str) -> Option<&'static str> {
        match word.to_ascii_lowercase().as_str() {
            "gpu" => Some("auto"),
            "nvidia" => Some("cuda"),
            "mps" | "metal" | "webgpu" | "directml" | "dx12" => Some("wgpu"),
            lower => nearest(lower, Self::WORDS.iter().copied()),
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::One(device) => device.fmt(f),
        }
    }
}

/// A text that names no device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownDevice {
    /// The text.
    pub text: String,
}

impl fmt::Display for UnknownDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = either(DeviceChoice::WORDS.iter().copied());
        write!(f, "a device is {words}, with a number for one of several GPUs such as `cuda:1`")?;
        match DeviceChoice::meant(self.text.split(':').next().unwrap_or_default()) {
            Some(meant) if meant != self.text => write!(f, "; did you mean `{meant}`?"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for UnknownDevice {}

impl FromStr for DeviceChoice {
    type Err = UnknownDevice;

    fn from_str(text: &str) -> Result<Self, UnknownDevice> {
        let unknown = || UnknownDevice { text: text.to_owned() };
        let (kind, number) = match text.split_once(':') {
            None => (text, None),
            // A sign would be a number to Rust.
            Some((kind, number)) if number.bytes().all(|digit| digit.is_ascii_digit()) => {
                (kind, Some(number.parse::<u16>().map_err(|_| unknown())?))
            }
            Some(_) => return Err(unknown()),
        };
        match (kind, number) {
            ("auto", None) => Ok(Self::Auto),
            ("cpu", None) => Ok(Self::One(Device::Cpu)),
            ("cuda", number) => Ok(Self::One(Device::Cuda(number.unwrap_or(0)))),
            ("wgpu", number) => Ok(Self::One(Device::Wgpu(number.unwrap_or(0)))),
            ("vulkan", number) => Ok(Self::One(Device::Vulkan(number.unwrap_or(0)))),
            _ => Err(unknown()),
        }
    }
}

impl FromStr for Device {
    type Err = UnknownDevice;

    fn from_str(text: &str) -> Result<Self, UnknownDevice> {
        match text.parse()? {
            DeviceChoice::One(device) => Ok(device),
            DeviceChoice::Auto => Err(UnknownDevice { text: text.to_owned() }),
        }
    }
}

impl TryFrom<String> for DeviceChoice {
    type Error = UnknownDevice;

    fn try_from(text: String) -> Result<Self, UnknownDevice> {
        text.parse()
    }
}

impl TryFrom<String> for Device {
    type Error = UnknownDevice;

    fn try_from(text: String) -> Result<Self, UnknownDevice> {
        text.parse()
    }
}

impl From<DeviceChoice> for String {
    fn from(choice: DeviceChoice) -> Self {
        choice.to_string()
    }
}

impl From<Device> for String {
    fn from(device: Device) -> Self {
        device.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for number in [0, 1, 7, u16::MAX] {
            for device in [Device::Cpu, Device::Cuda(number), Device::Wgpu(number), Device::Vulkan(number)] {
                assert_eq!(device.to_string().parse(), Ok(device));
                assert_eq!(device.to_string().parse(), Ok(DeviceChoice::One(device)));
            }
        }
        assert_eq!(DeviceChoice::Auto.to_string().parse(), Ok(DeviceChoice::Auto));
    }

    #[test]
    fn without_a_number_the_first_is_meant() {
        assert_eq!("cuda".parse(), Ok(Device::Cuda(0)));
        assert_eq!("wgpu".parse(), Ok(Device::Wgpu(0)));
        assert_eq!("vulkan:3".parse(), Ok(Device::Vulkan(3)));
    }

    #[test]
    fn what_names_no_device_is_refused_with_what_does() {
        for text in ["", "cuda:", "cuda:x", "cuda:-1", "cuda:+1", "cuda:65536", "cpu:0", "auto:0", " cpu", "CPU", ":1"]
        {
            assert!(text.parse::<DeviceChoice>().is_err(), "{text}");
        }
        let said = |text: &str| text.parse::<DeviceChoice>().unwrap_err().to_string();
        assert_eq!(
            said("tpu"),
            "a device is `auto`, `cpu`, `cuda`, `wgpu` or `vulkan`, with a number for one of several GPUs such as `cuda:1`; did you mean `cpu`?"
        );
        assert!(said("gpu").ends_with("did you mean `auto`?"));
        assert!(said("mps").ends_with("did you mean `wgpu`?"));
        assert!(said("CUDA:1").ends_with("did you mean `cuda`?"));
        assert!(said("cuda:x").ends_with("such as `cuda:1`; did you mean `cuda`?"));
    }
}
