//! Name-lists: `a,b,c` in US-ASCII (RFC 4251, sections 5 and 6).

use super::Malformed;
use core::fmt;

/// A checked name-list, borrowed from the bytes it came in.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct NameList<'a>(&'a str);

impl<'a> NameList<'a> {
    /// Checks a list: no empty name, no control character, blank or byte outside US-ASCII. The empty list is a list.
    ///
    /// # Errors
    /// [`Malformed::NameList`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        // "A name MUST have a non-zero length, and it MUST NOT contain a comma" (RFC 4251, section 5).
        let empty_name = !bytes.is_empty() && bytes.split(|b| *b == b',').any(<[u8]>::is_empty);
        // "all of the elements contained are names and MUST be in US-ASCII. Terminating null characters MUST NOT be
        // used" (RFC 4251, section 5); "all algorithm and method identifiers MUST be printable US-ASCII, non-empty
        // strings" (RFC 4251, section 6). A name of more than 64 characters is none that is known here.
        if empty_name || !bytes.iter().all(|b| b.is_ascii_graphic()) {
            return Err(Malformed::NameList);
        }
        core::str::from_utf8(bytes).map(NameList).map_err(|_| Malformed::NameList)
    }

    /// The list as it stands on the wire.
    #[must_use]
    pub fn as_str(&self) -> &'a str {
        self.0
    }

    /// The names, first preference first.
    pub fn names(&self) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        self.0.split(',').filter(|name| !name.is_empty())
    }

    /// Whether `name` stands in the list: whole and case-sensitive (RFC 4251, section 6).
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        // "Names MUST be case-sensitive" (RFC 4251, section 6).
        self.names().any(|n| n == name)
    }

    /// The first name, if there is one.
    #[must_use]
    pub fn first(&self) -> Option<&'a str> {
        self.names().next()
    }
}

impl fmt::Debug for NameList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_that_rfc_4251_section_5_forbids_are_refused() {
        for bad in [&b"a,,b"[..], b",a", b"a,", b",", b"a\0,b", b"a b", b"\xffa", b"a\n"] {
            assert_eq!(NameList::parse(bad), Err(Malformed::NameList), "{bad:?}");
        }
        assert_eq!(NameList::parse(b"").map(|l| l.names().count()), Ok(0));
        assert!(NameList::parse(b"aes128-ctr,x@y").is_ok_and(|l| l.contains("x@y") && !l.contains("X@Y")));
    }
}
