//! Every bound on what foreign metadata can make grow, in one place.

/// Bytes of one root, signatures included.
pub const ROOT_BYTES: usize = 512 * 1024;
/// Levels of arrays and objects inside one another.
pub const DEPTH: usize = 32;
/// Keys that one root names.
pub const KEYS: usize = 64;
/// Signatures on one document.
pub const SIGNATURES: usize = 64;
/// Key ids that one role lists.
pub const KEY_IDS_PER_ROLE: usize = 64;
/// Bytes of one key id, which is opaque text.
pub const KEY_ID_BYTES: usize = 128;
/// Bytes of one signature of whatever scheme.
pub const SIGNATURE_BYTES: usize = 1024;
