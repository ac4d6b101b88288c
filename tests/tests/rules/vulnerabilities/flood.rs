//! The same thing very often: what it costs, and where it ends.

use crate::hand::{Stand, about, confirmation, data, error, global, message, numbers, open, open_server};
use crate::hand::{re_exchange, request, server_with_session};
use sansh::channel::Stream;
use sansh::error::Error;
use sansh::{Client, Server};
use sansh_testalloc::read;
use sansh_testkit::apps::Answer;
use sansh_testkit::raw::{Offer, Raw, kexinit, strings};
use sansh_testkit::told::{Opens, Reply, Requests, Seen, Told};

/// Runs `round` many times, and holds what the connection has after all of them against what it had after a few.
fn nothing_remains<R: Told>(raw: &mut Raw<R>, rounds: usize, mut round: impl FnMut(&mut Raw<R>, usize)) {
    let mut live = 0;
    for n in 0..rounds {
        round(raw, n);
        raw.take();
        raw.app.seen.clear();
        if n == rounds / 10 {
            live = read(0).live;
        }
    }
    assert!(live > 0, "something is counted");
    assert_eq!(read(0).live, live, "bytes held after all rounds, and after a tenth of them");
    assert_eq!(error(raw), None);
}

/// CVE-2025-26466: PINGs before the login and in a key exchange get no PONG and leave nothing behind; behind the login they
/// get no more than there is room for.
#[test]
fn pings_get_no_answer_before_their_time() {
    let ping = message(192, &[&strings(&[&[7; 1000]])]);
    for state in Server::BEFORE_LOGIN {
        let mut raw = Server::stand(state);
        raw.send(&ping);
        assert_eq!(error(&raw), Some(Error::Unexpected { number: 192 }), "{state}");
        assert!(!raw.heard(193));
    }
    let mut raw = open_server();
    raw.send(&kexinit(Offer { kex: "null", follows: false }));
    raw.take();
    raw.send(&ping);
    assert!(!raw.heard(193) && raw.app.end.is_some());
    // While this side has begun the exchange and the peer has not answered: they are read and forgotten.
    let mut raw = open_server();
    raw.conn.rekey();
    raw.pump();
    raw.take();
    for _ in 0..1000 {
        raw.send(&ping);
    }
    assert!(raw.said.is_empty() && error(&raw).is_none(), "{:?}", raw.said.first());
    // A peer that does not read gets as many as fit.
    let mut raw = open_server();
    raw.reads = false;
    for _ in 0..10_000 {
        raw.send(&ping);
    }
    assert_eq!(error(&raw), None);
    let held = raw.conn.transmit_buf().len();
    assert!(held <= 256 * 1024, "{held}");
}

/// CVE-2026-39827: channels that are opened and refused, a hundred thousand times, leave nothing behind, whoever opens them.
#[test]
fn refused_channels_leave_nothing() {
    let mut raw = open_server();
    raw.app.manner(|seen| {
        matches!(seen, Seen::Requested { .. }).then(|| Answer::Now(Reply::Refuse { reason: 1, text: b"no".to_vec() }))
    });
    nothing_remains(&mut raw, 100_000, |raw, n| {
        let sender = u32::try_from(n).expect("small");
        raw.send(&open(if n % 2 == 0 { "session" } else { "unknown@test" }, sender, 1000, 1000, b""));
        assert_eq!(raw.said[0][..5], *about(92, sender, &[]), "{:?}", raw.said);
    });
    let mut raw = Client::stand("open");
    nothing_remains(&mut raw, 20_000, |raw, _| {
        sansh_testkit::apps::open(&mut raw.conn, &mut raw.app, &Opens::Session, 1000).expect("room");
        raw.pump();
        let number = raw.said[0][12..16].to_vec();
        raw.send(&message(92, &[&number, &numbers(&[1]), &strings(&[b"no", b""])]));
    });
}

/// CVE-2026-68956: channels that are only asked for, and those that are being closed, count like open ones.
#[test]
fn half_open_channels_count() {
    let mut raw = Raw::server(|config| {
        let mut limits = config.bounds().clone();
        limits.channels = 8;
        config.limits(limits).unwrap();
    });
    raw.app.manner(|seen| matches!(seen, Seen::Requested { .. }).then_some(Answer::Keep));
    raw.to_open();
    raw.take();
    for n in 0..8 {
        raw.send(&open("session", n, 1000, 1000, b""));
    }
    assert!(raw.said.is_empty());
    for n in 8..20 {
        raw.send(&open("session", n, 1000, 1000, b""));
        assert_eq!(raw.said.last(), Some(&about(92, n, &[&numbers(&[4]), &strings(&[b"", b""])])));
    }
    assert_eq!(raw.app.kept.len(), 8);
    // Accepted, and closed by this side alone: still there.
    for _ in 0..8 {
        let question = raw.app.kept.pop_front().expect("a question");
        question.answer(&mut raw.conn, &Reply::Accept { window: 1000, data: Vec::new() }, 0).expect("in time");
    }
    raw.pump();
    let channels: Vec<_> = raw
        .app
        .seen
        .iter()
        .filter_map(|seen| if let Seen::Requested { channel, .. } = seen { Some(*channel) } else { None })
        .collect();
    for channel in &channels {
        raw.conn.close(*channel).expect("it is there");
    }
    raw.pump();
    raw.take();
    raw.send(&open("session", 30, 1000, 1000, b""));
    assert!(raw.heard(92), "{:?}", raw.said);
    // Closed by the peer as well, one is free.
    raw.send(&about(97, 0, &[]));
    raw.app.manner = None;
    raw.send(&open("session", 31, 1000, 1000, b""));
    assert!(raw.heard(91), "{:?}", raw.said);
}

/// CVE-2026-39830: answers to nothing, global and on a channel, end the connection; they block nobody.
#[test]
fn answers_to_nothing_end_the_connection() {
    for answer in [message(81, &[]), message(82, &[]), message(81, &[&numbers(&[8080])])] {
        let mut raw = open_server();
        raw.send(&answer);
        assert_eq!(error(&raw), Some(Error::UnsolicitedReply));
        let mut raw = Client::stand("open");
        raw.send(&answer);
        assert_eq!(error(&raw), Some(Error::UnsolicitedReply));
    }
    for number in [99, 100] {
        let mut raw = server_with_session(3, 1000);
        raw.send(&about(number, 0, &[]));
        assert_eq!(error(&raw), Some(Error::UnsolicitedReply));
    }
    // One question, two answers.
    let mut raw = open_server();
    raw.app.bypassed = true;
    raw.conn.global(sansh_testkit::pair::other_global("tell@test", true, b"").lend()).expect("room");
    raw.pump();
    raw.send(&message(82, &[]));
    assert_eq!(error(&raw), None);
    raw.send(&message(82, &[]));
    assert_eq!(error(&raw), Some(Error::UnsolicitedReply));
}

/// GHSA-53q9-wmqr-fh7c, Go 9beb694: exit-signal and exit-status again and again leave nothing behind; cut short, or longer
/// than they are, they end the connection.
#[test]
fn exits_again_and_again() {
    let session = || {
        let mut raw = Client::stand("open");
        let channel = sansh_testkit::apps::open(&mut raw.conn, &mut raw.app, &Opens::Session, 1000).expect("room");
        raw.pump();
        raw.send(&confirmation(0, 7, 1000, 1000));
        assert!(raw.app.open.contains(&channel));
        raw
    };
    let signal = [strings(&[b"TERM"]), vec![1], strings(&[&[b'x'; 500], b"en"])].concat();
    let mut raw = session();
    nothing_remains(&mut raw, 10_000, |raw, _| {
        raw.send(&request(0, "exit-signal", false, &signal));
        raw.send(&request(0, "exit-status", false, &numbers(&[1])));
        let seen = raw.app.count(|seen| matches!(seen, Seen::Request { .. }));
        assert_eq!(seen, 2);
    });
    let bodies = [("exit-signal", signal), ("exit-status", numbers(&[1]))];
    for (name, body) in bodies {
        for length in 0..body.len() {
            let mut raw = session();
            raw.send(&request(0, name, false, &body[..length]));
            assert!(
                matches!(error(&raw), Some(Error::Malformed { number: 98, .. })),
                "{name} {length}: {:?}",
                error(&raw)
            );
        }
        let mut raw = session();
        raw.send(&request(0, name, false, &[&body[..], &[0]].concat()));
        assert!(matches!(error(&raw), Some(Error::Malformed { number: 98, .. })), "{name}");
    }
}

/// libssh 7817e356: a second program on a channel is refused, however often it is asked for, and leaves nothing behind.
#[test]
fn one_program_a_channel() {
    let mut raw = server_with_session(3, 1000);
    raw.send(&request(0, "subsystem", true, &strings(&[b"foo"])));
    assert_eq!(raw.take(), [about(99, 3, &[])]);
    raw.app.seen.clear();
    nothing_remains(&mut raw, 10_000, |raw, n| {
        let (name, body) =
            [("subsystem", strings(&[b"foo"])), ("exec", strings(&[b"foo"])), ("shell", Vec::new())][n % 3].clone();
        raw.send(&request(0, name, true, &body));
        assert_eq!(raw.said, [about(100, 3, &[])]);
        assert!(!raw.app.saw(|seen| matches!(seen, Seen::Request { .. })));
    });
}

/// CVE-2021-30129: a long life: thousands of channels with requests, data and re-exchanges on one connection end where they
/// began.
#[test]
fn a_long_life_leaves_nothing() {
    let mut raw = open_server();
    nothing_remains(&mut raw, 3000, |raw, n| {
        raw.send(&open("session", 9, 1000, 1000, b""));
        let own = raw.said[0][5..9].to_vec();
        let own = u32::from_be_bytes(own.try_into().expect("a number"));
        raw.send(&request(own, "env", true, &strings(&[b"NAME", b"value"])));
        raw.send(&request(own, "exec", true, &strings(&[b"command"])));
        raw.send(&data(own, &[7; 500]));
        raw.send(&about(96, own, &[]));
        let channel = raw.app.asked_for();
        raw.app.request(channel, Requests::ExitStatus(0));
        raw.app.act(channel, sansh_testkit::apps::Act::Close);
        raw.pump();
        raw.send(&about(97, own, &[]));
        raw.send(&global("tell@test", true, b""));
        if n % 10 == 0 {
            re_exchange(raw);
        }
    });
}

/// CVE-2026-81535: a client hears of no forwarded connection that it did not ask for: of another port, of another address,
/// and of one that was cancelled.
#[test]
fn nothing_is_forwarded_unasked() {
    let body = |address: &[u8], port: u32| {
        [strings(&[address]), numbers(&[port]), strings(&[b"10.0.0.1"]), numbers(&[4711])].concat()
    };
    let refused = |raw: &mut Raw<Client>, body: &[u8]| {
        raw.take();
        raw.send(&open("forwarded-tcpip", 5, 1000, 1000, body));
        assert_eq!(error(raw), None);
        assert!(!raw.app.saw(|seen| matches!(seen, Seen::Requested { .. })));
        raw.heard(92)
    };
    let mut raw = Client::stand("open");
    assert!(refused(&mut raw, &body(b"localhost", 8080)));
    raw.app.global(sansh_testkit::told::Globals::TcpipForward { address: b"localhost".to_vec(), port: 8080 });
    raw.pump();
    assert!(refused(&mut raw, &body(b"localhost", 8080)), "asked for, and not granted yet");
    raw.send(&message(81, &[]));
    assert!(refused(&mut raw, &body(b"localhost", 8081)));
    assert!(refused(&mut raw, &body(b"", 8080)));
    raw.send(&open("forwarded-tcpip", 5, 1000, 1000, &body(b"localhost", 8080)));
    assert!(raw.app.saw(|seen| matches!(seen, Seen::Requested { .. })));
    raw.app.seen.clear();
    raw.app.global(sansh_testkit::told::Globals::CancelTcpipForward { address: b"localhost".to_vec(), port: 8080 });
    raw.pump();
    raw.send(&message(81, &[]));
    assert!(refused(&mut raw, &body(b"localhost", 8080)), "it was cancelled");
}

/// CVE-2026-39834: more than four GiB on one channel: bytes are counted in 64 bits, and the window, full to its last bit, is
/// filled and filled again.
#[test]
fn more_than_four_gib_on_one_channel() {
    let mut raw = open_server();
    raw.send(&open("session", 9, u32::MAX, u32::MAX, b""));
    let channel = raw.app.asked_for();
    raw.reads = false;
    let (mut sent, most) = (0_u64, (1_u64 << 32) + (1 << 27));
    while sent < most {
        match raw.conn.writer(channel, Stream::Main) {
            Ok(mut writer) => {
                let n = writer.space().len();
                writer.send(n);
                sent += n as u64;
            }
            Err(sansh::SendError::Full) => {
                let n = raw.conn.transmit_buf().len();
                assert!(n > 0);
                raw.conn.transmitted(n);
                while raw.conn.next_event().is_some() {}
            }
            Err(sansh::SendError::Window) => {
                assert_eq!(sent, u64::from(u32::MAX), "it ends with the window");
                let sealed = sansh_testkit::raw::packet(&about(93, 0, &[&numbers(&[u32::MAX])]), true);
                let place = raw.conn.recv_buf();
                place[..sealed.len()].copy_from_slice(&sealed);
                raw.conn.received(sealed.len(), raw.clock.now());
                while raw.conn.next_event().is_some() {}
            }
            Err(other) => panic!("{other:?} after {sent} bytes"),
        }
    }
    assert!(raw.conn.counters().bytes_out > sent && raw.conn.counters().window_stalls > 0);
}

/// CVE-2025-26466: floods of what needs no answer, or a small one, before the login: bytes are counted, memory is constant.
#[test]
fn a_flood_before_the_login_ends() {
    for flood in
        [message(2, &[&strings(&[&[0; 1000]])]), message(4, &[&[0], &strings(&[&[b'x'; 1000], b""])]), vec![9, 1, 2]]
    {
        let mut raw = Server::stand("auth");
        let before = read(0).live;
        let mut sent = 0;
        while raw.app.end.is_none() {
            raw.send(&flood);
            raw.take();
            sent += flood.len();
            assert!(sent < 4 << 20, "no end");
        }
        assert_eq!(error(&raw), Some(Error::Flood));
        assert!(read(0).peak <= before + 16 * 1024, "{} from {before}", read(0).peak);
    }
}
