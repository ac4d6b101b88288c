//! The key exchange: a state machine that does not know who began.
//!
//! "Either party may initiate the re-exchange by sending an SSH_MSG_KEXINIT packet when not already doing a key exchange"
//! (RFC 4253, section 9). What this side owes is state, written when there is room; it goes out in this order, whatever
//! comes in: KEXINIT, the exchange's own message, NEWKEYS, EXT_INFO.
//!
//! ```text
//!  Idle --begin / peer's KEXINIT--> Init --both KEXINITs--> [Guess] --> [Group] --> Exchange
//!                                                                          |  client: REPLY -> Own (trust) -> NewKeys
//!  Idle <-- peer's NEWKEYS seen and own NEWKEYS sent <-- NewKeys <---------+  server: INIT  -> Own (sign)  -> NewKeys
//! ```

use super::admit::context;
use super::group::{self, Agreed};
use super::keys::{Derive, Hashing, put_secret};
use super::negotiate::{self, Chosen};
use super::{Step, Transport};
use crate::connection::error::Error;
use crate::crypto::{
    CryptoError, Digest, Group, Hash, KexClient, KexShape, Open, Seal, SharedSecret, SignatureAlgorithm, Verified,
};
use crate::keys::rotation::KEY_MAX;
use crate::message::{
    ExchangeInit, ExchangeReply, KexDhGexGroup, KexDhGexInit, KexDhGexRequest, KexEcdhInit, KexInit, Message,
};
use crate::wire::{Sink, put_string};
use alloc::boxed::Box;
use alloc::vec::Vec;
use subtle::ConstantTimeEq;

/// The longest host key signature taken from the application.
pub(crate) const SIGNATURE_MAX: usize = 4096;

/// What is written and what is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Own {
    /// No exchange, or everything of it is written.
    #[default]
    Idle,
    /// Our KEXINIT has to be written.
    OwesInit,
    /// It is written; nothing numbered 50 or above leaves.
    Sent,
}

/// The part of an exchange that the peer drives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Peer {
    /// Its KEXINIT was not seen.
    #[default]
    Idle,
    /// It was, and this is awaited.
    Seen(Step),
}

/// What happens to the part of an exchange that the peer drives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Input {
    /// KEXINIT came; a packet that was wrongly guessed follows it, or not; the group is agreed on first, or not.
    KexInit { wrong_guess: bool, group: bool },
    /// The wrongly guessed packet came.
    Guess { group: bool },
    /// What the group is agreed on by came.
    Group,
    /// The exchange's own message came, and this side has to decide or sign.
    Exchange,
    /// This side has decided or signed.
    Decided,
    /// NEWKEYS came.
    NewKeys,
}

impl Peer {
    /// The next state. Neither role nor who began matters. A message out of turn is the peer's fault.
    fn on(self, input: Input) -> Result<Peer, Error> {
        match (self, input) {
            (Peer::Idle, Input::KexInit { wrong_guess: true, .. }) => Ok(Peer::Seen(Step::Guess)),
            (Peer::Idle, Input::KexInit { group: true, .. }) => Ok(Peer::Seen(Step::Group)),
            (Peer::Idle, Input::KexInit { .. }) => Ok(Peer::Seen(Step::Exchange)),
            (Peer::Seen(Step::Guess), Input::Guess { group: true }) => Ok(Peer::Seen(Step::Group)),
            (Peer::Seen(Step::Guess), Input::Guess { group: false }) => Ok(Peer::Seen(Step::Exchange)),
            (Peer::Seen(Step::Group), Input::Group) => Ok(Peer::Seen(Step::Exchange)),
            (Peer::Seen(Step::Exchange), Input::Exchange) => Ok(Peer::Seen(Step::Own)),
            (Peer::Seen(Step::Own), Input::Decided) => Ok(Peer::Seen(Step::NewKeys)),
            (Peer::Seen(Step::NewKeys), Input::NewKeys) => Ok(Peer::Idle),
            // Each message comes the one time that it is awaited (draft-ietf-sshm-strict-kex, section 3.2).
            (_, Input::KexInit { .. }) => Err(Error::Unexpected { number: 20 }),
            (_, Input::NewKeys) => Err(Error::Unexpected { number: 21 }),
            (_, Input::Guess { .. } | Input::Group | Input::Exchange | Input::Decided) => Err(Error::Bug),
        }
    }
}

/// The message of the exchange itself that has to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owes {
    Nothing,
    /// GEX_REQUEST.
    Request,
    /// GEX_GROUP.
    Group,
    /// INIT or REPLY.
    Exchange,
}

pub(crate) struct Kex {
    pub(crate) own: Own,
    pub(crate) peer: Peer,
    cookie: [u8; 16],
    /// Our KEXINIT is the first of the connection: it carries the indicators.
    first: bool,
    chosen: Option<Chosen>,
    digest: Option<Box<dyn Digest>>,
    client: Option<Box<dyn KexClient>>,
    /// Our public value, until it is hashed and written.
    public: Vec<u8>,
    signature: Vec<u8>,
    group: Option<Agreed>,
    owes: Owes,
    owes_newkeys: bool,
    pub(crate) owes_ext_info: bool,
    pending_seal: Option<Box<dyn Seal>>,
    pending_open: Option<Box<dyn Open>>,
    pub(crate) hash: [u8; Hash::MAX],
    pub(crate) hash_len: u8,
    /// Both sides follow the strict rules; `None` until the peer's first KEXINIT.
    pub(crate) strict: Option<bool>,
    /// The peer takes EXT_INFO.
    pub(crate) peer_ext_info: bool,
    /// Server: the algorithm of the host key that signed the first exchange.
    pub(crate) first_host: Option<&'static dyn SignatureAlgorithm>,
    /// Client: the host key of the first exchange, until the login is over: the login may be bound to it.
    pub(crate) host_key: Vec<u8>,
    /// SHA-256 of the host key that the application accepted.
    trusted: Option<[u8; 32]>,
    offered: [u8; 32],
}

impl Default for Kex {
    fn default() -> Self {
        Kex {
            own: Own::Idle,
            peer: Peer::Idle,
            cookie: [0; 16],
            first: false,
            chosen: None,
            digest: None,
            client: None,
            public: Vec::new(),
            signature: Vec::new(),
            group: None,
            owes: Owes::Nothing,
            owes_newkeys: false,
            owes_ext_info: false,
            pending_seal: None,
            pending_open: None,
            hash: [0; Hash::MAX],
            hash_len: 0,
            strict: None,
            peer_ext_info: false,
            first_host: None,
            host_key: Vec::new(),
            trusted: None,
            offered: [0; 32],
        }
    }
}

impl core::fmt::Debug for Kex {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Kex({:?}, {:?}, strict {:?})", self.own, self.peer, self.strict)
    }
}

/// What an exchange message leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Go on.
    Nothing,
    /// Client: the application has to say whether this is the server's key.
    AskTrust,
    /// Server: the application has to sign.
    AskSignature,
}

impl Kex {
    /// An exchange runs: from the first KEXINIT to the last NEWKEYS.
    pub(crate) fn running(&self) -> bool {
        self.own != Own::Idle || self.peer != Peer::Idle
    }

    /// The peer may be done with the running exchange; our NEWKEYS is not written.
    pub(crate) fn owes_newkeys(&self) -> bool {
        self.owes_newkeys && self.peer == Peer::Idle
    }

    /// The messages of the running exchange.
    pub(crate) fn shape(&self) -> KexShape {
        self.chosen.map_or(KexShape::InitReply, |chosen| chosen.kex.shape())
    }

    /// Whether the running exchange agrees on a group first.
    fn wants_group(&self) -> bool {
        self.shape() == KexShape::GroupExchange
    }

    /// A message of the exchange itself has to be written.
    pub(crate) fn owes_exchange(&self) -> bool {
        self.owes != Owes::Nothing
    }

    /// What the running or last exchange agreed on.
    pub(crate) fn chosen(&self) -> Option<&Chosen> {
        self.chosen.as_ref()
    }

    /// `H` of the running or last exchange.
    pub(crate) fn exchange_hash(&self) -> &[u8] {
        self.hash.get(..usize::from(self.hash_len)).unwrap_or_default()
    }

    /// Drops all that an exchange held.
    fn finish(&mut self) {
        self.digest = None;
        self.client = None;
        self.public = Vec::new();
        self.signature = Vec::new();
        self.group = None;
    }
}

impl Transport {
    /// Begins an exchange, unless one runs.
    /// "but further SSH_MSG_KEXINIT messages MUST NOT be sent" (RFC 4253, section 7.1).
    pub(crate) fn begin_exchange(&mut self) {
        if !self.kex.running() {
            self.owe_kexinit();
        }
    }

    fn owe_kexinit(&mut self) {
        let mut cookie = [0; 16];
        // "The 'cookie' MUST be a random value generated by the sender" (RFC 4253, section 7.1).
        self.random.fill(&mut cookie);
        self.kex.cookie = cookie;
        self.kex.first = self.session().is_none();
        self.kex.own = Own::OwesInit;
    }

    /// The peer's KEXINIT.
    pub(crate) fn on_kexinit(&mut self, payload: &[u8]) -> Result<(), Error> {
        let theirs = KexInit::parse(payload).map_err(|what| Error::Malformed { number: 20, what })?;
        let first = self.session().is_none();
        // "a party MUST respond with its own SSH_MSG_KEXINIT message, except when the received SSH_MSG_KEXINIT already was a
        // reply"; "roles MUST NOT be changed" (RFC 4253, section 9): nothing here knows who began.
        if self.kex.own == Own::Idle {
            self.owe_kexinit();
        }
        if first {
            self.on_indicators(&theirs)?;
        }
        let chosen = negotiate::negotiate(self.shared.settings(), self.server, &theirs)?;
        let mut digest = self.shared.settings().provider.digest(chosen.kex.hash())?;
        self.hash_openings(&mut *digest, payload);
        self.kex.digest = Some(digest);
        self.kex.chosen = Some(chosen);
        self.trace.exchange = context(chosen.kex.shape());
        let group = self.kex.wants_group();
        // After a wrong guess exactly one packet is ignored, even if its content would fit (RFC 4253, section 7).
        // "such packets MUST be ignored (even if the error in the guess would not affect the contents of the initial
        // packet(s)), and the appropriate side MUST send the correct initial packet" (RFC 4253, section 7); "the next
        // packet MUST be silently ignored, and both sides MUST then act as determined by the negotiated key exchange
        // method" (RFC 4253, section 7.1). A right guess is nothing special: "the optimistically sent packet MUST be
        // handled as the first key exchange packet" (RFC 4253, section 7), "key exchange MUST continue using the
        // guessed packet" (RFC 4253, section 7.1).
        let wrong = theirs.follows && !chosen.guess;
        self.kex.peer = self.kex.peer.on(Input::KexInit { wrong_guess: wrong, group })?;
        match (self.server, group) {
            (true, _) => Ok(()),
            (false, true) => {
                self.kex.owes = Owes::Request;
                Ok(())
            }
            (false, false) => self.start_client(chosen),
        }
    }

    /// `V_C, V_S, I_C, I_S` (RFC 4253, section 8).
    fn hash_openings(&self, digest: &mut dyn Digest, theirs: &[u8]) {
        let first = self.kex.first;
        let settings = self.shared.settings();
        let mut counter = crate::wire::Counter::default();
        negotiate::write_own(settings, self.server, first, &self.kex.cookie, &mut counter);
        let mut sink = Hashing(digest);
        let (own, peer) = (self.own_ident.as_bytes(), self.peer_ident.as_bytes());
        let [client, server] = if self.server { [peer, own] } else { [own, peer] };
        put_string(&mut sink, client);
        put_string(&mut sink, server);
        let put_own = |sink: &mut Hashing<'_>| {
            sink.put(&u32::try_from(counter.0).unwrap_or(u32::MAX).to_be_bytes());
            negotiate::write_own(settings, self.server, first, &self.kex.cookie, sink);
        };
        if self.server {
            put_string(&mut sink, theirs);
            put_own(&mut sink);
        } else {
            put_own(&mut sink);
            put_string(&mut sink, theirs);
        }
    }

    /// The indicators among the peer's first kex names: strict key exchange, and whether it takes EXT_INFO.
    fn on_indicators(&mut self, theirs: &KexInit<'_>) -> Result<(), Error> {
        let (strict, ext_info) = if self.server {
            (negotiate::STRICT_CLIENT, negotiate::EXT_INFO_CLIENT)
        } else {
            (negotiate::STRICT_SERVER, negotiate::EXT_INFO_SERVER)
        };
        // Both names of ours are offered, so either of the peer's makes the same kind on both sides.
        let strict = strict.iter().any(|name| theirs.kex.contains(name));
        // "the KEXINIT must be the first packet" (draft-ietf-sshm-strict-kex, section 3.2): packet 0, just counted.
        if strict && self.sequence_in != 1 {
            return Err(Error::NotStrict);
        }
        self.kex.strict = Some(strict);
        self.kex.peer_ext_info = theirs.kex.contains(ext_info);
        Ok(())
    }

    fn start_client(&mut self, chosen: Chosen) -> Result<(), Error> {
        let mut public = bytes(chosen.kex.public_len())?;
        #[cfg(not(feature = "danger"))]
        let random = &mut self.random;
        #[cfg(feature = "danger")]
        let random = &mut self.key_log.watch(chosen.kex.name(), &mut self.random);
        let (length, client) = match (chosen.kex.groups(), &self.kex.group) {
            (None, _) => chosen.kex.start(random, &mut public)?,
            (Some(groups), Some(agreed)) => groups.start(agreed.group(), random, &mut public)?,
            (Some(_), None) => return Err(Error::Bug),
        };
        public.truncate(length);
        self.kex.public = public;
        self.kex.client = Some(client);
        self.kex.owes = Owes::Exchange;
        Ok(())
    }

    /// A message was ignored; if it was the packet of a wrong guess, the right one is awaited now.
    pub(crate) fn on_guess(&mut self, number: u8) {
        if self.kex.peer == Peer::Seen(Step::Guess) && (30..=49).contains(&number) {
            let group = self.kex.wants_group();
            self.kex.peer = self.kex.peer.on(Input::Guess { group }).unwrap_or(self.kex.peer);
        }
    }

    /// A message of the exchange itself from the peer.
    pub(crate) fn on_exchange(&mut self, payload: &[u8]) -> Result<Next, Error> {
        let number = payload.first().copied().unwrap_or_default();
        let malformed = |what| Error::Malformed { number, what };
        match (self.kex.peer, self.server) {
            (Peer::Seen(Step::Group), true) => {
                self.on_group_request(&KexDhGexRequest::parse(payload).map_err(malformed)?)
            }
            (Peer::Seen(Step::Group), false) => self.on_group(&KexDhGexGroup::parse(payload).map_err(malformed)?),
            (_, true) => self.on_init(ExchangeInit::parse(payload).map_err(malformed)?),
            (_, false) => self.on_reply(&ExchangeReply::parse(payload).map_err(malformed)?),
        }
    }

    /// Server: the client says how large a group it would like. One of the fixed ones is taken; no prime is tested.
    fn on_group_request(&mut self, request: &KexDhGexRequest<'_>) -> Result<Next, Error> {
        let chosen = self.kex.chosen.ok_or(Error::Bug)?;
        let groups = chosen.kex.groups().ok_or(Error::Bug)?;
        let sizes = [request.least, request.preferred, request.most];
        let [least, preferred, most] = sizes;
        if least > preferred || preferred > most {
            return Err(Error::BadKexValue);
        }
        let group = groups.choose(least, preferred, most).ok_or(Error::BadKexValue)?;
        self.kex.group = Some(Agreed::fixed(sizes, group));
        self.kex.owes = Owes::Group;
        self.kex.peer = self.kex.peer.on(Input::Group)?;
        Ok(Next::Nothing)
    }

    /// Client: the server named a group.
    fn on_group(&mut self, group: &KexDhGexGroup<'_>) -> Result<Next, Error> {
        let chosen = self.kex.chosen.ok_or(Error::Bug)?;
        if self.kex.owes == Owes::Request {
            return Err(Error::Unexpected { number: KexDhGexGroup::NUMBER });
        }
        self.kex.group = Some(Agreed::named(Group { prime: group.prime, generator: group.generator })?);
        self.start_client(chosen)?;
        self.kex.peer = self.kex.peer.on(Input::Group)?;
        Ok(Next::Nothing)
    }

    fn on_init(&mut self, theirs: &[u8]) -> Result<Next, Error> {
        let chosen = self.kex.chosen.ok_or(Error::Bug)?;
        // The group is named before anything is made in it.
        if self.kex.owes == Owes::Group {
            return Err(Error::Unexpected { number: KexDhGexInit::NUMBER });
        }
        let mut secret = SharedSecret::empty();
        let mut public = bytes(chosen.kex.public_len())?;
        let random = &mut self.random;
        let length = match (chosen.kex.groups(), &self.kex.group) {
            (None, _) => chosen.kex.respond(random, theirs, &mut public, &mut secret)?,
            (Some(groups), Some(agreed)) => groups.respond(agreed.group(), random, theirs, &mut public, &mut secret)?,
            (Some(_), None) => return Err(Error::Bug),
        };
        public.truncate(length);
        let shared = self.shared.clone();
        let host_key = &shared.host_key(chosen.host).ok_or(Error::Bug)?.blob;
        self.derive(&chosen, host_key, theirs, &public, &secret)?;
        self.kex.first_host.get_or_insert(chosen.host);
        self.kex.public = public;
        self.kex.peer = self.kex.peer.on(Input::Exchange)?;
        Ok(Next::AskSignature)
    }

    /// The application's signature on `H`; `None` declines.
    pub(crate) fn on_signature(&mut self, signature: Option<&[u8]>) -> Result<(), Error> {
        let signature = signature.filter(|bytes| bytes.len() <= SIGNATURE_MAX).ok_or(Error::SignatureDeclined)?;
        self.kex.signature = bytes(signature.len())?;
        self.kex.signature.copy_from_slice(signature);
        self.kex.owes = Owes::Exchange;
        self.kex.owes_newkeys = true;
        self.kex.peer = self.kex.peer.on(Input::Decided)?;
        Ok(())
    }

    fn on_reply(&mut self, reply: &ExchangeReply<'_>) -> Result<Next, Error> {
        let chosen = self.kex.chosen.ok_or(Error::Bug)?;
        // "The key type MUST always be explicitly known (from algorithm negotiation or some other source)" (RFC 4253, section
        // 6.6): blob type, curve and signature name all have to be the negotiated ones.
        if !chosen.host.accepts(reply.host_key) || reply.host_key.len() > KEY_MAX {
            return Err(Error::HostKeyKind);
        }
        let mut secret = SharedSecret::empty();
        let mut client = self.kex.client.take().ok_or(Error::Bug)?;
        client.finish(reply.value, &mut secret)?;
        let public = core::mem::take(&mut self.kex.public);
        self.derive(&chosen, reply.host_key, &public, reply.value, &secret)?;
        // "The signature algorithm MUST be applied over H, not the original data" (RFC 4253, section 8).
        let verified = chosen.host.verify(reply.host_key, self.kex.exchange_hash(), reply.signature);
        let _proof: ExchangeSigned = ExchangeSigned::of(verified)?;
        self.kex.offered = self.fingerprint(reply.host_key)?;
        if !self.logged_in && self.kex.host_key.is_empty() {
            self.kex.host_key = bytes(reply.host_key.len())?;
            self.kex.host_key.copy_from_slice(reply.host_key);
        }
        self.kex.peer = self.kex.peer.on(Input::Exchange)?;
        if self.kex.trusted.is_some_and(|trusted| bool::from(trusted.ct_eq(&self.kex.offered))) {
            self.on_trust(true)?;
            return Ok(Next::Nothing);
        }
        Ok(Next::AskTrust)
    }

    /// The application's word on the host key.
    pub(crate) fn on_trust(&mut self, trusted: bool) -> Result<(), Error> {
        if !trusted {
            return Err(Error::HostKeyRejected);
        }
        self.kex.trusted = Some(self.kex.offered);
        self.kex.owes_newkeys = true;
        self.kex.peer = self.kex.peer.on(Input::Decided)?;
        Ok(())
    }

    /// Whether this is the key that the application is asked about.
    pub(crate) fn is_offered(&self, blob: &[u8]) -> bool {
        self.fingerprint(blob).is_ok_and(|fingerprint| fingerprint == self.kex.offered)
    }

    fn fingerprint(&self, blob: &[u8]) -> Result<[u8; 32], Error> {
        let mut digest = self.shared.settings().provider.digest(Hash::Sha256)?;
        let mut out = [0; Hash::MAX];
        digest.update(blob);
        digest.finish(&mut out);
        out.first_chunk::<32>().copied().ok_or(Error::Bug)
    }

    /// `H`, and from it and `K` both directions' keys (RFC 4253, sections 7.2 and 8).
    fn derive(
        &mut self,
        chosen: &Chosen,
        host_key: &[u8],
        client: &[u8],
        server: &[u8],
        secret: &SharedSecret,
    ) -> Result<(), Error> {
        #[cfg(feature = "danger")]
        self.key_log.note(&self.kex.cookie, secret);
        let mut digest = self.kex.digest.take().ok_or(Error::Bug)?;
        let encoding = chosen.kex.secret_encoding();
        let mut sink = Hashing(&mut *digest);
        put_string(&mut sink, host_key);
        if let Some(agreed) = &self.kex.group {
            agreed.hash(&mut sink);
        }
        put_string(&mut sink, client);
        put_string(&mut sink, server);
        put_secret(&mut sink, secret, encoding);
        digest.finish(&mut self.kex.hash);
        self.kex.hash_len = u8::try_from(chosen.kex.hash().len()).map_err(|_| Error::Bug)?;
        if self.session_len == 0 {
            // "The exchange hash H from the first key exchange is additionally used as the session identifier".
            self.session_id = self.kex.hash;
            self.session_len = self.kex.hash_len;
        }
        let mut derive = Derive {
            digest: &mut *digest,
            hash: chosen.kex.hash(),
            secret,
            encoding,
            exchange: self.kex.exchange_hash(),
            session: self.session_id.get(..usize::from(self.session_len)).unwrap_or_default(),
        };
        let (c2s, s2c) = (&chosen.client_to_server, &chosen.server_to_client);
        let (out, into) = if self.server { ((s2c, false), (c2s, true)) } else { ((c2s, true), (s2c, false)) };
        let (seal, open) = (derive.seal(out.0, out.1)?, derive.open(into.0, into.1)?);
        self.kex.pending_seal = Some(seal);
        self.kex.pending_open = Some(open);
        Ok(())
    }

    /// The peer's NEWKEYS: what follows is under the new keys. True if it ends the first exchange.
    pub(crate) fn on_newkeys(&mut self) -> Result<(), Error> {
        let chosen = self.kex.chosen.ok_or(Error::Bug)?;
        // "When this message is received, the new keys and algorithms MUST be used for receiving" (RFC 4253, section
        // 7.3).
        self.open = Some(self.kex.pending_open.take().ok_or(Error::Bug)?);
        self.suite_in = Some(if self.server { chosen.client_to_server } else { chosen.server_to_client });
        self.usage_in = Default::default();
        #[cfg(feature = "zlib")]
        self.restart_inflate();
        if self.kex.strict == Some(true) {
            // "reset to zero at each NEWKEYS" (draft-ietf-sshm-strict-kex, section 3.3).
            self.sequence_in = 0;
        }
        self.kex.peer = self.kex.peer.on(Input::NewKeys)?;
        self.end_exchange();
        Ok(())
    }

    fn end_exchange(&mut self) {
        if !self.kex.running() {
            self.kex.finish();
            self.counters.exchanges = self.counters.exchanges.saturating_add(1);
            self.exchange_ended = true;
            self.agreed = self.kex.chosen;
        }
    }

    /// Writes what the exchange owes, as far as there is room.
    pub(crate) fn flush_exchange(&mut self) -> Result<(), Error> {
        if self.kex.own == Own::OwesInit {
            let (shared, server, cookie) = (self.shared.clone(), self.server, self.kex.cookie);
            let first = self.kex.first;
            if !self.put(&|sink| negotiate::write_own(shared.settings(), server, first, &cookie, sink))? {
                return Ok(());
            }
            self.kex.own = Own::Sent;
        }
        if self.kex.own == Own::Sent && self.kex.owes != Owes::Nothing {
            if !self.write_exchange()? {
                return Ok(());
            }
            self.kex.owes = Owes::Nothing;
        }
        if self.kex.own == Own::Sent && self.kex.owes_newkeys {
            if !self.put(&|sink| sink.put(&[21]))? {
                return Ok(());
            }
            self.on_own_newkeys()?;
        }
        self.flush_ext_info()
    }

    /// Writes the exchange's own message. False: there was no room.
    fn write_exchange(&mut self) -> Result<bool, Error> {
        let public = core::mem::take(&mut self.kex.public);
        let signature = core::mem::take(&mut self.kex.signature);
        let group = self.kex.group.take();
        let chosen = self.kex.chosen.ok_or(Error::Bug)?;
        let shared = self.shared.clone();
        let wrote = match (self.kex.owes, self.server, chosen.kex.shape()) {
            (Owes::Nothing, _, _) => Ok(true),
            (Owes::Request, _, _) => {
                let [least, preferred, most] = group::ASKED;
                self.put(&|sink| KexDhGexRequest::new(least, preferred, most).write(sink))
            }
            (Owes::Group, _, _) => {
                let Group { prime, generator } = group.as_ref().ok_or(Error::Bug)?.group();
                self.put(&|sink| KexDhGexGroup::new(prime, generator).write(sink))
            }
            (Owes::Exchange, true, shape) => {
                let host_key = &shared.host_key(chosen.host).ok_or(Error::Bug)?.blob;
                let reply = ExchangeReply { host_key, value: &public, signature: &signature };
                self.put(&|sink| reply.write(shape, sink))
            }
            (Owes::Exchange, false, KexShape::InitReply) => self.put(&|sink| KexEcdhInit::new(&public).write(sink)),
            (Owes::Exchange, false, KexShape::GroupExchange) => {
                self.put(&|sink| KexDhGexInit::new(&public).write(sink))
            }
        };
        (self.kex.public, self.kex.signature, self.kex.group) = (public, signature, group);
        wrote
    }

    /// Our NEWKEYS is written: what follows is sealed with the new keys.
    fn on_own_newkeys(&mut self) -> Result<(), Error> {
        let chosen = self.kex.chosen.ok_or(Error::Bug)?;
        let first = self.seal.is_none();
        // "All messages sent after this message MUST use the new keys and algorithms" (RFC 4253, section 7.3).
        self.seal = Some(self.kex.pending_seal.take().ok_or(Error::Bug)?);
        self.suite_out = Some(if self.server { chosen.server_to_client } else { chosen.client_to_server });
        self.usage_out = Default::default();
        #[cfg(feature = "zlib")]
        self.restart_deflate()?;
        if self.kex.strict == Some(true) {
            self.sequence_out = 0;
        }
        self.kex.owes_newkeys = false;
        self.kex.own = Own::Idle;
        // "it MUST send it as the next packet following the client's first SSH_MSG_NEWKEYS message" (RFC 8308, section
        // 2.4).
        self.kex.owes_ext_info |= first && self.kex.peer_ext_info;
        self.end_exchange();
        Ok(())
    }
}

/// Proof that a server's signature on an exchange was verified. Only this file can make one, from a verdict.
struct ExchangeSigned(());

impl ExchangeSigned {
    fn of(verified: Result<Verified, CryptoError>) -> Result<ExchangeSigned, Error> {
        match verified {
            Ok(_) => Ok(ExchangeSigned(())),
            Err(CryptoError::BadSignature) => Err(Error::HostKeySignature),
            Err(other) => Err(other.into()),
        }
    }
}

impl From<CryptoError> for Error {
    fn from(error: CryptoError) -> Error {
        match error {
            CryptoError::BadValue => Error::BadKexValue,
            CryptoError::BadSignature => Error::HostKeySignature,
            CryptoError::BadTag => Error::Integrity,
            CryptoError::OutOfMemory => Error::OutOfMemory,
            CryptoError::Failed => Error::Crypto,
        }
    }
}

/// Zeros, so many. The number is a method's, the application's, or of bytes that are there; never one that a peer sent.
pub(super) fn bytes(n: usize) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(n).map_err(|_| Error::OutOfMemory)?;
    bytes.resize(n, 0);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{format, string::String};

    /// Every state by every input: the reviewed table. `!` is the peer's fault, `-` cannot happen.
    #[test]
    fn every_state_by_every_input() {
        let states = [
            Peer::Idle,
            Peer::Seen(Step::Guess),
            Peer::Seen(Step::Group),
            Peer::Seen(Step::Exchange),
            Peer::Seen(Step::Own),
            Peer::Seen(Step::NewKeys),
        ];
        let inputs = [
            Input::KexInit { wrong_guess: false, group: false },
            Input::KexInit { wrong_guess: false, group: true },
            Input::KexInit { wrong_guess: true, group: true },
            Input::Guess { group: false },
            Input::Guess { group: true },
            Input::Group,
            Input::Exchange,
            Input::Decided,
            Input::NewKeys,
        ];
        let short = |peer: Peer| match peer {
            Peer::Idle => "idle".into(),
            Peer::Seen(step) => format!("{step:?}")[..3].to_lowercase(),
        };
        let mut table = String::new();
        for state in states {
            table += &format!("{:<5}", short(state));
            for input in inputs {
                let cell = match state.on(input) {
                    Ok(next) => short(next),
                    Err(Error::Bug) => "-".into(),
                    Err(_) => "!".into(),
                };
                table += &format!(" {cell:<4}");
            }
            table = table.trim_end().into();
            table += "\n";
        }
        // Columns: KEXINIT, of a method that agrees on a group first, with a wrong guess; the wrong packet, of both kinds of
        // method; what the group is agreed on by; the exchange's message; decided here; NEWKEYS.
        let reviewed = "\
idle  exc  gro  gue  -    -    -    -    -    !
gue   !    !    !    exc  gro  -    -    -    !
gro   !    !    !    -    -    exc  -    -    !
exc   !    !    !    -    -    -    own  -    !
own   !    !    !    -    -    -    -    new  !
new   !    !    !    -    -    -    -    -    idle
";
        assert_eq!(table, reviewed, "\n{table}");
    }
}
