//! RSA. A verification takes heap in C, 10 KiB for a modulus of 4096 bits and 20 KiB for one of 8192, and gives it back
//! before it returns; [`Provider::state_bytes`](crate::crypto::Provider::state_bytes) does not count it.

use crate::crypto::common::rsa::{Key, Rsa};
use crate::crypto::{CryptoError, Hash};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA512, RsaPublicKeyComponents};

/// Verifies. AWS-LC encodes the expected hash and compares.
pub(super) struct RsaVerify;

impl Rsa for RsaVerify {
    fn verify(key: &Key<'_>, hash: Hash, message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        let algorithm = match hash {
            Hash::Sha256 => &RSA_PKCS1_2048_8192_SHA256,
            Hash::Sha512 => &RSA_PKCS1_2048_8192_SHA512,
            Hash::Sha384 => return Err(CryptoError::Failed),
        };
        let key = RsaPublicKeyComponents { n: key.modulus, e: key.exponent };
        key.verify(algorithm, message, signature).map_err(|_| CryptoError::BadSignature)
    }
}
