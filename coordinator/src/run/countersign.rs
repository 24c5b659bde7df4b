//! The audit log is shown to the gateways that are linked, each from where it has countersigned it before.

use std::collections::BTreeMap;
use std::time::Duration;

use protocol::coordinator::{Command, Input};
use protocol::countersign::{AuditHead, AuditWord, Countersigned};
use protocol::id::DeviceId;
use protocol::merkle::Tree;
use tracing::{debug, error, warn};

use super::Shell;
use crate::store::Reader;

/// How often it is shown where it has grown, or where a gateway has not answered.
pub(super) const SHOWN: Duration = Duration::from_secs(10);
/// A gateway that says nothing is shown the same again after so many times.
const PATIENCE: u8 = 6;

/// The log as a tree, and how much of it each gateway has countersigned.
#[derive(Debug, Default)]
pub(super) struct Countersigners {
    tree: Tree,
    held: BTreeMap<DeviceId, AuditHead>,
    /// What each was shown last, and how often it was passed over since.
    shown: BTreeMap<DeviceId, (u64, u8)>,
}

impl Countersigners {
    /// What gateways said before this start.
    pub(super) fn recalled(reader: &Reader) -> Self {
        let words = reader.countersigned().unwrap_or_else(|error| {
            warn!(%error, "what gateways have countersigned cannot be read");
            BTreeMap::new()
        });
        let held = words.into_iter().map(|(device, word)| (device, word.held));
        Self {
            held: held.collect(),
            ..Self::default()
        }
    }

    pub(super) fn held(&mut self, device: &DeviceId, head: &AuditHead) {
        self.held.insert(*device, *head);
        self.shown.remove(device);
    }

    /// What a gateway is to be shown, if anything.
    fn word(&mut self, gateway: &DeviceId) -> Option<AuditWord> {
        let size = self.tree.size();
        let held = self.held.get(gateway).copied();
        if size == 0 && held.is_none() {
            return None;
        }
        if held.is_some_and(|held| held == AuditHead::of(&self.tree)) {
            return None;
        }
        let (shown, passed) = self.shown.entry(*gateway).or_default();
        if *shown == size && *passed < PATIENCE {
            *passed += 1;
            return None;
        }
        (*shown, *passed) = (size, 0);
        Some(AuditWord::shown(
            &self.tree,
            held.map_or(0, |held| held.entries),
        ))
    }
}

impl Shell {
    /// One command for each gateway that is to be shown the log.
    pub(super) fn show_audit(&mut self) -> Vec<Input> {
        let reader = self.store.reader();
        let tree = &mut self.countersigners.tree;
        if let Err(error) = tokio::task::block_in_place(|| reader.grow_audit_tree(tree)) {
            error!(%error, "the audit log cannot be read, so gateways are not shown it");
            return Vec::new();
        }
        let mut shown = Vec::new();
        for gateway in self.core.linked_gateways() {
            let word = self.countersigners.word(&gateway);
            shown.extend(word.map(|word| Input::Command(Command::ShowAudit { gateway, word })));
        }
        shown
    }

    pub(super) fn audit_countersigned(&mut self, device: &DeviceId, word: &Countersigned) {
        match word.refused {
            None => debug!(%device, entries = word.held.entries, "countersigned the audit log"),
            Some(shown) => error!(
                %device,
                held = word.held.entries,
                shown = shown.entries,
                "a gateway refuses the audit log: it was cut or rewritten"
            ),
        }
        self.countersigners.held(device, &word.held);
    }
}

#[cfg(test)]
mod tests {
    use protocol::countersign::Look;
    use protocol::id::Digest;

    use super::*;

    fn grown(countersigners: &mut Countersigners, entries: u64) {
        for number in countersigners.tree.size()..entries {
            let entry = Digest::of("test entry", &[&number.to_be_bytes()]);
            countersigners.tree.push(AuditHead::leaf(&entry));
        }
    }

    #[test]
    fn a_gateway_is_shown_what_is_new_once_and_again_only_where_it_says_nothing() {
        let (gateway, mut all) = (DeviceId::from_bytes([1; 8]), Countersigners::default());
        assert_eq!(all.word(&gateway), None, "nothing was done yet");
        grown(&mut all, 5);
        let Some(AuditWord::Shown { head, since: 0, .. }) = all.word(&gateway) else {
            panic!("it is shown the log");
        };
        for _ in 0..PATIENCE {
            assert_eq!(all.word(&gateway), None);
        }
        assert!(
            all.word(&gateway).is_some(),
            "it was told nothing, so again"
        );
        all.held(&gateway, &head);
        assert_eq!(all.word(&gateway), None, "it holds all of it");
        grown(&mut all, 9);
        let Some(AuditWord::Shown {
            head: more,
            since,
            proof,
        }) = all.word(&gateway)
        else {
            panic!("it is shown the rest");
        };
        let judged = AuditHead::judge(Some(&head), &more, since, &proof);
        assert_eq!(judged, Ok(Look::Further));
    }

    /// Story: of a log that was cut nothing would be new, and a gateway that holds more would never be asked.
    #[test]
    fn a_gateway_that_holds_more_than_there_is_is_shown_it_so_that_it_says_so() {
        let (gateway, mut all) = (DeviceId::from_bytes([1; 8]), Countersigners::default());
        grown(&mut all, 9);
        let head = AuditHead::of(&all.tree);
        let mut cut = Countersigners::default();
        cut.held(&gateway, &head);
        grown(&mut cut, 3);
        let Some(AuditWord::Shown {
            head: shown,
            since,
            proof,
        }) = cut.word(&gateway)
        else {
            panic!("it is shown what is left");
        };
        AuditHead::judge(Some(&head), &shown, since, &proof).expect_err("it is shorter");
    }
}
