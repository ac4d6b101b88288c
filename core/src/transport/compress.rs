//! `zlib@openssh.com`: from the login on, the payloads of a direction are one zlib stream, flushed behind each (RFC 4253,
//! section 6.2; OpenSSH PROTOCOL, section 1.2).
//!
//! ```text
//!  application, layers --> scratch --deflate--> packet in the transmit buffer --> seal
//!  open --> packet in the receive buffer --inflate--> history | payload that is lent
//! ```
//!
//! One packet of scratch stands between on each side; without compression there is none. [`Deflate`] is called by the sending
//! half of [`Transport`], [`Inflate`] by [`Receive`]. What was agreed on stands in the [`Suite`](super::negotiate::Suite) of a
//! direction.
//!
//! [`Inflate`] allocates only what is asked for here, fallibly. What the encoder holds is allocated by `miniz_oxide` itself, in
//! five pieces of 256 KiB together: so it is asked first whether there is that much, but between the question and the answer
//! another may take it.

use super::{Opened, Receive, Transport, packet};
use crate::channel::DATA_HEADER;
use crate::connection::Limits;
use crate::connection::error::Error;
use crate::crypto::try_box;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;
use miniz_oxide::deflate::core::{
    CompressorOxide, TDEFLFlush, TDEFLStatus, compress, create_comp_flags_from_zip_params,
};
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};
use zeroize::Zeroize;

/// A stream that cannot be read, or says too much.
const BROKEN: Error = Error::Compression;

/// As `zlib` compresses by default.
const LEVEL: i32 = 6;

/// The window of 2^15 bytes; not negative, and so in the zlib format.
const ZLIB_BITS: i32 = 15;

/// How far back a stream may refer (RFC 1951, section 2).
const WINDOW: usize = 32 * 1024;

/// What the encoder allocates: Huffman tables, output, history, and two hash tables.
const PIECES: usize = 8 * 1024 + 85_196 + (WINDOW + 258) + 4 * WINDOW;

/// The most heap that both directions take.
pub(crate) fn bytes(limits: &Limits) -> usize {
    let inflate = size_of::<DecompressorOxide>().saturating_add(Inflate::capacity(Inflate::most(limits)));
    let deflate = PIECES.saturating_add(size_of::<CompressorOxide>()).saturating_add(Deflate::LONGEST);
    deflate.saturating_add(inflate)
}

/// The most bytes that a payload of `n` takes: stored blocks of up to 31 KiB, with five bytes around each; in front of the
/// first the two of the stream; behind the last the five of the flush, and the bits that fill a byte.
pub(super) fn packed(n: usize) -> usize {
    n.saturating_add(n / 128).saturating_add(64)
}

/// The longest payload of which [`packed`] is not above `room`.
pub(super) fn unpacked(room: usize) -> usize {
    let room = room.saturating_sub(64);
    room.saturating_sub(room / 128)
}

/// One direction's encoder.
pub(super) struct Deflate {
    stream: Box<[CompressorOxide; 1]>,
    /// The payload that is being written.
    scratch: Vec<u8>,
}

impl Deflate {
    /// The longest payload that is written: a full data packet.
    pub(super) const LONGEST: usize = 32_768 + DATA_HEADER;

    fn new() -> Result<Deflate, Error> {
        let scratch = super::kex::bytes(Self::LONGEST)?;
        let mut one = Vec::new();
        one.try_reserve_exact(1).map_err(|_| Error::OutOfMemory)?;
        let mut asked: Vec<u8> = Vec::new();
        asked.try_reserve_exact(PIECES).map_err(|_| Error::OutOfMemory)?;
        // A compiler may drop an allocation that nobody uses, and with it the question.
        drop(core::hint::black_box(asked));
        // Built in place: its 65 KiB never stand on the stack of an optimised build.
        one.resize_with(1, || CompressorOxide::new(create_comp_flags_from_zip_params(LEVEL, ZLIB_BITS, 0)));
        let stream = one.into_boxed_slice().try_into().map_err(|_| Error::OutOfMemory)?;
        Ok(Deflate { stream, scratch })
    }

    /// A new stream begins. What was said is forgotten.
    fn restart(&mut self) {
        let [stream] = &mut *self.stream;
        stream.reset();
        self.scratch.zeroize();
        self.scratch.resize(Self::LONGEST, 0);
    }

    /// Where a payload is written; empty beyond [`LONGEST`](Deflate::LONGEST).
    pub(super) fn scratch(&mut self, place: &Range<usize>) -> &mut [u8] {
        self.scratch.get_mut(place.clone()).unwrap_or_default()
    }

    /// Compresses the payload of `n` bytes to the front of `place`, which has room for [`packed`]. Says how long it is now.
    fn pack(&mut self, n: usize, place: &mut [u8]) -> Result<usize, Error> {
        let payload = self.scratch.get(..n).ok_or(Error::Bug)?;
        let [stream] = &mut *self.stream;
        // "is passed from one packet to the next, with only a partial flush being performed at the end of each packet"; "to
        // ensure that there are at least 8 bits" behind the end of the block (RFC 4253, section 6.2): the empty stored block
        // of this flush has 35 and more.
        let (status, read, written) = compress(stream, payload, place, TDEFLFlush::Sync);
        // A full place may have been too small: the rest would come with the next packet.
        let whole = status == TDEFLStatus::Okay && read == n && written < place.len();
        if whole { Ok(written) } else { Err(Error::Bug) }
    }
}

impl Drop for Deflate {
    fn drop(&mut self) {
        self.scratch.zeroize();
        // Its history is what was said: written over, and looked at, so that the writing stays.
        let [stream] = &mut *self.stream;
        stream.reset();
        core::hint::black_box(stream);
    }
}

/// One direction's decoder, and the payload that is lent.
///
/// ```text
/// |   ...   |  the last 32 KiB  |  payload  |   free   |       when the free end is too short, the last 32 KiB go to the
///                               start       end                front: once in 32 KiB, never while something is lent
/// ```
pub(super) struct Inflate {
    stream: Box<[DecompressorOxide; 1]>,
    bytes: Vec<u8>,
    end: usize,
    /// The longest payload.
    most: usize,
}

impl Inflate {
    const FLAGS: u32 = inflate_flags::TINFL_FLAG_PARSE_ZLIB_HEADER
        | inflate_flags::TINFL_FLAG_HAS_MORE_INPUT
        | inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF
        | inflate_flags::TINFL_FLAG_IGNORE_ADLER32;

    /// The longest payload that a packet may come to: 1,024 below the largest packet, but a full data packet at least.
    fn most(limits: &Limits) -> usize {
        let most = usize::try_from(limits.packet.saturating_sub(1024)).unwrap_or(usize::MAX);
        most.max(most.min(32_768).saturating_add(DATA_HEADER))
    }

    /// A byte more than is allowed, so that it shows.
    fn place(most: usize) -> usize {
        most.saturating_add(1)
    }

    fn capacity(most: usize) -> usize {
        Self::place(most).saturating_add(2 * WINDOW)
    }

    pub(super) fn new(most: usize) -> Result<Inflate, Error> {
        let bytes = super::kex::bytes(Self::capacity(most))?;
        Ok(Inflate { stream: try_box(DecompressorOxide::new())?, bytes, end: 0, most })
    }

    /// A new stream begins. What was said is forgotten.
    pub(super) fn restart(&mut self) {
        let [stream] = &mut *self.stream;
        stream.init();
        self.bytes.get_mut(..self.end).unwrap_or_default().zeroize();
        self.end = 0;
    }

    pub(super) fn slice(&self, range: &Range<usize>) -> &[u8] {
        self.bytes.get(range.clone()).unwrap_or_default()
    }

    /// Reads the next packet's part of the stream. Says where the payload lies.
    ///
    /// # Errors
    /// [`BROKEN`] if it is no zlib stream, ends, says nothing, or says more than a payload may have.
    pub(super) fn unpack(&mut self, packed: &[u8]) -> Result<Range<usize>, Error> {
        let room = Self::place(self.most);
        if self.bytes.len().saturating_sub(self.end) < room {
            self.bytes.copy_within(self.end.saturating_sub(WINDOW)..self.end, 0);
            self.end = WINDOW;
        }
        let start = self.end;
        let place = self.bytes.get_mut(..start.saturating_add(room)).ok_or(Error::Bug)?;
        let [stream] = &mut *self.stream;
        let (status, read, written) = decompress(stream, packed, place, start, Self::FLAGS);
        self.end = start.saturating_add(written);
        let all = status == TINFLStatus::NeedsMoreInput && read == packed.len();
        if all && (1..=self.most).contains(&written) { Ok(start..self.end) } else { Err(BROKEN) }
    }
}

impl Drop for Inflate {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

/// What is done with the payloads that come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Incoming {
    /// Nothing.
    #[default]
    Plain,
    /// A stream begins with the next.
    Fresh,
    /// They continue a stream.
    Stream,
}

impl Transport {
    /// Our direction begins anew: behind SUCCESS, and behind each NEWKEYS after it. "Compression MUST be independent for each
    /// direction, and implementations MUST allow independent choosing of the algorithm for each direction." "The compression
    /// context is initialized after each key exchange" (RFC 4253, section 6.2).
    pub(super) fn restart_deflate(&mut self) -> Result<(), Error> {
        let wanted = self.logged_in && self.suite_out.is_some_and(|suite| suite.zlib);
        match &mut self.deflate {
            Some(deflate) if wanted => deflate.restart(),
            None if wanted => self.deflate = Some(Deflate::new()?),
            _ => self.deflate = None,
        }
        Ok(())
    }

    /// The peer's direction begins anew, with the next packet that is opened.
    pub(super) fn restart_inflate(&mut self) {
        let wanted = self.logged_in && self.suite_in.is_some_and(|suite| suite.zlib);
        self.incoming = if wanted { Incoming::Fresh } else { Incoming::Plain };
    }

    /// A packet was opened just now: inflates its payload, if its direction is compressed.
    pub(super) fn inflate(&mut self, receive: &mut Receive, opened: Opened) -> Result<Opened, Error> {
        if self.incoming == Incoming::Plain {
            receive.end_stream();
            return Ok(opened);
        }
        let fresh = core::mem::replace(&mut self.incoming, Incoming::Stream) == Incoming::Fresh;
        let most = Inflate::most(&self.shared.settings().limits);
        receive.inflate(fresh, most)
    }

    /// Deflates the payload of `n` bytes into the packet at `start`, if our direction is compressed. Says how long it is there.
    pub(super) fn deflate(&mut self, start: usize, n: usize) -> Result<usize, Error> {
        let Some(deflate) = &mut self.deflate else { return Ok(n) };
        let start = start.saturating_add(packet::HEAD);
        deflate.pack(n, self.transmit.slice_mut(&(start..start.saturating_add(packed(n)))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;

    /// Bytes of chance; with `few` different ones.
    fn noise(seed: u32, n: usize, few: u32) -> Vec<u8> {
        let mut state = seed.wrapping_mul(2_654_435_761) | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            ((state >> 8) % few) as u8
        };
        (0..n).map(|_| next()).collect()
    }

    fn send(deflate: &mut Deflate, payload: &[u8]) -> Vec<u8> {
        deflate.scratch(&(0..payload.len())).copy_from_slice(payload);
        let mut packet = vec![0; packed(payload.len())];
        let n = deflate.pack(payload.len(), &mut packet).expect("room for the worst");
        packet.truncate(n);
        packet
    }

    /// Every size about the edges, of bytes that cannot be compressed, and some that can: what is promised of the worst case
    /// holds, and the payload comes out again.
    #[test]
    fn every_payload_fits_and_comes_out_again() {
        let mut deflate = Deflate::new().expect("memory");
        let mut inflate = Inflate::new(Deflate::LONGEST).expect("memory");
        let edges = [4096, 8192, 16_384, 31_743, 31_744, 31_745, 32_767, 32_768, Deflate::LONGEST];
        for (at, n) in (1..300).chain(edges).chain([1, 32_768, 13, 32_768, 32_781, 32_781]).enumerate() {
            for few in [256, 250, 64, 3, 1] {
                let payload = noise(at as u32 * 7 + few, n, few);
                let packet = send(&mut deflate, &payload);
                let range = inflate.unpack(&packet).expect("a stream");
                assert!(inflate.slice(&range) == payload, "{n} of {few}");
            }
        }
    }

    #[test]
    fn the_room_for_a_payload_and_the_payload_for_a_room() {
        for room in 64..40_000 {
            let n = unpacked(room);
            assert!(packed(n) <= room && packed(n + 6) > room, "{room}: {n}");
        }
        assert_eq!(unpacked(63), 0);
    }

    /// What was said a window ago is still referred to; a new stream knows nothing of the old one.
    #[test]
    fn history_lasts_a_window_and_ends_with_the_stream() {
        let mut deflate = Deflate::new().expect("memory");
        let mut inflate = Inflate::new(2000).expect("memory");
        let said = noise(1, 1500, 256);
        for round in 0..200 {
            let packet = send(&mut deflate, &said);
            assert!(round == 0 || packet.len() < 100, "it is known: {}", packet.len());
            let range = inflate.unpack(&packet).expect("a stream");
            assert!(inflate.slice(&range) == said, "round {round}");
        }
        deflate.restart();
        let packet = send(&mut deflate, &said);
        assert!(packet.len() >= said.len() && packet.starts_with(&[0x78]), "a new stream");
        inflate.restart();
        let range = inflate.unpack(&packet).expect("a stream");
        assert!(inflate.slice(&range) == said);
        // The old stream's middle means nothing to a new decoder, nor the new stream's beginning to an old one.
        let packet = send(&mut deflate, &said);
        inflate.restart();
        assert_eq!(inflate.unpack(&packet), Err(BROKEN));
        let mut other = Deflate::new().expect("memory");
        let mut inflate = Inflate::new(2000).expect("memory");
        inflate.unpack(&send(&mut other, &said)).expect("a stream");
        assert_eq!(inflate.unpack(&send(&mut Deflate::new().expect("memory"), &said)), Err(BROKEN));
    }

    /// One byte more than a payload may have is too much; so are a million.
    #[test]
    fn the_longest_payload_is_taken_and_no_longer_one() {
        for few in [256, 2, 1] {
            for (n, taken) in [(999, true), (1000, true), (1001, false), (1002, false), (32_768, false)] {
                let packet = send(&mut Deflate::new().expect("memory"), &noise(5, n, few));
                let mut inflate = Inflate::new(1000).expect("memory");
                let held = inflate.bytes.capacity();
                assert_eq!(inflate.unpack(&packet).is_ok(), taken, "{n} of {few}");
                assert_eq!(inflate.bytes.capacity(), held);
            }
        }
        let bomb = miniz_oxide::deflate::compress_to_vec_zlib(&vec![0; 1 << 20], 9);
        assert_eq!(Inflate::new(33_976).expect("memory").unpack(&bomb), Err(BROKEN));
    }

    /// Nothing said, an end of the stream, no stream at all, what refers to nothing.
    #[test]
    fn what_is_no_payload_is_refused() {
        let whole = miniz_oxide::deflate::compress_to_vec_zlib(&[5; 100], 6);
        // A match of three bytes, one byte back from the beginning.
        let beyond = [0x78, 0x9c, 2, 2, 0, 0, 0];
        for packet in
            [&b""[..], &[0x78], &[0x78, 0x9c], &whole, b"plain text", &[0x78, 0x9d, 3, 0], &[0x78, 0xbb, 0, 0], &beyond]
        {
            let mut inflate = Inflate::new(1000).expect("memory");
            assert_eq!(inflate.unpack(packet), Err(BROKEN), "{packet:?}");
        }
        // Any bytes whatever.
        for seed in 0..3000 {
            let mut packet = noise(seed, 1 + seed as usize % 700, 256);
            if seed % 2 == 0 {
                packet.splice(..0, [0x78, 0x9c]);
            }
            let mut inflate = Inflate::new(1000).expect("memory");
            if let Ok(range) = inflate.unpack(&packet) {
                assert!(range.end <= 1000 && !range.is_empty());
            }
        }
    }
}
