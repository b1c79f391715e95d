//! The program as scripts call it: exit codes, what goes to which stream, and what survives bad input.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const DLV: &str = "Name: Windows(R), Enterprise edition\nDescription: Windows(R) Operating System, VOLUME_KMSCLIENT \
                   channel\nPartial Product Key: 2YT43\nLicense Status: Licensed\n";

/// A folder of its own for one test, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kmscope"));
    command.args(arguments).env("LC_ALL", "C").env_remove("LANGUAGE").env_remove("NO_COLOR");
    command
}

fn run(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

fn shown(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn bad_usage_is_2_and_help_is_0() {
    assert_eq!(code(&run(&["diagnose"])), 2);
    assert_eq!(code(&run(&["no-such-command"])), 2);
    assert_eq!(code(&run(&["diagnose", "x", "--format", "klingon"])), 2);
    assert_eq!(code(&run(&["diagnose", "x", "--lang", "klingon"])), 2);
    assert_eq!(code(&run(&["diagnose", "x", "--format", "json-lines"])), 2);
    assert_eq!(code(&run(&["--help"])), 0);
    assert_eq!(code(&run(&["--version"])), 0);
    let output = run(&["read", "x", "--max-file-size", "many"]);
    assert_eq!((code(&output), output.stdout.len()), (2, 0));
}

#[test]
fn an_unreadable_path_is_named_and_the_rest_is_read() {
    let folder = Folder::new("unreadable");
    let there = folder.file("dlv.txt", DLV);
    let output = run(&["read", "no/such/file.txt", shown(&there), "--format", "json"]);
    assert_eq!(code(&output), 2);
    let complaint = text(&output.stderr);
    assert!(complaint.starts_with("kmscope: cannot read no/such/file.txt: "), "{complaint}");
    assert_eq!(complaint.lines().count(), 1);
    assert_eq!(json(&output)["files"][0]["path"], shown(&there));
    let output = run(&["diagnose", "no/such/file.txt", shown(&there), "--format", "json"]);
    assert_eq!(code(&output), 2);
    assert_eq!(json(&output)["schema"], 1);
}

#[test]
fn nothing_to_go_by_is_3() {
    let folder = Folder::new("undecided");
    let file = folder.file("words.txt", "strange words of no tool\n");
    let output = run(&["diagnose", shown(&file), "--format", "json"]);
    assert_eq!((code(&output), text(&output.stderr)), (3, String::new()));
    assert_eq!(
        (json(&output)["verdict"].as_str(), &json(&output)["root_cause"]),
        (Some("undecided"), &Value::Null)
    );
    assert!(json(&output)["notes"][0]["text"].as_str().is_some_and(|note| note.contains("strange words")));
}

#[test]
fn every_format_is_written_to_a_file_too() {
    let folder = Folder::new("formats");
    let file = folder.file("words.txt", "strange words of no tool\n");
    for format in ["text", "json", "html", "markdown"] {
        let printed = run(&["diagnose", shown(&file), "--format", format]);
        let out = folder.0.join(format);
        let written = run(&["diagnose", shown(&file), "--format", format, "--out", shown(&out)]);
        assert_eq!((code(&printed), code(&written), written.stdout.len()), (3, 3, 0));
        assert_eq!(text(&printed.stdout), fs::read_to_string(&out).unwrap(), "{format}");
    }
    let output = run(&["diagnose", shown(&file), "--out", "no/such/folder/report"]);
    assert_eq!(code(&output), 2);
    assert!(text(&output.stderr).starts_with("kmscope: cannot write no/such/folder/report"));
}

#[test]
fn standard_input_is_a_file_called_dash() {
    let mut child = command(&["read", "-", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let utf_16: Vec<u8> = DLV.encode_utf16().flat_map(u16::to_le_bytes).collect();
    child.stdin.take().unwrap().write_all(&utf_16).unwrap();
    let output = child.wait_with_output().unwrap();
    let file = &json(&output)["files"][0];
    assert_eq!(
        (code(&output), file["path"].as_str(), file["encoding"].as_str()),
        (0, Some("-"), Some("UTF-16LE"))
    );
    assert_eq!(file["facts"][0]["license_status"], "Licensed");
}

#[test]
fn folders_are_read_in_order_and_what_is_not_read_is_told() {
    let folder = Folder::new("folders");
    for name in ["b/dlv.txt", "a.txt", "b/a.txt", ".hidden/x.txt", ".DS_Store"] {
        folder.file(name, DLV);
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink(&folder.0, folder.0.join("b/loop")).unwrap();
    let output = run(&["read", shown(&folder.0), "--format", "json"]);
    assert_eq!(code(&output), 0);
    let files = json(&output)["files"].as_array().unwrap().clone();
    let relative = |file: &Value| {
        let path = file["path"].as_str().unwrap().replace('\\', "/");
        path[shown(&folder.0).len()..].to_owned()
    };
    let read: Vec<String> = files.iter().filter(|file| file["kind"] == "slmgr").map(relative).collect();
    assert_eq!(read, ["/a.txt", "/b/a.txt", "/b/dlv.txt"]);
    let told: Vec<String> = files.iter().filter(|file| file["kind"] != "slmgr").map(relative).collect();
    if cfg!(unix) {
        assert_eq!(told, ["", "/b/loop"]);
    }
}

#[test]
fn a_bundle_is_read_like_the_folder_it_was_made_of() {
    let folder = Folder::new("bundle");
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for name in ["pc7/dlv.txt", "pc1/dlv.txt"] {
        writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(DLV.as_bytes()).unwrap();
        folder.file(&format!("plain/{name}"), DLV);
    }
    let bundle = folder.file("case.zip", writer.finish().unwrap().into_inner());
    let facts = |path: &Path| -> Vec<(String, Value)> {
        let output = run(&["read", shown(path), "--format", "json"]);
        let prefix = shown(path).len();
        let files = json(&output)["files"].as_array().unwrap().clone();
        let row = |file: &Value| {
            let path = file["path"].as_str().unwrap()[prefix..].replace('\\', "/");
            (path.trim_start_matches(['!', '/']).to_owned(), file["facts"][0]["partial_product_key"].clone())
        };
        files.iter().map(row).collect()
    };
    assert_eq!(facts(&bundle), facts(&folder.0.join("plain")));
    assert_eq!(facts(&bundle).len(), 2);
}

#[test]
fn each_case_gets_a_report_of_its_own_in_order() {
    let folder = Folder::new("each");
    for n in 0..40 {
        folder.file(&format!("case-{n:02}/words.txt"), format!("strange words {n}\n"));
    }
    let lines = run(&["diagnose", "--each", shown(&folder.0), "--format", "json-lines", "--threads", "3"]);
    let cases: Vec<Value> =
        text(&lines.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((code(&lines), cases.len()), (3, 40));
    for (n, case) in cases.iter().enumerate() {
        assert!(case["case"].as_str().unwrap().ends_with(&format!("case-{n:02}")));
        assert_eq!(case["files_read"], 1);
    }
    let document = run(&["diagnose", "--each", shown(&folder.0), "--format", "json"]);
    assert_eq!(json(&document)["cases"].as_array().unwrap(), &cases);
    let table = text(&run(&["diagnose", "--each", shown(&folder.0)]).stdout);
    assert_eq!(table.lines().count(), 40);
    assert!(table.starts_with("case-00  undecided"), "{table}");
    assert_eq!(code(&run(&["diagnose", "--each", "no/such/folder"])), 2);
    assert_eq!(code(&run(&["diagnose", "--each", shown(&folder.0), "--format", "html"])), 2);
}

#[test]
fn explains_codes_and_says_when_nothing_is_known() {
    let output = run(&["explain", "0xC004F074"]);
    assert_eq!(code(&output), 0);
    assert!(text(&output.stdout).starts_with("0xC004F074  error code\n"));
    let output = run(&["explain", "12288", "--format", "json"]);
    assert_eq!(json(&output)["explanations"][0]["subject"], "event");
    let output = run(&["explain", "klingon"]);
    assert_eq!(code(&output), 2);
    assert!(text(&output.stderr).starts_with("kmscope: nothing is known under klingon"));
    let output = run(&["--lang", "ja", "explain", "srv-missing"]);
    assert!(text(&output.stdout).contains("原因"));
}

#[test]
fn finds_keys_by_words_and_by_their_end() {
    let output = run(&["keys", "2022", "datacenter"]);
    assert_eq!(code(&output), 0);
    assert!(text(&output.stdout).contains("WX4NM-KYWYW-QJJR4-XV3QB-6VM33"));
    let output = run(&["keys", "6vm33", "--format", "json"]);
    assert_eq!(json(&output)["matches"].as_array().map(Vec::len), Some(1));
    let output = run(&["keys", "klingon"]);
    assert_eq!((code(&output), output.stdout.len()), (2, 0));
}

#[test]
fn tables_of_facts_can_be_replaced() {
    let folder = Folder::new("facts");
    folder.file("error-codes.toml", "not a table\n");
    let output = run(&["keys", "--facts", shown(&folder.0)]);
    assert_eq!(code(&output), 2);
    assert!(text(&output.stderr).contains("error-codes.toml"), "{}", text(&output.stderr));
    assert_eq!(code(&run(&["keys", "--facts", "no/such/folder"])), 2);
}

#[test]
fn describes_itself() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = run(&["completions", shell]);
        assert_eq!(code(&output), 0);
        assert!(text(&output.stdout).contains("kmscope"), "{shell}");
    }
    assert!(text(&run(&["man"]).stdout).contains(".TH kmscope 1"));
    assert!(text(&run(&["man", "diagnose"]).stdout).contains(".TH kmscope-diagnose 1"));
    assert_eq!(code(&run(&["man", "klingon"])), 2);
    assert_eq!(json(&run(&["schema"]))["title"], "kmscope report");
}

#[test]
fn colours_come_only_when_asked_for() {
    let bold = |arguments: &[&str]| text(&run(arguments).stdout).contains('\u{1b}');
    assert!(!bold(&["explain", "12288"]));
    assert!(!bold(&["explain", "12288", "--color", "never"]));
    assert!(bold(&["explain", "12288", "--color", "always"]));
}
