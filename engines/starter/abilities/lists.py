"""Lists, letters and cases: sorting, editing, joining, counting.

Answers are bare: items joined by ", ", a number, or the changed text.

Held out (an eighth each, by `choose`): the instruction, the frame around it, and the
content (the whole list with its added or removed item; for words and phrases the text
itself, per task). A word that is held out for one task may be seen in another.
"""

import json
import random
from collections.abc import Callable

from .common import Example, choose, is_held

THEMES: dict[str, list[str]] = {
    theme: words.split()
    for theme, words in {
        "fruit": """apple apricot avocado banana blackberry blueberry cherry coconut cranberry currant date fig
            grape grapefruit guava kiwi lemon lime lychee mango melon nectarine olive orange papaya peach pear
            pineapple plum pomegranate quince raspberry strawberry tangerine""",
        "vegetables": """artichoke asparagus bean beet broccoli cabbage carrot cauliflower celery chard corn
            cucumber eggplant fennel garlic kale leek lentil lettuce mushroom okra onion parsley parsnip pea
            pepper potato pumpkin radish shallot spinach squash tomato turnip yam zucchini""",
        "animals": """ant badger bat bear beaver bee bison buffalo camel cat cheetah chicken cow crab crow deer
            dog dolphin donkey dove duck eagle eel elephant falcon ferret fox frog giraffe goat goose gorilla
            hamster hare hawk hedgehog heron horse jaguar kangaroo koala leopard lion lizard llama lobster lynx
            mole monkey moose mouse newt octopus otter owl ox panda panther parrot penguin pig pony rabbit
            raccoon rat raven salmon seal shark sheep sloth snail snake sparrow spider squirrel swan tiger
            toad trout turkey turtle walrus wasp weasel whale wolf worm yak zebra""",
        "things": """bag ball basket battery bell blanket book bottle bowl box brick brush bucket button camera
            candle card carpet chain chalk clock cloth coin comb compass cup cushion desk dish drum envelope
            fan flag flute fork frame glass glove glue guitar hammer handle helmet hook hose iron jar kettle key
            kite knife ladder lamp laptop letter lock magnet map mat mirror mug nail napkin needle net notebook
            oven paint pan paper pen pencil phone piano pillow pin pipe plate pot purse radio razor ring rope
            rug ruler saw scarf scissors screen shelf soap sofa spoon stamp stool stove string table tape tent
            ticket toaster towel toy tray vase violin wallet watch whistle wire""",
        "places": """airport bakery bank barn beach bridge cabin cafe canal castle cave church cinema city
            clinic coast cottage desert farm field forest garden gate harbor hill hospital hotel house island
            kitchen lake library market meadow mine mountain museum office palace park pharmacy port prison
            river road school shop stadium station street studio temple theater tower town tunnel valley
            village yard zoo""",
        "people": """actor artist baker barber builder butcher captain carpenter chef child clerk coach cook
            dancer dentist doctor driver editor farmer fisher gardener guard guest guide hunter judge king
            lawyer leader mayor miner nurse painter parent pilot plumber poet porter prince queen sailor
            singer soldier student tailor teacher tutor uncle waiter writer""",
        "clothes": """apron belt blouse boot cap cape coat dress hat hood jacket jeans mitten pajamas sandal
            shirt shoe shorts skirt slipper sock suit sweater tie vest""",
        "food": """bacon biscuit bread broth bun butter cake candy cheese chips chocolate cocoa coffee cookie
            cracker cream custard egg flour ham honey jam jelly juice milk muffin mustard noodle nut oil
            omelet pancake pasta pastry pie pizza popcorn pudding rice salad salt sandwich sauce sausage
            soup steak stew sugar syrup tea toast vinegar waffle water yogurt""",
        "nature": """autumn branch breeze bush cloud dawn dew dust dusk earth fern fire flower fog frost grass
            hail ice ivy leaf lightning moon moss mud night oak ocean pebble pine planet rain rock root rose
            sand sea seed shadow sky snow spring star stone storm summer sun thunder tide tree tulip wave
            willow wind winter wood""",
        "transport": """ambulance bicycle boat bus canoe car ferry helicopter jet metro moped plane raft
            rocket scooter ship sled subway taxi tractor train tram truck van wagon yacht""",
        "colors": """amber beige black blue bronze brown crimson gold gray green indigo ivory maroon pink
            purple red scarlet silver tan teal turquoise violet white yellow""",
        "qualities": """angry brave brief bright busy calm careful cheap clean clear clever cold cool curious
            dark deep dry eager early easy empty fair famous fast fine fresh friendly full funny gentle glad
            good great happy hard heavy high honest hot huge hungry kind large late lazy light little long loud
            lucky narrow neat new noisy odd old open plain polite poor proud quick quiet rare ready rich
            round sad safe sharp short shy simple slow small smooth soft sour strange strong sweet tall thick
            thin tidy tiny tired warm weak wet wide wild wise young""",
    }.items()
}
NOUN_THEMES = [theme for theme in THEMES if theme != "qualities"]
WORDS: list[str] = sorted({word for words in THEMES.values() for word in words})

# {i} and {I} are the instruction (small or capital first letter), {x} the content.
FRAMES = [
    "{I}: {x}", "{I}:\n{x}", "{i}: {x}", "Please {i}: {x}", "please {i}: {x}", "Please {i}:\n{x}",
    "Can you {i}? {x}", "Could you {i}: {x}", "could you please {i}? {x}", "Can you {i}, please?\n{x}",
    "{x}\n{I}.", "{x}\n\nPlease {i}.", "{x} - {i}", "{x}: {i}", "{I}.\n\n{x}", "{I}. {x}",
    "Q: {I}: {x}", "Q: {I}. {x}\nA:", "Task: {i}.\nInput: {x}", "Input: {x}\nTask: {i}.",
    "I need you to {i}: {x}", "I want you to {i}. {x}", "Would you {i}? {x}", "Help me {i}: {x}",
    "Hi! Please {i}: {x}", "Hello, can you {i}? {x}", "Now {i}: {x}", "Next, {i}: {x}", "{I}, please: {x}",
    "{i}, thanks: {x}", "Kindly {i}: {x}", "Just {i}: {x}", "Here you go: {x}. {I}.", "Take this: {x}. {I}.",
    "{I}. Here it is: {x}", "{I}. Give only the result.\n{x}", "{I}, nothing else: {x}", "Try to {i}: {x}",
    "You should {i}: {x}", "My input is {x}. Please {i}.",
]

ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth"]


def frame(rng: random.Random, held: bool, instructions: list[str], content: str, **values: str) -> str:
    """The user's words: an instruction with {x} stands alone, any other is set into a frame."""
    template = choose(rng, instructions, held)
    slip = not held and rng.random() < 0.03
    # The slip comes before the values, which must stay as they are.
    instruction = fill(typo(rng, template) if slip else template, values)
    if "{x}" in template:  # inside a sentence the list stays on its line
        content = ", ".join(content.strip().split("\n"))
    else:
        capital = instruction[:1].upper() + instruction[1:]
        instruction = choose(rng, FRAMES, held).replace("{i}", instruction).replace("{I}", capital)
    return instruction.replace("{x}", content)


def fill(template: str, values: dict[str, str]) -> str:
    for key, value in values.items():
        template = template.replace("{" + key + "}", value)
    return template


def typo(rng: random.Random, text: str) -> str:
    """Swaps two neighbouring letters inside one of the longer words."""
    words = text.split(" ")
    long = [i for i, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    if not long:
        return text
    at = rng.choice(long)
    word = words[at]
    cut = rng.randrange(1, len(word) - 2)
    words[at] = word[:cut] + word[cut + 1] + word[cut] + word[cut + 2 :]
    return " ".join(words)


# ---- contents -------------------------------------------------------------------------


def words_list(rng: random.Random, least: int = 3, most: int = 6) -> list[str]:
    """Different words, mostly of one theme."""
    stock = THEMES[rng.choice(list(THEMES))] if rng.random() < 0.6 else WORDS
    words = rng.sample(stock, rng.randint(least, most))
    return [word.capitalize() for word in words] if rng.random() < 0.08 else words


def numbers_list(rng: random.Random) -> list[str]:
    top = rng.choice([20, 99, 99, 99, 400, 999])
    return [str(n) for n in rng.sample(range(0 if top < 99 else 1, top + 1), rng.randint(3, 6))]


def shown(rng: random.Random, items: list[str]) -> str:
    """The list as a person would type it."""
    style = rng.random()
    if style < 0.6:
        return ", ".join(items)
    if style < 0.7:
        return ", ".join(items[:-1]) + " and " + items[-1]
    if style < 0.8:
        return " ".join(items)
    if style < 0.87:
        return "; ".join(items)
    if style < 0.94:
        return "\n" + "\n".join(items)
    return "[" + ", ".join(items) + "]"


def list_answer(items: list[str]) -> dict:
    return {"answer": ", ".join(items), "accept": ("\n".join(items), " ".join(items), json.dumps(items))}


def listed(
    rng: random.Random, held: bool, instructions: list[str], items: list[str], **values: str
) -> list[tuple[str, str]]:
    return [("user", frame(rng, held, instructions, shown(rng, items), **values).strip().replace(" \n", "\n"))]


def settled(rng: random.Random, held: bool, draw: Callable[[], object]) -> object:
    """Draws contents until one is on the wanted side of the fence."""
    for _ in range(200):
        drawn = draw()
        if is_held(drawn) == held:
            return drawn
    raise ValueError("no content on this side after 200 draws")


# ---- sorting --------------------------------------------------------------------------

ALPHABETICAL = [
    "sort these words alphabetically", "put these words in alphabetical order", "sort these words from a to z",
    "order these words alphabetically", "arrange these words in alphabetical order", "alphabetize these words",
    "sort the list alphabetically", "sort alphabetically", "put the words in abc order", "list these words a to z",
    "sort these a-z", "arrange the words by the alphabet", "put this list in alphabetical order",
    "order the words from a to z", "sort the following words by letter", "write these words in alphabetical order",
    "rearrange these words alphabetically", "alphabetize", "What is the alphabetical order of {x}?",
    "How would a dictionary order these words: {x}?", "Which order is alphabetical for {x}?",
    "{x} in alphabetical order, please", "sort words: {x}", "I need {x} in alphabetical order.",
]
REVERSE_ALPHABETICAL = [
    "sort these words in reverse alphabetical order", "sort these words from z to a", "sort z-a",
    "put these words in reverse alphabetical order", "order these words backwards alphabetically, z first",
    "arrange these words from z to a", "sort the list in reverse alphabetical order", "list these words z to a",
    "order the words from z down to a", "sort these words alphabetically in reverse", "alphabetize these in reverse",
    "sort descending by letter", "sort these words in descending alphabetical order",
    "What is the reverse alphabetical order of {x}?", "{x} from z to a, please", "I need {x} sorted from Z to A.",
]
SHORTEST_FIRST = [
    "sort these words by length", "sort these words from shortest to longest", "order these words by length",
    "put the shortest word first and the longest last", "arrange the words by number of letters",
    "sort by length, shortest first", "order the words from short to long", "list these words by length",
    "arrange these from the shortest to the longest", "sort the list by word length", "put these words in order of length",
    "sort these by how many letters they have", "What is the order by length of {x}?", "{x}, shortest to longest please",
]
LONGEST_FIRST = [
    "sort these words from longest to shortest", "sort by length, longest first", "order these words longest first",
    "put the longest word first and the shortest last", "arrange the words from long to short",
    "sort these words by length, descending", "order the words by length with the longest first",
    "list these words from the longest to the shortest", "sort the list by length in descending order",
    "arrange these from longest to shortest", "order the words from long to short", "{x}, longest to shortest please",
]
ASCENDING = [
    "sort these numbers", "sort these numbers in ascending order", "put these numbers in order", "sort ascending",
    "sort these numbers from smallest to largest", "order these numbers from low to high", "sort from small to big",
    "arrange the numbers from smallest to biggest", "order the numbers from least to greatest",
    "put these numbers in ascending order", "list the numbers from lowest to highest", "sort the list of numbers",
    "arrange these numbers in increasing order", "order these from least to greatest", "rank these numbers, lowest first",
    "What is {x} in ascending order?", "What are these numbers in order: {x}?", "{x} from smallest to largest?",
    "sort numbers: {x}", "I need {x} in increasing order.", "sort the numbers upwards", "count up through these numbers",
]
DESCENDING = [
    "sort these numbers in descending order", "sort these numbers from largest to smallest", "sort descending",
    "order these numbers from high to low", "arrange the numbers from biggest to smallest", "sort from big to small",
    "order the numbers from greatest to least", "put these numbers in descending order",
    "list the numbers from highest to lowest", "arrange these numbers in decreasing order",
    "rank these numbers, highest first", "sort the numbers with the largest first", "sort the numbers downwards",
    "What is {x} in descending order?", "{x} from largest to smallest?", "I need {x} in decreasing order.",
]


def alphabetical_keys(words: list[str]) -> dict[str, str]:
    """For each word the fewest first letters that tell it from the others."""
    keys = {}
    for word in words:
        rivals = [other.lower() for other in words if other != word]
        low = word.lower()
        size = next((n for n in range(1, len(low)) if not any(r[:n] == low[:n] for r in rivals)), len(low))
        keys[word] = " ".join(low[:size])
    return keys


def make_alphabetical(rng: random.Random, held: bool) -> Example:
    words = settled(rng, held, lambda: words_list(rng))
    down = rng.random() < 0.25
    ordered = sorted(words, key=str.lower, reverse=down)
    keys = alphabetical_keys(words)
    thought = "\n".join(f"{word}: {keys[word]}" for word in words)
    thought += "\nOrder: " + ", ".join(f"{keys[word]} {word}" for word in ordered)
    turns = listed(rng, held, REVERSE_ALPHABETICAL if down else ALPHABETICAL, words)
    return Example(turns, thought=thought, **list_answer(ordered))


def make_by_length(rng: random.Random, held: bool) -> Example:
    def draw() -> list[str]:
        stock = THEMES[rng.choice(NOUN_THEMES)] if rng.random() < 0.5 else WORDS
        lengths: dict[int, str] = {}
        for word in rng.sample(stock, min(len(stock), 16)):
            lengths.setdefault(len(word), word)
        words = list(lengths.values())
        return rng.sample(words, min(len(words), rng.randint(3, 5)))

    words = settled(rng, held, draw)
    down = rng.random() < 0.35
    ordered = sorted(words, key=len, reverse=down)
    thought = "\n".join(f"{word}: {' '.join(word)}, {len(word)}" for word in words)
    thought += "\nOrder: " + ", ".join(f"{len(word)} {word}" for word in ordered)
    turns = listed(rng, held, LONGEST_FIRST if down else SHORTEST_FIRST, words)
    return Example(turns, thought=thought, **list_answer(ordered))


def make_numbers(rng: random.Random, held: bool) -> Example:
    numbers = settled(rng, held, lambda: numbers_list(rng))
    down = rng.random() < 0.4
    ordered = sorted(numbers, key=int, reverse=down)
    lines, left = [], list(numbers)
    for number in ordered[:-1]:  # one choice a line, and what is left to choose from
        left.remove(number)
        lines.append(f"{number}; left: {', '.join(left)}")
    turns = listed(rng, held, DESCENDING if down else ASCENDING, numbers)
    return Example(turns, thought="\n".join(lines), **list_answer(ordered))


# ---- cases and letters ----------------------------------------------------------------

UPPER = [
    "write this in upper case", "write this in capital letters", "put this in all caps", "convert to uppercase",
    "make this upper case", "turn this into capitals", "change this to uppercase", "capitalize every letter",
    "use capital letters only", "uppercase this", "rewrite this in all capital letters", "upper case",
    "shout this in capitals", "make every letter a capital", "convert this text to upper case", "give me this in caps",
    "What is {x} in capital letters?", "What is {x} in upper case?", "How do you write {x} in all caps?",
]
LOWER = [
    "write this in lower case", "write this in small letters", "convert to lowercase", "make this lower case",
    "turn this into small letters", "change this to lowercase", "use small letters only", "lowercase this",
    "rewrite this without capital letters", "remove all capitals here", "lower case", "make every letter small",
    "convert this text to lower case", "put this in lowercase letters", "What is {x} in lower case?",
    "What is {x} in small letters?", "How do you write {x} without capitals?",
]
TITLE = [
    "write this in title case", "capitalize each word", "capitalize the first letter of every word", "title case",
    "make this a title with capital first letters", "convert to title case", "give every word a capital first letter",
    "start each word with a capital letter", "put this in title case", "change this to title case",
    "turn this into title case", "capitalise every word", "make the first letter of each word a capital",
    "rewrite this in title case", "What is {x} in title case?", "How do you write {x} as a title?",
]


def phrase(rng: random.Random) -> str:
    """A word or a few words, in small letters."""
    adjective = rng.choice(THEMES["qualities"])
    noun = rng.choice(THEMES[rng.choice(NOUN_THEMES)])
    form = rng.choice(["{n}", "{n}", "{a} {n}", "the {a} {n}", "my {n} is {a}", "a {a} {n}", "{n} and {m}", "{m} {n}"])
    return fill(form, {"n": noun, "a": adjective, "m": rng.choice(WORDS)})


def make_case(rng: random.Random, held: bool) -> Example:
    kind = rng.choice(["upper", "upper", "lower", "lower", "title"])
    changes = {"upper": str.upper, "lower": str.lower, "title": str.title}

    def draw() -> tuple[str, str]:
        text = phrase(rng)
        if kind == "title" and " " not in text:
            text = f"the {text}"
        return kind, text

    _, text = settled(rng, held, draw)
    given = rng.choice([str.upper, str.title, str.capitalize])(text) if kind == "lower" else text
    answer = changes[kind](text)
    thought = "\n".join(f"{before} -> {after}" for before, after in zip(given.split(), answer.split()))
    instructions = {"upper": UPPER, "lower": LOWER, "title": TITLE}[kind]
    quoted = f'"{given}"' if rng.random() < 0.3 else given
    return Example([("user", frame(rng, held, instructions, quoted))], answer, thought if " " in text else "", exact=True)


REVERSE_WORD = [
    "write this word backwards", "reverse this word", "spell this word backwards", "reverse the letters",
    "reverse the letters of this word", "turn this word around letter by letter", "write the letters in reverse order",
    "spell it from back to front", "flip this word", "write this word from the last letter to the first",
    "What is {x} spelled backwards?", "How do you spell {x} backwards?", "What is {x} in reverse?",
    "What do you get if you reverse {x}?", "{x} backwards?", "reverse the string {x}",
]
SPELL = [
    "spell this word", "spell the word {x}", "How do you spell {x}?", "How is {x} spelled?", "spell out {x}",
    "spell it out letter by letter", "write the letters of this word one by one", "What letters are in {x}?",
    "What are the letters of {x}?", "list the letters of {x}", "split this word into letters", "spell {x} for me",
    "give me the spelling of {x}", "separate the letters of this word with dashes",
]
LETTER_COUNT = [
    "How many letters are in {x}?", "How many letters does {x} have?", "How many letters has the word {x}?",
    "count the letters", "count the letters in {x}", "How long is the word {x}?", "What is the length of the word {x}?",
    "give the number of letters in {x}", "number of letters in {x}?", "tell me how many letters {x} has",
    "letter count of {x}", "In the word {x}, how many letters are there?", "{x} has how many letters?",
]
EDGE_LETTER = [
    "What is the {which} letter of {x}?", "give the {which} letter of {x}", "Which letter comes {which} in {x}?",
    "{which} letter of {x}?", "What letter is {which} in {x}?", "tell me the {which} letter of the word {x}",
    "In {x}, what is the {which} letter?", "name the {which} letter of {x}", "Which is the {which} letter in {x}?",
    "say the {which} letter of {x}", "find the {which} letter in {x}", "the {which} letter of {x} is?",
]

# The letters of a word cannot be worked out from its tokens: a word kept from one task is learnt in the others.
LETTER_WORDS = {
    kind: [(kind, word) for word in WORDS if len(word) <= longest]
    for kind, longest in {"reverse": 6, "spell": 10, "count": 8, "edge": 10}.items()
}


def make_letters(rng: random.Random, held: bool) -> Example:
    kind = rng.choice(["reverse", "reverse", "spell", "count", "edge"])
    _, word = choose(rng, LETTER_WORDS[kind], held)
    given = f'"{word}"' if rng.random() < 0.3 else word
    letters = " ".join(word)
    if kind == "reverse":
        user, answer = frame(rng, held, REVERSE_WORD, given), word[::-1]
        thought = f"Letters: {letters}\nBackwards: {letters[::-1]}"
    elif kind == "spell":
        user, answer, thought = frame(rng, held, SPELL, given), "-".join(word), ""
    elif kind == "count":
        user, answer = frame(rng, held, LETTER_COUNT, given), str(len(word))
        thought = ", ".join(f"{letter} {n}" for n, letter in enumerate(word, 1))
    else:
        which = rng.choice(["first", "last"])
        user, answer = frame(rng, held, EDGE_LETTER, given, which=which), word[0 if which == "first" else -1]
        thought = f"Letters: {letters}"
    accept = {"reverse": (), "spell": (letters, ", ".join(word), letters.upper(), "-".join(word.upper()))}.get(
        kind, (f"re:(?i)(^|\\W){answer}(\\W|$)",)
    )
    return Example([("user", user)], answer, thought, accept)


ACRONYM = [
    "make an acronym", "make an acronym of these words", "give the first letters as an acronym",
    "take the first letter of each word", "build an abbreviation from the first letters", "abbreviate this by initials",
    "What is the acronym of {x}?", "What are the initials of {x}?", "How would you abbreviate {x}?",
    "write the initials of this name", "form an acronym from these words", "turn this name into an acronym",
    "give the initials of {x}", "acronym for {x}?", "shorten this to its first letters", "What do the first letters of {x} give?",
]
BODIES = "Association Club Society Union Council League Office Agency Center Group Network Institute Team Fund".split()


def make_acronym(rng: random.Random, held: bool) -> Example:
    def draw() -> str:
        words = [rng.choice(WORDS).capitalize() for _ in range(rng.randint(1, 3))]
        return " ".join([*words, rng.choice([*BODIES, rng.choice(WORDS).capitalize()])])

    name = settled(rng, held, draw)
    answer = "".join(word[0] for word in name.split())
    thought = ", ".join(f"{word} {word[0]}" for word in name.split())
    return Example([("user", frame(rng, held, ACRONYM, name))], answer, thought)


# ---- edits ----------------------------------------------------------------------------

REVERSE_LIST = [
    "reverse this list", "reverse the order", "turn this list around", "put the list in reverse order",
    "write this list backwards", "reverse the list", "reverse the order of these items", "list these from last to first",
    "flip the order of this list", "give me the list in reverse", "write the items in the opposite order",
    "start with the last item and end with the first", "What is {x} in reverse order?", "invert the order of these items",
    "What is the list {x} read backwards?", "{x}, but in reverse order please",
]
DEDUPE = [
    "remove the duplicates", "remove duplicates from this list", "delete repeated items", "keep each item only once",
    "drop the duplicates", "list each item once", "remove repeated words", "deduplicate this list", "dedupe",
    "take out the doubles", "keep only the unique items", "remove anything that appears twice",
    "clean this list of duplicates", "get rid of the repeats", "What is {x} without duplicates?",
    "Which different items are in {x}?", "show the list with no repeats",
]
NTH = [
    "What is the {which} item in {x}?", "What is the {which} item of this list? {x}", "give the {which} item",
    "Which item is {which}: {x}?", "name the {which} item of the list", "return the {which} element",
    "What comes {which} in {x}?", "{which} item of {x}?", "pick the {which} item", "find the {which} item in this list",
    "tell me the {which} entry", "Which is the {which} one in {x}?", "show only the {which} item", "get the {which} word or number",
    "What is {which} in the list {x}?", "In the list {x}, what is the {which} item?", "select the {which} element of the list",
]
ADD_END = [
    "add {w} to the end of the list", "add {w} at the end", "append {w} to this list", "put {w} last",
    "add {w} to this list", "put {w} at the end of the list", "extend the list with {w}", "add the item {w}",
    "append {w}", "include {w} as the last item", "write the list with {w} added at the end", "add {w} after the last item",
    "What is {x} with {w} added at the end?", "{x}, and add {w} at the end", "My list is {x}. I also need {w}.",
]
ADD_START = [
    "add {w} to the beginning of the list", "add {w} at the start", "put {w} first", "insert {w} at the front",
    "put {w} at the beginning of the list", "prepend {w} to this list", "start the list with {w}",
    "include {w} as the first item", "write the list with {w} added at the beginning", "prepend {w}",
    "add {w} before the first item", "What is {x} with {w} added at the start?", "{x}, and put {w} in front",
]
REMOVE = [
    "remove {w} from the list", "remove {w}", "delete {w} from this list", "take {w} out", "drop {w}",
    "take {w} off the list", "write the list without {w}", "leave out {w}", "delete the item {w}", "erase {w} from the list",
    "strike {w} from this list", "cross {w} off the list", "What is {x} without {w}?", "{x}, but without {w}",
    "My list is {x}. I no longer need {w}.", "repeat the list but skip {w}",
]
COUNT = [
    "How many items are in this list: {x}?", "How many items are in {x}?", "count the items", "count these items",
    "count the items in the list", "How many things are listed here: {x}?", "give the number of items",
    "How long is this list: {x}?", "What is the number of items in {x}?", "tell me how many items there are",
    "How many entries does {x} have?", "count the entries of this list", "number of items in {x}?", "How many are there? {x}",
    "How many elements are in [{x}]?", "say how many items you see",
]
LONGEST = [
    "What is the longest word in {x}?", "Which word is the longest: {x}?", "find the longest word",
    "give the longest word in this list", "Which of these words has the most letters: {x}?", "pick the longest word",
    "longest word of {x}?", "name the longest word", "tell me which word is longest", "return only the longest word",
    "Which word is longest? {x}", "Of {x}, which is the longest word?",
]
SHORTEST = [
    "What is the shortest word in {x}?", "Which word is the shortest: {x}?", "find the shortest word",
    "give the shortest word in this list", "Which of these words has the fewest letters: {x}?", "pick the shortest word",
    "shortest word of {x}?", "name the shortest word", "tell me which word is shortest", "return only the shortest word",
    "Which word is shortest? {x}", "Of {x}, which is the shortest word?",
]
LARGEST = [
    "What is the largest number in {x}?", "Which number is the biggest: {x}?", "find the largest number",
    "give the maximum", "What is the maximum of {x}?", "pick the biggest number", "max of {x}?", "find the highest number",
    "Which of these numbers is the largest? {x}", "name the greatest number", "return only the largest number",
    "Which number is highest: {x}?", "the biggest of {x}?",
]
SMALLEST = [
    "What is the smallest number in {x}?", "Which number is the lowest: {x}?", "find the smallest number",
    "give the minimum", "What is the minimum of {x}?", "pick the smallest number", "min of {x}?", "find the lowest number",
    "Which of these numbers is the smallest? {x}", "name the least number", "return only the smallest number",
    "Which number is lowest: {x}?", "the smallest of {x}?",
]
MEMBER = [
    "Is {w} in this list: {x}?", "Is {w} in the list {x}?", "Does the list contain {w}? {x}", "Is {w} one of {x}?",
    "Does {x} include {w}?", "Can you find {w} in {x}?", "Does {w} appear in {x}?", "is {w} among {x}?",
    "Is {w} listed here: {x}?", "check whether {w} is in the list", "Is there {w} in {x}?", "Do you see {w} in {x}?",
    "{x} - is {w} in it?", "List: {x}. Is {w} there?", "say whether {w} is in this list", "My list is {x}. Is {w} on it?",
]


def mixed_list(rng: random.Random, least: int = 3, most: int = 6) -> list[str]:
    return numbers_list(rng) if rng.random() < 0.2 else words_list(rng, least, most)


def numbered(items: list[str]) -> str:
    return ", ".join(f"{n}: {item}" for n, item in enumerate(items, 1))


def make_reverse(rng: random.Random, held: bool) -> Example:
    items = settled(rng, held, lambda: mixed_list(rng))
    thought = numbered(items) + "\n" + ", ".join(f"{n}: {items[n - 1]}" for n in range(len(items), 0, -1))
    return Example(listed(rng, held, REVERSE_LIST, items), thought=thought, **list_answer(items[::-1]))


def make_dedupe(rng: random.Random, held: bool) -> Example:
    def draw() -> list[str]:
        items = mixed_list(rng, 2, 4)[:4]
        for item in rng.sample(items, rng.randint(1, min(2, len(items)))):
            items.insert(rng.randint(1, len(items)), item)
        return items

    items = settled(rng, held, draw)
    once = list(dict.fromkeys(items))
    thought = ", ".join(f"{item} {'again' if item in items[:n] else 'new'}" for n, item in enumerate(items))
    return Example(listed(rng, held, DEDUPE, items), thought=thought, **list_answer(once))


def make_nth(rng: random.Random, held: bool) -> Example:
    def draw() -> tuple[list[str], str]:
        items = mixed_list(rng)
        return items, rng.choice([*ORDINALS[: len(items)], "first", "last", "last"])

    items, which = settled(rng, held, draw)
    answer = items[-1 if which == "last" else ORDINALS.index(which)]
    if which != "last" and rng.random() < 0.1:
        which = ["1st", "2nd", "3rd", "4th", "5th", "6th"][ORDINALS.index(which)]
    return Example(listed(rng, held, NTH, items, which=which), answer, numbered(items))


def make_add_remove(rng: random.Random, held: bool) -> Example:
    kind = rng.choice(["end", "end", "start", "remove", "remove"])

    def draw() -> tuple[list[str], str]:
        items = mixed_list(rng, 3, 5)
        if kind == "remove":
            return items, rng.choice(items)
        return items[:-1], items[-1]

    items, word = settled(rng, held, draw)
    instructions = {"end": ADD_END, "start": ADD_START, "remove": REMOVE}[kind]
    after = {"end": [*items, word], "start": [word, *items], "remove": [i for i in items if i != word]}[kind]
    return Example(listed(rng, held, instructions, items, w=word), **list_answer(after))


def make_count(rng: random.Random, held: bool) -> Example:
    items = settled(rng, held, lambda: mixed_list(rng, 2, 8))
    answer = str(len(items))
    text = ", ".join(items) if rng.random() < 0.8 else " ".join(items)
    user = frame(rng, held, COUNT, text)
    return Example([("user", user)], answer, numbered(items), (f"re:(?i)^(there are )?{answer}( items)?\\W*$",))


def make_extreme(rng: random.Random, held: bool) -> Example:
    kind = rng.choice(["longest", "shortest", "largest", "smallest"])
    by_size = kind in ("largest", "smallest")
    key = int if by_size else len
    best = max if kind in ("longest", "largest") else min

    def draw() -> list[str]:
        items = numbers_list(rng) if by_size else words_list(rng, 3, 5)
        target = best(map(key, items))
        return items if sum(key(item) == target for item in items) == 1 else draw()

    items = settled(rng, held, draw)
    answer = best(items, key=key)
    instructions = {"longest": LONGEST, "shortest": SHORTEST, "largest": LARGEST, "smallest": SMALLEST}[kind]
    if by_size:  # a running best: two numbers at a time are easy to compare
        running = [items[0]]
        for item in items[1:]:
            running.append(best(running[-1], item, key=int))
        thought = "\n".join(f"{item}: best {so_far}" for item, so_far in zip(items, running))
    else:
        thought = "\n".join(f"{item}: {' '.join(item)}, {len(item)}" for item in items)
    return Example(listed(rng, held, instructions, items), answer, thought)


def make_member(rng: random.Random, held: bool) -> Example:
    def draw() -> tuple[list[str], str]:
        items = mixed_list(rng, 3, 6)
        return (items, rng.choice(items)) if rng.random() < 0.5 else (items[:-1], items[-1])

    items, word = settled(rng, held, draw)
    present = word in items
    thought = "\n".join(f"{item}: {'yes' if item == word else 'no'}" for item in items)
    answer = f"Yes, {word} is in the list." if present else f"No, {word} is not in the list."
    accept = ("yes",) if present else ("no",)
    return Example(listed(rng, held, MEMBER, items, w=word), answer, thought, accept)


# ---- forms ----------------------------------------------------------------------------

BULLETS = [
    "write this as a bullet list", "make a bullet list", "put these in bullets", "format as bullet points",
    "turn this into a bulleted list", "list these as bullet points", "show these items as bullets",
    "make bullet points of these", "convert this to a bullet list", "give me bullets for these items",
    "write each item on its own line with a dash", "use bullet points for these", "bullet list of {x}, please", "as bullets",
]
NUMBERED = [
    "write this as a numbered list", "make a numbered list", "number these items", "format as a numbered list",
    "turn this into a numbered list", "list these with numbers", "convert this to a numbered list", "number the items",
    "give me a numbered list of these", "write each item on its own line with a number", "numbered list of {x}, please",
    "put numbers in front of these items, one per line",
]
JSON_ARRAY = [
    "write this as a JSON array", "convert to a JSON array", "make a JSON array", "format as a JSON array",
    "turn this list into JSON", "give me this as a JSON list", "output a JSON array of strings", "as a JSON array",
    "encode this list as JSON", "represent these items as a JSON array", "JSON array of {x}, please",
    "How is {x} written as a JSON array?", "return the items as a JSON array", "put these items in a JSON array",
]
COMMAS = [
    "join these with commas", "write these on one line with commas", "make a comma separated list", "separate with commas",
    "put commas between these", "turn this into a comma-separated list", "join the lines with commas",
    "convert this to comma separated form", "write the items in one line, separated by commas", "comma-separate these items",
    "make one line with commas out of this", "use commas between the items",
]
WITH_AND = [
    "write this as a list with commas and an and", "join these with commas and the word and", "join these items into a phrase with and",
    "put these in one phrase with and before the last", "write these as you would in a sentence, with and at the end",
    "connect these items with commas and and", "make a natural phrase of these with and", "join these as in a sentence",
    "combine these items using commas and a final and", "write this list as part of a sentence", "link these with commas and and",
    "use and before the last item and commas before that",
]


def make_form(rng: random.Random, held: bool) -> Example:
    kind = rng.choice(["bullets", "numbered", "json", "json", "commas", "and"])
    items = settled(rng, held, lambda: mixed_list(rng))
    text = ", ".join(items) if kind != "commas" else rng.choice(["\n", " ", "; ", "\n- "]).join(items)
    if text.startswith(items[0] + "\n- "):
        text = "\n- " + text
    if kind == "and" and rng.random() < 0.3 or kind == "json" and rng.random() < 0.15:
        text = "\n".join(items)
    instructions = {"bullets": BULLETS, "numbered": NUMBERED, "json": JSON_ARRAY, "commas": COMMAS, "and": WITH_AND}[kind]
    accept: tuple[str, ...] = ()
    if kind == "bullets":
        answer = "\n".join(f"- {item}" for item in items)
        accept = ("\n".join(f"* {item}" for item in items),)
    elif kind == "numbered":
        answer = "\n".join(f"{n}. {item}" for n, item in enumerate(items, 1))
    elif kind == "json":
        answer = json.dumps([int(item) for item in items] if items[0].isdigit() else items)
        accept = (json.dumps(items),)
    elif kind == "commas":
        answer = ", ".join(items)
    else:
        answer = ", ".join(items[:-1]) + " and " + items[-1]
        accept = (", ".join(items[:-1]) + ", and " + items[-1],)
    return Example([("user", frame(rng, held, instructions, text).strip())], answer, accept=accept)


# ---- a second request about the list just answered -------------------------------------

FOLLOW = {
    "reverse": ["Now reverse it.", "Now reverse the list.", "And backwards?", "Turn it around, please.", "Reverse that.", "now the other way round", "Can you reverse that list?", "In reverse order, please.",
                "Please reverse the order.", "And in reverse?", "Flip the list.", "Give it to me backwards."],
    "remove": ["Now remove {w}.", "Take {w} out.", "Please drop {w}.", "Without {w}, please.", "now delete {w}", "And without {w}?", "Remove {w} from it.", "Cross off {w}.", "Leave out {w}.", "Can you remove {w}?",
               "I do not need {w}.", "Strike {w}."],
    "add": ["Now add {w} at the end.", "Add {w}.", "Please append {w}.", "And add {w}, please.", "now put {w} last", "Put {w} at the end.", "Can you add {w}?", "I forgot {w}, add it at the end.", "{w} is missing, add it.",
            "Also {w}.", "Append {w} too.", "Add {w} as the last item."],
    "first": ["Which one is first?", "What is the first item?", "And the first?", "Name the first one.", "Only the first, please.", "what comes first", "Give me just the first.", "First item?", "Which is at the top?", "Keep only the first.",
              "Tell me the first one.", "The first of these?"],
    "last": ["Which one is last?", "What is the last item?", "And the last?", "Name the last one.", "Only the last, please.", "what comes last", "Give me just the last.", "Last item?", "Which is at the end?", "Keep only the last.",
             "Tell me the last one.", "The last of these?"],
    "count": ["How many are there?", "How many items is that?", "Count them.", "And how many are these?", "how many", "What is the number of items?", "How long is the list?", "Count the items, please.", "Number of items?",
              "How many did you list?", "Tell me how many.", "Can you count them?"],
    "json": ["Now as JSON.", "As a JSON array, please.", "Write that as a JSON array.", "And in JSON?", "convert it to json", "Give me that as JSON.", "Make it a JSON array.", "JSON, please.", "Can I have that in JSON?",
             "Return it as a JSON array.", "Format that as JSON.", "Turn it into JSON."],
    "bullets": ["Now as bullet points.", "As a bullet list, please.", "Write that as bullets.", "And with bullets?", "make it a bullet list", "Give me bullets.", "Bulleted, please.", "Can I have that as bullets?", "Show it as a bullet list.",
                "Put it in bullets.", "Format that as bullet points.", "One per line with dashes."],
}  # fmt: skip


def make_follow(rng: random.Random, held: bool) -> Example:
    first = rng.choice([make_alphabetical, make_numbers, make_reverse, make_dedupe, make_add_remove])(rng, held)
    items = first.answer.split(", ")
    kind = rng.choice(list(FOLLOW))
    word = rng.choice(items) if kind == "remove" else rng.choice([word for word in WORDS if word not in items])
    if kind == "add" and items[0].isdigit():
        word = str(rng.randint(1000, 1999))
    turns = [*first.turns, ("assistant", first.answer), ("user", choose(rng, FOLLOW[kind], held).replace("{w}", word))]
    if kind in ("reverse", "remove", "add"):
        after = {"reverse": items[::-1], "remove": [item for item in items if item != word], "add": [*items, word]}[kind]
        return Example(turns, **list_answer(after)) if after else Example(turns[:1], first.answer, first.thought)
    answer = {
        "first": items[0],
        "last": items[-1],
        "count": str(len(items)),
        "json": json.dumps([int(item) for item in items] if items[0].isdigit() else items),
        "bullets": "\n".join(f"- {item}" for item in items),
    }[kind]
    return Example(turns, answer, numbered(items) if kind == "count" else "", (json.dumps(items),) if kind == "json" else ())


TASKS = [
    (make_alphabetical, 5), (make_by_length, 2), (make_numbers, 5), (make_case, 4), (make_letters, 4), (make_acronym, 1),
    (make_reverse, 2), (make_dedupe, 2), (make_nth, 3), (make_add_remove, 3), (make_count, 2), (make_extreme, 3),
    (make_member, 1), (make_form, 4), (make_follow, 4),
]


def make_lists(rng: random.Random, held: bool) -> Example:
    tasks, weights = zip(*TASKS)
    return rng.choices(tasks, weights)[0](rng, held)


ABILITIES = {"lists": make_lists}
