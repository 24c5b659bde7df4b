//! Every field of what is signed or stored has a data class, in the order of the encoding.

use minicbor::Encode;
use protocol::accounts::Accounts;
use protocol::accusation::Accusation;
use protocol::alert::{Alarm, Alert, Delivery};
use protocol::appeal::{Finding, Vote};
use protocol::beacon::{Offer, Opened};
use protocol::charter::{Charter, Former};
use protocol::class::Classified;
use protocol::command::{self, Answer, By, Command, CommandId, Outcome};
use protocol::contact::Contact;
use protocol::cosign::Cosignature;
use protocol::countersign::Countersigned;
use protocol::errand::Errand;
use protocol::evidence::EvidenceId;
use protocol::flows::{Count, Flows, HabitOrder, HabitWord, Stage, Whose};
use protocol::heard::{Ears, Heard};
use protocol::id::{DeviceId, Epoch, MeshId};
use protocol::install::{Nonce, State, Step};
use protocol::key::Signer as _;
use protocol::ledger::{LogHead, Strength, Withdrawal};
use protocol::membership::Membership;
use protocol::record::{Flags, Head, Incarnation};
use protocol::rollout::{Halt, RolloutId, Standing};
use protocol::ruling::{Decision, Ruling};
use protocol::scan::{Depth, ScanOrder, ScanStage, ScanStep, Wish};
use protocol::statement::host::{Reading, Start};
use protocol::suspicion::{Kin, Report};
use protocol::tail::Batch;
use protocol::{cbor, class::DeviceClass};

use crate::samples as sample;
use crate::tree::Item;

/// Takes a full sample and, for every field by name, a copy in which only that field differs.
macro_rules! fields_of {
    ($type:ident, $sample:expr, { $($field:ident: $other:expr),* $(,)? }) => {{
        let sample: $type = $sample;
        let changed = vec![$((stringify!($field), $type { $field: $other, ..sample.clone() })),*];
        classified(&sample, changed);
    }};
}

#[test]
fn documents_are_classified_field_by_field() {
    let charter = Charter {
        automate: vec![DeviceClass::Camera],
        ..sample::next_charter()
    };
    fields_of!(Charter, charter, {
        mesh: MeshId::from_bytes([0; 32]),
        version: 9,
        issued: sample::time(9),
        admission: sample::key(90).public(),
        coordinator: sample::key(90).public(),
        enrolment_pin: [0; 32],
        tls_pin: [0; 32],
        sealing: sample::membership().sealing,
        administrators: Vec::new(),
        gateways: Vec::new(),
        exempt: Vec::new(),
        former: vec![Former {
            admission: sample::key(90).public(),
            until: sample::time(9),
        }],
        automate: vec![DeviceClass::Sensor],
    });
    fields_of!(Former, sample::next_charter().former[0].clone(), {
        admission: sample::key(90).public(),
        until: sample::time(9),
    });
    fields_of!(Membership, sample::membership(), {
        mesh: MeshId::from_bytes([0; 32]),
        device: DeviceId::from_bytes([0; 8]),
        log_index: 9,
        key: sample::key(90).public(),
        sealing: sample::unsealing().public(),
        name: sample::name("other"),
        class: DeviceClass::Other,
        cell: sample::name("other"),
        not_before: sample::time(9),
        not_after: sample::time(9),
        incarnation_floor: Incarnation(9),
        next_key: Some(sample::digest(9)),
    });
    fields_of!(Withdrawal, sample::suspension(), {
        mesh: MeshId::from_bytes([0; 32]),
        device: DeviceId::from_bytes([0; 8]),
        log_index: 9,
        time: sample::time(9),
        strength: Strength::Revocation,
        reason: sample::name("other"),
    });
    fields_of!(Cosignature, sample::cosignature(), {
        gateway: sample::key(90).public(),
        head: vec![9].into(),
    });
    fields_of!(Offer, sample::seed_offer(), {
        mesh: MeshId::from_bytes([0; 32]),
        number: 9,
        first: Epoch::FROZEN.plus(9),
        count: 9,
        time: sample::time(9),
        secrets: [0; 32],
        holders: Vec::new(),
    });
    fields_of!(LogHead, sample::log_head(), {
        mesh: MeshId::from_bytes([0; 32]),
        size: 9,
        root: [0; 32],
        time: sample::time(9),
    });
}

#[test]
fn what_devices_sign_is_classified_field_by_field() {
    fields_of!(Contact, sample::contact(), {
        device: DeviceId::from_bytes([0; 8]),
        time: sample::time(9),
        addresses: Vec::new(),
    });
    fields_of!(Head, sample::full_head(), {
        device: DeviceId::from_bytes([0; 8]),
        position: sample::position(9, 9),
        time: sample::time(9),
        previous: sample::digest(9),
        body: sample::digest(9),
        epoch: minicbor::decode::<Epoch>(&[9]).unwrap(),
        entangled: Some([9; 8]),
        flags: Flags::NONE,
        ring_mask: 9,
        attachment: Some([9; 8]),
        checkpoint: Some(sample::digest(9)),
    });
    fields_of!(Alert, sample::alert(), {
        device: DeviceId::from_bytes([0; 8]),
        position: sample::position(9, 9),
        time: sample::time(9),
        alarm: Alarm {
            subject: DeviceId::from_bytes([0; 8]),
            ..sample::alarm()
        },
    });
    fields_of!(Delivery, sample::delivery(), {
        deputy: DeviceId::from_bytes([0; 8]),
        alert: EvidenceId([9; 8]),
        time: sample::time(9),
    });
    fields_of!(Ruling, sample::ruling(), {
        mesh: MeshId::from_bytes([0; 32]),
        device: DeviceId::from_bytes([0; 8]),
        decision: Decision::Hold,
        gateway: None,
        time: sample::time(9),
        until: sample::time(9),
        reason: sample::name("other"),
    });
    fields_of!(Halt, sample::updates::halt(), {
        mesh: MeshId::from_bytes([0; 32]),
        target: sample::digest(9),
        rollout: RolloutId(9),
        sequence: 9,
        standing: Standing::Halted,
    });
    fields_of!(Errand, sample::tripwire::errand(), {
        mesh: MeshId::from_bytes([0; 32]),
        scanner: DeviceId::from_bytes([0; 8]),
        source: std::net::IpAddr::from([9, 9, 9, 9]).into(),
        from: sample::time(9),
        until: sample::time(9),
    });
    fields_of!(HabitOrder, sample::flows::order(), {
        mesh: MeshId::from_bytes([0; 32]),
        device: DeviceId::from_bytes([0; 8]),
        number: 9,
        whose: Whose::Own,
        until: sample::time(9),
        word: HabitWord::Undo { number: 9 },
    });
    fields_of!(Flows, sample::flows::page(), {
        whose: Whose::Own,
        stage: Stage::Learning,
        since: sample::time(9),
        lent: None,
        obeyed: 9,
        count: Count::default(),
        habits: 9,
        told: Vec::new(),
        usual: None,
        dropped: 9,
    });
    fields_of!(ScanOrder, sample::scans::order(), {
        mesh: MeshId::from_bytes([0; 32]),
        job: 9,
        device: DeviceId::from_bytes([0; 8]),
        until: sample::time(9),
        wish: Wish::Cancel,
        depth: Depth::Every,
        targets: Vec::new(),
        spared: Vec::new(),
    });
    fields_of!(Command, sample::commands::command(), {
        mesh: MeshId::from_bytes([0; 32]),
        id: CommandId([0; 16]),
        kind: 9,
        to: sample::path("fleet"),
        until: sample::time(9),
    });
    fields_of!(Answer, sample::commands::answers()[0].1.clone(), {
        command: CommandId([0; 16]),
        by: By::Online,
        outcome: Outcome::Refused { why: command::Refusal::Full },
    });
    fields_of!(ScanStep, sample::scans::steps()[0].1.clone(), {
        job: 9,
        stage: ScanStage::Cancelled,
    });
    fields_of!(Countersigned, sample::countersign::words()[1].1, {
        held: sample::countersign::head(9),
        refused: Some(sample::countersign::head(8)),
    });
    fields_of!(Vote, sample::vote(), {
        member: DeviceId::from_bytes([0; 8]),
        subject: DeviceId::from_bytes([0; 8]),
        opened: Opened {
            number: 9,
            ..sample::opened_seed()
        },
        time: sample::time(9),
        kin: Kin([9; 8]),
        finding: Finding::Answered,
    });
    fields_of!(Report, sample::report(), {
        witness: DeviceId::from_bytes([0; 8]),
        number: sample::position(9, 9),
        epoch: minicbor::decode::<Epoch>(&[9]).unwrap(),
        log_size: 9,
        time: sample::time(9),
        kin: Kin([9; 8]),
        suspects: Vec::new(),
    });
    fields_of!(Accusation, sample::accusation(), {
        witness: DeviceId::from_bytes([0; 8]),
        number: sample::position(9, 9),
        epoch: minicbor::decode::<Epoch>(&[9]).unwrap(),
        log_size: 9,
        time: sample::time(9),
        silent: Vec::new(),
    });
}

#[test]
fn what_bodies_say_is_classified_field_by_field() {
    fields_of!(Start, of_a_product(), {
        agent: sample::name("other"),
        host: sample::name("other"),
        system: sample::name("other"),
        kernel: sample::name("other"),
        architecture: sample::name("other"),
        model: Some(sample::name("other")),
        cores: 9,
        product: Some(sample::name("gate")),
    });
    fields_of!(Accounts, sample::accounts(), {
        number: sample::position(9, 9),
        links: Vec::new(),
    });
    fields_of!(Batch, sample::tail::batch(), {
        number: 9,
        dropped: 9,
        salt: [9; 16],
        lines: vec![9].into(),
    });
    fields_of!(Heard, sample::neighbours::heard(), {
        since: sample::time(9),
        devices: Vec::new(),
        watched: Vec::new(),
        events: Vec::new(),
        ears: Some(Ears::default()),
    });
    fields_of!(Step, sample::updates::step(State::Committed), {
        target: sample::digest(9),
        nonce: Nonce([9; 16]),
        version: None,
        state: State::Trusted,
    });
    fields_of!(Reading, sample::full_reading(), {
        cpu_permille: 9,
        memory_used_kib: 9,
        memory_total_kib: 9,
        uptime_s: 9,
        temperature_mc: Some(9),
        disks: Vec::new(),
        interfaces: Vec::new(),
        processes: Some(Vec::new()),
        ports: Some(Vec::new()),
        files: Some(Vec::new()),
        heard: Vec::new(),
        late_ms: Some(9),
    });
}

/// A start that says all that there is to say.
fn of_a_product() -> Start {
    Start {
        product: Some(sample::name("camera")),
        ..sample::start()
    }
}

fn classified<T: Classified + Encode<()>>(sample: &T, changed: Vec<(&'static str, T)>) {
    let elements = elements(sample);
    let names: Vec<_> = T::FIELDS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names.len(), elements.len(), "one class for every element");
    assert_eq!(names.len(), changed.len(), "one change for every field");
    for (index, (field, other)) in changed.into_iter().enumerate() {
        let others = self::elements(&other);
        let differing: Vec<_> = (0..elements.len())
            .filter(|&element| elements[element] != others[element])
            .collect();
        assert_eq!(
            differing,
            [index],
            "the field {field} is the element {index}"
        );
        assert_eq!(names[index], field, "the class of element {index}");
    }
}

fn elements<T: Encode<()>>(value: &T) -> Vec<Item> {
    match Item::parse(&cbor::encode(value)) {
        Some((Item::Array(elements), [])) => elements,
        other => panic!("not one array: {other:?}"),
    }
}
