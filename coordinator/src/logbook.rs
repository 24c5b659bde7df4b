//! The logbook: lines that devices send, stored, and asked what they mean by rules.

mod arriving;
pub mod document;
pub mod members;
mod rules;
pub mod secure;
pub mod syslog;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use alerts::severity::Severity;
use alerts::sighting::{Rule, Sighting, Value};
use alerts::text::{Name, fitted};
use logs::judge::{Hit, Judge};
use logs::line::Line;
use protocol::id::DeviceId;
use protocol::time::Timestamp;
use zeroize::Zeroizing;

use crate::access::{self, AccessError};
use crate::bulletin::Bulletin;
use crate::store::Writer;
use crate::store::fault::ChangeError;
use crate::store::logs::LogKey;
use crate::store::secret_hash::SecretHash;

pub use rules::{Refused, check_file};

/// What keys with which devices send lines begin with, so that scanners for leaked secrets find them.
pub const KEY_PREFIX: &str = "plsd_log_";

/// A handle to the logbook.
#[derive(Debug, Clone)]
pub struct Logbook(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    judge: Mutex<Judge>,
    refused: Vec<Refused>,
    writer: Writer,
    bulletin: Bulletin,
}

impl Logbook {
    /// With the rules that come with the coordinator, and those in a folder.
    pub fn open(rules: Option<&Path>, writer: Writer, bulletin: Bulletin) -> Self {
        let (rules, refused) = rules::load(rules);
        Self(Arc::new(Inner {
            judge: Mutex::new(Judge::new(rules)),
            refused,
            writer,
            bulletin,
        }))
    }

    /// Files in the folder that hold no rule, or whose own tests fail.
    pub fn refused(&self) -> &[Refused] {
        &self.0.refused
    }

    /// Looks at the rules.
    pub fn rules<T>(&self, look: impl FnOnce(&[logs::sigma::Rule]) -> T) -> T {
        let judge = self.0.judge.lock();
        look(judge.unwrap_or_else(PoisonError::into_inner).rules())
    }

    /// Stores lines of a device, and tells the bulletin what rules say of them.
    pub fn take(
        &self,
        device: DeviceId,
        lines: &[Line],
        now: Timestamp,
    ) -> Result<(), ChangeError> {
        self.0
            .writer
            .write(|changes| changes.add_log_lines(&device, lines, now))?;
        let sightings = self.judged(device, lines, now);
        if !sightings.is_empty() {
            self.0.bulletin.take(&sightings, now)?;
        }
        Ok(())
    }

    /// One sighting for each rule that speaks, however many lines it speaks of.
    fn judged(&self, device: DeviceId, lines: &[Line], now: Timestamp) -> Vec<Sighting> {
        let mut judge = self.0.judge.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found: BTreeMap<String, Sighting> = BTreeMap::new();
        for line in lines {
            for hit in judge.hear(*device.as_bytes(), line, now.as_millis()) {
                let sighting = sighting(device, line, &hit, now);
                match found.get_mut(&hit.rule.name) {
                    Some(known) => {
                        let times = known.times.saturating_add(sighting.times);
                        *known = Sighting { times, ..sighting };
                    }
                    None => {
                        found.insert(hit.rule.name.clone(), sighting);
                    }
                }
            }
        }
        found.into_values().collect()
    }
}

/// Makes a key with which one device sends its lines; an earlier one is void.
pub fn new_key(writer: &Writer, device: &DeviceId) -> Result<Zeroizing<String>, AccessError> {
    let key = access::secret(KEY_PREFIX)?;
    let granted = LogKey {
        device: *device,
        created: mesh::wall(),
    };
    writer.write(|changes| {
        changes.set_log_key(&SecretHash::of_log_key(key.as_bytes()), &granted)?;
        changes.audit(access::act("log_key.create", &device.to_string())?)?;
        Ok::<_, AccessError>(())
    })?;
    Ok(key)
}

/// Beyond a bound nobody counts on.
fn counted(lines: usize) -> String {
    if lines >= logs::limits::COUNT {
        format!("{lines} or more")
    } else {
        lines.to_string()
    }
}

fn sighting(device: DeviceId, line: &Line, hit: &Hit<'_>, now: Timestamp) -> Sighting {
    let mut values = Vec::new();
    if let Some((usual, within)) = hit.usual {
        values.push(Value {
            what: fitted(&format!("lines in {}", ui::parts::time::span(within))),
            usual: Some(fitted(&format!("{usual} at most"))),
            seen: fitted(&counted(hit.counted)),
            total: None,
        });
    }
    for (name, what) in [
        ("source_ip", "from"),
        ("user", "user"),
        ("program", "written by"),
    ] {
        if let Some(text) = line.field(name) {
            values.push(Value {
                what: fitted(what),
                usual: None,
                seen: fitted(text),
                total: None,
            });
        }
    }
    let sighting = Sighting {
        rule: rule(hit.rule),
        device: Some(device),
        about: None,
        at: now,
        times: hit.times,
        says: fitted(&line.message),
        values,
        witnesses: Vec::new(),
        source: None,
        cause: None,
    };
    // The device itself says so: its own log is all the evidence there is.
    let sighting = sighting.witness(device, None);
    match line.field("source_ip") {
        Some(address) => sighting
            .source(address, None)
            .cause(&format!("address {address}")),
        None => sighting,
    }
}

fn rule(rule: &logs::sigma::Rule) -> Rule {
    let severity = match rule.level.as_str() {
        "informational" => Severity::Info,
        "low" => Severity::Low,
        "high" => Severity::High,
        "critical" => Severity::Critical,
        _ => Severity::Medium,
    };
    let stops = rule.stops.as_deref();
    Rule {
        name: Name::fitted(&rule.name).unwrap_or_else(|| fitted("rule")),
        title: fitted(&rule.title),
        severity,
        attack: rule.attack.as_deref().map(fitted),
        stops: fitted(
            stops.unwrap_or("No line matches the rule any more; the rule's file says which do."),
        ),
    }
}
