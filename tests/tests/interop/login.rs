//! Who gets in, and by what.

use std::fs;

use sansh::error::{Error, code};
use sansh_testkit::peers::{OpenSsh, Sshd};

use super::client::{Attempt, Client, config, private};
use super::flow::providers;
use super::server::{Server, Setup};

fn in_and_out(client: &mut Client) {
    client.until("the login", |told| told.ready.is_some());
    let channel = client.exec("exit 6");
    assert_eq!(client.closed(channel).status, Some(6));
}

#[test]
fn sansh_logs_in_with_a_key() {
    for openssh in OpenSsh::every().expect("peers") {
        for probe in [true, false] {
            let sshd = Sshd::builder().openssh(&openssh).start().expect("sshd");
            let stranger = private(&sshd.scratch().ed25519("stranger").expect("key"));
            let own = private(sshd.user_key());
            // A wrong key first: asked about, it is never signed with.
            let attempts = vec![Attempt::Key { key: stranger, probe }, Attempt::Key { key: own, probe }];
            let mut client = Client::connect(&sshd, config(providers()[0]), attempts);
            in_and_out(&mut client);
            assert_eq!(client.told.ready.as_deref(), Some("publickey"));
            assert_eq!(client.told.signed, if probe { 1 } else { 2 });
            assert_eq!(client.told.methods, ["publickey"]);
            assert_eq!(client.told.trace.matches("USERAUTH_PK_OK(").count(), usize::from(probe));
            assert!(sshd.log().contains("Accepted publickey for"));
            client.goodbye();
        }
    }
}

#[test]
fn sansh_with_a_wrong_key_gives_up() {
    let sshd = Sshd::start().expect("sshd");
    let stranger = private(&sshd.scratch().ed25519("stranger").expect("key"));
    let attempts = vec![Attempt::None, Attempt::Key { key: stranger, probe: false }];
    let mut client = Client::connect(&sshd, config(providers()[0]), attempts);
    let (error, words) = client.ended();
    assert_eq!(error, Error::GaveUp, "{words}");
    assert_eq!((client.told.ready.take(), client.told.signed), (None, 1));
    assert_eq!(client.told.methods, ["publickey", "publickey"]);
}

#[test]
fn sansh_logs_in_with_a_password() {
    for openssh in OpenSsh::every().expect("peers") {
        let sshd = Sshd::builder().openssh(&openssh).password("correct horse").start().expect("sshd");
        let attempts = ["wrong horse", "correct horse"].map(|password| Attempt::Password(password.to_owned()));
        let mut client = Client::connect(&sshd, config(providers()[0]), attempts.into());
        in_and_out(&mut client);
        assert_eq!(client.told.ready.as_deref(), Some("password"));
        assert_eq!(client.told.methods, ["publickey,password"]);
        assert!(!client.told.trace.contains("horse"), "a trace shows no password");
        client.goodbye();
    }
}

#[test]
fn sansh_is_shown_a_banner_of_sshd() {
    let text = "No entry\nfor “strangers”\n";
    let scratch = sansh_testkit::peers::Scratch::new().expect("scratch");
    let banner = scratch.write("banner", text).expect("file");
    let sshd = Sshd::builder().line(format!("Banner {}", banner.display())).start().expect("sshd");
    let mut client = Client::login(&sshd, config(providers()[0]));
    in_and_out(&mut client);
    assert_eq!(client.told.banners.len(), 1);
    assert!(client.told.banners[0].starts_with("No entry\nfor "), "{:?}", client.told.banners);
    client.goodbye();
}

#[test]
fn sansh_turns_away_from_a_wrong_host_key() {
    let sshd = Sshd::start().expect("sshd");
    let mut client = Client::connect(&sshd, config(providers()[0]), Vec::new());
    client.expect_host_key(private(sshd.user_key()).public_blob());
    let (error, words) = client.ended();
    assert_eq!(error, Error::HostKeyRejected, "{words}");
    sshd.wait_log(&format!(":{}: host key not accepted", code::HOST_KEY_NOT_VERIFIABLE), super::flow::PATIENCE)
        .expect("told");
}

#[test]
fn sshd_ends_what_tries_too_often() {
    let sshd = Sshd::builder().line("MaxAuthTries 2").start().expect("sshd");
    let attempts = (0..5)
        .map(|i| private(&sshd.scratch().ed25519(&format!("stranger-{i}")).expect("key")))
        .map(|key| Attempt::Key { key, probe: true });
    let mut client = Client::connect(&sshd, config(providers()[0]), attempts.collect());
    let (error, words) = client.ended();
    assert_eq!(error, Error::Disconnected { code: code::PROTOCOL_ERROR }, "{words}");
    assert!(words.contains("Too many authentication failures"), "{words}");
}

#[test]
fn ssh_logs_in_with_a_key() {
    for openssh in OpenSsh::every().expect("peers") {
        let server = Server::start(Setup::new(providers()[0]));
        let output = server.ssh(&openssh).command("cat-exit 5").run(b"in").expect("ssh");
        assert_eq!((output.status, output.stdout.as_slice()), (Some(5), &b"in"[..]), "{}", output.stderr);
        let report = server.report();
        assert_eq!(report.method, Some("publickey"));
        assert!(report.peer.starts_with("SSH-2.0-OpenSSH_"), "{}", report.peer);
        // A stranger's key is asked about and refused; what ssh says of the methods left came from sansh.
        let stranger = server.scratch.ed25519("stranger").expect("key");
        let output = server.ssh(&openssh).identity(&stranger.private).command("cat").run(b"").expect("ssh");
        assert_eq!(output.status, Some(255));
        assert!(output.stderr.contains("Permission denied (publickey,password)"), "{}", output.stderr);
        let report = server.report();
        assert_eq!((report.method, report.queries), (None, 1));
    }
}

#[test]
fn ssh_logs_in_with_a_password() {
    for openssh in OpenSsh::every().expect("peers") {
        let mut setup = Setup::new(providers()[0]);
        setup.password = Some("correct horse".to_owned());
        let server = Server::start(setup);
        let with = |password: &str| server.ssh(&openssh).password(password).expect("ssh").command("cat").run(b"in");
        assert_eq!(with("correct horse").expect("ssh").success().stdout, b"in");
        assert_eq!(server.report().method, Some("password"));
        let output = with("wrong horse").expect("ssh");
        assert_eq!(output.status, Some(255));
        assert!(output.stderr.contains("Permission denied"), "{}", output.stderr);
        assert_eq!(server.report().method, None);
    }
}

#[test]
fn ssh_shows_a_banner_of_sansh() {
    for openssh in OpenSsh::every().expect("peers") {
        let mut setup = Setup::new(providers()[0]);
        setup.banner = Some("No entry\nfor strangers\n".to_owned());
        let server = Server::start(setup);
        let output = server.ssh(&openssh).command("cat").run(b"").expect("ssh").success();
        assert_eq!(output.stderr.replace('\r', ""), "No entry\nfor strangers\n");
    }
}

#[test]
fn ssh_turns_away_from_a_wrong_host_key() {
    let openssh = OpenSsh::recent().expect("peers");
    let server = Server::start(Setup::new(providers()[0]));
    let known = server.scratch.write("other", "").expect("file");
    let ssh = server.ssh(&openssh).option(format!("UserKnownHostsFile={}", known.display())).command("cat");
    let output = ssh.run(b"").expect("ssh");
    assert_eq!(output.status, Some(255));
    assert!(output.stderr.contains("Host key verification failed"), "{}", output.stderr);
    let report = server.report();
    assert_eq!((report.method, report.closed), (None, Error::Eof), "{}", report.words);
    assert!(fs::read(&known).expect("file").is_empty());
}
