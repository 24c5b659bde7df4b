//! A mesh from fixed seeds whose signatures cost next to nothing, so that a fuzzer can afford true ones.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use protocol::charter::Charter;
use protocol::class::DeviceClass;
use protocol::id::{DeviceId, Digest, MeshId};
use protocol::key::{BadSignature, PeerKey, PublicKey, SecretKey, Signature, Signer, Verifier};
use protocol::ledger::{Entry, LogHead, Strength, Withdrawal};
use protocol::membership::Membership;
use protocol::merkle::Tree;
use protocol::record::Incarnation;
use protocol::roster::Roster;
use protocol::seal::{DataKey, UnsealingKey};
use protocol::signed::{Signable, Signed};
use protocol::text::{Name, Path};
use protocol::time::Timestamp;

/// Members in the whole log; a machine may begin with fewer.
pub const MEMBERS: usize = 10;
/// Entries of the whole log: behind the admissions the last member is revoked, and the first suspended.
pub const LOG: usize = MEMBERS + 2;
/// When everybody was admitted.
pub const START: Timestamp = Timestamp::from_millis(1_790_000_000_000);

/// Signs with a hash instead of a curve: nobody outside a fuzzer may take that for a signature.
#[derive(Debug)]
pub struct Hashed(PublicKey);

/// Checks what [`Hashed`] signs.
#[derive(Debug)]
pub struct Hashes;

impl Signer for Hashed {
    fn public(&self) -> PublicKey {
        self.0
    }

    fn sign(&self, message: &[u8]) -> Signature {
        signature(&self.0, message)
    }
}

impl Verifier for Hashes {
    fn verify(
        &self,
        key: &PublicKey,
        message: &[u8],
        shown: &Signature,
    ) -> Result<(), BadSignature> {
        if *shown == signature(key, message) {
            Ok(())
        } else {
            Err(BadSignature)
        }
    }
}

fn signature(key: &PublicKey, message: &[u8]) -> Signature {
    let digest = Digest::of("palisade fuzz signature", &[key.as_bytes(), message]);
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(digest.as_bytes());
    Signature(bytes)
}

/// One member, with everything that it could sign and seal.
#[derive(Debug)]
pub struct Person {
    pub device: DeviceId,
    pub key: PublicKey,
    pub data_key: DataKey,
}

impl Person {
    pub fn peer(&self) -> PeerKey {
        self.key.peer()
    }

    pub fn signer(&self) -> Hashed {
        Hashed(self.key)
    }

    pub fn sign<T: Signable>(&self, value: T) -> Signed<T> {
        Signed::seal(value, &self.signer())
    }
}

/// Everything that does not change.
#[derive(Debug)]
pub struct World {
    pub charter: Arc<Charter>,
    pub people: Vec<Person>,
    pub entries: Vec<Vec<u8>>,
    /// The signed head of the log at each size from one on.
    pub heads: Vec<Vec<u8>>,
}

pub static WORLD: LazyLock<World> = LazyLock::new(World::new);

/// Deriving a point of the curve is dear, so it is done once for each seed.
static KEYS: LazyLock<Vec<PublicKey>> = LazyLock::new(|| {
    let key = |seed| SecretKey::from_seed(&[seed; 32]).public();
    (0..128).map(key).collect()
});

/// So is reading a log, whose memberships carry keys.
static ROSTERS: LazyLock<Vec<Arc<Roster>>> = LazyLock::new(|| {
    let size = |size| Arc::new(WORLD.read(size));
    (0..=LOG).map(size).collect()
});

/// The key of a seed below 128.
pub fn key(seed: u8) -> PublicKey {
    KEYS[usize::from(seed)]
}

/// The roster at one size of the log.
pub fn roster(size: usize) -> Arc<Roster> {
    Arc::clone(&ROSTERS[size])
}

pub fn hashed(seed: u8) -> Hashed {
    Hashed(key(seed))
}

pub fn unsealing() -> UnsealingKey {
    UnsealingKey::from_seed(&[7; 32])
}

pub fn name(text: &str) -> Name {
    Name::fitted(text).expect("the names of this world are not empty")
}

pub fn path(text: &str) -> Path {
    Path::fitted(text).expect("the paths of this world are not empty")
}

pub const ADMISSION: u8 = 2;
pub const COORDINATOR: u8 = 3;
pub const ADMINISTRATOR: u8 = 4;
/// A gateway that the charter names and nobody has admitted: the whole log is good without its word.
pub const GATEWAY: u8 = 9;

impl World {
    fn new() -> Self {
        let charter = Charter {
            mesh: MeshId::from_bytes([1; 32]),
            version: 1,
            issued: START,
            admission: key(ADMISSION),
            coordinator: key(COORDINATOR),
            enrolment_pin: [0; 32],
            tls_pin: [0; 32],
            sealing: unsealing().public(),
            administrators: vec![key(ADMINISTRATOR)],
            gateways: vec![key(GATEWAY)],
            exempt: Vec::new(),
            former: Vec::new(),
            automate: Vec::new(),
        };
        let mut world = Self {
            charter: Arc::new(charter),
            people: Vec::new(),
            entries: Vec::new(),
            heads: Vec::new(),
        };
        let mut tree = Tree::new();
        for index in 0..MEMBERS {
            world.admit(index, &mut tree);
        }
        let until = START.saturating_add(Duration::from_secs(86_400));
        let (last, first) = (world.people[MEMBERS - 1].device, world.people[0].device);
        world.withdraw(last, Strength::Revocation, ADMINISTRATOR, &mut tree);
        world.withdraw(first, Strength::Suspension { until }, ADMISSION, &mut tree);
        world
    }

    fn withdraw(&mut self, device: DeviceId, strength: Strength, signer: u8, tree: &mut Tree) {
        let withdrawal = Withdrawal {
            mesh: self.charter.mesh,
            device,
            log_index: tree.size(),
            time: START,
            strength,
            reason: name("lost"),
        };
        let signed = Signed::seal(withdrawal, &hashed(signer));
        self.append(Entry::withdrawal(&signed).encode(), tree);
    }

    fn append(&mut self, entry: Vec<u8>, tree: &mut Tree) {
        tree.push(Entry::leaf(&entry));
        let head = LogHead {
            mesh: self.charter.mesh,
            size: tree.size(),
            root: tree.root(),
            time: START,
        };
        let head = Signed::seal(head, &hashed(ADMISSION));
        self.heads.push(head.bytes().to_vec());
        self.entries.push(entry);
    }

    fn admit(&mut self, index: usize, tree: &mut Tree) {
        let number = u8::try_from(index).expect("there are few members");
        let device = DeviceId::assigned(&self.charter.mesh, index as u64, &tree.root());
        let person = Person {
            device,
            key: key(0x40 + number),
            data_key: DataKey::from_bytes([0x40 + number; 32]),
        };
        let membership = Signed::seal(self.membership(&person, index), &hashed(ADMISSION));
        self.append(Entry::admission(&membership).encode(), tree);
        self.people.push(person);
    }

    fn membership(&self, person: &Person, index: usize) -> Membership {
        Membership {
            mesh: self.charter.mesh,
            device: person.device,
            log_index: index as u64,
            key: person.key,
            sealing: unsealing().public(),
            name: name("device"),
            class: DeviceClass::Sensor,
            cell: name("cell"),
            not_before: START,
            not_after: START.saturating_add(Duration::from_secs(30 * 86_400)),
            incarnation_floor: Incarnation(0),
            next_key: None,
        }
    }

    /// The roster before the first entry.
    pub fn empty(&self) -> Roster {
        Roster::new(Arc::clone(&self.charter))
    }

    fn read(&self, size: usize) -> Roster {
        if size == 0 {
            return self.empty();
        }
        self.empty()
            .extend(0, &self.entries[..size], &self.heads[size - 1], &Hashes)
            .expect("the world keeps a good log")
    }
}
