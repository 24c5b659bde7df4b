//! Every bound on what others can make grow, in one place.

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
