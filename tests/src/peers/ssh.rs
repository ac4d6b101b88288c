//! OpenSSH's client.

use core::net::SocketAddr;
use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Error, KeyPair, OpenSsh, Output, PATIENCE, Running, Scratch, Sshd};

/// A command line for `ssh`, built step by step, then [`Ssh::run`] or [`Ssh::start`]. It reads no configuration, no
/// agent and no known hosts but its own; it asks nothing.
#[derive(Clone, Debug)]
pub struct Ssh {
    openssh: OpenSsh,
    addr: SocketAddr,
    user: String,
    known_hosts: PathBuf,
    identity: PathBuf,
    /// A program that prints the password.
    askpass: Option<PathBuf>,
    folder: PathBuf,
    options: Vec<String>,
    arguments: Vec<String>,
    subsystem: bool,
    command: Vec<String>,
    patience: Duration,
}

impl Ssh {
    /// To a server of the harness, as its user, with its key and its OpenSSH.
    pub fn to(sshd: &Sshd) -> Result<Ssh, Error> {
        Ssh::new(sshd.openssh(), sshd.scratch(), sshd.addr(), sshd.user(), &sshd.host_key().public, sshd.user_key())
    }

    /// To any server: `host_key` is its public key as a line of authorized_keys has it. Own files go to `scratch`.
    pub fn new(
        openssh: &OpenSsh,
        scratch: &Scratch,
        addr: SocketAddr,
        user: &str,
        host_key: &str,
        identity: &KeyPair,
    ) -> Result<Ssh, Error> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let line = format!("[{}]:{} {host_key}\n", addr.ip(), addr.port());
        let known_hosts = scratch.write(&format!("known_hosts-{next}"), line)?;
        Ok(Ssh {
            openssh: openssh.clone(),
            addr,
            user: user.to_owned(),
            known_hosts,
            identity: identity.private.clone(),
            askpass: None,
            folder: scratch.path().to_owned(),
            options: Vec::new(),
            arguments: Vec::new(),
            subsystem: false,
            command: Vec::new(),
            patience: PATIENCE,
        })
    }

    /// `-o KEY=VALUE`, ahead of the harness's own: the first value counts.
    pub fn option(mut self, option: impl Into<String>) -> Ssh {
        self.options.push(option.into());
        self
    }

    /// Any other argument ahead of the destination.
    pub fn argument(mut self, argument: impl Into<String>) -> Ssh {
        self.arguments.push(argument.into());
        self
    }

    /// Another private key.
    pub fn identity(mut self, private: &Path) -> Ssh {
        self.identity = private.to_owned();
        self
    }

    /// Logs in by this password, and with no key.
    pub fn password(mut self, password: &str) -> Result<Ssh, Error> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let write = |name: String, content: String| {
            let path = self.folder.join(name);
            fs::write(&path, content).map_err(Error::during(path.display()))?;
            Ok(path)
        };
        let secret = write(format!("password-{next}"), format!("{password}\n"))?;
        let script = write(format!("askpass-{next}"), format!("#!/bin/sh\ncat '{}'\n", secret.display()))?;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).map_err(Error::during(script.display()))?;
        self.askpass = Some(script);
        Ok(self
            .option("BatchMode=no")
            .option("NumberOfPasswordPrompts=1")
            .option("PubkeyAuthentication=no")
            .option("PreferredAuthentications=password"))
    }

    /// Runs a command on the server.
    pub fn command(mut self, command: &str) -> Ssh {
        self.subsystem = false;
        self.command = vec![command.to_owned()];
        self
    }

    /// Asks for a subsystem.
    pub fn subsystem(mut self, name: &str) -> Ssh {
        self.subsystem = true;
        self.command = vec![name.to_owned()];
        self
    }

    /// `-W host:port`: standard input and output over a direct-tcpip channel.
    pub fn stdio_forward(self, destination: &str) -> Ssh {
        self.argument("-W").argument(destination)
    }

    /// `-L`, from a TCP address or Unix socket here to one there, as `/tmp/in.sock:127.0.0.1:80`.
    pub fn local_forward(self, forward: &str) -> Ssh {
        self.option("ExitOnForwardFailure=yes").argument("-L").argument(forward)
    }

    /// `-R`; for port 0 the server picks one, and the client says `Allocated port N` to standard error.
    pub fn remote_forward(self, forward: &str) -> Ssh {
        self.option("ExitOnForwardFailure=yes").argument("-R").argument(forward)
    }

    /// `-N`: no session, forwarding only.
    pub fn forward_only(self) -> Ssh {
        self.argument("-N")
    }

    /// How long [`Ssh::run`] waits, instead of [`PATIENCE`].
    pub fn patience(mut self, patience: Duration) -> Ssh {
        self.patience = patience;
        self
    }

    /// Runs it to its end with this input.
    pub fn run(&self, input: &[u8]) -> Result<Output, Error> {
        self.start()?.finish(input, self.patience)
    }

    /// Starts it, for tests that read and write while it runs, or that use its forwardings.
    pub fn start(&self) -> Result<Running, Error> {
        Running::start(&mut self.line())
    }

    /// Starts it and waits until it is logged in and its forwardings stand. Standard error holds its debug messages.
    pub fn start_ready(&self) -> Result<Running, Error> {
        let mut running = self.clone().argument("-v").start()?;
        let remote = self.arguments.iter().any(|argument| argument == "-R");
        let sign = if remote { "all expected forwarding replies received" } else { "Entering interactive session" };
        running.wait_stderr(sign, self.patience)?;
        Ok(running)
    }

    /// The command line itself.
    pub fn line(&self) -> Command {
        let mut line = Command::new(self.openssh.ssh());
        line.args(["-F", "/dev/null"]);
        for option in &self.options {
            line.args(["-o", option]);
        }
        line.arg("-o").arg(format!("UserKnownHostsFile={}", self.known_hosts.display()));
        for option in [
            "GlobalKnownHostsFile=/dev/null",
            "StrictHostKeyChecking=yes",
            "UpdateHostKeys=no",
            "BatchMode=yes",
            "IdentitiesOnly=yes",
            "IdentityAgent=none",
            "ControlMaster=no",
            "ControlPath=none",
            "ConnectTimeout=30",
        ] {
            line.args(["-o", option]);
        }
        line.arg("-i").arg(&self.identity);
        line.args(["-p", &self.addr.port().to_string(), "-l", &self.user]).args(&self.arguments);
        if self.subsystem {
            line.arg("-s");
        }
        line.arg(self.addr.ip().to_string()).args(&self.command);
        line.env_remove("SSH_AUTH_SOCK").env_remove("DISPLAY");
        if let Some(askpass) = &self.askpass {
            line.env("SSH_ASKPASS", askpass).env("SSH_ASKPASS_REQUIRE", "force");
        }
        line
    }
}
