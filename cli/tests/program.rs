//! `sansh keygen`, `sansh demo`, and what the program says about bad input.
#![allow(clippy::std_instead_of_core, reason = "tests have std")]

mod common;

use common::{run, sansh};
use sansh_testkit::peers::{Scratch, program};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

#[test]
fn openssh_reads_the_keys_that_keygen_writes() {
    let scratch = Scratch::new().expect("a folder");
    let file = scratch.file("id");
    let name = file.to_str().expect("text");
    let output = run(&mut sansh(&["keygen", "-t", "ed25519", "-f", name, "-C", "a comment"]), b"").success();
    assert!(String::from_utf8_lossy(&output.stdout).contains("SHA256:"));
    let mode = |path: &str| fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    assert_eq!((mode(name), mode(&format!("{name}.pub"))), (0o600, 0o644));
    let public = fs::read_to_string(format!("{name}.pub")).expect("a file");
    let keygen = program("ssh-keygen").expect("ssh-keygen");
    let derived = run(Command::new(&keygen).args(["-y", "-f", name]), b"").success();
    assert_eq!(String::from_utf8_lossy(&derived.stdout), public);
    let shown = run(Command::new(&keygen).args(["-l", "-f", name]), b"").success();
    assert!(String::from_utf8_lossy(&shown.stdout).contains("a comment (ED25519)"));
    // A key that is there is not overwritten.
    let before = fs::read(&file).expect("a file");
    let output = run(&mut sansh(&["keygen", "-t", "ed25519", "-f", name]), b"");
    assert_eq!((output.status, output.stderr.lines().count()), (Some(1), 1));
    assert!(output.stderr.contains(name), "{}", output.stderr);
    assert_eq!(fs::read(&file).expect("a file"), before);
}

#[test]
fn the_demonstration_succeeds() {
    let output = run(&mut sansh(&["demo"]), b"").success();
    let said = String::from_utf8(output.stdout).expect("text");
    for line in [
        "subsystem ",
        "command ",
        "TCP forwarding ",
        "Unix-socket forwarding ",
        "C → S SSH CHANNEL_REQUEST(0, \"subsystem\"",
    ] {
        assert!(said.contains(line), "no {line} in {said}");
    }
    assert!(said.contains("Every way returned the right bytes"), "{said}");
    // No terminal, no progress bar.
    assert_eq!(output.stderr, "");
}

#[test]
fn bad_options_are_named_in_one_line() {
    for (arguments, status, named) in [
        (&["connect", "-o", "Colour=red", "host", "true"][..], 255, "-o: colour: "),
        (&["connect", "-p", "x", "host", "true"], 255, "-p: port: `x`"),
        (&["connect"], 255, "no host"),
        (&["connect", "-p", "1", "127.0.0.1", "true"], 255, "127.0.0.1 port 1: "),
        (&["serve"], 1, "-f is missing"),
        (&["serve", "-f", "/nowhere/config"], 1, "/nowhere/config: "),
        (&["keygen"], 1, "-f is missing"),
        (&["keygen", "-t", "dsa", "-f", "x"], 1, "-t dsa"),
        (&["demo", "--fast"], 1, "--fast"),
        (&["fly"], 1, "`fly`"),
    ] {
        let output = run(&mut sansh(arguments), b"");
        assert_eq!(output.status, Some(status), "{arguments:?}");
        assert!(
            output.stderr.contains(named) && output.stderr.lines().count() == 1,
            "{arguments:?}: {}",
            output.stderr
        );
    }
}

#[test]
fn bad_configurations_are_one_line_for_each_problem() {
    let scratch = Scratch::new().expect("a folder");
    scratch.ed25519("key").expect("a key");
    scratch.write("more", "LogLevel LOUD\n").expect("a file");
    let config = scratch.write("config", "HostKey key\nPort 99999\nInclude more\nSubsystem x\nMaxWishes 3\n");
    let config = config.expect("a file");
    let name = config.to_str().expect("text");
    let output = run(&mut sansh(&["serve", "-f", name]), b"");
    assert_eq!(output.status, Some(1));
    let lines: Vec<&str> = output.stderr.lines().collect();
    let expected = [
        "config line 2: port: ",
        "more line 1: loglevel: ",
        "config line 4: subsystem: ",
        "config line 5: maxwishes: ",
    ];
    assert_eq!(lines.len(), expected.len(), "{}", output.stderr);
    for (line, named) in lines.iter().zip(expected) {
        assert!(line.starts_with("sansh: ") && line.contains(named), "{line} has no {named}");
    }
    // A key that others can read, and no key at all.
    fs::set_permissions(scratch.file("key"), fs::Permissions::from_mode(0o644)).expect("chmod");
    let output = run(&mut sansh(&["serve", "-f", name]), b"");
    assert!(output.stderr.contains("line 1: hostkey: ") && output.stderr.contains("chmod 600"), "{}", output.stderr);
    let config = scratch.write("empty", "Port 0\n").expect("a file");
    let output = run(&mut sansh(&["serve", "-f", config.to_str().expect("text")]), b"");
    assert!(output.stderr.contains("hostkey: there is none"), "{}", output.stderr);
}
