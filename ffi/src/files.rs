//! Lines that cannot be read, in all the files of lines.
//!
//! # Files of lines
//!
//! In the files that follow, a line that cannot be read is never guessed at: it counts as absent. Somebody should be
//! told, for it may have been meant to forbid something.

use crate::entry;
use crate::status::Code::*;
use crate::types::sansh_status;
use ssh::files::authorized_keys::AuthorizedKeys;
use ssh::files::known_hosts::KnownHosts;
use ssh::files::{AuthorizedPrincipals, BadLine, TrustedKeys};

/// The files of lines.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_file {
    /// known_hosts.
    SANSH_FILE_KNOWN_HOSTS = 0,
    /// authorized_keys.
    SANSH_FILE_AUTHORIZED_KEYS = 1,
    /// Keys, one a line: `TrustedUserCAKeys`.
    SANSH_FILE_KEYS = 2,
    /// Names, one a line: `AuthorizedPrincipalsFile`.
    SANSH_FILE_PRINCIPALS = 3,
}

const NO_LINE: usize = 0;

/// The first line behind line `behind` (0 for all) that cannot be read in the text of a `file` (SANSH_FILE_…): its
/// number, from 1, is at `*line`. What is wrong with it is copied to `why`, a room of `room` bytes, as a text for
/// people without a NUL behind it, and its length to `*len`; 200 bytes are enough. To find all of them, repeat the call
/// with `behind` at `*line`.
///
/// SANSH_E_NOT_FOUND (no further one), SANSH_E_SPACE (nothing was copied, `*len` says how much is needed),
/// SANSH_E_ARGUMENT (no such file), SANSH_E_NULL.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_bad_line(
    file: i32,
    text: *const u8,
    text_len: usize,
    behind: usize,
    line: *mut usize,
    why: *mut u8,
    room: usize,
    len: *mut usize,
) -> sansh_status {
    use sansh_file::*;
    enter!(alone; bytes(text, text_len), out(line, NO_LINE), room(why, room, len); {
        let behind = |bad: &BadLine| bad.line > behind;
        let bad = match file {
            n if n == SANSH_FILE_KNOWN_HOSTS as i32 => KnownHosts::new(text).malformed().find(behind),
            n if n == SANSH_FILE_AUTHORIZED_KEYS as i32 => AuthorizedKeys::new(text).malformed().find(behind),
            n if n == SANSH_FILE_KEYS as i32 => TrustedKeys::new(text).malformed().find(behind),
            n if n == SANSH_FILE_PRINCIPALS as i32 => AuthorizedPrincipals::new(text).malformed().find(behind),
            _ => return Err(SANSH_E_ARGUMENT),
        };
        let bad = bad.ok_or(SANSH_E_NOT_FOUND)?;
        *line = bad.line;
        entry::fill(why, len, bad.to_string().as_bytes())
    })
}
