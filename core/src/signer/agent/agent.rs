//! The answering side: requests out of bytes, and the right to answer each once.
//!
//! Nothing is kept here and nothing is decided: that is a [`Keyring`](super::Keyring)'s or the application's. What cannot
//! be read is answered with FAILURE and not shown.
//!
//! ```text
//! next(bytes) --> Asked { request (lent), reply } --reply.signature(…)--> transmit_buf
//!                                                 --reply.later()-------> Later --Agent::reply(later)--> Replying
//!                                                 --dropped-------------> FAILURE
//! ```

use super::buffer::{NotSent, Outgoing};
use super::{BadFrame, Frames, MAX_KEYS, MAX_MESSAGE, Reply, Request, number};
use crate::keys::PublicKey;
use crate::wire::put_string;
use core::fmt;

/// One connection of a client.
///
/// [`next`](Agent::next) takes bytes, [`transmit_buf`](Agent::transmit_buf) and [`transmitted`](Agent::transmitted) give
/// them.
///
/// ```
/// use sansh::signer::agent::{Agent, Request};
///
/// let mut agent = Agent::new();
/// let mut input: &[u8] = b"\0\0\0\x01\x0b";
/// while let Some(asked) = agent.next(&mut input).unwrap() {
///     match asked.request {
///         Request::Identities => asked.reply.identities(std::iter::empty()).unwrap(),
///         _ => asked.reply.failure(),
///     }
/// }
/// assert_eq!(agent.transmit_buf(), b"\0\0\0\x05\x0c\0\0\0\0");
/// ```
#[derive(Debug)]
pub struct Agent {
    frames: Frames,
    out: Answers,
}

/// A request, and the right to answer it.
#[derive(Debug)]
pub struct Asked<'a> {
    /// What is asked.
    pub request: Request<'a>,
    /// Dropped, it answers FAILURE.
    pub reply: Replying<'a>,
}

/// The right to answer one request, once. Dropped, it answers FAILURE.
#[must_use]
#[derive(Debug)]
pub struct Replying<'a> {
    out: &'a mut Answers,
    asked: u8,
    open: bool,
}

/// The right to answer the request that an [`Agent`] waits with. If it is lost, so is the connection: nothing else is
/// answered before.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub struct Later(u64);

/// Why an answer was replaced by FAILURE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnswerError {
    /// The request has no answer of this kind.
    Kind,
    /// It is longer than any client takes, or lists more than [`MAX_KEYS`] keys.
    TooLong,
    /// A fallible allocation failed; the connection has failed with it.
    OutOfMemory,
}

impl fmt::Display for AnswerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AnswerError::Kind => "the request has no answer of this kind",
            AnswerError::TooLong => "the answer is longer than clients take",
            AnswerError::OutOfMemory => "out of memory",
        })
    }
}

impl core::error::Error for AnswerError {}

/// Answers on their way out, and the one that they wait for.
#[derive(Debug)]
struct Answers {
    out: Outgoing,
    waits: Option<u8>,
    turn: u64,
    lost: bool,
}

impl Default for Agent {
    fn default() -> Self {
        Self::new()
    }
}

impl Agent {
    /// A new connection.
    #[must_use]
    pub fn new() -> Self {
        let out = Answers { out: Outgoing::new(), waits: None, turn: 0, lost: false };
        Agent { frames: Frames::new(), out }
    }

    /// Takes bytes from the front of `input` until a request is whole. `None` once all of `input` is taken, while an
    /// answer is [`Later`], or while more than [`MAX_MESSAGE`] bytes of answers wait to be transmitted: then the rest of
    /// `input` is to be shown again.
    ///
    /// # Errors
    /// [`BadFrame`], from then on at each call.
    #[allow(clippy::should_implement_trait, reason = "it takes an input and lends")]
    pub fn next(&mut self, input: &mut &[u8]) -> Result<Option<Asked<'_>>, BadFrame> {
        loop {
            if self.out.lost {
                return Err(BadFrame::OutOfMemory);
            }
            // Replies are sent in order, so that one that is late holds up all behind it.
            if self.out.waits.is_some() || self.transmit_buf().len() > MAX_MESSAGE || !self.frames.fill(input)? {
                return Ok(None);
            }
            if Request::parse(self.frames.message()).is_ok() {
                break;
            }
            // "SSH_AGENT_FAILURE messages MUST also be sent in reply to requests with unknown or unsupported types"
            // (section 3.1); the same for a constraint (section 3.2.7) or a key type (section 3.2) that is unknown.
            self.out.push(&Reply::Failure);
        }
        let message = self.frames.message();
        let Ok(request) = Request::parse(message) else { return Ok(None) };
        let asked = request.number();
        Ok(Some(Asked { request, reply: Replying { out: &mut self.out, asked, open: true } }))
    }

    /// The request that waits for its answer.
    #[must_use]
    pub fn waiting(&self) -> Option<Request<'_>> {
        self.out.waits.and_then(|_| Request::parse(self.frames.message()).ok())
    }

    /// Answers the request that waits, which is lent again. `None` if `later` is of another connection or turn.
    pub fn reply(&mut self, later: Later) -> Option<Asked<'_>> {
        let asked = self.out.waits.filter(|_| later.0 == self.out.turn)?;
        let request = Request::parse(self.frames.message()).ok()?;
        self.out.waits = None;
        Some(Asked { request, reply: Replying { out: &mut self.out, asked, open: true } })
    }

    /// What is to be written to the client.
    #[must_use]
    pub fn transmit_buf(&self) -> &[u8] {
        self.out.out.as_slice()
    }

    /// The first `n` bytes of it were written.
    pub fn transmitted(&mut self, n: usize) {
        self.out.out.sent(n);
    }
}

impl Answers {
    fn push(&mut self, reply: &Reply<'_>) {
        // An answer that is missing would put all behind it in the place of another.
        self.lost |= self.out.push(|sink| reply.write(sink)).is_err();
    }
}

impl Replying<'_> {
    /// No.
    pub fn failure(self) {
        drop(self);
    }

    /// Done: a key was added or removed, the agent is locked or unlocked, or an extension says nothing more.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub fn success(self) -> Result<(), AnswerError> {
        let asked = !matches!(self.asked, number::REQUEST_IDENTITIES | number::SIGN_REQUEST);
        self.answer(asked, &Reply::Success)
    }

    /// The signature blob `string algorithm, string signature`.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub fn signature(self, blob: &[u8]) -> Result<(), AnswerError> {
        let asked = self.asked == number::SIGN_REQUEST;
        self.answer(asked, &Reply::Signature(blob))
    }

    /// The keys that the client may see: blobs and comments.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub fn identities<'k>(
        mut self,
        keys: impl Iterator<Item = (PublicKey<'k>, &'k [u8])> + Clone,
    ) -> Result<(), AnswerError> {
        if self.asked != number::REQUEST_IDENTITIES {
            return Err(AnswerError::Kind);
        }
        let count = keys.clone().count();
        let number = u32::try_from(count).ok().filter(|_| count <= MAX_KEYS).ok_or(AnswerError::TooLong)?;
        let result = self.out.out.push(|sink| {
            sink.put(&[number::IDENTITIES_ANSWER]);
            sink.put(&number.to_be_bytes());
            for (key, comment) in keys.clone() {
                put_string(sink, key.blob());
                put_string(sink, comment);
            }
        });
        self.done(result)
    }

    /// What the extension `name`, the one in the request, says.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub fn extension(self, name: &str, body: &[u8]) -> Result<(), AnswerError> {
        let asked = self.asked == number::EXTENSION;
        self.answer(asked, &Reply::Extension { name, body })
    }

    /// The extension is known, and failed. One that is not known is a [`failure`](Replying::failure): "This allows failed
    /// requests to be distinguished from the extension not being supported" (section 3.8).
    ///
    /// # Errors
    /// [`AnswerError`].
    pub fn extension_failure(self) -> Result<(), AnswerError> {
        let asked = self.asked == number::EXTENSION;
        self.answer(asked, &Reply::ExtensionFailure)
    }

    /// Answers later. The agent takes no further request before; the request stays where
    /// [`Agent::waiting`] lends it.
    pub fn later(mut self) -> Later {
        self.open = false;
        self.out.waits = Some(self.asked);
        self.out.turn = self.out.turn.wrapping_add(1);
        Later(self.out.turn)
    }

    fn answer(mut self, is_of_this_kind: bool, reply: &Reply<'_>) -> Result<(), AnswerError> {
        if !is_of_this_kind {
            return Err(AnswerError::Kind);
        }
        let result = self.out.out.push(|sink| reply.write(sink));
        self.done(result)
    }

    /// If it did not go out, FAILURE does, in `drop`.
    fn done(&mut self, result: Result<(), NotSent>) -> Result<(), AnswerError> {
        self.open = result.is_err();
        result.map_err(|error| match error {
            NotSent::TooLong => AnswerError::TooLong,
            NotSent::OutOfMemory => AnswerError::OutOfMemory,
        })
    }
}

impl Drop for Replying<'_> {
    fn drop(&mut self) {
        if self.open {
            self.out.push(&Reply::Failure);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::encode::written;
    use alloc::vec::Vec;

    const FAILURE: &[u8] = &[0, 0, 0, 1, 5];

    fn framed(request: &Request<'_>) -> Vec<u8> {
        let message = written(|sink| request.write(sink)).unwrap();
        written(|sink| put_string(sink, &message)).unwrap()
    }

    const SIGN: Request<'_> = Request::Sign { key: PublicKey::new(b"k"), data: b"d", flags: 0 };

    /// agent/3.1/1, agent/6.1.1/1: all types, empty and with something in them; 0 is none, and neither are the reserved.
    #[test]
    fn a_type_that_nobody_knows_is_a_failure() {
        for kind in 0..=u8::MAX {
            for body in [&b""[..], b"\0\0\0\0", b"\0\0\0\x05query"] {
                let message = [&[kind][..], body].concat();
                let bytes = written(|sink| put_string(sink, &message)).unwrap();
                let mut agent = Agent::new();
                let asked = agent.next(&mut &bytes[..]).unwrap();
                let whole = match kind {
                    11 | 19 => body.is_empty(),
                    18 | 22 | 23 | 27 => !body.is_empty(),
                    _ => false,
                };
                assert_eq!(asked.is_some(), whole, "{kind} {body:?}");
                drop(asked);
                assert_eq!(agent.transmit_buf(), FAILURE, "{kind} {body:?}");
            }
        }
    }

    #[test]
    fn an_answer_is_of_a_kind_that_the_request_has() {
        let requests = [Request::Identities, SIGN, Request::RemoveAll, Request::Extension { name: "query", body: b"" }];
        type Answer = fn(Replying<'_>) -> Result<(), AnswerError>;
        let answers: [(Answer, [bool; 4]); 5] = [
            (|reply| reply.success(), [false, false, true, true]),
            (|reply| reply.signature(b"s"), [false, true, false, false]),
            (|reply| reply.identities(core::iter::empty()), [true, false, false, false]),
            (|reply| reply.extension("query", b""), [false, false, false, true]),
            (|reply| reply.extension_failure(), [false, false, false, true]),
        ];
        for (answer, good) in answers {
            for (request, good) in requests.iter().zip(good) {
                let bytes = framed(request);
                let mut agent = Agent::new();
                let Asked { request: read, reply } = agent.next(&mut &bytes[..]).unwrap().unwrap();
                assert_eq!(read, *request);
                let result = answer(reply);
                assert_eq!(result, if good { Ok(()) } else { Err(AnswerError::Kind) });
                assert_eq!(agent.transmit_buf() == FAILURE, !good);
            }
        }
    }

    #[test]
    fn a_late_answer_holds_up_all_behind_it() {
        let bytes = [framed(&SIGN), framed(&Request::RemoveAll)].concat();
        let (mut input, mut agent) = (&bytes[..], Agent::new());
        let later = agent.next(&mut input).unwrap().unwrap().reply.later();
        let rest = input.len();
        assert!(agent.next(&mut input).unwrap().is_none() && input.len() == rest);
        assert_eq!(agent.waiting(), Some(SIGN));
        assert!(agent.reply(Later(7)).is_none());
        let Asked { request, reply } = agent.reply(later).unwrap();
        assert_eq!(request, SIGN);
        reply.signature(b"s").unwrap();
        assert!(agent.waiting().is_none() && agent.reply(Later(1)).is_none());
        agent.next(&mut input).unwrap().unwrap().reply.success().unwrap();
        assert_eq!(agent.transmit_buf(), b"\0\0\0\x06\x0e\0\0\0\x01s\0\0\0\x01\x06");
    }

    #[test]
    fn answers_that_nobody_fetches_stop_the_requests() {
        let bytes = framed(&Request::Identities).repeat(9);
        let (mut input, mut agent) = (&bytes[..], Agent::new());
        let comment = [b'c'; 100 * 1024];
        let keys = [(PublicKey::new(b"k"), &comment[..])];
        let mut answered = 0;
        while let Some(asked) = agent.next(&mut input).unwrap() {
            asked.reply.identities(keys.into_iter()).unwrap();
            answered += 1;
        }
        assert_eq!((answered, input.len()), (3, 6 * 5));
        let waiting = agent.transmit_buf().len();
        agent.transmitted(waiting);
        assert!(agent.next(&mut input).unwrap().is_some());
        // Lists that no client takes.
        for (keys, size) in [(2049, 0), (3, 100 * 1024)] {
            let mut agent = Agent::new();
            let mut input = &bytes[..5];
            let reply = agent.next(&mut input).unwrap().unwrap().reply;
            let keys = (0..keys).map(|_| (PublicKey::new(b""), &comment[..size]));
            assert_eq!(reply.identities(keys), Err(AnswerError::TooLong));
            assert_eq!(agent.transmit_buf(), FAILURE);
        }
    }
}
