//! The syntax that ssh_config(5) and sshd_config(5) share: lines of a keyword and arguments, and readers of their
//! values.
//!
//! No file is opened. [`directives`] knows no keyword: `Include`, `Host` and `Match` come out as directives like all
//! others, and the caller says which keywords it does not know ([`Directive::error`]). A [`Reading`] knows the keywords
//! of OpenSSH's programs, keeps which lines apply, and collects [`Settings`]; of an `Include` it says which files to read
//! next. What is wrong is said with file, line and keyword, and with what to write instead.
//!
//! ```
//! use sansh::files::config::directives;
//!
//! let text = "Port = 2222\nRekeyLimit 1G 30m # often\nInclude \"conf.d/a b\" x\n";
//! for directive in directives("sshd_config", text) {
//!     let directive = directive?;
//!     match directive.keyword() {
//!         "port" => assert_eq!(directive.only()?.port()?, 2222),
//!         "rekeylimit" => assert_eq!(directive.argument(1)?.time()?.as_secs(), 1800),
//!         "include" => assert!(directive.arguments().map(|a| a.text()).eq(["conf.d/a b", "x"])),
//!         _ => return Err(directive.error("this keyword is not known")),
//!     }
//! }
//! # Ok::<(), sansh::files::config::ConfigError>(())
//! ```

use super::lines;
use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

mod client;
mod criteria;
mod facts;
mod keyword;
mod list;
mod reading;
mod server;
mod settings;
pub mod tokens;
pub mod value;

pub use facts::{ClientFacts, ServerFacts};
pub use list::{AlgorithmList, Change, UnknownAlgorithm};
pub use reading::Reading;
pub use settings::{Setting, Settings};
pub use value::{Address, RekeyLimit};

use value::What;

/// A line that says something: a keyword and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive<'a> {
    file: &'a str,
    line: usize,
    keyword: String,
    arguments: Vec<Cow<'a, str>>,
    rest: &'a str,
}

/// One argument of a directive, with readers of the usual values.
#[derive(Clone, Copy, Debug)]
pub struct Argument<'d, 'a> {
    directive: &'d Directive<'a>,
    text: &'d str,
}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigError {
    /// The file's name as the caller gave it.
    pub file: String,
    /// Line number, from 1; 0 for a setting that comes from no file.
    pub line: usize,
    /// The keyword in lower case; empty if the line has none.
    pub keyword: String,
    /// What is wrong and what to write instead.
    pub message: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line != 0 {
            write!(f, " line {}", self.line)?;
        }
        if !self.keyword.is_empty() {
            write!(f, ": {}", self.keyword)?;
        }
        write!(f, ": {}", self.message)
    }
}

impl core::error::Error for ConfigError {}

/// The directives of a text, or what is wrong with their lines, in order. `file` is the name for errors.
pub fn directives<'a>(
    file: &'a str,
    text: &'a (impl AsRef<[u8]> + ?Sized),
) -> impl Iterator<Item = Result<Directive<'a>, ConfigError>> {
    (1_usize..).zip(text.as_ref().split(|byte| *byte == b'\n')).filter_map(move |(number, line)| {
        match core::str::from_utf8(line) {
            Ok(line) => directive(file, number, line).transpose(),
            Err(_) if lines::is_comment(line) => None,
            Err(_) => Some(Err(error(file, number, "", "the line is not UTF-8 text".to_string()))),
        }
    })
}

/// The directive of one line, or `None` for an empty line or a comment. A setting given on a command line is read with
/// it too: `file` then says so, and `line` is 0.
///
/// # Errors
/// [`ConfigError`]: a quote does not end, there is no keyword, or the line is longer than 64 KiB.
pub fn directive<'a>(file: &'a str, line: usize, text: &'a str) -> Result<Option<Directive<'a>>, ConfigError> {
    let text = text.trim_start_matches(BLANK).trim_end_matches([' ', '\t', '\r', '\n', '\x0c']);
    if text.is_empty() || text.starts_with('#') {
        return Ok(None);
    }
    if text.len() > lines::MAX {
        return Err(error(file, line, "", "the line is longer than 64 KiB".to_string()));
    }
    // "Configuration options may be separated by whitespace or optional whitespace and exactly one '='."
    let end = text.find([' ', '\t', '=']).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let rest = rest.trim_start_matches(BLANK);
    let rest = rest.strip_prefix('=').unwrap_or(rest);
    let keyword = word.to_ascii_lowercase();
    if !word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') || word.is_empty() {
        let message = "a line begins with a keyword: letters and digits, then a blank or `=`".to_string();
        return Err(error(file, line, "", message));
    }
    match split(rest) {
        Some(arguments) => Ok(Some(Directive { file, line, keyword, arguments, rest: rest.trim_start_matches(BLANK) })),
        None => Err(error(file, line, &keyword, "a quote is opened and not closed".to_string())),
    }
}

const BLANK: [char; 2] = [' ', '\t'];

fn error(file: &str, line: usize, keyword: &str, message: String) -> ConfigError {
    ConfigError { file: file.to_string(), line, keyword: keyword.to_string(), message }
}

/// Splits arguments as OpenSSH does: blanks separate, quotes of either kind hold together, `\` escapes quotes, itself,
/// and outside quotes a blank; `#` at the start of an argument begins a comment. None if a quote does not end.
fn split(text: &str) -> Option<Vec<Cow<'_, str>>> {
    let mut arguments = Vec::new();
    let mut rest = text.trim_start_matches(BLANK);
    while !rest.is_empty() && !rest.starts_with('#') {
        let (argument, behind) = argument(rest)?;
        arguments.push(argument);
        rest = behind.trim_start_matches(BLANK);
    }
    Some(arguments)
}

/// The argument at the start of `text`, which is not empty, and what follows.
fn argument(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let plain_end = text.find([' ', '\t', '"', '\'', '\\']).unwrap_or(text.len());
    let (plain, rest) = text.split_at_checked(plain_end)?;
    if rest.is_empty() || rest.starts_with(BLANK) {
        return Some((Cow::Borrowed(plain), rest));
    }
    let mut word = plain.to_string();
    let mut quote = None;
    let mut chars = rest.chars();
    loop {
        let here = chars.as_str();
        let Some(c) = chars.next() else {
            return quote.is_none().then_some((Cow::Owned(word), here));
        };
        match (c, quote) {
            ('\\', _) => {
                let next = chars.clone().next();
                if matches!(next, Some('\'' | '"' | '\\')) || next == Some(' ') && quote.is_none() {
                    word.extend(chars.next());
                } else {
                    word.push(c);
                }
            }
            (' ' | '\t', None) => return Some((Cow::Owned(word), here)),
            ('"' | '\'', None) => quote = Some(c),
            (_, Some(open)) if open == c => quote = None,
            _ => word.push(c),
        }
    }
}

impl<'a> Directive<'a> {
    /// The file's name as the caller gave it.
    #[must_use]
    pub fn file(&self) -> &'a str {
        self.file
    }

    /// Line number, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The keyword, in lower case. Keywords are case-insensitive, arguments are not.
    #[must_use]
    pub fn keyword(&self) -> &str {
        &self.keyword
    }

    /// The arguments.
    pub fn arguments(&self) -> impl ExactSizeIterator<Item = Argument<'_, 'a>> {
        self.arguments.iter().map(|text| Argument { directive: self, text })
    }

    /// All that stands behind the keyword, quotes and comments included: a command line (`ProxyCommand`).
    #[must_use]
    pub fn rest(&self) -> &'a str {
        self.rest
    }

    /// The file patterns of an `Include`, for the caller to open; `None` for all other keywords.
    #[must_use]
    pub fn includes(&self) -> Option<&[Cow<'a, str>]> {
        (self.keyword == "include").then_some(&self.arguments)
    }

    /// An argument, counted from 0.
    ///
    /// # Errors
    /// [`ConfigError`] if there are fewer.
    pub fn argument(&self, nth: usize) -> Result<Argument<'_, 'a>, ConfigError> {
        self.arguments().nth(nth).ok_or_else(|| match nth {
            0 => self.error("a value is missing behind the keyword"),
            _ => self.error("a further value is missing at the end of the line"),
        })
    }

    /// The one argument.
    ///
    /// # Errors
    /// [`ConfigError`] if there is none or more than one.
    pub fn only(&self) -> Result<Argument<'_, 'a>, ConfigError> {
        self.at_most(1)?;
        self.argument(0)
    }

    /// Refuses further arguments.
    ///
    /// # Errors
    /// [`ConfigError`] if there are more than `count`.
    pub fn at_most(&self, count: usize) -> Result<(), ConfigError> {
        match self.arguments.get(count) {
            Some(extra) => {
                Err(self.error(&quoted("there is one value too many: ", extra, "; quote values with blanks")))
            }
            None => Ok(()),
        }
    }

    /// An error at this line, for what the caller finds wrong.
    #[must_use]
    pub fn error(&self, message: &str) -> ConfigError {
        error(self.file, self.line, &self.keyword, message.to_string())
    }
}

/// A piece of the file for an error text: cut, and without control characters.
fn quoted(before: &str, text: &str, behind: &str) -> String {
    const SHOWN: usize = 60;
    let mut message = String::from(before);
    message.push('`');
    message.extend(text.chars().take(SHOWN).map(|c| if c.is_control() { '?' } else { c }));
    if text.chars().nth(SHOWN).is_some() {
        message.push('…');
    }
    message.push('`');
    message.push_str(behind);
    message
}

impl<'d> Argument<'d, '_> {
    /// The text, without its quotes.
    #[must_use]
    pub fn text(&self) -> &'d str {
        self.text
    }

    /// `yes` or `no`.
    ///
    /// # Errors
    /// [`ConfigError`] for other texts, as for all readers here.
    pub fn yes_no(&self) -> Result<bool, ConfigError> {
        self.read(value::yes_no, What::YesNo)
    }

    /// A decimal number.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn number(&self) -> Result<u64, ConfigError> {
        self.read(value::number, What::Number)
    }

    /// Bytes: `4096`, `64K`, `16M`, `1G`.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn size(&self) -> Result<u64, ConfigError> {
        self.read(value::size, What::Size)
    }

    /// A time: `600` seconds, `10m`, `1h30m`, `1w`.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn time(&self) -> Result<Duration, ConfigError> {
        self.read(value::time, What::Time)
    }

    /// A port from 1 to 65535.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn port(&self) -> Result<u16, ConfigError> {
        self.read(value::port, What::Port)
    }

    /// `host`, `host:port`, `[address]:port`, or an IPv6 address as it is.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn address(&self) -> Result<Address<'d>, ConfigError> {
        self.read(value::address, What::Address)
    }

    /// One of some words, in either case of letters; gives the word as it stands in `words`.
    ///
    /// # Errors
    /// [`ConfigError`] that names the words.
    pub fn one_of<'w>(&self, words: &[&'w str]) -> Result<&'w str, ConfigError> {
        words.iter().copied().find(|word| word.eq_ignore_ascii_case(self.text)).ok_or_else(|| {
            let mut known = String::from(" is not known here; write ");
            known.push_str(&words.join(", "));
            self.error("", &known)
        })
    }

    /// An error about this argument: `before`, the argument in quotes, `behind`.
    #[must_use]
    pub fn error(&self, before: &str, behind: &str) -> ConfigError {
        self.directive.error(&quoted(before, self.text, behind))
    }

    fn read<T>(&self, reader: impl Fn(&'d str) -> Option<T>, what: What) -> Result<T, ConfigError> {
        reader(self.text).ok_or_else(|| self.error("", what.expected()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    fn words(line: &str) -> Option<Vec<String>> {
        let read = directive("f", 1, line).ok()??;
        Some(core::iter::once(read.keyword()).chain(read.arguments().map(|a| a.text())).map(String::from).collect())
    }

    #[test]
    fn lines_are_split_as_openssh_splits_them() {
        for (line, expected) in [
            ("Port 22", "port|22"),
            ("  \tPORT\t 22 \r", "port|22"),
            ("Port=22", "port|22"),
            ("Port = 22", "port|22"),
            ("Port =22", "port|22"),
            ("Port==22", "port|=22"),
            ("Match host=a user=b", "match|host=a|user=b"),
            ("Port", "port"),
            ("A \"b c\" d", "a|b c|d"),
            ("A b\" \"c", "a|b c"),
            ("A \"\" ''", "a||"),
            ("A 'b \"c\"'", "a|b \"c\""),
            ("A \"b \\\"c\\\"\"", "a|b \"c\""),
            ("A b\\ c", "a|b c"),
            ("A \"b\\ c\"", "a|b\\ c"),
            ("A b\\\\c C:\\dir\\", "a|b\\c|C:\\dir\\"),
            ("A b # c", "a|b"),
            ("A b#c", "a|b#c"),
            ("A \"#b\"", "a|#b"),
            ("A ü \"ö ä\"", "a|ü|ö ä"),
        ] {
            assert_eq!(words(line).map(|words| words.join("|")).as_deref(), Some(expected), "{line}");
        }
        for nothing in ["", "  \t\r", "# x", "  # x", "\x0c"] {
            assert_eq!(directive("f", 1, nothing), Ok(None), "{nothing:?}");
        }
    }

    #[test]
    fn errors_name_file_line_and_keyword() {
        let text = "Port 22\n\n# x\nBanner \"a\n= 3\n\"Port\" 3\nKëy 1\n";
        let errors: Vec<_> = directives("dir/sshd_config", text).filter_map(Result::err).collect();
        let shown: Vec<_> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(shown[0], "dir/sshd_config line 4: banner: a quote is opened and not closed");
        assert!(shown[1].starts_with("dir/sshd_config line 5: a line begins with a keyword"));
        assert_eq!(shown.len(), 4);
        let read = directive("the command line", 0, "Port=x y").unwrap().unwrap();
        assert_eq!(
            read.only().unwrap_err().to_string(),
            "the command line: port: there is one value too many: `y`; quote values with blanks"
        );
        assert_eq!(
            read.argument(0).unwrap().port().unwrap_err().to_string(),
            "the command line: port: `x` is not a port; write a number from 1 to 65535"
        );
        assert!(read.argument(2).unwrap_err().to_string().contains("further value is missing"));
        let long = format!("A {}\x07", "ü".repeat(100));
        let read = directive("f", 1, &long).unwrap().unwrap();
        assert_eq!(read.only().unwrap().yes_no().unwrap_err().message.matches('ü').count(), 60);
        assert_eq!(
            read.only().unwrap().one_of(&["all", "none"]).unwrap_err().message.rsplit("; ").next(),
            Some("write all, none")
        );
    }

    #[test]
    fn text_that_is_not_utf8_is_an_error_unless_in_a_comment() {
        let text = b"# J\xfcrgen\nBanner \xff\nPort 1\n";
        let read: Vec<_> = directives("f", text).collect();
        assert_eq!(read.len(), 2);
        assert!(read[0].as_ref().is_err_and(|error| error.line == 2));
        assert!(read[1].as_ref().is_ok_and(|read| read.line() == 3 && read.file() == "f"));
    }

    #[test]
    fn lines_have_an_end() {
        let [good, bad] = [0, 1].map(|more| format!("A {}", "x".repeat(lines::MAX - 2 + more)));
        assert!(directive("f", 1, &good).is_ok_and(|read| read.is_some()));
        assert!(directive("f", 1, &bad).is_err_and(|error| error.message.contains("64 KiB")));
    }

    #[test]
    fn an_include_is_told() {
        let read = directive("f", 1, "include a \"b c\"").unwrap().unwrap();
        assert!(read.includes().is_some_and(|files| files == ["a", "b c"]));
        assert_eq!(directive("f", 1, "Port 1").unwrap().unwrap().includes(), None);
    }

    #[test]
    fn values_are_read_through_their_directive() {
        let read = directive("f", 1, "K yes 64K 1h30m [::1]:22 None 007").unwrap().unwrap();
        let nth = |nth| read.argument(nth).unwrap();
        assert_eq!(nth(0).yes_no(), Ok(true));
        assert_eq!(nth(1).size(), Ok(65536));
        assert_eq!(nth(2).time(), Ok(Duration::from_secs(5400)));
        assert_eq!(nth(3).address(), Ok(Address { host: "::1", port: Some(22) }));
        assert_eq!(nth(4).one_of(&["all", "none"]), Ok("none"));
        assert_eq!(nth(5).number(), Ok(7));
    }
}
