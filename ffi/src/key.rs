//! Keys: for programs that just have a key file. A connection never holds a private key; it asks for signatures.

use crate::entry::{self, Handle, Poison};
use crate::status::Code::*;
use crate::types::{sansh_bytes, sansh_status};
use core::ffi::c_char;
use ssh::crypto::{Random, Seed};
use ssh::keys::{PublicKey, PublicKeyLine};
use ssh::signer::PrivateKey;
use std::io::Write as _;

/// A private key in memory, wiped when it is freed. Nothing changes it: any number of threads may use it at once.
pub struct sansh_key {
    inner: PrivateKey,
    poison: Poison,
}

impl Handle for sansh_key {
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

impl core::fmt::Debug for sansh_key {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("sansh_key")
    }
}

/// Room that is enough for a signature of sansh_key_sign().
pub const SANSH_SIGNATURE_ROOM: usize = 2112;
/// Room that is enough for the text of sansh_fingerprint(), with its NUL.
pub const SANSH_FINGERPRINT_ROOM: usize = 64;

const NO_KEY: *mut sansh_key = core::ptr::null_mut();

/// Reads the text of a private key file in OpenSSH's format (openssh-key-v1) without a passphrase, and gives the key at
/// `*key`. Free it with sansh_key_free(). The text is not kept: wipe your copy. If it fails, `*key` is NULL.
///
/// SANSH_E_FILE_… (sansh_status_text() says what to do about it), SANSH_E_NULL, SANSH_E_MEMORY.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_key_read(text: *const u8, text_len: usize, key: *mut *mut sansh_key) -> sansh_status {
    enter!(alone; out(key, NO_KEY), bytes(text, text_len); {
        let inner = PrivateKey::from_openssh(text)?;
        *key = entry::give(sansh_key { inner, poison: Poison::default() })?;
        Ok(())
    })
}

/// Makes a new ed25519 key, at `*key`. Free it with sansh_key_free(). `seed` is SANSH_SEED_LEN secret bytes; NULL takes
/// them from the operating system. If it fails, `*key` is NULL.
///
/// SANSH_E_RANDOM, SANSH_E_NULL, SANSH_E_MEMORY.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_key_generate(seed: *const u8, key: *mut *mut sansh_key) -> sansh_status {
    enter!(alone; out(key, NO_KEY), seed(seed); {
        let seed = match seed {
            Some(seed) => Seed::new(*seed),
            None => Seed::os().map_err(|_| SANSH_E_RANDOM)?,
        };
        let inner = PrivateKey::generate_ed25519(&mut Random::new(&seed))?;
        *key = entry::give(sansh_key { inner, poison: Poison::default() })?;
        Ok(())
    })
}

/// Wipes and frees a key. NULL is allowed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_key_free(key: *mut sansh_key) {
    enter!(free key)
}

/// The public half, as it travels (RFC 4253, section 6.6). Lent until the key is freed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_key_public_blob(key: *const sansh_key) -> sansh_bytes {
    enter!(look key;; { Ok(key.inner.public_blob().into()) } else |_code| sansh_bytes::NONE)
}

/// The best signature algorithm of this key: `ssh-ed25519`. NUL-terminated, lives for ever. NULL for NULL.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_key_algorithm(key: *const sansh_key) -> *const c_char {
    enter!(look key;; {
        match key.inner.algorithms().first().copied() {
            Some(ssh::keys::ED25519) => Ok(c"ssh-ed25519".as_ptr()),
            _ => Err(SANSH_E_OTHER),
        }
    } else |_code| core::ptr::null())
}

/// Signs a message, as SANSH_EVENT_SIGN asks for it: copies the blob of RFC 4253, section 6.6 to `signature`, a room of
/// `room` bytes, and its length to `*len`. SANSH_SIGNATURE_ROOM is enough.
///
/// SANSH_E_ALGORITHM (the key makes no signatures of this algorithm), SANSH_E_SPACE (nothing was copied, `*len` says how
/// much is needed), SANSH_E_TEXT, SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_key_sign(
    key: *const sansh_key,
    algorithm: *const u8,
    algorithm_len: usize,
    message: *const u8,
    message_len: usize,
    signature: *mut u8,
    room: usize,
    len: *mut usize,
) -> sansh_status {
    enter!(look key; bytes(algorithm, algorithm_len), bytes(message, message_len), room(signature, room, len); {
        let algorithm = core::str::from_utf8(algorithm).map_err(|_| SANSH_E_TEXT)?;
        let blob = key.inner.sign(algorithm, message)?;
        entry::fill(signature, len, &blob)
    })
}

/// Copies the text of a private key file in OpenSSH's format, without a passphrase and without a NUL behind it, to
/// `text`, a room of `room` bytes, and its length to `*len`. Store it so that nobody else can read it (mode 0600), and
/// wipe the room.
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
        let seed = Seed::os().map_err(|_| SANSH_E_RANDOM)?;
        let file = key.inner.to_openssh(&mut Random::new(&seed))?;
        entry::fill(text, len, file.as_bytes())
    })
}

/// Copies the fingerprint of a public key, as it travels, to `text`, a room of `room` bytes: `SHA256:…` with a NUL behind
/// it, as `ssh-keygen -l` shows it. SANSH_FINGERPRINT_ROOM is enough.
///
/// SANSH_E_SPACE (nothing was copied), SANSH_E_NULL.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_fingerprint(
    blob: *const u8,
    blob_len: usize,
    text: *mut c_char,
    room: usize,
) -> sansh_status {
    let (text, mut len): (*mut u8, _) = (text.cast(), 0_usize);
    let len = &raw mut len;
    enter!(alone; bytes(blob, blob_len), room(text, room, len); {
        let mut line = [0; SANSH_FINGERPRINT_ROOM];
        let mut rest = &mut line[..];
        write!(rest, "{}\0", PublicKey::new(blob).fingerprint()).map_err(|_| SANSH_E_SPACE)?;
        let written = SANSH_FINGERPRINT_ROOM - rest.len();
        entry::fill(text, len, &line[..written])
    })
}

/// Copies the line of a public key, `type base64 comment` as it stands in a `.pub` file, without a newline or NUL behind
/// it, to `text`, a room of `room` bytes, and its length to `*len`. `comment` may be NULL.
///
/// SANSH_E_SPACE (nothing was copied, `*len` says how much is needed), SANSH_E_TEXT (the comment is not UTF-8 or has a
/// control character), SANSH_E_FILE_LINE (the blob has no type name), SANSH_E_NULL, SANSH_E_MEMORY.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_public_line(
    blob: *const u8,
    blob_len: usize,
    comment: *const c_char,
    text: *mut u8,
    room: usize,
    len: *mut usize,
) -> sansh_status {
    enter!(alone; bytes(blob, blob_len), text_or_none(comment), room(text, room, len); {
        entry::fill(text, len, PublicKey::new(blob).line(comment)?.as_bytes())
    })
}

/// Reads such a line, and copies the key, as it travels, to `blob`, a room of `room` bytes, and its length to `*len`.
///
/// SANSH_E_SPACE (nothing was copied, `*len` says how much is needed), SANSH_E_FILE_LINE, SANSH_E_TEXT, SANSH_E_NULL,
/// SANSH_E_MEMORY.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_public_blob(
    line: *const u8,
    line_len: usize,
    blob: *mut u8,
    room: usize,
    len: *mut usize,
) -> sansh_status {
    enter!(alone; bytes(line, line_len), room(blob, room, len); {
        let line = core::str::from_utf8(line).map_err(|_| SANSH_E_TEXT)?;
        entry::fill(blob, len, PublicKeyLine::parse(line)?.key().blob())
    })
}
