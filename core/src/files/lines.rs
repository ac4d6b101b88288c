//! Numbered lines and words, for the line-based files beside this one.

use crate::keys::BadKeyLine;
pub(super) use crate::keys::line::word;
use core::fmt;

/// A line that counts as absent since it cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadLine {
    /// Line number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: Why,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// Its key.
    Key(BadKeyLine),
    /// Its host names: a hash that is none, or a pattern that is too long.
    Hosts,
    /// A marker that is neither `@cert-authority` nor `@revoked`.
    Marker,
    /// Its options: a quote that does not end, a value without quotes, an empty name.
    Options,
    /// An option that does not exist, or one with a value too many or too few.
    UnknownOption,
    /// The value of the option with this name.
    Value(&'static str),
    /// The option with this name stands there twice.
    Twice(&'static str),
    /// `principals` without `cert-authority`, or `cert-authority` where no key stands.
    Authority,
    /// A name to log in as: it is missing.
    Principal,
    /// It is longer than 64 KiB.
    TooLong,
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        match self.why {
            Why::Key(error) => error.fmt(f),
            Why::Hosts => f.write_str("the host names cannot be read: a bad hash or a pattern that is too long"),
            Why::Marker => f.write_str("the marker is unknown; there are @cert-authority and @revoked"),
            Why::Options => {
                f.write_str("the options cannot be read; write them as name or name=\"value\", with commas")
            }
            Why::UnknownOption => f.write_str("there is no such option, or it has a value too many or too few"),
            Why::Value(name) => write!(f, "the value of the option {name} cannot be read"),
            Why::Twice(name) => write!(f, "the option {name} stands there twice"),
            Why::Authority => f.write_str("principals goes with cert-authority, and cert-authority with a key"),
            Why::Principal => f.write_str("the name to log in as is missing"),
            Why::TooLong => f.write_str("it is longer than 64 KiB"),
        }
    }
}

impl core::error::Error for BadLine {}

/// The longest line that is read, in bytes. The longest keys take a few thousand.
pub(super) const MAX: usize = 64 << 10;

/// The lines that say something, with their numbers: neither empty nor a comment, blanks around them taken away.
pub(super) fn meaningful(text: &[u8]) -> impl Iterator<Item = (usize, &str)> {
    (1_usize..)
        .zip(text.split(|byte| *byte == b'\n'))
        .filter_map(|(number, line)| Some((number, meaning(line).filter(|line| !line.is_empty())?)))
}

/// What a line says, or `None` for a comment. Blanks around it are taken away.
pub(super) fn meaning(line: &[u8]) -> Option<&str> {
    Some(readable(line).trim_matches([' ', '\t', '\r'])).filter(|line| !line.starts_with('#'))
}

/// A meaningful line, parsed. One that is too long is never looked at.
pub(super) fn parsed<'a, T>(
    (line, text): (usize, &'a str),
    parse: impl FnOnce(usize, &'a str) -> Result<T, Why>,
) -> Result<T, BadLine> {
    let read = if text.len() > MAX { Err(Why::TooLong) } else { parse(line, text) };
    read.map_err(|why| BadLine { line, why })
}

/// Whether the line is a comment, in any encoding.
pub(super) fn is_comment(line: &[u8]) -> bool {
    line.iter().find(|byte| !matches!(byte, b' ' | b'\t')) == Some(&b'#')
}

/// The line, or what stands in front of its first word that is not UTF-8. Such a word is at best part of a comment; in
/// any other place the line is then incomplete and refused.
fn readable(line: &[u8]) -> &str {
    match core::str::from_utf8(line) {
        Ok(text) => text,
        Err(error) => {
            let start = line.get(..error.valid_up_to()).unwrap_or_default();
            let words = start.iter().rposition(|byte| matches!(byte, b' ' | b'\t')).unwrap_or_default();
            core::str::from_utf8(start.get(..words).unwrap_or_default()).unwrap_or_default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn lines_keep_their_numbers_and_lose_what_is_not_text() {
        let text = b"# c\n\n  one two \r\n\t#\nthree f\xfcr four\n\xff\nlast";
        let lines: Vec<_> = meaningful(text).collect();
        assert_eq!(lines, [(3, "one two"), (5, "three"), (7, "last")]);
    }
}
