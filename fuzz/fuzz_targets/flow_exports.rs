//! NetFlow and IPFIX datagrams.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::bodies::flow_exports(data));
