//! What readers return: facts and notes, per file.

use std::sync::Arc;

use serde::Serialize;

use crate::azure::{AddressList, Imds, Resource, RouteTable, SecurityGroup};
use crate::network::{ConnectionTest, NetworkConfig, Ping, TraceRoute};
use crate::windows::{
    CommandFailure, FirewallRule, MachineInfo, RegistryValue, ServiceState, Socket, TimeCheck,
};
use crate::{DnsAnswer, Event, License, Observed, Source};

/// What sort of evidence a file, or a part of it, is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// slmgr.vbs output.
    Slmgr,
    /// ospp.vbs output.
    Ospp,
    /// Objects of the OSLicense module or of the licensing CIM classes.
    Oslicense,
    /// Event log records.
    Events,
    /// nslookup and Resolve-DnsName output.
    Nslookup,
    /// dig output.
    Dig,
    /// ipconfig and kin.
    Ipconfig,
    /// ping.
    Ping,
    /// tracert.
    Tracert,
    /// Test-NetConnection, psping, PortQry, telnet.
    ConnectionTest,
    /// reg query, .reg, Get-ItemProperty.
    Registry,
    /// Services.
    Service,
    /// netstat and kin.
    Netstat,
    /// Firewall rules of Windows or of an appliance.
    Firewall,
    /// w32tm.
    Time,
    /// BIND zone file or named.conf.
    Zone,
    /// dnscmd, Get-DnsServerResourceRecord.
    DnsServer,
    /// Azure routes.
    AzureRoutes,
    /// Azure NSG.
    AzureNsg,
    /// Another Azure resource.
    AzureResource,
    /// Instance metadata.
    Imds,
    /// hostname, systeminfo, whoami and kin.
    System,
    /// Nothing that a reader knows.
    Unknown,
}

/// One understood thing.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Fact {
    /// A product block, an attempt, or a licensing object.
    License(Box<License>),
    /// A log record.
    Event(Box<Event>),
    /// A DNS answer or the records of a zone.
    Dns(Box<DnsAnswer>),
    /// Resolver and address configuration.
    Network(Box<NetworkConfig>),
    /// A ping.
    Ping(Ping),
    /// A trace.
    Trace(TraceRoute),
    /// A TCP connection test.
    Connection(Box<ConnectionTest>),
    /// A registry value.
    Registry(RegistryValue),
    /// A service.
    Service(ServiceState),
    /// A socket.
    Socket(Socket),
    /// A firewall rule.
    Firewall(Box<FirewallRule>),
    /// A clock test.
    Time(TimeCheck),
    /// A machine about itself.
    Machine(Box<MachineInfo>),
    /// A command that failed for reasons of its own.
    Command(CommandFailure),
    /// Azure routes.
    Routes(RouteTable),
    /// Azure security rules.
    SecurityGroup(SecurityGroup),
    /// Another Azure resource.
    Resource(Box<Resource>),
    /// Instance metadata.
    Imds(Box<Imds>),
    /// A bare list of addresses.
    Addresses(AddressList),
}

/// Something worth telling about the evidence itself: a place that was not understood, cut off, damaged or guessed.
///
/// Readers name the message and its arguments; the words come from the message catalogue when it is shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Note {
    /// Key of the message in the catalogue, as in `note-not-understood`.
    #[serde(skip)]
    pub key: &'static str,
    /// What goes into the text, by name.
    #[serde(skip)]
    pub args: Vec<(&'static str, String)>,
    /// The words, filled in from the catalogue by whoever shows the note.
    pub text: String,
    /// The place that the note is about.
    pub source: Source,
}

impl Note {
    /// A note without words yet.
    pub fn new(key: &'static str, args: Vec<(&'static str, String)>, source: Source) -> Note {
        Note { key, args, text: String::new(), source }
    }
}

/// A fact, the kind of output it came from, and where it was read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evidence {
    /// The kind of output.
    pub kind: Kind,
    /// The fact with its source.
    #[serde(flatten)]
    pub fact: Observed<Fact>,
}

/// All that one file told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EvidenceFile {
    /// Path as the caller named it; members of a zip stand after `!/`.
    pub path: Arc<str>,
    /// The kind that most of its facts have.
    pub kind: Kind,
    /// Encoding in which the text was read, as in `UTF-16LE`; `binary` for event logs.
    pub encoding: String,
    /// What was understood, in the order of the file.
    pub facts: Vec<Evidence>,
    /// What was not, and where.
    pub notes: Vec<Note>,
}

impl Fact {
    /// The licence block, if it is one.
    pub fn as_license(&self) -> Option<&License> {
        if let Fact::License(license) = self { Some(license) } else { None }
    }

    /// The event, if it is one.
    pub fn as_event(&self) -> Option<&Event> {
        if let Fact::Event(event) = self { Some(event) } else { None }
    }
}
