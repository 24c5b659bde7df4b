//! A bill of materials is written as it is read.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::bodies::sboms(data));
