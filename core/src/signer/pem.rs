//! Text between `-----BEGIN …-----` and `-----END …-----` (RFC 7468), and the two headers that OpenSSL once put in front
//! of an encrypted key (RFC 1421, section 4.6.1).
//!
//! Every buffer is wiped: what stands between the markers is mostly a secret.

use super::{BadKeyFile, Zeroizing};
use crate::keys::{OutOfMemory, encode};
use crate::wire::{Sink, SliceSink};
use alloc::string::String;
use alloc::vec::Vec;
use base64ct::{Base64, Encoding};

/// What stands between the markers.
pub(super) struct Pem<'a> {
    /// The value of `DEK-Info`, if the content is encrypted in OpenSSL's old way.
    pub(super) dek_info: Option<&'a [u8]>,
    pub(super) bytes: Zeroizing<Vec<u8>>,
}

/// The words of the first marker, if the text begins with one.
pub(super) fn label(text: &[u8]) -> Option<&[u8]> {
    let first = text.split(|byte| *byte == b'\n').next()?;
    first.trim_ascii_end().strip_prefix(b"-----BEGIN ")?.strip_suffix(b"-----")
}

/// Reads a text that begins with a marker and ends with its fellow.
pub(super) fn parse(text: &[u8]) -> Result<Pem<'_>, BadKeyFile> {
    let label = label(text).ok_or(BadKeyFile::NotAKey)?;
    let (_, behind) = split_line(text);
    let body = behind.strip_suffix(b"-----").ok_or(BadKeyFile::Frame)?;
    let body = body.strip_suffix(label).and_then(|body| body.strip_suffix(b"-----END ")).ok_or(BadKeyFile::Frame)?;
    let (dek_info, body) = headers(body)?;
    // The end marker is a line of its own, and nothing but base64 stands before it.
    if !body.ends_with(b"\n") || body.contains(&b'-') {
        return Err(BadKeyFile::Frame);
    }
    Ok(Pem { dek_info, bytes: decode(body)? })
}

/// The headers end with an empty line.
fn headers(body: &[u8]) -> Result<(Option<&[u8]>, &[u8]), BadKeyFile> {
    if !split_line(body).0.contains(&b':') {
        return Ok((None, body));
    }
    let (mut dek_info, mut encrypted, mut rest) = (None, false, body);
    loop {
        let (line, behind) = split_line(rest);
        if behind.is_empty() {
            return Err(BadKeyFile::Frame);
        }
        rest = behind;
        if line.is_empty() {
            break;
        }
        encrypted |= line == b"Proc-Type: 4,ENCRYPTED";
        dek_info = dek_info.or(line.strip_prefix(b"DEK-Info: "));
    }
    if encrypted && dek_info.is_some() { Ok((dek_info, rest)) } else { Err(BadKeyFile::Damaged) }
}

/// A line without its end, and what follows it.
pub(super) fn split_line(text: &[u8]) -> (&[u8], &[u8]) {
    let mut halves = text.splitn(2, |byte| *byte == b'\n');
    let line = halves.next().unwrap_or_default();
    (line.strip_suffix(b"\r").unwrap_or(line), halves.next().unwrap_or_default())
}

/// The bytes that lines of base64 stand for.
pub(super) fn decode(lines: &[u8]) -> Result<Zeroizing<Vec<u8>>, BadKeyFile> {
    let mut encoded = Zeroizing::new(encode::zeros(lines.len())?);
    let mut sink = SliceSink::new(&mut encoded);
    for line in lines.split(|byte| *byte == b'\n') {
        sink.put(line.trim_ascii());
    }
    let length = sink.written().unwrap_or_default();
    encoded.truncate(length);
    let mut bytes = Zeroizing::new(encode::zeros(length)?);
    let decoded = Base64::decode(encoded.as_slice(), &mut bytes).map_err(|_| BadKeyFile::Base64)?.len();
    bytes.truncate(decoded);
    Ok(bytes)
}

/// `bytes` between markers, `width` characters a line, in one allocation.
pub(super) fn armour(label: &str, bytes: &[u8], width: usize) -> Result<Zeroizing<String>, OutOfMemory> {
    let begin = ["-----BEGIN ", label, "-----\n"];
    let end = ["-----END ", label, "-----\n"];
    let frame = begin.iter().chain(&end).fold(0, |sum: usize, part| sum.saturating_add(part.len()));
    let mut text = Zeroizing::new(String::new());
    text.try_reserve_exact(lines_len(bytes, width).saturating_add(frame)).map_err(|_| OutOfMemory)?;
    begin.iter().for_each(|part| text.push_str(part));
    push_lines(&mut text, bytes, width)?;
    end.iter().for_each(|part| text.push_str(part));
    Ok(text)
}

/// How many characters [`push_lines`] pushes.
pub(super) fn lines_len(bytes: &[u8], width: usize) -> usize {
    Base64::encoded_len(bytes).saturating_add(lines(bytes, width))
}

/// How many lines it pushes.
pub(super) fn lines(bytes: &[u8], width: usize) -> usize {
    Base64::encoded_len(bytes).div_ceil(width.max(1))
}

/// Puts lines of base64 behind a text that has the room.
pub(super) fn push_lines(text: &mut String, bytes: &[u8], width: usize) -> Result<(), OutOfMemory> {
    let mut encoded = Zeroizing::new(encode::zeros(Base64::encoded_len(bytes))?);
    let encoded = Base64::encode(bytes, &mut encoded).map_err(|_| OutOfMemory)?;
    for line in encoded.as_bytes().chunks(width.max(1)) {
        text.push_str(core::str::from_utf8(line).unwrap_or_default());
        text.push('\n');
    }
    Ok(())
}
