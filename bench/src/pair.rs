//! A client and a server in one thread, and one open channel between them.

use sansh::ask::{Accept, Login, Trust, Verdict, With};
use sansh::channel::{Channel, Open};
use sansh::crypto::Provider;
use sansh::event::{channel, client, server};
use sansh::signer::PrivateKey;
use sansh::{Client, Config, Connection, Instant, Role, Seed, Server, Shared, Window};

/// Keys and configurations, made once.
pub(crate) struct Setup {
    pub(crate) host_key: PrivateKey,
    pub(crate) user_key: PrivateKey,
    client: Shared<Config<Client>>,
    server: Shared<Config<Server>>,
    seed: u64,
}

/// Both ends.
pub(crate) struct Pair {
    pub(crate) client: Connection<Client>,
    pub(crate) server: Connection<Server>,
    pub(crate) channel: Option<Channel>,
    pub(crate) accepted: Option<Channel>,
    pub(crate) ready: bool,
    pub(crate) bytes: u64,
}

impl Setup {
    pub(crate) fn new(provider: &'static dyn Provider, cipher: &str, kex: &str) -> Setup {
        let host_key = PrivateKey::ed25519_from_seed(&[1; 32]).expect("memory");
        let user_key = PrivateKey::ed25519_from_seed(&[2; 32]).expect("memory");
        let mut client = Config::new(provider);
        client.ciphers(cipher).expect("known").kex(kex).expect("known");
        let mut server = Config::new(provider);
        server.host_key(host_key.public_blob()).expect("ed25519");
        Setup { host_key, user_key, client: Shared::new(client), server: Shared::new(server), seed: 0 }
    }

    fn seed(&mut self) -> Seed {
        self.seed += 1;
        let mut seed = [7; 32];
        seed[..8].copy_from_slice(&self.seed.to_be_bytes());
        Seed::new(seed)
    }

    /// New connections that have said nothing.
    pub(crate) fn pair(&mut self) -> Pair {
        let (first, second) = (self.seed(), self.seed());
        Pair {
            client: Connection::new(self.client.clone(), first, Instant(0)).expect("memory"),
            server: Connection::new(self.server.clone(), second, Instant(0)).expect("memory"),
            channel: None,
            accepted: None,
            ready: false,
            bytes: 0,
        }
    }

    /// Runs until nothing moves.
    pub(crate) fn run(&self, pair: &mut Pair) {
        while self.client_turn(pair)
            | self.server_turn(pair)
            | carry(&mut pair.client, &mut pair.server)
            | carry(&mut pair.server, &mut pair.client)
        {}
    }

    pub(crate) fn client_turn(&self, pair: &mut Pair) -> bool {
        let Some(event) = pair.client.next_event() else { return false };
        match event {
            client::Event::HostKey { ask, .. } => ask.answer(Trust::Accept),
            client::Event::LoginNeeded { ask, .. } => ask.answer(Login::Try {
                user: "bench",
                with: With::PublicKey { algorithm: "ssh-ed25519", key: self.user_key.public_blob(), probe: false },
            }),
            client::Event::Sign { algorithm, message, ask, .. } => {
                ask.answer(Some(&self.user_key.sign(algorithm, message).expect("memory")));
            }
            client::Event::Ready { .. } => pair.ready = true,
            client::Event::Channel(channel, channel::Event::Opened { .. }) => pair.channel = Some(channel),
            client::Event::Closed(reason) => panic!("client: {reason}"),
            _ => {}
        }
        true
    }

    pub(crate) fn server_turn(&self, pair: &mut Pair) -> bool {
        let Some(event) = pair.server.next_event() else { return false };
        match event {
            server::Event::Sign { algorithm, message, ask, .. } => {
                ask.answer(Some(&self.host_key.sign(algorithm, message).expect("memory")));
            }
            server::Event::Login { ask, .. } => ask.answer(Verdict::Accept),
            server::Event::Channel(channel, channel::Event::Requested { ask, .. }) => {
                ask.answer(Ok(Accept { window: 64 << 20, data: b"" }));
                pair.accepted = Some(channel);
            }
            server::Event::Channel(_, channel::Event::Data { bytes, .. }) => pair.bytes += bytes.len() as u64,
            server::Event::Closed(reason) => panic!("server: {reason}"),
            _ => {}
        }
        true
    }

    /// A pair with a session channel open.
    pub(crate) fn with_channel(&mut self) -> Pair {
        let mut pair = self.pair();
        self.run(&mut pair);
        assert!(pair.ready, "logged in");
        pair.client.open(Open::Session, Window::default()).expect("room");
        self.run(&mut pair);
        assert!(pair.channel.is_some(), "open");
        pair
    }
}

/// One copy from the one's transmit buffer to the other's receive buffer.
pub(crate) fn carry<A: Role, B: Role>(from: &mut Connection<A>, to: &mut Connection<B>) -> bool {
    let bytes = from.transmit_buf();
    if bytes.is_empty() {
        return false;
    }
    let space = to.recv_buf();
    let n = bytes.len().min(space.len());
    space[..n].copy_from_slice(&bytes[..n]);
    from.transmitted(n);
    to.received(n, Instant(0));
    n > 0
}
