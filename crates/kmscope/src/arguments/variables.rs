//! Values of Terraform's variables on the command line: `--var` and `--var-file`, of which later ones win.

use std::path::PathBuf;

use clap::error::{Error, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, value_parser};

/// One of the options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Variable {
    /// A value, as it was written.
    Value {
        /// Name of the variable.
        name: String,
        /// What stands behind the equals sign.
        value: String,
    },
    /// A file of values.
    File(PathBuf),
}

/// All of them, in the order of the command line.
#[derive(Debug, Clone, Default)]
pub struct Variables(pub Vec<Variable>);

const VALUE: &str = "var";
const FILE: &str = "var-file";

impl Args for Variables {
    fn augment_args(command: Command) -> Command {
        let value = Arg::new(VALUE)
            .value_name("NAME=VALUE")
            .value_parser(assignment)
            .help("Value of a Terraform variable; later --var and --var-file win");
        let file = Arg::new(FILE)
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .help("File with values of Terraform variables, beside terraform.tfvars and *.auto.tfvars");
        let option = |one: Arg, name| one.long(name).action(ArgAction::Append).help_heading("Terraform");
        command.arg(option(value, VALUE)).arg(option(file, FILE))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Variables {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Variables, Error> {
        let mut variables = Variables::default();
        variables.update_from_arg_matches(matches)?;
        Ok(variables)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        let mut found: Vec<(usize, Variable)> = Vec::new();
        let values = matches.get_many::<Variable>(VALUE).into_iter().flatten();
        found.extend(matches.indices_of(VALUE).into_iter().flatten().zip(values.cloned()));
        let files = matches.get_many::<PathBuf>(FILE).into_iter().flatten();
        let files = files.map(|path| Variable::File(path.clone()));
        found.extend(matches.indices_of(FILE).into_iter().flatten().zip(files));
        found.sort_by_key(|(index, _)| *index);
        self.0 = found.into_iter().map(|(_, variable)| variable).collect();
        Ok(())
    }
}

fn assignment(text: &str) -> Result<Variable, Error> {
    let refused = || Error::raw(ErrorKind::ValueValidation, "expected NAME=VALUE");
    let (name, value) = text.split_once('=').ok_or_else(refused)?;
    if name.is_empty() {
        return Err(refused());
    }
    Ok(Variable::Value { name: name.to_owned(), value: value.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_command_line_stays() {
        let command = Variables::augment_args(Command::new("lint"));
        let words = ["lint", "--var", "a=1=2", "--var-file", "x.tfvars", "--var", "b="];
        let variables = Variables::from_arg_matches(&command.get_matches_from(words)).unwrap();
        let value =
            |name: &str, value: &str| Variable::Value { name: name.to_owned(), value: value.to_owned() };
        assert_eq!(variables.0, [value("a", "1=2"), Variable::File("x.tfvars".into()), value("b", "")]);
        let command = Variables::augment_args(Command::new("lint"));
        assert!(command.try_get_matches_from(["lint", "--var", "a"]).is_err());
    }
}
