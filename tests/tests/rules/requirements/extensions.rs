//! RFC 8308: extensions, and who may say them when.

use crate::hand::{Stand, error, ext_info, is_alive, kexinit_of, lists_of, message, null_lists};
use sansh::crypto::Provider;
use sansh::error::{Error, List};
use sansh::{Client, Server};
use sansh_testkit::pair::RUSTCRYPTO;
use sansh_testkit::raw::{NULL_KEY, Offer, Raw, kexinit, strings};
use sansh_testkit::told::{Attempt, Means, Seen};

fn kex_names(kexinit: &[u8]) -> Vec<String> {
    lists_of(kexinit)[0]
        .split(|byte| *byte == b',')
        .map(|name| String::from_utf8(name.to_vec()).expect("text"))
        .collect()
}

/// "Applications implementing this mechanism MUST add one of the following indicator names to the field kex_algorithms in the
/// SSH_MSG_KEXINIT message sent by the application in the first key exchange" (RFC 8308, section 2.1), and not in later ones;
/// "Implementations MUST NOT send an incorrect indicator name for their role." (RFC 8308, section 2.2)
#[test]
fn the_first_kexinit_has_the_indicator_of_the_role() {
    let count = |names: &[String], name: &str| names.iter().filter(|own| *own == name).count();
    let raw = Raw::client(|_| {});
    let names = kex_names(&raw.said[0]);
    assert_eq!((count(&names, "ext-info-c"), count(&names, "ext-info-s")), (1, 0));
    let raw = Raw::server(|_| {});
    let names = kex_names(&raw.said[0]);
    assert_eq!((count(&names, "ext-info-c"), count(&names, "ext-info-s")), (0, 1));
    for _ in 0..2 {
        let mut raw = Server::stand("open");
        crate::hand::re_exchange(&mut raw);
        let names = kex_names(raw.said.iter().find(|said| said[0] == 20).expect("a KEXINIT"));
        assert!(!names.iter().any(|name| name.starts_with("ext-info-")), "{names:?}");
        let mut raw = Client::stand("open");
        raw.send(&kexinit(Offer { kex: "null", follows: false }));
        let names = kex_names(raw.said.iter().find(|said| said[0] == 20).expect("a KEXINIT"));
        assert!(!names.iter().any(|name| name.starts_with("ext-info-")), "{names:?}");
    }
}

/// "If a client or server offers ext-info-c or ext-info-s respectively, it MUST be prepared to accept an SSH_MSG_EXT_INFO
/// message from the peer." (RFC 8308, section 2.2) "A client that sent ext-info-c MUST accept a server's SSH_MSG_EXT_INFO at
/// both opportunities but MUST NOT require it." (RFC 8308, section 2.4)
#[test]
fn extensions_are_taken_at_each_opportunity_and_never_required() {
    let info = ext_info(1, &[(b"server-sig-algs", b"null")]);
    for (first, second) in [(false, false), (true, false), (false, true), (true, true)] {
        let mut raw = Client::stand("just-after-newkeys");
        if first {
            raw.send(&info);
        }
        raw.send(&message(6, &[&strings(&[b"ssh-userauth"])]));
        if second {
            raw.send(&info);
        }
        raw.send(&message(52, &[]));
        assert!(raw.app.is_ready() && is_alive(&mut raw), "{first} {second}");
        let mut raw = Server::stand("just-after-newkeys");
        if first {
            raw.send(&info);
        }
        raw.send(&message(5, &[&strings(&[b"ssh-userauth"])]));
        raw.send(&sansh_testkit::raw::password("user", "right"));
        assert!(raw.app.is_ready() && is_alive(&mut raw));
    }
}

/// "If ext-info-c or ext-info-s ends up being negotiated as a key exchange method, the parties MUST disconnect." (RFC 8308,
/// section 2.2)
#[test]
fn an_indicator_is_no_method() {
    for name in [b"ext-info-c".as_slice(), b"ext-info-s", b"ext-info-s,ext-info-c"] {
        let mut raw = Raw::server(|_| {});
        raw.send_ident();
        raw.send(&kexinit_of(&null_lists(name, b"null"), false));
        assert_eq!((error(&raw), raw.disconnect_code()), (Some(Error::NothingInCommon(List::Kex)), Some(3)));
        let mut raw = Raw::client(|_| {});
        raw.send_ident();
        raw.send(&kexinit_of(&null_lists(name, b"null"), false));
        assert_eq!((error(&raw), raw.disconnect_code()), (Some(Error::NothingInCommon(List::Kex)), Some(3)));
    }
}

/// "If a client sends SSH_MSG_EXT_INFO, it MUST send it as the next packet following the client's first SSH_MSG_NEWKEYS
/// message to the server." (RFC 8308, section 2.4); a server's comes there, too; neither comes unasked, or again.
#[test]
fn ext_info_follows_the_first_newkeys() {
    for asked in [true, false] {
        let mut raw = Raw::client(|_| {});
        raw.send_ident();
        raw.send(&kexinit(Offer { kex: if asked { "null,ext-info-s" } else { "null" }, follows: false }));
        raw.reply(NULL_KEY);
        raw.new_keys();
        let said: Vec<u8> = raw.take().iter().map(|said| said[0]).collect();
        assert_eq!(said, if asked { vec![20, 30, 21, 7, 5] } else { vec![20, 30, 21, 5] });
        let mut raw = Raw::server(|_| {});
        raw.send_ident();
        raw.send(&kexinit(Offer { kex: if asked { "null,ext-info-c" } else { "null" }, follows: false }));
        raw.send(&crate::hand::init());
        raw.new_keys();
        let said: Vec<u8> = raw.take().iter().map(|said| said[0]).collect();
        assert_eq!(said, if asked { vec![20, 31, 21, 7] } else { vec![20, 31, 21] });
        raw.send(&message(5, &[&strings(&[b"ssh-userauth"])]));
        raw.send(&sansh_testkit::raw::password("user", "right"));
        raw.send(&kexinit(Offer { kex: "null,ext-info-c", follows: false }));
        raw.send(&crate::hand::init());
        raw.send(&message(21, &[]));
        assert!(!raw.heard(7), "{:?}", raw.said);
    }
}

/// "Applications MUST ignore unrecognized extension-names." "The relative order in which extensions appear in an
/// SSH_MSG_EXT_INFO message MUST be ignored." "Applications that do not implement or recognize an extension MUST ignore its
/// extension-value, regardless of its size or content." "Applications MUST tolerate any sequence of bytes -- including null
/// bytes at any position -- in an unknown extension's extension-value." "Implementations MUST accept well-formed
/// SSH_MSG_EXT_INFO messages up to the maximum packet length they accept." (RFC 8308, section 2.5)
#[test]
fn unknown_extensions_are_ignored() {
    let zeros = vec![0; 32_000];
    let every: Vec<u8> = (0..=255).collect();
    let known: (&[u8], &[u8]) = (b"server-sig-algs", b"other");
    let strangers: [(&[u8], &[u8]); 5] =
        [(b"x@test", &zeros), (b"", b""), (b"\0\xff", &every), (b"server-sig-algs\0", b"null"), (b"elevation", b"y")];
    let many: Vec<Vec<u8>> = (0..500).map(|n| format!("x{n}@test").into_bytes()).collect();
    let mut all: Vec<Vec<(&[u8], &[u8])>> = strangers.iter().map(|stranger| vec![*stranger, known]).collect();
    all.extend(strangers.iter().map(|stranger| vec![known, *stranger]));
    all.push(many.iter().map(|name| (name.as_slice(), b"".as_slice())).chain([known]).collect());
    for pairs in all {
        let info = ext_info(u32::try_from(pairs.len()).expect("few"), &pairs);
        let mut raw = Client::stand("just-after-newkeys");
        raw.send(&info);
        assert_eq!(error(&raw), None);
        assert!(raw.said.is_empty(), "{:?}", raw.said);
        raw.send(&message(6, &[&strings(&[b"ssh-userauth"])]));
        assert!(raw.heard(50));
        let mut raw = Server::stand("just-after-newkeys");
        raw.send(&info);
        assert_eq!(error(&raw), None);
    }
    // As large as a packet may be.
    let full = vec![7; 32_768 - 19];
    let info = ext_info(1, &[(b"x@test", &full)]);
    assert_eq!(info.len(), 32_768);
    let mut raw = Client::stand("just-after-newkeys");
    raw.send(&info);
    assert_eq!(error(&raw), None);
}

/// "In this extension, a server MUST enumerate all public key algorithms it might accept during user authentication." (RFC
/// 8308, section 3.1): those of its configuration, each by its name.
#[test]
fn a_server_names_what_it_takes() {
    let mut keyed = crate::keyed::Keyed::new(true, |_| {});
    keyed.indicator = ",ext-info-c";
    keyed.exchange(crate::keyed::Suite::both("curve25519-sha256", "aes256-gcm@openssh.com", ""));
    let info = keyed.said.iter().find(|said| said[0] == 7).expect("EXT_INFO").clone();
    for row in RUSTCRYPTO.signatures().iter().filter(|row| row.by_default()) {
        let name = row.name().as_bytes();
        let listed = info.windows(name.len()).any(|part| part == name);
        assert!(listed, "{}", row.name());
    }
}

/// "If a server does not send this extension, a client MUST NOT make any assumptions about the server's public key algorithm
/// support, and MAY proceed with authentication requests using trial and error." (RFC 8308, section 3.1)
#[test]
fn without_the_extension_a_client_tries() {
    let mut raw = Raw::client(|_| {});
    raw.app.attempts.clear();
    for probe in [true, false] {
        let with = Means::PublicKey { algorithm: "null".into(), key: NULL_KEY.to_vec(), probe };
        raw.app.attempts.push_back(Attempt { user: "user".into(), with });
    }
    raw.to_auth();
    assert_eq!(raw.said.iter().filter(|said| said[0] == 50).count(), 1, "it tries");
    raw.send(&message(51, &[&strings(&[b"publickey"]), &[0]]));
    assert_eq!(raw.said.iter().filter(|said| said[0] == 50).count(), 2, "and tries again");
    assert!(raw.app.saw(|seen| matches!(seen, Seen::Sign { .. })));
}
