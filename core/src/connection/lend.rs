//! The one place that borrows: located events become slices and rights to answer.
//!
//! Every message here was read once already when it was found, so reading it again cannot fail.

use super::ask::{Asking, Refusal};
use super::config::{Config, Shared};
use super::error::{CloseReason, Offers, OwnNames};
use super::event::{Purpose, channel, client, global, server};
use super::machine::{Core, Found, Lent, OnChannel};
use super::{Client, Server};
use crate::auth::Identity;
use crate::channel::{Global, Open, Request, Sent, Stream};
use crate::keys::PublicKey;
use crate::message::{
    ChannelOpen, ChannelOpenConfirmation, ChannelOpenFailure, ChannelRequest, GlobalRequest, KexEcdhReply, KexInit,
    Message, PublicKeyOffer, RequestSuccess, UserauthBanner, UserauthFailure, UserauthRequest, parse_password,
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
                let reply: KexEcdhReply<'a> = read(lent, &payload)?;
                Event::HostKey { key: PublicKey::new(reply.host_key), ask: Asking::new(core, lent, ticket) }
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
            Found::Sign { purpose, ticket } => {
                let offer = crate::auth::client::offer(&lent.login)?;
                Event::Sign {
                    purpose,
                    algorithm: offer.algorithm,
                    key: PublicKey::new(offer.key),
                    message: &lent.login,
                    ask: Asking::new(core, lent, ticket),
                }
            }
            Found::Banner { payload } => Event::Banner(read::<UserauthBanner<'a>>(lent, &payload)?.text),
            Found::Ready => Event::Ready { method: crate::auth::client::method(&lent.login)? },
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
            Found::Sign { ticket, .. } => {
                let host = core.transport.kex.chosen()?.host;
                Event::Sign {
                    purpose: Purpose::KeyExchange,
                    algorithm: host.name(),
                    key: PublicKey::new(&lent.shared.host_key(host)?.blob),
                    message: lent.hash.get(..usize::from(lent.hash_len))?,
                    ask: Asking::new(core, lent, ticket),
                }
            }
            Found::KeyQuery { payload, ticket } => {
                let request: UserauthRequest<'a> = read(lent, &payload)?;
                let offer = PublicKeyOffer::parse(request.fields.0).ok()?;
                let ask = Asking::new(core, lent, ticket);
                Event::KeyQuery { user: request.user, key: PublicKey::new(offer.key), ask }
            }
            Found::Login { payload, ticket, steps } => {
                let request: UserauthRequest<'a> = read(lent, &payload)?;
                let method = login_method(&request)?;
                Event::Login { user: request.user, method, steps, ask: Asking::new(core, lent, ticket) }
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
            Found::HostKey { .. } | Found::LoginNeeded { .. } | Found::Banner { .. } => return None,
        })
    }
}

/// Reads a message again.
fn read<'a, M: Message<'a>>(lent: &'a Lent, payload: &Range<usize>) -> Option<M> {
    M::parse(lent.receive.slice(payload)).ok()
}

fn login_method<'a>(request: &UserauthRequest<'a>) -> Option<server::Method<'a>> {
    let fields = request.fields.0;
    Some(match request.method.0 {
        "none" => server::Method::None,
        "password" => server::Method::Password(parse_password(fields).ok()?.0.0),
        "publickey" => {
            let offer = PublicKeyOffer::parse(fields).ok()?;
            server::Method::PublicKey { algorithm: offer.algorithm, key: PublicKey::new(offer.key) }
        }
        method => server::Method::Other { method, fields },
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
