//! Every bound on what sources can make the rules remember.

/// Sources that one rule remembers; whoever was active longest ago goes.
pub const SOURCES: usize = 2048;
/// Attempts of one source that are remembered within a window.
pub const ATTEMPTS: usize = 64;
/// Destinations of one source whose rhythm is followed.
pub const RHYTHMS: usize = 16;
/// Places outside of one source whose vain calls are counted.
pub const CALLED: usize = 16;
/// Lost attempts of one source that are remembered to find who asks slowly.
pub const LOST: usize = 64;
/// Intervals that a rhythm is judged by.
pub const INTERVALS: usize = 16;
/// Ports on which one device is known to listen.
pub const PORTS: usize = 128;
/// Windows that a baseline is made of.
pub const WINDOWS: usize = 64;
/// Places of one source whose bytes are counted apart in one window.
pub const HEAVIEST: usize = 8;
/// Targets that a verdict names.
pub const EXAMPLES: usize = 5;
/// Jobs that are announced at the same time.
pub const JOBS: usize = 64;
/// The longest that one job may cover a source.
pub const JOB_US: u64 = 24 * 3600 * 1_000_000;
/// A rule that goes on to be broken says so again after so long.
pub const AGAIN_US: u64 = 60 * 1_000_000;
/// Whom a rule has spoken of is a suspect for so long.
pub const SUSPECT_FOR_US: u64 = 3600 * 1_000_000;
/// The same for a burst of bytes that is still the same one.
pub const BURST_AGAIN_US: u64 = 3600 * 1_000_000;
/// Windows with too much after which a burst begins to be learnt.
pub const BURST_LASTING: u64 = 15;
/// One window of a burst teaches so many times the limit at most.
pub const BURST_STEP: u64 = 16;
/// Windows in a row without too much after which a burst is over.
pub const BURST_QUIET: u64 = 10;
