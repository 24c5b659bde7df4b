//! The roles of the repository: what the root appoints, and whom the targets role delegates to.

use tuf_core::role::RoleName;

/// A targets role that administrators sign, and the paths that it may vouch for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delegated {
    pub name: &'static str,
    pub paths: &'static str,
}

pub const FIRMWARE: &str = "firmware";
pub const TARGETS: &str = RoleName::Targets.word();
pub const ROOT: &str = RoleName::Root.word();

/// Every role is asked for its own folder alone, so their order says nothing.
pub const DELEGATED: [Delegated; 4] = [
    Delegated {
        name: FIRMWARE,
        paths: "firmware/*/*",
    },
    Delegated {
        name: "policy",
        paths: "policy/*/*",
    },
    Delegated {
        name: "models",
        paths: "models/*/*",
    },
    Delegated {
        name: "feeds",
        paths: "feeds/*/*",
    },
];

pub fn is_delegated(role: &str) -> bool {
    DELEGATED.iter().any(|delegated| delegated.name == role)
}
