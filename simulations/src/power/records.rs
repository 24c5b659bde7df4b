//! Real signed records, made once: what the journal and the store are given in every story.

use std::sync::LazyLock;

use protocol::dice::Dice;
use protocol::id::{DeviceId, Digest, Epoch};
use protocol::key::SecretKey;
use protocol::record::{Body, Flags, Head, Incarnation, Position, Record};
use protocol::seal::DataKey;
use protocol::signed::Signed;
use protocol::statement::Statement;
use protocol::statement::host::Reading;
use protocol::time::Timestamp;

/// Records that a story can use before they repeat.
pub const POOL: u64 = 512;

/// One record with what its head says.
#[derive(Debug, Clone)]
pub struct Made {
    pub position: Position,
    pub time: Timestamp,
    pub digest: Digest,
    pub record: Record,
    pub statement: Statement,
}

static CHAIN: LazyLock<Vec<Made>> = LazyLock::new(|| chain(device(), POOL, 7));

/// The device whose log the pool is.
pub fn device() -> DeviceId {
    DeviceId::from_bytes([1; 8])
}

/// The key that opens the pool's bodies.
pub fn data_key() -> DataKey {
    DataKey::from_bytes([5; 32])
}

/// Record number `index` of the pool.
pub fn numbered(index: u64) -> Option<&'static Made> {
    CHAIN.get(usize::try_from(index).ok()?)
}

/// A chain of signed records of one device.
pub fn chain(device: DeviceId, length: u64, seed: u8) -> Vec<Made> {
    let signer = SecretKey::from_seed(&[seed; 32]);
    let mut dice = Dice::from_seed([seed; 32]);
    let mut previous = Digest::ZERO;
    let mut made = Vec::new();
    for sequence in 0..u32::try_from(length).expect("a pool is small") {
        let next = record(&signer, device, sequence, previous, &mut dice);
        previous = next.digest;
        made.push(next);
    }
    made
}

fn record(
    signer: &SecretKey,
    device: DeviceId,
    sequence: u32,
    previous: Digest,
    dice: &mut Dice,
) -> Made {
    let time = Timestamp::from_millis(1_790_000_000_000 + u64::from(sequence) * 10_000);
    let reading = Reading {
        cpu_permille: u16::try_from(dice.below(1000)).expect("below a thousand"),
        memory_used_kib: 100_000 + dice.below(50_000),
        memory_total_kib: 512_000,
        uptime_s: u64::from(sequence) * 10,
        ..Reading::default()
    };
    let statement = Statement::Reading(reading);
    let body = Body::seal(&statement, &data_key(), dice).expect("a short reading fits");
    let head = head(device, sequence, time, previous, &body);
    let head = Signed::seal(head, signer);
    Made {
        position: head.position,
        time,
        digest: head.digest(),
        record: Record::new(&head, body),
        statement,
    }
}

/// A plain head in the first incarnation.
pub fn head(
    device: DeviceId,
    sequence: u32,
    time: Timestamp,
    previous: Digest,
    body: &Body,
) -> Head {
    Head {
        device,
        position: Position {
            incarnation: Incarnation(0),
            sequence,
        },
        time,
        previous,
        body: body.digest(),
        epoch: Epoch::FROZEN,
        entangled: None,
        flags: Flags::NONE,
        ring_mask: 0,
        attachment: None,
        checkpoint: None,
    }
}
