//! What members say of devices that run no node, in memory beside its tables: lists ask all of it at each request.
//!
//! Rows that a committed batch has touched are read again; everything is read once, when somebody first asks, and anew after
//! an erasure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use protocol::coordinator::save::Save;
use protocol::id::DeviceId;
use protocol::statement::Statement;
use redb::ReadTransaction;

use super::Reader;
use super::engine::Engine;
use super::fault::{Fault, ReadError};
use super::neighbours::{self, Listener, Place, Word};

/// As many as the tables hold; nothing before somebody has asked.
#[derive(Debug, Default)]
pub(super) struct Overheard(Mutex<Option<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    words: BTreeMap<Place, Arc<Word>>,
    listeners: BTreeMap<DeviceId, Arc<Listener>>,
}

/// What a batch has touched.
#[derive(Debug, Default)]
struct Touched {
    places: BTreeSet<Place>,
    members: BTreeSet<DeviceId>,
}

impl Overheard {
    /// Reads again what a committed batch has changed.
    pub fn note(&self, engine: &Engine, saves: &[Save]) {
        let touched = Touched::by(saves);
        if touched.members.is_empty() {
            return;
        }
        let mut kept = self.kept();
        let Some(known) = kept.as_mut() else {
            return;
        };
        // What cannot be read is read with everything else when somebody next asks, who is told then.
        if engine.read(|txn| known.renew(txn, &touched)).is_err() {
            *kept = None;
        }
    }

    /// Everything is read anew when somebody next asks.
    pub fn forget(&self) {
        *self.kept() = None;
    }

    fn kept(&self) -> MutexGuard<'_, Option<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look<T>(&self, engine: &Engine, look: impl FnOnce(&Kept) -> T) -> Result<T, ReadError> {
        let mut kept = self.kept();
        let known = match kept.take() {
            Some(known) => known,
            None => engine.read(Kept::all)?,
        };
        Ok(look(kept.insert(known)))
    }
}

impl Touched {
    fn by(saves: &[Save]) -> Self {
        let mut touched = Self::default();
        for save in saves {
            let Save::Record(record) = save else { continue };
            let Some(Statement::Heard(page)) = &record.statement else {
                continue;
            };
            touched.members.insert(record.device);
            let devices = page.devices.iter().map(|device| device.mac);
            let watched = page.watched.iter().map(|line| line.mac);
            let places = devices.chain(watched).map(|mac| (mac, record.device));
            touched.places.extend(places);
        }
        touched
    }
}

impl Kept {
    fn all(txn: &ReadTransaction) -> Result<Self, Fault> {
        let words = neighbours::words(txn)?.into_iter();
        let listeners = neighbours::listeners(txn)?.into_iter();
        Ok(Self {
            words: words.map(|(place, word)| (place, Arc::new(word))).collect(),
            listeners: listeners.map(|(id, one)| (id, Arc::new(one))).collect(),
        })
    }

    fn renew(&mut self, txn: &ReadTransaction, touched: &Touched) -> Result<(), Fault> {
        for place in &touched.places {
            if let Some(word) = neighbours::word(txn, place)? {
                self.words.insert(*place, Arc::new(word));
            }
        }
        for member in &touched.members {
            if let Some(listener) = neighbours::listener(txn, member)? {
                self.listeners.insert(*member, Arc::new(listener));
            }
        }
        Ok(())
    }
}

impl Reader {
    /// Every word, by device and then by member.
    pub fn neighbours(&self) -> Result<Vec<(Place, Arc<Word>)>, ReadError> {
        let copy = |kept: &Kept| {
            let words = kept.words.iter();
            words
                .map(|(place, word)| (*place, Arc::clone(word)))
                .collect()
        };
        self.engine.overheard.look(&self.engine, copy)
    }

    /// With what each member listens.
    pub fn listeners(&self) -> Result<Vec<(DeviceId, Arc<Listener>)>, ReadError> {
        let copy = |kept: &Kept| {
            let listeners = kept.listeners.iter();
            listeners.map(|(id, one)| (*id, Arc::clone(one))).collect()
        };
        self.engine.overheard.look(&self.engine, copy)
    }
}

#[cfg(test)]
mod tests {
    use protocol::dice::Dice;
    use protocol::heard::{Ears, Heard, Mac, Presence, Watched};

    use super::*;
    use crate::store::Store;
    use crate::store::fault::ChangeError;
    use crate::store::tests::rig::{Disk, act, at, collected, device, enrolled, position, saved};

    fn said(member: u8, sequence: u32, macs: &[u8]) -> Save {
        let line = |number: &u8| Watched {
            mac: Mac([2, 0, 0, 0, 0, *number]),
            from: at(0),
            until: at(u64::from(sequence)),
            presence: Presence::There,
            met: None,
            cites: None,
        };
        let page = Heard {
            since: at(0),
            devices: Vec::new(),
            watched: macs.iter().map(line).collect(),
            events: Vec::new(),
            ears: (sequence.is_multiple_of(2)).then(Ears::default),
        };
        let place = position(0, sequence);
        let time = at(u64::from(sequence) * 1_000);
        saved(collected(member, place, time, Statement::Heard(page)))
    }

    type Everything = (Vec<(Place, Arc<Word>)>, Vec<(DeviceId, Arc<Listener>)>);

    fn everything(store: &Store) -> Everything {
        let reader = store.reader();
        let words = reader.neighbours().expect("they are read");
        (words, reader.listeners().expect("they are read"))
    }

    /// What is in memory after many batches is what the tables say after a start.
    #[test]
    fn memory_says_what_the_tables_say() {
        let disk = Disk::default();
        let (mut store, _) = disk.open();
        store.commit(&[enrolled(1), enrolled(2)]).expect("stored");
        assert_eq!(everything(&store), Everything::default());
        let mut dice = Dice::from_seed([3; 32]);
        for sequence in 0..60 {
            let macs: Vec<u8> = (0..4).map(|_| dice.below(12) as u8).collect();
            let batch = [said(1, sequence, &macs), said(2, sequence, &macs[..2])];
            store.commit(&batch).expect("it is stored");
        }
        let noted = everything(&store);
        assert!(noted.0.len() > 12 && noted.1.len() == 2);
        drop(store);
        assert_eq!(everything(&disk.open().0), noted);
    }

    #[test]
    fn nothing_of_an_erased_member_stays_in_memory() {
        let disk = Disk::default();
        let (mut store, _) = disk.open();
        store.commit(&[enrolled(1), enrolled(2)]).expect("stored");
        let batch = [said(1, 0, &[1, 2]), said(2, 0, &[1])];
        store.commit(&batch).expect("it is stored");
        assert_eq!(everything(&store).0.len(), 3);
        let erased = store.writer().write(|changes| {
            changes.erase_device(&device(1))?;
            changes.audit(act("device.erase"))?;
            Ok::<_, ChangeError>(())
        });
        erased.expect("it is erased");
        let left = everything(&store);
        assert!(left.0.iter().all(|((_, member), _)| *member == device(2)));
        assert_eq!((left.0.len(), left.1.len()), (1, 1));
    }
}
