//! The data of a `tun@openssh.com` channel (OpenSSH PROTOCOL, section 2.3): datagrams.
//!
//! One CHANNEL_DATA is one frame: a `uint32` length, at layer 3 a `uint32` address family, and the packet. A frame is never
//! merged with another and never split: one [`Data`](crate::event::channel::Event::Data) event brings one, and
//! [`writer_for`](crate::Connection::writer_for) makes room for a whole one. What an address family is called in the
//! caller's system is the caller's to convert.

use crate::wire::{Malformed, Reader};

/// What is tunnelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Layer {
    /// `SSH_TUNMODE_POINTOPOINT`: IP packets.
    Three = 1,
    /// `SSH_TUNMODE_ETHERNET`: Ethernet frames.
    Two = 2,
}

/// `SSH_TUN_AF_INET`: IPv4.
pub const INET: u32 = 2;
/// `SSH_TUN_AF_INET6`: IPv6.
pub const INET6: u32 = 24;

/// One frame of a tunnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// At layer 3 the address family as it travels ([`INET`], [`INET6`]).
    pub family: Option<u32>,
    /// The packet or the Ethernet frame.
    pub packet: &'a [u8],
}

impl Layer {
    pub(crate) fn of(number: u32) -> Option<Layer> {
        [Layer::Three, Layer::Two].into_iter().find(|layer| *layer as u32 == number)
    }

    /// How many bytes stand in front of a packet.
    #[must_use]
    pub fn header_len(self) -> usize {
        if self == Layer::Three { 8 } else { 4 }
    }
}

impl<'a> Frame<'a> {
    /// Reads the bytes of one `Data` event.
    ///
    /// # Errors
    /// [`Malformed`] if the length is not that of the rest, or the address family is cut short.
    pub fn parse(layer: Layer, data: &'a [u8]) -> Result<Self, Malformed> {
        let mut outer = Reader::new(data);
        let mut inner = Reader::new(outer.string()?);
        outer.end()?;
        let family = if layer == Layer::Three { Some(inner.uint32()?) } else { None };
        Ok(Frame { family, packet: inner.rest() })
    }

    /// Writes what stands in front of a packet of `length` bytes to the front of `space`, and returns how many bytes that
    /// is: the packet goes behind it. `None` if `space` is too short for both. `family` counts at layer 3 alone.
    #[must_use]
    pub fn head(layer: Layer, family: u32, length: usize, space: &mut [u8]) -> Option<usize> {
        let head = layer.header_len();
        let whole = head.checked_add(length)?;
        if space.len() < whole {
            return None;
        }
        let counted = u32::try_from(whole.checked_sub(4)?).ok()?;
        let (first, rest) = space.split_first_chunk_mut::<4>()?;
        *first = counted.to_be_bytes();
        if layer == Layer::Three {
            *rest.first_chunk_mut::<4>()? = family.to_be_bytes();
        }
        Some(head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_written_and_read_at_both_layers() {
        for (layer, bytes, family) in
            [(Layer::Three, &b"\0\0\0\x07\0\0\0\x18abc"[..], Some(INET6)), (Layer::Two, b"\0\0\0\x03abc", None)]
        {
            let mut space = [0; 16];
            let head = Frame::head(layer, INET6, 3, &mut space).unwrap();
            assert_eq!(head, layer.header_len());
            space[head..head + 3].copy_from_slice(b"abc");
            assert_eq!(&space[..head + 3], bytes);
            assert_eq!(Frame::parse(layer, bytes), Ok(Frame { family, packet: b"abc" }));
            assert_eq!(Frame::head(layer, INET6, 3, &mut space[..head + 2]), None);
            for end in 0..bytes.len() {
                assert!(Frame::parse(layer, &bytes[..end]).is_err(), "cut at {end}");
            }
        }
        assert!(Frame::parse(Layer::Two, b"\0\0\0\x01ab").is_err(), "two frames in one");
        assert!(Frame::parse(Layer::Three, b"\0\0\0\x03abc").is_err(), "no address family");
    }
}
