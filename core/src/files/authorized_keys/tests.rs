//! Lines, options and which lines count.

use super::*;
use crate::keys::{BadKeyLine, ed25519_blob};
use std::format;
use std::string::String;
use std::string::ToString;
use std::vec::Vec;

fn blob(n: u8) -> [u8; 51] {
    ed25519_blob(&[n; 32])
}

fn key(n: u8) -> String {
    PublicKey::new(&blob(n)).line("").unwrap()
}

/// The options of a line, as text again.
fn options(options: &str) -> Option<Vec<String>> {
    let file = format!("{options} {} who", key(1));
    let found = AuthorizedKeys::new(&file).find(&blob(1));
    found.map(|entry| entry.options().map(|option| option.to_string()).collect())
}

#[test]
fn keys_are_found_with_their_comments_and_lines() {
    let file = format!("# keys\n\n{} me@here now\n  no-pty\t{}\r\n{}", key(1), key(2), key(3));
    let keys = AuthorizedKeys::new(&file);
    let found = |n| keys.find(&blob(n)).map(|entry| (entry.line(), entry.comment(), entry.options().count()));
    assert_eq!(found(1), Some((3, "me@here now", 0)));
    assert_eq!(found(2), Some((4, "", 1)));
    assert_eq!(found(3), Some((5, "", 0)));
    assert_eq!(found(4), None);
    assert_eq!(keys.find(b""), None);
    assert_eq!(keys.malformed().count(), 0);
}

#[test]
fn options_are_read_as_the_manual_shows_them() {
    let shown = |text: &str| options(text).map(|options| options.join("; "));
    for (text, expected) in [
        ("no-pty", "no-pty"),
        ("Restrict,COMMAND=\"uptime\"", "restrict; command=\"uptime\""),
        ("from=\"*.sales.example.net,!pc.sales.example.net\"", "from=\"*.sales.example.net,!pc.sales.example.net\""),
        ("command=\"dump /home\",no-pty,no-port-forwarding", "command=\"dump /home\"; no-pty; no-port-forwarding"),
        (
            "permitopen=\"192.0.2.1:80\",permitopen=\"192.0.2.2:25\"",
            "permitopen=\"192.0.2.1:80\"; permitopen=\"192.0.2.2:25\"",
        ),
        ("command=\"echo \\\"a, b\\\"\"", "command=\"echo \\\"a, b\\\"\""),
        ("command=\"\"", "command=\"\""),
        ("environment=\"A=B\"", "environment=\"A=B\""),
    ] {
        assert_eq!(shown(text).as_deref(), Some(expected), "{text}");
    }
    let file = format!("command=\"say \\\"hi\\\"\" {}", key(1));
    let option = AuthorizedKeys::new(&file).find(&blob(1)).and_then(|entry| entry.options().next()).unwrap();
    assert_eq!(option.value.as_deref(), Some("say \"hi\""));
}

#[test]
fn options_that_cannot_be_read_close_the_door() {
    for text in [
        "command=\"x",
        "command=x",
        "command=",
        "=\"x\"",
        ",",
        "a,",
        ",a",
        "a,,b",
        "command=\"x\"y",
        "command=\"x\" y",
        "\"a\"",
        "a\"b",
        "command=\"x\\\"",
        "a=\"b\"\"c\"",
        "a\\\"b",
    ] {
        assert_eq!(options(text), None, "{text}");
    }
    let file = format!("a=b {0}\n{0}x\nssh-ed25519 AAAA\nno-pty\nno-pty ssh-ed25519 A\nxyz", key(1));
    let bad: Vec<_> = AuthorizedKeys::new(&file).malformed().map(|bad| (bad.line, bad.why)).collect();
    let key_error = Why::Key;
    assert_eq!(
        bad,
        [
            (1, Why::Options),
            (2, key_error(BadKeyLine::Base64)),
            (3, key_error(BadKeyLine::Type)),
            (4, key_error(BadKeyLine::Missing)),
            (5, key_error(BadKeyLine::Base64)),
            (6, key_error(BadKeyLine::Missing)),
        ]
    );
}

#[test]
fn what_is_not_enforced_is_named() {
    let file = format!("no-pty,command=\"x\",From=\"*\" {}", key(1));
    let entry = AuthorizedKeys::new(&file).find(&blob(1)).unwrap();
    let left: Vec<_> = entry.unenforced(&["no-pty", "command"]).map(|option| option.name).collect();
    assert_eq!(left, ["from"]);
    assert_eq!(entry.unenforced(&["no-pty", "command", "from"]).count(), 0);
}

#[test]
fn an_authority_opens_no_door_and_a_second_line_may() {
    let file = format!("Cert-Authority {0}\nfrom=\"a\" {0}\n{0}", key(1));
    let keys = AuthorizedKeys::new(&file);
    assert!(keys.find_all(&blob(1)).map(|entry| entry.line()).eq([2, 3]));
    assert!(keys.entries().next().is_some_and(|entry| entry.is_authority()));
}

#[test]
fn a_comment_may_be_in_any_encoding() {
    let mut file = format!("{} J", key(1)).into_bytes();
    file.extend_from_slice(b"\xfcrgen\n");
    assert!(AuthorizedKeys::new(&file).find(&blob(1)).is_some());
    let mut file = b"command=\"J\xfcrgen\" ".to_vec();
    file.extend_from_slice(key(1).as_bytes());
    assert!(AuthorizedKeys::new(&file).find(&blob(1)).is_none());
}
