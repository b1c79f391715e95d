//! What kmscope tells of itself: completions, man pages, the schema of its report.

use std::io::{self, Write};

use anyhow::bail;
use clap::CommandFactory;

use crate::Status;
use crate::arguments::Arguments;

pub(crate) fn schema() -> anyhow::Result<Status> {
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &report::schema())?;
    writeln!(out)?;
    Ok(Status::Done)
}

pub(crate) fn completions(shell: clap_complete::Shell) -> anyhow::Result<Status> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "kmscope", &mut script);
    io::stdout().lock().write_all(&script)?;
    Ok(Status::Done)
}

pub(crate) fn man(command: Option<&str>) -> anyhow::Result<Status> {
    let mut all = Arguments::command();
    all.build();
    let page = match command {
        None => all,
        Some(name) => match all.find_subcommand(name) {
            Some(found) => found.clone().name(format!("kmscope-{name}").leak() as &'static str),
            None => bail!("no command {name:?}"),
        },
    };
    let mut roff = Vec::new();
    clap_mangen::Man::new(page).render(&mut roff)?;
    io::stdout().lock().write_all(&roff)?;
    Ok(Status::Done)
}
