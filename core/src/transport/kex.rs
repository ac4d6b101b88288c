//! The key exchange: a state machine that does not know who began.
//!
//! "Either party may initiate the re-exchange by sending an SSH_MSG_KEXINIT packet when not already doing a key exchange"
//! (RFC 4253, section 9). What this side owes is state, written when there is room; it goes out in this order, whatever
//! comes in: KEXINIT, the exchange's own message, NEWKEYS, EXT_INFO.
//!
//! ```text
//!  Idle --begin / peer's KEXINIT--> Init --both KEXINITs--> [Guess] --> Exchange --+
//!                                                                                 |  client: REPLY -> Own (trust) -> NewKeys
//!  Idle <-- peer's NEWKEYS seen and own NEWKEYS sent <-- NewKeys <----------------+  server: INIT  -> Own (sign)  -> NewKeys
//! ```

use super::keys::{Derive, Hashing, put_secret};
use super::negotiate::{self, Chosen};
use super::{Step, Transport};
use crate::connection::error::Error;
use crate::crypto::{CryptoError, Digest, Hash, KexClient, Open, Seal, SharedSecret, Verified};
use crate::message::{KexEcdhInit, KexEcdhReply, KexInit, Message};
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
    /// KEXINIT came; a packet that was wrongly guessed follows it, or not.
    KexInit { wrong_guess: bool },
    /// The wrongly guessed packet came.
    Guess,
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
            (Peer::Idle, Input::KexInit { wrong_guess: true }) => Ok(Peer::Seen(Step::Guess)),
            (Peer::Idle, Input::KexInit { wrong_guess: false }) => Ok(Peer::Seen(Step::Exchange)),
            (Peer::Seen(Step::Guess), Input::Guess) => Ok(Peer::Seen(Step::Exchange)),
            (Peer::Seen(Step::Exchange), Input::Exchange) => Ok(Peer::Seen(Step::Own)),
            (Peer::Seen(Step::Own), Input::Decided) => Ok(Peer::Seen(Step::NewKeys)),
            (Peer::Seen(Step::NewKeys), Input::NewKeys) => Ok(Peer::Idle),
            // Each message comes the one time that it is awaited (draft-ietf-sshm-strict-kex, section 3.2).
            (_, Input::KexInit { .. }) => Err(Error::Unexpected { number: 20 }),
            (_, Input::NewKeys) => Err(Error::Unexpected { number: 21 }),
            (_, Input::Guess | Input::Exchange | Input::Decided) => Err(Error::Bug),
        }
    }
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
    owes_exchange: bool,
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
            owes_exchange: false,
            owes_newkeys: false,
            owes_ext_info: false,
            pending_seal: None,
            pending_open: None,
            hash: [0; Hash::MAX],
            hash_len: 0,
            strict: None,
            peer_ext_info: false,
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
    }
}

impl Transport {
    /// Begins an exchange, unless one runs.
    pub(crate) fn begin_exchange(&mut self) {
        if !self.kex.running() {
            self.owe_kexinit();
        }
    }

    fn owe_kexinit(&mut self) {
        let mut cookie = [0; 16];
        self.random.fill(&mut cookie);
        self.kex.cookie = cookie;
        self.kex.first = self.session().is_none();
        self.kex.own = Own::OwesInit;
    }

    /// The peer's KEXINIT.
    pub(crate) fn on_kexinit(&mut self, payload: &[u8]) -> Result<(), Error> {
        let theirs = KexInit::parse(payload).map_err(|what| Error::Malformed { number: 20, what })?;
        let first = self.session().is_none();
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
        // After a wrong guess exactly one packet is ignored, even if its content would fit (RFC 4253, section 7).
        let wrong = theirs.follows && !chosen.guess;
        self.kex.peer = self.kex.peer.on(Input::KexInit { wrong_guess: wrong })?;
        if !self.server {
            self.start_client(chosen)?;
        }
        Ok(())
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
        let (length, client) = chosen.kex.start(&mut self.random, &mut public)?;
        public.truncate(length);
        self.kex.public = public;
        self.kex.client = Some(client);
        self.kex.owes_exchange = true;
        Ok(())
    }

    /// A message was ignored; if it was the packet of a wrong guess, the right one is awaited now.
    pub(crate) fn on_guess(&mut self, number: u8) {
        if self.kex.peer == Peer::Seen(Step::Guess) && (30..=49).contains(&number) {
            self.kex.peer = self.kex.peer.on(Input::Guess).unwrap_or(self.kex.peer);
        }
    }

    /// The exchange's own message from the peer.
    pub(crate) fn on_exchange(&mut self, payload: &[u8]) -> Result<Next, Error> {
        let number = payload.first().copied().unwrap_or_default();
        let malformed = |what| Error::Malformed { number, what };
        if self.server {
            self.on_init(&KexEcdhInit::parse(payload).map_err(malformed)?)
        } else {
            self.on_reply(&KexEcdhReply::parse(payload).map_err(malformed)?)
        }
    }

    fn on_init(&mut self, init: &KexEcdhInit<'_>) -> Result<Next, Error> {
        let chosen = self.kex.chosen.ok_or(Error::Bug)?;
        let mut secret = SharedSecret::empty();
        let mut public = bytes(chosen.kex.public_len())?;
        let length = chosen.kex.respond(&mut self.random, init.value, &mut public, &mut secret)?;
        public.truncate(length);
        let shared = self.shared.clone();
        let host_key = &shared.host_key(chosen.host).ok_or(Error::Bug)?.blob;
        self.derive(&chosen, host_key, init.value, &public, &secret)?;
        self.kex.public = public;
        self.kex.peer = self.kex.peer.on(Input::Exchange)?;
        Ok(Next::AskSignature)
    }

    /// The application's signature on `H`; `None` declines.
    pub(crate) fn on_signature(&mut self, signature: Option<&[u8]>) -> Result<(), Error> {
        let signature = signature.filter(|bytes| bytes.len() <= SIGNATURE_MAX).ok_or(Error::SignatureDeclined)?;
        self.kex.signature = bytes(signature.len())?;
        self.kex.signature.copy_from_slice(signature);
        self.kex.owes_exchange = true;
        self.kex.owes_newkeys = true;
        self.kex.peer = self.kex.peer.on(Input::Decided)?;
        Ok(())
    }

    fn on_reply(&mut self, reply: &KexEcdhReply<'_>) -> Result<Next, Error> {
        let chosen = self.kex.chosen.ok_or(Error::Bug)?;
        // Blob type, curve and signature name all have to be the negotiated ones (RFC 4253, section 6.6).
        if !chosen.host.accepts(reply.host_key) {
            return Err(Error::HostKeyKind);
        }
        let mut secret = SharedSecret::empty();
        let mut client = self.kex.client.take().ok_or(Error::Bug)?;
        client.finish(reply.value, &mut secret)?;
        let public = core::mem::take(&mut self.kex.public);
        self.derive(&chosen, reply.host_key, &public, reply.value, &secret)?;
        let verified = chosen.host.verify(reply.host_key, self.kex.exchange_hash(), reply.signature);
        let _proof: ExchangeSigned = ExchangeSigned::of(verified)?;
        self.kex.offered = self.fingerprint(reply.host_key)?;
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
        let mut digest = self.kex.digest.take().ok_or(Error::Bug)?;
        let encoding = chosen.kex.secret_encoding();
        let mut sink = Hashing(&mut *digest);
        for value in [host_key, client, server] {
            put_string(&mut sink, value);
        }
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
        self.open = Some(self.kex.pending_open.take().ok_or(Error::Bug)?);
        self.suite_in = Some(if self.server { chosen.client_to_server } else { chosen.server_to_client });
        self.usage_in = Default::default();
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
        if self.kex.own == Own::Sent && self.kex.owes_exchange {
            let public = core::mem::take(&mut self.kex.public);
            let signature = core::mem::take(&mut self.kex.signature);
            let wrote = if self.server {
                let chosen = self.kex.chosen.ok_or(Error::Bug)?;
                let shared = self.shared.clone();
                let blob = &shared.host_key(chosen.host).ok_or(Error::Bug)?.blob;
                self.put(&|sink| KexEcdhReply::new(blob, &public, &signature).write(sink))
            } else {
                self.put(&|sink| KexEcdhInit::new(&public).write(sink))
            };
            self.kex.public = public;
            self.kex.signature = signature;
            if !wrote? {
                return Ok(());
            }
            self.kex.owes_exchange = false;
        }
        if self.kex.own == Own::Sent && self.kex.owes_newkeys {
            if !self.put(&|sink| sink.put(&[21]))? {
                return Ok(());
            }
            self.on_own_newkeys()?;
        }
        self.flush_ext_info()
    }

    /// Our NEWKEYS is written: what follows is sealed with the new keys.
    fn on_own_newkeys(&mut self) -> Result<(), Error> {
        let chosen = self.kex.chosen.ok_or(Error::Bug)?;
        let first = self.seal.is_none();
        self.seal = Some(self.kex.pending_seal.take().ok_or(Error::Bug)?);
        self.suite_out = Some(if self.server { chosen.server_to_client } else { chosen.client_to_server });
        self.usage_out = Default::default();
        if self.kex.strict == Some(true) {
            self.sequence_out = 0;
        }
        self.kex.owes_newkeys = false;
        self.kex.own = Own::Idle;
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

/// Zeros, so many. The number is a method's or the application's, never a peer's.
fn bytes(n: usize) -> Result<Vec<u8>, Error> {
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
            Peer::Seen(Step::Exchange),
            Peer::Seen(Step::Own),
            Peer::Seen(Step::NewKeys),
        ];
        let inputs = [
            Input::KexInit { wrong_guess: false },
            Input::KexInit { wrong_guess: true },
            Input::Guess,
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
        // Columns: KEXINIT with a right guess or none, with a wrong one; the wrong packet; the exchange's message; decided
        // here; NEWKEYS.
        let reviewed = "\
idle  exc  gue  -    -    -    !
gue   !    !    exc  -    -    !
exc   !    !    -    own  -    !
own   !    !    -    -    new  !
new   !    !    -    -    -    idle
";
        assert_eq!(table, reviewed, "\n{table}");
    }
}
