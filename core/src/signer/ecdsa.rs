//! ECDSA private keys over the NIST curves (RFC 5656).
//!
//! The nonce of a signature follows from key and message (RFC 6979): no random number generator can bias it, which is
//! what gave PuTTY's P-521 keys away (CVE-2024-31497).

use super::{BadKeyFile, GenerateError, Kind, Names, SignError, Zeroizing};
use crate::crypto::{CryptoRng, try_box};
use crate::keys::{OutOfMemory, SignatureBlob, encode};
use crate::wire::{Reader, Sink, SliceSink, minimal_magnitude, put_mpint, put_string};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// The longest number of any curve, in bytes.
const MAX: usize = 66;

/// What differs between the curves.
pub(super) trait Curve: 'static {
    /// The names of its keys.
    const NAMES: Names;
    /// Its name inside blobs.
    const CURVE: &'static str;
    /// Its object identifier in DER, without tag and length (RFC 5480, section 2.1.1.1).
    const OID: &'static str;
    /// Bytes of a scalar and of a coordinate.
    const LEN: usize;
    /// Bits of the first byte that a scalar uses.
    const FIRST_BITS: u8;
    /// The key, which wipes itself.
    type Key;
    /// The key of a scalar of [`LEN`](Curve::LEN) bytes, if it is in 1 to n-1.
    fn key(scalar: &[u8]) -> Option<Self::Key>;
    /// Gives the scalar away, in [`LEN`](Curve::LEN) bytes.
    fn scalar(key: &Self::Key) -> Scalar;
    /// The point, not compressed: `04 x y`.
    fn point(key: &Self::Key) -> Point;
    /// `r` and `s`, in [`LEN`](Curve::LEN) bytes each.
    fn sign(key: &Self::Key, message: &[u8]) -> Option<[Number; 2]>;
}

/// Up to [`MAX`] bytes, of which the curve uses the first ones.
pub(super) struct Number([u8; MAX], usize);

impl Number {
    fn new(bytes: &[u8]) -> Self {
        let mut number = Number([0; MAX], bytes.len().min(MAX));
        SliceSink::new(&mut number.0).put(bytes);
        number
    }

    fn as_bytes(&self) -> &[u8] {
        self.0.get(..self.1).unwrap_or_default()
    }
}

pub(super) struct Scalar(Zeroizing<[u8; MAX]>, usize);

impl Scalar {
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.get(..self.1).unwrap_or_default()
    }
}

pub(super) struct Point([u8; 2 * MAX + 1], usize);

impl Point {
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.get(..self.1).unwrap_or_default()
    }
}

macro_rules! curve {
    ($name:ident, $library:ident, $curve:literal, $oid:literal, $len:literal, $bits:literal) => {
        /// The curve.
        pub(super) enum $name {}

        impl Curve for $name {
            const NAMES: Names = Names {
                key: concat!("ecdsa-sha2-", $curve),
                algorithms: &[concat!("ecdsa-sha2-", $curve)],
                certified: &[concat!("ecdsa-sha2-", $curve, "-cert-v01@openssh.com")],
            };
            const CURVE: &'static str = $curve;
            const OID: &'static str = $oid;
            const LEN: usize = $len;
            const FIRST_BITS: u8 = $bits;
            type Key = $library::ecdsa::SigningKey;

            fn key(scalar: &[u8]) -> Option<Self::Key> {
                $library::ecdsa::SigningKey::from_slice(scalar).ok().filter(|_| scalar.len() == $len)
            }

            fn scalar(key: &Self::Key) -> Scalar {
                let bytes = Zeroizing::new(key.to_bytes());
                let mut scalar = Scalar(Zeroizing::new([0; MAX]), $len);
                SliceSink::new(&mut *scalar.0).put(&bytes);
                scalar
            }

            fn point(key: &Self::Key) -> Point {
                let bytes = key.verifying_key().to_sec1_point(false);
                let mut point = Point([0; 2 * MAX + 1], bytes.as_bytes().len());
                SliceSink::new(&mut point.0).put(bytes.as_bytes());
                point
            }

            fn sign(key: &Self::Key, message: &[u8]) -> Option<[Number; 2]> {
                use $library::ecdsa::signature::Signer;
                let signature: $library::ecdsa::Signature = key.try_sign(message).ok()?;
                let (r, s) = signature.split_bytes();
                Some([Number::new(&r), Number::new(&s)])
            }
        }
    };
}

curve!(P256, p256, "nistp256", "1.2.840.10045.3.1.7", 32, 0xff);
curve!(P384, p384, "nistp384", "1.3.132.0.34", 48, 0xff);
curve!(P521, p521, "nistp521", "1.3.132.0.35", 66, 0x01);

pub(super) struct Ecdsa<C: Curve>(Box<[C::Key; 1]>);

impl<C: Curve> Ecdsa<C> {
    /// The key of a scalar, big-endian, with or without zeros in front.
    pub(super) fn from_scalar(scalar: &[u8]) -> Result<Self, BadKeyFile> {
        let scalar = minimal_magnitude(scalar);
        let mut bytes = Zeroizing::new([0; MAX]);
        let zeros = C::LEN.checked_sub(scalar.len()).ok_or(BadKeyFile::Damaged)?;
        let bytes = bytes.get_mut(..C::LEN).ok_or(BadKeyFile::Damaged)?;
        SliceSink::new(bytes.get_mut(zeros..).ok_or(BadKeyFile::Damaged)?).put(scalar);
        // 1 to n-1: the library refuses the others.
        let key = C::key(bytes).ok_or(BadKeyFile::Damaged)?;
        Ok(Ecdsa(try_box(key).map_err(|_| OutOfMemory)?))
    }

    /// Candidates are drawn until one is in 1 to n-1 (FIPS 186-5, A.2.2), which the first nearly always is.
    pub(super) fn generate(random: &mut dyn CryptoRng) -> Result<Self, GenerateError> {
        let mut bytes = Zeroizing::new([0; MAX]);
        let candidate = bytes.get_mut(..C::LEN).ok_or(GenerateError::Random)?;
        for _ in 0..64 {
            random.fill_bytes(candidate);
            if let Some(first) = candidate.first_mut() {
                *first &= C::FIRST_BITS;
            }
            match Self::from_scalar(candidate) {
                Ok(key) => return Ok(key),
                Err(BadKeyFile::OutOfMemory) => return Err(GenerateError::OutOfMemory),
                Err(_) => {}
            }
        }
        Err(GenerateError::Random)
    }

    /// `string curve, string point, mpint scalar`; the first two are in the certificate if there is one.
    pub(super) fn read(fields: &mut Reader<'_>, public: Option<&[u8]>) -> Result<Self, BadKeyFile> {
        let (curve, point) = match public {
            Some(blob) => {
                let mut blob = Reader::new(blob);
                let _name = blob.string()?;
                (blob.string()?, blob.string()?)
            }
            None => (fields.string()?, fields.string()?),
        };
        let scalar = fields.string()?;
        if curve != C::CURVE.as_bytes() || scalar.first().is_some_and(|byte| *byte >= 0x80) {
            return Err(BadKeyFile::Damaged);
        }
        let key = Self::from_scalar(scalar)?;
        // A signature with another key's public half beside it gives nothing away here, but it is refused everywhere.
        if key.has_public(point) { Ok(key) } else { Err(BadKeyFile::Mismatch) }
    }

    pub(super) fn has_public(&self, point: &[u8]) -> bool {
        self.point().as_bytes() == point
    }

    pub(super) fn point(&self) -> Point {
        C::point(self.key())
    }

    pub(super) fn scalar(&self) -> Scalar {
        C::scalar(self.key())
    }

    fn key(&self) -> &C::Key {
        let [key] = &*self.0;
        key
    }
}

impl<C: Curve> Kind for Ecdsa<C> {
    fn names(&self) -> &'static Names {
        const { &C::NAMES }
    }

    fn write(&self, sink: &mut dyn Sink, certified: bool) {
        if !certified {
            put_string(sink, C::CURVE.as_bytes());
            put_string(sink, self.point().as_bytes());
        }
        put_mpint(sink, self.scalar().as_bytes());
    }

    /// RFC 5656, section 3.1.
    fn write_public(&self, sink: &mut dyn Sink) {
        put_string(sink, C::NAMES.key.as_bytes());
        put_string(sink, C::CURVE.as_bytes());
        put_string(sink, self.point().as_bytes());
    }

    /// RFC 5656, section 3.1.2: `mpint r, mpint s`.
    fn sign(&self, algorithm: &'static str, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let [r, s] = C::sign(self.key(), message).ok_or(SignError::Fault)?;
        let signature = encode::written(|sink| {
            put_mpint(sink, r.as_bytes());
            put_mpint(sink, s.as_bytes());
        })?;
        Ok(SignatureBlob { algorithm, signature: &signature }.to_vec()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Random, Seed};

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    fn answers<C: Curve>(scalar: &str, x: &str, cases: [(&[u8], &str, &str); 2]) {
        let key = Ecdsa::<C>::from_scalar(&hex(scalar)).unwrap();
        assert_eq!(key.point().as_bytes()[1..=C::LEN], hex(x));
        for (message, r, s) in cases {
            let blob = key.sign(C::NAMES.key, message).unwrap();
            let signature = SignatureBlob::parse(&blob).unwrap();
            assert_eq!(signature.algorithm, C::NAMES.key);
            let wanted = encode::written(|sink| {
                put_mpint(sink, &hex(r));
                put_mpint(sink, &hex(s));
            });
            assert_eq!(signature.signature, wanted.unwrap(), "{}", C::CURVE);
        }
    }

    /// RFC 6979, appendices A.2.5, A.2.6 and A.2.7, with the curve's hash. CVE-2024-31497: the nonces of P-521 are of full
    /// length, as the known answers show.
    #[test]
    fn the_known_answers() {
        answers::<P256>(
            "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721",
            "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6",
            [
                (
                    b"sample",
                    "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
                    "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
                ),
                (
                    b"test",
                    "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367",
                    "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083",
                ),
            ],
        );
        answers::<P384>(
            "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5",
            "EC3A4E415B4E19A4568618029F427FA5DA9A8BC4AE92E02E06AAE5286B300C64DEF8F0EA9055866064A254515480BC13",
            [
                (
                    b"sample",
                    "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE46",
                    "99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8",
                ),
                (
                    b"test",
                    "8203B63D3C853E8D77227FB377BCF7B7B772E97892A80F36AB775D509D7A5FEB0542A7F0812998DA8F1DD3CA3CF023DB",
                    "DDD0760448D42D8A43AF45AF836FCE4DE8BE06B485E9B61B827C2F13173923E06A739F040649A667BF3B828246BAA5A5",
                ),
            ],
        );
        answers::<P521>(
            "00FAD06DAA62BA3B25D2FB40133DA757205DE67F5BB0018FEE8C86E1B68C7E75CAA896EB32F1F47C70855836A6D16FCC1466F6D8FBEC67DB89EC0C08B0E996B83538",
            "01894550D0785932E00EAA23B694F213F8C3121F86DC97A04E5A7167DB4E5BCD371123D46E45DB6B5D5370A7F20FB633155D38FFA16D2BD761DCAC474B9A2F5023A4",
            [
                (
                    b"sample",
                    "00C328FAFCBD79DD77850370C46325D987CB525569FB63C5D3BC53950E6D4C5F174E25A1EE9017B5D450606ADD152B534931D7D4E8455CC91F9B15BF05EC36E377FA",
                    "00617CCE7CF5064806C467F678D3B4080D6F1CC50AF26CA209417308281B68AF282623EAA63E5B5C0723D8B8C37FF0777B1A20F8CCB1DCCC43997F1EE0E44DA4A67A",
                ),
                (
                    b"test",
                    "013E99020ABF5CEE7525D16B69B229652AB6BDF2AFFCAEF38773B4B7D08725F10CDB93482FDCC54EDCEE91ECA4166B2A7C6265EF0CE2BD7051B7CEF945BABD47EE6D",
                    "01FBD0013C674AA79CB39849527916CE301C66EA7CE8B80682786AD60F98F7E78A19CA69EFF5C57400E3B3A0AD66CE0978214D13BAF4E9AC60752F7B155E2DE4DCE3",
                ),
            ],
        );
    }

    #[test]
    fn a_scalar_outside_its_range_is_no_key() {
        let n = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
        let one_less = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550");
        for bad in [&[][..], &[0; 32], &n, &[0xff; 32], &[1; 33]] {
            assert_eq!(Ecdsa::<P256>::from_scalar(bad).map(|_| ()), Err(BadKeyFile::Damaged), "{bad:?}");
        }
        for good in [&[1][..], &one_less, &[&[0; 10][..], &[7; 32]].concat()] {
            assert!(Ecdsa::<P256>::from_scalar(good).is_ok(), "{good:?}");
        }
    }

    /// CVE-2022-29245: a key comes from the generator that is given, and another one from other random numbers.
    #[test]
    fn keys_are_made_of_the_random_numbers_given() {
        fn differ<C: Curve>() {
            let key = |n| Ecdsa::<C>::generate(&mut Random::new(&Seed::new([n; 32]))).unwrap();
            assert_eq!(key(1).point().as_bytes(), key(1).point().as_bytes());
            assert_ne!(key(1).point().as_bytes(), key(2).point().as_bytes());
        }
        differ::<P256>();
        differ::<P384>();
        differ::<P521>();
    }
}
