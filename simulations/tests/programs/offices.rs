//! A story of an office: a device that already runs becomes a gateway by the root's word.

use coordinator::control::{Answer, Request};
use coordinator::offices::{self, Paths};
use coordinator::rotation::{self, NewOffices, RotationError};
use data_encoding::HEXLOWER;
use protocol::class::DeviceClass;
use protocol::key::PublicKey;

use super::rig::Mesh;
use super::rotation::{opened, put_into_force, until_done};

#[tokio::test(flavor = "multi_thread")]
async fn the_root_makes_a_gateway_of_a_running_device() {
    let mesh = Mesh::start().await;
    let mut running = vec![mesh.admit("gate").await, mesh.admit("meter").await];
    for name in ["gate", "meter"] {
        mesh.until_status(name, "online").await;
    }
    let key = key_of(&mesh, "gate").await;
    let paths = Paths::new(&mesh.dir("coordinator"));
    let holders = opened(&paths, &mesh.words);
    let change = NewOffices {
        gateways: Some(vec![key]),
        exempt: Some(vec![DeviceClass::Plc]),
        automate: Some(vec![DeviceClass::Sensor]),
    };
    let documents = rotation::draft_offices(&paths, &holders, ::mesh::wall(), change);
    put_into_force(&mesh, &documents.expect("the root signs")).await;
    until_done(&mesh, 2, 2).await;
    let trust = offices::trust(&paths).expect("it was written down");
    assert_eq!(trust.charter().gateways, [key]);
    assert_eq!(trust.charter().exempt, [DeviceClass::Plc]);
    assert_eq!(trust.charter().automate, [DeviceClass::Sensor]);

    // Admission goes on under the new charter.
    running.push(mesh.admit("late").await);
    mesh.until_status("late", "online").await;
    let device = "nobody".to_owned();
    let strange = mesh.ask(&Request::KeyOf { device }).await;
    let why = strange.expect_err("there is no such device").to_string();
    assert!(why.contains("no device nobody"), "{why}");
    for class in [DeviceClass::Medical, DeviceClass::Gateway, DeviceClass::Plc] {
        let change = NewOffices {
            automate: Some(vec![class]),
            ..NewOffices::default()
        };
        let drafted = rotation::draft_offices(&paths, &holders, ::mesh::wall(), change);
        assert!(matches!(drafted, Err(RotationError::NeverAutomated(of)) if of == class));
    }
    running.iter().for_each(tokio::task::JoinHandle::abort);
}

async fn key_of(mesh: &Mesh, name: &str) -> PublicKey {
    let device = name.to_owned();
    let answer = mesh.ask(&Request::KeyOf { device }).await;
    let Ok(Answer::KeyOf { key, .. }) = answer else {
        panic!("the key of {name} was asked for, and the answer is {answer:?}");
    };
    let bytes = HEXLOWER.decode(key.as_bytes()).expect("hexadecimal");
    let bytes: [u8; 32] = bytes.try_into().expect("32 bytes");
    PublicKey::from_bytes(&bytes).expect("a key")
}
