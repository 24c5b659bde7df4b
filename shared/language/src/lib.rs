//! What the product says to people, in each language that it speaks.
//!
//! The English text is the key, as in gettext. [`say!`], [`count!`] and [`word!`] look it up while the compiler runs, so
//! a text without a translation, or one whose placeholders differ, does not build. Which language is spoken is a matter of
//! the thread: [`present::speaking`] and [`present::Speaking`] set it, and outside of both it is English.
#![forbid(unsafe_code)]

mod tongue;

mod catalogue;
mod fill;
mod macros;
pub mod number;

mod french;

pub mod accepted;
pub mod present;
pub mod written;

pub mod limits;

pub use catalogue::{Word, entries, find};
pub use fill::{Piece, choose, fill, pieces};
pub use tongue::{Language, NoLanguage};
