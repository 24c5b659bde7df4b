//! Every bound on what others can make grow, in one place.

use std::time::Duration;

/// Interfaces that one section of a pcapng file describes.
pub const CAPTURE_INTERFACES: usize = 256;
/// Bytes of one captured packet; more is a damaged file.
pub const CAPTURE_PACKET_BYTES: usize = 256 * 1024;
/// Bytes of text kept of one name, version or reason that a stranger chose.
pub const TEXT_BYTES: usize = 128;
/// Labels of one DNS name, and so the pointers that are followed in it.
pub const DNS_LABELS: usize = 127;
/// Bytes of one DNS name on the wire (RFC 1035 §2.3.4).
pub const DNS_NAME_BYTES: usize = 255;
/// Questions that are read of one DNS message.
pub const DNS_QUESTIONS: usize = 32;
/// Records that are read of one DNS message.
pub const DNS_RECORDS: usize = 128;
/// Strings that are kept of one TXT record.
pub const DNS_TEXTS: usize = 16;
/// Names that one NetBIOS status lists.
pub const NETBIOS_NAMES: usize = 32;
/// Bytes of DHCP options of one kind, put together (RFC 3396).
pub const DHCP_OPTION_BYTES: usize = 512;
/// Bytes of one SSDP message that are read.
pub const SSDP_BYTES: usize = 4096;
/// Header lines of one SSDP message.
pub const SSDP_LINES: usize = 32;
/// Groups that one IGMP report lists.
pub const IGMP_GROUPS: usize = 64;
/// Ciphers, extensions, signature algorithms and protocols that are read of one TLS hello, each.
pub const TLS_ITEMS: usize = 256;

// Of a segment.

/// Devices that are kept for good: heard again after [`ACQUAINTANCE`]. Nobody new pushes them out.
pub const KNOWN_DEVICES: usize = 2048;
/// Hardware addresses heard for the first time of late; a flood of them only pushes out its own kind.
pub const STRANGERS: usize = 512;
/// Whoever is heard again so long after the first time is known.
pub const ACQUAINTANCE: Duration = Duration::from_secs(10);
/// A known device that is silent for longer may give its place to another when all places are taken.
pub const LONG_SILENCE: Duration = Duration::from_secs(30 * 24 * 3600);
/// Addresses that one device is heard with; the one heard longest ago goes.
pub const ADDRESSES_PER_DEVICE: usize = 16;
/// Names that one device is heard with.
pub const NAMES_PER_DEVICE: usize = 16;
/// Hints about its class that one device gives.
pub const HINTS_PER_DEVICE: usize = 32;
/// Addresses whose holder is remembered.
pub const CLAIMS: usize = 8192;
/// Two devices that claim one address within this time claim it both; later it has moved.
pub const CLAIM_HOLDS: Duration = Duration::from_secs(60);
/// DHCP servers that are told apart.
pub const DHCP_SERVERS: usize = 16;
/// Events that one [`EVENT_WINDOW`] hands out; what is more is counted in one event.
pub const EVENTS_PER_WINDOW: u32 = 64;
pub const EVENT_WINDOW: Duration = Duration::from_secs(10);

// Of flows.

/// Flows of late, or without an answer; a flood of them only pushes out its own kind.
pub const FRESH_FLOWS: usize = 4096;
/// Flows that were answered and have lasted.
pub const SETTLED_FLOWS: usize = 4096;
/// A flow that was answered and has lasted so long is settled.
pub const SETTLED_AFTER: Duration = Duration::from_secs(2);
/// A flow without packets for so long has ended.
pub const FLOW_IDLE: Duration = Duration::from_secs(60);
/// A connection that was closed may still have segments on their way.
pub const FLOW_LINGER: Duration = Duration::from_secs(1);
/// A flow that lasts longer is told of in parts.
pub const FLOW_ACTIVE: Duration = Duration::from_secs(300);
/// How often flows are looked through for those that have ended.
pub const FLOW_SWEEP: Duration = Duration::from_secs(1);
/// Addresses whose name is remembered.
pub const NAMED_ADDRESSES: usize = 4096;
/// A name is believed for at least and at most so long, whatever its record says.
pub const NAME_TTL: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(60)..=Duration::from_secs(24 * 3600);
/// Networks that count as local.
pub const LOCAL_NETS: usize = 64;

// Of logs and flow records.

/// Lines that are read of a kernel's table of connections.
pub const CONNTRACK_LINES: usize = 16_384;
/// Bytes of one line of a log.
pub const LOG_LINE_BYTES: usize = 64 * 1024;
/// Fields of one log.
pub const LOG_FIELDS: usize = 128;
/// Templates of one exporter.
pub const TEMPLATES_PER_EXPORTER: usize = 64;
/// Templates of all exporters together.
pub const TEMPLATES: usize = 1024;
/// Fields of one template.
pub const TEMPLATE_FIELDS: usize = 128;
/// A template that is not sent again for so long is forgotten (RFC 7011 §8.4).
pub const TEMPLATE_LIFE: Duration = Duration::from_secs(30 * 60);
/// Flow records of one datagram; at a byte each, none has more.
pub const RECORDS_PER_DATAGRAM: usize = 2048;

// Of decoys.

/// Bytes that are read of what one connection said to a decoy.
pub const TOUCH_BYTES: usize = 16 * 1024;
/// Requests, and credentials, that are kept of it.
pub const TOUCH_REQUESTS: usize = 64;

// Of fingerprints.

/// Frames of one device that its fingerprint is made of.
pub const FINGERPRINT_FRAMES: usize = 4096;
/// Destinations that are told apart in one fingerprint.
pub const FINGERPRINT_PEERS: usize = 512;
/// Types of devices that one model knows.
pub const TYPES: usize = 250;
/// Levels of one tree.
pub const TREE_DEPTH: usize = 24;
/// Bytes of one model that is read.
pub const MODEL_BYTES: usize = 1024 * 1024;
