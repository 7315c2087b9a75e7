//! Processor time, which other programs on the machine do not change much.

use std::time::Duration;

/// The processor time of this process so far, all its threads together.
#[cfg(unix)]
pub(crate) fn now() -> Duration {
    use nix::time::{ClockId, clock_gettime};
    clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).map(Duration::from).unwrap_or_default()
}

/// The processor time of the processes that this one started and has waited for.
#[cfg(unix)]
pub(crate) fn of_children() -> Duration {
    use nix::sys::resource::{UsageWho, getrusage};
    let time = |time: nix::sys::time::TimeVal| {
        Duration::from_secs(time.tv_sec() as u64) + Duration::from_micros(time.tv_usec() as u64)
    };
    getrusage(UsageWho::RUSAGE_CHILDREN)
        .map(|used| time(used.user_time()) + time(used.system_time()))
        .unwrap_or_default()
}

/// The time of the clock, where there is no other.
#[cfg(not(unix))]
pub(crate) fn now() -> Duration {
    use std::time::Instant;
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

/// The time of the clock, where there is no other.
#[cfg(not(unix))]
pub(crate) fn of_children() -> Duration {
    now()
}

/// The processor time `work` takes; what it makes is dropped off the clock.
pub(crate) fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let start = now();
    let made = std::hint::black_box(work());
    let time = now().saturating_sub(start);
    drop(made);
    time
}
