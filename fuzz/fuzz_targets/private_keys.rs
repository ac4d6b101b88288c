#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sansh::fuzzing::private_keys(data));
