//! The configuration as it is written: raw TOML, not yet known to make sense.
//!
//! Unknown keys are errors. Words stay words here, because they may hold `${VAR}`; what they stand for is
//! looked up when they are checked. Nothing here has `Debug`: some of these values are keys.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::families::Family;

/// A configuration file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConfigFile {
    pub server: ServerFile,
    pub device: DeviceFile,
    pub model: Vec<ModelFile>,
    pub hub: HubFile,
    pub upstream: Vec<UpstreamFile>,
    pub key: Vec<KeyFile>,
    pub limits: LimitsFile,
    pub audit: AuditFile,
    pub memory: MemoryFile,
    pub responses: ResponsesFile,
    pub store: StoreFile,
    pub price: Vec<PriceFile>,
    pub window: Vec<WindowFile>,
    pub choice: ChoiceFile,
    pub workflow: Vec<WorkflowFile>,
    pub budgets: BudgetsFile,
    pub budget: Vec<BudgetFile>,
    pub family: Vec<Family>,
    pub policy: PolicyPath,
}

/// The sections that `HEARTHGATE_SECTION__KEY` reaches.
pub const SECTIONS: [&str; 11] = [
    "server",
    "device",
    "hub",
    "limits",
    "audit",
    "memory",
    "responses",
    "store",
    "choice",
    "budgets",
    "policy",
];

/// The sections that are lists, which a variable cannot reach.
pub const LISTS: [&str; 8] = ["model", "upstream", "key", "price", "window", "workflow", "budget", "family"];

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerFile {
    pub listen: Option<String>,
    pub admin_listen: Option<String>,
    pub admin_key_sha256: Option<String>,
    pub outermost_zone: Option<String>,
    pub tls_certificate: Option<String>,
    pub tls_key: Option<String>,
    pub workers: Option<u64>,
    pub connections_max: Option<u64>,
    pub header_bytes_max: Option<u64>,
    pub header_count_max: Option<u64>,
    pub body_bytes_max: Option<u64>,
    pub header_timeout_ms: Option<u64>,
    pub body_timeout_ms: Option<u64>,
    pub judge_timeout_ms: Option<u64>,
    pub deadline_ms: Option<u64>,
    pub drain_timeout_ms: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    pub name: String,
    pub source: String,
    pub slots: Option<u64>,
    pub context_tokens: Option<u64>,
    pub threads: Option<u64>,
    pub queue_depth_max: Option<u64>,
    pub queue_wait_max_ms: Option<u64>,
    pub answer_timeout_ms: Option<u64>,
    pub thinking_tokens_max: Option<u64>,
    pub prefix_cache_mb: Option<u64>,
    pub deterministic: Option<bool>,
    pub gpu_layers: Option<u64>,
    pub kv_cache: Option<String>,
    pub embeddings: Option<bool>,
    pub load: Option<String>,
    pub pinned: Option<bool>,
    pub calibration: Option<Vec<[f64; 2]>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeviceFile {
    pub memory_mb: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HubFile {
    pub folder: Option<String>,
    pub endpoint: Option<String>,
    pub token: Option<String>,
    pub ca_file: Option<String>,
    pub connections: Option<u64>,
    pub retries: Option<u64>,
    pub connect_timeout_ms: Option<u64>,
    pub stall_timeout_ms: Option<u64>,
    pub keep_free_mb: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpstreamFile {
    pub name: String,
    pub zone: String,
    pub dialect: Option<String>,
    pub base_url: String,
    pub api_key: Option<String>,
    pub api_key_header: Option<String>,
    pub api_version: Option<String>,
    pub aws_access_key_id: Option<String>,
    pub aws_secret_access_key: Option<String>,
    pub aws_session_token: Option<String>,
    pub aws_region: Option<String>,
    pub aws_credentials_file: Option<String>,
    pub aws_profile: Option<String>,
    pub aws_credential_process: Option<Vec<String>>,
    #[serde(default)]
    pub models: Vec<String>,
    pub quirks: Option<String>,
    #[serde(default)]
    pub refuses: Vec<String>,
    #[serde(default)]
    pub refuses_in_messages: Vec<String>,
    #[serde(default)]
    pub renames: BTreeMap<String, String>,
    pub call_id_chars: Option<usize>,
    pub thoughts_in_tool_loops: Option<bool>,
    pub effort_field: Option<String>,
    pub answer_tokens: Option<u64>,
    pub connect_timeout_ms: Option<u64>,
    pub first_byte_timeout_ms: Option<u64>,
    pub idle_timeout_ms: Option<u64>,
    pub retries: Option<u64>,
    pub idle_connections_max: Option<u64>,
    pub breaker_faults: Option<u64>,
    pub breaker_open_ms: Option<u64>,
    pub ca_file: Option<String>,
    pub client_certificate: Option<String>,
    pub client_key: Option<String>,
    pub private_addresses: Option<bool>,
    pub public_addresses: Option<bool>,
    pub proxy: Option<String>,
    pub weight: Option<u64>,
    pub balance: Option<String>,
    pub requests_max: Option<u64>,
    pub retry_percent: Option<u64>,
    pub hedge_after_ms: Option<u64>,
    pub hedge_bytes_max: Option<u64>,
    #[serde(default)]
    pub endpoint: Vec<EndpointFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointFile {
    pub base_url: Option<String>,
    pub api_key: Option<String>,
    pub weight: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    pub name: String,
    pub sha256: String,
    pub tenant: Option<String>,
    pub workflow: Option<String>,
    pub label: Option<String>,
    pub zone: Option<String>,
    #[serde(default)]
    pub roles: Vec<String>,
    pub requests_per_minute: Option<u64>,
    pub tokens_per_minute: Option<u64>,
    pub latency_max_ms: Option<u64>,
    pub cost_max_usd: Option<f64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChoiceFile {
    pub stay_minutes: Option<u64>,
    pub unknown_prices_pass: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkflowFile {
    pub name: String,
    pub label: Option<String>,
    pub zone: Option<String>,
    pub effort: Option<String>,
    pub latency_max_ms: Option<u64>,
    pub cost_max_usd: Option<f64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BudgetsFile {
    pub file: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BudgetFile {
    pub name: String,
    pub caller: Option<String>,
    pub workflow: Option<String>,
    pub usd: f64,
    pub per: String,
    pub low: Option<f64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsFile {
    pub requests_per_minute: Option<u64>,
    pub tokens_per_minute: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuditFile {
    pub enabled: Option<bool>,
    pub file: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MemoryFile {
    pub minutes: Option<u64>,
    pub entries: Option<u64>,
    pub entries_per_caller: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ResponsesFile {
    pub enabled: Option<bool>,
    pub minutes: Option<u64>,
    pub count: Option<u64>,
    pub megabytes: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreFile {
    pub enabled: Option<bool>,
    pub public_key: Option<String>,
    pub folder: Option<String>,
    pub days: Option<u64>,
    pub megabytes: Option<u64>,
    pub zone: Option<String>,
    pub label: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceFile {
    pub target: String,
    pub input_usd_per_million: f64,
    pub output_usd_per_million: f64,
    pub cached_usd_per_million: Option<f64>,
    pub written_usd_per_million: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowFile {
    pub target: String,
    pub context_tokens: u64,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PolicyPath {
    pub file: Option<String>,
}
