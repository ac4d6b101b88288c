//! The harness for real peers, proved by letting real peers talk to each other.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::thread;

use core::time::Duration;
use sansh_testkit::peers::{OpenSsh, PATIENCE, Scratch, Ssh, Sshd, program, versions, wait_until};

/// `length` bytes in which every position is told from its neighbours.
fn pattern(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32;
    core::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    })
    .take(length)
    .collect()
}

#[test]
fn a_subsystem_echoes_a_mebibyte() {
    for openssh in OpenSsh::every().expect("peers") {
        let sshd = Sshd::builder().openssh(&openssh).start().expect("sshd");
        let sent = pattern(1 << 20);
        let output = Ssh::to(&sshd).expect("ssh").subsystem("echo").run(&sent).expect("run").success();
        assert!(output.stdout == sent, "{}: {} bytes came back", openssh.version(), output.stdout.len());
        assert_eq!(sshd.accepted(), 1);
    }
}

#[test]
fn a_command_gets_input_and_gives_output_and_a_status() {
    let sshd = Sshd::start().expect("sshd");
    let ssh = Ssh::to(&sshd).expect("ssh").command("tr a-z A-Z; echo oops >&2; exit 7");
    let output = ssh.run(b"whoami\n").expect("run");
    assert_eq!(output.status, Some(7));
    assert_eq!(output.stdout, b"WHOAMI\n");
    assert_eq!(output.stderr, "oops\n");
}

#[test]
fn an_unknown_key_is_refused() {
    let sshd = Sshd::start().expect("sshd");
    let stranger = sshd.scratch().ed25519("stranger").expect("key");
    let output = Ssh::to(&sshd).expect("ssh").identity(&stranger.private).command("true").run(b"").expect("run");
    assert_eq!(output.status, Some(255));
    assert!(output.stderr.contains("Permission denied"), "{}", output.stderr);
    assert!(output.stdout.is_empty());
}

#[test]
fn a_wrong_host_key_is_refused() {
    let sshd = Sshd::start().expect("sshd");
    let scratch = Scratch::new().expect("scratch");
    let other = scratch.ed25519("other").expect("key");
    let ssh = Ssh::new(sshd.openssh(), &scratch, sshd.addr(), sshd.user(), &other.public, sshd.user_key());
    let output = ssh.expect("ssh").command("true").run(b"").expect("run");
    assert_eq!(output.status, Some(255));
    assert!(output.stderr.contains("Host key verification failed"), "{}", output.stderr);
}

#[test]
fn a_password_is_checked() {
    for openssh in OpenSsh::every().expect("peers") {
        let sshd = Sshd::builder().openssh(&openssh).password("correct horse").start().expect("sshd");
        let with = |password: &str| {
            Ssh::to(&sshd)
                .expect("ssh")
                .password(password)
                .expect("password")
                .subsystem("echo")
                .run(b"in")
                .expect("run")
        };
        assert_eq!(with("correct horse").success().stdout, b"in", "{}", openssh.version());
        let refused = with("wrong horse");
        assert_eq!(refused.status, Some(255), "{}", openssh.version());
        assert!(refused.stderr.contains("Permission denied"), "{}", refused.stderr);
        // The key goes on working.
        let output = Ssh::to(&sshd).expect("ssh").subsystem("echo").run(b"key").expect("run").success();
        assert_eq!(output.stdout, b"key");
    }
}

#[test]
fn algorithms_and_rekeying_are_what_was_asked_for() {
    let sshd = Sshd::builder()
        .kex("mlkem768x25519-sha256")
        .ciphers("aes256-ctr")
        .macs("hmac-sha2-256-etm@openssh.com")
        .rekey_limit("1M")
        .start()
        .expect("sshd");
    let sent = pattern(4 << 20);
    let output = Ssh::to(&sshd).expect("ssh").argument("-v").subsystem("echo").run(&sent).expect("run").success();
    assert!(output.stdout == sent);
    for text in [
        "kex: algorithm: mlkem768x25519-sha256",
        "kex: server->client cipher: aes256-ctr MAC: hmac-sha2-256-etm@openssh.com",
        "kex: client->server cipher: aes256-ctr MAC: hmac-sha2-256-etm@openssh.com",
    ] {
        assert!(output.stderr.contains(text), "no {text:?} in {}", output.stderr);
    }
    let rounds = output.stderr.matches("SSH2_MSG_NEWKEYS received").count();
    assert!(rounds >= 4, "{rounds} key exchanges over 4 MiB each way");
}

/// A Unix socket that answers the first connection with what it received, in capitals.
fn shouting(path: &Path) -> thread::JoinHandle<()> {
    let listener = UnixListener::bind(path).expect("socket");
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("accept");
        let mut text = [0; 5];
        stream.read_exact(&mut text).expect("read");
        stream.write_all(&text.to_ascii_uppercase()).expect("write");
    })
}

fn hello(stream: &mut (impl Read + Write)) {
    stream.write_all(b"hello").expect("write");
    let mut text = [0; 5];
    stream.read_exact(&mut text).expect("read");
    assert_eq!(&text, b"HELLO");
}

#[test]
fn unix_sockets_are_forwarded_both_ways() {
    let sshd = Sshd::start().expect("sshd");
    let scratch = Scratch::new().expect("scratch");
    let (from, to) = (scratch.file("from"), scratch.file("to"));
    let forward = format!("{}:{}", from.display(), to.display());
    let client = Ssh::to(&sshd).expect("ssh").forward_only();
    for client in [client.clone().local_forward(&forward), client.remote_forward(&forward)] {
        let service = shouting(&to);
        let running = client.start_ready().expect("forwarding");
        assert!(wait_until(PATIENCE, || from.exists()));
        hello(&mut UnixStream::connect(&from).expect("connect"));
        service.join().expect("service");
        drop(running);
        let _ = std::fs::remove_file(&from);
        let _ = std::fs::remove_file(&to);
    }
}

#[test]
fn a_port_that_the_server_picked_is_forwarded() {
    let sshd = Sshd::start().expect("sshd");
    let scratch = Scratch::new().expect("scratch");
    let to = scratch.file("to");
    let service = shouting(&to);
    let forward = format!("127.0.0.1:0:{}", to.display());
    let running = Ssh::to(&sshd).expect("ssh").forward_only().remote_forward(&forward).start_ready().expect("ssh");
    let said = running.stderr();
    let port = said.split("Allocated port ").nth(1).and_then(|rest| rest.split(' ').next()).expect("a port");
    let port: u16 = port.parse().expect("a number");
    hello(&mut std::net::TcpStream::connect(("127.0.0.1", port)).expect("connect"));
    service.join().expect("service");
}

#[test]
fn a_connection_shows_the_version_of_the_server() {
    let sshd = Sshd::start().expect("sshd");
    let mut stream = sshd.connect().expect("connect");
    let mut start = [0; 16];
    stream.read_exact(&mut start).expect("read");
    assert_eq!(&start, b"SSH-2.0-OpenSSH_");
}

#[test]
fn what_a_server_started_ends_with_it() {
    let sshd = Sshd::start().expect("sshd");
    let mut running =
        Ssh::to(&sshd).expect("ssh").command("echo id=$$, >&2; trap '' HUP TERM; sleep 1000").start().expect("ssh");
    running.wait_stderr(",", PATIENCE).expect("a process id");
    let said = running.stderr();
    let process = said.trim_start_matches("id=").split(',').next().expect("a process id");
    // One that ended and that nobody has waited for yet is a zombie, Z.
    let runs =
        || std::fs::read_to_string(format!("/proc/{process}/status")).is_ok_and(|status| !status.contains("State:\tZ"));
    assert!(runs());
    drop(sshd);
    assert!(wait_until(Duration::from_secs(5), || !runs()), "{process} is left");
}

#[test]
fn a_wrong_configuration_is_an_error_in_the_words_of_sshd() {
    let error = Sshd::builder().line("Cyphers all").start().expect_err("a wrong keyword");
    assert!(error.to_string().contains("Cyphers"), "{error}");
}

#[test]
fn a_missing_program_names_its_package() {
    assert!(program("ssh").is_ok());
    let error = program("no-such-peer").expect_err("it does not exist");
    assert!(error.to_string().contains("install the package no-such-peer"), "{error}");
}

#[test]
fn a_client_that_does_not_end_is_ended() {
    let sshd = Sshd::start().expect("sshd");
    let ssh = Ssh::to(&sshd).expect("ssh").command("sleep 1000").patience(Duration::from_millis(500));
    let error = ssh.run(b"").expect_err("it sleeps");
    assert!(error.to_string().contains("did not end within"), "{error}");
}

#[test]
fn peers_say_their_versions() {
    let versions = versions().expect("peers");
    assert!(!versions.is_empty() && versions.iter().all(|version| version.starts_with("OpenSSH_")), "{versions:?}");
    println!("{}", versions.join("\n"));
}
