//! Lists of algorithms: names with commas between them, as `Ciphers`, `MACs`, `KexAlgorithms` and the lists of key types
//! write them (ssh_config(5)).

use crate::files::pattern::{self, Case};
use alloc::vec::Vec;

/// A list, and what it does to the defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlgorithmList<'a> {
    change: Change,
    names: &'a str,
}

/// What a list does to the defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// It takes their place.
    Set,
    /// `+`: it comes behind them.
    Append,
    /// `-`: it is taken out of them.
    Remove,
    /// `^`: it comes in front of them.
    Front,
}

/// The list names an algorithm that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownAlgorithm<'a>(pub &'a str);

impl core::fmt::Display for UnknownAlgorithm<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "there is no algorithm {}", self.0)
    }
}

impl core::error::Error for UnknownAlgorithm<'_> {}

impl<'a> AlgorithmList<'a> {
    /// Reads a list; no name in it may be empty.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let signs = [('+', Change::Append), ('-', Change::Remove), ('^', Change::Front)];
        let signed = signs.iter().find_map(|(sign, change)| Some((*change, text.strip_prefix(*sign)?)));
        let (change, names) = signed.unwrap_or((Change::Set, text));
        let readable = names.split(',').all(|name| !name.is_empty() && name.len() <= pattern::MAX);
        readable.then_some(AlgorithmList { change, names })
    }

    /// What it does to the defaults.
    #[must_use]
    pub fn change(&self) -> Change {
        self.change
    }

    /// The names and patterns, in their order.
    pub fn names(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.names.split(',')
    }

    /// The list that results: `all` is what there is, `defaults` what is used when nothing is said. Patterns stand for
    /// all that they match, in the order of `all`; no name comes twice. It may be empty, which the caller refuses.
    ///
    /// # Errors
    /// [`UnknownAlgorithm`]: a name or pattern stands for nothing. One that is only taken out may.
    pub fn apply<'n>(&self, defaults: &[&'n str], all: &[&'n str]) -> Result<Vec<&'n str>, UnknownAlgorithm<'a>> {
        let meant = |name: &&str, pattern: &str| pattern::glob(pattern, name, Case::Exact);
        if self.change == Change::Remove {
            let taken = |name: &&str| self.names().any(|pattern| meant(name, pattern));
            return Ok(defaults.iter().copied().filter(|name| !taken(name)).collect());
        }
        let mut named = Vec::new();
        for pattern in self.names() {
            let before = named.len();
            named.extend(all.iter().copied().filter(|name| meant(name, pattern)));
            if named.len() == before {
                return Err(UnknownAlgorithm(pattern));
            }
        }
        let (first, second) = match self.change {
            Change::Append => (defaults, named.as_slice()),
            Change::Front => (named.as_slice(), defaults),
            Change::Set | Change::Remove => (named.as_slice(), [].as_slice()),
        };
        let mut result: Vec<&'n str> = Vec::new();
        for name in first.iter().chain(second) {
            if !result.contains(name) {
                result.push(name);
            }
        }
        Ok(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_change_the_defaults() {
        let (defaults, all) = (["a-1", "b-2"], ["a-1", "b-2", "c-3", "c-4"]);
        let apply = |text| AlgorithmList::parse(text).unwrap().apply(&defaults, &all).map(|names| names.join(","));
        for (text, expected) in [
            ("b-2", "b-2"),
            ("c-3,a-1", "c-3,a-1"),
            ("c-*", "c-3,c-4"),
            ("c-4,c-*", "c-4,c-3"),
            ("+c-3", "a-1,b-2,c-3"),
            ("+b-2,c-4", "a-1,b-2,c-4"),
            ("^b-2", "b-2,a-1"),
            ("^c-?", "c-3,c-4,a-1,b-2"),
            ("-b*", "a-1"),
            ("-*", ""),
            ("-x", "a-1,b-2"),
        ] {
            assert_eq!(apply(text).as_deref(), Ok(expected), "{text}");
        }
        assert_eq!(apply("a-1,x"), Err(UnknownAlgorithm("x")));
        assert_eq!(apply("+x*"), Err(UnknownAlgorithm("x*")));
        assert_eq!(apply("++a-1"), Err(UnknownAlgorithm("+a-1")));
        for bad in ["", "+", "a,", ",a", "a,,b", "-"] {
            assert_eq!(AlgorithmList::parse(bad), None, "{bad}");
        }
    }

    /// CVE-2026-35387: a name stands for itself alone, its curve included.
    #[test]
    fn a_name_stands_for_itself() {
        let all = ["ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"];
        let list = AlgorithmList::parse("ecdsa-sha2-nistp384").unwrap();
        assert_eq!(list.apply(&all, &all), Ok(std::vec!["ecdsa-sha2-nistp384"]));
    }
}
