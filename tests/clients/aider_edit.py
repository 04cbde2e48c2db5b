"""One scripted edit by aider, of a file of its own, against a gateway that lets everything out to a fake cloud."""

import os
import subprocess
import sys
import tempfile
from importlib.metadata import version

from tried import tried

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "hello.py")
    with open(path, "w") as file:
        file.write('print("hello")\n')
    command = [sys.executable, "-m", "aider", "--model", "openai/auto", "--openai-api-base", os.environ["OPENAI_BASE_URL"]]
    command += ["--openai-api-key", "unused", "--edit-format", "whole", "--map-tokens", "0", "--yes-always", "--no-git"]
    command += ["--no-check-update", "--analytics-disable", "--no-show-model-warnings", "--no-pretty", "--no-show-release-notes"]
    command += ["--message", "Say goodbye instead.", "hello.py"]
    environment = {**os.environ, "HOME": folder, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    for more in [[], ["--no-stream"]]:
        ran = subprocess.run(command + more, cwd=folder, env=environment, capture_output=True, text=True, timeout=100)
        said = (ran.stdout, ran.stderr)
        assert ran.returncode == 0, said
        with open(path) as file:
            assert file.read() == 'print("goodbye")\n', said
        with open(path, "w") as file:
            file.write('print("hello")\n')

row = f"`aider-chat` {version('aider-chat')}, one scripted edit"
tried(row, "chat=an edit", "stream=an edit")
print("all checks passed")
