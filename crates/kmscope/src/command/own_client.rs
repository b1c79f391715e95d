//! `check` from the place of a client of a site's own software.

use std::path::{Path, PathBuf};

use anyhow::bail;
use dns::domains::ClientSettings;
use messages::Argument;
use model::{Fact, Kind};
use readers::Limits;

use crate::arguments::live::Check;
use crate::console::Console;
use crate::local::{self, Local};

/// The events of a client, beside its state.
const EVENTS_FILE: &str = "events.log";

/// Puts such a client in the place of this machine's Windows, with its own settings where its folder is named.
/// Returns further files to judge.
pub(super) fn take_the_place(
    options: &Check,
    local: &mut Local,
    at: &str,
    console: &Console,
) -> anyhow::Result<Vec<PathBuf>> {
    if !options.client.describe_a_client() {
        leave_windows_out(local);
    }
    let Some(folder) = &options.client_data else { return Ok(Vec::new()) };
    local.settings = settings_of(folder, console)?;
    // Its own settings count, and not those of the machine.
    local.files.retain(|file| file.kind == Kind::Time);
    local.files.push(local::described_by(&local.settings, &local.nameservers, at));
    let status = crate::json_stream::line(&super::client::told(folder, console)?);
    let path = folder.join("client status");
    local.files.push(readers::read_bytes(&path.to_string_lossy(), status.as_bytes(), &Limits::default()));
    let events = folder.join(EVENTS_FILE);
    Ok(events.is_file().then_some(events).into_iter().collect())
}

/// What Windows is set to, and what became of it, says nothing of another client on the same machine.
fn leave_windows_out(local: &mut Local) {
    for file in &mut local.files {
        file.facts.retain(|one| {
            matches!(one.fact.value, Fact::Network(_) | Fact::Machine(_) | Fact::Time(_) | Fact::Imds(_))
        });
    }
    local.settings.fixed_host = None;
    local.settings.cached_host = None;
    local.settings.lookup_domain = None;
}

fn settings_of(folder: &Path, console: &Console) -> anyhow::Result<ClientSettings> {
    let Some(state) = service::client::load(folder)? else {
        let shown = folder.display().to_string();
        bail!(console.text("system-no-client", &[("path", Argument::Text(&shown))]));
    };
    let settings = state.settings;
    let port = settings.fixed_port.unwrap_or(rpc::KMS_PORT);
    Ok(ClientSettings {
        fixed_host: settings.fixed_host.map(|host| (host, port)),
        cached_host: state.cached_host.map(|host| (host.host, host.port)),
        lookup_domain: settings.lookup_domain,
        primary_suffix: settings.primary_suffix,
        search_list: settings.search_list,
        ..ClientSettings::default()
    })
}
