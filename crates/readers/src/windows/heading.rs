//! Headings that say whose console follows: `SOUTH-FS`, `=== PC-12 ===`, `On KMS01:`, above a command.
//!
//! Admins who paste from several machines set the names between them by hand.
//! Without the names, a setting of one machine would be taken for one of another.

use model::windows::MachineInfo;
use model::{Fact, Kind, Quote};

use crate::out::Out;
use crate::text::Text;

/// Words that may stand before the name.
const LEADING_WORDS: [&str; 10] =
    ["on", "from", "client", "host", "server", "machine", "computer", "pc", "vm", "node"];

/// Beginnings of words that number or name parts of a mail, or commands, and no machines.
const NO_MACHINES: [&str; 16] = [
    "step", "part", "test", "case", "section", "site", "kb", "get-", "set-", "new-", "resolve-", "invoke-",
    "fig", "tcp-", "udp-", "win32",
];

/// Programs whose name begins a command line when the paste has lost its prompts.
const PROGRAMS: [&str; 24] = [
    "nslookup",
    "ipconfig",
    "slmgr",
    "slmgr.vbs",
    "cscript",
    "cscript.exe",
    "reg",
    "reg.exe",
    "ping",
    "tracert",
    "wevtutil",
    "w32tm",
    "sc",
    "sc.exe",
    "netstat",
    "systeminfo",
    "psping",
    "psping64",
    "test-netconnection",
    "tnc",
    "resolve-dnsname",
    "get-winevent",
    "get-ciminstance",
    "netsh",
];

/// The longest NetBIOS name, and so the longest first label of a Windows machine's name.
const NETBIOS_NAME_MAX: usize = 15;

/// A line that holds nothing but a machine's name, with a command below it that is not about that name.
pub(super) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let line = text.line(at)?;
    if line.command.is_some() || at > 0 && text.line(at - 1)?.command.is_some() {
        return None;
    }
    let name = named(text.at(at))?;
    let next = (at + 1..text.len().min(at + 4)).find(|&index| !text.is_blank(index))?;
    let begins_a_command = text.line(next)?.command.is_some() || begins_with_a_program(text.at(next));
    let label = name.split('.').next()?.to_lowercase();
    if !begins_a_command || text.at(next).to_lowercase().contains(&label) {
        return None;
    }
    let machine = MachineInfo { hostname: Some(name.to_owned()), ..MachineInfo::default() };
    let quote = Quote::new("hostname", text.place(at), text.at(at));
    out.push(Kind::System, Fact::Machine(Box::new(machine)), text.place(at), vec![quote]);
    Some(at + 1)
}

fn begins_with_a_program(line: &str) -> bool {
    const COMMAND_LENGTH_MAX: usize = 300;
    let first = line.split_whitespace().next().unwrap_or_default().to_lowercase();
    line.len() <= COMMAND_LENGTH_MAX && PROGRAMS.contains(&first.as_str())
}

/// The name in a heading, if the line holds one and nothing else.
fn named(line: &str) -> Option<&str> {
    const LINE_LENGTH_MAX: usize = 100;
    if line.len() > LINE_LENGTH_MAX {
        return None;
    }
    let bare = line.trim_matches(|c: char| c.is_whitespace() || "#=*-_[]()~+:".contains(c));
    let name = match bare.split_once(' ') {
        Some((word, rest)) if LEADING_WORDS.contains(&word.to_lowercase().trim_end_matches(':')) => {
            rest.trim()
        }
        Some(_) => return None,
        None => bare,
    };
    is_machine_name(name).then_some(name)
}

fn is_machine_name(name: &str) -> bool {
    let label = name.split('.').next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    let lower = label.to_lowercase();
    (3..=NETBIOS_NAME_MAX).contains(&label.len())
        && name.chars().all(plain)
        && name.split('.').all(|part| !part.is_empty() && !part.starts_with('-') && !part.ends_with('-'))
        && label.starts_with(|c: char| c.is_ascii_alphabetic())
        && label.contains(|c: char| c.is_ascii_digit() || c == '-')
        && !NO_MACHINES.iter().any(|start| lower.starts_with(start))
        && !PROGRAMS.contains(&lower.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, read_bytes};

    fn names(text: &str) -> Vec<String> {
        let machine = |fact: Fact| match fact {
            Fact::Machine(machine) => machine.hostname,
            _ => None,
        };
        let facts = read_bytes("t", text.as_bytes(), &Limits::default()).facts;
        facts.into_iter().map(|evidence| evidence.fact.value).filter_map(machine).collect()
    }

    #[test]
    fn knows_headings() {
        let cases = [
            ("SOUTH-FS", Some("SOUTH-FS")),
            ("=== PC-12 ===", Some("PC-12")),
            ("### kms01.contoso.com:", Some("kms01.contoso.com")),
            ("On KMS01:", Some("KMS01")),
            ("Client: PC-12", Some("PC-12")),
            ("Step-1", None),
            ("KB5034765", None),
            ("Get-Date", None),
            ("Enabled", None),
            ("both of them fail", None),
            ("10.0.0.4", None),
            ("---", None),
        ];
        for (line, expected) in cases {
            assert_eq!(named(line), expected, "{line}");
        }
    }

    #[test]
    fn only_above_a_command_that_is_not_about_the_name() {
        assert_eq!(names("PC-12\nipconfig /all\n"), ["PC-12"]);
        assert_eq!(names("PC-12:\n\nC:\\>slmgr /dlv\n"), ["PC-12"]);
        assert_eq!(names("PC-12:\nping pc-12\n"), [""; 0]);
        assert_eq!(names("PC-12\nis broken\n"), [""; 0]);
        // The output of a command above is no heading.
        assert_eq!(names("C:\\>type name.txt\nPC-12\nC:\\>slmgr /dlv\n"), [""; 0]);
    }
}
