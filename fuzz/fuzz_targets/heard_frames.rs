//! Frames as a segment and a flow table hear them.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::bodies::heard_frames(data));
