//! Reports: what people print, sign and hand over, as a tagged PDF and as a table for spreadsheets.
//!
//! A report is plain values; nothing here reads a clock, a file or a store, and the same report gives the same bytes.
#![forbid(unsafe_code)]

pub mod report;

pub mod csv;
pub mod pdf;

pub mod limits;

mod columns;
mod fonts;
mod page;
mod tags;
