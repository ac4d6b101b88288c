//! An agent's store, ready: private keys in memory, their constraints, a lock.
//!
//! One [`Keyring`] serves any number of connections, each with its [`Session`]. The keyring answers everything itself but
//! one question: whether a key that was added to be confirmed may sign now. Time comes with each call; keys whose time is
//! over are gone before anything is looked at.
//!
//! A key is refused, not weakened: one with a constraint that is not enforced here, of a type that does not sign here, or
//! from a token, is not taken.

use super::agent::{Agent, Asked, Later, Replying};
use super::lock::Lock;
use super::session_bind::{Judge, LoginData};
use super::{
    BadFrame, Bindings, Constraints, Destinations, KeyFields, MAX_KEYS, MAX_MESSAGE, QUERY, Request, SESSION_BIND, flag,
};
use crate::crypto::{Provider, Random, Seed};
use crate::keys::{PublicKey, encode};
use crate::signer::PrivateKey;
use crate::wire::put_string;
use crate::{Instant, SECOND, UnixTime};
use alloc::vec::Vec;
use core::fmt;

/// The longest comment that is kept.
const MAX_COMMENT: usize = 1024;

/// Keys, and what may be done with them.
pub struct Keyring {
    keys: Vec<Held>,
    lock: Lock,
    random: Random,
    provider: &'static dyn Provider,
}

/// A key, and what it may not do.
struct Held {
    key: PrivateKey,
    comment: Vec<u8>,
    until: Option<Instant>,
    confirm: bool,
    /// What a `restrict-destination-v00@openssh.com` constraint said.
    destinations: Option<Vec<u8>>,
}

/// One connection of a client to a [`Keyring`].
#[derive(Debug, Default)]
pub struct Session {
    agent: Agent,
    bindings: Bindings,
    confirm: Option<Later>,
}

/// Where [`Keyring::serve`] stopped.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// All that can be answered is: transmit, and read more.
    Idle,
    /// The user is to be asked: see [`Session::question`], then call [`Keyring::confirm`].
    Confirm,
}

/// What a user is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Question<'a> {
    /// May this key sign?
    pub key: PublicKey<'a>,
    /// For a login by this name, if it is one. The name is whatever the client says.
    pub user: Option<&'a [u8]>,
    /// Whether the request came through an SSH session.
    pub is_remote: bool,
}

/// Why a key was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotAdded {
    /// A constraint is not enforced here.
    Constraint,
    /// The key does not sign here.
    KeyType,
    /// There is no room for it in a list of keys.
    Full,
    /// A fallible allocation failed.
    OutOfMemory,
}

impl fmt::Display for NotAdded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotAdded::Constraint => "this keyring does not enforce one of the key's constraints",
            NotAdded::KeyType => "a key of this type does not sign here",
            NotAdded::Full => "the keyring is full",
            NotAdded::OutOfMemory => "out of memory",
        })
    }
}

impl core::error::Error for NotAdded {}

impl Keyring {
    /// An empty keyring. `provider` verifies the host keys of session bindings; `seed` makes the salts of locks.
    #[must_use]
    pub fn new(provider: &'static dyn Provider, seed: &Seed) -> Self {
        Keyring { keys: Vec::new(), lock: Lock::default(), random: Random::new(seed), provider }
    }

    /// Takes a key with its own comment. If it is there already, its constraints are replaced.
    ///
    /// # Errors
    /// [`NotAdded`]. The key is gone then, and what was held before stays.
    pub fn add(&mut self, key: PrivateKey, constraints: &Constraints<'_>, now: Instant) -> Result<(), NotAdded> {
        let comment = copy(key.comment().as_bytes())?;
        self.hold(key, comment, constraints, now)
    }

    /// Forgets a key. Says whether it was there.
    pub fn remove(&mut self, key: PublicKey<'_>) -> bool {
        let before = self.keys.len();
        self.keys.retain(|held| held.key.public_key() != key);
        self.keys.len() < before
    }

    /// Forgets all keys.
    pub fn remove_all(&mut self) {
        self.keys.clear();
    }

    /// The keys and their comments, whatever their constraints.
    pub fn keys(&self) -> impl Iterator<Item = (&PrivateKey, &[u8])> + Clone {
        self.keys.iter().map(|held| (&held.key, held.comment.as_slice()))
    }

    /// Whether a client locked it.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.lock.is_locked()
    }

    /// When the next key's time is over, if one's is: call [`expire`](Keyring::expire) then.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Instant> {
        self.keys.iter().filter_map(|held| held.until).min()
    }

    /// Forgets the keys whose time is over, and wipes them. [`serve`](Keyring::serve) does so too.
    pub fn expire(&mut self, now: Instant) {
        self.keys.retain(|held| held.until.is_none_or(|until| now < until));
    }

    /// Takes bytes from the front of `input` and answers what is asked in them, up to the first question for the user.
    /// `at` is what host certificates are checked against.
    ///
    /// If it leaves `input` and there is no question, answers have to be transmitted first.
    ///
    /// # Errors
    /// [`BadFrame`]: close the connection.
    pub fn serve(
        &mut self,
        session: &mut Session,
        input: &mut &[u8],
        now: Instant,
        at: UnixTime,
    ) -> Result<Turn, BadFrame> {
        loop {
            if session.confirm.is_some() {
                return Ok(Turn::Confirm);
            }
            self.expire(now);
            let judge = Judge { provider: self.provider, at };
            let Some(asked) = session.agent.next(input)? else { return Ok(Turn::Idle) };
            session.confirm = self.answer(asked, &mut session.bindings, now, judge);
        }
    }

    /// What the user said to the session's question. Everything else is checked anew: the key may be gone by now, locked,
    /// or replaced. A session without a question is left as it is.
    pub fn confirm(&mut self, session: &mut Session, yes: bool, now: Instant, at: UnixTime) {
        let Some(asked) = session.confirm.take().and_then(|later| session.agent.reply(later)) else { return };
        self.expire(now);
        let judge = Judge { provider: self.provider, at };
        match asked.request {
            Request::Sign { key, data, flags } if yes && !self.lock.is_locked() => {
                let allowed = self.signer(key, data, &session.bindings, judge);
                sign(allowed, data, flags, asked.reply);
            }
            _ => asked.reply.failure(),
        }
    }

    /// Answers, or keeps the right to for after the user's word.
    fn answer(&mut self, asked: Asked<'_>, bindings: &mut Bindings, now: Instant, judge: Judge) -> Option<Later> {
        let Asked { request, reply } = asked;
        let done = match request {
            // "When locked, an agent MUST suspend processing of sensitive operations (private key signature operations at
            // the very least) until it has been unlocked" (section 3.7). Bindings still count, the list is empty, and
            // keys can be got rid of.
            // Whoever is elsewhere neither locks the owner out nor uses up the owner's attempts.
            Request::Lock { .. } | Request::Unlock { .. } if bindings.is_remote() => false,
            Request::Unlock { passphrase } => self.lock.unlock(passphrase.0, now),
            Request::RemoveAll => {
                // "This request SHOULD be honoured regardless of any agent policy" (section 3.4).
                self.remove_all();
                true
            }
            Request::Extension { name: SESSION_BIND, body } => {
                // "Extension failure SHOULD be signaled using an SSH_AGENT_EXTENSION_FAILURE message" (section 3.8).
                let _sent = match bindings.bind(body, self.provider) {
                    Ok(()) => reply.success(),
                    Err(_) => reply.extension_failure(),
                };
                return None;
            }
            Request::Identities => {
                let open = !self.lock.is_locked();
                let seen = self.keys.iter().filter(|held| open && bindings.show(held.destinations(), judge));
                let _sent = reply.identities(seen.map(|held| (held.key.public_key(), held.comment.as_slice())));
                return None;
            }
            _ if self.lock.is_locked() => false,
            Request::Lock { passphrase } => self.lock.lock(passphrase.0, &mut self.random),
            Request::Sign { key, data, flags } => {
                let allowed = self.signer(key, data, bindings, judge);
                if allowed.is_some_and(|held| held.confirm) {
                    return Some(reply.later());
                }
                sign(allowed, data, flags, reply);
                return None;
            }
            Request::Add { key, comment, constraints } => {
                self.add_for(key, comment, &constraints, bindings, now, judge).is_ok()
            }
            Request::Remove { key } => self.sees(key, bindings, judge) && self.remove(key),
            Request::Extension { name: QUERY, .. } => {
                let body =
                    encode::written(|sink| [QUERY, SESSION_BIND].iter().for_each(|n| put_string(sink, n.as_bytes())));
                let _sent = match body {
                    Ok(body) => reply.extension(QUERY, &body),
                    Err(_) => reply.extension_failure(),
                };
                return None;
            }
            // "The agent MUST also return SSH_AGENT_FAILURE if […] the agent doesn't support token-hosted keys at all"
            // (section 3.2.6). "An agent that does not support extensions of the supplied type MUST reply with an empty
            // SSH_AGENT_FAILURE message" (section 3.8).
            Request::AddToken { .. } | Request::RemoveToken { .. } | Request::Extension { .. } => false,
        };
        if done {
            let _sent = reply.success();
        }
        None
    }

    /// The key, if this connection may sign `data` with it.
    fn signer(&self, key: PublicKey<'_>, data: &[u8], bindings: &Bindings, judge: Judge) -> Option<&Held> {
        let held = self.keys.iter().find(|held| held.key.public_key() == key)?;
        bindings.may_sign(key, held.destinations(), data, judge).then_some(held)
    }

    /// Whether the key is there and this connection may see it.
    fn sees(&self, key: PublicKey<'_>, bindings: &Bindings, judge: Judge) -> bool {
        let mut held = self.keys.iter().filter(|held| held.key.public_key() == key);
        held.any(|held| bindings.show(held.destinations(), judge))
    }

    fn add_for(
        &mut self,
        fields: KeyFields<'_>,
        comment: &[u8],
        constraints: &Constraints<'_>,
        bindings: &Bindings,
        now: Instant,
        judge: Judge,
    ) -> Result<(), NotAdded> {
        let key = fields.to_key().map_err(|_| NotAdded::KeyType)?;
        let there = self.keys.iter().any(|held| held.key.public_blob() == key.public_blob());
        // Who may not see a key may not loosen it.
        if there && !self.sees(key.public_key(), bindings, judge) {
            return Err(NotAdded::Constraint);
        }
        self.hold(key, copy(comment)?, constraints, now)
    }

    fn hold(
        &mut self,
        key: PrivateKey,
        comment: Vec<u8>,
        constraints: &Constraints<'_>,
        now: Instant,
    ) -> Result<(), NotAdded> {
        // Each constraint by name: a new one does not compile before it is enforced or refused here.
        let Constraints { lifetime, confirm, destinations, certificates, provider } = *constraints;
        if certificates.is_some() || provider.is_some() {
            return Err(NotAdded::Constraint);
        }
        if key.algorithms().is_empty() {
            return Err(NotAdded::KeyType);
        }
        let until = lifetime.map(|seconds| now.plus(SECOND.saturating_mul(seconds.into())));
        let destinations = destinations.map(|list| copy(list.as_bytes())).transpose()?;
        let held = Held { key, comment, until, confirm, destinations };
        // "Adding a key that is already present in an agent SHOULD replace any constraints it was previously loaded with"
        // (section 3.2).
        let place = self.keys.iter().position(|other| other.key.public_blob() == held.key.public_blob());
        let others = self.keys.iter().enumerate().filter(|(at, _)| Some(*at) != place).map(|(_, other)| other);
        let listed = others.clone().map(Held::listed).fold(held.listed(), usize::saturating_add);
        // What is kept of all destinations together is bounded as one message is: looking at them costs as much.
        let destinations = others.clone().chain([&held]).filter_map(|held| held.destinations.as_ref());
        if destinations.map(Vec::len).fold(0, usize::saturating_add) > MAX_MESSAGE {
            return Err(NotAdded::Full);
        }
        // All of them fit into one answer, with its type and number of keys.
        if others.count() >= MAX_KEYS || listed.saturating_add(5) > MAX_MESSAGE || held.comment.len() > MAX_COMMENT {
            return Err(NotAdded::Full);
        }
        match place.and_then(|at| self.keys.get_mut(at)) {
            Some(place) => *place = held,
            None => {
                self.keys.try_reserve(1).map_err(|_| NotAdded::OutOfMemory)?;
                self.keys.push(held);
            }
        }
        Ok(())
    }
}

impl Held {
    fn destinations(&self) -> Option<Destinations<'_>> {
        self.destinations.as_deref().map(Destinations::checked)
    }

    /// How long it is in a list.
    fn listed(&self) -> usize {
        self.key.public_blob().len().saturating_add(self.comment.len()).saturating_add(8)
    }
}

/// Signs with a key that may.
fn sign(allowed: Option<&Held>, data: &[u8], flags: u32, reply: Replying<'_>) {
    let signature = allowed.and_then(|held| {
        let algorithm = algorithm(&held.key, flags)?;
        held.key.sign(algorithm, data).ok()
    });
    // "or is otherwise unable or unwilling to generate the signature […], it MUST reply with an SSH_AGENT_FAILURE message"
    // (section 3.6): without a signature the reply is dropped.
    if let Some(signature) = signature {
        let _sent = reply.signature(&signature);
    }
}

/// "If the agent does not support the requested flags" (section 3.6). They "are only valid for "ssh-rsa" keys" (section
/// 3.6.1), and such a key makes no signature without one of them, since that would be SHA-1.
fn algorithm(key: &PrivateKey, flags: u32) -> Option<&'static str> {
    let mut algorithms = key.algorithms().iter().copied();
    let is_rsa = matches!(key.public_key().key_type(), "ssh-rsa" | "ssh-rsa-cert-v01@openssh.com");
    match (is_rsa, flags) {
        (false, 0) => algorithms.next(),
        (true, flag::RSA_SHA2_256) => algorithms.find(|name| name.starts_with("rsa-sha2-256")),
        (true, flag::RSA_SHA2_512) => algorithms.find(|name| name.starts_with("rsa-sha2-512")),
        _ => None,
    }
}

fn copy(bytes: &[u8]) -> Result<Vec<u8>, NotAdded> {
    encode::written(|sink| sink.put(bytes)).map_err(|_| NotAdded::OutOfMemory)
}

impl Session {
    /// A new connection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What the user is to be asked, while [`Keyring::serve`] says [`Turn::Confirm`].
    #[must_use]
    pub fn question(&self) -> Option<Question<'_>> {
        match self.agent.waiting()? {
            Request::Sign { key, data, .. } => {
                let user = LoginData::parse(data, key).map(|login| login.user);
                Some(Question { key, user, is_remote: self.bindings.is_remote() })
            }
            _ => None,
        }
    }

    /// What is to be written to the client.
    #[must_use]
    pub fn transmit_buf(&self) -> &[u8] {
        self.agent.transmit_buf()
    }

    /// The first `n` bytes of it were written.
    pub fn transmitted(&mut self, n: usize) {
        self.agent.transmitted(n);
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({} keys, {:?})", self.keys.len(), self.lock)
    }
}
