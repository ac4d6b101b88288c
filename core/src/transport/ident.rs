//! The version exchange (RFC 4253, section 4.2).
//!
//! "The maximum length of the string is 255 characters, including the Carriage Return and Line Feed"; "The server MAY send
//! other lines of data before sending the version string"; a client takes them, within `Limits`.

use crate::connection::Limits;
use crate::connection::error::{Error, IdentFault};

/// The longest identification without CR LF.
pub(crate) const MAX: usize = 253;

/// An identification, kept for life: both go into every exchange hash.
#[derive(Clone, Copy)]
pub(crate) struct Ident {
    bytes: [u8; MAX],
    len: u8,
}

impl core::fmt::Debug for Ident {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}", self.as_bytes().escape_ascii())
    }
}

impl Ident {
    pub(crate) const EMPTY: Ident = Ident { bytes: [0; MAX], len: 0 };

    pub(crate) fn new(parts: &[&[u8]]) -> Option<Ident> {
        let mut ident = Ident::EMPTY;
        for part in parts {
            let at = usize::from(ident.len);
            let end = at.checked_add(part.len())?;
            ident.bytes.get_mut(at..end)?.copy_from_slice(part);
            ident.len = u8::try_from(end).ok()?;
        }
        Some(ident)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }
}

/// What the lines received so far come to.
#[allow(clippy::large_enum_variant, reason = "it lives for one call, once a connection")]
#[derive(Debug)]
pub(crate) enum Line {
    /// No whole line is there.
    Partial,
    /// A line before the identification, of this length with its end.
    Before(usize),
    /// The identification, and its length with its end.
    Ident(Ident, usize),
}

/// Lines taken before the identification.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Before {
    lines: u32,
    bytes: u32,
}

impl Before {
    /// Looks at what was received. `from_server`: lines may come first, and version 1.99 is 2.0 (section 5.1).
    pub(crate) fn read(&mut self, received: &[u8], from_server: bool, limits: &Limits) -> Result<Line, Error> {
        let fault = |fault| Err(Error::Ident(fault));
        let starts = received.get(..4).unwrap_or(received);
        // "Such lines MUST NOT begin with SSH-" (RFC 4253, section 4.2): what does is the identification.
        if !b"SSH-".starts_with(starts) {
            if !from_server {
                // "SSH-" must be the first a client says: what speaks another protocol is not read to its first line.
                return fault(IdentFault::NotSsh);
            }
            // "Clients MUST be able to process such lines" (RFC 4253, section 4.2).
            return self.before(received, limits);
        }
        let Some(end) = received.iter().take(MAX.saturating_add(2)).position(|b| *b == b'\n') else {
            return if received.len() > MAX.saturating_add(1) { fault(IdentFault::TooLong) } else { Ok(Line::Partial) };
        };
        let line = received.get(..end).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        // "Both the 'protoversion' and 'softwareversion' strings MUST consist of printable US-ASCII characters" (RFC 4253,
        // section 4.2); comments are only kept free of controls.
        if line.iter().any(|b| *b < 0x20 || *b == 0x7f) {
            return fault(IdentFault::Text);
        }
        // "Clients using protocol 2.0 MUST be able to identify this as identical to 2.0" (RFC 4253, section 5.1): 1.99.
        if !(line.starts_with(b"SSH-2.0-") || from_server && line.starts_with(b"SSH-1.99-")) {
            return fault(IdentFault::Version);
        }
        match Ident::new(&[line]) {
            Some(ident) => Ok(Line::Ident(ident, end.saturating_add(1))),
            None => fault(IdentFault::TooLong),
        }
    }

    fn before(&mut self, received: &[u8], limits: &Limits) -> Result<Line, Error> {
        let end = received.iter().position(|b| *b == b'\n').map(|at| at.saturating_add(1));
        let length = u32::try_from(end.unwrap_or(received.len())).unwrap_or(u32::MAX);
        if self.bytes.saturating_add(length) > limits.line_bytes || self.lines >= limits.lines {
            return Err(Error::Ident(IdentFault::TooMany));
        }
        match end {
            None => Ok(Line::Partial),
            Some(end) => {
                self.lines = self.lines.saturating_add(1);
                self.bytes = self.bytes.saturating_add(length);
                Ok(Line::Before(end))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], from_server: bool) -> Result<Line, Error> {
        Before::default().read(bytes, from_server, &Limits::default())
    }

    fn fault(bytes: &[u8], from_server: bool) -> Option<Error> {
        read(bytes, from_server).err()
    }

    /// RFC 4253, sections 4.2, 5.1 and 5.2.
    #[test]
    fn identifications_are_judged_by_the_rfc() {
        let mut longest = b"SSH-2.0-".to_vec();
        longest.resize(253, b'x');
        longest.extend(b"\r\n");
        assert!(matches!(read(&longest, false), Ok(Line::Ident(ident, 255)) if ident.as_bytes().len() == 253));
        longest.insert(9, b'x');
        assert_eq!(fault(&longest, false), Some(Error::Ident(IdentFault::TooLong)));
        assert!(matches!(read(b"SSH-2.0-conf_1 a b c\r\n", false), Ok(Line::Ident(..))));
        assert!(matches!(read(b"SSH-2.0-conf\n", true), Ok(Line::Ident(_, 13))));
        assert!(matches!(read(b"SSH-1.99-conf\r\n", true), Ok(Line::Ident(..))));
        for wrong in [&b"SSH-1.99-c\r\n"[..], b"SSH-1.5-old\r\n", b"SSH-3.0-x\r\n", b"SSH-2.1-x\r\n"] {
            assert_eq!(fault(wrong, false), Some(Error::Ident(IdentFault::Version)));
        }
        assert_eq!(fault(b"GET / HTTP/1.0\r\n", false), Some(Error::Ident(IdentFault::NotSsh)));
        assert_eq!(fault(b"\x16\x03", false), Some(Error::Ident(IdentFault::NotSsh)));
        assert_eq!(fault(b"SSH-2.0-co\0nf\r\n", true), Some(Error::Ident(IdentFault::Text)));
        assert_eq!(fault(&[b'S'; 300], false), Some(Error::Ident(IdentFault::NotSsh)));
    }

    #[test]
    fn lines_before_a_servers_identification_are_counted() {
        let limits = Limits::default();
        let mut before = Before::default();
        for _ in 0..20 {
            assert!(matches!(before.read(b"hello\r\nmore", true, &limits), Ok(Line::Before(7))));
        }
        assert!(before.read(b"hello\n", true, &limits).is_err());
        let endless = [b'x'; 9000];
        assert_eq!(fault(&endless, true), Some(Error::Ident(IdentFault::TooMany)));
    }
}
