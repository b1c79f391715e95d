//! The command line: `[machine [user password]] /option [parameters]`.

use std::fmt;

use uuid::Uuid;

use super::HostArgument;
use super::host_argument::is_name;
use super::usage::UsageError;
use crate::settings::ActivationType;

/// Most words before the option.
const REMOTE_WORDS_MAX: usize = 3;

/// What to do, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine {
    /// Another machine than this one.
    pub remote: Option<Remote>,
    /// What to do.
    pub verb: Verb,
}

/// A machine, and as whom to work there.
#[derive(Clone, PartialEq, Eq)]
pub struct Remote {
    /// Its name.
    pub machine: String,
    /// An account; the present one without.
    pub user: Option<String>,
    /// The account's password.
    pub password: Option<String>,
}

impl fmt::Debug for Remote {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote")
            .field("machine", &self.machine)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// About which products `/dli` and `/dlv` tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The one in use; here that is every product that there is.
    Current,
    /// All.
    All,
    /// The one with an activation id.
    Product(Uuid),
}

impl Which {
    /// True for a product that is to be told about.
    pub fn includes(self, activation_id: Uuid) -> bool {
        match self {
            Which::Current | Which::All => true,
            Which::Product(id) => id == activation_id,
        }
    }
}

/// An option with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verb {
    /// `/ipk`.
    InstallKey(String),
    /// `/upk`.
    UninstallKey(Option<Uuid>),
    /// `/ato`.
    Activate(Option<Uuid>),
    /// `/dli`.
    Display(Which),
    /// `/dlv`.
    DisplayDetailed(Which),
    /// `/xpr`.
    Expiration(Option<Uuid>),
    /// `/skms`.
    SetHost(HostArgument, Option<Uuid>),
    /// `/ckms`.
    ClearHost(Option<Uuid>),
    /// `/skms-domain`.
    SetLookupDomain(String, Option<Uuid>),
    /// `/ckms-domain`.
    ClearLookupDomain(Option<Uuid>),
    /// `/skhc`, `/ckhc`.
    SetHostCaching(bool),
    /// `/act-type`.
    SetActivationType(ActivationType, Option<Uuid>),
    /// `/rearm`.
    Rearm,
    /// `/sai`: minutes. A host checks the range.
    SetActivationInterval(u32),
    /// `/sri`: minutes. A host checks the range.
    SetRenewalInterval(u32),
    /// `/sprt`. A host checks the range.
    SetListeningPort(u32),
    /// `/sdns`, `/cdns`.
    SetDnsPublishing(bool),
    /// `/cpri`, `/spri`.
    SetLowPriority(bool),
}

/// Reads a command line: its words without the name of the program.
pub fn parse(args: &[String]) -> Result<CommandLine, UsageError> {
    if args.is_empty() {
        return Err(UsageError::Nothing);
    }
    // In the password's place, a lone hyphen is no option: the password is elsewhere.
    let is_option =
        |(at, word): (usize, &String)| word.starts_with(['/', '-']) && (at, word.as_str()) != (2, "-");
    let at = args
        .iter()
        .take(REMOTE_WORDS_MAX + 1)
        .enumerate()
        .position(is_option)
        .ok_or(UsageError::InvalidCombination)?;
    let (before, words) = args.split_at(at);
    let remote = match before {
        [] => None,
        [machine] => Some(Remote { machine: machine.clone(), user: None, password: None }),
        [machine, user, password] => Some(Remote {
            machine: machine.clone(),
            user: Some(user.clone()),
            password: Some(password.clone()),
        }),
        _ => return Err(UsageError::InvalidCombination),
    };
    Ok(CommandLine { remote, verb: Verb::parse(words)? })
}

impl Verb {
    /// Reads an option and its parameters.
    pub fn parse(words: &[String]) -> Result<Verb, UsageError> {
        let (word, rest) = words.split_first().ok_or(UsageError::Nothing)?;
        let name = word.strip_prefix(['/', '-']).ok_or(UsageError::InvalidCombination)?.to_ascii_lowercase();
        let mut parameters = Parameters(rest);
        let verb = match name.as_str() {
            "ipk" => Verb::InstallKey(parameters.needed("ipk", "<Product Key>")?.to_owned()),
            "upk" => Verb::UninstallKey(parameters.product()?),
            "ato" => Verb::Activate(parameters.product()?),
            "dli" => Verb::Display(parameters.which()?),
            "dlv" => Verb::DisplayDetailed(parameters.which()?),
            "xpr" => Verb::Expiration(parameters.product()?),
            "skms" => {
                let host = parameters.needed("skms", "<Name[:Port] | : port>")?;
                let host = HostArgument::parse(host).map_err(UsageError::of_code)?;
                Verb::SetHost(host, parameters.product()?)
            }
            "ckms" => Verb::ClearHost(parameters.product()?),
            "skms-domain" => {
                let domain = domain(parameters.needed("skms-domain", "<FQDN>")?)?;
                Verb::SetLookupDomain(domain, parameters.product()?)
            }
            "ckms-domain" => Verb::ClearLookupDomain(parameters.product()?),
            "skhc" => Verb::SetHostCaching(true),
            "ckhc" => Verb::SetHostCaching(false),
            "act-type" => Verb::SetActivationType(parameters.activation_type()?, parameters.product()?),
            "rearm" => Verb::Rearm,
            "sai" => Verb::SetActivationInterval(number(parameters.needed("sai", "<Activation Interval>")?)?),
            "sri" => Verb::SetRenewalInterval(number(parameters.needed("sri", "<Renewal Interval>")?)?),
            "sprt" => Verb::SetListeningPort(number(parameters.needed("sprt", "<Port>")?)?),
            "sdns" => Verb::SetDnsPublishing(true),
            "cdns" => Verb::SetDnsPublishing(false),
            "cpri" => Verb::SetLowPriority(true),
            "spri" => Verb::SetLowPriority(false),
            other => {
                let unknown = UsageError::Unrecognized { option: word.clone() };
                return Err(UsageError::not_here(other).unwrap_or(unknown));
            }
        };
        if parameters.0.is_empty() { Ok(verb) } else { Err(UsageError::InvalidCombination) }
    }

    /// The option with its parameters as words that [`Verb::parse`] reads.
    pub fn words(&self) -> Vec<String> {
        let (parameter, product) = match self {
            Verb::InstallKey(key) => (Some(key.clone()), None),
            Verb::UninstallKey(product)
            | Verb::Activate(product)
            | Verb::Expiration(product)
            | Verb::ClearHost(product)
            | Verb::ClearLookupDomain(product) => (None, *product),
            Verb::Display(which) | Verb::DisplayDetailed(which) => match which {
                Which::Current => (None, None),
                Which::All => (Some("all".to_owned()), None),
                Which::Product(id) => (None, Some(*id)),
            },
            Verb::SetHost(host, product) => (Some(host.to_string()), *product),
            Verb::SetLookupDomain(domain, product) => (Some(domain.clone()), *product),
            Verb::SetActivationType(kind, product) => (Some(type_number(*kind).to_string()), *product),
            Verb::SetActivationInterval(number)
            | Verb::SetRenewalInterval(number)
            | Verb::SetListeningPort(number) => (Some(number.to_string()), None),
            Verb::SetHostCaching(_) | Verb::Rearm | Verb::SetDnsPublishing(_) | Verb::SetLowPriority(_) => {
                (None, None)
            }
        };
        let product = product.map(|id| id.to_string());
        [Some(format!("/{}", self.option())), parameter, product].into_iter().flatten().collect()
    }

    /// True for an option that only shows something.
    pub fn is_display(&self) -> bool {
        matches!(self, Verb::Display(_) | Verb::DisplayDetailed(_) | Verb::Expiration(_))
    }

    /// The option's name, without a slash.
    pub fn option(&self) -> &'static str {
        match self {
            Verb::InstallKey(_) => "ipk",
            Verb::UninstallKey(_) => "upk",
            Verb::Activate(_) => "ato",
            Verb::Display(_) => "dli",
            Verb::DisplayDetailed(_) => "dlv",
            Verb::Expiration(_) => "xpr",
            Verb::SetHost(..) => "skms",
            Verb::ClearHost(_) => "ckms",
            Verb::SetLookupDomain(..) => "skms-domain",
            Verb::ClearLookupDomain(_) => "ckms-domain",
            Verb::SetHostCaching(true) => "skhc",
            Verb::SetHostCaching(false) => "ckhc",
            Verb::SetActivationType(..) => "act-type",
            Verb::Rearm => "rearm",
            Verb::SetActivationInterval(_) => "sai",
            Verb::SetRenewalInterval(_) => "sri",
            Verb::SetListeningPort(_) => "sprt",
            Verb::SetDnsPublishing(true) => "sdns",
            Verb::SetDnsPublishing(false) => "cdns",
            Verb::SetLowPriority(true) => "cpri",
            Verb::SetLowPriority(false) => "spri",
        }
    }
}

/// The words behind the option that are still to be read.
struct Parameters<'a>(&'a [String]);

impl<'a> Parameters<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    fn needed(&mut self, option: &'static str, parameter: &'static str) -> Result<&'a str, UsageError> {
        self.next().ok_or(UsageError::Missing { option, parameter })
    }

    fn product(&mut self) -> Result<Option<Uuid>, UsageError> {
        self.next().map(product_id).transpose()
    }

    fn which(&mut self) -> Result<Which, UsageError> {
        match self.next() {
            None => Ok(Which::Current),
            Some(word) if word.eq_ignore_ascii_case("all") => Ok(Which::All),
            Some(word) => product_id(word).map(Which::Product),
        }
    }

    fn activation_type(&mut self) -> Result<ActivationType, UsageError> {
        let Some(word) = self.next() else { return Ok(ActivationType::All) };
        ActivationType::from_number(number(word)?).ok_or(UsageError::InvalidData)
    }
}

fn product_id(word: &str) -> Result<Uuid, UsageError> {
    Uuid::parse_str(word.trim()).map_err(|_| UsageError::UnknownProduct(word.to_owned()))
}

/// A whole number that is not negative and fits into the script's 32 bits.
fn number(word: &str) -> Result<u32, UsageError> {
    let number: i32 = word.trim().parse().map_err(|_| UsageError::InvalidData)?;
    u32::try_from(number).map_err(|_| UsageError::InvalidData)
}

fn domain(word: &str) -> Result<String, UsageError> {
    let domain = word.trim_end_matches('.');
    if is_name(domain, false) { Ok(domain.to_owned()) } else { Err(UsageError::InvalidData) }
}

fn type_number(kind: ActivationType) -> u32 {
    match kind {
        ActivationType::All => 0,
        ActivationType::ActiveDirectory => 1,
        ActivationType::Kms => 2,
        ActivationType::Token => 3,
    }
}
