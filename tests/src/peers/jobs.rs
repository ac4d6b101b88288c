//! Peers that are libraries: programs of `tests/peers`, each one process for many connections. What is said between
//! them and the tests stands at the top of `tests/peers/jobs.py`.

use core::net::{Ipv4Addr, SocketAddr};
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::process::Running;
use super::{Error, KeyPair, PATIENCE};

/// Which library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Library {
    /// Python, over asyncio.
    AsyncSsh,
    /// Python.
    Paramiko,
    /// C; a client.
    Libssh,
    /// C; a client.
    Libssh2,
    /// Rust.
    Russh,
}

impl Library {
    /// The command line up to `client` or `server`.
    fn command(self) -> Result<Command, Error> {
        let script = match self {
            Library::AsyncSsh => "peer_asyncssh.py",
            Library::Paramiko => "peer_paramiko.py",
            Library::Libssh => "peer_libssh.py",
            Library::Libssh2 => "peer_libssh2.py",
            Library::Russh => return Ok(Command::new(installed("russh/debug/peer-russh")?)),
        };
        let mut command = Command::new(installed("venv/bin/python")?);
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(script));
        // Nothing is written beside the sources, and no start-up file of the user's is read.
        command.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONNOUSERSITE", "1");
        Ok(command)
    }
}

/// Where `tests/run` installs what is no package: the folder in `SANSH_PEERS`, or `target/peers`.
pub(crate) fn root() -> PathBuf {
    match std::env::var_os("SANSH_PEERS") {
        Some(root) => PathBuf::from(root),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers"),
    }
}

/// Something that `tests/run` installs there.
fn installed(path: &str) -> Result<PathBuf, Error> {
    let file = root().join(path);
    if file.is_file() {
        return Ok(file);
    }
    Err(Error::new(format!("{} is not there: `tests/run --install` makes it", file.display())))
}

/// A client library that waits for jobs. Dropped, it ends.
#[derive(Debug)]
pub struct Jobs {
    running: Running,
    input: Mutex<ChildStdin>,
    next: AtomicU64,
    waiting: Arc<Mutex<HashMap<u64, Sender<String>>>>,
}

impl Jobs {
    /// Starts the library's program.
    pub fn start(library: Library) -> Result<Jobs, Error> {
        let (mut running, first, mut lines) = begin(library.command()?.arg("client"))?;
        if first != "ready" {
            return Err(Error::new(format!("{library:?} says {first:?} and {}", running.stderr())));
        }
        let waiting = Arc::<Mutex<HashMap<u64, Sender<String>>>>::default();
        let input = running.stdin.take().ok_or_else(|| Error::new("no pipe"))?;
        let answered = Arc::clone(&waiting);
        thread::spawn(move || {
            while let Some(line) = lines() {
                let Some((number, answer)) = line.split_once('\t') else { continue };
                let waits = |number| answered.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
                if let Some(sender) = number.parse().ok().and_then(waits) {
                    let _ = sender.send(answer.to_owned());
                }
            }
            // Whoever still waits learns that nobody will answer.
            answered.lock().unwrap_or_else(PoisonError::into_inner).clear();
        });
        Ok(Jobs { running, input: Mutex::new(input), next: AtomicU64::new(0), waiting })
    }

    /// Lets it do one connection. Fields: port, user, host key, method and its arguments. An error has the peer's
    /// words.
    pub fn run(&self, fields: &[&str], patience: Duration) -> Result<(), Error> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, answer) = mpsc::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(number, sender);
        let line = format!("{number}\t{}\n", fields.join("\t"));
        let written = self.input.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.as_bytes());
        written.map_err(Error::during("a job"))?;
        match answer.recv_timeout(patience) {
            Ok(answer) if answer == "ok" => Ok(()),
            Ok(answer) => Err(Error::new(answer)),
            Err(_) => Err(Error::new(format!("no answer; it said:\n{}", self.running.stderr()))),
        }
    }
}

/// A server library. Dropped, it ends.
#[derive(Debug)]
pub struct Service {
    running: Running,
    addr: SocketAddr,
}

/// What a [`Service`] is to have.
#[derive(Clone, Debug, Default)]
pub struct ServiceKeys<'a> {
    /// Host keys; those of types that it does not know it leaves out.
    pub host_keys: &'a [KeyPair],
    /// Host certificates for some of them.
    pub host_certificates: &'a [PathBuf],
    /// A file of authorized_keys.
    pub authorized: PathBuf,
    /// The public key of an authority whose user certificates are taken.
    pub authority: Option<PathBuf>,
}

impl Service {
    /// Starts it; it admits the user with the password too.
    pub fn start(library: Library, user: &str, password: &str, keys: &ServiceKeys<'_>) -> Result<Service, Error> {
        let mut command = library.command()?;
        command.args(["server", "--user", user, "--password", password]).arg("--authorized").arg(&keys.authorized);
        if let Some(authority) = &keys.authority {
            command.arg("--ca").arg(authority);
        }
        for pair in keys.host_keys {
            command.arg("--host-key").arg(&pair.private);
        }
        for certificate in keys.host_certificates {
            command.arg("--host-certificate").arg(certificate);
        }
        let (running, first, _) = begin(&mut command)?;
        let port = first.strip_prefix("port ").and_then(|port| port.parse().ok());
        let port: u16 =
            port.ok_or_else(|| Error::new(format!("{library:?} says {first:?} and {}", running.stderr())))?;
        Ok(Service { running, addr: (Ipv4Addr::LOCALHOST, port).into() })
    }

    /// Where it listens, on 127.0.0.1.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What it has said so far.
    pub fn log(&self) -> String {
        self.running.stderr()
    }
}

/// Starts a program; gives its first line and what gives the others.
fn begin(command: &mut Command) -> Result<(Running, String, impl FnMut() -> Option<String> + Send + use<>), Error> {
    let mut running = Running::start(command)?;
    let output = running.stdout.take().ok_or_else(|| Error::new("no pipe"))?;
    let mut lines = BufReader::new(output).lines();
    let mut line = move || lines.next()?.ok();
    let (sender, first) = mpsc::channel();
    thread::spawn(move || {
        let said = line();
        let _ = sender.send((said, line));
    });
    let (said, line) = first.recv_timeout(PATIENCE).map_err(|_| Error::new("a peer says nothing"))?;
    match said {
        Some(said) => Ok((running, said, line)),
        None => {
            let ended = running.wait()?;
            Err(Error::new(format!("a peer ended at once: {}", ended.stderr)))
        }
    }
}
