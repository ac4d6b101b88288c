//! `sansh serve` against OpenSSH's client and our own.
#![allow(clippy::std_instead_of_core, reason = "tests have std")]

mod common;

use common::{Serve, echo_on_tcp, echo_on_unix, noise, round_trip, run};
use sansh_testkit::peers::{PATIENCE, Scratch, wait_until};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::process::Command;

const MIB: usize = 1 << 20;

#[test]
fn commands_and_shells_run_with_their_exit_status() {
    let serve = Serve::start("");
    let output = serve.ssh().command("cat; echo error >&2; exit 5").run(b"input").expect("ssh");
    assert_eq!((output.status, output.stdout.as_slice(), output.stderr.as_str()), (Some(5), &b"input"[..], "error\n"));
    let output = serve.ssh().argument("-T").run(b"echo from $0; exit 6\n").expect("ssh");
    assert_eq!(output.status, Some(6));
    assert!(output.stdout.starts_with(b"from -"), "{}", output.stdout.escape_ascii());
    // ssh says 255 for a command that a signal ended.
    let output = serve.ssh().command("kill -9 $$").run(b"").expect("ssh");
    assert_eq!(output.status, Some(255));
    let output = serve.ssh().command("echo $SANSH_USER $SANSH_KEY $SANSH_SET").run(b"").expect("ssh").success();
    let said = String::from_utf8(output.stdout).expect("text");
    assert!(said.starts_with(&format!("{} SHA256:", serve.user)) && said.ends_with(" here\n"), "{said}");
}

#[test]
fn subsystems_are_commands_and_sockets() {
    let scratch = Scratch::new().expect("a folder");
    let path = scratch.file("echo.sock");
    echo_on_unix(&path);
    let port = echo_on_tcp();
    let serve = Serve::start(&format!(
        "Subsystem command /bin/cat\nSubsystem unix \"unix:{}\"\nSubsystem tcp tcp:127.0.0.1:{port}\n\
         Subsystem gone unix:/nowhere/at/all",
        path.display()
    ));
    let bytes = noise(4 * MIB);
    for name in ["command", "unix", "tcp"] {
        let output = serve.ssh().subsystem(name).run(&bytes).expect("ssh").success();
        assert!(output.stdout == bytes, "{name} by ssh: {} bytes", output.stdout.len());
        let output = run(&mut serve.connect(&["-s"], &[name]), &bytes).success();
        assert!(output.stdout == bytes, "{name} by sansh: {} bytes", output.stdout.len());
    }
    for name in ["gone", "unheard-of"] {
        let output = serve.ssh().subsystem(name).run(b"").expect("ssh");
        assert_eq!(output.status, Some(255), "{}", output.stderr);
        assert!(output.stderr.contains("subsystem request failed"), "{}", output.stderr);
    }
}

#[test]
fn a_service_may_be_told_who_logged_in() {
    let scratch = Scratch::new().expect("a folder");
    let path = scratch.file("echo.sock");
    echo_on_unix(&path);
    let serve = Serve::start(&format!("Subsystem who unix:{} identity=proxy", path.display()));
    let output = serve.ssh().subsystem("who").run(b"behind").expect("ssh").success();
    // The echo service sends the PROXY protocol header back, which the server put in front.
    assert!(output.stdout.starts_with(b"\r\n\r\n\0\r\nQUIT\n\x21\x11"), "{}", output.stdout.escape_ascii());
    assert!(output.stdout.ends_with(b"behind"));
    let text = output.stdout.escape_ascii().to_string();
    assert!(text.contains(&serve.user) && text.contains("SHA256:"), "{text}");
}

#[test]
fn sixteen_mebibytes_go_both_ways_through_many_key_exchanges() {
    let serve = Serve::start("RekeyLimit 1M");
    let bytes = noise(16 * MIB);
    let output = serve.ssh().option("RekeyLimit=2M").command("cat").run(&bytes).expect("ssh").success();
    assert!(output.stdout == bytes, "ssh: {} bytes", output.stdout.len());
    let output = run(&mut serve.connect(&["-oRekeyLimit=3M"], &["cat"]), &bytes).success();
    assert!(output.stdout == bytes, "sansh: {} bytes", output.stdout.len());
}

#[test]
fn local_forwarding_reaches_tcp_and_unix_sockets() {
    let serve = Serve::start("");
    let path = serve.scratch.file("echo.sock");
    echo_on_unix(&path);
    let (first, second) = (serve.scratch.file("first.sock"), serve.scratch.file("second.sock"));
    let ssh = serve
        .ssh()
        .local_forward(&format!("{}:127.0.0.1:{}", first.display(), echo_on_tcp()))
        .local_forward(&format!("{}:{}", second.display(), path.display()))
        .forward_only();
    let _running = ssh.start_ready().expect("ssh");
    let bytes = noise(MIB);
    let many: Vec<_> = [&first, &second]
        .into_iter()
        .cycle()
        .take(32)
        .map(|path| {
            let (path, bytes) = (path.clone(), bytes.clone());
            std::thread::spawn(move || {
                let mut socket = UnixStream::connect(path).expect("a socket");
                let writer = socket.try_clone().expect("a socket");
                assert!(round_trip(&mut socket, &bytes, writer) == bytes);
            })
        })
        .collect();
    for thread in many {
        thread.join().expect("a round trip");
    }
    // A place that is not there is a refusal, and the connection goes on.
    let output = serve.ssh().stdio_forward("127.0.0.1:1").run(b"").expect("ssh");
    assert_eq!(output.status, Some(255));
    assert!(output.stderr.contains("open failed: connect failed"), "{}", output.stderr);
}

#[test]
fn remote_forwarding_comes_back_to_the_client() {
    let serve = Serve::start("");
    let port = echo_on_tcp();
    let ssh = serve.ssh().remote_forward(&format!("0:127.0.0.1:{port}")).forward_only();
    let running = ssh.start_ready().expect("ssh");
    let said = running.stderr();
    let bound: u16 = said
        .split("Allocated port ")
        .nth(1)
        .and_then(|text| text.split(' ').next()?.parse().ok())
        .expect("the port that the server picked");
    let bytes = noise(2 * MIB);
    for _ in 0..3 {
        let mut socket = TcpStream::connect(("127.0.0.1", bound)).expect("a connection");
        let writer = socket.try_clone().expect("a socket");
        assert!(round_trip(&mut socket, &bytes, writer) == bytes);
    }
    // The port is free again when the client has gone.
    drop(running);
    assert!(wait_until(PATIENCE, || TcpListener::bind(("127.0.0.1", bound)).is_ok()), "port {bound} is still bound");
}

#[test]
fn many_connections_share_one_loop() {
    let serve = Serve::start("");
    let bytes = noise(MIB);
    let lines: Vec<_> = (0..12).map(|nth| (nth, serve.connect(&[], &[&format!("cat; exit {nth}")]))).collect();
    let threads: Vec<_> = lines
        .into_iter()
        .map(|(nth, mut line)| {
            let bytes = bytes.clone();
            std::thread::spawn(move || {
                let output = run(&mut line, &bytes);
                assert_eq!(output.status, Some(nth), "{}", output.stderr);
                assert!(output.stdout == bytes);
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("a round trip");
    }
}

#[test]
fn only_the_own_user_with_an_authorized_key_is_let_in() {
    let serve = Serve::start("LogLevel VERBOSE");
    let other = serve.scratch.ed25519("other").expect("a key");
    let output = serve.ssh().identity(&other.private).command("true").run(b"").expect("ssh");
    assert_eq!(output.status, Some(255));
    assert!(output.stderr.contains("Permission denied (publickey)"), "{}", output.stderr);
    let output = serve.ssh().option("User=somebody").command("true").run(b"").expect("ssh");
    assert!(output.stderr.contains("Permission denied (publickey)"), "{}", output.stderr);
    assert!(serve.running.stderr().contains("logged in by") || !serve.running.stderr().contains("somebody logged in"));
    serve.ssh().command("true").run(b"").expect("ssh").success();
}

#[test]
fn options_of_a_key_are_kept_or_the_key_is_not_let_in() {
    let serve =
        Serve::with_keys("", |public| format!("restrict,command=\"echo only $SSH_ORIGINAL_COMMAND\" {public}\n"));
    let output = serve.ssh().command("rm -r x").run(b"").expect("ssh").success();
    assert_eq!(output.stdout, b"only rm -r x\n");
    let output = serve.ssh().stdio_forward("127.0.0.1:1").run(b"").expect("ssh");
    assert!(output.stderr.contains("administratively prohibited"), "{}", output.stderr);
    let serve = Serve::with_keys("", |public| format!("from=\"10.0.0.0/8\" {public}\n"));
    let output = serve.ssh().command("true").run(b"").expect("ssh");
    assert_eq!(output.status, Some(255));
    assert!(serve.running.stderr().contains("authorized_keys line 1: not let in"), "{}", serve.running.stderr());
}

#[test]
fn sigterm_ends_it() {
    let serve = Serve::start("");
    let killed = Command::new("/bin/kill").arg(serve.running.id().to_string()).status().expect("kill");
    assert!(killed.success());
    assert_eq!(serve.running.wait().expect("an end").status, Some(0));
}
