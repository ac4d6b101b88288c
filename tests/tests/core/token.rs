//! A security key in software: it says of itself what a test wants (OpenSSH PROTOCOL.u2f).

use sansh::crypto::{Hash, Provider};
use sansh_testkit::pair::{RUSTCRYPTO, key};
use sansh_testkit::raw::strings;

/// The type of key, and the algorithm.
pub(super) const NAME: &str = "sk-ssh-ed25519@openssh.com";
/// Somebody touched it.
pub(super) const PRESENT: u8 = 1;
/// Somebody showed a PIN or a finger.
pub(super) const VERIFIED: u8 = 4;

const APPLICATION: &[u8] = b"ssh:";

/// The public key of a seed.
pub(super) fn blob(seed: u8) -> Vec<u8> {
    let plain = key(seed);
    let public = plain.public_blob().last_chunk::<32>().expect("an ed25519 key");
    strings(&[NAME.as_bytes(), public, APPLICATION])
}

/// A signature that says these flags and this counter.
pub(super) fn sign(seed: u8, flags: u8, counter: u32, message: &[u8]) -> Vec<u8> {
    let said = [&[flags][..], &counter.to_be_bytes()].concat();
    let signed = [&sha256(APPLICATION)[..], &said, &sha256(message)].concat();
    let plain = key(seed).sign("ssh-ed25519", &signed).expect("a signature");
    let signature = plain.last_chunk::<64>().expect("an ed25519 signature");
    [strings(&[NAME.as_bytes(), signature]), said].concat()
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    let mut digest = RUSTCRYPTO.digest(Hash::Sha256).expect("memory");
    let mut hash = [0; Hash::MAX];
    digest.update(bytes);
    digest.finish(&mut hash);
    hash[..32].to_vec()
}
