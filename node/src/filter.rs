//! Keeps sources away from this host, through the kernel's packet filter and the program `nft`.
//!
//! What the mesh needs always passes: its own ports, and answers to links that this host has begun.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::process::Stdio;
use std::time::Duration;

use thiserror::Error;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tracing::{info, warn};

/// Orders that wait; a source that is told of again is blocked then.
const WAITING: usize = 256;
/// One run of the program.
const LONGEST: Duration = Duration::from_secs(5);
/// Elements of each set: more than the machine keeps away at once.
const SET: usize = 1024;

/// Hands orders to the kernel, one after the other; what it has set ends by itself.
#[derive(Debug)]
pub struct Filter {
    orders: mpsc::Sender<Order>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Order {
    source: IpAddr,
    length: Duration,
}

#[derive(Debug, Error)]
pub enum FilterError {
    #[error("cannot run nft: {0}; install nftables or set decoys.block = \"off\"")]
    Start(std::io::Error),
    #[error("nft did not end within {} s", LONGEST.as_secs())]
    Slow,
    #[error("nft refused: {0}; the node needs CAP_NET_ADMIN, or decoys.block = \"off\"")]
    Refused(String),
}

impl Filter {
    /// Makes the table anew; the mesh's own ports stay open to everybody.
    pub async fn set_up(ports: &[u16]) -> Result<Self, FilterError> {
        run(&table(ports)).await?;
        let (orders, taken) = mpsc::channel(WAITING);
        tokio::spawn(obey(taken));
        info!(?ports, "sources can be kept away");
        Ok(Self { orders })
    }

    /// Keeps a source away for so long; of no length, lets it in again.
    pub fn set(&self, source: IpAddr, length: Duration) {
        if self.orders.try_send(Order { source, length }).is_err() {
            warn!(%source, "too many sources are to be kept away at once");
        }
    }
}

async fn obey(mut orders: mpsc::Receiver<Order>) {
    while let Some(order) = orders.recv().await {
        if let Err(error) = run(&words(order)).await {
            warn!(source = %order.source, %error, "a source is not kept away");
        }
    }
}

/// The whole table: made, emptied, filled. Of what this host has not begun, and is not for the mesh, nothing passes.
fn table(ports: &[u16]) -> String {
    let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
    let open = match ports.is_empty() {
        true => String::new(),
        false => format!("tcp dport {{ {} }} accept", ports.join(", ")),
    };
    format!(
        "table inet palisade\ndelete table inet palisade\ntable inet palisade {{\n\
         set kept_away4 {{ type ipv4_addr; flags timeout; size {SET}; }}\n\
         set kept_away6 {{ type ipv6_addr; flags timeout; size {SET}; }}\n\
         chain input {{\ntype filter hook input priority -10; policy accept;\n{open}\nct direction reply accept\n\
         ip saddr @kept_away4 drop\nip6 saddr @kept_away6 drop\n}}\n}}\n"
    )
}

/// An element whose time is to be another has to go first, and can only go if it is there.
fn words(order: Order) -> String {
    let set = match order.source {
        IpAddr::V4(_) => "kept_away4",
        IpAddr::V6(_) => "kept_away6",
    };
    let element = format!("element inet palisade {set}");
    let mut words = String::new();
    let source = order.source;
    let seconds = order.length.as_millis().div_ceil(1000);
    // Writing to a string does not fail.
    let _ = writeln!(words, "add {element} {{ {source} timeout 1s }}");
    let _ = writeln!(words, "delete {element} {{ {source} }}");
    if seconds > 0 {
        let _ = writeln!(words, "add {element} {{ {source} timeout {seconds}s }}");
    }
    words
}

async fn run(words: &str) -> Result<(), FilterError> {
    let mut nft = Command::new("nft")
        .args(["-f", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(FilterError::Start)?;
    let mut stdin = nft.stdin.take().expect("it is piped");
    let whole = async {
        stdin.write_all(words.as_bytes()).await?;
        drop(stdin);
        nft.wait_with_output().await
    };
    let output = timeout(LONGEST, whole)
        .await
        .map_err(|_| FilterError::Slow)?;
    let output = output.map_err(FilterError::Start)?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let first = said.lines().next().unwrap_or("it said nothing");
    Err(FilterError::Refused(first.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(source: &str, seconds: u64) -> String {
        let source = source.parse().expect("it is an address");
        let length = Duration::from_secs(seconds);
        words(Order { source, length })
    }

    #[test]
    fn a_source_is_set_with_its_time_whether_it_was_there_or_not() {
        let words = order("192.0.2.7", 60);
        let lines: Vec<_> = words.lines().collect();
        assert_eq!(lines.len(), 3);
        assert_eq!(
            lines[2],
            "add element inet palisade kept_away4 { 192.0.2.7 timeout 60s }"
        );
    }

    #[test]
    fn of_no_length_it_is_let_in_again() {
        let words = order("2001:db8::7", 0);
        let last = words.lines().last();
        assert_eq!(
            last,
            Some("delete element inet palisade kept_away6 { 2001:db8::7 }")
        );
    }

    #[test]
    fn the_mesh_stays_open_before_anybody_is_kept_away() {
        let table = table(&[7445]);
        let open = table
            .find("tcp dport { 7445 } accept")
            .expect("it is there");
        assert!(open < table.find("@kept_away4 drop").expect("it is there"));
    }
}
