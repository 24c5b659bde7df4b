//! What a coordinator asks of its shell, and what people see happen.

use std::sync::Arc;

use super::pace::Degraded;
use super::presence::Status;
use super::reunion::LogState;
use super::save::{Brought, Save};
use super::verdict::{Return, Verdict};
use crate::accounts::Observation;
use crate::address::Address;
use crate::alert::{Alert, Delivery};
use crate::appeal::Spared;
use crate::beacon::Rotation;
use crate::command::{Answer, CommandPart};
use crate::countersign::{AuditHead, Countersigned};
use crate::depot;
use crate::enrolment::{EnrolAnswer, EnrolRefusal, TokenId};
use crate::id::{DeviceId, Digest};
use crate::install::Step;
use crate::key::PeerKey;
use crate::message::Message;
use crate::proof::Contradiction;
use crate::record::Position;
use crate::refusal::Refusal;
use crate::rollout::{RolloutId, Stage, Standing};
use crate::roster::Roster;
use crate::ruling::Decision;
use crate::scan::{ScanPart, ScanStep};
use crate::settings::Obeyed;
use crate::tail::Tailed;
use crate::text::Name;
use crate::time::Timestamp;

/// What the shell has to do.
#[derive(Debug, Clone)]
pub enum Output {
    Save(Save),
    /// Tell a node that its records up to here are stored; of one batch the newest is enough.
    Ack {
        to: PeerKey,
        position: Position,
    },
    Send {
        to: PeerKey,
        message: Message,
    },
    Disconnect {
        peer: PeerKey,
        why: Refusal,
    },
    Roster(Arc<Roster>),
    /// Look up the record of this place.
    Recall {
        device: DeviceId,
        position: Position,
    },
    Enrolled {
        ticket: u64,
        answer: EnrolAnswer,
    },
    /// Answer on a substream.
    Depot(depot::Output),
    /// A part of what a member has found by a scan.
    ScanPart {
        device: DeviceId,
        part: ScanPart,
    },
    /// A part of what came of a command.
    CommandPart {
        device: DeviceId,
        part: CommandPart,
    },
    /// Lines of a member's logs: to be stored, and then named by [`super::Command::TailStored`].
    Tailed {
        device: DeviceId,
        tailed: Tailed,
    },
    Event(Event),
}

/// What people see happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Admitted {
        device: DeviceId,
    },
    Renewed {
        device: DeviceId,
    },
    Withdrawn {
        device: DeviceId,
    },
    /// A device's last statement has come: it wipes its keys and its journal, as an administrator has ordered.
    Retired {
        device: DeviceId,
    },
    Status {
        device: DeviceId,
        status: Status,
        since: Timestamp,
    },
    /// A device that is there has begun to come late again and again, or comes in time again.
    Pace {
        device: DeviceId,
        degraded: Option<Degraded>,
    },
    /// A device, or where there is none the admission key, has signed what convicts it.
    Proven {
        device: Option<DeviceId>,
        contradiction: Contradiction,
        brought: Brought,
    },
    /// Why devices are silent; one for all whom one cause has silenced.
    Verdict(Verdict),
    /// A silent device is back, and its log says what its silence was.
    Returned {
        device: DeviceId,
        what: Return,
    },
    /// The two ends of a link do not agree on what crossed it; one of both is wrong.
    Observed(Observation),
    /// A device was put into quarantine, or cleared: by a person here, or from a gateway's console.
    Ruled {
        device: DeviceId,
        decision: Decision,
        gateway: Option<DeviceId>,
    },
    /// A rollout stands elsewhere, or has opened a ring.
    Rollout {
        id: RolloutId,
        stage: Stage,
    },
    /// Nobody goes on with a target, or one may again.
    Halted {
        target: Digest,
        rollout: RolloutId,
        standing: Standing,
    },
    /// A scan of ours: decoys stay quiet for its source.
    Excused {
        scanner: DeviceId,
        source: Address,
        until: Timestamp,
    },
    /// A witness suspects one of its subjects; whether enough of them do.
    Suspected {
        device: DeviceId,
        witness: DeviceId,
        suspected: bool,
    },
    /// A committee has found enough against a device to hold it for a day, unless it is spared.
    Sentenced {
        device: DeviceId,
        votes: usize,
        spared: Option<Spared>,
    },
    /// Too many of one cell were sentenced: nothing is automated for a day.
    Braked {
        cell: Name,
    },
    /// A device raised an alert.
    Alert(Alert),
    /// A deputy told somebody outside while the coordinator was gone.
    Delivered(Delivery),
    /// Too many were suspended within the hour for this one to be.
    NotSuspended {
        device: DeviceId,
    },
    /// A device says how far an update has come.
    Stepped {
        device: DeviceId,
        step: Step,
    },
    /// A device does from here on what administrators have signed.
    Obeys {
        device: DeviceId,
        obeyed: Obeyed,
    },
    /// How a scan goes, by the word of the member that makes it.
    Scanned {
        device: DeviceId,
        step: ScanStep,
    },
    /// What came of a command, by the word of the member.
    Answered {
        device: DeviceId,
        answer: Answer,
    },
    /// A gateway has countersigned the audit log, or refused to.
    Countersigned {
        device: DeviceId,
        word: Countersigned,
    },
    /// A gateway says which audit log it has countersigned: a proof has to begin with it.
    HoldsAudit {
        device: DeviceId,
        head: AuditHead,
    },
    /// A new record of a device was taken.
    Collected {
        device: DeviceId,
    },
    Refused {
        token: Option<TokenId>,
        refusal: EnrolRefusal,
    },
    /// Whether the identity log may be appended to has changed, or somebody ordered what it does not allow.
    Log {
        state: LogState,
    },
    /// Whether seats will go on changing.
    Rotation(Rotation),
    /// Members gave back entries that this coordinator had forgotten.
    LogRegained {
        entries: usize,
    },
    /// A member whose data key was forgotten: nothing of it is collected until it joins again.
    KeyLost {
        device: DeviceId,
    },
    /// A device sent what it may not send, or what does not check.
    Misbehaviour {
        device: Option<DeviceId>,
        what: &'static str,
    },
}
