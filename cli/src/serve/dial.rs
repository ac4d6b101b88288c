//! Connecting to services. It is the one thing that blocks, since a name may have to be looked up: each attempt has a
//! thread of its own, which ends with it, and the loop goes on. The ask that waits for the outcome is answered later.

use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, Sender};
use std::{fmt, io, thread};

/// Where a service is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Unix(PathBuf),
    Tcp { host: String, port: u16 },
}

impl Target {
    /// `unix:PATH` or `tcp:HOST:PORT`; `None` for texts that begin otherwise.
    pub(crate) fn parse(text: &str) -> Option<Result<Self, &'static str>> {
        if let Some(path) = text.strip_prefix("unix:") {
            return Some(if path.is_empty() {
                Err("a path is missing behind unix:")
            } else {
                Ok(Target::Unix(path.into()))
            });
        }
        let (host, port) = match text.strip_prefix("tcp:")?.rsplit_once(':') {
            Some((host, port)) => (host.trim_start_matches('[').trim_end_matches(']'), port.parse::<u16>().ok()),
            None => ("", None),
        };
        Some(match port {
            Some(port) if !host.is_empty() && port != 0 => Ok(Target::Tcp { host: host.to_owned(), port }),
            _ => Err("write tcp:HOST:PORT with a port from 1 to 65535"),
        })
    }

    fn connect(&self, greeting: &[u8]) -> io::Result<OwnedFd> {
        use io::Write;
        match self {
            Target::Unix(path) => {
                let mut socket = UnixStream::connect(path)?;
                socket.write_all(greeting)?;
                Ok(socket.into())
            }
            Target::Tcp { host, port } => {
                let mut socket = TcpStream::connect((host.as_str(), *port))?;
                socket.set_nodelay(true)?;
                socket.write_all(greeting)?;
                Ok(socket.into())
            }
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Unix(path) => write!(f, "unix:{}", path.display()),
            Target::Tcp { host, port } => write!(f, "tcp:{host}:{port}"),
        }
    }
}

/// How an attempt ended.
pub(super) struct Dialed {
    pub(super) visitor: u64,
    /// Which of the visitor's attempts.
    pub(super) number: u64,
    pub(super) socket: io::Result<OwnedFd>,
}

pub(super) struct Dialer {
    done: Receiver<Dialed>,
    report: Sender<Dialed>,
    /// Readable while there is something to take.
    bell: UnixStream,
    ring: UnixStream,
}

impl Dialer {
    pub(super) fn new() -> io::Result<Self> {
        let (report, done) = mpsc::channel();
        let (bell, ring) = UnixStream::pair()?;
        bell.set_nonblocking(true)?;
        ring.set_nonblocking(true)?;
        Ok(Dialer { done, report, bell, ring })
    }

    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.bell.as_fd()
    }

    /// Connects and sends `greeting`; the outcome comes by [`take`](Dialer::take).
    pub(super) fn dial(&self, visitor: u64, number: u64, target: Target, greeting: Vec<u8>) {
        let (report, ring) = (self.report.clone(), self.ring.try_clone());
        let attempt = move || {
            // Whoever asked may be gone by now; then the socket closes here. A bell that is full rings already.
            let _ = report.send(Dialed { visitor, number, socket: target.connect(&greeting) });
            let _ = ring.map(|mut ring| io::Write::write(&mut ring, &[0]));
        };
        if let Err(error) = thread::Builder::new().name("dial".to_owned()).spawn(attempt) {
            let _ = self.report.send(Dialed { visitor, number, socket: Err(error) });
            let _ = io::Write::write(&mut &self.ring, &[0]);
        }
    }

    pub(super) fn take(&self) -> Vec<Dialed> {
        let mut bytes = [0; 64];
        while matches!(io::Read::read(&mut &self.bell, &mut bytes), Ok(n) if n > 0) {}
        self.done.try_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_told_from_commands() {
        let tcp = |host: &str, port| Some(Ok(Target::Tcp { host: host.to_owned(), port }));
        assert_eq!(Target::parse("unix:/run/x"), Some(Ok(Target::Unix("/run/x".into()))));
        assert_eq!(Target::parse("tcp:localhost:80"), tcp("localhost", 80));
        assert_eq!(Target::parse("tcp:[::1]:80"), tcp("::1", 80));
        assert_eq!(Target::parse("/usr/bin/tcp:1"), None);
        for bad in ["unix:", "tcp:", "tcp:80", "tcp:h:", "tcp:h:0", "tcp:h:65536", "tcp::80"] {
            assert!(matches!(Target::parse(bad), Some(Err(_))), "{bad}");
        }
    }
}
