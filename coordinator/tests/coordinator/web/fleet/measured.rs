//! How long lists of 10,000 devices take, each with readings of its last minutes; run it with `--ignored --nocapture`.

use std::time::Duration;

use coordinator::live::State;
use protocol::coordinator::save::Save;
use protocol::id::{DeviceId, Digest};
use protocol::seal::DataKey;
use protocol::statement::Statement;
use protocol::statement::host::Reading;

use super::super::mesh::{collected, device};
use super::super::rig::{Rig, name, now};
use super::super::timing;

const DEVICES: u64 = 10_000;
const READINGS: u32 = 5;

#[tokio::test]
#[ignore = "it measures, and takes minutes"]
async fn measured_lists_of_10_000_devices() {
    let (rig, admin) = Rig::with_admin().await;
    for first in (0..DEVICES).step_by(500) {
        let saves: Vec<Save> = (first..first + 500).flat_map(readings).collect();
        rig.save_all(&saves);
    }
    rig.change_live(|live| {
        live.devices = (0..DEVICES)
            .map(|number| {
                let mut one = device(1, "sensor", State::Online);
                one.device = DeviceId::from_bytes(number.to_be_bytes());
                one.name = name(&format!("sensor-{:05}", number * 7_919 % DEVICES));
                one
            })
            .collect();
    });
    let pages = [
        "/devices",
        "/devices?q=sensor-001",
        "/devices?q=nothing-has-this",
        "/devices?sort=-cpu",
        "/devices?sort=-last_seen",
        "/api/v1/devices?limit=100",
        "/api/v1/devices?limit=100&sort=-cpu",
    ];
    timing::pages(&rig, &admin, &pages).await;
}

fn readings(number: u64) -> Vec<Save> {
    let device = DeviceId::from_bytes(number.to_be_bytes());
    let key = DataKey::from_bytes([6; 32]);
    let mut saves = vec![Save::Enrolled {
        device,
        data_key: key.clone(),
        at: now(),
    }];
    let mut previous = Digest::ZERO;
    for sequence in 0..READINGS {
        let age = Duration::from_secs(60 * u64::from(READINGS - sequence));
        let reading = Reading {
            cpu_permille: u16::try_from((number + u64::from(sequence)) % 1_000).unwrap(),
            memory_used_kib: 500,
            memory_total_kib: 1_000,
            ..Reading::default()
        };
        let time = now().saturating_sub(age);
        let said = Statement::Reading(reading);
        let one = collected(device, sequence, time, previous, &key, said);
        previous = one.digest;
        saves.push(Save::Record(Box::new(one)));
    }
    saves
}
