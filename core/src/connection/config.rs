//! What is decided before a connection begins. One configuration serves any number of connections.

use super::{Limits, Role, SECOND};
use crate::crypto::{Cipher, KexMethod, Mac, Provider, SignatureAlgorithm};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

/// The configuration of connections of one role. Share it in an `Arc` ([`Shared`](crate::Shared)).
///
/// A new one is complete: the provider's algorithms in the provider's order, [`Limits::default`], re-exchange after
/// 1 GiB (or what the cipher allows) or an hour. A server also needs a [`host_key`](Config::host_key).
#[non_exhaustive]
pub struct Config<R: Role> {
    pub(crate) settings: Settings,
    role: PhantomData<R>,
}

/// When buffers are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Buffers {
    /// Taken when first needed and given back by `handle_timeout` after a second without traffic.
    #[default]
    Release,
    /// Taken at the beginning, in full size, and kept at one address for life.
    Keep,
}

/// The compression that begins behind the login (OpenSSH PROTOCOL, section 1.2).
pub(crate) const ZLIB: &str = "zlib@openssh.com";

/// What a configuration refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// A list names an algorithm that the provider does not have, or is empty.
    UnknownAlgorithm,
    /// A host key blob that no signature algorithm of the provider accepts.
    UnknownKey,
    /// A text with a character or a length that the protocol does not allow.
    BadText,
    /// A limit below what the protocol needs, or above what handles can count.
    BadLimit,
    /// An allocation failed.
    OutOfMemory,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ConfigError::UnknownAlgorithm => "the list is empty or names an algorithm that this provider does not have",
            ConfigError::UnknownKey => "no signature algorithm of this provider takes such a key",
            ConfigError::BadText => "the text has a character or length that the protocol does not allow",
            ConfigError::BadLimit => "the limit is below what the protocol needs, or too large",
            ConfigError::OutOfMemory => "out of memory",
        })
    }
}

impl core::error::Error for ConfigError {}

/// The role-free inside of a [`Config`]: the machine reads this.
pub(crate) struct Settings {
    pub(crate) provider: &'static dyn Provider,
    pub(crate) kex: Choice<dyn KexMethod>,
    pub(crate) ciphers: Choice<dyn Cipher>,
    pub(crate) macs: Choice<dyn Mac>,
    pub(crate) signatures: Choice<dyn SignatureAlgorithm>,
    #[cfg(feature = "zlib")]
    pub(crate) compression: bool,
    pub(crate) limits: Limits,
    pub(crate) buffers: Buffers,
    pub(crate) software: String,
    pub(crate) rekey_bytes: u64,
    pub(crate) rekey_packets: u64,
    pub(crate) rekey_time: u64,
    pub(crate) keepalive: Option<(u64, u32)>,
    pub(crate) login_time: u64,
    pub(crate) kex_time: u64,
    /// Server: a security key has to be touched.
    pub(crate) touch: bool,
    /// Client: SUCCESS is taken for a login that proved nothing.
    pub(crate) trivial_logins: bool,
    /// Server: host keys, in order of preference.
    pub(crate) host_keys: Vec<HostKeyEntry>,
    /// Server: methods named in a FAILURE that names none itself.
    pub(crate) methods: String,
    /// Names beside the built-in ones that reach the application, each a comma-separated list.
    pub(crate) channel_types: String,
    pub(crate) requests: String,
    pub(crate) globals: String,
    pub(crate) auth_methods: String,
}

pub(crate) struct HostKeyEntry {
    pub(crate) algorithm: &'static dyn SignatureAlgorithm,
    pub(crate) blob: Vec<u8>,
}

/// The configuration, whichever role's.
#[derive(Clone)]
pub enum Shared {
    #[doc(hidden)]
    Client(Arc<Config<super::Client>>),
    #[doc(hidden)]
    Server(Arc<Config<super::Server>>),
}

impl Shared {
    pub(crate) fn settings(&self) -> &Settings {
        match self {
            Shared::Client(config) => &config.settings,
            Shared::Server(config) => &config.settings,
        }
    }

    /// The server's key for this algorithm.
    pub(crate) fn host_key(&self, algorithm: &'static dyn SignatureAlgorithm) -> Option<&HostKeyEntry> {
        self.settings().host_keys.iter().find(|key| key.algorithm.name() == algorithm.name())
    }
}

impl core::fmt::Debug for Shared {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(if matches!(self, Shared::Server(_)) { "Shared(server)" } else { "Shared(client)" })
    }
}

/// Some of a provider's rows, or all of them.
pub(crate) enum Choice<T: ?Sized + 'static> {
    All(&'static [&'static T]),
    Some(Vec<&'static T>),
}

impl<T: ?Sized> Choice<T> {
    pub(crate) fn rows(&self) -> &[&'static T] {
        match self {
            Choice::All(rows) => rows,
            Choice::Some(rows) => rows,
        }
    }

    /// The rows in front of the first that is not offered by default.
    fn defaults(all: &'static [&'static T], by_default: impl Fn(&T) -> bool) -> Choice<T> {
        let end = all.iter().position(|row| !by_default(row)).unwrap_or(all.len());
        Choice::All(all.get(..end).unwrap_or(all))
    }

    fn choose(
        all: &'static [&'static T],
        list: &str,
        name: impl Fn(&T) -> &'static str,
    ) -> Result<Choice<T>, ConfigError> {
        let mut rows = Vec::new();
        rows.try_reserve_exact(list.split(',').count()).map_err(|_| ConfigError::OutOfMemory)?;
        for wanted in list.split(',') {
            let row = all.iter().find(|row| name(row) == wanted.trim()).ok_or(ConfigError::UnknownAlgorithm)?;
            rows.push(*row);
        }
        Ok(Choice::Some(rows))
    }
}

impl Settings {
    /// The compression methods this side offers.
    pub(crate) fn compressions(&self) -> &'static [&'static str] {
        #[cfg(feature = "zlib")]
        if self.compression {
            return &[ZLIB, "none"];
        }
        &["none"]
    }

    /// The host key algorithms this side offers: a server's come from its keys, in order.
    pub(crate) fn host_key_algorithms(&self) -> impl Iterator<Item = &'static dyn SignatureAlgorithm> + Clone + '_ {
        let keys = self.host_keys.iter().map(|key| key.algorithm);
        let rows = self.signatures.rows().iter().copied().filter(|row| self.host_keys.is_empty() && row.for_hosts());
        keys.chain(rows)
    }
}

impl<R: Role> Config<R> {
    /// The defaults over this provider.
    #[must_use]
    pub fn new(provider: &'static dyn Provider) -> Self {
        Config {
            settings: Settings {
                provider,
                kex: Choice::defaults(provider.kex(), |row| row.by_default()),
                ciphers: Choice::All(provider.ciphers()),
                macs: Choice::All(provider.macs()),
                signatures: Choice::defaults(provider.signatures(), |row| row.by_default()),
                #[cfg(feature = "zlib")]
                compression: false,
                limits: Limits::default(),
                buffers: Buffers::default(),
                software: String::new(),
                rekey_bytes: u64::MAX,
                rekey_packets: 1 << 31,
                rekey_time: 3600 * SECOND,
                keepalive: None,
                login_time: 120 * SECOND,
                kex_time: 60 * SECOND,
                touch: true,
                trivial_logins: true,
                host_keys: Vec::new(),
                methods: String::new(),
                channel_types: String::new(),
                requests: String::new(),
                globals: String::new(),
                auth_methods: String::new(),
            },
            role: PhantomData,
        }
    }

    /// The key exchange methods to offer, first preference first, as in `KexAlgorithms` of ssh_config(5).
    ///
    /// # Errors
    /// [`ConfigError::UnknownAlgorithm`], [`ConfigError::OutOfMemory`].
    /// "The policy MUST specify which is the preferred algorithm (e.g., the first algorithm listed in each category)"
    /// (RFC 4251, section 4.3).
    pub fn kex(&mut self, list: &str) -> Result<&mut Self, ConfigError> {
        self.settings.kex = Choice::choose(self.settings.provider.kex(), list, |row| row.name())?;
        Ok(self)
    }

    /// The ciphers to offer, for both directions.
    ///
    /// # Errors
    /// As [`kex`](Config::kex).
    pub fn ciphers(&mut self, list: &str) -> Result<&mut Self, ConfigError> {
        self.settings.ciphers = Choice::choose(self.settings.provider.ciphers(), list, |row| row.name())?;
        Ok(self)
    }

    /// The MACs to offer, for both directions.
    ///
    /// # Errors
    /// As [`kex`](Config::kex).
    pub fn macs(&mut self, list: &str) -> Result<&mut Self, ConfigError> {
        self.settings.macs = Choice::choose(self.settings.provider.macs(), list, |row| row.name())?;
        Ok(self)
    }

    /// The signature algorithms taken: of host keys on a client, of user keys on a server (`server-sig-algs`).
    ///
    /// # Errors
    /// As [`kex`](Config::kex).
    pub fn signatures(&mut self, list: &str) -> Result<&mut Self, ConfigError> {
        self.settings.signatures = Choice::choose(self.settings.provider.signatures(), list, |row| row.name())?;
        Ok(self)
    }

    /// Whether `zlib@openssh.com` is offered before `none`, for both directions. Off by default.
    ///
    /// Nothing is compressed before the login. What is compressed together with a secret tells its length; and what a peer
    /// sends compressed costs this side more than its bytes, though no packet becomes longer than `Limits.packet` less 1,024
    /// (or one full data packet). [`bytes`](Config::bytes) counts both directions' state.
    #[cfg(feature = "zlib")]
    pub fn compression(&mut self, offered: bool) -> &mut Self {
        self.settings.compression = offered;
        self
    }

    /// Other bounds.
    ///
    /// # Errors
    /// [`ConfigError::BadLimit`] for bounds that cannot hold a handshake or that handles cannot count.
    pub fn limits(&mut self, limits: Limits) -> Result<&mut Self, ConfigError> {
        let small = limits.packet < 2048
            || limits.handshake_receive < limits.packet.saturating_add(crate::transport::HEADROOM)
            || limits.receive < limits.handshake_receive
            || limits.handshake_transmit < 8192
            || limits.transmit < limits.handshake_transmit
            || limits.login < 512
            || limits.send_packet == 0;
        let large = limits.channels > crate::channel::MAX_CHANNELS || limits.replies > 32 || limits.packet > (1 << 24);
        if small || large {
            return Err(ConfigError::BadLimit);
        }
        self.settings.limits = limits;
        Ok(self)
    }

    /// The bounds in force.
    #[must_use]
    pub fn bounds(&self) -> &Limits {
        &self.settings.limits
    }

    /// The heap of one connection at its worst, in bytes: [`Limits::bytes`] with this provider, and what compression takes if
    /// it is offered.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let bytes = self.settings.limits.bytes(self.settings.provider);
        #[cfg(feature = "zlib")]
        if self.settings.compression {
            return bytes.saturating_add(crate::transport::compress::bytes(&self.settings.limits));
        }
        bytes
    }

    /// When buffers are held.
    pub fn buffers(&mut self, buffers: Buffers) -> &mut Self {
        self.settings.buffers = buffers;
        self
    }

    /// What stands behind `SSH-2.0-` in the identification: a software version, then perhaps a blank and comments
    /// (RFC 4253, section 4.2). By default `sansh_` and the version.
    ///
    /// # Errors
    /// [`ConfigError::BadText`] for more than 200 bytes, a control character, or a `-` in the version.
    pub fn software(&mut self, text: &str) -> Result<&mut Self, ConfigError> {
        let version = text.split(' ').next().unwrap_or_default();
        // "a 'space' character (denoted above as SP, ASCII 32) MUST separate the 'softwareversion' and 'comments'
        // strings"; "The null character MUST NOT be sent" (RFC 4253, section 4.2).
        let printable = text.bytes().all(|b| (0x20..0x7f).contains(&b));
        if version.is_empty() || version.contains('-') || text.len() > 200 || !printable {
            return Err(ConfigError::BadText);
        }
        self.settings.software = copy(text)?;
        Ok(self)
    }

    /// Re-exchange after so many bytes in one direction, whatever the cipher would allow. At least 16 KiB count.
    pub fn rekey_bytes(&mut self, bytes: u64) -> &mut Self {
        self.settings.rekey_bytes = bytes.max(16 * 1024);
        self
    }

    /// Re-exchange after so many packets in one direction; at most 2^31 (RFC 4344, section 3.1).
    pub fn rekey_packets(&mut self, packets: u64) -> &mut Self {
        self.settings.rekey_packets = packets.clamp(16, 1 << 31);
        self
    }

    /// Re-exchange after so many nanoseconds.
    pub fn rekey_time(&mut self, nanoseconds: u64) -> &mut Self {
        self.settings.rekey_time = nanoseconds.max(SECOND);
        self
    }

    /// Ask for a sign of life after `interval` nanoseconds without a packet; end after `misses` unanswered ones.
    pub fn keepalive(&mut self, interval: u64, misses: u32) -> &mut Self {
        self.settings.keepalive = Some((interval.max(1), misses.max(1)));
        self
    }

    /// How long, in nanoseconds, everything up to the login may take. Two minutes by default.
    pub fn login_time(&mut self, nanoseconds: u64) -> &mut Self {
        self.settings.login_time = nanoseconds;
        self
    }

    /// How long, in nanoseconds, one key exchange may take. One minute by default.
    pub fn kex_time(&mut self, nanoseconds: u64) -> &mut Self {
        self.settings.kex_time = nanoseconds;
        self
    }

    /// Channel types beside the built-in ones that reach the application, comma-separated. Others are refused.
    ///
    /// # Errors
    /// [`ConfigError::OutOfMemory`].
    pub fn channel_types(&mut self, names: &str) -> Result<&mut Self, ConfigError> {
        self.settings.channel_types = copy(names)?;
        Ok(self)
    }

    /// Channel requests beside the built-in ones that reach the application.
    ///
    /// # Errors
    /// [`ConfigError::OutOfMemory`].
    pub fn requests(&mut self, names: &str) -> Result<&mut Self, ConfigError> {
        self.settings.requests = copy(names)?;
        Ok(self)
    }

    /// Global requests beside the built-in ones that reach the application.
    ///
    /// # Errors
    /// [`ConfigError::OutOfMemory`].
    pub fn globals(&mut self, names: &str) -> Result<&mut Self, ConfigError> {
        self.settings.globals = copy(names)?;
        Ok(self)
    }
}

impl Config<super::Client> {
    /// Whether a SUCCESS is taken for a login that proved nothing: for `none`, or for a `keyboard-interactive` that asked
    /// nothing. Yes by default. A server that lets everybody in may afterwards ask for a password in a way that looks like
    /// this machine's own (CVE-2021-36367, CVE-2021-36369): who shows prompts to people says no.
    pub fn trivial_logins(&mut self, taken: bool) -> &mut Self {
        self.settings.trivial_logins = taken;
        self
    }
}

impl Config<super::Server> {
    /// Adds a public host key (`string type, …`) or a host certificate. Its private half stays outside: signing is an event.
    /// It is offered under every signature algorithm of the configuration that takes it: an RSA key under two.
    ///
    /// # Errors
    /// [`ConfigError::UnknownKey`] if no algorithm takes it, or it is longer than 8 KiB; [`ConfigError::OutOfMemory`].
    pub fn host_key(&mut self, blob: &[u8]) -> Result<&mut Self, ConfigError> {
        let before = self.settings.host_keys.len();
        let rows = self.settings.signatures.rows().iter().copied();
        for algorithm in rows.filter(|row| row.for_hosts() && row.accepts(blob)) {
            let mut copy = Vec::new();
            copy.try_reserve_exact(blob.len()).map_err(|_| ConfigError::OutOfMemory)?;
            copy.extend_from_slice(blob);
            self.settings.host_keys.try_reserve(1).map_err(|_| ConfigError::OutOfMemory)?;
            self.settings.host_keys.push(HostKeyEntry { algorithm, blob: copy });
        }
        let known = self.settings.host_keys.len() > before && blob.len() <= crate::keys::rotation::KEY_MAX;
        if known { Ok(self) } else { Err(ConfigError::UnknownKey) }
    }

    /// Whether a security key has to be touched to log in: yes by default. If not, the application sees what the key said in
    /// [`Method::PublicKey`](crate::event::server::Method::PublicKey) and decides.
    pub fn touch(&mut self, required: bool) -> &mut Self {
        self.settings.touch = required;
        self
    }

    /// The login methods named to a client, comma-separated, unless a verdict names others. By default
    /// `publickey,password`. This is only what clients are told: any built-in method may still come, behind a partial success
    /// too. Look at the method and at the steps so far before you accept.
    ///
    /// # Errors
    /// [`ConfigError::BadText`] if it is no name-list, [`ConfigError::OutOfMemory`].
    pub fn methods(&mut self, names: &str) -> Result<&mut Self, ConfigError> {
        if !crate::auth::server::fit(names) {
            return Err(ConfigError::BadText);
        }
        self.settings.methods = copy(names)?;
        Ok(self)
    }

    /// Login methods beside the built-in ones that reach the application by name and raw fields.
    ///
    /// # Errors
    /// [`ConfigError::OutOfMemory`].
    pub fn other_methods(&mut self, names: &str) -> Result<&mut Self, ConfigError> {
        self.settings.auth_methods = copy(names)?;
        Ok(self)
    }
}

fn copy(text: &str) -> Result<String, ConfigError> {
    let mut copy = String::new();
    copy.try_reserve_exact(text.len()).map_err(|_| ConfigError::OutOfMemory)?;
    copy.push_str(text);
    Ok(copy)
}

impl<R: Role> fmt::Debug for Config<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("provider", &self.settings.provider.name())
            .field("limits", &self.settings.limits)
            .finish_non_exhaustive()
    }
}
