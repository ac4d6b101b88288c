//! The kinds of events. In the header they stand in front of what each of them carries.
//!
//! # Events
//!
//! What there is to be told, by kind. What each kind carries follows, subject by subject, and then the event itself.

/// What an event is. Later versions have more: ignore those that you do not know.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_event_kind {
    /// There is none now.
    SANSH_EVENT_NONE = 0,
    /// Client: the server proved that it holds this key; is it the server's? `u.host_key`. Answer with
    /// sansh_answer_trust() or, a certificate, with sansh_answer_trust_certificate(); unanswered, the connection ends. The
    /// same key at a later key exchange is not asked about.
    SANSH_EVENT_HOST_KEY = 1,
    /// Client: a credential is needed. `u.login_needed`. Answer with one of sansh_answer_login_…(); unanswered, the
    /// connection ends.
    SANSH_EVENT_LOGIN_NEEDED = 2,
    /// A signature by a private key is needed: `u.sign.purpose` says what for. `u.sign`. Answer with
    /// sansh_answer_signature(). Unanswered, a server's connection ends, or the proof of a host key is refused; a client is
    /// asked for another credential.
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
    /// Client: the server asks questions, as `keyboard-interactive` does. `u.prompts`. Answer with sansh_answer_prompts();
    /// unanswered, they are refused and another credential is asked for.
    SANSH_EVENT_PROMPTS = 21,
    /// Client: the password was right, has expired, and the server wants a new one. `u.password_expired`. Answer with
    /// sansh_answer_new_password(); unanswered, another credential is asked for.
    SANSH_EVENT_PASSWORD_EXPIRED = 22,
}
