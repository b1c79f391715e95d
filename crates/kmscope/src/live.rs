//! The clock and the runtime that live commands share.

use std::time::{SystemTime, UNIX_EPOCH};

use model::Timestamp;

/// The time now, as an RFC 3339 time in UTC.
pub(crate) fn now() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let seconds = i64::try_from(seconds).unwrap_or_default();
    Timestamp::from_utc_seconds(seconds).map(|time| time.text().to_owned()).unwrap_or_default()
}

/// One thread is enough for a thousand connections.
pub(crate) fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}
