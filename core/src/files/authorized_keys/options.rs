//! The syntax of options: `name` or `name="value"`, with commas between them. No name is known here.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;

/// One option, as it stands in the line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyOption<'a> {
    /// The name, in lower case.
    pub name: Cow<'a, str>,
    /// What stands between the quotes behind `=`, with `\"` as `"`.
    pub value: Option<Cow<'a, str>>,
}

/// The options up to the first blank outside quotes, and what follows. None if a quote does not end.
pub(in crate::files) fn split_options(text: &str) -> Option<(&str, &str)> {
    let (end, closed) = end_of(text, |byte| matches!(byte, b' ' | b'\t'));
    let (options, rest) = text.split_at_checked(end)?;
    closed.then_some((options, rest.trim_start_matches([' ', '\t'])))
}

/// Where the first byte outside quotes is of a kind, or the end; and whether every quote before it is closed. `\"` is
/// no quote.
fn end_of(text: &str, kind: impl Fn(u8) -> bool) -> (usize, bool) {
    let mut quoted = false;
    let mut bytes = text.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        if byte == b'\\' && bytes.peek().is_some_and(|(_, next)| *next == b'"') {
            bytes.next();
        } else if byte == b'"' {
            quoted = !quoted;
        } else if !quoted && kind(byte) {
            return (at, true);
        }
    }
    (text.len(), !quoted)
}

/// Options with commas between them.
pub(super) struct Options<'a> {
    rest: Option<&'a str>,
}

impl<'a> Options<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Options { rest: Some(text).filter(|text| !text.is_empty()) }
    }
}

impl<'a> Iterator for Options<'a> {
    type Item = Result<KeyOption<'a>, ()>;

    fn next(&mut self) -> Option<Self::Item> {
        let text = self.rest.take()?;
        let (end, closed) = end_of(text, |byte| byte == b',');
        let (option, rest) = text.split_at_checked(end)?;
        self.rest = rest.strip_prefix(',');
        Some(if closed { option_from(option).ok_or(()) } else { Err(()) })
    }
}

/// `name` or `name="value"`, the whole text.
fn option_from(text: &str) -> Option<KeyOption<'_>> {
    let (name, value) = match text.split_once('=') {
        Some((name, quoted)) => (name, Some(unquoted(quoted)?)),
        None => (text, None),
    };
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_@.".contains(&byte)) {
        return None;
    }
    let name = match name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Cow::Owned(name.to_ascii_lowercase()),
        false => Cow::Borrowed(name),
    };
    Some(KeyOption { name, value })
}

/// What stands between the first quote and the last; there is no bare quote in between.
fn unquoted(text: &str) -> Option<Cow<'_, str>> {
    let inner = text.strip_prefix('"')?;
    let mut bytes = inner.bytes().enumerate();
    let mut escaped = false;
    let end = loop {
        let (at, byte) = bytes.next()?;
        if byte == b'"' && !escaped {
            break at;
        }
        escaped = byte == b'\\';
    };
    let (value, behind) = inner.split_at_checked(end)?;
    if behind != "\"" {
        return None;
    }
    Some(if value.contains("\\\"") { Cow::Owned(value.replace("\\\"", "\"")) } else { Cow::Borrowed(value) })
}

impl fmt::Display for KeyOption<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match &self.value {
            Some(value) => {
                let escaped: String = value.replace('"', "\\\"");
                write!(f, "=\"{escaped}\"")
            }
            None => Ok(()),
        }
    }
}
