//! Ingest: signed records parsed, checked and durably stored on one core, beside a bare loop of
//! strict verification over the same bytes.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant as Clock;

use coordinator::store::Store;
use coordinator::store::key::StoreKey;
use protocol::coordinator::save::{Memory, Remembered, Save};
use protocol::coordinator::{Config, Coordinator, Input, Output};
use protocol::dice::Dice;
use protocol::id::Digest;
use protocol::key::{PeerKey, PublicKey, Signature, Signer, Strict, Verifier as _};
use protocol::message::Message;
use protocol::record::{Body, Head, Record};
use protocol::seal::DataKey;
use protocol::signed::Signed;
use protocol::statement::Statement;
use protocol::statement::host::{Disk, Interface, Reading};
use protocol::text::Name;
use protocol::time::{Instant, Now, Timestamp};

use crate::fleet::{BEGINNING, Blueprint, Fleet, Ground, Member};
use crate::power::records;
use crate::profile::Profile;
use crate::signing::Signing;

/// Records that are made durable together, as under load.
const BATCH: usize = 1000;

/// Frames as they arrive, and the signatures inside them.
#[derive(Debug)]
pub struct Load {
    pub fleet: Fleet,
    pub frames: Vec<(PeerKey, Vec<u8>)>,
    checks: Vec<(PublicKey, Vec<u8>, Signature)>,
}

/// What the bench measured.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    pub records: usize,
    pub records_per_s: f64,
    pub verify_only_per_s: f64,
}

impl Measured {
    pub fn ratio(&self) -> f64 {
        self.records_per_s / self.verify_only_per_s
    }
}

/// A signer that also remembers what it signed, for the bare loop.
#[derive(Debug)]
struct Noting<'a> {
    signer: &'a dyn Signer,
    signed: Mutex<Vec<(Vec<u8>, Signature)>>,
}

impl Signer for Noting<'_> {
    fn public(&self) -> PublicKey {
        self.signer.public()
    }

    fn sign(&self, message: &[u8]) -> Signature {
        let signature = self.signer.sign(message);
        self.signed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((message.to_vec(), signature));
        signature
    }
}

/// Makes `records` records of `devices` devices, in the order in which a fleet would send them.
pub fn load(devices: usize, records: usize) -> anyhow::Result<Load> {
    let profiles = Profile::pick(None)?.into();
    let fleet = Fleet::build(Blueprint {
        gateways: 0,
        epoch: protocol::beacon::EPOCH,
        seed: 1,
        nodes: devices,
        ground: Ground::default(),
        signing: Signing::default(),
        profiles,
    })?;
    let mut dice = Dice::from_seed([1; 32]);
    let mut frames = Vec::with_capacity(records);
    let mut checks = Vec::with_capacity(records);
    let mut previous = vec![Digest::ZERO; devices];
    for number in 0..records {
        let member = &fleet.members[number % devices];
        let sequence = u32::try_from(number / devices)?;
        let noting = Noting {
            signer: member.signer.as_ref(),
            signed: Mutex::default(),
        };
        let (record, digest) = record(
            member,
            &noting,
            sequence,
            previous[number % devices],
            &mut dice,
        )?;
        previous[number % devices] = digest;
        frames.push((member.key.peer(), Message::Record { record }.encode()));
        let signed = noting
            .signed
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        checks.extend(
            signed
                .into_iter()
                .map(|(message, signature)| (member.key, message, signature)),
        );
    }
    Ok(Load {
        fleet,
        frames,
        checks,
    })
}

/// Runs both loops, interleaved so that both meet the same machine.
pub fn measure(load: &Load, dir: &Path) -> anyhow::Result<Measured> {
    let half = load.checks.len() / 2;
    let first = verify_only(&load.checks[..half]);
    let stored = ingest(load, dir, |_| {})?;
    let second = verify_only(&load.checks[half..]);
    let records = load.frames.len();
    Ok(Measured {
        records,
        records_per_s: records as f64 / stored,
        verify_only_per_s: records as f64 / (first + second),
    })
}

/// Feeds every frame to a real coordinator and store; returns seconds. `acknowledged` hears of each batch.
pub fn ingest(load: &Load, dir: &Path, mut acknowledged: impl FnMut(usize)) -> anyhow::Result<f64> {
    let (mut store, _) = Store::open(&dir.join("coordinator.redb"), StoreKey::from_bytes([3; 32]))?;
    let mut core = coordinator_of(load)?;
    store.commit(&enrolments(&load.fleet))?;
    for (peer, _) in load.frames.iter().take(load.fleet.members.len()) {
        core.handle(Input::LinkUp { peer: *peer }, now(0));
    }
    let clock = Clock::now();
    let mut taken = 0;
    for (number, batch) in load.frames.chunks(BATCH).enumerate() {
        let mut saves = Vec::with_capacity(batch.len());
        for (peer, bytes) in batch {
            let message = Message::decode(bytes)?;
            let outputs = core.handle(
                Input::Frame {
                    from: *peer,
                    message,
                },
                now(number as u64),
            );
            saves.extend(outputs.into_iter().filter_map(save_of));
        }
        anyhow::ensure!(
            saves.len() == batch.len(),
            "{} of {} records were taken",
            saves.len(),
            batch.len()
        );
        store.commit(&saves)?;
        taken += batch.len();
        acknowledged(taken);
    }
    Ok(clock.elapsed().as_secs_f64())
}

fn verify_only(checks: &[(PublicKey, Vec<u8>, Signature)]) -> f64 {
    let clock = Clock::now();
    let sound = checks
        .iter()
        .filter(|(key, message, signature)| Strict.verify(key, message, signature).is_ok());
    assert_eq!(
        sound.count(),
        checks.len(),
        "the load's own signatures are sound"
    );
    clock.elapsed().as_secs_f64()
}

fn coordinator_of(load: &Load) -> anyhow::Result<Coordinator> {
    let fleet = &load.fleet;
    let devices = fleet
        .members
        .iter()
        .map(|member| (member.device, remembered(member)))
        .collect();
    let entries = fleet
        .roster
        .entries(0, usize::MAX)
        .iter()
        .map(|entry| entry.to_vec())
        .collect();
    let log_head = fleet.roster.head().map(|head| head.bytes().to_vec());
    let memory = Memory {
        entries,
        log_head,
        devices,
        tokens: Vec::new(),
        convictions: Vec::new(),
        cosigned: Vec::new(),
        rulings: Vec::new(),
        halts: Vec::new(),
        rollouts: std::collections::BTreeMap::new(),
        votes: Vec::new(),
        seeds: None,
    };
    let offices = protocol::coordinator::Offices {
        verifier: Arc::new(Strict),
        ..fleet.offices()
    };
    let empty = fleet.empty();
    Ok(Coordinator::new(Config::default(), offices, empty, memory, now(0))?.0)
}

fn remembered(member: &Member) -> Remembered {
    Remembered {
        data_key: member.data_key.clone(),
        enrolled: BEGINNING,
        last: None,
        received: None,
        contact: None,
        retired: None,
        obeyed: None,
    }
}

fn enrolments(fleet: &Fleet) -> Vec<Save> {
    let enrolled = |member: &Member| Save::Enrolled {
        device: member.device,
        data_key: member.data_key.clone(),
        at: BEGINNING,
    };
    fleet.members.iter().map(enrolled).collect()
}

fn save_of(output: Output) -> Option<Save> {
    match output {
        Output::Save(save @ Save::Record(_)) => Some(save),
        _ => None,
    }
}

fn now(second: u64) -> Now {
    Now {
        monotonic: Instant::from_millis(second * 1000),
        wall: BEGINNING.saturating_add(std::time::Duration::from_secs(86_400 + second)),
    }
}

fn record(
    member: &Member,
    signer: &dyn Signer,
    sequence: u32,
    previous: Digest,
    dice: &mut Dice,
) -> anyhow::Result<(Record, Digest)> {
    let time =
        Timestamp::from_millis(BEGINNING.as_millis() + 86_400_000 + u64::from(sequence) * 10_000);
    let body = seal(&member.data_key, sequence, dice)?;
    let head = Head {
        entangled: Some(previous.short()),
        ..records::head(member.device, sequence, time, previous, &body)
    };
    let head = Signed::seal(head, signer);
    Ok((Record::new(&head, body), head.digest()))
}

/// A reading of the length that real hosts send between changes.
fn seal(key: &DataKey, sequence: u32, dice: &mut Dice) -> anyhow::Result<Body> {
    let reading = Reading {
        cpu_permille: u16::try_from(dice.below(1000))?,
        memory_used_kib: 200_000 + dice.below(90_000),
        memory_total_kib: 512_000,
        uptime_s: u64::from(sequence) * 10,
        temperature_mc: Some(41_000 + i32::try_from(dice.below(9000))?),
        disks: vec![Disk {
            mount: Name::new("/")?,
            used_mib: 2000 + dice.below(100),
            total_mib: 16_000,
        }],
        interfaces: vec![Interface {
            name: Name::new("eth0")?,
            received: dice.below(90_000),
            sent: dice.below(40_000),
        }],
        ..Reading::default()
    };
    Ok(Body::seal(&Statement::Reading(reading), key, dice)?)
}
