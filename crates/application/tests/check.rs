//! Every answer of the library, from states that the client itself has made.

mod site;

use std::fs;

use activation::client::ClientState;
use activation::codes;
use activation::moment::DAY;
use kmscope_application::{
    Activation, LicenseState, Moment, ProductId, Reason, STATE_BYTES_MAX, STATE_FILE, Uuid, check, evaluate,
};
use proptest::prelude::*;
use site::Site;

const NOW: Moment = Moment(1_800_000_000);

fn at(site: &Site, days: i64) -> Activation {
    evaluate(site.state().as_bytes(), &site.id(), NOW.plus(days * DAY))
}

/// State and reason.
fn brief(activation: &Activation) -> (u32, Reason) {
    assert_eq!(activation.activated, activation.reason == Reason::Activated);
    assert_eq!(activation.activated, activation.state == LicenseState::Licensed);
    assert_eq!(activation.activated, activation.code == 0);
    (activation.state.number(), activation.reason)
}

fn activated() -> Site {
    let mut site = Site::new(1, NOW);
    assert_eq!(site.attempt(NOW, false), 0);
    site
}

#[test]
fn an_activated_product() {
    let site = activated();
    let expected = Activation {
        activated: true,
        state: LicenseState::Licensed,
        until: Some(NOW.plus(180 * DAY)),
        minutes_left: 180 * 24 * 60,
        reason: Reason::Activated,
        code: 0,
        product: Some("Contoso Paint é漢".to_owned()),
        count: Some(1),
        host: Some("kms01.contoso.com:1688".to_owned()),
    };
    assert_eq!(at(&site, 0), expected);
    assert_eq!(evaluate(site.state().as_bytes(), &site.id_by_key(), NOW), expected);
}

#[test]
fn a_product_on_its_way() {
    let mut site = Site::new(1, NOW);
    let fresh = at(&site, 0);
    assert_eq!(brief(&fresh), (2, Reason::NotTried));
    assert_eq!((fresh.until, fresh.product, fresh.host), (Some(NOW.plus(30 * DAY)), None, None));
    assert_eq!(brief(&at(&site, 30)), (5, Reason::NotTried));
    assert_eq!(site.attempt(NOW, true), codes::NO_HOST);
    assert_eq!(brief(&at(&site, 0)), (2, Reason::Failed));
    assert_eq!(at(&site, 0).code, codes::NO_HOST);
    site.client.state_mut().uninstall();
    assert_eq!(brief(&at(&site, 0)), (0, Reason::NoKey));
}

#[test]
fn an_activation_that_ran_out() {
    let mut site = activated();
    assert_eq!(brief(&at(&site, 179)), (1, Reason::Activated));
    let grace = at(&site, 185);
    assert_eq!((brief(&grace), grace.minutes_left), ((3, Reason::Expired), 25 * 24 * 60));
    assert_eq!(grace.product.as_deref(), Some("Contoso Paint é漢"));
    assert_eq!(brief(&at(&site, 210)), (5, Reason::Expired));
    site.attempt(NOW.plus(200 * DAY), true);
    assert_eq!(brief(&at(&site, 200)), (3, Reason::Failed));
    // The latest time that the client saw counts, not a clock that was set back.
    assert_eq!(brief(&at(&site, 10)), (3, Reason::Failed));
}

#[test]
fn a_revoked_host() {
    let mut site = activated();
    site.revoke(NOW.plus(DAY));
    assert_eq!(brief(&at(&site, 1)), (4, Reason::HostRevoked));
    assert_eq!(at(&site, 1).minutes_left, 30 * 24 * 60);
    assert_eq!(brief(&at(&site, 31)), (5, Reason::HostRevoked));
    assert_eq!(site.attempt(NOW.plus(DAY), false), codes::HOST_NOT_ACTIVATED);
}

#[test]
fn states_of_others() {
    let (site, stranger) = (activated(), Site::new(2, NOW));
    let judged = |product: &ProductId| brief(&evaluate(site.state().as_bytes(), product, NOW));
    assert_eq!(judged(&stranger.id()), (0, Reason::OtherPublisher));
    assert_eq!(judged(&stranger.id_by_key()), (0, Reason::OtherPublisher));
    let other = ProductId { activation_id: Uuid::from_u128(1), ..site.id() };
    assert_eq!(judged(&other), (0, Reason::OtherProduct));
    // Another publisher's lease under this one's key.
    let mut forged = site.client.state().clone();
    forged.install(&stranger.setup_key(), NOW);
    forged.held.clone_from(&site.client.state().held);
    let text = serde_json::to_string(&forged).unwrap();
    assert_eq!(brief(&evaluate(text.as_bytes(), &stranger.id(), NOW)), (5, Reason::LeaseNotValid));
    // Another machine's lease.
    let moved = ClientState { cmid: Uuid::from_u128(9), ..site.client.state().clone() };
    let text = serde_json::to_string(&moved).unwrap();
    assert_eq!(brief(&evaluate(text.as_bytes(), &site.id(), NOW)), (5, Reason::OtherMachine));
}

#[test]
fn a_damaged_lease() {
    let text = activated().state();
    let site = activated();
    let lease = text.find("\"lease\": \"").unwrap() + 30;
    let chain = text.find("\"chain\": \"").unwrap() + 60;
    for place in [lease, chain] {
        let other = if text.as_bytes()[place] == b'A' { "B" } else { "A" };
        let mut changed = text.clone();
        changed.replace_range(place..=place, other);
        let judged = evaluate(changed.as_bytes(), &site.id(), NOW);
        assert_eq!((brief(&judged), judged.host), ((5, Reason::LeaseNotValid), None));
    }
}

#[test]
fn files_that_hold_no_state() {
    let (folder, site) = (tempfile::tempdir().unwrap(), activated());
    let judged = || brief(&check(folder.path(), &site.id(), NOW));
    assert_eq!(judged(), (0, Reason::NotSetUp));
    let path = folder.path().join(STATE_FILE);
    for content in ["", "{}", "[]", "null", "{\"cmid\": 1}", "\u{feff}{}", &"[".repeat(9999)] {
        fs::write(&path, content).unwrap();
        assert_eq!(judged(), (0, Reason::Damaged), "{content:.20}");
    }
    let room = usize::try_from(STATE_BYTES_MAX).unwrap() - site.state().len();
    fs::write(&path, site.state() + &" ".repeat(room)).unwrap();
    assert_eq!(judged(), (1, Reason::Activated));
    fs::write(&path, site.state() + &" ".repeat(room + 1)).unwrap();
    assert_eq!(judged(), (0, Reason::Damaged));
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_eq!(judged(), (0, Reason::Unreadable));
}

#[cfg(unix)]
#[test]
fn a_pipe_does_not_stop_the_program() {
    let (folder, site) = (tempfile::tempdir().unwrap(), activated());
    let path = folder.path().join(STATE_FILE);
    if std::process::Command::new("mkfifo").arg(&path).status().is_ok_and(|status| status.success()) {
        assert_eq!(brief(&check(folder.path(), &site.id(), NOW)), (0, Reason::Unreadable));
    } else {
        println!("skipped: no mkfifo");
    }
}

#[test]
fn names_from_the_file_hide_nothing() {
    let mut site = activated();
    let state = site.client.state_mut();
    state.product.as_mut().unwrap().name = Some("Fabrikam".to_owned());
    state.held.as_mut().unwrap().host.host = "kms\n\u{202e}".to_owned();
    let judged = at(&site, 0);
    assert_eq!(judged.product.as_deref(), Some("Contoso Paint é漢"), "the signed name");
    assert_eq!(judged.host.as_deref(), Some("kms??:1688"));
}

#[test]
fn the_usual_folder_is_that_of_the_agent() {
    let folder = kmscope_application::default_folder();
    assert!(folder.is_absolute() && folder.ends_with("kmscope/client"), "{}", folder.display());
    assert!(kmscope_application::now() > NOW.plus(-2000 * DAY));
}

proptest! {
    /// No file makes the program panic, and none that was not signed makes it believe.
    #[test]
    fn whatever_the_file_holds(
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..6),
        now in any::<i64>(),
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let site = activated();
        brief(&evaluate(&bytes, &site.id(), Moment(now)));
        let mut state = site.state().into_bytes();
        for (place, value) in changes {
            let length = state.len();
            state[place % length] = value;
        }
        let judged = evaluate(&state, &site.id(), Moment(now));
        brief(&judged);
        if judged.activated {
            prop_assert_eq!(judged.until, Some(NOW.plus(180 * DAY)));
        }
    }

    /// Numbers at their ends overflow nowhere.
    #[test]
    fn whatever_the_numbers_are(seen: i64, from: i64, grace: u32, now: i64, held: bool) {
        let mut site = activated();
        let state = site.client.state_mut();
        state.latest_seen = Moment(seen);
        let product = state.product.as_mut().unwrap();
        (product.grace_from, product.grace_days) = (Moment(from), grace);
        if !held {
            state.held = None;
        }
        brief(&evaluate(site.state().as_bytes(), &site.id(), Moment(now)));
    }
}
