//! Keys and files against `ssh-keygen`: each side reads what the other writes.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "a test allocates as it likes")]
#![cfg(all(feature = "signer", feature = "files"))]

use core::sync::atomic::{AtomicU32, Ordering};
use sansh::crypto::{Random, Seed};
use sansh::files::authorized_keys::AuthorizedKeys;
use sansh::files::config::{directive, directives};
use sansh::files::known_hosts::{Known, KnownHosts, hashed_line_for, line_for};
use sansh::files::pattern::{self, Case};
use sansh::keys::{PublicKey, PublicKeyLine, SignatureBlob};
use sansh::signer::{BadKeyFile, PrivateKey};
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("sansh-keys-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).expect("a folder for the test");
        Folder(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file that only its owner can read, as `ssh-keygen` demands for private keys.
    fn write(&self, name: &str, text: &str) -> PathBuf {
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

/// What `ssh-keygen` says, and whether it was content.
fn ssh_keygen(arguments: &[&str], input: &[u8]) -> (bool, String) {
    let mut child = Command::new("ssh-keygen")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("these tests need ssh-keygen (package openssh-client)");
    // It may end without reading what it was given.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    let output = child.wait_with_output().expect("ssh-keygen ends");
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

fn good(arguments: &[&str]) -> String {
    let (success, text) = ssh_keygen(arguments, b"");
    assert!(success, "ssh-keygen {arguments:?}: {text}");
    text
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

fn made_by_ssh_keygen(folder: &Folder, name: &str, arguments: &[&str]) -> PathBuf {
    let path = folder.path(name);
    good(&[&["-q", "-f", text(&path), "-C", "me@here"], arguments].concat());
    path
}

fn random(n: u8) -> Random {
    Random::new(&Seed::new([n; 32]))
}

/// OpenSSH's PROTOCOL.sshsig: what is signed, and the armoured file around the signature.
fn sshsig(key: &PrivateKey, namespace: &str, message: &[u8]) -> String {
    use sha2::{Digest, Sha512};
    fn string(into: &mut Vec<u8>, bytes: &[u8]) {
        into.extend_from_slice(&u32::try_from(bytes.len()).expect("short").to_be_bytes());
        into.extend_from_slice(bytes);
    }
    let mut signed = b"SSHSIG".to_vec();
    for field in [namespace.as_bytes(), b"", b"sha512", &Sha512::digest(message)] {
        string(&mut signed, field);
    }
    let signature = key.sign("ssh-ed25519", &signed).expect("signed");
    let mut file = b"SSHSIG\0\0\0\x01".to_vec();
    for field in [key.public_blob(), namespace.as_bytes(), b"", b"sha512", &signature] {
        string(&mut file, field);
    }
    use base64ct::{Base64, Encoding};
    let mut room = vec![0; Base64::encoded_len(&file)];
    let encoded = Base64::encode(&file, &mut room).expect("room");
    format!("-----BEGIN SSH SIGNATURE-----\n{encoded}\n-----END SSH SIGNATURE-----\n")
}

fn assert_openssh_verifies(folder: &Folder, key: &PrivateKey) {
    let line = key.public_key().line("").expect("a line");
    let signers = folder.write("signers", &format!("me@here {line}\n"));
    let signature = folder.write("signature", &sshsig(key, "test", b"a message"));
    let arguments = ["-Y", "verify", "-f", text(&signers), "-I", "me@here", "-n", "test", "-s", text(&signature)];
    let (success, said) = ssh_keygen(&arguments, b"a message");
    assert!(success, "{said}");
    let (success, _) = ssh_keygen(&arguments, b"another message");
    assert!(!success, "a signature of something else");
}

#[test]
fn keys_made_by_ssh_keygen_are_read_and_sign() {
    let folder = Folder::new();
    for comment in ["", "x", "xy", "xyz", "a longer comment, with blanks", "grün"] {
        let path = folder.path("key");
        good(&["-q", "-t", "ed25519", "-N", "", "-f", text(&path), "-C", comment]);
        let key = PrivateKey::from_openssh(&fs::read(&path).expect("the key")).expect("a key");
        assert_eq!(key.comment(), comment);
        let line = fs::read_to_string(path.with_extension("pub")).expect("the public key");
        let line = PublicKeyLine::parse(&line).expect("a public key line");
        assert_eq!((line.key(), line.comment()), (key.public_key(), comment));
        let blob = key.sign("ssh-ed25519", b"x").expect("a signature");
        assert!(SignatureBlob::parse(&blob).is_ok_and(|read| read.signature.len() == 64));
        assert_openssh_verifies(&folder, &key);
        fs::remove_file(&path).expect("gone");
    }
}

#[test]
fn keys_made_by_sansh_are_read_by_ssh_keygen() {
    let folder = Folder::new();
    for (n, comment) in (0..).zip(["", "x", "xy", "xyz", "wxyz", "vwxyz", "uvwxyz", "tuvwxyz", "me@here", "grün"]) {
        let key = PrivateKey::generate_ed25519(&mut random(n)).expect("a key").with_comment(comment);
        let path = folder.write("key", &key.to_openssh(&mut random(100)).expect("a file"));
        let line = good(&["-y", "-f", text(&path)]);
        assert_eq!(line.trim_end(), key.public_key().line(comment).expect("a line"));
        let listed = good(&["-l", "-f", text(&path)]);
        assert!(listed.starts_with(&format!("256 {} ", key.public_key())), "{listed}");
        assert!(listed.trim_end().ends_with("(ED25519)"), "{listed}");
        // How it shows an empty comment depends on its version, and other alphabets on the locale.
        assert!(comment.is_empty() || !comment.is_ascii() || listed.contains(&format!(" {comment} ")), "{listed}");
        // A new comment makes ssh-keygen read and write the private half.
        good(&["-q", "-c", "-C", "another", "-f", text(&path)]);
        fs::remove_file(path.with_extension("pub")).expect("the public key that it wrote");
        let again = PrivateKey::from_openssh(&fs::read(&path).expect("the key")).expect("a key");
        assert_eq!((again.public_blob(), again.comment()), (key.public_blob(), "another"));
        assert_openssh_verifies(&folder, &again);
    }
}

#[test]
fn fingerprints_are_those_of_ssh_keygen_for_every_type() {
    let folder = Folder::new();
    let types: [(&[&str], &str); 4] = [
        (&["-t", "ed25519"], "ssh-ed25519"),
        (&["-t", "ecdsa", "-b", "256"], "ecdsa-sha2-nistp256"),
        (&["-t", "ecdsa", "-b", "521"], "ecdsa-sha2-nistp521"),
        (&["-t", "rsa", "-b", "2048"], "ssh-rsa"),
    ];
    for (arguments, key_type) in types {
        let path = made_by_ssh_keygen(&folder, key_type, &[arguments, &["-N", ""]].concat());
        let public = path.with_extension("pub");
        let line = fs::read_to_string(&public).expect("the public key");
        let read = PublicKeyLine::parse(&line).expect("a public key line");
        assert_eq!(read.key().key_type(), key_type);
        assert_eq!(read.key().line("me@here").expect("a line"), line.trim_end());
        let listed = good(&["-l", "-f", text(&public)]);
        let fingerprint = listed.split(' ').nth(1).expect("a fingerprint");
        assert_eq!(read.key().to_string(), fingerprint);
        assert_eq!(fingerprint.parse(), Ok(read.key().fingerprint()));
    }
}

#[test]
fn private_keys_that_are_not_for_us_are_told_apart() {
    let folder = Folder::new();
    let read = |path: &Path| PrivateKey::from_openssh(&fs::read(path).expect("the key")).map(|_| ());
    let encrypted = made_by_ssh_keygen(&folder, "encrypted", &["-t", "ed25519", "-N", "secret"]);
    assert_eq!(read(&encrypted), Err(BadKeyFile::Encrypted));
    let rsa = made_by_ssh_keygen(&folder, "rsa", &["-t", "rsa", "-b", "2048", "-N", ""]);
    assert_eq!(read(&rsa), Ok(()));
    let pem = made_by_ssh_keygen(&folder, "pem", &["-t", "rsa", "-b", "2048", "-m", "PEM", "-N", ""]);
    assert_eq!(read(&pem), Err(BadKeyFile::Format));
    let pkcs8 = made_by_ssh_keygen(&folder, "pkcs8", &["-t", "rsa", "-b", "2048", "-m", "PKCS8", "-N", ""]);
    assert_eq!(read(&pkcs8), Err(BadKeyFile::Format));
    assert_eq!(read(&rsa.with_extension("pub")), Err(BadKeyFile::Public));
    // What the errors tell people to do works.
    good(&["-q", "-p", "-P", "secret", "-N", "", "-f", text(&encrypted)]);
    assert_eq!(read(&encrypted), Ok(()));
    good(&["-q", "-p", "-P", "", "-N", "", "-f", text(&pem)]);
    assert_eq!(read(&pem), Ok(()));
}

#[test]
fn hosts_hashed_by_ssh_keygen_are_matched() {
    let folder = Folder::new();
    let [mine, other] = [1, 2].map(|n| PrivateKey::generate_ed25519(&mut random(n)).expect("a key"));
    let key = mine.public_key();
    let hosts =
        [("host.example", 22), ("host.example", 2222), ("10.0.0.1", 22), ("fe80::1", 22), ("MiXed.example", 22)];
    let plain: String = hosts.iter().map(|(host, port)| line_for(host, *port, key).expect("a line")).collect();
    let path = folder.write("known_hosts", &plain);
    good(&["-q", "-H", "-f", text(&path)]);
    let hashed = fs::read_to_string(&path).expect("the file");
    assert_eq!(hashed.matches("|1|").count(), hosts.len());
    let known = KnownHosts::new(&hashed);
    assert_eq!(known.malformed().count(), 0);
    for (line, (host, port)) in (1..).zip(hosts) {
        assert_eq!(known.check(host, port, key.blob()), Known::Match, "{host} {port}");
        let changed = known.check(host, port, other.public_blob());
        assert!(matches!(changed, Known::Changed { line: at, .. } if at == line), "{host} {port}");
        assert_eq!(known.check(host, 23, key.blob()), Known::Unknown);
    }
}

#[test]
fn hosts_written_by_sansh_are_found_by_ssh_keygen() {
    let folder = Folder::new();
    let mine = PrivateKey::generate_ed25519(&mut random(1)).expect("a key");
    let key = mine.public_key();
    for (host, port, name) in [
        ("host.example", 22, "host.example"),
        ("Host.example", 2222, "[host.example]:2222"),
        ("::1", 2222, "[::1]:2222"),
    ] {
        let plain = line_for(host, port, key).expect("a line");
        let hashed = hashed_line_for(host, port, key, &mut random(7)).expect("a line");
        for line in [plain, hashed] {
            let path = folder.write("known_hosts", &line);
            let found = good(&["-F", name, "-l", "-f", text(&path)]);
            assert!(found.contains(&key.to_string()), "{found}");
            let (success, _) = ssh_keygen(&["-F", "another", "-f", text(&path)], b"");
            assert!(!success);
        }
    }
}

#[test]
fn a_certificate_authority_line_and_a_revoked_key_are_seen() {
    let folder = Folder::new();
    let path = made_by_ssh_keygen(&folder, "host", &["-t", "ed25519", "-N", ""]);
    let line = fs::read_to_string(path.with_extension("pub")).expect("the public key");
    let key = PublicKeyLine::parse(&line).expect("a public key line").into_blob();
    let check = |file: &str| KnownHosts::new(file).check("host", 22, &key);
    assert_eq!(check(&format!("host {line}")), Known::Match);
    assert_eq!(check(&format!("@cert-authority host {line}")), Known::Unknown);
    assert_eq!(check(&format!("host {line}@revoked * {line}")), Known::Revoked);
}

#[test]
fn an_authorized_keys_file_with_keys_of_every_type() {
    let folder = Folder::new();
    let mut file = String::from("# people\n");
    let mut blobs = Vec::new();
    for key_type in ["ed25519", "ecdsa", "rsa"] {
        let path = made_by_ssh_keygen(&folder, key_type, &["-t", key_type, "-N", ""]);
        let line = fs::read_to_string(path.with_extension("pub")).expect("the public key");
        blobs.push(PublicKeyLine::parse(&line).expect("a public key line").into_blob());
        file += &format!("restrict,command=\"echo \\\"{key_type}\\\", done\" {line}");
    }
    let path = folder.write("authorized_keys", &file);
    assert_eq!(good(&["-l", "-f", text(&path)]).lines().count(), 3, "ssh-keygen reads it too");
    let keys = AuthorizedKeys::new(&file);
    for (line, blob) in (2..).zip(&blobs) {
        let entry = keys.find(blob).expect("found");
        assert_eq!((entry.line(), entry.comment()), (line, "me@here"));
        assert!(entry.options().map(|option| option.name).eq(["restrict", "command"]));
        assert!(entry.options().last().is_some_and(|option| option.value.is_some_and(|v| v.ends_with("\", done"))));
        assert_eq!(entry.unenforced(&["restrict"]).count(), 1);
    }
    assert!(keys.find(PublicKey::new(b"").blob()).is_none());
}

/// What `ssh -G` makes of a configuration: the value of one keyword.
fn ssh_resolves(folder: &Folder, config: &str, host: &str, keyword: &str) -> Option<String> {
    let path = folder.write("config", config);
    let output = Command::new("ssh").args(["-G", "-F", text(&path), host]).output().expect("these tests need ssh");
    let shown = String::from_utf8(output.stdout).expect("text");
    shown.lines().find_map(|line| line.strip_prefix(keyword)?.strip_prefix(' ').map(String::from))
}

#[test]
fn a_configuration_is_split_as_ssh_splits_it() {
    let folder = Folder::new();
    for line in [
        "HostKeyAlias a",
        "hostkeyalias=a",
        " HOSTKEYALIAS = a # c",
        "HostKeyAlias ==a",
        "HostKeyAlias \"a b\"",
        "HostKeyAlias 'a \"b\"'",
        "HostKeyAlias \"a \\\"b\\\"\"",
        "HostKeyAlias a\\ b",
        "HostKeyAlias \"a\\ b\"",
        "HostKeyAlias a\" b\"c",
        "HostKeyAlias a\\\\b",
        "HostKeyAlias a#b",
        "HostKeyAlias \"#b\"",
        "HostKeyAlias \"a",
        "HostKeyAlias a b",
    ] {
        let mine = directive("f", 1, line).ok().flatten();
        let mine = mine.as_ref().and_then(|directive| Some(directive.only().ok()?.text().to_owned()));
        assert_eq!(mine, ssh_resolves(&folder, line, "host", "hostkeyalias"), "{line}");
    }
}

#[test]
fn patterns_sizes_and_times_mean_what_they_mean_to_ssh() {
    let folder = Folder::new();
    for patterns in
        ["*", "h*", "h?st", "*.example", "!host *", "* !host", "!other", "a host", "h*s*t", "ho", "?host", "HOST"]
    {
        let config = format!("Host {patterns}\nHostKeyAlias matched\n");
        let host_line = directives("f", &config).next().expect("a line").expect("a good one");
        let mine = pattern::list(host_line.arguments().map(|argument| argument.text()), "host", Case::Exact);
        let theirs = ssh_resolves(&folder, &config, "host", "hostkeyalias");
        assert_eq!(mine.is_match(), theirs.is_some(), "{patterns}");
    }
    for (size, time) in [("1G", "1h30m"), ("64k", "600"), ("16M", "1D"), ("4096", "2w3s")] {
        let config = format!("RekeyLimit {size} {time}");
        let read = directive("f", 1, &config).expect("a good one").expect("a line");
        let size = read.argument(0).and_then(|argument| argument.size()).expect("a size");
        let time = read.argument(1).and_then(|argument| argument.time()).expect("a time");
        let theirs = ssh_resolves(&folder, &config, "host", "rekeylimit");
        assert_eq!(theirs, Some(format!("{size} {}", time.as_secs())));
    }
}
