//! The pieces that pages are made of.

pub mod status;
pub mod text;
pub mod time;

pub mod alike;
pub mod chips;
pub mod class;
pub mod form;
pub mod groups;
pub mod paging;
pub mod views;

pub mod chart;
pub mod quantity;
pub mod sentence;
pub mod severity;
pub mod sparkline;

pub mod qr;
