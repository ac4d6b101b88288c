//! Public keys, one a line: `TrustedUserCAKeys` (sshd_config(5)), and wherever a plain list of keys is kept.

use super::lines::{self, BadLine, Why};
use crate::keys::{PublicKey, PublicKeyLine};
use core::fmt;

/// The text of a file, borrowed. There are no options and no names in it: a line that is not just a key is never taken
/// for one.
#[derive(Clone, Copy)]
pub struct TrustedKeys<'a> {
    text: &'a [u8],
}

impl<'a> TrustedKeys<'a> {
    /// Takes the text.
    #[must_use]
    pub fn new(text: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        TrustedKeys { text: text.as_ref() }
    }

    /// Whether the key stands there: for `TrustedUserCAKeys`, whether certificates that it signed count.
    #[must_use]
    pub fn trusts(&self, ca: PublicKey<'_>) -> bool {
        self.keys().any(|key| key.key() == ca)
    }

    /// The keys in their order.
    pub fn keys(&self) -> impl Iterator<Item = PublicKeyLine<'a>> + use<'a> {
        self.lines().filter_map(Result::ok)
    }

    /// The lines that cannot be read and count as absent.
    pub fn malformed(&self) -> impl Iterator<Item = BadLine> + use<'a> {
        self.lines().filter_map(Result::err)
    }

    fn lines(&self) -> impl Iterator<Item = Result<PublicKeyLine<'a>, BadLine>> + use<'a> {
        let key = |_, text| PublicKeyLine::parse(text).map_err(Why::Key);
        lines::meaningful(self.text).map(move |line| lines::parsed(line, key))
    }
}

impl fmt::Debug for TrustedKeys<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TrustedKeys({} bytes)", self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::ed25519_blob;
    use std::format;

    #[test]
    fn a_key_a_line() {
        let blobs = [1, 2, 3].map(|n| ed25519_blob(&[n; 32]));
        let [one, two, three] = [&blobs[0], &blobs[1], &blobs[2]].map(|blob| PublicKey::new(blob));
        let line = |key: PublicKey<'_>| key.line("a comment").unwrap();
        let file = format!("# authorities\n{}\r\n  {}\ncert-authority {}\n", line(one), line(two), line(three));
        let keys = TrustedKeys::new(&file);
        assert!(keys.trusts(one) && keys.trusts(two));
        assert!(!keys.trusts(three), "options are not read, so the line is not");
        assert!(keys.malformed().map(|bad| bad.line).eq([4]));
        assert_eq!(keys.keys().count(), 2);
    }
}
