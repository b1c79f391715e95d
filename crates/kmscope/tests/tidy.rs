//! The house's own rules, checked on the sources.

use std::fs;
use std::path::{Path, PathBuf};

/// Longest file; what is longer must be named here with its reason.
const LINES_MAX: usize = 500;
const LONG_FOR_A_REASON: &[(&str, &str)] = &[];

/// Rooms without clock, socket, disk, process or randomness.
const PURE_ROOMS: &[&str] =
    &["model", "facts", "rpc", "dns", "readers", "azure", "diagnosis", "messages", "report", "activation"];

/// What pure rooms do not touch.
const FORBIDDEN: &[&str] = &[
    "std::fs",
    "std::net::Tcp",
    "std::net::Udp",
    "ToSocketAddrs",
    "std::process",
    "std::env::",
    "std::time::SystemTime",
    "std::time::Instant",
    "SystemTime::now",
    "Instant::now",
    "Zoned::now",
    "Timestamp::now",
    "File::open",
    "TcpStream",
    "UdpSocket",
    "println!",
    "eprintln!",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every Rust file of the crates: path from the root with `/`, and text.
fn sources() -> Vec<(String, String)> {
    let mut sources = Vec::new();
    collect(&root().join("crates"), "crates", &mut sources);
    assert!(sources.len() > 50, "the sources moved");
    sources
}

fn collect(folder: &Path, name: &str, sources: &mut Vec<(String, String)>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = format!("{name}/{}", path.file_name().unwrap().to_string_lossy());
        if path.is_dir() {
            collect(&path, &name, sources);
        } else if name.ends_with(".rs") {
            sources.push((name, fs::read_to_string(path).unwrap()));
        }
    }
}

fn none(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    none(sources().into_iter().filter(|(_, text)| !text.starts_with("//! ")).map(|(name, _)| name).collect());
}

#[test]
fn no_file_is_too_long() {
    let reason = |name: &str| LONG_FOR_A_REASON.iter().any(|(known, _)| *known == name);
    let long = |(name, text): &(String, String)| text.lines().count() > LINES_MAX && !reason(name);
    none(
        sources()
            .iter()
            .filter(|file| long(file))
            .map(|(name, text)| format!("{name}: {}", text.lines().count()))
            .collect(),
    );
}

#[test]
fn nothing_is_left_for_later() {
    let marks = [
        concat!("to", "do!("),
        concat!("db", "g!("),
        concat!("unimplem", "ented!("),
        concat!("#[ig", "nore"),
    ];
    let mut wrong = Vec::new();
    for (name, text) in sources() {
        wrong.extend(marks.iter().filter(|mark| text.contains(**mark)).map(|mark| format!("{name}: {mark}")));
    }
    none(wrong);
}

#[test]
fn pure_rooms_touch_no_clock_socket_or_disk() {
    let mut wrong = Vec::new();
    for (name, text) in sources() {
        let mut parts = name.split('/').skip(1);
        let (room, within) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        if !PURE_ROOMS.contains(&room)
            || within != "src"
            || name.ends_with("tests.rs")
            || name.contains("/tests/")
        {
            continue;
        }
        // Tests at the end of a file may read files.
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in
            code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"))
        {
            let found = FORBIDDEN.iter().filter(|word| line.contains(**word));
            wrong.extend(found.map(|word| format!("{name}:{}: {word}", number + 1)));
        }
    }
    none(wrong);
}

#[test]
fn rooms_depend_downwards_only() {
    const ORDER: [&str; 15] = [
        "model",
        "facts",
        "rpc",
        "dns",
        "readers",
        "azure",
        "diagnosis",
        "messages",
        "report",
        "activation",
        "application",
        "cluster",
        "probe",
        "kmscope",
        "scenarios",
    ];
    let mut wrong = Vec::new();
    for (height, room) in ORDER.iter().enumerate() {
        let path = root().join("crates").join(room).join("Cargo.toml");
        let Ok(manifest) = fs::read_to_string(path) else { continue };
        let tables = manifest.split("\n[").filter(|table| table.starts_with("dependencies]"));
        for line in tables.flat_map(str::lines) {
            let name = line.split([' ', '.', '=']).next().unwrap_or_default();
            if ORDER.iter().position(|other| *other == name).is_some_and(|other| other >= height) {
                wrong.push(format!("{room} depends on {name}"));
            }
        }
    }
    none(wrong);
}

/// What the services log, and what the reader of their logs knows, are two lists in two rooms.
#[test]
fn the_reader_knows_every_happening_of_the_services() {
    let reader = sources().into_iter().find(|(name, _)| name == "crates/readers/src/own/log.rs").unwrap().1;
    let mut wrong = Vec::new();
    for (name, text) in sources() {
        if !name.starts_with("crates/service/src") && name != "crates/kmscope/src/command/host_run.rs" {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for call in code.split("Level::").skip(1) {
            // `Level::Info, "happening", ...`, on one line or on several.
            let mut words = call.split('"');
            let before = words.next().unwrap_or_default();
            let is_told = matches!(before.trim_end().trim_end_matches(','), "Info" | "Warning" | "Error")
                && before.contains(',');
            let happening = words.next().unwrap_or_default();
            if is_told && !reader.contains(&format!("\"{happening}\"")) {
                wrong.push(format!("{name}: {happening}"));
            }
        }
    }
    none(wrong);
}
