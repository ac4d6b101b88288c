//! What both roles share: the bytes that are echoed, and what was seen of a connection.

use core::time::Duration;
use std::collections::VecDeque;

use sansh::channel::{Channel, Stream};
use sansh::error::Error;
use sansh::{Algorithms, Config, Connection, Limits, Role, SendError};

/// How long one connection may take from end to end.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// And one that is known to hang.
pub(crate) const LITTLE_PATIENCE: Duration = Duration::from_secs(8);

/// Echoed before sansh starts a re-exchange, and behind it.
pub(crate) const PIECE: usize = 16 * 1024;

/// Bytes in which a lost, doubled or moved piece shows.
pub(crate) fn piece() -> Vec<u8> {
    (0..PIECE).map(|i| (i * 7 % 251) as u8).collect()
}

/// What one connection was like.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) algorithms: Option<Algorithms>,
    /// All exchanges, and those that sansh and the peer started.
    pub(crate) exchanges: u64,
    pub(crate) ours: usize,
    pub(crate) theirs: usize,
    /// By which method the user came in, and for a server by which signature algorithm.
    pub(crate) login: Option<(String, String)>,
    /// Steps of the login that were right, and not enough.
    pub(crate) partials: usize,
    /// A client's server said which user keys it takes, and named neither this one's algorithm nor its plain key's.
    pub(crate) not_named: bool,
    /// The channel did all that it should.
    pub(crate) echoed: bool,
    pub(crate) closed: Option<(Error, String)>,
    /// All messages in the notation.
    pub(crate) trace: String,
}

impl Seen {
    /// Takes note of a connection that has ended.
    pub(crate) fn end<R: Role>(&mut self, connection: &Connection<R>, server: bool) {
        self.algorithms = connection.algorithms();
        self.exchanges = connection.counters().exchanges;
        let (client, peer) = started(&self.trace);
        (self.ours, self.theirs) = if server { (peer, client) } else { (client, peer) };
    }

    /// The last messages and the last words, for an error text.
    pub(crate) fn tail(&self) -> String {
        let lines: Vec<&str> = self.trace.lines().collect();
        let last = lines[lines.len().saturating_sub(8)..].iter().map(|line| line.chars().take(160).collect::<String>());
        let words = self.closed.as_ref().map_or("not closed", |(_, words)| words);
        format!("{words}\n      {}", last.collect::<Vec<_>>().join("\n      "))
    }
}

/// How many exchanges the client and the server started: whose KEXINIT came first. The first one both start.
fn started(trace: &str) -> (usize, usize) {
    let (mut client, mut server, mut waiting) = (0, 0, false);
    for line in trace.lines().filter(|line| line.contains(" SSH KEXINIT(")).skip(2) {
        if !waiting {
            *(if line.starts_with("C → S") { &mut client } else { &mut server }) += 1;
        }
        waiting = !waiting;
    }
    (client, server)
}

/// Whatever the role: with a trace, so that it can be told what went over the wire.
pub(crate) fn with_trace<R: Role>(config: &mut Config<R>) {
    let mut limits = Limits::default();
    limits.trace = 1 << 20;
    config.limits(limits).expect("good limits");
}

/// Moves the trace out of the connection.
pub(crate) fn take_trace<R: Role>(connection: &mut Connection<R>, trace: &mut String) {
    trace.push_str(connection.trace());
    let n = connection.trace().len();
    connection.traced(n);
}

/// Sends what waits, as far as windows and room allow; says whether all went.
pub(crate) fn push<R: Role>(connection: &mut Connection<R>, channel: Channel, out: &mut VecDeque<u8>) -> bool {
    while !out.is_empty() {
        let mut writer = match connection.writer(channel, Stream::Main) {
            Ok(writer) => writer,
            Err(SendError::Full | SendError::Window | SendError::Rekeying) => return false,
            // The peer has closed the channel, or the connection has ended: an event says so.
            Err(_) => {
                out.clear();
                break;
            }
        };
        let front = out.as_slices().0;
        let n = front.len().min(writer.space().len());
        writer.space()[..n].copy_from_slice(&front[..n]);
        writer.send(n);
        out.drain(..n);
    }
    true
}
