//! What bounds everything that others can make grow.

/// Bytes of one line as it is sent.
pub const LINE_BYTES: usize = 8 * 1024;
/// Octets of a message on a stream that are passed over; whoever announces more is not read on.
pub const FRAME_BYTES: usize = 1024 * 1024;
/// Lines of one request.
pub const LINES: usize = 1_000;
/// Bytes of a message that are kept.
pub const MESSAGE_BYTES: usize = 2_048;
/// Bytes of a program's or a host's name, and of the name of a field.
pub const WORD_BYTES: usize = 64;
/// Fields of a line beside its message, and bytes of each.
pub const FIELDS: usize = 16;
pub const FIELD_BYTES: usize = 256;

/// Bytes of a file with rules, rules of one judge, and parts of one rule.
pub const RULE_BYTES: usize = 64 * 1024;
pub const RULES: usize = 512;
pub const SELECTIONS: usize = 32;
pub const PATTERNS: usize = 256;
pub const CONDITION_BYTES: usize = 1_024;
pub const CONDITION_DEPTH: usize = 16;
pub const TESTS: usize = 64;
/// Bytes that a regular expression may take when it is compiled.
pub const REGEX_BYTES: usize = 64 * 1024;

/// Windows that are counted in at once; the one that was used longest ago goes first.
pub const WINDOWS: usize = 8_192;
/// The highest count that a rule may wait for, and that it tells.
pub const COUNT: usize = 256;
/// The longest window, in milliseconds: a day.
pub const WINDOW_MS: u64 = 86_400_000;
