//! Names of products and packages are written as they are read, and versions have an order.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::bodies::product_names(data));
