//! The traffic of the week: every member's lookout is told of flows, as its node would be, and its log says what comes of it.
//!
//! Profiles are learnt, not written: what is usual, what is strange and who saw it is the lookout's own word.

mod flows;
mod habits;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use hearing::flow::{Flow, Nets};
use hearing::mac::Mac;
use hearing::moment::Moment;
use lookout::firing::Evidence;
use lookout::lookout::{Lookout, Settings};
use node::sources::flows::words;
use protocol::alert::{Alarm, Matter};
use protocol::class::DeviceClass;
use protocol::limits::HABITS_PER_RECORD;
use protocol::statement::Statement;
use protocol::time::Timestamp;

use super::seats::CAPTURED;
use super::site::Site;
use crate::chance::Chance;
use habits::{Talk, Transport, With};

const MINUTE_S: u64 = 60;
/// So often members tell of profiles.
const PAGES: Duration = Duration::from_secs(6 * 3_600);
/// Members of a hall that see what a device beside them does.
const WATCHERS: usize = 3;
/// Where what is stolen goes.
const THIEF: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 66));

pub struct Traffic {
    posts: Vec<Lookout>,
    subjects: Vec<Subject>,
    scenes: Vec<(Timestamp, Scene)>,
    /// Minutes since the epoch that are over.
    over_min: u64,
    paged: Timestamp,
    chance: Chance,
}

/// A device whose traffic somebody sees.
struct Subject {
    address: IpAddr,
    class: DeviceClass,
    /// Members that see it; a member sees itself first.
    watchers: Vec<(usize, Evidence)>,
    number: u64,
}

/// What is no habit.
#[derive(Clone, Copy)]
enum Scene {
    /// A device speaks with somebody new.
    Calls { subject: usize, name: &'static str },
    /// It knocks at its neighbours' doors.
    Scans { subject: usize },
    /// It carries a lot away.
    Carries { subject: usize },
}

impl Traffic {
    pub fn new(site: &Site, start: Timestamp, now: Timestamp) -> Self {
        let posts = (0..site.seats.len()).map(|place| post(site, place));
        let length = now.since(start);
        let at = |permille: u32| start.saturating_add(length * permille / 1_000);
        let old_camera = site.seats.len() + 1;
        let subject = CAPTURED;
        let mut scenes = vec![
            (
                at(640),
                Scene::Calls {
                    subject: 0,
                    name: "telemetry.adnet.example",
                },
            ),
            (
                at(760),
                Scene::Calls {
                    subject: old_camera,
                    name: "p2p.relay.example",
                },
            ),
            (at(858), Scene::Scans { subject }),
            (at(872), Scene::Carries { subject }),
        ];
        scenes.reverse();
        Self {
            posts: posts.collect(),
            subjects: subjects(site),
            scenes,
            over_min: start.as_millis() / 60_000,
            paged: start,
            chance: Chance::new(site.seats.len() as u64, "demo traffic"),
        }
    }

    /// What happened on the network since the last time.
    pub fn go_on(&mut self, site: &mut Site, at: Timestamp) -> anyhow::Result<()> {
        let until_min = at.as_millis() / 60_000;
        for minute in self.over_min..until_min {
            self.minute(minute);
        }
        self.over_min = until_min;
        while let Some((_, scene)) = self.scenes.pop_if(|(due, _)| *due <= at) {
            self.play(scene, at);
        }
        for post in &mut self.posts {
            post.tick(moment(at));
        }
        self.tell_firings(site, at)?;
        if at.since(self.paged) >= PAGES {
            self.tell_pages(site, at)?;
        }
        Ok(())
    }

    fn minute(&mut self, minute: u64) {
        for place in 0..self.subjects.len() {
            let subject = &self.subjects[place];
            let (class, number) = (subject.class, subject.number);
            for (order, talk) in habits::of(class).iter().enumerate() {
                let turn = minute + number * 7 + order as u64;
                if turn.is_multiple_of(talk.every_min) {
                    let begin_s = minute * MINUTE_S + self.chance.below(50);
                    let share = self.chance.within(85..=115);
                    let flow =
                        flows::of(subject_address(&self.subjects, place), talk, begin_s, share);
                    self.see(place, &flow);
                }
            }
        }
    }

    fn play(&mut self, scene: Scene, at: Timestamp) {
        let at_s = at.as_millis() / 1_000;
        match scene {
            Scene::Calls { subject, name } => {
                let talk = Talk {
                    with: With::Cloud(name),
                    transport: Transport::Tcp,
                    port: 443,
                    every_min: 1,
                    sent: 2_400,
                    received: 6_000,
                };
                let flow = flows::of(subject_address(&self.subjects, subject), &talk, at_s, 100);
                self.see(subject, &flow);
            }
            Scene::Scans { subject } => {
                for flow in flows::knocks(subject_address(&self.subjects, subject), at_s) {
                    self.see(subject, &flow);
                }
                // Whoever does not answer within a moment is not there.
                let later = Moment::from_secs(at_s + 3);
                for post in &mut self.posts {
                    post.tick(later);
                }
            }
            Scene::Carries { subject } => {
                let flow = flows::carried(subject_address(&self.subjects, subject), THIEF, at_s);
                self.see(subject, &flow);
            }
        }
    }

    fn see(&mut self, subject: usize, flow: &Flow) {
        for (place, evidence) in &self.subjects[subject].watchers {
            self.posts[*place].told(flow.last, flow, *evidence);
        }
    }

    fn tell_firings(&mut self, site: &mut Site, at: Timestamp) -> anyhow::Result<()> {
        for place in 0..self.posts.len() {
            let firings: Vec<_> = self.posts[place].firings().collect();
            if site.is_silent(place, at) {
                continue;
            }
            for firing in firings {
                let subject = site.seats[place].device;
                let matter = Matter::Strange(Box::new(words::strange(&firing)));
                let said = Statement::Alert(Alarm { subject, matter });
                site.say(place, &said, at)?;
            }
        }
        Ok(())
    }

    /// What members tell of profiles; whoever is silent by then tells nothing.
    pub fn tell_pages(&mut self, site: &mut Site, at: Timestamp) -> anyhow::Result<()> {
        self.paged = at;
        for place in 0..self.posts.len() {
            if site.is_silent(place, at) {
                continue;
            }
            let post = &mut self.posts[place];
            let dropped = post.totals().dropped;
            let pages = post.pages(HABITS_PER_RECORD);
            for page in pages.iter().flat_map(|page| words::pages(page, dropped)) {
                site.say(place, &Statement::Flows(Box::new(page)), at)?;
            }
        }
        Ok(())
    }
}

fn subject_address(subjects: &[Subject], place: usize) -> IpAddr {
    subjects[place].address
}

/// The lookout of a member, which knows the hardware of everybody in its hall.
fn post(site: &Site, place: usize) -> Lookout {
    let own = IpAddr::V4(site.seats[place].address);
    let mut lookout = Lookout::new(&Settings::default(), Nets::private(), vec![own]);
    let members = site.seats.iter().map(|seat| (seat.address, seat.mac));
    let others = site.strangers.iter().map(|one| (one.address, one.mac));
    for (address, mac) in members.chain(others) {
        if IpAddr::V4(address) != own {
            lookout.owners().learn(address.into(), Mac(mac.0));
        }
    }
    lookout
}

/// Members first, each seen by itself, then devices beside them. Frames of the captured camera are seen by others too.
fn subjects(site: &Site) -> Vec<Subject> {
    let mut halls: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, seat) in site.seats.iter().enumerate() {
        halls.entry(seat.cell.as_str()).or_default().push(place);
    }
    let beside = |place: usize, but: Option<usize>| {
        let hall = &halls[site.seats[place].cell.as_str()];
        let others = hall.iter().filter(move |other| Some(**other) != but);
        others
            .take(WATCHERS)
            .map(|other| (*other, Evidence::Frames))
    };
    let members = site.seats.iter().enumerate().map(|(place, seat)| {
        let mut watchers = vec![(place, Evidence::Connections)];
        if place == CAPTURED {
            watchers.extend(beside(place, Some(place)));
        }
        Subject {
            address: seat.address.into(),
            class: seat.class,
            watchers,
            number: place as u64,
        }
    });
    let strangers = site.strangers.iter().enumerate();
    let strangers = strangers.map(|(number, one)| Subject {
        address: one.address.into(),
        class: one.class,
        watchers: beside(one.hearer, None).collect(),
        number: 100 + number as u64,
    });
    members.chain(strangers).collect()
}

fn moment(at: Timestamp) -> Moment {
    Moment::from_millis(at.as_millis())
}
