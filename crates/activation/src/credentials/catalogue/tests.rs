//! Tests of the catalogue: what it counts, what it refuses, and its file.

use super::*;
use crate::credentials::testing::root;
use crate::credentials::{CatalogueFileError, HostKey};
use crate::moment::DAY;

const NOW: Moment = Moment(1_800_000_000);
const END: Moment = Moment(NOW.0 + 365 * DAY);

fn key(number: u8) -> PublicKey {
    HostKey::from_seed([number; 32]).public()
}

fn order(number: u8) -> Order {
    Order {
        licence: "Fabrikam".to_string(),
        products: Vec::new(),
        host_limit: None,
        host_key: key(number),
        not_after: END,
    }
}

fn with_products() -> Catalogue {
    let mut catalogue = Catalogue::new("Contoso", root().public()).unwrap();
    catalogue.put_product("Paint", &Terms::default()).unwrap();
    let draw = Terms { application: Some("Office".to_string()), n_policy: Some(5), ..Terms::default() };
    catalogue.put_product("Draw", &draw).unwrap();
    catalogue
}

fn with_hosts(count: u8) -> Catalogue {
    let mut catalogue = with_products();
    for number in 1..=count {
        catalogue.issue(order(number), NOW).unwrap();
    }
    catalogue
}

#[test]
fn products_get_numbers_and_keep_them() {
    let mut catalogue = with_products();
    let numbers = |product: &Product| (product.number, product.application_number, product.n_policy);
    assert_eq!(catalogue.products.iter().map(numbers).collect::<Vec<_>>(), [(1, 1, 25), (2, 2, 5)]);
    let before = catalogue.product("Paint").unwrap().activation_id;
    let terms = Terms { validity_days: Some(90), ..Terms::default() };
    let changed = catalogue.put_product("Paint", &terms).unwrap();
    assert_eq!((changed.number, changed.validity_days, changed.grace_days), (1, 90, 30));
    assert_eq!(changed.activation_id, before);
    let third = catalogue.put_product("Write", &Terms::default()).unwrap();
    assert_eq!(numbers(third), (3, 1, 25));
}

#[test]
fn products_that_cannot_be_change_nothing() {
    let mut catalogue = with_products();
    let before = catalogue.clone();
    let terms = |n_policy| Terms { n_policy: Some(n_policy), ..Terms::default() };
    for (name, terms) in [
        ("", Terms::default()),
        ("a,b", Terms::default()),
        ("New", terms(0)),
        ("Paint", terms(4096)),
        ("Paint", Terms { application: Some("Office".to_string()), ..Terms::default() }),
        ("New", Terms { application: Some(" ".to_string()), ..Terms::default() }),
    ] {
        assert!(catalogue.put_product(name, &terms).is_err(), "{name}");
    }
    assert_eq!(catalogue, before);
    assert_eq!(
        catalogue.product("paint").unwrap_err().to_string(),
        "there is no product \"paint\"; there are Paint, Draw"
    );
}

#[test]
fn the_seventh_host_is_refused_and_the_others_named() {
    let mut catalogue = with_hosts(6);
    let error = catalogue.issue(order(7), NOW).unwrap_err().to_string();
    assert!(
        error.starts_with("the licence \"Fabrikam\" allows 6 hosts, and has them: serial 1 until 2028-"),
        "{error}"
    );
    assert!(error.contains("serial 6"), "{error}");
    // Another licence has room of its own, a higher limit makes room, and so does a revocation.
    catalogue.issue(Order { licence: "Adatum".to_string(), ..order(8) }, NOW).unwrap();
    let more = catalogue.issue(Order { host_limit: Some(7), ..order(9) }, NOW).unwrap();
    assert_eq!((more.host_number, more.host_limit), (7, 7));
    catalogue.revoke(3, NOW).unwrap();
    let freed = catalogue.issue(order(10), NOW).unwrap();
    assert_eq!((freed.host_number, freed.host_limit), (3, 7));
}

#[test]
fn hosts_whose_licence_has_ended_do_not_count() {
    let mut catalogue = with_hosts(6);
    let later = END.plus(1);
    let fresh = Order { not_after: END.plus(DAY), ..order(7) };
    assert_eq!(catalogue.issue(fresh, later).unwrap().host_number, 1);
    // One that had ended takes a number that is free now.
    assert_eq!(catalogue.renew(1, END.plus(DAY), later).unwrap().host_number, 2);
}

#[test]
fn what_an_order_must_not_ask_for() {
    let mut catalogue = with_hosts(1);
    let before = catalogue.clone();
    let past = Order { not_after: NOW, ..order(2) };
    assert_eq!(catalogue.issue(past, NOW), Err(CatalogueError::Past(NOW)));
    let far = Order { not_after: Moment(i64::MAX), ..order(2) };
    assert_eq!(catalogue.issue(far, NOW), Err(CatalogueError::Far(Moment(i64::MAX))));
    assert_eq!(catalogue.issue(order(1), NOW), Err(CatalogueError::KnownKey { serial: 1 }));
    let none = Order { host_limit: Some(0), ..order(2) };
    assert_eq!(catalogue.issue(none, NOW), Err(CatalogueError::NoHosts));
    let unknown = Order { products: vec!["Paint".to_string(), "Sing".to_string()], ..order(2) };
    assert!(matches!(catalogue.issue(unknown, NOW), Err(CatalogueError::UnknownProduct { .. })));
    assert_eq!(catalogue, before);
    let mut empty = Catalogue::new("Contoso", root().public()).unwrap();
    assert_eq!(empty.issue(order(1), NOW), Err(CatalogueError::NoProducts));
}

#[test]
fn a_replaced_host_keeps_its_place() {
    let mut catalogue = with_hosts(6);
    let host = catalogue.replace(2, key(7), NOW.plus(1)).unwrap().clone();
    assert_eq!((host.serial, host.host_number, host.replaces), (7, 2, Some(2)));
    assert_eq!((host.not_before, host.not_after), (NOW.plus(1), END));
    assert_eq!(catalogue.revocation_number, 1);
    let again = catalogue.replace(2, key(8), NOW).unwrap_err();
    assert_eq!(again, CatalogueError::Revoked { serial: 2, at: NOW.plus(1) });
    // A key that was lost is not trusted again.
    assert_eq!(catalogue.replace(3, key(2), NOW), Err(CatalogueError::KnownKey { serial: 2 }));
    assert_eq!(catalogue.host(3).unwrap().revoked_at, None);
    assert_eq!(catalogue.replace(9, key(9), NOW), Err(CatalogueError::UnknownSerial(9)));
}

#[test]
fn licences_are_signed_as_entered() {
    let mut catalogue = with_hosts(2);
    let licence = catalogue.licence(1, &root(), NOW).unwrap();
    assert_eq!(licence.grants.len(), 2);
    assert_eq!(licence.revocations, None);
    assert_eq!(HostLicence::read(&licence.write()), Ok(licence));
    catalogue.revoke(2, NOW).unwrap();
    assert!(matches!(catalogue.licence(2, &root(), NOW), Err(CatalogueError::Revoked { serial: 2, .. })));
    let end = END.plus(DAY);
    catalogue.renew(1, end, NOW).unwrap();
    let renewed = catalogue.licence(1, &root(), NOW).unwrap();
    assert!(renewed.grants.iter().all(|signed| signed.grant.not_after == end && signed.grant.serial == 1));
    let list = renewed.revocations.unwrap().revocations;
    assert_eq!((list.number, list.serials), (1, [2].into()));
    assert_eq!(catalogue.renew(1, end, NOW), Err(CatalogueError::Earlier { serial: 1, not_after: end }));
    let stranger = RootKey::from_seed([9; 32]);
    assert_eq!(catalogue.licence(1, &stranger, NOW), Err(CatalogueError::OtherRoot));
}

#[test]
fn the_file_there_and_back() {
    let mut catalogue = with_hosts(3);
    catalogue.replace(2, key(7), NOW).unwrap();
    assert_eq!(Catalogue::read(&catalogue.write()), Ok(catalogue.clone()));
    assert_eq!(Catalogue::read(&catalogue.write().replace('\n', "\r\n")), Ok(catalogue));
    let empty = Catalogue::new("Contoso", root().public()).unwrap();
    assert_eq!(Catalogue::read(&empty.write()), Ok(empty));
}

#[test]
fn errors_of_the_file_name_the_line() {
    let text = with_hosts(1).write();
    let error = |from: &str, to: &str| {
        assert!(text.contains(from), "{from} is not in\n{text}");
        Catalogue::read(&text.replacen(from, to, 1)).unwrap_err().to_string()
    };
    assert_eq!(
        error("application_number = 1", "application_number = 2"),
        "line 8: the product's ids do not fit this publisher and its numbers"
    );
    assert_eq!(
        error("n_policy = 25", "n_policy = 0"),
        "line 8: the number of clients that a product demands is 1 to 4095"
    );
    assert_eq!(error("name = \"Draw\"", "name = \"Paint\""), "line 19: this number or name stands twice");
    assert_eq!(
        error("number = 2\n", "nummer = 2\n"),
        "line 20: unknown field `nummer`, expected one of `number`, `name`, `application_number`, `application`, `application_id`, `activation_id`, `n_policy`, `grace_days`, `validity_days`"
    );
    assert_eq!(error("[\"Paint\", ", "[\"Sing\", "), "line 30: the host's products are not in this file");
    assert_eq!(error("host_number = 1", "host_number = 7"), "line 30: the host's number is beyond its limit");
    assert_eq!(
        error("not_before = \"2027-", "not_before = \"27-"),
        "line 30: \"27-01-15T08:00:00Z\" is no time, as in 2027-01-31T23:59:59Z"
    );
    assert!(matches!(Catalogue::read(""), Err(CatalogueFileError::Document(_))));
}
