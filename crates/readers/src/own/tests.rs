//! The words of our own hosts and clients, as they print them.

use model::license::{ActivationResult, LicenseCommand};
use model::network::Service;
use model::windows::ServiceState;
use model::{EvidenceFile, Fact, License, LicenseStatus, Place};

use crate::{Limits, read_bytes};

fn read(text: &str) -> EvidenceFile {
    read_bytes("t.txt", text.as_bytes(), &Limits::default())
}

fn licenses(file: &EvidenceFile) -> Vec<&License> {
    file.facts.iter().filter_map(|evidence| evidence.fact.value.as_license()).collect()
}

fn services(file: &EvidenceFile) -> Vec<&ServiceState> {
    let all = file.facts.iter().map(|evidence| &evidence.fact.value);
    all.filter_map(|fact| match fact {
        Fact::Service(service) => Some(service),
        _ => None,
    })
    .collect()
}

const HOST: &str = r#"{"activation_interval_min":120,"dns_publishing":true,"health":"ok","port":1688,"products":[{"activation_id":"308265cf-13db-8c8d-8e84-07fc70f83a2d","application":"Contoso","application_id":"7b3487cd-d2ae-8efb-ba79-e7b729ff31f1","current_count":1,"failed_requests":0,"in_force":false,"licence":"Contoso","n_policy":2,"name":"Contoso CAD","not_after":"2027-11-21T18:45:24Z","requests_by_status":[0,0,1,0,0,0,0],"serial":1,"total_requests":1}],"publish_in":[],"publisher":"Contoso","renewal_interval_min":10080,"requests_for_other_products":0,"revocation_number":0,"running":true,"schema":1,"version":"0.1.0"}"#;

const CLIENT: &str = r#"{"activated":false,"cmid":"ce528c31-5056-419a-a58f-07a120efcf87","code":"0xC004F038","count":null,"host":null,"last_attempt":{"at":"2026-11-21T18:45:26Z","code":"0xC004F038","count":1},"license_state":2,"license_status":"Initial grace period","meaning":"x","minutes_left":43200,"next_attempt":"2026-11-21T20:45:26Z","product":{"activation_id":"308265cf-13db-8c8d-8e84-07fc70f83a2d","application":"Contoso","application_id":"7b3487cd-d2ae-8efb-ba79-e7b729ff31f1","n_policy":2,"name":"Contoso CAD","partial_product_key":"QP86T","publisher":"GTN4-VQQK-1BRJ-NQP8"},"reason":{"failed":3221549112},"running":true,"schema":1,"until":"2026-12-21T18:45:26Z","version":"0.1.0"}"#;

#[test]
fn a_host_tells_of_itself_and_of_each_product() {
    let file = read(HOST);
    assert!(file.notes.is_empty(), "{:?}", file.notes);
    let [service] = services(&file)[..] else { panic!("{:?}", file.facts) };
    assert_eq!((service.name.as_deref(), service.state.as_deref()), (Some("kmscope-host"), Some("RUNNING")));
    let [product] = licenses(&file)[..] else { panic!("{:?}", file.facts) };
    assert!(product.is_kms_host());
    assert_eq!(product.license_status, Some(LicenseStatus::Notification));
    assert_eq!((product.current_count, product.min_count), (Some(1), Some(2)));
    assert_eq!((product.listening_port, product.dns_publishing), (Some(1688), Some(true)));
    assert_eq!(product.activation_id.map(|id| id.version()), Some(8));
    let fact = &file.facts[1].fact;
    let quote = fact.quotes_of("current_count").next().expect("a quote");
    assert_eq!(&*quote.text, "\"current_count\": 1");
    assert_eq!(quote.place, Place::Pointer("/products/0/current_count".to_owned()));
}

#[test]
fn a_host_that_is_stopped_or_unwell_says_so() {
    let stopped = r#"{"applications":[],"last_request":null,"requests":0,"running":false,"schema":1}"#;
    assert_eq!(services(&read(stopped))[0].state.as_deref(), Some("STOPPED"));
    let unwell = HOST.replace("\"ok\"", "\"the journal can't be written\"");
    let file = read(&unwell);
    assert_eq!(services(&file)[0].state.as_deref(), Some("FAILED"));
    assert_eq!(services(&file)[0].display_name.as_deref(), Some("the journal can't be written"));
}

#[test]
fn a_client_tells_its_state_and_its_last_attempt() {
    let file = read(CLIENT);
    assert!(file.notes.is_empty(), "{:?}", file.notes);
    let [state, attempt] = licenses(&file)[..] else { panic!("{:?}", file.facts) };
    assert!(state.is_kms_client());
    assert_eq!(state.license_status, Some(LicenseStatus::InitialGrace));
    assert_eq!((state.time_remaining_min, state.expiration_min), (Some(43200), None));
    assert_eq!(attempt.command, Some(LicenseCommand::Activate));
    assert_eq!(attempt.activation_result, Some(ActivationResult::Failure));
    assert_eq!(attempt.error_code.map(|code| code.value()), Some(0xC004_F038));
    assert_eq!((attempt.current_count, attempt.min_count), (Some(1), Some(2)));
    let well = CLIENT
        .replace("\"license_state\":2", "\"license_state\":1")
        .replace("\"code\":\"0xC004F038\",\"count\":1", "\"code\":\"0x00000000\",\"count\":3")
        .replace("\"host\":null", "\"host\":\"[fd00::4]:1689\"");
    let file = read(&well);
    let [state, attempt] = licenses(&file)[..] else { panic!("{:?}", file.facts) };
    assert_eq!((state.expiration_min, state.kms_port), (Some(43200), Some(1689)));
    assert_eq!(state.kms_machine.as_deref(), Some("fd00::4"));
    assert_eq!((attempt.activation_result, attempt.error_code), (Some(ActivationResult::Success), None));
}

#[test]
fn another_document_about_something_that_runs_is_not_taken() {
    for text in [
        r#"{"running":true,"products":[]}"#,
        r#"{"running":"yes","products":[],"publisher":"x","renewal_interval_min":1}"#,
        r#"{"schema":1,"cmid":"x","license_state":1}"#,
    ] {
        assert!(read(text).facts.is_empty(), "{text}");
    }
}

const LOG: &str = "\
2026-11-21T18:45:24Z warning root remedy=\"the host needs no such rights\"
2026-11-21T18:45:24Z info started publisher=Contoso listening=127.0.0.1:34679
2026-11-21T18:45:26Z info kms-event id=12288 info=\"0xC004F06C, 0x0, kms01.contoso.com:1688, ce528c31-5056-419a-a58f-07a120efcf87, 2026/11/21 18:45, 1, 2, 43200, 308265cf-13db-8c8d-8e84-07fc70f83a2d, 2\"
2026-11-21T18:45:30Z warning windows-client address=192.0.2.7 problem=\"a client = of a genuine \\\"KMS\\\" host\" remedy=x
2026-11-21T18:46:30Z error publish-failed domain=contoso.com code=0x80072339 problem=refused
";

#[test]
fn the_lines_of_a_log_tell_of_events_and_of_clients_that_came_to_the_wrong_host() {
    let file = read(LOG);
    assert!(file.notes.is_empty(), "{:?}", file.notes);
    let [request, client, publishing] = &file.facts[..] else { panic!("{:?}", file.facts) };
    let request = request.fact.value.as_event().expect("an event");
    assert_eq!((request.event_id, request.hresult.map(|c| c.value())), (Some(12288), Some(0xC004_F06C)));
    assert_eq!(request.time.as_ref().and_then(|time| time.utc_seconds()), Some(1_795_286_726));
    assert!(request.activation_id.is_some_and(|id| id.version() == 8));
    let Fact::Connection(test) = &client.fact.value else { panic!("{client:?}") };
    assert_eq!((test.service, test.wanted), (Some(Service::KmscopeHost), Some(Service::Kms)));
    assert_eq!(test.source_address.as_deref(), Some("192.0.2.7"));
    let publishing = publishing.fact.value.as_event().expect("an event");
    assert_eq!((publishing.event_id, publishing.dns_domain.as_deref()), (Some(12293), Some("contoso.com")));
}

#[test]
fn the_log_as_json_and_behind_the_journal_says_the_same() {
    let json = r#"{"address":"192.0.2.7","event":"windows-client","level":"warning","problem":"x","time":"2026-11-21T18:45:30Z"}
{"event":"started","level":"info","listening":"127.0.0.1:1688","publisher":"Contoso","time":"2026-11-21T18:45:24Z"}
{"event":"kms-event","id":"12289","info":"0x0, 0x4000000, 0, 0, 1, 120, 10080, 2026/11/21 18:45","level":"info","time":"2026-11-21T18:45:26Z"}
"#;
    let file = read(json);
    assert!(file.notes.is_empty(), "{:?}", file.notes);
    assert!(matches!(file.facts[0].fact.value, Fact::Connection(_)));
    assert_eq!(file.facts[1].fact.value.as_event().and_then(|e| e.current_count), Some(1));
    let journal: String =
        LOG.lines().map(|line| format!("Nov 21 18:45:24 kms01 kmscope[812]: {line}\n")).collect();
    let file = read(&journal);
    assert!(file.notes.is_empty(), "{:?}", file.notes);
    let publishing = file.facts[2].fact.value.as_event().expect("an event");
    assert_eq!(publishing.computer.as_deref(), Some("kms01"));
}

#[test]
fn lines_of_other_programs_are_left_alone() {
    for line in [
        "2026-11-21T18:45:24Z info starting up",
        "2026-11-21T18:45:24Z notice started a=b",
        "21.11.2026 info started publisher=Contoso",
    ] {
        let file = read(line);
        assert!(file.facts.is_empty() && !file.notes.is_empty(), "{line}");
    }
}
