//! `AuthorizedPrincipalsFile`: which names in a certificate may log in as a user? (sshd_config(5))
//!
//! Each line is a name, with options in front of it as in `authorized_keys`. `#` begins a comment anywhere. Which
//! authorities count is said elsewhere (`TrustedUserCAKeys`, [`TrustedKeys`](super::TrustedKeys)).

use super::authorized_keys::Permissions;
use super::authorized_keys::options::split_options;
use super::lines::{self, BadLine, Why};
use core::fmt;

/// The text of a file, borrowed.
#[derive(Clone, Copy)]
pub struct AuthorizedPrincipals<'a> {
    text: &'a [u8],
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalEntry<'a> {
    line: usize,
    principal: &'a str,
    permissions: Permissions<'a>,
}

impl<'a> AuthorizedPrincipals<'a> {
    /// Takes the text.
    #[must_use]
    pub fn new(text: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        AuthorizedPrincipals { text: text.as_ref() }
    }

    /// Every line with this name. Names are compared whole, byte for byte (CVE-2026-35414).
    pub fn find_all<'q>(&self, principal: &'q [u8]) -> impl Iterator<Item = PrincipalEntry<'a>> + use<'a, 'q> {
        self.entries().filter(move |entry| entry.principal.as_bytes() == principal)
    }

    /// All lines that can be read.
    pub fn entries(&self) -> impl Iterator<Item = PrincipalEntry<'a>> + use<'a> {
        self.lines().filter_map(Result::ok)
    }

    /// The lines that cannot be read and count as absent.
    pub fn malformed(&self) -> impl Iterator<Item = BadLine> + use<'a> {
        self.lines().filter_map(Result::err)
    }

    fn lines(&self) -> impl Iterator<Item = Result<PrincipalEntry<'a>, BadLine>> + use<'a> {
        lines::meaningful(self.text).map(|line| lines::parsed(line, PrincipalEntry::parse))
    }
}

impl fmt::Debug for AuthorizedPrincipals<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuthorizedPrincipals({} bytes)", self.text.len())
    }
}

impl<'a> PrincipalEntry<'a> {
    /// Line number, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The name.
    #[must_use]
    pub fn principal(&self) -> &'a str {
        self.principal
    }

    /// What its options permit. What the certificate restricts counts beside it.
    #[must_use]
    pub fn permissions(&self) -> &Permissions<'a> {
        &self.permissions
    }

    fn parse(line: usize, text: &'a str) -> Result<Self, Why> {
        let text = text.split('#').next().unwrap_or_default().trim_end_matches([' ', '\t', '\r']);
        let (first, rest) = split_options(text).ok_or(Why::Options)?;
        let (options, principal) = if rest.is_empty() { ("", first) } else { (first, rest) };
        if principal.is_empty() || principal.contains([' ', '\t']) {
            return Err(Why::Principal);
        }
        let permissions = Permissions::parse(options)?;
        if permissions.cert_authority {
            return Err(Why::Authority);
        }
        Ok(PrincipalEntry { line, principal, permissions })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    /// CVE-2026-35414: nothing but the whole name counts.
    #[test]
    fn names_with_options_in_front() {
        let file = "# people\n\nalice\n  no-pty,command=\"a b\" bob # comment\r\nfrom=\"10.0.0.0/8\"\tbob\na,b\n";
        let principals = AuthorizedPrincipals::new(file);
        let lines = |name: &[u8]| principals.find_all(name).map(|entry| entry.line()).collect::<Vec<_>>();
        assert_eq!(lines(b"alice"), [3]);
        assert_eq!(lines(b"bob"), [4, 5]);
        assert_eq!(lines(b"a,b"), [6]);
        for name in [&b"a"[..], b"b", b"alice,bob", b"Alice", b"", b"alice\0"] {
            assert!(lines(name).is_empty(), "{name:?}");
        }
        let bob = principals.find_all(b"bob").next().unwrap();
        assert_eq!((bob.principal(), bob.permissions().pty), ("bob", false));
        assert_eq!(bob.permissions().command.as_deref(), Some("a b"));
        assert_eq!(principals.malformed().count(), 0);
    }

    #[test]
    fn lines_that_cannot_be_read_let_nobody_in() {
        let file =
            "colour bob\nno-pty bob jim\ncommand=\"a # b\" bob\ncert-authority bob\nbob # x\nfrom=\"1.2.3.4/8\" bob";
        let principals = AuthorizedPrincipals::new(file);
        assert!(principals.find_all(b"bob").map(|entry| entry.line()).eq([5]));
        let bad: Vec<_> = principals.malformed().map(|bad| (bad.line, bad.why)).collect();
        let expected = [
            (1, Why::UnknownOption),
            (2, Why::Principal),
            (3, Why::Options),
            (4, Why::Authority),
            (6, Why::Value("from")),
        ];
        assert_eq!(bad, expected);
    }
}
