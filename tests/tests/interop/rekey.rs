//! 256 MiB each way in both roles, with a re-exchange for every MiB at least: started by one side, the other, or both.

use core::time::Duration;
use std::io::{Read, Write};
use std::thread;

use sansh::crypto::Provider;
use sansh::{Config, Role, SECOND};
use sansh_testkit::peers::{OpenSsh, Sshd};

use super::client::{self, Client};
use super::flow::{Input, pattern, providers};
use super::server::{Server, Setup};

/// OpenSSH counts both directions together, in blocks: of `RekeyLimit 1M` it comes to half a MiB or more each way.
const LIMIT: &str = "1M";
const PATIENCE: Duration = Duration::from_secs(240);

/// One transfer, to and fro.
#[derive(Clone, Copy)]
struct Bulk {
    provider: &'static dyn Provider,
    cipher: &'static str,
    mac: &'static str,
    length: u64,
    /// sansh's own `rekey_bytes`.
    own: u64,
}

impl Bulk {
    fn choose<R: Role>(&self, config: &mut Config<R>) {
        config.ciphers(self.cipher).and_then(|c| c.macs(self.mac)).expect("known").rekey_bytes(self.own);
    }

    /// `exchanges` in all; `ours` and `theirs` of them were started by sansh and by OpenSSH.
    fn rekeyed(&self, exchanges: u64, (ours, theirs): (usize, usize)) {
        let said = format!("{exchanges} exchanges, sansh started {ours}, OpenSSH {theirs}");
        assert_eq!(exchanges, (ours + theirs) as u64, "{said}");
        assert!(exchanges >= self.length >> 20, "{said}");
        // With a limit far from OpenSSH's, the lower one starts nearly all.
        match self.own {
            ..=300_000 => assert!(ours > 10 * theirs, "{said}"),
            1_000_000.. => assert!(theirs > 10 * ours, "{said}"),
            _ => {}
        }
    }
}

/// sansh sends to `cat` on sshd and gets all of it back.
fn sansh_to_sshd(bulk: Bulk) {
    let sshd = Sshd::builder().rekey_limit(LIMIT).start().expect("sshd");
    let mut config = client::config(bulk.provider);
    bulk.choose(&mut config);
    let mut client = Client::login(&sshd, config);
    client.patience(PATIENCE);
    let channel = client.exec("cat; exit 7");
    let flow = client.flow(channel);
    (flow.input, flow.to_send, flow.finish) = (Input::Check, bulk.length, true);
    let flow = client.closed(channel);
    assert_eq!((flow.sent, flow.received, flow.status), (bulk.length, bulk.length, Some(7)));
    let exchanges = client.connection().counters().exchanges;
    bulk.rekeyed(exchanges, started(&client.told.trace));
    client.goodbye();
}

/// ssh sends to the echo of sansh and gets all of it back.
fn ssh_to_sansh(bulk: Bulk) {
    let mut setup = Setup::new(bulk.provider);
    bulk.choose(&mut setup.config);
    let server = Server::start(setup);
    let openssh = OpenSsh::recent().expect("peers");
    let mut ssh =
        server.ssh(&openssh).option(format!("RekeyLimit={LIMIT}")).command("cat-exit 7").start().expect("ssh");
    let (mut input, mut output) = (ssh.stdin.take().expect("a pipe"), ssh.stdout.take().expect("a pipe"));
    let writing = thread::spawn(move || {
        let mut at = 0;
        while at < bulk.length {
            let bytes = pattern(at, usize::try_from((bulk.length - at).min(1 << 18)).expect("small"));
            input.write_all(bytes).expect("ssh reads");
            at += bytes.len() as u64;
        }
    });
    let mut buffer = vec![0; 1 << 18];
    let mut at = 0;
    loop {
        let n = output.read(&mut buffer).expect("a pipe");
        if n == 0 {
            break;
        }
        assert!(buffer[..n] == *pattern(at, n), "wrong data near byte {at}");
        at += n as u64;
    }
    assert_eq!(at, bulk.length, "{}", ssh.stderr());
    writing.join().expect("all was written");
    let output = ssh.finish(&[], PATIENCE).expect("ssh");
    assert_eq!(output.status, Some(7), "{}", output.stderr);
    let report = server.report();
    let (theirs, ours) = started(&report.trace);
    bulk.rekeyed(report.counters.exchanges, (ours, theirs));
}

macro_rules! bulk {
    ($($name:ident: $provider:ident, $cipher:literal, $mac:literal, $length:expr, $own:expr;)*) => { $(
        mod $name {
            use super::{Bulk, sansh_to_sshd, ssh_to_sansh};

            fn bulk() -> Bulk {
                Bulk { provider: super::$provider(), cipher: $cipher, mac: $mac, length: $length << 20, own: $own }
            }

            #[test]
            fn to_sshd() {
                sansh_to_sshd(bulk());
            }

            #[test]
            fn from_ssh() {
                ssh_to_sansh(bulk());
            }
        }
    )* };
}

// The slow provider, not optimised, has its share.
bulk! {
    chacha20_poly1305: fast, "chacha20-poly1305@openssh.com", "hmac-sha2-256", 256, 300_000;
    aes256_gcm: fast, "aes256-gcm@openssh.com", "hmac-sha2-256", 256, 512 << 10;
    aes256_ctr: fast, "aes256-ctr", "hmac-sha2-256", 64, 512 << 10;
    aes256_ctr_etm: fast, "aes256-ctr", "hmac-sha2-256-etm@openssh.com", 256, 2 << 20;
    chacha20_poly1305_by_rustcrypto: slow, "chacha20-poly1305@openssh.com", "hmac-sha2-256", 64, 2 << 20;
    aes256_gcm_by_rustcrypto: slow, "aes256-gcm@openssh.com", "hmac-sha2-256", 64, 300_000;
    aes256_ctr_etm_by_rustcrypto: slow, "aes256-ctr", "hmac-sha2-256-etm@openssh.com", 64, 512 << 10;
}

/// The fast provider, if it is built in.
fn fast() -> &'static dyn Provider {
    providers().pop().expect("one at least")
}

fn slow() -> &'static dyn Provider {
    providers()[0]
}

/// How many exchanges the client and the server started: whose KEXINIT came first.
fn started(trace: &str) -> (usize, usize) {
    let (mut client, mut server, mut waiting) = (0, 0, false);
    for line in trace.lines().filter(|line| line.contains(" SSH KEXINIT(")) {
        if !waiting {
            *(if line.starts_with("C → S") { &mut client } else { &mut server }) += 1;
        }
        waiting = !waiting;
    }
    assert!(!waiting, "each KEXINIT is answered");
    (client, server)
}

#[test]
fn time_alone_starts_exchanges() {
    for openssh in OpenSsh::every().expect("peers") {
        // sansh starts them.
        let sshd = Sshd::builder().openssh(&openssh).start().expect("sshd");
        let mut config = client::config(providers()[0]);
        config.rekey_time(SECOND);
        let mut client = Client::login(&sshd, config);
        client.linger(Duration::from_millis(3500));
        let exchanges = client.connection().counters().exchanges;
        assert!((3..=4).contains(&exchanges), "{exchanges}");
        assert_eq!(started(&client.told.trace).1, 0);
        let channel = client.exec("exit 3");
        assert_eq!(client.closed(channel).status, Some(3));
        client.goodbye();
        // sshd starts them.
        let sshd = Sshd::builder().openssh(&openssh).rekey_limit("default 1").start().expect("sshd");
        let mut config = client::config(providers()[0]);
        // It does so only where there was a packet since the last one.
        config.keepalive(SECOND / 5, 3);
        let mut client = Client::login(&sshd, config);
        client.linger(Duration::from_millis(3500));
        let exchanges = client.connection().counters().exchanges;
        assert!((3..=5).contains(&exchanges), "{exchanges}");
        assert!(started(&client.told.trace).1 >= 2);
        client.goodbye();
    }
}
