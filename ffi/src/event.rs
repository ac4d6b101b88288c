//! Events: a tag and a union of structs.

use crate::types::{sansh_ask, sansh_bytes, sansh_channel, sansh_sent};
use core::fmt::Write;
use ssh::ask::{Asking, Refusal};
use ssh::channel::{Channel, Global, Open, Request, Sent, Stream};
use ssh::error::{Blame, CloseReason, Error};
use ssh::event::{Purpose, channel, client, global, server};

/// What an event is. Later versions have more: ignore those that you do not know.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_event_kind {
    /// There is none now.
    SANSH_EVENT_NONE = 0,
    /// Client: the server proved that it holds this key; is it the server's? `u.host_key`. Answer with
    /// sansh_answer_trust(); unanswered, the connection ends. The same key at a later key exchange is not asked about.
    SANSH_EVENT_HOST_KEY = 1,
    /// Client: a credential is needed. `u.login_needed`. Answer with one of sansh_answer_login_…(); unanswered, the
    /// connection ends.
    SANSH_EVENT_LOGIN_NEEDED = 2,
    /// A signature by a private key is needed, of a host key at each key exchange or of a user key at a login. `u.sign`.
    /// Answer with sansh_answer_signature(). Unanswered, a server's connection ends; a client is asked for another
    /// credential.
    SANSH_EVENT_SIGN = 3,
    /// Client: text for people from a server that has not let the user in yet. `u.banner`. Untrusted.
    SANSH_EVENT_BANNER = 4,
    /// The user is in. `u.ready`.
    SANSH_EVENT_READY = 5,
    /// There is room again for a request, channel opening, global request or banner that SANSH_E_FULL or
    /// SANSH_E_REKEYING refused.
    SANSH_EVENT_ROOM = 6,
    /// Server: would this key do for a login? Nobody has proved to hold it. `u.key_query`. Answer with
    /// sansh_answer_key_query(); unanswered, it is no.
    SANSH_EVENT_KEY_QUERY = 7,
    /// Server: somebody wants in. `u.login`. Answer with one of sansh_answer_admission_…(); unanswered, it is no.
    SANSH_EVENT_LOGIN = 8,
    /// The peer wants to open this channel. `u.open`. Answer with sansh_answer_opening_accept() or …_refuse();
    /// unanswered, it is refused.
    SANSH_EVENT_REQUESTED = 9,
    /// The peer accepted the opening of this channel. `u.opened`.
    SANSH_EVENT_OPENED = 10,
    /// The peer refused it. `u.refused`. The channel is stale now.
    SANSH_EVENT_REFUSED = 11,
    /// A sansh_send_buf() that was refused on this channel with SANSH_E_FULL, SANSH_E_WINDOW or SANSH_E_REKEYING is worth
    /// repeating.
    SANSH_EVENT_WRITABLE = 12,
    /// Data. `u.data`. Nothing keeps it but you; what you have used you may sansh_grant() again.
    SANSH_EVENT_DATA = 13,
    /// The peer requests something on this channel. `u.request`. If `ask` is not 0, answer with
    /// sansh_answer_permission(); unanswered, it is refused.
    SANSH_EVENT_REQUEST = 14,
    /// The answer to a request of ours on this channel. `u.replied`.
    SANSH_EVENT_REPLIED = 15,
    /// The peer sends no more data on this channel.
    SANSH_EVENT_EOF = 16,
    /// Both sides are done with this channel. It is stale now.
    SANSH_EVENT_CHANNEL_CLOSED = 17,
    /// The peer requests something of the connection as a whole. `u.global`. If `ask` is not 0, answer with one of
    /// sansh_answer_global_…(); unanswered, it is refused.
    SANSH_EVENT_GLOBAL = 18,
    /// The answer to a global request of ours. `u.replied`.
    SANSH_EVENT_GLOBAL_REPLIED = 19,
    /// The end. `u.closed`. No event follows. Send what is left in sansh_transmit_buf(), then free the connection.
    SANSH_EVENT_CLOSED = 20,
}

/// What a signature is for.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_purpose {
    /// Something newer than this header.
    SANSH_PURPOSE_OTHER = 0,
    /// A host key signs a key exchange.
    SANSH_PURPOSE_KEY_EXCHANGE = 1,
    /// A user's key signs a login.
    SANSH_PURPOSE_LOGIN = 2,
}

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
}

/// Channel types.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_open_kind {
    /// Any other, by name and raw body.
    SANSH_OPEN_OTHER = 0,
    /// `session`.
    SANSH_OPEN_SESSION = 1,
    /// `direct-tcpip`.
    SANSH_OPEN_DIRECT_TCPIP = 2,
    /// `forwarded-tcpip`.
    SANSH_OPEN_FORWARDED_TCPIP = 3,
    /// `direct-streamlocal@openssh.com`.
    SANSH_OPEN_DIRECT_STREAMLOCAL = 4,
}

/// Channel requests.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_request_kind {
    /// Any other, by name and raw body.
    SANSH_REQUEST_OTHER = 0,
    /// `shell`.
    SANSH_REQUEST_SHELL = 1,
    /// `exec`.
    SANSH_REQUEST_EXEC = 2,
    /// `subsystem`.
    SANSH_REQUEST_SUBSYSTEM = 3,
    /// `env`.
    SANSH_REQUEST_ENV = 4,
    /// `exit-status`.
    SANSH_REQUEST_EXIT_STATUS = 5,
    /// `exit-signal`.
    SANSH_REQUEST_EXIT_SIGNAL = 6,
}

/// Global requests.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_global_kind {
    /// Any other, by name and raw body.
    SANSH_GLOBAL_OTHER = 0,
    /// `tcpip-forward`.
    SANSH_GLOBAL_TCPIP_FORWARD = 1,
    /// `cancel-tcpip-forward`.
    SANSH_GLOBAL_CANCEL_TCPIP_FORWARD = 2,
}

/// Why a channel is refused (RFC 4254, section 5.1). Other numbers are allowed.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_refusal {
    /// Administratively prohibited.
    SANSH_REFUSAL_PROHIBITED = 1,
    /// Connect failed.
    SANSH_REFUSAL_CONNECT_FAILED = 2,
    /// Unknown channel type.
    SANSH_REFUSAL_UNKNOWN_TYPE = 3,
    /// Resource shortage.
    SANSH_REFUSAL_RESOURCE_SHORTAGE = 4,
}

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
}

/// Of SANSH_EVENT_HOST_KEY.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_host_key {
    /// The key or certificate, as it travels.
    pub blob: sansh_bytes,
    /// Its type name; empty if it has none.
    pub type_name: sansh_bytes,
}

/// Of SANSH_EVENT_LOGIN_NEEDED.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_login_needed {
    /// Methods that can continue, comma-separated; `ptr` is NULL before the first refusal.
    pub methods: sansh_bytes,
    /// 1 if the last attempt was right and more is needed.
    pub partial: i32,
}

/// Of SANSH_EVENT_SIGN.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_sign {
    /// What for: SANSH_PURPOSE_….
    pub purpose: i32,
    /// Signature algorithm.
    pub algorithm: sansh_bytes,
    /// The public half, as it travels.
    pub key: sansh_bytes,
    /// What to sign.
    pub message: sansh_bytes,
}

/// Of SANSH_EVENT_BANNER.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_banner {
    /// Text for people. Untrusted: it may hold control characters.
    pub text: sansh_bytes,
}

/// Of SANSH_EVENT_READY.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_ready {
    /// The method of the last step.
    pub method: sansh_bytes,
    /// Server: who it is. Empty on a client, which knows.
    pub user: sansh_bytes,
    /// Server: the public key of the last step, as it travels; empty for other methods.
    pub key: sansh_bytes,
    /// Server: how many steps it took.
    pub steps: usize,
}

/// Of SANSH_EVENT_KEY_QUERY.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_key_query {
    /// User name. Untrusted.
    pub user: sansh_bytes,
    /// The key, as it travels.
    pub key: sansh_bytes,
}

/// Of SANSH_EVENT_LOGIN. What does not belong to the method is empty.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_login {
    /// By what: SANSH_METHOD_….
    pub method: i32,
    /// User name. Untrusted until admitted.
    pub user: sansh_bytes,
    /// SANSH_METHOD_PASSWORD: the password. Wiped when the event ends.
    pub password: sansh_bytes,
    /// SANSH_METHOD_PUBLIC_KEY: the signature algorithm.
    pub algorithm: sansh_bytes,
    /// SANSH_METHOD_PUBLIC_KEY: the key, as it travels.
    pub key: sansh_bytes,
    /// SANSH_METHOD_OTHER: the method's name.
    pub name: sansh_bytes,
    /// SANSH_METHOD_OTHER: what follows the name.
    pub fields: sansh_bytes,
    /// How many steps of this user were accepted partially before.
    pub steps: usize,
}

/// Of SANSH_EVENT_REQUESTED. What does not belong to the type is empty.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_open {
    /// What for: SANSH_OPEN_….
    pub kind: i32,
    /// SANSH_OPEN_DIRECT_TCPIP: port to connect to. SANSH_OPEN_FORWARDED_TCPIP: port that was connected to.
    pub port: u32,
    /// SANSH_OPEN_DIRECT_TCPIP and SANSH_OPEN_FORWARDED_TCPIP: port the connection comes from.
    pub originator_port: u32,
    /// The channel type's name.
    pub name: sansh_bytes,
    /// SANSH_OPEN_DIRECT_TCPIP: host to connect to. SANSH_OPEN_FORWARDED_TCPIP: address that was connected to.
    /// SANSH_OPEN_DIRECT_STREAMLOCAL: path of the socket.
    pub address: sansh_bytes,
    /// SANSH_OPEN_DIRECT_TCPIP and SANSH_OPEN_FORWARDED_TCPIP: address the connection comes from.
    pub originator: sansh_bytes,
    /// SANSH_OPEN_OTHER: the type's own fields.
    pub body: sansh_bytes,
}

/// Of SANSH_EVENT_OPENED.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_opened {
    /// The confirmation's own fields.
    pub data: sansh_bytes,
}

/// Of SANSH_EVENT_REFUSED.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_refused {
    /// SANSH_REFUSAL_…, or another number.
    pub reason: u32,
    /// Text for people. Untrusted: it may hold control characters.
    pub text: sansh_bytes,
}

/// Of SANSH_EVENT_DATA.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_data {
    /// SANSH_MAIN or SANSH_STDERR.
    pub stream: i32,
    /// Exactly what one packet carried.
    pub bytes: sansh_bytes,
}

/// Of SANSH_EVENT_REQUEST. What does not belong to the request is empty.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_request {
    /// What: SANSH_REQUEST_….
    pub kind: i32,
    /// SANSH_REQUEST_EXIT_STATUS: the status.
    pub status: u32,
    /// SANSH_REQUEST_EXIT_SIGNAL: 1 if a core was dumped.
    pub core_dumped: i32,
    /// The request's name on the wire.
    pub name: sansh_bytes,
    /// SANSH_REQUEST_EXEC: the command line. SANSH_REQUEST_SUBSYSTEM: its name. SANSH_REQUEST_ENV: the variable.
    /// SANSH_REQUEST_EXIT_SIGNAL: the signal's name without SIG.
    pub text: sansh_bytes,
    /// SANSH_REQUEST_ENV: the value. SANSH_REQUEST_EXIT_SIGNAL: text for people.
    pub value: sansh_bytes,
    /// SANSH_REQUEST_OTHER: the request's own fields.
    pub body: sansh_bytes,
}

/// Of SANSH_EVENT_REPLIED and SANSH_EVENT_GLOBAL_REPLIED.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_replied {
    /// To which request.
    pub to: sansh_sent,
    /// 1 if it was granted.
    pub ok: i32,
    /// SANSH_EVENT_GLOBAL_REPLIED: the answer's own fields.
    pub data: sansh_bytes,
}

/// Of SANSH_EVENT_GLOBAL. What does not belong to the request is empty.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_event_global {
    /// What: SANSH_GLOBAL_….
    pub kind: i32,
    /// SANSH_GLOBAL_TCPIP_FORWARD and SANSH_GLOBAL_CANCEL_TCPIP_FORWARD: port.
    pub port: u32,
    /// The request's name on the wire.
    pub name: sansh_bytes,
    /// SANSH_GLOBAL_TCPIP_FORWARD and SANSH_GLOBAL_CANCEL_TCPIP_FORWARD: address.
    pub address: sansh_bytes,
    /// SANSH_GLOBAL_OTHER: the request's own fields.
    pub body: sansh_bytes,
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

/// What an event carries; `kind` says which member counts.
#[repr(C)]
#[derive(Clone, Copy)]
pub union sansh_event_content {
    /// SANSH_EVENT_HOST_KEY.
    pub host_key: sansh_event_host_key,
    /// SANSH_EVENT_LOGIN_NEEDED.
    pub login_needed: sansh_event_login_needed,
    /// SANSH_EVENT_SIGN.
    pub sign: sansh_event_sign,
    /// SANSH_EVENT_BANNER.
    pub banner: sansh_event_banner,
    /// SANSH_EVENT_READY.
    pub ready: sansh_event_ready,
    /// SANSH_EVENT_KEY_QUERY.
    pub key_query: sansh_event_key_query,
    /// SANSH_EVENT_LOGIN.
    pub login: sansh_event_login,
    /// SANSH_EVENT_REQUESTED.
    pub open: sansh_event_open,
    /// SANSH_EVENT_OPENED.
    pub opened: sansh_event_opened,
    /// SANSH_EVENT_REFUSED.
    pub refused: sansh_event_refused,
    /// SANSH_EVENT_DATA.
    pub data: sansh_event_data,
    /// SANSH_EVENT_REQUEST.
    pub request: sansh_event_request,
    /// SANSH_EVENT_REPLIED and SANSH_EVENT_GLOBAL_REPLIED.
    pub replied: sansh_event_replied,
    /// SANSH_EVENT_GLOBAL.
    pub global: sansh_event_global,
    /// SANSH_EVENT_CLOSED.
    pub closed: sansh_event_closed,
    /// Room for members to come: the size of an event never changes.
    pub reserved: [u64; 29],
}

/// An event. All that it points to is lent until the next sansh_next_event(), over every other call but
/// sansh_conn_free(). Its size is 256 bytes and stays so.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct sansh_event {
    /// SANSH_EVENT_….
    pub kind: i32,
    /// 0.
    pub reserved: u32,
    /// The question that the event asks, or 0.
    pub ask: sansh_ask,
    /// The channel that it is about, or 0.
    pub channel: sansh_channel,
    /// What it carries.
    pub u: sansh_event_content,
}

const _: () = assert!(size_of::<sansh_event>() == 256);

impl core::fmt::Debug for sansh_event_content {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("sansh_event_content")
    }
}

impl core::fmt::Debug for sansh_event {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "sansh_event({})", self.kind)
    }
}

impl sansh_event {
    pub(crate) const fn new(kind: sansh_event_kind) -> Self {
        sansh_event { kind: kind as i32, reserved: 0, ask: 0, channel: 0, u: sansh_event_content { reserved: [0; 29] } }
    }
}

use sansh_event_kind::*;

macro_rules! set {
    ($event:ident, $kind:ident, $($member:ident: $value:expr)?) => {{
        $event.kind = $kind as i32;
        $($event.u.$member = $value;)?
    }};
}

fn raw<Q: ssh::ask::Question>(ask: &Asking<'_, Q>) -> sansh_ask {
    ask.raw()
}

pub(crate) fn client(happened: client::Event<'_>, event: &mut sansh_event, words: &mut Vec<u8>) {
    use client::Event;
    match happened {
        Event::HostKey { key, ask } => {
            event.ask = raw(&ask);
            let content = sansh_event_host_key { blob: key.blob().into(), type_name: key.key_type().into() };
            set!(event, SANSH_EVENT_HOST_KEY, host_key: content);
        }
        Event::LoginNeeded { methods, partial, ask } => {
            event.ask = raw(&ask);
            let methods = methods.map_or(sansh_bytes::NONE, |list| list.as_str().into());
            let content = sansh_event_login_needed { methods, partial: partial.into() };
            set!(event, SANSH_EVENT_LOGIN_NEEDED, login_needed: content);
        }
        Event::Sign { purpose, algorithm, key, message, ask } => {
            event.ask = raw(&ask);
            set!(event, SANSH_EVENT_SIGN, sign: sign(purpose, algorithm, key.blob(), message));
        }
        Event::Banner(text) => set!(event, SANSH_EVENT_BANNER, banner: sansh_event_banner { text: text.into() }),
        Event::Ready { method } => {
            let none = sansh_bytes::NONE;
            let content = sansh_event_ready { method: method.into(), user: none, key: none, steps: 0 };
            set!(event, SANSH_EVENT_READY, ready: content);
        }
        Event::Room => set!(event, SANSH_EVENT_ROOM,),
        Event::Channel(channel, happened) => of_channel(channel, happened, event),
        Event::Global(happened) => of_globals(happened, event),
        Event::Closed(reason) => closed(&reason, event, words),
        _ => {}
    }
}

pub(crate) fn server(happened: server::Event<'_>, event: &mut sansh_event, words: &mut Vec<u8>) {
    use server::Event;
    match happened {
        Event::Sign { purpose, algorithm, key, message, ask } => {
            event.ask = raw(&ask);
            set!(event, SANSH_EVENT_SIGN, sign: sign(purpose, algorithm, key.blob(), message));
        }
        Event::KeyQuery { user, key, ask } => {
            event.ask = raw(&ask);
            let content = sansh_event_key_query { user: user.into(), key: key.blob().into() };
            set!(event, SANSH_EVENT_KEY_QUERY, key_query: content);
        }
        Event::Login { user, method, steps, ask } => {
            event.ask = raw(&ask);
            set!(event, SANSH_EVENT_LOGIN, login: login(user, &method, steps));
        }
        Event::Ready { identity } => set!(event, SANSH_EVENT_READY, ready: ready(&identity)),
        Event::Room => set!(event, SANSH_EVENT_ROOM,),
        Event::Channel(channel, happened) => of_channel(channel, happened, event),
        Event::Global(happened) => of_globals(happened, event),
        Event::Closed(reason) => closed(&reason, event, words),
        _ => {}
    }
}

fn sign(purpose: Purpose, algorithm: &str, key: &[u8], message: &[u8]) -> sansh_event_sign {
    let purpose = match purpose {
        Purpose::KeyExchange => sansh_purpose::SANSH_PURPOSE_KEY_EXCHANGE,
        Purpose::Login => sansh_purpose::SANSH_PURPOSE_LOGIN,
        _ => sansh_purpose::SANSH_PURPOSE_OTHER,
    };
    sansh_event_sign { purpose: purpose as i32, algorithm: algorithm.into(), key: key.into(), message: message.into() }
}

fn login(user: &[u8], method: &server::Method<'_>, steps: usize) -> sansh_event_login {
    use sansh_method::*;
    let none = sansh_bytes::NONE;
    let mut content = sansh_event_login {
        method: SANSH_METHOD_OTHER as i32,
        user: user.into(),
        password: none,
        algorithm: none,
        key: none,
        name: none,
        fields: none,
        steps,
    };
    match *method {
        server::Method::None => content.method = SANSH_METHOD_NONE as i32,
        server::Method::Password(password) => {
            content.method = SANSH_METHOD_PASSWORD as i32;
            content.password = password.into();
        }
        server::Method::PublicKey { algorithm, key } => {
            content.method = SANSH_METHOD_PUBLIC_KEY as i32;
            content.algorithm = algorithm.into();
            content.key = key.blob().into();
        }
        server::Method::Other { method, fields } => {
            content.name = method.into();
            content.fields = fields.into();
        }
        _ => {}
    }
    content
}

fn ready(identity: &server::Identity<'_>) -> sansh_event_ready {
    let none = sansh_bytes::NONE;
    let mut content = sansh_event_ready { method: none, user: identity.user().into(), key: none, steps: 0 };
    for step in identity.steps() {
        content.steps = content.steps.saturating_add(1);
        content.method = step.method.into();
        content.key = step.key.map_or(none, |key| key.blob().into());
    }
    content
}

fn of_channel(channel: Channel, happened: channel::Event<'_>, event: &mut sansh_event) {
    use channel::Event;
    event.channel = channel.into_raw();
    match happened {
        Event::Requested { open, ask } => {
            event.ask = raw(&ask);
            set!(event, SANSH_EVENT_REQUESTED, open: self::open(&open));
        }
        Event::Opened { data } => set!(event, SANSH_EVENT_OPENED, opened: sansh_event_opened { data: data.into() }),
        Event::Refused(Refusal { reason, text }) => {
            set!(event, SANSH_EVENT_REFUSED, refused: sansh_event_refused { reason, text: text.into() });
        }
        Event::Writable => set!(event, SANSH_EVENT_WRITABLE,),
        Event::Data { stream, bytes } => {
            let stream = match stream {
                Stream::Stderr => crate::conn::sansh_stream::SANSH_STDERR,
                _ => crate::conn::sansh_stream::SANSH_MAIN,
            };
            let content = sansh_event_data { stream: stream as i32, bytes: bytes.into() };
            set!(event, SANSH_EVENT_DATA, data: content);
        }
        Event::Request { request, ask } => {
            event.ask = ask.as_ref().map_or(0, raw);
            set!(event, SANSH_EVENT_REQUEST, request: self::request(&request));
        }
        Event::Replied { to: Sent(to), ok } => {
            let content = sansh_event_replied { to, ok: ok.into(), data: sansh_bytes::NONE };
            set!(event, SANSH_EVENT_REPLIED, replied: content);
        }
        Event::Eof => set!(event, SANSH_EVENT_EOF,),
        Event::Closed => set!(event, SANSH_EVENT_CHANNEL_CLOSED,),
        _ => {}
    }
}

fn open(open: &Open<'_>) -> sansh_event_open {
    use sansh_open_kind::*;
    let none = sansh_bytes::NONE;
    let mut content = sansh_event_open {
        kind: SANSH_OPEN_OTHER as i32,
        port: 0,
        originator_port: 0,
        name: open.kind().into(),
        address: none,
        originator: none,
        body: none,
    };
    match *open {
        Open::Session => content.kind = SANSH_OPEN_SESSION as i32,
        Open::DirectTcpip { host, port, originator, originator_port } => {
            content.kind = SANSH_OPEN_DIRECT_TCPIP as i32;
            (content.address, content.port) = (host.into(), port);
            (content.originator, content.originator_port) = (originator.into(), originator_port);
        }
        Open::ForwardedTcpip { address, port, originator, originator_port } => {
            content.kind = SANSH_OPEN_FORWARDED_TCPIP as i32;
            (content.address, content.port) = (address.into(), port);
            (content.originator, content.originator_port) = (originator.into(), originator_port);
        }
        Open::DirectStreamlocal { path } => {
            content.kind = SANSH_OPEN_DIRECT_STREAMLOCAL as i32;
            content.address = path.into();
        }
        Open::Other { body, .. } => content.body = body.into(),
        _ => {}
    }
    content
}

fn request(request: &Request<'_>) -> sansh_event_request {
    use sansh_request_kind::*;
    let none = sansh_bytes::NONE;
    let mut content = sansh_event_request {
        kind: SANSH_REQUEST_OTHER as i32,
        status: 0,
        core_dumped: 0,
        name: request.name().into(),
        text: none,
        value: none,
        body: none,
    };
    let kind = match *request {
        Request::Shell => SANSH_REQUEST_SHELL,
        Request::Exec { command } => {
            content.text = command.into();
            SANSH_REQUEST_EXEC
        }
        Request::Subsystem { name } => {
            content.text = name.into();
            SANSH_REQUEST_SUBSYSTEM
        }
        Request::Env { name, value } => {
            (content.text, content.value) = (name.into(), value.into());
            SANSH_REQUEST_ENV
        }
        Request::ExitStatus(status) => {
            content.status = status;
            SANSH_REQUEST_EXIT_STATUS
        }
        Request::ExitSignal { signal, core_dumped, message } => {
            (content.text, content.value) = (signal.into(), message.into());
            content.core_dumped = core_dumped.into();
            SANSH_REQUEST_EXIT_SIGNAL
        }
        Request::Other { body, .. } => {
            content.body = body.into();
            SANSH_REQUEST_OTHER
        }
        _ => SANSH_REQUEST_OTHER,
    };
    content.kind = kind as i32;
    content
}

fn of_globals(happened: global::Event<'_>, event: &mut sansh_event) {
    match happened {
        global::Event::Requested { request, ask } => {
            event.ask = ask.as_ref().map_or(0, raw);
            set!(event, SANSH_EVENT_GLOBAL, global: self::global(&request));
        }
        global::Event::Replied { to: Sent(to), ok, data } => {
            let content = sansh_event_replied { to, ok: ok.into(), data: data.into() };
            set!(event, SANSH_EVENT_GLOBAL_REPLIED, replied: content);
        }
        _ => {}
    }
}

fn global(request: &Global<'_>) -> sansh_event_global {
    use sansh_global_kind::*;
    let none = sansh_bytes::NONE;
    let mut content = sansh_event_global {
        kind: SANSH_GLOBAL_OTHER as i32,
        port: 0,
        name: request.name().into(),
        address: none,
        body: none,
    };
    match *request {
        Global::TcpipForward { address, port } => {
            content.kind = SANSH_GLOBAL_TCPIP_FORWARD as i32;
            (content.address, content.port) = (address.into(), port);
        }
        Global::CancelTcpipForward { address, port } => {
            content.kind = SANSH_GLOBAL_CANCEL_TCPIP_FORWARD as i32;
            (content.address, content.port) = (address.into(), port);
        }
        Global::Other { body, .. } => content.body = body.into(),
        _ => {}
    }
    content
}

fn closed(reason: &CloseReason<'_>, event: &mut sansh_event, words: &mut Vec<u8>) {
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
    if words.try_reserve_exact(1000).is_err() {
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
