//! The demonstration's HTTP service. It knows nothing about SSH.
//!
//! It tells who it thinks is asking: by the environment when it runs as a command, by a PROXY protocol header on the
//! one socket where it expects that, and nobody everywhere else.

use super::http;
use crate::problem::{Doing, Problem};
use crate::serve::{TLV_KEY, TLV_USER};
use proxy_header::{ParseConfig, ProxyHeader, Tlv};
use sansh::crypto::{Random, Seed};
use sha2::{Digest, Sha256};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{env, thread};

/// What the service says about somebody it was told nothing about.
pub(super) const NOBODY: &str = "none";

/// What `/hello` says.
pub(super) const HELLO: &[u8] = b"Hello over SSH.\n";

/// Where it listens.
pub(super) struct Service {
    /// A Unix socket on which a PROXY protocol header comes first.
    pub(super) introduced: PathBuf,
    /// A Unix socket on which plain HTTP is spoken.
    pub(super) plain: PathBuf,
    /// A TCP port of 127.0.0.1, plain too.
    pub(super) port: u16,
}

impl Service {
    /// Listens, with a thread for each connection.
    pub(super) fn start(folder: &Path) -> io::Result<Self> {
        let (introduced, plain) = (folder.join("introduced.sock"), folder.join("http.sock"));
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = tcp.local_addr()?.port();
        let (first, second) = (UnixListener::bind(&introduced)?, UnixListener::bind(&plain)?);
        thread::spawn(move || {
            for mut socket in first.incoming().flatten() {
                thread::spawn(move || {
                    let identity = introduction(&mut socket)?;
                    serve(&socket, &socket, &identity)
                });
            }
        });
        thread::spawn(move || {
            for socket in second.incoming().flatten() {
                thread::spawn(move || serve(&socket, &socket, NOBODY));
            }
        });
        thread::spawn(move || {
            for socket in tcp.incoming().flatten() {
                let _ = socket.set_nodelay(true);
                thread::spawn(move || serve(&socket, &socket, NOBODY));
            }
        });
        Ok(Service { introduced, plain, port })
    }
}

/// The command line that runs the service on standard input and output.
pub(super) fn command() -> Result<String, Problem> {
    let program = env::current_exe().doing("own program")?;
    Ok(format!("exec '{}' demo --service", program.display().to_string().replace('\'', "'\\''")))
}

/// The service as a command: the environment says who is asking.
pub(super) fn on_standard_io() -> io::Result<()> {
    let identity = match (env::var("SANSH_USER"), env::var("SANSH_KEY")) {
        (Ok(user), Ok(key)) => format!("{user}, {key}"),
        _ => NOBODY.to_owned(),
    };
    serve(io::stdin().lock(), io::stdout().lock(), &identity)
}

/// Reads the header that says who is asking.
fn introduction(socket: &mut impl Read) -> io::Result<String> {
    let mut bytes = Vec::new();
    let config = ParseConfig { include_tlvs: true, allow_v1: false, allow_v2: true };
    loop {
        match ProxyHeader::parse(&bytes, config) {
            Ok((header, _)) => {
                let text = |wanted| {
                    header.tlvs().flatten().find_map(|tlv| match tlv {
                        Tlv::Custom(kind, value) if kind == wanted => {
                            Some(String::from_utf8_lossy(&value).into_owned())
                        }
                        _ => None,
                    })
                };
                return Ok(match (text(TLV_USER), text(TLV_KEY)) {
                    (Some(user), Some(key)) => format!("{user}, {key}"),
                    _ => NOBODY.to_owned(),
                });
            }
            Err(proxy_header::Error::BufferTooShort) => {
                // HTTP may follow at once, so that no byte more may be read than the header has.
                let missing = if bytes.len() < 16 { 16 - bytes.len() } else { 1 };
                let at = bytes.len();
                bytes.resize(at + missing, 0);
                socket.read_exact(bytes.get_mut(at..).unwrap_or_default())?;
            }
            Err(error) => return Err(io::Error::other(error.to_string())),
        }
    }
}

/// Answers requests until there are none.
fn serve(input: impl Read, mut output: impl Write, identity: &str) -> io::Result<()> {
    let mut requests = http::Reader::new(input);
    while let Some(mut request) = requests.request()? {
        let mut digest = Sha256::new();
        requests.body(request.length, |bytes| digest.update(bytes))?;
        let path = std::mem::take(&mut request.path);
        let head = |length: usize| format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
        let whole = |body: &[u8]| [head(body.len()).as_bytes(), body].concat();
        match path.as_str() {
            "/hello" => output.write_all(&whole(HELLO))?,
            "/identity" => output.write_all(&whole(identity.as_bytes()))?,
            "/hash" => output.write_all(&whole(hex(&digest.finalize()).as_bytes()))?,
            _ => match path.strip_prefix("/bytes/").and_then(|length| length.parse().ok()) {
                Some(length) => {
                    output.write_all(head(length).as_bytes())?;
                    for piece in content(length) {
                        output.write_all(piece)?;
                    }
                }
                None => output.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")?,
            },
        }
        output.flush()?;
    }
    Ok(())
}

/// The content of a length: random, but always the same, with a period that fits no buffer.
pub(super) fn content(length: usize) -> impl Iterator<Item = &'static [u8]> {
    static BLOCK: OnceLock<Vec<u8>> = OnceLock::new();
    let block = BLOCK.get_or_init(|| {
        let mut block = vec![0; 1_000_003];
        Random::new(&Seed::new([7; 32])).fill(&mut block);
        block
    });
    let mut left = length;
    std::iter::from_fn(move || {
        let piece = block.get(..left.min(block.len())).filter(|piece| !piece.is_empty())?;
        left -= piece.len();
        Some(piece)
    })
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_read_and_not_a_byte_more() {
        let tlvs = [Tlv::Custom(TLV_USER, b"jo"[..].into()), Tlv::Custom(TLV_KEY, b"SHA256:x"[..].into())];
        let mut bytes = Vec::new();
        ProxyHeader::with_tlvs(None, tlvs).encode_v2(&mut bytes).expect("a header");
        bytes.extend_from_slice(b"GET");
        let mut input = &bytes[..];
        assert_eq!(introduction(&mut input).expect("a header"), "jo, SHA256:x");
        assert_eq!(input, b"GET");
        assert!(introduction(&mut &b"GET / HTTP/1.1\r\n\r\n"[..]).is_err());
    }

    #[test]
    fn requests_are_answered_one_after_another() {
        let input =
            b"GET /hello HTTP/1.1\r\n\r\nPOST /hash HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /x HTTP/1.1\r\n\r\n";
        let mut output = Vec::new();
        serve(&input[..], &mut output, NOBODY).expect("answers");
        let text = String::from_utf8(output).expect("text");
        assert!(text.contains("Hello over SSH.") && text.contains("ba7816bf8f01cfea") && text.contains("404"));
    }
}
