//! `sk-ssh-ed25519@openssh.com`, `sk-ecdsa-sha2-nistp256@openssh.com` and its signatures made by browsers.
//!
//! The authenticator is a program here: it signs what the specifications say. `ssh-keygen` says whether that is right,
//! for the good signatures and for the bad ones.

use super::signatures::{REFUSED, base64, message_for_ssh_keygen, mpint, row, ssh_keygen_says};
use super::{providers, strings};
use base64ct::Base64UrlUnpadded;
use ed25519_dalek::Signer as _;
use sansh::crypto::{CryptoError, SecurityKey, Verified};
use sha2::{Digest, Sha256};

const ED25519: &str = "sk-ssh-ed25519@openssh.com";
const ECDSA: &str = "sk-ecdsa-sha2-nistp256@openssh.com";
const WEBAUTHN: &str = "webauthn-sk-ecdsa-sha2-nistp256@openssh.com";

/// A signature by a security key, field by field.
#[derive(Clone)]
struct Assertion {
    application: Vec<u8>,
    flags: u8,
    counter: u32,
    extensions: Vec<u8>,
    /// SHA-256 of this is signed: the message, or a browser's clientData.
    hashed: Vec<u8>,
}

impl Assertion {
    fn of(message: &[u8]) -> Self {
        Assertion {
            application: b"ssh:".to_vec(),
            flags: 1,
            counter: 0x0102_0304,
            extensions: vec![],
            hashed: message.to_vec(),
        }
    }

    fn signed(&self) -> Vec<u8> {
        let application = Sha256::digest(&self.application);
        let hashed = Sha256::digest(&self.hashed);
        [&application[..], &[self.flags], &self.counter.to_be_bytes(), &self.extensions, &hashed].concat()
    }

    fn said(&self) -> Vec<u8> {
        [&[self.flags][..], &self.counter.to_be_bytes()].concat()
    }

    fn verified(&self) -> Result<Verified, CryptoError> {
        Ok(Verified { security_key: Some(SecurityKey { flags: self.flags, counter: self.counter }) })
    }

    fn ed25519(&self) -> Vec<u8> {
        let signature = ed25519_key().sign(&self.signed()).to_bytes();
        [strings(&[ED25519.as_bytes(), &signature]), self.said()].concat()
    }

    fn ecdsa(&self, name: &str) -> Vec<u8> {
        let signature: p256::ecdsa::Signature = ecdsa_key().sign(&self.signed());
        let (r, s) = signature.split_bytes();
        [strings(&[name.as_bytes(), &strings(&[&mpint(&r), &mpint(&s)])]), self.said()].concat()
    }
}

fn ed25519_key() -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&[5; 32])
}

fn ecdsa_key() -> p256::ecdsa::SigningKey {
    p256::ecdsa::SigningKey::from_slice(&[7; 32]).expect("a key")
}

fn ed25519_blob(application: &[u8]) -> Vec<u8> {
    strings(&[ED25519.as_bytes(), ed25519_key().verifying_key().as_bytes(), application])
}

fn ecdsa_blob(application: &[u8]) -> Vec<u8> {
    let point = ecdsa_key().verifying_key().to_sec1_point(false);
    strings(&[ECDSA.as_bytes(), b"nistp256", point.as_bytes(), application])
}

/// Name, key and signature, of both kinds.
fn both(assertion: &Assertion) -> [(&'static str, Vec<u8>, Vec<u8>); 2] {
    [
        (ED25519, ed25519_blob(&assertion.application), assertion.ed25519()),
        (ECDSA, ecdsa_blob(&assertion.application), assertion.ecdsa(ECDSA)),
    ]
}

/// CVE-2026-39831: what the authenticator says of its user comes out of the verification, good or bad.
#[test]
fn flags_and_counter_are_told_as_they_were_signed() {
    let message = message_for_ssh_keygen();
    for (flags, counter, present, verified) in [
        (0, 0, false, false),
        (1, 1, true, false),
        (4, 7, false, true),
        (5, u32::MAX, true, true),
        (0xff, 256, true, true),
    ] {
        let assertion = Assertion { flags, counter, ..Assertion::of(&message) };
        for (name, key, signature) in both(&assertion) {
            assert!(ssh_keygen_says(&key, &signature), "{name}");
            for provider in providers() {
                assert!(row(provider, name).accepts(&key), "{name}");
                let said = row(provider, name).verify(&key, &message, &signature);
                assert_eq!(said, assertion.verified(), "{} {name}", provider.name());
                let said = said.expect("good").security_key.expect("a security key");
                assert_eq!((said.user_present(), said.user_verified()), (present, verified));
            }
        }
    }
}

/// CVE-2026-39831: nobody can put a touch into a signature that was made without one.
#[test]
fn one_flipped_bit_of_a_signature_is_refused() {
    let message = message_for_ssh_keygen();
    for (name, key, signature) in both(&Assertion { flags: 0, ..Assertion::of(&message) }) {
        for bit in 0..signature.len() * 8 {
            let mut changed = signature.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            for provider in providers() {
                assert_eq!(row(provider, name).verify(&key, &message, &changed), REFUSED, "{name} bit {bit}");
            }
        }
        for end in 0..signature.len() {
            for provider in providers() {
                assert_eq!(row(provider, name).verify(&key, &message, &signature[..end]), REFUSED, "{name} {end}");
            }
        }
        let longer = [&signature[..], &[0]].concat();
        let mut touched = signature.clone();
        let flags = touched.len() - 5;
        touched[flags] = 1;
        assert!(!ssh_keygen_says(&key, &touched) && !ssh_keygen_says(&key, &longer));
        for provider in providers() {
            assert_eq!(row(provider, name).verify(&key, &message, &longer), REFUSED, "{name}");
            assert_eq!(row(provider, name).verify(&key, &message, &touched), REFUSED, "{name}");
            assert_eq!(row(provider, name).verify(&key, b"another", &signature), REFUSED, "{name}");
        }
    }
}

/// The application is a part of the key, and is signed.
#[test]
fn a_key_of_another_application_is_another_key() {
    let message = message_for_ssh_keygen();
    for application in [&b""[..], b"ssh:", b"ssh:else", &[0xff; 3000]] {
        let assertion = Assertion { application: application.to_vec(), ..Assertion::of(&message) };
        for (name, key, signature) in both(&assertion) {
            for provider in providers() {
                assert_eq!(row(provider, name).verify(&key, &message, &signature), assertion.verified(), "{name}");
            }
            let others = [ed25519_blob(b"https://example.com"), ecdsa_blob(b"https://example.com")];
            for (provider, other) in providers().into_iter().flat_map(|p| others.iter().map(move |other| (p, other))) {
                assert_eq!(row(provider, name).verify(other, &message, &signature), REFUSED, "{name}");
            }
        }
    }
}

/// CVE-2020-9283: keys of other lengths are no keys, and nothing panics on them. 5656/3.1/1: nor are those of other
/// curves.
#[test]
fn blobs_that_are_not_exactly_a_security_key_are_refused() {
    let message = message_for_ssh_keygen();
    let point = ecdsa_key().verifying_key().to_sec1_point(false);
    let point = point.as_bytes();
    let compressed = ecdsa_key().verifying_key().to_sec1_point(true);
    let verifying = ed25519_key().verifying_key().to_bytes();
    let (ed25519, ecdsa) = (ED25519.as_bytes(), ECDSA.as_bytes());
    let wrong = [
        vec![],
        strings(&[ed25519]),
        strings(&[ed25519, &verifying]),
        strings(&[ed25519, &[], b"ssh:"]),
        strings(&[ed25519, &verifying[1..], b"ssh:"]),
        strings(&[ed25519, &[&verifying[..], &[0]].concat(), b"ssh:"]),
        strings(&[ed25519, &verifying, b"ssh:", b""]),
        strings(&[b"ssh-ed25519", &verifying, b"ssh:"]),
        strings(&[b"ssh-ed25519", &verifying]),
        strings(&[ecdsa, &verifying, b"ssh:"]),
        strings(&[ecdsa, b"nistp256", point]),
        strings(&[ecdsa, b"nistp384", point, b"ssh:"]),
        strings(&[ecdsa, b"", point, b"ssh:"]),
        strings(&[ecdsa, b"nistp256", &point[1..], b"ssh:"]),
        strings(&[ecdsa, b"nistp256", &point[..64], b"ssh:"]),
        strings(&[ecdsa, b"nistp256", compressed.as_bytes(), b"ssh:"]),
        strings(&[ecdsa, b"nistp256", point, b"ssh:", b""]),
        strings(&[b"ecdsa-sha2-nistp256", b"nistp256", point, b"ssh:"]),
        strings(&[b"ecdsa-sha2-nistp256", b"nistp256", point]),
        strings(&[WEBAUTHN.as_bytes(), b"nistp256", point, b"ssh:"]),
    ];
    for provider in providers() {
        for name in [ED25519, ECDSA, WEBAUTHN] {
            for key in &wrong {
                assert!(!row(provider, name).accepts(key), "{name} {key:02x?}");
                for (_, _, signature) in both(&Assertion::of(&message)) {
                    assert_eq!(row(provider, name).verify(key, &message, &signature), REFUSED, "{name}");
                }
            }
        }
    }
    // A signature of 63 or 65 bytes, and integers that are out of range.
    let signature = ed25519_key().sign(&Assertion::of(&message).signed()).to_bytes();
    let said = Assertion::of(&message).said();
    for wrong in [&signature[1..], &signature[..63], &[&signature[..], &[0]].concat(), b""] {
        let blob = [strings(&[ED25519.as_bytes(), wrong]), said.clone()].concat();
        for provider in providers() {
            assert_eq!(row(provider, ED25519).verify(&ed25519_blob(b"ssh:"), &message, &blob), REFUSED);
        }
    }
    for integers in [strings(&[b"", b""]), strings(&[b"\x01", b"\0"]), strings(&[&[0x7f; 33], b"\x01"]), vec![]] {
        let blob = [strings(&[ECDSA.as_bytes(), &integers]), said.clone()].concat();
        for provider in providers() {
            assert_eq!(row(provider, ECDSA).verify(&ecdsa_blob(b"ssh:"), &message, &blob), REFUSED);
        }
    }
}

/// What a browser makes of a message.
fn client_data(message: &[u8], origin: &str) -> String {
    let challenge = base64::<Base64UrlUnpadded>(message);
    format!(r#"{{"type":"webauthn.get","challenge":"{challenge}","origin":"{origin}","crossOrigin":false}}"#)
}

/// A signature with all of a browser's fields.
fn webauthn(assertion: &Assertion, origin: &[u8]) -> Vec<u8> {
    [assertion.ecdsa(WEBAUTHN), strings(&[origin, &assertion.hashed, &assertion.extensions])].concat()
}

/// A browser's: the application is the host's name.
fn in_browser(client_data: &str) -> Assertion {
    Assertion { application: b"example.com".to_vec(), ..Assertion::of(client_data.as_bytes()) }
}

#[test]
fn a_browsers_signature_verifies() {
    let message = message_for_ssh_keygen();
    let key = ecdsa_blob(b"example.com");
    let plain = in_browser(&client_data(&message, "https://example.com"));
    let extended = Assertion { flags: 0x81, extensions: b"\xa1\x63abc\xf5".to_vec(), ..plain.clone() };
    let verified = Assertion { flags: 5, counter: 0, ..plain.clone() };
    for assertion in [plain, extended, verified] {
        let signature = webauthn(&assertion, b"https://example.com");
        assert!(ssh_keygen_says(&key, &signature));
        for provider in providers() {
            assert!(row(provider, WEBAUTHN).accepts(&key));
            let said = row(provider, WEBAUTHN).verify(&key, &message, &signature);
            assert_eq!(said, assertion.verified(), "{}", provider.name());
            // The key's other algorithm has another form.
            assert_eq!(row(provider, ECDSA).verify(&key, &message, &signature), REFUSED);
            let other = Assertion { hashed: message.clone(), ..assertion.clone() }.ecdsa(ECDSA);
            assert_eq!(row(provider, WEBAUTHN).verify(&key, &message, &other), REFUSED);
        }
    }
}

/// The challenge goes over in parts, whose ends must not show.
#[test]
fn messages_of_every_length_are_found_in_the_challenge() {
    let key = ecdsa_blob(b"example.com");
    for length in (0..200).chain([1000, 5000]) {
        let message = super::bytes(3, length);
        let assertion = in_browser(&client_data(&message, "https://example.com"));
        let signature = webauthn(&assertion, b"https://example.com");
        let longer = [&message[..], &[0]].concat();
        for provider in providers() {
            let row = row(provider, WEBAUTHN);
            assert_eq!(row.verify(&key, &message, &signature), assertion.verified(), "{length}");
            assert_eq!(row.verify(&key, &longer, &signature), REFUSED, "{length}");
            if let Some((_, shorter)) = message.split_last() {
                assert_eq!(row.verify(&key, shorter, &signature), REFUSED, "{length}");
            }
        }
    }
}

/// Each of these is signed well, and is no signature of the message.
#[test]
fn client_data_that_say_something_else_are_refused() {
    let message = message_for_ssh_keygen();
    let key = ecdsa_blob(b"example.com");
    let origin = "https://example.com";
    let good = client_data(&message, origin);
    let challenge = base64::<Base64UrlUnpadded>(&message);
    let wrong = [
        String::new(),
        client_data(b"another", origin),
        client_data(&message, "https://example.org"),
        good.replace("webauthn.get", "webauthn.create"),
        good.replace("\"type\":\"webauthn.get\",", ""),
        good.replace("{\"type\"", "{ \"type\""),
        good.replace("{\"type\"", " {\"type\""),
        good.replace(&challenge, &format!("{challenge}=")),
        good.replace(&challenge, &challenge[..challenge.len() - 1]),
        good.replace(&challenge, &challenge.to_uppercase()),
        good.replace("\",\"origin\"", "\", \"origin\""),
        good.replace("https://example.com\"", "https://example.com.example.org\""),
        good.replace("\"origin\"", "\"other\":\"x\",\"origin\""),
        good[..good.find("\",\"cross").expect("there")].to_owned(),
        format!("{{\"crossOrigin\":false,{}", &good[1..]),
    ];
    for (n, text) in wrong.iter().enumerate() {
        let signature = webauthn(&in_browser(text), origin.as_bytes());
        assert!(!ssh_keygen_says(&key, &signature), "{n}");
        for provider in providers() {
            assert_eq!(row(provider, WEBAUTHN).verify(&key, &message, &signature), REFUSED, "{n} {text}");
        }
    }
    // Whatever follows the origin is the browser's own.
    let ends = format!("{}\"", &good[..good.find("\",\"cross").expect("there")]);
    for text in [&ends, &good.replace("false", "true")] {
        let assertion = in_browser(text);
        let signature = webauthn(&assertion, origin.as_bytes());
        assert!(ssh_keygen_says(&key, &signature));
        for provider in providers() {
            assert_eq!(row(provider, WEBAUTHN).verify(&key, &message, &signature), assertion.verified());
        }
    }
}

/// An origin with a quote or a NUL, flags and extensions that do not fit together, fields that are missing or too many.
#[test]
fn other_forms_of_a_browsers_signature_are_refused() {
    let message = message_for_ssh_keygen();
    let key = ecdsa_blob(b"example.com");
    let origin = "https://example.com";
    let good = in_browser(&client_data(&message, origin));
    let quoted = "https://example.com\",\"x\":\"";
    let zero = "https://example.com\0";
    let whole = webauthn(&good, origin.as_bytes());
    let wrong = [
        webauthn(&in_browser(&client_data(&message, quoted)), quoted.as_bytes()),
        webauthn(&in_browser(&client_data(&message, zero)), zero.as_bytes()),
        webauthn(&Assertion { flags: 0x81, ..good.clone() }, origin.as_bytes()),
        webauthn(&Assertion { flags: 1, extensions: vec![0xa0], ..good.clone() }, origin.as_bytes()),
        webauthn(&Assertion { flags: 0x41, ..good.clone() }, origin.as_bytes()),
        webauthn(&Assertion { flags: 0xc1, extensions: vec![0xa0], ..good.clone() }, origin.as_bytes()),
        webauthn(&Assertion { application: b"example.org".to_vec(), ..good.clone() }, origin.as_bytes()),
        good.ecdsa(WEBAUTHN),
        [whole.clone(), strings(&[b""])].concat(),
        [whole.clone(), vec![0]].concat(),
        [good.ecdsa(ECDSA), strings(&[origin.as_bytes(), &good.hashed, b""])].concat(),
    ];
    for (n, signature) in wrong.iter().enumerate() {
        assert!(!ssh_keygen_says(&key, signature), "{n}");
        for provider in providers() {
            assert_eq!(row(provider, WEBAUTHN).verify(&key, &message, signature), REFUSED, "{n}");
        }
    }
    for bit in 0..whole.len() * 8 {
        let mut changed = whole.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        for provider in providers() {
            assert_eq!(row(provider, WEBAUTHN).verify(&key, &message, &changed), REFUSED, "bit {bit}");
        }
    }
    for end in 0..whole.len() {
        for provider in providers() {
            assert_eq!(row(provider, WEBAUTHN).verify(&key, &message, &whole[..end]), REFUSED, "{end}");
        }
    }
}
