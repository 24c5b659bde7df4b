//! Whose votes count: those who were drawn, once, under the draw of their epoch, with their own key.

use protocol::appeal::{Automation, Finding, Vote};
use protocol::beacon::Opened;
use protocol::coordinator::{self, Event};
use protocol::evidence::Evidence;
use protocol::id::DeviceId;
use protocol::message::Message;
use protocol::node::{Input, Notice, Parting};
use protocol::signed::Signed;
use protocol::suspicion::{Ground, Kin};

use super::{
    EPOCH_S, OPENS, SUBJECT, VOTED, accuse, automation, epoch, fleet, holders, run_to, seats,
    usual_fleet,
};
use crate::rig::Mesh;
use crate::samples as sample;

const SAW: Finding = Finding::Saw(Ground::Garbage);

/// Somebody shows a member and the coordinator these votes.
fn show(mesh: &mut Mesh, to: usize, votes: impl IntoIterator<Item = Signed<Vote>>) {
    let from = mesh.linked(mesh.members[to].peer());
    let from = *from
        .iter()
        .find(|peer| **peer != mesh.hub.peer())
        .expect("it has neighbours");
    let evidence = votes
        .into_iter()
        .map(|vote| Evidence::from(&vote))
        .collect();
    let message = Message::Gossip { evidence };
    let told = message.clone();
    mesh.tell_hub(coordinator::Input::Frame {
        from,
        message: told,
    });
    mesh.tell(to, Input::Frame { from, message });
}

/// A fleet in which the subject is suspected and the committee is known, and has not voted yet.
fn drawn() -> (Mesh, Vote, Vec<usize>) {
    let mut mesh = usual_fleet();
    run_to(&mut mesh, 40);
    accuse(&mut mesh);
    run_to(&mut mesh, OPENS + 5);
    let opened = opened(&mesh);
    assert_eq!(
        opened.epoch,
        epoch(&mesh).plus(1),
        "the next one's seed draws it"
    );
    let subject = mesh.members[SUBJECT].device;
    let like = Vote {
        subject,
        opened,
        ..sample::vote()
    };
    let committee = committee(&mesh, &like);
    (mesh, like, committee)
}

/// The newest secret that gateways have opened.
fn opened(mesh: &Mesh) -> Opened {
    let machine = mesh.members[0].machine.as_ref().expect("it runs");
    machine.opened_last().expect("seeds are dealt").clone()
}

fn committee(mesh: &Mesh, like: &Vote) -> Vec<usize> {
    let machine = mesh.members[0].machine.as_ref().expect("it runs");
    let seed = machine.seed_of(&like.opened).expect("it was dealt");
    let drawn = protocol::appeal::committee(&seed, &like.subject, machine.roster());
    let drawn: Vec<DeviceId> = drawn.expect("the fleet is large enough");
    drawn.iter().map(|device| mesh.place_of(device)).collect()
}

#[test]
fn twenty_one_of_thirty_one_hold_and_twenty_with_strangers_do_not() {
    let (mut mesh, like, committee) = drawn();
    let strangers = (0..mesh.members.len()).filter(|index| !committee.contains(index));
    let strangers: Vec<usize> = strangers.filter(|index| *index != SUBJECT).collect();
    assert!(!strangers.is_empty());
    let by = committee[..20].iter().chain(&strangers).copied();
    let votes: Vec<_> = by.map(|by| mesh.vote(by, &like, SAW)).collect();
    show(&mut mesh, 2, votes);
    assert_eq!(holders(&mesh), 0);
    let last = mesh.vote(committee[20], &like, SAW);
    show(&mut mesh, 2, [last]);
    mesh.run(2);
    assert_eq!(holders(&mesh), mesh.members.len(), "the votes spread");
    let other = mesh.vote(committee[4], &like, Finding::Answered);
    show(&mut mesh, 2, [other]);
    mesh.run(2);
    assert_eq!(
        holders(&mesh),
        0,
        "whoever votes twice has no vote: twenty are left"
    );
}

/// Story: liars have waited for a draw in which they are many, and vote by it an hour later; or by a secret that
/// nobody dealt.
#[test]
fn votes_under_another_draw_than_that_of_the_epoch_count_for_nothing() {
    let (mut mesh, like, committee) = drawn();
    let all = |mesh: &Mesh, like: &Vote| -> Vec<_> {
        let everybody = 0..mesh.members.len();
        everybody.map(|by| mesh.vote(by, like, SAW)).collect()
    };
    let invented = Vote {
        opened: Opened {
            secret: [7; 32],
            ..like.opened.clone()
        },
        ..like.clone()
    };
    let votes = all(&mesh, &invented);
    show(&mut mesh, 2, votes);
    assert_eq!(holders(&mesh), 0, "nobody dealt that");
    mesh.run(2 * EPOCH_S);
    accuse(&mut mesh);
    let votes = all(&mesh, &like);
    show(&mut mesh, 2, votes);
    mesh.run(2);
    assert_eq!(holders(&mesh), 0, "that committee is over");
    assert_eq!(committee.len(), 31);
}

/// Votes on whom nobody suspects are not even passed on, and one in another's name ends the link that brought it.
#[test]
fn votes_without_a_suspicion_and_forged_ones_hold_nobody() {
    let mut mesh = fleet(sample::automating_charter(), 30, 4);
    run_to(&mut mesh, OPENS + VOTED);
    let like = Vote {
        subject: mesh.members[SUBJECT].device,
        opened: opened(&mesh),
        ..sample::vote()
    };
    let everybody = committee(&mesh, &like);
    let votes: Vec<_> = everybody
        .iter()
        .map(|by| mesh.vote(*by, &like, SAW))
        .collect();
    show(&mut mesh, 2, votes);
    mesh.run(2);
    assert_eq!(holders(&mesh), 0);
    let forged = Vote {
        member: mesh.members[everybody[0]].device,
        ..(*mesh.vote(everybody[1], &like, SAW)).clone()
    };
    let forged = Signed::seal(forged, &mesh.members[everybody[1]].key());
    show(&mut mesh, 2, [forged]);
    let ended = &mesh.members[2].partings;
    assert!(ended.iter().any(|(_, why)| *why == Parting::Misbehaved));
}

/// Story: within an hour two of the eight devices in the yard are sentenced. Nothing is automated from there on, every
/// node says so, and members that voted raise an alert.
#[test]
fn two_of_a_small_cell_stop_automation_and_an_alert_says_so() {
    let mut mesh = usual_fleet();
    run_to(&mut mesh, 40);
    let first = 3;
    let taken = seats(&mesh, first)[..6].to_vec();
    let free = |mesh: &Mesh, of: usize| -> Vec<usize> {
        let seats = seats(mesh, of).into_iter();
        seats.filter(|seat| !taken.contains(seat)).collect()
    };
    let mut yard = (7..30).step_by(4);
    let second = yard.find(|of| free(&mesh, *of).len() >= 6);
    let second = second.expect("some share few witnesses");
    let others = free(&mesh, second)[..6].to_vec();
    for (by, of) in [(&taken, first), (&others, second)] {
        mesh.report_that(by, of, Ground::Garbage, |place| Kin([place; 8]));
    }
    run_to(&mut mesh, OPENS + 5);
    for of in [first, second] {
        let like = Vote {
            subject: mesh.members[of].device,
            opened: opened(&mesh),
            ..sample::vote()
        };
        // Whoever is held already has no vote.
        let by = committee(&mesh, &like)
            .into_iter()
            .filter(|by| *by != first);
        let votes: Vec<_> = by.take(21).map(|by| mesh.vote(by, &like, SAW)).collect();
        show(&mut mesh, 2, votes);
        mesh.run(2);
    }
    assert!(matches!(automation(&mesh, 2), Automation::Braked { .. }));
    let told = |notice: &Notice| {
        matches!(
            notice,
            Notice::Alert {
                matter: "automation_stopped",
                ..
            }
        )
    };
    let heard = mesh
        .members
        .iter()
        .filter(|member| member.notices.iter().any(told));
    assert_eq!(heard.count(), mesh.members.len());
    let braked = |event: &Event| matches!(event, Event::Braked { cell } if cell.as_str() == "yard");
    assert_eq!(mesh.hub.count(braked), 1);
}
