//! nslookup of Windows in every language, and of BIND.
//!
//! The output is walked line by line; the lines `Server` and `Address` begin an answer. In every language the second
//! stays recognisable by its address, errors begin with `***` and mostly end with an English reason.

use model::{DnsAnswer, DnsResult, Fact, HostAddress, Kind, SrvRecord};

use super::names::{address, host_name, same_name};
use super::nslookup_command::{Asked, parse_command, parse_input};
use super::nslookup_lines::{
    bind_srv, equations, is_dns_timeout, is_error_line, is_soa_property, is_srv_heading, server_header,
};
use super::nslookup_words as words;
use super::record;
use crate::net::quotes::Quotes;
use crate::out::Out;
use crate::text::{Text, is_placeholder, label_value};

/// Reads a run of nslookup that begins at a line.
pub(crate) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let start = body_start(text, at)?;
    let mut session = Session::new(text, at);
    let mut index = start;
    let mut end = start;
    while index < text.len() {
        if text.is_blank(index) {
            index += 1;
            continue;
        }
        match session.line(index, out) {
            Some(next) => {
                index = next.max(index + 1);
                end = index;
            }
            None => break,
        }
    }
    session.finish_answer(out);
    session.tell_default_server(out);
    (end > at).then_some(end)
}

/// The first line behind the command, when nslookup's output begins there. Prose that mentions nslookup is none.
fn body_start(text: &Text<'_>, at: usize) -> Option<usize> {
    let line = text.line(at)?;
    let is_command = match &line.command {
        Some(command) => command.program() == "nslookup",
        None => is_bare_command(&line.text),
    };
    if is_command {
        let first = text.skip_blank(at + 1);
        let prompted = line.command.is_some();
        return (prompted || first < text.len() && begins_output(text, first)).then_some(at + 1);
    }
    (line.command.is_none() && begins_output(text, at)).then_some(at)
}

fn is_bare_command(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    (first == "nslookup" || first == "nslookup.exe") && line.len() <= 200
}

/// True for the lines by which nslookup's output is known when no command stands above it.
fn begins_output(text: &Text<'_>, at: usize) -> bool {
    let line = text.at(at);
    is_dns_timeout(line)
        || server_header(text, at).is_some()
        || is_error_line(line)
        || is_srv_heading(line).is_some()
        || bind_srv(line).is_some()
}

/// One answer that is being read.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) fact: DnsAnswer,
    pub(super) begins: Option<usize>,
    pub(super) timeouts: u32,
    pub(super) error: Option<DnsResult>,
    pub(super) saw_soa: bool,
    pub(super) saw_other: bool,
    pub(super) name_seen: bool,
    pub(super) no_server: Option<usize>,
}

/// A run of nslookup that is being read.
pub(super) struct Session<'t, 'a> {
    pub(super) text: &'t Text<'a>,
    pub(super) asked: Asked,
    pub(super) command_line: Option<usize>,
    pub(super) answer: Answer,
    pub(super) quotes: Quotes<'t, 'a>,
    pub(super) default_server: Option<(String, String, usize)>,
    pub(super) answers: u32,
    /// Time-outs above the Server lines are about the server's own name.
    pub(super) before_header: bool,
    /// A list that goes on in the next lines: addresses or aliases.
    pub(super) list: Option<&'static str>,
}

impl<'t, 'a> Session<'t, 'a> {
    fn new(text: &'t Text<'a>, at: usize) -> Session<'t, 'a> {
        let line = text.line(at);
        let own = line.and_then(|line| match &line.command {
            Some(command) => (command.program() == "nslookup").then(|| parse_command(&command.line)),
            None => is_bare_command(&line.text).then(|| parse_command(&line.text)),
        });
        let above = || {
            let command = text.command_above(at).filter(|command| command.program() == "nslookup")?;
            Some(parse_command(&command.line))
        };
        let command_line = own.is_some().then_some(at);
        Session {
            text,
            asked: own.or_else(above).unwrap_or_default(),
            command_line,
            answer: Answer::default(),
            quotes: Quotes::new(text),
            default_server: None,
            answers: 0,
            before_header: true,
            list: None,
        }
    }

    /// Takes one line; returns the index behind it, or nothing when it is not nslookup's.
    fn line(&mut self, at: usize, out: &mut Out) -> Option<usize> {
        let line = self.text.line(at)?;
        if line.command.is_some() || is_bare_command(&line.text) {
            return None;
        }
        let body = self.text.at(at);
        if let Some((name, value, next)) = server_header(self.text, at) {
            self.header(at, &name, &value, out);
            return Some(next);
        }
        if is_dns_timeout(body) {
            self.answer.timeouts += 1;
            self.quotes_mark(at, "result");
            return Some(at + 1);
        }
        if body.starts_with("timeout was ") || body.starts_with("timeout (") {
            return Some(at + 1);
        }
        self.heading_or_error(at, out)
            .or_else(|| self.property(at))
            .or_else(|| self.labelled(at))
            .or_else(|| self.listed(at))
            .or_else(|| self.input(at, out))
            .or_else(|| self.decoration(at))
    }

    pub(super) fn quotes_mark(&mut self, at: usize, field: &'static str) {
        self.answer.begins.get_or_insert(at);
        self.quotes.add(field, at);
    }

    fn header(&mut self, at: usize, name: &str, value: &str, out: &mut Out) {
        let label = label_value(self.text.at(at)).map(|(label, _)| label).unwrap_or_default();
        if self.before_header && !self.has_outcome() {
            self.answer = Answer { no_server: self.answer.no_server, ..Answer::default() };
            self.quotes.take();
        }
        if words::is_default_label(label) {
            self.finish_answer(out);
            self.default_server = Some((name.to_owned(), value.to_owned(), at));
            self.answer.timeouts = 0;
            self.before_header = true;
            return;
        }
        // Errors and the header go to different streams: a redirected file may hold the error first.
        let own_error =
            self.answer.error.is_some() && self.answer.fact.server.is_none() && self.is_bare_error();
        if !own_error && (!self.before_header || self.has_outcome()) {
            self.finish_answer(out);
        }
        self.before_header = false;
        self.list = None;
        self.answer.timeouts = 0;
        self.quotes_mark(at, "server");
        self.quotes.add("server_address", self.text.skip_blank(at + 1));
        self.set_server(name, value);
    }

    fn set_server(&mut self, name: &str, value: &str) {
        let fact = &mut self.answer.fact;
        if is_placeholder(name) {
            fact.redacted.push("server".to_owned());
        } else if !name.is_empty() {
            let bare = name.trim_matches(['[', ']']);
            fact.server = Some(address(bare).unwrap_or_else(|| bare.trim_end_matches('.').to_owned()));
        }
        if is_placeholder(value) {
            fact.redacted.push("server_address".to_owned());
        } else {
            fact.server_address = value.split_whitespace().next().and_then(address);
        }
    }

    fn is_bare_error(&self) -> bool {
        let fact = &self.answer.fact;
        fact.records.is_empty() && fact.addresses.is_empty()
    }

    fn has_outcome(&self) -> bool {
        let answer = &self.answer;
        answer.error.is_some() || !self.is_bare_error() || answer.saw_soa || answer.saw_other
    }

    /// SRV headings with their properties, other records on one line, errors.
    fn heading_or_error(&mut self, at: usize, out: &mut Out) -> Option<usize> {
        let body = self.text.at(at);
        if let Some(owner) = is_srv_heading(body) {
            self.list = None;
            self.quotes_mark(at, "records");
            return Some(self.srv_block(at, owner));
        }
        if let Some(srv) = bind_srv(body) {
            self.list = None;
            self.quotes_mark(at, "records");
            self.answer.fact.records.push(srv);
            return Some(at + 1);
        }
        if body.starts_with("***") || is_error_line(body) || body.starts_with(";;") {
            self.list = None;
            return Some(self.error_line(at, out));
        }
        None
    }

    /// `priority = 0`, `weight = 0`, `port = 1688`, `svr hostname = x`: one a line, or several on one.
    fn srv_block(&mut self, heading: usize, owner: String) -> usize {
        const PROPERTIES_MAX: usize = 4;
        let mut srv = SrvRecord { owner: Some(owner), ..SrvRecord::default() };
        let mut seen = 0;
        let mut index = heading + 1;
        while seen < PROPERTIES_MAX && index < self.text.len() {
            if self.text.is_blank(index) {
                index += 1;
                continue;
            }
            let pairs = equations(self.text.at(index));
            let is_continued = !pairs.is_empty()
                && is_srv_heading(self.text.at(index)).is_none()
                && !self.text.at(index).contains("address =");
            if !is_continued {
                break;
            }
            for (key, value) in pairs {
                self.srv_property(&mut srv, &key, &value, seen);
                seen += 1;
            }
            self.quotes.add("records", index);
            index += 1;
        }
        self.answer.fact.records.push(srv);
        index
    }

    fn srv_property(&mut self, srv: &mut SrvRecord, key: &str, value: &str, position: usize) {
        let key = key.to_lowercase();
        let number = value.parse::<u32>().ok();
        match (key.as_str(), number) {
            ("priority", _) => srv.priority = number,
            ("weight", _) => srv.weight = number,
            ("port", _) => srv.port = number,
            (_, Some(number)) => match position {
                0 => srv.priority = Some(number),
                1 => srv.weight = Some(number),
                _ => srv.port = Some(number),
            },
            (_, None) if is_placeholder(value) => self.answer.fact.redacted.push("target".to_owned()),
            (_, None) => srv.target = record::target_of(value),
        }
    }

    /// `x   internet address = 10.0.0.5`, `x   canonical name = y.`, `primary name server = dc1`.
    fn property(&mut self, at: usize) -> Option<usize> {
        let body = self.text.at(at);
        let (left, right) = body.split_once('=')?;
        let (left, right) = (left.trim(), right.trim());
        let first = left.split_whitespace().next().unwrap_or_default();
        let what = left.get(first.len()..).unwrap_or_default().trim().to_lowercase();
        if what.ends_with("address") || what == "has aaaa address" {
            let address = address(right)?;
            self.quotes_mark(at, "hosts");
            self.add_host(host_name(first), address);
        } else if what == "canonical name" {
            let target = host_name(right)?;
            self.quotes_mark(at, "aliases");
            self.answer.fact.aliases.push(HostAddress { name: host_name(first), address: Some(target) });
        } else if ["primary name server", "origin"].contains(&left.to_lowercase().as_str()) {
            self.quotes_mark(at, "result");
            self.answer.saw_soa = true;
        } else if is_soa_property(left) {
            self.answer.saw_soa = true;
        } else if ["nameserver", "text", "name", "mail exchanger"].contains(&what.as_str())
            || what.starts_with("mx preference")
        {
            self.answer.begins.get_or_insert(at);
            self.answer.saw_other = true;
        } else {
            return None;
        }
        self.list = None;
        Some(at + 1)
    }

    fn add_host(&mut self, name: Option<String>, address: String) {
        let query = self.answer.fact.query.as_ref().or(self.asked.query.as_ref());
        match (&name, query) {
            (Some(name), Some(query)) if same_name(name, query) => self.answer.fact.addresses.push(address),
            _ => self.answer.fact.hosts.push(HostAddress { name, address: Some(address) }),
        }
    }

    /// `Name:`, `Addresses:`, `Aliases:` and the line above an answer from a cache.
    fn labelled(&mut self, at: usize) -> Option<usize> {
        let body = self.text.at(at);
        if words::is_non_authoritative(body) {
            self.answer.fact.non_authoritative = true;
            self.answer.begins.get_or_insert(at);
            return Some(at + 1);
        }
        let (label, value) = label_value(body)?;
        if words::is_name_label(label) {
            let name = host_name(value)?;
            self.quotes_mark(at, "query");
            self.answer.name_seen = true;
            self.answer.fact.query.get_or_insert(name);
            self.list = None;
        } else if words::is_address_label(label) {
            self.quotes_mark(at, "addresses");
            self.list = Some("addresses");
            // Remarks are written behind the address.
            let first = value.split_whitespace().next().unwrap_or_default();
            self.answer.fact.addresses.extend(address(value).or_else(|| address(first)));
        } else if words::is_alias_label(label) {
            self.quotes_mark(at, "aliases");
            self.list = Some("aliases");
            self.add_alias(value);
        } else {
            return None;
        }
        Some(at + 1)
    }

    fn add_alias(&mut self, value: &str) {
        for name in value.split([',', ' ']).filter_map(host_name) {
            let canonical = self.answer.fact.query.clone();
            self.answer.fact.aliases.push(HostAddress { name: Some(name), address: canonical });
        }
    }

    /// A further address or alias below its label.
    fn listed(&mut self, at: usize) -> Option<usize> {
        let body = self.text.at(at);
        match self.list? {
            "addresses" => self.answer.fact.addresses.push(address(body)?),
            _ => {
                let indented = self.text.line(at).is_some_and(|line| line.indent > 0);
                let name = (indented && !body.contains(' ')).then(|| host_name(body))??;
                self.add_alias(&name);
            }
        }
        Some(at + 1)
    }

    /// What was typed at the prompt of the interactive mode.
    fn input(&mut self, at: usize, out: &mut Out) -> Option<usize> {
        let raw = self.text.original_from(at).lines().next().unwrap_or_default();
        let typed = raw.trim_start().starts_with('>');
        let body = self.text.at(at);
        let input = parse_input(body)?;
        if input.query.is_some() && !(typed && self.default_server.is_some()) {
            return None;
        }
        self.finish_answer(out);
        self.asked.query_type = input.query_type.or(self.asked.query_type.take());
        if input.query.is_some() {
            self.asked.query = input.query;
            self.command_line = Some(at);
        }
        self.before_header = true;
        Some(at + 1)
    }

    /// Lines without meaning for us: the prompt alone, headings of sections, the zone above a SOA, `ttl =`.
    fn decoration(&mut self, at: usize) -> Option<usize> {
        let body = self.text.at(at);
        let lower = body.to_lowercase();
        let is_rest = ["authoritative answers can be found from", "exit", "quit"]
            .iter()
            .any(|word| lower.starts_with(word));
        let next = self.text.at(self.text.skip_blank(at + 1)).to_lowercase();
        let above_soa = next.starts_with("primary name server") || next.starts_with("origin =");
        // Languages that no table knows: a short line that ends with a colon stands right above the answer.
        let above_answer = body.ends_with([':', '：'])
            && self.answer.fact.server_address.is_some()
            && body.chars().count() <= 60
            && (is_srv_heading(self.text.at(self.text.skip_blank(at + 1))).is_some()
                || label_value(&next).is_some_and(|(label, _)| words::is_name_label(label)));
        if above_answer {
            self.answer.fact.non_authoritative = true;
        }
        (is_rest || above_soa || above_answer).then_some(at + 1)
    }

    /// Decides the outcome of the answer and hands it over.
    fn finish_answer(&mut self, out: &mut Out) {
        let mut answer = std::mem::take(&mut self.answer);
        self.list = None;
        let Some(begins) = answer.begins else { return };
        answer.fact.result = outcome(&answer);
        let fact = &mut answer.fact;
        fact.no_default_server = answer.no_server.is_some();
        if answer.no_server.is_some() && fact.result.is_none() {
            fact.result = Some(DnsResult::Error);
        }
        // The asked name is the one on the command line; what the answer calls `Name` may be the canonical one.
        let owner = fact.records.first().and_then(|record| record.owner.clone());
        fact.query = self.asked.query.clone().or(fact.query.take()).or(owner);
        let srv = !fact.records.is_empty();
        fact.query_type =
            fact.query_type.take().or(self.asked.query_type.clone()).or(srv.then(|| "SRV".to_owned()));
        let mut quotes = Vec::new();
        if let Some(line) = self.command_line.filter(|_| self.asked.query.is_some()) {
            quotes.push(model::Quote::new("query", self.text.place(line), self.text.at(line)));
        }
        quotes.extend(self.quotes.take());
        self.answers += 1;
        out.push(Kind::Nslookup, Fact::Dns(Box::new(answer.fact)), self.text.place(begins), quotes);
    }

    /// A session in which nothing was asked still tells which server the machine uses.
    fn tell_default_server(&mut self, out: &mut Out) {
        let Some((name, value, at)) = self.default_server.take().filter(|_| self.answers == 0) else {
            return;
        };
        self.answer.begins = Some(at);
        self.quotes.add("server", at);
        self.set_server(&name, &value);
        self.asked = Asked::default();
        self.finish_answer(out);
    }
}

fn outcome(answer: &Answer) -> Option<DnsResult> {
    let fact = &answer.fact;
    if !fact.records.is_empty() || !fact.addresses.is_empty() {
        return Some(DnsResult::Found);
    }
    if answer.error.is_some() {
        return answer.error;
    }
    if answer.saw_soa {
        return Some(DnsResult::NoRecords);
    }
    if answer.saw_other || !fact.hosts.is_empty() || !fact.aliases.is_empty() {
        return Some(DnsResult::Found);
    }
    if answer.timeouts > 0 {
        return Some(DnsResult::Timeout);
    }
    answer.name_seen.then_some(DnsResult::NoRecords)
}

#[cfg(test)]
#[path = "nslookup_tests.rs"]
mod tests;
