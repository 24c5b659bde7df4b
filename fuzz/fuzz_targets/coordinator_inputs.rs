//! A coordinator under any order of inputs from any devices.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::bodies::coordinator_inputs(data));
