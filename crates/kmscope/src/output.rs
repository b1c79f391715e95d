//! Where output goes: standard output or a file.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::Context;
use messages::Argument;

use crate::console::Console;

/// Standard output, or the file that was asked for.
pub(crate) fn open(out: Option<&Path>, console: &Console) -> anyhow::Result<Box<dyn Write + Send>> {
    match out {
        None => Ok(Box::new(BufWriter::new(io::stdout()))),
        Some(path) => {
            let file = File::create(path).with_context(|| {
                let shown = path.to_string_lossy();
                console.text("cli-error-write", &[("path", Argument::Text(&shown))])
            })?;
            Ok(Box::new(BufWriter::new(file)))
        }
    }
}
