//! Objects in the shapes in which PowerShell and wmic print them.

use model::license::KmsMachineSource;
use model::{Fact, Kind, License, LicenseStatus};

fn licenses(text: &str) -> Vec<License> {
    let file = crate::read_bytes("t.txt", text.as_bytes(), &crate::Limits::default());
    let is_license = |evidence: &model::evidence::Evidence| match &evidence.fact.value {
        Fact::License(license) if evidence.kind == Kind::Oslicense => Some((**license).clone()),
        _ => None,
    };
    file.facts.iter().filter_map(is_license).collect()
}

fn check(license: &License) {
    assert_eq!(license.name.as_deref(), Some("Windows(R), Enterprise edition"));
    assert_eq!(license.channel.as_deref(), Some("VOLUME_KMSCLIENT"));
    assert_eq!(license.license_status, Some(LicenseStatus::Licensed));
    assert_eq!(license.expiration_min, Some(255_412));
    assert_eq!(license.partial_product_key.as_deref(), Some("2YT43"));
    assert_eq!(license.kms_machine.as_deref(), Some("kms01.contoso.com"));
    assert_eq!(license.kms_machine_source, Some(KmsMachineSource::Dns));
    assert_eq!(license.kms_port, Some(1688));
}

const PROPERTIES: [(&str, &str); 8] = [
    ("Description", "Windows(R) Operating System, VOLUME_KMSCLIENT channel"),
    ("DiscoveredKeyManagementServiceMachineName", "kms01.contoso.com"),
    ("DiscoveredKeyManagementServiceMachinePort", "1688"),
    ("GracePeriodRemaining", "255412"),
    ("LicenseStatus", "1"),
    ("LicenseStatusReason", "1074065472"),
    ("Name", "Windows(R), Enterprise edition"),
    ("PartialProductKey", "2YT43"),
];

#[test]
fn a_list_a_csv_and_json() {
    let list: String = PROPERTIES.iter().map(|(name, value)| format!("{name:<42}: {value}\n")).collect();
    check(&licenses(&format!("\n{list}\n\n"))[0]);
    let names: Vec<String> = PROPERTIES.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let values: Vec<String> = PROPERTIES.iter().map(|(_, value)| format!("\"{value}\"")).collect();
    check(&licenses(&format!("{}\n{}\n", names.join(","), values.join(",")))[0]);
    let json: Vec<String> =
        PROPERTIES.iter().map(|(name, value)| format!("\"{name}\": \"{value}\"")).collect();
    check(&licenses(&format!("[{{{}}}]", json.join(", ")))[0]);
}

#[test]
fn wmic_lists_and_columns() {
    let list: String = PROPERTIES.iter().map(|(name, value)| format!("{name}={value}\r\r\n")).collect();
    check(&licenses(&format!("\r\r\n\r\r\n{list}\r\r\n\r\r\n"))[0]);
    let two = format!("{list}\r\r\n{}", list.replace("2YT43", "3V66T"));
    assert_eq!(licenses(&two).len(), 2);
    let columns = "LicenseStatus  Name                            PartialProductKey  \r\r\n\
                   1              Windows(R), Enterprise edition  2YT43              \r\r\n\
                   5              Windows(R), ESU edition         3V66T              \r\r\n";
    let read = licenses(columns);
    assert_eq!(read.len(), 2);
    assert_eq!(read[1].license_status, Some(LicenseStatus::Notification));
    assert_eq!(read[0].name.as_deref(), Some("Windows(R), Enterprise edition"));
}

#[test]
fn a_table_of_powershell() {
    let table = "Name                           LicenseStatus PartialProductKey\n\
                 ----                           ------------- -----------------\n\
                 Windows(R), Enterprise edition             1 2YT43            \n\n";
    let read = licenses(table);
    assert_eq!(read[0].license_status, Some(LicenseStatus::Licensed));
    assert_eq!(read[0].partial_product_key.as_deref(), Some("2YT43"));
}

#[test]
fn a_hosts_service_object() {
    let text = "IsKeyManagementServiceMachine               : 1\nKeyManagementServiceCurrentCount            : 0\nKeyManagementServiceDnsPublishing           : False\n\
                KeyManagementServiceFailedRequests          : 3\nKeyManagementServiceListeningPort           : 0\nKeyManagementServiceLowPriority             : False\n\
                KeyManagementServiceOOBGraceRequests        : 60\nKeyManagementServiceTotalRequests           : 311\nKeyManagementServiceMachine                 :\nVersion                                     : 10.0.20348.1\n";
    let read = licenses(text);
    let license = &read[0];
    assert!(license.host_enabled);
    assert_eq!((license.current_count, license.listening_port), (Some(0), Some(1688)));
    assert_eq!((license.dns_publishing, license.kms_priority.as_deref()), (Some(false), Some("Normal")));
    assert_eq!(license.requests_by_status.as_ref().unwrap().initial_grace, Some(60));
    assert_eq!((license.kms_machine.as_ref(), license.kms_machine_source), (None, None));
}

#[test]
fn words_for_nothing_and_hexadecimal_reasons_of_the_oslicense_module() {
    let text = "Name                        : Windows(R), Enterprise edition\nActivationID                : 73111121-5638-40f6-bc11-f1d7b0d64300\nLicenseStatus               : Notification\n\
                LicenseStatusReason         : 0xC004F056\nGracePeriodRemaining        : N/A\nKeyManagementServiceMachine : kms01.contoso.com\nKeyManagementServicePort    : 1688\nPartialProductKey           : 2YT43\n";
    let read = licenses(text);
    assert_eq!(read[0].license_status, Some(LicenseStatus::Notification));
    assert_eq!(read[0].notification_reason.unwrap().to_string(), "0xC004F056");
    assert_eq!(read[0].kms_machine_source, Some(KmsMachineSource::Registered));
    assert_eq!(read[0].time_remaining_min, None);
    let failed = licenses(
        "Success      : False\nErrorCode    : 0xC004F074\nErrorMessage : No Key Management Service (KMS) could be contacted.\n",
    );
    assert_eq!(failed[0].error_code.unwrap().to_string(), "0xC004F074");
}

#[test]
fn dozens_of_products_without_a_key_are_one_note() {
    let mut text = String::new();
    for n in 0..30 {
        text.push_str(&format!(
            "Name              : Windows(R), X{n} edition\nLicenseStatus     : 0\nPartialProductKey :\n\n"
        ));
    }
    text.push_str(
        "Name              : Windows(R), Y edition\nLicenseStatus     : 2\nPartialProductKey :\n\n",
    );
    let file = crate::read_bytes("t.txt", text.as_bytes(), &crate::Limits::default());
    assert_eq!(file.facts.len(), 1);
    assert!(file.facts[0].fact.value.as_license().unwrap().not_in_use);
    let note = file.notes.iter().find(|note| note.key == "note-license-without-key").unwrap();
    assert_eq!(note.args, [("count", "30".to_owned())]);
    assert_eq!(file.notes.len(), 1);
}

#[test]
fn objects_of_others_are_left_alone() {
    assert!(
        licenses("Name        : Spooler\nDescription : Print Spooler\nStatus      : Running\n").is_empty()
    );
    assert!(licenses("name=value\nother=thing\n").is_empty());
    assert!(licenses("{\"Name\": \"x\", \"Description\": \"y\"}").is_empty());
}
