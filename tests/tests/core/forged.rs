//! A login by key is let in for a signature over exactly that request, on exactly this connection: not one of the
//! signed fields may be another, on either side of the signature (sunset, commit 3f414c5).

use sansh_testkit::apps::{Actor, Answer};
use sansh_testkit::pair::{HOST_KEY, Pair, key};
use sansh_testkit::raw::strings;
use sansh_testkit::told::{By, Reply, Seen};

const USER_KEY: u8 = 7;

/// A server, and a client that has not tried anything.
fn waiting() -> Pair {
    let mut pair = Pair::builder()
        .trace(0)
        .client(|config| {
            config.kex("curve25519-sha256").expect("kex");
        })
        .build();
    pair.client.app.manner(|seen| matches!(seen, Seen::LoginNeeded { .. }).then_some(Answer::Keep));
    pair.server.app.manner(|seen| matches!(seen, Seen::Login { .. }).then_some(Answer::Now(Reply::Admit)));
    pair.run();
    pair
}

/// The fields of the signed text, one by one; all but the first are the request.
type Fields = Vec<Vec<u8>>;

fn string(bytes: &[u8]) -> Vec<u8> {
    strings(&[bytes])
}

fn public_key(pair: &Pair) -> Fields {
    let session = pair.client.conn.session_id().expect("exchanged");
    let names = [&b"user"[..], b"ssh-connection", b"publickey"].map(string);
    let key = [&b"ssh-ed25519"[..], key(USER_KEY).public_blob()].map(string);
    [&[string(session), vec![50]], &names[..], &[vec![1]], &key].concat()
}

fn host_bound(pair: &Pair) -> Fields {
    let mut fields = public_key(pair);
    fields[4] = string(b"publickey-hostbound-v00@openssh.com");
    fields.push(string(key(HOST_KEY).public_blob()));
    fields
}

fn host_based(pair: &Pair) -> Fields {
    let mut fields = public_key(pair);
    fields[4] = string(b"hostbased");
    fields.remove(5);
    fields.extend([&b"client.example."[..], b"localuser"].map(string));
    fields
}

const METHODS: [fn(&Pair) -> Fields; 3] = [public_key, host_bound, host_based];

fn sign(fields: &Fields) -> Vec<u8> {
    string(&key(USER_KEY).sign("ssh-ed25519", &fields.concat()).expect("a signature"))
}

/// Whether the application heard of a login by key, and whether anybody is in.
fn came_of(mut pair: Pair, request: &[u8]) -> (bool, bool) {
    sansh::danger::send_payload(&mut pair.client.conn, request);
    pair.settle();
    let keyed = |by: &By| matches!(by, By::PublicKey { .. } | By::HostBased { .. });
    let heard = |app: &Actor| app.saw(|seen| matches!(seen, Seen::Login { by, .. } if keyed(by)));
    (heard(&pair.server.app), pair.server.app.is_ready())
}

#[test]
fn the_honest_request_is_let_in() {
    for fields in METHODS {
        let pair = waiting();
        let fields = fields(&pair);
        let request = [fields[1..].concat(), sign(&fields)].concat();
        assert_eq!(came_of(pair, &request), (true, true));
    }
}

/// What stands in the place of a field: every kind of difference.
fn others(field: &[u8]) -> Vec<Vec<u8>> {
    let mut others = Vec::new();
    let (mut first, mut last) = (field.to_vec(), field.to_vec());
    first[field.len().min(5) - 1] ^= 1;
    *last.last_mut().expect("a byte") ^= 0x80;
    others.extend([first, last]);
    if field.len() > 4 {
        let content = &field[4..];
        others.extend([string(&content[1..]), string(&[content, b"x"].concat()), string(b"")]);
    }
    others
}

/// "The value of 'signature' is a signature by the corresponding private key over the following data, in the following
/// order" (RFC 4252, section 7; likewise section 9): all eight fields, or nine.
#[test]
fn a_signature_over_another_text_is_worth_nothing() {
    for fields in METHODS {
        let honest = fields(&waiting());
        assert!(honest.len() >= 8);
        for at in 0..honest.len() {
            let count = others(&honest[at]).len();
            for n in 0..count {
                let pair = waiting();
                let honest = fields(&pair);
                let mut signed = honest.clone();
                signed[at] = others(&honest[at])[n].clone();
                let request = [honest[1..].concat(), sign(&signed)].concat();
                assert_eq!(came_of(pair, &request), (false, false), "field {at} was signed as {:?}", signed[at]);
            }
        }
        let pair = waiting();
        let honest = fields(&pair);
        let unbound = sign(&honest[1..].to_vec());
        assert_eq!(came_of(pair, &[honest[1..].concat(), unbound].concat()), (false, false), "no session identifier");
    }
}

#[test]
fn a_request_with_any_other_byte_is_worth_nothing() {
    for fields in METHODS {
        let pair = waiting();
        let honest = fields(&pair);
        let request = [honest[1..].concat(), sign(&honest)].concat();
        for at in 1..request.len() {
            let pair = waiting();
            // Each connection has the same seeds, and so the same session identifier.
            assert_eq!(string(pair.client.conn.session_id().expect("exchanged")), honest[0]);
            let mut other = request.clone();
            other[at] ^= 1 << (at % 8);
            assert_eq!(came_of(pair, &other), (false, false), "byte {at} of {}", request.len());
        }
    }
}

#[test]
fn a_signature_for_one_method_is_none_for_another() {
    for (signed, sent) in [(0, 1), (1, 0), (0, 2), (2, 0)] {
        let pair = waiting();
        let (signed, sent) = (METHODS[signed](&pair), METHODS[sent](&pair));
        let request = [sent[1..].concat(), sign(&signed)].concat();
        assert_eq!(came_of(pair, &request), (false, false));
    }
}

#[test]
fn a_question_with_a_signature_behind_it_is_no_login() {
    let pair = waiting();
    let honest = public_key(&pair);
    let mut asked = honest.clone();
    asked[5] = vec![0];
    for signed in [&honest, &asked] {
        let request = [asked[1..].concat(), sign(signed)].concat();
        assert_eq!(came_of(waiting(), &request), (false, false));
    }
}
