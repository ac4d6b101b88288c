//! Certificates: what `ssh-keygen` signs is read and checked, and whatever is wrong with one is a refusal.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "a test allocates as it likes")]
#![cfg(feature = "rustcrypto")]

use core::net::IpAddr;
use core::sync::atomic::{AtomicU32, Ordering};
use ed25519_dalek::{Signer, SigningKey};
use sansh::UnixTime;
use sansh::crypto::rustcrypto::RustCrypto;
use sansh::crypto::{Provider, SignatureAlgorithm, Verified};
use sansh::keys::{
    Authorities, CertError, Certificate, CertificateKind, Check, Checked, PublicKey, PublicKeyLine, Restrictions,
    ed25519_blob,
};
use sansh::wire::Malformed;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const NOW: UnixTime = UnixTime(1_800_000_000);

/// The providers of this build.
fn providers() -> Vec<&'static dyn Provider> {
    vec![
        &RustCrypto,
        #[cfg(feature = "aws_lc")]
        &sansh::crypto::aws_lc::AwsLc,
    ]
}

// ---- Certificates made here, so that every field can be wrong under a good signature.

fn string(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

fn strings<'a>(all: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    all.into_iter().flat_map(string).collect()
}

/// An option whose value is a text.
fn text_option(name: &str, value: &str) -> Vec<u8> {
    strings([name.as_bytes(), &string(value.as_bytes())])
}

fn flag(name: &str) -> Vec<u8> {
    strings([name.as_bytes(), b""])
}

fn authority() -> SigningKey {
    SigningKey::from_bytes(&[0xca; 32])
}

fn blob_of(key: &SigningKey) -> Vec<u8> {
    ed25519_blob(key.verifying_key().as_bytes()).to_vec()
}

#[derive(Clone)]
struct Draft {
    key_type: &'static str,
    nonce: Vec<u8>,
    key_fields: Vec<u8>,
    serial: u64,
    role: u32,
    key_id: Vec<u8>,
    principals: Vec<u8>,
    after: u64,
    before: u64,
    critical: Vec<u8>,
    extensions: Vec<u8>,
    reserved: Vec<u8>,
    authority: Vec<u8>,
}

impl Draft {
    fn user() -> Self {
        Draft {
            key_type: "ssh-ed25519-cert-v01@openssh.com",
            nonce: vec![7; 32],
            key_fields: string(SigningKey::from_bytes(&[1; 32]).verifying_key().as_bytes()),
            serial: 42,
            role: 1,
            key_id: b"the id".to_vec(),
            principals: strings([&b"alice"[..], b"bob"]),
            after: NOW.0 - 100,
            before: NOW.0 + 100,
            critical: Vec::new(),
            extensions: flag("permit-pty"),
            reserved: Vec::new(),
            authority: blob_of(&authority()),
        }
    }

    fn host() -> Self {
        Draft { role: 2, principals: strings([&b"*.example.com"[..], b"10.0.0.1"]), ..Draft::user() }
    }

    fn unsigned(&self) -> Vec<u8> {
        let numbers = [&self.serial.to_be_bytes()[..], &self.role.to_be_bytes()].concat();
        let validity = [self.after.to_be_bytes(), self.before.to_be_bytes()].concat();
        let names = strings([self.key_id.as_slice(), &self.principals]);
        let options = strings([self.critical.as_slice(), &self.extensions, &self.reserved, &self.authority]);
        [strings([self.key_type.as_bytes(), &self.nonce]), self.key_fields.clone(), numbers, names, validity, options]
            .concat()
    }

    fn signed_by(&self, signature: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
        let unsigned = self.unsigned();
        let signature = signature(&unsigned);
        [unsigned, string(&signature)].concat()
    }

    fn signed(&self) -> Vec<u8> {
        self.signed_by(|message| ed25519_signature(&authority(), message))
    }
}

fn ed25519_signature(key: &SigningKey, message: &[u8]) -> Vec<u8> {
    strings([&b"ssh-ed25519"[..], &key.sign(message).to_bytes()])
}

fn check_user<'a>(blob: &'a [u8], name: &str) -> Result<Checked<'a>, CertError> {
    let trusted = [blob_of(&authority())];
    Certificate::parse(blob)?.check(Check::user(name, NOW, &trusted, &RustCrypto))
}

fn check_host<'a>(blob: &'a [u8], name: &str) -> Result<Checked<'a>, CertError> {
    let trusted = [blob_of(&authority())];
    Certificate::parse(blob)?.check(Check::host(name, NOW, &trusted, &RustCrypto))
}

fn refused(draft: &Draft, error: CertError) {
    assert_eq!(check_user(&draft.signed(), "alice").map(|_| ()), Err(error));
}

/// It is part of an answer, which is passed by value.
#[test]
fn a_checked_certificate_is_small() {
    assert!(size_of::<Checked<'_>>() <= 180, "{}", size_of::<Checked<'_>>());
}

#[test]
fn a_good_certificate_is_checked() {
    let blob = Draft::user().signed();
    let checked = check_user(&blob, "alice").unwrap();
    assert_eq!((checked.blob(), checked.kind()), (&blob[..], CertificateKind::User));
    assert_eq!(checked.certificate().serial(), 42);
    assert!(checked.restrictions().pty && !checked.restrictions().x11_forwarding);
    check_user(&blob, "bob").unwrap();
    let host = Draft::host().signed();
    assert_eq!(check_host(&host, "a.example.com").unwrap().kind(), CertificateKind::Host);
    check_host(&host, "A.EXAMPLE.COM").unwrap();
    check_host(&host, "10.0.0.1").unwrap();
    for provider in providers() {
        let trusted = |ca: PublicKey<'_>| ca.blob() == blob_of(&authority());
        Certificate::parse(&blob).unwrap().check(Check::user("alice", NOW, &trusted, provider)).unwrap();
    }
}

/// cert/3.1/1: "MUST verify the CA signature over the certificate contents prior to making any authentication or
/// authorisation decisions" (draft-ietf-sshm-cert-01, section 3.1).
#[test]
fn no_bit_of_a_certificate_may_be_another() {
    for (blob, name) in [(Draft::user().signed(), "alice"), (Draft::host().signed(), "a.example.com")] {
        for at in 0..blob.len() {
            for bit in 0..8 {
                let mut other = blob.clone();
                other[at] ^= 1 << bit;
                assert!(check_user(&other, name).is_err() && check_host(&other, name).is_err(), "byte {at} bit {bit}");
            }
        }
        for end in 0..blob.len() {
            assert!(Certificate::parse(&blob[..end]).is_err(), "{end}");
        }
        let longer = [&blob[..], &[0]].concat();
        assert_eq!(Certificate::parse(&longer), Err(CertError::Malformed(Malformed::Trailing)));
    }
}

/// cert/2.1.1/1, cert/2.1.1/2: "If an implementation does not recognise or support a particular option contained in a
/// certificate, then it MUST refuse to accept the certificate"; "An implementation that does not recognise or support an
/// extension … MUST ignore the extension" (draft-ietf-sshm-cert-01, section 2.1.1).
#[test]
fn an_unknown_critical_option_is_refused_and_an_unknown_extension_ignored() {
    refused(&Draft { critical: flag("x@y"), ..Draft::user() }, CertError::UnknownOption);
    refused(&Draft { critical: flag("permit-pty"), ..Draft::user() }, CertError::UnknownOption);
    refused(&Draft { critical: flag(""), ..Draft::user() }, CertError::UnknownOption);
    let extensions =
        [text_option("force-command", "no"), flag("permit-pty"), strings([&b"x@y"[..], b"\0\xff"])].concat();
    let blob = Draft { extensions, ..Draft::user() }.signed();
    let restrictions = check_user(&blob, "alice").unwrap().restrictions();
    assert!(restrictions.pty && restrictions.force_command.is_none());
    // "There are no defined critical options for host certificates" (section 2.4), and so each is unknown.
    for critical in [flag("x@y"), text_option("force-command", "c"), flag("verify-required")] {
        let blob = Draft { critical, ..Draft::host() }.signed();
        assert_eq!(check_host(&blob, "10.0.0.1").map(|_| ()), Err(CertError::UnknownOption));
    }
    let blob = Draft { extensions: flag("x@y"), ..Draft::host() }.signed();
    check_host(&blob, "10.0.0.1").unwrap();
}

/// cert/2.1.1/3: "This value MUST be at least 16 bytes in length"; "Implementations MUST ignore the contents of this
/// field if it is not empty" (draft-ietf-sshm-cert-01, section 2.1.1); "Key/value pairs MUST be ordered lexically by key
/// name" (section 2.2).
#[test]
fn nonces_are_long_options_sorted_and_what_is_reserved_is_ignored() {
    for short in [0, 15] {
        refused(&Draft { nonce: vec![7; short], ..Draft::user() }, CertError::Nonce);
    }
    for long in [16, 64, 1000] {
        check_user(&Draft { nonce: vec![7; long], ..Draft::user() }.signed(), "alice").unwrap();
    }
    check_user(&Draft { reserved: b"anything at all\0".to_vec(), ..Draft::user() }.signed(), "alice").unwrap();
    let unsorted = [flag("permit-pty"), flag("permit-X11-forwarding")].concat();
    let twice = [flag("permit-pty"), flag("permit-pty")].concat();
    for extensions in [unsorted, twice] {
        refused(&Draft { extensions, ..Draft::user() }, CertError::Options);
    }
    let unsorted = [text_option("source-address", "::1"), text_option("force-command", "a")].concat();
    let twice = [text_option("force-command", "a"), text_option("force-command", "b")].concat();
    for critical in [unsorted, twice] {
        refused(&Draft { critical, ..Draft::user() }, CertError::Options);
    }
    let half = string(b"permit-pty");
    refused(&Draft { extensions: half, ..Draft::user() }, CertError::Malformed(Malformed::Truncated));
}

/// cert/2.1.1/4: "Implementations MUST NOT accept certificate keys as CA keys" (draft-ietf-sshm-cert-01, section 2.1.1).
#[test]
fn a_certificate_is_no_authority() {
    let ca = SigningKey::from_bytes(&[2; 32]);
    let its_key = string(ca.verifying_key().as_bytes());
    let ca_certificate = Draft { key_fields: its_key, ..Draft::user() }.signed();
    let draft = Draft { authority: ca_certificate.clone(), ..Draft::user() };
    let blob = draft.signed_by(|message| ed25519_signature(&ca, message));
    assert_eq!(Certificate::parse(&blob), Err(CertError::AuthorityIsCertificate));
    // An authority of a type that nobody knows is found out by its algorithm.
    let draft = Draft { authority: string(b"x-cert-v02@y"), ..Draft::user() };
    let blob = draft.signed_by(|message| ed25519_signature(&ca, message));
    let everybody = |_: PublicKey<'_>| true;
    let checked = Certificate::parse(&blob).unwrap().check(Check::user("alice", NOW, &everybody, &RustCrypto));
    assert_eq!(checked, Err(CertError::AuthorityAlgorithm));
}

#[test]
fn only_a_trusted_authority_that_really_signed_is_one() {
    let blob = Draft::user().signed();
    let check = |authorities: &dyn Authorities| {
        Certificate::parse(&blob).unwrap().check(Check::user("alice", NOW, authorities, &RustCrypto)).map(|_| ())
    };
    let other = blob_of(&SigningKey::from_bytes(&[9; 32]));
    assert_eq!(check(&[&other]), Err(CertError::UnknownAuthority));
    assert_eq!(check(&Vec::<Vec<u8>>::new()), Err(CertError::UnknownAuthority));
    // The certified key is no authority, and neither is the certificate.
    assert_eq!(check(&[Certificate::parse(&blob).unwrap().plain_key().blob()]), Err(CertError::UnknownAuthority));
    assert_eq!(check(&[&blob]), Err(CertError::UnknownAuthority));
    assert_eq!(check(&vec![other, blob_of(&authority())]), Ok(()));
    assert_eq!(check(&&[blob_of(&authority())][..]), Ok(()));

    let mallory = SigningKey::from_bytes(&[9; 32]);
    let forged = Draft::user().signed_by(|message| ed25519_signature(&mallory, message));
    assert_eq!(check_user(&forged, "alice"), Err(CertError::AuthoritySignature));
    let elsewhere = Draft::user().signed_by(|_| ed25519_signature(&authority(), b"another text"));
    assert_eq!(check_user(&elsewhere, "alice"), Err(CertError::AuthoritySignature));
}

/// cert/6/1: "SHOULD by default disallow the ssh-dss-cert certificate type and certificate signatures made using the
/// ssh-rsa signature algorithm" (draft-ietf-sshm-cert-01, section 6).
#[test]
fn dsa_and_sha_1_are_refused() {
    for key_type in ["ssh-dss-cert-v01@openssh.com", "ssh-dss-cert", "ssh-ed25519", ""] {
        refused(&Draft { key_type, ..Draft::user() }, CertError::Type);
    }
    for algorithm in [&b"ssh-rsa"[..], b"ssh-dss", b"ssh-ed25519-cert-v01@openssh.com", b"", b"x@y"] {
        let signature = |message: &[u8]| strings([algorithm, &authority().sign(message).to_bytes()]);
        assert_eq!(check_user(&Draft::user().signed_by(signature), "alice"), Err(CertError::AuthorityAlgorithm));
    }
}

/// Even from a provider that has SHA-1.
#[test]
fn sha_1_is_refused_whatever_the_provider_can_do() {
    use sansh::crypto::{Cipher, CryptoError, Digest, Hash, KexMethod, Mac};
    #[derive(Debug)]
    struct Takes(&'static str);
    impl SignatureAlgorithm for Takes {
        fn name(&self) -> &'static str {
            self.0
        }
        fn key_type(&self) -> &'static str {
            if self.0 == "ssh-ed25519" { "ssh-ed25519" } else { "ssh-rsa" }
        }
        fn verify(&self, _: &[u8], _: &[u8], _: &[u8]) -> Result<Verified, CryptoError> {
            Ok(Verified::default())
        }
        fn accepts(&self, _: &[u8]) -> bool {
            true
        }
    }
    #[derive(Debug)]
    struct Careless;
    impl Provider for Careless {
        fn name(&self) -> &'static str {
            "careless"
        }
        fn kex(&self) -> &'static [&'static dyn KexMethod] {
            RustCrypto.kex()
        }
        fn ciphers(&self) -> &'static [&'static dyn Cipher] {
            RustCrypto.ciphers()
        }
        fn macs(&self) -> &'static [&'static dyn Mac] {
            RustCrypto.macs()
        }
        fn signatures(&self) -> &'static [&'static dyn SignatureAlgorithm] {
            &[&Takes("ssh-rsa"), &Takes("rsa-sha2-256"), &Takes("ssh-ed25519")]
        }
        fn digest(&self, hash: Hash) -> Result<Box<dyn Digest>, CryptoError> {
            RustCrypto.digest(hash)
        }
        fn state_bytes(&self) -> usize {
            0
        }
    }
    let draft = Draft { authority: string(b"ssh-rsa"), ..Draft::user() };
    let everybody = |_: PublicKey<'_>| true;
    for (algorithm, result) in [("ssh-rsa", Err(CertError::AuthorityAlgorithm)), ("rsa-sha2-256", Ok(()))] {
        let blob = draft.signed_by(|_| strings([algorithm.as_bytes(), b"any"]));
        let check = Check::user("alice", NOW, &everybody, &Careless);
        assert_eq!(Certificate::parse(&blob).unwrap().check(check).map(|_| ()), result, "{algorithm}");
    }
}

/// cert/3.3/1: "Certificates used for host authentication MUST have 'certificate role' of SSH2_CERT_TYPE_HOST"; "Clients
/// MUST match the hostname or address they are using for the host against the principals in this list and refuse to
/// authorise the certificate if it is absent" (draft-ietf-sshm-cert-01, section 3.3).
#[test]
fn a_host_certificate_is_a_hosts_and_this_hosts_and_valid_now() {
    let host = |change: fn(&mut Draft)| {
        let mut draft = Draft::host();
        change(&mut draft);
        check_host(&draft.signed(), "a.example.com").map(|_| ())
    };
    assert_eq!(host(|_| {}), Ok(()));
    assert_eq!(host(|draft| draft.role = 1), Err(CertError::WrongRole));
    assert_eq!(host(|draft| draft.role = 3), Err(CertError::Role));
    assert_eq!(host(|draft| draft.principals = string(b"a.example.org")), Err(CertError::WrongName));
    assert_eq!(host(|draft| draft.principals = string(b"a.example.com,b")), Err(CertError::WrongName));
    assert_eq!(host(|draft| draft.principals = string(b"")), Err(CertError::WrongName));
    assert_eq!(host(|draft| draft.principals = Vec::new()), Err(CertError::NoPrincipals));
    assert_eq!(host(|draft| draft.before = NOW.0), Err(CertError::Expired));
    assert_eq!(host(|draft| draft.after = NOW.0 + 1), Err(CertError::NotYetValid));
    assert_eq!(check_host(&Draft::host().signed(), ""), Err(CertError::WrongName));
}

/// cert/3.4/1: "Certificates used for user authentication MUST have 'certificate role' of SSH2_CERT_TYPE_USER"
/// (draft-ietf-sshm-cert-01, section 3.4).
#[test]
fn a_user_certificate_is_a_users_and_this_users_and_valid_now() {
    assert_eq!(check_user(&Draft::user().signed(), "carol"), Err(CertError::WrongName));
    assert_eq!(check_user(&Draft::user().signed(), ""), Err(CertError::WrongName));
    assert_eq!(check_user(&Draft::user().signed(), "Alice"), Err(CertError::WrongName));
    refused(&Draft { role: 2, ..Draft::user() }, CertError::WrongRole);
    refused(&Draft { role: 0, ..Draft::user() }, CertError::Role);
    refused(&Draft { principals: Vec::new(), ..Draft::user() }, CertError::NoPrincipals);
    // A user's principals are no patterns.
    refused(&Draft { principals: string(b"*"), ..Draft::user() }, CertError::WrongName);
    refused(&Draft { principals: string(b""), ..Draft::user() }, CertError::WrongName);
    refused(&Draft { principals: string(b"alice\0x"), ..Draft::user() }, CertError::Text);
    refused(&Draft { key_id: b"id\0".to_vec(), ..Draft::user() }, CertError::Text);
    let many = |n| Draft { principals: strings(core::iter::repeat_n(&b"alice"[..], n)), ..Draft::user() };
    check_user(&many(256).signed(), "alice").unwrap();
    refused(&many(257), CertError::Principals);
}

/// The first second counts, the last does not; zero is always, all ones is for ever.
#[test]
fn validity_has_two_ends() {
    let (always, for_ever) = (0, u64::MAX);
    let now = NOW.0;
    for (after, before, result) in [
        (now, now + 1, Ok(())),
        (always, for_ever, Ok(())),
        (now, for_ever, Ok(())),
        (now + 1, for_ever, Err(CertError::NotYetValid)),
        (always, now, Err(CertError::Expired)),
        (always, now - 1, Err(CertError::Expired)),
        (now + 1, now - 1, Err(CertError::NotYetValid)),
        (for_ever, always, Err(CertError::NotYetValid)),
        (always, always, Err(CertError::Expired)),
    ] {
        let blob = Draft { after, before, ..Draft::user() }.signed();
        assert_eq!(check_user(&blob, "alice").map(|_| ()), result, "{after} {before}");
    }
    let blob = Draft { after: 0, before: u64::MAX, ..Draft::user() }.signed();
    let trusted = [blob_of(&authority())];
    let check = Check::user("alice", UnixTime(u64::MAX), &trusted, &RustCrypto);
    Certificate::parse(&blob).unwrap().check(check).unwrap();
}

/// CVE-2026-35414: a principal with a comma is one principal.
#[test]
fn principals_are_whole_byte_strings() {
    let blob = Draft { principals: strings([&b"alice,root"[..], b"bob root", b"\xff"]), ..Draft::user() }.signed();
    for name in ["root", "alice", "bob", "bob root,alice", "alice,root,bob root"] {
        assert_eq!(check_user(&blob, name), Err(CertError::WrongName), "{name}");
    }
    check_user(&blob, "alice,root").unwrap();
    let names: Vec<_> = Certificate::parse(&blob).unwrap().principals().collect();
    assert_eq!(names, [&b"alice,root"[..], b"bob root", b"\xff"]);
}

/// CVE-2026-42508: revocation is asked about the authority as well as about the key, and about the certificate.
#[test]
fn whatever_is_revoked_is_refused() {
    struct Revoking<'r>(&'r [u8], Option<u64>);
    impl Authorities for Revoking<'_> {
        fn trusts(&self, _: PublicKey<'_>) -> bool {
            true
        }
        fn revoked(&self, key: PublicKey<'_>) -> bool {
            key.blob() == self.0
        }
        fn revoked_certificate(&self, certificate: &Certificate<'_>) -> bool {
            Some(certificate.serial()) == self.1
        }
    }
    for blob in [Draft::user().signed(), Draft::host().signed()] {
        let certificate = Certificate::parse(&blob).unwrap();
        let plain = certificate.plain_key();
        let check = |authorities: &Revoking<'_>| match certificate.kind() {
            CertificateKind::User => certificate.check(Check::user("alice", NOW, authorities, &RustCrypto)),
            CertificateKind::Host => certificate.check(Check::host("10.0.0.1", NOW, authorities, &RustCrypto)),
        };
        let check = |authorities: &Revoking<'_>| check(authorities).map(|_| ());
        assert_eq!(check(&Revoking(b"", None)), Ok(()));
        assert_eq!(check(&Revoking(certificate.authority().blob(), None)), Err(CertError::RevokedAuthority));
        assert_eq!(check(&Revoking(plain.blob(), None)), Err(CertError::RevokedKey));
        assert_eq!(check(&Revoking(&blob, None)), Err(CertError::RevokedCertificate));
        assert_eq!(check(&Revoking(b"", Some(42))), Err(CertError::RevokedCertificate));
        assert_eq!(check(&Revoking(b"", Some(43))), Ok(()));
    }
}

/// CVE-2026-46595 and cert/3.4/1: "servers MUST refuse connections from sources that are not listed"
/// (draft-ietf-sshm-cert-01, section 2.4). There is no way to a `Checked` around it.
#[test]
fn a_certificate_is_good_from_its_addresses_only() {
    let from = |list: &str, source: Option<&str>| {
        let blob = Draft { critical: text_option("source-address", list), ..Draft::user() }.signed();
        let trusted = [blob_of(&authority())];
        let check = Check::user("alice", NOW, &trusted, &RustCrypto);
        let check = source.map_or(check, |source| check.coming_from(source.parse::<IpAddr>().unwrap()));
        Certificate::parse(&blob).unwrap().check(check).map(|_| ())
    };
    let list = "192.0.2.0/29,2001:db8::/32,198.51.100.*";
    assert_eq!(from(list, None), Err(CertError::SourceUnknown));
    for good in ["192.0.2.7", "2001:db8::1", "198.51.100.3", "::ffff:192.0.2.1"] {
        assert_eq!(from(list, Some(good)), Ok(()), "{good}");
    }
    for bad in ["192.0.2.8", "2001:db9::1", "198.51.101.3", "::1"] {
        assert_eq!(from(list, Some(bad)), Err(CertError::WrongSource), "{bad}");
    }
    for unreadable in ["", "localhost", "192.0.2.7,", "192.0.2.1/8", "!192.0.2.8"] {
        assert_eq!(from(unreadable, Some("192.0.2.7")), Err(CertError::BadOption), "{unreadable}");
    }
    let critical = strings([&b"source-address"[..], b"192.0.2.7"]);
    refused(&Draft { critical, ..Draft::user() }, CertError::BadOption);
}

#[test]
fn options_with_values_that_are_none_are_refused() {
    for (critical, extensions) in [
        (strings([&b"force-command"[..], b""]), Vec::new()),
        (strings([&b"force-command"[..], b"\0\0\0\x01ab"]), Vec::new()),
        (text_option("force-command", "a\0b"), Vec::new()),
        (text_option("verify-required", "yes"), Vec::new()),
        (Vec::new(), text_option("permit-pty", "yes")),
        (Vec::new(), text_option("no-touch-required", "")),
    ] {
        refused(&Draft { critical, extensions, ..Draft::user() }, CertError::BadOption);
    }
    let critical = [text_option("force-command", "sftp"), flag("verify-required")].concat();
    let blob = Draft { critical, extensions: flag("no-touch-required"), ..Draft::user() }.signed();
    let restrictions = check_user(&blob, "alice").unwrap().restrictions();
    assert_eq!(restrictions.force_command, Some(&b"sftp"[..]));
    assert!(restrictions.verify_required && restrictions.no_touch_required && !restrictions.pty);
    // What a step without a certificate permits does not loosen it.
    let merged = Restrictions::none().and(restrictions).unwrap();
    assert!(!merged.pty && merged.verify_required && merged.force_command.is_some() && !merged.no_touch_required);
}

/// CVE-2014-2653: falling back from a certificate to its plain key is a new question. A refused certificate proves nothing
/// about the key in it, and the key is nobody's until somebody knows it.
#[test]
fn a_refused_certificate_leaves_a_plain_key_like_any_other() {
    let blob = Draft { before: NOW.0, ..Draft::host() }.signed();
    assert_eq!(check_host(&blob, "a.example.com"), Err(CertError::Expired));
    let plain = Certificate::parse(&blob).unwrap().plain_key();
    assert_eq!(plain.blob(), blob_of(&SigningKey::from_bytes(&[1; 32])));
    assert_eq!(plain.to_string(), PublicKey::new(plain.blob()).fingerprint().to_string());
    #[cfg(feature = "files")]
    {
        use sansh::files::known_hosts::{Known, KnownHosts};
        let line = |blob: &[u8]| PublicKey::new(blob).line("").unwrap();
        let ca = format!("@cert-authority *.example.com {}\n", line(&blob_of(&authority())));
        let revoked = format!("@revoked * {}\n{ca}", line(plain.blob()));
        let known = format!("a.example.com {}\n", line(plain.blob()));
        for (text, answer) in [(&ca, Known::Unknown), (&revoked, Known::Revoked), (&known, Known::Match)] {
            assert_eq!(KnownHosts::new(text).check("a.example.com", 22, plain.blob()), answer, "{text}");
            assert_ne!(KnownHosts::new(text).check("a.example.com", 22, &blob), Known::Match, "{text}");
        }
    }
}

/// The certified key itself is a key: right length, right type.
#[test]
fn a_bad_key_in_a_good_certificate_is_refused() {
    for length in [0, 31, 33] {
        refused(&Draft { key_fields: string(&vec![7; length]), ..Draft::user() }, CertError::Key);
    }
    // ML-DSA-44 with Ed25519 is read, and refused by a provider without it.
    let key_fields = string(&[7; 1344]);
    let draft = Draft { key_type: "ssh-mldsa44-ed25519-cert-v01@openssh.com", key_fields, ..Draft::user() };
    let blob = draft.signed();
    let certificate = Certificate::parse(&blob).unwrap();
    assert_eq!(certificate.plain_type(), "ssh-mldsa44-ed25519@openssh.com");
    assert_eq!(certificate.plain_key().blob().len(), 4 + 31 + 4 + 1344);
    let taken = RustCrypto.signatures().iter().any(|row| row.name() == certificate.plain_type());
    assert_eq!(check_user(&blob, "alice").is_ok(), taken);
    refused(&Draft { reserved: vec![0; 8192], ..Draft::user() }, CertError::TooLong);
    refused(&Draft { key_fields: string(&vec![0; 2200]), ..Draft::user() }, CertError::TooLong);
}

// ---- The rows.

#[test]
fn a_row_verifies_by_the_key_inside_and_takes_certificates_of_its_type_only() {
    let key = SigningKey::from_bytes(&[1; 32]);
    let blob = Draft::user().signed();
    let signature = ed25519_signature(&key, b"message");
    for provider in providers() {
        let row = |name: &str| *provider.signatures().iter().find(|row| row.name() == name).unwrap();
        let certified = row("ssh-ed25519-cert-v01@openssh.com");
        let plain = row("ssh-ed25519");
        assert_eq!(certified.certified().map(SignatureAlgorithm::name), Some("ssh-ed25519"));
        assert!(plain.certified().is_none());
        assert!(certified.accepts(&blob) && !plain.accepts(&blob) && !certified.accepts(&blob_of(&key)));
        assert_eq!(certified.verify(&blob, b"message", &signature), Ok(Verified::default()));
        assert!(certified.verify(&blob, b"another", &signature).is_err());
        assert!(certified.verify(&blob_of(&key), b"message", &signature).is_err());
        assert!(plain.verify(&blob, b"message", &signature).is_err());
        // The signature goes by the plain algorithm's name.
        let renamed = strings([&b"ssh-ed25519-cert-v01@openssh.com"[..], &key.sign(b"message").to_bytes()]);
        assert!(certified.verify(&blob, b"message", &renamed).is_err());
        // The authority's signature is no signature of the key's.
        let by_authority = ed25519_signature(&authority(), b"message");
        assert!(certified.verify(&blob, b"message", &by_authority).is_err());
        let short = Draft { key_fields: string(&[7; 31]), ..Draft::user() }.signed();
        assert!(!certified.accepts(&short) && certified.verify(&short, b"message", &signature).is_err());
        let of_others = provider.signatures().iter().filter(|row| row.accepts(&blob));
        assert_eq!(of_others.map(|row| row.name()).collect::<Vec<_>>(), ["ssh-ed25519-cert-v01@openssh.com"]);
        // Certificates stand behind all plain algorithms that are offered by default.
        let offered: Vec<_> = provider.signatures().iter().filter(|row| row.by_default()).collect();
        assert!(offered.is_sorted_by_key(|row| row.certified().is_some()), "{offered:?}");
        for row in offered.iter().filter_map(|row| row.certified().map(|plain| (row, plain))) {
            assert!(row.0.name().ends_with("-cert-v01@openssh.com") && row.0.for_hosts() == row.1.for_hosts());
            assert!(offered.iter().any(|other| other.name() == row.1.name()));
        }
    }
}

// ---- Against `ssh-keygen`.

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("sansh-certificates-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).expect("a folder for the test");
        Folder(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// A fresh key pair; its blob.
    fn key(&self, name: &str, arguments: &[&str]) -> Vec<u8> {
        ssh_keygen(&[&["-q", "-N", "", "-C", name, "-f", text(&self.path(name))], arguments].concat());
        self.blob(&format!("{name}.pub"))
    }

    fn blob(&self, name: &str) -> Vec<u8> {
        let line = fs::read_to_string(self.path(name)).unwrap();
        PublicKeyLine::parse(&line).unwrap().into_blob()
    }

    /// A certificate of `name` signed by `ca`.
    fn sign(&self, ca: &str, name: &str, arguments: &[&str]) -> Vec<u8> {
        let (ca, public) = (self.path(ca), self.path(&format!("{name}.pub")));
        ssh_keygen(&[&["-q", "-s", text(&ca)], arguments, &[text(&public)]].concat());
        self.blob(&format!("{name}-cert.pub"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

fn try_ssh_keygen(arguments: &[&str]) -> (bool, String) {
    let mut child = Command::new("ssh-keygen")
        .args(arguments)
        .env("TZ", "UTC")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("these tests need ssh-keygen (package openssh-client)");
    let _ = child.stdin.take().expect("a pipe").write_all(b"");
    let output = child.wait_with_output().expect("ssh-keygen ends");
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

fn ssh_keygen(arguments: &[&str]) -> String {
    let (success, text) = try_ssh_keygen(arguments);
    assert!(success, "ssh-keygen {arguments:?}: {text}");
    text
}

#[test]
fn ssh_keygen_signs_and_every_field_is_found() {
    let folder = Folder::new();
    let ca = folder.key("ca", &["-t", "ed25519"]);
    let key = folder.key("key", &["-t", "ed25519"]);
    let blob = folder.sign(
        "ca",
        "key",
        &[
            "-I",
            "an id",
            "-n",
            "alice,bob",
            "-z",
            "18446744073709551615",
            "-V",
            "20260101000000:20280101000000",
            "-O",
            "force-command=/bin/echo hi",
            "-O",
            "source-address=192.0.2.0/24,::1",
            "-O",
            "verify-required",
            "-O",
            "no-x11-forwarding",
            "-O",
            "no-touch-required",
            "-O",
            "extension:hello@example.com=there",
        ],
    );
    let certificate = Certificate::parse(&blob).unwrap();
    assert_eq!(certificate.key_type(), "ssh-ed25519-cert-v01@openssh.com");
    assert_eq!(certificate.plain_key().blob(), key);
    assert_eq!(certificate.authority().blob(), ca);
    assert_eq!((certificate.kind(), certificate.serial()), (CertificateKind::User, u64::MAX));
    assert_eq!(certificate.key_id(), b"an id");
    assert_eq!(certificate.principals().collect::<Vec<_>>(), [&b"alice"[..], b"bob"]);
    assert_eq!(
        (certificate.valid_after(), certificate.valid_before()),
        (UnixTime(1_767_225_600), UnixTime(1_830_297_600))
    );
    let critical: Vec<_> = certificate.critical_options().map(|option| option.name).collect();
    assert_eq!(critical, [&b"force-command"[..], b"source-address", b"verify-required"]);
    assert!(certificate.extensions().any(|option| option.value == string(b"there")));

    for provider in providers() {
        let trusted = [&ca];
        let check = Check::user("alice", NOW, &trusted, provider).coming_from([192, 0, 2, 9].into());
        let it = certificate.check(check).unwrap().restrictions();
        assert_eq!(it.force_command, Some(&b"/bin/echo hi"[..]));
        assert_eq!(it.sources().collect::<Vec<_>>(), [b"192.0.2.0/24,::1"]);
        assert!(it.verify_required && it.no_touch_required && !it.x11_forwarding);
        assert!(it.pty && it.agent_forwarding && it.port_forwarding && it.user_rc);
    }
}

/// All roles and ends of validity, all ways to be wrong, as `ssh-keygen` writes them.
#[test]
fn certificates_of_ssh_keygen_are_good_or_bad_for_the_right_reason() {
    let folder = Folder::new();
    let ca = folder.key("ca", &["-t", "ed25519"]);
    folder.key("key", &["-t", "ed25519"]);
    let user = |name: &str, arguments: &[&str]| {
        let blob = folder.sign("ca", "key", &[&["-I", "id"], arguments].concat());
        Certificate::parse(&blob).unwrap().check(Check::user(name, NOW, &[&ca], &RustCrypto)).map(|_| ())
    };
    let host = |name: &str, arguments: &[&str]| {
        let blob = folder.sign("ca", "key", &[&["-I", "id", "-h"], arguments].concat());
        Certificate::parse(&blob).unwrap().check(Check::host(name, NOW, &[&ca], &RustCrypto)).map(|_| ())
    };
    assert_eq!(user("alice", &["-n", "alice"]), Ok(()));
    assert_eq!(user("alice", &["-n", "alice", "-V", "always:forever"]), Ok(()));
    assert_eq!(user("alice", &["-n", "alice", "-V", "19990101:20000101"]), Err(CertError::Expired));
    assert_eq!(user("alice", &["-n", "alice", "-V", "20990101:forever"]), Err(CertError::NotYetValid));
    assert_eq!(user("alice", &["-n", "bob"]), Err(CertError::WrongName));
    assert_eq!(user("alice", &[]), Err(CertError::NoPrincipals));
    assert_eq!(user("alice", &["-n", "alice", "-h"]), Err(CertError::WrongRole));
    assert_eq!(user("alice", &["-n", "alice", "-O", "critical:x@y"]), Err(CertError::UnknownOption));
    assert_eq!(user("alice", &["-n", "alice", "-O", "extension:x@y"]), Ok(()));
    assert_eq!(user("alice", &["-n", "alice", "-O", "clear"]), Ok(()));
    assert_eq!(user("alice", &["-n", "alice", "-O", "source-address=::1"]), Err(CertError::SourceUnknown));
    assert_eq!(host("a.example.com", &["-n", "a.example.com,b"]), Ok(()));
    assert_eq!(host("a.example.com", &["-n", "*.example.com"]), Ok(()));
    assert_eq!(host("a.example.com", &["-n", "example.com"]), Err(CertError::WrongName));
    assert_eq!(host("a.example.com", &[]), Err(CertError::NoPrincipals));
    assert_eq!(host("b", &["-n", "b", "-V", "19990101:20000101"]), Err(CertError::Expired));
}

/// Every type of key under every type of authority, and each flipped byte of one of each.
#[test]
fn every_type_of_key_and_of_authority() {
    let folder = Folder::new();
    let types: [(&str, &[&str]); 6] = [
        ("ed25519", &["-t", "ed25519"]),
        ("p256", &["-t", "ecdsa", "-b", "256"]),
        ("p384", &["-t", "ecdsa", "-b", "384"]),
        ("p521", &["-t", "ecdsa", "-b", "521"]),
        ("rsa", &["-t", "rsa", "-b", "2048"]),
        ("rsa3072", &["-t", "rsa", "-b", "3072"]),
    ];
    for (name, arguments) in types {
        folder.key(name, arguments);
    }
    // `ssh-keygen` makes no security key without one, but it signs any.
    let application = string(b"ssh:");
    let ed25519 = string(SigningKey::from_bytes(&[3; 32]).verifying_key().as_bytes());
    let sk_ed25519 = [string(b"sk-ssh-ed25519@openssh.com"), ed25519, application.clone()].concat();
    let p256 = &folder.blob("p256.pub")[4 + "ecdsa-sha2-nistp256".len()..];
    let sk_ecdsa = [string(b"sk-ecdsa-sha2-nistp256@openssh.com"), p256.to_vec(), application].concat();
    for (name, blob) in [("sk-ed25519", sk_ed25519), ("sk-ecdsa", sk_ecdsa)] {
        fs::write(folder.path(&format!("{name}.pub")), PublicKey::new(&blob).line("").unwrap()).unwrap();
    }

    let mut checked = 0;
    let authorities: [(&str, &str, &[&str]); 7] = [
        ("ed25519", "ssh-ed25519", &[]),
        ("p256", "ecdsa-sha2-nistp256", &[]),
        ("p384", "ecdsa-sha2-nistp384", &[]),
        ("p521", "ecdsa-sha2-nistp521", &[]),
        ("rsa", "rsa-sha2-512", &[]),
        ("rsa", "rsa-sha2-256", &["-t", "rsa-sha2-256"]),
        ("rsa", "ssh-rsa", &["-t", "ssh-rsa"]),
    ];
    for (ca, algorithm, arguments) in authorities {
        let trusted = [folder.blob(&format!("{ca}.pub"))];
        for key in ["ed25519", "p256", "p384", "p521", "rsa3072", "sk-ed25519", "sk-ecdsa"] {
            let blob = folder.sign(ca, key, &[&["-I", "id", "-n", "alice"], arguments].concat());
            let certificate = Certificate::parse(&blob).unwrap();
            let plain = folder.blob(&format!("{key}.pub"));
            assert_eq!(certificate.plain_key().blob(), plain, "{key}");
            assert_eq!(certificate.plain_type(), PublicKey::new(&plain).key_type());
            for provider in providers() {
                let result = certificate.check(Check::user("alice", NOW, &trusted, provider)).map(|_| ());
                let sha_1 = algorithm == "ssh-rsa";
                let expected = if sha_1 { Err(CertError::AuthorityAlgorithm) } else { Ok(()) };
                assert_eq!(result, expected, "{key} by {algorithm} with {}", provider.name());
                if result.is_err() {
                    continue;
                }
                checked += 1;
                // Rows of certificates take it exactly if their plain rows take its key.
                for row in provider.signatures() {
                    let takes = row.certified().is_some_and(|row| row.accepts(&plain));
                    assert_eq!(row.accepts(&blob), takes, "{key}: {row:?}");
                }
                for at in (0..blob.len()).filter(|at| key == "ed25519" || at % 7 == 0) {
                    let mut other = blob.clone();
                    other[at] ^= 0x55;
                    let result = Certificate::parse(&other)
                        .and_then(|it| it.check(Check::user("alice", NOW, &trusted, provider)).map(|_| ()));
                    assert!(result.is_err(), "byte {at} of {key} by {algorithm} with {}", provider.name());
                }
            }
        }
    }
    assert_eq!(checked, 6 * 7 * providers().len());
}

/// CVE-2026-39831: a security key signs a certificate only when touched.
#[test]
fn an_authority_that_is_a_security_key_was_touched() {
    let key = SigningKey::from_bytes(&[3; 32]);
    let ca = strings([&b"sk-ssh-ed25519@openssh.com"[..], key.verifying_key().as_bytes(), b"ssh:"]);
    let draft = Draft { authority: ca.clone(), ..Draft::user() };
    let with = |flags: u8| {
        draft.signed_by(|message| {
            let (application, message) = (Sha256::digest(b"ssh:"), Sha256::digest(message));
            let signed = [&application[..], &[flags, 0, 0, 0, 9], &message].concat();
            let signature = strings([&b"sk-ssh-ed25519@openssh.com"[..], &key.sign(&signed).to_bytes()]);
            [signature, vec![flags, 0, 0, 0, 9]].concat()
        })
    };
    for provider in providers() {
        let check = |blob: &[u8]| {
            Certificate::parse(blob).unwrap().check(Check::user("alice", NOW, &[&ca], provider)).map(|_| ())
        };
        assert_eq!(check(&with(1)), Ok(()));
        assert_eq!(check(&with(5)), Ok(()));
        assert_eq!(check(&with(0)), Err(CertError::AuthorityUntouched));
        assert_eq!(check(&with(4)), Err(CertError::AuthorityUntouched));
        let mut flipped = with(0);
        let flags = flipped.len() - 5;
        flipped[flags] = 1;
        assert_eq!(check(&flipped), Err(CertError::AuthoritySignature));
    }
}

// ---- Revocation lists.

/// Certificates and keys of two authorities against lists of every kind, and `ssh-keygen -Q` as the judge.
#[cfg(feature = "files")]
#[test]
fn revocation_lists_say_what_ssh_keygen_says() {
    use sansh::files::krl::{Krl, RevokedKeys};
    let folder = Folder::new();
    for name in ["ca", "other-ca", "k1", "k2", "k3"] {
        folder.key(name, &["-t", "ed25519"]);
    }
    folder.key("k4", &["-t", "ecdsa"]);
    let mut asked: Vec<(String, Vec<u8>)> = Vec::new();
    for name in ["ca", "other-ca", "k1", "k2", "k3", "k4"] {
        asked.push((format!("{name}.pub"), folder.blob(&format!("{name}.pub"))));
    }
    let serials = ["0", "1", "2", "5", "9", "64", "100", "1000", "18446744073709551615"];
    for (ca, key) in [("ca", "k1"), ("other-ca", "k2"), ("ca", "k4")] {
        for serial in serials {
            let id = format!("{ca} {serial}");
            let blob = folder.sign(ca, key, &["-I", &id, "-n", "alice", "-z", serial]);
            let name = format!("{ca}-{key}-{serial}-cert.pub");
            fs::rename(folder.path(&format!("{key}-cert.pub")), folder.path(&name)).unwrap();
            asked.push((name, blob));
        }
    }
    let line = |name: &str| fs::read_to_string(folder.path(name)).unwrap();
    let bitmap: String = (1..200).step_by(3).map(|serial| format!("serial: {serial}\n")).collect();
    // (what is revoked, the authority if it is only this one's)
    let specifications = [
        (String::new(), None),
        (line("k1.pub"), None),
        (line("ca.pub"), None),
        (line("k2.pub") + &line("k4.pub"), Some("ca")),
        (format!("sha1: {}", line("k3.pub")), None),
        (format!("sha256: {}", line("k1.pub")), None),
        (format!("sha1: {}sha256: {}", line("ca.pub"), line("k4.pub")), None),
        ("serial: 1\nserial: 5\n".into(), Some("ca")),
        ("serial: 5-99\nserial: 1000-18446744073709551615\n".into(), Some("ca")),
        ("serial: 64\nserial: 2\nserial: 9-10\n".into(), Some("none")),
        (bitmap, Some("ca")),
        ("id: ca 100\nid: other-ca 9\n".into(), Some("other-ca")),
        ("id: ca 100\nid: other-ca 9\n".into(), Some("none")),
        (line("ca-k1-9-cert.pub"), Some("ca")),
        (format!("serial: 18446744073709551615\nid: ca 2\nkey: {}", line("k3.pub")), Some("ca")),
    ];
    let (mut revoked, mut kept) = (0, 0);
    for (number, (specification, ca)) in specifications.iter().enumerate() {
        let (input, list) = (folder.path("input"), folder.path(&format!("list-{number}")));
        fs::write(&input, specification).unwrap();
        let ca_file = ca.map(|ca| if ca == "none" { "NONE".into() } else { folder.path(&format!("{ca}.pub")) });
        let mut arguments = vec!["-q", "-k", "-f", text(&list), "-z", "77"];
        if let Some(ca) = &ca_file {
            arguments.extend(["-s", text(ca)]);
        }
        arguments.push(text(&input));
        let (made, said) = try_ssh_keygen(&arguments);
        assert!(made, "{specification}: {said}");
        let bytes = fs::read(&list).unwrap();
        assert_eq!(Krl::parse(&bytes).unwrap().version(), 77);
        let ours = RevokedKeys::parse(&bytes).unwrap();
        assert!(matches!(ours, RevokedKeys::List(_)));
        for (name, blob) in &asked {
            let (good, said) = try_ssh_keygen(&["-Q", "-f", text(&list), text(&folder.path(name))]);
            assert!(said.contains(if good { ": ok" } else { "REVOKED" }), "{said}");
            let theirs = !good;
            assert_eq!(ours.revokes_key(PublicKey::new(blob)), theirs, "{specification}{ca:?}: {name}");
            if let Ok(certificate) = Certificate::parse(blob) {
                assert_eq!(ours.revokes_certificate(&certificate), theirs, "{specification}{ca:?}: {name}");
                // And so says the check.
                let trusted = |_: PublicKey<'_>| true;
                let authorities = ours.added_to(&trusted);
                let check = certificate.check(Check::user("alice", NOW, &authorities, &RustCrypto));
                assert_eq!(check.is_err(), theirs, "{name}: {check:?}");
            }
            if theirs { revoked += 1 } else { kept += 1 }
        }
        // A list that lost its end is no list, wherever it was cut but between two sections.
        let whole = (0..bytes.len()).filter(|end| RevokedKeys::parse(&bytes[..*end]).is_ok()).count();
        assert!(whole <= 3, "{whole} of {}", bytes.len());
    }
    println!("{revoked} revoked, {kept} kept");
    assert!(revoked > 50 && kept > 50, "{revoked} {kept}");
}

/// A file of public keys revokes the keys, their certificates, and what they signed.
#[cfg(feature = "files")]
#[test]
fn lines_of_keys_revoke_as_well() {
    use sansh::files::krl::RevokedKeys;
    let blob = Draft::user().signed();
    let certificate = Certificate::parse(&blob).unwrap();
    let trusted = [blob_of(&authority())];
    for (key, error) in [
        (blob_of(&authority()), Some(CertError::RevokedAuthority)),
        (certificate.plain_key().blob().to_vec(), Some(CertError::RevokedKey)),
        (blob.clone(), Some(CertError::RevokedKey)),
        (blob_of(&SigningKey::from_bytes(&[77; 32])), None),
    ] {
        let text = PublicKey::new(&key).line("").unwrap();
        let revoked = RevokedKeys::parse(&text).unwrap();
        let authorities = revoked.added_to(&trusted);
        let check = certificate.check(Check::user("alice", NOW, &authorities, &RustCrypto));
        assert_eq!(check.err(), error);
    }
}

/// A key has one form only, so that none is missed among the revoked: an RSA key with a longer mpint is no key.
#[test]
fn a_key_in_another_form_is_no_key() {
    let folder = Folder::new();
    let key = folder.key("rsa", &["-t", "rsa", "-b", "2048"]);
    let mut reader = sansh::wire::Reader::new(&key);
    let (_, e, n) = (reader.string().unwrap(), reader.string().unwrap(), reader.string().unwrap());
    let padded = |bytes: &[u8]| [&[0], bytes].concat();
    for (e, n, good) in [(e.to_vec(), n.to_vec(), true), (padded(e), n.to_vec(), false), (e.to_vec(), padded(n), false)]
    {
        let key_fields = strings([&e[..], &n]);
        let blob = Draft { key_type: "ssh-rsa-cert-v01@openssh.com", key_fields, ..Draft::user() }.signed();
        let trusted = [blob_of(&authority())];
        for provider in providers() {
            let check = Certificate::parse(&blob).unwrap().check(Check::user("alice", NOW, &trusted, provider));
            assert_eq!(check.is_ok(), good, "{check:?}");
            let accepted = provider.signatures().iter().filter(|row| row.accepts(&blob)).map(|row| row.name());
            let expected: &[&str] =
                if good { &["rsa-sha2-512-cert-v01@openssh.com", "rsa-sha2-256-cert-v01@openssh.com"] } else { &[] };
            assert_eq!(accepted.collect::<Vec<_>>(), expected);
        }
    }
}
