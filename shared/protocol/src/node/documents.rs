//! The signed repository's words to this device: settings that it obeys, and documents that nobody may take.
//!
//! A document that the keys online vouch for and administrators have not signed means that the coordinator lies or has
//! lost those keys. All see it at about the same time, and a few say so.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Deadline, Node, Notice, Output};
use crate::alert::{Alarm, Alert, Matter};
use crate::id::DeviceId;
use crate::library::{Flaw, Refused};
use crate::limits;
use crate::record::Flags;
use crate::settings::{Obeyed, Place};
use crate::statement::Statement;
use crate::text::Name;
use crate::time::{Instant, Now};

/// The root by which the document would be right may still be on its way by the identity log.
const GRACE: Duration = Duration::from_secs(5);
/// A fleet's alarms are spread over this time for each member, so that those who come first silence the others.
const APART: Duration = Duration::from_millis(100);
/// So many others who say the same are enough.
const ENOUGH: usize = 3;
/// The same complaint about a role is not made again within this time, whatever version it comes under.
const QUIET: Duration = Duration::from_secs(3600);

/// A complaint: of one role, in one way.
type Ground = (Name, Flaw);

#[derive(Debug, Default)]
pub(super) struct Documents {
    /// Whether what is obeyed has to be said when this life may sign.
    unsaid: bool,
    /// What was refused, since when and under which root.
    refused: Option<(Refused, u64)>,
    /// Who complained lately, and since when complaints of the kind are counted.
    complaints: BTreeMap<Ground, (Instant, BTreeSet<DeviceId>)>,
}

impl Documents {
    fn hear(&mut self, refused: &Refused, by: DeviceId, now: Instant) {
        let ground = (refused.role.clone(), refused.flaw);
        let known = self.complaints.contains_key(&ground);
        if !known && self.complaints.len() == limits::COMPLAINTS {
            return;
        }
        let (since, who) = self
            .complaints
            .entry(ground)
            .or_insert((now, BTreeSet::new()));
        if now.since(*since) > QUIET {
            (*since, *who) = (now, BTreeSet::new());
        }
        if who.len() < ENOUGH {
            who.insert(by);
        }
    }

    fn is_known(&self, refused: &Refused, me: &DeviceId, now: Instant) -> bool {
        let ground = (refused.role.clone(), refused.flaw);
        self.complaints.get(&ground).is_some_and(|(since, who)| {
            now.since(*since) <= QUIET && (who.contains(me) || who.len() >= ENOUGH)
        })
    }
}

impl Node {
    /// What this device obeys of what administrators have signed.
    pub fn obeyed(&self) -> Obeyed {
        self.update.machine.obeyed()
    }

    /// After a start, and whenever something newer has verified.
    pub(super) fn heed(&mut self, now: Now, out: &mut Vec<Output>) {
        let Some(place) = self.place() else { return };
        let outputs = self.update.machine.heed(&place);
        self.updated(outputs, now, out);
        self.heed_commands(&place, now, out);
    }

    pub(super) fn place(&self) -> Option<Place> {
        let member = self.ledger.roster().member(&self.identity.device)?;
        Some(Place {
            device: self.identity.device,
            class: member.membership.class,
            cell: member.membership.cell.clone(),
        })
    }

    /// What was obeyed before this start is obeyed from its beginning.
    pub(super) fn recall_obeyed(&mut self) {
        let settings = self.obeyed().settings;
        self.config.telemetry = settings.record().unwrap_or(self.usual.telemetry);
        self.config.accounts = settings.accounts().unwrap_or(self.usual.accounts);
    }

    pub(super) fn settle_into(&mut self, obeyed: Obeyed, now: Now, out: &mut Vec<Output>) {
        self.recall_obeyed();
        // A shorter period begins at once, not when a longer one is over.
        if self.report.may_sign() {
            let next = now.monotonic + self.config.telemetry;
            self.deadlines.hasten(Deadline::Telemetry, next);
            let next = now.monotonic + self.config.accounts;
            self.deadlines.hasten(Deadline::Accounts, next);
        }
        out.push(Output::Notice(Notice::Obeys(obeyed)));
        self.documents.unsaid = true;
        self.say_obeyed(now, out);
    }

    /// The repository here has ended, or something newer has come: people are told which devices take no new orders.
    pub(super) fn note_staleness(&mut self) {
        self.documents.unsaid = true;
    }

    /// As soon as this life may sign.
    pub(super) fn say_obeyed(&mut self, now: Now, out: &mut Vec<Output>) {
        if self.documents.unsaid && self.report.may_sign() {
            self.documents.unsaid = false;
            let obeyed = Obeyed {
                stale: self.stale(),
                ..self.obeyed()
            };
            self.record(Statement::Settings(obeyed), Flags::NONE, now, out);
        }
    }

    /// The repository vouches for what this device does not take.
    pub(super) fn refuse(&mut self, refused: Refused, now: Now, out: &mut Vec<Output>) {
        let me = self.identity.device;
        if self.documents.is_known(&refused, &me, now.monotonic) {
            return;
        }
        out.push(Output::Notice(Notice::Refuses(refused.clone())));
        let members = self.ledger.roster().members().count() as u64;
        let spread = self.dice.below(1 + members * APART.as_millis() as u64);
        let due = now.monotonic + GRACE + Duration::from_millis(spread);
        self.documents.refused = Some((refused, self.root_version()));
        self.deadlines.set(Deadline::Refusal, due);
    }

    pub(super) fn refusal_due(&mut self, now: Now, out: &mut Vec<Output>) {
        let Some((refused, root)) = self.documents.refused.take() else {
            return;
        };
        let me = self.identity.device;
        if root != self.root_version() || self.documents.is_known(&refused, &me, now.monotonic) {
            return;
        }
        let matter = Matter::DocumentRefused(refused);
        let alarm = Alarm {
            subject: me,
            matter,
        };
        self.raise(alarm, now, out);
    }

    /// Somebody has raised an alert.
    pub(super) fn complaint_heard(&mut self, alert: &Alert, now: Instant) {
        if let Matter::DocumentRefused(refused) = &alert.alarm.matter {
            self.documents.hear(refused, alert.device, now);
        }
    }

    fn root_version(&self) -> u64 {
        let trust = self.ledger.roster().trust();
        trust.root().map_or(0, |root| root.version())
    }
}
