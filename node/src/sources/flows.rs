//! Traffic of this host and of its segments: a thread that reads headers, the kernel's table or what exporters send, and
//! hands on what the lookout makes of it.

mod enforce;
mod exports;
mod keep;
mod nets;
pub mod replay;
mod table;
mod watcher;
pub mod words;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};

use protocol::class::DeviceClass;
use protocol::flows::HabitOrder;
use protocol::heard::Mac;
use protocol::node::FlowsTold;
use protocol::text::Name;
use tokio::sync::mpsc;
use tracing::{debug, warn};

use watcher::Watcher;

/// What waits for the loop, and orders that wait for the thread.
const QUEUE: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    pub watch: Watch,
    /// Interfaces whose frames are read; the same as those on which the node listens.
    pub interfaces: Vec<Name>,
    /// Where exporters of NetFlow and IPFIX send to.
    pub listen: Option<SocketAddr>,
    pub enforce: Enforce,
    /// Of a million good spans of a device, so many may be called strange; 0 calls none so.
    pub strange_in_a_million: u32,
}

/// Whether this host keeps devices to profiles that people have put to enforcing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enforce {
    /// What no habit allows is an alert.
    Told,
    /// It is not forwarded either.
    Nftables,
}

/// Whether this node looks at traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watch {
    On,
    Off,
}

#[derive(Debug)]
enum Order {
    Word(Box<HabitOrder>),
    Classes(Vec<(Mac, DeviceClass)>),
}

/// Where a node keeps what it has learnt of traffic, and the file that takes its place.
pub fn files(dir: &Path) -> [PathBuf; 2] {
    let path = keep::path(dir);
    [path.with_extension("new"), path]
}

/// What the node of a directory has kept of traffic.
pub fn profiles(dir: &Path) -> Vec<(lookout::whose::Whose, lookout::lookout::Kept)> {
    keep::read(&keep::path(dir))
}

/// The same for people.
pub fn learnt(kept: &[(lookout::whose::Whose, lookout::lookout::Kept)]) -> Vec<replay::Learnt> {
    let devices = kept.iter();
    devices
        .map(|(whose, kept)| replay::Learnt::of(*whose, kept.address, &kept.profile))
        .collect()
}

/// The running lookout of a node. Dropped, it keeps what it has learnt and stops.
#[derive(Debug)]
pub struct Flows {
    told: mpsc::Receiver<FlowsTold>,
    orders: SyncSender<Order>,
    stop: Arc<AtomicBool>,
    classes: Vec<(Mac, DeviceClass)>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Flows {
    /// Begins to look, as a device of a class; `None` where it is switched off, or there is nothing to look at.
    pub fn start(dir: &Path, config: &Config, class: DeviceClass) -> Option<Self> {
        if config.watch == Watch::Off {
            return None;
        }
        let (tell, told) = mpsc::channel(QUEUE);
        let (orders, waiting) = sync_channel(QUEUE);
        let stop = Arc::new(AtomicBool::new(false));
        let watcher = Watcher::open((dir, class), config, tell, waiting, Arc::clone(&stop))?;
        let thread = std::thread::Builder::new()
            .name("flows".to_owned())
            .spawn(move || watcher.run())
            .map_err(|error| warn!(%error, "no thread to look at traffic with"))
            .ok()?;
        Some(Self {
            told,
            orders,
            stop,
            classes: Vec::new(),
            thread: Some(thread),
        })
    }

    /// The next that there is to tell.
    pub async fn next(&mut self) -> Option<FlowsTold> {
        self.told.recv().await
    }

    /// A checked word about a profile. The coordinator says it again until a page shows that it was heard.
    pub fn obey(&self, order: Box<HabitOrder>) {
        self.order(Order::Word(order));
    }

    /// What devices on the segment are taken for.
    pub fn introduce(&mut self, classes: Vec<(Mac, DeviceClass)>) {
        if classes != self.classes {
            self.classes.clone_from(&classes);
            self.order(Order::Classes(classes));
        }
    }

    fn order(&self, order: Order) {
        if self.orders.try_send(order).is_err() {
            debug!("the lookout is busy: an order is left out");
        }
    }
}

impl Drop for Flows {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A thread that fell has said so itself.
            thread.join().ok();
        }
    }
}
