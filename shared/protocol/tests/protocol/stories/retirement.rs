//! Retirement and renewal: who is out stays out, and who belongs stays in.

use std::sync::Arc;
use std::time::Duration;

use protocol::coordinator::{Command, Event, Input, RevocationError};
use protocol::ledger::{Strength, Withdrawal};
use protocol::message::Message;
use protocol::node::Parting;
use protocol::refusal::Refusal;
use protocol::signed::Signed;

use crate::rig::Mesh;
use crate::samples as sample;

#[test]
fn a_suspended_device_loses_its_links_and_finds_no_door_open() {
    let mut mesh = Mesh::of(4);
    let peer = mesh.members[0].peer();
    assert_eq!(mesh.linked(peer).len(), 4);
    mesh.retire(mesh.members[0].device, false);
    mesh.run(3);
    assert_eq!(mesh.linked(peer), []);
    let why = Parting::Refused(Refusal::Revoked);
    assert!(
        mesh.members[1..]
            .iter()
            .any(|member| member.partings.contains(&(peer, why)))
    );
    mesh.refusals.clear();
    mesh.run(300);
    assert_eq!(mesh.linked(peer), []);
    let tried: std::collections::BTreeSet<_> = mesh.refusals.iter().map(|(by, ..)| *by).collect();
    assert_eq!(tried.len(), 4, "the coordinator and three members");
    assert!(
        mesh.refusals
            .iter()
            .all(|(_, of, why)| (*of, *why) == (peer, Refusal::Revoked))
    );
}

#[test]
fn a_suspended_device_holds_no_seat() {
    let mut mesh = Mesh::of(4);
    let device = mesh.members[0].device;
    mesh.retire(device, false);
    mesh.run(5);
    for member in &mesh.members[1..] {
        let rings = member.roster.rings();
        assert!(!rings.witnesses(&member.device).contains(&device));
        assert!(rings.witnesses(&device).is_empty());
    }
}

#[test]
fn a_suspension_is_signed_anew_before_its_day_is_over() {
    let mut mesh = Mesh::new();
    let index = mesh.join();
    mesh.run(20);
    mesh.stop(index);
    let device = mesh.members[index].device;
    mesh.retire(device, false);
    let before = mesh.hub.roster.size();
    for _ in 0..6 {
        mesh.run(12 * 3600);
        let member = mesh.hub.roster.member(&device).unwrap();
        assert!(member.is_withdrawn(mesh.wall()));
    }
    assert!((before + 3..before + 5).contains(&mesh.hub.roster.size()));
}

#[test]
fn a_suspension_lets_go_after_a_day_where_no_coordinator_repeats_it() {
    let mut mesh = Mesh::of(2);
    let device = mesh.members[0].device;
    mesh.retire(device, false);
    mesh.run(5);
    let member = mesh.members[1].roster.member(&device).cloned().unwrap();
    let day = mesh.wall().saturating_add(Duration::from_secs(86_400));
    assert!(member.is_withdrawn(mesh.wall()));
    assert!(!member.is_withdrawn(day));
}

#[test]
fn an_administrator_revokes_for_good() {
    let mut mesh = Mesh::of(2);
    let device = mesh.members[0].device;
    mesh.retire(device, true);
    mesh.retire(device, false);
    mesh.run(5);
    for roster in [&mesh.hub.roster, &mesh.members[1].roster] {
        let withdrawal = roster.member(&device).unwrap().withdrawal.clone();
        assert_eq!(withdrawal.unwrap().strength, Strength::Revocation);
    }
}

/// Story: an order under a key that is no longer an administrator's was written down as carried out.
#[test]
fn a_key_that_the_charter_does_not_name_retires_nobody() {
    let mut mesh = Mesh::of(2);
    let device = mesh.members[0].device;
    let size = mesh.hub.roster.size();
    mesh.tell_hub(Input::Command(Command::Retire {
        device,
        reason: crate::samples::name("lost"),
        administrator: Some(Arc::new(crate::samples::key(0x70))),
    }));
    assert_eq!(mesh.hub.roster.size(), size);
    assert_eq!(
        mesh.hub
            .count(|event| matches!(event, Event::Withdrawn { .. })),
        0
    );
    assert_eq!(
        mesh.hub
            .count(|event| matches!(event, Event::Misbehaviour { .. })),
        1
    );
    assert!(mesh.is_linked(mesh.hub.peer(), mesh.members[0].peer()));
}

#[test]
fn memberships_are_renewed_in_their_last_third_and_not_before() {
    let mut mesh = Mesh::new();
    mesh.stop_hub();
    mesh.hub.config.membership = Duration::from_secs(3600);
    mesh.start_hub();
    let (one, two) = (mesh.join(), mesh.join());
    mesh.run(1800);
    for index in [one, two] {
        let (from, hub) = (mesh.members[index].peer(), mesh.hub.peer());
        mesh.send(from, hub, &Message::RenewRequest);
    }
    mesh.run(60);
    assert_eq!(renewals(&mesh), 0, "half of the life is too early");
    mesh.run(3 * 3600);
    assert!((8..=12).contains(&renewals(&mesh)), "{}", renewals(&mesh));
    let now = mesh.wall();
    for member in &mesh.members {
        let membership = &mesh.members[two]
            .roster
            .member(&member.device)
            .unwrap()
            .membership;
        assert!(membership.not_after > now);
        assert_eq!(member.starts().len(), 1);
    }
    assert_eq!(mesh.refusals, [], "nobody was ever in doubt");
}

#[test]
fn a_withdrawn_member_is_not_renewed() {
    let mut mesh = Mesh::new();
    mesh.stop_hub();
    mesh.hub.config.membership = Duration::from_secs(3600);
    mesh.start_hub();
    let index = mesh.join();
    mesh.run(60);
    let peer = mesh.members[index].peer();
    mesh.retire(mesh.members[index].device, false);
    mesh.run(3000);
    mesh.tell_hub(Input::LinkUp { peer });
    mesh.tell_hub(Input::Frame {
        from: peer,
        message: Message::RenewRequest,
    });
    assert_eq!(renewals(&mesh), 0);
}

#[test]
fn a_member_in_its_grace_may_come_back_and_renew() {
    let mut mesh = Mesh::new();
    mesh.stop_hub();
    mesh.hub.config.membership = Duration::from_secs(3600);
    mesh.start_hub();
    let index = mesh.join();
    mesh.run(60);
    mesh.stop(index);
    mesh.run(24 * 3600);
    mesh.start(index);
    mesh.run(60);
    assert_eq!(renewals(&mesh), 1);
    assert!(mesh.is_linked(mesh.hub.peer(), mesh.members[index].peer()));
}

fn renewals(mesh: &Mesh) -> usize {
    mesh.hub
        .count(|event| matches!(event, Event::Renewed { .. }))
}

#[test]
fn a_revocation_is_signed_elsewhere_for_one_place_of_the_log() {
    let mut mesh = Mesh::of(3);
    let device = mesh.members[0].device;
    let signed = |mesh: &Mesh, seed: u8, log_index: u64| {
        let withdrawal = Withdrawal {
            device,
            log_index,
            time: mesh.wall(),
            ..sample::withdrawal(Strength::Revocation)
        };
        let signed = Signed::seal(withdrawal, &sample::key(seed));
        signed.bytes().to_vec()
    };
    let size = mesh.hub.roster.size();
    let judge = |mesh: &Mesh, envelope: &[u8]| {
        let hub = mesh.hub.machine.as_ref().unwrap();
        hub.judge_revocation(envelope).map(|checked| checked.device)
    };
    let by_another = signed(&mesh, sample::ADMISSION, size);
    let refused = judge(&mesh, &by_another);
    assert_eq!(refused, Err(RevocationError::NotAnAdministrator));
    let elsewhere = signed(&mesh, sample::ADMINISTRATOR, size + 1);
    let refused = judge(&mesh, &elsewhere);
    let place = RevocationError::Place {
        signed: size + 1,
        size,
    };
    assert_eq!(refused, Err(place));
    for withdrawal in [by_another, elsewhere] {
        mesh.tell_hub(Input::Command(Command::Revoke { withdrawal }));
    }
    assert_eq!(mesh.hub.roster.size(), size);
    let withdrawal = signed(&mesh, sample::ADMINISTRATOR, size);
    assert_eq!(judge(&mesh, &withdrawal), Ok(device));
    mesh.tell_hub(Input::Command(Command::Revoke { withdrawal }));
    mesh.run(5);
    assert_eq!(mesh.linked(mesh.members[0].peer()), []);
    for member in &mesh.members[1..] {
        let known = member.roster.member(&device).unwrap();
        assert!(known.is_withdrawn(mesh.wall().saturating_add(Duration::from_secs(90_000))));
    }
    let again = signed(&mesh, sample::ADMINISTRATOR, mesh.hub.roster.size());
    assert_eq!(judge(&mesh, &again), Err(RevocationError::Before));
}
