//! OpenSSH PROTOCOL, section 2.2: a client that has all its sessions says so, and whoever takes it over gets no further
//! one.

use sansh::channel::{Open, Stream};
use sansh::{SendError, Window};
use sansh_testkit::pair::Pair;
use sansh_testkit::told::{Globals, Opens, Requests, Seen};

/// An open of `session` that no client of sansh would send.
const SESSION: &[u8] = b"\x5a\0\0\0\x07session\0\0\0\x63\0\0\x10\0\0\0\x10\0";

fn sessions(pair: &Pair) -> usize {
    pair.server.app.count(|seen| matches!(seen, Seen::Requested { open: Opens::Session, .. }))
}

#[test]
fn behind_it_no_session_opens() {
    for rekeys in [false, true] {
        let mut pair = Pair::logged_in();
        pair.session();
        pair.client.app.global(Globals::NoMoreSessions);
        pair.run();
        assert!(pair.server.app.saw(|seen| *seen == Seen::Global { request: Globals::NoMoreSessions, asked: false }));
        if rekeys {
            pair.client.conn.rekey();
            pair.run();
        }
        assert_eq!(pair.client.conn.open(Open::Session, Window::Fixed(1000)), Err(SendError::Closed), "its own rule");
        sansh::danger::send_payload(&mut pair.client.conn, SESSION);
        pair.settle();
        assert_eq!(sessions(&pair), 1, "{}", pair.dump());
        assert!(pair.server.log.contains("CHANNEL_OPEN_FAILURE(99, 1"), "{}", pair.server.log);
    }
}

#[test]
fn everything_else_goes_on() {
    let mut pair = Pair::logged_in();
    let (mine, theirs) = pair.session();
    pair.client.app.global(Globals::NoMoreSessions);
    pair.client.app.request(mine, Requests::Exec(b"true".to_vec()));
    pair.client.app.send(mine, b"data");
    pair.run();
    assert_eq!(pair.client.app.replies(mine), [true]);
    assert_eq!(pair.server.app.received(theirs, Stream::Main), b"data");
    for open in [
        Opens::DirectStreamlocal { path: b"/run/x".to_vec() },
        Opens::DirectTcpip { host: b"h".to_vec(), port: 1, originator: b"o".to_vec(), originator_port: 1 },
    ] {
        let channel = pair.open(&open);
        assert!(pair.client.app.open.contains(&channel));
    }
}

#[test]
fn a_server_cannot_say_it() {
    let mut pair = Pair::logged_in();
    pair.server.app.global(Globals::NoMoreSessions);
    pair.run();
    assert!(!pair.client.app.saw(|seen| matches!(seen, Seen::Global { .. })));
    assert!(pair.client.conn.open(Open::Session, Window::Fixed(1000)).is_ok());
}
