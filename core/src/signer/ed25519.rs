//! Ed25519 private keys (RFC 8709, RFC 8032).

use super::{BadKeyFile, Kind, Names, SignError, Zeroizing};
use crate::crypto::try_box;
use crate::keys::{ED25519, OutOfMemory, SignatureBlob, ed25519_blob};
use crate::wire::{Reader, Sink, put_string};
use alloc::boxed::Box;
use alloc::vec::Vec;
use ed25519_dalek::{Signer, SigningKey};

const NAMES: Names = Names { key: ED25519, algorithms: &[ED25519], certified: &["ssh-ed25519-cert-v01@openssh.com"] };

/// The key wipes itself.
pub(super) struct Ed25519(Box<[SigningKey; 1]>);

impl Ed25519 {
    pub(super) fn from_seed(seed: &[u8; 32]) -> Result<Self, OutOfMemory> {
        try_box(SigningKey::from_bytes(seed)).map(Ed25519).map_err(|_| OutOfMemory)
    }

    pub(super) fn seed(&self) -> &[u8; 32] {
        self.key().as_bytes()
    }

    /// `string public, string seed and public`. The public half stands there twice and follows from the seed: all three
    /// must agree, since a signature with another key's public half gives the private one away.
    pub(super) fn read(fields: &mut Reader<'_>) -> Result<Self, BadKeyFile> {
        let public = fields.string()?;
        let pair: &[u8; 64] = fields.string()?.try_into().map_err(|_| BadKeyFile::Damaged)?;
        let (seed, public_again) = pair.split_first_chunk::<32>().ok_or(BadKeyFile::Damaged)?;
        let key = Self::from_seed(seed)?;
        if !key.has_public(public) || !key.has_public(public_again) {
            return Err(BadKeyFile::Mismatch);
        }
        Ok(key)
    }

    pub(super) fn has_public(&self, public: &[u8]) -> bool {
        self.key().verifying_key().as_bytes() == public
    }

    fn key(&self) -> &SigningKey {
        let [key] = &*self.0;
        key
    }
}

impl Kind for Ed25519 {
    fn names(&self) -> &'static Names {
        &NAMES
    }

    /// The public half stands there even behind a certificate.
    fn write(&self, sink: &mut dyn Sink, _certified: bool) {
        put_string(sink, self.key().verifying_key().as_bytes());
        let pair = Zeroizing::new(self.key().to_keypair_bytes());
        put_string(sink, &*pair);
    }

    fn write_public(&self, sink: &mut dyn Sink) {
        sink.put(&ed25519_blob(self.key().verifying_key().as_bytes()));
    }

    fn sign(&self, algorithm: &'static str, message: &[u8]) -> Result<Vec<u8>, SignError> {
        // RFC 8709, section 6: 64 bytes, in the encoding of RFC 8032, section 5.1.6.
        let signature = self.key().try_sign(message).map_err(|_| SignError::Fault)?.to_bytes();
        Ok(SignatureBlob { algorithm, signature: &signature }.to_vec()?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::PrivateKey;
    use super::*;
    use crate::keys::PublicKey;

    /// RFC 8032, section 7.1, test 3.
    #[test]
    fn the_known_answer() {
        let hex = |text: &str| -> Vec<u8> {
            (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
        };
        let seed = hex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7");
        let public = hex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
        let signature = hex(concat!(
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac",
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ));
        let key = PrivateKey::ed25519_from_seed(&seed.try_into().unwrap()).unwrap();
        assert_eq!(key.public_blob(), ed25519_blob(&public.try_into().unwrap()));
        assert_eq!(key.public_key(), PublicKey::new(key.public_blob()));
        let blob = key.sign("ssh-ed25519", &[0xaf, 0x82]).unwrap();
        let read = SignatureBlob::parse(&blob).unwrap();
        assert_eq!((read.algorithm, read.signature), ("ssh-ed25519", &signature[..]));
        assert_eq!(key.sign("rsa-sha2-256", b""), Err(SignError::Algorithm));
        assert_eq!(key.algorithms(), ["ssh-ed25519"]);
    }
}
