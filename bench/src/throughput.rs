//! P1: one thread, in memory; the client seals channel packets and the server opens them.
//!
//! Denominator: the raw cipher seals and opens packets of the same size, in two buffers of the same size and rotation,
//! with the one copy between them. Neither side fills a packet.

use crate::pair::{Pair, Setup, carry};
use crate::raw::{Raw, raw};
use crate::{median, providers};
use sansh::channel::Stream;
use std::time::Instant;

const ROUNDS: usize = 15;
const BUFFER: usize = 256 * 1024;

pub(crate) fn run() {
    println!("P1  channel packets sealed, copied, opened, in one thread; MiB/s of payload, medians of {ROUNDS} rounds");
    println!("{:<12} {:<32} {:>7} {:>10} {:>10} {:>7}", "provider", "cipher", "bytes", "sansh", "raw", "ratio");
    for provider in providers() {
        for cipher in ["chacha20-poly1305@openssh.com", "aes256-gcm@openssh.com"] {
            for size in [32_768, 1024, 64] {
                let mut setup = Setup::new(provider, cipher, "curve25519-sha256");
                let mut pair = setup.with_channel();
                let mut raw = raw(provider.name(), cipher);
                let mut buffers = [vec![0; BUFFER], vec![0; BUFFER]];
                let total = if size == 32_768 { 96 << 20 } else { size * 40_000 };
                let (mut own, mut others) = (Vec::new(), Vec::new());
                for round in 0..=ROUNDS {
                    let sansh = rate(total, || channel(&setup, &mut pair, size, total));
                    let other = rate(total, || plain(&mut *raw, &mut buffers, size, total));
                    if round > 0 {
                        own.push(sansh);
                        others.push(other);
                    }
                }
                let (own, other) = (median(&mut own), median(&mut others));
                println!(
                    "{:<12} {:<32} {size:>7} {own:>10.0} {other:>10.0} {:>7.2}",
                    provider.name(),
                    cipher,
                    own / other
                );
            }
        }
    }
}

fn rate(total: usize, work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    total as f64 / (1 << 20) as f64 / start.elapsed().as_secs_f64()
}

/// `total` bytes over the channel, in packets of `size`.
fn channel(setup: &Setup, pair: &mut Pair, size: usize, total: usize) {
    let channel = pair.channel.expect("open");
    let goal = pair.bytes + total as u64;
    let mut written = 0;
    while pair.bytes < goal {
        while written < total {
            let Ok(mut writer) = pair.client.writer(channel, Stream::Main) else { break };
            let n = writer.space().len().min(size);
            writer.send(n);
            written += n;
        }
        while setup.client_turn(pair) {}
        carry(&mut pair.client, &mut pair.server);
        let before = pair.bytes;
        while setup.server_turn(pair) {}
        let taken = u32::try_from(pair.bytes - before).expect("a buffer");
        let accepted = pair.accepted.expect("open");
        pair.server.grant(accepted, taken).expect("there");
        while setup.server_turn(pair) {}
        // ADJUSTs, and now and then a key exchange.
        carry(&mut pair.server, &mut pair.client);
        while setup.client_turn(pair) {}
    }
}

/// The same with the raw cipher: as many packets as a buffer holds are sealed, copied and opened.
fn plain(raw: &mut dyn Raw, buffers: &mut [Vec<u8>; 2], size: usize, total: usize) {
    // Length, padding length, CHANNEL_DATA's number, recipient and length, padding to 16, tag.
    let packet = (4 + 1 + 9 + size + 4).next_multiple_of(16) + 16 + 4;
    let [here, there] = buffers;
    let (mut sequence, mut done) = (0_u32, 0);
    while done < total {
        let batch = (BUFFER / packet).min((total - done).div_ceil(size));
        for at in 0..batch {
            raw.seal(sequence + at as u32, &mut here[at * packet..(at + 1) * packet]);
        }
        there[..batch * packet].copy_from_slice(&here[..batch * packet]);
        for at in 0..batch {
            assert!(raw.open(sequence + at as u32, &mut there[at * packet..(at + 1) * packet]));
        }
        sequence = sequence.wrapping_add(batch as u32);
        done += batch * size;
    }
}
