//! A gateway with clouds that behave as the weather is, and clients that come all at once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use hearthgate_tests::client::Client;
use hearthgate_tests::fake_cloud::{Api, Behaviour, FakeCloud, Point};
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::MODEL;
use tokio::task::JoinSet;

use super::case::{Bound, Case};
use super::random::Random;
use super::search::Search;

/// Clients at a time.
const CONCURRENT: usize = 24;

/// Two clouds, a third that is never there, and a model of the device.
pub struct World {
    pub clouds: [FakeCloud; 2],
    pub gateway: Gateway,
}

/// What a client saw.
pub enum Seen {
    /// It left before an answer.
    Nothing,
    Answer {
        status: u16,
        label: String,
        zone: String,
    },
}

impl World {
    pub async fn start(policy: &str) -> Self {
        let clouds = [FakeCloud::start().await, FakeCloud::start().await];
        // A port that was bound and let go: nothing listens there.
        let gone = FakeCloud::start().await.base_url();
        let [one, two] = [clouds[0].base_url(), clouds[1].base_url()];
        let upstreams = [("gone", gone, 1), ("one", one, 2), ("two", two, 1)].map(|(name, url, retries)| {
            format!(
                "[[upstream]]\nname = \"{name}\"\nzone = \"cloud\"\nbase_url = \"{url}\"\n\
                 api_key = \"site-key-{name}\"\nmodels = [\"{MODEL}\"]\nretries = {retries}\n\
                 first_byte_timeout_ms = 400\nidle_timeout_ms = 400\nbreaker_faults = 4\n\
                 breaker_open_ms = 150\n\n"
            )
        });
        let config = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\n\n\
             [[model]]\nname = \"home\"\nsource = \"scripted:hello\"\n\n{}{}[policy]\nfile = \"policy.toml\"\n",
            upstreams.concat(),
            dialects(&clouds[1])
        );
        let gateway = Setup::new(&config).policy(policy).start().await;
        Self { clouds, gateway }
    }

    /// Sends all cases, many at a time; `meanwhile` is called after each that has ended.
    pub async fn send(
        &self,
        cases: &[Case],
        leaving: Leaving,
        mut meanwhile: impl FnMut(usize),
    ) -> Vec<Seen> {
        let mut running = JoinSet::new();
        let mut seen = BTreeMap::new();
        let keep = |ended: Result<(usize, Seen), tokio::task::JoinError>, seen: &mut BTreeMap<_, _>| {
            let (index, answer) = ended.unwrap();
            seen.insert(index, answer);
        };
        for (index, case) in cases.iter().enumerate() {
            if running.len() >= CONCURRENT {
                keep(running.join_next().await.unwrap(), &mut seen);
                meanwhile(index);
            }
            let (case, address) = (case.clone(), self.gateway.address());
            running.spawn(async move { (index, send(Client::new(address), case, index, leaving).await) });
        }
        while let Some(ended) = running.join_next().await {
            keep(ended, &mut seen);
        }
        seen.into_values().collect()
    }

    /// Everything that the clouds received, in every view.
    pub fn received(&self) -> Vec<Vec<u8>> {
        self.clouds.iter().flat_map(FakeCloud::views).collect()
    }

    /// Everything that the gateway printed, wrote and shows.
    pub async fn traces(&self) -> Vec<Vec<u8>> {
        let mut traces = self.gateway.traces();
        for path in ["/metrics", "/"] {
            traces.push(self.gateway.admin().get(path).await.body.to_vec());
        }
        traces
    }

    /// The sum of a metric's samples.
    pub async fn metric(&self, name: &str) -> f64 {
        let text = self.gateway.admin().get("/metrics").await.text();
        let samples = text
            .lines()
            .filter(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' '])));
        samples.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    }

    /// No canary at a cloud that should not be there, and no text in anything that the gateway keeps.
    pub async fn must_not_have_leaked(&self, cases: &[Case]) {
        let outside = Search::new(canaries(cases));
        let tell = |found: std::collections::BTreeSet<usize>| {
            found.into_iter().map(|index| describe(&cases[index])).collect::<Vec<_>>()
        };
        assert_eq!(tell(outside.found(&self.received())), Vec::<String>::new(), "canaries at a cloud");
        let markers = cases.iter().enumerate().map(|(index, case)| (index, case.marker.clone()));
        let anywhere = Search::new(all_canaries(cases).chain(markers));
        let traces = self.traces().await;
        for kept in ["\"event\":\"listening\"", "\"kind\":\"decision\"", "hearthgate_requests_total"] {
            let found = |trace: &Vec<u8>| memchr::memmem::find(trace, kept.as_bytes()).is_some();
            assert!(traces.iter().any(found), "{kept} was not looked through");
        }
        assert_eq!(tell(anywhere.found(&traces)), Vec::<String>::new(), "text in what is kept");
        for cloud in &self.clouds {
            assert_eq!(cloud.complaints(), Vec::<String>::new());
            for request in cloud.requests() {
                let (key, begins, more) = match request.api().unwrap() {
                    Api::OpenAi => ("authorization", "Bearer site-key-", ""),
                    Api::Azure => ("api-key", "site-key-", ""),
                    Api::Anthropic => ("x-api-key", "site-key-", "anthropic-version"),
                    Api::Gemini => ("x-goog-api-key", "site-key-", ""),
                    Api::Bedrock => ("authorization", "AWS4-HMAC-SHA256 Credential=site-key-", "x-amz-date"),
                };
                let names: Vec<_> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
                let known = ["host", "user-agent", "content-type", "accept", "content-length", key, more];
                assert!(names.iter().all(|name| known.contains(name)), "{names:?}");
                assert!(request.header(key).unwrap().starts_with(begins));
            }
        }
    }
}

/// The other APIs that are spoken outwards, all of one cloud's.
fn dialects(cloud: &FakeCloud) -> String {
    let key = |name: &str| format!("api_key = \"site-key-{name}\"");
    let of_aws = "aws_region = \"here\"\naws_access_key_id = \"site-key-aws\"\naws_secret_access_key = \"of-the-site\"";
    let upstream = |(name, path, keys): (&str, &str, String)| {
        format!(
            "[[upstream]]\nname = \"{name}\"\nzone = \"cloud\"\ndialect = \"{name}\"\nbase_url = \"{}\"\n{keys}\n\
             models = [\"{MODEL}\"]\nretries = 1\nfirst_byte_timeout_ms = 400\nidle_timeout_ms = 400\n\
             breaker_faults = 4\nbreaker_open_ms = 150\n\n",
            cloud.url_below(path)
        )
    };
    [
        ("azure", "", key("azure") + "\napi_version = \"2024-10-21\""),
        ("gemini", "/v1beta", key("gemini")),
        ("bedrock", "", of_aws.to_owned()),
        ("anthropic", "/v1", key("anthropic")),
    ]
    .map(upstream)
    .concat()
}

/// What must not be at a cloud: every canary of a request that is to stay, and those beside every request.
fn canaries(cases: &[Case]) -> impl Iterator<Item = (usize, String)> {
    cases.iter().enumerate().flat_map(|(index, case)| {
        let inside = if case.bound == Bound::None { &[] } else { case.inside.as_slice() };
        let needles = inside.iter().chain(&case.beside).flat_map(|canary| canary.needles.clone());
        let marker = (case.bound != Bound::None).then(|| case.marker.clone());
        needles.chain(marker).map(move |needle| (index, needle))
    })
}

fn all_canaries(cases: &[Case]) -> impl Iterator<Item = (usize, String)> {
    cases.iter().enumerate().flat_map(|(index, case)| {
        let needles = case.inside.iter().chain(&case.beside).flat_map(|canary| canary.needles.clone());
        needles.map(move |needle| (index, needle))
    })
}

/// A case for a message: its canaries, and where they stood.
pub fn describe(case: &Case) -> String {
    let told: Vec<_> = case.inside.iter().map(|canary| (canary.kind, &canary.text)).collect();
    format!("{:?}: {told:?} in {}", case.bound, case.place)
}

/// How clients leave.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    Never,
    /// One in three leaves: before the answer, after its head, or after an event.
    Often,
}

async fn send(client: Client, case: Case, index: usize, leaving: Leaving) -> Seen {
    let leaves = leaving == Leaving::Often && index.is_multiple_of(3);
    if leaves && index.is_multiple_of(2) {
        // Closes as soon as all is written.
        client.raw(&raw(&case), |_| true).await;
        return Seen::Nothing;
    }
    let client = if index.is_multiple_of(5) { client.http2() } else { client };
    let client = case.headers.iter().fold(client, |client, (name, value)| client.with(name, value));
    let mut stream = client.open("POST", &case.target, case.body.into()).await;
    let header = |name: &str| {
        stream.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    };
    let (label, zone) = (header("x-hearthgate-label"), header("x-hearthgate-zone"));
    let seen = Seen::Answer { status: stream.status.as_u16(), label, zone };
    if leaves {
        stream.part().await;
        stream.hang_up();
    } else {
        while stream.part().await.is_some() {}
    }
    seen
}

fn raw(case: &Case) -> Vec<u8> {
    let mut head =
        format!("POST {} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n", case.target);
    for (name, value) in &case.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", case.body.len()));
    [head.into_bytes(), case.body.clone()].concat()
}

/// A cloud that does anything at all, as chance has it; `good` in so many cases of a hundred.
pub fn storm(random: Random, good: usize) -> Behaviour {
    let random = Mutex::new(random);
    Behaviour::By(Arc::new(move |_| {
        let mut random = random.lock().unwrap();
        if random.chance(good) { Behaviour::Chat } else { fault(&mut random) }
    }))
}

fn fault(random: &mut Random) -> Behaviour {
    let point = *random.pick(&[Point::BeforeHeaders, Point::AfterHeaders, Point::AfterEvents(2)]);
    let code = *random.pick(&[400, 401, 404, 408, 413, 422, 429, 429, 500, 500, 502, 503, 503, 529]);
    let later = random.chance(30).then(|| random.pick(&["0", "1", "30"]).to_string());
    let moved = b"HTTP/1.1 307 Moved\r\nlocation: /v1/chat/completions?moved\r\ncontent-length: 0\r\n\r\n";
    match random.below(24) {
        0 => Behaviour::Stall(point),
        1..=4 => Behaviour::Reset(point),
        5..=6 => Behaviour::Close(point),
        7 => Behaviour::HalfChunk,
        8 => Behaviour::MalformedSse,
        9 => Behaviour::WrongContentType,
        10 => Behaviour::TruncatedJson,
        11..=12 => Behaviour::StreamError(random.below(3)),
        13 => Behaviour::NoDone,
        14 => Behaviour::HugeEvent(100_000),
        15 => Behaviour::Raw(moved.to_vec()),
        16 => Behaviour::Raw(b"not HTTP at all\r\n\r\n".to_vec()),
        _ => Behaviour::Status { code, body: None, retry_after: later },
    }
}
