//! Messages of the connection protocol, as they come (RFC 4254).

use super::ask::{Kind, Refusal, Ticket};
use super::error::Error;
use super::machine::{Channels, Core, Found, Machine, OnChannel};
use super::round_trip::Probe;
use crate::channel::{Credit, Global, Input, Open, Opener, Place, Queue, Request, Slot, State, Wanting, widen};
use crate::message::{
    ChannelClose, ChannelData, ChannelEof, ChannelExtendedData, ChannelFailure, ChannelOpen, ChannelOpenConfirmation,
    ChannelOpenFailure, ChannelRequest, ChannelSuccess, ChannelWindowAdjust, GlobalRequest, Message, RequestFailure,
    RequestSuccess,
};
use core::ops::Range;

/// Whether a comma-separated list of the configuration names it.
pub(crate) fn listed(list: &str, name: &str) -> bool {
    !name.is_empty() && list.split(',').any(|listed| listed.trim() == name)
}

impl Channels {
    /// Whether this client asked for channels that a server opens.
    fn asked_for(&mut self, open: &Open<'_>) -> bool {
        match *open {
            Open::ForwardedTcpip { address, port, .. } => self.forwards.has(Place::Tcp(address, port)),
            Open::ForwardedStreamlocal { path } => self.forwards.has(Place::Unix(path)),
            Open::X11 { .. } => self.table.take_callback(|callbacks| callbacks.x11.as_mut()),
            // "MUST NOT allow connections to the authentication agent unless forwarding such connections has been
            // requested" (RFC 4251, section 4.3).
            Open::AuthAgent => self.table.take_callback(|callbacks| callbacks.agent.as_mut()),
            _ => false,
        }
    }

    /// Whether anything of ours waits for an answer.
    pub(crate) fn awaits_answers(&self) -> bool {
        self.sent != self.answered || self.opening > 0 || self.requested > 0
    }
}

impl Machine {
    /// A message of the connection protocol.
    pub(crate) fn connection_message(&mut self, number: u8, payload: &Range<usize>) -> Result<Option<Found>, Error> {
        let bytes = self.lent.receive.slice(payload);
        let malformed = |what| Error::Malformed { number, what };
        match number {
            80 => self.global_request(payload),
            81 => {
                let success = RequestSuccess::parse(bytes).map_err(malformed)?;
                let port = success.body.0.first_chunk::<4>().map(|port| u32::from_be_bytes(*port));
                self.core.global_reply(true, port, payload)
            }
            82 => {
                RequestFailure::parse(bytes).map_err(malformed)?;
                self.core.global_reply(false, None, payload)
            }
            90 => self.channel_open(payload),
            91 => {
                let message = ChannelOpenConfirmation::parse(bytes).map_err(malformed)?;
                self.core.on_confirmation(&message, payload)
            }
            92 => {
                let message = ChannelOpenFailure::parse(bytes).map_err(malformed)?;
                self.core.on_open_failure(message.recipient, payload)
            }
            93 => {
                let message = ChannelWindowAdjust::parse(bytes).map_err(malformed)?;
                self.core.on_adjust(message.recipient, message.add)
            }
            94 => {
                let message = ChannelData::parse(bytes).map_err(malformed)?;
                let length = message.data.len();
                self.core.on_data(message.recipient, Some(false), payload.end.saturating_sub(length)..payload.end)
            }
            95 => {
                let message = ChannelExtendedData::parse(bytes).map_err(malformed)?;
                // Type 1 is stderr, and goes from server to client (RFC 4254, section 5.2).
                let stderr = (message.kind == 1 && !self.core.server).then_some(true);
                let length = message.data.len();
                self.core.on_data(message.recipient, stderr, payload.end.saturating_sub(length)..payload.end)
            }
            96 => {
                let message = ChannelEof::parse(bytes).map_err(malformed)?;
                let (slot_number, slot) = self.core.seen(message.recipient, Input::EofSeen)?;
                let told = !slot.abandoned;
                Ok(told.then(|| Found::Channel(self.core.handle(slot_number), OnChannel::Eof)))
            }
            97 => {
                let message = ChannelClose::parse(bytes).map_err(malformed)?;
                self.core.on_close(message.recipient)
            }
            98 => self.channel_request(payload),
            99 => {
                let message = ChannelSuccess::parse(bytes).map_err(malformed)?;
                self.core.on_channel_reply(message.recipient, true)
            }
            100 => {
                let message = ChannelFailure::parse(bytes).map_err(malformed)?;
                self.core.on_channel_reply(message.recipient, false)
            }
            _ => Err(Error::Unexpected { number }),
        }
    }

    fn global_request(&mut self, payload: &Range<usize>) -> Result<Option<Found>, Error> {
        let malformed = |what| Error::Malformed { number: 80, what };
        let message = GlobalRequest::parse(self.lent.receive.slice(payload)).map_err(malformed)?;
        let request = Global::parse(message.name.0, message.want_reply, message.body.0).map_err(malformed)?;
        let settings = self.lent.shared.settings();
        let wanted = request.sender().reaches(self.core.server, || listed(&settings.globals, message.name.0));
        self.core.channels.no_more_sessions |= wanted && request == Global::NoMoreSessions;
        let (ring, want_reply) = (settings.limits.replies, message.want_reply);
        let globals = &mut self.core.channels.globals;
        if !wanted {
            if want_reply {
                globals.refuse(ring, Ticket::SERIALS);
            }
            return Ok(None);
        }
        let ticket = match want_reply {
            false => None,
            true => {
                let Some(position) = globals.take(ring, Ticket::SERIALS) else { return Ok(None) };
                if let Some(port) = self.core.channels.ports.get_mut(position as usize & 31) {
                    *port = None;
                }
                if let Global::HostKeysProve { keys } = request {
                    // Nobody has to decide: what is asked for is signatures, one by one.
                    if !self.core.begin_proofs(keys, position) {
                        self.core.channels.globals.decide(position, false);
                    }
                    return Ok(None);
                }
                Some(self.core.lend(position, Kind::Globally, 0))
            }
        };
        Ok(Some(Found::Global { payload: payload.clone(), ticket }))
    }

    fn channel_open(&mut self, payload: &Range<usize>) -> Result<Option<Found>, Error> {
        let malformed = |what| Error::Malformed { number: 90, what };
        let message = ChannelOpen::parse(self.lent.receive.slice(payload)).map_err(malformed)?;
        let open = Open::parse(message.kind.0, message.body.0).map_err(malformed)?;
        let settings = self.lent.shared.settings();
        let core = &mut self.core;
        let refusal = match (open.opener(), open) {
            // A client opens no channel that it was not asked for: only forwardings that were granted.
            (Opener::Client, _) if !core.server => Some(Refusal::PROHIBITED),
            (Opener::Server, _) if core.server => Some(Refusal::PROHIBITED),
            // RFC 4254, sections 6.3.2 and 7.2: nothing comes that was not asked for.
            (Opener::Server, _) if !core.channels.asked_for(&open) => Some(Refusal::PROHIBITED),
            (Opener::Client, Open::Session) if core.channels.no_more_sessions => Some(Refusal::PROHIBITED),
            // "if the server does not understand the proposed 'channel type', … then the 'reason code' MUST be
            // 0x00000003" (RFC 4254, section 5.1; RFC 4250, section 4.3.4).
            (Opener::Listed, _) if !listed(&settings.channel_types, message.kind.0) => Some(Refusal::UNKNOWN_TYPE),
            // A packet size of zero could carry nothing for ever (CVE-2026-59843).
            _ if message.max_packet == 0 => Some(Refusal::CONNECT_FAILED),
            _ => None,
        };
        let (limit, remote) = (settings.limits.channels, message.sender);
        let claimed = match refusal {
            Some(_) => None,
            None => core.channels.table.claim(limit)?,
        };
        let Some(number) = claimed else {
            let reason = refusal.unwrap_or(Refusal::RESOURCE_SHORTAGE);
            return if core.channels.refused.push((remote, reason)) { Ok(None) } else { Err(Error::Flood) };
        };
        let slot = core.channels.table.get_mut(number).ok_or(Error::Bug)?;
        slot.state = slot.state.on(Input::OpenSeen)?;
        (slot.remote, slot.window, slot.packet) = (remote, message.window, message.max_packet);
        let generation = slot.generation;
        let ticket = core.lend(generation, Kind::Opening, number);
        let channel = core.handle(number);
        Ok(Some(Found::Channel(channel, OnChannel::Requested { payload: payload.clone(), ticket })))
    }

    fn channel_request(&mut self, payload: &Range<usize>) -> Result<Option<Found>, Error> {
        let malformed = |what| Error::Malformed { number: 98, what };
        let message = ChannelRequest::parse(self.lent.receive.slice(payload)).map_err(malformed)?;
        let request = Request::parse(message.name.0, message.want_reply, message.body.0).map_err(malformed)?;
        let settings = self.lent.shared.settings();
        let (ring, server) = (settings.limits.replies, self.core.server);
        let (number, slot) = self.core.seen(message.recipient, Input::ControlSeen)?;
        let wanted = request.sender().reaches(server, || listed(&settings.requests, message.name.0));
        // "Only one of these requests can succeed per channel" (RFC 4254, section 6.5).
        let again = request.starts() && slot.started;
        if !wanted || again || slot.abandoned {
            if message.want_reply {
                slot.replies.refuse(ring, Ticket::SERIALS);
                self.core.channels.table.push(Queue::Owed, number);
            }
            return Ok(None);
        }
        let position = match message.want_reply {
            false => None,
            true => match slot.replies.take(ring, Ticket::SERIALS) {
                Some(position) => Some(position),
                None => {
                    self.core.channels.table.push(Queue::Owed, number);
                    return Ok(None);
                }
            },
        };
        if request.starts() {
            slot.started = true;
            slot.start = position;
        }
        let ticket = position.map(|position| self.core.lend(position, Kind::Permission, number));
        let channel = self.core.handle(number);
        Ok(Some(Found::Channel(channel, OnChannel::Request { payload: payload.clone(), ticket })))
    }
}

impl Core {
    /// A message for this channel came: is it there, and may it come?
    fn seen(&mut self, recipient: u32, input: Input) -> Result<(u16, &mut Slot), Error> {
        let number = self.channels.table.on_wire(recipient).ok_or(Error::UnknownChannel)?;
        let slot = self.channels.table.get_mut(number).ok_or(Error::Bug)?;
        slot.state = slot.state.on(input)?;
        Ok((number, slot))
    }

    fn on_confirmation(
        &mut self,
        message: &ChannelOpenConfirmation<'_>,
        payload: &Range<usize>,
    ) -> Result<Option<Found>, Error> {
        let (number, slot) = self.seen(message.recipient, Input::ConfirmationSeen)?;
        (slot.remote, slot.window, slot.packet) = (message.sender, message.window, message.max_packet);
        if slot.packet == 0 {
            return Err(Error::Malformed { number: 91, what: crate::wire::Malformed::Value });
        }
        let abandoned = slot.abandoned;
        if abandoned {
            slot.owes_close = true;
        }
        // EOF and credit may have been owed since before the answer.
        self.channels.table.push(Queue::Owed, number);
        self.channels.opening = self.channels.opening.saturating_sub(1);
        let event = OnChannel::Opened { payload: payload.clone() };
        Ok((!abandoned).then(|| Found::Channel(self.handle(number), event)))
    }

    fn on_open_failure(&mut self, recipient: u32, payload: &Range<usize>) -> Result<Option<Found>, Error> {
        let (number, slot) = self.seen(recipient, Input::FailureSeen)?;
        let event = if slot.abandoned { OnChannel::Closed } else { OnChannel::Refused { payload: payload.clone() } };
        let channel = self.handle(number);
        self.channels.opening = self.channels.opening.saturating_sub(1);
        self.release_slot(number);
        Ok(Some(Found::Channel(channel, event)))
    }

    fn on_adjust(&mut self, recipient: u32, add: u32) -> Result<Option<Found>, Error> {
        let (number, slot) = self.seen(recipient, Input::ControlSeen)?;
        slot.window = widen(slot.window, add)?;
        if slot.wants == Wanting::Window && slot.window >= slot.least.max(1) {
            slot.wants = Wanting::Room;
            self.channels.table.push(Queue::Told, number);
        }
        Ok(None)
    }

    /// Data came; `None` is a stream that nobody knows: it is credited back and forgotten.
    fn on_data(&mut self, recipient: u32, stderr: Option<bool>, bytes: Range<usize>) -> Result<Option<Found>, Error> {
        let most = usize::try_from(self.max_packet()).unwrap_or(usize::MAX);
        let (number, slot) = self.seen(recipient, Input::DataSeen)?;
        if bytes.len() > most {
            return Err(Error::WindowExceeded);
        }
        let before = slot.credit.total();
        slot.credit.take(bytes.len())?;
        let told = !slot.abandoned && !bytes.is_empty();
        let grants = told && slot.tuning.grants && stderr.is_some();
        let back = if stderr.is_none() && !slot.abandoned {
            slot.credit.grant(u32::try_from(bytes.len()).unwrap_or(0), u64::MAX);
            true
        } else {
            false
        };
        // What is held may be worth a packet now that less is outstanding.
        let back = back || slot.credit.due(u32::try_from(most).unwrap_or(u32::MAX)).is_some();
        let after = slot.credit.total();
        self.channels.credit = self.channels.credit.saturating_sub(before).saturating_add(after);
        if back {
            self.channels.table.push(Queue::Owed, number);
        }
        self.regrant = grants.then_some((number, u32::try_from(bytes.len()).unwrap_or(0)));
        Ok(match stderr {
            Some(stderr) if told => Some(Found::Channel(self.handle(number), OnChannel::Data { stderr, bytes })),
            _ => None,
        })
    }

    fn on_close(&mut self, recipient: u32) -> Result<Option<Found>, Error> {
        let (number, slot) = self.seen(recipient, Input::CloseSeen)?;
        slot.wants = Wanting::Nothing;
        if slot.state == State::Ended {
            self.channels.table.push(Queue::Told, number);
        } else {
            // "Upon receiving this message, a party MUST send back an SSH_MSG_CHANNEL_CLOSE" (RFC 4254, section 5.3).
            slot.owes_eof = false;
            slot.owes_close = true;
            self.channels.table.push(Queue::Owed, number);
        }
        Ok(None)
    }

    fn on_channel_reply(&mut self, recipient: u32, ok: bool) -> Result<Option<Found>, Error> {
        let (number, slot) = self.seen(recipient, Input::ControlSeen)?;
        if slot.sent == slot.answered {
            return Err(Error::UnsolicitedReply);
        }
        let sent = slot.answered;
        slot.answered = slot.answered.wrapping_add(1);
        if !ok {
            slot.callbacks.refused(sent);
        }
        self.channels.requested = self.channels.requested.saturating_sub(1);
        let Some(slot) = self.channels.table.get(number) else { return Err(Error::Bug) };
        let told = !slot.abandoned;
        Ok(told.then(|| Found::Channel(self.handle(number), OnChannel::Replied { sent, ok })))
    }

    fn global_reply(&mut self, ok: bool, port: Option<u32>, payload: &Range<usize>) -> Result<Option<Found>, Error> {
        if self.channels.sent == self.channels.answered {
            return Err(Error::UnsolicitedReply);
        }
        let sent = self.channels.answered;
        self.channels.answered = self.channels.answered.wrapping_add(1);
        if self.keepalive.asked == Some(sent) {
            self.keepalive.asked = None;
            self.round_trip.answered(Probe::Alive, self.now);
            return Ok(None);
        }
        self.channels.forwards.answered(sent, ok, port);
        Ok(Some(Found::GlobalReplied { payload: payload.clone(), sent, ok }))
    }

    /// The channel that a peer's open waits for, as the application accepts it.
    pub(crate) fn accept_slot(&mut self, number: u16, window: u32) -> Result<(), Error> {
        let left = self.settings().limits.credit.saturating_sub(self.channels.credit);
        let now = self.now;
        let slot = self.channels.table.get_mut(number).ok_or(Error::Bug)?;
        slot.state = slot.state.on(Input::Accepted)?;
        // The answer's window takes the place of what was granted before it.
        let early = slot.credit.total();
        slot.credit = Credit::new(window.min(u32::try_from(left).unwrap_or(u32::MAX)));
        // It grows from here, whenever that is asked for: what is used of it by then is granted back.
        slot.tuning.begin(slot.credit.outstanding(), slot.tuning.ceiling, slot.tuning.grants, now);
        self.channels.credit = self.channels.credit.saturating_sub(early).saturating_add(slot.credit.total());
        self.channels.table.push(Queue::Owed, number);
        Ok(())
    }
}
