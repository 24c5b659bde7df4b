//! Enforced profiles in the kernel's filter: what this host forwards for a device passes only where a habit allows it.
//!
//! Only with `flows.enforce` and only for profiles that people have put to enforcing. Answers to what was allowed pass, and
//! so does everything of everybody else. When the node stops, the table goes: a gateway without a node blocks nobody. Of a node
//! that is killed the table stays as it was, whole, because each change is one transaction of the kernel; the next start
//! writes it anew, or removes it where nothing is to be enforced.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::IpAddr;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use detect::profile::{Direction, Entry, Peer, Service, Span};
use hearing::moment::Moment;
use lookout::lookout::Lookout;
use tracing::{debug, info, warn};

/// How often the table is written at most.
const PACE: Duration = Duration::from_millis(500);
/// After a failure it is tried again as late as this.
const AGAIN: Duration = Duration::from_secs(30);
/// Addresses of one name that one rule lists.
const ADDRESSES: usize = 64;

/// One device whose profile is enforced.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Held {
    address: IpAddr,
    habits: Vec<Entry>,
}

#[derive(Debug, Default)]
pub(super) struct Enforcer {
    /// Whether the kernel was told anything by this life: the one before may have been killed, and its table stays.
    begun: bool,
    written: String,
    tried: Option<Instant>,
    failed: bool,
}

impl Enforcer {
    /// Brings the kernel's table to what the profiles say; names follow the answers of DNS that were heard.
    pub(super) fn keep(&mut self, lookout: &Lookout, now: Moment) {
        let pace = if self.failed { AGAIN } else { PACE };
        if self.tried.is_some_and(|tried| tried.elapsed() < pace) {
            return;
        }
        let held = held(lookout);
        if held.is_empty() {
            return self.clear_up();
        }
        let wanted = table(&held, &|peer| addresses(lookout, now, peer));
        if wanted == self.written {
            return;
        }
        self.tried = Some(Instant::now());
        match nft(&wanted, &[]) {
            Ok(()) => {
                info!(
                    devices = held.len(),
                    "profiles are enforced on what is forwarded"
                );
                self.written = wanted;
                (self.begun, self.failed) = (true, false);
            }
            Err(error) => {
                warn!(%error, "profiles cannot be enforced: nft and CAP_NET_ADMIN are needed");
                self.failed = true;
            }
        }
    }
}

impl Enforcer {
    /// Nobody is held any more. What a node that was killed has left would hold devices to what nobody may want.
    fn clear_up(&mut self) {
        if self.begun && self.written.is_empty() {
            return;
        }
        self.tried = Some(Instant::now());
        match nft(GONE, &[]) {
            Ok(()) => {
                if !self.written.is_empty() {
                    info!("no profile is enforced any more");
                }
                self.written.clear();
                (self.begun, self.failed) = (true, false);
            }
            Err(error) => {
                debug!(%error, "nothing is to be enforced, and nft does not answer");
                self.failed = true;
            }
        }
    }
}

impl Drop for Enforcer {
    fn drop(&mut self) {
        if !self.written.is_empty()
            && let Err(error) = nft(GONE, &[])
        {
            warn!(%error, "the table palisade_flows stays: delete it with nft");
        }
    }
}

const GONE: &str = "table inet palisade_flows\ndelete table inet palisade_flows\n";

fn held(lookout: &Lookout) -> Vec<Held> {
    let enforced = lookout
        .enforced()
        .filter(|(address, _)| !address.is_unspecified());
    enforced
        .map(|(address, profile)| Held {
            address,
            habits: profile.entries().map(|(entry, _)| entry.clone()).collect(),
        })
        .collect()
}

fn addresses(lookout: &Lookout, now: Moment, peer: &Peer) -> Vec<IpAddr> {
    let Peer::Domain(suffix) = peer else {
        return Vec::new();
    };
    let names = lookout.names(now);
    names
        .filter(|(_, name)| suffix.covers(name))
        .map(|(address, _)| address)
        .take(ADDRESSES)
        .collect()
}

type Resolve<'a> = &'a dyn Fn(&Peer) -> Vec<IpAddr>;

/// The whole table: made, emptied, filled.
fn table(held: &[Held], resolve: Resolve<'_>) -> String {
    let mut text = format!(
        "{GONE}table inet palisade_flows {{\nchain forward {{\ntype filter hook forward priority -10; policy accept;\n\
         ct state established,related accept\n"
    );
    for device in held {
        for rule in device
            .habits
            .iter()
            .filter_map(|habit| rule(device.address, habit, resolve))
        {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{rule} accept");
        }
        let (family, address) = (family(device.address), device.address);
        let _ = writeln!(text, "{family} saddr {address} counter drop");
        let _ = writeln!(text, "{family} daddr {address} counter drop");
    }
    text.push_str("}\n}\n");
    text
}

const fn family(address: IpAddr) -> &'static str {
    match address {
        IpAddr::V4(_) => "ip",
        IpAddr::V6(_) => "ip6",
    }
}

/// `None` for what the kernel cannot tell: parts that others play, and names that nobody has asked for yet.
fn rule(device: IpAddr, habit: &Entry, resolve: Resolve<'_>) -> Option<String> {
    let family = family(device);
    let (here, there) = match habit.direction {
        Direction::Out => ("saddr", "daddr"),
        Direction::In => ("daddr", "saddr"),
    };
    let with = match &habit.peer {
        Peer::Any => String::new(),
        Peer::Local if device.is_ipv4() => {
            format!(" ip {there} {{ 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 169.254.0.0/16 }}")
        }
        Peer::Local => format!(" ip6 {there} {{ fc00::/7, fe80::/10 }}"),
        Peer::Network(network) if network.is_v4() == device.is_ipv4() => {
            format!(" {family} {there} {network}")
        }
        Peer::Network(_) | Peer::Role(_) => return None,
        Peer::Domain(_) => {
            let found = resolve(&habit.peer);
            let same = found.iter().filter(|one| one.is_ipv4() == device.is_ipv4());
            let list: Vec<String> = same.map(ToString::to_string).collect();
            if list.is_empty() {
                return None;
            }
            format!(" {family} {there} {{ {} }}", list.join(", "))
        }
    };
    let what = service(habit)?;
    Some(format!("{family} {here} {device}{with}{what}"))
}

fn service(habit: &Entry) -> Option<String> {
    let protocol = match habit.protocol {
        None => return (habit.service == Service::Any).then(String::new),
        Some(6) => "tcp",
        Some(17) => "udp",
        Some(other) => {
            return Some(match habit.service {
                Service::Icmp { kind, .. } if other == 1 => format!(" icmp type {kind}"),
                Service::Icmp { kind, .. } => format!(" icmpv6 type {kind}"),
                _ => format!(" meta l4proto {other}"),
            });
        }
    };
    Some(match habit.service {
        Service::Ports { remote, local } => {
            let (to, from) = match habit.direction {
                Direction::Out => (remote, local),
                Direction::In => (local, remote),
            };
            let mut text = format!(" meta l4proto {protocol}");
            for (name, span) in [("dport", to), ("sport", from)] {
                if span != Span::ANY {
                    let _ = write!(text, " th {name} {}-{}", span.first, span.last);
                }
            }
            text
        }
        _ => format!(" meta l4proto {protocol}"),
    })
}

fn nft(words: &str, more: &[&str]) -> Result<(), std::io::Error> {
    let mut nft = Command::new("nft")
        .args(more)
        .args(["-f", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = nft.stdin.take() {
        stdin.write_all(words.as_bytes())?;
    }
    let output = nft.wait_with_output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let first = said.lines().next().unwrap_or("it said nothing").to_owned();
    Err(std::io::Error::other(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn camera() -> Held {
        let habits = [
            "out tcp maker.com 443",
            "out udp local 53",
            "out tcp nobody.org 443",
            "in tcp local 554",
            "out icmp 10.0.0.0/8 8/0",
            "out 47 198.51.100.0/24 any",
            "out udp any 49152-65535",
        ];
        Held {
            address: [10, 0, 0, 7].into(),
            habits: habits.map(|habit| habit.parse().expect("a habit")).to_vec(),
        }
    }

    fn resolved(peer: &Peer) -> Vec<IpAddr> {
        let is_maker = matches!(peer, Peer::Domain(suffix) if suffix.as_str() == "maker.com");
        if is_maker {
            vec![[93, 184, 216, 34].into(), [93, 184, 216, 35].into()]
        } else {
            Vec::new()
        }
    }

    #[test]
    fn a_device_is_let_through_by_its_habits_and_nothing_else_of_it() {
        let text = table(&[camera()], &resolved);
        let lines: Vec<&str> = text.lines().collect();
        let maker = "ip saddr 10.0.0.7 ip daddr { 93.184.216.34, 93.184.216.35 } meta l4proto tcp th dport 443-443 accept";
        let allowed = lines.iter().position(|line| *line == maker);
        let dropped = lines
            .iter()
            .position(|line| *line == "ip saddr 10.0.0.7 counter drop");
        assert!(
            allowed.expect("it is there") < dropped.expect("it is there"),
            "{text}"
        );
        assert!(
            !text.contains("nobody"),
            "a name that nobody asked for has no address"
        );
        assert!(lines.contains(&"ip daddr 10.0.0.7 ip saddr { 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 169.254.0.0/16 } meta l4proto tcp th dport 554-554 accept"));
    }

    #[test]
    fn the_kernel_takes_the_table() {
        let text = table(&[camera()], &resolved);
        match nft(&text, &["-c"]) {
            Ok(()) => {}
            Err(error) if error.to_string().contains("syntax error") => panic!("{error}\n{text}"),
            // Without nft, or without the right to ask it, nobody can tell.
            Err(error) => eprintln!("skipped: nft does not judge the table here: {error}"),
        }
    }
}
