//! The thinnest path through all layers, in memory: identification, key exchange, login by a key, one subsystem that
//! echoes.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "a test allocates as it likes")]

use sansh::ask::{Accept, Login, Trust, Verdict, With};
use sansh::channel::{Channel, Open, Request, Stream};
use sansh::crypto::Provider;
use sansh::event::{channel, client, server};
use sansh::signer::PrivateKey;
use sansh::{Client, Config, Connection, Instant, Role, Seed, Server, Shared, Window};

struct Ends {
    client: Connection<Client>,
    server: Connection<Server>,
    client_key: PrivateKey,
    host_key: PrivateKey,
    echoed: Vec<u8>,
    channel: Option<Channel>,
    closed: bool,
}

fn ends(provider: &'static dyn Provider, ciphers: &str, macs: &str, kex: &str) -> Ends {
    let host_key = PrivateKey::ed25519_from_seed(&[1; 32]).expect("memory");
    let client_key = PrivateKey::ed25519_from_seed(&[2; 32]).expect("memory");
    let mut config = Config::<Server>::new(provider);
    config.host_key(host_key.public_blob()).expect("ed25519").kex(kex).expect("known");
    let server = Connection::new(Shared::new(config), Seed::new([3; 32]), Instant(0)).expect("memory");
    let mut config = Config::<Client>::new(provider);
    config.ciphers(ciphers).expect("known").macs(macs).expect("known").kex(kex).expect("known");
    let client = Connection::new(Shared::new(config), Seed::new([4; 32]), Instant(0)).expect("memory");
    Ends { client, server, client_key, host_key, echoed: Vec::new(), channel: None, closed: false }
}

fn carry<A: Role, B: Role>(from: &mut Connection<A>, to: &mut Connection<B>) -> bool {
    let n = from.transmit_buf().len().min(to.recv_buf().len());
    if n == 0 {
        return false;
    }
    to.recv_buf()[..n].copy_from_slice(&from.transmit_buf()[..n]);
    from.transmitted(n);
    to.received(n, Instant(0));
    true
}

impl Ends {
    fn run(&mut self) {
        loop {
            while self.client_turn() || self.server_turn() {}
            let moved = carry(&mut self.client, &mut self.server) | carry(&mut self.server, &mut self.client);
            if !moved {
                return;
            }
        }
    }

    fn client_turn(&mut self) -> bool {
        let Some(event) = self.client.next_event() else { return false };
        match event {
            client::Event::HostKey { key, ask, .. } => {
                assert_eq!(key.blob(), self.host_key.public_blob());
                ask.answer(Trust::Accept);
            }
            client::Event::LoginNeeded { ask, .. } => ask.answer(Login::Try {
                user: "me",
                with: With::PublicKey { algorithm: "ssh-ed25519", key: self.client_key.public_blob(), probe: true },
            }),
            client::Event::Sign { algorithm, message, ask, .. } => {
                ask.answer(Some(&self.client_key.sign(algorithm, message).expect("signs")));
            }
            client::Event::Ready { method } => {
                assert_eq!(method, "publickey");
                self.client.open(Open::Session, Window::default()).expect("room");
            }
            client::Event::Channel(channel, channel::Event::Opened { .. }) => {
                self.client.request(channel, Request::Subsystem { name: b"echo" }).expect("room");
            }
            client::Event::Channel(channel, channel::Event::Replied { ok, .. }) => {
                assert!(ok);
                self.channel = Some(channel);
            }
            client::Event::Channel(_, channel::Event::Data { bytes, .. }) => self.echoed.extend(bytes),
            client::Event::Channel(channel, channel::Event::Eof) => self.client.close(channel).expect("there"),
            client::Event::Channel(_, channel::Event::Closed) => self.closed = true,
            client::Event::Channel(_, channel::Event::Writable) => {}
            other => panic!("client: {other:?}"),
        }
        true
    }

    fn server_turn(&mut self) -> bool {
        let Some(event) = self.server.next_event() else { return false };
        match event {
            server::Event::Sign { algorithm, message, ask, .. } => {
                ask.answer(Some(&self.host_key.sign(algorithm, message).expect("signs")));
            }
            server::Event::KeyQuery { key, ask, .. } => ask.answer(key.blob() == self.client_key.public_blob()),
            server::Event::Login { method: server::Method::PublicKey { .. }, ask, .. } => ask.answer(Verdict::Accept),
            server::Event::Ready { identity } => assert_eq!(identity.user(), b"me"),
            server::Event::Channel(_, channel::Event::Requested { open: Open::Session, ask }) => {
                ask.answer(Ok(Accept { window: 1 << 20, data: b"" }));
            }
            server::Event::Channel(_, channel::Event::Request { request, ask: Some(ask) }) => {
                ask.answer(request == Request::Subsystem { name: b"echo" });
            }
            server::Event::Channel(channel, channel::Event::Data { bytes, .. }) => {
                let copy = bytes.to_vec();
                let mut writer = self.server.writer(channel, Stream::Main).expect("room");
                writer.space()[..copy.len()].copy_from_slice(&copy);
                writer.send(copy.len());
                self.server.grant(channel, u32::try_from(copy.len()).expect("small")).expect("there");
            }
            server::Event::Channel(channel, channel::Event::Eof) => self.server.finish(channel).expect("there"),
            server::Event::Channel(_, channel::Event::Closed) => {}
            other => panic!("server: {other:?}"),
        }
        true
    }
}

fn echo(provider: &'static dyn Provider, cipher: &str, mac: &str, kex: &str) {
    let mut ends = ends(provider, cipher, mac, kex);
    ends.run();
    let channel = ends.channel.expect("the subsystem was granted");
    let mut sent = Vec::new();
    for round in 0..200_u8 {
        let mut writer = ends.client.writer(channel, Stream::Main).expect("room");
        let text = vec![round; 1 + usize::from(round) * 37];
        writer.space()[..text.len()].copy_from_slice(&text);
        writer.send(text.len());
        sent.extend(text);
        ends.run();
        if round % 50 == 20 {
            ends.client.rekey();
        }
        if round % 50 == 40 {
            ends.server.rekey();
        }
        ends.run();
    }
    ends.client.finish(channel).expect("there");
    ends.run();
    assert!(ends.echoed == sent, "{cipher} {mac} {kex}: {} of {} bytes", ends.echoed.len(), sent.len());
    assert!(ends.closed);
    assert_eq!(ends.client.counters().exchanges, 9);
    assert!(ends.client.algorithms().expect("exchanged").strict);
    assert_eq!(ends.client.session_id(), ends.server.session_id());
}

#[test]
fn one_echo_through_every_pair() {
    let provider: &'static dyn Provider = &sansh::crypto::rustcrypto::RustCrypto;
    for kex in provider.kex() {
        echo(provider, "chacha20-poly1305@openssh.com", "hmac-sha2-256", kex.name());
    }
    for cipher in provider.ciphers() {
        for mac in provider.macs() {
            echo(provider, cipher.name(), mac.name(), "curve25519-sha256");
        }
    }
}
