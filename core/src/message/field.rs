//! The field types of messages: how each is read, written and shown.

use crate::wire::{Malformed, NameList, Reader, Sink, put_string};
use core::fmt;

/// How many bytes of a string the notation shows before it cuts.
const SHOWN: usize = 40;

/// One field of a message.
pub trait Field<'a>: Sized {
    /// Takes the field off the reader.
    ///
    /// # Errors
    /// [`Malformed`] if the bytes are not this field.
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed>;
    /// Appends the field.
    fn write(&self, sink: &mut dyn Sink);
    /// Whether the notation has anything to show of it.
    fn is_shown(&self) -> bool {
        true
    }
    /// Shows the field in the notation.
    ///
    /// # Errors
    /// Only those of `out`.
    fn show(&self, out: &mut dyn fmt::Write) -> fmt::Result;
}

impl<'a> Field<'a> for u8 {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        reader.byte()
    }
    fn write(&self, sink: &mut dyn Sink) {
        sink.put(&[*self]);
    }
    fn show(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "{self}")
    }
}

impl<'a> Field<'a> for bool {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        reader.boolean()
    }
    fn write(&self, sink: &mut dyn Sink) {
        // "applications MUST NOT store values other than 0 and 1" (RFC 4251, section 5).
        sink.put(&[u8::from(*self)]);
    }
    fn show(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str(if *self { "TRUE" } else { "FALSE" })
    }
}

impl<'a> Field<'a> for u32 {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        reader.uint32()
    }
    fn write(&self, sink: &mut dyn Sink) {
        sink.put(&self.to_be_bytes());
    }
    fn show(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "{self}")
    }
}

/// `string`: any bytes.
impl<'a> Field<'a> for &'a [u8] {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        reader.string()
    }
    fn write(&self, sink: &mut dyn Sink) {
        put_string(sink, self);
    }
    fn show(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        show_bytes(self, out)
    }
}

impl<'a> Field<'a> for NameList<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        reader.name_list()
    }
    fn write(&self, sink: &mut dyn Sink) {
        put_string(sink, self.as_str().as_bytes());
    }
    fn show(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "[{}]", self.as_str())
    }
}

/// A `string` that is a name or a text of the protocol: it must be UTF-8, which US-ASCII is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'a>(pub &'a str);

impl<'a> Field<'a> for Text<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        core::str::from_utf8(reader.string()?).map(Text).map_err(|_| Malformed::Value)
    }
    fn write(&self, sink: &mut dyn Sink) {
        put_string(sink, self.0.as_bytes());
    }
    fn show(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        show_bytes(self.0.as_bytes(), out)
    }
}

/// A `string` that never shows itself: a password.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Secret<'a>(pub &'a [u8]);

impl fmt::Debug for Secret<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"…\"")
    }
}

impl<'a> Field<'a> for Secret<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        reader.string().map(Secret)
    }
    fn write(&self, sink: &mut dyn Sink) {
        put_string(sink, self.0);
    }
    fn show(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str("\"…\"")
    }
}

/// Whatever follows, to the end of the payload: its format depends on a name before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Rest<'a>(pub &'a [u8]);

impl<'a> Field<'a> for Rest<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        Ok(Rest(reader.rest()))
    }
    fn write(&self, sink: &mut dyn Sink) {
        sink.put(self.0);
    }
    fn is_shown(&self) -> bool {
        !self.0.is_empty()
    }
    fn show(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        show_bytes(self.0, out)
    }
}

/// The 16 random bytes of a KEXINIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cookie(pub [u8; 16]);

impl<'a> Field<'a> for Cookie {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        reader.array::<16>().map(|bytes| Cookie(*bytes))
    }
    fn write(&self, sink: &mut dyn Sink) {
        sink.put(&self.0);
    }
    fn show(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str("cookie")
    }
}

/// Bytes as a quoted string: printable ones as they are, the rest as `\n`, `\r`, `\t` or `\xhh`, long ones cut.
pub(crate) fn show_bytes(bytes: &[u8], out: &mut dyn fmt::Write) -> fmt::Result {
    out.write_char('"')?;
    for byte in bytes.iter().take(SHOWN) {
        match byte {
            b'\n' => out.write_str("\\n")?,
            b'\r' => out.write_str("\\r")?,
            b'\t' => out.write_str("\\t")?,
            b'"' | b'\\' => write!(out, "\\{}", char::from(*byte))?,
            0x20..=0x7e => out.write_char(char::from(*byte))?,
            _ => write!(out, "\\x{byte:02x}")?,
        }
    }
    match bytes.len().checked_sub(SHOWN) {
        None | Some(0) => out.write_char('"'),
        Some(more) => write!(out, "…\" +{more}"),
    }
}
