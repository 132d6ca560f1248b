#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| prodos_fuzz::manifest(bytes));
