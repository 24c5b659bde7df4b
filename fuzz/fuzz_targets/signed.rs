//! Envelopes: only the one form, and only under the key that signed it.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::bodies::signed(data));
