//! OpenSSH PROTOCOL, section 3.1: a login whose signature covers the server's host key, so that an agent knows for whom
//! it signs.

use sansh_testkit::apps::Answer;
use sansh_testkit::pair::{Builder, HOST_KEY, Pair, key};
use sansh_testkit::raw::strings;
use sansh_testkit::told::{Detail, Seen};

const METHOD: &[u8] = b"publickey-hostbound-v00@openssh.com";

fn waiting(builder: Builder) -> Pair {
    let mut pair = builder.build();
    pair.client.app.manner(|seen| matches!(seen, Seen::LoginNeeded { .. }).then_some(Answer::Keep));
    pair.run();
    pair
}

/// A request that is bound to this host key, and well signed. Without `signs` it only asks.
fn request(pair: &Pair, host_key: &[u8], signs: bool) -> Vec<u8> {
    let user_key = key(7);
    let head = strings(&[b"user", b"ssh-connection", METHOD]);
    let tail = strings(&[b"ssh-ed25519", user_key.public_blob(), host_key]);
    let request = [&[50], &head[..], &[u8::from(signs)], &tail].concat();
    if !signs {
        return request;
    }
    let session = pair.client.conn.session_id().expect("exchanged");
    let signed = [strings(&[session]), request.clone()].concat();
    [request, strings(&[&user_key.sign("ssh-ed25519", &signed).expect("a signature")])].concat()
}

fn send(mut pair: Pair, request: &[u8]) -> Pair {
    sansh::danger::send_payload(&mut pair.client.conn, request);
    pair.settle();
    pair
}

fn told(pair: &Pair) -> Option<bool> {
    pair.server.app.details.iter().find_map(|detail| match detail {
        Detail::Login { key: Some((_, host_bound)), .. } => Some(*host_bound),
        _ => None,
    })
}

#[test]
fn the_servers_own_key_is_told_as_bound() {
    let pair = waiting(Pair::builder());
    let request = request(&pair, key(HOST_KEY).public_blob(), true);
    assert_eq!(told(&send(pair, &request)), Some(true));
    let mut pair = Pair::builder().build();
    pair.client.app.public_key("user", 7, true);
    pair.run();
    assert_eq!(told(&pair), Some(true), "sansh's client binds by itself, once the server says that it can");
    let Some(Detail::Ready { steps, .. }) = pair.server.app.details.last() else { panic!("no Ready") };
    assert_eq!(steps[0].method, "publickey", "both are one method");
}

#[test]
fn a_plain_one_is_told_as_not_bound() {
    let pair = waiting(Pair::builder());
    let user_key = key(7);
    let session = strings(&[pair.client.conn.session_id().expect("exchanged")]);
    let head = strings(&[b"user", b"ssh-connection", b"publickey"]);
    let tail = strings(&[b"ssh-ed25519", user_key.public_blob()]);
    let request = [&[50], &head[..], &[1], &tail].concat();
    let signature = user_key.sign("ssh-ed25519", &[session, request.clone()].concat()).expect("a signature");
    let pair = send(pair, &[request, strings(&[&signature])].concat());
    assert_eq!(told(&pair), Some(false));
    assert!(pair.server.app.is_ready());
}

#[test]
fn bound_to_another_key_it_never_reaches_the_application() {
    for signs in [true, false] {
        for other in [key(1).public_blob(), b"", b"\0", &key(HOST_KEY).public_blob()[..50]] {
            let pair = waiting(Pair::builder());
            let request = request(&pair, other, signs);
            let pair = send(pair, &request);
            assert!(!pair.server.app.saw(|seen| matches!(seen, Seen::Login { .. } | Seen::KeyQuery { .. })));
            assert!(pair.server.log.contains("USERAUTH_FAILURE"), "{}", pair.server.log);
        }
    }
}

/// A server of several keys: bound is it to the one that signed this connection's exchange.
#[test]
fn another_key_of_the_same_server_is_another_key() {
    let pair = waiting(Pair::builder().server(|config| {
        config.host_key(key(0xb1).public_blob()).expect("a second host key");
    }));
    let request = request(&pair, key(0xb1).public_blob(), true);
    let pair = send(pair, &request);
    assert!(!pair.server.app.saw(|seen| matches!(seen, Seen::Login { .. })));
}
