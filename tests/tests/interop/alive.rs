//! Signs of life, and what each side says of itself beside the key exchange.

use core::time::Duration;
use std::io::{Read, Write};
use std::process::Command;
use std::thread;

use sansh::error::Error;
use sansh::{SECOND, Timer};
use sansh_testkit::peers::{OpenSsh, Sshd, wait_until};

use super::client::{Client, config};
use super::flow::{PATIENCE, providers};
use super::server::{Server, Setup};

#[test]
fn sansh_asks_sshd_for_a_sign_of_life() {
    for openssh in OpenSsh::every().expect("peers") {
        let sshd = Sshd::builder().openssh(&openssh).start().expect("sshd");
        let mut config = config(providers()[0]);
        config.keepalive(SECOND / 4, 2);
        let mut client = Client::login(&sshd, config);
        client.linger(Duration::from_secs(2));
        // Where sshd says that it answers PING, one is enough; else a request does it.
        let trace = &client.told.trace;
        let requests = trace.matches("C → S SSH GLOBAL_REQUEST(\"keepalive@openssh.com\"").count();
        let (pings, pongs) = (trace.matches("C → S SSH PING(").count(), trace.matches("S → C SSH PONG(").count());
        let recent = openssh == OpenSsh::recent().expect("peers");
        assert_eq!(trace.contains("ping@openssh.com"), recent, "{}", openssh.version());
        let (asked, others) = if recent { (pings, requests) } else { (requests, pings) };
        assert!((3..=8).contains(&asked) && others == 0, "{asked} times, {others} others: {trace}");
        assert_eq!(pongs, pings);
        let heard = || sshd.log().matches("rtype keepalive@openssh.com want_reply 1").count();
        assert!(wait_until(PATIENCE, || heard() == requests), "{} of {requests}", heard());
        // It still works; then sshd stops.
        let channel = client.exec("echo $PPID; kill -STOP $PPID");
        client.until("a process id", |told| told.flows[&channel].kept().ends_with(b"\n") || told.closed.is_some());
        let (error, words) = client.ended();
        assert_eq!(error, Error::Timeout(Timer::Keepalive), "{words}");
    }
}

#[test]
fn sansh_asks_ssh_for_a_sign_of_life() {
    for openssh in OpenSsh::every().expect("peers") {
        let mut setup = Setup::new(providers()[0]);
        setup.config.keepalive(SECOND / 4, 2);
        let server = Server::start(setup);
        let ssh = server.ssh(&openssh).command("cat").start().expect("ssh");
        thread::sleep(Duration::from_secs(2));
        let stopped = Command::new("/bin/sh").args(["-c", "kill -STOP $0", &ssh.id().to_string()]).status();
        assert!(stopped.expect("a shell").success());
        let report = server.report();
        assert_eq!(report.closed, Error::Timeout(Timer::Keepalive), "{}", report.words);
        let asked = report.trace.matches("S → C SSH GLOBAL_REQUEST(\"keepalive@openssh.com\"").count();
        let answered = report.trace.matches("C → S SSH REQUEST_FAILURE(").count();
        assert!(asked >= 4 && answered >= 3, "{asked} {answered}: {}", report.trace);
    }
}

#[test]
fn ssh_asks_sansh_for_a_sign_of_life() {
    for openssh in OpenSsh::every().expect("peers") {
        let server = Server::start(Setup::new(providers()[0]));
        let ssh = server.ssh(&openssh).option("ServerAliveInterval=1").option("ServerAliveCountMax=1");
        let ssh = ssh.command("cat-exit 9").start().expect("ssh");
        thread::sleep(Duration::from_millis(3500));
        let output = ssh.finish(b"still here", PATIENCE).expect("ssh");
        assert_eq!((output.status, output.stdout.as_slice()), (Some(9), &b"still here"[..]), "{}", output.stderr);
        let trace = server.report().trace;
        let asked = trace.matches("C → S SSH GLOBAL_REQUEST(\"keepalive@openssh.com\"").count();
        assert!((2..=4).contains(&asked), "{asked} times: {trace}");
        assert_eq!(trace.matches("S → C SSH REQUEST_FAILURE(").count(), asked, "{trace}");
    }
}

#[test]
fn strict_key_exchange_and_extensions_are_agreed_with_sshd() {
    for openssh in OpenSsh::every().expect("peers") {
        let sshd = Sshd::builder().openssh(&openssh).line("LogLevel DEBUG3").start().expect("sshd");
        let mut client = Client::login(&sshd, config(providers()[0]));
        assert!(client.connection().algorithms().expect("negotiated").strict);
        sshd.wait_log("will use strict KEX ordering", PATIENCE).expect("strict");
        let line = client.told.trace.lines().find(|line| line.starts_with("S → C SSH EXT_INFO(")).expect("EXT_INFO");
        assert!(line.contains("server-sig-algs"), "{line}");
        // A re-exchange stays strict, and counts anew.
        client.connection().rekey();
        let channel = client.exec("exit 2");
        assert_eq!(client.closed(channel).status, Some(2));
        client.until("a re-exchange", |told| told.trace.matches("S → C SSH NEWKEYS(").count() == 2);
        assert_eq!(client.connection().counters().exchanges, 2);
        client.goodbye();
    }
}

#[test]
fn strict_key_exchange_and_extensions_are_agreed_with_ssh() {
    for openssh in OpenSsh::every().expect("peers") {
        let server = Server::start(Setup::new(providers()[0]));
        let output = server.ssh(&openssh).argument("-vvv").command("cat").run(b"").expect("ssh").success();
        assert!(output.stderr.contains("will use strict KEX ordering"), "{}", output.stderr);
        assert!(output.stderr.contains("server-sig-algs=<ssh-ed25519,"), "{}", output.stderr);
        assert!(server.report().algorithms.expect("negotiated").strict);
    }
}

/// With a terminal, ssh hides the rhythm of typing behind PINGs (OpenSSH 9.5 and later).
#[test]
fn the_pings_of_ssh_are_answered() {
    let openssh = OpenSsh::recent().expect("peers");
    let server = Server::start(Setup::new(providers()[0]));
    let mut ssh = server.ssh(&openssh).argument("-tt").argument("-vvv").start().expect("ssh");
    let (mut input, mut output) = (ssh.stdin.take().expect("a pipe"), ssh.stdout.take().expect("a pipe"));
    for key in b"typed slowly\n" {
        input.write_all(&[*key]).expect("write");
        let mut echo = [0];
        output.read_exact(&mut echo).expect("read");
        assert_eq!(echo, [*key]);
        thread::sleep(Duration::from_millis(30));
    }
    // What is not typed is hidden too: for a while longer.
    thread::sleep(Duration::from_millis(500));
    drop(input);
    // A terminal has no end; the client is ended.
    drop(output);
    let said = ssh.stderr();
    drop(ssh);
    assert!(said.contains("obfuscate_keystroke_timing: starting"), "{said}");
    let trace = server.report().trace;
    let (pings, pongs) = (trace.matches("C → S SSH PING(").count(), trace.matches("S → C SSH PONG(").count());
    assert!(pings > 5, "{pings}: {trace}");
    assert_eq!(pings, pongs);
}
