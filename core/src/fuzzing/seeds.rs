//! The sessions that the corpus is made of, as scripts: a corpus can be made again from nothing.

use super::after_login::op;
use super::before_login::{CHOICES, TURNS};
use super::end::{KEY, SIGNATURE};
use crate::keys::{PublicKey, SignatureBlob, ed25519_blob};
use crate::message::*;
use crate::signer::PrivateKey;
use crate::wire::{NameList, Sink, put_string};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// Every seed: target, name, bytes.
pub fn seeds() -> Vec<(&'static str, String, Vec<u8>)> {
    let mut seeds = Vec::new();
    server_bytes(&mut |name, bytes| seeds.push(("server_before_login", String::from(name), bytes)));
    client_bytes(&mut |name, bytes| seeds.push(("client_before_login", String::from(name), bytes)));
    for (target, client, server) in [("server_after_login", op::PEER, 0), ("client_after_login", 0, op::PEER)] {
        operations(client, server, &mut |name, bytes| seeds.push((target, String::from(name), bytes)));
    }
    for (n, payload) in payloads().into_iter().enumerate() {
        seeds.push(("messages", alloc::format!("{n:02}-of-{:03}", payload[0]), payload));
    }
    texts(&mut |target, name, bytes| seeds.push((target, String::from(name), bytes)));
    seeds
}

struct Bytes(Vec<u8>);

impl Sink for Bytes {
    fn put(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
}

fn payload<'a>(message: &impl Message<'a>) -> Vec<u8> {
    let mut bytes = Bytes(Vec::new());
    message.write(&mut bytes);
    bytes.0
}

fn list(text: &str) -> NameList<'_> {
    NameList::parse(text.as_bytes()).unwrap()
}

fn kexinit(kex: &str, follows: bool) -> Vec<u8> {
    let (null, none, nothing) = (list("null"), list("none"), list(""));
    let cookie = Cookie([7; 16]);
    payload(&KexInit::new(
        cookie,
        list(kex),
        null,
        null,
        null,
        nothing,
        nothing,
        none,
        none,
        nothing,
        nothing,
        follows,
        0,
    ))
}

/// What one side says, from its identification on.
struct Talk {
    bytes: Vec<u8>,
    keys: bool,
}

impl Talk {
    fn new(ident: &[u8]) -> Self {
        Talk { bytes: ident.to_vec(), keys: false }
    }

    /// A packet, as the null provider's cipher leaves it.
    fn raw(&mut self, payload: &[u8]) -> &mut Self {
        let counted = if self.keys { 0 } else { 4 };
        let mut padding = 4;
        while !(counted + 1 + payload.len() + padding).is_multiple_of(8) || 5 + payload.len() + padding < 16 {
            padding += 1;
        }
        self.bytes.extend(u32::try_from(1 + payload.len() + padding).unwrap().to_be_bytes());
        self.bytes.push(u8::try_from(padding).unwrap());
        self.bytes.extend(payload);
        self.bytes.extend(vec![0; padding]);
        self.keys |= payload[0] == 21;
        self
    }

    fn say<'a>(&mut self, message: &impl Message<'a>) -> &mut Self {
        self.raw(&payload(message))
    }

    fn client_kex(&mut self, names: &str) -> &mut Self {
        self.raw(&kexinit(names, false)).say(&KexEcdhInit::new(&[1; 32])).say(&NewKeys::new())
    }

    fn server_kex(&mut self, names: &str) -> &mut Self {
        let reply = KexEcdhReply::new(KEY, &[1; 32], SIGNATURE);
        self.raw(&kexinit(names, false)).say(&reply).say(&NewKeys::new())
    }

    fn login(&mut self, method: &str, fields: &[u8]) -> &mut Self {
        self.say(&UserauthRequest::new(b"me", b"ssh-connection", Text(method), MethodFields(fields)))
    }

    /// How the endpoint under test is driven, and then what it hears.
    fn seed(&self, variant: u8, turns: [u8; TURNS], choices: &[u8]) -> Vec<u8> {
        let mut seed = vec![variant];
        seed.extend(turns);
        seed.extend(choices.iter().copied().cycle().take(CHOICES));
        seed.extend(&self.bytes);
        seed
    }
}

const STRICT_CLIENT: &str = "null,ext-info-c,kex-strict-c-v00@openssh.com";
const STRICT_SERVER: &str = "null,ext-info-s,kex-strict-s-v00@openssh.com";
/// Everything at once, and sixteen bytes a turn.
const WHOLE: [u8; TURNS] = [0; TURNS];
const SMALL: [u8; TURNS] = [5; TURNS];
const MIXED: [u8; TURNS] = [4, 7, 16 + 6, 64 + 32, 5];

fn password() -> Vec<u8> {
    let mut fields = Bytes(vec![0]);
    put_string(&mut fields, b"secret");
    fields.0
}

fn public_key(signed: bool) -> Vec<u8> {
    let mut fields = Bytes(vec![u8::from(signed)]);
    put_string(&mut fields, b"null");
    put_string(&mut fields, KEY);
    if signed {
        put_string(&mut fields, SIGNATURE);
    }
    fields.0
}

/// What a peer may say on an open connection, about its channel 5 and our first one.
fn connection(talk: &mut Talk, kind: &'static str) {
    talk.say(&ChannelOpen::new(Text(kind), 5, 1000, 1000, Rest(b"")));
    talk.say(&ChannelRequest::new(0, Text("other@test"), true, Rest(b"body")));
    talk.say(&ChannelData::new(0, b"\0\x01\x02\x03"));
    talk.say(&ChannelExtendedData::new(0, 1, b"\0\x01\x02"));
    talk.say(&ChannelWindowAdjust::new(0, 100));
    talk.say(&GlobalRequest::new(Text("other@test"), true, Rest(b"")));
    talk.say(&GlobalRequest::new(Text("keepalive@openssh.com"), true, Rest(b"")));
    talk.say(&Ping::new(b"ping"));
    talk.say(&ChannelEof::new(0));
    talk.say(&ChannelClose::new(0));
}

fn server_bytes(seed: &mut dyn FnMut(&str, Vec<u8>)) {
    let hello = b"SSH-2.0-fuzz\r\n";
    let service = |talk: &mut Talk| {
        talk.say(&ServiceRequest::new(b"ssh-userauth"));
    };
    let start = |names: &str| {
        let mut talk = Talk::new(hello);
        talk.client_kex(names);
        service(&mut talk);
        talk
    };
    let mut talk = start(STRICT_CLIENT);
    talk.login("password", &password());
    connection(&mut talk, "session");
    seed("password", talk.seed(0, WHOLE, &[0]));
    seed("password-in-pieces", talk.seed(1, SMALL, &[0]));
    seed("password-mixed", talk.seed(6, MIXED, &[0]));
    seed("password-denied", talk.seed(0, WHOLE, &[0, 1]));
    seed("password-later", talk.seed(3, [64, 69, 64, 64, 64], &[0, 2, 2, 0]));
    seed("password-never", talk.seed(0, WHOLE, &[0, 3]));
    seed("password-and-end", talk.seed(128, WHOLE, &[0]));
    seed("host-key-not-signed", talk.seed(0, WHOLE, &[1]));
    seed("host-key-signed-later", talk.seed(0, [64 + 5; TURNS], &[2, 0]));
    let mut talk = start("null");
    talk.say(&Ignore::new(Rest(b"x"))).login("none", b"").login("none", b"").login("other@test", b"fields");
    connection(&mut talk, "other@test");
    seed("others-not-strict", talk.seed(0, SMALL, &[0, 1, 5, 0]));
    seed("not-strict-signed-later", talk.seed(0, [64 + 5; TURNS], &[2, 0]));
    let mut talk = start(STRICT_CLIENT);
    talk.login("publickey", &public_key(false)).login("publickey", &public_key(true)).login("password", &password());
    talk.raw(&kexinit("null", false)).say(&KexEcdhInit::new(&[2; 32])).say(&NewKeys::new());
    connection(&mut talk, "session");
    seed("public-key-partial-and-rekey", talk.seed(0, SMALL, &[0, 0, 8, 0]));
    seed("public-key", talk.seed(0, WHOLE, &[0, 0, 0]));
    seed("public-key-not-wanted", talk.seed(0, WHOLE, &[0, 1, 1, 1]));
    let mut talk = start(STRICT_CLIENT);
    talk.login("none", b"").raw(&kexinit("other,null", true)).say(&KexEcdhInit::new(b"wrong guess"));
    talk.say(&KexEcdhInit::new(&[2; 32])).say(&NewKeys::new()).raw(&kexinit("null", true));
    talk.say(&KexEcdhInit::new(&[3; 32])).say(&NewKeys::new());
    seed("rekey-with-guesses", talk.seed(0, SMALL, &[0]));
    for (name, names) in [("guess", "other,null"), ("guess-strict", "other,null,kex-strict-c-v00@openssh.com")] {
        let mut talk = Talk::new(hello);
        talk.raw(&kexinit(names, true)).say(&KexEcdhInit::new(b"wrong guess")).say(&KexEcdhInit::new(&[1; 32]));
        talk.say(&NewKeys::new());
        service(&mut talk);
        seed(name, talk.seed(0, SMALL, &[0]));
    }
    let mut talk = Talk::new(hello);
    talk.client_kex(STRICT_CLIENT);
    let mut entries = Bytes(Vec::new());
    put_string(&mut entries, b"ping@openssh.com");
    put_string(&mut entries, b"0");
    talk.say(&ExtInfo::new(1, Rest(&entries.0))).raw(&[15]).raw(&kexinit("null", false));
    talk.say(&KexEcdhInit::new(&[1; 32])).say(&NewKeys::new());
    service(&mut talk);
    talk.raw(&kexinit("null", false));
    seed("extensions-and-rekeys-before-login", talk.seed(0, SMALL, &[0]));
    for n in [1, 2, 3, 4, 5, 6, 21, 30, 50, 80, 200] {
        let mut talk = Talk::new(hello);
        talk.raw(&[n, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0]);
        seed(&alloc::format!("first-{n}"), talk.seed(0, WHOLE, &[0]));
    }
    let mut talk = Talk::new(hello);
    talk.raw(&kexinit("other", false));
    seed("nothing-in-common", talk.seed(0, WHOLE, &[0]));
    seed("not-ssh", Talk::new(b"GET / HTTP/1.0\r\n").seed(0, WHOLE, &[0]));
    seed("old", Talk::new(b"SSH-1.5-old\r\n").seed(0, WHOLE, &[0]));
    seed("silence", Talk::new(b"S").seed(0, [32; TURNS], &[0]));
}

fn client_bytes(seed: &mut dyn FnMut(&str, Vec<u8>)) {
    let hello = b"a line\r\nSSH-2.0-fuzz comment\r\n";
    let start = |names: &str| {
        let mut talk = Talk::new(hello);
        talk.server_kex(names);
        let mut entries = Bytes(Vec::new());
        put_string(&mut entries, b"server-sig-algs");
        put_string(&mut entries, b"null");
        put_string(&mut entries, b"ping@openssh.com");
        put_string(&mut entries, b"0");
        talk.say(&ExtInfo::new(2, Rest(&entries.0))).say(&ServiceAccept::new(b"ssh-userauth"));
        talk
    };
    let rekey = |talk: &mut Talk, key: &[u8]| {
        talk.raw(&kexinit("null", false)).say(&KexEcdhReply::new(key, &[2; 32], SIGNATURE)).say(&NewKeys::new());
    };
    let mut talk = start(STRICT_SERVER);
    talk.say(&UserauthBanner::new(b"hello", b"")).say(&UserauthSuccess::new());
    connection(&mut talk, "other@test");
    seed("password", talk.seed(0, WHOLE, &[0]));
    seed("password-in-pieces", talk.seed(1, SMALL, &[0]));
    seed("password-mixed", talk.seed(6, MIXED, &[0]));
    seed("host-key-rejected", talk.seed(0, WHOLE, &[1]));
    seed("host-key-never", talk.seed(0, WHOLE, &[3]));
    seed("host-key-later", talk.seed(0, [64 + 5; TURNS], &[2, 0]));
    seed("gives-up", talk.seed(0, WHOLE, &[0, 1]));
    seed("never", talk.seed(0, WHOLE, &[0, 3]));
    seed("later", talk.seed(2, [64; TURNS], &[0, 2, 2]));
    seed("success-unasked", talk.seed(128, WHOLE, &[0, 2]));
    let mut talk = start("null");
    talk.say(&Debug::new(Rest(b"\0"))).say(&UserauthFailure::new(list("publickey,password"), false));
    talk.say(&UserauthPkOk::new(Text("null"), KEY)).say(&UserauthFailure::new(list("other@test"), true));
    talk.say(&UserauthSuccess::new());
    connection(&mut talk, "other@test");
    rekey(&mut talk, KEY);
    rekey(&mut talk, b"\0\0\0\x04nullanother");
    seed("none-key-other-not-strict", talk.seed(0, SMALL, &[0, 4, 8, 0, 16, 0]));
    seed("not-strict-host-key-later", talk.seed(0, [64 + 5; TURNS], &[2, 0]));
    seed("signature-declined", talk.seed(0, WHOLE, &[0, 4, 8, 1, 0]));
    seed("key-without-query", talk.seed(0, WHOLE, &[0, 12, 0, 0]));
    for (name, names) in [("guess", "other,null"), ("guess-strict", "other,null,kex-strict-s-v00@openssh.com")] {
        let mut talk = Talk::new(b"SSH-2.0-fuzz\r\n");
        talk.raw(&kexinit(names, true)).say(&KexEcdhReply::new(b"", b"", b""));
        talk.say(&KexEcdhReply::new(KEY, &[1; 32], SIGNATURE)).say(&NewKeys::new());
        talk.say(&ServiceAccept::new(b"ssh-userauth"));
        seed(name, talk.seed(0, SMALL, &[0]));
    }
    let mut talk = start(STRICT_SERVER);
    talk.say(&UserauthSuccess::new()).raw(&kexinit("other,null", true)).say(&KexEcdhReply::new(b"", b"", b""));
    talk.say(&KexEcdhReply::new(KEY, &[1; 32], SIGNATURE)).say(&NewKeys::new());
    seed("rekey-with-a-guess", talk.seed(0, SMALL, &[0]));
    let mut talk = start(STRICT_SERVER);
    for _ in 0..4 {
        talk.say(&UserauthBanner::new(b"again", b""));
    }
    seed("banners", talk.seed(0, WHOLE, &[0]));
    for n in [1, 3, 20, 31, 51, 52, 90] {
        let mut talk = Talk::new(b"SSH-1.99-fuzz\n");
        talk.raw(&[n, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0]);
        seed(&alloc::format!("first-{n}"), talk.seed(0, WHOLE, &[0]));
    }
    let mut talk = Talk::new(b"SSH-2.0-fuzz\r\n");
    talk.raw(&kexinit("other", false));
    seed("nothing-in-common", talk.seed(0, WHOLE, &[0]));
    seed("lines", Talk::new(&b"line\n".repeat(10)).seed(0, WHOLE, &[0]));
}

/// Scripts of operations. `client` and `server` are the bit that makes an operation that end's.
fn operations(client: u8, server: u8, seed: &mut dyn FnMut(&str, Vec<u8>)) {
    let ends = [client, server];
    let inject = |seed: &mut Vec<u8>, payload: &[u8]| {
        seed.push(op::INJECT | op::PEER);
        seed.push(u8::try_from(payload.len()).unwrap());
        seed.extend(payload);
    };
    // A session in the usual order, and its end from either side.
    for (name, first) in [("session-client-ends", client), ("session-server-ends", server)] {
        let mut s = vec![0, op::OPEN | client, 0, op::PUMP, op::REQUEST | client, 0, 3, op::REQUEST | client, 0, 2];
        s.extend([op::PUMP, op::WRITE | client, 0, 9, op::WRITE | server, 0, 9, op::WRITE | server, 128, 9, op::PUMP]);
        s.extend([op::GRANT | client, 0, 200, op::GRANT | server, 0, 200, op::REQUEST | server, 0, 4, op::PUMP]);
        s.extend([op::REQUEST | server, 0, 5, op::REQUEST | server, 0, 14, op::REQUEST | client, 0, 14, op::PUMP]);
        s.extend([op::FINISH | first, 0, op::PUMP, op::WRITE | (first ^ op::PEER), 0, 3, op::PUMP]);
        s.extend([op::CLOSE | first, 0, op::PUMP, op::STALE | client, 0, op::STALE | server, 0, op::LOOK]);
        seed(name, s);
    }
    // Every kind of open, and of request.
    for (name, choice) in
        [("opens", 0), ("opens-refused", 1), ("opens-later", 2), ("opens-never", 3), ("opens-data", 16)]
    {
        let mut s = vec![1, op::CHOICE, choice, op::GLOBAL | client, 0, op::PUMP];
        for end in ends {
            for kind in 0..8 {
                s.extend([op::OPEN | end, kind, op::PUMP]);
                s.extend([
                    op::WRITE | end,
                    0,
                    4,
                    op::ANSWER | (end ^ op::PEER),
                    0,
                    kind,
                    op::CLOSE | end,
                    kind / 2,
                    op::PUMP,
                ]);
            }
        }
        seed(name, s);
    }
    for (name, choice) in [("requests", 0), ("requests-refused", 1), ("requests-later", 2), ("requests-never", 3)] {
        let mut s = vec![0, op::OPEN | client, 0, op::PUMP, op::CHOICE, choice];
        for end in ends {
            for kind in [0, 1, 2, 3, 4, 5, 6, 7, 14, 15] {
                s.extend([op::REQUEST | end, 0, kind, op::GLOBAL | end, kind]);
            }
            s.extend([op::PUMP, op::STALE | client, choice * 3, op::STALE | server, 1]);
            for which in [2, 0, 1, 0] {
                s.extend([op::ANSWER | (end ^ op::PEER), which, which, op::PUMP]);
            }
        }
        seed(name, s);
    }
    // Full buffers, small windows, and exchanges in between.
    for (name, variant) in [("full", 0), ("full-keep", 6), ("full-rekey-bytes", 24), ("full-rekey-packets", 48)] {
        let mut s = vec![variant, op::OPEN | client, 0, op::OPEN | client, 64, op::OPEN | client, 192, op::PUMP];
        for round in 0..4 {
            for end in ends {
                s.extend([op::FLOOD | end, round, op::FLOOD | end, round + 1, op::REQUEST | end, 0, 6]);
                s.extend([
                    op::GLOBAL | end,
                    6,
                    op::OPEN | end,
                    5,
                    op::REKEY | end,
                    op::FLOOD | end,
                    2,
                    op::GLOBAL | end,
                    2,
                ]);
            }
            s.extend([op::TO_PEER, 100, op::TO_SUBJECT, 37, op::EVENTS, 0, op::EVENTS | op::PEER, 0, op::TO_PEER, 255]);
            s.extend([op::GRANT | client, round, 100, op::GRANT | server, round, 255, op::PUMP]);
        }
        seed(name, s);
    }
    let mut s = vec![0, op::OPEN | client, 0, op::PUMP];
    for end in ends {
        s.extend([op::REKEY | end, op::EVENTS | end, 0]);
        for _ in 0..30 {
            s.extend([op::TO_PEER, 30, op::EVENTS | op::PEER, 2, op::TO_SUBJECT, 30, op::EVENTS, 2, op::ANSWER, 0, 0]);
            s.extend([op::ANSWER | op::PEER, 0, 0, op::WRITE | end, 0, 1]);
        }
        s.push(op::PUMP);
    }
    seed("rekey-in-pieces", s);
    // Time.
    let mut s = vec![4 | 8 | 32, op::OPEN | client, 0, op::PUMP];
    for end in ends {
        s.extend([op::TIME | end, 45, op::PUMP, op::TIME | end, 45, op::PUMP, op::TIME | end, 255, op::PUMP]);
    }
    s.extend([op::TIME, 45, op::TIME, 45, op::TIME, 45, op::TIME, 45]);
    seed("time", s);
    // Ends.
    for (name, tail) in [
        ("disconnect", vec![op::END | client, 0, op::PUMP]),
        ("disconnected", vec![op::END | server, 0, op::PUMP]),
        ("network-ends", vec![op::END, 1, op::PUMP, op::OPEN, 0]),
        ("misuse-received", vec![op::MISUSE, 0]),
        ("misuse-transmitted", vec![op::MISUSE, 1]),
        ("misuse-writer", vec![op::MISUSE, 2]),
        ("lost", vec![op::OPEN, 0, op::LOSE, 255, op::OPEN | op::PEER, 0, op::PUMP]),
        ("garbage", vec![op::GARBAGE, 12, 0, 0, 0, 8, 4, 2, 0, 0, 0, 0, 0, 0, op::PUMP]),
    ] {
        let mut s = vec![1, op::OPEN | client, 0, op::PUMP, op::FLOOD, 0];
        s.extend(tail);
        seed(name, s);
    }
    // What a peer may say and sansh does not: each message on a session that is open.
    for (n, payload) in payloads().into_iter().enumerate() {
        let mut s = vec![0, op::OPEN | client, 0, op::PUMP];
        if payload.len() < 250 {
            inject(&mut s, &payload);
            inject(&mut s, &payload);
            s.extend([op::WRITE, 0, 3, op::EVENTS, 0]);
            seed(&alloc::format!("says-{n:02}-{:03}", payload[0]), s);
        }
    }
    // A peer's re-exchanges, step by step.
    for (name, names, follows) in [("peer-rekeys", "null", false), ("peer-rekeys-with-a-guess", "other,null", true)] {
        for choice in [0, 2] {
            let mut s = vec![0, op::OPEN | client, 0, op::PUMP, op::CHOICE, choice];
            for key in [KEY, b"\0\0\0\x04nullanother"] {
                inject(&mut s, &kexinit(names, follows));
                let exchange = if client == 0 {
                    payload(&KexEcdhReply::new(key, &[1; 32], SIGNATURE))
                } else {
                    payload(&KexEcdhInit::new(&[1; 32]))
                };
                if follows {
                    inject(&mut s, &exchange);
                }
                inject(&mut s, &exchange);
                s.extend([op::WRITE, 0, 3, op::ANSWER, 0, 0, op::EVENTS, 0]);
                inject(&mut s, &payload(&NewKeys::new()));
                s.extend([op::EVENTS, 0]);
            }
            seed(&alloc::format!("{name}-{choice}"), s);
        }
    }
}

/// One or more of every message, with fields that mean something to an open connection.
fn payloads() -> Vec<Vec<u8>> {
    let mut entries = Bytes(Vec::new());
    put_string(&mut entries, b"server-sig-algs");
    put_string(&mut entries, b"ssh-ed25519");
    let mut host = Bytes(Vec::new());
    put_string(&mut host, b"host");
    host.put(&80_u32.to_be_bytes());
    let forward = host.0.clone();
    put_string(&mut host, b"::1");
    host.put(&4321_u32.to_be_bytes());
    let mut socket = Bytes(Vec::new());
    put_string(&mut socket, b"/socket");
    socket.put(&[0; 8]);
    let mut signal = Bytes(Vec::new());
    put_string(&mut signal, b"TERM");
    signal.put(&[1]);
    put_string(&mut signal, b"text");
    put_string(&mut signal, b"en");
    let mut variable = Bytes(Vec::new());
    put_string(&mut variable, b"LANG");
    put_string(&mut variable, b"C");
    let request = |name, want, body: &[u8]| payload(&ChannelRequest::new(0, Text(name), want, Rest(body)));
    let open = |kind, body: &[u8]| payload(&ChannelOpen::new(Text(kind), 7, 100, 100, Rest(body)));
    let mut all = vec![
        payload(&Disconnect::new(11, b"bye", b"en")),
        payload(&Ignore::new(Rest(b"anything"))),
        payload(&Unimplemented::new(3)),
        payload(&Debug::new(Rest(b"\x01\0\0\0\x02hi\0\0\0\0"))),
        payload(&ServiceRequest::new(b"ssh-userauth")),
        payload(&ServiceAccept::new(b"ssh-userauth")),
        payload(&ExtInfo::new(1, Rest(&entries.0))),
        payload(&ExtInfo::new(u32::MAX, Rest(&entries.0[..20]))),
        kexinit(STRICT_CLIENT, false),
        payload(&NewKeys::new()),
        payload(&KexEcdhInit::new(&[1; 32])),
        payload(&KexEcdhReply::new(KEY, &[1; 32], SIGNATURE)),
        payload(&UserauthRequest::new(b"me", b"ssh-connection", Text("none"), MethodFields(b""))),
        payload(&UserauthRequest::new(b"me", b"ssh-connection", Text("password"), MethodFields(&password()))),
        payload(&UserauthRequest::new(b"me", b"ssh-connection", Text("publickey"), MethodFields(&public_key(true)))),
        payload(&UserauthFailure::new(list("password,publickey"), true)),
        payload(&UserauthSuccess::new()),
        payload(&UserauthBanner::new(b"hello\n", b"en")),
        payload(&UserauthPkOk::new(Text("null"), KEY)),
        payload(&GlobalRequest::new(Text("tcpip-forward"), true, Rest(&forward))),
        payload(&GlobalRequest::new(Text("cancel-tcpip-forward"), true, Rest(&forward))),
        payload(&GlobalRequest::new(Text("other@test"), false, Rest(b"body of it"))),
        payload(&RequestSuccess::new(Rest(b"\0\0\x1f\x56"))),
        payload(&RequestFailure::new()),
        open("session", b""),
        open("direct-tcpip", &host.0),
        open("forwarded-tcpip", &host.0),
        open("direct-streamlocal@openssh.com", &socket.0),
        open("other@test", b"body"),
        payload(&ChannelOpen::new(Text("session"), 7, 0, 0, Rest(b""))),
        payload(&ChannelOpenConfirmation::new(0, 7, 100, 100, Rest(b""))),
        payload(&ChannelOpenFailure::new(0, 1, b"no", b"")),
        payload(&ChannelWindowAdjust::new(0, 100)),
        payload(&ChannelWindowAdjust::new(0, u32::MAX)),
        payload(&ChannelData::new(0, b"data")),
        payload(&ChannelData::new(1000, b"nobody's")),
        payload(&ChannelData::new(0, b"")),
        payload(&ChannelExtendedData::new(0, 1, b"stderr")),
        payload(&ChannelExtendedData::new(0, 2, b"nobody's")),
        payload(&ChannelEof::new(0)),
        payload(&ChannelClose::new(0)),
        request("shell", true, b""),
        request("exec", true, b"\0\0\0\x04true"),
        request("subsystem", false, b"\0\0\0\x04echo"),
        request("env", false, &variable.0),
        request("exit-status", false, &[0, 0, 0, 3]),
        request("exit-signal", false, &signal.0),
        request("exit-signal", true, b"\0\0\0\xff"),
        request("other@test", true, b""),
        payload(&ChannelSuccess::new(0)),
        payload(&ChannelFailure::new(0)),
        payload(&Ping::new(b"ping")),
        payload(&Pong::new(b"pong")),
        vec![99],
        vec![150, 1, 2, 3],
        vec![0],
    ];
    // A TRUE in another form.
    all.push(request("shell", true, b"").into_iter().map(|byte| if byte == 1 { 7 } else { byte }).collect());
    all
}

fn texts(seed: &mut dyn FnMut(&'static str, &str, Vec<u8>)) {
    let blob = ed25519_blob(&[7; 32]);
    let line = PublicKey::new(&blob).line("a comment").unwrap();
    let known = alloc::format!(
        "# hosts\na.b,*.lab,!gate.lab {line}\n[a.b]:2222 {line}\n@revoked * {line}\n@cert-authority *.x {line}\nbad\n"
    );
    let random = &mut crate::crypto::Random::new(&crate::crypto::Seed::new([3; 32]));
    let hashed = crate::files::known_hosts::hashed_line_for("a.b", 2222, PublicKey::new(&blob), random).unwrap();
    let keys = alloc::format!(
        "# keys\n{line}\nrestrict,command=\"echo \\\"hi\\\"\",from=\"10.0.0.*\" {line}\ncert-authority {line}\nnokey\n"
    );
    let config =
        b"Port 22\nListenAddress [::1]:2222\nHost=*.lab !gate\n  RekeyLimit 1G 1h30m\nSubsystem echo \"a b\" 'c'\n\
        Include /etc/*.conf # not a comment\nCompression yes\n\"unended\n\xff\n";
    seed("files", "known-hosts", known.into_bytes());
    seed("files", "known-hosts-hashed", hashed.into_bytes());
    seed("files", "authorized-keys", keys.into_bytes());
    seed("files", "configuration", config.to_vec());
    seed("files", "host-and-pattern", b"gate.lab\n*.lab,!g?te.*".to_vec());
    seed("files", "empty", b"\n".to_vec());
    let key = PrivateKey::ed25519_from_seed(&[1; 32]).unwrap().with_comment("a comment");
    let file = key.to_openssh(random).unwrap();
    let inner: String = file.lines().filter(|line| !line.starts_with('-')).collect();
    let signature = key.sign("ssh-ed25519", b"message").unwrap();
    assert!(SignatureBlob::parse(&signature).is_ok());
    seed("keys", "private-key-file", file.as_bytes().to_vec());
    seed("keys", "private-key-inside", crate::keys::encode::from_base64(&inner).unwrap());
    seed("keys", "public-key-line", line.into_bytes());
    seed("keys", "public-key-blob", blob.to_vec());
    seed("keys", "signature", signature);
    seed("keys", "fingerprint", alloc::format!("{}", PublicKey::new(&blob)).into_bytes());
    seed("keys", "not-a-key", b"-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n".to_vec());
}
