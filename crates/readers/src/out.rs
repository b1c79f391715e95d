//! Where readers put what they understood.

use std::collections::HashSet;
use std::sync::Arc;

use model::evidence::Evidence;
use model::{Event, Fact, Kind, Note, Observed, Place, Quote, SharedText, Source};

use crate::limits::Limits;

/// Different texts that are looked for again: more machines than one log tells of.
const SHARED_TEXTS_MAX: usize = 50_000;

/// The growing result of one file.
#[derive(Debug)]
pub struct Out {
    /// Path for sources.
    pub path: Arc<str>,
    /// Facts in the order of the file.
    pub facts: Vec<Evidence>,
    /// Notes in the order of the file.
    pub notes: Vec<Note>,
    /// Texts of slmgr.vbs with a machine's own slmgr.ini laid over them, once one was seen (or given with a bundle).
    pub labels: Option<Arc<facts::labels::Labels>>,
    /// How often a whole document was parsed in vain; readers give up after a few.
    pub(crate) vain_parses: usize,
    /// Texts of records that may come again.
    texts: HashSet<SharedText>,
    facts_max: usize,
    notes_max: usize,
    facts_dropped: u64,
    notes_dropped: u64,
}

impl Out {
    /// An empty result for a file.
    pub fn new(path: Arc<str>, limits: &Limits) -> Out {
        Out {
            path,
            facts: Vec::new(),
            notes: Vec::new(),
            labels: None,
            vain_parses: 0,
            texts: HashSet::new(),
            facts_max: limits.facts_per_file,
            notes_max: limits.notes_per_file,
            facts_dropped: 0,
            notes_dropped: 0,
        }
    }

    /// Adds a fact that was read at a place, with the words it was read from.
    ///
    /// Behind the limit nothing is kept any more, and counted only: the first facts of a file stay.
    pub fn push(&mut self, kind: Kind, mut fact: Fact, place: Place, mut quotes: Vec<Quote>) {
        if self.facts.len() >= self.facts_max {
            self.facts_dropped += 1;
            return;
        }
        if let Fact::Event(event) = &mut fact {
            self.share_texts(event);
        }
        quotes.shrink_to_fit();
        let source = Source { path: self.path.clone(), place };
        self.facts.push(Evidence { kind, fact: Observed { value: fact, source, quotes } });
    }

    /// Lets records share the texts that they have in common.
    fn share_texts(&mut self, event: &mut Event) {
        for slot in event.texts_mut() {
            let Some(text) = slot else { continue };
            match self.texts.get(&**text) {
                Some(known) => *text = known.clone(),
                None if self.texts.len() < SHARED_TEXTS_MAX => {
                    self.texts.insert(text.clone());
                }
                None => {}
            }
        }
    }

    /// Adds a note about a place.
    pub fn note(&mut self, key: &'static str, args: Vec<(&'static str, String)>, place: Place) {
        if self.notes.len() >= self.notes_max {
            self.notes_dropped += 1;
            return;
        }
        self.notes.push(Note::new(key, args, Source { path: self.path.clone(), place }));
    }

    /// Tells in a last note what the limits kept out, and returns facts and notes.
    pub fn finish(mut self) -> (Vec<Evidence>, Vec<Note>) {
        let place = Place::Line(1);
        let source = Source { path: self.path.clone(), place };
        for (key, dropped, max) in [
            ("note-facts-limit", self.facts_dropped, self.facts_max),
            ("note-notes-limit", self.notes_dropped, self.notes_max),
        ] {
            if dropped > 0 {
                let args = vec![("dropped", dropped.to_string()), ("max", max.to_string())];
                self.notes.push(Note::new(key, args, source.clone()));
            }
        }
        (self.facts, self.notes)
    }

    /// The kind that most facts have.
    pub fn main_kind(&self) -> Kind {
        let mut counts: Vec<(Kind, usize)> = Vec::new();
        for evidence in &self.facts {
            match counts.iter_mut().find(|(kind, _)| *kind == evidence.kind) {
                Some((_, count)) => *count += 1,
                None => counts.push((evidence.kind, 1)),
            }
        }
        let best = counts.iter().map(|(_, count)| *count).max().unwrap_or(0);
        counts.iter().find(|(_, count)| *count == best).map_or(Kind::Unknown, |(kind, _)| *kind)
    }
}
