//! The corpus of the fuzz targets: it is what the scripted sessions make, it runs, and it reaches every event and every
//! phase. `SANSH_BLESS=1` writes it anew.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    clippy::type_complexity,
    reason = "a test, which allocates as it likes"
)]

use sansh::fuzzing::{self, Seen};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target)
}

/// The targets whose runs say what they saw, and the others.
const SESSIONS: [(&str, fn(&[u8]) -> Seen); 4] = [
    ("server_before_login", fuzzing::server_before_login),
    ("client_before_login", fuzzing::client_before_login),
    ("server_after_login", fuzzing::server_after_login),
    ("client_after_login", fuzzing::client_after_login),
];
const PARSERS: [(&str, fn(&[u8])); 6] = [
    ("messages", fuzzing::messages),
    ("files", fuzzing::files),
    ("keys", fuzzing::keys),
    ("private_keys", fuzzing::private_keys),
    ("certificates", fuzzing::certificates),
    ("agent", fuzzing::agent),
];

/// Everything that a corpus has to reach. An event or phase that is not here has to be added.
const REACHED: &[(&str, &[&str])] = &[
    (
        "client event",
        &[
            "(a window has grown)",
            "Banner",
            "Closed",
            "HostKey",
            "LoginNeeded",
            "PasswordExpired",
            "Prompts",
            "Ready",
            "Room",
            "Sign HostBased",
            "Sign Login",
        ],
    ),
    (
        "server event",
        &[
            "(a window has grown)",
            "Closed",
            "KeyQuery",
            "Login HostBased",
            "Login Interactive",
            "Login NewPassword",
            "Login None",
            "Login Other",
            "Login Password",
            "Login PublicKey",
            "Login PublicKey host-bound",
            "Login answers",
            "Ready",
            "Room",
            "Sign HostKeyProof",
            "Sign KeyExchange",
        ],
    ),
    (
        "client channel",
        &[
            "Closed",
            "Data Main",
            "Data Stderr",
            "Eof",
            "Opened",
            "Refused",
            "Replied",
            "Request",
            "Requested",
            "Writable",
        ],
    ),
    // Stderr goes to the client only (RFC 4254, section 5.2).
    (
        "server channel",
        &["Closed", "Data Main", "Eof", "Opened", "Refused", "Replied", "Request", "Requested", "Writable"],
    ),
    ("client global", &["Proofs", "Replied", "Requested"]),
    ("server global", &["Replied", "Requested"]),
    (
        "open",
        &[
            "AuthAgent",
            "DirectStreamlocal",
            "DirectTcpip",
            "ForwardedStreamlocal",
            "ForwardedTcpip",
            "Other",
            "Session",
            "Tun",
            "X11",
        ],
    ),
    (
        "request",
        &[
            "AuthAgent",
            "Break",
            "EndOfWrite",
            "Env",
            "Exec",
            "ExitSignal",
            "ExitStatus",
            "Other",
            "Pty",
            "Shell",
            "Signal",
            "Subsystem",
            "WindowChange",
            "X11",
            "XonXoff",
        ],
    ),
    // A server's machine answers HostKeysProve by itself; heard of is only one that wants no answer.
    (
        "global",
        &[
            "CancelStreamlocalForward",
            "CancelTcpipForward",
            "HostKeys",
            "HostKeysProve",
            "NoMoreSessions",
            "Other",
            "StreamlocalForward",
            "TcpipForward",
        ],
    ),
    (
        "client phase",
        &[
            "Auth Idle",
            "Auth Interactive",
            "Auth Open",
            "Auth Password",
            "Auth Probe",
            "Closing",
            "FirstKexInit",
            "Ident",
            "JustAfterNewKeys",
            "Kex Exchange",
            "Kex Exchange strict",
            "Kex Group",
            "Kex Group strict",
            "Kex Guess",
            "Kex Guess strict",
            "Kex NewKeys",
            "Kex NewKeys strict",
            "Kex Own",
            "Kex Own strict",
            "Open",
            "Rekey Exchange",
            "Rekey Group",
            "Rekey Guess",
            "Rekey NewKeys",
            "Rekey Own",
            "Service",
        ],
    ),
    // A server has no request of its own open; only its questions are.
    (
        "server phase",
        &[
            "Auth Idle",
            "Auth Interactive",
            "Closing",
            "FirstKexInit",
            "Ident",
            "JustAfterNewKeys",
            "Kex Exchange",
            "Kex Exchange strict",
            "Kex Group",
            "Kex Group strict",
            "Kex Guess",
            "Kex Guess strict",
            "Kex NewKeys",
            "Kex NewKeys strict",
            "Kex Own",
            "Kex Own strict",
            "Open",
            "Rekey Exchange",
            "Rekey Group",
            "Rekey Guess",
            "Rekey NewKeys",
            "Rekey Own",
            "Service",
        ],
    ),
];

fn inputs(target: &str) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder(target)).unwrap_or_else(|error| panic!("{target}: {error}"));
    let files = entries.map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        files.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap())).collect();
    files.sort();
    files
}

#[test]
fn the_corpus_reaches_every_event_and_every_phase() {
    bless();
    let mut seen = Seen::new();
    for (target, run) in SESSIONS {
        for (name, bytes) in inputs(target) {
            println!("{target}/{name}");
            seen.extend(run(&bytes));
        }
    }
    let wanted: Seen = REACHED.iter().flat_map(|(place, names)| names.iter().map(|name| (*place, *name))).collect();
    let missing: Vec<_> = wanted.difference(&seen).collect();
    assert!(missing.is_empty(), "the corpus does not reach {missing:?}");
    let unlisted: Vec<_> = seen.difference(&wanted).collect();
    assert!(unlisted.is_empty(), "not in the list of this test: {unlisted:?}");
}

#[test]
fn the_parsers_take_their_corpus() {
    bless();
    for (target, run) in PARSERS {
        for (name, bytes) in inputs(target) {
            println!("{target}/{name}");
            run(&bytes);
        }
    }
}

#[test]
fn the_corpus_is_small_and_is_what_the_sessions_make() {
    bless();
    let seeds = fuzzing::seeds();
    for target in SESSIONS.iter().map(|target| target.0).chain(PARSERS.iter().map(|target| target.0)) {
        let files = inputs(target);
        assert!(!files.is_empty() && files.len() <= 160, "{target}: {} files", files.len());
        for (name, bytes) in &files {
            assert!(bytes.len() <= 4096, "{target}/{name}: {} bytes", bytes.len());
        }
        for (_, name, bytes) in seeds.iter().filter(|seed| seed.0 == target) {
            let file = files.iter().find(|file| file.0 == *name);
            assert!(file.is_some_and(|file| file.1 == *bytes), "{target}/{name} is another: run with SANSH_BLESS=1");
        }
    }
}

/// Writes the seeds, once, if it is wished.
fn bless() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        if std::env::var_os("SANSH_BLESS").is_none() {
            return;
        }
        let mut names = BTreeSet::new();
        for (target, name, bytes) in fuzzing::seeds() {
            fs::create_dir_all(folder(target)).unwrap();
            fs::write(folder(target).join(&name), bytes).unwrap();
            assert!(names.insert((target, name.clone())), "{target}/{name} twice");
        }
    });
}
