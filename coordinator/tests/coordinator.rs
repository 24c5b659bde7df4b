//! The coordinator from outside, without a mesh: what people and programs are answered.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "coordinator/authenticator.rs"]
mod authenticator;
#[path = "coordinator/control.rs"]
mod control;
#[path = "coordinator/damage.rs"]
mod damage;
#[path = "coordinator/ddi.rs"]
mod ddi;
#[path = "coordinator/passkeys.rs"]
mod passkeys;
#[path = "coordinator/releases.rs"]
mod releases;
#[path = "coordinator/tried.rs"]
mod tried;
#[path = "coordinator/web.rs"]
mod web;
