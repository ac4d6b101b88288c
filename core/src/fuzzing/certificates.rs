//! Certificates and revocation lists: any bytes are read or refused, and what passes every check kept every rule.

use crate::UnixTime;
use crate::crypto::null::Null;
use crate::crypto::{Cipher, CryptoError, Digest, Hash, KexMethod, Mac, Provider, SignatureAlgorithm, Verified};
use crate::files::krl::RevokedKeys;
use crate::keys::{CertError, Certificate, CertificateKind, Check, PublicKey, Restrictions};
use crate::wire::{Sink, put_string};
use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;

/// Every signature is good by every key of these types.
#[derive(Debug)]
struct Careless;

#[derive(Debug)]
struct CarelessRow(&'static str);

impl SignatureAlgorithm for CarelessRow {
    fn name(&self) -> &'static str {
        self.0
    }
    fn key_type(&self) -> &'static str {
        self.0
    }
    fn verify(&self, _: &[u8], _: &[u8], _: &[u8]) -> Result<Verified, CryptoError> {
        Ok(Verified::default())
    }
    fn accepts(&self, key: &[u8]) -> bool {
        PublicKey::new(key).key_type() == self.0
    }
}

impl Provider for Careless {
    fn name(&self) -> &'static str {
        "careless"
    }
    fn kex(&self) -> &'static [&'static dyn KexMethod] {
        Null.kex()
    }
    fn ciphers(&self) -> &'static [&'static dyn Cipher] {
        Null.ciphers()
    }
    fn macs(&self) -> &'static [&'static dyn Mac] {
        Null.macs()
    }
    fn signatures(&self) -> &'static [&'static dyn SignatureAlgorithm] {
        &[
            &CarelessRow("ssh-ed25519"),
            &CarelessRow("ecdsa-sha2-nistp256"),
            &CarelessRow("ssh-rsa"),
            &CarelessRow("sk-ssh-ed25519@openssh.com"),
            &CarelessRow("sk-ecdsa-sha2-nistp256@openssh.com"),
            &CarelessRow("ssh-mldsa44-ed25519@openssh.com"),
        ]
    }
    fn digest(&self, hash: Hash) -> Result<Box<dyn Digest>, CryptoError> {
        Null.digest(hash)
    }
    fn state_bytes(&self) -> usize {
        Null.state_bytes()
    }
}

/// A certificate or a file of revoked keys.
pub fn certificates(data: &[u8]) {
    certificate(data);
    krl(data);
}

/// A certificate, checked by a provider for which every signature is good: every other check is still made.
pub fn certificate(data: &[u8]) {
    let _checked = checked(data);
}

fn checked(data: &[u8]) -> Result<(), CertError> {
    let certificate = Certificate::parse(data).inspect_err(|error| assert!(!error.to_string().is_empty()))?;
    assert_eq!(certificate.blob(), data);
    assert_eq!(PublicKey::new(data).key_type(), certificate.key_type());
    assert_eq!(certificate.plain_key().key().key_type(), certificate.plain_type());
    assert!(Certificate::parse(certificate.plain_key().blob()).is_err(), "a plain key is no certificate");
    assert!(Certificate::parse(certificate.authority().blob()).is_err(), "an authority is no certificate");
    assert!(certificate.principals().count() <= 256);
    for options in [certificate.critical_options(), certificate.extensions()] {
        let names: Vec<_> = options.map(|option| option.name).collect();
        assert!(names.is_sorted_by(|a, b| a < b));
    }
    let name = certificate.principals().next().unwrap_or(b"nobody");
    let (kind, at) = (certificate.kind(), certificate.valid_after());
    let everybody = |_: PublicKey<'_>| true;
    let nobody = |_: PublicKey<'_>| false;
    let check = match kind {
        CertificateKind::User => Check::user(name, at, &everybody, &Careless),
        CertificateKind::Host => Check::host(name, at, &everybody, &Careless),
    };
    let from = [192, 0, 2, 1].into();
    assert_eq!(certificate.check(Check { authorities: &nobody, ..check }), Err(CertError::UnknownAuthority));
    assert!(certificate.check(Check { provider: &Null, ..check }).is_err(), "no algorithm is no check");
    let checked = certificate.check(check).or_else(|_| certificate.check(check.coming_from(from)))?;

    assert_eq!((checked.blob(), checked.kind()), (data, kind));
    assert!(!name.is_empty() && certificate.principals().next().is_some());
    assert!(certificate.valid_before() > at || certificate.valid_before().0 == u64::MAX);
    assert!(kind == CertificateKind::User || certificate.critical_options().is_empty());
    let other = match kind {
        CertificateKind::User => Check::host(name, at, &everybody, &Careless),
        CertificateKind::Host => Check::user(name, at, &everybody, &Careless),
    };
    assert_eq!(certificate.check(other.coming_from(from)), Err(CertError::WrongRole));
    if let Some(before) = at.0.checked_sub(1) {
        let early = Check { at: UnixTime(before), ..check };
        assert_eq!(certificate.check(early.coming_from(from)), Err(CertError::NotYetValid));
    }
    let restrictions = checked.restrictions();
    assert_eq!(Restrictions::of(&certificate), Ok(restrictions));
    assert_eq!(restrictions.and(restrictions), Ok(restrictions));
    let merged = restrictions.and(Restrictions::none()).unwrap();
    assert!(merged.sources().eq(restrictions.sources()) && merged.force_command == restrictions.force_command);
    Ok(())
}

/// A file of revoked keys: a list or lines. What it says about a certificate and about the certificate's blob is the same.
pub fn krl(data: &[u8]) {
    let revoked = match RevokedKeys::parse(data) {
        Ok(revoked) => revoked,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let blobs = [user(), host()];
    for blob in &blobs {
        let certificate = Certificate::parse(blob).unwrap();
        let says = revoked.revokes_certificate(&certificate);
        assert_eq!(revoked.revokes_key(PublicKey::new(blob)), says);
        let plain = certificate.plain_key();
        assert!(says || !revoked.revokes_key(plain.key()) && !revoked.revokes_key(certificate.authority()));
        let everybody = |_: PublicKey<'_>| true;
        let authorities = revoked.added_to(&everybody);
        let name = certificate.principals().next().unwrap();
        let check = Check::user(name, UnixTime(5), &authorities, &Careless).coming_from([192, 0, 2, 1].into());
        assert_eq!(certificate.check(Check { kind: certificate.kind(), ..check }).is_err(), says);
    }
}

struct Bytes(Vec<u8>);

impl Sink for Bytes {
    fn put(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
}

fn strings(all: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Bytes(Vec::new());
    all.iter().for_each(|string| put_string(&mut bytes, string));
    bytes.0
}

/// A certificate that nobody signed.
fn unsigned(
    key_type: &str,
    key: &[u8],
    role: u32,
    principals: &[&[u8]],
    critical: &[u8],
    extensions: &[u8],
) -> Vec<u8> {
    let authority = crate::keys::ed25519_blob(&[9; 32]);
    let signature = strings(&[b"ssh-ed25519", &[7; 64]]);
    let numbers = [&42_u64.to_be_bytes()[..], &role.to_be_bytes()].concat();
    let validity = [5_u64.to_be_bytes(), 500_u64.to_be_bytes()].concat();
    [
        strings(&[key_type.as_bytes(), &[3; 16]]),
        key.to_vec(),
        numbers,
        strings(&[b"the id", &strings(principals)]),
        validity,
        strings(&[critical, extensions, b"", &authority, &signature]),
    ]
    .concat()
}

fn user() -> Vec<u8> {
    let source = strings(&[b"192.0.2.0/24,2001:db8::/32,198.51.100.*"]);
    let command = strings(&[b"echo hi"]);
    let critical = strings(&[b"force-command", &command, b"source-address", &source, b"verify-required", b""]);
    let extensions = strings(&[b"no-touch-required", b"", b"permit-pty", b"", b"x@y", b"z"]);
    let principals: [&[u8]; 2] = [b"alice", b"bob,root"];
    unsigned("ssh-ed25519-cert-v01@openssh.com", &strings(&[&[1; 32]]), 1, &principals, &critical, &extensions)
}

fn host() -> Vec<u8> {
    let key = strings(&[b"nistp256", &[4; 65]]);
    unsigned("ecdsa-sha2-nistp256-cert-v01@openssh.com", &key, 2, &[b"*.example.com", b"10.0.0.1"], b"", b"")
}

/// Every seed of the target: name, bytes.
pub(super) fn seeds(seed: &mut dyn FnMut(&str, Vec<u8>)) {
    seed("user", user());
    seed("host", host());
    let alice: [&[u8]; 1] = [b"alice"];
    for (name, key_type, key) in [
        ("rsa", "ssh-rsa-cert-v01@openssh.com", strings(&[&[1, 0, 1], &[0x7f; 256]])),
        ("sk-ed25519", "sk-ssh-ed25519-cert-v01@openssh.com", strings(&[&[1; 32], b"ssh:"])),
        ("sk-ecdsa", "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", strings(&[b"nistp256", &[4; 65], b"ssh:"])),
        ("mldsa", "ssh-mldsa44-ed25519-cert-v01@openssh.com", strings(&[&[1; 1344]])),
    ] {
        seed(name, unsigned(key_type, &key, 1, &alice, b"", b""));
    }
    let critical = strings(&[b"x@y", b""]);
    seed(
        "unknown-option",
        unsigned("ssh-ed25519-cert-v01@openssh.com", &strings(&[&[1; 32]]), 1, &alice, &critical, b""),
    );
    seed("nobody", unsigned("ssh-ed25519-cert-v01@openssh.com", &strings(&[&[1; 32]]), 1, &[], b"", b""));

    let section = |number: u8, data: &[u8]| [&[number][..], &strings(&[data])].concat();
    let header = [&b"SSHKRL\n\0"[..], &[0, 0, 0, 1], &[0; 24], &strings(&[b"", b"words"])].concat();
    let range = [6_u64.to_be_bytes(), 60_u64.to_be_bytes()].concat();
    let bitmap = [&32_u64.to_be_bytes()[..], &strings(&[&[4, 0]])].concat();
    let extension = [&strings(&[b"x@y"])[..], &[0], &strings(&[b"z"])].concat();
    let lists =
        [section(0x20, &range), section(0x21, &range), section(0x22, &bitmap), section(0x23, &strings(&[b"an id"]))];
    for (n, list) in lists.iter().enumerate() {
        let of_all = [strings(&[b"", b""]), list.clone()].concat();
        seed(&alloc::format!("list-{n}"), [header.clone(), section(1, &of_all)].concat());
    }
    let authority = crate::keys::ed25519_blob(&[9; 32]);
    let certificates = [strings(&[&authority, b""]), lists.concat(), section(0x39, &extension)].concat();
    let hashes = [section(3, &strings(&[&[1; 20]])), section(5, &strings(&[&[1; 32], &[2; 32]]))].concat();
    let keys = section(2, &strings(&[&authority, &crate::keys::ed25519_blob(&[1; 32])]));
    seed("list-all", [header.clone(), section(1, &certificates), keys, hashes, section(255, &extension)].concat());
    seed("list-empty", header);
    let line = PublicKey::new(&authority).line("gone").unwrap();
    seed("lines", alloc::format!("# revoked\n{line}\n").into_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;

    /// The seeds pass the body, and reach a good certificate of each role and lists that revoke and do not.
    #[test]
    fn the_seeds_are_read() {
        let mut good = Vec::new();
        seeds(&mut |name, bytes| {
            certificates(&bytes);
            if checked(&bytes).is_ok() || RevokedKeys::parse(&bytes).is_ok() {
                good.push(String::from(name));
            }
            for end in 0..bytes.len() {
                certificates(&bytes[..end]);
            }
            for at in 0..bytes.len() {
                for bit in [1, 0x80, 0xff] {
                    let mut other = bytes.clone();
                    other[at] ^= bit;
                    certificates(&other);
                }
            }
        });
        let refused = ["unknown-option", "nobody"];
        assert!(good.iter().all(|name| !refused.contains(&name.as_str())));
        assert_eq!(good.len(), 13, "{good:?}");
    }
}
