#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| drop(sansh::fuzzing::client_after_login(data)));
