//! The asking side: what an SSH client does with an agent, and what `ssh-add` does.
//!
//! Each call puts a request behind the others; answers come in the same order (section 2). Nothing that an agent sends is
//! believed: an answer must be of a kind that the request has, a signature must be by the algorithm that was asked for.
//! That it verifies is found out by whoever checks it; a login with a bad one just fails.

use super::buffer::{NotSent, Outgoing};
use super::fields::write_key;
use super::{
    BadFrame, Constraints, Frames, Identities, MAX_SIGNATURE, QUERY, Reply, Request, SESSION_BIND, SessionBind, flag,
    number,
};
use crate::keys::{PublicKey, encode};
use crate::message::Secret;
use crate::signer::PrivateKey;
use crate::wire::{Malformed, Reader, put_string};
use alloc::collections::VecDeque;
use core::fmt;

/// The most requests that wait for their answers.
const MAX_PENDING: usize = 64;
/// The longest name of an algorithm or an extension (RFC 4251, section 6).
const MAX_NAME: usize = 64;

/// A connection to an agent.
///
/// Calls that ask: [`identities`](Client::identities), [`sign`](Client::sign), [`add`](Client::add) and so on. Calls that
/// move bytes: [`transmit_buf`](Client::transmit_buf), [`transmitted`](Client::transmitted), [`next`](Client::next).
///
/// ```
/// use sansh::signer::agent::{Answer, Client};
///
/// let mut client = Client::new();
/// client.identities().unwrap();
/// assert_eq!(client.transmit_buf(), [0, 0, 0, 1, 11]); // write it to the agent's socket …
/// client.transmitted(5);
/// let mut input: &[u8] = b"\0\0\0\x05\x0c\0\0\0\0"; // … and read from there
/// let Ok(Some(Answer::Identities(keys))) = client.next(&mut input) else { panic!() };
/// assert!(keys.is_empty());
/// ```
#[derive(Debug)]
pub struct Client {
    frames: Frames,
    out: Outgoing,
    pending: VecDeque<Pending>,
    wrong: Option<BadAnswer>,
}

/// What an answer has to be.
#[derive(Clone, Copy, Debug)]
enum Pending {
    Identities,
    Signature(Name),
    Status,
    Extension(Name),
}

/// A name that is waited for.
#[derive(Clone, Copy)]
struct Name([u8; MAX_NAME], usize);

/// Why a request was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendError {
    /// It is longer than any agent takes.
    TooLong,
    /// Too many requests wait for their answers.
    TooMany,
    /// The algorithm is none that an agent can be asked for.
    Algorithm,
    /// The connection has failed: see [`Client::next`].
    Failed,
    /// A fallible allocation failed.
    OutOfMemory,
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SendError::TooLong => "the request is longer than agents take",
            SendError::TooMany => "too many requests wait for an answer of the agent",
            SendError::Algorithm => "an agent cannot be asked for this signature algorithm",
            SendError::Failed => "the connection to the agent has failed",
            SendError::OutOfMemory => "out of memory",
        })
    }
}

impl core::error::Error for SendError {}

impl From<NotSent> for SendError {
    fn from(error: NotSent) -> Self {
        match error {
            NotSent::TooLong => SendError::TooLong,
            NotSent::OutOfMemory => SendError::OutOfMemory,
        }
    }
}

/// Why the connection to an agent cannot go on: close it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadAnswer {
    /// What came is no stream of messages.
    Frame(BadFrame),
    /// A message cannot be read.
    Malformed(Malformed),
    /// An answer without a request, or one that the request does not have.
    Unexpected,
    /// The signature is by another algorithm than the one asked for, or longer than any.
    Signature,
}

impl fmt::Display for BadAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadAnswer::Frame(error) => write!(f, "the agent sent {error}"),
            BadAnswer::Malformed(error) => write!(f, "the agent's answer is malformed: {error}"),
            BadAnswer::Unexpected => f.write_str("the agent sent an answer that nobody asked for"),
            BadAnswer::Signature => f.write_str("the agent's signature is not by the algorithm asked for"),
        }
    }
}

impl core::error::Error for BadAnswer {}

/// An answer, in the order of the requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer<'a> {
    /// To [`Client::identities`].
    Identities(Identities<'a>),
    /// To [`Client::sign`]: the signature blob, by the algorithm that was asked for.
    Signature(&'a [u8]),
    /// It is done.
    Done,
    /// The agent does not, or does not know how.
    Refused,
    /// To an extension: what it says.
    Extension {
        /// The name in the request.
        name: &'a str,
        /// What the name says it is; of `query` see [`Names`](super::Names).
        body: &'a [u8],
    },
    /// The agent knows the extension, and it failed.
    ExtensionFailed,
}

impl Default for Client {
    fn default() -> Self {
        Self::new()
    }
}

impl Client {
    /// A new connection.
    #[must_use]
    pub fn new() -> Self {
        Client { frames: Frames::new(), out: Outgoing::new(), pending: VecDeque::new(), wrong: None }
    }

    /// Asks for the list of keys.
    ///
    /// # Errors
    /// [`SendError`].
    pub fn identities(&mut self) -> Result<(), SendError> {
        self.send(&Request::Identities, Pending::Identities)
    }

    /// Asks for a signature of `message` by `key` (a blob or certificate of the list) and `algorithm`: the name in the
    /// login request, such as `ssh-ed25519`, `rsa-sha2-512` or `rsa-sha2-512-cert-v01@openssh.com`. The answer is the blob
    /// that a connection's `Sign` event wants.
    ///
    /// # Errors
    /// [`SendError`]; [`Algorithm`](SendError::Algorithm) for `ssh-rsa`, whose SHA-1 nobody should ask for.
    pub fn sign(&mut self, key: PublicKey<'_>, message: &[u8], algorithm: &str) -> Result<(), SendError> {
        let signed = Name::of_signature(algorithm)?;
        let flags = match signed.as_bytes() {
            b"rsa-sha2-256" => flag::RSA_SHA2_256,
            b"rsa-sha2-512" => flag::RSA_SHA2_512,
            b"ssh-rsa" | b"ssh-dss" => return Err(SendError::Algorithm),
            _ => 0,
        };
        self.send(&Request::Sign { key, data: message, flags }, Pending::Signature(signed))
    }

    /// Gives a key, with its comment, to the agent. If the agent refuses, it does not have the key: a key is never given
    /// again with fewer constraints.
    ///
    /// # Errors
    /// [`SendError`].
    pub fn add(&mut self, key: &PrivateKey, constraints: &Constraints<'_>) -> Result<(), SendError> {
        self.ready()?;
        self.out.push(|sink| {
            let plain = constraints.is_empty();
            sink.put(&[if plain { number::ADD_IDENTITY } else { number::ADD_ID_CONSTRAINED }]);
            write_key(key, sink);
            put_string(sink, key.comment().as_bytes());
            constraints.write(sink);
        })?;
        self.pending.push_back(Pending::Status);
        Ok(())
    }

    /// Has the agent forget a key.
    ///
    /// # Errors
    /// [`SendError`].
    pub fn remove(&mut self, key: PublicKey<'_>) -> Result<(), SendError> {
        self.send(&Request::Remove { key }, Pending::Status)
    }

    /// Has the agent forget all keys.
    ///
    /// # Errors
    /// [`SendError`].
    pub fn remove_all(&mut self) -> Result<(), SendError> {
        self.send(&Request::RemoveAll, Pending::Status)
    }

    /// Has the agent use the keys of a token, each with all constraints.
    ///
    /// # Errors
    /// [`SendError`].
    pub fn add_token(&mut self, id: &[u8], pin: &[u8], constraints: &Constraints<'_>) -> Result<(), SendError> {
        self.send(&Request::AddToken { id, pin: Secret(pin), constraints: *constraints }, Pending::Status)
    }

    /// Has the agent forget the keys of a token.
    ///
    /// # Errors
    /// [`SendError`].
    pub fn remove_token(&mut self, id: &[u8], pin: &[u8]) -> Result<(), SendError> {
        self.send(&Request::RemoveToken { id, pin: Secret(pin) }, Pending::Status)
    }

    /// Locks the agent.
    ///
    /// # Errors
    /// [`SendError`].
    pub fn lock(&mut self, passphrase: &[u8]) -> Result<(), SendError> {
        self.send(&Request::Lock { passphrase: Secret(passphrase) }, Pending::Status)
    }

    /// Unlocks the agent.
    ///
    /// # Errors
    /// [`SendError`].
    pub fn unlock(&mut self, passphrase: &[u8]) -> Result<(), SendError> {
        self.send(&Request::Unlock { passphrase: Secret(passphrase) }, Pending::Status)
    }

    /// Asks anything else. [`Answer::Refused`] means that the agent does not know the extension.
    ///
    /// # Errors
    /// [`SendError`]; [`TooLong`](SendError::TooLong) for a name of more than 64 bytes.
    pub fn extension(&mut self, name: &str, body: &[u8]) -> Result<(), SendError> {
        let pending = Pending::Extension(Name::new(name.as_bytes()).ok_or(SendError::TooLong)?);
        self.send(&Request::Extension { name, body }, pending)
    }

    /// Asks which extensions there are. Many agents do not know even this one.
    ///
    /// # Errors
    /// [`SendError`].
    pub fn query(&mut self) -> Result<(), SendError> {
        self.extension(QUERY, b"")
    }

    /// Binds this connection to an SSH session, before a login by a key of the agent or before it is forwarded. An agent
    /// that refuses has no keys that are restricted to destinations.
    ///
    /// # Errors
    /// [`SendError`].
    pub fn session_bind(&mut self, bind: &SessionBind<'_>) -> Result<(), SendError> {
        let body = encode::written(|sink| bind.write(sink)).map_err(|_| SendError::OutOfMemory)?;
        self.extension(SESSION_BIND, &body)
    }

    /// How many answers are yet to come.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.pending.len()
    }

    /// What is to be written to the agent.
    #[must_use]
    pub fn transmit_buf(&self) -> &[u8] {
        self.out.as_slice()
    }

    /// The first `n` bytes of it were written.
    pub fn transmitted(&mut self, n: usize) {
        self.out.sent(n);
    }

    /// Takes bytes from the front of `input` until an answer is whole. `None` once all of `input` is taken.
    ///
    /// # Errors
    /// [`BadAnswer`], from then on at each call.
    #[allow(clippy::should_implement_trait, reason = "it takes an input and lends")]
    pub fn next(&mut self, input: &mut &[u8]) -> Result<Option<Answer<'_>>, BadAnswer> {
        if let Some(wrong) = self.wrong {
            return Err(wrong);
        }
        match self.take(input) {
            Ok(Some(pending)) => answer(self.frames.message(), &pending).map(Some),
            Ok(None) => Ok(None),
            Err(wrong) => {
                self.wrong = Some(wrong);
                Err(wrong)
            }
        }
    }

    /// Which request the message that is whole answers.
    fn take(&mut self, input: &mut &[u8]) -> Result<Option<Pending>, BadAnswer> {
        if input.is_empty() {
            return Ok(None);
        }
        // "At no time does the agent send messages except in response to a client request" (section 2).
        let pending = *self.pending.front().ok_or(BadAnswer::Unexpected)?;
        if !self.frames.fill(input).map_err(BadAnswer::Frame)? {
            return Ok(None);
        }
        answer(self.frames.message(), &pending)?;
        // "Replies are sent in order" (section 2).
        Ok(self.pending.pop_front())
    }

    fn send(&mut self, request: &Request<'_>, pending: Pending) -> Result<(), SendError> {
        self.ready()?;
        self.out.push(|sink| request.write(sink))?;
        self.pending.push_back(pending);
        Ok(())
    }

    /// Room for one more request.
    fn ready(&mut self) -> Result<(), SendError> {
        if self.wrong.is_some() {
            return Err(SendError::Failed);
        }
        if self.pending.len() >= MAX_PENDING {
            return Err(SendError::TooMany);
        }
        self.pending.try_reserve(1).map_err(|_| SendError::OutOfMemory)
    }
}

fn answer<'a>(message: &'a [u8], pending: &Pending) -> Result<Answer<'a>, BadAnswer> {
    let reply = Reply::parse(message).map_err(BadAnswer::Malformed)?;
    match (pending, reply) {
        (_, Reply::Failure) => Ok(Answer::Refused),
        (Pending::Identities, Reply::Identities(identities)) => Ok(Answer::Identities(identities)),
        (Pending::Signature(name), Reply::Signature(blob)) => checked_signature(blob, name).map(Answer::Signature),
        (Pending::Status | Pending::Extension(_), Reply::Success) => Ok(Answer::Done),
        (Pending::Extension(_), Reply::ExtensionFailure) => Ok(Answer::ExtensionFailed),
        // "Where the extension type is the same as that in the request" (section 3.8).
        (Pending::Extension(asked), Reply::Extension { name, body }) if name.as_bytes() == asked.as_bytes() => {
            Ok(Answer::Extension { name, body })
        }
        _ => Err(BadAnswer::Unexpected),
    }
}

/// `string algorithm, string signature`, and for security keys flags and a counter (OpenSSH PROTOCOL.u2f).
fn checked_signature<'a>(blob: &'a [u8], asked: &Name) -> Result<&'a [u8], BadAnswer> {
    let mut reader = Reader::new(blob);
    let algorithm = reader.string().map_err(BadAnswer::Malformed)?;
    reader.string().map_err(BadAnswer::Malformed)?;
    if algorithm.starts_with(b"sk-") {
        reader.array::<5>().map_err(BadAnswer::Malformed)?;
    }
    reader.end().map_err(BadAnswer::Malformed)?;
    if algorithm != asked.as_bytes() || blob.len() > MAX_SIGNATURE {
        return Err(BadAnswer::Signature);
    }
    Ok(blob)
}

impl Name {
    fn new(name: &[u8]) -> Option<Self> {
        let mut bytes = [0; MAX_NAME];
        bytes.get_mut(..name.len())?.copy_from_slice(name);
        Some(Name(bytes, name.len()))
    }

    /// The name in a signature by `algorithm`: that of the plain key, also where a certificate's algorithm is asked for.
    fn of_signature(algorithm: &str) -> Result<Self, SendError> {
        let plain = algorithm.strip_suffix("-cert-v01@openssh.com").unwrap_or(algorithm);
        let mut name = Name::new(plain.as_bytes()).filter(|name| name.1 > 0).ok_or(SendError::Algorithm)?;
        // Plain names with a domain: sk-ssh-ed25519@openssh.com, sk-ecdsa-sha2-nistp256@openssh.com,
        // ssh-mldsa44-ed25519@openssh.com.
        if plain.len() < algorithm.len() && (plain.starts_with("sk-") || plain.starts_with("ssh-mldsa")) {
            let domain = b"@openssh.com";
            let end = name.1.saturating_add(domain.len());
            name.0.get_mut(name.1..end).ok_or(SendError::Algorithm)?.copy_from_slice(domain);
            name.1 = end;
        }
        Ok(name)
    }

    fn as_bytes(&self) -> &[u8] {
        self.0.get(..self.1).unwrap_or_default()
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_bytes().escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::encode::written;
    use alloc::vec::Vec;

    const KEY: PublicKey<'_> = PublicKey::new(b"\0\0\0\x01k");

    fn framed(reply: &Reply<'_>) -> Vec<u8> {
        let message = written(|sink| reply.write(sink)).unwrap();
        written(|sink| put_string(sink, &message)).unwrap()
    }

    fn signature(algorithm: &str, length: usize) -> Vec<u8> {
        written(|sink| {
            put_string(sink, algorithm.as_bytes());
            put_string(sink, &std::vec![7; length]);
        })
        .unwrap()
    }

    fn client(ask: impl Fn(&mut Client) -> Result<(), SendError>) -> Client {
        let mut client = Client::new();
        ask(&mut client).unwrap();
        client
    }

    #[test]
    fn requests_go_out_as_they_are_read() {
        let key = PrivateKey::ed25519_from_seed(&[7; 32]).unwrap().with_comment("me");
        let constraints = Constraints { lifetime: Some(60), confirm: true, ..Constraints::default() };
        let mut client = Client::new();
        client.add(&key, &Constraints::default()).unwrap();
        client.add(&key, &constraints).unwrap();
        client.add_token(b"id", b"1234", &constraints).unwrap();
        client.remove_token(b"id", b"1234").unwrap();
        client.remove(KEY).unwrap();
        client.remove_all().unwrap();
        client.lock(b"pass").unwrap();
        client.unlock(b"pass").unwrap();
        client.query().unwrap();
        assert_eq!(client.pending(), 9);
        let mut frames = Frames::new();
        let mut input = client.transmit_buf();
        let mut numbers = Vec::new();
        while let Some(message) = frames.next(&mut input).unwrap() {
            let request = Request::parse(message).unwrap();
            numbers.push(request.number());
            match request {
                Request::Add { key: fields, comment, constraints: read } => {
                    assert_eq!(fields.to_key().unwrap().public_blob(), key.public_blob());
                    assert_eq!(comment, b"me");
                    assert!(read == constraints || read.is_empty());
                }
                // CVE-2023-28531, CVE-2023-51384: the constraints go with a token as they go with a key.
                Request::AddToken { constraints: read, .. } => assert_eq!(read, constraints),
                _ => {}
            }
        }
        assert_eq!(numbers, [17, 25, 26, 21, 18, 19, 22, 23, 27]);
    }

    #[test]
    fn answers_come_in_order_and_in_any_pieces() {
        let blob = signature("ssh-ed25519", 64);
        let stream: Vec<u8> = [
            framed(&Reply::Signature(&blob)),
            framed(&Reply::Failure),
            framed(&Reply::Success),
            framed(&Reply::Extension { name: "query", body: b"\0\0\0\x01a" }),
            framed(&Reply::ExtensionFailure),
        ]
        .concat();
        for size in 1..=stream.len() {
            let mut client = Client::new();
            client.sign(KEY, b"data", "ssh-ed25519").unwrap();
            client.sign(KEY, b"data", "ssh-ed25519").unwrap();
            client.remove_all().unwrap();
            client.query().unwrap();
            client.extension("a@b", b"").unwrap();
            let mut nth = 0;
            for mut piece in stream.chunks(size) {
                while let Some(answer) = client.next(&mut piece).unwrap() {
                    let expected = [
                        Answer::Signature(&blob),
                        Answer::Refused,
                        Answer::Done,
                        Answer::Extension { name: "query", body: b"\0\0\0\x01a" },
                        Answer::ExtensionFailed,
                    ];
                    assert_eq!(answer, expected[nth]);
                    nth += 1;
                }
            }
            assert_eq!((nth, client.pending()), (5, 0));
        }
    }

    /// agent/3.6/2: the algorithm that was asked for, and a bounded size.
    #[test]
    fn a_signature_is_by_the_algorithm_asked_for() {
        for (asked, answered, good) in [
            ("ssh-ed25519", "ssh-ed25519", true),
            ("rsa-sha2-512", "rsa-sha2-512", true),
            ("rsa-sha2-512", "rsa-sha2-256", false),
            ("rsa-sha2-512", "ssh-rsa", false),
            ("rsa-sha2-256-cert-v01@openssh.com", "rsa-sha2-256", true),
            ("rsa-sha2-256-cert-v01@openssh.com", "rsa-sha2-256-cert-v01@openssh.com", false),
            ("ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519", true),
            ("ssh-mldsa44-ed25519-cert-v01@openssh.com", "ssh-mldsa44-ed25519@openssh.com", true),
        ] {
            let mut client = client(|client| client.sign(KEY, b"data", asked));
            let answer = framed(&Reply::Signature(&signature(answered, 64)));
            let answer = client.next(&mut &answer[..]);
            assert_eq!(answer.is_ok(), good, "{asked} {answered}");
            assert!(good || answer == Err(BadAnswer::Signature));
        }
        let room = MAX_SIGNATURE - signature("ssh-ed25519", 0).len();
        for (length, good) in [(room, true), (room + 1, false), (200 * 1024, false)] {
            let mut client = client(|client| client.sign(KEY, b"data", "ssh-ed25519"));
            let answer = framed(&Reply::Signature(&signature("ssh-ed25519", length)));
            assert_eq!(client.next(&mut &answer[..]).is_ok(), good, "{length}");
        }
        let sk = "sk-ssh-ed25519@openssh.com";
        for (behind, good) in [(0, false), (4, false), (5, true), (6, false)] {
            for asked in [sk, "sk-ssh-ed25519-cert-v01@openssh.com"] {
                let mut client = client(|client| client.sign(KEY, b"data", asked));
                let blob = [signature(sk, 64), std::vec![0; behind]].concat();
                assert_eq!(client.next(&mut &framed(&Reply::Signature(&blob))[..]).is_ok(), good, "{behind}");
            }
        }
        for bad in ["", "ssh-rsa", "ssh-rsa-cert-v01@openssh.com", &"x".repeat(65)] {
            assert_eq!(Client::new().sign(KEY, b"data", bad), Err(SendError::Algorithm), "{bad}");
        }
    }

    /// CVE-2025-47913: an answer that the request does not have is an error. CVE-2025-47914: so is a cut one.
    #[test]
    fn an_answer_of_another_kind_ends_it() {
        let blob = signature("ssh-ed25519", 64);
        let list = [&[12][..], &[0; 4]].concat();
        let Ok(Reply::Identities(none)) = Reply::parse(&list) else { panic!("an empty list") };
        let replies = [
            Reply::Failure,
            Reply::Success,
            Reply::Identities(none),
            Reply::Signature(&blob),
            Reply::ExtensionFailure,
            Reply::Extension { name: "query", body: b"" },
            Reply::Extension { name: "other", body: b"" },
        ];
        type Ask = fn(&mut Client) -> Result<(), SendError>;
        let asks: [(Ask, [bool; 7]); 4] = [
            (|c| c.identities(), [true, false, true, false, false, false, false]),
            (|c| c.sign(KEY, b"", "ssh-ed25519"), [true, false, false, true, false, false, false]),
            (|c| c.remove_all(), [true, true, false, false, false, false, false]),
            (|c| c.query(), [true, true, false, false, true, true, false]),
        ];
        for (ask, good) in asks {
            for (reply, good) in replies.iter().zip(good) {
                let bytes = framed(reply);
                let mut client = client(ask);
                assert_eq!(client.next(&mut &bytes[..]).is_ok(), good, "{reply:?}");
                if !good {
                    assert_eq!(client.next(&mut &b""[..]), Err(BadAnswer::Unexpected));
                    assert_eq!(client.identities(), Err(SendError::Failed));
                }
                for end in 4..bytes.len() {
                    let cut = written(|sink| put_string(sink, &bytes[4..end])).unwrap();
                    let open = matches!(reply, Reply::Extension { .. });
                    assert!(open || self::client(ask).next(&mut &cut[..]).is_err(), "{reply:?} cut at {end}");
                }
            }
        }
    }

    /// CVE-2026-46598, CVE-2026-39832, CVE-2026-39833: no type, no byte and no silence makes it panic or go on.
    #[test]
    fn what_nobody_asked_for_is_refused_at_once() {
        assert_eq!(Client::new().next(&mut &b"\0"[..]), Err(BadAnswer::Unexpected));
        for kind in 0..=u8::MAX {
            let bytes = [0, 0, 0, 1, kind];
            let mut client = client(Client::identities);
            assert_eq!(client.next(&mut &bytes[..]).is_ok(), kind == number::FAILURE, "{kind}");
        }
        // agent/3/1, on the client's side.
        for length in [0, 1 << 31, u32::MAX] {
            let mut client = client(Client::identities);
            assert!(matches!(client.next(&mut &length.to_be_bytes()[..]), Err(BadAnswer::Frame(_))));
        }
    }

    #[test]
    fn requests_are_bounded() {
        let mut client = Client::new();
        assert_eq!(client.sign(KEY, &std::vec![0; 256 * 1024], "ssh-ed25519"), Err(SendError::TooLong));
        assert_eq!(client.extension(&"x".repeat(65), b""), Err(SendError::TooLong));
        assert_eq!(client.pending(), 0);
        assert!(client.transmit_buf().is_empty());
        for _ in 0..MAX_PENDING {
            client.identities().unwrap();
        }
        assert_eq!(client.identities(), Err(SendError::TooMany));
    }
}
