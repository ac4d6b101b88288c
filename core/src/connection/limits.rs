//! Every bound of a connection, and the one number they add up to.

use crate::crypto::Provider;

/// What a connection may hold at most. Every field is a promise: exceeding it is an error, never growth.
///
/// [`Limits::bytes`] is the heap of one connection at its worst.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Receive buffer before login, in bytes. Holds one packet of RFC 4253, section 6.1.
    pub handshake_receive: u32,
    /// Transmit buffer before login, in bytes.
    pub handshake_transmit: u32,
    /// Receive buffer after login, in bytes. Larger means fewer reads.
    pub receive: u32,
    /// Transmit buffer after login, in bytes.
    pub transmit: u32,
    /// The largest packet accepted: length field, padding and tag included. RFC 4253, section 6.1 asks for 35,000.
    pub packet: u32,
    /// The most data bytes put into one packet, whatever the peer allows.
    pub send_packet: u32,
    /// Channels at one time: open, half-open and closing ones all count. At most 16,384.
    pub channels: u32,
    /// Bytes of window promised over all channels.
    pub credit: u64,
    /// Unanswered requests of the peer handed over at one time, per channel and for global requests; further ones are
    /// refused and only counted. At most 32.
    pub replies: u32,
    /// Our own requests waiting for an answer, per channel and for global requests.
    pub pending: u32,
    /// Remote forwardings asked for at one time (client).
    pub forwards: u32,
    /// Failed login attempts before the connection ends (RFC 4252, section 4 recommends 20).
    pub attempts: u32,
    /// Public keys asked about without a signature.
    pub probes: u32,
    /// Login messages in all.
    pub auth_messages: u32,
    /// Bytes of one login kept while it is decided: names, and the key blob or password.
    pub login: u32,
    /// Banners shown to the client, in all.
    pub banners: u32,
    /// Lines a server may send before its identification (RFC 4253, section 4.2).
    pub lines: u32,
    /// Bytes of all those lines.
    pub line_bytes: u32,
    /// Bytes received before login, in all.
    pub before_login: u32,
    /// Bytes of decoded messages kept for [`trace`](crate::Connection::trace); 0 turns it off.
    pub trace: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            handshake_receive: 36 * 1024,
            handshake_transmit: 16 * 1024,
            receive: 256 * 1024,
            transmit: 256 * 1024,
            // "All implementations MUST be able to process packets with an uncompressed payload length of 32768 bytes
            // or less and a total packet size of 35000 bytes or less" (RFC 4253, section 6.1); "(any limit for received
            // packets MUST be 32768 bytes or larger" (RFC 4254, section 5.2). EXT_INFO is no exception:
            // "Implementations MUST accept well-formed SSH_MSG_EXT_INFO messages up to the maximum packet length they
            // accept" (RFC 8308, section 2.5).
            packet: 35_000,
            send_packet: 32_768,
            channels: 256,
            credit: 1 << 30,
            replies: 32,
            pending: 16,
            forwards: 16,
            attempts: 20,
            probes: 15,
            auth_messages: 128,
            login: 8 * 1024,
            banners: 32,
            lines: 20,
            line_bytes: 8 * 1024,
            before_login: 1 << 20,
            trace: 0,
        }
    }
}

impl Limits {
    /// The heap of one connection at its worst, in bytes, with `provider`'s declared state. The `Connection` value itself
    /// (see `size_of`) is the caller's to place and is not part of it.
    ///
    /// Added up: both transmit buffers are never held together; a receive buffer is, while the first is exchanged for the
    /// second. The channel table doubles, so that an old half stands beside the new whole.
    #[must_use]
    pub fn bytes(&self, provider: &dyn Provider) -> usize {
        let n = |value: u32| usize::try_from(value).unwrap_or(usize::MAX);
        let slots = n(self.channels).saturating_mul(crate::channel::SLOT_BYTES);
        [
            n(self.handshake_receive).saturating_add(n(self.receive)),
            n(self.transmit).max(n(self.handshake_transmit)),
            slots.saturating_add(slots / 2),
            n(self.forwards).saturating_mul(crate::channel::FORWARD_BYTES),
            // The login being composed, the one being signed, and its signature.
            n(self.login).saturating_mul(3),
            // Our public value of a key exchange and the host key's signature.
            crate::transport::KEX_BYTES,
            super::prove::PROOF_BYTES,
            n(self.trace),
            provider.state_bytes(),
        ]
        .into_iter()
        .fold(0, usize::saturating_add)
    }
}
