//! The program `kmscope`; see the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    kmscope::main()
}
