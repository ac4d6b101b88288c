//! Diffie-Hellman on an elliptic curve: `ecdh-sha2-nistp256` and its kind (RFC 5656, section 4), `curve25519-sha256` and
//! its older name with `@libssh.org` (RFC 8731).
//!
//! ```text
//! client   Q_C   a point
//! server   Q_S   a point
//! both     K     the x coordinate of the common point, as mpint
//! ```
//!
//! X25519's own rules are in `curve25519`. Points in the NIST curves are uncompressed alone: no implementation sends
//! others, and compression is allowed, not asked for (RFC 5656, section 4).

use crate::crypto::{CryptoError, CryptoRng, Hash, KexClient, KexMethod, SecretEncoding, SharedSecret, try_box};
use alloc::boxed::Box;
use core::fmt;
use core::marker::PhantomData;
use zeroize::{Zeroize, Zeroizing};

/// An ephemeral key on some curve, used once and wiped when it goes.
pub(in crate::crypto) trait Curve: Sized + Send + Sync + 'static {
    /// The hash of the method that is this curve alone (RFC 5656, section 6.2.1).
    const HASH: Hash;
    /// Length of a public value in bytes.
    const PUBLIC: usize;
    /// The x coordinate, at its full length.
    type Secret: AsRef<[u8]> + Zeroize;
    fn new(random: &mut dyn CryptoRng) -> Result<Self, CryptoError>;
    /// Writes the public value; `out` is exactly as long.
    fn public(&self, out: &mut [u8]) -> Result<(), CryptoError>;
    /// The shared secret of this key and a value that somebody sent. Of the wrong length, not a point, or the neutral
    /// element: [`CryptoError::BadValue`].
    fn agree(&self, theirs: &[u8]) -> Result<Zeroizing<Self::Secret>, CryptoError>;
}

/// A private key for `take`, which says whether it is one: big-endian, not zero, below the order of the curve.
/// `top` are the bits of the first byte that the order has.
///
/// # Errors
/// [`CryptoError::Failed`] if none is, which happens to one generator in 2^512, or to a broken one.
pub(in crate::crypto) fn draw<const FIELD: usize, K>(
    random: &mut dyn CryptoRng,
    top: u8,
    take: impl Fn(&[u8; FIELD]) -> Option<K>,
) -> Result<K, CryptoError> {
    let mut key = Zeroizing::new([0; FIELD]);
    for _ in 0..16 {
        random.fill_bytes(&mut *key);
        if let Some(first) = key.first_mut() {
            *first &= top;
        }
        if let Some(key) = take(&key) {
            return Ok(key);
        }
    }
    Err(CryptoError::Failed)
}

/// A point of this length without compression (SEC 1, section 2.3.3). Whether it is on the curve is for the library to
/// say: "All elliptic curve public keys MUST be validated after they are received" (RFC 5656, section 4).
pub(in crate::crypto) fn uncompressed<const POINT: usize>(theirs: &[u8]) -> Result<&[u8; POINT], CryptoError> {
    let point: &[u8; POINT] = theirs.try_into().map_err(|_| CryptoError::BadValue)?;
    if point.first() == Some(&4) { Ok(point) } else { Err(CryptoError::BadValue) }
}

/// The row.
pub(in crate::crypto) struct EcdhRow<C> {
    name: &'static str,
    curve: PhantomData<fn() -> C>,
}

impl<C> EcdhRow<C> {
    pub(in crate::crypto) const fn new(name: &'static str) -> Self {
        EcdhRow { name, curve: PhantomData }
    }
}

impl<C> fmt::Debug for EcdhRow<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl<C: Curve> KexMethod for EcdhRow<C> {
    fn name(&self) -> &'static str {
        self.name
    }
    fn hash(&self) -> Hash {
        C::HASH
    }
    /// X25519's 32 bytes too are read as a big-endian integer, whatever RFC 7748 says of their order (RFC 8731,
    /// section 3.1).
    fn secret_encoding(&self) -> SecretEncoding {
        SecretEncoding::Mpint
    }
    fn public_len(&self) -> usize {
        C::PUBLIC
    }
    fn start(&self, random: &mut dyn CryptoRng, public: &mut [u8]) -> Result<(usize, Box<dyn KexClient>), CryptoError> {
        let ours = C::new(random)?;
        ours.public(public.get_mut(..C::PUBLIC).ok_or(CryptoError::Failed)?)?;
        let waiting: Box<[_; 1]> = try_box(EcdhClient(Some(ours)))?;
        Ok((C::PUBLIC, waiting))
    }
    fn respond(
        &self,
        random: &mut dyn CryptoRng,
        theirs: &[u8],
        public: &mut [u8],
        secret: &mut SharedSecret,
    ) -> Result<usize, CryptoError> {
        let ours = C::new(random)?;
        ours.public(public.get_mut(..C::PUBLIC).ok_or(CryptoError::Failed)?)?;
        secret.set((*ours.agree(theirs)?).as_ref())?;
        Ok(C::PUBLIC)
    }
}

/// The client's key, until the server's value has come.
pub(in crate::crypto) struct EcdhClient<C>(Option<C>);

impl<C: Curve> KexClient for EcdhClient<C> {
    fn finish(&mut self, theirs: &[u8], secret: &mut SharedSecret) -> Result<(), CryptoError> {
        let ours = self.0.as_ref().ok_or(CryptoError::Failed)?;
        let agreed = ours.agree(theirs);
        // Wiped where it lies.
        self.0 = None;
        secret.set((*agreed?).as_ref())
    }
}
