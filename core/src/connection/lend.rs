//! The one place that borrows: located events become slices and rights to answer.
//!
//! Every message here was read once already when it was found, so reading it again cannot fail.

use super::ask::{Asking, Refusal};
use super::config::{Config, Shared};
use super::error::{CloseReason, Offers, OwnNames};
use super::event::{Purpose, channel, client, global, server};
use super::input::PROOF_SLOT;
use super::machine::{Core, Found, Lent, OnChannel};
use super::{Client, Server};
use crate::auth::{Identity, Step};
use crate::channel::{Global, Open, Request, Sent, Stream};
use crate::keys::PublicKey;
use crate::message::{
    ChannelOpen, ChannelOpenConfirmation, ChannelOpenFailure, ChannelRequest, ExchangeReply, GlobalRequest, KexInit,
    Message, PublicKeyOffer, RequestSuccess, UserauthBanner, UserauthFailure, UserauthInfoRequest,
    UserauthInfoResponse, UserauthPasswdChangereq, UserauthRequest, parse_hostbound, parse_interactive, parse_password,
};
use crate::wire::NameList;
use alloc::sync::Arc;
use core::ops::Range;

impl super::role::Sealed for Client {
    const SERVER: bool = false;

    fn share(config: Arc<Config<Client>>) -> Shared {
        Shared::Client(config)
    }

    fn lend<'a>(core: &'a mut Core, lent: &'a Lent, found: Found) -> Option<client::Event<'a>> {
        use client::Event;
        Some(match found {
            Found::HostKey { payload, ticket } => {
                let reply = ExchangeReply::parse(lent.receive.slice(&payload)).ok()?;
                let exchange =
                    client::Exchange { hash: lent.hash.get(..usize::from(lent.hash_len))?, signature: reply.signature };
                Event::HostKey { key: PublicKey::new(reply.host_key), exchange, ask: Asking::new(core, lent, ticket) }
            }
            Found::LoginNeeded { payload, ticket } => {
                let failure: Option<UserauthFailure<'a>> = match payload {
                    Some(payload) => Some(read(lent, &payload)?),
                    None => None,
                };
                Event::LoginNeeded {
                    methods: failure.map(|failure| failure.methods),
                    partial: failure.is_some_and(|failure| failure.partial),
                    ask: Asking::new(core, lent, ticket),
                }
            }
            Found::Sign { ticket, .. } => {
                let signing = crate::auth::client::signing(&lent.login)?;
                Event::Sign {
                    purpose: signing.purpose,
                    algorithm: signed_by(lent, signing.algorithm),
                    key: PublicKey::new(signing.key),
                    message: &lent.login,
                    ask: Asking::new(core, lent, ticket),
                }
            }
            Found::Banner { payload } => Event::Banner(read::<UserauthBanner<'a>>(lent, &payload)?.text),
            Found::Prompts { payload, ticket } => {
                let request: UserauthInfoRequest<'a> = read(lent, &payload)?;
                let UserauthInfoRequest { name, instruction, prompts, .. } = request;
                Event::Prompts { name, instruction, prompts, ask: Asking::new(core, lent, ticket) }
            }
            Found::PasswordExpired { payload, ticket } => {
                let prompt = read::<UserauthPasswdChangereq<'a>>(lent, &payload)?.prompt;
                Event::PasswordExpired { prompt, ask: Asking::new(core, lent, ticket) }
            }
            Found::Ready if core.attempt.interactive => Event::Ready { method: crate::auth::INTERACTIVE },
            Found::Ready => Event::Ready { method: client_method(&lent.login)? },
            Found::Room => Event::Room,
            Found::Channel(handle, event) => Event::Channel(handle, lend_channel(core, lent, event)?),
            Found::Global { payload, ticket } => {
                let request = global_request(lent, &payload)?;
                let ask = ticket.map(|ticket| Asking::new(core, lent, ticket));
                Event::Global(global::Event::Requested { request, ask })
            }
            Found::GlobalReplied { payload, sent, ok } => {
                Event::Global(global::Event::Replied { to: Sent(sent), ok, data: reply_data(lent, &payload) })
            }
            Found::Closed => Event::Closed(closed(core, lent)?),
            Found::KeyQuery { .. } | Found::Login { .. } => return None,
        })
    }
}

impl super::role::Sealed for Server {
    const SERVER: bool = true;

    fn share(config: Arc<Config<Server>>) -> Shared {
        Shared::Server(config)
    }

    fn lend<'a>(core: &'a mut Core, lent: &'a Lent, found: Found) -> Option<server::Event<'a>> {
        use server::Event;
        Some(match found {
            Found::Sign { slot: PROOF_SLOT, ticket } => {
                let key = lent.shared.settings().host_keys.get(core.proof_key()?)?;
                Event::Sign {
                    purpose: Purpose::HostKeyProof,
                    algorithm: key.algorithm.certified().unwrap_or(key.algorithm).name(),
                    key: PublicKey::new(&key.blob),
                    message: &lent.login,
                    ask: Asking::new(core, lent, ticket),
                }
            }
            Found::Sign { ticket, .. } => {
                let host = core.transport.kex.chosen()?.host;
                Event::Sign {
                    purpose: Purpose::KeyExchange,
                    algorithm: host.certified().unwrap_or(host).name(),
                    key: PublicKey::new(&lent.shared.host_key(host)?.blob),
                    message: lent.hash.get(..usize::from(lent.hash_len))?,
                    ask: Asking::new(core, lent, ticket),
                }
            }
            Found::KeyQuery { payload, ticket } => {
                let request: UserauthRequest<'a> = read(lent, &payload)?;
                let offer = offered(&request)?;
                let ask = Asking::new(core, lent, ticket);
                Event::KeyQuery { user: request.user, key: PublicKey::new(offer.key), ask }
            }
            Found::Login { payload, ticket, steps, accepted } => {
                let so_far = Identity::new(lent.login.get(..accepted)?)?;
                let judged = Identity::new(&lent.login)?.steps().nth(steps)?;
                let method = login_method(lent.receive.slice(&payload), &judged)?;
                Event::Login { user: so_far.user(), method, so_far, ask: Asking::new(core, lent, ticket) }
            }
            Found::Ready => Event::Ready { identity: Identity::new(&lent.login)? },
            Found::Room => Event::Room,
            Found::Channel(handle, event) => Event::Channel(handle, lend_channel(core, lent, event)?),
            Found::Global { payload, ticket } => {
                let request = global_request(lent, &payload)?;
                let ask = ticket.map(|ticket| Asking::new(core, lent, ticket));
                Event::Global(global::Event::Requested { request, ask })
            }
            Found::GlobalReplied { payload, sent, ok } => {
                Event::Global(global::Event::Replied { to: Sent(sent), ok, data: reply_data(lent, &payload) })
            }
            Found::Closed => Event::Closed(closed(core, lent)?),
            Found::HostKey { .. }
            | Found::LoginNeeded { .. }
            | Found::Banner { .. }
            | Found::Prompts { .. }
            | Found::PasswordExpired { .. } => return None,
        })
    }
}

/// Reads a message again.
fn read<'a, M: Message<'a>>(lent: &'a Lent, payload: &Range<usize>) -> Option<M> {
    M::parse(lent.receive.slice(payload)).ok()
}

/// The name of the algorithm that signs: a certificate's has another name than its key's, and the signature names the key's.
fn signed_by<'a>(lent: &Lent, algorithm: &'a str) -> &'a str {
    let row = lent.shared.settings().provider.signatures().iter().find(|row| row.name() == algorithm);
    row.and_then(|row| row.certified()).map_or(algorithm, |plain| plain.name())
}

/// The method of a client's login, under the one name that both forms of `publickey` have.
fn client_method(login: &[u8]) -> Option<&str> {
    let method = crate::auth::client::parsed(login)?.method.0;
    Some(if method == crate::auth::HOSTBOUND { crate::auth::PUBLICKEY } else { method })
}

/// The key of a query.
fn offered<'a>(request: &UserauthRequest<'a>) -> Option<PublicKeyOffer<'a>> {
    let fields = request.fields.0;
    match request.method.0 {
        crate::auth::HOSTBOUND => parse_hostbound(fields).map(|(offer, _)| offer).ok(),
        _ => PublicKeyOffer::parse(fields).ok(),
    }
}

/// A request or answers, with what was recorded of the step.
fn login_method<'a>(payload: &'a [u8], judged: &Step<'a>) -> Option<server::Method<'a>> {
    use server::Method;
    if let Ok(answers) = UserauthInfoResponse::parse(payload) {
        return Some(Method::Interactive { submethods: &[], responses: Some(answers.responses) });
    }
    let request = UserauthRequest::parse(payload).ok()?;
    let fields = request.fields.0;
    Some(match request.method.0 {
        "none" => Method::None,
        "password" => match parse_password(fields).ok()? {
            (password, None) => Method::Password(password.0),
            (old, Some(new)) => Method::NewPassword { old: old.0, new: new.0 },
        },
        crate::auth::INTERACTIVE => {
            Method::Interactive { submethods: parse_interactive(fields).ok()?, responses: None }
        }
        crate::auth::PUBLICKEY | crate::auth::HOSTBOUND => Method::PublicKey {
            algorithm: judged.algorithm,
            key: judged.key?,
            security_key: judged.security_key,
            host_bound: request.method.0 == crate::auth::HOSTBOUND,
        },
        crate::auth::HOSTBASED => Method::HostBased {
            algorithm: judged.algorithm,
            key: judged.key?,
            host: judged.host?,
            user: judged.host_user?,
        },
        method => Method::Other { method, fields },
    })
}

fn global_request<'a>(lent: &'a Lent, payload: &Range<usize>) -> Option<Global<'a>> {
    let message: GlobalRequest<'a> = read(lent, payload)?;
    Global::parse(message.name.0, message.want_reply, message.body.0).ok()
}

fn reply_data<'a>(lent: &'a Lent, payload: &Range<usize>) -> &'a [u8] {
    read::<RequestSuccess<'a>>(lent, payload).map_or(&[], |success| success.body.0)
}

fn lend_channel<'a>(core: &'a mut Core, lent: &'a Lent, event: OnChannel) -> Option<channel::Event<'a>> {
    use channel::Event;
    Some(match event {
        OnChannel::Requested { payload, ticket } => {
            let message: ChannelOpen<'a> = read(lent, &payload)?;
            let open = Open::parse(message.kind.0, message.body.0).ok()?;
            Event::Requested { open, ask: Asking::new(core, lent, ticket) }
        }
        OnChannel::Opened { payload } => {
            Event::Opened { data: read::<ChannelOpenConfirmation<'a>>(lent, &payload)?.body.0 }
        }
        OnChannel::Refused { payload } => {
            let message: ChannelOpenFailure<'a> = read(lent, &payload)?;
            Event::Refused(Refusal { reason: message.reason, text: message.description })
        }
        OnChannel::Writable => Event::Writable,
        OnChannel::Data { stderr, bytes } => Event::Data {
            stream: if stderr { Stream::Stderr } else { Stream::Main },
            bytes: lent.receive.slice(&bytes),
        },
        OnChannel::Request { payload, ticket } => {
            let message: ChannelRequest<'a> = read(lent, &payload)?;
            let request = Request::parse(message.name.0, message.want_reply, message.body.0).ok()?;
            Event::Request { request, ask: ticket.map(|ticket| Asking::new(core, lent, ticket)) }
        }
        OnChannel::Replied { sent, ok } => Event::Replied { to: Sent(sent), ok },
        OnChannel::Eof => Event::Eof,
        OnChannel::Closed => Event::Closed,
    })
}

fn closed<'a>(core: &Core, lent: &'a Lent) -> Option<CloseReason<'a>> {
    let end = core.end.as_ref()?;
    let offers = end.offers.as_ref().and_then(|(list, payload)| {
        let theirs = theirs(*list, &read(lent, payload)?);
        Some(Offers { list: *list, ours: OwnNames { settings: lent.shared.settings(), list: *list }, theirs })
    });
    let words = end.words.as_ref().map_or(&[][..], |words| lent.receive.slice(words));
    Some(CloseReason { error: end.error, state: end.state, offers, words })
}

fn theirs<'a>(list: super::error::List, kexinit: &KexInit<'a>) -> NameList<'a> {
    use super::error::List;
    match list {
        List::Kex => kexinit.kex,
        List::HostKey => kexinit.host_key,
        List::CipherClientToServer => kexinit.cipher_c2s,
        List::CipherServerToClient => kexinit.cipher_s2c,
        List::MacClientToServer => kexinit.mac_c2s,
        List::MacServerToClient => kexinit.mac_s2c,
        List::CompressionClientToServer => kexinit.compression_c2s,
        List::CompressionServerToClient => kexinit.compression_s2c,
    }
}
