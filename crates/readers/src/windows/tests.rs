//! What comes out of whole texts.

use model::windows::{
    CommandFailure, FirewallRule, MachineInfo, RegistryValue, ServiceState, Socket, TimeCheck,
};
use model::{EvidenceFile, Fact, Place};
use proptest::prelude::*;

use crate::{Limits, read_bytes};

fn read(text: &str) -> EvidenceFile {
    read_bytes("t", text.as_bytes(), &Limits::default())
}

/// The facts of one sort.
macro_rules! facts_of {
    ($name:ident, $kind:ident, $fact:ty) => {
        fn $name(text: &str) -> Vec<$fact> {
            let facts = read(text).facts.into_iter();
            facts
                .filter_map(|e| if let Fact::$kind(fact) = e.fact.value { Some(fact) } else { None })
                .map(Into::<Box<$fact>>::into)
                .map(|fact| *fact)
                .collect()
        }
    };
}
facts_of!(values, Registry, RegistryValue);
facts_of!(services, Service, ServiceState);
facts_of!(sockets, Socket, Socket);
facts_of!(rules, Firewall, FirewallRule);
facts_of!(times, Time, TimeCheck);
facts_of!(machines, Machine, MachineInfo);
facts_of!(failures, Command, CommandFailure);

fn shown(value: &RegistryValue) -> String {
    let text = |field: &Option<String>| field.clone().unwrap_or_else(|| "-".into());
    let tail = if value.missing { " missing" } else { "" };
    format!("{} {} {}{tail}", text(&value.name), text(&value.r#type), text(&value.data))
}

const SPP: &str =
    r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform";

#[test]
fn reg_query() {
    let text = format!(
        "\r\n{SPP}\r\n    (Standard)    REG_SZ    (Wert nicht festgelegt)\r\n    KeyManagementServiceName    REG_SZ    kms01.contoso.com\r\n    \
         DisableDnsPublishing    REG_DWORD    0x1\r\n    DnsDomainPublishList    REG_MULTI_SZ    contoso.com\\0fabrikam.com\r\n    \
         NV Domain    REG_SZ    \r\n\r\n{SPP}\\Activation\r\n    Manual    REG_DWORD    0x0\r\n\r\nEnde der Suche: 6 Übereinstimmung(en) gefunden.\r\n"
    );
    let read_values = values(&text);
    let lines: Vec<String> = read_values.iter().map(shown).collect();
    assert_eq!(
        lines,
        [
            "(Default) REG_SZ (Wert nicht festgelegt)",
            "KeyManagementServiceName REG_SZ kms01.contoso.com",
            "DisableDnsPublishing REG_DWORD 1",
            "DnsDomainPublishList REG_MULTI_SZ contoso.com\nfabrikam.com",
            "NV Domain REG_SZ ",
            "Manual REG_DWORD 0",
        ]
    );
    assert_eq!(read_values[5].key.as_deref(), Some(format!("{SPP}\\Activation").as_str()));
    assert!(read(&text).notes.is_empty(), "{:?}", read(&text).notes);
    let old = "! REG.EXE VERSION 3.0\n\nHKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters\n    Domain\tREG_SZ\tcontoso.com\n";
    assert_eq!(shown(&values(old)[0]), "Domain REG_SZ contoso.com");
    let other = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Contoso\n    A    REG_SZ    b\n    C    REG_SZ    d\n";
    let file = read(other);
    assert!(file.facts.is_empty());
    assert_eq!((file.notes[0].key, file.notes[0].args[0].1.as_str()), ("note-registry-skipped", "2"));
    let redacted = format!("{SPP}\n    KeyManagementServiceName    REG_SZ    <redacted>\n");
    assert_eq!((values(&redacted)[0].data.clone(), values(&redacted)[0].redacted.len()), (None, 1));
}

#[test]
fn a_missing_value_in_many_languages() {
    for error in [
        "ERROR: The system was unable to find the specified registry key or value.",
        "FEHLER: Der angegebene Registrierungsschlüssel bzw. Wert wurde nicht gefunden.",
        "ERREUR : Le système n'a pas trouvé la clé ou la valeur de Registre spécifiée.",
        "エラー: 指定されたレジストリ キーまたは値が見つかりませんでした",
        "错误: 系统找不到指定的注册表项或值。",
        "VIRHE: Järjestelmä ei löytänyt määritettyä rekisteriavainta tai arvoa.",
    ] {
        let text = format!("C:\\>reg query \"{SPP}\" /v KeyManagementServiceName\n\n{error}\n");
        let value = &values(&text)[0];
        assert_eq!(
            (value.key.as_deref(), shown(value).as_str()),
            (Some(SPP), "KeyManagementServiceName - - missing")
        );
    }
    let text = format!(
        "Get-ItemProperty : Property KeyManagementServiceName does not exist at path {SPP}.\nAt line:1 char:1\n"
    );
    assert!(values(&text)[0].missing);
    let denied = format!("C:\\>reg query \"{SPP}\"\nERROR: Access is denied.\n");
    assert!(values(&denied).is_empty() && failures(&denied)[0].access_denied);
}

#[test]
fn registry_exports() {
    let export = format!(
        "Windows Registry Editor Version 5.00\r\n\r\n[{SPP}]\r\n@=\"\"\r\n\"KeyManagementServiceName\"=\"kms\\\\01\\\"x\"\r\n\
         \"VLActivationInterval\"=dword:00000078\r\n\"DnsDomainPublishList\"=hex(7):61,00,2e,00,62,00,00,\\\r\n  00,63,00,00,00,00,00\r\n\
         \"KeyManagementServicePort\"=-\r\n\"Q\"=hex(b):01,01,00,00,00,00,00,00\r\n\"B\"=hex:0a,ff\r\n\r\n[-{SPP}\\Old]\r\n\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Contoso]\r\n\"x\"=\"y\"\r\n\r\nbehind\r\n"
    );
    let lines: Vec<String> = values(&export).iter().map(shown).collect();
    assert_eq!(
        lines,
        [
            "(Default) REG_SZ ",
            "KeyManagementServiceName REG_SZ kms\\01\"x",
            "VLActivationInterval REG_DWORD 120",
            "DnsDomainPublishList REG_MULTI_SZ a.b\nc",
            "KeyManagementServicePort - - missing",
            "Q REG_QWORD 257",
            "B REG_BINARY 0AFF",
            "- - - missing",
        ]
    );
    let file = read(&export);
    assert_eq!(file.facts[4].fact.source.place, Place::Line(9));
    assert_eq!(
        file.notes.iter().map(|n| n.key).collect::<Vec<_>>(),
        ["note-registry-skipped", "note-not-understood"]
    );
    let ansi = format!("REGEDIT4\n\n[{SPP}]\n\"A\"=hex(2):25,78,25,00\n");
    assert_eq!(shown(&values(&ansi)[0]), "A REG_EXPAND_SZ %x%");
}

#[test]
fn registry_objects_of_powershell() {
    let list = "KeyManagementServiceName : kms01.contoso.com\nSkipRearm                : 1\nPSPath                   : Microsoft.PowerShell.Core\\Registry::HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows \n                           NT\\CurrentVersion\\SoftwareProtectionPlatform\nPSChildName              : SoftwareProtectionPlatform\n";
    let read_values = values(list);
    assert_eq!(read_values.len(), 2);
    assert!(read_values[0].key.as_deref().unwrap().ends_with("SoftwareProtectionPlatform"));
    let json = r#"{"KeyManagementServiceName":"kms01","DnsDomainPublishList":["a.b","c"],"PSPath":"Microsoft.PowerShell.Core\\Registry::HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SoftwareProtectionPlatform","PSDrive":{"Name":"HKLM"}}"#;
    assert_eq!(
        values(json).iter().map(shown).collect::<Vec<_>>(),
        ["KeyManagementServiceName - kms01", "DnsDomainPublishList - a.b\nc"]
    );
    let single = "PS C:\\> Get-ItemPropertyValue -Path 'HKLM:\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SoftwareProtectionPlatform' -Name KeyManagementServiceName\nkms09.contoso.com\n";
    assert_eq!(shown(&values(single)[0]), "KeyManagementServiceName - kms09.contoso.com");
}

#[test]
fn services_in_every_shape() {
    let english = "C:\\>sc query sppsvc\n\nSERVICE_NAME: sppsvc\n        TYPE               : 10  WIN32_OWN_PROCESS\n        STATE              : 1  STOPPED\n        WIN32_EXIT_CODE    : 1077  (0x435)\n        SERVICE_EXIT_CODE  : 0  (0x0)\n";
    let french = "SERVICE_NAME: sppsvc\nDISPLAY_NAME: Protection logicielle\n        TYPE               : 10  WIN32_OWN_PROCESS\n        ÉTAT               : 4  RUNNING\n                                (STOPPABLE, NOT_PAUSABLE)\n";
    let config = "[SC] QueryServiceConfig SUCCESS\n\nNOMBRE_SERVICIO: sppsvc\n        TIPO               : 10  WIN32_OWN_PROCESS\n        TIPO_INICIO        : 4   DISABLED\n        CONTROL_ERROR      : 1   NORMAL\n";
    let table = "Status   Name               DisplayName\n------   ----               -----------\nStopped  sppsvc             Software Protection\n";
    let list = "Name        : sppsvc\nDisplayName : Software Protection\nStatus      : Running\n";
    let json = r#"[{"Name":"sppsvc","DisplayName":"Software Protection","Status":1,"StartType":4}]"#;
    let cim = "Name      : sppsvc\nState     : Stopped\nStartMode : Disabled\nExitCode  : 5\n";
    for (text, state, start, exit) in [
        (english, Some("STOPPED"), None, Some(1077)),
        (french, Some("RUNNING"), None, None),
        (config, None, Some("DISABLED"), None),
        (table, Some("STOPPED"), None, None),
        (list, Some("RUNNING"), None, None),
        (json, Some("STOPPED"), Some("DISABLED"), None),
        (cim, Some("STOPPED"), Some("DISABLED"), Some(5)),
    ] {
        let read = services(text);
        assert_eq!(read.len(), 1, "{text}");
        let service = &read[0];
        assert_eq!(service.name.as_deref(), Some("sppsvc"), "{text}");
        assert_eq!(
            (service.state.as_deref(), service.start_type.as_deref(), service.exit_code),
            (state, start, exit),
            "{text}"
        );
    }
    let remote = "C:\\>sc \\\\kms01 query sppsvc\n\nSERVICE_NAME: sppsvc\n        TYPE               : 10  WIN32_OWN_PROCESS\n        STATE              : 1  STOPPED\n";
    let object = r#"{"Name":"sppsvc","DisplayName":"Software Protection","Status":1,"MachineName":"kms01"}"#;
    for text in [remote, object] {
        assert_eq!(services(text)[0].computer.as_deref(), Some("kms01"), "{text}");
    }
    assert_eq!(services(english)[0].computer, None);
    let absent = "C:\\>sc query osppsvc\n[SC] EnumQueryServicesStatus:OpenService FAILED 1060:\n\nThe specified service does not exist as an installed service.\n";
    assert_eq!(failures(absent)[0].error_code.unwrap().value(), 1060);
    assert!(!failures(absent)[0].access_denied);
    let denied = "C:\\>net start sppsvc\nSystemfehler 5 aufgetreten.\n\nZugriff verweigert\n";
    assert_eq!(
        (failures(denied)[0].access_denied, failures(denied)[0].error_text.as_deref()),
        (true, Some("Zugriff verweigert"))
    );
}

#[test]
fn sockets_of_the_kms_port() {
    let german = "Aktive Verbindungen\n\n  Proto  Lokale Adresse         Remoteadresse          Status           PID\n  TCP    0.0.0.0:80             0.0.0.0:0              ABHÖREN         4\n  TCP    0.0.0.0:1688           0.0.0.0:0              ABHÖREN         5120\n [sppsvc.exe]\n  TCP    10.0.0.5:49812         10.0.0.9:1688          SYN_GESENDET    5120\n  UDP    0.0.0.0:123            *:*                                    1100\n";
    let read_sockets = sockets(german);
    assert_eq!(read_sockets.len(), 2);
    assert_eq!(
        (read_sockets[0].state.as_deref(), read_sockets[0].pid, read_sockets[0].program.as_deref()),
        (Some("LISTENING"), Some(5120), Some("sppsvc.exe"))
    );
    assert_eq!(read_sockets[1].state.as_deref(), Some("SYN_SENT"));
    assert!(read(german).notes.is_empty(), "{:?}", read(german).notes);
    let v6 = "  TCP    [::]:1688              [::]:0                 正在监听       88\n";
    assert_eq!(
        (sockets(v6)[0].state.as_deref(), sockets(v6)[0].local_address.as_deref()),
        (Some("LISTENING"), Some("::"))
    );
    let object = "LocalAddress  : 0.0.0.0\nLocalPort     : 1688\nRemoteAddress : 0.0.0.0\nRemotePort    : 0\nState         : Listen\nOwningProcess : 77\n";
    assert_eq!((sockets(object)[0].state.as_deref(), sockets(object)[0].pid), (Some("LISTENING"), Some(77)));
    let ss = "State    Recv-Q   Send-Q     Local Address:Port      Peer Address:Port  Process\nLISTEN   0        128              0.0.0.0:1688           0.0.0.0:*\n";
    assert_eq!(sockets(ss)[0].local_port, Some(1688));
}

#[test]
fn firewall_rules_in_every_shape() {
    let english = "Rule Name:                            Key Management Service (TCP-In)\n----------------------------------------------------------------------\nEnabled:                              No\nDirection:                            In\nProfiles:                             Domain,Private,Public\nGrouping:                             Key Management Service\nLocalIP:                              Any\nRemoteIP:                             Any\nProtocol:                             TCP\nLocalPort:                            1688\nRemotePort:                           Any\nEdge traversal:                       No\nAction:                               Allow\nOk.\n";
    let german = "Regelname:                            Schlüsselverwaltungsdienst (TCP eingehend)\n----------------------------------------------------------------------\nAktiviert:                            Nein\nRichtung:                             Eingehend\nProfile:                              Domäne,Privat,Öffentlich\nGruppierung:                          Schlüsselverwaltungsdienst\nLokales IP:                           Beliebig\nRemote-IP:                            Beliebig\nProtokoll:                            TCP\nLokaler Port:                         1688\nRemoteport:                           Beliebig\nEdgeausnahme:                         Nein\nAktion:                               Zulassen\n";
    let japanese = "規則名:                               キー管理サービス (TCP 受信)\n----------------------------------------------------------------------\n有効:                                 いいえ\n方向:                                 入力\nプロファイル:                         ドメイン,プライベート,パブリック\nグループ:                             キー管理サービス\nローカル IP:                          任意\nリモート IP:                          任意\nプロトコル:                           TCP\nローカル ポート:                      1688\nリモート ポート:                      任意\nエッジ トラバーサル:                  いいえ\n操作:                                 許可\n";
    let powershell = "Name                  : SPPSVC-In-TCP\nDisplayName           : Key Management Service (TCP-In)\nEnabled               : False\nProfile               : Any\nDirection             : Inbound\nAction                : Allow\n";
    for text in [english, german, japanese, powershell] {
        let read = rules(text);
        assert_eq!(read.len(), 1, "{text}");
        let rule = &read[0];
        assert_eq!(
            (rule.enabled, rule.direction.as_deref(), rule.action.as_deref()),
            (Some(false), Some("Inbound"), Some("Allow")),
            "{text}"
        );
        if text != powershell {
            assert_eq!(
                (rule.local_port.as_deref(), rule.protocol.as_deref()),
                (Some("1688"), Some("TCP")),
                "{text}"
            );
        }
    }
    let profile = "Domain Profile Settings:\n----------------------------------------------------------------------\nState                                 ON\n";
    assert_eq!(rules(profile)[0].enabled, Some(true));
    for (line, action) in [
        ("access-list OUTSIDE extended deny tcp any any eq 1688", "Block"),
        ("-A FORWARD -p tcp -m tcp --dport 1688 -j DROP", "Block"),
        ("access-list 101 permit tcp 10.1.0.0 0.0.255.255 host 10.0.0.9 eq 1688", "Allow"),
    ] {
        assert_eq!(rules(line)[0].action.as_deref(), Some(action), "{line}");
    }
    let log = "TimeGenerated,Protocol,SourceIp,DestinationIp,DestinationPort,Action,Rule\n2025-01-01,HTTPS,10.0.0.4,20.118.99.224,1688,Deny,r\n2025-01-01,TCP,10.0.0.4,10.0.0.9,53,Allow,d\n";
    assert_eq!((rules(log).len(), rules(log)[0].rule_type.as_deref()), (1, Some("application")));
    assert!(rules("Please allow TCP 1688 in the firewall.\n").is_empty());
}

#[test]
fn clocks() {
    let status = "Sprungindikator: 0(keine Warnung)\nStratum: 4 (Sekundärreferenz - synchr. über (S)NTP)\nPräzision: -23 (119.209ns pro Tick)\nStammverzögerung: 0.0312500s\nStammabweichung: 7.7770000s\nReferenz-ID: 0x0A000005 (Quell-IP:  10.0.0.5)\nLetzte erfolgr. Synchronisierungszeit: 07.05.2024 10:10:10\nQuelle: dc1.contoso.com,0x8\nAbfrageintervall: 6 (64s)\n";
    let check = &times(status)[0];
    assert_eq!((check.stratum, check.source_server.as_deref()), (Some(4), Some("dc1.contoso.com")));
    assert!(check.last_sync.is_some());
    let chart = "C:\\>w32tm /stripchart /computer:dc1.contoso.com /samples:2\nTracking dc1.contoso.com [10.0.0.10:123].\nCollecting 2 samples.\nThe current time is 5/7/2024 2:20:10 PM.\n14:20:10, d:+00.0003998s o:-14523.9800000s  [                  *         ]\n14:20:12, d:+00.0003998s o:-14523.9812000s  [                  *         ]\n";
    let check = &times(chart)[0];
    assert_eq!(
        (check.offset_seconds, check.source_server.as_deref()),
        (Some(-14523.9812), Some("dc1.contoso.com"))
    );
    let short = "14:20:10, +00,1234567s\n";
    assert_eq!(times(short)[0].offset_seconds, Some(0.1234567));
    let timeout =
        "C:\\>w32tm /stripchart /computer:time.contoso.com /dataonly\n14:20:10, Fehler: 0x800705B4\n";
    assert_eq!(
        (times(timeout)[0].error_code.unwrap().value(), times(timeout)[0].source_server.as_deref()),
        (0x8007_05B4, Some("time.contoso.com"))
    );
    let stopped = "Der folgende Fehler ist aufgetreten: Der Dienst wurde nicht gestartet. (0x80070426)\n";
    assert!(times(stopped)[0].service_stopped);
    assert_eq!(times("Type: NT5DS (Local)\n")[0].sync_type.as_deref(), Some("NT5DS"));
    let monitor = "dc1.contoso.com *** PDC ***[10.0.0.10:123]:\n    ICMP: 0ms delay\n    NTP: +18000.0000000s offset from dc2.contoso.com\n        RefID: 'LOCL' [0x4C434F4C]\n        Stratum: 1\n";
    assert_eq!((times(monitor)[0].offset_seconds, times(monitor)[0].stratum), (Some(18000.0), Some(1)));
    let source = "C:\\>w32tm /query /source\nLocal CMOS Clock\n";
    assert_eq!(times(source)[0].source_server.as_deref(), Some("Local CMOS Clock"));
}

#[test]
fn machines_about_themselves() {
    let french = "Nom de l'hôte:                              PC-042\nNom du système d'exploitation:              Microsoft Windows 10 Professionnel\nVersion du système:                         10.0.19045 N/A build 19045\nFabricant du système d'exploitation:        Microsoft Corporation\nConfiguration du système d'exploitation:    Station de travail membre\nDomaine:                                    contoso.com\nCorrectif(s):                               2 Corrections installées.\n                                            [01]: KB5034763\n                                            [02]: KB5034765\n";
    let machine = &machines(french)[0];
    assert_eq!(
        (machine.hostname.as_deref(), machine.domain.as_deref(), machine.updates.len()),
        (Some("PC-042"), Some("contoso.com"), 2)
    );
    assert_eq!(
        machines("Microsoft Windows [Version 10.0.20348.2402]\n")[0].os_version.as_deref(),
        Some("Version 10.0.20348.2402")
    );
    assert_eq!(machines("C:\\>hostname\nKMS01\n")[0].hostname.as_deref(), Some("KMS01"));
    let dism = "C:\\>DISM /online /Get-CurrentEdition\n\nDeployment Image Servicing and Management tool\nVersion: 10.0.20348.681\n\nCurrent Edition : ServerStandardEval\n";
    assert_eq!(machines(dism).iter().find_map(|m| m.edition.as_deref()), Some("ServerStandardEval"));
    let updates = "Source        Description      HotFixID      InstalledBy          InstalledOn\n------        -----------      --------      -----------          -----------\nPC1           Update           KB5034765     NT AUTHORITY\\SYSTEM  2/14/2024\nPC1           Security Update  KB5034763     NT AUTHORITY\\SYSTEM  2/14/2024\n";
    assert_eq!((machines(updates).len(), machines(updates)[0].updates.len()), (1, 2));
    let info = "WindowsProductName : Windows Server 2022 Datacenter\nOsName             : Microsoft Windows Server 2022 Datacenter\nCsPartOfDomain     : True\n";
    assert_eq!(machines(info)[0].domain_member, Some(true));
}

#[test]
fn failures_of_rights() {
    for line in [
        "Access denied: the requested action requires elevated privileges.",
        "Zugriff verweigert",
        "エラー: アクセスが拒否されました。",
        "错误: 拒绝访问。",
        "ОШИБКА: Отказано в доступе.",
        "Error: 0x80070005",
        "Der angeforderte Vorgang erfordert erhöhte Rechte.",
    ] {
        assert!(failures(&format!("C:\\>slmgr /ipk X\n{line}\n"))[0].access_denied, "{line}");
    }
    let levels = "C:\\>whoami /groups\nMandatory Label\\Medium Mandatory Level    Label    S-1-16-8192\n";
    assert_eq!(machines(levels)[0].elevated, Some(false));
    let monitor = "\"Time of Day\",\"Process Name\",\"PID\",\"Operation\",\"Path\",\"Result\",\"Detail\"\n\"9:41\",\"sppsvc.exe\",\"1\",\"RegSetValue\",\"HKLM\\S\",\"ACCESS DENIED\",\"\"\n\"9:42\",\"a\",\"1\",\"RegSetValue\",\"HKLM\\S\",\"SUCCESS\",\"\"\n";
    assert_eq!(failures(monitor).len(), 1);
    let permissions = "IdentityReference      RegistryRights AccessControlType\n-----------------      -------------- -----------------\nBUILTIN\\Administrators        ReadKey             Allow\n";
    assert_eq!(values(permissions)[0].data.as_deref(), Some("BUILTIN\\Administrators Allow ReadKey"));
    let unknown = "'slmgr' is not recognized as an internal or external command,\n";
    assert!(!failures(unknown)[0].access_denied);
    assert!(failures("The client has sent an activation request.\n").is_empty());
}

proptest! {
    #[test]
    fn any_text_is_survived(text in r"(?s).{0,400}") {
        let _ = read(&text);
    }

    #[test]
    fn pieces_of_real_output_are_survived(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..12),
        cut in 0usize..400,
    ) {
        let text = pieces.join("\n");
        let end = (0..=cut.min(text.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
        let _ = read(&text[..end]);
        let _ = read(&text);
    }
}

const PIECES: &[&str] = &[
    "[HKEY_LOCAL_MACHINE\\SYSTEM\\x]",
    "\"a\"=hex(7):61,00,\\",
    "REGEDIT4",
    "\"a\\\"=",
    "@=hex(zz):,,\\",
    "[-HKEY_]",
    "HKEY_LOCAL_MACHINE\\SOFTWARE",
    "    é    REG_DWORD    0xzz",
    "SERVICE_NAME: é",
    "TYPE : 10  WIN32_OWN",
    "[SC]",
    "[SC] x FAILED 99999999999999:",
    "Proto",
    "TCP é:1688 :",
    "TCP 1:99999 *:*",
    "---------------------------",
    "é: 0(x",
    "1:1, o:é",
    "1:1, +s",
    "[1:123]:",
    "NTP: ",
    "x: 1 (",
    "{\"routes\":[{\"nextHopType\":1}]}",
    "compute : @{a=;=b",
    "\"20.118.99.244/99\",",
    "Address Prefix,Next Hop Type,State",
    "1/2,{,}",
    "resource \"azurerm_route\" \"é\" {",
    "route {",
    "AddressPrefix : {",
    "NextHopType : [",
    "20.118.99.224",
    "eq 1688 deny tcp é",
    "PS C:\\> w32tm /stripchart /computer:é",
    "curl: (28) 169.254.169.254",
    "C:\\>reg query é /v",
    "É: é",
    "KB5",
    "KB1234567é",
    "Rule Name: x",
    "-NextHopType -AddressPrefix",
];
