#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| drop(sansh::fuzzing::server_before_login(data)));
