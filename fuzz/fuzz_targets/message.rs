//! Whatever is read as a frame, a statement or a part of an enrolment is written again as the same bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::bodies::message(data));
