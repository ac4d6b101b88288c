//! The null provider.

use super::ed25519::blob;
use super::kex::{finish, respond, start};
use super::packets::{open, packet};
use super::{random, strings};
use sansh::crypto::{CryptoError, DirectionKeys, Hash, Provider, Verified};

#[test]
fn the_null_provider_agrees_with_itself_and_changes_nothing() {
    let null: &dyn Provider = &sansh::crypto::null::Null;
    assert!(null.name().contains("NO SECURITY"));

    let (public, client) = start(null.kex()[0], &mut random(1));
    let (reply, secret) = respond(null.kex()[0], &mut random(2), &public).expect("responds");
    assert_eq!(finish(client, &reply), Ok(secret));
    assert_eq!(respond(null.kex()[0], &mut random(2), &public[1..]).err(), Some(CryptoError::BadValue));

    let keys = DirectionKeys { key: &[], iv: &[], mac: &[] };
    let mut seal = null.ciphers()[0].seal(&keys, None).expect("a seal");
    let mut opening = null.ciphers()[0].open(&keys, None).expect("an open");
    let clear = packet(&*seal, 20);
    let mut sealed = clear.clone();
    seal.seal(0, &mut sealed).expect("seals");
    assert_eq!(sealed, clear);
    assert_eq!(open(&mut *opening, 0, &mut sealed).map(|n| n as usize), Ok(clear.len() - 4));
    assert_eq!(sealed, clear);
    assert_eq!(opening.open(0, &mut [0; 3]), Err(CryptoError::BadTag));

    assert_eq!(null.signatures()[0].verify(&strings(&[b"null", b"name"]), b"message", b""), Ok(Verified::default()));
    assert!(null.signatures()[0].verify(&blob(&[0; 32]), b"message", b"").is_err());

    let hash_of = |parts: &[&[u8]]| {
        let mut digest = null.digest(Hash::Sha256).expect("a digest");
        parts.iter().for_each(|part| digest.update(part));
        let mut out = [0; Hash::MAX];
        digest.finish(&mut out);
        out
    };
    assert_eq!(hash_of(&[b"ab", b"c"]), hash_of(&[b"abc"]));
    assert_ne!(hash_of(&[b"abd"]), hash_of(&[b"abc"]));
    assert_eq!(hash_of(&[b"abc"])[32..], [0; 32]);
}
