//! Taking in what an admin changed while the host runs: the licence, and the options that need no restart.
//!
//! All of it is taken or nothing: what can fail comes before what can't.

use activation::settings::HostSettings;

use super::Shared;
use super::options::{Reread, RunError};
use super::run::read_licence;
use super::shared::locked;
use crate::log::{Level, with_causes};

/// Reads licence and options again, and takes them. Names of options that wait for a restart; or what is wrong, with
/// what was in force left in force.
pub(super) async fn reload(shared: &Shared) -> Result<Vec<String>, String> {
    let _changing = shared.changing.lock().await;
    let taken = shared.again_read();
    let taken =
        taken.and_then(|read| take(shared, &read).map(|()| read).map_err(|error| with_causes(&error)));
    match taken {
        Ok(read) => {
            shared.log.tell(Level::Info, "reloaded", &[("licence", &read.changeable.licence.display())]);
            if !read.need_restart.is_empty() {
                shared.log.tell(
                    Level::Warning,
                    "needs-restart",
                    &[
                        ("options", &read.need_restart.join(" ")),
                        ("effect", &"they stay as at the start until the host is started again"),
                    ],
                );
            }
            Ok(read.need_restart)
        }
        Err(problem) => {
            let effect = "all stays in force as it was";
            shared.log.tell(Level::Error, "not-reloaded", &[("problem", &problem), ("effect", &effect)]);
            Err(format!("{problem}; {effect}"))
        }
    }
}

fn take(shared: &Shared, read: &Reread) -> Result<(), RunError> {
    let new = &read.changeable;
    let licence = read_licence(&new.licence)?;
    let settings = {
        let mut judge = locked(&shared.judge);
        judge
            .host
            .relicense(&licence)
            .map_err(|source| RunError::Host { path: new.licence.clone(), source })?;
        // From here on nothing fails.
        let mut settings = judge.host.settings().clone();
        let configured = &shared.started.configured_domains;
        settings.domains.clone_from(if new.publish.is_empty() { configured } else { &new.publish });
        judge.host.set(settings.clone());
        settings
    };
    *locked(&shared.changeable) = std::sync::Arc::new(new.clone());
    locked(&shared.admission).set(new.networks(), new.limits.clone());
    shared.log.set_form(new.log);
    shared.publish_by(&settings);
    // Another DNS server or key may do what the one before refused.
    locked(&shared.publishing).hurry(shared.clock.now());
    shared.publish.notify_one();
    // Connections look whether they may stay, and the chores at what is theirs.
    shared.stop.send_modify(|_| {});
    Ok(())
}

impl Shared {
    fn again_read(&self) -> Result<Reread, String> {
        self.started.options.again.read()
    }

    /// Publishes by these settings from now on; what is new or different is due at once.
    pub(super) fn publish_by(&self, settings: &HostSettings) {
        let (name, now) = (&self.changeable().host_name, self.clock.now());
        locked(&self.publishing).set(settings, name, self.started.port, now);
    }
}
