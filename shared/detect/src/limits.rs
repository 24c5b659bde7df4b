//! Every bound on what data or a remote can make grow, in one place.

/// Bytes of one model as it travels or lies on a disk, and of all the state of one detector.
pub const MODEL_BYTES: usize = 4 * 1024 * 1024;
/// Features of one row that a forest reads: it copies rows into arrays of this width at most.
pub const FEATURES: usize = 256;
/// Rows that one forest is fitted to: they are numbered by 32 bits.
pub const ROWS: usize = 1 << 26;
/// Trees of one isolation forest: the sum of their path lengths fits 32 bits.
pub const TREES: usize = 256;
/// Levels of one isolation tree: the logarithm of [`SAMPLE`].
pub const TREE_DEPTH: usize = 8;
/// Rows of which one isolation tree is grown.
pub const SAMPLE: usize = 256;
/// Scores that a calibration remembers unless it is told otherwise.
pub const CALIBRATION: usize = 512;
/// Scores that any calibration remembers at most.
pub const CALIBRATION_MOST: usize = 32_768;
/// Detectors whose p-values one fusion combines.
pub const FUSED: usize = 8;
/// Features of one device that are followed as a stream.
pub const STREAM_FEATURES: usize = 16;
/// Half-space trees of one stream.
pub const HALF_SPACE_TREES: usize = 25;
/// Levels of one half-space tree.
pub const HALF_SPACE_DEPTH: usize = 8;
/// Rows after which half-space trees judge by what they have counted anew.
pub const HALF_SPACE_WINDOW: usize = 250;
/// Rows of one stream that are kept to grow its forest from.
pub const RESERVOIR: usize = 1_024;
/// Values of one number that make a shape.
pub const SHAPE_LAGS: usize = 19;
/// Values over which shapes are learnt and forgotten.
pub const SHAPE_LEARNING: usize = 750;
/// Habits of one device.
pub const PROFILE_ENTRIES: usize = 512;
/// Nameless addresses of one service after which it is the service that counts.
pub const ROAMING: usize = 4;
/// Words of people about one profile that can be taken back.
pub const PROFILE_CHANGES: usize = 32;
/// Bytes of one profile as it is stored.
pub const PROFILE_BYTES: usize = 512 * 1024;
/// Sites whose profiles are merged at once.
pub const PROFILE_SITES: usize = 256;
/// Devices of a class whose profiles make a baseline, at least and at most.
pub const LENDERS: usize = 3;
pub const LENDERS_MOST: usize = 64;
/// A device that has done more than so many flows by itself is not new: nothing is lent to it.
pub const NEWCOMER_FLOWS: u64 = 20;
/// Bytes of one MUD file: a profile that is full has room.
pub const MUD_BYTES: usize = 1024 * 1024;
/// Rules of one MUD file, all of its lists together.
pub const MUD_RULES: usize = 2_048;
/// Bytes of one text in a MUD file, as the YANG bounds `systeminfo` and URIs are bounded by custom.
pub const MUD_TEXT: usize = 255;
/// Letters of one sequence that are read.
pub const SEQUENCE_LETTERS: usize = 500;
/// Sequences that one model learns from.
pub const SEQUENCES: usize = 65_536;
/// Different steps of three letters that a chain remembers.
pub const MARKOV_STEPS: usize = 65_536;
/// Different runs of letters that a regression weighs.
pub const NGRAMS: usize = 16_384;
/// Classes that one boosted classifier tells apart.
pub const BOOSTED_CLASSES: usize = 32;
/// Leaves of one boosted tree.
pub const BOOSTED_LEAVES: usize = 64;
/// Trees of one class.
pub const BOOSTED_ROUNDS: usize = 500;
/// Trees of one boosted classifier.
pub const BOOSTED_TREES: usize = 2_048;
/// Sums that one adaptive window keeps: five of each power of two up to 2^32.
pub const ADWIN_BUCKETS: usize = 160;
