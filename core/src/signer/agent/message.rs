//! Every message of the protocol, borrowed: requests (section 6.1, first list) and replies (second list).
//!
//! A request is read whole or refused whole; bytes behind its last field are refused too, since they may be a
//! constraint that its sender counts on.

use super::{Constraints, KeyFields, MAX_KEYS};
use crate::keys::PublicKey;
use crate::message::Secret;
use crate::wire::{Malformed, Reader, Sink, put_string};

/// Message numbers (section 6.1). 0, 1-4, 7-10, 15, 16 and 24 are reserved and used by nothing here.
#[allow(missing_docs, reason = "the draft's names")]
pub mod number {
    pub const FAILURE: u8 = 5;
    pub const SUCCESS: u8 = 6;
    pub const REQUEST_IDENTITIES: u8 = 11;
    pub const IDENTITIES_ANSWER: u8 = 12;
    pub const SIGN_REQUEST: u8 = 13;
    pub const SIGN_RESPONSE: u8 = 14;
    pub const ADD_IDENTITY: u8 = 17;
    pub const REMOVE_IDENTITY: u8 = 18;
    pub const REMOVE_ALL_IDENTITIES: u8 = 19;
    pub const ADD_SMARTCARD_KEY: u8 = 20;
    pub const REMOVE_SMARTCARD_KEY: u8 = 21;
    pub const LOCK: u8 = 22;
    pub const UNLOCK: u8 = 23;
    pub const ADD_ID_CONSTRAINED: u8 = 25;
    pub const ADD_SMARTCARD_KEY_CONSTRAINED: u8 = 26;
    pub const EXTENSION: u8 = 27;
    pub const EXTENSION_FAILURE: u8 = 28;
    pub const EXTENSION_RESPONSE: u8 = 29;
}

/// Flags of a sign request (section 6.3).
pub mod flag {
    /// An `ssh-rsa` key signs as `rsa-sha2-256`.
    pub const RSA_SHA2_256: u32 = 2;
    /// An `ssh-rsa` key signs as `rsa-sha2-512`.
    pub const RSA_SHA2_512: u32 = 4;
}

/// What a client asks. Passphrases, PINs and keys do not show in Debug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Request<'a> {
    /// The list of keys (section 3.5).
    Identities,
    /// A signature (section 3.6).
    Sign {
        /// By this key.
        key: PublicKey<'a>,
        /// Of these bytes.
        data: &'a [u8],
        /// See [`flag`].
        flags: u32,
    },
    /// Keep a key (section 3.2).
    Add {
        /// The key.
        key: KeyFields<'a>,
        /// A name for people, in UTF-8 if its sender keeps to the rules.
        comment: &'a [u8],
        /// What it may not do. An agent that cannot keep to one of them refuses the key.
        constraints: Constraints<'a>,
    },
    /// Forget a key (section 3.4).
    Remove {
        /// This one.
        key: PublicKey<'a>,
    },
    /// Forget all keys (section 3.4).
    RemoveAll,
    /// Use the keys of a token (section 3.2.6).
    AddToken {
        /// Which; only the agent knows what that means. Mind that a path to a library is a program to be run.
        id: &'a [u8],
        /// The token's PIN, or nothing.
        pin: Secret<'a>,
        /// What each of its keys may not do.
        constraints: Constraints<'a>,
    },
    /// Forget the keys of a token (section 3.4).
    RemoveToken {
        /// Which.
        id: &'a [u8],
        /// The token's PIN, or nothing.
        pin: Secret<'a>,
    },
    /// Do not sign until unlocked (section 3.7).
    Lock {
        /// By this.
        passphrase: Secret<'a>,
    },
    /// Sign again (section 3.7).
    Unlock {
        /// What it was locked by.
        passphrase: Secret<'a>,
    },
    /// Anything else, by name (section 3.8).
    Extension {
        /// `query`, or a name with a domain.
        name: &'a str,
        /// What the name says it is.
        body: &'a [u8],
    },
}

impl<'a> Request<'a> {
    /// Reads a whole message, type first.
    ///
    /// # Errors
    /// [`Malformed`]: an unknown number, key type or constraint, a field that does not fit, bytes behind the last one.
    /// All of them are answered with FAILURE.
    pub fn parse(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(message);
        let number = reader.byte()?;
        let request = match number {
            number::REQUEST_IDENTITIES => Request::Identities,
            number::SIGN_REQUEST => {
                Request::Sign { key: PublicKey::new(reader.string()?), data: reader.string()?, flags: reader.uint32()? }
            }
            number::ADD_IDENTITY | number::ADD_ID_CONSTRAINED => Request::Add {
                key: KeyFields::read(&mut reader)?,
                comment: reader.string()?,
                constraints: constraints(number == number::ADD_ID_CONSTRAINED, &mut reader)?,
            },
            number::REMOVE_IDENTITY => Request::Remove { key: PublicKey::new(reader.string()?) },
            number::REMOVE_ALL_IDENTITIES => Request::RemoveAll,
            number::ADD_SMARTCARD_KEY | number::ADD_SMARTCARD_KEY_CONSTRAINED => Request::AddToken {
                id: reader.string()?,
                pin: Secret(reader.string()?),
                constraints: constraints(number == number::ADD_SMARTCARD_KEY_CONSTRAINED, &mut reader)?,
            },
            number::REMOVE_SMARTCARD_KEY => {
                Request::RemoveToken { id: reader.string()?, pin: Secret(reader.string()?) }
            }
            number::LOCK => Request::Lock { passphrase: Secret(reader.string()?) },
            number::UNLOCK => Request::Unlock { passphrase: Secret(reader.string()?) },
            number::EXTENSION => Request::Extension { name: text(&mut reader)?, body: reader.rest() },
            // "SSH_AGENT_FAILURE messages MUST also be sent in reply to requests with unknown or unsupported types"
            // (section 3.1). "Message number 0 is also reserved and MUST NOT be used" (section 6.1.1).
            _ => return Err(Malformed::Number),
        };
        reader.end()?;
        Ok(request)
    }

    /// The message number that [`write`](Request::write) writes.
    #[must_use]
    pub fn number(&self) -> u8 {
        match self {
            Request::Identities => number::REQUEST_IDENTITIES,
            Request::Sign { .. } => number::SIGN_REQUEST,
            // "Clients SHOULD prefer the SSH_AGENTC_ADD_IDENTITY message over sending an SSH_AGENTC_ADD_ID_CONSTRAINED
            // with an empty constraints field" (section 3.2).
            Request::Add { constraints, .. } if constraints.is_empty() => number::ADD_IDENTITY,
            Request::Add { .. } => number::ADD_ID_CONSTRAINED,
            Request::Remove { .. } => number::REMOVE_IDENTITY,
            Request::RemoveAll => number::REMOVE_ALL_IDENTITIES,
            Request::AddToken { constraints, .. } if constraints.is_empty() => number::ADD_SMARTCARD_KEY,
            Request::AddToken { .. } => number::ADD_SMARTCARD_KEY_CONSTRAINED,
            Request::RemoveToken { .. } => number::REMOVE_SMARTCARD_KEY,
            Request::Lock { .. } => number::LOCK,
            Request::Unlock { .. } => number::UNLOCK,
            Request::Extension { .. } => number::EXTENSION,
        }
    }

    /// Writes the message, type first.
    pub fn write(&self, sink: &mut dyn Sink) {
        sink.put(&[self.number()]);
        match self {
            Request::Identities | Request::RemoveAll => {}
            Request::Sign { key, data, flags } => {
                put_string(sink, key.blob());
                put_string(sink, data);
                sink.put(&flags.to_be_bytes());
            }
            Request::Add { key, comment, constraints } => {
                key.write(sink);
                put_string(sink, comment);
                constraints.write(sink);
            }
            Request::Remove { key } => put_string(sink, key.blob()),
            Request::AddToken { id, pin, constraints } => {
                put_string(sink, id);
                put_string(sink, pin.0);
                constraints.write(sink);
            }
            Request::RemoveToken { id, pin } => {
                put_string(sink, id);
                put_string(sink, pin.0);
            }
            Request::Lock { passphrase } | Request::Unlock { passphrase } => put_string(sink, passphrase.0),
            Request::Extension { name, body } => {
                put_string(sink, name.as_bytes());
                sink.put(body);
            }
        }
    }
}

/// The constraints of a message that has some; of another they are none, and bytes left are refused by its reader.
fn constraints<'a>(has_some: bool, reader: &mut Reader<'a>) -> Result<Constraints<'a>, Malformed> {
    if has_some { Constraints::parse(reader.rest()) } else { Ok(Constraints::default()) }
}

/// "The extension type indicates the type of the extension message as a UTF-8 string" (section 3.8).
fn text<'a>(reader: &mut Reader<'a>) -> Result<&'a str, Malformed> {
    core::str::from_utf8(reader.string()?).map_err(|_| Malformed::Value)
}

/// What an agent answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reply<'a> {
    /// No (section 3.1).
    Failure,
    /// Done (section 3.1).
    Success,
    /// The keys (section 3.5).
    Identities(Identities<'a>),
    /// A signature blob (section 3.6).
    Signature(&'a [u8]),
    /// The extension is known, and failed (section 3.8).
    ExtensionFailure,
    /// What the extension says (section 3.8).
    Extension {
        /// The name in the request.
        name: &'a str,
        /// What the name says it is.
        body: &'a [u8],
    },
}

impl<'a> Reply<'a> {
    /// Reads a whole message, type first.
    ///
    /// # Errors
    /// [`Malformed`]: an unknown number, a field that does not fit, a list that is longer than its bytes or than
    /// [`MAX_KEYS`], bytes behind the last field.
    pub fn parse(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(message);
        let reply = match reader.byte()? {
            number::FAILURE => Reply::Failure,
            number::SUCCESS => Reply::Success,
            number::IDENTITIES_ANSWER => Reply::Identities(Identities::read(&mut reader)?),
            number::SIGN_RESPONSE => Reply::Signature(reader.string()?),
            number::EXTENSION_FAILURE => Reply::ExtensionFailure,
            number::EXTENSION_RESPONSE => Reply::Extension { name: text(&mut reader)?, body: reader.rest() },
            _ => return Err(Malformed::Number),
        };
        reader.end()?;
        Ok(reply)
    }

    /// Writes the message, type first.
    pub fn write(&self, sink: &mut dyn Sink) {
        match self {
            Reply::Failure => sink.put(&[number::FAILURE]),
            Reply::Success => sink.put(&[number::SUCCESS]),
            Reply::Identities(identities) => {
                sink.put(&[number::IDENTITIES_ANSWER]);
                sink.put(&identities.count.to_be_bytes());
                sink.put(identities.keys);
            }
            Reply::Signature(signature) => {
                sink.put(&[number::SIGN_RESPONSE]);
                put_string(sink, signature);
            }
            Reply::ExtensionFailure => sink.put(&[number::EXTENSION_FAILURE]),
            Reply::Extension { name, body } => {
                sink.put(&[number::EXTENSION_RESPONSE]);
                put_string(sink, name.as_bytes());
                sink.put(body);
            }
        }
    }
}

/// A list of keys, read to its end before it is lent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identities<'a> {
    count: u32,
    keys: &'a [u8],
}

/// A key that an agent has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity<'a> {
    /// Its public half, or a certificate.
    pub key: PublicKey<'a>,
    /// A name for people. It is nobody's promise, and may hold any bytes.
    pub comment: &'a [u8],
}

impl<'a> Identities<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let count = reader.uint32()?;
        if usize::try_from(count).is_ok_and(|count| count > MAX_KEYS) {
            return Err(Malformed::Value);
        }
        let mut behind = *reader;
        for _ in 0..count {
            Identity::read(&mut behind)?;
        }
        behind.end()?;
        Ok(Identities { count, keys: reader.rest() })
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The keys.
    pub fn iter(&self) -> impl Iterator<Item = Identity<'a>> + Clone + use<'a> {
        let mut reader = Reader::new(self.keys);
        core::iter::from_fn(move || Identity::read(&mut reader).ok())
    }
}

impl<'a> Identity<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        Ok(Identity { key: PublicKey::new(reader.string()?), comment: reader.string()? })
    }
}

/// The body of a `query` reply: `string[]` (section 3.8.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Names<'a>(&'a [u8]);

impl<'a> Names<'a> {
    /// Reads the body.
    ///
    /// # Errors
    /// [`Malformed`]: it is no list of strings, or one is not UTF-8.
    pub fn parse(body: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body);
        while reader.remaining() > 0 {
            text(&mut reader)?;
        }
        Ok(Names(body))
    }

    /// The names.
    pub fn iter(&self) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        let mut reader = Reader::new(self.0);
        core::iter::from_fn(move || text(&mut reader).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::encode::written;
    use alloc::vec::Vec;

    fn bytes(request: &Request<'_>) -> Vec<u8> {
        written(|sink| request.write(sink)).unwrap()
    }

    #[test]
    fn requests_are_written_and_read() {
        let constraints = Constraints { lifetime: Some(9), confirm: true, ..Constraints::default() };
        let pin = Secret(b"1234");
        let requests = [
            Request::Identities,
            Request::Sign { key: PublicKey::new(b"key"), data: b"data", flags: 6 },
            Request::Remove { key: PublicKey::new(b"key") },
            Request::RemoveAll,
            Request::AddToken { id: b"id", pin, constraints: Constraints::default() },
            Request::AddToken { id: b"id", pin, constraints },
            Request::RemoveToken { id: b"id", pin },
            Request::Lock { passphrase: pin },
            Request::Unlock { passphrase: pin },
            Request::Extension { name: "query", body: b"" },
            Request::Extension { name: "a@b", body: b"anything" },
        ];
        for request in &requests {
            let bytes = bytes(request);
            assert_eq!(Request::parse(&bytes), Ok(*request));
            assert_eq!(bytes[0], request.number());
            assert!(!std::format!("{request:?}").contains("49, 50"), "a PIN shows");
            let open = matches!(request, Request::Extension { .. });
            for end in 0..bytes.len() {
                // A cut between two constraints leaves fewer of them: what was sent is known by the length in front alone.
                let constrained = matches!(request, Request::AddToken { constraints, .. } if !constraints.is_empty());
                let cut = Request::parse(&bytes[..end]);
                assert!(cut != Ok(*request), "{request:?} cut at {end}");
                assert!(open || constrained || cut.is_err(), "{request:?} cut at {end}");
            }
            let longer = [&bytes[..], b"\0"].concat();
            assert!(open || Request::parse(&longer).is_err(), "{request:?} with a byte behind it");
        }
    }

    /// A constraint behind the plain ADD_IDENTITY would be dropped: the message is refused instead.
    #[test]
    fn constraints_in_a_message_without_them_are_refused() {
        let token = Request::AddToken { id: b"id", pin: Secret(b""), constraints: Constraints::default() };
        let mut bytes = bytes(&token);
        bytes.push(2);
        assert_eq!(Request::parse(&bytes), Err(Malformed::Trailing));
        bytes[0] = number::ADD_SMARTCARD_KEY_CONSTRAINED;
        assert!(matches!(Request::parse(&bytes), Ok(Request::AddToken { constraints, .. }) if constraints.confirm));
        let length = bytes.len();
        assert_eq!(
            Request::parse(&bytes[..length - 1]),
            Ok(token),
            "an empty list of constraints is one: both are valid and equivalent (section 3.2)"
        );
    }

    #[test]
    fn replies_are_written_and_read() {
        let two = b"\x0c\0\0\0\x02\0\0\0\x01k\0\0\0\x01c\0\0\0\0\0\0\0\0";
        let Ok(Reply::Identities(identities)) = Reply::parse(two) else { panic!("a list") };
        assert_eq!(identities.len(), 2);
        assert_eq!(identities.iter().next(), Some(Identity { key: PublicKey::new(b"k"), comment: b"c" }));
        let replies = [
            Reply::Failure,
            Reply::Success,
            Reply::Identities(identities),
            Reply::Signature(b"blob"),
            Reply::ExtensionFailure,
            Reply::Extension { name: "query", body: b"\0\0\0\x01a" },
        ];
        for reply in &replies {
            let bytes = written(|sink| reply.write(sink)).unwrap();
            assert_eq!(Reply::parse(&bytes), Ok(*reply));
            if !matches!(reply, Reply::Extension { .. }) {
                assert!(Reply::parse(&[&bytes[..], b"\0"].concat()).is_err(), "{reply:?}");
            }
        }
        assert_eq!(Names::parse(b"\0\0\0\x01a\0\0\0\x02bc").unwrap().iter().collect::<Vec<_>>(), ["a", "bc"]);
        assert!(Names::parse(b"\0\0\0\x02a").is_err());
    }

    /// agent/3.5/1: the number of keys is bounded, and by the bytes that are there.
    #[test]
    fn a_number_of_keys_promises_nothing() {
        for count in [1, 2049, u32::MAX] {
            let message = [&[12][..], &count.to_be_bytes()].concat();
            assert!(Reply::parse(&message).is_err(), "{count}");
        }
        let full = |count: u32| {
            let mut message = [&[12][..], &count.to_be_bytes()].concat();
            message.extend((0..count).flat_map(|_| [0; 8]));
            message
        };
        assert!(Reply::parse(&full(2048)).is_ok());
        assert_eq!(Reply::parse(&full(2049)), Err(Malformed::Value));
    }
}
