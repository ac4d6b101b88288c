//! `sansh connect` against a real sshd.
#![allow(clippy::std_instead_of_core, reason = "tests have std")]

mod common;

use common::{connect, connect_to, known_hosts, noise, run};
use sansh_testkit::peers::{Running, Sshd, program};
use std::fs;
use std::io::{Read, Write};
use std::process::Command;

const MIB: usize = 1 << 20;

#[test]
fn a_subsystem_and_a_command_are_carried_with_their_exit_status() {
    let sshd = Sshd::start().expect("sshd");
    let output = run(&mut connect_to(&sshd, &["-s"], &["echo"]), b"over a subsystem").success();
    assert_eq!(output.stdout, b"over a subsystem");
    // Options may stand behind the host; words are joined by a blank.
    let output = run(&mut connect_to(&sshd, &[], &["-q", "printf", "'%s-'", "a", "b", ";", "exit", "7"]), b"");
    assert_eq!((output.status, output.stdout.as_slice(), output.stderr.as_str()), (Some(7), &b"a-b-"[..], ""));
    let output = run(&mut connect_to(&sshd, &[], &["cat >&2; exit 3"]), b"to standard error");
    assert_eq!((output.status, output.stdout.len(), output.stderr.as_str()), (Some(3), 0, "to standard error"));
    let output = run(&mut connect_to(&sshd, &[], &["kill -9 $$"]), b"");
    assert_eq!(output.status, Some(255));
    assert!(output.stderr.contains("signal KILL"), "{}", output.stderr);
    let output = run(
        &mut connect_to(&sshd, &["-oSetEnv=SANSH_TEST_A=1 SANSH_TEST_B=2"], &["echo $SANSH_TEST_A$SANSH_TEST_B"]),
        b"",
    );
    assert_eq!(output.success().stdout, b"12\n");
    // Without a command it is the user's shell, which reads its commands from standard input.
    let output = run(&mut connect_to(&sshd, &[], &[]), b"echo from $0; exit 4\n");
    assert_eq!(output.status, Some(4), "{}", output.stderr);
    assert!(output.stdout.starts_with(b"from "));
}

#[test]
fn reading_goes_on_behind_the_end_of_standard_input() {
    let sshd = Sshd::start().expect("sshd");
    let output = run(&mut connect_to(&sshd, &[], &["cat; sleep 0.5; echo later"]), b"first\n").success();
    assert_eq!(output.stdout, b"first\nlater\n");
    let output = run(&mut connect_to(&sshd, &["-n"], &["cat; echo nothing"]), b"unread").success();
    assert_eq!(output.stdout, b"nothing\n");
}

#[test]
fn sixteen_mebibytes_go_both_ways_through_many_key_exchanges() {
    let sshd = Sshd::builder().rekey_limit("2M").start().expect("sshd");
    let bytes = noise(16 * MIB);
    for cipher in ["chacha20-poly1305@openssh.com", "aes256-gcm@openssh.com", "aes256-ctr"] {
        let options = ["-o", &format!("Ciphers={cipher}"), "-o", "RekeyLimit=1M"];
        let output = run(&mut connect_to(&sshd, &options, &["cat"]), &bytes).success();
        assert!(output.stdout == bytes, "{cipher}: {} bytes came back", output.stdout.len());
    }
}

#[test]
fn a_slow_reader_slows_the_server_down_and_loses_nothing() {
    let sshd = Sshd::start().expect("sshd");
    let mut line = connect_to(&sshd, &[], &["head -c 8388608 /dev/zero; echo end"]);
    let mut running = Running::start(&mut line).expect("the program starts");
    let mut pipe = running.stdout.take().expect("a pipe");
    let mut all = Vec::new();
    let mut buffer = vec![0; 300_000];
    while let Ok(n @ 1..) = pipe.read(&mut buffer) {
        all.extend_from_slice(&buffer[..n]);
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    assert_eq!(running.wait().expect("an end").status, Some(0));
    assert_eq!(all.len(), 8 * MIB + 4);
    assert!(all.ends_with(b"\0end\n"));
}

#[test]
fn bytes_go_as_they_come_not_when_a_buffer_is_full() {
    let sshd = Sshd::start().expect("sshd");
    let mut running = Running::start(&mut connect_to(&sshd, &[], &["cat"])).expect("the program starts");
    let (mut input, mut output) = (running.stdin.take().expect("a pipe"), running.stdout.take().expect("a pipe"));
    for word in [&b"one"[..], b"two", b"\0\xff\r\n"] {
        input.write_all(word).expect("a write");
        let mut back = vec![0; word.len()];
        output.read_exact(&mut back).expect("an echo");
        assert_eq!(back, word);
    }
    drop(input);
    assert_eq!(running.wait().expect("an end").status, Some(0));
}

#[test]
fn an_unknown_host_is_refused_unless_new_ones_are_accepted() {
    let sshd = Sshd::start().expect("sshd");
    let known = sshd.scratch().file("new_known_hosts");
    let line = |options: &[&str]| {
        let all = [options, &["127.0.0.1", "true"]].concat();
        connect(sshd.addr(), sshd.user(), &sshd.user_key().private, &known, &all)
    };
    let output = run(&mut line(&[]), b"");
    assert_eq!(output.status, Some(255));
    assert!(output.stderr.contains("new_known_hosts: [127.0.0.1]:"), "{}", output.stderr);
    assert!(output.stderr.contains("is not known") && output.stderr.lines().count() == 1, "{}", output.stderr);
    assert!(!known.exists());
    let output = run(&mut line(&["-oStrictHostKeyChecking=accept-new"]), b"").success();
    assert!(output.stderr.contains("is now known by ssh-ed25519 SHA256:"), "{}", output.stderr);
    run(&mut line(&["-oStrictHostKeyChecking=yes"]), b"").success();
    assert_eq!(fs::read_to_string(&known).expect("a file").lines().count(), 1);
}

#[test]
fn a_changed_host_key_is_refused_whatever_the_options() {
    let sshd = Sshd::start().expect("sshd");
    let other = sshd.scratch().ed25519("other").expect("a key");
    let known = known_hosts(sshd.scratch(), sshd.addr(), &other.public);
    for strict in ["yes", "ask", "accept-new", "no"] {
        let option = format!("StrictHostKeyChecking={strict}");
        let all = ["-o", &option, "127.0.0.1", "true"];
        let output = run(&mut connect(sshd.addr(), sshd.user(), &sshd.user_key().private, &known, &all), b"");
        assert_eq!(output.status, Some(255));
        assert!(output.stderr.contains("known_hosts-sansh line 1: 127.0.0.1 shows another key"), "{}", output.stderr);
    }
}

#[test]
fn a_key_that_the_server_does_not_know_is_a_denial_that_says_what_would_do() {
    let sshd = Sshd::start().expect("sshd");
    let other = sshd.scratch().ed25519("other").expect("a key");
    let known = known_hosts(sshd.scratch(), sshd.addr(), &sshd.host_key().public);
    let output = run(&mut connect(sshd.addr(), sshd.user(), &other.private, &known, &["127.0.0.1", "true"]), b"");
    assert_eq!(output.status, Some(255));
    assert!(output.stderr.contains("permission denied; the server would take publickey"), "{}", output.stderr);
}

#[test]
fn what_is_refused_or_missing_ends_with_255_and_one_line() {
    let sshd = Sshd::start().expect("sshd");
    let output = run(&mut connect_to(&sshd, &["-s"], &["nothing"]), b"");
    assert_eq!(output.status, Some(255));
    assert_eq!(output.stderr, "sansh: the server refuses the subsystem `nothing`\n");
    let output =
        run(&mut connect_to(&sshd, &["-o", "KexAlgorithms=curve25519-sha256", "-i", "/nowhere"], &["true"]), b"");
    assert_eq!((output.status, output.stderr.lines().count()), (Some(255), 1));
    assert!(output.stderr.contains("/nowhere"), "{}", output.stderr);
    let sshd = Sshd::builder().ciphers("aes128-cbc").start().expect("sshd");
    let output = run(&mut connect_to(&sshd, &[], &["true"]), b"");
    assert_eq!((output.status, output.stderr.lines().count()), (Some(255), 1));
    assert!(output.stderr.contains("no cipher client to server in common"), "{}", output.stderr);
    assert!(output.stderr.contains("theirs: aes128-cbc"), "{}", output.stderr);
}

#[test]
fn debug_shows_the_messages_in_the_notation() {
    let sshd = Sshd::start().expect("sshd");
    let output = run(&mut connect_to(&sshd, &["-o", "LogLevel=DEBUG"], &["echo", "hello"]), b"").success();
    assert_eq!(output.stdout, b"hello\n");
    for line in ["C → S SSH CHANNEL_OPEN(\"session\", ", "S → C SSH CHANNEL_DATA(", "hello\\n"] {
        assert!(output.stderr.contains(line), "no {line} in {}", output.stderr);
    }
}

#[test]
fn a_command_that_writes_for_ever_ends_with_its_reader() {
    let sshd = Sshd::start().expect("sshd");
    let mut running = Running::start(&mut connect_to(&sshd, &[], &["yes"])).expect("the program starts");
    let mut output = running.stdout.take().expect("a pipe");
    let mut first = [0; 6];
    output.read_exact(&mut first).expect("some output");
    assert_eq!(&first, b"y\ny\ny\n");
    drop(output);
    assert_eq!(running.wait().expect("an end").status, Some(255));
}

#[test]
fn an_unknown_host_and_a_password_are_asked_for_on_the_terminal() {
    let sshd = Sshd::builder().password("open sesame").start().expect("sshd");
    let known = sshd.scratch().file("new_known_hosts");
    // Standard input and output carry data; the questions go to the terminal that `script` makes.
    let (input, output) = (sshd.scratch().write("input", "data\n").expect("a file"), sshd.scratch().file("output"));
    let command = format!(
        "{} connect -o UserKnownHostsFile={} -p {} -l {} 127.0.0.1 cat <{} >{}",
        env!("CARGO_BIN_EXE_sansh"),
        known.display(),
        sshd.addr().port(),
        sshd.user(),
        input.display(),
        output.display()
    );
    let mut script = Command::new(program("script").expect("script"));
    script.args(["-q", "-e", "-c", &command, "/dev/null"]).env("HOME", sshd.scratch().path());
    let mut running = Running::start(&mut script).expect("script starts");
    let (mut keyboard, mut screen) = (running.stdin.take().expect("a pipe"), running.stdout.take().expect("a pipe"));
    let mut shown = String::new();
    for (question, answer) in [("(yes, no, or the fingerprint)", "yes\n"), ("'s password:", "open sesame\n")] {
        while !shown.contains(question) {
            let mut bytes = [0; 1024];
            let n = screen.read(&mut bytes).expect("the screen");
            assert!(n > 0, "no {question} in {shown}");
            shown.push_str(&String::from_utf8_lossy(&bytes[..n]));
        }
        keyboard.write_all(answer.as_bytes()).expect("the keyboard");
    }
    screen.read_to_string(&mut shown).expect("the screen");
    assert_eq!(running.wait().expect("an end").status, Some(0), "{shown}");
    assert!(!shown.contains("sesame"), "{shown}");
    assert_eq!(fs::read(output).expect("a file"), b"data\n");
    assert_eq!(fs::read_to_string(known).expect("a file").lines().count(), 1);
}

#[test]
fn under_the_name_ssh_it_serves_programs_that_run_over_ssh() {
    let sshd = Sshd::start().expect("sshd");
    let scratch = sshd.scratch();
    let known = known_hosts(scratch, sshd.addr(), &sshd.host_key().public);
    let ssh = scratch.file("ssh");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_sansh"), &ssh).expect("a link");
    let (from, to) = (scratch.write("from", noise(MIB)).expect("a file"), scratch.file("to"));
    let mut scp = Command::new(program("scp").expect("scp"));
    scp.args(["-q", "-O", "-S"]).arg(&ssh).arg("-P").arg(sshd.addr().port().to_string());
    scp.arg("-i").arg(&sshd.user_key().private).arg("-o").arg(format!("UserKnownHostsFile={}", known.display()));
    scp.arg("-B").arg(&from).arg(format!("{}@127.0.0.1:{}", sshd.user(), to.display()));
    run(&mut scp, b"").success();
    assert!(fs::read(to).expect("a file") == noise(MIB));
}
