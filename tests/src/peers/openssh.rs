//! Where the programs are and which versions they have.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Error;

/// One set of OpenSSH programs that belong together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OpenSsh {
    ssh: PathBuf,
    sshd: PathBuf,
    /// `sshd-session` and `sshd-auth` of a set that is not at the place it was built for.
    helpers: Option<PathBuf>,
    version: String,
}

impl OpenSsh {
    /// The system's own, found by `PATH` and in the folders for system programs.
    pub fn installed() -> Result<OpenSsh, Error> {
        OpenSsh::of(program("ssh")?, program("sshd")?, None)
    }

    /// One that knows `mlkem768x25519-sha256` (OpenSSH 9.9 and later): the system's own if it does, else the set that
    /// `tests/run` unpacked, at the folder in `SANSH_OPENSSH` or `target/peers/openssh`.
    pub fn recent() -> Result<OpenSsh, Error> {
        const WANTED: &str = "mlkem768x25519-sha256";
        let installed = OpenSsh::installed()?;
        if installed.knows("kex", WANTED)? {
            return Ok(installed);
        }
        let root = match std::env::var_os("SANSH_OPENSSH") {
            Some(root) => PathBuf::from(root),
            None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers/openssh"),
        };
        let missing = |cause: &str| {
            Error::new(format!(
                "{} has no {WANTED}, and {} {cause}: run tests/run, which unpacks a newer openssh-server and \
                 openssh-client there, or install OpenSSH 9.9 or later",
                installed.version,
                root.display()
            ))
        };
        if !root.join("usr/sbin/sshd").is_file() {
            return Err(missing("holds no other"));
        }
        let root = root.canonicalize().map_err(Error::during(root.display()))?;
        let found =
            OpenSsh::of(root.join("usr/bin/ssh"), root.join("usr/sbin/sshd"), Some(root.join("usr/lib/openssh")))?;
        if found.knows("kex", WANTED)? { Ok(found) } else { Err(missing("does not have it either")) }
    }

    /// [`OpenSsh::installed`] and, where it is another, [`OpenSsh::recent`].
    pub fn every() -> Result<Vec<OpenSsh>, Error> {
        let mut every = vec![OpenSsh::installed()?];
        let recent = OpenSsh::recent()?;
        if !every.contains(&recent) {
            every.push(recent);
        }
        Ok(every)
    }

    /// As `ssh -V` says it: `OpenSSH_10.0p2 Debian-7, OpenSSL 3.0.17 1 Jul 2025`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What `ssh -Q WHAT` lists, one entry a line; `kex`, `cipher`, `mac`, `key`.
    pub fn query(&self, what: &str) -> Result<Vec<String>, Error> {
        let output = Command::new(&self.ssh)
            .args(["-Q", what])
            .stdin(Stdio::null())
            .output()
            .map_err(Error::during(self.ssh.display()))?;
        if !output.status.success() {
            return Err(Error::new(format!("ssh -Q {what}: {}", String::from_utf8_lossy(&output.stderr).trim())));
        }
        Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
    }

    /// Whether [`OpenSsh::query`] lists this name.
    pub fn knows(&self, what: &str, name: &str) -> Result<bool, Error> {
        Ok(self.query(what)?.iter().any(|known| known == name))
    }

    pub(crate) fn ssh(&self) -> &Path {
        &self.ssh
    }

    pub(crate) fn sshd(&self) -> &Path {
        &self.sshd
    }

    pub(crate) fn helpers(&self) -> Option<&Path> {
        self.helpers.as_deref()
    }

    fn of(ssh: PathBuf, sshd: PathBuf, helpers: Option<PathBuf>) -> Result<OpenSsh, Error> {
        let version = first_line(&ssh, &["-V"])?;
        Ok(OpenSsh { ssh, sshd, helpers, version })
    }
}

/// The absolute path of an installed program; one that is missing is an error with the Debian package that has it.
pub fn program(name: &str) -> Result<PathBuf, Error> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin", "/bin"].map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|file| file.is_absolute() && file.is_file())
        .ok_or_else(|| {
            let package = match name {
                "ssh" | "ssh-keygen" | "ssh-agent" | "ssh-add" | "ssh-keyscan" => "openssh-client",
                "sshd" => "openssh-server",
                "cc" | "gcc" | "g++" | "make" => "build-essential",
                "setsid" => "util-linux",
                "dropbear" | "dbclient" | "dropbearconvert" => "dropbear-bin",
                "tinysshd" | "tinysshd-makekey" => "tinysshd",
                other => other,
            };
            Error::new(format!("`{name}` is not installed: install the package {package} (tests/run does)"))
        })
}

/// The peers that are installed, as they name themselves.
pub fn versions() -> Result<Vec<String>, Error> {
    Ok(OpenSsh::every()?.into_iter().map(|set| set.version).collect())
}

/// The first line that a program prints, to either stream.
fn first_line(program: &Path, arguments: &[&str]) -> Result<String, Error> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(Error::during(program.display()))?;
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    text.lines()
        .next()
        .map(str::to_owned)
        .ok_or_else(|| Error::new(format!("{} {} printed nothing", program.display(), arguments.join(" "))))
}
