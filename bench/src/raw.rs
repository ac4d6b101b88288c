//! The raw ciphers, called as a program without a protocol would: in place, on the packet's bytes.

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use aws_lc_rs::aead::chacha20_poly1305_openssh::{OpeningKey, SealingKey};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce as AwsNonce, UnboundKey};
use chacha20::ChaCha20;
use chacha20::cipher::{KeyIvInit, StreamCipher, StreamCipherSeek};
use poly1305::Poly1305;

/// Seals and opens one packet: four bytes of length, a body, 16 bytes of tag.
pub(crate) trait Raw {
    fn seal(&mut self, sequence: u32, packet: &mut [u8]);
    fn open(&mut self, sequence: u32, packet: &mut [u8]) -> bool;
}

/// The raw cipher of a provider.
pub(crate) fn raw(provider: &str, cipher: &str) -> Box<dyn Raw> {
    match (provider, cipher) {
        ("rustcrypto", "aes256-gcm@openssh.com") => Box::new(RustGcm(Aes256Gcm::new(&[9; 32].into()))),
        ("rustcrypto", _) => Box::new(RustChaCha),
        (_, "aes256-gcm@openssh.com") => {
            Box::new(AwsGcm(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[9; 32]).expect("32 bytes"))))
        }
        _ => Box::new(AwsChaCha { seal: SealingKey::new(&[9; 64]), open: OpeningKey::new(&[9; 64]) }),
    }
}

fn nonce(sequence: u32) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[8..].copy_from_slice(&sequence.to_be_bytes());
    nonce
}

struct RustGcm(Aes256Gcm);

impl Raw for RustGcm {
    fn seal(&mut self, sequence: u32, packet: &mut [u8]) {
        let (covered, tag) = packet.split_at_mut(packet.len() - 16);
        let (length, body) = covered.split_at_mut(4);
        let nonce = Nonce::from(nonce(sequence));
        let made = self.0.encrypt_inout_detached(&nonce, length, body.into()).expect("small");
        tag.copy_from_slice(&made);
    }
    fn open(&mut self, sequence: u32, packet: &mut [u8]) -> bool {
        let (covered, tag) = packet.split_at_mut(packet.len() - 16);
        let (length, body) = covered.split_at_mut(4);
        let tag: [u8; 16] = (&*tag).try_into().expect("16 bytes");
        self.0.decrypt_inout_detached(&Nonce::from(nonce(sequence)), length, body.into(), &tag.into()).is_ok()
    }
}

/// `chacha20` and `poly1305`, composed as OpenSSH's PROTOCOL.chacha20poly1305 says.
struct RustChaCha;

fn keyed(sequence: u32) -> (ChaCha20, Poly1305) {
    let mut cipher = ChaCha20::new(&[9; 32].into(), &nonce(sequence).into());
    let mut key = [0; 32];
    cipher.apply_keystream(&mut key);
    cipher.seek(64_u32);
    (cipher, Poly1305::new(&key.into()))
}

impl Raw for RustChaCha {
    fn seal(&mut self, sequence: u32, packet: &mut [u8]) {
        let (covered, tag) = packet.split_at_mut(packet.len() - 16);
        ChaCha20::new(&[8; 32].into(), &nonce(sequence).into()).apply_keystream(&mut covered[..4]);
        let (mut cipher, mac) = keyed(sequence);
        cipher.apply_keystream(&mut covered[4..]);
        tag.copy_from_slice(&mac.compute_unpadded(covered));
    }
    fn open(&mut self, sequence: u32, packet: &mut [u8]) -> bool {
        let (covered, tag) = packet.split_at_mut(packet.len() - 16);
        let (mut cipher, mac) = keyed(sequence);
        let fits = mac.compute_unpadded(covered)[..] == *tag;
        ChaCha20::new(&[8; 32].into(), &nonce(sequence).into()).apply_keystream(&mut covered[..4]);
        cipher.apply_keystream(&mut covered[4..]);
        fits
    }
}

struct AwsGcm(LessSafeKey);

impl Raw for AwsGcm {
    fn seal(&mut self, sequence: u32, packet: &mut [u8]) {
        let (covered, tag) = packet.split_at_mut(packet.len() - 16);
        let (length, body) = covered.split_at_mut(4);
        let nonce = AwsNonce::assume_unique_for_key(nonce(sequence));
        let made = self.0.seal_in_place_separate_tag(nonce, Aad::from(&*length), body).expect("small");
        tag.copy_from_slice(made.as_ref());
    }
    fn open(&mut self, sequence: u32, packet: &mut [u8]) -> bool {
        let (covered, tag) = packet.split_at_mut(packet.len() - 16);
        let (length, body) = covered.split_at_mut(4);
        let nonce = AwsNonce::assume_unique_for_key(nonce(sequence));
        self.0.open_in_place_separate_tag(nonce, Aad::from(&*length), tag, body).is_ok()
    }
}

struct AwsChaCha {
    seal: SealingKey,
    open: OpeningKey,
}

impl Raw for AwsChaCha {
    fn seal(&mut self, sequence: u32, packet: &mut [u8]) {
        let (covered, tag) = packet.split_at_mut(packet.len() - 16);
        self.seal.seal_in_place(sequence, covered, tag.try_into().expect("16 bytes"));
    }
    fn open(&mut self, sequence: u32, packet: &mut [u8]) -> bool {
        let (covered, tag) = packet.split_at_mut(packet.len() - 16);
        let head: [u8; 4] = covered[..4].try_into().expect("4 bytes");
        let _length = self.open.decrypt_packet_length(sequence, head);
        self.open.open_in_place(sequence, covered, (&*tag).try_into().expect("16 bytes")).is_ok()
    }
}
