"""Text to tokens to hashed features: the same rules as `src/inspect/tagger/{script,token,feature}.rs`.

Whatever is changed here is changed there too; the golden test of the crate compares the two.
"""

import re
import unicodedata  # noqa: F401  (kept for callers that inspect what this module leaves out)

WORD_CHARS_MAX = 24
ROWS_LOG2 = 18
WINDOW = 64
STRIDE = 32

# Scripts by code point. (first, last, script); single-character scripts are tokenised character by character.
NONE, LATIN, GREEK, CYRILLIC, HEBREW, ARABIC, DEVANAGARI, INDIC, THAI, HANGUL, KANA, HAN, OTHER = range(13)
RANGES = [
    (0x41, 0x5A, LATIN), (0x61, 0x7A, LATIN), (0xAA, 0xAA, LATIN), (0xB5, 0xB5, LATIN), (0xBA, 0xBA, LATIN),
    (0xC0, 0xD6, LATIN), (0xD8, 0xF6, LATIN), (0xF8, 0x36F, LATIN), (0x370, 0x3FF, GREEK),
    (0x400, 0x52F, CYRILLIC), (0x530, 0x58F, OTHER), (0x591, 0x5F4, HEBREW), (0x610, 0x61A, ARABIC),
    (0x620, 0x65F, ARABIC), (0x66E, 0x6D3, ARABIC), (0x6D5, 0x6EF, ARABIC), (0x6FA, 0x6FF, ARABIC),
    (0x700, 0x74F, OTHER), (0x750, 0x77F, ARABIC), (0x780, 0x89F, OTHER), (0x8A0, 0x8FF, ARABIC),
    (0x900, 0x963, DEVANAGARI), (0x970, 0x97F, DEVANAGARI), (0x980, 0xDFF, INDIC), (0xE00, 0xEFF, THAI),
    (0xF00, 0x10FF, OTHER), (0x1100, 0x11FF, HANGUL), (0x1200, 0x1CFF, OTHER), (0x1D00, 0x1EFF, LATIN),
    (0x1F00, 0x1FFF, GREEK), (0x2C00, 0x2DFF, OTHER), (0x3005, 0x3007, HAN), (0x3040, 0x30FF, KANA),
    (0x3100, 0x312F, OTHER), (0x3130, 0x318F, HANGUL), (0x31F0, 0x31FF, KANA), (0x3400, 0x4DBF, HAN),
    (0x4E00, 0x9FFF, HAN), (0xA000, 0xA8DF, OTHER), (0xA8E0, 0xA8FF, DEVANAGARI), (0xA900, 0xABFF, OTHER),
    (0xAC00, 0xD7FF, HANGUL), (0xF900, 0xFAFF, HAN), (0xFB00, 0xFB06, LATIN), (0xFB13, 0xFB17, OTHER),
    (0xFB1D, 0xFB4F, HEBREW), (0xFB50, 0xFDFF, ARABIC), (0xFE70, 0xFEFC, ARABIC), (0xFF21, 0xFF3A, LATIN),
    (0xFF41, 0xFF5A, LATIN), (0xFF66, 0xFF9F, KANA), (0xFFA0, 0xFFDC, HANGUL), (0x10000, 0x1EFFF, OTHER),
    (0x20000, 0x3FFFF, HAN),
]
# Symbols and emoji live in the supplementary plane; they are no letters.
SYMBOL_PLANE = (0x1D000, 0x1DFFF), (0x1F000, 0x1FFFF)
DIGITS = [(0x30, 0x39), (0x660, 0x669), (0x6F0, 0x6F9), (0x966, 0x96F), (0xFF10, 0xFF19)]
SPACES = "\t\r \u00a0\u2000-\u200a\u202f\u205f\u3000"
NEWLINES = "\n\x0b\x0c\x85\u2028\u2029"
IGNORABLE = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f"


def _class(ranges):
    return "".join(f"{re.escape(chr(a))}-{re.escape(chr(b))}" for a, b in ranges)


def _without(ranges, holes):
    for hole_first, hole_last in holes:
        out = []
        for first, last, script in ranges:
            if last < hole_first or first > hole_last:
                out.append((first, last, script))
                continue
            if first < hole_first:
                out.append((first, hole_first - 1, script))
            if last > hole_last:
                out.append((hole_last + 1, last, script))
        ranges = out
    return ranges


RANGES = _without(RANGES, [(0x34F, 0x34F), (0x180E, 0x180E), *SYMBOL_PLANE])
_LETTERS = _class([(a, b) for a, b, s in RANGES if s not in (HAN, KANA)])
_SINGLES = _class([(a, b) for a, b, s in RANGES if s in (HAN, KANA)])
TOKEN = re.compile(
    f"(?P<word>[{_LETTERS}][{_LETTERS}{IGNORABLE}]*)|(?P<single>[{_SINGLES}])|(?P<number>[{_class(DIGITS)}]+)"
    f"|(?P<newline>[{NEWLINES}][{NEWLINES}{SPACES}{IGNORABLE}]*)|(?P<blank>[{SPACES}{IGNORABLE}]+)|(?P<symbol>.)",
    re.DOTALL,
)
_IGNORED = re.compile(f"[{IGNORABLE}]")

_SCRIPT_CACHE = {}


def script(char):
    """The script of a character."""
    known = _SCRIPT_CACHE.get(char)
    if known is None:
        point = ord(char)
        known = next((s for a, b, s in RANGES if a <= point <= b), NONE)
        _SCRIPT_CACHE[char] = known
    return known


WORD, SINGLE, NUMBER, NEWLINE, SYMBOL = range(5)


class Token:
    """A token: kind, text, and where it stands; `glued` when no space precedes it, `first` on its line."""

    __slots__ = ("kind", "text", "start", "end", "glued", "first")

    def __init__(self, kind, text, start, end, glued, first):
        self.kind, self.text, self.start, self.end, self.glued, self.first = kind, text, start, end, glued, first


def tokens(text):
    """The tokens of a text."""
    out = []
    glued, first = False, True

    def push(kind, start, end, value=None):
        nonlocal glued, first
        out.append(Token(kind, text[start:end] if value is None else value, start, end, glued, first))
        glued, first = True, kind == NEWLINE

    for found in TOKEN.finditer(text):
        kind, start, end = found.lastgroup, found.start(), found.end()
        if kind == "blank":
            if any(char in " \t\r\u00a0\u202f\u205f\u3000" or "\u2000" <= char <= "\u200a" for char in found.group()):
                glued = False
        elif kind == "word":
            _words(text, start, end, push)
        elif kind == "single":
            push(SINGLE, start, end)
        elif kind == "number":
            for at in range(start, end, WORD_CHARS_MAX):
                push(NUMBER, at, min(at + WORD_CHARS_MAX, end))
        elif kind == "newline":
            push(NEWLINE, start, end)
        else:
            # A run of the same symbol is one token.
            if out and glued and out[-1].kind == SYMBOL and out[-1].text == text[start] and out[-1].end == start:
                out[-1].end = end
            else:
                push(SYMBOL, start, end)
    return out


def _words(text, start, end, push):
    """Cuts a run of letters where a capital follows a small letter, and at the greatest length."""
    chars, begin, last = [], start, start
    for at in range(start, end):
        char = text[at]
        if _IGNORED.match(char):
            continue
        if chars and (len(chars) == WORD_CHARS_MAX or (char.isupper() and chars[-1].islower())):
            push(WORD, begin, last, "".join(chars))
            chars, begin = [], at
        chars.append(char)
        last = at + 1
    if chars:
        push(WORD, begin, last, "".join(chars))


MASK = 0xFFFFFFFF
SEED_WORD, SEED_GRAM, SEED_SHAPE, SEED_CONTEXT, SEED_NUMBER, SEED_SYMBOL, SEED_SINGLE, SEED_LEFT, SEED_RIGHT, SEED_THREE = range(1, 11)


def digest(seed, values):
    """A 32-bit hash of small numbers."""
    state = (seed * 0x9E3779B1) & MASK
    for value in values:
        state = ((state ^ value) * 0x85EBCA6B) & MASK
        state ^= state >> 13
    state = (state * 0xC2B2AE35) & MASK
    return state ^ (state >> 16)


def row(seed, values):
    """A row of the table."""
    return digest(seed, values) & ((1 << ROWS_LOG2) - 1)


def capitals(word):
    """How a word is capitalised: 0 small, 1 first letter, 2 all, 3 a single capital, 4 mixed, 5 no case."""
    upper = sum(char.isupper() for char in word)
    if upper == 0:
        return 0 if any(char.islower() for char in word) else 5
    if len(word) == 1:
        return 3
    if upper == len(word):
        return 2
    return 1 if upper == 1 and word[0].isupper() else 4


_WORD_CACHE = {}


def word_rows(word):
    """(rows of the word and its shape, rows of its pieces)"""
    known = _WORD_CACHE.get(word)
    if known is None:
        low = [ord(c) for c in "".join(char.lower() for char in word)]
        kind = script(word[0])
        short, long = (2, 3) if kind == HANGUL else (3, 4)
        edged = [2, *low, 3]
        grams = [row(SEED_GRAM, edged[at:at + n]) for n in (short, long) for at in range(len(edged) - n + 1)]
        known = ([row(SEED_WORD, low), row(SEED_SHAPE, [capitals(word), min(len(low), 8), kind])], grams)
        _WORD_CACHE[word] = known
    return known


def digit_value(char):
    """The value of a decimal digit of any supported script."""
    point = ord(char)
    return next(point - first for first, last in DIGITS if first <= point <= last)


def token_rows(all_tokens, at):
    """(whole rows, piece rows) of the token at this place."""
    token = all_tokens[at]
    kind = script(token.text[0]) if token.kind in (WORD, SINGLE) else NONE
    whole = [row(SEED_CONTEXT, [token.kind, int(token.glued), int(token.first), kind])]
    if token.kind == WORD:
        word, pieces = word_rows(token.text)
        return whole + word, pieces
    if token.kind == NUMBER:
        digits = [digit_value(char) for char in token.text]
        whole.append(row(SEED_NUMBER, [100, min(len(digits), 12)]))
        if len(digits) <= 2:
            whole.append(row(SEED_NUMBER, [len(digits), *digits]))
        elif len(digits) == 4:
            whole.append(row(SEED_NUMBER, [4, *digits[:2]]))
        return whole, []
    if token.kind == NEWLINE:
        whole.append(row(SEED_SYMBOL, [10, min(sum(char == "\n" for char in token.text), 2)]))
        return whole, []
    if token.kind == SYMBOL:
        whole.append(row(SEED_SYMBOL, [ord(token.text[0]), 0 if token.end - token.start == 1 else 1]))
        return whole, []
    point = ord(token.text[0])
    before = neighbour(all_tokens, at - 1, token.start, True)
    after = neighbour(all_tokens, at + 1, token.end, False)
    whole.append(row(SEED_SINGLE, [point]))
    pieces = []
    if before:
        pieces.append(row(SEED_LEFT, [before, point]))
    if after:
        pieces.append(row(SEED_LEFT, [point, after]))
        if before:
            pieces.append(row(SEED_THREE, [before, point, after]))
    return whole, pieces


def neighbour(all_tokens, at, edge, left):
    """The code point of a neighbouring single-character token that touches this one, or 0."""
    if not 0 <= at < len(all_tokens):
        return 0
    token = all_tokens[at]
    if token.kind != SINGLE or (token.end if left else token.start) != edge:
        return 0
    return ord(token.text[0])


def windows(count):
    """Where the windows of a text of so many tokens begin and end."""
    if count <= WINDOW:
        return [(0, count)] if count else []
    starts = list(range(0, count - WINDOW, STRIDE)) + [count - WINDOW]
    return [(start, start + WINDOW) for start in starts]
