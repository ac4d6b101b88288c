//! What configuration files said, with the values as what they are.

use super::keyword::{octal, time_or_none};
use super::list::AlgorithmList;
use super::value::{self, RekeyLimit};
use super::{ConfigError, Directive};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

/// One line that counts. Readers give `None` for a value that is of another kind; that it is a value of the keyword's
/// own kind was checked when the line was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    keyword: &'static str,
    file: String,
    line: usize,
    words: Vec<String>,
    rest: String,
    /// It stood behind a `Match` of a server.
    matched: bool,
}

/// The lines that count. The first value of a keyword does, or every one where the manual says so; what stands behind a
/// `Match` of a server counts before what stands in front.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    settings: Vec<Setting>,
}

/// The most lines that are kept: a file that repeats `IdentityFile` without end is refused.
const MAX: usize = 4096;

impl Settings {
    /// The value of a keyword (in lower case), if one was given. Of keywords that count every time, the first.
    #[must_use]
    pub fn first(&self, keyword: &str) -> Option<&Setting> {
        self.every(keyword).next()
    }

    /// All lines of a keyword (in lower case): more than one for those that count every time.
    pub fn every<'q>(&self, keyword: &'q str) -> impl Iterator<Item = &Setting> + use<'_, 'q> {
        let of_it = move |setting: &&Setting| setting.keyword == keyword;
        let matched = self.settings.iter().filter(of_it).any(|setting| setting.matched);
        self.settings.iter().filter(of_it).filter(move |setting| setting.matched == matched)
    }

    /// Everything that counts, in the order in which it was read.
    pub fn all(&self) -> impl Iterator<Item = &Setting> {
        self.settings.iter()
    }

    pub(super) fn keep(
        &mut self,
        keyword: &'static str,
        every: bool,
        matched: bool,
        line: &Directive<'_>,
    ) -> Result<(), ConfigError> {
        let mut known = self.settings.iter().filter(|other| other.keyword == keyword && other.matched == matched);
        let again =
            |other: &Setting| other.words.iter().map(String::as_str).eq(line.arguments().map(|word| word.text()));
        if known.any(|other| !every || again(other)) {
            return Ok(());
        }
        if self.settings.len() >= MAX {
            return Err(line.error("there are too many lines that count"));
        }
        self.settings.push(Setting {
            keyword,
            file: line.file().to_string(),
            line: line.line(),
            words: line.arguments().map(|word| word.text().to_string()).collect(),
            rest: line.rest().to_string(),
            matched,
        });
        Ok(())
    }
}

impl Setting {
    /// The keyword, in lower case and under its newest name.
    #[must_use]
    pub fn keyword(&self) -> &'static str {
        self.keyword
    }

    /// The file that it stood in, as the caller named it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Line number, from 1; 0 for a setting that comes from no file.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The values without their quotes.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// The first value.
    #[must_use]
    pub fn text(&self) -> &str {
        self.words.first().map(String::as_str).unwrap_or_default()
    }

    /// All that stands behind the keyword, as it stands there: for command lines.
    #[must_use]
    pub fn rest(&self) -> &str {
        &self.rest
    }

    /// yes or no.
    #[must_use]
    pub fn yes_no(&self) -> Option<bool> {
        value::yes_no(self.text())
    }

    /// A number.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        value::number(self.text())
    }

    /// A port; 0 asks the system to choose one.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        value::port_or_zero(self.text())
    }

    /// A file mode in octal digits.
    #[must_use]
    pub fn mode(&self) -> Option<u32> {
        octal(self.text())
    }

    /// A time; inside `None` if `none` stands there.
    #[must_use]
    pub fn time(&self) -> Option<Option<Duration>> {
        time_or_none(self.text())
    }

    /// When to exchange new keys.
    #[must_use]
    pub fn rekey_limit(&self) -> Option<RekeyLimit> {
        value::rekey_limit(self.text(), self.words.get(1).map(String::as_str))
    }

    /// A list of algorithms.
    #[must_use]
    pub fn algorithms(&self) -> Option<AlgorithmList<'_>> {
        AlgorithmList::parse(self.text())
    }

    /// `NAME=VALUE`, each name once, the first one.
    #[must_use]
    pub fn variables(&self) -> Vec<(&str, &str)> {
        let mut variables: Vec<(&str, &str)> = Vec::new();
        for (name, value) in self.words.iter().filter_map(|word| word.split_once('=')) {
            if !variables.iter().any(|(known, _)| *known == name) {
                variables.push((name, value));
            }
        }
        variables
    }

    /// An error about it, for what the caller finds wrong later: a file that is not there.
    #[must_use]
    pub fn error(&self, message: &str) -> ConfigError {
        let keyword = self.keyword.to_string();
        ConfigError { file: self.file.clone(), line: self.line, keyword, message: message.to_string() }
    }
}
