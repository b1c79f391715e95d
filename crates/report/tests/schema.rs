//! The committed JSON Schema is that of the code. `KMSCOPE_UPDATE=1` writes it anew.

use std::fs;
use std::path::Path;

use serde_json::Value;

#[test]
fn the_committed_schema_is_true() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/report.schema.json");
    let made = report::schema().to_value();
    if std::env::var_os("KMSCOPE_UPDATE").is_some() {
        fs::write(&path, format!("{}\n", serde_json::to_string_pretty(&made).unwrap())).unwrap();
    }
    let committed: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(committed, made, "run the test with KMSCOPE_UPDATE=1 and look at the difference");
}
