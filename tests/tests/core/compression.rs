//! `zlib@openssh.com`: in which directions, from when on, across re-exchanges; and what a stream may not do to its reader.
//! The raw peer's streams are made by hand, block by block.

use sansh::channel::Stream;
use sansh::config::Config;
use sansh::error::{Blame, Error, List, code};
use sansh::message::{self, Message};
use sansh::wire::{NameList, SliceSink, put_string};
use sansh::{Client, Disconnect, Role, Server};
use sansh_testalloc::{Counting, read, reset};
use sansh_testkit::alloc::watch;
use sansh_testkit::apps::Act;
use sansh_testkit::dice::{Dice, Pattern};
use sansh_testkit::net::{Chop, Weather};
use sansh_testkit::pair::{Builder, Pair, echo};
use sansh_testkit::raw::{NULL, Raw, payload};
use sansh_testkit::told::Told;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const ZLIB: &str = "zlib@openssh.com";
const BOTH: &str = "zlib@openssh.com,none";

/// How a connection ends that meets a broken stream.
const BROKEN: Error = Error::Compression;

/// The longest payload that a packet of 35,000 bytes may come to.
const LONGEST: usize = 35_000 - 1024;

/// A zlib stream, written bit by bit (RFC 1950, RFC 1951).
#[derive(Default)]
struct Zlib {
    bytes: Vec<u8>,
    bits: u32,
    held: u32,
    begun: bool,
}

impl Zlib {
    fn bits(&mut self, value: u32, n: u32) {
        self.held |= value << self.bits;
        self.bits += n;
        while self.bits >= 8 {
            self.bytes.push(self.held as u8);
            self.held >>= 8;
            self.bits -= 8;
        }
    }

    /// A Huffman code: its first bit first.
    fn code(&mut self, value: u32, n: u32) {
        self.bits(value.reverse_bits() >> (32 - n), n);
    }

    fn begin(&mut self) {
        if !core::mem::replace(&mut self.begun, true) {
            self.bytes.extend([0x78, 0x01]);
        }
    }

    fn block(&mut self, bytes: &[u8]) {
        self.bits(0, 3);
        self.bits(0, (8 - self.bits) % 8);
        let length = u16::try_from(bytes.len()).expect("one block");
        self.bytes.extend(length.to_le_bytes());
        self.bytes.extend((!length).to_le_bytes());
        self.bytes.extend(bytes);
    }

    /// The payload as it is, in stored blocks.
    fn stored(&mut self, payload: &[u8]) -> Vec<u8> {
        self.begin();
        payload.chunks(0xffff).for_each(|part| self.block(part));
        core::mem::take(&mut self.bytes)
    }

    /// So many zeros, 158 of them in a byte: a literal, and matches of 258 one byte back. `last`: nothing follows.
    fn zeros(&mut self, n: usize, last: bool) -> Vec<u8> {
        self.begin();
        self.bits(u32::from(last) | 2, 3);
        for _ in 0..n - (n - 1) / 258 * 258 {
            self.code(0x30, 8);
        }
        for _ in 0..(n - 1) / 258 {
            self.code(0b1100_0101, 8);
            self.code(0, 5);
        }
        self.code(0, 7);
        self.block(b"");
        core::mem::take(&mut self.bytes)
    }
}

fn kexinit(to_server: &str, to_client: &str, strict: &str) -> Vec<u8> {
    let kex = format!("null,{strict}");
    let list = |names| NameList::parse(str::as_bytes(names)).expect("a name-list");
    let (null, empty) = (list("null"), list(""));
    let (to_server, to_client) = (list(to_server), list(to_client));
    let (cookie, kex) = (message::Cookie([7; 16]), list(&kex));
    payload(&message::KexInit::new(
        cookie, kex, null, null, null, empty, empty, to_server, to_client, empty, empty, false, 0,
    ))
}

/// A server that offers compression and a raw client that offers this; logged in.
fn server(to_server: &str, to_client: &str) -> Raw<Server> {
    let mut raw = Raw::server(|config| {
        config.compression(true);
    });
    raw.send_ident();
    raw.send(&kexinit(to_server, to_client, "kex-strict-c-v00@openssh.com"));
    if raw.app.end.is_some() {
        return raw;
    }
    raw.send(&payload(&message::KexEcdhInit::new(&[1; 32])));
    raw.new_keys();
    raw.send(&payload(&message::ServiceRequest::new(b"ssh-userauth")));
    raw.send(&sansh_testkit::raw::password("user", "right"));
    assert!(raw.app.is_ready(), "no login: {:?}", raw.app);
    raw
}

/// A client that offers compression and a raw server that offers this; logged in.
fn client(to_server: &str, to_client: &str) -> Raw<Client> {
    let mut raw = Raw::client(|config| {
        config.compression(true);
    });
    raw.send_ident();
    raw.send(&kexinit(to_server, to_client, "kex-strict-s-v00@openssh.com"));
    raw.reply(sansh_testkit::raw::NULL_KEY);
    raw.new_keys();
    raw.send(&payload(&message::ServiceAccept::new(b"ssh-userauth")));
    raw.send(&payload(&message::UserauthSuccess::new()));
    assert!(raw.app.is_ready(), "no login: {:?}", raw.app);
    raw
}

/// A global request that nobody knows and that wants an answer.
fn request() -> Vec<u8> {
    let mut bytes = vec![80; 1];
    bytes.extend(sansh_testkit::raw::strings(&[b"unknown@test"]));
    bytes.push(1);
    bytes
}

/// An IGNORE of `n` bytes.
fn ignore(n: usize) -> Vec<u8> {
    let mut bytes = vec![0; n];
    bytes[0] = 2;
    put_string(&mut SliceSink::new(&mut bytes[1..]), &vec![0; n - 5]);
    bytes
}

fn broken<R: Told>(raw: &Raw<R>) {
    let end = raw.app.ended();
    assert_eq!((end.error, end.error.blame()), (BROKEN, Blame::Peer), "{}", end.text);
    assert_eq!(raw.disconnect_code(), BROKEN.disconnect_code(), "{:?}", raw.said);
}

// What is agreed on.

/// RFC 4253, section 6.2: "Compression MUST be independent for each direction, and implementations MUST allow independent
/// choosing of the algorithm for each direction." RFC 4253, section 7.1: "MUST be the first algorithm on the client's
/// name-list that is also on the server's name-list".
#[test]
fn each_direction_is_chosen_by_itself() {
    for (up, chosen_up) in [("none", "none"), (BOTH, ZLIB), ("none,zlib@openssh.com", "none"), ("zlib,none", "none")] {
        for (down, chosen_down) in [("none", "none"), (BOTH, ZLIB)] {
            let mut raw = server(up, down);
            assert_eq!(raw.conn.algorithms().expect("agreed").compression, (chosen_up, chosen_down));
            raw.take();
            let said = if chosen_up == ZLIB { Zlib::default().stored(&request()) } else { request() };
            raw.send(&said);
            match chosen_down {
                ZLIB => assert!(raw.said[0].starts_with(&[0x78]), "{:?}", raw.said),
                _ => assert_eq!(raw.said, [[82]]),
            }
        }
    }
    // A client's own order counts, whatever the server's.
    for (up, down, chosen) in [(BOTH, "none", (ZLIB, "none")), ("none", "none,zlib@openssh.com", ("none", ZLIB))] {
        let raw = client(up, down);
        assert_eq!(raw.conn.algorithms().expect("agreed").compression, chosen);
    }
}

/// RFC 4253, section 7.1: "If there is no such algorithm, both sides MUST disconnect." The other `zlib`, which begins before
/// anybody has logged in, is never taken.
#[test]
fn no_decompressor_exists_before_the_login() {
    let raw = server("zlib", "none");
    let end = raw.app.ended();
    assert_eq!(end.error, Error::NothingInCommon(List::CompressionClientToServer));
    assert_eq!(end.offers.as_ref().expect("offers").1, "zlib");
    assert_eq!(raw.disconnect_code(), Some(code::KEY_EXCHANGE_FAILED));
    // Off is the default: then only `none` is offered.
    let mut raw = Raw::server(|_| {});
    raw.to_open();
    let offer = raw.said.iter().find_map(|said| message::KexInit::parse(said).ok()).expect("a KEXINIT");
    assert_eq!((offer.compression_c2s.as_str(), offer.compression_s2c.as_str()), ("none", "none"));
    assert_eq!(raw.conn.algorithms().expect("agreed").compression, ("none", "none"));
    let raw = server(BOTH, BOTH);
    let offer = raw.said.iter().find_map(|said| message::KexInit::parse(said).ok()).expect("a KEXINIT");
    assert_eq!((offer.compression_c2s.as_str(), offer.compression_s2c.as_str()), (BOTH, BOTH));
}

/// OpenSSH PROTOCOL, section 1.2: compression begins behind USERAUTH_SUCCESS. RFC 4253, section 6: "Initially, compression
/// MUST be none".
#[test]
fn nothing_is_compressed_before_success() {
    let mut raw = server(BOTH, BOTH);
    let numbers: Vec<u8> = raw.take().iter().map(|said| said[0]).collect();
    assert_eq!(numbers, [20, 31, 21, 6, 52], "in the clear, and SUCCESS is the last of it");
    raw.send(&Zlib::default().stored(&request()));
    assert_eq!(raw.said.len(), 1);
    assert!(raw.said[0].starts_with(&[0x78]), "{:?}", raw.said);
    // What was sent in the clear behind SUCCESS is no stream.
    let mut raw = server(BOTH, "none");
    raw.send(&request());
    broken(&raw);

    let mut raw = client(BOTH, BOTH);
    let numbers: Vec<u8> = raw.take().iter().map(|said| said[0]).collect();
    assert_eq!(numbers, [20, 30, 21, 5, 50]);
    raw.send(&Zlib::default().stored(&request()));
    assert!(raw.said[0].starts_with(&[0x78]), "{:?}", raw.said);
    let mut raw = client("none", BOTH);
    raw.send(&request());
    broken(&raw);
}

// What a stream may not do.

fn bombs<R: Told>(raw: impl Fn() -> Raw<R>, bound: usize) {
    let held = |raw: &Raw<R>, what: &str| {
        let peak = read(0).peak.unsigned_abs();
        println!("{what}: {peak} of {bound} bytes");
        assert!(peak > 0 && peak <= bound, "{what}: {peak} of {bound} bytes");
        broken(raw);
    };
    // 100 KiB in one packet; one byte too many; a literal too many.
    for n in [100 * 1024, LONGEST + 1] {
        reset(0);
        let mut raw = raw();
        raw.send(&Zlib::default().zeros(n, false));
        held(&raw, "zeros");
    }
    for n in [LONGEST + 1, LONGEST + 258] {
        reset(0);
        let mut raw = raw();
        let mut stream = Zlib::default();
        raw.send(&stream.stored(&ignore(20_000)));
        let mut packet = stream.stored(&ignore(34_000)[..20_000]);
        packet.extend(stream.zeros(n - 20_000, false));
        assert!(packet.len() < 34_900);
        raw.send(&packet);
        held(&raw, "stored and zeros");
    }
    // The longest that is allowed, again and again, and then one byte more.
    reset(0);
    let mut raw = raw();
    let mut stream = Zlib::default();
    for _ in 0..20 {
        let mut packet = stream.stored(&ignore(LONGEST)[..5]);
        packet.extend(stream.zeros(LONGEST - 5, false));
        raw.send(&packet);
        assert!(raw.app.end.is_none(), "{:?}", raw.app.end);
    }
    raw.send(&stream.zeros(LONGEST + 1, false));
    held(&raw, "again and again");
}

/// A PING may be longer than what we deflate: it is not answered, and nothing breaks.
#[test]
fn a_long_ping_has_no_pong() {
    let mut raw = server("zlib@openssh.com", "zlib@openssh.com");
    let mut stream = Zlib::default();
    for n in [32_776, 32_777, 33_971] {
        let mut ping = vec![192];
        ping.extend(sansh_testkit::raw::strings(&[&vec![0; n]]));
        raw.send(&stream.stored(&ping));
        assert!(raw.app.end.is_none(), "{n}: {:?}", raw.app.end);
    }
}

/// CVE-2026-23943, CVE-2026-46702, CVE-2026-106585, CVE-2013-4421: a short packet that inflates to more than any packet may
/// have ends the connection, and takes no memory.
#[test]
fn a_bomb_ends_the_connection_and_takes_no_memory() {
    let mut config = Config::<Server>::new(&NULL);
    bombs(|| server(BOTH, "none"), config.compression(true).bytes());
    let mut config = Config::<Client>::new(&NULL);
    bombs(|| client("none", BOTH), config.compression(true).bytes());
}

#[test]
fn what_is_no_stream_ends_the_connection() {
    let truncated = |n: usize| {
        let mut packet = Zlib::default().stored(&request());
        packet.truncate(n);
        packet
    };
    let cases = [
        ("not zlib", vec![0x79, 0x01, 0, 0, 0]),
        ("a dictionary", vec![0x78, 0xbb, 0, 0, 0, 1]),
        ("no method", vec![0x70, 0x00, 0]),
        ("the head alone", truncated(2)),
        ("half the head", truncated(1)),
        ("no length", truncated(5)),
        ("no data", truncated(7)),
        ("a wrong length", vec![0x78, 0x01, 0, 1, 0, 0, 0, 2]),
        ("a reserved block", vec![0x78, 0x01, 6]),
        ("a match before the beginning", vec![0x78, 0x01, 2, 2, 0, 0, 0]),
        ("no payload", Zlib::default().stored(b"\0")[..2].iter().copied().chain([0, 0, 0, 0xff, 0xff]).collect()),
        ("the end of the stream", Zlib::default().zeros(100, true)),
    ];
    for (what, packet) in cases {
        let mut raw = server(BOTH, "none");
        raw.send(&packet);
        let end = raw.app.end.as_ref().unwrap_or_else(|| panic!("{what} is taken"));
        assert_eq!(end.error, BROKEN, "{what}");
        assert_eq!(raw.disconnect_code(), BROKEN.disconnect_code(), "{what}");
    }
    // Half a message is malformed, as in the clear.
    let mut raw = server(BOTH, "none");
    raw.send(&truncated(20));
    assert!(matches!(raw.app.ended().error, Error::Malformed { number: 80, .. }), "{:?}", raw.app.end);
    // Any bytes end it, or do nothing.
    let mut dice = Dice::new(9);
    for _ in 0..300 {
        let mut raw = server(BOTH, "none");
        let mut bytes = Zlib::default().stored(&request());
        for _ in 0..1 + dice.below(4) {
            let at = dice.below(bytes.len());
            bytes[at] = dice.number() as u8;
        }
        raw.send(&bytes);
    }
}

// Both ends.

fn compressed(builder: Builder) -> Builder {
    builder
        .client(|config| {
            config.compression(true);
        })
        .server(|config| {
            config.compression(true);
        })
}

fn text(n: usize) -> Vec<u8> {
    let line = |at: usize| format!("line {at} of a text that says much the same in every line\n").into_bytes();
    (0..).flat_map(line).take(n).collect()
}

#[test]
fn text_becomes_shorter_and_noise_not_much_longer() {
    for (bytes, from, to) in
        [(text(300_000), 1, 60_000), (Pattern::new(1).take(300_000), 300_000, 306_000), (vec![0; 300_000], 1, 10_000)]
    {
        let mut pair = compressed(Pair::builder()).logged_in();
        assert_eq!(pair.client.conn.algorithms().expect("agreed").compression, (ZLIB, ZLIB));
        assert_eq!(pair.client.conn.algorithms(), pair.server.conn.algorithms());
        echo(&mut pair, &bytes);
        for counters in [pair.client.conn.counters(), pair.server.conn.counters()] {
            assert!((from..to).contains(&counters.bytes_out), "{} bytes", counters.bytes_out);
        }
        // In the notation, messages stand as they are.
        for side in [&pair.client.log, &pair.server.log] {
            for message in ["C → S SSH CHANNEL_DATA(", "S → C SSH CHANNEL_DATA(", "S → C SSH CHANNEL_CLOSE("] {
                assert!(side.contains(message), "{message}");
            }
            assert!(!side.contains("malformed"), "{side}");
        }
    }
}

#[test]
fn one_end_alone_changes_nothing() {
    for server in [false, true] {
        let builder = Pair::builder()
            .client(|config| {
                config.compression(!server);
            })
            .server(|config| {
                config.compression(server);
            });
        let mut pair = builder.logged_in();
        assert_eq!(pair.client.conn.algorithms().expect("agreed").compression, ("none", "none"));
        echo(&mut pair, &text(100_000));
        assert!(pair.client.conn.counters().bytes_out > 100_000);
    }
}

/// RFC 4253, section 6.2: "The compression context is initialized after each key exchange, and is passed from one packet to
/// the next". Bytes of every kind on several channels, both ways, cut at random, a re-exchange for every 16 KiB.
#[test]
fn streams_begin_anew_with_each_key_under_load() {
    for seed in 0..6 {
        let weather = match seed % 3 {
            0 => Weather::random(),
            1 => Weather { read: Chop::Random(9000), write: Chop::Random(3000), delay: 0, room: 9000 },
            _ => Weather::default(),
        };
        let (up, down) = if seed % 2 == 0 { (16_384, u64::MAX) } else { (u64::MAX, 20_000) };
        let builder = compressed(Pair::builder()).seed(seed).weather(weather).client(|config| {
            config.rekey_bytes(up);
        });
        let mut pair = builder
            .server(|config| {
                config.rekey_bytes(down);
            })
            .logged_in();
        pair.server.app.echo = true;
        let mut sent = Vec::new();
        for at in 0..4_u64 {
            let (mine, _) = pair.session();
            let noise = Pattern::new(seed * 10 + at).take(60_000);
            let bytes = [text(90_000), noise.clone(), vec![7; 70_000], noise].concat();
            for part in bytes.chunks(7001) {
                pair.client.app.send(mine, part);
            }
            pair.client.app.act(mine, Act::Finish);
            sent.push((mine, bytes));
        }
        pair.run();
        for (mine, bytes) in sent {
            assert!(pair.client.app.received(mine, Stream::Main) == bytes, "the echo differs\n{}", pair.dump());
        }
        let exchanges = pair.client.conn.counters().exchanges;
        assert!(exchanges > 10, "{exchanges} exchanges");
        assert_eq!(exchanges, pair.server.conn.counters().exchanges);
        println!("seed {seed}: {exchanges} exchanges, {} bytes up", pair.client.conn.counters().bytes_out);
    }
}

/// Exchanges as fast as they go, begun by either side, by both, at any moment of the transfer.
#[test]
fn exchange_upon_exchange() {
    for seed in 0..4 {
        let mut dice = Dice::new(seed);
        let weather = Weather { read: Chop::Random(9000), write: Chop::Random(3000), delay: 0, room: 9000 };
        let mut pair = compressed(Pair::builder()).seed(seed).weather(weather).logged_in();
        pair.server.app.echo = true;
        let mut sent = Vec::new();
        for at in 0..4 {
            let (mine, _) = pair.session();
            let bytes = [text(150_000), Pattern::new(at).take(150_000)].concat();
            for part in bytes.chunks(3001) {
                pair.client.app.send(mine, part);
            }
            pair.client.app.act(mine, Act::Finish);
            sent.push((mine, bytes));
        }
        for _ in 0..300 {
            pair.turns(dice.below(60));
            match dice.below(3) {
                0 => pair.client.conn.rekey(),
                1 => pair.server.conn.rekey(),
                _ => {
                    pair.client.conn.rekey();
                    pair.server.conn.rekey();
                }
            }
        }
        pair.run();
        for (mine, bytes) in sent {
            assert!(pair.client.app.received(mine, Stream::Main) == bytes, "the echo differs\n{}", pair.dump());
        }
        let exchanges = pair.client.conn.counters().exchanges;
        println!("seed {seed}: {exchanges} exchanges");
        assert!(exchanges > 20, "{exchanges} exchanges");
    }
}

/// RFC 4253, section 6.2: "The compression context is initialized after each key exchange". Up to NEWKEYS, that one
/// included, the old streams go on; behind it, what was agreed on then is in force, each way by itself.
#[test]
fn at_newkeys_the_old_stream_ends_and_the_new_one_begins() {
    let mut raw = server(BOTH, BOTH);
    let mut stream = Zlib::default();
    raw.send(&stream.stored(&request()));
    for (up, down) in [(BOTH, BOTH), ("none", BOTH), (BOTH, "none"), ("none", "none"), (BOTH, BOTH)] {
        let before = raw.conn.algorithms().expect("agreed").compression;
        let say = |stream: &mut Zlib, message: Vec<u8>| match before.0 {
            ZLIB => stream.stored(&message),
            _ => message,
        };
        raw.take();
        for message in [
            kexinit(up, down, "ext-info-c"),
            payload(&message::KexEcdhInit::new(&[1; 32])),
            payload(&message::NewKeys::new()),
        ] {
            let said = say(&mut stream, message);
            raw.send(&said);
        }
        assert!(raw.app.end.is_none(), "{:?}", raw.app.end);
        assert_eq!(raw.said.len(), 3, "KEXINIT, REPLY, NEWKEYS: {:?}", raw.said);
        // A stream goes on without a head.
        let clear = [20, 31, 21].iter().zip(&raw.said).all(|(number, said)| said[0] == *number);
        assert_eq!(clear, before.1 == "none", "{:?}", raw.said);
        assert!(raw.said.iter().all(|said| !said.starts_with(&[0x78])));
        raw.take();
        stream = Zlib::default();
        raw.send(&if up == BOTH { stream.stored(&request()) } else { request() });
        match down {
            BOTH => assert!(raw.said[0].starts_with(&[0x78]), "{:?}", raw.said),
            _ => assert_eq!(raw.said, [[82]]),
        }
    }
    // The old stream does not go on behind NEWKEYS.
    let mut raw = server(BOTH, "none");
    let mut stream = Zlib::default();
    for message in [
        kexinit(BOTH, "none", "ext-info-c"),
        payload(&message::KexEcdhInit::new(&[1; 32])),
        payload(&message::NewKeys::new()),
        request(),
    ] {
        raw.send(&stream.stored(&message));
    }
    broken(&raw);
}

#[test]
fn one_byte_at_a_time_and_in_small_buffers() {
    for (weather, small) in [(Weather::one_byte(), false), (Weather::default(), true), (Weather::random(), true)] {
        let mut builder = compressed(Pair::builder()).weather(weather);
        if small {
            builder = builder.limits(|limits| {
                limits.packet = 4096;
                limits.handshake_receive = 8 * 1024;
                limits.receive = 8 * 1024;
                limits.handshake_transmit = 8 * 1024;
                limits.transmit = 8 * 1024;
            });
        }
        let mut pair = builder.logged_in();
        echo(&mut pair, &Pattern::new(3).take(50_000));
        pair.client.conn.rekey();
        pair.run();
        echo(&mut pair, &text(50_000));
        pair.server.conn.rekey();
        pair.run();
        echo(&mut pair, &[text(10_000), Pattern::new(4).take(30_000)].concat());
        assert_eq!(pair.client.conn.counters().exchanges, 3);
    }
}

/// The last message is part of the stream, and is understood.
#[test]
fn a_disconnect_is_understood() {
    let mut pair = compressed(Pair::builder()).logged_in();
    echo(&mut pair, &text(1000));
    pair.client.conn.disconnect(Disconnect { code: code::BY_APPLICATION, text: "that was all" });
    pair.settle();
    let end = pair.server.app.ended();
    assert_eq!(end.error, Error::Disconnected { code: code::BY_APPLICATION });
    assert_eq!(end.words, b"that was all");
}

// Memory.

fn offered<R: Role>(config: &mut Config<R>) -> usize {
    let before = config.bytes();
    let after = config.compression(true).bytes();
    assert_eq!(config.compression(false).bytes(), before, "it counts only where it is offered");
    after - before
}

#[test]
fn what_it_holds_is_counted_and_goes() {
    let more = offered(&mut Config::<Client>::new(&NULL));
    assert_eq!(more, offered(&mut Config::<Server>::new(&NULL)));
    // What a stream holds, and what a logged in pair without one does.
    let mut live = Vec::new();
    for on in [false, true] {
        let mut builder = Pair::builder().trace(0);
        if on {
            builder = compressed(builder);
        }
        let bounds = builder.bytes();
        reset(0);
        reset(1);
        let mut pair = builder.logged_in();
        echo(&mut pair, &text(100_000));
        for _ in 0..3 {
            pair.client.conn.rekey();
            pair.run();
            pair.server.conn.rekey();
            pair.run();
            echo(&mut pair, &Pattern::new(1).take(200_000));
        }
        for (meter, bound) in [(0, bounds.0), (1, bounds.1)] {
            let peak = read(meter).peak.unsigned_abs();
            println!("compression {on}: {peak} of {bound} bytes at most");
            assert!(peak > 0 && peak <= bound, "{peak} of {bound}");
        }
        live.push(read(0).live.unsigned_abs());
        let Pair { client, server, .. } = pair;
        watch(0, || drop(client.conn));
        watch(1, || drop(server.conn));
        assert_eq!((read(0).live, read(1).live), (0, 0));
    }
    let taken = live[1] - live[0];
    println!("compression takes {taken} of {more} bytes");
    assert!((more * 9 / 10..=more).contains(&taken), "{taken} of {more}");
}
