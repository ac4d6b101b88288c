//! Vectors that are measured, reserved and then filled, and base64 on top of them.
//!
//! A vector never grows while it is filled, so that a secret leaves no copy behind in freed memory, and an allocation
//! that fails is an error. `keys`, `signer`, `files` and logins are the callers.

use crate::wire::{Counter, Sink, SliceSink};
use alloc::string::String;
use alloc::vec::Vec;
use base64ct::{Base64, Encoding};
use core::fmt;

/// A fallible allocation failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfMemory;

impl fmt::Display for OutOfMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("out of memory")
    }
}

impl core::error::Error for OutOfMemory {}

/// Why base64 did not become bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadBase64 {
    /// A character, the padding or the last bits are wrong.
    Text,
    /// A fallible allocation failed.
    OutOfMemory,
}

/// `n` zeros.
pub(crate) fn zeros(n: usize) -> Result<Vec<u8>, OutOfMemory> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(n).map_err(|_| OutOfMemory)?;
    bytes.resize(n, 0);
    Ok(bytes)
}

/// What `write` writes. It runs twice, first to count, and must write the same both times.
pub(crate) fn written(write: impl Fn(&mut dyn Sink)) -> Result<Vec<u8>, OutOfMemory> {
    let mut counter = Counter::default();
    write(&mut counter);
    let mut bytes = zeros(counter.0)?;
    write(&mut SliceSink::new(&mut bytes));
    Ok(bytes)
}

/// The bytes that padded base64 stands for (RFC 4648, section 4). Only the one canonical text of a value is read.
pub(crate) fn from_base64(text: &str) -> Result<Vec<u8>, BadBase64> {
    let room = text.len().div_ceil(4).saturating_mul(3);
    let mut bytes = zeros(room).map_err(|OutOfMemory| BadBase64::OutOfMemory)?;
    let decoded = Base64::decode(text, &mut bytes).map_err(|_| BadBase64::Text)?.len();
    if decoded.div_ceil(3).saturating_mul(4) != text.len() {
        return Err(BadBase64::Text);
    }
    bytes.truncate(decoded);
    Ok(bytes)
}

/// Puts padded base64 of `bytes` behind `text`.
pub(crate) fn push_base64(text: &mut String, bytes: &[u8]) -> Result<(), OutOfMemory> {
    text.try_reserve_exact(bytes.len().div_ceil(3).saturating_mul(4)).map_err(|_| OutOfMemory)?;
    for chunk in bytes.chunks(48) {
        let mut buffer = [0; 64];
        text.push_str(Base64::encode(chunk, &mut buffer).unwrap_or_default());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_in_its_one_canonical_form() {
        for bytes in [&b""[..], b"f", b"fo", b"foo", b"foob", &[0xff; 100], &[7; 96]] {
            let mut text = String::new();
            push_base64(&mut text, bytes).unwrap();
            assert_eq!(from_base64(&text).unwrap(), bytes);
        }
        for bad in ["Zg", "Zg=", "Zh==", "Zg===", "Z===", "====", "=", "Zg==Zg==", "Zm9v\n", "Zm 9", "Zm9_", "é"] {
            assert_eq!(from_base64(bad), Err(BadBase64::Text), "{bad}");
        }
    }
}
