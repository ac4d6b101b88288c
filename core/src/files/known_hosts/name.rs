//! The name under which a host stands in the file, plain or hashed.

use crate::keys::OutOfMemory;
use crate::keys::encode;
use alloc::format;
use alloc::string::String;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// Length of SHA-1's output.
pub(super) const HASH_LEN: usize = 20;

/// Length of the salt of a hashed name, in bytes.
pub const SALT_LEN: usize = HASH_LEN;

/// HMAC-SHA1 of the name, keyed with the salt. It hides names from a casual reader, and protects nothing else.
pub(super) fn name_hash(salt: &[u8], name: &str) -> [u8; HASH_LEN] {
    // A key of any length is good for HMAC; the error cannot come.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(salt) else { return [0; HASH_LEN] };
    mac.update(name.as_bytes());
    mac.finalize().into_bytes().into()
}

/// `|1|salt|hash`.
pub(super) fn hashed(name: &str, salt: &[u8; SALT_LEN]) -> Result<String, OutOfMemory> {
    let mut hashed = String::from("|1|");
    encode::push_base64(&mut hashed, salt)?;
    hashed.push('|');
    encode::push_base64(&mut hashed, &name_hash(salt, name))?;
    Ok(hashed)
}

/// The name under which a host stands in the file: lower case, and `[host]:port` if the port is not 22.
pub(super) fn lookup_name(host: &str, port: u16) -> String {
    let host = host.to_ascii_lowercase();
    match port {
        0 | 22 => host,
        _ => format!("[{host}]:{port}"),
    }
}
