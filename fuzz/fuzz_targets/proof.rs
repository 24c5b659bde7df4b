//! Proofs: what contradicts itself convicts its signer, and nothing else convicts anybody.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::bodies::proof(data));
