//! `known_hosts`: pure functions over its text.
//!
//! # Known hosts
//!
//! The text of a known_hosts file says which keys a host has, who may sign certificates for it, and what is revoked
//! (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). Nothing here opens a file, and the text of several may be put behind each
//! other. The calls that change lines give the new text; store it in a new file and rename(2) that over the old one.
//!
//! For SANSH_EVENT_HOST_KEY: a plain key is answered by what sansh_known_hosts_check() says, a certificate by a check
//! against the lists of sansh_authorities_of_host(), which are what the `authorities` and `revoked` of a sansh_check
//! take.

use crate::entry::{self, Handle, Poison};
use crate::key::random;
use crate::status::{Code, Code::*};
use crate::types::{sansh_bytes, sansh_status};
use core::ffi::c_char;
use ssh::files::TrustedKeys;
use ssh::files::known_hosts::{self, CannotWrite, Edited, Known, KnownHosts, Marker};
use ssh::keys::{BadKeyLine, PublicKey};

/// Public keys out of a file, as two lists: those that may sign certificates, and those that are revoked.
pub struct sansh_authorities {
    trusted: Keys,
    revoked: Keys,
    poison: Poison,
}

/// Blobs, and where C finds them.
#[derive(Default)]
struct Keys {
    blobs: Vec<Vec<u8>>,
    lent: Vec<sansh_bytes>,
}

impl Keys {
    fn push(&mut self, key: PublicKey<'_>) -> Result<(), Code> {
        let mut blob = Vec::new();
        blob.try_reserve_exact(key.blob().len()).map_err(|_| SANSH_E_MEMORY)?;
        blob.extend_from_slice(key.blob());
        self.blobs.try_reserve(1).map_err(|_| SANSH_E_MEMORY)?;
        self.lent.try_reserve(1).map_err(|_| SANSH_E_MEMORY)?;
        // The bytes stay where they are when their vector moves.
        self.lent.push(blob.as_slice().into());
        self.blobs.push(blob);
        Ok(())
    }

    /// NULL if there is none.
    fn first(&self) -> *const sansh_bytes {
        if self.lent.is_empty() { core::ptr::null() } else { self.lent.as_ptr() }
    }
}

impl Handle for sansh_authorities {
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

impl core::fmt::Debug for sansh_authorities {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("sansh_authorities")
    }
}

const NO_AUTHORITIES: *mut sansh_authorities = core::ptr::null_mut();
const NOTHING: usize = 0;

/// Is a key, as SANSH_EVENT_HOST_KEY brings it, the one that the text of a known_hosts file names for `host` at `port`?
/// SANSH_OK says yes, and nothing else does.
///
/// SANSH_E_HOST_UNKNOWN: nothing is known about the host; a person may be asked. SANSH_E_HOST_CHANGED: the host is
/// known with other keys; `*line` is the first line that says so, from 1 (`line` may be NULL); reject the key.
/// SANSH_E_HOST_REVOKED: reject the key. SANSH_E_TEXT, SANSH_E_NULL.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_known_hosts_check(
    text: *const u8,
    text_len: usize,
    host: *const c_char,
    port: u16,
    blob: *const u8,
    blob_len: usize,
    line: *mut usize,
) -> sansh_status {
    enter!(alone; bytes(text, text_len), text(host), bytes(blob, blob_len), out_or_none(line); {
        match KnownHosts::new(text).check(host, port, blob) {
            Known::Match => Ok(()),
            Known::Changed { line: first, .. } => {
                if let Some(place) = line {
                    *place = first;
                }
                Err(SANSH_E_HOST_CHANGED)
            }
            Known::Revoked => Err(SANSH_E_HOST_REVOKED),
            _ => Err(SANSH_E_HOST_UNKNOWN),
        }
    })
}

/// Copies the types of the keys that `host` at `port` is known by, comma-separated (`ssh-ed25519,ssh-rsa`) and without
/// a NUL behind them, to `types`, a room of `room` bytes, and their length to `*len`; 0 if the host is not known. A
/// client that prefers their algorithms (sansh_config_signatures()) is shown a key that it knows.
///
/// SANSH_E_SPACE (nothing was copied, `*len` says how much is needed), SANSH_E_TEXT, SANSH_E_NULL.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_known_hosts_types(
    text: *const u8,
    text_len: usize,
    host: *const c_char,
    port: u16,
    types: *mut u8,
    room: usize,
    len: *mut usize,
) -> sansh_status {
    enter!(alone; bytes(text, text_len), text(host), room(types, room, len); {
        entry::fill(types, len, KnownHosts::new(text).key_types(host, port).join(",").as_bytes())
    })
}

/// Copies the line that makes `blob` the key of `host` at `port`, with its newline and without a NUL behind it, to
/// `line`, a room of `room` bytes, and its length to `*len`. Append it to the file, which must have ended with a
/// newline. With `hashed` not 0, the name is hidden (`HashKnownHosts yes`).
///
/// SANSH_E_TEXT (the host is empty, too long, or has blanks, commas, brackets or pattern characters), SANSH_E_FILE_LINE
/// (the blob has no type name), SANSH_E_SPACE (nothing was copied, `*len` says how much is needed), SANSH_E_RANDOM,
/// SANSH_E_NULL, SANSH_E_MEMORY.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_known_hosts_line(
    host: *const c_char,
    port: u16,
    blob: *const u8,
    blob_len: usize,
    hashed: i32,
    line: *mut u8,
    room: usize,
    len: *mut usize,
) -> sansh_status {
    enter!(alone; text(host), bytes(blob, blob_len), room(line, room, len); {
        let key = PublicKey::new(blob);
        let written = match hashed {
            0 => known_hosts::line_for(host, port, key)?,
            _ => known_hosts::hashed_line_for(host, port, key, &mut random(None)?)?,
        };
        entry::fill(line, len, written.as_bytes())
    })
}

/// Takes out every line with a key of `host` at `port`, whatever other names it has, as `ssh-keygen -R` does. Lines
/// with a marker (`@revoked`, `@cert-authority`) stay, and so does every other byte. The new text is copied to
/// `edited`, a room of `room` bytes, and its length to `*len`; `text_len` bytes are enough. `*changed` is how many
/// lines went; it may be NULL.
///
/// SANSH_E_SPACE (nothing was copied, `*len` says how much is needed), SANSH_E_TEXT, SANSH_E_NULL.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_known_hosts_remove(
    text: *const u8,
    text_len: usize,
    host: *const c_char,
    port: u16,
    edited: *mut u8,
    room: usize,
    len: *mut usize,
    changed: *mut usize,
) -> sansh_status {
    enter!(alone; bytes(text, text_len), text(host), room(edited, room, len), out_or_none(changed); {
        give(known_hosts::remove(text, host, port), edited, len, changed)
    })
}

/// Puts the key `new_blob` in the place of `old_blob` on every line that has it as a key of `host` at `port`, for all
/// names on the line: for a server that proved a new key over the old one. Lines with a marker stay. Otherwise as
/// sansh_known_hosts_remove().
///
/// SANSH_E_FILE_LINE (the new blob has no type name), SANSH_E_SPACE (nothing was copied, `*len` says how much is
/// needed), SANSH_E_TEXT, SANSH_E_NULL, SANSH_E_MEMORY.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_known_hosts_replace(
    text: *const u8,
    text_len: usize,
    host: *const c_char,
    port: u16,
    old_blob: *const u8,
    old_blob_len: usize,
    new_blob: *const u8,
    new_blob_len: usize,
    edited: *mut u8,
    room: usize,
    len: *mut usize,
    changed: *mut usize,
) -> sansh_status {
    enter!(alone; bytes(text, text_len), text(host), bytes(old_blob, old_blob_len), bytes(new_blob, new_blob_len),
        room(edited, room, len), out_or_none(changed); {
        let (old, new) = (PublicKey::new(old_blob), PublicKey::new(new_blob));
        give(known_hosts::replace(text, host, port, old, new)?, edited, len, changed)
    })
}

/// Hides the names of every line that has plain ones only, each name on a line of its own, as `ssh-keygen -H` does.
/// Lines with patterns or a marker stay. Otherwise as sansh_known_hosts_remove(), but the new text is longer than the
/// old one: call it with no room first. Repeated, it takes as much room.
///
/// SANSH_E_SPACE (nothing was copied, `*len` says how much is needed), SANSH_E_RANDOM, SANSH_E_NULL.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_known_hosts_hash(
    text: *const u8,
    text_len: usize,
    edited: *mut u8,
    room: usize,
    len: *mut usize,
    changed: *mut usize,
) -> sansh_status {
    enter!(alone; bytes(text, text_len), room(edited, room, len), out_or_none(changed); {
        give(known_hosts::hash_names(text, &mut random(None)?), edited, len, changed)
    })
}

/// Whose certificates `host` at `port` may show, and which keys are revoked for it, by the text of a known_hosts file:
/// at `*authorities`. Free it with sansh_authorities_free(). An authority that is revoked is not among the trusted
/// ones. If it fails, `*authorities` is NULL.
///
/// SANSH_E_TEXT, SANSH_E_NULL, SANSH_E_MEMORY.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_authorities_of_host(
    text: *const u8,
    text_len: usize,
    host: *const c_char,
    port: u16,
    authorities: *mut *mut sansh_authorities,
) -> sansh_status {
    enter!(alone; out(authorities, NO_AUTHORITIES), bytes(text, text_len), text(host); {
        let known = KnownHosts::new(text);
        let judge = known.authorities(host, port);
        let (mut trusted, mut revoked) = (Keys::default(), Keys::default());
        for entry in known.entries_for(host, port) {
            match entry.marker() {
                Marker::CertAuthority if judge.trusts(entry.key()) => trusted.push(entry.key())?,
                Marker::Revoked => revoked.push(entry.key())?,
                _ => {}
            }
        }
        *authorities = entry::give(sansh_authorities { trusted, revoked, poison: Poison::default() })?;
        Ok(())
    })
}

/// The keys of a file with one a line, such as a server's `TrustedUserCAKeys` (sshd_config(5)), as trusted ones, at
/// `*authorities`. Lines that are not just a key count as absent: sansh_bad_line(). Free it with
/// sansh_authorities_free(). If it fails, `*authorities` is NULL.
///
/// SANSH_E_NULL, SANSH_E_MEMORY.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_authorities_of_users(
    text: *const u8,
    text_len: usize,
    authorities: *mut *mut sansh_authorities,
) -> sansh_status {
    enter!(alone; out(authorities, NO_AUTHORITIES), bytes(text, text_len); {
        let mut trusted = Keys::default();
        for line in TrustedKeys::new(text).keys() {
            trusted.push(line.key())?;
        }
        let revoked = Keys::default();
        *authorities = entry::give(sansh_authorities { trusted, revoked, poison: Poison::default() })?;
        Ok(())
    })
}

/// Frees the lists. NULL is allowed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_authorities_free(authorities: *mut sansh_authorities) {
    enter!(free authorities)
}

/// The keys that may sign certificates: an array of `*count` blobs, NULL if there is none, for the `authorities` of a
/// sansh_check. If there is none, no certificate is good, and a client need not ask for any. Lent until the lists are
/// freed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_authorities_trusted(
    authorities: *const sansh_authorities,
    count: *mut usize,
) -> *const sansh_bytes {
    enter!(look authorities; out(count, NOTHING); {
        *count = authorities.trusted.lent.len();
        Ok(authorities.trusted.first())
    } else |_code| core::ptr::null())
}

/// The keys that are revoked: an array of `*count` blobs, NULL if there is none, for the `revoked` of a sansh_check.
/// Lent until the lists are freed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_authorities_revoked(
    authorities: *const sansh_authorities,
    count: *mut usize,
) -> *const sansh_bytes {
    enter!(look authorities; out(count, NOTHING); {
        *count = authorities.revoked.lent.len();
        Ok(authorities.revoked.first())
    } else |_code| core::ptr::null())
}

/// Copies an edited text to where C wants it.
fn give(
    edited: Edited,
    room: &mut [core::mem::MaybeUninit<u8>],
    len: &mut usize,
    changed: Option<&mut usize>,
) -> Result<(), Code> {
    if let Some(place) = changed {
        *place = edited.changed;
    }
    entry::fill(room, len, &edited.text)
}

impl From<CannotWrite> for Code {
    fn from(error: CannotWrite) -> Self {
        match error {
            CannotWrite::Host => SANSH_E_TEXT,
            CannotWrite::Key(BadKeyLine::OutOfMemory) => SANSH_E_MEMORY,
            _ => SANSH_E_FILE_LINE,
        }
    }
}
