//! Decisions taken off the front of a fuzzer's bytes. Where they end, everything is 0.

pub(super) struct Input<'a> {
    rest: &'a [u8],
}

impl<'a> Input<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Input { rest: bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        *first
    }

    /// At most `n` bytes.
    pub(super) fn take(&mut self, n: usize) -> &'a [u8] {
        let (head, rest) = self.rest.split_at(n.min(self.rest.len()));
        self.rest = rest;
        head
    }

    /// A length byte (255: two more follow), then so many bytes.
    pub(super) fn chunk(&mut self) -> &'a [u8] {
        let n = match self.byte() {
            255 => usize::from(u16::from_be_bytes([self.byte(), self.byte()])),
            n => usize::from(n),
        };
        self.take(n)
    }

    pub(super) fn rest(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.rest)
    }
}
