//! A client that does its key exchanges by hand, with the rows of a provider and its own reading of RFC 4253, section 7.2:
//! whatever it seals is sealed with the right keys, whatever stands inside.

use crate::hand::{kexinit_of, message};
use sansh::config::Config;
use sansh::crypto::{
    Cipher, DirectionKeys, Hash, Mac, Open, Provider, Random, Seal, SecretEncoding, Seed, SharedSecret,
};
use sansh::message::{KexEcdhReply, Message};
use sansh::wire::{SliceSink, put_mpint};
use sansh::{Connection, Server, Shared};
use sansh_testkit::alloc::watch;
use sansh_testkit::apps::{Actor, App};
use sansh_testkit::clock::Clock;
use sansh_testkit::dice::Dice;
use sansh_testkit::pair::{HOST_KEY, RUSTCRYPTO, key};
use sansh_testkit::raw::{packet, strings};

/// The meter of the server under test.
pub(crate) const METER: usize = 0;

const IDENT: &[u8] = b"SSH-2.0-keyed";

/// What one exchange is to agree on; `None` leaves a list to the one name that stands for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Suite {
    pub(crate) kex: &'static str,
    /// Cipher and MAC of what the client sends, and of what the server sends. The MAC is not looked at with an AEAD.
    pub(crate) up: (&'static str, &'static str),
    pub(crate) down: (&'static str, &'static str),
}

impl Suite {
    /// The same both ways.
    pub(crate) fn both(kex: &'static str, cipher: &'static str, mac: &'static str) -> Suite {
        Suite { kex, up: (cipher, mac), down: (cipher, mac) }
    }
}

/// Every cipher there is, with every MAC where it needs one.
pub(crate) fn suites(provider: &'static dyn Provider) -> Vec<(&'static str, &'static str)> {
    let mut suites = Vec::new();
    for cipher in provider.ciphers() {
        if cipher.aead() {
            suites.push((cipher.name(), ""));
        } else {
            suites.extend(provider.macs().iter().map(|mac| (cipher.name(), mac.name())));
        }
    }
    suites
}

/// One direction's protection, on this side.
struct Keys<T: ?Sized> {
    now: Option<Box<T>>,
    next: Option<Box<T>>,
    sequence: u32,
}

/// A server under test, and the client at its other end.
pub(crate) struct Keyed {
    pub(crate) conn: Connection<Server>,
    pub(crate) app: Actor,
    /// The payloads that the server sent, since the last [`take`](Keyed::take).
    pub(crate) said: Vec<Vec<u8>>,
    /// Whether sequence numbers start again at each NEWKEYS.
    pub(crate) strict: bool,
    pub(crate) session: Vec<u8>,
    /// What else stands among the kex names, with its comma.
    pub(crate) indicator: &'static str,
    /// Kept, so that a connection that is dropped drops nothing but itself.
    pub(crate) config: Shared<Config<Server>>,
    provider: &'static dyn Provider,
    random: Random,
    clock: Clock,
    out: Keys<dyn Seal>,
    into: Keys<dyn Open>,
    server_ident: Vec<u8>,
    server_kexinit: Vec<u8>,
    inbox: Vec<u8>,
    /// The last packet of the server: as it came, opened without its tag, its number, its length and padding.
    pub(crate) last_sealed: Vec<u8>,
    pub(crate) last_opened: Vec<u8>,
    pub(crate) last_sequence: u32,
    pub(crate) last_layout: (usize, usize),
    /// What the server's MACs are made with.
    pub(crate) down_mac: Vec<u8>,
    /// The head of the packet at the front as it came.
    head: Vec<u8>,
    /// The length of the packet at the front of the inbox, once it is read.
    length: Option<usize>,
}

impl Keyed {
    /// A server with the defaults, and a client that has sent its identification.
    pub(crate) fn new(strict: bool, change: impl FnOnce(&mut Config<Server>)) -> Self {
        let provider: &'static dyn Provider = &RUSTCRYPTO;
        let mut config = Config::<Server>::new(provider);
        config.host_key(key(HOST_KEY).public_blob()).expect("a host key");
        change(&mut config);
        let clock = Clock::default();
        let config = Shared::new(config);
        let conn = watch(METER, || Connection::new(Shared::clone(&config), Seed::new([5; 32]), clock.now()))
            .expect("a server");
        let mut app = Actor::new(METER, Dice::new(5));
        app.keys.push(key(HOST_KEY));
        let mut keyed = Keyed {
            conn,
            app,
            said: Vec::new(),
            strict,
            session: Vec::new(),
            indicator: "",
            config,
            provider,
            random: Random::new(&Seed::new([9; 32])),
            clock,
            out: Keys { now: None, next: None, sequence: 0 },
            into: Keys { now: None, next: None, sequence: 0 },
            server_ident: Vec::new(),
            server_kexinit: Vec::new(),
            inbox: Vec::new(),
            last_sealed: Vec::new(),
            last_opened: Vec::new(),
            last_sequence: 0,
            last_layout: (0, 0),
            down_mac: Vec::new(),
            head: Vec::new(),
            length: None,
        };
        keyed.send_bytes(&[IDENT, b"\r\n"].concat());
        keyed
    }

    /// Goes through the first exchange and logs in.
    pub(crate) fn open(strict: bool, suite: Suite) -> Self {
        let mut keyed = Keyed::new(strict, |_| {});
        keyed.exchange(suite);
        keyed.log_in();
        keyed
    }

    /// Asks for the service, and logs in by password.
    pub(crate) fn log_in(&mut self) {
        self.send(&message(5, &[&strings(&[b"ssh-userauth"])]));
        self.send(&sansh_testkit::raw::password("user", "right"));
        assert!(self.app.is_ready(), "no login: {:?} {:?}", self.app.end, self.said);
        self.take();
    }

    /// A whole key exchange, which this side begins.
    pub(crate) fn exchange(&mut self, suite: Suite) {
        let before = self.conn.counters().exchanges;
        self.begin(suite);
        self.new_keys();
        assert_eq!(self.conn.counters().exchanges, before + 1, "{suite:?}: {:?}", self.app.end);
    }

    /// An exchange up to where NEWKEYS is due: keys are known, and not in force.
    pub(crate) fn begin(&mut self, suite: Suite) {
        let marker = if self.strict { ",kex-strict-c-v00@openssh.com" } else { "" };
        let kex = format!("{}{marker}{}", suite.kex, self.indicator);
        let (up, down) = (suite.up, suite.down);
        let names = |name: &'static str| name.as_bytes();
        let lists: [&[u8]; 10] = [
            kex.as_bytes(),
            b"ssh-ed25519",
            names(up.0),
            names(down.0),
            names(up.1),
            names(down.1),
            b"none",
            b"none",
            b"",
            b"",
        ];
        let kexinit = kexinit_of(&lists, false);
        self.send(&kexinit);
        let method = self.provider.kex().iter().find(|row| row.name() == suite.kex).expect("a method");
        let mut public = vec![0; method.public_len()];
        let (length, mut client) = method.start(&mut self.random, &mut public).expect("an ephemeral key");
        public.truncate(length);
        self.send(&message(30, &[&strings(&[&public])]));
        let reply = self.said.iter().rev().find(|said| said[0] == 31).cloned().unwrap_or_else(|| {
            panic!("{suite:?}: no REPLY: {:?}, {:?}", self.app.end, self.said);
        });
        let reply = KexEcdhReply::parse(&reply).expect("a REPLY");
        let mut secret = SharedSecret::empty();
        client.finish(reply.value, &mut secret).expect("a secret");
        let encoded = encoded(method.secret_encoding(), &secret);
        let openings =
            [IDENT, &self.server_ident, &kexinit, &self.server_kexinit, reply.host_key, &public, reply.value];
        let exchange_hash = self.hash(method.hash(), &[&strings(&openings), &encoded]);
        let row = self.provider.signatures().iter().find(|row| row.name() == "ssh-ed25519").expect("a row");
        let _verified = row.verify(reply.host_key, &exchange_hash, reply.signature).expect("signed by the host key");
        if self.session.is_empty() {
            self.session.clone_from(&exchange_hash);
        }
        let hash = method.hash();
        let keys = |letters: &[u8; 3], suite: (&str, &str)| self.keys(hash, &encoded, &exchange_hash, letters, suite);
        let (cipher, mac, up) = keys(b"ACE", suite.up);
        let seal = cipher.seal(&lent(&up), mac).expect("a cipher");
        let (cipher, mac, down) = keys(b"BDF", suite.down);
        let open = cipher.open(&lent(&down), mac).expect("a cipher");
        let [_, _, down_mac] = down;
        self.out.next = Some(seal);
        self.into.next = Some(open);
        self.down_mac = down_mac;
        self.receive();
    }

    /// "HASH(K || H || X || session_id)", "HASH(K || H || K1)", … (RFC 4253, section 7.2).
    fn keys(
        &self,
        hash: Hash,
        encoded: &[u8],
        exchange: &[u8],
        letters: &[u8; 3],
        suite: (&str, &str),
    ) -> (&'static dyn Cipher, Option<&'static dyn Mac>, [Vec<u8>; 3]) {
        let cipher = *self.provider.ciphers().iter().find(|row| row.name() == suite.0).expect("a cipher");
        let mac = self.provider.macs().iter().find(|row| row.name() == suite.1).copied().filter(|_| !cipher.aead());
        let lengths = [cipher.iv_len(), cipher.key_len(), mac.map_or(0, |mac| mac.key_len())];
        let mut keys = [const { Vec::new() }; 3];
        for ((key, letter), length) in keys.iter_mut().zip(letters).zip(lengths) {
            *key = self.hash(hash, &[encoded, exchange, &[*letter], &self.session]);
            while key.len() < length {
                let more = self.hash(hash, &[encoded, exchange, key]);
                key.extend(more);
            }
            key.truncate(length);
        }
        (cipher, mac, keys)
    }

    fn hash(&self, hash: Hash, parts: &[&[u8]]) -> Vec<u8> {
        let mut digest = self.provider.digest(hash).expect("a hash");
        parts.iter().for_each(|part| digest.update(part));
        let mut out = [0; Hash::MAX];
        digest.finish(&mut out);
        out[..hash.len()].to_vec()
    }

    /// Sends NEWKEYS, and seals with the new keys from then on.
    pub(crate) fn new_keys(&mut self) {
        let sealed = self.seal(&message(21, &[]));
        self.take_new_keys();
        self.send_bytes(&sealed);
    }

    /// Seals with the new keys from now on, whatever was sent.
    pub(crate) fn take_new_keys(&mut self) {
        self.out.now = self.out.next.take();
        if self.strict {
            self.out.sequence = 0;
        }
    }

    /// The same with the other idea of whether numbers start again.
    pub(crate) fn take_new_keys_wrongly(&mut self) {
        self.out.now = self.out.next.take();
        if !self.strict {
            self.out.sequence = 0;
        }
    }

    /// Sends NEWKEYS, and goes on with the old keys.
    pub(crate) fn new_keys_and_old_ones(&mut self) {
        let sealed = self.seal(&message(21, &[]));
        self.send_bytes(&sealed);
    }

    /// Sends a packet.
    pub(crate) fn send(&mut self, payload: &[u8]) {
        let sealed = self.seal(payload);
        self.send_bytes(&sealed);
    }

    /// A packet as it should be, sealed.
    pub(crate) fn seal(&mut self, payload: &[u8]) -> Vec<u8> {
        let Some(seal) = &self.out.now else {
            self.out.sequence = self.out.sequence.wrapping_add(1);
            return packet(payload, false);
        };
        let alignment = seal.alignment();
        let block = alignment.block.max(8);
        let counted = payload.len() + 1 + if alignment.counts_length { 4 } else { 0 };
        let mut padding = block - counted % block;
        if padding < 4 {
            padding += block;
        }
        self.seal_inner(payload, padding, u8::try_from(padding).expect("short"))
    }

    /// A packet with so many bytes of padding that says it has `said` of them, sealed.
    pub(crate) fn seal_inner(&mut self, payload: &[u8], padding: usize, said: u8) -> Vec<u8> {
        let seal = self.out.now.as_mut().expect("keys are in force");
        let length = u32::try_from(1 + payload.len() + padding).expect("a packet");
        let mut bytes = length.to_be_bytes().to_vec();
        bytes.push(said);
        bytes.extend_from_slice(payload);
        bytes.resize(bytes.len() + padding + seal.tag_len(), 0);
        seal.seal(self.out.sequence, &mut bytes).expect("sealed");
        self.out.sequence = self.out.sequence.wrapping_add(1);
        bytes
    }

    /// What padding has to reach, and whether the length field counts.
    pub(crate) fn alignment(&self) -> (usize, bool) {
        let alignment = self.out.now.as_ref().expect("keys are in force").alignment();
        (alignment.block.max(8), alignment.counts_length)
    }

    /// Bytes behind the padding.
    pub(crate) fn tag_len(&self) -> usize {
        self.out.now.as_ref().expect("keys are in force").tag_len()
    }

    /// Sends bytes as they are. What the server does not want to read is not sent; says how much was.
    pub(crate) fn send_bytes(&mut self, mut bytes: &[u8]) -> usize {
        let whole = bytes.len();
        while !bytes.is_empty() && self.conn.wants().read {
            let place = watch(METER, || self.conn.recv_buf());
            let n = place.len().min(bytes.len());
            place[..n].copy_from_slice(&bytes[..n]);
            watch(METER, || self.conn.received(n, self.clock.now()));
            bytes = &bytes[n..];
            self.pump();
        }
        whole - bytes.len()
    }

    /// The payloads that were sent since the last call.
    pub(crate) fn take(&mut self) -> Vec<Vec<u8>> {
        core::mem::take(&mut self.said)
    }

    /// Lets the server do what it has to.
    pub(crate) fn pump(&mut self) {
        loop {
            let mut moved = false;
            while let Some(event) = watch(METER, || self.conn.next_event()) {
                App::<Server>::told(&mut self.app, event);
                moved = true;
            }
            moved |= App::<Server>::turn(&mut self.app, &mut self.conn, self.clock.now());
            let n = self.conn.transmit_buf().len();
            if n > 0 {
                self.inbox.extend_from_slice(self.conn.transmit_buf());
                watch(METER, || self.conn.transmitted(n));
                moved = true;
            }
            if !moved {
                break;
            }
        }
        self.receive();
    }

    /// Opens what the server sent, as far as the keys are known.
    fn receive(&mut self) {
        if self.server_ident.is_empty() {
            let Some(end) = self.inbox.windows(2).position(|pair| pair == b"\r\n") else { return };
            self.server_ident = self.inbox[..end].to_vec();
            self.inbox.drain(..end + 2);
        }
        while let Some(payload) = self.open_front() {
            match payload.first() {
                Some(20) => self.server_kexinit.clone_from(&payload),
                Some(21) => {
                    let Some(next) = self.into.next.take() else { panic!("NEWKEYS before the keys are known") };
                    self.into.now = Some(next);
                    if self.strict {
                        self.into.sequence = 0;
                    }
                }
                _ => {}
            }
            self.said.push(payload);
        }
    }

    fn open_front(&mut self) -> Option<Vec<u8>> {
        // Behind REPLY comes NEWKEYS, which needs the keys that REPLY gives.
        let replied = self.said.last().is_some_and(|said| said[0] == 31);
        if replied && self.into.next.is_none() {
            return None;
        }
        let Keys { now, sequence, .. } = &mut self.into;
        let (length, tag) = match now {
            None => (u32::from_be_bytes(*self.inbox.first_chunk()?) as usize, 0),
            Some(open) => {
                if self.length.is_none() {
                    let head = self.inbox.get_mut(..open.head())?;
                    self.head = head.to_vec();
                    self.length = Some(open.length(*sequence, head) as usize);
                }
                (self.length?, open.tag_len())
            }
        };
        let whole = self.inbox.get_mut(..4 + length + tag)?;
        self.last_sealed = whole.to_vec();
        self.last_sealed[..self.head.len()].copy_from_slice(&self.head);
        if let Some(open) = now {
            open.open(*sequence, whole).expect("the server's packet opens with the keys of RFC 4253, section 7.2");
        }
        let padding = usize::from(whole[4]);
        assert!((4..length).contains(&padding), "padding of {padding} in a packet of {length}");
        let payload = whole[5..4 + length - padding].to_vec();
        self.last_opened = whole[..4 + length].to_vec();
        self.last_sequence = *sequence;
        self.last_layout = (length, padding);
        self.inbox.drain(..4 + length + tag);
        self.length = None;
        *sequence = sequence.wrapping_add(1);
        Some(payload)
    }
}

/// Keys as a cipher wants them.
fn lent(keys: &[Vec<u8>; 3]) -> DirectionKeys<'_> {
    DirectionKeys { iv: &keys[0], key: &keys[1], mac: &keys[2] }
}

/// `K` as the method encodes it.
fn encoded(encoding: SecretEncoding, secret: &SharedSecret) -> Vec<u8> {
    match encoding {
        SecretEncoding::String => strings(&[secret.as_bytes()]),
        SecretEncoding::Mpint => {
            let mut bytes = vec![0; secret.as_bytes().len() + 5];
            let mut sink = SliceSink::new(&mut bytes);
            put_mpint(&mut sink, secret.as_bytes());
            let n = sink.written().expect("room");
            bytes.truncate(n);
            bytes
        }
    }
}
