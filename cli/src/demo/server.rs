//! The demonstration's server: this program again, in another process. And OpenSSH's client, if there is one.

use super::http::Exchange;
use super::measure::{Measured, Progress, measure};
use super::service::Service;
use crate::keyfile;
use crate::problem::{Doing, Problem};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sansh::files::known_hosts::line_for;
use sansh::keys::Fingerprint;
use sansh::signer::PrivateKey;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use std::{env, thread};

pub(super) struct Server {
    child: Child,
    pub(super) port: u16,
    pub(super) host_key: Fingerprint,
    pub(super) host_key_blob: Vec<u8>,
    log: Arc<Mutex<String>>,
}

impl Server {
    /// Writes keys and configuration, starts the process, and waits until it says where it listens.
    pub(super) fn start(folder: &Path, service: &Service, user_key: &PrivateKey) -> Result<Self, Problem> {
        let host_key = keyfile::generate("demo host key")?;
        keyfile::store(&host_key, &folder.join("host_key"))?;
        let line = user_key.public_key().line("demo").doing("key")?;
        private(&folder.join("authorized_keys"), &line)?;
        let config = folder.join("sshd_config");
        // SHLVL: so bash does not read its start-up file for a command. One that prints would garble HTTP.
        private(
            &config,
            &format!(
                "ListenAddress 127.0.0.1\nPort 0\nHostKey host_key\nAuthorizedKeysFile \"{}\"\nLogLevel ERROR\n\
                 SetEnv SHLVL=1\nSubsystem http \"unix:{}\" identity=proxy\n",
                folder.join("authorized_keys").display(),
                service.introduced.display()
            ),
        )?;
        let program = env::current_exe().doing("own program")?;
        let mut child = Command::new(program)
            .args(["serve", "-f"])
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .doing("server process")?;
        let mut lines = BufReader::new(child.stderr.take().ok_or_else(|| Problem::new("server process: no pipe"))?);
        let mut first = String::new();
        lines.read_line(&mut first).doing("server process")?;
        let port = first.trim_end().strip_prefix("Listening on 127.0.0.1 port ");
        let port = port.and_then(|text| text.trim_end_matches('.').parse().ok());
        let log = Arc::new(Mutex::new(String::new()));
        let collected = Arc::clone(&log);
        thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                collected.lock().unwrap_or_else(PoisonError::into_inner).push_str(&format!("server: {line}\n"));
            }
        });
        let public = host_key.public_key();
        let mut server =
            Server { child, port: 0, host_key: public.fingerprint(), host_key_blob: public.blob().to_vec(), log };
        server.port = port.ok_or_else(|| Problem::new(format!("server process: {}", first.trim_end())))?;
        Ok(server)
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it said besides.
    pub(super) fn log(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(id) = i32::try_from(self.child.id()) {
            let _ = kill(Pid::from_raw(id), Signal::SIGTERM);
        }
        let _ = self.child.wait();
    }
}

fn private(path: &Path, text: &str) -> Result<(), Problem> {
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).doing(path.display())
}

/// The subsystem once more, by the installed `ssh`; `None` if there is none.
pub(super) fn fetch_by_openssh(
    server: &Server,
    folder: &Path,
    user: &str,
    key: &PrivateKey,
    progress: &Progress,
) -> Result<Option<io::Result<Measured>>, Problem> {
    let path = env::var_os("PATH").unwrap_or_default();
    let Some(ssh) = env::split_paths(&path).map(|folder| folder.join("ssh")).find(|file| is_openssh(file)) else {
        return Ok(None);
    };
    let (known_hosts, identity) = (folder.join("known_hosts"), folder.join("id_ed25519"));
    let line = line_for("127.0.0.1", server.port, sansh::keys::PublicKey::new(&server.host_key_blob));
    private(&known_hosts, &line.doing("known_hosts")?)?;
    keyfile::store(key, &identity)?;
    let start = Instant::now();
    let mut child = Command::new(ssh)
        .args(["-F", "/dev/null", "-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes"])
        .args(["-o", "IdentityAgent=none", "-o", "ControlPath=none", "-o", "GlobalKnownHostsFile=/dev/null"])
        .arg("-o")
        .arg(format!("UserKnownHostsFile=\"{}\"", known_hosts.display()))
        .arg("-i")
        .arg(&identity)
        .args(["-p", &server.port.to_string(), "-l", user, "-s", "127.0.0.1", "http"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .doing("ssh")?;
    let measured = match (child.stdout.take(), child.stdin.take()) {
        (Some(output), Some(input)) => measure(Exchange::new(Pipes { input, output }), start, progress),
        _ => Err(io::ErrorKind::BrokenPipe.into()),
    };
    let mut said = String::new();
    if let (Err(_), Some(mut errors)) = (&measured, child.stderr.take()) {
        let _ = child.kill();
        let _ = errors.read_to_string(&mut said);
    }
    let _ = child.wait();
    Ok(Some(measured.map_err(|error| io::Error::other(format!("{error} {}", said.trim_end())))))
}

/// Not a link to this program.
fn is_openssh(file: &Path) -> bool {
    let Ok(output) = Command::new(file).arg("-V").stdin(Stdio::null()).output() else { return false };
    [output.stdout, output.stderr].concat().starts_with(b"OpenSSH")
}

/// Standard input and output of a program, as one stream.
struct Pipes {
    input: ChildStdin,
    output: ChildStdout,
}

impl Read for Pipes {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.output.read(into)
    }
}

impl Write for Pipes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.input.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.input.flush()
    }
}
