//! A post-quantum key encapsulation and a curve together: `mlkem768x25519-sha256` and `mlkem768nistp256-sha256`
//! (draft-ietf-sshm-mlkem-hybrid-kex, section 2), `sntrup761x25519-sha512` (RFC 9941, section 3).
//!
//! ```text
//! client   C_INIT  = C_PK2 (the encapsulation key)  ‖  C_PK1 (the curve's public value)
//! server   S_REPLY = S_CT2 (the ciphertext)         ‖  S_PK1 (the curve's public value)
//! both     K       = HASH(K_PQ ‖ K_CL), encoded as string
//! ```
//!
//! Whoever breaks one of the two has learned nothing of K yet. K_CL is the x coordinate at its full length.

use super::ecdh::Curve;
use crate::crypto::{CryptoError, CryptoRng, Hash, KexClient, KexMethod, SecretEncoding, SharedSecret, try_box};
use alloc::boxed::Box;
use core::fmt;
use core::marker::PhantomData;
use sha2::{Digest as _, Sha256, Sha512};
use zeroize::Zeroizing;

/// Length of a key encapsulation's shared secret: ML-KEM-768's (FIPS 203, table 3) and sntrup761's.
pub(in crate::crypto) const SS: usize = 32;

/// The decapsulation key of a key encapsulation mechanism, used once and wiped when it goes.
pub(in crate::crypto) trait Kem: Sized + Send + Sync + 'static {
    /// The hash of the hybrid.
    const HASH: Hash;
    /// Length of an encapsulation key in bytes.
    const PUBLIC: usize;
    /// Length of a ciphertext in bytes.
    const CIPHERTEXT: usize;
    /// A new key. Writes its public half; `public` is exactly as long.
    fn new(random: &mut dyn CryptoRng, public: &mut [u8]) -> Result<Self, CryptoError>;
    /// Of a ciphertext of the right length. Never says that one is bad: the secret is then a random one.
    fn decapsulate(&self, ciphertext: &[u8]) -> Result<Zeroizing<[u8; SS]>, CryptoError>;
    /// To an encapsulation key of the right length. Writes the ciphertext, which is exactly as long as that.
    ///
    /// # Errors
    /// [`CryptoError::BadValue`] if the mechanism knows bad keys and `theirs` is one.
    fn encapsulate(
        random: &mut dyn CryptoRng,
        theirs: &[u8],
        ciphertext: &mut [u8],
    ) -> Result<Zeroizing<[u8; SS]>, CryptoError>;
}

/// The row.
pub(in crate::crypto) struct HybridRow<K, C> {
    name: &'static str,
    primitives: PhantomData<fn() -> (K, C)>,
}

impl<K: Kem, C: Curve> HybridRow<K, C> {
    const C_INIT: usize = K::PUBLIC.saturating_add(C::PUBLIC);
    const S_REPLY: usize = K::CIPHERTEXT.saturating_add(C::PUBLIC);

    pub(in crate::crypto) const fn new(name: &'static str) -> Self {
        HybridRow { name, primitives: PhantomData }
    }
}

impl<K, C> fmt::Debug for HybridRow<K, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The two parts of a public value of ours.
fn parts(public: &mut [u8], kem: usize, curve: usize) -> Result<(&mut [u8], &mut [u8]), CryptoError> {
    let (first, rest) = public.split_at_mut_checked(kem).ok_or(CryptoError::Failed)?;
    Ok((first, rest.get_mut(..curve).ok_or(CryptoError::Failed)?))
}

/// K = HASH(K_PQ ‖ K_CL).
fn combine(
    hash: Hash,
    post_quantum: &[u8; SS],
    classical: &[u8],
    secret: &mut SharedSecret,
) -> Result<(), CryptoError> {
    match hash {
        Hash::Sha256 => {
            let k = Sha256::new().chain_update(post_quantum).chain_update(classical).finalize();
            secret.set(&*Zeroizing::new(<[u8; 32]>::from(k)))
        }
        Hash::Sha512 => {
            let k = Sha512::new().chain_update(post_quantum).chain_update(classical).finalize();
            secret.set(&*Zeroizing::new(<[u8; 64]>::from(k)))
        }
        Hash::Sha384 => Err(CryptoError::Failed),
    }
}

impl<K: Kem, C: Curve> KexMethod for HybridRow<K, C> {
    fn name(&self) -> &'static str {
        self.name
    }
    fn hash(&self) -> Hash {
        K::HASH
    }
    fn secret_encoding(&self) -> SecretEncoding {
        SecretEncoding::String
    }
    fn public_len(&self) -> usize {
        Self::C_INIT.max(Self::S_REPLY)
    }
    fn start(&self, random: &mut dyn CryptoRng, public: &mut [u8]) -> Result<(usize, Box<dyn KexClient>), CryptoError> {
        let (key, share) = parts(public, K::PUBLIC, C::PUBLIC)?;
        let post_quantum = K::new(random, key)?;
        let classical = C::new(random)?;
        classical.public(share)?;
        let waiting: Box<[_; 1]> = try_box(HybridClient(Some((post_quantum, classical))))?;
        Ok((Self::C_INIT, waiting))
    }
    fn respond(
        &self,
        random: &mut dyn CryptoRng,
        theirs: &[u8],
        public: &mut [u8],
        secret: &mut SharedSecret,
    ) -> Result<usize, CryptoError> {
        // A value of the wrong length, or an encapsulation key that fails its check, MUST end the exchange (section 2.3).
        let (key, their_share) = theirs.split_at_checked(K::PUBLIC).ok_or(CryptoError::BadValue)?;
        let (ciphertext, share) = parts(public, K::CIPHERTEXT, C::PUBLIC)?;
        let ours = C::new(random)?;
        ours.public(share)?;
        // The cheap one first, as it also checks the length.
        let classical = ours.agree(their_share)?;
        let post_quantum = K::encapsulate(random, key, ciphertext)?;
        combine(K::HASH, &post_quantum, (*classical).as_ref(), secret)?;
        Ok(Self::S_REPLY)
    }
}

/// The client's keys, until the server's value has come.
pub(in crate::crypto) struct HybridClient<K, C>(Option<(K, C)>);

impl<K: Kem, C: Curve> KexClient for HybridClient<K, C> {
    fn finish(&mut self, theirs: &[u8], secret: &mut SharedSecret) -> Result<(), CryptoError> {
        let (post_quantum, classical) = self.0.as_ref().ok_or(CryptoError::Failed)?;
        let both = theirs.split_at_checked(K::CIPHERTEXT).ok_or(CryptoError::BadValue);
        let both = both.and_then(|(sealed, share)| Ok((post_quantum.decapsulate(sealed)?, classical.agree(share)?)));
        // Wiped where they lie.
        self.0 = None;
        let (post_quantum, classical) = both?;
        combine(K::HASH, &post_quantum, (*classical).as_ref(), secret)
    }
}
