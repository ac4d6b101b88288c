//! Text for people, on standard output and standard error. Unlike `println!` it does not end the program when nobody
//! reads: a server outlives its terminal.

/// A line to standard output.
macro_rules! say {
    ($($text:tt)*) => {{
        let _ = std::io::Write::write_fmt(&mut std::io::stdout(), format_args!("{}\n", format_args!($($text)*)));
    }};
}

/// A line to standard error.
macro_rules! tell {
    ($($text:tt)*) => {{
        let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("{}\n", format_args!($($text)*)));
    }};
}

pub(crate) use {say, tell};
