#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| drop(sansh::fuzzing::client_before_login(data)));
