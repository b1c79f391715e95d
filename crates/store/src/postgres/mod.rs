//! The engine for sites that keep their data in PostgreSQL: one schema for each host's journal.
//!
//! - A session-level advisory lock keeps a second host out and tells who is there. It goes with the connection, so it
//!   can't be all: each transaction also changes the row of `holder`, and only if nobody else has since.
//! - A group of rows is one statement and so one round trip, which ends when PostgreSQL has committed it.
//! - Where the answer to a commit was lost, `holder.writes` tells whether it is there. What is there is taken back
//!   before anything else is written, as nobody was told of it; so a failed write leaves nothing, as in SQLite.

mod address;
mod batch;
mod copy;
mod journal;
mod link;
mod lock;
mod schema;
mod session;
mod tls;

pub use address::{AddressError, Database};
pub use copy::{backup, restore};
pub use journal::PostgresJournal;
