//! Any value of every type, within the bounds that the type itself holds.
//!
//! It is long because each type of the wire stands here once, beside those that it is made of; families have files of their own.

pub mod commands;
pub mod countersign;
pub mod flows;
pub mod neighbours;
pub mod scans;
pub mod tail;
pub mod tripwire;
pub mod updates;

use minicbor::bytes::ByteVec;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use protocol::accounts::{Account, Accounts, Mark, Received, Total};
use protocol::accusation::{Accusation, Silent};
use protocol::alert::{Alarm, Alert, Matter};
use protocol::appeal::{Finding, Vote};
use protocol::beacon::{Deal, Holder, Offer, Opened, Part};
use protocol::brief::{Brief, Named, Word};
use protocol::cbor;
use protocol::class::DeviceClass;
use protocol::contact::Contact;
use protocol::cosign::Cosignature;
use protocol::enrolment::{EnrolRequest, TokenId};
use protocol::evidence::{Evidence, EvidenceId};
use protocol::heads::{Shown, ShownOf};
use protocol::id::{DeviceId, Digest, Epoch, MeshId};
use protocol::key::{PublicKey, SecretKey, Signature, Signer as _};
use protocol::ledger::{Entry, LogHead, Strength, Withdrawal};
use protocol::limits;
use protocol::membership::Membership;
use protocol::message::{Last, Message};
use protocol::name::{ShortId, ShortIds};
use protocol::reconcile::{self, Range};
use protocol::record::{Body, Flags, Head, Incarnation, Position, Record};
use protocol::ruling::{Decision, Ruling};
use protocol::seal::{SealedTo, SealingKey};
use protocol::statement::host::{
    Disk, EvidenceKind, Interface, Port, Process, Reach, Reading, Sighting, Start, Transport,
    WatchedFile,
};
use protocol::statement::{Farewell, Statement};
use protocol::succession::Succession;
use protocol::suspicion::{Ground, Kin, Report, Suspect};
use protocol::text::{Line, Name, Path};
use protocol::time::Timestamp;

pub fn bytes(most: usize) -> impl Strategy<Value = ByteVec> {
    vec(any::<u8>(), 0..=most).prop_map(ByteVec::from)
}

fn line<const MAX: usize>() -> impl Strategy<Value = Line<MAX>> {
    "[ -~äß漢😀]{1,40}".prop_filter_map("a line", |text| Line::fitted(&text))
}

pub fn name() -> impl Strategy<Value = Name> {
    line()
}

pub fn path() -> impl Strategy<Value = Path> {
    line()
}

pub fn key() -> impl Strategy<Value = PublicKey> {
    any::<[u8; 32]>().prop_map(|seed| SecretKey::from_seed(&seed).public())
}

pub fn sealing() -> impl Strategy<Value = SealingKey> {
    any::<[u8; 32]>().prop_map(SealingKey::from_bytes)
}

pub fn device() -> impl Strategy<Value = DeviceId> {
    any::<[u8; 8]>().prop_map(DeviceId::from_bytes)
}

pub fn mesh() -> impl Strategy<Value = MeshId> {
    any::<[u8; 32]>().prop_map(MeshId::from_bytes)
}

pub fn digest() -> impl Strategy<Value = Digest> {
    any::<[u8; 32]>().prop_map(Digest::from_bytes)
}

pub fn time() -> impl Strategy<Value = Timestamp> {
    any::<u64>().prop_map(Timestamp::from_millis)
}

pub fn token() -> impl Strategy<Value = TokenId> {
    any::<[u8; 8]>().prop_map(TokenId)
}

pub fn class() -> impl Strategy<Value = DeviceClass> {
    prop::sample::select(DeviceClass::ALL.to_vec())
}

pub fn position() -> impl Strategy<Value = Position> {
    any::<(u32, u32)>().prop_map(|(incarnation, sequence)| Position {
        incarnation: Incarnation(incarnation),
        sequence,
    })
}

pub fn membership() -> impl Strategy<Value = Membership> {
    let who = (mesh(), device(), any::<u64>(), key(), sealing());
    let terms = (name(), class(), name());
    let dates = (time(), time(), any::<u32>(), of(digest()));
    (who, terms, dates).prop_map(|(who, terms, dates)| Membership {
        mesh: who.0,
        device: who.1,
        log_index: who.2,
        key: who.3,
        sealing: who.4,
        name: terms.0,
        class: terms.1,
        cell: terms.2,
        not_before: dates.0,
        not_after: dates.1,
        incarnation_floor: Incarnation(dates.2),
        next_key: dates.3,
    })
}

pub fn withdrawal() -> impl Strategy<Value = Withdrawal> {
    let strength = prop_oneof![
        time().prop_map(|until| Strength::Suspension { until }),
        Just(Strength::Revocation),
        Just(Strength::Retirement),
    ];
    let parts = (mesh(), device(), any::<u64>(), time(), strength, name());
    parts.prop_map(|parts| Withdrawal {
        mesh: parts.0,
        device: parts.1,
        log_index: parts.2,
        time: parts.3,
        strength: parts.4,
        reason: parts.5,
    })
}

pub fn succession() -> impl Strategy<Value = Succession> {
    let entry = (any::<bool>(), bytes(200)).prop_map(|(charter, bytes)| match charter {
        true => Entry::Charter(bytes),
        false => Entry::Root(bytes),
    });
    vec(entry, 0..=3).prop_map(|entries| Succession::of(&entries))
}

pub fn log_head() -> impl Strategy<Value = LogHead> {
    (mesh(), any::<u64>(), any::<[u8; 32]>(), time()).prop_map(|(mesh, size, root, time)| LogHead {
        mesh,
        size,
        root,
        time,
    })
}

pub fn cosignature() -> impl Strategy<Value = Cosignature> {
    (key(), bytes(256)).prop_map(|(gateway, head)| Cosignature { gateway, head })
}

pub fn seed_offer() -> impl Strategy<Value = Offer> {
    let holder =
        (key(), any::<[u8; 32]>()).prop_map(|(gateway, shares)| Holder { gateway, shares });
    let span = any::<(u32, u32, u16, [u8; 32])>();
    let parts = (mesh(), span, time(), vec(holder, 0..5));
    parts.prop_map(|(mesh, span, time, holders)| Offer {
        mesh,
        number: span.0,
        first: Epoch::FROZEN.plus(span.1),
        count: span.2,
        time,
        secrets: span.3,
        holders,
    })
}

fn deal() -> impl Strategy<Value = Deal> {
    let part = (
        digest(),
        any::<[u8; 32]>(),
        any::<[u8; 64]>().prop_map(Signature),
    );
    let part = part.prop_map(|(commitment, nonce, signature)| Part {
        commitment,
        nonce,
        signature,
    });
    prop_oneof![
        (bytes(200), bytes(200)).prop_map(|(offer, shares)| Deal::Offer { offer, shares }),
        (any::<u32>(), digest())
            .prop_map(|(number, commitment)| Deal::Commit { number, commitment }),
        (any::<u32>(), vec(digest(), 0..9)).prop_map(|(number, commitments)| Deal::Commitments {
            number,
            commitments
        }),
        (any::<u32>(), part).prop_map(|(number, part)| Deal::Reveal { number, part }),
    ]
}

pub fn contact() -> impl Strategy<Value = Contact> {
    let addresses = vec(path(), 0..=limits::ADDRESSES);
    (device(), time(), addresses).prop_map(|(device, time, addresses)| Contact {
        device,
        time,
        addresses,
    })
}

pub fn head() -> impl Strategy<Value = Head> {
    let flags = prop::sample::select(vec![
        Flags::NONE,
        Flags::UNLINKED,
        Flags::GOODBYE.with(Flags::CLOCK_DOUBTED),
    ]);
    let chain = (device(), position(), time(), digest(), digest());
    let rest = (
        of(any::<[u8; 8]>()),
        flags,
        any::<u16>(),
        of(any::<[u8; 8]>()),
        of(digest()),
    );
    (chain, rest).prop_map(|(chain, rest)| Head {
        device: chain.0,
        position: chain.1,
        time: chain.2,
        previous: chain.3,
        body: chain.4,
        epoch: Epoch::FROZEN,
        entangled: rest.0,
        flags: rest.1,
        ring_mask: rest.2,
        attachment: rest.3,
        checkpoint: rest.4,
    })
}

/// A body of any bytes, as a stranger might send it.
pub fn body() -> impl Strategy<Value = Body> {
    (any::<[u8; 16]>(), bytes(200)).prop_map(|(salt, sealed)| {
        let parts = [
            cbor::encode(&ByteVec::from(salt.to_vec())),
            cbor::encode(&sealed),
        ];
        let encoded = [&[0x82][..], &parts[0], &parts[1]].concat();
        cbor::decode("body", 400, &encoded).expect("it is a body")
    })
}

pub fn record() -> impl Strategy<Value = Record> {
    (bytes(300), body()).prop_map(|(head, body)| Record { head, body })
}

pub fn start() -> impl Strategy<Value = Start> {
    let parts = (
        name(),
        name(),
        name(),
        name(),
        name(),
        of(name()),
        any::<u16>(),
        of(name()),
    );
    parts.prop_map(|parts| Start {
        agent: parts.0,
        host: parts.1,
        system: parts.2,
        kernel: parts.3,
        architecture: parts.4,
        model: parts.5,
        cores: parts.6,
        product: parts.7,
    })
}

pub fn reading() -> impl Strategy<Value = Reading> {
    let disk = (name(), any::<(u64, u64)>()).prop_map(|(mount, (used_mib, total_mib))| Disk {
        mount,
        used_mib,
        total_mib,
    });
    let interface = (name(), any::<(u64, u64)>()).prop_map(|(name, (received, sent))| Interface {
        name,
        received,
        sent,
    });
    let process = (name(), any::<(u16, u64)>()).prop_map(|(name, (count, memory_kib))| Process {
        name,
        count,
        memory_kib,
    });
    let port = any::<(bool, u16, bool)>().prop_map(|(udp, number, network)| Port {
        transport: if udp { Transport::Udp } else { Transport::Tcp },
        number,
        reach: if network {
            Reach::Network
        } else {
            Reach::Loopback
        },
    });
    let file = (path(), of(digest())).prop_map(|(path, digest)| WatchedFile { path, digest });
    let lists = (
        vec(disk, 0..3),
        vec(interface, 0..3),
        of(vec(process, 0..3)),
        of(vec(port, 0..3)),
        of(vec(file, 0..3)),
        vec(sighting(), 0..3),
    );
    let figures = any::<(u16, u64, u64, u64, Option<i32>, Option<u32>)>();
    (figures, lists).prop_map(|(figures, lists)| Reading {
        cpu_permille: figures.0,
        memory_used_kib: figures.1,
        memory_total_kib: figures.2,
        uptime_s: figures.3,
        temperature_mc: figures.4,
        disks: lists.0,
        interfaces: lists.1,
        processes: lists.2,
        ports: lists.3,
        files: lists.4,
        heard: lists.5,
        late_ms: figures.5,
    })
}

fn shown() -> impl Strategy<Value = Shown> {
    (position(), any::<[u8; 8]>()).prop_map(|(position, digest)| Shown { position, digest })
}

fn sighting() -> impl Strategy<Value = Sighting> {
    let evidence = prop::sample::select(vec![
        EvidenceKind::LivenessProbe,
        EvidenceKind::ReceivedTraffic,
        EvidenceKind::LogContradiction,
    ]);
    let parts = (device(), any::<u32>(), evidence, of(shown()));
    parts.prop_map(|(subject, age_ms, evidence, shown)| Sighting {
        subject,
        age_ms,
        evidence,
        shown,
    })
}

pub fn statement() -> impl Strategy<Value = Statement> {
    prop_oneof![
        start().prop_map(Statement::Start),
        reading().prop_map(Statement::Reading),
        Just(Statement::Goodbye(Farewell::Left)),
        Just(Statement::Goodbye(Farewell::Retired)),
        Just(Statement::Present),
        alarm().prop_map(Statement::Alert),
        accounts().prop_map(Statement::Accounts),
        updates::step().prop_map(Statement::Install),
        updates::obeyed().prop_map(Statement::Settings),
        neighbours::heard().prop_map(Statement::Heard),
        scans::step().prop_map(Statement::Scan),
        flows::page().prop_map(|page| Statement::Flows(Box::new(page))),
        countersign::word().prop_map(Statement::Countersigned),
        commands::answer().prop_map(Statement::Command),
        (14u16.., vec(any::<u8>(), 0..600))
            .prop_map(|(kind, body)| Statement::Unknown { kind, body }),
    ]
}

pub fn ruling() -> impl Strategy<Value = Ruling> {
    let decision = prop::sample::select(vec![Decision::Hold, Decision::Release]);
    let who = (mesh(), device(), decision, of(device()));
    (who, time(), time(), name()).prop_map(|(who, time, until, reason)| Ruling {
        mesh: who.0,
        device: who.1,
        decision: who.2,
        gateway: who.3,
        time,
        until,
        reason,
    })
}

pub fn vote() -> impl Strategy<Value = Vote> {
    let finding = prop_oneof![
        prop::sample::select(Ground::ALL.to_vec()).prop_map(Finding::Saw),
        Just(Finding::Answered),
        Just(Finding::Unreached),
    ];
    let opened = any::<(u32, u32, [u8; 32])>().prop_map(|(number, epoch, secret)| Opened {
        number,
        epoch: Epoch::FROZEN.plus(epoch),
        secret,
    });
    let parts = (
        device(),
        device(),
        opened,
        time(),
        any::<[u8; 8]>(),
        finding,
    );
    parts.prop_map(|parts| Vote {
        member: parts.0,
        subject: parts.1,
        opened: parts.2,
        time: parts.3,
        kin: Kin(parts.4),
        finding: parts.5,
    })
}

pub fn report() -> impl Strategy<Value = Report> {
    let ground = prop::sample::select(Ground::ALL.to_vec());
    let suspect = (device(), ground, time(), any::<u32>());
    let suspect = suspect.prop_map(|(subject, ground, since, times)| Suspect {
        subject,
        ground,
        since,
        times,
    });
    let who = (device(), position(), any::<u64>(), time(), any::<[u8; 8]>());
    let suspects = vec(suspect, 0..=limits::SUSPECTS);
    (who, suspects).prop_map(|(who, suspects)| Report {
        witness: who.0,
        number: who.1,
        epoch: Epoch::FROZEN,
        log_size: who.2,
        time: who.3,
        kin: Kin(who.4),
        suspects,
    })
}

fn total() -> impl Strategy<Value = Total> {
    any::<(u64, u64)>().prop_map(|(frames, bytes)| Total { frames, bytes })
}

fn accounts() -> impl Strategy<Value = Accounts> {
    let between = (position(), position(), total(), total(), any::<u32>());
    let received = between.prop_map(|(from, to, said, counted, breaks)| Received {
        from,
        to,
        said,
        counted,
        breaks,
    });
    let account = (device(), of(total()), of(received));
    let account = account.prop_map(|(peer, sent, received)| Account {
        peer,
        sent,
        received,
    });
    let links = vec(account, 0..=limits::ACCOUNTS_PER_RECORD);
    (position(), links).prop_map(|(number, links)| Accounts { number, links })
}

pub fn request() -> impl Strategy<Value = EnrolRequest> {
    let sealed = (any::<[u8; 32]>(), bytes(80)).prop_map(|(encapsulated, ciphertext)| {
        let encapsulated = cbor::encode(&ByteVec::from(encapsulated.to_vec()));
        let encoded = [&[0x82][..], &encapsulated, &cbor::encode(&ciphertext)].concat();
        cbor::decode::<SealedTo>("sealed", 200, &encoded).expect("it has the form")
    });
    let signature = any::<[u8; 64]>().prop_map(Signature);
    let parts = (
        key(),
        sealing(),
        signature,
        sealed,
        name(),
        of(class()),
        name(),
    );
    parts.prop_map(|parts| EnrolRequest {
        key: parts.0,
        sealing: parts.1,
        possession: parts.2,
        data_key: parts.3,
        name: parts.4,
        class: parts.5,
        agent: parts.6,
    })
}

pub fn message() -> impl Strategy<Value = Message> {
    let last = (position(), digest()).prop_map(|(position, digest)| Last { position, digest });
    let entries = (any::<u64>(), vec(bytes(60), 0..5), of(bytes(60)));
    prop_oneof![
        (any::<u64>(), of(digest())).prop_map(|(log_size, head)| Message::Hello { log_size, head }),
        position().prop_map(|position| Message::Beat { position }),
        bytes(300).prop_map(|head| Message::Head { head }),
        record().prop_map(|record| Message::Record { record }),
        position().prop_map(|position| Message::Ack { position }),
        of(last).prop_map(|last| Message::Standing { last }),
        Just(Message::HeadRequest),
        of(bytes(300)).prop_map(|head| Message::HeadAnswer { head }),
        bytes(300).prop_map(|head| Message::LogGrown { head }),
        any::<u64>().prop_map(|from| Message::LogRequest { from }),
        entries.prop_map(|(from, entries, head)| Message::LogEntries {
            from,
            entries,
            head,
        }),
        vec(device(), 0..9).prop_map(|devices| Message::ContactRequest { devices }),
        vec(bytes(60), 0..9).prop_map(|contacts| Message::Contacts { contacts }),
        Just(Message::RenewRequest),
        evidence_message(),
        vec(device(), 0..9).prop_map(|devices| Message::HeadsWanted { devices }),
        vec((device(), shown()), 0..9).prop_map(|shown| {
            let heads = shown.into_iter();
            let heads = heads.map(|(subject, head)| ShownOf { subject, head });
            Message::Shown {
                heads: heads.collect(),
            }
        }),
        (position(), total()).prop_map(|(number, sent)| Message::Mark {
            mark: Mark { number, sent },
        }),
        vec(compared(), 0..9).prop_map(|parts| Message::Compare { parts }),
        updates::message(),
        neighbours::message(),
        scans::message(),
        commands::message(),
        flows::message(),
        countersign::message(),
        tail::message(),
    ]
}

fn compared() -> impl Strategy<Value = reconcile::Part> {
    let range = || {
        let digits = (0..=8_u8, any::<u32>());
        digits.prop_map(|(digits, number)| {
            let prefix = u64::from(number) & ((1 << (4 * u64::from(digits))) - 1);
            Range::new(digits, prefix as u32).expect("so many digits")
        })
    };
    let ids = vec(any::<[u8; 8]>().prop_map(EvidenceId), 0..9);
    prop_oneof![
        (range(), any::<[u8; 8]>()).prop_map(|(range, hash)| reconcile::Part::Hash { range, hash }),
        (range(), ids).prop_map(|(range, ids)| reconcile::Part::Names { range, ids }),
    ]
}

fn evidence_message() -> impl Strategy<Value = Message> {
    let evidence = prop_oneof![
        bytes(300).prop_map(Evidence::Accusation),
        bytes(300).prop_map(Evidence::Head),
        bytes(300).prop_map(Evidence::Proof),
        bytes(300).prop_map(Evidence::Alert),
        bytes(300).prop_map(Evidence::Delivery),
        bytes(300).prop_map(Evidence::Report),
        bytes(300).prop_map(Evidence::Cosigned),
        bytes(300).prop_map(Evidence::Ruling),
        bytes(300).prop_map(Evidence::Dealing),
        bytes(300).prop_map(Evidence::Share),
        bytes(300).prop_map(Evidence::Secret),
        bytes(200).prop_map(Evidence::Vote),
        bytes(200).prop_map(Evidence::Halt),
        bytes(200).prop_map(Evidence::Errand),
    ];
    let ids = || vec(any::<[u8; 8]>().prop_map(EvidenceId), 0..9);
    prop_oneof![
        vec(evidence, 0..9).prop_map(|evidence| Message::Gossip { evidence }),
        brief().prop_map(|brief| Message::Words { brief }),
        (ids(), short_names()).prop_map(|(ids, words)| Message::Have { ids, words }),
        (ids(), short_names()).prop_map(|(ids, words)| Message::Want { ids, words }),
        Just(Message::Prune),
        Just(Message::Probe),
        Just(Message::Challenge),
        bytes(300).prop_map(|sealed| Message::Capability { sealed }),
        bytes(300).prop_map(|accusation| Message::Accuse { accusation }),
        vec(bytes(60), 0..9).prop_map(|heads| Message::Vouch { heads }),
        deal().prop_map(|deal| Message::Deal { deal }),
    ]
}

fn short_names() -> impl Strategy<Value = ShortIds> {
    vec(any::<[u8; 4]>().prop_map(ShortId), 0..9).prop_map(ShortIds)
}

fn brief() -> impl Strategy<Value = Brief> {
    let named = (any::<u64>(), of(position())).prop_map(|(subject, last)| Named { subject, last });
    let word = (
        any::<u64>(),
        position(),
        any::<u64>(),
        vec(named, 0..9),
        any::<[u8; 64]>().prop_map(Signature),
    );
    let word = word.prop_map(|(witness, number, after, silent, signature)| Word {
        witness,
        number,
        after,
        silent,
        signature,
    });
    let words = (any::<u64>(), time(), vec(word, 0..9));
    words.prop_map(|(log_size, since, words)| Brief {
        epoch: Epoch::FROZEN,
        log_size,
        since,
        words,
    })
}

pub fn alarm() -> impl Strategy<Value = Alarm> {
    let changed = (path(), of(digest()), of(digest()));
    let matter = prop_oneof![
        changed.prop_map(|(path, before, after)| Matter::FileChanged {
            path,
            before,
            after
        }),
        name().prop_map(|cell| Matter::AutomationStopped { cell }),
        updates::wrong_chunk(),
        updates::document_refused(),
        tripwire::touched(),
        flows::strange().prop_map(|strange| Matter::Strange(Box::new(strange))),
        (7u16.., vec(any::<u8>(), 0..60)).prop_map(|(kind, body)| Matter::Unknown { kind, body }),
    ];
    (device(), matter).prop_map(|(subject, matter)| Alarm { subject, matter })
}

pub fn alert() -> impl Strategy<Value = Alert> {
    let parts = (device(), position(), time(), alarm());
    parts.prop_map(|(device, position, time, alarm)| Alert {
        device,
        position,
        time,
        alarm,
    })
}

pub fn accusation() -> impl Strategy<Value = Accusation> {
    let silent = (device(), of(position())).prop_map(|(subject, last)| Silent { subject, last });
    let who = (
        device(),
        position(),
        any::<u64>(),
        time(),
        vec(silent, 0..9),
    );
    who.prop_map(|(witness, number, log_size, time, silent)| Accusation {
        witness,
        number,
        epoch: Epoch::FROZEN,
        log_size,
        time,
        silent,
    })
}
