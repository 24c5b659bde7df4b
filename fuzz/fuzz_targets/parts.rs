//! What is made of what runs is right, whatever an index says.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::bodies::parts(data));
