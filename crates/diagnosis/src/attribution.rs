//! Which machine a fact tells of.
//!
//! The evidence names machines in many ways: an event has its computer, ipconfig its host name, a host's log the names
//! and CMIDs of its clients, and an admin calls a file or folder after the machine.
//! The order of trust is: a name in the fact itself; a name given earlier in the same file; the only name in the file;
//! a CMID that belongs to one known name; a file or folder that is called like a known machine;
//! last, the folder and role alone, which makes an unnamed machine.

use std::collections::{BTreeMap, BTreeSet};

use model::evidence::Evidence;
use model::host_name::{canonical, first_label};
use model::{EvidenceFile, Fact, Guid, Note, Place, Source};

use crate::case::{Machine, MachineId};

/// Machines, and for each file and fact whose it is.
pub(crate) struct Attribution {
    pub machines: Vec<Machine>,
    pub owners: Vec<Vec<Option<MachineId>>>,
    pub notes: Vec<Note>,
}

/// Attributes every fact of every file.
pub(crate) fn attribute(files: &[EvidenceFile]) -> Attribution {
    let known = KnownNames::gather(files);
    let mut registry = Machines::default();
    let mut notes = Vec::new();
    let mut owners = Vec::with_capacity(files.len());
    for file in files {
        owners.push(attribute_file(file, &known, &mut registry, &mut notes));
    }
    let mut machines = registry.machines;
    for machine in &mut machines {
        machine.names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    }
    Attribution { machines, owners, notes }
}

fn attribute_file(
    file: &EvidenceFile,
    known: &KnownNames,
    machines: &mut Machines,
    notes: &mut Vec<Note>,
) -> Vec<Option<MachineId>> {
    let own_names: BTreeSet<String> =
        file.facts.iter().filter_map(own_name).map(|n| first_label(&n)).collect();
    let by_path = known.of_path(&file.path);
    let only_name = match (own_names.len(), &by_path) {
        (1, _) => file.facts.iter().find_map(own_name),
        (0, Some(name)) => Some(name.clone()),
        // A response carries no CMID; the request beside it tells whose both are.
        (0, None) => {
            let mut names: Vec<String> =
                file.facts.iter().filter_map(cmid_of).filter_map(|c| known.of_cmid(c)).collect();
            names.dedup();
            if names.len() == 1 { names.pop() } else { None }
        }
        _ => None,
    };
    if own_names.len() > 1 && file.facts.iter().any(|e| tells_of_a_machine(e) && own_name(e).is_none()) {
        let names: Vec<String> = own_names.iter().cloned().collect();
        let source = Source { path: file.path.clone(), place: Place::Line(1) };
        notes.push(Note::new("note-attribution-unclear", vec![("names", names.join(", "))], source));
    }
    let mut current: Option<String> = None;
    let mut result = Vec::with_capacity(file.facts.len());
    for evidence in &file.facts {
        if !tells_of_a_machine(evidence) {
            result.push(None);
            continue;
        }
        let named = own_name(evidence);
        if let (Some(name), true) = (&named, sets_the_scene(evidence)) {
            current = Some(name.clone());
        }
        let name = named
            .or_else(|| current.clone())
            .or_else(|| cmid_of(evidence).and_then(|cmid| known.of_cmid(cmid)))
            .or_else(|| only_name.clone());
        let id = match name {
            Some(name) => machines.named(&name, known),
            None => machines.unnamed(&unnamed_key(file, evidence, known)),
        };
        machines.learn(id, file, evidence);
        result.push(Some(id));
    }
    result
}

/// Zone listings, Azure documents and firewall appliances tell of the site, not of one machine.
fn tells_of_a_machine(evidence: &Evidence) -> bool {
    match &evidence.fact.value {
        Fact::Dns(answer) => answer.zone.is_none(),
        Fact::Firewall(rule) => rule.rule_type.is_none(),
        Fact::Routes(_) | Fact::SecurityGroup(_) | Fact::Resource(_) | Fact::Addresses(_) => false,
        _ => true,
    }
}

/// The name that a fact itself gives to its machine.
fn own_name(evidence: &Evidence) -> Option<String> {
    let name = match &evidence.fact.value {
        Fact::Event(event) => event.computer.as_deref(),
        Fact::License(license) => license.computer.as_deref(),
        Fact::Machine(info) => info.hostname.as_deref(),
        Fact::Network(network) => network.hostname.as_deref(),
        Fact::Imds(imds) => imds.name.as_deref(),
        _ => None,
    }?;
    (!canonical(name).is_empty()).then(|| name.trim().to_owned())
}

/// `hostname` and ipconfig tell whose console the following lines come from.
fn sets_the_scene(evidence: &Evidence) -> bool {
    matches!(evidence.fact.value, Fact::Machine(_) | Fact::Network(_))
}

/// The CMID of a fact about the client itself (not of a client that a host saw).
fn cmid_of(evidence: &Evidence) -> Option<Guid> {
    match &evidence.fact.value {
        Fact::Event(event) if !event.is(model::event::REQUEST_PROCESSED) => event.cmid,
        Fact::License(license) => license.cmid,
        _ => None,
    }
}

/// Key of a machine that nothing names: its folder, with host and client apart, and clients with other CMIDs apart.
fn unnamed_key(file: &EvidenceFile, evidence: &Evidence, known: &KnownNames) -> String {
    let folder = folder_of(&file.path);
    let role = known.role_of_file.get(&*file.path).copied().unwrap_or(Role::Client);
    let is_host_fact = matches!(&evidence.fact.value, Fact::License(license) if license.is_kms_host());
    if is_host_fact || role == Role::Host {
        if let Some(name) = known.only_host_name(&folder) {
            return name;
        }
        return match known.hosts_in_folder.get(&folder).copied().unwrap_or(0) {
            0 | 1 => format!("{folder}\0host"),
            _ => format!("{}\0host", file.path),
        };
    }
    // The same file sent twice, or before and after the repair, is one machine; another CMID is another one.
    let several = known.cmids_in_folder.get(&folder).is_some_and(|cmids| cmids.len() > 1);
    match (several, known.cmid_of_file.get(&*file.path)) {
        (false, _) => format!("{folder}\0client"),
        (true, Some(cmid)) => format!("{folder}\0client\0{:032x}", cmid.as_u128()),
        (true, None) => format!("{}\0client", file.path),
    }
}

fn folder_of(path: &str) -> String {
    path.rsplit_once(['/', '\\']).map(|(folder, _)| folder.to_owned()).unwrap_or_default()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Client,
    Host,
}

/// What the whole bundle tells about names, before single facts are attributed.
#[derive(Default)]
struct KnownNames {
    /// First label to the longest form.
    names: BTreeMap<String, String>,
    /// CMIDs and the first labels that used them.
    cmids: BTreeMap<Guid, BTreeSet<String>>,
    /// Names of hosts per folder of the file that told.
    hosts: BTreeSet<String>,
    role_of_file: BTreeMap<String, Role>,
    hosts_in_folder: BTreeMap<String, usize>,
    /// CMIDs of the unnamed clients of each folder, and the one of each file.
    cmids_in_folder: BTreeMap<String, BTreeSet<Guid>>,
    cmid_of_file: BTreeMap<String, Guid>,
}

impl KnownNames {
    fn gather(files: &[EvidenceFile]) -> KnownNames {
        let mut known = KnownNames::default();
        for file in files {
            let mut client_cmids: BTreeSet<Guid> = BTreeSet::new();
            let mut is_host = false;
            let mut is_client = false;
            let mut is_named = false;
            for evidence in &file.facts {
                if let Some(name) = own_name(evidence) {
                    known.add(&name);
                    is_named = true;
                }
                match &evidence.fact.value {
                    Fact::Event(event) => {
                        known.learn_event(event);
                        if event.is(model::event::REQUEST_SENT) {
                            is_client = true;
                            client_cmids.extend(event.cmid);
                        }
                    }
                    Fact::Dns(answer) => {
                        let targets = answer
                            .records
                            .iter()
                            .filter(|r| r.is_vlmcs())
                            .filter_map(|r| r.target.as_deref());
                        targets.for_each(|target| known.add_host(target));
                    }
                    Fact::Connection(test) if test.port == Some(1688) => {
                        test.target.iter().for_each(|target| known.add_host(target));
                    }
                    Fact::License(license) => {
                        is_host |= license.is_kms_host();
                        is_client |= !license.is_kms_host();
                        client_cmids.extend(license.cmid);
                    }
                    _ => {}
                }
            }
            let folder = folder_of(&file.path);
            if is_host && !is_client {
                known.role_of_file.insert(file.path.to_string(), Role::Host);
                *known.hosts_in_folder.entry(folder.clone()).or_default() += usize::from(!is_named);
            }
            if is_client && !is_named {
                known.cmids_in_folder.entry(folder).or_default().extend(&client_cmids);
                if let Some(cmid) = client_cmids.first() {
                    known.cmid_of_file.insert(file.path.to_string(), *cmid);
                }
            }
        }
        known
    }

    fn add(&mut self, name: &str) {
        let label = first_label(name);
        let longest = self.names.entry(label).or_default();
        if name.len() > longest.len() {
            *longest = name.trim_end_matches('.').to_owned();
        }
    }

    /// A host that records or requests name; Azure's own endpoints are no machines of the case.
    fn add_host(&mut self, name: &str) {
        let is_address = name.parse::<std::net::IpAddr>().is_ok();
        if !is_address && !crate::survey::azure_signs::is_azure_kms_name(name) {
            self.add(name);
        }
    }

    fn learn_event(&mut self, event: &model::Event) {
        use model::event::{PUBLISHING_FAILED, PUBLISHING_SUCCEEDED, REQUEST_PROCESSED};
        let host_record =
            [REQUEST_PROCESSED, PUBLISHING_FAILED, PUBLISHING_SUCCEEDED].iter().any(|id| event.is(*id));
        if let (true, Some(computer)) = (host_record, &event.computer) {
            self.hosts.insert(first_label(computer));
        }
        let client =
            if event.is(REQUEST_PROCESSED) { event.client.as_ref() } else { event.computer.as_ref() };
        if let Some(host) = event.kms_machine.as_deref() {
            self.add_host(host);
        }
        if let (Some(cmid), Some(client)) = (event.cmid, client) {
            self.add(client);
            self.cmids.entry(cmid).or_default().insert(first_label(client));
        }
    }

    fn full(&self, label: &str) -> Option<String> {
        self.names.get(label).cloned()
    }

    /// The name behind a CMID, if it is only one: clones share theirs.
    fn of_cmid(&self, cmid: Guid) -> Option<String> {
        let labels = self.cmids.get(&cmid)?;
        if labels.len() == 1 { labels.first().and_then(|label| self.full(label)) } else { None }
    }

    /// A known machine whose name is the name of the file, or of a folder above it, or stands in the file's name.
    fn of_path(&self, path: &str) -> Option<String> {
        let parts: Vec<&str> = path.split(['/', '\\', '!']).filter(|part| !part.is_empty()).collect();
        for part in parts.iter().rev() {
            let stem = part.rsplit_once('.').map_or(*part, |(stem, _)| stem).to_lowercase();
            if let Some(name) = self.full(&stem).or_else(|| self.full(&part.to_lowercase())) {
                return Some(name);
            }
            let words = stem.split(['_', ' ', '+', '(', ')', '.', ',']).filter(|word| word.len() >= 3);
            let mut found: Vec<String> = words.filter_map(|word| self.full(word)).collect();
            found.dedup();
            if found.is_empty() {
                found = self.within(&stem);
            }
            if let [only] = found.as_slice() {
                return Some(only.clone());
            }
        }
        None
    }

    /// Names between the hyphens of a file or folder, as in `kms-collect-pc-017-20251121-101205`.
    ///
    /// A hyphen may belong to the name, so runs of parts are tried, the longest first. A single part without a digit
    /// is no name here: too many words are also names of machines.
    fn within(&self, stem: &str) -> Vec<String> {
        const NAME_PARTS_MAX: usize = 5;
        const PARTS_MAX: usize = 30;
        let parts: Vec<&str> = stem.split('-').take(PARTS_MAX).collect();
        let mut found = Vec::new();
        let mut at = 0;
        while at < parts.len() {
            let longest = NAME_PARTS_MAX.min(parts.len() - at);
            let named = (1..=longest).rev().find_map(|count| {
                let run = parts[at..at + count].join("-");
                let is_name = run.len() >= 3 && (count > 1 || run.contains(|c: char| c.is_ascii_digit()));
                self.full(&run).filter(|_| is_name).map(|name| (name, count))
            });
            at += named.as_ref().map_or(1, |(_, count)| *count);
            found.extend(named.map(|(name, _)| name));
        }
        found.dedup();
        found
    }

    /// The name of the host, when the bundle names exactly one.
    fn only_host_name(&self, _folder: &str) -> Option<String> {
        let label = if self.hosts.len() == 1 { self.hosts.first() } else { None }?;
        self.full(label)
    }
}

/// The machines found so far.
#[derive(Default)]
struct Machines {
    machines: Vec<Machine>,
    by_label: BTreeMap<String, MachineId>,
}

impl Machines {
    fn named(&mut self, name: &str, known: &KnownNames) -> MachineId {
        let label = first_label(name);
        let id = *self.by_label.entry(label.clone()).or_insert_with(|| {
            self.machines.push(Machine::default());
            self.machines.len() - 1
        });
        let machine = &mut self.machines[id];
        let full = known.full(&label).unwrap_or_else(|| name.to_owned());
        if !machine.names.iter().any(|own| canonical(own) == canonical(&full)) {
            machine.names.push(full);
        }
        id
    }

    fn unnamed(&mut self, key: &str) -> MachineId {
        if !key.contains('\0') {
            let label = first_label(key);
            if let Some(id) = self.by_label.get(&label) {
                return *id;
            }
            self.machines.push(Machine { names: vec![key.to_owned()], ..Machine::default() });
            self.by_label.insert(label, self.machines.len() - 1);
            return self.machines.len() - 1;
        }
        *self.by_label.entry(key.to_owned()).or_insert_with(|| {
            self.machines.push(Machine { unnamed: true, ..Machine::default() });
            self.machines.len() - 1
        })
    }

    fn learn(&mut self, id: MachineId, file: &EvidenceFile, evidence: &Evidence) {
        let machine = &mut self.machines[id];
        if machine.files.last().is_none_or(|last| *last != *file.path)
            && !machine.files.iter().any(|f| *f == *file.path)
        {
            machine.files.push(file.path.to_string());
        }
        if let Some(cmid) = cmid_of(evidence).filter(|cmid| !machine.cmids.contains(cmid)) {
            machine.cmids.push(cmid);
        }
        let addresses: Vec<String> = match &evidence.fact.value {
            Fact::Network(network) => network.adapters.iter().flat_map(|a| a.addresses.clone()).collect(),
            Fact::Connection(test) => test.source_address.iter().cloned().collect(),
            Fact::Imds(imds) => imds.private_addresses.clone(),
            _ => Vec::new(),
        };
        for address in addresses {
            if !machine.addresses.contains(&address) {
                machine.addresses.push(address);
            }
        }
    }
}

#[cfg(test)]
mod tests;
