//! Channel types, requests and global requests that are not built in: by name and raw body, where they are listed.

use sansh_testkit::apps::{Answer, Prompt};
use sansh_testkit::pair::{Pair, other_global};
use sansh_testkit::told::{Globals, Opens, Reply, Requests, Seen};

fn open(kind: &str) -> Opens {
    Opens::Other { kind: kind.into(), body: b"anything".to_vec() }
}

#[test]
fn a_listed_channel_type_comes_through_both_ways_with_its_data() {
    let mut pair = Pair::builder().names("tube@test", "", "").logged_in();
    let give = |seen: &Seen| {
        let accept = Reply::Accept { window: 5, data: b"confirmed".to_vec() };
        matches!(seen, Seen::Requested { .. }).then_some(Answer::Now(accept))
    };
    pair.client.app.manner(give);
    pair.server.app.manner(give);
    let mine = pair.open(&open("tube@test"));
    let theirs = pair.server.app.asked_for();
    assert!(pair.server.app.saw(|seen| *seen == Seen::Requested { channel: theirs, open: open("tube@test") }));
    let opened = |channel| Seen::Opened { channel, data: b"confirmed".to_vec() };
    assert!(pair.client.app.saw(|seen| *seen == opened(mine)));
    let theirs = pair.server_open(&open("tube@test"));
    assert!(pair.server.app.saw(|seen| *seen == opened(theirs)));
}

#[test]
fn an_unlisted_channel_type_is_unknown() {
    let mut pair = Pair::logged_in();
    let mine = pair.open(&open("tube@test"));
    assert!(pair.client.app.saw(|seen| matches!(seen, Seen::Refused { channel, reason: 3, .. } if *channel == mine)));
    assert!(!pair.server.app.saw(|seen| matches!(seen, Seen::Requested { .. })));
}

#[test]
fn refused_opens_beyond_their_ring_end_the_connection() {
    let mut pair = Pair::logged_in();
    // The server cannot write: what it owes piles up, and is bounded.
    let payload = b"\x5a\0\0\0\x06x@test\0\0\0\x07\0\0\x10\0\0\0\x10\0";
    for _ in 0..20_000 {
        sansh::danger::send_payload(&mut pair.client.conn, payload);
        let sent = pair.client.conn.transmit_buf().to_vec();
        pair.client.conn.transmitted(sent.len());
        let mut rest = &sent[..];
        while !rest.is_empty() && pair.server.conn.wants().read {
            let place = pair.server.conn.recv_buf();
            let n = place.len().min(rest.len());
            place[..n].copy_from_slice(&rest[..n]);
            pair.server.conn.received(n, pair.clock.now());
            rest = &rest[n..];
            while let Some(event) = pair.server.conn.next_event() {
                if let sansh::event::server::Event::Closed(reason) = event {
                    assert_eq!(reason.error, sansh::error::Error::Flood);
                    return;
                }
            }
        }
    }
    panic!("20,000 refusals are owed, and it goes on");
}

#[test]
fn listed_requests_come_through_both_ways() {
    let mut pair = Pair::builder().names("", "poke@test,nod@test", "").logged_in();
    let (mine, theirs) = pair.session();
    pair.client.app.other(mine, "poke@test", true);
    pair.client.app.other(mine, "nod@test", false);
    pair.server.app.other(theirs, "poke@test", true);
    pair.run();
    let named = |name: &str, want_reply| Requests::Other { name: name.into(), want_reply, body: b"body".to_vec() };
    assert_eq!(pair.server.app.requests(theirs), [named("poke@test", true), named("nod@test", false)]);
    assert_eq!(pair.client.app.requests(mine), [named("poke@test", true)]);
    assert_eq!((pair.client.app.replies(mine), pair.server.app.replies(theirs)), (vec![true], vec![true]));
}

#[test]
fn an_unlisted_request_is_refused_unseen() {
    let mut pair = Pair::logged_in();
    let (mine, theirs) = pair.session();
    pair.client.app.other(mine, "poke@test", true);
    pair.client.app.other(mine, "poke@test", false);
    pair.run();
    assert_eq!(pair.client.app.replies(mine), [false]);
    assert_eq!(pair.server.app.requests(theirs), []);
}

#[test]
fn a_request_of_the_wrong_side_is_refused_unseen() {
    // exec comes from the client, exit-status from the server.
    let mut pair = Pair::logged_in();
    let (mine, theirs) = pair.session();
    sansh::danger::send_payload(&mut pair.server.conn, b"\x62\0\0\0\0\0\0\0\x04exec\x01\0\0\0\x01x");
    pair.run();
    assert_eq!(pair.client.app.requests(mine), []);
    assert!(pair.client.log.contains("CHANNEL_FAILURE(0)"), "{}", pair.client.log);
    sansh::danger::send_payload(&mut pair.client.conn, b"\x62\0\0\0\0\0\0\0\x0bexit-status\0\0\0\0\x07");
    pair.run();
    assert_eq!(pair.server.app.requests(theirs), []);
}

#[test]
fn listed_globals_come_through_both_ways_with_bytes_in_order() {
    let mut pair = Pair::builder().names("", "", "tell@test").logged_in();
    pair.server.app.prompt = Prompt::Later;
    pair.server.app.manner(|seen| match seen {
        Seen::Global { request: Globals::Other { body, .. }, .. } => Some(match body.as_slice() {
            b"no" => Answer::Later(Reply::No),
            b"drop" => Answer::Ignore,
            body => Answer::Later(Reply::Bytes(body.to_vec())),
        }),
        _ => None,
    });
    for body in [&b"one"[..], b"no", b"two", b"drop", b"three"] {
        pair.client.app.global(other_global("tell@test", true, body));
    }
    pair.client.app.global(other_global("tell@test", false, b"quiet"));
    pair.run();
    let yes = |bytes: &[u8]| (true, bytes.to_vec());
    let no = (false, Vec::new());
    assert_eq!(pair.client.app.global_replies(), [yes(b"one"), no.clone(), yes(b"two"), no, yes(b"three")]);
    pair.server.app.global(other_global("tell@test", true, b"back"));
    pair.run();
    assert_eq!(pair.server.app.global_replies(), [(true, Vec::new())]);
}

#[test]
fn an_unlisted_global_is_refused_unseen() {
    let mut pair = Pair::logged_in();
    pair.client.app.global(other_global("tell@test", true, b""));
    pair.client.app.global(other_global("tell@test", false, b""));
    pair.server.app.global(other_global("tell@test", true, b""));
    pair.run();
    assert_eq!(pair.client.app.global_replies(), [(false, Vec::new())]);
    assert_eq!(pair.server.app.global_replies(), [(false, Vec::new())]);
    assert!(!pair.server.app.saw(|seen| matches!(seen, Seen::Global { .. })));
}

#[test]
fn a_reply_with_bytes_finds_no_room_behind_an_open_one() {
    let mut pair = Pair::builder().names("", "", "tell@test").logged_in();
    pair.server.app.manner(|seen| matches!(seen, Seen::Global { .. }).then_some(Answer::Keep));
    pair.client.app.global(other_global("tell@test", true, b"1"));
    pair.client.app.global(other_global("tell@test", true, b"2"));
    pair.run();
    let first = pair.server.app.kept.pop_front().expect("the first");
    let second = pair.server.app.kept.pop_front().expect("the second");
    let reply = Reply::Bytes(b"data".to_vec());
    let Err(sansh_testkit::told::Unsettled::NoRoom(second)) = second.answer(&mut pair.server.conn, &reply, 1) else {
        panic!("bytes went out of order")
    };
    first.answer(&mut pair.server.conn, &reply, 1).expect("its turn");
    second.answer(&mut pair.server.conn, &reply, 1).expect("its turn now");
    pair.run();
    assert_eq!(pair.client.app.global_replies(), [(true, b"data".to_vec()), (true, b"data".to_vec())]);
}

#[test]
fn nothing_of_the_connection_protocol_leaves_before_the_login() {
    use sansh::SendError;
    use sansh::channel::{Global, Open};
    let mut pair = Pair::builder().trace(60_000).build();
    let keep = |seen: &Seen| {
        matches!(seen, Seen::HostKey { .. } | Seen::LoginNeeded { .. } | Seen::Login { .. }).then_some(Answer::Keep)
    };
    pair.client.app.manner(keep);
    pair.server.app.manner(keep);
    for stage in 0..4 {
        let global = Global::Other { name: "x@test", want_reply: false, body: b"" };
        let window = sansh::Window::Fixed(1000);
        assert_eq!(pair.client.conn.global(global), Err(SendError::Closed), "stage {stage}");
        assert_eq!(pair.server.conn.global(global), Err(SendError::Closed), "stage {stage}");
        assert_eq!(pair.client.conn.open(Open::Session, window), Err(SendError::Closed), "stage {stage}");
        assert_eq!(pair.server.conn.open(Open::Session, window), Err(SendError::Closed), "stage {stage}");
        match stage {
            0 => pair.run(),
            1 => pair.client.answer(&Reply::Trust(true)),
            2 => {
                let with = sansh_testkit::told::Means::Password("right".into());
                pair.client.answer(&Reply::Try(sansh_testkit::told::Attempt { user: "user".into(), with }));
            }
            _ => pair.server.answer(&Reply::Admit),
        }
        pair.run();
    }
    assert!(pair.client.app.is_ready() && pair.server.app.is_ready());
    assert!(!pair.client.log.contains("GLOBAL_REQUEST") && !pair.client.log.contains("CHANNEL_OPEN"));
}

#[test]
fn what_can_never_be_sent_is_too_long() {
    use sansh::SendError;
    use sansh::channel::Global;
    let small = Pair::builder().limits(|limits| {
        limits.transmit = 8192;
        limits.handshake_transmit = 8192;
    });
    let mut pair = small.logged_in();
    for (size, fits) in [(1000, true), (4000, true), (9000, false), (40_000, false)] {
        let body = vec![1; size];
        let sent = pair.client.conn.global(Global::Other { name: "x@test", want_reply: false, body: &body });
        if fits {
            assert!(sent.is_ok(), "{size}: {sent:?}");
        } else {
            assert_eq!(sent, Err(SendError::TooLong), "{size} bytes never fit into 8192: no Room will ever come");
        }
        pair.run();
    }
    let name = "n".repeat(300);
    let forward = Global::TcpipForward { address: name.as_bytes(), port: 1 };
    assert_eq!(pair.client.conn.global(forward), Err(SendError::TooLong));
}
