//! The right to answer a decision: lent by an event, or taken and used later.
//!
//! ```text
//! Event { ask: Asking<'_, Q> } --answer(reply)--> done
//!                              --later()--> Ask<Q> --Connection::answer(ask, reply)--> done, Stale, NoRoom or TooLong
//!                              --dropped--> refused at the next `next_event`
//! ```

use super::machine::{Core, Lent};
use crate::keys::Checked;
use crate::message::Prompt;
use core::fmt;
use core::marker::PhantomData;

/// A decision that the application makes. Each question has one type of reply.
pub trait Question: sealed::Sealed {
    /// What it is answered with.
    type Reply<'r>;
}

pub(crate) mod sealed {
    use super::super::machine::{Core, Lent};
    use super::{Question, Refused, Ticket};

    /// How the machine takes the reply.
    pub trait Sealed: Sized {
        #[doc(hidden)]
        const KIND: Kind;
        #[doc(hidden)]
        fn apply(
            core: &mut Core,
            lent: &Lent,
            ticket: Ticket,
            reply: <Self as Question>::Reply<'_>,
        ) -> Result<(), Refused>
        where
            Self: Question;
    }

    /// Which question a ticket belongs to.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[repr(u8)]
    pub enum Kind {
        HostKey = 1,
        Credential,
        Signature,
        KeyQuery,
        Admission,
        Opening,
        Permission,
        Globally,
        Answers,
        NewPassword,
    }
}
pub(crate) use sealed::Kind;

macro_rules! questions {
    ($($(#[$doc:meta])* $name:ident => $reply:ty, $apply:path;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub enum $name {}
        impl Question for $name {
            type Reply<'r> = $reply;
        }
        impl sealed::Sealed for $name {
            const KIND: Kind = Kind::$name;
            fn apply<'r>(core: &mut Core, lent: &Lent, ticket: Ticket, reply: $reply) -> Result<(), Refused> {
                $apply(core, lent, ticket, reply)
            }
        }
    )* };
}

questions! {
    /// Is this the server's key? (client)
    HostKey => Trust<'r>, Core::answer_host_key;
    /// Who are you, and by what? (client)
    Credential => Login<'r>, Core::answer_credential;
    /// What are the answers to these questions? One for each, in order. An empty list refuses the
    /// questions, unless none was asked. (client)
    Answers => &'r [&'r str], Core::answer_prompts;
    /// The password has expired: which is the new one? `None` keeps it, and tries something else. (client)
    NewPassword => Option<&'r str>, Core::answer_new_password;
    /// The signature blob of RFC 4253, section 6.6: `string algorithm, string signature`. `None` declines. (both)
    Signature => Option<&'r [u8]>, Core::answer_signature;
    /// Would this key do? Grants nothing. (server)
    KeyQuery => bool, Core::answer_key_query;
    /// May this user in? (server)
    Admission => Verdict<'r>, Core::answer_admission;
    /// May this channel open? (both)
    Opening => Result<Accept<'r>, Refusal<'r>>, Core::answer_opening;
    /// May this channel request be? (both)
    Permission => bool, Core::answer_permission;
    /// May this global request be? (both)
    Globally => Granted<'r>, Core::answer_globally;
}

/// The verdict on a host key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trust<'r> {
    /// It is the server's. Said of a certificate, it means that its plain key is known: what the certificate itself says
    /// counts for nothing then (CVE-2014-2653).
    Accept,
    /// It is a certificate, and this is its check. Of another certificate it is refused.
    Certificate(Checked<'r>),
    /// It is not, or nobody knows: the connection ends.
    Reject,
}

impl From<bool> for Trust<'_> {
    fn from(yes: bool) -> Self {
        if yes { Trust::Accept } else { Trust::Reject }
    }
}

/// The next attempt to log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Login<'r> {
    /// Try this.
    Try {
        /// User name.
        user: &'r str,
        /// By what.
        with: With<'r>,
    },
    /// There is nothing left to try: the connection ends.
    GiveUp,
}

/// A method of logging in, with what it needs.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum With<'r> {
    /// RFC 4252, section 5.2: by nothing; asks which methods there are.
    None,
    /// RFC 4252, section 8.
    Password(&'r str),
    /// RFC 4252, section 7. The signature is asked for by a `Sign` event.
    PublicKey {
        /// Signature algorithm: `ssh-ed25519`. Empty: the first of the provider's that takes such a key and that the server
        /// named in `server-sig-algs` (RFC 8308, section 3.1), which matters to RSA keys.
        algorithm: &'r str,
        /// Public key or certificate blob.
        key: &'r [u8],
        /// Ask first whether the key would do, and sign only then.
        probe: bool,
    },
    /// RFC 4256. The server's questions come as `Prompts` events.
    Interactive {
        /// Hints for the server, comma-separated; usually empty.
        submethods: &'r str,
    },
    /// RFC 4252, section 9. The client host's signature is asked for by a `Sign` event.
    HostBased {
        /// Signature algorithm; empty as for `PublicKey`.
        algorithm: &'r str,
        /// The client host's public key or certificate.
        key: &'r [u8],
        /// The client host's name, fully qualified.
        host: &'r str,
        /// The user's name on the client host.
        user: &'r str,
    },
    /// Any other method, by name and raw fields.
    Other {
        /// Method name.
        method: &'r str,
        /// What follows the method name.
        fields: &'r [u8],
    },
}

impl fmt::Debug for With<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            With::None => f.write_str("None"),
            With::Password(_) => f.write_str("Password(…)"),
            With::PublicKey { algorithm, probe, .. } => write!(f, "PublicKey({algorithm}, probe: {probe})"),
            With::Interactive { submethods } => write!(f, "Interactive({submethods})"),
            With::HostBased { algorithm, host, user, .. } => write!(f, "HostBased({algorithm}, {user}@{host})"),
            With::Other { method, .. } => write!(f, "Other({method}, …)"),
        }
    }
}

/// The verdict on a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict<'r> {
    /// In. The connection is `Ready`. A certificate takes [`AcceptCertificate`](Verdict::AcceptCertificate).
    Accept,
    /// In, by a certificate: this is its check. Its restrictions travel in the identity.
    AcceptCertificate(Checked<'r>),
    /// This was right, and more is needed (RFC 4252, section 5.1). A certificate takes
    /// [`PartialCertificate`](Verdict::PartialCertificate).
    Partial {
        /// Methods that can continue, comma-separated; empty for the configuration's.
        go_on: &'r str,
    },
    /// This certificate was right, and more is needed.
    PartialCertificate {
        /// Its check.
        checked: Checked<'r>,
        /// As for `Partial`.
        go_on: &'r str,
    },
    /// `keyboard-interactive` goes on with these questions (RFC 4256, section 3.2): at most 16 at a time, and at most 16
    /// times.
    Prompt {
        /// Title.
        name: &'r str,
        /// Text for people.
        instruction: &'r str,
        /// The questions; none still wants an empty answer.
        prompts: &'r [Prompt<'r>],
    },
    /// The `password` is right and has expired: a new one is asked for (RFC 4252, section 8).
    ChangePassword {
        /// Text for people.
        prompt: &'r str,
    },
    /// No.
    Deny {
        /// Methods that can continue, comma-separated; empty for the configuration's.
        go_on: &'r str,
    },
}

/// A channel is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Accept<'r> {
    /// How many bytes the peer may send before the first `grant`.
    pub window: u32,
    /// The confirmation's own fields; empty for all built-in channel types.
    pub data: &'r [u8],
}

/// A channel is refused (RFC 4254, section 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal<'r> {
    /// Reason code: one of the constants here, or a private one.
    pub reason: u32,
    /// Text for people. A peer's is untrusted.
    pub text: &'r [u8],
}

impl Refusal<'_> {
    /// `SSH_OPEN_ADMINISTRATIVELY_PROHIBITED`.
    pub const PROHIBITED: u32 = 1;
    /// `SSH_OPEN_CONNECT_FAILED`.
    pub const CONNECT_FAILED: u32 = 2;
    /// `SSH_OPEN_UNKNOWN_CHANNEL_TYPE`.
    pub const UNKNOWN_TYPE: u32 = 3;
    /// `SSH_OPEN_RESOURCE_SHORTAGE`.
    pub const RESOURCE_SHORTAGE: u32 = 4;
}

/// The verdict on a global request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Granted<'r> {
    /// REQUEST_FAILURE.
    No,
    /// REQUEST_SUCCESS.
    Yes,
    /// REQUEST_SUCCESS with the port that was bound (RFC 4254, section 7.1).
    Port(u32),
    /// REQUEST_SUCCESS with any bytes. These can only go at once: see [`Unanswered::NoRoom`].
    Data(&'r [u8]),
}

/// Why an answer did not go.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unanswered<Q: Question> {
    /// It was answered already, or the connection went on without it, or it is another connection's.
    Stale,
    /// The bytes of the reply find no room now: during a key exchange, behind an unanswered global request, or with a
    /// full transmit buffer. Try again after the next events.
    NoRoom(Ask<Q>),
    /// The reply is longer than a packet, or than `Limits` allows.
    TooLong(Ask<Q>),
    /// The reply does not fit the question: a certificate's check is missing, or another's; questions in another method than
    /// `keyboard-interactive`, or a new password in another than `password`; not one answer for each question.
    Unfit(Ask<Q>),
}

impl<Q: Question> fmt::Display for Unanswered<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unanswered::Stale => "the question is not open any more, or is another connection's",
            Unanswered::NoRoom(_) => "no room for the reply's bytes now",
            Unanswered::TooLong(_) => "the reply is too long",
            Unanswered::Unfit(_) => "the reply does not fit the question",
        })
    }
}

impl<Q: Question + fmt::Debug> core::error::Error for Unanswered<Q> {}

/// As the machine says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    #[doc(hidden)]
    Stale,
    #[doc(hidden)]
    NoRoom,
    #[doc(hidden)]
    TooLong,
    #[doc(hidden)]
    Unfit,
}

/// The right to answer, taken: move-only, typed, good for one answer on one connection.
#[must_use = "an Ask that is dropped leaves its question open for ever: answer it"]
pub struct Ask<Q: Question> {
    ticket: Ticket,
    question: PhantomData<Q>,
}

impl<Q: Question> Ask<Q> {
    pub(crate) fn new(ticket: Ticket) -> Self {
        Ask { ticket, question: PhantomData }
    }

    pub(crate) fn ticket(&self) -> Ticket {
        self.ticket
    }

    /// The number behind the handle, for bindings.
    #[must_use]
    pub fn into_raw(self) -> u64 {
        self.ticket.0
    }

    /// The handle of a number that [`into_raw`](Ask::into_raw) gave. Any other number makes a handle that is refused.
    pub fn from_raw(raw: u64) -> Self {
        Ask::new(Ticket(raw))
    }
}

impl<Q: Question> fmt::Debug for Ask<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ask({:#x})", self.ticket.0)
    }
}

impl<Q: Question> PartialEq for Ask<Q> {
    fn eq(&self, other: &Self) -> bool {
        self.ticket == other.ticket
    }
}

impl<Q: Question> Eq for Ask<Q> {}

/// The right to answer, lent by an event. Neither answered nor taken before the next `next_event`: refused.
pub struct Asking<'a, Q: Question> {
    core: &'a mut Core,
    lent: &'a Lent,
    ticket: Ticket,
    question: PhantomData<Q>,
}

impl<'a, Q: Question> Asking<'a, Q> {
    pub(crate) fn new(core: &'a mut Core, lent: &'a Lent, ticket: Ticket) -> Self {
        Asking { core, lent, ticket, question: PhantomData }
    }

    /// Answers now. A reply whose bytes cannot go now, or are too long, is a refusal: take the question with
    /// [`later`](Asking::later) where that must be told apart.
    pub fn answer(self, reply: Q::Reply<'_>) {
        // What the machine does not take stays open, and an open one is refused at the next `next_event`.
        if Q::apply(self.core, self.lent, self.ticket, reply).is_ok() {
            self.core.lent_ask = None;
        }
    }

    /// Takes the question away, to be answered by [`Connection::answer`](crate::Connection::answer).
    pub fn later(self) -> Ask<Q> {
        self.core.lent_ask = None;
        Ask::new(self.ticket)
    }

    /// The number behind the handle, for bindings: the question stays lent.
    #[must_use]
    pub fn raw(&self) -> u64 {
        self.ticket.0
    }
}

impl<Q: Question> fmt::Debug for Asking<'_, Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Asking({:#x})", self.ticket.0)
    }
}

/// What an ask is: connection tag (20 bits), serial (26), kind (4), slot (14). Shown only as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket(pub(crate) u64);

impl Ticket {
    /// The serial wraps nowhere: a question whose serial does not fit is refused unasked.
    pub(crate) const SERIALS: u32 = 1 << 26;

    pub(crate) fn new(tag: u32, serial: u32, kind: Kind, slot: u16) -> Self {
        let tag = u64::from(tag & 0xf_ffff) << 44;
        let serial = u64::from(serial & 0x3ff_ffff) << 18;
        Ticket(tag | serial | u64::from(kind as u8) << 14 | u64::from(slot & 0x3fff))
    }

    /// Whether it is a ticket of this connection and kind; then serial and slot.
    pub(crate) fn read(self, tag: u32, kind: Kind) -> Option<(u32, u16)> {
        let own = Ticket::new(tag, self.serial(), kind, self.slot());
        (own == self).then_some((self.serial(), self.slot()))
    }

    fn serial(self) -> u32 {
        (self.0 >> 18) as u32 & 0x3ff_ffff
    }

    fn slot(self) -> u16 {
        self.0 as u16 & 0x3fff
    }

    /// The kind's number, whatever the rest.
    pub(crate) fn kind(self) -> u8 {
        (self.0 >> 14) as u8 & 0xf
    }
}
