//! Forwarding of TCP ports and Unix sockets, in both roles.

use core::net::Ipv4Addr;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::thread;

use sansh::ask::Refusal;
use sansh::channel::{Channel, Global, Open};
use sansh_testkit::driver::Socket;
use sansh_testkit::peers::{OpenSsh, PATIENCE, Running, Scratch, Sshd, wait_until};

use super::client::{self, Client};
use super::flow::{pattern, providers};
use super::server::{Server, Setup};

const HELLO: &[u8] = b"hello from the service\n";
const LENGTH: usize = 300_000;

/// A service: it says hello, then gives back what it is given, to the end. The thread ends with the test program.
fn serve(mut socket: Socket) {
    let mut reading = socket.again();
    thread::spawn(move || {
        if socket.write_all(HELLO).is_ok() {
            let _ = std::io::copy(&mut reading, &mut socket);
        }
        socket.shutdown(Shutdown::Write);
    });
}

fn tcp_service() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = listener.local_addr().expect("a port").port();
    thread::spawn(move || listener.incoming().flatten().for_each(|stream| serve(stream.into())));
    port
}

fn unix_service(path: &Path) {
    let listener = UnixListener::bind(path).expect("a socket");
    thread::spawn(move || listener.incoming().flatten().for_each(|stream| serve(stream.into())));
}

/// A port on which nobody listens: a connected one's other end, taken for as long as both live.
fn dead_port() -> (u16, [TcpStream; 2]) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let one = TcpStream::connect(listener.local_addr().expect("a port")).expect("connect");
    let (other, _) = listener.accept().expect("accept");
    (one.local_addr().expect("a port").port(), [one, other])
}

/// Talks to an echo from outside, to both ends; `hello` is what it says first.
fn talk(socket: impl Into<Socket>, hello: &[u8]) {
    let mut socket = socket.into();
    let mut writing = socket.again();
    let sending = thread::spawn(move || {
        writing.write_all(pattern(7, LENGTH)).expect("write");
        writing.shutdown(Shutdown::Write);
    });
    let mut all = Vec::new();
    socket.read_to_end(&mut all).expect("read");
    sending.join().expect("sent");
    assert_eq!(all.get(..hello.len()), Some(hello), "{} bytes", all.len());
    assert!(all[hello.len()..] == *pattern(7, LENGTH), "{} bytes came back", all.len());
}

/// Talks to the service through an open channel.
fn talk_through(client: &mut Client, channel: Channel) {
    client.send(channel, pattern(7, LENGTH));
    client.finish(channel);
    let flow = client.closed(channel);
    assert!(flow.kept() == [HELLO, pattern(7, LENGTH)].concat(), "{} bytes came back", flow.kept().len());
    assert!(flow.eof);
}

fn direct(port: u16) -> Open<'static> {
    Open::DirectTcpip { host: b"127.0.0.1", port: port.into(), originator: b"127.0.0.1", originator_port: 1 }
}

#[test]
fn sansh_reaches_a_port_through_sshd() {
    for openssh in OpenSsh::every().expect("peers") {
        let sshd = Sshd::builder().openssh(&openssh).start().expect("sshd");
        let mut client = Client::login(&sshd, client::config(providers()[0]));
        let channel = client.open(direct(tcp_service()));
        talk_through(&mut client, channel);
        let (port, _ends) = dead_port();
        assert_eq!(client.open_in_vain(direct(port)), Refusal::CONNECT_FAILED);
        client.goodbye();
    }
}

#[test]
fn sansh_is_told_that_sshd_forwards_nothing() {
    let sshd = Sshd::builder().line("AllowTcpForwarding no").start().expect("sshd");
    let mut client = Client::login(&sshd, client::config(providers()[0]));
    assert_eq!(client.open_in_vain(direct(tcp_service())), Refusal::PROHIBITED);
    assert!(!client.global(Global::TcpipForward { address: b"127.0.0.1", port: 0 }).0);
    client.goodbye();
}

#[test]
fn sansh_reaches_a_unix_socket_through_sshd() {
    for openssh in OpenSsh::every().expect("peers") {
        let sshd = Sshd::builder().openssh(&openssh).start().expect("sshd");
        let path = sshd.scratch().file("service");
        unix_service(&path);
        let mut client = Client::login(&sshd, client::config(providers()[0]));
        let channel = client.open(Open::DirectStreamlocal { path: path.as_os_str().as_bytes() });
        talk_through(&mut client, channel);
        assert_eq!(client.open_in_vain(Open::DirectStreamlocal { path: b"/nothing/here" }), Refusal::CONNECT_FAILED);
        client.goodbye();
    }
}

#[test]
fn sshd_listens_for_sansh() {
    for openssh in OpenSsh::every().expect("peers") {
        let sshd = Sshd::builder().openssh(&openssh).start().expect("sshd");
        let mut client = Client::login(&sshd, client::config(providers()[0]));
        let address = b"127.0.0.1";
        let (ok, data) = client.global(Global::TcpipForward { address, port: 0 });
        let port = u32::from_be_bytes(data.as_slice().try_into().expect("the port that sshd picked"));
        assert!(ok && port != 0);
        let at = (Ipv4Addr::LOCALHOST, u16::try_from(port).expect("a port"));
        // Three at once; the other end of each is an echo of the client's.
        client.beside(move || {
            let talks = [0; 3].map(|_| thread::spawn(move || talk(TcpStream::connect(at).expect("connect"), b"")));
            talks.into_iter().for_each(|talk| talk.join().expect("echoed"));
        });
        assert_eq!(client.told.forwarded.len(), 3);
        for channel in client.told.forwarded.clone() {
            client.closed(channel);
        }
        // One that is in use is refused; one that is cancelled is gone; one that is gone cannot be cancelled.
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let taken = taken.local_addr().map(|at| (at.port(), taken)).expect("a port");
        assert!(!client.global(Global::TcpipForward { address, port: taken.0.into() }).0);
        assert!(client.global(Global::CancelTcpipForward { address, port }).0);
        assert!(client.beside(move || TcpStream::connect(at)).is_err());
        assert!(!client.global(Global::CancelTcpipForward { address, port }).0);
        client.goodbye();
    }
}

/// A client that forwards; dropped, it ends.
fn forwarding(server: &Server, openssh: &OpenSsh, from: &Path, to: &str) -> Running {
    // With exchanges in between.
    let ssh =
        server.ssh(openssh).option("RekeyLimit=1M").forward_only().local_forward(&format!("{}:{to}", from.display()));
    let running = ssh.start_ready().expect("ssh");
    assert!(wait_until(PATIENCE, || from.exists()));
    running
}

#[test]
fn ssh_reaches_a_port_through_sansh() {
    for openssh in OpenSsh::every().expect("peers") {
        let server = Server::start(Setup::new(providers()[0]));
        let from = server.scratch.file("from");
        let running = forwarding(&server, &openssh, &from, &format!("127.0.0.1:{}", tcp_service()));
        // Fifty at once, too.
        let talks: Vec<_> = (0..50)
            .map(|_| {
                let socket = UnixStream::connect(&from).expect("connect");
                thread::spawn(move || talk(socket, HELLO))
            })
            .collect();
        talks.into_iter().for_each(|talk| talk.join().expect("echoed"));
        drop(running);
        let report = server.report();
        assert_eq!(report.trace.matches("C → S SSH CHANNEL_OPEN(\"direct-tcpip\"").count(), 50, "{}", report.words);
        assert!(report.counters.exchanges > 5, "{:?}", report.counters);
    }
}

#[test]
fn ssh_joins_its_own_ends_to_a_port_through_sansh() {
    for openssh in OpenSsh::every().expect("peers") {
        let server = Server::start(Setup::new(providers()[0]));
        let to = format!("127.0.0.1:{}", tcp_service());
        let output = server.ssh(&openssh).stdio_forward(&to).run(pattern(7, LENGTH)).expect("ssh").success();
        assert!(output.stdout == [HELLO, pattern(7, LENGTH)].concat(), "{} bytes", output.stdout.len());
        let (port, _ends) = dead_port();
        let output = server.ssh(&openssh).stdio_forward(&format!("127.0.0.1:{port}")).run(b"").expect("ssh");
        assert_eq!(output.status, Some(255));
        assert!(output.stderr.contains("connect failed: not here"), "{}", output.stderr);
    }
}

#[test]
fn ssh_reaches_a_unix_socket_through_sansh() {
    for openssh in OpenSsh::every().expect("peers") {
        let server = Server::start(Setup::new(providers()[0]));
        let (from, to) = (server.scratch.file("from"), server.scratch.file("to"));
        unix_service(&to);
        let running = forwarding(&server, &openssh, &from, &to.display().to_string());
        for _ in 0..3 {
            talk(UnixStream::connect(&from).expect("connect"), HELLO);
        }
        drop(running);
        let opens = server.report().trace.matches("CHANNEL_OPEN(\"direct-streamlocal@openssh.com\"").count();
        assert_eq!(opens, 3);
    }
}

#[test]
fn sansh_listens_for_ssh() {
    for openssh in OpenSsh::every().expect("peers") {
        let server = Server::start(Setup::new(providers()[0]));
        let scratch = Scratch::new().expect("scratch");
        let to = scratch.file("to");
        unix_service(&to);
        let forward = format!("127.0.0.1:0:{}", to.display());
        let path = format!("ControlPath={}", scratch.file("master").display());
        let master = server.ssh(&openssh).option("ControlMaster=yes").option(&path).forward_only();
        let master = master.remote_forward(&forward).start_ready().expect("ssh");
        let said = master.stderr();
        let port = said.split("Allocated port ").nth(1).and_then(|rest| rest.split(' ').next()).expect("a port");
        let at = (Ipv4Addr::LOCALHOST, port.parse::<u16>().expect("a number"));
        let talks = [0; 3].map(|_| thread::spawn(move || talk(TcpStream::connect(at).expect("connect"), HELLO)));
        talks.into_iter().for_each(|talk| talk.join().expect("echoed"));
        let control = |what: &str| server.ssh(&openssh).option(&path).argument("-O").argument(what);
        control("cancel").argument("-R").argument(&forward).run(b"").expect("ssh").success();
        assert!(wait_until(PATIENCE, || TcpStream::connect(at).is_err()), "cancelled");
        control("exit").run(b"").expect("ssh").success();
        let report = server.report();
        assert_eq!(report.trace.matches("CHANNEL_OPEN(\"forwarded-tcpip\"").count(), 3, "{}", report.words);
        assert!(report.trace.contains("C → S SSH GLOBAL_REQUEST(\"cancel-tcpip-forward\""), "{}", report.trace);
        master.wait().expect("it ends by itself");
    }
}
