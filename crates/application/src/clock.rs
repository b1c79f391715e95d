//! The machine's clock.

use std::time::{SystemTime, UNIX_EPOCH};

use activation::Moment;

/// What the clock says; the library's other functions take the time from their callers.
pub fn now() -> Moment {
    let seconds = |duration: std::time::Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    Moment(match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => seconds(since),
        Err(before) => -seconds(before.duration()),
    })
}
