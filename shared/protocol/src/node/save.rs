//! What a node writes down before it speaks, and what it finds again after a start.

use std::collections::BTreeMap;

use super::waiting::Waiting;
use crate::id::DeviceId;
use crate::record::{Incarnation, Position, Record};
use crate::statement::host::WatchedFile;
use crate::updater;

/// One write to the journal. The shell makes all writes of a batch durable before it sends anything of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Save {
    /// This incarnation has begun; a later start takes a higher one.
    Incarnation(Incarnation),
    /// Appends a record of this node's own log.
    Record { position: Position, record: Record },
    /// The coordinator has stored everything up to here: it may be pruned.
    Acknowledged(Position),
    /// Everything up to here is dropped, stored or not: too much waits.
    GivenUp(Position),
    /// The newest head that this witness has checked of a subject (its envelope).
    Witnessed { subject: DeviceId, head: Vec<u8> },
    /// Where a device says that it can be reached (its envelope): after a reboot its word is enough
    /// to find it without the coordinator.
    Contact { device: DeviceId, contact: Vec<u8> },
    /// A subject's whole record, kept by a custodian; the oldest beyond
    /// [`crate::limits::CUSTODY_RECORDS`] of that subject are dropped.
    Custody {
        subject: DeviceId,
        position: Position,
        record: Record,
    },
    /// The watched files as they were last seen.
    Watched(Vec<WatchedFile>),
    /// The means to tell somebody outside, sealed to this node.
    Capability(Vec<u8>),
    /// A proof that convicts somebody for good.
    Conviction(Vec<u8>),
    /// This node's own report of whom it suspects (its envelope): what a witness signed it does not forget.
    Report(Vec<u8>),
    /// Whom this node saw suspected, and its own votes on appeals; it replaces what was saved before.
    Appeals(Vec<u8>),
    /// The newest word about each halted target; it replaces what was saved before.
    Halts(Vec<u8>),
    /// What each gateway has signed last (the envelopes); it replaces what was saved before.
    Cosigned(Vec<Vec<u8>>),
    /// The audit log as this gateway has countersigned it: nothing that does not go on from it is countersigned.
    Countersigned(Vec<u8>),
    /// Dealings, open seeds and this node's own shares; it replaces what was saved before.
    Seeds(Vec<u8>),
    /// The order to retire that this device was shown at a door: what it was told it does not forget.
    Order(Vec<u8>),
    /// Which commands came, and which answers are owed; it replaces what was saved before.
    Commands(Vec<u8>),
    /// Of updates: what was decided, and the repository's files.
    Update(updater::Save),
    /// The identity log has grown: entries from index `from` on, and the signed head that covers them.
    Entries {
        from: u64,
        entries: Vec<Vec<u8>>,
        head: Vec<u8>,
    },
}

/// What the journal holds at a start.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Memory {
    /// The highest incarnation that has begun; `None` if this identity has never run.
    pub incarnation: Option<Incarnation>,
    /// The newest own record.
    pub last: Option<(Position, Record)>,
    /// Up to where the coordinator has stored this node's records.
    pub acknowledged: Option<Position>,
    /// Own records that the journal holds.
    pub waiting: Waiting,
    pub witnessed: BTreeMap<DeviceId, Vec<u8>>,
    /// The newest contact of each device that this one looked for.
    pub contacts: BTreeMap<DeviceId, Vec<u8>>,
    /// The watched files as they were last seen; `None` before the first look.
    pub watched: Option<Vec<WatchedFile>>,
    pub capability: Option<Vec<u8>>,
    /// The envelope of this node's newest report.
    pub report: Option<Vec<u8>>,
    /// Whom this node saw suspected, and its own votes on appeals.
    pub appeals: Option<Vec<u8>>,
    /// The newest word about each halted target.
    pub halts: Option<Vec<u8>>,
    /// The identity log, in order.
    pub entries: Vec<Vec<u8>>,
    /// The envelope of the newest head of the identity log.
    pub log_head: Option<Vec<u8>>,
    /// Every proof that has convicted somebody.
    pub convictions: Vec<Vec<u8>>,
    /// What each gateway had signed last, when enough of them had.
    pub cosigned: Vec<Vec<u8>>,
    /// The head of the audit log that this gateway has countersigned.
    pub countersigned: Option<Vec<u8>>,
    /// The order to retire that this device was shown at a door.
    pub order: Option<Vec<u8>>,
    /// Dealings, open seeds and own shares.
    pub seeds: Option<Vec<u8>>,
    /// Which commands came, and which answers are owed.
    pub commands: Option<Vec<u8>>,
    pub update: updater::Saved,
}
