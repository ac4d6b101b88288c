//! Every pair of algorithms, in both roles, with both providers, against every OpenSSH here.

use core::time::Duration;

use sansh::crypto::Provider;
use sansh::{Algorithms, Config};
use sansh_testkit::peers::{OpenSsh, Sshd};

use super::client::{Client, config};
use super::flow::{PATIENCE, pattern, providers};
use super::server::{Server, Setup};

const KEX: [&str; 3] = ["mlkem768x25519-sha256", "curve25519-sha256", "curve25519-sha256@libssh.org"];

/// Cipher, and MAC where the cipher is no AEAD.
const CIPHERS: [(&str, &str); 5] = [
    ("chacha20-poly1305@openssh.com", ""),
    ("aes256-gcm@openssh.com", ""),
    ("aes128-gcm@openssh.com", ""),
    ("aes256-ctr", "hmac-sha2-256"),
    ("aes256-ctr", "hmac-sha2-256-etm@openssh.com"),
];

#[derive(Clone, Copy)]
struct Pair {
    kex: &'static str,
    cipher: &'static str,
    mac: &'static str,
}

impl Pair {
    /// All that an OpenSSH knows.
    fn all(openssh: &OpenSsh) -> Vec<Pair> {
        let kex = openssh.query("kex").expect("kex");
        let pairs: Vec<Pair> = KEX
            .into_iter()
            .filter(|name| kex.iter().any(|known| known == name))
            .flat_map(|kex| CIPHERS.map(|(cipher, mac)| Pair { kex, cipher, mac }))
            .collect();
        assert!(pairs.len() >= 10, "{} knows {kex:?}", openssh.version());
        pairs
    }

    fn mac(&self) -> &'static str {
        if self.mac.is_empty() { "hmac-sha2-256" } else { self.mac }
    }

    /// The lines by which OpenSSH says what is in force.
    fn lines(&self) -> [String; 3] {
        let mac = if self.mac.is_empty() { "<implicit>" } else { self.mac };
        [
            format!("kex: algorithm: {}", self.kex),
            format!("kex: client->server cipher: {} MAC: {mac} compression: none", self.cipher),
            format!("kex: server->client cipher: {} MAC: {mac} compression: none", self.cipher),
        ]
    }

    fn is(&self, algorithms: Option<Algorithms>) {
        let algorithms = algorithms.expect("negotiated");
        let cipher = (self.cipher, self.mac);
        assert_eq!(
            (algorithms.kex, algorithms.client_to_server, algorithms.server_to_client, algorithms.host_key),
            (self.kex, cipher, cipher, "ssh-ed25519")
        );
        assert!(algorithms.strict, "strict key exchange is in force");
    }
}

fn choose<R: sansh::Role>(config: &mut Config<R>, pair: Pair) {
    config.kex(pair.kex).and_then(|c| c.ciphers(pair.cipher)).and_then(|c| c.macs(pair.mac())).expect("known");
}

fn sansh_to_sshd(provider: &'static dyn Provider) {
    for openssh in OpenSsh::every().expect("peers") {
        for pair in Pair::all(&openssh) {
            let sshd = Sshd::builder().openssh(&openssh).start().expect("sshd");
            let mut config = config(provider);
            choose(&mut config, pair);
            let mut client = Client::login(&sshd, config);
            let channel = client.exec("cat; exit 7");
            let sent = pattern(0, 200_000);
            client.send(channel, sent);
            client.finish(channel);
            let flow = client.closed(channel);
            assert!(flow.kept() == sent, "{} of {} bytes came back", flow.kept().len(), sent.len());
            assert_eq!((flow.status, flow.eof), (Some(7), true));
            pair.is(client.connection().algorithms());
            client.goodbye();
            for line in pair.lines() {
                sshd.wait_log(&line, Duration::from_secs(5)).expect("in force");
            }
        }
    }
}

fn ssh_to_sansh(provider: &'static dyn Provider) {
    for openssh in OpenSsh::every().expect("peers") {
        let server = Server::start(Setup::new(provider));
        for pair in Pair::all(&openssh) {
            let ssh = server
                .ssh(&openssh)
                .argument("-v")
                .option(format!("KexAlgorithms={}", pair.kex))
                .option(format!("Ciphers={}", pair.cipher))
                .option(format!("MACs={}", pair.mac()));
            let sent = pattern(0, 200_000);
            let output = ssh.command("cat-exit 7").run(sent).expect("ssh");
            let report = server.report();
            assert_eq!(output.status, Some(7), "{}{}", output.stderr, report.words);
            assert!(output.stdout == sent, "{} of {} bytes came back", output.stdout.len(), sent.len());
            pair.is(report.algorithms);
            for line in pair.lines() {
                assert!(output.stderr.contains(&line), "no {line:?} in {}", output.stderr);
            }
        }
    }
}

#[test]
fn sansh_with_rustcrypto_to_sshd() {
    sansh_to_sshd(providers()[0]);
}

#[test]
fn ssh_to_sansh_with_rustcrypto() {
    ssh_to_sansh(providers()[0]);
}

#[cfg(feature = "aws_lc")]
#[test]
fn sansh_with_aws_lc_to_sshd() {
    sansh_to_sshd(providers()[1]);
}

#[cfg(feature = "aws_lc")]
#[test]
fn ssh_to_sansh_with_aws_lc() {
    ssh_to_sansh(providers()[1]);
}

#[test]
fn what_nobody_has_in_common_ends_with_both_offers() {
    let sshd = Sshd::builder().ciphers("aes128-cbc").start().expect("sshd");
    let mut client = Client::connect(&sshd, config(providers()[0]), Vec::new());
    let (error, words) = client.ended();
    assert!(matches!(error, sansh::error::Error::NothingInCommon(_)), "{words}");
    assert!(words.contains("aes256-gcm@openssh.com") && words.contains("theirs: aes128-cbc"), "{words}");
    sshd.wait_log("no matching cipher found", PATIENCE).expect("told");
}
