//! Runs scenarios from the command line: `cargo run -p scenarios -- PATH...`.
//!
//! A path is a scenario file, a folder with `expected.json` and `evidence/`, or a folder of such.
//! With `--report`, prints the whole report of each scenario that is not as expected.

use std::path::Path;
use std::process::ExitCode;

use scenarios::{Grade, Summary, check, load_all, run, table};

fn main() -> ExitCode {
    let (options, paths): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    if paths.is_empty() || options.iter().any(|option| option != "--report") {
        eprintln!("usage: scenarios [--report] PATH...");
        return ExitCode::from(2);
    }
    let mut outcomes = Vec::new();
    for path in &paths {
        let scenarios = match load_all(Path::new(path)) {
            Ok(scenarios) => scenarios,
            Err(error) => {
                eprintln!("scenarios: {error}");
                return ExitCode::from(2);
            }
        };
        for scenario in scenarios {
            let answer = run(&scenario);
            let outcome = check(&scenario.expectation, &answer);
            if outcome.grade == Grade::Wrong && !options.is_empty() {
                println!("== {}\n{}", scenario.name, answer.report);
            }
            outcomes.push((scenario.name, outcome));
        }
    }
    print!("{}", table(&outcomes));
    let wrong = Summary::of(outcomes.iter().map(|(_, outcome)| outcome)).wrong;
    ExitCode::from(u8::from(wrong > 0))
}
