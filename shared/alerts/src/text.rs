//! The lengths of texts of this crate, and how text from elsewhere is made to fit.

use protocol::text::Line;

pub use protocol::text::Name;

/// What an alert is called.
pub type Title = Line<160>;
/// A sentence or two.
pub type Says = Line<512>;

/// Text of any length made to fit, never empty.
pub fn fitted<const MAX: usize>(text: &str) -> Line<MAX> {
    Line::fitted(text).unwrap_or_else(|| Line::new("–").expect("a dash fits"))
}
