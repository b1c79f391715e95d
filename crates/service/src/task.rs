//! A service on Windows: a scheduled task that starts with the machine, in an account that may do little.
//!
//! The commands are PowerShell's, as those of the prompt leave a task with the limits that Windows sets if nothing is
//! said: it would end after 72 hours, and not begin on a machine that runs on its battery (Task Scheduler schema,
//! `ITaskSettings`). Accounts are named by identifiers that are the same in all languages (well-known SIDs, [MS-DTYP]
//! 2.4.2.4): the system, the administrators, `LOCAL SERVICE`, and all users.

use std::path::Path;

/// Why no command can be written.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// The program would read it as something else.
    #[error("{0:?} can't stand in a command of Windows")]
    Word(String),
}

/// The commands that set up a task, for a PowerShell that runs as administrator. `role` is `host` or `client`; `options`
/// go behind `run`. Nothing is done to a folder that is there already: somebody else may own it.
pub fn commands(
    role: &str,
    program: &Path,
    data: &str,
    options: &[String],
) -> Result<Vec<String>, TaskError> {
    let mut arguments = vec![role.to_owned(), "run".to_owned(), "--data".to_owned(), word(data)?];
    for option in options {
        arguments.push(word(option)?);
    }
    let (name, folder) = (format!("kmscope-{role}"), text(data)?);
    // Applications read the client's state; what a host knows of machines is its own affair.
    let readers = if role == "client" { " '*S-1-5-32-545:(OI)(CI)RX'" } else { "" };
    Ok(vec![
        format!("New-Item -ItemType Directory -ErrorAction Stop -Path {folder}"),
        format!(
            "icacls {folder} /inheritance:r /grant:r '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' \
             '*S-1-5-19:(OI)(CI)M'{readers}"
        ),
        format!(
            "$action = New-ScheduledTaskAction -Execute {} -Argument {}",
            text(&program.to_string_lossy())?,
            text(&arguments.join(" "))?
        ),
        "$settings = New-ScheduledTaskSettingsSet -ExecutionTimeLimit ([TimeSpan]::Zero) -RestartCount 999 \
         -RestartInterval (New-TimeSpan -Minutes 1) -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries"
            .to_owned(),
        format!(
            "Register-ScheduledTask -TaskName {name} -Action $action -Settings $settings \
             -Trigger (New-ScheduledTaskTrigger -AtStartup) \
             -Principal (New-ScheduledTaskPrincipal -UserId 'LOCALSERVICE' -LogonType ServiceAccount)"
        ),
        format!("Start-ScheduledTask -TaskName {name}"),
    ])
}

/// A word of a program's command line. There is no need to write a quote in one, so none is written.
fn word(text: &str) -> Result<String, TaskError> {
    if text.is_empty() || text.contains('"') {
        return Err(TaskError::Word(text.to_owned()));
    }
    if !text.contains(char::is_whitespace) {
        return Ok(text.to_owned());
    }
    // A backslash before the closing quote would escape it.
    let closing = text.len() - text.trim_end_matches('\\').len();
    Ok(format!("\"{text}{}\"", "\\".repeat(closing)))
}

/// A text of PowerShell that is taken as it is. PowerShell takes the quotes of print for quotes, too.
fn text(text: &str) -> Result<String, TaskError> {
    if text.chars().any(|letter| letter.is_control() || ('\u{2018}'..='\u{201F}').contains(&letter)) {
        return Err(TaskError::Word(text.to_owned()));
    }
    Ok(format!("'{}'", text.replace('\'', "''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(options: &[&str]) -> Result<Vec<String>, TaskError> {
        let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
        let program = Path::new(r"C:\Program Files\kmscope\kmscope.exe");
        commands("host", program, r"C:\ProgramData\kmscope\host", &options)
    }

    #[test]
    fn options_stay_words() {
        let commands = of(&["--licence", r"C:\Bob's files\", "--rate", "5"]).expect("commands");
        assert_eq!(
            commands[0],
            r"New-Item -ItemType Directory -ErrorAction Stop -Path 'C:\ProgramData\kmscope\host'"
        );
        assert_eq!(
            commands[2],
            concat!(
                r"$action = New-ScheduledTaskAction -Execute 'C:\Program Files\kmscope\kmscope.exe' ",
                r"-Argument 'host run --data C:\ProgramData\kmscope\host ",
                r#"--licence "C:\Bob''s files\\" --rate 5'"#,
            )
        );
        assert!(commands[1].contains("*S-1-5-19:(OI)(CI)M") && !commands[1].contains("S-1-5-32-545"));
        let client = super::commands("client", Path::new("k.exe"), r"C:\c", &[]).expect("commands");
        assert!(client[1].ends_with("'*S-1-5-32-545:(OI)(CI)RX'"));
    }

    #[test]
    fn what_would_be_read_as_something_else_is_refused() {
        for option in ["a\" --rate 0 \"", "a\nb", "", "\u{2019}; Remove-Item C:\\ #"] {
            assert!(matches!(of(&[option]), Err(TaskError::Word(_))), "{option}");
        }
        // Within these quotes, nothing is replaced.
        let commands = of(&["$env:PATH", "`whoami`", "%PATH%"]).expect("commands");
        assert!(commands[2].ends_with("$env:PATH `whoami` %PATH%'"));
    }
}
