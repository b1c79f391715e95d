//! What is known of the terminal and of who sits there.

use std::env;
use std::io::{IsTerminal, stderr, stdout};

use messages::{Argument, Catalogue, Language};

use crate::arguments::{ColorChoice, Shared};

/// Width of reports that go to a file or a pipe.
const WIDTH_ELSEWHERE: usize = 100;
/// Lines longer than this are hard to read, however wide the terminal is.
const WIDTH_MAX: usize = 120;
/// Narrower terminals get lines that they wrap themselves.
const WIDTH_MIN: usize = 40;

/// The terminal and the language.
#[derive(Debug)]
pub(crate) struct Console {
    pub catalogue: Catalogue,
    pub color: bool,
    pub width: usize,
    pub verbose: bool,
    pub progress: bool,
}

impl Console {
    pub(crate) fn new(shared: &Shared) -> Console {
        let language = shared.lang.unwrap_or_else(|| Language::from_environment(|name| env::var(name).ok()));
        let terminal = stdout().is_terminal();
        let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_some_and(|value| value == "dumb");
        let color = match shared.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => terminal && !no_color && !dumb,
        };
        let columns = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        Console {
            catalogue: Catalogue::new(language),
            color,
            width: columns.filter(|_| terminal).unwrap_or(WIDTH_ELSEWHERE).clamp(WIDTH_MIN, WIDTH_MAX),
            verbose: shared.verbose > 0,
            progress: !shared.quiet && stderr().is_terminal(),
        }
    }

    /// The same console for work beside which another bar is shown.
    pub(crate) fn without_progress(&self) -> Console {
        Console { catalogue: Catalogue::new(self.catalogue.language()), progress: false, ..*self }
    }

    /// A text of the catalogue.
    pub(crate) fn text(&self, key: &str, args: &[(&str, Argument<'_>)]) -> String {
        self.catalogue.text(key, args)
    }

    /// Tells of an error on standard error, with its causes in one line.
    pub(crate) fn complain(&self, error: &anyhow::Error) {
        // Paths and words of evidence come with it; a terminal must not obey them.
        eprintln!("kmscope: {}", report::visible::one_line(&format!("{error:#}")));
    }

    /// A heading, bold where colours are used.
    pub(crate) fn bold(&self, text: &str) -> String {
        if self.color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}
