//! The roles of the repository: what the root appoints, and whom the targets role delegates to.

use protocol::library::ROLES;
use tuf_core::role::RoleName;

pub const FIRMWARE: &str = "firmware";
pub const TARGETS: &str = RoleName::Targets.word();
pub const ROOT: &str = RoleName::Root.word();

pub fn is_delegated(role: &str) -> bool {
    ROLES.contains(&role)
}
