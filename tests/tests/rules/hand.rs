//! Messages written by hand, right and wrong, and connections brought to where they may not come.

use sansh::message;
use sansh::{Client, Server};
use sansh_testkit::apps::Answer;
use sansh_testkit::raw::{NULL_KEY, NULL_SIGNATURE, Offer, Raw, kexinit, password, payload, strings};
use sansh_testkit::told::{Attempt, Means, Reply, Seen, Told};

/// `uint32`s behind each other.
pub(crate) fn numbers(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_be_bytes()).collect()
}

/// A message from its number and its fields.
pub(crate) fn message(number: u8, fields: &[&[u8]]) -> Vec<u8> {
    [&[number], fields.concat().as_slice()].concat()
}

/// A message about a channel.
pub(crate) fn about(number: u8, channel: u32, fields: &[&[u8]]) -> Vec<u8> {
    message(number, &[&numbers(&[channel]), &fields.concat()])
}

/// CHANNEL_OPEN.
pub(crate) fn open(kind: &str, sender: u32, window: u32, packet: u32, body: &[u8]) -> Vec<u8> {
    message(90, &[&strings(&[kind.as_bytes()]), &numbers(&[sender, window, packet]), body])
}

/// CHANNEL_OPEN_CONFIRMATION.
pub(crate) fn confirmation(recipient: u32, sender: u32, window: u32, packet: u32) -> Vec<u8> {
    about(91, recipient, &[&numbers(&[sender, window, packet])])
}

/// CHANNEL_DATA.
pub(crate) fn data(channel: u32, bytes: &[u8]) -> Vec<u8> {
    about(94, channel, &[&strings(&[bytes])])
}

/// CHANNEL_REQUEST.
pub(crate) fn request(channel: u32, name: &str, want_reply: bool, body: &[u8]) -> Vec<u8> {
    about(98, channel, &[&strings(&[name.as_bytes()]), &[u8::from(want_reply)], body])
}

/// GLOBAL_REQUEST.
pub(crate) fn global(name: &str, want_reply: bool, body: &[u8]) -> Vec<u8> {
    message(80, &[&strings(&[name.as_bytes()]), &[u8::from(want_reply)], body])
}

/// USERAUTH_REQUEST of any method.
pub(crate) fn login(user: &[u8], service: &[u8], method: &[u8], fields: &[u8]) -> Vec<u8> {
    message(50, &[&strings(&[user, service, method]), fields])
}

/// The fields of a `publickey` request.
pub(crate) fn public_key_fields(algorithm: &[u8], key: &[u8], signature: Option<&[u8]>) -> Vec<u8> {
    let mut fields = vec![u8::from(signature.is_some())];
    fields.extend(strings(&[algorithm, key]));
    fields.extend(signature.map(|signature| strings(&[signature])).unwrap_or_default());
    fields
}

/// EXT_INFO with these pairs, saying that there are `count`.
pub(crate) fn ext_info(count: u32, pairs: &[(&[u8], &[u8])]) -> Vec<u8> {
    let pairs: Vec<u8> = pairs.iter().flat_map(|(name, value)| strings(&[name, value])).collect();
    message(7, &[&numbers(&[count]), &pairs])
}

/// KEXINIT with these ten lists, in its order.
pub(crate) fn kexinit_of(lists: &[&[u8]; 10], follows: bool) -> Vec<u8> {
    message(20, &[&[7; 16], &strings(lists), &[u8::from(follows)], &[0; 4]])
}

/// The ten lists that the null provider agrees to, with these kex and host key algorithms.
pub(crate) fn null_lists<'a>(kex: &'a [u8], host_key: &'a [u8]) -> [&'a [u8]; 10] {
    [kex, host_key, b"null", b"null", b"", b"", b"none", b"none", b"", b""]
}

/// The lists of a KEXINIT.
pub(crate) fn lists_of(kexinit: &[u8]) -> Vec<Vec<u8>> {
    let mut rest = &kexinit[17..];
    let mut lists = Vec::new();
    for _ in 0..10 {
        let (length, behind) = rest.split_first_chunk::<4>().expect("a list");
        let (list, behind) = behind.split_at(u32::from_be_bytes(*length) as usize);
        lists.push(list.to_vec());
        rest = behind;
    }
    assert_eq!(rest.len(), 5, "a boolean and a reserved number end it");
    lists
}

/// KEX_ECDH_INIT of the null provider.
pub(crate) fn init() -> Vec<u8> {
    payload(&message::KexEcdhInit::new(&[1; 32]))
}

/// KEX_ECDH_REPLY of the null provider.
pub(crate) fn reply() -> Vec<u8> {
    payload(&message::KexEcdhReply::new(NULL_KEY, &[2; 32], NULL_SIGNATURE))
}

/// A well-formed message of each number that a client sends, and of each that a server sends, behind the key exchange.
pub(crate) fn samples() -> Vec<Vec<u8>> {
    let one = numbers(&[0]);
    vec![
        message(1, &[&numbers(&[11]), &strings(&[b"bye", b""])]),
        message(2, &[&strings(&[b"nothing"])]),
        message(3, &[&one]),
        message(4, &[&[0], &strings(&[b"why", b""])]),
        message(5, &[&strings(&[b"ssh-userauth"])]),
        message(6, &[&strings(&[b"ssh-userauth"])]),
        ext_info(1, &[(b"server-sig-algs", b"null")]),
        kexinit_of(&null_lists(b"null", b"null"), false),
        message(21, &[]),
        init(),
        reply(),
        password("user", "right"),
        login(b"user", b"ssh-connection", b"publickey", &public_key_fields(b"null", NULL_KEY, Some(NULL_SIGNATURE))),
        message(51, &[&strings(&[b"password"]), &[0]]),
        message(52, &[]),
        message(53, &[&strings(&[b"hello", b""])]),
        message(60, &[&strings(&[b"null", NULL_KEY])]),
        global("tell@test", true, b"body"),
        global("tcpip-forward", true, &message(0, &[&strings(&[b"localhost"]), &numbers(&[8080])])[1..]),
        message(81, &[]),
        message(82, &[]),
        open("session", 7, 1000, 1000, b""),
        confirmation(0, 7, 1000, 1000),
        about(92, 0, &[&numbers(&[1]), &strings(&[b"no", b""])]),
        about(93, 0, &[&numbers(&[100])]),
        data(0, b"data"),
        about(95, 0, &[&numbers(&[1]), &strings(&[b"data"])]),
        about(96, 0, &[]),
        about(97, 0, &[]),
        request(0, "exec", true, &strings(&[b"command"])),
        request(0, "env", false, &strings(&[b"NAME", b"value"])),
        request(0, "exit-status", false, &numbers(&[0])),
        request(0, "exit-signal", false, &[strings(&[b"TERM"]), vec![0], strings(&[b"text", b""])].concat()),
        about(99, 0, &[]),
        about(100, 0, &[]),
        message(192, &[&strings(&[b"ping"])]),
        message(193, &[&strings(&[b"ping"])]),
    ]
}

/// A connection under test in a state that both roles have.
pub(crate) trait Stand: Told {
    /// The states before the login, by name.
    const BEFORE_LOGIN: &'static [&'static str];
    /// A connection in this state, or in `open`, with nothing said since.
    fn stand(state: &str) -> Raw<Self>;
}

/// A server that keeps back its answer on each login.
fn keep_logins(seen: &Seen) -> Option<Answer> {
    matches!(seen, Seen::Login { .. }).then_some(Answer::Keep)
}

impl Stand for Server {
    const BEFORE_LOGIN: &'static [&'static str] = &[
        "first-kexinit",
        "exchange",
        "newkeys",
        "just-after-newkeys",
        "service",
        "auth",
        "failed",
        "partial",
        "queried",
    ];

    fn stand(state: &str) -> Raw<Server> {
        let mut raw = Raw::server(|_| {});
        match state {
            "first-kexinit" => raw.send_ident(),
            "exchange" => raw.to_kex(true),
            "newkeys" => {
                raw.to_kex(true);
                raw.send(&init());
            }
            "just-after-newkeys" => raw.to_service(true),
            "service" => {
                raw.to_service(true);
                raw.send(&message(2, &[&strings(&[b""])]));
            }
            "auth" => raw.to_auth(),
            "failed" => {
                raw.to_auth();
                raw.send(&password("user", "wrong"));
            }
            "partial" => {
                raw.app.manner(|seen| {
                    matches!(seen, Seen::Login { steps: 0, .. }).then(|| Answer::Now(Reply::Partial("password".into())))
                });
                raw.to_auth();
                raw.send(&password("user", "right"));
            }
            "queried" => {
                raw.to_auth();
                raw.send(&login(b"user", b"ssh-connection", b"publickey", &public_key_fields(b"null", NULL_KEY, None)));
                assert!(raw.heard(60), "PK_OK: {:?}", raw.said);
            }
            "asked" => {
                raw.app.manner(keep_logins);
                raw.to_auth();
                raw.send(&password("user", "right"));
            }
            "open" => raw.to_open(),
            other => panic!("no state: {other}"),
        }
        assert!(raw.app.end.is_none(), "{state}: {:?}", raw.app.end);
        raw.take();
        raw
    }
}

impl Stand for Client {
    const BEFORE_LOGIN: &'static [&'static str] =
        &["first-kexinit", "exchange", "newkeys", "just-after-newkeys", "service", "auth", "needed", "probe"];

    fn stand(state: &str) -> Raw<Client> {
        let mut raw = Raw::client(|_| {});
        match state {
            "first-kexinit" => raw.send_ident(),
            "exchange" => raw.to_kex(true),
            "newkeys" => {
                raw.to_kex(true);
                raw.reply(NULL_KEY);
            }
            "just-after-newkeys" => raw.to_service(true),
            "service" => {
                raw.to_service(true);
                raw.send(&message(2, &[&strings(&[b""])]));
            }
            "auth" => raw.to_auth(),
            "needed" => {
                raw.app.manner(|seen| matches!(seen, Seen::LoginNeeded { .. }).then_some(Answer::Keep));
                raw.to_auth();
            }
            "probe" => {
                raw.app.attempts.clear();
                let with = Means::PublicKey { algorithm: "null".into(), key: NULL_KEY.to_vec(), probe: true };
                raw.app.attempts.push_back(Attempt { user: "user".into(), with });
                raw.to_auth();
            }
            "open" => raw.to_open(),
            other => panic!("no state: {other}"),
        }
        assert!(raw.app.end.is_none(), "{state}: {:?}", raw.app.end);
        raw.take();
        raw
    }
}

/// A server under test that is logged in, and nothing that it said.
pub(crate) fn open_server() -> Raw<Server> {
    Server::stand("open")
}

/// A server with a session that the raw peer calls `sender`: its own number is 0.
pub(crate) fn server_with_session(sender: u32, window: u32) -> Raw<Server> {
    let mut raw = open_server();
    raw.send(&open("session", sender, window, 32_768, b""));
    assert!(raw.heard(91), "the session was refused: {:?}", raw.said);
    raw.take();
    raw
}

/// The whole re-exchange of a raw client, which begins it.
pub(crate) fn re_exchange(raw: &mut Raw<Server>) {
    raw.send(&kexinit(Offer { kex: "null", follows: false }));
    raw.send(&init());
    raw.send(&message(21, &[]));
    assert!(raw.app.end.is_none(), "{:?}", raw.app.end);
}

/// The error that the connection ended with.
pub(crate) fn error<R: Told>(raw: &Raw<R>) -> Option<sansh::error::Error> {
    raw.app.end.as_ref().map(|end| end.error)
}

/// Whether the peer answers: an unknown global request is refused, in its turn.
pub(crate) fn is_alive<R: Told>(raw: &mut Raw<R>) -> bool {
    raw.take();
    raw.send(&global("keepalive@conf.example", true, b""));
    raw.app.end.is_none() && raw.said == [[82]]
}
