//! Models that share memory: who is loaded, who makes room, and that no answer is lost to it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hearthgate_engines::tiny::{self, TinySpec};
use hearthgate_engines::{
    Engine, EngineError, EngineStatus, Fleet, Holding, LocalConfig, Residence, Resident,
};
use tempfile::TempDir;

use super::support::{ask, config, read};

const ON_DEMAND: Residence = Residence { on_demand: true, pinned: false };
const PINNED: Residence = Residence { on_demand: false, pinned: true };

/// Models that are alike, and a fleet that has room for some of them.
struct Fleeting {
    fleet: Arc<Fleet>,
    folder: TempDir,
    /// Bytes that one of them takes.
    each: u64,
}

fn small() -> LocalConfig {
    LocalConfig { slots: 1, prefix_cache_bytes: 0, queue_wait_max: Duration::from_secs(20), ..config() }
}

fn room_for(models: u64) -> Fleeting {
    let folder = tempfile::tempdir().unwrap();
    let fleet = Fleet::new(None, |_| ());
    let mut this = Fleeting { fleet, folder, each: 0 };
    this.each = this.open("measure", Residence::default()).load().memory_bytes;
    assert!(this.each > 0);
    this.fleet.bound(Some(this.each * models + this.each / 2), 0);
    this
}

impl Fleeting {
    fn path(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join(format!("{name}.gguf"));
        if !path.exists() {
            std::fs::write(&path, tiny::generate(&TinySpec { name: name.to_owned(), ..TinySpec::default() }))
                .unwrap();
        }
        path
    }

    fn open(&self, name: &str, residence: Residence) -> Resident {
        self.try_open(name, residence).unwrap()
    }

    fn try_open(&self, name: &str, residence: Residence) -> Result<Resident, EngineError> {
        self.fleet.open(name, &self.path(name), &small(), residence)
    }
}

fn loaded(model: &Resident) -> bool {
    model.load().memory_bytes > 0
}

async fn asked(model: &Resident) -> String {
    let hold = match model.hold() {
        Holding::Held(hold) => hold,
        Holding::Loading(loading) => loading.await.unwrap().unwrap(),
    };
    let generation = model.generate(ask("Hello", 1)).unwrap();
    drop(hold);
    read(generation).await.unwrap().content
}

#[tokio::test]
async fn a_model_is_loaded_at_its_first_job_and_the_one_used_longest_ago_makes_room() {
    let two = room_for(2);
    let [a, b, c] = ["a", "b", "c"].map(|name| two.open(name, ON_DEMAND));
    assert_eq!(a.status(), EngineStatus::Ready, "it can be asked");
    assert_eq!((a.model().name.as_str(), a.model().context_length), ("a", 512), "known before it is loaded");
    assert!(![&a, &b, &c].into_iter().any(loaded));
    let first = asked(&a).await;
    asked(&b).await;
    asked(&a).await;
    assert_eq!([&a, &b, &c].map(loaded), [true, true, false]);
    asked(&c).await;
    assert_eq!([&a, &b, &c].map(loaded), [true, false, true]);
    asked(&b).await;
    assert_eq!([&a, &b, &c].map(loaded), [false, true, true]);
    assert_eq!(asked(&a).await, first, "it is the same model when it comes back");
    assert_eq!([&a, &b, &c].map(|model| model.load().loads), [2, 2, 1]);
}

#[tokio::test]
async fn an_answer_under_way_is_ended_before_its_model_makes_room() {
    let one = room_for(1);
    let [a, b] = ["a", "b"].map(|name| one.open(name, ON_DEMAND));
    let Holding::Loading(loading) = a.hold() else { panic!("it is not loaded yet") };
    let hold = loading.await.unwrap().unwrap();
    let under_way = a.generate(ask("Hello", 1)).unwrap();
    drop(hold);
    let Holding::Loading(next) = b.hold() else { panic!("it is not loaded yet") };
    let Holding::Loading(after) = ({
        // Once the other waits for room, nothing new is begun.
        loop {
            match a.hold() {
                Holding::Held(_) => tokio::task::yield_now().await,
                waits => break waits,
            }
        }
    }) else {
        panic!("it waits")
    };
    assert!(!read(under_way).await.unwrap().content.is_empty(), "its answer is whole");
    drop(next.await.unwrap().unwrap());
    drop(after.await.unwrap().unwrap());
    assert!(loaded(&a) && !loaded(&b), "and it came back");
}

#[tokio::test]
async fn what_is_pinned_stays_and_what_cannot_fit_is_refused() {
    let one = room_for(1);
    let pinned = one.open("pinned", PINNED);
    let other = one.open("other", ON_DEMAND);
    let Holding::Loading(loading) = other.hold() else { panic!("it is not loaded") };
    assert!(matches!(loading.await.unwrap(), Err(EngineError::NoRoom { .. })));
    assert!(loaded(&pinned));
    assert!(matches!(other.generate(ask("Hello", 1)), Err(EngineError::NoRoom { .. })));
    one.fleet.bound(Some(one.each / 2), 0);
    assert!(matches!(one.try_open("third", ON_DEMAND), Err(EngineError::NoRoom { .. })), "known at once");
    one.fleet.bound(Some(one.each * 2 + one.each / 2), 0);
    assert!(!asked(&other).await.is_empty());
    one.fleet.bound(Some(one.each * 2 + one.each / 2), one.each);
    drop(other);
    let third = one.open("third", ON_DEMAND);
    let Holding::Loading(loading) = third.hold() else { panic!("it is not loaded") };
    assert!(matches!(loading.await.unwrap(), Err(EngineError::NoRoom { .. })), "what embeds has its room");
}

#[tokio::test]
async fn a_file_that_has_changed_is_not_taken_for_what_it_was() {
    let one = room_for(1);
    let model = one.open("changes", ON_DEMAND);
    let other = tiny::generate(&TinySpec { layers: 1, ..TinySpec::default() });
    std::fs::write(one.path("changes"), other).unwrap();
    match model.generate(ask("Hello", 1)) {
        Err(EngineError::ModelUnreadable { reason, .. }) => assert!(reason.contains("changed"), "{reason}"),
        other => panic!("{:?}", other.err()),
    }
}

/// Many at once, more models than room: everyone is answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn everyone_is_answered_while_models_come_and_go() {
    let two = room_for(2);
    let models: Vec<_> = ["a", "b", "c", "d"].map(|name| Arc::new(two.open(name, ON_DEMAND))).into();
    let tasks: Vec<_> = (0..40)
        .map(|number: usize| {
            let model = Arc::clone(&models[number % models.len()]);
            tokio::spawn(async move { asked(&model).await })
        })
        .collect();
    for task in tasks {
        assert!(!task.await.unwrap().is_empty());
    }
    let taken: u64 = models.iter().map(|model| model.load().memory_bytes).sum();
    assert!(taken <= two.each * 2, "{taken}");
}

#[tokio::test]
async fn what_is_known_before_loading_is_what_holds_after_it() {
    let fleeting = room_for(1);
    let path = fleeting.folder.path().join("short.gguf");
    std::fs::write(&path, tiny::generate(&TinySpec { context: 96, ..TinySpec::default() })).unwrap();
    let model = fleeting.open("short", Residence { on_demand: true, pinned: false });
    assert_eq!(model.model().context_length, 96, "no more than it was made for");
    let before = model.model().clone();
    asked(&model).await;
    assert_eq!(*model.model(), before);
}
