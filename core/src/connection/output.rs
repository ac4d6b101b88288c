//! What is owed, written as far as there is room; and what the application should hear without anything having come.
//!
//! Nothing is queued as bytes: owed is state, of the key exchange, of the login, of each channel, and of small rings.

use super::Timer;
use super::error::Error;
use super::machine::{Core, Found, Lent, OnChannel, Stage};
use super::round_trip::Probe;
use crate::auth::{self, client, server};
use crate::channel::{DATA_HEADER, Queue, State, Wanting};
use crate::message::{
    ChannelClose, ChannelEof, ChannelFailure, ChannelOpenConfirmation, ChannelOpenFailure, ChannelSuccess,
    ChannelWindowAdjust, Message, Ping, RequestFailure, RequestSuccess, Rest, ServiceAccept, ServiceRequest, Text,
    Unimplemented, UserauthFailure, UserauthPkOk, UserauthSuccess,
};
use crate::wire::{NameList, Reader, put_string};
use zeroize::Zeroize;

/// What a data packet is longer than its data, with room to spare: head, header, padding, tag.
const AROUND: usize = 96;

/// Methods named in a FAILURE if neither a verdict nor the configuration names any.
const METHODS: &str = "publickey,password";

impl Core {
    /// Writes what is owed, in the order of the layers.
    pub(crate) fn flush(&mut self, lent: &mut Lent) -> Result<(), Error> {
        if self.stage == Stage::Closing {
            return Ok(());
        }
        if !self.server {
            // What is signed and sent next is what the application gave last, whatever runs meanwhile.
            self.place_draft(lent);
        }
        if self.someone_waits_for_room() {
            self.transport.ready_to_send()?;
        }
        self.on_exchange_ended();
        self.begin_due_exchange();
        let owed = self.transport.kex.owes_exchange();
        self.transport.flush_exchange()?;
        if owed && !self.transport.kex.owes_exchange() {
            self.round_trip.asked(Probe::Exchange, self.now);
        }
        self.on_exchange_ended();
        while let Some(sequence) = self.channels.unimplemented.front() {
            if !self.transport.send(&|sink| Unimplemented::new(sequence).write(sink))? {
                break;
            }
            self.channels.unimplemented.pop();
        }
        // Nothing of the layers above leaves during a key exchange, or before the EXT_INFO that follows it at once.
        if self.transport.rekeying() || self.transport.kex.owes_ext_info {
            return Ok(());
        }
        match self.stage {
            Stage::JustAfterNewKeys | Stage::Service | Stage::Auth if self.server => self.flush_server_login(lent),
            Stage::JustAfterNewKeys | Stage::Service | Stage::Auth => self.flush_client_login(lent),
            Stage::Open => self.flush_connection(),
            Stage::Ident | Stage::FirstExchange | Stage::Closing => Ok(()),
        }
    }

    /// An exchange ended: its deadline is off, and what wanted one is satisfied.
    fn on_exchange_ended(&mut self) {
        if core::mem::take(&mut self.transport.exchange_ended) {
            // One that was asked for before the login comes behind it.
            self.rekey_wanted &= self.stage != Stage::Open;
            self.timers.stop(Timer::KeyExchange);
            let time = self.settings().rekey_time;
            self.timers.set(Timer::Rekey, self.now.plus(time));
        }
    }

    /// A re-exchange begins when one is due or wanted; before login sansh starts none.
    fn begin_due_exchange(&mut self) {
        if self.stage == Stage::Open && !self.transport.rekeying() && (self.rekey_wanted || self.transport.keys_spent())
        {
            self.rekey_wanted = false;
            self.transport.begin_exchange();
            let time = self.settings().kex_time;
            self.timers.set(Timer::KeyExchange, self.now.plus(time));
        }
    }

    // Login.

    fn flush_client_login(&mut self, lent: &mut Lent) -> Result<(), Error> {
        if self.login == client::State::Needed {
            // A password whose change was declined.
            client::wipe_fields(&mut lent.login);
        }
        if !self.service {
            // "After the key exchange, the client requests a service" (RFC 4253, section 10).
            self.service = self.transport.send(&|sink| ServiceRequest::new(auth::USERAUTH).write(sink))?;
            if self.service {
                self.round_trip.asked(Probe::Service, self.now);
            }
        }
        let client::State::Composed(expect) = self.login else { return Ok(()) };
        let (request, signature) = (client::request(&lent.login).ok_or(Error::Bug)?, &self.signature);
        let wrote = self.transport.send(&|sink| {
            sink.put(request);
            if !signature.is_empty() {
                put_string(sink, signature);
            }
        })?;
        if wrote {
            self.login = self.login.on(client::Input::Written)?;
            self.signature.zeroize();
            self.signature = alloc::vec::Vec::new();
            // An old password goes again when the server asks for a new one; a key may be asked about before it signs.
            if !matches!(expect, client::Expect::PasswordVerdict | client::Expect::PkOk) {
                client::wipe_fields(&mut lent.login);
            }
        }
        Ok(())
    }

    fn flush_server_login(&mut self, lent: &mut Lent) -> Result<(), Error> {
        if self.service {
            // "If the server supports the service (and permits the client to use it), it MUST respond with the
            // following" (RFC 4253, section 10).
            self.service = !self.transport.send(&|sink| ServiceAccept::new(auth::USERAUTH).write(sink))?;
            if !self.service {
                self.stage = Stage::Auth;
            }
        }
        let server::State::Owes(answer) = self.logins.state else { return Ok(()) };
        match answer {
            server::Answer::Success => {
                // "When the server accepts authentication, it MUST respond with the following" (RFC 4252, section 5.1);
                // "SSH_MSG_USERAUTH_SUCCESS MUST be sent only once" (RFC 4252, section 5.1): behind it is another
                // state. What follows "MUST be passed to the service being run on top of this protocol" (RFC 4252,
                // section 5.1): it was left unread until now.
                if self.transport.send(&|sink| UserauthSuccess::new().write(sink))? {
                    let proof = self.logins.state.succeed()?;
                    self.enter_open(proof)?;
                }
            }
            server::Answer::Failure { partial } => {
                let (own, configured) = (self.logins.methods(), lent.shared.settings().methods.as_bytes());
                let methods = [own, configured].into_iter().find(|list| !list.is_empty());
                let methods = NameList::parse(methods.unwrap_or(METHODS.as_bytes())).map_err(|_| Error::Bug)?;
                // "If the server rejects the authentication request, it MUST respond with the following" (RFC 4252,
                // section 5.1); "Otherwise, the server MUST return SSH_MSG_USERAUTH_FAILURE" (RFC 4252, section 5.2).
                if self.transport.send(&|sink| UserauthFailure::new(methods, partial).write(sink))? {
                    self.logins.state = self.logins.state.on(server::Input::Written)?;
                }
            }
            server::Answer::Prompts | server::Answer::Change => {
                self.write_question()?;
            }
            server::Answer::PkOk => {
                // The step that was asked about stands on the record behind the accepted ones.
                let mut step = Reader::new(lent.login.get(self.logins.accepted..).unwrap_or_default());
                let (Ok(_), Ok(algorithm), Ok(key)) = (step.string(), step.string(), step.string()) else {
                    return Err(Error::Bug);
                };
                let algorithm = core::str::from_utf8(algorithm).map_err(|_| Error::Bug)?;
                // "The server MUST respond to this message with either SSH_MSG_USERAUTH_FAILURE or with the following"
                // (RFC 4252, section 7).
                if self.transport.send(&|sink| UserauthPkOk::new(Text(algorithm), key).write(sink))? {
                    self.logins.state = self.logins.state.on(server::Input::Written)?;
                }
            }
        }
        Ok(())
    }

    // The connection protocol.

    fn flush_connection(&mut self) -> Result<(), Error> {
        self.flush_keepalive()?;
        self.flush_proofs()?;
        // "the receiver MUST respond appropriately" (RFC 4254, section 4).
        while let Some(verdict) = self.channels.globals.due() {
            let port = verdict.position.and_then(|at| self.channels.ports.get(at as usize & 31).copied().flatten());
            let bytes = port.map(u32::to_be_bytes);
            let body = Rest(bytes.as_ref().map_or(&[], |bytes| &bytes[..]));
            let wrote = if verdict.ok {
                self.transport.send(&|sink| RequestSuccess::new(body).write(sink))?
            } else {
                self.transport.send(&|sink| RequestFailure::new().write(sink))?
            };
            if !wrote {
                return Ok(());
            }
            self.channels.globals.written();
        }
        while let Some((remote, reason)) = self.channels.refused.front() {
            if !self.transport.send(&|sink| ChannelOpenFailure::new(remote, reason, b"", b"").write(sink))? {
                return Ok(());
            }
            self.channels.refused.pop();
        }
        while let Some(number) = self.channels.table.front(Queue::Owed) {
            if !self.flush_slot(number)? {
                return Ok(());
            }
            self.channels.table.pop(Queue::Owed);
        }
        Ok(())
    }

    /// Writes what one channel owes. False: there was no room for all of it.
    fn flush_slot(&mut self, number: u16) -> Result<bool, Error> {
        use crate::channel::Input::{CloseWritten, ConfirmationWritten, EofWritten};
        let max_packet = self.max_packet();
        let Core { transport, channels, .. } = self;
        let Some(slot) = channels.table.get_mut(number) else { return Ok(true) };
        let remote = slot.remote;
        if slot.state == State::Confirming {
            let (own, window) = (u32::from(number), slot.credit.outstanding());
            let body = Rest(b"");
            let message = ChannelOpenConfirmation::new(remote, own, window, max_packet, body);
            if !transport.send(&|sink| message.write(sink))? {
                return Ok(false);
            }
            slot.state = slot.state.on(ConfirmationWritten)?;
            if slot.wants != Wanting::Nothing {
                channels.table.push(Queue::Told, number);
            }
            return self.flush_slot(number);
        }
        if !slot.state.can_send() {
            return Ok(true);
        }
        while let Some(verdict) = slot.replies.due() {
            let wrote = if verdict.ok {
                transport.send(&|sink| ChannelSuccess::new(remote).write(sink))?
            } else {
                transport.send(&|sink| ChannelFailure::new(remote).write(sink))?
            };
            if !wrote {
                return Ok(false);
            }
            slot.replies.written();
        }
        if let Some(add) = slot.credit.due(max_packet)
            && !slot.owes_close
        {
            if !transport.send(&|sink| ChannelWindowAdjust::new(remote, add).write(sink))? {
                return Ok(false);
            }
            slot.credit.adjusted();
        }
        if slot.owes_eof {
            if !transport.send(&|sink| ChannelEof::new(remote).write(sink))? {
                return Ok(false);
            }
            slot.owes_eof = false;
            slot.state = slot.state.on(EofWritten)?;
        }
        if slot.owes_close {
            if !transport.send(&|sink| ChannelClose::new(remote).write(sink))? {
                return Ok(false);
            }
            slot.owes_close = false;
            slot.state = slot.state.on(CloseWritten)?;
            if slot.state == State::Ended {
                channels.table.push(Queue::Told, number);
            } else if slot.wants != Wanting::Nothing {
                slot.wants = Wanting::Nothing;
            }
        }
        Ok(true)
    }

    /// The largest data packet we take.
    pub(crate) fn max_packet(&self) -> u32 {
        // "MUST NOT advertise a maximum packet size that would result in transport packets larger than its transport
        // layer is willing to receive" (RFC 4254, section 5.2).
        self.settings().limits.packet.saturating_sub(1024).min(32_768)
    }

    // Signs of life.

    /// Nothing was heard for an interval: ask; after so many unanswered ones, end.
    pub(crate) fn on_keepalive_timer(&mut self) {
        let Some((interval, misses)) = self.settings().keepalive else { return };
        // Silence counts from the last packet.
        let due = self.keepalive.heard.plus(interval);
        if self.keepalive.missed == 0 && due > self.now {
            self.timers.set(Timer::Keepalive, due);
            return;
        }
        self.timers.set(Timer::Keepalive, self.now.plus(interval));
        if self.keepalive.missed >= misses {
            self.fail(Error::Timeout(Timer::Keepalive));
            return;
        }
        self.keepalive.missed = self.keepalive.missed.saturating_add(1);
        self.keepalive.owed = self.keepalive.asked.is_none();
    }

    fn flush_keepalive(&mut self) -> Result<(), Error> {
        if !self.keepalive.owed {
            return Ok(());
        }
        let wrote = if self.transport.peer_pings {
            self.transport.send(&|sink| Ping::new(b"").write(sink))?
        } else {
            let request = crate::channel::Global::Other { name: "keepalive@openssh.com", want_reply: true, body: b"" };
            let wrote = self.transport.send(&|sink| request.write(sink))?;
            if wrote {
                self.keepalive.asked = Some(self.channels.sent);
                self.channels.sent = self.channels.sent.wrapping_add(1);
            }
            wrote
        };
        self.keepalive.owed = !wrote;
        if wrote {
            self.round_trip.asked(Probe::Alive, self.now);
        }
        Ok(())
    }

    // What the application should hear.

    /// Whether [`found_without_input`](Core::found_without_input) or the end would be found.
    pub(crate) fn has_news(&self) -> bool {
        self.end.as_ref().is_some_and(|end| !end.told)
            || self.stirred
            || self.ready
            || self.proof_is_due()
            || (self.stage == Stage::Auth && matches!(self.login, client::State::Needed | client::State::Unsigned))
            || (self.stage == Stage::Open && (self.room_is_back() || self.told_front()))
    }

    /// An event that needs nothing to come.
    pub(crate) fn found_without_input(&mut self) -> Result<Option<Found>, Error> {
        if self.ready {
            self.ready = false;
            self.ready_told = true;
            return Ok(Some(Found::Ready));
        }
        match self.stage {
            Stage::Auth if self.login == client::State::Needed => {
                self.login = self.login.on(client::Input::Asking)?;
                self.ask_credential(None).map(Some)
            }
            Stage::Auth if self.login == client::State::Unsigned => self.ask_login_signature().map(Some),
            Stage::Open => {
                if self.room_is_back() {
                    self.channels.room_wanted = 0;
                    return Ok(Some(Found::Room));
                }
                self.tell_channel()
            }
            _ => Ok(None),
        }
    }

    /// Whether a refused call waits for room in the transmit buffer.
    pub(crate) fn someone_waits_for_room(&self) -> bool {
        self.channels.room_wanted > 0 || self.channels.table.front(Queue::Told).is_some()
    }

    fn room_is_back(&self) -> bool {
        let wanted = self.channels.room_wanted;
        wanted > 0 && !self.transport.rekeying() && self.transport.has_room(wanted)
    }

    /// Whether the channel at the front of the queue has something to say now.
    fn told_front(&self) -> bool {
        let front = self.channels.table.front(Queue::Told).and_then(|number| self.channels.table.get(number));
        let promised = if self.channels.turn_over { 0 } else { self.channels.promised };
        front.is_some_and(|slot| slot.state == State::Ended || self.is_writable(slot, promised))
    }

    /// Tells the end of a channel, or that it is its turn to write: one packet each, in turn.
    fn tell_channel(&mut self) -> Result<Option<Found>, Error> {
        while let Some(number) = self.channels.table.front(Queue::Told) {
            let channel = self.handle(number);
            let Some(slot) = self.channels.table.get(number) else { return Err(Error::Bug) };
            if slot.state == State::Ended {
                self.channels.table.pop(Queue::Told);
                if let Some(slot) = self.channels.table.get_mut(number) {
                    slot.state = slot.state.on(crate::channel::Input::Told)?;
                }
                self.release_slot(number);
                return Ok(Some(Found::Channel(channel, OnChannel::Closed)));
            }
            if slot.wants == Wanting::Room && slot.window < slot.least.max(1) {
                self.want(number, Wanting::Window);
            } else if slot.wants == Wanting::Room && slot.state.can_send() && !slot.abandoned {
                if !self.is_writable(slot, self.channels.promised) {
                    return Ok(None);
                }
                let promise = self.wanted(slot, self.most_data(slot)).saturating_add(AROUND);
                self.channels.table.pop(Queue::Told);
                self.channels.promised = self.channels.promised.saturating_add(promise);
                self.want(number, Wanting::Nothing);
                if let Some(slot) = self.channels.table.get_mut(number) {
                    slot.told = promise;
                }
                return Ok(Some(Found::Channel(channel, OnChannel::Writable)));
            }
            self.channels.table.pop(Queue::Told);
        }
        Ok(None)
    }

    fn want(&mut self, number: u16, wants: Wanting) {
        if let Some(slot) = self.channels.table.get_mut(number) {
            slot.wants = wants;
        }
    }

    /// Whether a writer that waits for room would be served now, behind those that were told already.
    fn is_writable(&self, slot: &crate::channel::Slot, promised: usize) -> bool {
        let most = self.most_data(slot);
        !self.transport.rekeying()
            && slot.state.can_send()
            && most > 0
            && self.transport.data_room(DATA_HEADER, most.saturating_add(promised)).len()
                >= self.wanted(slot, most).saturating_add(promised)
    }

    /// The most data bytes that the next packet of this channel may carry.
    pub(crate) fn most_data(&self, slot: &crate::channel::Slot) -> usize {
        // "MUST NOT generate data packets larger than its transport layer is willing to send, even if the remote end
        // would be willing to accept very large packets" (RFC 4254, section 5.2).
        let most = slot.window.min(slot.packet).min(32_768).min(self.settings().limits.send_packet);
        usize::try_from(most).unwrap_or(0)
    }

    /// How much room a packet should find: all that it may carry, within reason for a small buffer.
    pub(crate) fn worthwhile(&self, most: usize) -> usize {
        most.min(self.transport.transmit.capacity() / 4).max(1)
    }

    /// How much room a refused writer waits for.
    pub(crate) fn wanted(&self, slot: &crate::channel::Slot, most: usize) -> usize {
        self.worthwhile(most).max(usize::try_from(slot.least).unwrap_or(usize::MAX))
    }

    /// The channel is over: its credit is free again, its handles are stale.
    pub(crate) fn release_slot(&mut self, number: u16) {
        if let Some(slot) = self.channels.table.get(number) {
            self.channels.credit = self.channels.credit.saturating_sub(slot.credit.total());
            let open = slot.sent.wrapping_sub(slot.answered);
            self.channels.requested = self.channels.requested.saturating_sub(open);
        }
        self.channels.table.release(number);
    }
}
