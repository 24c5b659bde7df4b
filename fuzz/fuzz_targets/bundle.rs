//! Releases that somebody carries to a device.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::bodies::bundle(data));
