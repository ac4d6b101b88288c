//! Lines in, settings out: which lines count, and what to read next.
//!
//! ```text
//!  text --> directives --> take --+--> Host, Match: do the lines behind it count?
//!                            ^    +--> Include: names for the caller, who opens files and calls enter, take…, leave
//!                            |    +--> any other: is the keyword known, are its values good? --> Settings
//!                            +--------- what was said so far (Hostname, User, IgnoreUnknown)
//! ```

use super::criteria::{self, Applies};
use super::facts::{ClientFacts, ServerFacts};
use super::keyword::{self, Kind};
use super::settings::Settings;
use super::{ConfigError, Directive, client, server};
use crate::files::pattern::{self, Case};
use alloc::vec::Vec;

/// How deep files may include each other.
const DEPTH: usize = 16;

/// Files of one program on their way to [`Settings`].
///
/// ```
/// use sansh::files::config::{ClientFacts, ConfigError, Reading, directives};
///
/// fn read(reading: &mut Reading<'_>, file: &str, text: &str) -> Result<(), ConfigError> {
///     for directive in directives(file, text) {
///         let directive = directive?;
///         // A program finds the files that fit the patterns, and reads them.
///         for _pattern in reading.take(&directive)?.unwrap_or_default() {
///             reading.enter(&directive)?;
///             read(reading, "conf.d/a", "User alice\nPort 22\n")?;
///             reading.leave();
///         }
///     }
///     Ok(())
/// }
///
/// let mut reading = Reading::client(ClientFacts::new("a.lab"));
/// read(&mut reading, "config", "Host *.org\nPort 1\nHost *.lab\nPort 2222\nInclude conf.d/*\n")?;
/// let settings = reading.settings();
/// assert_eq!(settings.first("port").and_then(|port| port.port()), Some(2222));
/// assert_eq!(settings.first("user").map(|user| user.text()), Some("alice"));
/// # Ok::<(), ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Reading<'f> {
    facts: Facts<'f>,
    settings: Settings,
    block: Block,
    /// The blocks of the files that include this one.
    outer: Vec<Block>,
    wants_second: bool,
}

#[derive(Clone, Debug)]
enum Facts<'f> {
    Client(ClientFacts<'f>),
    Server(Option<ServerFacts<'f>>),
}

/// Where in a file a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Block {
    /// In front of all `Host` and `Match`.
    Outside,
    /// Behind one.
    Inside(Applies),
}

impl<'f> Reading<'f> {
    /// Files of a client: those of the user first, then those of the system, for the first value counts. What a command
    /// line says can be taken in front of all.
    #[must_use]
    pub fn client(facts: ClientFacts<'f>) -> Self {
        Reading::new(Facts::Client(facts))
    }

    /// The file of a server: without facts when the program starts, and with what is known of a connection for each one.
    #[must_use]
    pub fn server(facts: Option<ServerFacts<'f>>) -> Self {
        Reading::new(Facts::Server(facts))
    }

    fn new(facts: Facts<'f>) -> Self {
        let outer = Vec::new();
        Reading { facts, settings: Settings::default(), block: Block::Outside, outer, wants_second: false }
    }

    /// Goes on from what was said before, as a second reading does: those values were first.
    #[must_use]
    pub fn with(self, settings: Settings) -> Self {
        Reading { settings, ..self }
    }

    /// Takes the next line. For an `Include` that counts, these are the patterns of the files to be read in its place,
    /// tokens and `~` not yet expanded: for each file in turn [`enter`](Self::enter), its lines, [`leave`](Self::leave).
    ///
    /// # Errors
    /// [`ConfigError`]: a keyword that is not known (unless an `IgnoreUnknown` fits it) or must not stand there, a value
    /// that cannot be read, a criterion that cannot be decided. The line does not count, nor what stands behind it
    /// if it begins a block. To go on is good for finding the next error, not for running with the settings: one
    /// that is missing may be the one that forbids.
    pub fn take<'d>(
        &mut self,
        line: &'d Directive<'_>,
    ) -> Result<Option<impl Iterator<Item = &'d str> + use<'d> + Default>, ConfigError> {
        match line.keyword() {
            "host" if matches!(self.facts, Facts::Client(_)) => self.begin(line)?,
            "match" => self.begin(line)?,
            "include" => {
                line.argument(0)?;
                return Ok(self.counts().then(|| Patterns(line.arguments.iter())));
            }
            _ => self.set(line)?,
        }
        Ok(None)
    }

    /// Begins an included file: its lines count where the `Include` does.
    ///
    /// # Errors
    /// [`ConfigError`]: the files are more than 16 deep.
    pub fn enter(&mut self, include: &Directive<'_>) -> Result<(), ConfigError> {
        if self.outer.len() >= DEPTH {
            return Err(include.error("files include each other; take one Include out"));
        }
        self.outer.push(self.block);
        Ok(())
    }

    /// Ends an included file. Its `Host` and `Match` lines end with it. At the end of a file that nothing includes, the
    /// next file begins outside all blocks.
    pub fn leave(&mut self) {
        self.block = self.outer.pop().unwrap_or(Block::Outside);
    }

    /// What was said so far.
    #[must_use]
    pub fn so_far(&self) -> &Settings {
        &self.settings
    }

    /// What was said.
    #[must_use]
    pub fn settings(self) -> Settings {
        self.settings
    }

    /// Whether a `Match final` was seen: then the files are read a second time, with
    /// [`ClientFacts::last`] and [`with`](Self::with) the settings of the first.
    #[must_use]
    pub fn wants_second(&self) -> bool {
        self.wants_second
    }

    /// Whether the lines here count.
    fn counts(&self) -> bool {
        self.block != Block::Inside(Applies::No)
    }

    /// `Host` or `Match`.
    fn begin(&mut self, line: &Directive<'_>) -> Result<(), ConfigError> {
        // In a file that is included where nothing counts, nothing does.
        let cannot = self.outer.last() == Some(&Block::Inside(Applies::No));
        // A line that cannot be read begins a block that does not count.
        self.block = Block::Inside(Applies::No);
        let applies = match &self.facts {
            Facts::Client(facts) if line.keyword() == "host" => criteria::host(line, facts)?,
            Facts::Client(facts) => {
                self.wants_second |= line.arguments().any(|word| word.text().eq_ignore_ascii_case("final"));
                criteria::client(line, facts, &self.settings)?
            }
            Facts::Server(facts) => criteria::server(line, facts.as_ref())?,
        };
        if !cannot {
            self.block = Block::Inside(applies);
        }
        Ok(())
    }

    /// A keyword with values.
    fn set(&mut self, line: &Directive<'_>) -> Result<(), ConfigError> {
        let is_server = matches!(self.facts, Facts::Server(_));
        let known = match self.facts {
            Facts::Client(_) => keyword::find(client::KEYWORDS, client::ALIASES, line.keyword()),
            Facts::Server(_) => keyword::find(server::KEYWORDS, server::ALIASES, line.keyword()),
        };
        let Some(keyword) = known else {
            let ignored = self.settings.first("ignoreunknown").filter(|_| !is_server).map(|list| list.text());
            let ignored = ignored.is_some_and(|list| pattern::comma_list(list, line.keyword(), Case::Fold).is_match());
            return if ignored { Ok(()) } else { Err(line.error("there is no such keyword")) };
        };
        keyword.kind.check(line)?;
        let always = matches!(self.block, Block::Outside | Block::Inside(Applies::All));
        if is_server && !keyword.in_match && !always {
            return Err(line.error("it counts for all connections and cannot stand behind Match"));
        }
        if !self.counts() || matches!(keyword.kind, Kind::Ignored) {
            return Ok(());
        }
        let about_one = matches!(self.facts, Facts::Server(Some(_))) && self.block != Block::Outside;
        self.settings.keep(keyword.name, keyword.every, about_one && keyword.in_match, line)
    }
}

/// The patterns of an `Include`.
#[derive(Clone, Debug, Default)]
struct Patterns<'d>(core::slice::Iter<'d, alloc::borrow::Cow<'d, str>>);

impl<'d> Iterator for Patterns<'d> {
    type Item = &'d str;

    fn next(&mut self) -> Option<&'d str> {
        self.0.next().map(|pattern| &**pattern)
    }
}

#[cfg(test)]
mod tests {
    use super::super::directives;
    use super::*;
    use std::format;
    use std::string::{String, ToString};
    use std::vec;

    /// Reads a text, and errors as their messages. `Include x` includes `files`, in their order.
    fn read<'f>(reading: Reading<'f>, text: &str, files: &[&str]) -> (Reading<'f>, Vec<String>) {
        fn go(reading: &mut Reading<'_>, text: &str, files: &[&str], errors: &mut Vec<String>) {
            for line in directives("f", text) {
                let line = line.unwrap();
                match reading.take(&line).map(Option::unwrap_or_default) {
                    Ok(patterns) => {
                        for _ in patterns {
                            for file in files {
                                match reading.enter(&line) {
                                    Ok(()) => go(reading, file, files, errors),
                                    Err(error) => return errors.push(error.to_string()),
                                }
                                reading.leave();
                            }
                        }
                    }
                    Err(error) => errors.push(error.to_string()),
                }
            }
        }
        let (mut reading, mut errors) = (reading, Vec::new());
        go(&mut reading, text, files, &mut errors);
        (reading, errors)
    }

    fn client(host: &str) -> Reading<'_> {
        Reading::client(ClientFacts { user: Some("me"), local_user: Some("me"), ..ClientFacts::new(host) })
    }

    /// The port that a client's files say.
    fn port(host: &str, text: &str) -> Option<u16> {
        let (reading, errors) = read(client(host), text, &[]);
        assert!(errors.is_empty(), "{text}: {errors:?}");
        reading.settings().first("port").and_then(|port| port.port())
    }

    #[test]
    fn blocks_of_a_client() {
        for (text, expected) in [
            ("Port 1\nPort 2", Some(1)),
            ("Host b\nPort 1\nHost a\nPort 2", Some(2)),
            ("Host * !a\nPort 1", None),
            ("Host A\nPort 1", None),
            ("Match host A\nPort 1", Some(1)),
            ("Match host=b,a\nPort 1", Some(1)),
            ("Match !host a\nPort 1\nMatch !host b\nPort 2", Some(2)),
            ("Hostname %h.lab\nMatch host a\nPort 1\nMatch host a.lab originalhost a\nPort 2", Some(2)),
            ("Match user me\nPort 1", Some(1)),
            ("User you\nMatch user me\nPort 1\nMatch user you localuser me\nPort 2", Some(2)),
            ("Match all\nPort 1", Some(1)),
            ("Match !all\nPort 1", None),
            ("Match host all\nPort 1", None),
            ("Match final all\nPort 1\nMatch !final all\nPort 2", Some(2)),
            ("Match canonical\nPort 1", None),
            ("Tag x\nMatch tagged x\nPort 1", Some(1)),
            ("Match tagged \"\" command \"\"\nPort 1", Some(1)),
            ("Match host b exec \"false\"\nPort 1", None),
        ] {
            assert_eq!(port("a", text), expected, "{text}");
        }
    }

    #[test]
    fn a_fact_that_is_not_there_matches_nothing() {
        let facts = ClientFacts::new("a");
        let (reading, errors) = read(Reading::client(facts), "Match !localuser x\nPort 1\nMatch !user x\nPort 2", &[]);
        assert!(errors.is_empty() && reading.settings().first("port").is_none());
    }

    #[test]
    fn a_second_reading_goes_on_with_the_first() {
        let text = "Match final host a.lab\nPort 1\nUser x\nMatch host a\nUser y\nHostname a.lab\n";
        let (first, _) = read(client("a"), text, &[]);
        assert!(first.wants_second());
        let facts = ClientFacts { original_host: "a", last: true, ..ClientFacts::new("a.lab") };
        let (second, errors) = read(Reading::client(facts).with(first.settings()), text, &[]);
        let settings = second.settings();
        assert!(errors.is_empty());
        assert_eq!(["port", "user"].map(|keyword| settings.first(keyword).map(|s| s.text())), [Some("1"), Some("y")]);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let text = "Colour red\nPort x\nPort 1 2\nMatch\nMatch host\nMatch exec x\nMatch all host a\nMatch colour red\n\
            Host\nHost \"\"\nCompression maybe\nCiphers a,,b\nSetEnv A\nRekeyLimit 1\nUser \"\"\nBatchMode\nStreamLocalBindMask 8\n\
            Match host a all\nIdentityFile a b\nConnectTimeout x\nInclude";
        let (_, errors) = read(client("a"), text, &[]);
        for (line, (error, named)) in (1..).zip(errors.iter().zip([
            "no such keyword",
            "`x` is not a port",
            "one value too many",
            "value is missing",
            "needs a value",
            "commands are not run here",
            "cannot be combined",
            "no criterion",
            "value is missing",
            "empty",
            "`maybe` is not known here",
            "not a list",
            "not a variable",
            "not a limit",
            "is empty",
            "value is missing",
            "not a file mode",
            "cannot be combined",
            "one value too many",
            "not a time",
            "value is missing",
        ])) {
            assert!(
                error.starts_with(&format!("f line {line}: ")) && error.contains(named),
                "{line}: {error}: {named}"
            );
        }
        assert_eq!(errors.len(), 21);
        let (_, errors) = read(client("a"), "Colour red\nIgnoreUnknown x,Col*\nColour red\nPort x", &[]);
        assert_eq!(errors.len(), 2, "{errors:?}");
    }

    /// What stands behind a line that cannot be read does not count for everybody.
    #[test]
    fn a_block_that_cannot_be_read_does_not_count() {
        for text in ["Match host\nPort 1", "Host \"\"\nPort 1", "Host a\nMatch exec x\nPort 1"] {
            let (reading, errors) = read(client("a"), text, &[]);
            assert_eq!((errors.len(), reading.settings().first("port")), (1, None), "{text}");
        }
    }

    #[test]
    fn included_files_count_where_the_include_does() {
        let included = ["Host b\nPort 1\nHost a\nUser x", "Port 2"];
        let settings = |text: &str| {
            let (reading, errors) = read(client("a"), text, &included);
            assert!(errors.is_empty(), "{errors:?}");
            let settings = reading.settings();
            ["port", "user"].map(|keyword| settings.first(keyword).map(|s| s.text().to_string()))
        };
        let [two, three, x] = ["2", "3", "x"].map(|text| Some(text.to_string()));
        assert_eq!(settings("Include x\nPort 3"), [two.clone(), x.clone()]);
        assert_eq!(settings("Host b\nInclude x\nHost a\nPort 3"), [three, None]);
        assert_eq!(settings("Host a\nInclude x\nPort 3"), [two, x]);
        let (_, errors) = read(client("a"), "Include x", &["Include x"]);
        assert_eq!(errors, ["f line 1: include: files include each other; take one Include out"]);
    }

    #[test]
    fn a_file_included_where_nothing_counts_counts_nowhere() {
        let (mut reading, errors) = read(client("a"), "Host b\n", &[]);
        let include = super::super::directive("f", 1, "Include x").unwrap().unwrap();
        assert!(reading.take(&include).unwrap().is_none());
        reading.enter(&include).unwrap();
        let (reading, more) = read(reading, "Host a\nPort 1\nMatch all\nPort 2", &[]);
        assert!(errors.is_empty() && more.is_empty() && reading.settings().first("port").is_none());
    }

    #[test]
    fn keywords_that_count_every_time() {
        let text = "IdentityFile a\nIdentityFile b\nidentityfile2 a\nSendEnv A B\nSendEnv C\nSetEnv A=1 A=2 B=3\nSetEnv C=4\n\
            UserKnownHostsFile x y\nProxyCommand  nc \"%h\" %p # x\nCiphers +a,b\nRekeyLimit 1G 1h";
        let (reading, errors) = read(client("a"), text, &[]);
        assert!(errors.is_empty(), "{errors:?}");
        let settings = reading.settings();
        let texts = |keyword| settings.every(keyword).map(|s| s.text()).collect::<Vec<_>>();
        assert_eq!((texts("identityfile"), texts("sendenv")), (vec!["a", "b"], vec!["A", "C"]));
        let first = |keyword| settings.first(keyword).unwrap();
        assert_eq!(first("setenv").variables(), [("A", "1"), ("B", "3")]);
        assert_eq!((texts("setenv").len(), first("userknownhostsfile").words().len()), (1, 2));
        assert_eq!(first("proxycommand").rest(), "nc \"%h\" %p # x");
        assert_eq!(first("ciphers").algorithms().map(|list| list.change()), Some(super::super::Change::Append));
        let limit = first("rekeylimit").rekey_limit().unwrap();
        assert_eq!((limit.bytes, limit.time.map(|time| time.as_secs())), (Some(1 << 30), Some(3600)));
        assert_eq!(first("rekeylimit").error("x").to_string(), "f line 11: rekeylimit: x");
    }

    #[test]
    fn blocks_of_a_server() {
        let text = "Port 1\nPasswordAuthentication no\nAllowUsers a b\nMatch User bob,!eve Address 10.0.0.0/8\n\
            PasswordAuthentication yes\nAllowUsers c\nMatch Group wheel,!users\nPermitTTY no\nMatch LocalPort 22 Host *.lab\n\
            PasswordAuthentication yes\nX11Forwarding yes\nMatch All\nPermitTTY yes\nBanner /x\n";
        let said = |facts: Option<ServerFacts<'_>>| {
            let (reading, errors) = read(Reading::server(facts), text, &[]);
            assert!(errors.is_empty(), "{errors:?}");
            let settings = reading.settings();
            ["passwordauthentication", "allowusers", "permittty", "x11forwarding", "banner"]
                .map(|keyword| settings.every(keyword).map(|s| s.text().to_string()).collect::<Vec<_>>().join(","))
        };
        assert_eq!(said(None), ["no", "a", "yes", "", "/x"]);
        let nobody = ServerFacts::default();
        assert_eq!(said(Some(nobody)), ["no", "a", "yes", "", "/x"]);
        let bob = ServerFacts { user: Some("bob"), address: "10.1.2.3".parse().ok(), ..nobody };
        assert_eq!(said(Some(bob)), ["yes", "c", "yes", "", "/x"]);
        assert_eq!(said(Some(ServerFacts { address: "11.1.2.3".parse().ok(), ..bob })), ["no", "a", "yes", "", "/x"]);
        let wheel = ServerFacts { groups: &["staff", "wheel"], ..nobody };
        assert_eq!(said(Some(wheel)), ["no", "a", "no", "", "/x"]);
        let both = ServerFacts { groups: &["wheel", "users"], ..nobody };
        assert_eq!(said(Some(both)), ["no", "a", "yes", "", "/x"]);
        let lab = ServerFacts { host: Some("A.lab"), local_port: Some(22), ..nobody };
        assert_eq!(said(Some(lab)), ["yes", "a", "yes", "yes", "/x"]);
    }

    #[test]
    fn what_a_server_cannot_read_is_named() {
        let text = "Match Address 10.0.0.1/8\nMatch LocalPort x\nMatch !User a\nMatch User\nMatch User a\nPort 1\n\
            Match All User a\nHost a\nPermitRootLogin true\nMatch Exec x\nMatch !all\nIgnoreUnknown x";
        let (reading, errors) = read(Reading::server(None), text, &[]);
        let lines: Vec<&str> = errors.iter().map(|error| error.split(':').next().unwrap()).collect();
        let expected = [1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12].map(|line| format!("f line {line}"));
        assert_eq!(lines, expected);
        assert!(reading.settings().all().next().is_none());
    }
}
