//! RFC 4253: bytes to authentic, admitted messages, and back.
//!
//! [`receive`] holds what came, [`transmit`] what goes; [`packet`] knows lengths and padding, [`kex`] and [`negotiate`]
//! the key exchange, [`keys`] the derivation and how much a key may still protect, [`admit`] which message may come when.
//! [`Transport`] is everything of this layer but the receive buffer, which is lent while the rest goes on working.

pub(crate) mod admit;
mod ident;
mod kex;
mod keys;
mod negotiate;
mod packet;
pub(crate) mod receive;
mod transmit;

pub(crate) use admit::{Admit, Method, Phase, Step, admit};
pub(crate) use ident::{Before, Line};
pub(crate) use kex::{Next, Own, Peer};
pub(crate) use negotiate::put_names;
pub(crate) use receive::{HEADROOM, Opened, Receive};
pub(crate) use transmit::KEPT;

use crate::connection::Counters;
use crate::connection::config::Shared;
use crate::connection::error::Error;
use crate::crypto::{Alignment, Hash, Open, Random, Seal, Seed};
use crate::message::{ExtInfo, Message};
use crate::trace::Trace;
use crate::wire::{Counter, NameList, Sink, SliceSink, put_string};
use alloc::boxed::Box;
use core::ops::Range;
use ident::Ident;
use kex::Kex;
use keys::Usage;
use negotiate::Suite;
use transmit::Transmit;

/// Heap that a key exchange holds beside the provider's: our public value twice (while it is written) and a signature.
pub(crate) const KEX_BYTES: usize = 2 * 2048 + kex::SIGNATURE_MAX;

/// Room kept for a key exchange message as soon as an exchange runs.
const KEX_KEPT: usize = 2304;

/// The extension names of EXT_INFO that are looked for (RFC 8308, section 2.5; OpenSSH PROTOCOL, section 1.8).
const SERVER_SIG_ALGS: &str = "server-sig-algs";
const PING: &str = "ping@openssh.com";

/// The longest `server-sig-algs` that is looked at.
const SIG_ALGS_MAX: usize = 4096;

/// One connection's transport layer, without the receive buffer.
pub(crate) struct Transport {
    pub(crate) shared: Shared,
    pub(crate) server: bool,
    pub(crate) transmit: Transmit,
    pub(crate) random: Random,
    own_ident: Ident,
    pub(crate) peer_ident: Ident,
    pub(crate) before: Before,
    seal: Option<Box<dyn Seal>>,
    pub(crate) open: Option<Box<dyn Open>>,
    sequence_out: u32,
    pub(crate) sequence_in: u32,
    usage_out: Usage,
    usage_in: Usage,
    suite_out: Option<Suite>,
    suite_in: Option<Suite>,
    pub(crate) kex: Kex,
    /// What the last exchange that ended agreed on.
    agreed: Option<negotiate::Chosen>,
    session_id: [u8; Hash::MAX],
    session_len: u8,
    /// An exchange ended since this was last looked at.
    pub(crate) exchange_ended: bool,
    /// Bit per signature algorithm of ours that the server named; `None` if it named none.
    pub(crate) peer_signatures: Option<u64>,
    /// The peer answers PING.
    pub(crate) peer_pings: bool,
    ext_infos: u8,
    pub(crate) counters: Counters,
    pub(crate) trace: Trace,
    /// The buffer may have its full size.
    pub(crate) logged_in: bool,
}

impl Transport {
    pub(crate) fn new(shared: Shared, server: bool, seed: &Seed) -> Result<Transport, Error> {
        let settings = shared.settings();
        let software = settings.software.as_bytes();
        let software =
            if software.is_empty() { concat!("sansh_", env!("CARGO_PKG_VERSION")).as_bytes() } else { software };
        let own_ident = Ident::new(&[b"SSH-2.0-", software]).ok_or(Error::Misuse)?;
        let trace = Trace::new(settings.limits.trace)?;
        let mut transport = Transport {
            server,
            transmit: Transmit::default(),
            random: Random::new(seed),
            own_ident,
            peer_ident: Ident::EMPTY,
            before: Before::default(),
            seal: None,
            open: None,
            sequence_out: 0,
            sequence_in: 0,
            usage_out: Usage::default(),
            usage_in: Usage::default(),
            suite_out: None,
            suite_in: None,
            kex: Kex::default(),
            agreed: None,
            session_id: [0; Hash::MAX],
            session_len: 0,
            exchange_ended: false,
            peer_signatures: None,
            peer_pings: false,
            ext_infos: 0,
            counters: Counters::default(),
            trace,
            logged_in: false,
            shared,
        };
        transport.write_ident()?;
        transport.begin_exchange();
        Ok(transport)
    }

    fn write_ident(&mut self) -> Result<(), Error> {
        self.ready_to_send()?;
        let length = self.own_ident.as_bytes().len().saturating_add(2);
        let place = 0..length;
        let mut sink = SliceSink::new(self.transmit.slice_mut(&place));
        sink.put(self.own_ident.as_bytes());
        sink.put(b"\r\n");
        self.transmit.commit(&place);
        self.trace.ident(self.server, self.own_ident.as_bytes());
        Ok(())
    }

    /// Takes the transmit buffer, of the size that fits the state.
    pub(crate) fn ready_to_send(&mut self) -> Result<(), Error> {
        let settings = self.shared.settings();
        let keep = settings.buffers == crate::connection::config::Buffers::Keep;
        let limits = &settings.limits;
        let capacity = if self.logged_in || keep { limits.transmit } else { limits.handshake_transmit };
        self.transmit.hold(usize::try_from(capacity).unwrap_or(usize::MAX))
    }

    pub(crate) fn session(&self) -> Option<&[u8]> {
        self.session_id.get(..usize::from(self.session_len)).filter(|id| !id.is_empty())
    }

    pub(crate) fn take_ident(&mut self, ident: Ident) {
        self.peer_ident = ident;
        self.trace.ident(!self.server, ident.as_bytes());
    }

    /// Whether the running key exchange keeps messages numbered 50 and above from leaving.
    pub(crate) fn rekeying(&self) -> bool {
        self.kex.running()
    }

    /// Names of what is in force: cipher and MAC of each direction.
    pub(crate) fn algorithms(&self) -> Option<crate::connection::Algorithms> {
        let chosen = self.agreed.as_ref()?;
        let names = |suite: &Suite| (suite.cipher.name(), suite.mac.map_or("", |mac| mac.name()));
        Some(crate::connection::Algorithms {
            kex: chosen.kex.name(),
            host_key: chosen.host.name(),
            client_to_server: names(&chosen.client_to_server),
            server_to_client: names(&chosen.server_to_client),
            strict: self.kex.strict == Some(true),
        })
    }

    /// Whether the keys in force have protected as much as they may.
    pub(crate) fn keys_spent(&self) -> bool {
        let settings = self.shared.settings();
        let spent = |usage: &Usage, suite: &Option<Suite>| suite.as_ref().is_some_and(|s| usage.spent(settings, s));
        spent(&self.usage_out, &self.suite_out) || spent(&self.usage_in, &self.suite_in)
    }

    // Sending.

    fn alignment(&self) -> (Alignment, usize) {
        match &self.seal {
            Some(seal) => (seal.alignment(), seal.tag_len()),
            None => (Alignment { block: 8, counts_length: true }, 0),
        }
    }

    /// What stays free behind an ordinary message.
    fn kept(&self) -> usize {
        if self.kex.running() { KEPT.saturating_add(KEX_KEPT) } else { KEPT }
    }

    /// Sends an ordinary message, if there is room. `Ok(false)`: there is none, and nothing happened.
    pub(crate) fn send(&mut self, write: &dyn Fn(&mut dyn Sink)) -> Result<bool, Error> {
        self.put_keeping(self.kept(), write)
    }

    /// Whether an ordinary payload of `n` bytes finds room now.
    pub(crate) fn has_room(&self, n: usize) -> bool {
        let (alignment, tag) = self.alignment();
        let total = packet::layout(n, alignment, tag).total;
        self.transmit.room(total, self.kept()).len() >= total
    }

    /// Whether an ordinary payload of `n` bytes finds room in an empty buffer.
    pub(crate) fn ever_fits(&self, n: usize) -> bool {
        let limits = &self.shared.settings().limits;
        let capacity = if self.logged_in { limits.transmit } else { limits.handshake_transmit };
        let (alignment, tag) = self.alignment();
        let total = packet::layout(n, alignment, tag).total.saturating_add(KEPT).saturating_add(KEX_KEPT);
        total <= usize::try_from(capacity).unwrap_or(usize::MAX)
    }

    /// Sends a message of the key exchange, for which room was kept.
    fn put(&mut self, write: &dyn Fn(&mut dyn Sink)) -> Result<bool, Error> {
        self.put_keeping(KEPT, write)
    }

    /// Sends the last message, for which room is always there.
    pub(crate) fn send_last(&mut self, write: &dyn Fn(&mut dyn Sink)) -> Result<bool, Error> {
        self.put_keeping(0, write)
    }

    fn put_keeping(&mut self, keep: usize, write: &dyn Fn(&mut dyn Sink)) -> Result<bool, Error> {
        self.ready_to_send()?;
        let mut counter = Counter::default();
        write(&mut counter);
        let (alignment, tag) = self.alignment();
        let total = packet::layout(counter.0, alignment, tag).total;
        let room = self.transmit.room(total, keep);
        if room.len() < total {
            return Ok(false);
        }
        let start = room.start.saturating_add(packet::HEAD);
        let place = start..start.saturating_add(counter.0);
        write(&mut SliceSink::new(self.transmit.slice_mut(&place)));
        self.seal(room.start, counter.0)?;
        Ok(true)
    }

    /// Where the data of the next packet may go: behind `header` bytes of its own, at most `most` of them.
    pub(crate) fn data_room(&self, header: usize, most: usize) -> Range<usize> {
        let (alignment, tag) = self.alignment();
        let around = packet::overhead(alignment, tag).saturating_add(header);
        let room = self.transmit.room(most.saturating_add(around), self.kept());
        let start = room.start.saturating_add(packet::HEAD).saturating_add(header);
        start..start.saturating_add(room.len().saturating_sub(around).min(most))
    }

    /// Seals the data packet whose data was written to `place` by the application, `n` bytes of it.
    pub(crate) fn send_placed(&mut self, place: &Range<usize>, header: &[u8], n: usize) -> Result<(), Error> {
        let payload = place.start.saturating_sub(header.len());
        self.transmit.slice_mut(&(payload..place.start)).copy_from_slice(header);
        self.seal(payload.saturating_sub(packet::HEAD), header.len().saturating_add(n))
    }

    /// Seals any payload in any state: for tests of other implementations.
    #[cfg(feature = "danger")]
    pub(crate) fn send_raw(&mut self, payload: &[u8]) -> bool {
        let own = core::mem::replace(&mut self.kex.own, Own::Idle);
        let sent = self.send_last(&|sink| sink.put(payload));
        self.kex.own = own;
        sent == Ok(true)
    }

    /// Seals the packet at `start`, whose payload is written, and lets it go.
    fn seal(&mut self, start: usize, payload: usize) -> Result<(), Error> {
        let (alignment, tag) = self.alignment();
        let layout = packet::layout(payload, alignment, tag);
        let place = start..start.saturating_add(layout.total);
        let packet = self.transmit.slice_mut(&place);
        let length = layout.total.saturating_sub(tag).saturating_sub(4);
        let body = packet::HEAD.saturating_add(payload);
        let (Some((head, rest)), Ok(length), Ok(padding)) =
            (packet.split_first_chunk_mut::<5>(), u32::try_from(length), u8::try_from(layout.padding))
        else {
            return Err(Error::Bug);
        };
        let [l0, l1, l2, l3] = length.to_be_bytes();
        *head = [l0, l1, l2, l3, padding];
        let number = rest.first().copied().unwrap_or_default();
        // "Once a party has sent a SSH_MSG_KEXINIT message … it MUST NOT send any messages other than" 1 to 19 (but 5 and
        // 6), 20 to 29 (but KEXINIT) and 30 to 49 (RFC 4253, section 7.1).
        if self.kex.own == Own::Sent && (number >= 50 || matches!(number, 5 | 6)) {
            return Err(Error::Bug);
        }
        self.random.fill(packet.get_mut(body..body.saturating_add(layout.padding)).unwrap_or_default());
        if self.trace.is_on() {
            let payload = packet.get(packet::HEAD..body).unwrap_or_default();
            self.trace.message(self.server, payload);
        }
        if let Some(seal) = &mut self.seal {
            seal.seal(self.sequence_out, packet)?;
        }
        self.transmit.commit(&place);
        self.sequence_out = self.sequence_out.wrapping_add(1);
        self.usage_out.add(layout.total);
        self.counters.packets_out = self.counters.packets_out.saturating_add(1);
        self.counters.bytes_out = self.counters.bytes_out.saturating_add(layout.total as u64);
        Ok(())
    }

    // Receiving.

    /// Opens the packet at the front of the receive buffer, if it is all there.
    pub(crate) fn receive(&mut self, receive: &mut Receive) -> Result<Opened, Error> {
        let limit = usize::try_from(self.shared.settings().limits.packet).unwrap_or(usize::MAX);
        receive.open(self.open.as_deref_mut(), self.sequence_in, limit)
    }

    /// Counts the packet that was opened. Returns its sequence number.
    pub(crate) fn count_in(&mut self, bytes: usize) -> Result<u32, Error> {
        let sequence = self.sequence_in;
        self.usage_in.add(bytes);
        self.counters.packets_in = self.counters.packets_in.saturating_add(1);
        // One key never sees a sequence number twice (RFC 4251, section 9.3.3; strict: section 3.2 of its draft).
        if self.usage_in.packets > u64::from(u32::MAX) {
            return Err(Error::SequenceWrapped);
        }
        self.sequence_in = sequence.wrapping_add(1);
        Ok(sequence)
    }

    // EXT_INFO (RFC 8308).

    fn flush_ext_info(&mut self) -> Result<(), Error> {
        if !self.kex.owes_ext_info || self.kex.own != Own::Idle {
            return Ok(());
        }
        let (shared, server) = (self.shared.clone(), self.server);
        let wrote = self.put(&|sink| {
            let signatures = shared.settings().signatures.rows().iter().map(|row| row.name());
            sink.put(&[ExtInfo::NUMBER]);
            let count: u32 = if server { 2 } else { 1 };
            sink.put(&count.to_be_bytes());
            if server {
                put_string(sink, SERVER_SIG_ALGS.as_bytes());
                put_names(sink, signatures);
            }
            put_string(sink, PING.as_bytes());
            put_string(sink, b"0");
        })?;
        self.kex.owes_ext_info = !wrote;
        Ok(())
    }

    /// The peer's EXT_INFO. A second one replaces the first; there is no third (RFC 8308, section 2.4).
    pub(crate) fn on_ext_info(&mut self, payload: &[u8]) -> Result<(), Error> {
        let malformed = |what| Error::Malformed { number: ExtInfo::NUMBER, what };
        let info = ExtInfo::parse(payload).map_err(malformed)?;
        self.ext_infos = self.ext_infos.saturating_add(1);
        if self.ext_infos > 2 {
            return Err(Error::Unexpected { number: ExtInfo::NUMBER });
        }
        for extension in info.extensions() {
            let (name, value) = extension.map_err(malformed)?;
            match name.0 {
                SERVER_SIG_ALGS if !self.server && value.len() <= SIG_ALGS_MAX => {
                    if let Ok(list) = NameList::parse(value) {
                        self.peer_signatures = Some(self.signature_bits(list));
                    }
                }
                PING => self.peer_pings = true,
                // "Unknown extensions MUST be ignored" (RFC 8308, section 2.5).
                _ => {}
            }
        }
        Ok(())
    }

    fn signature_bits(&self, list: NameList<'_>) -> u64 {
        let rows = self.shared.settings().signatures.rows().iter().zip(0_u32..64);
        rows.filter(|(row, _)| list.contains(row.name())).fold(0, |bits, (_, at)| bits | 1_u64.rotate_left(at))
    }

    /// Whether the server said that it takes this signature algorithm, or said nothing.
    pub(crate) fn peer_takes(&self, algorithm: &str) -> bool {
        let Some(bits) = self.peer_signatures else { return true };
        let rows = self.shared.settings().signatures.rows().iter().zip(0_u32..64);
        rows.filter(|(row, _)| row.name() == algorithm).any(|(_, at)| bits & 1_u64.rotate_left(at) != 0)
    }
}

impl core::fmt::Debug for Transport {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Transport({:?}, {} out, {} in)", self.kex, self.sequence_out, self.sequence_in)
    }
}
