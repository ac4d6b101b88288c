//! NO SECURITY: a provider that neither encrypts nor authenticates, so that tests and fuzzers see every byte.
//!
//! Its exchange agrees on what everybody can read, its cipher leaves packets as they are and its signatures are all
//! good. It is not a fast provider and not the cipher `none` of RFC 4253. A release build with the feature
//! `null_provider` does not compile, unless a fuzzer makes it.

#![allow(unexpected_cfgs)] // `fuzzing` is set by cargo-fuzz.

use super::{
    Alignment, Cipher, CryptoError, CryptoRng, Digest, DirectionKeys, Group, GroupExchange, Hash, KexClient, KexMethod,
    KexShape, Mac, Open, Provider, Seal, SecretEncoding, SharedSecret, SignatureAlgorithm, Verified, try_box,
};
use crate::wire::Reader;
use alloc::boxed::Box;
use core::mem::size_of;

#[cfg(not(any(test, fuzzing, debug_assertions)))]
compile_error!("the feature null_provider gives NO SECURITY and is for tests and fuzzing alone");

/// NO SECURITY.
#[derive(Clone, Copy, Debug, Default)]
pub struct Null;

const NAME: &str = "null";
const SHARE: usize = 32;

impl Provider for Null {
    fn name(&self) -> &'static str {
        "null, NO SECURITY"
    }
    fn kex(&self) -> &'static [&'static dyn KexMethod] {
        &[&NullKex, &NullGroupKex]
    }
    fn ciphers(&self) -> &'static [&'static dyn Cipher] {
        &[&NullCipher]
    }
    fn macs(&self) -> &'static [&'static dyn Mac] {
        &[]
    }
    fn signatures(&self) -> &'static [&'static dyn SignatureAlgorithm] {
        &[&NullSignature]
    }
    fn digest(&self, hash: Hash) -> Result<Box<dyn Digest>, CryptoError> {
        let digest: Box<[_; 1]> = try_box(NullDigest { hash, state: NullDigest::START })?;
        Ok(digest)
    }
    fn state_bytes(&self) -> usize {
        // A box of nothing takes no heap, so the directions do not count.
        size_of::<NullClient>().saturating_add(size_of::<NullDigest>())
    }
}

/// Both sides send 32 bytes; the secret is the client's and then the server's.
#[derive(Debug)]
struct NullKex;

/// What the client sent.
struct NullClient([u8; SHARE]);

fn join(client: &[u8; SHARE], server: &[u8; SHARE], secret: &mut SharedSecret) -> Result<(), CryptoError> {
    let mut both = [0; 64];
    for (to, from) in both.iter_mut().zip(client.iter().chain(server)) {
        *to = *from;
    }
    secret.set(&both)
}

impl KexMethod for NullKex {
    fn name(&self) -> &'static str {
        NAME
    }
    fn hash(&self) -> Hash {
        Hash::Sha256
    }
    fn secret_encoding(&self) -> SecretEncoding {
        SecretEncoding::String
    }
    fn public_len(&self) -> usize {
        SHARE
    }
    fn start(&self, random: &mut dyn CryptoRng, public: &mut [u8]) -> Result<(usize, Box<dyn KexClient>), CryptoError> {
        let public = public.first_chunk_mut().ok_or(CryptoError::Failed)?;
        random.fill_bytes(public);
        let waiting: Box<[_; 1]> = try_box(NullClient(*public))?;
        Ok((SHARE, waiting))
    }
    fn respond(
        &self,
        random: &mut dyn CryptoRng,
        theirs: &[u8],
        public: &mut [u8],
        secret: &mut SharedSecret,
    ) -> Result<usize, CryptoError> {
        let theirs = theirs.try_into().map_err(|_| CryptoError::BadValue)?;
        let public = public.first_chunk_mut().ok_or(CryptoError::Failed)?;
        random.fill_bytes(public);
        join(theirs, public, secret)?;
        Ok(SHARE)
    }
}

/// The same with a group, which means nothing.
#[derive(Debug)]
struct NullGroupKex;

impl KexMethod for NullGroupKex {
    fn name(&self) -> &'static str {
        "null-group"
    }
    fn shape(&self) -> KexShape {
        KexShape::GroupExchange
    }
    fn hash(&self) -> Hash {
        Hash::Sha256
    }
    fn secret_encoding(&self) -> SecretEncoding {
        SecretEncoding::String
    }
    fn public_len(&self) -> usize {
        SHARE
    }
    fn start(&self, _: &mut dyn CryptoRng, _: &mut [u8]) -> Result<(usize, Box<dyn KexClient>), CryptoError> {
        Err(CryptoError::Failed)
    }
    fn respond(
        &self,
        _: &mut dyn CryptoRng,
        _: &[u8],
        _: &mut [u8],
        _: &mut SharedSecret,
    ) -> Result<usize, CryptoError> {
        Err(CryptoError::Failed)
    }
    fn groups(&self) -> Option<&dyn GroupExchange> {
        Some(self)
    }
    fn by_default(&self) -> bool {
        false
    }
}

impl GroupExchange for NullGroupKex {
    fn choose(&self, least: u32, _: u32, _: u32) -> Option<Group<'static>> {
        (least <= 8192).then_some(Group { prime: b"null", generator: b"g" })
    }
    fn start(
        &self,
        group: Group<'_>,
        random: &mut dyn CryptoRng,
        public: &mut [u8],
    ) -> Result<(usize, Box<dyn KexClient>), CryptoError> {
        if group.prime.is_empty() {
            return Err(CryptoError::BadValue);
        }
        NullKex.start(random, public)
    }
    fn respond(
        &self,
        _: Group<'_>,
        random: &mut dyn CryptoRng,
        theirs: &[u8],
        public: &mut [u8],
        secret: &mut SharedSecret,
    ) -> Result<usize, CryptoError> {
        NullKex.respond(random, theirs, public, secret)
    }
}

impl KexClient for NullClient {
    fn finish(&mut self, theirs: &[u8], secret: &mut SharedSecret) -> Result<(), CryptoError> {
        join(&self.0, theirs.try_into().map_err(|_| CryptoError::BadValue)?, secret)
    }
}

/// An AEAD without a key, a tag or any effect.
#[derive(Debug)]
struct NullCipher;

impl Cipher for NullCipher {
    fn name(&self) -> &'static str {
        NAME
    }
    fn key_len(&self) -> usize {
        0
    }
    fn iv_len(&self) -> usize {
        0
    }
    fn aead(&self) -> bool {
        true
    }
    fn bytes_per_key(&self) -> u64 {
        u64::MAX
    }
    fn seal(&self, _: &DirectionKeys<'_>, _: Option<&dyn Mac>) -> Result<Box<dyn Seal>, CryptoError> {
        let sealing: Box<[_; 1]> = try_box(NullDirection)?;
        Ok(sealing)
    }
    fn open(&self, _: &DirectionKeys<'_>, _: Option<&dyn Mac>) -> Result<Box<dyn Open>, CryptoError> {
        let opening: Box<[_; 1]> = try_box(NullDirection)?;
        Ok(opening)
    }
}

struct NullDirection;

const ALIGNMENT: Alignment = Alignment { block: 8, counts_length: false };

impl Seal for NullDirection {
    fn alignment(&self) -> Alignment {
        ALIGNMENT
    }
    fn tag_len(&self) -> usize {
        0
    }
    fn seal(&mut self, _: u32, packet: &mut [u8]) -> Result<(), CryptoError> {
        if packet.len() < 4 { Err(CryptoError::Failed) } else { Ok(()) }
    }
}

impl Open for NullDirection {
    fn alignment(&self) -> Alignment {
        ALIGNMENT
    }
    fn tag_len(&self) -> usize {
        0
    }
    fn head(&self) -> usize {
        4
    }
    fn length_is_unauthenticated(&self) -> bool {
        false
    }
    fn length(&mut self, _: u32, head: &mut [u8]) -> u32 {
        head.first_chunk().map_or(0, |length| u32::from_be_bytes(*length))
    }
    fn open(&mut self, _: u32, packet: &mut [u8]) -> Result<(), CryptoError> {
        if packet.len() < 4 { Err(CryptoError::BadTag) } else { Ok(()) }
    }
}

/// Every signature is good if the key's blob names the type `null`.
#[derive(Debug)]
struct NullSignature;

impl SignatureAlgorithm for NullSignature {
    fn name(&self) -> &'static str {
        NAME
    }
    fn key_type(&self) -> &'static str {
        NAME
    }
    fn verify(&self, key: &[u8], _: &[u8], _: &[u8]) -> Result<Verified, CryptoError> {
        if self.accepts(key) { Ok(Verified::default()) } else { Err(CryptoError::BadSignature) }
    }
    fn accepts(&self, key: &[u8]) -> bool {
        Reader::new(key).string().is_ok_and(|name| name == NAME.as_bytes())
    }
}

/// FNV-1a: tells inputs apart that nobody chose to be alike.
struct NullDigest {
    hash: Hash,
    state: u64,
}

impl NullDigest {
    const START: u64 = 0xcbf2_9ce4_8422_2325;

    fn step(state: u64, byte: u8) -> u64 {
        (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    }
}

impl Digest for NullDigest {
    fn update(&mut self, bytes: &[u8]) {
        self.state = bytes.iter().fold(self.state, |state, byte| Self::step(state, *byte));
    }
    fn finish(&mut self, out: &mut [u8; Hash::MAX]) {
        let mut state = self.state;
        for eight in out.chunks_exact_mut(8).take(self.hash.len() / 8) {
            eight.copy_from_slice(&state.to_be_bytes());
            state = Self::step(state, 0);
        }
        self.state = Self::START;
    }
}
