//! The devices that this build reaches, and which of them this machine has.

use std::sync::OnceLock;

#[cfg(feature = "wgpu")]
use ::burn::backend::{CubeDevice, WgpuDeviceKind};
use ::burn::backend::{DispatchDevice, FlexDevice};
#[cfg(any(feature = "cuda", feature = "wgpu"))]
use ::burn::tensor::DeviceType;

use super::{Device, DeviceChoice, EngineError};

/// One of several devices of a kind, by its number.
type Numbered = fn(u16) -> Device;

/// The kinds of GPU that this build reaches, those first that `auto` prefers.
const KINDS: &[Numbered] = &[
    #[cfg(feature = "cuda")]
    Device::Cuda,
    #[cfg(feature = "vulkan")]
    Device::Vulkan,
    #[cfg(feature = "wgpu")]
    Device::Wgpu,
];

/// A GPU of this machine.
struct Gpu {
    device: Device,
    opened: DispatchDevice,
    /// Whether a driver computes in its place on the processor.
    is_software: bool,
}

/// The GPUs of this machine, kind by kind; looked for once.
fn gpus() -> &'static [Gpu] {
    static FOUND: OnceLock<Vec<Gpu>> = OnceLock::new();
    FOUND.get_or_init(|| {
        let numbered = |(kind, found): (&Numbered, Vec<DispatchDevice>)| {
            let gpu = |(number, opened): (u16, DispatchDevice)| Gpu {
                device: kind(number),
                is_software: rank(&opened) == SOFTWARE,
                opened,
            };
            (0..u16::MAX).zip(found).map(gpu).collect::<Vec<Gpu>>()
        };
        KINDS.iter().map(|kind| (kind, of_kind(kind(0)))).flat_map(numbered).collect()
    })
}

/// The GPUs of a kind, the fast ones first.
fn of_kind(kind: Device) -> Vec<DispatchDevice> {
    let mut found: Vec<DispatchDevice> = match kind {
        #[cfg(feature = "cuda")]
        Device::Cuda(_) => enumerated(DeviceType::Cuda),
        #[cfg(feature = "vulkan")]
        Device::Vulkan(_) => enumerated(DeviceType::Vulkan),
        #[cfg(feature = "wgpu")]
        Device::Wgpu(_) => enumerated(DeviceType::Wgpu),
        _ => Vec::new(),
    };
    found.sort_by_key(rank);
    found
}

#[cfg(any(feature = "cuda", feature = "wgpu"))]
fn enumerated(kind: DeviceType) -> Vec<DispatchDevice> {
    let found = ::burn::tensor::Device::enumerate(kind).into_vec();
    found.iter().map(|device| device.as_dispatch().clone()).collect()
}

/// The rank of a driver that computes on the processor.
const SOFTWARE: u8 = 4;

/// How far behind others of its kind a GPU stands.
fn rank(device: &DispatchDevice) -> u8 {
    match device {
        #[cfg(feature = "wgpu")]
        DispatchDevice::Cube(CubeDevice::Wgpu(device)) => match device.kind {
            WgpuDeviceKind::IntegratedGpu(_) => 1,
            WgpuDeviceKind::VirtualGpu(_) => 2,
            WgpuDeviceKind::Other(_) => 3,
            WgpuDeviceKind::Cpu => SOFTWARE,
            _ => 0,
        },
        _ => 0,
    }
}

/// The device that is chosen.
///
/// # Errors
/// What [`opened`] says.
pub(super) fn chosen(choice: DeviceChoice) -> Result<Device, EngineError> {
    match choice {
        DeviceChoice::One(device) => opened(device).map(|_| device),
        DeviceChoice::Auto => Ok(gpus().iter().find(|gpu| !gpu.is_software).map_or(Device::Cpu, |gpu| gpu.device)),
    }
}

/// Burn's own name of a device.
///
/// # Errors
/// Where this build does not reach it, or this machine does not have it.
pub(super) fn opened(device: Device) -> Result<DispatchDevice, EngineError> {
    // Never Burn's own default, which prefers a GPU wherever one is compiled in.
    if device == Device::Cpu {
        return Ok(DispatchDevice::Flex(FlexDevice));
    }
    if !KINDS.iter().any(|kind| kind(0).kind() == device.kind()) {
        let built = ["cpu"].into_iter().chain(KINDS.iter().map(|kind| kind(0).kind())).collect();
        return Err(EngineError::NotBuilt { device, built });
    }
    match gpus().iter().find(|gpu| gpu.device == device) {
        Some(gpu) => Ok(gpu.opened.clone()),
        None => {
            let there = gpus().iter().filter(|gpu| gpu.device.kind() == device.kind()).map(|gpu| gpu.device).collect();
            Err(EngineError::NoDevice { device, there })
        }
    }
}

/// What a GPU calls itself, which opens it.
pub(super) fn name(device: Device) -> Option<String> {
    #[cfg(any(feature = "cuda", feature = "wgpu"))]
    return gpus().iter().find(|gpu| gpu.device == device)?.opened.identity().map(|identity| identity.name);
    #[cfg(not(any(feature = "cuda", feature = "wgpu")))]
    {
        let _processor = device;
        None
    }
}
