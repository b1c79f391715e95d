//! The JSON Schema of the report.

use diagnosis::Cause;
use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator, json_schema};

use crate::document::Document;

/// The JSON Schema of [`Document`], as committed in `docs/report.schema.json`.
pub fn schema() -> Schema {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<Document>()
}

macro_rules! words {
    ($( $name:ident: $( $word:literal )|+; )*) => { $(
        pub(crate) fn $name(_: &mut SchemaGenerator) -> Schema {
            json_schema!({ "type": "string", "enum": [ $( $word ),+ ] })
        }
    )* };
}

words! {
    verdict: "fault" | "clear" | "undecided";
    severity: "error" | "warning" | "info";
    confidence: "certain" | "likely" | "possible";
    safety: "safe" | "disruptive" | "show-only";
    shell: "cmd" | "powershell" | "az" | "bind" | "sh" | "text";
}

pub(crate) fn cause(_: &mut SchemaGenerator) -> Schema {
    let ids: Vec<&str> = Cause::ALL.iter().map(|cause| cause.id()).collect();
    json_schema!({ "type": "string", "enum": ids })
}

pub(crate) fn moment(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "description": "RFC 3339 time, without zone where it is not known" })
}

pub(crate) fn optional_moment(generator: &mut SchemaGenerator) -> Schema {
    moment(generator)
}
