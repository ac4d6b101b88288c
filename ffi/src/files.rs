//! The text files around SSH: pure functions over their text. Nothing here opens a file.

use crate::entry;
use crate::status::Code::*;
use crate::types::sansh_status;
use core::ffi::c_char;
use ssh::files::authorized_keys::AuthorizedKeys;
use ssh::files::known_hosts::{Known, KnownHosts};

/// Is a key in the text of an authorized_keys file (one line, or many)? SANSH_OK says yes, and at `*line` in which line,
/// from 1; `line` may be NULL.
///
/// Options in front of a key restrict it, so only lines count whose options the caller enforces: `enforced` names them,
/// comma-separated, in lower case; NULL is none. Their values: sansh_authorized_keys_option(). Lines that cannot be read
/// and lines of certificate authorities count as absent.
///
/// SANSH_E_NOT_FOUND, SANSH_E_RESTRICTED (the key stands there, but only with options that are not enforced: do not let
/// it in), SANSH_E_TEXT, SANSH_E_NULL.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_authorized_keys_find(
    text: *const u8,
    text_len: usize,
    blob: *const u8,
    blob_len: usize,
    enforced: *const c_char,
    line: *mut usize,
) -> sansh_status {
    enter!(alone; bytes(text, text_len), bytes(blob, blob_len), text_or_none(enforced), out_or_none(line); {
        let enforces = |name: &str| enforced.split(',').any(|one| one.trim() == name);
        let mut restricted = false;
        for entry in AuthorizedKeys::new(text).find_all(blob) {
            if entry.options().all(|option| enforces(&option.name)) {
                if let Some(place) = line {
                    *place = entry.line();
                }
                return Ok(());
            }
            restricted = true;
        }
        Err(if restricted { SANSH_E_RESTRICTED } else { SANSH_E_NOT_FOUND })
    })
}

/// Copies the value of option `name` (in lower case), the `index`-th of this name from 0, in line `line` of the text of an
/// authorized_keys file to `value`, a room of `room` bytes, and its length to `*len`. No NUL stands behind it. An option
/// without a value gives an empty one.
///
/// SANSH_E_NOT_FOUND (no such line, or no such option there), SANSH_E_SPACE (nothing was copied, `*len` says how much is
/// needed), SANSH_E_TEXT, SANSH_E_NULL.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_authorized_keys_option(
    text: *const u8,
    text_len: usize,
    line: usize,
    name: *const c_char,
    index: usize,
    value: *mut u8,
    room: usize,
    len: *mut usize,
) -> sansh_status {
    enter!(alone; bytes(text, text_len), text(name), room(value, room, len); {
        let entry = AuthorizedKeys::new(text).entries().find(|entry| entry.line() == line).ok_or(SANSH_E_NOT_FOUND)?;
        let option = entry.options().filter(|option| option.name == name).nth(index).ok_or(SANSH_E_NOT_FOUND)?;
        entry::fill(value, len, option.value.as_deref().unwrap_or_default().as_bytes())
    })
}

/// Is a key, as SANSH_EVENT_HOST_KEY brings it, the one that the text of a known_hosts file names for `host` at `port`?
/// SANSH_OK says yes, and nothing else does.
///
/// SANSH_E_HOST_UNKNOWN: nothing is known about the host; a person may be asked. SANSH_E_HOST_CHANGED: the host is known
/// with other keys; `*line` is the first line that says so, from 1 (`line` may be NULL); reject the key.
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
