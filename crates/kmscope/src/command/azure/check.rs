//! `kmscope azure check`: which way KMS traffic leaves, before and after a change.

use std::io::{self, Write};

use anyhow::bail;
use azure::judgement::{JudgedEndpoint, Judgement, judge};
use azure::oddities::oddities;
use azure::site::{NamedPlace, Told, places};
use azure::what_if::{Edit, edited, moved};
use azure::{Cloud, Place, Verdict};
use facts::azure_endpoints::azure_endpoints;
use messages::Argument;
use model::azure::{Route, RouteTable};
use model::{Fact, Source};
use report::visible::one_line;

use super::document::{BeforeRow, CheckDocument, EndpointRow, MovedRow, NoteRow, PlaceRow, ServiceRow};
use super::gather::{Gathered, one_table};
use super::words;
use crate::Status;
use crate::arguments::ReadFormat;
use crate::arguments::azure::AzureCheck;
use crate::console::Console;
use crate::json_stream;

pub(super) fn run(options: &AzureCheck, console: &Console) -> anyhow::Result<Status> {
    let mut gathered = Gathered::default();
    gathered.by_folder(&options.paths, console)?;
    gathered.routes(&options.routes, console)?;
    let is_group = |fact: &Fact| matches!(fact, Fact::SecurityGroup(_));
    gathered.for_all(&options.nsg, is_group, "azure-no-rules", console)?;
    let is_resource =
        |fact: &Fact| matches!(fact, Fact::Resource(_) | Fact::Firewall(_) | Fact::SecurityGroup(_));
    gathered.for_all(&options.subnet_facts, is_resource, "azure-no-resources", console)?;
    let edits = edits(options, console)?;
    let cloud = options.cloud.unwrap_or_else(|| gathered.cloud());
    let told = gathered.told();
    let found = places(&told);
    if found.is_empty() {
        let shown = options.paths.first().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
        bail!("{}", console.text("azure-no-routes", &[("path", Argument::Text(&shown))]));
    }
    let mut notes: Vec<NoteRow> =
        gathered.notes().into_iter().map(|note| NoteRow { text: note.text, source: note.source }).collect();
    let mut judged = Vec::with_capacity(found.len());
    for place in &found {
        let incomplete = gathered.is_incomplete(&place.source.path);
        judged.push(judge_place(place, &told, &edits, cloud, incomplete, &mut notes, console)?);
    }
    // The worst first in the summary; the rows keep the order of the evidence.
    let worst = judged.iter().map(|(verdict, _)| *verdict).max().unwrap_or(Verdict::Depends);
    let first = judged.iter().find(|(verdict, _)| *verdict == worst).map(|(_, row)| row.clone());
    let document = CheckDocument {
        schema: 1,
        verdict: words::verdict_id(worst),
        cause: first.as_ref().and_then(|row| row.cause),
        cloud: cloud.to_string(),
        endpoints: first.map(|row| row.endpoints).unwrap_or_default(),
        places: judged.into_iter().map(|(_, row)| row).collect(),
        notes,
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    match options.format {
        ReadFormat::Json => writeln!(out, "{}", json_stream::line(&document))?,
        ReadFormat::Text => text(&mut out, &document, console)?,
    }
    out.flush()?;
    Ok(match worst {
        Verdict::Works => Status::Done,
        Verdict::Fails => Status::Fault,
        Verdict::Depends => Status::Undecided,
    })
}

fn edits(options: &AzureCheck, console: &Console) -> anyhow::Result<Vec<Edit>> {
    let mut edits = Vec::new();
    if let Some(file) = &options.proposed {
        edits.push(Edit::Replace(one_table(file, console)?));
    }
    edits.extend(options.remove.iter().map(|prefix| Edit::Remove(prefix.trunc())));
    for file in &options.apply {
        edits.extend(one_table(file, console)?.routes.into_iter().map(Edit::Add));
    }
    edits.extend(options.add.iter().cloned().map(Edit::Add));
    Ok(edits)
}

fn judge_place(
    named: &NamedPlace<'_>,
    told: &[Told<'_>],
    edits: &[Edit],
    cloud: Cloud,
    incomplete: bool,
    notes: &mut Vec<NoteRow>,
    console: &Console,
) -> anyhow::Result<(Verdict, PlaceRow)> {
    let hides = named.place.routes.is_some_and(|table| tell_oddities(table, told, notes, console));
    let incomplete = incomplete || hides;
    let today = judge(&named.place, cloud);
    if edits.is_empty() {
        return Ok(row(named, &today, incomplete, None, console));
    }
    let empty = RouteTable::default();
    let before = named.place.routes.unwrap_or(&empty);
    let after = edited(before, edits)?;
    let judgement = judge(&Place { routes: Some(&after), ..named.place.clone() }, cloud);
    let moves: Vec<MovedRow> = moved(before, &after)
        .into_iter()
        .map(|one| MovedRow {
            endpoint: (one.prefix.prefix_len() == 32)
                .then(|| azure_endpoints().with_address(one.prefix.addr()))
                .flatten()
                .map(|endpoint| endpoint.name.as_str()),
            prefix: one.prefix.to_string(),
            from: one.from,
            to: one.to,
        })
        .collect();
    let (verdict, cause) = capped(&today, incomplete);
    let before = BeforeRow {
        verdict: words::verdict_id(verdict),
        cause,
        endpoints: endpoint_rows(&today, incomplete, console),
        moves_only_endpoints: moves.iter().all(|one| one.endpoint.is_some()),
        moved: moves,
    };
    Ok(row(named, &judgement, incomplete, Some(before), console))
}

/// Notes what is strange, each at its route; true when it could hide the route that decides.
fn tell_oddities(table: &RouteTable, told: &[Told<'_>], notes: &mut Vec<NoteRow>, console: &Console) -> bool {
    let is_own =
        |one: &&Told<'_>| matches!(&one.evidence.fact.value, Fact::Routes(own) if std::ptr::eq(own, table));
    let Some(evidence) = told.iter().find(is_own).map(|one| one.evidence) else { return false };
    let mut hides = false;
    for (index, oddity) in oddities(table) {
        let prefix = table.routes[index].prefix.as_deref().unwrap_or_default();
        // The readers keep a quote for each route.
        let place = evidence.fact.quotes.get(index).map_or(&evidence.fact.source.place, |quote| &quote.place);
        let source = Source { path: evidence.fact.source.path.clone(), place: place.clone() };
        notes.push(NoteRow { text: words::oddity(oddity, prefix, console), source });
        hides |= oddity.hides_something();
    }
    hides
}

/// What was not read could have decided otherwise: that is never "works".
fn capped(judgement: &Judgement<'_>, incomplete: bool) -> (Verdict, Option<&'static str>) {
    match judgement.verdict {
        Verdict::Works if incomplete => (Verdict::Depends, None),
        verdict => (verdict, judgement.cause),
    }
}

fn row(
    named: &NamedPlace<'_>,
    judgement: &Judgement<'_>,
    incomplete: bool,
    before: Option<BeforeRow>,
    console: &Console,
) -> (Verdict, PlaceRow) {
    let (verdict, cause) = capped(judgement, incomplete);
    let services = judgement.services.iter().map(|one| ServiceRow {
        id: &one.service.id,
        title: &one.service.title,
        verdict: words::verdict_id(one.verdict),
        addresses: one.service.addresses.len(),
        stopped: one.stopped.clone(),
    });
    let row = PlaceRow {
        name: named.name.clone(),
        source: named.source.clone(),
        verdict: words::verdict_id(verdict),
        cause,
        dated: judgement.dated.map(|set| words::dated(set, console)),
        endpoints: endpoint_rows(judgement, incomplete, console),
        services: services.collect(),
        before,
    };
    (verdict, row)
}

fn endpoint_rows(judgement: &Judgement<'_>, incomplete: bool, console: &Console) -> Vec<EndpointRow> {
    judgement.endpoints.iter().map(|one| endpoint_row(one, judgement, incomplete, console)).collect()
}

fn endpoint_row(
    one: &JudgedEndpoint<'_>,
    judgement: &Judgement<'_>,
    incomplete: bool,
    console: &Console,
) -> EndpointRow {
    let winner = one.selection.as_ref().and_then(|selection| selection.winners.first().copied());
    let mut clauses: Vec<String> = one.why.iter().filter_map(|why| words::why(why, console)).collect();
    let doubtful = incomplete && one.verdict == Verdict::Works;
    if doubtful {
        clauses.push(console.text("azure-why-incomplete", &[]));
    }
    let verdict = if doubtful { Verdict::Depends } else { one.verdict };
    let route_cause = judgement.cause.filter(|_| one.required && one.verdict == Verdict::Fails);
    EndpointRow {
        name: one.name,
        address: one.address,
        required: one.required,
        prefix: one
            .selection
            .as_ref()
            .and_then(|selection| selection.prefix)
            .map(|prefix| prefix.to_string()),
        next_hop_type: winner.and_then(|route| route.next_hop_type.clone()),
        next_hop_ip: winner.and_then(|route| route.next_hop_ip.clone()),
        route: winner.and_then(|route| route.name.clone()),
        route_source: winner.and_then(|route| route.source.clone()),
        verdict: words::verdict_id(verdict),
        why: clauses.join("; "),
        cause: one.cause.or(route_cause),
        beaten: one
            .selection
            .iter()
            .flat_map(|selection| &selection.beaten)
            .map(|route| in_short(route))
            .collect(),
    }
}

/// `0.0.0.0/0 Internet (Default)`
fn in_short(route: &Route) -> String {
    let part = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let mut text = format!("{} {}", part(&route.prefix), part(&route.next_hop_type));
    if let Some(address) = &route.next_hop_ip {
        text.push_str(&format!(" {address}"));
    }
    match &route.source {
        Some(source) => text + &format!(" ({source})"),
        None => text,
    }
}

fn text(out: &mut dyn Write, document: &CheckDocument, console: &Console) -> io::Result<()> {
    for place in &document.places {
        place_text(out, place, console)?;
    }
    if document.places.len() > 1 {
        matrix(out, &document.places, console)?;
    }
    for note in &document.notes {
        writeln!(out, "{}: {}", one_line(&note.source.to_string()), one_line(&note.text))?;
    }
    Ok(())
}

fn place_text(out: &mut dyn Write, place: &PlaceRow, console: &Console) -> io::Result<()> {
    let cause = place.cause.map(|cause| format!(" ({cause})")).unwrap_or_default();
    let heading = format!("{}: {}{cause}", one_line(&place.name), place.verdict);
    writeln!(out, "{}", console.bold(&heading))?;
    if let Some(before) = &place.before {
        let cause = before.cause.map(|cause| format!(" ({cause})")).unwrap_or_default();
        let verdict = format!("{}{cause}", before.verdict);
        writeln!(out, "  {}", console.text("azure-before", &[("verdict", Argument::Text(&verdict))]))?;
    }
    for one in &place.endpoints {
        let needed = if one.required {
            String::new()
        } else {
            format!(" ({})", console.text("azure-not-required", &[]))
        };
        writeln!(out, "  {} {}{needed}: {}", one.name, one.address, one.verdict)?;
        let mut way = one.prefix.as_deref().unwrap_or("-").to_owned();
        for part in [&one.next_hop_type, &one.next_hop_ip].into_iter().flatten() {
            way.push(' ');
            way.push_str(part);
        }
        writeln!(out, "    {}: {}", one_line(&way), one_line(&one.why))?;
        for beaten in one.beaten.iter().filter(|_| console.verbose || one.verdict != "works") {
            let args = [("route", Argument::Text(beaten))];
            writeln!(out, "    {}", one_line(&console.text("azure-beats", &args)))?;
        }
    }
    if let Some(dated) = &place.dated {
        writeln!(out, "  {}", one_line(dated))?;
    }
    for service in place.services.iter().filter(|one| console.verbose || one.verdict == "fails") {
        let (stopped, all) = (service.stopped.len().to_string(), service.addresses.to_string());
        let args = [
            ("title", Argument::Text(service.title)),
            ("verdict", Argument::Text(service.verdict)),
            ("stopped", Argument::Text(&stopped)),
            ("all", Argument::Text(&all)),
        ];
        writeln!(out, "  {}", console.text("azure-service", &args))?;
    }
    if let Some(before) = &place.before {
        moved_text(out, before, console)?;
    }
    writeln!(out)
}

fn moved_text(out: &mut dyn Write, before: &BeforeRow, console: &Console) -> io::Result<()> {
    if before.moved.is_empty() {
        return writeln!(out, "  {}", console.text("azure-moves-nothing", &[]));
    }
    let key = if before.moves_only_endpoints { "azure-moves-endpoints" } else { "azure-moves-more" };
    writeln!(out, "  {}", console.text(key, &[]))?;
    for one in &before.moved {
        let word = |way: &Option<String>| way.clone().unwrap_or_else(|| "-".to_owned());
        let name = one.endpoint.map(|name| format!(" ({name})")).unwrap_or_default();
        let line = format!("{}{name}: {} -> {}", one.prefix, word(&one.from), word(&one.to));
        writeln!(out, "    {}", one_line(&line))?;
    }
    Ok(())
}

/// One line per place, one column per address.
fn matrix(out: &mut dyn Write, places: &[PlaceRow], console: &Console) -> io::Result<()> {
    let Some(first) = places.first() else { return Ok(()) };
    const NAME_COLUMNS_MAX: usize = 40;
    let cut = |name: &str| one_line(name).chars().take(NAME_COLUMNS_MAX).collect::<String>();
    let width = places.iter().map(|place| cut(&place.name).chars().count()).max().unwrap_or(0);
    write!(out, "{}", console.bold(&format!("{:width$}", "")))?;
    for one in &first.endpoints {
        write!(out, "  {:15}", one.address.to_string())?;
    }
    writeln!(out)?;
    for place in places {
        write!(out, "{:width$}", cut(&place.name))?;
        for one in &place.endpoints {
            write!(out, "  {:15}", one.verdict)?;
        }
        writeln!(out, "  {}", place.cause.unwrap_or_default())?;
    }
    Ok(())
}
