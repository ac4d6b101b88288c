//! The certificate as it travels (draft-ietf-sshm-cert-01, section 2.1.1), every type of key in one layout.
//!
//! ```text
//! string type   string nonce   <fields of the key>   uint64 serial   uint32 role   string key id
//! string principals   uint64 valid after   uint64 valid before   string critical options   string extensions
//! string reserved   string authority   string signature (over all bytes in front of it)
//! ```

use super::{CertError, CertificateOptions, PlainKey, Principals};
use crate::UnixTime;
use crate::keys::PublicKey;
use crate::wire::{Malformed, Reader};
use core::fmt;

/// A type of certificate: its name, the name of the plain key inside, and how many strings (or mpints, which look the
/// same) that key has behind its name.
pub(super) struct CertificateType {
    name: &'static str,
    pub(super) plain: &'static str,
    fields: usize,
}

impl CertificateType {
    const fn new(name: &'static str, plain: &'static str, fields: usize) -> Self {
        CertificateType { name, plain, fields }
    }
}

/// The types that OpenSSH defines. There is none for DSA: "SHOULD by default disallow the ssh-dss-cert certificate type"
/// (draft-ietf-sshm-cert-01, section 6).
const TYPES: &[CertificateType] = &[
    CertificateType::new("ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519", 1),
    CertificateType::new("ecdsa-sha2-nistp256-cert-v01@openssh.com", "ecdsa-sha2-nistp256", 2),
    CertificateType::new("ecdsa-sha2-nistp384-cert-v01@openssh.com", "ecdsa-sha2-nistp384", 2),
    CertificateType::new("ecdsa-sha2-nistp521-cert-v01@openssh.com", "ecdsa-sha2-nistp521", 2),
    CertificateType::new("ssh-rsa-cert-v01@openssh.com", "ssh-rsa", 2),
    CertificateType::new("sk-ssh-ed25519-cert-v01@openssh.com", "sk-ssh-ed25519@openssh.com", 2),
    CertificateType::new("sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com", 3),
    CertificateType::new("ssh-mldsa44-ed25519-cert-v01@openssh.com", "ssh-mldsa44-ed25519@openssh.com", 1),
];

/// What a certificate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateKind {
    /// `SSH2_CERT_TYPE_USER`: its principals are user names.
    User = 1,
    /// `SSH2_CERT_TYPE_HOST`: its principals are host names and addresses.
    Host = 2,
}

impl fmt::Display for CertificateKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CertificateKind::User => "user",
            CertificateKind::Host => "host",
        })
    }
}

/// A certificate, borrowed as the blob that travels. Well-formed, and no more than that: whoever sent it may have
/// written it. Trust begins with [`check`](Certificate::check).
#[derive(Clone, Copy)]
pub struct Certificate<'a> {
    blob: &'a [u8],
    certificate_type: &'static CertificateType,
    serial: u64,
    valid_after: u64,
    valid_before: u64,
    kind: CertificateKind,
    key_fields: Span,
    key_id: Span,
    principals: Span,
    critical_options: Span,
    extensions: Span,
    authority: Span,
    signature: Span,
}

impl<'a> Certificate<'a> {
    /// The longest certificate that is read, in bytes: an RSA key of 8192 bits, signed by another such key, leaves
    /// 5 KiB for names and options.
    pub const MAX: usize = 8192;

    /// Reads a certificate, to its last byte. The work is in proportion to its length.
    ///
    /// # Errors
    /// [`CertError`]: one of those that say that it is not well-formed.
    pub fn parse(blob: &'a [u8]) -> Result<Self, CertError> {
        // "MUST check that the certificate is well-formed" (draft-ietf-sshm-cert-01, section 3.1).
        if blob.len() > Self::MAX {
            return Err(CertError::TooLong);
        }
        let mut reader = Reader::new(blob);
        let certificate_type = type_named(reader.string()?).ok_or(CertError::Type)?;
        // "This value MUST be at least 16 bytes in length" (draft-ietf-sshm-cert-01, section 2.1.1). A shorter one is an
        // authority's fault and makes its signatures easier to forge.
        if reader.string()?.len() < 16 {
            return Err(CertError::Nonce);
        }
        let start = reader.remaining();
        for _ in 0..certificate_type.fields {
            reader.string()?;
        }
        let key_fields = Span::new(blob, start, reader.remaining())?;
        if !PlainKey::fits(certificate_type, key_fields.of(blob)) {
            return Err(CertError::TooLong);
        }
        let serial = reader.uint64()?;
        let kind = match reader.uint32()? {
            1 => CertificateKind::User,
            2 => CertificateKind::Host,
            _ => return Err(CertError::Role),
        };
        let key_id = Span::string(blob, &mut reader)?;
        text(key_id.of(blob))?;
        let principals = Span::string(blob, &mut reader)?;
        Principals::new(principals.of(blob)).check()?;
        let valid_after = reader.uint64()?;
        let valid_before = reader.uint64()?;
        let critical_options = Span::string(blob, &mut reader)?;
        CertificateOptions::new(critical_options.of(blob)).check()?;
        let extensions = Span::string(blob, &mut reader)?;
        CertificateOptions::new(extensions.of(blob)).check()?;
        // "Implementations MUST ignore the contents of this field if it is not empty" (draft-ietf-sshm-cert-01, section
        // 2.1.1).
        let _reserved = reader.string()?;
        let authority = Span::string(blob, &mut reader)?;
        let signature = Span::string(blob, &mut reader)?;
        reader.end()?;
        // "Implementations MUST NOT accept certificate keys as CA keys" (draft-ietf-sshm-cert-01, section 2.1.1).
        if type_named(Reader::new(authority.of(blob)).string()?).is_some() {
            return Err(CertError::AuthorityIsCertificate);
        }
        Ok(Certificate {
            blob,
            certificate_type,
            serial,
            valid_after,
            valid_before,
            kind,
            key_fields,
            key_id,
            principals,
            critical_options,
            extensions,
            authority,
            signature,
        })
    }

    /// The bytes that travel.
    #[must_use]
    pub fn blob(&self) -> &'a [u8] {
        self.blob
    }

    /// The type name in front: `ssh-ed25519-cert-v01@openssh.com`.
    #[must_use]
    pub fn key_type(&self) -> &'static str {
        self.certificate_type.name
    }

    /// The type name of the certified key: `ssh-ed25519`.
    #[must_use]
    pub fn plain_type(&self) -> &'static str {
        self.certificate_type.plain
    }

    /// The certified key as a plain one. A key is not better for having been in a certificate: whoever falls back to it,
    /// because the certificate will not do, asks about it as if there had been none.
    #[must_use]
    pub fn plain_key(&self) -> PlainKey {
        PlainKey::new(self.certificate_type, self.key_fields.of(self.blob))
    }

    /// The number that the authority gave. 0 where it gives none.
    #[must_use]
    pub fn serial(&self) -> u64 {
        self.serial
    }

    /// What it is for.
    #[must_use]
    pub fn kind(&self) -> CertificateKind {
        self.kind
    }

    /// The authority's name for it, for logs: UTF-8 if the authority kept to the rules. It has no NUL, but it may have
    /// other control characters.
    #[must_use]
    pub fn key_id(&self) -> &'a [u8] {
        self.key_id.of(self.blob)
    }

    /// Whom it names.
    #[must_use]
    pub fn principals(&self) -> Principals<'a> {
        Principals::new(self.principals.of(self.blob))
    }

    /// The first second at which it is valid.
    #[must_use]
    pub fn valid_after(&self) -> UnixTime {
        UnixTime(self.valid_after)
    }

    /// The first second at which it is not valid any more. `u64::MAX` is never.
    #[must_use]
    pub fn valid_before(&self) -> UnixTime {
        UnixTime(self.valid_before)
    }

    /// What must be understood and obeyed.
    #[must_use]
    pub fn critical_options(&self) -> CertificateOptions<'a> {
        CertificateOptions::new(self.critical_options.of(self.blob))
    }

    /// What may be ignored: mostly, what is permitted.
    #[must_use]
    pub fn extensions(&self) -> CertificateOptions<'a> {
        CertificateOptions::new(self.extensions.of(self.blob))
    }

    /// The key that is said to have signed it.
    #[must_use]
    pub fn authority(&self) -> PublicKey<'a> {
        PublicKey::new(self.authority.of(self.blob))
    }

    /// The authority's signature blob.
    #[must_use]
    pub fn signature(&self) -> &'a [u8] {
        self.signature.of(self.blob)
    }

    /// What the signature covers: "everything from the 'key type' up to and including the 'signature key'"
    /// (draft-ietf-sshm-cert-01, section 2.1.1).
    pub(super) fn signed(&self) -> &'a [u8] {
        let length_field = 4;
        let signature = self.signature().len().saturating_add(length_field);
        self.blob.get(..self.blob.len().saturating_sub(signature)).unwrap_or_default()
    }
}

impl PartialEq for Certificate<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.blob == other.blob
    }
}

impl Eq for Certificate<'_> {}

impl fmt::Debug for Certificate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, id, serial) = (self.kind, self.key_id().escape_ascii(), self.serial);
        write!(f, "Certificate({kind} \"{id}\" serial {serial} by {})", self.authority())
    }
}

fn type_named(name: &[u8]) -> Option<&'static CertificateType> {
    TYPES.iter().find(|certificate| certificate.name.as_bytes() == name)
}

/// Where a field stands in the blob. A certificate has many fields and is passed around by value, so they are small.
#[derive(Clone, Copy)]
struct Span {
    start: u16,
    end: u16,
}

impl Span {
    /// From where so many bytes were left to where so many are.
    fn new(blob: &[u8], before: usize, after: usize) -> Result<Self, Malformed> {
        let at = |left| u16::try_from(blob.len().saturating_sub(left)).map_err(|_| Malformed::Value);
        Ok(Span { start: at(before)?, end: at(after)? })
    }

    /// The bytes of the string that is due.
    fn string(blob: &[u8], reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let length = reader.string()?.len();
        Span::new(blob, reader.remaining().saturating_add(length), reader.remaining())
    }

    fn of(self, blob: &[u8]) -> &[u8] {
        blob.get(usize::from(self.start)..usize::from(self.end)).unwrap_or_default()
    }
}

/// A text for people or for comparison. One with a NUL would be another text to whoever reads up to there.
pub(super) fn text(bytes: &[u8]) -> Result<&[u8], CertError> {
    if bytes.contains(&0) { Err(CertError::Text) } else { Ok(bytes) }
}
