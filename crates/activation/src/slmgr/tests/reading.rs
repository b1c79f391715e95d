//! Our own reader understands all that is printed, and gets the values that were meant.

use model::license::{Expiration, KmsMachineSource, LicenseCommand};
use model::{EvidenceFile, Fact, Kind, License, LicenseStatus};

use super::*;
use crate::client::LicenseState;

fn file(text: &str) -> EvidenceFile {
    let mut files = readers::read_all("slmgr.txt", text.as_bytes(), &readers::Limits::default());
    assert_eq!(files.len(), 1, "{text}");
    files.remove(0)
}

fn licenses(output: &Output) -> Vec<License> {
    let license = |fact| if let Fact::License(license) = fact { Some(*license) } else { None };
    file(&output.text).facts.into_iter().filter_map(|evidence| license(evidence.fact.value)).collect()
}

fn license(output: &Output) -> License {
    let mut all = licenses(output);
    assert_eq!(all.len(), 1, "{}", output.text);
    all.remove(0)
}

#[test]
fn the_reader_understands_every_line() {
    let mut all: Vec<Printed> = clients().iter().flat_map(|(client, now)| displays(client, *now)).collect();
    all.extend(client_session());
    all.extend(host_session());
    all.extend(unusual_hosts());
    all.extend(attempts());
    all.extend(wrong_usage());
    for (option, output) in &all {
        let read = file(&output.text);
        assert!(read.notes.is_empty(), "{option}:\n{}{:#?}", output.text, read.notes);
        // The bare list of options says nothing about a machine.
        if !option.is_empty() {
            assert_eq!(
                (read.kind, read.facts.is_empty()),
                (Kind::Slmgr, false),
                "{option}:\n{}",
                output.text
            );
        }
        assert!(output.text.ends_with('\n'), "{option}");
    }
}

#[test]
fn the_reader_gets_the_client_s_values() {
    for (client, now) in clients().iter().skip(1) {
        let status = client.status(*now);
        let state = client.state();
        let read = license(&at_client(&["/dlv"], &mut client.clone(), *now));
        let product = state.product.as_ref().unwrap();
        assert_eq!(read.license_status, LicenseStatus::from_number(status.state.number()));
        assert_eq!(read.name, Some(product_name(product)));
        assert_eq!(read.channel.as_deref(), Some("VOLUME_KMSCLIENT"));
        assert_eq!(read.product_key_channel.as_deref(), Some("Volume:GVLK"));
        assert_eq!(read.activation_id.map(|id| id.as_u128()), Some(product.activation_id.as_u128()));
        assert_eq!(read.application_id.map(|id| id.as_u128()), Some(product.application_id.as_u128()));
        assert_eq!(read.partial_product_key.as_deref(), Some(product.partial_key.as_str()));
        assert_eq!(read.service_version.as_deref(), Some(VERSION));
        assert_eq!(read.configured_activation_type.as_deref(), Some("All"));
        assert_eq!(read.app_rearm, Some(u64::from(state.rearms_left)));
        assert_eq!(read.trusted_time.unwrap().utc_seconds(), Some(now.0));
        let left = Some(u64::from(status.minutes_left));
        let days = left.map(|minutes| minutes.div_ceil(1440));
        match status.state {
            LicenseState::Licensed => {
                assert_eq!((read.expiration_min, read.expiration_days), (left, days));
                assert_eq!(read.cmid.map(|id| id.as_u128()), Some(state.cmid.as_u128()));
                assert_eq!(read.kms_machine.as_deref(), Some("kms.contoso.com"));
                assert_eq!(
                    (read.kms_port, read.kms_machine_source),
                    (Some(1688), Some(KmsMachineSource::Dns))
                );
                assert_eq!(read.kms_extended_pid, state.held.as_ref().map(|held| held.host_pid.clone()));
                assert_eq!(
                    (read.activation_interval_min, read.renewal_interval_min),
                    (Some(120), Some(10_080))
                );
                assert_eq!(read.host_caching, Some(true));
            }
            LicenseState::Notification => {
                assert_eq!(read.notification_reason.map(|code| code.value()), Some(status.code()));
                assert!(read.client_block_hidden);
            }
            _ => {
                assert_eq!((read.time_remaining_min, read.time_remaining_days), (left, days));
                assert!(read.client_block_hidden);
            }
        }
        let xpr = license(&at_client(&["/xpr"], &mut client.clone(), *now));
        assert_eq!(xpr.license_status, read.license_status);
        assert_eq!((xpr.command, xpr.name), (Some(LicenseCommand::Expiration), read.name));
        let ends = match xpr.xpr {
            Some(Expiration::Until(time)) => time.utc_seconds().map(Moment),
            _ => None,
        };
        assert_eq!(ends, status.ends);
    }
}

#[test]
fn the_reader_gets_the_host_s_values() {
    let (_, mut host) = activated();
    let product = host.products(NOW).remove(0);
    let read = license(&at_host(&["/dlv"], &mut host, NOW));
    assert_eq!(read.name.as_deref(), Some("Paint"));
    assert_eq!(read.description.as_deref(), Some("Contoso, VOLUME_KMS channel"));
    assert_eq!(read.channel.as_deref(), Some("VOLUME_KMS"));
    assert_eq!(read.extended_pid, Some(product.host_pid));
    assert_eq!(read.license_status, Some(LicenseStatus::Licensed));
    assert_eq!(read.expiration_min, Some(product.minutes_left));
    assert!(read.host_enabled);
    assert_eq!((read.current_count, read.listening_port), (Some(5), Some(1688)));
    assert_eq!((read.dns_publishing, read.kms_priority.as_deref()), (Some(true), Some("Normal")));
    assert_eq!((read.total_requests, read.failed_requests), (Some(5), Some(0)));
    let states = read.requests_by_status.unwrap();
    assert_eq!((states.unlicensed, states.initial_grace, states.notification), (Some(0), Some(5), Some(0)));
    let attempt = license(&attempts()[1].1);
    assert_eq!(attempt.command, Some(LicenseCommand::Activate));
    assert_eq!(attempt.error_code.map(|code| code.value()), Some(codes::NO_HOST));
}
