//! `sansh demo`: an HTTP service carried over SSH in four ways, on this machine, with throw-away keys.
//!
//! ```text
//!  this process                              another process: sansh serve
//!  HTTP client - Tunnel (Connection<Client>) ===== SSH ===== Connection<Server> - pipe or socket - HTTP service
//!  HTTP service (threads, on sockets) <--------------------------------------------------------------'
//! ```

mod http;
mod measure;
mod server;
mod service;
mod table;
mod tunnel;

use crate::keyfile;
use crate::problem::{Doing, Problem};
use crate::say::{say, tell};
use crate::user::Me;
use http::Exchange;
use lexopt::{Arg, Parser};
use measure::{Measured, measure};
use server::Server;
use service::Service;
use std::io::IsTerminal;
use std::time::Instant;
use tunnel::{Tunnel, Way};

const USAGE: &str = "usage: sansh demo";

pub(crate) fn run(mut arguments: Parser) -> Result<u8, Problem> {
    let usage = |cause: lexopt::Error| Problem::new(format!("{cause}; {USAGE}"));
    match arguments.next().map_err(usage)? {
        None => demo(),
        // The service as a command: it speaks HTTP on standard input and output.
        Some(Arg::Long("service")) => service::on_standard_io().map(|()| 0).doing("service"),
        Some(Arg::Short('h') | Arg::Long("help")) => {
            say!("{USAGE}");
            Ok(0)
        }
        Some(other) => Err(usage(other.unexpected())),
    }
}

fn demo() -> Result<u8, Problem> {
    let folder = tempfile::Builder::new().prefix("sansh-demo-").tempdir().doing("temporary folder")?;
    let service = Service::start(folder.path()).doing("HTTP service")?;
    let key = keyfile::generate("demo")?;
    let server = Server::start(folder.path(), &service, &key)?;
    let user = Me::find().name;
    say!("HTTP over SSH in four ways, on this machine, with throw-away keys.\n");
    say!("  HTTP service  {} and tcp:127.0.0.1:{}", service.plain.display(), service.port);
    say!("  SSH server    process {}, 127.0.0.1 port {}, host key {}", server.id(), server.port, server.host_key);
    say!("  login         {user}, key {}\n", key.public_key());

    let ways = [
        Way::Subsystem("http".to_owned()),
        Way::Command(service::command()?),
        Way::Tcp(service.port),
        Way::Unix(service.plain.clone()),
    ];
    let expected = format!("{user}, {}", key.public_key());
    say!("The messages of one request over the subsystem, as the client sends and receives them:\n");
    {
        let [first, ..] = &ways;
        let tunnel = Tunnel::open(&server, &user, &key, first, true).doing("subsystem")?;
        Exchange::new(tunnel).get("/hello").doing("subsystem")?;
    }
    say!("");

    let progress = measure::Progress::new(ways.len() + 1);
    let mut rows = Vec::new();
    for way in &ways {
        progress.way(way.name());
        let start = Instant::now();
        let tunnel = Tunnel::open(&server, &user, &key, way, false);
        let measured =
            tunnel.and_then(|tunnel| measure(Exchange::new(tunnel), start, &progress)).and_then(|measured| {
                // Whoever is told the identity must see the right one; whoever is not told sees none.
                let right = if way.tells_identity() { &expected } else { service::NOBODY };
                match measured.identity == *right {
                    true => Ok(measured),
                    false => Err(std::io::Error::other(format!("the service sees `{}`", measured.identity))),
                }
            });
        rows.push((way.name().to_owned(), measured));
    }
    progress.way("subsystem, by OpenSSH's ssh");
    let openssh = server::fetch_by_openssh(&server, folder.path(), &user, &key, &progress)?;
    progress.done();
    let installed = openssh.is_some();
    rows.extend(openssh.map(|measured| ("subsystem, by OpenSSH's ssh".to_owned(), measured)));
    report(rows, installed, &server)
}

type Row = (String, std::io::Result<Measured>);

fn report(rows: Vec<Row>, installed: bool, server: &Server) -> Result<u8, Problem> {
    let (mut cells, mut failures) = (Vec::new(), Vec::new());
    for (way, measured) in rows {
        match measured {
            Ok(measured) => cells.push([
                way,
                format!("{:.1} ms", measured.first_byte.as_secs_f64() * 1e3),
                format!("{:.0}", measured.requests),
                format!("{:.0}", measured.mebibytes),
                table::shortened(&measured.identity),
            ]),
            Err(error) => {
                failures.push(format!("{way}: {error}"));
                cells.push([way, "failed".to_owned(), "-".to_owned(), "-".to_owned(), "-".to_owned()]);
            }
        }
    }
    let head = ["way", "connect to first byte", "requests/s", "MiB/s", "identity the service sees"];
    say!("{}", table::table(head, &cells));
    match installed {
        true => say!("The last line was fetched by the installed `ssh` from the same server."),
        false => say!("There is no OpenSSH `ssh` that runs here, so nothing was fetched by it."),
    }
    if failures.is_empty() {
        say!("Every way returned the right bytes (SHA-256 compared, both directions).");
        return Ok(0);
    }
    if std::io::stderr().is_terminal() || !server.log().is_empty() {
        tell!("{}", server.log().trim_end());
    }
    Err(Problem::new(failures.join("\n")))
}
