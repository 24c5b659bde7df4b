//! Bad weather for real processes: takes the packets of a netfilter queue, and lets each go late, out of order, or never.
//!
//! For kernels without the `netem` discipline. `iptables -A OUTPUT -p tcp -j NFQUEUE --queue-num N` in a network
//! namespace fills the queue; whoever reads it needs `CAP_NET_ADMIN` in that namespace and nothing on the host.

mod sky;

use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Parser;
use nfq::{Queue, Verdict};
use sky::{Fate, Sky};

/// The longest rest between two looks at the queue.
const LOOK: Duration = Duration::from_millis(1);
/// Packets that the kernel holds for this program; what exceeds them is lost.
const HELD: u32 = 16_384;

/// Delays, reorders and loses the packets of a netfilter queue, until it is ended.
#[derive(Debug, Parser)]
struct Arguments {
    /// The number that `--queue-num` names.
    #[arg(long, default_value_t = 0)]
    queue: u16,
    /// How long each packet waits, in milliseconds.
    #[arg(long, default_value_t = 0)]
    delay_ms: u64,
    /// Up to how much longer, drawn anew for each, which is what reorders them.
    #[arg(long, default_value_t = 0)]
    jitter_ms: u64,
    /// The share that is lost, between 0 and 1.
    #[arg(long, default_value_t = 0.0, value_parser = share)]
    loss: f64,
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| format!("{text} is no number"))?;
    if (0.0..=1.0).contains(&share) {
        Ok(share)
    } else {
        Err(format!("{text} is no share: name one between 0 and 1"))
    }
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let number = arguments.queue;
    let mut queue =
        Queue::open().context("cannot open a netfilter queue: this takes CAP_NET_ADMIN")?;
    queue
        .bind(number)
        .with_context(|| format!("cannot take queue {number}: does somebody else?"))?;
    queue
        .set_queue_max_len(number, HELD)
        .context("cannot lengthen the queue")?;
    queue.set_nonblocking(true);
    let mut sky = Sky::new(arguments.delay_ms, arguments.jitter_ms, arguments.loss);
    loop {
        while let Some(packet) = next(&mut queue)? {
            match sky.fate(Instant::now(), draw()) {
                Fate::Lost => pass(&mut queue, packet, Verdict::Drop)?,
                Fate::Waits(until) => sky.hold(until, packet),
            }
        }
        for packet in sky.due(Instant::now()) {
            pass(&mut queue, packet, Verdict::Accept)?;
        }
        thread::sleep(LOOK);
    }
}

/// A chain of the firewall that goes takes with it all packets that are held, and the kernel says of the verdict on each
/// that there is no such packet: it is lost, as others are.
fn next(queue: &mut Queue) -> anyhow::Result<Option<nfq::Message>> {
    loop {
        match queue.recv() {
            Ok(packet) => return Ok(Some(packet)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return Ok(None),
            Err(error) => return Err(error).context("cannot read the queue"),
        }
    }
}

fn pass(queue: &mut Queue, mut packet: nfq::Message, verdict: Verdict) -> anyhow::Result<()> {
    packet.set_verdict(verdict);
    queue.verdict(packet).context("cannot let a packet go")
}

/// Two numbers between 0 and 1.
fn draw() -> [f64; 2] {
    let number = || {
        let drawn = getrandom::u32().expect("the system gives entropy");
        f64::from(drawn) / f64::from(u32::MAX)
    };
    [number(), number()]
}
