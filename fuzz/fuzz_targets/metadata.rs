//! Timestamps, snapshots and targets, and an attacker with the online keys against a device that restarts.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::bodies::metadata(data));
