//! A channel and the descriptors at its ends: data is read straight into packets and written straight out of them.
//!
//! ```text
//!  Source --read--> Writer::space, send --> peer          while the peer's window and the transmit buffer have room
//!  Sink <--write-- Data event <-- peer                    what the sink does not take waits in its Backlog
//!       --what it took--> grant                           and only then the peer may send more
//! ```

use crate::poll::{Poll, Ready};
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::socket::{Shutdown, shutdown};
use nix::sys::stat::{SFlag, fstat};
use nix::unistd::{read, write};
use sansh::Backlog;
use sansh::channel::{Channel, Stream};
use sansh::{Connection, Role, SendError};
use std::fs::OpenOptions;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;

/// The window of every channel, and so the size of every backlog.
pub(crate) const WINDOW: u32 = 2 << 20;

/// What a descriptor is, as far as reading and writing go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nature {
    /// Ours alone, and told not to block. `socket` says that an end is told by shutdown(2).
    Own { socket: bool },
    /// Shared with other programs, so that its flags are not ours to change: standard input and output, if they are a
    /// terminal or a socket. One read, and a write of no more than a pipe always takes, for each time that poll(2) says
    /// so.
    Shared,
    /// A regular file, which never blocks.
    File,
}

/// As much as a pipe takes without blocking once poll(2) calls it writable (`PIPE_BUF`).
const GENTLE: usize = 4096;

/// From a descriptor to the peer.
pub(crate) struct Source {
    fd: OwnedFd,
    nature: Nature,
    stream: Stream,
    /// The connection had no room; a Writable event says when it has.
    blocked: bool,
    ended: bool,
}

/// From the peer to a descriptor.
pub(crate) struct Sink {
    /// `None` once it is closed, or broken: then everything is thrown away.
    fd: Option<OwnedFd>,
    /// The descriptor is still to come: everything waits for it.
    awaited: bool,
    nature: Nature,
    backlog: Backlog,
    /// The peer sends no more.
    last: bool,
}

/// The ends of one channel.
pub(crate) struct Pump {
    channel: Channel,
    sources: Vec<Source>,
    sinks: Vec<(Stream, Sink)>,
    finished: bool,
}

/// Which descriptor of a pump is ready.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Which {
    Source(usize),
    Sink(usize),
}

impl Source {
    /// A descriptor of our own: a pipe or a socket.
    pub(crate) fn own(fd: OwnedFd, stream: Stream) -> std::io::Result<Self> {
        let nature = unblock(&fd)?;
        Ok(Source { fd, nature, stream, blocked: false, ended: false })
    }

    /// A descriptor that others use too.
    pub(crate) fn shared(fd: OwnedFd, stream: Stream) -> Self {
        let (fd, nature) = shared(fd, OpenOptions::new().read(true));
        Source { fd, nature, stream, blocked: false, ended: false }
    }

    /// Reads into packets until one of both sides has enough.
    fn fill<R: Role>(&mut self, conn: &mut Connection<R>, channel: Channel) {
        while !self.ended {
            let mut writer = match conn.writer(channel, self.stream) {
                Ok(writer) => writer,
                Err(SendError::Full | SendError::Window | SendError::Rekeying) => {
                    self.blocked = true;
                    return;
                }
                // Nobody is there to read it any more.
                Err(_) => {
                    self.ended = true;
                    return;
                }
            };
            match read(&self.fd, writer.space()) {
                Ok(0) => self.ended = true,
                Ok(n) => writer.send(n),
                Err(Errno::EAGAIN) => return,
                Err(Errno::EINTR) => continue,
                Err(_) => self.ended = true,
            }
            if self.nature == Nature::Shared {
                return;
            }
        }
    }
}

impl Sink {
    /// A descriptor of our own: a pipe or a socket.
    pub(crate) fn own(fd: OwnedFd) -> std::io::Result<Self> {
        let nature = unblock(&fd)?;
        Self::new(fd, nature)
    }

    /// A descriptor that others use too.
    pub(crate) fn shared(fd: OwnedFd) -> std::io::Result<Self> {
        let (fd, nature) = shared(fd, OpenOptions::new().write(true));
        Self::new(fd, nature)
    }

    fn new(fd: OwnedFd, nature: Nature) -> std::io::Result<Self> {
        let mut sink = Sink::awaited()?;
        sink.attach(fd, nature);
        Ok(sink)
    }

    /// One whose descriptor comes later.
    fn awaited() -> std::io::Result<Self> {
        let backlog = Backlog::new(WINDOW as usize).map_err(|_| std::io::ErrorKind::OutOfMemory)?;
        Ok(Sink { fd: None, awaited: true, nature: Nature::File, backlog, last: false })
    }

    fn attach(&mut self, fd: OwnedFd, nature: Nature) {
        self.fd = Some(fd);
        self.awaited = false;
        self.nature = nature;
    }

    fn is_broken(&self) -> bool {
        self.fd.is_none() && !self.awaited
    }

    /// Takes data: says how much of it may be granted at once.
    fn take(&mut self, bytes: &[u8]) -> u32 {
        let direct = match self.nature {
            Nature::Own { .. } | Nature::File if self.backlog.is_empty() => {
                write_some(&mut self.fd, self.nature, bytes)
            }
            _ => 0,
        };
        let rest = bytes.get(direct..).unwrap_or_default();
        // A broken sink takes everything; a whole one has a backlog as large as the window, so that this cannot fail.
        if self.is_broken() || self.backlog.push(rest).is_err() {
            return granted(bytes.len());
        }
        granted(direct)
    }

    /// The descriptor is ready for more. Says how much may be granted.
    fn drain(&mut self) -> u32 {
        let mut total = 0;
        while !self.backlog.is_empty() {
            let n = write_some(&mut self.fd, self.nature, self.backlog.front());
            if self.is_broken() {
                total += self.backlog.done(usize::MAX);
            } else {
                total += self.backlog.done(n);
                if n == 0 || self.nature == Nature::Shared {
                    break;
                }
            }
        }
        self.close_if_last();
        total
    }

    fn close_if_last(&mut self) {
        if self.last
            && self.backlog.is_empty()
            && let Some(fd) = self.fd.take()
            && (self.nature == Nature::Own { socket: true })
        {
            // A socket has a second half, which may go on.
            let _ = shutdown(fd.as_raw_fd(), Shutdown::Write);
        }
    }
}

impl Pump {
    pub(crate) fn new(channel: Channel) -> Self {
        Pump { channel, sources: Vec::new(), sinks: Vec::new(), finished: false }
    }

    /// A socket that is still to come. Data that comes before it waits.
    pub(crate) fn awaited(channel: Channel) -> std::io::Result<Self> {
        Ok(Pump::new(channel).with_sink(Stream::Main, Sink::awaited()?))
    }

    /// The awaited socket is there.
    pub(crate) fn attach(&mut self, fd: OwnedFd) -> std::io::Result<()> {
        let second = fd.try_clone()?;
        self.sources.push(Source::own(fd, Stream::Main)?);
        for (_, sink) in &mut self.sinks {
            let nature = unblock(&second)?;
            sink.attach(second.try_clone()?, nature);
            sink.close_if_last();
        }
        Ok(())
    }

    pub(crate) fn with_source(mut self, source: Source) -> Self {
        self.sources.push(source);
        self
    }

    pub(crate) fn with_sink(mut self, stream: Stream, sink: Sink) -> Self {
        self.sinks.push((stream, sink));
        self
    }

    /// Adds what it waits for.
    pub(crate) fn interests<'fd, T>(&'fd self, poll: &mut Poll<'fd, T>, token: impl Fn(Which) -> T) {
        for (nth, source) in self.sources.iter().enumerate() {
            poll.add(token(Which::Source(nth)), source.fd.as_fd(), !source.ended && !source.blocked, false);
        }
        for (nth, (_, sink)) in self.sinks.iter().enumerate() {
            if let Some(fd) = &sink.fd {
                poll.add(token(Which::Sink(nth)), fd.as_fd(), false, !sink.backlog.is_empty());
            }
        }
    }

    /// A descriptor is ready.
    pub(crate) fn ready<R: Role>(&mut self, conn: &mut Connection<R>, which: Which, ready: Ready) {
        match which {
            Which::Source(nth) if ready.read => {
                if let Some(source) = self.sources.get_mut(nth) {
                    source.fill(conn, self.channel);
                }
            }
            Which::Sink(nth) if ready.write => {
                if let Some((_, sink)) = self.sinks.get_mut(nth) {
                    grant(conn, self.channel, sink.drain());
                }
            }
            _ => {}
        }
    }

    /// A Data event: says how much to grant as soon as the event has gone.
    #[must_use]
    pub(crate) fn data(&mut self, stream: Stream, bytes: &[u8]) -> u32 {
        match self.sinks.iter_mut().find(|(of, _)| *of == stream) {
            Some((_, sink)) => sink.take(bytes),
            None => granted(bytes.len()),
        }
    }

    /// The channel is not open yet: the sources wait for [`writable`](Pump::writable).
    pub(crate) fn hold(&mut self) {
        for source in &mut self.sources {
            source.blocked = true;
        }
    }

    /// A Writable event: the sources may be read again.
    pub(crate) fn writable(&mut self) {
        for source in &mut self.sources {
            source.blocked = false;
        }
    }

    /// An Eof event, or the channel's end: sinks end when they are empty.
    pub(crate) fn no_more_data(&mut self) {
        for (_, sink) in &mut self.sinks {
            sink.last = true;
            sink.close_if_last();
        }
    }

    /// The channel is closed: whoever writes into a source learns it. Sinks get what they still have to get.
    pub(crate) fn closed(&mut self) {
        self.sources.clear();
        self.no_more_data();
    }

    /// Whether the sources have nothing more to say. Without any, they are still to come.
    pub(crate) fn sources_ended(&self) -> bool {
        !self.sources.is_empty() && self.sources.iter().all(|source| source.ended)
    }

    /// Whether the sink of the main stream takes nothing any more: its reader has gone.
    pub(crate) fn is_broken(&self) -> bool {
        self.sinks.iter().any(|(stream, sink)| *stream == Stream::Main && sink.is_broken() && !sink.last)
    }

    /// Whether the sinks got everything, and more will not come.
    pub(crate) fn sinks_ended(&self) -> bool {
        self.sinks.iter().all(|(_, sink)| sink.is_broken() || sink.last && sink.backlog.is_empty())
    }

    /// Tells the peer, once, that the sources ended.
    pub(crate) fn finish_if_ended<R: Role>(&mut self, conn: &mut Connection<R>) {
        if !self.finished && self.sources_ended() {
            self.finished = true;
            // Stale: the channel has closed meanwhile.
            let _ = conn.finish(self.channel);
        }
    }
}

/// Lets the peer send so much more. A channel that has closed meanwhile needs no window.
pub(crate) fn grant<R: Role>(conn: &mut Connection<R>, channel: Channel, n: u32) {
    if n > 0 {
        let _ = conn.grant(channel, n);
    }
}

/// How much the descriptor takes now. One that breaks is gone.
fn write_some(fd: &mut Option<OwnedFd>, nature: Nature, bytes: &[u8]) -> usize {
    let piece = if nature == Nature::Shared { bytes.len().min(GENTLE) } else { bytes.len() };
    let mut done = 0;
    while let (Some(open), Some(rest @ [_, ..])) = (fd.as_ref(), bytes.get(done..piece)) {
        match write(open, rest) {
            Ok(n) => done += n,
            Err(Errno::EINTR) => {}
            Err(Errno::EAGAIN) => break,
            Err(_) => *fd = None,
        }
    }
    done
}

fn granted(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn unblock(fd: &OwnedFd) -> std::io::Result<Nature> {
    let flags = OFlag::from_bits_retain(fcntl(fd, FcntlArg::F_GETFL)?);
    fcntl(fd, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
    Ok(Nature::Own { socket: kind(fd) == SFlag::S_IFSOCK })
}

/// A pipe can be opened a second time, as one of our own, where the system has `/proc`: larger writes then.
fn shared(fd: OwnedFd, options: &mut OpenOptions) -> (OwnedFd, Nature) {
    match kind(&fd) {
        SFlag::S_IFREG => (fd, Nature::File),
        SFlag::S_IFIFO => {
            let path = format!("/proc/self/fd/{}", fd.as_raw_fd());
            match options.custom_flags(OFlag::O_NONBLOCK.bits()).open(path) {
                Ok(own) => (own.into(), Nature::Own { socket: false }),
                Err(_) => (fd, Nature::Shared),
            }
        }
        _ => (fd, Nature::Shared),
    }
}

fn kind(fd: &OwnedFd) -> SFlag {
    fstat(fd).map_or(SFlag::empty(), |stat| SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT)
}
