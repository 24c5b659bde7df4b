use minicbor::Encode;
use protocol::alert::Delivery;
use protocol::cbor;
use protocol::evidence::EvidenceId;
use protocol::id::Digest;
use protocol::text::Path;

use super::rig::{Disk, at, device, name};
use crate::access;
use crate::store::audit::{AUDIT, AUDIT_HEAD, Act, AuditBreak, AuditVerdict, Detail};
use crate::store::fault::{ChangeError, Fault};
use crate::store::rows::Table;
use crate::store::{Changes, Store};

fn act(number: u64) -> Act {
    Act {
        time: at(number),
        actor: name("ada"),
        action: name("retire"),
        object: Path::new(format!("device {number}")).expect("a path"),
        before: Some(Detail::new("online").expect("a detail")),
        after: None,
        address: Some(name("192.0.2.7")),
        request: Some(name("r1")),
    }
}

fn filled(entries: u64) -> Store {
    let (store, _) = Disk::default().open();
    let written = store.writer().write(|changes| {
        for number in 0..entries {
            assert_eq!(changes.audit(act(number))?, number);
        }
        Ok::<_, ChangeError>(())
    });
    written.expect("it is stored");
    store
}

fn verdict(store: &Store) -> AuditVerdict {
    store.reader().audit_verify().expect("it is read")
}

/// Does what somebody with the file and the program, but without the key, can do.
fn tamper(
    store: &Store,
    table: &'static Table,
    act: impl FnOnce(&mut crate::store::rows::Writable<'_>),
) {
    let written = store.engine.write(|txn| {
        act(&mut table.writable(txn)?);
        Ok::<_, Fault>(())
    });
    written.expect("it is stored");
}

fn broken(index: u64, how: AuditBreak) -> AuditVerdict {
    AuditVerdict::Broken { index, how }
}

#[test]
fn a_list_that_nobody_touched_is_whole() {
    let store = filled(10);
    assert!(matches!(
        verdict(&store),
        AuditVerdict::Whole { entries: 10, .. }
    ));
    let page = store.reader().audit_page(None, 3).expect("a page");
    let indices: Vec<_> = page.iter().map(|entry| entry.index).collect();
    assert_eq!(indices, [9, 8, 7]);
    assert_eq!((&page[0].act, page[0].previous), (&act(9), page[1].digest));
    let rest = store.reader().audit_page(Some(2), 100).expect("a page");
    assert_eq!(rest.len(), 2);
    assert_eq!(rest[1].previous, Digest::ZERO);
    assert!(matches!(
        verdict(&filled(0)),
        AuditVerdict::Whole { entries: 0, .. }
    ));
}

#[test]
fn an_entry_that_was_rewritten_is_named() {
    #[derive(Encode)]
    #[cbor(array)]
    struct Forged {
        #[n(0)]
        act: Act,
        #[n(1)]
        previous: Digest,
    }
    let store = filled(10);
    let previous = store.reader().audit_page(Some(5), 1).expect("a page")[0].previous;
    let forged = Forged {
        act: act(77),
        previous,
    };
    tamper(&store, &AUDIT, |rows| {
        let key = 4_u64.to_be_bytes();
        rows.put(&key, &mut cbor::encode(&forged))
            .expect("it is stored");
    });
    assert_eq!(
        verdict(&store),
        broken(5, AuditBreak::Unchained),
        "the next one does not fit"
    );
}

#[test]
fn an_entry_that_is_garbage_or_gone_is_named() {
    let store = filled(10);
    tamper(&store, &AUDIT, |rows| {
        rows.put(&6_u64.to_be_bytes(), &mut vec![1, 2, 3])
            .expect("it is stored");
    });
    assert_eq!(verdict(&store), broken(6, AuditBreak::Changed));
    tamper(&store, &AUDIT, |rows| {
        rows.remove(&3_u64.to_be_bytes()).expect("it is gone");
    });
    assert_eq!(verdict(&store), broken(3, AuditBreak::Missing));
}

#[test]
fn a_list_that_was_cut_short_is_noticed_and_its_head_cannot_be_made() {
    let store = filled(10);
    tamper(&store, &AUDIT, |rows| {
        rows.remove(&9_u64.to_be_bytes()).expect("it is gone");
    });
    assert_eq!(verdict(&store), broken(9, AuditBreak::Missing));
    tamper(&store, &AUDIT_HEAD, |rows| {
        rows.put(b"head", &mut vec![0; 72]).expect("it is stored");
    });
    assert_eq!(verdict(&store), broken(9, AuditBreak::HeadChanged));
    let more = store
        .writer()
        .write(|changes: &mut Changes<'_>| changes.audit(act(10)));
    assert!(
        matches!(more, Err(ChangeError::Damaged(_))),
        "nothing is appended to a forged list"
    );
}

#[test]
fn a_deputys_receipt_is_noted_once_however_often_it_comes() {
    let disk = Disk::default();
    let (store, _) = disk.open();
    let delivery = |alert| Delivery {
        deputy: device(1),
        alert: EvidenceId([alert; 8]),
        time: at(0),
    };
    for alert in [1, 2, 1] {
        access::note_told(&store.writer(), &delivery(alert)).expect("it is noted");
    }
    drop(store);
    let (store, _) = disk.open();
    access::note_told(&store.writer(), &delivery(2)).expect("it is noted");
    let page = store.reader().audit_page(None, 10).expect("it is read");
    let objects: Vec<&str> = page.iter().map(|entry| entry.act.object.as_str()).collect();
    assert_eq!(objects, ["0202020202020202", "0101010101010101"]);
    assert!(page[0].act.actor.as_str().starts_with("deputy "));
}
