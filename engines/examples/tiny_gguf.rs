//! Writes a model with random weights: `tiny_gguf OUT.gguf [--arch llama|qwen3|lfm2|qwen35|gemma3|mamba] [--seed N] [--layers N]
//! [--embedding N] [--heads N] [--kv-heads N] [--feed-forward N] [--context N] [--vocabulary N]
//! [--weights f32|f16|q8|q4] [--noise letters|bytes]`.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write as _};

use hearthgate_engines::tiny::{self, Architecture, Noise, TinySpec, Weights};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let path = args.next().ok_or("names no file; use `tiny_gguf OUT.gguf [--arch qwen3] [--layers N] …`")?;
    let mut spec = TinySpec::default();
    while let Some(flag) = args.next() {
        let value = args.next().ok_or_else(|| format!("`{flag}` needs a value"))?;
        match flag.as_str() {
            "--arch" => {
                spec.architecture = choose(
                    &value,
                    [
                        ("llama", Architecture::Llama),
                        ("qwen3", Architecture::Qwen3),
                        ("lfm2", Architecture::Lfm2),
                        ("qwen35", Architecture::Qwen35),
                        ("gemma3", Architecture::Gemma3),
                        ("mamba", Architecture::Mamba),
                    ],
                )?
            }
            "--seed" => spec.seed = value.parse()?,
            "--layers" => spec.layers = value.parse()?,
            "--embedding" => spec.embedding = value.parse()?,
            "--heads" => spec.heads = value.parse()?,
            "--kv-heads" => spec.kv_heads = value.parse()?,
            "--feed-forward" => spec.feed_forward = value.parse()?,
            "--context" => spec.context = value.parse()?,
            "--vocabulary" => spec.vocabulary = value.parse()?,
            "--weights" => {
                let names =
                    [("f32", Weights::F32), ("f16", Weights::F16), ("q8", Weights::Q8), ("q4", Weights::Q4)];
                spec.weights = choose(&value, names)?;
            }
            "--noise" => spec.noise = choose(&value, [("letters", Noise::Letters), ("bytes", Noise::Bytes)])?,
            _ => return Err(format!("unknown flag `{flag}`").into()),
        }
    }
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    tiny::write(&spec, &mut out)?;
    out.flush()?;
    Ok(())
}

fn choose<T: Copy, const N: usize>(value: &str, names: [(&str, T); N]) -> Result<T, String> {
    let known = || names.map(|(name, _)| name).join(", ");
    let found = names.iter().find(|(name, _)| *name == value);
    found.map(|(_, choice)| *choice).ok_or_else(|| format!("`{value}` is none of {}", known()))
}
