//! Public keys and certificates.
//!
//! # Public keys
//!
//! What may be shown to anybody: fingerprints, key lines, and the fields of certificates. A blob is a public key as it
//! travels (RFC 4253, section 6.6). Nothing here trusts: whether a certificate is good for a decision, the checks of
//! the section on certificates say.

use crate::entry;
use crate::status::{Code, Code::*};
use crate::types::{sansh_bytes, sansh_status};
use core::ffi::c_char;
use ssh::keys::{Certificate, CertificateOption, PlainKey, PublicKey, PublicKeyLine};
use std::io::Write as _;

/// Room that is enough for the text of sansh_fingerprint(), with its NUL.
pub const SANSH_FINGERPRINT_ROOM: usize = 64;
/// Room that is enough for the key of sansh_certificate_key().
pub const SANSH_CERTIFICATE_KEY_ROOM: usize = 2112;
const _: () = assert!(SANSH_CERTIFICATE_KEY_ROOM >= PlainKey::MAX);

/// What a certificate says. Whoever sent it may have written it: nothing of this is checked. All that it points to is
/// the blob that was looked at, and lives as long.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sansh_certificate {
    /// SANSH_CERTIFICATE_USER or SANSH_CERTIFICATE_HOST.
    pub kind: i32,
    /// How many names it speaks for: sansh_certificate_principal().
    pub principals: u32,
    /// A number that its authority gave it.
    pub serial: u64,
    /// From when it is valid, in seconds since 1970.
    pub valid_after: u64,
    /// From when it is not valid any more; UINT64_MAX is never.
    pub valid_before: u64,
    /// `ssh-ed25519-cert-v01@openssh.com`.
    pub type_name: sansh_bytes,
    /// A name that its authority gave it, for logs.
    pub key_id: sansh_bytes,
    /// The public key of the authority that signed it.
    pub authority: sansh_bytes,
    /// 0. Later versions may use it.
    pub reserved: [u64; 8],
}

const NOTHING: sansh_certificate = sansh_certificate {
    kind: 0,
    principals: 0,
    serial: 0,
    valid_after: 0,
    valid_before: 0,
    type_name: sansh_bytes::NONE,
    key_id: sansh_bytes::NONE,
    authority: sansh_bytes::NONE,
    reserved: [0; 8],
};
const NONE: sansh_bytes = sansh_bytes::NONE;

/// Copies the fingerprint of a public key to `text`, a room of `room` bytes: `SHA256:…` with a NUL behind it, as
/// `ssh-keygen -l` shows it. SANSH_FINGERPRINT_ROOM is enough.
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

/// Copies the line of a public key, `type base64 comment` as it stands in a `.pub` file, without a newline or NUL
/// behind it, to `text`, a room of `room` bytes, and its length to `*len`. `comment` may be NULL.
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
/// Lines of certificates (`…-cert.pub`) are read as well.
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

/// The type of a public key or certificate, as its blob names it: `ssh-ed25519`. Lent as long as the blob lives. `len`
/// is 0 if the blob has no type name.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_public_type(blob: *const u8, blob_len: usize) -> sansh_bytes {
    enter!(alone; bytes(blob, blob_len); {
        Ok(PublicKey::new(blob).key_type().into())
    } else |_code| sansh_bytes::NONE)
}

/// Looks at a certificate: `*out` says what is in it. If it fails, `*out` is all 0.
///
/// SANSH_E_CERT_TYPE (not a certificate: most keys are none), SANSH_E_CERT_TOO_LONG, SANSH_E_CERT_FORM, SANSH_E_NULL.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_certificate_look(
    blob: *const u8,
    blob_len: usize,
    out: *mut sansh_certificate,
) -> sansh_status {
    enter!(alone; out(out, NOTHING), bytes(blob, blob_len); {
        let certificate = certificate(blob)?;
        *out = sansh_certificate {
            kind: certificate.kind() as i32,
            principals: u32::try_from(certificate.principals().count()).map_err(|_| SANSH_E_CERT_FORM)?,
            serial: certificate.serial(),
            valid_after: certificate.valid_after().0,
            valid_before: certificate.valid_before().0,
            type_name: certificate.key_type().into(),
            key_id: certificate.key_id().into(),
            authority: certificate.authority().blob().into(),
            ..NOTHING
        };
        Ok(())
    })
}

/// The name number `index`, from 0, that a certificate speaks for: a user's name, or of a host's certificate a name, an
/// address or a pattern. It may hold any bytes but NUL. Lent as long as the blob lives. `len` is 0 behind the last one.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_certificate_principal(blob: *const u8, blob_len: usize, index: usize) -> sansh_bytes {
    enter!(alone; bytes(blob, blob_len); {
        certificate(blob)?.principals().nth(index).map(Into::into).ok_or(SANSH_E_NOT_FOUND)
    } else |_code| sansh_bytes::NONE)
}

/// The option number `index`, from 0, of a certificate: its name at `*name` and its value, in the option's own format,
/// at `*value`. The critical ones (`force-command`, `source-address`) come first; `*critical` says whether this is one.
/// The others are extensions (`permit-pty`). Lent as long as the blob lives.
///
/// SANSH_E_NOT_FOUND (behind the last one), SANSH_E_CERT_TYPE, SANSH_E_CERT_TOO_LONG, SANSH_E_CERT_FORM, SANSH_E_NULL.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_certificate_option(
    blob: *const u8,
    blob_len: usize,
    index: usize,
    name: *mut sansh_bytes,
    value: *mut sansh_bytes,
    critical: *mut i32,
) -> sansh_status {
    const NO: i32 = 0;
    enter!(alone; out(name, NONE), out(value, NONE), out(critical, NO), bytes(blob, blob_len); {
        let certificate = certificate(blob)?;
        let critical_ones = certificate.critical_options().map(|option| (option, 1));
        let mut all = critical_ones.chain(certificate.extensions().map(|option| (option, 0)));
        let (CertificateOption { name: its_name, value: its_value }, is_critical) =
            all.nth(index).ok_or(SANSH_E_NOT_FOUND)?;
        (*name, *value, *critical) = (its_name.into(), its_value.into(), is_critical);
        Ok(())
    })
}

/// Copies the plain public key of a certificate to `key`, a room of `room` bytes, and its length to `*len`.
/// SANSH_CERTIFICATE_KEY_ROOM is enough.
///
/// SANSH_E_SPACE (nothing was copied, `*len` says how much is needed), SANSH_E_CERT_TYPE, SANSH_E_CERT_TOO_LONG,
/// SANSH_E_CERT_FORM, SANSH_E_NULL.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_certificate_key(
    blob: *const u8,
    blob_len: usize,
    key: *mut u8,
    room: usize,
    len: *mut usize,
) -> sansh_status {
    enter!(alone; bytes(blob, blob_len), room(key, room, len); {
        entry::fill(key, len, certificate(blob)?.plain_key().blob())
    })
}

fn certificate(blob: &[u8]) -> Result<Certificate<'_>, Code> {
    Certificate::parse(blob).map_err(Code::from)
}
