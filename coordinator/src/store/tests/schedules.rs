//! What must hold in whatever order several people do it: threads of [shuttle](https://docs.rs/shuttle), whose order is
//! drawn anew for each schedule, do to a real store what the doors do.
//!
//! They take turns between the steps of a door; within one transaction the store lets nobody else in.
//! `PALISADE_SCHEDULES` says how many schedules are drawn.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use protocol::time::Timestamp;
use redb::backends::InMemoryBackend;
use shuttle::thread;

use super::rig::{self, at, name};
use crate::store::fault::ChangeError;
use crate::store::grants::{Grant, Refresh};
use crate::store::invitations::Invitation;
use crate::store::secret_hash::SecretHash;
use crate::store::sessions::Session;
use crate::store::{Reader, Store, Writer};
use crate::web::session::limits::Limit;

/// Schedules that are drawn unless somebody asks for more.
const DRAWN: usize = 200;
const RIVALS: u64 = 3;

fn schedules() -> usize {
    let asked = std::env::var("PALISADE_SCHEDULES").ok();
    asked.and_then(|asked| asked.parse().ok()).unwrap_or(DRAWN)
}

/// One store for all schedules; each has a number of its own.
struct Stage {
    reader: Reader,
    writer: Writer,
    number: AtomicU64,
}

impl Stage {
    fn new() -> Arc<Self> {
        let (store, _) = Store::with_backend(InMemoryBackend::new(), rig::key()).expect("it opens");
        Arc::new(Self {
            reader: store.reader(),
            writer: store.writer(),
            number: AtomicU64::new(0),
        })
    }

    fn next(&self) -> [u8; 8] {
        self.number.fetch_add(1, Ordering::SeqCst).to_be_bytes()
    }
}

fn later() -> Timestamp {
    at(86_400_000)
}

/// Runs the same in several threads, and gives back what each says.
fn rivals<T: Send + 'static>(run: impl Fn(u64) -> T + Clone + Send + 'static) -> Vec<T> {
    let threads: Vec<_> = (0..RIVALS)
        .map(|rival| {
            let run = run.clone();
            thread::spawn(move || run(rival))
        })
        .collect();
    threads
        .into_iter()
        .map(|thread| thread.join().expect("nobody panics"))
        .collect()
}

#[test]
fn a_link_is_redeemed_once_in_every_schedule() {
    let stage = Stage::new();
    let play = move || {
        let hash = SecretHash::of_setup_token(&stage.next());
        let invitation = Invitation {
            name: name("ada"),
            role: None,
            by: name("grace"),
            created: at(0),
            expires: later(),
        };
        let invited = stage
            .writer
            .write(|changes| changes.invite(&hash, &invitation));
        invited.expect("it is stored");
        let stage = Arc::clone(&stage);
        let won = rivals(move |_| {
            let waits = stage.reader.invitation(&hash, at(1)).expect("it is read");
            thread::yield_now();
            if waits.is_none() {
                return false;
            }
            let redeemed = stage.writer.write(|changes| {
                let waiting = changes.redeem_invitation(&hash, at(1))?;
                waiting.ok_or(ChangeError::Missing("invitation"))
            });
            redeemed.is_ok()
        });
        assert_eq!(won.iter().filter(|won| **won).count(), 1);
    };
    shuttle::check_random(play, schedules());
}

#[test]
fn a_refresh_token_is_good_once_in_every_schedule_and_a_second_use_ends_its_chain() {
    let stage = Stage::new();
    let play = move || {
        let number = stage.next();
        let (id, first) = (
            SecretHash::of_grant(&number),
            SecretHash::of_refresh_token(&number),
        );
        let grant = Grant {
            operator: name("ada"),
            created: at(0),
            seen: at(0),
            expires: later(),
            current: first,
            address: None,
            agent: None,
        };
        let opened = stage
            .writer
            .write(|changes| changes.open_grant(&id, &grant));
        opened.expect("it is stored");
        let played = Arc::clone(&stage);
        let refreshed = rivals(move |rival| {
            thread::yield_now();
            let next = SecretHash::of_refresh_token(&[number, rival.to_be_bytes()].concat());
            played
                .writer
                .write(|changes| changes.refresh_grant(&id, &first, &next, at(1)))
                .expect("it is stored")
        });
        let count = |is: fn(&Refresh) -> bool| refreshed.iter().filter(|one| is(one)).count();
        assert_eq!(count(|one| matches!(one, Refresh::Rotated(_))), 1);
        assert_eq!(count(|one| matches!(one, Refresh::Reused(_))), 1);
        let left = stage.reader.grant(&id, at(2)).expect("it is read");
        assert_eq!(left, None, "two held the token");
    };
    shuttle::check_random(play, schedules());
}

#[test]
fn a_revoked_session_stays_revoked_in_every_schedule() {
    let stage = Stage::new();
    let play = move || {
        let hash = SecretHash::of_session(&stage.next());
        let session = Session {
            operator: name("ada"),
            created: at(0),
            seen: at(0),
            expires: later(),
            address: None,
            agent: None,
        };
        let opened = stage
            .writer
            .write(|changes| changes.open_session(&hash, &session));
        opened.expect("it is stored");
        let played = Arc::clone(&stage);
        rivals(move |rival| match rival {
            0 => {
                thread::yield_now();
                let closed = played.writer.write(|changes| changes.close_session(&hash));
                closed.expect("it was open");
                let found = played.reader.session(&hash, at(1)).expect("it is read");
                assert_eq!(found, None, "it opens a door after it was revoked");
            }
            // As every door does with a session that was not noted for a minute.
            _ => {
                let found = played.reader.session(&hash, at(1)).expect("it is read");
                thread::yield_now();
                if found.is_some() {
                    let noted = played
                        .writer
                        .write(|changes| changes.touch_session(&hash, at(1)));
                    drop(noted);
                }
            }
        });
        let left = stage.reader.session(&hash, at(2)).expect("it is read");
        assert_eq!(left, None, "somebody's use brought it back");
    };
    shuttle::check_random(play, schedules());
}

#[test]
fn a_limit_lets_through_its_burst_and_no_more_in_every_schedule() {
    let play = || {
        let limit = Arc::new(Limit::new(4, Duration::from_secs(3_600)));
        let passed: usize = rivals(move |_| {
            let tries = (0..3).filter(|_| {
                thread::yield_now();
                limit.take(&"ada", at(0)).is_ok()
            });
            tries.count()
        })
        .into_iter()
        .sum();
        assert_eq!(passed, 4);
    };
    shuttle::check_random(play, schedules());
}
