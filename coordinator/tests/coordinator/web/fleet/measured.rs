//! How long lists of 10,000 devices take: figures to be read, not asserted.
//!
//! `cargo test --profile quick -p coordinator --test coordinator -- --ignored --nocapture measured`

use std::time::Duration;

use coordinator::live::State;
use protocol::class::DeviceClass;
use protocol::coordinator::save::Save;
use protocol::heard::{Device, Heard, Mac, Means, Met, Presence, Watched};
use protocol::id::{DeviceId, Digest};
use protocol::seal::DataKey;
use protocol::statement::Statement;
use protocol::statement::host::{Reading, Start};

use super::super::mesh::{collected, device};
use super::super::rig::{Answer, Asker, Rig, name, now};
use super::super::timing;

const DEVICES: u64 = 10_000;
/// Of a fleet of which most run no node, so many do; the others are each heard by two of them.
const MEMBERS: u64 = 3_400;
const GUARDIANS: u64 = 340;
/// One a minute.
const READINGS: u32 = 60;

/// Every device runs a node, and has measured once a minute for an hour.
#[tokio::test]
#[ignore = "it measures, and takes minutes"]
async fn measured_lists_of_10_000_devices() {
    let (rig, admin) = fleet(DEVICES).await;
    rig.risk.load().unwrap();
    let pages = [
        "/devices?filter=class%3D%3Dcamera%20%26%26%20last_heard%3C1h",
        "/devices?filter=score%3C50%20%7C%7C%20tag%3Afloor2%20%7C%7C%20findings%3E0",
        "/devices?filter=version%3A0.2",
        "/api/v1/devices?limit=100&filter=score%3C50%20%7C%7C%20tag%3Afloor2",
        "/devices",
        "/devices?status=online",
        "/devices?class=camera",
        "/devices?q=sensor-001",
        "/devices?q=nothing-has-this",
        "/devices?sort=-name",
        "/devices?sort=status",
        "/devices?sort=-last_seen",
        "/devices?sort=cpu",
        "/devices?sort=-cpu",
        "/api/v1/devices?limit=100",
        "/api/v1/devices?limit=100&status=online",
        "/api/v1/devices?limit=100&class=camera",
        "/api/v1/devices?limit=100&q=sensor-001",
        "/api/v1/devices?limit=100&sort=-name",
        "/api/v1/devices?limit=100&sort=status",
        "/api/v1/devices?limit=100&sort=-last_seen",
        "/api/v1/devices?limit=100&sort=-cpu",
        "/",
        "/metrics",
    ];
    timing::pages(&rig, &admin, &pages).await;
    timing::walk(&rig, &admin, "/devices", next_page).await;
    timing::walk(&rig, &admin, "/devices?sort=-cpu", next_page).await;
    timing::walk(&rig, &admin, "/api/v1/devices?limit=100", next_items).await;
}

/// Two thirds run no node, and are heard and watched by two members each.
#[tokio::test]
#[ignore = "it measures, and takes minutes"]
async fn measured_lists_of_10_000_devices_of_which_most_run_no_node() {
    let (rig, admin) = fleet(MEMBERS).await;
    let dossiers = (0..GUARDIANS).flat_map(|guardian| dossier(guardian, DEVICES - MEMBERS));
    let dossiers: Vec<Save> = dossiers.collect();
    for saves in dossiers.chunks(500) {
        rig.save_all(saves);
    }
    let pages = [
        "/devices",
        "/devices?q=plug-001",
        "/devices?class=camera",
        "/devices?sort=-cpu",
        "/api/v1/devices?limit=100",
        "/api/v1/devices?limit=100&node=without",
        "/api/v1/devices?limit=100&node=without&q=plug-001",
    ];
    timing::pages(&rig, &admin, &pages).await;
    timing::walk(&rig, &admin, "/api/v1/devices?limit=100", next_items).await;
}

async fn fleet(members: u64) -> (Rig, Asker) {
    let (rig, admin) = Rig::with_admin().await;
    for first in (0..members).step_by(100) {
        let saves: Vec<Save> = (first..first + 100).flat_map(words).collect();
        rig.save_all(&saves);
    }
    rig.change_live(|live| {
        live.devices = (0..members)
            .map(|number| {
                let called = format!("sensor-{:05}", number * 7_919 % members);
                let mut one = device(1, &called, State::Online);
                one.device = id(number);
                if number % 20 == 7 {
                    (one.class, one.state) = (DeviceClass::Camera, State::Silent);
                }
                one
            })
            .collect();
        live.devices.sort_by(|a, b| a.name.cmp(&b.name));
    });
    (rig, admin)
}

fn id(number: u64) -> DeviceId {
    DeviceId::from_bytes(number.to_be_bytes())
}

/// The link of a page that leads on.
fn next_page(answer: &Answer) -> Option<String> {
    let links = answer.body.split("<a ").skip(1);
    let mut links = links.filter_map(|link| link.split_once('>'));
    let (next, _) = links.find(|(link, _)| link.contains("rel=\"next\""))?;
    let (_, path) = next.split_once("href=\"")?;
    Some(path.split('"').next()?.replace("&amp;", "&"))
}

fn next_items(answer: &Answer) -> Option<String> {
    let link = answer.header("link");
    let next = link.strip_prefix('<')?.strip_suffix(">; rel=\"next\"")?;
    Some(next.to_owned())
}

fn words(number: u64) -> Vec<Save> {
    let device = id(number);
    let key = DataKey::from_bytes([6; 32]);
    let mut saves = vec![Save::Enrolled {
        device,
        data_key: key.clone(),
        at: now(),
    }];
    let start = Start {
        agent: name("0.1.0"),
        host: name("host"),
        system: name("Debian 12"),
        kernel: name("6.1"),
        architecture: name("aarch64"),
        model: None,
        cores: 4,
        product: None,
    };
    let readings = (0..READINGS).map(|sequence| {
        Statement::Reading(Reading {
            cpu_permille: u16::try_from((number + u64::from(sequence)) % 1_000).unwrap(),
            memory_used_kib: 500,
            memory_total_kib: 1_000,
            ..Reading::default()
        })
    });
    let said = [Statement::Start(start)].into_iter().chain(readings);
    let mut previous = Digest::ZERO;
    for (sequence, said) in (0..).zip(said) {
        let age = Duration::from_secs(60 * u64::from(READINGS - sequence.min(READINGS)));
        let time = now().saturating_sub(age);
        let one = collected(device, sequence, time, previous, &key, said);
        previous = one.digest;
        saves.push(Save::Record(Box::new(one)));
    }
    saves
}

/// What one guardian says of those that it hears and watches, four to a record.
fn dossier(guardian: u64, strangers: u64) -> Vec<Save> {
    let is_its =
        |stranger: &u64| stranger % GUARDIANS == guardian || (stranger + 1) % GUARDIANS == guardian;
    let heard: Vec<u64> = (0..strangers).filter(is_its).collect();
    let key = DataKey::from_bytes([6; 32]);
    let pages = heard.chunks(4).map(|few| {
        Statement::Heard(Heard {
            since: now(),
            devices: few.iter().map(|number| stranger(*number)).collect(),
            watched: few.iter().map(|number| watched(*number)).collect(),
            events: Vec::new(),
            ears: None,
        })
    });
    (READINGS + 1..)
        .zip(pages)
        .map(|(sequence, said)| {
            let one = collected(id(guardian), sequence, now(), Digest::ZERO, &key, said);
            Save::Record(Box::new(one))
        })
        .collect()
}

fn mac(number: u64) -> Mac {
    let [.., a, b, c] = number.to_be_bytes();
    Mac([2, 0, 0, a, b, c])
}

fn stranger(number: u64) -> Device {
    let camera = number.is_multiple_of(20);
    Device {
        mac: mac(number),
        addresses: Vec::new(),
        names: vec![name(&format!("plug-{number:05}"))],
        vendor: Some(name("Espressif")),
        class: if camera {
            DeviceClass::Camera
        } else {
            DeviceClass::Other
        },
        confidence: 70,
        reasons: vec![name("what it offers by multicast DNS")],
        ports: vec![80],
        first: now(),
        last: now(),
    }
}

fn watched(number: u64) -> Watched {
    let met = Met {
        at: now(),
        means: Means::Arp,
    };
    Watched {
        mac: mac(number),
        from: now(),
        until: now(),
        presence: Presence::There,
        met: Some(met),
        cites: None,
    }
}
