//! Processor time, which other programs on the machine do not change much.

use std::time::{Duration, Instant};

/// The median of the processor time of several runs, after one that is not counted; what they make is dropped off the clock.
pub(crate) fn median<T>(work: &dyn Fn() -> T) -> Duration {
    std::hint::black_box(work());
    let mut times: Vec<Duration> = (0..15)
        .map(|_| {
            let start = now();
            let made = std::hint::black_box(work());
            let time = now().saturating_sub(start);
            drop(made);
            time
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

/// The processor time of this thread, as Linux tells it; elsewhere the time of the clock.
fn now() -> Duration {
    thread_local! {
        static START: Instant = Instant::now();
    }
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let spent = spent.and_then(|text| text.split(' ').next()?.parse().ok());
    spent.map_or_else(|| START.with(Instant::elapsed), Duration::from_nanos)
}
