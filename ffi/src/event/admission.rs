//! What events say to a server that lets somebody in.
//!
//! # Events: letting in (server)
//!
//! SANSH_EVENT_LOGIN asks about one step of a login, SANSH_EVENT_READY says who came in by which steps, and what their
//! certificates still permit. The restrictions are the server's to keep.

use super::kind::sansh_event_kind::*;
use super::lists::Lists;
use super::next::sansh_event;
use super::set;
use crate::status::Code;
use crate::types::sansh_bytes;
use ssh::crypto::SecurityKey;
use ssh::event::server::{Identity, Method, Step};
use ssh::keys::{Conflict, Restrictions};

/// By what a user wants in.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_method {
    /// A method of sansh_config_other_methods(), by name and raw fields.
    SANSH_METHOD_OTHER = 0,
    /// Nothing. Accept only where nobody needs a proof.
    SANSH_METHOD_NONE = 1,
    /// A password.
    SANSH_METHOD_PASSWORD = 2,
    /// A public key, whose signature was verified.
    SANSH_METHOD_PUBLIC_KEY = 3,
    /// The new password that was asked for, and the old one. Whether the old one is right is still to be seen.
    SANSH_METHOD_NEW_PASSWORD = 4,
    /// `keyboard-interactive`: to begin with without answers, and then with one for each question asked.
    SANSH_METHOD_INTERACTIVE = 5,
    /// `hostbased`: the signature by the client host's key was verified. Whether that key is that host's, and whether its
    /// word on the user counts, is still to be seen.
    SANSH_METHOD_HOST_BASED = 6,
}

/// What a security key said beside signing.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_security_key {
    /// 1 if the key is one; else the rest is 0.
    pub present: i32,
    /// SANSH_TOUCHED, SANSH_VERIFIED, or'ed; other bits may be there.
    pub flags: u32,
    /// The key's count of its signatures.
    pub counter: u32,
}

/// Flag of a security key: somebody touched it.
pub const SANSH_TOUCHED: u32 = 1;
/// Flag of a security key: somebody showed a PIN or a finger.
pub const SANSH_VERIFIED: u32 = 4;

/// One step of a login that was accepted. What does not belong to the method is empty.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_step {
    /// Method name: `publickey` also where the signature covers the host key.
    pub method: sansh_bytes,
    /// `publickey` and `hostbased`: the signature algorithm.
    pub algorithm: sansh_bytes,
    /// `publickey` and `hostbased`: the key or certificate, as it travels. A certificate was checked.
    pub key: sansh_bytes,
    /// `hostbased`: the client host's name, as the client said it.
    pub host: sansh_bytes,
    /// `hostbased`: the user's name on that host, as the client said it.
    pub host_user: sansh_bytes,
    /// `publickey`: what a security key said.
    pub security_key: sansh_security_key,
}

/// Of SANSH_EVENT_LOGIN. What does not belong to the method is empty.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_login {
    /// By what: SANSH_METHOD_….
    pub method: i32,
    /// SANSH_METHOD_PUBLIC_KEY: 1 if the signature covers this server's host key too.
    pub host_bound: i32,
    /// User name. Untrusted until admitted.
    pub user: sansh_bytes,
    /// SANSH_METHOD_PASSWORD: the password. SANSH_METHOD_NEW_PASSWORD: the one that has expired. Wiped when the event ends.
    pub password: sansh_bytes,
    /// SANSH_METHOD_NEW_PASSWORD: the one that is to take its place. Wiped when the event ends.
    pub new_password: sansh_bytes,
    /// SANSH_METHOD_PUBLIC_KEY, SANSH_METHOD_HOST_BASED: the signature algorithm.
    pub algorithm: sansh_bytes,
    /// SANSH_METHOD_PUBLIC_KEY, SANSH_METHOD_HOST_BASED: the key or certificate, as it travels. A certificate takes
    /// sansh_answer_admission_accept_certificate() or …_partial_certificate().
    pub key: sansh_bytes,
    /// SANSH_METHOD_PUBLIC_KEY: what a security key said.
    pub security_key: sansh_security_key,
    /// SANSH_METHOD_INTERACTIVE: 1 if these are answers; 0 if the method begins.
    pub answered: i32,
    /// SANSH_METHOD_INTERACTIVE: one answer for each question asked. NULL if there is none. Wiped when the event ends.
    pub responses: *const sansh_bytes,
    /// How many.
    pub responses_len: usize,
    /// SANSH_METHOD_HOST_BASED: the client host's name, as the client says it. SANSH_METHOD_OTHER: the method's name.
    /// SANSH_METHOD_INTERACTIVE, where it begins: hints of the client, comma-separated.
    pub name: sansh_bytes,
    /// SANSH_METHOD_HOST_BASED: the user's name on that host, as the client says it. SANSH_METHOD_OTHER: what follows the
    /// name.
    pub fields: sansh_bytes,
    /// The steps of this user that were accepted partially before. NULL if there is none. Whether the same method counts
    /// twice is for you to say.
    pub steps: *const sansh_step,
    /// How many.
    pub steps_len: usize,
}

/// What two certificates of one login cannot both have.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_conflict {
    /// There is no conflict.
    SANSH_CONFLICT_NONE = 0,
    /// Each forces another command.
    SANSH_CONFLICT_FORCE_COMMAND = 1,
    /// They have more lists of source addresses than can be kept.
    SANSH_CONFLICT_SOURCE_ADDRESS = 2,
    /// Something newer than this header, or options that cannot be read.
    SANSH_CONFLICT_OTHER = 3,
}

/// What the certificates of all steps of a login together still permit. Without a certificate: everything. A flag is 1 or 0.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_restrictions {
    /// Not SANSH_CONFLICT_NONE: nothing can satisfy all of them. Nothing is permitted then: run nothing, disconnect.
    pub conflict: i32,
    /// 1 if `force_command` runs instead of every shell, command and subsystem that is asked for.
    pub forced: i32,
    /// That command.
    pub force_command: sansh_bytes,
    /// A security key's signature is good only with SANSH_VERIFIED. The core has seen to it.
    pub verify_required: i32,
    /// A security key's signature is good without SANSH_TOUCHED.
    pub no_touch_required: i32,
    /// Forwarding of X11 is permitted.
    pub x11_forwarding: i32,
    /// Forwarding of an agent is permitted.
    pub agent_forwarding: i32,
    /// Forwarding of ports and sockets is permitted.
    pub port_forwarding: i32,
    /// A terminal is permitted.
    pub pty: i32,
    /// The user's `~/.ssh/rc` may be run.
    pub user_rc: i32,
}

/// Of SANSH_EVENT_READY.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_ready {
    /// The method of the last step. Client: `none`, and a `keyboard-interactive` that asked nothing, prove nothing; see
    /// sansh_config_trivial_logins().
    pub method: sansh_bytes,
    /// Server: who it is. Empty on a client, which knows.
    pub user: sansh_bytes,
    /// Server: the public key or certificate of the last step, as it travels; empty for other methods.
    pub key: sansh_bytes,
    /// Server: all steps, in order. NULL on a client.
    pub steps: *const sansh_step,
    /// How many.
    pub steps_len: usize,
    /// Server: what their certificates still permit.
    pub restrictions: sansh_restrictions,
}

pub(super) fn login(
    user: &[u8],
    method: &Method<'_>,
    so_far: &Identity<'_>,
    event: &mut sansh_event,
    lists: &mut Lists,
) -> Result<(), Code> {
    use sansh_method::*;
    let none = sansh_bytes::NONE;
    let (steps, steps_len) = steps(so_far, lists)?;
    let mut content = sansh_event_login {
        method: SANSH_METHOD_OTHER as i32,
        host_bound: 0,
        user: user.into(),
        password: none,
        new_password: none,
        algorithm: none,
        key: none,
        security_key: None.into(),
        answered: 0,
        responses: core::ptr::null(),
        responses_len: 0,
        name: none,
        fields: none,
        steps,
        steps_len,
    };
    match *method {
        Method::None => content.method = SANSH_METHOD_NONE as i32,
        Method::Password(password) => {
            content.method = SANSH_METHOD_PASSWORD as i32;
            content.password = password.into();
        }
        Method::NewPassword { old, new } => {
            content.method = SANSH_METHOD_NEW_PASSWORD as i32;
            (content.password, content.new_password) = (old.into(), new.into());
        }
        Method::PublicKey { algorithm, key, security_key, host_bound } => {
            content.method = SANSH_METHOD_PUBLIC_KEY as i32;
            (content.algorithm, content.key) = (algorithm.into(), key.blob().into());
            (content.security_key, content.host_bound) = (security_key.into(), host_bound.into());
        }
        Method::Interactive { submethods, responses } => {
            content.method = SANSH_METHOD_INTERACTIVE as i32;
            (content.name, content.answered) = (submethods.into(), responses.is_some().into());
            if let Some(responses) = responses {
                let items = responses.iter().map(Into::into);
                (content.responses, content.responses_len) = lists.bytes.fill(responses.len(), items)?;
            }
        }
        Method::HostBased { algorithm, key, host, user } => {
            content.method = SANSH_METHOD_HOST_BASED as i32;
            (content.algorithm, content.key) = (algorithm.into(), key.blob().into());
            (content.name, content.fields) = (host.into(), user.into());
        }
        Method::Other { method, fields } => (content.name, content.fields) = (method.into(), fields.into()),
        _ => {}
    }
    set!(event, SANSH_EVENT_LOGIN, login: content);
    Ok(())
}

/// A client's.
pub(super) fn in_by(method: &str, event: &mut sansh_event) {
    let content = sansh_event_ready {
        method: method.into(),
        user: sansh_bytes::NONE,
        key: sansh_bytes::NONE,
        steps: core::ptr::null(),
        steps_len: 0,
        restrictions: (&Restrictions::none()).into(),
    };
    set!(event, SANSH_EVENT_READY, ready: content);
}

/// A server's.
pub(super) fn ready(identity: &Identity<'_>, event: &mut sansh_event, lists: &mut Lists) -> Result<(), Code> {
    let (steps, steps_len) = steps(identity, lists)?;
    let last = identity.steps().last();
    let content = sansh_event_ready {
        method: last.map_or(sansh_bytes::NONE, |step| step.method.into()),
        user: identity.user().into(),
        key: blob(last.as_ref()),
        steps,
        steps_len,
        restrictions: identity.restrictions().as_ref().map_or_else(sansh_restrictions::nothing, Into::into),
    };
    set!(event, SANSH_EVENT_READY, ready: content);
    Ok(())
}

fn steps(identity: &Identity<'_>, lists: &mut Lists) -> Result<(*const sansh_step, usize), Code> {
    let items = identity.steps().map(|step| sansh_step {
        method: step.method.into(),
        algorithm: step.algorithm.into(),
        key: blob(Some(&step)),
        host: step.host.map_or(sansh_bytes::NONE, Into::into),
        host_user: step.host_user.map_or(sansh_bytes::NONE, Into::into),
        security_key: step.security_key.into(),
    });
    lists.steps.fill(identity.steps().count(), items)
}

fn blob(step: Option<&Step<'_>>) -> sansh_bytes {
    step.and_then(|step| step.key).map_or(sansh_bytes::NONE, |key| key.blob().into())
}

impl From<Option<SecurityKey>> for sansh_security_key {
    fn from(said: Option<SecurityKey>) -> Self {
        match said {
            Some(said) => sansh_security_key { present: 1, flags: said.flags.into(), counter: said.counter },
            None => sansh_security_key { present: 0, flags: 0, counter: 0 },
        }
    }
}

impl From<&Restrictions<'_>> for sansh_restrictions {
    fn from(it: &Restrictions<'_>) -> Self {
        sansh_restrictions {
            conflict: sansh_conflict::SANSH_CONFLICT_NONE as i32,
            forced: it.force_command.is_some().into(),
            force_command: it.force_command.map_or(sansh_bytes::NONE, Into::into),
            verify_required: it.verify_required.into(),
            no_touch_required: it.no_touch_required.into(),
            x11_forwarding: it.x11_forwarding.into(),
            agent_forwarding: it.agent_forwarding.into(),
            port_forwarding: it.port_forwarding.into(),
            pty: it.pty.into(),
            user_rc: it.user_rc.into(),
        }
    }
}

impl sansh_restrictions {
    fn nothing(why: &Conflict) -> Self {
        use sansh_conflict::*;
        let conflict = match why {
            Conflict::ForceCommand => SANSH_CONFLICT_FORCE_COMMAND,
            Conflict::SourceAddress => SANSH_CONFLICT_SOURCE_ADDRESS,
            _ => SANSH_CONFLICT_OTHER,
        };
        sansh_restrictions {
            conflict: conflict as i32,
            forced: 1,
            force_command: sansh_bytes::NONE,
            verify_required: 1,
            no_touch_required: 0,
            x11_forwarding: 0,
            agent_forwarding: 0,
            port_forwarding: 0,
            pty: 0,
            user_rc: 0,
        }
    }
}
