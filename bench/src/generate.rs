//! Mixed logs: what an Application and Security log holds, with a given share of KMS events.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};

use crate::evtx_writer::{Record, Style, file_header, write_chunks};

/// Bytes that a record of this mix takes on average, for the number of records.
const AVERAGE_RECORD_BYTES: u64 = 898;

/// Writes a log of about that size.
pub fn run(log: &str, megabytes: &str, per_million: &str) -> Result<(), Box<dyn Error>> {
    let (megabytes, per_million): (u64, u64) = (megabytes.parse()?, per_million.parse()?);
    let count = megabytes * 1_000_000 / AVERAGE_RECORD_BYTES;
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut kms = 0;
    let records = (0..count).map(|n| {
        if random.below(1_000_000) < per_million {
            kms += 1;
            kms_record(&mut random, n)
        } else {
            foreign_record(&mut random, n)
        }
    });
    let mut file = BufWriter::with_capacity(1 << 20, File::create(log)?);
    let chunks = write_chunks(records, &mut file)?;
    file.flush()?;
    let mut file = file.into_inner()?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&file_header(chunks, count))?;
    eprintln!("{log}: {} MB, {count} records, {kms} KMS events", file.metadata()?.len() / 1_000_000);
    Ok(())
}

/// Xorshift: the same log every time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

fn record(
    style: Style,
    provider: &str,
    event_id: u16,
    channel: &str,
    n: u64,
    data: Vec<(&str, String)>,
) -> Record {
    Record {
        style,
        provider: provider.to_owned(),
        event_id,
        level: 4,
        channel: channel.to_owned(),
        computer: "kms01.contoso.com".to_owned(),
        time: 133_540_032_000_000_000 + n * 7_000_003,
        data: data.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    }
}

fn guid(random: &mut Random) -> String {
    let (high, low) = (random.next(), random.next());
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xFFFF,
        high & 0xFFFF,
        low >> 48,
        low & 0xFFFF_FFFF_FFFF
    )
}

/// The licensing service writes as a classic source: one list in one string.
fn kms_record(random: &mut Random, n: u64) -> Record {
    const PROVIDER: &str = "Microsoft-Windows-Security-SPP";
    let (hour, minute) = (random.below(24), random.below(60));
    let product = "2de67392-b7a7-462a-b1ca-108dd189f588";
    let (id, log, list) = match random.below(4) {
        0 => (
            12288,
            "Application",
            format!(
                "0x00000000, 0x00000000, kms01.contoso.com:1688, {}, 2024/03/04 {hour:02}:{minute:02}, 0, 2, {}, {product}, 25",
                guid(random),
                random.below(43200)
            ),
        ),
        1 => (
            12289,
            "Application",
            format!(
                "0x00000000, 0x04000000, 0, 0, {}, 120, 10080, 2024/03/04 {hour:02}:{minute:02}",
                random.below(25)
            ),
        ),
        _ => (
            12290,
            "Key Management Service",
            format!(
                "0x0,25,client{:05}.contoso.com,{},2024/3/4 {hour}:{minute:02},0,2,{},{product}",
                random.below(50_000),
                guid(random),
                random.below(43200)
            ),
        ),
    };
    record(Style::Classic, PROVIDER, id, log, n, vec![("", list)])
}

fn foreign_record(random: &mut Random, n: u64) -> Record {
    let user = format!("CONTOSO\\user{:04}", random.below(2000));
    match random.below(10) {
        0..=2 => {
            const NAMES: [&str; 20] = [
                "SubjectUserSid",
                "SubjectUserName",
                "SubjectDomainName",
                "SubjectLogonId",
                "TargetUserSid",
                "TargetUserName",
                "TargetDomainName",
                "TargetLogonId",
                "LogonType",
                "LogonProcessName",
                "AuthenticationPackageName",
                "WorkstationName",
                "LogonGuid",
                "TransmittedServices",
                "LmPackageName",
                "KeyLength",
                "ProcessId",
                "ProcessName",
                "IpAddress",
                "IpPort",
            ];
            let data =
                NAMES.iter().map(|name| (*name, format!("{}-{}", &user, random.below(100_000)))).collect();
            record(Style::Manifest, "Microsoft-Windows-Security-Auditing", 4624, "Security", n, data)
        }
        3 | 4 => {
            let data = vec![("param1", user), ("param2", "running".to_owned()), ("Binary", guid(random))];
            record(Style::Manifest, "Service Control Manager", 7036, "System", n, data)
        }
        5 => {
            // The same id as a KMS event, from another source.
            let data = vec![
                ("", "CoCreateInstance".to_owned()),
                ("", "0x80070005, Access is denied.\r\n".to_owned()),
            ];
            record(Style::Classic, "VSS", 12289, "Application", n, data)
        }
        6 => {
            let data = vec![
                ("", "Contoso Agent".to_owned()),
                ("", guid(random)),
                ("", user),
                ("", "(NULL)".to_owned()),
            ];
            record(Style::Classic, "MsiInstaller", 1003, "Application", n, data)
        }
        7 => {
            let text =
                format!("svchost ({}) {user}: the database engine attached a database.", random.below(9999));
            record(Style::Classic, "ESENT", 326, "Application", n, vec![("", text)])
        }
        8 => {
            let data = (0..12)
                .map(|k| ("", format!("C:\\ProgramData\\Microsoft\\Windows\\WER\\{k}\\{}", guid(random))))
                .collect();
            record(Style::Classic, "Windows Error Reporting", 1001, "Application", n, data)
        }
        _ => {
            let data = vec![("Profile", user), ("Reason", random.below(99).to_string())];
            record(Style::Manifest, "Microsoft-Windows-User Profiles Service", 1531, "Application", n, data)
        }
    }
}
