//! The walk over whole logs: the same answer as the peer, through damage, on any number of threads.

use model::{Event, HexCode};
use proptest::prelude::*;

use super::*;
use crate::Limits;

#[path = "../../../tests/evtx_writer/mod.rs"]
mod writer;
use writer::{Record, Style};

const REQUEST: &str = "0x0,25,client01.contoso.com,157f562f-c333-538d-986b-31a7a098dbbb,2024/3/4 8:21,0,2,43080,2de67392-b7a7-462a-b1ca-108dd189f588";

fn record(style: Style, provider: &str, event_id: u16, data: &[&str]) -> Record {
    Record {
        style,
        provider: provider.to_owned(),
        event_id,
        level: 4,
        channel: "Application".to_owned(),
        computer: "kms01.contoso.com".to_owned(),
        time: 133_540_032_005_405_849,
        data: data.iter().enumerate().map(|(n, text)| (format!("p{n}"), (*text).to_owned())).collect(),
    }
}

const SPP: &str = "Microsoft-Windows-Security-SPP";

/// Records of both styles and several providers; every tenth is a KMS event.
fn mixed(count: usize) -> Vec<Record> {
    let of = |n: usize| match n % 10 {
        0 => record(Style::Classic, SPP, 12290, &[REQUEST]),
        1 | 2 => record(Style::Classic, "VSS", 12289, &["Shadow copy", "x"]),
        3 => {
            record(Style::Manifest, "Microsoft-Windows-Security-Auditing", 4624, &["S-1-5-18", "a", "b", "c"])
        }
        5 => record(Style::Manifest, SPP, 12293, &["0x8007232D", "child.contoso.com"]),
        _ => record(Style::Manifest, "Microsoft-Windows-Kernel-General", 16, &["text"]),
    };
    (0..count).map(of).collect()
}

fn read_all(bytes: &[u8], threads: usize) -> (Vec<Event>, Vec<&'static str>, Summary) {
    let mut out = Out::new("t.evtx".into(), &Limits::default());
    let summary = read_on_threads(bytes, threads, &mut out).unwrap();
    let events = out.facts.iter().filter_map(|fact| fact.fact.value.as_event().cloned()).collect();
    (events, out.notes.iter().map(|note| note.key).collect(), summary)
}

fn numbers(events: &[Event]) -> Vec<u64> {
    events.iter().filter_map(|event| event.record).collect()
}

#[test]
fn reads_what_the_writer_wrote() {
    let (events, notes, summary) = read_all(&writer::log(&mixed(20)), 1);
    assert_eq!((events.len(), summary.records, summary.other_records), (4, 20, 16));
    assert_eq!(notes, ["note-evtx-other-records"]);
    let first = &events[0];
    assert_eq!((first.event_id, first.record), (Some(12290), Some(1)));
    assert_eq!((first.client.as_deref(), first.min_count), (Some("client01.contoso.com"), Some(25)));
    assert_eq!((first.provider.as_deref(), first.log.as_deref()), (Some(SPP), Some("Application")));
    assert_eq!(first.computer.as_deref(), Some("kms01.contoso.com"));
    assert_eq!(first.time.as_ref().unwrap().text(), "2024-03-04T05:20:00.5405849Z");
    assert_eq!(
        (events[1].hresult, events[1].dns_domain.as_deref()),
        (HexCode::parse("0x8007232D"), Some("child.contoso.com"))
    );
}

#[test]
fn a_log_is_known_by_its_first_bytes() {
    let file = crate::read_bytes("export.txt", &writer::log(&mixed(20)), &Limits::default());
    assert_eq!((file.kind, file.encoding.as_str(), file.facts.len()), (Kind::Events, "binary", 4));
    assert_eq!(file.facts[0].fact.source.to_string(), "export.txt record 1");
}

#[test]
fn the_peer_sees_the_same_records() {
    let bytes = writer::log(&mixed(400));
    let settings = ::evtx::ParserSettings::new().validate_checksums(true);
    let mut peer = ::evtx::EvtxParser::from_buffer(bytes.clone()).unwrap().with_configuration(settings);
    let mut expected = Vec::new();
    for record in peer.records_json_value() {
        let record = record.unwrap();
        let system = &record.data["Event"]["System"];
        if system["Provider"]["#attributes"]["Name"] == SPP {
            let number = system["EventRecordID"].as_u64().unwrap();
            expected.push(number);
        }
    }
    let (events, ..) = read_all(&bytes, 1);
    assert_eq!(numbers(&events), expected);
    assert_eq!(expected.len(), 80);
}

#[test]
fn threads_change_nothing() {
    let bytes = writer::log(&mixed(12_000));
    assert!(bytes.len() > 40 * 65536);
    let one = read_all(&bytes, 1);
    assert_eq!(one.0.len(), 2400);
    assert_eq!(one, read_all(&bytes, 2));
    assert_eq!(one, read_all(&bytes, 5));
}

#[test]
fn a_damaged_record_costs_no_other() {
    let good = writer::log(&mixed(40));
    let starts: Vec<usize> = memchr::memmem::find_iter(&good, &[0x2A, 0x2A, 0, 0]).collect();
    // The size of record 11 (a KMS event): only this one is lost.
    let mut bytes = good.clone();
    bytes[starts[10] + 4] ^= 0xFF;
    let (events, notes, _) = read_all(&bytes, 1);
    assert_eq!(numbers(&events), [1, 6, 16, 21, 26, 31, 36]);
    assert_eq!(notes, ["note-evtx-chunk-damaged", "note-evtx-record-damaged", "note-evtx-other-records"]);
}

#[test]
fn broken_headers_are_told_and_the_records_read() {
    let good = writer::log(&mixed(600));
    let (expected, ..) = read_all(&good, 1);
    for at in [4096, 4096 + 0x30, 4096 + 0x7C] {
        let mut bytes = good.clone();
        bytes[at] ^= 0x55;
        let (events, notes, _) = read_all(&bytes, 1);
        assert_eq!(numbers(&events), numbers(&expected), "{at:#x}");
        assert_eq!(notes[0], "note-evtx-chunk-damaged");
    }
}

#[test]
fn a_cut_log_is_read_up_to_the_cut() {
    let good = writer::log(&mixed(600));
    let (events, notes, _) = read_all(&good[..4096 + 65536 + 20_000], 1);
    let (all, ..) = read_all(&good, 1);
    assert!(events.len() > 20 && events.len() < all.len());
    assert_eq!(events[..], all[..events.len()]);
    assert!(notes.contains(&"note-evtx-truncated"));
    for length in [0, 7, 100, 4095, 4096, 4096 + 100] {
        let _ = read_all(&good[..length], 1);
    }
}

#[test]
fn a_header_with_an_old_count_is_told() {
    let mut bytes = writer::log(&mixed(600));
    bytes[42] = 1;
    bytes[120] |= 1;
    let (_, notes, summary) = read_all(&bytes, 1);
    assert!(summary.chunks > 1);
    assert!(notes.contains(&"note-evtx-header-dirty"));
}

#[test]
fn what_stands_behind_the_last_record_is_not_read() {
    let mut bytes = writer::log(&mixed(11));
    let starts: Vec<usize> = memchr::memmem::find_iter(&bytes, &[0x2A, 0x2A, 0, 0]).collect();
    // A copy of the first record in the unused space: left over from an earlier round of the log.
    let copy = bytes[starts[0]..starts[1]].to_vec();
    bytes[4096 + 40_000..4096 + 40_000 + copy.len()].copy_from_slice(&copy);
    assert_eq!(read_all(&bytes, 1).0.len(), 3);
    // Neither when the header cannot be believed: its number is lower than the last one.
    bytes[4096 + 0x7C] ^= 1;
    assert_eq!(read_all(&bytes, 1).0.len(), 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_harmless(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let mut log = writer::log(&[]);
        log.truncate(4096);
        log.extend(bytes);
        let _ = read_all(&log, 1);
    }

    #[test]
    fn flipped_bytes_are_harmless_and_lose_little(flips in proptest::collection::vec((4096usize + 512..20_000, any::<u8>()), 1..20)) {
        let mut bytes = writer::log(&mixed(60));
        for (at, value) in &flips {
            bytes[*at] ^= value;
        }
        let (events, ..) = read_all(&bytes, 1);
        prop_assert!(events.len() <= 12);
    }
}
