//! What the crate does with real files of the data folder, which is read and never copied.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests find the data folder by a variable and print how long things take"
)]

mod data;
mod kev_file;
mod mutations;
mod nmap_files;
mod recog_files;
mod story;
