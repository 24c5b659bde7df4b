//! The thread that looks at traffic.

use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use hearing::capture::{Link, Packet};
use hearing::frame::Frame;
use hearing::moment::Moment;
use lookout::firing::Evidence;
use lookout::lookout::{Lookout, Settings};
use protocol::class::DeviceClass;
use protocol::limits::HABITS_PER_RECORD;
use protocol::node::FlowsTold;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tracing::{info, warn};

use super::enforce::Enforcer;
use super::exports::Exports;
use super::table::Table;
use super::{Config, Enforce, Order, keep, nets, words};
use crate::sources::doze::doze;
use crate::sources::hearing::cards;
use crate::sources::hearing::tap::Tap;

/// Frames that are read at once. Where there are more the kernel drops what it has no room for: a flood costs this host
/// a bounded share of a core.
const BURST: usize = 4096;
const BREATH: Duration = Duration::from_millis(20);
const FRAME_BYTES: usize = 2048;
/// How often pages are told.
const PAGES: Duration = Duration::from_secs(60);
/// The first page comes sooner, so that people see that something is learnt.
const FIRST_PAGES: Duration = Duration::from_secs(10);
/// How often the kernel's table is read where there are no frames.
const TABLE: Duration = Duration::from_secs(5);
/// How often the host's own addresses are looked up, and what was learnt is kept.
const ADDRESSES: Duration = Duration::from_secs(60);
const KEEP: Duration = Duration::from_secs(300);

pub(super) struct Watcher {
    lookout: Lookout,
    taps: Vec<Tap>,
    exports: Option<Exports>,
    /// `None` where nothing is kept from anybody.
    enforcer: Option<Enforcer>,
    table: Table,
    file: PathBuf,
    tell: mpsc::Sender<FlowsTold>,
    orders: Receiver<Order>,
    stop: Arc<AtomicBool>,
    began: Instant,
    /// Firings and pages for which the loop had no room.
    untold: u64,
    class: DeviceClass,
}

impl Watcher {
    pub(super) fn open(
        (dir, class): (&Path, DeviceClass),
        config: &Config,
        tell: mpsc::Sender<FlowsTold>,
        orders: Receiver<Order>,
        stop: Arc<AtomicBool>,
    ) -> Option<Self> {
        let cards = cards::found(&config.interfaces);
        let taps: Vec<Tap> = cards
            .into_iter()
            .filter_map(|card| Tap::open(card).ok())
            .collect();
        let exports = config.listen.and_then(Exports::open);
        let table = Table::default();
        let has_table = taps.is_empty() && table.is_there();
        if taps.is_empty() && !has_table && exports.is_none() {
            warn!(
                "traffic is not looked at: frames need CAP_NET_RAW, and the kernel's table of connections cannot be read"
            );
            return None;
        }
        let file = keep::path(dir);
        let settings = Settings {
            strange_in_a_million: config.strange_in_a_million,
            ..Settings::default()
        };
        let mut lookout = Lookout::new(&settings, nets::local(&[]), nets::own());
        lookout.restore(keep::read(&file), now());
        info!(
            interfaces = taps.len(),
            has_table,
            exports = exports.is_some(),
            "looking at traffic"
        );
        Some(Self {
            lookout,
            taps,
            exports,
            enforcer: (config.enforce == Enforce::Nftables).then(Enforcer::default),
            table,
            file,
            tell,
            orders,
            stop,
            began: Instant::now(),
            untold: 0,
            class,
        })
    }

    pub(super) fn run(mut self) {
        let mut paged = Instant::now();
        let (mut kept, mut addressed, mut listed) = (paged, paged, None::<Instant>);
        while !self.stop.load(Ordering::Relaxed) {
            self.wait();
            self.read_frames();
            if let Some(exports) = &mut self.exports {
                exports.read(&mut self.lookout, now());
            }
            if self.taps.is_empty() && listed.is_none_or(|at| at.elapsed() >= TABLE) {
                listed = Some(Instant::now());
                self.table.read(&mut self.lookout, now());
            }
            self.lookout.tick(now());
            self.obey();
            let whose = lookout::whose::Whose::Own;
            self.lookout.introduce(whose, self.class.word(), now());
            if let Some(enforcer) = &mut self.enforcer {
                enforcer.keep(&self.lookout, now());
            }
            self.tell_firings();
            let every = if self.began.elapsed() < PAGES {
                FIRST_PAGES
            } else {
                PAGES
            };
            if paged.elapsed() >= every {
                paged = Instant::now();
                self.tell_pages();
            }
            if addressed.elapsed() >= ADDRESSES {
                addressed = Instant::now();
                self.lookout.owners().set_own(nets::own());
            }
            if kept.elapsed() >= KEEP {
                kept = Instant::now();
                keep::write(&self.file, &self.lookout);
            }
        }
        keep::write(&self.file, &self.lookout);
    }

    fn wait(&self) {
        let taps = self.taps.iter().map(|tap| tap.as_fd());
        let exports = self.exports.iter().map(Exports::as_fd);
        doze(taps.chain(exports), BREATH);
    }

    fn read_frames(&mut self) {
        let mut buffer = [0; FRAME_BYTES];
        let mut burst = 0;
        // They came within the few milliseconds of a doze.
        let at = now();
        for tap in &self.taps {
            for _ in 0..BURST {
                let Some((bytes, wire_bytes)) = tap.any(&mut buffer) else {
                    break;
                };
                burst += 1;
                let packet = Packet {
                    at,
                    link: Link::Ethernet,
                    bytes,
                    wire_bytes,
                };
                if let Ok(frame) = Frame::of(&packet) {
                    self.lookout.hear(at, &frame);
                }
            }
        }
        if burst >= BURST {
            std::thread::sleep(BREATH);
        }
    }

    fn obey(&mut self) {
        let mut has_heard = false;
        while let Ok(order) = self.orders.try_recv() {
            match order {
                Order::Classes(classes) => {
                    for (mac, class) in classes {
                        let whose = lookout::whose::Whose::Mac(hearing::mac::Mac(mac.0));
                        self.lookout.introduce(whose, class.word(), now());
                    }
                }
                Order::Word(order) => {
                    has_heard = true;
                    let whose = words::whose_here(order.whose);
                    let done = match words::word(&order.word) {
                        Ok(word) => {
                            let obeyed = self.lookout.obey(whose, order.number, &word, now());
                            obeyed.map_err(|error| error.to_string())
                        }
                        Err(error) => Err(error.to_string()),
                    };
                    let (number, word) = (order.number, order.word.word());
                    match done {
                        Ok(()) => info!(%whose, number, word, "a word about a profile"),
                        Err(why) => {
                            warn!(%whose, number, word, %why, "a word about a profile is not obeyed");
                        }
                    }
                }
            }
        }
        // Whoever spoke waits for the page that says so.
        if has_heard {
            self.tell_pages();
            keep::write(&self.file, &self.lookout);
        }
    }

    fn tell_firings(&mut self) {
        let firings: Vec<_> = self.lookout.firings().collect();
        for firing in firings {
            let (whose, rule) = (firing.whose, firing.rule.word());
            warn!(%whose, rule, observed = firing.observed, usual = firing.usual, examples = ?firing.examples, "traffic is not as usual");
            self.say(FlowsTold::Strange(Box::new(words::strange(&firing))));
        }
    }

    fn tell_pages(&mut self) {
        let dropped = self.lookout.totals().dropped + self.untold;
        for page in self.lookout.pages(HABITS_PER_RECORD) {
            for page in words::pages(&page, dropped) {
                self.say(FlowsTold::Page(Box::new(page)));
            }
        }
    }

    /// A full queue means that the loop is behind; what is left out is counted.
    fn say(&mut self, told: FlowsTold) {
        match self.tell.try_send(told) {
            Ok(()) | Err(TrySendError::Closed(_)) => {}
            Err(TrySendError::Full(FlowsTold::Page(page))) => {
                // Pages are few and hold what is told once: they may wait for the loop.
                self.tell.blocking_send(FlowsTold::Page(page)).ok();
            }
            Err(TrySendError::Full(FlowsTold::Strange(_))) => self.untold += 1,
        }
    }
}

pub(super) fn now() -> Moment {
    Moment::from_millis(mesh::wall().as_millis())
}

/// How a flow is known that the kernel lists.
pub(super) const LISTED: Evidence = Evidence::Connections;
