//! `authorized_keys`: may this key come in, and what may it do? (sshd(8), AUTHORIZED_KEYS FILE FORMAT)
//!
//! It finds lines and enforces nothing. Options restrict a key: `command="…"`, `from="…"`, `no-pty`, `expiry-time="…"`.
//! [`Entry::permissions`] has them as values and answers the questions; a line with an option that is not known is as
//! good as absent. A server that ignores an option grants more than the file says, so it refuses an entry with options
//! that it does not enforce; [`Entry::unenforced`] names them.
//!
//! Lines marked `cert-authority` are for certificates: [`AuthorizedKeys::find_authority`].

use super::lines::{self, BadLine, Why};
use crate::keys::{PublicKey, PublicKeyLine};
use core::fmt;

pub(super) mod options;
mod permissions;
mod permit;
mod rule;
mod time;

pub use options::KeyOption;
pub use permissions::{Permissions, TurnedAway, Visitor};
pub use permit::Permit;
pub use rule::Rule;
pub use time::Expiry;

use options::{Options, split_options};

/// The text of a file, borrowed.
#[derive(Clone, Copy)]
pub struct AuthorizedKeys<'a> {
    text: &'a [u8],
}

/// One line.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry<'a> {
    line: usize,
    options: &'a str,
    permissions: Permissions<'a>,
    key: PublicKeyLine<'a>,
}

impl<'a> AuthorizedKeys<'a> {
    /// Takes the text.
    #[must_use]
    pub fn new(text: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        AuthorizedKeys { text: text.as_ref() }
    }

    /// The first line with this key, authorities left out.
    #[must_use]
    pub fn find(&self, key: &[u8]) -> Option<Entry<'a>> {
        self.find_all(key).next()
    }

    /// Every line with this key: if the options of one turn the client away, the next may still let it in. Lines marked
    /// `cert-authority` are left out, for their keys sign certificates and open no door themselves.
    pub fn find_all<'q>(&self, key: &'q [u8]) -> impl Iterator<Item = Entry<'a>> + use<'a, 'q> {
        self.entries().filter(move |entry| entry.key().blob() == key && !entry.is_authority())
    }

    /// Every line that makes this key an authority. The certificate's principals have to fit
    /// [`Permissions::accepts_principal`], and its restrictions count beside those of the line.
    pub fn find_authority<'q>(&self, ca: &'q [u8]) -> impl Iterator<Item = Entry<'a>> + use<'a, 'q> {
        self.entries().filter(move |entry| entry.key().blob() == ca && entry.is_authority())
    }

    /// All lines that can be read.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'a>> + use<'a> {
        lines::meaningful(self.text).filter_map(|line| lines::parsed(line, Entry::parse).ok())
    }

    /// The lines that cannot be read and count as absent.
    pub fn malformed(&self) -> impl Iterator<Item = BadLine> + use<'a> {
        lines::meaningful(self.text).filter_map(|line| lines::parsed(line, Entry::parse).err())
    }
}

impl fmt::Debug for AuthorizedKeys<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuthorizedKeys({} bytes)", self.text.len())
    }
}

impl<'a> Entry<'a> {
    /// Line number, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> PublicKey<'_> {
        self.key.key()
    }

    /// What stands behind the key.
    #[must_use]
    pub fn comment(&self) -> &'a str {
        self.key.comment()
    }

    /// The options in their order, as they stand there. An option may stand several times.
    pub fn options(&self) -> impl Iterator<Item = KeyOption<'a>> + use<'a> {
        Options::new(self.options).map_while(Result::ok)
    }

    /// What the options permit, all together.
    #[must_use]
    pub fn permissions(&self) -> &Permissions<'a> {
        &self.permissions
    }

    /// The options whose names are not among `enforced` (in lower case). Unless there are none, whoever asks cannot
    /// keep what the file demands and must not let the key in.
    pub fn unenforced<'q>(&self, enforced: &'q [&'q str]) -> impl Iterator<Item = KeyOption<'a>> + use<'a, 'q> {
        self.options().filter(move |option| !enforced.contains(&&*option.name))
    }

    /// Whether the key signs certificates instead of coming in by itself.
    #[must_use]
    pub fn is_authority(&self) -> bool {
        self.permissions.cert_authority
    }

    fn parse(line: usize, text: &'a str) -> Result<Self, Why> {
        // A line begins with its key or with options; which of the two it is, is seen by reading it as a key.
        let as_key = match PublicKeyLine::parse(text) {
            Ok(key) => return Ok(Entry { line, options: "", permissions: Permissions::all(), key }),
            Err(error) => error,
        };
        let (options, key) = split_options(text).ok_or(Why::Options)?;
        let key = match PublicKeyLine::parse(key) {
            Ok(key) => key,
            // The more helpful of two errors: a first word that looks like a key type was meant to be one.
            Err(_) if looks_like_type(options) => return Err(Why::Key(as_key)),
            Err(error) => return Err(Why::Key(error)),
        };
        Ok(Entry { line, options, permissions: Permissions::parse(options)?, key })
    }
}

impl fmt::Debug for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entry(line {}, {:?}, {:?})", self.line, self.options, self.key)
    }
}

fn looks_like_type(word: &str) -> bool {
    ["ssh-", "ecdsa-", "sk-"].iter().any(|start| word.starts_with(start))
}

#[cfg(test)]
mod tests;
