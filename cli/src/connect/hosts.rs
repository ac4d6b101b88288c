//! Is this the server's key? known_hosts says so, or a person does, at the first contact.

use super::options::{Options, Strict};
use crate::level::Level;
use crate::problem::{Doing, Problem};
use crate::say::tell;
use sansh::files::known_hosts::{Known, KnownHosts, line_for};
use sansh::keys::PublicKey;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

pub(super) struct Hosts {
    files: Vec<PathBuf>,
    host: String,
    port: u16,
    strict: Strict,
    batch: bool,
    level: Level,
}

impl Hosts {
    pub(super) fn new(options: &Options) -> Self {
        Hosts {
            files: options.known_hosts.clone(),
            // Names are compared without regard to case.
            host: options.host.to_ascii_lowercase(),
            port: options.port,
            strict: options.strict,
            batch: options.batch,
            level: options.level,
        }
    }

    /// Accepts the key, or says why not.
    pub(super) fn judge(&self, key: PublicKey<'_>) -> Result<(), Problem> {
        let (host, seen) = (&self.host, format!("{} {key}", key.key_type()));
        match self.look_up(key)? {
            (_, Known::Match) => Ok(()),
            (file, Known::Changed { line, .. }) => Err(Problem::new(format!(
                "{} line {line}: {host} shows another key than it is known by: {seen}. Somebody may stand in between. \
                 If the server really has a new key, take the old one out: ssh-keygen -f {} -R {}",
                file.display(),
                file.display(),
                self.name(),
            ))),
            (file, Known::Revoked) => Err(Problem::new(format!(
                "{}: the key that {host} shows is marked as revoked: {seen}. Ask who runs the server",
                file.display()
            ))),
            (file, _) => self.first_contact(&file, key, &seen),
        }
    }

    /// The most serious word of all files counts, and a match above a change: a host may have several keys.
    fn look_up(&self, key: PublicKey<'_>) -> Result<(PathBuf, Known), Problem> {
        let first = self.files.first().cloned().unwrap_or_else(|| PathBuf::from("/dev/null"));
        let mut found = (first, Known::Unknown);
        for file in &self.files {
            let text = match fs::read(file) {
                Ok(text) => text,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error).doing(file.display()),
            };
            let known = KnownHosts::new(&text).check(&self.host, self.port, key.blob());
            let serious = |known| match known {
                Known::Revoked => 3,
                Known::Match => 2,
                Known::Changed { .. } => 1,
                _ => 0,
            };
            if serious(known) > serious(found.1) {
                found = (file.clone(), known);
            }
        }
        Ok(found)
    }

    fn first_contact(&self, file: &Path, key: PublicKey<'_>, seen: &str) -> Result<(), Problem> {
        let name = self.name();
        match self.strict {
            Strict::AcceptNew => {}
            Strict::Ask if !self.batch => ask(&format!(
                "{name} is not known yet. Its key is {seen}.\nIs it the right one? (yes, no, or the fingerprint) "
            ))?,
            Strict::Ask | Strict::Yes => {
                return Err(Problem::new(format!(
                    "{}: {name} is not known, and nobody is to be asked. Its key is {seen}. If that is right, connect \
                     once with -o StrictHostKeyChecking=accept-new",
                    file.display()
                )));
            }
        }
        self.remember(file, key).doing(file.display())?;
        if self.level >= Level::Info {
            tell!("sansh: {name} is now known by {seen} in {}", file.display());
        }
        Ok(())
    }

    /// Writes a line behind the last one, even if that does not end as a line should.
    fn remember(&self, file: &Path, key: PublicKey<'_>) -> std::io::Result<()> {
        if file == Path::new("/dev/null") {
            return Ok(());
        }
        let line = line_for(&self.host, self.port, key).map_err(std::io::Error::other)?;
        if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let unfinished = fs::read(file).is_ok_and(|text| text.last().is_some_and(|byte| *byte != b'\n'));
        let mut known_hosts = OpenOptions::new().append(true).create(true).mode(0o600).open(file)?;
        known_hosts.write_all(if unfinished { format!("\n{line}") } else { line }.as_bytes())
    }

    /// As known_hosts writes it.
    fn name(&self) -> String {
        if self.port == 22 { self.host.clone() } else { format!("[{}]:{}", self.host, self.port) }
    }
}

/// Asks on the terminal, which is not standard input: that carries data.
fn ask(question: &str) -> Result<(), Problem> {
    let hint = "/dev/tty: there is no terminal to ask on; use -o StrictHostKeyChecking=accept-new or -o BatchMode=yes";
    let terminal = File::options().read(true).write(true).open("/dev/tty").doing(hint)?;
    (&terminal).write_all(question.as_bytes()).doing("/dev/tty")?;
    let mut answer = String::new();
    BufReader::new(&terminal).read_line(&mut answer).doing("/dev/tty")?;
    let answer = answer.trim();
    if answer.eq_ignore_ascii_case("yes") || answer.starts_with("SHA256:") && question.contains(&format!("{answer}.")) {
        return Ok(());
    }
    Err(Problem::new("the server's key was not accepted"))
}
