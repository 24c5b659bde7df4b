//! What the crate does with real files of the data folder, which is read and never copied.

mod data;
mod kev_file;
mod nmap_files;
mod recog_files;
mod story;
