//! Rules and lines that nobody of us has written.

mod rules;
mod windows;
