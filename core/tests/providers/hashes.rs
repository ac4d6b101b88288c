//! Hashes.

use super::{hex, providers};
use sansh::crypto::Hash;

#[test]
fn hashes_give_the_answers_of_fips_180_and_start_over() {
    let answers = [
        (Hash::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            Hash::Sha384,
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
        ),
        (
            Hash::Sha512,
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a
             2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        ),
    ];
    for provider in providers() {
        for (hash, abc) in answers {
            let mut digest = provider.digest(hash).expect("a digest");
            for parts in [&[&b"abc"[..]][..], &[b"a", b"", b"bc"]] {
                for part in parts {
                    digest.update(part);
                }
                let mut out = [0x5a; Hash::MAX];
                digest.finish(&mut out);
                assert_eq!(out[..hash.len()], hex(abc));
                assert!(out[hash.len()..].iter().all(|b| *b == 0x5a));
            }
        }
    }
}
