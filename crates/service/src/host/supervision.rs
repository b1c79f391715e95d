//! The chores of a host last as long as it does. One that ends before, as it panicked or for any other reason, is told
//! of, written down as event 12292, and started again.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use activation::event::Event;
use tokio::task::{JoinError, JoinSet};

use super::Shared;
use super::chores::note_event;
use super::metrics::add;
use crate::log::Level;

/// `E_UNEXPECTED`: it panicked.
const UNEXPECTED: u32 = 0x8000_FFFF;
/// `ERROR_PROCESS_ABORTED`: it ended by itself.
const ABORTED: u32 = 0x8007_042B;

/// Before a chore is started again; doubled each time, up to the most.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// A chore that lasted so long has done its work for a while, so its next end is a first one.
const LONG_ENOUGH: Duration = Duration::from_secs(1800);

/// Runs a chore until the host ends. The chore goes with the task that this runs in.
pub(super) async fn supervise<C, F>(name: &'static str, chore: C, shared: Arc<Shared>)
where
    C: Fn(Arc<Shared>) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    let mut pause = FIRST_PAUSE;
    loop {
        let began = Instant::now();
        // A set, as that ends its tasks when it is dropped.
        let mut running = JoinSet::new();
        running.spawn(chore(shared.clone()));
        let ended = running.join_next().await;
        if *shared.stop.borrow() {
            return;
        }
        if began.elapsed() >= LONG_ENOUGH {
            pause = FIRST_PAUSE;
        }
        let (hresult, problem) = reason(ended);
        add(&shared.metrics.chores_ended);
        tell(&shared, name, hresult, &problem, pause);
        note_event(&shared, Event::RenewalTimerFailed { hresult }).await;
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn tell(shared: &Shared, name: &str, hresult: u32, problem: &str, pause: Duration) {
    let code = format!("0x{hresult:08X}");
    let again = format!("in {} s", pause.as_secs_f32());
    let details: [(&str, &dyn std::fmt::Display); 4] =
        [("chore", &name), ("code", &code), ("problem", &problem), ("again", &again)];
    shared.log.tell(Level::Error, "chore-ended", &details);
}

/// Why a chore ended, as a code and in words.
fn reason(ended: Option<Result<(), JoinError>>) -> (u32, String) {
    match ended {
        Some(Err(error)) if error.is_panic() => {
            let panic = error.into_panic();
            let words = panic.downcast_ref::<String>().map(String::as_str);
            let words = words.or_else(|| panic.downcast_ref::<&str>().copied());
            (UNEXPECTED, format!("it panicked: {}", words.unwrap_or("without a word")))
        }
        _ => (ABORTED, "it ended by itself".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use activation::Moment;
    use activation::credentials::{Grant, HostKey, HostLicence, Product, RootKey};
    use activation::moment::DAY;
    use model::Fact;
    use store::{HostReader, Place, What};
    use tokio::sync::Notify;

    use super::*;
    use crate::clock::Clock;
    use crate::host::admission::Limits;
    use crate::host::publish::Updates;
    use crate::host::{Again, Changeable, HostOptions, Reread, Running, StoreChoice, start};
    use crate::log::{Form, Log};

    fn licence(now: Moment) -> String {
        let (root, key) = (RootKey::from_seed([1; 32]), HostKey::from_seed([2; 32]));
        let grant = Grant {
            licence: "Contoso".to_owned(),
            serial: 1,
            host_number: 1,
            host_limit: 6,
            host_key: key.public(),
            product: Product::new(root.public().fingerprint(), 1, "Paint", 1, "Paint"),
            not_before: now.plus(-DAY),
            not_after: now.plus(DAY),
        };
        let licence = HostLicence {
            publisher: "Contoso".to_owned(),
            root: root.public(),
            grants: vec![grant.sign(&root).expect("signed")],
            revocations: None,
            host_key: Some(key),
        };
        licence.write().to_string()
    }

    /// A host in a folder, and the lines that it logs.
    async fn host(folder: &std::path::Path) -> (Running, Arc<Mutex<Vec<String>>>) {
        let clock = Clock::system();
        let path = folder.join("host.toml");
        std::fs::write(&path, licence(clock.now())).expect("a file");
        let changeable = Changeable {
            licence: path,
            publish: Vec::new(),
            host_name: "kms01.contoso.com".to_owned(),
            updates: Updates {
                nameserver: None,
                key: None,
                patience: Duration::from_secs(1),
                random: Arc::new(probe::lookup::Random::new(|| 1)),
            },
            allow: Vec::new(),
            limits: Limits::default(),
            keep_days: None,
            log: Form::Json,
        };
        let reread = Reread { changeable: changeable.clone(), need_restart: Vec::new() };
        let options = HostOptions {
            data: folder.to_owned(),
            listen: vec![([127, 0, 0, 1], 0).into()],
            store: StoreChoice::At(Place::Folder(folder.to_owned())),
            metrics: None,
            remote_control: None,
            cluster: None,
            changeable,
            again: Again::by(move || Ok(reread.clone())),
        };
        let lines = Arc::new(Mutex::new(Vec::new()));
        let kept = lines.clone();
        let log =
            Log::to(clock.clone(), Form::Json, move |line| kept.lock().expect("lines").push(line.to_owned()));
        (start(options, clock, log).await.expect("the host starts"), lines)
    }

    #[tokio::test]
    async fn a_chore_that_ends_is_told_of_written_down_and_started_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let (running, lines) = host(folder.path()).await;
        let shared = running.shared.clone();
        let (starts, third) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let (counted, told) = (starts.clone(), third.clone());
        let chore = move |_: Arc<Shared>| {
            let (number, told) = (counted.fetch_add(1, Ordering::SeqCst) + 1, told.clone());
            async move {
                match number {
                    1 => panic!("no such timer"),
                    2 => {}
                    _ => {
                        told.notify_one();
                        std::future::pending().await
                    }
                }
            }
        };
        let supervised = tokio::spawn(supervise("dusting", chore, shared.clone()));
        tokio::time::timeout(Duration::from_secs(60), third.notified()).await.expect("a third start");
        assert!(!supervised.is_finished());
        assert_eq!(shared.metrics.chores_ended.load(Ordering::SeqCst), 2);
        supervised.abort();
        let _ = supervised.await;
        drop(shared);
        running.stop().await;
        assert_eq!(starts.load(Ordering::SeqCst), 3);

        let lines = lines.lock().expect("lines").clone();
        let told: Vec<&String> = lines.iter().filter(|line| line.contains("chore-ended")).collect();
        for (line, words) in told.iter().zip(["it panicked: no such timer", "it ended by itself"]) {
            assert!(line.contains(words) && line.contains("\"chore\":\"dusting\""), "{line}");
        }
        assert_eq!(told.len(), 2, "none of the host's own chores ended: {lines:#?}");

        let reader = HostReader::open(folder.path()).expect("the journal");
        let kept = reader.events(Moment(i64::MIN), Moment(i64::MAX), 0, 100).expect("events");
        let text: String = kept
            .iter()
            .filter_map(|one| match &one.what {
                What::Event(event) => Some(event.as_text(one.at, "kms01")),
                _ => None,
            })
            .collect();
        let file = readers::read_bytes("events.txt", text.as_bytes(), &readers::Limits::default());
        let codes: Vec<_> = file
            .facts
            .iter()
            .filter_map(|one| match &one.fact.value {
                Fact::Event(event) if event.event_id == Some(model::event::RENEWAL_TIMER_FAILED) => {
                    event.hresult.map(|code| code.value())
                }
                _ => None,
            })
            .collect();
        assert_eq!(codes, [UNEXPECTED, ABORTED], "{text}");
    }
}
