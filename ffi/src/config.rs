//! Configurations.
//!
//! # Configurations
//!
//! What is decided before a connection begins. Every call but the looks is for the time before the first connection uses it.

use crate::entry::{self, Handle, Poison};
use crate::event;
use crate::library;
use crate::status::{Code, Code::*};
use crate::types::{sansh_status, sansh_time};
use core::ffi::c_char;
use ssh::config::{Buffers, Config};
use ssh::crypto::Provider;
use ssh::{Client, Limits, Server, Shared};

/// What is decided before a connection begins. One configuration serves any number of connections, on any threads; each
/// of them keeps it alive, so that it may be freed at any time. Once a connection uses it, it changes no more.
///
/// A new one is complete: all algorithms of its provider, default limits, a new key exchange after 1 GiB (or what the
/// cipher allows) or an hour. A server also needs sansh_config_host_key().
pub struct sansh_config {
    pub(crate) of: Role,
    /// The limits as set so far; in force are those of `of`.
    limits: Limits,
    /// Whose algorithms check what a connection checks.
    pub(crate) provider: &'static dyn Provider,
    poison: Poison,
}

pub(crate) enum Role {
    Client(Shared<Config<Client>>),
    Server(Shared<Config<Server>>),
}

impl Handle for sansh_config {
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

impl core::fmt::Debug for sansh_config {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("sansh_config")
    }
}

/// Which end of a connection.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_role {
    /// The side that connects.
    SANSH_CLIENT = 0,
    /// The side that is connected to.
    SANSH_SERVER = 1,
}

/// The bounds of a connection.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_limit {
    /// Receive buffer before login, in bytes.
    SANSH_LIMIT_HANDSHAKE_RECEIVE = 0,
    /// Transmit buffer before login, in bytes.
    SANSH_LIMIT_HANDSHAKE_TRANSMIT = 1,
    /// Receive buffer after login, in bytes. Larger means fewer reads.
    SANSH_LIMIT_RECEIVE = 2,
    /// Transmit buffer after login, in bytes.
    SANSH_LIMIT_TRANSMIT = 3,
    /// The largest packet accepted. RFC 4253, section 6.1 asks for 35,000.
    SANSH_LIMIT_PACKET = 4,
    /// The most data bytes put into one packet, whatever the peer allows.
    SANSH_LIMIT_SEND_PACKET = 5,
    /// Channels at one time: open, half-open and closing ones all count. At most 16,384.
    SANSH_LIMIT_CHANNELS = 6,
    /// Bytes of window promised over all channels.
    SANSH_LIMIT_CREDIT = 7,
    /// Unanswered requests of the peer, per channel and for global ones; further ones are refused. At most 32.
    SANSH_LIMIT_REPLIES = 8,
    /// Our own requests waiting for an answer, per channel and for global ones.
    SANSH_LIMIT_PENDING = 9,
    /// Remote forwardings asked for at one time.
    SANSH_LIMIT_FORWARDS = 10,
    /// Failed login attempts before the connection ends.
    SANSH_LIMIT_ATTEMPTS = 11,
    /// Public keys asked about without a signature.
    SANSH_LIMIT_PROBES = 12,
    /// Login messages in all.
    SANSH_LIMIT_AUTH_MESSAGES = 13,
    /// Bytes of one login kept while it is decided.
    SANSH_LIMIT_LOGIN = 14,
    /// Banners shown to a client, in all.
    SANSH_LIMIT_BANNERS = 15,
    /// Lines a server may send before its identification.
    SANSH_LIMIT_LINES = 16,
    /// Bytes of all those lines.
    SANSH_LIMIT_LINE_BYTES = 17,
    /// Bytes received before login, in all.
    SANSH_LIMIT_BEFORE_LOGIN = 18,
    /// Bytes of decoded messages kept for sansh_trace(); 0, the default, turns it off.
    SANSH_LIMIT_TRACE = 19,
}

/// When buffers are held.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_buffers {
    /// Taken when first needed and given back by sansh_handle_timeout() after a second without traffic. The default.
    SANSH_BUFFERS_RELEASE = 0,
    /// Taken at the beginning, in full size, and kept at one address for life.
    SANSH_BUFFERS_KEEP = 1,
}

/// One field of [`Limits`], to be read and written as u64.
enum Field<'a> {
    Short(&'a mut u32),
    Long(&'a mut u64),
}

fn field(limits: &mut Limits, which: i32) -> Option<Field<'_>> {
    macro_rules! fields {
        ($($code:ident $field:ident $width:ident,)*) => {
            match which {
                $(n if n == sansh_limit::$code as i32 => Some(Field::$width(&mut limits.$field)),)*
                _ => None,
            }
        };
    }
    fields! {
        SANSH_LIMIT_HANDSHAKE_RECEIVE handshake_receive Short,
        SANSH_LIMIT_HANDSHAKE_TRANSMIT handshake_transmit Short,
        SANSH_LIMIT_RECEIVE receive Short,
        SANSH_LIMIT_TRANSMIT transmit Short,
        SANSH_LIMIT_PACKET packet Short,
        SANSH_LIMIT_SEND_PACKET send_packet Short,
        SANSH_LIMIT_CHANNELS channels Short,
        SANSH_LIMIT_CREDIT credit Long,
        SANSH_LIMIT_REPLIES replies Short,
        SANSH_LIMIT_PENDING pending Short,
        SANSH_LIMIT_FORWARDS forwards Short,
        SANSH_LIMIT_ATTEMPTS attempts Short,
        SANSH_LIMIT_PROBES probes Short,
        SANSH_LIMIT_AUTH_MESSAGES auth_messages Short,
        SANSH_LIMIT_LOGIN login Short,
        SANSH_LIMIT_BANNERS banners Short,
        SANSH_LIMIT_LINES lines Short,
        SANSH_LIMIT_LINE_BYTES line_bytes Short,
        SANSH_LIMIT_BEFORE_LOGIN before_login Short,
        SANSH_LIMIT_TRACE trace Short,
    }
}

const NO_CONFIG: *mut sansh_config = core::ptr::null_mut();

/// A configuration for a role (SANSH_CLIENT, SANSH_SERVER) over a provider (SANSH_PROVIDER_…), at `*config`. Free it with
/// sansh_config_free(). If it fails, `*config` is NULL.
///
/// SANSH_E_NULL, SANSH_E_ARGUMENT (a role or provider that this library does not have), SANSH_E_MEMORY.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_config_new(role: i32, provider: i32, config: *mut *mut sansh_config) -> sansh_status {
    enter!(alone; out(config, NO_CONFIG); {
        let provider = library::provider(provider).ok_or(SANSH_E_ARGUMENT)?;
        let of = match role {
            n if n == sansh_role::SANSH_CLIENT as i32 => Role::Client(Shared::new(Config::new(provider))),
            n if n == sansh_role::SANSH_SERVER as i32 => Role::Server(Shared::new(Config::new(provider))),
            _ => return Err(SANSH_E_ARGUMENT),
        };
        *config = entry::give(sansh_config { of, limits: Limits::default(), provider, poison: Poison::default() })?;
        Ok(())
    })
}

/// Frees the handle. Connections that use the configuration go on using it. NULL is allowed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_config_free(config: *mut sansh_config) {
    enter!(free config)
}

/// Runs the same call on the configuration of either role, if no connection uses it.
macro_rules! set {
    ($handle:ident, |$config:ident| $call:expr) => {
        match &mut $handle.of {
            Role::Client(shared) => {
                let $config = Shared::get_mut(shared).ok_or(SANSH_E_BUSY)?;
                $call
            }
            Role::Server(shared) => {
                let $config = Shared::get_mut(shared).ok_or(SANSH_E_BUSY)?;
                $call
            }
        }
    };
}

impl sansh_config {
    fn server(&mut self) -> Result<&mut Config<Server>, Code> {
        match &mut self.of {
            Role::Client(_) => Err(SANSH_E_ROLE),
            Role::Server(shared) => Shared::get_mut(shared).ok_or(SANSH_E_BUSY),
        }
    }

    fn client(&mut self) -> Result<&mut Config<Client>, Code> {
        match &mut self.of {
            Role::Client(shared) => Shared::get_mut(shared).ok_or(SANSH_E_BUSY),
            Role::Server(_) => Err(SANSH_E_ROLE),
        }
    }

    /// Whether every limit that was set is in force.
    pub(crate) fn is_whole(&self) -> bool {
        self.limits
            == *match &self.of {
                Role::Client(shared) => shared.bounds(),
                Role::Server(shared) => shared.bounds(),
            }
    }
}

/// The key exchange methods to offer: comma-separated, first preference first, as in KexAlgorithms of ssh_config(5).
///
/// SANSH_E_NULL, SANSH_E_TEXT, SANSH_E_ALGORITHM, SANSH_E_BUSY, SANSH_E_MEMORY; then nothing changed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_config_kex(config: *mut sansh_config, list: *const c_char) -> sansh_status {
    enter!(mut config; text(list); { set!(config, |c| c.kex(list).map(drop).map_err(Code::from)) })
}

/// The ciphers to offer, for both directions. As sansh_config_kex().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_config_ciphers(config: *mut sansh_config, list: *const c_char) -> sansh_status {
    enter!(mut config; text(list); { set!(config, |c| c.ciphers(list).map(drop).map_err(Code::from)) })
}

/// The MACs to offer, for both directions. As sansh_config_kex().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_config_macs(config: *mut sansh_config, list: *const c_char) -> sansh_status {
    enter!(mut config; text(list); { set!(config, |c| c.macs(list).map(drop).map_err(Code::from)) })
}

/// The signature algorithms taken: of host keys on a client, of user keys on a server. As sansh_config_kex().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_config_signatures(config: *mut sansh_config, list: *const c_char) -> sansh_status {
    enter!(mut config; text(list); { set!(config, |c| c.signatures(list).map(drop).map_err(Code::from)) })
}

/// Sets one limit (SANSH_LIMIT_…).
///
/// Limits depend on each other. SANSH_E_BAD_LIMIT says that those set so far do not fit together yet: the value is kept,
/// and all take effect together as soon as they do. Until then sansh_conn_new() refuses the configuration.
/// SANSH_E_NULL, SANSH_E_ARGUMENT (no such limit, or a value above 2^32-1), SANSH_E_BUSY: nothing changed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_config_limit(config: *mut sansh_config, limit: i32, value: u64) -> sansh_status {
    enter!(mut config;; {
        let mut limits = config.limits.clone();
        match field(&mut limits, limit).ok_or(SANSH_E_ARGUMENT)? {
            Field::Short(place) => *place = u32::try_from(value).map_err(|_| SANSH_E_ARGUMENT)?,
            Field::Long(place) => *place = value,
        }
        let new = limits.clone();
        let result = set!(config, |c| c.limits(limits).map(drop).map_err(Code::from));
        if result != Err(SANSH_E_BUSY) {
            config.limits = new;
        }
        result
    })
}

/// The value of a limit as it was set last. 0 for a limit that does not exist.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_config_limit_value(config: *const sansh_config, limit: i32) -> u64 {
    enter!(look config;; {
        Ok(match field(&mut config.limits.clone(), limit).ok_or(SANSH_E_ARGUMENT)? {
            Field::Short(value) => u64::from(*value),
            Field::Long(value) => *value,
        })
    } else |_code| 0)
}

/// The heap of one connection at its worst, in bytes, with the limits in force. 0 if `config` is NULL.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_config_bytes(config: *const sansh_config) -> usize {
    enter!(look config;; {
        let (core, bounds) = match &config.of {
            Role::Client(shared) => (shared.bytes(), shared.bounds()),
            Role::Server(shared) => (shared.bytes(), shared.bounds()),
        };
        Ok(core.saturating_add(event::shelf_bytes(bounds)))
    } else |_code| 0)
}

/// When buffers are held: SANSH_BUFFERS_RELEASE or SANSH_BUFFERS_KEEP.
///
/// SANSH_E_NULL, SANSH_E_ARGUMENT, SANSH_E_BUSY; then nothing changed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_config_buffers(config: *mut sansh_config, buffers: i32) -> sansh_status {
    enter!(mut config;; {
        let buffers = match buffers {
            n if n == sansh_buffers::SANSH_BUFFERS_RELEASE as i32 => Buffers::Release,
            n if n == sansh_buffers::SANSH_BUFFERS_KEEP as i32 => Buffers::Keep,
            _ => return Err(SANSH_E_ARGUMENT),
        };
        set!(config, |c| { c.buffers(buffers); Ok(()) })
    })
}

/// What stands behind `SSH-2.0-` in the identification: a software version, then perhaps a blank and comments.
///
/// SANSH_E_NULL, SANSH_E_TEXT (more than 200 bytes, a control character, or a `-` in the version), SANSH_E_BUSY,
/// SANSH_E_MEMORY; then nothing changed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_config_software(config: *mut sansh_config, software: *const c_char) -> sansh_status {
    enter!(mut config; text(software); { set!(config, |c| c.software(software).map(drop).map_err(Code::from)) })
}

/// Start a new key exchange after so many bytes in one direction, whatever the cipher would allow. At least 16384 count.
///
/// SANSH_E_NULL, SANSH_E_BUSY; then nothing changed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_config_rekey_bytes(config: *mut sansh_config, n: u64) -> sansh_status {
    enter!(mut config;; { set!(config, |c| { c.rekey_bytes(n); Ok(()) }) })
}

/// Start a new key exchange after so many packets in one direction; at most 2^31. As sansh_config_rekey_bytes().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_config_rekey_packets(config: *mut sansh_config, n: u64) -> sansh_status {
    enter!(mut config;; { set!(config, |c| { c.rekey_packets(n); Ok(()) }) })
}

/// Start a new key exchange after so many nanoseconds; at least a second. As sansh_config_rekey_bytes().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_config_rekey_time(config: *mut sansh_config, time: sansh_time) -> sansh_status {
    enter!(mut config;; { set!(config, |c| { c.rekey_time(time); Ok(()) }) })
}

/// Ask the peer for a sign of life after `interval` nanoseconds without a packet; end the connection after `misses`
/// unanswered ones. Off by default.
///
/// SANSH_E_NULL, SANSH_E_BUSY; then nothing changed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_config_keepalive(
    config: *mut sansh_config,
    interval: sansh_time,
    misses: u32,
) -> sansh_status {
    enter!(mut config;; { set!(config, |c| { c.keepalive(interval, misses); Ok(()) }) })
}

/// How long, in nanoseconds, everything up to the login may take. Two minutes by default.
///
/// SANSH_E_NULL, SANSH_E_BUSY; then nothing changed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_config_login_time(config: *mut sansh_config, time: sansh_time) -> sansh_status {
    enter!(mut config;; { set!(config, |c| { c.login_time(time); Ok(()) }) })
}

/// How long, in nanoseconds, one key exchange may take. One minute by default. As sansh_config_login_time().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_config_kex_time(config: *mut sansh_config, time: sansh_time) -> sansh_status {
    enter!(mut config;; { set!(config, |c| { c.kex_time(time); Ok(()) }) })
}

/// Channel types beside the built-in ones that come as SANSH_EVENT_REQUESTED, comma-separated. Others are refused
/// without an event.
///
/// SANSH_E_NULL, SANSH_E_TEXT, SANSH_E_BUSY, SANSH_E_MEMORY; then nothing changed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_config_channel_types(config: *mut sansh_config, names: *const c_char) -> sansh_status {
    enter!(mut config; text(names); { set!(config, |c| c.channel_types(names).map(drop).map_err(Code::from)) })
}

/// Channel requests beside the built-in ones that come as SANSH_EVENT_REQUEST. As sansh_config_channel_types().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_config_requests(config: *mut sansh_config, names: *const c_char) -> sansh_status {
    enter!(mut config; text(names); { set!(config, |c| c.requests(names).map(drop).map_err(Code::from)) })
}

/// Global requests beside the built-in ones that come as SANSH_EVENT_GLOBAL. As sansh_config_channel_types().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_config_globals(config: *mut sansh_config, names: *const c_char) -> sansh_status {
    enter!(mut config; text(names); { set!(config, |c| c.globals(names).map(drop).map_err(Code::from)) })
}

/// Server: adds a public host key, as the blob of RFC 4253, section 6.6 (sansh_key_public_blob(), for one), or a host
/// certificate. Its private half stays outside: SANSH_EVENT_SIGN asks for signatures. It is offered under every signature
/// algorithm of the configuration that takes it: an RSA key under two.
///
/// SANSH_E_NULL, SANSH_E_KEY, SANSH_E_ROLE, SANSH_E_BUSY, SANSH_E_MEMORY; then nothing changed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_config_host_key(
    config: *mut sansh_config,
    blob: *const u8,
    blob_len: usize,
) -> sansh_status {
    enter!(mut config; bytes(blob, blob_len); { Ok(config.server()?.host_key(blob).map(drop)?) })
}

/// Whether `zlib@openssh.com` is offered, before `none`; not by default. Nothing is compressed before the login. It costs about
/// half a MiB a connection, which sansh_config_bytes() counts then.
///
/// SANSH_E_NULL, SANSH_E_BUSY; then nothing changed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_config_compression(config: *mut sansh_config, offered: i32) -> sansh_status {
    enter!(mut config;; { set!(config, |c| { c.compression(offered != 0); Ok(()) }) })
}

/// Server: whether a security key has to be touched to log in; yes by default. If `required` is 0, SANSH_EVENT_LOGIN says what
/// the key said, and you decide.
///
/// SANSH_E_NULL, SANSH_E_ROLE, SANSH_E_BUSY; then nothing changed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_config_touch(config: *mut sansh_config, required: i32) -> sansh_status {
    enter!(mut config;; { config.server()?.touch(required != 0); Ok(()) })
}

/// Client: whether a login that proved nothing is taken: `none`, or a `keyboard-interactive` that asked nothing. Yes by
/// default. A server that lets everybody in may afterwards ask for a password in a way that looks like this machine's own: who
/// shows prompts to people passes 0, and the connection ends with SANSH_REASON_TRIVIAL_LOGIN then.
///
/// SANSH_E_NULL, SANSH_E_ROLE, SANSH_E_BUSY; then nothing changed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_config_trivial_logins(config: *mut sansh_config, taken: i32) -> sansh_status {
    enter!(mut config;; { config.client()?.trivial_logins(taken != 0); Ok(()) })
}

/// Server: the login methods named to a client, comma-separated, unless an answer names others. By default
/// `publickey,password`; name `keyboard-interactive` and `hostbased` here to have them tried. This is only what clients are told:
/// any built-in method may still come, behind a partial success too. Look at `method` and `steps` before you accept.
///
/// SANSH_E_NULL, SANSH_E_TEXT, SANSH_E_ROLE, SANSH_E_BUSY, SANSH_E_MEMORY; then nothing changed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_config_methods(config: *mut sansh_config, names: *const c_char) -> sansh_status {
    enter!(mut config; text(names); { Ok(config.server()?.methods(names).map(drop)?) })
}

/// Server: login methods beside the built-in ones that come as SANSH_EVENT_LOGIN, by name and raw fields.
///
/// SANSH_E_NULL, SANSH_E_TEXT, SANSH_E_ROLE, SANSH_E_BUSY, SANSH_E_MEMORY; then nothing changed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_config_other_methods(config: *mut sansh_config, names: *const c_char) -> sansh_status {
    enter!(mut config; text(names); { Ok(config.server()?.other_methods(names).map(drop)?) })
}
