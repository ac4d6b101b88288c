//! OpenSSH's server.
//!
//! The listening socket is the harness's own and each accepted connection becomes standard input and output of one
//! `sshd -i`, as under inetd: so the port is the kernel's choice and is never free in between.

use core::net::{Ipv4Addr, SocketAddr};
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use core::time::Duration;
use std::fs::{self, File, OpenOptions};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

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
    addr: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

/// How a server is to be; see [`Sshd::builder`].
#[derive(Debug, Default)]
pub struct SshdBuilder {
    openssh: Option<OpenSsh>,
    lines: Vec<String>,
    authorized: Vec<String>,
    password: Option<String>,
}

/// What the accepting thread and the owner both see.
#[derive(Debug)]
struct Shared {
    sshd: PathBuf,
    config: PathBuf,
    log: PathBuf,
    environment: Vec<(&'static str, String)>,
    children: Mutex<Vec<Child>>,
    accepted: AtomicUsize,
    stop: AtomicBool,
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
        TcpStream::connect(self.addr).map_err(Error::during(self.addr))
    }

    /// Where it listens, on 127.0.0.1.
    pub fn addr(&self) -> SocketAddr {
        self.addr
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
        self.shared.accepted.load(Ordering::Relaxed)
    }

    /// What it has logged so far, over all connections.
    pub fn log(&self) -> String {
        fs::read(&self.shared.log).map(|log| String::from_utf8_lossy(&log).into_owned()).unwrap_or_default()
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
            eprintln!("--- log of {} at {}\n{}---", self.openssh.version(), self.addr, self.log());
        }
        self.shared.stop.store(true, Ordering::SeqCst);
        // The accepting thread looks at the flag when it wakes up. It does by the next connection.
        if TcpStream::connect(self.addr).is_ok()
            && let Some(accepting) = self.accepting.take()
        {
            let _ = accepting.join();
        }
        for child in self.shared.children.lock().unwrap_or_else(PoisonError::into_inner).iter_mut() {
            process::end(child);
        }
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
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Error::during("127.0.0.1"))?;
        let addr = listener.local_addr().map_err(Error::during("127.0.0.1"))?;
        let shared = Arc::new(Shared {
            sshd: openssh.sshd().to_owned(),
            config,
            log,
            environment,
            children: Mutex::default(),
            accepted: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
        });
        let accepting = thread::spawn({
            let shared = Arc::clone(&shared);
            move || shared.accept(&listener)
        });
        Ok(Sshd { openssh, scratch, host_key, user_key, user, addr, shared, accepting: Some(accepting) })
    }
}

impl Shared {
    fn accept(&self, listener: &TcpListener) {
        while let Ok((stream, _)) = listener.accept() {
            if self.stop.load(Ordering::SeqCst) {
                return;
            }
            self.accepted.fetch_add(1, Ordering::Relaxed);
            let mut children = self.children.lock().unwrap_or_else(PoisonError::into_inner);
            children.retain_mut(|child| matches!(child.try_wait(), Ok(None)));
            match self.serve(stream) {
                Ok(child) => children.push(child),
                Err(error) => eprintln!("{error}"),
            }
        }
    }

    fn serve(&self, stream: TcpStream) -> Result<Child, Error> {
        let input = stream.try_clone().map_err(Error::during("socket"))?;
        let log: File = OpenOptions::new().append(true).open(&self.log).map_err(Error::during(self.log.display()))?;
        Command::new(&self.sshd)
            .args(["-i", "-f"])
            .arg(&self.config)
            // Not -e: by that, a session's standard error holds log lines too.
            .arg("-E")
            .arg(&self.log)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::from(OwnedFd::from(input)))
            .stdout(Stdio::from(OwnedFd::from(stream)))
            .stderr(Stdio::from(log))
            .spawn()
            .map_err(Error::during(self.sshd.display()))
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

/// The user who runs the tests.
#[derive(Debug)]
struct Me {
    name: String,
    id: u32,
    group: u32,
    /// As far as this user may know: only root reads /etc/shadow, and only then sshd looks.
    locked: bool,
}

impl Me {
    fn find() -> Result<Me, Error> {
        let this = fs::metadata("/proc/self").map_err(Error::during("/proc/self"))?;
        let output = Command::new("id").arg("-un").output().map_err(Error::during("id"))?;
        let name = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if !output.status.success() || name.is_empty() {
            return Err(Error::new(format!(
                "user {} has no name in the user database, and sshd needs one",
                this.uid()
            )));
        }
        let locked = fs::read_to_string("/etc/shadow")
            .is_ok_and(|all| all.lines().any(|line| line.starts_with(&format!("{name}:!"))));
        Ok(Me { name, id: this.uid(), group: this.gid(), locked })
    }
}

/// The name under which a server with a password knows the current user.
const STAND_IN: &str = "sansh";

/// Writes the user database with the stand-in; returns the environment in which sshd sees it.
fn stand_in(scratch: &Scratch, me: &Me, password: &str) -> Result<Vec<(&'static str, String)>, Error> {
    let mut openssl = Command::new(super::program("openssl")?);
    openssl.args(["passwd", "-6", "-stdin"]);
    let hash = Running::start(&mut openssl)?.finish(password.as_bytes(), PATIENCE)?;
    let hash = match hash.status {
        Some(0) => String::from_utf8_lossy(&hash.stdout).trim().to_owned(),
        _ => return Err(Error::new(format!("openssl passwd: {}", hash.stderr))),
    };
    let home = scratch.path().display();
    let system = fs::read_to_string("/etc/passwd").map_err(Error::during("/etc/passwd"))?;
    let groups = fs::read_to_string("/etc/group").map_err(Error::during("/etc/group"))?;
    let users = format!("{STAND_IN}:x:{}:{}::{home}:/bin/sh\n{system}", me.id, me.group);
    let users = scratch.write("passwd", users)?;
    let groups = scratch.write("group", groups)?;
    let shadow = scratch.write("shadow", format!("{STAND_IN}:{hash}:19000:0:99999:7:::\n"))?;
    Ok(vec![
        ("LD_PRELOAD", nss_wrapper()?.display().to_string()),
        ("NSS_WRAPPER_PASSWD", users.display().to_string()),
        ("NSS_WRAPPER_GROUP", groups.display().to_string()),
        ("NSS_WRAPPER_SHADOW", shadow.display().to_string()),
    ])
}

fn nss_wrapper() -> Result<PathBuf, Error> {
    let folders = fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path());
    ["/usr/lib", "/usr/lib64"]
        .map(PathBuf::from)
        .into_iter()
        .chain(folders)
        .map(|folder| folder.join("libnss_wrapper.so"))
        .find(|file| file.is_file())
        .ok_or_else(|| Error::new("libnss_wrapper.so is not installed: install libnss-wrapper (tests/run does)"))
}
