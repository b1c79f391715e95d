//! What a running host answers on its control channel.

use std::path::Path;
use std::sync::Arc;

use activation::credentials::SignedRevocations;
use activation::settings::HostSettings;
use activation::slmgr::{self, HostAnswer, Output, Verb};
use serde_json::{Value, json};
use store::{HostReader, Place};

use super::Shared;
use super::journal::Journal;
use super::options::StoreChoice;
use super::reload::reload;
use super::run::{REVOCATIONS, SETTINGS, Started};
use super::shared::locked;
use crate::control::{Asked, Handler, Told};
use crate::log::{Level, with_causes};

/// The version that `/dlv` prints.
const VERSION: &str = env!("CARGO_PKG_VERSION");

pub(super) fn handler(shared: Arc<Shared>) -> Handler {
    Arc::new(move |asked| {
        let shared = shared.clone();
        Box::pin(async move {
            match asked {
                Asked::Slmgr(words) => verb(&words, &shared).await,
                Asked::Status => Told::Status(status(&shared)),
                Asked::Reload => match reload(&shared).await {
                    Ok(need_restart) => Told::Reloaded { need_restart },
                    Err(problem) => Told::Failed(problem),
                },
                Asked::Backup(path) => backup(&shared.started, path).await,
                Asked::Revocations(list) => revoke(&shared, &list).await,
                Asked::Stop => {
                    let _ = shared.stop.send(true);
                    Told::Done
                }
            }
        })
    })
}

fn done(result: Result<(), String>) -> Told {
    match result {
        Ok(()) => Told::Done,
        Err(problem) => Told::Failed(problem),
    }
}

async fn verb(words: &[String], shared: &Shared) -> Told {
    let verb = match Verb::parse(words) {
        Ok(verb) => verb,
        Err(error) => return Told::Failed(error.to_string()),
    };
    let _changing = shared.changing.lock().await;
    let answer = slmgr::host_side::run(&verb, &locked(&shared.judge).host, VERSION, shared.clock.now());
    let (settings, output) = match answer {
        HostAnswer::Text(output) => return text(output),
        HostAnswer::Changed(settings, output) => (settings, output),
    };
    // What could not be kept is not set either: a restart would forget it.
    if let Journal::Store(committer, _) = &shared.journal {
        let now = shared.clock.now();
        let words = match serde_json::to_string(&to_keep(&settings, &shared.started)) {
            Ok(words) => words,
            Err(error) => return Told::Failed(error.to_string()),
        };
        let kept = committer.run(move |store| store.set_setting(now, SETTINGS, Some(&words)));
        let result = match kept {
            Ok(pending) => pending.await.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        match result {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Told::Failed(with_causes(&error)),
            Err(error) => return Told::Failed(error),
        }
    }
    shared.publish_by(&settings);
    if verb == Verb::SetDnsPublishing(true) {
        locked(&shared.publishing).hurry(shared.clock.now());
    }
    locked(&shared.judge).host.set(settings);
    shared.publish.notify_one();
    shared.log.tell(Level::Info, "settings-changed", &[("verb", &words.join(" "))]);
    text(output)
}

/// The settings as they are kept: a port that only `--listen` chose, and domains of `--publish`, are not what was set.
fn to_keep(settings: &HostSettings, started: &Started) -> HostSettings {
    let mut kept = settings.clone();
    if !started.options.listen.is_empty() && kept.port == started.port {
        kept.port = started.configured_port;
    }
    kept.domains.clone_from(&started.configured_domains);
    kept
}

fn text(output: Output) -> Told {
    Told::Text { text: output.text, exit_code: output.exit_code }
}

/// Takes a newer list of revoked hosts; a list that the host has already is no failure.
async fn revoke(shared: &Shared, text: &str) -> Told {
    let list = match SignedRevocations::from_base64(text.trim()) {
        Ok(list) => list,
        Err(error) => return Told::Failed(format!("this is no list of revoked hosts: {error}")),
    };
    let number = list.revocations.number;
    let (is_publishers, is_newer) = {
        let mut judge = locked(&shared.judge);
        (judge.host.is_publishers(&list), judge.host.revoke(&list))
    };
    if !is_publishers {
        return Told::Failed("the list is not signed by the publisher of this host's licence".to_owned());
    }
    if !is_newer {
        return Told::Done;
    }
    shared.log.tell(Level::Info, "revocations-taken", &[("number", &number)]);
    let Journal::Store(committer, _) = &shared.journal else { return Told::Done };
    let text = list.to_base64();
    let kept = match committer.run(move |store| store.meta_set(REVOCATIONS, Some(&text))) {
        Ok(pending) => pending.await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match kept {
        Ok(Ok(())) => Told::Done,
        Ok(Err(error)) => Told::Failed(format!("obeyed, and not kept: {}", with_causes(&error))),
        Err(error) => Told::Failed(format!("obeyed, and not kept: {error}")),
    }
}

/// Copies the journal beside the writer, so that no answer waits for it.
async fn backup(started: &Started, path: String) -> Told {
    let StoreChoice::At(place) = started.options.store.clone() else {
        return Told::Failed("a host without a journal has nothing to back up".to_owned());
    };
    let copied = tokio::task::spawn_blocking(move || {
        let reader = HostReader::at(&place).map_err(|error| with_causes(&error))?;
        reader.backup(Path::new(&path)).map_err(|error| with_causes(&error))
    });
    match copied.await {
        Ok(result) => done(result),
        Err(error) => Told::Failed(error.to_string()),
    }
}

/// Where the journal is, with a folder's whole name: who asks may be in another one.
fn store(choice: &StoreChoice) -> String {
    let whole = match choice {
        StoreChoice::At(Place::Folder(folder)) => std::path::absolute(folder).ok().map(Place::Folder),
        _ => None,
    };
    whole.map_or_else(|| choice.to_string(), |place| StoreChoice::At(place).to_string())
}

/// The host's state for `kmscope host status`.
fn status(shared: &Shared) -> Value {
    let products = shared.products();
    let rows: Vec<Value> = products
        .iter()
        .map(|status| {
            let product = &status.grant.product;
            json!({
                "name": product.name,
                "application": product.application_name,
                "application_id": product.application_id,
                "activation_id": product.activation_id,
                "n_policy": product.n_policy,
                "current_count": status.count,
                "total_requests": status.counters.total,
                "failed_requests": status.counters.failed,
                "requests_by_status": status.counters.by_status,
                "in_force": status.in_force,
                "licence": status.grant.licence,
                "serial": status.grant.serial,
                "not_after": status.grant.not_after.to_string(),
            })
        })
        .collect();
    let health = shared.health().err().unwrap_or_else(|| "ok".to_owned());
    let judge = locked(&shared.judge);
    let strangers = judge.host.counters().get(&uuid::Uuid::nil()).copied().unwrap_or_default();
    let settings = judge.host.settings();
    json!({
        "schema": 1,
        "running": true,
        "version": VERSION,
        "publisher": judge.host.publisher(),
        "port": shared.started.port,
        "health": health,
        "store": store(&shared.started.options.store),
        "dns_publishing": settings.dns_publishing,
        "publish_in": settings.domains.iter().map(|domain| domain.domain.as_str()).collect::<Vec<_>>(),
        "activation_interval_min": settings.activation_interval_minutes,
        "renewal_interval_min": settings.renewal_interval_minutes,
        "revocation_number": judge.host.revocation_number(),
        "requests_for_other_products": strangers.total,
        "products": rows,
    })
}
