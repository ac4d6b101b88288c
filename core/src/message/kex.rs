//! Messages of the key exchange (RFC 4253, section 7; RFC 5656, section 4; RFC 8731).

use super::{Cookie, messages};
use crate::wire::NameList;

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
}
