//! What can be wrong with keys, key files and signatures.

use crate::keys::OutOfMemory;
use crate::wire::Malformed;
use core::fmt;

/// Why a text is not a key that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadKeyFile {
    /// There is no private key in it.
    NotAKey,
    /// It is a public key.
    Public,
    /// It is a private key in another file format than the one asked for.
    Format,
    /// It needs a passphrase.
    Encrypted,
    /// The passphrase is not the one of this file, or the file is damaged: the two cannot be told apart.
    WrongPassphrase,
    /// Its key derivation would take more time or memory than any honest file needs.
    Cost,
    /// It is longer than any key file.
    TooLong,
    /// The end marker is missing, or text follows it.
    Frame,
    /// The text between the markers is not base64.
    Base64,
    /// A field does not fit, or bytes follow the last one.
    Damaged,
    /// It holds several keys, or none.
    KeyCount,
    /// The two check numbers differ.
    CheckNumbers,
    /// The padding is not 1, 2, 3, … up to the block.
    Padding,
    /// The public and the private half do not belong together.
    Mismatch,
    /// The key is of a type that does not sign here.
    KeyType,
    /// The format is right, but it uses something that is not supported: what it is.
    Unsupported(&'static str),
    /// A fallible allocation failed.
    OutOfMemory,
}

impl fmt::Display for BadKeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BadKeyFile::NotAKey => "this is not a private key file; make one with `ssh-keygen -t ed25519`",
            BadKeyFile::Public => "this is a public key; give the file of the private key, mostly without `.pub`",
            BadKeyFile::Format => {
                "the private key is in another file format; bring a copy of it into OpenSSH's with \
                 `ssh-keygen -p -f FILE` (PuTTY: `puttygen FILE -O private-openssh-new -o NEW`)"
            }
            BadKeyFile::Encrypted => {
                "the private key is encrypted: give its passphrase, or take it off a copy with `ssh-keygen -p -f FILE`"
            }
            BadKeyFile::WrongPassphrase => "this is not the passphrase of the private key, or the file is damaged",
            BadKeyFile::Cost => {
                "turning the passphrase into a key would take more time or memory than any honest key file needs; \
                 write the file anew with the usual effort"
            }
            BadKeyFile::TooLong => "the file is longer than any private key; is it the right one?",
            BadKeyFile::Frame => {
                "the file must end with the line `-----END … PRIVATE KEY-----`, with no other text around the key; \
                 was it cut, or are there two keys in it?"
            }
            BadKeyFile::Base64 => "the text between the markers is not base64; copy the file again from its source",
            BadKeyFile::Damaged => "the key file is damaged; copy it again from its source",
            BadKeyFile::KeyCount => "the key file must hold exactly one key; put each into a file of its own",
            BadKeyFile::CheckNumbers => "the key file's two check numbers differ: it is damaged; copy it again",
            BadKeyFile::Padding => "the key file's padding is wrong: it is damaged; copy it again from its source",
            BadKeyFile::Mismatch => "the key file's public and private half differ; do not use it, make a new key",
            BadKeyFile::KeyType => {
                "the private key is of a type that this version cannot use; make one with `ssh-keygen -t ed25519`"
            }
            BadKeyFile::Unsupported(what) => {
                return write!(f, "the private key file uses what is not supported: {what}");
            }
            BadKeyFile::OutOfMemory => "out of memory",
        })
    }
}

impl core::error::Error for BadKeyFile {}

impl From<OutOfMemory> for BadKeyFile {
    fn from(_: OutOfMemory) -> Self {
        BadKeyFile::OutOfMemory
    }
}

impl From<Malformed> for BadKeyFile {
    fn from(_: Malformed) -> Self {
        BadKeyFile::Damaged
    }
}

/// Why a key did not sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignError {
    /// The key makes no signatures of this algorithm; see [`PrivateKey::algorithms`](super::PrivateKey::algorithms).
    Algorithm,
    /// The key cannot sign here: why, and who can.
    Unsupported(&'static str),
    /// The signature did not verify and was thrown away: memory or processor are faulty.
    Fault,
    /// A fallible allocation failed.
    OutOfMemory,
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SignError::Algorithm => "this key makes no signatures of that algorithm",
            SignError::Unsupported(why) => why,
            SignError::Fault => "the signature did not verify and was thrown away: this machine computes wrongly",
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

/// Why no key was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GenerateError {
    /// Keys of this type are not made here: why, and what makes them.
    Unsupported(&'static str),
    /// The random numbers are none: every candidate was outside the range.
    Random,
    /// A fallible allocation failed.
    OutOfMemory,
}

impl fmt::Display for GenerateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            GenerateError::Unsupported(why) => why,
            GenerateError::Random => "the random number generator does not give random numbers",
            GenerateError::OutOfMemory => "out of memory",
        })
    }
}

impl core::error::Error for GenerateError {}

impl From<OutOfMemory> for GenerateError {
    fn from(_: OutOfMemory) -> Self {
        GenerateError::OutOfMemory
    }
}

/// Why a key was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteError {
    /// The format has no place for keys of this type.
    KeyType,
    /// The format is never encrypted here, or the passphrase is empty, or the effort is outside 1 to
    /// [`MAX_EFFORT`](super::MAX_EFFORT).
    Passphrase,
    /// A fallible allocation failed.
    OutOfMemory,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            WriteError::KeyType => "this file format has no place for keys of this type; use OpenSSH's",
            WriteError::Passphrase => {
                "this file format is not encrypted here (use OpenSSH's), the passphrase is empty, or its effort is out \
                 of range"
            }
            WriteError::OutOfMemory => "out of memory",
        })
    }
}

impl core::error::Error for WriteError {}

impl From<OutOfMemory> for WriteError {
    fn from(_: OutOfMemory) -> Self {
        WriteError::OutOfMemory
    }
}

/// Why a certificate was not attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadCertificate {
    /// It is no OpenSSH certificate.
    Malformed,
    /// It certifies another key.
    OtherKey,
    /// A fallible allocation failed.
    OutOfMemory,
}

impl fmt::Display for BadCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BadCertificate::Malformed => "this is no OpenSSH certificate",
            BadCertificate::OtherKey => "the certificate is for another key",
            BadCertificate::OutOfMemory => "out of memory",
        })
    }
}

impl core::error::Error for BadCertificate {}

impl From<OutOfMemory> for BadCertificate {
    fn from(_: OutOfMemory) -> Self {
        BadCertificate::OutOfMemory
    }
}

impl From<BadCertificate> for BadKeyFile {
    fn from(error: BadCertificate) -> Self {
        match error {
            BadCertificate::Malformed => BadKeyFile::Damaged,
            BadCertificate::OtherKey => BadKeyFile::Mismatch,
            BadCertificate::OutOfMemory => BadKeyFile::OutOfMemory,
        }
    }
}
