//! A signature blob: `string algorithm, string signature` (RFC 4253, section 6.6).

use super::{OutOfMemory, encode};
use crate::wire::{Counter, Malformed, Reader, Sink, SliceSink, put_string};
use alloc::vec::Vec;

/// A signature and the name of the algorithm that made it. Answers to the connection's Sign events are such blobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignatureBlob<'a> {
    /// `ssh-ed25519`, `rsa-sha2-512`.
    pub algorithm: &'a str,
    /// What the algorithm made, in that algorithm's own form.
    pub signature: &'a [u8],
}

impl<'a> SignatureBlob<'a> {
    /// Reads a blob.
    ///
    /// # Errors
    /// [`Malformed`]: a field does not fit, bytes follow the signature, or the name is not US-ASCII.
    pub fn parse(blob: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(blob);
        let name = reader.string()?;
        let signature = reader.string()?;
        reader.end()?;
        let algorithm = core::str::from_utf8(name).ok().filter(|name| name.is_ascii()).ok_or(Malformed::Value)?;
        Ok(SignatureBlob { algorithm, signature })
    }

    /// The algorithm's name in front of any signature blob: those of security keys have fields behind the signature.
    ///
    /// # Errors
    /// As [`parse`](SignatureBlob::parse), of the name alone.
    pub fn named(blob: &'a [u8]) -> Result<&'a str, Malformed> {
        let name = Reader::new(blob).string()?;
        core::str::from_utf8(name).ok().filter(|name| name.is_ascii()).ok_or(Malformed::Value)
    }

    /// Length of the blob.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        let mut counter = Counter::default();
        self.write(&mut counter);
        counter.0
    }

    /// Writes the blob.
    pub fn write(&self, sink: &mut dyn Sink) {
        put_string(sink, self.algorithm.as_bytes());
        put_string(sink, self.signature);
    }

    /// Writes the blob to the front of `into` and returns its length, or `None` if it does not fit.
    #[must_use]
    pub fn write_to(&self, into: &mut [u8]) -> Option<usize> {
        let mut sink = SliceSink::new(into);
        self.write(&mut sink);
        sink.written()
    }

    /// The blob in a vector of its own.
    ///
    /// # Errors
    /// [`OutOfMemory`].
    pub fn to_vec(&self) -> Result<Vec<u8>, OutOfMemory> {
        encode::written(|sink| self.write(sink))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_written_and_read() {
        let signature = SignatureBlob { algorithm: "ssh-ed25519", signature: &[9; 64] };
        let blob = signature.to_vec().unwrap();
        assert_eq!(blob.len(), signature.encoded_len());
        assert_eq!(SignatureBlob::parse(&blob), Ok(signature));
        let mut room = [0; 83];
        assert_eq!(signature.write_to(&mut room), Some(83));
        assert_eq!(room, *blob);
        assert_eq!(signature.write_to(&mut room[..82]), None);
        for end in 0..blob.len() {
            assert_eq!(SignatureBlob::parse(&blob[..end]), Err(Malformed::Truncated));
        }
        assert_eq!(SignatureBlob::parse(&[&blob[..], b"x"].concat()), Err(Malformed::Trailing));
    }
}
