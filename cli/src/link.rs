//! A connection and its socket: the two of the four pairs that move bytes to and from the network.
//!
//! ```text
//!  socket --receive--> Connection --next_event--> who owns the link
//!  socket <--transmit-- Connection <--writer, answer, grant, …--
//! ```

use crate::clock;
use sansh::{Connection, Role};
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};

pub(crate) struct Link<R: Role> {
    pub(crate) conn: Connection<R>,
    net: TcpStream,
    /// The network has no more bytes for us.
    ended: bool,
    /// The network takes no more bytes from us.
    broken: bool,
}

impl<R: Role> Link<R> {
    pub(crate) fn new(conn: Connection<R>, net: TcpStream) -> std::io::Result<Self> {
        net.set_nonblocking(true)?;
        net.set_nodelay(true)?;
        Ok(Link { conn, net, ended: false, broken: false })
    }

    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.net.as_fd()
    }

    pub(crate) fn wants_read(&self) -> bool {
        self.conn.wants().read && !self.ended
    }

    pub(crate) fn wants_write(&self) -> bool {
        self.conn.wants().write && !self.broken
    }

    /// One read, straight into the connection. The events that follow from it come first, then perhaps another.
    pub(crate) fn receive(&mut self) {
        if !self.wants_read() {
            return;
        }
        let read = self.net.read(self.conn.recv_buf());
        let now = clock::now();
        // 0 gives the space back.
        self.conn.received(*read.as_ref().unwrap_or(&0), now);
        match read {
            Ok(n) if n > 0 => {}
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Ok(_) | Err(_) => self.end(),
        }
    }

    /// Writes what the network takes. Says whether something left: then there may be new events.
    pub(crate) fn transmit(&mut self) -> bool {
        let mut some = false;
        while self.wants_write() {
            match self.net.write(self.conn.transmit_buf()) {
                Ok(n) if n > 0 => {
                    self.conn.transmitted(n);
                    some = true;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Ok(_) | Err(_) => {
                    self.broken = true;
                    self.end();
                }
            }
        }
        some
    }

    /// What is late by now.
    pub(crate) fn tick(&mut self) {
        let now = clock::now();
        if self.conn.next_timeout().is_some_and(|at| at <= now) {
            self.conn.handle_timeout(now);
        }
    }

    /// Shows the messages that were decoded, line by line, if the configuration keeps them.
    pub(crate) fn show_trace(&mut self, show: impl FnMut(&str)) {
        let trace = self.conn.trace();
        if trace.is_empty() {
            return;
        }
        trace.lines().for_each(show);
        let shown = trace.len();
        self.conn.traced(shown);
    }

    /// The last bytes are written: the peer may go. What it still sends is nobody's business, but an answer to it
    /// (a reset) must not overtake our last words.
    pub(crate) fn shut(&mut self) {
        let _ = self.net.shutdown(Shutdown::Write);
    }

    fn end(&mut self) {
        if !self.ended {
            self.ended = true;
            self.conn.received_eof(clock::now());
        }
    }
}
