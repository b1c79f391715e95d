//! What is wrong with a command line, and the list of options.

use super::Output;
use super::sentences::{INVALID_DATA, INVALID_PARAMETER, NOT_SUPPORTED, PRODUCT_NOT_FOUND};
use crate::event::printable;

/// Exit code of wrong usage, as in the script.
const WRONG_USAGE: u32 = 1;

/// The options, each with its parameters.
const USAGE: &str = "\
Usage: kmscope slmgr [MachineName [User Password]] [<Option>]
           MachineName: name of a remote machine (default is the local machine)
           User:        account on the remote machine
           Password:    password of that account

Global Options:
/ipk <Setup Key>
    Install the setup key of a product (replaces the present key)
/ato [Activation ID]
    Activate the product now
/dli [Activation ID | All]
    Display license information
/dlv [Activation ID | All]
    Display detailed license information
/xpr [Activation ID]
    Expiration date for current license state

Advanced Options:
/upk [Activation ID]
    Uninstall the setup key
/rearm
    Reset the licensing status of the machine: a new client machine ID and a new grace period

Volume Licensing: Key Management Service (KMS) Client Options:
/skms <Name[:Port] | : port> [Activation ID]
    Set the name and/or the port of the KMS host, in place of discovery. IPv6 addresses stand in brackets: [address]:port
/ckms [Activation ID]
    Clear name and port of the KMS host
/skms-domain <FQDN> [Activation ID]
    Set the only DNS domain in which KMS SRV records are looked up. Without effect while a host is set with /skms
/ckms-domain [Activation ID]
    Clear that domain
/skhc
    Enable KMS host caching (default)
/ckhc
    Disable KMS host caching
/act-type [Activation-Type] [Activation ID]
    Set the activation type: 0 (all, default), 1 (AD), 2 (KMS) or 3 (Token)

Volume Licensing: Key Management Service (KMS) Options:
/sprt <Port>
    Set the TCP port on which the KMS host listens (1 to 65535, default 1688)
/sai <Activation Interval>
    Set the minutes between attempts of clients that are not activated (15 to 43200, default 120)
/sri <Renewal Interval>
    Set the minutes between renewals of activated clients (15 to 43200, default 10080)
/sdns
    Enable DNS publishing by the KMS host (default)
/cdns
    Disable DNS publishing by the KMS host
/spri
    Set KMS priority to normal (default)
/cpri
    Set KMS priority to low
";

/// What is wrong with a command line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UsageError {
    /// No word at all.
    #[error("no option is given")]
    Nothing,
    /// Two words before the option, none that is an option, or too many behind it.
    #[error("the command parameters do not go together")]
    InvalidCombination,
    /// Not an option of slmgr.vbs.
    #[error("unrecognized option {option:?}")]
    Unrecognized {
        /// The word.
        option: String,
    },
    /// An option without what it needs.
    #[error("option {option} needs {parameter}")]
    Missing {
        /// The option, without its slash.
        option: &'static str,
        /// What is missing.
        parameter: &'static str,
    },
    /// A value that is none.
    #[error("the data is invalid")]
    InvalidData,
    /// A number out of its range.
    #[error("the parameter is incorrect")]
    InvalidParameter,
    /// An activation id that is no GUID, and so no product's.
    #[error("activation id {0:?} not found")]
    UnknownProduct(String),
    /// An option of slmgr.vbs that has no meaning here.
    #[error("/{option} has no meaning here")]
    NotHere {
        /// The option, without its slash.
        option: &'static str,
        /// Why.
        reason: Reason,
    },
}

/// Why an option of slmgr.vbs has no meaning here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// `/cpky`.
    NoRegistry,
    /// `/ilc`, `/rilc`.
    NoLicenceFiles,
    /// `/dti`, `/atp`.
    NoTelephone,
    /// `/rearm-app`, `/rearm-sku`.
    OneProduct,
    /// The options of Active Directory-based activation.
    NoActiveDirectory,
    /// The options of token-based activation.
    NoTokens,
}

impl Reason {
    /// The sentence that follows the option's name.
    fn sentence(self) -> &'static str {
        match self {
            Reason::NoRegistry => {
                "clears keys from the registry, where kmscope keeps none; /upk removes the setup key."
            }
            Reason::NoLicenceFiles => {
                "installs license files of Windows, which kmscope does not use; a KMS host is started with its own."
            }
            Reason::NoTelephone => "is for activation by telephone, which kmscope does not know.",
            Reason::OneProduct => {
                "resets one of many products, and a kmscope client has one; /rearm resets it."
            }
            Reason::NoActiveDirectory => {
                "is for Active Directory-based activation, which kmscope does not do."
            }
            Reason::NoTokens => "is for token-based activation, which kmscope does not do.",
        }
    }
}

impl UsageError {
    /// The error of a documented option that has no meaning here.
    pub(super) fn not_here(name: &str) -> Option<UsageError> {
        const OPTIONS: [(&str, Reason); 18] = [
            ("cpky", Reason::NoRegistry),
            ("ilc", Reason::NoLicenceFiles),
            ("rilc", Reason::NoLicenceFiles),
            ("dti", Reason::NoTelephone),
            ("atp", Reason::NoTelephone),
            ("rearm-app", Reason::OneProduct),
            ("rearm-sku", Reason::OneProduct),
            ("ad-activation-online", Reason::NoActiveDirectory),
            ("ad-activation-get-iid", Reason::NoActiveDirectory),
            ("ad-activation-apply-cid", Reason::NoActiveDirectory),
            ("ao-list", Reason::NoActiveDirectory),
            ("del-ao", Reason::NoActiveDirectory),
            ("lil", Reason::NoTokens),
            ("ril", Reason::NoTokens),
            ("ltc", Reason::NoTokens),
            ("fta", Reason::NoTokens),
            ("stao", Reason::NoTokens),
            ("ctao", Reason::NoTokens),
        ];
        let (option, reason) = OPTIONS.into_iter().find(|(option, _)| *option == name)?;
        Some(UsageError::NotHere { option, reason })
    }

    /// The error of a code that a parameter was refused with.
    pub(super) fn of_code(code: u32) -> UsageError {
        if code == INVALID_PARAMETER { UsageError::InvalidParameter } else { UsageError::InvalidData }
    }

    /// What to print, and how to end.
    pub fn output(&self) -> Output {
        let with_usage = |line: String| Output { text: format!("{line}\n\n{USAGE}"), exit_code: WRONG_USAGE };
        match self {
            UsageError::Nothing => Output { text: USAGE.to_owned(), exit_code: WRONG_USAGE },
            UsageError::InvalidCombination => {
                with_usage("Invalid combination of command parameters.".to_owned())
            }
            UsageError::Unrecognized { option } => {
                with_usage(format!("Unrecognized option: {}", printable(option)))
            }
            UsageError::Missing { option, parameter } => {
                with_usage(format!("Error: option {option} needs {parameter}"))
            }
            UsageError::InvalidData => Output::refused("Error: The data is invalid", INVALID_DATA),
            UsageError::InvalidParameter => Output::code(INVALID_PARAMETER),
            UsageError::UnknownProduct(id) => unknown_product(id),
            UsageError::NotHere { option, reason } => {
                Output::error(NOT_SUPPORTED, &format!("/{option} {}", reason.sentence()))
            }
        }
    }
}

/// The script's answer to an activation id that no product has.
pub(super) fn unknown_product(id: &str) -> Output {
    Output::refused(&format!("Error: Activation ID ({}) not found.", printable(id)), PRODUCT_NOT_FOUND)
}
