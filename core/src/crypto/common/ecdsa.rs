//! `ecdsa-sha2-nistp256` and its kind (RFC 5656, section 3): the row, the parsing of both blobs, and the range of the two
//! integers, whatever the library says of it.
//!
//! Points are uncompressed: "point compression MAY be used" (section 3.1), nobody uses it, and a key then has one form.

use super::{positive, refused};
use crate::crypto::{CryptoError, SignatureAlgorithm, Verified};
use crate::wire::{Malformed, Reader};
use core::fmt;
use core::marker::PhantomData;

/// A curve as SSH names it.
pub(in crate::crypto) struct Curve {
    /// `ecdsa-sha2-nistp256`: "Each identifier is the concatenation of the string "ecdsa-sha2-" with the elliptic curve
    /// domain parameter identifier" (RFC 5656, section 6.2).
    name: &'static str,
    /// `nistp256`.
    identifier: &'static str,
    /// The order of the group, big-endian. A coordinate is as long.
    order: &'static [u8],
}

/// ECDSA with the hash of the curve's size (RFC 5656, section 6.2.1).
pub(in crate::crypto) trait Ecdsa: 'static {
    const CURVE: &'static Curve;
    /// Verifies `message`, which comes in parts, by `point`: 4, x, y (SEC 1, section 2.3.3). The point is refused unless
    /// it is on the curve. `signature` is r and s, both as long as the order.
    fn verify(point: &[u8], message: &[&[u8]], signature: &[u8]) -> Result<(), CryptoError>;
}

/// A row.
pub(in crate::crypto) struct EcdsaRow<E> {
    primitive: PhantomData<fn() -> E>,
}

impl<E> EcdsaRow<E> {
    pub(in crate::crypto) const fn new() -> Self {
        EcdsaRow { primitive: PhantomData }
    }
}

impl<E: Ecdsa> fmt::Debug for EcdsaRow<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(E::CURVE.name)
    }
}

impl<E: Ecdsa> SignatureAlgorithm for EcdsaRow<E> {
    fn name(&self) -> &'static str {
        E::CURVE.name
    }
    fn key_type(&self) -> &'static str {
        E::CURVE.name
    }
    fn verify(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<Verified, CryptoError> {
        let point = key_blob(key, E::CURVE).map_err(refused)?;
        let integers = signature_blob(signature, E::CURVE).map_err(refused)?;
        E::verify(point, &[message], integers.as_bytes()).map(|()| Verified::default())
    }
    fn accepts(&self, key: &[u8]) -> bool {
        key_blob(key, E::CURVE).is_ok()
    }
}

/// The point in `string name, string identifier, string Q` (RFC 5656, section 3.1).
fn key_blob<'a>(blob: &'a [u8], curve: &Curve) -> Result<&'a [u8], Malformed> {
    let mut blob = Reader::new(blob);
    let name = blob.string()?;
    let point = point(&mut blob, curve)?;
    blob.end()?;
    if name == curve.name.as_bytes() { Ok(point) } else { Err(Malformed::Value) }
}

/// The integers in `string name, string ecdsa_signature_blob` (RFC 5656, section 3.1.2).
fn signature_blob(blob: &[u8], curve: &Curve) -> Result<Integers, Malformed> {
    let mut blob = Reader::new(blob);
    let name = blob.string()?;
    let signature = blob.string()?;
    blob.end()?;
    if name == curve.name.as_bytes() { Integers::read(signature, curve) } else { Err(Malformed::Value) }
}

/// `string identifier, string Q`. The identifier is the curve's own: a name and a curve inside that differ make a key
/// of neither.
pub(super) fn point<'a>(blob: &mut Reader<'a>, curve: &Curve) -> Result<&'a [u8], Malformed> {
    let identifier = blob.string()?;
    let point = blob.string()?;
    let uncompressed = point
        .split_first()
        .is_some_and(|(form, coordinates)| *form == 4 && coordinates.len() == curve.order.len().saturating_mul(2));
    let fits = identifier == curve.identifier.as_bytes() && uncompressed;
    if fits { Ok(point) } else { Err(Malformed::Value) }
}

/// The two integers of a signature, each in as many bytes as the order.
pub(super) struct Integers {
    bytes: [u8; Self::MAX],
    len: usize,
}

impl Integers {
    /// Two of P-521.
    const MAX: usize = 132;

    /// Reads `mpint r, mpint s` and nothing behind them; both are in `1..n`.
    pub(super) fn read(signature: &[u8], curve: &Curve) -> Result<Self, Malformed> {
        let mut signature = Reader::new(signature);
        let (r, s) = (signature.string()?, signature.string()?);
        signature.end()?;
        let len = curve.order.len().saturating_mul(2);
        let mut integers = Integers { bytes: [0; Self::MAX], len };
        let pair = integers.bytes.get_mut(..len).unwrap_or_default();
        for (place, mpint) in pair.chunks_exact_mut(curve.order.len()).zip([r, s]) {
            let magnitude = positive(mpint)?;
            let zeros = place.len().checked_sub(magnitude.len()).ok_or(Malformed::Value)?;
            place.get_mut(zeros..).unwrap_or_default().copy_from_slice(magnitude);
            // Both are big-endian and of one length, so that the order of the bytes is that of the numbers.
            if *place >= *curve.order {
                return Err(Malformed::Value);
            }
        }
        Ok(integers)
    }

    /// r and s.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// NIST P-256.
pub(in crate::crypto) const P256: Curve = Curve {
    name: "ecdsa-sha2-nistp256",
    identifier: "nistp256",
    order: &[
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6,
        0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ],
};

/// NIST P-384.
pub(in crate::crypto) const P384: Curve = Curve {
    name: "ecdsa-sha2-nistp384",
    identifier: "nistp384",
    order: &[
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf, 0x58, 0x1a, 0x0d, 0xb2,
        0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73,
    ],
};

/// NIST P-521.
pub(in crate::crypto) const P521: Curve = Curve {
    name: "ecdsa-sha2-nistp521",
    identifier: "nistp521",
    order: &[
        0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfa, 0x51, 0x86,
        0x87, 0x83, 0xbf, 0x2f, 0x96, 0x6b, 0x7f, 0xcc, 0x01, 0x48, 0xf7, 0x09, 0xa5, 0xd0, 0x3b, 0xb5, 0xc9, 0xb8,
        0x89, 0x9c, 0x47, 0xae, 0xbb, 0x6f, 0xb7, 0x1e, 0x91, 0x38, 0x64, 0x09,
    ],
};
