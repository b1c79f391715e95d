//! What other rules say of our own hosts and clients, in commands that fit them.
//!
//! A rule that knows KMS fits both kinds; its commands are those of Windows. Here they become those of kmscope, and
//! what makes no sense for our own is left out.

use crate::case::Case;
use crate::finding::{Finding, Missing};
use crate::remedy::{Remedy, Shell, Step};
use crate::survey::own;

/// Remedies that only Windows and Office know.
const NOT_OURS: [(&str, &str); 5] = [
    ("K404", "other-method"),
    ("K405", "generalize-image"),
    ("K406", "retire-host"),
    ("K501", "find-setter"),
    ("K801", "domain-hierarchy"),
];

/// What only a Windows machine has.
const WINDOWS_ONLY: [&str; 9] = [
    "sppsvc",
    "HKLM",
    "wevtutil",
    "gpresult",
    "sysprep",
    "shutdown ",
    "ospp.vbs",
    "Get-HotFix",
    "Get-ComputerInfo",
];

/// Options of slmgr that are the host's.
const HOST_OPTIONS: [&str; 6] = ["/sdns", "/cdns", "/sprt", "/spri", "/cpri", "/sai"];

/// Puts the findings about our own into commands that fit them.
pub fn translate(case: &Case, findings: &mut [Finding]) {
    if !own::any_own(case) {
        return;
    }
    for finding in findings.iter_mut().filter(|finding| !finding.rule.starts_with("K9")) {
        if is_about_own(case, finding) {
            translate_finding(finding);
        }
    }
}

/// The same for what is asked for.
pub fn translate_missing(case: &Case, missing: &mut Missing) {
    if !own::only_own(case) {
        return;
    }
    let commands: Vec<String> = missing.collect.iter().filter_map(|command| collected(command)).collect();
    if !commands.is_empty() {
        missing.collect = commands;
    }
}

/// All that it is about is of our own: the case, or the machines that it names.
fn is_about_own(case: &Case, finding: &Finding) -> bool {
    if own::only_own(case) {
        return true;
    }
    let (machines, _) = own::kinds(case);
    let is_own = |name: &String| {
        machines.iter().any(|(id, kinds)| {
            kinds.only_own() && case.machines.get(*id).is_some_and(|machine| machine.is_called(name))
        })
    };
    !finding.machines.is_empty() && finding.machines.iter().all(is_own)
}

fn translate_finding(finding: &mut Finding) {
    let before = std::mem::take(&mut finding.remedies);
    for mut remedy in before {
        let is_ours = |(rule, name): &(&str, &str)| {
            *rule == finding.rule && remedy.title.key.ends_with(&format!("-remedy-{name}"))
        };
        if NOT_OURS.iter().any(is_ours) {
            continue;
        }
        translate_remedy(&mut remedy);
        if !remedy.steps.is_empty() {
            finding.remedies.push(remedy);
        }
    }
}

fn translate_remedy(remedy: &mut Remedy) {
    for step in &mut remedy.steps {
        translate_step(step);
    }
    remedy.steps.retain(|step| !step.commands.is_empty());
    // Command prompt and PowerShell come to the same.
    let mut seen: Vec<Step> = Vec::new();
    remedy.steps.retain(|step| {
        let new = !seen.contains(step);
        seen.push(step.clone());
        new
    });
    for commands in [&mut remedy.undo, &mut remedy.verify] {
        *commands = commands.iter().filter_map(|command| translated(command)).collect();
    }
}

fn translate_step(step: &mut Step) {
    if step.shell == Shell::Text {
        return;
    }
    step.commands = step.commands.iter().filter_map(|command| translated(command)).collect();
    if step.commands.iter().all(|command| command.starts_with("kmscope ")) {
        step.shell = Shell::Sh;
    }
}

/// A command in the words of our own; nothing where it has no counterpart.
fn translated(command: &str) -> Option<String> {
    if let Some((_, arguments)) = command.split_once("slmgr.vbs ") {
        let arguments = arguments.split(" |").next().unwrap_or_default().trim();
        let of_host = HOST_OPTIONS.iter().any(|option| arguments.starts_with(option));
        let folder = if of_host { "<host-folder>" } else { "<client-folder>" };
        return Some(format!("kmscope slmgr --data {folder} {arguments}"));
    }
    if command.starts_with("kmscope diagnose kms-host.evtx") {
        return Some("kmscope host events --data <host-folder> | kmscope diagnose -".to_owned());
    }
    if let Some((host, port)) =
        command.strip_prefix("Test-NetConnection ").and_then(|rest| rest.split_once(" -Port "))
    {
        return Some(format!("kmscope probe {host}:{port}"));
    }
    (!WINDOWS_ONLY.iter().any(|word| command.contains(word))).then(|| command.to_owned())
}

/// A command that collects evidence, in the words of our own.
fn collected(command: &str) -> Option<String> {
    let of_host = command.contains("(on the KMS host)");
    let of = |text: &str| Some(text.to_owned());
    match command {
        _ if of_host && command.contains("slmgr.vbs") => {
            of("kmscope host status --data <host-folder> --format json")
        }
        _ if command.contains("slmgr.vbs") => {
            of("kmscope client status --data <client-folder> --format json")
        }
        _ if command.contains("Key Management Service") || command.contains("12293") => {
            of("kmscope host events --data <host-folder>")
        }
        _ if command.contains("12288") => of("cat <client-folder>/events.log"),
        _ if command.starts_with("Test-NetConnection") => of("kmscope probe <host>"),
        _ if command.starts_with("w32tm") => of("date -u   (on the client and on the host)"),
        _ if of_host => None,
        _ => translated(command),
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnose;
    use crate::testing::{
        NO_RECORD, ato, case, commands, explains_code, own_ato, own_client_dlv, own_host_status, own_sent,
    };

    #[test]
    fn what_is_said_of_our_own_names_no_command_of_windows() {
        let text = format!("{NO_RECORD}\n{}\n{}", own_client_dlv("Notification", ""), own_ato("0x8007232B"));
        let report = diagnose(&case(&[("cad-1.txt", &text)]));
        let root = &report.findings[0];
        assert!(explains_code(root, 0x8007_232B), "{root:?}");
        assert!(!root.remedies.is_empty());
        for command in commands(root) {
            assert!(!command.contains("slmgr.vbs") && !command.contains("sppsvc"), "{command}");
        }
        assert!(commands(root).iter().any(|c| c.starts_with("kmscope slmgr --data <client-folder> /skms ")));
        for (_, missing) in &report.unknown {
            assert!(missing.collect.iter().all(|c| !c.contains("slmgr.vbs")), "{missing:?}");
        }
    }

    #[test]
    fn a_windows_client_beside_them_keeps_its_own_words() {
        let request = own_sent("2025-06-03T07:20:00", "0x0", "lic-1");
        let report = diagnose(&case(&[
            ("PC-1.txt", &(NO_RECORD.to_owned() + "\n" + &ato("0x8007232B"))),
            ("cad-1.xml", &request),
            ("lic-1.json", &own_host_status(true, "ok", 3)),
        ]));
        let told: Vec<String> = report.findings.iter().flat_map(commands).collect();
        assert!(told.iter().any(|command| command.contains("slmgr.vbs")), "{told:?}");
    }
}
