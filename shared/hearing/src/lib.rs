//! Captured frames and datagrams in, what was heard out: devices and their names, flows, announcements.
//!
//! It opens no socket and knows no clock: a node feeds it from AF_PACKET, multicast sockets, the neighbour table
//! or a capture file, each with its time. It sends nothing.
#![forbid(unsafe_code)]

pub mod limits;
pub mod moment;

pub mod mac;

pub mod announcement;
pub mod capture;
pub mod frame;

pub mod dhcp;
pub mod dns;
pub mod igmp;
pub mod netbios;
pub mod ssdp;
pub mod tls;

pub mod class;
pub mod segment;
pub mod vendor;

pub mod conntrack;
pub mod fingerprint;
pub mod flow;
pub mod netflow;
pub mod zeek;

pub mod touch;

pub mod text;

mod bytes;
