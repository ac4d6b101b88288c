//! The login methods: what each side does to come in by one. A method that nobody has written down here yet is blank in
//! every column, never a pass.

use super::keys::{Key, Keys, Signer};

/// What every peer knows as the user's password.
pub(crate) const PASSWORD: &str = "correct horse";

/// Whom the servers of `tests/peers` let in by a key and then the password.
pub(crate) const TWICE: &str = "twice";
/// The host that a `hostbased` client comes from. Its key is the ed25519 one of [`Keys::hosts`].
pub(crate) const CLIENT_HOST: &str = "client.example";
/// And the user's name there.
pub(crate) const CLIENT_USER: &str = "somebody";

/// The reason of a row that nobody has written down here.
pub(crate) const NOT_YET: &str = "not tried yet";

/// A row of the login table.
pub(crate) struct Method {
    pub(crate) name: &'static str,
    /// What a client of sansh tries, in this order; the last one lets it in. `None`: not written yet.
    pub(crate) tries: Option<Tries>,
    /// What a client that is a peer is told. `None`: not written yet.
    pub(crate) told: Option<Told>,
}

type Tries = fn(&Keys) -> Result<Vec<Try>, String>;
type Told = fn(&Keys) -> Result<Login<'_>, String>;

/// One attempt of a client of sansh.
#[derive(Debug)]
pub(crate) enum Try {
    Password(&'static str),
    /// By a key, or by a certificate for it.
    Key {
        algorithm: String,
        signer: Box<Signer>,
        blob: Vec<u8>,
    },
    /// This is the answer to whatever is asked.
    Interactive(&'static str),
    /// By the key of [`CLIENT_HOST`].
    HostBased {
        algorithm: String,
        signer: Box<Signer>,
        blob: Vec<u8>,
    },
}

impl Try {
    /// The method's name on the wire.
    pub(crate) fn method(&self) -> &'static str {
        match self {
            Try::Password(_) => "password",
            Try::Key { .. } => "publickey",
            Try::Interactive(_) => "keyboard-interactive",
            Try::HostBased { .. } => "hostbased",
        }
    }

    /// By a plain key.
    pub(crate) fn key(algorithm: &str, key: &Key) -> Result<Try, String> {
        Ok(Try::Key { algorithm: algorithm.to_owned(), signer: Box::new(key.signer()?), blob: key.blob() })
    }

    /// By a client host's key.
    fn host_based(algorithm: &str, key: &Key) -> Result<Try, String> {
        Ok(Try::HostBased { algorithm: algorithm.to_owned(), signer: Box::new(key.signer()?), blob: key.blob() })
    }
}

/// What a client that is a peer proves itself by.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Login<'a> {
    Password(&'static str),
    Key(&'a Key),
    Certificate(&'a Key),
    /// This is the answer to whatever is asked.
    Interactive(&'static str),
    /// By the key of [`CLIENT_HOST`].
    HostBased(&'a Key),
    /// By the key, and then the password.
    Twice(&'a Key, &'static str),
}

impl Login<'_> {
    /// The name on the wire of the method that lets it in.
    pub(crate) fn method(self) -> &'static str {
        match self {
            Login::Password(_) | Login::Twice(..) => "password",
            Login::Key(_) | Login::Certificate(_) => "publickey",
            Login::Interactive(_) => "keyboard-interactive",
            Login::HostBased(_) => "hostbased",
        }
    }

    /// Steps that are right, and not enough.
    pub(crate) fn partials(self) -> usize {
        usize::from(matches!(self, Login::Twice(..)))
    }

    /// What the server names to begin with.
    pub(crate) fn named(self) -> &'static str {
        match self {
            Login::Interactive(_) => "keyboard-interactive",
            Login::HostBased(_) => "hostbased",
            Login::Twice(..) => "publickey",
            _ => "publickey,password",
        }
    }
}

pub(crate) const METHODS: &[Method] = &[
    Method {
        name: "publickey",
        tries: Some(|keys| Ok(vec![Try::key("ssh-ed25519", keys.user("ssh-ed25519")?)?])),
        told: Some(|keys| Ok(Login::Key(keys.user("ssh-ed25519")?))),
    },
    Method {
        name: "password",
        tries: Some(|_| Ok(vec![Try::Password(PASSWORD)])),
        told: Some(|_| Ok(Login::Password(PASSWORD))),
    },
    Method {
        name: "keyboard-interactive",
        tries: Some(|_| Ok(vec![Try::Interactive(PASSWORD)])),
        told: Some(|_| Ok(Login::Interactive(PASSWORD))),
    },
    Method {
        name: "hostbased",
        tries: Some(|keys| Ok(vec![Try::host_based("ssh-ed25519", keys.host("ssh-ed25519")?)?])),
        told: Some(|keys| Ok(Login::HostBased(keys.host("ssh-ed25519")?))),
    },
    Method {
        name: "publickey, then password",
        tries: Some(|keys| Ok(vec![Try::key("ssh-ed25519", keys.user("ssh-ed25519")?)?, Try::Password(PASSWORD)])),
        told: Some(|keys| Ok(Login::Twice(keys.user("ssh-ed25519")?, PASSWORD))),
    },
];

/// The method of a row.
pub(crate) fn method(name: &str) -> &'static Method {
    METHODS.iter().find(|method| method.name == name).expect("a row of this table")
}
