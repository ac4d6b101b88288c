//! The agent protocol, both sides: a stream of answers to a client, a stream of requests to a keyring, one message.

use super::end::{KEY, SIGNATURE};
use crate::crypto::Seed;
use crate::crypto::null::Null;
use crate::keys::PublicKey;
use crate::keys::encode::written;
use crate::message::Secret;
use crate::signer::PrivateKey;
use crate::signer::agent::{
    Answer, Certificates, Client, Constraints, Destinations, Frames, KeySpec, Keyring, MAX_KEYS, MAX_MESSAGE,
    MAX_SIGNATURE, Names, Place, Reply, Request, Route, Session, SessionBind, Turn,
};
use crate::wire::put_string;
use crate::{Instant, UnixTime};
use alloc::vec;
use alloc::vec::Vec;

const CLIENT: u8 = 0;
const KEYRING: u8 = 1;
const MESSAGE: u8 = 2;

/// A first byte that says which, a second one that says how, and the bytes.
pub fn agent(data: &[u8]) {
    match data {
        [CLIENT, how, stream @ ..] => client(*how, stream),
        [KEYRING, how, stream @ ..] => keyring(*how, stream),
        [_, _, bytes @ ..] => message(bytes),
        _ => {}
    }
}

/// What is read is written again, and read as the same.
fn message(bytes: &[u8]) {
    if let Ok(request) = Request::parse(bytes) {
        let again = written(|sink| request.write(sink)).unwrap();
        assert_eq!(again[0], request.number());
        assert_eq!(Request::parse(&again), Ok(request));
        assert!(!alloc::format!("{request:?}").is_empty());
        match request {
            Request::Add { key, constraints, .. } => {
                look(&constraints);
                if let Ok(key) = key.to_key() {
                    assert_eq!(key.public_key().key_type(), bytes_type(&again));
                }
            }
            Request::AddToken { constraints, .. } => look(&constraints),
            Request::Extension { body, .. } => {
                if let Ok(bind) = SessionBind::parse(body) {
                    let again = written(|sink| bind.write(sink)).unwrap();
                    assert_eq!(SessionBind::parse(&again), Ok(bind));
                }
            }
            _ => {}
        }
    }
    if let Ok(reply) = Reply::parse(bytes) {
        assert_eq!(written(|sink| reply.write(sink)).unwrap(), bytes);
        match reply {
            Reply::Identities(keys) => assert!(keys.len() <= MAX_KEYS && keys.iter().count() * 8 <= bytes.len()),
            Reply::Extension { body, .. } => {
                let _names = Names::parse(body).map(|names| names.iter().count());
            }
            _ => {}
        }
    }
}

/// The type of the key in an ADD_IDENTITY message.
fn bytes_type(message: &[u8]) -> &str {
    let Ok(Request::Add { key, .. }) = Request::parse(message) else { return "" };
    key.key_type()
}

fn look(constraints: &Constraints<'_>) {
    let hops = constraints.destinations.iter().flat_map(Destinations::iter);
    for hop in hops {
        assert!(!hop.to.host.is_empty() && hop.to.keys.iter().count() > 0 && hop.user.len() <= 256);
    }
    assert!(constraints.certificates.as_ref().is_none_or(|all| (1..=1024).contains(&all.iter().count())));
}

/// A client with one request of each kind, in an order that `how` begins, and an agent that says anything.
fn client(how: u8, stream: &[u8]) {
    let mut client = Client::new();
    let key = PublicKey::new(b"\0\0\0\x01k");
    for nth in 0..8 {
        let sent = match how.wrapping_add(nth) % 8 {
            0 => client.identities(),
            1 => client.sign(key, b"data", "ssh-ed25519"),
            2 => client.sign(key, b"data", "rsa-sha2-512"),
            3 => client.sign(key, b"data", "sk-ssh-ed25519@openssh.com"),
            4 => client.remove_all(),
            5 => client.query(),
            6 => client.lock(b"pass"),
            _ => client.extension("other@test", b"body"),
        };
        sent.unwrap();
    }
    let mut waiting = client.pending();
    for piece in stream.chunks(usize::from(how / 8) + 1) {
        let mut input = piece;
        loop {
            match client.next(&mut input) {
                Ok(Some(answer)) => {
                    if let Answer::Signature(blob) = answer {
                        assert!(blob.len() <= MAX_SIGNATURE);
                    }
                    waiting -= 1;
                }
                Ok(None) => break assert!(input.is_empty()),
                Err(error) => {
                    assert_eq!(client.next(&mut &b""[..]), Err(error));
                    assert!(client.identities().is_err());
                    return;
                }
            }
            assert_eq!(client.pending(), waiting);
        }
    }
}

/// A keyring with a key that is free, one that has to be confirmed and one that is for one host.
fn filled() -> Keyring {
    let key = |n| PrivateKey::ed25519_from_seed(&[n; 32]).unwrap();
    let mut keyring = Keyring::new(&Null, &Seed::new([1; 32]));
    let list = destinations();
    let none = Constraints::default();
    let confirm = Constraints { confirm: true, lifetime: Some(1), ..none };
    let bound = Constraints { destinations: Some(Destinations::parse(&list).unwrap()), ..none };
    for (n, constraints) in [(1, none), (2, confirm), (3, bound)] {
        keyring.add(key(n), &constraints, Instant(0)).unwrap();
    }
    keyring
}

fn destinations() -> Vec<u8> {
    let keys = [KeySpec { key: PublicKey::new(KEY), is_authority: false }];
    let to = Place { host: "a", keys: &keys };
    Destinations::encode(&[Route { from: None, user: "m*", to }]).unwrap()
}

/// A keyring that is asked anything. Each whole request has one answer, and nothing more is kept than is promised.
fn keyring(how: u8, stream: &[u8]) {
    let (mut keyring, mut session) = (filled(), Session::new());
    let (mut answers, mut frames) = (Vec::new(), Frames::new());
    let mut failed = false;
    'stream: for piece in stream.chunks(usize::from(how / 4) + 1) {
        let mut input = piece;
        loop {
            let now = Instant(u64::try_from(answers.len()).unwrap() * 100_000_000);
            match keyring.serve(&mut session, &mut input, now, UnixTime(0)) {
                Ok(Turn::Confirm) => {
                    assert!(session.question().is_some());
                    let yes = how & 1 == 0;
                    let before = session.transmit_buf().len();
                    keyring.confirm(&mut session, yes, now, UnixTime(0));
                    let answer = &session.transmit_buf()[before..];
                    assert!(yes || answer == b"\0\0\0\x01\x05", "no is no");
                }
                Ok(Turn::Idle) => {
                    assert!(session.transmit_buf().len() <= 2 * MAX_MESSAGE + 8);
                    let bytes = session.transmit_buf();
                    if bytes.is_empty() && input.is_empty() {
                        break;
                    }
                    answers.extend_from_slice(bytes);
                    let sent = bytes.len();
                    session.transmitted(sent);
                }
                Err(error) => {
                    assert_eq!(keyring.serve(&mut session, &mut input, now, UnixTime(0)), Err(error));
                    failed = true;
                    answers.extend_from_slice(session.transmit_buf());
                    break 'stream;
                }
            }
        }
    }
    let mut requests = 0;
    let mut input = stream;
    while let Ok(Some(_)) = frames.next(&mut input) {
        requests += 1;
    }
    let (mut replies, mut frames) = (0, Frames::new());
    let mut input = &answers[..];
    while let Some(message) = frames.next(&mut input).unwrap() {
        assert!(Reply::parse(message).is_ok());
        replies += 1;
    }
    assert!(input.is_empty() && replies == requests, "{replies} answers to {requests} requests, failed: {failed}");
    assert!(keyring.keys().count() <= MAX_KEYS);
}

/// The seeds: name and bytes.
pub(super) fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let key = |n| PrivateKey::ed25519_from_seed(&[n; 32]).unwrap();
    let list = destinations();
    let all = Constraints {
        lifetime: Some(60),
        confirm: true,
        destinations: Destinations::parse(&list).ok(),
        certificates: Certificates::new(true, b"\0\0\0\x01a").ok(),
        provider: Some(b"internal"),
    };
    let bind = SessionBind { host_key: KEY, session_id: b"id", signature: SIGNATURE, forwarding: false };
    let bind = written(|sink| bind.write(sink)).unwrap();
    let login = written(|sink| {
        put_string(sink, b"id");
        sink.put(&[50]);
        [&b"me"[..], b"ssh-connection", b"publickey"].into_iter().for_each(|text| put_string(sink, text));
        sink.put(&[1]);
        put_string(sink, b"ssh-ed25519");
        put_string(sink, key(3).public_blob());
    })
    .unwrap();
    let (keys, pin) = ([key(1), key(2), key(3)], Secret(b"1234"));
    let sign = |n: usize, data| Request::Sign { key: keys[n].public_key(), data, flags: 0 };
    let requests = [
        Request::Identities,
        sign(0, b"data"),
        sign(1, b"data"),
        sign(2, b"data"),
        Request::Extension { name: "session-bind@openssh.com", body: &bind },
        Request::Identities,
        sign(2, &login),
        Request::Extension { name: "query", body: b"" },
        Request::Lock { passphrase: pin },
        Request::Identities,
        Request::Unlock { passphrase: pin },
        Request::AddToken { id: b"id", pin, constraints: all },
        Request::RemoveToken { id: b"id", pin },
        Request::Remove { key: keys[0].public_key() },
        Request::RemoveAll,
    ];
    let asked = |write: &dyn Fn(&mut Client)| {
        let mut client = Client::new();
        write(&mut client);
        client.transmit_buf().to_vec()
    };
    let kept = Constraints { certificates: None, provider: None, ..all };
    let adds = asked(&|client| {
        client.add(&keys[0], &Constraints::default()).unwrap();
        client.add(&keys[1], &kept).unwrap();
        client.add(&keys[2], &all).unwrap();
    });
    let blob = keys[0].sign("ssh-ed25519", b"data").unwrap();
    let list = written(|sink| {
        sink.put(&[12, 0, 0, 0, 1]);
        put_string(sink, keys[0].public_blob());
        put_string(sink, b"a comment");
    })
    .unwrap();
    let framed = |message: &[u8]| written(|sink| put_string(sink, message)).unwrap();
    let reply = |reply: Reply<'_>| written(|sink| reply.write(sink)).unwrap();
    let names = b"\0\0\0\x05query";
    let mut seeds = vec![
        ("keyring-add", [&[KEYRING, 40][..], &adds, &framed(&[11])].concat()),
        ("message-add", [&[MESSAGE, 0], &asked(&|client| client.add(&keys[2], &all).unwrap())[4..]].concat()),
        ("message-identities", [&[MESSAGE, 0], &list[..]].concat()),
        ("message-signature", [&[MESSAGE, 0][..], &reply(Reply::Signature(&blob))].concat()),
        ("message-names", [&[MESSAGE, 0][..], &reply(Reply::Extension { name: "query", body: names })].concat()),
    ];
    let mut stream = vec![KEYRING, 0xfc];
    for request in &requests {
        stream.extend(framed(&written(|sink| request.write(sink)).unwrap()));
    }
    seeds.push(("keyring-session", stream));
    let token = written(|sink| requests[11].write(sink)).unwrap();
    seeds.push(("message-token", [&[MESSAGE, 0], &token[..]].concat()));
    let answers = [
        list,
        reply(Reply::Signature(&blob)),
        reply(Reply::Failure),
        reply(Reply::Failure),
        reply(Reply::Success),
        reply(Reply::Extension { name: "query", body: names }),
        reply(Reply::Success),
        reply(Reply::ExtensionFailure),
    ];
    let answers: Vec<u8> = answers.iter().flat_map(|answer| framed(answer)).collect();
    seeds.push(("client-answers", [&[CLIENT, 0xf8], &answers[..]].concat()));
    seeds.push(("client-length", vec![CLIENT, 0, 0xff, 0xff, 0xff, 0xff]));
    seeds
}
