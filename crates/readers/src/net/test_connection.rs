//! Test-Connection: the table of Windows PowerShell 5 and that of PowerShell 7.

use model::network::Ping;
use model::{Fact, Kind};

use super::quotes::Quotes;
use crate::dns::names::{address, host_name};
use crate::out::Out;
use crate::text::Text;

/// Rows of one table at most.
const ROWS_MAX: usize = 10_000;

/// Reads the table that begins at its header, or at the `Destination:` line above it.
pub(crate) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let body = text.at(at);
    if body.starts_with("Source") {
        return read_five(text, at, out);
    }
    body.starts_with("Destination:").then(|| read_seven(text, at, out)).flatten()
}

/// `Source Destination IPV4Address IPV6Address Bytes Time(ms)`: a row is a reply; failures are errors, not rows.
fn read_five(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let columns: Vec<&str> = text.at(at).split_whitespace().collect();
    if !columns.starts_with(&["Source", "Destination", "IPV4Address"]) || columns.last() != Some(&"Time(ms)")
    {
        return None;
    }
    let mut tally = Tally::new(text, at);
    let end = rows(text, at + 1, |index| {
        let words: Vec<&str> = text.at(index).split_whitespace().collect();
        let (Some(target), Some(time)) = (words.get(1), words.last()) else { return false };
        if words.len() < 4 || time.parse::<u32>().is_err() {
            return false;
        }
        tally.add(index, Some(target), words[2..].iter().find_map(|word| address(word)), true);
        true
    });
    tally.push(text, at, out);
    Some(end)
}

/// `Ping Source Address Latency BufferSize Status`, with the units in a line of their own.
fn read_seven(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let target = text.at(at).split_once(':').and_then(|(_, name)| host_name(name));
    let header = text.skip_blank(at + 1);
    if !text.at(header).starts_with("Ping Source") || !text.at(header).ends_with("Status") {
        return None;
    }
    let rule = (header + 1..header + 3).find(|&index| text.at(index).starts_with("----"))?;
    let mut tally = Tally::new(text, at);
    let end = rows(text, rule, |index| {
        let words: Vec<&str> = text.at(index).split_whitespace().collect();
        let numbered = words.first().is_some_and(|word| word.parse::<u32>().is_ok());
        if words.len() < 4 || !numbered {
            return false;
        }
        let answered = words.last() == Some(&"Success");
        tally.add(index, target.as_deref(), words.get(2).and_then(|word| address(word)), answered);
        true
    });
    tally.push(text, at, out);
    Some(end)
}

/// Offers the lines behind the rule of a table until one is no row; returns the index behind the last row.
fn rows(text: &Text<'_>, rule: usize, mut row: impl FnMut(usize) -> bool) -> usize {
    let mut index = rule + usize::from(text.at(rule).starts_with("----"));
    let last = text.len().min(index + ROWS_MAX);
    while index < last && text.line(index).is_some_and(|line| line.command.is_none()) && row(index) {
        index += 1;
    }
    index
}

struct Tally<'t, 'a> {
    fact: Ping,
    quotes: Quotes<'t, 'a>,
    sent: u32,
    received: u32,
}

impl<'t, 'a> Tally<'t, 'a> {
    fn new(text: &'t Text<'a>, at: usize) -> Tally<'t, 'a> {
        let mut quotes = Quotes::new(text);
        quotes.add("target", at);
        Tally { fact: Ping::default(), quotes, sent: 0, received: 0 }
    }

    fn add(&mut self, at: usize, target: Option<&str>, from: Option<String>, answered: bool) {
        self.fact.target = self.fact.target.take().or_else(|| target.and_then(host_name));
        self.fact.address = self.fact.address.take().or(from.filter(|_| answered));
        self.sent += 1;
        self.received += u32::from(answered);
        for field in ["sent", "received", "lost"] {
            self.quotes.add(field, at);
        }
    }

    fn push(mut self, text: &Text<'_>, at: usize, out: &mut Out) {
        self.fact.sent = Some(self.sent);
        self.fact.received = Some(self.received);
        self.fact.lost = Some(self.sent - self.received);
        self.fact.replies = Some(self.received);
        let quotes = self.quotes.take();
        out.push(Kind::Ping, Fact::Ping(self.fact), text.place(at), quotes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    fn pings(original: &str) -> Vec<Ping> {
        let text = Text::new("t".into(), original, 1);
        let mut out = Out::new("t".into(), &Limits::default());
        crate::dispatch::read_text(&text, &mut out);
        let (facts, _) = out.finish();
        facts
            .into_iter()
            .filter_map(|e| if let Fact::Ping(ping) = e.fact.value { Some(ping) } else { None })
            .collect()
    }

    #[test]
    fn the_table_of_windows_powershell() {
        let all = pings(
            "Source        Destination     IPV4Address      IPV6Address      Bytes    Time(ms) \n\
             ------        -----------     -----------      -----------      -----    -------- \n\
             PC1           kms01           192.0.2.5                         32       1        \n\
             PC1           kms01           192.0.2.5                         32       0        \n",
        );
        assert_eq!((all.len(), all[0].target.as_deref()), (1, Some("kms01")));
        assert_eq!(
            (all[0].sent, all[0].lost, all[0].address.as_deref()),
            (Some(2), Some(0), Some("192.0.2.5"))
        );
    }

    #[test]
    fn the_table_of_powershell_seven() {
        let all = pings(
            "   Destination: kms01\n\n\
             Ping Source           Address                   Latency BufferSize Status\n\
             \x20                                                   (ms)        (B)\n\
             ---- ------           -------                   ------- ---------- ------\n\
             \x20  1 PC1              192.0.2.5                       1         32 Success\n\
             \x20  2 PC1              *                               0         32 TimedOut\n",
        );
        assert_eq!((all[0].sent, all[0].received, all[0].lost), (Some(2), Some(1), Some(1)));
        assert_eq!(all[0].target.as_deref(), Some("kms01"));
    }
}
