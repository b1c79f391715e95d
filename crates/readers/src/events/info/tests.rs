//! Lists of every shape, whole, cut, blanked out, and written and read again.

use proptest::prelude::*;

use super::*;

fn of(list: &str, id: Option<u32>) -> Event {
    let mut event = Event::default();
    let reading = read(list, id, &mut event).unwrap_or_else(|| panic!("not a list: {list}"));
    assert_eq!(reading.unreadable, []);
    event.event_id = Some(reading.shape.event_id());
    event
}

#[test]
fn each_list_is_known_by_its_shape() {
    let request = of(
        "0x800706BA, 0x00000000, kms01.contoso.com:1688, 31477f5a-a389-55ad-93e7-e6e06192deff, 2024/03/04 11:00, \
         0, 2, 43100, 2de67392-b7a7-462a-b1ca-108dd189f588, 25",
        None,
    );
    assert_eq!(request.event_id, Some(REQUEST_SENT));
    assert_eq!((request.kms_machine.as_deref(), request.kms_port), (Some("kms01.contoso.com"), Some(1688)));
    assert_eq!((request.min_count, request.license_status), (Some(25), Some(2)));
    assert_eq!(request.client_time.unwrap().utc_seconds(), Some(1_709_550_000));
    let response = of("0x0, 0x4000008, 0, 0, 4, 120, 10080, 1/14/2006 2:30", None);
    assert_eq!(response.event_id, Some(RESPONSE_PROCESSED));
    assert_eq!((response.activated, response.current_count), (Some(0), Some(4)));
    assert_eq!((response.activation_interval_min, response.renewal_interval_min), (Some(120), Some(10080)));
    let host = of(
        "0xC004F042,5,srv1.contoso.com,f27ba494-ff4b-5a44-b055-88cbf81b17d2,2024/3/4 10:27,0,2,14300,\
         ef6cfc9f-8c5d-44ac-9aad-de6a2ea0ae03",
        None,
    );
    assert_eq!(host.event_id, Some(REQUEST_PROCESSED));
    assert_eq!((host.min_count, host.client.as_deref()), (Some(5), Some("srv1.contoso.com")));
}

#[test]
fn placeholders_are_redacted_and_empty_fields_absent() {
    let event = of(
        "0xC004F06C, 0x00000000, <KMS Host FQDN>:1688, <CMID>, <DateTime>, 1, 5, 0, \
         34e1ae55-27f8-4950-8877-7a03be5fb181, ",
        None,
    );
    assert_eq!(event.redacted, ["kms_machine", "cmid", "client_time"]);
    assert_eq!((event.kms_machine, event.kms_port, event.min_count), (None, Some(1688), None));
    assert_eq!(event.minutes_to_expiration, Some(0));
    let masked = of(
        "0x0,25,***,xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx,2024/3/4 8:21,0,2,43080,2de67392-b7a7-462a-b1ca-108dd189f588",
        None,
    );
    assert_eq!(masked.redacted, ["client", "cmid"]);
}

#[test]
fn addresses_in_place_of_names() {
    for (text, host) in [
        ("[2001:db8::5]:1688", "2001:db8::5"),
        ("2001:db8::5:1688", "2001:db8::5"),
        ("192.0.2.7:1688", "192.0.2.7"),
        ("KMS01:1688", "KMS01"),
    ] {
        assert_eq!(host_and_port(text), Some((host, Some(1688))), "{text}");
    }
}

#[test]
fn other_lists_are_not_taken() {
    let mut event = Event::default();
    for list in [
        "0x0, 0x0",
        "0x80070005, Access is denied, 5, 6, 7, 8, 9",
        "0x0, 25, a, b, c, d, e, f, g",
        "1, 2, 3, 4, 5, 6, 7, 8",
        "",
    ] {
        assert_eq!(read(list, None, &mut event), None, "{list}");
    }
    assert_eq!(event, Event::default());
}

#[test]
fn finds_the_list_within_a_line() {
    let list = "0x0,25,pc1,157f562f-c333-538d-986b-31a7a098dbbb,2024/3/4 8:21,0,2,43080,2de67392-b7a7-462a-b1ca-108dd189f588";
    assert_eq!(find(&format!("Info: {list}")), Some(list));
    assert_eq!(find("hr=0xC004F074, see the log"), None);
}

#[test]
fn says_what_it_could_not_read() {
    let mut event = Event::default();
    let reading = read("0x0, 0x0, 1, 0, many, 120, 10080, 2024/3/4 8:21", Some(12289), &mut event).unwrap();
    assert_eq!(reading.unreadable, [("current_count", "many".to_owned())]);
}

fn guid() -> impl Strategy<Value = Option<Guid>> {
    proptest::option::of(any::<u128>().prop_map(Guid::from_u128))
}

fn any_code() -> impl Strategy<Value = Option<HexCode>> {
    any::<u32>().prop_map(|value| Some(HexCode::new(value)))
}

prop_compose! {
    fn any_event()(
        id in 12288u32..=12290,
        (hresult, flags) in (any_code(), any_code()),
        host in "[a-z]{3,8}[0-9]{1,3}\\.contoso\\.com",
        port in 1u16..,
        (cmid, activation_id) in (guid(), guid()),
        minute in 0u32..20_000_000,
        numbers in any::<[u16; 6]>(),
    ) -> Event {
        let client_time = Timestamp::from_utc_seconds(i64::from(minute) * 60);
        let base = Event { event_id: Some(id), hresult, client_time, ..Event::default() };
        let small = |n: usize| Some(u32::from(numbers[n]));
        let large = |n: usize| Some(u64::from(numbers[n]));
        match id {
            RESPONSE_PROCESSED => Event {
                flags, activated: small(0), current_count: small(1),
                activation_interval_min: large(2), renewal_interval_min: large(3), ..base
            },
            _ => Event {
                flags: flags.filter(|_| id == REQUEST_SENT),
                kms_machine: (id == REQUEST_SENT).then(|| host.clone().into()),
                kms_port: (id == REQUEST_SENT).then_some(port),
                client: (id == REQUEST_PROCESSED).then(|| host.into()),
                cmid, activation_id, vm_info: small(0), license_status: small(1),
                minutes_to_expiration: large(2), min_count: small(3), ..base
            },
        }
    }
}

proptest! {
    #[test]
    fn a_list_that_was_written_reads_the_same(event in any_event()) {
        let list = render(&event).unwrap();
        let mut again = Event { event_id: event.event_id, ..Event::default() };
        let reading = read(&list, event.event_id, &mut again).unwrap();
        prop_assert_eq!(reading.unreadable, vec![]);
        prop_assert_eq!(render(&again), Some(list));
        prop_assert_eq!(again.client_time.as_ref().and_then(Timestamp::utc_seconds),
            event.client_time.as_ref().and_then(Timestamp::utc_seconds));
        prop_assert_eq!(again, event);
    }

    #[test]
    fn any_text_is_harmless(text in "\\PC{0,200}", id in proptest::option::of(12288u32..12295)) {
        let mut event = Event::default();
        let _ = read(&text, id, &mut event);
        let _ = find(&text);
    }
}
