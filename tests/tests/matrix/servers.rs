//! Columns in which the peer is the server, and sansh the client.

use core::net::SocketAddr;
use std::net::TcpStream;

use sansh::crypto::Provider;
use sansh::{Config, Shared};
use sansh_testkit::peers::{
    Dropbear, KeyPair, Library, Offer, OpenSsh, Service, ServiceKeys, Sshd, SshdBuilder, TinySsh,
};

use super::authenticator::string;
use super::cells::{Column, Miss};
use super::client::{self, Errand};
use super::keys::{Key, Keys, find};
use super::link::{LITTLE_PATIENCE, PATIENCE, with_trace};
use super::logins::{self, CLIENT_HOST, CLIENT_USER, PASSWORD, TWICE, Try};
use super::rows::{BY_PEER, BY_SANSH, Row, Subject, signature};

/// A server that runs.
struct Host<'a> {
    addr: SocketAddr,
    /// Where those host keys are that the first server has no place for.
    more: Option<(SocketAddr, &'a [&'a Key])>,
    user: &'a str,
    /// Where, and by which name, one comes in by a key and then the password; else there is no such place.
    twice: Option<(SocketAddr, &'a str)>,
    keys: &'a Keys,
    /// The ed25519 key's blob, if it is not that of the keys.
    own_key: Option<Vec<u8>>,
    log: &'a (dyn Fn() -> String + Sync),
}

impl Host<'_> {
    fn run(&self, column: &Column) {
        column.run(|row| {
            let before = (self.log)().len();
            self.meet(column, row).map_err(|miss| match miss {
                Miss::Wrong(text) => {
                    let log = (self.log)();
                    let lines: Vec<&str> = log.get(before..).unwrap_or_default().lines().collect();
                    let last = lines[lines.len().saturating_sub(6)..].join("\n      ");
                    Miss::Wrong(format!("{text}\n    its log, of all connections:\n      {last}"))
                }
                blank => blank,
            })
        });
    }

    /// One connection for one row.
    fn meet(&self, column: &Column, row: &Row) -> Result<(), Miss> {
        let mut config = Config::new(column.provider);
        with_trace(&mut config);
        row.choose(&mut config);
        let plain = "ssh-ed25519";
        let mut tries = vec![Try::key(plain, self.keys.user(plain)?)?];
        let mut host_key = match &self.own_key {
            Some(blob) => blob.clone(),
            None => self.keys.host(plain)?.blob(),
        };
        let (mut host_algorithm, mut user_algorithms) = (plain, vec![plain.to_owned()]);
        match row.subject {
            Subject::HostKey | Subject::HostCertificate => {
                let (key, certificate) = key_of(column, row, &self.keys.hosts)?;
                host_algorithm = &row.name;
                let own = row.name == plain && self.own_key.is_some();
                if !(certificate || own) {
                    host_key = key.blob();
                }
            }
            Subject::UserKey | Subject::UserCertificate => {
                let (key, certificate) = key_of(column, row, &self.keys.users)?;
                let blob = if certificate { key.certificate_blob()? } else { key.blob() };
                tries = vec![Try::Key { algorithm: row.name.clone(), signer: Box::new(key.signer()?), blob }];
                user_algorithms = both(column.provider, row);
            }
            Subject::Login => match logins::method(&row.name).tries {
                Some(list) => tries = list(self.keys)?,
                None => return Err(Miss::Blank(logins::NOT_YET.to_owned())),
            },
            _ => {}
        }
        config.signatures(host_algorithm).expect("a row of the provider");
        let rekey = column.rekeyed || row.name == BY_SANSH;
        let patience = if rekey && !column.rekeyed { LITTLE_PATIENCE } else { PATIENCE };
        let until_theirs = column.rekeys || row.name == BY_PEER;
        let more = self.more.filter(|(_, keys)| keys.iter().any(|key| key.blob() == host_key));
        let (steps, last) = (tries.len(), tries.last().map(Try::method));
        let (mut addr, mut user) = (more.map_or(self.addr, |(addr, _)| addr), self.user);
        if steps > 1 {
            (addr, user) = self.twice.unwrap_or((addr, user));
        }
        let stream = TcpStream::connect(addr).map_err(|error| format!("{addr}: {error}"))?;
        let (authorities, provider) = (self.keys.authorities(), column.provider);
        let errand =
            Errand { user, host_key, authorities, provider, tries, user_algorithms, rekey, patience, until_theirs };
        let seen = client::run(stream, errand, Shared::new(config))?;
        if seen.login.is_none() && seen.not_named {
            return Err(Miss::Blank("the peer does not name it in server-sig-algs, and refuses it".to_owned()));
        }
        column.judge(row, &seen)?;
        let method = seen.login.as_ref().map(|(method, _)| method.as_str());
        if method != last || seen.partials + 1 != steps {
            return Err(Miss::Wrong(format!("the login was by {method:?}, step {}", seen.partials + 1)));
        }
        Ok(())
    }
}

/// The key that a row is about, and whether it is about the certificate.
pub(crate) fn key_of<'k>(column: &Column, row: &Row, keys: &'k [Key]) -> Result<(&'k Key, bool), Miss> {
    let algorithm = signature(column.provider, &row.name);
    let plain = algorithm.certified();
    let key_type = plain.unwrap_or(algorithm).key_type();
    Ok((find(keys, key_type)?, plain.is_some()))
}

/// The algorithm of a row about user keys, and that of the plain key in a certificate: by the one, servers say that
/// they take the other.
pub(crate) fn both(provider: &dyn Provider, row: &Row) -> Vec<String> {
    let plain = signature(provider, &row.name).certified().map(|plain| plain.name().to_owned());
    [row.name.clone()].into_iter().chain(plain).collect()
}

/// OpenSSH's with all that it knows, not only what it prefers.
fn sshd(openssh: &OpenSsh, keys: &Keys, methods: &str) -> Sshd {
    let all = |what: &str| openssh.query(what).expect("ssh -Q").join(",");
    let mut builder: SshdBuilder = Sshd::builder().openssh(openssh).password(PASSWORD).rekey_limit("24K");
    builder = builder.line(format!("AuthenticationMethods {methods}"));
    // The client host's name is what the client says, and its word on its users counts as the user's files have it.
    for line in ["HostbasedAuthentication yes", "HostbasedUsesNameFromPacketOnly yes", "IgnoreRhosts no"] {
        builder = builder.line(line);
    }
    builder = builder.kex(&all("kex")).ciphers(&all("cipher")).macs(&all("mac"));
    builder = builder.line(format!("HostKeyAlgorithms {}", all("HostKeyAlgorithms")));
    builder = builder.line(format!("PubkeyAcceptedAlgorithms {}", all("PubkeyAcceptedAlgorithms")));
    builder = builder.line(format!("TrustedUserCAKeys {}.pub", keys.authority.private.display()));
    for key in keys.host_files() {
        builder = builder.line(format!("HostKey {}", key.pair.private.display()));
        builder = builder.line(format!("HostCertificate {}", key.certificate().expect("a certificate").display()));
    }
    for line in keys.authorized() {
        builder = builder.authorize(line);
    }
    let sshd = builder.start().expect("sshd");
    let home = sshd.scratch();
    let host = &keys.host("ssh-ed25519").expect("a key").pair.public;
    std::fs::create_dir_all(home.file(".ssh")).expect("a folder");
    home.write(".ssh/known_hosts", format!("{CLIENT_HOST} {host}\n")).expect("a file");
    home.write(".shosts", format!("{CLIENT_HOST} {CLIENT_USER}\n")).expect("a file");
    sshd
}

fn openssh(name: &'static str, openssh: &OpenSsh) {
    // The name of the stand-in that a server with a password has.
    let keys = Keys::make("sansh");
    let (sshd, second) = (sshd(openssh, &keys, "any"), sshd(openssh, &keys, "publickey,password"));
    let column = Column::new(name, Offer::of_server(sshd.addr()).expect("an offer"), true);
    let log = || sshd.log() + &second.log();
    let twice = Some((second.addr(), second.user()));
    let host = Host { addr: sshd.addr(), more: None, user: sshd.user(), twice, keys: &keys, own_key: None, log: &log };
    host.run(&column);
}

fn library(name: &'static str, library: Library) {
    let keys = Keys::make("somebody");
    let authorized = keys.scratch.write("authorized_keys", keys.authorized().join("\n") + "\n").expect("a file");
    let hosts: Vec<KeyPair> = keys.host_files().map(|key| key.pair.clone()).collect();
    let certificates = keys.host_files().map(|key| key.certificate().expect("a certificate").clone());
    let certificates: Vec<_> = certificates.collect();
    let authority = Some(keys.authority.private.with_extension("pub"));
    let with = ServiceKeys { host_keys: &hosts, host_certificates: &certificates, authorized, authority };
    let service = Service::start(library, "somebody", PASSWORD, &with).expect("a server");
    let column = Column::new(name, Offer::of_server(service.addr()).expect("an offer"), true);
    let log = || service.log();
    let twice = Some((service.addr(), TWICE));
    let host =
        Host { addr: service.addr(), more: None, user: "somebody", twice, keys: &keys, own_key: None, log: &log };
    host.run(&column);
}

#[test]
fn sshd_with_aws_lc() {
    openssh("sshd", &OpenSsh::recent().expect("peers"));
}

#[test]
fn sshd_with_rustcrypto() {
    openssh("sshd, 2", &OpenSsh::recent().expect("peers"));
}

#[test]
fn sshd_of_the_system() {
    openssh("sshd of Debian 12", &OpenSsh::installed().expect("peers"));
}

#[test]
fn dropbear() {
    let keys = Keys::make("sansh");
    let hosts: Vec<&Key> = keys.host_files().collect();
    let (first, others) = hosts.split_at(Dropbear::HOST_KEYS);
    let start = |hosts: &[&Key]| {
        let pairs: Vec<KeyPair> = hosts.iter().map(|key| key.pair.clone()).collect();
        Dropbear::start(&pairs, &keys.authorized(), PASSWORD).expect("dropbear")
    };
    let (first, more) = (start(first), start(others));
    let mut column = Column::new("dropbear", Offer::of_server(first.addr()).expect("an offer"), false);
    column.more_host_keys = Offer::of_server(more.addr()).expect("an offer");
    let log = || first.log() + &more.log();
    let host = Host {
        addr: first.addr(),
        more: Some((more.addr(), others)),
        user: first.user(),
        twice: None,
        keys: &keys,
        own_key: None,
        log: &log,
    };
    host.run(&column);
}

#[test]
fn tinysshd() {
    let keys = Keys::make("sansh");
    let tinyssh = TinySsh::start(&keys.authorized()).expect("tinysshd");
    let mut column = Column::new("tinysshd", Offer::of_server(tinyssh.addr()).expect("an offer"), false);
    column.version = Some(format!("tinyssh {}", TinySsh::version().expect("a version")));
    column.rekeyed = false;
    let log = || tinyssh.log();
    let own_key = Some([string(b"ssh-ed25519"), string(tinyssh.host_key())].concat());
    let host =
        Host { addr: tinyssh.addr(), more: None, user: tinyssh.user(), twice: None, keys: &keys, own_key, log: &log };
    host.run(&column);
}

#[test]
fn asyncssh() {
    library("AsyncSSH server", Library::AsyncSsh);
}

#[test]
fn paramiko() {
    library("paramiko server", Library::Paramiko);
}

#[test]
fn russh() {
    library("russh server", Library::Russh);
}
