//! `mlkem768x25519-sha256`: ML-KEM-768 and X25519 together (draft-ietf-sshm-mlkem-hybrid-kex, section 2).
//!
//! ```text
//! client   C_INIT  = C_PK2 (1184: the encapsulation key)  ‖  C_PK1 (32: X25519)
//! server   S_REPLY = S_CT2 (1088: the ciphertext)         ‖  S_PK1 (32: X25519)
//! both     K       = SHA-256(K_PQ ‖ K_CL), encoded as string
//! ```
//!
//! Whoever breaks one of the two has learned nothing of K yet.

use super::curve25519::{self, X25519, agree};
use crate::crypto::{CryptoError, CryptoRng, Hash, KexClient, KexMethod, SecretEncoding, SharedSecret, try_box};
use alloc::boxed::Box;
use core::fmt;
use core::marker::PhantomData;
use zeroize::Zeroizing;

/// Length of an encapsulation key (FIPS 203, table 3).
pub(in crate::crypto) const EK: usize = 1184;
/// Length of a ciphertext.
pub(in crate::crypto) const CT: usize = 1088;
/// Length of ML-KEM's shared secret.
pub(in crate::crypto) const SS: usize = 32;

const C_INIT: usize = 1216;
const S_REPLY: usize = 1120;
const _: () = assert!(C_INIT == EK + curve25519::LEN && S_REPLY == CT + curve25519::LEN);

/// An ML-KEM-768 decapsulation key (FIPS 203, section 7), wiped when it goes.
pub(in crate::crypto) trait MlKem768: Sized + Send + Sync + 'static {
    fn new(random: &mut dyn CryptoRng, public: &mut [u8; EK]) -> Result<Self, CryptoError>;
    /// Never says that a ciphertext is a bad one: the secret is then a random one (implicit rejection, section 6.3).
    fn decapsulate(self, ciphertext: &[u8; CT]) -> Result<Zeroizing<[u8; SS]>, CryptoError>;
    /// Checks `theirs` as section 7.2 asks: a coefficient that is not below q is a [`CryptoError::BadValue`].
    fn encapsulate(
        random: &mut dyn CryptoRng,
        theirs: &[u8; EK],
        ciphertext: &mut [u8; CT],
    ) -> Result<Zeroizing<[u8; SS]>, CryptoError>;
    /// SHA-256 of both.
    fn combine(post_quantum: &[u8; SS], classical: &[u8; curve25519::LEN]) -> Zeroizing<[u8; 32]>;
}

/// The row.
pub(in crate::crypto) struct MlKemHybridRow<M, X> {
    primitives: PhantomData<fn() -> (M, X)>,
}

impl<M, X> MlKemHybridRow<M, X> {
    pub(in crate::crypto) const fn new() -> Self {
        MlKemHybridRow { primitives: PhantomData }
    }
}

impl<M, X> fmt::Debug for MlKemHybridRow<M, X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("mlkem768x25519-sha256")
    }
}

impl<M: MlKem768, X: X25519> KexMethod for MlKemHybridRow<M, X> {
    fn name(&self) -> &'static str {
        "mlkem768x25519-sha256"
    }
    fn hash(&self) -> Hash {
        Hash::Sha256
    }
    fn secret_encoding(&self) -> SecretEncoding {
        SecretEncoding::String
    }
    fn public_len(&self) -> usize {
        C_INIT
    }
    fn start(&self, random: &mut dyn CryptoRng, public: &mut [u8]) -> Result<(usize, Box<dyn KexClient>), CryptoError> {
        let (ek, rest) = public.split_first_chunk_mut().ok_or(CryptoError::Failed)?;
        let share = rest.first_chunk_mut().ok_or(CryptoError::Failed)?;
        let post_quantum = M::new(random, ek)?;
        let classical = X::new(random)?;
        *share = classical.public()?;
        let waiting: Box<[_; 1]> = try_box(MlKemHybridClient(Some((post_quantum, classical))))?;
        Ok((C_INIT, waiting))
    }
    fn respond(
        &self,
        random: &mut dyn CryptoRng,
        theirs: &[u8],
        public: &mut [u8],
        secret: &mut SharedSecret,
    ) -> Result<usize, CryptoError> {
        // A value of the wrong length, or an encapsulation key that fails its check, MUST end the exchange (section 2.3).
        let (ek, their_share) = theirs.split_first_chunk().ok_or(CryptoError::BadValue)?;
        let (ciphertext, rest) = public.split_first_chunk_mut().ok_or(CryptoError::Failed)?;
        let share = rest.first_chunk_mut().ok_or(CryptoError::Failed)?;
        let ours = X::new(random)?;
        *share = ours.public()?;
        // The cheap one first, as it also checks the length.
        let classical = agree(ours, their_share)?;
        let post_quantum = M::encapsulate(random, ek, ciphertext)?;
        secret.set(&*M::combine(&post_quantum, &classical))?;
        Ok(S_REPLY)
    }
}

/// The client's keys, until the server's value has come.
pub(in crate::crypto) struct MlKemHybridClient<M, X>(Option<(M, X)>);

impl<M: MlKem768, X: X25519> KexClient for MlKemHybridClient<M, X> {
    fn finish(&mut self, theirs: &[u8], secret: &mut SharedSecret) -> Result<(), CryptoError> {
        let (post_quantum, classical) = self.0.take().ok_or(CryptoError::Failed)?;
        let (ciphertext, their_share) = theirs.split_first_chunk().ok_or(CryptoError::BadValue)?;
        let classical = agree(classical, their_share)?;
        let post_quantum = post_quantum.decapsulate(ciphertext)?;
        secret.set(&*M::combine(&post_quantum, &classical))
    }
}
