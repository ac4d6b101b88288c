//! Columns in which the peer is the client, and sansh the server.

use core::net::{Ipv4Addr, SocketAddr};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::thread;

use sansh::crypto::Provider;
use sansh::{Config, Shared};
use sansh_testkit::peers::{DbLogin, Jobs, KeyPair, Library, Offer, OpenSsh, Ssh, dbclient};

use super::cells::{Column, Miss};
use super::keys::{Key, Keys};
use super::link::{PATIENCE, piece, with_trace};
use super::logins::{self, CLIENT_HOST, Login};
use super::rows::{Row, Subject, signatures};
use super::server::{self, House};
use super::servers::{both, key_of};

const USER: &str = "somebody";

/// What a peer's client signs with is a file; the security key of these tests is none.
const NO_AUTHENTICATOR: &str = "a client would need an authenticator in hardware";

/// These clients come in when one question is asked at a time; when two are, their answers are wrong.
const ONE_ANSWER: [&str; 2] = ["dbclient", "libssh2 client"];

/// Where and how a client is to come.
struct Call<'a> {
    port: u16,
    /// What the server shows, as in authorized_keys: a key or a certificate.
    host_line: &'a str,
    /// The server shows a certificate.
    certified: bool,
    login: Login<'a>,
    keys: &'a Keys,
}

/// Brings a client to a server; returns when it has gone. The error has the client's words.
type Bring<'a> = &'a (dyn Fn(&Call<'_>) -> Result<(), String> + Sync);

fn run(name: &'static str, rekeys: bool, keys: &Keys, bring: Bring<'_>) {
    let column = Column::new(name, offer(keys, bring), rekeys);
    column.run(|row| meet(&column, row, keys, bring));
}

/// What a client offers to a server that is not sansh, and says no more than that.
fn offer(keys: &Keys, bring: Bring<'_>) -> Offer {
    let (listener, addr) = listen();
    let key = keys.host("ssh-ed25519").expect("a key");
    let login = Login::Key(keys.user("ssh-ed25519").expect("a key"));
    let call = Call { port: addr.port(), host_line: &key.pair.public, certified: false, login, keys };
    thread::scope(|scope| {
        let reading = scope.spawn(|| Offer::read(listener.accept().expect("a client").0));
        let _ = bring(&call);
        reading.join().expect("no panic").expect("an offer")
    })
}

fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let addr = listener.local_addr().expect("a port");
    (listener, addr)
}

/// One connection for one row.
fn meet(column: &Column, row: &Row, keys: &Keys, bring: Bring<'_>) -> Result<(), Miss> {
    let provider: &'static dyn Provider = column.provider;
    let mut config = Config::new(column.provider);
    with_trace(&mut config);
    row.choose(&mut config);
    let plain = keys.host("ssh-ed25519")?;
    let (mut key, mut host_certificate, mut host_algorithm) = (plain, false, "ssh-ed25519");
    let (mut login, mut user_algorithms) = (Login::Key(keys.user("ssh-ed25519")?), signatures(provider));
    match row.subject {
        Subject::HostKey | Subject::HostCertificate => {
            (key, host_certificate) = key_of(column, row, &keys.hosts)?;
            host_algorithm = &row.name;
        }
        Subject::UserKey | Subject::UserCertificate => {
            let (key, certificate) = key_of(column, row, &keys.users)?;
            login = if certificate { Login::Certificate(key) } else { Login::Key(key) };
            user_algorithms = both(provider, row).join(",");
        }
        Subject::Login => match logins::method(&row.name).told {
            Some(told) => login = told(keys)?,
            None => return Err(Miss::Blank(logins::NOT_YET.to_owned())),
        },
        _ => {}
    }
    let blob = if host_certificate { key.certificate_blob()? } else { key.blob() };
    // The key is offered with the algorithms that are chosen when it is put in.
    config.signatures(host_algorithm).expect("a row of the provider");
    config.host_key(&blob).map_err(|error| format!("sansh takes no such host key: {error}"))?;
    config.signatures(&user_algorithms).expect("rows of the provider");
    config.methods(login.named()).expect("a name-list");
    let authorized = keys.users.iter().map(|key| key.blob()).collect();
    let house = House {
        config: Shared::new(config),
        host_key: key.signer()?,
        user: USER.to_owned(),
        authorized,
        authorities: keys.authorities(),
        client_host: plain.blob(),
        questions: if ONE_ANSWER.contains(&column.name) { 1 } else { 2 },
        twice: login.partials() == 1,
        provider,
    };

    if let Login::Key(key) | Login::Certificate(key) = login
        && !key.is_in_a_file()
    {
        return Err(Miss::Blank(NO_AUTHENTICATOR.to_owned()));
    }
    let line = if host_certificate { key.certificate_line()? } else { key.pair.public.clone() };
    let (listener, addr) = listen();
    let call = Call { port: addr.port(), host_line: &line, certified: host_certificate, login, keys };
    let (brought, seen) = thread::scope(|scope| {
        let bringing = scope.spawn(|| {
            let brought = bring(&call);
            // A client that never came: the server is not to wait for it.
            drop(std::net::TcpStream::connect(addr));
            brought
        });
        let seen = server::serve(listener.accept().expect("a client").0, &house);
        (bringing.join().expect("no panic"), seen)
    });
    let seen = match (brought, seen) {
        (Ok(()), Ok(seen)) => seen,
        (Ok(()), Err(text)) => return Err(Miss::Wrong(text)),
        (Err(words), Ok(seen)) => return Err(Miss::Wrong(format!("the client says: {words}\n    {}", seen.tail()))),
        (Err(words), Err(text)) => return Err(Miss::Wrong(format!("the client says: {words}\n    {text}"))),
    };
    column.judge(row, &seen)?;
    let (method, algorithm) = seen.login.as_ref().expect("judged");
    let wanted = match row.subject {
        Subject::UserKey | Subject::UserCertificate => &row.name,
        _ => algorithm,
    };
    if method != login.method() || algorithm != wanted || seen.partials != login.partials() {
        return Err(Miss::Wrong(format!("the login was by {method} {algorithm}, step {}", seen.partials + 1)));
    }
    Ok(())
}

/// OpenSSH's with all that it knows, not only what it prefers.
fn ssh(name: &'static str, openssh: &OpenSsh) {
    let keys = Keys::make(USER);
    let all = |what: &str| openssh.query(what).expect("ssh -Q").join(",");
    let options = [
        format!("KexAlgorithms={}", all("kex")),
        format!("Ciphers={}", all("cipher")),
        format!("MACs={}", all("mac")),
        format!("HostKeyAlgorithms={}", all("HostKeyAlgorithms")),
        format!("PubkeyAcceptedAlgorithms={}", all("PubkeyAcceptedAlgorithms")),
        "RekeyLimit=24K".to_owned(),
    ];
    run(name, true, &keys, &|call| {
        let at = SocketAddr::from((Ipv4Addr::LOCALHOST, call.port));
        let key = match call.login {
            Login::Password(_) | Login::Interactive(_) => call.keys.user("ssh-ed25519")?,
            Login::Key(key) | Login::Certificate(key) | Login::Twice(key, _) => key,
            Login::HostBased(_) => return Err("ssh would sign by ssh-keysign".to_owned()),
        };
        let text = |error: sansh_testkit::peers::Error| error.to_string();
        let scratch = &call.keys.scratch;
        let mut ssh = Ssh::new(openssh, scratch, at, USER, call.host_line, &key.pair).map_err(text)?;
        if call.certified {
            let authority = format!("@cert-authority * {}\n", call.keys.authority.public);
            let known = scratch.write(&format!("authorities-{}", call.port), authority).map_err(text)?;
            ssh = ssh.option(format!("UserKnownHostsFile={}", known.display()));
        }
        match call.login {
            Login::Password(word) => ssh = ssh.password(word).map_err(text)?,
            // The first value of an option counts.
            Login::Interactive(word) => {
                ssh = ssh.option("PreferredAuthentications=keyboard-interactive").password(word).map_err(text)?;
            }
            Login::Twice(key, word) => {
                ssh = ssh.option("PreferredAuthentications=publickey,password").option("PubkeyAuthentication=yes");
                ssh = ssh.password(word).map_err(text)?.identity(&alone(call.keys, &key.pair, call.port)?);
            }
            Login::HostBased(_) => {}
            Login::Certificate(key) => {
                ssh = ssh.option(format!("CertificateFile={}", key.certificate()?.display()));
            }
            // The certificate lies beside the key; a copy of the key has none.
            Login::Key(key) => ssh = ssh.identity(&alone(call.keys, &key.pair, call.port)?),
        }
        for option in &options {
            ssh = ssh.option(option);
        }
        let sent = piece().repeat(6);
        let output = ssh.patience(PATIENCE).command("cat").run(&sent).map_err(text)?;
        finished(output.status, &output.stdout, &sent, &output.stderr)
    });
}

/// A copy of a key pair without the certificate.
fn alone(keys: &Keys, pair: &KeyPair, number: u16) -> Result<PathBuf, String> {
    let to = keys.scratch.file(&format!("alone-{number}"));
    let copy = |from: &Path, to: &Path| std::fs::copy(from, to).map_err(|error| error.to_string());
    copy(&pair.private, &to)?;
    keys.scratch
        .write(&format!("alone-{number}.pub"), format!("{}\n", pair.public))
        .map_err(|error| error.to_string())?;
    Ok(to)
}

fn finished(status: Option<i32>, back: &[u8], sent: &[u8], words: &str) -> Result<(), String> {
    if status == Some(0) && back == sent {
        return Ok(());
    }
    let last: Vec<&str> = words.lines().filter(|line| !line.starts_with("debug")).collect();
    Err(format!("status {status:?}, {} of {} bytes; {}", back.len(), sent.len(), last.join(" / ")))
}

fn library(name: &'static str, library: Library, rekeys: bool) {
    let keys = Keys::make(USER);
    let jobs = Jobs::start(library).expect("a client");
    run(name, rekeys, &keys, &|call| {
        let (port, mut fields) = (call.port.to_string(), Vec::new());
        let copied = |key: &Key| alone(call.keys, &key.pair, call.port).map(|file| file.display().to_string());
        let arguments: Vec<String> = match call.login {
            Login::Password(word) => vec!["password".to_owned(), word.to_owned()],
            Login::Key(key) => vec!["publickey".to_owned(), copied(key)?],
            Login::Interactive(word) => vec!["interactive".to_owned(), word.to_owned()],
            Login::HostBased(key) => vec!["hostbased".to_owned(), copied(key)?, CLIENT_HOST.to_owned()],
            Login::Twice(key, word) => vec!["twice".to_owned(), copied(key)?, word.to_owned()],
            Login::Certificate(key) => [
                "certificate".to_owned(),
                key.pair.private.display().to_string(),
                key.certificate()?.display().to_string(),
            ]
            .into(),
        };
        let host_key = call.host_line.split(' ').nth(1).expect("a key line");
        fields.extend([port.as_str(), USER, host_key]);
        fields.extend(arguments.iter().map(String::as_str));
        jobs.run(&fields, PATIENCE).map_err(|error| error.to_string())
    });
}

#[test]
fn ssh_with_aws_lc() {
    ssh("ssh", &OpenSsh::recent().expect("peers"));
}

#[test]
fn ssh_with_rustcrypto() {
    ssh("ssh, 2", &OpenSsh::recent().expect("peers"));
}

#[test]
fn ssh_of_the_system() {
    ssh("ssh of Debian 12", &OpenSsh::installed().expect("peers"));
}

#[test]
fn dropbear() {
    let keys = Keys::make(USER);
    run("dbclient", false, &keys, &|call| {
        let login = match call.login {
            Login::Password(word) | Login::Interactive(word) => DbLogin::Password(word),
            Login::Key(key) => DbLogin::Key(&key.pair),
            Login::Certificate(_) => return Err("dbclient has no certificates".to_owned()),
            Login::HostBased(_) => return Err("dbclient has no hostbased".to_owned()),
            Login::Twice(..) => return Err("dbclient is told one of both".to_owned()),
        };
        let sent = piece().repeat(2);
        let output = dbclient(call.port, USER, login, "cat", &sent).map_err(|error| error.to_string())?;
        finished(output.status, &output.stdout, &sent, &output.stderr)
    });
}

#[test]
fn asyncssh() {
    library("AsyncSSH client", Library::AsyncSsh, true);
}

#[test]
fn paramiko() {
    library("paramiko client", Library::Paramiko, true);
}

#[test]
fn russh() {
    library("russh client", Library::Russh, true);
}

#[test]
fn libssh() {
    library("libssh client", Library::Libssh, true);
}

#[test]
fn libssh2() {
    library("libssh2 client", Library::Libssh2, false);
}
