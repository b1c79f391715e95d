//! The options at a client.

use uuid::Uuid;

use super::sentences::{NOT_A_HOST, PRODUCT_NOT_FOUND, sentence};
use super::usage::unknown_product;
use super::{HostArgument, Output, Verb, display, product_name};
use crate::chance::Chance;
use crate::client::{Client, LicenseState, Outcome};
use crate::codes;
use crate::credentials::SetupKey;
use crate::moment::Moment;
use crate::settings::ClientSettings;

/// What an option at a client leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientAnswer {
    /// It is done. The client's state may have changed, and is to be kept then.
    Text(Output),
    /// An attempt is to be made now; [`after_attempt`] tells how it went.
    Attempt,
}

/// Does what an option says. `version` is the program's, for `/dlv`.
pub fn run(
    verb: &Verb,
    client: &mut Client,
    version: &str,
    now: Moment,
    chance: &mut dyn Chance,
) -> ClientAnswer {
    let output = match verb {
        Verb::Activate(product) => match has_product(client, *product) {
            Ok(()) => return ClientAnswer::Attempt,
            Err(code) => Output::refused("Error: product not found.", code),
        },
        Verb::Display(which) => display::client_information(client, *which, false, version, now),
        Verb::DisplayDetailed(which) => display::client_information(client, *which, true, version, now),
        Verb::Expiration(product) => display::client_expiration(client, *product, now),
        Verb::InstallKey(key) => install_key(client, key, now),
        Verb::UninstallKey(product) => match has_product(client, *product) {
            Ok(()) => {
                client.state_mut().uninstall();
                Output::done(&["Uninstalled product key successfully."])
            }
            Err(code) => Output::refused("Error: product key not found.", code),
        },
        Verb::Rearm => rearm(client, now, chance),
        Verb::SetHostCaching(on) => set_host_caching(client, *on),
        Verb::SetHost(host, product) => for_product(client, *product, |client| set_host(client, host)),
        Verb::ClearHost(product) => for_product(client, *product, clear_host),
        Verb::SetLookupDomain(domain, product) => {
            for_product(client, *product, |client| set_lookup_domain(client, domain))
        }
        Verb::ClearLookupDomain(product) => for_product(client, *product, clear_lookup_domain),
        Verb::SetActivationType(kind, product) => for_product(client, *product, |client| {
            client.state_mut().settings.activation_type = *kind;
            Output::done(&["Volume activation type set successfully."])
        }),
        Verb::SetActivationInterval(_) => not_a_host("Volume activation interval"),
        Verb::SetRenewalInterval(_) => not_a_host("Volume renewal interval"),
        Verb::SetListeningPort(_) => not_a_host("KMS port"),
        Verb::SetDnsPublishing(_) => not_a_host("DNS Publishing"),
        Verb::SetLowPriority(_) => not_a_host("Priority"),
    };
    ClientAnswer::Text(output)
}

/// What `/ato` prints once its attempt is over.
pub fn after_attempt(outcome: &Outcome, client: &Client) -> Output {
    let Some(product) = &client.state().product else {
        return Output::refused("Error: product not found.", codes::NO_KEY);
    };
    let heading = format!("Activating {} ({}) ...\n", product_name(product), product.activation_id);
    if outcome.hresult == 0 {
        return Output { text: format!("{heading}Product activated successfully.\n"), exit_code: 0 };
    }
    let mut words = sentence(outcome.hresult).into_owned();
    if let (codes::COUNT_TOO_LOW, Some(count)) = (outcome.hresult, outcome.count) {
        words += &format!(" The count is {count}, and the product needs {}.", product.n_policy);
    }
    let error = Output::error(outcome.hresult, &words);
    Output { text: heading + &error.text, exit_code: error.exit_code }
}

/// True to the script: an option of hosts changes nothing here and prints a warning.
fn not_a_host(what: &str) -> Output {
    let line = format!("Warning: {what} can only be set on a KMS machine that is also activated.");
    Output::refused(&line, NOT_A_HOST)
}

/// The client has a product, with that id where one is named; or the code of what is missing.
fn has_product(client: &Client, product: Option<Uuid>) -> Result<(), u32> {
    match (&client.state().product, product) {
        (None, _) => Err(codes::NO_KEY),
        (Some(installed), Some(id)) if installed.activation_id != id => Err(PRODUCT_NOT_FOUND),
        _ => Ok(()),
    }
}

/// Changes a setting; one for a product that is not the client's is refused.
fn for_product(
    client: &mut Client,
    product: Option<Uuid>,
    set: impl FnOnce(&mut Client) -> Output,
) -> Output {
    match product {
        Some(id) if has_product(client, product).is_err() => unknown_product(&id.to_string()),
        _ => set(client),
    }
}

fn install_key(client: &mut Client, text: &str, now: Moment) -> Output {
    match text.parse::<SetupKey>() {
        Ok(key) => {
            client.state_mut().install(&key, now);
            Output::done(&[&format!("Installed product key {key} successfully.")])
        }
        Err(error) => {
            let words = format!("{} Reason: {error}.", sentence(codes::INVALID_KEY));
            Output::error(codes::INVALID_KEY, &words)
        }
    }
}

fn rearm(client: &mut Client, now: Moment, chance: &mut dyn Chance) -> Output {
    let grace_is_over = client.status(now).state == LicenseState::Notification;
    match client.state_mut().rearm(chance.uuid(), grace_is_over, now) {
        Ok(()) => Output::done(&[
            "Command completed successfully.",
            "Please restart the system for the changes to take effect.",
        ]),
        Err(_) => Output::code(codes::REARMS_USED_UP),
    }
}

fn set_host_caching(client: &mut Client, on: bool) -> Output {
    let state = client.state_mut();
    state.settings.host_caching = on;
    if on {
        Output::done(&["KMS host caching is enabled"])
    } else {
        // What is not to be used is not to be kept: caching that is enabled again begins anew.
        state.cached_host = None;
        Output::done(&["KMS host caching is disabled"])
    }
}

fn set_host(client: &mut Client, host: &HostArgument) -> Output {
    let settings = &mut client.state_mut().settings;
    if let Some(name) = host.host() {
        settings.fixed_host = Some(name.to_owned());
    }
    settings.fixed_port = host.port();
    let set = format!("Key Management Service machine name set to {host} successfully.");
    match overridden(settings) {
        Some(warning) => Output::done(&[&set, &warning]),
        None => Output::done(&[&set]),
    }
}

fn clear_host(client: &mut Client) -> Output {
    let settings = &mut client.state_mut().settings;
    settings.fixed_host = None;
    settings.fixed_port = None;
    let cleared = "Key Management Service machine name cleared successfully.";
    match &settings.lookup_domain {
        Some(domain) => {
            let warning = format!(
                "Warning: /skms-domain setting is in effect. {domain} will be used for DNS SRV record lookup."
            );
            Output::done(&[cleared, &warning])
        }
        None => Output::done(&[cleared]),
    }
}

fn set_lookup_domain(client: &mut Client, domain: &str) -> Output {
    let state = client.state_mut();
    state.settings.lookup_domain = Some(domain.to_owned());
    // A host from another domain must not be used before this one was searched.
    state.cached_host = None;
    let set = format!("Key Management Service lookup domain set to {domain} successfully.");
    match overridden(&state.settings) {
        Some(warning) => Output::done(&[&set, &warning]),
        None => Output::done(&[&set]),
    }
}

fn clear_lookup_domain(client: &mut Client) -> Output {
    let state = client.state_mut();
    state.settings.lookup_domain = None;
    state.cached_host = None;
    let cleared = "Key Management Service lookup domain cleared successfully.";
    match state.settings.fixed() {
        Some(host) => {
            let warning = format!("Warning: /skms setting is in effect. {host} will be used for activation.");
            Output::done(&[cleared, &warning])
        }
        None => Output::done(&[cleared]),
    }
}

/// The script's warning where both a host and a domain are set.
fn overridden(settings: &ClientSettings) -> Option<String> {
    settings.lookup_domain.as_ref()?;
    settings.fixed().map(|host| display::overrides(&host))
}
