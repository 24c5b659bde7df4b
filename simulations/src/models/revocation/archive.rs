//! The shipped roster behind every log of the model: what extends what, and which door opens to whom.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use protocol::charter::Charter;
use protocol::class::DeviceClass;
use protocol::id::DeviceId;
use protocol::key::{PublicKey, Signer, Verifier};
use protocol::ledger::{Entry as LogEntry, LogHead, Strength, Withdrawal};
use protocol::limits;
use protocol::membership::Membership;
use protocol::merkle::Tree;
use protocol::record::Incarnation;
use protocol::roster::{Credentials, Roster};
use protocol::seal::UnsealingKey;
use protocol::signed::Signed;
use protocol::text::Name;
use protocol::time::Timestamp;

use super::log::{Entry, LENGTH, Log};
use crate::chance::seed_bytes;
use crate::fleet::{BEGINNING, Blueprint, Fleet};
use crate::profile::Profile;
use crate::signing::Signing;

const SEED: u64 = 1;
const DAY: Duration = Duration::from_secs(86_400);

/// Keys, rosters and verdicts; a verdict is asked for once and remembered.
#[derive(Debug)]
pub(super) struct Archive {
    charter: Arc<Charter>,
    admission: Arc<dyn Signer>,
    administrator: Arc<dyn Signer>,
    device: Arc<dyn Signer>,
    verifier: Arc<dyn Verifier>,
    reborn: OnceLock<Vec<u8>>,
    verdicts: Mutex<Verdicts>,
}

#[derive(Debug, Default)]
struct Verdicts {
    rosters: BTreeMap<Log, Arc<Roster>>,
    extends: BTreeMap<(Log, Log), bool>,
    lets_in: BTreeMap<(Log, Log, u8), bool>,
}

impl Archive {
    pub(super) fn new() -> Self {
        let fleet = Fleet::build(Blueprint {
            gateways: 0,
            epoch: protocol::beacon::EPOCH,
            ground: crate::fleet::Ground::default(),
            seed: SEED,
            nodes: 1,
            signing: Signing::Mock,
            profiles: Profile::pick(None)
                .expect("the profiles are built in")
                .into(),
        });
        let fleet = fleet.expect("one device can be admitted");
        Self {
            admission: fleet.offices().admission,
            administrator: Signing::Mock.signer(&seed_bytes(SEED, "administrator key", 0)),
            device: Signing::Mock.signer(&seed_bytes(SEED, "model device key", 0)),
            charter: fleet.charter,
            verifier: fleet.verifier,
            reborn: OnceLock::new(),
            verdicts: Mutex::default(),
        }
    }

    /// Whether a member that holds `from` takes the rest of `to` for the continuation.
    pub(super) fn extends(&self, from: &Log, to: &Log) -> bool {
        let known = self.verdicts().extends.get(&(*from, *to)).copied();
        known.unwrap_or_else(|| {
            let verdict = self
                .roster(from)
                .is_some_and(|roster| self.extend(&roster, to).is_some());
            self.verdicts().extends.insert((*from, *to), verdict);
            verdict
        })
    }

    /// Whether a member with this log opens to the device by anything that one of `shown` says of it.
    pub(super) fn lets_in(&self, log: &Log, shown: &[Log], day: u8) -> bool {
        shown.iter().any(|shown| {
            let key = (*log, *shown, day);
            let known = self.verdicts().lets_in.get(&key).copied();
            known.unwrap_or_else(|| {
                let verdict = self.judge(log, shown, day);
                self.verdicts().lets_in.insert(key, verdict);
                verdict
            })
        })
    }

    /// As [`Self::lets_in`], of a door that knows nothing about the key behind a new id.
    pub(super) fn opens_to_another_id(&self, day: u8) -> bool {
        self.opens(&Log::FIRST, &self.reborn(), day)
    }

    /// The longest beginning that an honest member can hold.
    pub(super) fn honest_part(&self, log: &Log) -> Log {
        let beginnings = (1..=log.entries().len())
            .rev()
            .map(|length| log.up_to(length));
        let mut honest = beginnings.filter(|log| self.extends(&Log::FIRST, log));
        honest.next().unwrap_or(Log::FIRST)
    }

    /// The device shows its newest membership in a log, the one before, or its key under another id.
    fn judge(&self, log: &Log, shown: &Log, day: u8) -> bool {
        let own = self.honest_part(shown);
        let wallet = [own, Log::FIRST].map(|log| self.credentials(&log));
        let mut wallet = wallet.into_iter().chain([self.reborn()]);
        wallet.any(|credentials| self.opens(log, &credentials, day))
    }

    fn opens(&self, log: &Log, credentials: &[u8], day: u8) -> bool {
        let roster = self.roster(log).expect("the log is the honest part of one");
        let now = BEGINNING.saturating_add(DAY * u32::from(day));
        let peer = self.device.public().peer();
        let verdict = roster.admit_peer(peer, credentials, now, self.verifier.as_ref());
        verdict.is_ok()
    }

    fn credentials(&self, log: &Log) -> Vec<u8> {
        let roster = self.roster(log).expect("the log is the honest part of one");
        let shown = roster.credentials(&id(0));
        shown.as_ref().map(Credentials::encode).unwrap_or_default()
    }

    /// What the device shows of a log that only the thief has: there its key stands under another id, at
    /// a place that no member's log has reached.
    fn reborn(&self) -> Vec<u8> {
        let known = self.reborn.get_or_init(|| self.log_again());
        known.clone()
    }

    fn log_again(&self) -> Vec<u8> {
        let others = (0..LENGTH as u64).map(|place| {
            let key = Signing::Mock.signer(&seed_bytes(SEED, "model stranger key", place));
            self.membership(2 + place, key.public(), place)
        });
        let again = self.membership(1, self.device.public(), LENGTH as u64);
        let seal =
            |membership| LogEntry::admission(&Signed::seal(membership, self.admission.as_ref()));
        let entries: Vec<Vec<u8>> = others
            .chain([again])
            .map(|one| seal(one).encode())
            .collect();
        let empty = Roster::new(Arc::clone(&self.charter));
        let theirs = empty.extend(0, &entries, &self.head(&entries), self.verifier.as_ref());
        let shown = theirs
            .expect("the thief's log is in order")
            .credentials(&id(1));
        shown.expect("the thief's log admits the device").encode()
    }

    fn roster(&self, log: &Log) -> Option<Arc<Roster>> {
        if let Some(known) = self.verdicts().rosters.get(log) {
            return Some(Arc::clone(known));
        }
        let empty = Roster::new(Arc::clone(&self.charter));
        let roster = Arc::new(self.extend(&empty, log)?);
        self.verdicts().rosters.insert(*log, Arc::clone(&roster));
        Some(roster)
    }

    fn extend(&self, roster: &Roster, log: &Log) -> Option<Roster> {
        let entries = self.encoded(log);
        let known = usize::try_from(roster.size()).expect("the log is short");
        let new = entries.get(known..)?;
        let head = self.head(&entries);
        roster
            .extend(roster.size(), new, &head, self.verifier.as_ref())
            .ok()
    }

    fn head(&self, entries: &[Vec<u8>]) -> Vec<u8> {
        let tree = tree(entries);
        let head = LogHead {
            mesh: self.charter.mesh,
            size: tree.size(),
            root: tree.root(),
            time: BEGINNING,
        };
        Signed::seal(head, self.admission.as_ref()).bytes().to_vec()
    }

    fn encoded(&self, log: &Log) -> Vec<Vec<u8>> {
        let entries = log.entries().iter().zip(0..);
        entries
            .map(|(entry, place)| self.encode(*entry, place))
            .collect()
    }

    fn encode(&self, entry: Entry, place: u64) -> Vec<u8> {
        let (strength, signer) = match entry {
            Entry::Admission | Entry::Renewal => {
                let membership = self.membership(0, self.device.public(), place);
                let signed = Signed::seal(membership, self.admission.as_ref());
                return LogEntry::admission(&signed).encode();
            }
            Entry::Suspension { day } => {
                let until = BEGINNING.saturating_add(DAY * (u32::from(day) + 1));
                (Strength::Suspension { until }, &self.admission)
            }
            Entry::Revocation => (Strength::Revocation, &self.administrator),
            Entry::Forgery => (Strength::Revocation, &self.admission),
        };
        let withdrawal = self.withdrawal(strength, place);
        LogEntry::withdrawal(&Signed::seal(withdrawal, signer.as_ref())).encode()
    }

    fn withdrawal(&self, strength: Strength, place: u64) -> Withdrawal {
        let time = match strength {
            Strength::Suspension { until } => until.saturating_sub(DAY),
            Strength::Revocation | Strength::Retirement => BEGINNING,
        };
        Withdrawal {
            mesh: self.charter.mesh,
            device: id(0),
            log_index: place,
            time,
            strength,
            reason: name("stolen"),
        }
    }

    fn membership(&self, number: u64, key: PublicKey, place: u64) -> Membership {
        let sealing = UnsealingKey::from_seed(&seed_bytes(SEED, "model sealing key", 0)).public();
        Membership {
            mesh: self.charter.mesh,
            device: id(number),
            log_index: place,
            key,
            sealing,
            name: name("pump"),
            class: DeviceClass::Sensor,
            cell: name("hall"),
            not_before: BEGINNING,
            not_after: not_after(),
            incarnation_floor: Incarnation::default(),
            next_key: None,
        }
    }

    fn verdicts(&self) -> std::sync::MutexGuard<'_, Verdicts> {
        self.verdicts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn id(number: u64) -> DeviceId {
    DeviceId::from_bytes(number.to_be_bytes())
}

fn not_after() -> Timestamp {
    BEGINNING.saturating_add(limits::MEMBERSHIP)
}

fn tree(entries: &[Vec<u8>]) -> Tree {
    let mut tree = Tree::default();
    for entry in entries {
        tree.push(LogEntry::leaf(entry));
    }
    tree
}

fn name(text: &str) -> Name {
    Name::new(text).expect("a short word")
}
