//! First packets that are sent before it is known whether they are right (RFC 4253, section 7).

use crate::hand::{Stand, error, init, is_alive, kexinit_of, message, null_lists, reply};
use sansh::error::Error;
use sansh::{Client, Server};
use sansh_testalloc::read;
use sansh_testkit::raw::{Raw, payload};
use sansh_testkit::told::{Seen, Told};

/// A wrong guess of the method, and of the host key alone: the latter's packet would fit.
const WRONG: [(&[u8], &[u8]); 2] = [(b"other,null", b"null"), (b"null", b"other,null")];

fn guess(kex: &[u8], host_key: &[u8]) -> Vec<u8> {
    kexinit_of(&null_lists(kex, host_key), true)
}

/// How often a signature was asked for, or a host key shown.
fn exchanges<R: Told>(raw: &Raw<R>) -> usize {
    raw.app.count(|seen| matches!(seen, Seen::Sign { .. } | Seen::HostKey { .. }))
}

/// russh #733: behind a wrong guess exactly one packet is ignored, whatever it says; the next one counts.
#[test]
fn exactly_one_packet_is_ignored() {
    for (kex, host_key) in WRONG {
        for first in [init(), message(30, &[]), message(34, &[&[0; 12]]), message(49, &[&[7; 100]])] {
            let mut raw = Raw::server(|_| {});
            raw.send_ident();
            raw.send(&guess(kex, host_key));
            raw.send(&first);
            assert_eq!((error(&raw), exchanges(&raw)), (None, 0), "it was ignored");
            raw.send(&init());
            assert_eq!((error(&raw), exchanges(&raw)), (None, 1), "this one was not");
            // A second one behind it is one too many.
            raw.send(&init());
            assert_eq!(error(&raw), Some(Error::Unexpected { number: 30 }));
        }
        let mut raw = Raw::client(|_| {});
        raw.send_ident();
        raw.send(&guess(kex, host_key));
        raw.send(&reply());
        assert_eq!((error(&raw), exchanges(&raw)), (None, 0));
        raw.send(&reply());
        assert_eq!((error(&raw), exchanges(&raw)), (None, 1));
        raw.send(&reply());
        assert_eq!(error(&raw), Some(Error::Unexpected { number: 31 }));
    }
}

/// russh #733: two packets behind a wrong guess: the second is the exchange's, and has to be right.
#[test]
fn the_second_packet_has_to_be_right() {
    for (kex, host_key) in WRONG {
        let mut raw = Raw::server(|_| {});
        raw.send_ident();
        raw.send(&guess(kex, host_key));
        raw.send(&message(30, &[]));
        raw.send(&message(30, &[]));
        assert!(matches!(error(&raw), Some(Error::Malformed { number: 30, .. })), "{:?}", error(&raw));
    }
}

/// russh #733: a right guess is the exchange's first packet; and no packet follows a KEXINIT that promises none.
#[test]
fn a_right_guess_is_used() {
    for follows in [true, false] {
        let mut raw = Raw::server(|_| {});
        raw.send_ident();
        raw.send(&kexinit_of(&null_lists(b"null,other", b"null,other"), follows));
        raw.send(&init());
        assert_eq!((error(&raw), exchanges(&raw)), (None, 1));
        assert!(raw.heard(31));
    }
    // Wrong first names without a guess: nothing is ignored.
    for (kex, host_key) in WRONG {
        let mut raw = Raw::server(|_| {});
        raw.send_ident();
        raw.send(&kexinit_of(&null_lists(kex, host_key), false));
        raw.send(&init());
        assert_eq!((error(&raw), exchanges(&raw)), (None, 1));
    }
}

/// russh #733: only a packet of the exchange is the guess; anything else behind the KEXINIT is judged as it is.
#[test]
fn nothing_else_is_taken_for_the_guess() {
    for stranger in [message(21, &[]), message(5, &[&[0; 4]]), message(50, &[]), guess(b"null", b"null")] {
        let mut raw = Raw::server(|_| {});
        raw.send_ident();
        raw.send(&guess(b"other,null", b"null"));
        raw.send(&stranger);
        assert_eq!(error(&raw), Some(Error::Unexpected { number: stranger[0] }));
    }
}

/// One re-exchange of a server with a wrong guess.
fn re_exchange(raw: &mut Raw<Server>, kex: &[u8], host_key: &[u8]) {
    raw.send(&guess(kex, host_key));
    raw.send(&payload(&sansh::message::KexEcdhInit::new(&[9; 500])));
    raw.send(&init());
    raw.send(&message(21, &[]));
    assert_eq!(error(raw), None);
}

/// CVE-2023-1667: the same in a re-exchange, in both roles.
#[test]
fn a_guess_in_a_re_exchange() {
    for (kex, host_key) in WRONG {
        let mut raw = Server::stand("open");
        let before = exchanges(&raw);
        re_exchange(&mut raw, kex, host_key);
        assert_eq!(exchanges(&raw), before + 1);
        assert!(is_alive(&mut raw));

        let mut raw = Client::stand("open");
        raw.send(&guess(kex, host_key));
        raw.send(&message(31, &[&[9; 50]]));
        raw.send(&reply());
        raw.send(&message(21, &[]));
        assert_eq!(raw.conn.counters().exchanges, 2);
        assert!(is_alive(&mut raw));
    }
}

/// CVE-2025-8277: a thousand wrong guesses in a thousand re-exchanges leave nothing behind.
#[test]
fn a_thousand_wrong_guesses_leave_nothing_behind() {
    let mut raw = Server::stand("open");
    let mut live = None;
    for n in 0..1000 {
        let (kex, host_key) = WRONG[n % 2];
        re_exchange(&mut raw, kex, host_key);
        raw.take();
        raw.app.seen.clear();
        if n == 20 {
            live = Some(read(0).live);
        }
    }
    assert_eq!(raw.conn.counters().exchanges, 1001);
    assert_eq!(Some(read(0).live), live, "bytes that the connection holds after 20 and after 1,000");
    assert!(read(0).live > 0, "something is counted");
}
