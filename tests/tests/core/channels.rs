//! RFC 4254, sections 5 and 6: sessions, their requests, data, and their end.

use sansh::SendError;
use sansh::channel::Stream;
use sansh_testkit::apps::{Act, Answer, Prompt};
use sansh_testkit::dice::Pattern;
use sansh_testkit::net::Weather;
use sansh_testkit::pair::{Pair, echo};
use sansh_testkit::told::{Opens, Question, Reply, Requests, Seen};
use std::collections::VecDeque;

fn bytes(bytes: &[u8]) -> VecDeque<u8> {
    bytes.iter().copied().collect()
}

#[test]
fn a_command_runs_with_its_environment_output_and_exit_status() {
    for weather in [Weather::default(), Weather::one_byte(), Weather::random()] {
        let mut pair = Pair::builder().weather(weather).logged_in();
        let (mine, theirs) = pair.session();
        pair.client.app.request(mine, Requests::Env(b"LANG".to_vec(), b"C".to_vec()));
        pair.client.app.request(mine, Requests::Exec(b"cat > /dev/null".to_vec()));
        pair.client.app.send(mine, b"input");
        pair.client.app.act(mine, Act::Finish);
        pair.run();
        let exec = Requests::Exec(b"cat > /dev/null".to_vec());
        assert_eq!(pair.server.app.requests(theirs), [Requests::Env(b"LANG".to_vec(), b"C".to_vec()), exec]);
        assert_eq!(pair.client.app.replies(mine), [true]);
        assert_eq!(pair.server.app.received(theirs, Stream::Main), b"input");
        assert!(pair.server.app.saw(|seen| *seen == Seen::Eof(theirs)));

        pair.server.app.act(theirs, Act::Send(Stream::Main, bytes(b"output")));
        pair.server.app.act(theirs, Act::Send(Stream::Stderr, bytes(b"complaint")));
        pair.server.app.request(theirs, Requests::ExitStatus(3));
        pair.server.app.act(theirs, Act::Finish);
        pair.server.app.act(theirs, Act::Close);
        pair.run();
        assert_eq!(pair.client.app.received(mine, Stream::Main), b"output");
        assert_eq!(pair.client.app.received(mine, Stream::Stderr), b"complaint");
        assert_eq!(pair.client.app.requests(mine), [Requests::ExitStatus(3)]);
        assert!(pair.client.app.saw(|seen| *seen == Seen::Eof(mine)));
        assert!(pair.client.app.saw(|seen| *seen == Seen::Gone(mine)));
        assert!(pair.server.app.saw(|seen| *seen == Seen::Gone(theirs)));
    }
}

#[test]
fn a_shell_may_end_by_a_signal() {
    let mut pair = Pair::logged_in();
    let (mine, theirs) = pair.session();
    pair.client.app.request(mine, Requests::Shell);
    pair.run();
    assert_eq!(pair.server.app.requests(theirs), [Requests::Shell]);
    let signal = Requests::ExitSignal { signal: b"SEGV".to_vec(), core_dumped: true, message: b"oh".to_vec() };
    pair.server.app.request(theirs, signal.clone());
    pair.server.app.act(theirs, Act::Close);
    pair.run();
    assert_eq!(pair.client.app.requests(mine), [signal]);
    assert!(pair.client.app.saw(|seen| *seen == Seen::Gone(mine)));
}

#[test]
fn a_subsystem_echoes_whatever_the_network_does() {
    let data = Pattern::new(9).take(60_000);
    for weather in [Weather::default(), Weather::one_byte(), Weather::random()] {
        let mut pair = Pair::builder().weather(weather).logged_in();
        echo(&mut pair, &data);
        echo(&mut pair, &[]);
        echo(&mut pair, b"x");
    }
}

#[test]
fn a_request_that_is_refused_says_so_and_the_channel_lives() {
    for answer in [Answer::Now(Reply::Permit(false)), Answer::Later(Reply::Permit(false)), Answer::Ignore] {
        let mut pair = Pair::logged_in();
        let (mine, theirs) = pair.session();
        pair.server.app.manner(move |seen| matches!(seen, Seen::Request { asked: true, .. }).then(|| answer.clone()));
        pair.client.app.request(mine, Requests::Exec(b"no".to_vec()));
        pair.run();
        assert_eq!(pair.client.app.replies(mine), [false]);
        pair.client.app.send(mine, b"still here");
        pair.run();
        assert_eq!(pair.server.app.received(theirs, Stream::Main), b"still here");
    }
}

#[test]
fn a_session_starts_one_program() {
    let mut pair = Pair::logged_in();
    let (mine, theirs) = pair.session();
    pair.client.app.request(mine, Requests::Exec(b"first".to_vec()));
    pair.client.app.request(mine, Requests::Exec(b"second".to_vec()));
    pair.run();
    assert_eq!(pair.client.app.replies(mine), [true, false], "only one can succeed (RFC 4254, section 6.5)");
    assert_eq!(pair.server.app.requests(theirs)[0], Requests::Exec(b"first".to_vec()));
}

#[test]
fn a_program_that_was_refused_leaves_the_session_to_another() {
    // Clients fall back on the same channel: from a subsystem to a command.
    let mut pair = Pair::logged_in();
    let (mine, theirs) = pair.session();
    pair.server.app.manner(|seen| match seen {
        Seen::Request { request: Requests::Subsystem(_), .. } => Some(Answer::Now(Reply::Permit(false))),
        _ => None,
    });
    pair.client.app.request(mine, Requests::Subsystem(b"sftp".to_vec()));
    pair.client.app.request(mine, Requests::Exec(b"sftp-server".to_vec()));
    pair.client.app.request(mine, Requests::Shell);
    pair.run();
    assert_eq!(pair.client.app.replies(mine), [false, true, false]);
    assert_eq!(pair.server.app.requests(theirs).len(), 2, "behind one that runs nothing is asked any more");
}

#[test]
fn a_channel_that_is_refused_is_gone() {
    let refuse = |reason, text: &[u8]| Reply::Refuse { reason, text: text.to_vec() };
    let cases = [
        (Answer::Now(refuse(1, b"not you")), 1, b"not you".to_vec()),
        (Answer::Later(refuse(2, b"not there")), 2, b"not there".to_vec()),
    ];
    for (answer, reason, text) in cases {
        let mut pair = Pair::logged_in();
        pair.server.app.manner(move |seen| matches!(seen, Seen::Requested { .. }).then(|| answer.clone()));
        let channel = pair.open(&Opens::Session);
        assert!(pair.client.app.saw(|seen| *seen == Seen::Refused { channel, reason, text: text.clone() }));
        assert_eq!(pair.client.conn.grant(channel, 1), Err(sansh::Stale));
        let theirs = pair.server.app.asked_for();
        assert_eq!(pair.server.conn.grant(theirs, 1), Err(sansh::Stale));
    }
    let mut pair = Pair::logged_in();
    pair.server.app.manner(|seen| matches!(seen, Seen::Requested { .. }).then_some(Answer::Ignore));
    let channel = pair.open(&Opens::Session);
    assert!(pair.client.app.saw(|seen| matches!(seen, Seen::Refused { channel: c, .. } if *c == channel)));
}

#[test]
fn a_session_cannot_be_opened_by_the_server() {
    // "Client implementations SHOULD reject any session channel open requests" (RFC 4254, section 6.1).
    let mut pair = Pair::logged_in();
    sansh::danger::send_payload(&mut pair.server.conn, b"\x5a\0\0\0\x07session\0\0\0\x09\0\0\x10\0\0\0\x10\0");
    pair.run();
    assert!(!pair.client.app.saw(|seen| matches!(seen, Seen::Requested { .. })));
    assert!(pair.client.log.contains("CHANNEL_OPEN_FAILURE(9, "), "{}", pair.client.log);
}

#[test]
fn channels_are_limited_and_come_back() {
    let mut pair = Pair::builder().limits(|limits| limits.channels = 3).logged_in();
    let first = pair.open(&Opens::Session);
    pair.open(&Opens::Session);
    pair.open(&Opens::Session);
    let fourth = sansh_testkit::apps::open(&mut pair.client.conn, &mut pair.client.app, &Opens::Session, 1000);
    assert_eq!(fourth, Err(SendError::Limit));
    pair.client.app.act(first, Act::Close);
    pair.run();
    let again = pair.open(&Opens::Session);
    assert_ne!(first, again, "a handle is never used again");
    assert!(pair.client.app.open.contains(&again));
}

#[test]
fn a_server_at_its_limit_refuses_further_channels() {
    let mut pair = Pair::builder().server(|config| {
        let mut limits = config.bounds().clone();
        limits.channels = 2;
        config.limits(limits).unwrap();
    });
    pair = pair.seed(4);
    let mut pair = pair.logged_in();
    pair.open(&Opens::Session);
    pair.open(&Opens::Session);
    let third = pair.open(&Opens::Session);
    assert!(pair.client.app.saw(|seen| matches!(seen, Seen::Refused { channel, reason: 4, .. } if *channel == third)));
    assert_eq!(pair.server.app.count(|seen| matches!(seen, Seen::Requested { .. })), 2);
}

#[test]
fn verdicts_go_out_in_the_order_of_the_requests_whatever_the_order_of_the_answers() {
    for seed in 0..20 {
        let mut pair = Pair::builder().seed(seed).names("", "ask@test", "").logged_in();
        let (mine, _) = pair.session();
        pair.server.app.manner(|seen| matches!(seen, Seen::Request { asked: true, .. }).then_some(Answer::Keep));
        for _ in 0..12 {
            pair.client.app.other(mine, "ask@test", true);
        }
        pair.run();
        assert_eq!(pair.server.app.kept.len(), 12, "all are handed over before the first is answered");
        assert_eq!(pair.client.app.replies(mine), []);
        let mut order: Vec<(usize, Question)> = pair.server.app.kept.drain(..).enumerate().collect();
        let mut dice = sansh_testkit::dice::Dice::new(seed);
        while !order.is_empty() {
            let (n, question) = order.swap_remove(dice.below(order.len()));
            question.answer(&mut pair.server.conn, &Reply::Permit(n % 3 == 0), 1).expect("a bare verdict finds room");
            pair.settle();
        }
        pair.run();
        let expected: Vec<bool> = (0..12).map(|n| n % 3 == 0).collect();
        assert_eq!(pair.client.app.replies(mine), expected);
    }
}

#[test]
fn what_does_not_fit_the_ring_is_refused_in_its_turn() {
    // The client may have more of them open than the server keeps: 16 against 4.
    let mut pair = Pair::builder()
        .names("", "ask@test", "")
        .server(|config| {
            let mut limits = config.bounds().clone();
            limits.replies = 4;
            config.limits(limits).unwrap();
        })
        .logged_in();
    let (mine, _) = pair.session();
    pair.server.app.manner(|seen| matches!(seen, Seen::Request { asked: true, .. }).then_some(Answer::Keep));
    for _ in 0..10 {
        pair.client.app.other(mine, "ask@test", true);
    }
    pair.run();
    assert_eq!(pair.server.app.kept.len(), 4);
    assert_eq!(pair.client.app.replies(mine), [], "a refusal does not overtake");
    for _ in 0..4 {
        pair.server.answer(&Reply::Permit(true));
    }
    pair.run();
    let expected = [[true; 4].as_slice(), &[false; 6]].concat();
    assert_eq!(pair.client.app.replies(mine), expected);
    // And afterwards there is room again.
    pair.client.app.other(mine, "ask@test", true);
    pair.run();
    pair.server.answer(&Reply::Permit(true));
    pair.run();
    assert_eq!(pair.client.app.replies(mine).len(), 11);
    assert_eq!(pair.client.app.replies(mine).last(), Some(&true));
}

#[test]
fn requests_of_ours_are_limited_until_they_are_answered() {
    let mut pair = Pair::builder().names("", "ask@test", "").limits(|limits| limits.pending = 5).logged_in();
    let (mine, _) = pair.session();
    pair.server.app.prompt = Prompt::Later;
    for _ in 0..50 {
        pair.client.app.other(mine, "ask@test", true);
    }
    pair.run();
    assert_eq!(pair.client.app.replies(mine), [true; 50]);
    assert!(pair.client.app.refusals.contains(&SendError::Limit), "{:?}", pair.client.app.refusals);
}

#[test]
fn thousands_of_requests_without_a_reader_end_in_order() {
    // The server's verdicts find no room on the network; the counters keep the order all the same.
    let mut pair = Pair::builder().names("", "ask@test", "").limits(|limits| limits.trace = 0).logged_in();
    pair.session();
    let mut request = b"\x62".to_vec();
    request.extend_from_slice(&0_u32.to_be_bytes());
    request.extend_from_slice(b"\0\0\0\x08ask@test\x01");
    // The server's number of the channel is the first: 0.
    let before = pair.server.conn.counters().packets_out;
    for _ in 0..5000 {
        sansh::danger::send_payload(&mut pair.client.conn, &request);
        let n = pair.client.conn.transmit_buf().len();
        let sent = pair.client.conn.transmit_buf().to_vec();
        pair.client.conn.transmitted(n);
        let mut rest = &sent[..];
        while !rest.is_empty() {
            let place = pair.server.conn.recv_buf();
            assert!(!place.is_empty(), "input never waits for output");
            let n = place.len().min(rest.len());
            place[..n].copy_from_slice(&rest[..n]);
            pair.server.conn.received(n, pair.clock.now());
            rest = &rest[n..];
            while pair.server.conn.next_event().is_some() {}
        }
    }
    assert_eq!(pair.server.app.end, None);
    loop {
        let n = pair.server.conn.transmit_buf().len();
        if n == 0 {
            break;
        }
        pair.server.conn.transmitted(n);
        while pair.server.conn.next_event().is_some() {}
    }
    assert_eq!(pair.server.conn.counters().packets_out - before, 5000, "one verdict for each request");
}

#[test]
fn close_is_the_last_that_is_heard() {
    let mut pair = Pair::logged_in();
    let (mine, theirs) = pair.session();
    pair.client.conn.close(mine).expect("open");
    pair.server.app.send(theirs, b"on its way while the CLOSE comes");
    pair.run();
    let behind: Vec<_> = pair.client.app.seen.iter().rev().take_while(|seen| **seen != Seen::Gone(mine)).collect();
    assert!(pair.client.app.saw(|seen| *seen == Seen::Gone(mine)));
    assert!(behind.iter().all(|seen| !matches!(seen, Seen::Data { .. })), "{behind:?}");
    assert_eq!(pair.client.app.received(mine, Stream::Main), b"");
    assert_eq!(pair.client.conn.close(mine), Err(sansh::Stale));
    assert_eq!(pair.client.conn.finish(mine), Err(sansh::Stale));
}

#[test]
fn a_close_from_both_sides_at_once_is_one_close() {
    let mut pair = Pair::logged_in();
    let (mine, theirs) = pair.session();
    pair.client.conn.close(mine).expect("open");
    pair.server.conn.close(theirs).expect("open");
    pair.run();
    assert_eq!(pair.client.app.count(|seen| **seen == Seen::Gone(mine)), 1);
    assert_eq!(pair.server.app.count(|seen| **seen == Seen::Gone(theirs)), 1);
    echo(&mut pair, b"and the next one works");
}

#[test]
fn after_eof_the_other_direction_goes_on() {
    let mut pair = Pair::logged_in();
    let (mine, theirs) = pair.session();
    pair.client.app.act(mine, Act::Finish);
    pair.run();
    assert_eq!(pair.client.conn.writer(mine, Stream::Main).err(), Some(SendError::Closed));
    let data = Pattern::new(3).take(300_000);
    pair.server.app.send(theirs, &data);
    pair.run();
    assert!(pair.client.app.received(mine, Stream::Main) == data);
}

#[test]
fn the_window_is_a_promise() {
    let mut pair = Pair::logged_in();
    pair.server.app.window = 1000;
    pair.server.app.grants = false;
    pair.client.app.starves = true;
    let (mine, theirs) = pair.session();
    let data = Pattern::new(3).take(5000);
    pair.client.app.send(mine, &data);
    pair.run();
    assert!(pair.server.app.received(theirs, Stream::Main) == data[..1000]);
    assert_eq!(pair.client.conn.writer(mine, Stream::Main).err(), Some(SendError::Window));
    assert!(pair.client.conn.counters().window_stalls > 0);
    // Everything but data goes on.
    pair.client.app.global(sansh_testkit::pair::other_global("keepalive@openssh.com", true, b""));
    pair.run();
    assert_eq!(pair.client.app.global_replies().len(), 1);
    pair.server.conn.grant(theirs, 2500).expect("open");
    pair.run();
    assert!(pair.server.app.received(theirs, Stream::Main) == data[..3500]);
    pair.server.conn.grant(theirs, 1_000_000).expect("open");
    pair.run();
    assert!(pair.server.app.received(theirs, Stream::Main) == data);
}

#[test]
fn a_slow_channel_stalls_no_other() {
    let mut pair = Pair::logged_in();
    pair.server.app.grants = false;
    pair.server.app.window = 10;
    let (slow, _) = pair.session();
    pair.server.app.window = 1_000_000;
    let (fast, theirs) = pair.session();
    pair.client.app.starves = true;
    pair.client.app.send(slow, &[1; 10_000]);
    let data = Pattern::new(8).take(500_000);
    pair.client.app.send(fast, &data);
    pair.run();
    assert!(pair.server.app.received(theirs, Stream::Main) == data);
}

#[test]
fn a_channel_is_accepted_later() {
    let mut pair = Pair::logged_in();
    pair.server.app.manner(|seen| matches!(seen, Seen::Requested { .. }).then_some(Answer::Keep));
    let channel = pair.open(&Opens::Session);
    assert!(!pair.client.app.open.contains(&channel));
    assert_eq!(pair.client.conn.writer(channel, Stream::Main).err(), Some(SendError::Closed));
    pair.client.conn.rekey();
    pair.settle();
    pair.server.answer(&Reply::Accept { window: 100, data: Vec::new() });
    pair.run();
    assert!(pair.client.app.open.contains(&channel));
}

#[test]
fn credit_over_all_channels_is_bounded() {
    // Two channels of 100,000 and a credit of 150,000: what is promised never exceeds it.
    let mut pair = Pair::builder().limits(|limits| limits.credit = 150_000).logged_in();
    pair.server.app.window = 100_000;
    pair.server.app.grants = false;
    pair.client.app.starves = true;
    let (first, first_theirs) = pair.session();
    let (second, second_theirs) = pair.session();
    pair.client.app.send(first, &vec![1; 300_000]);
    pair.client.app.send(second, &vec![2; 300_000]);
    pair.run();
    let got = pair.server.app.received(first_theirs, Stream::Main).len()
        + pair.server.app.received(second_theirs, Stream::Main).len();
    assert!(got <= 150_000, "{got} bytes came against a credit of 150,000");
    assert!(got >= 100_000, "{got}");
}
