//! The one place where the program waits: poll(2) over everything that it is interested in.
//!
//! A loop collects its interests anew in each round, each with a token of its own kind, waits, and gets back the tokens
//! of what is ready. Nothing is registered, so nothing has to be taken back.

use crate::clock;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use sansh::Instant;
use std::io;
use std::os::fd::BorrowedFd;

/// Interests of one round.
pub(crate) struct Poll<'fd, T> {
    fds: Vec<PollFd<'fd>>,
    tokens: Vec<T>,
}

/// What can be done without waiting.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ready {
    pub(crate) read: bool,
    pub(crate) write: bool,
}

impl<'fd, T> Poll<'fd, T> {
    pub(crate) fn new() -> Self {
        Poll { fds: Vec::new(), tokens: Vec::new() }
    }

    /// Adds a descriptor. Without any interest it is left out, so that one that was hung up wakes nobody.
    pub(crate) fn add(&mut self, token: T, fd: BorrowedFd<'fd>, read: bool, write: bool) {
        let mut flags = PollFlags::empty();
        flags.set(PollFlags::POLLIN, read);
        flags.set(PollFlags::POLLOUT, write);
        if !flags.is_empty() {
            self.fds.push(PollFd::new(fd, flags));
            self.tokens.push(token);
        }
    }

    /// Waits until something is ready, the time has come, or a signal arrives.
    pub(crate) fn wait(mut self, until: Option<Instant>) -> io::Result<Vec<(T, Ready)>> {
        match poll(&mut self.fds, timeout(until)) {
            Ok(_) => {}
            Err(nix::Error::EINTR) => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        }
        // What is hung up or broken shows itself in the next read or write.
        let broken = PollFlags::POLLHUP | PollFlags::POLLERR | PollFlags::POLLNVAL;
        let ready = self.fds.iter().map(|fd| {
            let events = fd.revents().unwrap_or(PollFlags::empty());
            let wanted = fd.events();
            Ready {
                read: wanted.contains(PollFlags::POLLIN) && events.intersects(PollFlags::POLLIN | broken),
                write: wanted.contains(PollFlags::POLLOUT) && events.intersects(PollFlags::POLLOUT | broken),
            }
        });
        Ok(self.tokens.into_iter().zip(ready).filter(|(_, ready)| ready.read || ready.write).collect())
    }
}

/// Rounded up to milliseconds, so that the time has really come when poll returns.
fn timeout(until: Option<Instant>) -> PollTimeout {
    let Some(until) = until else { return PollTimeout::NONE };
    let milliseconds = until.0.saturating_sub(clock::now().0).div_ceil(1_000_000);
    PollTimeout::try_from(milliseconds).unwrap_or(PollTimeout::MAX)
}
