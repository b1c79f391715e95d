//! `/dli` and `/dlv` in English.

use super::*;

const CLIENT: &str = "\
Software licensing service version: 10.0.19041.1266

Name: Windows(R), Enterprise edition
Description: Windows(R) Operating System, VOLUME_KMSCLIENT channel
Activation ID: 73111121-5638-40f6-bc11-f1d7b0d64300
Application ID: 55c92734-d682-4d71-983e-d6ec3f16059f
Extended PID: 03612-03305-000-000001-03-1033-19041.0000-0012024
Product Key Channel: Volume:GVLK
Installation ID: 123456789012345678901234567890
Partial Product Key: 2YT43
License Status: Licensed
Volume activation expiration: 255412 minute(s) (178 day(s))
Remaining Windows rearm count: 1001
Remaining SKU rearm count: 1001
Trusted time: 5/7/2024 12:54:01 PM
Configured Activation Type: All

Most recent activation information:
Key Management Service client information
    Client Machine ID (CMID): 0ae2d5c1-6c1b-4c1d-9d2e-6a6ab6f6ef01
    KMS machine name from DNS: kms01.contoso.com:1688
    KMS machine IP address: 192.0.2.15
    KMS machine extended PID: 06401-00206-520-815111-03-1033-17763.0000-1232024
    Activation interval: 120 minutes
    Renewal interval: 10080 minutes
    KMS host caching is enabled
";

fn check_client(license: &License) {
    assert_eq!(license.channel.as_deref(), Some("VOLUME_KMSCLIENT"));
    assert_eq!(license.license_status, LICENSED);
    assert_eq!((license.expiration_min, license.expiration_days), (Some(255_412), Some(178)));
    assert_eq!(machine(license), (Some("kms01.contoso.com"), Some(1688), Some(KmsMachineSource::Dns)));
    assert_eq!(license.kms_ip.as_deref(), Some("192.0.2.15"));
    assert_eq!(license.cmid.unwrap().to_string(), "0ae2d5c1-6c1b-4c1d-9d2e-6a6ab6f6ef01");
    assert_eq!(
        license.kms_extended_pid.as_deref(),
        Some("06401-00206-520-815111-03-1033-17763.0000-1232024")
    );
    assert_eq!((license.activation_interval_min, license.renewal_interval_min), (Some(120), Some(10_080)));
    assert_eq!(license.host_caching, Some(true));
    assert_eq!((license.windows_rearm, license.sku_rearm), (Some(1001), Some(1001)));
    assert_eq!(license.configured_activation_type.as_deref(), Some("All"));
    assert_eq!(license.service_version.as_deref(), Some("10.0.19041.1266"));
}

#[test]
fn a_whole_client() {
    check_client(&license(CLIENT));
    assert!(notes(CLIENT).is_empty());
}

#[test]
fn a_client_behind_a_prompt_and_a_banner_with_text_after_it() {
    let text = format!(
        "C:\\>cscript slmgr.vbs /dlv\nMicrosoft (R) Windows Script Host Version 5.812\nCopyright (C) Microsoft \
         Corporation. All rights reserved.\n\n{CLIENT}\n\nServer:  dc01.contoso.com\nAddress:  192.0.2.1\n"
    );
    check_client(&license(&text));
}

#[test]
fn blank_lines_between_all_lines_indentation_and_quote_marks() {
    check_client(&license(&CLIENT.replace('\n', "\r\n\r\n")));
    check_client(&license(&CLIENT.lines().map(|line| format!("      {line}\n")).collect::<String>()));
    check_client(&license(&CLIENT.lines().map(|line| format!("> {line}\n")).collect::<String>()));
    check_client(&license(&CLIENT.lines().map(|line| format!("{line}<br />\n")).collect::<String>()));
    check_client(&license(&CLIENT.replace("License Status:", "**License Status:**")));
}

#[test]
fn a_copied_message_box() {
    let text = format!(
        "---------------------------\nWindows Script Host\n---------------------------\n{CLIENT}\n---------------------------\nOK   \n---------------------------\n"
    );
    check_client(&license(&text));
    assert!(notes(&text).is_empty(), "{:?}", file(&text).notes);
}

#[test]
fn several_products_share_the_service_version() {
    let office = "\nName: Office 16, Office16ProPlusVL_KMS_Client edition\nDescription: Office 16, VOLUME_KMSCLIENT channel\n\
                  Activation ID: d450596f-894d-49e0-966a-fd39ed4c4c64\nLicense Status: Unlicensed\n\nName: Windows(R), Enterprise edition\n\
                  Description: Windows(R) Operating System, VOLUME_MAK channel\nThis license is not in use.\nLicense Status: Unlicensed\n";
    let all = licenses(&format!("{CLIENT}{office}"));
    assert_eq!(all.len(), 3);
    assert!(all.iter().all(|license| license.service_version.as_deref() == Some("10.0.19041.1266")));
    assert_eq!(all[1].license_status, Some(LicenseStatus::Unlicensed));
    assert!(all[2].not_in_use);
    assert_eq!(all[2].channel.as_deref(), Some("VOLUME_MAK"));
}

#[test]
fn a_client_that_is_not_activated_hides_its_block() {
    let text = "Name: Windows(R), ServerStandard edition\nDescription: Windows(R) Operating System, VOLUME_KMSCLIENT channel\n\
                Partial Product Key: J464C\nLicense Status: Notification\nNotification Reason: 0xC004F056.\n\
                Configured Activation Type: KMS\n\nPlease use slmgr.vbs /ato to activate and update KMS client information in order to update values.\n";
    let license = license(text);
    assert!(license.client_block_hidden);
    assert_eq!(license.notification_reason.unwrap().to_string(), "0xC004F056");
    assert_eq!(license.license_status, Some(LicenseStatus::Notification));
    assert_eq!(license.configured_activation_type.as_deref(), Some("KMS"));
}

#[test]
fn the_grace_period_of_an_expired_client() {
    let text = "Name: Windows(R) 7, Professional edition\nDescription: Windows Operating System - Windows(R) 7, VOLUME_KMSCLIENT channel\n\
                License Status: Additional grace period (KMS license expired or hardware out of tolerance)\nTime remaining: 41461 minute(s) (28 day(s))\n";
    let license = license(text);
    assert_eq!(license.license_status, Some(LicenseStatus::OutOfToleranceGrace));
    assert_eq!((license.time_remaining_min, license.time_remaining_days), (Some(41_461), Some(28)));
    assert_eq!(license.expiration_min, None);
}

#[test]
fn a_host_with_the_count_unknown_and_low_priority() {
    let text = "Software licensing service version: 6.3.9600.17810\n\nName: Windows(R), ServerStandard edition\n\
                Description: Windows(R) Operating System, VOLUME_KMS_2012-R2 channel\nPartial Product Key: 7TP9F\nLicense Status: Licensed\n\n\
                Key Management Service is enabled on this machine\n    Current count: -1\n    Listening on Port: 1689\n    DNS publishing disabled\n    KMS priority: Low\n\n\
                Key Management Service cumulative requests received from clients\n    Total requests received: 0\n    Failed requests received: 0\n";
    let license = license(text);
    assert_eq!((license.current_count, license.listening_port), (Some(-1), Some(1689)));
    assert_eq!((license.dns_publishing, license.kms_priority.as_deref()), (Some(false), Some("Low")));
    assert_eq!((license.total_requests, license.failed_requests), (Some(0), Some(0)));
    assert_eq!(license.channel.as_deref(), Some("VOLUME_KMS_2012_R2"));
    assert!(license.host_enabled);
}

#[test]
fn activation_by_active_directory_and_by_a_virtual_machine_host() {
    let ad = "Name: Windows(R), Enterprise edition\nDescription: Windows(R) Operating System, VOLUME_KMSCLIENT channel\nLicense Status: Licensed\n\
              Volume activation expiration: 259200 minute(s) (180 day(s))\n\nMost recent activation information:\nAD Activation client information\n\
              \x20   Activation Object name: Windows 10 KMS AD Activation\n    AO DN: CN=Windows 10,CN=Activation Objects,DC=contoso,DC=com\n\
              \x20   AO extended PID: 03612-03305-000-000001-03-1033-19041.0000-0012024\n    AO activation ID: 20e938bb-df44-45ee-bde1-4e4fe7477f37\n";
    let license_ad = license(ad);
    assert_eq!(license_ad.ad_activation_object.as_deref(), Some("Windows 10 KMS AD Activation"));
    assert_eq!(license_ad.activation_id, None);
    let avma = "Name: Windows(R), ServerDatacenter edition\nDescription: Windows(R) Operating System, VIRTUAL_MACHINE_ACTIVATION channel\n\
                License Status: Licensed\nAutomatic VM activation expiration: 10020 minute(s) (7 day(s))\n\nMost recent activation information:\n\
                Automatic VM Activation client information\n    Guest IAID: 20e938bb-df44-45ee-bde1-4e4fe7477f37\n    Host machine name: HV01.contoso.com\n\
                \x20   Activation time: 5/7/2024 12:54:01 PM\n    Host Digital PID2: 00455-60000-00001-AA123\n";
    let license_avma = license(avma);
    assert_eq!(license_avma.channel.as_deref(), Some("VIRTUAL_MACHINE_ACTIVATION"));
    assert_eq!(license_avma.expiration_min, Some(10_020));
}

#[test]
fn a_registered_host_wins_and_blanked_out_values_are_named() {
    let text = "Key Management Service client information\n    Client Machine ID (CMID): xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx\n\
                \x20   Registered KMS machine name: <our KMS host>:1688\n    KMS machine IP address: not available\n\
                \x20   KMS machine extended PID: ********\n    KMS host caching is disabled\n";
    let license = license(text);
    assert_eq!(machine(&license), (None, Some(1688), Some(KmsMachineSource::Registered)));
    assert_eq!(license.redacted, ["cmid", "kms_machine", "kms_extended_pid"]);
    assert_eq!((license.kms_ip, license.host_caching), (None, Some(false)));
}

#[test]
fn ids_and_urls_cut_by_a_narrow_window() {
    let text = "Name: Windows(R), ServerStandard edition\nDescription: Windows(R) Operating System, VOLUME_KMS_WS22 channel\n\
                Activation ID: 73111121-5638-40f6-\nbc11-f1d7b0d64300\nUse License URL: https://activation-v2.sls.microsoft.com/SLActivateProduct/SLActiva\n\
                teProduct.asmx?configextension=DM\nPartial Product Key: J464C\n";
    let license = license(text);
    assert_eq!(id(&license), "73111121-5638-40f6-bc11-f1d7b0d64300");
    assert!(license.use_license_url.unwrap().ends_with("SLActivateProduct.asmx?configextension=DM"));
}

#[test]
fn an_evaluation_and_other_tools_names_are_told_apart() {
    let text = "Name: Windows(R), ServerStandardEval edition\nDescription: Windows(R) Operating System, TIMEBASED_EVAL channel\nLicense Status: Licensed\n\
                Timebased activation expiration: 201000 minute(s) (140 day(s))\nEvaluation End Date: 9/24/2024 8:22:52 AM\n";
    let license = license(text);
    assert_eq!(license.channel.as_deref(), Some("TIMEBASED_EVAL"));
    assert!(license.evaluation_end.unwrap().civil().is_some());
    assert!(licenses("Name:    kms01.contoso.com\nAddress:  192.0.2.15\n").is_empty());
    assert!(licenses("Name: Spooler\nDescription: Print Spooler\nStatus: Running\n").is_empty());
    assert!(licenses("Command completed successfully.\n").is_empty());
}

#[test]
fn a_strange_line_within_a_block_is_told_and_does_not_end_it() {
    let text = CLIENT
        .replace("License Status: Licensed\n", "License Status: Licensed\n(I copied this from the screen)\n");
    check_client(&license(&text));
    assert_eq!(notes(&text), ["note-not-understood"]);
}

#[test]
fn an_output_in_the_comments_of_a_script_and_with_escaped_underscores() {
    let found = license(
        "# Name: Windows(R), Enterprise edition\n# Description: Windows(R) Operating System, VOLUME\\_KMSCLIENT channel\n\
         # Partial Product Key: XXXXX-XXXXX-2YT43\n# License Status: Initial grace period\n# Time remaining: 11820 minute(s) (8 day(s))\n",
    );
    assert_eq!(found.channel.as_deref(), Some("VOLUME_KMSCLIENT"));
    assert_eq!(found.partial_product_key.as_deref(), Some("2YT43"));
    assert_eq!((found.time_remaining_min, found.expiration_min), (Some(11_820), None));
}

#[test]
fn the_heading_of_active_directory_is_quoted() {
    let read = file(
        "Name: Windows(R), Enterprise edition\nDescription: Windows(R) Operating System, VOLUME_KMSCLIENT channel\nLicense Status: Licensed\n\n\
         Most recent activation information:\nAD Activation client information\n    Activation Object name: Office and Windows\n",
    );
    let quoted: Vec<&str> = read.facts[0].fact.quotes.iter().map(|quote| &*quote.text).collect();
    assert!(quoted.contains(&"AD Activation client information"), "{quoted:?}");
}
