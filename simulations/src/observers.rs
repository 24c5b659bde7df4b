//! Who looks on while a world runs: told of everything that is said, and called at every step of the clock.

pub mod alarms;
pub mod announcements;
pub mod convictions;
pub mod traffic;
pub mod verdicts;

use crate::world::{Said, World};

/// How often everybody looks, whatever happens.
pub const LOOK_MS: u64 = 500;

/// Sees a world run and remembers what a scenario judges by.
pub trait Observer {
    /// A machine said something, at the end of the event in which it did.
    fn heard(&mut self, _world: &World, _said: &Said) {}

    /// The clock has moved on by [`LOOK_MS`].
    fn looked(&mut self, _world: &World) {}
}
