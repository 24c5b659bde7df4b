//! Bodies of trained models under a good digest.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::bodies::model(data));
