//! RFC 4254: requests and their answers, windows, the end of a channel.

use crate::hand::{
    Stand, about, confirmation, data, error, global, message, numbers, open, open_server, request, server_with_session,
};
use sansh::Client;
use sansh_testkit::apps::Answer;
use sansh_testkit::raw::{Raw, strings};
use sansh_testkit::told::{Globals, Opens, Reply, Seen};

/// "both the client and server MAY send global requests at any time, and the receiver MUST respond appropriately." "it is
/// REQUIRED that replies to SSH_MSG_GLOBAL_REQUESTS MUST be sent in the same order as the corresponding request messages."
/// (RFC 4254, section 4): whatever the order of the verdicts, and with unknown ones in between.
#[test]
fn global_requests_are_answered_in_order() {
    let mut raw = open_server();
    raw.app.manner(|seen| matches!(seen, Seen::Global { asked: true, .. }).then_some(Answer::Keep));
    for n in 1..=20 {
        raw.send(&global("tell@test", n % 3 != 0, b""));
        raw.send(&global("unknown@test", n % 2 == 0, b""));
    }
    assert!(raw.said.is_empty(), "the first one with an answer is not decided");
    let mut questions: Vec<_> = raw.app.kept.drain(..).collect();
    let count = questions.len();
    assert_eq!(count, 14);
    // The last are decided first; every second one is granted.
    while let Some(question) = questions.pop() {
        let yes = questions.len() % 2 == 0;
        question.answer(&mut raw.conn, &if yes { Reply::Yes } else { Reply::No }, 0).expect("in time");
    }
    raw.pump();
    let mut expected = Vec::new();
    let mut asked = 0;
    for n in 1..=20 {
        if n % 3 != 0 {
            expected.push(if asked % 2 == 0 { 81 } else { 82 });
            asked += 1;
        }
        if n % 2 == 0 {
            expected.push(82);
        }
    }
    assert_eq!(raw.said.iter().map(|said| said[0]).collect::<Vec<u8>>(), expected);
    let mut raw = Client::stand("open");
    raw.send(&global("unknown@test", true, b""));
    assert_eq!(raw.said, [[82]], "a client answers as well");
}

/// "For channel requests, replies that relate to the same channel MUST also be replied to in the right order." (RFC 4254,
/// section 4)
#[test]
fn channel_requests_are_answered_in_order() {
    let mut raw = server_with_session(3, 1000);
    raw.send(&open("session", 4, 1000, 1000, b""));
    raw.take();
    raw.app.manner(|seen| matches!(seen, Seen::Request { asked: true, .. }).then_some(Answer::Keep));
    for n in 0..24 {
        raw.send(&request(n % 2, "ask@test", true, b""));
        if n % 4 == 0 {
            raw.send(&request(n % 2, "unknown@test", true, b""));
        }
    }
    let mut questions: Vec<_> = raw.app.kept.drain(..).collect();
    while let Some(question) = questions.pop() {
        // Questions 0, 1, 4, 5, … are granted: on each channel every second.
        let yes = questions.len() % 4 < 2;
        question.answer(&mut raw.conn, &Reply::Permit(yes), 0).expect("in time");
    }
    raw.pump();
    for (own, remote) in [(0, 3), (1, 4)] {
        let mut expected = Vec::new();
        for n in (0..24).filter(|n| n % 2 == own) {
            expected.push(if n % 4 < 2 { 99 } else { 100 });
            if n % 4 == 0 {
                expected.push(100);
            }
        }
        let said: Vec<u8> =
            raw.said.iter().filter(|said| said[1..5] == numbers(&[remote])).map(|said| said[0]).collect();
        assert_eq!(said, expected, "channel {own}");
    }
}

/// "MUST NOT advertise a maximum packet size that would result in transport packets larger than its transport layer is
/// willing to receive." "any limit for received packets MUST be 32768 bytes or larger" "MUST NOT generate data packets larger
/// than its transport layer is willing to send, even if the remote end would be willing to accept very large packets."
/// (RFC 4254, section 5.2)
#[test]
fn packets_are_no_larger_than_both_sides_take() {
    let advertised = |raw: &Raw<_>, number: u8, at: usize| {
        let said: &Vec<u8> = raw.said.iter().find(|said| said[0] == number).expect("the message");
        u32::from_be_bytes(said[at..at + 4].try_into().expect("a number")) as usize
    };
    let mut raw = open_server();
    raw.app.window = 1 << 20;
    raw.send(&open("session", 3, u32::MAX, u32::MAX, b""));
    let most = advertised(&raw, 91, 13);
    assert_eq!(most, 32_768);
    raw.send(&data(0, &vec![7; most]));
    assert_eq!(error(&raw), None);
    assert_eq!(raw.app.received(raw.app.asked_for(), sansh::channel::Stream::Main).len(), most);
    // What it sends itself.
    raw.take();
    let channel = raw.app.asked_for();
    raw.app.send(channel, &vec![7; 500_000]);
    raw.pump();
    let sizes: Vec<usize> = raw.said.iter().filter(|said| said[0] == 94).map(|said| said.len() - 9).collect();
    assert_eq!(sizes.iter().sum::<usize>(), 500_000);
    assert!(sizes.iter().all(|size| *size <= 32_768), "{sizes:?}");
    // With a smaller limit for received packets a smaller one is advertised, and holds.
    let mut raw = Raw::server(|config| {
        let mut limits = config.bounds().clone();
        limits.packet = 4096;
        config.limits(limits).unwrap();
    });
    raw.to_open();
    raw.take();
    raw.send(&open("session", 3, 1000, 1000, b""));
    let most = advertised(&raw, 91, 13);
    assert!(most < 4096, "{most}");
    raw.send(&data(0, &vec![7; most]));
    assert_eq!(error(&raw), None);
}

/// "Upon receiving this message, a party MUST send back an SSH_MSG_CHANNEL_CLOSE unless it has already sent this message for
/// the channel." (RFC 4254, section 5.3)
#[test]
fn a_close_is_answered_once() {
    let mut raw = server_with_session(3, 1000);
    raw.send(&about(97, 0, &[]));
    assert_eq!(raw.said, [about(97, 3, &[])]);
    let mut raw = server_with_session(3, 1000);
    raw.conn.close(raw.app.asked_for()).expect("it is there");
    raw.pump();
    assert_eq!(raw.take(), [about(97, 3, &[])]);
    raw.send(&about(97, 0, &[]));
    assert!(raw.said.is_empty() && error(&raw).is_none());
    // Data and EOF before it, all in one go, at the peer's window of 0.
    let mut raw = server_with_session(3, 0);
    raw.send(&data(0, b"last words"));
    raw.send(&about(96, 0, &[]));
    raw.send(&about(97, 0, &[]));
    assert_eq!(raw.said, [about(97, 3, &[])]);
    assert!(raw.app.saw(|seen| matches!(seen, Seen::Data { bytes, .. } if bytes == b"last words")));
}

/// "Implementations MUST reject these messages unless they have previously requested a remote TCP/IP port forwarding with the
/// given port number." (RFC 4254, section 7.2)
#[test]
fn a_forwarded_connection_was_asked_for() {
    let body = |port: u32| [strings(&[b"localhost"]), numbers(&[port]), strings(&[b"there"]), numbers(&[1])].concat();
    let mut raw = Client::stand("open");
    raw.send(&open("forwarded-tcpip", 3, 1000, 1000, &body(8080)));
    assert_eq!(raw.take(), [about(92, 3, &[&numbers(&[1]), &strings(&[b"", b""])])]);
    // The port is the server's choice.
    raw.app.global(Globals::TcpipForward { address: b"localhost".to_vec(), port: 0 });
    raw.pump();
    raw.send(&message(81, &[&numbers(&[40_000])]));
    for (port, known) in [(0, false), (8080, false), (40_001, false), (40_000, true)] {
        raw.take();
        raw.send(&open("forwarded-tcpip", port, 1000, 1000, &body(port)));
        assert_eq!((raw.heard(91), raw.heard(92)), (known, !known), "port {port}");
    }
    // A server has asked for none, and opens no other way either.
    let mut raw = open_server();
    raw.send(&open("forwarded-tcpip", 3, 1000, 1000, &body(8080)));
    assert!(raw.heard(92) && !raw.app.saw(|seen| matches!(seen, Seen::Requested { .. })));
}

/// Data is never sent beyond the peer's window, and goes on with it (RFC 4254, section 5.2).
#[test]
fn windows_are_kept() {
    for window in [0, 1, 100, 32_768, 100_000] {
        let mut raw = Client::stand("open");
        let channel = sansh_testkit::apps::open(&mut raw.conn, &mut raw.app, &Opens::Session, 1000).expect("room");
        raw.pump();
        raw.send(&confirmation(0, 7, window, 32_768));
        raw.app.starves = true;
        raw.app.send(channel, &vec![7; 150_000]);
        raw.pump();
        let sent = |raw: &Raw<Client>| -> usize {
            raw.said.iter().filter(|said| said[0] == 94).map(|said| said.len() - 9).sum()
        };
        assert_eq!(sent(&raw), window as usize);
        raw.send(&about(93, 0, &[&numbers(&[10])]));
        assert_eq!(sent(&raw), window as usize + 10);
        raw.send(&about(93, 0, &[&numbers(&[200_000])]));
        assert_eq!(sent(&raw), 150_000);
    }
}
