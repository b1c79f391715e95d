//! What a service tells while it runs: one line per happening, as text or as JSON, to whoever listens.
//!
//! Names that others chose are escaped in both forms, so that no client can forge a line.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use activation::event::printable;
use serde_json::{Map, Value};

use crate::clock::Clock;

/// How serious a happening is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Work as usual.
    Info,
    /// An admin should look at it.
    Warning,
    /// Something does not work.
    Error,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Level::Info => "info",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}

/// The form of the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `2026-11-21T18:00:00Z warning windows-client address=192.0.2.7 ...`
    Text,
    /// One JSON object per line.
    Json,
}

type Sink = Arc<Mutex<dyn FnMut(&str) + Send>>;

/// Writes lines.
#[derive(Clone)]
pub struct Log {
    clock: Clock,
    /// The form may change while many write.
    is_json: Arc<AtomicBool>,
    least: Level,
    sink: Sink,
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Log").field("form", &self.form()).finish_non_exhaustive()
    }
}

impl Log {
    /// Lines to standard error.
    pub fn to_standard_error(clock: Clock, form: Form, least: Level) -> Log {
        // A log that cannot be written must not stop the service.
        let sink = |line: &str| drop(writeln!(std::io::stderr(), "{line}"));
        Log::new(clock, form, least, Arc::new(Mutex::new(sink)))
    }

    /// Lines to a function, for tests.
    pub fn to(clock: Clock, form: Form, sink: impl FnMut(&str) + Send + 'static) -> Log {
        Log::new(clock, form, Level::Info, Arc::new(Mutex::new(sink)))
    }

    fn new(clock: Clock, form: Form, least: Level, sink: Sink) -> Log {
        Log { clock, is_json: Arc::new(AtomicBool::new(form == Form::Json)), least, sink }
    }

    /// Takes another form, for all who write into this log.
    pub fn set_form(&self, form: Form) {
        self.is_json.store(form == Form::Json, Ordering::Relaxed);
    }

    fn form(&self) -> Form {
        if self.is_json.load(Ordering::Relaxed) { Form::Json } else { Form::Text }
    }

    /// Tells of a happening: its name, and its details in order.
    pub fn tell(&self, level: Level, happening: &str, details: &[(&str, &dyn std::fmt::Display)]) {
        if level < self.least {
            return;
        }
        let line = match self.form() {
            Form::Json => self.json(level, happening, details),
            Form::Text => self.text(level, happening, details),
        };
        if let Ok(mut sink) = self.sink.lock() {
            sink(&line);
        }
    }

    fn json(&self, level: Level, happening: &str, details: &[(&str, &dyn std::fmt::Display)]) -> String {
        let mut object = Map::new();
        object.insert("time".to_owned(), Value::String(self.clock.now().to_string()));
        object.insert("level".to_owned(), Value::String(level.name().to_owned()));
        object.insert("event".to_owned(), Value::String(happening.to_owned()));
        for (name, value) in details {
            object.insert((*name).to_owned(), Value::String(value.to_string()));
        }
        Value::Object(object).to_string()
    }

    fn text(&self, level: Level, happening: &str, details: &[(&str, &dyn std::fmt::Display)]) -> String {
        let mut line = format!("{} {} {happening}", self.clock.now(), level.name());
        for (name, value) in details {
            let value = printable(&value.to_string());
            let plain = !value.is_empty() && !value.contains([' ', '"', '=']);
            // Writing to a string does not fail.
            let _ = if plain { write!(line, " {name}={value}") } else { write!(line, " {name}={value:?}") };
        }
        line
    }
}

/// An error with what caused it.
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        text = format!("{text}: {source}");
        cause = source.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use activation::Moment;

    use super::*;

    #[test]
    fn no_name_forges_a_line() {
        for form in [Form::Text, Form::Json] {
            let lines = Arc::new(Mutex::new(Vec::new()));
            let kept = lines.clone();
            let clock = Clock::of(|| Moment(0));
            let log = Log::to(clock, form, move |line| kept.lock().expect("lines").push(line.to_owned()));
            log.tell(Level::Info, "refused", &[("client", &"a\nb c\u{202e}"), ("code", &5)]);
            let lines = lines.lock().expect("lines");
            assert_eq!(lines.len(), 1);
            assert!(!lines[0].contains('\n'), "{}", lines[0]);
        }
        let log = Log::to(Clock::of(|| Moment(0)), Form::Text, |line| {
            assert_eq!(line, "1970-01-01T00:00:00Z warning x a=\"b c\" d=5");
        });
        log.tell(Level::Warning, "x", &[("a", &"b c"), ("d", &5)]);
    }
}
