//! KEXINIT: what each side offers, and what follows from both offers (RFC 4253, section 7.1).

use crate::connection::config::{Settings, ZLIB};
use crate::connection::error::{Error, List};
use crate::crypto::{Cipher, KexMethod, Mac, SignatureAlgorithm};
use crate::message::KexInit;
use crate::wire::{NameList, Sink};

/// How many of a peer's names are looked at in one list.
const CONSIDERED: usize = 64;

/// Indicators of strict key exchange: the draft's names and OpenSSH's.
pub(crate) const STRICT_CLIENT: [&str; 2] = ["kex-strict-c", "kex-strict-c-v00@openssh.com"];
pub(crate) const STRICT_SERVER: [&str; 2] = ["kex-strict-s", "kex-strict-s-v00@openssh.com"];
/// Indicators of RFC 8308, section 2.1.
pub(crate) const EXT_INFO_CLIENT: &str = "ext-info-c";
pub(crate) const EXT_INFO_SERVER: &str = "ext-info-s";

/// What one direction is protected by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Suite {
    pub(crate) cipher: &'static dyn Cipher,
    pub(crate) mac: Option<&'static dyn Mac>,
    /// Payloads are compressed, once there was a login.
    pub(crate) zlib: bool,
}

impl Suite {
    /// The name of the compression.
    pub(crate) fn compression(&self) -> &'static str {
        if self.zlib { ZLIB } else { "none" }
    }
}

/// The outcome of a negotiation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chosen {
    pub(crate) kex: &'static dyn KexMethod,
    pub(crate) host: &'static dyn SignatureAlgorithm,
    pub(crate) client_to_server: Suite,
    pub(crate) server_to_client: Suite,
    /// The peer's guess, if it made one, is right.
    pub(crate) guess: bool,
}

/// Chooses "the first algorithm on the client's list that is also on the server's", list by list.
///
/// # Errors
/// [`Error::NothingInCommon`] with the first list that has nothing.
pub(crate) fn negotiate(settings: &Settings, server: bool, theirs: &KexInit<'_>) -> Result<Chosen, Error> {
    // "Otherwise, the following algorithm MUST be used to choose a key exchange method" (RFC 4253, section 7.1): each
    // host key algorithm here can sign, which is all that any method here asks for. "If both sides make the same guess,
    // that algorithm MUST be used" follows from it.
    let hosts = || settings.host_key_algorithms();
    let kex = pick(settings.kex.rows().iter().copied(), |row| row.name(), theirs.kex, server, List::Kex)?;
    let host = pick(hosts(), |row| row.name(), theirs.host_key, server, List::HostKey)?;
    let suite = |ciphers: NameList<'_>, cipher_list, macs: NameList<'_>, mac_list| {
        let rows = settings.ciphers.rows().iter().copied();
        // For each direction by itself: "Implementations MUST allow the algorithm for each direction to be
        // independently selected" (RFC 4253, section 6.3), "and implementations MUST allow choosing the algorithm
        // independently for both directions" (RFC 4253, section 6.4).
        let cipher = pick(rows, |row| row.name(), ciphers, server, cipher_list)?;
        // An AEAD brings its own MAC: the MAC lists are not looked at (draft-miller-sshm-aes-gcm, section 2).
        let mac = match cipher.aead() {
            true => None,
            false => Some(pick(settings.macs.rows().iter().copied(), |row| row.name(), macs, server, mac_list)?),
        };
        Ok::<_, Error>(Suite { cipher, mac, zlib: false })
    };
    let mut client_to_server =
        suite(theirs.cipher_c2s, List::CipherClientToServer, theirs.mac_c2s, List::MacClientToServer)?;
    let mut server_to_client =
        suite(theirs.cipher_s2c, List::CipherServerToClient, theirs.mac_s2c, List::MacServerToClient)?;
    // "none REQUIRED no compression" (RFC 4253, section 6.2), and so it begins: "Initially, compression MUST be none" (RFC
    // 4253, section 6). "Compression MUST be independent for each direction, and implementations MUST allow independent
    // choosing of the algorithm for each direction" (RFC 4253, section 6.2).
    for (list, which, suite) in [
        (theirs.compression_c2s, List::CompressionClientToServer, &mut client_to_server),
        (theirs.compression_s2c, List::CompressionServerToClient, &mut server_to_client),
    ] {
        suite.zlib = *pick(settings.compressions().iter(), |name| name, list, server, which)? == ZLIB;
    }
    // A guess is right if both sides' first kex and first host key algorithms are equal (RFC 4253, section 7).
    let guess = theirs.kex.first() == settings.kex.rows().first().map(|row| row.name())
        && theirs.host_key.first() == hosts().next().map(|row| row.name());
    Ok(Chosen { kex, host, client_to_server, server_to_client, guess })
}

fn pick<T: ?Sized + 'static>(
    ours: impl Iterator<Item = &'static T> + Clone,
    name: impl Fn(&T) -> &'static str,
    theirs: NameList<'_>,
    server: bool,
    list: List,
) -> Result<&'static T, Error> {
    // "MUST be the first algorithm on the client's name-list that is also on the server's name-list" (RFC 4253, section
    // 7.1). "The first algorithm on the client's name-list that satisfies the requirements and is also supported by the
    // server MUST be chosen" (RFC 4253, section 7.1).
    let mut theirs = theirs.names().take(CONSIDERED);
    let found = if server {
        theirs.find_map(|wanted| ours.clone().find(|row| name(row) == wanted))
    } else {
        let (mut ours, theirs) = (ours, theirs);
        ours.find(|row| theirs.clone().any(|offered| offered == name(row)))
    };
    // "If there is no such algorithm, both sides MUST disconnect." "the connection fails, and both sides MUST
    // disconnect." (RFC 4253, section 7.1) An indicator is no algorithm of ours: "If ext-info-c or ext-info-s ends up
    // being negotiated as a key exchange method, the parties MUST disconnect" (RFC 8308, section 2.2).
    found.ok_or(Error::NothingInCommon(list))
}

/// Writes our KEXINIT: from the configuration and the cookie, so that it need not be kept to be hashed.
pub(crate) fn write_own(settings: &Settings, server: bool, first: bool, cookie: &[u8; 16], sink: &mut dyn Sink) {
    sink.put(&[20]);
    sink.put(cookie);
    let indicators: &[&str] = match (first, server) {
        // "ext-info-c" and the strict markers stand in the first KEXINIT only (RFC 8308, section 2.1).
        (false, _) => &[],
        // "Applications implementing this mechanism MUST add one of the following indicator names" (RFC 8308, section
        // 2.1). "Implementations MUST NOT send an incorrect indicator name for their role" (RFC 8308, section 2.2).
        (true, false) => &[EXT_INFO_CLIENT, STRICT_CLIENT[0], STRICT_CLIENT[1]],
        (true, true) => &[EXT_INFO_SERVER, STRICT_SERVER[0], STRICT_SERVER[1]],
    };
    // "Each supported (allowed) algorithm MUST be listed in order of preference, from most to least. The first
    // algorithm in each name-list MUST be the preferred (guessed) algorithm. Each name-list MUST contain at least one
    // algorithm name." (RFC 4253, section 7.1): a choice of rows is never empty. "The first algorithm MUST be the
    // preferred (and guessed) algorithm" (RFC 4253, section 7.1).
    let kex = settings.kex.rows().iter().map(|row| row.name());
    put_names(sink, kex.chain(indicators.iter().copied()));
    put_names(sink, settings.host_key_algorithms().map(|row| row.name()));
    for _ in 0..2 {
        put_names(sink, settings.ciphers.rows().iter().map(|row| row.name()));
    }
    for _ in 0..2 {
        put_names(sink, settings.macs.rows().iter().map(|row| row.name()));
    }
    for _ in 0..2 {
        put_names(sink, settings.compressions().iter().copied());
    }
    for _ in 0..2 {
        put_names(sink, core::iter::empty());
    }
    // "If no guessed packet will be sent, this MUST be FALSE" (RFC 4253, section 7.1).
    // No guess; reserved.
    sink.put(&[0; 5]);
}

/// Writes a name-list of these names.
/// "Each of the algorithm name-lists MUST be a comma-separated list of algorithm names" (RFC 4253, section 7.1).
pub(crate) fn put_names<'n>(sink: &mut dyn Sink, names: impl Iterator<Item = &'n str> + Clone) {
    let bytes = names.clone().fold(0_usize, |sum, name| sum.saturating_add(name.len()));
    let commas = names.clone().count().saturating_sub(1);
    sink.put(&u32::try_from(bytes.saturating_add(commas)).unwrap_or(u32::MAX).to_be_bytes());
    let mut separator: &[u8] = b"";
    for name in names {
        sink.put(separator);
        sink.put(name.as_bytes());
        separator = b",";
    }
}
