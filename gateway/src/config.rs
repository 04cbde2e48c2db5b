//! The configuration, valid by construction.
//!
//! Raw files are [`file::ConfigFile`]; what stands here has been checked, and nothing re-checks it.
//! [`Config::load`] is the only way from one to the other. It reads files and binds nothing.

mod calibration;
mod check;
mod choice;
mod default;
mod env;
mod error;
mod families;
mod file;
mod hub;
mod interpolate;
mod load;
mod prices;
mod provider;
mod proxy;
mod quirks;
mod server;
mod source;
pub mod spread;
mod store;
mod target;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hearthgate_rules::difficulty::Calibration;
use hearthgate_rules::label::Label;
use hearthgate_rules::policy::Policy;
use hearthgate_rules::prove::Proof;
use hearthgate_rules::target::{EffortField, Quirks, Zone};
use http::{HeaderName, Uri};
use secrecy::SecretString;

use crate::hub::HubSource;
use crate::price::Rate;
use crate::store::PublicKey;

pub use check::unhex;
pub use choice::{Budget, Budgets, Choice, Period, Wish, Workflow, in_workflows};
pub use env::Env;
pub use error::ConfigError;
pub use proxy::{Proxies, Proxy};
pub use spread::{Balance, Hedge, Spread};

/// Everything that a running gateway was told.
pub struct Config {
    /// Listeners and their bounds.
    pub server: Server,
    /// Models that answer in this process.
    pub models: Vec<Model>,
    /// What they may take together, in bytes; none: what the machine has.
    pub device_memory: Option<u64>,
    /// Where models are pulled from, and where they are kept.
    pub hub: Hub,
    /// Upstreams within the outermost zone. Those beyond it are not here, so no client is made for them;
    /// their targets stay in the policy's catalogue, where no ceiling reaches them.
    pub upstreams: Vec<Upstream>,
    /// Client keys; empty means loopback only.
    pub keys: Vec<Key>,
    /// What a caller without limits of its own may use.
    pub limits: Limits,
    /// Where decisions are recorded.
    pub audit: Audit,
    /// How much of private requests is remembered.
    pub memory: Memory,
    /// How many responses are kept to be gone on from.
    pub responses: Responses,
    /// Whether the content of requests is kept, and for whom.
    pub store: Option<Store>,
    /// How often models of this process fail, where that is known.
    pub calibrations: Vec<Calibrated>,
    /// What tokens cost, by target name.
    pub prices: Vec<Price>,
    /// What targets read at once, where that is known.
    pub windows: Vec<Window>,
    /// What decides among the targets that a request may go to.
    pub choice: Choice,
    /// What is known of workflows.
    pub workflows: Vec<Workflow>,
    /// What may be spent.
    pub budgets: Budgets,
    /// The policy over all targets.
    pub policy: Arc<Policy>,
    /// What the policy is called in messages: its file.
    pub policy_name: String,
    /// SHA-256 of the policy's source, in hex.
    pub policy_digest: String,
    /// That its invariants hold.
    pub proof: Proof,
    /// What is allowed and yet may not be meant, one sentence each.
    pub warnings: Vec<String>,
}

/// Listeners and their bounds.
#[derive(Debug, Clone)]
pub struct Server {
    /// Where clients connect.
    pub listen: SocketAddr,
    /// Where metrics and reload are.
    pub admin_listen: SocketAddr,
    /// SHA-256 of the admin key, if one is set.
    pub admin_key_sha256: Option<[u8; 32]>,
    /// The zone that nothing gets beyond.
    pub outermost_zone: Zone,
    /// Certificate and key, in PEM files.
    pub tls: Option<Tls>,
    /// Worker threads, each with its own event loop.
    pub workers: usize,
    /// Open client connections.
    pub connections_max: usize,
    /// Bytes of a request's head.
    pub header_bytes_max: usize,
    /// Header fields of a request.
    pub header_count_max: usize,
    /// Bytes of a request's body.
    pub body_bytes_max: usize,
    /// From the first byte of a head to its last; also the longest that an idle connection is kept.
    pub header_timeout: Duration,
    /// From the head to the last byte of the body.
    pub body_timeout: Duration,
    /// How long a long request may be judged, waiting for room included, before it is taken for the most private.
    pub judge_timeout: Duration,
    /// From a request's head to the beginning of its answer, whoever is asked and however often; of an answer in one piece, to
    /// its end.
    pub deadline: Option<Duration>,
    /// How long a drain waits for requests that run.
    pub drain_timeout: Duration,
}

/// Certificate and key, in PEM files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The chain, leaf first.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// A model that answers in this process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// Its name: `device/NAME`.
    pub name: String,
    /// Where its weights are.
    pub source: ModelSource,
    /// Sequences decoded together.
    pub slots: Option<usize>,
    /// Tokens of context per slot.
    pub context_tokens: Option<u32>,
    /// Threads; those that this process may use where none is named.
    pub threads: Option<usize>,
    /// Requests that may wait.
    pub queue_depth_max: Option<usize>,
    /// How long one may have to wait for its turn, by the recent length of answers.
    pub queue_wait_max: Duration,
    /// How long an answer may take.
    pub answer_timeout: Duration,
    /// Tokens of thinking at most, where there is thinking.
    pub thinking_tokens_max: Option<u32>,
    /// Memory for conversations that lost their slot, in megabytes.
    pub prefix_cache_mb: Option<usize>,
    /// The same seed gives the same answer to the bit.
    pub deterministic: bool,
    /// Layers that a graphics card computes.
    pub gpu_layers: Option<u32>,
    /// How keys and values are kept.
    pub kv_cache: hearthgate_engines::KvCache,
    /// It embeds texts, and answers no chats.
    pub embeddings: bool,
    /// When it is loaded, and whether it may be unloaded.
    pub residence: hearthgate_engines::Residence,
}

/// Where a model's weights are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelSource {
    /// On this device: the engines find them by themselves.
    Here(hearthgate_engines::source::ModelSource),
    /// Where they were pulled to from a hub. Loading them says so where they were not.
    Hub(HubSource),
}

/// A hub of models, and the folder that they are pulled into.
#[derive(Debug, Clone)]
pub struct Hub {
    /// The folder; none where neither the file nor the environment names one.
    pub folder: Option<PathBuf>,
    /// The hub: `https`, or on loopback.
    pub endpoint: Uri,
    /// What it is shown for what not everybody may read.
    pub token: Option<SecretString>,
    /// A PEM file of further roots.
    pub ca_file: Option<PathBuf>,
    /// On the way to it and to where it redirects.
    pub proxies: Proxies,
    /// Connections per file.
    pub connections: usize,
    /// Attempts after the first that bring nothing.
    pub retries: u32,
    /// To a connection, TLS included.
    pub connect_timeout: Duration,
    /// Between two bytes.
    pub stall_timeout: Duration,
    /// What is to stay free on the disk.
    pub keep_free_bytes: u64,
    /// What of the environment is not used.
    pub notes: Vec<String>,
    /// What `hearthgate models` has to be told besides, to mean this configuration.
    pub flags: String,
}

/// A provider, or a server of the same organisation.
#[derive(Debug, Clone)]
pub struct Upstream {
    /// Its name: targets are `NAME/model`.
    pub name: String,
    /// Where it lives; never the device.
    pub zone: Zone,
    /// How it is spoken to.
    pub dialect: UpstreamDialect,
    /// Where below its base URL it is asked.
    pub endpoint: Endpoint,
    /// Scheme, host, port and path before what the dialect or the endpoint adds.
    pub base_url: Uri,
    /// The key that it is given.
    pub api_key: Option<SecretString>,
    /// The header that holds the key: after `Bearer` in `authorization`, bare in any other.
    pub api_key_header: HeaderName,
    /// What its requests are signed with, where they are.
    pub aws: Option<Aws>,
    /// Its models.
    pub models: Vec<String>,
    /// What its server does otherwise than its dialect has it.
    pub quirks: Arc<Quirks>,
    /// Which server of OpenAI's dialect it is known to be.
    pub server: Option<&'static str>,
    /// How its models are told how long to think; none: as is known of each.
    pub effort_field: Option<EffortField>,
    /// The bound of an answer where the dialect demands one and the client names none; none: as is known of each model.
    pub answer_tokens: Option<u32>,
    /// To a connection, TLS included.
    pub connect_timeout: Duration,
    /// From the request's last byte to the answer's first.
    pub first_byte_timeout: Duration,
    /// Between two bytes of the answer.
    pub idle_timeout: Duration,
    /// Attempts after the first.
    pub retries: u32,
    /// Idle connections kept per worker.
    pub idle_connections_max: usize,
    /// Faults in a row that open the breaker.
    pub breaker_faults: u32,
    /// How long an open breaker stays open before one request may try.
    pub breaker_open: Duration,
    /// A PEM file of further roots.
    pub ca_file: Option<PathBuf>,
    /// The proxy on the way to it.
    pub proxy: Option<Proxy>,
    /// How it may be reached, and what it is shown.
    pub access: Access,
    /// How its requests are spread, and what bounds them.
    pub spread: Spread,
}

/// How an upstream may be reached, and what it is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// Its name may stand for any address: a cloud's for one of the site's own, a name on the premises for one of the Internet.
    pub any_address: bool,
    /// What is shown to a server that asks for a certificate.
    pub certificate: Option<Tls>,
}

/// How an upstream is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpstreamDialect {
    /// OpenAI's chat completions.
    OpenAi,
    /// Anthropic's messages.
    Anthropic,
    /// Gemini's own API.
    Gemini,
    /// AWS Bedrock's Converse.
    Bedrock,
}

/// What AWS knows a site by; requests are signed with it and never hold it.
#[derive(Debug, Clone)]
pub struct Aws {
    /// Where its keys come from.
    pub keys: AwsKeys,
    /// The region that the requests are for.
    pub region: String,
}

/// Where keys of AWS come from.
#[derive(Debug, Clone)]
pub enum AwsKeys {
    /// They are these.
    Given {
        /// Which key it is.
        access_key_id: String,
        /// The key.
        secret_access_key: SecretString,
        /// What comes with keys of a session.
        session_token: Option<SecretString>,
    },
    /// They stand in a file that is read again when it changes, as AWS's tools write it.
    File {
        /// The file.
        path: PathBuf,
        /// The section of it.
        profile: String,
    },
    /// A command prints them, and is run again before they expire.
    Process(Vec<String>),
}

/// Where below its base URL an upstream is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// At the dialect's usual path.
    Usual,
    /// There, in this version of its API.
    Version(String),
    /// At a path for each model, which is a deployment of Azure's, in this version of its API.
    Deployments(String),
}

/// A client key and what it tells of its bearer.
#[derive(Clone)]
pub struct Key {
    /// The caller's name in records and metrics.
    pub name: String,
    /// SHA-256 of the key.
    pub sha256: [u8; 32],
    /// The caller's tenant.
    pub tenant: Option<String>,
    /// The caller's workflow, unless a header names one.
    pub workflow: Option<String>,
    /// At least this label.
    pub label: Option<Label>,
    /// At most this zone.
    pub zone: Option<Zone>,
    /// What its bearer may do besides: the roles that declassifications of the policy ask for.
    pub roles: Vec<String>,
    /// Its own limits.
    pub limits: Limits,
    /// What it wishes of each answer.
    pub wish: Wish,
}

/// How much a caller may use; none means no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Requests per minute.
    pub requests_per_minute: Option<u32>,
    /// Tokens in and out per minute.
    pub tokens_per_minute: Option<u32>,
}

/// Where decisions are recorded.
#[derive(Debug, Clone)]
pub struct Audit {
    /// The file; none switches the record off.
    pub file: Option<PathBuf>,
}

/// How much of private requests is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// How long.
    pub keep: Duration,
    /// Strings in all; 0 switches it off.
    pub entries: usize,
    /// Strings of one caller.
    pub entries_per_caller: usize,
}

/// How many responses are kept in memory to be gone on from, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Responses {
    /// How long.
    pub keep: Duration,
    /// Responses in all; 0 keeps none.
    pub count: usize,
    /// Bytes in all.
    pub bytes: usize,
}

/// Whether the content of requests is kept, for whom, how long and of which requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// Whether more is kept; what is there is erased in its time either way.
    pub enabled: bool,
    /// What it is sealed for.
    pub public_key: PublicKey,
    /// Where it lies.
    pub folder: PathBuf,
    /// How long it is kept at most.
    pub keep: Duration,
    /// Bytes of the folder's files together.
    pub bytes: u64,
    /// The outermost zone of a target whose requests are kept.
    pub zone: Zone,
    /// The highest label of requests that are kept.
    pub label: Label,
}

/// How often a model of this process fails, by how hard the demand is. It stands beside [`Model`]: a model is not loaded anew
/// because more is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calibrated {
    /// The target's name.
    pub target: String,
    /// The table.
    pub calibration: Arc<Calibration>,
    /// Where the catalogue has it from; none where the configuration says so.
    pub source: Option<String>,
}

/// What a target's tokens cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Price {
    /// The target's name.
    pub target: String,
    /// USD per million tokens.
    pub rate: Rate,
    /// Who says so.
    pub told: Told,
}

/// What a target reads at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// The target's name.
    pub target: String,
    /// Tokens of a prompt and its answer together.
    pub context_tokens: u64,
    /// Who says so.
    pub told: Told,
}

/// Who says what a target costs, or reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// The configuration.
    Site,
    /// Its provider, in public.
    Provider {
        /// The page.
        source: String,
        /// The month in which it was known to stand there.
        as_of: String,
    },
}
