//! A public key blob: `string type` and that type's fields (RFC 4253, section 6.6).

use super::{BadKeyLine, Fingerprint, PublicKeyLine};
use crate::wire::{Reader, SliceSink, put_string};
use alloc::string::String;
use core::fmt;

/// The type name of Ed25519 keys, and of their signatures (RFC 8709, sections 4 and 6).
pub const ED25519: &str = "ssh-ed25519";

/// Length of an Ed25519 key blob.
pub const ED25519_BLOB_LEN: usize = 51;

/// A public key, borrowed as the blob that travels. Equal keys are equal byte for byte. It may be any bytes at all:
/// whether it is a key of an algorithm is said by
/// [`SignatureAlgorithm::accepts`](crate::crypto::SignatureAlgorithm::accepts), and whether it is trusted by
/// nobody here.
///
/// Displays as its [`Fingerprint`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey<'a>(&'a [u8]);

impl<'a> PublicKey<'a> {
    /// Looks at a blob.
    #[must_use]
    pub const fn new(blob: &'a [u8]) -> Self {
        PublicKey(blob)
    }

    /// The bytes that travel and are hashed.
    #[must_use]
    pub const fn blob(&self) -> &'a [u8] {
        self.0
    }

    /// The type name in front, such as `ssh-ed25519`. Empty if the blob has no name as RFC 4251, section 6 allows one:
    /// 1 to 64 printable US-ASCII characters without comma or blank.
    #[must_use]
    pub fn key_type(&self) -> &'a str {
        let is_name = |name: &&[u8]| {
            (1..=64).contains(&name.len()) && name.iter().all(|byte| byte.is_ascii_graphic() && *byte != b',')
        };
        let name = Reader::new(self.0).string().ok().filter(is_name).unwrap_or_default();
        core::str::from_utf8(name).unwrap_or_default()
    }

    /// SHA-256 of the blob, shown as `SHA256:…`.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.0)
    }

    /// The public-key line `type base64 comment`, as it stands in a `.pub` file, without a newline.
    ///
    /// # Errors
    /// [`BadKeyLine`]: the blob has no type name, the comment has a control character, or memory is
    /// out.
    pub fn line(&self, comment: &str) -> Result<String, BadKeyLine> {
        PublicKeyLine::write(*self, comment)
    }
}

impl fmt::Display for PublicKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.fingerprint(), f)
    }
}

impl fmt::Debug for PublicKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({} {})", self.key_type(), self.fingerprint())
    }
}

/// The blob of an Ed25519 key: `string "ssh-ed25519", string key` (RFC 8709, section 4).
#[must_use]
pub fn ed25519_blob(key: &[u8; 32]) -> [u8; ED25519_BLOB_LEN] {
    let mut blob = [0; ED25519_BLOB_LEN];
    let mut sink = SliceSink::new(&mut blob);
    put_string(&mut sink, ED25519.as_bytes());
    put_string(&mut sink, key);
    blob
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    #[test]
    fn a_blob_tells_its_type_or_nothing() {
        let blob = ed25519_blob(&[7; 32]);
        assert_eq!(PublicKey::new(&blob).key_type(), "ssh-ed25519");
        for bad in [
            &b""[..],
            b"\0\0\0\x0bssh-ed2551",
            b"\0\0\0\0",
            b"\xff\xff\xff\xffssh",
            b"\0\0\0\x03a b",
            b"\0\0\0\x03a,b",
            b"\0\0\0\x02a\n",
            b"\0\0\0\x02a\xff",
        ] {
            assert_eq!(PublicKey::new(bad).key_type(), "", "{bad:?}");
        }
    }

    #[test]
    fn keys_are_equal_byte_for_byte() {
        let blob = ed25519_blob(&[7; 32]);
        let mut longer = blob.to_vec();
        longer.push(0);
        assert_eq!(PublicKey::new(&blob), PublicKey::new(&blob.clone()));
        assert_ne!(PublicKey::new(&blob), PublicKey::new(&longer));
        assert_ne!(PublicKey::new(&blob), PublicKey::new(&ed25519_blob(&[8; 32])));
        assert!(format!("{:?}", PublicKey::new(&blob)).starts_with("PublicKey(ssh-ed25519 SHA256:"));
    }
}
