//! Models in several files.

use std::fs;
use std::path::{Path, PathBuf};

use hearthgate_engines::tiny::{self, TinySpec};
use hearthgate_engines::{Engine as _, EngineError, LocalEngine, gguf};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::parts::parts;
use super::support::{ask, config, file, read};

fn written(parts: &[Vec<u8>]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    for (number, part) in (1..).zip(parts) {
        fs::write(name(folder.path(), number), part).unwrap();
    }
    let first = name(folder.path(), 1);
    (folder, first)
}

fn name(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("model-{number:05}-of-00003.gguf"))
}

fn refusal(path: &Path) -> String {
    match LocalEngine::open(path, &config()) {
        Err(EngineError::ModelUnreadable { reason, .. }) => reason,
        Err(other) => panic!("refused for another reason: {other}"),
        Ok(_) => panic!("not refused"),
    }
}

#[tokio::test]
async fn a_split_model_answers_as_the_whole_one_does() {
    let bytes = tiny::generate(&TinySpec::default());
    let (_whole_folder, whole) = file(&bytes);
    let (_folder, first) = written(&parts(&bytes));
    let (whole, split) =
        (LocalEngine::open(&whole, &config()).unwrap(), LocalEngine::open(&first, &config()).unwrap());
    assert_eq!(whole.model().parameters, split.model().parameters);
    let job = || ask("hello", 3);
    let (one, other) = (
        read(whole.generate(job()).unwrap()).await.unwrap(),
        read(split.generate(job()).unwrap()).await.unwrap(),
    );
    assert!(!one.content.is_empty());
    assert_eq!(one.content, other.content);
    assert_eq!(gguf::check_file(&first).unwrap().facts().parameters, whole.model().parameters);

    let sha256 = |bytes: &[u8]| format!("{:x}", Sha256::digest(bytes));
    let (one, several) = (whole.model(), split.model());
    assert_eq!((&one.digest, &one.file_digests), (&sha256(&bytes), &vec![sha256(&bytes)]));
    let each = parts(&bytes).iter().map(|part| sha256(part)).collect::<Vec<_>>();
    assert_eq!((&several.digest, &several.file_digests), (&sha256(&parts(&bytes).concat()), &each));
}

#[test]
fn parts_that_do_not_belong_together_are_refused() {
    let bytes = tiny::generate(&TinySpec { layers: 1, ..TinySpec::default() });
    let all = parts(&bytes);
    let (folder, first) = written(&all);
    assert!(refusal(&name(folder.path(), 2)).contains("part 2 of 3"), "{}", refusal(&name(folder.path(), 2)));
    fs::copy(&first, folder.path().join("other.gguf")).unwrap();
    assert!(refusal(&folder.path().join("other.gguf")).contains("-00001-of-00003.gguf"));

    fs::write(name(folder.path(), 3), &all[1]).unwrap();
    assert!(refusal(&first).contains("part 3 of it is another file"), "{}", refusal(&first));
    fs::remove_file(name(folder.path(), 3)).unwrap();
    assert!(refusal(&first).contains("part 3 of it, `"), "{}", refusal(&first));
    let mut short = all[2].clone();
    short.truncate(all[2].len() - 100);
    fs::write(name(folder.path(), 3), short).unwrap();
    assert!(refusal(&first).contains("truncated"), "{}", refusal(&first));
}
