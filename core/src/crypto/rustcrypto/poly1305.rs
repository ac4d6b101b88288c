//! Poly1305 (RFC 8439, section 2.5) of one message, without padding.
//!
//! The vector backend of the crate `poly1305` spends about as long on its first block as scalar code on 8 KiB. Most
//! packets are smaller, so they go through the scalar code here; the others go to the crate. 32-bit machines, which
//! have no wide multiplication, always do.
//!
//! The scalar code holds numbers modulo p = 2^130 - 5 in limbs of 44, 44 and 42 bits. What does not fit into the top
//! limb comes back at the bottom five times, since 2^130 = 5 (mod p). Nothing in it depends on secrets but the values.

use poly1305::Poly1305;
use poly1305::universal_hash::KeyInit;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Messages at least this long go to the crate.
const CROSSOVER: usize = if cfg!(not(target_pointer_width = "64")) {
    0
} else if cfg!(target_arch = "x86_64") {
    8192
} else {
    usize::MAX
};

pub(super) fn tag(key: &[u8; 32], message: &[u8]) -> [u8; 16] {
    if message.len() < CROSSOVER {
        scalar(key, message)
    } else {
        Poly1305::new(key.into()).compute_unpadded(message).into()
    }
}

fn scalar(key: &[u8; 32], message: &[u8]) -> [u8; 16] {
    let mut state = Scalar::new(key);
    let (blocks, rest) = message.as_chunks::<16>();
    for block in blocks {
        state.block(block, 1);
    }
    if !rest.is_empty() {
        // A short block ends in a 1 of its own instead of the one behind a full block.
        let mut last = [0; 16];
        for (to, from) in last.iter_mut().zip(rest.iter().chain(&[1])) {
            *to = *from;
        }
        state.block(&last, 0);
    }
    state.finish()
}

const LOW_44: u64 = (1 << 44) - 1;
const LOW_42: u64 = (1 << 42) - 1;

/// Wiped when it goes: whoever has `r` and `pad` can make tags for this packet.
#[derive(Zeroize, ZeroizeOnDrop)]
struct Scalar {
    r: [u64; 3],
    sum: [u64; 3],
    pad: u128,
}

/// The limbs of a number of 128 bits.
fn limbs(bytes: &[u8; 16]) -> [u64; 3] {
    let n = u128::from_le_bytes(*bytes);
    [low(n) & LOW_44, low(n >> 44) & LOW_44, low(n >> 88)]
}

/// The low half.
fn low(n: u128) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = n.to_le_bytes();
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

impl Scalar {
    fn new(key: &[u8; 32]) -> Self {
        let (Some(r), Some(pad)) = (key.first_chunk(), key.last_chunk()) else {
            return Scalar { r: [0; 3], sum: [0; 3], pad: 0 };
        };
        // "Clamped" (section 2.5): these bits of r are 0, which keeps the sums below in bounds.
        let clamped = u128::from_le_bytes(*r) & 0x0fff_fffc_0fff_fffc_0fff_fffc_0fff_ffff;
        Scalar { r: limbs(&clamped.to_le_bytes()), sum: [0; 3], pad: u128::from_le_bytes(*pad) }
    }

    /// sum = (sum + block + end * 2^128) * r. Each product is below 2^44 * 2^49 and there are three in a sum, so that
    /// no addition wraps; they are written so that none can panic.
    #[inline]
    fn block(&mut self, block: &[u8; 16], end: u64) {
        let wide = |a: u64, b: u64| u128::from(a).wrapping_mul(u128::from(b));
        let [r0, r1, r2] = self.r;
        // 2^132 = 20 (mod p), as 2^130 = 5: what goes over the third limb.
        let (s1, s2) = (r1.wrapping_mul(20), r2.wrapping_mul(20));

        let [m0, m1, m2] = limbs(block);
        let [h0, h1, h2] = self.sum;
        let h0 = h0.wrapping_add(m0);
        let h1 = h1.wrapping_add(m1);
        let h2 = h2.wrapping_add(m2 | (end << 40));

        let d0 = wide(h0, r0).wrapping_add(wide(h1, s2)).wrapping_add(wide(h2, s1));
        let d1 = wide(h0, r1).wrapping_add(wide(h1, r0)).wrapping_add(wide(h2, s2));
        let d2 = wide(h0, r2).wrapping_add(wide(h1, r1)).wrapping_add(wide(h2, r0));

        let d1 = d1.wrapping_add(d0 >> 44);
        let d2 = d2.wrapping_add(d1 >> 44);
        let h0 = (low(d0) & LOW_44).wrapping_add(low(d2 >> 42).wrapping_mul(5));
        let h1 = (low(d1) & LOW_44).wrapping_add(h0 >> 44);
        self.sum = [h0 & LOW_44, h1, low(d2) & LOW_42];
    }

    /// (sum mod p) + pad mod 2^128.
    fn finish(mut self) -> [u8; 16] {
        // Two rounds leave every limb within its bits.
        for _ in 0..2 {
            let [h0, h1, h2] = self.sum;
            let h1 = h1.wrapping_add(h0 >> 44);
            let h2 = h2.wrapping_add(h1 >> 44);
            let h0 = (h0 & LOW_44).wrapping_add((h2 >> 42).wrapping_mul(5));
            self.sum = [h0, h1 & LOW_44, h2 & LOW_42];
        }
        let [h0, h1, h2] = self.sum;
        let h1 = h1.wrapping_add(h0 >> 44);
        let h0 = h0 & LOW_44;

        // sum - p = sum + 5 - 2^130: taken, by a mask, if it is not negative.
        let g0 = h0.wrapping_add(5);
        let g1 = h1.wrapping_add(g0 >> 44);
        let g2 = h2.wrapping_add(g1 >> 44).wrapping_sub(1 << 42);
        let negative = (g2 >> 63).wrapping_neg();
        let pick = |h: u64, g: u64| (h & negative) | (g & !negative);
        let (n0, n1, n2) = (pick(h0, g0 & LOW_44), pick(h1, g1 & LOW_44), pick(h2, g2));

        let n = u128::from(n0) | (u128::from(n1) << 44) | (u128::from(n2) << 88);
        n.wrapping_add(self.pad).to_le_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Random, Seed};

    fn by_the_crate(key: &[u8; 32], message: &[u8]) -> [u8; 16] {
        Poly1305::new(key.into()).compute_unpadded(message).into()
    }

    /// RFC 8439, section 2.5.2.
    #[test]
    fn the_scalar_code_gives_the_answer_of_rfc_8439() {
        let key = [
            0x85, 0xd6, 0xbe, 0x78, 0x57, 0x55, 0x6d, 0x33, 0x7f, 0x44, 0x52, 0xfe, 0x42, 0xd5, 0x06, 0xa8, 0x01, 0x03,
            0x80, 0x8a, 0xfb, 0x0d, 0xb2, 0xfd, 0x4a, 0xbf, 0xf6, 0xaf, 0x41, 0x49, 0xf5, 0x1b,
        ];
        let tag = [0xa8, 0x06, 0x1d, 0xc1, 0x30, 0x51, 0x36, 0xc6, 0xc2, 0x2b, 0x8b, 0xaf, 0x0c, 0x01, 0x27, 0xa9];
        assert_eq!(scalar(&key, b"Cryptographic Forum Research Group"), tag);
    }

    #[test]
    fn the_scalar_code_agrees_with_the_crate_on_every_length() {
        let mut random = Random::new(&Seed::new([1; 32]));
        let mut message = [0; 9000];
        for n in (0..700).chain([4096, 8191, 8192, 9000]) {
            let mut key = [0; 32];
            random.fill(&mut key);
            random.fill(&mut message[..n]);
            assert_eq!(scalar(&key, &message[..n]), by_the_crate(&key, &message[..n]), "{n}");
            assert_eq!(tag(&key, &message[..n]), by_the_crate(&key, &message[..n]), "{n}");
        }
    }

    /// Sums at and around p, 2^128 and 2^130, and the largest clamped r, where carries go all the way.
    #[test]
    fn the_scalar_code_agrees_with_the_crate_where_carries_are_longest() {
        let extremes = [0x00, 0x01, 0x02, 0x04, 0x05, 0x7f, 0x80, 0xfa, 0xfb, 0xfc, 0xfe, 0xff];
        for r in [[0xff; 16], [0; 16], one(1), one(2), one(4), one(5)] {
            for pad in [[0; 16], [0xff; 16], one(1)] {
                let mut key = [0; 32];
                key[..16].copy_from_slice(&r);
                key[16..].copy_from_slice(&pad);
                for first in extremes {
                    for second in extremes {
                        for fill in [0, 0xff] {
                            for n in [1, 15, 16, 17, 31, 32, 33, 48, 64, 160] {
                                let mut message = [fill; 160];
                                message[0] = first;
                                message[16] = second;
                                let message = &message[..n];
                                assert_eq!(scalar(&key, message), by_the_crate(&key, message), "{r:?} {message:?}");
                            }
                        }
                    }
                }
            }
        }
    }

    fn one(n: u8) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[0] = n;
        bytes
    }
}
