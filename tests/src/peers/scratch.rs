//! A private directory and the keys in it.

use core::sync::atomic::{AtomicU32, Ordering};
use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use super::{Error, program};

/// A directory of one test, readable by its user only, deleted when dropped. Its path is short enough for Unix sockets.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
}

/// A key pair that `ssh-keygen` wrote: the private key's file and the line of the public one.
#[derive(Clone, Debug)]
pub struct KeyPair {
    /// The private key's file, in the format of OpenSSH, without a passphrase. The public one is beside it, as `.pub`.
    pub private: PathBuf,
    /// `ssh-ed25519 AAAA... comment`, as it stands in authorized_keys.
    pub public: String,
}

impl Scratch {
    /// Makes the directory, below `TMPDIR` or `/tmp`.
    pub fn new() -> Result<Scratch, Error> {
        Scratch::below(&std::env::temp_dir())
    }

    /// Makes it elsewhere: some programs read nothing below a directory that all may write to.
    pub(crate) fn below(folder: &Path) -> Result<Scratch, Error> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.subsec_nanos());
        let mut last = String::new();
        for _ in 0..16 {
            let next = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = folder.join(format!("sansh-{:x}-{nanos:x}-{next:x}", std::process::id()));
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Scratch { path }),
                Err(cause) => last = format!("{}: {cause}", path.display()),
            }
        }
        Err(Error::new(format!("no scratch directory could be made: {last}")))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of a file in it, which need not exist.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Writes a file and returns its path.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> Result<PathBuf, Error> {
        let path = self.file(name);
        fs::write(&path, content).map_err(Error::during(path.display()))?;
        Ok(path)
    }

    /// Writes a file that only its owner may read, as programs want a private key's to be.
    pub fn write_private(&self, name: &str, content: impl AsRef<[u8]>) -> Result<PathBuf, Error> {
        let path = self.write(name, content)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).map_err(Error::during(path.display()))?;
        Ok(path)
    }

    /// An ed25519 key pair made by `ssh-keygen`.
    pub fn ed25519(&self, name: &str) -> Result<KeyPair, Error> {
        self.keygen(name, &["-t", "ed25519"])
    }

    /// Any key pair that `ssh-keygen` makes: `arguments` says the type, as `["-t", "rsa", "-b", "3072"]`.
    pub fn keygen(&self, name: &str, arguments: &[&str]) -> Result<KeyPair, Error> {
        let private = self.file(name);
        let mut keygen = Command::new(program("ssh-keygen")?);
        run(keygen.args(["-q", "-N", "", "-C", name]).args(arguments).arg("-f").arg(&private))?;
        let line = private.with_file_name(format!("{name}.pub"));
        let public = fs::read_to_string(&line).map_err(Error::during(line.display()))?.trim_end().to_owned();
        Ok(KeyPair { private, public })
    }

    /// A certificate for a key of this directory, signed by `authority`; `arguments` say the rest, as `["-h", "-I",
    /// "id", "-n", "name"]`. It is beside the key, as `-cert.pub`.
    pub fn certify(&self, authority: &KeyPair, pair: &KeyPair, arguments: &[&str]) -> Result<PathBuf, Error> {
        let name = pair.private.file_name().unwrap_or_default().to_string_lossy();
        let mut keygen = Command::new(program("ssh-keygen")?);
        keygen.arg("-q").arg("-s").arg(&authority.private).args(arguments);
        run(keygen.arg(pair.private.with_file_name(format!("{name}.pub"))))?;
        Ok(pair.private.with_file_name(format!("{name}-cert.pub")))
    }
}

/// Runs `ssh-keygen`.
fn run(keygen: &mut Command) -> Result<(), Error> {
    let output = keygen.stdin(Stdio::null()).output().map_err(Error::during("ssh-keygen"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(Error::new(format!("ssh-keygen: {}", String::from_utf8_lossy(&output.stderr).trim())))
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}
