//! What happened, as one rolling hash: two runs of a seed must agree on every event and output.

use std::fmt;

/// Events between two checkpoints.
pub const STRETCH: u64 = 10_000;

/// A rolling BLAKE3 over everything that is noted; off unless somebody compares runs.
#[derive(Default)]
pub struct Trace {
    hasher: Option<blake3::Hasher>,
    events: u64,
    checkpoints: Vec<Checkpoint>,
}

/// The hash over all events up to a count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    pub events: u64,
    pub hash: String,
}

impl Trace {
    pub fn recording() -> Self {
        Self {
            hasher: Some(blake3::Hasher::new()),
            events: 0,
            checkpoints: Vec::new(),
        }
    }

    pub fn is_recording(&self) -> bool {
        self.hasher.is_some()
    }

    /// Begins the next event.
    pub fn event(&mut self, at_ms: u64, host: usize, kind: u8) {
        let Some(hasher) = &mut self.hasher else {
            return;
        };
        hasher
            .update(&at_ms.to_le_bytes())
            .update(&(host as u64).to_le_bytes())
            .update(&[kind]);
        self.events += 1;
        if self.events.is_multiple_of(STRETCH) {
            self.checkpoint();
        }
    }

    /// Adds bytes to the present event.
    pub fn bytes(&mut self, bytes: &[u8]) {
        if let Some(hasher) = &mut self.hasher {
            hasher.update(bytes);
        }
    }

    /// Adds something by its debug text, which is only made while recording.
    pub fn text(&mut self, shown: &dyn fmt::Debug) {
        if let Some(hasher) = &mut self.hasher {
            hasher.update(format!("{shown:?}").as_bytes());
        }
    }

    pub fn events(&self) -> u64 {
        self.events
    }

    /// All checkpoints, the last one over everything.
    pub fn finish(mut self) -> Vec<Checkpoint> {
        self.checkpoint();
        self.checkpoints
    }

    fn checkpoint(&mut self) {
        if let Some(hasher) = &self.hasher {
            self.checkpoints.push(Checkpoint {
                events: self.events,
                hash: hasher.finalize().to_hex().to_string(),
            });
        }
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trace({} events)", self.events)
    }
}
