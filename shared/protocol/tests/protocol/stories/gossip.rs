//! How evidence spreads over a small overlay: along the tree, around those who hold it back, once for each.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use protocol::evidence::Evidence;
use protocol::gossip::{Gossip, Post};
use protocol::key::PeerKey;
use protocol::message::Message;
use protocol::name::{Name, ShortIds};
use protocol::time::Instant;

/// Nodes on a ring with chords, all frames taking ten milliseconds.
struct Overlay {
    nodes: BTreeMap<PeerKey, Gossip>,
    mute: BTreeSet<PeerKey>,
    now: Instant,
    frames: usize,
    pushed: usize,
    pushed_pieces: usize,
    /// Of names, comparisons and questions.
    named_bytes: usize,
    lost: BTreeSet<(PeerKey, PeerKey)>,
}

fn peer(index: usize) -> PeerKey {
    let mut key = [0; 32];
    key[0] = u8::try_from(index).unwrap();
    PeerKey(key)
}

fn piece(seed: u8) -> Evidence {
    Evidence::Head(vec![seed; 100].into())
}

impl Overlay {
    fn of(count: usize) -> Self {
        let now = Instant::from_millis(1_000);
        let neighbours = |index: usize| -> BTreeSet<PeerKey> {
            let steps = [1, 3, 7].into_iter();
            steps
                .flat_map(|step| [index + step, index + count - step])
                .map(|other| peer(other % count))
                .collect()
        };
        let nodes = (0..count).map(|index| {
            let mut gossip = Gossip::default();
            gossip.neighbours(&neighbours(index), peer(index), now);
            (peer(index), gossip)
        });
        Self {
            nodes: nodes.collect(),
            mute: BTreeSet::new(),
            now,
            frames: 0,
            pushed: 0,
            pushed_pieces: 0,
            named_bytes: 0,
            lost: BTreeSet::new(),
        }
    }

    fn publish(&mut self, at: usize, piece: Evidence) {
        let from = peer(at);
        let posts = self
            .nodes
            .get_mut(&from)
            .unwrap()
            .spread(vec![piece], None, self.now);
        self.deliver(from, posts);
    }

    fn deliver(&mut self, from: PeerKey, posts: Vec<Post>) {
        let mut way = VecDeque::from([(from, posts)]);
        while let Some((from, posts)) = way.pop_front() {
            for Post { to, message } in posts {
                let is_push = matches!(message, Message::Gossip { .. });
                if let Message::Gossip { evidence } = &message {
                    self.pushed_pieces += evidence.len();
                }
                if !is_push {
                    self.named_bytes += message.encode().len();
                }
                self.frames += 1;
                self.pushed += usize::from(is_push);
                let held_back = self.mute.contains(&from) || self.lost.contains(&(from, to));
                if !(is_push && held_back) {
                    let answer = self.receive(to, from, message);
                    way.push_back((to, answer));
                }
            }
        }
    }

    fn receive(&mut self, at: PeerKey, from: PeerKey, message: Message) -> Vec<Post> {
        let now = self.now;
        let node = self.nodes.get_mut(&at).unwrap();
        match message {
            Message::Gossip { evidence } => {
                if evidence.iter().all(|piece| node.holds(&piece.id())) {
                    return node.repeated(from).into_iter().collect();
                }
                node.delivered(from);
                node.spread(evidence, Some(from), now)
            }
            Message::Have { ids, words } => {
                node.named(from, &Name::list(&ids, &words), now);
                Vec::new()
            }
            Message::Want { ids, words } => node.asked(from, &Name::list(&ids, &words)),
            Message::Compare { parts } => {
                let names = node.names();
                node.compared(from, &parts, &names, now)
            }
            Message::Prune => {
                node.pruned(from);
                Vec::new()
            }
            other => panic!("{other:?} is not the tree's"),
        }
    }

    fn run(&mut self, seconds: u64) {
        for _ in 0..seconds * 10 {
            self.now = self.now + Duration::from_millis(100);
            let peers: Vec<PeerKey> = self.nodes.keys().copied().collect();
            for at in peers {
                let node = self.nodes.get_mut(&at).unwrap();
                let posts = node.due(&node.names(), self.now);
                self.deliver(at, posts);
            }
        }
    }

    fn holders(&self, piece: &Evidence) -> usize {
        let held = self.nodes.values().filter(|node| node.holds(&piece.id()));
        held.count()
    }
}

#[test]
fn after_the_first_flood_evidence_travels_each_edge_of_a_tree() {
    let mut overlay = Overlay::of(40);
    overlay.publish(0, piece(1));
    overlay.run(5);
    assert_eq!(overlay.holders(&piece(1)), 40);
    overlay.pushed = 0;
    overlay.publish(0, piece(2));
    assert_eq!(overlay.holders(&piece(2)), 40);
    assert_eq!(overlay.pushed, 39, "nobody was sent it twice");
}

#[test]
fn what_is_pruned_and_lost_is_asked_for_by_name() {
    let mut overlay = Overlay::of(40);
    overlay.publish(0, piece(1));
    overlay.run(5);
    for other in 0..40 {
        overlay.lost.insert((peer(0), peer(other)));
    }
    overlay.lost.remove(&(peer(0), peer(1)));
    overlay.publish(0, piece(2));
    overlay.run(10);
    assert_eq!(overlay.holders(&piece(2)), 40);
}

#[test]
fn evidence_reaches_everybody_around_members_who_pass_nothing_on() {
    let mut overlay = Overlay::of(60);
    overlay.mute = (0..60).step_by(4).map(|index| peer(index + 1)).collect();
    for seed in 1..6 {
        overlay.publish(0, piece(seed));
        overlay.run(15);
        assert_eq!(overlay.holders(&piece(seed)), 60, "piece {seed}");
    }
}

#[test]
fn a_neighbour_that_comes_late_catches_up_by_comparing() {
    let mut overlay = Overlay::of(40);
    let late = overlay.nodes.insert(peer(5), Gossip::default());
    overlay.publish(0, piece(1));
    overlay.run(5);
    assert_eq!(overlay.holders(&piece(1)), 40, "it was pushed to as well");
    let mut late = late.unwrap();
    late.neighbours(&BTreeSet::new(), peer(5), overlay.now);
    let everybody = [4, 6].map(peer).into();
    late.neighbours(&everybody, peer(5), overlay.now);
    overlay.nodes.insert(peer(5), late);
    for neighbour in [4, 6].map(peer) {
        let node = overlay.nodes.get_mut(&neighbour).unwrap();
        node.neighbours(&BTreeSet::new(), neighbour, overlay.now);
        node.neighbours(&[peer(5)].into(), neighbour, overlay.now);
    }
    overlay.run(5);
    assert_eq!(overlay.holders(&piece(1)), 40);
}

/// Story: two parts of a mesh held 600 pieces each when their link came, and each lacked three that the other had.
#[test]
fn neighbours_that_hold_nearly_the_same_say_little() {
    let mut overlay = Overlay::of(0);
    let piece = |number: u16| Evidence::Head(number.to_be_bytes().repeat(50).into());
    for (index, numbers) in [(0, 0..600), (1, 3..603)] {
        let mut gossip = Gossip::default();
        gossip.hold(numbers.map(piece).collect());
        overlay.nodes.insert(peer(index), gossip);
    }
    for (me, other) in [(0, 1), (1, 0)] {
        let node = overlay.nodes.get_mut(&peer(me)).unwrap();
        node.neighbours(&[peer(other)].into(), peer(me), overlay.now);
    }
    overlay.run(5);
    for number in 0..603 {
        assert_eq!(overlay.holders(&piece(number)), 2, "piece {number}");
    }
    assert_eq!(overlay.pushed_pieces, 6);
    assert!(
        overlay.named_bytes < 600 * 9,
        "{} bytes",
        overlay.named_bytes
    );
}

#[test]
fn what_is_out_of_date_is_told_to_nobody() {
    let mut gossip = Gossip::default();
    let now = Instant::from_millis(1);
    gossip.neighbours(&[peer(1), peer(2)].into(), peer(0), now);
    gossip.pruned(peer(2));
    gossip.spread(vec![piece(1), piece(2)], Some(peer(1)), now);
    gossip.forget(&piece(1).id());
    let mut posts = gossip.due(&gossip.names(), now + Duration::from_secs(1));
    posts.retain(|post| !matches!(post.message, Message::Compare { .. }));
    let ids = vec![piece(2).id()];
    let expected = Post {
        to: peer(2),
        message: Message::Have {
            ids,
            words: ShortIds::default(),
        },
    };
    assert_eq!(posts, [expected]);
}

/// Story: half of a fleet was gone, and names of words weighed a quarter of the words.
#[test]
fn words_are_told_of_and_asked_for_by_half_of_their_names() {
    let now = Instant::from_millis(1);
    let (mut teller, mut asker) = (Gossip::default(), Gossip::default());
    teller.neighbours(&[peer(1)].into(), peer(0), now);
    asker.neighbours(&[peer(0)].into(), peer(1), now);
    teller.pruned(peer(1));
    let word = Evidence::Accusation(vec![1; 130].into());
    teller.spread(vec![word.clone(), piece(2)], None, now);
    let mut told = teller.due(&teller.names(), now + Duration::from_secs(3));
    told.retain(|post| !matches!(post.message, Message::Compare { .. }));
    let (ids, words) = (vec![piece(2).id()], ShortIds(vec![word.id().short()]));
    let have = Message::Have {
        ids: ids.clone(),
        words: words.clone(),
    };
    assert_eq!(
        told,
        [Post {
            to: peer(1),
            message: have
        }]
    );
    asker.named(peer(0), &Name::list(&ids, &words), now);
    let asked = asker.due(&asker.names(), now + Duration::from_secs(3));
    let want = Message::Want {
        ids: ids.clone(),
        words: words.clone(),
    };
    assert_eq!(
        asked,
        [Post {
            to: peer(0),
            message: want
        }]
    );
    let answer = teller.asked(peer(1), &Name::list(&ids, &words));
    let evidence = vec![piece(2), word.clone()];
    let gossip = Message::Gossip { evidence };
    assert_eq!(
        answer,
        [Post {
            to: peer(1),
            message: gossip
        }]
    );
    asker.spread(vec![word, piece(2)], Some(peer(0)), now);
    assert_eq!(
        asker.next_deadline().map(|_| asker
            .due(&asker.names(), now + Duration::from_secs(60))
            .len()),
        Some(0),
        "nothing is missing"
    );
}

/// Story: a third of a fleet was gone, and every witness left had something to say within the same second. All
/// edges were pushed along, because no tree had formed in the quiet before.
#[test]
fn in_a_storm_everybody_gets_each_word_once() {
    let mut overlay = Overlay::of(40);
    let word = |seed: u8| Evidence::Accusation(vec![seed; 130].into());
    overlay.publish(0, word(0));
    overlay.run(1);
    overlay.pushed_pieces = 0;
    for seed in 1..40 {
        overlay.publish(usize::from(seed), word(seed));
    }
    overlay.run(10);
    for seed in 0..40 {
        assert_eq!(overlay.holders(&word(seed)), 40, "word {seed}");
    }
    assert_eq!(overlay.pushed_pieces, 39 * 39);
}
