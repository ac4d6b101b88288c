//! Answers to the machine's questions, and the refusal of those that nobody answered.

use super::ask::{Accept, Granted, Kind, Login, Refusal, Refused, Ticket, Trust, Verdict, With};
use super::error::Error;
use super::input::{KEX_SLOT, LOGIN_SLOT};
use super::machine::{Core, Lent};
use crate::auth::{self, client, server};
use crate::channel::{Input, State};
use crate::message::{
    ChannelOpenConfirmation, ChannelOpenFailure, Field, Message, RequestSuccess, Rest, Text, UserauthRequest,
};
use crate::wire::{Counter, Sink, SliceSink, put_string};
use alloc::vec::Vec;

impl Core {
    /// Opens an answer: the ticket has to be this connection's, of this kind, and the one that is open.
    fn take_single(&mut self, ticket: Ticket, kind: Kind, slot: u16, kex: bool) -> Result<(), Refused> {
        let (serial, at) = ticket.read(self.tag, kind).ok_or(Refused::Stale)?;
        let open = if kex { &mut self.kex_ask } else { &mut self.auth_ask };
        if *open != Some(serial) || at != slot {
            return Err(Refused::Stale);
        }
        *open = None;
        self.stirred = true;
        Ok(())
    }

    /// Reads a ticket of the connection protocol. After the end every question is stale: nothing leaves behind the
    /// DISCONNECT.
    fn read_open(&self, ticket: Ticket, kind: Kind) -> Result<(u32, u16), Refused> {
        if self.end.is_some() {
            return Err(Refused::Stale);
        }
        ticket.read(self.tag, kind).ok_or(Refused::Stale)
    }

    /// What the machine makes of an answer is the machine's business: it ends the connection by itself.
    fn settle_answer(&mut self, result: Result<(), Error>) {
        if let Err(error) = result {
            self.fail(error);
        }
    }

    pub(crate) fn answer_host_key(&mut self, _: &Lent, ticket: Ticket, trust: Trust) -> Result<(), Refused> {
        self.take_single(ticket, Kind::HostKey, 0, true)?;
        let result = self.transport.on_trust(trust == Trust::Accept);
        self.settle_answer(result);
        Ok(())
    }

    pub(crate) fn answer_credential(&mut self, _: &Lent, ticket: Ticket, login: Login<'_>) -> Result<(), Refused> {
        let (serial, _) = ticket.read(self.tag, Kind::Credential).ok_or(Refused::Stale)?;
        if self.auth_ask != Some(serial) {
            return Err(Refused::Stale);
        }
        // Whether it fits is known before the question is used up.
        let composed = match login {
            Login::GiveUp => None,
            Login::Try { user, with } => Some((self.compose(user, &with)?, with)),
        };
        self.take_single(ticket, Kind::Credential, 0, false)?;
        let Some((draft, with)) = composed else {
            self.fail(Error::GaveUp);
            return Ok(());
        };
        let result = draft.and_then(|draft| {
            let input = match with {
                With::PublicKey { probe: true, .. } => client::Input::GivenProbe,
                With::PublicKey { .. } => client::Input::GivenKey,
                _ => client::Input::Given,
            };
            self.draft = draft;
            self.login = self.login.on(input)?;
            Ok(())
        });
        self.settle_answer(result);
        Ok(())
    }

    /// `string session_id`, then the request without its signature, in a slot of `Limits.login` bytes.
    fn compose(&self, user: &str, with: &With<'_>) -> Result<Result<Vec<u8>, Error>, Refused> {
        let method = match with {
            With::None => "none",
            With::Password(_) => "password",
            With::PublicKey { .. } => "publickey",
            With::Other { method, .. } => method,
        };
        let write = |sink: &mut dyn Sink| {
            put_string(sink, self.transport.session().unwrap_or_default());
            let fields = crate::message::MethodFields(b"");
            UserauthRequest::new(user.as_bytes(), auth::CONNECTION, Text(method), fields).write(sink);
            match with {
                With::None => {}
                With::Password(password) => {
                    false.write(sink);
                    put_string(sink, password.as_bytes());
                }
                With::PublicKey { algorithm, key, probe } => {
                    (!probe).write(sink);
                    put_string(sink, algorithm.as_bytes());
                    put_string(sink, key);
                }
                With::Other { fields, .. } => sink.put(fields),
            }
        };
        let mut counter = Counter::default();
        write(&mut counter);
        let capacity = usize::try_from(self.settings().limits.login).unwrap_or(usize::MAX);
        if counter.0 > capacity {
            return Err(Refused::TooLong);
        }
        let mut draft = Vec::new();
        if draft.try_reserve_exact(counter.0).is_err() {
            return Ok(Err(Error::OutOfMemory));
        }
        draft.resize(counter.0, 0);
        write(&mut SliceSink::new(&mut draft));
        Ok(Ok(draft))
    }

    pub(crate) fn answer_signature(
        &mut self,
        _: &Lent,
        ticket: Ticket,
        signature: Option<&[u8]>,
    ) -> Result<(), Refused> {
        let limit = usize::try_from(self.settings().limits.login).unwrap_or(usize::MAX);
        let (_, slot) = ticket.read(self.tag, Kind::Signature).ok_or(Refused::Stale)?;
        if slot == KEX_SLOT {
            self.take_single(ticket, Kind::Signature, KEX_SLOT, true)?;
            let result = self.transport.on_signature(signature);
            self.settle_answer(result);
            return Ok(());
        }
        if signature.is_some_and(|signature| signature.len() > limit) {
            return Err(Refused::TooLong);
        }
        self.take_single(ticket, Kind::Signature, LOGIN_SLOT, false)?;
        let result = self.sign_login(signature);
        self.settle_answer(result);
        Ok(())
    }

    fn sign_login(&mut self, signature: Option<&[u8]>) -> Result<(), Error> {
        let Some(signature) = signature else {
            // Who declines for ever has nothing left to try.
            self.declined = self.declined.saturating_add(1);
            if self.declined >= self.settings().limits.attempts {
                return Err(Error::GaveUp);
            }
            self.login = self.login.on(client::Input::Declined)?;
            return Ok(());
        };
        self.signature = Vec::new();
        self.signature.try_reserve_exact(signature.len()).map_err(|_| Error::OutOfMemory)?;
        self.signature.extend_from_slice(signature);
        self.login = self.login.on(client::Input::Signed)?;
        Ok(())
    }

    pub(crate) fn answer_key_query(&mut self, _: &Lent, ticket: Ticket, fits: bool) -> Result<(), Refused> {
        self.take_single(ticket, Kind::KeyQuery, 0, false)?;
        let answer = if fits { server::Answer::PkOk } else { server::Answer::Failure { partial: false } };
        let result = self.answer_login(answer);
        self.settle_answer(result);
        Ok(())
    }

    pub(crate) fn answer_admission(
        &mut self,
        lent: &Lent,
        ticket: Ticket,
        verdict: Verdict<'_>,
    ) -> Result<(), Refused> {
        if let Verdict::Partial { go_on } | Verdict::Deny { go_on } = verdict {
            if !server::fit(go_on) {
                return Err(Refused::TooLong);
            }
            self.take_single(ticket, Kind::Admission, 0, false)?;
            self.logins.go_on(go_on);
        } else {
            self.take_single(ticket, Kind::Admission, 0, false)?;
        }
        let answer = match verdict {
            Verdict::Accept => server::Answer::Success,
            Verdict::Partial { .. } => server::Answer::Failure { partial: true },
            Verdict::Deny { .. } => server::Answer::Failure { partial: false },
        };
        if !matches!(verdict, Verdict::Deny { .. }) {
            // The step that was judged is an accepted one now.
            self.logins.accepted = lent.login.len();
            self.logins.steps = self.logins.steps.saturating_add(1);
        }
        let counted = match answer {
            server::Answer::Failure { partial: false } => self.count_failure(),
            _ => Ok(()),
        };
        let result = counted.and_then(|()| self.answer_login(answer));
        self.settle_answer(result);
        Ok(())
    }

    fn answer_login(&mut self, answer: server::Answer) -> Result<(), Error> {
        self.logins.state = self.logins.state.on(server::Input::Answered(answer))?;
        Ok(())
    }

    pub(crate) fn answer_opening(
        &mut self,
        _: &Lent,
        ticket: Ticket,
        reply: Result<Accept<'_>, Refusal<'_>>,
    ) -> Result<(), Refused> {
        let (serial, number) = self.read_open(ticket, Kind::Opening)?;
        let slot = self.channels.table.get(number).ok_or(Refused::Stale)?;
        if slot.generation != serial || slot.state != State::Requested {
            return Err(Refused::Stale);
        }
        let remote = slot.remote;
        let result = match reply {
            Ok(accept) => self.accept(number, accept)?,
            Err(refusal) => self.refuse_open(number, remote, refusal)?,
        };
        self.stirred = true;
        self.settle_answer(result);
        Ok(())
    }

    fn accept(&mut self, number: u16, accept: Accept<'_>) -> Result<Result<(), Error>, Refused> {
        if accept.data.is_empty() {
            return Ok(self.accept_slot(number, accept.window));
        }
        // Bytes are nowhere kept: they go now or not at all.
        if accept.data.len() > 32_000 {
            return Err(Refused::TooLong);
        }
        if self.transport.rekeying() || !self.transport.has_room(accept.data.len().saturating_add(17)) {
            return Err(Refused::NoRoom);
        }
        Ok(self.accept_with(number, accept))
    }

    fn accept_with(&mut self, number: u16, accept: Accept<'_>) -> Result<(), Error> {
        self.accept_slot(number, accept.window)?;
        let max_packet = self.max_packet();
        let slot = self.channels.table.get_mut(number).ok_or(Error::Bug)?;
        let (remote, window) = (slot.remote, slot.credit.outstanding());
        slot.state = slot.state.on(Input::ConfirmationWritten)?;
        let body = Rest(accept.data);
        let message = ChannelOpenConfirmation::new(remote, u32::from(number), window, max_packet, body);
        let sent = self.transport.send(&|sink| message.write(sink))?;
        if sent { Ok(()) } else { Err(Error::Bug) }
    }

    /// The application closed a channel that it was asked about.
    pub(crate) fn refuse_requested(&mut self, number: u16) {
        let remote = self.channels.table.get(number).map_or(0, |slot| slot.remote);
        let refusal = Refusal { reason: Refusal::PROHIBITED, text: b"" };
        self.stirred = true;
        if let Ok(result) = self.refuse_open(number, remote, refusal) {
            self.settle_answer(result);
        }
    }

    fn refuse_open(&mut self, number: u16, remote: u32, refusal: Refusal<'_>) -> Result<Result<(), Error>, Refused> {
        if refusal.text.len() > 1024 {
            return Err(Refused::TooLong);
        }
        let message = ChannelOpenFailure::new(remote, refusal.reason, refusal.text, b"");
        // In order behind those that are owed; without its text if there is no room for it now.
        let now = !self.transport.rekeying() && self.channels.refused.front().is_none();
        let result = match now {
            true => self.transport.send(&|sink| message.write(sink)),
            false => Ok(false),
        };
        if let Some(slot) = self.channels.table.get_mut(number) {
            slot.state = slot.state.on(Input::RefusedHere).unwrap_or_default();
        }
        self.release_slot(number);
        Ok(match result {
            Ok(true) => Ok(()),
            Ok(false) if self.channels.refused.push((remote, refusal.reason)) => Ok(()),
            Ok(false) => Err(Error::Flood),
            Err(error) => Err(error),
        })
    }

    pub(crate) fn answer_permission(&mut self, _: &Lent, ticket: Ticket, ok: bool) -> Result<(), Refused> {
        let (position, number) = self.read_open(ticket, Kind::Permission)?;
        let slot = self.channels.table.get_mut(number).ok_or(Refused::Stale)?;
        if slot.state == State::Free || !slot.replies.decide(position, ok) {
            return Err(Refused::Stale);
        }
        if !ok && slot.start == Some(position) {
            // "Only one of these requests can succeed": another may be tried.
            slot.started = false;
        }
        self.owe(number);
        Ok(())
    }

    pub(crate) fn answer_globally(&mut self, _: &Lent, ticket: Ticket, granted: Granted<'_>) -> Result<(), Refused> {
        let (position, _) = self.read_open(ticket, Kind::Globally)?;
        if !self.channels.globals.is_open(position) {
            return Err(Refused::Stale);
        }
        self.stirred = true;
        if let Granted::Data(bytes) = granted {
            return self.answer_with_data(position, bytes);
        }
        if let (Granted::Port(port), Some(place)) = (granted, self.channels.ports.get_mut(position as usize & 31)) {
            *place = Some(port);
        }
        self.channels.globals.decide(position, granted != Granted::No);
        Ok(())
    }

    fn answer_with_data(&mut self, position: u32, bytes: &[u8]) -> Result<(), Refused> {
        if bytes.len() > 32_000 {
            return Err(Refused::TooLong);
        }
        if self.transport.rekeying() || !self.channels.globals.is_first(position) {
            return Err(Refused::NoRoom);
        }
        match self.transport.send(&|sink| RequestSuccess::new(Rest(bytes)).write(sink)) {
            Ok(true) => {
                self.channels.globals.decide(position, true);
                self.channels.globals.written();
                Ok(())
            }
            Ok(false) => Err(Refused::NoRoom),
            Err(error) => {
                self.fail(error);
                Ok(())
            }
        }
    }

    /// Nobody answered, nobody took it: it is refused.
    pub(crate) fn refuse(&mut self, lent: &Lent, ticket: Ticket) {
        let kind = ticket.kind();
        let is = |of: Kind| kind == of as u8;
        let refusal = Refusal { reason: Refusal::PROHIBITED, text: b"" };
        let _refused = if is(Kind::HostKey) {
            self.answer_host_key(lent, ticket, Trust::Reject)
        } else if is(Kind::Credential) {
            self.answer_credential(lent, ticket, Login::GiveUp)
        } else if is(Kind::Signature) {
            self.answer_signature(lent, ticket, None)
        } else if is(Kind::KeyQuery) {
            self.answer_key_query(lent, ticket, false)
        } else if is(Kind::Admission) {
            self.answer_admission(lent, ticket, Verdict::Deny { go_on: "" })
        } else if is(Kind::Opening) {
            self.answer_opening(lent, ticket, Err(refusal))
        } else if is(Kind::Permission) {
            self.answer_permission(lent, ticket, false)
        } else {
            self.answer_globally(lent, ticket, Granted::No)
        };
    }
}
