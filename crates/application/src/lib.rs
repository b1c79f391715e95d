//! "Am I activated?": what a site's own software asks of the kmscope client on its machine.
//!
//! The software has its publisher and its product built in, so a lease of another publisher is worth nothing to it.
//! It reads the client's state file, and needs neither the network nor the client's agent. The same question can be
//! asked from C, through `include/kmscope.h`.
//!
//! What a program may conclude, and what all this does not protect against, stands in `docs/applications.md`.

mod c_api;
mod check;
mod clock;
mod folder;
mod product_id;
mod reason;

pub use c_api::{
    KMSCOPE_ACTIVATED, KMSCOPE_ERROR, KMSCOPE_HOST_BYTES, KMSCOPE_NOT_ACTIVATED, KMSCOPE_PRODUCT_BYTES,
    KmscopeActivation, kmscope_check, kmscope_reason_text, kmscope_version,
};
pub use check::{Activation, STATE_BYTES_MAX, STATE_FILE, check, evaluate};
pub use clock::now;
pub use folder::default_folder;
pub use product_id::{ProductId, ProductIdError, Publisher};
pub use reason::Reason;

pub use activation::Moment;
pub use activation::client::LicenseState;
pub use activation::credentials::{Fingerprint, PublicKey};
pub use uuid::Uuid;

/// The example of the guide is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/applications.md")]
struct Guide;
