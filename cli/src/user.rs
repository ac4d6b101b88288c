//! The user who runs the program.

use nix::unistd::{Uid, User};
use std::path::PathBuf;

#[derive(Clone)]
pub(crate) struct Me {
    pub(crate) name: String,
    pub(crate) home: PathBuf,
    pub(crate) shell: PathBuf,
}

impl Me {
    /// From the user database; without an entry there, as in many containers, from the environment.
    pub(crate) fn find() -> Me {
        let user = User::from_uid(Uid::effective()).ok().flatten();
        let (name, home, shell) = match user {
            Some(user) => (user.name, user.dir, user.shell),
            None => {
                let name = std::env::var("USER").unwrap_or_else(|_| "user".to_owned());
                (name, std::env::home_dir().unwrap_or_else(|| PathBuf::from("/")), PathBuf::new())
            }
        };
        let shell = if shell.as_os_str().is_empty() { PathBuf::from("/bin/sh") } else { shell };
        Me { name, home, shell }
    }

    /// A path as configurations write it: `~/` and `%d` are `home`, `%u` the name.
    pub(crate) fn expand(&self, path: &str, home_letter: char) -> PathBuf {
        if let Some(rest) = path.strip_prefix("~/") {
            return self.home.join(rest);
        }
        let mut expanded = String::new();
        let mut chars = path.chars();
        while let Some(c) = chars.next() {
            match (c, chars.clone().next()) {
                ('%', Some('%')) => expanded.push('%'),
                ('%', Some('u')) => expanded.push_str(&self.name),
                ('%', Some(letter)) if letter == home_letter => expanded.push_str(&self.home.to_string_lossy()),
                _ => {
                    expanded.push(c);
                    continue;
                }
            }
            chars.next();
        }
        PathBuf::from(expanded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_letters_are_expanded() {
        let me = Me { name: "jo".into(), home: "/home/jo".into(), shell: "/bin/sh".into() };
        for (path, expanded) in
            [("~/.ssh/id", "/home/jo/.ssh/id"), ("%h/k", "/home/jo/k"), ("/k/%u%%%x", "/k/jo%%x"), ("%", "%")]
        {
            assert_eq!(me.expand(path, 'h'), PathBuf::from(expanded), "{path}");
        }
    }
}
