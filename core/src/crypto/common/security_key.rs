//! `sk-ssh-ed25519@openssh.com` and `sk-ecdsa-sha2-nistp256@openssh.com` (OpenSSH PROTOCOL.u2f): keys inside a FIDO
//! authenticator, which signs its flags and a counter along.
//!
//! ```text
//! key         string name, the plain key's fields, string application
//! signature   string name, string the plain algorithm's signature, byte flags, uint32 counter
//! signed      SHA-256(application) ‖ flags ‖ counter ‖ SHA-256(message)
//! ```
//!
//! Whether somebody has to have touched the authenticator is not decided here: the flags are in what `verify` returns.

use super::ecdsa::{self, Ecdsa, Integers};
use super::ed25519::{self, Ed25519};
use super::refused;
use crate::crypto::{CryptoError, SecurityKey, SignatureAlgorithm, Verified};
use crate::wire::{Malformed, Reader};
use core::fmt;
use core::marker::PhantomData;
use sha2::{Digest, Sha256};

const ED25519: &str = "sk-ssh-ed25519@openssh.com";
/// Webauthn's keys are of this type as well.
pub(super) const ECDSA: &str = "sk-ecdsa-sha2-nistp256@openssh.com";

/// Length of what stands in front of the message's hash.
pub(super) const HEAD: usize = 37;

/// `SHA-256(application) ‖ flags ‖ counter`.
pub(super) fn head(application: &[u8], said: SecurityKey) -> [u8; HEAD] {
    let mut head = [0; HEAD];
    let [hash @ .., flags, _, _, _, _] = &mut head;
    hash.copy_from_slice(&Sha256::digest(application));
    *flags = said.flags;
    let [.., a, b, c, d] = &mut head;
    [*a, *b, *c, *d] = said.counter.to_be_bytes();
    head
}

/// `byte flags, uint32 counter`.
pub(super) fn said(signature: &mut Reader<'_>) -> Result<SecurityKey, Malformed> {
    Ok(SecurityKey { flags: signature.byte()?, counter: signature.uint32()? })
}

/// The row of Ed25519.
pub(in crate::crypto) struct SkEd25519Row<E> {
    primitive: PhantomData<fn() -> E>,
}

impl<E> SkEd25519Row<E> {
    pub(in crate::crypto) const fn new() -> Self {
        SkEd25519Row { primitive: PhantomData }
    }
}

impl<E> fmt::Debug for SkEd25519Row<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ED25519)
    }
}

impl<E: Ed25519> SignatureAlgorithm for SkEd25519Row<E> {
    fn name(&self) -> &'static str {
        ED25519
    }
    fn key_type(&self) -> &'static str {
        ED25519
    }
    fn verify(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<Verified, CryptoError> {
        let (key, application) = ed25519_key(key).map_err(refused)?;
        let (signature, said) = ed25519_signature(signature).map_err(refused)?;
        let mut signed = [0; HEAD + 32];
        let (front, hash) = signed.split_at_mut(HEAD);
        front.copy_from_slice(&head(application, said));
        hash.copy_from_slice(&Sha256::digest(message));
        ed25519::verify::<E>(key, &signed, signature)?;
        Ok(Verified { security_key: Some(said) })
    }
    fn accepts(&self, key: &[u8]) -> bool {
        ed25519_key(key).is_ok()
    }
}

/// `string name, string key, string application`: the key and the application.
fn ed25519_key(blob: &[u8]) -> Result<(&[u8; 32], &[u8]), Malformed> {
    let mut blob = Reader::new(blob);
    let (name, key, application) = (blob.string()?, blob.string()?, blob.string()?);
    blob.end()?;
    if name != ED25519.as_bytes() {
        return Err(Malformed::Value);
    }
    // Of 32 bytes, as all of Ed25519 (RFC 8709, section 4).
    Ok((key.try_into().map_err(|_| Malformed::Value)?, application))
}

/// `string name, string signature, byte flags, uint32 counter`.
fn ed25519_signature(blob: &[u8]) -> Result<(&[u8; 64], SecurityKey), Malformed> {
    let mut blob = Reader::new(blob);
    let (name, signature, said) = (blob.string()?, blob.string()?, said(&mut blob)?);
    blob.end()?;
    if name != ED25519.as_bytes() {
        return Err(Malformed::Value);
    }
    Ok((signature.try_into().map_err(|_| Malformed::Value)?, said))
}

/// The row of ECDSA with P-256.
pub(in crate::crypto) struct SkEcdsaRow<E> {
    primitive: PhantomData<fn() -> E>,
}

impl<E> SkEcdsaRow<E> {
    pub(in crate::crypto) const fn new() -> Self {
        SkEcdsaRow { primitive: PhantomData }
    }
}

impl<E> fmt::Debug for SkEcdsaRow<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ECDSA)
    }
}

impl<E: Ecdsa> SignatureAlgorithm for SkEcdsaRow<E> {
    fn name(&self) -> &'static str {
        ECDSA
    }
    fn key_type(&self) -> &'static str {
        ECDSA
    }
    fn verify(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<Verified, CryptoError> {
        let (point, application) = ecdsa_key::<E>(key).map_err(refused)?;
        let (integers, said) = ecdsa_signature::<E>(signature).map_err(refused)?;
        E::verify(point, &[&head(application, said), &Sha256::digest(message)], integers.as_bytes())?;
        Ok(Verified { security_key: Some(said) })
    }
    fn accepts(&self, key: &[u8]) -> bool {
        ecdsa_key::<E>(key).is_ok()
    }
}

/// `string name, string curve, string Q, string application`: the point and the application.
pub(super) fn ecdsa_key<E: Ecdsa>(blob: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let mut blob = Reader::new(blob);
    let name = blob.string()?;
    let point = ecdsa::point(&mut blob, E::CURVE)?;
    let application = blob.string()?;
    blob.end()?;
    if name == ECDSA.as_bytes() { Ok((point, application)) } else { Err(Malformed::Value) }
}

/// `string name, string (mpint r, mpint s), byte flags, uint32 counter`.
fn ecdsa_signature<E: Ecdsa>(blob: &[u8]) -> Result<(Integers, SecurityKey), Malformed> {
    let mut blob = Reader::new(blob);
    let (name, signature, said) = (blob.string()?, blob.string()?, said(&mut blob)?);
    blob.end()?;
    if name != ECDSA.as_bytes() {
        return Err(Malformed::Value);
    }
    Ok((Integers::read(signature, E::CURVE)?, said))
}
