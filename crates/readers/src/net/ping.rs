//! ping of Windows in every language, and of Unix.

use model::network::Ping;
use model::{Fact, Kind};

use super::quotes::Quotes;
use crate::dns::names::{address, distinct_name, host_name};
use crate::out::Out;
use crate::text::Text;

/// Sentences about a name without address, by what they contain.
const NOT_FOUND: &[&str] = &[
    "could not find host",
    "unknown host",
    "name or service not known",
    "temporary failure in name resolution",
    "cannot resolve",
    "nicht finden",
    "nicht gefunden",
    "pu trouver",
    "pudo encontrar",
    "impossibile trovare",
    "pôde encontrar",
    "não encontrou",
    "見つかりません",
    "찾을 수 없",
    "找不到",
    "не удалось обнаружить",
    "nie może znaleźć",
    "niet vinden",
    "nemohl",
    "nenalez",
    "bulamad",
    "bulunamad",
    "inte hitta",
    "ikke finde",
];

/// Reads one run of ping that begins at a line.
pub(crate) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let line = text.line(at)?;
    let command = line.command.as_ref().filter(|command| command.program() == "ping");
    let first = if command.is_some() { text.skip_blank(at + 1) } else { at };
    if line.command.is_some() && command.is_none() || text.line(first)?.command.is_some() {
        return None;
    }
    // The command above is looked for only where a line may be ping's.
    let (found, headless) = match heading(text, first) {
        Some(found) => (Some(found), false),
        None => (headless(text, first, command.is_some()), true),
    };
    if found.is_none() && !says_not_found(text.at(first)) {
        return None;
    }
    let asked =
        text.command_above(first).filter(|command| command.program() == "ping").and_then(|c| target(&c.line));
    if let Some(target) = not_found(text, first, asked.as_deref()) {
        let mut quotes = Quotes::new(text);
        quotes.add("name_not_found", first);
        let fact = Ping { target: asked.or(target), name_not_found: true, ..Ping::default() };
        out.push(Kind::Ping, Fact::Ping(fact), text.place(first), quotes.take());
        return Some(first + 1);
    }
    let start = found?;
    let mut reading = Reading::new(text, asked, start);
    reading.quotes.add("target", first);
    let mut index = if headless { first } else { first + 1 };
    let mut end = first + 1;
    while index < text.len() {
        if text.is_blank(index) {
            index += 1;
            continue;
        }
        if text.line(index).is_some_and(|line| line.command.is_some()) || !reading.line(index) {
            break;
        }
        index += 1;
        end = index;
    }
    let quotes = reading.quotes.take();
    out.push(Kind::Ping, Fact::Ping(reading.fact), text.place(first), quotes);
    Some(end)
}

/// The last word of the command that is no option and no option's number.
fn target(command: &str) -> Option<String> {
    let words: Vec<&str> =
        command.split_whitespace().skip(1).take_while(|word| !matches!(*word, ">" | "|" | "&")).collect();
    let numbers = |word: &str| word.bytes().all(|b| b.is_ascii_digit());
    words
        .iter()
        .rev()
        .find(|word| !word.starts_with(['-', '/']) && !numbers(word))
        .and_then(|word| address(word).or_else(|| host_name(word)))
}

fn says_not_found(body: &str) -> bool {
    const SENTENCE_LENGTH_MAX: usize = 300;
    if body.len() > SENTENCE_LENGTH_MAX {
        return false;
    }
    let lower = body.to_lowercase();
    NOT_FOUND.iter().any(|words| lower.contains(words))
}

fn not_found(text: &Text<'_>, at: usize, asked: Option<&str>) -> Option<Option<String>> {
    let body = text.at(at);
    let lower = body.to_lowercase();
    let about_ping = lower.contains("ping") || lower.contains("при проверке связи") || asked.is_some();
    if !about_ping || !says_not_found(body) {
        return None;
    }
    // Without the command above only a line that begins like ping's own sentence counts.
    let own = lower.contains("ping request")
        || lower.starts_with("ping")
        || lower.starts_with("при проверке")
        || lower.contains("ping ") && body.split_whitespace().count() <= 24;
    if asked.is_none() && !own {
        return None;
    }
    let name = body
        .split([' ', '。', '"', '“', '”', '«', '»', ':'])
        .filter_map(|word| distinct_name(word.trim_matches('.')))
        .next();
    Some(name)
}

struct Heading {
    target: Option<String>,
    address: Option<String>,
}

/// `Pinging kms01 [192.0.2.5] with 32 bytes of data:`, `PING kms01 (192.0.2.5) 56(84) bytes of data.`
fn heading(text: &Text<'_>, at: usize) -> Option<Heading> {
    let body = text.at(at);
    if let Some(rest) = body.strip_prefix("PING ") {
        let mut words = rest.split_whitespace();
        let target = words.next().and_then(|word| address(word).or_else(|| host_name(word)));
        let found = words.find(|word| word.starts_with('(')).and_then(address);
        return (body.contains("bytes") && target.is_some()).then_some(Heading { target, address: found });
    }
    if !body.ends_with([':', '：']) || body.len() > 300 || !body.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let words: Vec<&str> = body.split_whitespace().collect();
    let size = words
        .iter()
        .any(|word| word.chars().take_while(char::is_ascii_digit).count() >= 1 && !word.contains('.'));
    let found =
        words.iter().rev().find_map(|word| address(word.trim_end_matches(':')).or_else(|| bracketed(word)));
    if !size || found.is_none() {
        return None;
    }
    let followed = is_reply(text.at(text.skip_blank(at + 1))).is_some() || next_is_failure(text, at);
    if !followed {
        return None;
    }
    let found = found?;
    let bracket = words.iter().position(|word| word.contains('['));
    let named = bracket.and_then(|n| words.get(n.checked_sub(1)?)).and_then(|word| host_name(word));
    Some(Heading { target: named.or(Some(found.clone())), address: Some(found) })
}

/// Pastes often begin behind the heading: with a reply, with the heading of the statistics, or with their counts.
fn headless(text: &Text<'_>, at: usize, commanded: bool) -> Option<Heading> {
    const BODY_LENGTH_MAX: usize = 300;
    let body = text.at(at);
    if body.len() > BODY_LENGTH_MAX {
        return None;
    }
    let lower = body.to_lowercase();
    if lower.contains("ttl=") && is_reply(body) == Some(Reply::Echo) {
        let words = body.split_whitespace();
        let from = words.map(|word| word.trim_end_matches([':', '：'])).find_map(address);
        return Some(Heading { target: None, address: from.or_else(|| glued_address(body)) });
    }
    let counts = |index: usize| {
        let shares = text.at(index).contains('%') || text.at(index + 1).contains('%');
        shares && text.at(index).contains([':', '：']) && statistics_at(text, index).is_some()
    };
    if counts(at) {
        return Some(Heading { target: None, address: None });
    }
    if lower.contains("ping") && body.ends_with([':', '：']) && counts(text.skip_blank(at + 1)) {
        let words = || body.split_whitespace().map(|word| word.trim_end_matches([':', '：']));
        let found = words().find_map(address).or_else(|| glued_address(body));
        return Some(Heading { target: found.clone(), address: found });
    }
    (commanded && next_is_failure(text, at)).then_some(Heading { target: None, address: None })
}

/// An address in brackets within a word of a language without blanks: `kms01[192.0.2.5]に`.
fn bracketed(word: &str) -> Option<String> {
    address(word.split('[').nth(1)?.split(']').next()?)
}

/// Behind the heading comes a sentence such as "Request timed out." in any language: it is known by the statistics
/// that follow within a few lines.
fn next_is_failure(text: &Text<'_>, at: usize) -> bool {
    const LINES_MAX: usize = 60;
    let counts =
        |index| statistics_at(text, index).is_some() || text.at(index).contains("packets transmitted");
    (at + 1..text.len().min(at + LINES_MAX)).any(counts)
}

/// What one line of replies tells.
#[derive(Debug, PartialEq, Eq)]
enum Reply {
    Echo,
    Unreachable(String),
}

/// `Reply from 192.0.2.5: bytes=32 time<1ms TTL=128`, `Reply from 192.0.2.7: Destination host unreachable.`
fn is_reply(body: &str) -> Option<Reply> {
    let lower = body.to_lowercase();
    let from = body.split_whitespace().find_map(|word| {
        let word = word.strip_suffix([':', '：']).unwrap_or(word);
        address(word).or_else(|| bracketed(word))
    });
    // Korean and Japanese put particles behind the address: `192.0.2.5의 응답:`, `192.0.2.5 からの応答:`.
    let from = from.or_else(|| glued_address(body))?;
    let echo =
        lower.contains("ttl=") || lower.contains("icmp_seq=") && lower.contains("time=") || measured(&lower);
    if echo {
        return Some(Reply::Echo);
    }
    let sentence = body.contains([':', '：']) && body.ends_with(['.', '。']) || lower.contains("unreachable");
    sentence.then_some(Reply::Unreachable(from))
}

fn glued_address(body: &str) -> Option<String> {
    let digits = |c: char| c.is_ascii_digit() || c == '.';
    let start = body.find(|c: char| c.is_ascii_digit())?;
    let run: String = body[start..].chars().take_while(|&c| digits(c)).collect();
    address(run.trim_end_matches('.'))
}

/// `time<1ms` without a TTL, as for IPv6.
fn measured(lower: &str) -> bool {
    lower.split_whitespace().any(|word| {
        let value = word.split(['<', '=']).nth(1).unwrap_or_default();
        word.contains(['<', '='])
            && value.starts_with(|c: char| c.is_ascii_digit())
            && value.contains(['m', 'м'])
    })
}

/// The first three numbers behind equal signs: sent, received, lost.
pub(super) fn statistics(body: &str) -> Option<[u32; 3]> {
    let mut numbers = body.split('=').skip(1).map(|part| {
        let digits: String = part.trim_start().chars().take_while(char::is_ascii_digit).collect();
        let rest = part.trim_start()[digits.len()..].chars().next();
        // Round-trip times carry a unit; counts are followed by punctuation.
        let plain = rest.is_none_or(|c| !c.is_alphanumeric() || c == '、');
        if plain { digits.parse::<u32>().ok() } else { None }
    });
    Some([numbers.next()??, numbers.next()??, numbers.next()??])
}

/// The counts of a line, or of two: Italian puts the lost ones on a line of their own.
fn statistics_at(text: &Text<'_>, at: usize) -> Option<[u32; 3]> {
    let body = text.at(at);
    if body.matches('=').count() != 2 || !body.ends_with([',', '、', '，']) {
        return statistics(body);
    }
    statistics(&format!("{body} {}", text.at(at + 1)))
}

struct Reading<'t, 'a> {
    text: &'t Text<'a>,
    fact: Ping,
    quotes: Quotes<'t, 'a>,
    done: bool,
    lines_after: u32,
}

impl<'t, 'a> Reading<'t, 'a> {
    fn new(text: &'t Text<'a>, asked: Option<String>, heading: Heading) -> Reading<'t, 'a> {
        let fact = Ping {
            target: asked.or(heading.target),
            address: heading.address,
            replies: Some(0),
            ..Ping::default()
        };
        Reading { text, fact, quotes: Quotes::new(text), done: false, lines_after: 0 }
    }

    fn line(&mut self, at: usize) -> bool {
        let body = self.text.at(at);
        let counts =
            statistics_at(self.text, at).filter(|_| !self.done && is_reply(body) != Some(Reply::Echo));
        if let Some(counts) = counts {
            [self.fact.sent, self.fact.received, self.fact.lost] = counts.map(Some);
            for field in ["sent", "received", "lost"] {
                self.quotes.add(field, at);
            }
            self.done = true;
            return true;
        }
        if self.done {
            return self.tail(body);
        }
        if self.unix_statistics(at) {
            return true;
        }
        if let Some(reply) = is_reply(body) {
            match reply {
                Reply::Echo => {
                    self.fact.replies = self.fact.replies.map(|n| n.saturating_add(1));
                    self.quotes.add("replies", at);
                }
                Reply::Unreachable(from) => {
                    self.fact.unreachable_from = Some(from);
                    self.quotes.add("unreachable_from", at);
                }
            }
            return true;
        }
        if heading(self.text, at).is_some() {
            return false;
        }
        // "Request timed out." and "General failure." in any language, and the heading of the statistics.
        let sentence =
            body.ends_with(['.', '。', ':', '：', '!']) && body.len() <= 200 || body.starts_with("---");
        sentence || body.starts_with("PING: ") || body == "^C"
    }

    /// The percentage on a line of its own, the round-trip times.
    fn tail(&mut self, body: &str) -> bool {
        const TAIL_LINES_MAX: u32 = 4;
        self.lines_after += 1;
        let is_tail = body.contains('%')
            || body.ends_with([':', '：'])
            || body.matches('=').count() == 3
            || body.starts_with("rtt ")
            || body.starts_with("round-trip");
        is_tail && self.lines_after <= TAIL_LINES_MAX
    }

    /// `4 packets transmitted, 4 received, 0% packet loss`
    fn unix_statistics(&mut self, at: usize) -> bool {
        let body = self.text.at(at);
        let Some((sent, rest)) = body.split_once(" packets transmitted, ") else { return false };
        let sent = sent.trim().parse::<u32>().ok();
        let received = rest.split_whitespace().next().and_then(|word| word.parse::<u32>().ok());
        self.fact.sent = sent;
        self.fact.received = received;
        self.fact.lost = sent.zip(received).map(|(sent, received)| sent.saturating_sub(received));
        for field in ["sent", "received", "lost"] {
            self.quotes.add(field, at);
        }
        self.done = true;
        true
    }
}

#[cfg(test)]
#[path = "ping_tests.rs"]
mod tests;
