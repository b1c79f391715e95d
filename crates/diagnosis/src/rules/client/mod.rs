//! 5xx: the client: its settings, its rights, its store, and what looks like a fault and is none.

pub mod ad_based_activation;
pub mod dcom_permissions;
pub mod grace_or_notification_only;
pub mod not_a_fault;
pub mod not_elevated;
pub mod not_genuine_update;
pub mod registry_permissions;
pub mod stale_registered_kms_name;
pub mod tokens_corrupt;
