//! Records in JSON: ConvertTo-Json, evtx_dump, Winlogbeat and other collectors, alone, in lines or in arrays.

use model::Place;
use serde_json::Value;

use super::object::{self, pointer};
use crate::dispatch;
use crate::documents::{Field, Object, json};
use crate::out::Out;

/// Keys below which search engines and exports keep the list of their records.
const CONTAINERS: [&str; 13] = [
    "value", "Events", "events", "Event", "hits", "_source", "records", "Records", "results", "result",
    "LogEntry", "data", "win",
];

/// Deepest container that is looked into.
const DEPTH_MAX: usize = 5;

/// Reads a document if it holds records.
pub(super) fn read(value: &Value, place: &Place, out: &mut Out) -> bool {
    if !may_hold_a_record(value) {
        return false;
    }
    let mut found = Vec::new();
    collect(value, String::new(), DEPTH_MAX, &mut found);
    if !found.iter().any(|(_, object)| object::is_record(object)) {
        return false;
    }
    let single = found.len() == 1 && found[0].0.is_empty();
    for (at, mut object) in found {
        // One document per line: the line says where. In an array: the pointer does.
        let place = if single { place.clone() } else { Place::Pointer(at) };
        object.place = place.clone();
        for field in &mut object.fields {
            field.place = place.clone();
        }
        if !object::read(&object, out) && !dispatch::offer(&object, out) {
            out.note("note-row-unknown", Vec::new(), object::place_of(&object));
        }
    }
    true
}

/// False for a document without any key that a record is known by: tables of other things are long, too, and laying
/// out every row of them takes longer than parsing it.
fn may_hold_a_record(value: &Value) -> bool {
    let tells = |key: &str| {
        let is = |name: &str| key.eq_ignore_ascii_case(name);
        let has_event = key.as_bytes().windows(5).any(|part| part.eq_ignore_ascii_case(b"event"));
        has_event || ["id", "instanceid", "message", "code"].into_iter().any(is)
    };
    match value {
        Value::Array(items) => items.iter().any(may_hold_a_record),
        Value::Object(map) => map.iter().any(|(key, inner)| tells(key) || may_hold_a_record(inner)),
        _ => false,
    }
}

fn collect(value: &Value, at: String, depth: usize, found: &mut Vec<(String, Object)>) {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, pointer(&at, &index.to_string()), depth, found);
            }
        }
        Value::Object(map) => {
            let flat = flatten(value);
            let inner = CONTAINERS.iter().find_map(|key| map.get(*key).map(|inner| (*key, inner)));
            match inner {
                Some((key, inner))
                    if depth > 0 && !object::is_record(&flat) && (inner.is_array() || inner.is_object()) =>
                {
                    collect(inner, pointer(&at, key), depth - 1, found);
                }
                _ => found.push((at, flat)),
            }
        }
        _ => {}
    }
}

/// Nested fields under dotted names, and the arrays of objects that hold data strings as one field each.
fn flatten(value: &Value) -> Object {
    let mut object = json::flatten(value, Place::Line(1));
    for (path, item_key) in
        [("/Properties", "Value"), ("/Event/EventData/Data", "#text"), ("/EventData/Data", "#text")]
    {
        let Some(Value::Array(items)) = value.pointer(path) else { continue };
        let strings: Vec<&str> = items.iter().filter_map(|item| item.get(item_key)?.as_str()).collect();
        if !strings.is_empty() {
            let name = path.trim_start_matches('/').replace('/', ".");
            object.fields.insert(0, Field { name, value: strings.join("\n"), place: Place::Line(1) });
        }
    }
    unpack_payload(&mut object);
    object
}

/// EvtxECmd stores the data strings as JSON within a string.
fn unpack_payload(object: &mut Object) {
    for field in &mut object.fields {
        if field.name != "Payload" && field.name != "payload" {
            continue;
        }
        if let Ok(inner) = serde_json::from_str::<Value>(&field.value) {
            let inner = json::flatten(&inner, field.place.clone());
            field.value = inner.fields.iter().map(|f| f.value.as_str()).collect::<Vec<_>>().join("\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use model::Place;

    use crate::events::tests::{events, events_and_notes, facts};

    const REQUEST: &str = "0x0, 0x0, kms01.contoso.com:1688, 31477f5a-a389-55ad-93e7-e6e06192deff, 2024/03/04 13:00, 0, 2, 42980, 2de67392-b7a7-462a-b1ca-108dd189f588, 25";

    #[test]
    fn convert_to_json() {
        let found = facts(&format!(
            "[\n {{\"Id\": 12288, \"LevelDisplayName\": \"Information\", \"ProviderName\": \"Microsoft-Windows-Security-SPP\", \"RecordId\": null,\n  \
             \"LogName\": \"Application\", \"MachineName\": \"pc1\", \"TimeCreated\": \"\\/Date(1709550000000)\\/\", \"Message\": \"Der Client ...\",\n  \
             \"Properties\": [{{\"Value\": \"{REQUEST}\"}}]}},\n {{\"Id\": 12289, \"ProviderName\": \"VSS\", \"Message\": \"x\", \"RecordId\": 5}}\n]\n"
        ));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].source.place, Place::Pointer("/0".into()));
        let event = found[0].value.as_event().unwrap();
        assert_eq!(event.time.as_ref().unwrap().utc_seconds(), Some(1_709_550_000));
        assert_eq!(event.kms_machine.as_deref(), Some("kms01.contoso.com"));
    }

    #[test]
    fn wrapped_by_collectors() {
        let found = events(
            "{\"data\": {\"win\": {\"system\": {\"providerName\": \"Microsoft-Windows-Security-SPP\", \"eventID\": \"8198\", \"systemTime\": \"2024-02-16T17:51:07Z\", \
             \"eventRecordID\": \"1626\", \"channel\": \"Application\", \"computer\": \"pc1\"}, \"eventdata\": {\"data\": \"hr=0x803F7001, RuleId=x;Action=AutoActivate\"}}}}\n\
             {\"Source\": \"EventLog\", \"LogEntry\": {\"Time\": \"2024-09-26T15:33:47.000Z\", \"Channel\": \"Application\", \"EventId\": 8198, \"Message\": \"License Activation \
             (slui.exe) failed with the following error code:\\r\\nhr=0x8007232B\\r\\nCommand-line arguments:\\r\\nRuleId=x;Action=AutoActivate\"}}\n",
        );
        let codes: Vec<String> =
            found.iter().filter_map(|event| event.hresult).map(|code| code.to_string()).collect();
        assert_eq!(codes, ["0x803F7001", "0x8007232B"]);
        assert_eq!((found[0].record, found[0].computer.as_deref()), (Some(1626), Some("pc1")));
    }

    #[test]
    fn evtx_dump_lines() {
        let line = |id: &str, data: &str| {
            format!(
                "{{\"Event\":{{\"#attributes\":{{\"xmlns\":\"x\"}},\"System\":{{\"Provider\":{{\"#attributes\":{{\"Name\":\"Microsoft-Windows-Security-SPP\"}}}},\
                 \"EventID\":{id},\"Level\":4,\"TimeCreated\":{{\"#attributes\":{{\"SystemTime\":\"2024-03-04T13:00:01.5Z\"}}}},\"EventRecordID\":7,\
                 \"Channel\":\"Application\",\"Computer\":\"pc1\"}},\"EventData\":{{\"Data\":{data}}}}}}}\n"
            )
        };
        let text = [
            line("12288", &format!("\"{REQUEST}\"")),
            line(
                "{\"#text\":12288,\"#attributes\":{\"Qualifiers\":16384}}",
                &format!("{{\"#text\":[\"{REQUEST}\"]}}"),
            ),
            line("12293", "{\"#text\":[\"0x8007232D\",\"child.contoso.com\"]}"),
            line("8198", "[\"hr=0xC004F074\",\"RuleId=x;Action=AutoActivate\"]"),
        ]
        .concat();
        let found = events(&text);
        assert_eq!(found.len(), 4);
        assert!(
            found.iter().all(|event| event.record == Some(7) && event.computer.as_deref() == Some("pc1"))
        );
        assert_eq!(found[1].min_count, Some(25));
        assert_eq!(found[2].dns_domain.as_deref(), Some("child.contoso.com"));
        assert_eq!(found[3].action.as_deref(), Some("AutoActivate"));
    }

    #[test]
    fn winlogbeat_and_search_results() {
        let source = format!(
            "{{\"@timestamp\":\"2024-03-04T13:00:01.500Z\",\"event\":{{\"code\":\"12288\",\"provider\":\"Microsoft-Windows-Security-SPP\"}},\"host\":{{\"name\":\"pc1.contoso.com\"}},\
             \"winlog\":{{\"event_id\":12288,\"channel\":\"Application\",\"record_id\":9,\"provider_name\":\"Microsoft-Windows-Security-SPP\",\"event_data\":{{\"param1\":\"{REQUEST}\"}}}}}}"
        );
        for text in [
            format!("{source}\n{source}\n"),
            format!("{{\"hits\":{{\"hits\":[{{\"_source\":{source}}},{{\"_source\":{source}}}]}}}}"),
        ] {
            let found = events(&text);
            assert_eq!(found.len(), 2, "{text}");
            assert_eq!((found[0].record, found[0].computer.as_deref()), (Some(9), Some("pc1.contoso.com")));
        }
    }

    #[test]
    fn nxlog() {
        let (found, notes) = events_and_notes(&format!(
            "{{\"EventTime\":\"2024-03-04 13:00:01\",\"Hostname\":\"pc1\",\"EventType\":\"INFO\",\"SourceName\":\"Microsoft-Windows-Security-SPP\",\"EventID\":12288,\
             \"RecordNumber\":12,\"Message\":\"The client has sent it.\\r\\nInfo:\\r\\n{REQUEST}\"}}\n"
        ));
        assert_eq!((found.len(), notes.len()), (1, 0));
        assert_eq!((found[0].record, found[0].computer.as_deref()), (Some(12), Some("pc1")));
    }
}
