//! Gateways have countersigned the audit log: what the owner of the store and of its key does to it is told.

use protocol::countersign::{AuditHead, Countersigned};
use protocol::merkle::Tree;
use protocol::statement::Statement;
use protocol::text::Path;

use super::rig::{self, Disk, at, device, name, position, saved};
use crate::audit::VerdictDocument;
use crate::store::Store;
use crate::store::audit::{
    AUDIT, AUDIT_HEAD, Act, Agreement, AuditCheck, AuditVerdict, Head, Sought,
};
use crate::store::fault::{ChangeError, Fault};

fn act(number: u64) -> Act {
    Act {
        time: at(number),
        actor: name(if number.is_multiple_of(2) {
            "ada"
        } else {
            "Bela"
        }),
        action: name(if number.is_multiple_of(3) {
            "device.retire"
        } else {
            "user.log_in"
        }),
        object: Path::new(format!("thing {number}")).expect("a path"),
        before: None,
        after: None,
        address: None,
        request: None,
    }
}

fn filled(entries: u64) -> Store {
    let (store, _) = Disk::default().open();
    let written = store
        .writer()
        .write(|changes| (0..entries).try_for_each(|number| changes.audit(act(number)).map(drop)));
    written.expect("it is stored");
    store
}

fn countersign(store: &mut Store, sequence: u32, word: Countersigned) {
    let record = rig::collected(
        1,
        position(1, sequence),
        at(1_000),
        Statement::Countersigned(word),
    );
    store
        .commit(&[rig::enrolled(1), saved(record)])
        .expect("it is stored");
}

fn head(store: &Store) -> AuditHead {
    let mut tree = Tree::new();
    store
        .reader()
        .grow_audit_tree(&mut tree)
        .expect("it is read");
    AuditHead::of(&tree)
}

fn check(store: &Store) -> AuditCheck {
    store.reader().audit_check().expect("it is read")
}

/// Somebody who owns the coordinator has its key as well, and makes a head that fits what is left.
fn cut_by_the_owner(store: &Store, from: u64, until: u64) {
    let last = store
        .reader()
        .audit_page(Some(from), 1)
        .expect("it is read");
    let forged = Head {
        entries: from,
        digest: last.first().map(|entry| entry.digest),
    };
    let written = store.engine.write(|txn| {
        let mut rows = AUDIT.writable(txn)?;
        for index in from..until {
            rows.remove(&index.to_be_bytes())?;
        }
        AUDIT_HEAD
            .writable(txn)?
            .put(b"head", &mut forged.row(&store.engine.key))
    });
    written.unwrap_or_else(|fault: Fault| panic!("{fault:?}"));
}

#[test]
fn a_log_without_its_last_ten_entries_is_told_by_the_countersigned_head() {
    let mut store = filled(30);
    let held = head(&store);
    countersign(
        &mut store,
        0,
        Countersigned {
            held,
            refused: None,
        },
    );
    assert!(check(&store).is_whole());
    cut_by_the_owner(&store, 20, 30);
    let found = check(&store);
    assert!(
        matches!(found.verdict, AuditVerdict::Whole { entries: 20, .. }),
        "the chain alone does not tell"
    );
    let agreement = found.countersigned[0].agreement;
    assert_eq!(agreement, Agreement::Shorter { missing: 10 });
    let told = VerdictDocument::of(&found);
    assert!(!told.whole);
    assert!(told.why.expect("it says why").contains("10 at the end"));
    let written = store
        .writer()
        .write(|changes| (100..140).try_for_each(|number| changes.audit(act(number)).map(drop)));
    written.unwrap_or_else(|error: ChangeError| panic!("{error}"));
    let found = check(&store);
    assert_eq!(
        found.countersigned[0].agreement,
        Agreement::Differs,
        "however much is written behind it"
    );
}

#[test]
fn a_refusal_is_remembered_beside_what_is_countersigned_later() {
    let mut store = filled(10);
    let held = head(&store);
    let shown = AuditHead { entries: 4, ..held };
    let refused = Some(shown);
    countersign(&mut store, 0, Countersigned { held, refused });
    countersign(
        &mut store,
        1,
        Countersigned {
            held,
            refused: None,
        },
    );
    let words = store.reader().countersigned().expect("they are read");
    assert_eq!(words[&device(1)].refused, Some(shown));
    assert_eq!(words[&device(1)].position, position(1, 1));
}

#[test]
fn entries_are_found_by_who_what_on_what_and_when() {
    let store = filled(12);
    let sought = |sought: Sought| -> Vec<u64> {
        let found = store.reader().audit_search(&sought, None, 100);
        let entries = found.expect("they are read").entries;
        entries.iter().map(|entry| entry.index).collect()
    };
    let text = |text: &str| Some(text.to_owned());
    let by = Sought {
        actor: text("bela"),
        action: text("device."),
        ..Sought::default()
    };
    assert_eq!(sought(by), [9, 3]);
    let on = Sought {
        object: text("THING 1"),
        ..Sought::default()
    };
    assert_eq!(sought(on), [11, 10, 1]);
    let when = Sought {
        from: Some(at(3)),
        until: Some(at(5)),
        ..Sought::default()
    };
    assert_eq!(sought(when), [4, 3]);
    let reader = store.reader();
    let page = reader
        .audit_search(&Sought::default(), None, 5)
        .expect("a page");
    assert_eq!((page.entries.len(), page.next), (5, Some(7)));
    let rest = reader.audit_search(&Sought::default(), page.next, 100);
    let rest = rest.expect("a page");
    assert_eq!((rest.entries.len(), rest.next), (7, None));
}
