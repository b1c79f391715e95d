//! What was asked: the command line of nslookup and the lines typed at its prompt.

use super::names::{address, host_name};

/// The question.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) query: Option<String>,
    pub(super) query_type: Option<String>,
}

/// The question of `nslookup -type=srv _vlmcs._tcp dc1 > file`.
pub(super) fn parse_command(line: &str) -> Asked {
    let mut asked = Asked::default();
    let line = line.split(['>', '|', '&']).next().unwrap_or_default();
    for word in line.split_whitespace().skip_while(|word| !is_program(word)).skip(1) {
        if let Some(option) = word.strip_prefix(['-', '/', '–']) {
            asked.query_type = query_type(option).or(asked.query_type);
        } else if asked.query.is_none() {
            asked.query = name(word);
        }
    }
    asked
}

fn is_program(word: &str) -> bool {
    let word = word.trim_matches(['"', '\'']).to_ascii_lowercase();
    let last = word.rsplit(['\\', '/']).next().unwrap_or_default();
    last == "nslookup" || last == "nslookup.exe"
}

fn name(word: &str) -> Option<String> {
    address(word).or_else(|| host_name(word))
}

/// `type=srv`, `q=SRV`, `querytype=srv`, `ty=srv`
fn query_type(option: &str) -> Option<String> {
    let (key, value) = option.split_once('=')?;
    let key = key.trim().to_ascii_lowercase();
    let is_type = ["q", "ty", "typ", "type", "qt", "querytype", "query"].contains(&key.as_str());
    (is_type && !value.trim().is_empty()).then(|| value.trim().to_ascii_uppercase())
}

/// A line typed at the prompt: `set type=srv`, `server 10.0.0.1`, or a name. Nothing if it is no such line.
pub(super) fn parse_input(line: &str) -> Option<Asked> {
    let mut words = line.split_whitespace();
    let first = words.next()?;
    let lower = first.to_ascii_lowercase();
    if lower == "set" {
        let option: String = words.collect();
        return Some(Asked { query: None, query_type: query_type(&option) });
    }
    if ["server", "lserver", "exit", "ls"].contains(&lower.as_str()) && !first.ends_with(':') {
        return Some(Asked::default());
    }
    let query = name(first)?;
    match (words.next(), words.next()) {
        (None, _) => {}
        (Some(server), None) if name(server).is_some() => {}
        _ => return None,
    }
    Some(Asked { query: Some(query), query_type: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_commands() {
        for (line, query, query_type) in [
            ("nslookup -type=srv _vlmcs._tcp", Some("_vlmcs._tcp"), Some("SRV")),
            ("nslookup -type=all _vlmcs._tcp>kms.txt", Some("_vlmcs._tcp"), Some("ALL")),
            (
                "nslookup -q=SRV _vlmcs._tcp.contoso.com. 10.0.0.1",
                Some("_vlmcs._tcp.contoso.com"),
                Some("SRV"),
            ),
            ("nslookup", None, None),
            ("C:\\Windows\\System32\\nslookup.exe kms01", Some("kms01"), None),
        ] {
            let asked = parse_command(line);
            assert_eq!((asked.query.as_deref(), asked.query_type.as_deref()), (query, query_type), "{line}");
        }
    }

    #[test]
    fn reads_what_is_typed_at_the_prompt() {
        assert_eq!(parse_input("set q=srv").and_then(|a| a.query_type).as_deref(), Some("SRV"));
        assert_eq!(
            parse_input("_vlmcs._tcp.contoso.com").and_then(|a| a.query).as_deref(),
            Some("_vlmcs._tcp.contoso.com")
        );
        assert_eq!(parse_input("priority = 0"), None);
    }
}
