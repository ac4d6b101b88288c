//! What all signature algorithms have in common, and what their tests share.

use super::{providers, strings};
use base64ct::{Base64, Encoding};
use core::sync::atomic::{AtomicU32, Ordering};
use sansh::crypto::{CryptoError, Provider, SignatureAlgorithm, Verified};
use sha2::{Digest, Sha512};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

pub(super) const REFUSED: Result<Verified, CryptoError> = Err(CryptoError::BadSignature);

/// A provider's row of this name.
pub(super) fn row(provider: &dyn Provider, name: &str) -> &'static dyn SignatureAlgorithm {
    let mut found = provider.signatures().iter().filter(|row| row.name() == name);
    let row = *found.next().expect("the row");
    assert!(found.next().is_none(), "{name} stands there twice");
    row
}

/// The content of an `mpint` greater than zero (RFC 4251, section 5).
pub(super) fn mpint(number: &[u8]) -> Vec<u8> {
    let mut mpint: Vec<u8> = number.iter().copied().skip_while(|byte| *byte == 0).collect();
    if mpint.first().is_some_and(|first| *first >= 0x80) {
        mpint.insert(0, 0);
    }
    mpint
}

pub(super) fn base64<E: Encoding>(bytes: &[u8]) -> String {
    let mut buffer = vec![0; bytes.len() * 2 + 4];
    E::encode(bytes, &mut buffer).expect("room").to_owned()
}

/// A folder that goes away with the test.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("sansh-providers-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).expect("a folder for the test");
        Folder(path)
    }

    /// A file in it, as an argument.
    pub(super) fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("UTF-8").to_owned()
    }

    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> String {
        fs::write(self.0.join(name), bytes).expect("a file for the test");
        self.path(name)
    }

    pub(super) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.join(name)).expect("a file of the test")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs a program that must be content.
pub(super) fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).output().expect("these tests need ssh-keygen and openssl");
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// What a key file of `ssh-keygen` and its signature of a file say in SSH's own forms (OpenSSH PROTOCOL.sshsig).
pub(super) struct Signed {
    pub(super) key: Vec<u8>,
    pub(super) message: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

/// What a signature of the file `text` covers.
fn covered(text: &[u8]) -> Vec<u8> {
    [b"SSHSIG".to_vec(), strings(&[b"test", b"", b"sha512", &Sha512::digest(text)])].concat()
}

/// Makes a key and a signature.
pub(super) fn signed_by_ssh_keygen(arguments: &[&str]) -> Signed {
    let folder = Folder::new();
    let (key, text) = (folder.path("key"), folder.write("text", b"to be signed"));
    run("ssh-keygen", &[&["-q", "-N", "", "-f", &key], arguments].concat());
    run("ssh-keygen", &["-q", "-Y", "sign", "-n", "test", "-f", &key, &text]);
    let armored = String::from_utf8(folder.read("text.sig")).expect("text");
    let encoded: String = armored.lines().filter(|line| !line.starts_with('-')).collect();
    let mut blob = vec![0; encoded.len()];
    let blob = Base64::decode(&encoded, &mut blob).expect("base64");
    let mut rest = blob.strip_prefix(b"SSHSIG\0\0\0\x01").expect("version 1");
    let mut fields = Vec::new();
    while let Some((length, behind)) = rest.split_first_chunk() {
        let (field, behind) = behind.split_at(u32::from_be_bytes(*length) as usize);
        fields.push(field.to_vec());
        rest = behind;
    }
    let [key, _, _, _, signature] = fields.try_into().expect("five fields");
    Signed { key, message: covered(b"to be signed"), signature }
}

/// The message that [`ssh_keygen_says`] asks about.
pub(super) fn message_for_ssh_keygen() -> Vec<u8> {
    covered(b"to be checked")
}

/// Whether `ssh-keygen` takes the signature of [`message_for_ssh_keygen`].
pub(super) fn ssh_keygen_says(key: &[u8], signature: &[u8]) -> bool {
    let blob = [b"SSHSIG\0\0\0\x01".to_vec(), strings(&[key, b"test", b"", b"sha512", signature])].concat();
    let encoded = base64::<Base64>(&blob);
    let lines: Vec<&str> =
        encoded.as_bytes().chunks(70).map(|line| core::str::from_utf8(line).expect("ASCII")).collect();
    let armored = format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", lines.join("\n"));
    let folder = Folder::new();
    let (file, text) = (folder.write("sig", armored.as_bytes()), folder.write("text", b"to be checked"));
    let output = Command::new("ssh-keygen")
        .args(["-Y", "check-novalidate", "-n", "test", "-s", &file])
        .stdin(fs::File::open(text).expect("the text"))
        .output()
        .expect("these tests need ssh-keygen");
    output.status.success()
}

/// Certificates have rows over these, which are tested with them.
fn plain(provider: &dyn Provider) -> impl Iterator<Item = &'static dyn SignatureAlgorithm> {
    provider.signatures().iter().copied().filter(|row| row.certified().is_none())
}

/// CVE-2026-35387: each name is a row of its own, with its curve in it. No name enables another.
///
/// `ssh-rsa`, which signs with SHA-1, is not there: "implementations SHOULD start to disable "ssh-rsa" in their default
/// configurations" (RFC 8332, section 5.2). Nor is `ssh-dss`.
#[test]
fn every_provider_offers_the_same_signatures_in_the_same_order() {
    for provider in providers() {
        let rows: Vec<_> = plain(provider).map(|s| (s.name(), s.key_type(), s.for_hosts(), s.by_default())).collect();
        assert_eq!(
            rows,
            [
                ("ssh-ed25519", "ssh-ed25519", true, true),
                ("sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519@openssh.com", true, true),
                ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", true, true),
                ("ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384", true, true),
                ("ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521", true, true),
                ("sk-ecdsa-sha2-nistp256@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com", true, true),
                ("webauthn-sk-ecdsa-sha2-nistp256@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com", false, true),
                ("rsa-sha2-512", "ssh-rsa", true, true),
                ("rsa-sha2-256", "ssh-rsa", true, true),
                #[cfg(feature = "mldsa")]
                ("ssh-mldsa44-ed25519@openssh.com", "ssh-mldsa44-ed25519@openssh.com", true, false),
            ]
        );
        let optional: Vec<_> = provider.signatures().iter().map(|row| !row.by_default()).collect();
        assert!(optional.is_sorted(), "what is not taken by default stands last");
    }
}

/// 8332/3/1, 5656/3.1/1, CVE-2026-16516, CVE-2026-35387: a row takes its own keys and its own signatures, and nothing that
/// another row takes, but for the keys that two rows share.
#[test]
fn real_keys_and_signatures_pass_their_own_row_and_no_other() {
    let kinds: [(&str, &[&str]); 5] = [
        ("ssh-ed25519", &["-t", "ed25519"]),
        ("ecdsa-sha2-nistp256", &["-t", "ecdsa", "-b", "256"]),
        ("ecdsa-sha2-nistp384", &["-t", "ecdsa", "-b", "384"]),
        ("ecdsa-sha2-nistp521", &["-t", "ecdsa", "-b", "521"]),
        ("rsa-sha2-512", &["-t", "rsa", "-b", "3072"]),
    ];
    for (name, arguments) in kinds {
        let Signed { key, message, signature } = signed_by_ssh_keygen(arguments);
        for provider in providers() {
            for other in plain(provider) {
                let ours = other.name() == name;
                let same_keys = other.key_type() == row(provider, name).key_type();
                assert_eq!(other.accepts(&key), same_keys, "{name} {other:?}");
                let verified = other.verify(&key, &message, &signature);
                assert_eq!(verified, if ours { Ok(Verified::default()) } else { REFUSED }, "{name} {other:?}");
                let mut longer = message.clone();
                longer.push(0);
                assert_eq!(other.verify(&key, &longer, &signature), REFUSED);
            }
        }
    }
}

/// Every single bit of a key and of a signature counts, and every truncation is refused without a panic.
#[test]
fn one_flipped_bit_or_a_missing_end_is_refused() {
    for arguments in [&["-t", "ed25519"][..], &["-t", "ecdsa", "-b", "256"], &["-t", "rsa", "-b", "2048"]] {
        let Signed { key, message, signature } = signed_by_ssh_keygen(arguments);
        for provider in providers() {
            for row in plain(provider) {
                for end in 0..signature.len() {
                    assert_eq!(row.verify(&key, &message, &signature[..end]), REFUSED, "{row:?} {end}");
                }
                for end in 0..key.len() {
                    assert!(!row.accepts(&key[..end]), "{row:?} {end}");
                    assert_eq!(row.verify(&key[..end], &message, &signature), REFUSED, "{row:?} {end}");
                }
                for bit in 0..signature.len() * 8 {
                    let mut changed = signature.clone();
                    changed[bit / 8] ^= 1 << (bit % 8);
                    assert_eq!(row.verify(&key, &message, &changed), REFUSED, "{row:?} bit {bit}");
                }
                for bit in 0..key.len() * 8 {
                    let mut changed = key.clone();
                    changed[bit / 8] ^= 1 << (bit % 8);
                    assert_eq!(row.verify(&changed, &message, &signature), REFUSED, "{row:?} bit {bit}");
                }
                let longer = [&signature[..], &[0]].concat();
                assert_eq!(row.verify(&key, &message, &longer), REFUSED, "{row:?}");
                let longer = [&key[..], &[0]].concat();
                assert!(!row.accepts(&longer), "{row:?}");
                assert_eq!(row.verify(&longer, &message, &signature), REFUSED, "{row:?}");
            }
        }
    }
}
