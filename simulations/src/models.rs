//! Small worlds explored to their last state: what is claimed of them holds in every order of events.
//!
//! A scenario draws one order of events from a seed and has a whole fleet; a model has a handful of actors
//! and tries every order there is. Each has weakenings, rules broken on purpose: with them it must find a
//! counterexample, or its claims would prove nothing.

pub mod explore;
pub mod quorum;
pub mod refutation;
pub mod revocation;
pub mod tokens;

use explore::Report;

/// One model of the list.
#[derive(Debug, Clone, Copy)]
pub struct Model {
    pub name: &'static str,
    pub about: &'static str,
    /// How large the world is; what is larger is not shown.
    pub bounds: &'static str,
    pub weakenings: &'static [Weakening],
    pub explore: fn() -> Report,
}

/// A rule broken on purpose.
#[derive(Debug, Clone, Copy)]
pub struct Weakening {
    pub name: &'static str,
    pub explore: fn() -> Report,
}

impl Weakening {
    const fn new(name: &'static str, explore: fn() -> Report) -> Self {
        Self { name, explore }
    }
}

pub const ALL: &[Model] = &[
    quorum::MODEL,
    refutation::MODEL,
    tokens::MODEL,
    revocation::MODEL,
];

pub fn find(name: &str) -> Option<&'static Model> {
    ALL.iter().find(|model| model.name == name)
}
