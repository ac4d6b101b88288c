//! sntrup761: Streamlined NTRU Prime with p = 761, q = 4591, w = 286 (the submission to NIST's third round, section
//! 4; draft-josefsson-ntruprime-streamlined).
//!
//! It is a key encapsulation mechanism and knows nothing of SSH: `hybrid` puts it together with X25519. Neither
//! provider's library has it, so it is here, for both.
//!
//! ```text
//! key          f short, g small;  public h = g / (3 f) in R/q,  secret f and 1/g in R/3
//! encrypt      r short;           c = round(h r), every coefficient to its nearest multiple of 3
//! decrypt      3 f c = g r + 3 f (error), so that its remainder mod 3, over g, is r
//! encapsulate  ciphertext = c, HASH(2, HASH(3, r), HASH(4, h))    secret = HASH(1, HASH(3, r), ciphertext)
//! decapsulate  decrypts, encrypts again, and takes a secret of nobody's if the ciphertext is another one
//! ```
//!
//! R is Z[x]/(x^p - x - 1). "Small" polynomials have the coefficients -1, 0, 1; "short" ones have exactly w that are not
//! zero. HASH(n, …) is the first half of SHA-512 over the byte n and the rest.
//!
//! Nothing takes a time, or looks at a place in memory, that depends on a secret: there is no branch on one and no
//! division of one. That a new g was drawn because the first had no inverse can be seen, and says nothing of the second.

mod encode;
mod field;
mod ring;
mod sample;

use super::hybrid::{Kem, SS};
use crate::crypto::{CryptoError, CryptoRng, Hash};
use field::reduce;
use ring::{multiply, reciprocal};
use sha2::{Digest as _, Sha512};
use subtle::{ConditionallySelectable, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Number of coefficients.
const P: usize = 761;
/// The large modulus.
const Q: i32 = 4591;
/// How many coefficients of a short polynomial are not zero.
const W: usize = 286;

/// Coefficients modulo q, in -2295..=2295.
type Large = [i16; P];
/// Coefficients -1, 0, 1.
type Small = [i8; P];

/// Length of an encoded public key.
const PUBLIC: usize = 1158;
/// Length of an encoded rounded polynomial.
const ROUNDED: usize = 1007;
/// Length of an encoded small polynomial.
const SMALL: usize = 191;
/// Length of what confirms that the ciphertext's maker knows r.
const CONFIRM: usize = 32;
const CIPHERTEXT: usize = ROUNDED + CONFIRM;

/// A decapsulation key.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(in crate::crypto) struct Sntrup761 {
    f: [u8; SMALL],
    /// 1/g in R/3.
    g_inverse: [u8; SMALL],
    public: [u8; PUBLIC],
    /// Stands for r where there is none.
    rejected: [u8; SMALL],
    /// HASH(4, public).
    public_hash: [u8; 32],
}

impl Kem for Sntrup761 {
    const HASH: Hash = Hash::Sha512;
    const PUBLIC: usize = PUBLIC;
    const CIPHERTEXT: usize = CIPHERTEXT;

    fn new(random: &mut dyn CryptoRng, public: &mut [u8]) -> Result<Self, CryptoError> {
        let public: &mut [u8; PUBLIC] = public.try_into().map_err(|_| CryptoError::Failed)?;
        let mut key = Sntrup761 {
            f: [0; SMALL],
            g_inverse: [0; SMALL],
            public: [0; PUBLIC],
            rejected: [0; SMALL],
            public_hash: [0; 32],
        };
        let g = key.draw_g(random)?;
        let f = Zeroizing::new(sample::short(random));
        key.f = encode::small(&f);
        // Modulo q the ring is a field: every f but zero has an inverse.
        let (third, _) = reciprocal::<Q>(&wide(&f), field::inverse::<Q>(3));
        key.public = encode::large(&multiply::<Q>(&third, &g));
        random.fill_bytes(&mut key.rejected);
        key.public_hash = hash(4, &[&key.public]);
        *public = key.public;
        Ok(key)
    }

    fn encapsulate(
        random: &mut dyn CryptoRng,
        theirs: &[u8],
        ciphertext: &mut [u8],
    ) -> Result<Zeroizing<[u8; SS]>, CryptoError> {
        let public: &[u8; PUBLIC] = theirs.try_into().map_err(|_| CryptoError::BadValue)?;
        let ciphertext: &mut [u8; CIPHERTEXT] = ciphertext.try_into().map_err(|_| CryptoError::Failed)?;
        let r = Zeroizing::new(sample::short(random));
        let encoded = hide(&r, public, &hash(4, &[public]), ciphertext);
        Ok(session(1, &encoded, ciphertext))
    }

    /// A ciphertext that no encapsulation to this key makes gets a secret from `rejected` (implicit rejection).
    fn decapsulate(&self, ciphertext: &[u8]) -> Result<Zeroizing<[u8; SS]>, CryptoError> {
        let ciphertext: &[u8; CIPHERTEXT] = ciphertext.try_into().map_err(|_| CryptoError::BadValue)?;
        let r = self.decrypt(ciphertext);
        let mut again = [0; CIPHERTEXT];
        let mut encoded = hide(&r, &self.public, &self.public_hash, &mut again);
        let good = again.ct_eq(ciphertext);
        for (to, from) in encoded.iter_mut().zip(&self.rejected) {
            to.conditional_assign(from, !good);
        }
        Ok(session(good.unwrap_u8(), &encoded, ciphertext))
    }
}

impl Sntrup761 {
    /// A small g that has an inverse modulo 3; keeps that. All but a few have one.
    fn draw_g(&mut self, random: &mut dyn CryptoRng) -> Result<Zeroizing<Small>, CryptoError> {
        for _ in 0..64 {
            let g = Zeroizing::new(sample::small(random));
            let (inverse, exists) = reciprocal::<3>(&wide(&g), 1);
            if exists {
                self.g_inverse = encode::small(&narrow(&inverse));
                return Ok(g);
            }
        }
        Err(CryptoError::Failed)
    }

    /// The r of an honest ciphertext; of another one, something short.
    fn decrypt(&self, ciphertext: &[u8; CIPHERTEXT]) -> Zeroizing<Small> {
        let f = Zeroizing::new(encode::small_from(&self.f));
        let g_inverse = Zeroizing::new(encode::small_from(&self.g_inverse));
        let c = encode::rounded_from(ciphertext.first_chunk().unwrap_or(&[0; ROUNDED]));
        let mut e = multiply::<Q>(&c, &f);
        for coefficient in e.iter_mut() {
            *coefficient = reduce::<3>(i32::from(reduce::<Q>(i32::from(*coefficient).wrapping_mul(3))));
        }
        let mut r = narrow(&multiply::<3>(&e, &g_inverse));
        // One that is not short is replaced: by w ones, and zeros.
        let weight = r.iter().fold(0u32, |sum, r| sum.wrapping_add(u32::from(r.unsigned_abs())));
        let short = weight.ct_eq(&(W as u32));
        for (at, coefficient) in r.iter_mut().enumerate() {
            coefficient.conditional_assign(&i8::from(at < W), !short);
        }
        r
    }
}

/// Writes the ciphertext of r, and returns r encoded.
fn hide(
    r: &Small,
    public: &[u8; PUBLIC],
    public_hash: &[u8; 32],
    ciphertext: &mut [u8; CIPHERTEXT],
) -> Zeroizing<[u8; SMALL]> {
    let encoded = Zeroizing::new(encode::small(r));
    let mut c = multiply::<Q>(&encode::large_from(public), r);
    for coefficient in c.iter_mut() {
        *coefficient = coefficient.wrapping_sub(reduce::<3>(i32::from(*coefficient)));
    }
    let r_hash = Zeroizing::new(hash(3, &[&*encoded]));
    let confirm = hash(2, &[&*r_hash, public_hash]);
    let all = encode::rounded(&c).into_iter().chain(confirm);
    for (to, from) in ciphertext.iter_mut().zip(all) {
        *to = from;
    }
    encoded
}

/// The shared secret: with 1 in front a good one, with 0 one of nobody's.
fn session(first: u8, r: &[u8; SMALL], ciphertext: &[u8; CIPHERTEXT]) -> Zeroizing<[u8; SS]> {
    let r_hash = Zeroizing::new(hash(3, &[r]));
    Zeroizing::new(hash(first, &[&*r_hash, ciphertext]))
}

/// The first half of SHA-512.
fn hash(first: u8, parts: &[&[u8]]) -> [u8; 32] {
    let mut sha = Sha512::new().chain_update([first]);
    for part in parts {
        sha.update(part);
    }
    let full = Zeroizing::new(<[u8; 64]>::from(sha.finalize()));
    let mut half = [0; 32];
    for (to, from) in half.iter_mut().zip(full.iter()) {
        *to = *from;
    }
    half
}

/// The same coefficients in more bits.
fn wide(small: &Small) -> Zeroizing<Large> {
    Zeroizing::new(small.map(i16::from))
}

/// The same coefficients, which are -1, 0 and 1, in fewer bits.
fn narrow(large: &Large) -> Zeroizing<Small> {
    Zeroizing::new(large.map(|coefficient| coefficient as i8))
}

#[cfg(test)]
mod tests;
