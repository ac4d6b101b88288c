//! OpenSSH PROTOCOL, section 2.4: Unix sockets, forwarded as ports are.

use sansh::SendError;
use sansh::channel::Stream;
use sansh_testkit::apps::{Answer, Prompt};
use sansh_testkit::pair::Pair;
use sansh_testkit::told::{Globals, Opens, Reply, Seen};

fn forward(path: &[u8]) -> Globals {
    Globals::StreamlocalForward { path: path.to_vec() }
}

fn cancel(path: &[u8]) -> Globals {
    Globals::CancelStreamlocalForward { path: path.to_vec() }
}

fn forwarded(path: &[u8]) -> Opens {
    Opens::ForwardedStreamlocal { path: path.to_vec() }
}

fn comes(pair: &mut Pair, open: &Opens) -> bool {
    let before = pair.client.app.count(|seen| matches!(seen, Seen::Requested { .. }));
    let theirs = pair.server_open(open);
    let heard = pair.client.app.count(|seen| matches!(seen, Seen::Requested { .. })) > before;
    assert_eq!(heard, pair.server.app.open.contains(&theirs), "{}", pair.dump());
    heard
}

#[test]
fn a_socket_is_asked_for_used_and_cancelled() {
    for prompt in [Prompt::Now, Prompt::Later] {
        let mut pair = Pair::logged_in();
        pair.server.app.prompt = prompt;
        pair.client.app.global(forward(b"/run/service"));
        pair.run();
        assert_eq!(pair.client.app.global_replies(), [(true, Vec::new())]);
        pair.client.conn.rekey();
        pair.run();
        let theirs = pair.server_open(&forwarded(b"/run/service"));
        let mine = pair.client.app.asked_for();
        pair.server.app.send(theirs, b"a visitor");
        pair.client.app.send(mine, b"an answer");
        pair.run();
        assert_eq!(pair.client.app.received(mine, Stream::Main), b"a visitor");
        assert_eq!(pair.server.app.received(theirs, Stream::Main), b"an answer");
        pair.client.app.global(cancel(b"/run/service"));
        pair.run();
        assert!(!comes(&mut pair, &forwarded(b"/run/service")), "it was cancelled");
        pair.server.app.send(theirs, b" stays");
        pair.run();
        assert_eq!(pair.client.app.received(mine, Stream::Main), b"a visitor stays");
    }
}

#[test]
fn only_the_very_path_comes() {
    let mut pair = Pair::logged_in();
    pair.client.app.global(forward(b"/run/service"));
    pair.run();
    for other in [&b""[..], b"/run", b"/run/service/", b"/run/servic", b"/run/service\0", b"/RUN/SERVICE"] {
        assert!(!comes(&mut pair, &forwarded(other)), "{}", other.escape_ascii());
    }
    assert!(comes(&mut pair, &forwarded(b"/run/service")));
}

#[test]
fn a_socket_is_no_port_and_a_port_no_socket() {
    let tcp = |address: &[u8], port| Opens::ForwardedTcpip {
        address: address.to_vec(),
        port,
        originator: b"o".to_vec(),
        originator_port: 1,
    };
    let mut pair = Pair::logged_in();
    pair.client.app.global(forward(b"name"));
    pair.run();
    assert!(!comes(&mut pair, &tcp(b"name", 0)) && !comes(&mut pair, &tcp(b"name", 80)));
    let mut pair = Pair::logged_in();
    pair.client.app.global(Globals::TcpipForward { address: b"name".to_vec(), port: 80 });
    pair.run();
    assert!(!comes(&mut pair, &forwarded(b"name")));
    // Nor does the one's cancellation take the other away.
    pair.client.app.global(cancel(b"name"));
    pair.run();
    assert!(comes(&mut pair, &tcp(b"name", 80)));
}

#[test]
fn what_was_refused_or_only_asked_does_not_come() {
    let mut pair = Pair::logged_in();
    pair.server.app.manner(|seen| matches!(seen, Seen::Global { .. }).then_some(Answer::Now(Reply::No)));
    pair.client.app.global(forward(b"/run/x"));
    pair.run();
    assert!(!comes(&mut pair, &forwarded(b"/run/x")));
    pair.server.app.manner(|seen| matches!(seen, Seen::Global { .. }).then_some(Answer::Keep));
    pair.client.app.global(forward(b"/run/x"));
    pair.run();
    assert!(!comes(&mut pair, &forwarded(b"/run/x")));
    pair.server.answer(&Reply::Yes);
    pair.run();
    assert!(comes(&mut pair, &forwarded(b"/run/x")));
    // A cancellation that is refused cancels nothing.
    pair.server.app.manner(|seen| matches!(seen, Seen::Global { .. }).then_some(Answer::Now(Reply::No)));
    pair.client.app.global(cancel(b"/run/x"));
    pair.run();
    assert!(comes(&mut pair, &forwarded(b"/run/x")));
}

#[test]
fn paths_have_a_length_and_sockets_a_number() {
    let mut pair = Pair::builder().limits(|limits| limits.forwards = 1).logged_in();
    let long = vec![b'x'; 109];
    assert_eq!(pair.client.conn.global(forward(&long).lend()), Err(SendError::TooLong));
    pair.client.app.global(forward(&long[1..]));
    pair.run();
    assert!(comes(&mut pair, &forwarded(&long[1..])));
    assert_eq!(pair.client.conn.global(forward(b"/run/x").lend()), Err(SendError::Limit));
}
