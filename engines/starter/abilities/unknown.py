"""What a tiny model cannot do or know, said plainly, so that it does not make things up.

Held out: an eighth of the wordings of each scheme, and an eighth of what fills them (names, places, titles, years). The answers are
fixed per kind. Schemes that look like questions of facts.py are filled from outside its stock, by construction: made-up names are
compared with it, real ones are listed here and checked by the tests.
"""

import random
from collections.abc import Callable

from .common import Example, choose
from .facts import KINDS, QUESTIONS, SINGLES
from .talk import forms, mentions, surface

# ---- The manners: answer, thought in deliberate mode, what a right answer has

FACT = "I do not know that. I am a small model and know only few facts; a larger model may know it."
NEW = "I do not know that. It changes with time, and I cannot look anything up."
SEE = "I do not know that. I only see what you write here."
NOT_SHOWN = "I cannot see or hear that. I only see what you write here."
HARD = "That is too hard for a small model like me. You can pull a larger model with `hearthgate models pull`, or let the gateway ask a cloud."
MEDICAL = "I cannot give medical advice. Please ask a doctor; in an emergency call the emergency number."
LEGAL = "I cannot give legal advice. Please ask a lawyer."
MONEY = "I cannot give advice on money. Please ask somebody who is trained for that."
ACT = "I cannot do that. I can only answer in text."
UNCLEAR = "I do not understand that. Could you say it in other words?"
NOBODY = "Nobody can know that for certain, and I do not know it."

THOUGHTS = {
    FACT: "This is not among the facts that I know. I should say so.",
    NEW: "This changes with time and I cannot look it up.",
    SEE: "This is not in what was written to me.",
    NOT_SHOWN: "I have only text, and this is not in it.",
    HARD: "This needs a larger model.",
    MEDICAL: "This is for a doctor.",
    LEGAL: "This is for a lawyer.",
    MONEY: "This is for somebody trained in money.",
    ACT: "I can only write text.",
    UNCLEAR: "This makes no sense to me.",
    NOBODY: "Nobody knows this.",
}
ACCEPT = {
    FACT: ("do not know|don't know|cannot",), NEW: ("do not know|don't know|cannot look",), SEE: ("do not know|don't know|only see",), NOT_SHOWN: ("cannot",), HARD: ("too hard|larger model|cannot",),
    MEDICAL: ("doctor",), LEGAL: ("lawyer",), MONEY: ("cannot|do not",), ACT: ("cannot",), UNCLEAR: ("do not understand|do not know|other words",), NOBODY: ("nobody|do not know",),
}

# ---- What fills the schemes. None of it is in facts.py.

FIRST = """Liam Olivia Noah Amelia Oliver Isla Arthur Ava Henry Freya Theo Lily Jack Evie Harry Rosie Charlie Elsie Oscar Willow Archie Ivy Ethan Harper Mason Layla
Aaron Chloe Callum Hannah Dylan Erin Finn Niamh Rory Orla Lars Ingrid Sven Astrid Pablo Lucía Marco Giulia Luca Chiara Hans Greta Jürgen Heike Pierre Camille Yuki
Haruto Mei Ling Arjun Priya Rohan Ananya Ali Zeynep Mehmet Amina Kwame Abena Chidi Ngozi""".split()
LAST = """Smith Jones Taylor Brown Wilson Evans Walker Wright Roberts Green Hall Wood Harris Clark Turner Hill Cooper Ward Morris Moore Lee King Baker Harrison Morgan Allen
Parker Bennett Cook Bailey Carter Murphy Kelly O'Brien Byrne Ryan Hansen Nilsen Berg Lindqvist García Fernández Rossi Ferrari Bianchi Müller Schmidt Weber Fischer Dubois
Moreau Laurent Tanaka Suzuki Chen Wang Patel Sharma Singh Khan Yilmaz Demir Mensah Okafor Adeyemi Novak Horvat Kowalski Petrov Popescu""".split()
TOWNS = """Springfield, Riverton, Ashford, Newbury, Kingsbridge, Oakham, Fairview, Lakewood, Maplewood, Greenfield, Milltown, Westbrook, Eastleigh, Northfield, Hillsdale,
Leeds, Hamburg, Lyon, Porto, Seville, Turin, Graz, Ghent, Malmö, Bergen, Kraków, Brno, Izmir, Osaka, Pune, Lagos, Durban, Boston, Denver, Dallas, Toronto, Perth, Cork""".replace("\n", " ").split(", ")
REGIONS = """Springfield County, Texas, California, Bavaria, Ontario, Queensland, Normandy, Tuscany, Andalusia, Florida, Ohio, Nevada, Saxony, Catalonia, Sicily, Quebec,
Kerala, Punjab, Hokkaido, Yunnan, Kent, Cornwall, Provence, Brittany, Tyrol, Bohemia, Galicia, Alaska, Arizona, Oregon, Utah, Tasmania, Atlantis, Narnia, Mordor, Westeros, Wakanda,
Gondor, Lilliput, Genovia, Elbonia""".replace("\n", " ").split(", ")
EVENTS = """football World Cup, Tour de France, Wimbledon final, Super Bowl, Eurovision Song Contest, Champions League, Stanley Cup, Olympic marathon, Rugby World Cup, cricket World Cup,
Nobel Prize in Physics, Nobel Peace Prize, Booker Prize, Oscar for best film, Grand National, Davis Cup, Ryder Cup, US Open, Giro d'Italia, Asian Cup, Africa Cup of Nations,
Boston Marathon, Palme d'Or, Turner Prize, World Chess Championship""".replace("\n", " ").split(", ")
TITLES_LEFT = ["The Silent", "The Last", "A Broken", "The Golden", "The Hidden", "Beyond the", "Under the", "The Blue", "My Secret", "The Lost", "The Winter", "A Distant", "The Iron", "The Paper", "The Seventh", "A Small"]
TITLES_RIGHT = ["Harbour", "Garden", "Lantern", "Orchard", "Staircase", "Letter", "Mirror", "Forest", "Window", "Summer", "Bridge", "Clockmaker", "Violin", "Island", "Sparrow", "Compass"]
SYLLABLES = ["zor", "vel", "ta", "mi", "gran", "quo", "lu", "dra", "fen", "bil", "no", "kar", "so", "pli", "wex", "ru", "tham", "ova", "jin", "gle", "bra", "ny", "hup", "dor"]
DRUGS = ["aspirin", "ibuprofen", "paracetamol", "antibiotics", "sleeping pills", "insulin", "vitamin D", "cough syrup", "painkillers", "eye drops", "antidepressants", "steroids"]
ILLS = ["a headache", "chest pain", "a rash", "a fever for three days", "back pain", "a swollen knee", "high blood pressure", "diabetes", "dizziness", "an earache", "a bad cough", "stomach pain",
        "a lump in my breast", "a numb finger", "a broken toe", "a blurred eye", "a nosebleed", "a migraine"]
LANGUAGES = ["German", "French", "Spanish", "Italian", "Portuguese", "Dutch", "Polish", "Russian", "Chinese", "Japanese", "Korean", "Arabic", "Hindi", "Turkish", "Greek", "Latin", "Swedish", "Finnish"]
SENTENCES = ["Good morning, my friend.", "The train leaves at noon.", "I would like a coffee.", "Where is the station?", "My house is near the river.", "We will meet tomorrow.", "The weather is fine today.",
             "She reads a book every week.", "Please close the window.", "How much does it cost?", "I have lost my keys.", "The shop is closed on Sunday."]
THEMES = ["autumn", "the sea", "love", "my cat", "friendship", "the moon", "a rainy day", "freedom", "my grandmother", "spring", "a lost key", "the city at night", "climate change", "the Roman Empire", "the history of bread",
          "artificial intelligence", "globalisation", "the meaning of life", "the French Revolution", "space travel", "social media", "healthy food", "democracy", "electric cars", "the water cycle", "tourism"]
CODE_TASKS = ["sorts a list", "reverses a string", "reads a CSV file", "computes prime numbers", "sends an e-mail", "plays tic-tac-toe", "opens a web page", "counts words in a file", "draws a circle", "downloads a picture",
              "parses JSON", "connects to a database", "merges two files", "finds duplicates", "renders a table", "validates an e-mail address"]
CODE_LANGUAGES = ["Python", "Rust", "JavaScript", "C", "Java", "Go", "SQL", "Bash", "TypeScript", "C++", "Haskell", "PHP", "Ruby", "Kotlin"]
THINGS = ["bitcoin", "gold", "petrol", "a litre of milk", "the dollar", "the euro", "the newest phone", "Apple shares", "a flight to Rome", "silver", "oil", "a loaf of bread", "electricity", "a ticket to London", "Tesla shares"]
ACTS = ["call my mother", "send an e-mail to my boss", "book a flight", "order a pizza", "set an alarm for seven", "open the window", "play some music", "turn off the light", "buy milk", "print this page", "delete my files",
        "write a message to my friend", "make a phone call", "reserve a table for two", "pay my bill", "take a photo", "start the washing machine", "wake me at six", "post this on the web", "restart my computer", "remind me tomorrow",
        "add this to my calendar", "clean my room", "feed the cat", "unlock the door", "book a hotel", "cook dinner"]
MINE = ["my dog's name", "my password", "my mother's birthday", "my favourite colour", "my phone number", "my address", "the name of my boss", "the colour of my car", "my age", "my bank balance", "my next appointment",
        "my shoe size", "my brother's job", "the name of my street", "my wife's name", "my account number", "my user name", "my middle name", "the time of my train", "my blood type"]
ELEMENTS_OUTSIDE = ["beryllium", "scandium", "gallium", "germanium", "arsenic", "selenium", "krypton", "rubidium", "yttrium", "zirconium", "niobium", "ruthenium", "rhodium", "indium", "antimony", "tellurium", "xenon", "caesium",
                    "osmium", "iridium", "thallium", "bismuth", "radon", "thorium", "hafnium", "tantalum"]
PEOPLE_OUTSIDE = ["the mayor of {}", "the head of the school in {}", "the owner of the bakery in {}", "the richest man in {}", "the bishop of {}", "the captain of the team of {}", "the fire chief of {}", "the founder of {}"]
FIGURES = ["How many people live in {}?", "What is the population of {}?", "How large is {} in square kilometres?", "When was {} founded?", "How many schools are there in {}?", "What is the post code of {}?", "How high is {} above the sea?",
           "How many bridges are in {}?", "What is {} famous for?", "How far is it from {} to {}?", "How long is the drive from {} to {}?", "Which river flows through {}?", "What is the best restaurant in {}?", "How old is {}?",
           "Is {} a nice town?", "What hotels are in {}?", "Which bus goes to {}?", "Who was born in {}?"]


def made_up(rng: random.Random, held: bool, ending: str = "") -> str:
    """A name that nobody bears; not one of the stock's."""
    while True:
        name = (choose(rng, SYLLABLES, held) if held else rng.choice(SYLLABLES)) + rng.choice(SYLLABLES) + rng.choice(["", rng.choice(SYLLABLES)]) + ending
        if name not in _KNOWN:
            return name


_KNOWN = {side.lower() for kind in KINDS.values() for item in kind.items for side in item}


# ---- Schemes: how often; wordings; what fills them; answer

Fill = Callable[[random.Random, bool], tuple[str, ...]]


def _nothing(_rng: random.Random, _held: bool) -> tuple[str, ...]:
    return ()


def _of(*stocks: list[str]) -> Fill:
    return lambda rng, held: tuple(choose(rng, stock, held) for stock in stocks)


def _person(rng: random.Random, held: bool) -> tuple[str, ...]:
    return (f"{choose(rng, FIRST, held)} {choose(rng, LAST, held)}",)


def _place(rng: random.Random, held: bool) -> tuple[str, ...]:
    """A country or town that does not exist."""
    return (made_up(rng, held, rng.choice(["", "ia", "land", "stan", "burg", "a"])).capitalize(),)


def _word(rng: random.Random, held: bool) -> tuple[str, ...]:
    return (made_up(rng, held),)


def _element(rng: random.Random, held: bool) -> tuple[str, ...]:
    return (made_up(rng, held, "ium") if rng.random() < 0.5 else choose(rng, ELEMENTS_OUTSIDE, held),)


def _title(rng: random.Random, held: bool) -> tuple[str, ...]:
    return (f"{choose(rng, TITLES_LEFT, held)} {choose(rng, TITLES_RIGHT, held)}",)


def _year_event(rng: random.Random, held: bool) -> tuple[str, ...]:
    return (str(rng.randrange(1900, 2027)), choose(rng, EVENTS, held))


def _two_towns(rng: random.Random, held: bool) -> tuple[str, ...]:
    first = choose(rng, TOWNS, held)
    second = choose(rng, TOWNS, held)
    while second == first:
        second = choose(rng, TOWNS, held)
    return (first, second)


def _role(rng: random.Random, held: bool) -> tuple[str, ...]:
    return (choose(rng, PEOPLE_OUTSIDE, held).format(choose(rng, TOWNS, held)),)


def _noise(rng: random.Random, _held: bool) -> tuple[str, ...]:
    dice = rng.random()
    if dice < 0.4:
        return ("".join(rng.choice("asdfghjklqwertyuiopzxcvbnm") for _ in range(rng.randrange(5, 14))),)
    if dice < 0.6:
        return (" ".join(made_up(rng, False) for _ in range(rng.randrange(3, 6))),)
    if dice < 0.8:
        words = rng.sample(["blue", "of", "seven", "spoon", "quickly", "the", "under", "moon", "rather", "door", "sing", "because", "green", "eleven", "tomorrow", "soap", "upward", "and"], rng.randrange(4, 7))
        return (" ".join(words),)
    return ("".join(rng.choice("#?%&*!;/-+~") for _ in range(rng.randrange(4, 9))),)


_WHERE = forms("( in {}| in {} today| in {} tomorrow)")

SCHEMES: dict[str, tuple[float, list[str], Fill, str]] = {
    # Near the facts, outside the stock
    "capital of nowhere": (3.0, forms("(What|Which) is the capital (city |)of {}?", "What's the capital of {}?", "Capital of {}?", "(Tell|Give) me the capital of {}.", "Name the capital of {}.", "Do you know the capital of {}?", "{}: capital?", "The capital of {} is", "What is the name of {}'s capital?", "Which city is the capital of {}?"), _place, FACT),
    "capital of a region": (2.0, forms("(What|Which) is the capital (city |)of {}?", "What's the capital of {}?", "Capital of {}?", "(Tell|Give) me the capital of {}.", "Name the capital of {}.", "Do you know the capital of {}?", "{}: capital?", "The capital of {} is"), _of(REGIONS), FACT),
    "country of a town": (1.0, forms("{} is the capital of which country?", "(What|Which) country has {} as its capital?", "Of which country is {} the capital?", "Whose capital is {}?", "Which country is {} the capital of?"), _place, FACT),
    "about nowhere": (2.0, forms("(On|In) (which|what) continent is {}?", "Where is {}?", "(Which|What) language is spoken in {}?", "What is the currency of {}?", "What do people speak in {}?", "(What|Which) money is used in {}?", "Currency of {}?", "Language of {}?", "Where does {} lie?"), _place, FACT),
    "symbol of an element": (2.0, forms("What is the (chemical |)symbol (of|for) {}?", "(Chemical |)symbol (of|for) {}?", "Which symbol does {} have?", "Give me the symbol for {}.", "Tell me the chemical symbol of {}.", "{}: chemical symbol?"), _element, FACT),
    "opposite of a non-word": (1.0, forms("What is the opposite of {}?", "Opposite of {}?", "Give me the opposite of {}.", "Which word is the opposite of {}?", "Name the opposite of {}."), _word, FACT),
    "meaning of a non-word": (2.0, forms("What is a {}?", "What does {} mean?", "What is {}?", "What is the meaning of {}?", "Define {}.", "Explain what a {} is.", "Meaning of {}?", "Tell me what {} is.", "What is meant by {}?", "Explain the word {}."), _word, FACT),
    "past of a non-word": (0.6, forms("What is the past tense of {}?", "Past tense of {}?", "Give me the past tense of {}.", "What is the plural of {}?", "Plural of {}?"), _word, FACT),
    "author of a title": (2.0, forms("Who wrote {}?", "Who is the (author|writer) of {}?", "Author of {}?", "Who painted {}?", "Who composed {}?", "Who directed {}?", "(Name|Tell me) the author of {}.", "Who sings {}?", "When was {} (written|published)?", "What is {} about?", "Which writer wrote {}?", "Do you know who wrote {}?"), _title, FACT),
    "inventor of a non-thing": (1.0, forms("Who invented the {}?", "Who discovered {}?", "Who was the inventor of the {}?", "By whom was the {} invented?", "When was the {} invented?"), _word, FACT),
    "animal that is none": (0.6, forms("How many legs does a {} have?", "What sound does a {} make?", "What is a young {} called?", "What kind of animal is a {}?"), _word, FACT),
    "winner": (3.0, forms("Who won the {} {}?", "Who was the winner of the {} {}?", "Tell me who won the {} {}.", "Which (team|country|person) won the {} {}?", "Winner of the {} {}?", "Do you know who won the {} {}?", "Where was the {} {} held?", "Who came second in the {} {}?", "Who lost the {} {}?"), _year_event, FACT),
    "unknown person": (3.0, forms("Who is {}?", "Who was {}?", "Tell me about {}.", "What do you know about {}?", "When was {} born?", "How old is {}?", "Where does {} live?", "What is {} known for?", "Do you know {}?", "Is {} married?", "What did {} do?", "Who is {} married to?", "Is {} still alive?", "Where was {} born?", "What is {}'s job?"), _person, FACT),
    "unknown office": (1.5, forms("Who is {}?", "Who was {}?", "What is the name of {}?", "Do you know {}?", "Tell me who {} is.", "How old is {}?", "Name {}."), _role, FACT),
    "figures of a town": (2.5, FIGURES, _two_towns, FACT),
    "other facts": (2.5, forms(
        "How many stars are in the (galaxy|Milky Way|universe)?", "How deep is the (Atlantic|Baltic Sea|Mariana Trench)?", "Who was the (second|fifth|tenth|thirtieth) president of the United States?", "What is the (boiling|melting) point of (iron|gold|alcohol|mercury)?",
        "When was (Napoleon|Cleopatra|Mozart|Shakespeare|Newton|Einstein) born?", "When did (Napoleon|Caesar|Mozart|Beethoven|Gandhi) die?", "How tall is (the Eiffel Tower|Big Ben|the Burj Khalifa)?", "How long is the (Nile|Danube|Amazon|Rhine)?",
        "Who was the king of (France|Spain|England|Sweden) in 1650?", "How heavy is (a blue whale|the Moon|an elephant)?", "What is the distance to (Mars|the Moon|Saturn|Pluto)?", "How many species of (beetles|birds|fish) are there?",
        "What is the half-life of (carbon-14|uranium|radium)?", "What is the atomic number of (iron|gold|tin|lead)?", "What are the ingredients of (goulash|paella|pad thai|ramen)?", "Who founded (Rome|Google|Microsoft|Lego|Sony)?",
        "When was (Google|the Red Cross|NATO|Oxford University) founded?", "Who plays (James Bond|Hamlet|Batman) in the newest film?", "What is the (national anthem|national flower|flag|highest mountain) of (Bhutan|Chile|Oman|Latvia)?",
        "What is the square root of 7351?", "What is the 200th digit of pi?", "How do you say (bread|water|thank you|house) in (Finnish|Swahili|Korean|Basque)?", "How does (a jet engine|photosynthesis|a vaccine|quantum computing) work?", "Why did (the Roman Empire|the Soviet Union) fall?", "What caused the (First|Second) World War?", "Who discovered (America|insulin|DNA|the neutron)?"), _nothing, FACT),

    # Too new
    "news": (3.0, forms("What is (new|in the news)( today|)?", "What (happened|is going on) in the world( today| this week|)?", "(Tell|Give|Show) me the (news|latest news|headlines)( of today|).", "Any news( today|)?", "Who (won|is winning) the (election|match|game|race)( yesterday| today|)?", "What was the (score|result) (yesterday|last night|of the match)?",
              "Who is the (president|prime minister|king|chancellor) of (France|Germany|Spain|Italy|Canada|Japan|Brazil|the United States|the United Kingdom|Sweden|India)( now|)?", "Who is the pope( now|)?", "What is the newest (phone|film|song|car|version of Linux|version of Python)?", "Which film is number one( now|)?",
              "What is on TV (tonight|today)?", "What is trending( now|)?", "Who is the richest person( now|)?", "Is there a strike( today|)?", "Which (concerts|events) are on (this week|tonight)?", "What are the latest (football|tennis|election) results?", "Who leads the (league|race|polls)( now|)?"), _nothing, NEW),
    "weather": (2.0, [f"{ask}{where}?" for ask in ("What is the weather", "How is the weather", "Will it rain", "How warm is it", "Is it sunny", "Is it cold", "Will it snow", "What is the temperature", "Do I need an umbrella", "Weather") for where in _WHERE], _of(TOWNS), NEW),
    "weather here": (1.0, forms("What is the weather( today| tomorrow| here| like|)?", "How is the weather( today| tomorrow| outside|)?", "Will it (rain|snow)( today| tomorrow|)?", "Is it (cold|warm|sunny|raining)( outside| today|)?", "Do I need (an umbrella|a coat)( today|)?", "weather forecast?", "weather"), _nothing, NEW),
    "price": (2.0, forms("What is the price of {}( today| now|)?", "How much is {}( today| now|)?", "What does {} cost( today| now|)?", "Price of {}?", "Tell me the price of {}.", "Is {} (cheap|expensive) now?", "How is {} doing today?", "Did {} go up today?"), _of(THINGS), NEW),
    "now": (2.0, forms("What time is it( now|)?", "(What|Which) day is (it|today)?", "What is the (date|time)( today| now|)?", "What is today's date?", "Which (year|month|week) is it( now|)?", "What is the time in (London|Tokyo|New York|Sydney|Paris)( now|)?", "Is it (Monday|Friday|a holiday) today?", "time please", "date today?", "Can you tell me the time?", "Is the (shop|museum|bank|library) open now?", "When does the next (train|bus|flight) leave?",
             "Is my train late?", "What is the traffic like( now|)?", "How late is it?"), _nothing, NEW),

    # Not to be seen
    "about the asker": (2.5, forms("What is {}?", "Do you know {}?", "Tell me {}.", "Can you tell me {}?", "I forgot {}. What is it?", "What was {} again?", "Find out {}.", "Guess {}."), _of(MINE), SEE),
    "what I did": (2.0, forms("What did I (do|eat|say|buy|write|dream) (yesterday|last week|this morning|last night)?", "Where (was I|did I go|did I sleep) (yesterday|last night)?", "Where did I (put|leave|lose) my (keys|phone|glasses|bag|wallet)?", "Where is my (phone|bag|wallet|umbrella|key)?", "Where are my (keys|glasses|shoes)?",
                    "What am I (wearing|holding|doing)( now|)?", "Where am I( now|)?", "Who is (behind|next to|with) me?", "What is (on|under) my (desk|table|bed)?", "What colour is my (shirt|car|door|house)?", "How many people are in (my|this) room?", "Who called me( yesterday| today|)?", "What is in my (bag|pocket|fridge|inbox|calendar)?",
                    "Did I lock the door?", "What did we talk about (yesterday|last week|last time)?", "What did (my boss|my wife|my friend) say( yesterday|)?", "Is my (door|window) open?", "Have I got (new mail|mail|messages)?", "How do I look( today|)?", "Do I look (good|tired|ill)?"), _nothing, SEE),
    "pictures": (2.0, forms("What is (in|on) (this|the|my) (picture|photo|image|screenshot|drawing)?", "(Describe|Look at|Read) (this|the) (picture|photo|image|file|PDF|scan)(.|, please.)", "Who is (in|on) this photo?", "What do you see( here| in the picture|)?", "(Summarise|Read|Open) (this|the attached|my) (file|document|PDF|link|web page)(.|)", "What does (this web page|the attachment|this link|the video) say?",
                    "(Listen to|Transcribe) this (recording|audio|song)(.|)", "Can you see (this|the picture|my photo)( now|)?", "Which song is this?", "What is written on the (sign|wall|label) in the photo?", "Watch this video(.|)"), _nothing, NOT_SHOWN),

    # Too hard
    "essay": (2.5, forms("Write (an essay|a long essay|an article|a blog post|a report|a story|a long story|a speech|a chapter|a five-page essay|1000 words) (about|on) {}.", "(Can|Could) you write (an essay|a story|a speech|an article) about {}?", "I need (an essay|a report|a long text|a speech) (about|on) {}.", "Compose a (long |)text about {}.", "Give me 500 words on {}.", "Tell me a (long |)story about {}."), _of(THEMES), HARD),
    "poem": (2.0, forms("Write (a|me a|a short|a long) (poem|song|sonnet|haiku|rhyme|limerick) about {}.", "(Can|Could) you write a (poem|song|haiku) about {}?", "A poem about {}, please.", "Make a (rhyme|verse|song) about {}.", "I want a poem about {}.", "Compose a (sonnet|song|ballad) on {}."), _of(THEMES), HARD),
    "code": (2.5, forms("Write (a|a short|me a) (program|script|function) in {} that {}.", "(Can|Could) you write {} code that {}?", "How do I write a {} function that {}?", "{} code that {}, please.", "Give me {} code that {}.", "I need a {} script that {}.", "Write {} code that {}.", "Show me a {} program that {}."), _of(CODE_LANGUAGES, CODE_TASKS), HARD),
    "code help": (1.0, forms("(Debug|Fix|Review|Explain|Improve|Refactor) (my|this|the following) (code|program|script|function)(.|)", "Why does my (code|program|script) (crash|fail|not work|not compile)?", "Find the bug in (this|my) (code|program)(.|)", "Write (unit tests|a regular expression|a SQL query|a Dockerfile|a web page|an app|a game)( for me|)(.|)", "Build me (an app|a website|a game)(.|)", "(Design|Plan) a (database|system|website)( for me|)(.|)"), _nothing, HARD),
    "translation": (2.5, forms("Translate (this |)(into|to) {}: {}", "(Can|Could) you translate \"{1}\" (into|to) {0}?", "How do you say \"{1}\" in {0}?", "What is \"{1}\" in {0}?", "Say in {}: {}", "{1} - in {0}, please.", "Put this into {}: {}"), _of(LANGUAGES, SENTENCES), HARD),
    "hard sums": (1.5, forms("(Prove|Prove to me) that (there are infinitely many primes|the square root of two is irrational|pi is irrational|every even number is the sum of two primes)(.|)", "(Solve|Integrate|Differentiate) (x^3 - 2x + 1 = 0|sin x cos x|the equation x^2 + 3x - 7 = 0|e^x sin x|this integral|this equation)(.|)",
                     "What is the (integral|derivative) of (x^2|sin x|ln x|e^x|tan x)?", "(Factor|Factorise) (91823|104729|x^4 - 1)(.|)", "What is (48273 times 91842|987654 times 123456|the cube root of 91125 plus 17 percent)?", "Play (chess|go) with me(.|)", "(Plan|Organise) (my wedding|a trip through Asia|a week in Rome|my career|a conference)(.|)",
                     "(Solve|Help me with) (a crossword|this riddle of logic with ten people|a sudoku)(.|)", "Write a business plan( for a bakery| for my firm|)(.|)", "(Summarise|Explain) (the book|the film|the whole history of Europe|the works of Kant|the plot of Faust)(.|)", "Compare (Kant and Hume|socialism and capitalism|Rust and Go in detail)(.|)", "Write (my CV|my thesis|a cover letter|a contract|a novel|a law)(.|)",
                     "Explain (quantum mechanics|string theory|general relativity|the stock market|inflation) to me(.|)", "Analyse (this poem|the stock market|my data|this contract)(.|)"), _nothing, HARD),

    # Advice
    "medicine": (2.0, forms("How much {} (may|should|can) I take?", "Can I take {} (with alcohol|every day|when pregnant|with coffee)?", "Is it (safe|dangerous|good for me) to take {}?", "Should I (stop|start) taking {}?", "What is the dose of {}( for a child|)?", "Which {} is best?", "May I give {} to my child?", "What are the side effects of {}?"), _of(DRUGS), MEDICAL),
    "illness": (2.0, forms("I have {}. What should I do?", "What helps against {}?", "What is the cause of {}?", "Is {} dangerous?", "How do I treat {}?", "I have {}. Is it serious?", "Why do I have {}?", "Which medicine is good for {}?", "Do I have to worry about {}?", "My child has {}. What now?", "Can you diagnose {}?", "What could be wrong if I have {}?"), _of(ILLS), MEDICAL),
    "law": (2.0, forms("(Can|May) my (landlord|boss|neighbour|bank) (evict me|fire me|sue me|cut my pay|keep my deposit|read my mail)?", "(Should|Can) I sue my (neighbour|boss|landlord|doctor|bank)?", "Is it (legal|illegal|against the law) to (record a call|park here|copy a book|work without a contract|fly a drone|download films)?", "How do I (get a divorce|write a will|contest a fine|appeal a judgement|found a company)?",
                     "What are my (rights|duties) as (a tenant|an employee|a buyer|a father)?", "Do I have to (pay this fine|pay alimony|sign this contract|testify)?", "Is (this|my) contract valid?", "Can I break my (lease|contract)?", "What (punishment|sentence) is there for (theft|fraud|speeding)?", "I was arrested. What should I do?", "My landlord wants to throw me out. What can I do?", "Who gets the (house|children) in a divorce?"), _nothing, LEGAL),
    "money": (1.5, forms("Should I (buy|sell) (bitcoin|gold|shares|a house|a flat|Apple shares|bonds)( now|)?", "(How|Where) should I invest (my money|10,000 euros|my savings)?", "Which (shares|stock|fund|bank|insurance) (should I take|is best|should I buy)?", "Will (the market|bitcoin|gold) go up?", "How do I get rich( quickly|)?", "Is (bitcoin|gold|a flat) a good investment?", "Should I take (a loan|a mortgage)?", "How can I pay less tax?", "Is now a good time to (buy|sell|invest)?"), _nothing, MONEY),

    # Deeds, noise, what nobody knows
    "deeds": (2.5, forms("(Can|Could) you {}?", "Please {}.", "I want you to {}.", "{}, please.", "Would you {}?", "Could you please {} for me?", "You should {} now."), _of(ACTS), ACT),
    "noise": (2.0, forms("{}", "{}?", "{}!", "{}."), _noise, UNCLEAR),
    "nobody": (1.5, forms("Who will win the (next |)(election|World Cup|war|match|lottery)?", "What will happen (tomorrow|next year|in 2050|in a hundred years)?", "(When|How) will (the world|the universe) end?", "When will I die?", "Will I (be rich|be happy|pass my exam|get the job|find love|win the lottery)?", "What are the (next |)lottery numbers?", "Is there (life after death|a God|life on other planets|an end of the universe)?",
                       "What is the meaning of life?", "What am I going to (eat|do|dream) tomorrow?", "What will bitcoin cost in (ten|five) years?", "What number am I thinking of?", "What am I thinking( of| about|)?", "Does (she|he) love me?", "Guess what I (had for lunch|am thinking)(.|)", "What comes after death?", "Will it be a good summer (next year|in ten years)?"), _nothing, NOBODY),
}


def make(rng: random.Random, held: bool) -> Example:
    weights = [scheme[0] for scheme in SCHEMES.values()]
    name = rng.choices(list(SCHEMES), weights)[0]
    _, wordings, fill, answer = SCHEMES[name]
    filled = fill(rng, held)
    asked = choose(rng, wordings, held)
    asked = asked.format(*filled) if filled else asked
    asked = asked[:1].upper() + asked[1:] if asked[:1].islower() and name == "deeds" else asked
    if name != "noise":
        asked = surface(rng, asked, filled)
    return Example([("user", asked)], answer, thought=THOUGHTS[answer], accept=(mentions(*ACCEPT[answer]),))


def stock_questions() -> set[str]:
    """What facts.py asks by whole questions, in lower case and without final marks; nothing of that may stand here."""
    asked = {wording for wordings, *_ in QUESTIONS for wording in wordings}
    asked |= {f"What is the {one}" for pattern, *_ in SINGLES for one in forms(pattern)}
    return {wording.lower().rstrip(".?! ") for wording in asked}


ABILITIES = {"unknown": make}
