//! Alerts: raised into the own log, spread to everybody, kept for whoever comes back.

use std::collections::BTreeMap;

use super::save::Save;
use super::{Node, Notice, Output};
use crate::alert::{Alarm, Alert, Matter};
use crate::evidence::{Evidence, EvidenceId};
use crate::id::{DeviceId, Digest};
use crate::limits;
use crate::record::{Flags, Position};
use crate::signed::{Signed, Unchecked};
use crate::statement::Statement;
use crate::statement::host::WatchedFile;
use crate::text::Path;
use crate::time::Now;

/// What was heard of alerts, and what this node's own files were.
#[derive(Debug, Default)]
pub(super) struct Alerts {
    /// The alerts of each device that are kept, by their place in its log.
    heard: BTreeMap<DeviceId, BTreeMap<Position, EvidenceId>>,
    /// Watched files as they were last seen; `None` before the first look of all.
    files: Option<BTreeMap<Path, Option<Digest>>>,
}

/// Whether an alert was heard before.
enum News {
    Known,
    /// It may take the place of the oldest of its device.
    New {
        pushed_out: Option<EvidenceId>,
    },
}

impl Alerts {
    pub(super) fn new(watched: Option<&Vec<WatchedFile>>) -> Self {
        let files = watched.map(|files| by_path(files));
        Self {
            heard: BTreeMap::new(),
            files,
        }
    }

    fn hear(&mut self, alert: &Alert, id: EvidenceId) -> News {
        let of = self.heard.entry(alert.device).or_default();
        let oldest = of.keys().next().copied();
        let full = of.len() >= limits::ALERTS_PER_DEVICE;
        // A replayed alert is one that was heard, or is older than those that are kept.
        if of.contains_key(&alert.position)
            || full && oldest.is_some_and(|oldest| alert.position < oldest)
        {
            return News::Known;
        }
        of.insert(alert.position, id);
        let pushed_out = full.then(|| of.pop_first()).flatten().map(|(_, id)| id);
        News::New { pushed_out }
    }

    /// What is another than at the last look.
    fn changed(&mut self, files: &[WatchedFile]) -> Vec<Matter> {
        let seen = by_path(files);
        let before = self.files.replace(seen.clone());
        let Some(before) = before else {
            return Vec::new();
        };
        let changed = seen
            .into_iter()
            .filter_map(|(path, after)| Some((*before.get(&path)?, path, after)));
        changed
            .filter(|(before, _, after)| before != after)
            .map(|(before, path, after)| Matter::FileChanged {
                path,
                before,
                after,
            })
            .collect()
    }
}

impl Node {
    /// Compares the watched files with those of the last look, however long ago that was.
    pub(super) fn check_integrity(
        &mut self,
        files: Option<&Vec<WatchedFile>>,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let Some(files) = files else { return };
        let first = self.alerts.files.is_none();
        let changed = self.alerts.changed(files);
        if first || !changed.is_empty() {
            out.push(Output::Save(Save::Watched(files.clone())));
        }
        for matter in changed {
            let subject = self.identity.device;
            self.raise(Alarm { subject, matter }, now, out);
        }
    }

    /// Says something in the own log, and to everybody at once.
    pub(super) fn raise(&mut self, alarm: Alarm, now: Now, out: &mut Vec<Output>) {
        let statement = Statement::Alert(alarm.clone());
        if self.record(statement, Flags::NONE, now, out).is_none() {
            return;
        }
        let Some(position) = self.report.newest() else {
            return;
        };
        let alert = Alert {
            device: self.identity.device,
            position,
            time: now.wall,
            alarm,
        };
        let signed = Signed::seal(alert, self.identity.signer.as_ref());
        let piece = Evidence::Alert(signed.bytes().to_vec().into());
        if let Ok(Some(piece)) = self.take_alert(piece, now, out) {
            self.spread(vec![piece], None, now, out);
        }
    }

    /// Checks an alert; what is returned is news that may be passed on. A suspended device is still
    /// heard: whoever silences it must not silence its alarm.
    pub(super) fn take_alert(
        &mut self,
        piece: Evidence,
        now: Now,
        out: &mut Vec<Output>,
    ) -> Result<Option<Evidence>, &'static str> {
        let Evidence::Alert(bytes) = &piece else {
            return Ok(None);
        };
        let Ok(unchecked) = Unchecked::<Alert>::parse(bytes) else {
            return Err("an alert that cannot be read");
        };
        let roster = self.ledger.roster();
        let Some(member) = roster.member(&unchecked.claim().device) else {
            return Ok(None);
        };
        let key = &member.membership.key;
        let Ok(alert) = unchecked.check(key, self.identity.verifier.as_ref()) else {
            return Err("an alert that does not check");
        };
        let id = piece.id();
        let News::New { pushed_out } = self.alerts.hear(&alert, id) else {
            return Ok(None);
        };
        if let Some(old) = pushed_out {
            self.gossip.forget(&old);
        }
        out.push(Output::Notice(Notice::Alert {
            device: alert.device,
            subject: alert.alarm.subject,
            matter: alert.alarm.matter.word(),
        }));
        self.complaint_heard(&alert, now.monotonic);
        self.touch_heard(&alert, now, out);
        self.answer_for(id, alert.alarm.subject, bytes, now, out);
        Ok(Some(piece))
    }
}

/// Who says so, of an alert that nobody has checked.
pub(super) fn author_of(piece: &Evidence) -> Option<DeviceId> {
    let Evidence::Alert(bytes) = piece else {
        return None;
    };
    let unchecked = Unchecked::<Alert>::parse(bytes).ok()?;
    Some(unchecked.claim().device)
}

fn by_path(files: &[WatchedFile]) -> BTreeMap<Path, Option<Digest>> {
    let files = files.iter();
    files.map(|file| (file.path.clone(), file.digest)).collect()
}
