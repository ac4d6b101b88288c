//! What the last event says.
//!
//! # Events: the end
//!
//! What ended a connection, and who is to blame. `text` of the event has all of it in words.

use super::kind::sansh_event_kind::*;
use super::next::sansh_event;
use super::set;
use crate::types::sansh_bytes;
use core::fmt::Write;
use ssh::error::{Blame, CloseReason, Error};

/// Who is to blame for the end.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_blame {
    /// Somebody newer than this header.
    SANSH_BLAME_OTHER = 0,
    /// The peer broke a rule.
    SANSH_BLAME_PEER = 1,
    /// Both kept the rules and have nothing in common, or the network or the time ran out.
    SANSH_BLAME_NOBODY = 2,
    /// This side's application decided it, or called wrongly.
    SANSH_BLAME_APPLICATION = 3,
    /// The cryptographic backend failed.
    SANSH_BLAME_CRYPTO = 4,
    /// There was no memory.
    SANSH_BLAME_MEMORY = 5,
    /// sansh did. Please report it.
    SANSH_BLAME_BUG = 6,
}

/// What ended the connection. The event's text says more.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_reason {
    /// Something newer than this header.
    SANSH_REASON_OTHER = 0,
    /// The peer's identification.
    SANSH_REASON_IDENT = 1,
    /// A packet's length.
    SANSH_REASON_PACKET_LENGTH = 2,
    /// A packet's padding.
    SANSH_REASON_PADDING = 3,
    /// A packet's MAC or tag does not fit.
    SANSH_REASON_INTEGRITY = 4,
    /// A message cannot be read.
    SANSH_REASON_MALFORMED = 5,
    /// A message that may not come in this state.
    SANSH_REASON_UNEXPECTED = 6,
    /// Strict key exchange: the peer's KEXINIT was not its first packet.
    SANSH_REASON_NOT_STRICT = 7,
    /// The peer's packet counter wrapped.
    SANSH_REASON_SEQUENCE_WRAPPED = 8,
    /// A key exchange before login, more often than once.
    SANSH_REASON_REKEY_BEFORE_LOGIN = 9,
    /// No algorithm in common.
    SANSH_REASON_NOTHING_IN_COMMON = 10,
    /// The peer's public value must be refused.
    SANSH_REASON_BAD_KEX_VALUE = 11,
    /// The server's key is not of the negotiated kind.
    SANSH_REASON_HOST_KEY_KIND = 12,
    /// The server's signature does not verify.
    SANSH_REASON_HOST_KEY_SIGNATURE = 13,
    /// The application rejected the server's key, or did not answer.
    SANSH_REASON_HOST_KEY_REJECTED = 14,
    /// The application declined to sign, or did not answer.
    SANSH_REASON_SIGNATURE_DECLINED = 15,
    /// Another service than the login was asked for.
    SANSH_REASON_SERVICE = 16,
    /// Too many login attempts.
    SANSH_REASON_TOO_MANY_ATTEMPTS = 17,
    /// The user changed after a partial success.
    SANSH_REASON_USER_CHANGED = 18,
    /// The application has no further credential.
    SANSH_REASON_GAVE_UP = 19,
    /// The peer does not implement a message that matters.
    SANSH_REASON_UNIMPLEMENTED = 20,
    /// A message for a channel that is not there.
    SANSH_REASON_UNKNOWN_CHANNEL = 21,
    /// More data than was granted.
    SANSH_REASON_WINDOW_EXCEEDED = 22,
    /// A window above 2^32-1.
    SANSH_REASON_WINDOW_OVERFLOW = 23,
    /// Data after EOF.
    SANSH_REASON_AFTER_EOF = 24,
    /// A reply to no request.
    SANSH_REASON_UNSOLICITED_REPLY = 25,
    /// More of the same than is remembered.
    SANSH_REASON_FLOOD = 26,
    /// A deadline passed.
    SANSH_REASON_TIMEOUT = 27,
    /// The peer said DISCONNECT; `code` is its reason.
    SANSH_REASON_DISCONNECTED = 28,
    /// The network's end of input came first.
    SANSH_REASON_EOF = 29,
    /// sansh_disconnect(); `code` is what it was given.
    SANSH_REASON_APPLICATION = 30,
    /// A call that breaks its contract.
    SANSH_REASON_MISUSE = 31,
    /// The cryptographic backend failed.
    SANSH_REASON_CRYPTO = 32,
    /// An allocation failed.
    SANSH_REASON_MEMORY = 33,
    /// An internal error.
    SANSH_REASON_BUG = 34,
    /// The server let a login in that proved nothing: see sansh_config_trivial_logins().
    SANSH_REASON_TRIVIAL_LOGIN = 35,
    /// A compressed stream cannot be read, or says more than a packet may.
    SANSH_REASON_COMPRESSION = 36,
}

/// Of SANSH_EVENT_CLOSED.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_closed {
    /// What happened: SANSH_REASON_….
    pub reason: i32,
    /// Who is to blame: SANSH_BLAME_….
    pub blame: i32,
    /// The DISCONNECT's reason code (RFC 4250, section 4.2.2): the one sent, or the peer's own for
    /// SANSH_REASON_DISCONNECTED. 0 if there is none.
    pub code: u32,
    /// In which state: `login`, `open`, and so on.
    pub state: sansh_bytes,
    /// All of it in words, for people: what, in which state, both sides' offers, what the peer says. Without control
    /// characters, cut at 1,000 bytes.
    pub text: sansh_bytes,
    /// The peer's own words, if it sent a DISCONNECT. Untrusted: they may hold control characters.
    pub words: sansh_bytes,
}

pub(super) fn closed(reason: &CloseReason<'_>, event: &mut sansh_event, words: &mut Vec<u8>) {
    let code = match reason.error {
        Error::Disconnected { code } => code,
        error => error.disconnect_code().unwrap_or(0),
    };
    let content = sansh_event_closed {
        reason: self::reason(reason.error) as i32,
        blame: blame(reason.error.blame()) as i32,
        code,
        state: reason.state.into(),
        text: text(reason, words),
        words: reason.words.into(),
    };
    set!(event, SANSH_EVENT_CLOSED, closed: content);
}

/// Where the text of the end is cut.
pub(super) const WORDS_BYTES: usize = 1000;

/// The reason in words, without control characters, in memory taken once; what finds no room is left out.
fn text(reason: &CloseReason<'_>, words: &mut Vec<u8>) -> sansh_bytes {
    struct Cut<'a>(&'a mut Vec<u8>);
    impl Write for Cut<'_> {
        fn write_str(&mut self, text: &str) -> core::fmt::Result {
            for c in text.chars() {
                let c = if c.is_control() { '?' } else { c };
                if self.0.len().saturating_add(c.len_utf8()) > self.0.capacity() {
                    return Err(core::fmt::Error);
                }
                self.0.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            Ok(())
        }
    }
    words.clear();
    if words.try_reserve_exact(WORDS_BYTES).is_err() {
        return reason.state.into();
    }
    // It ends early where there is no room; what was written stays.
    let _ = write!(Cut(words), "{reason}");
    words.as_slice().into()
}

fn blame(blame: Blame) -> sansh_blame {
    use sansh_blame::*;
    match blame {
        Blame::Peer => SANSH_BLAME_PEER,
        Blame::Nobody => SANSH_BLAME_NOBODY,
        Blame::Application => SANSH_BLAME_APPLICATION,
        Blame::Crypto => SANSH_BLAME_CRYPTO,
        Blame::Memory => SANSH_BLAME_MEMORY,
        Blame::Bug => SANSH_BLAME_BUG,
        _ => SANSH_BLAME_OTHER,
    }
}

fn reason(error: Error) -> sansh_reason {
    use sansh_reason::*;
    match error {
        Error::Ident(_) => SANSH_REASON_IDENT,
        Error::PacketLength => SANSH_REASON_PACKET_LENGTH,
        Error::Padding => SANSH_REASON_PADDING,
        Error::Integrity => SANSH_REASON_INTEGRITY,
        Error::Malformed { .. } => SANSH_REASON_MALFORMED,
        Error::Unexpected { .. } => SANSH_REASON_UNEXPECTED,
        Error::NotStrict => SANSH_REASON_NOT_STRICT,
        Error::SequenceWrapped => SANSH_REASON_SEQUENCE_WRAPPED,
        Error::RekeyBeforeLogin => SANSH_REASON_REKEY_BEFORE_LOGIN,
        Error::NothingInCommon(_) => SANSH_REASON_NOTHING_IN_COMMON,
        Error::BadKexValue => SANSH_REASON_BAD_KEX_VALUE,
        Error::HostKeyKind => SANSH_REASON_HOST_KEY_KIND,
        Error::HostKeySignature => SANSH_REASON_HOST_KEY_SIGNATURE,
        Error::HostKeyRejected => SANSH_REASON_HOST_KEY_REJECTED,
        Error::SignatureDeclined => SANSH_REASON_SIGNATURE_DECLINED,
        Error::Service => SANSH_REASON_SERVICE,
        Error::TooManyAttempts => SANSH_REASON_TOO_MANY_ATTEMPTS,
        Error::UserChanged => SANSH_REASON_USER_CHANGED,
        Error::Compression => SANSH_REASON_COMPRESSION,
        Error::TrivialLogin => SANSH_REASON_TRIVIAL_LOGIN,
        Error::GaveUp => SANSH_REASON_GAVE_UP,
        Error::Unimplemented => SANSH_REASON_UNIMPLEMENTED,
        Error::UnknownChannel => SANSH_REASON_UNKNOWN_CHANNEL,
        Error::WindowExceeded => SANSH_REASON_WINDOW_EXCEEDED,
        Error::WindowOverflow => SANSH_REASON_WINDOW_OVERFLOW,
        Error::AfterEof => SANSH_REASON_AFTER_EOF,
        Error::UnsolicitedReply => SANSH_REASON_UNSOLICITED_REPLY,
        Error::Flood => SANSH_REASON_FLOOD,
        Error::Timeout(_) => SANSH_REASON_TIMEOUT,
        Error::Disconnected { .. } => SANSH_REASON_DISCONNECTED,
        Error::Eof => SANSH_REASON_EOF,
        Error::Application { .. } => SANSH_REASON_APPLICATION,
        Error::Misuse => SANSH_REASON_MISUSE,
        Error::Crypto => SANSH_REASON_CRYPTO,
        Error::OutOfMemory => SANSH_REASON_MEMORY,
        Error::Bug => SANSH_REASON_BUG,
        _ => SANSH_REASON_OTHER,
    }
}
