//! Whatever is changed at rest is found: nothing that comes out was not put in.

use protocol::dice::Dice;
use protocol::limits;
use redb::{ReadableDatabase as _, TableDefinition};

use super::disk::Disk;
use super::model::{Model, batch, position, record};
use super::{Journal, JournalError, OpenJournalError, Remedy, Save};

#[test]
fn no_flipped_bit_changes_what_is_read() {
    let disk = Disk::default();
    let mut model = Model::default();
    let mut dice = Dice::from_seed([1; 32]);
    let (mut journal, _) =
        Journal::create_with_backend(Disk::opener(&disk)).expect("the disk is empty");
    for _ in 0..40 {
        let saves = batch(&mut dice, &model);
        journal.commit(&saves).expect("the disk is fine");
        model.apply(&saves);
    }
    drop(journal);
    let image = disk.image();
    let found = (0..400)
        .filter(|_| is_found(&image, &model, &mut dice))
        .count();
    assert!(found > 0, "no flip hit anything");
}

/// A flip is found, or it hit what means nothing.
fn is_found(image: &[u8], model: &Model, dice: &mut Dice) -> bool {
    let mut image = image.to_vec();
    let byte = dice.below(image.len() as u64) as usize;
    image[byte] ^= 1 << dice.below(8);
    match Journal::create_with_backend(Disk::opener(&Disk::of(image))) {
        Err(_) => true,
        Ok((journal, memory)) => {
            assert_eq!(memory, model.memory(), "byte {byte}");
            model.assert_is(&journal);
            false
        }
    }
}

#[test]
fn a_changed_row_is_named() {
    const RECORDS: TableDefinition<'_, (u32, u32), &[u8]> = TableDefinition::new("records");
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("journal.redb");
    let (mut journal, _) = Journal::open(&path).expect("the name is free");
    let save = |sequence| Save::Record {
        position: position(1, sequence),
        record: record(position(1, sequence)),
    };
    journal
        .commit(&[save(0), save(1)])
        .expect("the disk is fine");
    drop(journal);
    change(&path, RECORDS, (1, 0));

    let (journal, _) = Journal::open(&path).expect("the newest record is sound");
    let error = journal
        .backlog(None, limits::RECORDS_PER_READ)
        .expect_err("a bit is flipped");
    assert_eq!(error.remedy(), Remedy::Stop);
    let JournalError::Row(row) = error else {
        panic!("{error}")
    };
    assert_eq!(
        (row.table, row.key.as_str()),
        ("records", "0000000100000000")
    );
    drop(journal);

    change(&path, RECORDS, (1, 1));
    let error = Journal::open(&path).expect_err("the newest record is damaged");
    assert!(matches!(error, OpenJournalError::Row { .. }), "{error}");
}

#[test]
fn a_gap_in_the_identity_log_is_found() {
    const ENTRIES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("entries");
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("journal.redb");
    let (mut journal, _) = Journal::open(&path).expect("the name is free");
    let entries = vec![vec![1], vec![2], vec![3]];
    journal
        .commit(&[Save::Entries {
            from: 0,
            entries,
            head: vec![4],
        }])
        .expect("the disk is fine");
    drop(journal);
    let database = redb::Database::open(&path).expect("nobody else has it");
    let transaction = database.begin_write().expect("the disk is fine");
    transaction
        .open_table(ENTRIES)
        .expect("it is there")
        .remove(1)
        .expect("the disk is fine");
    transaction.commit().expect("the disk is fine");
    drop(database);
    let error = Journal::open(&path).expect_err("an entry is missing");
    assert!(matches!(error, OpenJournalError::Row { .. }), "{error}");
}

#[test]
fn a_file_that_is_no_journal_is_refused_and_can_be_set_aside() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("journal.redb");
    for number in 1..3 {
        std::fs::write(&path, "no journal ".repeat(1000)).expect("the directory is ours");
        let error = Journal::open(&path).expect_err("it is no journal");
        assert!(
            matches!(
                error,
                OpenJournalError::Damaged { .. } | OpenJournalError::File { .. }
            ),
            "{error}"
        );
        assert!(error.to_string().contains("journal.redb"), "{error}");
        let aside = Journal::set_aside(&path).expect("the directory is ours");
        assert_eq!(aside, dir.path().join(format!("journal.damaged-{number}")));
    }
    Journal::open(&path).expect("the name is free");
}

#[test]
fn a_journal_has_one_owner_and_one_format() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("journal.redb");
    let (journal, _) = Journal::open(&path).expect("the name is free");
    assert!(matches!(
        Journal::open(&path),
        Err(OpenJournalError::InUse { .. })
    ));
    let database = journal.database.as_ref().expect("it is open");
    let transaction = database.begin_write().expect("the disk is fine");
    super::facts::save_format(&transaction, 99).expect("the disk is fine");
    transaction.commit().expect("the disk is fine");
    drop(journal);
    assert!(matches!(
        Journal::open(&path),
        Err(OpenJournalError::Format { found: 99, .. })
    ));
}

#[test]
fn a_link_in_the_place_of_the_journal_is_not_followed() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("journal.redb");
    std::os::unix::fs::symlink(dir.path().join("elsewhere"), &path).expect("the directory is ours");
    assert!(matches!(
        Journal::open(&path),
        Err(OpenJournalError::File { .. })
    ));
}

/// Flips one bit of a row as if the storage engine had written it so.
fn change(path: &std::path::Path, table: TableDefinition<'_, (u32, u32), &[u8]>, key: (u32, u32)) {
    let database = redb::Database::open(path).expect("nobody else has it");
    let read = database
        .begin_read()
        .expect("the disk is fine")
        .open_table(table)
        .expect("it is there");
    let mut row = read
        .get(key)
        .expect("the disk is fine")
        .expect("it is there")
        .value()
        .to_vec();
    *row.last_mut().expect("it is not empty") ^= 1;
    let transaction = database.begin_write().expect("the disk is fine");
    transaction
        .open_table(table)
        .expect("it is there")
        .insert(key, row.as_slice())
        .expect("the disk is fine");
    transaction.commit().expect("the disk is fine");
}
