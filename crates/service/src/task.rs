//! A service on Windows: a task that starts with the machine, in an account that may do little.
//!
//! Commands: schtasks and icacls as the documentation of Windows Server has them. The task asks for no password, as
//! `LOCAL SERVICE` has none; it is named by its identifier (S-1-5-19) where its name depends on the language.

use std::path::Path;

/// Why no command can be written.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// The prompt would read it as something else.
    #[error("{0:?} can't stand in a command of Windows")]
    Word(String),
    /// What `schtasks` takes for `/tr`.
    #[error("the command is longer than {COMMAND_MAX} characters; put its options into a file (--config)")]
    Long,
}

/// Characters of a task's command.
const COMMAND_MAX: usize = 262;

/// The commands that set up a task, for an elevated prompt. `role` is `host` or `client`; `options` go behind `run`.
pub fn commands(
    role: &str,
    program: &Path,
    data: &str,
    options: &[String],
) -> Result<Vec<String>, TaskError> {
    let mut words = vec![word(&program.to_string_lossy())?];
    for part in [role, "run", "--data", data] {
        words.push(word(part)?);
    }
    for option in options {
        words.push(word(option)?);
    }
    let run = words.join(" ");
    if run.chars().count() > COMMAND_MAX {
        return Err(TaskError::Long);
    }
    let (name, folder) = (format!("kmscope-{role}"), word(data)?);
    Ok(vec![
        format!("mkdir {folder}"),
        format!("icacls {folder} /grant \"*S-1-5-19:(OI)(CI)M\""),
        // Within the quotes of /tr, quotes are escaped.
        format!(
            "schtasks /create /tn {name} /sc onstart /ru \"NT AUTHORITY\\LOCAL SERVICE\" /tr \"{}\"",
            run.replace('"', "\\\"")
        ),
        format!("schtasks /run /tn {name}"),
    ])
}

/// A word of a command line. The prompt replaces variables even between quotes, and knows no way to write a quote there.
fn word(text: &str) -> Result<String, TaskError> {
    if text.is_empty() || text.chars().any(|letter| letter.is_control() || "\"%!".contains(letter)) {
        return Err(TaskError::Word(text.to_owned()));
    }
    // A backslash before the closing quote would escape it.
    let is_plain = text.chars().all(|letter| letter.is_alphanumeric() || r"\/:.,-_=+[]@".contains(letter));
    let closing = if text.ends_with('\\') { "\\" } else { "" };
    Ok(if is_plain { text.to_owned() } else { format!("\"{text}{closing}\"") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_stay_words() {
        let options = ["--licence".to_owned(), r"C:\my host.toml".to_owned()];
        let data = r"C:\ProgramData\kmscope\host";
        let commands =
            commands("host", Path::new(r"C:\kmscope\kmscope.exe"), data, &options).expect("commands");
        assert_eq!(
            commands,
            [
                r"mkdir C:\ProgramData\kmscope\host",
                r#"icacls C:\ProgramData\kmscope\host /grant "*S-1-5-19:(OI)(CI)M""#,
                concat!(
                    r#"schtasks /create /tn kmscope-host /sc onstart /ru "NT AUTHORITY\LOCAL SERVICE" "#,
                    r#"/tr "C:\kmscope\kmscope.exe host run --data C:\ProgramData\kmscope\host "#,
                    r#"--licence \"C:\my host.toml\"""#,
                ),
                "schtasks /run /tn kmscope-host",
            ]
        );
    }

    #[test]
    fn what_the_prompt_would_obey_is_refused() {
        for text in ["a\" & del x", "%PATH%", "!x!", "a\nb", ""] {
            let result = commands("host", Path::new("kmscope.exe"), "C:\\data", &[text.to_owned()]);
            assert!(matches!(result, Err(TaskError::Word(_))), "{text}: {result:?}");
        }
        assert_eq!(word("a&b").expect("a word"), "\"a&b\"");
        assert_eq!(word("my folder\\").expect("a word"), "\"my folder\\\\\"");
        let long = commands("host", Path::new("kmscope.exe"), "C:\\data", &["x".repeat(300)]);
        assert!(matches!(long, Err(TaskError::Long)));
    }
}
