//! What the application does: write, grant, open, request, finish, close.

use super::error::Error;
use super::machine::{Core, DataPlace, Machine, Stage};
use super::{Flow, SendError, Stale, Window, Writer};
use crate::channel::{
    Asked, Channel, Credit, DATA_HEADER, Forwards, Global, Input, Open, OpenMessage, Place, Queue, Request, Sent,
    State, Stream, Wanting,
};
use crate::message::{Message, UserauthBanner};
use crate::wire::{Counter, Sink};

/// The most data in one packet, whatever a peer allows.
const MOST_DATA: usize = 32_768;

impl Machine {
    pub(crate) fn writer(&mut self, channel: Channel, stream: Stream, least: usize) -> Result<Writer<'_>, SendError> {
        let place = self.core.place_data(channel, stream, least)?;
        Ok(Writer { core: &mut self.core, place })
    }

    pub(crate) fn grant(&mut self, channel: Channel, n: u32) -> Result<(), Stale> {
        let (number, _) = self.core.slot(channel).ok_or(Stale)?;
        self.core.grant(number, n);
        Ok(())
    }

    pub(crate) fn flow(&mut self, channel: Channel, flow: Flow) -> Result<(), Stale> {
        let now = self.core.now;
        let (_, slot) = self.core.slot(channel).ok_or(Stale)?;
        let window = u32::try_from(slot.credit.total()).unwrap_or(u32::MAX);
        slot.tuning.begin(window, flow.ceiling, flow.grants, now);
        Ok(())
    }

    pub(crate) fn open(&mut self, open: Open<'_>, window: Window) -> Result<Channel, SendError> {
        let core = &mut self.core;
        core.may_send()?;
        if open == Open::Session && core.channels.no_more_sessions {
            return Err(SendError::Closed);
        }
        let (window, ceiling) = match window {
            Window::Fixed(window) => (window, 0),
            Window::Auto { start, ceiling } => (start, ceiling),
        };
        let now = core.now;
        let limit = core.settings().limits.channels;
        let left = core.settings().limits.credit.saturating_sub(core.channels.credit);
        let credit = Credit::new(window.min(u32::try_from(left).unwrap_or(u32::MAX)));
        let message = OpenMessage { open, sender: 0, window: credit.outstanding(), max_packet: 0 };
        core.room_for(&|sink| message.write(sink))?;
        let number = core.channels.table.claim(limit).map_err(|_| SendError::OutOfMemory)?.ok_or(SendError::Limit)?;
        let (sender, max_packet) = (u32::from(number), core.max_packet());
        let message = OpenMessage { open, sender, window: credit.outstanding(), max_packet };
        if let Err(error) = core.send_own(&|sink| message.write(sink)) {
            core.channels.table.release(number);
            return Err(error);
        }
        if let Some(slot) = core.channels.table.get_mut(number) {
            slot.state = State::Free.on(Input::OpenWritten).unwrap_or(State::Opening);
            slot.credit = credit;
            slot.tuning.begin(credit.outstanding(), ceiling, false, now);
        }
        core.channels.opening = core.channels.opening.saturating_add(1);
        core.channels.credit = core.channels.credit.saturating_add(credit.total());
        Ok(core.handle(number))
    }

    pub(crate) fn request(&mut self, channel: Channel, request: Request<'_>) -> Result<Sent, SendError> {
        let core = &mut self.core;
        let pending = core.settings().limits.pending;
        let (number, slot) = core.slot(channel).ok_or(SendError::Stale)?;
        let open = slot.state.can_send() || slot.state == State::Confirming;
        if !open || slot.abandoned || slot.owes_close {
            return Err(SendError::Closed);
        }
        if request.want_reply() && slot.sent.wrapping_sub(slot.answered) >= pending {
            return Err(SendError::Limit);
        }
        let (remote, sent) = (slot.remote, slot.sent);
        if slot.state == State::Confirming {
            // The confirmation has to go first.
            core.room_for(&|sink| request.write(remote, sink))?;
            core.channels.room_wanted = core.channels.room_wanted.max(1);
            return Err(SendError::Full);
        }
        core.send_own(&|sink| request.write(remote, sink))?;
        if !request.want_reply() {
            return Ok(Sent(u32::MAX));
        }
        if let Some(slot) = core.channels.table.get_mut(number) {
            slot.sent = sent.wrapping_add(1);
            match request {
                Request::X11 { single_connection, .. } => {
                    slot.callbacks.x11 = Some(Asked { sent, left: single_connection.then_some(1) });
                }
                Request::AuthAgent => slot.callbacks.agent = Some(Asked { sent, left: None }),
                _ => {}
            }
            core.channels.requested = core.channels.requested.saturating_add(1);
        }
        Ok(Sent(sent))
    }

    pub(crate) fn global(&mut self, request: Global<'_>) -> Result<Sent, SendError> {
        let core = &mut self.core;
        let (pending, forwards) = (core.settings().limits.pending, core.settings().limits.forwards);
        core.may_send()?;
        let sent = core.channels.sent;
        if request.want_reply() && sent.wrapping_sub(core.channels.answered) >= pending {
            return Err(SendError::Limit);
        }
        let (asked, cancelled) = match request {
            Global::TcpipForward { address, port } => (Some(Place::Tcp(address, port)), None),
            Global::StreamlocalForward { path } => (Some(Place::Unix(path)), None),
            Global::CancelTcpipForward { address, port } => (None, Some(Place::Tcp(address, port))),
            Global::CancelStreamlocalForward { path } => (None, Some(Place::Unix(path))),
            _ => (None, None),
        };
        if let Some(place) = asked {
            if place.name().len() > Forwards::ADDRESS {
                return Err(SendError::TooLong);
            }
            let room = core.channels.forwards.has_room(place, forwards).map_err(|_| SendError::OutOfMemory)?;
            if !room {
                return Err(SendError::Limit);
            }
        }
        core.send_own(&|sink| request.write(sink))?;
        if let Some(place) = asked {
            core.channels.forwards.ask(place, sent);
        }
        if let Some(place) = cancelled {
            core.channels.forwards.cancel(place, sent);
        }
        core.channels.no_more_sessions |= !core.server && request == Global::NoMoreSessions;
        if !request.want_reply() {
            return Ok(Sent(u32::MAX));
        }
        core.channels.sent = sent.wrapping_add(1);
        Ok(Sent(sent))
    }

    pub(crate) fn finish(&mut self, channel: Channel) -> Result<(), Stale> {
        use crate::channel::Side;
        let (number, slot) = self.core.slot(channel).ok_or(Stale)?;
        let can = matches!(
            slot.state,
            State::Opening | State::Requested | State::Confirming | State::Open { sent: Side::Data, .. }
        );
        if can && !slot.owes_close && !slot.abandoned {
            slot.owes_eof = true;
            self.core.owe(number);
        }
        Ok(())
    }

    pub(crate) fn close(&mut self, channel: Channel) -> Result<(), Stale> {
        let (number, slot) = self.core.slot(channel).ok_or(Stale)?;
        slot.abandoned = true;
        slot.wants = Wanting::Nothing;
        match slot.state {
            State::Opening => {}
            // The peer's open is refused; the question about it is stale.
            State::Requested => {
                self.core.refuse_requested(number);
                return Ok(());
            }
            State::Confirming => slot.owes_close = true,
            state if state.can_send() => slot.owes_close = true,
            _ => {}
        }
        self.core.owe(number);
        Ok(())
    }

    pub(crate) fn banner(&mut self, text: &str) -> Result<(), SendError> {
        let core = &mut self.core;
        if core.stage != Stage::Auth {
            return Err(SendError::Closed);
        }
        let message = UserauthBanner::new(text.as_bytes(), b"");
        core.send_own(&|sink| message.write(sink))
    }
}

impl Core {
    /// Credit for the peer, as much of it as the connection has left; and what a window that is tuned grows by.
    pub(crate) fn grant(&mut self, number: u16, n: u32) {
        let left = self.settings().limits.credit.saturating_sub(self.channels.credit);
        let (packet, now, round_trip) = (self.max_packet(), self.now, self.round_trip.shortest());
        let Some(slot) = self.channels.table.get_mut(number) else { return };
        let granted = slot.credit.grant(n, left);
        let more = slot.tuning.granted(n, now, round_trip);
        let grown = slot.credit.grant(more, left.saturating_sub(u64::from(granted)));
        slot.tuning.grown(grown);
        let due = slot.credit.due(packet).is_some();
        let sum = u64::from(granted).saturating_add(u64::from(grown));
        self.channels.credit = self.channels.credit.saturating_add(sum);
        let counters = &mut self.transport.counters;
        counters.window_grown = counters.window_grown.saturating_add(u64::from(grown));
        if due {
            self.owe(number);
        }
    }

    /// This channel owes the peer something: written at once if there is room.
    pub(crate) fn owe(&mut self, number: u16) {
        self.channels.table.push(Queue::Owed, number);
        self.stirred = true;
    }

    /// Whether messages of the connection protocol may leave at all.
    fn may_send(&self) -> Result<(), SendError> {
        if self.stage == Stage::Open { Ok(()) } else { Err(SendError::Closed) }
    }

    /// Whether a message of the application's may leave now. What finds no room is remembered by its size: `Room` follows.
    fn room_for(&mut self, write: &dyn Fn(&mut dyn Sink)) -> Result<(), SendError> {
        if !matches!(self.stage, Stage::Open | Stage::Auth) {
            return Err(SendError::Closed);
        }
        let mut counter = Counter::default();
        write(&mut counter);
        if counter.0 > 32_768 || !self.transport.ever_fits(counter.0) {
            return Err(SendError::TooLong);
        }
        let ready = self.transport.ready_to_send();
        let refusal = match ready {
            Err(error) => {
                self.fail(error);
                return Err(SendError::OutOfMemory);
            }
            Ok(()) if self.transport.rekeying() => SendError::Rekeying,
            Ok(()) if !self.transport.has_room(counter.0) => SendError::Full,
            Ok(()) => return Ok(()),
        };
        self.channels.room_wanted = self.channels.room_wanted.max(counter.0);
        Err(refusal)
    }

    /// Sends a message of the application's.
    fn send_own(&mut self, write: &dyn Fn(&mut dyn Sink)) -> Result<(), SendError> {
        self.room_for(write)?;
        match self.transport.send(write) {
            Ok(true) => Ok(()),
            Ok(false) => Err(SendError::Full),
            Err(error) => {
                self.fail(error);
                Err(SendError::Closed)
            }
        }
    }

    /// A place for the data of the next packet of this channel, if it is its turn.
    fn place_data(&mut self, channel: Channel, stream: Stream, least: usize) -> Result<DataPlace, SendError> {
        use crate::channel::Side;
        let stderr = stream == Stream::Stderr;
        let (server, send_packet) = (self.server, self.settings().limits.send_packet);
        self.may_send()?;
        let fits = least <= MOST_DATA && self.transport.ever_fits(least.saturating_add(DATA_HEADER));
        let (number, slot) = self.slot(channel).ok_or(SendError::Stale)?;
        let open = matches!(slot.state, State::Confirming | State::Open { sent: Side::Data, .. });
        if !open || slot.owes_eof || slot.owes_close || slot.abandoned || stderr && !server {
            return Err(SendError::Closed);
        }
        let wanted = u32::try_from(least.max(1)).map_err(|_| SendError::TooLong)?;
        if wanted > slot.packet.min(send_packet) || !fits {
            return Err(SendError::TooLong);
        }
        slot.least = wanted;
        if slot.window < wanted {
            slot.wants = Wanting::Window;
            self.transport.counters.window_stalls = self.transport.counters.window_stalls.saturating_add(1);
            return Err(SendError::Window);
        }
        let (confirmed, told) = (slot.state != State::Confirming, slot.told > 0);
        let rekeying = self.transport.rekeying();
        if rekeying || !confirmed {
            self.wait_for_room(number);
            return Err(if rekeying { SendError::Rekeying } else { SendError::Full });
        }
        // Others wait: one packet each, in turn.
        let waiting = self.channels.table.front(Queue::Told).is_some() && !told;
        if let Err(error) = self.transport.ready_to_send() {
            self.fail(error);
            return Err(SendError::OutOfMemory);
        }
        let header = if stderr { DATA_HEADER } else { DATA_HEADER.saturating_sub(4) };
        let Some(slot) = self.channels.table.get(number) else { return Err(SendError::Stale) };
        let most = self.most_data(slot);
        // Who was not told leaves alone what was promised to others.
        let promised = if told { 0 } else { self.channels.promised };
        let room = self.transport.data_room(header, most.saturating_add(promised));
        let place = room.start..room.start.saturating_add(room.len().saturating_sub(promised).min(most));
        if waiting || place.len() < self.worthwhile(most).max(least) {
            self.wait_for_room(number);
            return Err(SendError::Full);
        }
        Ok(DataPlace { slot: number, stderr, place })
    }

    fn wait_for_room(&mut self, number: u16) {
        let Some(slot) = self.channels.table.get_mut(number) else { return };
        slot.wants = Wanting::Room;
        // Whose turn it was, and who found the room taken, is the next.
        match core::mem::take(&mut slot.told) {
            0 => self.channels.table.push(Queue::Told, number),
            _ => self.channels.table.push_front(Queue::Told, number),
        }
    }

    pub(crate) fn space(&mut self, place: &DataPlace) -> &mut [u8] {
        self.transport.payload_mut(&place.place)
    }

    /// Seals `n` bytes that the application wrote to `place`.
    pub(crate) fn send_data(&mut self, place: &DataPlace, n: usize) {
        if n > place.place.len() {
            self.fail(Error::Misuse);
            return;
        }
        let Some(slot) = self.channels.table.get_mut(place.slot) else { return };
        let Ok(length) = u32::try_from(n) else { return };
        if n == 0 {
            return;
        }
        slot.window = slot.window.saturating_sub(length);
        self.channels.promised = self.channels.promised.saturating_sub(core::mem::take(&mut slot.told));
        let mut header = [0; DATA_HEADER];
        let mut sink = crate::wire::SliceSink::new(&mut header);
        sink.put(&[if place.stderr { 95 } else { 94 }]);
        sink.put(&slot.remote.to_be_bytes());
        // "MUST have Extended Channel Data Transfer 'data_type_code' values in the range of 0x00000001 to 0xFFFFFFFF"
        // (RFC 4250, section 4.4.1): 1, stderr, is the only one.
        if place.stderr {
            sink.put(&1_u32.to_be_bytes());
        }
        sink.put(&length.to_be_bytes());
        let used = sink.written().unwrap_or(0);
        let header = header.get(..used).unwrap_or_default();
        if let Err(error) = self.transport.send_placed(&place.place, header, n) {
            self.fail(error);
        }
        if self.transport.keys_spent() {
            self.stirred = true;
        }
    }
}
