//! RFC 4254, section 7, and OpenSSH's forwarding of Unix sockets.

use sansh::channel::Stream;
use sansh_testkit::apps::Answer;
use sansh_testkit::pair::Pair;
use sansh_testkit::told::{Globals, Opens, Reply, Seen};

fn direct() -> Opens {
    Opens::DirectTcpip {
        host: b"service.example".to_vec(),
        port: 8080,
        originator: b"127.0.0.1".to_vec(),
        originator_port: 1234,
    }
}

fn forwarded(address: &[u8], port: u32) -> Opens {
    Opens::ForwardedTcpip { address: address.to_vec(), port, originator: b"192.0.2.1".to_vec(), originator_port: 9 }
}

fn forward(address: &[u8], port: u32) -> Globals {
    Globals::TcpipForward { address: address.to_vec(), port }
}

fn cancel(address: &[u8], port: u32) -> Globals {
    Globals::CancelTcpipForward { address: address.to_vec(), port }
}

#[test]
fn direct_channels_carry_data_both_ways() {
    for open in [direct(), Opens::DirectStreamlocal { path: b"/run/service".to_vec() }] {
        let mut pair = Pair::logged_in();
        let mine = pair.open(&open);
        let theirs = pair.server.app.asked_for();
        assert!(pair.server.app.saw(|seen| *seen == Seen::Requested { channel: theirs, open: open.clone() }));
        pair.client.app.send(mine, b"request");
        pair.server.app.send(theirs, b"response");
        pair.run();
        assert_eq!(pair.server.app.received(theirs, Stream::Main), b"request");
        assert_eq!(pair.client.app.received(mine, Stream::Main), b"response");
    }
}

#[test]
fn a_direct_channel_cannot_be_opened_by_the_server() {
    let mut pair = Pair::logged_in();
    let mut payload = b"\x5a\0\0\0\x0cdirect-tcpip\0\0\0\x07\0\0\x10\0\0\0\x10\0".to_vec();
    payload.extend_from_slice(b"\0\0\0\x01h\0\0\0\x50\0\0\0\x01o\0\0\0\x50");
    sansh::danger::send_payload(&mut pair.server.conn, &payload);
    pair.run();
    assert!(!pair.client.app.saw(|seen| matches!(seen, Seen::Requested { .. })));
    assert!(pair.client.log.contains("CHANNEL_OPEN_FAILURE(7, "), "{}", pair.client.log);
}

#[test]
fn a_forwarding_is_asked_for_used_and_cancelled() {
    let mut pair = Pair::logged_in();
    pair.client.app.global(forward(b"0.0.0.0", 8022));
    pair.run();
    assert_eq!(pair.client.app.global_replies(), [(true, Vec::new())]);
    let request = forward(b"0.0.0.0", 8022);
    assert!(pair.server.app.saw(|seen| *seen == Seen::Global { request: request.clone(), asked: true }));

    let theirs = pair.server_open(&forwarded(b"0.0.0.0", 8022));
    let mine = pair.client.app.asked_for();
    assert!(pair.server.app.open.contains(&theirs));
    pair.server.app.send(theirs, b"a visitor");
    pair.client.app.send(mine, b"an answer");
    pair.run();
    assert_eq!(pair.client.app.received(mine, Stream::Main), b"a visitor");
    assert_eq!(pair.server.app.received(theirs, Stream::Main), b"an answer");

    pair.client.app.global(cancel(b"0.0.0.0", 8022));
    pair.run();
    assert_eq!(pair.client.app.global_replies().len(), 2);
    let refused = pair.server_open(&forwarded(b"0.0.0.0", 8022));
    assert!(pair.server.app.saw(|seen| matches!(seen, Seen::Refused { channel, .. } if *channel == refused)));
    // What is open already lives on.
    pair.server.app.send(theirs, b" stays");
    pair.run();
    assert_eq!(pair.client.app.received(mine, Stream::Main), b"a visitor stays");
}

#[test]
fn a_port_that_the_server_chose_counts() {
    let mut pair = Pair::logged_in();
    pair.client.app.global(forward(b"localhost", 0));
    pair.run();
    let port = 40_000_u32;
    assert_eq!(pair.client.app.global_replies(), [(true, port.to_be_bytes().to_vec())]);
    let theirs = pair.server_open(&forwarded(b"localhost", port));
    assert!(pair.server.app.open.contains(&theirs), "{}", pair.dump());
    let refused = pair.server_open(&forwarded(b"localhost", port + 1));
    assert!(!pair.server.app.open.contains(&refused));
}

#[test]
fn what_nobody_asked_for_is_refused_unseen() {
    let mut pair = Pair::logged_in();
    let refused = pair.server_open(&forwarded(b"0.0.0.0", 8022));
    assert!(pair.server.app.saw(|seen| matches!(seen, Seen::Refused { channel, .. } if *channel == refused)));
    assert!(!pair.client.app.saw(|seen| matches!(seen, Seen::Requested { .. })));
    // A forwarding that was asked for and refused is none.
    pair.server.app.manner(|seen| matches!(seen, Seen::Global { .. }).then_some(Answer::Now(Reply::No)));
    pair.client.app.global(forward(b"0.0.0.0", 8022));
    pair.run();
    assert_eq!(pair.client.app.global_replies(), [(false, Vec::new())]);
    let refused = pair.server_open(&forwarded(b"0.0.0.0", 8022));
    assert!(!pair.server.app.open.contains(&refused));
    assert!(!pair.client.app.saw(|seen| matches!(seen, Seen::Requested { .. })));
}

#[test]
fn forwardings_are_limited() {
    let mut pair = Pair::builder().limits(|limits| limits.forwards = 2).logged_in();
    for port in 1..=2 {
        pair.client.app.global(forward(b"h", port));
        pair.run();
    }
    let third = pair.client.conn.global(forward(b"h", 3).lend());
    assert_eq!(third, Err(sansh::SendError::Limit));
    pair.client.app.global(cancel(b"h", 1));
    pair.run();
    pair.client.app.global(forward(b"h", 3));
    pair.run();
    assert_eq!(pair.client.app.global_replies().len(), 4);
    let theirs = pair.server_open(&forwarded(b"h", 3));
    assert!(pair.server.app.open.contains(&theirs));
}
