//! Messages of the key exchange (RFC 4253, section 7; RFC 4419; RFC 5656, section 4; RFC 8731).

use super::{Cookie, Message, messages};
use crate::crypto::KexShape;
use crate::wire::{Malformed, NameList, Sink};

messages! {
    /// RFC 4253, section 7.1.
    KexInit<'a> = 20 {
        /// 16 random bytes.
        cookie: Cookie,
        /// `kex_algorithms`, with the indicators of RFC 8308 and of strict key exchange among them.
        kex: NameList<'a>,
        /// `server_host_key_algorithms`.
        host_key: NameList<'a>,
        /// `encryption_algorithms_client_to_server`.
        cipher_c2s: NameList<'a>,
        /// `encryption_algorithms_server_to_client`.
        cipher_s2c: NameList<'a>,
        /// `mac_algorithms_client_to_server`.
        mac_c2s: NameList<'a>,
        /// `mac_algorithms_server_to_client`.
        mac_s2c: NameList<'a>,
        /// `compression_algorithms_client_to_server`.
        compression_c2s: NameList<'a>,
        /// `compression_algorithms_server_to_client`.
        compression_s2c: NameList<'a>,
        /// `languages_client_to_server`.
        language_c2s: NameList<'a>,
        /// `languages_server_to_client`.
        language_s2c: NameList<'a>,
        /// `first_kex_packet_follows`: the sender has guessed.
        follows: bool,
        /// Reserved, 0; whatever a peer sends is hashed as sent.
        reserved: u32,
    }
    /// RFC 4253, section 7.3.
    NewKeys<'a> = 21 {}
    /// RFC 5656, section 4; the hybrids and MODP methods carry their first value in the same place.
    KexEcdhInit<'a> = 30 {
        /// The client's public value.
        value: &'a [u8],
    }
    /// RFC 5656, section 4.
    KexEcdhReply<'a> = 31 {
        /// `K_S`: the server's public host key or certificate.
        host_key: &'a [u8],
        /// The server's public value.
        value: &'a [u8],
        /// The signature on the exchange hash.
        signature: &'a [u8],
    }
    /// RFC 4419, section 3.
    KexDhGexRequest<'a> = 34 {
        /// The fewest bits of the prime that the client takes.
        least: u32,
        /// How many it would like.
        preferred: u32,
        /// The most it takes.
        most: u32,
    }
    /// RFC 4419, section 3.
    KexDhGexGroup<'a> = 31 {
        /// The safe prime, an `mpint`.
        prime: &'a [u8],
        /// The generator, an `mpint`.
        generator: &'a [u8],
    }
    /// RFC 4419, section 3.
    KexDhGexInit<'a> = 32 {
        /// `e`, an `mpint`.
        value: &'a [u8],
    }
    /// RFC 4419, section 3.
    KexDhGexReply<'a> = 33 {
        /// `K_S`: the server's public host key or certificate.
        host_key: &'a [u8],
        /// `f`, an `mpint`.
        value: &'a [u8],
        /// The signature on the exchange hash.
        signature: &'a [u8],
    }
}

/// An exchange's first message, whichever method's.
pub(crate) enum ExchangeInit {}

impl ExchangeInit {
    /// The client's public value.
    pub(crate) fn parse(payload: &[u8]) -> Result<&[u8], Malformed> {
        match payload.first() {
            Some(&KexDhGexInit::NUMBER) => KexDhGexInit::parse(payload).map(|init| init.value),
            _ => KexEcdhInit::parse(payload).map(|init| init.value),
        }
    }
}

/// An exchange's last message, whichever method's.
#[derive(Clone, Copy)]
pub(crate) struct ExchangeReply<'a> {
    pub(crate) host_key: &'a [u8],
    pub(crate) value: &'a [u8],
    pub(crate) signature: &'a [u8],
}

impl<'a> ExchangeReply<'a> {
    pub(crate) fn parse(payload: &'a [u8]) -> Result<Self, Malformed> {
        match payload.first() {
            Some(&KexDhGexReply::NUMBER) => {
                let KexDhGexReply { host_key, value, signature, .. } = KexDhGexReply::parse(payload)?;
                Ok(ExchangeReply { host_key, value, signature })
            }
            _ => {
                let KexEcdhReply { host_key, value, signature, .. } = KexEcdhReply::parse(payload)?;
                Ok(ExchangeReply { host_key, value, signature })
            }
        }
    }

    pub(crate) fn write(&self, shape: KexShape, sink: &mut dyn Sink) {
        match shape {
            KexShape::InitReply => KexEcdhReply::new(self.host_key, self.value, self.signature).write(sink),
            KexShape::GroupExchange => KexDhGexReply::new(self.host_key, self.value, self.signature).write(sink),
        }
    }
}
