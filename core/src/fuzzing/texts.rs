//! Parsers: what they read they write again, and nothing makes them panic.

use crate::channel::{Global, Open, Request};
use crate::crypto::{Random, Seed};
use crate::danger::{Method, Phase, Step, admit};
use crate::files::{authorized_keys, config, known_hosts, pattern};
use crate::keys::{Fingerprint, PublicKey, PublicKeyLine, SignatureBlob, ed25519_blob};
use crate::message::*;
use crate::signer::PrivateKey;
use crate::wire::{Counter, NameList, Sink, SliceSink};
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

fn written(write: impl Fn(&mut dyn Sink)) -> Vec<u8> {
    let mut counter = Counter::default();
    write(&mut counter);
    let mut bytes = vec![0; counter.0];
    let mut sink = SliceSink::new(&mut bytes);
    write(&mut sink);
    assert_eq!(sink.written(), Some(counter.0), "a message is as long as it says");
    bytes
}

/// A message that can be read is written as it was; only a TRUE has more than one form.
fn again<'a, M: Message<'a> + PartialEq + core::fmt::Debug>(data: &'a [u8]) {
    let Ok(message) = M::parse(data) else { return };
    let bytes = written(|sink| message.write(sink));
    assert_eq!(bytes.len(), encoded_len(&message));
    assert_eq!(bytes.len(), data.len(), "{message:?}");
    for (ours, theirs) in bytes.iter().zip(data) {
        assert!(ours == theirs || (*ours == 1 && *theirs > 1), "{message:?}");
    }
    message.show(&mut String::new()).unwrap();
}

/// One message: a payload, number first.
pub fn messages(data: &[u8]) {
    let mut line = String::new();
    crate::trace::show(data.len().is_multiple_of(2), data, &mut line).unwrap();
    // Fields are cut, but there may be many of them, and name-lists are shown whole.
    assert!(line.len() <= 1000 + 4 * data.len() && !line.contains('\n'), "{line:?}");
    macro_rules! every {
        ($($message:ident)*) => { $(again::<$message<'_>>(data);)* };
    }
    every! {
        Disconnect Ignore Unimplemented Debug ServiceRequest ServiceAccept ExtInfo KexInit NewKeys KexEcdhInit
        KexEcdhReply UserauthRequest UserauthFailure UserauthSuccess UserauthBanner UserauthPkOk GlobalRequest
        RequestSuccess RequestFailure ChannelOpen ChannelOpenConfirmation ChannelOpenFailure ChannelWindowAdjust
        ChannelData ChannelExtendedData ChannelEof ChannelClose ChannelRequest ChannelSuccess ChannelFailure Ping Pong
    }
    if let Ok(message) = ExtInfo::parse(data) {
        let extensions = message.extensions().count();
        assert!(extensions <= data.len() && extensions as u64 <= u64::from(message.count));
    }
    if let Ok(message) = UserauthRequest::parse(data) {
        let _offer = PublicKeyOffer::parse(message.fields.0);
        let _password = parse_password(message.fields.0);
    }
    if let Ok(message) = ChannelOpen::parse(data)
        && let Ok(open) = Open::parse(message.kind.0, message.body.0)
    {
        let body = written(|sink| open.body(sink));
        assert_eq!(Open::parse(open.kind(), &body), Ok(open));
    }
    if let Ok(message) = ChannelRequest::parse(data)
        && let Ok(request) = Request::parse(message.name.0, message.want_reply, message.body.0)
    {
        let bytes = written(|sink| request.write(message.recipient, sink));
        let message = ChannelRequest::parse(&bytes).unwrap();
        assert_eq!(Request::parse(message.name.0, message.want_reply, message.body.0), Ok(request));
    }
    if let Ok(message) = GlobalRequest::parse(data)
        && let Ok(global) = Global::parse(message.name.0, message.want_reply, message.body.0)
    {
        let bytes = written(|sink| global.write(sink));
        let message = GlobalRequest::parse(&bytes).unwrap();
        assert_eq!(Global::parse(message.name.0, message.want_reply, message.body.0), Ok(global));
    }
    if let Ok(list) = NameList::parse(data) {
        assert!(list.names().all(|name| list.contains(name)));
    }
    for step in [Step::Guess, Step::Exchange, Step::Own, Step::NewKeys] {
        let auth = [Method::Idle, Method::Open, Method::Probe].map(|method| Phase::Auth { method });
        let kex = [true, false].map(|strict| Phase::Kex { step, strict });
        for phase in auth.into_iter().chain(kex).chain([Phase::Open, Phase::Rekey { step }]) {
            let _verdict = admit(data.first().copied().unwrap_or(0), phase, data.len().is_multiple_of(2));
        }
    }
}

/// A text file: known_hosts, authorized_keys or a configuration.
pub fn files(data: &[u8]) {
    let blob = ed25519_blob(&[7; 32]);
    let known = known_hosts::KnownHosts::new(data);
    let keys = authorized_keys::AuthorizedKeys::new(data);
    let lines = data.split(|byte| *byte == b'\n').count();
    for host in ["a.b", "::1", ""] {
        let matches = known.entries_for(host, 2222).filter(|entry| entry.key().blob() == blob).count();
        if known.check(host, 2222, &blob) == known_hosts::Known::Match {
            assert!(matches > 0, "a match in no line");
        }
    }
    assert!(known.entries().count() + known.malformed().count() <= lines);
    assert!(keys.entries().count() + keys.malformed().count() <= lines);
    for entry in keys.entries().chain(keys.find_all(&blob)) {
        assert!((1..=lines).contains(&entry.line()));
        let options = entry.options().count();
        assert!(entry.unenforced(&["command"]).count() <= options);
        let _looks = (entry.is_authority(), entry.comment(), entry.key().fingerprint());
    }
    assert_eq!(keys.find(&blob).is_some(), keys.find_all(&blob).next().is_some());
    for directive in config::directives("f", data) {
        let directive = match directive {
            Ok(directive) => directive,
            Err(error) => {
                assert!(!error.to_string().is_empty());
                continue;
            }
        };
        let _looks = (directive.keyword(), directive.includes().map(<[_]>::len), directive.at_most(2));
        for argument in directive.arguments() {
            let _read = (argument.yes_no(), argument.size(), argument.time(), argument.port(), argument.number());
            let _read = (argument.address().is_ok(), argument.one_of(&["yes", "no"]).is_ok());
            let _read = config::value::listen(argument.text());
            let _verdict = pattern::comma_list(argument.text(), "a.b", pattern::Case::Fold);
        }
    }
    if let Some((host, pattern)) = core::str::from_utf8(data).ok().and_then(|text| text.split_once('\n')) {
        let _verdict = pattern::glob(pattern, host, pattern::Case::Fold);
        let _verdict = pattern::comma_list(pattern, host, pattern::Case::Fold);
        let key = PublicKey::new(&blob);
        // What is written is found again, whatever the host is called.
        let random = &mut Random::new(&Seed::new([5; 32]));
        let hashed = known_hosts::hashed_line_for(host, 2222, key, random);
        for line in [known_hosts::line_for(host, 2222, key), hashed].into_iter().flatten() {
            let known = known_hosts::KnownHosts::new(&line);
            assert_eq!(known.check(host, 2222, &blob), known_hosts::Known::Match, "{line:?}");
            assert_eq!(line.lines().count(), 1);
        }
    }
}

/// A key: a private key file (or the bytes inside one), a line, a blob or a signature.
pub fn keys(data: &[u8]) {
    let random = &mut Random::new(&Seed::new([6; 32]));
    let mut wrapped = String::from("-----BEGIN OPENSSH PRIVATE KEY-----\n");
    crate::keys::encode::push_base64(&mut wrapped, data).unwrap();
    wrapped.push_str("\n-----END OPENSSH PRIVATE KEY-----\n");
    for text in [data, wrapped.as_bytes()] {
        if let Ok(key) = PrivateKey::from_openssh(text) {
            let file = key.to_openssh(random).unwrap();
            let again = PrivateKey::from_openssh(file.as_bytes()).unwrap();
            assert_eq!((key.public_blob(), key.comment()), (again.public_blob(), again.comment()));
            let signature = key.sign(key.algorithms()[0], b"message").unwrap();
            assert!(SignatureBlob::parse(&signature).is_ok());
        }
    }
    if let Ok(text) = core::str::from_utf8(data) {
        if let Ok(line) = PublicKeyLine::parse(text) {
            let written = line.key().line(line.comment());
            if let Ok(written) = written {
                assert_eq!(PublicKeyLine::parse(&written).as_ref(), Ok(&line));
            }
        }
        if let Ok(fingerprint) = text.parse::<Fingerprint>() {
            assert_eq!(fingerprint.to_string().parse::<Fingerprint>().as_ref().ok(), Some(&fingerprint));
        }
    }
    if let Ok(signature) = SignatureBlob::parse(data) {
        assert_eq!(signature.to_vec().unwrap(), data);
    }
    let key = PublicKey::new(data);
    match key.line("a comment") {
        Ok(line) => assert_eq!(PublicKeyLine::parse(&line).unwrap().key(), key),
        Err(_) => assert_eq!(key.key_type(), ""),
    }
    assert_eq!(key.to_string().parse::<Fingerprint>().as_ref().ok(), Some(&key.fingerprint()));
}
