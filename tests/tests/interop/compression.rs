//! `zlib@openssh.com` with OpenSSH at the other end, in both roles: text and noise, through many re-exchanges.

use core::fmt::Write;
use core::time::Duration;
use std::io::Read;
use std::thread;

use sansh::crypto::Provider;
use sansh::{Config, Role};
use sansh_testkit::peers::{OpenSsh, Sshd};

use super::client::{self, Client};
use super::flow::{Input, pattern, providers};
use super::server::{Server, Setup};

const ZLIB: &str = "zlib@openssh.com";
const PATIENCE: Duration = Duration::from_secs(240);

/// OpenSSH starts its exchanges by this, and sansh its own.
const LIMIT: &str = "256K";
const OWN: u64 = 600_000;

/// Text, noise, and nothing but one byte, in turn: 8 MiB.
fn mixed() -> Vec<u8> {
    let mut bytes = Vec::new();
    for round in 0..4_u64 {
        let mut text = String::new();
        while text.len() < 1 << 20 {
            writeln!(text, "line {} of a text that says much the same in every line", text.len()).expect("memory");
        }
        bytes.extend(text.as_bytes());
        bytes.extend(pattern(round * 77, 700_000));
        bytes.resize(bytes.len() + 300_000, 0);
    }
    bytes
}

/// The lines by which OpenSSH says what is in force.
fn lines(up: &str, down: &str) -> [(&'static str, String); 2] {
    [
        ("client->server cipher: ", format!("compression: {up}")),
        ("server->client cipher: ", format!("compression: {down}")),
    ]
}

fn said(log: &str, up: &str, down: &str) {
    for (way, compression) in lines(up, down) {
        let found =
            log.lines().any(|line| line.contains(way) && line.trim_end_matches(" [preauth]").ends_with(&compression));
        assert!(found, "{way}…{compression} in {log}");
    }
}

fn offering(provider: &'static dyn Provider) -> Config<sansh::Client> {
    let mut config = client::config(provider);
    compressing(&mut config);
    config
}

/// Many exchanges, and none that takes its time.
fn compressing<R: Role>(config: &mut Config<R>) {
    config.kex("curve25519-sha256").expect("known").compression(true).rekey_bytes(OWN);
}

/// sansh sends to `cat` on sshd and gets all of it back.
#[test]
fn sansh_to_sshd() {
    let bytes = mixed();
    for openssh in OpenSsh::every().expect("peers") {
        for provider in providers() {
            let sshd = Sshd::builder().openssh(&openssh).line("Compression delayed").rekey_limit(LIMIT);
            let sshd = sshd.start().expect("sshd");
            let mut client = Client::login(&sshd, offering(provider));
            client.patience(PATIENCE);
            assert_eq!(client.connection().algorithms().expect("agreed").compression, (ZLIB, ZLIB));
            let channel = client.exec("cat; exit 7");
            client.send(channel, &bytes);
            client.finish(channel);
            let flow = client.closed(channel);
            assert!(flow.kept() == bytes, "{} bytes came back", flow.received);
            assert_eq!(flow.status, Some(7));
            let counters = client.connection().counters();
            assert!(counters.exchanges > 10, "{counters:?}");
            let shorter = bytes.len() as u64 / 2;
            assert!(counters.bytes_out < shorter && counters.bytes_in < shorter, "{counters:?}");
            println!("{}: {counters:?}", openssh.version());
            said(&sshd.log(), ZLIB, ZLIB);
            client.goodbye();
        }
    }
}

/// `ssh -C` sends to the echo of sansh and gets all of it back.
#[test]
fn ssh_to_sansh() {
    let bytes = mixed();
    for openssh in OpenSsh::every().expect("peers") {
        for provider in providers() {
            let mut setup = Setup::new(provider);
            compressing(&mut setup.config);
            let server = Server::start(setup);
            let ssh = server.ssh(&openssh).argument("-C").argument("-v").option(format!("RekeyLimit={LIMIT}"));
            let mut ssh = ssh.patience(PATIENCE).command("cat-exit 7").start().expect("ssh");
            let (mut input, mut output) = (ssh.stdin.take().expect("a pipe"), ssh.stdout.take().expect("a pipe"));
            let sent = bytes.clone();
            let writing = thread::spawn(move || std::io::Write::write_all(&mut input, &sent).expect("ssh reads"));
            let mut back = Vec::new();
            output.read_to_end(&mut back).expect("a pipe");
            writing.join().expect("all was written");
            let output = ssh.finish(&[], PATIENCE).expect("ssh");
            assert_eq!(output.status, Some(7), "{}", output.stderr);
            assert!(back == bytes, "{} bytes came back", back.len());
            said(&output.stderr, ZLIB, ZLIB);
            let report = server.report();
            assert_eq!(report.algorithms.expect("agreed").compression, (ZLIB, ZLIB));
            let shorter = bytes.len() as u64 / 2;
            println!("{}: {:?}", openssh.version(), report.counters);
            assert!(report.counters.exchanges > 10, "{:?}", report.counters);
            assert!(report.counters.bytes_out < shorter && report.counters.bytes_in < shorter, "{:?}", report.counters);
        }
    }
}

/// Who does not want it gets it in the clear.
#[test]
fn a_peer_without_it() {
    let openssh = OpenSsh::recent().expect("peers");
    let provider = providers()[0];
    let sshd = Sshd::builder().openssh(&openssh).line("Compression no").start().expect("sshd");
    let mut client = Client::login(&sshd, offering(provider));
    assert_eq!(client.connection().algorithms().expect("agreed").compression, ("none", "none"));
    let channel = client.exec("cat");
    let flow = client.flow(channel);
    (flow.input, flow.to_send, flow.finish) = (Input::Check, 100_000, true);
    assert_eq!(client.closed(channel).received, 100_000);
    said(&sshd.log(), "none", "none");
    client.goodbye();

    let mut setup = Setup::new(provider);
    setup.config.compression(true);
    let server = Server::start(setup);
    let ssh = server.ssh(&openssh).argument("-v").option("Compression=no").command("cat-exit 3");
    let output = ssh.run(b"in the clear").expect("ssh");
    assert_eq!((output.status, &output.stdout[..]), (Some(3), &b"in the clear"[..]), "{}", output.stderr);
    said(&output.stderr, "none", "none");
    assert_eq!(server.report().algorithms.expect("agreed").compression, ("none", "none"));
}
