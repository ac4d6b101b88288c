//! The program `sansh`: an SSH client, an SSH server, and a demonstration of both.
//!
//! It is written to be read: how to embed the state machine of the crate `sansh` into an event loop of one's own. One
//! file is one idea, and the way of the bytes is this:
//!
//! ```text
//!  poll.rs     waits                       connect/   the client: one connection, one channel, standard input and output
//!  link.rs     socket <-> Connection       serve/     the server: many connections, many channels, one loop
//!  pump.rs     channel <-> descriptor      demo/      an HTTP service carried over SSH in four ways, and measured
//! ```
#![forbid(unsafe_code)]
#![allow(clippy::std_instead_of_core, clippy::alloc_instead_of_core, reason = "a program, and it has std")]

mod algorithms;
mod clock;
mod connect;
mod demo;
mod keyfile;
mod keygen;
mod level;
mod link;
mod poll;
mod problem;
mod pump;
mod say;
mod serve;
mod user;

use crate::say::{say, tell};
use problem::Problem;
use std::ffi::OsStr;
use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "\
usage: sansh demo
       sansh connect [-p port] [-l user] [-i key] [-s] [-o KEY=VALUE] [user@]host command|subsystem
       sansh serve -f FILE
       sansh keygen -t ed25519 -f FILE [-C comment]";

fn main() -> ExitCode {
    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_default();
    // A link named `ssh`, first in PATH, serves programs that cannot be told another one.
    if Path::new(&name).file_name() == Some(OsStr::new("ssh")) {
        return end(255, connect::run(lexopt::Parser::from_args(arguments)));
    }
    let command = arguments.next().unwrap_or_default();
    let parser = lexopt::Parser::from_args(arguments);
    match command.to_str() {
        Some("connect") => end(255, connect::run(parser)),
        Some("serve") => end(1, serve::run(parser)),
        Some("demo") => end(1, demo::run(parser)),
        Some("keygen") => end(1, keygen::run(parser)),
        Some("--version" | "-V") => {
            say!("sansh {} with {}", env!("CARGO_PKG_VERSION"), algorithms::provider().name());
            ExitCode::SUCCESS
        }
        Some("--help" | "-h" | "help") => {
            say!("{USAGE}");
            ExitCode::SUCCESS
        }
        _ => {
            let shown = command.display();
            let problem = format!("`{shown}`: say demo, connect, serve or keygen (`sansh --help` shows their options)");
            end(1, Err(Problem::new(problem)))
        }
    }
}

/// Own errors are one line and a status of their own.
fn end(own_errors: u8, result: Result<u8, Problem>) -> ExitCode {
    match result {
        Ok(status) => ExitCode::from(status),
        Err(problem) => {
            for line in problem.to_string().lines() {
                tell!("sansh: {line}");
            }
            ExitCode::from(own_errors)
        }
    }
}
