//! What every test here stands on: a folder with a publisher, a licence and setup keys, and services that end with
//! the test.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use activation::credentials::SetupKey;
use serde_json::Value;
use tempfile::TempDir;

/// How long anything here may take at most.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Between two looks at something that is waited for.
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

/// Products with their N-policies, each an application of its own. The licence covers all but the last.
const PRODUCTS: [(&str, &str); 4] = [("Solo", "1"), ("Pair", "2"), ("Team", "25"), ("Stranger", "1")];

/// Looks until there is something, and fails when there is nothing in time.
#[track_caller]
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + DEADLINE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "{what}: nothing in time");
        std::thread::park_timeout(BETWEEN_LOOKS);
    }
}

/// A command of the program, in a folder.
pub fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kmscope"));
    command.args(["--lang", "en"]).current_dir(folder).stdin(Stdio::null());
    command.env("KMSCOPE_PASSPHRASE", "of these tests").env("LC_ALL", "C").env_remove("LANGUAGE");
    command
}

/// Exit code, standard output and standard error.
#[derive(Debug)]
pub struct Told {
    pub code: i32,
    pub out: String,
    pub complaint: String,
}

impl Told {
    fn of(output: Output) -> Told {
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!complaint.contains("panicked"), "{complaint}");
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        Told { code: output.status.code().unwrap_or(-1), out, complaint }
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// What the publisher made; once for all tests, as each use of the root key is slow on purpose.
struct Published {
    files: BTreeMap<PathBuf, Vec<u8>>,
    setup_keys: BTreeMap<&'static str, String>,
}

fn published() -> &'static Published {
    static PUBLISHED: OnceLock<Published> = OnceLock::new();
    PUBLISHED.get_or_init(|| {
        let stage = Stage::empty();
        stage.done(&["publisher", "init", "--dir", "pub", "--name", "Contoso"]);
        for (name, n_policy) in PRODUCTS {
            let product = ["product", "--dir", "pub", "--name", name, "--application", name];
            stage.done(&[&["publisher"], &product[..], &["--n-policy", n_policy]].concat());
        }
        let issue = ["publisher", "issue-host", "--dir", "pub", "--products", "Solo,Pair,Team"];
        stage.done(&[&issue[..], &["--out", "host.toml"]].concat());
        let key = |name| {
            let told = stage.done(&["publisher", "setup-key", "--dir", "pub", "--product", name]);
            (name, told.trim().to_owned())
        };
        let setup_keys = PRODUCTS.iter().map(|(name, _)| key(*name)).collect();
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(stage.path("pub")).expect("the publisher's folder") {
            let path = entry.expect("a file").path();
            files.insert(
                Path::new("pub").join(path.file_name().expect("a name")),
                fs::read(path).expect("a file"),
            );
        }
        files.insert("host.toml".into(), fs::read(stage.path("host.toml")).expect("the licence"));
        Published { files, setup_keys }
    })
}

/// The setup key of a product.
pub fn setup_key(product: &str) -> SetupKey {
    published().setup_keys[product].parse().expect("a setup key")
}

/// A folder of one test.
pub struct Stage {
    folder: TempDir,
}

impl Stage {
    /// With nothing in it.
    pub fn empty() -> Stage {
        Stage { folder: tempfile::Builder::new().prefix("kmscope-system-").tempdir().expect("a folder") }
    }

    /// With a publisher in `pub` and a licence in `host.toml`.
    pub fn new() -> Stage {
        let stage = Stage::empty();
        fs::create_dir(stage.path("pub")).expect("a folder");
        for (name, content) in &published().files {
            fs::write(stage.folder.path().join(name), content).expect("a file");
        }
        stage
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("a file");
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(self.folder.path());
        command.args(arguments);
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Told {
        Told::of(self.command(arguments).output().expect("kmscope can be run"))
    }

    /// The same where all must go well; what it prints.
    #[track_caller]
    pub fn done(&self, arguments: &[&str]) -> String {
        let told = self.run(arguments);
        assert_eq!((told.code, told.complaint.as_str()), (0, ""), "{arguments:?}");
        told.out
    }

    /// One JSON document of a command, whatever its exit code.
    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Value {
        self.run(&[arguments, &["--format", "json"]].concat()).json()
    }

    /// An option of slmgr at the service of a folder.
    pub fn slmgr(&self, data: &str, words: &[&str]) -> Told {
        self.run(&[&["slmgr", "--data", data], words].concat())
    }

    /// The facts that `read` finds in a text, which must leave nothing unread.
    #[track_caller]
    pub fn facts(&self, text: &str) -> Vec<Value> {
        let (facts, notes) = self.facts_and_notes(text);
        assert!(notes.is_empty(), "{notes:#?}: {text}");
        facts
    }

    /// The facts that `read` finds in a text, and what it could not read.
    #[track_caller]
    pub fn facts_and_notes(&self, text: &str) -> (Vec<Value>, Vec<Value>) {
        let file = tempfile::Builder::new().suffix(".txt").tempfile_in(self.folder.path()).expect("a file");
        fs::write(file.path(), text).expect("a file");
        let told = self.json(&["read", &file.path().to_string_lossy()]);
        let list = |name: &str| told["files"][0][name].as_array().cloned().unwrap_or_default();
        (list("facts"), list("notes"))
    }

    /// The facts of a file that a service writes, once there are some.
    pub fn facts_of(&self, name: &str) -> Option<Vec<Value>> {
        Some(self.facts(&self.read(name))).filter(|facts| !facts.is_empty())
    }

    /// A host in the folder `host`, on a port of loopback unless told otherwise.
    #[track_caller]
    pub fn host(&self, more: &[&str]) -> Service {
        Service::start(self.host_command(more), self, "host", lines(more))
            .unwrap_or_else(|problem| panic!("the host does not start: {problem}"))
    }

    /// The command of such a host.
    pub fn host_command(&self, more: &[&str]) -> Command {
        let base = ["host", "run", "--data", "host", "--licence", "host.toml", "--log", "json"];
        let listen: &[&str] = match more.iter().any(|word| matches!(*word, "--listen" | "--no-listen")) {
            true => &[],
            false => &["--listen", "127.0.0.1:0"],
        };
        let more: Vec<&str> = more.iter().copied().filter(|word| *word != "--no-listen").collect();
        self.command(&[&base, listen, &more].concat())
    }

    /// A client in a folder.
    #[track_caller]
    pub fn client(&self, name: &str, product: &str, more: &[&str]) -> Service {
        Service::start(self.client_command(name, product, more), self, name, 1)
            .unwrap_or_else(|problem| panic!("the client does not start: {problem}"))
    }

    /// The command of such a client.
    pub fn client_command(&self, name: &str, product: &str, more: &[&str]) -> Command {
        let key = &published().setup_keys[product];
        let base = ["client", "run", "--data", name, "--setup-key", key, "--log", "json"];
        self.command(&[&base, more].concat())
    }

    /// A client's status once its first attempt is over.
    #[track_caller]
    pub fn tried(&self, name: &str) -> Value {
        until("a first attempt", || {
            Some(self.json(&["client", "status", "--data", name]))
                .filter(|told| !told["last_attempt"].is_null())
        })
    }
}

/// How many lines a host prints when it has started.
fn lines(more: &[&str]) -> usize {
    let count = |option: &str| more.iter().filter(|word| **word == option).count();
    count("--listen").max(1) + count("--metrics")
}

/// A running service; it is killed when this goes.
pub struct Service {
    process: Child,
    /// What it printed at its start.
    pub lines: Vec<String>,
    log: PathBuf,
    _out: BufReader<ChildStdout>,
}

impl Service {
    /// Starts a service and waits for its first lines. What it complained of when it ends instead.
    pub fn start(mut command: Command, stage: &Stage, name: &str, lines: usize) -> Result<Service, String> {
        let log = stage.path(&format!("{name}.log"));
        let file = File::options().create(true).append(true).open(&log).expect("a log");
        let mut process = command.stdout(Stdio::piped()).stderr(file).spawn().expect("it can be run");
        let mut out = BufReader::new(process.stdout.take().expect("its output"));
        let mut told = Vec::new();
        for _ in 0..lines {
            let mut line = String::new();
            if out.read_line(&mut line).expect("text") == 0 {
                let status = process.wait().expect("its end");
                return Err(format!("{status}: {}", fs::read_to_string(&log).unwrap_or_default()));
            }
            told.push(line.trim_end().to_owned());
        }
        Ok(Service { process, lines: told, log, _out: out })
    }

    /// Where it listens first.
    pub fn address(&self) -> SocketAddr {
        self.addresses()[0]
    }

    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.lines.iter().filter_map(|line| line.parse().ok()).collect()
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Its log so far, from the first service of the folder on.
    pub fn log(&self) -> Vec<Value> {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        // The last line may be half written.
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Lines of one kind.
    pub fn told(&self, event: &str) -> Vec<Value> {
        self.log().into_iter().filter(|line| line["event"] == event).collect()
    }

    /// The last of so many lines of one kind, once they are there.
    #[track_caller]
    pub fn wait_for(&self, event: &str, count: usize) -> Value {
        until(event, || self.told(event).get(count - 1).cloned())
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.process);
        rustix::process::kill_process(pid, signal).expect("the process is there");
    }

    /// Asks it to end, and gives its exit code.
    pub fn stop(mut self) -> Option<i32> {
        self.signal(rustix::process::Signal::TERM);
        self.process.wait().expect("its end").code()
    }

    /// Kills it where it stands.
    pub fn kill(mut self) {
        self.process.kill().expect("it can be killed");
        self.process.wait().expect("its end");
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A port that is free at every address. None of those that the system gives to connections: with thousands of them
/// open at some address, hardly one of theirs is free at all.
pub fn port_of_all() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 10_000).expect("a small number");
    until("a free port", || {
        let port = 20_000 + (first + NEXT.fetch_add(1, Ordering::SeqCst)) % 10_000;
        let free = TcpListener::bind(("::", port)).is_ok() || TcpListener::bind(("0.0.0.0", port)).is_ok();
        free.then_some(port)
    })
}

/// Whether this test may do what only root may.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
