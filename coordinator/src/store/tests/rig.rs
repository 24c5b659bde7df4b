//! A disk in memory that can fill up and lose what was not synced, and things to store on it.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use protocol::charter::Charter;
use protocol::coordinator::save::{Collected, Link, Memory, Save};
use protocol::dice::Dice;
use protocol::id::{DeviceId, Digest, Epoch, MeshId};
use protocol::key::{SecretKey, Signer as _};
use protocol::record::{Body, Flags, Head, Incarnation, Position, Record};
use protocol::seal::{DataKey, UnsealingKey};
use protocol::signed::Signed;
use protocol::statement::Statement;
use protocol::statement::host::{Process, Reading, Start};
use protocol::text::{Name, Path};
use protocol::time::Timestamp;
use redb::StorageBackend;

use crate::store::Store;
use crate::store::audit::Act;
use crate::store::key::StoreKey;

/// A moment at the beginning of an hour.
pub const DAWN: u64 = 1_760_000_400_000;

/// Storage whose handles all show the same bytes.
#[derive(Debug, Clone, Default)]
pub struct Disk(Arc<Mutex<Plate>>);

#[derive(Debug, Default)]
struct Plate {
    bytes: Vec<u8>,
    synced: Vec<u8>,
    /// What a power cut would have left after each sync so far, where that is asked for.
    history: Option<Vec<Vec<u8>>>,
    trouble: Option<io::ErrorKind>,
}

impl Disk {
    pub fn of(bytes: Vec<u8>) -> Self {
        let disk = Self::default();
        disk.plate().bytes = bytes;
        disk
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.plate().bytes.clone()
    }

    /// What is left of the disk when the power goes.
    pub fn after_power_cut(&self) -> Self {
        Self::of(self.plate().synced.clone())
    }

    /// From here on every sync is remembered.
    pub fn remember(&self) {
        self.plate().history = Some(Vec::new());
    }

    /// The disk as a power cut would have left it at each moment since then.
    pub fn after_each_sync(&self) -> Vec<Self> {
        let history = self.plate().history.clone().unwrap_or_default();
        history.into_iter().map(Self::of).collect()
    }

    /// From here on every write fails this way, or none does.
    pub fn fails(&self, trouble: Option<io::ErrorKind>) {
        self.plate().trouble = trouble;
    }

    pub fn open(&self) -> (Store, Memory) {
        let disk = self.clone();
        Store::with_backends(move || disk.clone(), key()).expect("the store opens")
    }

    fn plate(&self) -> MutexGuard<'_, Plate> {
        self.0
            .lock()
            .expect("nobody panics while holding the plate")
    }

    fn writable(&self) -> io::Result<MutexGuard<'_, Plate>> {
        let plate = self.plate();
        match plate.trouble {
            Some(kind) => Err(kind.into()),
            None => Ok(plate),
        }
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.plate().bytes.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        let plate = self.plate();
        let end = offset.saturating_add(out.len());
        let part = plate.bytes.get(offset..end);
        out.copy_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let len = usize::try_from(len).map_err(io::Error::other)?;
        self.writable()?.bytes.resize(len, 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut plate = self.writable()?;
        let synced = plate.bytes.clone();
        if let Some(history) = &mut plate.history {
            history.push(synced.clone());
        }
        plate.synced = synced;
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        let mut plate = self.writable()?;
        let end = offset.saturating_add(data.len());
        let part = plate.bytes.get_mut(offset..end);
        part.ok_or(io::ErrorKind::UnexpectedEof)?
            .copy_from_slice(data);
        Ok(())
    }
}

pub fn key() -> StoreKey {
    StoreKey::from_bytes([0x5a; 32])
}

pub fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(DAWN + millis)
}

pub fn name(text: &str) -> Name {
    Name::new(text).expect("a name")
}

pub fn device(number: u8) -> DeviceId {
    DeviceId::from_bytes([number, 9, 8, 7, 6, 5, 4, number])
}

pub fn data_key(number: u8) -> DataKey {
    DataKey::from_bytes([number ^ 0xc3; 32])
}

pub fn position(incarnation: u32, sequence: u32) -> Position {
    Position {
        incarnation: Incarnation(incarnation),
        sequence,
    }
}

pub fn enrolled(number: u8) -> Save {
    Save::Enrolled {
        device: device(number),
        data_key: data_key(number),
        at: at(0),
    }
}

/// A reading with one figure that matters.
pub fn reading(cpu_permille: u16) -> Statement {
    Statement::Reading(Reading {
        cpu_permille,
        memory_used_kib: 1000 + u64::from(cpu_permille),
        memory_total_kib: 4000,
        ..Reading::default()
    })
}

pub fn listing(process: &str) -> Statement {
    let processes = vec![Process {
        name: name(process),
        count: 1,
        memory_kib: 77,
    }];
    Statement::Reading(Reading {
        processes: Some(processes),
        ..Reading::default()
    })
}

pub fn start() -> Statement {
    Statement::Start(Start {
        agent: name("0.1.0"),
        host: name("host"),
        system: name("Debian 12"),
        kernel: name("6.1"),
        architecture: name("aarch64"),
        model: None,
        cores: 4,
        product: None,
    })
}

/// A record that arrives the moment it is signed.
pub fn collected(number: u8, place: Position, time: Timestamp, said: Statement) -> Collected {
    let mut dice = Dice::from_seed([number; 32]);
    for _ in 0..place.sequence % 7 {
        dice.bytes::<16>();
    }
    let body = Body::seal(&said, &data_key(number), &mut dice).expect("a short body");
    let head = Head {
        device: device(number),
        position: place,
        time,
        previous: Digest::ZERO,
        body: body.digest(),
        epoch: Epoch::FROZEN,
        entangled: None,
        flags: Flags::NONE,
        ring_mask: 0,
        attachment: None,
        checkpoint: None,
    };
    let head = Signed::seal(head, &SecretKey::from_seed(&[number; 32]));
    Collected {
        device: device(number),
        position: place,
        time,
        received: time,
        digest: head.digest(),
        flags: Flags::NONE,
        link: Link::Chained,
        record: Record::new(&head, body),
        statement: Some(said),
    }
}

pub fn saved(collected: Collected) -> Save {
    Save::Record(Box::new(collected))
}

/// Readings of one device, ten seconds apart, each with its sequence number as its figure.
pub fn readings(number: u8, sequences: std::ops::Range<u32>) -> Vec<Save> {
    let one = |sequence: u32| {
        let figure = u16::try_from(sequence % 1000).expect("below a thousand");
        let time = at(u64::from(sequence) * 10_000);
        saved(collected(
            number,
            position(0, sequence),
            time,
            reading(figure),
        ))
    };
    sequences.map(one).collect()
}

/// Something that somebody did.
pub fn act(action: &str) -> Act {
    Act {
        time: at(0),
        actor: name("ada"),
        action: name(action),
        object: Path::new("everything").expect("a path"),
        before: None,
        after: None,
        address: None,
        request: None,
    }
}

/// The charter of a mesh that has just begun.
pub fn charter() -> Charter {
    let key = |seed| SecretKey::from_seed(&[seed; 32]).public();
    Charter {
        mesh: MeshId::from_bytes([9; 32]),
        version: 1,
        issued: at(0),
        admission: key(2),
        coordinator: key(3),
        enrolment_pin: [0; 32],
        tls_pin: [0; 32],
        sealing: UnsealingKey::from_seed(&[4; 32]).public(),
        administrators: vec![key(5)],
        gateways: Vec::new(),
        exempt: Vec::new(),
        former: Vec::new(),
        automate: Vec::new(),
    }
}
