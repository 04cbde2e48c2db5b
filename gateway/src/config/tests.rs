//! Configurations as data: what is written, and what is made or said of it.

mod faults;

use std::fs;
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::*;

const MODEL: &str = "[[model]]\nname = \"starter\"\nsource = \"bundled:starter\"\n";
const UPSTREAM: &str = "[[upstream]]\nname = \"up\"\nzone = \"cloud\"\nbase_url = \"https://api.example/v1\"\n\
                        api_key = \"k\"\nmodels = [\"big\"]\n";
const HASH: &str = "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef";

/// A configuration in a folder of its own.
struct Written {
    folder: TempDir,
}

impl Written {
    fn new(text: &str) -> Self {
        let written = Self { folder: tempfile::tempdir().unwrap() };
        written.with("hearthgate.toml", text)
    }

    fn with(self, name: &str, text: &str) -> Self {
        fs::write(self.folder.path().join(name), text).unwrap();
        self
    }

    fn load(&self, env: &Env) -> Result<Config, ConfigError> {
        Config::load(Some(&self.folder.path().join("hearthgate.toml")), env)
    }
}

fn home() -> Env {
    Env::from([("HOME", "/home/ann")])
}

fn load(text: &str, env: &Env) -> Result<Config, String> {
    Written::new(text).load(env).map_err(|error| error.to_string())
}

fn fault(text: &str, env: &Env) -> String {
    load(text, env).err().unwrap_or_else(|| panic!("accepted:\n{text}"))
}

fn loaded(text: &str) -> Config {
    load(text, &home()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The key of the bytes 1 to 32.
const PUBLIC_KEY: &str = "store-public-07a37cbc142093c8b755dc1b10e86cb426374ad16aa853ed0bdfc0b2b86d1c7c";

/// The default model, and content kept for that key, with these lines.
fn store(lines: &str) -> String {
    format!("{MODEL}[store]\npublic_key = \"{PUBLIC_KEY}\"\n{lines}\n")
}

/// The default model, and below it one more upstream with these lines.
fn upstream(lines: &str) -> String {
    let usual = [
        ("name", "\"up\""),
        ("zone", "\"cloud\""),
        ("base_url", "\"https://api.example/v1\""),
        ("models", "[\"big\"]"),
    ];
    let mut text = format!("{MODEL}[[upstream]]\n{lines}\n");
    for (key, value) in usual {
        if !lines.lines().any(|line| line.starts_with(&format!("{key} ="))) {
            text.push_str(&format!("{key} = {value}\n"));
        }
    }
    text
}

#[test]
fn what_is_not_written_has_its_default() {
    let config = loaded(&format!("{MODEL}{UPSTREAM}"));
    let server = &config.server;
    assert_eq!(server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(server.admin_listen.to_string(), "127.0.0.1:9090");
    assert_eq!(
        (server.outermost_zone, server.tls.is_none(), server.admin_key_sha256),
        (Zone::Cloud, true, None)
    );
    assert!(server.workers >= 1);
    assert_eq!(
        (server.connections_max, server.header_bytes_max, server.header_count_max),
        (4096, 65536, 100)
    );
    assert_eq!(server.body_bytes_max, 20 * 1024 * 1024);
    let timeouts = [server.header_timeout, server.body_timeout, server.drain_timeout];
    assert_eq!(timeouts.map(|timeout| timeout.as_millis()), [10_000, 30_000, 30_000]);
    let up = &config.upstreams[0];
    let timeouts = [up.connect_timeout, up.first_byte_timeout, up.idle_timeout, up.breaker_open];
    assert_eq!(timeouts.map(|timeout| timeout.as_millis()), [5_000, 120_000, 60_000, 10_000]);
    assert_eq!((up.retries, up.idle_connections_max, up.breaker_faults), (2, 512, 5));
    assert_eq!((up.dialect, up.effort_field), (UpstreamDialect::OpenAi, None));
    assert_eq!(config.limits, Limits::default());
    assert_eq!(config.audit.file.unwrap(), Path::new("/home/ann/.local/state/hearthgate/audit.jsonl"));
    let targets: Vec<_> = config.policy.catalogue().iter().map(|target| target.name().to_owned()).collect();
    assert_eq!(targets, ["device/starter", "up/big"]);
    assert_eq!(config.policy_digest.len(), 64);
    assert!(config.proof.holds());
}

#[test]
fn everything_that_is_written_is_read() {
    let text = format!(
        r#"
        [server]
        listen = "0.0.0.0:1"
        admin_listen = "[::]:2"
        admin_key_sha256 = "{HASH}"
        outermost_zone = "premises"
        tls_certificate = "tls/chain.pem"
        tls_key = "/etc/key.pem"
        workers = 3
        connections_max = 4
        header_bytes_max = 8192
        header_count_max = 6
        body_bytes_max = 7
        header_timeout_ms = 8
        body_timeout_ms = 9
        drain_timeout_ms = 10

        [[model]]
        name = "own"
        source = "path:models/own.gguf"
        slots = 2
        context_tokens = 4096
        threads = 5
        queue_depth_max = 11

        [[upstream]]
        name = "rack"
        zone = "premises"
        dialect = "openai"
        base_url = "http://10.0.0.5:8000/v1/"
        models = ["org/a:latest", "b"]
        effort_field = "reasoning_effort"
        connect_timeout_ms = 12
        first_byte_timeout_ms = 13
        idle_timeout_ms = 14
        retries = 0
        idle_connections_max = 0
        breaker_faults = 15
        breaker_open_ms = 16
        ca_file = "~/ca.pem"

        [[key]]
        name = "app"
        sha256 = "{HASH}"
        tenant = "the tenant"
        workflow = "w"
        label = "confidential"
        zone = "device"
        requests_per_minute = 17
        tokens_per_minute = 18

        [limits]
        requests_per_minute = 19
        tokens_per_minute = 20

        [audit]
        file = "log/audit.jsonl"

        [[price]]
        target = "rack/org/a:latest"
        input_usd_per_million = 1
        output_usd_per_million = 2.5
        "#
    );
    let written = Written::new(&text);
    let config = written.load(&home()).unwrap();
    let here = |path: &str| written.folder.path().join(path);
    let server = &config.server;
    assert_eq!(
        (server.listen.port(), server.admin_listen.port(), server.outermost_zone),
        (1, 2, Zone::Premises)
    );
    assert_eq!(server.admin_key_sha256.unwrap()[..4], [0x01, 0x23, 0x45, 0x67]);
    let tls = server.tls.as_ref().unwrap();
    assert_eq!(
        (tls.certificate.clone(), tls.key.clone()),
        (here("tls/chain.pem"), PathBuf::from("/etc/key.pem"))
    );
    assert_eq!((server.workers, server.connections_max, server.header_bytes_max), (3, 4, 8192));
    assert_eq!((server.header_count_max, server.body_bytes_max), (6, 7));
    let timeouts = [server.header_timeout, server.body_timeout, server.drain_timeout];
    assert_eq!(timeouts.map(|timeout| timeout.as_millis()), [8, 9, 10]);
    let model = &config.models[0];
    let own = hearthgate_engines::source::ModelSource::Path(here("models/own.gguf"));
    assert_eq!(model.source, ModelSource::Here(own));
    assert_eq!((model.slots, model.context_tokens), (Some(2), Some(4096)));
    assert_eq!((model.threads, model.queue_depth_max), (Some(5), Some(11)));
    let rack = &config.upstreams[0];
    assert_eq!(rack.base_url.to_string(), "http://10.0.0.5:8000/v1");
    assert_eq!((rack.zone, rack.effort_field), (Zone::Premises, Some(EffortField::ReasoningEffort)));
    assert_eq!(rack.models, ["org/a:latest", "b"]);
    let timeouts = [rack.connect_timeout, rack.first_byte_timeout, rack.idle_timeout, rack.breaker_open];
    assert_eq!(timeouts.map(|timeout| timeout.as_millis()), [12, 13, 14, 16]);
    assert_eq!((rack.retries, rack.idle_connections_max, rack.breaker_faults), (0, 0, 15));
    assert_eq!(rack.ca_file.as_deref(), Some(Path::new("/home/ann/ca.pem")));
    let key = &config.keys[0];
    assert_eq!((key.tenant.as_deref(), key.workflow.as_deref()), (Some("the tenant"), Some("w")));
    assert_eq!(config.policy.labels().name(key.label.unwrap()), "confidential");
    assert_eq!((key.zone, key.sha256), (Some(Zone::Device), server.admin_key_sha256.unwrap()));
    let limits =
        |requests, tokens| Limits { requests_per_minute: Some(requests), tokens_per_minute: Some(tokens) };
    assert_eq!((key.limits, config.limits), (limits(17, 18), limits(19, 20)));
    assert_eq!(config.audit.file, Some(here("log/audit.jsonl")));
    assert_eq!(config.prices[0].rate.usual.output, 2.5);
}

#[test]
fn the_environment_overrides_the_file_and_nothing_else_of_it_matters() {
    let text = format!("[server]\nlisten = \"127.0.0.1:1\"\nconnections_max = 5\n{MODEL}");
    let env = Env::from([
        ("HOME", "/h"),
        ("HEARTHGATE_SERVER__LISTEN", "[::1]:2"),
        ("HEARTHGATE_SERVER__WORKERS", "7"),
        ("HEARTHGATE_AUDIT__ENABLED", "false"),
        ("HEARTHGATE_LIMITS__REQUESTS_PER_MINUTE", "9"),
        ("HEARTHGATE_BIN", "/usr/bin/hearthgate"),
        ("HEARTHGATE_SERVER", "x"),
        ("HEARTHGATE__", "x"),
        ("HEARTHGATE_SERVR__LISTEN", "x"),
        ("HEARTHGATE_MODEL__0__NAME", "x"),
        ("SERVER__LISTEN", "x"),
    ]);
    let config = load(&text, &env).unwrap();
    assert_eq!((config.server.listen.to_string().as_str(), config.server.connections_max), ("[::1]:2", 5));
    assert_eq!((config.server.workers, config.audit.file), (7, None));
    assert_eq!(config.limits.requests_per_minute, Some(9));
    let said = |fragment: &str| config.warnings.iter().any(|warning| warning.contains(fragment));
    assert!(said("`HEARTHGATE_SERVR__LISTEN` is not used: no section `servr`; did you mean `server`?"));
    assert!(said("`HEARTHGATE_MODEL__0__NAME` is not used: `model` is a list"));
    assert!(!said("HEARTHGATE_BIN"));
}

#[test]
fn content_is_kept_by_choice_alone() {
    assert_eq!(loaded(MODEL).store, None);
    assert_eq!(loaded(&format!("{MODEL}[store]\ndays = 3\nenabled = false\n")).store, None);
    let config = loaded(&store(""));
    let usual = config.store.clone().unwrap();
    assert!(usual.enabled);
    assert_eq!(usual.folder, Path::new("/home/ann/.local/state/hearthgate/store"));
    assert_eq!((usual.keep.as_secs(), usual.bytes, usual.zone), (30 * 86_400, 1 << 30, Zone::Device));
    assert_eq!(config.policy.labels().name(usual.label), "internal");
    assert!(config.warnings.iter().any(|warning| warning.contains("no `[[model]]` is `deterministic`")));
    let config = loaded(&store(
        "enabled = false\ndays = 2\nmegabytes = 3\nzone = \"cloud\"\nlabel = \"restricted\"\nfolder = \"~/kept\"",
    ));
    let own = config.store.unwrap();
    assert_eq!((own.enabled, own.keep.as_secs(), own.bytes), (false, 2 * 86_400, 3 << 20));
    assert_eq!((own.zone, own.folder.as_path()), (Zone::Cloud, Path::new("/home/ann/kept")));
    assert_eq!(config.policy.labels().name(own.label), "restricted");
}

#[test]
fn variables_stand_in_strings() {
    let text = upstream(
        "base_url = \"${BASE:-https://api.example}/v1\"\napi_key = \"${KEY}\"\nmodels = [\"${MODEL}\", \"$${x}\"]\nzone = \"${ZONE:-cloud}\"",
    );
    let env = Env::from([("HOME", "/h"), ("KEY", "k${hunter2}"), ("MODEL", "m"), ("ZONE", "premises")]);
    let config = load(&text, &env).unwrap();
    let up = &config.upstreams[0];
    assert_eq!((up.base_url.to_string().as_str(), up.zone), ("https://api.example/v1", Zone::Premises));
    assert_eq!(up.api_key.as_ref().unwrap().expose_secret(), "k${hunter2}");
    assert_eq!(up.models, ["m", "${x}"]);
    assert!(!format!("{up:?}").contains("hunter2"));

    let said = fault(&text, &Env::from([("HOME", "/h"), ("KEY", "k")]));
    assert!(said.contains("line 7, `upstream[0].models[0]`: variable `MODEL` is not set"), "{said}");
    let said = fault(&upstream("api_key = \"${KEY\""), &home());
    assert!(said.contains("`upstream[0].api_key`: `${` has no `}`"), "{said}");
}

#[test]
fn no_home_needs_a_place_for_the_record() {
    let said = fault(MODEL, &Env::default());
    assert!(said.contains("`audit.file`: `~` needs the variable `HOME`"), "{said}");
    let config = load(MODEL, &Env::from([("XDG_STATE_HOME", "/var/state")])).unwrap();
    assert_eq!(config.audit.file.unwrap(), Path::new("/var/state/hearthgate/audit.jsonl"));
    let config = load(&format!("{MODEL}[audit]\nenabled = false\n"), &Env::default()).unwrap();
    assert_eq!(config.audit.file, None);
}

#[test]
fn a_hub_is_where_the_file_and_the_usual_variables_say() {
    let usual = loaded(MODEL).hub;
    assert_eq!(usual.folder.as_deref(), Some(Path::new("/home/ann/.local/share/hearthgate/models")));
    assert_eq!((usual.endpoint.host(), usual.token.is_none()), (Some("huggingface.co"), true));
    assert_eq!((usual.connections, usual.retries, usual.keep_free_bytes), (4, 5, 1 << 30));
    let set =
        [("HF_ENDPOINT", "https://mirror.example/hf"), ("HF_TOKEN", "hf_x"), ("XDG_DATA_HOME", "/data")];
    let by_env = load(MODEL, &set.into_iter().chain([("HOME", "/h")]).map(owned).collect()).unwrap().hub;
    assert_eq!(by_env.folder.as_deref(), Some(Path::new("/data/hearthgate/models")));
    assert_eq!(by_env.endpoint.to_string(), "https://mirror.example/hf");
    assert_eq!(by_env.token.as_ref().unwrap().expose_secret(), "hf_x");
    assert!(!format!("{by_env:?}").contains("hf_x"));

    let written = format!(
        "{MODEL}[hub]\nfolder = \"m\"\nendpoint = \"http://127.0.0.1:8000\"\ntoken = \"${{HF_TOKEN:-}}\"\n"
    );
    let file = Written::new(&written);
    let by_file = file.load(&home()).unwrap().hub;
    assert_eq!(by_file.folder, Some(file.folder.path().join("m")));
    assert_eq!((by_file.endpoint.port_u16(), by_file.token.is_none()), (Some(8000), true));
    assert!(by_file.flags.starts_with(" --config ") && by_file.flags.ends_with("hearthgate.toml"));
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[test]
fn what_the_environment_says_of_a_hub_never_keeps_a_gateway_from_its_start() {
    let env =
        Env::from([("XDG_STATE_HOME", "/s"), ("HF_ENDPOINT", "http://mirror.example"), ("HF_TOKEN", "a b")]);
    let config = load(MODEL, &env).unwrap();
    assert_eq!((config.hub.folder, config.hub.token.is_none()), (None, true));
    assert_eq!(config.hub.endpoint.host(), Some("huggingface.co"));
    for words in ["`HF_ENDPOINT`", "`HF_TOKEN`"] {
        assert!(config.warnings.iter().any(|warning| warning.contains(words)), "{:?}", config.warnings);
    }
    for (key, words) in [
        ("endpoint = \"http://mirror.example\"", "https://"),
        ("token = \" hf_x\"", "`hub.token`: holds white space"),
        ("connections = 0", "write 1 to 16"),
        ("folder = \"\"", "names no file"),
    ] {
        let said = fault(&format!("{MODEL}[hub]\n{key}\n"), &home());
        assert!(said.contains(words) && !said.contains("hf_x"), "{said}");
    }
}

#[test]
fn a_model_of_a_hub_is_known_by_its_source() {
    let of_hub = MODEL.replace("bundled:starter", "hf:o/r/m.gguf");
    let source = "hf:o/r/m.gguf".parse().unwrap();
    assert_eq!(loaded(&of_hub).models[0].source, ModelSource::Hub(source));
    let said = fault(&MODEL.replace("bundled:starter", "hf:o/r"), &home());
    assert!(said.contains("`model[0].source`") && said.contains("hf:Qwen/"), "{said}");
}

#[test]
fn without_a_file_the_clouds_are_those_whose_keys_are_set() {
    let alone = Config::load(None, &home()).unwrap();
    assert!(alone.upstreams.is_empty());
    assert_eq!(alone.models[0].name, "starter");
    // A new user is told what there is to see to, and no more.
    assert_eq!(alone.warnings, ["no client key is configured: only this machine may connect"]);

    let env = Env::from([
        ("HOME", "/h"),
        ("OPENAI_API_KEY", "sk-1"),
        ("OPENAI_BASE_URL", "http://127.0.0.1:4321/v1"),
        ("GEMINI_API_KEY", "g-1"),
        ("GROQ_API_KEY", ""),
        ("ANTHROPIC_API_KEY", "a-1"),
        ("HEARTHGATE_SERVER__LISTEN", "127.0.0.1:0"),
    ]);
    let config = Config::load(None, &env).unwrap();
    let targets: Vec<_> = config.policy.catalogue().iter().map(|target| target.name()).collect();
    let expected =
        ["device/starter", "openai/gpt-5.1", "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-pro"];
    assert_eq!(targets, expected);
    let told: Vec<_> = config.policy.catalogue().iter().map(|target| target.effort_field()).collect();
    let none = EffortField::None;
    let budget = EffortField::ThinkingBudget;
    assert_eq!(told, [none, EffortField::ReasoningEffort, budget, budget]);
    let [openai, anthropic, gemini] = &config.upstreams[..] else { panic!("{:?}", config.upstreams) };
    assert_eq!(openai.base_url.to_string(), "http://127.0.0.1:4321/v1");
    assert_eq!((openai.zone, openai.effort_field), (Zone::Cloud, Some(EffortField::ReasoningEffort)));
    assert_eq!(openai.api_key.as_ref().unwrap().expose_secret(), "sk-1");
    assert_eq!((gemini.dialect, gemini.base_url.path()), (UpstreamDialect::Gemini, "/v1beta"));
    assert_eq!(gemini.api_key_header, "x-goog-api-key");
    assert_eq!(anthropic.dialect, UpstreamDialect::Anthropic);
    assert_eq!(anthropic.base_url.to_string(), "https://api.anthropic.com/v1");
    assert_eq!(anthropic.api_key.as_ref().unwrap().expose_secret(), "a-1");
    assert_eq!(config.server.listen.port(), 0);

    let openai = Env::from([("HOME", "/h"), ("OPENAI_API_KEY", "sk-1")]);
    let config = Config::load(None, &openai).unwrap();
    assert_eq!(config.upstreams[0].base_url.to_string(), "https://api.openai.com/v1");
}

#[test]
fn every_cloud_of_the_default_configuration_loads() {
    let keys = ["OPENAI", "OPENROUTER", "GROQ", "MISTRAL", "DEEPSEEK", "XAI", "TOGETHER", "GEMINI"];
    let names = keys.map(|key| format!("{key}_API_KEY"));
    let env = Env::from(names.each_ref().map(|name| (name.as_str(), "k")));
    let config = load_default_with_audit_off(env);
    assert_eq!(config.upstreams.len(), keys.len());
    assert!(config.upstreams.iter().all(|up| up.base_url.scheme_str() == Some("https")));
}

fn load_default_with_audit_off(env: Env) -> Config {
    let mut pairs: Vec<(String, String)> = env.iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    pairs.push(("HEARTHGATE_AUDIT__ENABLED".to_owned(), "false".to_owned()));
    Config::load(None, &pairs.into_iter().collect()).unwrap()
}

#[test]
fn nothing_is_built_beyond_the_outermost_zone() {
    let rack = UPSTREAM.replace("\"up\"", "\"rack\"").replace("\"cloud\"", "\"premises\"");
    let policy = "[[route]]\nname = \"out\"\nwhen = { band = \"hard\" }\nto = [\"up/big\", \"rack/big\", \"device/*\"]\n\
                  [[route]]\nname = \"home\"\nto = [\"device/*\"]\n";
    for (zone, left, dropped) in
        [("cloud", &["up", "rack"][..], ""), ("premises", &["rack"], "`up`"), ("device", &[], "`up`, `rack`")]
    {
        let text = format!(
            "[server]\noutermost_zone = \"{zone}\"\n[policy]\nfile = \"p.toml\"\n{MODEL}{UPSTREAM}{rack}"
        );
        let config = Written::new(&text).with("p.toml", policy).load(&home()).unwrap();
        let names: Vec<_> = config.upstreams.iter().map(|up| up.name.as_str()).collect();
        assert_eq!(names, left, "{zone}");
        let warned = config.warnings.iter().find(|warning| warning.contains("no connection is ever made to"));
        assert_eq!(warned.is_none(), dropped.is_empty());
        assert!(warned.is_none_or(|warning| warning.ends_with(&format!("made to {dropped}"))), "{warned:?}");
        assert!(
            config
                .policy
                .labels()
                .all()
                .all(|label| config.policy.ceiling(label) <= config.server.outermost_zone)
        );
    }
}

#[test]
fn what_is_sent_in_clear_is_warned_of() {
    let warned = |url: &str, zone: &str| {
        let config = loaded(&upstream(&format!("base_url = \"{url}\"\nzone = \"{zone}\"")));
        config.warnings.iter().any(|warning| warning.contains("without TLS"))
    };
    assert!(warned("http://api.example/v1", "cloud"));
    assert!(!warned("https://api.example/v1", "cloud"));
    assert!(!warned("http://10.0.0.5/v1", "premises"));
    assert!(!warned("http://127.0.0.1:1/v1", "cloud"));
    assert!(!warned("http://[::1]:1/v1", "cloud"));
    assert!(!warned("http://localhost:1/v1", "cloud"));
}

#[test]
fn what_a_site_calls_a_field_counts_before_what_is_known_of_its_server() {
    let config = loaded(&upstream("quirks = \"mistral\"\nrenames = { seed = \"our_seed\" }"));
    let renames = &config.upstreams[0].quirks.renames;
    let first = |name: &str| renames.iter().find(|(own, _)| own == name).map(|(_, theirs)| theirs.as_str());
    assert_eq!((first("seed"), first("max_completion_tokens")), (Some("our_seed"), Some("max_tokens")));
}

#[test]
fn the_examples_of_the_deploy_folder_load() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/hearthgate.toml");
    let env = Env::from([("HOME", "/h"), ("OPENAI_API_KEY", "dummy")]);
    let config = Config::load(Some(&path), &env).unwrap_or_else(|error| panic!("{error}"));
    assert!(config.proof.holds());
    let routes: Vec<_> = config.policy.routes().iter().map(|route| route.name.as_str()).collect();
    assert_eq!(
        routes,
        ["budget-spent", "architecture-review", "frontier-for-hard", "quick-at-home", "otherwise"]
    );
    assert_eq!(config.prices[0].target, "frontier/gpt-5.1");
    assert_eq!(config.server.connections_max, Config::load(None, &env).unwrap().server.connections_max);
}

/// What is commented out in the examples would load too, so that whoever takes the `#` away is not surprised.
#[test]
fn the_examples_load_with_every_comment_taken_as_meant() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy");
    let meant = |name: &str| -> String {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        let example = |line: &&str| {
            let rest = line.strip_prefix("# ").unwrap_or_default();
            rest.starts_with("[[")
                || rest.starts_with('[') && rest.ends_with(']')
                || rest.split_once(" = ").is_some_and(|(key, _)| !key.trim_matches('"').contains(' '))
        };
        text.lines()
            .map(|line| if example(&line) { &line[2..] } else { line })
            .map(|line| format!("{line}\n"))
            .collect()
    };
    // A key that stood there would be somebody's.
    let text = meant("hearthgate.toml")
        .replace("\"…\"", &format!("\"{HASH}\""))
        .replace("store-public-…", PUBLIC_KEY);
    assert!(text.contains("\n[[key]]\n") && text.contains("\ntls_key ="));
    let policy = meant("policy.toml");
    assert!(policy.contains("\n[[terms]]\n") && policy.contains("\nrefuse ="));
    let names = [
        "OPENAI_API_KEY",
        "ANTHROPIC_API_KEY",
        "AZURE_OPENAI_API_KEY",
        "GEMINI_API_KEY",
        "AWS_ACCESS_KEY_ID",
    ];
    let set =
        names.into_iter().chain(["AWS_SECRET_ACCESS_KEY"]).map(|name| (name.to_owned(), "dummy".to_owned()));
    let env = Env::from_iter(set.chain([("HOME".to_owned(), "/h".to_owned())]));
    let config = Written::new(&text)
        .with("policy.toml", &policy)
        .load(&env)
        .unwrap_or_else(|error| panic!("{error}\n{text}\n{policy}"));
    assert_eq!((config.keys.len(), config.upstreams.len()), (1, 6));
    assert!(config.store.is_some_and(|store| store.enabled));
}

#[test]
fn a_time_out_beyond_the_deadline_is_warned_of() {
    let warned = |deadline: &str| {
        let text = format!(
            "{MODEL}[server]\n{deadline}\n[[upstream]]\nname = \"up\"\nzone = \"cloud\"\nbase_url = \"https://a.example/v1\"\n\
             models = [\"m\"]\nfirst_byte_timeout_ms = 5000\n"
        );
        let config = loaded(&text);
        config.warnings.iter().any(|warning| warning.contains("`first_byte_timeout_ms` of upstream `up`"))
    };
    assert!(warned("deadline_ms = 5000") && warned("deadline_ms = 300"));
    assert!(!warned("deadline_ms = 5001") && !warned(""));
}

/// Places at several providers have several prices and windows: none is known of the target.
#[test]
fn a_target_at_several_providers_has_no_known_price() {
    let known = |further: &str| {
        let text = format!(
            "{MODEL}[[upstream]]\nname = \"up\"\nzone = \"cloud\"\nbase_url = \"https://api.openai.com/v1\"\nmodels = [\"gpt-5.1\"]\n\
             [[upstream.endpoint]]\n{further}\napi_key = \"k\"\n"
        );
        let config = loaded(&text);
        (!config.prices.is_empty(), !config.windows.is_empty())
    };
    assert_eq!(known(""), (true, true));
    assert_eq!(known("base_url = \"https://api.openai.com/v2\""), (true, true));
    assert_eq!(known("base_url = \"https://llm.example/v1\""), (false, false));
}
