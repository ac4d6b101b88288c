//! As much HTTP/1.1 as the demonstration needs, over anything that reads and writes.

use std::io::{self, Read, Write};
use std::time::Instant;

/// Reads messages: heads by httparse, bodies by their Content-Length.
pub(super) struct Reader<R> {
    input: R,
    buffer: Vec<u8>,
    /// Where what was not read yet begins and ends.
    start: usize,
    end: usize,
    /// When the first byte came.
    pub(super) first_byte: Option<Instant>,
}

pub(super) struct Request {
    pub(super) path: String,
    pub(super) length: usize,
}

impl<R: Read> Reader<R> {
    pub(super) fn new(input: R) -> Self {
        Reader { input, buffer: vec![0; 256 * 1024], start: 0, end: 0, first_byte: None }
    }

    /// The next request's head; `None` at the end.
    pub(super) fn request(&mut self) -> io::Result<Option<Request>> {
        self.head(|bytes| {
            let mut headers = [httparse::EMPTY_HEADER; 32];
            let mut request = httparse::Request::new(&mut headers);
            let status = request.parse(bytes).map_err(io::Error::other)?;
            let path = request.path.unwrap_or_default().to_owned();
            Ok((status, Request { path, length: content_length(request.headers) }))
        })
    }

    /// The next answer's body length, if its status is 200.
    fn answer(&mut self) -> io::Result<usize> {
        let length = self.head(|bytes| {
            let mut headers = [httparse::EMPTY_HEADER; 32];
            let mut response = httparse::Response::new(&mut headers);
            let status = response.parse(bytes).map_err(io::Error::other)?;
            if status.is_complete() && response.code != Some(200) {
                return Err(io::Error::other(format!("the service answers {}", response.code.unwrap_or_default())));
            }
            Ok((status, content_length(response.headers)))
        })?;
        length.ok_or_else(|| io::Error::other("the service does not answer"))
    }

    fn head<T>(&mut self, parse: impl Fn(&[u8]) -> io::Result<(httparse::Status<usize>, T)>) -> io::Result<Option<T>> {
        loop {
            if let (httparse::Status::Complete(length), head) = parse(self.waiting())? {
                self.start += length;
                return Ok(Some(head));
            }
            if self.fill()? == 0 {
                return if self.waiting().is_empty() { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
            }
        }
    }

    /// The next `length` bytes, piece by piece.
    pub(super) fn body(&mut self, length: usize, mut piece: impl FnMut(&[u8])) -> io::Result<()> {
        let mut left = length;
        loop {
            let part = self.waiting();
            let part = part.get(..part.len().min(left)).unwrap_or_default();
            piece(part);
            let taken = part.len();
            self.start += taken;
            left -= taken;
            if left == 0 {
                return Ok(());
            }
            if self.fill()? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    fn waiting(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    fn fill(&mut self) -> io::Result<usize> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        let space = self.buffer.get_mut(self.end..).unwrap_or_default();
        if space.is_empty() {
            return Err(io::Error::other("the head of the message is too long"));
        }
        let n = self.input.read(space)?;
        self.end += n;
        self.first_byte.get_or_insert_with(Instant::now);
        Ok(n)
    }
}

fn content_length(headers: &[httparse::Header<'_>]) -> usize {
    let header = headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    header.and_then(|header| str::from_utf8(header.value).ok()?.trim().parse().ok()).unwrap_or(0)
}

/// A client's conversation with the service.
pub(super) struct Exchange<S> {
    reader: Reader<S>,
}

impl<S: Read + Write> Exchange<S> {
    pub(super) fn new(stream: S) -> Self {
        Exchange { reader: Reader::new(stream) }
    }

    /// A small body.
    pub(super) fn get(&mut self, path: &str) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        self.get_pieces(path, |piece| body.extend_from_slice(piece))?;
        Ok(body)
    }

    /// A large one.
    pub(super) fn get_pieces(&mut self, path: &str, piece: impl FnMut(&[u8])) -> io::Result<usize> {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: demo\r\n\r\n").as_bytes())?;
        let length = self.reader.answer()?;
        self.reader.body(length, piece)?;
        Ok(length)
    }

    /// Sends a body and gives the answer's.
    pub(super) fn post(
        &mut self,
        path: &str,
        length: usize,
        pieces: impl Iterator<Item = &'static [u8]>,
    ) -> io::Result<Vec<u8>> {
        self.send(format!("POST {path} HTTP/1.1\r\nHost: demo\r\nContent-Length: {length}\r\n\r\n").as_bytes())?;
        for piece in pieces {
            self.send(piece)?;
        }
        let length = self.reader.answer()?;
        let mut body = Vec::new();
        self.reader.body(length, |piece| body.extend_from_slice(piece))?;
        Ok(body)
    }

    pub(super) fn first_byte(&self) -> Option<Instant> {
        self.reader.first_byte
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.reader.input.write_all(bytes)?;
        self.reader.input.flush()
    }
}
