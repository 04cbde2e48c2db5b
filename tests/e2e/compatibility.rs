//! That the table of clients names the versions which `deploy/test` installs, and all of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What the tests of clients need beside them.
const BESIDE: [&str; 1] = ["mcp"];

fn file(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
}

/// The packages of a line such as `NODE_OLLAMA=0.6.4` or `NODE_AI_SDK="ai@6 …"`, each with its version.
fn pinned(line: &str) -> Vec<(String, String)> {
    let Some((variable, value)) = line.split_once('=') else { return Vec::new() };
    let name = match variable {
        "NODE_ANTHROPIC" => "@anthropic-ai/sdk",
        "PYTHON_ANTHROPIC" => "anthropic",
        "NODE_OPENAI" | "PYTHON_OPENAI" => "openai",
        "NODE_OLLAMA" | "PYTHON_OLLAMA" => "ollama",
        "NODE_AI_SDK" => {
            let packages =
                value.trim_matches('"').split(' ').map(|package| package.rsplit_once('@').unwrap());
            return packages.map(|(name, version)| (name.to_owned(), version.to_owned())).collect();
        }
        _ => return Vec::new(),
    };
    vec![(name.to_owned(), value.to_owned())]
}

fn installed() -> BTreeSet<(String, String)> {
    let mut all: BTreeSet<_> = file("deploy/test").lines().flat_map(pinned).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/requirements");
    for entry in fs::read_dir(folder).unwrap() {
        let lines = fs::read_to_string(entry.unwrap().path()).unwrap();
        let packages = lines.lines().map(|line| line.split_once("==").unwrap());
        all.extend(packages.map(|(name, version)| (name.to_owned(), version.to_owned())));
    }
    all
}

/// The packages that the document names, each with its version.
fn told() -> BTreeSet<(String, String)> {
    let table = file("docs/compatibility.md");
    // A version follows the name that stands in marks.
    let version = |text: &str| -> Option<String> {
        let word = text.strip_prefix(' ')?.split([' ', ',', ':', '\n']).next()?;
        word.starts_with(|first: char| first.is_ascii_digit()).then(|| word.to_owned())
    };
    let parts: Vec<&str> = table.split('`').collect();
    let pairs = parts.windows(2).filter_map(|pair| Some((pair[0].to_owned(), version(pair[1])?)));
    pairs.collect()
}

#[test]
fn the_table_of_clients_names_what_is_installed() {
    let (installed, told) = (installed(), told());
    assert!(installed.len() > 10, "{installed:?}");
    let untold = installed
        .iter()
        .filter(|(name, _)| !BESIDE.contains(&name.as_str()) && !told.iter().any(|(of, _)| of == name));
    assert_eq!(
        untold.collect::<Vec<_>>(),
        Vec::<&(String, String)>::new(),
        "these are missing in docs/compatibility.md"
    );
    let wrong = told.iter().filter(|pair| !installed.contains(pair));
    assert_eq!(
        wrong.collect::<Vec<_>>(),
        Vec::<&(String, String)>::new(),
        "these are not what deploy/test installs"
    );
}
