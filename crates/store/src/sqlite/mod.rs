//! The engine that needs nothing: one file in the host's folder.

pub mod copy;
mod journal;
mod lock;
mod rows;
mod schema;

pub use journal::SqliteJournal;
pub use schema::VERSION;
