"""What presidio-analyzer and detect-secrets find in the texts of a file of JSON lines.

    python others.py TEXTS > FINDINGS

A line of TEXTS is `{"text": …, "language": "de"}`. The first line of the output names the tools; then there is one
line a text: what each tool found, as `[kind, start, end, score]` in bytes, and how many microseconds it took.
Nothing is fetched: presidio has its recognisers of patterns and a blank language pipeline, no model of names.
"""

import inspect
import json
import logging
import os
import sys
import tempfile
import time
from importlib.metadata import version

import spacy
from detect_secrets.core.scan import scan_file
from detect_secrets.settings import default_settings, get_plugins
from presidio_analyzer import AnalyzerEngine, LocalRecognizer, PatternRecognizer, RecognizerRegistry, predefined_recognizers
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

NUMBERS = ("PhoneRecognizer", "ZaMobileNumberRecognizer", "ZaTelephoneNumberRecognizer")


class Blank(NlpEngine):
    """Words and nothing about them: enough for the words that presidio looks for beside a number."""

    def __init__(self):
        self.words = spacy.blank("xx")

    def load(self):
        pass

    def is_loaded(self):
        return True

    def get_supported_entities(self):
        return []

    def get_supported_languages(self):
        return ["en"]

    def process_text(self, text, language):
        document = self.words(text)
        lemmas = [token.text.lower() for token in document]
        return NlpArtifacts([], document, [token.idx for token in document], lemmas, self, language)

    def process_batch(self, texts, language, **_):
        for text in texts:
            yield text, self.process_text(text, language)

    def is_stopword(self, word, language):
        return self.words.vocab[word].is_stop

    def is_punct(self, word, language):
        return self.words.vocab[word].is_punct


def recognisers():
    """Every recogniser of patterns that presidio has, for all countries, asked of every text."""
    out = []
    for name in sorted(dir(predefined_recognizers)):
        of = getattr(predefined_recognizers, name)
        if inspect.isclass(of) and issubclass(of, LocalRecognizer) and (issubclass(of, PatternRecognizer) or name in NUMBERS):
            out.append(of(supported_language="en"))
    return out


class Presidio:
    def __init__(self):
        registry = RecognizerRegistry(recognizers=recognisers(), supported_languages=["en"])
        self.count = len(registry.recognizers)
        self.engine = AnalyzerEngine(registry=registry, nlp_engine=Blank(), supported_languages=["en"])

    def find(self, text):
        found = self.engine.analyze(text=text, language="en")
        place = lambda at: len(text[:at].encode())
        return [[each.entity_type, place(each.start), place(each.end), each.score] for each in found]


class DetectSecrets:
    def __init__(self):
        folder = "/dev/shm" if os.path.isdir("/dev/shm") else None
        self.file = tempfile.NamedTemporaryFile("w", suffix=".txt", dir=folder, encoding="utf-8")
        self.count = len(get_plugins())

    def find(self, text):
        self.file.seek(0)
        self.file.truncate()
        self.file.write(text)
        self.file.flush()
        out = []
        for secret in scan_file(self.file.name):
            value = secret.secret_value or ""
            at = text.find(value)
            start = len(text[:max(at, 0)].encode())
            out.append([secret.type, start, start + (len(value.encode()) if at >= 0 else 0), 1.0])
        return out


def timed(tool, text):
    tool.find(text)
    begun = time.perf_counter()
    found = tool.find(text)
    return found, round((time.perf_counter() - begun) * 1e6)


def main():
    logging.disable(logging.WARNING)
    say = lambda row: print(json.dumps(row), flush=False)
    with default_settings():
        presidio, secrets = Presidio(), DetectSecrets()
        say([f"presidio-analyzer {version('presidio-analyzer')}, {presidio.count} recognisers",
             f"detect-secrets {version('detect-secrets')}, {secrets.count} plugins"])
        with open(sys.argv[1], encoding="utf-8") as texts:
            for line in texts:
                text = json.loads(line)["text"]
                say([timed(presidio, text), timed(secrets, text)])


if __name__ == "__main__":
    main()
