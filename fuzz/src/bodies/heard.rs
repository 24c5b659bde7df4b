//! What strangers send on a segment, and files of it: nothing panics, and nothing grows past its bound.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use hearing::announcement::Announcement;
use hearing::capture::{Capture, Link};
use hearing::flow::{Flows, Nets};
use hearing::frame::Frame;
use hearing::limits::{
    ADDRESSES_PER_DEVICE, DHCP_OPTION_BYTES, DNS_QUESTIONS, DNS_RECORDS, FRESH_FLOWS,
    NAMES_PER_DEVICE, RECORDS_PER_DATAGRAM, SETTLED_FLOWS, TEMPLATES_PER_EXPORTER, TEXT_BYTES,
};
use hearing::moment::Moment;
use hearing::netflow::Collector;
use hearing::segment::Segment;
use hearing::vendor::Vendors;

const LINKS: [Link; 5] = [
    Link::Ethernet,
    Link::Cooked,
    Link::Cooked2,
    Link::RawIp,
    Link::Loopback,
];

/// The first byte chooses the link; then frames follow, each behind its length and the seconds since the one before.
pub fn heard_frames(data: &[u8]) {
    let Some((link, mut rest)) = data.split_first() else {
        return;
    };
    let link = LINKS[usize::from(*link) % LINKS.len()];
    let mut segment = Segment::new(Vendors::default());
    let mut flows = Flows::new(Nets::private());
    let mut now = Moment::from_secs(1_700_000_000);
    while let [high, low, wait, after @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(after.len());
        let (bytes, following) = after.split_at(length);
        rest = following;
        now = now.after(Duration::from_secs(u64::from(*wait)));
        if let Ok(frame) = Frame::read(link, bytes) {
            segment.hear(now, 0, &frame);
            flows.hear(now, &frame);
        }
    }
    flows.tick(now.after(Duration::from_secs(3600)));
    assert!(flows.len() <= FRESH_FLOWS + SETTLED_FLOWS);
    for neighbour in segment.neighbours() {
        assert!(neighbour.mac.is_device());
        assert!(neighbour.addresses.len() <= ADDRESSES_PER_DEVICE);
        assert!(neighbour.names.len() <= NAMES_PER_DEVICE);
        for name in &neighbour.names {
            assert!(!name.text.chars().any(char::is_control), "{:?}", name.text);
        }
        assert!(neighbour.class().confidence <= 100);
    }
}

/// The first byte chooses the port, and so the dialect.
pub fn heard_dns(data: &[u8]) {
    let Some((choice, message)) = data.split_first() else {
        return;
    };
    let port = [53, 5353, 5355, 137, 1900][usize::from(*choice) % 5];
    let _any = Announcement::of_datagram(port, 9, message);
    if let Ok(read) = hearing::dns::Message::read(message) {
        assert!(read.questions.len() <= DNS_QUESTIONS && read.records.len() <= DNS_RECORDS);
        for record in &read.records {
            assert!(
                !record.name.chars().any(char::is_control),
                "{:?}",
                record.name
            );
        }
    }
}

pub fn heard_dhcp(data: &[u8]) {
    if let Ok(read) = hearing::dhcp::Message::read(data) {
        assert!(read.parameters.len() <= DHCP_OPTION_BYTES);
        for text in [read.host_name, read.full_name, read.vendor_class]
            .into_iter()
            .flatten()
        {
            assert!(
                text.len() <= TEXT_BYTES && !text.chars().any(char::is_control),
                "{text:?}"
            );
        }
    }
}

/// Datagrams of one exporter, each behind its length.
pub fn flow_exports(data: &[u8]) {
    let mut collector = Collector::new(Nets::private());
    let exporter = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let mut rest = data;
    while let [high, low, after @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(after.len());
        let (datagram, following) = after.split_at(length);
        rest = following;
        if let Ok(export) = collector.read(Moment::from_secs(1_700_000_000), exporter, datagram) {
            assert!(export.flows.len() <= RECORDS_PER_DATAGRAM.max(datagram.len() / 48));
            assert!(export.flows.iter().all(|flow| flow.first <= flow.last));
        }
        assert!(collector.templates() <= TEMPLATES_PER_EXPORTER);
    }
}

pub fn captures(data: &[u8]) {
    let Ok(capture) = Capture::open(data) else {
        return;
    };
    let mut bytes = 0;
    for packet in capture.map_while(Result::ok) {
        bytes += packet.bytes.len();
        let _any = Frame::of(&packet);
    }
    assert!(bytes <= data.len(), "more is read than the file holds");
}
