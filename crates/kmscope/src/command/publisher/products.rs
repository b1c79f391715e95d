//! `kmscope publisher product`, `products` and `setup-key`.

use std::io::{self, Write};

use activation::credentials::Terms;
use serde_json::json;

use super::folder::Folder;
use super::words::{print_json, print_product};
use crate::Status;
use crate::arguments::ReadFormat;
use crate::arguments::publisher::{ProductOptions, Products, SetupKeyOptions};
use crate::console::Console;

pub(super) fn put(options: &ProductOptions, console: &Console) -> anyhow::Result<Status> {
    let folder = Folder::open(&options.folder.dir, console)?;
    let before = folder.catalogue()?;
    let mut catalogue = before.clone();
    let terms = Terms {
        application: options.application.clone(),
        n_policy: options.n_policy,
        grace_days: options.grace_days,
        validity_days: options.validity_days,
    };
    let product = catalogue.put_product(&options.name, &terms)?.clone();
    if catalogue != before {
        folder.save(&catalogue)?;
    }
    if options.folder.format == ReadFormat::Json {
        return print_json(&json!({ "schema": 1, "product": product }));
    }
    print_product(&product, console)?;
    Ok(Status::Done)
}

pub(super) fn list(options: &Products, console: &Console) -> anyhow::Result<Status> {
    let catalogue = Folder::look(&options.folder.dir, console)?.catalogue()?;
    if options.folder.format == ReadFormat::Json {
        let (name, root) = (&catalogue.publisher, catalogue.root);
        return print_json(&json!({
            "schema": 1, "publisher": name, "fingerprint": root.fingerprint(), "products": catalogue.products,
        }));
    }
    for product in &catalogue.products {
        print_product(product, console)?;
    }
    Ok(Status::Done)
}

pub(super) fn setup_key(options: &SetupKeyOptions, console: &Console) -> anyhow::Result<Status> {
    let catalogue = Folder::look(&options.folder.dir, console)?.catalogue()?;
    let product = catalogue.product(&options.product)?;
    let key = product.setup_key(catalogue.root.fingerprint());
    if options.folder.format == ReadFormat::Json {
        return print_json(&json!({
            "schema": 1,
            "setup_key": key,
            "partial": key.partial(),
            "product": product.name,
            "application_id": key.application_id(),
            "activation_id": key.activation_id(),
            "n_policy": key.n_policy,
            "fingerprint": key.fingerprint,
        }));
    }
    writeln!(io::stdout(), "{key}")?;
    Ok(Status::Done)
}
