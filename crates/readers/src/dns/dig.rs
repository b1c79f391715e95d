//! dig, delv, kdig and host: answers in presentation form.

use model::{DnsAnswer, DnsResult, Fact, HostAddress, Kind};

use super::names::{address, host_name, same_name};
use super::record;
use crate::net::quotes::Quotes;
use crate::out::Out;
use crate::text::Text;

/// Reads one answer that begins at a line.
pub(crate) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let line = text.line(at)?;
    let command = line.command.as_ref().filter(|command| is_dig(&command.program()));
    let banner = is_banner(&line.text);
    let in_a_zone = at > 0 && is_zone_line(text.at(at - 1));
    let starts =
        command.is_some() || line.command.is_none() && (banner || begins_answer(&line.text)) && !in_a_zone;
    if !starts {
        return None;
    }
    let mut reading = Reading::new(text);
    let asked = command.map(|c| c.line.clone()).or_else(|| banner.then(|| line.text.to_string()));
    if let Some(asked) = &asked {
        reading.ask(asked, at);
    }
    let mut index = if asked.is_some() { at + 1 } else { at };
    while index < text.len() {
        if !text.is_blank(index) && !reading.line(index, at) {
            break;
        }
        index += 1;
    }
    let end = (at + 1..=index).rev().find(|&i| !text.is_blank(i - 1)).unwrap_or(at + 1);
    reading.finish(at, command.is_some(), out);
    Some(end)
}

/// `netserver  IN  A  192.0.2.5`: a zone file's record, without final dot or TTL, which dig never prints.
fn is_zone_line(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let owner =
        words.next().is_some_and(|word| word == "@" || !word.ends_with('.') && host_name(word).is_some());
    owner && words.next() == Some("IN") && words.next().is_some_and(record::is_type)
}

fn is_dig(program: &str) -> bool {
    ["dig", "delv", "kdig", "host", "drill"].contains(&program.rsplit('/').next().unwrap_or_default())
}

fn is_banner(line: &str) -> bool {
    line.starts_with("; <<>> DiG") || line.starts_with("; <<>> delv")
}

/// Lines that only these tools print. A bare record line counts when it is a `_vlmcs` record with class or TTL.
fn begins_answer(line: &str) -> bool {
    line.starts_with(";; ->>HEADER<<-")
        || line.starts_with(";; Got answer:")
        || line == ";; ANSWER SECTION:"
        || line == ";; QUESTION SECTION:"
        || line.starts_with(";; resolution failed:")
        || line.contains(" has SRV record ")
        || host_address(line).is_some()
        || host_failure(line).is_some()
        || short_srv(line).is_some_and(|data| data.get(2).is_some_and(|port| port == "1688"))
        || is_full_record(line)
}

/// `name. 3600 IN SRV 0 0 1688 host.`: owner with its final dot, TTL and class all present.
fn is_full_record(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let owner = words.next().is_some_and(|word| word.ends_with('.') && host_name(word).is_some());
    let ttl = words.next().is_some_and(|word| word.bytes().all(|b| b.is_ascii_digit()));
    let class = words.next() == Some("IN");
    owner && ttl && class && record::parse(line).is_some()
}

/// `0 0 1688 kms01.contoso.com.`
fn short_srv(line: &str) -> Option<Vec<String>> {
    if !line.starts_with(|c: char| c.is_ascii_digit()) || line.split_whitespace().take(5).count() != 4 {
        return None;
    }
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    let is_srv = host_name(&words[3]).is_some() && record::srv(None, &words).is_some();
    is_srv.then_some(words)
}

/// `x has address 10.0.0.5`
fn host_address(line: &str) -> Option<(&str, String)> {
    let (name, rest) = line.split_once(" has address ").or_else(|| line.split_once(" has IPv6 address "))?;
    host_name(name)?;
    Some((name, address(rest)?))
}

/// `Host x not found: 3(NXDOMAIN)`, `x has no SRV record`
fn host_failure(line: &str) -> Option<(String, DnsResult)> {
    if let Some((name, rest)) = line.strip_prefix("Host ").and_then(|rest| rest.split_once(" not found:")) {
        return Some((host_name(name)?, status(rest).unwrap_or(DnsResult::Error)));
    }
    let (name, rest) = line.split_once(" has no ")?;
    (rest.ends_with(" record") && !name.contains(' ')).then_some((host_name(name)?, DnsResult::NoRecords))
}

fn status(text: &str) -> Option<DnsResult> {
    const STATES: [(&str, DnsResult); 9] = [
        ("nxdomain", DnsResult::Nxdomain),
        ("servfail", DnsResult::Servfail),
        ("refused", DnsResult::Refused),
        ("nxrrset", DnsResult::NoRecords),
        ("timed out", DnsResult::Timeout),
        ("timeout", DnsResult::Timeout),
        ("notauth", DnsResult::Error),
        ("notimp", DnsResult::Error),
        ("formerr", DnsResult::Error),
    ];
    let lower = text.to_lowercase();
    STATES.iter().find(|(word, _)| lower.contains(word)).map(|(_, result)| *result)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    None,
    Question,
    Answer,
    Authority,
    Additional,
}

struct Reading<'t, 'a> {
    text: &'t Text<'a>,
    fact: DnsAnswer,
    quotes: Quotes<'t, 'a>,
    section: Section,
    status: Option<DnsResult>,
    answered: bool,
    short: bool,
    other: bool,
}

impl<'t, 'a> Reading<'t, 'a> {
    fn new(text: &'t Text<'a>) -> Reading<'t, 'a> {
        Reading {
            text,
            fact: DnsAnswer::default(),
            quotes: Quotes::new(text),
            section: Section::None,
            status: None,
            answered: false,
            short: false,
            other: false,
        }
    }

    /// Takes question and server from the command line or the banner.
    fn ask(&mut self, line: &str, at: usize) {
        // A banner repeats the command behind the tool's name and version.
        let line = line.rsplit("<<>>").next().unwrap_or(line);
        let from = line.split_whitespace().position(|word| is_dig(&word.to_lowercase())).map_or(0, |n| n + 1);
        let mut previous = "";
        for word in line.split_whitespace().skip(from) {
            let is_value = ["-p", "-b", "-k", "-y", "-f", "-c"].contains(&previous);
            if let Some(server) = word.strip_prefix('@') {
                self.fact.server_address = address(server);
                self.fact.server = self.fact.server_address.is_none().then(|| host_name(server)).flatten();
            } else if record::is_type(word) && !word.contains('.') {
                self.fact.query_type = Some(word.to_ascii_uppercase());
            } else if word == "+short" {
                self.short = true;
            } else if !word.starts_with(['-', '+']) && !is_value && !["IN", "in"].contains(&word) {
                self.fact.query = self.fact.query.take().or_else(|| host_name(word));
            }
            previous = word;
        }
        if self.fact.query.is_some() {
            self.quotes.add("query", at);
        }
    }

    /// Takes a line; false if it belongs to something else.
    fn line(&mut self, at: usize, first: usize) -> bool {
        let Some(line) = self.text.line(at) else { return false };
        let body = &line.text;
        if line.command.is_some() || at > first && is_banner(body) {
            return false;
        }
        // A second answer without a banner of its own begins with the next header.
        if at > first && self.status.is_some() && body.starts_with(";; ->>HEADER<<-") {
            return false;
        }
        if body.starts_with(';') {
            return self.comment(at);
        }
        if self.host_line(at) {
            return true;
        }
        if let Some(data) = short_srv(body) {
            self.quotes.add("records", at);
            self.fact.records.extend(record::srv(self.fact.query.as_deref(), &data));
            return true;
        }
        if self.short {
            return self.short_line(at);
        }
        self.record(at)
    }

    /// `;; status`, sections, server, failures.
    fn comment(&mut self, at: usize) -> bool {
        let body = self.text.at(at);
        let upper = body.to_ascii_uppercase();
        if body.contains("->>HEADER<<-") {
            self.answered = true;
            self.status = status(body);
            self.quotes.add("result", at);
        } else if upper.contains("SECTION") {
            self.section = section(&upper);
        } else if let Some(server) = body.strip_prefix(";; SERVER: ").or(body.strip_prefix(";; From ")) {
            self.fact.server_address = server.split_whitespace().next().and_then(address);
            let name = server.split('(').nth(1).and_then(|rest| rest.split(')').next());
            let name = name.filter(|name| address(name).is_none() && *name != "UDP" && *name != "TCP");
            self.fact.server = name.and_then(host_name).or(self.fact.server.take());
            self.quotes.add("server_address", at);
        } else if self.section == Section::Question && !body.starts_with(";;") {
            self.question(at);
        } else if let Some(result) = failure(body) {
            self.status = Some(result);
            self.quotes.add("result", at);
            if let Some((_, server)) =
                body.split_once("error to ").or_else(|| body.split_once("timeout for "))
            {
                self.fact.server_address =
                    server.split_whitespace().next().and_then(|word| address(word.trim_end_matches(':')));
            }
        } else if let Some((_, rest)) = body.split_once(";; flags:").or_else(|| body.split_once(";; Flags:"))
        {
            let flags = rest.split(';').next().unwrap_or_default();
            self.fact.non_authoritative = !flags.split_whitespace().any(|flag| flag == "aa");
        } else {
            self.question(at);
        }
        true
    }

    /// `;_vlmcs._tcp.contoso.com. IN SRV`
    fn question(&mut self, at: usize) {
        let body = self.text.at(at).trim_start_matches([';', ' ']);
        let mut words = body.split_whitespace();
        let (Some(name), Some("IN"), Some(kind)) = (words.next(), words.next(), words.next()) else { return };
        if let (Some(name), true) = (host_name(name), record::is_type(kind) || kind == "ANY") {
            self.quotes.add("query", at);
            self.fact.query = Some(name);
            self.fact.query_type = Some(kind.to_owned());
        }
    }

    /// What the tool `host` writes.
    fn host_line(&mut self, at: usize) -> bool {
        let body = self.text.at(at);
        if let Some((name, result)) = host_failure(body) {
            self.quotes.add("result", at);
            self.fact.query.get_or_insert(name);
            self.status.get_or_insert(result);
            return true;
        }
        if let Some((name, data)) = body.split_once(" has SRV record ") {
            let data: Vec<String> = data.split_whitespace().map(str::to_owned).collect();
            self.quotes.add("records", at);
            self.fact.records.extend(record::srv(host_name(name).as_deref(), &data));
            return true;
        }
        if let Some((name, target)) = body.split_once(" is an alias for ") {
            self.quotes.add("aliases", at);
            self.fact.aliases.push(HostAddress { name: host_name(name), address: host_name(target) });
            return true;
        }
        if let Some((name, found)) = host_address(body) {
            self.quotes.add("addresses", at);
            let asked = self.fact.query.as_deref().is_none_or(|query| same_name(query, name));
            if asked {
                self.fact.query.get_or_insert_with(|| name.trim_end_matches('.').to_owned());
                self.fact.addresses.push(found);
            } else {
                self.fact.hosts.push(HostAddress { name: host_name(name), address: Some(found) });
            }
            return true;
        }
        ["Using domain server:", "Name: ", "Address: ", "Aliases:"]
            .iter()
            .any(|start| body.starts_with(start))
    }

    /// One line of `+short`.
    fn short_line(&mut self, at: usize) -> bool {
        let body = self.text.at(at);
        if let Some(address) = address(body) {
            self.quotes.add("addresses", at);
            self.fact.addresses.push(address);
            return true;
        }
        let canonical = body.ends_with('.') && !body.contains(' ');
        if let Some(target) = host_name(body).filter(|_| canonical) {
            self.quotes.add("aliases", at);
            let name = self.fact.query.clone();
            self.fact.aliases.push(HostAddress { name, address: Some(target) });
        }
        canonical
    }

    fn record(&mut self, at: usize) -> bool {
        let Some(parsed) = record::parse(self.text.at(at)) else { return false };
        if self.section == Section::Authority {
            return true;
        }
        if self.fact.query.is_none() && self.section == Section::None {
            self.fact.query = host_name(&parsed.owner);
            self.fact.query_type = Some(parsed.kind.clone());
        }
        match record::add(&mut self.fact, &parsed, "") {
            Some(field) => self.quotes.add(field, at),
            None => self.other = true,
        }
        true
    }

    fn finish(mut self, at: usize, commanded: bool, out: &mut Out) {
        let fact = &mut self.fact;
        let wants_srv = fact.query_type.as_deref() == Some("SRV");
        let found = !fact.records.is_empty() || !fact.addresses.is_empty() || self.other && !wants_srv;
        fact.result = match self.status {
            _ if found => Some(DnsResult::Found),
            Some(status) => Some(status),
            None if self.answered => Some(DnsResult::NoRecords),
            // `+short` prints nothing at all when there is nothing.
            None if self.short && commanded => Some(DnsResult::NoRecords),
            None => None,
        };
        if fact.query.is_none() {
            fact.query = fact.records.first().and_then(|record| record.owner.clone());
        }
        if fact.result.is_none() {
            return;
        }
        let quotes = self.quotes.take();
        out.push(Kind::Dig, Fact::Dns(Box::new(self.fact)), self.text.place(at), quotes);
    }
}

fn section(upper: &str) -> Section {
    if upper.contains("QUESTION") {
        Section::Question
    } else if upper.contains("ANSWER") {
        Section::Answer
    } else if upper.contains("AUTHORITY") {
        Section::Authority
    } else if upper.contains("ADDITIONAL") {
        Section::Additional
    } else {
        Section::None
    }
}

/// The words about a server that did not answer.
fn failure(body: &str) -> Option<DnsResult> {
    let lower = body.to_lowercase();
    if lower.contains("no servers could be reached")
        || lower.contains("timed out")
        || lower.contains("response timeout")
    {
        return Some(DnsResult::Timeout);
    }
    if lower.contains("communications error") || lower.contains("failed to query server") {
        return Some(DnsResult::Error);
    }
    lower.contains("resolution failed:").then(|| status(&lower).unwrap_or(DnsResult::Error))
}

#[cfg(test)]
#[path = "dig_tests.rs"]
mod tests;
