//! A report of a scanner, fed in any parts, gives the same scan, and nothing shown of it steers.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::bodies::scans(data));
