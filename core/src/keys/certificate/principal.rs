//! Principals: the names that a certificate speaks for, and when a name is one of them.

use super::blob::text;
use super::{CertError, CertificateKind};
use crate::wire::Reader;

/// The names of a certificate, as they stand there. Iterates over them; each is a whole byte string without NUL, and may
/// hold a comma, a blank or anything else that separates names elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct Principals<'a> {
    rest: Reader<'a>,
}

impl<'a> Principals<'a> {
    /// The most that a certificate may have.
    pub const MAX: usize = 256;

    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Principals { rest: Reader::new(bytes) }
    }

    /// Whether they can all be read.
    pub(super) fn check(&self) -> Result<(), CertError> {
        let mut reader = self.rest;
        for _ in 0..Self::MAX {
            if reader.remaining() == 0 {
                break;
            }
            text(reader.string()?)?;
        }
        if reader.remaining() == 0 { Ok(()) } else { Err(CertError::Principals) }
    }

    /// Whether there are none. Such a certificate is nobody's.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rest.remaining() == 0
    }

    /// Whether `name` is one of them. User names are equal byte for byte. A host's principals are patterns, as OpenSSH
    /// has them: `*` is any number of bytes and `?` is one, and letters of either case are the same.
    pub(super) fn name(mut self, kind: CertificateKind, name: &[u8]) -> bool {
        !name.is_empty()
            && self.any(|principal| match kind {
                CertificateKind::User => principal == name,
                CertificateKind::Host => matches_host(principal, name),
            })
    }
}

impl<'a> Iterator for Principals<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<Self::Item> {
        self.rest.string().ok()
    }
}

/// A host name has at most 255 bytes. It bounds the work that a pattern of many stars makes.
const MAX_HOST: usize = 255;

/// Whether a pattern matches the whole of a host name.
pub(super) fn matches_host(mut pattern: &[u8], mut host: &[u8]) -> bool {
    if host.len() > MAX_HOST {
        return false;
    }
    // Behind the last star seen: what is left of the pattern, and the text that the star has not yet taken. Stars in
    // front of it never need to take more.
    let mut star = None;
    loop {
        match (pattern.split_first(), host.split_first()) {
            (Some((b'*', behind)), _) => {
                star = Some((behind, host));
                pattern = behind;
            }
            (Some((a, behind)), Some((b, rest))) if *a == b'?' || a.eq_ignore_ascii_case(b) => {
                (pattern, host) = (behind, rest);
            }
            (None, None) => return true,
            _ => {
                let Some((behind, [_, left @ ..])) = star else { return false };
                star = Some((behind, left));
                (pattern, host) = (behind, left);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_principals_are_patterns() {
        let cases = [
            ("a.example.com", "A.Example.com", true),
            ("*.example.com", "a.example.com", true),
            ("*.example.com", "a.b.example.com", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", "a.example.com.evil", false),
            ("192.168.0.?", "192.168.0.7", true),
            ("192.168.0.?", "192.168.0.77", false),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("*", "anything", true),
            ("a,b", "a", false),
            ("", "a", false),
        ];
        for (pattern, host, expected) in cases {
            assert_eq!(matches_host(pattern.as_bytes(), host.as_bytes()), expected, "{pattern} {host}");
        }
        let pattern = b"*a".repeat(4000);
        assert!(!matches_host(&pattern, &[b'a'; 255]));
        assert!(!matches_host(b"*", &[b'a'; 256]));
    }
}
