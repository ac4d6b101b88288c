//! Gives libsansh.so its soname: programs linked today keep running with every compatible later version.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS")
        .is_ok_and(|os| matches!(&*os, "linux" | "android" | "freebsd" | "openbsd" | "netbsd"))
    {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libsansh.so.0");
    }
}
