//! What a key in an agent may not do (section 3.2.7; PROTOCOL.agent, sections 2 and 3).
//!
//! A constraint that is not known ends the parsing, and with it the request: nothing behind it can be read, and a key
//! without it would do more than its owner wants.

use super::Destinations;
use crate::wire::{Malformed, Reader, Sink, put_string};

const LIFETIME: u8 = 1;
const CONFIRM: u8 = 2;
const EXTENSION: u8 = 255;
const DESTINATIONS: &str = "restrict-destination-v00@openssh.com";
const CERTIFICATES: &str = "associated-certs-v00@openssh.com";
const PROVIDER: &str = "sk-provider@openssh.com";
/// The most certificates in one request (OpenSSH `AGENT_MAX_EXT_CERTS`).
const MAX_CERTIFICATES: usize = 1024;

/// All constraints of a request. An agent that does not enforce every one that is set refuses the key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Constraints<'a> {
    /// Forget the key after so many seconds (section 3.2.7.1).
    pub lifetime: Option<u32>,
    /// Ask the user at each use (section 3.2.7.2).
    pub confirm: bool,
    /// Sign for these destinations only (`restrict-destination-v00@openssh.com`).
    pub destinations: Option<Destinations<'a>>,
    /// Certificates for a token's keys (`associated-certs-v00@openssh.com`).
    pub certificates: Option<Certificates<'a>>,
    /// The library that drives a security key (`sk-provider@openssh.com`). A path is a program to be run.
    pub provider: Option<&'a [u8]>,
}

impl<'a> Constraints<'a> {
    /// Reads constraints up to the end of `bytes`.
    ///
    /// # Errors
    /// [`Malformed`]: one is unknown, stands there twice, or is damaged.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let mut all = Constraints::default();
        while reader.remaining() > 0 {
            match reader.byte()? {
                LIFETIME => once(&mut all.lifetime, reader.uint32()?)?,
                CONFIRM if !all.confirm => all.confirm = true,
                EXTENSION => all.extension(&mut reader)?,
                // "if an agent does not recognise or support a requested constraint it MUST abort parsing, refuse the
                // request and return an SSH_AGENT_FAILURE message to the client" (section 3.2.7).
                _ => return Err(Malformed::Value),
            }
        }
        Ok(all)
    }

    fn extension(&mut self, reader: &mut Reader<'a>) -> Result<(), Malformed> {
        let name = reader.string()?;
        if name == DESTINATIONS.as_bytes() {
            once(&mut self.destinations, Destinations::parse(reader.string()?)?)
        } else if name == CERTIFICATES.as_bytes() {
            once(&mut self.certificates, Certificates::read(reader)?)
        } else if name == PROVIDER.as_bytes() {
            once(&mut self.provider, reader.string()?)
        } else {
            // "an agent will be required to reject the key" (section 3.2.7.3).
            Err(Malformed::Value)
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Constraints::default()
    }

    /// Writes them all.
    pub fn write(&self, sink: &mut dyn Sink) {
        if let Some(seconds) = self.lifetime {
            sink.put(&[LIFETIME]);
            sink.put(&seconds.to_be_bytes());
        }
        if self.confirm {
            sink.put(&[CONFIRM]);
        }
        if let Some(provider) = self.provider {
            put_name(sink, PROVIDER);
            put_string(sink, provider);
        }
        if let Some(destinations) = self.destinations {
            put_name(sink, DESTINATIONS);
            put_string(sink, destinations.as_bytes());
        }
        if let Some(certificates) = self.certificates {
            put_name(sink, CERTIFICATES);
            sink.put(&[u8::from(certificates.only)]);
            put_string(sink, certificates.blobs);
        }
    }
}

fn put_name(sink: &mut dyn Sink, name: &str) {
    sink.put(&[EXTENSION]);
    put_string(sink, name.as_bytes());
}

/// A second one would have to win or lose against the first: it is refused, as OpenSSH does.
fn once<T>(place: &mut Option<T>, value: T) -> Result<(), Malformed> {
    if place.replace(value).is_some() { Err(Malformed::Value) } else { Ok(()) }
}

/// Certificates that go with a token's keys (PROTOCOL.agent, section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Certificates<'a> {
    /// Keep the certificates only, not the plain keys.
    pub only: bool,
    blobs: &'a [u8],
}

impl<'a> Certificates<'a> {
    /// Certificates as they stand in the constraint: `string[]`.
    ///
    /// # Errors
    /// [`Malformed`]: not a list of strings, none, or more than 1,024.
    pub fn new(only: bool, blobs: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(blobs);
        let mut left = MAX_CERTIFICATES;
        while reader.remaining() > 0 {
            reader.string()?;
            left = left.checked_sub(1).ok_or(Malformed::Value)?;
        }
        // "one or more certificates" (PROTOCOL.agent, section 3).
        if left == MAX_CERTIFICATES { Err(Malformed::Value) } else { Ok(Certificates { only, blobs }) }
    }

    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let only = reader.boolean()?;
        Certificates::new(only, reader.string()?)
    }

    /// The certificates, each a public key blob.
    pub fn iter(&self) -> impl Iterator<Item = &'a [u8]> + Clone + use<'a> {
        let mut reader = Reader::new(self.blobs);
        core::iter::from_fn(move || reader.string().ok())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{KeySpec, Place, Route};
    use super::*;
    use crate::keys::PublicKey;
    use crate::keys::encode::written;
    use alloc::vec::Vec;

    #[test]
    fn constraints_are_written_and_read() {
        let blob = crate::keys::ed25519_blob(&[7; 32]);
        let keys = [KeySpec { key: PublicKey::new(&blob), is_authority: false }];
        let route = Route { from: None, user: "me", to: Place { host: "a", keys: &keys } };
        let routes = Destinations::encode(&[route]).unwrap();
        let destinations = Destinations::parse(&routes).unwrap();
        let certificates = Certificates::new(true, b"\0\0\0\x01a\0\0\0\x01b").unwrap();
        assert_eq!(certificates.iter().collect::<Vec<_>>(), [b"a", b"b"]);
        let all = Constraints {
            lifetime: Some(0),
            confirm: true,
            destinations: Some(destinations),
            certificates: Some(certificates),
            provider: Some(b"internal"),
        };
        let none = Constraints::default();
        assert!(none.is_empty());
        let each = [
            none,
            all,
            Constraints { lifetime: all.lifetime, ..none },
            Constraints { confirm: true, ..none },
            Constraints { destinations: all.destinations, ..none },
            Constraints { certificates: all.certificates, ..none },
            Constraints { provider: all.provider, ..none },
        ];
        for constraints in &each {
            let bytes = written(|sink| constraints.write(sink)).unwrap();
            assert_eq!(Constraints::parse(&bytes), Ok(*constraints));
            let twice = [&bytes[..], &bytes].concat();
            assert_eq!(Constraints::parse(&twice).is_ok(), constraints.is_empty(), "{constraints:?} twice");
        }
        let bytes = written(|sink| all.write(sink)).unwrap();
        // A cut between two constraints leaves fewer of them; any other cut is an error.
        let whole = (0..bytes.len()).filter(|end| Constraints::parse(&bytes[..*end]).is_ok()).count();
        assert_eq!(whole, 5);
    }

    /// agent/3.2.7/1, CVE-2023-28531, CVE-2023-51384: nothing unknown is skipped, whatever stands around it.
    #[test]
    fn an_unknown_constraint_ends_the_parsing() {
        for kind in 0..=u8::MAX {
            let known = matches!(kind, LIFETIME | CONFIRM | EXTENSION);
            assert_eq!(Constraints::parse(&[kind]).is_ok(), kind == CONFIRM);
            if !known {
                assert_eq!(Constraints::parse(&[kind, CONFIRM]), Err(Malformed::Value));
                assert_eq!(Constraints::parse(&[LIFETIME, 0, 0, 0, 1, kind]), Err(Malformed::Value));
            }
        }
        let unknown = written(|sink| {
            put_name(sink, "restrict-destination-v01@openssh.com");
            put_string(sink, b"");
        })
        .unwrap();
        assert_eq!(Constraints::parse(&unknown), Err(Malformed::Value));
        assert!(Certificates::new(false, b"").is_err());
        assert!(Certificates::new(false, &[0; 4 * 1024]).is_ok());
        assert!(Certificates::new(false, &[0; 4 * 1025]).is_err());
    }
}
