//! What the rules are set to. The defaults are meant for small networks of devices; a site tunes them by rule.

const SECOND_US: u64 = 1_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameters {
    pub fan_out: FanOutParameters,
    /// The same for UDP: what looks for a way through a router sounds many ports too, so it takes more.
    pub datagrams: FanOutParameters,
    pub knocking: KnockingParameters,
    pub arp_scan: DistinctParameters,
    pub ping_sweep: DistinctParameters,
    pub login: LoginParameters,
    pub listener: ListenerParameters,
    pub burst: BurstParameters,
    pub beacon: BeaconParameters,
    pub rate: RateParameters,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            fan_out: FanOutParameters::default(),
            datagrams: FanOutParameters::datagrams(),
            knocking: KnockingParameters::default(),
            arp_scan: DistinctParameters::default(),
            ping_sweep: DistinctParameters::default(),
            login: LoginParameters::default(),
            listener: ListenerParameters::default(),
            burst: BurstParameters::default(),
            beacon: BeaconParameters::default(),
            rate: RateParameters::default(),
        }
    }
}

/// Connections asked for at many places, none of which answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FanOutParameters {
    /// Distinct (destination, port).
    pub targets: usize,
    /// Distinct destinations at one port for logins: worms knock there, and clients know whom they want.
    pub login_targets: usize,
    pub window_us: u64,
    /// Whoever has not answered for so long does not count as about to.
    pub grace_us: u64,
    /// Distinct (destination, port) over the long window: whoever is patient asks one at a time.
    pub slow_targets: usize,
    pub slow_window_us: u64,
}

impl FanOutParameters {
    /// For UDP.
    pub const fn datagrams() -> Self {
        Self {
            targets: 40,
            login_targets: usize::MAX,
            window_us: 3 * SECOND_US,
            grace_us: SECOND_US / 2,
            slow_targets: usize::MAX,
            slow_window_us: 600 * SECOND_US,
        }
    }
}

impl Default for FanOutParameters {
    fn default() -> Self {
        Self {
            targets: 10,
            login_targets: 5,
            window_us: 3 * SECOND_US,
            grace_us: SECOND_US / 2,
            slow_targets: 30,
            slow_window_us: 600 * SECOND_US,
        }
    }
}

/// One place outside that is called again and again, and does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnockingParameters {
    pub calls: usize,
    pub window_us: u64,
}

impl Default for KnockingParameters {
    fn default() -> Self {
        Self {
            calls: 60,
            window_us: 60 * SECOND_US,
        }
    }
}

/// Many different addresses asked for in a short time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DistinctParameters {
    pub addresses: usize,
    pub window_us: u64,
}

impl Default for DistinctParameters {
    fn default() -> Self {
        Self {
            addresses: 10,
            window_us: 3 * SECOND_US,
        }
    }
}

/// Logins tried again and again at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoginParameters {
    /// Attempts that are known to have failed.
    pub failed: usize,
    /// Connections to a port for logins, however they ended.
    pub tried: usize,
    pub window_us: u64,
}

impl Default for LoginParameters {
    fn default() -> Self {
        Self {
            failed: 5,
            tried: 10,
            window_us: 60 * SECOND_US,
        }
    }
}

/// A device that listens where it did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListenerParameters {
    /// So long after a device was first heard its ports are taken as usual.
    pub learn_us: u64,
}

impl Default for ListenerParameters {
    fn default() -> Self {
        Self {
            learn_us: 24 * 3600 * SECOND_US,
        }
    }
}

/// More bytes sent than the device itself ever sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BurstParameters {
    pub window_us: u64,
    /// Windows that make a baseline.
    pub windows: usize,
    /// Deviations (1.4826 MAD) above the median.
    pub deviations: u64,
    /// Times the median, at the least.
    pub times: u64,
    /// Below so many bytes in a window nothing is a burst.
    pub floor_bytes: u64,
}

impl Default for BurstParameters {
    fn default() -> Self {
        Self {
            window_us: 60 * SECOND_US,
            windows: 16,
            deviations: 12,
            times: 4,
            floor_bytes: 1_000_000,
        }
    }
}

/// Connections to one place at even intervals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BeaconParameters {
    pub intervals: usize,
    /// The median deviation from the median interval, in thousandths of it.
    pub jitter_permille: u64,
    pub shortest_us: u64,
    pub longest_us: u64,
    /// Places that a device has known for so long are its own affair: clouds are asked evenly too.
    pub known_after_us: u64,
}

impl Default for BeaconParameters {
    fn default() -> Self {
        Self {
            intervals: 8,
            jitter_permille: 50,
            shortest_us: SECOND_US,
            longest_us: 3600 * SECOND_US,
            known_after_us: 24 * 3600 * SECOND_US,
        }
    }
}

/// More connections than any device needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateParameters {
    pub connections: usize,
    pub window_us: u64,
}

impl Default for RateParameters {
    fn default() -> Self {
        Self {
            connections: 500,
            window_us: 10 * SECOND_US,
        }
    }
}
