//! Where passphrases come from: a file, the environment, the terminal, or standard input.

use std::env;
use std::io::{self, BufRead, IsTerminal, Read};
use std::path::Path;

use anyhow::{Context, bail};
use zeroize::Zeroizing;

use super::folder::{cannot_read, read_text};
use crate::console::Console;

const PRESENT: &str = "KMSCOPE_PASSPHRASE";
const NEW: &str = "KMSCOPE_NEW_PASSPHRASE";
/// Longest line of standard input that is taken for a passphrase, in bytes.
const LINE_MAX: u64 = 4096;

/// The ways to the passphrases of one command.
#[derive(Debug)]
pub(super) struct Passphrases<'a> {
    file: Option<&'a Path>,
    console: &'a Console,
}

impl<'a> Passphrases<'a> {
    pub(super) fn new(file: Option<&'a Path>, console: &'a Console) -> Passphrases<'a> {
        Passphrases { file, console }
    }

    /// The passphrase of a key that is there.
    pub(super) fn present(&mut self) -> anyhow::Result<Zeroizing<String>> {
        let found = self.find(self.file, PRESENT, "publisher-ask", false)?;
        self.refuse_empty(found, "publisher-error-passphrase")
    }

    /// The passphrase of a key that is made.
    pub(super) fn first(&mut self) -> anyhow::Result<Zeroizing<String>> {
        let found = self.find(self.file, PRESENT, "publisher-ask-new", true)?;
        self.refuse_empty(found, "publisher-error-passphrase")
    }

    /// The passphrase that takes the place of the present one.
    pub(super) fn next(&mut self, file: Option<&Path>) -> anyhow::Result<Zeroizing<String>> {
        let found = self.find(file, NEW, "publisher-ask-new", true)?;
        self.refuse_empty(found, "publisher-error-new-passphrase")
    }

    fn refuse_empty(&self, found: Zeroizing<String>, key: &str) -> anyhow::Result<Zeroizing<String>> {
        if found.is_empty() {
            bail!(self.console.text(key, &[]));
        }
        Ok(found)
    }

    fn find(
        &self,
        file: Option<&Path>,
        variable: &str,
        question: &str,
        twice: bool,
    ) -> anyhow::Result<Zeroizing<String>> {
        if let Some(path) = file {
            let text = Zeroizing::new(read_text(path, self.console)?);
            return Ok(first_line(&text));
        }
        match env::var(variable) {
            Ok(value) => return Ok(Zeroizing::new(value)),
            Err(env::VarError::NotPresent) => {}
            Err(error) => return Err(error).context(variable.to_owned()),
        }
        if !io::stdin().is_terminal() {
            return self.line_of_input();
        }
        let typed = self.ask(question)?;
        if twice && *self.ask("publisher-ask-again")? != *typed {
            bail!(self.console.text("publisher-error-differ", &[]));
        }
        Ok(typed)
    }

    fn ask(&self, question: &str) -> anyhow::Result<Zeroizing<String>> {
        let prompt = format!("{} ", self.console.text(question, &[]));
        let typed = rpassword::prompt_password(prompt);
        typed.map(Zeroizing::new).with_context(|| cannot_read(Path::new("/dev/tty"), self.console))
    }

    fn line_of_input(&self) -> anyhow::Result<Zeroizing<String>> {
        let mut line = Zeroizing::new(String::new());
        let read = io::stdin().lock().take(LINE_MAX).read_line(&mut line);
        read.with_context(|| cannot_read(Path::new("-"), self.console))?;
        Ok(first_line(&line))
    }
}

fn first_line(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.lines().next().unwrap_or_default().to_owned())
}
