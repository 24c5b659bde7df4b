//! A filter prints as text that reads back as the same filter.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::bodies::filters(data));
