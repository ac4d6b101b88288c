//! Private keys in memory, for programs that just have a key file.
//!
//! The state machine never uses this: it asks for signatures with an event, and a key file, an agent or a hardware
//! module answer it on one path. An application that holds a [`PrivateKey`] answers with [`PrivateKey::sign`].
//!
//! A type of key is one file with one `impl` of the private trait `Kind`, and one arm in each `match` of this one:
//! [`openssh`](PrivateKey::from_openssh) files, comments and fingerprints then work for it. A secret lives on
//! the heap and is wiped when its key goes, as is every buffer here that it passed through. What the compiler leaves on
//! the stack is beyond the reach of this module.

mod ed25519;
mod openssh;

pub use openssh::BadKeyFile;
pub use zeroize::Zeroizing;

use crate::crypto::CryptoRng;
use crate::keys::{OutOfMemory, PublicKey, encode};
use crate::wire::{Reader, Sink, put_string};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use ed25519::Ed25519;

/// A private key and its comment. Debug shows the public half only. There is no `Clone`: a secret stands in one place.
pub struct PrivateKey {
    inner: Inner,
    blob: Vec<u8>,
    comment: String,
}

/// The types of keys. Each holds its secret behind a pointer, so that moving a key leaves no copy.
enum Inner {
    Ed25519(Ed25519),
}

/// What a type of key can do.
trait Kind: Sized {
    /// The type name, in blobs and in key files.
    const NAME: &'static str;
    /// The signature algorithms that the key can make, best first.
    const ALGORITHMS: &'static [&'static str];
    /// Reads the fields behind the type name in a key file's private section.
    fn read(fields: &mut Reader<'_>) -> Result<Self, BadKeyFile>;
    /// Writes those fields.
    fn write(&self, sink: &mut dyn Sink);
    /// Writes the public key blob.
    fn write_public(&self, sink: &mut dyn Sink);
    /// A signature blob by one of [`ALGORITHMS`](Kind::ALGORITHMS).
    fn sign(&self, algorithm: &str, message: &[u8]) -> Result<Vec<u8>, SignError>;
}

/// Why a key did not sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignError {
    /// The key makes no signatures of this algorithm; see [`PrivateKey::algorithms`].
    Algorithm,
    /// A fallible allocation failed.
    OutOfMemory,
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SignError::Algorithm => "this key makes no signatures of that algorithm",
            SignError::OutOfMemory => "out of memory",
        })
    }
}

impl core::error::Error for SignError {}

impl From<OutOfMemory> for SignError {
    fn from(_: OutOfMemory) -> Self {
        SignError::OutOfMemory
    }
}

impl PrivateKey {
    /// A new Ed25519 key. `random` must be fit for long-lived keys.
    ///
    /// # Errors
    /// [`OutOfMemory`].
    pub fn generate_ed25519(random: &mut dyn CryptoRng) -> Result<Self, OutOfMemory> {
        let mut seed = Zeroizing::new([0; 32]);
        random.fill_bytes(&mut *seed);
        Self::ed25519_from_seed(&seed)
    }

    /// The Ed25519 key of a seed: the 32 bytes that RFC 8032, section 5.1.5 calls the private key.
    ///
    /// # Errors
    /// [`OutOfMemory`].
    pub fn ed25519_from_seed(seed: &[u8; 32]) -> Result<Self, OutOfMemory> {
        Self::new(Inner::Ed25519(Ed25519::from_seed(seed)?), String::new())
    }

    /// Reads an openssh-key-v1 file without a passphrase, the form that `ssh-keygen` writes.
    ///
    /// # Errors
    /// [`BadKeyFile`] says what is wrong and what to do about it.
    pub fn from_openssh(text: &(impl AsRef<[u8]> + ?Sized)) -> Result<Self, BadKeyFile> {
        openssh::read(text.as_ref())
    }

    /// Writes an openssh-key-v1 file without a passphrase. Whoever stores it keeps it from others' eyes (mode 0600).
    ///
    /// # Errors
    /// [`OutOfMemory`].
    pub fn to_openssh(&self, random: &mut dyn CryptoRng) -> Result<Zeroizing<String>, OutOfMemory> {
        openssh::write(self, random)
    }

    /// The public half, as the blob that travels.
    #[must_use]
    pub fn public_blob(&self) -> &[u8] {
        &self.blob
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> PublicKey<'_> {
        PublicKey::new(&self.blob)
    }

    /// The signature algorithms that [`sign`](PrivateKey::sign) knows, best first. A server offers host key algorithms
    /// by them, so that it never negotiates one that it cannot sign.
    #[must_use]
    pub fn algorithms(&self) -> &'static [&'static str] {
        match &self.inner {
            Inner::Ed25519(_) => Ed25519::ALGORITHMS,
        }
    }

    /// Signs `message` and gives the blob of RFC 4253, section 6.6: `string algorithm, string signature`.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign(&self, algorithm: &str, message: &[u8]) -> Result<Vec<u8>, SignError> {
        if !self.algorithms().contains(&algorithm) {
            return Err(SignError::Algorithm);
        }
        match &self.inner {
            Inner::Ed25519(key) => key.sign(algorithm, message),
        }
    }

    /// The comment: a name for people, part of the file.
    #[must_use]
    pub fn comment(&self) -> &str {
        &self.comment
    }

    /// The key with another comment. Control characters, which no key line could carry, become blanks.
    #[allow(clippy::disallowed_methods, reason = "the application's own text, outside a connection")]
    #[must_use]
    pub fn with_comment(mut self, comment: &str) -> Self {
        self.comment = comment.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        self
    }

    fn new(inner: Inner, comment: String) -> Result<Self, OutOfMemory> {
        let blob = encode::written(|sink| match &inner {
            Inner::Ed25519(key) => key.write_public(sink),
        })?;
        Ok(PrivateKey { inner, blob, comment })
    }

    /// The fields of the private section behind the type name `name`.
    fn read_inner(name: &[u8], fields: &mut Reader<'_>) -> Result<Inner, BadKeyFile> {
        if name == Ed25519::NAME.as_bytes() {
            return Ed25519::read(fields).map(Inner::Ed25519);
        }
        Err(BadKeyFile::KeyType)
    }

    /// The type name and fields of the private section.
    fn write_inner(&self, sink: &mut dyn Sink) {
        match &self.inner {
            Inner::Ed25519(key) => {
                put_string(sink, Ed25519::NAME.as_bytes());
                key.write(sink);
            }
        }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({} {} …)", self.public_key().key_type(), self.public_key())
    }
}
