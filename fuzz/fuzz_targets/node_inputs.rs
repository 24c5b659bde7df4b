//! A node under any order of inputs from any peers.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::bodies::node_inputs(data));
