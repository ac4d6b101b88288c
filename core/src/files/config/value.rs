//! Values in configuration files: text to value, `None` if it is none.
//!
//! [`Argument`](super::Argument) calls these and says where the text stands; a command line calls them directly.

use core::time::Duration;

/// `host`, with a port if one is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address<'a> {
    /// Name or address, without brackets. `*` and the empty text mean what the keyword says they mean.
    pub host: &'a str,
    /// The port.
    pub port: Option<u16>,
}

/// What a text should have been.
#[derive(Clone, Copy)]
pub(super) enum What {
    YesNo,
    Number,
    Size,
    Time,
    Port,
    Address,
    List,
    Rekey,
    Variable,
    Mode,
}

impl What {
    pub(super) fn expected(self) -> &'static str {
        match self {
            What::YesNo => " is neither yes nor no",
            What::Number => " is not a number",
            What::Size => " is not a size; write a number of bytes, or one with K, M or G behind it",
            What::Time => " is not a time; write seconds, or numbers with s, m, h, d or w behind each: 1h30m",
            What::Port => " is not a port; write a number from 1 to 65535",
            What::List => " is not a list; write names with commas between them, or +, - or ^ and names",
            What::Rekey => " is not a limit; write a size of at least 16 or default, and a time or none behind it",
            What::Variable => " is not a variable; write NAME=VALUE",
            What::Mode => " is not a file mode; write octal digits",
            What::Address => " is not an address; write host, host:port or [address]:port",
        }
    }
}

/// `yes` or `true`, `no` or `false`, in either case of letters.
#[must_use]
pub fn yes_no(text: &str) -> Option<bool> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if is("yes") || is("true") {
        Some(true)
    } else if is("no") || is("false") {
        Some(false)
    } else {
        None
    }
}

/// Decimal digits and nothing else.
#[must_use]
pub fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// Bytes, with `K`, `M` or `G` for 2^10, 2^20 or 2^30 of them (`RekeyLimit` in ssh_config(5)).
#[must_use]
pub fn size(text: &str) -> Option<u64> {
    let (digits, unit) = match text.as_bytes().last()? {
        b'k' | b'K' => (text.strip_suffix(['k', 'K'])?, 1 << 10),
        b'm' | b'M' => (text.strip_suffix(['m', 'M'])?, 1 << 20),
        b'g' | b'G' => (text.strip_suffix(['g', 'G'])?, 1 << 30),
        _ => (text, 1_u64),
    };
    number(digits)?.checked_mul(unit)
}

/// A sum of numbers with units: `s`, `m`, `h`, `d`, `w` in either case, seconds without one (sshd_config(5), TIME
/// FORMATS).
#[must_use]
pub fn time(text: &str) -> Option<Duration> {
    let mut seconds = 0_u64;
    let mut rest = text;
    loop {
        let end = rest.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
        let (digits, behind) = rest.split_at_checked(end)?;
        let mut behind = behind.chars();
        let unit = match behind.next().map(|unit| unit.to_ascii_lowercase()) {
            None | Some('s') => 1,
            Some('m') => 60,
            Some('h') => 3600,
            Some('d') => 86_400,
            Some('w') => 604_800,
            Some(_) => return None,
        };
        seconds = seconds.checked_add(number(digits)?.checked_mul(unit)?)?;
        rest = behind.as_str();
        if rest.is_empty() {
            return Some(Duration::from_secs(seconds));
        }
    }
}

/// When to exchange new keys (`RekeyLimit`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RekeyLimit {
    /// After so many bytes; `None` is the default, by the cipher.
    pub bytes: Option<u64>,
    /// After so much time; `None` is never.
    pub time: Option<Duration>,
}

/// `1G`, `1G 1h`, `default none`: bytes, and then a time if one is there. Fewer bytes than 16 are refused, as OpenSSH
/// does; 0 is the default.
#[must_use]
pub fn rekey_limit(bytes: &str, time: Option<&str>) -> Option<RekeyLimit> {
    let bytes = match bytes {
        "default" => None,
        bytes => Some(size(bytes)?).filter(|bytes| *bytes != 0),
    };
    let time = match time {
        None | Some("none") => None,
        Some(text) => Some(self::time(text)?).filter(|time| !time.is_zero()),
    };
    bytes.is_none_or(|bytes| bytes >= 16).then_some(RekeyLimit { bytes, time })
}

/// A port from 1 to 65535.
#[must_use]
pub fn port(text: &str) -> Option<u16> {
    port_or_zero(text).filter(|port| *port != 0)
}

/// A port, or 0 where that asks the system to choose one.
#[must_use]
pub fn port_or_zero(text: &str) -> Option<u16> {
    number(text)?.try_into().ok()
}

/// `host`, `host:port`, `[host]`, `[host]:port`, or an IPv6 address, whose several colons make it one as it is. A
/// port, where there is one, is from 0 to 65535.
#[must_use]
pub fn address(text: &str) -> Option<Address<'_>> {
    let (host, port) = match text.strip_prefix('[') {
        Some(bracketed) => {
            let (host, behind) = bracketed.split_once(']')?;
            match behind.strip_prefix(':') {
                Some(port) => (host, Some(port)),
                None if behind.is_empty() => (host, None),
                None => return None,
            }
        }
        None => match text.split_once(':') {
            Some((_, more)) if more.contains(':') => (text, None),
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let readable = !host.is_empty() && !host.contains(['[', ']']) && !host.contains(char::is_whitespace);
    let port = match port {
        Some(port) => Some(port_or_zero(port)?),
        None => None,
    };
    readable.then_some(Address { host, port })
}

/// `port` or `address:port`, as forwardings and `PermitListen` name what to listen on: a bare number is a port here,
/// and the host is then `None`. The address may be empty or `*`.
#[must_use]
pub fn listen(text: &str) -> Option<(Option<&str>, u16)> {
    if let Some(port) = port_or_zero(text) {
        return Some((None, port));
    }
    let (host, port) = match text.strip_prefix('[') {
        Some(bracketed) => bracketed.split_once("]:")?,
        None => text.split_once(':')?,
    };
    let readable = !host.contains(['[', ']']) && !host.contains(char::is_whitespace);
    let port = port_or_zero(port)?;
    readable.then_some((Some(host), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers() {
        assert_eq!(["yes", "NO", "True", "false", "y", "", "1"].map(yes_no), {
            let (yes, no) = (Some(true), Some(false));
            [yes, no, yes, no, None, None, None]
        });
        assert_eq!(["0", "18446744073709551615"].map(number), [Some(0), Some(u64::MAX)]);
        assert_eq!(["", "-1", "+1", " 1", "1 ", "0x1", "18446744073709551616", "١"].map(number), [None; 8]);
    }

    #[test]
    fn sizes() {
        let good = ["16", "1K", "2k", "3M", "1G"].map(size);
        assert_eq!(good, [16, 1024, 2048, 3 << 20, 1 << 30].map(Some));
        assert_eq!(["", "K", "1KB", "1T", "-1K", "17179869184G", "1 K", "ü"].map(size), [None; 8]);
    }

    #[test]
    fn times_as_the_manual_shows_them() {
        let good = ["600", "10m", "1h30m", "1W2D3H4M5S", "0", "1m30"].map(time);
        assert_eq!(good, [600, 600, 5400, 788_645, 0, 90].map(|seconds| Some(Duration::from_secs(seconds))));
        assert_eq!(["", "m", "1hm", "1x", "-1", "1h ", "30500568904944w", "1ü"].map(time), [None; 8]);
    }

    #[test]
    fn ports_and_addresses() {
        assert_eq!(["1", "65535"].map(port), [Some(1), Some(65535)]);
        assert_eq!(["0", "65536", "", "ssh"].map(port), [None; 4]);
        for (text, host, port) in [
            ("host", "host", None),
            ("host:22", "host", Some(22)),
            ("10.0.0.1:22", "10.0.0.1", Some(22)),
            ("[::1]:22", "::1", Some(22)),
            ("[::1]", "::1", None),
            ("::1", "::1", None),
            ("fe80::1%eth0", "fe80::1%eth0", None),
            ("[host]:0", "host", Some(0)),
            ("*:80", "*", Some(80)),
        ] {
            assert_eq!(address(text), Some(Address { host, port }), "{text}");
        }
        for bad in ["", ":22", "[]:22", "host:", "host:x", "host:65536", "[::1", "[::1]22", "[::1]:", "[[a]]:1", "a b"]
        {
            assert_eq!(address(bad), None, "{bad}");
        }
        assert_eq!(listen("8080"), Some((None, 8080)));
        assert_eq!(listen("*:80"), Some((Some("*"), 80)));
        assert_eq!(listen(":80"), Some((Some(""), 80)));
        assert_eq!(listen("[::]:80"), Some((Some("::"), 80)));
        assert_eq!(["", "a", "[::1]", "::1", "a:", "a:65536"].map(listen), [None; 6]);
    }
}
