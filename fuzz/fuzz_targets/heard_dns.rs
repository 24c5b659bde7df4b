//! DNS messages in all their forms.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::bodies::heard_dns(data));
