//! What the machine has left of memory, and what this process has of it.

use std::fs::read_to_string;

/// The bytes that can be taken without swapping, and that nothing forbids to take: what the system has left, a container, and the limit of this
/// process. Nothing where none of them says.
pub fn available() -> Option<u64> {
    [system(), container(), limit()].into_iter().flatten().min()
}

/// The bytes of memory that this process has; nothing where the system does not say.
pub fn taken() -> Option<u64> {
    kilobytes(&read_to_string("/proc/self/status").ok()?, "VmRSS:")
}

fn system() -> Option<u64> {
    kilobytes(&read_to_string("/proc/meminfo").ok()?, "MemAvailable:")
}

/// What the control group of this process leaves, by its second version. A container sees its own at the root.
fn container() -> Option<u64> {
    let read =
        |name: &str| -> Option<u64> { read_to_string(format!("/sys/fs/cgroup/{name}")).ok()?.trim().parse().ok() };
    // What is kept of files is given back before anything is refused.
    let statistics = read_to_string("/sys/fs/cgroup/memory.stat").unwrap_or_default();
    let files =
        statistics.lines().find_map(|line| line.strip_prefix("inactive_file ")?.trim().parse().ok()).unwrap_or(0);
    Some(read("memory.max")?.saturating_sub(read("memory.current")?.saturating_sub(files)))
}

/// What the limit of this process's addresses leaves.
fn limit() -> Option<u64> {
    let limits = read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max address space"))?;
    let most: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(most.saturating_sub(kilobytes(&read_to_string("/proc/self/status").ok()?, "VmSize:")?))
}

/// The number of kilobytes that stands behind a name, in bytes.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn the_system_says_what_is_free_and_what_is_taken() {
        assert!(available().is_some_and(|bytes| bytes > 1 << 20));
        assert!(taken().is_some_and(|bytes| bytes > 1 << 20));
    }

    #[test]
    fn a_number_is_read_behind_its_name() {
        assert_eq!(kilobytes("VmPeak:\t 12 kB\nVmRSS:\t    3 kB\n", "VmRSS:"), Some(3 * 1024));
        assert_eq!(kilobytes("VmRSS:\t many\n", "VmRSS:"), None);
    }
}
