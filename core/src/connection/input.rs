//! What came: lines, packets, and the messages of transport and login. Channels are in [`channels`](super::channels).

use super::Timer;
use super::ask::Kind;
use super::error::Error;
use super::event::Purpose;
use super::machine::{Core, Found, Lent, Machine, Stage, Turn};
use crate::auth::{self, Identity, client, server};
use crate::crypto::SignatureAlgorithm;
use crate::message::{
    Disconnect, Message, Ping, PublicKeyOffer, ServiceAccept, ServiceRequest, UserauthBanner, UserauthFailure,
    UserauthPkOk, UserauthRequest, UserauthSuccess, parse_password,
};
use crate::transport::{Admit, Line, Next, Opened, admit};
use crate::wire::{Sink, SliceSink, put_string};
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
                let request = ServiceRequest::parse(self.lent.receive.slice(payload)).map_err(malformed)?;
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
                self.core.transport.on_newkeys()?;
                if self.core.stage == Stage::FirstExchange {
                    self.core.stage = Stage::JustAfterNewKeys;
                }
                Ok(None)
            }
            30..=49 => self.exchange(payload),
            50 => self.login(payload),
            51 => {
                UserauthFailure::parse(self.lent.receive.slice(payload)).map_err(malformed)?;
                self.core.login = self.core.login.on(client::Input::Failure)?;
                self.core.ask_credential(Some(payload.clone())).map(Some)
            }
            52 => {
                UserauthSuccess::parse(self.lent.receive.slice(payload)).map_err(malformed)?;
                let proof = self.core.login.succeed()?;
                self.core.enter_open(proof)?;
                Ok(None)
            }
            53 => {
                UserauthBanner::parse(self.lent.receive.slice(payload)).map_err(malformed)?;
                self.core.banners = self.core.banners.saturating_add(1);
                if self.core.banners > self.core.settings().limits.banners {
                    return Err(Error::Flood);
                }
                Ok(Some(Found::Banner { payload: payload.clone() }))
            }
            60 => {
                let answer = UserauthPkOk::parse(self.lent.receive.slice(payload)).map_err(malformed)?;
                // Signed is only what was offered: PK_OK has to name both (RFC 4252, section 7).
                let offered = auth::client::offer(&self.lent.login)
                    .is_some_and(|offer| offer.algorithm == answer.algorithm.0 && offer.key == answer.key);
                if !offered {
                    return Err(Error::Unexpected { number });
                }
                self.core.login = self.core.login.on(client::Input::PkOk)?;
                auth::client::mark_signed(&mut self.lent.login);
                Ok(None)
            }
            192 => {
                let ping = Ping::parse(self.lent.receive.slice(payload)).map_err(malformed)?;
                // No PONG without room, and none in a key exchange.
                if !self.core.transport.rekeying() {
                    self.core.transport.send(&|sink| crate::message::Pong::new(ping.data).write(sink))?;
                }
                Ok(None)
            }
            193 => Ok(None),
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
        match self.core.transport.on_exchange(self.lent.receive.slice(payload))? {
            Next::Nothing => Ok(None),
            Next::AskTrust => {
                let serial = self.core.serial()?;
                self.core.kex_ask = Some(serial);
                let ticket = self.core.lend(serial, Kind::HostKey, 0);
                Ok(Some(Found::HostKey { payload: payload.clone(), ticket }))
            }
            Next::AskSignature => {
                self.lent.hash = self.core.transport.kex.hash;
                self.lent.hash_len = self.core.transport.kex.hash_len;
                let serial = self.core.serial()?;
                self.core.kex_ask = Some(serial);
                let ticket = self.core.lend(serial, Kind::Signature, KEX_SLOT);
                Ok(Some(Found::Sign { purpose: Purpose::KeyExchange, ticket }))
            }
        }
    }

    // Login, server's side (RFC 4252).

    fn login(&mut self, payload: &Range<usize>) -> Result<Option<Found>, Error> {
        let limits = self.lent.shared.settings().limits.clone();
        self.core.logins.messages = self.core.logins.messages.saturating_add(1);
        if self.core.logins.messages > limits.auth_messages {
            return Err(Error::TooManyAttempts);
        }
        match self.judge(payload)? {
            Judged::Hopeless => {
                // Whatever it was, a password may have been in it.
                self.lent.receive.wipe();
                self.core.logins.state = self.core.logins.state.on(server::Input::Hopeless)?;
                self.core.count_failure()?;
                Ok(None)
            }
            Judged::Query => {
                self.core.logins.probes = self.core.logins.probes.saturating_add(1);
                if self.core.logins.probes > limits.probes {
                    return Err(Error::TooManyAttempts);
                }
                self.core.logins.state = self.core.logins.state.on(server::Input::Query)?;
                let ticket = self.core.ask_login(Kind::KeyQuery)?;
                Ok(Some(Found::KeyQuery { payload: payload.clone(), ticket }))
            }
            Judged::Login { secret } => {
                self.core.logins.state = self.core.logins.state.on(server::Input::Request)?;
                self.core.wipe = secret;
                let steps = self.core.logins.steps;
                let ticket = self.core.ask_login(Kind::Admission)?;
                Ok(Some(Found::Login { payload: payload.clone(), ticket, steps }))
            }
        }
    }

    /// Reads the whole request before anybody is asked about the user (CVE-2018-15473), checks a signature, and puts the
    /// step on the record behind the accepted ones.
    fn judge(&mut self, payload: &Range<usize>) -> Result<Judged, Error> {
        let malformed = |what| Error::Malformed { number: 50, what };
        let request = UserauthRequest::parse(self.lent.receive.slice(payload)).map_err(malformed)?;
        let fields = request.fields.0;
        self.core.logins.asks_methods = request.method.0 == "none";
        if request.user.len() > auth::USER_MAX || request.method.0.len() > 64 {
            return Ok(Judged::Hopeless);
        }
        let settings = self.lent.shared.settings();
        let capacity = usize::try_from(settings.limits.login).unwrap_or(usize::MAX);
        let logins = &mut self.core.logins;
        let accepted = self.lent.login.get(..logins.accepted).unwrap_or_default();
        let same = Identity::new(accepted).is_some_and(|identity| identity.user() == request.user);
        if !same || request.service != auth::CONNECTION {
            // "the server … MUST flush any accumulated authentication states if they change" (RFC 4252, section 5).
            if logins.steps > 0 {
                return Err(Error::UserChanged);
            }
            self.lent.login.clear();
            logins.accepted = 0;
            if !record(&mut self.lent.login, capacity, &[request.user])? {
                return Ok(Judged::Hopeless);
            }
            logins.accepted = self.lent.login.len();
        }
        if request.service != auth::CONNECTION {
            return Ok(Judged::Hopeless);
        }
        self.lent.login.truncate(logins.accepted);
        let method = request.method.0;
        match method {
            "none" if fields.is_empty() => {
                let fits = record(&mut self.lent.login, capacity, &[b"none", b"", b""])?;
                Ok(if fits { Judged::Login { secret: false } } else { Judged::Hopeless })
            }
            "password" => {
                let (password, new) = parse_password(fields).map_err(malformed)?;
                // A change that nobody asked for never succeeds (CVE-2012-5975).
                let fits = record(&mut self.lent.login, capacity, &[b"password", b"", b""])?;
                let fit = new.is_none() && password.0.len() <= auth::PASSWORD_MAX && fits;
                Ok(if fit { Judged::Login { secret: true } } else { Judged::Hopeless })
            }
            "publickey" => {
                let offer = PublicKeyOffer::parse(fields).map_err(malformed)?;
                // The allow-list is compared by the whole name, the blob by the algorithm (CVE-2026-35387).
                let rows = settings.signatures.rows().iter();
                let row = rows.copied().find(|row| row.name() == offer.algorithm && row.accepts(offer.key));
                let Some(row) = row else { return Ok(Judged::Hopeless) };
                let step: [&[u8]; 3] = [b"publickey", offer.algorithm.as_bytes(), offer.key];
                if !record(&mut self.lent.login, capacity, &step)? {
                    return Ok(Judged::Hopeless);
                }
                match offer.signature.map(<[u8]>::len) {
                    None => Ok(Judged::Query),
                    Some(signature) => {
                        let key = offer.key.len();
                        self.verify_login(payload, row, key, signature)
                    }
                }
            }
            "none" => Ok(Judged::Hopeless),
            other if super::channels::listed(&settings.auth_methods, other) => {
                let fits = record(&mut self.lent.login, capacity, &[other.as_bytes(), b"", b""])?;
                Ok(if fits { Judged::Login { secret: true } } else { Judged::Hopeless })
            }
            // "If the requested method … is not recognized, the server MUST reject it" (RFC 4252, section 5).
            _ => Ok(Judged::Hopeless),
        }
    }

    /// The signature covers `string session_id` and the request up to the signature (RFC 4252, section 7): the session
    /// identifier is written into the room in front of the request, so that both lie in one piece.
    fn verify_login(
        &mut self,
        payload: &Range<usize>,
        row: &'static dyn SignatureAlgorithm,
        key: usize,
        signature: usize,
    ) -> Result<Judged, Error> {
        let session = self.core.transport.session().ok_or(Error::Bug)?;
        let prefix = session.len().saturating_add(4);
        let whole = self.lent.receive.with_headroom(payload, prefix);
        put_string(&mut SliceSink::new(whole), session);
        let signature_at = whole.len().saturating_sub(signature);
        let signed = signature_at.saturating_sub(4);
        let key_at = signed.saturating_sub(key);
        let (Some(message), Some(key), Some(signature)) =
            (whole.get(..signed), whole.get(key_at..signed), whole.get(signature_at..))
        else {
            return Err(Error::Bug);
        };
        match row.verify(key, message, signature) {
            Ok(_) => Ok(Judged::Login { secret: false }),
            Err(crate::crypto::CryptoError::BadSignature) => Ok(Judged::Hopeless),
            Err(other) => Err(other.into()),
        }
    }
}

/// What a login request comes to before the application sees it.
enum Judged {
    Hopeless,
    Query,
    Login { secret: bool },
}

/// The slot number of a signature question for a key exchange; a login's is the other.
pub(crate) const KEX_SLOT: u16 = 0;
pub(crate) const LOGIN_SLOT: u16 = 1;

/// Appends strings to the record of a login, within its fixed slot. False if they do not fit.
fn record(login: &mut alloc::vec::Vec<u8>, capacity: usize, strings: &[&[u8]]) -> Result<bool, Error> {
    if login.capacity() < capacity {
        login.try_reserve_exact(capacity.saturating_sub(login.len())).map_err(|_| Error::OutOfMemory)?;
    }
    let length = strings.iter().fold(login.len(), |sum, string| sum.saturating_add(string.len()).saturating_add(4));
    if length > capacity {
        return Ok(false);
    }
    let mut sink = Append(login);
    strings.iter().for_each(|string| put_string(&mut sink, string));
    Ok(true)
}

/// Appends within a capacity that is there already.
struct Append<'a>(&'a mut alloc::vec::Vec<u8>);

impl Sink for Append<'_> {
    fn put(&mut self, bytes: &[u8]) {
        if self.0.capacity().saturating_sub(self.0.len()) >= bytes.len() {
            self.0.extend_from_slice(bytes);
        }
    }
}

impl Core {
    /// Whether a login's answer is due, so that the next request stays unread.
    fn login_waits(&self) -> bool {
        self.server && (self.service || self.logins.state.waits())
    }

    /// A request failed: "the server SHOULD limit the number of failed authentication attempts" (RFC 4252, section 4).
    /// A `none`, by which a client asks for the methods, is no attempt; the number of messages bounds it.
    pub(crate) fn count_failure(&mut self) -> Result<(), Error> {
        if !self.logins.asks_methods {
            self.logins.failed = self.logins.failed.saturating_add(1);
        }
        if self.logins.failed >= self.settings().limits.attempts { Err(Error::TooManyAttempts) } else { Ok(()) }
    }

    fn ask_login(&mut self, kind: Kind) -> Result<super::ask::Ticket, Error> {
        let serial = self.serial()?;
        self.auth_ask = Some(serial);
        Ok(self.lend(serial, kind, 0))
    }

    /// The application is asked for a credential, with the FAILURE that came, if one came.
    pub(crate) fn ask_credential(&mut self, payload: Option<Range<usize>>) -> Result<Found, Error> {
        let serial = self.serial()?;
        self.auth_ask = Some(serial);
        Ok(Found::LoginNeeded { payload, ticket: self.lend(serial, Kind::Credential, 0) })
    }

    /// Puts a composed login into the slot from which it is signed and sent.
    pub(crate) fn place_draft(&mut self, lent: &mut Lent) {
        if !self.draft.is_empty() {
            lent.login.zeroize();
            core::mem::swap(&mut lent.login, &mut self.draft);
        }
    }
}
