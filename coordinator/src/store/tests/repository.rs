use std::collections::BTreeMap;
use std::io::ErrorKind;

use super::rig::{Disk, at};
use crate::store::fault::ChangeError;
use crate::store::repository::{Current, Draft, Paper, Publication, TIMESTAMP};
use crate::store::{Store, Writer};

/// Every document says to which publication it belongs.
fn publication(number: u64) -> Publication {
    let current = Current {
        root: 1,
        timestamp: number,
        snapshot: number,
        roles: [("firmware", number), ("targets", number)]
            .map(|(role, version)| (role.to_owned(), version))
            .into(),
        replaced: Vec::new(),
    };
    let text = format!("of publication {number}").into_bytes();
    let mut documents: BTreeMap<_, _> = current.names().map(|name| (name, text.clone())).collect();
    documents.insert("1.root.json".to_owned(), b"root".to_vec());
    Publication { current, documents }
}

fn draft(role: &str) -> Draft {
    Draft {
        number: 0,
        made: at(0),
        purpose: format!("for {role}"),
        papers: vec![Paper::new(role.to_owned(), 2, vec![7; 100_000])],
    }
}

fn publish(writer: &Writer, number: u64, draft: Option<u64>) -> Result<(), ChangeError> {
    writer.write(|changes| {
        changes.publish(&publication(number))?;
        draft.map_or(Ok(()), |draft| changes.remove_draft(draft))
    })
}

/// What is served, and whether the draft still waits.
fn seen(store: &Store) -> (u64, bool) {
    let reader = store.reader();
    let (current, documents) = reader
        .repository_documents()
        .expect("the store answers")
        .expect("the store answers");
    let number = current.timestamp;
    assert_eq!(documents, publication(number).documents, "a mixture");
    (
        number,
        !reader.drafts().expect("the store answers").is_empty(),
    )
}

#[test]
fn whenever_the_power_goes_the_old_or_the_new_repository_is_served_and_never_a_mixture() {
    let disk = Disk::default();
    let (store, _) = disk.open();
    let writer = store.writer();
    publish(&writer, 1, None).expect("the store answers");
    let kept = writer.write(|changes| changes.add_draft(draft("firmware")));
    disk.remember();
    publish(&writer, 2, Some(kept.expect("the store answers").number)).expect("the store answers");
    let cuts = disk.after_each_sync();
    let seen: Vec<_> = cuts.iter().map(|cut| seen(&cut.open().0)).collect();
    assert!(
        seen.iter()
            .all(|seen| [(1, true), (2, false)].contains(seen)),
        "{seen:?}"
    );
    assert_eq!(seen.last(), Some(&(2, false)));
}

#[test]
fn a_disk_that_fills_up_half_way_leaves_the_old_repository() {
    let disk = Disk::default();
    let (store, _) = disk.open();
    let writer = store.writer();
    publish(&writer, 1, None).expect("the store answers");
    disk.fails(Some(ErrorKind::StorageFull));
    assert!(publish(&writer, 2, None).is_err());
    disk.fails(None);
    let (again, _) = disk.after_power_cut().open();
    assert_eq!(seen(&again).0, 1);
}

#[test]
fn documents_of_much_earlier_publications_go_and_those_of_late_ones_stay() {
    let (store, _) = Disk::default().open();
    let writer = store.writer();
    for number in 1..=40 {
        publish(&writer, number, None).expect("the store answers");
    }
    let there = |number: u64| {
        let name = format!("{number}.firmware.json");
        store
            .reader()
            .repository_document(&name)
            .expect("the store answers")
            .is_some()
    };
    assert!(there(40) && there(30) && !there(20));
    assert!(
        store
            .reader()
            .repository_document(TIMESTAMP)
            .expect("the store answers")
            .is_some()
    );
}

#[test]
fn a_later_draft_of_a_role_makes_the_one_before_void() {
    let (store, _) = Disk::default().open();
    let writer = store.writer();
    let add = |role| {
        writer
            .write(|changes| changes.add_draft(draft(role)))
            .expect("the store answers")
    };
    let (first, other, second) = (add("firmware"), add("policy"), add("firmware"));
    let waiting = store.reader().drafts().expect("the store answers");
    assert_eq!(waiting, [other, second]);
    assert_eq!(
        store
            .reader()
            .draft(first.number)
            .expect("the store answers"),
        None
    );
    let gone = writer.write(|changes| changes.set_draft(&first));
    assert!(matches!(gone, Err(ChangeError::Missing("draft"))));
}
