//! A file with options of a service, in TOML: its keys are the names of the options.
//!
//! What a value may be is asked of the option itself, so that file and command line never differ.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::Path;

use anyhow::{Context, bail};
use clap::builder::PossibleValue;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, Args, Command};
use toml::de::{DeTable, DeValue};

use crate::arguments::given::{Given, GivenOption};
use crate::arguments::live::Seconds;

/// The option that names the file, and so can't stand in it.
const FILE_OPTION: &str = "config";

/// How many letters of a key may be wrong for it to be taken for a slip.
const SLIP_MAX: usize = 2;

/// Options by their names.
pub(super) type Effective = BTreeMap<String, GivenOption>;

/// Options of the command line over those of a file, read anew: as a whole, and one by one.
pub(super) fn read<T: Args>(given: &Given<T>, file: Option<&Path>) -> anyhow::Result<(T, Effective)> {
    let mut options = given.options();
    if let Some(path) = file {
        let in_file = options_of(path, &Given::<T>::command())?;
        let is_given = |one: &GivenOption| options.iter().any(|other| other.name == one.name);
        let more: Vec<GivenOption> = in_file.into_iter().filter(|one| !is_given(one)).collect();
        options.extend(more);
    }
    let read = Given::<T>::read(&options).map_err(|error| {
        let complaint = anyhow::anyhow!(first_sentence(&error));
        match culprit::<T>(&options).and_then(|option| option.place.clone()) {
            Some(place) => complaint.context(place),
            None => complaint,
        }
    })?;
    Ok((read, options.into_iter().map(|option| (option.name.clone(), option)).collect()))
}

/// The option of the file without which all would be well: it needs another one, or goes with none of the others.
fn culprit<T: Args>(options: &[GivenOption]) -> Option<&GivenOption> {
    let is_well_without =
        |one: &&GivenOption| Given::<T>::read(options.iter().filter(|other| other.name != one.name)).is_ok();
    options.iter().filter(|option| option.place.is_some()).find(is_well_without)
}

/// What was made of an option, or the complaint with the option's place in the file.
pub(super) fn made_of<T>(effective: &Effective, name: &str, made: anyhow::Result<T>) -> anyhow::Result<T> {
    match effective.get(name).and_then(|option| option.place.clone()) {
        Some(place) => made.context(place),
        None => made,
    }
}

/// What clap complains of, without the usage behind it.
fn first_sentence(error: &clap::Error) -> String {
    let text = error.to_string();
    let text = text.split("\n\n").next().unwrap_or_default();
    text.trim_start_matches("error: ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The options that a file gives, each checked for itself.
fn options_of(path: &Path, command: &Command) -> anyhow::Result<Vec<GivenOption>> {
    let shown = || path.display().to_string();
    let text = service::files::read(path).with_context(shown)?;
    let text = text.with_context(|| format!("{} does not exist", shown()))?;
    let at = |place: &Range<usize>| {
        let (line, column) = line_and_column(&text, place.start);
        format!("{}, line {line}, column {column}", shown())
    };
    let table = match DeTable::parse(&text) {
        Ok(table) => table.into_inner(),
        Err(error) => bail!("{}: {}", at(&error.span().unwrap_or_default()), error.message()),
    };
    let mut options: Vec<GivenOption> = Vec::new();
    let mut keys: Vec<_> = table.into_iter().collect();
    keys.sort_by_key(|(key, _)| key.span().start);
    for (key, value) in keys {
        let name: &str = key.get_ref();
        let option = option_named(command, name).with_context(|| at(&key.span()))?;
        let long = option.get_long().unwrap_or(name);
        if options.iter().any(|other| other.name == long) {
            bail!("{}: {long} is set twice", at(&key.span()));
        }
        let mut values = Vec::new();
        for (place, value) in
            values_of(option, value.get_ref(), value.span()).map_err(|Wrong(place, expected)| {
                anyhow::anyhow!("{}: {name}: expected {expected}", at(&place))
            })?
        {
            check(command, option, long, &value)
                .map_err(|problem| anyhow::anyhow!("{}: {name}: {problem}", at(&place)))?;
            values.push(value);
        }
        options.push(GivenOption { place: Some(at(&key.span())), ..GivenOption::new(long, values) });
    }
    Ok(options)
}

/// Line and column of a place, both from 1, in characters.
fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

fn option_named<'a>(command: &'a Command, name: &str) -> anyhow::Result<&'a Arg> {
    let names = |option: &'a Arg| option.get_long_and_visible_aliases().unwrap_or_default();
    if name == FILE_OPTION {
        bail!("{FILE_OPTION} stands on the command line only");
    }
    if let Some(option) = command.get_arguments().find(|option| names(option).contains(&name)) {
        return Ok(option);
    }
    let known = command.get_arguments().flat_map(names).filter(|known| *known != FILE_OPTION);
    let near = known.map(|known| (strsim::damerau_levenshtein(name, known), known)).min();
    match near.filter(|(distance, _)| *distance <= SLIP_MAX) {
        Some((_, known)) => bail!("unknown key {name}, did you mean {known}?"),
        None => bail!("unknown key {name}, expected the name of an option of this service (see --help)"),
    }
}

/// What stands where something else is expected.
struct Wrong(Range<usize>, String);

/// The values of a key, with their places.
fn values_of(
    option: &Arg,
    value: &DeValue<'_>,
    place: Range<usize>,
) -> Result<Vec<(Range<usize>, String)>, Wrong> {
    let kind = Kind::of(option);
    let wrong = |place: Range<usize>, value: &DeValue<'_>, expected: String| {
        Wrong(place, format!("{expected}, found {}", shown_kind(value)))
    };
    if !matches!(option.get_action(), ArgAction::Append) {
        let text = kind.text(value).ok_or_else(|| wrong(place.clone(), value, kind.to_string()))?;
        return Ok(vec![(place, text)]);
    }
    let Some(list) = value.as_array() else {
        return Err(wrong(place, value, format!("a list, each of it {kind}")));
    };
    let each = list.iter().map(|one| {
        let text = kind.text(one.get_ref());
        text.map(|text| (one.span(), text)).ok_or_else(|| wrong(one.span(), one.get_ref(), kind.to_string()))
    });
    each.collect()
}

fn shown_kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text in quotation marks",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a section",
    }
}

/// What an option takes.
enum Kind {
    Count,
    Seconds,
    OneOf(Vec<PossibleValue>),
    /// With its name in the help, which says more.
    Text(String),
}

impl Kind {
    fn of(option: &Arg) -> Kind {
        let parser = option.get_value_parser();
        let is = |kind: TypeId| parser.type_id() == kind;
        if is(TypeId::of::<u32>()) || is(TypeId::of::<usize>()) {
            return Kind::Count;
        }
        if is(TypeId::of::<Seconds>()) {
            return Kind::Seconds;
        }
        let possible = option.get_possible_values();
        if !possible.is_empty() {
            return Kind::OneOf(possible);
        }
        let names = option.get_value_names().unwrap_or_default();
        Kind::Text(names.iter().map(|name| name.to_string()).collect())
    }

    /// A value as the command line would have it; nothing when it is of another kind.
    fn text(&self, value: &DeValue<'_>) -> Option<String> {
        match (self, value) {
            (Kind::Count | Kind::Seconds, DeValue::Integer(number)) => {
                i128::from_str_radix(number.as_str(), number.radix()).ok().map(|number| number.to_string())
            }
            (Kind::Seconds, DeValue::Float(number)) => Some(number.as_str().to_owned()),
            (Kind::Seconds | Kind::OneOf(_) | Kind::Text(_), DeValue::String(text)) => Some(text.to_string()),
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Count => f.write_str("a whole number"),
            Kind::Seconds => f.write_str("a number of seconds"),
            Kind::OneOf(values) => {
                let names: Vec<String> =
                    values.iter().map(|value| format!("\"{}\"", value.get_name())).collect();
                write!(f, "one of {}", names.join(", "))
            }
            Kind::Text(name) => write!(f, "\"{name}\""),
        }
    }
}

/// Has the option itself read a value. Why it does not.
fn check(command: &Command, option: &Arg, name: &str, value: &str) -> Result<(), String> {
    let word = GivenOption::new(name, [value]).words;
    let Err(error) = command.clone().no_binary_name(true).try_get_matches_from(word) else { return Ok(()) };
    let expected = Kind::of(option);
    match error.kind() {
        ErrorKind::InvalidValue => Err(format!("{value:?} is none, expected {expected}")),
        ErrorKind::ValueValidation => {
            let why = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            // Some say themselves what they expect.
            let more =
                if why.contains("expected") { String::new() } else { format!(", expected {expected}") };
            Err(format!("{value:?}: {why}{more}"))
        }
        // Only that other options are missing, which stand elsewhere.
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::hosting::HostRun;

    fn read_text(text: &str) -> Result<Vec<GivenOption>, String> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), text).expect("written");
        let read = options_of(file.path(), &Given::<HostRun>::command());
        let name = format!("{}, ", file.path().display());
        read.map_err(|error| format!("{error:#}").replace(&name, ""))
    }

    #[test]
    fn keys_are_options() {
        let text = "# of the branch\nrate = 1_000\nidle = 2.5\nallow = [\n \"10.0.0.0/8\",\n \"fd00::/8\"]\nlog = 'json'\nlicense = \"h\"\n";
        let read = read_text(text).expect("options");
        let words: Vec<String> =
            read.iter().flat_map(|o| &o.words).map(|word| word.to_string_lossy().into_owned()).collect();
        let expected = [
            "--rate=1000",
            "--idle=2.5",
            "--allow=10.0.0.0/8",
            "--allow=fd00::/8",
            "--log=json",
            "--licence=h",
        ];
        assert_eq!(words, expected);
        assert_eq!(read_text(""), Ok(Vec::new()));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, expected) in [
            ("rate = 5\nrates = 5", "line 2, column 1: unknown key rates, did you mean rate?"),
            ("[host]\nrate = 5", "line 1, column 2: unknown key host, expected the name of an option"),
            ("config = \"x\"", "line 1, column 1: config stands on the command line only"),
            (
                "rate = \"5\"",
                "line 1, column 8: rate: expected a whole number, found a text in quotation marks",
            ),
            (
                "rate = -1",
                "line 1, column 8: rate: \"-1\": -1 is not in 0..=4294967295, expected a whole number",
            ),
            ("rate = 5000000000", "line 1, column 8: rate: \"5000000000\": 5000000000 is not in 0..="),
            ("\nidle = 9999", "line 2, column 8: idle: \"9999\": expected seconds"),
            ("idle = 0", "line 1, column 8: idle: \"0\": expected seconds from 1 to 3600"),
            (
                "allow = \"10.0.0.0/8\"",
                "line 1, column 9: allow: expected a list, each of it \"PREFIX\", found a text",
            ),
            ("allow = [\"10.0.0.0/8\",\n  \"10.0.0.0/33\"]", "line 2, column 3: allow: \"10.0.0.0/33\": "),
            ("allow = [1]", "line 1, column 10: allow: expected \"PREFIX\", found a whole number"),
            ("log = \"xml\"", "line 1, column 7: log: \"xml\" is none, expected one of \"text\", \"json\""),
            ("licence = \"a\"\nlicense = \"b\"", "line 2, column 1: licence is set twice"),
            ("rate = 5\nrate = 6", "line 2, column 1: duplicate key"),
            ("rate = ", "line 1, column 8: "),
            (
                "publish = [\"contoso.com,x\"]",
                "line 1, column 12: publish: \"contoso.com,x\": expected DOMAIN",
            ),
        ] {
            let complaint = read_text(text).expect_err(text);
            assert!(complaint.starts_with(expected), "{text}: {complaint}");
        }
    }

    #[test]
    fn the_command_line_wins() {
        use clap::FromArgMatches;
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "rate = 7\nallow = [\"10.0.0.0/8\"]\nlicence = \"of the file\"")
            .expect("written");
        let words =
            ["x", "--config", "c", "--rate", "3", "--listen", "127.0.0.1:1", "--listen", "127.0.0.1:2"];
        let matches = Given::<HostRun>::command().try_get_matches_from(words).expect("options");
        let given = Given::<HostRun>::from_arg_matches(&matches).expect("options");
        let (options, effective) = read(&given, Some(file.path())).expect("options");
        assert_eq!((options.rate, options.listen.len(), options.allow.len()), (3, 2, 1));
        assert_eq!(options.licence, Some("of the file".into()));
        assert_eq!(
            (&effective["rate"].words[..], &effective["rate"].place),
            (&["--rate=3".into()][..], &None)
        );
        assert!(effective["allow"].place.as_ref().expect("a place").ends_with("line 2, column 1"));
        let alone = read(&given, None).expect("options").0;
        assert_eq!((alone.rate, alone.allow.len(), alone.licence), (3, 0, None));
    }
}
