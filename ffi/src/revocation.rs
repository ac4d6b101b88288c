//! What is revoked: OpenSSH's revocation lists, and files of keys.
//!
//! # Revocation
//!
//! A server's `RevokedKeys` and a client's `RevokedHostKeys` name a file of either kind: a key revocation list (KRL, as
//! `ssh-keygen -k` makes it), or public keys, one a line. Ask it about each key and each certificate that would be
//! accepted. A file that is not understood to its last byte is an error and lets nobody in, for whoever revoked a key
//! must not be ignored.

use crate::status::{Code, Code::*};
use crate::types::{sansh_bytes, sansh_status};
use ssh::files::krl::{BadRevocations, Krl, RevokedKeys};
use ssh::keys::PublicKey;

const NONE: sansh_bytes = sansh_bytes::NONE;
const ZERO: u64 = 0;

/// Is a key or certificate revoked by the bytes of such a file? SANSH_OK says no, and nothing else does. A certificate
/// is revoked with its own key, with its authority's, by its serial number and by its key id. Takes time in proportion
/// to the file.
///
/// SANSH_E_REVOKED: reject it. SANSH_E_FILE_REVOCATIONS (the file is damaged, or of a newer kind): reject it, and mend
/// the file. SANSH_E_NULL.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_revoked_check(
    file: *const u8,
    file_len: usize,
    blob: *const u8,
    blob_len: usize,
) -> sansh_status {
    enter!(alone; bytes(file, file_len), bytes(blob, blob_len); {
        match RevokedKeys::parse(file)?.revokes_key(PublicKey::new(blob)) {
            false => Ok(()),
            true => Err(SANSH_E_REVOKED),
        }
    })
}

/// What a key revocation list says of itself: at `*version` the number that its maker counts up, at `*generated` when
/// it was made, in seconds since 1970, and at `*comment` words of its maker, lent as long as the file's bytes live.
///
/// SANSH_E_FILE_REVOCATIONS (it is no list, or none that is understood), SANSH_E_NULL.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_revoked_look(
    file: *const u8,
    file_len: usize,
    version: *mut u64,
    generated: *mut u64,
    comment: *mut sansh_bytes,
) -> sansh_status {
    enter!(alone; out(version, ZERO), out(generated, ZERO), out(comment, NONE), bytes(file, file_len); {
        let list = Krl::parse(file)?;
        (*version, *generated, *comment) = (list.version(), list.generated().0, list.comment().into());
        Ok(())
    })
}

impl From<BadRevocations> for Code {
    fn from(_: BadRevocations) -> Self {
        SANSH_E_FILE_REVOCATIONS
    }
}
