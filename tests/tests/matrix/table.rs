//! `tests/INTEROP.md`: what is committed, read and written. One column is compared, or written, at a time, since each
//! column is a test of its own.

use core::fmt::Write as _;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::rows::{Row, Subject};

/// What came of one row with one peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    Pass,
    /// Why not.
    Blank(String),
}

/// All columns in their order: their names, and which of sansh's providers is at the other end.
pub(crate) const COLUMNS: [(&str, &str); 17] = [
    ("sshd", "aws-lc"),
    ("sshd, 2", "rustcrypto"),
    ("sshd of Debian 12", "aws-lc"),
    ("ssh", "aws-lc"),
    ("ssh, 2", "rustcrypto"),
    ("ssh of Debian 12", "aws-lc"),
    ("dropbear", "aws-lc"),
    ("dbclient", "aws-lc"),
    ("tinysshd", "aws-lc"),
    ("AsyncSSH server", "aws-lc"),
    ("AsyncSSH client", "aws-lc"),
    ("paramiko server", "aws-lc"),
    ("paramiko client", "aws-lc"),
    ("russh server", "aws-lc"),
    ("russh client", "aws-lc"),
    ("libssh client", "aws-lc"),
    ("libssh2 client", "aws-lc"),
];

const HEAD: &str = "\
# Interop matrix

Made by the tests of `tests/tests/matrix.rs`, which fail when it is not what they see. `SANSH_BLESS=1 tests/run matrix`
writes it again.

Each ✔ is a connection of sansh, cut down to that one row, with a real peer: key exchange, login, `cat` that echoes some
pieces of 16 KiB, between them a key re-exchange that sansh starts and one that the peer starts (as far as the table of
re-exchanges has no blank there), an exit status, a clean end; and sansh says that the row was in force. Certificates
are checked by sansh in full; paramiko takes them for the keys in them.

A blank has a number: its reason stands at the end. That the peer does not offer something, or refuses what it does not
name, was seen on the wire in that run. The other reasons stand in `tests/tests/matrix/reasons.rs`, each with the
failure that it explains, and fail the test when the row passes after all.

The newest OpenSSH is met with both providers of sansh (\"2\" is `rustcrypto`), all others with `aws-lc` alone: where
the providers differ, the peer does not matter.
";

/// The file as a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Table {
    /// By column: what the peer says that it is.
    pub(crate) versions: BTreeMap<String, String>,
    /// By row and column.
    pub(crate) cells: BTreeMap<(Subject, String), BTreeMap<String, Cell>>,
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("INTEROP.md")
}

impl Table {
    /// The committed one.
    pub(crate) fn committed() -> Table {
        fs::read_to_string(path()).map(|text| Table::parse(&text)).unwrap_or_default()
    }

    /// Puts a column into the file.
    pub(crate) fn bless(column: &str, version: &str, cells: &[(Row, Cell)]) {
        // Columns are processes of their own, and more than one may be done at a time.
        let folder = File::open(env!("CARGO_MANIFEST_DIR")).expect("the folder of the tests");
        folder.lock().expect("a lock");
        let mut table = Table::committed();
        table.versions.insert(column.to_owned(), version.to_owned());
        for of_row in table.cells.values_mut() {
            of_row.remove(column);
        }
        for (row, cell) in cells {
            let of_row = table.cells.entry((row.subject, row.name.clone())).or_default();
            of_row.insert(column.to_owned(), cell.clone());
        }
        let text = table.render(&Row::all());
        // Anew under the same name, so that nobody reads half of it.
        let new = path().with_extension("md.new");
        fs::write(&new, text).and_then(|()| fs::rename(&new, path())).expect("INTEROP.md");
    }

    /// One column of it.
    pub(crate) fn cell(&self, column: &str, row: &Row) -> Option<&Cell> {
        self.cells.get(&(row.subject, row.name.clone()))?.get(column)
    }

    /// As text, with these rows in this order.
    pub(crate) fn render(&self, rows: &[Row]) -> String {
        let mut text = HEAD.to_owned();
        let mut reasons: Vec<&str> = Vec::new();
        text.push_str("\n## Peers\n\n| column | peer | its role | provider of sansh |\n| --- | --- | --- | --- |\n");
        for (column, provider) in COLUMNS {
            let version = self.versions.get(column).map_or("?", String::as_str);
            let _ = writeln!(text, "| {column} | {version} | {} | {provider} |", role(column));
        }
        for subject in Subject::ALL {
            let rows: Vec<&Row> = rows.iter().filter(|row| row.subject == subject).collect();
            if rows.is_empty() {
                continue;
            }
            let _ = write!(text, "\n## {}\n\n| |", subject.title());
            for (column, _) in COLUMNS {
                let _ = write!(text, " {column} |");
            }
            let _ = writeln!(text, "\n| --- |{}", " :-: |".repeat(COLUMNS.len()));
            for row in rows {
                let _ = write!(text, "| {} |", row.name);
                for (column, _) in COLUMNS {
                    match self.cell(column, row) {
                        None => text.push_str(" ? |"),
                        Some(Cell::Pass) => text.push_str(" ✔ |"),
                        Some(Cell::Blank(reason)) => {
                            let number = reasons.iter().position(|known| known == reason).unwrap_or_else(|| {
                                reasons.push(reason);
                                reasons.len() - 1
                            });
                            let _ = write!(text, " ({}) |", number + 1);
                        }
                    }
                }
                text.push('\n');
            }
        }
        text.push_str("\n## Reasons\n\n");
        for (number, reason) in reasons.iter().enumerate() {
            let _ = writeln!(text, "{}. {reason}.", number + 1);
        }
        text
    }

    /// What [`render`](Table::render) wrote. Lines that it does not write are passed over.
    fn parse(text: &str) -> Table {
        let reasons: Vec<&str> = text
            .lines()
            .skip_while(|line| *line != "## Reasons")
            .filter_map(|line| Some(line.split_once(". ")?.1.trim_end_matches('.')))
            .collect();
        let mut table = Table::default();
        let (mut title, mut columns) = ("", Vec::new());
        for line in text.lines() {
            if let Some(found) = line.strip_prefix("## ") {
                (title, columns) = (found, Vec::new());
            }
            let Some(inside) = line.strip_prefix("| ").and_then(|line| line.strip_suffix(" |")) else { continue };
            let fields: Vec<&str> = inside.split(" | ").map(|field| field.trim_start_matches("| ")).collect();
            if columns.is_empty() {
                columns = fields;
                continue;
            }
            let Some((name, fields)) = fields.split_first() else { continue };
            if *name == "---" {
                continue;
            }
            if title == "Peers" {
                table.versions.insert((*name).to_owned(), (*fields.first().unwrap_or(&"?")).to_owned());
            }
            let Some(subject) = Subject::ALL.into_iter().find(|subject| subject.title() == title) else { continue };
            let of_row = table.cells.entry((subject, (*name).to_owned())).or_default();
            for (column, field) in columns.iter().zip(fields) {
                let number = field.trim_matches(['(', ')']).parse::<usize>().ok();
                let reason = number.and_then(|number| reasons.get(number.checked_sub(1)?));
                let cell = match (*field, reason) {
                    ("✔", _) => Cell::Pass,
                    (_, Some(reason)) => Cell::Blank((*reason).to_owned()),
                    _ => continue,
                };
                of_row.insert((*column).to_owned(), cell);
            }
        }
        table
    }
}

/// Whether a column's peer is the server.
fn role(column: &str) -> &'static str {
    let client = column.starts_with("ssh ") || column.starts_with("ssh,") || ["ssh", "dbclient"].contains(&column);
    if client || column.ends_with(" client") { "client" } else { "server" }
}

#[test]
fn the_table_is_whole_and_reads_as_it_is_written() {
    let text = fs::read_to_string(path()).expect("INTEROP.md");
    let table = Table::parse(&text);
    assert!(table.render(&Row::all()) == text, "INTEROP.md is not as it is written: SANSH_BLESS=1 tests/run matrix");
    for row in Row::all() {
        for (column, _) in COLUMNS {
            assert!(table.cell(column, &row).is_some(), "{column}: nothing is known of {}", row.name);
        }
    }
    assert_eq!(table.versions.len(), COLUMNS.len());
}
