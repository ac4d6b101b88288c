//! The sessions that the corpus is made of, as scripts: a corpus can be made again from nothing.

use super::after_login::op;
use super::before_login::{CHOICES, TURNS};
use super::end::{KEY, OTHER_KEY, SIGNATURE};
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
    super::private_keys::seeds(&mut |name, bytes| seeds.push(("private_keys", String::from(name), bytes)));
    super::certificates::seeds(&mut |name, bytes| seeds.push(("certificates", String::from(name), bytes)));
    seeds.extend(super::agent::seeds().into_iter().map(|(name, bytes)| ("agent", String::from(name), bytes)));
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

    /// The exchange with a group (RFC 4419).
    fn client_group_kex(&mut self, names: &str) -> &mut Self {
        self.raw(&kexinit(names, false)).say(&KexDhGexRequest::new(2048, 4096, 8192)).say(&KexDhGexInit::new(&[1; 32]));
        self.say(&NewKeys::new())
    }

    fn server_group_kex(&mut self, names: &str) -> &mut Self {
        self.raw(&kexinit(names, false)).say(&KexDhGexGroup::new(b"prime", b"g"));
        self.say(&KexDhGexReply::new(KEY, &[1; 32], SIGNATURE)).say(&NewKeys::new())
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

fn new_password() -> Vec<u8> {
    let mut fields = Bytes(vec![1]);
    put_string(&mut fields, b"secret");
    put_string(&mut fields, b"newer");
    fields.0
}

fn strings(all: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Bytes(Vec::new());
    all.iter().for_each(|string| put_string(&mut bytes, string));
    bytes.0
}

/// Bound to a host key (OpenSSH PROTOCOL, section 3.1).
fn host_bound(host_key: &[u8], signed: bool) -> Vec<u8> {
    let mut fields = Bytes(vec![u8::from(signed)]);
    fields.put(&strings(&[b"null", KEY, host_key]));
    if signed {
        put_string(&mut fields, SIGNATURE);
    }
    fields.0
}

fn host_based() -> Vec<u8> {
    strings(&[b"null", KEY, b"host.", b"there", SIGNATURE])
}

/// INFO_RESPONSE: so many answers.
fn info_response(answers: &[&[u8]]) -> Vec<u8> {
    [&[61][..], &u32::try_from(answers.len()).unwrap().to_be_bytes(), &strings(answers)].concat()
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
    let (prompt, change) = (4 << 2, 6 << 2);
    let mut talk = start(STRICT_CLIENT);
    talk.login("password", &password()).login("password", &new_password()).login("password", &new_password());
    seed("new-password", talk.seed(0, WHOLE, &[0, change, 0]));
    seed("new-password-expires-too", talk.seed(0, SMALL, &[0, change, change, 0]));
    seed("new-password-not-asked-for", talk.seed(0, WHOLE, &[0, 1, 1]));
    let mut talk = start(STRICT_CLIENT);
    talk.login("keyboard-interactive", &strings(&[b"", b"pam,skey"])).raw(&info_response(&[b"one"]));
    talk.raw(&info_response(&[])).raw(&info_response(&[b"one"]));
    seed("interactive", talk.seed(0, WHOLE, &[0, prompt, prompt + 4, 0]));
    seed("interactive-denied", talk.seed(0, SMALL, &[0, prompt, 1]));
    seed("interactive-later", talk.seed(0, [64; TURNS], &[0, 2, 16, 0]));
    let mut talk = start(STRICT_CLIENT);
    talk.login("keyboard-interactive", &strings(&[b"", b""])).raw(&info_response(&[b"one", b"two"]));
    talk.login("keyboard-interactive", &strings(&[b"", b""])).login("password", &password());
    seed("interactive-wrong-count-and-abandoned", talk.seed(0, WHOLE, &[0, prompt, prompt, 0]));
    let mut talk = start(STRICT_CLIENT);
    talk.login("hostbased", &host_based());
    seed("host-based", talk.seed(0, WHOLE, &[0, 0]));
    const BOUND: &str = "publickey-hostbound-v00@openssh.com";
    let mut talk = start(STRICT_CLIENT);
    talk.login(BOUND, &host_bound(KEY, false)).login(BOUND, &host_bound(KEY, true));
    seed("host-bound", talk.seed(0, WHOLE, &[0, 0, 0]));
    let mut talk = start(STRICT_CLIENT);
    talk.login(BOUND, &host_bound(OTHER_KEY, true)).login(BOUND, &host_bound(b"", false));
    seed("host-bound-to-another", talk.seed(0, WHOLE, &[0, 0, 0]));
    for (name, names) in [("group", "null-group"), ("group-strict", "null-group,kex-strict-c-v00@openssh.com")] {
        let mut talk = Talk::new(hello);
        talk.client_group_kex(names);
        service(&mut talk);
        talk.login("password", &password()).client_group_kex("null-group");
        seed(name, talk.seed(64, SMALL, &[0]));
    }
    let mut talk = Talk::new(hello);
    talk.raw(&kexinit("null-group", false)).say(&KexDhGexRequest::new(u32::MAX, 0, 0));
    seed("group-too-small", talk.seed(64, WHOLE, &[0]));
    let mut talk = Talk::new(hello);
    talk.raw(&kexinit("other,null-group", true)).say(&KexDhGexRequest::new(1, 2, 3));
    talk.say(&KexDhGexRequest::new(2048, 2048, 2048)).say(&KexDhGexGroup::new(b"prime", b"g"));
    seed("group-of-the-client", talk.seed(64, WHOLE, &[0]));
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
    let info = |prompts: &[Prompt<'_>]| payload(&UserauthInfoRequest::new(b"name", b"say", b"", Prompts::of(prompts)));
    let one = [Prompt { text: b"One? ", echo: true }];
    let interactive = 5 << 2;
    let mut talk = start(STRICT_SERVER);
    talk.raw(&info(&one)).raw(&info(&[])).say(&UserauthSuccess::new());
    seed("prompts", talk.seed(0, WHOLE, &[0, interactive, 0, 1]));
    seed("prompts-not-answered", talk.seed(0, WHOLE, &[0, interactive, 3, 1]));
    seed("prompts-later", talk.seed(2, [64; TURNS], &[0, interactive, 2, 6]));
    seed("prompts-in-a-password", talk.seed(0, WHOLE, &[0, 0]));
    let mut talk = start(STRICT_SERVER);
    talk.say(&UserauthSuccess::new());
    seed("trivial", talk.seed(2, WHOLE, &[0, interactive]));
    seed("trivial-none", talk.seed(0, WHOLE, &[0, 4]));
    seed("host-based", talk.seed(0, WHOLE, &[0, 24, 0]));
    let mut talk = start(STRICT_SERVER);
    talk.say(&UserauthPasswdChangereq::new(b"expired", b"en")).say(&UserauthPasswdChangereq::new(b"no good", b""));
    talk.say(&UserauthFailure::new(list("password"), false)).say(&UserauthSuccess::new());
    seed("password-expired", talk.seed(0, WHOLE, &[0]));
    seed("password-expired-kept", talk.seed(0, WHOLE, &[0, 0, 1]));
    let mut talk = Talk::new(hello);
    talk.server_kex(STRICT_SERVER);
    let mut entries = Bytes(Vec::new());
    entries.put(&strings(&[b"server-sig-algs", b"null", b"publickey-hostbound@openssh.com", b"0"]));
    talk.say(&ExtInfo::new(2, Rest(&entries.0))).say(&ServiceAccept::new(b"ssh-userauth"));
    talk.say(&UserauthPkOk::new(Text("null"), KEY)).say(&UserauthSuccess::new());
    seed("host-bound", talk.seed(0, WHOLE, &[0, 28, 0]));
    for (name, names) in [("group", "null-group"), ("group-strict", "null-group,kex-strict-s-v00@openssh.com")] {
        let mut talk = Talk::new(b"SSH-2.0-fuzz\r\n");
        talk.server_group_kex(names).say(&ServiceAccept::new(b"ssh-userauth")).say(&UserauthSuccess::new());
        talk.server_group_kex("null-group");
        seed(name, talk.seed(64, SMALL, &[0]));
    }
    let mut talk = Talk::new(b"SSH-2.0-fuzz\r\n");
    talk.raw(&kexinit("null-group", false)).say(&KexDhGexGroup::new(b"", b""));
    seed("group-of-nothing", talk.seed(64, WHOLE, &[0]));
    let mut talk = Talk::new(b"SSH-2.0-fuzz\r\n");
    talk.raw(&kexinit("other,null-group", true)).say(&KexDhGexGroup::new(b"a", b"b"));
    talk.say(&KexDhGexGroup::new(&[1; 1025], &[1; 1025])).say(&KexDhGexGroup::new(b"again", b"b"));
    seed("group-twice", talk.seed(64, WHOLE, &[0]));
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
        let mut s = vec![0, 0, op::OPEN | client, 0, op::PUMP, op::REQUEST | client, 0, 3, op::REQUEST | client, 0, 2];
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
        let mut s = vec![1, 0, op::CHOICE, choice, op::GLOBAL | client, 0, op::PUMP];
        for end in ends {
            for kind in 0..13 {
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
        let mut s = vec![0, 0, op::OPEN | client, 0, op::PUMP, op::CHOICE, choice];
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
    everything(client, server, seed);
    logins(seed);
    // Full buffers, small windows, and exchanges in between.
    for (name, variant) in [("full", 0), ("full-keep", 6), ("full-rekey-bytes", 24), ("full-rekey-packets", 48)] {
        let mut s = vec![variant, 0, op::OPEN | client, 0, op::OPEN | client, 64, op::OPEN | client, 192, op::PUMP];
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
    let mut s = vec![0, 0, op::OPEN | client, 0, op::PUMP];
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
    let mut s = vec![4 | 8 | 32, 0, op::OPEN | client, 0, op::PUMP];
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
        let mut s = vec![1, 0, op::OPEN | client, 0, op::PUMP, op::FLOOD, 0];
        s.extend(tail);
        seed(name, s);
    }
    // What a peer may say and sansh does not: each message on a session that is open.
    for (n, payload) in payloads().into_iter().enumerate() {
        let mut s = vec![0, 0, op::OPEN | client, 0, op::PUMP];
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
            let mut s = vec![0, 0, op::OPEN | client, 0, op::PUMP, op::CHOICE, choice];
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

/// Each channel type, request and global request where it may come, one after the other.
fn everything(client: u8, server: u8, seed: &mut dyn FnMut(&str, Vec<u8>)) {
    for (name, choice) in [("all", 0), ("all-refused", 1), ("all-later", 2), ("all-kept", 6)] {
        let mut s = vec![0, 0, op::OPEN | client, 0, op::PUMP, op::CHOICE, choice];
        for end in [client, server] {
            let other = end ^ op::PEER;
            for kind in 0..19 {
                s.extend([op::REQUEST | end, 0, kind, op::PUMP, op::ANSWER | other, 0, choice & 1, op::PUMP]);
            }
            for kind in (0..16).filter(|kind| *kind != 10) {
                s.extend([op::GLOBAL | end, kind, op::PUMP, op::ANSWER | other, 0, choice & 1, op::PUMP]);
            }
        }
        // What was asked for comes, and an X11 connection once more than that.
        for kind in [3, 7, 8, 9, 10, 9] {
            let answered = [op::ANSWER | client, 0, choice & 1, op::PUMP];
            s.extend([op::OPEN | server, kind, op::PUMP]);
            s.extend(answered);
            s.extend([op::CLOSE | server, 1, op::PUMP]);
        }
        s.extend([op::GLOBAL | server, 10, op::PUMP, op::OPEN | client, 0, op::PUMP]);
        s.extend([op::OPEN | client, 0, op::GLOBAL | client, 10, op::OPEN | client, 0, op::PUMP]);
        seed(name, s);
    }
    // Forwardings that were granted, and what comes of them.
    let mut s = vec![0, 0, op::OPEN | client, 0, op::PUMP, op::GLOBAL | client, 0, op::GLOBAL | client, 8, op::PUMP];
    for kind in [16, 18] {
        s.extend([op::REQUEST | client, 0, kind, op::PUMP]);
    }
    for kind in [3, 8, 9, 10] {
        s.extend([
            op::OPEN | server,
            kind,
            op::PUMP,
            op::WRITE | server,
            1,
            9,
            op::PUMP,
            op::CLOSE | client,
            1,
            op::PUMP,
        ]);
    }
    s.extend([op::GLOBAL | client, 1, op::GLOBAL | client, 9, op::PUMP, op::OPEN | server, 3, op::OPEN | server, 8]);
    s.extend([op::CLOSE | client, 0, op::PUMP, op::OPEN | server, 9, op::OPEN | server, 10, op::PUMP]);
    seed("callbacks", s);
    let mut s = vec![0, 0, op::OPEN | client, 0, op::PUMP, op::REQUEST | client, 0, 17, op::PUMP];
    s.extend([op::OPEN | server, 9, op::OPEN | server, 9, op::PUMP]);
    seed("callbacks-single", s);
    // Host keys are proved while other things go on; some signatures are too long, late or refused.
    for (name, choice) in [("proofs", 0), ("proofs-refused", 1), ("proofs-later", 2), ("proofs-long", 61 << 2)] {
        let mut s = vec![0, 0, op::CHOICE, choice];
        for kind in 12..16 {
            s.extend([op::GLOBAL | client, kind, op::GLOBAL | client, 6, op::GLOBAL | client, 12, op::PUMP]);
            s.extend([op::REKEY | server, op::GLOBAL | server, 11, op::PUMP, op::ANSWER | server, 0, 0, op::PUMP]);
        }
        seed(name, s);
    }
    // Windows that grow, and data that is granted back.
    for (name, how) in [("flow", 1), ("flow-grows", 0x81), ("flow-by-hand", 0xc0)] {
        let mut s = vec![0, 0, op::CHOICE, 8, op::OPEN | client, 32 + 11, op::OPEN | client, 128 + 32, op::PUMP];
        for round in 0..6 {
            for end in [client, server] {
                s.extend([op::FLOW | end, round & 1, how, op::FLOOD | end, 0, op::FLOOD | end, 1]);
            }
            s.extend([
                op::PUMP,
                op::TIME | client,
                0,
                op::TIME | server,
                0,
                op::GRANT | client,
                0,
                250,
                op::REKEY | server,
            ]);
            s.extend([
                op::PUMP,
                op::WRITE_FOR | server,
                0,
                255,
                20 * round,
                op::PUMP,
                op::WRITE_FOR | server,
                1,
                1,
                100,
            ]);
        }
        s.extend([op::WRITE_FOR | client, 0, 1, 255, op::GRANT | client, 1, 255, op::PUMP, op::FLOW | client, 9, 0]);
        seed(name, s);
    }
    let mut s = vec![0, 0, op::OPEN | client, 0, op::PUMP];
    s.extend([op::FLOOD | client, 0, op::PUMP].repeat(5));
    s.extend([op::FLOW | server, 0, 0x80]);
    s.extend([op::GRANT | server, 0, 250].repeat(15));
    s.extend([op::TIME | server, 0, op::GRANT | server, 0, 1, op::PUMP]);
    s.extend([op::FLOOD | client, 0, op::PUMP].repeat(25));
    seed("flow-late", s);
    // A whole frame, or nothing.
    let mut s = vec![0, 0, op::OPEN | client, 128 + 12, op::OPEN | client, 128 + 11, op::PUMP];
    for n in [5, 6, 7, 8, 13] {
        s.extend([op::WRITE_FOR | server, 0, 255, n, op::FLOOD | server, 1, op::WRITE_FOR | server, 1, 255, n]);
        s.extend([op::PUMP, op::GRANT | client, 0, n, op::GRANT | client, 1, 1, op::PUMP]);
    }
    seed("whole-frames", s);
    // With a group.
    let mut s = vec![64 + 128, 0, op::OPEN | client, 0, op::PUMP];
    for end in [client, server] {
        s.extend([op::REKEY | end, op::EVENTS | end, 0]);
        for _ in 0..20 {
            s.extend([op::TO_PEER, 30, op::EVENTS | op::PEER, 0, op::TO_SUBJECT, 30, op::EVENTS, 0]);
        }
        s.push(op::PUMP);
    }
    seed("group", s);
    // Both begin at once.
    seed(
        "rekey-both",
        vec![0, 0, op::REKEY | client, op::REKEY | server, op::EVENTS, 0, op::EVENTS | op::PEER, 0, op::PUMP],
    );
}

/// Logins between two ends of sansh: what both answer, one question after the other.
fn logins(seed: &mut dyn FnMut(&str, Vec<u8>)) {
    // The client sees its host key question first, the server its signature; then come credentials and verdicts.
    let by = |method: u8| method << 2;
    let (prompt, change, partial) = (4 << 2, 6 << 2, 2 << 2);
    for (name, choices) in [
        ("none", vec![0, by(1)]),
        ("key", vec![0, by(2), 0, 0]),
        ("key-at-once", vec![0, by(3), 0]),
        ("other", vec![0, by(4)]),
        ("interactive", vec![0, by(5), prompt, 0]),
        ("prompts", vec![0, prompt, by(5), prompt, 0]),
        ("prompts-twice", vec![0, prompt, prompt, by(5), 4]),
        ("host-based", vec![0, by(6), 0]),
        ("any-key", vec![0, by(7), 0, 0]),
        ("expired", vec![0, 0, change, 0]),
        ("password-then-change", vec![0, change, 0]),
        ("partial", vec![0, partial, 0, by(3)]),
        ("denied", vec![0, 0, 1, 0, 5, 0]),
        ("gives-up", vec![0, 1]),
        ("later", vec![2, 6]),
        ("never", vec![0, 0, 3]),
        ("all", vec![0, 4, 8, 12, 16, 20, 24, 28, 32, 36]),
    ] {
        for variant in [0, 3 + 64 + 128] {
            let mut s = vec![variant, u8::try_from(choices.len()).unwrap()];
            s.extend(&choices);
            s.extend([op::OPEN, 0, op::OPEN | op::PEER, 0, op::PUMP]);
            if variant == 0 || choices.len() > 4 {
                seed(&alloc::format!("login-{name}-{variant}"), s);
            }
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
    let pty = [&strings(&[b"vt100"])[..], &[0; 16], &strings(&[&[53, 0, 0, 0, 1, 0]])].concat();
    let global = |name, want, body: &[u8]| payload(&GlobalRequest::new(Text(name), want, Rest(body)));
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
        payload(&KexDhGexRequest::new(2048, 4096, 8192)),
        payload(&KexDhGexGroup::new(b"prime", b"g")),
        payload(&KexDhGexInit::new(&[1; 32])),
        payload(&KexDhGexReply::new(KEY, &[1; 32], SIGNATURE)),
        payload(&UserauthRequest::new(b"me", b"ssh-connection", Text("none"), MethodFields(b""))),
        payload(&UserauthRequest::new(b"me", b"ssh-connection", Text("password"), MethodFields(&password()))),
        payload(&UserauthRequest::new(b"me", b"ssh-connection", Text("publickey"), MethodFields(&public_key(true)))),
        payload(&UserauthRequest::new(b"me", b"ssh-connection", Text("password"), MethodFields(&new_password()))),
        payload(&UserauthRequest::new(b"me", b"ssh-connection", Text("hostbased"), MethodFields(&host_based()))),
        payload(&UserauthInfoRequest::new(
            b"name",
            b"say",
            b"en",
            Prompts::of(&[Prompt { text: b"One? ", echo: true }]),
        )),
        payload(&UserauthPasswdChangereq::new(b"expired", b"en")),
        info_response(&[b"one", b"two"]),
        payload(&UserauthFailure::new(list("password,publickey"), true)),
        payload(&UserauthSuccess::new()),
        payload(&UserauthBanner::new(b"hello\n", b"en")),
        payload(&UserauthPkOk::new(Text("null"), KEY)),
        payload(&GlobalRequest::new(Text("tcpip-forward"), true, Rest(&forward))),
        payload(&GlobalRequest::new(Text("cancel-tcpip-forward"), true, Rest(&forward))),
        payload(&GlobalRequest::new(Text("other@test"), false, Rest(b"body of it"))),
        global("streamlocal-forward@openssh.com", true, &strings(&[b"/socket"])),
        global("cancel-streamlocal-forward@openssh.com", true, &strings(&[b"/socket"])),
        global("no-more-sessions@openssh.com", false, b""),
        global("no-more-sessions@openssh.com", true, b""),
        global("hostkeys-00@openssh.com", false, &strings(&[KEY, OTHER_KEY])),
        global("hostkeys-prove-00@openssh.com", true, &strings(&[OTHER_KEY, KEY])),
        global("hostkeys-prove-00@openssh.com", false, &strings(&[KEY])),
        payload(&RequestSuccess::new(Rest(b"\0\0\x1f\x56"))),
        payload(&RequestFailure::new()),
        open("session", b""),
        open("direct-tcpip", &host.0),
        open("forwarded-tcpip", &host.0),
        open("direct-streamlocal@openssh.com", &socket.0),
        open("forwarded-streamlocal@openssh.com", &strings(&[b"/socket", b""])),
        open("x11", &host.0[..12]),
        open("auth-agent@openssh.com", b""),
        open("tun@openssh.com", &[0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff]),
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
        request("pty-req", true, &pty),
        request("window-change", false, &[0; 16]),
        request("signal", false, &strings(&[b"INT"])),
        request("xon-xoff", false, &[1]),
        request("break", true, &[0, 0, 1, 0]),
        request("eow@openssh.com", false, b""),
        request("x11-req", true, &[&[1][..], &strings(&[b"MIT-MAGIC-COOKIE-1", b"00"]), &[0; 4]].concat()),
        request("auth-agent-req@openssh.com", true, b""),
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
    let tokens = b"Hostname %h.lab\nMatch host a.b final\nIdentityFile a\nInclude x\n";
    seed("files", "configuration-client", tokens.to_vec());
    let matches = b"Match User a Address 10.0.0.0/8\nPermitTTY no\nMatch All\nPort 1\n";
    seed("files", "configuration-server", matches.to_vec());
    let permissions = alloc::format!(
        "from=\"10.0.0.0/8,!a.b\",expiry-time=\"20400101\",permitopen=\"a.b:80\",permitlisten=\"*:*\",tunnel=\"0\" {line}\n\
        cert-authority,principals=\"a,b\",no-pty,environment=\"A=b\" {line}\n"
    );
    seed("files", "authorized-keys-options", permissions.into_bytes());
    seed("files", "principals", b"from=\"10.1.2.3\",command=\"x\" a\nb # c\n".to_vec());
    seed("files", "algorithms", b"+a,b*".to_vec());
    seed("files", "network", b"10.0.0.0/8".to_vec());
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
