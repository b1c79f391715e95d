//! KMS hosts of the site, as far as their own evidence goes.

use model::{License, LicenseStatus};

use crate::case::{Case, Item, MachineId};

/// One machine with a KMS host key.
#[derive(Debug, Default)]
pub struct Host<'a> {
    /// The machine.
    pub machine: Option<MachineId>,
    /// Name to show.
    pub label: String,
    /// Its host product blocks (Windows, Office), the last one printed last.
    pub products: Vec<(Item<'a>, &'a License)>,
    /// It wrote 12290, or host events.
    pub has_log: bool,
}

impl<'a> Host<'a> {
    /// The host block for Windows, else the first.
    pub fn product(&self) -> Option<(Item<'a>, &'a License)> {
        let windows = |l: &License| l.name.as_deref().is_none_or(|n| !n.to_lowercase().contains("office"));
        self.products.iter().rev().find(|(_, l)| windows(l)).or(self.products.last()).copied()
    }

    /// The printed count.
    pub fn count(&self) -> Option<i64> {
        self.products.iter().rev().find_map(|(_, l)| l.current_count)
    }

    /// Whether some host product is activated; nothing when no state was printed.
    pub fn is_licensed(&self) -> Option<bool> {
        let states = || self.products.iter().filter_map(|(_, l)| l.license_status);
        states().next().map(|_| states().any(|state| state == LicenseStatus::Licensed))
    }
}

/// Every KMS host of which something was printed or logged.
pub fn hosts(case: &Case) -> Vec<Host<'_>> {
    let mut hosts: Vec<Host<'_>> = Vec::new();
    for (item, license) in case.licenses().filter(|(_, l)| l.is_kms_host()) {
        of_machine(case, &mut hosts, item.machine).products.push((item, license));
    }
    for (item, event) in case.events() {
        if matches!(event.event_id, Some(12290..=12294)) {
            of_machine(case, &mut hosts, item.machine).has_log = true;
        }
    }
    hosts
}

fn of_machine<'h, 'a>(
    case: &Case,
    hosts: &'h mut Vec<Host<'a>>,
    machine: Option<MachineId>,
) -> &'h mut Host<'a> {
    let index = hosts.iter().position(|host| host.machine == machine).unwrap_or_else(|| {
        let label = case.machine_label(machine).unwrap_or_default();
        hosts.push(Host { machine, label, ..Host::default() });
        hosts.len() - 1
    });
    &mut hosts[index]
}
