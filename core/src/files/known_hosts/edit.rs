//! The text of a file with lines changed or taken out. All other bytes stay as they are: comments, order, line ends, and
//! lines that cannot be read.

use super::name::{SALT_LEN, hashed, lookup_name};
use super::{CannotWrite, Entry, Marker};
use crate::crypto::CryptoRng;
use crate::files::lines;
use crate::keys::PublicKey;
use alloc::vec::Vec;

/// A text that was edited.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Edited {
    /// The new text.
    pub text: Vec<u8>,
    /// How many lines are not as they were. Without any, the text is the old one.
    pub changed: usize,
}

/// What becomes of a line.
enum New {
    Same,
    Gone,
    Text(Vec<u8>),
}

/// Takes out every line with a key of `host` at `port`, whatever other names it has. Lines with a marker stay
/// (`ssh-keygen -R`).
#[must_use]
pub fn remove(text: &(impl AsRef<[u8]> + ?Sized), host: &str, port: u16) -> Edited {
    let name = lookup_name(host, port);
    edit(text.as_ref(), |_, entry, _| if entry.speaks_of(&name) { New::Gone } else { New::Same })
}

/// Puts the key `new` in the place of `old` on every line that has `old` as a key of `host` at `port`, for all names on
/// the line. Lines with a marker stay.
///
/// # Errors
/// [`CannotWrite::Key`].
pub fn replace(
    text: &(impl AsRef<[u8]> + ?Sized),
    host: &str,
    port: u16,
    old: PublicKey<'_>,
    new: PublicKey<'_>,
) -> Result<Edited, CannotWrite> {
    let name = lookup_name(host, port);
    let new = new.line("").map_err(CannotWrite::Key)?;
    Ok(edit(text.as_ref(), |line, entry, parts| {
        if entry.key() != old || !entry.speaks_of(&name) {
            return New::Same;
        }
        let (before, behind) = (line.get(..parts.key), line.get(parts.comment..));
        New::Text([before.unwrap_or_default(), new.as_bytes(), behind.unwrap_or_default()].concat())
    }))
}

/// Hashes the names of every line that has plain ones only, each name on a line of its own (`ssh-keygen -H`). Lines with
/// patterns or a marker stay.
#[must_use]
pub fn hash_names(text: &(impl AsRef<[u8]> + ?Sized), random: &mut dyn CryptoRng) -> Edited {
    edit(text.as_ref(), |line, entry, parts| {
        let Some(names) = entry.names().filter(|names| !names.contains(['*', '?', '!'])) else { return New::Same };
        let mut new = Vec::new();
        for name in names.split(',').filter(|name| !name.is_empty()) {
            let mut salt = [0; SALT_LEN];
            random.fill_bytes(&mut salt);
            let Ok(hashed) = hashed(&name.to_ascii_lowercase(), &salt) else { return New::Same };
            new.extend_from_slice(line.get(..parts.names).unwrap_or_default());
            new.extend_from_slice(hashed.as_bytes());
            new.push(b' ');
            new.extend_from_slice(line.get(parts.key..).unwrap_or_default());
            // The last line of a file may be without an end, but not the first of two.
            if !new.ends_with(b"\n") {
                new.push(b'\n');
            }
        }
        if !line.ends_with(b"\n") {
            new.truncate(new.len().saturating_sub(1));
        }
        New::Text(new)
    })
}

/// Where the parts of a line without a marker begin, in bytes.
struct Parts {
    names: usize,
    key: usize,
    /// The blank in front of the comment, or whatever stands behind the key.
    comment: usize,
}

impl Parts {
    fn of(line: &[u8], text: &str) -> Self {
        let names = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
        let (_, key) = lines::word(text);
        let (_, rest) = lines::word(key);
        let (blob, _) = lines::word(rest);
        // Each is the end of the text, so that lengths say where it begins.
        let begins = |part: &str| names.saturating_add(text.len().saturating_sub(part.len()));
        Parts { names, key: begins(key), comment: begins(rest).saturating_add(blob.len()) }
    }
}

/// Every line, with its end, that names a host's key is asked about.
fn edit(text: &[u8], mut new: impl FnMut(&[u8], &Entry<'_>, Parts) -> New) -> Edited {
    let mut edited = Edited { text: Vec::new(), changed: 0 };
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let content = line.strip_suffix(b"\n").unwrap_or(line);
        let entry = lines::meaningful(content).next().and_then(|(number, text)| {
            let entry = lines::parsed((number, text), Entry::parse).ok()?;
            Some((text, entry)).filter(|(_, entry)| entry.marker() == Marker::None)
        });
        let new = entry.map_or(New::Same, |(text, entry)| new(line, &entry, Parts::of(line, text)));
        match new {
            New::Same => edited.text.extend_from_slice(line),
            New::Gone => edited.changed = edited.changed.saturating_add(1),
            New::Text(new) => {
                edited.changed = edited.changed.saturating_add(1);
                edited.text.extend_from_slice(&new);
            }
        }
    }
    edited
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Random, Seed};
    use crate::files::known_hosts::{Known, KnownHosts};
    use crate::keys::ed25519_blob;
    use std::format;
    use std::string::String;

    fn text(n: u8) -> String {
        PublicKey::new(&ed25519_blob(&[n; 32])).line("").unwrap()
    }

    fn file() -> Vec<u8> {
        let mut file = format!(
            "# hosts\r\n\r\n  a,b\t{}  of a \r\nA {}\nbad line\n@revoked a {}\n[a]:2222 {}\n*.lab {} ",
            text(1),
            text(2),
            text(1),
            text(1),
            text(1)
        )
        .into_bytes();
        file.extend_from_slice(b"J\xfcrgen\n@cert-authority a ");
        file.extend_from_slice(text(1).as_bytes());
        file
    }

    #[test]
    fn a_key_is_replaced_where_it_stands_and_nothing_else_changes() {
        let [one, two, three] = [1, 2, 3].map(|n| ed25519_blob(&[n; 32]));
        let [one, two, three] = [&one, &two, &three].map(|blob| PublicKey::new(blob));
        let old = file();
        let expect = |from: &str, to: &str| String::from_utf8_lossy(&old).replacen(from, to, 1);
        let shown = |edited: &Edited| String::from_utf8_lossy(&edited.text).into_owned();
        let edited = replace(&old, "a", 22, one, three).unwrap();
        assert_eq!(shown(&edited), expect(&format!("a,b\t{}", text(1)), &format!("a,b\t{}", text(3))));
        assert_eq!(edited.changed, 1);
        let edited = replace(&old, "a", 22, two, three).unwrap();
        assert_eq!(shown(&edited), expect(&format!("A {}", text(2)), &format!("A {}", text(3))));
        let edited = replace(&old, "x.lab", 22, one, three).unwrap();
        assert_eq!(shown(&edited), expect(&format!("*.lab {}", text(1)), &format!("*.lab {}", text(3))));
        assert!(edited.text.windows(6).any(|bytes| bytes == b"J\xfcrgen"));
        for (host, port, key) in [("a", 22, three), ("a", 2223, one), ("c", 22, one)] {
            assert_eq!(replace(&old, host, port, key, two).unwrap(), Edited { text: old.clone(), changed: 0 });
        }
        assert!(matches!(replace(&old, "a", 22, one, PublicKey::new(b"")), Err(CannotWrite::Key(_))));
    }

    #[test]
    fn lines_are_taken_out_and_markers_stay() {
        let old = file();
        let edited = remove(&old, "A", 22);
        assert_eq!(edited.changed, 2);
        let text_left = String::from_utf8_lossy(&edited.text).into_owned();
        assert!(text_left.starts_with("# hosts\r\n\r\nbad line\n@revoked a "), "{text_left}");
        let edited = remove(&old, "a", 2222);
        assert_eq!((edited.changed, edited.text.len()), (1, old.len() - text(1).len() - "[a]:2222 \n".len()));
        assert_eq!(remove(&old, "nobody", 22), Edited { text: old, changed: 0 });
        assert_eq!(remove("", "a", 22), Edited { text: Vec::new(), changed: 0 });
    }

    #[test]
    fn names_are_hashed_one_by_one() {
        let old = file();
        let edited = hash_names(&old, &mut Random::new(&Seed::new([1; 32])));
        assert_eq!(edited.changed, 3);
        let (before, after) = (KnownHosts::new(&old), KnownHosts::new(&edited.text));
        assert_eq!(after.entries().filter(|entry| entry.names().is_none()).count(), 4);
        let blob = ed25519_blob(&[1; 32]);
        for (host, port) in [("b", 22), ("a", 2222), ("x.lab", 22), ("c", 22)] {
            assert_eq!(after.check(host, port, &blob), before.check(host, port, &blob), "{host} {port}");
        }
        assert_eq!(after.check("b", 22, &blob), Known::Match);
        assert_eq!(after.malformed().count(), before.malformed().count());
        let unended = format!("a,b {}", text(1));
        let hashed = hash_names(&unended, &mut Random::new(&Seed::new([1; 32]))).text;
        assert_eq!((hashed.split(|byte| *byte == b'\n').count(), hashed.last()), (2, unended.as_bytes().last()));
        assert_eq!(hash_names(&hashed, &mut Random::new(&Seed::new([2; 32]))).changed, 0);
    }
}
