//! Key files: text in, keys out, and back.
//!
//! # Key files
//!
//! All formats that people have are read: OpenSSH's, PKCS#8, PKCS#1 and SEC1 as OpenSSL writes them, PuTTY's PPK 2 and
//! 3, encrypted or not. Read a file with sansh_key_read(); if it says SANSH_E_FILE_ENCRYPTED, ask for the passphrase
//! and call sansh_key_read_encrypted(). Nothing here opens a file. A file is no longer than 64 KiB. What turning its
//! passphrase into a key may cost is bounded to about ten seconds and 256 MiB, whatever the file asks for:
//! SANSH_E_FILE_COST.

use crate::entry;
use crate::key::{given, random, sansh_key};
use crate::status::{Code, Code::*};
use crate::types::sansh_status;
use ssh::signer::{FileFormat, MAX_EFFORT, PrivateKey, Protection, WriteError};

/// Formats of key files that are written.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_key_format {
    /// OpenSSH's (openssh-key-v1): keys of all types. Encrypted with AES-256.
    SANSH_KEY_FORMAT_OPENSSH = 0,
    /// PKCS#8 (RFC 5958), as OpenSSL writes it: Ed25519, ECDSA and RSA. Encrypted with AES-256.
    SANSH_KEY_FORMAT_PKCS8 = 1,
    /// PKCS#1 (RFC 8017): RSA, never encrypted.
    SANSH_KEY_FORMAT_PKCS1 = 2,
    /// SEC1 (RFC 5915): ECDSA, never encrypted.
    SANSH_KEY_FORMAT_SEC1 = 3,
    /// PuTTY's PPK 2, for PuTTY before 0.75: Ed25519, ECDSA and RSA. Never encrypted here, where its key derivation is
    /// none.
    SANSH_KEY_FORMAT_PUTTY2 = 4,
    /// PuTTY's PPK 3: Ed25519, ECDSA and RSA. Encrypted with Argon2id and AES-256.
    SANSH_KEY_FORMAT_PUTTY3 = 5,
}

/// The largest effort of a passphrase.
pub const SANSH_KEY_EFFORT_MAX: u32 = 1024;
const _: () = assert!(SANSH_KEY_EFFORT_MAX == MAX_EFFORT);
/// The effort that 0 stands for.
const USUAL_EFFORT: u32 = 24;

const NO_KEY: *mut sansh_key = core::ptr::null_mut();

/// Reads the text of a private key file of any format that needs no passphrase, and gives the key at `*key`. Free it
/// with sansh_key_free(). The text is not kept: wipe your copy. If it fails, `*key` is NULL.
///
/// SANSH_E_FILE_ENCRYPTED (call sansh_key_read_encrypted()), any other SANSH_E_FILE_… (sansh_status_text() says what to
/// do about it), SANSH_E_NULL, SANSH_E_MEMORY.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_key_read(text: *const u8, text_len: usize, key: *mut *mut sansh_key) -> sansh_status {
    enter!(alone; out(key, NO_KEY), bytes(text, text_len); {
        *key = given(PrivateKey::read(text, None)?)?;
        Ok(())
    })
}

/// As sansh_key_read(), with a passphrase, which a file that is not encrypted does not need and which is then not
/// looked at. It may take seconds: the file says how long. Neither the text nor the passphrase is kept: wipe both.
///
/// SANSH_E_FILE_WRONG_PASSPHRASE (or the file is damaged, which cannot be told from it: ask again), SANSH_E_FILE_COST,
/// SANSH_E_FILE_UNSUPPORTED (the format is right, but its cipher or key derivation is none that is known), any other
/// SANSH_E_FILE_…, SANSH_E_NULL, SANSH_E_MEMORY.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_key_read_encrypted(
    text: *const u8,
    text_len: usize,
    passphrase: *const u8,
    passphrase_len: usize,
    key: *mut *mut sansh_key,
) -> sansh_status {
    enter!(alone; out(key, NO_KEY), bytes(text, text_len), bytes(passphrase, passphrase_len); {
        *key = given(PrivateKey::read(text, Some(passphrase))?)?;
        Ok(())
    })
}

/// Copies the text of a private key file in OpenSSH's format, without a passphrase and without a NUL behind it, to
/// `text`, a room of `room` bytes, and its length to `*len`. A certificate is no part of it: it goes into a file of its
/// own. Store the text so that nobody else can read it (mode 0600), and wipe the room.
///
/// SANSH_E_SPACE (nothing was copied, `*len` says how much is needed), SANSH_E_RANDOM, SANSH_E_NULL, SANSH_E_MEMORY,
/// SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_key_write(
    key: *const sansh_key,
    text: *mut u8,
    room: usize,
    len: *mut usize,
) -> sansh_status {
    enter!(look key; room(text, room, len); {
        let file = key.inner.write(FileFormat::OpenSsh, Protection::Plain, &mut random(None)?)?;
        entry::fill(text, len, file.as_bytes())
    })
}

/// As sansh_key_write(), in `format` (SANSH_KEY_FORMAT_…) and encrypted with a passphrase; one of length 0 is none.
/// `effort` says how hard each guess is, from 1 to SANSH_KEY_EFFORT_MAX: the rounds of `ssh-keygen -a`; 0 is the usual
/// effort, a tenth of a second. Each call with a passphrase takes that time, so give it room enough at once: 16 KiB.
///
/// SANSH_E_FILE_KEY_TYPE (the format has no place for keys of this type: take OpenSSH's), SANSH_E_FILE_PASSPHRASE (the
/// format is not encrypted here, or the effort is out of range), SANSH_E_ARGUMENT (no such format), SANSH_E_SPACE
/// (nothing was copied, `*len` says how much is needed), SANSH_E_RANDOM, SANSH_E_NULL, SANSH_E_MEMORY,
/// SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_key_write_as(
    key: *const sansh_key,
    format: i32,
    passphrase: *const u8,
    passphrase_len: usize,
    effort: u32,
    text: *mut u8,
    room: usize,
    len: *mut usize,
) -> sansh_status {
    enter!(look key; bytes(passphrase, passphrase_len), room(text, room, len); {
        let format = file_format(format).ok_or(SANSH_E_ARGUMENT)?;
        let effort = if effort == 0 { USUAL_EFFORT } else { effort };
        let protection = match passphrase {
            [] => Protection::Plain,
            _ => Protection::Passphrase { passphrase, effort },
        };
        let file = key.inner.write(format, protection, &mut random(None)?)?;
        entry::fill(text, len, file.as_bytes())
    })
}

fn file_format(format: i32) -> Option<FileFormat> {
    use sansh_key_format::*;
    match format {
        n if n == SANSH_KEY_FORMAT_OPENSSH as i32 => Some(FileFormat::OpenSsh),
        n if n == SANSH_KEY_FORMAT_PKCS8 as i32 => Some(FileFormat::Pkcs8),
        n if n == SANSH_KEY_FORMAT_PKCS1 as i32 => Some(FileFormat::Pkcs1),
        n if n == SANSH_KEY_FORMAT_SEC1 as i32 => Some(FileFormat::Sec1),
        n if n == SANSH_KEY_FORMAT_PUTTY2 as i32 => Some(FileFormat::Putty2),
        n if n == SANSH_KEY_FORMAT_PUTTY3 as i32 => Some(FileFormat::Putty3),
        _ => None,
    }
}

impl From<WriteError> for Code {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::KeyType => SANSH_E_FILE_KEY_TYPE,
            WriteError::Passphrase => SANSH_E_FILE_PASSPHRASE,
            WriteError::OutOfMemory => SANSH_E_MEMORY,
            _ => SANSH_E_OTHER,
        }
    }
}
