//! RFC 4419: the group is agreed on before anything is made in it. And exchanges of different hashes, one behind the
//! other.

use core::cell::Cell;
use sansh::config::Config;
use sansh::crypto::{
    Cipher, CryptoError, CryptoRng, Digest, Hash, KexClient, KexMethod, Mac, Provider, SecretEncoding, SharedSecret,
    SignatureAlgorithm,
};
use sansh::error::{Error, List, code};
use sansh::message::{self, Cookie, KexDhGexGroup, KexDhGexInit, KexDhGexReply, KexDhGexRequest, Message};
use sansh::wire::NameList;
use sansh::{Client, Server};
use sansh_testkit::dice::Pattern;
use sansh_testkit::net::Weather;
use sansh_testkit::pair::{Builder, HOST_KEY, Pair, RUSTCRYPTO, echo, key};
use sansh_testkit::raw::{NULL, Offer, Raw, kexinit, payload};

const NAME: &str = "diffie-hellman-group-exchange-sha256";

fn both(builder: Builder, name: &'static str) -> Builder {
    let builder = builder.client(|config| {
        config.kex(name).expect("kex");
    });
    builder.server(|config| {
        config.kex(name).expect("kex");
    })
}

#[test]
fn a_group_is_agreed_on_again_and_again() {
    for weather in [Weather::default(), Weather::random()] {
        let mut pair = both(Pair::builder().weather(weather), NAME).logged_in();
        assert_eq!(pair.client.conn.algorithms().expect("negotiated").kex, NAME);
        for log in [&pair.client.log, &pair.server.log] {
            assert!(log.contains("2048, 4096, 8192"), "what is asked for stands in the trace: {log}");
        }
        pair.client.conn.rekey();
        pair.run();
        assert_eq!(pair.client.conn.counters().exchanges, 2);
        echo(&mut pair, &Pattern::new(1).take(20_000));
    }
    let mut pair = both(Builder::new(&NULL).weather(Weather::one_byte()), "null-group").logged_in();
    pair.server.conn.rekey();
    pair.run();
    echo(&mut pair, b"and over the null provider");
}

#[test]
fn it_is_offered_by_those_alone_who_ask_for_it() {
    let mut pair = Pair::builder()
        .client(|config| {
            config.kex(NAME).expect("kex");
        })
        .build();
    pair.client.app.patient = true;
    pair.run();
    assert_eq!(pair.client.app.ended().error, Error::NothingInCommon(List::Kex));
    let (ours, theirs) = pair.client.app.ended().offers.clone().expect("both offers");
    assert!(ours.contains(NAME) && !theirs.contains("group-exchange"), "{ours} and {theirs}");
}

// ---- Byte for byte, up to the first NEWKEYS.

fn real_kexinit() -> Vec<u8> {
    let list = |names: &'static str| NameList::parse(names.as_bytes()).expect("a name-list");
    let (cipher, mac, empty) = (list("aes256-gcm@openssh.com"), list("hmac-sha2-256"), list(""));
    let none = list("none");
    payload(&message::KexInit::new(
        Cookie([7; 16]),
        list(NAME),
        list("ssh-ed25519"),
        cipher,
        cipher,
        mac,
        mac,
        none,
        none,
        empty,
        empty,
        false,
        0,
    ))
}

/// A server that waits for GEX_REQUEST.
fn server() -> Raw<Server> {
    let mut config = Config::<Server>::new(&RUSTCRYPTO);
    config.host_key(key(HOST_KEY).public_blob()).expect("host key").kex(NAME).expect("kex");
    let mut raw = Raw::new(config);
    raw.app.keys.push(key(HOST_KEY));
    raw.send_ident();
    raw.send(&real_kexinit());
    raw.take();
    raw
}

/// A client that has sent GEX_REQUEST.
fn client() -> Raw<Client> {
    let mut config = Config::<Client>::new(&RUSTCRYPTO);
    config.kex(NAME).expect("kex");
    let mut raw = Raw::new(config);
    raw.send_ident();
    raw.send(&real_kexinit());
    raw
}

fn request(least: u32, preferred: u32, most: u32) -> Vec<u8> {
    payload(&KexDhGexRequest::new(least, preferred, most))
}

/// The GROUP that a server names: prime and generator.
fn group(sizes: [u32; 3]) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut raw = server();
    raw.send(&request(sizes[0], sizes[1], sizes[2]));
    let said = raw.take();
    let group = KexDhGexGroup::parse(said.first()?).ok()?;
    Some((group.prime.to_vec(), group.generator.to_vec()))
}

/// Bits of a positive mpint.
fn bits(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros).map_or(0, |first| (number.len() - zeros) * 8 - first.leading_zeros() as usize)
}

/// "The server should return the smallest group it knows that is larger than the size the client requested. If the
/// server does not know a group that is larger than the client request, then it SHOULD return the largest group it
/// knows" (RFC 4419, section 3).
#[test]
fn the_server_names_one_of_its_own_within_bounds() {
    for (sizes, named) in [
        ([2048, 2048, 2048], 2048),
        ([0, 2048, u32::MAX], 2048),
        ([2048, 2049, 8192], 3072),
        ([2048, 4096, 8192], 4096),
        ([2048, 4096, 4095], 0),
        ([1024, 1024, 2048], 2048),
        ([2048, 9000, 9000], 8192),
    ] {
        match group(sizes) {
            Some((prime, generator)) => assert_eq!((bits(&prime), &generator[..]), (named, &[2][..]), "{sizes:?}"),
            None => assert_eq!(named, 0, "{sizes:?}"),
        }
    }
}

#[test]
fn sizes_that_are_no_range_or_fit_no_group_end_the_connection() {
    for [least, preferred, most] in [
        [4096, 2048, 8192],
        [2048, 8192, 4096],
        [8192, 4096, 2048],
        [0, 0, 0],
        [1024, 1024, 1024],
        [8193, 9000, 9000],
        [u32::MAX, u32::MAX, u32::MAX],
        [u32::MAX, 0, 0],
    ] {
        let mut raw = server();
        raw.send(&request(least, preferred, most));
        assert_eq!(raw.app.ended().error, Error::BadKexValue, "{least}, {preferred}, {most}");
        assert_eq!(raw.disconnect_code(), Some(code::KEY_EXCHANGE_FAILED));
    }
}

/// CVE-2026-84897: what a server sends, it does not take: 31 and 33 are refused by their number, before a prime is
/// looked at. And each message of the exchange comes once, in its turn.
#[test]
fn a_server_takes_each_message_in_its_turn_alone() {
    let (prime, generator) = group([2048, 2048, 2048]).expect("a group");
    let group = payload(&KexDhGexGroup::new(&prime, &generator));
    let init = payload(&KexDhGexInit::new(&[5]));
    let reply = payload(&KexDhGexReply::new(b"key", &[5], b"signature"));
    let good = request(2048, 2048, 2048);
    // The request of before RFC 4419 is none either.
    let old = [&[30][..], &2048_u32.to_be_bytes()].concat();
    for (before, bad) in [
        (None, &group),
        (None, &reply),
        (None, &init),
        (None, &old),
        (Some(&good), &good),
        (Some(&good), &group),
        (Some(&good), &reply),
    ] {
        let mut raw = server();
        if let Some(before) = before {
            raw.send(before);
        }
        raw.send(bad);
        assert_eq!(raw.app.ended().error, Error::Unexpected { number: bad[0] });
        assert_eq!(raw.disconnect_code(), Some(code::PROTOCOL_ERROR));
    }
}

/// RFC 4419, section 5: role confusion. Over the null provider the messages are the same.
#[test]
fn the_null_provider_keeps_the_same_turns() {
    let begin = || {
        let mut raw = Raw::server(|config| {
            config.kex("null-group").expect("kex");
        });
        raw.send_ident();
        raw.send(&kexinit(Offer { kex: "null-group", follows: false }));
        raw
    };
    let mut raw = begin();
    raw.send(&request(2048, 4096, 8192));
    assert!(raw.heard(31), "GROUP");
    raw.send(&payload(&KexDhGexInit::new(&[1; 32])));
    assert!(raw.heard(33), "REPLY");
    let mut raw = begin();
    raw.send(&payload(&KexDhGexGroup::new(b"null", b"g")));
    assert_eq!(raw.app.ended().error, Error::Unexpected { number: 31 });
}

/// "Either side MUST NOT send or accept e or f values that are not in the range [1, p-1]" (RFC 4419, section 3); 1 and
/// p-1 are refused as well.
#[test]
fn a_value_at_the_edge_of_the_group_ends_the_connection() {
    let (prime, generator) = group([2048, 2048, 2048]).expect("a group");
    let mut less = prime.clone();
    *less.last_mut().expect("a byte") -= 1;
    for value in [&b""[..], &[1], &less, &prime, &[&[1][..], &prime].concat(), &[0x80]] {
        let mut raw = server();
        raw.send(&request(2048, 2048, 2048));
        raw.send(&payload(&KexDhGexInit::new(value)));
        let ended = raw.app.ended().error;
        assert!(matches!(ended, Error::BadKexValue | Error::Malformed { number: 32, .. }), "{value:?}: {ended:?}");

        let mut raw = client();
        raw.send(&payload(&KexDhGexGroup::new(&prime, &generator)));
        raw.send(&payload(&KexDhGexReply::new(key(HOST_KEY).public_blob(), value, b"signature")));
        let ended = raw.app.ended().error;
        assert!(matches!(ended, Error::BadKexValue | Error::Malformed { number: 33, .. }), "{value:?}: {ended:?}");
    }
}

#[test]
fn a_client_asks_first_and_computes_in_a_good_group_alone() {
    let (prime, generator) = group([2048, 2048, 2048]).expect("a group");
    let mut raw = client();
    assert_eq!(raw.take().last(), Some(&request(2048, 4096, 8192)));
    raw.send(&payload(&KexDhGexGroup::new(&prime, &generator)));
    assert!(raw.heard(32), "INIT follows a good group");

    let mut less = prime.clone();
    *less.last_mut().expect("a byte") -= 1;
    let odd = |bytes: usize| [&[0, 0x80][..], &vec![0; bytes - 2], &[1]].concat();
    for (what, prime, generator) in [
        ("1024 bits", odd(128), vec![2]),
        ("2040 bits", odd(255), vec![2]),
        ("8200 bits", odd(1025), vec![2]),
        ("an even number", less.clone(), vec![2]),
        ("no number", Vec::new(), vec![2]),
        ("a negative number", vec![0xff; 256], vec![2]),
        ("a generator of 0", prime.clone(), Vec::new()),
        ("a generator of 1", prime.clone(), vec![1]),
        ("a generator of p-1", prime.clone(), less.clone()),
        ("a generator of p", prime.clone(), prime.clone()),
    ] {
        let mut raw = client();
        raw.take();
        raw.send(&payload(&KexDhGexGroup::new(&prime, &generator)));
        let ended = raw.app.ended().error;
        assert!(matches!(ended, Error::BadKexValue | Error::Malformed { number: 31, .. }), "{what}: {ended:?}");
        assert!(!raw.heard(32), "nothing was made in it: {what}");
    }
}

#[test]
fn a_client_takes_each_message_in_its_turn_alone() {
    let (prime, generator) = group([2048, 2048, 2048]).expect("a group");
    let group = payload(&KexDhGexGroup::new(&prime, &generator));
    let reply = payload(&KexDhGexReply::new(key(HOST_KEY).public_blob(), &[5], b"signature"));
    for (before, bad) in [
        (None, &reply),
        (None, &request(2048, 2048, 2048)),
        (Some(&group), &group),
        (Some(&group), &payload(&KexDhGexInit::new(&[5]))),
    ] {
        let mut raw = client();
        if let Some(before) = before {
            raw.send(before);
        }
        raw.send(bad);
        assert_eq!(raw.app.ended().error, Error::Unexpected { number: bad[0] });
    }
}

// ---- A method whose hash is another one each time.

thread_local! {
    static HASH: Cell<Hash> = const { Cell::new(Hash::Sha256) };
}

/// Everything from RustCrypto, and one method that is several.
#[derive(Debug)]
struct Changing;

impl Changing {
    fn now() -> &'static dyn KexMethod {
        let name = match HASH.get() {
            Hash::Sha384 => "ecdh-sha2-nistp384",
            Hash::Sha512 => "ecdh-sha2-nistp521",
            _ => "ecdh-sha2-nistp256",
        };
        *RUSTCRYPTO.kex().iter().find(|row| row.name() == name).expect("a row")
    }
}

impl KexMethod for Changing {
    fn name(&self) -> &'static str {
        "changing@test"
    }
    fn hash(&self) -> Hash {
        HASH.get()
    }
    fn secret_encoding(&self) -> SecretEncoding {
        Changing::now().secret_encoding()
    }
    fn public_len(&self) -> usize {
        Changing::now().public_len()
    }
    fn start(&self, random: &mut dyn CryptoRng, public: &mut [u8]) -> Result<(usize, Box<dyn KexClient>), CryptoError> {
        Changing::now().start(random, public)
    }
    fn respond(
        &self,
        random: &mut dyn CryptoRng,
        theirs: &[u8],
        public: &mut [u8],
        secret: &mut SharedSecret,
    ) -> Result<usize, CryptoError> {
        Changing::now().respond(random, theirs, public, secret)
    }
}

impl Provider for Changing {
    fn name(&self) -> &'static str {
        "changing"
    }
    fn kex(&self) -> &'static [&'static dyn KexMethod] {
        &[&Changing]
    }
    fn ciphers(&self) -> &'static [&'static dyn Cipher] {
        RUSTCRYPTO.ciphers()
    }
    fn macs(&self) -> &'static [&'static dyn Mac] {
        RUSTCRYPTO.macs()
    }
    fn signatures(&self) -> &'static [&'static dyn SignatureAlgorithm] {
        RUSTCRYPTO.signatures()
    }
    fn digest(&self, hash: Hash) -> Result<Box<dyn Digest>, CryptoError> {
        RUSTCRYPTO.digest(hash)
    }
    fn state_bytes(&self) -> usize {
        RUSTCRYPTO.state_bytes()
    }
}

/// CVE-2021-3634: the hash's length is the exchange's; the session identifier keeps that of the first.
#[test]
fn hashes_of_any_length_follow_each_other() {
    let hashes = [Hash::Sha256, Hash::Sha384, Hash::Sha512];
    for first in hashes {
        for cipher in ["aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com", "aes256-ctr"] {
            HASH.set(first);
            let mut pair = Builder::new(&Changing)
                .client(|config| {
                    config.ciphers(cipher).expect("a cipher").macs("hmac-sha2-512").expect("a MAC");
                })
                .logged_in();
            let session = pair.client.conn.session_id().expect("exchanged").to_vec();
            assert_eq!(session.len(), first.len());
            for next in [Hash::Sha512, Hash::Sha256, Hash::Sha384, Hash::Sha512, Hash::Sha384, Hash::Sha256] {
                HASH.set(next);
                pair.client.conn.rekey();
                pair.run();
                echo(&mut pair, &Pattern::new(2).take(5000));
                assert_eq!(pair.client.conn.session_id(), Some(&session[..]));
                assert_eq!(pair.server.conn.session_id(), Some(&session[..]));
            }
            assert_eq!(pair.server.conn.counters().exchanges, 7);
        }
    }
}
