//! RFC 4254, section 6, and RFC 4250, section 4.5: terminals, and what a session lets the server open.

use crate::hand::{Stand, confirmation, error, numbers, open, request, server_with_session};
use sansh::Client;
use sansh::channel::{Channel, Modes, Request, Size};
use sansh_testkit::apps::Answer;
use sansh_testkit::raw::{Raw, strings};
use sansh_testkit::told::{Opens, Reply, Requests, Seen};

/// A client with a session, whose number is 0.
fn client_with_session() -> (Raw<Client>, Channel) {
    let mut raw = Client::stand("open");
    let channel = sansh_testkit::apps::open(&mut raw.conn, &mut raw.app, &Opens::Session, 1000).expect("room");
    raw.pump();
    raw.send(&confirmation(0, 7, 1000, 1000));
    raw.take();
    raw.app.bypassed = true;
    (raw, channel)
}

/// "SSH_MSG_CHANNEL_REQUEST messages with a pty-req string MUST contain 'encoded terminal modes'." (RFC 4250, section 4.5)
/// "Protocol packets containing the SSH_MSG_CHANNEL_REQUEST message with a pty-req string MUST contain an 'encoded terminal
/// modes' value." (RFC 4250, section 4.5.1): also where there is none to set; and without it the message is none.
#[test]
fn a_terminal_has_modes() {
    let size = numbers(&[80, 24, 640, 480]);
    for modes in [&b"\0"[..], b"\x03\0\0\0\x7f\0", b"\x35\0\0\0\x01\x80\0\0\x25\x80\0"] {
        let mut raw = server_with_session(3, 1000);
        raw.send(&request(0, "pty-req", true, &[strings(&[b"xterm"]), size.clone(), strings(&[modes])].concat()));
        assert!(raw.heard(99) && error(&raw).is_none(), "{:?}", error(&raw));
    }
    let mut raw = server_with_session(3, 1000);
    raw.send(&request(0, "pty-req", true, &[strings(&[b"xterm"]), size].concat()));
    assert!(matches!(error(&raw), Some(sansh::error::Error::Malformed { number: 98, .. })), "{:?}", error(&raw));
    // What a client sends.
    let (mut raw, channel) = client_with_session();
    for (modes, encoded) in [(&[][..], &b"\0"[..]), (&[(3, 127)], b"\x03\0\0\0\x7f\0")] {
        let size = Size { columns: 80, rows: 24, width: 640, height: 480 };
        let pty = Request::Pty { term: b"xterm", size, modes: Modes::of(modes) };
        raw.conn.request(channel, pty).expect("room");
        raw.pump();
        let body = [strings(&[b"xterm"]), numbers(&[80, 24, 640, 480]), strings(&[encoded])].concat();
        assert_eq!(raw.take(), [request(7, "pty-req", true, &body)]);
    }
}

/// "Zero dimension parameters MUST be ignored." (RFC 4254, section 6.2): they reach the application as what they are, none.
#[test]
fn a_dimension_of_zero_is_none() {
    for size in [[0, 0, 640, 480], [80, 24, 0, 0], [0, 0, 0, 0]] {
        let mut raw = server_with_session(3, 1000);
        let body = [strings(&[b"xterm"]), numbers(&size), strings(&[b"\0"])].concat();
        raw.send(&request(0, "pty-req", true, &body));
        raw.send(&request(0, "window-change", false, &numbers(&size)));
        assert!(raw.heard(99) && error(&raw).is_none());
        let [columns, rows, width, height] = size;
        let size = Size { columns, rows, width, height };
        let told = |request: &Requests| match request {
            Requests::Pty { size: told, .. } | Requests::WindowChange(told) => *told == size,
            _ => false,
        };
        let requests = raw.app.requests(raw.app.asked_for());
        assert!(requests.len() == 2 && requests.iter().all(told), "{requests:?}");
    }
}

fn x11_body() -> Vec<u8> {
    [strings(&[b"10.0.0.1"]), numbers(&[6010])].concat()
}

/// "Implementations MUST reject any X11 channel open requests if they have not requested X11 forwarding." (RFC 4254, section
/// 6.3.2)
#[test]
fn x11_comes_only_where_it_was_asked_for() {
    let refused = |raw: &mut Raw<Client>| {
        raw.take();
        raw.app.seen.clear();
        raw.send(&open("x11", 9, 1000, 1000, &x11_body()));
        assert_eq!(error(raw), None);
        let told = raw.app.saw(|seen| matches!(seen, Seen::Requested { .. }));
        assert_eq!(told, !raw.heard(92));
        !told
    };
    let mut raw = Client::stand("open");
    assert!(refused(&mut raw), "without a session");
    let (mut raw, channel) = client_with_session();
    assert!(refused(&mut raw), "with a session that did not ask");
    let cookie = b"0123456789abcdef0123456789ABCDEF".to_vec();
    let x11 = Requests::X11 { single_connection: true, protocol: b"MIT-MAGIC-COOKIE-1".to_vec(), cookie, screen: 0 };
    raw.conn.request(channel, x11.lend()).expect("room");
    raw.pump();
    raw.send(&crate::hand::about(99, 0, &[]));
    assert!(!refused(&mut raw), "it was asked for");
    assert!(refused(&mut raw), "a single connection is one");
}

/// "MUST NOT allow connections to the authentication agent unless forwarding such connections has been requested." (RFC
/// 4251, section 4.3)
#[test]
fn the_agent_is_reached_only_where_it_was_asked_for() {
    for kind in ["auth-agent@openssh.com", "agent-connect"] {
        let mut raw = Client::stand("open");
        raw.send(&open(kind, 9, 1000, 1000, b""));
        assert!(raw.heard(92) && !raw.app.saw(|seen| matches!(seen, Seen::Requested { .. })), "{kind}");
        let (mut raw, _) = client_with_session();
        raw.send(&open(kind, 9, 1000, 1000, b""));
        assert!(raw.heard(92) && !raw.app.saw(|seen| matches!(seen, Seen::Requested { .. })), "{kind}");
    }
    let (mut raw, channel) = client_with_session();
    raw.conn.request(channel, Requests::AuthAgent.lend()).expect("room");
    raw.pump();
    raw.send(&crate::hand::about(100, 0, &[]));
    raw.send(&open("auth-agent@openssh.com", 9, 1000, 1000, b""));
    assert!(raw.heard(92), "the server had refused");
    let (mut raw, channel) = client_with_session();
    raw.conn.request(channel, Requests::AuthAgent.lend()).expect("room");
    raw.pump();
    raw.send(&crate::hand::about(99, 0, &[]));
    raw.app.manner(|seen| {
        matches!(seen, Seen::Requested { .. }).then(|| Answer::Now(Reply::Accept { window: 1000, data: Vec::new() }))
    });
    raw.send(&open("auth-agent@openssh.com", 9, 1000, 1000, b""));
    assert!(raw.heard(91), "{:?}", raw.said);
}
