//! Private keys in files: read, and made by `sansh keygen`.

use crate::problem::{Doing, Problem};
use sansh::crypto::{Random, Seed};
use sansh::signer::{PrivateKey, Zeroizing};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Reads a private key that nobody else can read.
pub(crate) fn load(path: &Path) -> Result<PrivateKey, Problem> {
    let shown = path.display();
    let mode = fs::metadata(path).doing(&shown)?.mode();
    let text = Zeroizing::new(fs::read(path).doing(&shown)?);
    let key = PrivateKey::from_openssh(&*text).doing(&shown)?;
    if mode & 0o077 != 0 {
        return Err(Problem::new(format!("{shown}: others can read this private key; run `chmod 600 {shown}`")));
    }
    Ok(key)
}

/// A new key.
pub(crate) fn generate(comment: &str) -> Result<PrivateKey, Problem> {
    let mut random = Random::new(&Seed::os().doing("random numbers")?);
    Ok(PrivateKey::generate_ed25519(&mut random).doing("key")?.with_comment(comment))
}

/// Writes the pair as OpenSSH does: the private key for its owner's eyes only, the public one beside it. A file that is
/// there is not touched.
pub(crate) fn store(key: &PrivateKey, path: &Path) -> Result<PathBuf, Problem> {
    let public = PathBuf::from(format!("{}.pub", path.display()));
    for there in [path, &public] {
        if fs::symlink_metadata(there).is_ok() {
            return Err(Problem::new(format!(
                "{}: there is such a file already, and it may be a key in use; choose another name with -f, or move it away",
                there.display()
            )));
        }
    }
    let mut random = Random::new(&Seed::os().doing("random numbers")?);
    let text = key.to_openssh(&mut random).doing(path.display())?;
    let line = key.public_key().line(key.comment()).doing(public.display())?;
    create(path, 0o600, text.as_bytes())?;
    create(&public, 0o644, format!("{line}\n").as_bytes())?;
    Ok(public)
}

fn create(path: &Path, mode: u32, content: &[u8]) -> Result<(), Problem> {
    // `create_new` holds against a file that appeared since the look above.
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path).doing(path.display())?;
    file.write_all(content).doing(path.display())
}
