//! The client agent: keeps the client's state on disk, asks hosts when it is time, and answers control.

mod agent;
mod events;
mod folder;
mod run;
mod sharing;

pub use agent::{Agent, AgentOptions};
pub use folder::{FolderError, STATE_FILE, load, save};
pub use run::{ClientOptions, RunError, Running, display_verb, lock, run_verb, start, status};
pub use sharing::SharedAgent;
