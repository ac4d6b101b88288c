//! Arithmetic modulo 3 and modulo q. Remainders are those nearest to zero.

/// x modulo Q, which is odd, for |x| up to 2^27: x less Q times the integer nearest to x/Q. 2^40/Q is close enough to an
/// integer for that.
pub(super) fn reduce<const Q: i32>(x: i32) -> i16 {
    let scaled = const { ((1 << 40) + Q as i64 / 2) / Q as i64 };
    let quotient = i64::from(x).wrapping_mul(scaled).wrapping_add(1 << 39) >> 40;
    x.wrapping_sub(Q.wrapping_mul(quotient as i32)) as i16
}

/// 1/x modulo Q: x^(Q-2). The inverse of zero is zero.
pub(super) fn inverse<const Q: i32>(x: i16) -> i16 {
    let times = |a: i16, b: i16| reduce::<Q>(i32::from(a).wrapping_mul(i32::from(b)));
    let exponent = const { Q - 2 };
    let mut power = 1;
    for bit in (0..13).rev() {
        power = times(power, power);
        if exponent >> bit & 1 == 1 {
            power = times(power, x);
        }
    }
    power
}

/// a * b / 2^16 modulo Q, after Montgomery. At most |a * b| / 2^16 + Q/2 + 1 from zero, and made of 16-bit
/// multiplications alone, of which a vector unit does many at once.
#[inline(always)]
pub(super) fn montgomery<const Q: i32>(a: i16, b: i16) -> i16 {
    let inverse = const { inverse_of_two_to_the_16(Q) };
    let high = |a: i16, b: i16| (i32::from(a).wrapping_mul(i32::from(b)) >> 16) as i16;
    let multiple = a.wrapping_mul(b).wrapping_mul(inverse);
    // The low halves are the same, and go.
    high(a, b).wrapping_sub(high(multiple, Q as i16))
}

/// 1/q modulo 2^16: every step of Newton's doubles the bits that are right, of which the first has three.
const fn inverse_of_two_to_the_16(q: i32) -> i16 {
    let q = q as i16;
    let mut inverse = q;
    let mut step = 0u32;
    while step < 3 {
        inverse = inverse.wrapping_mul(2i16.wrapping_sub(q.wrapping_mul(inverse)));
        step = step.wrapping_add(1);
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::super::Q;
    use super::*;

    fn all<const N: i32>(limit: i32) {
        let half = (N - 1) / 2;
        let mut expected = (-limit).rem_euclid(N);
        if expected > half {
            expected -= N;
        }
        for x in -limit..=limit {
            assert_eq!(i32::from(reduce::<N>(x)), expected, "{x} mod {N}");
            expected = if expected == half { -half } else { expected + 1 };
        }
    }

    #[test]
    fn remainders_are_right_over_the_whole_range() {
        all::<Q>(14_000_000);
        all::<3>(14_000_000);
        for x in [1 << 27, (1 << 27) - 1, -(1 << 27)] {
            assert_eq!(i32::from(reduce::<Q>(x)).rem_euclid(Q), x.rem_euclid(Q));
            assert_eq!(i32::from(reduce::<3>(x)).rem_euclid(3), x.rem_euclid(3));
        }
    }

    #[test]
    fn inverses_are_inverses() {
        for x in 1..=2295 {
            assert_eq!(reduce::<Q>(i32::from(inverse::<Q>(x)) * i32::from(x)), 1);
            assert_eq!(inverse::<Q>(-x), -inverse::<Q>(x));
        }
        assert_eq!([inverse::<3>(-1), inverse::<3>(0), inverse::<3>(1)], [-1, 0, 1]);
    }

    #[test]
    fn montgomery_products_are_products_and_stay_small() {
        for a in (-5600..=5600).step_by(37).chain([-2295, 2295]) {
            for b in -5600..=5600 {
                let (q, three) = (i32::from(montgomery::<Q>(a, b)), i32::from(montgomery::<3>(a, b)));
                let product = i32::from(a) * i32::from(b);
                assert_eq!((i64::from(q) << 16).rem_euclid(Q.into()), i64::from(product).rem_euclid(Q.into()));
                assert_eq!((i64::from(three) << 16).rem_euclid(3), i64::from(product).rem_euclid(3));
                assert!(q.abs() <= product.abs() / 65536 + Q / 2 + 1 && three.abs() <= product.abs() / 65536 + 2);
            }
        }
    }
}
