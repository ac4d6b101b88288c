//! The binary packet: lengths, padding and their rules (RFC 4253, section 6).
//!
//! ```text
//! | length 4 | padding length 1 | payload | padding 4..255 | tag |
//!            |<------------- length --------------------->|
//! ```

use crate::crypto::Alignment;

/// Bytes in front of the payload.
pub(crate) const HEAD: usize = 5;
/// The least padding: "There MUST be at least four bytes of padding" (RFC 4253, section 6).
const MIN_PADDING: usize = 4;
/// "The minimum size of a packet is 16 (or the cipher block size, whichever is larger) bytes (plus MAC)."
const MIN_PACKET: usize = 16;

/// The parts of a packet around a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Bytes of padding.
    pub(crate) padding: usize,
    /// The whole, tag included.
    pub(crate) total: usize,
}

/// Lays out a packet: the least padding that reaches the alignment.
pub(crate) fn layout(payload: usize, alignment: Alignment, tag: usize) -> Layout {
    let block = alignment.block.max(8);
    // "the length of the concatenation of 'packet_length', 'padding_length', 'payload', and 'random padding' MUST be a
    // multiple of the cipher block size or 8" (RFC 4253, section 6); where the length travels apart it does not count.
    let uncounted = if alignment.counts_length { 0 } else { 4 };
    let least = payload.saturating_add(HEAD).saturating_add(MIN_PADDING).saturating_sub(uncounted);
    let counted = least.max(MIN_PACKET.saturating_sub(uncounted)).next_multiple_of(block);
    let whole = counted.saturating_add(uncounted);
    Layout { padding: whole.saturating_sub(HEAD).saturating_sub(payload), total: whole.saturating_add(tag) }
}

/// The most bytes a packet is longer than its payload.
pub(crate) fn overhead(alignment: Alignment, tag: usize) -> usize {
    HEAD.saturating_add(MIN_PADDING)
        .saturating_add(alignment.block.max(8))
        .saturating_add(MIN_PACKET)
        .saturating_add(tag)
}

/// Checks a length field and gives the whole packet's size, tag included.
pub(crate) fn total(length: u32, alignment: Alignment, tag: usize, limit: usize) -> Option<usize> {
    let length = usize::try_from(length).ok()?;
    let whole = length.checked_add(4)?;
    let counted = if alignment.counts_length { whole } else { length };
    let total = whole.checked_add(tag)?;
    // "This constraint MUST be enforced, even when using stream ciphers" (RFC 4253, section 6).
    let aligned = counted.checked_rem(alignment.block.max(8)) == Some(0);
    let least = if alignment.counts_length { MIN_PACKET.max(alignment.block) } else { alignment.block.max(8) };
    (aligned && counted >= least && total <= limit).then_some(total)
}

/// Where the payload lies in a packet without its tag: checks the padding length. An empty payload is an error, since
/// every message has a number.
pub(crate) fn payload(packet: &[u8]) -> Option<core::ops::Range<usize>> {
    let padding = usize::from(*packet.get(4)?);
    let end = packet.len().checked_sub(padding)?;
    (padding >= MIN_PADDING && end > HEAD).then_some(HEAD..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layout_keeps_the_rules_and_is_read_back() {
        for alignment in [
            Alignment { block: 8, counts_length: true },
            Alignment { block: 16, counts_length: true },
            Alignment { block: 8, counts_length: false },
            Alignment { block: 16, counts_length: false },
        ] {
            for tag in [0, 16, 32] {
                for size in 1..600 {
                    let Layout { padding, total: whole } = layout(size, alignment, tag);
                    assert!((4..=255).contains(&padding), "{alignment:?} {size}: {padding}");
                    let length = u32::try_from(whole - tag - 4).expect("small");
                    assert_eq!(total(length, alignment, tag, 35_000), Some(whole), "{alignment:?} {size}");
                    assert!(whole <= size + overhead(alignment, tag));
                    let mut packet = std::vec![0; whole - tag];
                    packet[4] = u8::try_from(padding).expect("small");
                    assert_eq!(payload(&packet), Some(5..5 + size));
                }
            }
        }
    }

    /// RFC 4253, section 6: short, unaligned and endless lengths.
    #[test]
    fn bad_lengths_are_refused() {
        let plain = Alignment { block: 8, counts_length: true };
        for length in [0, 1, 2, 3, 4, 5, 7, 11, 13, 0x7fff_ffff, 0x8000_0000, u32::MAX - 3, u32::MAX] {
            assert_eq!(total(length, plain, 0, 35_000), None, "{length}");
        }
        let apart = Alignment { block: 16, counts_length: false };
        for length in 0..16 {
            assert_eq!(total(length, apart, 16, 35_000), None, "{length}");
        }
        assert_eq!(total(12, plain, 0, 35_000), Some(16));
    }
}
