//! `kmscope publisher init` and `rotate-passphrase`: the root key and its passphrase.

use std::io::{self, Write};

use activation::credentials::{Catalogue, Cost, PublisherKeyFile, RootKey};
use anyhow::ensure;
use messages::Argument;
use report::visible::one_line;
use serde_json::json;
use zeroize::Zeroizing;

use super::folder::{Folder, chance};
use super::passphrase::Passphrases;
use super::words::print_json;
use crate::Status;
use crate::arguments::ReadFormat;
use crate::arguments::publisher::{Init, RotatePassphrase};
use crate::console::Console;
use service::files::Readers;

pub(super) fn run(options: &Init, console: &Console) -> anyhow::Result<Status> {
    let path = &options.folder.dir;
    let named = || path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = options.name.clone().unwrap_or_else(named);
    let root = new_root()?;
    // Nothing is made for a bad name or without a passphrase.
    let catalogue = Catalogue::new(&name, root.public())?;
    let passphrase = Passphrases::new(options.passphrase.passphrase_file.as_deref(), console).first()?;
    let folder = Folder::make(path, console)?;
    let sealed = seal(&root, &passphrase)?;
    folder.write(&folder.key_path(), sealed.write().as_bytes(), Readers::Owner)?;
    folder.write(&folder.public_path(), format!("{}\n", root.public()).as_bytes(), Readers::All)?;
    folder.save(&catalogue)?;
    let fingerprint = root.public().fingerprint();
    if options.folder.format == ReadFormat::Json {
        return print_json(&json!({
            "schema": 1,
            "publisher": name,
            "fingerprint": fingerprint,
            "root": root.public(),
            "files": {
                "root_key": folder.key_path().to_string_lossy(),
                "catalogue": folder.catalogue_path().to_string_lossy(),
                "public_key": folder.public_path().to_string_lossy(),
            },
        }));
    }
    let mut out = io::stdout().lock();
    let fingerprint = fingerprint.to_string();
    let args = [("name", Argument::Text(&name)), ("fingerprint", Argument::Text(&fingerprint))];
    writeln!(out, "{}", one_line(&console.text("publisher-made", &args)))?;
    for (path, words) in [
        (folder.key_path(), "publisher-file-key"),
        (folder.catalogue_path(), "publisher-file-catalogue"),
        (folder.public_path(), "publisher-file-public"),
    ] {
        writeln!(out, "  {}: {}", one_line(&path.to_string_lossy()), console.text(words, &[]))?;
    }
    Ok(Status::Done)
}

pub(super) fn rotate(options: &RotatePassphrase, console: &Console) -> anyhow::Result<Status> {
    let folder = Folder::open(&options.folder.dir, console)?;
    let mut passphrases = Passphrases::new(options.passphrase.passphrase_file.as_deref(), console);
    let root = folder.root_key(&mut passphrases)?;
    let next = passphrases.next(options.new_passphrase_file.as_deref())?;
    let sealed = seal(&root, &next)?;
    folder.write(&folder.key_path(), sealed.write().as_bytes(), Readers::Owner)?;
    if options.folder.format == ReadFormat::Json {
        return print_json(&json!({ "schema": 1, "fingerprint": root.public().fingerprint() }));
    }
    let path = folder.key_path();
    let args = [("path", Argument::Text(&path.to_string_lossy()))];
    writeln!(io::stdout(), "{}", one_line(&console.text("publisher-rotated", &args)))?;
    Ok(Status::Done)
}

fn new_root() -> anyhow::Result<RootKey> {
    let seed = Zeroizing::new(chance::<32>()?);
    Ok(RootKey::from_seed(*seed))
}

/// Seals the key, and makes sure that it can be opened again.
fn seal(root: &RootKey, passphrase: &str) -> anyhow::Result<PublisherKeyFile> {
    let sealed = PublisherKeyFile::seal(root, passphrase, chance()?, chance()?, Cost::default())?;
    let opened = PublisherKeyFile::read(&sealed.write())?.open(passphrase)?;
    ensure!(opened == *root, "the sealed key does not open");
    Ok(sealed)
}
