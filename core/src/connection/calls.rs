//! What the application does: write, grant, open, request, finish, close.

use super::error::Error;
use super::machine::{Core, DataPlace, Machine, Stage};
use super::{SendError, Stale, Window, Writer};
use crate::channel::{
    Channel, Credit, DATA_HEADER, Forwards, Global, Input, Open, OpenMessage, Queue, Request, Sent, State, Stream,
    Wanting,
};
use crate::message::{Message, UserauthBanner};
use crate::wire::{Counter, Sink};

impl Machine {
    pub(crate) fn writer(&mut self, channel: Channel, stream: Stream) -> Result<Writer<'_>, SendError> {
        let place = self.core.place_data(channel, stream)?;
        Ok(Writer { core: &mut self.core, place })
    }

    pub(crate) fn grant(&mut self, channel: Channel, n: u32) -> Result<(), Stale> {
        let core = &mut self.core;
        let left = core.settings().limits.credit.saturating_sub(core.channels.credit);
        let packet = core.max_packet();
        let (number, slot) = core.slot(channel).ok_or(Stale)?;
        let granted = slot.credit.grant(n, left);
        let due = slot.credit.due(packet).is_some();
        core.channels.credit = core.channels.credit.saturating_add(u64::from(granted));
        if due {
            core.owe(number);
        }
        Ok(())
    }

    pub(crate) fn open(&mut self, open: Open<'_>, window: Window) -> Result<Channel, SendError> {
        let core = &mut self.core;
        core.may_send()?;
        let Window::Fixed(window) = window;
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
        if let Global::TcpipForward { address, .. } = request {
            if address.len() > Forwards::ADDRESS {
                return Err(SendError::TooLong);
            }
            let room = core.channels.forwards.has_room(address, forwards).map_err(|_| SendError::OutOfMemory)?;
            if !room {
                return Err(SendError::Limit);
            }
        }
        core.send_own(&|sink| request.write(sink))?;
        match request {
            Global::TcpipForward { address, port } => core.channels.forwards.ask(address, port, sent),
            Global::CancelTcpipForward { address, port } => core.channels.forwards.cancel(address, port, sent),
            Global::Other { .. } => {}
        }
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
    fn place_data(&mut self, channel: Channel, stream: Stream) -> Result<DataPlace, SendError> {
        use crate::channel::Side;
        let stderr = stream == Stream::Stderr;
        let server = self.server;
        self.may_send()?;
        let (number, slot) = self.slot(channel).ok_or(SendError::Stale)?;
        let open = matches!(slot.state, State::Confirming | State::Open { sent: Side::Data, .. });
        if !open || slot.owes_eof || slot.owes_close || slot.abandoned || stderr && !server {
            return Err(SendError::Closed);
        }
        if slot.window == 0 {
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
        if waiting || place.len() < self.worthwhile(most) {
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
        self.transport.transmit.slice_mut(&place.place)
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
