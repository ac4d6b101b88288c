//! Name-lists: empty, endless, in other letters, with names that are too long.

use crate::hand::{error, init, kexinit_of, lists_of, message, null_lists};
use sansh::config::Config;
use sansh::crypto::Provider;
use sansh::error::{Error, List};
use sansh::wire::Malformed;
use sansh::{Client, Server};
use sansh_testalloc::{read, reset};
use sansh_testkit::pair::{HOST_KEY, Pair, RUSTCRYPTO, key};
use sansh_testkit::raw::{Raw, strings};

const LISTS: [(usize, List); 8] = [
    (0, List::Kex),
    (1, List::HostKey),
    (2, List::CipherClientToServer),
    (3, List::CipherServerToClient),
    (4, List::MacClientToServer),
    (5, List::MacServerToClient),
    (6, List::CompressionClientToServer),
    (7, List::CompressionServerToClient),
];

/// A server with cryptography, in front of which lists are held: what follows a KEXINIT is never reached.
fn server() -> Raw<Server> {
    let mut raw = Raw::server(|config| {
        *config = Config::<Server>::new(&RUSTCRYPTO);
        config.host_key(key(HOST_KEY).public_blob()).expect("a host key");
    });
    raw.app.keys.push(key(HOST_KEY));
    raw.send_ident();
    raw
}

/// Lists that such a server agrees to, with a cipher that needs a MAC.
fn good() -> [&'static [u8]; 10] {
    [
        b"curve25519-sha256",
        b"ssh-ed25519",
        b"aes256-ctr",
        b"aes256-ctr",
        b"hmac-sha2-256",
        b"hmac-sha2-256",
        b"none",
        b"none",
        b"",
        b"",
    ]
}

/// russh #710: an empty list of the peer is one that has nothing in common, in each of the eight places; empty language
/// lists are as they should be.
#[test]
fn an_empty_list_has_nothing_in_common() {
    let mut raw = server();
    raw.send(&kexinit_of(&good(), false));
    assert_eq!(error(&raw), None);
    for (at, list) in LISTS {
        for wrong in [b"".as_slice(), b"other"] {
            let mut lists = good();
            lists[at] = wrong;
            let mut raw = server();
            raw.send(&kexinit_of(&lists, false));
            assert_eq!(error(&raw), Some(Error::NothingInCommon(list)), "{list:?}");
            assert_eq!(raw.disconnect_code(), Some(3));
        }
    }
    let mut lists = good();
    (lists[8], lists[9]) = (b"en,de", b"fr");
    let mut raw = server();
    raw.send(&kexinit_of(&lists, false));
    assert_eq!(error(&raw), None, "languages do not matter");
}

/// GHSA-p8qx-h547-fjw9: a cipher that needs a MAC is not combined with none.
#[test]
fn a_cipher_that_needs_a_mac_gets_one() {
    for at in [4, 5] {
        let mut lists = good();
        lists[at] = b"none";
        let mut raw = server();
        raw.send(&kexinit_of(&lists, false));
        let list = if at == 4 { List::MacClientToServer } else { List::MacServerToClient };
        assert_eq!(error(&raw), Some(Error::NothingInCommon(list)));
    }
    // Only one direction has an AEAD: the other still needs its MAC.
    let mut lists = good();
    (lists[2], lists[4], lists[5]) = (b"aes256-gcm@openssh.com", b"none", b"none");
    let mut raw = server();
    raw.send(&kexinit_of(&lists, false));
    assert_eq!(error(&raw), Some(Error::NothingInCommon(List::MacServerToClient)));
    lists[3] = b"aes256-gcm@openssh.com";
    let mut raw = server();
    raw.send(&kexinit_of(&lists, false));
    assert_eq!(error(&raw), None, "with an AEAD both ways nobody looks at the MACs");
    // And "none" is no cipher here.
    let mut lists = good();
    lists[2] = b"none";
    let mut raw = server();
    raw.send(&kexinit_of(&lists, false));
    assert_eq!(error(&raw), Some(Error::NothingInCommon(List::CipherClientToServer)));
}

/// So many one-letter names, then these.
fn letters(n: usize, behind: &[u8]) -> Vec<u8> {
    [b"x,".repeat(n), behind.to_vec()].concat()
}

/// CVE-2025-30211, wolfSSH 422de69f: a KEXINIT as full of names as a packet can be: the first 64 names of a list are looked
/// at, the packet is the only memory, and no list is kept.
#[test]
fn a_kexinit_full_of_names() {
    for (n, found) in [(63, true), (64, false), (17_000, false)] {
        let kex = letters(n, b"null");
        let mut raw = Raw::server(|_| {});
        raw.send_ident();
        let before = read(0);
        reset(0);
        raw.send(&kexinit_of(&null_lists(&kex, b"null"), false));
        let expected = if found { None } else { Some(Error::NothingInCommon(List::Kex)) };
        assert_eq!(error(&raw), expected, "{n} names before the right one");
        assert!(read(0).largest < 4096, "{before:?}: an allocation of {} bytes", read(0).largest);
    }
    // Ten lists full of names.
    let full = letters(1700, b"null");
    let lists: [&[u8]; 10] = [&full; 10];
    let mut raw = Raw::server(|_| {});
    raw.send_ident();
    reset(0);
    raw.send(&kexinit_of(&lists, false));
    assert_eq!(error(&raw), Some(Error::NothingInCommon(List::Kex)));
    assert!(read(0).largest < 4096);
    // All commas.
    let mut raw = Raw::server(|_| {});
    raw.send_ident();
    raw.send(&kexinit_of(&null_lists(&b",".repeat(30_000), b"null"), false));
    assert_eq!(error(&raw), Some(Error::Malformed { number: 20, what: Malformed::NameList }));
}

/// CVE-2006-2407: a name of 65 bytes, of 4 KiB, of 30 KiB before the right one, in each list: it is no name of ours, and
/// goes nowhere.
#[test]
fn a_name_without_an_end() {
    for length in [65, 4096, 30_000] {
        for at in [0, 1, 2, 3, 6, 7] {
            let long = [vec![b'a'; length], b",null,none".to_vec()].concat();
            let mut lists = null_lists(b"null", b"null");
            lists[at] = &long;
            let mut raw = Raw::server(|_| {});
            raw.send_ident();
            raw.send(&kexinit_of(&lists, false));
            assert_eq!(error(&raw), None, "{length} bytes in list {at}");
            raw.send(&init());
            assert!(raw.heard(31));
        }
    }
}

/// CVE-2020-14145, CVE-2020-14002: what a client offers, and in which order, depends on its configuration and on nothing
/// that it knows about a host: all of its KEXINITs are alike but for the cookie.
#[test]
fn the_proposal_says_nothing_about_known_hosts() {
    let proposal = |seed: u64| {
        let pair = Pair::builder().seed(seed).build();
        let (_, payloads) = crate::between::plain(pair.client.conn.transmit_buf());
        (payloads[0][1..17].to_vec(), payloads[0][17..].to_vec())
    };
    let first = proposal(1);
    for seed in 2..10 {
        let other = proposal(seed);
        assert_eq!(other.1, first.1);
        assert_ne!(other.0, first.0, "cookies are random");
    }
}

/// CVE-2022-27191: a server offers the host key algorithms that its keys can sign with, and no other.
#[test]
fn host_key_algorithms_come_from_the_keys() {
    let raw = server();
    let kexinit = raw.said.iter().find(|said| said[0] == 20).expect("a KEXINIT");
    let lists = lists_of(kexinit);
    assert_eq!(lists[1], b"ssh-ed25519");
    // Asked for another that the provider knows, it has nothing in common.
    for row in RUSTCRYPTO.signatures().iter().filter(|row| row.name() != "ssh-ed25519") {
        let mut lists = good();
        lists[1] = row.name().as_bytes();
        let mut raw = server();
        raw.send(&kexinit_of(&lists, false));
        assert_eq!(error(&raw), Some(Error::NothingInCommon(List::HostKey)), "{}", row.name());
    }
}

/// CVE-2019-9894, CVE-2008-5161: what is not implemented is neither offered nor agreed to: key exchange by RSA, ciphers in
/// CBC mode and older ones, MACs and methods on SHA-1 and MD5, the small groups, DSA.
#[test]
fn what_is_broken_is_not_here() {
    let names = |row: &mut dyn Iterator<Item = &'static str>| row.collect::<Vec<_>>();
    let all = [
        names(&mut RUSTCRYPTO.kex().iter().map(|row| row.name())),
        names(&mut RUSTCRYPTO.signatures().iter().map(|row| row.name())),
        names(&mut RUSTCRYPTO.ciphers().iter().map(|row| row.name())),
        names(&mut RUSTCRYPTO.macs().iter().map(|row| row.name())),
    ];
    let broken = |name: &str| {
        ["-cbc", "3des", "arcfour", "md5", "sha1", "ssh-dss", "rsa1024", "rsa2048", "group1-", "none", "gss-"]
            .iter()
            .any(|part| name.contains(part))
            || name == "ssh-rsa"
    };
    for name in all.iter().flatten() {
        assert!(!broken(name), "{name}");
    }
    for (at, list, name) in [
        (0, List::Kex, b"rsa1024-sha1,rsa2048-sha256".as_slice()),
        (0, List::Kex, b"diffie-hellman-group1-sha1,diffie-hellman-group14-sha1,diffie-hellman-group-exchange-sha1"),
        (0, List::Kex, b"gss-curve25519-sha256-toWM5Slw5Ew8Mqkay+al2g=="),
        (1, List::HostKey, b"ssh-dss,ssh-rsa"),
        (2, List::CipherClientToServer, b"3des-cbc,aes256-cbc,arcfour,none"),
        (3, List::CipherServerToClient, b"3des-cbc,aes256-cbc,arcfour,none"),
        (4, List::MacClientToServer, b"hmac-sha1,hmac-md5,none"),
    ] {
        let mut lists = good();
        lists[at] = name;
        let mut raw = server();
        raw.send(&kexinit_of(&lists, false));
        assert_eq!(error(&raw), Some(Error::NothingInCommon(list)), "{}", name.escape_ascii());
    }
    let raw = Raw::<Client>::client(|config| *config = Config::<Client>::new(&RUSTCRYPTO));
    for list in lists_of(raw.said.iter().find(|said| said[0] == 20).expect("a KEXINIT")).iter().take(6) {
        let list = core::str::from_utf8(list).expect("US-ASCII");
        assert!(!list.split(',').any(broken), "{list}");
    }
}

/// GHSA-4p9f-7p9m-5vfg: extensions replace each other and do not pile up: a third EXT_INFO ends the connection.
#[test]
fn extensions_do_not_pile_up() {
    use crate::hand::{Stand, ext_info};
    let many: Vec<(Vec<u8>, Vec<u8>)> = (0..500).map(|n| (format!("x{n}@test").into_bytes(), vec![7; 40])).collect();
    let many: Vec<(&[u8], &[u8])> = many.iter().map(|(name, value)| (name.as_slice(), value.as_slice())).collect();
    let info = ext_info(500, &many);
    let mut raw = Client::stand("just-after-newkeys");
    let before = read(0).live;
    raw.send(&info);
    raw.send(&message(6, &[&strings(&[b"ssh-userauth"])]));
    raw.send(&info);
    assert_eq!(error(&raw), None);
    assert!(read(0).live <= before + 8192, "{} bytes more", read(0).live - before);
    raw.send(&info);
    assert_eq!(error(&raw), Some(Error::Unexpected { number: 7 }));
    // A server hears one of a client, where it belongs, and no second.
    let mut raw = Server::stand("just-after-newkeys");
    raw.send(&info);
    raw.send(&info);
    assert_eq!(error(&raw), Some(Error::Unexpected { number: 7 }));
}

/// CVE-2026-55199: a count of extensions that no packet could hold: the reading ends with the bytes.
#[test]
fn a_count_of_extensions_promises_nothing() {
    use crate::hand::{Stand, ext_info};
    for count in [1, 2, 1000, 0x7fff_ffff, u32::MAX] {
        for entries in [0, 1] {
            let pairs: Vec<(&[u8], &[u8])> = vec![(b"x", b""); entries];
            if count as usize == entries {
                continue;
            }
            let mut raw = Client::stand("just-after-newkeys");
            raw.take();
            let start = std::time::Instant::now();
            raw.send(&ext_info(count, &pairs));
            assert_eq!(error(&raw), Some(Error::Malformed { number: 7, what: Malformed::Truncated }), "{count}");
            assert!(start.elapsed().as_secs() < 5, "4 billion rounds take longer");
        }
    }
}
