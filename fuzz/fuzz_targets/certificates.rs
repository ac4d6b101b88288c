#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sansh::fuzzing::certificates(data));
