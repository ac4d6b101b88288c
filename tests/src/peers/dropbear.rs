//! Dropbear's server and client.

use core::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::process::Command;

use super::account::{Me, STAND_IN, stand_in};
use super::inetd::{Inetd, Program};
use super::process::Running;
use super::{Error, KeyPair, Output, PATIENCE, Scratch, program};

/// A running server. Dropped, it ends with all its children.
#[derive(Debug)]
pub struct Dropbear {
    inetd: Inetd,
    _scratch: Scratch,
}

impl Dropbear {
    /// How many host keys one server takes.
    pub const HOST_KEYS: usize = 4;

    /// A server with these host keys, as far as it knows their types. It admits [`Dropbear::user`] with any of the keys
    /// in
    /// `authorized`, lines of authorized_keys, and with the password.
    pub fn start(host_keys: &[KeyPair], authorized: &[String], password: &str) -> Result<Dropbear, Error> {
        let scratch = Scratch::new()?;
        let mut arguments = vec!["-i".into()];
        for (number, pair) in host_keys.iter().enumerate() {
            let own = scratch.file(&format!("host-{number}"));
            if convert(&pair.private, &own)?.status == Some(0) {
                arguments.extend(["-r".into(), own.into()]);
            }
        }
        let environment = home(&scratch, authorized, password)?;
        let log = scratch.write("log", "")?;
        let inetd = Inetd::start(Program { path: program("dropbear")?, arguments, environment, log })?;
        Ok(Dropbear { inetd, _scratch: scratch })
    }

    /// Where it listens, on 127.0.0.1.
    pub fn addr(&self) -> SocketAddr {
        self.inetd.addr()
    }

    /// Whom it admits.
    pub fn user(&self) -> &'static str {
        STAND_IN
    }

    /// What it has said so far, over all connections: little, since under inetd it logs to syslog.
    pub fn log(&self) -> String {
        self.inetd.log()
    }
}

/// How `dbclient` proves who it is.
#[derive(Clone, Copy, Debug)]
pub enum DbLogin<'a> {
    /// By a key that `ssh-keygen` made.
    Key(&'a KeyPair),
    /// By a password.
    Password(&'a str),
}

/// Runs `dbclient` to its end: a command on a server at this port of 127.0.0.1, whose key it takes without a question.
pub fn dbclient(port: u16, user: &str, login: DbLogin<'_>, command: &str, input: &[u8]) -> Result<Output, Error> {
    let scratch = Scratch::new()?;
    let mut line = Command::new(program("dbclient")?);
    line.args(["-y", "-y", "-p", &port.to_string(), "-l", user]).env("HOME", scratch.path());
    line.env_remove("SSH_AUTH_SOCK").env_remove("SSH_ASKPASS").env_remove("DISPLAY");
    match login {
        DbLogin::Key(pair) => {
            let own = scratch.file("identity");
            let converted = convert(&pair.private, &own)?;
            if converted.status != Some(0) {
                return Err(Error::new(format!("dropbearconvert: {}", converted.stderr)));
            }
            line.arg("-i").arg(own);
        }
        DbLogin::Password(word) => drop(line.env("DROPBEAR_PASSWORD", word)),
    }
    Running::start(line.args(["127.0.0.1", command]))?.finish(input, PATIENCE)
}

/// Writes a key of `ssh-keygen` in the form of Dropbear.
fn convert(from: &Path, to: &Path) -> Result<Output, Error> {
    let mut line = Command::new(program("dropbearconvert")?);
    Running::start(line.args(["openssh", "dropbear"]).arg(from).arg(to))?.wait()
}

/// Fills the stand-in's home; returns the environment in which a server knows the stand-in.
pub(crate) fn home(
    scratch: &Scratch,
    authorized: &[String],
    password: &str,
) -> Result<Vec<(&'static str, String)>, Error> {
    let folder = scratch.file(".ssh");
    std::fs::DirBuilder::new().mode(0o700).create(&folder).map_err(Error::during(folder.display()))?;
    scratch.write(".ssh/authorized_keys", authorized.join("\n") + "\n")?;
    stand_in(scratch, &Me::find()?, password)
}
