//! The table of clients: it names the versions which `deploy/test` installs, and all of them, and says what was tried.
//!
//! Each test of a client leaves what its script has tried in a folder below the target folder. What the table says of these clients is
//! compared with that, or written by it (`HEARTHGATE_GOLDEN=write`); run it after them. A client that has not run since the folder was made is taken at
//! the table's word.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The table's columns from the third on, by the word that scripts have for each.
const COLUMNS: [&str; 9] =
    ["chat", "stream", "tools", "thinking", "structured", "error", "hang-up", "models", "counting"];

/// What has to be tried of every client: those of which less can be asked are named with what can.
const ALL: [&str; 6] = ["chat", "stream", "tools", "structured", "error", "hang-up"];

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

fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("tried")
}

/// Keeps what a script has tried before an upstream, in place of what it had tried before.
#[cfg(feature = "clients")]
pub fn note(script: &str, upstream: &str, told: &str) {
    let lines: Vec<String> = told
        .lines()
        .filter_map(|line| line.strip_prefix("tried\t"))
        .map(|line| format!("{upstream}\t{line}\n"))
        .collect();
    assert!(!lines.is_empty(), "{script} tells nothing that it has tried");
    fs::create_dir_all(folder()).unwrap();
    let file = folder().join(format!("{script}.{upstream}"));
    let half = folder().join(format!(".{script}.{upstream}"));
    fs::write(&half, lines.concat()).unwrap();
    fs::rename(half, file).unwrap();
}

/// A row: client and upstream, and its cells.
type Row = ((String, String), Vec<String>);

/// What has been tried, by client and upstream; of versions that are not installed any more nothing.
fn tried() -> BTreeMap<(String, String), Vec<String>> {
    let mut rows: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    let installed = installed();
    for entry in fs::read_dir(folder()).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_string_lossy().starts_with('.') {
            continue;
        }
        for line in fs::read_to_string(path).unwrap_or_default().lines() {
            let [upstream, client, what, said] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("{line}")
            };
            if !installed.iter().any(|(name, version)| client.starts_with(&format!("`{name}` {version}"))) {
                continue;
            }
            let upstream = match upstream {
                "openai" => "OpenAI",
                "anthropic" => "Anthropic",
                "gemini" => "Gemini",
                "bedrock" => "Bedrock",
                other => other,
            };
            let column = COLUMNS.iter().position(|column| *column == what).expect("a column");
            let cells = rows
                .entry((client.to_owned(), upstream.to_owned()))
                .or_insert_with(|| vec![String::new(); COLUMNS.len()]);
            said.clone_into(&mut cells[column]);
        }
    }
    rows
}

/// The document before its table, the table's rows, and what follows.
fn document() -> (String, Vec<Row>, String) {
    let document = file("docs/compatibility.md");
    let rule = document.find("|---").expect("a table");
    let begin = rule + document[rule..].find('\n').expect("rows") + 1;
    let end = begin + document[begin..].find("\n\n").expect("an end") + 1;
    let rows = document[begin..end].lines().map(|line| {
        let mut cells = line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned());
        ((cells.next().unwrap(), cells.next().unwrap()), cells.collect())
    });
    (document[..begin].to_owned(), rows.collect(), document[end..].to_owned())
}

fn line(((client, upstream), cells): &Row) -> String {
    let cells = cells.iter().map(|cell| if cell.is_empty() { " |".to_owned() } else { format!(" {cell} |") });
    format!("| {client} | {upstream} |{}\n", cells.collect::<String>())
}

#[test]
#[ignore = "compares with what the tests of clients have left behind: a stage of deploy/test after them"]
fn the_table_of_clients_says_what_was_tried() {
    let (before, rows, after) = document();
    let mut tried = tried();
    let told: Vec<Row> = rows
        .iter()
        .map(|(of, cells)| (of.clone(), tried.remove(of).unwrap_or_else(|| cells.clone())))
        .collect();
    let written: String = told.iter().chain(&tried.into_iter().collect::<Vec<Row>>()).map(line).collect();
    let committed: String = rows.iter().map(line).collect();
    if std::env::var("HEARTHGATE_GOLDEN").is_ok_and(|mode| mode == "write") {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/compatibility.md");
        fs::write(path, before + &written + &after).unwrap();
        return;
    }
    assert_eq!(committed, written, "write it anew with HEARTHGATE_GOLDEN=write, after the tests of clients");
}

#[test]
fn all_is_tried_of_every_client() {
    // One edits files, one only asks for structures; a model of this process is left in `tests/e2e/device.rs`, and its calls are asked
    // for as they come.
    let less = |client: &str, upstream: &str, what: &str| {
        client.starts_with("`aider-chat`")
            || client.starts_with("`instructor`")
            || upstream == "device" && matches!(what, "hang-up" | "chat" | "stream" | "tools")
    };
    for ((client, upstream), cells) in document().1 {
        for what in ALL {
            let column = COLUMNS.iter().position(|column| *column == what).unwrap();
            assert!(
                !cells[column].is_empty() || less(&client, &upstream, what),
                "{client}, {upstream}: {what}"
            );
        }
    }
}
