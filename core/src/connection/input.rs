//! What came: lines, packets, and the messages of the transport. Logins are in [`login_client`](super::login_client) and
//! [`login_server`](super::login_server), channels in [`channels`](super::channels).

use super::Timer;
use super::ask::Kind;
use super::error::Error;
use super::machine::{Core, Found, Lent, Machine, Stage, Turn};
use super::round_trip::Probe;
use crate::auth::{self, client, server};
use crate::message::{Disconnect, Message, Ping, ServiceAccept, ServiceRequest};
use crate::transport::{Admit, Line, Next, Opened, admit};
use core::ops::Range;
use zeroize::Zeroize;

impl Machine {
    /// Takes the next thing that came, if it may be taken now.
    pub(crate) fn input(&mut self) -> Result<Turn, Error> {
        // While a host key is judged or a signature made, the peer has to wait as well.
        if self.core.kex_ask.is_some() {
            return Ok(Turn::Nothing);
        }
        if self.core.stage == Stage::Ident {
            return self.line();
        }
        let Opened::Payload(payload) = self.core.transport.receive(&mut self.lent.receive)? else {
            return self.nothing();
        };
        let number = self.lent.receive.slice(&payload).first().copied().unwrap_or_default();
        if self.core.login_waits() && number != 20 && !self.core.transport.rekeying() {
            return Ok(Turn::Nothing);
        }
        let sequence = self.core.transport.count_in(payload.len())?;
        self.core.keepalive.heard = self.core.now;
        self.core.keepalive.missed = 0;
        self.core.transport.trace.message(!self.core.server, self.lent.receive.slice(&payload));
        if core::mem::take(&mut self.core.ext_info_in_login) && number != 52 {
            // "Immediately preceding the server's SSH_MSG_USERAUTH_SUCCESS" (RFC 8308, section 2.4), and nowhere else.
            return Err(Error::Unexpected { number: 7 });
        }
        let verdict = admit(number, self.core.phase(), self.core.server);
        if self.core.stage == Stage::JustAfterNewKeys {
            self.core.stage = Stage::Service;
        }
        let found = match verdict {
            Admit::Allow => self.dispatch(number, &payload)?,
            Admit::Ignore => {
                self.core.transport.on_guess(number);
                None
            }
            Admit::Unimplemented if self.core.channels.unimplemented.push(sequence) => None,
            Admit::Unimplemented => return Err(Error::Flood),
            Admit::End(_) if number == 3 => return Err(Error::Unimplemented),
            Admit::End(_) => return Err(Error::Unexpected { number }),
        };
        if self.core.end.is_some() {
            return Ok(Turn::GoOn);
        }
        match found {
            Some(found) => {
                self.core.consume = true;
                Ok(Turn::Found(found))
            }
            None => {
                self.lent.receive.consume();
                Ok(Turn::GoOn)
            }
        }
    }

    /// Nothing whole is there; if nothing can follow, that is the end.
    fn nothing(&self) -> Result<Turn, Error> {
        if self.core.eof { Err(Error::Eof) } else { Ok(Turn::Nothing) }
    }

    /// The version exchange (RFC 4253, section 4.2).
    fn line(&mut self) -> Result<Turn, Error> {
        let limits = &self.lent.shared.settings().limits;
        let line = self.core.transport.before.read(self.lent.receive.pending(), !self.core.server, limits)?;
        match line {
            Line::Partial => self.nothing(),
            Line::Before(length) => {
                self.lent.receive.skip(length);
                Ok(Turn::GoOn)
            }
            Line::Ident(ident, length) => {
                self.lent.receive.skip(length);
                self.core.transport.take_ident(ident);
                self.core.stage = Stage::FirstExchange;
                Ok(Turn::GoOn)
            }
        }
    }

    /// An admitted message goes to its layer.
    fn dispatch(&mut self, number: u8, payload: &Range<usize>) -> Result<Option<Found>, Error> {
        let malformed = |what| Error::Malformed { number, what };
        match number {
            1 => {
                let bytes = self.lent.receive.slice(payload);
                let message = Disconnect::parse(bytes).map_err(malformed)?;
                // number, reason, length: the description stands behind them.
                let start = payload.start.saturating_add(9);
                let words = start..start.saturating_add(message.description.len());
                self.core.end_with(Error::Disconnected { code: message.reason }, None, Some(words), "");
                Ok(None)
            }
            // An answer to something that matters never comes now.
            3 if self.core.channels.awaits_answers() => Err(Error::Unimplemented),
            3 => Ok(None),
            5 => {
                if self.core.stage == Stage::Auth {
                    self.count_login_message()?;
                }
                let request = ServiceRequest::parse(self.lent.receive.slice(payload)).map_err(malformed)?;
                // "it SHOULD send an appropriate SSH_MSG_DISCONNECT message and MUST disconnect" (RFC 4253, section
                // 10).
                if request.service != auth::USERAUTH {
                    return Err(Error::Service);
                }
                self.core.logins.state = self.core.logins.state.on(server::Input::Service)?;
                self.core.service = true;
                Ok(None)
            }
            6 => {
                let accept = ServiceAccept::parse(self.lent.receive.slice(payload)).map_err(malformed)?;
                if accept.service != auth::USERAUTH || !self.core.service {
                    return Err(Error::Service);
                }
                self.core.round_trip.answered(Probe::Service, self.core.now);
                self.core.login = self.core.login.on(client::Input::ServiceAccepted)?;
                self.core.stage = Stage::Auth;
                Ok(None)
            }
            7 => {
                self.core.ext_info_in_login = self.core.stage == Stage::Auth;
                self.core.transport.on_ext_info(self.lent.receive.slice(payload)).map(|()| None)
            }
            20 => self.kexinit(payload),
            21 => {
                crate::message::NewKeys::parse(self.lent.receive.slice(payload)).map_err(malformed)?;
                // A server's REPLY is answered by the client's NEWKEYS.
                self.core.round_trip.answered(Probe::Exchange, self.core.now);
                self.core.transport.on_newkeys()?;
                if self.core.stage == Stage::FirstExchange {
                    self.core.stage = Stage::JustAfterNewKeys;
                }
                Ok(None)
            }
            30..=49 => self.exchange(payload),
            50 => self.login(payload),
            51..=53 | 60 => self.login_reply(number, payload),
            61 => self.info_response(payload),
            192 => {
                let ping = Ping::parse(self.lent.receive.slice(payload)).map_err(malformed)?;
                // No PONG without room, and none in a key exchange.
                if !self.core.transport.rekeying() {
                    self.core.transport.send(&|sink| crate::message::Pong::new(ping.data).write(sink))?;
                }
                Ok(None)
            }
            193 => {
                self.core.round_trip.answered(Probe::Alive, self.core.now);
                Ok(None)
            }
            _ => self.connection_message(number, payload),
        }
    }

    // Key exchange.

    fn kexinit(&mut self, payload: &Range<usize>) -> Result<Option<Found>, Error> {
        // The peer may be done with an exchange before our NEWKEYS found room; the next begins behind it.
        if self.core.transport.kex.owes_newkeys() {
            return Err(Error::Unexpected { number: 20 });
        }
        if matches!(self.core.stage, Stage::JustAfterNewKeys | Stage::Service | Stage::Auth) {
            self.core.rekeys_before_login = self.core.rekeys_before_login.saturating_add(1);
            if self.core.rekeys_before_login > 1 {
                return Err(Error::RekeyBeforeLogin);
            }
        }
        if !self.core.timers.is_set(Timer::KeyExchange) {
            let time = self.core.settings().kex_time;
            self.core.timers.set(Timer::KeyExchange, self.core.now.plus(time));
        }
        match self.core.transport.on_kexinit(self.lent.receive.slice(payload)) {
            Err(Error::NothingInCommon(list)) => {
                let offers = Some((list, payload.clone()));
                self.core.end_with(Error::NothingInCommon(list), offers, None, "");
                Ok(None)
            }
            result => result.map(|()| None),
        }
    }

    fn exchange(&mut self, payload: &Range<usize>) -> Result<Option<Found>, Error> {
        self.core.round_trip.answered(Probe::Exchange, self.core.now);
        let next = self.core.transport.on_exchange(self.lent.receive.slice(payload))?;
        self.lent.hash = self.core.transport.kex.hash;
        self.lent.hash_len = self.core.transport.kex.hash_len;
        match next {
            Next::Nothing => Ok(None),
            Next::AskTrust => {
                let serial = self.core.serial()?;
                self.core.kex_ask = Some(serial);
                let ticket = self.core.lend(serial, Kind::HostKey, 0);
                Ok(Some(Found::HostKey { payload: payload.clone(), ticket }))
            }
            Next::AskSignature => {
                let serial = self.core.serial()?;
                self.core.kex_ask = Some(serial);
                let ticket = self.core.lend(serial, Kind::Signature, KEX_SLOT);
                Ok(Some(Found::Sign { slot: KEX_SLOT, ticket }))
            }
        }
    }
}

/// The slot numbers of signature questions: for a key exchange, for a login, for the proof of a host key.
pub(crate) const KEX_SLOT: u16 = 0;
pub(crate) const LOGIN_SLOT: u16 = 1;
pub(crate) const PROOF_SLOT: u16 = 2;

impl Core {
    /// Puts a composed login into the slot from which it is signed and sent.
    pub(crate) fn place_draft(&mut self, lent: &mut Lent) {
        if !self.draft.is_empty() {
            lent.login.zeroize();
            core::mem::swap(&mut lent.login, &mut self.draft);
        }
    }
}
