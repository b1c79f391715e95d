//! All that the evidence says, with every fact attributed to the machine that it tells of.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use model::azure::{AddressList, Imds, Resource, RouteTable, SecurityGroup};
use model::dns::DnsAnswer;
use model::evidence::Evidence;
use model::network::{ConnectionTest, NetworkConfig, Ping, TraceRoute};
use model::windows::{
    CommandFailure, FirewallRule, MachineInfo, RegistryValue, ServiceState, Socket, TimeCheck,
};
use model::{Event, EvidenceFile, Fact, Guid, License, Note, Source};

use crate::finding::Citation;
use crate::{attribution, survey};

/// The evidence of one diagnosis.
#[derive(Debug, Clone, Default)]
pub struct Case {
    /// What each file told.
    pub files: Vec<EvidenceFile>,
    /// Machines that the evidence tells of.
    pub machines: Vec<Machine>,
    /// Notes on the attribution of facts to machines.
    pub notes: Vec<Note>,
    /// For each file, for each fact: the machine it tells of.
    owners: Vec<Vec<Option<MachineId>>>,
    /// What many rules ask, answered once.
    answers: Answers,
}

/// Answers that the surveys work out once for a case, whose evidence does not change.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answers {
    /// A failing code that still matters was seen.
    pub any_current_code: OnceLock<bool>,
    /// When each client was last activated.
    pub last_successes: OnceLock<BTreeMap<MachineId, i64>>,
    /// The clients, with the places of their facts.
    pub clients: OnceLock<Vec<survey::clients::Kept>>,
    /// The logs of hosts, with the places of their records.
    pub host_logs: OnceLock<Vec<survey::counting::Kept>>,
    /// Whether machines, and the case, are of kmscope's own kind or genuine.
    pub kinds: OnceLock<(BTreeMap<MachineId, survey::own::Kinds>, survey::own::Kinds)>,
}

/// Where a fact stands in its case: the file, and the fact within it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FactPlace {
    file: u32,
    fact: u32,
}

/// Index into [`Case::machines`].
pub type MachineId = usize;

/// A machine as the evidence knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Machine {
    /// Names, the most complete first.
    pub names: Vec<String>,
    /// Client machine ids that it used.
    pub cmids: Vec<Guid>,
    /// Own addresses.
    pub addresses: Vec<String>,
    /// Files with facts about it.
    pub files: Vec<String>,
    /// True when nothing but its file or folder tells it apart.
    pub unnamed: bool,
}

impl Machine {
    /// The best name there is: a name, else the file.
    pub fn label(&self) -> String {
        self.names.first().or(self.files.first()).cloned().unwrap_or_default()
    }

    /// True when one of its names, or of its addresses, is that.
    pub fn is_called(&self, name: &str) -> bool {
        self.names.iter().any(|own| model::host_name::same_machine(own, name))
            || self.addresses.iter().any(|address| address == name.trim())
    }
}

/// A fact, and whose it is.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// The fact with its kind and source.
    pub evidence: &'a Evidence,
    /// The machine, where that is known.
    pub machine: Option<MachineId>,
    /// Where it stands in the case.
    pub(crate) place: FactPlace,
}

impl Case {
    /// Builds a case from what the readers returned.
    pub fn new(files: Vec<EvidenceFile>) -> Case {
        let attribution::Attribution { machines, owners, notes } = attribution::attribute(&files);
        Case { files, machines, notes, owners, answers: Answers::default() }
    }

    /// Answers kept for the surveys.
    pub(crate) fn answers(&self) -> &Answers {
        &self.answers
    }

    /// Every fact in the order of the files.
    pub fn items(&self) -> impl Iterator<Item = Item<'_>> {
        self.files.iter().zip(&self.owners).zip(0..).flat_map(|((file, owners), file_number)| {
            file.facts.iter().zip(owners).zip(0..).map(move |((evidence, machine), fact)| {
                let place = FactPlace { file: file_number, fact };
                Item { evidence, machine: *machine, place }
            })
        })
    }

    /// The fact at a place of this case.
    pub(crate) fn item_at(&self, place: FactPlace) -> Item<'_> {
        let (file, fact) = (place.file as usize, place.fact as usize);
        Item { evidence: &self.files[file].facts[fact], machine: self.owners[file][fact], place }
    }

    /// The record at a place of this case, where a record stands there.
    pub(crate) fn event_at(&self, place: FactPlace) -> Option<(Item<'_>, &Event)> {
        let item = self.item_at(place);
        match &item.evidence.fact.value {
            Fact::Event(event) => Some((item, event)),
            _ => None,
        }
    }

    /// The licence block or attempt at a place of this case, where one stands there.
    pub(crate) fn license_at(&self, place: FactPlace) -> Option<(Item<'_>, &License)> {
        let item = self.item_at(place);
        match &item.evidence.fact.value {
            Fact::License(license) => Some((item, license)),
            _ => None,
        }
    }

    /// The name to show for a machine.
    pub fn machine_label(&self, machine: Option<MachineId>) -> Option<String> {
        machine.and_then(|id| self.machines.get(id)).map(Machine::label)
    }
}

macro_rules! accessors {
    ($( $(#[$meta:meta])* $name:ident : $variant:ident => $type:ty; )*) => {
        impl Case {
            $(
                $(#[$meta])*
                pub fn $name(&self) -> impl Iterator<Item = (Item<'_>, &$type)> {
                    self.items().filter_map(|item| match &item.evidence.fact.value {
                        Fact::$variant(value) => Some((item, std::borrow::Borrow::<$type>::borrow(value))),
                        _ => None,
                    })
                }
            )*
        }
    };
}

accessors! {
    /// Licence blocks and attempts.
    licenses: License => License;
    /// Log records.
    events: Event => Event;
    /// DNS answers and zone listings.
    dns_answers: Dns => DnsAnswer;
    /// Resolver configurations.
    networks: Network => NetworkConfig;
    /// Connection tests.
    connections: Connection => ConnectionTest;
    /// Firewall rules.
    firewall_rules: Firewall => FirewallRule;
    /// Pings.
    pings: Ping => Ping;
    /// Traces.
    traces: Trace => TraceRoute;
    /// Registry values.
    registry_values: Registry => RegistryValue;
    /// Services.
    services: Service => ServiceState;
    /// Sockets.
    sockets: Socket => Socket;
    /// Clock tests.
    time_checks: Time => TimeCheck;
    /// Commands that failed.
    command_failures: Command => CommandFailure;
    /// Azure routes.
    route_tables: Routes => RouteTable;
    /// Azure security groups.
    security_groups: SecurityGroup => SecurityGroup;
    /// Address lists.
    address_lists: Addresses => AddressList;
    /// Other Azure resources.
    resources: Resource => Resource;
    /// Answers of the instance metadata service.
    metadata: Imds => Imds;
    /// What machines say about themselves.
    machine_infos: Machine => MachineInfo;
}

impl Case {
    /// Records with an id.
    pub fn events_with_id(&self, id: u32) -> impl Iterator<Item = (Item<'_>, &Event)> {
        self.events().filter(move |(_, event)| event.is(id))
    }
}

impl Item<'_> {
    /// The words behind a field, or the fact in one line where no words were kept.
    ///
    /// A field that was read from several lines (the parts of an SRV record) is cited with all of them.
    pub fn cite(&self, field: &str) -> Citation {
        const LINES_MAX: usize = 6;
        let observed = &self.evidence.fact;
        let mut quotes = observed.quotes_of(field);
        let Some(first) = quotes.next() else { return self.cite_fact() };
        let source = Source { path: observed.source.path.clone(), place: first.place.clone() };
        let mut text = first.text.to_string();
        for more in quotes.take(LINES_MAX) {
            if !text.contains(&*more.text) {
                text.push_str(" | ");
                text.push_str(&more.text);
            }
        }
        Citation { text, source }
    }

    /// The fact in one line.
    pub fn cite_fact(&self) -> Citation {
        let observed = &self.evidence.fact;
        let text = match &observed.value {
            Fact::Event(event) => event.describe(),
            Fact::Registry(value) => {
                let part = |text: &Option<String>| text.clone().unwrap_or_default();
                format!("{} {} = {}", part(&value.key), part(&value.name), part(&value.data))
            }
            _ => match observed.quotes.first() {
                Some(quote) => quote.text.to_string(),
                None => describe(&observed.value),
            },
        };
        Citation { text, source: observed.source.clone() }
    }
}

/// The fields of a fact as `name: value`, for facts without a line of their own (JSON documents).
fn describe(fact: &Fact) -> String {
    const SHOWN_MAX: usize = 300;
    let mut text = match fact {
        Fact::Routes(table) => format!("{} routes", table.routes.len()),
        Fact::SecurityGroup(group) => format!("{} security rules", group.rules.len()),
        other => format!("{other:?}"),
    };
    if text.len() > SHOWN_MAX {
        let end = (0..SHOWN_MAX).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::testing::{RECORD, ato, case, ipconfig};

    #[test]
    fn a_machine_is_called_by_its_names_and_addresses() {
        let case = case(&[("PC-1.txt", &ipconfig("PC-1", "contoso.com", "192.0.2.10"))]);
        let machine = &case.machines[0];
        assert!(machine.is_called("pc-1") && machine.is_called("192.0.2.31"));
        assert!(!machine.is_called("pc-11") && !machine.is_called("192.0.2.3"));
    }

    #[test]
    fn a_field_is_cited_with_its_line_and_a_record_with_all_of_its_lines() {
        let case = case(&[("ato.txt", &ato("0xC004F074")), ("dns.txt", RECORD)]);
        let (item, _) = case.licenses().next().expect("an attempt");
        let citation = item.cite("error_code");
        assert!(citation.text.starts_with("Error: 0xC004F074"), "{citation:?}");
        assert_eq!(citation.source.to_string(), "ato.txt:3");
        let (item, _) = case.dns_answers().next().expect("an answer");
        assert!(item.cite("records").text.contains("port           = 1688"), "{:?}", item.cite("records"));
    }

    #[test]
    fn a_field_without_words_is_cited_by_the_whole_fact() {
        let case = case(&[("ato.txt", &ato("0xC004F074"))]);
        let (item, _) = case.licenses().next().expect("an attempt");
        assert_eq!(item.cite("no-such-field"), item.cite_fact());
        assert!(!item.cite_fact().text.is_empty());
    }
}
