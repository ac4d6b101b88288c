//! Somebody between a client and a server, who sees every byte and may change it.

use sansh::{Client, Connection, Instant, Role, Server};
use sansh_testkit::apps::{Actor, App};
use sansh_testkit::clock::Clock;
use sansh_testkit::dice::Dice;
use sansh_testkit::pair::{Builder, HOST_KEY, RUSTCRYPTO, key};
use sansh_testkit::told::Told;

/// One end.
pub(crate) struct End<R: Role> {
    pub(crate) conn: Connection<R>,
    pub(crate) app: Actor,
}

impl<R: Told> End<R> {
    /// Takes bytes, and all events that follow.
    pub(crate) fn feed(&mut self, mut bytes: &[u8], now: Instant) {
        self.hear(now);
        while !bytes.is_empty() && self.conn.wants().read {
            let place = self.conn.recv_buf();
            let n = place.len().min(bytes.len());
            place[..n].copy_from_slice(&bytes[..n]);
            self.conn.received(n, now);
            bytes = &bytes[n..];
            self.hear(now);
        }
    }

    fn hear(&mut self, now: Instant) {
        loop {
            let mut moved = false;
            while let Some(event) = self.conn.next_event() {
                App::<R>::told(&mut self.app, event);
                moved = true;
            }
            moved |= App::<R>::turn(&mut self.app, &mut self.conn, now);
            if !moved {
                return;
            }
        }
    }

    /// What it has to say.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        let bytes = self.conn.transmit_buf().to_vec();
        self.conn.transmitted(bytes.len());
        bytes
    }
}

/// A client and a server whose bytes pass through a test.
pub(crate) struct Between {
    pub(crate) client: End<Client>,
    pub(crate) server: End<Server>,
    clock: Clock,
}

impl Between {
    /// Two ends with the defaults; `change` may change them. The client logs in by password.
    pub(crate) fn new(change: impl FnOnce(Builder) -> Builder) -> Self {
        let pair = change(Builder::new(&RUSTCRYPTO)).build();
        let mut client = End { conn: pair.client.conn, app: Actor::new(0, Dice::new(1)) };
        let mut server = End { conn: pair.server.conn, app: Actor::new(1, Dice::new(2)) };
        client.app.password("user", "right");
        server.app.keys.push(key(HOST_KEY));
        Between { client, server, clock: Clock::default() }
    }

    /// Carries bytes until nothing moves. `pass` sees each piece, and says what arrives in its place.
    pub(crate) fn run(&mut self, mut pass: impl FnMut(Way, Vec<u8>) -> Vec<u8>) {
        let now = self.clock.now();
        self.client.hear(now);
        self.server.hear(now);
        loop {
            let up = self.client.take();
            let down = self.server.take();
            if up.is_empty() && down.is_empty() {
                return;
            }
            if !up.is_empty() {
                self.server.feed(&pass(Way::Up, up), now);
            }
            if !down.is_empty() {
                self.client.feed(&pass(Way::Down, down), now);
            }
        }
    }
}

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// To the server.
    Up,
    /// To the client.
    Down,
}

/// Splits what an end says first into its identification line and its plain packets (payloads), and what is left.
pub(crate) fn plain(bytes: &[u8]) -> (Vec<u8>, Vec<Vec<u8>>) {
    let end = bytes.windows(2).position(|pair| pair == b"\r\n").expect("an identification") + 2;
    let (line, mut rest) = bytes.split_at(end);
    let mut payloads = Vec::new();
    while let Some((length, behind)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        let padding = usize::from(behind[0]);
        payloads.push(behind[1..length - padding].to_vec());
        rest = &behind[length..];
    }
    (line.to_vec(), payloads)
}
