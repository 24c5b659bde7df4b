//! What a coordinator is told: by the network, by devices that want to join, and by people.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::save::Token;
use crate::address::Address;
use crate::class::DeviceClass;
use crate::command::{self, CommandId};
use crate::countersign::AuditWord;
use crate::depot;
use crate::enrolment::{EnrolRequest, TokenId};
use crate::flows::HabitOrder;
use crate::id::{DeviceId, Digest};
use crate::key::{PeerKey, Signer};
use crate::ledger::Entry;
use crate::message::Message;
use crate::rollout::{Plan, RolloutId, Standing, Word};
use crate::ruling::Decision;
use crate::scan::ScanOrder;
use crate::text::{Name, Path};

/// What happened outside.
#[derive(Debug)]
pub enum Input {
    LinkUp {
        peer: PeerKey,
    },
    LinkDown {
        peer: PeerKey,
    },
    Frame {
        from: PeerKey,
        message: Message,
    },
    /// A device asks to join; the shell remembers `ticket` and gives it the answer.
    Enrol(Box<Enrol>),
    Command(Command),
    /// The answer to [`super::Output::Recall`]: the head that is stored for that place.
    Recalled {
        device: DeviceId,
        head: Option<Vec<u8>>,
    },
    /// What is published, and what comes over a substream.
    Depot(depot::Input),
    /// The mesh listener's addresses.
    Listening {
        addresses: Vec<Path>,
    },
    Tick,
}

/// An enrolment whose handshake is complete.
#[derive(Debug)]
pub struct Enrol {
    pub ticket: u64,
    /// The token whose secret the device has shown, or a person's approval.
    pub warrant: Warrant,
    pub handshake_hash: Vec<u8>,
    pub request: EnrolRequest,
}

/// On whose word a device is admitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warrant {
    Token(TokenId),
    /// A person compared the code.
    Approval {
        name: Name,
        class: DeviceClass,
        cell: Name,
    },
}

/// What an administrator orders; the shell has checked who it is.
#[derive(Debug)]
pub enum Command {
    MakeToken(Token),
    WithdrawToken(TokenId),
    /// Gives each deputy the means to tell somebody outside, sealed to it by the shell; nothing sealed
    /// takes them back.
    Appoint(BTreeMap<DeviceId, Vec<u8>>),
    /// Shuts a device out: for a day, repeated, by the admission key; for good by an administrator's.
    Retire {
        device: DeviceId,
        reason: Name,
        administrator: Option<Arc<dyn Signer>>,
    },
    /// Puts a device into quarantine for a day, or ends that.
    Rule {
        device: DeviceId,
        decision: Decision,
        reason: Name,
    },
    /// A rollout that waits for its start; [`super::Coordinator::judge_plan`] says under which number.
    PlanRollout(Box<Plan>),
    /// One member is to scan, or to stop; it is told if it is linked.
    Scan(Box<ScanOrder>),
    /// Bring a person's word about a profile to a member.
    Habit(Box<HabitOrder>),
    /// The member is asked for what it has found.
    WantScan {
        device: DeviceId,
        job: u64,
        from: u64,
    },
    /// A gateway is shown the audit log, if it is linked.
    ShowAudit {
        gateway: DeviceId,
        word: AuditWord,
    },
    /// One member is handed a command, if it is linked.
    Instruct {
        device: DeviceId,
        command: Box<command::Command>,
    },
    /// The member is asked for what came of a command.
    WantResult {
        device: DeviceId,
        command: CommandId,
        from: u64,
    },
    /// Lines that a member brought are stored.
    TailStored {
        device: DeviceId,
        number: u64,
    },
    /// A person says something to a rollout.
    TellRollout {
        id: RolloutId,
        word: Word,
        by: Name,
    },
    /// Nobody goes on with a target, or one may again.
    Halt {
        target: Digest,
        rollout: RolloutId,
        standing: Standing,
    },
    /// A member is about to scan from an address: decoys stay quiet for so long.
    Excuse {
        scanner: DeviceId,
        source: Address,
        length: Duration,
    },
    /// A withdrawal for good that an administrator has signed elsewhere (its envelope); it may order the device to
    /// wipe itself.
    Revoke {
        withdrawal: Vec<u8>,
    },
    /// Puts a root or a charter into force that the root has signed, and the admission key that it names.
    Succeed {
        documents: Vec<Entry>,
        admission: Arc<dyn Signer>,
    },
}
