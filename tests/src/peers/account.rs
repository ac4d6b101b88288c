//! The user who runs the tests, and a stand-in for that user with a name, a home and a password of its own, which only
//! the programs know that are told so (by nss_wrapper, package libnss-wrapper): no account of the machine is touched.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::Command;

use super::process::Running;
use super::{Error, PATIENCE, Scratch, program};

/// The name of the stand-in.
pub(crate) const STAND_IN: &str = "sansh";

/// The user who runs the tests.
#[derive(Debug)]
pub(crate) struct Me {
    pub(crate) name: String,
    pub(crate) id: u32,
    pub(crate) group: u32,
    /// As far as this user may know: only root reads /etc/shadow, and only then sshd looks.
    pub(crate) locked: bool,
}

impl Me {
    pub(crate) fn find() -> Result<Me, Error> {
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

/// Writes the user database with the stand-in, whose home is the scratch directory; returns the environment in which a
/// program sees it.
pub(crate) fn stand_in(scratch: &Scratch, me: &Me, password: &str) -> Result<Vec<(&'static str, String)>, Error> {
    let mut openssl = Command::new(program("openssl")?);
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
