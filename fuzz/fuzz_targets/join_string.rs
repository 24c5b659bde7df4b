//! Join strings and recovery words as people paste them.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::bodies::join_string(data));
