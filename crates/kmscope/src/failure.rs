//! How a command ended, and errors that are none.

use std::io;
use std::process::ExitCode;

use diagnosis::Outcome;

/// How a command ended; the exit codes are a contract with scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Done; for a diagnosis, nothing is wrong and enough was seen to say so.
    Done,
    /// A fault was found.
    Fault,
    /// Bad usage, unreadable input, or an operation that failed.
    Failed,
    /// Not enough evidence to decide.
    Undecided,
    /// What slmgr.vbs would end with: 0, or the code of the error.
    Code(u32),
}

impl Status {
    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Status::Done => 0,
            Status::Fault => 1,
            Status::Failed => 2,
            Status::Undecided => 3,
            Status::Code(0) => 0,
            // A failure must not look like success, whatever its last byte.
            Status::Code(code) => (code as u8).max(1),
        }
    }

    /// The status of one diagnosis.
    pub fn of(outcome: Outcome) -> Status {
        match outcome {
            Outcome::Fault => Status::Fault,
            Outcome::Clear => Status::Done,
            Outcome::Undecided => Status::Undecided,
        }
    }

    /// The status of several: a failure outranks a fault, a fault what is undecided.
    pub fn and(self, other: Status) -> Status {
        let rank = |status: Status| match status {
            Status::Done => 0,
            Status::Undecided => 1,
            Status::Fault => 2,
            Status::Failed | Status::Code(_) => 3,
        };
        if rank(other) > rank(self) { other } else { self }
    }
}

/// Ends with a whole code where the system has room for it, else with its last byte.
pub(crate) fn exit(code: u32) -> ExitCode {
    if cfg!(windows) && code != 0 {
        // An exit code of Windows has 32 bits; nothing is left to be dropped here.
        std::process::exit(code as i32);
    }
    ExitCode::from(Status::Code(code).code())
}

/// True when the reader of the output went away.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_decides() {
        assert_eq!(Status::Done.and(Status::Undecided).and(Status::Fault).code(), 1);
        assert_eq!(Status::Fault.and(Status::Undecided).code(), 1);
        assert_eq!(Status::Fault.and(Status::Failed).and(Status::Done).code(), 2);
    }
}
