//! TinySSH's server.

use core::net::SocketAddr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::account::STAND_IN;
use super::dropbear::home;
use super::inetd::{Inetd, Program};
use super::jobs::root;
use super::process::Running;
use super::{Error, Scratch, program};

/// A running server. Dropped, it ends with all its children.
#[derive(Debug)]
pub struct TinySsh {
    inetd: Inetd,
    host_key: [u8; 32],
    _scratch: Scratch,
}

impl TinySsh {
    /// A server with an ed25519 host key of its own. It admits [`TinySsh::user`] with any of the keys in `authorized`,
    /// lines of authorized_keys.
    pub fn start(authorized: &[String]) -> Result<TinySsh, Error> {
        let scratch = Scratch::below(&guarded()?)?;
        let keys = scratch.file("keys");
        let made = Running::start(Command::new(program("tinysshd-makekey")?).arg("-q").arg(&keys))?.wait()?;
        if made.status != Some(0) {
            return Err(Error::new(format!("tinysshd-makekey: {}", made.stderr)));
        }
        let public = keys.join("ed25519.pk");
        let public = fs::read(&public).map_err(Error::during(public.display()))?;
        let host_key = public.try_into().map_err(|_| Error::new("ed25519.pk of tinysshd-makekey has not 32 bytes"))?;
        let environment = home(&scratch, authorized, "")?;
        let log = scratch.write("log", "")?;
        let arguments = vec!["-v".into(), keys.into()];
        let inetd = Inetd::start(Program { path: program("tinysshd")?, arguments, environment, log })?;
        Ok(TinySsh { inetd, host_key, _scratch: scratch })
    }

    /// Where it listens, on 127.0.0.1.
    pub fn addr(&self) -> SocketAddr {
        self.inetd.addr()
    }

    /// Whom it admits.
    pub fn user(&self) -> &'static str {
        STAND_IN
    }

    /// Its Ed25519 host key, without the names and lengths around it.
    pub fn host_key(&self) -> &[u8; 32] {
        &self.host_key
    }

    /// What it has logged so far, over all connections.
    pub fn log(&self) -> String {
        self.inetd.log()
    }

    /// Its version: the package's, since it does not say it itself.
    pub fn version() -> Result<String, Error> {
        let mut query = Command::new(program("dpkg-query")?);
        let output = Running::start(query.args(["-W", "-f", "${Version}", "tinysshd"]))?.wait()?;
        match output.status {
            Some(0) => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            _ => Err(Error::new(format!("dpkg-query: {}", output.stderr))),
        }
    }
}

/// A folder of which no part may be written to by its group or others: TinySSH reads no authorized_keys below another, as
/// /tmp is. The peers' own, if it will do, or else the user's.
fn guarded() -> Result<PathBuf, Error> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let folders: Vec<PathBuf> =
        [Some(root()), home].into_iter().flatten().filter_map(|folder| folder.canonicalize().ok()).collect();
    let private = |part: &Path| part.metadata().is_ok_and(|data| data.permissions().mode() & 0o022 == 0);
    let found = folders.iter().find(|folder| folder.ancestors().all(private)).cloned();
    found.ok_or_else(|| Error::new(format!("tinysshd: others may write to some part of each of {folders:?}")))
}
