//! `webauthn-sk-ecdsa-sha2-nistp256@openssh.com` (OpenSSH PROTOCOL.u2f, section "webauthn signatures"): a security key
//! that signs in a web browser, by the keys of type `sk-ecdsa-sha2-nistp256@openssh.com`.
//!
//! ```text
//! signature   string name, string (mpint r, mpint s), byte flags, uint32 counter,
//!             string origin, string clientData, string extensions
//! signed      SHA-256(application) ‖ flags ‖ counter ‖ extensions ‖ SHA-256(clientData)
//! ```
//!
//! The message is inside the clientData, which browsers write in one fixed way (W3C Web Authentication, section
//! "Limited Verification Algorithm"), so that its front can be compared and no JSON is parsed:
//!
//! ```text
//! {"type":"webauthn.get","challenge":"base64url(message)","origin":"origin"
//! ```
//!
//! What comes behind it says nothing that matters here. Nor does the origin: the key's application is what binds it.

use super::ecdsa::{Ecdsa, Integers};
use super::refused;
use super::security_key::{self, ecdsa_key, head};
use crate::crypto::{CryptoError, SecurityKey, SignatureAlgorithm, Verified};
use crate::wire::{Malformed, Reader};
use base64ct::{Base64UrlUnpadded, Encoding};
use core::fmt;
use core::marker::PhantomData;
use sha2::{Digest, Sha256};

const NAME: &str = "webauthn-sk-ecdsa-sha2-nistp256@openssh.com";

/// Data of a new credential follow: never in a signature.
const ATTESTED: u8 = 0x40;
/// Extensions follow.
const EXTENSIONS: u8 = 0x80;

/// The row.
pub(in crate::crypto) struct WebauthnRow<E> {
    primitive: PhantomData<fn() -> E>,
}

impl<E> WebauthnRow<E> {
    pub(in crate::crypto) const fn new() -> Self {
        WebauthnRow { primitive: PhantomData }
    }
}

impl<E> fmt::Debug for WebauthnRow<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAME)
    }
}

impl<E: Ecdsa> SignatureAlgorithm for WebauthnRow<E> {
    fn name(&self) -> &'static str {
        NAME
    }
    fn key_type(&self) -> &'static str {
        security_key::ECDSA
    }
    fn verify(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<Verified, CryptoError> {
        let (point, application) = ecdsa_key::<E>(key).map_err(refused)?;
        let signature = Assertion::read(signature).map_err(refused)?;
        let integers = Integers::read(signature.integers, E::CURVE).map_err(refused)?;
        if !signature.is_consistent() || !signature.is_for(message) {
            return Err(CryptoError::BadSignature);
        }
        let hash = Sha256::digest(signature.client_data);
        let signed: [&[u8]; 3] = [&head(application, signature.said), signature.extensions, &hash];
        E::verify(point, &signed, integers.as_bytes())?;
        Ok(Verified { security_key: Some(signature.said) })
    }
    fn accepts(&self, key: &[u8]) -> bool {
        ecdsa_key::<E>(key).is_ok()
    }
    fn for_hosts(&self) -> bool {
        false
    }
}

/// The fields of a signature.
struct Assertion<'a> {
    integers: &'a [u8],
    said: SecurityKey,
    origin: &'a [u8],
    client_data: &'a [u8],
    extensions: &'a [u8],
}

impl<'a> Assertion<'a> {
    fn read(blob: &'a [u8]) -> Result<Self, Malformed> {
        let mut blob = Reader::new(blob);
        let name = blob.string()?;
        let signature = Assertion {
            integers: blob.string()?,
            said: security_key::said(&mut blob)?,
            origin: blob.string()?,
            client_data: blob.string()?,
            extensions: blob.string()?,
        };
        blob.end()?;
        if name == NAME.as_bytes() { Ok(signature) } else { Err(Malformed::Value) }
    }

    /// Whether the flags say what is there, so that the signed bytes can be read in one way only.
    fn is_consistent(&self) -> bool {
        let flags = self.said.flags;
        let extended = flags & EXTENSIONS != 0;
        flags & ATTESTED == 0 && extended != self.extensions.is_empty()
    }

    /// Whether the clientData are those of a signature of `message`, made at the origin.
    fn is_for(&self, message: &[u8]) -> bool {
        // A quote in the origin would end it early and let its rest pass for fields of the clientData.
        let one_string = !self.origin.iter().any(|byte| matches!(byte, b'"' | 0));
        one_string && self.behind_origin(message).is_some_and(|rest| rest.first() == Some(&b'"'))
    }

    /// What follows the origin in the clientData, if everything in front of it is as it must be.
    fn behind_origin(&self, message: &[u8]) -> Option<&'a [u8]> {
        let mut rest = self.client_data.strip_prefix(br#"{"type":"webauthn.get","challenge":""#)?;
        // 48 bytes are 64 characters: no part is padded, so that the parts together are the whole.
        for part in message.chunks(48) {
            let mut buffer = [0; 64];
            let encoded = Base64UrlUnpadded::encode(part, &mut buffer).ok()?;
            rest = rest.strip_prefix(encoded.as_bytes())?;
        }
        rest.strip_prefix(br#"","origin":""#)?.strip_prefix(self.origin)
    }
}
