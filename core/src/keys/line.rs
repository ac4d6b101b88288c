//! The public-key line, `type base64 comment`: a `.pub` file, and the end of a line of `authorized_keys` and
//! `known_hosts` (sshd(8), AUTHORIZED_KEYS FILE FORMAT).

use super::encode::{self, BadBase64};
use super::{OutOfMemory, PublicKey};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// Why a text is not a public-key line, or why a key cannot be written as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadKeyLine {
    /// There is no key type and base64 behind it.
    Missing,
    /// The text behind the type is not base64.
    Base64,
    /// The type in front of the base64 is not the type inside it.
    Type,
    /// The comment holds a line end or another control character.
    Comment,
    /// A fallible allocation failed.
    OutOfMemory,
}

impl fmt::Display for BadKeyLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BadKeyLine::Missing => "no public key: write it as `ssh-ed25519 AAAA… comment`",
            BadKeyLine::Base64 => "the text behind the key type is not base64; was the line cut or wrapped?",
            BadKeyLine::Type => "the key is not of the type that the line says",
            BadKeyLine::Comment => "the comment holds a line end or another control character",
            BadKeyLine::OutOfMemory => "out of memory",
        })
    }
}

impl core::error::Error for BadKeyLine {}

impl From<OutOfMemory> for BadKeyLine {
    fn from(_: OutOfMemory) -> Self {
        BadKeyLine::OutOfMemory
    }
}

/// A public key as people pass it on.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKeyLine<'a> {
    blob: Vec<u8>,
    comment: &'a str,
}

impl<'a> PublicKeyLine<'a> {
    /// Reads a line. Blanks around it are no part of it; the fields are separated by blanks or tabs.
    ///
    /// # Errors
    /// [`BadKeyLine`].
    pub fn parse(line: &'a str) -> Result<Self, BadKeyLine> {
        let (key_type, rest) = word(line.trim());
        let (encoded, comment) = word(rest);
        if key_type.is_empty() || encoded.is_empty() {
            return Err(BadKeyLine::Missing);
        }
        // A comment of several lines is another line, not a comment.
        if comment.contains(is_line_breaking) {
            return Err(BadKeyLine::Comment);
        }
        let blob = encode::from_base64(encoded).map_err(|error| match error {
            BadBase64::Text => BadKeyLine::Base64,
            BadBase64::OutOfMemory => BadKeyLine::OutOfMemory,
        })?;
        if PublicKey::new(&blob).key_type() != key_type {
            return Err(BadKeyLine::Type);
        }
        Ok(PublicKeyLine { blob, comment })
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> PublicKey<'_> {
        PublicKey::new(&self.blob)
    }

    /// What stands behind the key. It is nobody's promise.
    #[must_use]
    pub fn comment(&self) -> &'a str {
        self.comment
    }

    /// The blob, to be kept.
    #[must_use]
    pub fn into_blob(self) -> Vec<u8> {
        self.blob
    }

    pub(super) fn write(key: PublicKey<'_>, comment: &str) -> Result<String, BadKeyLine> {
        let key_type = key.key_type();
        if key_type.is_empty() {
            return Err(BadKeyLine::Type);
        }
        if comment.contains(char::is_control) {
            return Err(BadKeyLine::Comment);
        }
        let mut line = String::new();
        let blanks = 2;
        let room = key_type.len().saturating_add(comment.len()).saturating_add(blanks);
        line.try_reserve(room).map_err(|_| OutOfMemory)?;
        line.push_str(key_type);
        line.push(' ');
        encode::push_base64(&mut line, key.blob())?;
        if !comment.is_empty() {
            line.try_reserve(comment.len().saturating_add(1)).map_err(|_| OutOfMemory)?;
            line.push(' ');
            line.push_str(comment);
        }
        Ok(line)
    }
}

impl fmt::Debug for PublicKeyLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKeyLine({} {} {:?})", self.key().key_type(), self.key(), self.comment)
    }
}

/// The first word and what follows the blanks behind it.
pub(crate) fn word(text: &str) -> (&str, &str) {
    let (word, rest) = text.split_once([' ', '\t']).unwrap_or((text, ""));
    (word, rest.trim_start_matches([' ', '\t']))
}

fn is_line_breaking(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\0')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    const LINE: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH a b";

    #[test]
    fn a_line_is_written_and_read() {
        let parsed = PublicKeyLine::parse(LINE).unwrap();
        assert_eq!(parsed.key().blob(), super::super::ed25519_blob(&[7; 32]));
        assert_eq!(parsed.comment(), "a b");
        assert_eq!(parsed.key().line("a b").unwrap(), LINE);
        assert_eq!(parsed.key().line("").unwrap(), LINE.trim_end_matches(" a b"));
        assert_eq!(PublicKeyLine::parse(&format!("  {}\t\r\n", LINE.replace(' ', "\t "))).unwrap().key(), parsed.key());
    }

    #[test]
    fn what_is_no_line_is_refused_and_so_is_a_comment_that_would_be_a_second_one() {
        let missing = BadKeyLine::Missing;
        for (text, error) in [
            ("", missing),
            (" \n", missing),
            ("ssh-ed25519", missing),
            ("ssh-ed25519 AAAA!", BadKeyLine::Base64),
            ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcHBw", BadKeyLine::Base64),
            ("ssh-ed25519 AAAA", BadKeyLine::Type),
            (&LINE.replace("ssh-ed", "ssh-rsa"), BadKeyLine::Type),
            (&format!("{LINE}\nssh-ed25519 AAAA"), BadKeyLine::Comment),
        ] {
            assert_eq!(PublicKeyLine::parse(text), Err(error), "{text:?}");
        }
        let parsed = PublicKeyLine::parse(LINE).unwrap();
        assert_eq!(parsed.key().line("x\nssh-ed25519 AAAA"), Err(BadKeyLine::Comment));
        assert_eq!(PublicKey::new(b"").line(""), Err(BadKeyLine::Type));
    }
}
