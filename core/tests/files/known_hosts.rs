//! `ssh-keygen -F`, `-R` and `-H`.

use super::{Folder, output};
use sansh::crypto::{Random, Seed};
use sansh::files::known_hosts::{Known, KnownHosts, Marker, hash_names, remove, replace};
use sansh::keys::{PublicKey, ed25519_blob};
use std::fs;

fn line(n: u8) -> String {
    PublicKey::new(&ed25519_blob(&[n; 32])).line("").expect("a line")
}

/// All that may stand in a file.
fn file() -> String {
    let [one, two, three] = [1, 2, 3].map(line);
    format!(
        "# hosts\n\na.lab,10.0.0.1 {one} of a\nA.lab {two}\n[a.lab]:2222 {one}\n*.lab,!gate.lab {three}\n\
        @revoked * {two}\n@cert-authority *.lab {three}\nb?.org,[b*.org]:* {two}\n::1,[::1]:2222 {one}\n"
    )
}

const NAMES: [(&str, u16); 13] = [
    ("a.lab", 22),
    ("A.LAB", 22),
    ("a.lab", 2222),
    ("a.lab", 2223),
    ("10.0.0.1", 22),
    ("10.0.0.11", 22),
    ("x.lab", 22),
    ("gate.lab", 22),
    ("b1.org", 22),
    ("b12.org", 22),
    ("b12.org", 7),
    ("::1", 22),
    ("::1", 2222),
];

/// The name as `ssh` looks it up: in lower case, which `ssh-keygen` leaves to its caller where names are hashed.
fn name(host: &str, port: u16) -> String {
    let host = host.to_lowercase();
    if port == 22 { host } else { format!("[{host}]:{port}") }
}

/// The numbers of the lines that `ssh-keygen -F` finds.
fn found(path: &str, host: &str, port: u16) -> Vec<usize> {
    let found = output("ssh-keygen", &["-F", &name(host, port), "-f", path]).unwrap_or_default();
    let number =
        |line: &str| line.strip_prefix("# Host ")?.split(" found: line ").nth(1)?.split(' ').next()?.parse().ok();
    found.lines().filter_map(number).collect()
}

#[test]
fn lines_are_found_where_ssh_keygen_finds_them() {
    let folder = Folder::new();
    let text = file();
    let path = folder.write("known_hosts", text.as_bytes());
    let hashed_path = folder.write("hashed", text.as_bytes());
    output("ssh-keygen", &["-q", "-H", "-f", &hashed_path]).expect("hashed");
    let hashed = fs::read(&hashed_path).expect("the file");
    for (path, text) in [(&path, text.as_bytes()), (&hashed_path, &hashed)] {
        let known = KnownHosts::new(text);
        assert_eq!(known.malformed().count(), 0);
        for (host, port) in NAMES {
            let ours: Vec<usize> = known.entries_for(host, port).map(|entry| entry.line()).collect();
            assert_eq!(ours, found(path, host, port), "{host} {port}");
        }
    }
}

#[test]
fn hashed_names_are_found_by_ssh_keygen() {
    let folder = Folder::new();
    let text = file();
    let hashed = hash_names(&text, &mut Random::new(&Seed::new([1; 32])));
    assert_eq!(hashed.changed, 4);
    let path = folder.write("known_hosts", &hashed.text);
    for (host, port) in NAMES {
        let ours: Vec<usize> = KnownHosts::new(&hashed.text).entries_for(host, port).map(|e| e.line()).collect();
        assert_eq!(ours, found(&path, host, port), "{host} {port}");
        let known = |text: &[u8], n| match KnownHosts::new(text).check(host, port, &ed25519_blob(&[n; 32])) {
            Known::Changed { .. } => None,
            known => Some(known),
        };
        assert_eq!([1, 2, 3].map(|n| known(&hashed.text, n)), [1, 2, 3].map(|n| known(text.as_bytes(), n)));
    }
    // Nothing is left for ssh-keygen to hash.
    output("ssh-keygen", &["-q", "-H", "-f", &path]);
    assert_eq!(fs::read(&path).expect("the file"), hashed.text);
}

#[test]
fn lines_are_taken_out_as_by_ssh_keygen() {
    let folder = Folder::new();
    let plain = file().into_bytes();
    let hashed = hash_names(&plain, &mut Random::new(&Seed::new([1; 32]))).text;
    for text in [plain, hashed] {
        for (host, port) in NAMES {
            let path = folder.write("known_hosts", &text);
            // It is not content if it finds nothing, and leaves the file alone.
            output("ssh-keygen", &["-q", "-R", &name(host, port), "-f", &path]);
            let ours = remove(&text, host, port);
            let theirs = fs::read_to_string(&path).expect("the file");
            assert_eq!(String::from_utf8(ours.text).expect("text"), theirs, "{host} {port}");
            let lines = |text: &[u8]| text.iter().filter(|byte| **byte == b'\n').count();
            assert_eq!(ours.changed, lines(&text) - lines(theirs.as_bytes()));
        }
    }
}

#[test]
fn a_replaced_key_is_found_by_ssh_keygen() {
    let folder = Folder::new();
    let (one, nine) = (ed25519_blob(&[1; 32]), ed25519_blob(&[9; 32]));
    let (one, nine) = (PublicKey::new(&one), PublicKey::new(&nine));
    for text in [file().into_bytes(), hash_names(&file(), &mut Random::new(&Seed::new([1; 32]))).text] {
        for (host, port) in [("a.lab", 22), ("a.lab", 2222), ("::1", 2222)] {
            let edited = replace(&text, host, port, one, nine).expect("a key");
            assert_eq!(edited.changed, 1);
            let path = folder.write("known_hosts", &edited.text);
            let listed = output("ssh-keygen", &["-l", "-F", &name(host, port), "-f", &path]).expect("found");
            assert!(listed.contains(&nine.to_string()) && !listed.contains(&one.to_string()), "{listed}");
            assert_eq!(KnownHosts::new(&edited.text).check(host, port, nine.blob()), Known::Match);
            let back = replace(&edited.text, host, port, nine, one).expect("a key");
            assert_eq!(back.text, text);
        }
    }
    let revoked = KnownHosts::new(&file()).entries().filter(|entry| entry.marker() == Marker::Revoked).count();
    assert_eq!(revoked, 1);
}
