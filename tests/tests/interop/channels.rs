//! Fifty channels at once on one connection.

use core::time::Duration;
use std::io::{BufRead, BufReader, Write};

use sansh::channel::{Channel, Open, Request};
use sansh_testkit::peers::{OpenSsh, Running, Sshd};

use super::client::{self, Client};
use super::flow::{PATIENCE, pattern, providers};
use super::server::{Server, Setup};

const CHANNELS: usize = 50;

#[test]
fn fifty_sessions_of_sansh_at_once() {
    for openssh in OpenSsh::every().expect("peers") {
        // With exchanges in between.
        let sshd = Sshd::builder().openssh(&openssh).rekey_limit("1M").start().expect("sshd");
        let mut client = Client::login(&sshd, client::config(providers()[0]));
        let channels: Vec<Channel> = (0..CHANNELS).map(|_| client.start_open(Open::Session)).collect();
        client.until("fifty channels", |told| told.flows.values().all(|flow| flow.opened));
        for (i, channel) in channels.iter().enumerate() {
            client.request(*channel, Request::Exec { command: format!("cat; exit {i}").as_bytes() });
        }
        let length = 150_000;
        for (i, channel) in channels.iter().enumerate() {
            client.send(*channel, &pattern(0, length + i)[i..]);
        }
        // All of them are open while all of them carry data.
        client.until("all the data", |told| told.flows.values().all(|flow| flow.received == length as u64));
        for (i, channel) in channels.iter().enumerate() {
            assert!(client.flow(*channel).kept() == &pattern(0, length + i)[i..], "channel {i}");
            assert!(!client.flow(*channel).eof);
            client.finish(*channel);
        }
        client.until("the ends", |told| told.flows.values().all(|flow| flow.closed));
        for (i, channel) in channels.iter().enumerate() {
            assert_eq!(client.flow(*channel).status, Some(u32::try_from(i).expect("small")));
        }
        assert!(client.connection().counters().exchanges > 2);
        client.goodbye();
    }
}

#[test]
fn a_session_too_many_is_refused_by_sshd() {
    let sshd = Sshd::builder().line("MaxSessions 3").start().expect("sshd");
    let mut client = Client::login(&sshd, client::config(providers()[0]));
    let open: Vec<Channel> = (0..3).map(|_| client.open(Open::Session)).collect();
    let reason = client.open_in_vain(Open::Session);
    assert!([1, 2, 4].contains(&reason), "{reason}");
    // A place that is free again is taken again, as soon as sshd has cleared it.
    client.request(open[1], Request::Exec { command: b"exit 4" });
    assert_eq!(client.closed(open[1]).status, Some(4));
    client.linger(Duration::from_millis(300));
    let channel = client.exec("exit 5");
    assert_eq!(client.closed(channel).status, Some(5));
    client.goodbye();
}

#[test]
fn fifty_sessions_of_ssh_at_once() {
    for openssh in OpenSsh::every().expect("peers") {
        let server = Server::start(Setup::new(providers()[0]));
        let path = format!("ControlPath={}", server.scratch.file("master").display());
        let master = server.ssh(&openssh).option("ControlMaster=yes").option(&path).forward_only();
        let master = master.start_ready().expect("a master");
        let ssh = server.ssh(&openssh).option(&path);
        let mut sessions: Vec<Running> =
            (0..CHANNELS).map(|i| ssh.clone().command(&format!("cat-exit {i}")).start().expect("ssh")).collect();
        let mut readers = Vec::new();
        for (i, session) in sessions.iter_mut().enumerate() {
            session.stdin.as_mut().expect("a pipe").write_all(format!("line {i}\n").as_bytes()).expect("write");
            let mut reader = BufReader::new(session.stdout.take().expect("a pipe"));
            let mut line = String::new();
            reader.read_line(&mut line).expect("read");
            assert_eq!(line, format!("line {i}\n"), "{}", session.stderr());
            readers.push(reader);
        }
        for (i, session) in sessions.into_iter().enumerate() {
            let output = session.finish(b"", PATIENCE).expect("ssh");
            assert_eq!(output.status, Some(i32::try_from(i).expect("small")), "{}", output.stderr);
        }
        ssh.argument("-O").argument("exit").run(b"").expect("ssh").success();
        let report = server.report();
        assert_eq!(report.most_open, CHANNELS, "{}", report.words);
        drop(master);
    }
}
