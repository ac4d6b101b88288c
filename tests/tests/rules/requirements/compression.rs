//! RFC 4253, section 6.2, with compression that begins behind the login (OpenSSH PROTOCOL, section 1.2): `zlib@openssh.com`.

use crate::hand::{error, global, init, kexinit_of, message, null_lists};
use sansh::Server;
use sansh::error::{Error, List};
use sansh_testalloc::{read, reset};
use sansh_testkit::raw::{Raw, password, strings};

const ZLIB: &[u8] = b"zlib@openssh.com";

/// A server that offers compression, logged in to with these methods for what the client sends, and for what it gets.
fn server(up: &[u8], down: &[u8]) -> Raw<Server> {
    let mut raw = Raw::server(|config| {
        config.compression(true);
    });
    raw.send_ident();
    let mut lists = null_lists(b"null,kex-strict-c-v00@openssh.com", b"null");
    (lists[6], lists[7]) = (up, down);
    raw.send(&kexinit_of(&lists, false));
    raw.send(&init());
    raw.new_keys();
    raw.send(&message(5, &[&strings(&[b"ssh-userauth"])]));
    raw.send(&password("user", "right"));
    assert!(raw.app.is_ready(), "nothing is compressed before the login: {:?}", raw.app.end);
    raw.take();
    raw
}

/// A zlib stream, bit by bit.
struct Stream {
    bytes: Vec<u8>,
    bits: u32,
}

impl Stream {
    /// The stream's header, if it begins here.
    fn new(begins: bool) -> Self {
        Stream { bytes: if begins { vec![0x78, 0x9c] } else { Vec::new() }, bits: 0 }
    }

    fn bit(&mut self, bit: bool) {
        if self.bits.is_multiple_of(8) {
            self.bytes.push(0);
        }
        let last = self.bytes.last_mut().expect("there is one");
        *last |= u8::from(bit) << (self.bits % 8);
        self.bits += 1;
    }

    /// A Huffman code: its highest bit first.
    fn code(&mut self, code: u32, length: u32) {
        (0..length).rev().for_each(|at| self.bit(code >> at & 1 == 1));
    }

    /// A stored block.
    fn stored(mut self, payload: &[u8]) -> Vec<u8> {
        // Not the last block, and stored; then to the next byte.
        (0..3).for_each(|_| self.bit(false));
        let length = u16::try_from(payload.len()).expect("one block");
        self.bytes.extend(length.to_le_bytes());
        self.bytes.extend((!length).to_le_bytes());
        self.bytes.extend_from_slice(payload);
        self.bytes
    }

    /// An IGNORE of `n` bytes, all but the first of them zero, in a block of fixed codes: 13 bits for each 258 bytes.
    fn zeros(mut self, n: usize) -> Vec<u8> {
        self.bit(false);
        self.bit(true);
        self.bit(false);
        // Literals: 2, and 0.
        self.code(0x32, 8);
        self.code(0x30, 8);
        let mut left = n - 2;
        while left >= 258 {
            // Length 258 (285), distance 1.
            self.code(0b1100_0101, 8);
            self.code(0, 5);
            left -= 258;
        }
        (0..left).for_each(|_| self.code(0x30, 8));
        // The end of the block, and an empty stored one, which fills the byte.
        self.code(0, 7);
        (0..3).for_each(|_| self.bit(false));
        self.bytes.extend([0, 0, 0xff, 0xff]);
        self.bytes
    }
}

/// "Compression MUST be independent for each direction, and implementations MUST allow independent choosing of the algorithm
/// for each direction." (RFC 4253, section 6.2)
#[test]
fn each_direction_has_its_own_compression() {
    for (up, down) in [(&b"none"[..], &b"none"[..]), (ZLIB, b"none"), (b"none", ZLIB), (ZLIB, ZLIB)] {
        let mut raw = server(up, down);
        let name = |list: &[u8]| if list == ZLIB { "zlib@openssh.com" } else { "none" };
        assert_eq!(raw.conn.algorithms().expect("negotiated").compression, (name(up), name(down)));
        let mut begins = true;
        for _ in 0..3 {
            let question = global("x@test", true, b"");
            let sent = if up == ZLIB { Stream::new(core::mem::take(&mut begins)).stored(&question) } else { question };
            raw.send(&sent);
        }
        assert_eq!((error(&raw), raw.said.len()), (None, 3));
        if down == ZLIB {
            assert_eq!(raw.said[0][..1], [0x78], "a stream begins: {:?}", raw.said[0]);
            assert!(raw.said[1][0] != 0x78 && raw.said.iter().all(|said| *said != [82]), "and goes on: {:?}", raw.said);
        } else {
            assert!(raw.said.iter().all(|said| *said == [82]), "{:?}", raw.said);
        }
    }
}

/// Compression that begins before the login is nothing in common, with compression or without.
#[test]
fn nothing_is_compressed_before_the_login() {
    for on in [true, false] {
        for at in [6, 7] {
            let mut raw = Raw::server(|config| {
                config.compression(on);
            });
            raw.send_ident();
            let mut lists = null_lists(b"null", b"null");
            lists[at] = b"zlib";
            raw.send(&kexinit_of(&lists, false));
            let list = if at == 6 { List::CompressionClientToServer } else { List::CompressionServerToClient };
            assert_eq!(error(&raw), Some(Error::NothingInCommon(list)));
        }
    }
}

/// CVE-2026-23943, CVE-2026-46702, GHSA-wwx6-x28x-8259, CVE-2026-106585, CVE-2013-4421: what a packet says when it is unpacked
/// is no longer than a packet may be: a longer one ends the connection as soon as it is, and takes no memory.
#[test]
fn a_packet_says_no_more_than_a_packet() {
    for (length, fits) in [
        (300, true),
        (33_000, true),
        (33_976, true),
        (33_977, false),
        (40_000, false),
        (100_000, false),
        (5_000_000, false),
    ] {
        let mut raw = server(ZLIB, b"none");
        raw.send(&Stream::new(true).stored(&global("x@test", true, b"")));
        raw.take();
        let packed = Stream::new(false).zeros(length);
        assert!(packed.len() < 32_768, "{}", packed.len());
        reset(0);
        raw.send(&packed);
        assert_eq!(error(&raw).is_none(), fits, "{length}: {:?}", error(&raw));
        assert!(read(0).peak <= 4096, "{length}: {} bytes", read(0).peak);
        if fits {
            raw.send(&Stream::new(false).stored(&global("x@test", true, b"")));
            assert_eq!(raw.said, [[82]], "and it goes on");
        }
    }
    // Again and again, up to the limit each: what is held stays the same.
    let mut raw = server(ZLIB, b"none");
    raw.send(&Stream::new(true).zeros(33_976));
    let live = read(0).live;
    for _ in 0..2000 {
        raw.send(&Stream::new(false).zeros(33_976));
    }
    assert_eq!((error(&raw), read(0).live), (None, live));
}

/// CVE-2026-106585: streams that are broken, end early, begin again or never end a block.
#[test]
fn a_broken_stream_ends_the_connection() {
    let whole = Stream::new(true).stored(&global("x@test", true, b""));
    for length in 0..whole.len() {
        let mut raw = server(ZLIB, b"none");
        raw.send(&whole[..length]);
        assert!(raw.app.end.is_some(), "cut off at {length}");
        assert!(raw.said.iter().all(|said| said[0] == 1), "nothing is made of it");
    }
    for at in 0..7 {
        let mut broken = whole.clone();
        broken[at] ^= 0xff;
        let mut raw = server(ZLIB, b"none");
        raw.send(&broken);
        assert!(raw.app.end.is_some(), "byte {at}");
    }
    let mut raw = server(ZLIB, b"none");
    raw.send(&whole);
    raw.send(&whole);
    assert!(raw.app.end.is_some(), "a second beginning");
    // A reference to what lies before the beginning.
    let mut stream = Stream::new(true);
    stream.bit(false);
    stream.bit(true);
    stream.bit(false);
    stream.code(0b1100_0101, 8);
    stream.code(0, 5);
    stream.code(0, 7);
    let mut raw = server(ZLIB, b"none");
    raw.send(&stream.bytes);
    assert!(raw.app.end.is_some());
}
