//! Frames as an attacker would make them: well formed and signed where that helps, wrong where it hurts.

use minicbor::bytes::ByteVec;
use protocol::accounts::{Mark, Total};
use protocol::accusation::{Accusation, Silent};
use protocol::alert::{Alarm, Alert, Matter};
use protocol::brief::Brief;
use protocol::class::DeviceClass;
use protocol::command::CommandWord;
use protocol::contact::Contact;
use protocol::cosign::Cosignature;
use protocol::dice::Dice;
use protocol::evidence::{Evidence, EvidenceId};
use protocol::guard::{Line, Told, Word};
use protocol::heard::{Address, Mac};
use protocol::id::{DeviceId, Digest, Epoch};
use protocol::install::{Nonce, Order, Sight, Worry};
use protocol::key::Signer as _;
use protocol::ledger::LogHead;
use protocol::limits;
use protocol::message::{Last, Message};
use protocol::name::ShortIds;
use protocol::reconcile::{Part, Range};
use protocol::record::{Body, Flags, Head, Incarnation, Position, Record};
use protocol::scan::ScanWord;
use protocol::signed::Signed;
use protocol::spread::frame::Frame;
use protocol::spread::image::ImageId;
use protocol::statement::host::{EvidenceKind, Reading, Sighting, Start};
use protocol::statement::{Farewell, Statement};
use protocol::tail::{Batch, TailWord};
use protocol::time::Timestamp;
use protocol::tripwire::{Service, Touched};

use crate::script::Script;
use crate::world::{self, LOG, Person, WORLD, name, path};

/// What an attacker knows when it makes a frame.
#[derive(Debug)]
pub struct Scene<'a> {
    /// Who sends it, if that is a member.
    pub sender: Option<&'static Person>,
    /// Envelopes that were seen before, to be shown again.
    pub heads: &'a [Vec<u8>],
    /// The receiver's own newest record.
    pub newest: Option<Last>,
    /// Entries of the identity log that the receiver holds.
    pub size: usize,
}

/// A frame as it arrives: made of whole cloth, made and then damaged, or any bytes. `None` where the
/// door would not let it through.
pub fn arriving(script: &mut Script<'_>, scene: &Scene<'_>) -> Option<Message> {
    let mut bytes = match script.below(8) {
        0 => script.bytes(600).to_vec(),
        _ => any(script, scene).encode(),
    };
    if script.below(8) == 0 {
        script.mutate(&mut bytes);
    }
    let message = Message::decode(&bytes).ok()?;
    assert_eq!(message.encode(), bytes, "two encodings of one message");
    Some(message)
}

fn any(script: &mut Script<'_>, scene: &Scene<'_>) -> Message {
    match script.below(16) {
        0 => Message::Hello {
            log_size: script.number(),
            head: script
                .flag()
                .then(|| Digest::from_bytes([script.byte(); 32])),
        },
        1 => beat_or_mark(script),
        2 => Message::Head {
            head: head(script, scene),
        },
        3 | 4 => Message::Record {
            record: record(script, scene),
        },
        5 => Message::Ack {
            position: last(script, scene).map_or_else(|| position(script), |last| last.position),
        },
        6 => Message::Standing {
            last: last(script, scene),
        },
        7 => Message::HeadRequest,
        8 => Message::HeadAnswer {
            head: script.flag().then(|| head(script, scene)),
        },
        9 => Message::LogGrown {
            head: log_head(script),
        },
        10 => Message::LogRequest {
            from: script.number(),
        },
        11 => log_entries(script, scene),
        12 => about_evidence(script, scene),
        13 => Message::ContactRequest {
            devices: (0..script.below(9)).map(|_| device(script)).collect(),
        },
        14 => Message::Contacts {
            contacts: (0..script.below(5))
                .map(|_| contact(script, scene))
                .collect(),
        },
        _ => Message::RenewRequest,
    }
}

/// Nobody looks at the place that a beat names: the high ones make room for marks.
fn beat_or_mark(script: &mut Script<'_>) -> Message {
    let position = position(script);
    if position.sequence < 200 {
        return Message::Beat { position };
    }
    let sent = Total::of(script.number(), script.number());
    let number = position;
    Message::Mark {
        mark: Mark { number, sent },
    }
}

/// So many names as nobody wants at once make room for comparisons.
fn names_wanted_or_compared(script: &mut Script<'_>) -> Message {
    let ids = ids(script);
    let Some((EvidenceId(last), rest)) = ids.split_last().filter(|(_, rest)| rest.len() >= 12)
    else {
        let words = short_names(script);
        return Message::Want { ids, words };
    };
    let range = Range::new(last[0] % 9, u32::from(last[1])).unwrap_or(Range::ALL);
    let parts = match last[2] % 2 {
        0 => rest
            .iter()
            .map(|id| Part::Hash { range, hash: id.0 })
            .collect(),
        _ => vec![Part::Names {
            range,
            ids: rest.to_vec(),
        }],
    };
    Message::Compare { parts }
}

fn about_evidence(script: &mut Script<'_>, scene: &Scene<'_>) -> Message {
    match script.below(10) {
        0 => capability_or_update(script),
        1 => Message::Have {
            ids: ids(script),
            words: short_names(script),
        },
        2 => names_wanted_or_compared(script),
        3 => Message::Prune,
        4 => Message::Probe,
        5 => Message::Challenge,
        6 => Message::Accuse {
            accusation: accusation(script, scene),
        },
        7 => Message::Vouch {
            heads: (0..script.below(4)).map(|_| head(script, scene)).collect(),
        },
        8 => words(script, scene),
        _ => gossip(script, scene),
    }
}

/// Accusations in their shorter form; now and then one names a place that the log does not have.
fn words(script: &mut Script<'_>, scene: &Scene<'_>) -> Message {
    let pieces = (0..script.below(6)).map(|_| Evidence::Accusation(accusation(script, scene)));
    let (mut briefs, evidence) = Brief::of(pieces.collect(), &world::roster(LOG));
    let Some(mut brief) = briefs.pop() else {
        return Message::Gossip { evidence };
    };
    if script.below(4) == 0 {
        brief.words[0].witness = script.number();
    }
    Message::Words { brief }
}

/// Nobody opens a capability that begins so high: those make room for what is said of updates.
fn capability_or_update(script: &mut Script<'_>) -> Message {
    let sealed = script.bytes(80).to_vec();
    let [0xe0..=0xff, kind, rest @ ..] = &sealed[..] else {
        return Message::Capability {
            sealed: sealed.into(),
        };
    };
    let word = |at: usize| rest.get(at).copied().unwrap_or_default();
    let image = ImageId([word(0) % 2; 8]);
    let frame = |frame| Message::Chunks { image, frame };
    match *kind {
        0xf0 => return Message::Tail { word: tail(rest) },
        0xf1..=0xf7 => {
            return Message::Scan {
                word: ScanWord::Wanted {
                    job: word(0).into(),
                    from: word(1).into(),
                },
            };
        }
        0xfe.. => {
            return Message::Command {
                word: CommandWord::Order {
                    command: rest.to_vec().into(),
                },
            };
        }
        0xfc..=0xfd => {
            return Message::Habit {
                order: rest.to_vec().into(),
            };
        }
        0xf8..=0xfb => {
            return Message::Scan {
                word: ScanWord::Order {
                    order: rest.to_vec().into(),
                },
            };
        }
        _ => {}
    }
    match kind % 8 {
        0 => Message::Timestamp {
            timestamp: rest.to_vec().into(),
        },
        1 => frame(Frame::Map {
            bits: rest.to_vec().into(),
        }),
        2 => frame(Frame::Holds {
            chunks: rest.iter().map(|chunk| u32::from(*chunk)).collect(),
        }),
        3 => frame(Frame::Wanted),
        4 => Message::Install {
            order: Order {
                target: Digest::from_bytes([word(0) % 4; 32]),
                nonce: Nonce([word(1); 16]),
                path: path("firmware/camera/2"),
            },
        },
        5 => Message::LookWanted {
            listened: rest.iter().map(|port| u16::from(*port)).collect(),
        },
        6 => hearing(rest),
        _ => Message::Looked {
            sight: match word(0) % 4 {
                0 => Sight::Answers,
                1 => Sight::Worries(Worry::Silent),
                2 => Sight::Worries(Worry::Traffic),
                _ => Sight::Worries(Worry::Port(word(1).into())),
            },
        },
    }
}

/// Lines that nobody asked for, and words that they are stored.
fn tail(bytes: &[u8]) -> TailWord {
    match bytes.split_first() {
        Some((number, rest)) if *number < 0xf0 => TailWord::Batch {
            batch: Batch {
                number: (*number).into(),
                dropped: 0,
                salt: [*number; 16],
                lines: rest.to_vec().into(),
            },
        },
        _ => TailWord::Taken { number: 1 },
    }
}

/// Words about devices without a node, some of them under the hardware address of another.
fn hearing(bytes: &[u8]) -> Message {
    let mac = |byte: u8| Mac([2, 0, 0, 0, 0, byte % 8]);
    let told = |pair: &[u8; 2]| Told {
        mac: mac(pair[0]),
        address: (pair[1].is_multiple_of(2)).then(|| Address::from([10, 0, 0, pair[1]])),
        class: DeviceClass::ALL[usize::from(pair[1]) % DeviceClass::ALL.len()],
        line: (pair[0] > 0x7f).then(|| Line {
            position: Position::first(Incarnation(pair[1].into())),
            until: Timestamp::from_millis(pair[0].into()),
        }),
    };
    let (pairs, _) = bytes.as_chunks::<2>();
    Message::Hearing {
        word: Word {
            own: bytes.first().map(|byte| mac(*byte)).into_iter().collect(),
            told: pairs.iter().map(told).collect(),
        },
    }
}

fn gossip(script: &mut Script<'_>, scene: &Scene<'_>) -> Message {
    let piece = |script: &mut Script<'_>| match script.byte() {
        0xfc.. => Evidence::Share(script.bytes(300).to_vec().into()),
        0xfa.. => Evidence::Secret(script.bytes(60).to_vec().into()),
        0xf9 => Evidence::Dealing(script.bytes(255).to_vec().into()),
        0xf8 => Evidence::Cosigned(cosignature(script, scene)),
        0xf7 => Evidence::Vote(script.bytes(200).to_vec().into()),
        0xf5 => Evidence::Errand(script.bytes(200).to_vec().into()),
        0xf4 => Evidence::Alert(touch(script, scene)),
        0xf6 => Evidence::Halt(script.bytes(200).to_vec().into()),
        byte => old_piece(byte % 8, script, scene),
    };
    Message::Gossip {
        evidence: (0..script.below(12)).map(|_| piece(script)).collect(),
    }
}

fn old_piece(kind: u8, script: &mut Script<'_>, scene: &Scene<'_>) -> Evidence {
    match kind {
        0 => Evidence::Proof(script.bytes(300).to_vec().into()),
        1 => Evidence::Alert(alert(script, scene)),
        2 | 3 => Evidence::Head(head(script, scene)),
        _ => Evidence::Accusation(accusation(script, scene)),
    }
}

/// Under a head of the log, or of another version of it, by the gateway mostly.
fn cosignature(script: &mut Script<'_>, scene: &Scene<'_>) -> ByteVec {
    let head = match script.below(4) {
        0 => {
            let head = LogHead {
                mesh: WORLD.charter.mesh,
                size: 1 + script.below(2 * LOG) as u64,
                root: [script.byte(); 32],
                time: Timestamp::from_millis(script.number()),
            };
            let signed = Signed::seal(head, &world::hashed(world::ADMISSION));
            signed.bytes().to_vec().into()
        }
        _ => log_head(script),
    };
    let signer = match script.below(8) {
        0 => author(script, scene).signer(),
        _ => world::hashed(world::GATEWAY),
    };
    let gateway = signer.public();
    let cosigned = Signed::seal(Cosignature { gateway, head }, &signer);
    cosigned.bytes().to_vec().into()
}

/// A file that changed, as its own device says mostly.
fn alert(script: &mut Script<'_>, scene: &Scene<'_>) -> ByteVec {
    let author = author(script, scene);
    let matter = Matter::FileChanged {
        path: path("/etc/passwd"),
        before: None,
        after: script
            .flag()
            .then(|| Digest::from_bytes([script.byte(); 32])),
    };
    signed_alert(script, author, matter)
}

/// Of a decoy, by one of a few sources.
fn touch(script: &mut Script<'_>, scene: &Scene<'_>) -> ByteVec {
    let author = author(script, scene);
    let matter = Matter::Touched(Touched {
        source: std::net::IpAddr::from([192, 0, 2, script.byte() % 8]).into(),
        service: Service::ALL[script.below(5)],
        port: 23,
        credentials: script.byte(),
        said: None,
    });
    signed_alert(script, author, matter)
}

fn signed_alert(script: &mut Script<'_>, author: &Person, matter: Matter) -> ByteVec {
    let alert = Alert {
        device: named(script, author),
        position: position(script),
        time: Timestamp::from_millis(script.number()),
        alarm: Alarm {
            subject: device(script),
            matter,
        },
    };
    author.sign(alert).bytes().to_vec().into()
}

fn short_names(script: &mut Script<'_>) -> ShortIds {
    let names = ids(script).into_iter();
    ShortIds(names.map(|id| id.short()).collect())
}

fn ids(script: &mut Script<'_>) -> Vec<EvidenceId> {
    let id = |script: &mut Script<'_>| EvidenceId([script.byte(); 8]);
    (0..script.below(20)).map(|_| id(script)).collect()
}

/// Signed by its witness mostly, and naming those whom it may name mostly.
fn accusation(script: &mut Script<'_>, scene: &Scene<'_>) -> ByteVec {
    let author = author(script, scene);
    let mut silent: Vec<Silent> = (0..script.below(5))
        .map(|_| Silent {
            subject: device(script),
            last: script.flag().then(|| position(script)),
        })
        .collect();
    silent.sort_by_key(|silent| silent.subject);
    let accusation = Accusation {
        witness: named(script, author),
        number: position(script),
        epoch: Epoch::FROZEN,
        log_size: script.number(),
        time: Timestamp::from_millis(script.number()),
        silent,
    };
    author.sign(accusation).bytes().to_vec().into()
}

pub fn position(script: &mut Script<'_>) -> Position {
    Position {
        incarnation: Incarnation(script.small()),
        sequence: script.small(),
    }
}

/// The receiver's own newest record mostly.
fn last(script: &mut Script<'_>, scene: &Scene<'_>) -> Option<Last> {
    match script.below(8) {
        0 => None,
        1 => Some(Last {
            position: position(script),
            digest: Digest::from_bytes([script.byte(); 32]),
        }),
        _ => scene.newest,
    }
}

/// The sender mostly, or anybody.
fn author(script: &mut Script<'_>, scene: &Scene<'_>) -> &'static Person {
    let other = person(script);
    if script.below(8) == 0 {
        other
    } else {
        scene.sender.unwrap_or(other)
    }
}

fn named(script: &mut Script<'_>, author: &Person) -> DeviceId {
    if script.below(8) == 0 {
        device(script)
    } else {
        author.device
    }
}

/// Somebody else than the first member: that one's key nobody else holds.
pub fn person(script: &mut Script<'_>) -> &'static Person {
    script.pick(&WORLD.people[1..])
}

fn device(script: &mut Script<'_>) -> DeviceId {
    if script.below(8) == 0 {
        DeviceId::from_bytes(script.array())
    } else {
        script.pick(&WORLD.people).device
    }
}

fn time(script: &mut Script<'_>) -> Timestamp {
    let by = script.duration();
    if script.flag() {
        crate::world::START.saturating_add(by)
    } else {
        Timestamp::from_millis(script.number())
    }
}

fn head(script: &mut Script<'_>, scene: &Scene<'_>) -> ByteVec {
    if script.flag() && !scene.heads.is_empty() {
        return script.pick(scene.heads).clone().into();
    }
    record(script, scene).head
}

/// A record of any member, with a statement that it could make.
fn record(script: &mut Script<'_>, scene: &Scene<'_>) -> Record {
    let author = author(script, scene);
    let body = body(script, author);
    let head = Head {
        device: named(script, author),
        position: position(script),
        time: time(script),
        previous: Digest::from_bytes([script.byte(); 32]),
        body: body.digest(),
        epoch: Epoch::FROZEN,
        entangled: script.flag().then(|| script.array()),
        flags: *script.pick(&[Flags::NONE, Flags::UNLINKED, Flags::GOODBYE]),
        ring_mask: 0,
        attachment: None,
        checkpoint: None,
    };
    Record::new(&author.sign(head), body)
}

pub fn body(script: &mut Script<'_>, author: &Person) -> Body {
    let mut dice = Dice::from_seed([script.byte(); 32]);
    Body::seal(&statement(script), &author.data_key, &mut dice).expect("the statements are short")
}

fn statement(script: &mut Script<'_>) -> Statement {
    match script.below(5) {
        0 => Statement::Start(start()),
        1 => Statement::Goodbye(Farewell::Stopped),
        2 => Statement::Unknown {
            kind: 6 + u16::from(script.byte()),
            body: script.bytes(100).to_vec(),
        },
        _ => Statement::Reading(Reading {
            heard: (0..script.below(20)).map(|_| sighting(script)).collect(),
            ..Reading::default()
        }),
    }
}

pub fn start() -> Start {
    Start {
        agent: name("palisade-node"),
        host: name("host"),
        system: name("system"),
        kernel: name("kernel"),
        architecture: name("riscv64"),
        model: None,
        cores: 1,
        product: None,
    }
}

fn sighting(script: &mut Script<'_>) -> Sighting {
    Sighting {
        subject: device(script),
        age_ms: script.small(),
        evidence: EvidenceKind::ReceivedTraffic,
        shown: None,
    }
}

fn log_head(script: &mut Script<'_>) -> ByteVec {
    script.pick(&WORLD.heads).clone().into()
}

/// A page of the true log, where the receiver expects it or somewhere else.
fn log_entries(script: &mut Script<'_>, scene: &Scene<'_>) -> Message {
    let first = match script.below(4) {
        0 => script.below(LOG),
        _ => scene.size.min(LOG),
    };
    let end = first + script.below(LOG - first + 1);
    let from = match script.below(8) {
        0 => script.number(),
        _ => first as u64,
    };
    let head = match script.below(4) {
        0 => None,
        1 => Some(log_head(script)),
        _ => Some(WORLD.heads[end.max(1) - 1].clone().into()),
    };
    let entries = WORLD.entries[first..end].iter();
    Message::LogEntries {
        from,
        entries: entries.map(|entry| entry.clone().into()).collect(),
        head,
    }
}

fn contact(script: &mut Script<'_>, scene: &Scene<'_>) -> ByteVec {
    let author = author(script, scene);
    let addresses = (0..script.below(limits::ADDRESSES + 2))
        .map(|_| path("/memory/1"))
        .collect();
    let contact = Contact {
        device: named(script, author),
        time: time(script),
        addresses,
    };
    author.sign(contact).bytes().to_vec().into()
}
