//! Times, to be read by people: `cargo test --release --features aws_lc --test providers_speed -- --ignored --nocapture`.
#![cfg(feature = "rustcrypto")]
#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "tests")]

use core::time::Duration;
use sansh::crypto::{DirectionKeys, Provider, Random, Seed, SharedSecret};
use std::time::Instant;

fn providers() -> Vec<&'static dyn Provider> {
    vec![
        &sansh::crypto::rustcrypto::RustCrypto,
        #[cfg(feature = "aws_lc")]
        &sansh::crypto::aws_lc::AwsLc,
    ]
}

/// Nanoseconds per call: the best of some runs.
fn time(mut call: impl FnMut()) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..8 {
        let start = Instant::now();
        let mut calls = 0_u32;
        while start.elapsed() < Duration::from_millis(20) {
            (0..16).for_each(|_| call());
            calls += 16;
        }
        best = best.min(start.elapsed().as_nanos() as f64 / f64::from(calls));
    }
    best
}

#[test]
#[ignore = "prints times"]
fn packets() {
    println!("{:10} {:45} {:>7} {:>9} {:>9} {:>7}", "provider", "suite", "bytes", "seal ns", "open ns", "GB/s");
    for provider in providers() {
        for cipher in provider.ciphers() {
            let macs = if cipher.aead() { vec![None] } else { provider.macs().iter().copied().map(Some).collect() };
            for mac in macs {
                let (key, iv) = (vec![1; cipher.key_len()], vec![2; cipher.iv_len()]);
                let mac_key = vec![3; mac.map_or(0, |mac| mac.key_len())];
                let keys = DirectionKeys { key: &key, iv: &iv, mac: &mac_key };
                for n in [64_usize, 1024, 32768] {
                    let mut seal = cipher.seal(&keys, mac).unwrap();
                    let lead = if seal.alignment().counts_length { 0 } else { 4 };
                    let mut packet = vec![0; lead + n + seal.tag_len()];
                    let sealing = time(|| seal.seal(7, &mut packet).unwrap());

                    // One call opens a packet that was sealed before the clock ran; the best batch of many.
                    let batch = if n > 4096 { 16 } else { 256 };
                    let mut opening = f64::MAX;
                    for _ in 0..40 {
                        let (mut seal, mut open) = (cipher.seal(&keys, mac).unwrap(), cipher.open(&keys, mac).unwrap());
                        let mut packets = vec![vec![0; packet.len()]; batch];
                        packets.iter_mut().for_each(|packet| seal.seal(7, packet).unwrap());
                        let head = open.head();
                        let start = Instant::now();
                        for packet in &mut packets {
                            open.length(7, &mut packet[..head]);
                            open.open(7, packet).unwrap();
                        }
                        opening = opening.min(start.elapsed().as_nanos() as f64 / batch as f64);
                    }
                    let suite = format!("{} {}", cipher.name(), mac.map_or("", |mac| mac.name()));
                    let rate = n as f64 / sealing;
                    println!("{:10} {suite:45} {n:7} {sealing:9.0} {opening:9.0} {rate:7.2}", provider.name());
                }
            }
        }
    }
}

#[test]
#[ignore = "prints times"]
fn exchanges() {
    println!("{:10} {:30} {:>9} {:>9} {:>9}", "provider", "method", "start us", "respond", "finish");
    for provider in providers() {
        for method in &provider.kex()[..2] {
            let mut random = Random::new(&Seed::new([1; 32]));
            let (mut public, mut reply) = (vec![0; method.public_len()], vec![0; method.public_len()]);
            let mut secret = SharedSecret::empty();
            let start = time(|| drop(method.start(&mut random, &mut public).unwrap()));
            let respond = time(|| {
                method.respond(&mut random, &public, &mut reply, &mut secret).unwrap();
            });
            let both = time(|| {
                let (length, mut client) = method.start(&mut random, &mut public).unwrap();
                let length = method.respond(&mut random, &public[..length], &mut reply, &mut secret).unwrap();
                client.finish(&reply[..length], &mut secret).unwrap();
            });
            let finish = both - start - respond;
            let [start, respond, finish] = [start, respond, finish].map(|ns| ns / 1000.0);
            println!("{:10} {:30} {start:9.1} {respond:9.1} {finish:9.1}", provider.name(), method.name());
        }
    }
}
