use std::time::Duration;

use super::rig::{self, Disk, at, collected, device, name, position, readings, saved};
use crate::store::retention::{Progress, Pruned, Retention};
use crate::store::secret_hash::SecretHash;
use crate::store::sessions::Session;

const HOUR: u64 = 3_600_000;

#[test]
fn what_is_old_goes_in_small_steps_and_the_newest_words_stay() {
    let (mut store, _) = Disk::default().open();
    let mut batch = vec![rig::enrolled(1)];
    batch.push(saved(collected(1, position(0, 0), at(0), rig::start())));
    batch.extend(readings(1, 1..1000));
    batch.extend(readings(2, 0..1000));
    store.commit(&batch).expect("it is stored");
    let retention = Retention {
        records: Duration::from_millis(HOUR),
        raw: Duration::from_millis(HOUR),
        ..Retention::default()
    };
    // The newest records are at 9,990 s; what came in before 6,300 s goes.
    let now = at(9_900_000);
    let mut steps = 0;
    loop {
        let step = store.prune(now, &retention, 200).expect("a step");
        assert!(step.rows <= 200);
        steps += 1;
        if step.progress == Progress::Done {
            break;
        }
    }
    assert!(steps > 10, "{steps} steps");
    let reader = store.reader();
    let scan = reader.scan_gaps(&device(1)).expect("a scan");
    assert_eq!((scan.records, scan.missing), (370, 0));
    assert_eq!(
        reader.record_count(&device(1)).expect("a count"),
        371,
        "and the start"
    );
    let latest = reader.latest(&device(1)).expect("it is read");
    assert_eq!(latest.start.expect("its start").position, position(0, 0));
    let first = reader.records(&device(2), None, 1).expect("a page");
    assert_eq!(first[0].position, position(0, 630));
    let counts = reader.counts().expect("counts");
    assert_eq!(counts.records, 741);
    let nothing = Pruned {
        rows: 0,
        progress: Progress::Done,
    };
    assert_eq!(store.prune(now, &retention, 200).expect("a step"), nothing);
}

#[test]
fn a_start_that_is_no_longer_the_newest_goes_too() {
    let (mut store, _) = Disk::default().open();
    let starts = [(0, 0), (1, 10 * HOUR), (2, 20 * HOUR)];
    for (incarnation, time) in starts {
        let record = collected(1, position(incarnation, 0), at(time), rig::start());
        store.commit(&[saved(record)]).expect("it is stored");
    }
    let retention = Retention {
        records: Duration::from_millis(HOUR),
        ..Retention::default()
    };
    store.prune(at(40 * HOUR), &retention, 100).expect("a step");
    assert_eq!(store.reader().record_count(&device(1)).expect("a count"), 1);
    let scan = store.reader().scan_gaps(&device(1)).expect("a scan");
    assert_eq!((scan.records, scan.missing), (1, 0));
}

#[test]
fn sessions_that_are_over_go() {
    let (mut store, _) = Disk::default().open();
    let session = |expires| Session {
        operator: name("ada"),
        created: at(0),
        seen: at(0),
        expires: at(expires),
        address: None,
        agent: None,
    };
    let opened = store.writer().write(|changes| {
        changes.open_session(&SecretHash::of_session(b"short"), &session(100))?;
        changes.open_session(&SecretHash::of_session(b"long"), &session(900))
    });
    opened.expect("it is stored");
    store
        .prune(at(500), &Retention::default(), 100)
        .expect("a step");
    assert_eq!(store.reader().sessions().expect("they are read").len(), 1);
}
