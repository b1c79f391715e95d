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

    /// The count at which every client is activated: what our own host names, else that of Windows clients.
    pub fn needed(&self) -> i64 {
        const WINDOWS_CLIENTS: i64 = 25;
        let named = self.products.iter().filter_map(|(_, l)| l.min_count).max();
        named.map_or(WINDOWS_CLIENTS, i64::from)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{case, client_dlv, cmid, host_dlv, processed, product_dlv};

    #[test]
    fn the_windows_block_speaks_for_a_host_with_an_office_block() {
        let office = product_dlv(
            "Office 21, Office21KMSHostVL_KMS_Host edition",
            "VOLUME_KMS",
            "Volume:CSVLK",
            "XXXXX",
            "Licensed",
            "",
        );
        let text = format!("C:\\>hostname\nkms01\n\n{}\n{office}", host_dlv("Licensed", 30, "enabled"));
        let case = case(&[("kms01.txt", &text)]);
        let hosts = hosts(&case);
        assert_eq!((hosts.len(), hosts[0].label.as_str(), hosts[0].products.len()), (1, "kms01", 2));
        assert!(
            hosts[0]
                .product()
                .is_some_and(|(_, l)| l.name.as_deref().is_some_and(|n| n.starts_with("Windows")))
        );
        assert_eq!((hosts[0].count(), hosts[0].is_licensed()), (Some(30), Some(true)));
    }

    #[test]
    fn a_log_makes_a_host_and_a_client_does_not() {
        let log = processed("kms01", "2025-06-03T07:00:00", "0x0", "pc-1", &cmid(1));
        let case = case(&[("kms01.xml", &log), ("PC-1.txt", &client_dlv("Licensed", ""))]);
        let hosts = hosts(&case);
        assert_eq!((hosts.len(), hosts[0].has_log, hosts[0].count()), (1, true, None));
    }
}
