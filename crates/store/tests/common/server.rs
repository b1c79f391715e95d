//! A PostgreSQL of a test program, in a folder that goes with it.
//!
//! A shell keeps it, and does as it is told line by line; when the program ends, however it ends, the lines end, and
//! the shell stops the server and takes the folder away. Where root tests, the server runs as `postgres` or `nobody`,
//! as it refuses to run as root.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// What the server's owner types, where a connection comes by TCP.
pub const PASSWORD: &str = "of-these-tests";

/// How long anything here may take at most.
const DEADLINE: Duration = Duration::from_secs(60);

/// What the shell does. The first argument is the folder of programs, the second the one of the data.
const KEEPER: &str = r#"
bin="$1"; folder="$2"; port="$3"; server=
cd "$folder" || exit 1
end() {
    [ -n "$server" ] && kill "-$1" "$server" 2>/dev/null && wait "$server"
    server=
}
while read -r word; do
    case "$word" in
    make) "$bin/initdb" -D data -U kms --auth-local=trust --auth-host=scram-sha-256 --pwfile=password \
            --no-sync -E UTF8 --locale=C >log 2>&1 ;;
    start) "$bin/postgres" -D data -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories="$folder" \
            -c max_connections=60 -c shared_buffers=16MB $(cat options 2>/dev/null) >>log 2>&1 </dev/null & server=$! ;;
    stop) end INT ;;
    kill) end KILL ;;
    esac
    echo "$word"
done
end QUIT
cd / && rm -rf "$folder"
"#;

/// A server with its keeper.
pub struct Server {
    folder: PathBuf,
    bin: PathBuf,
    pub port: u16,
    keeper: Mutex<(Child, BufReader<ChildStdout>)>,
}

/// Where PostgreSQL's programs are; Debian keeps them out of the path.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    // The newest first.
    found.sort();
    found.reverse();
    found.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let has = |bin: &Path, name: &str| bin.join(name).is_file();
    found.into_iter().find(|bin| ["initdb", "postgres", "psql"].iter().all(|name| has(bin, name)))
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

fn account() -> &'static str {
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    if accounts.lines().any(|line| line.starts_with("postgres:")) { "postgres" } else { "nobody" }
}

impl Server {
    /// A running server; nothing, and why, where PostgreSQL is not installed.
    pub fn start() -> Option<Server> {
        let Some(bin) = programs() else {
            println!("skipped: PostgreSQL is not installed (Debian: postgresql)");
            return None;
        };
        let folder = tempfile::Builder::new().prefix("kmscope-pg-").tempdir().expect("a folder").keep();
        fs::write(folder.join("password"), PASSWORD).expect("a file");
        let free = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port");
        let mut command = Command::new("sh");
        if is_root() {
            let owned = Command::new("chown").args(["-R", account()]).arg(&folder).status();
            assert!(owned.is_ok_and(|status| status.success()), "the folder's owner");
            command = Command::new("setpriv");
            command.args(["--reuid", account(), "--regid", "nogroup", "--clear-groups", "sh"]);
        }
        command.args(["-c", KEEPER, "keeper"]).arg(&bin).arg(&folder).arg(free.port().to_string());
        // Ctrl+C at the terminal is for the tests; what they leave is taken away then as well.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut keeper =
            command.env("LC_ALL", "C").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a shell");
        let told = BufReader::new(keeper.stdout.take().expect("its output"));
        let server = Server { folder, bin, port: free.port(), keeper: Mutex::new((keeper, told)) };
        server.order("make");
        server.run();
        Some(server)
    }

    /// Has the keeper do something, and waits until it is done.
    fn order(&self, word: &str) {
        let mut keeper = self.keeper.lock().expect("the keeper");
        let (process, told) = &mut *keeper;
        writeln!(process.stdin.as_mut().expect("its input"), "{word}").expect("the keeper is there");
        let mut line = String::new();
        told.read_line(&mut line).expect("text");
        assert_eq!(line.trim_end(), word, "{}", self.log());
    }

    /// Starts it, also again after it was killed, and waits until it takes commands.
    pub fn run(&self) {
        let end = Instant::now() + DEADLINE;
        loop {
            self.order("start");
            // The children of a server that was killed may still be there, and then a new one ends at once.
            let again = Instant::now() + Duration::from_secs(15);
            while Instant::now() < again {
                if self.try_sql("SELECT 1").is_ok() {
                    return;
                }
                std::thread::park_timeout(Duration::from_millis(20));
            }
            assert!(Instant::now() < end, "PostgreSQL does not start: {}", self.log());
            self.order("kill");
        }
    }

    /// Kills it where it stands; its children notice.
    pub fn kill(&self) {
        self.order("kill");
    }

    /// Ends it in order, whoever is connected.
    pub fn stop(&self) {
        self.order("stop");
    }

    /// Options for the next start.
    pub fn options(&self, options: &str) {
        fs::write(self.folder.join("options"), options).expect("a file");
    }

    /// A file of the server, which only its account may read.
    pub fn file(&self, name: &str, text: &[u8]) -> PathBuf {
        let path = self.folder.join(name);
        fs::write(&path, text).expect("a file");
        let private = Command::new("chmod").arg("600").arg(&path).status();
        assert!(private.is_ok_and(|status| status.success()));
        if is_root() {
            let owned = Command::new("chown").arg(account()).arg(&path).status();
            assert!(owned.is_ok_and(|status| status.success()));
        }
        path
    }

    /// The folder of its socket.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The URL of a journal, by the socket.
    pub fn journal(&self, name: &str) -> String {
        format!("postgres://kms@/postgres?host={}&port={}&journal={name}", self.folder.display(), self.port)
    }

    /// The URL of a journal, by TCP and with the password.
    pub fn journal_by_tcp(&self, name: &str) -> String {
        format!("postgres://kms:{PASSWORD}@127.0.0.1:{}/postgres?journal={name}", self.port)
    }

    /// What a statement gives, as `psql` prints it.
    #[track_caller]
    pub fn sql(&self, sql: &str) -> String {
        self.try_sql(sql).unwrap_or_else(|problem| panic!("{sql}: {problem}"))
    }

    pub fn try_sql(&self, sql: &str) -> Result<String, String> {
        let port = self.port.to_string();
        let output = Command::new(self.bin.join("psql"))
            .args([
                "-X",
                "-q",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-U",
                "kms",
                "-d",
                "postgres",
                "-p",
                &port,
            ])
            .arg("-h")
            .arg(&self.folder)
            .args(["-c", sql])
            .output()
            .map_err(|error| error.to_string())?;
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned()),
            false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}
