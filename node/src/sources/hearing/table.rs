//! The kernel's neighbour table (`/proc/net/arp`): who this host has had to do with. It is no sign of life, since what
//! is gone stays in it for a while.

use std::net::Ipv4Addr;

use protocol::heard::Mac;

/// Lines that are read.
const LINES: usize = 4096;
/// The hardware address is known (`ATF_COM`).
const COMPLETE: u32 = 2;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    pub(super) address: Ipv4Addr,
    pub(super) mac: Mac,
    pub(super) card: String,
}

pub(super) fn read() -> Vec<Row> {
    rows(&crate::sources::host::text("/proc/net/arp"))
}

fn rows(text: &str) -> Vec<Row> {
    text.lines().skip(1).take(LINES).filter_map(row).collect()
}

fn row(line: &str) -> Option<Row> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [address, _, flags, mac, _, card] = fields[..] else {
        return None;
    };
    let flags = u32::from_str_radix(flags.strip_prefix("0x")?, 16).ok()?;
    let mac: Mac = mac.parse().ok().filter(|mac: &Mac| mac.0 != [0; 6])?;
    (flags & COMPLETE != 0).then_some(Row {
        address: address.parse().ok()?,
        mac,
        card: card.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complete_rows_are_read_and_others_are_not() {
        let text = "IP address       HW type     Flags       HW address            Mask     Device\n\
                    192.0.2.7        0x1         0x2         00:17:88:01:02:03     *        eth0\n\
                    192.0.2.8        0x1         0x0         00:00:00:00:00:00     *        eth0\n\
                    nonsense\n";
        let rows = rows(text);
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].mac, Mac([0, 0x17, 0x88, 1, 2, 3]));
        assert_eq!(
            (rows[0].address, rows[0].card.as_str()),
            (Ipv4Addr::new(192, 0, 2, 7), "eth0")
        );
    }
}
