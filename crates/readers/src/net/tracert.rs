//! tracert, traceroute and pathping in every language.

use model::network::{Hop, TraceRoute};
use model::{Fact, Kind};

use super::quotes::Quotes;
use crate::dns::names::{address, distinct_name, host_name};
use crate::out::Out;
use crate::text::Text;

const PROGRAMS: [&str; 4] = ["tracert", "traceroute", "tracepath", "pathping"];

/// Reads one trace that begins at a line.
pub(crate) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let line = text.line(at)?;
    let command = line.command.as_ref().filter(|command| PROGRAMS.contains(&command.program().as_str()));
    if line.command.is_some() && command.is_none() {
        return None;
    }
    let first = if command.is_some() { text.skip_blank(at + 1) } else { at };
    if text.line(first)?.command.is_some() {
        return None;
    }
    let asked = command.and_then(|command| {
        let words = command.line.split_whitespace().skip(1).filter(|word| !word.starts_with(['-', '/']));
        words.last().and_then(|word| address(word).or_else(|| host_name(word)))
    });
    if let Some(fact) = unresolved(text.at(first), asked.clone(), command.is_some()) {
        let mut quotes = Quotes::new(text);
        quotes.add("name_not_found", first);
        out.push(Kind::Tracert, Fact::Trace(fact), text.place(first), quotes.take());
        return Some(first + 1);
    }
    let (hops_from, mut fact) = heading(text, first)?;
    fact.target = asked.or(fact.target);
    let mut quotes = Quotes::new(text);
    quotes.add("target", first);
    let end = read_hops(text, hops_from, &mut fact, &mut quotes);
    let last = fact.hops.last().filter(|hop| !hop.unreachable).and_then(|hop| hop.address.clone());
    fact.reached = fact.address.as_ref().map(|target| last.as_ref() == Some(target));
    out.push(Kind::Tracert, Fact::Trace(fact), text.place(first), quotes.take());
    Some(end)
}

/// `Unable to resolve target system name kms01.`
fn unresolved(body: &str, asked: Option<String>, commanded: bool) -> Option<TraceRoute> {
    let lower = body.to_lowercase();
    let english = lower.starts_with("unable to resolve target system name");
    let other = commanded
        && body.ends_with(['.', '。'])
        && asked.as_ref().is_some_and(|asked| body.contains(asked.as_str()));
    let unix = lower.starts_with("traceroute: unknown host")
        || lower.contains(": name or service not known") && commanded;
    if !(english || unix || other && !body.contains(char::is_numeric)) {
        return None;
    }
    let name =
        body.split_whitespace().filter_map(|word| distinct_name(word.trim_end_matches('.'))).next_back();
    Some(TraceRoute { target: asked.or(name), name_not_found: true, ..TraceRoute::default() })
}

/// The lines above the hops: one or two, the first with the target, and the index of the first hop.
fn heading(text: &Text<'_>, at: usize) -> Option<(usize, TraceRoute)> {
    const HEADING_LINES_MAX: usize = 3;
    let body = text.at(at);
    if body.len() > 200 || !body.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let words: Vec<&str> =
        body.split([' ', '[', ']', '(', ')', ',']).filter(|word| !word.is_empty()).collect();
    let found = words.iter().rev().find_map(|word| address(word.trim_end_matches(':')))?;
    if hop(body).is_some() {
        return None;
    }
    let mut next = text.skip_blank(at + 1);
    for _ in 0..HEADING_LINES_MAX {
        let line = text.at(next);
        if hop(line).is_some_and(|hop| hop.hop.is_some_and(|n| n <= 1)) {
            let target = words
                .iter()
                .filter_map(|word| distinct_name(word))
                .find(|name| address(name).is_none() && name.contains('.'));
            // A name without a dot stands right before the bracket.
            let before = body
                .split(['[', '('])
                .next()
                .and_then(|left| left.split_whitespace().last())
                .and_then(host_name);
            let bracketed = body.contains(['[', '(']);
            let target = if bracketed { before.or(target) } else { target.or(Some(found.clone())) };
            return Some((next, TraceRoute { target, address: Some(found), ..TraceRoute::default() }));
        }
        if text.line(next).is_none_or(|line| line.command.is_some()) {
            return None;
        }
        next = text.skip_blank(next + 1);
    }
    None
}

fn read_hops(text: &Text<'_>, from: usize, fact: &mut TraceRoute, quotes: &mut Quotes<'_, '_>) -> usize {
    const HOPS_MAX: usize = 255;
    let mut index = from;
    let mut end = from;
    while index < text.len() && fact.hops.len() < HOPS_MAX {
        if text.is_blank(index) {
            index += 1;
            continue;
        }
        if text.line(index).is_some_and(|line| line.command.is_some()) {
            break;
        }
        let Some(hop) = hop(text.at(index)) else { break };
        // The number grows; a smaller one belongs to pathping's table or another trace.
        if fact.hops.last().is_some_and(|last| last.hop >= hop.hop) {
            break;
        }
        quotes.add("hops", index);
        fact.hops.push(hop);
        index += 1;
        end = index;
    }
    // "Trace complete." in any language.
    let closing = text.at(index);
    let is_closing = !closing.is_empty()
        && closing.split_whitespace().count() <= 5
        && closing.ends_with(['.', '。'])
        && text.line(index).is_some_and(|line| line.command.is_none());
    if is_closing { index + 1 } else { end }
}

/// `  2     1 ms     1 ms     1 ms  gw.contoso.com [192.0.2.1]`, `  3     *        *        *     Request timed out.`
fn hop(body: &str) -> Option<Hop> {
    let mut words = body.split_whitespace();
    let number: u32 = words.next()?.parse().ok().filter(|number| *number <= 255)?;
    let rest: Vec<&str> = words.collect();
    let lower = body.to_lowercase();
    let measured = rest.iter().any(|word| matches!(*word, "ms" | "мс" | "*") || word.ends_with("ms"));
    let found = rest.iter().find_map(|word| address(word.trim_end_matches([':', '.'])));
    if !(measured || found.is_some() && (rest.len() <= 2 || body.ends_with(['.', '。', ']']))) {
        return None;
    }
    let named = rest.iter().position(|word| word.starts_with(['[', '(']) && address(word).is_some());
    let name = named.and_then(|n| rest.get(n.checked_sub(1)?)).and_then(|word| host_name(word));
    let marks = [
        "!h",
        "!n",
        "!x",
        "unreachable",
        "nicht erreichbar",
        "inaccessible",
        "injoignable",
        "到達できません",
        "无法访问",
        "無法連線",
    ];
    let sentence = found.is_some() && body.ends_with(['.', '。']) && !measured;
    let unreachable = sentence || marks.iter().any(|mark| lower.contains(mark));
    Some(Hop { hop: Some(number), address: found, name, unreachable })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, read_bytes};

    fn traces(text: &str) -> Vec<TraceRoute> {
        let file = read_bytes("t.txt", text.as_bytes(), &Limits::default());
        file.facts
            .into_iter()
            .filter_map(|e| if let Fact::Trace(t) = e.fact.value { Some(t) } else { None })
            .collect()
    }

    #[test]
    fn reads_hops_names_and_silence() {
        for (first, second) in [
            ("Tracing route to kms01.contoso.com [192.0.2.5]", "over a maximum of 30 hops:"),
            ("Routenverfolgung zu kms01.contoso.com [192.0.2.5]", "über maximal 30 Hops:"),
            (
                "Détermination de l’itinéraire vers kms01.contoso.com [192.0.2.5]",
                "avec un maximum de 30 sauts :",
            ),
            (
                "kms01.contoso.com [192.0.2.5] へのルートをトレースしています",
                "経由するホップ数は最大 30 です:",
            ),
        ] {
            let all = traces(&format!(
                "\n{first}\n{second}\n\n  1    <1 ms    <1 ms    <1 ms  gw.contoso.com [198.51.100.1]\n  2     *        *        *     Request timed out.\n  3     2 ms     1 ms     1 ms  192.0.2.5\n\nTrace complete.\n"
            ));
            assert_eq!(all.len(), 1, "{first}");
            let trace = &all[0];
            assert_eq!(trace.target.as_deref(), Some("kms01.contoso.com"), "{first}");
            assert_eq!(trace.reached, Some(true));
            assert_eq!(trace.hops[0].name.as_deref(), Some("gw.contoso.com"));
            assert_eq!(trace.hops[1].address, None);
        }
    }

    #[test]
    fn an_unreachable_answer_is_no_arrival() {
        let all = traces(
            "C:\\>tracert 192.0.2.5\n\nTracing route to 192.0.2.5 over a maximum of 30 hops\n\n  1  198.51.100.1  reports: Destination host unreachable.\n\nTrace complete.\n",
        );
        assert_eq!(all[0].reached, Some(false));
        assert!(all[0].hops[0].unreachable);
        let all = traces("Unable to resolve target system name kms01.contoso.com.\n");
        assert!(all[0].name_not_found);
        assert_eq!(all[0].target.as_deref(), Some("kms01.contoso.com"));
    }

    #[test]
    fn reads_traceroute() {
        let all = traces(
            "traceroute to kms01 (192.0.2.5), 30 hops max, 60 byte packets\n 1  gw (198.51.100.1)  0.4 ms  0.3 ms  0.3 ms\n 2  * * *\n 3  198.51.100.9 (198.51.100.9)  3.1 ms !H  3.0 ms !H  3.2 ms !H\n",
        );
        assert_eq!(all[0].hops.len(), 3);
        assert!(all[0].hops[2].unreachable);
        assert_eq!(all[0].target.as_deref(), Some("kms01"));
    }
}
