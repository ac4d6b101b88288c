//! Messages out of a stream of bytes: `uint32 length, byte type, contents` (section 3).
//!
//! One message is held at a time. It grows with the bytes that come, never by the length that was sent.

use super::MAX_MESSAGE;
use super::buffer::Wiped;
use core::fmt;

/// Takes bytes in any pieces and lends whole messages, type first.
///
/// ```
/// use sansh::signer::agent::Frames;
///
/// let mut frames = Frames::new();
/// let mut input: &[u8] = b"\0\0\0\x01\x06\0\0";
/// assert_eq!(frames.next(&mut input), Ok(Some(&[6][..])));
/// assert_eq!(frames.next(&mut input), Ok(None)); // all taken; the rest of the length is yet to come
/// ```
#[derive(Debug)]
pub struct Frames {
    head: Head,
    body: Wiped,
    wrong: Option<BadFrame>,
}

/// The length field.
#[derive(Debug)]
enum Head {
    /// So many of its bytes are here.
    Partial([u8; 4], usize),
    /// It says this.
    Length(usize),
}

/// Why a stream cannot be read on: close it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadFrame {
    /// A message of length 0 has no type.
    Empty,
    /// A message is longer than [`MAX_MESSAGE`].
    TooLong,
    /// A fallible allocation failed.
    OutOfMemory,
}

impl fmt::Display for BadFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BadFrame::Empty => "an agent message of length 0",
            BadFrame::TooLong => "an agent message longer than 256 KiB",
            BadFrame::OutOfMemory => "out of memory",
        })
    }
}

impl core::error::Error for BadFrame {}

impl Default for Frames {
    fn default() -> Self {
        Self::new()
    }
}

impl Frames {
    /// At the beginning of a stream.
    #[must_use]
    pub fn new() -> Self {
        Frames { head: Head::Partial([0; 4], 0), body: Wiped::new(), wrong: None }
    }

    /// Takes bytes from the front of `input` until a message is whole, and lends it. `None` once all of `input` is taken.
    /// The message before is wiped.
    ///
    /// # Errors
    /// [`BadFrame`], from then on at each call.
    #[allow(clippy::should_implement_trait, reason = "it takes an input and lends")]
    pub fn next(&mut self, input: &mut &[u8]) -> Result<Option<&[u8]>, BadFrame> {
        Ok(self.fill(input)?.then_some(self.body.as_slice()))
    }

    /// As [`next`](Frames::next), with the message left for [`message`](Frames::message).
    pub(super) fn fill(&mut self, input: &mut &[u8]) -> Result<bool, BadFrame> {
        if let Some(wrong) = self.wrong {
            return Err(wrong);
        }
        let result = self.take(input);
        self.wrong = result.err();
        result
    }

    /// The message that is whole.
    pub(super) fn message(&self) -> &[u8] {
        self.body.as_slice()
    }

    fn take(&mut self, input: &mut &[u8]) -> Result<bool, BadFrame> {
        if self.is_whole() {
            self.head = Head::Partial([0; 4], 0);
            self.body.clear();
        }
        loop {
            match &mut self.head {
                Head::Partial(bytes, have) => {
                    let Some(place) = bytes.get_mut(*have) else {
                        self.head = Head::Length(checked_length(*bytes)?);
                        continue;
                    };
                    let Some((first, rest)) = input.split_first() else { return Ok(false) };
                    *place = *first;
                    *have = have.saturating_add(1);
                    *input = rest;
                }
                Head::Length(length) => {
                    let missing = length.saturating_sub(self.body.len());
                    let (bytes, rest) = input.split_at_checked(missing).unwrap_or((input, &[]));
                    self.body.push(bytes).map_err(|_| BadFrame::OutOfMemory)?;
                    *input = rest;
                    return Ok(self.is_whole());
                }
            }
        }
    }

    fn is_whole(&self) -> bool {
        matches!(self.head, Head::Length(length) if length == self.body.len())
    }
}

fn checked_length(bytes: [u8; 4]) -> Result<usize, BadFrame> {
    match usize::try_from(u32::from_be_bytes(bytes)) {
        Ok(0) => Err(BadFrame::Empty),
        Ok(length) if length <= MAX_MESSAGE => Ok(length),
        _ => Err(BadFrame::TooLong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn any_split_gives_the_same_messages() {
        let stream = b"\0\0\0\x01\x05\0\0\0\x03abc\0\0\0\x02de";
        for size in 1..=stream.len() {
            let mut frames = Frames::new();
            let mut seen: Vec<Vec<u8>> = Vec::new();
            for mut piece in stream.chunks(size) {
                while let Some(message) = frames.next(&mut piece).unwrap() {
                    seen.push(message.to_vec());
                }
                assert!(piece.is_empty());
            }
            assert_eq!(seen, [&b"\x05"[..], b"abc", b"de"]);
        }
    }

    /// agent/3/1, CVE-2026-46673, RUSTSEC-2026-0153, RUSTSEC-2026-0154: no length makes it allocate, and 0 is refused.
    #[test]
    fn a_length_is_bounded_before_anything_is_allocated() {
        for (length, error) in [
            (0, BadFrame::Empty),
            (MAX_MESSAGE as u32 + 1, BadFrame::TooLong),
            (1 << 31, BadFrame::TooLong),
            (u32::MAX, BadFrame::TooLong),
        ] {
            let mut frames = Frames::new();
            let bytes = length.to_be_bytes();
            assert_eq!(frames.next(&mut &bytes[..]), Err(error));
            assert_eq!(frames.next(&mut &b"\0\0\0\x01\x05"[..]), Err(error), "there is no way back");
        }
        let mut frames = Frames::new();
        assert_eq!(frames.next(&mut &(MAX_MESSAGE as u32).to_be_bytes()[..]), Ok(None));
        assert_eq!(frames.next(&mut &b"abc"[..]), Ok(None));
        assert_eq!(frames.message(), b"abc");
        let rest = alloc::vec![7; MAX_MESSAGE];
        let mut input = &rest[..];
        assert_eq!(frames.next(&mut input).unwrap().map(<[u8]>::len), Some(MAX_MESSAGE));
        assert_eq!(input.len(), 3);
    }
}
