//! Root documents, and roots that claim to follow one.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::bodies::root(data));
