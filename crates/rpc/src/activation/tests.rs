//! Stubs as literal bytes, values there and back, and what is refused.

use proptest::prelude::*;

use super::*;
use crate::header::ByteOrder::{self, Big, Little};

const ID: Uuid = uuid!("00112233-4455-6677-8899-aabbccddeeff");
const ID_LITTLE: &str = "33221100 5544 7766 8899aabbccddeeff";
const ID_BIG: &str = "00112233 4455 6677 8899aabbccddeeff";
const NIL: &str = "00000000 0000 0000 0000000000000000";

/// Bytes from pieces of hexadecimal digits.
fn bytes(pieces: &[&str]) -> Vec<u8> {
    let digits: String = pieces.concat().split_whitespace().collect();
    let pairs = (0..digits.len()).step_by(2);
    pairs.map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

fn request() -> Request {
    Request {
        version: VERSION,
        vm_info: 1,
        license_status: 2,
        binding_expiration_minutes: 43_200,
        application_id: ID,
        activation_id: ID,
        kms_id: ID,
        cmid: ID,
        n_policy: 25,
        client_time: 0x01D9_1A2B_3C4D_5E6F,
        previous_cmid: Uuid::nil(),
        machine_name: "pc é".to_owned(),
        nonce: [0xAB; 32],
        revocation_number: 7,
    }
}

fn response() -> Response {
    Response {
        version: VERSION,
        host_pid: "05-1".to_owned(),
        cmid: ID,
        client_time: 0x01D9_1A2B_3C4D_5E6F,
        count: 26,
        activation_interval_minutes: 120,
        renewal_interval_minutes: 10_080,
        lease: vec![1, 2, 3, 4, 5],
        chain: vec![6],
        revocations: Vec::new(),
    }
}

#[test]
fn a_request_is_these_bytes() {
    let (name, fill, nonce) = ("7000 6300 2000 e900", "0000".repeat(60), "ab".repeat(32));
    let little = bytes(&[
        "00000100 01000000 02000000 c0a80000",
        &[ID_LITTLE; 4].concat(),
        "19000000 6f5e4d3c 2b1ad901",
        NIL,
        name,
        &fill,
        &nonce,
        "07000000",
    ]);
    assert_eq!(little.len(), REQUEST_BYTES);
    assert_eq!(request().write(), little);
    assert_eq!(Request::read(&little, Little), Ok(request()));
    let big = bytes(&[
        "00010000 00000001 00000002 0000a8c0",
        &[ID_BIG; 4].concat(),
        "00000019 3c4d5e6f 01d91a2b",
        NIL,
        "0070 0063 0020 00e9",
        &fill,
        &nonce,
        "00000007",
    ]);
    assert_eq!(request().write_in(Big), big);
    assert_eq!(Request::read(&big, Big), Ok(request()));
}

#[test]
fn a_grant_is_these_bytes() {
    let little = bytes(&[
        "00000100 00000200 05000000 00000000 05000000 3000 3500 2d00 3100 0000 0000",
        ID_LITTLE,
        "6f5e4d3c 2b1ad901 1a000000 78000000 60270000",
        "05000000 04000200 05000000 0102030405 000000",
        "01000000 08000200 01000000 06 000000",
        "00000000 00000000 00000000",
    ]);
    let granted = Answer::Granted(response());
    assert_eq!(granted.write(), little);
    assert_eq!(Answer::read(&little, Little), Ok(granted.clone()));
    let big = bytes(&[
        "00010000 00020000 00000005 00000000 00000005 0030 0035 002d 0031 0000 0000",
        ID_BIG,
        "3c4d5e6f 01d91a2b 0000001a 00000078 00002760",
        "00000005 00020004 00000005 0102030405 000000",
        "00000001 00020008 00000001 06 000000",
        "00000000 00000000 00000000",
    ]);
    assert_eq!(granted.write_in(Big), big);
    assert_eq!(Answer::read(&big, Big), Ok(granted));
}

#[test]
fn a_refusal_is_its_hresult_behind_zeros() {
    let refused = Answer::Refused(0xC004_F042);
    let little = bytes(&[&"00".repeat(68), "42f004c0"]);
    assert_eq!((refused.write(), little.len()), (little.clone(), REFUSAL_BYTES));
    assert_eq!(Answer::read(&little, Little), Ok(refused));
    assert_eq!(Answer::read(&Answer::Refused(0).write(), Little), Ok(Answer::Refused(0x8000_4005)));
    let mut talkative = little;
    talkative[40] = 1;
    assert_eq!(Answer::read(&talkative, Little), Err(StubError::Refusal { at: 40 }));
}

fn refuses_request(change: impl Fn(&mut Vec<u8>)) -> String {
    let mut stub = request().write();
    change(&mut stub);
    Request::read(&stub, Little).unwrap_err().to_string()
}

#[test]
fn what_is_wrong_with_a_request_is_named_with_its_place() {
    assert_eq!(refuses_request(|stub| stub.truncate(0)), "version is missing at byte 0");
    assert_eq!(refuses_request(|stub| stub.truncate(30)), "application_id is missing at byte 16");
    assert_eq!(refuses_request(|stub| stub.truncate(271)), "revocation_number is missing at byte 268");
    assert_eq!(refuses_request(|stub| stub.push(0)), "1 bytes too many at byte 272");
    let name = 108..236;
    assert_eq!(
        refuses_request(|stub| stub[name.clone()].fill(0x41)),
        "machine_name at byte 108 does not end with its first zero"
    );
    assert_eq!(
        refuses_request(|stub| stub[200] = 1),
        "machine_name at byte 108 does not end with its first zero"
    );
    assert_eq!(refuses_request(|stub| stub[109] = 0xD8), "machine_name at byte 108 is not UTF-16");
}

fn refuses_answer(change: impl Fn(&mut Vec<u8>)) -> String {
    let mut stub = Answer::Granted(response()).write();
    change(&mut stub);
    Answer::read(&stub, Little).unwrap_err().to_string()
}

#[test]
fn what_is_wrong_with_an_answer_is_named_with_its_place() {
    assert_eq!(refuses_answer(|stub| stub.truncate(6)), "host_pid is missing at byte 4");
    assert_eq!(refuses_answer(|stub| stub[17] = 2), "host_pid at byte 16 is 517 long, expected at most 257");
    assert_eq!(refuses_answer(|stub| stub[8] = 4), "host_pid at byte 8 has sizes that contradict each other");
    assert_eq!(
        refuses_answer(|stub| stub[12] = 1),
        "host_pid at byte 8 has sizes that contradict each other"
    );
    assert_eq!(refuses_answer(|stub| stub[16] = 4), "host_pid at byte 20 does not end with its first zero");
    assert_eq!(refuses_answer(|stub| stub[21] = 0xDC), "host_pid at byte 20 is not UTF-16");
    assert_eq!(
        refuses_answer(|stub| stub[71] = 1),
        "lease at byte 68 is 16777221 long, expected at most 4096"
    );
    assert_eq!(refuses_answer(|stub| stub[76] = 4), "lease at byte 68 has sizes that contradict each other");
    assert_eq!(refuses_answer(|stub| stub[72..76].fill(0)), "lease at byte 72 is a null pointer");
    assert_eq!(refuses_answer(|stub| stub[68..76].fill(0)), "lease at byte 72 is a null pointer");
    assert_eq!(refuses_answer(|stub| stub[104] = 9), "revocations at byte 108 is a null pointer");
    assert_eq!(refuses_answer(|stub| stub[112] = 1), "byte 4 of a refusal is not zero");
    assert_eq!(refuses_answer(|stub| stub.push(0)), "1 bytes too many at byte 116");
    let nothing = [0; REFUSAL_BYTES];
    let error = Answer::read(&nothing, Little).unwrap_err();
    assert_eq!(error.to_string(), "host_pid at byte 4 is a null pointer");
    // A hundred bytes that claim to be a list of revocations of 40 KiB.
    let lying = |stub: &mut Vec<u8>| {
        stub.splice(104..112, bytes(&["00a00000 0c000200 00a00000"]));
    };
    assert_eq!(refuses_answer(lying), "revocations is missing at byte 116");
}

#[test]
fn an_empty_array_may_be_null_or_not() {
    let mut stub = Answer::Granted(response()).write();
    stub.splice(104..112, bytes(&["00000000 0c000200 00000000"]));
    assert_eq!(Answer::read(&stub, Little), Ok(Answer::Granted(response())));
}

#[test]
fn long_texts_are_cut_between_characters() {
    let name = |name: &str| {
        let stub = Request { machine_name: name.to_owned(), ..request() }.write();
        Request::read(&stub, Little).unwrap().machine_name
    };
    assert_eq!(name(&"a".repeat(63)), "a".repeat(63));
    assert_eq!(name(&"a".repeat(64)), "a".repeat(63));
    assert_eq!(name(&format!("{}😀", "a".repeat(62))), "a".repeat(62));
    assert_eq!(name("a\0b"), "a");
    assert_eq!(name(""), "");
}

/// Texts of at most a number of units, without zeros.
fn text(units: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<char>(), 0..=units / 2)
        .prop_map(|characters| characters.into_iter().filter(|character| *character != '\0').collect())
}

fn id() -> impl Strategy<Value = Uuid> {
    any::<u128>().prop_map(Uuid::from_u128)
}

fn any_request() -> impl Strategy<Value = Request> {
    let ids = (id(), id(), id(), id(), id());
    (any::<[u32; 6]>(), ids, any::<u64>(), text(MACHINE_NAME_MAX), any::<[u8; 32]>()).prop_map(
        |(numbers, ids, client_time, machine_name, nonce)| {
            let [version, vm_info, license_status, minutes, n_policy, revocation_number] = numbers;
            Request {
                version,
                vm_info,
                license_status,
                binding_expiration_minutes: minutes,
                application_id: ids.0,
                activation_id: ids.1,
                kms_id: ids.2,
                cmid: ids.3,
                n_policy,
                client_time,
                previous_cmid: ids.4,
                machine_name,
                nonce,
                revocation_number,
            }
        },
    )
}

fn any_answer() -> impl Strategy<Value = Answer> {
    let array = || proptest::collection::vec(any::<u8>(), 0..70);
    let granted = (any::<[u32; 4]>(), id(), any::<u64>(), text(HOST_PID_MAX), [array(), array(), array()])
        .prop_map(|(numbers, cmid, client_time, host_pid, [lease, chain, revocations])| {
            let [version, count, activation_interval_minutes, renewal_interval_minutes] = numbers;
            Answer::Granted(Response {
                version,
                host_pid,
                cmid,
                client_time,
                count,
                activation_interval_minutes,
                renewal_interval_minutes,
                lease,
                chain,
                revocations,
            })
        });
    prop_oneof![granted, (1..=u32::MAX).prop_map(Answer::Refused)]
}

fn any_order() -> impl Strategy<Value = ByteOrder> {
    prop_oneof![Just(Little), Just(Big)]
}

#[test]
fn the_largest_grant_is_taken() {
    let granted = Answer::Granted(Response {
        host_pid: "9".repeat(HOST_PID_MAX),
        lease: vec![1; LEASE_MAX],
        chain: vec![2; CHAIN_MAX],
        revocations: vec![3; REVOCATIONS_MAX],
        ..response()
    });
    assert_eq!(Answer::read(&granted.write(), Little), Ok(granted));
    let longer = Answer::Granted(Response { lease: vec![1; LEASE_MAX + 1], ..response() });
    assert!(matches!(Answer::read(&longer.write(), Little), Err(StubError::TooLong { field: "lease", .. })));
}

proptest! {
    #[test]
    fn every_request_survives_the_wire(request in any_request(), order in any_order()) {
        let stub = request.write_in(order);
        prop_assert_eq!(Request::read(&stub, order), Ok(request));
    }

    #[test]
    fn every_answer_survives_the_wire(answer in any_answer(), order in any_order()) {
        let stub = answer.write_in(order);
        prop_assert_eq!(Answer::read(&stub, order), Ok(answer));
    }

    #[test]
    fn a_cut_stub_is_never_taken(answer in any_answer(), order in any_order(), cut in 0usize..200) {
        let stub = answer.write_in(order);
        let cut = cut % stub.len();
        prop_assert!(Answer::read(&stub[..cut], order).is_err());
    }
}
