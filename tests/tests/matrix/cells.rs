//! One column: every row met, and what came of it compared with the table.

use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;
use std::thread;

use sansh::crypto::Provider;
use sansh::error::Error;
use sansh_testkit::peers::Offer;

use super::link::Seen;
use super::reasons::written;
use super::rows::{BY_PEER, BY_SANSH, Row, Subject, aws_lc, rust_crypto};
use super::table::{COLUMNS, Cell, Table};

/// Connections of one column that run side by side.
const WORKERS: usize = 3;

const NOT_OFFERED: &str = "the peer does not offer it";

/// Why a row did not pass.
#[derive(Debug)]
pub(crate) enum Miss {
    /// It should have.
    Wrong(String),
    /// It cannot, and this was measured.
    Blank(String),
}

impl From<String> for Miss {
    fn from(text: String) -> Miss {
        Miss::Wrong(text)
    }
}

/// One peer in one role.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) provider: &'static dyn Provider,
    /// What it offers and calls itself.
    pub(crate) offer: Offer,
    /// Its version, if it does not say it on the wire.
    pub(crate) version: Option<String>,
    /// What a second server offers whose host keys the first has no place for.
    pub(crate) more_host_keys: Offer,
    /// Whether it starts exchanges by itself.
    pub(crate) rekeys: bool,
    /// Whether sansh starts one in every row, or only in the one that is about it.
    pub(crate) rekeyed: bool,
}

impl Column {
    /// One of [`COLUMNS`].
    pub(crate) fn new(name: &'static str, offer: Offer, rekeys: bool) -> Column {
        let (_, provider) = COLUMNS.into_iter().find(|(column, _)| *column == name).expect("a column of the table");
        let provider = if provider == rust_crypto().name() { rust_crypto() } else { aws_lc() };
        let more_host_keys = Offer::default();
        Column { name, provider, offer, version: None, more_host_keys, rekeys, rekeyed: true }
    }

    /// `OpenSSH 10.0`: the name, and two numbers of the version.
    fn version(&self) -> String {
        let text = self.version.as_ref().unwrap_or(&self.offer.software).replace('_', " ");
        let (name, version) = text.split_once(' ').unwrap_or((&text, ""));
        let numbers: Vec<&str> = version.split(|c: char| !c.is_ascii_digit()).take(2).collect();
        format!("{name} {}", numbers.join("."))
    }

    /// Whether it offers what a row needs; rows that no list of KEXINIT names are tried.
    fn offers(&self, row: &Row) -> bool {
        match row.subject {
            Subject::Exchange => self.offer.kex(&row.name),
            Subject::Cipher => {
                let (cipher, mac) = row.suite();
                self.offer.cipher(cipher) && (mac.is_empty() || self.offer.mac(mac))
            }
            Subject::HostKey | Subject::HostCertificate => {
                self.offer.host_key(&row.name) || self.more_host_keys.host_key(&row.name)
            }
            _ => true,
        }
    }

    /// Whether a connection was all that a row asks for.
    pub(crate) fn judge(&self, row: &Row, seen: &Seen) -> Result<(), Miss> {
        let said = |what: &str| Err(Miss::Wrong(format!("{what}: {}", seen.tail())));
        let Some(algorithms) = seen.algorithms else { return said("nothing was negotiated") };
        if seen.login.is_none() {
            return said("no login");
        }
        if !seen.echoed {
            return said("`cat` did not do all that it should");
        }
        // A peer may just hang up when it is done.
        let ended =
            matches!(seen.closed, Some((Error::Application { .. } | Error::Eof | Error::Disconnected { .. }, _)));
        if !ended {
            return said("not ended well");
        }
        let counted = format!("{} exchanges, {} ours, {} theirs", seen.exchanges, seen.ours, seen.theirs);
        let by_sansh = self.rekeyed || row.name == BY_SANSH;
        let by_peer = self.rekeys || row.name == BY_PEER;
        if (by_sansh && (seen.exchanges < 2 || seen.ours < 1)) || (by_peer && seen.theirs < 1) {
            return said(&counted);
        }
        let both = [algorithms.client_to_server, algorithms.server_to_client];
        let in_force = match row.subject {
            Subject::Exchange => algorithms.kex == row.name,
            Subject::Cipher => both == [row.suite(); 2],
            Subject::HostKey | Subject::HostCertificate => algorithms.host_key == row.name,
            _ => true,
        };
        if in_force { Ok(()) } else { said(&format!("in force is {algorithms:?}")) }
    }

    /// Meets the peer once per row, and compares the outcome with the table, or writes it there.
    pub(crate) fn run(&self, meet: impl Fn(&Row) -> Result<(), Miss> + Sync) {
        let rows = Row::all();
        let own = Row::of(self.provider);
        let next = AtomicUsize::new(0);
        let found: Mutex<Vec<(usize, Result<Cell, String>)>> = Mutex::default();
        thread::scope(|scope| {
            for _ in 0..WORKERS {
                scope.spawn(|| {
                    while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let number = rows.iter().position(|other| other == row).expect("one of them");
                        let outcome = self.cell(row, &own, &meet);
                        found.lock().expect("no panic").push((number, outcome));
                    }
                });
            }
        });
        let mut found = found.into_inner().expect("no panic");
        found.sort_by_key(|(number, _)| *number);
        let (mut cells, mut wrong) = (Vec::new(), Vec::new());
        for (row, (_, outcome)) in rows.into_iter().zip(found) {
            match outcome {
                Ok(cell) => cells.push((row, cell)),
                Err(text) => wrong.push(format!("{}, {}: {text}", row.subject.title(), row.name)),
            }
        }
        assert!(wrong.is_empty(), "{} ({}):\n{}", self.name, self.version(), wrong.join("\n"));
        if std::env::var_os("SANSH_BLESS").is_some() {
            Table::bless(self.name, &self.version(), &cells);
        } else {
            self.compare(&cells);
        }
    }

    fn cell(&self, row: &Row, own: &[Row], meet: &(impl Fn(&Row) -> Result<(), Miss> + Sync)) -> Result<Cell, String> {
        if !own.contains(row) {
            return Ok(Cell::Blank(format!("sansh does not have it with {}", self.provider.name())));
        }
        if !self.offers(row) {
            return Ok(Cell::Blank(NOT_OFFERED.to_owned()));
        }
        match (meet(row), written(self.name, row)) {
            (Ok(()), None) => Ok(Cell::Pass),
            (Ok(()), Some((reason, _))) => Err(format!("it passes, though reasons.rs says that {reason}")),
            (Err(Miss::Blank(reason)), _) => Ok(Cell::Blank(reason)),
            (Err(Miss::Wrong(text)), Some((reason, sign))) if text.contains(sign) => Ok(Cell::Blank(reason.to_owned())),
            (Err(Miss::Wrong(text)), _) => Err(text),
        }
    }

    /// With a peer of another version than the table's, only a pass that was lost though the peer offers it, is wrong.
    fn compare(&self, cells: &[(Row, Cell)]) {
        let table = Table::committed();
        let version = self.version();
        let same = table.versions.get(self.name) == Some(&version);
        let mut wrong = Vec::new();
        for (row, cell) in cells {
            let committed = table.cell(self.name, row);
            let lost = committed == Some(&Cell::Pass) && *cell != Cell::Blank(NOT_OFFERED.to_owned());
            if committed != Some(cell) && (same || lost) {
                let title = row.subject.title();
                wrong.push(format!("{title}, {}: INTEROP.md has {committed:?}, seen is {cell:?}", row.name));
            }
        }
        if !same {
            println!("{}: INTEROP.md is of {:?}, this is {version:?}", self.name, table.versions.get(self.name));
        }
        assert!(wrong.is_empty(), "{} ({version}):\n{}", self.name, wrong.join("\n"));
    }
}
