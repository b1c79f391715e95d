//! 4xx: the host: its licence, its service, its key, its count.

pub mod count_too_low;
pub mod duplicate_cmid;
pub mod host_key_too_old;
pub mod host_not_activated;
pub mod host_service_stopped;
pub mod too_many_hosts;
