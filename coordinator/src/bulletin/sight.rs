//! How many could have seen what an alert is about: those that watch the traffic of its device.

use std::collections::BTreeMap;

use alerts::sources::is_about_traffic;

use super::document::AlertDocument;
use crate::profiles::{holder, watchers};
use crate::risk::holder::Holder;
use crate::store::Reader;
use crate::store::fault::ReadError;

/// Counts each device's watchers once, however many of its alerts are asked for.
#[derive(Debug)]
pub struct Sight<'r> {
    reader: &'r Reader,
    known: BTreeMap<Holder, usize>,
}

impl<'r> Sight<'r> {
    pub fn new(reader: &'r Reader) -> Self {
        Self {
            reader,
            known: BTreeMap::new(),
        }
    }

    /// Says of each alert about traffic how many watch it.
    pub fn complete<'d>(
        &mut self,
        alerts: impl IntoIterator<Item = &'d mut AlertDocument>,
    ) -> Result<(), ReadError> {
        for alert in alerts {
            if let Some(holder) = alert.watched() {
                alert.could_see = Some(self.could_see(holder, alert.witnesses.len())?);
            }
        }
        Ok(())
    }

    /// Whoever saw it can see it, whatever its pages say.
    pub fn could_see(&mut self, holder: Holder, saw: usize) -> Result<usize, ReadError> {
        Ok(self.watching(holder)?.max(saw))
    }

    fn watching(&mut self, holder: Holder) -> Result<usize, ReadError> {
        if let Some(known) = self.known.get(&holder) {
            return Ok(*known);
        }
        let watching = watchers(self.reader, holder)?.len();
        self.known.insert(holder, watching);
        Ok(watching)
    }
}

impl AlertDocument {
    /// Whose traffic it is about; nothing for what is no traffic.
    pub fn watched(&self) -> Option<Holder> {
        let device = self.device.as_ref().map(|device| device.id.as_str());
        watched(&self.rule, device.or(self.about.as_deref()))
    }
}

/// The same of a rule and of what its alert is about, as both are written.
pub fn watched(rule: &str, whose: Option<&str>) -> Option<Holder> {
    let whose = whose.filter(|_| is_about_traffic(rule))?;
    holder(whose)
}
