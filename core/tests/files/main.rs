//! Files against the programs they are written for: what `ssh -G`, `sshd -T` and `ssh-keygen` make of a text is what
//! `sansh::files` makes of it.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "a test allocates as it likes")]
#![cfg(feature = "files")]

mod client_config;
mod known_hosts;
mod server_config;

use core::sync::atomic::{AtomicU32, Ordering};
use sansh::files::config::{Reading, Settings, directives};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("sansh-files-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).expect("a folder for the test");
        Folder(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("a path in UTF-8").to_owned()
    }

    fn write(&self, name: &str, text: &[u8]) -> String {
        let path = self.path(name);
        fs::write(&path, text).expect("a file for the test");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What a program writes to its standard output, or `None` if it is not content.
fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("these tests need {program} (package openssh): {error}"));
    output.status.success().then(|| String::from_utf8(output.stdout).expect("text"))
}

/// Reads a text with what it includes: patterns name files in `folder`, and end in `*` or not.
fn read(reading: &mut Reading<'_>, folder: &Folder, text: &str) -> Result<(), String> {
    let mut problem = Ok(());
    for line in directives("file", text) {
        // OpenSSH reads on too, and is not content at the end.
        let line = match line {
            Ok(line) => line,
            Err(error) => {
                problem = Err(error.to_string());
                continue;
            }
        };
        match reading.take(&line).map(Option::unwrap_or_default) {
            Ok(patterns) => {
                for pattern in patterns {
                    let stem = pattern.trim_end_matches('*');
                    let files = fs::read_dir(&folder.0).expect("a folder").map(|file| file.expect("a file").path());
                    let fits = |path: &PathBuf| path.to_str().is_some_and(|path| path.starts_with(stem));
                    let mut files: Vec<PathBuf> = files.filter(fits).collect();
                    files.sort();
                    for file in files {
                        reading.enter(&line).map_err(|error| error.to_string())?;
                        read(reading, folder, &fs::read_to_string(file).expect("text"))?;
                        reading.leave();
                    }
                }
            }
            Err(error) => problem = Err(error.to_string()),
        }
    }
    problem
}

/// The value of a keyword as the programs show it: all of its lines, words with blanks between them.
fn shown(settings: &Settings, keyword: &str) -> Vec<String> {
    settings.every(keyword).map(|setting| setting.words().join(" ")).collect()
}

/// The lines about a keyword in what a program shows.
fn lines(output: &str, keyword: &str) -> Vec<String> {
    let value = |line: &str| Some(line.strip_prefix(keyword)?.strip_prefix(' ')?.trim_end().to_owned());
    output.lines().filter_map(value).collect()
}
