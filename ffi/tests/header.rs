//! The header is what the library is: generated, compiled by every C and C++ we promise, and compared by value.

mod common;

use common::{Build, header_path, manifest};
use std::fs;
use std::path::Path;

/// The files of the crate in the order of the header: each is a section of it.
const FILES: &[&str] = &[
    "types",
    "status",
    "library",
    "config",
    "conn",
    "event/kind",
    "event/keys",
    "event/login",
    "event/admission",
    "event/channel",
    "event/global",
    "event/closed",
    "event/next",
    "answer/keys",
    "answer/login",
    "answer/admission",
    "answer/certificate",
    "answer/channel",
    "channel/open",
    "channel/data",
    "channel/request",
    "channel/global",
    "channel/tun",
    "look",
    "backlog",
    "key",
    "key_files",
    "public",
    "files",
    "hosts",
    "authorized",
    "revocation",
    "agent_client",
    "agent_server",
];

fn source(file: &str) -> String {
    let path = manifest().join(format!("src/{file}.rs"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files of src and of the folders in it, without `.rs`.
fn all_files() -> Vec<String> {
    let root = manifest().join("src");
    let (mut folders, mut files) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => files.push(path.with_extension("").strip_prefix(&root).unwrap().to_str().unwrap().to_owned()),
            }
        }
    }
    files
}

fn generate() -> String {
    let conventions = fs::read_to_string(manifest().join("conventions.h")).unwrap();
    let mut text = format!("{}\n\n#ifndef SANSH_H\n#define SANSH_H\n\n", conventions.trim_end());
    text.push_str("#include <stddef.h>\n#include <stdint.h>\n\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n");
    for file in FILES {
        text.push('\n');
        text.push_str(&heading(file));
        text.push_str(&section(file));
    }
    text.push_str("\n#ifdef __cplusplus\n}  // extern \"C\"\n#endif\n\n#endif  /* SANSH_H */\n");
    // Compilers differ in what they take a header's bytes for; US-ASCII is the same to all of them.
    text.replace('…', "...")
}

/// A section's heading: what stands behind `//! #` in the file's own documentation.
fn heading(file: &str) -> String {
    let source = source(file);
    let docs = source.lines().map_while(|line| line.strip_prefix("//!"));
    let mut lines: Vec<String> = docs.skip_while(|line| !line.starts_with(" # ")).map(str::to_owned).collect();
    let title = lines.first_mut().unwrap_or_else(|| panic!("{file} has no heading for the header"));
    *title = title.replacen(" # ", " ", 1);
    let width = "-".repeat(116);
    let lines: String = lines.iter().map(|line| format!(" *{line}\n")).collect();
    format!("/* {width}\n{lines} */\n\n")
}

/// What a file gives to the header. Types of other files are taken by their name: those stand in front.
fn section(file: &str) -> String {
    let config = cbindgen::Config {
        language: cbindgen::Language::C,
        style: cbindgen::Style::Both,
        usize_is_size_t: true,
        no_includes: true,
        documentation: true,
        documentation_style: cbindgen::DocumentationStyle::Doxy,
        line_length: 120,
        tab_width: 4,
        // The enumerators bear their prefix already: SANSH_E_…, SANSH_EVENT_…. No function takes or gives an enum.
        enumeration: cbindgen::EnumConfig { prefix_with_name: false, ..Default::default() },
        export: cbindgen::ExportConfig { include: types(&source(file)), ..Default::default() },
        ..Default::default()
    };
    let builder = cbindgen::Builder::new().with_config(config).with_src(manifest().join(format!("src/{file}.rs")));
    let mut text = Vec::new();
    builder.generate().expect("cbindgen reads the crate").write(&mut text);
    String::from_utf8(text).unwrap().trim().to_owned() + "\n"
}

/// The names of the public types of a source text: no signature of the same file need name them.
fn types(source: &str) -> Vec<String> {
    let kinds = ["pub enum ", "pub struct ", "pub union ", "pub type "];
    let name = |line: &str| {
        let rest = kinds.iter().find_map(|kind| line.strip_prefix(kind))?;
        Some(rest.split([' ', ';']).next()?.to_owned())
    };
    source.lines().filter_map(name).collect()
}

/// The names of the public enums of a source text.
fn enums(source: &str) -> Vec<String> {
    let names = source.lines().filter_map(|line| line.strip_prefix("pub enum ")?.split(' ').next());
    names.map(str::to_owned).collect()
}

#[test]
fn the_header_is_the_one_that_the_crate_generates() {
    let generated = generate();
    let path = header_path();
    if std::env::var_os("SANSH_BLESS").is_some() {
        fs::write(&path, &generated).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(generated.is_ascii());
    assert!(
        committed == generated,
        "include/sansh.h is not what ffi/src says; run `SANSH_BLESS=1 cargo test -p sansh-ffi --test header`"
    );
}

#[test]
fn every_file_with_something_for_c_is_in_the_header() {
    for file in all_files() {
        let source = source(&file);
        let outward = source.contains("#[unsafe(no_mangle)]") || source.contains("\n#[repr(C)]");
        assert_eq!(outward || file == "types", FILES.contains(&&*file), "{file}");
    }
}

/// Every function goes through the one macro, says since when it is there, and takes no Rust enum.
#[test]
fn every_function_keeps_the_rules() {
    let mut functions = 0;
    for file in FILES {
        let source = source(file);
        let known_enums = enums(&source);
        let mut docs = String::new();
        let mut rest = source.as_str();
        while let Some((before, after)) = rest.split_once("#[unsafe(no_mangle)]\n") {
            docs.clear();
            for line in before.lines().rev().take_while(|line| line.starts_with("///")) {
                docs.insert_str(0, &format!("{line}\n"));
            }
            let name = after.split_once("extern \"C\" fn ").unwrap().1.split('(').next().unwrap();
            let (signature, body) = after.split_once("{\n").unwrap();
            let body = body.split("\n}\n").next().unwrap();
            assert!(name.starts_with("sansh_"), "{name}");
            assert!(docs.contains("/// Since 0."), "{name} does not say since when");
            assert!(body.contains("enter!("), "{name} goes around enter!");
            let before_macro = body.split("enter!(").next().unwrap();
            assert!(!before_macro.contains("unsafe"), "{name} does something unsafe before enter!");
            for code in known_enums.iter() {
                assert!(!signature.contains(&format!(": {code}")), "{name} takes the enum {code}");
            }
            functions += 1;
            rest = after;
        }
    }
    assert!(functions > 130, "{functions}");
}

#[test]
fn it_compiles_as_every_c_and_cpp_without_a_warning() {
    let build = Build::new("compiles");
    for (compiler, standard, extension) in [
        ("cc", "c99", "c"),
        ("cc", "c11", "c"),
        ("cc", "c17", "c"),
        ("c++", "c++11", "cc"),
        ("c++", "c++17", "cc"),
        ("c++", "c++20", "cc"),
    ] {
        let source =
            "#include \"sansh.h\"\n#include \"sansh.h\"\nint main(void) { return (int)sansh_version_number() & 0; }\n";
        let file = build.write(&format!("include-{standard}.{extension}"), source);
        build.run(compiler, &[&format!("-std={standard}"), "-fsyntax-only"], &[&file]);
    }
    for example in ["client", "server", "short"] {
        for standard in ["c99", "c11", "c17"] {
            let file = manifest().join(format!("examples/{example}.c"));
            build.run("cc", &[&format!("-std={standard}"), "-fsyntax-only"], &[&file]);
        }
    }
}

/// What libsansh.so gives to the linker, no more and no less.
#[test]
fn the_exported_symbols_are_the_golden_list() {
    let library = common::library("libsansh.so");
    let shown = common::output("nm", &["-D", "--defined-only", library.to_str().unwrap()]);
    let mut symbols: Vec<&str> = shown.lines().filter_map(|line| line.split(' ').nth(2)).collect();
    symbols.sort_unstable();
    let golden = manifest().join("tests/symbols.txt");
    let text = symbols.join("\n") + "\n";
    if std::env::var_os("SANSH_BLESS").is_some() {
        fs::write(&golden, &text).unwrap();
    }
    assert_eq!(text, fs::read_to_string(&golden).unwrap_or_default(), "{}", golden.display());
    assert!(symbols.iter().all(|name| name.starts_with("sansh_")), "{symbols:?}");
    let declared = fs::read_to_string(header_path()).unwrap();
    for name in &symbols {
        assert!(declared.contains(&format!("{name}(")), "{name} is not declared");
    }
}

/// No function is there that no test calls: used as it is meant to be, and with NULL where it takes a handle.
#[test]
fn every_function_is_called_by_a_test_in_c() {
    let read = |path: &str| fs::read_to_string(manifest().join(path)).unwrap();
    let mut programs = read("examples/client.c") + &read("examples/server.c");
    for file in fs::read_dir(manifest().join("tests/c")).unwrap() {
        programs.push_str(&fs::read_to_string(file.unwrap().path()).unwrap());
    }
    let header = fs::read_to_string(header_path()).unwrap();
    for name in read("tests/symbols.txt").lines() {
        let after = header.split(&format!("{name}(")).nth(1).unwrap_or_default();
        let handle = ["conn", "config", "backlog", "key"].iter().any(|kind| {
            let first = after.split([',', ')']).next().unwrap_or_default();
            first.ends_with(&format!("sansh_{kind} *{kind}"))
        });
        let null = programs.contains(&format!("{name}(NULL"));
        assert!(!handle || null, "{name} is never called with NULL");
        assert!(programs.contains(&format!("{name}(")), "{name} is never called");
    }
}

#[test]
fn the_library_has_its_soname() {
    let library = common::library("libsansh.so");
    let shown = common::output("readelf", &["-d", library.to_str().unwrap()]);
    assert!(shown.contains("[libsansh.so.0]"), "{shown}");
    assert!(Path::new(&common::library("libsansh.a")).exists());
}
