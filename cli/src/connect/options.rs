//! The command line, spelled as in ssh(1): clustered flags, glued values, options behind the host too, and `-o`.

use crate::algorithms::Algorithms;
use crate::level::Level;
use crate::problem::{Problem, printable};
use crate::say::say;
use crate::user::Me;
use lexopt::{Arg, Parser, ValueExt};
use sansh::files::config::{ConfigError, Directive, directive};
use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

const USAGE: &str =
    "usage: sansh connect [-p port] [-l user] [-i key] [-s] [-o KEY=VALUE] [user@]host command|subsystem";

/// What the command line says.
pub(super) struct Options {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) user: String,
    /// Key files that were named; without any, the usual one is tried.
    pub(super) identities: Vec<PathBuf>,
    pub(super) known_hosts: Vec<PathBuf>,
    pub(super) strict: Strict,
    /// Nobody is there to be asked.
    pub(super) batch: bool,
    pub(super) what: What,
    pub(super) algorithms: Algorithms,
    pub(super) level: Level,
    /// `-6` or `-4`.
    pub(super) family: Option<bool>,
    pub(super) no_input: bool,
    /// `SendEnv` and `SetEnv`: variables for the command, which the server may take.
    pub(super) environment: Vec<(Vec<u8>, Vec<u8>)>,
    pub(super) me: Me,
}

/// `StrictHostKeyChecking`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strict {
    Yes,
    Ask,
    /// Whoever is new is noted down; whoever changed is refused.
    AcceptNew,
}

/// What the channel is for.
pub(super) enum What {
    Shell,
    Command(Vec<u8>),
    Subsystem(Vec<u8>),
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Shell => f.write_str("shell"),
            What::Command(command) => write!(f, "command `{}`", printable(command)),
            What::Subsystem(name) => write!(f, "subsystem `{}`", printable(name)),
        }
    }
}

/// What was said so far; the first value counts.
#[derive(Default)]
struct Said {
    port: Option<u16>,
    user: Option<String>,
    identities: Vec<PathBuf>,
    known_hosts: Option<Vec<PathBuf>>,
    strict: Option<Strict>,
    batch: Option<bool>,
    algorithms: Algorithms,
    level: Option<Level>,
    environment: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Options of ssh(1) that ask for nothing if they have one of these values (any value, if none stands here): programs
/// that run over SSH give them.
const HARMLESS: &[(&str, &[&str])] = &[
    ("addkeystoagent", &["no"]),
    ("checkhostip", &["no"]),
    ("clearallforwardings", &[]),
    ("compression", &["no"]),
    ("controlmaster", &["no", "auto"]),
    ("controlpath", &[]),
    ("controlpersist", &[]),
    ("escapechar", &["none"]),
    ("exitonforwardfailure", &[]),
    ("forwardagent", &["no"]),
    ("forwardx11", &["no"]),
    ("globalknownhostsfile", &["none", "/dev/null"]),
    ("gssapiauthentication", &["no"]),
    ("hashknownhosts", &["no"]),
    ("identitiesonly", &["yes"]),
    ("identityagent", &["none"]),
    ("permitlocalcommand", &["no"]),
    ("remotecommand", &["none"]),
    ("requesttty", &["no", "auto"]),
    ("tcpkeepalive", &[]),
    ("updatehostkeys", &["no"]),
    ("visualhostkey", &["no"]),
];

pub(super) fn read(mut arguments: Parser) -> Result<Options, Problem> {
    let me = Me::find();
    let mut said = Said::default();
    let (mut host, mut words): (Option<String>, Vec<OsString>) = (None, Vec::new());
    let (mut subsystem, mut no_input, mut family) = (false, false, None);
    let usage = |cause: lexopt::Error| Problem::new(format!("{cause}; {USAGE}"));
    while let Some(argument) = arguments.next().map_err(usage)? {
        match argument {
            Arg::Short(letter @ ('p' | 'l' | 'i' | 'o' | 'e' | 'F')) => {
                let value = arguments.value().and_then(|value| value.string()).map_err(usage)?;
                said.letter(letter, &value, &me)?;
            }
            Arg::Short('s') => subsystem = true,
            Arg::Short('n') => no_input = true,
            Arg::Short('4') => family = Some(false),
            Arg::Short('6') => family = Some(true),
            Arg::Short('q') => said.level = said.level.or(Some(Level::Quiet)),
            Arg::Short('v') => said.level = said.level.or(Some(Level::Debug)),
            // No terminal, no X11, no agent, no GSSAPI, protocol 2, perhaps compression: so it is anyway.
            Arg::Short('T' | 'x' | 'a' | 'k' | '2' | 'C') => {}
            Arg::Long("help") => {
                say!("{USAGE}");
                std::process::exit(0);
            }
            Arg::Value(value) if host.is_none() => host = Some(value.string().map_err(usage)?),
            // The first word of the command; whatever follows belongs to it, options too.
            Arg::Value(word) => {
                words.push(word);
                words.extend(arguments.raw_args().map_err(usage)?);
            }
            other => {
                return Err(Problem::new(format!("{}; this version does not have it; {USAGE}", other.unexpected())));
            }
        }
    }
    let host = host.ok_or_else(|| Problem::new(format!("no host is named; {USAGE}")))?;
    let what = what(words, subsystem)?;
    said.options(&host, what, family, no_input, me)
}

/// All words are joined by one blank.
fn what(words: Vec<OsString>, subsystem: bool) -> Result<What, Problem> {
    let words: Vec<Vec<u8>> = words.into_iter().map(OsString::into_vec).collect();
    match (words.is_empty(), subsystem) {
        (true, true) => Err(Problem::new(format!("-s: no subsystem is named; {USAGE}"))),
        (true, false) => Ok(What::Shell),
        (false, true) => Ok(What::Subsystem(words.join(&b' '))),
        (false, false) => Ok(What::Command(words.join(&b' '))),
    }
}

impl Said {
    /// A letter with a value. All but `-o` are spelled as an option too, so that both are checked the same way.
    fn letter(&mut self, letter: char, value: &str, me: &Me) -> Result<(), Problem> {
        let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
        let (name, text) = match letter {
            'p' => ("-p", format!("Port \"{quoted}\"")),
            'l' => ("-l", format!("User \"{quoted}\"")),
            'i' => ("-i", format!("IdentityFile \"{quoted}\"")),
            'e' => ("-e", format!("EscapeChar \"{quoted}\"")),
            'F' if matches!(value, "none" | "/dev/null") => return Ok(()),
            'F' => {
                return Err(Problem::new(format!("-F {value}: configuration files come with a later version; use -o")));
            }
            _ => ("-o", value.to_owned()),
        };
        match directive(name, 0, &text).doing_nothing()? {
            Some(option) => self.option(&option, me).doing_nothing(),
            None => Err(Problem::new(format!("{name}: an option is missing: write KEY=VALUE"))),
        }
    }

    fn option(&mut self, option: &Directive<'_>, me: &Me) -> Result<(), ConfigError> {
        let arguments: Vec<_> = option.arguments().collect();
        if let Some(done) = self.algorithms.option(option.keyword(), &arguments) {
            return done;
        }
        match option.keyword() {
            "port" => {
                let port = option.only()?.port()?;
                self.port.get_or_insert(port);
            }
            "user" => {
                let user = option.only()?.text().to_owned();
                self.user.get_or_insert(user);
            }
            "identityfile" => self.identities.push(me.expand(option.only()?.text(), 'd')),
            "userknownhostsfile" => {
                let files = option.arguments().filter(|file| file.text() != "none");
                let files = files.map(|file| me.expand(file.text(), 'd')).collect();
                option.argument(0)?;
                self.known_hosts.get_or_insert(files);
            }
            "stricthostkeychecking" => {
                let words = ["yes", "ask", "accept-new", "no", "off"];
                let strict = match option.only()?.one_of(&words)? {
                    "yes" => Strict::Yes,
                    "ask" => Strict::Ask,
                    _ => Strict::AcceptNew,
                };
                self.strict.get_or_insert(strict);
            }
            "batchmode" => {
                let batch = option.only()?.yes_no()?;
                self.batch.get_or_insert(batch);
            }
            "sendenv" => {
                option.argument(0)?;
                for word in option.arguments() {
                    let pattern = glob::Pattern::new(word.text());
                    let pattern = pattern.map_err(|error| word.error("", &format!(" is no pattern: {error}")))?;
                    let sent =
                        std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(|n| pattern.matches(n)));
                    self.environment.extend(sent.map(|(name, value)| (name.into_vec(), value.into_vec())));
                }
            }
            "setenv" => {
                option.argument(0)?;
                for word in option.arguments() {
                    let Some((name, value)) = word.text().split_once('=') else {
                        return Err(word.error("", " is no variable; write NAME=VALUE"));
                    };
                    self.environment.push((name.as_bytes().to_vec(), value.as_bytes().to_vec()));
                }
            }
            "loglevel" => {
                let level = Level::read(option.only()?)?;
                self.level.get_or_insert(level);
            }
            other => {
                let Some((_, values)) = HARMLESS.iter().find(|(name, _)| *name == other) else {
                    return Err(option.error("there is no such option in this version; leave it out"));
                };
                if !values.is_empty() {
                    option.only()?.one_of(values)?;
                }
            }
        }
        Ok(())
    }

    fn options(self, host: &str, what: What, family: Option<bool>, no_input: bool, me: Me) -> Result<Options, Problem> {
        // The name may hold an `@` itself; the host cannot.
        let (user, host) = match host.rsplit_once('@') {
            Some((user, host)) => (Some(user.to_owned()), host),
            None => (None, host),
        };
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let user = user.or(self.user).unwrap_or_else(|| me.name.clone());
        if host.is_empty() || user.is_empty() {
            return Err(Problem::new(format!("the host or the user name is empty; {USAGE}")));
        }
        let usual = || vec![me.home.join(".ssh/known_hosts"), me.home.join(".ssh/known_hosts2")];
        Ok(Options {
            host: host.to_owned(),
            port: self.port.unwrap_or(22),
            user,
            identities: self.identities,
            known_hosts: self.known_hosts.unwrap_or_else(usual),
            strict: self.strict.unwrap_or(Strict::Ask),
            batch: self.batch.unwrap_or(false),
            what,
            algorithms: self.algorithms,
            level: self.level.unwrap_or_default(),
            family,
            no_input,
            environment: self.environment,
            me,
        })
    }
}

/// A [`ConfigError`] says all by itself: option and what to do.
trait DoingNothing<T> {
    fn doing_nothing(self) -> Result<T, Problem>;
}

impl<T> DoingNothing<T> for Result<T, ConfigError> {
    fn doing_nothing(self) -> Result<T, Problem> {
        self.map_err(|error| Problem::new(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &[&str]) -> Result<Options, String> {
        read(Parser::from_args(line)).map_err(|problem| problem.to_string())
    }

    #[test]
    fn command_lines_of_known_programs_are_read() {
        let lines: &[&[&str]] = &[
            &["-x", "-oPermitLocalCommand=no", "-oClearAllForwardings=yes", "-oRemoteCommand=none", "-oRequestTTY=no"],
            &["-oForwardX11 no", "-oPermitLocalCommand no", "-obatchmode yes", "-oForwardAgent no"],
            &["-xT", "-e", "none"],
            &["-C", "-o", "ControlMaster=auto", "-o", "ControlPersist=60s", "-o", "ControlPath=\"/tmp/x y\""],
        ];
        for line in lines {
            let all = [*line, &["-l", "u", "-p2222", "-s", "--", "h", "sftp"]].concat();
            let options = parse(&all).expect("a good line");
            assert_eq!((options.user.as_str(), options.host.as_str(), options.port), ("u", "h", 2222));
            assert!(matches!(options.what, What::Subsystem(name) if name == b"sftp"));
        }
        // rsync: words with a dash behind the host's command.
        let options = parse(&["-l", "u", "h", "rsync", "--server", "-logD", ".", "--"]).expect("a good line");
        assert!(matches!(options.what, What::Command(command) if command == b"rsync --server -logD . --"));
        // restic: options behind the host.
        let options = parse(&["a@b@h", "-p", "7", "-s", "sftp"]).expect("a good line");
        assert_eq!((options.user.as_str(), options.host.as_str(), options.port), ("a@b", "h", 7));
        assert!(matches!(options.what, What::Subsystem(_)));
        // git: variables; PATH is there in every test.
        let options = parse(&["-o", "SendEnv=PAT[H] NOT_THERE_*", "-oSetEnv=A=b=c", "h", "true"]).expect("a good line");
        assert_eq!(options.environment.first().expect("PATH").0, b"PATH");
        assert_eq!(options.environment.get(1), Some(&(b"A".to_vec(), b"b=c".to_vec())));
        // -- ends the options.
        let options = parse(&["--", "h", "-p", "7"]).expect("a good line");
        assert!(matches!(options.what, What::Command(command) if command == b"-p 7"));
        assert_eq!(options.port, 22);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (line, named) in [
            (&["-o", "Colour=red", "h"][..], "-o: colour: there is no such option"),
            (&["-o", "Port=x", "h"], "-o: port: `x`"),
            (&["-p", "0", "h"], "-p: port: `0`"),
            (&["-oForwardAgent=yes", "h"], "forwardagent: `yes`"),
            (&["-o", "Ciphers=rot13", "h"], "-o: ciphers: `rot13`"),
            (&["-o", "h"], "-o: h: there is no such option"),
            (&["-Z", "h"], "'-Z'"),
            (&["-s", "h"], "-s: no subsystem"),
            (&[], "no host"),
        ] {
            let problem = parse(line).err().expect("a bad line");
            assert!(problem.contains(named) && problem.lines().count() == 1, "{line:?}: {problem}");
        }
    }
}
