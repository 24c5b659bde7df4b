//! Whatever is read of any importer goes into a feed that reads back as itself.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::bodies::advisories(data));
