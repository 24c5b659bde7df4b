//! Flows of devices, judged: frames and flows in, firings and pages of profiles out.
//!
//! It joins what is heard (`hearing`) with what is usual (`detect`). A node feeds it from its interfaces, a scenario
//! from a seed; both get the same verdicts. It opens no socket and knows no clock.
#![forbid(unsafe_code)]

pub mod limits;
pub mod whose;

pub mod lookout;

pub mod firing;
pub mod page;

pub mod observe;
pub mod replay;
