//! A keyword: what its values look like and how often it counts.

use super::list::AlgorithmList;
use super::value::{self, What};
use super::{Argument, ConfigError, Directive};

/// A row of a table of keywords.
#[derive(Debug)]
pub(super) struct Keyword {
    /// In lower case.
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// Whether each line counts, and not the first alone.
    pub(super) every: bool,
    /// Whether it may stand behind a `Match` of a server.
    pub(super) in_match: bool,
}

/// What the values look like.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// yes, no, true or false.
    Flag,
    Number,
    Octal,
    /// From 1 to 65535, or 0 where that is written too.
    Port,
    /// A time, or `none`.
    Time,
    /// One word that is not empty.
    Word,
    /// Words, at least one.
    Words,
    /// A name, and words behind it.
    Named,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Names with commas between them, and a sign in front.
    Algorithms,
    /// A size, and a time behind it.
    Rekey,
    /// NAME=VALUE, at least one.
    Variables,
    /// The rest of the line as it is.
    Line,
    /// It means nothing any more, or nothing here.
    Ignored,
}

/// Finds a keyword, under an older name too.
pub(super) fn find<'t>(table: &'t [Keyword], aliases: &[(&str, &str)], name: &str) -> Option<&'t Keyword> {
    let name = aliases.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, name)| *name);
    table.iter().find(|keyword| keyword.name == name)
}

impl Kind {
    /// Whether the line has values of this kind, and as many as there should be.
    pub(super) fn check(self, line: &Directive<'_>) -> Result<(), ConfigError> {
        match self {
            Kind::Flag => line.only()?.yes_no().map(drop),
            Kind::Number => line.only()?.number().map(drop),
            Kind::Octal => read(line.only()?, octal, What::Mode),
            Kind::Port => read(line.only()?, value::port_or_zero, What::Port),
            Kind::Time => read(line.only()?, time_or_none, What::Time),
            Kind::Word => filled(line.only()?),
            Kind::Words => words(line, |word| filled(*word)),
            Kind::Named => line.argument(1).and(line.argument(0)).and_then(filled),
            Kind::OneOf(known) => line.only()?.one_of(known).map(drop),
            Kind::Algorithms => read(line.only()?, AlgorithmList::parse, What::List),
            Kind::Rekey => {
                line.at_most(2)?;
                let time = line.arguments().nth(1).map(|time| time.text());
                read(line.argument(0)?, |bytes| value::rekey_limit(bytes, time), What::Rekey)
            }
            Kind::Variables => words(line, |word| read(*word, |text| text.split_once('='), What::Variable)),
            Kind::Line => line.argument(0).map(drop),
            Kind::Ignored => Ok(()),
        }
    }
}

fn read<'d, T>(word: Argument<'d, '_>, reader: impl Fn(&'d str) -> Option<T>, what: What) -> Result<(), ConfigError> {
    word.read(reader, what).map(drop)
}

fn filled(word: Argument<'_, '_>) -> Result<(), ConfigError> {
    if word.text().is_empty() { Err(word.error("", " is empty; write a value")) } else { Ok(()) }
}

fn words(
    line: &Directive<'_>,
    check: impl Fn(&Argument<'_, '_>) -> Result<(), ConfigError>,
) -> Result<(), ConfigError> {
    line.argument(0)?;
    line.arguments().try_for_each(|word| check(&word))
}

/// Octal digits: a file mode.
pub(super) fn octal(text: &str) -> Option<u32> {
    let readable = text.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    readable.then(|| u32::from_str_radix(text, 8).ok()).flatten().filter(|mode| *mode <= 0o777)
}

/// A time; inside `None` for `none`.
pub(super) fn time_or_none(text: &str) -> Option<Option<core::time::Duration>> {
    if text == "none" { Some(None) } else { value::time(text).map(Some) }
}

/// What `LogLevel` knows.
pub(super) const LEVELS: &[&str] =
    &["QUIET", "FATAL", "ERROR", "INFO", "VERBOSE", "DEBUG", "DEBUG1", "DEBUG2", "DEBUG3"];

/// What `SyslogFacility` knows.
pub(super) const FACILITIES: &[&str] = &[
    "DAEMON", "USER", "AUTH", "AUTHPRIV", "LOCAL0", "LOCAL1", "LOCAL2", "LOCAL3", "LOCAL4", "LOCAL5", "LOCAL6",
    "LOCAL7",
];
