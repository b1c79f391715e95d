//! `/ato`, error lines, `/xpr`, and the options that change something.

use super::*;

#[test]
fn success_and_failure_with_and_without_code() {
    let text = "Activating Windows(R), Enterprise edition (73111121-5638-40f6-bc11-f1d7b0d64300) ...\nProduct activated successfully.\n\n\
                Activating Windows(R), Enterprise edition (73111121-5638-40f6-bc11-f1d7b0d64300) ...\n\
                Error: 0xC004F074 The Software Licensing Service reported that the computer could not be activated.\n";
    let all = licenses(text);
    assert_eq!(all.len(), 2);
    assert_eq!((all[0].activation_result, all[1].activation_result), (SUCCESS, FAILURE));
    assert_eq!(all[0].name.as_deref(), Some("Windows(R), Enterprise edition"));
    assert_eq!(code(&all[1]), "0xC004F074");
    let without = license(
        "Error: Windows is running within the non-genuine notification period. Run 'slui.exe' to go online and validate Windows.\n",
    );
    assert_eq!((without.error_code, without.activation_result), (None, FAILURE));
}

#[test]
fn error_lines_in_all_their_forms() {
    for (text, wanted) in [
        (
            "Error: 0xc004f038 The count reported by your Key Management Service (KMS) is insufficient.",
            "0xC004F038",
        ),
        ("0xC004F074: The Software Licensing Service reported that no KMS could be contacted.", "0xC004F074"),
        ("0xC004F074", "0xC004F074"),
        ("Error code: 0xC004F074", "0xC004F074"),
        (
            "Error:\n0xC004F042 The Software Licensing Service determined that the specified KMS cannot be used.",
            "0xC004F042",
        ),
        (
            "Error: 0xC004F069 On a computer running Microsoft Windows non-core edition, run 'slui.exe 0x2a 0xC004F069' to display the error text.",
            "0xC004F069",
        ),
        ("Windows could not be activated: it says error 0xC004F038 again and again", "0xC004F038"),
        ("Error: 0x8007232B DNS name does not exist.", "0x8007232B"),
        (
            "Fehler: 0xC004F074 Der Softwarelizenzierungsdienst hat gemeldet, dass der Computer nicht aktiviert werden konnte.",
            "0xC004F074",
        ),
        (
            "错误: 0xC004F069 在运行 Microsoft Windows 非核心版本的计算机上，运行“slui.exe 0x2a 0xC004F069”以显示错误文本。",
            "0xC004F069",
        ),
        (
            "エラー: 0xC004F038 ソフトウェア ライセンス サービスによって、コンピューターのライセンス認証ができませんでした。",
            "0xC004F038",
        ),
        ("Erreur : 0x8007232B Le nom DNS n’existe pas.", "0x8007232B"),
        ("Gagal: 0xC004F074 Layanan Lisensi Perangkat Lunak melaporkan", "0xC004F074"),
    ] {
        let license = license(text);
        assert_eq!(code(&license), wanted, "{text}");
        assert_eq!(license.command, Some(LicenseCommand::Activate), "{text}");
    }
}

#[test]
fn an_error_line_pasted_below_another_command_counts() {
    let pasted = "PS C:\\> tnc kms01.contoso.com -p 1688\n\nTcpTestSucceeded : True\n\n\nError: 0xC004F074 No Key Management Service (KMS) could be contacted.\n";
    assert_eq!(code(&license(pasted)), "0xC004F074");
}

#[test]
fn a_wrapped_error_is_one_text() {
    let text = "Error: 0xC004F074 The Software Licensing Service reported that the\ncomputer could not be activated.\nPlease help me.\n";
    let license = license(text);
    assert_eq!(
        license.error_text.as_deref(),
        Some("The Software Licensing Service reported that the computer could not be activated.")
    );
}

#[test]
fn codes_of_other_tools_and_events_are_left_alone() {
    for text in [
        "C:\\>gpupdate /force\nError: 0x80070005 Access is denied.\n",
        "0xC004F06C, 0x00000000, kms01.contoso.com:1688, 0ae2d5c1-6c1b-4c1d-9d2e-6a6ab6f6ef01, 2024/05/07 10:54, 0, 2, 41461",
        "hr=0xC004F074",
        "Windows Update failed with 0x80072EE2",
        "0x0",
    ] {
        assert!(licenses(text).is_empty(), "{text}");
    }
}

#[test]
fn an_activation_heading_in_any_language() {
    for text in [
        "Windows(R), Professional edition (2de67392-b7a7-462a-b1ca-108dd189f588) wird aktiviert...\nDas Produkt wurde erfolgreich aktiviert.\n",
        "正在激活 Windows(R), Professional edition\n(2de67392-b7a7-462a-b1ca-108dd189f588)...\n成功地激活了产品\n",
        "Activation de Windows(R), Professional edition (2de67392-b7a7-462a-b1ca-108dd189f588)...\nProduit activé avec succès.\n",
        "Windows(R), Professional edition (2de67392-b7a7-462a-b1ca-108dd189f588) をライセンス認証しています...\n製品は正常にライセンス認証されました。\n",
        "Activating Windows(R), Professional edition (2de67392-b7a7-462a-b1ca-108dd189f588) ... Product activated successfully.",
    ] {
        let license = license(text);
        assert_eq!(license.activation_result, SUCCESS, "{text}");
        assert_eq!(id(&license), "2de67392-b7a7-462a-b1ca-108dd189f588");
        assert_eq!(license.name.as_deref(), Some("Windows(R), Professional edition"));
    }
    let unknown = license("Mengaktifkan Windows(R), Professional edition (<id>) …\n");
    assert_eq!(
        (unknown.activation_result, unknown.redacted.as_slice()),
        (None, ["activation_id".to_owned()].as_slice())
    );
}

#[test]
fn options_that_change_something() {
    let set = license(
        "C:\\>slmgr /skms kms01.contoso.com:1688\nKey Management Service machine name set to kms01.contoso.com:1688 successfully.\n",
    );
    assert_eq!(machine(&set), (Some("kms01.contoso.com"), Some(1688), Some(KmsMachineSource::Registered)));
    assert_eq!(set.command, CHANGE);
    let key = file("Installed product key NPPR9-FWDCX-D2C8J-H872K-2YT43 successfully.\n");
    let Fact::License(license_key) = &key.facts[0].fact.value else { panic!("no licence") };
    assert_eq!(license_key.partial_product_key.as_deref(), Some("2YT43"));
    assert!(key.facts[0].fact.quotes.iter().all(|quote| !quote.text.contains("NPPR9")));
    for text in [
        "Uninstalled product key successfully.",
        "Key Management Service machine name cleared successfully.",
        "Command completed successfully.\nPlease restart the system for the changes to take effect.",
        "DNS publishing enabled\nWarning: a KMS reboot is needed for this setting to take effect.",
        "KMS port set to 1689 successfully.",
        "Volume activation type set successfully.",
        "Volume renewal interval set to 1440 minutes successfully.",
    ] {
        assert_eq!(license(text).command, CHANGE, "{text}");
        assert!(notes(text).is_empty(), "{text}");
    }
}

#[test]
fn only_a_port_was_set() {
    let set = license("Key Management Service machine name set to :1689 successfully.\n");
    assert_eq!(machine(&set), (None, Some(1689), None));
}

#[test]
fn refused_parameters_and_options_of_hosts_at_a_client() {
    for text in [
        "Error: The data is invalid",
        "Error: option sprt needs <Port>",
        "Error: Activation ID (73111121-5638-40f6-bc11-f1d7b0d64300) not found.",
        "Warning: KMS port can only be set on a KMS machine that is also activated.",
        "Warning: Volume activation interval can only be set on a KMS machine that is also activated.",
    ] {
        let failures = failures(text);
        assert_eq!(failures.len(), 1, "{text}");
        assert_eq!(failures[0].error_text.as_deref(), Some(text));
        assert!(!failures[0].access_denied && notes(text).is_empty(), "{text}");
    }
    assert!(licenses("Error: The data is invalid\n").is_empty(), "no attempt failed");
}

#[test]
fn the_end_of_a_state_of_any_product() {
    let text = "Contoso Paint:\n    Volume activation will expire 2027-07-04T08:00:00Z\n";
    let read = license(text);
    assert_eq!((read.name.as_deref(), read.license_status), (Some("Contoso Paint"), LICENSED));
    assert!(notes(text).is_empty());
    assert!(licenses("State:\n    Unlicensed\n").is_empty());
}

#[test]
fn an_error_belongs_to_the_option_that_was_used() {
    let text = "C:\\>slmgr /ipk NPPR9-FWDCX-D2C8J-H872K-2YT43\nError: 0xC004F069 On a computer running Microsoft Windows non-core edition, run 'slui.exe 0x2a 0xC004F069' to display the error text.\n";
    assert_eq!(license(text).command, CHANGE);
    assert_eq!(
        license("C:\\>slmgr /dlv\nError: product not found.\n").command,
        Some(LicenseCommand::Display)
    );
}

#[test]
fn expirations() {
    use LicenseStatus as Status;
    for (text, status) in [
        (
            "Windows(R), Enterprise edition:\n    Volume activation will expire 11/3/2024 12:54:01 PM\n",
            Status::Licensed,
        ),
        (
            "Windows(R), ServerStandardEval edition:\n    Timebased activation will expire 9/24/2024 8:22:52 AM\n",
            Status::Licensed,
        ),
        (
            "Windows(R) 7, Enterprise edition:\n    Initial grace period ends 6/1/2024 8:22:52 AM\n",
            Status::InitialGrace,
        ),
        (
            "Windows(R), Enterprise edition:\n    Die Volumenaktivierung läuft am 03.11.2024 12:54:01 ab.\n",
            Status::Licensed,
        ),
    ] {
        let license = license(text);
        assert_eq!(license.license_status, Some(status), "{text}");
        let Some(Expiration::Until(time)) = license.xpr else { panic!("{text}: {:?}", license.xpr) };
        assert!(time.civil().is_some(), "{text}");
    }
    for (text, wanted) in [
        (
            "Windows(R), Professional edition:\n    The machine is permanently activated.\n",
            Expiration::Permanent,
        ),
        ("Windows(R), Professional edition:计算机已永久激活。", Expiration::Permanent),
        ("Windows(R), Enterprise edition:\n    Windows is in Notification mode\n", Expiration::NotActivated),
        ("Windows(R), Enterprise edition:\n    Unlicensed\n", Expiration::NotActivated),
        (
            "Windows(R), Professional edition:\n    Der Computer ist dauerhaft aktiviert.\n",
            Expiration::Permanent,
        ),
    ] {
        assert_eq!(license(text).xpr, Some(wanted), "{text}");
    }
    let guessed = "Windows(R), Enterprise edition:\n    Aktivasi volume akan berakhir 2024-11-03 12:54:01\n";
    assert!(matches!(license(guessed).xpr, Some(Expiration::Until(_))));
    assert_eq!(notes(guessed), ["note-label-guessed"]);
}

#[test]
fn rights_and_errors_of_the_script_host() {
    for text in [
        "Access denied: the requested action requires elevated privileges",
        "Error: 0xC004F025 Access denied: the requested action requires elevated privileges",
        "Error: 0x80070005 Access denied: the requested action requires elevated privileges\n",
        "Zugriff verweigert: Die angeforderte Aktion erfordert erhöhte Rechte.",
    ] {
        assert!(failures(text).iter().any(|failure| failure.access_denied), "{text}");
    }
    let boxed = "Script:\tC:\\Windows\\System32\\slmgr.vbs\nLine:\t1131\nChar:\t5\nError:\t0x80041010\nCode:\t80041010\nSource:\t(null)\n";
    let failure = failures(boxed).remove(0);
    assert_eq!(failure.error_code.unwrap().to_string(), "0x80041010");
    assert!(notes(boxed).is_empty());
    let missing = failures("Input Error: Can not find script file \"C:\\slmgr.vbs\".\n").remove(0);
    assert!(!missing.access_denied);
    let runtime = failures("C:\\Windows\\System32\\slmgr.vbs(1333, 5) (null): 0x8004100E\n").remove(0);
    assert_eq!(runtime.error_code.unwrap().to_string(), "0x8004100E");
}

#[test]
fn a_message_of_two_sentences_broken_at_the_width_of_the_console() {
    let found = license(
        "Error: 0xC004F074 The Software Licensing Service reported that the computer could not be activated.\n\
         No Key Management Service (KMS) could be contacted.\nMicrosoft (R) Windows Script Host Version 5.812\n",
    );
    assert!(found.error_text.unwrap().ends_with("could be contacted."));
}

#[test]
fn a_code_explained_by_its_name_is_no_attempt() {
    assert_eq!(licenses("0x80072338: DNS_ERROR RCODE_BADSIG\nDNS signature failed to verify.\n").len(), 0);
}
