//! Putting values into a slice, a counter or a hash.

use alloc::vec::Vec;

use super::minimal_magnitude;
use core::fmt;

/// Where encoded bytes go.
pub trait Sink {
    /// Takes the next bytes.
    fn put(&mut self, bytes: &[u8]);
}

/// `string`: uint32 length and bytes.
pub fn put_string(sink: &mut dyn Sink, bytes: &[u8]) {
    sink.put(&length(bytes.len()));
    sink.put(bytes);
}

/// `mpint` of a positive integer given in big-endian bytes: minimal, with a zero in front if the top bit is set.
pub fn put_mpint(sink: &mut dyn Sink, magnitude: &[u8]) {
    // "The value zero MUST be stored as a string with zero bytes of data" (RFC 4251, section 5).
    let bytes = minimal_magnitude(magnitude);
    // "If the most significant bit would be set for a positive number, the number MUST be preceded by a zero byte" (RFC
    // 4251, section 5).
    let sign = usize::from(bytes.first().is_some_and(|b| *b >= 0x80));
    sink.put(&length(bytes.len().saturating_add(sign)));
    if sign == 1 {
        sink.put(&[0]);
    }
    sink.put(bytes);
}

/// A length as it stands on the wire. Nothing here is as long as 4 GiB; should it be, the sink is full long before.
fn length(n: usize) -> [u8; 4] {
    u32::try_from(n).unwrap_or(u32::MAX).to_be_bytes()
}

/// Writes into a slice that is already there.
pub struct SliceSink<'a> {
    into: &'a mut [u8],
    wanted: usize,
}

impl<'a> SliceSink<'a> {
    /// Starts at the front of `into`.
    pub fn new(into: &'a mut [u8]) -> Self {
        SliceSink { into, wanted: 0 }
    }

    /// How many bytes were written, or `None` if the slice was too short for them all.
    #[must_use]
    pub fn written(&self) -> Option<usize> {
        (self.wanted <= self.into.len()).then_some(self.wanted)
    }
}

impl Sink for SliceSink<'_> {
    fn put(&mut self, bytes: &[u8]) {
        let end = self.wanted.saturating_add(bytes.len());
        if let Some(place) = self.into.get_mut(self.wanted..end) {
            place.copy_from_slice(bytes);
        }
        self.wanted = end;
    }
}

impl fmt::Debug for SliceSink<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SliceSink({} of {})", self.wanted, self.into.len())
    }
}

/// Counts what would be written.
#[derive(Debug, Default, Clone, Copy)]
pub struct Counter(pub usize);

impl Sink for Counter {
    fn put(&mut self, bytes: &[u8]) {
        self.0 = self.0.saturating_add(bytes.len());
    }
}

/// Appends within a capacity that is there already: what does not fit is left out, and nothing is allocated.
pub(crate) struct Appending<'a>(pub(crate) &'a mut Vec<u8>);

impl Sink for Appending<'_> {
    fn put(&mut self, bytes: &[u8]) {
        if self.0.capacity().saturating_sub(self.0.len()) >= bytes.len() {
            self.0.extend_from_slice(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4251, section 5 gives these examples.
    /// "the number MUST be preceded by a zero byte" "Unnecessary leading bytes with the value 0 or 255 MUST NOT be
    /// included." "The value zero MUST be stored as a string with zero bytes of data." (RFC 4251, section 5)
    #[test]
    fn mpints_are_minimal() {
        let shows: [(&[u8], &[u8]); 5] = [
            (&[], &[0, 0, 0, 0]),
            (&[0, 0], &[0, 0, 0, 0]),
            (
                &[0x09, 0xa3, 0x78, 0xf9, 0xb2, 0xe3, 0x32, 0xa7],
                &[0, 0, 0, 8, 0x09, 0xa3, 0x78, 0xf9, 0xb2, 0xe3, 0x32, 0xa7],
            ),
            (&[0x80], &[0, 0, 0, 2, 0, 0x80]),
            (&[0, 0, 0x7f], &[0, 0, 0, 1, 0x7f]),
        ];
        for (magnitude, wire) in shows {
            let mut buffer = [0; 16];
            let mut sink = SliceSink::new(&mut buffer);
            put_mpint(&mut sink, magnitude);
            let n = sink.written().expect("room");
            assert_eq!(&buffer[..n], wire);
        }
    }

    #[test]
    fn a_slice_that_is_too_short_says_so_and_keeps_what_fits() {
        let mut buffer = [0; 6];
        let mut sink = SliceSink::new(&mut buffer);
        put_string(&mut sink, b"abc");
        assert_eq!(sink.written(), None);
    }
}
