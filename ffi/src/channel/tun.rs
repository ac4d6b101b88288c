//! The frames of a tunnel.
//!
//! # Channels: tunnels
//!
//! One packet of data on a SANSH_OPEN_TUN channel is one frame: a head and an IP packet or Ethernet frame, never merged with
//! another and never split. To send one: sansh_send_buf_for() with SANSH_TUN_HEAD bytes more than the packet has,
//! sansh_tun_head(), the packet behind it, sansh_send().

use crate::status::{Code, Code::*};
use crate::types::{sansh_bytes, sansh_status};
use ssh::channel::tun::{Frame, INET, INET6, Layer};

/// What is tunnelled.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_tun_layer {
    /// IP packets.
    SANSH_TUN_LAYER_3 = 1,
    /// Ethernet frames.
    SANSH_TUN_LAYER_2 = 2,
}

/// An interface whose number is not said.
pub const SANSH_TUN_ANY: u32 = 0x7fff_ffff;
/// The most bytes that stand in front of a packet.
pub const SANSH_TUN_HEAD: usize = 8;
/// Address family, as it travels: IPv4.
pub const SANSH_TUN_INET: u32 = 2;
/// Address family, as it travels: IPv6.
pub const SANSH_TUN_INET6: u32 = 24;
const _: () = assert!(SANSH_TUN_INET == INET && SANSH_TUN_INET6 == INET6);

const NO_BYTES: sansh_bytes = sansh_bytes::NONE;

/// Writes what stands in front of a packet of `packet_len` bytes to the front of `space`, a room of `space_len` bytes, and at
/// `*head` how many bytes that is: the packet goes behind it, and `*head + packet_len` to sansh_send(). `layer` is
/// SANSH_TUN_LAYER_…; `family` (SANSH_TUN_INET, SANSH_TUN_INET6) counts at layer 3 alone.
///
/// SANSH_E_SPACE (no room for both: nothing was written, `*head` is 0), SANSH_E_ARGUMENT (no such layer), SANSH_E_RANGE,
/// SANSH_E_NULL.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_tun_head(
    layer: i32,
    family: u32,
    packet_len: usize,
    space: *mut u8,
    space_len: usize,
    head: *mut usize,
) -> sansh_status {
    enter!(alone; room(space, space_len, head); {
        let mut bytes = [0; SANSH_TUN_HEAD];
        let layer = self::layer(layer)?;
        let length = layer.header_len();
        if length.checked_add(packet_len).is_none_or(|whole| whole > space.len() || u32::try_from(whole).is_err()) {
            return Err(SANSH_E_SPACE);
        }
        let whole = u32::try_from(length + packet_len - 4).map_err(|_| SANSH_E_SPACE)?;
        bytes[..4].copy_from_slice(&whole.to_be_bytes());
        bytes[4..].copy_from_slice(&family.to_be_bytes());
        crate::entry::fill(space, head, &bytes[..length])
    })
}

/// Reads one frame, the bytes of one SANSH_EVENT_DATA: at `*packet` the packet, which points into them, and at `*family` the
/// address family as it travels (0 at layer 2; `family` may be NULL).
///
/// SANSH_E_FRAME (its length is not that of the bytes, or it is cut short: drop it), SANSH_E_ARGUMENT (no such layer),
/// SANSH_E_NULL: `*packet` is empty then.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_tun_read(
    layer: i32,
    data: *const u8,
    data_len: usize,
    family: *mut u32,
    packet: *mut sansh_bytes,
) -> sansh_status {
    enter!(alone; out(packet, NO_BYTES), out_or_none(family), bytes(data, data_len); {
        let frame = Frame::parse(self::layer(layer)?, data).map_err(|_| SANSH_E_FRAME)?;
        *packet = frame.packet.into();
        if let Some(place) = family {
            *place = frame.family.unwrap_or(0);
        }
        Ok(())
    })
}

pub(super) fn layer(number: i32) -> Result<Layer, Code> {
    match number {
        n if n == sansh_tun_layer::SANSH_TUN_LAYER_3 as i32 => Ok(Layer::Three),
        n if n == sansh_tun_layer::SANSH_TUN_LAYER_2 as i32 => Ok(Layer::Two),
        _ => Err(SANSH_E_ARGUMENT),
    }
}
