//! Nothing private leaves: generated requests with canaries in every place, while clouds fail, clients leave
//! and the policy is reloaded. The clouds keep every byte; no canary may be among them.
//!
//! Which forms of private text the detectors know is not tried here; where such a text can stand is. Set
//! `HEARTHGATE_FULL=1` for twenty times the requests, `HEARTHGATE_SEED=N` for others.

mod canary;
mod case;
mod place;
mod random;
mod reload;
mod search;
mod world;

use canary::{Canary, Kind};
use case::{Bound, Case};
use hearthgate_tests::fake_cloud::{Api, Behaviour, Point};
use place::PLACES;
use random::Random;
use search::Search;
use world::{Leaving, Seen, World, describe, storm};

/// What leaves goes to any of three clouds and then home; labels as the packs give them.
const ROUTES: &str = "
[[route]]
name = \"all\"
to = [\"gone/fake-frontier\", \"one/fake-frontier\", \"two/fake-frontier\", \"device/*\"]
";

fn guarded() -> String {
    format!("packs = [\"pii\", \"secrets\", \"health\"]\n{ROUTES}")
}

/// The same, but nothing at all may leave.
fn closed() -> String {
    format!("packs = [\"pii\", \"secrets\", \"health\"]\n{}{ROUTES}", ceilings("device"))
}

/// The opposite of a policy: nothing is looked for, and every label may leave.
fn open() -> String {
    format!("{}\n[[route]]\nname = \"all\"\nto = [\"one/fake-frontier\", \"device/*\"]\n", ceilings("cloud"))
}

/// The same outermost zone for every label.
fn ceilings(zone: &str) -> String {
    let labels = ["public", "internal", "confidential", "restricted"];
    format!("[ceiling]\n{}", labels.map(|label| format!("{label} = \"{zone}\"\n")).concat())
}

/// Randomness for one use among those of a run.
fn random(number: u64) -> Random {
    let seed = std::env::var("HEARTHGATE_SEED").map_or(0, |seed| seed.parse().expect("a whole number"));
    Random::new(seed * 1000 + number)
}

/// Every kind of canary in every place that it fits.
fn every_placement() -> Vec<Case> {
    let random = &mut random(1);
    let kinds = |number: bool| if number { &Kind::PRIVATE[..1] } else { &Kind::PRIVATE[..] };
    let placements =
        PLACES.iter().flat_map(|place| kinds(place.number).iter().map(move |kind| (place, *kind)));
    placements.map(|(place, kind)| Case::placed(place, kind, random)).collect()
}

fn some(number: u64, count: usize) -> Vec<Case> {
    let random = &mut random(number);
    (0..count * scale()).map(|_| Case::any(random)).collect()
}

/// `HEARTHGATE_FULL` asks for many more.
fn scale() -> usize {
    if std::env::var_os("HEARTHGATE_FULL").is_some() { 20 } else { 1 }
}

/// What the clients were told fits what was asked.
fn answers_fit(cases: &[Case], seen: &[Seen]) {
    let mut wrong = Vec::new();
    for (case, seen) in cases.iter().zip(seen) {
        let Seen::Answer { status, label, zone } = seen else { continue };
        let kept = ["confidential", "restricted"].contains(&label.as_str()) && zone != "cloud";
        let fits = match case.bound {
            Bound::Content => kept,
            Bound::Headers => zone != "cloud",
            Bound::None => label == "public",
            Bound::Malformed => *status == 400 && zone.is_empty(),
        };
        if !fits {
            wrong.push(format!("{} {status} label {label:?} zone {zone:?}", describe(case)));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// How many of those that might leave did, by the word that each carries.
fn left(world: &World, cases: &[Case]) -> usize {
    let free = cases.iter().enumerate().filter(|(_, case)| case.bound == Bound::None);
    Search::new(free.map(|(index, case)| (index, case.marker.clone()))).found(&world.received()).len()
}

fn free(cases: &[Case]) -> usize {
    cases.iter().filter(|case| case.bound == Bound::None).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_kind_in_any_place_leaves() {
    let world = World::start(&guarded()).await;
    let cases = every_placement();
    let seen = world.send(&cases, Leaving::Never, |_| {}).await;
    answers_fit(&cases, &seen);
    let home = |seen: &&Seen| matches!(seen, Seen::Answer { status: 200, zone, .. } if zone == "device");
    // The rest asks for what the device cannot do, such as images, and is refused.
    assert!(seen.iter().filter(home).count() > cases.len() / 2);
    world.must_not_have_leaked(&cases).await;
    assert!(world.clouds.iter().all(|cloud| cloud.connections().is_empty()));
}

/// Whatever is said in the words of another provider is said of what may leave alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_private_leaves_in_any_providers_words() {
    let forms = [
        ("azure", Api::Azure),
        ("gemini", Api::Gemini),
        ("bedrock", Api::Bedrock),
        ("anthropic", Api::Anthropic),
    ];
    for (number, (name, api)) in (90..).zip(forms) {
        let to = format!("to = [\"{name}/fake-frontier\", \"device/*\"]\n");
        let world = World::start(&guarded().replace(&ROUTES[ROUTES.find("to = ").unwrap()..], &to)).await;
        world.clouds[1].set(storm(random(number), 60));
        let cases = some(number + 10, 150);
        let seen = world.send(&cases, Leaving::Often, |_| {}).await;
        answers_fit(&cases, &seen);
        world.must_not_have_leaked(&cases).await;
        assert!(left(&world, &cases) > 0, "{name}");
        assert!(world.clouds[1].chats().iter().all(|request| request.api() == Some(api)), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_requests_leave_where_everything_may() {
    let world = World::start(&open()).await;
    let cases = every_placement();
    world.send(&cases, Leaving::Never, |_| {}).await;
    let received = world.received();
    let inside = |case: &Case| case.inside.clone();
    let found = Search::new(needles(&cases, inside)).found(&received);
    let missed: Vec<_> = (0..cases.len()).filter(|index| !found.contains(index)).collect();
    assert!(
        missed.is_empty(),
        "{:?}",
        missed.iter().map(|index| describe(&cases[*index])).collect::<Vec<_>>()
    );
    // Headers and queries stay whatever the policy says, and so does what the gateway keeps.
    assert!(Search::new(needles(&cases, |case| case.beside.clone())).found(&received).is_empty());
    assert!(Search::new(needles(&cases, inside)).found(&world.traces().await).is_empty());
}

/// What some canaries of each case are looked for by, with the case's number.
fn needles(cases: &[Case], of: impl Fn(&Case) -> Vec<Canary>) -> Vec<(usize, String)> {
    let of_case = |case| of(case).into_iter().flat_map(|canary| canary.needles);
    cases
        .iter()
        .enumerate()
        .flat_map(|(index, case)| of_case(case).map(move |needle| (index, needle)))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_leaves_in_a_storm() {
    let world = World::start(&guarded()).await;
    world.clouds[0].set(storm(random(2), 30));
    world.clouds[1].set(storm(random(3), 60));
    let cases = some(4, 1200);
    // How many go home while breakers are open is a matter of time, so where too few have left all are sent again.
    for _ in 0..5 {
        let seen = world.send(&cases, Leaving::Never, |_| {}).await;
        answers_fit(&cases, &seen);
        world.must_not_have_leaked(&cases).await;
        if left(&world, &cases) > free(&cases) / 2 {
            break;
        }
    }
    let (left, free) = (left(&world, &cases), free(&cases));
    assert!(left > free / 2, "too few were put to the test: {left} of {free}");
    for metric in ["hearthgate_fallbacks_total", "hearthgate_upstream_errors_total"] {
        assert!(world.metric(metric).await > 0.0, "{metric}");
    }
    assert_eq!(world.metric("hearthgate_audit_failures_total").await, 0.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_leaves_when_a_cloud_is_down() {
    let world = World::start(&guarded()).await;
    world.clouds[0].set(Behaviour::Reset(Point::BeforeHeaders));
    let cases = some(5, 600);
    let seen = world.send(&cases, Leaving::Never, |_| {}).await;
    answers_fit(&cases, &seen);
    world.must_not_have_leaked(&cases).await;
    assert!(left(&world, &cases) > free(&cases) / 2, "too few were put to the test");
    assert!(world.metric("hearthgate_breaker_state").await > 0.0, "no breaker has opened");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_leaves_when_clients_do() {
    let world = World::start(&guarded()).await;
    world.clouds[0].set(storm(random(6), 70));
    world.clouds[1].set(storm(random(7), 90));
    let cases = some(8, 600);
    let seen = world.send(&cases, Leaving::Often, |_| {}).await;
    answers_fit(&cases, &seen);
    world.must_not_have_leaked(&cases).await;
    assert!(left(&world, &cases) > free(&cases) / 4, "too few were put to the test");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_leaves_while_the_policy_changes() {
    let world = World::start(&guarded()).await;
    world.clouds[0].set(storm(random(9), 40));
    world.clouds[1].set(storm(random(10), 70));
    let cases = some(11, 600);
    let policies = [closed(), "packs = [\"nonsense\"".to_owned(), guarded()];
    let reload = |index: usize| {
        if index.is_multiple_of(20) {
            world.gateway.reload("policy.toml", &policies[index / 20 % policies.len()]);
        }
    };
    let seen = world.send(&cases, Leaving::Never, reload).await;
    answers_fit(&cases, &seen);
    world.must_not_have_leaked(&cases).await;
    let left = left(&world, &cases);
    assert!(left > 0 && left < free(&cases), "{left} of {}", free(&cases));
    world.gateway.said("configuration reloaded").await;
    world.gateway.said("the old configuration stays").await;
}
