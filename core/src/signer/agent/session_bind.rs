//! Which SSH sessions an agent connection goes through: `session-bind@openssh.com` (PROTOCOL.agent, section 1), and
//! whether a key's destinations allow that (section 2).
//!
//! ```text
//! agent's host --bind(A, forwarding)--> A --bind(B, forwarding)--> B --bind(C)--> C
//!              hop 1: origin > A        hop 2: A > B               hop 3: B > C, with the user's name
//! ```
//!
//! Each hop must be one that the key allows. A client that lies about its sessions gains nothing: each binding carries
//! the host key's signature, and what is signed names the session and the host.

use super::destination::matches;
use super::{Destination, Destinations, Hop};
use crate::UnixTime;
use crate::crypto::Provider;
use crate::keys::{Certificate, Check, PublicKey};
use crate::message::{Message, UserauthRequest};
use crate::wire::{Malformed, Reader, Sink, put_string};
use alloc::vec::Vec;
use core::fmt;

/// The most sessions on one connection (OpenSSH `AGENT_MAX_SESSION_IDS`).
const MAX_SESSIONS: usize = 16;
/// The longest session id (OpenSSH `AGENT_MAX_SID_LEN`).
const MAX_SESSION_ID: usize = 128;
/// The longest host key or certificate that is kept.
const MAX_HOST_KEY: usize = 16 * 1024;
/// The longest user name that is matched with a pattern.
const MAX_USER: usize = 1024;

/// The body of the extension: a session of this connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionBind<'a> {
    /// The server's host key, or certificate.
    pub host_key: &'a [u8],
    /// The exchange hash of the session's first key exchange.
    pub session_id: &'a [u8],
    /// The host key's signature over it, as the server sent it.
    pub signature: &'a [u8],
    /// Whether the agent is forwarded there. Otherwise a login follows, and nothing goes further.
    pub forwarding: bool,
}

impl<'a> SessionBind<'a> {
    /// Reads the body.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn parse(body: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body);
        let (host_key, session_id, signature) = (reader.string()?, reader.string()?, reader.string()?);
        let forwarding = reader.boolean()?;
        reader.end()?;
        Ok(SessionBind { host_key, session_id, signature, forwarding })
    }

    /// Writes the body.
    pub fn write(&self, sink: &mut dyn Sink) {
        put_string(sink, self.host_key);
        put_string(sink, self.session_id);
        put_string(sink, self.signature);
        sink.put(&[u8::from(self.forwarding)]);
    }

    /// The algorithm is the one that the signature names: an RSA key has several.
    fn verifies(&self, provider: &dyn Provider) -> bool {
        let key_type = PublicKey::new(self.host_key).key_type();
        let Ok(algorithm) = Reader::new(self.signature).string() else { return false };
        provider.signatures().iter().any(|row| {
            let name = row.certified().map_or(row.name(), |plain| plain.name());
            name.as_bytes() == algorithm
                && row.key_type() == key_type
                && row.for_hosts()
                && row.accepts(self.host_key)
                && row.verify(self.host_key, self.session_id, self.signature).is_ok()
        })
    }
}

/// Why a session was not bound. The connection then has no use of restricted keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotBound {
    /// The body is damaged, or a field is longer than any.
    Malformed,
    /// The host key did not sign this session, or by no algorithm of the provider.
    Signature,
    /// The connection is bound for a login: it goes no further.
    BoundForLogin,
    /// The session is bound to another host key.
    OtherKey,
    /// There are 16 sessions already.
    TooMany,
    /// A fallible allocation failed.
    OutOfMemory,
}

impl fmt::Display for NotBound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotBound::Malformed => "the session binding is malformed",
            NotBound::Signature => "the host key's signature of the session does not verify",
            NotBound::BoundForLogin => "the agent connection is already bound for a login",
            NotBound::OtherKey => "the session is already bound to another host key",
            NotBound::TooMany => "too many sessions on one agent connection",
            NotBound::OutOfMemory => "out of memory",
        })
    }
}

impl core::error::Error for NotBound {}

/// The sessions of one agent connection, in the order of the hops.
#[derive(Debug, Default)]
pub struct Bindings {
    sessions: Vec<Bound>,
    attempted: bool,
}

#[derive(Debug)]
struct Bound {
    host_key: Vec<u8>,
    session_id: Vec<u8>,
    forwarding: bool,
}

/// What host certificates are checked against.
#[derive(Clone, Copy)]
pub(super) struct Judge {
    pub(super) provider: &'static dyn Provider,
    pub(super) at: UnixTime,
}

impl Bindings {
    /// A connection that is bound to nothing: a local one, until it says otherwise.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether a binding was ever tried: then whoever asks is not local, or soon will not be.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        self.attempted
    }

    /// Takes the body of a `session-bind@openssh.com` request. To bind the same session again changes nothing.
    ///
    /// # Errors
    /// [`NotBound`]. After that the connection cannot use restricted keys as a local one does.
    pub fn bind(&mut self, body: &[u8], provider: &dyn Provider) -> Result<(), NotBound> {
        self.attempted = true;
        let bind = SessionBind::parse(body).map_err(|_| NotBound::Malformed)?;
        if bind.session_id.len() > MAX_SESSION_ID || bind.host_key.len() > MAX_HOST_KEY {
            return Err(NotBound::Malformed);
        }
        // "it will verify the signature and check the consistency of its contents, including refusing to accept a
        // duplicate session identifier, or any attempt to bind a connection previously bound for authentication"
        // (PROTOCOL.agent, section 1).
        if !bind.verifies(provider) {
            return Err(NotBound::Signature);
        }
        for bound in &self.sessions {
            if !bound.forwarding {
                return Err(NotBound::BoundForLogin);
            }
            match (bound.session_id == bind.session_id, bound.host_key == bind.host_key) {
                (true, true) => return Ok(()),
                (true, false) => return Err(NotBound::OtherKey),
                (false, _) => {}
            }
        }
        if self.sessions.len() >= MAX_SESSIONS {
            return Err(NotBound::TooMany);
        }
        self.sessions.try_reserve(1).map_err(|_| NotBound::OutOfMemory)?;
        let (host_key, session_id) = (copy(bind.host_key)?, copy(bind.session_id)?);
        self.sessions.push(Bound { host_key, session_id, forwarding: bind.forwarding });
        Ok(())
    }

    /// Whether a key with these destinations may be seen on this connection, replaced and removed.
    pub(super) fn show(&self, destinations: Option<Destinations<'_>>, judge: Judge) -> bool {
        let Some(destinations) = destinations else { return true };
        let Some(last) = self.sessions.last() else { return !self.attempted };
        // What may be used at the last host but not behind it is not shown behind it.
        self.walk(destinations, None, judge)
            && (!last.forwarding || allowed(destinations, Some(&last.host_key), None, None, judge))
    }

    /// Whether a key with these destinations may sign `data` on this connection.
    pub(super) fn may_sign(
        &self,
        key: PublicKey<'_>,
        destinations: Option<Destinations<'_>>,
        data: &[u8],
        judge: Judge,
    ) -> bool {
        let Some(destinations) = destinations else { return true };
        // Anything but a login into a bound session is refused: what is signed must say where it goes.
        let (Some(last), Some(login)) = (self.sessions.last(), LoginData::parse(data, key)) else { return false };
        // On a hop behind the first the host key must stand in what is signed, or the middle could pass it on.
        let named = match login.host_key {
            Some(host_key) => host_key == last.host_key,
            None => self.sessions.len() == 1,
        };
        !last.forwarding
            && login.session_id == last.session_id
            && named
            && login.user.len() <= MAX_USER
            && self.walk(destinations, Some(login.user), judge)
    }

    /// Whether every hop is allowed, the last one for this user.
    fn walk(&self, destinations: Destinations<'_>, user: Option<&[u8]>, judge: Judge) -> bool {
        let mut from: Option<&[u8]> = None;
        let mut rest = self.sessions.iter().peekable();
        while let Some(hop) = rest.next() {
            let is_last = rest.peek().is_none();
            let user = user.filter(|_| is_last);
            // A session for a login has nothing behind it.
            if !is_last && !hop.forwarding || !allowed(destinations, from, Some(&hop.host_key), user, judge) {
                return false;
            }
            from = Some(&hop.host_key);
        }
        true
    }
}

fn copy(bytes: &[u8]) -> Result<Vec<u8>, NotBound> {
    let mut copy = Vec::new();
    copy.try_reserve_exact(bytes.len()).map_err(|_| NotBound::OutOfMemory)?;
    copy.extend_from_slice(bytes);
    Ok(copy)
}

/// Whether one of the destinations is this hop. `from` is `None` at the origin; `to` is `None` for anywhere.
fn allowed(
    destinations: Destinations<'_>,
    from: Option<&[u8]>,
    to: Option<&[u8]>,
    user: Option<&[u8]>,
    judge: Judge,
) -> bool {
    destinations.iter().any(|Destination { from: allowed_from, user: pattern, to: allowed_to }| {
        let comes = match (allowed_from, from) {
            (None, None) => true,
            (Some(hop), Some(host_key)) => is_host(hop, host_key, judge),
            _ => false,
        };
        comes
            && to.is_none_or(|host_key| is_host(allowed_to, host_key, judge))
            && user.is_none_or(|user| pattern.is_empty() || matches(pattern, user))
    })
}

/// Whether this host key, or certificate for the hop's name, is one of the hop's.
fn is_host(hop: Hop<'_>, host_key: &[u8], judge: Judge) -> bool {
    let certificate = Certificate::parse(host_key).ok();
    hop.keys.iter().any(|spec| match certificate {
        None => !spec.is_authority && spec.key.blob() == host_key,
        Some(certificate) => {
            let authority = |ca: PublicKey<'_>| spec.is_authority && ca == spec.key;
            certificate.check(Check::host(hop.host, judge.at, &authority, judge.provider)).is_ok()
        }
    })
}

/// What a login by public key signs (RFC 4252, section 7), as far as it says where it goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct LoginData<'a> {
    session_id: &'a [u8],
    pub(super) user: &'a [u8],
    /// Only with `publickey-hostbound-v00@openssh.com`.
    host_key: Option<&'a [u8]>,
}

impl<'a> LoginData<'a> {
    /// `None` for anything but a login with `key` to the service `ssh-connection`.
    pub(super) fn parse(data: &'a [u8], key: PublicKey<'_>) -> Option<Self> {
        let mut reader = Reader::new(data);
        let session_id = reader.string().ok().filter(|id| !id.is_empty())?;
        let request = UserauthRequest::parse(reader.rest()).ok()?;
        let mut fields = Reader::new(request.fields.0);
        // What is signed ends where the signature would begin; its TRUE is written as 1.
        let (signed, algorithm, offered) = (fields.byte().ok()?, fields.string().ok()?, fields.string().ok()?);
        let host_key = match request.method.0 {
            "publickey" => None,
            "publickey-hostbound-v00@openssh.com" => Some(fields.string().ok()?),
            _ => return None,
        };
        fields.end().ok()?;
        let fits = signed == 1 && offered == key.blob() && is_of(algorithm, key.key_type());
        (fits && request.service == b"ssh-connection").then_some(LoginData { session_id, user: request.user, host_key })
    }
}

/// Whether an algorithm is one of keys of this type.
fn is_of(algorithm: &[u8], key_type: &str) -> bool {
    match key_type {
        "ssh-rsa" => [&b"rsa-sha2-256"[..], b"rsa-sha2-512"].contains(&algorithm),
        "ssh-rsa-cert-v01@openssh.com" => {
            [&b"rsa-sha2-256-cert-v01@openssh.com"[..], b"rsa-sha2-512-cert-v01@openssh.com"].contains(&algorithm)
        }
        _ => algorithm == key_type.as_bytes(),
    }
}

#[cfg(all(test, feature = "rustcrypto"))]
mod tests {
    use super::super::{KeySpec, Place, Route};
    use super::*;
    use crate::crypto::rustcrypto::RustCrypto;
    use crate::keys::encode::written;
    use crate::message::{MethodFields, Text};
    use crate::signer::PrivateKey;

    const JUDGE: Judge = Judge { provider: &RustCrypto, at: UnixTime(1_000_000) };
    const ID: [u8; 32] = [1; 32];

    fn key(n: u8) -> PrivateKey {
        PrivateKey::ed25519_from_seed(&[n; 32]).unwrap()
    }

    fn body(host: &PrivateKey, session_id: &[u8], forwarding: bool) -> Vec<u8> {
        let signature = host.sign("ssh-ed25519", session_id).unwrap();
        let bind = SessionBind { host_key: host.public_blob(), session_id, signature: &signature, forwarding };
        let body = written(|sink| bind.write(sink)).unwrap();
        assert_eq!(SessionBind::parse(&body), Ok(bind));
        body
    }

    fn bound(hops: &[(&PrivateKey, &[u8], bool)]) -> Bindings {
        let mut bindings = Bindings::new();
        for (host, id, forwarding) in hops {
            bindings.bind(&body(host, id, *forwarding), &RustCrypto).unwrap();
        }
        bindings
    }

    /// `origin > a`, `a > b` for users `me*`.
    fn routes(a: &PrivateKey, b: &PrivateKey) -> Vec<u8> {
        let a = [KeySpec { key: a.public_key(), is_authority: false }];
        let b = [KeySpec { key: b.public_key(), is_authority: false }];
        let (a, b) = (Place { host: "a", keys: &a }, Place { host: "b", keys: &b });
        Destinations::encode(&[Route { from: None, user: "", to: a }, Route { from: Some(a), user: "me*", to: b }])
            .unwrap()
    }

    fn login(session_id: &[u8], user: &str, mine: &PrivateKey, host: Option<&PrivateKey>) -> Vec<u8> {
        let method = if host.is_some() { "publickey-hostbound-v00@openssh.com" } else { "publickey" };
        let fields = written(|sink| {
            sink.put(&[1]);
            put_string(sink, b"ssh-ed25519");
            put_string(sink, mine.public_blob());
            if let Some(host) = host {
                put_string(sink, host.public_blob());
            }
        })
        .unwrap();
        written(|sink| {
            put_string(sink, session_id);
            UserauthRequest::new(user.as_bytes(), b"ssh-connection", Text(method), MethodFields(&fields)).write(sink);
        })
        .unwrap()
    }

    #[test]
    fn a_session_is_bound_by_its_host_key_alone() {
        let (a, b) = (key(1), key(2));
        let mut bindings = Bindings::new();
        assert!(!bindings.is_remote());
        let good = body(&a, &ID, true);
        for at in 0..good.len() - 1 {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert!(bindings.bind(&bad, &RustCrypto).is_err(), "byte {at}");
            assert!(bindings.bind(&good[..at], &RustCrypto).is_err(), "cut at {at}");
        }
        assert!(bindings.is_remote() && bindings.sessions.is_empty());
        assert_eq!(bindings.bind(&good, &RustCrypto), Ok(()));
        assert_eq!(bindings.bind(&good, &RustCrypto), Ok(()), "the same again");
        assert_eq!(bindings.bind(&body(&b, &ID, true), &RustCrypto), Err(NotBound::OtherKey));
        assert_eq!(bindings.bind(&body(&b, &[2; 129], true), &RustCrypto), Err(NotBound::Malformed));
        assert_eq!(bindings.sessions.len(), 1);
        for n in 2..=15 {
            assert_eq!(bindings.bind(&body(&b, &[n; 32], true), &RustCrypto), Ok(()));
        }
        assert_eq!(bindings.bind(&body(&b, &[16; 32], false), &RustCrypto), Ok(()));
        assert_eq!(bindings.bind(&body(&b, &[17; 32], true), &RustCrypto), Err(NotBound::BoundForLogin));
        let mut full = bound(&[(&a, &ID, true)]);
        for n in 2..=16 {
            assert_eq!(full.bind(&body(&b, &[n; 32], true), &RustCrypto), Ok(()));
        }
        assert_eq!(full.bind(&body(&b, &[17; 32], true), &RustCrypto), Err(NotBound::TooMany));
    }

    #[test]
    fn a_key_is_shown_where_it_may_be_used() {
        let (a, b) = (key(1), key(2));
        let routes = routes(&a, &b);
        let destinations = Destinations::parse(&routes).ok();
        let shown = |bindings: &Bindings| bindings.show(destinations, JUDGE);
        assert!(shown(&Bindings::new()), "locally");
        assert!(shown(&bound(&[(&a, &ID, false)])), "for a login at a");
        assert!(shown(&bound(&[(&a, &ID, true)])), "forwarded to a, from where it may go to b");
        assert!(shown(&bound(&[(&a, &ID, true), (&b, &[2; 32], false)])));
        assert!(!shown(&bound(&[(&a, &ID, true), (&b, &[2; 32], true)])), "there is no way on from b");
        assert!(!shown(&bound(&[(&b, &ID, false)])), "b only from a");
        assert!(!shown(&bound(&[(&key(3), &ID, false)])));
        let mut failed = Bindings::new();
        assert!(failed.bind(b"", &RustCrypto).is_err());
        assert!(!shown(&failed), "a connection whose binding failed is not local");
        assert!(failed.show(None, JUDGE), "a key without destinations is shown anywhere");
    }

    #[test]
    fn a_key_signs_for_its_destinations_only() {
        let (mine, a, b) = (key(9), key(1), key(2));
        let routes = routes(&a, &b);
        let destinations = Destinations::parse(&routes).ok();
        let may = |bindings: &Bindings, data: &[u8]| bindings.may_sign(mine.public_key(), destinations, data, JUDGE);
        let at_a = bound(&[(&a, &ID, false)]);
        assert!(may(&at_a, &login(&ID, "anybody", &mine, None)));
        assert!(may(&at_a, &login(&ID, "anybody", &mine, Some(&a))));
        assert!(!may(&at_a, &login(&ID, "anybody", &mine, Some(&b))), "another host key in what is signed");
        assert!(!may(&at_a, &login(&[7; 32], "anybody", &mine, None)), "another session");
        assert!(!may(&at_a, &login(&ID, "anybody", &a, None)), "another key");
        assert!(!may(&at_a, b"anything else"));
        assert!(!may(&Bindings::new(), &login(&ID, "anybody", &mine, None)), "an unbound connection");
        let forwarded = bound(&[(&a, &ID, true)]);
        assert!(!may(&forwarded, &login(&ID, "anybody", &mine, None)), "on a hop that forwards");
        let two = [2; 32];
        let at_b = bound(&[(&a, &ID, true), (&b, &two, false)]);
        assert!(may(&at_b, &login(&two, "me2", &mine, Some(&b))));
        assert!(!may(&at_b, &login(&two, "root", &mine, Some(&b))), "the user");
        assert!(
            !may(&at_b, &login(&two, "me2", &mine, None)),
            "behind the first hop the host key must be signed along"
        );
        assert!(!may(&at_b, &login(&ID, "me2", &mine, Some(&a))), "not the last session");
        assert!(!may(&bound(&[(&b, &ID, false)]), &login(&ID, "me", &mine, None)), "b only from a");
        let unrestricted = Bindings::new();
        assert!(unrestricted.may_sign(mine.public_key(), None, b"anything", JUDGE));
    }

    #[test]
    fn what_is_signed_for_a_login_is_read_strictly() {
        let (mine, host) = (key(9), key(1));
        for host in [None, Some(&host)] {
            let data = login(&ID, "me", &mine, host);
            let read = LoginData::parse(&data, mine.public_key()).unwrap();
            assert_eq!((read.session_id, read.user), (&ID[..], &b"me"[..]));
            for end in 0..data.len() {
                assert!(LoginData::parse(&data[..end], mine.public_key()).is_none());
            }
            assert!(LoginData::parse(&[&data[..], b"\0"].concat(), mine.public_key()).is_none());
        }
        for (algorithm, key_type, expected) in [
            ("rsa-sha2-256", "ssh-rsa", true),
            ("ssh-rsa", "ssh-rsa", false),
            ("rsa-sha2-512-cert-v01@openssh.com", "ssh-rsa-cert-v01@openssh.com", true),
            ("rsa-sha2-512", "ssh-rsa-cert-v01@openssh.com", false),
            ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", true),
            ("ecdsa-sha2-nistp384", "ecdsa-sha2-nistp256", false),
        ] {
            assert_eq!(is_of(algorithm.as_bytes(), key_type), expected, "{algorithm}");
        }
    }
}
