//! RFC 4253, sections 4.2 and 5.

use crate::between::plain;
use crate::hand::error;
use sansh::config::{Config, ConfigError};
use sansh::error::{Error, IdentFault};
use sansh::{Client, Server};
use sansh_testkit::pair::{Pair, RUSTCRYPTO};
use sansh_testkit::raw::Raw;

/// What both ends say first.
fn first_words(software: &str) -> [Vec<u8>; 2] {
    let pair = Pair::builder()
        .client(|config| {
            config.software(software).expect("text");
        })
        .server(|config| {
            config.software(software).expect("text");
        })
        .build();
    [pair.client.conn.transmit_buf().to_vec(), pair.server.conn.transmit_buf().to_vec()]
}

/// "When the connection has been established, both sides MUST send an identification string." "This identification string
/// MUST be SSH-protoversion-softwareversion SP comments CR LF" "the 'protoversion' MUST be 2.0" "The identification MUST be
/// terminated by a single Carriage Return (CR) and a single Line Feed (LF) character" "The null character MUST NOT be sent."
/// "All packets following the identification string SHALL use the binary packet protocol" (RFC 4253, section 4.2).
#[test]
fn both_sides_identify_themselves() {
    let long = "x".repeat(200);
    for software in ["tester_1", "tester_1 with comments", long.as_str()] {
        for said in first_words(software) {
            let (line, packets) = plain(&said);
            assert_eq!(line, [b"SSH-2.0-", software.as_bytes(), b"\r\n"].concat());
            assert!(line.len() <= 255 && !line.contains(&0));
            assert_eq!(line.iter().filter(|byte| **byte == b'\r' || **byte == b'\n').count(), 2);
            assert_eq!(packets.len(), 1, "and then packets");
            assert_eq!(packets[0][0], 20);
        }
    }
}

/// "Both the 'protoversion' and 'softwareversion' strings MUST consist of printable US-ASCII characters, with the exception
/// of whitespace characters and the minus sign (-)." "If the 'comments' string is included, a 'space' character (denoted
/// above as SP, ASCII 32) MUST separate the 'softwareversion' and 'comments' strings." (RFC 4253, section 4.2)
#[test]
fn a_version_that_would_break_the_line_is_no_version() {
    for bad in ["", " comments alone", "a-b", "a\rb", "a\nb", "a\0b", "a\tb", "ä", "\x7f", &"x".repeat(201)] {
        let mut config = Config::<Server>::new(&RUSTCRYPTO);
        assert_eq!(config.software(bad).err(), Some(ConfigError::BadText), "{bad:?}");
    }
    for good in ["a", "a b-c", "a  b"] {
        let mut config = Config::<Client>::new(&RUSTCRYPTO);
        assert!(config.software(good).is_ok(), "{good:?}");
    }
}

/// "Clients MUST be able to process such lines." "Such lines MUST NOT begin with SSH-" (RFC 4253, section 4.2): the first
/// line that does is the identification, whatever stands in it.
#[test]
fn a_client_takes_lines_before_the_identification() {
    let lines = [
        b"Welcome\r\n".as_slice(),
        b"without a return\n",
        b"\r\n",
        b"ssh-2.0-small\r\n",
        b" SSH-2.0-later\r\n",
        b"SS\n",
    ];
    let mut raw = Raw::client(|_| {});
    for line in lines {
        raw.send_bytes(line);
    }
    raw.send_ident();
    assert_eq!(error(&raw), None);
    assert_eq!(raw.conn.peer().identification, b"SSH-2.0-raw");
    let mut raw = Raw::client(|_| {});
    raw.send_bytes(b"Welcome\r\nSSH-is spoken here\r\nSSH-2.0-raw\r\n");
    assert_eq!(error(&raw), Some(Error::Ident(IdentFault::Version)));
}

/// "Clients using protocol 2.0 MUST be able to identify this as identical to 2.0." (RFC 4253, section 5.1): 1.99.
#[test]
fn a_client_takes_1_99_for_2_0() {
    let mut raw = Raw::client(|_| {});
    raw.send_bytes(b"SSH-1.99-both\r\n");
    raw.send(&sansh_testkit::raw::kexinit(sansh_testkit::raw::Offer { kex: "null", follows: false }));
    assert!(error(&raw).is_none() && raw.heard(30));
    for old in ["SSH-1.5-x\r\n", "SSH-1.9-x\r\n", "SSH-1.999-x\r\n", "SSH-2.00-x\r\n", "SSH-20-x\r\n"] {
        let mut raw = Raw::client(|_| {});
        raw.send_bytes(old.as_bytes());
        assert_eq!(error(&raw), Some(Error::Ident(IdentFault::Version)), "{old:?}");
    }
}
