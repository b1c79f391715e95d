//! Shell prompts: the line that tells which command printed what follows.

/// A command line as typed behind a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The command without the prompt.
    pub line: String,
    /// The machine, when the prompt names it (`[KMS01]: PS C:\>`, `admin@kms01:~$`).
    pub computer: Option<String>,
}

/// The command of a line that shows a prompt of cmd, PowerShell or a Unix shell.
pub(super) fn command_of(raw: &str) -> Option<Command> {
    // Every prompt ends in one of these.
    memchr::memchr3(b'>', b'$', b'#', raw.as_bytes())?;
    let line = raw.trim();
    remote_powershell(line).or_else(|| windows(line, None)).or_else(|| unix(line))
}

/// `[KMS01]: PS C:\> command`
fn remote_powershell(line: &str) -> Option<Command> {
    let (computer, rest) = line.strip_prefix('[')?.split_once("]: ")?;
    windows(rest.trim_start(), Some(computer.trim().to_owned()))
}

/// `C:\Windows\system32>command`, `PS C:\> command`, `PS>command`
fn windows(line: &str, computer: Option<String>) -> Option<Command> {
    let powershell = line.strip_prefix("PS ").or_else(|| line.strip_prefix("PS>").map(|_| &line[2..]));
    let path = powershell.unwrap_or(line).trim_start();
    let (folder, command) = path.split_once('>')?;
    let bytes = folder.as_bytes();
    let drive = bytes.len() >= 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':';
    let known = drive || folder.starts_with("\\\\") || (powershell.is_some() && folder.is_empty());
    let provider = powershell.is_some() && (folder.contains(":\\") || folder.starts_with(['/', '~']))
        || folder.starts_with("HK") && folder.contains(':');
    if !(known || provider) || folder.len() > 200 || folder.contains(['"', '<', '|']) {
        return None;
    }
    Some(Command { line: command.trim().to_owned(), computer })
}

/// `$ dig ...`, `user@host:~$ dig ...`, `[root@host ~]# dig ...`
fn unix(line: &str) -> Option<Command> {
    if let Some(command) = line.strip_prefix("$ ") {
        return Some(Command { line: command.trim().to_owned(), computer: None });
    }
    let (prompt, command) = line.split_once("$ ").or_else(|| line.split_once("# "))?;
    let (user, place) = prompt.trim_start_matches('[').split_once('@')?;
    let plain =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    let host: String = place.chars().take_while(|c| !matches!(c, ':' | ' ')).collect();
    (plain(user) && plain(&host)).then(|| Command { line: command.trim().to_owned(), computer: Some(host) })
}

impl Command {
    /// The name of the program: lower case, without path and ending; `cscript` and `wscript` give the script's name.
    pub fn program(&self) -> String {
        let mut words = self.words().into_iter();
        let mut program = words.next().unwrap_or_default();
        while matches!(program.as_str(), "cscript" | "wscript" | "cmd" | "sudo" | "powershell" | "pwsh") {
            match words.find(|word| !word.starts_with(['/', '-'])) {
                Some(next) => program = next,
                None => break,
            }
        }
        program
    }

    /// The words of the command in lower case; the paths and endings of programs taken off the first words.
    fn words(&self) -> Vec<String> {
        let name = |word: &str| {
            let word = word.trim_matches(['"', '\'', '&', '.', '\\']).to_lowercase();
            let last = word.rsplit(['\\']).next().unwrap_or_default();
            let last = last.trim_end_matches(".exe").trim_end_matches(".vbs").trim_end_matches(".cmd");
            last.to_owned()
        };
        self.line.split_whitespace().map(name).filter(|w| !w.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(line: &str) -> Option<String> {
        command_of(line).map(|c| c.program())
    }

    #[test]
    fn knows_the_prompts() {
        assert_eq!(program("C:\\>nslookup -type=srv _vlmcs._tcp").as_deref(), Some("nslookup"));
        assert_eq!(
            program("C:\\Windows\\system32>cscript //nologo slmgr.vbs /ato").as_deref(),
            Some("slmgr")
        );
        assert_eq!(program("C:\\>cscript c:\\windows\\system32\\slmgr.vbs /dlv").as_deref(), Some("slmgr"));
        assert_eq!(program("PS C:\\> tnc kms.wingtip.lan -port 1688").as_deref(), Some("tnc"));
        assert_eq!(program("admin@kms01:~$ dig SRV x").as_deref(), Some("dig"));
        let remote = command_of("[KMS01]: PS C:\\> slmgr /dlv").unwrap();
        assert_eq!(remote.computer.as_deref(), Some("KMS01"));
    }

    #[test]
    fn is_not_fooled() {
        assert_eq!(command_of("<Event xmlns='x'>"), None);
        assert_eq!(command_of("0x0, <KMS Host FQDN>:1688"), None);
        assert_eq!(command_of("> set type=srv"), None);
    }
}
