//! The asking side of the agent protocol.
//!
//! # Agents: asking
//!
//! What an SSH client and `ssh-add` do with an agent, over the bytes of a socket, a pipe or a channel that somebody
//! else moves (draft-ietf-sshm-ssh-agent). Each call puts a request behind the others; sansh_agent_next() brings the
//! answers in the same order:
//!
//!     sansh_agent_identities(agent);
//!     ... write sansh_agent_transmit_buf() to the socket, sansh_agent_transmitted(); read n bytes into buf ...
//!     for (size_t at = 0, taken; at < n; at += taken) {
//!         sansh_agent_answer a;
//!         if (sansh_agent_next(agent, buf + at, n - at, &taken, &a) != SANSH_OK) ... close the socket ...
//!         if (a.kind == SANSH_AGENT_IDENTITIES) ... a.u.identities.keys[0 .. a.u.identities.count] ...
//!     }
//!
//! For SANSH_EVENT_SIGN: sansh_later(), sansh_agent_sign() with the event's algorithm, key and message, and
//! sansh_answer_signature() with what SANSH_AGENT_SIGNATURE brings. Nothing that an agent sends is believed: a
//! signature is by the algorithm that was asked for, or the connection to the agent fails.

use crate::entry::{self, Handle, Poison};
use crate::key::sansh_key;
use crate::status::{Code, Code::*};
use crate::types::{sansh_bytes, sansh_status};
use core::ffi::c_char;
use ssh::keys::PublicKey;
use ssh::signer::agent::{Answer, BadAnswer, BadFrame, Client, Constraints, Identity, SendError, SessionBind};

/// A connection to an agent. One thread at a time. What it keeps is wiped when it is freed.
pub struct sansh_agent {
    client: Client,
    /// What the last answer listed, as C sees it.
    keys: Vec<sansh_agent_key>,
    poison: Poison,
}

impl Handle for sansh_agent {
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

impl core::fmt::Debug for sansh_agent {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("sansh_agent")
    }
}

/// What an answer is. Later versions have more.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_agent_kind {
    /// There is none yet: all bytes were taken.
    SANSH_AGENT_NONE = 0,
    /// To sansh_agent_identities(). `u.identities`.
    SANSH_AGENT_IDENTITIES = 1,
    /// To sansh_agent_sign(). `u.signature`.
    SANSH_AGENT_SIGNATURE = 2,
    /// It is done.
    SANSH_AGENT_DONE = 3,
    /// The agent does not, or does not know how.
    SANSH_AGENT_REFUSED = 4,
    /// To sansh_agent_extension(). `u.extension`.
    SANSH_AGENT_EXTENSION = 5,
    /// The agent knows the extension, and it failed.
    SANSH_AGENT_EXTENSION_FAILED = 6,
}

/// A key that an agent has.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_agent_key {
    /// The public key or certificate, as it travels.
    pub blob: sansh_bytes,
    /// A name for people. It is nobody's promise, and may hold any bytes.
    pub comment: sansh_bytes,
}

/// SANSH_AGENT_IDENTITIES.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_agent_identities_answer {
    /// The keys.
    pub keys: *const sansh_agent_key,
    /// How many.
    pub count: usize,
}

/// SANSH_AGENT_SIGNATURE.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_agent_signature_answer {
    /// For sansh_answer_signature().
    pub blob: sansh_bytes,
}

/// SANSH_AGENT_EXTENSION.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_agent_extension_answer {
    /// The name in the request.
    pub name: sansh_bytes,
    /// What the name says it is.
    pub body: sansh_bytes,
}

/// What an answer carries; `kind` says which member counts.
#[repr(C)]
#[derive(Clone, Copy)]
pub union sansh_agent_content {
    /// SANSH_AGENT_IDENTITIES.
    pub identities: sansh_agent_identities_answer,
    /// SANSH_AGENT_SIGNATURE.
    pub signature: sansh_agent_signature_answer,
    /// SANSH_AGENT_EXTENSION.
    pub extension: sansh_agent_extension_answer,
    /// Room for later versions.
    pub reserved: [u64; 8],
}

impl core::fmt::Debug for sansh_agent_content {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("sansh_agent_content")
    }
}

/// An answer of an agent. All that it points to is lent until the next sansh_agent_next() or sansh_agent_free().
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_agent_answer {
    /// SANSH_AGENT_….
    pub kind: i32,
    /// 0.
    pub reserved: i32,
    /// What it carries.
    pub u: sansh_agent_content,
}

const NO_ANSWER: sansh_agent_answer =
    sansh_agent_answer { kind: 0, reserved: 0, u: sansh_agent_content { reserved: [0; 8] } };
const NO_AGENT: *mut sansh_agent = core::ptr::null_mut();
const NOTHING: usize = 0;

/// A new connection to an agent, at `*agent`. Free it with sansh_agent_free(). If it fails, `*agent` is NULL.
///
/// SANSH_E_NULL, SANSH_E_MEMORY.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_agent_new(agent: *mut *mut sansh_agent) -> sansh_status {
    enter!(alone; out(agent, NO_AGENT); {
        let (client, keys) = (Client::new(), Vec::new());
        *agent = entry::give(sansh_agent { client, keys, poison: Poison::default() })?;
        Ok(())
    })
}

/// Wipes and frees it. NULL is allowed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_agent_free(agent: *mut sansh_agent) {
    enter!(free agent)
}

/// Asks for the list of keys. Answer: SANSH_AGENT_IDENTITIES, or SANSH_AGENT_REFUSED.
///
/// SANSH_E_FULL (64 requests wait for their answers: repeat it after some came), SANSH_E_CLOSED (the connection has
/// failed: sansh_agent_next() said so), SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_agent_identities(agent: *mut sansh_agent) -> sansh_status {
    enter!(mut agent;; { Ok(agent.client.identities()?) })
}

/// Asks for a signature of `message` by a key or certificate of the list and by `algorithm`, as SANSH_EVENT_SIGN names
/// all three. Answer: SANSH_AGENT_SIGNATURE, or SANSH_AGENT_REFUSED.
///
/// SANSH_E_ALGORITHM (no agent is asked for it: `ssh-rsa`, whose SHA-1 is broken), SANSH_E_TOO_LONG (the message is
/// longer than agents take), SANSH_E_TEXT, SANSH_E_FULL, SANSH_E_CLOSED, SANSH_E_NULL, SANSH_E_MEMORY,
/// SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_agent_sign(
    agent: *mut sansh_agent,
    algorithm: *const u8,
    algorithm_len: usize,
    blob: *const u8,
    blob_len: usize,
    message: *const u8,
    message_len: usize,
) -> sansh_status {
    enter!(mut agent; bytes(algorithm, algorithm_len), bytes(blob, blob_len), bytes(message, message_len); {
        let algorithm = core::str::from_utf8(algorithm).map_err(|_| SANSH_E_TEXT)?;
        Ok(agent.client.sign(PublicKey::new(blob), message, algorithm)?)
    })
}

/// Gives a private key, with its comment and its certificate, to the agent. It forgets the key after `lifetime`
/// seconds, 0 for never; with `confirm` not 0, it asks its user at each use. Answer: SANSH_AGENT_DONE, or
/// SANSH_AGENT_REFUSED: then it does not have the key. Do not give it again with fewer constraints. The bytes of
/// sansh_agent_transmit_buf() are secret now.
///
/// SANSH_E_TOO_LONG, SANSH_E_FULL, SANSH_E_CLOSED, SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED (`agent` or `key`).
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_agent_add(
    agent: *mut sansh_agent,
    key: *const sansh_key,
    lifetime: u32,
    confirm: i32,
) -> sansh_status {
    enter!(mut agent;; {
        // SAFETY: the header asks for NULL or a key that was not freed; nothing changes keys.
        let key = unsafe { entry::handle_ref(key) };
        let constraints = constraints(lifetime, confirm);
        entry::look(key, |key| Ok(agent.client.add(&key.inner, &constraints)?))
    })
}

/// Has the agent forget a key or certificate. Answer: SANSH_AGENT_DONE, or SANSH_AGENT_REFUSED: it did not have it.
///
/// SANSH_E_TOO_LONG, SANSH_E_FULL, SANSH_E_CLOSED, SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_agent_remove(agent: *mut sansh_agent, blob: *const u8, blob_len: usize) -> sansh_status {
    enter!(mut agent; bytes(blob, blob_len); { Ok(agent.client.remove(PublicKey::new(blob))?) })
}

/// Has the agent forget all keys. Answer: SANSH_AGENT_DONE, or SANSH_AGENT_REFUSED.
///
/// SANSH_E_FULL, SANSH_E_CLOSED, SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_agent_remove_all(agent: *mut sansh_agent) -> sansh_status {
    enter!(mut agent;; { Ok(agent.client.remove_all()?) })
}

/// Has the agent use the keys of a token, by an `id` that only the agent understands (a path to a library is a program
/// to be run), with the token's PIN, or nothing. `lifetime` and `confirm` are those of sansh_agent_add(), for each key.
/// Answer: SANSH_AGENT_DONE, or SANSH_AGENT_REFUSED.
///
/// SANSH_E_TOO_LONG, SANSH_E_FULL, SANSH_E_CLOSED, SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_agent_add_token(
    agent: *mut sansh_agent,
    id: *const u8,
    id_len: usize,
    pin: *const u8,
    pin_len: usize,
    lifetime: u32,
    confirm: i32,
) -> sansh_status {
    enter!(mut agent; bytes(id, id_len), bytes(pin, pin_len); {
        let constraints = constraints(lifetime, confirm);
        Ok(agent.client.add_token(id, pin, &constraints)?)
    })
}

/// Has the agent forget the keys of a token. Answer: SANSH_AGENT_DONE, or SANSH_AGENT_REFUSED.
///
/// SANSH_E_TOO_LONG, SANSH_E_FULL, SANSH_E_CLOSED, SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_agent_remove_token(
    agent: *mut sansh_agent,
    id: *const u8,
    id_len: usize,
    pin: *const u8,
    pin_len: usize,
) -> sansh_status {
    enter!(mut agent; bytes(id, id_len), bytes(pin, pin_len); { Ok(agent.client.remove_token(id, pin)?) })
}

/// Locks the agent with a passphrase: it signs nothing until sansh_agent_unlock(). Answer: SANSH_AGENT_DONE, or
/// SANSH_AGENT_REFUSED.
///
/// SANSH_E_TOO_LONG, SANSH_E_FULL, SANSH_E_CLOSED, SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_agent_lock(
    agent: *mut sansh_agent,
    passphrase: *const u8,
    passphrase_len: usize,
) -> sansh_status {
    enter!(mut agent; bytes(passphrase, passphrase_len); { Ok(agent.client.lock(passphrase)?) })
}

/// Unlocks the agent. Answer: SANSH_AGENT_DONE, or SANSH_AGENT_REFUSED: the passphrase is another one.
///
/// SANSH_E_TOO_LONG, SANSH_E_FULL, SANSH_E_CLOSED, SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_agent_unlock(
    agent: *mut sansh_agent,
    passphrase: *const u8,
    passphrase_len: usize,
) -> sansh_status {
    enter!(mut agent; bytes(passphrase, passphrase_len); { Ok(agent.client.unlock(passphrase)?) })
}

/// Asks anything else by name; `query` asks which extensions there are. Answer: SANSH_AGENT_EXTENSION,
/// SANSH_AGENT_DONE, SANSH_AGENT_EXTENSION_FAILED, or SANSH_AGENT_REFUSED: the agent does not know it.
///
/// SANSH_E_TOO_LONG (a name has 64 bytes at most), SANSH_E_TEXT, SANSH_E_FULL, SANSH_E_CLOSED, SANSH_E_NULL,
/// SANSH_E_MEMORY, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_agent_extension(
    agent: *mut sansh_agent,
    name: *const c_char,
    body: *const u8,
    body_len: usize,
) -> sansh_status {
    enter!(mut agent; text(name), bytes(body, body_len); { Ok(agent.client.extension(name, body)?) })
}

/// Binds this connection to the agent to an SSH session, before a login by a key of the agent or before the agent is
/// forwarded there (`session-bind@openssh.com`): what keys that are restricted to destinations need. `host_key`,
/// `session_id` and `signature` are the session's: the server's key, the exchange hash of the first key exchange, and
/// the key's signature over it. `forwarding` is 1 if the agent is forwarded, 0 for a login. Answer: SANSH_AGENT_DONE;
/// with SANSH_AGENT_REFUSED or SANSH_AGENT_EXTENSION_FAILED, go on without such keys.
///
/// SANSH_E_TOO_LONG, SANSH_E_FULL, SANSH_E_CLOSED, SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_agent_session_bind(
    agent: *mut sansh_agent,
    host_key: *const u8,
    host_key_len: usize,
    session_id: *const u8,
    session_id_len: usize,
    signature: *const u8,
    signature_len: usize,
    forwarding: i32,
) -> sansh_status {
    enter!(mut agent; bytes(host_key, host_key_len), bytes(session_id, session_id_len),
        bytes(signature, signature_len); {
        let bind = SessionBind { host_key, session_id, signature, forwarding: forwarding != 0 };
        Ok(agent.client.session_bind(&bind)?)
    })
}

/// How many answers are yet to come. 0 for NULL.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_agent_pending(agent: *const sansh_agent) -> usize {
    enter!(look agent;; { Ok(agent.client.pending()) } else |_code| 0)
}

/// What is to be written to the agent. Lent until sansh_agent_transmitted() or the next request.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_agent_transmit_buf(agent: *const sansh_agent) -> sansh_bytes {
    enter!(look agent;; { Ok(agent.client.transmit_buf().into()) } else |_code| sansh_bytes::NONE)
}

/// The first `n` bytes of it were written; they are wiped.
///
/// SANSH_E_RANGE (more than there are: nothing changed), SANSH_E_NULL, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_agent_transmitted(agent: *mut sansh_agent, n: usize) -> sansh_status {
    enter!(mut agent;; {
        if n > agent.client.transmit_buf().len() {
            return Err(SANSH_E_RANGE);
        }
        agent.client.transmitted(n);
        Ok(())
    })
}

/// Takes bytes that came from the agent, as many as `*taken` says, until an answer is whole, which is at `*answer`.
/// Call it again with the rest; SANSH_AGENT_NONE says that all were taken. What the last answer pointed to is gone.
///
/// SANSH_E_AGENT (what came is no answer to what was asked: close the connection to the agent; every later call says so
/// too), SANSH_E_NULL, SANSH_E_MEMORY (close it too), SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_agent_next(
    agent: *mut sansh_agent,
    bytes: *const u8,
    bytes_len: usize,
    taken: *mut usize,
    answer: *mut sansh_agent_answer,
) -> sansh_status {
    enter!(mut agent; bytes(bytes, bytes_len), out(taken, NOTHING), out(answer, NO_ANSWER); {
        let sansh_agent { client, keys, .. } = agent;
        keys.clear();
        let mut rest = bytes;
        let found = client.next(&mut rest);
        *taken = bytes.len() - rest.len();
        if let Some(found) = found? {
            *answer = lent(found, keys)?;
        }
        Ok(())
    })
}

/// The constraints of a key that is added: 0 is none.
pub(crate) fn constraints<'a>(lifetime: u32, confirm: i32) -> Constraints<'a> {
    let lifetime = Some(lifetime).filter(|seconds| *seconds > 0);
    Constraints { lifetime, confirm: confirm != 0, ..Constraints::default() }
}

/// An answer as C sees it.
fn lent(found: Answer<'_>, keys: &mut Vec<sansh_agent_key>) -> Result<sansh_agent_answer, Code> {
    use sansh_agent_kind::*;
    let plain = sansh_agent_content { reserved: [0; 8] };
    let (kind, u) = match found {
        Answer::Identities(list) => {
            keys.try_reserve_exact(list.len()).map_err(|_| SANSH_E_MEMORY)?;
            let one = |key: Identity<'_>| sansh_agent_key { blob: key.key.blob().into(), comment: key.comment.into() };
            keys.extend(list.iter().map(one));
            let identities = sansh_agent_identities_answer { keys: keys.as_ptr(), count: keys.len() };
            (SANSH_AGENT_IDENTITIES, sansh_agent_content { identities })
        }
        Answer::Signature(blob) => {
            let signature = sansh_agent_signature_answer { blob: blob.into() };
            (SANSH_AGENT_SIGNATURE, sansh_agent_content { signature })
        }
        Answer::Extension { name, body } => {
            let extension = sansh_agent_extension_answer { name: name.into(), body: body.into() };
            (SANSH_AGENT_EXTENSION, sansh_agent_content { extension })
        }
        Answer::Done => (SANSH_AGENT_DONE, plain),
        Answer::ExtensionFailed => (SANSH_AGENT_EXTENSION_FAILED, plain),
        // What the core may learn to say later is no yes.
        _ => (SANSH_AGENT_REFUSED, plain),
    };
    Ok(sansh_agent_answer { kind: kind as i32, reserved: 0, u })
}

impl From<SendError> for Code {
    fn from(error: SendError) -> Self {
        match error {
            SendError::TooLong => SANSH_E_TOO_LONG,
            SendError::TooMany => SANSH_E_FULL,
            SendError::Algorithm => SANSH_E_ALGORITHM,
            SendError::Failed => SANSH_E_CLOSED,
            SendError::OutOfMemory => SANSH_E_MEMORY,
            _ => SANSH_E_OTHER,
        }
    }
}

impl From<BadAnswer> for Code {
    fn from(error: BadAnswer) -> Self {
        match error {
            BadAnswer::Frame(BadFrame::OutOfMemory) => SANSH_E_MEMORY,
            _ => SANSH_E_AGENT,
        }
    }
}
