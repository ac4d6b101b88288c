//! Terminal modes (RFC 4254, section 8): opcodes with one `uint32` argument each.

use crate::wire::{Counter, Sink, put_string};

/// What ends a list of modes.
const TTY_OP_END: u8 = 0;

/// The first opcode whose argument is not known to be a `uint32`: "Opcodes 160 to 255 are not yet defined, and cause parsing
/// to stop" (RFC 4254, section 8).
const UNDEFINED: u8 = 160;

/// The modes of a terminal: as they came, or as the application lists them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Modes<'a>(Form<'a>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form<'a> {
    Encoded(&'a [u8]),
    Listed(&'a [(u8, u32)]),
}

impl<'a> Modes<'a> {
    /// Erases one character: `VERASE`. The other opcodes stand in RFC 4254, section 8, and `IUTF8` (42) in RFC 8160.
    pub const VERASE: u8 = 3;
    /// The terminal takes UTF-8 (RFC 8160).
    pub const IUTF8: u8 = 42;
    /// Echo is on.
    pub const ECHO: u8 = 53;
    /// Input baud rate in bits per second.
    pub const TTY_OP_ISPEED: u8 = 128;
    /// Output baud rate in bits per second.
    pub const TTY_OP_OSPEED: u8 = 129;

    /// The modes in a list of opcodes (1 to 159) and arguments.
    #[must_use]
    pub fn of(list: &'a [(u8, u32)]) -> Self {
        Modes(Form::Listed(list))
    }

    /// The modes as they travel. Any bytes: what cannot be read ends the list.
    #[must_use]
    pub fn encoded(bytes: &'a [u8]) -> Self {
        Modes(Form::Encoded(bytes))
    }

    /// Opcodes and arguments, up to `TTY_OP_END`, the first opcode of 160 or more, or an argument that is cut short.
    pub fn iter(&self) -> impl Iterator<Item = (u8, u32)> + use<'a> {
        let (mut bytes, mut list) = match self.0 {
            Form::Encoded(bytes) => (bytes, [].iter()),
            Form::Listed(list) => (&[][..], list.iter()),
        };
        core::iter::from_fn(move || {
            if let Some(mode) = list.next() {
                return Some(*mode);
            }
            let ([opcode, a, b, c, d], rest) = bytes.split_first_chunk::<5>()?;
            bytes = rest;
            Some((*opcode, u32::from_be_bytes([*a, *b, *c, *d])))
        })
        .take_while(|(opcode, _)| (TTY_OP_END.saturating_add(1)..UNDEFINED).contains(opcode))
    }

    /// The argument of an opcode: of several, the last.
    #[must_use]
    pub fn argument(&self, opcode: u8) -> Option<u32> {
        self.iter().filter(|(at, _)| *at == opcode).last().map(|(_, argument)| argument)
    }

    pub(crate) fn write(&self, sink: &mut dyn Sink) {
        if let Form::Encoded(bytes) = self.0 {
            return put_string(sink, bytes);
        }
        let list = |sink: &mut dyn Sink| {
            for (opcode, argument) in self.iter() {
                sink.put(&[opcode]);
                sink.put(&argument.to_be_bytes());
            }
            sink.put(&[TTY_OP_END]);
        };
        let mut counter = Counter::default();
        list(&mut counter);
        sink.put(&u32::try_from(counter.0).unwrap_or(u32::MAX).to_be_bytes());
        list(sink);
    }
}

impl core::fmt::Debug for Modes<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn encode(modes: Modes<'_>) -> Vec<u8> {
        let mut bytes = [0; 64];
        let mut sink = crate::wire::SliceSink::new(&mut bytes);
        modes.write(&mut sink);
        let length = sink.written().unwrap();
        bytes[..length].to_vec()
    }

    #[test]
    fn what_is_written_is_read() {
        let list = [(Modes::VERASE, 127), (Modes::TTY_OP_OSPEED, 38400)];
        let bytes = encode(Modes::of(&list));
        assert_eq!(bytes, b"\0\0\0\x0b\x03\0\0\0\x7f\x81\0\0\x96\0\0");
        let modes = Modes::encoded(&bytes[4..]);
        assert!(modes.iter().eq(list));
        assert_eq!((modes.argument(Modes::VERASE), modes.argument(Modes::ECHO)), (Some(127), None));
        assert_eq!(encode(modes), bytes);
    }

    #[test]
    fn reading_stops_where_it_must() {
        for (bytes, read) in [
            (&b""[..], 0),
            (b"\0", 0),
            (b"\x35\0\0\0\x01", 1),
            (b"\x35\0\0\0", 0),
            (b"\x35\0\0\0\x01\xa0\0\0\0\x01\x35\0\0\0\x01", 1),
            (b"\xff\0\0\0\x01\x35\0\0\0\x01", 0),
            (b"\x9f\0\0\0\x01\0\x35\0\0\0\x01", 1),
        ] {
            assert_eq!(Modes::encoded(bytes).iter().count(), read, "{bytes:?}");
        }
    }
}
