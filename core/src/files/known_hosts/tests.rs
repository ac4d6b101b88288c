//! Lines, markers and answers.

use super::*;
use crate::crypto::{Random, Seed};
use crate::keys::{BadKeyLine, PublicKey, ed25519_blob};
use std::format;
use std::string::ToString;

fn blob(n: u8) -> [u8; 51] {
    ed25519_blob(&[n; 32])
}

fn text(n: u8) -> String {
    PublicKey::new(&blob(n)).line("").unwrap()
}

#[test]
fn names_lists_patterns_and_ports() {
    let file = format!(
        "# the hosts\n\na.example,10.0.0.1 {}\n*.lab,!gate.lab {} a comment\n[a.example]:2222\t{}\r\n",
        text(1),
        text(2),
        text(3)
    );
    let known = KnownHosts::new(&file);
    let cases = [
        ("a.example", 22, 1, Known::Match),
        ("A.Example", 22, 1, Known::Match),
        ("a.example", 0, 1, Known::Match),
        ("10.0.0.1", 22, 1, Known::Match),
        ("10.0.0.11", 22, 1, Known::Unknown),
        ("a.example", 22, 2, Known::Changed { line: 3 }),
        ("a.example", 2222, 3, Known::Match),
        ("a.example", 2222, 1, Known::Changed { line: 5 }),
        ("a.example", 2223, 1, Known::Unknown),
        ("x.lab", 22, 2, Known::Match),
        ("gate.lab", 22, 2, Known::Unknown),
        ("x.lab", 2222, 2, Known::Unknown),
    ];
    for (host, port, key, expected) in cases {
        assert_eq!(known.check(host, port, &blob(key)), expected, "{host} {port} {key}");
    }
    assert_eq!(known.malformed().count(), 0);
    assert_eq!(known.entries().nth(1).map(|entry| (entry.line(), entry.comment())), Some((4, "a comment")));
}

#[test]
fn a_match_is_found_behind_other_keys_and_revocation_wins_everywhere() {
    let file = format!("h {}\nh {}\n@revoked * {}\nh {}\n", text(1), text(2), text(3), text(3));
    let known = KnownHosts::new(&file);
    assert_eq!(known.check("h", 22, &blob(2)), Known::Match);
    assert_eq!(known.check("h", 22, &blob(3)), Known::Revoked);
    assert_eq!(known.check("other", 22, &blob(3)), Known::Revoked);
    assert_eq!(known.check("other", 22, &blob(1)), Known::Unknown);
    assert_eq!(known.check("h", 22, b""), Known::Changed { line: 1 });
}

#[test]
fn an_authority_is_no_host_key() {
    let file = format!("@cert-authority *.example {}\n", text(1));
    let known = KnownHosts::new(&file);
    assert_eq!(known.check("a.example", 22, &blob(1)), Known::Unknown);
    assert_eq!(known.check("a.example", 22, &blob(2)), Known::Unknown);
    assert_eq!(known.entries_for("a.example", 22).next().map(|e| e.marker()), Some(Marker::CertAuthority));
}

#[test]
fn lines_that_cannot_be_read_are_named_and_skipped() {
    let salt = "AAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let key = text(1);
    let bad = [
        "h".to_string(),
        "h ssh-ed25519".into(),
        "h ssh-ed25519 AAAA".into(),
        format!("@unknown h {key}"),
        format!("@revoked {key}"),
        format!("|1|{salt} {key}"),
        format!("|2|{salt}|{salt} {key}"),
        format!("|1|{salt}|AAAA {key}"),
        format!("{} {key}", "*".repeat(2000)),
    ];
    let file = bad.join("\n");
    let known = KnownHosts::new(&file);
    assert_eq!(known.entries().count(), 0);
    assert!(known.malformed().map(|bad| bad.line).eq(1..=bad.len()));
    assert!(known.malformed().all(|bad| bad.to_string().starts_with("line ")));
    assert_eq!(known.check("h", 22, &blob(1)), Known::Unknown);
}

#[test]
fn lines_to_append_are_found_again() {
    let key = blob(1);
    let key = PublicKey::new(&key);
    assert_eq!(line_for("Host", 22, key).unwrap(), format!("host {}\n", text(1)));
    assert_eq!(line_for("host", 2222, key).unwrap(), format!("[host]:2222 {}\n", text(1)));
    assert_eq!(line_for("::1", 22, key).unwrap(), format!("::1 {}\n", text(1)));
    let mut random = Random::new(&Seed::new([3; 32]));
    for (host, port) in [("host", 22), ("host", 2222), ("fe80::1%eth0", 22)] {
        let plain = line_for(host, port, key).unwrap();
        let hashed = hashed_line_for(host, port, key, &mut random).unwrap();
        assert!(hashed.starts_with("|1|") && !hashed.contains(host));
        for line in [plain, hashed] {
            assert_eq!(KnownHosts::new(&line).check(host, port, key.blob()), Known::Match);
            assert_eq!(KnownHosts::new(&line).check(host, 23, key.blob()), Known::Unknown);
        }
    }
}

#[test]
fn no_host_name_writes_more_than_its_own_line() {
    let key = blob(1);
    for host in ["", "a b", "a\nb", "a,b", "*", "a?", "!a", "|1|a", "#a", "@revoked", "[a]", "ü", &"a".repeat(256)] {
        assert_eq!(line_for(host, 22, PublicKey::new(&key)), Err(CannotWrite::Host), "{host:?}");
    }
    let no_type = CannotWrite::Key(BadKeyLine::Type);
    assert_eq!(line_for("a", 22, PublicKey::new(b"\0\0\0\x03a\nb")), Err(no_type));
}

/// CVE-2026-42508: a revoked authority is trusted by nobody, in whatever file and order.
#[test]
fn authorities_are_trusted_unless_revoked() {
    let trusting = format!("@cert-authority *.lab,!gate.lab {0}\n@cert-authority h {0}\n", text(1));
    let revoking = format!("x.lab {}\n@revoked *.lab {}\n@revoked *.lab {}\n", text(3), text(1), text(2));
    let [ca, other] = [blob(1), blob(2)];
    let [ca, other] = [&ca, &other].map(|blob| PublicKey::new(blob));
    let known = KnownHosts::new(&trusting);
    for (host, port, trusts) in [("x.lab", 22, true), ("gate.lab", 22, false), ("h", 22, true), ("h", 23, false)] {
        let authorities = known.authorities(host, port);
        assert_eq!((authorities.trusts(ca), authorities.is_empty()), (trusts, !trusts), "{host} {port}");
        assert!(!authorities.trusts(other) && !authorities.revoked(ca));
    }
    let revoking = KnownHosts::new(&revoking);
    for both in [known.authorities("x.lab", 22).and(revoking), revoking.authorities("x.lab", 22).and(known)] {
        assert!(!both.trusts(ca) && both.revoked(ca) && both.revoked(other));
    }
    assert!(known.authorities("h", 22).and(revoking).trusts(ca));
}

#[test]
fn several_files_make_one_answer() {
    let changed = Known::Changed { line: 7 };
    for (one, other, both) in [
        (Known::Unknown, changed, changed),
        (changed, Known::Match, Known::Match),
        (Known::Match, Known::Revoked, Known::Revoked),
        (changed, Known::Changed { line: 8 }, changed),
    ] {
        assert_eq!(one.and(other), both);
        assert!(
            matches!((other.and(one), both), (Known::Changed { .. }, Known::Changed { .. })) || other.and(one) == both
        );
    }
}

#[test]
fn the_types_that_a_host_is_known_by() {
    let rsa = "ssh-rsa AAAAB3NzaC1yc2E=";
    let file = format!("h {rsa}\nh,g {0}\nh {0}\n@revoked g {0}\n@cert-authority h {1}", text(1), text(2));
    let known = KnownHosts::new(&file);
    assert_eq!(known.key_types("h", 22), ["ssh-rsa", "ssh-ed25519"]);
    assert!(known.key_types("g", 22).is_empty() && known.key_types("h", 23).is_empty());
}

#[test]
fn lines_and_lists_have_an_end() {
    let names = "a,".repeat(1023) + "h";
    let [good, more] = [format!("{names} {}", text(1)), format!("x,{names} {}", text(1))];
    assert_eq!(KnownHosts::new(&good).check("h", 22, &blob(1)), Known::Match);
    assert_eq!(KnownHosts::new(&more).check("h", 22, &blob(1)), Known::Unknown);
    let long = format!("h {} {}", text(1), "x".repeat(64 << 10));
    assert_eq!(KnownHosts::new(&long).malformed().next().map(|bad| bad.why), Some(crate::files::Why::TooLong));
}
