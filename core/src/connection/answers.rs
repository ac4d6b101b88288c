//! Answers to the machine's questions, and the refusal of those that nobody answered. Those about logins are answered in
//! [`login_client`](super::login_client) and [`login_server`](super::login_server).

use super::ask::{Accept, Granted, Kind, Login, Refusal, Refused, Ticket, Trust, Verdict};
use super::error::Error;
use super::input::{KEX_SLOT, PROOF_SLOT};
use super::machine::{Core, Lent};
use crate::channel::{Input, State};
use crate::keys::{CertificateKind, encode};
use crate::message::{ChannelOpenConfirmation, ChannelOpenFailure, Message, RequestSuccess, Rest};
use crate::wire::{Counter, Sink};
use alloc::vec::Vec;

impl Core {
    /// Opens an answer: the ticket has to be this connection's, of this kind, and the one that is open.
    pub(crate) fn take_single(&mut self, ticket: Ticket, kind: Kind, slot: u16) -> Result<(), Refused> {
        self.check_single(ticket, kind, slot)?;
        *self.single(kind, slot) = None;
        self.stirred = true;
        Ok(())
    }

    /// Whether the ticket would be taken.
    pub(crate) fn check_single(&mut self, ticket: Ticket, kind: Kind, slot: u16) -> Result<(), Refused> {
        let (serial, at) = ticket.read(self.tag, kind).ok_or(Refused::Stale)?;
        if *self.single(kind, slot) != Some(serial) || at != slot {
            return Err(Refused::Stale);
        }
        Ok(())
    }

    /// Where the serial of the one open question of this sort stands.
    fn single(&mut self, kind: Kind, slot: u16) -> &mut Option<u32> {
        match (kind, slot) {
            (Kind::HostKey, _) | (Kind::Signature, KEX_SLOT) => &mut self.kex_ask,
            (Kind::Signature, PROOF_SLOT) => &mut self.channels.proofs.ask,
            _ => &mut self.auth_ask,
        }
    }

    /// A login's message, kept until it is written: in a slot of `Limits.login` bytes.
    pub(crate) fn in_slot(&self, write: &dyn Fn(&mut dyn Sink)) -> Result<Result<Vec<u8>, Error>, Refused> {
        let mut counter = Counter::default();
        write(&mut counter);
        if counter.0 > usize::try_from(self.settings().limits.login).unwrap_or(usize::MAX) {
            return Err(Refused::TooLong);
        }
        Ok(encode::written(write).map_err(|_| Error::OutOfMemory))
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
    pub(crate) fn settle_answer(&mut self, result: Result<(), Error>) {
        if let Err(error) = result {
            self.fail(error);
        }
    }

    pub(crate) fn answer_host_key(&mut self, _: &Lent, ticket: Ticket, trust: Trust<'_>) -> Result<(), Refused> {
        self.check_single(ticket, Kind::HostKey, 0)?;
        if let Trust::Certificate(checked) = trust
            && (checked.kind() != CertificateKind::Host || !self.transport.is_offered(checked.blob()))
        {
            return Err(Refused::Unfit);
        }
        self.take_single(ticket, Kind::HostKey, 0)?;
        let result = self.transport.on_trust(trust != Trust::Reject);
        self.settle_answer(result);
        Ok(())
    }

    pub(crate) fn answer_signature(
        &mut self,
        _: &Lent,
        ticket: Ticket,
        signature: Option<&[u8]>,
    ) -> Result<(), Refused> {
        let limit = usize::try_from(self.settings().limits.login).unwrap_or(usize::MAX);
        let (_, slot) = ticket.read(self.tag, Kind::Signature).ok_or(Refused::Stale)?;
        if slot != KEX_SLOT && signature.is_some_and(|signature| signature.len() > limit) {
            return Err(Refused::TooLong);
        }
        self.take_single(ticket, Kind::Signature, slot)?;
        let result = match slot {
            KEX_SLOT => self.transport.on_signature(signature),
            PROOF_SLOT => self.on_proof(signature),
            _ => self.sign_login(signature),
        };
        self.settle_answer(result);
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
        // "MUST have Channel Connection Failure 'reason code' values in the range of 0x00000001 to 0xFFFFFFFF" (RFC 4250,
        // section 4.3.1).
        let reason = if refusal.reason == 0 { Refusal::PROHIBITED } else { refusal.reason };
        let message = ChannelOpenFailure::new(remote, reason, refusal.text, b"");
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
            Ok(false) if self.channels.refused.push((remote, reason)) => Ok(()),
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
        } else if is(Kind::Answers) {
            self.answer_prompts(lent, ticket, &[])
        } else if is(Kind::NewPassword) {
            self.answer_new_password(lent, ticket, None)
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
