//! Members and a source that are all linked, over links that swallow, delay and swap nothing but the order of whose turn it is.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use protocol::dice::Dice;
use protocol::spread::frame::{Answer, Want};
use protocol::spread::member::Member;
use protocol::spread::source::Source;
use protocol::spread::{Config, Delivery, Input, Output, Part};

use super::{Load, at, dice, peer};

const SOURCE: u8 = 200;

struct Town {
    load: Load,
    members: BTreeMap<u8, Member>,
    source: Source,
    /// What each host has to be told.
    post: Vec<(u8, Input)>,
    /// Questions that are open: who asked whom for what.
    open: BTreeMap<(u8, u8), Want>,
    sent: u32,
}

impl Town {
    fn new(members: u8, chunks: u64, seed: u8) -> Self {
        let load = Load::of_chunks(chunks);
        let member = |number| Member::new(load.image, [], Config::default(), dice(number ^ seed));
        let members: BTreeMap<u8, Member> = (1..=members)
            .map(|number| (number, member(number)))
            .collect();
        let numbers: Vec<u8> = members.keys().copied().collect();
        let mut post = Vec::new();
        for one in &numbers {
            post.push((SOURCE, joined(*one, Part::Neighbour)));
            post.push((*one, joined(SOURCE, Part::Source)));
            let others = numbers.iter().filter(|other| *other != one);
            post.extend(others.map(|other| (*one, joined(*other, Part::Neighbour))));
        }
        Self {
            source: Source::new(load.image, Config::default(), dice(seed)),
            load,
            members,
            post,
            open: BTreeMap::new(),
            sent: 0,
        }
    }

    /// Tells somebody something, in an order that dice decide, until everybody has everything.
    fn live(&mut self, mut order: Dice) {
        for ms in 0..200_000 {
            if self.members.values().all(|member| member.held().is_all()) {
                return;
            }
            if self.post.is_empty() {
                let hosts: Vec<u8> = self.members.keys().copied().chain([SOURCE]).collect();
                self.post
                    .extend(hosts.into_iter().map(|host| (host, Input::Tick)));
            }
            let place = order.below(self.post.len() as u64) as usize;
            let (host, input) = self.post.swap_remove(place);
            let outputs = match self.members.get_mut(&host) {
                Some(member) => member.handle(input, at(ms)),
                None => self.source.handle(input, at(ms)),
            };
            outputs
                .into_iter()
                .for_each(|output| self.perform(host, output));
        }
        panic!("somebody waits for ever");
    }

    fn perform(&mut self, host: u8, output: Output) {
        let from = peer(host);
        match output {
            Output::Send { to, frame } => self.post.push((to.0[0], Input::Frame { from, frame })),
            Output::Ask { to, want } => {
                self.judge(host, &want);
                let before = self.open.insert((host, to.0[0]), want.clone());
                assert_eq!(before, None, "{host} has two questions open with one peer");
                self.post.push((to.0[0], Input::Asked { from, want }));
            }
            Output::Withdraw { to } => {
                self.open.remove(&(host, to.0[0]));
                self.post.push((to.0[0], Input::Withdrawn { from }));
            }
            Output::Serve { to, chunk } => {
                self.sent += u32::from(host == SOURCE);
                self.answer(host, to.0[0], self.load.answer(chunk));
                self.post.push((
                    host,
                    Input::Served {
                        to,
                        how: Delivery::Taken,
                    },
                ));
            }
            Output::Refuse { to } => self.answer(host, to.0[0], Answer::Nothing),
            Output::Store { chunk, .. } => self.post.push((host, Input::Stored { chunk })),
            Output::Expose { .. } => panic!("nobody lies here"),
            Output::Whole => {}
        }
    }

    fn judge(&self, host: u8, want: &Want) {
        if let Want::Chunk { chunk } = want {
            let held = self.members[&host].held();
            assert!(!held.contains(*chunk), "{host} asks for what it has");
        }
    }

    fn answer(&mut self, host: u8, to: u8, answer: Answer) {
        if self.open.remove(&(to, host)).is_some() {
            let from = peer(host);
            self.post.push((to, Input::Answered { from, answer }));
        }
    }
}

fn joined(number: u8, part: Part) -> Input {
    Input::Joined {
        peer: peer(number),
        part,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn in_every_order_everybody_gets_everything(
        members in 1..6_u8,
        chunks in 1..12_u64,
        seed in any::<u8>(),
        order in any::<[u8; 32]>(),
    ) {
        let mut town = Town::new(members, chunks, seed);
        town.live(Dice::from_seed(order));
        let whole: BTreeSet<u8> = town.members.keys().copied().collect();
        prop_assert_eq!(whole.len(), usize::from(members));
        prop_assert!(town.sent >= chunks as u32);
    }
}
