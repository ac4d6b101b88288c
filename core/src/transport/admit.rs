//! The one gate: may this message arrive now?
//!
//! [`admit`] is the only place that says which message may arrive when. It is a function of the message's number, the
//! [`Phase`] (all of the history that matters) and the role, over THE table; its outcome stands in the repository as a
//! reviewed table, which the tests hold against this function and against a live connection in every phase.
#![cfg_attr(not(feature = "danger"), allow(unreachable_pub, reason = "testers reach it"))]

use crate::connection::error::code::PROTOCOL_ERROR;
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
        Phase::Auth { method: Method::Probe } => Context::PublicKey,
        _ => Context::InitReply,
    };
    let known = row(number, context);
    let from_peer = known.is_some_and(|row| match row.from {
        From::Both => true,
        From::Client => server,
        From::Server => !server,
    });
    match phase {
        Phase::Closing => Ignore,
        Phase::Ident => refused,
        Phase::FirstKexInit => match number {
            DISCONNECT | KEXINIT => Allow,
            // Allowed by RFC 4253, section 11; should the exchange turn out to be strict, the KEXINIT comes too late.
            IGNORE | DEBUG => Ignore,
            _ => refused,
        },
        Phase::Kex { step, strict } => match number {
            DISCONNECT => Allow,
            // "Any message that is not strictly required ends it" (draft-ietf-sshm-strict-kex, section 3.2).
            IGNORE | DEBUG if !strict => Ignore,
            _ => exchange(number, step, from_peer),
        },
        Phase::Rekey { step } => match number {
            DISCONNECT => Allow,
            // 1 to 19 without 5 and 6 may still come (RFC 4253, section 7.1).
            IGNORE | DEBUG | UNIMPLEMENTED => Ignore,
            8..=19 => Unimplemented,
            _ => exchange(number, step, from_peer),
        },
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
            // "Immediately preceding the server's SSH_MSG_USERAUTH_SUCCESS" (RFC 8308, section 2.4).
            EXT_INFO if !server => Allow,
            8..=19 | 22..=29 => Unimplemented,
            50 if from_peer => Allow,
            // Answers need a question; a query is no attempt, and SUCCESS no answer to it (RFC 4252, section 7).
            51 if from_peer && method != Method::Idle => Allow,
            52 if from_peer && method == Method::Open => Allow,
            53 if from_peer => Allow,
            60 if from_peer && method == Method::Probe => Allow,
            _ => refused,
        },
        Phase::Open => match number {
            DISCONNECT | KEXINIT | UNIMPLEMENTED => Allow,
            IGNORE | DEBUG => Ignore,
            SERVICE_REQUEST | SERVICE_ACCEPT | EXT_INFO | NEWKEYS | 30..=49 => refused,
            // "further authentication requests received after that SHOULD be silently ignored" (RFC 4252, section 5.1).
            50 if server => Ignore,
            50..=79 => refused,
            _ if known.is_some() => Allow,
            _ => Unimplemented,
        },
    }
}

/// Messages of the exchange itself. Each may come only the one time that it is awaited.
fn exchange(number: u8, step: Step, from_peer: bool) -> Admit {
    match step {
        Step::Guess if (30..=49).contains(&number) => Admit::Ignore,
        Step::Exchange if (30..=49).contains(&number) && from_peer => Admit::Allow,
        Step::NewKeys if number == NEWKEYS => Admit::Allow,
        _ => Admit::End(PROTOCOL_ERROR),
    }
}
