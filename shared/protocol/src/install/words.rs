//! Why an update ended badly, as people read it.

use std::fmt;

use super::{Act, Mishap, Reason, Worry};

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Untrusted => f.write_str("the signed metadata names another image"),
            Self::BelowFloor => {
                f.write_str("its release counter is below what was committed before")
            }
            Self::AlreadyRuns => f.write_str("it runs already"),
            Self::Failed(act, mishap) => write!(f, "{mishap} while it {}", doing(*act)),
            Self::Hung(act) => write!(f, "it took too long while it {}", doing(*act)),
            Self::Restarts => f.write_str("the device was started again and again on the way"),
            Self::Halted => f.write_str("the rollout was halted"),
            Self::Unhealthy => f.write_str("the health command says no"),
            Self::Seen(worry, by) if by.is_empty() => {
                write!(f, "the device itself saw that {worry}")
            }
            Self::Seen(worry, by) => write!(f, "{} witnesses saw that {worry}", by.len()),
            Self::Unwitnessed => f.write_str("too few witnesses could say that it answers"),
            Self::FellBack => f.write_str("the device had gone back to the other slot"),
            Self::OtherProduct => f.write_str("it is for another product"),
            Self::NoSlots => f.write_str("nothing on this device can be updated"),
            Self::OtherHardware => f.write_str("it is for other hardware"),
        }
    }
}

impl fmt::Display for Worry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent => f.write_str("it does not answer"),
            Self::Port(port) => write!(f, "it began to listen on port {port}"),
            Self::Traffic => f.write_str("its traffic is out of its baseline"),
        }
    }
}

impl fmt::Display for Mishap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Io => "the disk failed",
            Self::Space => "there was no space",
            Self::Image => "the image was not what the slot takes",
            Self::Digest => "the bytes were not those that the metadata names",
            Self::Program => "a program of the device said no",
            Self::Slot => "the slot was not in a state for it",
        })
    }
}

const fn doing(act: Act) -> &'static str {
    match act {
        Act::Verify => "was verified",
        Act::Fetch => "was fetched",
        Act::Stage => "was put into its slot",
        Act::Switch => "was switched on",
        Act::Check => "was checked",
        Act::Commit => "was committed",
        Act::RollBack => "went back",
    }
}
