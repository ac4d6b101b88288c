//! `source-address`: the addresses from which a certificate may be used (draft-ietf-sshm-cert-01, section 2.4).

use super::principal::matches_host;
use core::fmt::{self, Write};
use core::net::IpAddr;

/// Whether an address is on a list of CIDR ranges (`192.0.2.0/29`), addresses and wildcard addresses (`192.0.2.*`) with
/// commas between them. `None` if anything on the list cannot be read: then nobody knows what it was to say.
pub(in crate::keys) fn is_listed(list: &[u8], source: IpAddr) -> Option<bool> {
    let list = core::str::from_utf8(list).ok()?;
    // An IPv4 client on a socket that takes both is an IPv4 client.
    let source = source.to_canonical();
    let mut found = false;
    for entry in list.split(',') {
        found |= if entry.contains(['*', '?']) { matches_wildcard(entry, source)? } else { in_range(entry, source)? };
    }
    Some(found)
}

/// `192.0.2.*`, against the address as it is written in its shortest form.
fn matches_wildcard(entry: &str, source: IpAddr) -> Option<bool> {
    let is_address = |byte: u8| byte.is_ascii_hexdigit() || b".:*?".contains(&byte);
    if !entry.bytes().all(is_address) {
        return None;
    }
    let mut text = AddressText { bytes: [0; 48], len: 0 };
    write!(text, "{source}").ok()?;
    Some(matches_host(entry.as_bytes(), text.bytes.get(..text.len)?))
}

/// `192.0.2.0/29`, `2001:db8::/32`, `192.0.2.7`. A range that begins in its own middle cannot be read, as in OpenSSH.
fn in_range(entry: &str, source: IpAddr) -> Option<bool> {
    let (address, prefix) = match entry.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (entry, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let most = bits(address).1;
    let prefix = match prefix {
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok()?,
        Some(_) => return None,
        None => most,
    };
    let host = most.checked_sub(prefix)?;
    let (network, most) = bits(address);
    if host > 0 && low(network, host) != 0 {
        return None;
    }
    // An IPv4 range may be written as the IPv6 range that maps it.
    let (network, most) = match address.to_canonical() {
        mapped @ IpAddr::V4(_) if host <= 32 => bits(mapped),
        _ => (network, most),
    };
    let (source, size) = bits(source);
    Some(size == most && high(source, host) == high(network, host))
}

/// An address as a number, and how many bits its kind has.
fn bits(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(four) => (u128::from(u32::from(four)), 32),
        IpAddr::V6(six) => (u128::from(six), 128),
    }
}

/// A number without its lowest `n` bits.
fn high(number: u128, n: u32) -> u128 {
    number.checked_shr(n).unwrap_or(0)
}

/// The lowest `n` bits of a number.
fn low(number: u128, n: u32) -> u128 {
    let mask = u128::MAX.checked_shr(128_u32.saturating_sub(n)).unwrap_or(0);
    number & mask
}

/// An address in letters: at most 45 bytes.
struct AddressText {
    bytes: [u8; 48],
    len: usize,
}

impl Write for AddressText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len.saturating_add(text.len());
        let place = self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?;
        place.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_on_a_list_or_not_and_a_list_that_cannot_be_read_is_neither() {
        let (yes, no) = (Some(true), Some(false));
        let cases = [
            ("192.0.2.0/29", "192.0.2.7", yes),
            ("192.0.2.0/29", "192.0.2.8", no),
            ("192.0.2.7", "192.0.2.7", yes),
            ("192.0.2.7", "192.0.2.8", no),
            ("192.0.2.*", "192.0.2.255", yes),
            ("192.0.2.*", "192.0.20.1", no),
            ("10.0.0.0/8,::1", "::1", yes),
            ("10.0.0.0/8,::1", "10.255.0.1", yes),
            ("10.0.0.0/8,::1", "::2", no),
            ("0.0.0.0/0", "1.2.3.4", yes),
            ("0.0.0.0/0", "::1", no),
            ("::/0", "2001:db8::1", yes),
            ("::/0", "1.2.3.4", no),
            ("::/0", "::ffff:1.2.3.4", no),
            ("1.2.3.4", "::ffff:1.2.3.4", yes),
            ("::ffff:1.2.3.4", "1.2.3.4", yes),
            ("::ffff:1.2.3.0/120", "1.2.3.4", yes),
            ("::ffff:1.2.3.0/120", "1.2.4.4", no),
            ("2001:db8::/32", "2001:db8:ffff::1", yes),
            ("2001:db8::/32", "2001:db9::1", no),
            ("2001:db8::?", "2001:db8::a", yes),
            // An entry that cannot be read is not stepped over.
            ("", "1.2.3.4", None),
            ("1.2.3.4,", "1.2.3.4", None),
            ("1.2.3.4,here", "1.2.3.4", None),
            ("1.2.3.4, 5.6.7.8", "1.2.3.4", None),
            ("1.2.3.4/33", "1.2.3.4", None),
            ("1.2.3.4/", "1.2.3.4", None),
            ("1.2.3.4/+8", "1.2.3.4", None),
            ("1.2.3.4/8", "1.2.3.4", None),
            ("1.2.3.4/4294967328", "1.2.3.4", None),
            ("!1.2.3.4,0.0.0.0/0", "1.2.3.4", None),
            ("host.*", "1.2.3.4", None),
            ("2001:db8::/129", "::1", None),
        ];
        for (list, source, expected) in cases {
            assert_eq!(is_listed(list.as_bytes(), source.parse().unwrap()), expected, "{list:?} {source}");
        }
        assert_eq!(is_listed(b"\xff", "1.2.3.4".parse().unwrap()), None);
    }
}
