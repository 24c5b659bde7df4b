//! Every bound on what traffic can make grow, in one place.

use std::time::Duration;

/// Devices of which one node keeps a profile; whoever was silent longest gives its place to another.
pub const DEVICES: usize = 128;
/// Habits of all of them together: what comes beyond is judged and not learnt.
pub const HABITS: usize = 16_384;
/// Devices whose amounts are counted, the host itself among them: each takes 300 KB.
pub const AMOUNTS: usize = 12;
/// Spans of one device that are remembered and outlive a restart.
pub const SPANS: usize = 512;
/// Places and ports that are told apart in one span.
pub const PLACES_COUNTED: usize = 256;
/// Flows that wait to be judged until their name is known; what comes beyond is counted as dropped.
pub const WAITING: usize = 2_048;
/// How long a flow without a name waits for the one that its first packets bring.
pub const NAMED_WITHIN: Duration = Duration::from_secs(3);
/// Addresses whose hardware is remembered.
pub const OWNERS: usize = 1_024;
/// Firings that wait to be taken; what comes beyond is counted as dropped.
pub const FIRINGS: usize = 64;
/// Firings of one replay that are kept to be shown.
pub const REPLAYED_FIRINGS: usize = 1_000;
/// Who asks in one replay, counted to find the network that it is of.
pub const REPLAYED_ASKERS: usize = 4_096;
/// Habits that were not usual, of one device in one span: more of them are counted only.
pub const UNUSUAL: usize = 64;
/// The same unusual habit is said again after so long.
pub const SAID_AGAIN: Duration = Duration::from_secs(24 * 3600);
/// Names by which one device called addresses lately, to know them again when it calls without one.
pub const CALLED: usize = 32;
/// Examples that one firing names.
pub const EXAMPLES: usize = 3;

pub use detect::limits::{LENDERS, LENDERS_MOST, NEWCOMER_FLOWS};
