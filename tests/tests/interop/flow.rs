//! What an end does with its channels: data that comes is kept, checked, echoed or passed on; data that goes waits.
//!
//! A refused `writer` or `request` is not repeated before the event that the connection promised: a lost `Writable` or
//! `Room` makes a test hang, and so fail.

use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};
use std::io::Write;
use std::net::Shutdown;
use std::sync::OnceLock;

use sansh::channel::{Channel, Request, Stream};
use sansh::crypto::Provider;
use sansh::event::channel;
use sansh::{Connection, Role, SendError};
use sansh_testkit::driver::Socket;

/// How long anything may take that is not about bulk.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The providers that every pair of algorithms is tried with.
pub(crate) fn providers() -> Vec<&'static dyn Provider> {
    vec![
        &sansh::crypto::rustcrypto::RustCrypto,
        #[cfg(feature = "aws_lc")]
        &sansh::crypto::aws_lc::AwsLc,
    ]
}

/// Bytes in which a lost, doubled or moved piece shows: their period is a prime number that no packet size divides.
pub(crate) fn pattern(at: u64, length: usize) -> &'static [u8] {
    const PERIOD: usize = 1_048_573;
    static TABLE: OnceLock<Vec<u8>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let mut state = 0x9e37_79b9_u32;
        let mut table: Vec<u8> = core::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state.to_le_bytes()[1]
        })
        .take(PERIOD)
        .collect();
        table.extend_from_within(..);
        table
    });
    let start = usize::try_from(at % PERIOD as u64).expect("below the period");
    &table[start..start + length.min(PERIOD)]
}

/// What happens to data that comes.
#[derive(Debug)]
pub(crate) enum Input {
    /// It is kept.
    Keep(Vec<u8>),
    /// It must be the pattern.
    Check,
    /// It goes back, and is granted as it leaves.
    Echo,
    /// It is written to a socket.
    To(Socket),
    /// Only its length counts, and goes back as text at the end.
    Count,
}

impl Default for Input {
    fn default() -> Input {
        Input::Keep(Vec::new())
    }
}

/// How a program of the server ends.
#[derive(Clone, Debug, Default)]
pub(crate) enum Ending {
    /// EOF only; the peer closes, after it said how its program ended: a client's side of a session.
    #[default]
    Wait,
    /// EOF, and CLOSE when the peer says EOF too: a forwarding.
    Both,
    /// exit-status, EOF, CLOSE.
    Status(u32),
    /// exit-signal, EOF, CLOSE.
    Signal(&'static str, &'static str),
}

/// One channel.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    pub(crate) input: Input,
    pub(crate) received: u64,
    pub(crate) stderr: Vec<u8>,
    pub(crate) opened: bool,
    pub(crate) refused: Option<(u32, String)>,
    pub(crate) eof: bool,
    pub(crate) closed: bool,
    /// The answers to our requests, in order.
    pub(crate) replies: Vec<bool>,
    pub(crate) status: Option<u32>,
    /// Signal name and message.
    pub(crate) signal: Option<(String, String)>,
    /// Server: what `env` requests set.
    pub(crate) env: BTreeMap<Vec<u8>, Vec<u8>>,
    pub(crate) sent: u64,
    pub(crate) out: VecDeque<u8>,
    pub(crate) errors: VecDeque<u8>,
    /// So much of the pattern goes before the end.
    pub(crate) to_send: u64,
    /// Nothing follows what waits.
    pub(crate) finish: bool,
    pub(crate) ending: Ending,
    finished: bool,
    closing: bool,
    blocked: bool,
    /// A request found no room.
    wants_room: bool,
}

impl Flow {
    /// One that waits for the peer's confirmation.
    pub(crate) fn opening(input: Input) -> Flow {
        let ending = if matches!(input, Input::To(_)) { Ending::Both } else { Ending::Wait };
        Flow { input, ending, ..Flow::default() }
    }

    /// One that the peer opened.
    pub(crate) fn accepted(input: Input) -> Flow {
        let ending = if matches!(input, Input::Keep(_)) { Ending::Wait } else { Ending::Both };
        Flow { input, ending, opened: true, ..Flow::default() }
    }

    /// What was kept.
    pub(crate) fn kept(&self) -> &[u8] {
        match &self.input {
            Input::Keep(bytes) => bytes,
            other => panic!("nothing is kept: {other:?}"),
        }
    }

    /// Takes note of an event; says how many bytes may be granted at once.
    pub(crate) fn happened(&mut self, event: channel::Event<'_>) -> u32 {
        match event {
            channel::Event::Opened { .. } => self.opened = true,
            channel::Event::Refused(refusal) => {
                self.refused = Some((refusal.reason, String::from_utf8_lossy(refusal.text).into_owned()));
            }
            channel::Event::Writable => self.blocked = false,
            channel::Event::Data { stream: Stream::Stderr, bytes } => {
                self.stderr.extend(bytes);
                return len(bytes);
            }
            channel::Event::Data { bytes, .. } => return self.data(bytes),
            channel::Event::Request { request: Request::ExitStatus(status), .. } => {
                assert_eq!(self.status.replace(status), None, "one status only");
            }
            channel::Event::Request { request: Request::ExitSignal { signal, message, .. }, .. } => {
                let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
                assert_eq!(self.signal.replace((text(signal), text(message))), None, "one signal only");
            }
            channel::Event::Replied { to, ok } => {
                assert_eq!(to.0 as usize, self.replies.len(), "answers come in order");
                self.replies.push(ok);
            }
            channel::Event::Eof => {
                assert!(!core::mem::replace(&mut self.eof, true), "one EOF only");
                match &self.input {
                    Input::Echo => self.finish = true,
                    Input::Count => {
                        self.out.extend(format!("{}\n", self.received).bytes());
                        self.finish = true;
                    }
                    Input::To(socket) => socket.shutdown(Shutdown::Write),
                    Input::Keep(_) | Input::Check => {}
                }
            }
            channel::Event::Closed => {
                self.closed = true;
                if let Input::To(socket) = &self.input {
                    socket.shutdown(Shutdown::Both);
                }
            }
            other => panic!("unexpected: {other:?}"),
        }
        0
    }

    fn data(&mut self, bytes: &[u8]) -> u32 {
        assert!(!self.eof && !bytes.is_empty());
        let at = self.received;
        self.received += bytes.len() as u64;
        match &mut self.input {
            Input::Keep(kept) => kept.extend(bytes),
            Input::Check => assert!(pattern(at, bytes.len()) == bytes, "wrong data near byte {at}"),
            Input::Echo => {
                self.out.extend(bytes);
                return 0;
            }
            // What a service does not take any more is lost, as in any forwarding.
            Input::To(socket) => drop(socket.write_all(bytes)),
            Input::Count => {}
        }
        len(bytes)
    }

    /// Sends what may go.
    pub(crate) fn push<R: Role>(&mut self, connection: &mut Connection<R>, channel: Channel) {
        if !self.opened || self.closed {
            return;
        }
        while !self.blocked {
            let stream = if self.errors.is_empty() { Stream::Main } else { Stream::Stderr };
            if self.errors.is_empty() && self.out.is_empty() && self.to_send == 0 {
                break;
            }
            let mut writer = match connection.writer(channel, stream) {
                Ok(writer) => writer,
                Err(SendError::Full | SendError::Window | SendError::Rekeying) => {
                    self.blocked = true;
                    break;
                }
                // The peer has closed the channel, or the connection has ended: an event says so.
                Err(SendError::Closed | SendError::Stale) => return,
                Err(other) => panic!("writer: {other}"),
            };
            let space = writer.space();
            if !self.errors.is_empty() {
                let n = move_front(&mut self.errors, space);
                writer.send(n);
            } else if !self.out.is_empty() {
                let n = move_front(&mut self.out, space);
                writer.send(n);
                self.sent += n as u64;
                if matches!(self.input, Input::Echo) {
                    connection.grant(channel, u32::try_from(n).expect("a packet")).expect("open");
                }
            } else {
                let n = space.len().min(usize::try_from(self.to_send).unwrap_or(usize::MAX));
                let bytes = pattern(self.sent, n);
                space[..bytes.len()].copy_from_slice(bytes);
                writer.send(bytes.len());
                self.sent += bytes.len() as u64;
                self.to_send -= bytes.len() as u64;
            }
        }
        if self.finish && self.errors.is_empty() && self.out.is_empty() && self.to_send == 0 {
            self.end(connection, channel);
        }
    }

    fn end<R: Role>(&mut self, connection: &mut Connection<R>, channel: Channel) {
        if !self.finished && !self.wants_room {
            let last = match self.ending {
                Ending::Wait | Ending::Both => None,
                Ending::Status(status) => Some(Request::ExitStatus(status)),
                Ending::Signal(name, message) => Some(Request::ExitSignal {
                    signal: name.as_bytes(),
                    core_dumped: false,
                    message: message.as_bytes(),
                }),
            };
            match last.map_or(Ok(()), |request| connection.request(channel, request).map(drop)) {
                Ok(()) => self.finished = true,
                Err(SendError::Full | SendError::Rekeying) => self.wants_room = true,
                Err(SendError::Closed | SendError::Stale) => self.finished = true,
                Err(other) => panic!("request: {other}"),
            }
            if self.finished {
                let _ = connection.finish(channel);
            }
        }
        let close = match self.ending {
            Ending::Wait => false,
            Ending::Both => self.eof,
            Ending::Status(_) | Ending::Signal(..) => true,
        };
        if self.finished && close && !self.closing {
            self.closing = true;
            let _ = connection.close(channel);
        }
    }

    /// `Room` came.
    pub(crate) fn room(&mut self) {
        self.wants_room = false;
    }
}

fn len(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).expect("a packet")
}

fn move_front(from: &mut VecDeque<u8>, to: &mut [u8]) -> usize {
    let front = from.as_slices().0;
    let n = front.len().min(to.len());
    to[..n].copy_from_slice(&front[..n]);
    from.drain(..n);
    n
}
