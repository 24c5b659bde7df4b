//! When many die at once: once everybody knows, nobody has anything to add.

use std::collections::BTreeSet;
use std::sync::Arc;

use protocol::brief::Brief;
use protocol::evidence::Evidence;
use protocol::message::Message;
use protocol::node::Node;
use protocol::roster::Roster;

use crate::rig::Mesh;

/// So many fall silent of so many.
const DEAD: usize = 18;
const ALL: usize = 60;

/// A fleet a good minute after a third of it has died.
fn after_a_storm() -> Mesh {
    let mut mesh = Mesh::of(ALL);
    mesh.run(30);
    for index in 0..DEAD {
        mesh.stop(index);
    }
    mesh.run(30);
    mesh
}

fn machine(mesh: &Mesh, index: usize) -> &Node {
    mesh.members[index].machine.as_ref().expect("it runs")
}

fn said(mesh: &Mesh, word: &str) -> usize {
    let said = mesh.sent.iter();
    said.filter(|(_, _, other)| *other == word).count()
}

/// Story: links to co-witnesses end after a minute without use. The other end, whose minute was not over, dialled
/// again, was told the old word because the link was new, and both kept the link for another minute.
#[test]
fn what_co_witnesses_know_is_not_said_again_every_minute() {
    let mut mesh = after_a_storm();
    mesh.run(30);
    mesh.sent.clear();
    mesh.run(240);
    let again = said(&mesh, "accuse");
    assert!(again <= 2, "{again} words are said again");
}

/// Story: a word that others had made needless was held where it came early and not where it came late, so that
/// neighbours named each other the difference at every comparison.
#[test]
fn neighbours_who_agree_hold_the_same_words() {
    let mut mesh = after_a_storm();
    mesh.run(90);
    mesh.sent.clear();
    mesh.run(600);
    assert!(said(&mesh, "compare") > 0, "they do compare");
    assert_eq!(said(&mesh, "have"), 0);
}

/// Story: a third of a fleet died, and everybody dialled the other witnesses of all whom it missed.
#[test]
fn in_a_storm_words_need_no_links_of_their_own() {
    let mesh = after_a_storm();
    let (told, spread) = (said(&mesh, "accuse"), said(&mesh, "words"));
    assert!(told * 3 < spread, "{told} told, {spread} spread");
}

/// Story: neighbours compared the words that they held. Those differ between two who agree, so that every word went to
/// everybody after all, when nobody needed it any more.
#[test]
fn whoever_missed_a_storm_is_shown_who_is_gone() {
    let mut mesh = after_a_storm();
    let late = ALL - 1;
    mesh.stop(late);
    mesh.run(2);
    mesh.start(late);
    mesh.run(20);
    let down = |mesh: &Mesh, index: usize| machine(mesh, index).silence().down().clone();
    assert_eq!(down(&mesh, late).len(), DEAD);
    assert_eq!(down(&mesh, late), down(&mesh, DEAD));
}

/// Story: whoever was linked to nobody but machines without power noticed nothing for minutes, since such links stand.
#[test]
fn whoever_is_linked_to_the_dead_alone_looks_further() {
    let mut mesh = Mesh::of(ALL);
    mesh.run(60);
    let survivor = ALL - 1;
    let linked = mesh.linked(mesh.members[survivor].peer());
    let dead: Vec<usize> = (0..survivor)
        .filter(|index| linked.contains(&mesh.members[*index].peer()))
        .collect();
    for index in &dead {
        mesh.lose_power(*index);
    }
    mesh.run(30);
    let down = machine(&mesh, survivor).silence().down();
    for index in dead {
        assert!(down.contains(&mesh.members[index].device), "device {index}");
    }
}

/// What travels shorter is what was signed, and a log that does not go so far knows nothing of it.
#[test]
fn words_are_put_together_again_as_they_were_signed() {
    let mesh = after_a_storm();
    let machine = machine(&mesh, DEAD);
    let words: BTreeSet<Vec<u8>> = (machine.silence().accusations())
        .map(|word| word.bytes().to_vec())
        .collect();
    let pieces = machine.silence().accusations().map(Evidence::from);
    let (briefs, rest) = Brief::of(pieces.collect(), machine.roster());
    assert!(!briefs.is_empty() && rest.is_empty());
    let again = briefs
        .iter()
        .flat_map(|brief| brief.evidence(machine.roster()));
    let again: BTreeSet<Vec<u8>> = again
        .map(|piece| match piece {
            Evidence::Accusation(bytes) => bytes.to_vec(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(again, words);
    let empty = Roster::new(Arc::clone(&mesh.charter));
    assert!(briefs.iter().all(|brief| brief.evidence(&empty).is_empty()));
    let length = |message: Message| message.encode().len();
    let short: usize = (briefs.into_iter())
        .map(|brief| length(Message::Words { brief }))
        .sum();
    let long: usize = words.iter().map(Vec::len).sum();
    assert!(short * 4 < long * 3, "{short} bytes instead of {long}");
}

/// Story: who had just spoken of one device had to pause before it could speak of the next, and did so though others
/// had long said enough.
#[test]
fn whoever_adds_nothing_to_what_others_have_said_says_nothing() {
    let mut mesh = Mesh::of(30);
    // The two do not beat at the same moments.
    mesh.stop(1);
    mesh.run(2);
    mesh.start(1);
    mesh.run(60);
    mesh.stop(0);
    mesh.run(5);
    mesh.stop(1);
    mesh.run(40);
    let dead = [0, 1].map(|index| mesh.members[index].device);
    let living = mesh.members.iter().skip(2);
    let machines = living.map(|member| (member.device, member.machine.as_ref().expect("it runs")));
    let (mut silent, mut late) = (0, 0);
    for (device, machine) in machines {
        assert!(
            dead.iter()
                .all(|dead| machine.silence().down().contains(dead))
        );
        let own = machine.silence().accusation(&device);
        let doubted = machine.doubts().count();
        late += usize::from(own.is_some_and(|own| own.number.sequence > 0));
        silent += usize::from(own.is_some_and(|own| own.silent.len() < doubted));
    }
    assert_eq!(late, 0, "nobody speaks twice");
    assert!(silent > 0, "somebody had two to speak of");
}
