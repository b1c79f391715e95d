//! # K708: Azure Edition that cannot reach or verify instance metadata
//!
//! ## What it means
//! Windows Server Datacenter: Azure Edition also needs the attested document of the instance metadata service; without
//! it the watermark stays, even when KMS activation succeeds.
//!
//! ## How it is recognised
//! A call to 169.254.169.254 that fails, or a certificate of the attested document that can't be verified, on an Azure
//! Edition.
//!
//! ## What fixes it
//! Let 169.254.169.254 bypass the proxy; install the missing intermediate certificates and updates.
//!
//! ## When it misleads
//! Other editions do not need metadata for activation: there the failing call explains nothing.
//!
//! ## Sources
//! <https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/activation-watermark-appears>

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Citation, Confidence, Explained, Finding, Severity, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::Rule;

/// The rule.
pub const RULE: Rule =
    Rule { code: "K708", cause: Cause::ImdsUnreachable, check, source: include_str!("imds_unreachable.rs") };

fn check(case: &Case) -> Verdict {
    let failing: Vec<Citation> = case
        .metadata()
        .filter(|(_, imds)| imds.reachable == Some(false) || imds.certificate_problem)
        .map(|(item, imds)| {
            item.cite(if imds.certificate_problem { "certificate_problem" } else { "error_text" })
        })
        .collect();
    if failing.is_empty() {
        return if case.metadata().next().is_some() { Verdict::Clear } else { Verdict::NotApplicable };
    }
    let edition = azure_edition(case);
    let confidence = if edition.is_some() { Confidence::Certain } else { Confidence::Possible };
    let mut finding = Finding::new(RULE.code, RULE.cause, confidence);
    let certificate = case.metadata().any(|(_, imds)| imds.certificate_problem);
    finding.variant = Some(match (edition.is_some(), certificate) {
        (true, true) => "certificate",
        (true, false) => "unreachable",
        (false, _) => "other-edition",
    });
    if edition.is_none() {
        finding.severity = Severity::Warning;
    }
    finding.evidence = failing;
    finding.evidence.extend(edition);
    finding.explains = vec![Explained::Cause(Cause::GraceOrNotificationOnly)];
    finding.remedies = vec![
        Remedy::new(RULE.code, "bypass-proxy", Safety::Safe)
            .step(Shell::Powershell, [
                "Invoke-RestMethod -Headers @{Metadata='true'} -NoProxy -Uri 'http://169.254.169.254/metadata/attested/document?api-version=2020-09-01'",
                "netsh winhttp show proxy",
            ])
            .verify(["Test-NetConnection 169.254.169.254 -Port 80"]),
        Remedy::new(RULE.code, "certificates", Safety::Safe)
            .step(Shell::Powershell, ["Get-HotFix KB5036909", "fclip.exe"])
            .verify(["cscript //nologo %windir%\\system32\\slmgr.vbs /dlv"]),
    ];
    finding.references = vec![
        "https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/activation-watermark-appears",
    ];
    Verdict::Faults(vec![finding])
}

/// Words that show an Azure Edition.
fn azure_edition(case: &Case) -> Option<Citation> {
    let is_azure = |text: &str| {
        let text = text.to_lowercase();
        text.contains("azure edition")
            || text.contains("serverturbine")
            || text.contains("serverdatacenterazure")
            || text.contains("azure-edition")
    };
    let by_name = case
        .licenses()
        .find(|(_, l)| l.name.as_deref().is_some_and(is_azure))
        .map(|(item, _)| item.cite("name"));
    let by_system = || {
        case.machine_infos()
            .find(|(_, info)| {
                info.os_name.as_deref().is_some_and(is_azure) || info.edition.as_deref().is_some_and(is_azure)
            })
            .map(|(item, _)| item.cite("os_name"))
    };
    let by_image = || {
        case.metadata()
            .find(|(_, imds)| imds.sku.as_deref().is_some_and(is_azure))
            .map(|(item, _)| item.cite("sku"))
    };
    let by_vm = || {
        case.resources()
            .find(|(_, r)| r.image.as_deref().is_some_and(is_azure))
            .map(|(item, _)| item.cite("image"))
    };
    let by_registry = || {
        case.registry_values()
            .find(|(_, v)| {
                v.data.as_deref().is_some_and(|data| is_azure(data) && data.to_lowercase().contains("server"))
            })
            .map(|(item, _)| item.cite("data"))
    };
    by_name.or_else(by_system).or_else(by_image).or_else(by_vm).or_else(by_registry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{case, explains_cause, only, product_dlv};

    const CALL: &str = "PS C:\\> Invoke-RestMethod -Headers @{Metadata=\"true\"} -Method GET -Uri \"http://169.254.169.254/metadata/attested/document?api-version=2020-09-01\"\nInvoke-RestMethod : Unable to connect to the remote server\nAt line:1 char:1\n    + CategoryInfo          : InvalidOperation: (System.Net.HttpWebRequest:HttpWebRequest) [Invoke-RestMethod], WebException\n    + FullyQualifiedErrorId : WebCmdletWebResponseException,Microsoft.PowerShell.Commands.InvokeRestMethodCommand\n";

    fn server(name: &str) -> String {
        product_dlv(name, "VOLUME_KMSCLIENT", "Volume:GVLK", "KHMXV", "Licensed", "")
    }

    #[test]
    fn a_failing_call_on_an_azure_edition_is_certain() {
        let azure = server("Windows(R), ServerTurbine edition");
        let finding = only(check(&case(&[("az-1/dlv.txt", &azure), ("az-1/imds.txt", CALL)])));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Certain, Some("unreachable")));
        assert!(explains_cause(&finding, Cause::GraceOrNotificationOnly));
    }

    #[test]
    fn other_editions_do_not_need_metadata() {
        let plain = server("Windows(R), ServerDatacenter edition");
        let finding = only(check(&case(&[("az-1/dlv.txt", &plain), ("az-1/imds.txt", CALL)])));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Possible, Some("other-edition")));
        assert_eq!(finding.severity, Severity::Warning);
    }

    #[test]
    fn metadata_that_answers_is_clear_and_none_is_not_its_matter() {
        let answer = r#"{"compute": {"azEnvironment": "AzurePublicCloud", "name": "az-1", "location": "westeurope", "offer": "WindowsServer",
            "osType": "Windows", "sku": "2022-datacenter-azure-edition", "vmId": "02aab8a4-74ef-476e-8182-f6d2ba4166a6"},
            "network": {"interface": []}}"#;
        assert_eq!(check(&case(&[("imds.json", answer)])), Verdict::Clear);
        assert_eq!(check(&case(&[])), Verdict::NotApplicable);
    }
}
