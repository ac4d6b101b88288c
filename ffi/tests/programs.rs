//! C programs against the library, and the examples against OpenSSH; under valgrind wherever it is installed.

mod common;

use common::{Build, manifest, output};
use core::net::{Ipv4Addr, SocketAddr};
use core::time::Duration;
use sansh_testkit::peers::{KeyPair, OpenSsh, Output, PATIENCE, Running, Scratch, Ssh, Sshd, program, wait_until};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A leak or a memory error is this exit status.
const MEMORY_ERROR: &str = "99";

/// The command line of a program under valgrind.
fn valgrind(program_file: &Path) -> Command {
    let mut command = Command::new(program("valgrind").expect("valgrind"));
    command.args([
        "-q",
        "--leak-check=full",
        "--show-leak-kinds=definite,indirect,possible",
        "--errors-for-leak-kinds=definite,indirect,possible",
    ]);
    command.arg(format!("--error-exitcode={MEMORY_ERROR}"));
    command.arg(program_file);
    command
}

fn example(build: &Build, name: &str) -> PathBuf {
    build.program("cc", &["-std=c99"], &manifest().join(format!("examples/{name}.c")))
}

/// Runs one of the test programs, plain and under valgrind, from the shared library and the static one.
fn runs(name: &str) {
    runs_with(name, &[]);
}

fn runs_with(name: &str, arguments: &[&str]) {
    let build = Build::new(name);
    let source = manifest().join(format!("tests/c/{name}.c"));
    let shared = build.program("cc", &["-std=c99"], &source);
    output(shared.to_str().unwrap(), arguments);
    let output = valgrind(&shared).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let archive = build.static_program("cc", &["-std=c11"], &source);
    common::output(archive.to_str().unwrap(), arguments);
}

#[test]
fn a_whole_session_in_c() {
    runs("session");
}

#[test]
fn a_hostile_caller_gets_a_status() {
    runs("hostile");
}

#[test]
fn a_hostile_caller_gets_a_status_at_logins_too() {
    runs("hostile_logins");
}

/// CVE-2021-36367: logins that prove nothing are refused where the configuration says so.
#[test]
fn logins_are_dialogs() {
    runs("dialogs");
}

#[test]
fn a_terminal_with_signals_and_callbacks_only_for_who_asked() {
    runs("terminal");
}

#[test]
fn sockets_are_forwarded_and_windows_grant_themselves() {
    runs("forwards");
}

#[test]
fn a_tunnel_carries_frames() {
    runs("tunnel");
}

#[test]
fn host_keys_are_told_and_proved() {
    runs("rotation");
}

/// CVE-2026-39828: what one certificate restricts, another step of the login does not permit.
#[test]
fn certificates_are_checked_before_they_count() {
    let scratch = Scratch::new().expect("scratch");
    let ca = scratch.ed25519("ca").expect("key");
    scratch.ed25519("other").expect("key");
    let certify = |name: &str, arguments: &[&str]| {
        let pair = scratch.ed25519(name).expect("key");
        scratch.certify(&ca, &pair, arguments).expect("certificate")
    };
    let valid = ["-V", "-1h:+10h"];
    certify("user", &[&["-I", "user", "-n", "me"], &valid[..]].concat());
    certify("host", &[&["-I", "host", "-h", "-n", "host.example"], &valid[..]].concat());
    certify("twin", &[&["-I", "twin", "-h", "-n", "host.example"], &valid[..]].concat());
    let bound = ["-I", "bound", "-n", "me", "-O", "force-command=uptime", "-O", "source-address=192.0.2.0/24"];
    certify("bound", &[&bound[..], &["-O", "no-pty", "-O", "no-x11-forwarding"], &valid[..]].concat());
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock").as_secs();
    runs_with("certificates", &[scratch.path().to_str().expect("a path"), &now.to_string()]);
}

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

/// The client's command line to a server of the harness.
fn client(mut command: Command, sshd: &Sshd, known_hosts: &Path, rest: &[&str]) -> Command {
    command.args(["-p", &sshd.addr().port().to_string(), "-l", sshd.user(), "-k"]).arg(known_hosts);
    command.arg("-i").arg(&sshd.user_key().private).args(rest);
    command
}

fn known_hosts(sshd: &Sshd, key: &str) -> PathBuf {
    let line = format!("[127.0.0.1]:{} {key}\n", sshd.addr().port());
    sshd.scratch().write("known_hosts_of_c", line).expect("known_hosts")
}

fn run(mut command: Command, input: &[u8]) -> Output {
    Running::start(&mut command).expect("start").finish(input, PATIENCE).expect("end")
}

#[test]
fn the_client_runs_subsystems_and_commands_on_openssh() {
    let build = Build::new("client");
    let plain = example(&build, "client");
    for openssh in OpenSsh::every().expect("peers") {
        let sshd = Sshd::builder().openssh(&openssh).start().expect("sshd");
        let hosts = known_hosts(&sshd, &sshd.host_key().public);
        let under = [Command::new(&plain), valgrind(&plain)];
        for (command, length) in under.into_iter().zip([4 << 20, 300_000]) {
            let sent = pattern(length);
            let output = run(client(command, &sshd, &hosts, &["-s", "127.0.0.1", "echo"]), &sent).success();
            assert!(output.stdout == sent, "{} of {length} bytes came back", output.stdout.len());
            assert_eq!(output.stderr, "");
        }
        for command in [Command::new(&plain), valgrind(&plain)] {
            let rest = ["127.0.0.1", "tr a-z A-Z; echo oops >&2; exit 7"];
            let output = run(client(command, &sshd, &hosts, &rest), b"whoami\n");
            assert_eq!((output.status, &*output.stdout, &*output.stderr), (Some(7), &b"WHOAMI\n"[..], "oops\n"));
        }
    }
}

#[test]
fn the_client_lives_through_rekeying_and_slow_readers() {
    let build = Build::new("client-rekey");
    let plain = example(&build, "client");
    let sshd = Sshd::builder().rekey_limit("1M").start().expect("sshd");
    let hosts = known_hosts(&sshd, &sshd.host_key().public);
    let sent = pattern(16 << 20);
    let output = run(client(Command::new(&plain), &sshd, &hosts, &["-s", "127.0.0.1", "echo"]), &sent).success();
    assert!(output.stdout == sent);

    // Nobody reads standard output for a while: the server is stopped by the window, and nothing is lost.
    let rest = ["127.0.0.1", "head -c 8000000 /dev/zero; exit 3"];
    let mut running = Running::start(&mut client(Command::new(&plain), &sshd, &hosts, &rest)).expect("start");
    let mut stdout = running.stdout.take().expect("pipe");
    std::thread::sleep(Duration::from_millis(1500));
    let mut all = Vec::new();
    stdout.read_to_end(&mut all).expect("read");
    assert_eq!(all.len(), 8_000_000);
    assert_eq!(running.finish(b"", PATIENCE).expect("end").status, Some(3));

    // The reader goes away: the rest is thrown away, and the command ends.
    let rest = ["127.0.0.1", "head -c 8000000 /dev/zero; exit 4"];
    let mut running = Running::start(&mut client(Command::new(&plain), &sshd, &hosts, &rest)).expect("start");
    let mut stdout = running.stdout.take().expect("pipe");
    stdout.read_exact(&mut [0; 1000]).expect("read");
    drop(stdout);
    assert_eq!(running.finish(b"", PATIENCE).expect("end").status, Some(4));
}

#[test]
fn the_client_says_what_is_wrong() {
    let build = Build::new("client-errors");
    let plain = example(&build, "client");
    let sshd = Sshd::start().expect("sshd");
    let stranger = sshd.scratch().ed25519("stranger").expect("key");
    let good = known_hosts(&sshd, &sshd.host_key().public);
    let wrong = {
        let line = format!("[127.0.0.1]:{} {}\n", sshd.addr().port(), stranger.public);
        sshd.scratch().write("wrong_hosts", line).expect("file")
    };
    let none = sshd.scratch().write("no_hosts", "").expect("file");
    let (host, port) = ("127.0.0.1", sshd.addr().port().to_string());
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let cases: [(Vec<String>, &str); 7] = [
        (vec!["-k".into(), text(&wrong), "-i".into(), text(&sshd.user_key().private)], "known with another key"),
        (vec!["-k".into(), text(&none), "-i".into(), text(&sshd.user_key().private)], "nothing is known"),
        (
            vec!["-k".into(), text(&good), "-i".into(), text(&stranger.private)],
            "is not let in; the server takes: publickey",
        ),
        (vec!["-k".into(), text(&good)], "is not let in"),
        (vec!["-k".into(), text(&good), "-i".into(), text(&good)], "private key"),
        (vec!["-k".into(), "/does/not/exist".into(), "-i".into(), text(&sshd.user_key().private)], "/does/not/exist"),
        (vec![], "-k known_hosts or -A"),
    ];
    for (arguments, expected) in cases {
        let mut command = valgrind(&plain);
        command.args(["-p", &port, "-l", sshd.user()]).args(&arguments).args([host, "true"]);
        let output = run(command, b"");
        assert_eq!(output.status, Some(255), "{arguments:?}: {}", output.stderr);
        assert!(output.stderr.contains(expected), "{arguments:?}: {}", output.stderr);
    }
    // -A takes any key and shows it.
    let mut command = Command::new(&plain);
    command.args(["-A", "-p", &port, "-l", sshd.user(), "-i"]).arg(&sshd.user_key().private).args([host, "exit 0"]);
    assert!(run(command, b"").success().stderr.contains("the host key is SHA256:"));
    let mut command = Command::new(&plain);
    command.args(["-A", "-p", &port, "-l", sshd.user(), "-i"]).arg(&sshd.user_key().private).args(["-s", host, "none"]);
    let output = run(command, b"");
    assert_eq!(output.status, Some(255));
    assert!(output.stderr.contains("refused by the server"), "{}", output.stderr);
}

#[test]
fn forty_lines_run_a_command() {
    let build = Build::new("short");
    let short = build.program("cc", &["-std=c99"], &manifest().join("tests/c/short.c"));
    let sshd = Sshd::start().expect("sshd");
    for mut command in [Command::new(&short), valgrind(&short)] {
        command.args([&sshd.addr().port().to_string(), sshd.user()]).arg(&sshd.user_key().private);
        let output = run_line(&mut command, "seq 200000; exit 5");
        assert_eq!(output.status, Some(5), "{}", output.stderr);
        assert_eq!(output.stdout.split(|byte| *byte == b'\n').count(), 200_001);
    }
}

fn run_line(command: &mut Command, line: &str) -> Output {
    Running::start(command.arg(line)).expect("start").finish(b"", PATIENCE).expect("end")
}

/// The example server, running.
struct Server {
    running: Running,
    addr: SocketAddr,
    scratch: Scratch,
    host_key: KeyPair,
    user_key: KeyPair,
}

impl Server {
    fn start(mut command: Command) -> Server {
        let scratch = Scratch::new().expect("scratch");
        let host_key = scratch.ed25519("host_key").expect("key");
        let user_key = scratch.ed25519("user_key").expect("key");
        let authorized =
            scratch.write("authorized_keys", format!("# who may come\n{}\n", user_key.public)).expect("file");
        command.args(["-p", "0", "-h"]).arg(&host_key.private).arg("-a").arg(authorized);
        let mut running = Running::start(&mut command).expect("server");
        let mut line = String::new();
        BufReader::new(running.stdout.take().expect("pipe")).read_line(&mut line).expect("a line");
        let port = line.trim_end().strip_prefix("port ").unwrap_or_else(|| panic!("{line:?}: {}", running.stderr()));
        let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse().expect("a port")));
        Server { running, addr, scratch, host_key, user_key }
    }

    fn ssh(&self, openssh: &OpenSsh) -> Ssh {
        Ssh::new(openssh, &self.scratch, self.addr, "anybody", &self.host_key.public, &self.user_key).expect("ssh")
    }

    /// Asks it to end, as an administrator would; it must, without a leak.
    fn end(self) -> String {
        output("kill", &["-TERM", &self.running.id().to_string()]);
        let output = self.running.finish(b"", PATIENCE).expect("end");
        assert_eq!(output.status, Some(0), "{}", output.stderr);
        output.stderr
    }
}

#[test]
fn the_server_echoes_for_openssh() {
    let build = Build::new("server");
    let plain = example(&build, "server");
    for openssh in OpenSsh::every().expect("peers") {
        for (command, length) in [Command::new(&plain), valgrind(&plain)].into_iter().zip([8 << 20, 300_000]) {
            let server = Server::start(command);
            let ssh = server.ssh(&openssh);
            let sent = pattern(length);
            let output = ssh.clone().subsystem("echo").run(&sent).expect("run").success();
            assert!(output.stdout == sent, "{} of {length} bytes came back", output.stdout.len());
            // Many at once, and rekeying.
            let some: Vec<Running> = (0..8)
                .map(|_| ssh.clone().option("RekeyLimit=64K").subsystem("echo").start().expect("start"))
                .collect();
            for running in some {
                let output = running.finish(&sent[..length.min(500_000)], PATIENCE).expect("end").success();
                assert!(output.stdout == sent[..length.min(500_000)]);
            }
            let refused = ssh.clone().command("id").run(b"").expect("run");
            assert_ne!(refused.status, Some(0), "a command is not offered");
            let stranger = server.scratch.ed25519("stranger").expect("key");
            let refused = ssh.clone().identity(&stranger.private).subsystem("echo").run(b"").expect("run");
            assert_eq!(refused.status, Some(255));
            assert!(refused.stderr.contains("Permission denied"), "{}", refused.stderr);
            // Somebody who stays while the server ends.
            let mut staying = ssh.subsystem("echo").start().expect("start");
            staying.stdin.as_mut().expect("pipe").write_all(b"x").expect("write");
            staying.stdout.as_mut().expect("pipe").read_exact(&mut [0]).expect("read");
            server.end();
        }
    }
}

#[test]
fn the_client_and_the_server_speak_to_each_other() {
    let build = Build::new("both");
    let (client, server) = (example(&build, "client"), example(&build, "server"));
    let server = Server::start(valgrind(&server));
    let line = format!("[127.0.0.1]:{} {}\n", server.addr.port(), server.host_key.public);
    let hosts = server.scratch.write("hosts", line).expect("file");
    let sent = pattern(200_000);
    let mut command = valgrind(&client);
    command.args(["-p", &server.addr.port().to_string(), "-l", "me", "-k"]).arg(hosts);
    command.arg("-i").arg(&server.user_key.private).args(["-s", "127.0.0.1", "echo"]);
    let output = run(command, &sent).success();
    assert!(output.stdout == sent, "{} bytes came back", output.stdout.len());
    // Rubbish instead of SSH, a connection that says nothing, and one that ends at once.
    let mut rubbish = std::net::TcpStream::connect(server.addr).expect("connect");
    rubbish.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").expect("write");
    let mut answer = Vec::new();
    rubbish.read_to_end(&mut answer).expect("read");
    assert!(answer.starts_with(b"SSH-2.0-sansh"), "{answer:?}");
    let silent = std::net::TcpStream::connect(server.addr).expect("connect");
    drop(std::net::TcpStream::connect(server.addr).expect("connect"));
    assert!(
        wait_until(PATIENCE, || server.running.stderr().contains("SSH identification")),
        "{}",
        server.running.stderr()
    );
    drop(silent);
    server.end();
}

/// Each library goes alone: nothing of the examples is left where the tests ran.
#[test]
fn what_was_compiled_is_removed() {
    let build = Build::new("removed");
    let path = build.write("x.c", "int main(void) { return 0; }\n");
    drop(build);
    assert!(!path.exists() && fs::metadata(path.parent().unwrap()).is_err());
}
