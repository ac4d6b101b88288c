//! Channels that are not there, not yet or not any more; windows and packet sizes at their ends.

use crate::hand::{
    Stand, about, confirmation, data, error, is_alive, numbers, open, open_server, request, server_with_session,
};
use sansh::channel::{Channel, Stream};
use sansh::error::Error;
use sansh::{Client, SendError, Server};
use sansh_testalloc::read;
use sansh_testkit::apps::Answer;
use sansh_testkit::raw::{Raw, strings};
use sansh_testkit::told::{Opens, Seen, Told};

/// Everything that can be said about a channel.
fn about_channels(number: u32) -> Vec<Vec<u8>> {
    vec![
        confirmation(number, 1, 1, 1),
        about(92, number, &[&numbers(&[1]), &strings(&[b"", b""])]),
        about(93, number, &[&numbers(&[1])]),
        data(number, b"x"),
        data(number, b""),
        about(95, number, &[&numbers(&[1]), &strings(&[b"x"])]),
        about(96, number, &[]),
        about(97, number, &[]),
        request(number, "exec", true, &strings(&[b"x"])),
        request(number, "exit-status", false, &numbers(&[0])),
        about(99, number, &[]),
        about(100, number, &[]),
    ]
}

/// Says this in a connection that a test makes, and holds that it ends, and that nobody hears of a channel.
fn unheard<R: Told>(make: impl Fn() -> Raw<R>, messages: Vec<Vec<u8>>) {
    for payload in messages {
        let mut raw = make();
        let events = raw.app.seen.len();
        raw.send(&payload);
        assert_eq!(error(&raw), Some(Error::UnknownChannel), "{payload:?}");
        assert_eq!(raw.app.seen.len(), events + 1, "{payload:?}: {:?}", raw.app.seen);
    }
}

/// CVE-2002-0083: a channel's number one behind the last, and the largest there is.
#[test]
fn numbers_at_the_end_of_the_table() {
    for number in [1, 2, 255, 256, 16_383, 16_384, 65_535, 65_536, 0x7fff_ffff, 0x8000_0000, u32::MAX] {
        unheard(|| server_with_session(3, 1000), about_channels(number));
    }
    // As many channels as there may be: the last is there, and the next is not.
    let full = || {
        let mut raw = Raw::server(|config| {
            let mut limits = config.bounds().clone();
            limits.channels = 4;
            config.limits(limits).unwrap();
        });
        raw.to_open();
        for n in 0..5 {
            raw.send(&open("session", n, 1000, 1000, b""));
        }
        assert!(raw.heard(92));
        raw.take();
        raw
    };
    let mut raw = full();
    raw.send(&data(3, b"x"));
    assert!(is_alive(&mut raw));
    unheard(full, about_channels(4));
}

/// GHSA-m65r-rprj-r5rg, GHSA-47hw-gvq5-r2gm: of a channel that was never opened, or is not confirmed yet, nobody hears
/// anything.
#[test]
fn channels_that_are_not_open_yet() {
    unheard(open_server, about_channels(0));
    unheard(|| Client::stand("open"), about_channels(0));
    // Asked for by the peer, and not answered.
    let requested = || {
        let mut raw = open_server();
        raw.app.manner(|seen| matches!(seen, Seen::Requested { .. }).then_some(Answer::Keep));
        raw.send(&open("session", 3, 1000, 1000, b""));
        assert_eq!(raw.app.kept.len(), 1);
        raw
    };
    unheard(requested, about_channels(0));
    // Asked for by this side, and not answered: only the answer may come.
    let opening = || {
        let mut raw = Client::stand("open");
        sansh_testkit::apps::open(&mut raw.conn, &mut raw.app, &Opens::Session, 1000).expect("room");
        raw.pump();
        raw
    };
    unheard(opening, about_channels(0).split_off(2));
    // Refused by the peer, or by this side: it is not there.
    let refused = || {
        let mut raw = opening();
        raw.send(&about(92, 0, &[&numbers(&[1]), &strings(&[b"", b""])]));
        raw
    };
    unheard(refused, about_channels(0));
    // Answered twice.
    let answered = || {
        let mut raw = opening();
        raw.send(&confirmation(0, 7, 1000, 1000));
        raw
    };
    unheard(answered, about_channels(0)[..2].to_vec());
}

/// CVE-2026-59850: behind its CLOSE a peer says nothing about the channel, whether this side has closed it or not, and
/// whether the number is used again or not.
#[test]
fn channels_that_are_closed() {
    let closed_by_both = || {
        let mut raw = server_with_session(3, 1000);
        raw.send(&about(97, 0, &[]));
        assert!(raw.heard(97));
        raw
    };
    unheard(closed_by_both, about_channels(0));
    // The program has not been told yet that it is over.
    let full = || {
        let mut raw = server_with_session(3, 1000);
        raw.reads = false;
        raw.send(&about(97, 0, &[]));
        raw
    };
    unheard(full, about_channels(0));
    // Closed by this side first: what was on its way passes in silence, until the peer's CLOSE.
    let mut raw = server_with_session(3, 1000);
    let channel = raw.app.asked_for();
    raw.conn.close(channel).expect("it is there");
    raw.pump();
    let events = raw.app.seen.len();
    for payload in
        [data(0, b"x"), request(0, "exec", true, &strings(&[b"x"])), about(93, 0, &[&numbers(&[1])]), about(96, 0, &[])]
    {
        raw.send(&payload);
    }
    assert_eq!((error(&raw), raw.app.seen.len()), (None, events));
    raw.send(&about(97, 0, &[]));
    assert_eq!(raw.app.seen.last(), Some(&Seen::Gone(channel)));
    assert_eq!(raw.conn.writer(channel, Stream::Main).err(), Some(SendError::Stale));
    // The number's next life is another channel.
    raw.send(&open("session", 4, 1000, 1000, b""));
    assert_ne!(raw.app.asked_for(), channel);
    assert!(is_alive(&mut raw));
}

/// CVE-2025-54804, GHSA-h5rc-j5f5-3gcm, libssh d0f5747a; wolfSSH (same): a window may grow to 2^32 - 1 and not beyond: "The
/// window MUST NOT be increased above 2^32 - 1 bytes" (RFC 4254, section 5.2).
#[test]
fn windows_at_their_end() {
    for (window, add, fits) in [
        (0, u32::MAX, true),
        (1000, u32::MAX - 1000, true),
        (1000, u32::MAX - 999, false),
        (u32::MAX, 0, true),
        (u32::MAX, 1, false),
        (u32::MAX, u32::MAX, false),
        (0x8000_0000, 0x8000_0000, false),
    ] {
        let mut raw = open_server();
        raw.send(&open("session", 3, window, 1000, b""));
        raw.send(&about(93, 0, &[&numbers(&[add])]));
        assert_eq!(error(&raw), (!fits).then_some(Error::WindowOverflow), "{window} + {add}");
        if fits {
            // "Implementations MUST correctly handle window sizes of up to 2^32 - 1 bytes" (RFC 4254, section 5.2).
            let channel = raw.app.asked_for();
            raw.app.send(channel, &[7; 5000]);
            raw.pump();
            let sent: usize = raw.said.iter().filter(|said| said[0] == 94).map(|said| said.len() - 9).sum();
            assert_eq!(sent, 5000);
        }
    }
    // The same window that a CONFIRMATION brings.
    let mut raw = Client::stand("open");
    sansh_testkit::apps::open(&mut raw.conn, &mut raw.app, &Opens::Session, 1000).expect("room");
    raw.pump();
    raw.send(&confirmation(0, 7, u32::MAX, 1000));
    raw.send(&about(93, 0, &[&numbers(&[1])]));
    assert_eq!(error(&raw), Some(Error::WindowOverflow));
}

/// What a channel sends in packets of at most this size.
fn sent_with(packet: u32, window: u32) -> (Raw<Server>, Option<Channel>) {
    let mut raw = open_server();
    raw.send(&open("session", 3, window, packet, b""));
    let channel = raw.heard(91).then(|| raw.app.asked_for());
    (raw, channel)
}

/// CVE-2026-59843; GHSA-fw5c-8223-6h42; AsyncSSH 2.24.0: a packet size of zero can carry nothing for ever: such a channel is
/// refused, or ends the connection where it is this side's own; a packet size of one is slow, and ends.
#[test]
fn packets_of_no_size() {
    for window in [0, 1, 1 << 20, u32::MAX] {
        let (raw, channel) = sent_with(0, window);
        assert!(channel.is_none() && raw.heard(92) && error(&raw).is_none(), "{:?}", raw.said);
    }
    let mut raw = Client::stand("open");
    sansh_testkit::apps::open(&mut raw.conn, &mut raw.app, &Opens::Session, 1000).expect("room");
    raw.pump();
    raw.send(&confirmation(0, 7, 1000, 0));
    assert!(matches!(error(&raw), Some(Error::Malformed { number: 91, .. })), "{:?}", error(&raw));
    let (mut raw, channel) = sent_with(1, 300);
    raw.take();
    raw.app.starves = true;
    raw.app.send(channel.expect("a channel"), &[7; 500]);
    raw.pump();
    let pieces: Vec<usize> = raw.said.iter().filter(|said| said[0] == 94).map(|said| said.len() - 9).collect();
    assert_eq!(pieces, [1; 300], "one byte a packet, as many as the window has");
}

/// CVE-2026-54886: data of a type that nobody knows, or that goes the wrong way, comes back as window and is forgotten.
#[test]
fn data_of_unknown_types_comes_back_as_window() {
    for kind in [0, 1, 2, 0x8000_0000, u32::MAX] {
        let mut raw = server_with_session(3, 1000);
        raw.send(&about(95, 0, &[&numbers(&[kind]), &strings(&[&[7; 33_000]])]));
        assert_eq!(error(&raw), Some(Error::WindowExceeded), "more than the largest packet");
        // 75 windows full.
        let mut raw = server_with_session(3, 1000);
        assert!(is_alive(&mut raw));
        let before = read(0).live;
        for _ in 0..250 {
            raw.send(&about(95, 0, &[&numbers(&[kind]), &strings(&[&[7; 30_000]])]));
        }
        assert_eq!(error(&raw), None, "type {kind}");
        assert!(!raw.app.saw(|seen| matches!(seen, Seen::Data { .. })), "a client's data of type {kind}");
        assert!(raw.heard(93), "the window comes back");
        assert!(read(0).live <= before + 4096, "{} bytes more", read(0).live - before);
        assert!(is_alive(&mut raw));
    }
    // Beyond the window it is too much, whatever its type.
    let mut raw = server_with_session(3, 1000);
    for _ in 0..3 {
        raw.send(&about(95, 0, &[&numbers(&[7]), &strings(&[&[7; 32_768]])]));
    }
    assert_eq!(error(&raw), None);
}
