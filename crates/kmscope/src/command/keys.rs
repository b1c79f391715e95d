//! `kmscope keys`: the setup keys that Microsoft publishes for volume activation clients.

use std::io::{self, Write};

use facts::setup_keys::{self, KeySearch};
use messages::Argument;
use report::visible::one_line;
use unicode_width::UnicodeWidthStr;

use crate::Status;
use crate::arguments::{Keys, ReadFormat};
use crate::console::Console;
use crate::json_stream;

pub(crate) fn run(options: &Keys, console: &Console) -> anyhow::Result<Status> {
    let found = setup_keys::find(&options.text.join(" "), facts::tables());
    let mut out = io::stdout().lock();
    match options.format {
        ReadFormat::Json => writeln!(out, "{}", json_stream::line(&found))?,
        ReadFormat::Text => text(&mut out, &found)?,
    }
    if found.matches.is_empty() {
        let query = one_line(&found.query);
        eprintln!("kmscope: {}", console.text("cli-keys-none", &[("what", Argument::Text(&query))]));
        if !found.suggestions.is_empty() {
            let words = found.suggestions.join(", ");
            eprintln!("{}", console.text("cli-keys-suggestions", &[("words", Argument::Text(&words))]));
        }
        return Ok(Status::Failed);
    }
    Ok(Status::Done)
}

fn text(out: &mut dyn Write, found: &KeySearch) -> io::Result<()> {
    let width = found.matches.iter().map(|key| key.full_name().width()).max().unwrap_or(0);
    for key in &found.matches {
        let name = key.full_name();
        writeln!(out, "{name}{}  {}", " ".repeat(width.saturating_sub(name.width())), key.key)?;
    }
    Ok(())
}
