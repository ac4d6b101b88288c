//! A private key inside an ADD_IDENTITY message: `string type` and that type's fields (sections 3.2.1 to 3.2.5).
//!
//! Where the fields end is only known by the type, and behind them stand a comment and constraints: a type that is not
//! in the table below cannot be read past, and its message is refused. The fields are those of a key file's private
//! section, so [`PrivateKey`] reads and writes them.

use crate::signer::{BadKeyFile, PrivateKey};
use crate::wire::{Malformed, Reader, Sink};
use core::fmt;

/// The fields by type: `s` a string (an mpint is one), `b` a byte. A certificate stands in the place of the public half,
/// which some types then write again (OpenSSH `sshkey_private_serialize_opt`).
const LAYOUTS: &[(&str, &[u8])] = &[
    ("ssh-ed25519", b"ss"),
    ("ssh-ed448", b"ss"),
    ("ecdsa-sha2-nistp256", b"sss"),
    ("ecdsa-sha2-nistp384", b"sss"),
    ("ecdsa-sha2-nistp521", b"sss"),
    ("ssh-rsa", b"ssssss"),
    ("ssh-dss", b"sssss"),
    ("ssh-mldsa44-ed25519@openssh.com", b"ss"),
    ("sk-ssh-ed25519@openssh.com", b"ssbss"),
    ("sk-ecdsa-sha2-nistp256@openssh.com", b"sssbss"),
    ("ssh-ed25519-cert-v01@openssh.com", b"sss"),
    ("ecdsa-sha2-nistp256-cert-v01@openssh.com", b"ss"),
    ("ecdsa-sha2-nistp384-cert-v01@openssh.com", b"ss"),
    ("ecdsa-sha2-nistp521-cert-v01@openssh.com", b"ss"),
    ("ssh-rsa-cert-v01@openssh.com", b"sssss"),
    ("ssh-dss-cert-v01@openssh.com", b"ss"),
    ("ssh-mldsa44-ed25519-cert-v01@openssh.com", b"ss"),
    ("sk-ssh-ed25519-cert-v01@openssh.com", b"sssbss"),
    ("sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", b"ssbss"),
];

/// A private key as it travels to an agent, with its certificate if it has one. Debug shows its type only.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyFields<'a> {
    key_type: &'a str,
    /// The type's string and the fields.
    bytes: &'a [u8],
}

impl<'a> KeyFields<'a> {
    /// The type name: `ssh-ed25519`.
    #[must_use]
    pub fn key_type(&self) -> &'a str {
        self.key_type
    }

    /// The type name as a string, and the type's fields, secrets among them.
    #[must_use]
    pub fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The key, with an empty comment.
    ///
    /// # Errors
    /// [`BadKeyFile`]: of a type that [`PrivateKey`] does not hold, or damaged.
    pub fn to_key(&self) -> Result<PrivateKey, BadKeyFile> {
        let mut reader = Reader::new(self.bytes);
        let key = PrivateKey::read_fields(&mut reader)?;
        reader.end()?;
        Ok(key)
    }

    /// "If an agent does not recognise the type name in a request to add a key, then it MUST respond with an
    /// SSH_AGENT_FAILURE reply" (section 3.2): what fails here is answered so.
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let mut behind = *reader;
        let key_type = core::str::from_utf8(behind.string()?).map_err(|_| Malformed::Value)?;
        let layout = LAYOUTS.iter().find(|(name, _)| *name == key_type).ok_or(Malformed::Value)?.1;
        for field in layout {
            match field {
                b'b' => drop(behind.byte()?),
                _ => drop(behind.string()?),
            }
        }
        let bytes = reader.take(reader.remaining().saturating_sub(behind.remaining()))?;
        Ok(KeyFields { key_type, bytes })
    }

    pub(super) fn write(&self, sink: &mut dyn Sink) {
        sink.put(self.bytes);
    }
}

/// Writes a key as [`KeyFields`] read it.
pub(super) fn write_key(key: &PrivateKey, sink: &mut dyn Sink) {
    key.write_agent_fields(sink);
}

impl fmt::Debug for KeyFields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyFields({} …)", self.key_type)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::put_string;
    use alloc::vec::Vec;

    struct Bytes(Vec<u8>);

    impl Sink for Bytes {
        fn put(&mut self, bytes: &[u8]) {
            self.0.extend_from_slice(bytes);
        }
    }

    #[test]
    fn a_key_travels_and_shows_no_secret() {
        let key = PrivateKey::ed25519_from_seed(&[7; 32]).unwrap();
        let mut bytes = Bytes(Vec::new());
        write_key(&key, &mut bytes);
        let length = bytes.0.len();
        bytes.0.extend(b"\0\0\0\x01c");
        let mut reader = Reader::new(&bytes.0);
        let fields = KeyFields::read(&mut reader).unwrap();
        assert_eq!(reader.remaining(), 5);
        assert_eq!(fields.to_key().unwrap().public_blob(), key.public_blob());
        assert_eq!(std::format!("{fields:?}"), "KeyFields(ssh-ed25519 …)");
        let mut again = Bytes(Vec::new());
        fields.write(&mut again);
        assert_eq!(again.0, bytes.0[..length]);
    }

    #[test]
    fn a_type_that_nobody_knows_is_refused_and_so_is_a_cut_key() {
        assert_eq!(KeyFields::read(&mut Reader::new(b"\0\0\0\x03new\0\0\0\0")), Err(Malformed::Value));
        for (name, layout) in LAYOUTS {
            let mut bytes = Bytes(Vec::new());
            put_string(&mut bytes, name.as_bytes());
            for field in *layout {
                bytes.0.extend(if *field == b'b' { &b"\x01"[..] } else { b"\0\0\0\x02xy" });
            }
            let mut reader = Reader::new(&bytes.0);
            let fields = KeyFields::read(&mut reader).unwrap();
            assert_eq!((fields.key_type(), reader.remaining()), (*name, 0));
            assert!(fields.to_key().is_err());
            for end in 0..bytes.0.len() {
                assert!(KeyFields::read(&mut Reader::new(&bytes.0[..end])).is_err(), "{name} {end}");
            }
        }
    }
}
