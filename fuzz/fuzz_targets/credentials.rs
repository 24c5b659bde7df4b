//! The door: nobody is let in whom the identity log does not hold.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::bodies::credentials(data));
