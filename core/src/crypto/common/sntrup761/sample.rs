//! Random polynomials.

use super::{P, Small, W};
use crate::crypto::CryptoRng;
use zeroize::Zeroizing;

/// Every coefficient is -1, 0 or 1, each as often but for one part in 2^28.
pub(super) fn small(random: &mut dyn CryptoRng) -> Small {
    let mut small = [0; P];
    for coefficient in &mut small {
        let below_three = u64::from(random.next_u32() & 0x3fff_ffff).wrapping_mul(3) >> 30;
        *coefficient = (below_three as i8).wrapping_sub(1);
    }
    small
}

/// Exactly w coefficients are not zero: w that are -1 or 1 and the zeros, sorted by random numbers that they are the
/// lowest bits of.
pub(super) fn short(random: &mut dyn CryptoRng) -> Small {
    let mut list = Zeroizing::new([0; P]);
    for (at, entry) in list.iter_mut().enumerate() {
        let number = random.next_u32();
        // Of the last two bits: 0 or 2 where the coefficient is -1 or 1, else 1.
        *entry = if at < W { number & !1 } else { number & !3 | 1 };
    }
    sort(&mut list);
    list.map(|entry| ((entry & 3) as i8).wrapping_sub(1))
}

/// Batcher's merge exchange (Knuth, volume 3, algorithm 5.2.2 M): which places are compared depends on P alone.
fn sort(list: &mut [u32; P]) {
    let top = const { P.next_power_of_two() / 2 };
    let mut p = top;
    while p > 0 {
        let (mut q, mut r, mut d) = (top, 0, p);
        loop {
            for i in (0..P.saturating_sub(d)).filter(|i| i & p == r) {
                if let Ok([a, b]) = list.get_disjoint_mut([i, i.wrapping_add(d)]) {
                    exchange(a, b);
                }
            }
            if q == p {
                break;
            }
            (d, q, r) = (q.wrapping_sub(p), q >> 1, p);
        }
        p >>= 1;
    }
}

/// Puts the lower one first.
fn exchange(a: &mut u32, b: &mut u32) {
    // All ones if b - a borrows.
    let wrong = (u64::from(*b).wrapping_sub(u64::from(*a)) >> 32) as u32;
    let difference = wrong & (*a ^ *b);
    *a ^= difference;
    *b ^= difference;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Random, Seed};

    #[test]
    fn a_sorted_list_is_sorted() {
        let mut random = Random::new(&Seed::new([5; 32]));
        for mask in [u32::MAX, 0xff, 1, 0x8000_0001, 0] {
            let mut list = [0; P].map(|_: u32| random.number() & mask);
            let mut expected = list;
            expected.sort_unstable();
            sort(&mut list);
            assert_eq!(list, expected);
        }
        let mut list = core::array::from_fn(|at| (P - at) as u32);
        sort(&mut list);
        assert!(list.is_sorted());
    }

    #[test]
    fn short_ones_have_their_weight_and_small_ones_all_values() {
        let mut random = Random::new(&Seed::new([6; 32]));
        let mut places = [0; P];
        let mut values = [0; 3];
        for _ in 0..200 {
            let short = short(&mut random);
            assert_eq!(short.iter().filter(|c| **c != 0).count(), W);
            assert!(short.iter().all(|c| (-1..=1).contains(c)));
            for (count, coefficient) in places.iter_mut().zip(short) {
                *count += i32::from(coefficient != 0);
            }
            for coefficient in small(&mut random) {
                values[(coefficient + 1) as usize] += 1;
            }
        }
        // 200 * 286 / 761 is 75, with a deviation of 7; 200 * 761 / 3 is 50733, with one of 184.
        assert!(places.iter().all(|count| (30..=120).contains(count)), "{places:?}");
        assert!(values.iter().all(|count| (49_700..=51_700).contains(count)), "{values:?}");
    }
}
