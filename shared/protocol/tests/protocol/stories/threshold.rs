//! The return from a cut: nobody is let in before the identity log was compared, however early it comes.

use protocol::key::PeerKey;
use protocol::message::Message;
use protocol::node::{Notice, Parting};
use protocol::refusal::Refusal;

use crate::rig::Mesh;

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
