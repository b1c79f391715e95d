//! Records as lists, CSV rows and flat objects.

use model::{HexCode, Place};

use crate::events::tests::{events, events_and_notes, facts};

const LIST: &str = "0x0,25,pc1.contoso.com,157f562f-c333-538d-986b-31a7a098dbbb,2024/3/4 8:21,0,2,43080,2de67392-b7a7-462a-b1ca-108dd189f588";

#[test]
fn format_list_of_get_winevent() {
    let found = facts(&format!(
        "TimeCreated      : 5/6/2024 8:10:00 AM\nId               : 12290\nProviderName     : Microsoft-Windows-Security-SPP\n\
         LogName          : Key Management Service\nMachineName      : kms01.contoso.com\nLevelDisplayName : Information\n\
         RecordId         : 201\nMessage          : An activation request has been processed.\n                   Info:\n                   {LIST}\n"
    ));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].source.place, Place::Record(201));
    assert_eq!(found[0].quote("client").unwrap().1.to_string(), "t.txt:10");
    let event = found[0].value.as_event().unwrap();
    assert_eq!(event.client.as_deref(), Some("pc1.contoso.com"));
    assert_eq!(event.time.as_ref().unwrap().text(), "5/6/2024 8:10:00 AM");
    assert_eq!(event.level.as_deref(), Some("Information"));
}

#[test]
fn format_list_in_another_order() {
    let (found, notes) = events_and_notes(
        "TimeCreated  : 5/7/2024 12:54:01 PM\nProviderName : Microsoft-Windows-Security-SPP\nId           : 12289\n\
         Message      : The client has processed it.\n               Info:\n               0x0, 0x04000000, 0, 0, 12, 120, 10080, 2024/05/07 10:54\n",
    );
    assert_eq!((found.len(), notes.len()), (1, 0));
    assert_eq!(found[0].time.as_ref().unwrap().text(), "5/7/2024 12:54:01 PM");
}

#[test]
fn format_list_of_get_eventlog() {
    let found = events(
        "EventID            : 12289\nMachineName        : pc1\nIndex              : 77\nEntryType          : Information\n\
         Message            : The client has processed it.\n                     Info:\n                     0x0, 0x4000008, 0, 0, 4, 120, 10080, 2024/1/14 2:30\n\
         Source             : Software Protection Platform Service\nReplacementStrings : {0x0, 0x4000008, 0, 0, 4, 120, 10080, 2024/1/14 2:30}\n\
         InstanceId         : 1073754113\nTimeGenerated      : 1/14/2024 3:30:00 AM\n",
    );
    assert_eq!(
        (found[0].event_id, found[0].record, found[0].current_count),
        (Some(12289), Some(77), Some(4))
    );
    let only = events(
        "InstanceId : 1073754113\nSource : Software Protection Platform Service\nMessage : Info: 0x0, 0x4000008, 0, 0, 4, 120, 10080, 2024/1/14 2:30\n",
    );
    assert_eq!(only[0].event_id, Some(12289));
}

#[test]
fn csv_with_a_message_over_several_lines() {
    let (found, notes) = events_and_notes(&format!(
        "\"TimeCreated\",\"Id\",\"ProviderName\",\"RecordId\",\"Message\"\r\n\"5/6/2024 8:10:00 AM\",\"12290\",\"Microsoft-Windows-Security-SPP\",\"201\",\"Done.\r\nInfo:\r\n{LIST}\"\r\n\
         \"5/6/2024 8:11:00 AM\",\"12289\",\"VSS\",\"202\",\"Volume Shadow Copy Service\"\r\n"
    ));
    assert_eq!((found.len(), notes.as_slice()), (1, ["note-events-other-sources"].as_slice()));
    assert_eq!(found[0].cmid.unwrap().to_string(), "157f562f-c333-538d-986b-31a7a098dbbb");
}

#[test]
fn other_objects_with_an_id_are_left_alone() {
    assert!(events("Id : 12290\nProcessName : svchost\nHandles : 10\n").is_empty());
    assert!(events("Name : x\nSource : Default\nId : /subscriptions/0\n").is_empty());
}

#[test]
fn a_failed_attempt() {
    let found = events(
        "TimeCreated  : 5/6/2024\nProviderName : Microsoft-Windows-Security-SPP\nId           : 8198\nMessage      : License Activation (slui.exe) failed with the following error code:\n\
         \x20              hr=0x8007139F\n               Command-line arguments:\n               RuleId=31e71c49-8da7-4a2f-ad92-45d98a1c79ba;Action=AutoActivate;Trigger=UserLogon;SessionId=1\n",
    );
    assert_eq!(found[0].hresult, HexCode::parse("0x8007139F"));
    assert_eq!(found[0].trigger.as_deref(), Some("UserLogon"));
}
