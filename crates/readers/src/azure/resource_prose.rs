//! Lines that tell about a resource in words: properties copied from the portal, or a sentence of a ticket.

use model::azure::Resource;
use model::{Fact, Kind, Quote};

use crate::out::Out;
use crate::text::Text;

/// Reads one line. Nothing if it tells nothing of a resource.
pub(super) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let line = text.at(at);
    const LINE_LENGTH_MAX: usize = 400;
    if line.len() > LINE_LENGTH_MAX || !line.contains(['B', 'b', 'O', 'o', 'P', 'p', 'N', 'n']) {
        return None;
    }
    // Every sentence below names one of these; most lines name none, and need no copy.
    const NAMED: [&[u8]; 4] = [b"balanc", b"outbound", b"subnet", b"gateway"];
    let lower = |window: &[u8], name: &[u8]| window.eq_ignore_ascii_case(name);
    if !NAMED.iter().any(|name| line.as_bytes().windows(name.len()).any(|window| lower(window, name))) {
        return None;
    }
    let words = Words::of(line);
    let (mut resource, field) = load_balancer(&words).or_else(|| subnet(&words))?;
    let mut quotes = vec![Quote::new(field, text.place(at), line)];
    if field == "internal"
        && resource.sku.is_none()
        && let Some((sku, index)) = sku_beside(text, at)
    {
        resource.sku = Some(sku.to_owned());
        quotes.push(Quote::new("sku", text.place(index), text.at(index)));
    }
    out.push(Kind::AzureResource, Fact::Resource(Box::new(resource)), text.place(at), quotes);
    Some(at + 1)
}

/// The letters and digits of a line in lower case, one space between words.
struct Words(String);

impl Words {
    fn of(line: &str) -> Words {
        let spaced: String =
            line.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { ' ' }).collect();
        Words(format!(" {} ", spaced.split_whitespace().collect::<Vec<_>>().join(" ")))
    }

    fn has(&self, words: &str) -> bool {
        self.0.contains(&format!(" {words} "))
    }

    fn any(&self, all: &[&str]) -> bool {
        all.iter().any(|words| self.has(words))
    }
}

/// `SKU : Standard` in a line near the type: the portal shows each property in a row of its own.
fn sku_beside(text: &Text<'_>, at: usize) -> Option<(&'static str, usize)> {
    const LINES_MAX: usize = 6;
    (at.saturating_sub(LINES_MAX)..text.len().min(at + LINES_MAX)).find_map(|index| {
        let words = Words::of(text.at(index));
        let sku = sku_in(&words).filter(|_| words.0.starts_with(" sku "))?;
        Some((sku, index))
    })
}

fn sku_in(words: &Words) -> Option<&'static str> {
    ["Standard", "Basic", "Gateway"].into_iter().find(|sku| words.has(&sku.to_ascii_lowercase()))
}

fn load_balancer(words: &Words) -> Option<(Resource, &'static str)> {
    if !words.any(&["load balancing type", "load balancer", "loadbalancer", "load balancer type"]) {
        return None;
    }
    let internal = words.any(&["internal", "private"]);
    let public = words.any(&["public", "external"]);
    let sku = sku_in(words);
    // Advice names what to add; only a state is a fact.
    let advice = words.any(&["add", "create", "use", "should", "must", "if", "when", "can"]);
    if internal == public || advice || (sku.is_none() && !words.has("load balancing type")) {
        return None;
    }
    let resource = Resource {
        resource: Some("load-balancer".to_owned()),
        sku: sku.map(str::to_owned),
        internal: Some(internal),
        public_ip: Some(public),
        ..Resource::default()
    };
    Some((resource, "internal"))
}

/// `Private subnet: Enabled`, `defaultOutboundAccess = false`, `NAT gateway: None`.
fn subnet(words: &Words) -> Option<(Resource, &'static str)> {
    const ON: [&str; 4] = ["true", "enabled", "yes", "on"];
    const OFF: [&str; 4] = ["false", "disabled", "no", "off"];
    let resource = Resource { resource: Some("subnet".to_owned()), ..Resource::default() };
    let ends = |all: &[&str]| all.iter().any(|word| words.0.ends_with(&format!(" {word} ")));
    let begins = |all: &[&str]| all.iter().any(|start| words.0.starts_with(&format!(" {start} ")));
    let access =
        begins(&["default outbound access", "defaultoutboundaccess", "default outbound access enabled"]);
    if access && (ends(&ON) || ends(&OFF)) {
        return Some((
            Resource { default_outbound_access: Some(ends(&ON)), ..resource },
            "default_outbound_access",
        ));
    }
    if begins(&["private subnet", "enable private subnet"]) && (ends(&ON) || ends(&OFF)) {
        return Some((
            Resource { default_outbound_access: Some(ends(&OFF)), ..resource },
            "default_outbound_access",
        ));
    }
    if begins(&["nat gateway"]) && ends(&["none"]) {
        return Some((Resource { nat_gateway: Some(false), ..resource }, "nat_gateway"));
    }
    None
}
