//! Log lines in either form are bounded, and no rule panics on them.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::bodies::log_lines(data));
