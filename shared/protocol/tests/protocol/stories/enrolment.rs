//! Enrolment: one join string, one device, and a reason for everybody else.

use std::time::Duration;

use protocol::class::DeviceClass;
use protocol::coordinator::save::TokenState;
use protocol::coordinator::{Command, Event, Input, Warrant};
use protocol::dice::Dice;
use protocol::enrolment::{DATA_KEY_PURPOSE, EnrolRefusal};
use protocol::key::{Signer as _, Strict};
use protocol::membership::Membership;
use protocol::seal::UnsealingKey;
use protocol::signed::Signed;

use crate::rig::Mesh;
use crate::samples as sample;

const SEED: [u8; 32] = [0x41; 32];

#[test]
fn a_join_string_admits_one_device_under_its_own_name() {
    let mut mesh = Mesh::new();
    let token = mesh.make_token(1);
    let mut request = Mesh::request(SEED);
    request.class = Some(DeviceClass::Camera);
    let welcome = mesh.enrol(Warrant::Token(token), request).unwrap();
    let admission = mesh.charter.admission;
    let membership = Signed::<Membership>::open(&welcome.membership, &admission, &Strict).unwrap();
    assert_eq!(membership.name.as_str(), "device 1");
    assert_eq!(
        membership.class,
        DeviceClass::Sensor,
        "the join line decides"
    );
    assert_eq!(membership.cell.as_str(), "hall");
    assert_eq!(welcome.log_size, membership.log_index + 1);
    assert_eq!(welcome.addresses, mesh.hub.config.addresses);
    let used = &mesh.hub.machine.as_ref().unwrap().tokens()[&token];
    let by = membership.device;
    assert!(matches!(used.state, TokenState::Used { by: user, .. } if user == by));
    let index = mesh.settle(SEED, &welcome);
    mesh.run(30);
    assert!(mesh.hub.records(mesh.members[index].device).len() > 1);
}

#[test]
fn devices_get_ids_that_nobody_chose() {
    let mesh = Mesh::of(3);
    let mut ids: Vec<_> = mesh.members.iter().map(|member| member.device).collect();
    ids.dedup();
    assert_eq!(ids.len(), 3);
    let again = Mesh::of(3);
    assert_eq!(
        ids[0], again.members[0].device,
        "the same log gives the same ids"
    );
}

#[test]
fn a_join_string_that_nobody_made_is_refused() {
    let mut mesh = Mesh::new();
    let stranger = Warrant::Token(Mesh::token_id(9));
    assert_refused(&mut mesh, &stranger, EnrolRefusal::UnknownToken);
}

#[test]
fn a_join_string_is_used_once() {
    let mut mesh = Mesh::of(1);
    let used = Warrant::Token(Mesh::token_id(1));
    assert_refused(&mut mesh, &used, EnrolRefusal::UsedToken);
}

#[test]
fn a_join_string_expires() {
    let mut mesh = Mesh::new();
    let token = mesh.make_token(1);
    mesh.run(3600);
    mesh.enrol(Warrant::Token(token), Mesh::request([0x42; 32]))
        .expect("its last moment counts");
    let late = mesh.make_token(2);
    mesh.run(3601);
    assert_refused(&mut mesh, &Warrant::Token(late), EnrolRefusal::ExpiredToken);
}

#[test]
fn a_join_string_can_be_withdrawn_and_stays_so_over_a_restart() {
    let mut mesh = Mesh::new();
    let token = mesh.make_token(1);
    mesh.tell_hub(Input::Command(Command::WithdrawToken(token)));
    assert_refused(
        &mut mesh,
        &Warrant::Token(token),
        EnrolRefusal::ExpiredToken,
    );
    mesh.stop_hub();
    mesh.start_hub();
    assert_refused(
        &mut mesh,
        &Warrant::Token(token),
        EnrolRefusal::ExpiredToken,
    );
}

#[test]
fn a_device_that_does_not_hold_its_key_is_refused_and_the_join_string_stays_good() {
    let mut mesh = Mesh::new();
    let token = Warrant::Token(mesh.make_token(1));
    let mut stolen = Mesh::request(SEED);
    stolen.key = sample::key(0x43).public();
    let mut elsewhere = Mesh::request(SEED);
    elsewhere.possession = protocol::enrolment::EnrolRequest::prove(
        &protocol::key::SecretKey::from_seed(&SEED),
        b"another handshake",
        &elsewhere.sealing,
    );
    let mut swapped = Mesh::request(SEED);
    swapped.sealing = UnsealingKey::from_seed(&[1; 32]).public();
    let mut unreadable = Mesh::request(SEED);
    let other = UnsealingKey::from_seed(&[2; 32]).public();
    unreadable.data_key = other
        .seal(DATA_KEY_PURPOSE, &SEED, &mut Dice::from_seed(SEED))
        .unwrap();
    let mut short = Mesh::request(SEED);
    short.data_key = sample::unsealing()
        .public()
        .seal(DATA_KEY_PURPOSE, &SEED[..31], &mut Dice::from_seed(SEED))
        .unwrap();
    for request in [stolen, elsewhere, swapped, unreadable, short] {
        let refused = mesh.enrol(token.clone(), request);
        assert_eq!(refused, Err(EnrolRefusal::NoPossession));
    }
    mesh.enrol(token, Mesh::request(SEED)).unwrap();
}

#[test]
fn a_key_belongs_to_one_device_for_good() {
    let mut mesh = Mesh::of(1);
    let seed = mesh.members[0].seed;
    let token = Warrant::Token(mesh.make_token(7));
    let again = mesh.enrol(token.clone(), Mesh::request(seed));
    assert_eq!(again, Err(EnrolRefusal::KeyInUse));
    mesh.retire(mesh.members[0].device, true);
    let retired = mesh.enrol(token, Mesh::request(seed));
    assert_eq!(retired, Err(EnrolRefusal::KeyInUse));
}

#[test]
fn a_person_may_vouch_instead_of_a_join_string() {
    let mut mesh = Mesh::new();
    let warrant = Warrant::Approval {
        name: sample::name("door lock"),
        class: DeviceClass::Other,
        cell: sample::name("gate"),
    };
    let welcome = mesh.enrol(warrant, Mesh::request(SEED)).unwrap();
    let index = mesh.settle(SEED, &welcome);
    mesh.run(30);
    let device = mesh.members[index].device;
    let membership = &mesh.hub.roster.member(&device).unwrap().membership;
    assert_eq!(membership.name.as_str(), "door lock");
    assert_eq!(membership.class, DeviceClass::Other);
}

#[test]
fn a_membership_lasts_no_longer_than_the_mesh_allows() {
    let mut mesh = Mesh::new();
    mesh.stop_hub();
    mesh.hub.config.membership = Duration::from_secs(400 * 86_400);
    mesh.start_hub();
    let token = Warrant::Token(mesh.make_token(1));
    let welcome = mesh.enrol(token, Mesh::request(SEED)).unwrap();
    let admission = mesh.charter.admission;
    let membership = Signed::<Membership>::open(&welcome.membership, &admission, &Strict).unwrap();
    let life = membership.not_after.since(membership.not_before);
    assert_eq!(life, protocol::limits::MEMBERSHIP);
}

fn assert_refused(mesh: &mut Mesh, warrant: &Warrant, refusal: EnrolRefusal) {
    let size = mesh.hub.roster.size();
    assert_eq!(
        mesh.enrol(warrant.clone(), Mesh::request(SEED)),
        Err(refusal)
    );
    assert_eq!(mesh.hub.roster.size(), size, "nobody was admitted");
    let Warrant::Token(token) = warrant else {
        return;
    };
    let told = Event::Refused {
        token: Some(*token),
        refusal,
    };
    assert_eq!(mesh.hub.events.last(), Some(&told));
    assert!(
        refusal.to_string().len() > 20,
        "the person is told what to do"
    );
}
