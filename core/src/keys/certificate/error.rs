//! Why a certificate is refused.

use crate::crypto::CryptoError;
use crate::wire::Malformed;
use core::fmt;

/// Why a certificate is refused: the text says what is wrong and whose it is to mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertError {
    /// Not well-formed: longer than [`Certificate::MAX`](super::Certificate::MAX), or its key longer than
    /// [`PlainKey::MAX`](super::PlainKey::MAX).
    TooLong,
    /// Not a certificate, or of a type that is not known here.
    Type,
    /// Not well-formed: a field.
    Malformed(Malformed),
    /// Not well-formed: the nonce has less than 16 bytes.
    Nonce,
    /// Not well-formed: the role is neither user nor host.
    Role,
    /// Not well-formed: a NUL in the key id, a principal or the name of an option.
    Text,
    /// Not well-formed: more than [`Principals::MAX`](super::Principals::MAX) principals.
    Principals,
    /// Not well-formed: options out of order, or one there twice.
    Options,
    /// Not well-formed: the authority's key is a certificate itself.
    AuthorityIsCertificate,
    /// No authority that is trusted here signed it.
    UnknownAuthority,
    /// The authority's key is revoked.
    RevokedAuthority,
    /// The authority signed by an algorithm that is not taken here: unknown, SHA-1, or another key's.
    AuthorityAlgorithm,
    /// The authority's signature does not verify.
    AuthoritySignature,
    /// The authority's key is a security key that nobody touched when it signed.
    AuthorityUntouched,
    /// The certified key is not valid, or of an algorithm that is not taken here.
    Key,
    /// The certified key is revoked.
    RevokedKey,
    /// The certificate is revoked.
    RevokedCertificate,
    /// A user's certificate where a host's is due, or the other way round.
    WrongRole,
    /// It begins to be valid later.
    NotYetValid,
    /// It is not valid any more.
    Expired,
    /// It names nobody.
    NoPrincipals,
    /// It names others.
    WrongName,
    /// It has a critical option that is not known here, or any at all if it is a host's.
    UnknownOption,
    /// The value of an option cannot be read.
    BadOption,
    /// It is good from some addresses only, and the caller did not say from which one the peer comes.
    SourceUnknown,
    /// It is not good from this address.
    WrongSource,
    /// The backend failed.
    Crypto(CryptoError),
}

impl fmt::Display for CertError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CertError::Malformed(what) => return write!(f, "the certificate is not well-formed: {what}"),
            CertError::Crypto(error) => return write!(f, "the certificate could not be checked: {error}"),
            CertError::TooLong => "the certificate is too long",
            CertError::Type => "it is no certificate of a known type",
            CertError::Nonce => "the certificate is not well-formed: its authority must give it a nonce of 16 bytes",
            CertError::Role => "the certificate is not well-formed: it is neither a user's nor a host's",
            CertError::Text => "the certificate is not well-formed: a name in it has a NUL",
            CertError::Principals => {
                "the certificate is not well-formed: its authority put too many principals into it"
            }
            CertError::Options => "the certificate is not well-formed: its authority must sort the options",
            CertError::AuthorityIsCertificate => "the certificate is not well-formed: it is signed by a certificate",
            CertError::UnknownAuthority => "the certificate is signed by an authority that is not trusted here",
            CertError::RevokedAuthority => "the key of the certificate's authority is revoked",
            CertError::AuthorityAlgorithm => {
                "the certificate's authority signed by an algorithm that is not accepted here"
            }
            CertError::AuthoritySignature => "the certificate is forged: the authority's signature does not verify",
            CertError::AuthorityUntouched => {
                "nobody touched the authority's security key when it signed the certificate"
            }
            CertError::Key => "the key in the certificate is not valid or not of a kind that is accepted here",
            CertError::RevokedKey => "the key in the certificate is revoked",
            CertError::RevokedCertificate => "the certificate is revoked",
            CertError::WrongRole => "the certificate is a user's where a host's is due, or a host's where a user's is",
            CertError::NotYetValid => "the certificate is not valid yet; is the clock right?",
            CertError::Expired => "the certificate has expired: its owner needs a new one",
            CertError::NoPrincipals => "the certificate names nobody: its authority must say whose it is",
            CertError::WrongName => "the certificate is for other names",
            CertError::UnknownOption => "the certificate has a critical option that is not supported here",
            CertError::BadOption => "the certificate's authority gave an option a value that cannot be read",
            CertError::SourceUnknown => {
                "the certificate is good from some addresses only, and this side does not know the peer's"
            }
            CertError::WrongSource => "the certificate is not good from the peer's address",
        })
    }
}

impl core::error::Error for CertError {}

impl From<Malformed> for CertError {
    fn from(what: Malformed) -> Self {
        CertError::Malformed(what)
    }
}
