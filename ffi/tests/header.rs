//! The header is what the library is: generated, compiled by every C and C++ we promise, and compared by value.

mod common;

use common::{Build, header_path, manifest};
use std::fs;
use std::path::Path;

/// The files of the crate in the order of the header.
const FILES: &[&str] =
    &["types", "status", "library", "config", "event", "conn", "answer", "channel", "look", "backlog", "key", "files"];

fn generate() -> String {
    let config = cbindgen::Config {
        language: cbindgen::Language::C,
        header: Some(fs::read_to_string(manifest().join("conventions.h")).unwrap().trim_end().to_owned()),
        include_guard: Some("SANSH_H".to_owned()),
        cpp_compat: true,
        style: cbindgen::Style::Both,
        usize_is_size_t: true,
        no_includes: true,
        sys_includes: vec!["stddef.h".to_owned(), "stdint.h".to_owned()],
        documentation: true,
        documentation_style: cbindgen::DocumentationStyle::Doxy,
        line_length: 120,
        tab_width: 4,
        // The enumerators bear their prefix already: SANSH_E_…, SANSH_EVENT_…. No function takes or gives an enum.
        enumeration: cbindgen::EnumConfig { prefix_with_name: false, ..Default::default() },
        export: cbindgen::ExportConfig {
            include: fs::read_dir(manifest().join("src"))
                .unwrap()
                .flat_map(|file| enums(&fs::read_to_string(file.unwrap().path()).unwrap()))
                .collect(),
            ..Default::default()
        },
        ..Default::default()
    };
    let mut builder = cbindgen::Builder::new().with_config(config);
    for file in FILES {
        builder = builder.with_src(manifest().join(format!("src/{file}.rs")));
    }
    let mut text = Vec::new();
    builder.generate().expect("cbindgen reads the crate").write(&mut text);
    // Compilers differ in what they take a header's bytes for; US-ASCII is the same to all of them.
    String::from_utf8(text).unwrap().replace('…', "...")
}

/// The names of the public enums of a source text: no signature names them, so cbindgen has to be told.
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
fn every_module_with_functions_is_in_the_header() {
    for file in fs::read_dir(manifest().join("src")).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let source = fs::read_to_string(&path).unwrap();
        assert_eq!(
            source.contains("#[unsafe(no_mangle)]"),
            FILES.contains(&&*name) && name != "types" && name != "event",
            "{name}"
        );
    }
}

/// Every function goes through the one macro, says since when it is there, and takes no Rust enum.
#[test]
fn every_function_keeps_the_rules() {
    let mut functions = 0;
    for file in FILES {
        let source = fs::read_to_string(manifest().join(format!("src/{file}.rs"))).unwrap();
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
    assert!(functions > 80, "{functions}");
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
    let (hostile, meant) = (read("tests/c/hostile.c"), read("tests/c/session.c") + &read("tests/c/pair.h"));
    let header = fs::read_to_string(header_path()).unwrap();
    for name in read("tests/symbols.txt").lines() {
        let after = header.split(&format!("{name}(")).nth(1).unwrap_or_default();
        let handle = ["conn", "config", "backlog", "key"].iter().any(|kind| {
            let first = after.split([',', ')']).next().unwrap_or_default();
            first.ends_with(&format!("sansh_{kind} *{kind}"))
        });
        let null = hostile.contains(&format!("{name}(NULL"));
        assert!(!handle || null, "{name} is never called with NULL");
        let called = [&hostile, &meant, &read("examples/client.c"), &read("examples/server.c")];
        assert!(called.iter().any(|text| text.contains(&format!("{name}("))), "{name} is never called");
    }
}

#[test]
fn the_library_has_its_soname() {
    let library = common::library("libsansh.so");
    let shown = common::output("readelf", &["-d", library.to_str().unwrap()]);
    assert!(shown.contains("[libsansh.so.0]"), "{shown}");
    assert!(Path::new(&common::library("libsansh.a")).exists());
}
