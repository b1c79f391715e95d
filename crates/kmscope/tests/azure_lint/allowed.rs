//! Findings that the file itself allows.

use serde_json::{Value, json};

use super::{Folder, TUNNEL, run, table};

fn lint(path: &str, format: &str) -> (Option<i32>, Value, String) {
    let output = run(&[path, "--format", format]);
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.code(), serde_json::from_str(&text).unwrap_or_default(), text)
}

/// Line, level, cause and reason of each finding; `-` where it is not allowed.
fn rows(path: &str) -> (Option<i32>, Vec<String>) {
    let (code, document, text) = lint(path, "json");
    let rows = document["findings"].as_array().unwrap_or_else(|| panic!("{text}"));
    let row = |row: &Value| {
        let reason = row["suppressed"]["reason"].as_str().unwrap_or("-");
        format!(
            "{} {} {} {reason}",
            row["line"],
            row["level"].as_str().unwrap(),
            row["cause"].as_str().unwrap()
        )
    };
    (code, rows.iter().map(row).collect())
}

#[test]
fn a_comment_silences_its_kind_at_its_block() {
    let folder = Folder::new("allow");
    let tunnel = table(&[TUNNEL]);
    let on_route =
        tunnel.replace("  route {", "  # kmscope: allow forced-tunnel a proxy activates\n  route {");
    let cases = [
        (on_route.clone(), 0, vec!["5 error forced-tunnel a proxy activates"]),
        (
            on_route.replace("forced-tunnel", "k701").replace("# kms", "// kms"),
            0,
            vec!["5 error forced-tunnel a proxy activates"],
        ),
        (
            tunnel.replace("route { # 0", "route { # kmscope: allow K701 why not"),
            0,
            vec!["4 error forced-tunnel why not"],
        ),
        (
            format!("# kmscope: allow forced-tunnel all of it\n# and more\n{tunnel}"),
            0,
            vec!["6 error forced-tunnel all of it"],
        ),
        (
            on_route.replace(" a proxy activates", ""),
            0,
            vec!["4 warning allow-without-reason -", "5 error forced-tunnel "],
        ),
        (
            on_route.replace("forced-tunnel", "azure-nsg-deny"),
            1,
            vec!["4 warning allow-unused -", "5 error forced-tunnel -"],
        ),
        (
            format!("{tunnel}# kmscope: allow forced-tunnel below nothing\n"),
            1,
            vec!["4 error forced-tunnel -", "10 warning allow-unused -"],
        ),
    ];
    for (index, (text, code, expected)) in cases.into_iter().enumerate() {
        let file = folder.file(&format!("{index}/main.tf"), &text);
        let expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
        assert_eq!(rows(&file), (Some(code), expected), "{index}: {text}");
    }
    let file = folder.file("4/main.tf", &on_route.replace(" a proxy activates", ""));
    assert_eq!(run(&[&file, "--strict"]).status.code(), Some(1), "a comment without a reason is a warning");
}

#[test]
fn text_and_sarif_show_what_is_allowed() {
    let folder = Folder::new("allow-shown");
    let text = table(&[TUNNEL])
        .replace("  route {", "  # kmscope: allow forced-tunnel a proxy activates\n  route {");
    let file = folder.file("main.tf", &text);
    let (_, _, shown) = lint(&file, "text");
    assert!(shown.contains("main.tf:5: error K701 (forced-tunnel): rt: "), "{shown}");
    assert!(shown.contains("(allowed: a proxy activates)\n0 errors, 0 warnings, 1 allowed\n"), "{shown}");
    let (code, log, _) = lint(&file, "sarif");
    let result = &log["runs"][0]["results"][0];
    assert_eq!(code, Some(0));
    assert_eq!(result["suppressions"], json!([{"kind": "inSource", "justification": "a proxy activates"}]));
    let file = folder.file("b/main.tf", "# kmscope: allow forced-tunnel for nothing\nlocals {\n}\n");
    let (_, log, _) = lint(&file, "sarif");
    let run = &log["runs"][0];
    assert_eq!(
        (&run["results"][0]["ruleId"], &run["results"][0]["suppressions"]),
        (&json!("allow"), &json!([]))
    );
    assert!(
        run["tool"]["driver"]["rules"][0]["shortDescription"]["text"]
            .as_str()
            .is_some_and(|text| !text.is_empty())
    );
}

#[test]
fn templates_allow_by_their_metadata() {
    let folder = Folder::new("allow-json");
    let template = |allow: Value| {
        json!({
            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
            "contentVersion": "1.0.0.0",
            "resources": [{
                "type": "Microsoft.Network/routeTables", "apiVersion": "2024-05-01", "name": "rt",
                "metadata": {"kmscope": {"allow": allow}},
                "properties": {"routes": [
                    {"name": "d", "properties": {"addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualNetworkGateway"}}
                ]}
            }]
        })
        .to_string()
    };
    let file = folder.file("a.json", &template(json!({"forced-tunnel": "a proxy activates"})));
    assert_eq!(rows(&file), (Some(0), vec!["1 error forced-tunnel a proxy activates".to_owned()]));
    let file = folder.file("b.json", &template(json!({"azure-nsg-deny": "x"})));
    let (code, rows) = rows(&file);
    assert_eq!((code, rows.len()), (Some(1), 2), "{rows:?}");
    assert!(rows.contains(&"1 warning allow-unused -".to_owned()), "{rows:?}");
}
