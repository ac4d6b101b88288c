//! The key log, read by the program it is for: tshark decrypts a captured connection with it.
//!
//! The capture is written here, packet by packet, from what two endpoints said; so nobody needs the right to listen on a
//! network.
//!
//! What tshark 4.0, of Debian 12, does not know, whatever the key log says, and what is a blank here for that reason: the
//! hybrids and all other methods but curve25519; ChaCha20-Poly1305 with strict key exchange, whose sequence numbers begin
//! anew; counter mode; and a re-exchange, of which it hashes the first exchange's messages along.

use crate::flow::providers;
use sansh::crypto::Provider;
use sansh_testkit::pair::{Builder, Pair};
use sansh_testkit::peers::{Scratch, program};
use std::process::Command;

/// Ethernet, IPv4 and TCP around pieces of two byte streams (libpcap's file format, version 2.4).
struct Capture {
    file: Vec<u8>,
    /// How much each direction has said: client, server.
    said: [u32; 2],
}

impl Capture {
    fn new() -> Capture {
        let mut file = Vec::new();
        file.extend_from_slice(&0xa1b2_c3d4_u32.to_le_bytes());
        file.extend_from_slice(&[2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        file.extend_from_slice(&65_535_u32.to_le_bytes());
        file.extend_from_slice(&1_u32.to_le_bytes());
        Capture { file, said: [0; 2] }
    }

    /// One TCP segment of at most 1400 bytes at a time.
    fn say(&mut self, server: bool, bytes: &[u8]) {
        for piece in bytes.chunks(1400) {
            let from = usize::from(server);
            let (sequence, acknowledged) = (self.said[from] + 1, self.said[1 - from] + 1);
            let ports: [u16; 2] = if server { [22, 50_000] } else { [50_000, 22] };
            let mut tcp = ports.map(u16::to_be_bytes).concat();
            tcp.extend_from_slice(&sequence.to_be_bytes());
            tcp.extend_from_slice(&acknowledged.to_be_bytes());
            tcp.extend_from_slice(&[0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0]);
            tcp.extend_from_slice(piece);
            let length = u16::try_from(20 + tcp.len()).expect("a short segment");
            let hosts: [[u8; 4]; 2] =
                if server { [[10, 0, 0, 2], [10, 0, 0, 1]] } else { [[10, 0, 0, 1], [10, 0, 0, 2]] };
            let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];
            frame.extend_from_slice(&[0x45, 0]);
            frame.extend_from_slice(&length.to_be_bytes());
            frame.extend_from_slice(&[0, 0, 0x40, 0, 64, 6, 0, 0]);
            frame.extend_from_slice(&hosts.concat());
            frame.extend_from_slice(&tcp);
            let size = u32::try_from(frame.len()).expect("a short frame").to_le_bytes();
            self.file.extend_from_slice(&[[0; 4], [0; 4], size, size].concat());
            self.file.extend_from_slice(&frame);
            self.said[from] += u32::try_from(piece.len()).expect("a short piece");
        }
    }
}

/// What tshark says of a connection that was logged in, asked for a session, sent `SESAME` and re-exchanged its keys.
fn dissected(provider: &'static dyn Provider, kex: &'static str, cipher: &'static str) -> String {
    let mut pair = Builder::new(provider)
        .client(|config| {
            config.kex(kex).and_then(|config| config.ciphers(cipher)).expect("known");
        })
        .record()
        .build();
    sansh::danger::keep_key_log(&mut pair.client.conn);
    pair.client.app.password("user", "right");
    let (mut capture, mut log) = (Capture::new(), String::new());
    let mut seen = [0; 2];
    let mut follow = |pair: &mut Pair| {
        for _ in 0..400 {
            pair.turns(1);
            let _logged = sansh::danger::key_log(&mut pair.client.conn, &mut log).expect("a string takes all");
            for (server, pipe) in [(false, &pair.up), (true, &pair.down)] {
                let all = pipe.recorded();
                let new = &all[seen[usize::from(server)]..];
                // The identification in a segment of its own, as most programs send it.
                let line =
                    if seen[usize::from(server)] == 0 { new.iter().position(|byte| *byte == b'\n') } else { None };
                let (line, rest) = new.split_at(line.map_or(0, |at| at + 1));
                capture.say(server, line);
                capture.say(server, rest);
                seen[usize::from(server)] = all.len();
            }
        }
    };
    follow(&mut pair);
    assert!(pair.client.app.is_ready(), "{}", pair.dump());
    let session = sansh_testkit::apps::open(
        &mut pair.client.conn,
        &mut pair.client.app,
        &sansh_testkit::told::Opens::Session,
        10_000,
    );
    let session = session.expect("open");
    follow(&mut pair);
    pair.client.app.send(session, b"SESAME");
    follow(&mut pair);
    pair.client.conn.rekey();
    follow(&mut pair);
    assert_eq!(pair.client.conn.counters().exchanges, 2);
    assert_eq!(log.lines().count(), 2, "{log}");

    let scratch = Scratch::new().expect("a directory");
    let trace = scratch.write("trace.pcap", &capture.file).expect("written");
    let keys = scratch.write("keys.log", &log).expect("written");
    let keys = format!("ssh.keylog_file:{}", keys.display());
    let tshark = program("tshark").expect("tests/run installs it");
    let output =
        Command::new(tshark).arg("-r").arg(&trace).args(["-o", &keys, "-V", "-x"]).output().expect("tshark runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn wireshark_reads_a_connection_by_its_key_log() {
    for provider in providers() {
        for (kex, cipher) in [
            ("curve25519-sha256", "aes256-gcm@openssh.com"),
            ("curve25519-sha256@libssh.org", "aes128-gcm@openssh.com"),
        ] {
            let text = dissected(provider, kex, cipher);
            // The first is SESAME.
            for word in ["534553414d45", "Password: right", "Service Name: ssh-connection", "Channel Data (94)"] {
                assert!(text.contains(word), "{} {kex} {cipher}: tshark does not read {word}", provider.name());
            }
        }
    }
}
