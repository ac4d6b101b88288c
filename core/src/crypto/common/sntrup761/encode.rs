//! Polynomials as bytes.
//!
//! A small one takes two bits for a coefficient. Others are numbers with mixed radix, built as a tree: two neighbours
//! below m and n are one number below m * n, of which the lowest bytes go out until the rest is below 2^14; then the
//! pairs pair, until one is left.
//!
//! ```text
//! 761 -> 381 -> 191 -> 96 -> 48 -> 24 -> 12 -> 6 -> 3 -> 2 -> 1
//! ```
//!
//! All numbers of a level have the same bound but the last. Decoding divides, but only what everybody knows: public keys
//! and ciphertexts. Whatever the bytes, it gives numbers below their bounds.

use super::{Large, P, PUBLIC, Q, ROUNDED, SMALL, Small};

/// Four coefficients in a byte, the first in the lowest bits, each one more than it is.
pub(super) fn small(small: &Small) -> [u8; SMALL] {
    let mut bytes = [0; SMALL];
    for (byte, four) in bytes.iter_mut().zip(small.chunks(4)) {
        *byte = four.iter().rev().fold(0, |byte, c| byte << 2 | (c.wrapping_add(1) as u8));
    }
    bytes
}

/// Of bytes that [`small`] made.
pub(super) fn small_from(bytes: &[u8; SMALL]) -> Small {
    let mut small = [0; P];
    for (four, byte) in small.chunks_mut(4).zip(bytes) {
        for (shift, c) in [0, 2, 4, 6].into_iter().zip(four) {
            *c = ((byte >> shift & 3) as i8).wrapping_sub(1);
        }
    }
    small
}

/// Half of q, which makes all coefficients positive.
const HALF: i16 = 2295;
/// How many multiples of 3 there are in -HALF..=HALF.
const THIRDS: u32 = 1531;

/// Coefficients modulo q.
pub(super) fn large(large: &Large) -> [u8; PUBLIC] {
    encode(large.map(|c| c.wrapping_add(HALF) as u16), Q as u32)
}

/// The inverse of [`large`].
pub(super) fn large_from(bytes: &[u8; PUBLIC]) -> Large {
    decode(bytes, Q as u32).map(|n| (n as i16).wrapping_sub(HALF))
}

/// Coefficients modulo q that are multiples of 3, by a multiplication with 2^15/3.
pub(super) fn rounded(large: &Large) -> [u8; ROUNDED] {
    encode(large.map(|c| (i32::from(c.wrapping_add(HALF)).wrapping_mul(10_923) >> 15) as u16), THIRDS)
}

/// The inverse of [`rounded`].
pub(super) fn rounded_from(bytes: &[u8; ROUNDED]) -> Large {
    decode(bytes, THIRDS).map(|n| (n as i16).wrapping_mul(3).wrapping_sub(HALF))
}

/// How many bytes of a number below `limit` go out until the rest is below 2^14, and below what it then is.
fn shrink(limit: u32) -> (u32, u32) {
    let (mut bytes, mut limit) = (0, limit);
    while limit >= 1 << 14 {
        bytes = u32::wrapping_add(bytes, 1);
        limit = limit.wrapping_add(255) >> 8;
    }
    (bytes, limit)
}

/// A level of the tree: `count` numbers, the last below `last`, the others below `limit`.
#[derive(Clone, Copy)]
struct Level {
    count: usize,
    limit: u32,
    last: u32,
}

impl Level {
    fn pairs(self) -> usize {
        self.count / 2
    }

    /// Whether the last number has no neighbour.
    fn is_odd(self) -> bool {
        self.count % 2 == 1
    }

    /// The bound of the second number of a pair.
    fn second(self, pair: usize) -> u32 {
        let ends = pair.wrapping_add(1) == self.pairs() && !self.is_odd();
        if ends { self.last } else { self.limit }
    }

    /// What [`shrink`] says of a pair.
    fn pair(self, pair: usize) -> (u32, u32) {
        shrink(self.limit.wrapping_mul(self.second(pair)))
    }

    /// The level of the pairs.
    fn next(self) -> Self {
        let (_, limit) = shrink(self.limit.wrapping_mul(self.limit));
        let last = if self.is_odd() { self.last } else { self.pair(self.pairs().wrapping_sub(1)).1 };
        Level { count: self.count.div_ceil(2), limit, last }
    }

    /// How many bytes go out on the way to the next.
    fn bytes(self) -> usize {
        (0..self.pairs()).fold(0, |sum, pair| sum.wrapping_add(self.pair(pair).0 as usize))
    }
}

fn encode<const N: usize>(mut numbers: [u16; P], limit: u32) -> [u8; N] {
    let mut bytes = [0; N];
    let mut out = bytes.iter_mut();
    let mut put = |number: &mut u32| {
        if let Some(byte) = out.next() {
            *byte = *number as u8;
        }
        *number >>= 8;
    };
    let mut level = Level { count: P, limit, last: limit };
    while level.count > 1 {
        for pair in 0..level.pairs() {
            let at = pair.wrapping_mul(2);
            let two = (numbers.get(at), numbers.get(at.wrapping_add(1)));
            let (first, second) = (two.0.copied().unwrap_or(0), two.1.copied().unwrap_or(0));
            let mut number = u32::from(first).wrapping_add(u32::from(second).wrapping_mul(level.limit));
            for _ in 0..level.pair(pair).0 {
                put(&mut number);
            }
            set(&mut numbers, pair, number);
        }
        if level.is_odd() {
            let last = numbers.get(level.count.wrapping_sub(1)).copied().unwrap_or(0);
            set(&mut numbers, level.pairs(), last.into());
        }
        level = level.next();
    }
    let [number, ..] = numbers;
    let (mut number, mut limit) = (u32::from(number), level.last);
    while limit > 1 {
        put(&mut number);
        limit = limit.wrapping_add(255) >> 8;
    }
    bytes
}

fn decode<const N: usize>(bytes: &[u8; N], limit: u32) -> [u16; P] {
    // Forward through the levels, to know where the bytes of each begin, and then back.
    let mut levels = [(Level { count: P, limit, last: limit }, 0); 11];
    let mut next = levels.first().copied();
    for level in &mut levels {
        if let Some((this, from)) = next {
            *level = (this, from);
            next = Some((this.next(), this.bytes().wrapping_add(from)));
        }
    }
    let little_endian = |from: usize, n: usize| {
        let bytes = bytes.get(from..from.wrapping_add(n)).unwrap_or_default();
        bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte))
    };
    let mut numbers = [0; P];
    for (level, from) in levels.into_iter().rev() {
        if level.count == 1 {
            let top = little_endian(from, N.saturating_sub(from));
            set(&mut numbers, 0, top.checked_rem(level.last).unwrap_or(0));
            continue;
        }
        if level.is_odd() {
            let last = numbers.get(level.pairs()).copied().unwrap_or(0);
            set(&mut numbers, level.count.wrapping_sub(1), last.into());
        }
        // All pairs but the last have as many bytes; from the last to the first, since two take the place of one.
        let width = level.pair(0).0 as usize;
        for pair in (0..level.pairs()).rev() {
            let (n, _) = level.pair(pair);
            let low = little_endian(width.wrapping_mul(pair).wrapping_add(from), n as usize);
            let high = u32::from(numbers.get(pair).copied().unwrap_or(0));
            let number = high.wrapping_shl(n.wrapping_mul(8)) | low;
            let at = pair.wrapping_mul(2);
            let second = number.checked_div(level.limit).and_then(|n| n.checked_rem(level.second(pair)));
            set(&mut numbers, at, number.checked_rem(level.limit).unwrap_or(0));
            set(&mut numbers, at.wrapping_add(1), second.unwrap_or(0));
        }
    }
    numbers
}

fn set(numbers: &mut [u16; P], at: usize, number: u32) {
    if let Some(place) = numbers.get_mut(at) {
        *place = number as u16;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Random, Seed};

    /// Whatever the numbers, they come back, and the bytes are exactly enough.
    #[test]
    fn numbers_come_back() {
        let mut random = Random::new(&Seed::new([8; 32]));
        for limit in [Q as u32, THIRDS] {
            for round in 0..20 {
                let numbers: [u16; P] = core::array::from_fn(|_| match round {
                    0 => 0,
                    1 => limit as u16 - 1,
                    _ => (random.number() % limit) as u16,
                });
                if limit == THIRDS {
                    assert_eq!(decode(&encode::<ROUNDED>(numbers, limit), limit), numbers);
                } else {
                    assert_eq!(decode(&encode::<PUBLIC>(numbers, limit), limit), numbers);
                }
            }
        }
    }

    #[test]
    fn any_bytes_are_coefficients_in_range() {
        let mut random = Random::new(&Seed::new([9; 32]));
        for round in 0..20 {
            let (mut key, mut sealed) = ([0xff; PUBLIC], [0xff; ROUNDED]);
            if round > 0 {
                random.fill(&mut key);
                random.fill(&mut sealed);
            }
            assert!(large_from(&key).iter().all(|c| c.abs() <= HALF));
            assert!(rounded_from(&sealed).iter().all(|c| c.abs() <= HALF && c % 3 == 0));
        }
    }

    #[test]
    fn small_ones_come_back() {
        let mut random = Random::new(&Seed::new([10; 32]));
        let original = super::super::sample::small(&mut random);
        assert_eq!(small_from(&small(&original)), original);
        assert_eq!(small(&[1; P])[..2], [0xaa; 2]);
        assert_eq!(small(&[1; P])[190], 2);
    }

    #[test]
    fn thirds_are_thirds() {
        let multiples: std::vec::Vec<i16> = (-HALF..=HALF).step_by(3).collect();
        assert_eq!(multiples.len(), THIRDS as usize);
        for part in multiples.chunks(P) {
            let mut all = [0; P];
            all[..part.len()].copy_from_slice(part);
            assert_eq!(rounded_from(&rounded(&all)), all);
        }
    }
}
