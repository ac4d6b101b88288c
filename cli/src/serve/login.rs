//! May this key in? Only as the user who runs the server, and only by a line of the authorized keys.

use super::config::Settings;
use crate::level::Level;
use sansh::files::authorized_keys::{AuthorizedKeys, Entry};
use sansh::keys::{Fingerprint, PublicKey};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Who is in.
#[derive(Clone, Debug)]
pub(super) struct Admitted {
    pub(super) user: String,
    pub(super) key_type: String,
    pub(super) fingerprint: Fingerprint,
    pub(super) rules: Rules,
}

/// What the options of the key's line ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rules {
    /// `command="…"`: this and nothing else.
    pub(super) command: Option<String>,
    pub(super) forwarding: bool,
}

/// The options that are kept: those above, and those that forbid what this server does not do.
const KEPT: &[&str] = &[
    "command",
    "restrict",
    "no-port-forwarding",
    "port-forwarding",
    "no-agent-forwarding",
    "no-pty",
    "no-user-rc",
    "no-x11-forwarding",
    "user-rc",
];

/// Looks the key up in the files, which are read anew each time.
pub(super) fn admit(settings: &Settings, user: &[u8], key: PublicKey<'_>) -> Option<Admitted> {
    if user != settings.me.name.as_bytes() {
        return None;
    }
    settings.authorized_keys.iter().find_map(|file| {
        let path = settings.me.home.join(settings.me.expand(file, 'h'));
        let text = read(settings, &path)?;
        let lines = AuthorizedKeys::new(&text);
        let rules = lines.find_all(key.blob()).find_map(|entry| {
            let unkept: Vec<String> = entry.unenforced(KEPT).map(|option| option.name.into_owned()).collect();
            if unkept.is_empty() {
                return Some(Rules::of(&entry));
            }
            let (path, line, unkept) = (path.display(), entry.line(), unkept.join(", "));
            let text = format!("{path} line {line}: not let in, since this version cannot keep its option {unkept}");
            settings.log(Level::Info, &text);
            None
        })?;
        Some(Admitted {
            user: settings.me.name.clone(),
            key_type: key.key_type().to_owned(),
            fingerprint: key.fingerprint(),
            rules,
        })
    })
}

/// A file that others can write lets nobody in.
fn read(settings: &Settings, path: &Path) -> Option<Vec<u8>> {
    let metadata = fs::metadata(path).ok()?;
    let own = [0, nix::unistd::Uid::effective().as_raw()].contains(&metadata.uid());
    if metadata.mode() & 0o022 != 0 || !own {
        let path = path.display();
        settings.log(Level::Info, &format!("{path}: ignored, since others can write it; run `chmod go-w {path}`"));
        return None;
    }
    fs::read(path).ok()
}

impl Rules {
    fn of(entry: &Entry<'_>) -> Rules {
        let mut rules = Rules { command: None, forwarding: true };
        for option in entry.options() {
            match option.name.as_ref() {
                "command" => rules.command = Some(option.value.unwrap_or_default().into_owned()),
                "restrict" | "no-port-forwarding" => rules.forwarding = false,
                "port-forwarding" => rules.forwarding = true,
                _ => {}
            }
        }
        rules
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_follow_the_options_of_the_line() {
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";
        for (options, command, forwarding) in [
            ("", None, true),
            ("restrict ", None, false),
            ("restrict,port-forwarding,no-pty ", None, true),
            ("command=\"echo \\\"x\\\"\",no-port-forwarding ", Some("echo \"x\""), false),
        ] {
            let text = format!("{options}{key}");
            let entry = AuthorizedKeys::new(&text).entries().next().expect("a line");
            let rules = Rules { command: command.map(String::from), forwarding };
            assert_eq!(Rules::of(&entry), rules, "{options}");
            assert_eq!(entry.unenforced(KEPT).count(), 0, "{options}");
        }
    }
}
