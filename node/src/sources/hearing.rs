//! Devices that run no node, as this host hears them: a thread that listens, asks when it is told to, and hands on what
//! it heard. Nothing is sent but what the guard orders and what somebody here asks for.

mod calls;
pub(super) mod cards;
mod ear;
mod groups;
mod table;
pub(super) mod tap;
mod words;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

use protocol::heard::{Address, Mac, Means};
use protocol::node::Input;
use protocol::text::Name;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tracing::{debug, warn};

pub use cards::{Subnet, SubnetError, own_subnets};
use ear::{Ear, Order};

/// Inputs that wait for the loop, and orders that wait for the ear.
const QUEUE: usize = 64;
/// How long a device may take to accept or refuse a connection.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    pub listen: Listen,
    /// Interfaces to listen on; none named, and it is every Ethernet interface that is up and belongs to no container.
    pub interfaces: Vec<Name>,
}

/// Whether this node listens to its neighbourhood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listen {
    On,
    Off,
}

/// The running ear of a node. Dropped, it stops.
#[derive(Debug)]
pub struct Hearing {
    inputs: mpsc::Receiver<Input>,
    answers: mpsc::Sender<Input>,
    orders: SyncSender<Order>,
    stop: Arc<AtomicBool>,
    interfaces: Vec<Name>,
}

impl Hearing {
    /// Begins to listen; `None` where it is switched off or there is no interface to listen on.
    pub fn start(config: &Config) -> Option<Self> {
        if config.listen == Listen::Off {
            return None;
        }
        let cards = cards::found(&config.interfaces);
        if cards.is_empty() {
            warn!("there is no interface to listen on: devices without a node are not heard");
            return None;
        }
        let (answers, inputs) = mpsc::channel(QUEUE);
        let (orders, waiting) = sync_channel(QUEUE);
        let stop = Arc::new(AtomicBool::new(false));
        let ear = Ear::open(cards, answers.clone(), waiting, Arc::clone(&stop));
        std::thread::Builder::new()
            .name("hearing".to_owned())
            .spawn(move || ear.run())
            .map_err(|error| warn!(%error, "no thread to listen with"))
            .ok()?;
        Some(Self {
            inputs,
            answers,
            orders,
            stop,
            interfaces: config.interfaces.clone(),
        })
    }

    /// The next that was heard.
    pub async fn next(&mut self) -> Option<Input> {
        self.inputs.recv().await
    }

    /// Asks a device for a sign of life.
    pub fn call(&self, mac: Mac, address: Address, means: Means, ports: &[u16]) {
        match means {
            Means::Heard => {}
            Means::Tcp => self.knock(mac, address.ip(), ports),
            Means::Arp | Means::Icmp => self.order(Order::Call {
                mac,
                address: address.ip(),
                means,
            }),
        }
    }

    /// Asks everybody on a subnet of this host, or on all of them, for a hardware address; says on which.
    pub fn sweep(&self, asked: &str) -> Result<Vec<String>, SubnetError> {
        let asked = Some(asked).filter(|asked| !asked.is_empty());
        let subnets = own_subnets(&self.interfaces, asked)?;
        let names = subnets.iter().map(ToString::to_string).collect();
        self.order(Order::Sweep(subnets));
        Ok(names)
    }

    fn order(&self, order: Order) {
        if self.orders.try_send(order).is_err() {
            debug!("the ear is busy: a call is left out");
        }
    }

    /// A connection to one port on which it was heard to listen, opened and closed; a refusal is an answer as well.
    fn knock(&self, mac: Mac, address: IpAddr, ports: &[u16]) {
        let Some(port) = ports.first() else { return };
        let (to, answers) = (SocketAddr::new(address, *port), self.answers.clone());
        tokio::spawn(async move {
            let is_there = match timeout(PATIENCE, TcpStream::connect(to)).await {
                Ok(Ok(_)) => true,
                Ok(Err(error)) => error.kind() == std::io::ErrorKind::ConnectionRefused,
                Err(_) => false,
            };
            if is_there {
                let means = Means::Tcp;
                // Where the loop has ended, nobody wants the answer.
                answers.send(Input::Answered { mac, means }).await.ok();
            }
        });
    }
}

impl Drop for Hearing {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}
