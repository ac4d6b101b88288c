//! ML-DSA-44 and Ed25519 as one key (draft-miller-sshm-mldsa44-ed25519-composite-sigs).
//!
//! Both halves sign the same text; who has to forge a signature has to break both. The halves' seeds are kept, as they
//! stand in files, and expanded for each signature.

use super::{BadKeyFile, GenerateError, Kind, Names, SignError, Zeroizing};
use crate::crypto::CryptoRng;
use crate::keys::{OutOfMemory, SignatureBlob, encode};
use crate::wire::{Reader, Sink, put_string};
use alloc::vec::Vec;
use ed25519_dalek::{Signer, SigningKey};
use ml_dsa::{ExpandedSigningKey, MlDsa44};
use sha2::{Digest, Sha512};

const NAME: &str = "ssh-mldsa44-ed25519@openssh.com";
const NAMES: Names = Names { key: NAME, algorithms: &[NAME], certified: &["ssh-mldsa44-ed25519-cert-v01@openssh.com"] };

/// What both halves sign: prefix, label, a context of no bytes, the message's hash
/// (draft-ietf-lamps-pq-composite-sigs, section 2.2). The label is ML-DSA's context as well.
const PREFIX: &[u8] = b"CompositeAlgorithmSignatures2025";
const LABEL: &[u8] = b"COMPSIG-MLDSA44-Ed25519-SHA512";

pub(super) struct MlDsaEd25519 {
    /// Of ML-DSA, then of Ed25519.
    seeds: Zeroizing<Vec<u8>>,
    /// Of ML-DSA, 1312 bytes, then of Ed25519, 32.
    public: Vec<u8>,
}

impl MlDsaEd25519 {
    pub(super) fn generate(random: &mut dyn CryptoRng) -> Result<Self, GenerateError> {
        let mut seeds = Zeroizing::new([0; 64]);
        random.fill_bytes(&mut *seeds);
        Ok(Self::from_seeds(&seeds)?)
    }

    pub(super) fn from_seeds(seeds: &[u8; 64]) -> Result<Self, OutOfMemory> {
        let (mldsa, ed25519) = expand(seeds);
        let public = encode::written(|sink| {
            sink.put(&mldsa.verifying_key().encode());
            sink.put(ed25519.verifying_key().as_bytes());
        })?;
        let seeds = Zeroizing::new(encode::written(|sink| sink.put(seeds))?);
        Ok(MlDsaEd25519 { seeds, public })
    }

    /// `string public, string seeds`; the first is in the certificate if there is one.
    pub(super) fn read(fields: &mut Reader<'_>, public: Option<&[u8]>) -> Result<Self, BadKeyFile> {
        let public = match public {
            Some(blob) => {
                let mut blob = Reader::new(blob);
                let _name = blob.string()?;
                blob.string()?
            }
            None => fields.string()?,
        };
        let seeds: &[u8; 64] = fields.string()?.try_into().map_err(|_| BadKeyFile::Damaged)?;
        let key = Self::from_seeds(seeds)?;
        if key.public == public { Ok(key) } else { Err(BadKeyFile::Mismatch) }
    }
}

fn expand(seeds: &[u8; 64]) -> (ExpandedSigningKey<MlDsa44>, SigningKey) {
    let mut halves = [Zeroizing::new([0; 32]), Zeroizing::new([0; 32])];
    for (half, bytes) in halves.iter_mut().zip(seeds.chunks(32)) {
        crate::wire::SliceSink::new(&mut **half).put(bytes);
    }
    let [mldsa, ed25519] = &halves;
    (ExpandedSigningKey::from_seed(&(**mldsa).into()), SigningKey::from_bytes(ed25519))
}

impl Kind for MlDsaEd25519 {
    fn names(&self) -> &'static Names {
        &NAMES
    }

    fn write(&self, sink: &mut dyn Sink, certified: bool) {
        if !certified {
            put_string(sink, &self.public);
        }
        put_string(sink, &self.seeds);
    }

    fn write_public(&self, sink: &mut dyn Sink) {
        put_string(sink, NAME.as_bytes());
        put_string(sink, &self.public);
    }

    /// ML-DSA signs without random numbers (FIPS 204, section 3.4): there is no generator to fail.
    fn sign(&self, algorithm: &'static str, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let seeds: &[u8; 64] = self.seeds.as_slice().try_into().map_err(|_| SignError::Fault)?;
        let (mldsa, ed25519) = expand(seeds);
        let hash = Sha512::digest(message);
        let signed = encode::written(|sink| {
            sink.put(PREFIX);
            sink.put(LABEL);
            sink.put(&[0]);
            sink.put(&hash);
        })?;
        let first = mldsa.sign_deterministic(&signed, LABEL).map_err(|_| SignError::Fault)?.encode();
        let second = ed25519.try_sign(&signed).map_err(|_| SignError::Fault)?.to_bytes();
        let signature = encode::written(|sink| {
            sink.put(&first);
            sink.put(&second);
        })?;
        Ok(SignatureBlob { algorithm, signature: &signature }.to_vec()?)
    }
}
