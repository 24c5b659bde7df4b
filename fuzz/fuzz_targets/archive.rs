//! Images as a device unpacks them into its slot.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::bodies::archive(data));
