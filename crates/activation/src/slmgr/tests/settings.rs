//! What options change, and that refused ones change nothing.

use super::*;

#[test]
fn nothing_that_was_refused_changes_anything() {
    let (mut client, mut host) = activated();
    let before = client.state().clone();
    for words in [["/sai", "60"], ["/sprt", "1689"], ["/ipk", "wrong"], ["/cdns", ""]] {
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        assert_ne!(at_client(&words, &mut client, NOW).exit_code, 0);
    }
    assert_eq!(client.state(), &before);
    let before = host.settings().clone();
    for words in [["/sai", "14"], ["/sri", "43201"], ["/sprt", "0"], ["/skms", "x"]] {
        assert_ne!(at_host(&words, &mut host, NOW).exit_code, 0);
    }
    assert_eq!(host.settings(), &before);
}

#[test]
fn settings_arrive_where_they_belong() {
    let (mut client, mut host) = activated();
    at_client(&["/skms", "[2001:db8::1]:1690"], &mut client, NOW);
    assert_eq!(client.state().settings.fixed().unwrap().to_string(), "[2001:db8::1]:1690");
    at_client(&["/skms", "kms01"], &mut client, NOW);
    assert_eq!(client.state().settings.fixed().unwrap().to_string(), "kms01:1688");
    at_client(&["/skms", ":1689"], &mut client, NOW);
    assert_eq!(client.state().settings.fixed().unwrap().to_string(), "kms01:1689");
    at_client(&["/skms-domain", "lab.contoso.com"], &mut client, NOW);
    assert_eq!(client.state().cached_host, None, "a host of another domain is not asked first");
    at_client(&["/act-type", "1"], &mut client, NOW);
    assert_eq!(client.next_attempt(), None);
    for words in [&["/sai", "30"][..], &["/sri", "60"], &["/sprt", "1689"], &["/cdns"], &["/cpri"]] {
        assert_eq!(at_host(words, &mut host, NOW).exit_code, 0);
    }
    let settings = host.settings();
    assert_eq!((settings.activation_interval_minutes, settings.renewal_interval_minutes), (30, 60));
    assert_eq!((settings.port, settings.dns_publishing, settings.low_priority), (1689, false, true));
}
