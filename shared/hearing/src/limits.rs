//! Every bound on what others can make grow, in one place.

/// Interfaces that one section of a pcapng file describes.
pub const CAPTURE_INTERFACES: usize = 256;
/// Bytes of one captured packet; more is a damaged file.
pub const CAPTURE_PACKET_BYTES: usize = 256 * 1024;
/// Bytes of text kept of one name, version or reason that a stranger chose.
pub const TEXT_BYTES: usize = 128;
