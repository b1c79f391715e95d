//! ospp.vbs.

use super::*;

const STATUS: &str = "\
C:\\Program Files\\Microsoft Office\\Office16>cscript ospp.vbs /dstatus
Microsoft (R) Windows Script Host Version 5.812
Copyright (C) Microsoft Corporation. All rights reserved.

---Processing--------------------------
---------------------------------------
PRODUCT ID: 00339-10000-00000-AA718
SKU ID: d450596f-894d-49e0-966a-fd39ed4c4c64
LICENSE NAME: Office 16, Office16ProPlusVL_KMS_Client edition
LICENSE DESCRIPTION: Office 16, VOLUME_KMSCLIENT channel
BETA EXPIRATION: 01/01/1601
LICENSE STATUS:  ---LICENSED---
ERROR CODE: 0x4004F040 (for information purposes only as the status is licensed)
ERROR DESCRIPTION: The Software Licensing Service reported that the product was activated but the owner should verify the Product Use Rights.
REMAINING GRACE: 165 days  (237240 minute(s) before expiring)
Last 5 characters of installed product key: WFG99
Activation Type Configuration: ALL
\tDNS auto-discovery: KMS name not available
\tKMS machine registry override defined: kms01.contoso.com:1688
\tActivation Interval: 120 minutes
\tRenewal Interval: 10080 minutes
\tKMS host caching: Enabled
---------------------------------------
---------------------------------------
---Exiting-----------------------------
";

#[test]
fn a_licensed_product_with_a_registry_override() {
    let license = license(STATUS);
    assert_eq!(file(STATUS).kind, Kind::Ospp);
    assert_eq!(id(&license), "d450596f-894d-49e0-966a-fd39ed4c4c64");
    assert_eq!(license.license_status, LICENSED);
    assert_eq!(code(&license), "0x4004F040");
    assert_eq!(license.activation_result, None);
    assert_eq!((license.expiration_days, license.expiration_min), (Some(165), Some(237_240)));
    assert_eq!(
        machine(&license),
        (Some("kms01.contoso.com"), Some(1688), Some(KmsMachineSource::Registered))
    );
    assert!(license.discovery_unavailable);
    assert_eq!(license.host_caching, Some(true));
    assert_eq!((license.activation_interval_min, license.renewal_interval_min), (Some(120), Some(10_080)));
    assert!(notes(STATUS).is_empty());
}

#[test]
fn every_state_of_several_products() {
    use LicenseStatus as Status;
    let states = [
        ("---OOB_GRACE---", Status::InitialGrace),
        ("---OOT_GRACE---", Status::OutOfToleranceGrace),
        ("---NOTIFICATIONS---", Status::Notification),
        ("---UNLICENSED---", Status::Unlicensed),
        ("---EXTENDED GRACE---", Status::ExtendedGrace),
        ("---NON_GENUINE_GRACE---", Status::NonGenuineGrace),
    ];
    let mut text = String::from("---Processing--------------------------\n");
    for (word, _) in states {
        text.push_str(&format!(
            "---------------------------------------\nLICENSE NAME: Office 14, OfficeProPlus-KMS_Client edition\nLICENSE STATUS:  {word}\nREMAINING GRACE: 25 days  (36000 minute(s) before expiring)\n"
        ));
    }
    text.push_str("---------------------------------------\n---Exiting-----------------------------\n");
    let all = licenses(&text);
    let read: Vec<_> = all.iter().filter_map(|license| license.license_status).collect();
    assert_eq!(read, states.map(|(_, status)| status));
    assert!(
        all.iter()
            .all(|license| license.time_remaining_min == Some(36_000) && license.expiration_min.is_none())
    );
}

#[test]
fn attempts_and_settings() {
    let failed = "---Processing--------------------------\n---------------------------------------\n\
                  Installed product key detected - attempting to activate the following product:\nSKU ID: d450596f-894d-49e0-966a-fd39ed4c4c64\n\
                  LICENSE NAME: Office 16, Office16ProPlusVL_KMS_Client edition\nLICENSE DESCRIPTION: Office 16, VOLUME_KMSCLIENT channel\n\
                  Last 5 characters of installed product key: WFG99\nERROR CODE: 0xC004F074\nERROR DESCRIPTION: The Software Licensing Service reported that the product could not be activated.\n\
                  To view the activation event history run: cscript ospp.vbs /dhistorykms\n---------------------------------------\n---Exiting-----------------------------\n";
    let license_failed = license(failed);
    assert_eq!((license_failed.activation_result, code(&license_failed).as_str()), (FAILURE, "0xC004F074"));
    assert_eq!(license_failed.command, Some(LicenseCommand::Activate));
    assert!(notes(failed).is_empty());
    let good = failed
        .lines()
        .filter(|line| !line.starts_with("ERROR"))
        .map(|line| format!("{line}\n"))
        .collect::<String>()
        .replace("To view", "<Product activation successful>\nTo view");
    assert_eq!(license(&good).activation_result, SUCCESS);
    let set = "C:\\Office16>cscript ospp.vbs /sethst:kms01.contoso.com\n---Processing--------------------------\n---------------------------------------\nSuccessfully applied setting.\n---------------------------------------\n---Exiting-----------------------------\n";
    let license_set = license(set);
    assert_eq!(machine(&license_set), (Some("kms01.contoso.com"), None, Some(KmsMachineSource::Registered)));
    assert_eq!(license_set.command, CHANGE);
    let explained = "C:\\Office16>cscript ospp.vbs /ddescr:0xC004F074\n---Processing--------------------------\n---------------------------------------\nERROR CODE: 0xC004F074\nERROR DESCRIPTION: No KMS could be contacted.\n---------------------------------------\n---Exiting-----------------------------\n";
    assert!(licenses(explained).is_empty());
    let cmid = "---Processing--------------------------\n---------------------------------------\nClient Machine ID (CMID): 0ae2d5c1-6c1b-4c1d-9d2e-6a6ab6f6ef01\n---------------------------------------\n---Exiting-----------------------------\n";
    assert!(license(cmid).cmid.is_some());
}

#[test]
fn products_whose_rules_got_lost_and_errors_alone() {
    let all = licenses(
        "PRODUCT ID: 1\nSKU ID: d450596f-894d-49e0-966a-fd39ed4c4c64\nLICENSE NAME: Office 16, Office16ProPlusVL_KMS_Client edition\n\
         LICENSE STATUS:  ---LICENSED---\nPRODUCT ID: 2\nSKU ID: 6bf301c1-b94a-43e9-ba31-d494598c47fb\nLICENSE NAME: Office 16, Office16VisioProVL_KMS_Client edition\n\
         LICENSE STATUS:  ---UNLICENSED---\nLast 5 characters of installed product key: XXXXX-XXXXX-RHWGV\n",
    );
    assert_eq!(all.len(), 2);
    assert_eq!(all[0].license_status, Some(LicenseStatus::Licensed));
    assert_eq!(all[1].activation_id.unwrap().to_string(), "6bf301c1-b94a-43e9-ba31-d494598c47fb");
    assert_eq!(all[1].partial_product_key.as_deref(), Some("RHWGV"));
    let alone = file(
        "ERROR CODE: 0xC004F038\nERROR DESCRIPTION: The count reported by your host is insuffi\ncient.\n",
    );
    assert_eq!((alone.kind, alone.facts.len()), (Kind::Ospp, 1));
    let Fact::License(error) = &alone.facts[0].fact.value else { panic!("no licence") };
    assert_eq!(error.activation_result, Some(ActivationResult::Failure));
}
