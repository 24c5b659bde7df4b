//! One value of every form that is signed, stored or sent, made from fixed seeds.

mod trust;

pub mod commands;
pub mod countersign;
pub mod flows;
pub mod neighbours;
pub mod repository;
pub mod scans;
pub mod tail;
pub mod tripwire;
pub mod updates;

use std::sync::Arc;

use protocol::accounts::{Account, Accounts, Mark, Received, Total};
use protocol::accusation::{Accusation, Silent};
use protocol::alert::{Alarm, Alert, Delivery, Matter};
use protocol::appeal::{Finding, Vote};
use protocol::beacon::{self, Hand, Offer, Opened, Part};
use protocol::brief::{Brief, Named, Word};
use protocol::cbor;
use protocol::class::DeviceClass;
use protocol::contact::Contact;
use protocol::cosign::Cosignature;
use protocol::deputies::Sink;
use protocol::dice::Dice;
use protocol::evidence::EvidenceId;
use protocol::heads::Shown;
use protocol::id::{DeviceId, Digest, Epoch};
use protocol::key::{SecretKey, Signature, Signer, Strict};
use protocol::ledger::{Entry, LogHead, Strength, Withdrawal};
use protocol::membership::Membership;
use protocol::merkle::Tree;
use protocol::name::{ShortId, ShortIds};
use protocol::proof::{Past, Proof};
use protocol::reconcile::{self, Range};
use protocol::record::{Body, Flags, Head, Incarnation, Position, Record};
use protocol::roster::{Credentials, RetirementOrder, Roster};
use protocol::ruling::{Decision, Ruling};
use protocol::seal::{DataKey, UnsealingKey};
use protocol::signed::Signed;
use protocol::statement::host::{
    Disk, EvidenceKind, Interface, Port, Process, Reach, Reading, Sighting, Start, Transport,
    WatchedFile,
};
use protocol::statement::{Farewell, Statement};
use protocol::suspicion::{Ground, Kin, Report, Suspect};
use protocol::text::{Name, Path};
use protocol::time::Timestamp;

pub use trust::*;

pub const ROOT: u8 = 1;
pub const ADMISSION: u8 = 2;
pub const COORDINATOR: u8 = 3;
pub const ADMINISTRATOR: u8 = 4;
pub const DEVICE: u8 = 5;
/// The keys that the charter names: members of a story join with them where it needs gateways.
pub const GATEWAYS: [u8; 6] = [9, 91, 92, 93, 94, 95];
pub const NEXT_ADMISSION: u8 = 0x72;
pub const NEXT_ROOT: u8 = 0x71;
pub const DATA_KEY: DataKey = DataKey::from_bytes([6; 32]);

pub fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

pub fn unsealing() -> UnsealingKey {
    UnsealingKey::from_seed(&[7; 32])
}

pub fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub fn path(text: &str) -> Path {
    Path::new(text).unwrap()
}

pub fn time(seconds: u64) -> Timestamp {
    Timestamp::from_millis(1_790_000_000_000 + seconds * 1000)
}

pub fn position(incarnation: u32, sequence: u32) -> Position {
    Position {
        incarnation: Incarnation(incarnation),
        sequence,
    }
}

pub fn device() -> DeviceId {
    DeviceId::from_bytes([8, 7, 6, 5, 4, 3, 2, 1])
}

pub fn digest(seed: u8) -> Digest {
    Digest::from_bytes([seed; 32])
}

pub fn membership() -> Membership {
    Membership {
        mesh: mesh(),
        device: device(),
        log_index: 0,
        key: key(DEVICE).public(),
        sealing: UnsealingKey::from_seed(&[10; 32]).public(),
        name: name("boiler room meter"),
        class: DeviceClass::Meter,
        cell: name("cellar"),
        not_before: time(10),
        not_after: time(10 + 30 * 86_400),
        incarnation_floor: Incarnation(3),
        next_key: Some(digest(0x21)),
    }
}

pub fn withdrawal(strength: Strength) -> Withdrawal {
    Withdrawal {
        mesh: mesh(),
        device: device(),
        log_index: 1,
        time: time(20),
        strength,
        reason: name("stolen from the cellar"),
    }
}

pub fn suspension() -> Withdrawal {
    withdrawal(Strength::Suspension {
        until: time(20 + 86_400),
    })
}

pub fn admission_entry() -> Entry {
    Entry::admission(&Signed::seal(membership(), &key(ADMISSION)))
}

pub fn withdrawal_entry() -> Entry {
    Entry::withdrawal(&Signed::seal(suspension(), &key(ADMISSION)))
}

pub fn log_head() -> LogHead {
    let mut tree = Tree::new();
    tree.push(Entry::leaf(&admission_entry().encode()));
    tree.push(Entry::leaf(&withdrawal_entry().encode()));
    LogHead {
        mesh: mesh(),
        size: 2,
        root: tree.root(),
        time: time(20),
    }
}

/// Two heads for one place, signed by the sample device.
pub fn proof_of_two_heads() -> Proof {
    let other = Head {
        time: time(41),
        ..full_head()
    };
    let [one, other] = [full_head(), other].map(|head| Signed::seal(head, &key(DEVICE)));
    let membership = Signed::seal(membership(), &key(ADMISSION));
    Proof::of_heads(&membership, &one, &other).unwrap()
}

/// Two admissions for one place of the identity log, signed by the admission key.
pub fn proof_of_two_admissions() -> Proof {
    let other = Membership {
        key: key(90).public(),
        ..membership()
    };
    let [one, other] = [membership(), other].map(|one| Signed::seal(one, &key(ADMISSION)));
    Proof::of_admissions(&charter(), &one, &other).unwrap()
}

/// A head of one entry that is not the first of the sample log, and the sample log's own head.
pub fn proof_of_two_logs() -> Proof {
    let other = LogHead {
        size: 1,
        root: [0x2a; 32],
        ..log_head()
    };
    let mut tree = Tree::new();
    tree.push(Entry::leaf(&admission_entry().encode()));
    tree.push(Entry::leaf(&withdrawal_entry().encode()));
    let past = Past {
        root: tree.root_at(1).unwrap(),
        path: tree.consistency_proof(1, 2).unwrap(),
    };
    let [one, other] = [log_head(), other].map(|head| Signed::seal(head, &key(ADMISSION)));
    Proof::of_logs(&charter(), &one, &other, &past).unwrap()
}

pub fn cosignature() -> Cosignature {
    Cosignature {
        gateway: key(GATEWAYS[0]).public(),
        head: Signed::seal(log_head(), &key(ADMISSION))
            .bytes()
            .to_vec()
            .into(),
    }
}

/// A dealing of four gateways, with the hands that belong to it.
pub fn dealing() -> (Vec<u8>, Vec<Hand>) {
    let gateways: Vec<_> = GATEWAYS[..4].iter().map(|seed| key(*seed)).collect();
    let keys: Vec<_> = gateways.iter().map(Signer::public).collect();
    let span = (Epoch::FROZEN.plus(100), 24);
    let mut dice = Dice::from_seed([8; 32]);
    let draw = beacon::draw(mesh(), 1, span, &keys, time(1), &mut dice);
    let offer = Signed::seal(draw.offer, &key(ADMISSION));
    let nonces: Vec<[u8; 32]> = (0..4).map(|_| dice.bytes()).collect();
    let commitments: Vec<_> = nonces
        .iter()
        .map(|nonce| beacon::commitment(&offer, nonce))
        .collect();
    let parts = gateways.iter().zip(&nonces);
    let parts = parts.map(|(key, nonce)| beacon::reveal(&offer, &commitments, *nonce, key));
    let dealing = beacon::Dealing {
        offer: offer.bytes().to_vec().into(),
        leaves: draw.leaves.into(),
        parts: parts.collect(),
    };
    (cbor::encode(&dealing), draw.hands)
}

/// The offer of the sample dealing.
pub fn seed_offer() -> Offer {
    let dealing: beacon::Dealing = cbor::decode("dealing", 20_000, &dealing().0).unwrap();
    let offer = Signed::<Offer>::open(&dealing.offer, &key(ADMISSION).public(), &Strict).unwrap();
    (*offer).clone()
}

pub fn seed_part() -> Part {
    let dealing: beacon::Dealing = cbor::decode("dealing", 20_000, &dealing().0).unwrap();
    dealing.parts[0].clone()
}

pub fn opened_seed() -> Opened {
    let epoch = Epoch::FROZEN.plus(101);
    let points = dealing().1;
    let points: Vec<_> = points[..3]
        .iter()
        .map(|hand| hand.share(epoch).unwrap().point())
        .collect();
    Opened {
        number: 1,
        epoch,
        secret: protocol::shares::combine(&points).unwrap(),
    }
}

pub fn shown() -> Shown {
    Shown::of(&Signed::seal(full_head(), &key(DEVICE)))
}

pub fn conviction_entry() -> Entry {
    Entry::conviction(&proof_of_two_heads())
}

/// The roster after both entries.
pub fn roster() -> Roster {
    let entries = [admission_entry().encode(), withdrawal_entry().encode()];
    let head = Signed::seal(log_head(), &key(ADMISSION));
    Roster::new(Arc::new(charter()))
        .extend(0, &entries, head.bytes(), &Strict)
        .unwrap()
}

/// What the sample device is shown once an administrator has ordered it to wipe itself.
pub fn order_to_retire() -> RetirementOrder {
    let order = Signed::seal(withdrawal(Strength::Retirement), &key(ADMINISTRATOR));
    let entries = [
        admission_entry().encode(),
        Entry::withdrawal(&order).encode(),
    ];
    let mut tree = Tree::new();
    for entry in &entries {
        tree.push(Entry::leaf(entry));
    }
    let head = LogHead {
        root: tree.root(),
        ..log_head()
    };
    let head = Signed::seal(head, &key(ADMISSION));
    let roster = Roster::new(Arc::new(charter()));
    let roster = roster.extend(0, &entries, head.bytes(), &Strict).unwrap();
    roster.order_for(key(DEVICE).public().peer()).unwrap()
}

pub fn credentials() -> Credentials {
    roster().credentials(&device()).unwrap()
}

pub fn contact() -> Contact {
    Contact {
        device: device(),
        time: time(30),
        addresses: vec![
            path("/ip4/192.0.2.7/tcp/7443"),
            path("/ip6/2001:db8::7/tcp/7443"),
        ],
    }
}

pub fn accusation() -> Accusation {
    let silent = [(1, Some(position(3, 256))), (2, None)];
    let silent = silent.map(|(seed, last)| Silent {
        subject: DeviceId::from_bytes([seed; 8]),
        last,
    });
    Accusation {
        witness: device(),
        number: position(3, 2),
        epoch: Epoch::FROZEN,
        log_size: 2,
        time: time(50),
        silent: silent.into(),
    }
}

pub fn short_names() -> ShortIds {
    ShortIds(vec![ShortId([1, 2, 3, 4]), ShortId([5; 4])])
}

pub fn brief() -> Brief {
    let silent = [(1, Some(position(3, 256))), (2, None)];
    let silent = silent.map(|(subject, last)| Named { subject, last });
    Brief {
        epoch: Epoch::FROZEN,
        log_size: 3,
        since: time(50),
        words: vec![Word {
            witness: 0,
            number: position(3, 2),
            after: 700,
            silent: silent.into(),
            signature: Signature([0x2c; 64]),
        }],
    }
}

pub fn alarm() -> Alarm {
    Alarm {
        subject: device(),
        matter: Matter::FileChanged {
            path: path("/etc/passwd"),
            before: Some(digest(0x27)),
            after: None,
        },
    }
}

pub fn alert() -> Alert {
    Alert {
        device: device(),
        position: position(3, 257),
        time: time(60),
        alarm: alarm(),
    }
}

pub fn delivery() -> Delivery {
    Delivery {
        deputy: device(),
        alert: EvidenceId([0x28; 8]),
        time: time(61),
    }
}

pub fn sink() -> Sink {
    Sink {
        url: path("https://alerts.example/hook"),
        secret: [0x29; 32],
    }
}

pub fn body() -> Body {
    let statement = Statement::Goodbye(Farewell::Stopped);
    Body::seal(&statement, &DATA_KEY, &mut Dice::from_seed([11; 32])).unwrap()
}

/// A head in which every field is set.
pub fn full_head() -> Head {
    Head {
        device: device(),
        position: position(3, 256),
        time: time(40),
        previous: digest(0x22),
        body: body().digest(),
        epoch: Epoch::FROZEN,
        entangled: Some([0x23; 8]),
        flags: Flags::UNLINKED.with(Flags::GOODBYE),
        ring_mask: 0b101,
        attachment: Some([0x24; 8]),
        checkpoint: Some(digest(0x25)),
    }
}

/// A head without what may be missing.
pub fn sparse_head() -> Head {
    Head {
        position: position(3, 1),
        entangled: None,
        flags: Flags::NONE,
        ring_mask: 0,
        attachment: None,
        checkpoint: None,
        ..full_head()
    }
}

pub fn record() -> Record {
    Record::new(&Signed::seal(full_head(), &key(DEVICE)), body())
}

pub fn start() -> Start {
    Start {
        agent: name("palisade-node 0.1.0"),
        host: name("meter-7"),
        system: name("Debian GNU/Linux 12"),
        kernel: name("6.1.0"),
        architecture: name("aarch64"),
        model: Some(name("Raspberry Pi 4 Model B")),
        cores: 4,
        product: None,
    }
}

pub fn ruling() -> Ruling {
    Ruling {
        mesh: mesh(),
        device: device(),
        decision: Decision::Release,
        gateway: Some(DeviceId::from_bytes([9; 8])),
        time: time(50),
        until: time(50 + 86_400),
        reason: name("looked at on site"),
    }
}

/// The same device of another model.
pub fn start_of(model: usize) -> Start {
    let model = match model {
        0 => start().model,
        model => Some(name(&format!("model {model}"))),
    };
    Start { model, ..start() }
}

pub fn vote() -> Vote {
    Vote {
        member: device(),
        subject: DeviceId::from_bytes([1; 8]),
        opened: opened_seed(),
        time: time(42),
        kin: Kin([0x27; 8]),
        finding: Finding::Saw(Ground::Garbage),
    }
}

pub fn report() -> Report {
    let suspect = |seed, ground| Suspect {
        subject: DeviceId::from_bytes([seed; 8]),
        ground,
        since: time(30),
        times: 3,
    };
    Report {
        witness: device(),
        number: position(3, 1),
        epoch: Epoch::FROZEN,
        log_size: 41,
        time: time(40),
        kin: Kin([0x27; 8]),
        suspects: vec![suspect(1, Ground::Accounts), suspect(2, Ground::Garbage)],
    }
}

pub fn parts() -> Vec<reconcile::Part> {
    let range = |digits, prefix| Range::new(digits, prefix).unwrap();
    vec![
        reconcile::Part::Hash {
            range: range(1, 3),
            hash: [6; 8],
        },
        reconcile::Part::Names {
            range: range(2, 0x71),
            ids: vec![EvidenceId([0x71; 8])],
        },
    ]
}

pub fn mark() -> Mark {
    Mark {
        number: position(3, 7),
        sent: Total::of(1_090, 411_000),
    }
}

pub fn accounts() -> Accounts {
    let received = Received {
        from: position(9, 1),
        to: position(9, 2),
        said: Total::of(1_080, 400_000),
        counted: Total::of(1_079, 399_700),
        breaks: 1,
    };
    let account = |seed, received| Account {
        peer: DeviceId::from_bytes([seed; 8]),
        sent: Some(mark().sent),
        received,
    };
    Accounts {
        number: mark().number,
        links: vec![account(1, Some(received)), account(2, None)],
    }
}

pub fn full_reading() -> Reading {
    Reading {
        cpu_permille: 137,
        memory_used_kib: 700_000,
        memory_total_kib: 3_900_000,
        uptime_s: 86_401,
        temperature_mc: Some(-4_250),
        disks: vec![Disk {
            mount: name("/"),
            used_mib: 4_000,
            total_mib: 29_000,
        }],
        interfaces: vec![Interface {
            name: name("eth0"),
            received: 1_234_567_890_123,
            sent: 55,
        }],
        processes: Some(vec![Process {
            name: name("palisade-node"),
            count: 1,
            memory_kib: 9_000,
        }]),
        ports: Some(vec![Port {
            transport: Transport::Udp,
            number: 5353,
            reach: Reach::Network,
        }]),
        files: Some(vec![
            WatchedFile {
                path: path("/etc/passwd"),
                digest: Some(digest(0x26)),
            },
            WatchedFile {
                path: path("/etc/crontab"),
                digest: None,
            },
        ]),
        heard: vec![Sighting {
            subject: DeviceId::from_bytes([1; 8]),
            age_ms: 1_500,
            evidence: EvidenceKind::ReceivedTraffic,
            shown: Some(shown()),
        }],
        late_ms: Some(4_900),
    }
}
