//! Command lines, and verbs as words.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::settings::ActivationType;

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn command_lines() {
    let read = |words: &[&str]| parse(&owned(words)).unwrap();
    assert_eq!(read(&["-DLV", "ALL"]), CommandLine { remote: None, verb: Verb::DisplayDetailed(Which::All) });
    let remote = read(&["kms01", "/Xpr"]).remote.unwrap();
    assert_eq!((remote.machine.as_str(), remote.user, remote.password), ("kms01", None, None));
    let remote = read(&["kms01", "admin", "secret", "/ato"]).remote.unwrap();
    assert!(!format!("{remote:?}").contains("secret"));
    assert_eq!((remote.user.as_deref(), remote.password.as_deref()), (Some("admin"), Some("secret")));
    let id = Uuid::from_u128(0x7311_1121_5638_40f6_bc11_f1d7_b0d6_4300);
    assert_eq!(read(&["/ckms", "{73111121-5638-40F6-BC11-F1D7B0D64300}"]).verb, Verb::ClearHost(Some(id)));
    assert_eq!(read(&["/act-type"]).verb, Verb::SetActivationType(ActivationType::All, None));
    assert_eq!(read(&["/sai", "0"]).verb, Verb::SetActivationInterval(0), "the host refuses it");
}

fn any_id() -> impl Strategy<Value = Option<Uuid>> {
    prop::option::of(any::<u128>().prop_map(Uuid::from_u128))
}

fn any_verb() -> impl Strategy<Value = Verb> {
    let number = || 0..=i32::MAX.unsigned_abs();
    let which = || {
        prop_oneof![
            Just(Which::Current),
            Just(Which::All),
            any::<u128>().prop_map(|id| Which::Product(Uuid::from_u128(id)))
        ]
    };
    let host = prop_oneof![
        "[a-z0-9.-]{1,30}(:[1-9][0-9]{0,3})?",
        ":[1-9][0-9]{0,3}",
        r"\[[0-9a-f:]{2,30}\](:1688)?"
    ];
    let host = host.prop_map(|text| HostArgument::parse(&text).unwrap());
    let kind = prop::sample::select(vec![
        ActivationType::All,
        ActivationType::ActiveDirectory,
        ActivationType::Kms,
        ActivationType::Token,
    ]);
    prop_oneof![
        any::<String>().prop_map(Verb::InstallKey),
        any_id().prop_map(Verb::UninstallKey),
        any_id().prop_map(Verb::Activate),
        which().prop_map(Verb::Display),
        which().prop_map(Verb::DisplayDetailed),
        any_id().prop_map(Verb::Expiration),
        (host, any_id()).prop_map(|(host, id)| Verb::SetHost(host, id)),
        any_id().prop_map(Verb::ClearHost),
        ("[a-z0-9]([a-z0-9.-]{0,30}[a-z0-9])?", any_id())
            .prop_map(|(domain, id)| Verb::SetLookupDomain(domain, id)),
        any_id().prop_map(Verb::ClearLookupDomain),
        any::<bool>().prop_map(Verb::SetHostCaching),
        (kind, any_id()).prop_map(|(kind, id)| Verb::SetActivationType(kind, id)),
        Just(Verb::Rearm),
        number().prop_map(Verb::SetActivationInterval),
        number().prop_map(Verb::SetRenewalInterval),
        number().prop_map(Verb::SetListeningPort),
        any::<bool>().prop_map(Verb::SetDnsPublishing),
        any::<bool>().prop_map(Verb::SetLowPriority),
    ]
}

proptest! {
    #[test]
    fn every_verb_survives_its_words(verb in any_verb()) {
        prop_assert_eq!(Verb::parse(&verb.words()), Ok(verb));
    }

    #[test]
    fn no_words_are_too_strange(words in prop::collection::vec(strange_word(), 0..6)) {
        match parse(&words) {
            Ok(line) => prop_assert_eq!(Verb::parse(&line.verb.words()), Ok(line.verb)),
            Err(error) => {
                let output = error.output();
                prop_assert!(output.exit_code != 0 && output.text.ends_with('\n'));
                prop_assert!(output.text.chars().all(|c| c == '\n' || !c.is_control()));
            }
        }
    }

    /// Whatever an option says, a host and a client answer it in whole lines, and never with a panic.
    #[test]
    fn every_verb_is_answered(verb in any_verb(), at in -400 * DAY..400 * DAY) {
        let now = NOW.plus(at);
        let words = verb.words();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let (_, mut host) = activated();
        prop_assert!(at_host(&words, &mut host, now).text.ends_with('\n'));
        if !matches!(verb, Verb::Activate(None)) {
            prop_assert!(at_client(&words, &mut keyed(1), now).text.ends_with('\n'));
        }
    }
}

fn strange_word() -> impl Strategy<Value = String> {
    let option = prop::sample::select(vec![
        "/ipk",
        "/skms",
        "/skms-domain",
        "/dlv",
        "-DLI",
        "/xpr",
        "/sai",
        "/sri",
        "/sprt",
        "/act-type",
        "/ato",
        "/cpky",
    ]);
    prop_oneof![
        any::<String>(),
        option.prop_map(str::to_owned),
        "[/-][a-z-]{0,12}",
        r"[\[\]:.a-z0-9-]{0,20}",
        "-?[0-9]{1,12}",
    ]
}
