//! The files of `locales/`, compiled into the program.
//!
//! One line per file name; a test compares the list with the folders.

use crate::language::Language;

/// One file of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct File {
    /// Language of its texts.
    pub language: Language,
    /// Name within the folder of the language.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! files {
    ($( $name:literal, )*) => {
        /// Every file in every language.
        pub const FILES: &[File] = &[ $(
            File { language: Language::En, name: $name, text: text!("en", $name) },
            File { language: Language::Ja, name: $name, text: text!("ja", $name) },
            File { language: Language::ZhTw, name: $name, text: text!("zh-TW", $name) },
        )* ];
    };
}

macro_rules! text {
    ($folder:literal, $name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../locales/", $folder, "/", $name))
    };
}

files! {
    "audit.ftl",
    "azure.ftl",
    "causes.ftl",
    "check.ftl",
    "cli.ftl",
    "notes-events.ftl",
    "notes-house.ftl",
    "notes-licences.ftl",
    "notes-net.ftl",
    "notes-windows.ftl",
    "notes.ftl",
    "probe.ftl",
    "publish.ftl",
    "publisher.ftl",
    "report.ftl",
    "rules-azure.ftl",
    "rules-client.ftl",
    "rules-discovery.ftl",
    "rules-host.ftl",
    "rules-keys.ftl",
    "rules-own.ftl",
    "rules-reach.ftl",
    "rules-time.ftl",
    "system.ftl",
}
