//! `/xpr`: when the present state ends.

use facts::labels::{Found, Labels, Message};
use model::license::{Expiration, LicenseCommand};
use model::{Kind, LicenseStatus, Timestamp};

use super::draft::Draft;
use super::values::is_product_name;
use crate::out::Out;
use crate::text::Text;

/// Reads `Windows(R), Professional edition:` with the sentence below or behind it, or the sentence alone.
pub(super) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let labels = super::labels(out);
    let line = text.at(at);
    let asked = text.command_above(at).is_some_and(|command| command.line.to_lowercase().contains("xpr"));
    let Some((name, rest)) = product_heading(line).or_else(|| other_heading(&labels, text, at)) else {
        let found =
            sentence(&labels, line).filter(|found| asked || found.message != Message::XprUnlicensed)?;
        let mut draft = Draft::new(LicenseCommand::Expiration, text.place(at));
        apply(&mut draft, &found, text, at);
        draft.push(Kind::Slmgr, out);
        return Some(at + 1);
    };
    let told_at = if rest.is_empty() { text.skip_blank(at + 1) } else { at };
    let told = if rest.is_empty() { text.at(told_at) } else { rest };
    let mut draft = Draft::new(LicenseCommand::Expiration, text.place(at));
    draft.license.name = Some(name.to_owned());
    draft.quote("name", text, at);
    if let Some(found) = sentence(&labels, told) {
        apply(&mut draft, &found, text, told_at);
    } else if text.line(told_at).is_some_and(|line| line.command.is_none()) && told_at <= at + 3 {
        guess(&mut draft, told, asked, text, told_at, out)?;
    } else {
        return None;
    }
    draft.push(Kind::Slmgr, out);
    Some(told_at + 1)
}

/// `Windows(R), Professional edition:`, and what stands behind the colon.
fn product_heading(line: &str) -> Option<(&str, &str)> {
    let at = line.find([':', '：'])?;
    let name = line[..at].trim();
    let rest = line[at..].trim_start_matches([':', '：']).trim();
    (name.len() <= 120 && is_product_name(name)).then_some((name, rest))
}

/// The name of a product that is none of Microsoft's, told by the indented sentence below it.
pub(super) fn other_heading<'t>(
    labels: &Labels,
    text: &'t Text<'_>,
    at: usize,
) -> Option<(&'t str, &'t str)> {
    let line = text.line(at)?;
    let name = line.text.strip_suffix(':')?.trim();
    let below = text.line(at + 1).filter(|below| below.command.is_none() && below.indent > line.indent)?;
    let told = sentence(labels, &below.text).is_some_and(|found| found.message != Message::XprUnlicensed);
    (told && !name.is_empty() && name.len() <= 120).then_some((name, ""))
}

fn sentence<'a>(labels: &Labels, line: &'a str) -> Option<Found<'a>> {
    let found = labels.find(line)?;
    let is_sentence = (Message::XprUnlicensed..=Message::XprExtendedGrace).contains(&found.message);
    is_sentence.then_some(found)
}

fn apply(draft: &mut Draft, found: &Found<'_>, text: &Text<'_>, at: usize) {
    use LicenseStatus as Status;
    draft.quote("xpr", text, at);
    draft.quote("license_status", text, at);
    draft.license.license_status = Some(match found.message {
        Message::XprUnlicensed => Status::Unlicensed,
        Message::XprInitialGrace => Status::InitialGrace,
        Message::XprAdditionalGrace => Status::OutOfToleranceGrace,
        Message::XprNonGenuineGrace => Status::NonGenuineGrace,
        Message::XprNotification => Status::Notification,
        Message::XprExtendedGrace => Status::ExtendedGrace,
        _ => Status::Licensed,
    });
    draft.license.xpr = match found.message {
        Message::XprPermanent => Some(Expiration::Permanent),
        Message::XprUnlicensed | Message::XprNotification => Some(Expiration::NotActivated),
        _ if draft.redacted("xpr", found.value()) => None,
        _ => Some(Expiration::Until(Timestamp::parse(found.value()))),
    };
}

/// A sentence of an unknown language: a date in it is the end of the state; without one nothing is told.
///
/// Without `/xpr` above, only a heading with a date below counts.
fn guess(
    draft: &mut Draft,
    told: &str,
    asked: bool,
    text: &Text<'_>,
    at: usize,
    out: &mut Out,
) -> Option<()> {
    let date = date_in(told);
    if date.is_none() && !asked {
        return None;
    }
    draft.license.xpr = date.map(Expiration::Until);
    draft.quote("xpr", text, at);
    let number = text.line(at).map_or(0, |line| line.number).to_string();
    out.note("note-label-guessed", vec![("lines", number)], text.place(at));
    Some(())
}

/// The date and time that stand within a sentence.
fn date_in(sentence: &str) -> Option<Timestamp> {
    let start = sentence.find(|c: char| c.is_ascii_digit())?;
    let end = sentence.rfind(|c: char| c.is_ascii_digit())? + 1;
    let rest = sentence[end..].trim_start();
    let half = ["AM", "PM", "am", "pm"].into_iter().find(|half| rest.starts_with(half));
    let date = match half {
        Some(half) => format!("{} {half}", &sentence[start..end]),
        None => sentence[start..end].to_owned(),
    };
    let time = Timestamp::parse(&date);
    time.civil().is_some().then_some(time)
}
