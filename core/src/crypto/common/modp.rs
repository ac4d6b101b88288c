//! Diffie-Hellman modulo a safe prime: `diffie-hellman-group14-sha256` and its kind (RFC 8268), and group exchange,
//! `diffie-hellman-group-exchange-sha256` (RFC 4419).
//!
//! ```text
//! client   e = g^x mod p
//! server   f = g^y mod p
//! both     K = g^(x*y) mod p, as mpint
//! ```
//!
//! The arithmetic is that of `crypto-bigint`, in both providers. Its time depends on the size of the group and on
//! nothing else. One exponentiation takes some 45 KiB of stack in the largest group, the table of powers being a
//! third of it, and no heap.

use super::modp_groups::{ALL, MODP_2048, MODP_4096, MODP_8192};
use super::positive;
use crate::crypto::{
    CryptoError, CryptoRng, Group, GroupExchange, Hash, KexClient, KexMethod, KexShape, SecretEncoding, SharedSecret,
    try_box,
};
use crate::wire::minimal_magnitude;
use alloc::boxed::Box;
use core::fmt;
use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{CtAssign, CtEq, MontyForm, MontyMultiplier, U2048, U3072, U4096, U6144, U8192, Uint};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// No group is smaller: "the server and client SHOULD NOT use" fewer than 2048 bits (RFC 8270, section 3).
const LEAST_BITS: usize = 2048;
/// No group is larger (RFC 4419, section 3).
const MOST_BITS: usize = 8192;
/// The largest number as an mpint has a zero byte in front.
const MOST_BYTES: usize = MOST_BITS / 8 + 1;

/// Length of a secret exponent in bytes, whatever the group. RFC 4419, section 6.2 wants twice the bits of the strength
/// that is hoped for: whoever knows that an exponent has n bits needs 2^(n/2) steps to find it. These are 2^256 steps,
/// more than any of the groups is worth.
const EXPONENT: usize = 64;
// CVE-2016-0739, CVE-2016-0787: bits taken for bytes. No exponent is shorter than the output of the method's hash.
const _: () = assert!(EXPONENT >= Hash::MAX);

/// A secret exponent, big-endian.
#[derive(Zeroize, ZeroizeOnDrop)]
struct Exponent([u8; EXPONENT]);

impl Exponent {
    fn new(random: &mut dyn CryptoRng) -> Self {
        let mut exponent = Exponent([0; EXPONENT]);
        random.fill_bytes(&mut exponent.0);
        exponent
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Rows
// ---------------------------------------------------------------------------------------------------------------------

/// The row of one group of RFC 3526.
pub(in crate::crypto) struct ModpRow {
    name: &'static str,
    hash: Hash,
    group: Group<'static>,
}

impl ModpRow {
    /// `diffie-hellman-group14-sha256`.
    pub(in crate::crypto) const GROUP_14: Self =
        ModpRow { name: "diffie-hellman-group14-sha256", hash: Hash::Sha256, group: MODP_2048 };
    /// `diffie-hellman-group16-sha512`.
    pub(in crate::crypto) const GROUP_16: Self =
        ModpRow { name: "diffie-hellman-group16-sha512", hash: Hash::Sha512, group: MODP_4096 };
    /// `diffie-hellman-group18-sha512`.
    pub(in crate::crypto) const GROUP_18: Self =
        ModpRow { name: "diffie-hellman-group18-sha512", hash: Hash::Sha512, group: MODP_8192 };
}

impl fmt::Debug for ModpRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl KexMethod for ModpRow {
    fn name(&self) -> &'static str {
        self.name
    }
    fn hash(&self) -> Hash {
        self.hash
    }
    fn secret_encoding(&self) -> SecretEncoding {
        SecretEncoding::Mpint
    }
    fn public_len(&self) -> usize {
        self.group.prime.len()
    }
    fn start(&self, random: &mut dyn CryptoRng, public: &mut [u8]) -> Result<(usize, Box<dyn KexClient>), CryptoError> {
        let exponent = Exponent::new(random);
        let length = self.group.public(&exponent, public)?;
        let waiting: Box<[_; 1]> = try_box(ModpClient { exponent: Some(exponent), group: self.group })?;
        Ok((length, waiting))
    }
    fn respond(
        &self,
        random: &mut dyn CryptoRng,
        theirs: &[u8],
        public: &mut [u8],
        secret: &mut SharedSecret,
    ) -> Result<usize, CryptoError> {
        let exponent = Exponent::new(random);
        self.group.agree(&exponent, theirs, secret)?;
        self.group.public(&exponent, public)
    }
}

/// The client's exponent, until the server's value has come.
pub(in crate::crypto) struct ModpClient {
    exponent: Option<Exponent>,
    group: Group<'static>,
}

impl KexClient for ModpClient {
    fn finish(&mut self, theirs: &[u8], secret: &mut SharedSecret) -> Result<(), CryptoError> {
        let exponent = self.exponent.as_ref().ok_or(CryptoError::Failed)?;
        let agreed = self.group.agree(exponent, theirs, secret);
        // Wiped where it lies.
        self.exponent = None;
        agreed
    }
}

/// `diffie-hellman-group-exchange-sha256`, with SHA-256 as RFC 4419 section 4.2 says.
pub(in crate::crypto) struct GroupExchangeRow;

impl fmt::Debug for GroupExchangeRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl KexMethod for GroupExchangeRow {
    fn name(&self) -> &'static str {
        "diffie-hellman-group-exchange-sha256"
    }
    fn shape(&self) -> KexShape {
        KexShape::GroupExchange
    }
    fn hash(&self) -> Hash {
        Hash::Sha256
    }
    fn secret_encoding(&self) -> SecretEncoding {
        SecretEncoding::Mpint
    }
    fn public_len(&self) -> usize {
        MOST_BYTES
    }
    /// There is no group yet.
    fn start(&self, _: &mut dyn CryptoRng, _: &mut [u8]) -> Result<(usize, Box<dyn KexClient>), CryptoError> {
        Err(CryptoError::Failed)
    }
    /// There is no group yet.
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
    /// A group from a stranger, one more round trip, the most expensive arithmetic there is: for those who ask for it.
    fn by_default(&self) -> bool {
        false
    }
}

impl GroupExchange for GroupExchangeRow {
    /// "The smallest group it knows that is larger than the size the client requested", or else "the largest group it
    /// knows" (RFC 4419, section 3), of those in the client's bounds. A client whose least is below 2048 bits gets at
    /// least those all the same (RFC 8270, section 3).
    fn choose(&self, least: u32, preferred: u32, most: u32) -> Option<Group<'static>> {
        let mut chosen = None;
        for (bits, group) in ALL {
            if (least..=most).contains(&bits) {
                chosen = Some(group);
                if bits >= preferred {
                    break;
                }
            }
        }
        chosen
    }
    fn start(
        &self,
        group: Group<'_>,
        random: &mut dyn CryptoRng,
        public: &mut [u8],
    ) -> Result<(usize, Box<dyn KexClient>), CryptoError> {
        let exponent = Exponent::new(random);
        let length = group.public(&exponent, public)?;
        let mut kept = GroupExchangeClient { exponent: Some(exponent), prime: [0; MOST_BYTES], length: 0 };
        let prime = kept.prime.get_mut(..group.prime.len()).ok_or(CryptoError::BadValue)?;
        prime.copy_from_slice(group.prime);
        kept.length = group.prime.len();
        let waiting: Box<[_; 1]> = try_box(kept)?;
        Ok((length, waiting))
    }
    fn respond(
        &self,
        group: Group<'_>,
        random: &mut dyn CryptoRng,
        theirs: &[u8],
        public: &mut [u8],
        secret: &mut SharedSecret,
    ) -> Result<usize, CryptoError> {
        let exponent = Exponent::new(random);
        group.agree(&exponent, theirs, secret)?;
        group.public(&exponent, public)
    }
}

/// The client's exponent and the server's prime, until the server's value has come.
pub(in crate::crypto) struct GroupExchangeClient {
    exponent: Option<Exponent>,
    prime: [u8; MOST_BYTES],
    length: usize,
}

impl KexClient for GroupExchangeClient {
    fn finish(&mut self, theirs: &[u8], secret: &mut SharedSecret) -> Result<(), CryptoError> {
        let exponent = self.exponent.as_ref().ok_or(CryptoError::Failed)?;
        let prime = self.prime.get(..self.length).unwrap_or_default();
        let agreed = Group { prime, generator: &[2] }.agree(exponent, theirs, secret);
        self.exponent = None;
        agreed
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Arithmetic
// ---------------------------------------------------------------------------------------------------------------------

impl Group<'_> {
    /// Writes g^x as an mpint to the front of `out` and returns its length.
    fn public(self, exponent: &Exponent, out: &mut [u8]) -> Result<usize, CryptoError> {
        let mut power = Zeroizing::new([0; MOST_BITS / 8]);
        let power = self.power(self.generator, exponent, &mut power)?;
        put_mpint_body(power, out)
    }

    /// Gives K = `theirs`^x.
    fn agree(self, exponent: &Exponent, theirs: &[u8], secret: &mut SharedSecret) -> Result<(), CryptoError> {
        let mut power = Zeroizing::new([0; MOST_BITS / 8]);
        secret.set(self.power(theirs, exponent, &mut power)?)
    }

    /// `base`^x in the group, big-endian and without zeros in front.
    ///
    /// # Errors
    /// [`CryptoError::BadValue`] unless `base` and the power are both in 2..=p-2, and p is a number to compute with.
    fn power<'a>(
        self,
        base: &[u8],
        exponent: &Exponent,
        out: &'a mut [u8; MOST_BITS / 8],
    ) -> Result<&'a [u8], CryptoError> {
        let prime = canonical(self.prime)?;
        match bits(prime) {
            LEAST_BITS => power::<{ U2048::LIMBS }>(prime, base, exponent, out)?,
            2049..=3072 => power::<{ U3072::LIMBS }>(prime, base, exponent, out)?,
            3073..=4096 => power::<{ U4096::LIMBS }>(prime, base, exponent, out)?,
            4097..=6144 => power::<{ U6144::LIMBS }>(prime, base, exponent, out)?,
            6145..=MOST_BITS => power::<{ U8192::LIMBS }>(prime, base, exponent, out)?,
            _ => return Err(CryptoError::BadValue),
        }
        Ok(minimal_magnitude(out))
    }
}

/// The magnitude of a number in its only encoding.
fn canonical(mpint: &[u8]) -> Result<&[u8], CryptoError> {
    positive(mpint).map_err(|_| CryptoError::BadValue)
}

/// Length in bits of a magnitude without zeros in front.
fn bits(magnitude: &[u8]) -> usize {
    let zeros = magnitude.first().map_or(0, |first| first.leading_zeros());
    magnitude.len().saturating_mul(8).saturating_sub(zeros as usize)
}

/// Writes a magnitude without zeros in front as the bytes of an mpint.
fn put_mpint_body(magnitude: &[u8], out: &mut [u8]) -> Result<usize, CryptoError> {
    let sign = usize::from(magnitude.first().is_some_and(|first| *first >= 0x80));
    let length = magnitude.len().saturating_add(sign);
    let (front, body) = out.get_mut(..length).ok_or(CryptoError::Failed)?.split_at_mut(sign);
    front.fill(0);
    body.copy_from_slice(magnitude);
    Ok(length)
}

/// A number of at most this size.
fn number<const LIMBS: usize>(magnitude: &[u8]) -> Option<Uint<LIMBS>> {
    let mut words = [0; LIMBS];
    let mut rest = magnitude;
    for word in &mut words {
        let (front, last) = rest.split_at(rest.len().saturating_sub(size_of::<crypto_bigint::Word>()));
        *word = last.iter().fold(0, |word, byte| word << 8 | crypto_bigint::Word::from(*byte));
        rest = front;
    }
    rest.is_empty().then(|| Uint::from_words(words))
}

/// `base`^x mod p at the end of `out`.
fn power<const LIMBS: usize>(
    prime: &[u8],
    base: &[u8],
    exponent: &Exponent,
    out: &mut [u8; MOST_BITS / 8],
) -> Result<(), CryptoError> {
    let prime = number::<LIMBS>(prime).ok_or(CryptoError::BadValue)?;
    let odd = prime.to_odd().into_option().ok_or(CryptoError::BadValue)?;
    let below = prime.wrapping_sub(&Uint::ONE);
    let inside = |value: &Uint<LIMBS>| Uint::ONE < *value && *value < below;

    // "DH Public Key values MUST be checked and both conditions: 1 < e < p-1, 1 < f < p-1 MUST be true. Values not
    // within these bounds MUST NOT be sent or accepted by either side" (RFC 8268, section 4). It holds for a generator
    // in the same way.
    // "Values of 'e' or 'f' that are not in the range [1, p-1] MUST NOT be sent or accepted by either side" (RFC 4253,
    // section 8) is the older, wider form.
    let base = number::<LIMBS>(canonical(base)?).filter(inside).ok_or(CryptoError::BadValue)?;
    let params = FixedMontyParams::new_vartime(odd);
    let power = Zeroizing::new(windows(&base, exponent, &params));
    // "they MUST accept the shared secret K only if 1 < K < p - 1" (RFC 4419, section 3); and what is sent is a power
    // too. In an honest group it is one of 2^500.
    if !inside(&power) {
        return Err(CryptoError::BadValue);
    }
    let words = power.as_words().iter();
    for (bytes, word) in out.rchunks_exact_mut(size_of::<crypto_bigint::Word>()).zip(words) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    Ok(())
}

/// `base`^x by windows of four bits: every window is four squarings, a look at all sixteen powers, a multiplication.
/// Not inlined, since its table and the scratch of `FixedMontyParams` would then be on the stack at one time.
#[inline(never)]
fn windows<const LIMBS: usize>(
    base: &Uint<LIMBS>,
    exponent: &Exponent,
    params: &FixedMontyParams<LIMBS>,
) -> Uint<LIMBS> {
    let mut by = <FixedMontyForm<LIMBS> as MontyForm>::Multiplier::from(params);
    let mut power = FixedMontyForm::one(params);
    let mut factor = FixedMontyForm::new(base, params);
    // Wiped by hand at the end: moving it into a `Zeroizing` costs its size once more.
    let mut table = [*params.one(); 16];
    for entry in &mut table {
        *entry = *power.as_montgomery();
        by.mul_assign(&mut power, &factor);
    }
    *power.as_montgomery_mut() = *params.one();
    for window in exponent.0.iter().flat_map(|byte| [byte >> 4, byte & 15]) {
        for _ in 0..4 {
            by.square_assign(&mut power);
        }
        for (nibble, entry) in (0u8..).zip(&table) {
            factor.as_montgomery_mut().ct_assign(entry, nibble.ct_eq(&window));
        }
        by.mul_assign(&mut power, &factor);
    }
    let result = power.retrieve();
    power.zeroize();
    factor.zeroize();
    table.zeroize();
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;
    use std::{format, println};

    /// SHA-256 of the primes that OpenSSL 3.0 has under the names `modp_2048`, `modp_3072`, ….
    #[test]
    fn the_primes_are_those_of_openssl() {
        use sha2::Digest as _;
        let hashes = [
            "d66436f79bbd6b2e38c0ffbd079be904d2641415e2e67140e09448be9a60890e",
            "48cf8b092fbce4359d9871abf74f98e25b6163379eaa15cd9087e800c6d1c55c",
            "4ee95187682bcb230ad26a95205f6920e84708f6251b3894329b09ec23919e33",
            "d1bfe6d0925ce7e4da262b62861514a7755e35831e429f343e7b864848657efd",
            "39ab4feab950a3128fb71accb9fc3965d857012e081998a85996e3ea8b3c3bcf",
        ];
        for ((size, group), hash) in ALL.iter().zip(hashes) {
            let prime = canonical(group.prime).expect("canonical");
            assert_eq!(bits(prime), *size as usize);
            let ours: Vec<_> = sha2::Sha256::digest(prime).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(ours.concat(), hash);
        }
    }

    fn is_probably_prime<const LIMBS: usize>(n: &Uint<LIMBS>) -> bool {
        let params = FixedMontyParams::new_vartime(n.to_odd().expect("odd"));
        let minus_one = n.wrapping_sub(&Uint::ONE);
        let zeros = minus_one.trailing_zeros_vartime();
        let odd = minus_one.shr_vartime(zeros);
        [2u32, 3, 5].into_iter().all(|base| {
            let mut power = FixedMontyForm::new(&Uint::from_u32(base), &params).pow_vartime(&odd);
            let mut passes = power.retrieve() == Uint::ONE;
            for _ in 0..zeros {
                passes |= power.retrieve() == minus_one;
                power = power.square();
            }
            passes
        })
    }

    fn check<const LIMBS: usize>(group: Group<'_>) {
        let prime = number::<LIMBS>(canonical(group.prime).expect("canonical")).expect("fits");
        let order = prime.shr_vartime(1);
        assert!(is_probably_prime(&prime) && is_probably_prime(&order), "a safe prime");
        assert_eq!(group.generator, [2]);
        let params = FixedMontyParams::new_vartime(prime.to_odd().expect("odd"));
        let two = FixedMontyForm::new(&Uint::from_u32(2), &params);
        assert_eq!(two.pow_vartime(&order).retrieve(), Uint::ONE, "2 has the prime order");
    }

    #[test]
    fn the_primes_are_safe_and_two_has_a_prime_order() {
        let started = std::time::Instant::now();
        for (size, group) in ALL {
            match size {
                2048 => check::<{ U2048::LIMBS }>(group),
                3072 => check::<{ U3072::LIMBS }>(group),
                4096 => check::<{ U4096::LIMBS }>(group),
                6144 => check::<{ U6144::LIMBS }>(group),
                _ => check::<{ U8192::LIMBS }>(group),
            }
            println!("{size}: {:?}", started.elapsed());
        }
    }

    #[test]
    fn a_composite_is_found() {
        let mut bytes: Vec<u8> = canonical(MODP_2048.prime).expect("canonical").into();
        bytes[100] ^= 1;
        assert!(!is_probably_prime(&number::<{ U2048::LIMBS }>(&bytes).expect("fits")));
    }

    /// CVE-2016-0739, CVE-2016-0787: exponents of 128 or 256 bits where as many bytes were meant.
    #[test]
    fn an_exponent_takes_all_its_bytes_from_the_generator() {
        let seed = crate::crypto::Seed::new([7; 32]);
        let [mut a, mut b] = [crate::crypto::Random::new(&seed), crate::crypto::Random::new(&seed)];
        let mut bytes = [0; 64];
        b.fill(&mut bytes);
        assert_eq!(Exponent::new(&mut a).0, bytes);
        // Twice the strength of the strongest hash, and never less than the hash of a row gives out.
        for row in [&ModpRow::GROUP_14, &ModpRow::GROUP_16, &ModpRow::GROUP_18] {
            assert!(EXPONENT * 8 >= row.hash.len() * 8);
        }
    }

    /// The stack of a thread is a coarse measure, but it cannot lie low: what does not fit into it kills the test.
    #[test]
    fn the_largest_group_needs_little_stack() {
        let room = 56 * 1024;
        let thread = std::thread::Builder::new().stack_size(room).spawn(|| {
            let mut out = [0; MOST_BYTES];
            MODP_8192.public(&Exponent([0x5a; EXPONENT]), &mut out).map(|length| length > 1000)
        });
        assert_eq!(thread.expect("a thread").join().expect("no panic"), Ok(true));
    }
}
