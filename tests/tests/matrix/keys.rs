//! Keys of every type, made by `ssh-keygen`, and certificates for them.

use std::fs;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use sansh::UnixTime;
use sansh::crypto::{Random, Seed};
use sansh::keys::{PublicKey, PublicKeyLine};
use sansh::signer::{KeyKind, PrivateKey};
use sansh_testkit::peers::{KeyPair, Scratch};

use super::authenticator;

/// How `ssh-keygen` makes each type of key.
const TYPES: [(&str, &[&str]); 5] = [
    ("ssh-ed25519", &["-t", "ed25519"]),
    ("ecdsa-sha2-nistp256", &["-t", "ecdsa", "-b", "256"]),
    ("ecdsa-sha2-nistp384", &["-t", "ecdsa", "-b", "384"]),
    ("ecdsa-sha2-nistp521", &["-t", "ecdsa", "-b", "521"]),
    ("ssh-rsa", &["-t", "rsa", "-b", "3072"]),
];

/// The types of security keys, and the plain keys that are inside.
const AUTHENTICATORS: [(&str, &str); 2] =
    [(authenticator::ED25519, "ssh-ed25519"), (authenticator::ECDSA, "ecdsa-sha2-nistp256")];

/// The type that no `ssh-keygen` makes or certifies: sansh makes it itself.
pub(crate) const MLDSA: &str = "ssh-mldsa44-ed25519@openssh.com";

/// The name that host certificates are made out to: the address that all peers are at.
pub(crate) const HOST: &str = "127.0.0.1";

/// One key.
#[derive(Debug)]
pub(crate) struct Key {
    /// As in its blob.
    pub(crate) key_type: &'static str,
    /// The files of a security key are the public ones only.
    pub(crate) pair: KeyPair,
    /// Made out to the host or the user by [`Keys::authority`].
    certificate: Option<PathBuf>,
    /// Of a security key: the plain key that signs for it.
    inside: Option<PathBuf>,
}

/// What signs.
#[derive(Debug)]
pub(crate) enum Signer {
    Key(PrivateKey),
    Authenticator(PrivateKey),
}

impl Signer {
    /// A signature blob.
    pub(crate) fn sign(&self, algorithm: &str, message: &[u8]) -> Result<Vec<u8>, String> {
        match self {
            Signer::Key(key) => key.sign(algorithm, message).map_err(|error| format!("{algorithm}: {error}")),
            Signer::Authenticator(plain) => Ok(authenticator::sign(plain, algorithm, message)),
        }
    }
}

impl Key {
    /// As sansh reads it.
    pub(crate) fn signer(&self) -> Result<Signer, String> {
        let read = |path| {
            let file = fs::read(path).expect("a key file");
            PrivateKey::read(&file, None).map_err(|error| format!("sansh cannot read a {} key: {error}", self.key_type))
        };
        match &self.inside {
            Some(plain) => read(plain).map(Signer::Authenticator),
            None => read(&self.pair.private).map(Signer::Key),
        }
    }

    /// The public half as it travels.
    pub(crate) fn blob(&self) -> Vec<u8> {
        blob(&self.pair.public)
    }

    /// Whether a program can read the private half.
    pub(crate) fn is_in_a_file(&self) -> bool {
        self.inside.is_none()
    }

    /// The certificate's file.
    pub(crate) fn certificate(&self) -> Result<&PathBuf, String> {
        let none = || format!("nothing here certifies a {} key", self.key_type);
        self.certificate.as_ref().ok_or_else(none)
    }

    /// The certificate as a line.
    pub(crate) fn certificate_line(&self) -> Result<String, String> {
        Ok(fs::read_to_string(self.certificate()?).expect("a certificate"))
    }

    /// The certificate as it travels.
    pub(crate) fn certificate_blob(&self) -> Result<Vec<u8>, String> {
        self.certificate_line().map(|line| blob(&line))
    }

    /// Made by `ssh-keygen`, or from such a key.
    fn make(scratch: &Scratch, kind: &str, key_type: &'static str) -> Key {
        let name = format!("{kind}-{key_type}");
        let plain = AUTHENTICATORS.into_iter().find(|(known, _)| *known == key_type).map(|(_, plain)| plain);
        let how = |key_type| TYPES.into_iter().find(|(known, _)| *known == key_type).map(|(_, how)| how);
        let (pair, inside) = match (plain, how(key_type)) {
            (None, Some(how)) => (scratch.keygen(&name, how).expect("ssh-keygen"), None),
            (Some(plain), _) => {
                let inside =
                    scratch.keygen(&format!("{name}-inside"), how(plain).expect("a type")).expect("ssh-keygen");
                let blob = authenticator::blob(key_type, &blob(&inside.public));
                (write(scratch, &name, &blob, None), Some(inside.private))
            }
            (None, None) => {
                let mut random = Random::new(&Seed::os().expect("a seed"));
                let key = PrivateKey::generate(KeyKind::MlDsa44Ed25519, &mut random).expect("a key");
                let file = key.to_openssh(&mut random).expect("memory");
                (write(scratch, &name, key.public_blob(), Some(&file)), None)
            }
        };
        Key { key_type, pair, certificate: None, inside }
    }
}

/// The files of a key that is not `ssh-keygen`'s.
fn write(scratch: &Scratch, name: &str, blob: &[u8], private: Option<&str>) -> KeyPair {
    let public = PublicKey::new(blob).line(name).expect("a key line");
    scratch.write(&format!("{name}.pub"), format!("{public}\n")).expect("a file");
    if let Some(text) = private {
        scratch.write_private(name, text).expect("a file");
    }
    KeyPair { private: scratch.file(name), public }
}

/// The host keys and user keys of one column.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) hosts: Vec<Key>,
    pub(crate) users: Vec<Key>,
    /// Signs all certificates.
    pub(crate) authority: KeyPair,
    pub(crate) scratch: Scratch,
}

impl Keys {
    /// For a user of this name.
    pub(crate) fn make(user: &str) -> Keys {
        let scratch = Scratch::new().expect("scratch");
        let authority = scratch.ed25519("authority").expect("ssh-keygen");
        let all = |kind: &str, arguments: &[&str]| {
            let types = TYPES.into_iter().map(|(name, _)| name).chain(AUTHENTICATORS.map(|(name, _)| name));
            types
                .chain([MLDSA])
                .map(|key_type| {
                    let mut key = Key::make(&scratch, kind, key_type);
                    if key_type != MLDSA {
                        let made = scratch.certify(&authority, &key.pair, arguments);
                        key.certificate = Some(made.expect("ssh-keygen"));
                    }
                    key
                })
                .collect()
        };
        let hosts = all("host", &["-h", "-I", "host", "-n", HOST]);
        let users = all("user", &["-I", "user", "-n", user]);
        Keys { hosts, users, authority, scratch }
    }

    /// The host key of a type.
    pub(crate) fn host(&self, key_type: &str) -> Result<&Key, String> {
        find(&self.hosts, key_type)
    }

    /// The user key of a type.
    pub(crate) fn user(&self, key_type: &str) -> Result<&Key, String> {
        find(&self.users, key_type)
    }

    /// The host keys that a program can read.
    pub(crate) fn host_files(&self) -> impl Iterator<Item = &Key> {
        self.hosts.iter().filter(|key| key.is_in_a_file() && key.key_type != MLDSA)
    }

    /// Lines of authorized_keys for all of the user's keys.
    pub(crate) fn authorized(&self) -> Vec<String> {
        self.users.iter().map(|key| key.pair.public.clone()).collect()
    }

    /// Whose certificates are good.
    pub(crate) fn authorities(&self) -> Vec<Vec<u8>> {
        vec![blob(&self.authority.public)]
    }
}

/// The key of this type among these.
pub(crate) fn find<'a>(keys: &'a [Key], key_type: &str) -> Result<&'a Key, String> {
    let found = keys.iter().find(|key| key.key_type == key_type);
    found.ok_or_else(|| format!("there is no {key_type} key to try it with"))
}

/// The time of day.
pub(crate) fn now() -> UnixTime {
    UnixTime(SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs())
}

fn blob(line: &str) -> Vec<u8> {
    PublicKeyLine::parse(line.trim_end()).expect("a key line").into_blob()
}
