//! `kmscope collect`: gather a bundle on a Windows machine, or print the script for one without kmscope.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use messages::Argument;

use crate::Status;
use crate::arguments::collecting::{Collect, ScriptKind};
use crate::console::Console;
use crate::live;

/// The scripts, which an admin can read, keep and run without kmscope.
const POWERSHELL: &str = include_str!("../collect/kms-collect.ps1");
const CMD: &str = include_str!("../collect/kms-collect.cmd");

pub(crate) fn run(options: &Collect, console: &Console) -> anyhow::Result<Status> {
    match options.script {
        Some(kind) => print(kind),
        None if cfg!(windows) => gather(options, console),
        None => bail!("{}", console.text("collect-not-windows", &[])),
    }
}

/// Prints a script with the line ends that Windows expects: a batch file with others can lose its labels.
fn print(kind: ScriptKind) -> anyhow::Result<Status> {
    let script = match kind {
        ScriptKind::Cmd => CMD,
        ScriptKind::Powershell => POWERSHELL,
    };
    let mut out = io::stdout().lock();
    for line in script.lines() {
        out.write_all(line.trim_end().as_bytes())?;
        out.write_all(b"\r\n")?;
    }
    out.flush()?;
    Ok(Status::Done)
}

/// Runs the PowerShell script, which asks before it takes personal data, and puts its zip where it is wanted.
fn gather(options: &Collect, console: &Console) -> anyhow::Result<Status> {
    let folder =
        std::env::temp_dir().join(format!("kmscope-collect-{}-{}", std::process::id(), live::seconds()));
    fs::create_dir(&folder).with_context(|| folder.to_string_lossy().into_owned())?;
    let collected = collected_in(&folder, options, console);
    // What was gathered is in the zip, or told with the error.
    let _ = fs::remove_dir_all(&folder);
    let zip = collected?;
    let shown = zip.to_string_lossy();
    println!("{}", console.text("collect-written", &[("path", Argument::Text(&shown))]));
    Ok(Status::Done)
}

fn collected_in(folder: &Path, options: &Collect, console: &Console) -> anyhow::Result<PathBuf> {
    let script = folder.join("kms-collect.ps1");
    fs::write(&script, POWERSHELL)?;
    let mut command = Command::new("powershell");
    command.args(["-NoProfile", "-ExecutionPolicy", "Bypass", "-File"]).arg(&script).arg("-Out").arg(folder);
    for (wanted, switch) in
        [(options.all, "-All"), (options.no_personal, "-NoPersonal"), (options.redact, "-Redact")]
    {
        if wanted {
            command.arg(switch);
        }
    }
    let status = command.status().context("powershell")?;
    if !status.success() {
        bail!("{}", console.text("collect-failed", &[]));
    }
    let is_zip = |path: &PathBuf| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip"));
    let zip = fs::read_dir(folder)?.flatten().map(|entry| entry.path()).find(is_zip);
    let Some(zip) = zip else { bail!("{}", console.text("collect-failed", &[])) };
    let target = match &options.out {
        Some(path) => path.clone(),
        None => PathBuf::from(zip.file_name().unwrap_or_default()),
    };
    fs::copy(&zip, &target).with_context(|| target.to_string_lossy().into_owned())?;
    Ok(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines that do something: remarks and texts that are only printed are left out.
    fn code(script: &str) -> impl Iterator<Item = &str> {
        script.lines().map(str::trim).filter(|line| !(line.starts_with('#') || line.starts_with("rem ")))
    }

    #[test]
    fn the_scripts_change_nothing_and_send_nothing() {
        for script in [POWERSHELL, CMD] {
            for line in code(script) {
                let lower = line.to_lowercase();
                for word in [
                    " /ato",
                    " /skms",
                    " /ckms",
                    " /ipk",
                    " /upk",
                    " /rearm",
                    " /cpky",
                    " /rilc",
                    "reg add",
                    "reg delete",
                    "reg import",
                    "set-itemproperty",
                    "new-itemproperty",
                    "remove-itemproperty",
                    "sc stop",
                    "sc start",
                    "sc config",
                    "net stop",
                    "net start",
                    "restart-service",
                    "w32tm /resync",
                    "w32tm /config",
                    "wevtutil cl",
                    "wevtutil sl",
                    "downloadstring",
                    "bitsadmin",
                    "schtasks",
                ] {
                    assert!(!lower.contains(word), "{word}: {line}");
                }
                // What is run as a text is a fixed one, in quotes that put nothing in.
                let texts =
                    lower.match_indices("invoke-expression").map(|(at, word)| &lower[at + word.len()..]);
                assert!(texts.into_iter().all(|text| text.starts_with(" '")), "{line}");
            }
        }
    }

    #[test]
    fn the_scripts_are_plain_ascii_without_odd_line_ends() {
        for script in [POWERSHELL, CMD] {
            assert!(script.is_ascii() && !script.contains('\r') && !script.contains('\t'));
        }
    }

    #[test]
    fn personal_data_is_asked_for() {
        for words in ["[y/N]", "$NoPersonal", "$Redact"] {
            assert!(POWERSHELL.contains(words), "{words}");
        }
        for words in ["/nopersonal", "/redact"] {
            assert!(CMD.contains(words), "{words}");
        }
    }
}
