//! nslookup of Windows in every language, and of BIND.
//!
//! The output is walked line by line; the lines `Server` and `Address` begin an answer. In every language the second
//! stays recognisable by its address, errors begin with `***` and mostly end with an English reason.

use model::{DnsAnswer, DnsResult, Fact, HostAddress, Kind, SrvRecord};

use super::names::{address, distinct_name, host_name, is_service_name, same_name};
use super::nslookup_command::{Asked, parse_command, parse_input};
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

/// `DNS request timed out.`, which stays English.
fn is_dns_timeout(line: &str) -> bool {
    line.get(..22).is_some_and(|start| start.eq_ignore_ascii_case("dns request timed out."))
}

/// `*** dc1 can't find x: Non-existent domain`, `** server can't find x: NXDOMAIN`.
fn is_error_line(line: &str) -> bool {
    let is_bind = line.trim_start_matches(['*', ' ']).starts_with("server can't find ");
    is_bind
        || line.strip_prefix("***").is_some_and(|rest| {
            words::reason(rest).is_some()
                || words::tells_timeout(rest)
                || words::tells_no_default_server(rest)
                || rest.contains("can't find")
                || record_type_in_parentheses(rest).is_some()
        })
}

/// Name and address of the server, and the index behind both lines.
fn server_header(text: &Text<'_>, at: usize) -> Option<(String, String, usize)> {
    let (label, name) = label_value(text.at(at))?;
    let next = text.skip_blank(at + 1);
    let (address_label, value) = label_value(text.at(next))?;
    let known = words::is_server_label(label);
    let is_label = (known || name.eq_ignore_ascii_case("unknown") || words::is_default_label(label))
        && !words::is_name_label(label)
        && label.chars().count() <= 40;
    let is_address = words::is_address_label(address_label)
        && value
            .split_whitespace()
            .next()
            .is_none_or(|first| address(first).is_some() || is_placeholder(value));
    // A label that no table knows still begins an answer when name and address stand below it in nslookup's form.
    (is_label && is_address && next <= at + 2).then(|| (name.to_owned(), value.to_owned(), next + 1))
}

/// `_vlmcs._tcp.contoso.com   SRV service location:` in any language: a service name in a line that ends with a colon.
fn is_srv_heading(line: &str) -> Option<String> {
    let body = line.trim_end().strip_suffix([':', '：'])?;
    if !body.contains("SRV") {
        return None;
    }
    // Translation programs put a blank behind the underscore's dot: `_vlmcs. _tcp.contoso.com`.
    let mut parts = body.split_whitespace();
    parts.find_map(|word| is_service_name(word).then(|| host_name(word)).flatten())
}

/// `_vlmcs._tcp.contoso.com   service = 0 0 1688 kms01.contoso.com.`
fn bind_srv(line: &str) -> Option<SrvRecord> {
    let (owner, data) = line.split_once("service =")?;
    let owner = host_name(owner)?;
    let data: Vec<String> = data.split_whitespace().map(str::to_owned).collect();
    record::srv(Some(&owner), &data)
}

/// `(SRV)` in a sentence that there are no such records.
fn record_type_in_parentheses(line: &str) -> Option<String> {
    let from = line.find('(')?;
    let inner = line[from + 1..].split(')').next()?.trim();
    record::is_type(inner).then(|| inner.to_ascii_uppercase())
}

/// One answer that is being read.
#[derive(Debug, Default)]
struct Answer {
    fact: DnsAnswer,
    begins: Option<usize>,
    timeouts: u32,
    error: Option<DnsResult>,
    saw_soa: bool,
    saw_other: bool,
    name_seen: bool,
    no_server: Option<usize>,
}

struct Session<'t, 'a> {
    text: &'t Text<'a>,
    asked: Asked,
    command_line: Option<usize>,
    answer: Answer,
    quotes: Quotes<'t, 'a>,
    default_server: Option<(String, String, usize)>,
    answers: u32,
    /// Time-outs above the Server lines are about the server's own name.
    before_header: bool,
    /// A list that goes on in the next lines: addresses or aliases.
    list: Option<&'static str>,
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

    fn quotes_mark(&mut self, at: usize, field: &'static str) {
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
        if !self.before_header && !own_error || self.has_outcome() && !own_error {
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

    /// The lines that begin with stars, and BIND's that begin with semicolons.
    fn error_line(&mut self, at: usize, out: &mut Out) -> usize {
        let body = self.text.at(at).trim_start_matches(['*', ';', ' ']);
        if words::tells_no_default_server(body) {
            self.answer.no_server = Some(at);
            self.quotes_mark(at, "result");
            out.note("note-nslookup-no-default-server", Vec::new(), self.text.place(at));
            return at + 1;
        }
        let (sentence, reason_text, next) = self.split_reason(at, body);
        let reason = words::reason(&reason_text);
        if self.is_about_the_server(sentence) {
            return next;
        }
        let missing = record_type_in_parentheses(sentence);
        let result = reason.or_else(|| {
            if missing.is_some() {
                Some(DnsResult::NoRecords)
            } else if words::tells_timeout(body) || self.answer.timeouts > 0 {
                Some(DnsResult::Timeout)
            } else {
                None
            }
        });
        let query = self.query_in(sentence);
        self.answer.error = Some(result.unwrap_or(DnsResult::Error));
        self.quotes_mark(at, "result");
        if result != Some(DnsResult::Timeout) || reason.is_some() {
            self.answer.fact.query = query.or(self.answer.fact.query.take());
            self.quotes.add("query", at);
        }
        self.answer.fact.query_type = missing.or(self.answer.fact.query_type.take());
        next
    }

    /// The sentence, the reason behind its last colon, and the index behind both.
    fn split_reason<'b>(&self, at: usize, body: &'b str) -> (&'b str, String, usize) {
        let Some(colon) = body.rfind([':', '：']) else { return (body, body.to_owned(), at + 1) };
        let tail = body[colon..].trim_start_matches([':', '：']).trim().trim_end_matches('.');
        let sentence = &body[..colon];
        if tail.is_empty() {
            let below = self.text.at(at + 1);
            if words::reason(below).is_some() && label_value(below).is_none() {
                return (sentence, below.to_owned(), at + 2);
            }
        }
        if tail.chars().any(|c| c.is_ascii_digit()) && words::reason(tail).is_none() {
            return (body, body.to_owned(), at + 1);
        }
        (sentence, tail.to_owned(), at + 1)
    }

    /// `Can't find server name for address 10.0.0.1: Timed out` is only about the server's own name.
    fn is_about_the_server(&self, sentence: &str) -> bool {
        let lower = sentence.to_lowercase();
        if lower.contains("can't find server name") || lower.contains("can't find address for server") {
            return true;
        }
        // In other languages: before any Server line, and the only name in it is an address.
        let mut tokens = sentence.split_whitespace();
        let asks_for_address = self.asked.query.as_deref().is_some_and(|query| address(query).is_some());
        self.before_header
            && self.answer.fact.server.is_none()
            && !asks_for_address
            && tokens.clone().any(|token| address(token).is_some())
            && !tokens.any(|token| address(token).is_none() && distinct_name(token).is_some())
    }

    /// The name that was not found: not the server, and no word of the sentence.
    fn query_in(&self, sentence: &str) -> Option<String> {
        if let Some((_, rest)) = sentence.split_once("can't find ") {
            return host_name(rest.split_whitespace().next()?);
        }
        let server = self.answer.fact.server.clone().unwrap_or_default();
        let is_server = |name: &str| same_name(name, &server) || name.eq_ignore_ascii_case("unknown");
        let mut skipped_server = false;
        let mut best = None;
        for token in sentence.split_whitespace() {
            let Some(name) = distinct_name(token).or_else(|| address(token)) else { continue };
            if is_server(&name) && !skipped_server {
                skipped_server = true;
                continue;
            }
            best = Some(name);
        }
        let asked = || {
            let asked = self.asked.query.as_deref()?;
            sentence.split_whitespace().any(|token| same_name(token, asked)).then(|| asked.to_owned())
        };
        best.or_else(asked).or_else(|| {
            let last = sentence.split_whitespace().filter(|t| t.is_ascii()).filter_map(host_name);
            let last = last.filter(|name| !is_server(name)).last()?;
            (!sentence.is_ascii() && !last.contains('\'')).then_some(last)
        })
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
            self.answer.fact.addresses.extend(address(value));
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

fn is_soa_property(left: &str) -> bool {
    [
        "responsible mail addr",
        "mail addr",
        "serial",
        "refresh",
        "retry",
        "expire",
        "default ttl",
        "minimum",
        "ttl",
    ]
    .iter()
    .any(|name| left.eq_ignore_ascii_case(name))
}

/// `a = b c d = e` as (a, b), (c d, e).
fn equations(line: &str) -> Vec<(String, String)> {
    const EQUATIONS_MAX: usize = 8;
    let mut pairs = Vec::new();
    let mut key = String::new();
    let mut parts = line.split('=').take(EQUATIONS_MAX);
    if let Some(first) = parts.next() {
        key.push_str(first.trim());
    }
    for part in parts {
        let part = part.trim();
        let (value, next_key) = part.split_once(char::is_whitespace).unwrap_or((part, ""));
        pairs.push((std::mem::replace(&mut key, next_key.trim().to_owned()), value.trim().to_owned()));
    }
    pairs
}

#[cfg(test)]
#[path = "nslookup_tests.rs"]
mod tests;
