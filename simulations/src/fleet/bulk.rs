//! Large fleets: all admissions are signed and checked in one go, under one log head.

use std::sync::Arc;

use protocol::charter::Charter;
use protocol::coordinator::save::Save;
use protocol::id::DeviceId;
use protocol::key::Verifier;
use protocol::ledger::{Entry, LogHead};
use protocol::limits;
use protocol::membership::Membership;
use protocol::merkle::Tree;
use protocol::record::Incarnation;
use protocol::roster::Roster;
use protocol::signed::Signed;
use protocol::text::Name;

use super::{Admitted, BEGINNING, Blueprint, Candidate, FleetError, offices};
use crate::store::Store;

pub(super) fn at_once(
    blueprint: &Blueprint,
    empty: &Roster,
    verifier: &Arc<dyn Verifier>,
    candidates: &[Candidate],
) -> Result<Admitted, FleetError> {
    let admission = offices(blueprint, verifier).admission;
    let charter = empty.charter();
    let (mut tree, mut entries, mut devices) = (Tree::default(), Vec::new(), Vec::new());
    for (seat, candidate) in candidates.iter().enumerate() {
        let membership = membership(blueprint, charter, &tree, seat, candidate);
        devices.push(membership.device);
        let entry = Entry::admission(&Signed::seal(membership, admission.as_ref())).encode();
        tree.push(Entry::leaf(&entry));
        entries.push(entry);
    }
    let head = LogHead {
        mesh: charter.mesh,
        size: tree.size(),
        root: tree.root(),
        time: BEGINNING,
    };
    let head = Signed::seal(head, admission.as_ref());
    let roster = empty.extend(0, &entries, head.bytes(), verifier.as_ref())?;
    let mut store = Store::default();
    for (&device, candidate) in devices.iter().zip(candidates) {
        store.write(Save::Enrolled {
            device,
            data_key: candidate.data_key.clone(),
            at: BEGINNING,
        });
    }
    store.write(Save::Entries {
        from: 0,
        entries,
        head: head.bytes().to_vec(),
    });
    store.commit();
    Ok(Admitted {
        roster: Arc::new(roster),
        devices,
        store,
    })
}

fn membership(
    blueprint: &Blueprint,
    charter: &Charter,
    tree: &Tree,
    seat: usize,
    candidate: &Candidate,
) -> Membership {
    let name = Name::new(format!("{}-{seat:04}", candidate.class.word()))
        .expect("a short word and a number");
    Membership {
        mesh: charter.mesh,
        device: DeviceId::assigned(&charter.mesh, tree.size(), &tree.root()),
        log_index: tree.size(),
        key: candidate.key,
        sealing: candidate.unsealing.public(),
        name,
        class: candidate.class,
        cell: blueprint.ground.cell(seat),
        not_before: BEGINNING,
        not_after: BEGINNING.saturating_add(limits::MEMBERSHIP),
        incarnation_floor: Incarnation::default(),
        next_key: None,
    }
}
