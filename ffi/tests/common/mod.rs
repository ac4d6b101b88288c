//! What the tests of the C interface share: the library as it is shipped, and the C compiler.
#![allow(dead_code, unreachable_pub)]

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

pub fn manifest() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub fn header_path() -> PathBuf {
    manifest().join("../include/sansh.h")
}

/// The profile's folder: this test is `FOLDER/deps/NAME`.
fn folder() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().to_owned()
}

/// The path of libsansh.so or libsansh.a, built as it is shipped: without what tests add to the core's features.
pub fn library(name: &str) -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let folder = BUILT.get_or_init(|| {
        let folder = folder();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--package", "sansh-ffi", "--lib", "--manifest-path"]);
        cargo.arg(manifest().join("Cargo.toml")).arg("--target-dir").arg(folder.parent().unwrap());
        if folder.ends_with("release") {
            cargo.arg("--release");
        }
        if !cfg!(feature = "aws_lc") {
            cargo.arg("--no-default-features");
        }
        assert!(cargo.status().unwrap().success(), "libsansh does not build");
        folder
    });
    let path = folder.join(name);
    assert!(path.is_file(), "{} is not there", path.display());
    path
}

/// What a program prints; it must succeed.
pub fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}: install build-essential and binutils (tests/run does)"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A folder for what one test compiles.
pub struct Build {
    path: PathBuf,
}

impl Build {
    pub fn new(name: &str) -> Build {
        let path = folder().join("ffi-tests").join(format!("{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Build { path }
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path.join(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// Runs a compiler with the warnings that the header promises to be free of.
    pub fn run(&self, compiler: &str, options: &[&str], files: &[&dyn AsRef<OsStr>]) {
        let mut command = Command::new(compiler);
        command.args(["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g", "-O1", "-I"]);
        command.arg(header_path().parent().unwrap()).args(options).current_dir(&self.path);
        for file in files {
            command.arg(file.as_ref());
        }
        let output = command.output().unwrap_or_else(|error| {
            panic!("{compiler}: {error}: install build-essential (tests/run does)");
        });
        assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Compiles and links one file with libsansh.so.
    pub fn program(&self, compiler: &str, options: &[&str], source: &Path) -> PathBuf {
        let program = self.path.join(source.file_stem().unwrap());
        let library = self.shared();
        let mut options = options.to_vec();
        options.push("-o");
        self.run(compiler, &options, &[&program, &source, &library, &"-Wl,-rpath,$ORIGIN"]);
        program
    }

    /// Compiles and links one file with libsansh.a.
    pub fn static_program(&self, compiler: &str, options: &[&str], source: &Path) -> PathBuf {
        let program = self.path.join(format!("{}-static", source.file_stem().unwrap().to_str().unwrap()));
        let library = library("libsansh.a");
        let mut options = options.to_vec();
        options.push("-o");
        self.run(compiler, &options, &[&program, &source, &library, &"-lpthread", &"-ldl", &"-lm"]);
        program
    }

    /// libsansh.so under the name that programs look for.
    fn shared(&self) -> PathBuf {
        let path = self.path.join("libsansh.so.0");
        if !path.exists() {
            fs::copy(library("libsansh.so"), &path).unwrap();
        }
        path
    }

    pub fn run_program(&self, program: &Path, arguments: &[&str]) -> String {
        output(program.to_str().unwrap(), arguments)
    }
}

impl Drop for Build {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}
