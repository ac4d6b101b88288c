//! A blocking driver of a [`Connection`] over a socket, for tests: std only, no poll(2).
//!
//! ```text
//!  socket --thread--> wakes --turn()--> recv_buf        turn() --transmit_buf--> socket
//!  other sockets and threads --notes--> wakes --turn()--> the test
//! ```
//! One thread reads the socket, so that a turn can wait for the network, for a deadline and for whatever else a test
//! waits for, all in one place. Writing blocks: the reading thread goes on taking what the peer sends meanwhile.

use core::time::Duration;
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Instant as Clock;

use sansh::crypto::Seed;
use sansh::{Connection, Instant, Role};

/// Bytes taken from a socket at one time.
const CHUNK: usize = 256 * 1024;

/// A connected socket of either family.
#[derive(Debug)]
pub enum Socket {
    /// Over IP.
    Tcp(TcpStream),
    /// On this machine.
    Unix(UnixStream),
}

impl From<TcpStream> for Socket {
    fn from(stream: TcpStream) -> Socket {
        // Interactive tests wait for small packets.
        stream.set_nodelay(true).expect("a connected socket");
        Socket::Tcp(stream)
    }
}

impl From<UnixStream> for Socket {
    fn from(stream: UnixStream) -> Socket {
        Socket::Unix(stream)
    }
}

impl Socket {
    /// Another handle of the same socket.
    #[must_use]
    pub fn again(&self) -> Socket {
        match self {
            Socket::Tcp(stream) => Socket::Tcp(stream.try_clone().expect("a file descriptor")),
            Socket::Unix(stream) => Socket::Unix(stream.try_clone().expect("a file descriptor")),
        }
    }

    /// Ends one direction or both; a socket that has ended already stays so.
    pub fn shutdown(&self, how: Shutdown) {
        let _ = match self {
            Socket::Tcp(stream) => stream.shutdown(how),
            Socket::Unix(stream) => stream.shutdown(how),
        };
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Socket::Tcp(stream) => stream.read(buffer),
            Socket::Unix(stream) => stream.read(buffer),
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Socket::Tcp(stream) => stream.write(bytes),
            Socket::Unix(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Something that a test waits for beside the network.
#[derive(Debug)]
pub enum Note {
    /// Bytes from the source with this number.
    Bytes(u64, Vec<u8>),
    /// The source with this number has no more.
    End(u64),
    /// A listener with this number accepted a connection.
    Accepted(u64, Socket),
    /// Somebody asks the test to look at something.
    Look,
}

#[derive(Debug)]
enum Wake {
    Network(Vec<u8>),
    NetworkEnd,
    Noted(Note),
}

/// What came of a [`Driver::turn`].
#[derive(Debug)]
pub enum Turn {
    /// Bytes went or came, or a deadline passed: take the events.
    Moved,
    /// A note came.
    Noted(Note),
    /// Nothing happened in the given time.
    Idle,
}

/// Where other threads put their notes.
#[derive(Clone, Debug)]
pub struct Notes(Sender<Wake>);

impl Notes {
    /// Leaves a note; without effect if the driver has gone.
    pub fn put(&self, note: Note) {
        let _ = self.0.send(Wake::Noted(note));
    }

    /// Reads a socket to its end on a thread of its own, as notes of this number.
    pub fn read(&self, number: u64, socket: &Socket) {
        let notes = self.clone();
        read_all(socket.again(), move |bytes| {
            notes.put(bytes.map_or(Note::End(number), |bytes| Note::Bytes(number, bytes)));
        });
    }
}

fn read_all(mut socket: Socket, mut give: impl FnMut(Option<Vec<u8>>) + Send + 'static) -> JoinHandle<()> {
    thread::spawn(move || {
        let mut buffer = vec![0; CHUNK];
        while let Ok(n @ 1..) = socket.read(&mut buffer) {
            give(Some(buffer[..n].to_vec()));
        }
        give(None);
    })
}

/// A connection and its socket. Dropped, the socket ends.
#[derive(Debug)]
pub struct Driver<R: Role> {
    /// The machine. Between turns, take all its events.
    pub connection: Connection<R>,
    socket: Socket,
    reader: Option<JoinHandle<()>>,
    wakes: Receiver<Wake>,
    notes: Notes,
    clock: Clock,
    /// Received, and not yet taken by the machine.
    pending: VecDeque<Vec<u8>>,
    taken: usize,
    ended: bool,
    broken: bool,
}

impl<R: Role> Driver<R> {
    /// Drives what `make` makes at the time zero of its clock. The connection's seed is the operating system's.
    pub fn new(socket: impl Into<Socket>, make: impl FnOnce(Seed, Instant) -> Connection<R>) -> Driver<R> {
        let socket = socket.into();
        let (sender, wakes) = mpsc::channel();
        let network = sender.clone();
        let reader = read_all(socket.again(), move |bytes| {
            let _ = network.send(bytes.map_or(Wake::NetworkEnd, Wake::Network));
        });
        Driver {
            connection: make(seed(), Instant(0)),
            socket,
            reader: Some(reader),
            wakes,
            notes: Notes(sender),
            clock: Clock::now(),
            pending: VecDeque::new(),
            taken: 0,
            ended: false,
            broken: false,
        }
    }

    /// Where other threads put their notes.
    #[must_use]
    pub fn notes(&self) -> Notes {
        self.notes.clone()
    }

    /// The time that the connection is told.
    #[must_use]
    pub fn now(&self) -> Instant {
        Instant(u64::try_from(self.clock.elapsed().as_nanos()).expect("a short test"))
    }

    /// Sends what is to go and brings what came; waits, at most so long, only if there is neither. Call it when
    /// `next_event` has nothing more.
    pub fn turn(&mut self, patience: Duration) -> Turn {
        let mut moved = self.write();
        while let Ok(wake) = self.wakes.try_recv() {
            if let Some(note) = self.take(wake) {
                return Turn::Noted(note);
            }
        }
        moved |= self.feed() | self.tell_time();
        if moved {
            return Turn::Moved;
        }
        let due = self.connection.next_timeout().map(|at| {
            // A moment more, so that the deadline has passed when it is told.
            Duration::from_nanos(at.0.saturating_sub(self.now().0)) + Duration::from_micros(100)
        });
        match self.wakes.recv_timeout(due.map_or(patience, |due| due.min(patience))) {
            Ok(wake) => match self.take(wake) {
                Some(note) => Turn::Noted(note),
                None => {
                    self.feed();
                    Turn::Moved
                }
            },
            Err(RecvTimeoutError::Timeout) => {
                if self.tell_time() {
                    Turn::Moved
                } else {
                    Turn::Idle
                }
            }
            Err(RecvTimeoutError::Disconnected) => unreachable!("this side holds a sender"),
        }
    }

    /// Sends what is left and ends the socket's sending side.
    pub fn hang_up(&mut self) {
        self.write();
        self.socket.shutdown(Shutdown::Write);
    }

    fn take(&mut self, wake: Wake) -> Option<Note> {
        match wake {
            Wake::Network(bytes) => self.pending.push_back(bytes),
            Wake::NetworkEnd => self.ended = true,
            Wake::Noted(note) => return Some(note),
        }
        None
    }

    fn write(&mut self) -> bool {
        let mut moved = false;
        while !self.broken && !self.connection.transmit_buf().is_empty() {
            match self.socket.write(self.connection.transmit_buf()) {
                Ok(n) => {
                    self.connection.transmitted(n);
                    moved = true;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // What the peer said last may still be on its way here.
                Err(_) => self.broken = true,
            }
        }
        moved
    }

    fn feed(&mut self) -> bool {
        let now = self.now();
        let mut moved = false;
        while let Some(bytes) = self.pending.front()
            && self.connection.wants().read
        {
            let space = self.connection.recv_buf();
            let n = space.len().min(bytes.len() - self.taken);
            space[..n].copy_from_slice(&bytes[self.taken..self.taken + n]);
            self.connection.received(n, now);
            if n == 0 {
                break;
            }
            moved = true;
            self.taken += n;
            if self.taken == bytes.len() {
                self.pending.pop_front();
                self.taken = 0;
            }
        }
        if self.ended && self.pending.is_empty() {
            self.ended = false;
            self.connection.received_eof(now);
            moved = true;
        }
        moved
    }

    /// Whether a deadline had passed.
    fn tell_time(&mut self) -> bool {
        let now = self.now();
        let due = self.connection.next_timeout().is_some_and(|at| at <= now);
        if due {
            self.connection.handle_timeout(now);
        }
        due
    }
}

impl<R: Role> Drop for Driver<R> {
    fn drop(&mut self) {
        self.socket.shutdown(Shutdown::Both);
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}

/// A seed from the operating system.
fn seed() -> Seed {
    let mut bytes = [0; 32];
    std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes)).expect("/dev/urandom");
    Seed::new(bytes)
}
