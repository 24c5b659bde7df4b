//! A device that accepts connections on a port on which it did not before: a shell that somebody left, or an update.

use std::collections::BTreeSet;

use super::limits::PORTS;
use super::sources::Sources;
use super::{ListenerParameters, Rule, Subject, Target, Verdict};

#[derive(Debug, Clone)]
pub(super) struct Listener {
    parameters: ListenerParameters,
    devices: Sources<Known>,
}

#[derive(Debug, Clone, Default)]
struct Known {
    first_us: Option<u64>,
    ports: BTreeSet<u16>,
}

impl Listener {
    pub fn new(parameters: ListenerParameters) -> Self {
        Self {
            parameters,
            devices: Sources::default(),
        }
    }

    /// Each new port is said once; a device with very many ports is left to the other rules.
    pub fn listens(&mut self, at_us: u64, device: Subject, port: u16) -> Option<Verdict> {
        let known = self.devices.state(at_us, device);
        let first_us = *known.first_us.get_or_insert(at_us);
        let before = known.ports.len();
        if known.ports.contains(&port) || before >= PORTS {
            return None;
        }
        known.ports.insert(port);
        let is_learning = at_us.saturating_sub(first_us) < self.parameters.learn_us;
        (!is_learning).then(|| Verdict {
            rule: Rule::NewListener,
            source: device,
            began_us: at_us,
            at_us,
            observed: u64::from(port),
            usual: before as u64,
            window_us: at_us.saturating_sub(first_us),
            examples: vec![Target {
                destination: device,
                port,
            }],
        })
    }
}
