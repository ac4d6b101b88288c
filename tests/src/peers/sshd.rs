//! OpenSSH's server: one `sshd -i` for each connection that [`Inetd`] accepts.

use core::net::SocketAddr;
use core::time::Duration;
use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::process::Command;
use std::thread;

use super::account::{Me, STAND_IN, stand_in};
use super::inetd::{Inetd, Program};
use super::process::{self, Running};
use super::{Error, KeyPair, OpenSsh, PATIENCE, Scratch, wait_until};

/// The variable in which every process of a session finds the scratch directory of its server.
const MARK: &str = "SANSH_PEER";

/// A running server. Dropped, it ends with all its children; dropped by a panic, it prints its log first.
#[derive(Debug)]
pub struct Sshd {
    openssh: OpenSsh,
    scratch: Scratch,
    host_key: KeyPair,
    user_key: KeyPair,
    user: String,
    inetd: Inetd,
}

/// How a server is to be; see [`Sshd::builder`].
#[derive(Debug, Default)]
pub struct SshdBuilder {
    openssh: Option<OpenSsh>,
    lines: Vec<String>,
    authorized: Vec<String>,
    password: Option<String>,
}

impl Sshd {
    /// A server with the defaults of [`Sshd::builder`].
    pub fn start() -> Result<Sshd, Error> {
        Sshd::builder().start()
    }

    /// A server that admits the current user with one ed25519 key, has one ed25519 host key, a subsystem `echo`
    /// (`/bin/cat`), forwarding of TCP and Unix sockets, and 64 sessions a connection. It is [`OpenSsh::recent`].
    pub fn builder() -> SshdBuilder {
        SshdBuilder::default()
    }

    /// Connects to it; nothing has been sent or read.
    pub fn connect(&self) -> Result<TcpStream, Error> {
        TcpStream::connect(self.addr()).map_err(Error::during(self.addr()))
    }

    /// Where it listens, on 127.0.0.1.
    pub fn addr(&self) -> SocketAddr {
        self.inetd.addr()
    }

    /// Whom it admits.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// Its host key.
    pub fn host_key(&self) -> &KeyPair {
        &self.host_key
    }

    /// The key with which [`Sshd::user`] logs in.
    pub fn user_key(&self) -> &KeyPair {
        &self.user_key
    }

    /// The directory with its keys, where a test may put more.
    pub fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    /// Which OpenSSH it is.
    pub fn openssh(&self) -> &OpenSsh {
        &self.openssh
    }

    /// How many connections it has accepted.
    pub fn accepted(&self) -> usize {
        self.inetd.accepted()
    }

    /// What it has logged so far, over all connections.
    pub fn log(&self) -> String {
        self.inetd.log()
    }

    /// Waits until the log holds a text.
    pub fn wait_log(&self, text: &str, patience: Duration) -> Result<(), Error> {
        if wait_until(patience, || self.log().contains(text)) {
            return Ok(());
        }
        Err(Error::new(format!("sshd did not log {text:?} in time; it logged:\n{}", self.log())))
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("--- log of {} at {}\n{}---", self.openssh.version(), self.addr(), self.log());
        }
        self.inetd.end();
        process::end_marked(MARK, &self.scratch.path().to_string_lossy());
    }
}

impl SshdBuilder {
    /// Another OpenSSH than [`OpenSsh::recent`].
    pub fn openssh(mut self, openssh: &OpenSsh) -> SshdBuilder {
        self.openssh = Some(openssh.clone());
        self
    }

    /// A line of sshd_config, ahead of all defaults: the first value of a keyword counts. Neither `Match` nor `SetEnv`,
    /// on which the harness relies.
    pub fn line(mut self, line: impl Into<String>) -> SshdBuilder {
        self.lines.push(line.into());
        self
    }

    /// Only these ciphers, comma-separated.
    pub fn ciphers(self, names: &str) -> SshdBuilder {
        self.line(format!("Ciphers {names}"))
    }

    /// Only these MACs, comma-separated.
    pub fn macs(self, names: &str) -> SshdBuilder {
        self.line(format!("MACs {names}"))
    }

    /// Only these key exchanges, comma-separated.
    pub fn kex(self, names: &str) -> SshdBuilder {
        self.line(format!("KexAlgorithms {names}"))
    }

    /// A new key exchange after so much data, as `1M`.
    pub fn rekey_limit(self, limit: &str) -> SshdBuilder {
        self.line(format!("RekeyLimit {limit}"))
    }

    /// One more subsystem beside `echo`. Its command is run by the user's shell.
    pub fn subsystem(self, name: &str, command: &str) -> SshdBuilder {
        self.line(format!("Subsystem {name} {command}"))
    }

    /// One more line of authorized_keys, with options or without.
    pub fn authorize(mut self, line: impl Into<String>) -> SshdBuilder {
        self.authorized.push(line.into());
        self
    }

    /// Admits by this password too. The user is then named `sansh`: the current one under a name that only this server
    /// knows (by nss_wrapper, package libnss-wrapper), so that no account of the machine is touched.
    pub fn password(mut self, password: &str) -> SshdBuilder {
        self.password = Some(password.to_owned());
        self
    }

    /// Starts it. Connections are accepted from here on.
    pub fn start(self) -> Result<Sshd, Error> {
        let openssh = match self.openssh {
            Some(openssh) => openssh,
            None => OpenSsh::recent()?,
        };
        let me = Me::find()?;
        if me.id == 0 {
            separation()?;
        }
        let scratch = Scratch::new()?;
        let host_key = scratch.ed25519("host_key")?;
        let user_key = scratch.ed25519("user_key")?;
        let mut authorized = self.authorized;
        authorized.push(user_key.public.clone());
        let authorized = scratch.write("authorized_keys", authorized.join("\n") + "\n")?;

        let mut environment = Vec::new();
        let mut config = self.lines;
        let mut user = me.name.clone();
        match &self.password {
            Some(password) => {
                environment = stand_in(&scratch, &me, password)?;
                user = STAND_IN.to_owned();
                config.push("PasswordAuthentication yes\nUsePAM no".to_owned());
            }
            None => {
                config.push("PasswordAuthentication no".to_owned());
                // sshd turns a locked account away by itself, unless PAM is there to judge.
                config.push(format!("UsePAM {}", if me.locked { "yes" } else { "no" }));
            }
        }
        if let Some(helpers) = openssh.helpers() {
            config.push(format!("SshdSessionPath \"{}\"", helpers.join("sshd-session").display()));
            config.push(format!("SshdAuthPath \"{}\"", helpers.join("sshd-auth").display()));
        }
        config.push(format!("HostKey \"{}\"", host_key.private.display()));
        config.push(format!("AuthorizedKeysFile \"{}\"", authorized.display()));
        // No start-up file of the user's shell has a say: neither one in HOME nor, with SHLVL, those that bash reads
        // when sshd is its parent.
        let home = scratch.path().display();
        config.push(format!("SetEnv {MARK}={home} HOME={home} SHLVL=2"));
        config.push(DEFAULTS.to_owned());
        let config = scratch.write("sshd_config", config.join("\n") + "\n")?;
        let log = scratch.write("sshd_log", "")?;

        check(&openssh, &config, &environment)?;
        // Not -e: by that, a session's standard error holds log lines too.
        let arguments = ["-i".into(), "-f".into(), config.into(), "-E".into(), log.clone().into()];
        let inetd =
            Inetd::start(Program { path: openssh.sshd().to_owned(), arguments: arguments.into(), environment, log })?;
        Ok(Sshd { openssh, scratch, host_key, user_key, user, inetd })
    }
}

const DEFAULTS: &str = "\
Subsystem echo /bin/cat
LogLevel DEBUG1
StrictModes no
PermitRootLogin yes
PubkeyAuthentication yes
KbdInteractiveAuthentication no
MaxSessions 64
MaxAuthTries 6
AllowTcpForwarding yes
AllowStreamLocalForwarding yes
StreamLocalBindUnlink yes
AcceptEnv LANG LC_* SANSH_TEST_*
X11Forwarding no
PrintMotd no
PrintLastLog no
UseDNS no
PidFile none";

/// Lets sshd judge its configuration, so that a wrong line fails the test that wrote it, with sshd's own words.
fn check(openssh: &OpenSsh, config: &Path, environment: &[(&'static str, String)]) -> Result<(), Error> {
    let mut command = Command::new(openssh.sshd());
    command.arg("-t").arg("-f").arg(config).envs(environment.iter().map(|(name, value)| (name, value)));
    let output = Running::start(&mut command)?.finish(&[], PATIENCE)?;
    match output.status {
        Some(0) => Ok(()),
        _ => Err(Error::new(format!("{} refuses its configuration: {}", openssh.sshd().display(), output.stderr))),
    }
}

/// As root, sshd wants the empty directory and the user of its privilege separation.
fn separation() -> Result<(), Error> {
    let path = Path::new("/run/sshd");
    if !path.is_dir() {
        // Another test may be faster.
        let made = fs::DirBuilder::new().mode(0o755).create(path);
        if !path.is_dir() {
            made.map_err(Error::during("/run/sshd, which sshd needs"))?;
        }
    }
    let accounts = fs::read_to_string("/etc/passwd").map_err(Error::during("/etc/passwd"))?;
    if !accounts.lines().any(|line| line.starts_with("sshd:")) {
        return Err(Error::new("there is no user `sshd`: install the package openssh-server (tests/run does)"));
    }
    Ok(())
}
