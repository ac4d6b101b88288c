//! Keys of security keys (FIDO authenticators), as references: the secret is in the device (OpenSSH's PROTOCOL.u2f).
//!
//! What a file or an agent's client holds is the public half, the application's name, flags, and the handle by which the
//! device finds or unwraps its secret. It is read, written and offered to agents. Nothing here signs with it.

use super::{BadKeyFile, Kind, Names, SignError, Zeroizing};
use crate::keys::encode;
use crate::wire::{Malformed, Reader, Sink, put_string};
use alloc::vec::Vec;

const ED25519: Names = Names {
    key: "sk-ssh-ed25519@openssh.com",
    algorithms: &["sk-ssh-ed25519@openssh.com"],
    certified: &["sk-ssh-ed25519-cert-v01@openssh.com"],
};
const ECDSA: Names = Names {
    key: "sk-ecdsa-sha2-nistp256@openssh.com",
    algorithms: &["sk-ecdsa-sha2-nistp256@openssh.com"],
    certified: &["sk-ecdsa-sha2-nistp256-cert-v01@openssh.com"],
};

/// What an authenticator needs to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SecurityKeyReference<'a> {
    /// The application's name: `ssh:`.
    pub application: &'a [u8],
    /// 1: a touch is needed; 4: a PIN or a finger is needed; 0x20: the key is resident.
    pub flags: u8,
    /// By which the device finds its secret.
    pub key_handle: &'a [u8],
}

pub(super) struct SecurityKey {
    names: &'static Names,
    /// `string key` or `string curve, string point`.
    public: Vec<u8>,
    /// `string application, byte flags, string key handle, string reserved`.
    rest: Zeroizing<Vec<u8>>,
}

impl SecurityKey {
    pub(super) fn read(
        name: &[u8],
        fields: &mut Reader<'_>,
        certified: Option<&[u8]>,
    ) -> Result<SecurityKey, BadKeyFile> {
        let names = [&ED25519, &ECDSA].into_iter().find(|names| names.key.as_bytes() == name);
        let names = names.ok_or(BadKeyFile::KeyType)?;
        let is_ecdsa = core::ptr::eq(names, &ECDSA) || names.key == ECDSA.key;
        // Of the two types, only this one leaves its public half to the certificate.
        let public = match certified.filter(|_| is_ecdsa) {
            Some(blob) => {
                let mut blob = Reader::new(blob);
                let _name = blob.string()?;
                public_fields(&mut blob, is_ecdsa)?
            }
            None => public_fields(fields, is_ecdsa)?,
        };
        let mut behind = *fields;
        reference(&mut behind)?;
        let rest = fields.take(fields.remaining().saturating_sub(behind.remaining()))?;
        let copy = |bytes: &[u8]| encode::written(|sink| sink.put(bytes));
        Ok(SecurityKey { names, public: copy(public)?, rest: Zeroizing::new(copy(rest)?) })
    }

    pub(super) fn reference(&self) -> Result<SecurityKeyReference<'_>, Malformed> {
        reference(&mut Reader::new(&self.rest))
    }
}

/// `string key` of 32 bytes, or `string "nistp256", string point`, not compressed. Whether it is a point, whoever
/// verifies a signature looks.
fn public_fields<'a>(fields: &mut Reader<'a>, is_ecdsa: bool) -> Result<&'a [u8], Malformed> {
    let mut behind = *fields;
    let fits = if is_ecdsa {
        let (curve, point) = (behind.string()?, behind.string()?);
        curve == b"nistp256" && point.len() == 65 && point.first() == Some(&4)
    } else {
        behind.string()?.len() == 32
    };
    let all = fields.take(fields.remaining().saturating_sub(behind.remaining()))?;
    if fits { Ok(all) } else { Err(Malformed::Value) }
}

fn reference<'a>(fields: &mut Reader<'a>) -> Result<SecurityKeyReference<'a>, Malformed> {
    let reference =
        SecurityKeyReference { application: fields.string()?, flags: fields.byte()?, key_handle: fields.string()? };
    let _reserved = fields.string()?;
    Ok(reference)
}

impl Kind for SecurityKey {
    fn names(&self) -> &'static Names {
        self.names
    }

    fn write(&self, sink: &mut dyn Sink, certified: bool) {
        if !certified || self.names.key == ED25519.key {
            sink.put(&self.public);
        }
        sink.put(&self.rest);
    }

    fn write_public(&self, sink: &mut dyn Sink) {
        put_string(sink, self.names.key.as_bytes());
        sink.put(&self.public);
        put_string(sink, self.reference().map_or(b"", |reference| reference.application));
    }

    fn ready(&self) -> Result<(), SignError> {
        Err(SignError::Unsupported("the secret of this key is in a security key: let an agent sign with it"))
    }

    fn sign(&self, _algorithm: &'static str, _message: &[u8]) -> Result<Vec<u8>, SignError> {
        self.ready().and(Err(SignError::Algorithm))
    }
}
