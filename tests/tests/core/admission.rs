//! The one gate, held against the reviewed table (`tests/admission.txt`): as a function, and by driving a live connection
//! into each phase and sending it each of the 256 numbers, in both roles.

use sansh::crypto::KexShape;
use sansh::danger::{Admit, Method, Phase, Step, admit};
use sansh::error::Error;
use sansh::message;
use sansh::{Client, Server};
use sansh_testkit::apps::{Answer, App};
use sansh_testkit::raw::{NULL_KEY, NULL_SIGNATURE, Offer, Raw, kexinit, payload};
use sansh_testkit::told::{Attempt, Means, Reply, Seen, Told};
use std::collections::BTreeMap;

const TABLE: &str = include_str!("../../admission.txt");

fn read_table() -> BTreeMap<(String, bool), Vec<Admit>> {
    let mut table = BTreeMap::new();
    for line in TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut words = line.splitn(3, ' ');
        let name = words.next().expect("a phase");
        let rest = line[name.len()..].trim_start();
        let (role, rest) = rest.split_once(' ').expect("a role");
        let mut outcomes = Vec::new();
        for part in rest.trim().split("; ") {
            let (numbers, outcome) = part.trim().split_once(' ').expect("an outcome");
            let (first, last) = numbers.split_once('-').unwrap_or((numbers, numbers));
            let (first, last): (usize, usize) = (first.parse().expect("a number"), last.parse().expect("a number"));
            assert_eq!(first, outcomes.len(), "{line}: a gap");
            assert!(last >= first);
            let outcome = match outcome {
                "allow" => Admit::Allow,
                "ignore" => Admit::Ignore,
                "unimpl" => Admit::Unimplemented,
                end => Admit::End(end.strip_prefix("end ").expect("an outcome").parse().expect("a code")),
            };
            outcomes.resize(last + 1, outcome);
        }
        assert_eq!(outcomes.len(), 256, "{line}");
        let server = match role {
            "server" => true,
            "client" => false,
            other => panic!("no role: {other}"),
        };
        assert!(table.insert((name.to_owned(), server), outcomes).is_none(), "{line}: twice");
    }
    table
}

/// The steps of an exchange of one INIT and one REPLY, and those of one that agrees on a group first.
const STEPS: [(&str, KexShape, Step); 6] = [
    ("guess", KexShape::InitReply, Step::Guess),
    ("exchange", KexShape::InitReply, Step::Exchange),
    ("own", KexShape::InitReply, Step::Own),
    ("newkeys", KexShape::InitReply, Step::NewKeys),
    ("group", KexShape::GroupExchange, Step::Group),
    ("groupexchange", KexShape::GroupExchange, Step::Exchange),
];

/// Every phase, by its name in the table.
fn phases() -> Vec<(String, Phase)> {
    let mut phases = vec![
        ("ident".to_owned(), Phase::Ident),
        ("first-kexinit".to_owned(), Phase::FirstKexInit),
        ("just-after-newkeys".to_owned(), Phase::JustAfterNewKeys),
        ("service".to_owned(), Phase::Service),
        ("auth-idle".to_owned(), Phase::Auth { method: Method::Idle }),
        ("auth-open".to_owned(), Phase::Auth { method: Method::Open }),
        ("auth-probe".to_owned(), Phase::Auth { method: Method::Probe }),
        ("auth-password".to_owned(), Phase::Auth { method: Method::Password }),
        ("auth-interactive".to_owned(), Phase::Auth { method: Method::Interactive }),
        ("open".to_owned(), Phase::Open),
        ("closing".to_owned(), Phase::Closing),
    ];
    for (name, shape, step) in STEPS {
        phases.push((format!("kex-{name}"), Phase::Kex { shape, step, strict: false }));
        phases.push((format!("strict-{name}"), Phase::Kex { shape, step, strict: true }));
        phases.push((format!("rekey-{name}"), Phase::Rekey { shape, step }));
    }
    phases
}

#[test]
fn the_function_is_the_table() {
    let table = read_table();
    let mut seen = 0;
    for (name, phase) in phases() {
        for server in [true, false] {
            // A server has no request of its own open.
            let only_client = matches!(phase, Phase::Auth { method: Method::Open | Method::Probe | Method::Password });
            let Some(row) = table.get(&(name.clone(), server)) else {
                assert!(only_client && server, "the table has no {name} for server: {server}");
                continue;
            };
            seen += 1;
            for number in 0..=255_u8 {
                let got = admit(number, phase, server);
                assert_eq!(got, row[usize::from(number)], "{name}, server: {server}, message {number}");
            }
        }
    }
    assert_eq!(seen, table.len(), "the table has phases that do not exist");
}

/// A connection in this phase. `None`: input waits there, or there is nothing to be in.
fn server_in(name: &str) -> Raw<Server> {
    let mut raw = Raw::server(|config| {
        config.kex("null,null-group").expect("known");
    });
    let (kind, step) = name.split_once('-').unwrap_or((name, ""));
    match name {
        "auth-interactive" => {
            raw.app.manner(|seen| {
                let ask = || Reply::Ask { name: "".into(), instruction: "".into(), prompts: vec![("?".into(), false)] };
                matches!(seen, Seen::Login { .. }).then(|| Answer::Now(ask()))
            });
            raw.to_auth();
            let fields = message::MethodFields(&[0; 8]);
            let method = message::Text("keyboard-interactive");
            raw.send(&payload(&message::UserauthRequest::new(b"user", b"ssh-connection", method, fields)));
        }
        "first-kexinit" => raw.send_ident(),
        "just-after-newkeys" => raw.to_service(true),
        "service" => {
            raw.to_service(true);
            raw.send(&payload(&message::Ignore::new(message::Rest(b""))));
        }
        "auth-idle" => raw.to_auth(),
        "open" => raw.to_open(),
        _ => {
            let strict = kind == "strict";
            if kind == "rekey" {
                raw.to_open();
                raw.app.seen.clear();
            } else {
                raw.send_ident();
            }
            let kex = match (step, strict) {
                ("guess", true) => "other,null,kex-strict-c-v00@openssh.com",
                ("guess", false) => "other,null",
                ("group" | "groupexchange", true) => "null-group,kex-strict-c-v00@openssh.com",
                ("group" | "groupexchange", false) => "null-group",
                (_, true) => "null,kex-strict-c-v00@openssh.com",
                (_, false) => "null",
            };
            if step == "own" {
                raw.app.manner(|seen| matches!(seen, Seen::Sign { .. }).then_some(Answer::Keep));
            }
            raw.send(&kexinit(Offer { kex, follows: step == "guess" }));
            if step == "groupexchange" {
                raw.send(&payload(&message::KexDhGexRequest::new(2048, 4096, 8192)));
            }
            if step == "own" || step == "newkeys" {
                raw.send(&payload(&message::KexEcdhInit::new(&[1; 32])));
            }
        }
    }
    raw
}

fn client_in(name: &str) -> Raw<Client> {
    let mut raw = Raw::client(|config| {
        config.kex(if name.contains("group") { "null-group,null" } else { "null,null-group" }).expect("known");
    });
    let (kind, step) = name.split_once('-').unwrap_or((name, ""));
    match name {
        "first-kexinit" => raw.send_ident(),
        "just-after-newkeys" => raw.to_service(true),
        "service" => {
            raw.to_service(true);
            raw.send(&payload(&message::Ignore::new(message::Rest(b""))));
        }
        "auth-idle" => {
            raw.app.manner(|seen| matches!(seen, Seen::LoginNeeded { .. }).then_some(Answer::Keep));
            raw.to_auth();
        }
        "auth-open" => {
            raw.app.attempts.clear();
            raw.app.attempts.push_back(Attempt { user: "user".into(), with: Means::None });
            raw.to_auth();
        }
        "auth-probe" => {
            raw.app.attempts.clear();
            let with = Means::PublicKey { algorithm: "null".into(), key: NULL_KEY.to_vec(), probe: true };
            raw.app.attempts.push_back(Attempt { user: "user".into(), with });
            raw.to_auth();
        }
        "auth-password" => {
            raw.app.attempts.clear();
            raw.app.password("user", "right");
            raw.to_auth();
        }
        "auth-interactive" => {
            raw.app.attempts.clear();
            let with = Means::Interactive { submethods: String::new() };
            raw.app.attempts.push_back(Attempt { user: "user".into(), with });
            raw.to_auth();
        }
        "open" => raw.to_open(),
        _ => {
            let strict = kind == "strict";
            if kind == "rekey" {
                raw.to_open();
                raw.app.seen.clear();
            } else {
                raw.send_ident();
            }
            let kex = match (step, strict) {
                ("guess", true) => "other,null,kex-strict-s-v00@openssh.com",
                ("guess", false) => "other,null",
                ("group" | "groupexchange", true) => "null-group,kex-strict-s-v00@openssh.com",
                ("group" | "groupexchange", false) => "null-group",
                (_, true) => "null,kex-strict-s-v00@openssh.com",
                (_, false) => "null",
            };
            if step == "own" {
                raw.app.manner(|seen| matches!(seen, Seen::HostKey { .. }).then_some(Answer::Keep));
            }
            raw.send(&kexinit(Offer { kex, follows: step == "guess" }));
            if step == "groupexchange" {
                raw.send(&payload(&message::KexDhGexGroup::new(b"null", b"g")));
            }
            if step == "own" {
                // Another host key than before is asked about at a re-exchange, too.
                raw.reply(b"\0\0\0\x04null-and-more");
            } else if step == "newkeys" {
                raw.reply(NULL_KEY);
            }
        }
    }
    raw
}

fn check<R: Told>(make: impl Fn() -> Raw<R>, name: &str, expected: &[Admit], phase: Phase) {
    for number in 0..=255_u8 {
        let mut raw = make();
        let what = format!("{name}, server: {}, message {number}", R::IS_SERVER);
        assert!(raw.app.end.is_none(), "{what}: never got there: {:?}", raw.app.end);
        assert_eq!(sansh::danger::phase(&raw.conn), phase, "{what}: it is somewhere else");
        raw.take();
        let events = raw.app.seen.len();
        let before = raw.conn.counters().packets_in;
        raw.send(&[number]);
        raw.pump();
        if name.ends_with("-own") {
            // Here the protocol makes the peer wait: nothing behind is looked at until the question is answered.
            assert!(raw.app.end.is_none() && raw.said.is_empty(), "{what}: {:?} {:?}", raw.app.end, raw.said);
            continue;
        }
        let end = raw.app.end.as_ref().map(|end| end.error);
        match expected[usize::from(number)] {
            Admit::Allow => {
                assert!(!matches!(end, Some(Error::Unexpected { .. })), "{what}: {end:?}");
                assert!(!raw.heard(3), "{what}: UNIMPLEMENTED");
                assert!(raw.conn.counters().packets_in > before, "{what}: it was not read");
            }
            Admit::Ignore => {
                assert_eq!(end, None, "{what}");
                assert_eq!(raw.said, Vec::<Vec<u8>>::new(), "{what}");
                assert_eq!(raw.app.seen.len(), events, "{what}: {:?}", &raw.app.seen[events..]);
            }
            Admit::Unimplemented => {
                assert_eq!(end, None, "{what}");
                assert!(raw.said.len() == 1 && raw.heard(3), "{what}: {:?}", raw.said);
                assert_eq!(raw.app.seen.len(), events, "{what}");
            }
            Admit::End(code) => {
                let expected = if number == 3 { Error::Unimplemented } else { Error::Unexpected { number } };
                assert_eq!(end, Some(expected), "{what}");
                assert_eq!(raw.disconnect_code(), Some(code), "{what}");
            }
        }
    }
}

/// arXiv 2509.10895 (study): the automaton that can be learned from a live connection is the one that was reviewed.
#[test]
fn a_live_connection_is_the_table() {
    let table = read_table();
    for (name, phase) in phases() {
        if name == "ident" || name == "closing" {
            // Before its identification a peer sends lines, not messages; behind the end nothing is read: see below.
            continue;
        }
        if let Some(row) = table.get(&(name.clone(), true)) {
            check(|| server_in(&name), &name, row, phase);
        }
        let row = table.get(&(name.clone(), false)).expect("every phase exists on a client");
        check(|| client_in(&name), &name, row, phase);
    }
}

#[test]
fn what_waits_behind_a_decision_is_judged_when_it_is_made() {
    // A NEWKEYS is right behind the server's signature, and anything else is not.
    for (number, right) in [(21, true), (20, false), (50, false), (90, false)] {
        let mut raw = server_in("strict-own");
        raw.send(&[number]);
        assert!(raw.app.end.is_none());
        let question = raw.app.kept.pop_front().expect("the signature");
        let reply = Reply::Signature(Some(NULL_SIGNATURE.to_vec()));
        question.answer(&mut raw.conn, &reply, App::<Server>::meter(&raw.app)).expect("in time");
        raw.pump();
        let end = raw.app.end.as_ref().map(|end| end.error);
        assert_eq!(end, (!right).then_some(Error::Unexpected { number }));
    }
}

#[test]
fn behind_the_end_nothing_is_read() {
    for number in 0..=255_u8 {
        let mut raw = server_in("open");
        raw.conn.disconnect(sansh::Disconnect::default());
        raw.pump();
        assert!(raw.app.end.is_some());
        raw.take();
        assert_eq!(raw.send_bytes(&sansh_testkit::raw::packet(&[number], true)), 0);
        assert_eq!(raw.said, Vec::<Vec<u8>>::new());
    }
}
