//! Memory is one number: every scenario is held to `Config::bytes`, and any one allocation may fail.
//!
//! The allocator counts what each endpoint takes inside its own calls (`sansh_testkit::alloc`). With the feature
//! `aws_lc`, malloc(3) is counted too.

use sansh::config::Buffers;
use sansh::crypto::Provider;
use sansh::error::Error;
use sansh::{Client, Connection, NewError, SECOND, SendError, Server};
use sansh_testalloc::{Counting, fail_nth, read, reset};
use sansh_testkit::alloc::watch;
use sansh_testkit::apps::{Act, Actor, Prompt};
use sansh_testkit::dice::{Dice, Pattern};
use sansh_testkit::net::Weather;
use sansh_testkit::pair::{Builder, Pair, RUSTCRYPTO, echo};
use sansh_testkit::raw::{NULL, Raw, password, strings};
use sansh_testkit::told::{Globals, Opens, Seen};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Runs a scenario and holds both ends to their bound; prints what they took.
fn held(name: &str, builder: Builder, scenario: impl FnOnce(&mut Pair)) {
    let bounds = builder.bytes();
    reset(0);
    reset(1);
    let mut pair = builder.build();
    scenario(&mut pair);
    let (client, server) = (read(0), read(1));
    println!(
        "{name}: client {} of {} bytes at most (largest piece {}), server {} of {} (largest piece {})",
        client.peak, bounds.0, client.largest, server.peak, bounds.1, server.largest
    );
    assert!(client.peak > 0 && server.peak > 0, "{name}: nothing was counted");
    assert!(client.peak.unsigned_abs() <= bounds.0, "{name}: client");
    assert!(server.peak.unsigned_abs() <= bounds.1, "{name}: server");
    // The configurations stay: other connections use them, too.
    let Pair { client, server, .. } = pair;
    watch(0, || drop(client.conn));
    watch(1, || drop(server.conn));
    assert_eq!(read(0).live, 0, "{name}: the client keeps memory behind its end");
    assert_eq!(read(1).live, 0, "{name}: the server keeps memory behind its end");
}

fn login_and_echo(pair: &mut Pair) {
    pair.client.app.public_key("user", 7, true);
    pair.run();
    echo(pair, &Pattern::new(1).take(300_000));
}

fn quiet(provider: &'static dyn Provider) -> Builder {
    Builder::new(provider).trace(0)
}

#[test]
fn an_echo_with_every_key_exchange_and_cipher() {
    for kex in ["mlkem768x25519-sha256", "curve25519-sha256"] {
        for cipher in ["chacha20-poly1305@openssh.com", "aes256-gcm@openssh.com", "aes256-ctr"] {
            let builder = quiet(&RUSTCRYPTO).client(|config| {
                config.kex(kex).unwrap().ciphers(cipher).unwrap();
            });
            held(&format!("echo {kex} {cipher}"), builder, |pair| {
                login_and_echo(pair);
                pair.client.conn.rekey();
                pair.run();
                pair.server.conn.rekey();
                pair.run();
                echo(pair, b"more");
            });
        }
    }
}

#[cfg(feature = "aws_lc")]
#[test]
fn an_echo_with_aws_lc() {
    static AWS_LC: sansh::crypto::aws_lc::AwsLc = sansh::crypto::aws_lc::AwsLc;
    // What the library takes once for the whole process is no connection's.
    login_and_echo(&mut quiet(&AWS_LC).build());
    for kex in ["mlkem768x25519-sha256", "curve25519-sha256"] {
        for cipher in ["chacha20-poly1305@openssh.com", "aes256-gcm@openssh.com", "aes256-ctr"] {
            let builder = quiet(&AWS_LC).client(|config| {
                config.kex(kex).unwrap().ciphers(cipher).unwrap();
            });
            held(&format!("aws-lc {kex} {cipher}"), builder, |pair| {
                login_and_echo(pair);
                pair.client.conn.rekey();
                pair.run();
                echo(pair, b"more");
            });
        }
    }
}

#[test]
fn buffers_that_are_kept() {
    let builder = quiet(&RUSTCRYPTO)
        .client(|config| {
            config.buffers(Buffers::Keep);
        })
        .server(|config| {
            config.buffers(Buffers::Keep);
        });
    held("kept buffers", builder, |pair| {
        login_and_echo(pair);
        let before = (read(0).live, read(1).live);
        pair.wait(10 * SECOND);
        assert_eq!((read(0).live, read(1).live), before, "they are kept");
    });
}

#[test]
fn as_many_channels_as_there_may_be() {
    for channels in [4, 256, 2000] {
        let builder = quiet(&RUSTCRYPTO).limits(|limits| limits.channels = channels);
        held(&format!("{channels} channels"), builder, |pair| {
            pair.client.app.password("user", "right");
            pair.run();
            for _ in 0..channels {
                pair.session();
            }
            let all: Vec<_> = pair.client.app.open.iter().copied().collect();
            assert_eq!(all.len(), channels as usize);
            for channel in &all {
                pair.client.app.send(*channel, &[1; 100]);
            }
            pair.run();
            for channel in all {
                pair.client.app.act(channel, Act::Close);
            }
            pair.run();
        });
    }
}

#[test]
fn forwardings_banners_long_names_and_wrong_passwords() {
    held("attacks of a login", quiet(&RUSTCRYPTO), |pair| {
        for n in 0..15 {
            pair.client.app.password(&"u".repeat(200 + n), &"p".repeat(900 + n));
            pair.client.app.public_key("user", n as u8, n % 2 == 0);
        }
        pair.server.app.manner(|seen| match seen {
            Seen::Login { .. } => {
                Some(sansh_testkit::apps::Answer::Later(sansh_testkit::told::Reply::Deny(String::new())))
            }
            _ => None,
        });
        pair.run();
    });
    held("forwardings", quiet(&RUSTCRYPTO), |pair| {
        pair.client.app.password("user", "right");
        pair.run();
        for port in 1..17 {
            pair.client.app.global(Globals::TcpipForward { address: vec![b'a'; 100], port });
            pair.run();
        }
        for port in 1..17 {
            let open = Opens::ForwardedTcpip { address: vec![b'a'; 100], port, originator: vec![], originator_port: 1 };
            let channel = pair.server_open(&open);
            assert!(pair.server.app.open.contains(&channel), "{}", pair.dump());
        }
    });
}

#[test]
fn small_limits() {
    let builder = quiet(&RUSTCRYPTO).limits(|limits| {
        limits.packet = 4096;
        limits.handshake_receive = 5000;
        limits.receive = 5000;
        limits.handshake_transmit = 8192;
        limits.transmit = 8192;
        limits.send_packet = 1000;
        limits.channels = 4;
        limits.login = 512;
        limits.forwards = 1;
        limits.replies = 4;
        limits.pending = 2;
    });
    held("small limits", builder.weather(Weather::random()), |pair| {
        (pair.client.app.prompt, pair.server.app.prompt) = (Prompt::Either, Prompt::Either);
        login_and_echo(pair);
        pair.client.conn.rekey();
        pair.run();
        echo(pair, &Pattern::new(2).take(50_000));
    });
}

#[test]
fn before_a_login_a_server_holds_64_kib() {
    let mut worst = 0;
    for seed in 0..300 {
        let mut dice = Dice::new(seed);
        reset(0);
        let mut raw = Raw::server(|_| {});
        match dice.below(4) {
            0 => raw.send_ident(),
            1 => raw.to_kex(dice.once_in(2)),
            2 => raw.to_service(dice.once_in(2)),
            _ => raw.to_auth(),
        }
        for _ in 0..50 {
            let mut bytes = vec![0; dice.size(34_000)];
            for byte in &mut bytes {
                *byte = dice.number() as u8;
            }
            if let Some(first) = bytes.first_mut() {
                *first = [2, 4, 5, 7, 20, 30, 50, 50, 50, 21][dice.below(10)];
            }
            if dice.once_in(3) {
                bytes = [&[50_u8][..], &strings(&[&bytes, b"ssh-connection", b"password"]), &[0, 0, 0, 0, 0]].concat();
                bytes.truncate(34_000);
            }
            if dice.once_in(5) {
                bytes = password("user", &"x".repeat(dice.below(900)));
            }
            raw.send(&bytes);
            raw.app.seen.clear();
            raw.said.clear();
        }
        worst = worst.max(read(0).peak);
    }
    println!("a server before the login holds at most {worst} bytes");
    assert!(worst > 36 * 1024, "nothing was counted");
    assert!(worst <= 64 * 1024, "more than 64 KiB before the login: {worst}");
}

#[test]
fn an_idle_connection_keeps_a_few_kib() {
    let sizes = (size_of::<Connection<Client>>(), size_of::<Connection<Server>>());
    for cipher in ["chacha20-poly1305@openssh.com", "aes256-gcm@openssh.com", "aes256-ctr"] {
        reset(0);
        reset(1);
        let mut pair = quiet(&RUSTCRYPTO)
            .client(|config| {
                config.ciphers(cipher).unwrap();
            })
            .logged_in();
        pair.session();
        let busy = (read(0).live, read(1).live);
        pair.wait(5 * SECOND);
        let idle = (read(0).live.unsigned_abs() + sizes.0, read(1).live.unsigned_abs() + sizes.1);
        println!(
            "idle with one channel, {cipher}: client {} bytes, server {} bytes, with the connection itself ({} and {}); \
             busy {} and {}",
            idle.0, idle.1, sizes.0, sizes.1, busy.0, busy.1
        );
        assert!(idle.0 <= 6 * 1024 && idle.1 <= 6 * 1024, "P6: an idle connection keeps at most 6 KiB");
        // And it wakes up, and falls asleep again.
        echo(&mut pair, &Pattern::new(1).take(100_000));
        let busy = (read(0).live, read(1).live);
        pair.wait(5 * SECOND);
        let again = (read(0).live.unsigned_abs() + sizes.0, read(1).live.unsigned_abs() + sizes.1);
        assert!(again.0 <= 6 * 1024 && again.1 <= 6 * 1024, "awake {busy:?}, and then {again:?}");
    }
}

/// One run in which the `n`-th allocation of one side fails. Says whether that allocation was reached at all.
fn failing(provider: &'static dyn Provider, n: usize, server: bool, buffers: Buffers) -> bool {
    let meter = usize::from(server);
    reset(0);
    reset(1);
    let builder = quiet(provider);
    let builder = builder
        .client(|config| {
            config.buffers(buffers);
        })
        .server(|config| {
            config.buffers(buffers);
        });
    fail_nth(meter, n);
    // The connection's own creation is the first to fail.
    let made = std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| builder.build()));
    let mut pair = match made {
        Ok(pair) => pair,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
            assert!(text.contains(&format!("{:?}", NewError::OutOfMemory)), "{text}");
            return true;
        }
    };
    pair.client.app.patient = true;
    pair.server.app.patient = true;
    if provider.name() == "rustcrypto" {
        pair.client.app.public_key("user", 7, true);
    } else {
        pair.client.app.password("user", "right");
    }
    pair.run();
    let mut opened = None;
    if pair.client.app.is_ready() && pair.server.app.is_ready() && pair.client.app.end.is_none() {
        let channel = sansh_testkit::apps::open(&mut pair.client.conn, &mut pair.client.app, &Opens::Session, 100_000);
        pair.server.app.echo = true;
        pair.settle();
        opened = Some(channel);
        if let Ok(channel) = channel
            && pair.client.app.open.contains(&channel)
        {
            pair.client.app.send(channel, &Pattern::new(1).take(5000));
            pair.client.app.act(channel, Act::Finish);
            pair.settle();
        }
        pair.client.conn.rekey();
        pair.settle();
        pair.wait(5 * SECOND);
    }
    let reached = read(meter).failed;
    let (own, other): (&Actor, &Actor) =
        if server { (&pair.server.app, &pair.client.app) } else { (&pair.client.app, &pair.server.app) };
    if reached {
        match (&own.end, &opened) {
            (Some(end), _) => assert_eq!(end.error, Error::OutOfMemory, "allocation {n}: {}", end.text),
            // A channel for which there is no memory is refused, and the connection lives.
            (None, Some(Err(SendError::OutOfMemory))) if !server => {}
            (None, Some(Ok(_))) if server => {
                assert!(other.saw(|seen| matches!(seen, Seen::Refused { reason: 4, .. })), "{}", pair.dump());
            }
            (None, _) => panic!("allocation {n} failed, and nobody says so: {}", pair.dump()),
        }
    } else {
        assert!(own.is_ready() && own.end.is_none(), "nothing failed, and yet: {}", pair.dump());
    }
    // Nobody is in who did not log in.
    if pair.server.app.is_ready() {
        assert!(pair.server.app.saw(|seen| matches!(seen, Seen::Login { .. })));
    }
    assert!(!pair.client.app.is_ready() || pair.server.app.is_ready(), "in on one side alone");
    reached
}

/// CVE-2023-2283, CVE-2025-26465: want of memory is never taken for a yes: nobody is in who did not log in, and the end says
/// what it was.
#[test]
fn any_one_allocation_may_fail() {
    std::panic::set_hook(Box::new(|info| {
        let text = info.to_string();
        if !text.contains("OutOfMemory") {
            eprintln!("{text}");
        }
    }));
    for provider in [&RUSTCRYPTO as &'static dyn Provider, &NULL] {
        for buffers in [Buffers::Release, Buffers::Keep] {
            for server in [false, true] {
                let mut n = 1;
                while failing(provider, n, server, buffers) {
                    n += 1;
                    assert!(n < 5000, "it allocates without end");
                }
                println!("{}, {buffers:?}, server {server}: {} allocations, each failed once", provider.name(), n - 1);
                assert!(n > 5);
            }
        }
    }
}

#[test]
fn a_configuration_says_what_it_will_take() {
    let config = sansh::config::Config::<Client>::new(&RUSTCRYPTO);
    let (small, large) = (config.bytes(), {
        let mut config = sansh::config::Config::<Client>::new(&RUSTCRYPTO);
        let mut limits = config.bounds().clone();
        limits.receive *= 2;
        config.limits(limits).unwrap();
        config.bytes()
    });
    assert_eq!(large - small, 256 * 1024);
}
