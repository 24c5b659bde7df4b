//! A rule's file is read or refused, and what was read can be asked.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::bodies::log_rules(data));
