//! `kmscope publisher revoke-host` and `revocations`: what is withdrawn, as a signed list in base64.

use std::io::{self, Write};
use std::path::Path;

use activation::credentials::SignedRevocations;
use anyhow::Context;
use messages::Argument;
use report::visible::one_line;
use serde_json::json;

use super::folder::{Folder, cannot_write, now, prepare};
use super::passphrase::Passphrases;
use super::words::print_json;
use crate::Status;
use crate::arguments::ReadFormat;
use crate::arguments::publisher::{RevocationsOptions, RevokeHost};
use crate::console::Console;
use service::files::{Prepared, Readers};

pub(super) fn revoke(options: &RevokeHost, console: &Console) -> anyhow::Result<Status> {
    let folder = Folder::open(&options.folder.dir, console)?;
    let mut catalogue = folder.catalogue()?;
    let now = now();
    catalogue.revoke(options.serial, now)?;
    let root =
        folder.root_key(&mut Passphrases::new(options.passphrase.passphrase_file.as_deref(), console))?;
    let list = catalogue.revocations(&root, now)?;
    let file = prepared(&list, options.out.as_deref(), console)?;
    folder.save(&catalogue)?;
    send(&list, file, options.out.as_deref(), options.folder.format, console)
}

pub(super) fn print(options: &RevocationsOptions, console: &Console) -> anyhow::Result<Status> {
    let folder = Folder::open(&options.folder.dir, console)?;
    let catalogue = folder.catalogue()?;
    let root =
        folder.root_key(&mut Passphrases::new(options.passphrase.passphrase_file.as_deref(), console))?;
    let list = catalogue.revocations(&root, now())?;
    let file = prepared(&list, options.out.as_deref(), console)?;
    send(&list, file, options.out.as_deref(), options.folder.format, console)
}

fn prepared(
    list: &SignedRevocations,
    out: Option<&Path>,
    console: &Console,
) -> anyhow::Result<Option<Prepared>> {
    let text = format!("{}\n", list.to_base64());
    out.map(|path| prepare(path, text.as_bytes(), Readers::All, console)).transpose()
}

fn send(
    list: &SignedRevocations,
    file: Option<Prepared>,
    path: Option<&Path>,
    format: ReadFormat,
    console: &Console,
) -> anyhow::Result<Status> {
    if let (Some(file), Some(path)) = (file, path) {
        file.put().with_context(|| cannot_write(path, console))?;
    }
    if format == ReadFormat::Json {
        let told = &list.revocations;
        return print_json(&json!({
            "schema": 1,
            "number": told.number,
            "issued_at": told.issued_at.to_string(),
            "serials": told.serials,
            "file": path.map(Path::to_string_lossy),
            "signed": list.to_base64(),
        }));
    }
    let Some(path) = path else {
        writeln!(io::stdout(), "{}", list.to_base64())?;
        return Ok(Status::Done);
    };
    let path = path.to_string_lossy();
    let args = [
        ("number", Argument::Number(list.revocations.number.into())),
        ("count", Argument::Number(u32::try_from(list.revocations.serials.len()).unwrap_or(u32::MAX).into())),
    ];
    let list_line = console.text("publisher-list", &args);
    let written = console.text("publisher-written", &[("path", Argument::Text(&path))]);
    writeln!(io::stdout(), "{list_line}\n{}", one_line(&written))?;
    Ok(Status::Done)
}
