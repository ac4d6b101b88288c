//! The one gate: may this message arrive now?
//!
//! [`admit`] is the only place that says which message may arrive when. It is a function of the message's number, the
//! [`Phase`] (all of the history that matters) and the role, over THE table; its outcome stands in the repository as a
//! reviewed table, which the tests hold against this function and against a live connection in every phase.
#![cfg_attr(not(feature = "danger"), allow(unreachable_pub, reason = "testers reach it"))]

use crate::connection::error::code::PROTOCOL_ERROR;
use crate::crypto::KexShape;
use crate::message::{Context, From, row};

/// All of the history that matters to what may arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The peer's identification is not there yet.
    Ident,
    /// The peer's first KEXINIT is awaited. Whether strict key exchange will be in force is not known.
    FirstKexInit,
    /// The first key exchange runs.
    Kex {
        /// The messages of its method.
        shape: KexShape,
        /// What is awaited.
        step: Step,
        /// Whether it is strict.
        strict: bool,
    },
    /// The peer's first NEWKEYS was the last message.
    JustAfterNewKeys,
    /// A service is asked for: SERVICE_REQUEST (server) or SERVICE_ACCEPT (client) is awaited.
    Service,
    /// User authentication.
    Auth {
        /// What the peer may answer or continue.
        method: Method,
    },
    /// Logged in.
    Open,
    /// A re-exchange in which the peer's KEXINIT was seen.
    Rekey {
        /// The messages of its method.
        shape: KexShape,
        /// What is awaited.
        step: Step,
    },
    /// The connection has ended.
    Closing,
}

/// What a key exchange awaits from the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A wrongly guessed packet, which is ignored (RFC 4253, section 7).
    Guess,
    /// What the group is agreed on by (RFC 4419): GEX_REQUEST on a server, GEX_GROUP on a client.
    Group,
    /// The exchange's own message: INIT on a server, REPLY on a client.
    Exchange,
    /// Nothing: this side has to decide or sign.
    Own,
    /// NEWKEYS.
    NewKeys,
}

/// The login in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// None: a client has no request open. A server has none open either: it takes the next.
    Idle,
    /// A client's request is open, of a method without messages of its own; an answer is due.
    Open,
    /// A client asked whether a public key would do.
    Probe,
    /// A client's `password` request is open: a new password may be asked for.
    Password,
    /// A client's `keyboard-interactive` is open: questions may come. A server's questions are: answers may come.
    Interactive,
}

impl Method {
    /// What 60 to 79 mean.
    pub(crate) fn context(self) -> Context {
        match self {
            Method::Idle | Method::Open => Context::Always,
            Method::Probe => Context::PublicKey,
            Method::Password => Context::Password,
            Method::Interactive => Context::Interactive,
        }
    }
}

/// What 30 to 49 mean.
pub(crate) fn context(shape: KexShape) -> Context {
    match shape {
        KexShape::InitReply => Context::InitReply,
        KexShape::GroupExchange => Context::GroupExchange,
    }
}

/// The verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admit {
    /// Goes to its layer.
    Allow,
    /// Is counted and forgotten.
    Ignore,
    /// Is answered with UNIMPLEMENTED.
    Unimplemented,
    /// Ends the connection with this reason code.
    End(u32),
}

const DISCONNECT: u8 = 1;
const IGNORE: u8 = 2;
const UNIMPLEMENTED: u8 = 3;
const DEBUG: u8 = 4;
const SERVICE_REQUEST: u8 = 5;
const SERVICE_ACCEPT: u8 = 6;
const EXT_INFO: u8 = 7;
const KEXINIT: u8 = 20;
const NEWKEYS: u8 = 21;

/// May the message `number` arrive at this role in this phase?
#[must_use]
pub fn admit(number: u8, phase: Phase, server: bool) -> Admit {
    use Admit::{Allow, End, Ignore, Unimplemented};
    let refused = End(PROTOCOL_ERROR);
    // A message that only the own role sends has no handler in any phase (RFC 4250, section 4.1.2).
    let context = match phase {
        Phase::Auth { method } => method.context(),
        Phase::Kex { shape, .. } | Phase::Rekey { shape, .. } => context(shape),
        _ => Context::Always,
    };
    let known = row(number, context);
    let from_peer = known.is_some_and(|row| match row.from {
        From::Both => true,
        From::Client => server,
        From::Server => !server,
    });
    match phase {
        // "the recipient MUST NOT accept any data after receiving this message" (RFC 4253, section 11.1): nor what was
        // already here.
        Phase::Closing => Ignore,
        Phase::Ident => refused,
        Phase::FirstKexInit => match number {
            DISCONNECT | KEXINIT => Allow,
            // Allowed by RFC 4253, section 11; should the exchange turn out to be strict, the KEXINIT comes too late.
            IGNORE | DEBUG => Ignore,
            _ => refused,
        },
        Phase::Kex { shape, step, strict } => match number {
            DISCONNECT => Allow,
            // "Any message that is not strictly required ends it" (draft-ietf-sshm-strict-kex, section 3.2).
            IGNORE | DEBUG if !strict => Ignore,
            _ => exchange(number, shape, step, server),
        },
        Phase::Rekey { shape, step } => match number {
            DISCONNECT => Allow,
            // 1 to 19 without 5 and 6 may still come (RFC 4253, section 7.1).
            IGNORE | DEBUG | UNIMPLEMENTED => Ignore,
            8..=19 => Unimplemented,
            _ => exchange(number, shape, step, server),
        },
        // "it MUST be prepared to accept an SSH_MSG_EXT_INFO message from the peer" (RFC 8308, section 2.2); "MUST
        // accept a server's SSH_MSG_EXT_INFO at both opportunities but MUST NOT require it" (RFC 8308, section 2.4).
        Phase::JustAfterNewKeys if number == EXT_INFO => Allow,
        Phase::JustAfterNewKeys | Phase::Service => match number {
            DISCONNECT | KEXINIT => Allow,
            IGNORE | DEBUG => Ignore,
            // What the client has sent until now is vital; what the server has sent is not.
            UNIMPLEMENTED if server => Ignore,
            SERVICE_REQUEST | SERVICE_ACCEPT if from_peer => Allow,
            8..=19 | 22..=29 => Unimplemented,
            _ => refused,
        },
        Phase::Auth { method } => match number {
            DISCONNECT | KEXINIT => Allow,
            IGNORE | DEBUG => Ignore,
            UNIMPLEMENTED if server => Ignore,
            // Some clients ask for the service again before each attempt; a server may accept it once more.
            SERVICE_REQUEST if from_peer && method == Method::Idle => Allow,
            // "Immediately preceding the server's SSH_MSG_USERAUTH_SUCCESS" (RFC 8308, section 2.4).
            EXT_INFO if !server => Allow,
            8..=19 | 22..=29 => Unimplemented,
            50 if from_peer => Allow,
            // Answers need a question; a query is no attempt, and SUCCESS no answer to it (RFC 4252, section 7).
            51 if from_peer && method != Method::Idle => Allow,
            52 if from_peer && !matches!(method, Method::Idle | Method::Probe) => Allow,
            53 if from_peer => Allow,
            // What 60 and 61 are is the method's to say; without one they are nothing.
            60 | 61 if from_peer => Allow,
            // "receiving one of them before authentication is complete is an error, to which the server MUST respond by
            // disconnecting" (RFC 4252, section 6): of those from 80 on; a client does the same.
            _ => refused,
        },
        Phase::Open => match number {
            // "All implementations MUST be able to process this message" (RFC 4253, section 11.1), here and everywhere.
            DISCONNECT | KEXINIT | UNIMPLEMENTED => Allow,
            // "All implementations MUST understand (and ignore) this message at any time" (RFC 4253, section 11.2), "All
            // implementations MUST understand this message, but they are allowed to ignore it" (RFC 4253, section 11.3).
            IGNORE | DEBUG => Ignore,
            SERVICE_REQUEST | SERVICE_ACCEPT | EXT_INFO | NEWKEYS | 30..=49 => refused,
            // "further authentication requests received after that SHOULD be silently ignored" (RFC 4252, section 5.1).
            // "SSH_MSG_USERAUTH_SUCCESS MUST be sent only once" (RFC 4252, section 5.1).
            50 if server => Ignore,
            50..=79 => refused,
            _ if known.is_some() => Allow,
            // "An implementation MUST respond to all unrecognized messages with an SSH_MSG_UNIMPLEMENTED message in the order
            // in which the messages were received. Such messages MUST be otherwise ignored." (RFC 4253, section 11.4)
            _ => Unimplemented,
        },
    }
}

/// Messages of the exchange itself. Each may come only the one time that it is awaited, from the side that sends it: a server
/// takes no GEX_GROUP (CVE-2026-84897).
fn exchange(number: u8, shape: KexShape, step: Step, server: bool) -> Admit {
    let awaited = match (step, shape, server) {
        (Step::Guess, _, _) if (30..=49).contains(&number) => return Admit::Ignore,
        (Step::Guess | Step::Own, _, _) => None,
        (Step::Group, _, true) => Some(34),
        (Step::Group, _, false) => Some(31),
        (Step::Exchange, KexShape::InitReply, true) => Some(30),
        (Step::Exchange, KexShape::InitReply, false) => Some(31),
        (Step::Exchange, KexShape::GroupExchange, true) => Some(32),
        (Step::Exchange, KexShape::GroupExchange, false) => Some(33),
        (Step::NewKeys, _, _) => Some(NEWKEYS),
    };
    if awaited == Some(number) { Admit::Allow } else { Admit::End(PROTOCOL_ERROR) }
}
