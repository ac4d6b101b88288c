//! Polynomials modulo x^p - x - 1.

use super::field::{inverse, montgomery, reduce};
use super::{Large, P, Small};
use zeroize::{Zeroize, Zeroizing};

/// f * g with coefficients modulo Q. A coefficient of the product is at most 761 * 2295 from zero and three of them are
/// added, which is below 2^23.
pub(super) fn multiply<const Q: i32>(f: &Large, g: &Small) -> Zeroizing<Large> {
    let mut product = [0i32; 2 * P - 1];
    for (at, g) in g.iter().enumerate() {
        let row = product.get_mut(at..).unwrap_or_default();
        for (sum, f) in row.iter_mut().zip(f) {
            *sum = sum.wrapping_add(i32::from(*f).wrapping_mul(i32::from(*g)));
        }
    }
    // x^(p+k) = x^(k+1) + x^k.
    let (low, high) = product.split_at_mut(P);
    for shift in [0, 1] {
        for (low, high) in low.iter_mut().skip(shift).zip(high.iter()) {
            *low = low.wrapping_add(*high);
        }
    }
    let mut reduced = Zeroizing::new([0; P]);
    for (to, from) in reduced.iter_mut().zip(low) {
        *to = reduce::<Q>(*from);
    }
    product.zeroize();
    reduced
}

/// One more than the coefficients: the modulus has that many.
const N: usize = P + 1;

/// The state of the extended Euclidean algorithm by division steps (Bernstein and Yang, "Fast constant-time gcd
/// computation and modular inversion", section 5). Polynomials are reversed: the constant term stands last.
///
/// g and r, and by swaps f and v, are multiplied by 2^-16 in every step; they always are so together, so that the result
/// of [`reciprocal`] does not change. All stay within 5600 of zero: 2 * (5600^2 / 2^16 + 2297) is less.
#[derive(Zeroize)]
struct Steps {
    f: [i16; N],
    g: [i16; N],
    v: [i16; N],
    r: [i16; N],
}

/// `one` / `input`, and whether there is such a thing.
pub(super) fn reciprocal<const Q: i32>(input: &Large, one: i16) -> (Zeroizing<Large>, bool) {
    let mut steps = Steps { f: [0; N], g: [0; N], v: [0; N], r: [0; N] };
    let [first, .., before, last] = &mut steps.f;
    (*first, *before, *last) = (1, -1, -1);
    for (to, from) in steps.g.iter_mut().zip(input.iter().rev()) {
        *to = *from;
    }
    let [first, ..] = &mut steps.r;
    *first = one;
    let mut delta = 1;
    for _ in 0..const { 2 * P - 1 } {
        delta = steps.step::<Q>(delta);
    }
    let [f, ..] = steps.f;
    let scale = i32::from(inverse::<Q>(reduce::<Q>(i32::from(f))));
    let mut result = Zeroizing::new([0; P]);
    // Of v, the last is not of the result: its degree is below p.
    for (to, from) in result.iter_mut().zip(steps.v.iter().rev().skip(1)) {
        *to = reduce::<Q>(scale.wrapping_mul(i32::from(*from)));
    }
    steps.zeroize();
    (result, delta == 0)
}

impl Steps {
    /// If delta > 0 and g has a constant term (here: a first one), f and g change places. Then g = (f0 g - g0 f) / x.
    fn step<const Q: i32>(&mut self, delta: i16) -> i16 {
        shift_up(&mut self.v);
        let ([f0, ..], [g0, ..]) = (&self.f, &self.g);
        let (f0, g0) = (reduce::<Q>(i32::from(*f0)), reduce::<Q>(i32::from(*g0)));
        // All ones, or none: both signs have to be set.
        let swap = (delta.wrapping_neg() & (g0 | g0.wrapping_neg())) >> 15;
        exchange(&mut self.f, &mut self.g, swap);
        exchange(&mut self.v, &mut self.r, swap);
        let difference = swap & (f0 ^ g0);
        let (f0, g0) = (f0 ^ difference, g0 ^ difference);
        combine::<Q>(f0, &mut self.g, g0, &self.f);
        combine::<Q>(f0, &mut self.r, g0, &self.v);
        shift_down(&mut self.g);
        (delta ^ (swap & (delta ^ delta.wrapping_neg()))).wrapping_add(1)
    }
}

/// Times x.
fn shift_up(list: &mut [i16; N]) {
    list.copy_within(..P, 1);
    let [first, ..] = list;
    *first = 0;
}

/// Over x.
fn shift_down(list: &mut [i16; N]) {
    list.copy_within(1.., 0);
    let [.., last] = list;
    *last = 0;
}

/// Swaps where the mask is ones.
fn exchange(a: &mut [i16; N], b: &mut [i16; N], mask: i16) {
    for (a, b) in a.iter_mut().zip(b) {
        let difference = mask & (*a ^ *b);
        *a ^= difference;
        *b ^= difference;
    }
}

/// to = (f0 to - g0 from) / 2^16.
fn combine<const Q: i32>(f0: i16, to: &mut [i16; N], g0: i16, from: &[i16; N]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = montgomery::<Q>(f0, *to).wrapping_sub(montgomery::<Q>(g0, *from));
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Q, sample, wide};
    use super::*;
    use crate::crypto::{Random, Seed};

    /// As a polynomial is multiplied by hand: degrees from p on go down one by one.
    fn by_hand(f: &Large, g: &Small, q: i64) -> [i64; P] {
        let mut product = [0i64; 2 * P];
        for (i, f) in f.iter().enumerate() {
            for (j, g) in g.iter().enumerate() {
                product[i + j] += i64::from(*f) * i64::from(*g);
            }
        }
        for at in (P..2 * P).rev() {
            let coefficient = core::mem::take(&mut product[at]);
            product[at - P] += coefficient;
            product[at - P + 1] += coefficient;
        }
        core::array::from_fn(|at| product[at].rem_euclid(q))
    }

    #[test]
    fn products_are_products_even_of_the_largest() {
        let mut random = Random::new(&Seed::new([3; 32]));
        let some = sample::small(&mut random);
        let mut large = [0; P];
        for (at, to) in large.iter_mut().enumerate() {
            *to = reduce::<Q>((at * at * 31) as i32);
        }
        for (f, g) in [(large, some), ([2295; P], [1; P]), ([-2295; P], [1; P]), ([2295; P], some)] {
            let product = multiply::<Q>(&f, &g);
            assert!(product.iter().all(|c| c.abs() <= 2295));
            assert_eq!(product.map(|c| i64::from(c).rem_euclid(Q.into())), by_hand(&f, &g, Q.into()));
        }
        let product = multiply::<3>(&wide(&some), &some);
        assert!(product.iter().all(|c| c.abs() <= 1));
        assert_eq!(product.map(|c| i64::from(c).rem_euclid(3)), by_hand(&wide(&some), &some, 3));
    }

    #[test]
    fn reciprocals_are_reciprocals() {
        let mut random = Random::new(&Seed::new([4; 32]));
        let mut one = [0; P];
        one[0] = 1;
        for _ in 0..4 {
            let short = sample::short(&mut random);
            let (third, exists) = reciprocal::<Q>(&wide(&short), inverse::<Q>(3));
            assert!(exists);
            let product = multiply::<Q>(&third, &short);
            assert_eq!(product.map(|c| reduce::<Q>(3 * i32::from(c))), one);
            let small = sample::small(&mut random);
            let (inverse, exists) = reciprocal::<3>(&wide(&small), 1);
            assert_eq!(*multiply::<3>(&inverse, &small) == one, exists);
        }
        assert!(!reciprocal::<3>(&[0; P], 1).1 && !reciprocal::<Q>(&[0; P], 1).1, "zero has none");
    }
}
