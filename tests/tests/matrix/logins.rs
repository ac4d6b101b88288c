//! The login methods: what each side does to come in by one. A method that nobody has written down here yet is blank in
//! every column, never a pass.

use super::keys::{Key, Keys, Signer};

/// What every peer knows as the user's password.
pub(crate) const PASSWORD: &str = "correct horse";

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
}

impl Try {
    /// By a plain key.
    pub(crate) fn key(algorithm: &str, key: &Key) -> Result<Try, String> {
        Ok(Try::Key { algorithm: algorithm.to_owned(), signer: Box::new(key.signer()?), blob: key.blob() })
    }
}

/// What a client that is a peer proves itself by.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Login<'a> {
    Password(&'static str),
    Key(&'a Key),
    Certificate(&'a Key),
}

impl Login<'_> {
    /// The method's name on the wire.
    pub(crate) fn method(self) -> &'static str {
        match self {
            Login::Password(_) => "password",
            Login::Key(_) | Login::Certificate(_) => "publickey",
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
    Method { name: "keyboard-interactive", tries: None, told: None },
    Method { name: "hostbased", tries: None, told: None },
    Method { name: "publickey, then password", tries: None, told: None },
];

/// The method of a row.
pub(crate) fn method(name: &str) -> &'static Method {
    METHODS.iter().find(|method| method.name == name).expect("a row of this table")
}
