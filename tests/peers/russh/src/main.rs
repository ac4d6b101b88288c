//! russh as a client (`client`) and as a server (`server ...`): the words and lines are those of `../jobs.py`.

mod client;
mod server;

use std::borrow::Cow;
use std::time::Duration;

use russh::{Limits, Preferred, cipher, kex, mac};

type Anything = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Anything> {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("client") => client::serve_jobs().await,
        Some("server") => server::serve(arguments).await,
        _ => Err("client or server".into()),
    }
}

/// Sent before and after the client's own re-exchange.
fn piece() -> Vec<u8> {
    (0..16 * 1024_u32).map(|i| (i * 7 % 251) as u8).collect()
}

/// Re-exchanges come after so many bytes each way.
fn limits(bytes: usize) -> Limits {
    Limits::new(bytes, bytes, Duration::from_secs(3600))
}

/// All that russh has and that protects, not only what it prefers; what it marks as an extension stays behind.
fn everything() -> Preferred {
    let mut preferred = Preferred::default();
    let markers = preferred.kex.iter().filter(|name| is_marker(name.as_ref())).copied().collect::<Vec<_>>();
    let kex = kex::ALL_KEX_ALGORITHMS.iter().map(|name| **name).filter(|name| name.as_ref() != "none");
    preferred.kex = kex.chain(markers).collect::<Vec<_>>().into();
    let ciphers = cipher::ALL_CIPHERS.iter().map(|name| **name);
    preferred.cipher = ciphers.filter(|name| !["clear", "none"].contains(&name.as_ref())).collect::<Vec<_>>().into();
    let macs = mac::ALL_MAC_ALGORITHMS.iter().map(|name| **name);
    preferred.mac = macs.filter(|name| name.as_ref() != "none").collect::<Vec<_>>().into();
    preferred.host_key_certificates = Cow::Owned(preferred.key.to_vec());
    preferred
}

fn is_marker(name: &str) -> bool {
    name.starts_with("ext-info-") || name.starts_with("kex-strict-")
}
