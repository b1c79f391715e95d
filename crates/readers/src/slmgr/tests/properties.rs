//! Whatever is rendered as `/dlv` is read back the same; whatever is thrown at the readers does not harm them.

use model::{Guid, HexCode};
use proptest::prelude::*;

use super::*;

/// `/dlv` in English, as slmgr.vbs prints it.
fn render(license: &License) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut line = |label: &str, value: Option<String>| {
        if let Some(value) = value {
            lines.push(format!("{label}{value}"));
        }
    };
    line("Software licensing service version: ", license.service_version.clone());
    line("\nName: ", license.name.clone());
    line("Description: ", license.description.clone());
    line("Activation ID: ", license.activation_id.map(|id| id.to_string()));
    line("Application ID: ", license.application_id.map(|id| id.to_string()));
    line("Partial Product Key: ", license.partial_product_key.clone());
    line(
        "License Status: ",
        license.license_status.map(|status| match status {
            LicenseStatus::OutOfToleranceGrace => {
                "Additional grace period (KMS license expired or hardware out of tolerance)".to_owned()
            }
            status => status.to_string(),
        }),
    );
    let both =
        |minutes: Option<u64>, days: Option<u64>| Some(format!("{} minute(s) ({} day(s))", minutes?, days?));
    line("Volume activation expiration: ", both(license.expiration_min, license.expiration_days));
    line("Time remaining: ", both(license.time_remaining_min, license.time_remaining_days));
    line("Notification Reason: ", license.notification_reason.map(|code| format!("{code}.")));
    line("Remaining Windows rearm count: ", license.windows_rearm.map(|n| n.to_string()));
    line("Remaining SKU rearm count: ", license.sku_rearm.map(|n| n.to_string()));
    line("    Client Machine ID (CMID): ", license.cmid.map(|id| id.to_string()));
    let label = match license.kms_machine_source {
        Some(KmsMachineSource::Registered) => "    Registered KMS machine name: ",
        _ => "    KMS machine name from DNS: ",
    };
    let host = license.kms_machine.clone();
    line(label, host.zip(license.kms_port).map(|(host, port)| format!("{host}:{port}")));
    line("    Activation interval: ", license.activation_interval_min.map(|n| format!("{n} minutes")));
    line("    Renewal interval: ", license.renewal_interval_min.map(|n| format!("{n} minutes")));
    line(
        "    KMS host caching is ",
        license.host_caching.map(|on| if on { "enabled" } else { "disabled" }.to_owned()),
    );
    line("    Current count: ", license.current_count.map(|n| n.to_string()));
    line("    Listening on Port: ", license.listening_port.map(|n| n.to_string()));
    line(
        "    DNS publishing ",
        license.dns_publishing.map(|on| if on { "enabled" } else { "disabled" }.to_owned()),
    );
    lines.join("\n")
}

prop_compose! {
    fn any_license()(
        version in proptest::option::of("10\\.0\\.[1-9][0-9]{4}\\.[1-9][0-9]{0,3}"),
        ids in any::<[u128; 3]>(),
        key in proptest::option::of("[A-Z0-9]{5}"),
        status in 0u32..7,
        left in proptest::option::of((1u64..300_000, 0u64..210)),
        reason in proptest::option::of(0xC004_0000u32..0xC004_FFFF),
        rearms in proptest::option::of((0u64..1002, 0u64..1002)),
        host in proptest::option::of(("[a-z][a-z0-9-]{0,12}\\.contoso\\.com", 1u16.., any::<bool>())),
        intervals in proptest::option::of((15u64..43_200, 15u64..43_200)),
        caching in any::<Option<bool>>(),
        served in proptest::option::of((-1i64..100, 1u16.., any::<bool>())),
    ) -> License {
        let status = LicenseStatus::from_number(status);
        let licensed = status == Some(LicenseStatus::Licensed);
        let left = left.filter(|_| status != Some(LicenseStatus::Unlicensed));
        let (minutes, days) = (left.map(|l| l.0), left.map(|l| l.1));
        License {
            command: Some(LicenseCommand::Display),
            service_version: version,
            name: Some("Windows(R), Enterprise edition".to_owned()),
            description: Some("Windows(R) Operating System, VOLUME_KMSCLIENT channel".to_owned()),
            channel: Some("VOLUME_KMSCLIENT".to_owned()),
            activation_id: Some(Guid::from_u128(ids[0])),
            application_id: Some(Guid::from_u128(ids[1])),
            partial_product_key: key.filter(|key| !key.bytes().all(|b| b == b'X')),
            license_status: status,
            expiration_min: minutes.filter(|_| licensed),
            expiration_days: days.filter(|_| licensed),
            time_remaining_min: minutes.filter(|_| !licensed),
            time_remaining_days: days.filter(|_| !licensed),
            notification_reason: reason.map(HexCode::new),
            windows_rearm: rearms.map(|r| r.0),
            sku_rearm: rearms.map(|r| r.1),
            cmid: Some(Guid::from_u128(ids[2])),
            kms_machine: host.as_ref().map(|h| h.0.clone()),
            kms_port: host.as_ref().map(|h| h.1),
            kms_machine_source: host.as_ref().map(|h| if h.2 { KmsMachineSource::Registered } else { KmsMachineSource::Dns }),
            activation_interval_min: intervals.map(|i| i.0),
            renewal_interval_min: intervals.map(|i| i.1),
            host_caching: caching,
            current_count: served.as_ref().map(|s| s.0),
            listening_port: served.as_ref().map(|s| s.1),
            dns_publishing: served.as_ref().map(|s| s.2),
            ..License::default()
        }
    }
}

proptest! {
    #[test]
    fn what_is_rendered_is_read_back(wanted in any_license()) {
        let read = licenses(&render(&wanted));
        prop_assert_eq!(read.len(), 1);
        prop_assert_eq!(&read[0], &wanted);
    }

    #[test]
    fn no_text_harms_the_readers(text in "(?s).{0,400}") {
        file(&text);
    }

    #[test]
    fn no_mix_of_their_own_words_harms_the_readers(
        pieces in proptest::collection::vec(
            prop_oneof![
                Just("Name: "), Just("Description: "), Just("License Status: "), Just("Error: "), Just("0xC004F074"),
                Just("---Processing---"), Just("LICENSE STATUS:  ---"), Just("\n"), Just("\n\n"), Just("Activating "),
                Just(" (2de67392-b7a7-462a-b1ca-108dd189f588) ..."), Just("Windows(R), X edition"), Just(", RETAIL channel"),
                Just("KMS machine name from DNS: "), Just("["), Just("%"), Just("：1688"), Just("é…"), Just("LicenseStatus=1"),
                Just("L_MsgProductName="), Just("    "), Just("="), Just(":"), Just("C:\\>slmgr /ato\n"), Just("------------"),
                Just("REMAINING GRACE: "), Just("999999999999999999999"), Just("LicenseStatus  Name\n"),
            ],
            0..40,
        )
    ) {
        file(&pieces.concat());
    }
}
