//! Addresses against lists of networks, wildcards and names: `from="…"` of `authorized_keys` (sshd(8)) and
//! `Match address` (sshd_config(5)).
//!
//! An element with a mask that does not fit it (`10.0.0.5/8`, `10.0.0.0/33`) makes the whole list unreadable, for
//! nobody knows what was meant: a list that says who may come in must then let nobody in. Names are compared, never
//! looked up.

use super::pattern::{self, Case, Verdict};
use alloc::string::ToString;
use core::net::IpAddr;

/// A network: an address and how many of its leading bits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// The list has an element that is empty, or a mask that does not fit its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadNetwork;

impl core::fmt::Display for BadNetwork {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(
            "an address with a mask that does not fit it, or an empty entry; write 192.0.2.0/24 or 2001:db8::/32",
        )
    }
}

impl core::error::Error for BadNetwork {}

impl Network {
    /// `address/bits`, or an address, which is a network of one. `None`: it is neither, and may be a pattern.
    ///
    /// # Errors
    /// [`BadNetwork`]: there are more bits than the address has, or bits of the address stand behind the mask.
    pub fn parse(text: &str) -> Result<Option<Self>, BadNetwork> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let Ok(address) = address.parse::<IpAddr>() else { return Ok(None) };
        let whole: u8 = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            None => whole,
            Some(bits) => match bits.parse::<u32>() {
                Ok(bits) => u8::try_from(bits).ok().filter(|bits| *bits <= whole).ok_or(BadNetwork)?,
                Err(_) => return Ok(None),
            },
        };
        let network = Network { address, bits };
        if network.outside(number(address)) == 0 { Ok(Some(network)) } else { Err(BadNetwork) }
    }

    /// Whether the address is in the network. The two kinds of address never mix; an IPv4 address that is mapped into
    /// IPv6 is an IPv4 address.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.address.is_ipv4() && {
            let differing = number(address) ^ number(self.address);
            differing == self.outside(differing)
        }
    }

    /// The bits of a number that the mask does not cover.
    fn outside(&self, number: u128) -> u128 {
        let width: u32 = if self.address.is_ipv4() { 32 } else { 128 };
        let hosts = width.saturating_sub(u32::from(self.bits));
        // A shift by the whole width is no shift: then every bit is outside.
        number & !u128::MAX.checked_shl(hosts).unwrap_or(0)
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// What a list of networks, addresses and wildcards says about an address; with `None`, only whether it can be read.
///
/// # Errors
/// [`BadNetwork`].
pub fn address_list(list: &str, address: Option<IpAddr>) -> Result<Verdict, BadNetwork> {
    let address = address.map(|address| address.to_canonical());
    let shown = address.map(|address| address.to_string());
    let mut verdict = Verdict::Nothing;
    for element in list.split(',') {
        let (negated, element) = match element.strip_prefix('!') {
            Some(element) => (true, element),
            None => (false, element),
        };
        if element.is_empty() || element.len() > pattern::MAX {
            return Err(BadNetwork);
        }
        let network = Network::parse(element)?;
        let (Some(address), Some(shown)) = (address, &shown) else { continue };
        let matches = match network {
            Some(network) => network.contains(address),
            None => pattern::glob(element, shown, Case::Fold),
        };
        match (matches, negated) {
            // Elements behind it are still read: a list is good or bad, whoever comes.
            (true, true) => verdict = Verdict::Negated,
            (true, false) if verdict == Verdict::Nothing => verdict = Verdict::Match,
            _ => {}
        }
    }
    Ok(verdict)
}

/// What a list of networks, addresses, wildcards and names says about somebody at `address` who is called `host`, as
/// `from="…"` has it: a negated element decides if it fits the address or the name. Without a name, only the address
/// counts.
///
/// # Errors
/// [`BadNetwork`].
pub fn host_list(list: &str, address: IpAddr, host: Option<&str>) -> Result<Verdict, BadNetwork> {
    let by_name = host.map_or(Verdict::Nothing, |host| pattern::comma_list(list, host, Case::Fold));
    Ok(match (address_list(list, Some(address))?, by_name) {
        (Verdict::Negated, _) | (_, Verdict::Negated) => Verdict::Negated,
        (Verdict::Match, _) | (_, Verdict::Match) => Verdict::Match,
        (Verdict::Nothing, Verdict::Nothing) => Verdict::Nothing,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn networks_contain_what_their_mask_says() {
        for (network, inside, outside) in [
            ("192.0.2.0/24", "192.0.2.255", "192.0.3.0"),
            ("192.0.2.128/25", "192.0.2.128", "192.0.2.127"),
            ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
            ("0.0.0.0/0", "255.1.2.3", "::"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("::/0", "ffff::", "1.2.3.4"),
            ("::1", "::1", "::2"),
            ("10.0.0.0/8", "::ffff:10.1.2.3", "::ffff:11.0.0.0"),
        ] {
            let network = Network::parse(network).unwrap().unwrap();
            assert!(network.contains(address(inside)), "{network:?} {inside}");
            assert!(!network.contains(address(outside)), "{network:?} {outside}");
        }
        for bad in ["10.0.0.5/8", "10.0.0.0/33", "2001:db8::1/64", "::/129", "0.0.0.1/0", "1.2.3.4/300"] {
            assert_eq!(Network::parse(bad), Err(BadNetwork), "{bad}");
        }
        for pattern in ["*", "10.0.0.*", "host", "10.0.0.0/x", "10.0.0.0/", "10.0.0.0/-1", ""] {
            assert_eq!(Network::parse(pattern), Ok(None), "{pattern}");
        }
    }

    #[test]
    fn lists_of_addresses_and_names() {
        use Verdict::{Match, Negated, Nothing};
        for (list, host, ip, expected) in [
            ("10.0.0.0/8", None, "10.1.2.3", Ok(Match)),
            ("10.0.0.0/8,!10.1.0.0/16", None, "10.1.2.3", Ok(Negated)),
            ("!10.1.0.0/16,10.0.0.0/8", None, "10.1.2.3", Ok(Negated)),
            ("10.1.2.?", None, "10.1.2.3", Ok(Match)),
            ("!10.1.2.?,*", None, "10.1.2.3", Ok(Negated)),
            ("!10.1.2.3", None, "10.1.2.4", Ok(Nothing)),
            ("*.example", Some("A.example"), "10.1.2.3", Ok(Match)),
            ("*.example", None, "10.1.2.3", Ok(Nothing)),
            ("!a.example,*", Some("a.example"), "10.1.2.3", Ok(Negated)),
            ("*.example,!10.0.0.0/8", Some("a.example"), "10.1.2.3", Ok(Negated)),
            ("2001:DB8::/32", None, "2001:db8::1", Ok(Match)),
            ("10.0.0.5/8,*", None, "10.1.2.3", Err(BadNetwork)),
            ("*,10.0.0.5/8", None, "10.1.2.3", Err(BadNetwork)),
            ("!*,10.0.0.5/8", None, "10.1.2.3", Err(BadNetwork)),
            ("", None, "10.1.2.3", Err(BadNetwork)),
            ("a,,b", None, "10.1.2.3", Err(BadNetwork)),
            ("a,!", None, "10.1.2.3", Err(BadNetwork)),
        ] {
            assert_eq!(host_list(list, address(ip), host), expected, "{list} {host:?} {ip}");
            assert_eq!(address_list(list, None).is_err(), expected.is_err(), "{list}");
        }
    }
}
