//! Channels that a session lets the server open: for X11, and for an agent. None comes that was not asked for.

use sansh::channel::{Channel, Stream};
use sansh_testkit::apps::{Act, Answer};
use sansh_testkit::pair::Pair;
use sansh_testkit::told::{Opens, Reply, Requests, Seen};

fn x11(single_connection: bool) -> Requests {
    let (protocol, cookie) = (b"MIT-MAGIC-COOKIE-1".to_vec(), b"00ff".to_vec());
    Requests::X11 { single_connection, protocol, cookie, screen: 0 }
}

fn x11_channel() -> Opens {
    Opens::X11 { originator: b"127.0.0.1".to_vec(), originator_port: 6010 }
}

/// The request, and the channel it allows.
fn kinds() -> [(Requests, Opens); 2] {
    [(x11(false), x11_channel()), (Requests::AuthAgent, Opens::AuthAgent)]
}

/// Whether the server's open came through; if not, it was refused, and nobody heard of it.
fn comes(pair: &mut Pair, open: &Opens) -> Option<(Channel, Channel)> {
    let before = pair.client.app.count(|seen| matches!(seen, Seen::Requested { .. }));
    let theirs = pair.server_open(open);
    let heard = pair.client.app.count(|seen| matches!(seen, Seen::Requested { .. })) > before;
    assert_eq!(heard, pair.server.app.open.contains(&theirs), "{}", pair.dump());
    if !heard {
        let prohibited = |seen: &Seen| matches!(seen, Seen::Refused { channel, reason: 1, .. } if *channel == theirs);
        assert!(pair.server.app.saw(prohibited));
    }
    heard.then(|| (pair.client.app.asked_for(), theirs))
}

/// 4254/6.3.2/1: "Implementations MUST reject any X11 channel open requests if they have not requested X11 forwarding"
/// (RFC 4254, section 6.3.2). agent/5.3/1: likewise an agent's (draft-ietf-sshm-ssh-agent, section 5.3).
#[test]
fn nothing_comes_that_was_not_asked_for() {
    let mut pair = Pair::logged_in();
    for (_, open) in kinds() {
        assert_eq!(comes(&mut pair, &open), None, "without a session");
    }
    let (mine, _) = pair.session();
    pair.client.app.request(mine, Requests::Shell);
    pair.run();
    for (_, open) in kinds() {
        assert_eq!(comes(&mut pair, &open), None, "with one that asked for something else");
    }
}

#[test]
fn what_was_asked_for_comes_as_often_as_it_likes_and_through_re_exchanges() {
    for (request, open) in kinds() {
        let mut pair = Pair::logged_in();
        let (session, _) = pair.session();
        pair.client.app.request(session, request);
        pair.run();
        for n in 0..5 {
            let (mine, theirs) = comes(&mut pair, &open).expect("it was asked for");
            assert!(pair.client.app.saw(|seen| *seen == Seen::Requested { channel: mine, open: open.clone() }));
            pair.server.app.send(theirs, b"a question");
            pair.client.app.send(mine, b"an answer");
            if n == 2 {
                pair.client.conn.rekey();
            }
            pair.run();
            assert_eq!(pair.client.app.received(mine, Stream::Main), b"a question");
            assert_eq!(pair.server.app.received(theirs, Stream::Main), b"an answer");
        }
    }
}

#[test]
fn one_kind_is_not_the_other() {
    let [(x11, x11_channel), (agent, agent_channel)] = kinds();
    for (request, other) in [(x11, agent_channel), (agent, x11_channel)] {
        let mut pair = Pair::logged_in();
        let (session, _) = pair.session();
        pair.client.app.request(session, request);
        pair.run();
        assert_eq!(comes(&mut pair, &other), None);
    }
}

/// "single connection": "Only a single connection should be forwarded" (RFC 4254, section 6.3.1).
#[test]
fn a_single_connection_is_one() {
    let mut pair = Pair::logged_in();
    let (session, _) = pair.session();
    pair.client.app.request(session, x11(true));
    pair.run();
    let (mine, _) = comes(&mut pair, &x11_channel()).expect("one");
    assert_eq!(comes(&mut pair, &x11_channel()), None, "beside it");
    pair.client.app.act(mine, Act::Close);
    pair.run();
    assert_eq!(comes(&mut pair, &x11_channel()), None, "and behind it");

    // Two sessions have one each.
    let mut pair = Pair::logged_in();
    for _ in 0..2 {
        let (session, _) = pair.session();
        pair.client.app.request(session, x11(true));
    }
    pair.run();
    assert!(comes(&mut pair, &x11_channel()).is_some() && comes(&mut pair, &x11_channel()).is_some());
    assert_eq!(comes(&mut pair, &x11_channel()), None);
}

#[test]
fn a_request_that_was_refused_lets_nothing_come() {
    for (request, open) in kinds() {
        let mut pair = Pair::logged_in();
        let (session, _) = pair.session();
        pair.server
            .app
            .manner(|seen| matches!(seen, Seen::Request { .. }).then_some(Answer::Now(Reply::Permit(false))));
        pair.client.app.request(session, request.clone());
        pair.run();
        assert_eq!(pair.client.app.replies(session), [false]);
        assert_eq!(comes(&mut pair, &open), None);
        // A second one that is granted does.
        pair.server.app.manner = None;
        pair.client.app.request(session, request);
        pair.run();
        assert!(comes(&mut pair, &open).is_some());
    }
}

#[test]
fn with_its_session_a_permission_ends() {
    for (request, open) in kinds() {
        for by_server in [false, true] {
            let mut pair = Pair::logged_in();
            let (session, theirs) = pair.session();
            let (other, _) = pair.session();
            pair.client.app.request(session, request.clone());
            pair.run();
            let (mine, behind) = comes(&mut pair, &open).expect("it was asked for");
            if by_server {
                pair.server.app.act(theirs, Act::Close);
            } else {
                pair.client.app.act(session, Act::Close);
            }
            pair.run();
            assert_eq!(comes(&mut pair, &open), None, "the other session asked for nothing");
            // What is open already lives on.
            pair.server.app.send(behind, b"still here");
            pair.run();
            assert_eq!(pair.client.app.received(mine, Stream::Main), b"still here");
            // Nor does a new session in the same place inherit it.
            pair.open(&Opens::Session);
            assert_eq!(comes(&mut pair, &open), None);
            pair.client.app.request(other, request.clone());
            pair.run();
            assert!(comes(&mut pair, &open).is_some());
        }
    }
}

/// The application still decides about each.
#[test]
fn the_client_may_refuse_what_it_asked_for() {
    for (request, open) in kinds() {
        let mut pair = Pair::logged_in();
        let (session, _) = pair.session();
        pair.client.app.request(session, request);
        pair.run();
        pair.client.app.manner(|seen| matches!(seen, Seen::Requested { .. }).then_some(Answer::Ignore));
        let theirs = pair.server_open(&open);
        assert!(pair.client.app.saw(|seen| matches!(seen, Seen::Requested { .. })));
        assert!(!pair.server.app.open.contains(&theirs));
    }
}
