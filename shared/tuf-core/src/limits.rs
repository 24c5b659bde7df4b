//! Every bound on what foreign metadata can make grow, in one place.

/// Bytes of one root, signatures included.
pub const ROOT_BYTES: usize = 512 * 1024;
/// Bytes of one timestamp.
pub const TIMESTAMP_BYTES: usize = 16 * 1024;
/// Bytes of one snapshot.
pub const SNAPSHOT_BYTES: usize = 2_000_000;
/// Bytes of the metadata of one targets role.
pub const TARGETS_BYTES: usize = 5_000_000;
/// Bytes of the file that keeps the version floors.
pub const FLOORS_BYTES: usize = 4 * 1024 * 1024;
/// Levels of arrays and objects inside one another.
pub const DEPTH: usize = 32;
/// Keys that one root names.
pub const KEYS: usize = 64;
/// Keys that the delegations of one targets role name.
pub const DELEGATION_KEYS: usize = 1024;
/// Signatures on one document.
pub const SIGNATURES: usize = 64;
/// Key ids that one role lists.
pub const KEY_IDS_PER_ROLE: usize = 64;
/// Bytes of one key id, which is opaque text.
pub const KEY_ID_BYTES: usize = 128;
/// Bytes of one signature of whatever scheme.
pub const SIGNATURE_BYTES: usize = 1024;
/// Bytes of one public key as PEM text.
pub const PEM_BYTES: usize = 4096;
/// Roles that one snapshot lists.
pub const SNAPSHOT_ROLES: usize = 32_768;
/// Bytes of the name of a delegated role; quoted for a file it may take three times as many.
pub const ROLE_NAME_BYTES: usize = 80;
/// Roles that one targets role delegates to.
pub const DELEGATED_ROLES: usize = 1024;
/// Path patterns or hash prefixes of one delegation.
pub const PATTERNS: usize = 512;
/// Bytes of one path pattern.
pub const PATTERN_BYTES: usize = 512;
/// Targets that one role lists.
pub const TARGETS: usize = 65_536;
/// Bytes of the path of one target.
pub const TARGET_PATH_BYTES: usize = 512;
/// Roots that one update follows; the next update goes on from the last of them.
pub const ROOTS_PER_UPDATE: u32 = 256;
/// Roles that one search visits below the top-level targets.
pub const DELEGATIONS_PER_SEARCH: usize = 32;
/// Answers to one request that are looked at.
pub const ANSWERS: usize = 32;
