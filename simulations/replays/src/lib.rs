//! Yardsticks that replay captures from a data folder: files in, figures out.
#![forbid(unsafe_code)]
