//! OpenSSH PROTOCOL, section 2.5: a server tells its keys, and proves those that the client asks about.

use sansh::crypto::Provider;
use sansh::event::Purpose;
use sansh::keys::{HostKeyProofs, PublicKey};
use sansh_testkit::apps::{Answer, Prompt};
use sansh_testkit::net::Weather;
use sansh_testkit::pair::{Builder, HOST_KEY, Pair, RUSTCRYPTO, key, other_global};
use sansh_testkit::raw::strings;
use sansh_testkit::told::{Globals, Reply, Seen};

const NEXT_KEY: u8 = 0xb1;

fn own(seed: u8) -> Vec<u8> {
    key(seed).public_blob().to_vec()
}

fn list(seeds: &[u8]) -> Vec<u8> {
    let blobs: Vec<Vec<u8>> = seeds.iter().map(|seed| own(*seed)).collect();
    strings(&blobs.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

fn prove(seeds: &[u8]) -> Globals {
    Globals::HostKeysProve(list(seeds))
}

/// A server that has two keys.
fn logged_in(builder: Builder) -> Pair {
    let mut pair = builder
        .names("", "", "tell@test")
        .server(|config| {
            config.host_key(key(NEXT_KEY).public_blob()).expect("a second host key");
        })
        .logged_in();
    pair.server.app.keys.push(key(NEXT_KEY));
    pair
}

fn is_proof(seen: &Seen) -> bool {
    matches!(seen, Seen::Sign { purpose: Purpose::HostKeyProof, .. })
}

fn proved(pair: &Pair, reply: &[u8], seeds: &[u8]) -> bool {
    let blobs: Vec<Vec<u8>> = seeds.iter().map(|seed| own(*seed)).collect();
    let session = pair.client.conn.session_id().expect("exchanged");
    HostKeyProofs::new(reply).prove(
        blobs.iter().map(|blob| PublicKey::new(blob)),
        session,
        &RUSTCRYPTO as &dyn Provider,
    )
}

#[test]
fn keys_are_told_asked_about_and_proved() {
    for prompt in [Prompt::Now, Prompt::Later] {
        for weather in [Weather::default(), Weather::random()] {
            let mut pair = logged_in(Pair::builder().weather(weather));
            (pair.client.app.prompt, pair.server.app.prompt) = (prompt, prompt);
            pair.server.app.global(Globals::HostKeys(list(&[HOST_KEY, NEXT_KEY])));
            pair.run();
            let told = Seen::Global { request: Globals::HostKeys(list(&[HOST_KEY, NEXT_KEY])), asked: false };
            assert!(pair.client.app.saw(|seen| *seen == told), "{}", pair.dump());
            for rekeys in [false, true] {
                if rekeys {
                    pair.client.conn.rekey();
                }
                pair.client.app.global(prove(&[NEXT_KEY, HOST_KEY]));
                pair.run();
                let (ok, reply) = pair.client.app.global_replies().pop().expect("a reply");
                assert!(ok && proved(&pair, &reply, &[NEXT_KEY, HOST_KEY]), "{}", pair.dump());
                assert!(!proved(&pair, &reply, &[HOST_KEY, NEXT_KEY]), "in the order of the question");
                assert!(!proved(&pair, &reply, &[NEXT_KEY]) && !proved(&pair, &reply, &[]));
                assert!(!proved(&pair, &reply, &[NEXT_KEY, HOST_KEY, HOST_KEY]));
            }
            // Nobody but the key is asked: the request itself is no event.
            assert!(!pair.server.app.saw(|seen| matches!(seen, Seen::Global { .. })));
        }
    }
}

/// A signature costs more than asking for it: each key is proved once.
#[test]
fn a_key_named_twice_is_not_proved() {
    let mut pair = logged_in(Pair::builder());
    pair.client.app.global(prove(&[NEXT_KEY, NEXT_KEY]));
    pair.run();
    assert!(pair.client.app.global_replies().last().is_some_and(|(ok, _)| !ok));
    assert!(!pair.server.app.saw(is_proof));
}

/// "string "hostkeys-prove-00@openssh.com", string session identifier, string hostkey".
#[test]
fn what_is_signed_is_what_openssh_says() {
    let mut pair = logged_in(Pair::builder());
    pair.client.conn.rekey();
    pair.run();
    pair.client.app.global(prove(&[NEXT_KEY, HOST_KEY]));
    pair.run();
    let session = pair.client.conn.session_id().expect("exchanged");
    let signed: Vec<Seen> = pair.server.app.seen.iter().filter(|seen| is_proof(seen)).cloned().collect();
    let expected = [NEXT_KEY, HOST_KEY].map(|seed| Seen::Sign {
        purpose: Purpose::HostKeyProof,
        algorithm: "ssh-ed25519".into(),
        key: own(seed),
        message: strings(&[b"hostkeys-prove-00@openssh.com", session, &own(seed)]),
    });
    assert_eq!(signed, expected);
}

#[test]
fn a_proof_with_any_other_byte_proves_nothing() {
    let mut pair = logged_in(Pair::builder());
    pair.client.app.global(prove(&[NEXT_KEY]));
    pair.run();
    let (_, reply) = pair.client.app.global_replies().pop().expect("a reply");
    assert!(proved(&pair, &reply, &[NEXT_KEY]));
    for at in 0..reply.len() {
        let mut other = reply.clone();
        other[at] ^= 1 << (at % 8);
        assert!(!proved(&pair, &other, &[NEXT_KEY]), "byte {at}");
        assert!(!proved(&pair, &reply[..at], &[NEXT_KEY]), "cut at {at}");
    }
    assert!(!proved(&pair, &[&reply[..], b"x"].concat(), &[NEXT_KEY]));
    let other = Pair::builder().seed(99).logged_in();
    assert!(!proved(&other, &reply, &[NEXT_KEY]), "of another connection");
}

#[test]
fn a_key_that_is_not_the_servers_is_refused_with_all_the_others() {
    for keys in [
        list(&[7]),
        list(&[HOST_KEY, 7]),
        list(&[7, HOST_KEY]),
        strings(&[b""]),
        Vec::new(),
        strings(&[&own(HOST_KEY)[..50]]),
        list(&[HOST_KEY; 17]),
    ] {
        let mut pair = logged_in(Pair::builder());
        pair.client.app.global(Globals::HostKeysProve(keys));
        pair.run();
        assert_eq!(pair.client.app.global_replies(), [(false, Vec::new())]);
        assert!(!pair.server.app.saw(is_proof), "nothing was signed");
        // And the next proof runs.
        pair.client.app.global(prove(&[HOST_KEY]));
        pair.run();
        assert!(pair.client.app.global_replies()[1].0);
    }
}

#[test]
fn a_keylist_that_cannot_be_read_ends_the_connection() {
    let mut pair = logged_in(Pair::builder());
    let name = strings(&[b"hostkeys-prove-00@openssh.com"]);
    sansh::danger::send_payload(&mut pair.client.conn, &[&[80], &name[..], &[1, 0, 0, 0, 9, 1]].concat());
    pair.settle();
    let ended = pair.server.app.ended().error;
    assert!(matches!(ended, sansh::error::Error::Malformed { number: 80, .. }), "{ended:?}");
}

#[test]
fn one_proof_runs_at_a_time() {
    let mut pair = logged_in(Pair::builder());
    pair.server.app.manner(|seen| is_proof(seen).then_some(Answer::Keep));
    pair.client.app.global(prove(&[HOST_KEY]));
    pair.client.app.global(prove(&[NEXT_KEY]));
    pair.run();
    assert_eq!(pair.server.app.count(|seen| is_proof(seen)), 1);
    assert_eq!(pair.client.app.global_replies(), [], "a refusal does not overtake");
    sign_kept(&mut pair);
    let replies = pair.client.app.global_replies();
    assert!(replies[0].0 && !replies[1].0 && replies.len() == 2);
    assert!(proved(&pair, &replies[0].1, &[HOST_KEY]));
}

/// Signs what was kept, one after the other.
fn sign_kept(pair: &mut Pair) {
    while !pair.server.app.kept.is_empty() {
        let Some(Seen::Sign { key: blob, message, .. }) = pair.server.app.seen.iter().rev().find(|seen| is_proof(seen))
        else {
            panic!("nothing to sign")
        };
        let seed = if *blob == own(HOST_KEY) { HOST_KEY } else { NEXT_KEY };
        let signature = key(seed).sign("ssh-ed25519", message).expect("a signature");
        pair.server.answer(&Reply::Signature(Some(signature)));
        pair.settle();
    }
}

#[test]
fn the_reply_leaves_in_its_turn() {
    let mut pair = logged_in(Pair::builder());
    pair.server.app.manner(|seen| (is_proof(seen) || matches!(seen, Seen::Global { .. })).then_some(Answer::Keep));
    // One in front that is not answered, and one behind that is.
    pair.client.app.global(other_global("tell@test", true, b"front"));
    pair.client.app.global(prove(&[HOST_KEY]));
    pair.client.app.global(other_global("tell@test", true, b"behind"));
    pair.run();
    let front = pair.server.app.kept.pop_front().expect("the first");
    let (a, b) = (pair.server.app.kept.pop_front().expect("one"), pair.server.app.kept.pop_front().expect("another"));
    let is_sign =
        |question: &sansh_testkit::told::Question| matches!(question, sansh_testkit::told::Question::Signature(_));
    let (proof, behind) = if is_sign(&a) { (a, b) } else { (b, a) };
    behind.answer(&mut pair.server.conn, &Reply::Yes, 1).expect("a bare verdict");
    pair.settle();
    pair.server.app.kept.push_back(proof);
    sign_kept(&mut pair);
    assert_eq!(pair.client.app.global_replies(), [], "the first is still open");
    front.answer(&mut pair.server.conn, &Reply::No, 1).expect("a bare verdict");
    pair.run();
    let replies = pair.client.app.global_replies();
    assert_eq!(replies.iter().map(|(ok, _)| *ok).collect::<Vec<_>>(), [false, true, true]);
    assert!(proved(&pair, &replies[1].1, &[HOST_KEY]) && replies[2].1.is_empty());
}

#[test]
fn who_does_not_sign_proves_nothing_and_stays() {
    let too_long = Reply::Signature(Some(vec![0; 9000]));
    for answer in [
        Answer::Now(Reply::Signature(None)),
        Answer::Later(Reply::Signature(None)),
        Answer::Ignore,
        Answer::Now(too_long),
    ] {
        let mut pair = logged_in(Pair::builder());
        pair.server.app.manner(move |seen| is_proof(seen).then(|| answer.clone()));
        pair.client.app.global(prove(&[HOST_KEY, NEXT_KEY]));
        pair.run();
        assert_eq!(pair.client.app.global_replies(), [(false, Vec::new())]);
        assert_eq!(pair.server.app.count(|seen| is_proof(seen)), 1, "the second is not asked for");
        pair.server.app.manner = None;
        pair.client.app.global(prove(&[HOST_KEY]));
        pair.run();
        assert!(pair.client.app.global_replies()[1].0);
    }
}

#[test]
fn a_re_exchange_between_question_and_signature_changes_nothing() {
    for by_server in [false, true] {
        let mut pair = logged_in(Pair::builder());
        pair.server.app.manner(|seen| is_proof(seen).then_some(Answer::Keep));
        pair.client.app.global(prove(&[HOST_KEY, NEXT_KEY]));
        pair.run();
        if by_server {
            pair.server.conn.rekey();
        } else {
            pair.client.conn.rekey();
        }
        pair.run();
        assert_eq!(pair.server.conn.counters().exchanges, 2, "it does not wait for the proof");
        sign_kept(&mut pair);
        let replies = pair.client.app.global_replies();
        assert!(replies.len() == 1 && proved(&pair, &replies[0].1, &[HOST_KEY, NEXT_KEY]), "{}", pair.dump());

        // And one that runs while the last signature comes: the reply waits for its end.
        pair.client.app.global(prove(&[HOST_KEY]));
        pair.run();
        let proof = pair.server.app.kept.pop_front().expect("the proof");
        pair.server.app.manner(|seen| matches!(seen, Seen::Sign { .. }).then_some(Answer::Keep));
        pair.client.conn.rekey();
        pair.settle();
        let exchange = pair.server.app.kept.pop_front().expect("the exchange");
        let signed = |pair: &Pair, proof: bool| {
            let found = pair
                .server
                .app
                .seen
                .iter()
                .rev()
                .find(|seen| matches!(seen, Seen::Sign { .. }) && is_proof(seen) == proof);
            let Some(Seen::Sign { message, .. }) = found else { panic!("nothing to sign") };
            Reply::Signature(Some(key(HOST_KEY).sign("ssh-ed25519", message).expect("a signature")))
        };
        let reply = signed(&pair, true);
        proof.answer(&mut pair.server.conn, &reply, 1).expect("open");
        pair.settle();
        assert_eq!(pair.client.app.global_replies().len(), 1, "nothing leaves during the exchange");
        let reply = signed(&pair, false);
        exchange.answer(&mut pair.server.conn, &reply, 1).expect("open");
        pair.run();
        let replies = pair.client.app.global_replies();
        assert!(replies.len() == 2 && proved(&pair, &replies[1].1, &[HOST_KEY]), "{}", pair.dump());
    }
}
