//! What the tests of the program share: the program itself, as client and as server.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use sansh_testkit::peers::{KeyPair, OpenSsh, Output, PATIENCE, Running, Scratch, Ssh, Sshd};
use std::fmt::Write;
use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;
use std::thread;

/// The program.
pub fn sansh(arguments: &[&str]) -> Command {
    let mut line = Command::new(env!("CARGO_BIN_EXE_sansh"));
    line.args(arguments).env_remove("SSH_AUTH_SOCK");
    line
}

/// Runs a command line with this input.
pub fn run(line: &mut Command, input: &[u8]) -> Output {
    Running::start(line).expect("the program starts").finish(input, PATIENCE).expect("the program ends")
}

/// `sansh connect` to a server, with what the command line needs for that; `arguments` follow.
pub fn connect(address: SocketAddr, user: &str, key: &Path, known_hosts: &Path, arguments: &[&str]) -> Command {
    let mut line = sansh(&["connect", "-o", "BatchMode=yes", "-i"]);
    line.arg(key).arg("-o").arg(format!("UserKnownHostsFile={}", known_hosts.display()));
    line.args(["-p", &address.port().to_string(), "-l", user]).args(arguments);
    line
}

/// A known_hosts file with one server.
pub fn known_hosts(scratch: &Scratch, address: SocketAddr, host_key: &str) -> std::path::PathBuf {
    let line = format!("[{}]:{} {host_key}\n", address.ip(), address.port());
    scratch.write("known_hosts-sansh", line).expect("a file")
}

/// `sansh connect` to an sshd that it knows. The host is the last of the arguments before `command`.
pub fn connect_to(sshd: &Sshd, options: &[&str], command: &[&str]) -> Command {
    let known = known_hosts(sshd.scratch(), sshd.addr(), &sshd.host_key().public);
    let all = [options, &["127.0.0.1"], command].concat();
    connect(sshd.addr(), sshd.user(), &sshd.user_key().private, &known, &all)
}

/// A running `sansh serve`. Dropped, it ends.
pub struct Serve {
    pub scratch: Scratch,
    pub host_key: KeyPair,
    pub user_key: KeyPair,
    pub user: String,
    pub address: SocketAddr,
    pub running: Running,
}

impl Serve {
    /// With these lines in its configuration besides what it needs.
    pub fn start(lines: &str) -> Serve {
        Serve::with_keys(lines, |public| format!("{public}\n"))
    }

    /// With these authorized keys, made out of the user's public key.
    pub fn with_keys(lines: &str, authorized: impl Fn(&str) -> String) -> Serve {
        let scratch = Scratch::new().expect("a folder");
        let host_key = scratch.ed25519("host_key").expect("a key");
        let user_key = scratch.ed25519("user_key").expect("a key");
        let keys = scratch.write("authorized_keys", authorized(&user_key.public)).expect("a file");
        let mut config = String::new();
        writeln!(config, "ListenAddress 127.0.0.1\nPort 0\nHostKey host_key").expect("text");
        writeln!(config, "AuthorizedKeysFile \"{}\"\n{lines}", keys.display()).expect("text");
        // With SHLVL, bash reads no start-up file: whatever that does takes its time, or waits for locks.
        writeln!(config, "SetEnv SHLVL=1 SANSH_SET=here").expect("text");
        let config = scratch.write("sshd_config", config).expect("a file");
        let mut line = sansh(&["serve", "-f"]);
        let mut running = Running::start(line.arg(config)).expect("the program starts");
        running.wait_stderr("Listening on 127.0.0.1 port ", PATIENCE).expect("it listens");
        let said = running.stderr();
        let port = said.split("port ").nth(1).and_then(|text| text.split('.').next()?.parse().ok()).expect("a port");
        let id = Command::new("id").arg("-un").output().expect("id");
        let user = String::from_utf8(id.stdout).expect("text").trim().to_owned();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Serve { scratch, host_key, user_key, user, address, running }
    }

    /// OpenSSH's client, for this server.
    pub fn ssh(&self) -> Ssh {
        let openssh = OpenSsh::recent().expect("ssh");
        Ssh::new(&openssh, &self.scratch, self.address, &self.user, &self.host_key.public, &self.user_key).expect("ssh")
    }

    /// Our client, for this server.
    pub fn connect(&self, options: &[&str], command: &[&str]) -> Command {
        let known = known_hosts(&self.scratch, self.address, &self.host_key.public);
        let all = [options, &["127.0.0.1"], command].concat();
        connect(self.address, &self.user, &self.user_key.private, &known, &all)
    }
}

/// A service that sends everything back, on a Unix socket.
pub fn echo_on_unix(path: &Path) {
    let listener = UnixListener::bind(path).expect("a socket");
    thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            let output = socket.try_clone().expect("a socket");
            thread::spawn(move || echo(socket, output));
        }
    });
}

/// The same on a port of 127.0.0.1.
pub fn echo_on_tcp() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            let output = socket.try_clone().expect("a socket");
            thread::spawn(move || echo(socket, output));
        }
    });
    port
}

fn echo(mut input: impl Read, mut output: impl std::io::Write) {
    let mut buffer = vec![0; 65536];
    while let Ok(n @ 1..) = input.read(&mut buffer) {
        if output.write_all(&buffer[..n]).is_err() {
            return;
        }
    }
}

/// Sends bytes over a stream and reads as many back.
pub fn round_trip(
    stream: &mut (impl Read + std::io::Write + Send),
    bytes: &[u8],
    writer: impl std::io::Write + Send + 'static,
) -> Vec<u8> {
    let (mut writer, copy) = (writer, bytes.to_vec());
    let writing = thread::spawn(move || writer.write_all(&copy));
    let mut back = vec![0; bytes.len()];
    stream.read_exact(&mut back).expect("everything comes back");
    writing.join().expect("no panic").expect("everything is written");
    back
}

/// Bytes of every value, in an order that repeats late.
pub fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}
