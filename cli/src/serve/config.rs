//! The configuration file, in the syntax of sshd_config(5).
//!
//! Relative paths of `Include` and `HostKey` are looked up beside the file that names them. All problems are told, one
//! line each.

use super::dial::Target;
use crate::algorithms::{Algorithms, provider};
use crate::keyfile;
use crate::level::Level;
use crate::problem::{Doing, Problem};
use crate::say::tell;
use crate::user::Me;
use sansh::config::Config;
use sansh::files::config::{ConfigError, Directive, directives};
use sansh::signer::PrivateKey;
use sansh::{Limits, Server, Shared};
use std::collections::HashMap;
use std::fs;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};

/// What the file says.
pub(super) struct Settings {
    pub(super) config: Shared<Config<Server>>,
    pub(super) host_keys: Vec<PrivateKey>,
    pub(super) listen: Vec<SocketAddr>,
    pub(super) authorized_keys: Vec<String>,
    pub(super) subsystems: HashMap<Vec<u8>, Subsystem>,
    /// `SetEnv`: variables of every command.
    pub(super) environment: Vec<(String, String)>,
    pub(super) level: Level,
    pub(super) me: Me,
}

/// What a subsystem is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subsystem {
    /// A command line for the user's shell.
    Command(String),
    /// A service on a socket, reached with no program between. `identity` tells it who logged in, by a PROXY protocol
    /// header in front.
    Socket { target: Target, identity: bool },
}

impl Settings {
    pub(super) fn log(&self, level: Level, text: &str) {
        if self.level >= level {
            tell!("{text}");
        }
    }
}

/// How deep `Include` goes.
const DEPTH: usize = 16;

pub(super) fn read(path: &Path) -> Result<Settings, Problem> {
    let mut said = Said::default();
    said.file(path, DEPTH)?;
    said.settings(path)
}

/// What was said so far; the first value counts, where there is one.
#[derive(Default)]
struct Said {
    ports: Vec<u16>,
    addresses: Vec<(String, Option<u16>)>,
    host_keys: Vec<PrivateKey>,
    authorized_keys: Option<Vec<String>>,
    subsystems: HashMap<Vec<u8>, Subsystem>,
    environment: Vec<(String, String)>,
    algorithms: Algorithms,
    level: Option<Level>,
    /// A HostKey line was there, good or bad.
    host_key: bool,
    problems: Vec<ConfigError>,
}

impl Said {
    fn file(&mut self, path: &Path, depth: usize) -> Result<(), Problem> {
        let name = path.display().to_string();
        let text = fs::read(path).doing(&name)?;
        for line in directives(&name, &text) {
            let taken = line.and_then(|line| match line.includes() {
                Some(patterns) => self.include(&line, patterns, path, depth),
                None => self.directive(&line, path),
            });
            self.problems.extend(taken.err());
        }
        Ok(())
    }

    /// Files in the order of their names; a pattern that fits none says nothing, a plain name must be there.
    fn include(
        &mut self,
        line: &Directive<'_>,
        patterns: &[impl AsRef<str>],
        from: &Path,
        depth: usize,
    ) -> Result<(), ConfigError> {
        line.argument(0)?;
        let depth = depth.checked_sub(1).ok_or_else(|| line.error("files include each other; take one Include out"))?;
        for pattern in patterns {
            let pattern = beside(from, pattern.as_ref()).display().to_string();
            let files = glob::glob(&pattern).map_err(|error| line.error(&format!("`{pattern}`: {error}")))?;
            let mut files: Vec<PathBuf> = files.flatten().collect();
            if files.is_empty() && !pattern.contains(['*', '?', '[']) {
                files.push(PathBuf::from(&pattern));
            }
            for file in files {
                self.file(&file, depth).map_err(|problem| line.error(&problem.to_string()))?;
            }
        }
        Ok(())
    }

    fn directive(&mut self, line: &Directive<'_>, from: &Path) -> Result<(), ConfigError> {
        let arguments: Vec<_> = line.arguments().collect();
        if let Some(done) = self.algorithms.option(line.keyword(), &arguments) {
            return done;
        }
        match line.keyword() {
            "port" => {
                let port = line.only()?;
                // 0 lets the system choose.
                self.ports.push(if port.text() == "0" { 0 } else { port.port()? });
            }
            "listenaddress" => {
                let address = line.only()?.address()?;
                self.addresses.push((address.host.to_owned(), address.port));
            }
            "hostkey" => {
                self.host_key = true;
                let path = beside(from, line.only()?.text());
                let key = keyfile::load(&path).map_err(|problem| line.error(&problem.to_string()))?;
                self.host_keys.push(key);
            }
            "authorizedkeysfile" => {
                line.argument(0)?;
                let files = line.arguments().map(|file| file.text().to_owned()).filter(|file| file != "none").collect();
                self.authorized_keys.get_or_insert(files);
            }
            "subsystem" => {
                let name = line.argument(0)?.text().as_bytes().to_vec();
                let subsystem = subsystem(line)?;
                if self.subsystems.insert(name, subsystem).is_some() {
                    return Err(line.error("this name has a subsystem already; choose another or take one line out"));
                }
            }
            "setenv" => {
                line.argument(0)?;
                for word in line.arguments() {
                    let Some((name, value)) = word.text().split_once('=') else {
                        return Err(word.error("", " is no variable; write NAME=VALUE"));
                    };
                    self.environment.push((name.to_owned(), value.to_owned()));
                }
            }
            "loglevel" => {
                let level = Level::read(line.only()?)?;
                self.level.get_or_insert(level);
            }
            "passwordauthentication" | "kbdinteractiveauthentication" | "usepam" => {
                line.only()?.one_of(&["no"])?;
            }
            "pubkeyauthentication" => {
                line.only()?.one_of(&["yes"])?;
            }
            _ => return Err(line.error("there is no such keyword in this version; take the line out")),
        }
        Ok(())
    }

    fn settings(self, path: &Path) -> Result<Settings, Problem> {
        let mut problems: Vec<String> = self.problems.iter().map(ToString::to_string).collect();
        if !self.host_key {
            let path = path.display();
            problems.push(format!(
                "{path}: hostkey: there is none; make one with `sansh keygen -t ed25519 -f FILE` and write HostKey FILE"
            ));
        }
        if !problems.is_empty() {
            return Err(Problem::new(problems.join("\n")));
        }
        let level = self.level.unwrap_or_default();
        let usual = || vec![".ssh/authorized_keys".to_owned(), ".ssh/authorized_keys2".to_owned()];
        Ok(Settings {
            config: Shared::new(self.config(level).doing(path.display())?),
            listen: self.listen().map_err(|problem| Problem::new(format!("{}: {problem}", path.display())))?,
            host_keys: self.host_keys,
            authorized_keys: self.authorized_keys.unwrap_or_else(usual),
            subsystems: self.subsystems,
            environment: self.environment,
            level,
            me: Me::find(),
        })
    }

    fn config(&self, level: Level) -> Result<Config<Server>, sansh::config::ConfigError> {
        let mut config = Config::new(provider());
        for key in &self.host_keys {
            config.host_key(key.public_blob())?;
        }
        config.methods("publickey")?;
        self.algorithms.apply(&mut config)?;
        let mut limits = Limits::default();
        limits.trace = level.trace_bytes();
        config.limits(limits)?;
        Ok(config)
    }

    /// As sshd: each address without a port has all ports; without any address it is all of the machine's.
    fn listen(&self) -> Result<Vec<SocketAddr>, Problem> {
        let ports: &[u16] = if self.ports.is_empty() { &[22] } else { &self.ports };
        let all = [("0.0.0.0".to_owned(), None), ("::".to_owned(), None)];
        let addresses = if self.addresses.is_empty() { &all[..] } else { &self.addresses };
        let mut listen = Vec::new();
        for (host, port) in addresses {
            let host = if host == "*" { "0.0.0.0" } else { host };
            for port in port.as_ref().map_or(ports, std::slice::from_ref) {
                listen.extend((host, *port).to_socket_addrs().doing(format!("ListenAddress {host}"))?);
            }
        }
        Ok(listen)
    }
}

/// `NAME COMMAND…`, `NAME unix:PATH [identity=…]` or `NAME tcp:HOST:PORT [identity=…]`.
fn subsystem(line: &Directive<'_>) -> Result<Subsystem, ConfigError> {
    let first = line.argument(1)?;
    let Some(target) = Target::parse(first.text()) else {
        let words: Vec<String> = line.arguments().skip(1).map(|word| quoted(word.text())).collect();
        return Ok(Subsystem::Command(words.join(" ")));
    };
    let target = target.map_err(|message| first.error("", &format!(": {message}")))?;
    line.at_most(3)?;
    let identity = match line.argument(2) {
        Ok(option) => option.one_of(&["identity=proxy", "identity=none"])? == "identity=proxy",
        Err(_) => false,
    };
    Ok(Subsystem::Socket { target, identity })
}

/// An argument as the shell reads it. The file's own quotes are gone; they come back where they hold blanks together.
fn quoted(word: &str) -> String {
    match word.contains([' ', '\t']) {
        true => format!("'{}'", word.replace('\'', "'\\''")),
        false => word.to_owned(),
    }
}

/// A path beside the file that names it.
fn beside(file: &Path, path: &str) -> PathBuf {
    file.parent().map_or_else(|| PathBuf::from(path), |folder| folder.join(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> (Said, String) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("config");
        fs::write(&file, text).expect("a file");
        let mut said = Said::default();
        said.file(&file, DEPTH).map_err(|problem| problem.to_string()).expect("a file that is there");
        let problems: Vec<String> = said.problems.iter().map(ToString::to_string).collect();
        (said, problems.join("\n"))
    }

    #[test]
    fn subsystems_are_commands_or_sockets() {
        let (said, problems) = read_text(
            "Subsystem a /usr/bin/a -x \"b c\"\nSubsystem b unix:/run/b\nsubsystem=c tcp:[::1]:80 identity=proxy\n",
        );
        assert_eq!(problems, "");
        assert_eq!(said.subsystems[&b"a"[..]], Subsystem::Command("/usr/bin/a -x 'b c'".to_owned()));
        let target = Target::Unix("/run/b".into());
        assert_eq!(said.subsystems[&b"b"[..]], Subsystem::Socket { target, identity: false });
        let target = Target::Tcp { host: "::1".to_owned(), port: 80 };
        assert_eq!(said.subsystems[&b"c"[..]], Subsystem::Socket { target, identity: true });
    }

    #[test]
    fn each_problem_is_one_line_with_file_line_and_keyword() {
        let text =
            "Port 99999\nColour red\n\nHostKey /nowhere/key\nSubsystem a\nSubsystem b tcp:x\nCiphers rot13\nPort \"1";
        let (_, problems) = read_text(text);
        let lines: Vec<&str> = problems.lines().collect();
        for (line, named) in lines.iter().zip([
            "config line 1: port: `99999`",
            "config line 2: colour: there is no such keyword",
            "config line 4: hostkey: /nowhere/key:",
            "config line 5: subsystem: a further value is missing",
            "config line 6: subsystem: `tcp:x`: write tcp:HOST:PORT",
            "config line 7: ciphers: `rot13`",
            "config line 8: port: a quote is opened",
        ]) {
            assert!(line.contains(named), "{line} has no {named}");
        }
        assert_eq!(lines.len(), 7);
    }

    #[test]
    fn listen_addresses_and_ports_are_combined() {
        let (said, _) = read_text("Port 7\nPort 0\nListenAddress 127.0.0.1\nListenAddress [::1]:9\n");
        let listen = said.listen().map_err(|problem| problem.to_string()).expect("addresses");
        let listen: Vec<String> = listen.iter().map(ToString::to_string).collect();
        assert_eq!(listen, ["127.0.0.1:7", "127.0.0.1:0", "[::1]:9"]);
    }
}
