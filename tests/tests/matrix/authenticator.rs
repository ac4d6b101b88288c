//! A security key in software: what a FIDO authenticator signs (OpenSSH PROTOCOL.u2f), signed by a plain key.
//!
//! ```text
//! key         string name, the plain key's fields, string application
//! signed      SHA-256(application), byte flags, uint32 counter, [extensions,] SHA-256(message or clientData)
//! signature   string name, string the plain signature, byte flags, uint32 counter
//!             and by webauthn: string origin, string clientData, string extensions
//! ```

use sansh::crypto::Hash;
use sansh::signer::PrivateKey;

use super::rows::aws_lc;

pub(crate) const ED25519: &str = "sk-ssh-ed25519@openssh.com";
pub(crate) const ECDSA: &str = "sk-ecdsa-sha2-nistp256@openssh.com";
const WEBAUTHN: &str = "webauthn-sk-ecdsa-sha2-nistp256@openssh.com";

const APPLICATION: &[u8] = b"ssh:";
/// A browser would write a page's. AsyncSSH wants to see the application here.
const ORIGIN: &str = "ssh:";
/// Somebody touched it.
const FLAGS: u8 = 1;
const COUNTER: u32 = 7;

/// The blob of the security key of this type that has a plain key's secret.
pub(crate) fn blob(key_type: &str, plain: &[u8]) -> Vec<u8> {
    let (name, fields) = string_off(plain);
    assert!(key_type.contains(core::str::from_utf8(name).expect("a name")), "a plain key of this type");
    [string(key_type.as_bytes()), fields.to_vec(), string(APPLICATION)].concat()
}

/// Signs as an authenticator, or a browser with one, would.
pub(crate) fn sign(plain: &PrivateKey, algorithm: &str, message: &[u8]) -> Vec<u8> {
    let head = [&hash(APPLICATION)[..], &[FLAGS], &COUNTER.to_be_bytes()].concat();
    let said = |signed: &[u8]| {
        let signature = plain.sign(plain.algorithms()[0], signed).expect("its own algorithm");
        let (_, rest) = string_off(&signature);
        // As it is: a string.
        [&string(algorithm.as_bytes())[..], rest, &[FLAGS], &COUNTER.to_be_bytes()].concat()
    };
    if algorithm != WEBAUTHN {
        return said(&[&head[..], &hash(message)].concat());
    }
    let challenge = base64url(message);
    let data =
        format!(r#"{{"type":"webauthn.get","challenge":"{challenge}","origin":"{ORIGIN}","crossOrigin":false}}"#);
    let signature = said(&[&head[..], &hash(data.as_bytes())].concat());
    [signature, string(ORIGIN.as_bytes()), string(data.as_bytes()), string(b"")].concat()
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    let mut digest = aws_lc().digest(Hash::Sha256).expect("memory");
    let mut out = [0; Hash::MAX];
    digest.update(bytes);
    digest.finish(&mut out);
    *out.first_chunk().expect("32 bytes")
}

/// `string` of RFC 4251, section 5.
pub(crate) fn string(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).expect("short").to_be_bytes()[..], bytes].concat()
}

/// The first string, and what stands behind it.
fn string_off(bytes: &[u8]) -> (&[u8], &[u8]) {
    let (length, rest) = bytes.split_first_chunk::<4>().expect("a string");
    rest.split_at(u32::from_be_bytes(*length) as usize)
}

/// RFC 4648, section 5, without padding.
fn base64url(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let letters = |group: &[u8]| {
        let bits = group.iter().chain([0; 2].iter()).take(3).fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        (0..=group.len()).map(move |i| char::from(LETTERS[(bits >> (18 - 6 * i) & 63) as usize])).collect::<String>()
    };
    bytes.chunks(3).map(letters).collect()
}

#[test]
fn base64url_is_that_of_rfc_4648() {
    for (bytes, text) in
        [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE")]
    {
        assert_eq!(base64url(bytes.as_bytes()), text);
    }
    assert_eq!(base64url(&[0xfb, 0xff]), "-_8");
}
