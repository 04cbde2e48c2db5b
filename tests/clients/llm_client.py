"""`llm` with a model of its own in extra-openai-models.yaml, against a gateway that lets everything out to a fake cloud."""

import os
import subprocess
import sys
import tempfile

from tried import client, tried

TEXT = "The fake cloud says hello."

with tempfile.TemporaryDirectory() as home:
    with open(os.path.join(home, "extra-openai-models.yaml"), "w") as file:
        for name in ["auto", "no-such-model"]:
            file.write(f"- model_id: gate-{name}\n  model_name: {name}\n  api_base: {os.environ['OPENAI_BASE_URL']}\n")
            file.write("  supports_schema: true\n  supports_tools: true\n")
    environment = {**os.environ, "LLM_USER_PATH": home}

    def llm(*arguments):
        command = [sys.executable, "-m", "llm", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)

    for more in [[], ["--no-stream"]]:
        said = llm("-m", "gate-auto", "Compare two ways to sort a list.", *more)
        assert said.stdout.strip() == TEXT, (said.stdout, said.stderr)
    went_on = llm("-c", "And then?")
    assert went_on.stdout.strip() == TEXT, (went_on.stdout, went_on.stderr)
    schema = '{"type": "object", "properties": {"x": {"type": "string"}}, "required": ["x"], "additionalProperties": false}'
    formed = llm("-m", "gate-auto", "Give it as JSON.", "--schema", schema)
    assert formed.stdout.strip() == '{"x":"y"}', (formed.stdout, formed.stderr)
    code = "def look_up(what: str) -> str:\n    'Looks it up.'\n    return 'found'"
    called = llm("-m", "gate-auto", "Compare two ways to sort a list.", "--functions", code)
    assert called.stdout.strip().endswith(TEXT), (called.stdout, called.stderr)
    refused = llm("-m", "gate-no-such-model", "Hello.")
    assert refused.returncode != 0 and "not known here" in refused.stderr, (refused.stdout, refused.stderr)

    # Somebody who presses Ctrl-C while it stands still.
    command = [sys.executable, "-m", "llm", "-m", "gate-auto", "Compare, and stand still."]
    leaving = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert leaving.stdout.read(1), "it has begun to answer"
    leaving.kill()
    leaving.wait()

row = client("llm")
tried(row, "chat", "stream", "tools", "structured", "error", "hang-up")
print("all checks passed")
