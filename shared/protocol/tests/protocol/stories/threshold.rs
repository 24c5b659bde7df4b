//! The return from a cut: nobody is let in before the identity log was compared, however early it comes.

use protocol::key::PeerKey;
use protocol::message::Message;
use protocol::node::{Node, Notice, Parting};
use protocol::refusal::Refusal;

use crate::rig::{Member, Mesh};

/// One member is cut off for a minute; meanwhile another, which hears nothing either, is retired. Of all the
/// ways of the first only that to the second is open when it comes back.
struct Return {
    mesh: Mesh,
    stolen: PeerKey,
}

const LATE: usize = 0;
const STOLEN: usize = 4;

impl Return {
    fn new() -> Self {
        let mut mesh = Mesh::of(10);
        mesh.run(20);
        let (late, stolen) = (mesh.members[LATE].peer(), mesh.members[STOLEN].peer());
        mesh.cut(late);
        for other in Self::others(&mesh) {
            mesh.part(stolen, other);
            mesh.block(stolen, other);
            mesh.block(late, other);
        }
        mesh.run(20);
        mesh.retire(mesh.members[STOLEN].device, true);
        mesh.run(40);
        mesh.members[LATE].notices.clear();
        mesh.mend(late);
        let linked = (0..90).any(|_| {
            mesh.run(1);
            mesh.is_linked(late, stolen)
        });
        assert!(linked, "its door is open to a member in good standing");
        Self { mesh, stolen }
    }

    fn others(mesh: &Mesh) -> Vec<PeerKey> {
        let members = (0..mesh.members.len()).filter(|index| ![LATE, STOLEN].contains(index));
        let members = members.map(|index| mesh.members[index].peer());
        members.chain([mesh.hub.peer()]).collect()
    }

    fn open_the_other_ways(&mut self) {
        for other in Self::others(&self.mesh) {
            self.mesh.unblock(self.mesh.members[LATE].peer(), other);
        }
    }

    /// Whether the member that was cut off has had any use for the retired one.
    fn took_it_back(&self) -> bool {
        let device = self.mesh.members[STOLEN].device;
        self.mesh.members[LATE].notices.iter().any(|notice| {
            matches!(notice, Notice::LinkUp { peer, .. } if *peer == self.stolen)
                || matches!(notice, Notice::Back { device: back } if *back == device)
        })
    }
}

#[test]
fn a_revocation_that_was_missed_comes_before_the_device_that_it_shuts_out() {
    let mut story = Return::new();
    story.open_the_other_ways();
    story.mesh.run(15);
    assert!(!story.took_it_back());
    let late = &story.mesh.members[LATE];
    let refused = (story.stolen, Parting::Refused(Refusal::Revoked));
    assert!(late.partings.contains(&refused));
    assert!(!story.mesh.is_linked(late.peer(), story.stolen));
    assert!(story.mesh.linked(late.peer()).len() >= 5);
}

#[test]
fn where_only_one_comes_back_it_is_let_in_after_a_while() {
    let mut story = Return::new();
    assert!(!story.took_it_back());
    story.mesh.run(11);
    assert!(story.took_it_back());
}

#[test]
fn what_a_peer_says_while_it_waits_is_heard_when_it_is_let_in() {
    let mut story = Return::new();
    let late = story.mesh.members[LATE].peer();
    story.mesh.sent.clear();
    story.mesh.send(story.stolen, late, &Message::HeadRequest);
    story.mesh.run(11);
    assert!(story.mesh.count(late, story.stolen, "head_answer") >= 1);
}

#[test]
fn a_peer_that_floods_while_it_waits_has_to_come_again() {
    let mut story = Return::new();
    let late = story.mesh.members[LATE].peer();
    for _ in 0..200 {
        story.mesh.send(story.stolen, late, &Message::Probe);
    }
    story.mesh.run(1);
    assert!(!story.took_it_back());
    let parted = (story.stolen, Parting::Quiet);
    assert!(story.mesh.members[LATE].partings.contains(&parted));
}

/// Story: links that stand through a cut begin with no first word after it. Whoever had come back asked for the log by naming
/// its own head, was shown nothing since it was the same, and kept everybody waiting.
#[test]
fn where_links_stood_through_a_cut_the_same_log_lets_everybody_in_at_once() {
    let mut mesh = Mesh::of(10);
    mesh.run(20);
    mesh.stop_hub();
    let late = mesh.members[LATE].peer();
    mesh.muted.insert(late);
    mesh.run(60);
    mesh.muted.clear();
    mesh.sent.clear();
    mesh.run(6);
    let asked = mesh
        .members
        .iter()
        .skip(1)
        .any(|other| mesh.count(late, other.peer(), "hello") > 0);
    assert!(asked, "it compares the log");
    assert_eq!(machine(&mesh, LATE).guests().count(), 0);
}

/// One of five that are cut off names another, to which it alone has lost its link. The rest hear both all the time,
/// and kept the second waiting as if it came from beyond the cut, until five missed it.
#[test]
fn whoever_was_heard_all_the_time_does_not_wait_because_somebody_else_misses_it() {
    let mut mesh = Mesh::of(10);
    mesh.run(20);
    let members: Vec<PeerKey> = mesh.members.iter().map(Member::peer).collect();
    let (near, far) = members.split_at(5);
    for &here in near {
        far.iter().for_each(|&there| mesh.block(here, there));
        mesh.block(here, mesh.hub.peer());
    }
    mesh.run(45);
    mesh.block(near[0], near[1]);
    mesh.members
        .iter_mut()
        .for_each(|member| member.notices.clear());
    let missed = mesh.members[0].device;
    let named = (0..60).any(|_| {
        mesh.run(1);
        machine(&mesh, 2).silence().is_accused(&missed)
    });
    assert!(named, "one misses it");
    mesh.run(60);
    for index in 2..5 {
        let left =
            |notice: &Notice| matches!(notice, Notice::LinkDown { peer, .. } if *peer == near[0]);
        let notices = &mesh.members[index].notices;
        assert!(!notices.iter().any(left), "{index} heard it all the time");
        assert!(!machine(&mesh, index).silence().down().contains(&missed));
    }
}

fn machine(mesh: &Mesh, index: usize) -> &Node {
    let machine = mesh.members[index].machine.as_ref();
    machine.expect("it runs")
}
