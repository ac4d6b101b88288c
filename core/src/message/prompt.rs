//! Questions and answers of `keyboard-interactive` (RFC 4256, sections 3.2 and 3.4): lists of which nothing is believed but
//! the bytes that are there.

use super::Field;
use super::field::show_bytes;
use crate::wire::{Malformed, Reader, Sink, put_string};
use core::fmt;

/// One question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prompt<'a> {
    /// Text for people. A server's is untrusted.
    pub text: &'a [u8],
    /// Whether the answer may be seen while it is typed.
    pub echo: bool,
}

/// Questions: as they came, or as the application lists them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Prompts<'a>(Form<'a>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form<'a> {
    Encoded { count: u32, bytes: &'a [u8] },
    Listed(&'a [Prompt<'a>]),
}

impl<'a> Prompts<'a> {
    /// These questions.
    #[must_use]
    pub fn of(list: &'a [Prompt<'a>]) -> Self {
        Prompts(Form::Listed(list))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self.0 {
            Form::Encoded { count, .. } => usize::try_from(count).unwrap_or(usize::MAX),
            Form::Listed(list) => list.len(),
        }
    }

    /// "The num-prompts field may be 0" (RFC 4256, section 3.2): then an empty answer is due all the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The questions.
    pub fn iter(&self) -> impl Iterator<Item = Prompt<'a>> + use<'a> {
        let (mut reader, mut listed) = match self.0 {
            Form::Encoded { bytes, .. } => (Reader::new(bytes), [].iter()),
            Form::Listed(list) => (Reader::new(&[]), list.iter()),
        };
        core::iter::from_fn(move || listed.next().copied().or_else(|| read_prompt(&mut reader).ok()))
    }
}

fn read_prompt<'a>(reader: &mut Reader<'a>) -> Result<Prompt<'a>, Malformed> {
    Ok(Prompt { text: reader.string()?, echo: reader.boolean()? })
}

impl fmt::Debug for Prompts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a> Field<'a> for Prompts<'a> {
    /// The count promises nothing: it has to be that of the prompts which are there (CVE-2026-48107).
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let count = reader.uint32()?;
        let bytes = reader.rest();
        let mut prompts = Reader::new(bytes);
        let mut left = count;
        while !prompts.is_empty() {
            read_prompt(&mut prompts)?;
            left = left.checked_sub(1).ok_or(Malformed::Trailing)?;
        }
        if left == 0 { Ok(Prompts(Form::Encoded { count, bytes })) } else { Err(Malformed::Truncated) }
    }

    fn write(&self, sink: &mut dyn Sink) {
        u32::try_from(self.len()).unwrap_or(u32::MAX).write(sink);
        for prompt in self.iter() {
            put_string(sink, prompt.text);
            prompt.echo.write(sink);
        }
    }

    fn show(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "{}", self.len())?;
        self.iter().try_for_each(|prompt| {
            out.write_str(", ")?;
            show_bytes(prompt.text, out)?;
            write!(out, ", {}", if prompt.echo { "TRUE" } else { "FALSE" })
        })
    }
}

/// Answers, one for each question. They never show themselves: passwords are among them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Responses<'a> {
    count: u32,
    bytes: &'a [u8],
}

impl<'a> Responses<'a> {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        usize::try_from(self.count).unwrap_or(usize::MAX)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The answers.
    pub fn iter(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut reader = Reader::new(self.bytes);
        core::iter::from_fn(move || reader.string().ok())
    }
}

impl fmt::Debug for Responses<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} × \"…\"", self.count)
    }
}

impl<'a> Field<'a> for Responses<'a> {
    /// The count promises nothing here either (CVE-2002-0639, CVE-2026-42189).
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let count = reader.uint32()?;
        let bytes = reader.rest();
        let mut responses = Reader::new(bytes);
        let mut left = count;
        while !responses.is_empty() {
            responses.string()?;
            left = left.checked_sub(1).ok_or(Malformed::Trailing)?;
        }
        if left == 0 { Ok(Responses { count, bytes }) } else { Err(Malformed::Truncated) }
    }

    fn write(&self, sink: &mut dyn Sink) {
        self.count.write(sink);
        sink.put(self.bytes);
    }

    fn show(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "{}", self.count)?;
        self.iter().try_for_each(|_| out.write_str(", \"…\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;
    use std::string::String;
    use std::vec::Vec;

    fn bytes(field: &dyn Fn(&mut dyn Sink)) -> Vec<u8> {
        let mut room = [0; 256];
        let mut sink = crate::wire::SliceSink::new(&mut room);
        field(&mut sink);
        let length = sink.written().unwrap();
        room[..length].to_vec()
    }

    #[test]
    fn questions_are_written_and_read() {
        let list = [Prompt { text: b"Password: ", echo: false }, Prompt { text: b"", echo: true }];
        let encoded = bytes(&|sink| Prompts::of(&list).write(sink));
        let read = Prompts::read(&mut Reader::new(&encoded)).unwrap();
        assert!(read.iter().eq(list) && read.len() == 2);
        let mut shown = String::new();
        read.show(&mut shown).unwrap();
        assert_eq!(shown, "2, \"Password: \", FALSE, \"\", TRUE");
        for end in 0..encoded.len() {
            assert!(Prompts::read(&mut Reader::new(&encoded[..end])).is_err(), "cut at {end}");
        }
    }

    /// CVE-2002-0639, CVE-2002-0640, CVE-2026-42189, CVE-2026-48107: a count is believed only if its items are there.
    #[test]
    fn counts_promise_nothing() {
        for count in [0_u32, 2, 3, 0x4000_0000, 0x8000_0000, u32::MAX] {
            let prompts = [&count.to_be_bytes()[..], b"\0\0\0\x01a\0"].concat();
            assert!(Prompts::read(&mut Reader::new(&prompts)).is_err(), "{count}");
            let responses = [&count.to_be_bytes()[..], b"\0\0\0\x01a"].concat();
            assert!(Responses::read(&mut Reader::new(&responses)).is_err(), "{count}");
        }
    }

    #[test]
    fn answers_never_show_themselves() {
        let encoded = b"\0\0\0\x02\0\0\0\x06secret\0\0\0\0";
        let read = Responses::read(&mut Reader::new(encoded)).unwrap();
        assert!(read.iter().eq([&b"secret"[..], b""]));
        let mut shown = format!("{read:?} ");
        read.show(&mut shown).unwrap();
        assert!(!shown.contains("secret"), "{shown}");
        assert_eq!(bytes(&|sink| read.write(sink)), encoded);
    }
}
