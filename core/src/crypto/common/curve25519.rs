//! `curve25519-sha256` and its older name with `@libssh.org` (RFC 8731).

use crate::crypto::{CryptoError, CryptoRng, Hash, KexClient, KexMethod, SecretEncoding, SharedSecret, try_box};
use alloc::boxed::Box;
use core::fmt;
use core::marker::PhantomData;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Length of a public value, a private key and a secret (RFC 7748, section 5).
pub(in crate::crypto) const LEN: usize = 32;

/// An ephemeral X25519 key (RFC 7748, section 6.1), used once and wiped when it goes.
pub(in crate::crypto) trait X25519: Sized + Send + Sync + 'static {
    /// Its 32 bytes come from `random`.
    fn new(random: &mut dyn CryptoRng) -> Result<Self, CryptoError>;
    fn public(&self) -> Result<[u8; LEN], CryptoError>;
    /// The shared secret, which may be zero: callers go through [`agree`].
    fn secret(self, theirs: &[u8; LEN]) -> Result<Zeroizing<[u8; LEN]>, CryptoError>;
}

/// The shared secret of `ours` and a value that somebody sent. A value of the wrong length MUST be refused, and so MUST
/// a secret that is all zero, which is what a point of low order leads to (RFC 8731, section 3).
pub(in crate::crypto) fn agree<X: X25519>(ours: X, theirs: &[u8]) -> Result<Zeroizing<[u8; LEN]>, CryptoError> {
    let secret = ours.secret(theirs.try_into().map_err(|_| CryptoError::BadValue)?)?;
    if bool::from(secret.ct_eq(&[0; LEN])) { Err(CryptoError::BadValue) } else { Ok(secret) }
}

/// The row.
pub(in crate::crypto) struct Curve25519Row<X> {
    name: &'static str,
    primitive: PhantomData<fn() -> X>,
}

impl<X> Curve25519Row<X> {
    pub(in crate::crypto) const fn new(name: &'static str) -> Self {
        Curve25519Row { name, primitive: PhantomData }
    }
}

impl<X> fmt::Debug for Curve25519Row<X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl<X: X25519> KexMethod for Curve25519Row<X> {
    fn name(&self) -> &'static str {
        self.name
    }
    fn hash(&self) -> Hash {
        Hash::Sha256
    }
    /// The 32 bytes are read as a big-endian integer, whatever RFC 7748 says of their order (RFC 8731, section 3.1).
    fn secret_encoding(&self) -> SecretEncoding {
        SecretEncoding::Mpint
    }
    fn public_len(&self) -> usize {
        LEN
    }
    fn start(&self, random: &mut dyn CryptoRng, public: &mut [u8]) -> Result<(usize, Box<dyn KexClient>), CryptoError> {
        let ours = X::new(random)?;
        *public.first_chunk_mut().ok_or(CryptoError::Failed)? = ours.public()?;
        let waiting: Box<[_; 1]> = try_box(Curve25519Client(Some(ours)))?;
        Ok((LEN, waiting))
    }
    fn respond(
        &self,
        random: &mut dyn CryptoRng,
        theirs: &[u8],
        public: &mut [u8],
        secret: &mut SharedSecret,
    ) -> Result<usize, CryptoError> {
        let ours = X::new(random)?;
        *public.first_chunk_mut().ok_or(CryptoError::Failed)? = ours.public()?;
        secret.set(&*agree(ours, theirs)?)?;
        Ok(LEN)
    }
}

/// The client's key, until the server's value has come.
pub(in crate::crypto) struct Curve25519Client<X>(Option<X>);

impl<X: X25519> KexClient for Curve25519Client<X> {
    fn finish(&mut self, theirs: &[u8], secret: &mut SharedSecret) -> Result<(), CryptoError> {
        let ours = self.0.take().ok_or(CryptoError::Failed)?;
        secret.set(&*agree(ours, theirs)?)
    }
}
