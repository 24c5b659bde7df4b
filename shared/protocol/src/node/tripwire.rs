//! Touches of decoys at a node: said to everybody, heard from others, and who is kept away for a while.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::{Node, Notice, Output};
use crate::address::Address;
use crate::alert::{Alarm, Alert, Matter};
use crate::errand::{Errand, ErrandError, Errands};
use crate::evidence::Evidence;
use crate::id::DeviceId;
use crate::limits;
use crate::time::{Instant, Now};
use crate::tripwire::{Block, Blocks, Service, Touched};

/// The same source at the same decoy is said once in this time: as long as one voice counts. Once more, if it had said
/// nothing and does.
const QUIET: Duration = Duration::from_secs(60);
/// An alert older than this is news of what is over: whoever comes back to the mesh hears many.
const FRESH: Duration = Duration::from_secs(5 * 60);
const MINUTE: Duration = Duration::from_secs(60);

/// What whoever touched a decoy has given away of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Spoke {
    Nothing,
    Words,
    /// A name with a password.
    Credentials,
}

impl Spoke {
    const fn of(touched: &Touched) -> Self {
        match (touched.credentials, &touched.said) {
            (1.., _) => Self::Credentials,
            (0, Some(_)) => Self::Words,
            (0, None) => Self::Nothing,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Tripwire {
    blocks: Blocks,
    errands: Errands,
    said: BTreeMap<(Address, Service), (Instant, Spoke)>,
    /// When the last alerts about decoys were raised here.
    raised: VecDeque<Instant>,
    /// Touches from before this life may sign.
    unsaid: Vec<Touched>,
}

impl Tripwire {
    /// Who scans from an address on our behalf at this moment.
    pub(super) fn errand_of(&self, source: &Address, now: Now) -> Option<DeviceId> {
        let errand = self.errands.of(source, now.wall)?;
        Some(errand.scanner)
    }

    /// Whether a touch is worth an alert; what is not is kept away all the same.
    fn is_news(&mut self, touched: &Touched, now: Instant) -> bool {
        let recently = |at: &Instant, span| now.since(*at) < span;
        self.said.retain(|_, (at, _)| recently(at, QUIET));
        while self.raised.front().is_some_and(|at| !recently(at, MINUTE)) {
            self.raised.pop_front();
        }
        let what = (touched.source, touched.service);
        let spoke = Spoke::of(touched);
        let is_known = self
            .said
            .get(&what)
            .is_some_and(|(_, before)| *before >= spoke);
        if self.raised.len() >= limits::TOUCHES_PER_MINUTE || is_known {
            return false;
        }
        self.raised.push_back(now);
        self.said.insert(what, (now, spoke));
        true
    }
}

impl Node {
    /// Whom this node keeps away at this moment.
    pub fn blocks(&self, now: Instant) -> impl Iterator<Item = Block> + '_ {
        self.tripwire.blocks.standing(now)
    }

    /// Somebody touched a decoy here.
    pub(super) fn touched(&mut self, touched: Touched, now: Now, out: &mut Vec<Output>) {
        if let Some(errand) = self.tripwire.errands.of(&touched.source, now.wall) {
            let scanner = errand.scanner;
            out.push(Output::Notice(Notice::Excused { scanner }));
            return;
        }
        if !self.report.may_sign() {
            let me = self.identity.device;
            self.keep_away(me, touched.source, now, out);
            if self.tripwire.unsaid.len() < limits::TOUCHES_PER_MINUTE {
                self.tripwire.unsaid.push(touched);
            }
            return;
        }
        self.say_touch(touched, now, out);
    }

    /// What was touched before this life could sign.
    pub(super) fn say_touches(&mut self, now: Now, out: &mut Vec<Output>) {
        for touched in std::mem::take(&mut self.tripwire.unsaid) {
            self.say_touch(touched, now, out);
        }
    }

    fn say_touch(&mut self, touched: Touched, now: Now, out: &mut Vec<Output>) {
        let (subject, source) = (self.identity.device, touched.source);
        if self.tripwire.is_news(&touched, now.monotonic) {
            let matter = Matter::Touched(touched);
            self.raise(Alarm { subject, matter }, now, out);
        }
        self.keep_away(subject, source, now, out);
    }

    /// Somebody has raised an alert.
    pub(super) fn touch_heard(&mut self, alert: &Alert, now: Now, out: &mut Vec<Output>) {
        let Matter::Touched(touched) = &alert.alarm.matter else {
            return;
        };
        let is_old = now.wall.since(alert.time) > FRESH;
        if is_old || self.ledger.roster().shuts_out(&alert.device, now.wall) {
            return;
        }
        self.keep_away(alert.device, touched.source, now, out);
    }

    fn keep_away(&mut self, voice: DeviceId, source: Address, now: Now, out: &mut Vec<Output>) {
        if self.tripwire.errands.of(&source, now.wall).is_some() {
            return;
        }
        let Some(block) = self.tripwire.blocks.hear(voice, source, now.monotonic) else {
            return;
        };
        let length = block.until.since(now.monotonic);
        out.push(Output::Block { source, length });
        out.push(Output::Notice(Notice::Blocked(block)));
    }

    /// Checks an errand; what is returned is news that may be passed on.
    pub(super) fn take_errand(
        &mut self,
        piece: Evidence,
        now: Now,
        out: &mut Vec<Output>,
    ) -> Result<Option<Evidence>, &'static str> {
        let Evidence::Errand(bytes) = &piece else {
            return Ok(None);
        };
        let roster = self.ledger.roster();
        let errand = match Errand::open(bytes, roster, self.identity.verifier.as_ref()) {
            Ok(errand) => errand,
            // Here or there the news of the key's replacement is still on its way.
            Err(ErrandError::NoRight) => return Ok(None),
            Err(_) => return Err("an errand that does not check"),
        };
        let source = errand.source;
        let Some(gone) = self.tripwire.errands.take(errand) else {
            return Ok(None);
        };
        for errand in gone {
            self.gossip.forget(&Evidence::from(&errand).id());
        }
        if self.tripwire.errands.of(&source, now.wall).is_some()
            && self.tripwire.blocks.lift(&source)
        {
            let length = Duration::ZERO;
            out.push(Output::Block { source, length });
        }
        Ok(Some(piece))
    }
}
