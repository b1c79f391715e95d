//! `kmscope publisher issue-host`, `renew-host`, `replace-host` and `hosts`.
//!
//! The catalogue is written before a licence leaves the house, so that none exists that it does not know.

use std::io::{self, Write};
use std::path::Path;

use activation::Moment;
use activation::credentials::{Catalogue, HostKey, HostLicence, IssuedHost, Order, PublicKey, RootKey};
use activation::moment::DAY;
use anyhow::{Context, bail};
use messages::Argument;
use report::visible::one_line;
use serde_json::json;
use zeroize::Zeroizing;

use super::folder::{Folder, cannot_read, cannot_write, chance, now, prepare, prepare_new, read_text};
use super::passphrase::Passphrases;
use super::words::{host_json, host_line, print_json};
use crate::Status;
use crate::arguments::ReadFormat;
use crate::arguments::publisher::{EndOptions, IssueHost, Products, RenewHost, ReplaceHost};
use crate::console::Console;
use service::files::Readers;

/// Days of a licence, unless its end is told.
const DAYS: u32 = 365;

pub(super) fn issue(options: &IssueHost, console: &Console) -> anyhow::Result<Status> {
    let folder = Folder::open(&options.folder.dir, console)?;
    let mut catalogue = folder.catalogue()?;
    let (now, key) = (now(), Key::of(options.host_key.as_deref(), console)?);
    let order = Order {
        licence: options.licence.clone().unwrap_or_else(|| catalogue.publisher.clone()),
        products: options.products.iter().map(|name| name.trim().to_owned()).collect(),
        host_limit: options.hosts,
        host_key: key.public,
        not_after: end(&options.end, now)?,
    };
    let host = catalogue.issue(order, now)?.clone();
    let root =
        folder.root_key(&mut Passphrases::new(options.passphrase.passphrase_file.as_deref(), console))?;
    let leaving = Leaving { host, key: key.private, out: options.out.as_deref(), replaces: false };
    leaving.send(&folder, &catalogue, &root, now, options.folder.format, console)
}

pub(super) fn renew(options: &RenewHost, console: &Console) -> anyhow::Result<Status> {
    let folder = Folder::open(&options.folder.dir, console)?;
    let mut catalogue = folder.catalogue()?;
    let now = now();
    let host = catalogue.renew(options.serial, end(&options.end, now)?, now)?.clone();
    let key = match &options.from {
        Some(path) => private_key(path, &host, console)?,
        None => None,
    };
    if let Some(out) = &options.out {
        keep_private_key(out, key.as_ref(), console)?;
    }
    let root =
        folder.root_key(&mut Passphrases::new(options.passphrase.passphrase_file.as_deref(), console))?;
    let leaving = Leaving { host, key, out: options.out.as_deref(), replaces: true };
    leaving.send(&folder, &catalogue, &root, now, options.folder.format, console)
}

pub(super) fn replace(options: &ReplaceHost, console: &Console) -> anyhow::Result<Status> {
    let folder = Folder::open(&options.folder.dir, console)?;
    let mut catalogue = folder.catalogue()?;
    let (now, key) = (now(), Key::of(options.host_key.as_deref(), console)?);
    let host = catalogue.replace(options.serial, key.public, now)?.clone();
    let root =
        folder.root_key(&mut Passphrases::new(options.passphrase.passphrase_file.as_deref(), console))?;
    let leaving = Leaving { host, key: key.private, out: options.out.as_deref(), replaces: false };
    leaving.send(&folder, &catalogue, &root, now, options.folder.format, console)
}

pub(super) fn list(options: &Products, console: &Console) -> anyhow::Result<Status> {
    let catalogue = Folder::look(&options.folder.dir, console)?.catalogue()?;
    if options.folder.format == ReadFormat::Json {
        let hosts: Vec<_> = catalogue.hosts.iter().map(host_json).collect();
        return print_json(&json!({ "schema": 1, "publisher": catalogue.publisher, "hosts": hosts }));
    }
    let mut out = io::stdout().lock();
    for host in &catalogue.hosts {
        writeln!(out, "{}", host_line(host, console))?;
    }
    Ok(Status::Done)
}

/// The key of a host: its own, of which only the public half is known, or one that is made here.
struct Key {
    public: PublicKey,
    private: Option<HostKey>,
}

impl Key {
    fn of(told: Option<&str>, console: &Console) -> anyhow::Result<Key> {
        let Some(told) = told else {
            let seed = Zeroizing::new(chance::<32>()?);
            let private = HostKey::from_seed(*seed);
            return Ok(Key { public: private.public(), private: Some(private) });
        };
        if let Ok(public) = told.parse() {
            return Ok(Key { public, private: None });
        }
        let text = read_text(Path::new(told), console)?;
        let public = text.parse().with_context(|| cannot_read(Path::new(told), console))?;
        Ok(Key { public, private: None })
    }
}

fn end(options: &EndOptions, now: Moment) -> anyhow::Result<Moment> {
    let Some(date) = options.until else {
        return Ok(now.plus(i64::from(options.days.unwrap_or(DAYS)) * DAY));
    };
    let last = date.at(23, 59, 59, 0).to_zoned(jiff::tz::TimeZone::UTC)?;
    Ok(Moment(last.timestamp().as_second()))
}

/// The private key of the licence file that is renewed.
fn private_key(path: &Path, host: &IssuedHost, console: &Console) -> anyhow::Result<Option<HostKey>> {
    let text = Zeroizing::new(read_text(path, console)?);
    let licence = HostLicence::read(&text).with_context(|| cannot_read(path, console))?;
    if licence.grants.iter().any(|signed| signed.grant.host_key != host.host_key) {
        let args = [
            ("path", Argument::Text(&path.to_string_lossy())),
            ("serial", Argument::Number(host.serial.into())),
        ];
        bail!(console.text("publisher-error-from", &args));
    }
    Ok(licence.host_key)
}

/// Refuses to write over the only copy of a private key: what is at `out` may be replaced by a licence with the same
/// key, and by any if it holds none.
fn keep_private_key(out: &Path, key: Option<&HostKey>, console: &Console) -> anyhow::Result<()> {
    if std::fs::symlink_metadata(out).is_err() {
        return Ok(());
    }
    let path = out.to_string_lossy();
    let args = [("path", Argument::Text(&path))];
    let text = Zeroizing::new(read_text(out, console)?);
    let Ok(there) = HostLicence::read(&text) else { bail!(console.text("publisher-error-there", &args)) };
    if there.host_key.is_some_and(|there| key.is_none_or(|key| key.public() != there.public())) {
        bail!(console.text("publisher-error-key-lost", &args));
    }
    Ok(())
}

/// A licence on its way to a host.
struct Leaving<'a> {
    host: IssuedHost,
    key: Option<HostKey>,
    out: Option<&'a Path>,
    /// A file that is there may be replaced.
    replaces: bool,
}

impl Leaving<'_> {
    fn send(
        self,
        folder: &Folder<'_>,
        catalogue: &Catalogue,
        root: &RootKey,
        now: Moment,
        format: ReadFormat,
        console: &Console,
    ) -> anyhow::Result<Status> {
        let licence = catalogue.licence(self.host.serial, root, now)?;
        let text = HostLicence { host_key: self.key, ..licence }.write();
        let prepare = if self.replaces { prepare } else { prepare_new };
        let file =
            self.out.map(|path| prepare(path, text.as_bytes(), Readers::Owner, console)).transpose()?;
        folder.save(catalogue)?;
        if let (Some(file), Some(path)) = (file, self.out) {
            file.put().with_context(|| cannot_write(path, console))?;
        }
        if format == ReadFormat::Json {
            let mut value = host_json(&self.host);
            value["schema"] = json!(1);
            value["file"] = json!(self.out.map(Path::to_string_lossy));
            if self.out.is_none() {
                value["text"] = json!(*text);
            }
            return print_json(&value);
        }
        let mut out = io::stdout().lock();
        match self.out {
            None => out.write_all(text.as_bytes())?,
            Some(path) => {
                let path = path.to_string_lossy();
                let written = console.text("publisher-written", &[("path", Argument::Text(&path))]);
                writeln!(out, "{}\n{}", host_line(&self.host, console), one_line(&written))?;
            }
        }
        Ok(Status::Done)
    }
}
