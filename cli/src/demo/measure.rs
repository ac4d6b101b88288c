//! One way, measured: is it right, how soon does it begin, how fast is it.

use super::http::Exchange;
use super::service::{HELLO, content, hex};
use indicatif::{ProgressBar, ProgressStyle};
use sha2::{Digest, Sha256};
use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

pub(super) struct Measured {
    /// From before the TCP connection to the first byte of the first answer.
    pub(super) first_byte: Duration,
    /// Small requests a second, one after another.
    pub(super) requests: f64,
    /// Mebibytes a second, from the service to the client.
    pub(super) mebibytes: f64,
    pub(super) identity: String,
}

const SMALL: Duration = Duration::from_millis(700);
const LARGE: Duration = Duration::from_millis(1200);
/// The body of a large answer.
const BODY: usize = 8 << 20;

/// All bytes are checked: once by SHA-256 in each direction, and while the time is taken by comparing them.
pub(super) fn measure<S: Read + Write>(
    mut exchange: Exchange<S>,
    start: Instant,
    progress: &Progress,
) -> io::Result<Measured> {
    right(exchange.get("/hello")? == HELLO, "/hello")?;
    let first_byte = exchange.first_byte().unwrap_or(start).duration_since(start);
    let identity = String::from_utf8_lossy(&exchange.get("/identity")?).into_owned();

    let mut expected = Sha256::new();
    content(BODY).for_each(|piece| expected.update(piece));
    let expected = expected.finalize();
    let mut digest = Sha256::new();
    exchange.get_pieces(&format!("/bytes/{BODY}"), |piece| digest.update(piece))?;
    right(digest.finalize() == expected, "a large body from the service")?;
    let answer = exchange.post("/hash", BODY, content(BODY))?;
    right(answer == hex(&expected).as_bytes(), "a large body to the service")?;

    let (mut count, begin) = (0_u32, Instant::now());
    while begin.elapsed() < SMALL {
        right(exchange.get("/hello")? == HELLO, "/hello")?;
        count += 1;
        progress.tick(begin.elapsed());
    }
    let requests = f64::from(count) / begin.elapsed().as_secs_f64();

    let (mut bytes, begin) = (0, Instant::now());
    while begin.elapsed() < LARGE {
        let mut compared = Compared::new(BODY);
        bytes += exchange.get_pieces(&format!("/bytes/{BODY}"), |piece| {
            compared.next(piece);
            progress.tick(SMALL + begin.elapsed());
        })?;
        right(compared.ended_equal(), "a large body from the service")?;
    }
    let mebibytes = bytes as f64 / f64::from(1 << 20) / begin.elapsed().as_secs_f64();
    progress.step();
    Ok(Measured { first_byte, requests, mebibytes, identity })
}

fn right(right: bool, what: &str) -> io::Result<()> {
    if right { Ok(()) } else { Err(io::Error::other(format!("{what} came with wrong bytes"))) }
}

/// Compares what comes with what should come.
struct Compared<I> {
    expected: I,
    piece: &'static [u8],
    equal: bool,
}

impl Compared<()> {
    fn new(length: usize) -> Compared<impl Iterator<Item = &'static [u8]>> {
        Compared { expected: content(length), piece: &[], equal: true }
    }
}

impl<I: Iterator<Item = &'static [u8]>> Compared<I> {
    fn next(&mut self, mut came: &[u8]) {
        while !came.is_empty() && self.equal {
            if self.piece.is_empty() {
                self.piece = self.expected.next().unwrap_or_default();
            }
            let n = came.len().min(self.piece.len());
            let (here, rest) = came.split_at(n);
            let (there, left) = self.piece.split_at(n);
            self.equal = n > 0 && here == there;
            (came, self.piece) = (rest, left);
        }
    }

    fn ended_equal(mut self) -> bool {
        self.equal && self.piece.is_empty() && self.expected.next().is_none()
    }
}

/// A bar, on a terminal only.
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    pub(super) fn new(ways: usize) -> Self {
        let all = (SMALL + LARGE).as_millis() as u64 * ways as u64;
        let style = ProgressStyle::with_template("{bar:40} {msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
        Progress { bar: ProgressBar::new(all).with_style(style) }
    }

    pub(super) fn way(&self, name: &str) {
        self.bar.set_message(format!("measuring: {name}"));
    }

    /// So far in this way.
    fn tick(&self, within: Duration) {
        let way = (SMALL + LARGE).as_millis() as u64;
        let before = self.bar.position() / way * way;
        self.bar.set_position(before + (within.as_millis() as u64).min(way - 1));
    }

    /// This way is done.
    fn step(&self) {
        let way = (SMALL + LARGE).as_millis() as u64;
        self.bar.set_position((self.bar.position() / way + 1) * way);
    }

    pub(super) fn done(&self) {
        self.bar.finish_and_clear();
    }
}
