#![no_main]

#[path = "../documents.rs"]
#[allow(dead_code)]
mod documents;

libfuzzer_sys::fuzz_target!(|data: &[u8]| documents::bundle(data));
