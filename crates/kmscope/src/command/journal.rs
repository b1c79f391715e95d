//! The journal that a command of `kmscope host` means.

use std::path::Path;

use anyhow::{Context, bail};
use service::host::StoreChoice;
use service::machine;
use store::{Database, Place};

use crate::arguments::hosting::StoreOptions;

/// Where the programs of PostgreSQL look for a password, too.
const PASSWORD_VARIABLE: &str = "PGPASSWORD";

/// What `--store` says; without it, SQLite in the host's folder. No error repeats what may be a password.
pub(super) fn choice(options: &StoreOptions, data: &Path) -> anyhow::Result<StoreChoice> {
    let store = match options.store.as_deref() {
        None | Some("sqlite") => return Ok(StoreChoice::At(Place::Folder(data.to_owned()))),
        Some("memory") => return Ok(StoreChoice::Memory),
        Some(store) => store,
    };
    if is_database(store) {
        let database = store.parse().context("--store")?;
        return Ok(StoreChoice::At(Place::Database(Box::new(with_password(database, options)?))));
    }
    let Some(path) = store.strip_prefix("sqlite:").filter(|path| !path.is_empty()) else {
        bail!("--store: expected sqlite, sqlite:DIR, postgres://USER@HOST/DATABASE or memory");
    };
    let path = Path::new(path);
    // The file itself may be named, too.
    let is_file = path.file_name().is_some_and(|name| name == store::FILE);
    Ok(StoreChoice::At(Place::Folder(path.parent().filter(|_| is_file).unwrap_or(path).to_owned())))
}

/// The same for commands that read or replace what was kept.
pub(super) fn place(options: &StoreOptions, data: &Path) -> anyhow::Result<Place> {
    match choice(options, data)? {
        StoreChoice::At(place) => Ok(place),
        StoreChoice::Memory => bail!("--store memory: nothing is kept there"),
    }
}

fn with_password(database: Database, options: &StoreOptions) -> anyhow::Result<Database> {
    let database = database.on_machine(&machine::name());
    if let Some(path) = &options.store_password_file {
        let shown = || path.display().to_string();
        let read = service::files::read(path).with_context(shown)?;
        let text = read.with_context(|| format!("{} does not exist", shown()))?;
        return Ok(database.with_password(text.trim_end_matches(['\r', '\n'])));
    }
    match std::env::var(PASSWORD_VARIABLE) {
        Ok(password) if !database.has_password() => Ok(database.with_password(&password)),
        _ => Ok(database),
    }
}

/// Refuses options for a unit file that would show a password to everybody. What is no database at all may hold one,
/// too, so it is refused as well.
pub(super) fn refuse_password(options: &[String]) -> anyhow::Result<()> {
    let values = options.iter().map(|option| option.strip_prefix("--store=").unwrap_or(option));
    for value in values.filter(|value| is_database(value)) {
        let database: Database = value.parse().context("--store")?;
        if database.has_password() {
            bail!(
                "everybody may read a unit file: take the password out of --store, and give --store-password-file"
            );
        }
    }
    Ok(())
}

fn is_database(store: &str) -> bool {
    store.starts_with("postgres:") || store.starts_with("postgresql:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_unit_gets_a_password() {
        let refused = |store: &str| {
            let options = ["--rate".to_owned(), "5".to_owned(), format!("--store={store}")];
            let apart = ["--store".to_owned(), store.to_owned()];
            let told = [refuse_password(&options), refuse_password(&apart)];
            let told = told.map(|told| told.err().map(|error| format!("{error:#}")));
            assert_eq!(told[0], told[1]);
            assert!(!told[0].as_deref().unwrap_or_default().contains("s3cret"), "{told:?}");
            told[0].is_some()
        };
        assert!(refused("postgres://kms:s3cret@db1/kms"));
        assert!(refused("postgres://kms:s3@s3cret@db1/kms"));
        assert!(refused("postgresql://kms:s3cret@db1/kms?sslmode=verify-full"));
        assert!(!refused("postgres://kms@db1/kms"));
        assert!(!refused("sqlite:/var/lib/kmscope/host"));
    }
}
