//! What fixes a fault: commands per shell, how far they may be trusted, how to go back, how to see that it worked.

use serde::Serialize;

use crate::message::{Args, Message};

/// How far the commands of a remedy may be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Safety {
    /// Changes one setting and can be undone; no restart, nobody else is affected.
    Safe,
    /// Restarts a service or machine, affects others, or can't be undone.
    Disruptive,
    /// To be read and adapted, not pasted.
    ShowOnly,
}

/// Where a command is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shell {
    /// Command prompt.
    Cmd,
    /// PowerShell.
    Powershell,
    /// Azure CLI.
    Az,
    /// BIND zone file or nsupdate.
    Bind,
    /// A command line of any system.
    Sh,
    /// Instructions rather than commands.
    Text,
}

/// Commands for one shell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Where they are typed.
    pub shell: Shell,
    /// The commands in order.
    pub commands: Vec<String>,
}

/// One way to fix a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// Its title, `<rule>-remedy-<name>` in the catalogue.
    pub title: Message,
    /// How far it may be trusted.
    pub safety: Safety,
    /// The same step for each shell that knows it, or several steps.
    pub steps: Vec<Step>,
    /// Commands that go back.
    pub undo: Vec<String>,
    /// Commands that show that it worked.
    pub verify: Vec<String>,
}

impl Remedy {
    /// A remedy named `<rule>-remedy-<name>`.
    pub fn new(rule: &str, name: &str, safety: Safety) -> Remedy {
        let title = Message::new(format!("{rule}-remedy-{name}"));
        Remedy { title, safety, steps: Vec::new(), undo: Vec::new(), verify: Vec::new() }
    }

    /// Adds arguments to the title.
    pub fn args(mut self, args: Args) -> Remedy {
        self.title.args = args;
        self
    }

    /// Adds commands for a shell.
    pub fn step(mut self, shell: Shell, commands: impl IntoIterator<Item = impl Into<String>>) -> Remedy {
        self.steps.push(Step { shell, commands: commands.into_iter().map(Into::into).collect() });
        self
    }

    /// Adds commands for a shell where a condition holds.
    pub fn steps_if<const COUNT: usize>(self, holds: bool, shell: Shell, commands: [&str; COUNT]) -> Remedy {
        if holds { self.step(shell, commands) } else { self }
    }

    /// Adds commands that go back.
    pub fn undo(mut self, commands: impl IntoIterator<Item = impl Into<String>>) -> Remedy {
        self.undo.extend(commands.into_iter().map(Into::into));
        self
    }

    /// Adds commands that show that it worked.
    pub fn verify(mut self, commands: impl IntoIterator<Item = impl Into<String>>) -> Remedy {
        self.verify.extend(commands.into_iter().map(Into::into));
        self
    }
}

/// A host or domain name from the evidence, made safe for a command line; otherwise the placeholder.
///
/// Evidence is hostile until shown otherwise: a name with a quote, a semicolon or a blank never reaches a command
/// that an admin may paste.
pub fn name_or<'a>(name: &'a str, placeholder: &'a str) -> &'a str {
    let name = name.trim().trim_end_matches('.');
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | ':');
    let safe = !name.is_empty() && name.len() <= 253 && name.chars().all(plain) && !name.starts_with('-');
    if safe { name } else { placeholder }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_do_not_reach_commands() {
        assert_eq!(name_or("kms01.contoso.com.", "<host>"), "kms01.contoso.com");
        for name in ["", "a b", "x;calc", "$(x)", "-rf", "a\"b", "a&b", "a`b"] {
            assert_eq!(name_or(name, "<host>"), "<host>", "{name}");
        }
    }
}
