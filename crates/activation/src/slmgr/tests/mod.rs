//! Every option on a host and on clients in every state, as printed.

mod reading;
mod settings;
mod words;

use super::testing::*;
use super::*;
use crate::client::{Client, Outcome};
use crate::codes;
use crate::credentials::testing::END;
use crate::moment::{DAY, Moment};

/// An option, and what it printed.
type Printed = (String, Output);

/// A client in every licence state, each with the time to look at it.
fn clients() -> Vec<(Client, Moment)> {
    let (licensed, _) = activated();
    let mut revoked = licensed.clone();
    // Another host brings the list that revokes the first one, and has too few clients to activate any.
    attempt(&mut revoked, &mut host(2, &[sold()], &[1]), NOW.plus(DAY));
    let mut rearmed = licensed.clone();
    let late = NOW.plus(400 * DAY);
    at_client(&["/rearm"], &mut rearmed, late);
    let clients = vec![
        (client(1), NOW),
        (licensed.clone(), NOW.plus(7 * DAY + 1)),
        (keyed(1), NOW.plus(DAY + 59)),
        (licensed.clone(), NOW.plus(181 * DAY)),
        (revoked, NOW.plus(2 * DAY)),
        (licensed, late),
        (rearmed, late.plus(DAY)),
    ];
    for (number, (client, now)) in clients.iter().enumerate() {
        assert_eq!(client.status(*now).state.number() as usize, number);
    }
    clients
}

fn displays(client: &Client, now: Moment) -> Vec<Printed> {
    let ask = |option: &str| (option.to_owned(), at_client(&[option], &mut client.clone(), now));
    ["/dli", "/dlv", "/xpr"].map(ask).into()
}

/// Options one behind the other, at one machine.
fn session(run: impl FnMut(&[&str]) -> Output, options: &[&str]) -> Vec<Printed> {
    let mut run = run;
    let each = |option: &&str| {
        let words: Vec<&str> = option.split(' ').collect();
        ((*option).to_owned(), run(&words))
    };
    options.iter().map(each).collect()
}

fn client_session() -> Vec<Printed> {
    let (mut client, _) = activated();
    let own = sold().activation_id.to_string();
    let options = [
        "/skms kms01.contoso.com",
        "/skms :1689",
        "/dli",
        "/skms [2001:db8::15]:1688",
        "/skms-domain lab.contoso.com",
        "/skms kms02.contoso.com:1690",
        "/dli",
        "/ckms-domain",
        "/skms-domain lab.contoso.com.",
        "/ckms",
        "/dli",
        "/ckhc",
        "/dli",
        "/skhc",
        "/act-type 2",
        "/act-type 1",
        "/dli all",
        "/act-type",
        "/ipk AAAAA-BBBBB",
        "/ipk VK7JG-NPHTM-C97JM-9MPGT-3V66T",
        "/sai 60",
        "/sri 60",
        "/sprt 1689",
        "/sdns",
        "/cdns",
        "/spri",
        "/cpri",
    ];
    let mut printed = session(|words| at_client(words, &mut client, NOW), &options);
    let for_one = [format!("/dli {own}"), format!("/skms kms {own}"), format!("/xpr {own}")];
    let for_one: Vec<&str> = for_one.iter().map(String::as_str).collect();
    printed.extend(session(|words| at_client(words, &mut client, NOW), &for_one));
    let strange = "73111121-5638-40f6-bc11-f1d7b0d64300";
    let for_another = ["/dlv", "/dli", "/xpr", "/ato", "/upk", "/ckms", "/ckms-domain"];
    let for_another: Vec<String> = for_another.iter().map(|option| format!("{option} {strange}")).collect();
    let for_another: Vec<&str> = for_another.iter().map(String::as_str).collect();
    printed.extend(session(|words| at_client(words, &mut client, NOW), &for_another));
    let rest = ["/rearm"; 6].iter().chain(&["/upk", "/upk", "/ato"]).copied().collect::<Vec<_>>();
    printed.extend(session(|words| at_client(words, &mut client, NOW), &rest));
    printed
}

fn host_session() -> Vec<Printed> {
    let (_, mut host) = activated();
    let options = [
        "/dli",
        "/dlv",
        "/xpr",
        "/sai 15",
        "/sai 14",
        "/sri 43200",
        "/sri 43201",
        "/sprt 1689",
        "/sprt 0",
        "/sprt 65536",
        "/cdns",
        "/cpri",
        "/dlv all",
        "/sdns",
        "/spri",
        "/dli 73111121-5638-40f6-bc11-f1d7b0d64300",
        "/xpr 73111121-5638-40f6-bc11-f1d7b0d64300",
        "/ato",
        "/ipk AAAAA",
        "/upk",
        "/skms kms01",
        "/ckms",
        "/skms-domain contoso.com",
        "/ckms-domain",
        "/skhc",
        "/ckhc",
        "/act-type 0",
        "/rearm",
    ];
    session(|words| at_host(words, &mut host, NOW), &options)
}

/// A host whose licence has not begun, is over, or was revoked, and one with two products.
fn unusual_hosts() -> Vec<Printed> {
    let other = crate::credentials::Product {
        n_policy: CLIENTS_NEEDED,
        ..crate::credentials::Product::new(
            crate::credentials::testing::root().public().fingerprint(),
            2,
            "Draw",
            2,
            "Contoso Drawing",
        )
    };
    let mut printed = Vec::new();
    for (name, serial, now) in
        [("not begun", 1, Moment(NOW.0 - 20 * DAY)), ("over", 1, END.plus(DAY)), ("revoked", 7, NOW)]
    {
        let mut host = host(serial, &[sold()], &[7]);
        for option in ["/dli", "/xpr"] {
            printed.push((format!("{option}, {name}"), at_host(&[option], &mut host, now)));
        }
    }
    let mut two = host(1, &[sold(), other.clone()], &[]);
    printed.push(("/dli, two products".to_owned(), at_host(&["/dli"], &mut two, NOW)));
    let id = other.activation_id.to_string();
    printed.push(("/dlv of one of two".to_owned(), at_host(&["/dlv", &id], &mut two, NOW)));
    printed
}

fn attempts() -> Vec<Printed> {
    let (client, _) = activated();
    let outcome = |hresult, count| Outcome { hresult, count, host: None };
    let mut printed = vec![
        ("/ato, activated".to_owned(), client_side::after_attempt(&outcome(0, Some(5)), &client)),
        ("/ato, first".to_owned(), client_side::after_attempt(&outcome(codes::NO_HOST, None), &keyed(1))),
    ];
    for code in [
        codes::NOT_COVERED,
        codes::NOT_COVERED_CLIENT,
        codes::HOST_NOT_ACTIVATED,
        codes::CLOCK_SKEW,
        codes::COUNT_TOO_LOW,
        codes::NO_HOST,
        codes::NO_KEY,
        codes::RESPONSE_NOT_VALID,
        codes::NOT_ALLOWED,
        codes::INVALID_REQUEST,
        codes::REARMS_USED_UP,
        codes::INVALID_KEY,
        codes::NAME_DOES_NOT_EXIST,
        codes::NO_RECORDS,
        codes::NOT_BOUND,
        0xC004_F0FF,
    ] {
        let count = (code == codes::COUNT_TOO_LOW).then_some(3);
        printed.push((
            format!("/ato, 0x{code:08X}"),
            client_side::after_attempt(&outcome(code, count), &client),
        ));
    }
    printed
}

fn wrong_usage() -> Vec<Printed> {
    let lines: [&[&str]; 41] = [
        &[],
        &["/frobnicate"],
        &["-?"],
        &["/"],
        &["machine"],
        &["machine", "user", "/dlv"],
        &["a", "b", "c", "d", "/dlv"],
        &["/ato", "all"],
        &["/rearm", "now"],
        &["/dlv", "all", "all"],
        &["/ipk"],
        &["/skms"],
        &["/skms-domain"],
        &["/sai"],
        &["/sri"],
        &["/sprt"],
        &["/sai", "-1"],
        &["/sai", "soon"],
        &["/sprt", "99999999999"],
        &["/act-type", "4"],
        &["/skms", "2001:db8::1"],
        &["/skms", "kms:70000"],
        &["/skms-domain", "two words"],
        &["/cpky"],
        &["/ilc", "file"],
        &["/rilc"],
        &["/dti"],
        &["/atp", "1", "2"],
        &["/rearm-app", "x"],
        &["/rearm-sku", "x"],
        &["/ad-activation-online", "key"],
        &["/ad-activation-get-iid", "key"],
        &["/ad-activation-apply-cid", "key", "cid"],
        &["/ao-list"],
        &["/del-ao", "x"],
        &["/lil"],
        &["/ril", "1", "2"],
        &["/ltc"],
        &["/fta", "x"],
        &["/stao"],
        &["/ctao"],
    ];
    let wrong = |words: &[&str]| {
        let owned: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        (words.join(" "), parse(&owned).unwrap_err().output())
    };
    lines.into_iter().map(wrong).collect()
}

fn transcript(printed: &[Printed]) -> String {
    let shown = |(option, output): &Printed| {
        let code = match output.exit_code {
            0 => String::new(),
            code => format!(" -> 0x{code:X}"),
        };
        format!("=== {option}{code}\n{}", output.text)
    };
    printed.iter().map(shown).collect()
}

#[test]
fn clients_in_every_state() {
    for (number, (client, now)) in clients().iter().enumerate() {
        insta::assert_snapshot!(format!("client_state_{number}"), transcript(&displays(client, *now)));
    }
}

#[test]
fn options_at_a_client() {
    insta::assert_snapshot!(transcript(&client_session()));
}

#[test]
fn options_at_a_host() {
    insta::assert_snapshot!(transcript(&host_session()));
    insta::assert_snapshot!("unusual_hosts", transcript(&unusual_hosts()));
}

#[test]
fn attempts_as_they_end() {
    insta::assert_snapshot!(transcript(&attempts()));
}

#[test]
fn wrong_command_lines() {
    let printed = wrong_usage();
    let usage = &printed[0].1.text;
    let shortened: Vec<Printed> = printed
        .iter()
        .skip(1)
        .map(|(option, output)| {
            (option.clone(), Output { text: output.text.replace(usage, "(usage)\n"), ..output.clone() })
        })
        .collect();
    insta::assert_snapshot!("usage", usage);
    insta::assert_snapshot!(transcript(&shortened));
}
