//! Events that a host keeps beside its journal, and changes of its settings.

use activation::Moment;
use activation::event::Event;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;

/// Stands for a change of a setting where an event has its id.
pub const SETTING_CHANGED: u32 = 0;

/// Something that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its place; later ones are larger.
    pub number: u64,
    /// When.
    pub at: Moment,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// 12291 to 12294.
    Event(Event),
    /// A setting has another value now.
    Setting {
        /// Its key in the store.
        name: String,
        /// Absent when it was not set.
        before: Option<String>,
        /// Absent when it was taken back.
        after: Option<String>,
    },
}

/// The fields of all kinds; each has some of them.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Fields {
    #[serde(skip_serializing_if = "Option::is_none")]
    hresult: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

impl What {
    /// Id and fields.
    pub fn write(&self) -> Result<(u32, String), StoreError> {
        let fields = match self {
            What::Event(event) => match event {
                Event::InitializationFailed { hresult } | Event::RenewalTimerFailed { hresult } => {
                    Fields { hresult: Some(*hresult), ..Fields::default() }
                }
                Event::PublishingFailed { hresult, domain } => {
                    Fields { hresult: Some(*hresult), domain: Some(domain.clone()), ..Fields::default() }
                }
                Event::PublishingSucceeded { domain } => {
                    Fields { domain: Some(domain.clone()), ..Fields::default() }
                }
                other => return Err(StoreError::OtherEvent(other.id())),
            },
            What::Setting { name, before, after } => Fields {
                name: Some(name.clone()),
                before: before.clone(),
                after: after.clone(),
                ..Fields::default()
            },
        };
        let id = match self {
            What::Event(event) => event.id(),
            What::Setting { .. } => SETTING_CHANGED,
        };
        let text =
            serde_json::to_string(&fields).map_err(|source| StoreError::Event { number: 0, source })?;
        Ok((id, text))
    }

    /// What was written; an id of a later version is refused.
    pub fn read(number: i64, id: u32, text: &str) -> Result<What, StoreError> {
        let fields: Fields =
            serde_json::from_str(text).map_err(|source| StoreError::Event { number, source })?;
        let hresult = fields.hresult.unwrap_or(0);
        let domain = fields.domain.unwrap_or_default();
        Ok(match id {
            SETTING_CHANGED => What::Setting {
                name: fields.name.unwrap_or_default(),
                before: fields.before,
                after: fields.after,
            },
            12291 => What::Event(Event::InitializationFailed { hresult }),
            12292 => What::Event(Event::RenewalTimerFailed { hresult }),
            12293 => What::Event(Event::PublishingFailed { hresult, domain }),
            12294 => What::Event(Event::PublishingSucceeded { domain }),
            other => return Err(StoreError::OtherEvent(other)),
        })
    }
}
