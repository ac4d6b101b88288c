//! Private keys in memory and in files, for programs that just have a key file.
//!
//! The state machine never uses this: it asks for signatures with an event, and a key file, an agent or a hardware
//! module answer it on one path. An application that holds a [`PrivateKey`] answers with [`PrivateKey::sign`].
//!
//! ```text
//!  bytes --> read --+--> openssh (cipher) --+
//!                   +--> pem --> pkcs       +--> PrivateKey --> sign, public_blob, certificate
//!                   +--> putty -------------+        |
//!  text <-- write <-- openssh | pkcs | putty <-------+
//! ```
//!
//! A type of key is one file with one `impl` of the private trait `Kind`, and one line in `Inner`; a file format is one
//! file that makes an `Inner` of bytes. A secret lives on the heap and is wiped when its key goes, as is every buffer here
//! that it passed through. What the compiler leaves on the stack is beyond the reach of this module.

pub mod agent;
mod cipher;
mod costs;
mod ecdsa;
mod ed25519;
mod error;
mod format;
#[cfg(feature = "mldsa")]
mod mldsa;
mod openssh;
mod pem;
mod pkcs;
mod putty;
mod rsa;
mod security_key;

pub use error::{BadCertificate, BadKeyFile, GenerateError, SignError, WriteError};
pub use format::{FileFormat, MAX_EFFORT, Protection};
pub use security_key::SecurityKeyReference;
pub use zeroize::Zeroizing;

use crate::crypto::CryptoRng;
use crate::keys::{Certificate, OutOfMemory, PublicKey, encode};
use crate::wire::{Reader, Sink, put_string};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use costs::Costs;
use ecdsa::Ecdsa;
use ed25519::Ed25519;
#[cfg(feature = "mldsa")]
use mldsa::MlDsaEd25519;
use rsa::Rsa;
use security_key::SecurityKey;

/// How the types of certificates end.
const CERTIFICATE: &[u8] = b"-cert-v01@openssh.com";

/// A private key, its comment, and its certificate if it has one. Debug shows the public half only. There is no `Clone`:
/// a secret stands in one place.
pub struct PrivateKey {
    inner: Inner,
    /// The plain public key.
    blob: Vec<u8>,
    certificate: Option<Vec<u8>>,
    comment: String,
}

/// The types of keys. Each holds its secret behind a pointer, so that moving a key leaves no copy.
enum Inner {
    Ed25519(Ed25519),
    P256(Ecdsa<ecdsa::P256>),
    P384(Ecdsa<ecdsa::P384>),
    P521(Ecdsa<ecdsa::P521>),
    Rsa(Rsa),
    #[cfg(feature = "mldsa")]
    MlDsaEd25519(MlDsaEd25519),
    SecurityKey(SecurityKey),
}

/// The names of a type of key.
struct Names {
    /// In blobs and in key files.
    key: &'static str,
    /// The signature algorithms that the key can make, best first.
    algorithms: &'static [&'static str],
    /// Each of them as its certificate asks for it. The signature then bears the plain name.
    certified: &'static [&'static str],
}

/// What a type of key can do.
trait Kind {
    /// Its names.
    fn names(&self) -> &'static Names;
    /// Writes the fields behind the type name in a key file's private section. In an agent's messages the public half is
    /// left out where the `certified` key's certificate stands in front (draft-ietf-sshm-ssh-agent, section 3.2).
    fn write(&self, sink: &mut dyn Sink, certified: bool);
    /// Writes the public key blob.
    fn write_public(&self, sink: &mut dyn Sink);
    /// Whether it signs here at all.
    fn ready(&self) -> Result<(), SignError> {
        Ok(())
    }
    /// A signature blob by one of the algorithms of its names.
    fn sign(&self, algorithm: &'static str, message: &[u8]) -> Result<Vec<u8>, SignError>;
}

/// The types of keys that [`PrivateKey::generate`] makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyKind {
    /// `ssh-ed25519`.
    Ed25519,
    /// `ecdsa-sha2-nistp256`.
    EcdsaP256,
    /// `ecdsa-sha2-nistp384`.
    EcdsaP384,
    /// `ecdsa-sha2-nistp521`.
    EcdsaP521,
    /// `ssh-rsa` of so many bits: 2048, 3072, 4096 or 8192. Needs the feature `aws_lc`, which draws from its own random
    /// numbers.
    Rsa(u32),
    /// `ssh-mldsa44-ed25519@openssh.com`. Needs the feature `mldsa`.
    MlDsa44Ed25519,
}

impl PrivateKey {
    /// A new key. `random` must be fit for long-lived keys.
    ///
    /// # Errors
    /// [`GenerateError`].
    pub fn generate(kind: KeyKind, random: &mut dyn CryptoRng) -> Result<Self, GenerateError> {
        let inner = match kind {
            KeyKind::Ed25519 => return Ok(Self::generate_ed25519(random)?),
            KeyKind::EcdsaP256 => Inner::P256(Ecdsa::generate(random)?),
            KeyKind::EcdsaP384 => Inner::P384(Ecdsa::generate(random)?),
            KeyKind::EcdsaP521 => Inner::P521(Ecdsa::generate(random)?),
            KeyKind::Rsa(bits) => Inner::Rsa(Rsa::generate(bits)?),
            #[cfg(feature = "mldsa")]
            KeyKind::MlDsa44Ed25519 => Inner::MlDsaEd25519(MlDsaEd25519::generate(random)?),
            #[cfg(not(feature = "mldsa"))]
            KeyKind::MlDsa44Ed25519 => {
                return Err(GenerateError::Unsupported("keys of this type need the feature `mldsa`"));
            }
        };
        Ok(Self::new(inner, String::new())?)
    }

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

    /// Reads a private key file of any known format: openssh-key-v1, PKCS#8, PKCS#1, SEC1 (encrypted or not, the last two
    /// in OpenSSL's old way), and PuTTY's PPK 2 and 3. A passphrase that the file does not need is not looked at.
    ///
    /// What a file may cost is bounded: 64 KiB of text, about ten seconds and 256 MiB for its passphrase.
    ///
    /// # Errors
    /// [`BadKeyFile`] says what is wrong and what to do about it. [`BadKeyFile::Encrypted`] asks for a passphrase.
    pub fn read(text: &(impl AsRef<[u8]> + ?Sized), passphrase: Option<&[u8]>) -> Result<Self, BadKeyFile> {
        format::read(text.as_ref(), passphrase, &Costs::FILES)
    }

    /// As [`read`](PrivateKey::read), with little patience for costs.
    #[cfg(feature = "fuzzing")]
    pub(crate) fn read_cheap(text: &[u8], passphrase: Option<&[u8]>) -> Result<Self, BadKeyFile> {
        format::read(text, passphrase, &Costs::FUZZER)
    }

    /// Reads an openssh-key-v1 file without a passphrase, the form that `ssh-keygen` writes.
    ///
    /// # Errors
    /// [`BadKeyFile`] says what is wrong and what to do about it.
    pub fn from_openssh(text: &(impl AsRef<[u8]> + ?Sized)) -> Result<Self, BadKeyFile> {
        let text = text.as_ref();
        match format::recognise(text)? {
            format::Found::OpenSsh(_) => Self::read(text, None),
            _ => Err(BadKeyFile::Format),
        }
    }

    /// The text of a key file. A certificate is no part of it: it goes into a file of its own. Whoever stores it keeps it
    /// from others' eyes (mode 0600).
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn write(
        &self,
        format: FileFormat,
        protection: Protection<'_>,
        random: &mut dyn CryptoRng,
    ) -> Result<Zeroizing<String>, WriteError> {
        format::write(self, format, protection, random)
    }

    /// Writes an openssh-key-v1 file without a passphrase. Whoever stores it keeps it from others' eyes (mode 0600).
    ///
    /// # Errors
    /// [`OutOfMemory`].
    pub fn to_openssh(&self, random: &mut dyn CryptoRng) -> Result<Zeroizing<String>, OutOfMemory> {
        self.write(FileFormat::OpenSsh, Protection::Plain, random).map_err(|_| OutOfMemory)
    }

    /// The public half, as the blob that travels: the certificate if there is one, else the plain key.
    #[must_use]
    pub fn public_blob(&self) -> &[u8] {
        self.certificate.as_deref().unwrap_or(&self.blob)
    }

    /// The plain public key, whether there is a certificate or not.
    #[must_use]
    pub fn plain_blob(&self) -> &[u8] {
        &self.blob
    }

    /// The public half: the certificate if there is one, else the plain key.
    #[must_use]
    pub fn public_key(&self) -> PublicKey<'_> {
        PublicKey::new(self.public_blob())
    }

    /// The signature algorithms that go with [`public_blob`](PrivateKey::public_blob) and that [`sign`](PrivateKey::sign)
    /// knows, best first: `rsa-sha2-512`, `rsa-sha2-256`; of a key with a certificate,
    /// `rsa-sha2-512-cert-v01@openssh.com` and so on. A server offers host key algorithms by them, so that it never
    /// negotiates one that it cannot sign (CVE-2022-27191). Empty if the key does not sign here: the key of a security
    /// key, or an RSA key without the feature `aws_lc`.
    #[must_use]
    pub fn algorithms(&self) -> &'static [&'static str] {
        let names = self.kind().names();
        match (self.kind().ready(), &self.certificate) {
            (Err(_), _) => &[],
            (Ok(()), None) => names.algorithms,
            (Ok(()), Some(_)) => names.certified,
        }
    }

    /// Signs `message` and gives the blob of RFC 4253, section 6.6: `string algorithm, string signature`. `algorithm` may
    /// be a certificate's; the signature then bears the plain name, which is also what a connection's event says.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign(&self, algorithm: &str, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let kind = self.kind();
        let names = kind.names();
        let both = names.algorithms.iter().zip(names.certified);
        let (plain, _) = both
            .clone()
            .find(|(plain, certified)| **plain == algorithm || **certified == algorithm)
            .ok_or(SignError::Algorithm)?;
        kind.ready()?;
        kind.sign(plain, message)
    }

    /// The key with a certificate, which is then what [`public_blob`](PrivateKey::public_blob) gives. Only whose it is is
    /// checked; whether it is good for anything, the other side decides.
    ///
    /// # Errors
    /// [`BadCertificate`]. The key is gone then: read it again.
    pub fn with_certificate(mut self, blob: &[u8]) -> Result<Self, BadCertificate> {
        let certificate = Certificate::parse(blob).map_err(|_| BadCertificate::Malformed)?;
        if certificate.plain_key().blob() != self.blob {
            return Err(BadCertificate::OtherKey);
        }
        self.certificate = Some(encode::written(|sink| sink.put(blob))?);
        Ok(self)
    }

    /// The certificate, if there is one.
    #[must_use]
    pub fn certificate(&self) -> Option<&[u8]> {
        self.certificate.as_deref()
    }

    /// What an authenticator needs to sign, if the key is the key of one (`sk-…@openssh.com`): nothing here signs with it.
    #[must_use]
    pub fn security_key(&self) -> Option<SecurityKeyReference<'_>> {
        match &self.inner {
            Inner::SecurityKey(key) => key.reference().ok(),
            _ => None,
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
        let blob = encode::written(|sink| inner.kind().write_public(sink))?;
        Ok(PrivateKey { inner, blob, certificate: None, comment })
    }

    fn kind(&self) -> &dyn Kind {
        self.inner.kind()
    }

    /// Reads a type name and the fields behind it: a key file's private section, or what an agent is given. A certificate
    /// type has its certificate in front of them.
    pub(crate) fn read_fields(fields: &mut Reader<'_>) -> Result<Self, BadKeyFile> {
        let name = fields.string()?;
        if !name.ends_with(CERTIFICATE) {
            return Ok(Self::new(Inner::read(name, fields, None)?, String::new())?);
        }
        let blob = fields.string()?;
        let certificate = Certificate::parse(blob).map_err(|_| BadKeyFile::Damaged)?;
        if certificate.key_type().as_bytes() != name {
            return Err(BadKeyFile::Damaged);
        }
        let public = certificate.plain_key();
        let inner = Inner::read(certificate.plain_type().as_bytes(), fields, Some(public.blob()))?;
        Ok(Self::new(inner, String::new())?.with_certificate(blob)?)
    }

    /// Writes the type name and the fields, without the certificate.
    fn write_fields(&self, sink: &mut dyn Sink) {
        put_string(sink, self.kind().names().key.as_bytes());
        self.kind().write(sink, false);
    }

    /// Writes what an agent is given: the type name, the certificate if there is one, and the fields.
    #[allow(dead_code, reason = "for the agent's messages")]
    pub(crate) fn write_agent_fields(&self, sink: &mut dyn Sink) {
        let Some(certificate) = &self.certificate else { return self.write_fields(sink) };
        put_string(sink, self.public_key().key_type().as_bytes());
        put_string(sink, certificate);
        self.kind().write(sink, true);
    }
}

impl Inner {
    fn kind(&self) -> &dyn Kind {
        match self {
            Inner::Ed25519(key) => key,
            Inner::P256(key) => key,
            Inner::P384(key) => key,
            Inner::P521(key) => key,
            Inner::Rsa(key) => key,
            #[cfg(feature = "mldsa")]
            Inner::MlDsaEd25519(key) => key,
            Inner::SecurityKey(key) => key,
        }
    }

    /// The fields behind the type name `name`. `public` is the public key blob, if it came in a certificate.
    fn read(name: &[u8], fields: &mut Reader<'_>, public: Option<&[u8]>) -> Result<Inner, BadKeyFile> {
        Ok(match name {
            b"ssh-ed25519" => Inner::Ed25519(Ed25519::read(fields)?),
            b"ecdsa-sha2-nistp256" => Inner::P256(Ecdsa::read(fields, public)?),
            b"ecdsa-sha2-nistp384" => Inner::P384(Ecdsa::read(fields, public)?),
            b"ecdsa-sha2-nistp521" => Inner::P521(Ecdsa::read(fields, public)?),
            b"ssh-rsa" => Inner::Rsa(Rsa::read(fields, public)?),
            #[cfg(feature = "mldsa")]
            b"ssh-mldsa44-ed25519@openssh.com" => Inner::MlDsaEd25519(MlDsaEd25519::read(fields, public)?),
            _ => Inner::SecurityKey(SecurityKey::read(name, fields, public)?),
        })
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({} {} …)", self.public_key().key_type(), self.public_key())
    }
}
