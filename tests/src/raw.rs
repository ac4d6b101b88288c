//! A peer that obeys nobody: it speaks the null provider's SSH byte for byte, without a state machine, so that a test can
//! send anything in any state and see exactly what comes back.

use crate::alloc::watch;
use crate::apps::{Actor, App};
use crate::clock::Clock;
use crate::dice::Dice;
use crate::told::Told;
use sansh::config::Config;
use sansh::crypto::{Seed, null::Null};
use sansh::message::{self, Message};
use sansh::wire::{NameList, SliceSink, put_string};
use sansh::{Client, Connection, Server, Shared};

/// The provider without security.
pub static NULL: Null = Null;

/// The meter of the connection under test.
const METER: usize = 0;

/// A host key of the null provider.
pub const NULL_KEY: &[u8] = b"\0\0\0\x04null";

/// A signature of the null provider.
pub const NULL_SIGNATURE: &[u8] = b"\0\0\0\x04null\0\0\0\x01x";

/// The payload of a message.
///
/// # Panics
/// If it is longer than any packet.
#[must_use]
pub fn payload<'a>(message: &impl Message<'a>) -> Vec<u8> {
    let mut bytes = vec![0; message::encoded_len(message)];
    let mut sink = SliceSink::new(&mut bytes);
    message.write(&mut sink);
    assert!(sink.written().is_some(), "the length was counted");
    bytes
}

/// `string`s behind each other.
#[must_use]
pub fn strings(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in parts {
        let mut place = vec![0; part.len() + 4];
        put_string(&mut SliceSink::new(&mut place), part);
        bytes.extend_from_slice(&place);
    }
    bytes
}

/// A packet of the null provider or of the time before keys. `keyed`: the length field does not count for alignment.
#[must_use]
pub fn packet(payload: &[u8], keyed: bool) -> Vec<u8> {
    let counted = 1 + payload.len() + if keyed { 0 } else { 4 };
    let mut padding = 8 - counted % 8;
    if padding < 4 {
        padding += 8;
    }
    let length = u32::try_from(1 + payload.len() + padding).expect("a packet");
    let mut bytes = length.to_be_bytes().to_vec();
    bytes.push(u8::try_from(padding).expect("short"));
    bytes.extend_from_slice(payload);
    bytes.resize(bytes.len() + padding, 0);
    bytes
}

/// What a KEXINIT of the raw peer says.
#[derive(Clone, Copy, Debug)]
pub struct Offer {
    /// `kex_algorithms`.
    pub kex: &'static str,
    /// Whether a guess follows.
    pub follows: bool,
}

/// A KEXINIT of the null provider.
#[must_use]
pub fn kexinit(offer: Offer) -> Vec<u8> {
    let list = |names: &'static str| NameList::parse(names.as_bytes()).expect("a name-list");
    let null = list("null");
    let none = list("none");
    let empty = list("");
    payload(&message::KexInit::new(
        message::Cookie([7; 16]),
        list(offer.kex),
        null,
        null,
        null,
        empty,
        empty,
        none,
        none,
        empty,
        empty,
        offer.follows,
        0,
    ))
}

/// One connection of sansh, and the raw peer at its other end.
#[derive(Debug)]
pub struct Raw<R: Told> {
    /// The connection under test.
    pub conn: Connection<R>,
    /// Its program.
    pub app: Actor,
    /// The time.
    pub clock: Clock,
    /// The payloads that the connection sent, since the last [`take`](Raw::take).
    pub said: Vec<Vec<u8>>,
    /// Its identification.
    pub ident: Option<Vec<u8>>,
    /// Whether this peer's packets have the alignment of the time after NEWKEYS.
    pub keyed: bool,
    /// Whether what the connection has to say is carried away.
    pub reads: bool,
    out: Vec<u8>,
}

impl Raw<Server> {
    /// A server under test.
    ///
    /// # Panics
    /// If it cannot be made.
    #[must_use]
    pub fn server(change: impl FnOnce(&mut Config<Server>)) -> Self {
        let mut config = Config::<Server>::new(&NULL);
        config.host_key(NULL_KEY).expect("host key");
        config.names_for_tests();
        change(&mut config);
        Self::new(config)
    }

    /// Goes to where the server awaits the key exchange's first message.
    pub fn to_kex(&mut self, strict: bool) {
        self.send_ident();
        let kex = if strict { "null,kex-strict-c-v00@openssh.com" } else { "null" };
        self.send(&kexinit(Offer { kex, follows: false }));
    }

    /// Goes through the key exchange, to where a service is awaited.
    pub fn to_service(&mut self, strict: bool) {
        self.to_kex(strict);
        self.send(&payload(&message::KexEcdhInit::new(&[1; 32])));
        self.new_keys();
    }

    /// Goes to where a login is awaited.
    pub fn to_auth(&mut self) {
        self.to_service(true);
        self.send(&payload(&message::ServiceRequest::new(b"ssh-userauth")));
    }

    /// Logs in by password.
    pub fn to_open(&mut self) {
        self.to_auth();
        self.send(&password("user", "right"));
        assert!(self.app.is_ready(), "no login: {:?}", self.app);
    }
}

impl Raw<Client> {
    /// A client under test; it will try the right password.
    ///
    /// # Panics
    /// If it cannot be made.
    #[must_use]
    pub fn client(change: impl FnOnce(&mut Config<Client>)) -> Self {
        let mut config = Config::<Client>::new(&NULL);
        config.names_for_tests();
        change(&mut config);
        let mut raw = Self::new(config);
        raw.app.password("user", "right");
        raw
    }

    /// Goes to where the client awaits the answer to its key exchange message.
    pub fn to_kex(&mut self, strict: bool) {
        self.send_ident();
        let kex = if strict { "null,kex-strict-s-v00@openssh.com" } else { "null" };
        self.send(&kexinit(Offer { kex, follows: false }));
    }

    /// The server's answer in a key exchange.
    pub fn reply(&mut self, host_key: &[u8]) {
        self.send(&payload(&message::KexEcdhReply::new(host_key, &[2; 32], NULL_SIGNATURE)));
    }

    /// Goes through the key exchange, to where SERVICE_ACCEPT is awaited.
    pub fn to_service(&mut self, strict: bool) {
        self.to_kex(strict);
        self.reply(NULL_KEY);
        self.new_keys();
    }

    /// Goes to where the client has asked to log in.
    pub fn to_auth(&mut self) {
        self.to_service(true);
        self.send(&payload(&message::ServiceAccept::new(b"ssh-userauth")));
    }

    /// Lets the client in.
    pub fn to_open(&mut self) {
        self.to_auth();
        self.send(&payload(&message::UserauthSuccess::new()));
        assert!(self.app.is_ready(), "no login: {:?}", self.app);
    }
}

/// The names that both raw tests and their connections know.
trait NamesForTests {
    fn names_for_tests(&mut self);
}

impl<R: sansh::Role> NamesForTests for Config<R> {
    fn names_for_tests(&mut self) {
        self.channel_types("tube@test").expect("names").requests("ask@test").expect("names");
        self.globals("tell@test").expect("names");
    }
}

/// A USERAUTH_REQUEST by password.
#[must_use]
pub fn password(user: &str, password: &str) -> Vec<u8> {
    let mut bytes = vec![50];
    bytes.extend(strings(&[user.as_bytes(), b"ssh-connection", b"password"]));
    bytes.push(0);
    bytes.extend(strings(&[password.as_bytes()]));
    bytes
}

impl<R: Told> Raw<R> {
    /// Any connection: before its first NEWKEYS, every provider's packets are as bare as the null provider's.
    ///
    /// # Panics
    /// If it cannot be made.
    #[must_use]
    pub fn new(config: Config<R>) -> Self {
        let clock = Clock::default();
        let config = Shared::new(config);
        let made = watch(METER, || Connection::new(Shared::clone(&config), Seed::new([3; 32]), clock.now()));
        let conn = made.expect("a connection");
        let app = Actor::new(0, Dice::new(3));
        let mut raw =
            Raw { conn, app, clock, said: Vec::new(), ident: None, keyed: false, reads: true, out: Vec::new() };
        raw.pump();
        raw
    }

    /// Sends the identification.
    pub fn send_ident(&mut self) {
        self.send_bytes(b"SSH-2.0-raw\r\n");
    }

    /// Sends NEWKEYS.
    pub fn new_keys(&mut self) {
        self.send(&payload(&message::NewKeys::new()));
        self.keyed = true;
    }

    /// Sends a packet.
    pub fn send(&mut self, payload: &[u8]) {
        let bytes = packet(payload, self.keyed);
        self.send_bytes(&bytes);
    }

    /// Sends bytes. What the connection does not want to read is not sent; says how much was.
    pub fn send_bytes(&mut self, mut bytes: &[u8]) -> usize {
        let whole = bytes.len();
        while !bytes.is_empty() && self.conn.wants().read {
            let place = watch(METER, || self.conn.recv_buf());
            let n = place.len().min(bytes.len());
            assert!(n > 0 || !self.conn.wants().read, "wants to read, and gives no room");
            if n == 0 {
                break;
            }
            let place = watch(METER, || self.conn.recv_buf());
            place[..n].copy_from_slice(&bytes[..n]);
            watch(METER, || self.conn.received(n, self.clock.now()));
            bytes = &bytes[n..];
            self.pump();
        }
        whole - bytes.len()
    }

    /// Lets the connection and its program do what they have to.
    pub fn pump(&mut self) {
        loop {
            let mut moved = false;
            while let Some(event) = watch(METER, || self.conn.next_event()) {
                App::<R>::told(&mut self.app, event);
                moved = true;
            }
            moved |= App::<R>::turn(&mut self.app, &mut self.conn, self.clock.now());
            let n = self.conn.transmit_buf().len();
            if self.reads && n > 0 {
                self.out.extend_from_slice(self.conn.transmit_buf());
                watch(METER, || self.conn.transmitted(n));
                moved = true;
            }
            self.parse();
            if !moved {
                return;
            }
        }
    }

    /// Lets time pass, with timers on their time.
    pub fn wait(&mut self, nanoseconds: u64) {
        let until = self.clock.now().plus(nanoseconds);
        while let Some(at) = self.conn.next_timeout().filter(|at| *at <= until) {
            self.clock.reach(at);
            watch(METER, || self.conn.handle_timeout(self.clock.now()));
            self.pump();
            if self.app.end.is_some() {
                break;
            }
        }
        self.clock.reach(until);
        self.conn.handle_timeout(until);
        self.pump();
    }

    /// The payloads that were sent since the last call.
    pub fn take(&mut self) -> Vec<Vec<u8>> {
        core::mem::take(&mut self.said)
    }

    /// The reason code of the DISCONNECT that came, if one came.
    #[must_use]
    pub fn disconnect_code(&self) -> Option<u32> {
        self.said.iter().find_map(|payload| {
            let message = message::Disconnect::parse(payload).ok()?;
            Some(message.reason)
        })
    }

    /// Whether a message of this number came.
    #[must_use]
    pub fn heard(&self, number: u8) -> bool {
        self.said.iter().any(|payload| payload.first() == Some(&number))
    }

    fn parse(&mut self) {
        if self.ident.is_none() {
            let Some(end) = self.out.windows(2).position(|pair| pair == b"\r\n") else { return };
            self.ident = Some(self.out[..end].to_vec());
            self.out.drain(..end + 2);
        }
        while let Some(head) = self.out.first_chunk::<4>() {
            let length = u32::from_be_bytes(*head) as usize;
            assert!((2..300_000).contains(&length), "a packet of {length} bytes was sent");
            if self.out.len() < 4 + length {
                return;
            }
            let padding = usize::from(self.out[4]);
            assert!(padding >= 4 && padding < length, "padding of {padding} in a packet of {length}");
            self.said.push(self.out[5..4 + length - padding].to_vec());
            self.out.drain(..4 + length);
        }
    }
}
