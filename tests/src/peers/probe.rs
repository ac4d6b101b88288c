//! What a peer offers, as it says it: its identification and its first KEXINIT (RFC 4253, section 7.1), read off the
//! wire by a few lines that are not sansh.

use core::net::SocketAddr;
use core::time::Duration;
use std::io::{Read, Write};
use std::net::TcpStream;

use super::Error;

/// An identification and the lists behind it.
#[derive(Clone, Debug, Default)]
pub struct Offer {
    /// What stands behind `SSH-2.0-`.
    pub software: String,
    /// The ten name-lists of KEXINIT, in its order.
    pub lists: Vec<Vec<String>>,
}

impl Offer {
    /// `kex_algorithms`.
    #[must_use]
    pub fn kex(&self, name: &str) -> bool {
        self.has(0, name)
    }

    /// `server_host_key_algorithms`.
    #[must_use]
    pub fn host_key(&self, name: &str) -> bool {
        self.has(1, name)
    }

    /// `encryption_algorithms`, both ways.
    #[must_use]
    pub fn cipher(&self, name: &str) -> bool {
        self.has(2, name) && self.has(3, name)
    }

    /// `mac_algorithms`, both ways.
    #[must_use]
    pub fn mac(&self, name: &str) -> bool {
        self.has(4, name) && self.has(5, name)
    }

    fn has(&self, list: usize, name: &str) -> bool {
        self.lists.get(list).is_some_and(|list| list.iter().any(|offered| offered == name))
    }

    /// Asks a server.
    pub fn of_server(addr: SocketAddr) -> Result<Offer, Error> {
        Offer::read(TcpStream::connect(addr).map_err(Error::during(addr))?)
    }

    /// Reads what a peer sends that has just connected, or was just connected to.
    pub fn read(mut stream: TcpStream) -> Result<Offer, Error> {
        let failed = || Error::during("a peer's offer");
        stream.set_read_timeout(Some(Duration::from_secs(20))).map_err(failed())?;
        stream.write_all(b"SSH-2.0-probe\r\n").map_err(failed())?;
        let mut line = Vec::new();
        while !(line.starts_with(b"SSH-") && line.ends_with(b"\n")) {
            if line.ends_with(b"\n") {
                line.clear();
            }
            let mut byte = [0];
            stream.read_exact(&mut byte).map_err(failed())?;
            line.extend(byte);
        }
        let line = String::from_utf8_lossy(&line);
        let software = line.trim_end().trim_start_matches("SSH-2.0-").to_owned();
        let mut head = [0; 5];
        stream.read_exact(&mut head).map_err(failed())?;
        let [a, b, c, d, _] = head;
        let mut packet = vec![0; (u32::from_be_bytes([a, b, c, d]).min(35_000) as usize).saturating_sub(1)];
        stream.read_exact(&mut packet).map_err(failed())?;
        if packet.first() != Some(&20) {
            return Err(Error::new(format!("{software}: no KEXINIT first, but {:?}", packet.first())));
        }
        // The number and the cookie.
        let mut rest = packet.get(17..).unwrap_or_default();
        let mut lists = Vec::new();
        for _ in 0..10 {
            let names = string(&mut rest).ok_or_else(|| Error::new(format!("{software}: a KEXINIT cut off")))?;
            lists.push(String::from_utf8_lossy(names).split(',').map(str::to_owned).collect());
        }
        Ok(Offer { software, lists })
    }
}

fn string<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, behind) = rest.split_first_chunk::<4>()?;
    let (string, behind) = behind.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    *rest = behind;
    Some(string)
}
