//! Events of either role as one owned value, so that a test can keep, compare and print what an endpoint was told; and the
//! questions among them, to answer now or later.

use crate::alloc::watch;
use sansh::ask::{self, Ask, Asking, Granted, Login, Refusal, Trust, Unanswered, Verdict, With};
use sansh::channel::tun::Layer;
use sansh::channel::{Channel, Global, KeyList, Modes, Open, Request, Sent, Size, Stream};
use sansh::crypto::SecurityKey;
use sansh::error::Error;
use sansh::event::{Purpose, channel, client, global, server};
use sansh::keys::{Certificate, Check, Checked, Conflict};
use sansh::message::Prompt;
use sansh::{Client, Connection, Role, Server, UnixTime};

/// What an endpoint was told.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of the events")]
pub enum Seen {
    HostKey { key: Vec<u8> },
    LoginNeeded { methods: Option<String>, partial: bool },
    Sign { purpose: Purpose, algorithm: String, key: Vec<u8>, message: Vec<u8> },
    Banner(Vec<u8>),
    Ready { how: String },
    KeyQuery { user: Vec<u8>, key: Vec<u8> },
    Login { user: Vec<u8>, by: By, steps: usize },
    Prompts { name: Vec<u8>, instruction: Vec<u8>, prompts: Vec<(Vec<u8>, bool)> },
    PasswordExpired { prompt: Vec<u8> },
    Room,
    Requested { channel: Channel, open: Opens },
    Opened { channel: Channel, data: Vec<u8> },
    Refused { channel: Channel, reason: u32, text: Vec<u8> },
    Writable(Channel),
    Data { channel: Channel, stream: Stream, bytes: Vec<u8> },
    Request { channel: Channel, request: Requests, asked: bool },
    Replied { channel: Channel, to: Sent, ok: bool },
    Eof(Channel),
    Gone(Channel),
    Global { request: Globals, asked: bool },
    GlobalReplied { to: Sent, ok: bool, data: Vec<u8> },
    Closed(End),
    Unknown(String),
}

/// By what somebody wants in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of the event")]
pub enum By {
    None,
    Password(Vec<u8>),
    PublicKey { algorithm: String, key: Vec<u8> },
    NewPassword { old: Vec<u8>, new: Vec<u8> },
    Interactive { submethods: Vec<u8>, responses: Option<Vec<Vec<u8>>> },
    HostBased { algorithm: String, key: Vec<u8>, host: Vec<u8>, user: Vec<u8> },
    Other { method: String, fields: Vec<u8> },
}

/// What an event of a login says beyond [`Seen`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Somebody wants in.
    Login {
        /// Of a login by key: what a security key said, and whether the signature covers the host key.
        key: Option<(Option<SecurityKey>, bool)>,
        /// The steps accepted before.
        so_far: Vec<Stepped>,
    },
    /// Somebody is in.
    Ready {
        /// By these steps.
        steps: Vec<Stepped>,
        /// And so bound.
        bound: Result<Bound, Conflict>,
    },
}

/// [`Step`](server::Step), owned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of `Step`")]
pub struct Stepped {
    pub method: String,
    pub algorithm: String,
    pub key: Option<Vec<u8>>,
    pub security_key: Option<SecurityKey>,
    pub host: Option<Vec<u8>>,
    pub host_user: Option<Vec<u8>>,
}

impl Stepped {
    fn all(identity: &server::Identity<'_>) -> Vec<Stepped> {
        let owned = |step: server::Step<'_>| Stepped {
            method: step.method.into(),
            algorithm: step.algorithm.into(),
            key: step.key.map(|key| key.blob().into()),
            security_key: step.security_key,
            host: step.host.map(Vec::from),
            host_user: step.host_user.map(Vec::from),
        };
        identity.steps().map(owned).collect()
    }

    /// A step that shows nothing but its method.
    #[must_use]
    pub fn bare(method: &str) -> Stepped {
        Stepped { method: method.into(), ..Stepped::default() }
    }
}

/// [`Restrictions`](sansh::keys::Restrictions), owned, as far as tests look.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of `Restrictions`")]
pub struct Bound {
    pub force_command: Option<Vec<u8>>,
    pub verify_required: bool,
    pub port_forwarding: bool,
    pub pty: bool,
    pub sources: Vec<Vec<u8>>,
}

/// The last event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// What happened.
    pub error: Error,
    /// In which state.
    pub state: &'static str,
    /// Ours and theirs, after a failed negotiation.
    pub offers: Option<(String, String)>,
    /// The peer's words.
    pub words: Vec<u8>,
    /// As people read it.
    pub text: String,
}

/// [`Open`], owned.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of `Open`")]
pub enum Opens {
    Session,
    DirectTcpip { host: Vec<u8>, port: u32, originator: Vec<u8>, originator_port: u32 },
    ForwardedTcpip { address: Vec<u8>, port: u32, originator: Vec<u8>, originator_port: u32 },
    DirectStreamlocal { path: Vec<u8> },
    ForwardedStreamlocal { path: Vec<u8> },
    X11 { originator: Vec<u8>, originator_port: u32 },
    AuthAgent,
    Tun { layer: Layer, unit: Option<u32> },
    Other { kind: String, body: Vec<u8> },
}

impl Opens {
    /// A copy.
    #[must_use]
    pub fn of(open: &Open<'_>) -> Self {
        match *open {
            Open::Session => Opens::Session,
            Open::DirectTcpip { host, port, originator, originator_port } => {
                Opens::DirectTcpip { host: host.into(), port, originator: originator.into(), originator_port }
            }
            Open::ForwardedTcpip { address, port, originator, originator_port } => {
                Opens::ForwardedTcpip { address: address.into(), port, originator: originator.into(), originator_port }
            }
            Open::DirectStreamlocal { path } => Opens::DirectStreamlocal { path: path.into() },
            Open::ForwardedStreamlocal { path } => Opens::ForwardedStreamlocal { path: path.into() },
            Open::X11 { originator, originator_port } => Opens::X11 { originator: originator.into(), originator_port },
            Open::AuthAgent => Opens::AuthAgent,
            Open::Tun { layer, unit } => Opens::Tun { layer, unit },
            Open::Other { kind, body } => Opens::Other { kind: kind.into(), body: body.into() },
            _ => panic!("an Open that the test kit does not know: {open:?}"),
        }
    }

    /// The original.
    #[must_use]
    pub fn lend(&self) -> Open<'_> {
        match self {
            Opens::Session => Open::Session,
            Opens::DirectTcpip { host, port, originator, originator_port } => {
                Open::DirectTcpip { host, port: *port, originator, originator_port: *originator_port }
            }
            Opens::ForwardedTcpip { address, port, originator, originator_port } => {
                Open::ForwardedTcpip { address, port: *port, originator, originator_port: *originator_port }
            }
            Opens::DirectStreamlocal { path } => Open::DirectStreamlocal { path },
            Opens::ForwardedStreamlocal { path } => Open::ForwardedStreamlocal { path },
            Opens::X11 { originator, originator_port } => Open::X11 { originator, originator_port: *originator_port },
            Opens::AuthAgent => Open::AuthAgent,
            Opens::Tun { layer, unit } => Open::Tun { layer: *layer, unit: *unit },
            Opens::Other { kind, body } => Open::Other { kind, body },
        }
    }
}

/// [`Request`], owned.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of `Request`")]
pub enum Requests {
    Shell,
    Exec(Vec<u8>),
    Subsystem(Vec<u8>),
    Env(Vec<u8>, Vec<u8>),
    Pty { term: Vec<u8>, size: Size, modes: Vec<(u8, u32)> },
    WindowChange(Size),
    Signal(Vec<u8>),
    XonXoff(bool),
    Break(u32),
    EndOfWrite,
    X11 { single_connection: bool, protocol: Vec<u8>, cookie: Vec<u8>, screen: u32 },
    AuthAgent,
    ExitStatus(u32),
    ExitSignal { signal: Vec<u8>, core_dumped: bool, message: Vec<u8> },
    Other { name: String, want_reply: bool, body: Vec<u8> },
}

impl Requests {
    /// A copy.
    #[must_use]
    pub fn of(request: &Request<'_>) -> Self {
        match *request {
            Request::Shell => Requests::Shell,
            Request::Exec { command } => Requests::Exec(command.into()),
            Request::Subsystem { name } => Requests::Subsystem(name.into()),
            Request::Env { name, value } => Requests::Env(name.into(), value.into()),
            Request::Pty { term, size, modes } => {
                Requests::Pty { term: term.into(), size, modes: modes.iter().collect() }
            }
            Request::WindowChange(size) => Requests::WindowChange(size),
            Request::Signal { name } => Requests::Signal(name.into()),
            Request::XonXoff { client_can_do } => Requests::XonXoff(client_can_do),
            Request::Break { milliseconds } => Requests::Break(milliseconds),
            Request::EndOfWrite => Requests::EndOfWrite,
            Request::X11 { single_connection, protocol, cookie, screen } => {
                Requests::X11 { single_connection, protocol: protocol.into(), cookie: cookie.into(), screen }
            }
            Request::AuthAgent => Requests::AuthAgent,
            Request::ExitStatus(status) => Requests::ExitStatus(status),
            Request::ExitSignal { signal, core_dumped, message } => {
                Requests::ExitSignal { signal: signal.into(), core_dumped, message: message.into() }
            }
            Request::Other { name, want_reply, body } => {
                Requests::Other { name: name.into(), want_reply, body: body.into() }
            }
            _ => panic!("a Request that the test kit does not know: {request:?}"),
        }
    }

    /// The original.
    #[must_use]
    pub fn lend(&self) -> Request<'_> {
        match self {
            Requests::Shell => Request::Shell,
            Requests::Exec(command) => Request::Exec { command },
            Requests::Subsystem(name) => Request::Subsystem { name },
            Requests::Env(name, value) => Request::Env { name, value },
            Requests::Pty { term, size, modes } => Request::Pty { term, size: *size, modes: Modes::of(modes) },
            Requests::WindowChange(size) => Request::WindowChange(*size),
            Requests::Signal(name) => Request::Signal { name },
            Requests::XonXoff(client_can_do) => Request::XonXoff { client_can_do: *client_can_do },
            Requests::Break(milliseconds) => Request::Break { milliseconds: *milliseconds },
            Requests::EndOfWrite => Request::EndOfWrite,
            Requests::X11 { single_connection, protocol, cookie, screen } => {
                Request::X11 { single_connection: *single_connection, protocol, cookie, screen: *screen }
            }
            Requests::AuthAgent => Request::AuthAgent,
            Requests::ExitStatus(status) => Request::ExitStatus(*status),
            Requests::ExitSignal { signal, core_dumped, message } => {
                Request::ExitSignal { signal, core_dumped: *core_dumped, message }
            }
            Requests::Other { name, want_reply, body } => Request::Other { name, want_reply: *want_reply, body },
        }
    }

    /// Whether an answer is due.
    #[must_use]
    pub fn wants_reply(&self) -> bool {
        match self {
            Requests::Shell | Requests::Exec(_) | Requests::Subsystem(_) => true,
            Requests::Pty { .. } | Requests::Break(_) | Requests::X11 { .. } | Requests::AuthAgent => true,
            Requests::Other { want_reply, .. } => *want_reply,
            _ => false,
        }
    }
}

/// [`Global`], owned.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of `Global`")]
pub enum Globals {
    TcpipForward {
        address: Vec<u8>,
        port: u32,
    },
    CancelTcpipForward {
        address: Vec<u8>,
        port: u32,
    },
    StreamlocalForward {
        path: Vec<u8>,
    },
    CancelStreamlocalForward {
        path: Vec<u8>,
    },
    NoMoreSessions,
    /// `hostkeys-00`: keys, each a `string`.
    HostKeys(Vec<u8>),
    /// `hostkeys-prove-00`: keys, each a `string`.
    HostKeysProve(Vec<u8>),
    Other {
        name: String,
        want_reply: bool,
        body: Vec<u8>,
    },
}

impl Globals {
    /// A copy.
    #[must_use]
    pub fn of(request: &Global<'_>) -> Self {
        match *request {
            Global::TcpipForward { address, port } => Globals::TcpipForward { address: address.into(), port },
            Global::CancelTcpipForward { address, port } => {
                Globals::CancelTcpipForward { address: address.into(), port }
            }
            Global::StreamlocalForward { path } => Globals::StreamlocalForward { path: path.into() },
            Global::CancelStreamlocalForward { path } => Globals::CancelStreamlocalForward { path: path.into() },
            Global::NoMoreSessions => Globals::NoMoreSessions,
            Global::HostKeys { keys } => Globals::HostKeys(key_list(keys)),
            Global::HostKeysProve { keys } => Globals::HostKeysProve(key_list(keys)),
            Global::Other { name, want_reply, body } => {
                Globals::Other { name: name.into(), want_reply, body: body.into() }
            }
            _ => panic!("a Global that the test kit does not know: {request:?}"),
        }
    }

    /// The original.
    #[must_use]
    pub fn lend(&self) -> Global<'_> {
        match self {
            Globals::TcpipForward { address, port } => Global::TcpipForward { address, port: *port },
            Globals::CancelTcpipForward { address, port } => Global::CancelTcpipForward { address, port: *port },
            Globals::StreamlocalForward { path } => Global::StreamlocalForward { path },
            Globals::CancelStreamlocalForward { path } => Global::CancelStreamlocalForward { path },
            Globals::NoMoreSessions => Global::NoMoreSessions,
            Globals::HostKeys(keys) => Global::HostKeys { keys: KeyList::parse(keys).expect("keys") },
            Globals::HostKeysProve(keys) => Global::HostKeysProve { keys: KeyList::parse(keys).expect("keys") },
            Globals::Other { name, want_reply, body } => Global::Other { name, want_reply: *want_reply, body },
        }
    }

    /// Whether an answer is due.
    #[must_use]
    pub fn wants_reply(&self) -> bool {
        !matches!(self, Globals::Other { want_reply: false, .. } | Globals::NoMoreSessions | Globals::HostKeys(_))
    }
}

/// Keys one behind the other, each a `string`.
#[must_use]
pub fn key_list(keys: KeyList<'_>) -> Vec<u8> {
    let mut body = Vec::new();
    for key in keys.iter() {
        body.extend_from_slice(&u32::try_from(key.blob().len()).expect("short").to_be_bytes());
        body.extend_from_slice(key.blob());
    }
    body
}

/// One attempt to log in, owned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// User name.
    pub user: String,
    /// By what.
    pub with: Means,
}

/// [`With`], owned.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of `With`")]
pub enum Means {
    None,
    Password(String),
    PublicKey { algorithm: String, key: Vec<u8>, probe: bool },
    Interactive { submethods: String },
    HostBased { algorithm: String, key: Vec<u8>, host: String, user: String },
    Other { method: String, fields: Vec<u8> },
}

/// What a question is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as the replies they stand for")]
pub enum Reply {
    Trust(bool),
    /// Trusts a host certificate by its check for this host, at this time, by these authorities.
    TrustCertificate {
        blob: Vec<u8>,
        host: String,
        at: u64,
        authorities: Vec<Vec<u8>>,
    },
    Try(Attempt),
    Answers(Vec<String>),
    NewPassword(Option<String>),
    GiveUp,
    Signature(Option<Vec<u8>>),
    Fits(bool),
    Admit,
    /// Admits a user certificate by its check for this principal, at this time, by these authorities.
    AdmitCertificate {
        blob: Vec<u8>,
        principal: String,
        at: u64,
        authorities: Vec<Vec<u8>>,
        partial: Option<String>,
    },
    Ask {
        name: String,
        instruction: String,
        prompts: Vec<(String, bool)>,
    },
    ChangePassword(String),
    Partial(String),
    Deny(String),
    Accept {
        window: u32,
        data: Vec<u8>,
    },
    Refuse {
        reason: u32,
        text: Vec<u8>,
    },
    Permit(bool),
    No,
    Yes,
    Port(u32),
    Bytes(Vec<u8>),
}

macro_rules! questions {
    ($($name:ident: |$reply:ident| $body:expr;)*) => {
        /// A question that an event lends.
        #[derive(Debug)]
        #[allow(missing_docs, reason = "named as the questions")]
        pub enum Asked<'a> { $($name(Asking<'a, ask::$name>)),* }

        /// A question that was taken.
        #[derive(Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "named as the questions")]
        pub enum Question { $($name(Ask<ask::$name>)),* }

        /// Why a taken question is not answered yet, or never.
        #[derive(Debug, PartialEq, Eq)]
        pub enum Unsettled {
            /// It is of no use any more.
            Stale,
            /// No room; here it is again.
            NoRoom(Question),
            /// The answer is too long; here it is again.
            TooLong(Question),
            /// The answer does not fit; here it is again.
            Unfit(Question),
        }

        impl Asked<'_> {
            /// Answers now, with the allocations counted under `meter`.
            pub fn answer(self, reply: &Reply, meter: usize) {
                match self {
                    $(Asked::$name(asking) => {
                        let $reply = reply;
                        let value = $body;
                        watch(meter, || asking.answer(value));
                    })*
                }
            }

            /// Takes it.
            #[must_use]
            pub fn later(self) -> Question {
                match self { $(Asked::$name(asking) => Question::$name(asking.later())),* }
            }
        }

        impl Question {
            /// Answers.
            ///
            /// # Errors
            /// [`Unsettled`].
            pub fn answer<R: Role>(self, conn: &mut Connection<R>, reply: &Reply, meter: usize) -> Result<(), Unsettled> {
                match self {
                    $(Question::$name(ask) => {
                        let $reply = reply;
                        let value = $body;
                        watch(meter, || conn.answer(ask, value)).map_err(|error| match error {
                            Unanswered::Stale => Unsettled::Stale,
                            Unanswered::NoRoom(ask) => Unsettled::NoRoom(Question::$name(ask)),
                            Unanswered::TooLong(ask) => Unsettled::TooLong(Question::$name(ask)),
                            Unanswered::Unfit(ask) => Unsettled::Unfit(Question::$name(ask)),
                            other => panic!("an error that the test kit does not know: {other:?}"),
                        })
                    })*
                }
            }

            /// The number behind it.
            #[must_use]
            pub fn into_raw(self) -> u64 {
                match self { $(Question::$name(ask) => ask.into_raw()),* }
            }

            /// Every kind of question with this number.
            #[must_use]
            pub fn all_from_raw(raw: u64) -> Vec<Question> {
                vec![$(Question::$name(Ask::from_raw(raw))),*]
            }

            /// A reply that fits the kind: its "yes" or its "no".
            #[must_use]
            pub fn some_reply(&self, yes: bool) -> Reply {
                match self {
                    Question::HostKey(_) => Reply::Trust(yes),
                    Question::Credential(_) => Reply::GiveUp,
                    Question::Signature(_) => Reply::Signature(yes.then(|| b"not a signature".to_vec())),
                    Question::KeyQuery(_) => Reply::Fits(yes),
                    Question::Answers(_) => Reply::Answers(Vec::new()),
                    Question::NewPassword(_) => Reply::NewPassword(yes.then(|| "newer".into())),
                    Question::Admission(_) => if yes { Reply::Admit } else { Reply::Deny(String::new()) },
                    Question::Opening(_) => if yes {
                        Reply::Accept { window: 1000, data: Vec::new() }
                    } else {
                        Reply::Refuse { reason: 1, text: Vec::new() }
                    },
                    Question::Permission(_) => Reply::Permit(yes),
                    Question::Globally(_) => if yes { Reply::Yes } else { Reply::No },
                }
            }
        }
    };
}

fn wrong(question: &str, reply: &Reply) -> ! {
    panic!("the test answers the question {question} with {reply:?}")
}

/// Checks certificates in the tests.
const PROVIDER: &dyn sansh::crypto::Provider = &sansh::crypto::rustcrypto::RustCrypto;

fn checked<'a>(blob: &'a [u8], check: Check<'_>) -> Checked<'a> {
    let certificate = Certificate::parse(blob).expect("a certificate");
    certificate.check(check).expect("a good certificate")
}

questions! {
    HostKey: |reply| match reply {
        Reply::Trust(true) => Trust::Accept,
        Reply::Trust(false) => Trust::Reject,
        Reply::TrustCertificate { blob, host, at, authorities } => {
            let check = Check::host(host, UnixTime(*at), authorities, PROVIDER);
            Trust::Certificate(checked(blob, check))
        }
        _ => wrong("HostKey", reply),
    };
    Credential: |reply| match reply {
        Reply::Try(Attempt { user, with }) => Login::Try {
            user,
            with: match with {
                Means::None => With::None,
                Means::Password(password) => With::Password(password),
                Means::PublicKey { algorithm, key, probe } => With::PublicKey { algorithm, key, probe: *probe },
                Means::Interactive { submethods } => With::Interactive { submethods },
                Means::HostBased { algorithm, key, host, user } => With::HostBased { algorithm, key, host, user },
                Means::Other { method, fields } => With::Other { method, fields },
            },
        },
        Reply::GiveUp => Login::GiveUp,
        _ => wrong("Credential", reply),
    };
    Answers: |reply| match reply {
        Reply::Answers(answers) => &answers.iter().map(String::as_str).collect::<Vec<_>>(),
        _ => wrong("Answers", reply),
    };
    NewPassword: |reply| match reply {
        Reply::NewPassword(new) => new.as_deref(),
        _ => wrong("NewPassword", reply),
    };
    Signature: |reply| match reply {
        Reply::Signature(blob) => blob.as_deref(),
        _ => wrong("Signature", reply),
    };
    KeyQuery: |reply| match reply {
        Reply::Fits(yes) => *yes,
        _ => wrong("KeyQuery", reply),
    };
    Admission: |reply| match reply {
        Reply::Admit => Verdict::Accept,
        Reply::AdmitCertificate { blob, principal, at, authorities, partial } => {
            let check = Check::user(principal, UnixTime(*at), authorities, PROVIDER);
            let checked = checked(blob, check);
            match partial {
                None => Verdict::AcceptCertificate(checked),
                Some(go_on) => Verdict::PartialCertificate { checked, go_on },
            }
        }
        Reply::Ask { name, instruction, prompts } => {
            let prompts = prompts.iter().map(|(text, echo)| Prompt { text: text.as_bytes(), echo: *echo });
            Verdict::Prompt { name, instruction, prompts: &prompts.collect::<Vec<_>>() }
        }
        Reply::ChangePassword(prompt) => Verdict::ChangePassword { prompt },
        Reply::Partial(go_on) => Verdict::Partial { go_on },
        Reply::Deny(go_on) => Verdict::Deny { go_on },
        _ => wrong("Admission", reply),
    };
    Opening: |reply| match reply {
        Reply::Accept { window, data } => Ok(ask::Accept { window: *window, data }),
        Reply::Refuse { reason, text } => Err(Refusal { reason: *reason, text }),
        _ => wrong("Opening", reply),
    };
    Permission: |reply| match reply {
        Reply::Permit(yes) => *yes,
        _ => wrong("Permission", reply),
    };
    Globally: |reply| match reply {
        Reply::No => Granted::No,
        Reply::Yes => Granted::Yes,
        Reply::Port(port) => Granted::Port(*port),
        Reply::Bytes(bytes) => Granted::Data(bytes),
        _ => wrong("Globally", reply),
    };
}

/// A role whose events can be told in common words.
pub trait Told: Role {
    /// Whether it is the server.
    const IS_SERVER: bool;
    /// The event, owned, and its question.
    fn told<'a>(event: Self::Event<'a>) -> (Seen, Option<Asked<'a>>);
    /// What else a login says.
    fn detail(event: &Self::Event<'_>) -> Option<Detail>;
}

impl Told for Client {
    const IS_SERVER: bool = false;

    fn told<'a>(event: Self::Event<'a>) -> (Seen, Option<Asked<'a>>) {
        use client::Event;
        match event {
            Event::HostKey { key, ask, .. } => (Seen::HostKey { key: key.blob().into() }, Some(Asked::HostKey(ask))),
            Event::Prompts { name, instruction, prompts, ask } => {
                let prompts = prompts.iter().map(|prompt| (prompt.text.into(), prompt.echo)).collect();
                (
                    Seen::Prompts { name: name.into(), instruction: instruction.into(), prompts },
                    Some(Asked::Answers(ask)),
                )
            }
            Event::PasswordExpired { prompt, ask } => {
                (Seen::PasswordExpired { prompt: prompt.into() }, Some(Asked::NewPassword(ask)))
            }
            Event::LoginNeeded { methods, partial, ask } => {
                let methods = methods.map(|list| list.as_str().to_owned());
                (Seen::LoginNeeded { methods, partial }, Some(Asked::Credential(ask)))
            }
            Event::Sign { purpose, algorithm, key, message, ask } => {
                (sign(purpose, algorithm, key.blob(), message), Some(Asked::Signature(ask)))
            }
            Event::Banner(text) => (Seen::Banner(text.into()), None),
            Event::Ready { method } => (Seen::Ready { how: method.into() }, None),
            Event::Room => (Seen::Room, None),
            Event::Channel(channel, event) => on_channel(channel, event),
            Event::Global(event) => on_global(event),
            Event::Closed(reason) => (closed(&reason), None),
            other => (Seen::Unknown(format!("{other:?}")), None),
        }
    }

    fn detail(_: &Self::Event<'_>) -> Option<Detail> {
        None
    }
}

impl Told for Server {
    const IS_SERVER: bool = true;

    fn told<'a>(event: Self::Event<'a>) -> (Seen, Option<Asked<'a>>) {
        use server::{Event, Method};
        match event {
            Event::Sign { purpose, algorithm, key, message, ask } => {
                (sign(purpose, algorithm, key.blob(), message), Some(Asked::Signature(ask)))
            }
            Event::KeyQuery { user, key, ask } => {
                (Seen::KeyQuery { user: user.into(), key: key.blob().into() }, Some(Asked::KeyQuery(ask)))
            }
            Event::Login { user, method, so_far, ask } => {
                let by = match method {
                    Method::None => By::None,
                    Method::Password(password) => By::Password(password.into()),
                    Method::PublicKey { algorithm, key, .. } => {
                        By::PublicKey { algorithm: algorithm.into(), key: key.blob().into() }
                    }
                    Method::NewPassword { old, new } => By::NewPassword { old: old.into(), new: new.into() },
                    Method::Interactive { submethods, responses } => By::Interactive {
                        submethods: submethods.into(),
                        responses: responses.map(|responses| responses.iter().map(Vec::from).collect()),
                    },
                    Method::HostBased { algorithm, key, host, user } => By::HostBased {
                        algorithm: algorithm.into(),
                        key: key.blob().into(),
                        host: host.into(),
                        user: user.into(),
                    },
                    Method::Other { method, fields } => By::Other { method: method.into(), fields: fields.into() },
                    other => panic!("a method that the test kit does not know: {other:?}"),
                };
                let steps = so_far.steps().count();
                (Seen::Login { user: user.into(), by, steps }, Some(Asked::Admission(ask)))
            }
            Event::Ready { identity } => (Seen::Ready { how: format!("{identity:?}") }, None),
            Event::Room => (Seen::Room, None),
            Event::Channel(channel, event) => on_channel(channel, event),
            Event::Global(event) => on_global(event),
            Event::Closed(reason) => (closed(&reason), None),
            other => (Seen::Unknown(format!("{other:?}")), None),
        }
    }

    fn detail(event: &Self::Event<'_>) -> Option<Detail> {
        use server::{Event, Method};
        match event {
            Event::Login { method, so_far, .. } => {
                let key = match method {
                    Method::PublicKey { security_key, host_bound, .. } => Some((*security_key, *host_bound)),
                    _ => None,
                };
                Some(Detail::Login { key, so_far: Stepped::all(so_far) })
            }
            Event::Ready { identity } => {
                let bound = identity.restrictions().map(|bound| Bound {
                    force_command: bound.force_command.map(Vec::from),
                    verify_required: bound.verify_required,
                    port_forwarding: bound.port_forwarding,
                    pty: bound.pty,
                    sources: bound.sources().map(Vec::from).collect(),
                });
                Some(Detail::Ready { steps: Stepped::all(identity), bound })
            }
            _ => None,
        }
    }
}

fn sign(purpose: Purpose, algorithm: &str, key: &[u8], message: &[u8]) -> Seen {
    Seen::Sign { purpose, algorithm: algorithm.into(), key: key.into(), message: message.into() }
}

fn closed(reason: &sansh::error::CloseReason<'_>) -> Seen {
    Seen::Closed(End {
        error: reason.error,
        state: reason.state,
        offers: reason.offers.map(|offers| (offers.ours.to_string(), offers.theirs.as_str().to_owned())),
        words: reason.words.into(),
        text: reason.to_string(),
    })
}

fn on_channel<'a>(channel: Channel, event: channel::Event<'a>) -> (Seen, Option<Asked<'a>>) {
    use channel::Event;
    match event {
        Event::Requested { open, ask } => {
            (Seen::Requested { channel, open: Opens::of(&open) }, Some(Asked::Opening(ask)))
        }
        Event::Opened { data } => (Seen::Opened { channel, data: data.into() }, None),
        Event::Refused(refusal) => (Seen::Refused { channel, reason: refusal.reason, text: refusal.text.into() }, None),
        Event::Writable => (Seen::Writable(channel), None),
        Event::Data { stream, bytes } => (Seen::Data { channel, stream, bytes: bytes.into() }, None),
        Event::Request { request, ask } => {
            let seen = Seen::Request { channel, request: Requests::of(&request), asked: ask.is_some() };
            (seen, ask.map(Asked::Permission))
        }
        Event::Replied { to, ok } => (Seen::Replied { channel, to, ok }, None),
        Event::Eof => (Seen::Eof(channel), None),
        Event::Closed => (Seen::Gone(channel), None),
        other => (Seen::Unknown(format!("{other:?}")), None),
    }
}

fn on_global<'a>(event: global::Event<'a>) -> (Seen, Option<Asked<'a>>) {
    use global::Event;
    match event {
        Event::Requested { request, ask } => {
            let seen = Seen::Global { request: Globals::of(&request), asked: ask.is_some() };
            (seen, ask.map(Asked::Globally))
        }
        Event::Replied { to, ok, data } => (Seen::GlobalReplied { to, ok, data: data.into() }, None),
        other => (Seen::Unknown(format!("{other:?}")), None),
    }
}
