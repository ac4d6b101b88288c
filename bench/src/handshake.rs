//! P4: handshake and public-key login (signed at once), in memory, both sides on one core.
//!
//! Denominator: the sum of what no implementation can leave out, by the same provider in the same run: both sides' key
//! generations and agreements, encapsulation and decapsulation, two signatures, two verifications.

use crate::pair::Setup;
use crate::{median, providers};
use sansh::crypto::{Provider, Random, Seed, SharedSecret};
use std::time::Instant;

const KEX: &str = "mlkem768x25519-sha256";
const ROUNDS: usize = 15;
const EACH: u32 = 200;

pub(crate) fn run() {
    println!("P4  {KEX}, ssh-ed25519 both ways, in memory; microseconds each, medians of {ROUNDS} rounds of {EACH}");
    println!("{:<12} {:>10} {:>10} {:>7}", "provider", "sansh", "raw", "ratio");
    for provider in providers() {
        let mut setup = Setup::new(provider, "aes256-gcm@openssh.com", KEX);
        let (mut own, mut others) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            own.push(each(|| {
                let mut pair = setup.pair();
                setup.run(&mut pair);
                assert!(pair.ready);
            }));
            others.push(each(|| operations(provider, &setup)));
        }
        let (own, other) = (median(&mut own), median(&mut others));
        println!("{:<12} {own:>10.1} {other:>10.1} {:>7.2}", provider.name(), other / own);
    }
}

fn each(mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..EACH {
        work();
    }
    start.elapsed().as_secs_f64() * 1e6 / f64::from(EACH)
}

/// The asymmetric operations of one handshake and login.
fn operations(provider: &dyn Provider, setup: &Setup) {
    let kex = provider.kex().iter().find(|kex| kex.name() == KEX).expect("offered");
    let verifier = provider.signatures().iter().find(|row| row.name() == "ssh-ed25519").expect("offered");
    let mut random = Random::new(&Seed::new([5; 32]));
    let mut public = vec![0; kex.public_len()];
    let (length, mut client) = kex.start(&mut random, &mut public).expect("memory");
    let (mut reply, mut ours, mut theirs) = (vec![0; kex.public_len()], SharedSecret::empty(), SharedSecret::empty());
    let replied = kex.respond(&mut random, &public[..length], &mut reply, &mut ours).expect("valid");
    client.finish(&reply[..replied], &mut theirs).expect("valid");
    assert_eq!(ours.as_bytes(), theirs.as_bytes());
    for key in [&setup.host_key, &setup.user_key] {
        let signature = key.sign("ssh-ed25519", ours.as_bytes()).expect("memory");
        let _verified = verifier.verify(key.public_blob(), ours.as_bytes(), &signature).expect("good");
    }
}
