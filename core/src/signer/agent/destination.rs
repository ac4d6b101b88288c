//! Where a key may be used: `restrict-destination-v00@openssh.com` (PROTOCOL.agent, section 2).
//!
//! ```text
//! string { string from { string user (empty), string host, string reserved, { string key, bool is_ca }* },
//!          string to   { string user,         string host, string reserved, { string key, bool is_ca }* },
//!          string reserved }*
//! ```
//!
//! A list of hops, as bytes that were checked. Whether a connection's bindings go along it is said by
//! [`Bindings`](super::Bindings) in `session_bind.rs`.

use crate::keys::{OutOfMemory, PublicKey, encode};
use crate::wire::{Malformed, Reader, Sink, put_string};
use alloc::vec::Vec;

/// The most hops on one key (OpenSSH `AGENT_MAX_DEST_CONSTRAINTS`).
const MAX_DESTINATIONS: usize = 1024;
/// The longest pattern for a user (OpenSSH `AGENT_USER_CONSTRAINT_MAX_LEN`).
const MAX_USER: usize = 256;

/// The hops that a key may take, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Destinations<'a>(&'a [u8]);

impl<'a> Destinations<'a> {
    /// Reads the list: what stands in the constraint's outer string.
    ///
    /// # Errors
    /// [`Malformed`]: a field is damaged or empty where it must not be, a reserved one is used, there is no hop or there
    /// are more than 1,024. An empty list would restrict nothing, and its sender meant something else.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let mut left = MAX_DESTINATIONS;
        while reader.remaining() > 0 {
            Destination::read(&mut reader)?;
            left = left.checked_sub(1).ok_or(Malformed::Value)?;
        }
        if left == MAX_DESTINATIONS { Err(Malformed::Value) } else { Ok(Destinations(bytes)) }
    }

    /// Writes a list, for [`parse`](Destinations::parse) to read.
    ///
    /// # Errors
    /// [`OutOfMemory`].
    pub fn encode(routes: &[Route<'_>]) -> Result<Vec<u8>, OutOfMemory> {
        let mut list = Vec::new();
        for route in routes {
            let from = route.from.unwrap_or(Place { host: "", keys: &[] });
            let from = encode::written(|sink| from.write("", sink))?;
            let to = encode::written(|sink| route.to.write(route.user, sink))?;
            let hop = encode::written(|sink| {
                put_string(sink, &from);
                put_string(sink, &to);
                put_string(sink, b"");
            })?;
            list.try_reserve(hop.len().saturating_add(4)).map_err(|_| OutOfMemory)?;
            list.extend_from_slice(&encode::written(|sink| put_string(sink, &hop))?);
        }
        Ok(list)
    }

    /// Bytes that were parsed before. Of any others, what cannot be read allows nothing.
    pub(super) fn checked(bytes: &'a [u8]) -> Self {
        Destinations(bytes)
    }

    /// The bytes that were parsed.
    #[must_use]
    pub fn as_bytes(&self) -> &'a [u8] {
        self.0
    }

    /// The hops.
    pub fn iter(&self) -> impl Iterator<Item = Destination<'a>> + Clone + use<'a> {
        let mut reader = Reader::new(self.0);
        core::iter::from_fn(move || Destination::read(&mut reader).ok())
    }
}

/// One hop that is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Destination<'a> {
    /// From where; `None` is where the agent runs.
    pub from: Option<Hop<'a>>,
    /// For this user, a pattern with `*` and `?`; empty for all of them.
    pub user: &'a [u8],
    /// To where.
    pub to: Hop<'a>,
}

/// A host, by name and keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hop<'a> {
    /// Its name, which a host certificate has to carry. Plain keys are compared, names are not.
    pub host: &'a [u8],
    /// Its keys, at least one.
    pub keys: KeySpecs<'a>,
}

/// The keys of a [`Hop`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeySpecs<'a>(&'a [u8]);

/// A key that a host may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeySpec<'a> {
    /// The key.
    pub key: PublicKey<'a>,
    /// Whether it is not the host's own, but signs the host's certificate.
    pub is_authority: bool,
}

/// A hop to be written.
#[derive(Clone, Copy, Debug)]
pub struct Route<'a> {
    /// From where; `None` is where the agent runs.
    pub from: Option<Place<'a>>,
    /// For this user, a pattern with `*` and `?`; empty for all of them.
    pub user: &'a str,
    /// To where.
    pub to: Place<'a>,
}

/// A host to be written.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Its name.
    pub host: &'a str,
    /// Its keys, as known_hosts has them.
    pub keys: &'a [KeySpec<'a>],
}

impl<'a> Destination<'a> {
    fn read(list: &mut Reader<'a>) -> Result<Self, Malformed> {
        let mut fields = Reader::new(list.string()?);
        let (from_user, from) = read_hop(fields.string()?)?;
        let (user, to) = read_hop(fields.string()?)?;
        let reserved = fields.string()?;
        fields.end()?;
        // "from_username (must be empty)"; "'to_hostname' and 'to_hostkeys' have been supplied (empty 'from_hostname'
        // and 'from_hostkeys' are valid and signify the initial hop" (PROTOCOL.agent, section 2).
        let consistent = from.host.is_empty() == from.keys.0.is_empty();
        let complete = !to.host.is_empty() && !to.keys.0.is_empty();
        if !reserved.is_empty() || !from_user.is_empty() || !consistent || !complete {
            return Err(Malformed::Value);
        }
        Ok(Destination { from: (!from.host.is_empty()).then_some(from), user, to })
    }
}

fn read_hop(bytes: &[u8]) -> Result<(&[u8], Hop<'_>), Malformed> {
    let mut fields = Reader::new(bytes);
    let (user, host, reserved) = (fields.string()?, fields.string()?, fields.string()?);
    if !reserved.is_empty() || user.len() > MAX_USER {
        return Err(Malformed::Value);
    }
    let keys = fields.rest();
    let mut reader = Reader::new(keys);
    while reader.remaining() > 0 {
        KeySpec::read(&mut reader)?;
    }
    Ok((user, Hop { host, keys: KeySpecs(keys) }))
}

impl<'a> KeySpecs<'a> {
    /// The keys.
    pub fn iter(&self) -> impl Iterator<Item = KeySpec<'a>> + Clone + use<'a> {
        let mut reader = Reader::new(self.0);
        core::iter::from_fn(move || KeySpec::read(&mut reader).ok())
    }
}

impl<'a> KeySpec<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let key = PublicKey::new(reader.string()?);
        let is_authority = reader.boolean()?;
        if key.key_type().is_empty() { Err(Malformed::Value) } else { Ok(KeySpec { key, is_authority }) }
    }
}

impl Place<'_> {
    fn write(&self, user: &str, sink: &mut dyn Sink) {
        put_string(sink, user.as_bytes());
        put_string(sink, self.host.as_bytes());
        put_string(sink, b"");
        for spec in self.keys {
            put_string(sink, spec.key.blob());
            sink.put(&[u8::from(spec.is_authority)]);
        }
    }
}

/// Whether `text` is what `pattern` says: `*` is any text, `?` any byte (OpenSSH `match_pattern`). No recursion: a `*` is
/// tried again from the last one only, so the work is at most the product of the lengths.
pub(super) fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut pattern, mut text) = (pattern, text);
    let mut star: Option<(&[u8], &[u8])> = None;
    loop {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => return true,
            (Some((b'*', behind)), _) => {
                star = Some((behind, text));
                pattern = behind;
            }
            (Some((p, p_rest)), Some((t, t_rest))) if *p == b'?' || p == t => {
                (pattern, text) = (p_rest, t_rest);
            }
            _ => {
                let Some((behind, [_, rest @ ..])) = star else { return false };
                star = Some((behind, rest));
                (pattern, text) = (behind, rest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blob() -> [u8; 51] {
        crate::keys::ed25519_blob(&[7; 32])
    }

    #[test]
    fn hops_are_written_and_read() {
        let blob = blob();
        let keys = [
            KeySpec { key: PublicKey::new(&blob), is_authority: false },
            KeySpec { key: PublicKey::new(&blob), is_authority: true },
        ];
        let (a, b) = (Place { host: "a", keys: &keys[..1] }, Place { host: "b", keys: &keys });
        let routes = [Route { from: None, user: "", to: a }, Route { from: Some(a), user: "me*", to: b }];
        let bytes = Destinations::encode(&routes).unwrap();
        let all = Destinations::parse(&bytes).unwrap();
        let hops: Vec<_> = all.iter().collect();
        assert_eq!(hops.len(), 2);
        assert_eq!((hops[0].from, hops[0].user, hops[0].to.host), (None, &b""[..], &b"a"[..]));
        assert_eq!((hops[1].from, hops[1].user, hops[1].to.host), (Some(hops[0].to), &b"me*"[..], &b"b"[..]));
        assert!(hops[1].to.keys.iter().eq(keys));
        for end in 0..bytes.len() {
            let first = 4 + u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize;
            assert_eq!(Destinations::parse(&bytes[..end]).is_ok(), end == first, "cut at {end}");
        }
    }

    #[test]
    fn a_hop_that_would_restrict_nothing_is_refused() {
        let blob = blob();
        let keys = [KeySpec { key: PublicKey::new(&blob), is_authority: false }];
        let no_type = [KeySpec { key: PublicKey::new(b"\0\0\0\0"), is_authority: false }];
        let a = Place { host: "a", keys: &keys };
        let long = "x".repeat(257);
        let good = Route { from: None, user: "", to: a };
        let bad = [
            Route { to: Place { host: "", keys: &keys }, ..good },
            Route { to: Place { host: "a", keys: &[] }, ..good },
            Route { to: Place { host: "a", keys: &no_type }, ..good },
            Route { from: Some(Place { host: "", keys: &keys }), ..good },
            Route { from: Some(Place { host: "a", keys: &[] }), ..good },
            Route { user: &long, ..good },
        ];
        assert!(Destinations::parse(&Destinations::encode(&[good]).unwrap()).is_ok());
        for route in bad {
            let bytes = Destinations::encode(&[route]).unwrap();
            assert_eq!(Destinations::parse(&bytes), Err(Malformed::Value), "{route:?}");
        }
        assert_eq!(Destinations::parse(b""), Err(Malformed::Value));
        let one = Destinations::encode(&[good]).unwrap();
        assert!(Destinations::parse(&one.repeat(1024)).is_ok());
        assert_eq!(Destinations::parse(&one.repeat(1025)), Err(Malformed::Value));
    }

    #[test]
    fn patterns() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "abc", true),
            ("a*c", "abc", true),
            ("a*c", "abcc", true),
            ("a*c", "abcd", false),
            ("?", "", false),
            ("a?c", "abc", true),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b*", "xxbxxaxx", false),
            ("Root", "root", false),
            ("**b", "aab", true),
        ] {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes()), expected, "{pattern} {text}");
        }
        assert!(!matches(&b"*a".repeat(128), &b"a".repeat(127)));
    }
}
