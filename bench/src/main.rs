//! `cargo run --release -p sansh-bench [throughput|handshakes|memory]`: the whole table without an argument.
//!
//! Each figure of sansh stands beside its denominator, measured in the same run and in turn with it; medians of all rounds
//! are printed, and the ratio of the medians.

mod handshake;
mod memory;
mod pair;
mod raw;
mod throughput;

#[global_allocator]
static ALLOCATOR: sansh_testalloc::Counting = sansh_testalloc::Counting;

fn main() {
    let wanted = std::env::args().nth(1);
    let run = |name: &str| wanted.as_deref().is_none_or(|wanted| wanted == name);
    if run("throughput") {
        throughput::run();
    }
    if run("handshakes") {
        handshake::run();
    }
    if run("memory") {
        memory::run();
    }
}

/// The providers measured.
fn providers() -> [&'static dyn sansh::crypto::Provider; 2] {
    [&sansh::crypto::rustcrypto::RustCrypto, &sansh::crypto::aws_lc::AwsLc]
}

/// The median of a few figures.
fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
