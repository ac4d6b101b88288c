//! The answering side of the agent protocol: an agent with keys in memory.
//!
//! # Agents: answering
//!
//! A sansh_keyring holds private keys and answers clients by itself: it lists, signs, adds and removes keys, keeps
//! lifetimes, destinations and the lock. One keyring serves any number of connections, each with its
//! sansh_agent_session. It asks one thing: whether a key that was added to be confirmed may sign now.
//!
//!     for (size_t at = 0, taken; at < n; at += taken) {
//!         int32_t confirm;
//!         if (sansh_keyring_serve(ring, session, buf + at, n - at, now, time(NULL), &taken, &confirm) != SANSH_OK)
//!             ... close the connection ...
//!         if (confirm) sansh_keyring_confirm(ring, session, ask_the_user(session), now, time(NULL));
//!         ... write sansh_agent_session_transmit_buf(), sansh_agent_session_transmitted() ...
//!     }
//!
//! The protocol has no security of its own: who can write to an agent can use its keys. Keep the socket in a folder
//! that nobody else can open.

use crate::agent_client::constraints;
use crate::entry::{self, Handle, Poison};
use crate::key::{copy, sansh_key};
use crate::library;
use crate::status::{Code, Code::*};
use crate::types::{sansh_bytes, sansh_status, sansh_time};
use ssh::crypto::Seed;
use ssh::keys::PublicKey;
use ssh::signer::agent::{BadFrame, Keyring, NotAdded, Session, Turn};
use ssh::{Instant, UnixTime};

/// An agent's keys. One thread at a time. They are wiped when it is freed.
pub struct sansh_keyring {
    inner: Keyring,
    poison: Poison,
}

/// One connection of a client to an agent. One thread at a time.
pub struct sansh_agent_session {
    inner: Session,
    poison: Poison,
}

impl Handle for sansh_keyring {
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

impl Handle for sansh_agent_session {
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

impl core::fmt::Debug for sansh_keyring {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("sansh_keyring")
    }
}

impl core::fmt::Debug for sansh_agent_session {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("sansh_agent_session")
    }
}

/// What the user of an agent is asked: may this key sign?
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_agent_question {
    /// The public key or certificate, as it travels.
    pub key: sansh_bytes,
    /// For a login by this name, if it is one, else `ptr` is NULL. The name is whatever the client says: untrusted.
    pub user: sansh_bytes,
    /// 1 if the request came through an SSH session, from another machine.
    pub is_remote: i32,
    /// 0.
    pub reserved: i32,
}

const NO_KEYRING: *mut sansh_keyring = core::ptr::null_mut();
const NO_SESSION: *mut sansh_agent_session = core::ptr::null_mut();
const NO_QUESTION: sansh_agent_question =
    sansh_agent_question { key: sansh_bytes::NONE, user: sansh_bytes::NONE, is_remote: 0, reserved: 0 };
const NOTHING: usize = 0;
const NO: i32 = 0;
const NONE: sansh_bytes = sansh_bytes::NONE;

/// An empty keyring, at `*keyring`. Free it with sansh_keyring_free(). The algorithms of `provider` (SANSH_PROVIDER_…)
/// verify the sessions that clients bind. `seed` is SANSH_SEED_LEN secret bytes; NULL takes them from the operating
/// system. If it fails, `*keyring` is NULL.
///
/// SANSH_E_ARGUMENT (this library has no such provider), SANSH_E_RANDOM, SANSH_E_NULL, SANSH_E_MEMORY.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_keyring_new(
    provider: i32,
    seed: *const u8,
    keyring: *mut *mut sansh_keyring,
) -> sansh_status {
    enter!(alone; out(keyring, NO_KEYRING), seed(seed); {
        let provider = library::provider(provider).ok_or(SANSH_E_ARGUMENT)?;
        let seed = match seed {
            Some(seed) => Seed::new(*seed),
            None => Seed::os().map_err(|_| SANSH_E_RANDOM)?,
        };
        let inner = Keyring::new(provider, &seed);
        *keyring = entry::give(sansh_keyring { inner, poison: Poison::default() })?;
        Ok(())
    })
}

/// Wipes and frees a keyring. Its sessions are freed by their own calls, before or after. NULL is allowed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_keyring_free(keyring: *mut sansh_keyring) {
    enter!(free keyring)
}

/// Takes a copy of a key, with its comment and certificate. The keyring forgets it `lifetime` seconds after `now`, 0
/// for never; with `confirm` not 0, the user is asked at each use. If it is there already, its constraints are
/// replaced.
///
/// SANSH_E_KEY_UNSUPPORTED (the key does not sign here), SANSH_E_FULL (there is no room for it in a list of keys),
/// SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED (`keyring` or `key`).
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_keyring_add(
    keyring: *mut sansh_keyring,
    key: *const sansh_key,
    lifetime: u32,
    confirm: i32,
    now: sansh_time,
) -> sansh_status {
    enter!(mut keyring;; {
        // SAFETY: the header asks for NULL or a key that was not freed; nothing changes keys.
        let key = unsafe { entry::handle_ref(key) };
        let key = entry::look(key, |key| copy(&key.inner))?;
        let constraints = constraints(lifetime, confirm);
        Ok(keyring.inner.add(key, &constraints, Instant(now))?)
    })
}

/// Forgets a key or certificate.
///
/// SANSH_E_NOT_FOUND (it was not there), SANSH_E_NULL, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_keyring_remove(
    keyring: *mut sansh_keyring,
    blob: *const u8,
    blob_len: usize,
) -> sansh_status {
    enter!(mut keyring; bytes(blob, blob_len); {
        match keyring.inner.remove(PublicKey::new(blob)) {
            true => Ok(()),
            false => Err(SANSH_E_NOT_FOUND),
        }
    })
}

/// Forgets all keys.
///
/// SANSH_E_NULL, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_keyring_remove_all(keyring: *mut sansh_keyring) -> sansh_status {
    enter!(mut keyring;; {
        keyring.inner.remove_all();
        Ok(())
    })
}

/// The key number `index`, from 0: its blob at `*blob` and its comment, which may hold any bytes, at `*comment`,
/// whatever its constraints. Lent until the next call that takes the keyring and is not a look.
///
/// SANSH_E_NOT_FOUND (behind the last one), SANSH_E_NULL, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_keyring_key(
    keyring: *const sansh_keyring,
    index: usize,
    blob: *mut sansh_bytes,
    comment: *mut sansh_bytes,
) -> sansh_status {
    enter!(look keyring; out(blob, NONE), out(comment, NONE); {
        let (key, its_comment) = keyring.inner.keys().nth(index).ok_or(SANSH_E_NOT_FOUND)?;
        (*blob, *comment) = (key.public_blob().into(), its_comment.into());
        Ok(())
    })
}

/// 1 if a client locked it, 0 if not and for NULL.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_keyring_is_locked(keyring: *const sansh_keyring) -> i32 {
    enter!(look keyring;; { Ok(i32::from(keyring.inner.is_locked())) } else |_code| 0)
}

/// When the time of the next key is over: call sansh_keyring_expire() then. SANSH_NEVER if there is none, and for NULL.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_keyring_next_timeout(keyring: *const sansh_keyring) -> sansh_time {
    enter!(look keyring;; {
        Ok(keyring.inner.next_timeout().map_or(sansh_time::MAX, |at| at.0))
    } else |_code| sansh_time::MAX)
}

/// Forgets and wipes the keys whose time is over. sansh_keyring_serve() does so too.
///
/// SANSH_E_NULL, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_keyring_expire(keyring: *mut sansh_keyring, now: sansh_time) -> sansh_status {
    enter!(mut keyring;; {
        keyring.inner.expire(Instant(now));
        Ok(())
    })
}

/// Takes bytes that came from a client, as many as `*taken` says, and answers what is asked in them, up to the first
/// question for the user: then `*confirm` is 1. Ask (sansh_agent_session_question()), call sansh_keyring_confirm(), and
/// call this again with the rest. If it leaves bytes and there is no question, its answers have to be transmitted
/// first. `now` is of the clock of sansh_keyring_add(); `at` is the time in seconds since 1970, against which host
/// certificates are checked.
///
/// SANSH_E_AGENT (what came is no stream of messages: close the connection), SANSH_E_NULL, SANSH_E_MEMORY (close it
/// too), SANSH_E_POISONED (`keyring` or `session`).
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_keyring_serve(
    keyring: *mut sansh_keyring,
    session: *mut sansh_agent_session,
    bytes: *const u8,
    bytes_len: usize,
    now: sansh_time,
    at: u64,
    taken: *mut usize,
    confirm: *mut i32,
) -> sansh_status {
    enter!(mut keyring; bytes(bytes, bytes_len), out(taken, NOTHING), out(confirm, NO); {
        // SAFETY: the header asks for NULL or a session that was not freed and that no other thread uses.
        let session = unsafe { entry::handle_mut(session) };
        entry::change(session, |session| {
            let mut rest = bytes;
            let turn = keyring.inner.serve(&mut session.inner, &mut rest, Instant(now), UnixTime(at));
            *taken = bytes.len() - rest.len();
            *confirm = i32::from(turn? == Turn::Confirm);
            Ok(())
        })
    })
}

/// What the user said to the session's question: `yes` is not 0, or 0. Everything else is looked at anew: the key may
/// be gone by now, or locked. A session without a question is left as it is.
///
/// SANSH_E_NULL, SANSH_E_POISONED (`keyring` or `session`).
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_keyring_confirm(
    keyring: *mut sansh_keyring,
    session: *mut sansh_agent_session,
    yes: i32,
    now: sansh_time,
    at: u64,
) -> sansh_status {
    enter!(mut keyring;; {
        // SAFETY: the header asks for NULL or a session that was not freed and that no other thread uses.
        let session = unsafe { entry::handle_mut(session) };
        entry::change(session, |session| {
            keyring.inner.confirm(&mut session.inner, yes != 0, Instant(now), UnixTime(at));
            Ok(())
        })
    })
}

/// A new connection of a client, at `*session`. Free it with sansh_agent_session_free(). If it fails, `*session` is
/// NULL.
///
/// SANSH_E_NULL, SANSH_E_MEMORY.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_agent_session_new(session: *mut *mut sansh_agent_session) -> sansh_status {
    enter!(alone; out(session, NO_SESSION); {
        let inner = Session::new();
        *session = entry::give(sansh_agent_session { inner, poison: Poison::default() })?;
        Ok(())
    })
}

/// Frees a session. NULL is allowed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_agent_session_free(session: *mut sansh_agent_session) {
    enter!(free session)
}

/// What the user is to be asked, at `*question`, while sansh_keyring_serve() says so. Lent until
/// sansh_keyring_confirm().
///
/// SANSH_E_NOT_FOUND (there is no question), SANSH_E_NULL, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_agent_session_question(
    session: *const sansh_agent_session,
    question: *mut sansh_agent_question,
) -> sansh_status {
    enter!(look session; out(question, NO_QUESTION); {
        let asked = session.inner.question().ok_or(SANSH_E_NOT_FOUND)?;
        let user = asked.user.map_or(sansh_bytes::NONE, Into::into);
        let is_remote = i32::from(asked.is_remote);
        *question = sansh_agent_question { key: asked.key.blob().into(), user, is_remote, reserved: 0 };
        Ok(())
    })
}

/// What is to be written to the client. Lent until sansh_agent_session_transmitted(), sansh_keyring_serve() or
/// sansh_keyring_confirm().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_agent_session_transmit_buf(session: *const sansh_agent_session) -> sansh_bytes {
    enter!(look session;; { Ok(session.inner.transmit_buf().into()) } else |_code| sansh_bytes::NONE)
}

/// The first `n` bytes of it were written.
///
/// SANSH_E_RANGE (more than there are: nothing changed), SANSH_E_NULL, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_agent_session_transmitted(session: *mut sansh_agent_session, n: usize) -> sansh_status {
    enter!(mut session;; {
        if n > session.inner.transmit_buf().len() {
            return Err(SANSH_E_RANGE);
        }
        session.inner.transmitted(n);
        Ok(())
    })
}

impl From<BadFrame> for Code {
    fn from(error: BadFrame) -> Self {
        match error {
            BadFrame::OutOfMemory => SANSH_E_MEMORY,
            _ => SANSH_E_AGENT,
        }
    }
}

impl From<NotAdded> for Code {
    fn from(error: NotAdded) -> Self {
        match error {
            NotAdded::KeyType => SANSH_E_KEY_UNSUPPORTED,
            NotAdded::Full => SANSH_E_FULL,
            NotAdded::OutOfMemory => SANSH_E_MEMORY,
            _ => SANSH_E_OTHER,
        }
    }
}
