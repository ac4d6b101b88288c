//! Keys and certificates that `ssh-keygen` makes on the spot.

use sansh::keys::{PublicKey, PublicKeyLine};
use sansh_testkit::peers::Scratch;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The time at which certificates are checked.
pub(super) const NOW: u64 = 1_800_000_000;

/// Somebody who signs certificates.
pub(super) struct Authority {
    scratch: Scratch,
    /// Its public key.
    pub(super) blob: Vec<u8>,
}

impl Authority {
    /// With a fresh key.
    pub(super) fn new() -> Self {
        let scratch = Scratch::new().expect("a folder for the test");
        generate(&scratch.file("ca"), &["-t", "ed25519"]);
        let blob = read(&scratch.file("ca.pub"));
        Authority { scratch, blob }
    }

    /// A certificate of this key. The arguments are `ssh-keygen`'s: `-n user`, `-h`, `-O force-command=x`.
    pub(super) fn certify(&self, key: &[u8], arguments: &[&str]) -> Vec<u8> {
        let line = PublicKey::new(key).line("").expect("a key");
        let public = self.scratch.write("key.pub", line).expect("a file");
        let ca = self.scratch.file("ca");
        ssh_keygen(&[&["-q", "-s", text(&ca), "-I", "id"], arguments, &[text(&public)]].concat());
        read(&self.scratch.file("key-cert.pub"))
    }
}

/// The text of a fresh private key.
#[cfg(feature = "aws_lc")]
pub(super) fn private_key(arguments: &[&str]) -> Vec<u8> {
    let scratch = Scratch::new().expect("a folder for the test");
    generate(&scratch.file("key"), arguments);
    std::fs::read(scratch.file("key")).expect("ssh-keygen wrote it")
}

fn generate(path: &Path, arguments: &[&str]) {
    ssh_keygen(&[&["-q", "-N", "", "-f", text(path)], arguments].concat());
}

fn read(path: &PathBuf) -> Vec<u8> {
    let line = std::fs::read_to_string(path).expect("ssh-keygen wrote it");
    PublicKeyLine::parse(&line).expect("a key line").into_blob()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

fn ssh_keygen(arguments: &[&str]) {
    let output = Command::new("ssh-keygen").args(arguments).env("TZ", "UTC").stdin(Stdio::null()).output();
    let output = output.expect("these tests need ssh-keygen (package openssh-client)");
    assert!(output.status.success(), "ssh-keygen {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}
