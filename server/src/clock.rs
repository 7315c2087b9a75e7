//! The time, as it is compared and as it is shown.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// One reading of the clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now(SystemTime);

/// Reads the clock.
pub(crate) fn now() -> Now {
    Now(SystemTime::now())
}

impl Now {
    /// Milliseconds since 1970.
    pub(crate) fn millis(self) -> i64 {
        let since = self.0.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    /// Milliseconds since 1970, `later` from now.
    pub(crate) fn millis_after(self, later: Duration) -> i64 {
        self.millis().saturating_add(i64::try_from(later.as_millis()).unwrap_or(i64::MAX))
    }

    /// RFC 3339 in UTC, to the millisecond.
    pub(crate) fn text(self) -> String {
        humantime::format_rfc3339_millis(self.0.max(UNIX_EPOCH)).to_string()
    }
}
