//! The options of slmgr.vbs for our own hosts and clients, with its wording: scripts that read its output go on working.
//!
//! What the script leaves to Windows, and chosen here:
//! - The exit code is the whole HRESULT, also where the script prints an error or a warning and then ends with 0. Wrong
//!   usage ends with 1, as there.
//! - Negative intervals and what is no number are "The data is invalid" (0x8007000D), as in the script. What is a number
//!   and out of its range is refused by the host itself with 0x80070057.
//! - More words than an option takes are refused; the script ignores them.
//! - Times are printed as RFC 3339 in UTC. The script prints the user's locale, which no reader can tell from another.
//! - A client has one product and a host is asked for all of its products, so an option without an activation id means
//!   all there is, and a setting for the client's activation id is the client's setting.
//! - Only the port and the priority of a host need a restart, so only their options remind of it.

pub mod client_side;
pub mod command_line;
mod display;
mod host_argument;
pub mod host_side;
mod sentences;
mod usage;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use client_side::ClientAnswer;
pub use command_line::{CommandLine, Remote, Verb, Which, parse};
pub use display::product_name;
pub use host_argument::HostArgument;
pub use host_side::HostAnswer;
pub use sentences::sentence;
pub use usage::{Reason, UsageError};

/// What an option prints, and how it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Lines, each with its end.
    pub text: String,
    /// 0, or the number of the error.
    pub exit_code: u32,
}

impl Output {
    /// Lines of an option that did what it should.
    fn done(lines: &[&str]) -> Output {
        Output { text: joined(lines), exit_code: 0 }
    }

    /// A line of the script that has no number of its own, with the number to end with.
    fn refused(line: &str, exit_code: u32) -> Output {
        Output { text: joined(&[line]), exit_code }
    }

    /// An error line in the script's form.
    fn error(code: u32, sentence: &str) -> Output {
        Output { text: format!("Error: 0x{code:08X} {sentence}\n"), exit_code: code }
    }

    /// An error line with the sentence of its code.
    fn code(code: u32) -> Output {
        Output::error(code, &sentence(code))
    }
}

/// What an option that changes something prints for who may only look, as the script without elevation.
pub fn access_denied() -> Output {
    Output::code(sentences::ACCESS_DENIED)
}

fn joined(lines: &[&str]) -> String {
    lines.iter().flat_map(|line| [line, "\n"]).collect()
}
