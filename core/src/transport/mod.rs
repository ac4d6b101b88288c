//! RFC 4253: bytes to authentic, admitted messages, and back.
//!
//! [`receive`] holds what came, [`transmit`] what goes; [`packet`] knows lengths and padding, [`kex`] and [`negotiate`]
//! the key exchange, [`keys`] the derivation and how much a key may still protect, [`admit`] which message may come when;
//! `compress` (feature `zlib`) stands before the seal and behind the opening.
//! [`Transport`] is everything of this layer but the receive buffer, which is lent while the rest goes on working.

pub(crate) mod admit;
#[cfg(feature = "zlib")]
pub(crate) mod compress;
mod group;
mod ident;
mod kex;
#[cfg(feature = "danger")]
pub(crate) mod key_log;
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

/// Heap that a key exchange holds beside the provider's: our public value twice (while it is written), a signature, the
/// group that a server named, and the host key that the login may be bound to.
pub(crate) const KEX_BYTES: usize = 2 * 2048 + kex::SIGNATURE_MAX + 2 * 1025 + crate::keys::rotation::KEY_MAX;

/// Room kept for a key exchange message as soon as an exchange runs.
const KEX_KEPT: usize = 2304;

/// The extension names of EXT_INFO that are looked for (RFC 8308, section 2.5; OpenSSH PROTOCOL, section 1.8).
const SERVER_SIG_ALGS: &str = "server-sig-algs";
const PING: &str = "ping@openssh.com";
const HOSTBOUND: &str = "publickey-hostbound@openssh.com";

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
    /// "The ciphers in each direction MUST run independently of each other" (RFC 4253, section 6.3). "The MAC
    /// algorithms for each direction MUST run independently" (RFC 4253, section 6.4).
    seal: Option<Box<dyn Seal>>,
    pub(crate) open: Option<Box<dyn Open>>,
    /// Our payloads are compressed.
    #[cfg(feature = "zlib")]
    deflate: Option<compress::Deflate>,
    /// The peer's are.
    #[cfg(feature = "zlib")]
    incoming: compress::Incoming,
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
    /// Bit per signature algorithm of the provider that the server named; `None` if it named none.
    pub(crate) peer_signatures: Option<u64>,
    /// The peer answers PING.
    pub(crate) peer_pings: bool,
    /// The server takes logins that are bound to its host key.
    pub(crate) peer_hostbound: bool,
    ext_infos: u8,
    pub(crate) counters: Counters,
    pub(crate) trace: Trace,
    #[cfg(feature = "danger")]
    pub(crate) key_log: key_log::KeyLog,
    /// The buffer may have its full size.
    pub(crate) logged_in: bool,
}

impl Transport {
    pub(crate) fn new(shared: Shared, server: bool, seed: &Seed) -> Result<Transport, Error> {
        let settings = shared.settings();
        let software = settings.software.as_bytes();
        let software =
            if software.is_empty() { concat!("sansh_", env!("CARGO_PKG_VERSION")).as_bytes() } else { software };
        // "This identification string MUST be SSH-protoversion-softwareversion SP comments CR LF"; "the 'protoversion'
        // MUST be 2.0" (RFC 4253, section 4.2).
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
            #[cfg(feature = "zlib")]
            deflate: None,
            #[cfg(feature = "zlib")]
            incoming: compress::Incoming::default(),
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
            peer_hostbound: false,
            ext_infos: 0,
            counters: Counters::default(),
            trace,
            #[cfg(feature = "danger")]
            key_log: key_log::KeyLog::default(),
            logged_in: false,
            shared,
        };
        // "When the connection has been established, both sides MUST send an identification string. … All packets
        // following the identification string SHALL use the binary packet protocol" (RFC 4253, section 4.2).
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
        // "The identification MUST be terminated by a single Carriage Return (CR) and a single Line Feed (LF)
        // character" (RFC 4253, section 4.2).
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

    /// The login is over: the buffers may have their full size, and what was agreed to be compressed from then on is.
    pub(crate) fn on_login(&mut self) -> Result<(), Error> {
        self.logged_in = true;
        #[cfg(feature = "zlib")]
        self.restart_deflate()?;
        #[cfg(feature = "zlib")]
        self.restart_inflate();
        Ok(())
    }

    /// Names of what is in force: cipher, MAC and compression of each direction.
    pub(crate) fn algorithms(&self) -> Option<crate::connection::Algorithms> {
        let chosen = self.agreed.as_ref()?;
        let names = |suite: &Suite| (suite.cipher.name(), suite.mac.map_or("", |mac| mac.name()));
        Some(crate::connection::Algorithms {
            kex: chosen.kex.name(),
            host_key: chosen.host.name(),
            client_to_server: names(&chosen.client_to_server),
            server_to_client: names(&chosen.server_to_client),
            compression: (chosen.client_to_server.compression(), chosen.server_to_client.compression()),
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
            // "Initially, the MAC algorithm MUST be none" (RFC 4253, section 6), "and its length MUST be zero" (RFC
            // 4253, section 6.4).
            None => (Alignment { block: 8, counts_length: true }, 0),
        }
    }

    /// What stays free behind an ordinary message.
    fn kept(&self) -> usize {
        if self.kex.running() { KEPT.saturating_add(self.packed(KEX_KEPT)) } else { KEPT }
    }

    /// The most bytes that a payload of `n` takes in its packet.
    fn packed(&self, n: usize) -> usize {
        #[cfg(feature = "zlib")]
        if self.deflate.is_some() {
            return compress::packed(n);
        }
        n
    }

    /// The longest payload that never takes more than `room` bytes in its packet.
    fn unpacked(&self, room: usize) -> usize {
        #[cfg(feature = "zlib")]
        if self.deflate.is_some() {
            return compress::unpacked(room);
        }
        room
    }

    /// Where the payload of a packet at `start` begins: in the packet itself, or in the scratch from which it is compressed.
    fn payload_start(&self, start: usize) -> usize {
        #[cfg(feature = "zlib")]
        if self.deflate.is_some() {
            return 0;
        }
        start.saturating_add(packet::HEAD)
    }

    /// A place in a payload that is being written.
    pub(crate) fn payload_mut(&mut self, place: &Range<usize>) -> &mut [u8] {
        #[cfg(feature = "zlib")]
        if let Some(deflate) = &mut self.deflate {
            return deflate.scratch(place);
        }
        self.transmit.slice_mut(place)
    }

    /// Sends an ordinary message, if there is room. `Ok(false)`: there is none, and nothing happened.
    pub(crate) fn send(&mut self, write: &dyn Fn(&mut dyn Sink)) -> Result<bool, Error> {
        self.put_keeping(self.kept(), write)
    }

    /// Whether an ordinary payload of `n` bytes finds room now.
    pub(crate) fn has_room(&self, n: usize) -> bool {
        let (alignment, tag) = self.alignment();
        let total = packet::layout(self.packed(n), alignment, tag).total;
        self.transmit.room(total, self.kept()).len() >= total
    }

    /// Whether an ordinary payload of `n` bytes finds room in an empty buffer.
    pub(crate) fn ever_fits(&self, n: usize) -> bool {
        let limits = &self.shared.settings().limits;
        let capacity = if self.logged_in { limits.transmit } else { limits.handshake_transmit };
        let (alignment, tag) = self.alignment();
        let total = packet::layout(self.packed(n), alignment, tag).total;
        let total = total.saturating_add(KEPT).saturating_add(self.packed(KEX_KEPT));
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
        // Only a PONG may be longer than what is ever deflated; it goes without, as it does without room.
        #[cfg(feature = "zlib")]
        if self.deflate.is_some() && counter.0 > compress::Deflate::LONGEST {
            return Ok(false);
        }
        let (alignment, tag) = self.alignment();
        let total = packet::layout(self.packed(counter.0), alignment, tag).total;
        let room = self.transmit.room(total, keep);
        if room.len() < total {
            return Ok(false);
        }
        let start = self.payload_start(room.start);
        let place = start..start.saturating_add(counter.0);
        write(&mut SliceSink::new(self.payload_mut(&place)));
        self.seal(room.start, counter.0)?;
        Ok(true)
    }

    /// Where the data of the next packet may be written ([`payload_mut`](Transport::payload_mut)): behind `header` bytes of
    /// its own, at most `most` of them.
    pub(crate) fn data_room(&self, header: usize, most: usize) -> Range<usize> {
        let (alignment, tag) = self.alignment();
        let around = packet::overhead(alignment, tag);
        let wish = self.packed(most.saturating_add(header)).saturating_add(around);
        let room = self.transmit.room(wish, self.kept());
        let start = self.payload_start(room.start).saturating_add(header);
        let payload = self.unpacked(room.len().saturating_sub(around));
        start..start.saturating_add(payload.saturating_sub(header).min(most))
    }

    /// Where the packet goes whose payload of `n` bytes was written at `payload`.
    #[cfg_attr(not(feature = "zlib"), allow(unused_variables, reason = "it was written where it goes"))]
    fn packet_start(&self, payload: usize, n: usize) -> Result<usize, Error> {
        #[cfg(feature = "zlib")]
        if self.deflate.is_some() {
            let (alignment, tag) = self.alignment();
            let total = packet::layout(self.packed(n), alignment, tag).total;
            let room = self.transmit.room(total, self.kept());
            return if room.len() >= total { Ok(room.start) } else { Err(Error::Bug) };
        }
        Ok(payload.saturating_sub(packet::HEAD))
    }

    /// Seals the data packet whose data was written to `place` by the application, `n` bytes of it.
    pub(crate) fn send_placed(&mut self, place: &Range<usize>, header: &[u8], n: usize) -> Result<(), Error> {
        let payload = place.start.saturating_sub(header.len());
        let length = header.len().saturating_add(n);
        self.payload_mut(&(payload..place.start)).copy_from_slice(header);
        self.seal(self.packet_start(payload, length)?, length)
    }

    /// Seals any payload in any state: for tests of other implementations.
    #[cfg(feature = "danger")]
    pub(crate) fn send_raw(&mut self, payload: &[u8]) -> bool {
        let own = core::mem::replace(&mut self.kex.own, Own::Idle);
        let sent = self.send_last(&|sink| sink.put(payload));
        self.kex.own = own;
        sent == Ok(true)
    }

    /// Seals the packet at `start`, whose payload of so many bytes is written, and lets it go.
    fn seal(&mut self, start: usize, payload: usize) -> Result<(), Error> {
        self.check_payload(start, payload)?;
        // "the 'payload' field (and only it) will be compressed" (RFC 4253, section 6.2), and then the rest follows from it.
        #[cfg(feature = "zlib")]
        let payload = self.deflate(start, payload)?;
        let (alignment, tag) = self.alignment();
        let layout = packet::layout(payload, alignment, tag);
        let place = start..start.saturating_add(layout.total);
        let packet = self.transmit.slice_mut(&place);
        let length = layout.total.saturating_sub(tag).saturating_sub(4);
        let body = packet::HEAD.saturating_add(payload);
        let (Some((head, _)), Ok(length), Ok(padding)) =
            (packet.split_first_chunk_mut::<5>(), u32::try_from(length), u8::try_from(layout.padding))
        else {
            return Err(Error::Bug);
        };
        let [l0, l1, l2, l3] = length.to_be_bytes();
        *head = [l0, l1, l2, l3, padding];
        self.random.fill(packet.get_mut(body..body.saturating_add(layout.padding)).unwrap_or_default());
        if let Some(seal) = &mut self.seal {
            // "the packet length, padding length, payload, and padding fields of each packet MUST be encrypted with the
            // given algorithm" (RFC 4253, section 6.3): a seal takes the whole packet.
            seal.seal(self.sequence_out, packet)?;
        }
        self.transmit.commit(&place);
        self.sequence_out = self.sequence_out.wrapping_add(1);
        self.usage_out.add(layout.total);
        self.counters.packets_out = self.counters.packets_out.saturating_add(1);
        self.counters.bytes_out = self.counters.bytes_out.saturating_add(layout.total as u64);
        Ok(())
    }

    /// Whether the payload of the packet at `start` may go now. In the trace it stands as it was written.
    fn check_payload(&mut self, start: usize, payload: usize) -> Result<(), Error> {
        let at = self.payload_start(start);
        let place = at..at.saturating_add(payload);
        #[cfg(feature = "zlib")]
        let payload = match &mut self.deflate {
            Some(deflate) => deflate.scratch(&place),
            None => self.transmit.slice_mut(&place),
        };
        #[cfg(not(feature = "zlib"))]
        let payload = self.transmit.slice_mut(&place);
        let number = payload.first().copied().unwrap_or_default();
        // "Once a party has sent a SSH_MSG_KEXINIT message … it MUST NOT send any messages other than" 1 to 19 (but 5 and
        // 6), 20 to 29 (but KEXINIT) and 30 to 49 (RFC 4253, section 7.1).
        // "but SSH_MSG_SERVICE_REQUEST and SSH_MSG_SERVICE_ACCEPT MUST NOT be sent" (RFC 4253, section 7.1).
        if self.kex.own == Own::Sent && (number >= 50 || matches!(number, 5 | 6)) {
            return Err(Error::Bug);
        }
        if self.trace.is_on() {
            self.trace.message(self.server, payload);
        }
        Ok(())
    }

    // Receiving.

    /// Opens the packet at the front of the receive buffer, if it is all there.
    pub(crate) fn receive(&mut self, receive: &mut Receive) -> Result<Opened, Error> {
        let limit = usize::try_from(self.shared.settings().limits.packet).unwrap_or(usize::MAX);
        #[cfg(feature = "zlib")]
        let known = receive.is_open();
        let opened = receive.open(self.open.as_deref_mut(), self.sequence_in, limit)?;
        #[cfg(feature = "zlib")]
        if !known && opened != Opened::Partial {
            return self.inflate(receive, opened);
        }
        Ok(opened)
    }

    /// Counts the packet that was opened. Returns its sequence number.
    pub(crate) fn count_in(&mut self, bytes: usize) -> Result<u32, Error> {
        let sequence = self.sequence_in;
        self.usage_in.add(bytes);
        self.counters.packets_in = self.counters.packets_in.saturating_add(1);
        // One key never sees a sequence number twice (RFC 4251, section 9.3.3; strict: section 3.2 of its draft).
        // "peers MUST rekey before a wrap of the sequence numbers" (RFC 4251, section 9.3.3).
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
            let count: u32 = if server { 3 } else { 1 };
            sink.put(&count.to_be_bytes());
            if server {
                put_string(sink, SERVER_SIG_ALGS.as_bytes());
                // "a server MUST enumerate all public key algorithms it might accept during user authentication" (RFC
                // 8308, section 3.1).
                put_names(sink, signatures);
                put_string(sink, HOSTBOUND.as_bytes());
                put_string(sink, b"0");
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
        // "The relative order in which extensions appear in an SSH_MSG_EXT_INFO message MUST be ignored" (RFC 8308,
        // section 2.5).
        for extension in info.extensions() {
            let (name, value) = extension.map_err(malformed)?;
            match name.0 {
                SERVER_SIG_ALGS if !self.server && value.len() <= SIG_ALGS_MAX => {
                    if let Ok(list) = NameList::parse(value) {
                        self.peer_signatures = Some(self.signature_bits(list));
                    }
                }
                PING => self.peer_pings = true,
                HOSTBOUND => self.peer_hostbound = !self.server && value == b"0",
                // "Applications MUST ignore unrecognized extension-names." "Applications that do not implement or recognize
                // an extension MUST ignore its extension-value, regardless of its size or content. Applications MUST
                // tolerate any sequence of bytes … in an unknown extension's extension-value." (RFC 8308, section 2.5)
                _ => {}
            }
        }
        Ok(())
    }

    fn signature_bits(&self, list: NameList<'_>) -> u64 {
        let rows = self.shared.settings().provider.signatures().iter().zip(0_u32..64);
        rows.filter(|(row, _)| list.contains(row.name())).fold(0, |bits, (_, at)| bits | 1_u64.rotate_left(at))
    }

    /// Whether the server said that it takes this signature algorithm, or said nothing.
    pub(crate) fn peer_takes(&self, algorithm: &str) -> bool {
        // "If a server does not send this extension, a client MUST NOT make any assumptions about the server's public
        // key algorithm support" (RFC 8308, section 3.1).
        let Some(bits) = self.peer_signatures else { return true };
        let rows = self.shared.settings().provider.signatures().iter().zip(0_u32..64);
        rows.filter(|(row, _)| row.name() == algorithm).any(|(_, at)| bits & 1_u64.rotate_left(at) != 0)
    }
}

impl core::fmt::Debug for Transport {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Transport({:?}, {} out, {} in)", self.kex, self.sequence_out, self.sequence_in)
    }
}
