//! Parsers: what they read they write again, and nothing makes them panic.

use crate::UnixTime;
use crate::channel::{Global, Open, Request};
use crate::crypto::{KexShape, Random, Seed};
use crate::danger::{Method, Phase, Step, admit};
use crate::files::known_hosts::Known;
use crate::files::{AuthorizedPrincipals, TrustedKeys, authorized_keys, config, known_hosts, network, pattern};
use crate::keys::{Fingerprint, PublicKey, PublicKeyLine, SignatureBlob, ed25519_blob};
use crate::message::*;
use crate::signer::PrivateKey;
use crate::wire::{Counter, NameList, Sink, SliceSink};
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::net::IpAddr;

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

const CONTEXTS: [Context; 6] = [
    Context::Always,
    Context::InitReply,
    Context::GroupExchange,
    Context::PublicKey,
    Context::Password,
    Context::Interactive,
];

/// One message: a payload, number first.
pub fn messages(data: &[u8]) {
    let mut line = String::new();
    for context in CONTEXTS {
        line.clear();
        crate::trace::show(data.len().is_multiple_of(2), context, data, &mut line).unwrap();
        // Fields are cut, but there may be many of them, and name-lists are shown whole.
        assert!(line.len() <= 1000 + 4 * data.len() && !line.contains('\n'), "{line:?}");
    }
    macro_rules! every {
        ($($message:ident)*) => { $(again::<$message<'_>>(data);)* };
    }
    every! {
        Disconnect Ignore Unimplemented Debug ServiceRequest ServiceAccept ExtInfo KexInit NewKeys KexEcdhInit
        KexEcdhReply KexDhGexRequest KexDhGexGroup KexDhGexInit KexDhGexReply UserauthRequest UserauthFailure
        UserauthSuccess UserauthBanner UserauthPkOk UserauthPasswdChangereq UserauthInfoRequest UserauthInfoResponse GlobalRequest
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
        let _host = HostBasedOffer::parse(message.fields.0);
        let _bound = parse_hostbound(message.fields.0);
        let _submethods = parse_interactive(message.fields.0);
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
    let shape = if data.len().is_multiple_of(3) { KexShape::GroupExchange } else { KexShape::InitReply };
    for step in [Step::Guess, Step::Group, Step::Exchange, Step::Own, Step::NewKeys] {
        let methods = [Method::Idle, Method::Open, Method::Probe, Method::Password, Method::Interactive];
        let auth = methods.map(|method| Phase::Auth { method });
        let kex = [true, false].map(|strict| Phase::Kex { shape, step, strict });
        for phase in auth.into_iter().chain(kex).chain([Phase::Open, Phase::Rekey { shape, step }]) {
            let _verdict = admit(data.first().copied().unwrap_or(0), phase, data.len().is_multiple_of(2));
        }
    }
}

/// A text file: known_hosts, authorized_keys or a configuration.
pub fn files(data: &[u8]) {
    more_files(data);
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

/// The parsers of the text files whose answers are more than a yes: what is edited, permitted and set.
fn more_files(data: &[u8]) {
    let (blob, other) = (ed25519_blob(&[7; 32]), ed25519_blob(&[8; 32]));
    let (key, other) = (PublicKey::new(&blob), PublicKey::new(&other));
    let checked = |text: &[u8], key: PublicKey<'_>| known_hosts::KnownHosts::new(text).check("a.b", 2222, key.blob());
    let entries = |text: &[u8]| known_hosts::KnownHosts::new(text).entries().count();
    let replaced = known_hosts::replace(data, "a.b", 2222, key, other).unwrap();
    assert!(replaced.changed > 0 || replaced.text == data);
    assert!(replaced.changed == 0 || matches!(checked(&replaced.text, other), Known::Match | Known::Revoked));
    assert_eq!(entries(&replaced.text), entries(data));
    let removed = known_hosts::remove(data, "a.b", 2222);
    assert!(removed.text.len() <= data.len() && known_hosts::remove(&removed.text, "a.b", 2222).changed == 0);
    assert_eq!(entries(&removed.text) + removed.changed, entries(data));
    // A line that becomes too long would be lost.
    if data.len() < 60_000 {
        let hashed = known_hosts::hash_names(data, &mut Random::new(&Seed::new([4; 32])));
        let same = core::mem::discriminant(&checked(&hashed.text, key)) == core::mem::discriminant(&checked(data, key));
        assert!(same, "a hashed name is the same name");
    }
    let authorities = known_hosts::KnownHosts::new(data).authorities("a.b", 2222);
    assert!(!(authorities.trusts(key) && authorities.revoked(key)));
    let visitor = authorized_keys::Visitor::new("10.1.2.3".parse().ok(), UnixTime(1 << 31)).host(Some("a.b"));
    let look = |permissions: &authorized_keys::Permissions<'_>| {
        assert!(permissions.port_forwarding || !permissions.may_open("a.b", 80) && !permissions.may_listen("a.b", 80));
        let _looks = (permissions.admits(&visitor), permissions.accepts_principal(b"a", b"b"));
    };
    for entry in authorized_keys::AuthorizedKeys::new(data).entries() {
        look(entry.permissions());
    }
    for entry in AuthorizedPrincipals::new(data).entries() {
        look(entry.permissions());
        assert!(!entry.principal().is_empty());
    }
    assert_eq!(TrustedKeys::new(data).trusts(key), TrustedKeys::new(data).keys().any(|line| line.key() == key));
    settings(config::Reading::client(config::ClientFacts::new("a.b")), data);
    settings(config::Reading::server(None), data);
    let mut facts = config::ServerFacts::default();
    (facts.user, facts.host, facts.address) = (Some("a"), Some("a.b"), "10.1.2.3".parse().ok());
    settings(config::Reading::server(Some(facts)), data);
    let Ok(text) = core::str::from_utf8(data) else { return };
    if let Ok(Some(network)) = network::Network::parse(text) {
        let address = text.split('/').next().and_then(|address| address.parse().ok());
        // One that is mapped into IPv6 is no address of IPv6.
        assert!(address.is_none_or(|address: IpAddr| network.contains(address) || address.to_canonical() != address));
    }
    assert_eq!(network::address_list(text, None).is_err(), network::address_list(text, "::1".parse().ok()).is_err());
    let _reads = (authorized_keys::Expiry::parse(text), authorized_keys::Permit::listen(text));
    let _expanded = config::tokens::expand_with_variables(text, &[('h', "a.b")], |name| Some(name.to_string()));
    if let Some(list) = config::AlgorithmList::parse(text) {
        let names = ["a", "b", "ab"];
        assert!(list.apply(&names, &names).is_ok_and(|result| result.len() <= 3) || list.names().count() > 0);
    }
}

/// Every line, with an `Include` of the same text one level deep.
fn settings(mut reading: config::Reading<'_>, data: &[u8]) {
    for line in config::directives("f", data).flatten() {
        if reading.take(&line).is_ok_and(|patterns| patterns.is_some()) {
            reading.enter(&line).unwrap();
            for line in config::directives("f", data).flatten() {
                let _taken = reading.take(&line).is_ok();
            }
            reading.leave();
        }
    }
    let settings = reading.settings();
    for setting in settings.all() {
        assert!(settings.first(setting.keyword()).is_some());
        let _reads = (setting.yes_no(), setting.number(), setting.port(), setting.mode(), setting.time());
        let _reads = (setting.rekey_limit(), setting.algorithms(), setting.variables().len(), setting.rest());
        assert!(!setting.error("x").to_string().is_empty());
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
            for algorithm in key.algorithms() {
                let signature = key.sign(algorithm, b"message").unwrap();
                assert!(SignatureBlob::parse(&signature).is_ok());
            }
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
