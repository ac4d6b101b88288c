//! RFC 4253, sections 7.2, 7.3 and 8; RFC 8731: from values to keys, and keys into use.

use crate::hand::{global, kexinit_of, message};
use crate::keyed::{Keyed, Suite, suites};
use sansh::Client;
use sansh::config::Config;
use sansh::crypto::{KexShape, Provider};
use sansh::error::Error;
use sansh_testkit::pair::RUSTCRYPTO;
use sansh_testkit::raw::{Raw, strings};
use sansh_testkit::told::Seen;

/// "The same hash algorithm MUST be used in key derivation." "Encryption keys MUST be computed as HASH, of a known value and
/// K, as follows:" "Key data MUST be taken from the beginning of the hash output." (RFC 4253, section 7.2) "The signature
/// algorithm MUST be applied over H, not the original data." (RFC 4253, section 8): the peer here derives its keys by its own
/// reading, with every method, and for every cipher and MAC: keys shorter than the hash, as long, and longer.
#[test]
fn every_key_is_derived_by_the_rule() {
    let methods = RUSTCRYPTO.kex().iter().filter(|row| row.shape() == KexShape::InitReply);
    for method in methods {
        for (cipher, mac) in suites(&RUSTCRYPTO) {
            if method.name().starts_with("diffie-hellman") && !cipher.contains("chacha20") {
                // Slow, and not another derivation.
                continue;
            }
            let mut keyed = Keyed::open(true, Suite::both(method.name(), cipher, mac));
            keyed.send(&global("x@test", true, b""));
            assert_eq!(keyed.take().last(), Some(&vec![82]), "{} {cipher} {mac}", method.name());
            assert_eq!(keyed.conn.session_id(), Some(&keyed.session[..]));
            // The server signs H.
            let signed = keyed.app.seen.iter().find_map(|seen| match seen {
                Seen::Sign { message, .. } => Some(message.clone()),
                _ => None,
            });
            assert_eq!(signed.as_ref(), Some(&keyed.session));
            assert_eq!(keyed.session.len(), method.hash().len());
        }
    }
}

/// "All messages sent after this message MUST use the new keys and algorithms." "When this message is received, the new keys
/// and algorithms MUST be used for receiving." (RFC 4253, section 7.3): who goes on with the old ones is not understood.
#[test]
fn old_keys_are_of_no_use_behind_newkeys() {
    for (cipher, mac) in suites(&RUSTCRYPTO) {
        let suite = Suite::both("curve25519-sha256", cipher, mac);
        let mut keyed = Keyed::open(true, suite);
        keyed.begin(suite);
        // Up to NEWKEYS the old ones hold.
        keyed.send(&message(2, &[b"old"]));
        assert_eq!(keyed.app.end, None);
        keyed.new_keys_and_old_ones();
        keyed.send(&global("x@test", true, b""));
        let end = keyed.app.ended().error;
        let known = end == Error::Integrity || end == Error::PacketLength && cipher.contains("chacha20");
        assert!(known, "{cipher} {mac}: {end:?}");
        // With the new ones it goes on, in both directions.
        let mut keyed = Keyed::open(true, suite);
        keyed.exchange(suite);
        keyed.send(&global("x@test", true, b""));
        assert_eq!(keyed.take().last(), Some(&vec![82]), "{cipher} {mac}");
    }
}

/// "The key type MUST always be explicitly known (from algorithm negotiation or some other source)." (RFC 4253, section 6.6)
/// CVE-2026-16516: what a server shows as its key is of the negotiated type, and so is its signature, or the exchange ends
/// before anything is made of it.
#[test]
fn a_host_key_is_of_the_negotiated_type() {
    let own = sansh_testkit::pair::key(1);
    let signature = own.sign("ssh-ed25519", b"").expect("one");
    let ecdsa = strings(&[b"ecdsa-sha2-nistp256", b"nistp256", &[4; 65]]);
    let crossed = strings(&[b"ecdsa-sha2-nistp256", b"nistp384", &[4; 97]]);
    let rsa = strings(&[b"ssh-rsa", &[1, 0, 1], &[0x7f; 256]]);
    for negotiated in ["ssh-ed25519", "ecdsa-sha2-nistp256"] {
        for shown in [own.public_blob(), &ecdsa, &crossed, &rsa, b"", b"\0\0\0\x0bssh-ed25519"] {
            let fits = match negotiated {
                "ssh-ed25519" => shown == own.public_blob(),
                _ => shown == &ecdsa[..],
            };
            let mut raw = Raw::<Client>::client(|config| {
                *config = Config::<Client>::new(&RUSTCRYPTO);
                config.kex("curve25519-sha256").unwrap().signatures("ssh-ed25519,ecdsa-sha2-nistp256").unwrap();
            });
            raw.send_ident();
            let (kex, cipher) = (&b"curve25519-sha256"[..], &b"aes256-gcm@openssh.com"[..]);
            let lists = [kex, negotiated.as_bytes(), cipher, cipher, b"", b"", b"none", b"none", b"", b""];
            raw.send(&kexinit_of(&lists, false));
            raw.send(&message(31, &[&strings(&[shown, &[9; 32], &signature])]));
            let end = raw.app.end.as_ref().map(|end| end.error);
            if fits {
                // The signature is not right, whatever its type says.
                assert!(matches!(end, Some(Error::HostKeySignature | Error::HostKeyKind)), "{negotiated}: {end:?}");
            } else {
                assert_eq!(end, Some(Error::HostKeyKind), "{negotiated}: {}", shown.escape_ascii());
            }
            assert!(!raw.app.saw(|seen| matches!(seen, Seen::HostKey { .. })));
        }
    }
}

/// The prime of group 14 (RFC 3526, section 3).
const GROUP_14: &str = "\
FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B\
302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE6\
49286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D\
670C354E4ABC9804F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718\
3995497CEA956AE515D2261898FA051015728E5A8AACAA68FFFFFFFFFFFFFFFF";

/// "Values of 'e' or 'f' that are not in the range [1, p-1] MUST NOT be sent or accepted by either side." (RFC 4253, section
/// 8; narrowed to 1 < value < p-1 by RFC 8268, section 4) CVE-2023-28113, GHSA-cqvm-j2r2-hwpg, GHSA-m9rg-h9jv-9gvh: nor are
/// negative ones, or those that are not written as they should be; nothing is signed for them.
#[test]
fn values_outside_the_group_end_the_exchange() {
    let p: Vec<u8> =
        (0..GROUP_14.len() / 2).map(|at| u8::from_str_radix(&GROUP_14[2 * at..2 * at + 2], 16).expect("hex")).collect();
    // p ends in a byte of ones, so that nothing carries but over its very end.
    let with_last = |last: u8| {
        let mut value = [&[0], &p[..]].concat();
        *value.last_mut().expect("a byte") = last;
        value
    };
    let mut p_plus_1 = [&[0], &p[..]].concat();
    for byte in p_plus_1.iter_mut().rev() {
        *byte = byte.wrapping_add(1);
        if *byte != 0 {
            break;
        }
    }
    let twice: Vec<u8> = [&[1], &p[..]].concat();
    let wrong = [
        vec![],
        vec![0],
        vec![1],
        vec![0, 1],
        vec![0, 2],
        vec![0x80],
        vec![0xff],
        [&[0xff], &p[..]].concat(),
        p.clone(),
        with_last(0xfe),
        with_last(0xff),
        p_plus_1,
        twice,
        vec![0; 300],
        vec![0x7f; 600],
    ];
    for (value, right) in
        wrong.iter().map(|value| (value.clone(), false)).chain([(vec![2], true), (with_last(0xfd), true)])
    {
        let mut keyed = Keyed::new(true, |_| {});
        let cipher = &b"aes256-gcm@openssh.com"[..];
        let kex = &b"diffie-hellman-group14-sha256"[..];
        keyed.send(&kexinit_of(&[kex, b"ssh-ed25519", cipher, cipher, b"", b"", b"none", b"none", b"", b""], false));
        keyed.send(&message(30, &[&strings(&[&value])]));
        let signed = keyed.app.saw(|seen| matches!(seen, Seen::Sign { .. }));
        let end = keyed.app.end.as_ref().map(|end| end.error);
        assert_eq!(
            (signed, end),
            (right, (!right).then_some(Error::BadKexValue)),
            "{:02x?}",
            &value[..value.len().min(4)]
        );
    }
}

/// A server that awaits the client's value, of curve25519-sha256.
fn at_the_value() -> Keyed {
    let mut keyed = Keyed::new(true, |_| {});
    let cipher = b"aes256-gcm@openssh.com";
    let kex = b"curve25519-sha256,kex-strict-c-v00@openssh.com";
    let lists: [&[u8]; 10] = [kex, b"ssh-ed25519", cipher, cipher, b"", b"", b"none", b"none", b"", b""];
    keyed.send(&kexinit_of(&lists, false));
    keyed
}

/// "implementations MUST check whether the computed Diffie-Hellman shared secret is the all-zero value and abort if so"
/// (RFC 8731, section 3): every value of low order, in each of its forms.
#[test]
fn values_of_low_order_end_the_exchange() {
    let p_plus = |n: i32| {
        let mut value = [0xff_u8; 32];
        value[0] = u8::try_from(0xed + n).expect("a byte");
        value[31] = 0x7f;
        value
    };
    let mut one = [0_u8; 32];
    one[0] = 1;
    let of_order_8 = [
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    ];
    let hex = |text: &str| {
        let mut value = [0_u8; 32];
        for (at, byte) in value.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).expect("hex");
        }
        value
    };
    let values = [[0; 32], one, hex(of_order_8[0]), hex(of_order_8[1]), p_plus(-1), p_plus(0), p_plus(1)];
    for value in values {
        for top in [0, 0x80] {
            let mut value = value;
            value[31] |= top;
            let mut keyed = at_the_value();
            keyed.send(&message(30, &[&strings(&[&value])]));
            assert_eq!(keyed.app.ended().error, Error::BadKexValue, "{value:02x?}");
            assert!(keyed.said.last().is_some_and(|said| said[..5] == [1, 0, 0, 0, 3]), "{:?}", keyed.said.last());
            assert!(!keyed.app.saw(|seen| matches!(seen, Seen::Sign { .. })), "nothing is signed");
        }
    }
}

/// "Clients and servers MUST also abort if the length of the received public keys are not the expected lengths." (RFC 8731,
/// section 3)
#[test]
fn values_of_another_length_end_the_exchange() {
    for length in (0..32).chain(33..70) {
        let mut keyed = at_the_value();
        keyed.send(&message(30, &[&strings(&[&vec![9; length]])]));
        assert_eq!(keyed.app.ended().error, Error::BadKexValue, "{length}");
        assert!(keyed.said.last().is_some_and(|said| said[..5] == [1, 0, 0, 0, 3]));
    }
}
