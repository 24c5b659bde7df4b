//! Alerts and lines are there again after a power cut, and an older store learns to keep them.

use alerts::book::Book;
use alerts::severity::Severity;
use alerts::sighting::Known;
use logs::line::Line;
use redb::{Database, TableDefinition};

use super::rig::{Disk, at, device, enrolled};
use crate::store::fault::ChangeError;
use crate::store::logs::LogKey;
use crate::store::secret_hash::SecretHash;

const LATE: Known = Known {
    name: "degraded",
    title: "A device comes late",
    severity: Severity::Low,
    attack: None,
    stops: "It comes in time.",
};

fn book() -> Book {
    let mut book = Book::default();
    let sighting = LATE.sighting(Some(device(1)), at(0), "late again");
    book.sight(&sighting, None, at(0));
    book
}

#[test]
fn alerts_lines_and_keys_survive_a_power_cut() {
    let disk = Disk::default();
    let (store, _) = disk.open();
    let (book, hash) = (book(), SecretHash::of_log_key(b"key"));
    let granted = LogKey {
        device: device(1),
        created: at(0),
    };
    let written = store.writer().write(|changes| {
        changes.put_alerts(&book.unstored())?;
        changes.add_log_lines(&device(1), &[Line::of("one"), Line::of("two")], at(5))?;
        changes.set_log_key(&hash, &granted)?;
        Ok::<_, ChangeError>(())
    });
    written.expect("it is stored");
    drop(store);
    let (store, _) = disk.after_power_cut().open();
    let reader = store.reader();
    let kept = reader.bulletin().expect("it reads");
    assert_eq!(
        kept.alerts,
        book.alert(1).cloned().into_iter().collect::<Vec<_>>()
    );
    let lines = reader.log_lines(&device(1), None, 10).expect("they read");
    let said: Vec<_> = lines
        .iter()
        .map(|line| line.line.message.as_str())
        .collect();
    assert_eq!(said, ["two", "one"]);
    assert_eq!(reader.log_key(&hash).expect("it reads"), Some(granted));
}

/// Story: a store of the release before has none of these tables, and the same schema.
#[test]
fn a_store_of_an_earlier_release_opens_and_is_completed() {
    let disk = Disk::default();
    let in_the_clear = Database::builder().create_with_backend(disk.clone());
    drop(in_the_clear.expect("it is made"));
    let (mut store, _) = disk.open();
    store.commit(&[enrolled(1)]).expect("it is stored");
    drop(store);
    let database = Database::builder().create_with_backend(disk.clone());
    let database = database.expect("it opens");
    let txn = database.begin_write().expect("it begins");
    for name in ["alerts", "letters", "log_lines"] {
        let table = TableDefinition::<&[u8], &[u8]>::new(name);
        assert!(txn.delete_table(table).expect("it goes"));
    }
    txn.commit().expect("it is stored");
    drop(database);
    let (store, memory) = disk.open();
    assert_eq!(memory.devices.len(), 1);
    assert!(
        store
            .reader()
            .bulletin()
            .expect("it reads")
            .alerts
            .is_empty()
    );
    let stored = store
        .writer()
        .write(|changes| changes.put_alerts(&book().unstored()));
    stored.expect("it is stored");
}
