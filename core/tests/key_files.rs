//! Private keys and their files against `ssh-keygen`, `openssl` and `puttygen`: each side reads what the other writes,
//! and verifies what the other signs.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "a test allocates as it likes")]
#![cfg(feature = "signer")]

use core::sync::atomic::{AtomicU32, Ordering};
use sansh::crypto::{Random, Seed};
use sansh::keys::{PublicKeyLine, SignatureBlob};
use sansh::signer::{BadCertificate, BadKeyFile, FileFormat, KeyKind, PrivateKey, Protection, SignError, WriteError};
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("sansh-key-files-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).expect("a folder for the test");
        Folder(path)
    }

    /// The path of a file in it, which is gone if it was there.
    fn path(&self, name: &str) -> String {
        let path = self.0.join(name);
        let _ = fs::remove_file(&path);
        path.to_str().expect("a path in UTF-8").to_owned()
    }

    /// Writes a file that only its owner can read, as `ssh-keygen` demands for private keys.
    fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        fs::write(&path, text).expect("a file for the test");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("mode 0600");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What a program says, and whether it was content.
fn said(program: &str, arguments: &[&str], input: &[u8]) -> (bool, String) {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("these tests need {program} (openssh-client, openssl, putty-tools): {error}"));
    // It may end without reading what it was given.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    let output = child.wait_with_output().expect("the program ends");
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

fn good(program: &str, arguments: &[&str]) -> String {
    let (success, text) = said(program, arguments, b"");
    assert!(success, "{program} {arguments:?}: {text}");
    text
}

/// A key by `ssh-keygen`, and the line of its public half.
fn made(folder: &Folder, arguments: &[&str]) -> (String, String) {
    let path = folder.path("made");
    let public = folder.path("made.pub");
    good("ssh-keygen", &[&["-q", "-f", &path, "-C", "me@here", "-a", "1"], arguments].concat());
    (path, fs::read_to_string(public).expect("the public key"))
}

/// The line of a public key, read by `ssh-keygen` from a private key file.
fn line_of(path: &str, passphrase: &str) -> String {
    good("ssh-keygen", &["-y", "-P", passphrase, "-f", path]).trim_end().to_owned()
}

fn blob_of(line: &str) -> Vec<u8> {
    PublicKeyLine::parse(line).expect("a public key line").into_blob()
}

fn read(path: &str, passphrase: Option<&str>) -> Result<PrivateKey, BadKeyFile> {
    PrivateKey::read(&fs::read(path).expect("the file"), passphrase.map(str::as_bytes))
}

fn outcome(path: &str, passphrase: Option<&str>) -> Result<(), BadKeyFile> {
    read(path, passphrase).map(|_| ())
}

fn random(n: u8) -> Random {
    Random::new(&Seed::new([n; 32]))
}

const ED25519: &[&str] = &["-t", "ed25519"];
const P256: &[&str] = &["-t", "ecdsa", "-b", "256"];
const P384: &[&str] = &["-t", "ecdsa", "-b", "384"];
const P521: &[&str] = &["-t", "ecdsa", "-b", "521"];
const RSA: &[&str] = &["-t", "rsa", "-b", "2048"];
const TYPES: [&[&str]; 5] = [ED25519, P256, P384, P521, RSA];
const SECRET: Protection<'static> = Protection::Passphrase { passphrase: b"secret", effort: 1 };

/// OpenSSH's PROTOCOL.sshsig: what is signed, and the armoured file around the signature.
fn sshsig(key: &PrivateKey, algorithm: &str, message: &[u8]) -> String {
    use base64ct::{Base64, Encoding};
    use sha2::{Digest, Sha512};
    fn string(into: &mut Vec<u8>, bytes: &[u8]) {
        into.extend_from_slice(&u32::try_from(bytes.len()).expect("short").to_be_bytes());
        into.extend_from_slice(bytes);
    }
    let mut signed = b"SSHSIG".to_vec();
    for field in [&b"test"[..], b"", b"sha512", &Sha512::digest(message)] {
        string(&mut signed, field);
    }
    let signature = key.sign(algorithm, &signed).expect("signed");
    let mut file = b"SSHSIG\0\0\0\x01".to_vec();
    for field in [key.plain_blob(), b"test", b"", b"sha512", &signature] {
        string(&mut file, field);
    }
    let mut room = vec![0; Base64::encoded_len(&file)];
    let encoded = Base64::encode(&file, &mut room).expect("room");
    format!("-----BEGIN SSH SIGNATURE-----\n{encoded}\n-----END SSH SIGNATURE-----\n")
}

/// `ssh-keygen` verifies a signature by each algorithm of the key, and the rows of the providers do.
fn assert_signs(folder: &Folder, key: &PrivateKey) {
    let line = sansh::keys::PublicKey::new(key.plain_blob()).line("").expect("a line");
    let signers = folder.write("signers", &format!("me@here {line}\n"));
    let is_rsa = line.starts_with("ssh-rsa");
    assert_eq!(key.algorithms().is_empty(), is_rsa && !cfg!(feature = "aws_lc"), "{line}");
    for algorithm in key.algorithms() {
        let signature = folder.write("signature", &sshsig(key, algorithm, b"a message"));
        let arguments = ["-Y", "verify", "-f", &signers, "-I", "me@here", "-n", "test", "-s", &signature];
        let (success, text) = said("ssh-keygen", &arguments, b"a message");
        assert!(success, "{algorithm}: {text}");
        assert!(!said("ssh-keygen", &arguments, b"another message").0, "a signature of something else");
        rows_verify(key, algorithm);
    }
}

fn rows_verify(key: &PrivateKey, algorithm: &str) {
    use sansh::crypto::Provider;
    let providers: &[&dyn Provider] = &[
        #[cfg(feature = "rustcrypto")]
        &sansh::crypto::rustcrypto::RustCrypto,
        #[cfg(feature = "aws_lc")]
        &sansh::crypto::aws_lc::AwsLc,
    ];
    let signature = key.sign(algorithm, b"a message").expect("signed");
    for provider in providers {
        let row = provider.signatures().iter().find(|row| row.name() == algorithm);
        let row = row.unwrap_or_else(|| panic!("{} has no {algorithm}", provider.name()));
        assert!(row.verify(key.public_blob(), b"a message", &signature).is_ok(), "{} {algorithm}", provider.name());
        assert!(row.verify(key.public_blob(), b"another", &signature).is_err(), "{} {algorithm}", provider.name());
    }
}

#[test]
fn every_type_and_format_of_ssh_keygen_is_read_and_signs() {
    let folder = Folder::new();
    for key_type in TYPES {
        for format in ["RFC4716", "PEM", "PKCS8"] {
            // It writes Ed25519 in its own format whatever it is told.
            let has_comment = format == "RFC4716" || key_type == ED25519;
            let (path, line) = made(&folder, &[key_type, &["-m", format, "-N", ""]].concat());
            let key = read(&path, None).unwrap_or_else(|error| panic!("{key_type:?} {format}: {error}"));
            assert_eq!(key.public_blob(), blob_of(&line), "{key_type:?} {format}");
            assert_eq!(key.comment(), if has_comment { "me@here" } else { "" });
            assert_eq!(outcome(&path, Some("not needed")), Ok(()));
            assert_signs(&folder, &key);
            let (path, line) = made(&folder, &[key_type, &["-m", format, "-N", "secret"]].concat());
            let key = read(&path, Some("secret")).unwrap_or_else(|error| panic!("{key_type:?} {format}: {error}"));
            assert_eq!(key.public_blob(), blob_of(&line), "{key_type:?} {format}");
            assert_eq!(outcome(&path, None), Err(BadKeyFile::Encrypted), "{key_type:?} {format}");
            assert_eq!(outcome(&path, Some("wrong")), Err(BadKeyFile::WrongPassphrase), "{key_type:?} {format}");
        }
    }
}

#[test]
fn every_cipher_of_ssh_keygen_is_read() {
    let folder = Folder::new();
    for cipher in [
        "aes256-ctr",
        "aes192-ctr",
        "aes128-ctr",
        "aes256-cbc",
        "aes192-cbc",
        "aes128-cbc",
        "aes256-gcm@openssh.com",
        "aes128-gcm@openssh.com",
        "chacha20-poly1305@openssh.com",
    ] {
        for key_type in [ED25519, P521] {
            let (path, line) = made(&folder, &[key_type, &["-Z", cipher, "-N", "secret"]].concat());
            let key = read(&path, Some("secret")).unwrap_or_else(|error| panic!("{cipher}: {error}"));
            assert_eq!((key.public_blob(), key.comment()), (&*blob_of(&line), "me@here"), "{cipher}");
            assert_eq!(outcome(&path, None), Err(BadKeyFile::Encrypted), "{cipher}");
            assert_eq!(outcome(&path, Some("")), Err(BadKeyFile::Encrypted), "{cipher}");
            assert_eq!(outcome(&path, Some("wrong")), Err(BadKeyFile::WrongPassphrase), "{cipher}");
        }
    }
    let (path, _) = made(&folder, &["-t", "ed25519", "-Z", "3des-cbc", "-N", "secret"]);
    assert!(matches!(outcome(&path, Some("secret")), Err(BadKeyFile::Unsupported(_))));
}

#[test]
fn keys_that_cannot_be_used_are_told_apart() {
    let folder = Folder::new();
    let (short, _) = made(&folder, &["-t", "rsa", "-b", "1024", "-N", ""]);
    assert!(matches!(outcome(&short, None), Err(BadKeyFile::Unsupported(what)) if what.contains("2048")));
    let (_, line) = made(&folder, &["-t", "ed25519", "-N", ""]);
    assert_eq!(outcome(&folder.write("line", &line), None), Err(BadKeyFile::Public));
    let exchange = folder.path("x25519");
    good("openssl", &["genpkey", "-algorithm", "X25519", "-out", &exchange]);
    assert_eq!(outcome(&exchange, None), Err(BadKeyFile::KeyType));
    let curve = folder.path("secp256k1");
    good("openssl", &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1", "-out", &curve]);
    assert_eq!(outcome(&curve, None), Err(BadKeyFile::KeyType));
    let three = folder.path("three-primes");
    good("openssl", &["genrsa", "-traditional", "-primes", "3", "-out", &three, "2048"]);
    assert!(matches!(outcome(&three, None), Err(BadKeyFile::Unsupported(what)) if what.contains("primes")));
}

/// A key by openssl, the public half of which `ssh-keygen` tells.
fn made_by_openssl(folder: &Folder, algorithm: &str) -> (String, Vec<u8>) {
    let path = folder.path("plain.pem");
    let options: &[&str] = match algorithm {
        "ED25519" => &["-algorithm", "ED25519"],
        "RSA" => &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        "P-256" => &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
        "P-384" => &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
        _ => &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
    };
    good("openssl", &[&["genpkey", "-out", &path], options].concat());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("mode 0600");
    let public = folder.path("plain.pub");
    good("openssl", &["pkey", "-in", &path, "-pubout", "-out", &public]);
    let blob = if algorithm == "ED25519" {
        // ssh-keygen -i does not know it: the last 32 bytes of SubjectPublicKeyInfo.
        let der = folder.path("plain.der");
        good("openssl", &["pkey", "-in", &path, "-pubout", "-outform", "DER", "-out", &der]);
        let der = fs::read(der).expect("the public key");
        sansh::keys::ed25519_blob(der.last_chunk().expect("32 bytes")).to_vec()
    } else {
        blob_of(&good("ssh-keygen", &["-i", "-m", "PKCS8", "-f", &public]))
    };
    (path, blob)
}

#[test]
fn what_openssl_writes_is_read() {
    let folder = Folder::new();
    for algorithm in ["ED25519", "P-256", "P-384", "P-521", "RSA"] {
        let (path, blob) = made_by_openssl(&folder, algorithm);
        let is = |path: &str, passphrase, what: &str| {
            let key = read(path, passphrase).unwrap_or_else(|error| panic!("{algorithm} {what}: {error}"));
            assert_eq!(key.public_blob(), blob, "{algorithm} {what}");
        };
        is(&path, None, "plain");
        let sealed = folder.path("sealed.pem");
        for options in [
            &["-v2", "aes-128-cbc"][..],
            &["-v2", "aes-192-cbc"],
            &["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA512"],
            &["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA1"],
            &["-v2", "aes-256-cbc", "-scrypt", "-scrypt_N", "1024"],
        ] {
            let command = ["pkcs8", "-topk8", "-in", &path, "-out", &sealed, "-passout", "pass:secret"];
            good("openssl", &[&command[..], options].concat());
            is(&sealed, Some("secret"), &format!("{options:?}"));
            assert_eq!(outcome(&sealed, None), Err(BadKeyFile::Encrypted));
            assert_eq!(outcome(&sealed, Some("wrong")), Err(BadKeyFile::WrongPassphrase), "{options:?}");
        }
        let old = ["pkcs8", "-topk8", "-in", &path, "-out", &sealed, "-passout", "pass:secret"];
        good("openssl", &[&old[..], &["-v1", "PBE-SHA1-3DES"]].concat());
        assert!(matches!(outcome(&sealed, Some("secret")), Err(BadKeyFile::Unsupported(_))));
        if algorithm == "ED25519" {
            continue;
        }
        for cipher in ["-aes128", "-aes192", "-aes256"] {
            let command = ["pkey", "-traditional", cipher, "-in", &path, "-out", &sealed, "-passout", "pass:secret"];
            good("openssl", &command);
            assert!(fs::read_to_string(&sealed).expect("the file").contains("DEK-Info"));
            is(&sealed, Some("secret"), cipher);
            assert_eq!(outcome(&sealed, None), Err(BadKeyFile::Encrypted));
            assert_eq!(outcome(&sealed, Some("wrong")), Err(BadKeyFile::WrongPassphrase), "{cipher}");
        }
        let command = ["pkey", "-traditional", "-des3", "-in", &path, "-out", &sealed, "-passout", "pass:secret"];
        good("openssl", &command);
        assert!(matches!(outcome(&sealed, Some("secret")), Err(BadKeyFile::Unsupported(_))));
    }
    let with_parameters = folder.path("parameters.pem");
    good("openssl", &["ecparam", "-genkey", "-name", "prime256v1", "-out", &with_parameters]);
    assert!(fs::read_to_string(&with_parameters).expect("the file").contains("BEGIN EC PARAMETERS"));
    assert_eq!(outcome(&with_parameters, None), Ok(()));
}

/// A key by `puttygen`, and the line of its public half.
fn puttygen(folder: &Folder, key_type: &[&str], passphrase: &str, parameters: &str) -> (String, String) {
    let path = folder.path("key.ppk");
    let passphrase = folder.write("passphrase", passphrase);
    let command = ["-q", "-O", "private", "-o", &path, "-C", "me@here", "--new-passphrase", &passphrase];
    good("puttygen", &[key_type, &command, &["--ppk-param", parameters]].concat());
    let line = good("puttygen", &["-L", "--old-passphrase", &passphrase, &path]);
    (path, line.trim_end().to_owned())
}

#[test]
fn what_puttygen_writes_is_read() {
    let folder = Folder::new();
    for key_type in TYPES {
        for version in ["version=2", "version=3"] {
            let (path, line) = puttygen(&folder, key_type, "", version);
            let key = read(&path, None).unwrap_or_else(|error| panic!("{key_type:?} {version}: {error}"));
            assert_eq!((key.public_blob(), key.comment()), (&*blob_of(&line), "me@here"));
            assert_signs(&folder, &key);
        }
        for parameters in [
            "version=2",
            "version=3,kdf=argon2id,memory=64,passes=2",
            "version=3,kdf=argon2i,memory=64,passes=1,parallelism=2",
            "version=3,kdf=argon2d,memory=64,passes=1",
        ] {
            let (path, line) = puttygen(&folder, key_type, "secret", parameters);
            let key = read(&path, Some("secret")).unwrap_or_else(|error| panic!("{key_type:?} {parameters}: {error}"));
            assert_eq!((key.public_blob(), key.comment()), (&*blob_of(&line), "me@here"));
            assert_eq!(outcome(&path, None), Err(BadKeyFile::Encrypted));
            assert_eq!(outcome(&path, Some("wrong")), Err(BadKeyFile::WrongPassphrase), "{parameters}");
        }
    }
}

/// Every change of a PuTTY file is found by its MAC or before.
#[test]
fn a_changed_putty_file_is_refused() {
    let folder = Folder::new();
    for (passphrase, parameters) in
        [("", "version=2"), ("", "version=3"), ("secret", "version=2"), ("secret", "version=3,memory=64,passes=1")]
    {
        let (path, _) = puttygen(&folder, ED25519, passphrase, parameters);
        let file = fs::read(&path).expect("the file");
        let windows = String::from_utf8_lossy(&file).replace('\n', "\r\n");
        assert!(PrivateKey::read(&windows, Some(passphrase.as_bytes())).is_ok());
        for at in 0..file.len() {
            let mut changed = file.clone();
            changed[at] ^= 1;
            // Line ends and the case of hexadecimal digits say nothing.
            let same = changed[at].eq_ignore_ascii_case(&file[at]) || file[at].is_ascii_whitespace();
            let read = PrivateKey::read(&changed, Some(passphrase.as_bytes()));
            assert!(same || read.is_err(), "{parameters}: byte {at} of\n{}", String::from_utf8_lossy(&file));
            let _ = PrivateKey::read(&file[..at], Some(passphrase.as_bytes()));
        }
    }
}

/// One key of each type: made here, but for RSA, which `ssh-keygen` makes.
fn keys(folder: &Folder) -> Vec<PrivateKey> {
    let kinds = [KeyKind::Ed25519, KeyKind::EcdsaP256, KeyKind::EcdsaP384, KeyKind::EcdsaP521];
    let kinds = (1..).zip(kinds).map(|(n, kind)| PrivateKey::generate(kind, &mut random(n)).expect("a key"));
    let rsa = read(&made(folder, &[RSA, &["-N", ""]].concat()).0, None).expect("a key");
    kinds.chain([rsa]).map(|key| key.with_comment("me@here")).collect()
}

#[test]
fn what_is_written_is_read_again() {
    let folder = Folder::new();
    for key in keys(&folder) {
        for format in [
            FileFormat::OpenSsh,
            FileFormat::Pkcs8,
            FileFormat::Pkcs1,
            FileFormat::Sec1,
            FileFormat::Putty2,
            FileFormat::Putty3,
        ] {
            for protection in [Protection::Plain, SECRET] {
                let name = key.public_key().key_type();
                let text = match key.write(format, protection, &mut random(7)) {
                    Ok(text) => text,
                    Err(WriteError::KeyType) => {
                        let other = (format == FileFormat::Pkcs1 && name != "ssh-rsa")
                            || (format == FileFormat::Sec1 && !name.starts_with("ecdsa"));
                        assert!(other, "{name} {format:?}");
                        continue;
                    }
                    Err(error) => {
                        assert_eq!(error, WriteError::Passphrase, "{name} {format:?}");
                        let never = matches!(format, FileFormat::Pkcs1 | FileFormat::Sec1 | FileFormat::Putty2);
                        assert!(never && matches!(protection, Protection::Passphrase { .. }));
                        continue;
                    }
                };
                let again = PrivateKey::read(&*text, Some(b"secret")).expect("a key");
                assert_eq!(again.public_blob(), key.public_blob(), "{name} {format:?}");
                let plain = |key: &PrivateKey| key.to_openssh(&mut random(1)).expect("a file");
                let again = again.with_comment("me@here");
                assert_eq!(*plain(&again), *plain(&key), "the same secret: {name} {format:?}");
                if matches!(protection, Protection::Passphrase { .. }) {
                    assert_eq!(PrivateKey::read(&*text, None).map(|_| ()), Err(BadKeyFile::Encrypted));
                }
            }
        }
        for (passphrase, effort) in [(&b""[..], 1), (b"x", 0), (b"x", sansh::signer::MAX_EFFORT + 1)] {
            let protection = Protection::Passphrase { passphrase, effort };
            for format in [FileFormat::OpenSsh, FileFormat::Pkcs8, FileFormat::Putty3] {
                let written = key.write(format, protection, &mut random(7)).map(|_| ());
                assert_eq!(written, Err(WriteError::Passphrase));
            }
        }
    }
}

#[test]
fn what_is_written_is_read_by_ssh_keygen() {
    let folder = Folder::new();
    for key in keys(&folder) {
        let line = key.public_key().line("me@here").expect("a line");
        let without_comment = line.trim_end_matches(" me@here");
        let write = |format, protection| key.write(format, protection, &mut random(8));
        let path = folder.write("key", &write(FileFormat::OpenSsh, Protection::Plain).expect("a file"));
        assert_eq!(line_of(&path, ""), line);
        let path = folder.write("key", &write(FileFormat::OpenSsh, SECRET).expect("a file"));
        assert_eq!(line_of(&path, "secret"), line);
        assert!(!said("ssh-keygen", &["-y", "-P", "wrong", "-f", &path], b"").0);
        // Ed25519 keys in PKCS#8 are read by later versions of ssh-keygen.
        if key.public_key().key_type() == "ssh-ed25519" {
            continue;
        }
        for format in [FileFormat::Pkcs8, FileFormat::Pkcs1, FileFormat::Sec1] {
            let Ok(text) = write(format, Protection::Plain) else { continue };
            assert_eq!(line_of(&folder.write("key", &text), ""), without_comment, "{format:?}");
        }
        let path = folder.write("key", &write(FileFormat::Pkcs8, SECRET).expect("a file"));
        assert_eq!(line_of(&path, "secret"), without_comment);
    }
}

#[test]
fn what_is_written_is_read_by_openssl() {
    let folder = Folder::new();
    for key in keys(&folder) {
        let name = key.public_key().key_type();
        let mut shown = Vec::new();
        for format in [FileFormat::Pkcs8, FileFormat::Pkcs1, FileFormat::Sec1] {
            for protection in [Protection::Plain, SECRET] {
                let Ok(text) = key.write(format, protection, &mut random(9)) else { continue };
                let path = folder.write("key.pem", &text);
                shown.push(good("openssl", &["pkey", "-in", &path, "-passin", "pass:secret", "-pubout"]));
                if name != "ssh-ed25519" {
                    let checked =
                        good("openssl", &["pkey", "-in", &path, "-passin", "pass:secret", "-check", "-noout"]);
                    assert!(checked.contains("is valid"), "{name}: {checked}");
                }
            }
        }
        assert!(shown.len() >= 2 && shown.iter().all(|public| *public == shown[0]));
        if name != "ssh-ed25519" {
            let public = folder.write("key.pub", &shown[0]);
            let line = good("ssh-keygen", &["-i", "-m", "PKCS8", "-f", &public]);
            assert_eq!(blob_of(&line), key.public_blob());
        }
    }
}

#[test]
fn what_is_written_is_read_by_puttygen() {
    let folder = Folder::new();
    let secret = folder.write("secret", "secret");
    for key in keys(&folder) {
        let line = key.public_key().line("me@here").expect("a line");
        for (format, protection) in [
            (FileFormat::Putty2, Protection::Plain),
            (FileFormat::Putty3, Protection::Plain),
            (FileFormat::Putty3, SECRET),
        ] {
            let path = folder.write("key.ppk", &key.write(format, protection, &mut random(9)).expect("a file"));
            let opened = folder.path("opened");
            let command = ["-O", "private-openssh-new", "-o", &opened, "--old-passphrase", &secret];
            let empty = folder.write("empty", "");
            good("puttygen", &[&[path.as_str()], &command[..], &["--new-passphrase", &empty]].concat());
            assert_eq!(line_of(&opened, ""), line, "{format:?}");
        }
    }
}

/// CVE-2022-27191: a key says only what it can sign, so that nothing else is offered for it.
#[test]
fn rsa_signatures_are_verified_by_openssl() {
    let folder = Folder::new();
    // One whose bits do not fill its bytes.
    for bits in ["2048", "2049", "3072"] {
        let key = read(&made(&folder, &["-t", "rsa", "-b", bits, "-N", ""]).0, None).expect("a key");
        if !cfg!(feature = "aws_lc") {
            assert_eq!(key.algorithms(), [""; 0]);
            assert!(
                matches!(key.sign("rsa-sha2-512", b"x"), Err(SignError::Unsupported(why)) if why.contains("aws_lc"))
            );
            continue;
        }
        assert_eq!(key.algorithms(), ["rsa-sha2-512", "rsa-sha2-256"]);
        assert_eq!(key.sign("ssh-rsa", b"x"), Err(SignError::Algorithm), "SHA-1");
        let pem =
            folder.write("key.pem", &key.write(FileFormat::Pkcs8, Protection::Plain, &mut random(1)).expect("pem"));
        let public = folder.path("public.pem");
        good("openssl", &["pkey", "-in", &pem, "-pubout", "-out", &public]);
        for (algorithm, hash) in [("rsa-sha2-512", "-sha512"), ("rsa-sha2-256", "-sha256")] {
            let blob = key.sign(algorithm, b"a message").expect("signed");
            let parsed = SignatureBlob::parse(&blob).expect("a signature");
            assert_eq!(parsed.algorithm, algorithm);
            let file = folder.path("signature.bin");
            fs::write(&file, parsed.signature).expect("a file");
            let arguments = ["dgst", hash, "-verify", &public, "-signature", &file];
            let (success, text) = said("openssl", &arguments, b"a message");
            assert!(success, "{text}");
            assert!(!said("openssl", &arguments, b"another").0);
        }
        assert_signs(&folder, &key);
    }
}

#[test]
fn keys_made_here_sign() {
    let folder = Folder::new();
    for key in keys(&folder) {
        assert_signs(&folder, &key);
        assert_eq!(key.sign("none", b"x"), Err(SignError::Algorithm));
    }
    #[cfg(feature = "aws_lc")]
    {
        let key = PrivateKey::generate(KeyKind::Rsa(2048), &mut random(1)).expect("a key");
        assert_signs(&folder, &key);
        let path = folder.write("rsa", &key.to_openssh(&mut random(1)).expect("a file"));
        assert_eq!(blob_of(&line_of(&path, "")), key.public_blob());
    }
}

#[cfg(feature = "mldsa")]
#[test]
fn a_post_quantum_key_signs_and_is_read_again() {
    let key = PrivateKey::generate(KeyKind::MlDsa44Ed25519, &mut random(1)).expect("a key").with_comment("me@here");
    assert_eq!(key.algorithms(), ["ssh-mldsa44-ed25519@openssh.com"]);
    assert_eq!(key.public_blob().len(), 4 + 31 + 4 + 1312 + 32);
    rows_verify(&key, "ssh-mldsa44-ed25519@openssh.com");
    for protection in [Protection::Plain, SECRET] {
        let text = key.write(FileFormat::OpenSsh, protection, &mut random(2)).expect("a file");
        let again = PrivateKey::read(&*text, Some(b"secret")).expect("a key");
        assert_eq!((again.public_blob(), again.comment()), (key.public_blob(), "me@here"));
        let name = key.algorithms()[0];
        assert_eq!(again.sign(name, b"x"), key.sign(name, b"x"));
    }
    for format in [FileFormat::Pkcs8, FileFormat::Pkcs1, FileFormat::Sec1, FileFormat::Putty2, FileFormat::Putty3] {
        let written = key.write(format, Protection::Plain, &mut random(2)).map(|_| ());
        assert_eq!(written, Err(WriteError::KeyType), "{format:?}");
    }
}

#[test]
fn a_key_takes_its_certificate_and_no_other() {
    let folder = Folder::new();
    let (ca, _) = made(&folder, &["-t", "ed25519", "-N", ""]);
    let ca = {
        let kept = folder.path("ca");
        fs::rename(&ca, &kept).expect("renamed");
        kept
    };
    let certify = |line: &str| {
        let public = folder.write("certified.pub", line);
        good("ssh-keygen", &["-q", "-s", &ca, "-I", "an id", "-n", "me,you", &public]);
        blob_of(&fs::read_to_string(public.replace(".pub", "-cert.pub")).expect("a certificate"))
    };
    let other = PrivateKey::generate_ed25519(&mut random(99)).expect("a key");
    let others = certify(&other.public_key().line("").expect("a line"));
    for key in keys(&folder) {
        let plain = key.plain_blob().to_vec();
        let certificate = certify(&key.public_key().line("").expect("a line"));
        let text = key.to_openssh(&mut random(1)).expect("a file");
        let key_again = || PrivateKey::from_openssh(text.as_str()).expect("a key");
        assert_eq!(key_again().with_certificate(&others).map(|_| ()), Err(BadCertificate::OtherKey));
        assert_eq!(key_again().with_certificate(&plain).map(|_| ()), Err(BadCertificate::Malformed));
        for at in 0..certificate.len() {
            assert!(key_again_is_refused(&text, &certificate[..at]), "cut at {at}");
        }
        assert!(key_again_is_refused(&text, &[&certificate[..], b"x"].concat()), "a byte behind");
        let key = key.with_certificate(&certificate).expect("its own");
        assert_eq!((key.public_blob(), key.plain_blob()), (&*certificate, &*plain));
        assert_eq!(key.certificate(), Some(&*certificate));
        let algorithms = key.algorithms();
        assert!(algorithms.iter().all(|name| name.ends_with("-cert-v01@openssh.com")), "{algorithms:?}");
        for name in algorithms {
            // The signature bears the name of the plain key's algorithm (draft-ietf-sshm-cert, section 2.3).
            let blob = key.sign(name, b"x").expect("signed");
            let plain_name = name.trim_end_matches("-cert-v01@openssh.com");
            assert_eq!(SignatureBlob::parse(&blob).expect("a signature").algorithm, plain_name);
            assert!(key.sign(plain_name, b"x").is_ok());
            rows_verify(&key, name);
        }
        // A certificate is no part of the file.
        assert_eq!(*key.with_comment("me@here").to_openssh(&mut random(1)).expect("a file"), *text);
    }
    // puttygen puts a certificate into its own file.
    for key_type in TYPES {
        let (path, line) = puttygen(&folder, key_type, "", "version=3");
        let public = folder.write("certified.pub", &line);
        good("ssh-keygen", &["-q", "-s", &ca, "-I", "an id", "-n", "me", &public]);
        let certificate = public.replace(".pub", "-cert.pub");
        let both = folder.path("both.ppk");
        good("puttygen", &[&path, "--certificate", &certificate, "-O", "private", "-o", &both]);
        let key = read(&both, None).expect("a key");
        assert_eq!(key.certificate(), Some(&*blob_of(&fs::read_to_string(&certificate).expect("a certificate"))));
        assert_eq!(key.plain_blob(), blob_of(&line));
    }
}

fn key_again_is_refused(text: &str, certificate: &[u8]) -> bool {
    // Reading an RSA key takes a millisecond: one in a hundred of its cuts.
    if text.len() > 1000 && !certificate.len().is_multiple_of(100) {
        return true;
    }
    PrivateKey::from_openssh(text).expect("a key").with_certificate(certificate).is_err()
}

/// The file of a security key, as `ssh-keygen -t ed25519-sk` writes it where there is one.
fn security_key_file(name: &str, public: &[&[u8]]) -> String {
    use base64ct::{Base64, Encoding};
    fn string(into: &mut Vec<u8>, bytes: &[u8]) {
        into.extend_from_slice(&u32::try_from(bytes.len()).expect("short").to_be_bytes());
        into.extend_from_slice(bytes);
    }
    let (mut blob, mut private) = (Vec::new(), b"1234123".to_vec());
    private.push(b'4');
    for into in [&mut blob, &mut private] {
        string(into, name.as_bytes());
        public.iter().for_each(|field| string(into, field));
        string(into, b"ssh:");
    }
    private.push(1);
    string(&mut private, b"the handle");
    string(&mut private, b"");
    string(&mut private, b"me@here");
    (1..).take(private.len().next_multiple_of(8) - private.len()).for_each(|byte| private.push(byte));
    let mut file = b"openssh-key-v1\0".to_vec();
    for field in [&b"none"[..], b"none", b""] {
        string(&mut file, field);
    }
    file.extend_from_slice(&[0, 0, 0, 1]);
    string(&mut file, &blob);
    string(&mut file, &private);
    let mut room = vec![0; Base64::encoded_len(&file)];
    let encoded = Base64::encode(&file, &mut room).expect("room");
    format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{encoded}\n-----END OPENSSH PRIVATE KEY-----\n")
}

#[test]
fn the_key_of_a_security_key_is_a_reference() {
    let folder = Folder::new();
    let ed25519 = PrivateKey::generate_ed25519(&mut random(1)).expect("a key");
    let p256 = PrivateKey::generate(KeyKind::EcdsaP256, &mut random(1)).expect("a key");
    let point = p256.plain_blob().last_chunk::<65>().expect("a point");
    let key = ed25519.plain_blob().last_chunk::<32>().expect("a key");
    for (name, public) in [
        ("sk-ssh-ed25519@openssh.com", &[&key[..]][..]),
        ("sk-ecdsa-sha2-nistp256@openssh.com", &[b"nistp256", &point[..]]),
    ] {
        let text = security_key_file(name, public);
        let key = PrivateKey::read(&text, None).expect("a key");
        let reference = key.security_key().expect("a reference");
        assert_eq!(
            (reference.application, reference.flags, reference.key_handle),
            (&b"ssh:"[..], 1, &b"the handle"[..])
        );
        assert_eq!((key.comment(), key.public_key().key_type()), ("me@here", name));
        assert_eq!(key.algorithms(), [""; 0]);
        let refused = key.sign(name, b"x");
        assert!(matches!(refused, Err(SignError::Unsupported(why)) if why.contains("agent")), "{refused:?}");
        // OpenSSH reads that file, and the one written here, and sees the same public key in both.
        let line = line_of(&folder.write("sk", &text), "");
        assert_eq!(line, key.public_key().line("me@here").expect("a line"));
        for (protection, passphrase) in [(Protection::Plain, ""), (SECRET, "secret")] {
            let again = key.write(FileFormat::OpenSsh, protection, &mut random(1)).expect("a file");
            assert_eq!(line_of(&folder.write("sk", &again), passphrase), line);
        }
        assert_eq!(
            key.write(FileFormat::Pkcs8, Protection::Plain, &mut random(1)).map(|_| ()),
            Err(WriteError::KeyType)
        );
    }
    let cut = security_key_file("sk-ssh-ed25519@openssh.com", &[b"too short"]);
    assert_eq!(PrivateKey::read(&cut, None).map(|_| ()), Err(BadKeyFile::Damaged));
    let other = security_key_file("sk-ssh-other@openssh.com", &[&key[..]]);
    assert_eq!(PrivateKey::read(&other, None).map(|_| ()), Err(BadKeyFile::KeyType));
}

/// Cuts and flipped bits end in an error or in a key whose halves fit; nothing panics.
#[test]
fn damage_is_an_error_or_does_not_matter() {
    let folder = Folder::new();
    for key in keys(&folder) {
        let is_rsa = key.public_key().key_type() == "ssh-rsa";
        for format in [FileFormat::OpenSsh, FileFormat::Pkcs8, FileFormat::Pkcs1, FileFormat::Sec1, FileFormat::Putty3]
        {
            let Ok(text) = key.write(format, Protection::Plain, &mut random(3)) else { continue };
            for at in (0..text.len()).step_by(if is_rsa { 17 } else { 1 }) {
                for bit in [0, 1, 6, 7] {
                    let mut changed = text.as_bytes().to_vec();
                    changed[at] ^= 1 << bit;
                    if let Ok(read) = PrivateKey::read(&changed, None) {
                        let again = read.to_openssh(&mut random(4)).expect("a file");
                        assert_eq!(PrivateKey::from_openssh(&*again).map(|_| ()), Ok(()), "{format:?} {at} {bit}");
                    }
                }
                assert!(at + 1 >= text.len() || PrivateKey::read(&text[..at], None).is_err(), "{format:?} {at}");
            }
        }
    }
}

#[test]
fn damage_of_an_encrypted_file_is_an_error() {
    let key = PrivateKey::generate_ed25519(&mut random(1)).expect("a key");
    for format in [FileFormat::OpenSsh, FileFormat::Pkcs8] {
        let text = key.write(format, SECRET, &mut random(3)).expect("a file");
        for at in (0..text.len() - 1).step_by(if cfg!(debug_assertions) { 7 } else { 1 }) {
            assert!(PrivateKey::read(&text[..at], Some(b"secret")).is_err(), "{format:?} {at}");
            let mut changed = text.as_bytes().to_vec();
            changed[at] ^= 1;
            let _ = PrivateKey::read(&changed, Some(b"secret"));
        }
    }
}

/// The rounds of bcrypt stand in the file: a hostile one asks for four billion.
#[test]
fn what_an_openssh_file_may_cost_is_bounded() {
    use base64ct::{Base64, Encoding};
    let key = PrivateKey::generate_ed25519(&mut random(1)).expect("a key");
    let text = key.write(FileFormat::OpenSsh, SECRET, &mut random(3)).expect("a file");
    let inner: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    let mut room = vec![0; inner.len()];
    let mut bytes = Base64::decode(&inner, &mut room).expect("base64").to_vec();
    let at = bytes.windows(4).position(|window| window == [0, 0, 0, 1]).expect("one round");
    for (rounds, wanted) in [
        (1025_u32, BadKeyFile::Cost),
        (u32::MAX, BadKeyFile::Cost),
        (0, BadKeyFile::Damaged),
        (2, BadKeyFile::WrongPassphrase),
    ] {
        bytes[at..at + 4].copy_from_slice(&rounds.to_be_bytes());
        let mut room = vec![0; Base64::encoded_len(&bytes)];
        let encoded = Base64::encode(&bytes, &mut room).expect("room");
        let text = format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{encoded}\n-----END OPENSSH PRIVATE KEY-----\n");
        assert_eq!(PrivateKey::read(&text, Some(b"secret")).map(|_| ()), Err(wanted), "{rounds}");
    }
}

#[test]
fn a_path_is_no_key() {
    assert_eq!(PrivateKey::read("/etc/ssh/ssh_host_ed25519_key", None).map(|_| ()), Err(BadKeyFile::NotAKey));
}

/// A comment can hold blanks at its ends, which the MAC of a PuTTY file covers.
#[test]
fn comments_are_kept_to_the_last_blank() {
    let folder = Folder::new();
    for comment in ["", " ", " a b ", "grün", "a: b", "Private-Lines: 1"] {
        let key = PrivateKey::generate_ed25519(&mut random(1)).expect("a key").with_comment(comment);
        for format in [FileFormat::OpenSsh, FileFormat::Putty2, FileFormat::Putty3] {
            let text = key.write(format, Protection::Plain, &mut random(1)).expect("a file");
            assert_eq!(PrivateKey::read(&*text, None).expect("a key").comment(), comment, "{format:?}");
            let path = folder.write("key", &text);
            if format == FileFormat::OpenSsh {
                assert_eq!(blob_of(&line_of(&path, "")), key.public_blob());
            } else {
                assert_eq!(blob_of(&good("puttygen", &["-L", &path])), key.public_blob(), "{format:?} {comment:?}");
            }
        }
    }
}
