//! Succession: which root and which charter may follow which.

use std::sync::Arc;

use protocol::charter::{Charter, CharterError};
use protocol::key::Strict;
use protocol::ledger::Entry;
use protocol::proof::Dossier;
use protocol::succession::{Succession, SuccessionError, Trust};

use crate::samples as sample;

fn first() -> Trust {
    Trust::new(sample::anchor(), Arc::new(sample::charter()))
}

#[test]
fn a_charter_of_a_stranger_is_refused_and_so_is_one_that_does_not_come_later() {
    let foreign = first().after(&sample::charter_entry(
        &sample::next_charter(),
        sample::ADMINISTRATOR,
    ));
    assert!(matches!(
        foreign,
        Err(SuccessionError::Charter(CharterError::Threshold(_)))
    ));
    let again = sample::charter_entry(&sample::charter(), sample::ROOT);
    assert!(matches!(
        first().after(&again),
        Err(SuccessionError::NotLater(why)) if why.contains("version")
    ));
    let hiding = Charter {
        former: Vec::new(),
        ..sample::next_charter()
    };
    assert!(matches!(
        first().after(&sample::charter_entry(&hiding, sample::ROOT)),
        Err(SuccessionError::NotLater(why)) if why.contains("admission key")
    ));
}

#[test]
fn a_root_that_its_predecessor_has_not_signed_does_not_follow() {
    let lone = sample::root_of(2, sample::NEXT_ROOT, &[sample::NEXT_ROOT]);
    let refused = first().after(&Entry::Root(lone.into()));
    assert!(matches!(refused, Err(SuccessionError::Root(_))));
    let skipping = sample::root_of(3, sample::NEXT_ROOT, &[sample::ROOT, sample::NEXT_ROOT]);
    let refused = first().after(&Entry::Root(skipping.into()));
    assert!(matches!(refused, Err(SuccessionError::Root(_))));
}

#[test]
fn what_is_in_force_already_is_passed_over() {
    let succession = sample::succession();
    let once = first().followed(&succession).expect("it follows");
    let twice = once.followed(&succession).expect("nothing is left to do");
    assert_eq!(twice.charter(), once.charter());
    let many: Vec<Entry> = (0..9)
        .map(|_| Entry::Root(sample::next_root().into()))
        .collect();
    assert!(matches!(
        first().followed(&Succession::of(&many)),
        Err(SuccessionError::TooMany)
    ));
}

/// Whoever checks a file of evidence holds the first documents of the mesh, or nothing but its id.
#[test]
fn a_file_of_evidence_verifies_behind_a_rotation() {
    let first = sample::signed_charter(&sample::charter());
    let proof = sample::proof_of_two_heads();
    let assemble = |succession: &Succession| {
        let root = sample::root();
        Dossier::assemble(root.as_bytes(), &first, succession, proof.bytes())
    };
    let file = assemble(&sample::succession());
    let opened = Dossier::open(&file, Some(&sample::mesh()), &Strict).expect("it follows");
    assert_eq!(opened.proof().bytes(), proof.bytes());
    let lone = sample::root_of(2, sample::NEXT_ROOT, &[sample::NEXT_ROOT]);
    let broken = assemble(&Succession::of(&[Entry::Root(lone.into())]));
    let refused = Dossier::open(&broken, None, &Strict).expect_err("it does not follow");
    assert!(refused.to_string().contains("follows"), "{refused}");
}
