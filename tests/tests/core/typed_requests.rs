//! Everything that has a type of its own comes out as it went in, from the side that may send it, and from no other.

use sansh::channel::tun::Layer;
use sansh::channel::{Channel, Modes, Size};
use sansh::error::Error;
use sansh_testkit::apps::{Answer, Prompt};
use sansh_testkit::net::Weather;
use sansh_testkit::pair::{Builder, Pair, other_global};
use sansh_testkit::raw::{NULL, strings};
use sansh_testkit::told::{Globals, Opens, Reply, Requests, Seen};

const SIZE: Size = Size { columns: 80, rows: u32::MAX, width: 0, height: 7 };

fn pty(modes: &[(u8, u32)]) -> Requests {
    Requests::Pty { term: b"xterm".to_vec(), size: SIZE, modes: modes.to_vec() }
}

/// What a client asks for on a session; all but the last one or two leave room for the program.
fn of_clients() -> Vec<Requests> {
    vec![
        Requests::Env(b"LANG".to_vec(), b"\xff\0".to_vec()),
        pty(&[(Modes::VERASE, 127), (Modes::IUTF8, 1), (Modes::ECHO, 0), (Modes::TTY_OP_OSPEED, u32::MAX)]),
        pty(&[]),
        Requests::WindowChange(SIZE),
        Requests::Signal(b"INFO".to_vec()),
        Requests::Break(0),
        Requests::Break(u32::MAX),
        Requests::EndOfWrite,
        Requests::X11 {
            single_connection: true,
            protocol: b"MIT-MAGIC-COOKIE-1".to_vec(),
            cookie: b"c001e".to_vec(),
            screen: 3,
        },
        Requests::AuthAgent,
        Requests::Shell,
    ]
}

fn of_servers() -> Vec<Requests> {
    vec![
        Requests::XonXoff(true),
        Requests::XonXoff(false),
        Requests::EndOfWrite,
        Requests::ExitStatus(u32::MAX),
        Requests::ExitSignal { signal: b"TERM".to_vec(), core_dumped: false, message: b"bye".to_vec() },
    ]
}

#[test]
fn requests_come_out_as_they_went_in() {
    for weather in [Weather::default(), Weather::one_byte(), Weather::random()] {
        for prompt in [Prompt::Now, Prompt::Either] {
            let mut pair = Pair::builder().weather(weather).logged_in();
            (pair.client.app.prompt, pair.server.app.prompt) = (prompt, prompt);
            let (mine, theirs) = pair.session();
            for rekeys in [false, true] {
                if rekeys {
                    pair.client.conn.rekey();
                }
                let before = (pair.server.app.requests(theirs).len(), pair.client.app.requests(mine).len());
                // The one program is the last, and started once.
                let clients: Vec<Requests> =
                    of_clients().into_iter().filter(|request| rekeys || *request != Requests::Shell).collect();
                clients.iter().for_each(|request| pair.client.app.request(mine, request.clone()));
                of_servers().iter().for_each(|request| pair.server.app.request(theirs, request.clone()));
                pair.run();
                assert_eq!(pair.server.app.requests(theirs)[before.0..], clients);
                assert_eq!(pair.client.app.requests(mine)[before.1..], of_servers());
            }
            let wanting = of_clients().iter().filter(|request| request.wants_reply()).count();
            assert_eq!(pair.client.app.replies(mine), vec![true; 2 * wanting - 1]);
        }
    }
}

#[test]
fn each_program_comes_out_as_it_went_in() {
    for request in [Requests::Shell, Requests::Exec(b"a\0b".to_vec()), Requests::Subsystem(b"sftp".to_vec())] {
        let mut pair = Pair::logged_in();
        let (mine, theirs) = pair.session();
        pair.client.app.request(mine, request.clone());
        pair.run();
        assert_eq!(pair.server.app.requests(theirs), [request]);
        assert_eq!(pair.client.app.replies(mine), [true]);
    }
}

/// eow@openssh.com never has an answer, and closes nothing.
#[test]
fn who_reads_no_more_may_still_write() {
    let mut pair = Pair::logged_in();
    let (mine, theirs) = pair.session();
    pair.client.app.request(mine, Requests::EndOfWrite);
    pair.server.app.request(theirs, Requests::EndOfWrite);
    pair.client.app.send(mine, b"up");
    pair.server.app.send(theirs, b"down");
    pair.run();
    assert!(
        pair.server.app.saw(|seen| matches!(seen, Seen::Request { request: Requests::EndOfWrite, asked: false, .. }))
    );
    assert_eq!(pair.server.app.received(theirs, sansh::channel::Stream::Main), b"up");
    assert_eq!(pair.client.app.received(mine, sansh::channel::Stream::Main), b"down");
    assert_eq!((pair.client.app.replies(mine).len(), pair.server.app.replies(theirs).len()), (0, 0));
}

/// "Opcodes 160 to 255 are not yet defined, and cause parsing to stop" (RFC 4254, section 8).
#[test]
fn modes_are_read_as_far_as_they_can_be() {
    let mut pair = Builder::new(&NULL).logged_in();
    let (_, theirs) = pair.session();
    let body = |modes: &[u8]| [&strings(&[b"vt100"])[..], &[0; 16], &strings(&[modes])].concat();
    for (modes, read) in [
        (&b"\x35\0\0\0\x01\x03\0\0\0\x7f\0"[..], vec![(53, 1), (3, 127)]),
        (b"\x35\0\0\0\x01\xa0\0\0\0\x05\x03\0\0\0\x7f\0", vec![(53, 1)]),
        (b"\0\x35\0\0\0\x01", vec![]),
        (b"\x35\0\0\0\x01\x03\0\0", vec![(53, 1)]),
        (b"", vec![]),
    ] {
        sansh::danger::send_payload(&mut pair.client.conn, &request(0, "pty-req", false, &body(modes)));
        pair.run();
        let got = pair.server.app.requests(theirs).pop();
        let expected = Requests::Pty { term: b"vt100".to_vec(), size: Size::default(), modes: read };
        assert_eq!(got, Some(expected), "{modes:?}");
    }
}

#[test]
fn requests_of_the_wrong_side_are_refused_unseen() {
    let mut pair = Pair::logged_in();
    let (mine, theirs) = pair.session();
    let of_both = |request: &Requests| *request == Requests::EndOfWrite;
    for wrong in of_clients().into_iter().filter(|request| !of_both(request)) {
        pair.server.app.request(theirs, wrong);
    }
    for wrong in of_servers().into_iter().filter(|request| !of_both(request)) {
        pair.client.app.request(mine, wrong);
    }
    pair.run();
    assert_eq!(pair.client.app.requests(mine), []);
    assert_eq!(pair.server.app.requests(theirs), []);
    let wanting = of_clients().iter().filter(|request| request.wants_reply()).count();
    assert_eq!(pair.server.app.replies(theirs), vec![false; wanting]);
    assert!(pair.client.app.end.is_none() && pair.server.app.end.is_none());
}

fn opens() -> Vec<(Opens, bool)> {
    let (host, originator) = (b"service.example".to_vec(), b"192.0.2.1".to_vec());
    vec![
        (Opens::Session, true),
        (Opens::DirectTcpip { host: host.clone(), port: 80, originator: originator.clone(), originator_port: 1 }, true),
        (Opens::DirectStreamlocal { path: b"/run/x".to_vec() }, true),
        (Opens::Tun { layer: Layer::Three, unit: None }, true),
        (Opens::Tun { layer: Layer::Two, unit: Some(5) }, true),
        (Opens::ForwardedTcpip { address: host, port: 80, originator: originator.clone(), originator_port: 1 }, false),
        (Opens::ForwardedStreamlocal { path: b"/run/y".to_vec() }, false),
        (Opens::X11 { originator, originator_port: 6010 }, false),
        (Opens::AuthAgent, false),
    ]
}

#[test]
fn channels_come_out_as_they_went_in_from_the_side_that_may_open_them() {
    for weather in [Weather::default(), Weather::random()] {
        let mut pair = Pair::builder().weather(weather).logged_in();
        // The server may open what the client asked for.
        let session = pair.open(&Opens::Session);
        let x11 = Requests::X11 { single_connection: false, protocol: vec![], cookie: vec![], screen: 0 };
        pair.client.app.request(session, x11);
        pair.client.app.request(session, Requests::AuthAgent);
        pair.client.app.global(Globals::TcpipForward { address: b"service.example".to_vec(), port: 80 });
        pair.client.app.global(Globals::StreamlocalForward { path: b"/run/y".to_vec() });
        pair.run();
        for (open, clients) in opens() {
            let asked = |app: &sansh_testkit::apps::Actor| {
                app.count(|seen| matches!(seen, Seen::Requested { open: o, .. } if *o == open))
            };
            let before = (asked(&pair.server.app), asked(&pair.client.app));
            let mine = pair.open(&open);
            assert_eq!(pair.client.app.open.contains(&mine), clients, "{open:?}");
            assert_eq!(asked(&pair.server.app) - before.0, usize::from(clients), "{open:?}");
            let theirs = pair.server_open(&open);
            assert_eq!(pair.server.app.open.contains(&theirs), !clients, "{open:?}");
            assert_eq!(asked(&pair.client.app) - before.1, usize::from(!clients), "{open:?}");
            if clients {
                let prohibited = Seen::Refused { channel: theirs, reason: 1, text: Vec::new() };
                assert!(pair.server.app.saw(|seen| *seen == prohibited), "{open:?}");
            }
        }
    }
}

fn of_client_globals() -> Vec<Globals> {
    vec![
        Globals::TcpipForward { address: b"".to_vec(), port: 8022 },
        Globals::CancelTcpipForward { address: b"".to_vec(), port: 8022 },
        Globals::StreamlocalForward { path: b"/run/x".to_vec() },
        Globals::CancelStreamlocalForward { path: b"/run/x".to_vec() },
    ]
}

#[test]
fn globals_come_out_as_they_went_in_from_the_side_that_may_send_them() {
    let keys = strings(&[b"one key", b"another"]);
    for prompt in [Prompt::Now, Prompt::Either] {
        let mut pair = Pair::builder().logged_in();
        (pair.client.app.prompt, pair.server.app.prompt) = (prompt, prompt);
        of_client_globals().into_iter().for_each(|global| pair.client.app.global(global));
        pair.client.app.global(Globals::NoMoreSessions);
        pair.server.app.global(Globals::HostKeys(keys.clone()));
        // Each from the other side as well.
        of_client_globals().into_iter().for_each(|global| pair.server.app.global(global));
        pair.client.app.global(Globals::HostKeys(keys.clone()));
        pair.run();
        let told = |app: &sansh_testkit::apps::Actor| -> Vec<Globals> {
            let global =
                |seen: &Seen| if let Seen::Global { request, .. } = seen { Some(request.clone()) } else { None };
            app.seen.iter().filter_map(global).collect()
        };
        assert_eq!(told(&pair.server.app), [of_client_globals(), vec![Globals::NoMoreSessions]].concat());
        assert_eq!(told(&pair.client.app), [Globals::HostKeys(keys.clone())]);
        let refused = vec![(false, Vec::new()); 4];
        assert_eq!(pair.server.app.global_replies(), refused);
        assert_eq!(pair.client.app.global_replies(), vec![(true, Vec::new()); 4]);
    }
}

#[test]
fn what_has_no_name_here_is_refused_both_ways() {
    let mut pair = Pair::logged_in();
    let (mine, theirs) = pair.session();
    pair.client.app.other(mine, "eow@example.com", true);
    pair.server.app.other(theirs, "keepalive@openssh.com", true);
    pair.client.app.global(other_global("hostkeys-01@openssh.com", true, b""));
    pair.server.app.global(other_global("hostkeys-00", true, b""));
    pair.run();
    assert_eq!((pair.client.app.replies(mine), pair.server.app.replies(theirs)), (vec![false], vec![false]));
    assert_eq!(pair.client.app.global_replies(), [(false, Vec::new())]);
    assert_eq!(pair.server.app.global_replies(), [(false, Vec::new())]);
}

// ---- Bodies that cannot be read.

fn request(channel: u32, name: &str, want_reply: bool, body: &[u8]) -> Vec<u8> {
    [&[98], &channel.to_be_bytes()[..], &strings(&[name.as_bytes()]), &[u8::from(want_reply)], body].concat()
}

fn global(name: &str, body: &[u8]) -> Vec<u8> {
    [&[80], &strings(&[name.as_bytes()])[..], &[1], body].concat()
}

fn open(kind: &str, body: &[u8]) -> Vec<u8> {
    [&[90], &strings(&[kind.as_bytes()])[..], &[0, 0, 0, 9, 0, 0, 0x10, 0, 0, 0, 0x10, 0], body].concat()
}

/// What comes of a payload from the client to a server with one session: an end by the server, or none.
fn came_of(payload: &[u8]) -> Option<Error> {
    let mut pair: Pair = Builder::new(&NULL).trace(0).logged_in();
    let (_, _): (Channel, Channel) = pair.session();
    pair.server.app.manner(|seen| {
        matches!(seen, Seen::Requested { .. }).then_some(Answer::Now(Reply::Refuse { reason: 1, text: vec![] }))
    });
    sansh::danger::send_payload(&mut pair.client.conn, payload);
    pair.settle();
    // The client did not send it, so a reply may be too much for it.
    pair.server.app.end.map(|end| end.error).filter(|error| !matches!(error, Error::Disconnected { .. }))
}

#[test]
fn a_body_too_short_or_too_long_ends_the_connection() {
    let number = |n: u32| n.to_be_bytes().to_vec();
    let size = vec![0; 16];
    let bodies = [
        ("shell", vec![]),
        ("exec", strings(&[b"c"])),
        ("subsystem", strings(&[b"s"])),
        ("env", strings(&[b"n", b"v"])),
        ("pty-req", [strings(&[b"t"]), size.clone(), strings(&[b"\0"])].concat()),
        ("window-change", size),
        ("signal", strings(&[b"TERM"])),
        ("break", number(500)),
        ("eow@openssh.com", vec![]),
        ("x11-req", [vec![1], strings(&[b"p", b"c"]), number(0)].concat()),
        ("auth-agent-req@openssh.com", vec![]),
        ("exit-status", number(1)),
        ("exit-signal", [strings(&[b"TERM"]), vec![0], strings(&[b"m", b""])].concat()),
        ("xon-xoff", vec![1]),
    ];
    for (name, body) in bodies {
        check(98, name, &body, |body| request(0, name, true, body));
    }
    let address = |port: u32| [strings(&[b"h"]), number(port)].concat();
    for (name, body) in [
        ("tcpip-forward", address(1)),
        ("cancel-tcpip-forward", address(1)),
        ("streamlocal-forward@openssh.com", strings(&[b"/p"])),
        ("cancel-streamlocal-forward@openssh.com", strings(&[b"/p"])),
        ("no-more-sessions@openssh.com", vec![]),
    ] {
        check(80, name, &body, |body| global(name, body));
    }
    let addresses = [address(1), address(2)].concat();
    for (kind, body) in [
        ("session", vec![]),
        ("direct-tcpip", addresses.clone()),
        ("forwarded-tcpip", addresses),
        ("direct-streamlocal@openssh.com", [strings(&[b"/p", b""]), number(0)].concat()),
        ("forwarded-streamlocal@openssh.com", strings(&[b"/p", b""])),
        ("x11", address(1)),
        ("auth-agent@openssh.com", vec![]),
        ("tun@openssh.com", [number(1), number(0x7fff_ffff)].concat()),
    ] {
        check(90, kind, &body, |body| open(kind, body));
    }
}

fn check(number: u8, name: &str, body: &[u8], payload: impl Fn(&[u8]) -> Vec<u8>) {
    assert_eq!(came_of(&payload(body)), None, "{name}, as it should be");
    let malformed = |error: Option<Error>| matches!(error, Some(Error::Malformed { number: n, .. }) if n == number);
    let longer = came_of(&payload(&[body, &[0]].concat()));
    assert!(malformed(longer), "{name}, one byte too long: {longer:?}");
    for end in 0..body.len() {
        let shorter = came_of(&payload(&body[..end]));
        assert!(malformed(shorter), "{name}, {end} of {} bytes: {shorter:?}", body.len());
    }
}

#[test]
fn a_tunnel_of_no_known_layer_ends_the_connection() {
    for layer in [0_u32, 3, u32::MAX] {
        let ended = came_of(&open("tun@openssh.com", &[layer.to_be_bytes(), [0; 4]].concat()));
        assert!(matches!(ended, Some(Error::Malformed { number: 90, .. })), "{layer}: {ended:?}");
    }
}
