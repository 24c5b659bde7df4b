//! The thread that listens: frames, or datagrams and the neighbour table, into one segment; what is new out of it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use hearing::capture::Link;
use hearing::frame::{ArpOperation, Frame, Net};
use hearing::moment::Moment;
use hearing::segment::{Event, Segment};
use hearing::vendor::Vendors;
use protocol::heard::{self, Happening, Mac, Means, Missing};
use protocol::limits;
use protocol::node::Input;
use protocol::text::Name;
use tokio::sync::mpsc;
use tracing::{info, warn};

use super::calls::{BROADCAST, Echo, arp_request};
use super::cards::{Card, Subnet};
use super::groups::Groups;
use super::tap::Tap;
use super::{table, words};
use crate::sources::doze::doze;

/// Frames that are read at once; where there are more, the rest has to wait, and the kernel drops what it has no room
/// for, so that a busy segment costs this host little.
const BURST: usize = 256;
const BREATH: Duration = Duration::from_millis(50);
/// Bytes of a frame that are read: the announcements of devices are shorter.
const FRAME_BYTES: usize = 2048;
/// What was heard is handed on so often.
const HAND_ON: Duration = Duration::from_secs(2);
const TABLE: Duration = Duration::from_secs(5);
/// An answer that comes later is none.
const PATIENCE: Duration = Duration::from_secs(3);
/// Addresses that a sweep asks for at once, once in a doze: some three hundred a second.
const SWEPT_AT_ONCE: usize = 32;
/// Calls that wait for an answer, and addresses that wait for their sweep.
const CALLS: usize = 512;
const SWEPT: usize = 16 * 1024;

pub(super) enum Order {
    Call {
        mac: Mac,
        address: IpAddr,
        means: Means,
    },
    Sweep(Vec<Subnet>),
}

pub(super) struct Ear {
    cards: Vec<Card>,
    own: BTreeSet<[u8; 6]>,
    taps: Vec<Tap>,
    groups: Groups,
    echo: Option<Echo>,
    segment: Segment,
    events: Vec<Happening>,
    /// Who was asked how, and since when.
    asked: BTreeMap<Mac, (IpAddr, Means, Instant)>,
    sweep: VecDeque<Ipv4Addr>,
    table: BTreeSet<table::Row>,
    handed_on: Moment,
    out: mpsc::Sender<Input>,
    orders: Receiver<Order>,
    stop: Arc<AtomicBool>,
}

impl Ear {
    pub(super) fn open(
        cards: Vec<Card>,
        out: mpsc::Sender<Input>,
        orders: Receiver<Order>,
        stop: Arc<AtomicBool>,
    ) -> Self {
        let taps = open_taps(&cards);
        let groups = if taps.is_empty() {
            Groups::read(&cards)
        } else {
            Groups::joined(&cards)
        };
        let ear = Self {
            own: cards.iter().map(|card| card.mac.0).collect(),
            echo: Echo::open().ok(),
            segment: Segment::new(Vendors::well_known()),
            events: Vec::new(),
            asked: BTreeMap::new(),
            sweep: VecDeque::new(),
            table: BTreeSet::new(),
            handed_on: Moment::default(),
            taps,
            groups,
            cards,
            out,
            orders,
            stop,
        };
        let interfaces: Vec<_> = ear.cards.iter().map(|card| card.name.as_str()).collect();
        info!(?interfaces, "listening to the neighbourhood");
        for missing in ear.missing() {
            warn!("this node {}", missing.sentence());
        }
        ear
    }

    pub(super) fn run(mut self) {
        let (mut handed_on, mut looked) = (None::<Instant>, None::<Instant>);
        let is_due = |last: Option<Instant>, every| last.is_none_or(|last| last.elapsed() >= every);
        while !self.stop.load(Ordering::Relaxed) {
            self.wait();
            self.read_frames();
            self.read_datagrams();
            self.read_echoes();
            if self.taps.is_empty() && is_due(looked, TABLE) {
                looked = Some(Instant::now());
                self.read_table();
            }
            self.obey();
            self.go_on_sweeping();
            if is_due(handed_on, HAND_ON) {
                handed_on = Some(Instant::now());
                if self.hand_on().is_err() {
                    return;
                }
            }
        }
    }

    /// Until there is something to read, but not for long.
    fn wait(&self) {
        let taps = self.taps.iter().map(|tap| tap.as_fd());
        let groups = self.groups.sockets.iter().map(|(socket, _)| socket.as_fd());
        doze(taps.chain(groups), BREATH);
    }

    fn read_frames(&mut self) {
        let mut buffer = [0; FRAME_BYTES];
        let mut burst = 0;
        for at in 0..self.taps.len() {
            for _ in 0..BURST {
                let interface = u32::try_from(self.taps[at].card.link.ifindex()).unwrap_or(0);
                let Some(bytes) = self.taps[at].next(&mut buffer) else {
                    break;
                };
                burst += 1;
                if let Ok(frame) = Frame::read(Link::Ethernet, bytes) {
                    self.take_frame(interface, &frame);
                }
            }
        }
        if burst >= BURST {
            std::thread::sleep(BREATH);
        }
    }

    fn take_frame(&mut self, interface: u32, frame: &Frame<'_>) {
        let is_own = frame.source.is_some_and(|mac| self.own.contains(&mac.0));
        if is_own {
            return;
        }
        let now = words::moment(mesh::wall());
        let events = self.segment.hear(now, interface, frame);
        self.happened(&events);
        if let Net::Arp(arp) = &frame.net
            && arp.operation == ArpOperation::Reply
        {
            self.answered(words::mac(arp.sender), Means::Arp);
        }
    }

    fn read_datagrams(&mut self) {
        let mut buffer = [0; FRAME_BYTES];
        let now = words::moment(mesh::wall());
        let mut events = Vec::new();
        for (socket, port) in &self.groups.sockets {
            for _ in 0..BURST {
                let Ok((length, from)) = socket.recv_from(&mut buffer) else {
                    break;
                };
                let sender = (from.ip(), from.port());
                events.extend(
                    self.segment
                        .hear_datagram(now, sender, *port, &buffer[..length]),
                );
            }
        }
        self.happened(&events);
    }

    /// Of the table only what is new in it: the rest may be gone long since.
    fn read_table(&mut self) {
        let now = words::moment(mesh::wall());
        let rows: BTreeSet<table::Row> = table::read().into_iter().collect();
        for row in rows.difference(&self.table.clone()) {
            let card = self.cards.iter().find(|card| card.name == row.card);
            let Some(card) = card.filter(|_| !self.own.contains(&row.mac.0)) else {
                continue;
            };
            let interface = u32::try_from(card.link.ifindex()).unwrap_or(0);
            let mac = hearing::mac::Mac(row.mac.0);
            let events = self
                .segment
                .hear_neighbour(now, interface, mac, row.address.into());
            self.happened(&events);
        }
        self.table = rows;
    }

    fn read_echoes(&mut self) {
        let answers = self.echo.as_ref().map(Echo::answers).unwrap_or_default();
        for address in answers {
            let asked = self.asked.iter();
            let found = asked
                .filter(|(_, asked)| asked.0 == address)
                .map(|(mac, _)| *mac)
                .next();
            if let Some(mac) = found {
                self.answered(mac, Means::Icmp);
            }
        }
    }

    fn answered(&mut self, mac: Mac, means: Means) {
        let asked = self.asked.get(&mac);
        let counts =
            asked.is_some_and(|(_, way, since)| *way == means && since.elapsed() < PATIENCE);
        if counts {
            self.asked.remove(&mac);
            // A full queue means that the loop is behind; the guard asks again.
            self.out.try_send(Input::Answered { mac, means }).ok();
        }
    }

    fn obey(&mut self) {
        while let Ok(order) = self.orders.try_recv() {
            match order {
                Order::Call {
                    mac,
                    address,
                    means,
                } => self.ask(mac, address, means),
                Order::Sweep(subnets) => {
                    let hosts = subnets.into_iter().flat_map(Subnet::hosts);
                    let room = SWEPT.saturating_sub(self.sweep.len());
                    self.sweep.extend(hosts.take(room));
                }
            }
        }
    }

    fn ask(&mut self, mac: Mac, address: IpAddr, means: Means) {
        self.asked
            .retain(|_, (.., since)| since.elapsed() < PATIENCE);
        let IpAddr::V4(v4) = address else { return };
        if self.asked.len() >= CALLS {
            return;
        }
        let is_sent = match (means, &mut self.echo) {
            (Means::Arp, _) => self.ask_for(v4, mac),
            (Means::Icmp, Some(echo)) => echo.ask(v4).is_ok(),
            _ => false,
        };
        if is_sent {
            self.asked.insert(mac, (address, means, Instant::now()));
        }
    }

    /// On the interface whose subnet it is; an address that is in none of them is asked for nowhere.
    fn ask_for(&self, address: Ipv4Addr, to: Mac) -> bool {
        let mut sent = false;
        for tap in &self.taps {
            let card = &tap.card;
            if let Some(subnet) = card.subnets.iter().find(|subnet| subnet.contains(address)) {
                sent |= tap
                    .send(&arp_request(card.mac, subnet.own(), to, address))
                    .is_ok();
            }
        }
        sent
    }

    fn go_on_sweeping(&mut self) {
        for _ in 0..SWEPT_AT_ONCE {
            let Some(address) = self.sweep.pop_front() else {
                return;
            };
            self.ask_for(address, BROADCAST);
        }
    }

    fn happened(&mut self, events: &[Event]) {
        let now = mesh::wall();
        let room = limits::HAPPENINGS_WAITING.saturating_sub(self.events.len());
        let events = events.iter().take(room);
        self.events
            .extend(events.map(|event| words::happening(event, now)));
    }

    /// Says what is new; fails when nobody is there to hear it.
    fn hand_on(&mut self) -> Result<(), ()> {
        let upto = std::mem::replace(&mut self.handed_on, words::moment(mesh::wall()));
        let devices = self.segment.neighbours();
        let devices = devices.filter(|one| words::is_since(one, upto));
        let devices = devices.map(|one| (words::segment(one.place), words::device(one)));
        let hearing = protocol::guard::Hearing {
            ears: self.ears(),
            devices: devices.collect(),
            events: std::mem::take(&mut self.events),
        };
        let input = Input::Hearing(Box::new(hearing));
        self.out.blocking_send(input).map_err(|_| ())
    }

    fn ears(&self) -> heard::Ears {
        let named = self
            .cards
            .iter()
            .filter_map(|card| Name::fitted(&card.name));
        heard::Ears {
            own: self.cards.iter().map(|card| card.mac).collect(),
            interfaces: named.collect(),
            missing: self.missing(),
        }
    }

    fn missing(&self) -> Vec<Missing> {
        let mut missing = self.groups.missing.clone();
        if self.taps.is_empty() {
            missing.extend([Missing::Frames, Missing::Arp]);
        }
        if self.echo.is_none() {
            missing.push(Missing::Icmp);
        }
        missing.sort_unstable();
        missing
    }
}

/// Without the right to any of them there are no frames at all.
fn open_taps(cards: &[Card]) -> Vec<Tap> {
    let mut taps = Vec::new();
    for card in cards {
        match Tap::open(card.clone()) {
            Ok(tap) => taps.push(tap),
            Err(error) => info!(interface = card.name, %error, "no frames can be read"),
        }
    }
    taps
}
