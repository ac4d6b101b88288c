//! Lines to append to the file.

use super::name::{SALT_LEN, hashed, lookup_name};
use crate::crypto::CryptoRng;
use crate::keys::{BadKeyLine, PublicKey};
use alloc::format;
use alloc::string::String;
use core::fmt;

/// What cannot be written as a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CannotWrite {
    /// The host: it is empty, too long, or has blanks, commas, brackets or pattern characters.
    Host,
    /// The key.
    Key(BadKeyLine),
}

impl fmt::Display for CannotWrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CannotWrite::Host => {
                f.write_str("a host name with blanks, commas, brackets or wildcards cannot be written down")
            }
            CannotWrite::Key(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for CannotWrite {}

/// The name as it is written: one that cannot end the field or become a pattern, marker or hash.
fn written_name(host: &str, port: u16) -> Result<String, CannotWrite> {
    let plain = |byte: u8| byte.is_ascii_graphic() && !b",*?!|#@[]".contains(&byte);
    if host.is_empty() || host.len() > 255 || !host.bytes().all(plain) {
        return Err(CannotWrite::Host);
    }
    Ok(lookup_name(host, port))
}

/// The line that makes `key` the key of `host` at `port`, to be appended to the file, with its newline; with a salt, the
/// name is hashed (`HashKnownHosts yes`), and each line has a salt of its own. Whoever appends it sees to it that the
/// file ended with a newline.
///
/// # Errors
/// [`CannotWrite`].
pub fn add_line(
    host: &str,
    port: u16,
    key: PublicKey<'_>,
    salt: Option<[u8; SALT_LEN]>,
) -> Result<String, CannotWrite> {
    let mut name = written_name(host, port)?;
    if let Some(salt) = salt {
        name = hashed(&name, &salt).map_err(|error| CannotWrite::Key(error.into()))?;
    }
    let key = key.line("").map_err(CannotWrite::Key)?;
    Ok(format!("{name} {key}\n"))
}

/// [`add_line`] with the name in clear.
///
/// # Errors
/// [`CannotWrite`].
pub fn line_for(host: &str, port: u16, key: PublicKey<'_>) -> Result<String, CannotWrite> {
    add_line(host, port, key, None)
}

/// [`add_line`] with the name hashed, and a salt from `random`.
///
/// # Errors
/// [`CannotWrite`].
pub fn hashed_line_for(
    host: &str,
    port: u16,
    key: PublicKey<'_>,
    random: &mut dyn CryptoRng,
) -> Result<String, CannotWrite> {
    let mut salt = [0; SALT_LEN];
    random.fill_bytes(&mut salt);
    add_line(host, port, key, Some(salt))
}
