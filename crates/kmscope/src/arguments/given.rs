//! Options as they were given on the command line, kept so that they can be laid over those of a file, again and again.

use std::ffi::OsString;
use std::marker::PhantomData;

use clap::error::Error;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, Id};

/// The options of `T` that somebody gave; each takes values, and a file may give the others.
#[derive(Debug)]
pub struct Given<T> {
    matches: ArgMatches,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Given<T> {
    fn clone(&self) -> Given<T> {
        Given { matches: self.matches.clone(), of: PhantomData }
    }
}

/// An option with its values, each as one word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenOption {
    /// Its name, without hyphens.
    pub name: String,
    /// `--name=value`, once for each value.
    pub words: Vec<OsString>,
    /// Where it stands in a file.
    pub place: Option<String>,
}

impl GivenOption {
    /// An option with its values.
    pub fn new(name: &str, values: impl IntoIterator<Item = impl Into<OsString>>) -> GivenOption {
        let word = |value: OsString| {
            let mut word = OsString::from(format!("--{name}="));
            word.push(value);
            word
        };
        let words = values.into_iter().map(|value| word(value.into())).collect();
        GivenOption { name: name.to_owned(), words, place: None }
    }
}

impl<T: Args> Given<T> {
    /// A command that has the options of `T` and nothing else.
    pub fn command() -> Command {
        T::augment_args(Command::new("options").disable_help_flag(true).disable_version_flag(true))
    }

    /// Those of the command line.
    pub fn options(&self) -> Vec<GivenOption> {
        let command = Self::command();
        let given = command.get_arguments().filter_map(|option| {
            let id = option.get_id().as_str();
            let is_given = self.matches.value_source(id) == Some(ValueSource::CommandLine);
            let values = self.matches.get_raw(id).filter(|_| is_given)?;
            Some(GivenOption::new(name_of(option)?, values))
        });
        given.collect()
    }

    /// Reads options as if all of them stood on one command line.
    pub fn read<'a>(options: impl IntoIterator<Item = &'a GivenOption>) -> Result<T, Error> {
        let words = options.into_iter().flat_map(|option| &option.words);
        let matches =
            Self::command().no_binary_name(true).try_get_matches_from(words.cloned().collect::<Vec<_>>())?;
        T::from_arg_matches(&matches)
    }
}

/// The name of an option, without hyphens.
fn name_of(option: &Arg) -> Option<&str> {
    option.get_long()
}

impl<T: Args> FromArgMatches for Given<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Given<T>, Error> {
        Ok(Given { matches: matches.clone(), of: PhantomData })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.matches = matches.clone();
        Ok(())
    }
}

impl<T: Args> Args for Given<T> {
    fn group_id() -> Option<Id> {
        T::group_id()
    }

    fn augment_args(command: Command) -> Command {
        T::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        T::augment_args_for_update(command)
    }
}
