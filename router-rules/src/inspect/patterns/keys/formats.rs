//! The formats of keys, as their makers publish them or as their first keys show.

use crate::inspect::KindId;
use crate::inspect::hits::{API_KEY, PRIVATE_KEY};

/// What a key's body is made of.
#[derive(Clone, Copy)]
pub(super) enum Body {
    /// Letters and digits.
    Plain,
    /// Letters, digits, `_` and `-`: base64 for URLs.
    Url,
    /// Upper-case letters and digits.
    Upper,
    /// Hexadecimal digits.
    Hex,
    /// Like `Loose`, with `:`.
    Cookie,
    /// Like `Url`, with `.`, `/`, `+` and `=`.
    Loose,
}

/// One format: a prefix, and a body of at least so many characters.
pub(super) struct Format {
    pub(super) prefix: &'static str,
    pub(super) body: Body,
    pub(super) least: usize,
    /// The exact length of the body; zero where it varies.
    pub(super) exact: usize,
    pub(super) kind: KindId,
}

const fn format(prefix: &'static str, body: Body, least: usize) -> Format {
    Format { prefix, body, least, exact: 0, kind: API_KEY }
}

const fn exactly(prefix: &'static str, body: Body, exact: usize) -> Format {
    Format { prefix, body, least: exact, exact, kind: API_KEY }
}

/// Prefixes that end their first word: they are looked up by it. Longer ones stand before the shorter ones that
/// they begin with.
pub(super) const FORMATS: [Format; 160] = [
    // Model providers.
    format("sk-ant-", Body::Url, 24),
    format("sk-proj-", Body::Url, 24),
    format("sk-svcacct-", Body::Url, 24),
    format("sk-admin-", Body::Url, 24),
    format("sk-or-v1-", Body::Hex, 32),
    format("sk-", Body::Url, 20),
    format("hf_", Body::Plain, 30),
    format("gsk_", Body::Plain, 40),
    format("xai-", Body::Plain, 40),
    format("pplx-", Body::Plain, 40),
    format("r8_", Body::Plain, 36),
    format("nvapi-", Body::Url, 40),
    format("sk_", Body::Hex, 48),
    format("api_org_", Body::Plain, 34),
    format("tgp_v1_", Body::Url, 40),
    format("fw_", Body::Plain, 22),
    format("lsv2_pt_", Body::Loose, 40),
    format("lsv2_sk_", Body::Loose, 40),
    format("pcsk_", Body::Url, 50),
    format("wandb_v1_", Body::Url, 40),
    // Code and packages.
    format("ghp_", Body::Plain, 36),
    format("gho_", Body::Plain, 36),
    format("ghu_", Body::Plain, 36),
    format("ghs_", Body::Plain, 36),
    format("ghr_", Body::Plain, 36),
    format("github_pat_", Body::Url, 60),
    format("glpat-", Body::Url, 20),
    format("glptt-", Body::Url, 20),
    format("gldt-", Body::Url, 20),
    format("glrt-", Body::Url, 20),
    format("npm_", Body::Plain, 36),
    format("pypi-", Body::Url, 50),
    format("rubygems_", Body::Hex, 48),
    format("dckr_pat_", Body::Url, 20),
    format("dckr_oat_", Body::Url, 20),
    format("lin_api_", Body::Plain, 32),
    format("sntrys_", Body::Loose, 40),
    format("sgp_", Body::Url, 40),
    format("glcbt-", Body::Url, 20),
    format("glimt-", Body::Url, 20),
    format("glft-", Body::Url, 20),
    format("glsoat-", Body::Url, 20),
    format("glagent-", Body::Url, 40),
    format("gloas-", Body::Hex, 64),
    format("glffct-", Body::Url, 20),
    format("sqp_", Body::Hex, 40),
    format("squ_", Body::Hex, 40),
    format("sqa_", Body::Hex, 40),
    format("CCIPAT_", Body::Loose, 40),
    format("CCIPRJ_", Body::Loose, 40),
    format("bkua_", Body::Hex, 40),
    format("CLOJARS_", Body::Hex, 60),
    format("figd_", Body::Url, 36),
    format("figo_", Body::Url, 36),
    format("PMAK-", Body::Url, 50),
    format("PMAT-", Body::Plain, 26),
    format("lin_oauth_", Body::Plain, 40),
    format("secret_", Body::Plain, 43),
    format("ntn_", Body::Plain, 40),
    format("sntryu_", Body::Hex, 60),
    format("CFPAT-", Body::Url, 40),
    format("rdme_", Body::Plain, 60),
    format("pnu_", Body::Plain, 36),
    format("ops_eyJ", Body::Loose, 100),
    format("dp.pt.", Body::Plain, 40),
    format("dp.st.", Body::Loose, 40),
    format("dp.ct.", Body::Plain, 40),
    format("dp.sa.", Body::Plain, 40),
    format("dp.scim.", Body::Plain, 40),
    format("dp.audit.", Body::Plain, 40),
    Format { kind: PRIVATE_KEY, ..exactly("AGE-SECRET-KEY-1", Body::Upper, 58) },
    // Clouds.
    format("GOCSPX-", Body::Url, 24),
    format("ya29.", Body::Url, 24),
    format("dop_v1_", Body::Hex, 64),
    format("doo_v1_", Body::Hex, 64),
    format("dor_v1_", Body::Hex, 64),
    format("AccountKey=", Body::Loose, 40),
    format("SharedAccessKey=", Body::Loose, 30),
    format("SharedAccessSignature=", Body::Loose, 30),
    format("hvs.", Body::Url, 20),
    format("hvb.", Body::Url, 20),
    format("pul-", Body::Hex, 40),
    format("glsa_", Body::Url, 32),
    format("glc_", Body::Loose, 32),
    format("tskey-", Body::Url, 20),
    format("fo1_", Body::Url, 40),
    format("vercel_", Body::Plain, 24),
    format("nfp_", Body::Plain, 36),
    format("cfut_", Body::Url, 36),
    format("cfat_", Body::Url, 36),
    format("cfk_", Body::Url, 36),
    format("v1.0-", Body::Loose, 140),
    format("hvr.", Body::Url, 20),
    format("HRKU-", Body::Url, 36),
    format("sbp_", Body::Hex, 40),
    format("sbp_oauth_", Body::Hex, 40),
    format("sb_secret_", Body::Url, 30),
    format("fm2_", Body::Loose, 60),
    format("rnd_", Body::Plain, 28),
    format("napi_", Body::Plain, 60),
    format("pscale_tkn_", Body::Loose, 32),
    format("pscale_pw_", Body::Loose, 32),
    format("pscale_oauth_", Body::Loose, 32),
    format("mdb_sa_sk_", Body::Url, 30),
    format("dt0c01.", Body::Loose, 60),
    format("sha256~", Body::Url, 43),
    format("NRII-", Body::Url, 24),
    format("NRIQ-", Body::Url, 24),
    format("NRRA-", Body::Hex, 42),
    format("phx_", Body::Plain, 40),
    format("hcaik_", Body::Plain, 50),
    format("t1.", Body::Loose, 86),
    // Messages and mail.
    format("xoxb-", Body::Url, 20),
    format("xoxp-", Body::Url, 20),
    format("xoxa-", Body::Url, 20),
    format("xoxr-", Body::Url, 20),
    format("xoxs-", Body::Url, 20),
    format("xoxe.", Body::Loose, 20),
    format("xapp-", Body::Url, 20),
    format("hooks.slack.com/services/", Body::Loose, 24),
    format("SG.", Body::Loose, 50),
    format("key-", Body::Hex, 32),
    format("xoxe-", Body::Url, 20),
    format("xwfp-", Body::Url, 20),
    format("discord.com/api/webhooks/", Body::Loose, 60),
    format("discordapp.com/api/webhooks/", Body::Loose, 60),
    format("webhook.office.com/webhookb2/", Body::Loose, 60),
    format("xkeysib-", Body::Loose, 64),
    format("xsmtpsib-", Body::Loose, 64),
    format("pubkey-", Body::Hex, 32),
    format("WPL_AP1.", Body::Loose, 10),
    format("sl.", Body::Url, 100),
    format("pat-na1-", Body::Loose, 36),
    format("pat-eu1-", Body::Loose, 36),
    format("tfp_", Body::Loose, 44),
    format("sk.eyJ", Body::Loose, 60),
    // Money and shops.
    format("sk_live_", Body::Plain, 16),
    format("sk_test_", Body::Plain, 16),
    format("rk_live_", Body::Plain, 16),
    format("rk_test_", Body::Plain, 16),
    format("whsec_", Body::Loose, 24),
    format("shpat_", Body::Hex, 32),
    format("NRAK-", Body::Upper, 24),
    format("shpca_", Body::Hex, 32),
    format("shppa_", Body::Hex, 32),
    format("shpss_", Body::Hex, 32),
    format("shptka_", Body::Hex, 32),
    format("FLWSECK-", Body::Loose, 32),
    format("FLWSECK_TEST-", Body::Loose, 12),
    format("duffel_live_", Body::Url, 40),
    format("shippo_live_", Body::Hex, 40),
    format("access-production-", Body::Loose, 36),
    format("access-sandbox-", Body::Loose, 36),
    format("access_token$production$", Body::Loose, 40),
    format("rzp_live_", Body::Plain, 14),
    exactly("live_", Body::Plain, 30),
    exactly("test_", Body::Plain, 30),
    format("APP_USR-", Body::Url, 60),
    format("Session_id=", Body::Cookie, 30),
    format("xendit_", Body::Loose, 20),
];

/// Prefixes that stand within a long word.
pub(super) const WORD_FORMATS: [Format; 30] = [
    // Model providers.
    format("AIza", Body::Url, 35),
    format("ABSK", Body::Loose, 100),
    // Code and packages.
    format("ATATT3", Body::Loose, 50),
    format("ATCTT3", Body::Loose, 50),
    format("ATBB", Body::Plain, 28),
    format("GR1348941", Body::Url, 20),
    exactly("oy2", Body::Plain, 43),
    format("AKCp8", Body::Plain, 60),
    // Clouds.
    exactly("AKIA", Body::Upper, 16),
    exactly("ASIA", Body::Upper, 16),
    exactly("ABIA", Body::Upper, 16),
    exactly("ACCA", Body::Upper, 16),
    exactly("LTAI", Body::Plain, 20),
    format("dapi", Body::Hex, 32),
    exactly("AKID", Body::Plain, 32),
    format("IQoJb3JpZ2lu", Body::Loose, 100),
    format("FwoGZXIvYXdz", Body::Loose, 100),
    format("dose", Body::Hex, 32),
    format("APA91b", Body::Url, 100),
    format("eyJrIjoi", Body::Loose, 60),
    format("AQVN", Body::Url, 35),
    // Messages and mail.
    exactly("SK", Body::Hex, 32),
    exactly("AC", Body::Hex, 32),
    exactly("EAAA", Body::Url, 60),
    format("EAACEdEose0cBA", Body::Plain, 20),
    format("EAA", Body::Plain, 100),
    format("AAAAAAAAAAAAAAAAAAAAA", Body::Loose, 40),
    // Money and shops.
    format("sq0", Body::Url, 22),
    format("EZAK", Body::Plain, 54),
    format("EZTK", Body::Plain, 54),
];

impl Body {
    pub(super) fn takes(self, byte: u8) -> bool {
        match self {
            Self::Plain => byte.is_ascii_alphanumeric(),
            Self::Url => byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-',
            Self::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Hex => byte.is_ascii_hexdigit(),
            Self::Cookie => Self::Loose.takes(byte) || byte == b':',
            Self::Loose => byte.is_ascii_alphanumeric() || b"_-./+=%".contains(&byte),
        }
    }
}
