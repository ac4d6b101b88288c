//! Programs: their arguments, streams, ends.

use sansh::channel::{Open, Request};
use sansh_testkit::peers::{OpenSsh, Sshd};

use super::client::{Client, config};
use super::flow::{pattern, providers};
use super::server::{Server, Setup};

#[test]
fn sansh_runs_programs_on_sshd() {
    for openssh in OpenSsh::every().expect("peers") {
        let sshd = Sshd::builder().openssh(&openssh).start().expect("sshd");
        let mut client = Client::login(&sshd, config(providers()[0]));

        // Both streams, and a status.
        let channel = client.exec("echo out; echo err >&2; exit 3");
        let flow = client.closed(channel);
        assert_eq!((flow.kept(), flow.stderr.as_slice(), flow.status), (&b"out\n"[..], &b"err\n"[..], Some(3)));
        assert_eq!(flow.signal, None);

        // Much on stderr.
        let channel = client.exec("cat >&2");
        client.send(channel, pattern(0, 900_000));
        client.finish(channel);
        let flow = client.closed(channel);
        assert!(flow.stderr == pattern(0, 900_000) && flow.kept().is_empty(), "{} bytes", flow.stderr.len());

        // A signal.
        let channel = client.exec("kill -TERM $$");
        let flow = client.closed(channel);
        assert_eq!((flow.status, flow.signal.as_ref().map(|(name, _)| name.as_str())), (None, Some("TERM")));

        // EOF one way, an answer the other way.
        let channel = client.exec("wc -c; echo done");
        client.send(channel, pattern(0, 500_001));
        client.finish(channel);
        let flow = client.closed(channel);
        assert_eq!((flow.kept(), flow.status), (&b"500001\ndone\n"[..], Some(0)));

        // The environment, as far as sshd takes it.
        let channel = client.open(Open::Session);
        client.request(channel, Request::Env { name: b"SANSH_TEST_A", value: b"two words" });
        client.request(channel, Request::Env { name: b"OTHER_TEST_A", value: b"ignored" });
        client.request(channel, Request::Exec { command: b"echo \"$SANSH_TEST_A/$OTHER_TEST_A\"" });
        assert_eq!(client.closed(channel).kept(), b"two words/\n");

        // A shell.
        let channel = client.open(Open::Session);
        client.request(channel, Request::Shell);
        client.send(channel, b"echo from a shell; exit 4\n");
        let flow = client.closed(channel);
        assert_eq!((flow.kept(), flow.status), (&b"from a shell\n"[..], Some(4)));

        // Subsystems; the channel of a refused one can be asked for another.
        let channel = client.open(Open::Session);
        assert!(!client.ask(channel, Request::Subsystem { name: b"nothing" }));
        client.request(channel, Request::Subsystem { name: b"echo" });
        client.send(channel, b"echoed");
        client.finish(channel);
        assert_eq!(client.closed(channel).kept(), b"echoed");

        // A program that is left alone: sshd closes when it has ended, and nothing is said of it any more.
        let channel = client.exec("echo here; exec sleep 1");
        client.until("a sign", |told| told.flows[&channel].kept() == b"here\n");
        client.connection().close(channel).expect("open");
        assert_eq!(client.closed(channel).status, None);
        client.goodbye();
    }
}

#[test]
fn ssh_runs_programs_on_sansh() {
    for openssh in OpenSsh::every().expect("peers") {
        let server = Server::start(Setup::new(providers()[0]));
        let ssh = || server.ssh(&openssh);

        let output = ssh().command("both").run(b"").expect("ssh");
        let said = (output.status, output.stdout.as_slice(), output.stderr.as_str());
        assert_eq!(said, (Some(3), &b"to stdout\n"[..], "to stderr\n"));

        let output = ssh().argument("-v").command("die").run(b"").expect("ssh");
        assert_eq!(output.status, Some(255));
        assert!(output.stderr.contains("rtype exit-signal reply 0"), "{}", output.stderr);

        let output = ssh().command("count").run(pattern(0, 500_001)).expect("ssh").success();
        assert_eq!(output.stdout, b"500001\n");

        let output =
            ssh().option("SetEnv=SANSH_TEST_A=\"two words\"").command("env SANSH_TEST_A").run(b"").expect("ssh");
        assert_eq!(output.success().stdout, b"two words");

        let output = ssh().subsystem("echo").run(b"echoed").expect("ssh").success();
        assert_eq!(output.stdout, b"echoed");

        let output = ssh().subsystem("nothing").run(b"").expect("ssh");
        assert_eq!(output.status, Some(255));
        assert!(output.stderr.contains("subsystem request failed"), "{}", output.stderr);

        let output = ssh().run(b"from a shell").expect("ssh").success();
        assert_eq!(output.stdout, b"from a shell");
    }
}
