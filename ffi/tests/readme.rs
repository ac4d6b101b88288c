//! The C program of the README compiles and links as it stands there.

mod common;

#[test]
fn the_readmes_c_program_compiles_and_links() {
    let readme = std::fs::read_to_string(common::manifest().join("../README.md")).unwrap();
    let source = readme.split("```c\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a C program");
    assert!(source.contains("sansh_next_event"), "{source}");
    let build = common::Build::new("readme");
    let caller = "int main(void) { return foo(-1, 0, 0, \"me\", 0) == -1 ? 0 : 1; }\n";
    let file = build.write("readme.c", &format!("#define _POSIX_C_SOURCE 200809L\n{source}\n{caller}"));
    let program = build.program("cc", &["-std=c99"], &file);
    // A socket that is none: the program ends by itself, and says so.
    common::output(program.to_str().unwrap(), &[]);
}
