//! The lines of nslookup that tell a failure: what failed, for which name, and why.

use model::DnsResult;

use super::names::{address, distinct_name, host_name, same_name};
use super::nslookup::Session;
use super::nslookup_lines::record_type_in_parentheses;
use super::nslookup_words as words;
use crate::out::Out;
use crate::text::label_value;

impl Session<'_, '_> {
    /// The lines that begin with stars, and BIND's that begin with semicolons.
    pub(super) fn error_line(&mut self, at: usize, out: &mut Out) -> usize {
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
            // Korean hangs particles on names.
            let end = token.find(|c: char| !c.is_ascii()).unwrap_or(token.len());
            let token = if end == 0 { token } else { &token[..end] };
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
            let mut names = sentence.split_whitespace().filter(|t| t.is_ascii()).filter_map(host_name);
            let last = names.rfind(|name| !is_server(name))?;
            (!sentence.is_ascii() && !last.contains('\'')).then_some(last)
        })
    }
}
