//! The fingerprint of a public key, as `ssh-keygen -l` shows it.
//!
//! It is a hash to be read and compared by people, and to be pinned in a configuration. It is not a key.

use base64ct::{Base64Unpadded, Encoding};
use core::fmt;
use core::str::FromStr;
use sha2::{Digest, Sha256};

/// SHA-256 of a key blob. Shown as `SHA256:` and base64 without padding; parsed from the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of a key blob.
    #[must_use]
    pub fn of(blob: &[u8]) -> Self {
        Fingerprint(Sha256::digest(blob).into())
    }

    /// The hash.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut buffer = [0; 43];
        let text = Base64Unpadded::encode(&self.0, &mut buffer).map_err(|_| fmt::Error)?;
        write!(f, "SHA256:{text}")
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not `SHA256:` with 43 characters of base64 behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadFingerprint;

impl fmt::Display for BadFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a fingerprint: write SHA256: and the 43 characters that `ssh-keygen -l` shows behind it")
    }
}

impl core::error::Error for BadFingerprint {}

impl FromStr for Fingerprint {
    type Err = BadFingerprint;

    fn from_str(text: &str) -> Result<Self, BadFingerprint> {
        let encoded = text.strip_prefix("SHA256:").ok_or(BadFingerprint)?;
        if encoded.len() != 43 {
            return Err(BadFingerprint);
        }
        let mut bytes = [0; 32];
        let decoded = Base64Unpadded::decode(encoded, &mut bytes).map_err(|_| BadFingerprint)?.len();
        if decoded == bytes.len() { Ok(Fingerprint(bytes)) } else { Err(BadFingerprint) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn a_fingerprint_is_shown_and_read() {
        let fingerprint = Fingerprint::of(b"");
        assert_eq!(fingerprint.to_string(), "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU");
        assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
        for bad in [
            "",
            "SHA256:",
            "MD5:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
            "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV",
            "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF=",
            "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        ] {
            assert_eq!(bad.parse::<Fingerprint>(), Err(BadFingerprint), "{bad}");
        }
    }
}
