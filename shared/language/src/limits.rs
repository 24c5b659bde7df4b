//! Upper bounds on what comes from outside.

/// Ranges of an `Accept-Language` header that are read; browsers send fewer than ten.
pub const ACCEPTED_RANGES: usize = 64;
