//! Taking values off the front of a byte slice.

use super::NameList;
use core::fmt;

/// Why bytes could not be read as the value that was due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Malformed {
    /// A field ends behind the last byte: a length is larger than what is left.
    Truncated,
    /// Bytes stand behind the last field of a message whose format is closed.
    Trailing,
    /// A name-list has an empty name, a NUL, a blank or a byte outside US-ASCII (RFC 4251, sections 5 and 6).
    NameList,
    /// The message number is not the one of this message.
    Number,
    /// A value is outside what its format allows.
    Value,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Malformed::Truncated => "a field ends behind the last byte",
            Malformed::Trailing => "bytes follow the last field",
            Malformed::NameList => "a name-list holds an empty or unprintable name",
            Malformed::Number => "the message number is another message's",
            Malformed::Value => "a value is outside its format",
        })
    }
}

/// A cursor over bytes that somebody else sent.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads from the first of `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { rest: bytes }
    }

    /// Takes `n` bytes. `n` may come from the wire: nothing but the bytes present can be taken.
    ///
    /// # Errors
    /// [`Malformed::Truncated`] if fewer are left.
    pub fn take(&mut self, n: usize) -> Result<&'a [u8], Malformed> {
        let (head, rest) = self.rest.split_at_checked(n).ok_or(Malformed::Truncated)?;
        self.rest = rest;
        Ok(head)
    }

    /// Takes a fixed number of bytes.
    ///
    /// # Errors
    /// [`Malformed::Truncated`] if fewer are left.
    pub fn array<const N: usize>(&mut self) -> Result<&'a [u8; N], Malformed> {
        let (head, rest) = self.rest.split_first_chunk::<N>().ok_or(Malformed::Truncated)?;
        self.rest = rest;
        Ok(head)
    }

    /// `byte`.
    ///
    /// # Errors
    /// [`Malformed::Truncated`] at the end.
    pub fn byte(&mut self) -> Result<u8, Malformed> {
        self.array::<1>().map(|[byte]| *byte)
    }

    /// `boolean`: "All non-zero values MUST be interpreted as TRUE" (RFC 4251, section 5).
    ///
    /// # Errors
    /// [`Malformed::Truncated`] at the end.
    pub fn boolean(&mut self) -> Result<bool, Malformed> {
        self.byte().map(|byte| byte != 0)
    }

    /// `uint32`, big-endian.
    ///
    /// # Errors
    /// [`Malformed::Truncated`] at the end.
    pub fn uint32(&mut self) -> Result<u32, Malformed> {
        self.array::<4>().map(|bytes| u32::from_be_bytes(*bytes))
    }

    /// `uint64`, big-endian.
    ///
    /// # Errors
    /// [`Malformed::Truncated`] at the end.
    pub fn uint64(&mut self) -> Result<u64, Malformed> {
        self.array::<8>().map(|bytes| u64::from_be_bytes(*bytes))
    }

    /// `string`: the bytes behind a uint32 length.
    ///
    /// # Errors
    /// [`Malformed::Truncated`] if the length is larger than what is left.
    pub fn string(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.uint32()?;
        self.take(usize::try_from(length).map_err(|_| Malformed::Truncated)?)
    }

    /// `name-list`: a string of comma-separated names.
    ///
    /// # Errors
    /// [`Malformed::Truncated`], or [`Malformed::NameList`] for a list that RFC 4251, section 5 forbids.
    pub fn name_list(&mut self) -> Result<NameList<'a>, Malformed> {
        NameList::parse(self.string()?)
    }

    /// Everything that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.rest)
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// How many bytes are left.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Says that the format ends here.
    ///
    /// # Errors
    /// [`Malformed::Trailing`] if bytes are left.
    pub fn end(&self) -> Result<(), Malformed> {
        if self.rest.is_empty() { Ok(()) } else { Err(Malformed::Trailing) }
    }
}
