//! RFC 4253, sections 10 and 11: services, and the messages of the transport itself.

use crate::hand::{Stand, error, global, init, is_alive, message, numbers, open_server, reply};
use sansh::error::Error;
use sansh::{Client, Server};
use sansh_testkit::raw::{Raw, password, strings};
use sansh_testkit::told::Told;

/// "If the server supports the service (and permits the client to use it), it MUST respond with the following:" the same
/// name; "If the server rejects the service request, it SHOULD send an appropriate SSH_MSG_DISCONNECT message and MUST
/// disconnect." (RFC 4253, section 10)
#[test]
fn a_service_is_accepted_or_the_connection_ends() {
    let mut raw = Server::stand("service");
    raw.send(&message(5, &[&strings(&[b"ssh-userauth"])]));
    assert_eq!(raw.said, [message(6, &[&strings(&[b"ssh-userauth"])])]);
    let long = vec![b'x'; 30_000];
    for name in [b"ssh-connection".as_slice(), b"none-such", b"", b"ssh-userauth\0", b"SSH-USERAUTH", &long] {
        let mut raw = Server::stand("service");
        raw.send(&message(5, &[&strings(&[name])]));
        assert_eq!((error(&raw), raw.disconnect_code()), (Some(Error::Service), Some(7)));
        assert!(!raw.heard(6) && !raw.conn.wants().read);
    }
}

/// "All implementations MUST be able to process this message" "The sender MUST NOT send or receive any data after this
/// message, and the recipient MUST NOT accept any data after receiving this message." (RFC 4253, section 11.1)
#[test]
fn a_disconnect_is_the_last_word() {
    fn check<R: Stand>() {
        for state in R::BEFORE_LOGIN.iter().chain(&["open"]) {
            for body in
                [[numbers(&[11]), strings(&[b"bye", b""])].concat(), [numbers(&[0]), strings(&[b"", b""])].concat()]
            {
                let mut raw = R::stand(state);
                raw.send(&message(1, &[&body]));
                assert!(matches!(error(&raw), Some(Error::Disconnected { .. })), "{state}");
                assert!(raw.said.is_empty() && !raw.conn.wants().read, "{state}: {:?}", raw.said);
                assert_eq!(raw.send_bytes(&sansh_testkit::raw::packet(&global("x@test", true, b""), true)), 0);
            }
        }
        // Of its own: what the application still wants, goes nowhere, and nothing is heard.
        let mut raw = R::stand("open");
        raw.conn.disconnect(sansh::Disconnect::default());
        assert!(raw.conn.global(sansh_testkit::pair::other_global("tell@test", true, b"").lend()).is_err());
        let events = raw.app.seen.len();
        raw.pump();
        assert_eq!(raw.said.iter().map(|said| said[0]).collect::<Vec<_>>(), [1]);
        assert_eq!(raw.app.seen.len(), events + 1);
        assert!(!raw.conn.wants().read);
    }
    check::<Server>();
    check::<Client>();
}

/// "All implementations MUST understand (and ignore) this message at any time (after receiving the identification string)."
/// (RFC 4253, section 11.2) "All implementations MUST understand this message, but they are allowed to ignore it." (RFC 4253,
/// section 11.3): between any two messages of a whole connection, of any size, whatever stands in them.
#[test]
fn ignore_and_debug_come_at_any_time() {
    let sizes = [0, 1, 4, 100, 32_000];
    let ignored = |size: usize| {
        [
            message(2, &[&strings(&[&vec![7; size]])]),
            // A length that is not true: what is ignored is not read.
            message(2, &[&numbers(&[u32::MAX]), &vec![7; size]]),
            message(4, &[&[1], &strings(&[&vec![b'x'; size], b"en"])]),
        ]
    };
    // Without strict key exchange, which forbids them in the first exchange.
    for size in sizes {
        let mut raw = Raw::server(|_| {});
        raw.send_ident();
        let story = [
            sansh_testkit::raw::kexinit(sansh_testkit::raw::Offer { kex: "null", follows: false }),
            init(),
            message(21, &[]),
            message(5, &[&strings(&[b"ssh-userauth"])]),
            password("user", "wrong"),
            password("user", "right"),
            crate::hand::open("session", 3, 1000, 1000, b""),
            sansh_testkit::raw::kexinit(sansh_testkit::raw::Offer { kex: "null", follows: false }),
            init(),
            message(21, &[]),
        ];
        for (n, step) in story.iter().enumerate() {
            for extra in ignored(size) {
                let before = raw.said.len();
                raw.send(&extra);
                assert_eq!((error(&raw), raw.said.len()), (None, before), "{n} {size}: {extra:?}");
            }
            raw.send(step);
            raw.keyed |= step[0] == 21;
        }
        assert!(raw.app.is_ready() && is_alive(&mut raw), "{size}");
        let mut raw = Raw::client(|_| {});
        raw.send_ident();
        let story = [
            sansh_testkit::raw::kexinit(sansh_testkit::raw::Offer { kex: "null", follows: false }),
            reply(),
            message(21, &[]),
            message(6, &[&strings(&[b"ssh-userauth"])]),
            message(52, &[]),
        ];
        for step in &story {
            for extra in ignored(size) {
                raw.send(&extra);
                assert_eq!(error(&raw), None);
            }
            raw.send(step);
            raw.keyed |= step[0] == 21;
        }
        assert!(raw.app.is_ready() && is_alive(&mut raw), "{size}");
    }
}

/// "An implementation MUST respond to all unrecognized messages with an SSH_MSG_UNIMPLEMENTED message in the order in which
/// the messages were received." "Such messages MUST be otherwise ignored." (RFC 4253, section 11.4)
#[test]
fn unknown_messages_are_answered_in_order() {
    fn check<R: Told>(mut raw: Raw<R>, first: u32) {
        let unknown: Vec<u8> =
            (8..20).chain(22..30).chain(83..90).chain(101..192).chain(194..=255).chain([0]).collect();
        for (n, number) in (0_u32..).zip(&unknown) {
            let (phase, events) = (sansh::danger::phase(&raw.conn), raw.app.seen.len());
            raw.take();
            raw.send(&[*number, 1, 2, 3, 4, 5]);
            assert_eq!(raw.said, [message(3, &[&numbers(&[first + n])])], "{number}");
            assert_eq!((sansh::danger::phase(&raw.conn), raw.app.seen.len()), (phase, events), "{number}");
        }
        // Several before any is answered.
        raw.take();
        raw.reads = false;
        let at = first + u32::try_from(unknown.len()).expect("few");
        for number in [200, 201, 202] {
            raw.send(&[number]);
        }
        raw.reads = true;
        raw.pump();
        let expected: Vec<_> = (at..at + 3).map(|n| message(3, &[&numbers(&[n])])).collect();
        assert_eq!(raw.said, expected);
        assert!(is_alive(&mut raw));
    }
    // Numbers count from NEWKEYS: SERVICE_REQUEST and the login were 0 and 1; SERVICE_ACCEPT and SUCCESS as well.
    check(open_server(), 2);
    check(Client::stand("open"), 2);
}
