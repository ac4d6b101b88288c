//! The agent protocol against OpenSSH's programs: our client asks `ssh-agent`, our keyring serves `ssh-add` and
//! `ssh-keygen`.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "a test allocates as it likes")]
#![cfg(all(feature = "signer", feature = "rustcrypto", unix))]

use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use sansh::crypto::rustcrypto::RustCrypto;
use sansh::crypto::{Provider, Seed};
use sansh::keys::{PublicKey, PublicKeyLine};
use sansh::signer::PrivateKey;
use sansh::signer::agent::{
    Answer, BadFrame, Client, Constraints, Destinations, KeySpec, Keyring, Names, Place, Request, Route, Session,
    SessionBind, Turn,
};
use sansh::{Instant, UnixTime};
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

// --- A folder, programs -----------------------------------------------------------------------------------------------

/// A folder that goes away with the test. Its path is short: a socket's has 108 bytes.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("sansh-agent-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).expect("a folder for the test");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).expect("mode 0700");
        Folder(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn write(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).expect("a file for the test");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
        path
    }

    /// A key pair by `ssh-keygen`.
    fn key(&self, name: &str, kind: &str) -> PathBuf {
        let path = self.path(name);
        let kind: Vec<&str> = kind.split(' ').collect();
        let arguments = [&["-q", "-N", "", "-C", name, "-f", text(&path), "-t"], &kind[..]].concat();
        let said = program("ssh-keygen", &arguments, None, b"");
        assert!(said.good, "{}", said.text);
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

fn blob(path: &Path) -> Vec<u8> {
    let line = fs::read_to_string(path.with_extension("pub")).expect("a public key");
    PublicKeyLine::parse(&line).expect("a public-key line").into_blob()
}

struct Said {
    good: bool,
    text: String,
}

/// A program of the OpenSSH that `SANSH_OPENSSH` names, or of the machine.
fn openssh(name: &str) -> PathBuf {
    let own = std::env::var_os("SANSH_OPENSSH").map(|root| Path::new(&root).join("usr/bin").join(name));
    own.filter(|path| path.exists()).unwrap_or_else(|| name.into())
}

/// `socket` is the agent's; a program `askpass` beside it answers for the user.
fn program(name: &str, arguments: &[&str], socket: Option<&Path>, input: &[u8]) -> Said {
    let mut command = Command::new(openssh(name));
    command.args(arguments).env_remove("SSH_AUTH_SOCK").env_remove("DISPLAY").env_remove("SSH_ASKPASS");
    if let Some(socket) = socket {
        command.env("SSH_AUTH_SOCK", socket);
        let askpass = socket.with_file_name("askpass");
        if askpass.exists() {
            command.env("SSH_ASKPASS", askpass).env("SSH_ASKPASS_REQUIRE", "force");
        }
    }
    run(command, input)
}

fn run(mut command: Command, input: &[u8]) -> Said {
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().expect("these tests need OpenSSH's programs (package openssh-client)");
    // It may end without reading what it was given.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    let output = child.wait_with_output().expect("the program ends");
    let text = [output.stdout, output.stderr].concat();
    Said { good: output.status.success(), text: String::from_utf8_lossy(&text).into_owned() }
}

fn unix_time() -> UnixTime {
    UnixTime(SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs())
}

/// Whether a signature verifies by a row of the provider that has one for it, else by nothing.
fn verifies(key: &[u8], message: &[u8], signature: &[u8]) -> Option<bool> {
    let length = u32::from_be_bytes(signature[..4].try_into().expect("four bytes")) as usize;
    let name = &signature[4..4 + length];
    let row = RustCrypto.signatures().iter().find(|row| row.name().as_bytes() == name)?;
    Some(row.verify(key, message, signature).is_ok())
}

// --- Our client and ssh-agent ---------------------------------------------------------------------------------------

/// OpenSSH's `ssh-agent`.
struct SshAgent {
    child: Child,
    socket: PathBuf,
}

impl SshAgent {
    fn start(folder: &Folder) -> Self {
        let socket = folder.path("real.sock");
        let child = Command::new(openssh("ssh-agent"))
            .args(["-D", "-a", text(&socket)])
            .env_remove("DISPLAY")
            .env("SSH_ASKPASS", "/bin/false")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("these tests need ssh-agent (package openssh-client)");
        let agent = SshAgent { child, socket };
        for _ in 0..500 {
            if UnixStream::connect(&agent.socket).is_ok() {
                return agent;
            }
            std::thread::sleep(core::time::Duration::from_millis(10));
        }
        panic!("ssh-agent does not listen");
    }

    fn add(&self, arguments: &[&str]) -> Said {
        program("ssh-add", arguments, Some(&self.socket), b"")
    }
}

impl Drop for SshAgent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A client and its socket.
struct Wire {
    client: Client,
    socket: UnixStream,
}

impl Wire {
    fn connect(socket: &Path) -> Self {
        Wire { client: Client::new(), socket: UnixStream::connect(socket).expect("the agent's socket") }
    }

    /// Asks, and looks at the answer. What is read comes in small pieces.
    fn ask<T>(&mut self, ask: impl FnOnce(&mut Client), look: impl FnOnce(Answer<'_>) -> T) -> T {
        ask(&mut self.client);
        self.socket.write_all(self.client.transmit_buf()).expect("the agent reads");
        let sent = self.client.transmit_buf().len();
        self.client.transmitted(sent);
        let mut buffer = [0; 37];
        loop {
            let n = self.socket.read(&mut buffer).expect("the agent answers");
            assert!(n > 0, "the agent closed the connection");
            let mut input = &buffer[..n];
            if let Some(answer) = self.client.next(&mut input).expect("a good answer") {
                assert!(input.is_empty(), "one answer");
                return look(answer);
            }
        }
    }

    fn list(&mut self) -> Vec<(Vec<u8>, String)> {
        self.ask(
            |client| client.identities().unwrap(),
            |answer| {
                let Answer::Identities(keys) = answer else { panic!("{answer:?}") };
                let comment = |comment: &[u8]| String::from_utf8_lossy(comment).into_owned();
                keys.iter().map(|key| (key.key.blob().to_vec(), comment(key.comment))).collect()
            },
        )
    }

    /// The signature, or `None` if the agent refuses.
    fn sign(&mut self, key: &[u8], message: &[u8], algorithm: &str) -> Option<Vec<u8>> {
        self.ask(
            |client| client.sign(PublicKey::new(key), message, algorithm).unwrap(),
            |answer| match answer {
                Answer::Signature(blob) => Some(blob.to_vec()),
                Answer::Refused => None,
                _ => panic!("{answer:?}"),
            },
        )
    }

    /// `Some(true)` done, `Some(false)` the extension failed, `None` refused.
    fn status(&mut self, ask: impl FnOnce(&mut Client)) -> Option<bool> {
        self.ask(ask, |answer| match answer {
            Answer::Done => Some(true),
            Answer::ExtensionFailed => Some(false),
            Answer::Refused => None,
            _ => panic!("{answer:?}"),
        })
    }

    /// Binds to a session of a host that signs with `host` and shows `host_key`.
    fn bind(&mut self, host: &PrivateKey, host_key: &[u8], session_id: &[u8], forwarding: bool) -> Option<bool> {
        let signature = host.sign("ssh-ed25519", session_id).unwrap();
        let bind = SessionBind { host_key, session_id, signature: &signature, forwarding };
        self.status(|client| client.session_bind(&bind).unwrap())
    }
}

// --- Our keyring, at a socket -----------------------------------------------------------------------------------------

/// A keyring that serves whoever connects.
struct Served {
    socket: PathBuf,
    keyring: Arc<Mutex<Keyring>>,
    /// What the user says, and the time.
    yes: Arc<AtomicBool>,
    asked: Arc<AtomicU32>,
    seconds: Arc<AtomicU32>,
}

impl Served {
    fn start(folder: &Folder) -> Self {
        let socket = folder.path("own.sock");
        let listener = UnixListener::bind(&socket).expect("a socket");
        let served = Served {
            socket,
            keyring: Arc::new(Mutex::new(Keyring::new(&RustCrypto, &Seed::new([1; 32])))),
            yes: Arc::default(),
            asked: Arc::default(),
            seconds: Arc::default(),
        };
        let (keyring, yes) = (served.keyring.clone(), served.yes.clone());
        let (asked, seconds) = (served.asked.clone(), served.seconds.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (keyring, yes, asked, seconds) = (keyring.clone(), yes.clone(), asked.clone(), seconds.clone());
                std::thread::spawn(move || serve(stream, &keyring, &yes, &asked, &seconds));
            }
        });
        served
    }

    fn add(&self, arguments: &[&str]) -> Said {
        program("ssh-add", arguments, Some(&self.socket), b"")
    }

    fn good(&self, arguments: &[&str]) -> String {
        let said = self.add(arguments);
        assert!(said.good, "ssh-add {arguments:?}: {}", said.text);
        said.text
    }
}

fn serve(mut stream: UnixStream, keyring: &Mutex<Keyring>, yes: &AtomicBool, asked: &AtomicU32, seconds: &AtomicU32) {
    let mut session = Session::new();
    let mut buffer = [0; 41];
    loop {
        let Ok(n @ 1..) = stream.read(&mut buffer) else { return };
        let mut input = &buffer[..n];
        let mut keyring = keyring.lock().unwrap();
        loop {
            let now = Instant(u64::from(seconds.load(Ordering::SeqCst)) * sansh::SECOND);
            let Ok(turn) = keyring.serve(&mut session, &mut input, now, unix_time()) else { return };
            match turn {
                Turn::Confirm => {
                    assert!(session.question().is_some_and(|question| !question.key.blob().is_empty()));
                    asked.fetch_add(1, Ordering::SeqCst);
                    keyring.confirm(&mut session, yes.load(Ordering::SeqCst), now, unix_time());
                }
                Turn::Idle => {
                    let bytes = session.transmit_buf();
                    if bytes.is_empty() && input.is_empty() {
                        break;
                    }
                    if stream.write_all(bytes).is_err() {
                        return;
                    }
                    let sent = bytes.len();
                    session.transmitted(sent);
                }
            }
        }
    }
}

const KINDS: [(&str, &str, &str, bool); 5] = [
    // (name, -t and -b of ssh-keygen, algorithm, whether the keyring signs with it in any build)
    ("k25519", "ed25519", "ssh-ed25519", true),
    ("k256", "ecdsa -b 256", "ecdsa-sha2-nistp256", true),
    ("k384", "ecdsa -b 384", "ecdsa-sha2-nistp384", true),
    ("k521", "ecdsa -b 521", "ecdsa-sha2-nistp521", true),
    ("krsa", "rsa -b 2048", "rsa-sha2-512", cfg!(feature = "aws_lc")),
];

#[test]
fn a_client_lists_and_signs_with_a_real_agent() {
    let folder = Folder::new();
    let agent = SshAgent::start(&folder);
    let mut wire = Wire::connect(&agent.socket);
    assert_eq!(wire.list(), []);
    for (name, kind, ..) in KINDS {
        let key = folder.key(name, kind);
        let said = agent.add(&["-q", text(&key)]);
        assert!(said.good, "{}", said.text);
    }
    let list = wire.list();
    assert_eq!(list.len(), KINDS.len());
    for ((key, comment), (name, _, algorithm, _)) in list.iter().zip(KINDS) {
        assert_eq!((comment.as_str(), key), (name, &blob(&folder.path(name))));
        let signature = wire.sign(key, b"a message", algorithm).expect("a signature");
        assert_eq!(verifies(key, b"a message", &signature), Some(true), "{algorithm}");
        assert_eq!(verifies(key, b"another", &signature), Some(false), "{algorithm}");
    }
    let rsa = &list[4].0;
    let signature = wire.sign(rsa, b"a message", "rsa-sha2-256").expect("a signature");
    assert_eq!(verifies(rsa, b"a message", &signature), Some(true));
    assert_eq!(wire.sign(&blob(&folder.key("other", "ed25519")), b"", "ssh-ed25519"), None, "a key that is not there");
    // agent/3.7/1, as OpenSSH has it.
    assert_eq!(wire.status(|client| client.unlock(b"pass").unwrap()), None);
    assert_eq!(wire.status(|client| client.lock(b"pass").unwrap()), Some(true));
    assert_eq!(wire.status(|client| client.lock(b"pass").unwrap()), None);
    assert_eq!((wire.list(), wire.sign(rsa, b"", "rsa-sha2-256")), (vec![], None));
    assert_eq!(wire.status(|client| client.unlock(b"word").unwrap()), None);
    assert_eq!(wire.status(|client| client.unlock(b"pass").unwrap()), Some(true));
    assert_eq!(wire.status(|client| client.remove(PublicKey::new(rsa)).unwrap()), Some(true));
    assert_eq!(wire.status(|client| client.remove(PublicKey::new(rsa)).unwrap()), None);
    assert_eq!(wire.list().len(), 4);
    assert_eq!(wire.status(|client| client.remove_all().unwrap()), Some(true));
    assert_eq!(wire.list(), []);
    // Agents before OpenSSH 10 do not know the query.
    wire.ask(
        |client| client.query().unwrap(),
        |answer| match answer {
            Answer::Refused => {}
            Answer::Extension { name: "query", body } => {
                assert!(Names::parse(body).unwrap().iter().any(|name| name == "session-bind@openssh.com"));
            }
            _ => panic!("{answer:?}"),
        },
    );
    assert_eq!(wire.status(|client| client.extension("nobody@knows", b"body").unwrap()), None);
    assert_eq!(wire.status(|client| client.add_token(b"/nowhere", b"", &Constraints::default()).unwrap()), None);
    assert_eq!(wire.status(|client| client.remove_token(b"/nowhere", b"").unwrap()), None);
}

#[test]
fn keys_that_a_client_adds_are_a_real_agents() {
    let folder = Folder::new();
    let agent = SshAgent::start(&folder);
    let mut wire = Wire::connect(&agent.socket);
    for (name, kind, algorithm, _) in KINDS {
        let path = folder.key(name, kind);
        let key = PrivateKey::from_openssh(&fs::read(&path).unwrap()).unwrap();
        let constraints = [Constraints::default(), Constraints { lifetime: Some(600), ..Constraints::default() }];
        for constraints in &constraints {
            assert_eq!(wire.status(|client| client.add(&key, constraints).unwrap()), Some(true), "{name}");
        }
        let signature = wire.sign(key.public_blob(), b"a message", algorithm).expect("a signature");
        assert_eq!(verifies(key.public_blob(), b"a message", &signature), Some(true));
        let said = agent.add(&["-T", text(&path.with_extension("pub"))]);
        assert!(said.good, "{}", said.text);
        // And with a certificate.
        let ca = folder.key(&format!("ca-{name}"), "ed25519");
        certify(&ca, &path, &["-n", "me"]);
        let certificate = blob(&folder.path(&format!("{name}-cert")));
        let key = key.with_certificate(&certificate).unwrap();
        assert_eq!(wire.status(|client| client.add(&key, &Constraints::default()).unwrap()), Some(true), "{name}");
        let asked = format!("{algorithm}-cert-v01@openssh.com");
        let signature = wire.sign(&certificate, b"a message", &asked).expect("a signature");
        assert_eq!(verifies(key.plain_blob(), b"a message", &signature), Some(true));
    }
    assert_eq!(wire.list().len(), 2 * KINDS.len());
    let short = PrivateKey::ed25519_from_seed(&[3; 32]).unwrap();
    let second = Constraints { lifetime: Some(1), ..Constraints::default() };
    assert_eq!(wire.status(|client| client.add(&short, &second).unwrap()), Some(true));
    std::thread::sleep(core::time::Duration::from_millis(2100));
    assert_eq!(wire.list().len(), 2 * KINDS.len(), "its second is over");
    // To be confirmed by a program that says no.
    let confirm = Constraints { confirm: true, ..Constraints::default() };
    assert_eq!(wire.status(|client| client.add(&short, &confirm).unwrap()), Some(true));
    assert_eq!(wire.sign(short.public_blob(), b"", "ssh-ed25519"), None);
}

fn certify(ca: &Path, key: &Path, arguments: &[&str]) {
    let public = key.with_extension("pub");
    let all = [&["-q", "-s", text(ca), "-I", "id"], arguments, &[text(&public)]].concat();
    let said = program("ssh-keygen", &all, None, b"");
    assert!(said.good, "{}", said.text);
}

/// What is signed for a login (RFC 4252, section 7).
fn login(session_id: &[u8], user: &str, key: &[u8], host_key: Option<&[u8]>) -> Vec<u8> {
    let method = if host_key.is_some() { "publickey-hostbound-v00@openssh.com" } else { "publickey" };
    let strings = |out: &mut Vec<u8>, all: &[&[u8]]| {
        for string in all {
            out.extend(u32::try_from(string.len()).unwrap().to_be_bytes());
            out.extend(*string);
        }
    };
    let mut data = Vec::new();
    strings(&mut data, &[session_id]);
    data.push(50);
    strings(&mut data, &[user.as_bytes(), b"ssh-connection", method.as_bytes()]);
    data.push(1);
    strings(&mut data, &[b"ssh-ed25519", key]);
    strings(&mut data, &host_key.into_iter().collect::<Vec<_>>());
    data
}

/// The same restricted keys, the same sessions, the same answers: OpenSSH's agent and our keyring, each filled by
/// `ssh-add -h` and by our client.
#[test]
fn destinations_bind_as_they_do_with_openssh() {
    let folder = Folder::new();
    let host = |name: &str| {
        let path = folder.key(name, "ed25519");
        let key = PrivateKey::from_openssh(&fs::read(&path).unwrap()).unwrap();
        let public = key.public_blob().to_vec();
        (path, key, public)
    };
    let ((a_path, a, a_key), (_, b, b_key), (c_path, c, _)) = (host("a"), host("b"), host("c"));
    // c.test has a certificate by a known authority; a's certificate by the same is for another name.
    let ca = folder.key("ca", "ed25519");
    certify(&ca, &c_path, &["-h", "-n", "c.test"]);
    certify(&ca, &a_path, &["-h", "-n", "other.test"]);
    let (c_cert, a_cert) = (blob(&folder.path("c-cert")), blob(&folder.path("a-cert")));
    let line = |path: &str| fs::read_to_string(folder.path(path).with_extension("pub")).unwrap();
    let known = format!("a.test {}b.test {}@cert-authority c.test {}", line("a"), line("b"), line("ca"));
    let known = folder.write("known", &known, 0o600);
    let mine = folder.key("mine", "ed25519");
    let me = blob(&mine);
    let routes = ["-h", "a.test", "-h", "a.test>me*@b.test", "-h", "c.test"];
    let by_ssh_add = [&["-q", "-H", text(&known)], &routes[..], &[text(&mine)]].concat();
    let ca_key = blob(&ca);
    let spec = |key, is_authority| KeySpec { key: PublicKey::new(key), is_authority };
    let (at_a, at_b, at_c) = ([spec(&a_key, false)], [spec(&b_key, false)], [spec(&ca_key, true)]);
    let place = |host, keys| Place { host, keys };
    let list = Destinations::encode(&[
        Route { from: None, user: "", to: place("a.test", &at_a) },
        Route { from: Some(place("a.test", &at_a)), user: "me*", to: place("b.test", &at_b) },
        Route { from: None, user: "", to: place("c.test", &at_c) },
    ])
    .unwrap();
    let constraints = Constraints { destinations: Some(Destinations::parse(&list).unwrap()), ..Constraints::default() };
    let key = PrivateKey::from_openssh(&fs::read(&mine).unwrap()).unwrap();

    let (one, two) = ([1; 32], [2; 32]);
    let (real, own) = (SshAgent::start(&folder), Served::start(&folder));
    for (agent, socket) in [("ssh-agent", &real.socket), ("ours", &own.socket)] {
        for filled_by in ["ssh-add", "us"] {
            let connect = || Wire::connect(socket);
            assert_eq!(connect().status(|client| client.remove_all().unwrap()), Some(true));
            if filled_by == "ssh-add" {
                let said = program("ssh-add", &by_ssh_add, Some(socket), b"");
                assert!(said.good, "{agent}: {}", said.text);
            } else {
                assert_eq!(connect().status(|client| client.add(&key, &constraints).unwrap()), Some(true), "{agent}");
            }
            let who = format!("{agent} filled by {filled_by}");
            // Agents before OpenSSH 10 say FAILURE where the draft wants EXTENSION_FAILURE.
            let fails = |bound: Option<bool>| bound == Some(false) || agent == "ssh-agent" && bound.is_none();
            let signs = |wire: &mut Wire, id: &[u8], user: &str, host: Option<&[u8]>| {
                wire.sign(&me, &login(id, user, &me, host), "ssh-ed25519").is_some()
            };
            let mut local = connect();
            assert_eq!(local.list().len(), 1, "{who}");
            assert!(!signs(&mut local, &one, "me", None), "{who}: unbound");
            assert_eq!(local.sign(&me, b"anything", "ssh-ed25519"), None, "{who}");

            let mut wire = connect();
            assert!(fails(wire.bind(&a, &b_key, &one, false)), "{who}: b's key did not sign");
            // OpenSSH's agent has hidden its keys then since 9.6 only.
            assert!(agent == "ssh-agent" || wire.list().is_empty(), "{who}: a binding failed");
            assert_eq!(wire.bind(&a, &a_key, &one, false), Some(true), "{who}");
            assert_eq!(wire.list().len(), 1, "{who}");
            assert!(signs(&mut wire, &one, "anybody", None), "{who}");
            assert!(signs(&mut wire, &one, "anybody", Some(&a_key)), "{who}");
            assert!(!signs(&mut wire, &one, "anybody", Some(&b_key)), "{who}: another host key");
            assert!(!signs(&mut wire, &two, "anybody", None), "{who}: another session");
            assert_eq!(wire.sign(&me, b"anything", "ssh-ed25519"), None, "{who}");
            assert!(fails(wire.bind(&b, &b_key, &two, false)), "{who}: bound for a login");

            let mut wire = connect();
            assert_eq!(wire.bind(&b, &b_key, &one, false), Some(true), "{who}");
            assert_eq!(wire.list(), [], "{who}: b only from a");
            assert!(!signs(&mut wire, &one, "me", None), "{who}");
            assert_eq!(wire.status(|client| client.remove(PublicKey::new(&me)).unwrap()), None, "{who}: unseen");
            assert_eq!(
                wire.status(|client| client.add(&key, &Constraints::default()).unwrap()),
                None,
                "{who}: what is not seen is not loosened"
            );

            let mut wire = connect();
            assert_eq!(wire.bind(&a, &a_key, &one, true), Some(true), "{who}");
            assert_eq!(wire.bind(&a, &a_key, &one, true), Some(true), "{who}: again");
            assert!(fails(wire.bind(&b, &b_key, &one, true)), "{who}: the session is another host's");
            assert_eq!(wire.list().len(), 1, "{who}");
            assert!(!signs(&mut wire, &one, "me", None), "{who}: on a hop that forwards");
            assert_eq!(wire.bind(&b, &b_key, &two, false), Some(true), "{who}");
            assert!(signs(&mut wire, &two, "me2", Some(&b_key)), "{who}");
            assert!(!signs(&mut wire, &two, "root", Some(&b_key)), "{who}: the user");
            assert!(!signs(&mut wire, &two, "me2", None), "{who}: no host key in what is signed");

            let mut wire = connect();
            assert_eq!(wire.bind(&a, &a_key, &one, true), Some(true), "{who}");
            assert_eq!(wire.bind(&b, &b_key, &two, true), Some(true), "{who}");
            assert_eq!(wire.list(), [], "{who}: no way on from b");

            let mut wire = connect();
            assert_eq!(wire.bind(&c, &c_cert, &one, false), Some(true), "{who}: a certificate");
            assert!(signs(&mut wire, &one, "me", None), "{who}");
            let mut wire = connect();
            assert_eq!(wire.bind(&a, &a_cert, &one, false), Some(true), "{who}");
            assert!(!signs(&mut wire, &one, "me", None), "{who}: a certificate for another name");
        }
    }
}

/// `ssh-add -T` signs and verifies. With RSA the one of OpenSSH 9.2 asks for SHA-1, which a keyring refuses.
fn tries(served: &Served, public: &Path) {
    if text(public).contains("krsa") {
        let signature = Wire::connect(&served.socket).sign(&blob(public), b"data", "rsa-sha2-256");
        assert!(signature.is_some());
    } else {
        served.good(&["-T", text(public)]);
    }
}

#[test]
fn ssh_add_and_ssh_keygen_use_our_keyring() {
    let folder = Folder::new();
    let served = Served::start(&folder);
    assert!(served.add(&["-l"]).text.contains("no identities"));
    let mut held = Vec::new();
    for (name, kind, _, signs) in KINDS {
        let path = folder.key(name, kind);
        let said = served.add(&[text(&path)]);
        assert_eq!(said.good, signs, "{name}: {}", said.text);
        if signs {
            held.push(path);
        }
    }
    let all = served.good(&["-L"]);
    for path in &held {
        let line = fs::read_to_string(path.with_extension("pub")).unwrap();
        assert!(all.contains(line.trim()), "{all}");
        tries(&served, &path.with_extension("pub"));
        let fingerprint = PublicKey::new(&blob(path)).fingerprint().to_string();
        assert!(served.good(&["-l"]).contains(&fingerprint));
        // A signature by the agent, with only the public key at hand.
        fs::rename(path, path.with_extension("away")).unwrap();
        let data = folder.write("data", "what is signed", 0o600);
        let _ = fs::remove_file(folder.path("data.sig"));
        let public = path.with_extension("pub");
        let arguments = ["-Y", "sign", "-f", text(&public), "-n", "file", text(&data)];
        let said = program("ssh-keygen", &arguments, Some(&served.socket), b"");
        assert!(said.good, "{}", said.text);
        let allowed = folder.write("allowed", &format!("me {line}"), 0o600);
        let signature = folder.path("data.sig");
        let arguments = ["-Y", "verify", "-f", text(&allowed), "-I", "me", "-n", "file", "-s", text(&signature)];
        let said = program("ssh-keygen", &arguments, None, b"what is signed");
        assert!(said.good, "{}", said.text);
        assert!(!program("ssh-keygen", &arguments, None, b"another").good);
        fs::rename(path.with_extension("away"), path).unwrap();
    }
    // A certificate goes with its key.
    let ca = folder.key("ca", "ed25519");
    let count = |served: &Served| served.keyring.lock().unwrap().keys().count();
    let before = count(&served);
    for path in &held {
        certify(&ca, path, &["-n", "me"]);
        served.good(&[text(path)]);
        let name = path.file_name().unwrap().to_str().unwrap();
        tries(&served, &folder.path(&format!("{name}-cert.pub")));
    }
    assert_eq!(count(&served), 2 * before);
    served.good(&["-d", text(&held[0])]);
    assert!(!served.add(&["-T", text(&held[0].with_extension("pub"))]).good);
    assert_eq!(count(&served), 2 * before - 2);
    served.good(&["-D"]);
    assert_eq!(count(&served), 0);
    assert!(!served.add(&["-s", "/usr/lib/nothing.so"]).good, "tokens are not for a keyring");
}

#[test]
fn a_keyrings_constraints_and_lock_hold_against_ssh_add() {
    let folder = Folder::new();
    let served = Served::start(&folder);
    let key = folder.key("key", "ed25519");
    let public = key.with_extension("pub");
    served.good(&["-t", "60", text(&key)]);
    served.seconds.store(59, Ordering::SeqCst);
    served.good(&["-T", text(&public)]);
    assert_eq!(served.keyring.lock().unwrap().next_timeout(), Some(Instant(60 * sansh::SECOND)));
    served.seconds.store(60, Ordering::SeqCst);
    assert!(!served.add(&["-T", text(&public)]).good);
    assert!(served.add(&["-l"]).text.contains("no identities"));

    served.good(&["-c", text(&key)]);
    assert!(!served.add(&["-T", text(&public)]).good, "the user says no");
    served.yes.store(true, Ordering::SeqCst);
    served.good(&["-T", text(&public)]);
    assert_eq!(served.asked.load(Ordering::SeqCst), 2);
    // Adding it again replaces the constraints.
    served.good(&[text(&key)]);
    served.good(&["-T", text(&public)]);
    assert_eq!(served.asked.load(Ordering::SeqCst), 2);

    let answer = |word: &str| folder.write("askpass", &format!("#!/bin/sh\necho {word}\n"), 0o700);
    answer("pass");
    served.good(&["-x"]);
    assert!(served.keyring.lock().unwrap().is_locked());
    assert!(!served.add(&["-x"]).good, "locked already");
    assert!(!served.add(&["-T", text(&public)]).good);
    assert!(served.add(&["-l"]).text.contains("no identities"));
    assert!(!served.add(&[text(&key)]).good);
    answer("word");
    assert!(!served.add(&["-X"]).good);
    answer("pass");
    assert!(!served.add(&["-X"]).good, "too soon after the wrong one");
    served.seconds.fetch_add(1, Ordering::SeqCst);
    served.good(&["-X"]);
    served.good(&["-T", text(&public)]);
}

// --- The keyring alone ------------------------------------------------------------------------------------------------

/// Bytes in, bytes out, on one connection.
struct Bench {
    keyring: Keyring,
    session: Session,
}

const FAILURE: &[u8] = &[5];
const SUCCESS: &[u8] = &[6];

impl Bench {
    fn new() -> Self {
        Bench { keyring: Keyring::new(&RustCrypto, &Seed::new([1; 32])), session: Session::new() }
    }

    /// The answer to one message, without its length.
    fn ask(&mut self, message: &[u8]) -> Vec<u8> {
        let bytes = [&u32::try_from(message.len()).unwrap().to_be_bytes()[..], message].concat();
        let turn = self.keyring.serve(&mut self.session, &mut &bytes[..], Instant(0), UnixTime(0)).unwrap();
        assert_eq!(turn, Turn::Idle);
        let answer = self.session.transmit_buf().to_vec();
        self.session.transmitted(answer.len());
        answer[4..].to_vec()
    }

    fn keys(&mut self) -> usize {
        let answer = self.ask(&[11]);
        assert_eq!(answer[0], 12);
        u32::from_be_bytes(answer[1..5].try_into().unwrap()) as usize
    }
}

/// A message as our client sends it.
fn message(ask: impl FnOnce(&mut Client)) -> Vec<u8> {
    let mut client = Client::new();
    ask(&mut client);
    client.transmit_buf()[4..].to_vec()
}

fn key() -> PrivateKey {
    PrivateKey::ed25519_from_seed(&[7; 32]).unwrap().with_comment("me")
}

/// agent/3.1/1: "SSH_AGENT_FAILURE messages MUST also be sent in reply to requests with unknown or unsupported types".
/// agent/6.1.1/1: 0 is one of them.
#[test]
fn all_types_have_an_answer() {
    for kind in 0..=u8::MAX {
        let mut bench = Bench::new();
        for body in [&b""[..], b"\0\0\0\x05query"] {
            let answer = bench.ask(&[&[kind], body].concat());
            let expected = match (kind, body.len()) {
                (11, 0) => &[12, 0, 0, 0, 0][..],
                (19, 0) | (22, 9) => SUCCESS,
                (23, 9) => FAILURE,
                (27, 9) => &answer,
                _ => FAILURE,
            };
            assert_eq!(answer, expected, "{kind}");
            assert!(kind != 27 || body.is_empty() || answer[0] == 29);
        }
        // The next request still has its answer.
        assert_eq!(bench.ask(&[255]), FAILURE);
    }
}

/// agent/3/1: a length is bounded before anything is kept; 0 ends the connection.
#[test]
fn a_bad_length_ends_the_connection() {
    for length in [0, 256 * 1024 + 1, 1 << 31, u32::MAX] {
        let mut bench = Bench::new();
        let error = if length == 0 { BadFrame::Empty } else { BadFrame::TooLong };
        for bytes in [length.to_be_bytes(), [0, 0, 0, 1]] {
            let result = bench.keyring.serve(&mut bench.session, &mut &bytes[..], Instant(0), UnixTime(0));
            assert_eq!(result, Err(error));
        }
        assert!(bench.session.transmit_buf().is_empty());
    }
}

/// agent/3.2.7/1, CVE-2023-28531, CVE-2023-51384: "if an agent does not recognise or support a requested constraint it MUST
/// abort parsing, refuse the request and return an SSH_AGENT_FAILURE message to the client". The key is not added.
#[test]
fn a_key_with_an_unknown_constraint_is_not_added() {
    let one = Constraints { lifetime: Some(60), ..Constraints::default() };
    let good = message(|client| client.add(&key(), &one).unwrap());
    for behind in [&b"\x03"[..], b"\0", b"\xfe\x02", b"\xff\0\0\0\x03a@b\0\0\0\0", b"\xff", b"\x01\0\0\0\x01"] {
        let mut bench = Bench::new();
        assert_eq!(bench.ask(&[&good[..], behind].concat()), FAILURE, "{behind:?}");
        assert_eq!(bench.keys(), 0);
        assert_eq!(bench.ask(&good), SUCCESS);
        // What it replaces stays as it was.
        assert_eq!(bench.ask(&[&good[..], behind].concat()), FAILURE);
        assert_eq!(bench.keyring.next_timeout(), Some(Instant(60 * sansh::SECOND)));
    }
    // Known, and not enforced by a keyring: refused as well.
    let provider = Constraints { provider: Some(b"internal"), ..one };
    let mut bench = Bench::new();
    assert_eq!(bench.ask(&message(|client| client.add(&key(), &provider).unwrap())), FAILURE);
    // A constraint behind the message that has none.
    let plain = message(|client| client.add(&key(), &Constraints::default()).unwrap());
    assert_eq!(bench.ask(&[&plain[..], b"\x02"].concat()), FAILURE);
    assert_eq!(bench.keys(), 0);
    assert_eq!(bench.ask(&plain), SUCCESS);
    assert_eq!(bench.ask(&plain), SUCCESS, "again");
    assert_eq!(bench.keys(), 1);
}

/// agent/3.6/1: "If the agent does not support the requested flags […] it MUST reply with an SSH_AGENT_FAILURE message".
#[test]
fn flags_that_a_key_does_not_have_are_a_failure() {
    let mut bench = Bench::new();
    bench.keyring.add(key(), &Constraints::default(), Instant(0)).unwrap();
    let mut request = message(|client| client.sign(key().public_key(), b"data", "ssh-ed25519").unwrap());
    let end = request.len() - 4;
    for flags in [0x8000_0000_u32, 1, 2, 4, 6, u32::MAX] {
        request[end..].copy_from_slice(&flags.to_be_bytes());
        assert_eq!(bench.ask(&request), FAILURE, "{flags:#x}");
    }
    request[end..].fill(0);
    assert_eq!(bench.ask(&request)[0], 14);
}

/// agent/3.7/1: "When locked, an agent MUST suspend processing of sensitive operations"; a second lock and a wrong
/// pass-phrase are failures.
#[test]
fn a_locked_keyring_does_not_sign() {
    let mut bench = Bench::new();
    bench.keyring.add(key(), &Constraints::default(), Instant(0)).unwrap();
    let sign = message(|client| client.sign(key().public_key(), b"data", "ssh-ed25519").unwrap());
    let add = message(|client| client.add(&key(), &Constraints::default()).unwrap());
    let lock = message(|client| client.lock(b"pass").unwrap());
    let unlock = message(|client| client.unlock(b"pass").unwrap());
    let wrong = message(|client| client.unlock(b"word").unwrap());
    let remove = message(|client| client.remove(key().public_key()).unwrap());
    let query = message(|client| client.query().unwrap());
    assert_eq!(bench.ask(&unlock), FAILURE);
    assert_eq!(bench.ask(&lock), SUCCESS);
    assert_eq!(bench.keys(), 0);
    for request in [&sign, &add, &lock, &remove, &query] {
        assert_eq!(bench.ask(request), FAILURE);
    }
    assert_eq!(bench.ask(&unlock), SUCCESS);
    assert_eq!((bench.keys(), bench.ask(&sign)[0]), (1, 14));
    assert_eq!((bench.ask(&lock), bench.ask(&wrong)), (SUCCESS.to_vec(), FAILURE.to_vec()));
    assert_eq!(bench.ask(&unlock), FAILURE, "too soon");
    // Even then all keys can be got rid of.
    assert_eq!(bench.ask(&[19]), SUCCESS);
    assert_eq!(bench.keyring.keys().count(), 0);
}

/// agent/3.8/1: an unknown extension is a FAILURE, a failed one an EXTENSION_FAILURE.
#[test]
fn an_extension_is_unknown_or_fails() {
    let mut bench = Bench::new();
    assert_eq!(bench.ask(&message(|client| client.extension("nobody@knows", b"x").unwrap())), FAILURE);
    assert_eq!(bench.ask(&message(|client| client.extension("session-bind@openssh.com", b"x").unwrap())), [28]);
    let answer = bench.ask(&message(|client| client.query().unwrap()));
    assert_eq!(answer, b"\x1d\0\0\0\x05query\0\0\0\x05query\0\0\0\x18session-bind@openssh.com");
}

#[test]
fn a_question_is_answered_for_what_is_there_then() {
    let confirm = Constraints { confirm: true, ..Constraints::default() };
    let sign = message(|client| client.sign(key().public_key(), b"data", "ssh-ed25519").unwrap());
    let bytes = [&u32::try_from(sign.len()).unwrap().to_be_bytes()[..], &sign, &[0, 0, 0, 1, 11]].concat();
    type Between = fn(&mut Keyring);
    let cases: [(bool, Between, u8); 4] = [
        (true, |_| {}, 14),
        (false, |_| {}, 5),
        (true, |keyring| keyring.remove_all(), 5),
        (true, |keyring| keyring.expire(Instant(u64::MAX)), 14),
    ];
    for (yes, between, expected) in cases {
        let mut bench = Bench::new();
        bench.keyring.add(key(), &confirm, Instant(0)).unwrap();
        let mut input = &bytes[..];
        let turn = bench.keyring.serve(&mut bench.session, &mut input, Instant(0), UnixTime(0)).unwrap();
        assert_eq!((turn, input.len()), (Turn::Confirm, 5));
        let question = bench.session.question().unwrap();
        assert_eq!((question.key, question.user, question.is_remote), (key().public_key(), None, false));
        assert!(bench.session.transmit_buf().is_empty());
        between(&mut bench.keyring);
        bench.keyring.confirm(&mut bench.session, yes, Instant(0), UnixTime(0));
        bench.keyring.confirm(&mut bench.session, true, Instant(0), UnixTime(0));
        assert_eq!(bench.session.transmit_buf()[4], expected);
        let turn = bench.keyring.serve(&mut bench.session, &mut input, Instant(0), UnixTime(0)).unwrap();
        assert_eq!((turn, input.len()), (Turn::Idle, 0));
    }
}

#[test]
fn a_keyring_is_bounded() {
    let mut bench = Bench::new();
    let long = "x".repeat(1025);
    assert!(bench.keyring.add(key().with_comment(&long), &Constraints::default(), Instant(0)).is_err());
    let comment = "x".repeat(1000);
    let add = |keyring: &mut Keyring, n: u16| {
        let mut seed = [0; 32];
        seed[..2].copy_from_slice(&n.to_be_bytes());
        let key = PrivateKey::ed25519_from_seed(&seed).unwrap().with_comment(&comment);
        keyring.add(key, &Constraints::default(), Instant(0))
    };
    let held = (0..).take_while(|n| add(&mut bench.keyring, *n).is_ok()).count();
    assert_eq!(held, (256 * 1024 - 5) / (51 + 1000 + 8));
    assert_eq!(bench.keys(), held, "they fit into one answer");
    assert!(add(&mut bench.keyring, 0).is_ok(), "one that is there is replaced");
    let request = message(|client| client.identities().unwrap());
    assert_eq!(Request::parse(&request), Ok(Request::Identities));
}
