//! The journal against a model that is a few maps, on files and on a disk that misbehaves.

mod damage;
mod disk;
mod model;

use std::os::unix::fs::MetadataExt as _;

use protocol::limits;
use protocol::record::Incarnation;

use super::*;
use disk::Disk;
use model::{Model, batch, device, position, record};
use protocol::dice::Dice;

#[test]
fn what_was_committed_is_there_after_a_restart() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("journal.redb");
    let mut model = Model::default();
    for seed in 0..20 {
        let (mut journal, memory) = Journal::open(&path).expect("the file is sound");
        assert_eq!(memory, model.memory());
        model.assert_is(&journal);
        let saves = batch(&mut Dice::from_seed([seed; 32]), &model);
        journal.commit(&saves).expect("the disk is fine");
        model.apply(&saves);
        model.assert_is(&journal);
    }
    assert_eq!(path.metadata().expect("it is there").mode() & 0o777, 0o600);
}

#[test]
fn a_page_of_the_backlog_begins_behind_a_position_and_is_bounded() {
    let (mut journal, _) =
        Journal::create_with_backend(Disk::opener(&Disk::default())).expect("the disk is empty");
    let saves: Vec<_> = (0..10).map(|sequence| save_record(1, sequence)).collect();
    journal.commit(&saves).expect("the disk is fine");
    let page = journal
        .backlog(Some(position(1, 3)), 4)
        .expect("the disk is fine");
    let places: Vec<_> = page.iter().map(|(position, _)| position.sequence).collect();
    assert_eq!(places, [4, 5, 6, 7]);
    assert_eq!(page[0].1, record(position(1, 4)));
    assert_eq!(
        journal
            .backlog(Some(position(1, 9)), 4)
            .expect("the disk is fine"),
        []
    );
}

#[test]
fn what_is_acknowledged_goes_but_the_newest_record_stays() {
    let (mut journal, _) =
        Journal::create_with_backend(Disk::opener(&Disk::default())).expect("the disk is empty");
    let saves: Vec<_> = (0..5)
        .map(|sequence| save_record(1, sequence))
        .chain([save_record(2, 0)])
        .collect();
    journal.commit(&saves).expect("the disk is fine");
    journal
        .commit(&[Save::Acknowledged(position(1, 3))])
        .expect("the disk is fine");
    assert_eq!(places(&journal), [position(1, 4), position(2, 0)]);
    journal
        .commit(&[Save::Acknowledged(position(2, 0))])
        .expect("the disk is fine");
    assert_eq!(places(&journal), [position(2, 0)]);
}

#[test]
fn what_is_given_up_goes_although_nobody_has_stored_it() {
    let (mut journal, _) =
        Journal::create_with_backend(Disk::opener(&Disk::default())).expect("the disk is empty");
    let saves: Vec<_> = (3..6)
        .map(|sequence| save_record(1, sequence))
        .chain((0..3).map(|sequence| save_record(4, sequence)))
        .collect();
    journal.commit(&saves).expect("the disk is fine");
    journal
        .commit(&[Save::GivenUp(position(4, 0))])
        .expect("the disk is fine");
    assert_eq!(places(&journal), [position(4, 1), position(4, 2)]);
    journal
        .commit(&[Save::GivenUp(position(9, 0))])
        .expect("the disk is fine");
    assert_eq!(
        places(&journal),
        [position(4, 2)],
        "the log goes on from it"
    );
}

#[test]
fn custody_is_bounded_for_each_subject_and_in_subjects() {
    let (mut journal, _) =
        Journal::create_with_backend(Disk::opener(&Disk::default())).expect("the disk is empty");
    let custody = |subject: u8, sequence: u32| {
        let position = position(1, sequence);
        Save::Custody {
            subject: device(subject),
            position,
            record: record(position),
        }
    };
    let extra = limits::CUSTODY_RECORDS as u32 + 10;
    let saves: Vec<_> = (0..extra).map(|sequence| custody(0, sequence)).collect();
    journal.commit(&saves).expect("the disk is fine");
    let kept = journal.custody(device(0)).expect("the disk is fine");
    assert_eq!(kept.len(), limits::CUSTODY_RECORDS);
    assert_eq!(kept[0].0, position(1, 10));

    let subjects = CUSTODY_SUBJECTS as u8;
    let saves: Vec<_> = (1..subjects).map(|subject| custody(subject, 0)).collect();
    journal.commit(&saves).expect("the disk is fine");
    journal
        .commit(&[custody(0, extra), custody(subjects, 0)])
        .expect("the disk is fine");
    assert_eq!(
        journal.custody(device(1)).expect("the disk is fine"),
        [],
        "the longest silent made room"
    );
    for subject in [0, 2, subjects] {
        assert!(
            !journal
                .custody(device(subject))
                .expect("the disk is fine")
                .is_empty()
        );
    }
}

#[test]
fn a_batch_on_a_full_disk_is_taken_whole_after_a_reopening() {
    let disk = Disk::default();
    let (mut journal, _) =
        Journal::create_with_backend(Disk::opener(&disk)).expect("the disk is empty");
    journal
        .commit(&[Save::Incarnation(Incarnation(1)), save_record(1, 0)])
        .expect("there is room");
    disk.fill();
    let entries = vec![vec![7; 8192]; 1000];
    let large = [
        save_record(1, 1),
        Save::Entries {
            from: 0,
            entries,
            head: vec![7],
        },
    ];
    let error = journal.commit(&large).expect_err("there is no room");
    assert_eq!(error.remedy(), Remedy::Reopen, "{error}");
    assert_eq!(
        journal
            .commit(&[save_record(1, 1)])
            .expect_err("the handle is spent")
            .remedy(),
        Remedy::Reopen
    );
    disk.make_room();
    journal.reopen().expect("there is room");
    assert_eq!(
        places(&journal),
        [position(1, 0)],
        "nothing of the failed batch counts"
    );
    journal.commit(&large).expect("there is room");
    assert_eq!(places(&journal), [position(1, 0), position(1, 1)]);
}

#[test]
fn no_power_cut_takes_what_was_committed() {
    for seed in 0..150 {
        survive_a_power_cut(seed);
    }
}

/// Commits until the power goes, then opens what the disk kept: everything acknowledged is there,
/// and the batch in flight is there as a whole or not at all.
fn survive_a_power_cut(seed: u8) {
    let mut dice = Dice::from_seed([seed; 32]);
    let disk = Disk::default();
    let mut model = Model::default();
    let mut in_flight = None;
    let (mut journal, _) =
        Journal::create_with_backend(Disk::opener(&disk)).expect("the disk is empty");
    disk.cut_after(dice.below(60));
    while in_flight.is_none() {
        let saves = batch(&mut dice, &model);
        match journal.commit(&saves) {
            Ok(()) => model.apply(&saves),
            Err(_) => in_flight = Some(saves),
        }
    }
    drop(journal);
    disk.restart(&mut dice);
    let (journal, memory) = Journal::create_with_backend(Disk::opener(&disk))
        .unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    if memory != model.memory() || model.backlog() != all(&journal) {
        model.apply(&in_flight.expect("the loop ended with one"));
        assert_eq!(memory, model.memory(), "seed {seed}");
    }
    model.assert_is(&journal);
}

fn save_record(incarnation: u32, sequence: u32) -> Save {
    let position = position(incarnation, sequence);
    Save::Record {
        position,
        record: record(position),
    }
}

fn all(journal: &Journal) -> Vec<(Position, Record)> {
    journal.backlog(None, usize::MAX).expect("the disk is fine")
}

fn places(journal: &Journal) -> Vec<Position> {
    all(journal)
        .into_iter()
        .map(|(position, _)| position)
        .collect()
}
