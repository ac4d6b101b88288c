//! `authorized_keys`: may this key come in, and under which options? (sshd(8), AUTHORIZED_KEYS FILE FORMAT)
//!
//! It finds lines and enforces nothing. Options restrict a key: `command="…"`, `from="…"`, `no-pty`, `expiry-time="…"`.
//! A server that ignores one grants more than the file says, so it refuses an entry with options that it does not
//! enforce; [`Entry::unenforced`] names them.

use super::lines::{self, BadLine, Why};
use crate::keys::{PublicKey, PublicKeyLine};
use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;

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
    key: PublicKeyLine<'a>,
}

/// One option.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyOption<'a> {
    /// The name, in lower case.
    pub name: Cow<'a, str>,
    /// What stands between the quotes behind `=`, with `\"` as `"`.
    pub value: Option<Cow<'a, str>>,
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

    /// All lines that can be read.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'a>> + use<'a> {
        lines::meaningful(self.text).filter_map(|(line, text)| Entry::parse(line, text).ok())
    }

    /// The lines that cannot be read and count as absent.
    pub fn malformed(&self) -> impl Iterator<Item = BadLine> + use<'a> {
        lines::meaningful(self.text).filter_map(|(line, text)| Entry::parse(line, text).err())
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

    /// The options in their order. An option may stand several times.
    pub fn options(&self) -> impl Iterator<Item = KeyOption<'a>> + use<'a> {
        Options { rest: Some(self.options).filter(|text| !text.is_empty()) }.map_while(Result::ok)
    }

    /// The options whose names are not among `enforced` (in lower case). Unless there are none, whoever asks cannot
    /// keep what the file demands and must not let the key in.
    pub fn unenforced<'q>(&self, enforced: &'q [&'q str]) -> impl Iterator<Item = KeyOption<'a>> + use<'a, 'q> {
        self.options().filter(move |option| !enforced.contains(&&*option.name))
    }

    /// Whether the key signs certificates instead of coming in by itself.
    #[must_use]
    pub fn is_authority(&self) -> bool {
        self.options().any(|option| option.name == "cert-authority")
    }

    fn parse(line: usize, text: &'a str) -> Result<Self, BadLine> {
        let bad = |why| BadLine { line, why };
        // A line begins with its key or with options; which of the two it is, is seen by reading it as a key.
        let as_key = match PublicKeyLine::parse(text) {
            Ok(key) => return Ok(Entry { line, options: "", key }),
            Err(error) => error,
        };
        let (options, key) = split_options(text).ok_or(bad(Why::Options))?;
        let key = match PublicKeyLine::parse(key) {
            Ok(key) => key,
            // The more helpful of two errors: a first word that looks like a key type was meant to be one.
            Err(_) if looks_like_type(options) => return Err(bad(Why::Key(as_key))),
            Err(error) => return Err(bad(Why::Key(error))),
        };
        if (Options { rest: Some(options) }).any(|option| option.is_err()) {
            return Err(bad(Why::Options));
        }
        Ok(Entry { line, options, key })
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

/// The options up to the first blank outside quotes, and what follows. None if a quote does not end.
fn split_options(text: &str) -> Option<(&str, &str)> {
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
struct Options<'a> {
    rest: Option<&'a str>,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{BadKeyLine, ed25519_blob};
    use std::format;
    use std::string::ToString;
    use std::vec::Vec;

    fn blob(n: u8) -> [u8; 51] {
        ed25519_blob(&[n; 32])
    }

    fn key(n: u8) -> String {
        PublicKey::new(&blob(n)).line("").unwrap()
    }

    /// The options of a line, as text again.
    fn options(options: &str) -> Option<Vec<String>> {
        let file = format!("{options} {} who", key(1));
        let found = AuthorizedKeys::new(&file).find(&blob(1));
        found.map(|entry| entry.options().map(|option| option.to_string()).collect())
    }

    #[test]
    fn keys_are_found_with_their_comments_and_lines() {
        let file = format!("# keys\n\n{} me@here now\n  no-pty\t{}\r\n{}", key(1), key(2), key(3));
        let keys = AuthorizedKeys::new(&file);
        let found = |n| keys.find(&blob(n)).map(|entry| (entry.line(), entry.comment(), entry.options().count()));
        assert_eq!(found(1), Some((3, "me@here now", 0)));
        assert_eq!(found(2), Some((4, "", 1)));
        assert_eq!(found(3), Some((5, "", 0)));
        assert_eq!(found(4), None);
        assert_eq!(keys.find(b""), None);
        assert_eq!(keys.malformed().count(), 0);
    }

    #[test]
    fn options_are_read_as_the_manual_shows_them() {
        let shown = |text: &str| options(text).map(|options| options.join("; "));
        for (text, expected) in [
            ("no-pty", "no-pty"),
            ("Restrict,COMMAND=\"uptime\"", "restrict; command=\"uptime\""),
            (
                "from=\"*.sales.example.net,!pc.sales.example.net\"",
                "from=\"*.sales.example.net,!pc.sales.example.net\"",
            ),
            ("command=\"dump /home\",no-pty,no-port-forwarding", "command=\"dump /home\"; no-pty; no-port-forwarding"),
            (
                "permitopen=\"192.0.2.1:80\",permitopen=\"192.0.2.2:25\"",
                "permitopen=\"192.0.2.1:80\"; permitopen=\"192.0.2.2:25\"",
            ),
            ("command=\"echo \\\"a, b\\\"\"", "command=\"echo \\\"a, b\\\"\""),
            ("command=\"\"", "command=\"\""),
            ("environment=\"A=B\"", "environment=\"A=B\""),
        ] {
            assert_eq!(shown(text).as_deref(), Some(expected), "{text}");
        }
        let file = format!("command=\"say \\\"hi\\\"\" {}", key(1));
        let option = AuthorizedKeys::new(&file).find(&blob(1)).and_then(|entry| entry.options().next()).unwrap();
        assert_eq!(option.value.as_deref(), Some("say \"hi\""));
    }

    #[test]
    fn options_that_cannot_be_read_close_the_door() {
        for text in [
            "command=\"x",
            "command=x",
            "command=",
            "=\"x\"",
            ",",
            "a,",
            ",a",
            "a,,b",
            "command=\"x\"y",
            "command=\"x\" y",
            "\"a\"",
            "a\"b",
            "command=\"x\\\"",
            "a=\"b\"\"c\"",
            "a\\\"b",
        ] {
            assert_eq!(options(text), None, "{text}");
        }
        let file = format!("a=b {0}\n{0}x\nssh-ed25519 AAAA\nno-pty\nno-pty ssh-ed25519 A\nxyz", key(1));
        let bad: Vec<_> = AuthorizedKeys::new(&file).malformed().map(|bad| (bad.line, bad.why)).collect();
        let key_error = Why::Key;
        assert_eq!(
            bad,
            [
                (1, Why::Options),
                (2, key_error(BadKeyLine::Base64)),
                (3, key_error(BadKeyLine::Type)),
                (4, key_error(BadKeyLine::Missing)),
                (5, key_error(BadKeyLine::Base64)),
                (6, key_error(BadKeyLine::Missing)),
            ]
        );
    }

    #[test]
    fn what_is_not_enforced_is_named() {
        let file = format!("no-pty,command=\"x\",From=\"*\" {}", key(1));
        let entry = AuthorizedKeys::new(&file).find(&blob(1)).unwrap();
        let left: Vec<_> = entry.unenforced(&["no-pty", "command"]).map(|option| option.name).collect();
        assert_eq!(left, ["from"]);
        assert_eq!(entry.unenforced(&["no-pty", "command", "from"]).count(), 0);
    }

    #[test]
    fn an_authority_opens_no_door_and_a_second_line_may() {
        let file = format!("Cert-Authority {0}\nfrom=\"a\" {0}\n{0}", key(1));
        let keys = AuthorizedKeys::new(&file);
        assert!(keys.find_all(&blob(1)).map(|entry| entry.line()).eq([2, 3]));
        assert!(keys.entries().next().is_some_and(|entry| entry.is_authority()));
    }

    #[test]
    fn a_comment_may_be_in_any_encoding() {
        let mut file = format!("{} J", key(1)).into_bytes();
        file.extend_from_slice(b"\xfcrgen\n");
        assert!(AuthorizedKeys::new(&file).find(&blob(1)).is_some());
        let mut file = b"command=\"J\xfcrgen\" ".to_vec();
        file.extend_from_slice(key(1).as_bytes());
        assert!(AuthorizedKeys::new(&file).find(&blob(1)).is_none());
    }
}
