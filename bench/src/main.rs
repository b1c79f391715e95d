//! The RPC codec; the host's journal; routes; and event logs: writes mixed logs, reads them with kmscope's reader, and runs it side by side with `evtx_dump`.

mod activations;
mod bind;
mod compare;
mod generate;
mod routes;
mod rows;
mod store;

#[path = "../../crates/readers/tests/evtx_writer/mod.rs"]
mod evtx_writer;

use std::process::ExitCode;

const USAGE: &str = "usage:
  bench echo BIND ACKNOWLEDGEMENT REQUEST RESPONSE   a server that exchanges so many bytes
  bench load ADDRESS fresh|kept[:CONNECTIONS] SECONDS CLIENTS APPLICATION ACTIVATION [SIZES]   exchanges per second
  bench bind COUNT                               seconds for writing and reading the probe's bind once
  bench fill FOLDER ROWS                         a journal of so many rows
  bench commits FOLDER TIMES                     durable rows per second with a commit for each
  bench journal FOLDER ROWS                      durable rows per second, and what a journal of so many rows costs
  bench routes FOLDER                            lookups and judgements per second; a sample for a scan elsewhere
  bench generate LOG MEGABYTES KMS_PER_MILLION   write a mixed log
  bench rows LOG [THREADS]                       its KMS events as typed rows (JSON lines), read by kmscope
  bench keys LOG                                 record, id and fields of each KMS event, read by kmscope
  bench keys-of-dump                             the same from evtx_dump's JSON lines on standard input
  bench compare EVTX_DUMP RUNS LOG...            both sides alternating; medians and ratios as a Markdown table";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["echo", sizes @ ..] => activations::echo(sizes),
        ["fill", folder, rows] => store::fill(folder, rows),
        ["commits", folder, times] => store::commits(folder, times),
        ["load", words @ ..] => activations::load(words),
        ["bind", count] => bind::run(count),
        ["journal", folder, rows] => store::run(folder, rows),
        ["routes", folder] => routes::run(folder),
        ["generate", log, megabytes, per_million] => generate::run(log, megabytes, per_million),
        ["rows", log] => rows::print(log, 1),
        ["rows", log, threads] => rows::print(log, threads.parse().unwrap_or(1)),
        ["keys", log] => rows::keys(log),
        ["keys-of-dump"] => rows::keys_of_dump(),
        ["compare", evtx_dump, runs, logs @ ..] => compare::run(evtx_dump, runs, logs),
        _ => Err(USAGE.into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}
