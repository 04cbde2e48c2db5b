"""Judging a short text: its mood, a yes or no, its topic.

Held out (an eighth each, by `choose` or by hash). `sentiment`: wordings and the single sentences. `yesno`: wordings;
of the facts nothing can be held (nobody knows what was never said), of the given texts their contents. `classify`:
wordings and the sentences.
"""

import random
import re
from collections.abc import Callable

from .common import Example, choose, is_held
from .extraction import FIRST
from .lists import THEMES

# ---- sentiment ------------------------------------------------------------------------


def pieces(text: str) -> list[str]:
    return [" ".join(piece.split()) for piece in text.split("|") if piece.strip()]


THINGS: dict[str, list[str]] = {
    "product": """phone|lamp|chair|blender|backpack|radio|camera|jacket|tent|kettle|watch|printer|keyboard|suitcase|toaster|
        vacuum cleaner|mattress|headset|monitor|bicycle|umbrella|tablet|coffee machine""".replace("\n", "").split("|"),
    "food": """soup|pizza|salad|pasta|cake|burger|curry|fish|steak|coffee|breakfast|dessert|bread|rice|sandwich|pie|tea|
        omelet|sauce|ice cream""".replace("\n", "").split("|"),
    "travel": "hotel|room|flight|cruise|train ride|beach|campsite|guided tour|hostel|cabin|resort|airport|bus trip|apartment".split("|"),
    "work": "meeting|project|new office|training|team|presentation|job interview|report|new schedule|workshop|internship|conference".split("|"),
    "film": "film|movie|book|play|concert|series|novel|show|album|game|documentary|musical|first chapter|last episode".split("|"),
    "service": "agent|waiter|assistant|courier|driver|receptionist|operator|clerk|doctor|mechanic|cashier|nurse".split("|"),
}  # fmt: skip
THINGS = {domain: [thing.strip() for thing in things] for domain, things in THINGS.items()}

# {t} is a thing of the domain. Each sentence is of its mood by itself.
POSITIVE: dict[str, list[str]] = {
    "product": pieces("""The {t} works perfectly.|I love this {t}.|Best {t} I have ever owned.|The {t} is worth every cent.|
        This {t} makes my life so much easier.|The {t} is sturdy and well made.|I use the {t} every day and enjoy it.|The {t} looks even
        better than in the pictures.|I would buy this {t} again.|The quality is excellent.|It arrived early and in perfect condition.|
        Great value for the money.|The {t} is light, quiet and fast.|My whole family is delighted with the {t}.|Easy to set up and a joy
        to use.|The {t} does exactly what it promises.|I am very happy with the {t}.|After two years the {t} is still like new.|
        A beautiful {t} at a fair price.|This {t} beat all my expectations.|The battery lasts wonderfully long.|Highly recommended!"""),
    "food": pieces("""The {t} was delicious.|What a wonderful {t}!|The {t} tasted fresh and rich.|I could eat this {t} every day.|The {t}
        was cooked to perfection.|Best {t} in town.|The {t} melted in my mouth.|Everything was tasty and hot.|The portion was generous.|
        We loved the {t}.|The {t} smelled amazing.|Such a lovely meal!|The flavors were superb.|My children asked for more {t}.|The {t}
        was crisp and full of flavor.|I will come back for the {t}.|The menu is fantastic.|The {t} was a real treat.|
        A perfect dinner from start to finish."""),
    "travel": pieces("""The {t} was spotless and comfortable.|We had a fantastic time at the {t}.|The view was breathtaking.|The {t} was a
        dream.|Everything about the {t} was great.|We slept like babies.|The {t} was right on time and pleasant.|I would stay here again
        at once.|The beach was clean and beautiful.|Our guide was brilliant and funny.|The {t} exceeded our hopes.|The pool was
        gorgeous.|A magical place.|We felt welcome from the first minute.|The {t} was the highlight of our holiday.|The location is
        ideal.|It was the best trip of my life.|The room was sunny and quiet."""),
    "work": pieces("""The {t} went really well.|I enjoyed the {t}.|My boss was impressed with the {t}.|The {t} was inspiring.|We reached all
        our goals, great job!|I am proud of our {t}.|The {t} was well organized and useful.|My colleagues are helpful and kind.|I got the
        promotion, I am so happy!|The {t} gave me lots of good ideas.|Thank you for your excellent work.|I learned so much at the {t}.|
        The client was thrilled.|Your help made the {t} a success.|It is a pleasure to work here.|What a productive day!|
        Fantastic news about the {t}!"""),
    "film": pieces("""The {t} was brilliant.|I loved every minute of the {t}.|What a masterpiece!|The {t} made me laugh and cry.|The story was
        gripping.|The actors were superb.|The {t} is a must.|I could not stop smiling.|The music was wonderful.|A clever and charming
        {t}.|The ending was perfect.|I was moved by the {t}.|One of the best of the year.|The {t} kept me on the edge of my seat.|
        A funny, warm and touching {t}.|The pictures were stunning.|I want to see it again.|The {t} deserves every award."""),
    "service": pieces("""The {t} was friendly and quick.|The {t} solved my problem in minutes.|Excellent service from the {t}.|The {t} went out
        of the way to help me.|I am very pleased with the {t}.|The {t} was polite and patient.|They answered at once, wonderful!|Thanks
        to the {t} everything was easy.|I felt well looked after.|The {t} was a great help.|Top service, I will be back.|The {t} was kind
        and professional.|They even gave me a free gift.|The {t} smiled and took great care of us.|What a caring {t}!|Five stars for the
        {t}.|I can only praise the {t}."""),
}  # fmt: skip
NEGATIVE: dict[str, list[str]] = {
    "product": pieces("""The {t} broke after two days.|I hate this {t}.|Worst {t} I have ever bought.|The {t} is a waste of money.|The {t}
        stopped working after a week.|The {t} feels cheap and flimsy.|I sent the {t} back.|The {t} looks nothing like the pictures.|Do not
        buy this {t}.|The quality is terrible.|It arrived late and damaged.|Far too expensive for what it is.|The {t} is heavy, loud and
        slow.|I am very disappointed with the {t}.|The instructions are useless.|The {t} never worked properly.|I regret buying the {t}.|
        After one month the {t} fell apart.|An ugly {t} at a ridiculous price.|This {t} is junk.|The battery dies after an hour.|
        I want my money back."""),
    "food": pieces("""The {t} was disgusting.|What an awful {t}!|The {t} tasted old and stale.|The {t} was cold and greasy.|The {t} was burnt.|
        Worst {t} in town.|I could not finish the {t}.|Everything was bland and dry.|The portion was tiny.|We hated the {t}.|The {t}
        smelled bad.|The {t} made me sick.|The {t} was far too salty.|There was a hair in my {t}.|The {t} was raw in the middle.|I will
        never order the {t} again.|The menu is boring and overpriced.|The {t} was tasteless.|A horrible dinner from start to finish."""),
    "travel": pieces("""The {t} was dirty and noisy.|We had a miserable time at the {t}.|The view was a wall.|The {t} was a nightmare.|
        Everything about the {t} was bad.|We could not sleep because of the noise.|The {t} was late and crowded.|I would never stay here
        again.|The beach was full of garbage.|Our guide was rude and bored.|The {t} ruined our holiday.|The pool was filthy.|A dreadful
        place.|Nobody welcomed us.|They lost my luggage.|The location is awful.|It was the worst trip of my life.|The room smelled of
        smoke."""),
    "work": pieces("""The {t} was a disaster.|The {t} was a waste of time.|My boss was angry about the {t}.|The {t} was boring and far too long.|
        We missed all our goals.|I am frustrated with our {t}.|The {t} was badly organized.|My colleagues are lazy and unfriendly.|I lost
        my job, I feel terrible.|The {t} was confusing and useless.|Your work is full of careless mistakes.|I learned nothing at the
        {t}.|The client was furious.|The {t} failed completely.|I dread going to work.|What an exhausting, pointless day!|
        Bad news about the {t}, sadly."""),
    "film": pieces("""The {t} was terrible.|I was bored by the {t}.|What a mess!|The {t} was a painful waste of two hours.|The story made no
        sense.|The actors were awful.|Avoid the {t}.|I fell asleep halfway.|The music was annoying.|A dull and silly {t}.|The ending was
        a letdown.|I walked out of the {t}.|One of the worst of the year.|The {t} was slow and predictable.|A stupid, loud and empty
        {t}.|The dialogue was painful.|I want those hours back.|The {t} does not deserve its fame."""),
    "service": pieces("""The {t} was rude and slow.|The {t} ignored me.|Horrible service from the {t}.|The {t} made everything worse.|I am
        very unhappy with the {t}.|The {t} was impolite and impatient.|They never answered, unbelievable!|Because of the {t} we waited
        two hours.|I felt cheated.|The {t} was no help at all.|Poor service, I will not be back.|The {t} was lazy and careless.|They
        charged me twice.|The {t} shouted at us.|What a useless {t}!|One star for the {t}, and that is too much.|I can only warn you
        about the {t}."""),
}  # fmt: skip
NEUTRAL: dict[str, list[str]] = {
    "product": pieces("""The {t} is black.|I bought the {t} on Monday.|The {t} comes in three sizes.|The {t} weighs two kilos.|The {t} has a
        plug and a cable.|The box contains a {t} and a manual.|The {t} is made of steel.|I own a {t}.|The {t} was delivered on Tuesday.|
        The {t} runs on batteries.|The {t} is sold in two colors.|The {t} has a label on its side."""),
    "food": pieces("""We ordered the {t}.|The {t} contains milk.|The {t} is on the menu.|The {t} is served at noon.|I had the {t} for lunch.|
        The {t} comes with water.|The kitchen closes at ten.|The restaurant has twenty tables.|My brother had the {t}.|The {t} is made
        with flour.|The card lists {t} on page two."""),
    "travel": pieces("""The {t} is near the station.|We booked the {t} in May.|The {t} is on page six of the guide.|Check-in is at three.|The {t} is
        in the south.|We took a bus to the {t}.|The trip lasts four hours.|Breakfast is from seven to ten.|The {t} was built in 1990.|
        We arrived on Friday.|The {t} opens in April."""),
    "work": pieces("""The {t} is on Tuesday.|The {t} starts at nine.|The {t} takes place in room four.|Twelve people joined the {t}.|The office
        is on the second floor.|The {t} will last one hour.|I sent the file on Monday.|The {t} has three parts.|We use a shared
        calendar.|The next {t} is in June.|The report has ten pages."""),
    "film": pieces("""The {t} lasts two hours.|The {t} came out in 2015.|The {t} is set in Paris.|The {t} is about two brothers.|I saw the {t} on
        Sunday.|The {t} has four parts.|The {t} is in English.|The {t} was made in Canada.|The tickets cost ten dollars.|The {t} starts
        at eight.|The hero is a teacher."""),
    "service": pieces("""The {t} came at noon.|I spoke with the {t}.|The {t} asked for my name.|The {t} can be reached by phone.|The {t} works
        until five.|I gave the {t} my address.|The {t} wrote down the number.|They are open on Saturday.|The {t} sent a form.|The desk
        is next to the door.|The {t} wears a blue shirt."""),
}  # fmt: skip
# Messages that fit any domain.
ANY_POSITIVE = pieces("""I am so happy today!|This is fantastic news.|Thank you so much, you made my day.|I had a wonderful time.|What a great surprise!|I could not be
    happier.|Everything went smoothly.|I am thrilled.|Well done, everybody!|That was fun.|I feel great.|We are very grateful.|Simply the best.|I love it.|So good!|It was a
    real pleasure.|I am full of hope.|You are the best!|It made me smile.|We had a blast.|I feel lucky.|That is awesome.|What a lovely gift!|Hooray, we did it!|I enjoyed it a
    lot.|Great job!|It could not have gone better.|I am glad that I came.|A happy end at last!|Cheers, this was perfect.""")
ANY_NEGATIVE = pieces("""I am so sad today.|This is terrible news.|I am really angry.|I had an awful time.|What a nasty surprise!|I could not be more upset.|Everything went
    wrong.|I am fed up.|Shame on you!|That was no fun.|I feel miserable.|We are very disappointed.|Simply the worst.|I hate it.|So bad!|It was painful.|I have lost all hope.|
    You let me down.|It made me cry.|We were bored to tears.|I feel cheated.|That is outrageous.|What a horrible mess!|Oh no, we failed again.|I did not enjoy it at all.|
    Bad job.|It could not have gone worse.|I am sorry that I came.|A sad end.|Never again!""")
ANY_NEUTRAL = pieces("""It is Tuesday.|I will write again on Monday.|There are five of us.|The file is attached.|I am in the office until four.|The number is on the card.|We live on the third
    floor.|It was two weeks ago.|I went there with my cousin.|The list has ten lines.|The door is on the left.|It is about noon.|I have two sisters.|The form is blue.|We drove for an
    hour.|The next one is in May.|I wrote down the address.|The bag is on the chair.|My name is on the list.|I changed trains once.|The photo shows a street.|There was a table and
    a chair.|They meet on Fridays.|I got the letter on Monday.|It took ten minutes.""")
ANY = {"Positive": ANY_POSITIVE, "Negative": ANY_NEGATIVE, "Neutral": ANY_NEUTRAL}
# Words and the mood they make. Their meaning must be learnt: not held out, unlike the forms that they stand in.
ADJECTIVES = {
    "Positive": """great wonderful excellent fantastic amazing lovely superb brilliant perfect outstanding awesome pleasant good nice
        beautiful impressive marvelous splendid terrific fabulous incredible delightful charming enjoyable magnificent remarkable
        satisfying top-notch flawless first-class""".split(),
    "Negative": """bad terrible awful horrible dreadful poor disappointing annoying useless pathetic lousy unacceptable nasty unpleasant
        ugly miserable boring dull stupid disgusting appalling frustrating worthless mediocre shameful ridiculous second-rate
        unbearable dismal broken""".split(),
}
VERBS = {
    "Positive": "love like enjoy adore recommend praise treasure admire appreciate".split(),
    "Negative": "hate dislike regret despise detest loathe resent".split(),
}
ADJECTIVE_FORMS = [
    "The {t} was {s}{a}.", "The {t} is {s}{a}.", "What a {a} {t}!", "I found the {t} {s}{a}.", "The {t}? {A}!", "A {a} {t}.", "The {t} seems {s}{a} to me.", "To me the {t} was {s}{a}.",
    "In short, {s}{a}.", "{A}, that is all I can say about the {t}.", "It was a {s}{a} {t}.", "We all thought the {t} was {s}{a}.", "My verdict: {a}.", "The {t} turned out to be {s}{a}.", "Honestly, the {t} was {s}{a}.",
    "I have never seen such a {a} {t}.", "The {t} was {a}, simply {a}.", "{A} {t}!", "Everyone called the {t} {s}{a}.", "For the money, the {t} is {s}{a}.", "I v{v} the {t}.", "I really v{v} this {t}.",
    "We v{v} the {t}, all of us.", "I v{v} everything about the {t}.", "You will v{v} the {t}.", "My friends v{v} it.", "I v{v} it so much.", "All my guests v{v} the {t}.", "It is hard not to v{v} this {t}.",
]  # fmt: skip
TURNS_ROUND = [  # what was feared and what came: the second half decides
    ("I expected the worst, but the {t} was {good}.", "I had high hopes, but the {t} was {bad}."),
    ("I was worried at first, yet the {t} was {good}.", "I was excited at first, yet the {t} was {bad}."),
    ("The {t} was not bad at all.", "The {t} was not good at all."),
    ("The {t} is anything but {bad}.", "The {t} is anything but {good}."),
    ("I have nothing to complain about.", "I have nothing good to say about the {t}."),
    ("Not {bad} at all, rather {good}!", "Not {good} at all, rather {bad}!"),
    ("I cannot praise the {t} enough.", "I cannot recommend the {t}."),
    ("The price was high, but the {t} was {good}.", "The price was low, but the {t} was {bad}."),
    ("My friends called it {bad}, but I found the {t} {good}.", "My friends called it {good}, but I found the {t} {bad}."),
    ("Once the {t} was {bad}, now it is {good}.", "Once the {t} was {good}, now it is {bad}."),
]
MOODS = {"Positive": POSITIVE, "Negative": NEGATIVE, "Neutral": NEUTRAL}

SENTIMENT = [
    'Is this positive, negative or neutral? "{x}"', "Is this review positive, negative or neutral? {x}", "{x}\nPositive, negative or neutral?",
    "What is the sentiment of this text? {x}", "Sentiment: {x}", "sentiment of: {x}", "Classify the sentiment: {x}", "Tell me the sentiment: {x}",
    "Review: {x}\nSentiment:", "Text: {x}\nIs the mood positive, negative or neutral?", "What is the mood of this message? {x}",
    "Label this as positive, negative or neutral: {x}", "Please classify this review as positive, negative or neutral.\n{x}", "{x}\nSentiment?",
    'Which sentiment does "{x}" have?', "Read this review: {x}\nWhat is its sentiment?", "Judge the tone: {x}", "Rate the sentiment of this: {x}",
    "positive negative or neutral: {x}", "Decide if this is positive, negative or neutral.\n\n{x}", "Q: What is the sentiment? {x}\nA:",
    "Is the following positive, negative or neutral?\n{x}", "A customer wrote: {x} What is the sentiment?", "Customer feedback: {x}\nMood?",
    "How does this sound, positive, negative or neutral? {x}", "Answer with Positive, Negative or Neutral: {x}", "sentiment? {x}",
    "Determine the sentiment of the sentence.\n{x}", "Do a sentiment analysis of this: {x}", "What is the tone of this comment? {x}",
    "I got this feedback: {x} Is it positive, negative or neutral?", "Sort this into positive, negative or neutral: {x}",
]
SENTIMENT_SYSTEM = [
    "Classify each message as Positive, Negative or Neutral.", "You are a sentiment classifier. Answer Positive, Negative or Neutral.", "Say whether the text is positive, negative or neutral.", "Label reviews: Positive, Negative, Neutral.",
    "Your task is sentiment analysis.", "Give the sentiment of every text the user sends.", "Reply with the sentiment only: Positive, Negative or Neutral.", "You judge the mood of customer reviews.", "The user sends reviews. Tell their sentiment.",
    "Sentiment: positive, negative or neutral?", "You rate feedback as positive, negative or neutral.", "Answer with one word, the sentiment of the text.", "Detect the sentiment of the user's message.",
]  # fmt: skip
TOPIC_SYSTEM = [
    "Classify each text. Labels: {ls}.", "You are a classifier. Answer with one of these labels: {ls}.", "Say whether the text is about {or}.", "Label the user's message with one of: {ls}.", "Topics: {ls}. Give the topic of every message.",
    "Your task is to sort messages into {or}.", "Reply with the topic only: {or}.", "Route each message to one category: {ls}.", "The user sends texts. Tell their topic: {or}.", "Choose the best label for the text: {ls}.", "Categories: {ls}. Answer with the category.",
    "You tag news with one of {ls}.", "One label per message: {or}.",
]  # fmt: skip
TWO_MOODS = [
    "Is this review positive or negative? {x}", "Positive or negative? {x}", "{x}\nIs that positive or negative?", "positive or negative: {x}",
    "Say whether this is positive or negative: {x}", "Good or bad review, positive or negative? {x}", "Review: {x}\nPositive or negative?",
    "Would you call this positive or negative? {x}", "Label this as positive or negative.\n{x}", 'Is "{x}" positive or negative?',
    "Please tell me if this comment is positive or negative: {x}", "Negative or positive? {x}", "Decide: positive or negative?\n\n{x}",
]
HAPPY = [
    "Is the writer happy? {x}", "{x}\nIs the writer satisfied?", "Was the customer happy? {x}", "Does this person sound happy? {x}",
    "Did the customer like it? {x}", "{x} Is this person pleased?", "Is this a happy customer? {x}", "Was this person satisfied? {x}",
    "Review: {x}\nDid they like it?", "Is the author of this pleased? {x}", "does the writer like it? {x}", "Feedback: {x}\nHappy customer?",
]


def mood_sentence(rng: random.Random, held: bool, mood: str, domain: str, thing: str) -> str:
    if rng.random() < 0.2:
        return choose(rng, ANY[mood], held)
    if mood != "Neutral" and rng.random() < 0.4:
        words = {"good": rng.choice(ADJECTIVES["Positive"]), "bad": rng.choice(ADJECTIVES["Negative"]), "t": thing}
        if rng.random() < 0.35:
            first, second = choose(rng, TURNS_ROUND, held)
            return (first if mood == "Positive" else second).format(**words)
        word = words["good" if mood == "Positive" else "bad"]
        form = choose(rng, ADJECTIVE_FORMS, held).replace("v{v}", rng.choice(VERBS[mood]))
        strength = rng.choice(["", "", "really ", "absolutely ", "so ", "quite "]) if " a {s}" not in form else rng.choice(["", "really ", "truly "])
        return with_articles(form.format(t=thing, s=strength, a=word, A=word.capitalize()))
    return with_articles(choose(rng, MOODS[mood][domain], held).format(t=thing))


def with_articles(text: str) -> str:
    return re.sub(r"\b([Aa]) (?=[aeiou])(?!use|uni|one)", r"\1n ", text)


def make_sentiment(rng: random.Random, held: bool) -> Example:
    domain = rng.choice(list(THINGS))
    form = rng.choice(["three", "three", "three", "two", "happy"])
    mood = rng.choice(["Positive", "Negative", "Neutral"] if form == "three" else ["Positive", "Negative"])
    # A plain sentence beside a coloured one does not change the mood.
    parts = [mood] if rng.random() < 0.5 else rng.choice([[mood, mood], [mood, "Neutral"], ["Neutral", mood]])
    thing = rng.choice(THINGS[domain])
    sentences = [mood_sentence(rng, held, part, domain, thing) for part in parts]
    if len(sentences) == 2 and sentences[0] == sentences[1]:
        sentences, parts = sentences[:1], parts[:1]
    text = " ".join(sentences)
    if rng.random() < 0.1:
        text = text.lower() if rng.random() < 0.7 else text.replace(".", "!") if mood != "Neutral" else text.rstrip(".")
    says = {"Positive": "good", "Negative": "bad", "Neutral": "plain"}
    thought = " ".join(f"Part {n} is {says[part]}." for n, part in enumerate(parts, 1)) if len(parts) > 1 else f"It is {says[mood]}."
    if form == "three" and rng.random() < 0.12:  # an application's way: the task in the system turn
        return Example([("system", choose(rng, SENTIMENT_SYSTEM, held)), ("user", text)], mood, thought)
    templates = {"three": SENTIMENT, "two": TWO_MOODS, "happy": HAPPY}[form]
    user = choose(rng, templates, held).replace("{x}", text)
    if form == "happy":
        answer = "Yes, the writer is happy." if mood == "Positive" else "No, the writer is unhappy."
        return Example([("user", user)], answer, thought, (f"re:(?i)^{answer[:3].strip(', ')}\\b",))
    return Example([("user", user)], mood, thought, (f"re:(?i)^(it is |the sentiment is |this is )?(a )?{mood}\\b",))


# ---- yes or no: facts -----------------------------------------------------------------

# What a thing is, and what it is not. Plurals as they are asked for.
KINDS: dict[str, str] = {
    "mammal": "dog cat horse cow whale dolphin bat lion tiger bear elephant mouse rabbit wolf monkey sheep goat pig fox kangaroo camel seal",
    "bird": "eagle penguin ostrich duck owl parrot sparrow swan chicken crow hawk pigeon robin turkey",
    "fish": "salmon shark trout tuna cod eel herring goldfish sardine",
    "insect": "bee ant butterfly fly mosquito beetle wasp cricket moth",
    "reptile": "snake lizard turtle crocodile gecko",
    "amphibian": "frog toad newt salamander",
    "fruit": "apple banana pear cherry orange grape lemon mango peach plum strawberry melon",
    "vegetable": "carrot onion potato cabbage radish beet leek turnip parsnip",
    "tree": "oak pine willow birch maple palm",
    "flower": "rose tulip daisy lily sunflower violet",
    "tool": "hammer saw drill wrench screwdriver shovel",
    "vehicle": "car bus truck bicycle train plane tractor boat",
    "musical instrument": "piano guitar violin flute drum trumpet harp cello",
    "piece of furniture": "table chair sofa bed desk wardrobe bookshelf",
    "piece of clothing": "shirt coat hat sock scarf dress sweater glove",
    "metal": "gold silver iron copper aluminum lead tin zinc",
    "color": "red blue green yellow purple orange black white",
    "planet": "Mars Venus Jupiter Saturn Mercury Neptune Uranus Earth",
    "country": "France Japan Brazil Egypt Canada India Spain Kenya Italy Norway",
    "city": "Paris London Tokyo Berlin Rome Madrid Cairo Oslo Vienna",
    "continent": "Africa Asia Europe Australia Antarctica",
    "language": "French German Spanish Italian English Latin Greek",
    "month": "January March May July October December",
    "day of the week": "Monday Tuesday Friday Sunday",
    "season": "spring summer autumn winter",
    "sport": "football tennis basketball swimming hockey golf rugby",
    "meal": "breakfast lunch dinner",
}
MASS_KINDS = {"metal", "color", "planet", "country", "city", "continent", "language", "month", "day of the week", "season", "sport", "meal"}
NEAR = {  # the mistakes worth asking about
    "mammal": ["fish", "bird", "reptile", "insect"], "bird": ["mammal", "fish", "insect"], "fish": ["mammal", "bird", "reptile"],
    "insect": ["bird", "mammal", "fish"], "reptile": ["mammal", "insect", "fish"], "amphibian": ["mammal", "bird", "fish"],
    "fruit": ["vegetable", "mammal", "tool"], "vegetable": ["fruit", "flower", "fish"], "tree": ["flower", "tool", "fruit"], "flower": ["tree", "vegetable"],
    "tool": ["vehicle", "fruit", "musical instrument"], "vehicle": ["tool", "mammal", "fruit"], "musical instrument": ["tool", "vehicle"],
    "piece of furniture": ["tool", "vehicle"], "piece of clothing": ["piece of furniture", "tool"], "metal": ["planet", "sport", "month"],
    "color": ["metal", "planet", "meal"], "planet": ["country", "city", "metal"], "country": ["city", "continent", "planet"], "city": ["country", "continent", "planet"],
    "continent": ["country", "city", "planet"], "language": ["country", "city", "color"], "month": ["season", "day of the week"],
    "day of the week": ["month", "season"], "season": ["month", "day of the week"], "sport": ["meal", "metal", "color"], "meal": ["sport", "season"],
}  # fmt: skip

# Statement pairs: subject | what is so | what is not so. The question is made by moving the verb to the front.
TRAITS = pieces("""ice is cold/hot|fire is hot/cold|snow is white/black|the sun is hot/cold|a lemon is sour/sweet|sugar is sweet/sour|salt is salty/sweet|
    coal is black/white|grass is green/blue|a banana is yellow/blue|milk is white/green|blood is red/green|a stone is hard/soft|a pillow is soft/hard|
    a feather is light/heavy|an elephant is heavy/light|a snail is slow/fast|a cheetah is fast/slow|a mouse is small/large|a whale is large/small|
    the ocean is deep/shallow|a desert is dry/wet|rain is wet/dry|a knife is sharp/blunt|a ball is round/square|the earth is round/flat|night is dark/bright|
    honey is sweet/bitter|glass is hard/soft|wool is warm/cold|a giraffe is tall/short|a needle is thin/thick|a rocket is fast/slow|winter is cold/warm|
    summer is warm/cold|steel is strong/weak|paper is thin/thick|a mountain is high/low|a kitten is young/old|a diamond is hard/soft""")
# who | can do | cannot do
POWERS = pieces("""a bird/fly/talk on the phone|an eagle/fly/drive a car|a fish/swim/walk|a dog/swim/fly|a cat/climb/fly|a car/drive/fly|a plane/fly/swim|
    a boat/float/fly|a stone/sink/float in water|a penguin/swim/fly|an ostrich/run/fly|a bat/fly/read|a bee/fly/sing songs|a frog/jump/fly|
    a horse/run/fly|a snake/crawl/walk|a tree/grow/walk|a baby/cry/drive a car|a duck/swim/write|a monkey/climb/fly|a whale/swim/fly|
    a parrot/fly/drive a car|a spider/crawl/fly|a kangaroo/jump/fly|a dolphin/swim/fly|a human/think/breathe under water|a fish/breathe under water/fly a plane|
    a clock/show the time/swim|a lamp/give light/sing|a chair/carry a person/run|wood/burn/swim|ice/melt/burn|a magnet/attract iron/attract wood|
    a cow/give milk/fly|a chicken/lay eggs/give milk|an owl/see at night/write|a plant/grow/talk|a robot/move/taste food|a ship/float/fly""")
FACT_LINES = pieces("""Y: Does a week have seven days?: A week has seven days|N: Does a week have eight days?: A week has seven days|
    Y: Does a year have twelve months?: A year has twelve months|N: Does a year have ten months?: A year has twelve months|
    Y: Does an hour have sixty minutes?: An hour has sixty minutes|N: Does a day have thirty hours?: A day has twenty-four hours|
    Y: Does a spider have eight legs?: A spider has eight legs|N: Does a spider have six legs?: A spider has eight legs|
    Y: Does an insect have six legs?: An insect has six legs|N: Does a dog have six legs?: A dog has four legs|
    Y: Does a dog have four legs?: A dog has four legs|N: Does a bird have four legs?: A bird has two legs|Y: Does a bird have two legs?: A bird has two legs|
    Y: Does a triangle have three sides?: A triangle has three sides|N: Does a triangle have four sides?: A triangle has three sides|
    Y: Does a square have four sides?: A square has four sides|N: Does a square have five sides?: A square has four sides|
    Y: Do fish live in water?: Fish live in water|N: Do fish live in trees?: Fish live in water|Y: Do birds have feathers?: Birds have feathers|
    N: Do fish have feathers?: Birds have feathers, fish have scales|Y: Do cows eat grass?: Cows eat grass|N: Do cows eat meat?: Cows eat grass|
    Y: Do lions eat meat?: Lions eat meat|N: Do lions eat grass?: Lions eat meat|Y: Do bees make honey?: Bees make honey|N: Do ants make honey?: Bees make honey|
    Y: Does the sun rise in the east?: The sun rises in the east|N: Does the sun rise in the west?: The sun rises in the east|
    Y: Does the sun set in the west?: The sun sets in the west|Y: Does water freeze at 0 degrees Celsius?: Water freezes at 0 degrees Celsius|
    Y: Does water boil at 100 degrees Celsius?: Water boils at 100 degrees Celsius|N: Does water boil at 50 degrees Celsius?: Water boils at 100 degrees Celsius|
    Y: Is Monday before Tuesday?: Monday is before Tuesday|N: Is Friday before Thursday?: Friday is after Thursday|Y: Is March after February?: March is after February|
    N: Is June before May?: June is after May|Y: Does the moon go around the earth?: The moon goes around the earth|
    N: Does the sun go around the earth?: The earth goes around the sun|Y: Does the earth go around the sun?: The earth goes around the sun|
    Y: Is a minute shorter than an hour?: A minute is shorter than an hour|N: Is a day longer than a week?: A week is longer than a day|
    Y: Is a kilometer longer than a meter?: A kilometer is longer than a meter|N: Is a gram heavier than a kilogram?: A kilogram is heavier than a gram|
    Y: Is an elephant bigger than a mouse?: An elephant is bigger than a mouse|N: Is a mouse bigger than a cat?: A cat is bigger than a mouse|
    Y: Is a plane faster than a bicycle?: A plane is faster than a bicycle|N: Is a bicycle faster than a car?: A car is faster than a bicycle|
    Y: Is the sun bigger than the earth?: The sun is bigger than the earth|N: Is the moon bigger than the earth?: The earth is bigger than the moon|
    Y: Is Paris in France?: Paris is in France|N: Is Rome in Spain?: Rome is in Italy|Y: Is Berlin in Germany?: Berlin is in Germany|N: Is London in France?: London is in England|
    Y: Is Tokyo in Japan?: Tokyo is in Japan|N: Is Cairo in Japan?: Cairo is in Egypt|Y: Is Egypt in Africa?: Egypt is in Africa|N: Is Brazil in Europe?: Brazil is in South America|
    Y: Is bread made from flour?: Bread is made from flour|N: Is bread made from sand?: Bread is made from flour|Y: Is cheese made from milk?: Cheese is made from milk|
    N: Is cheese made from grass?: Cheese is made from milk|Y: Is paper made from wood?: Paper is made from wood|N: Is glass made from wood?: Glass is made from sand|
    Y: Do we see with our eyes?: We see with our eyes|N: Do we hear with our nose?: We hear with our ears|Y: Do we smell with our nose?: We smell with our nose|
    N: Do people walk on their hands?: People walk on their feet|Y: Does a hand have five fingers?: A hand has five fingers|N: Does a hand have seven fingers?: A hand has five fingers|
    Y: Does wood float on water?: Wood floats on water|N: Does iron float on water?: Iron sinks in water|Y: Is a puppy a young dog?: A puppy is a young dog|
    N: Is a kitten a young dog?: A kitten is a young cat|Y: Is a calf a young cow?: A calf is a young cow|N: Is a lamb a young horse?: A lamb is a young sheep""")


def article(noun: str) -> str:
    return ("an " if noun[0] in "aeiou" else "a ") + noun


# {q} is the question with its mark, {Q} without its mark, {l} small, {s} the same as a statement.
FACT_FRAMES = [
    "{q}", "{q}", "{l}", "Q: {q}\nA:", "Tell me: {q}", "{q} Please tell me.", "Quick question: {q}", "Do you know this? {q}", "I wonder: {q}",
    "A question for you: {q}", "Hello! {q}", "My child asks: {q}", "Hey, {l}", "{Q}", "Question: {q}", "Can you tell me? {q}", "Please answer: {q}",
    "One thing: {q}", "Somebody asked me: {q}", "Help me with this one: {q}", "Is the answer yes or no? {q} And why?", "so, {l}", "Think: {q}",
    "{q} Explain in one sentence.", "What do you think: {l}",
]
BARE_FRAMES = [
    "Yes or no: {q}", "yes or no? {l}", "{q} Answer yes or no.", "{q} Yes or no?", "Answer with yes or no: {q}", "Only yes or no: {q}", "{q} (yes/no)",
    "Answer yes or no.\n{q}", "Reply with one word, yes or no. {q}", "{q} Just say yes or no.", "In one word, yes or no: {q}", "y/n: {l}",
    "{q} One word only: yes or no.", "Please say yes or no. {q}",
]
ASKED_BARE = [template for template in BARE_FRAMES if template.startswith("{q}")] + [
    "{q} Say yes or no.", "{q} Answer with one word.", "{q} A yes or no is enough.", "{q} Only yes or no, please.", "{q} Yes or no, nothing else.",
]  # fmt: skip
TRUTH_FRAMES = [
    "True or false: {s}.", "True or false? {s}.", "{s}. True or false?", "Is it true that {sl}?", "Is this true: {s}?", "Is this right: {s}?",
    "{s}. Is that true?", "{s}. Is that correct?", "{s}, right?", "I think {sl}. Am I right?", "Someone says {sl}. Is that so?", "Is it correct that {sl}?",
    "{s}, true?", "Can it be true that {sl}?",
]


def fact(rng: random.Random) -> tuple[str, str, bool, str]:
    """A question, the same as a statement ("" if there is none), whether it is so, and what is so."""
    kind = rng.choices(["class", "trait", "power", "line"], [45, 15, 18, 22])[0]
    if kind == "class":
        return class_fact(rng)
    if kind == "trait":
        subject, rest = rng.choice(TRAITS).split(" is ")
        so, not_so = rest.split("/")
        true = rng.random() < 0.5
        return f"Is {subject} {so if true else not_so}?", f"{subject} is {so if true else not_so}", true, f"{subject} is {so}"
    if kind == "power":
        subject, can, cannot = rng.choice(POWERS).split("/")
        if rng.random() < 0.5:
            return f"Can {subject} {can}?", f"{subject} can {can}", True, f"{subject} can {can}"
        return f"Can {subject} {cannot}?", f"{subject} can {cannot}", False, f"{subject} cannot {cannot}"
    yes, question, so = (part.strip() for part in rng.choice(FACT_LINES).split(":"))
    return question, so if yes == "Y" else "", yes == "Y", so


def class_fact(rng: random.Random) -> tuple[str, str, bool, str]:
    kind = rng.choice(list(KINDS))
    thing = rng.choice(KINDS[kind].split())
    true = rng.random() < 0.5
    asked = kind if true else rng.choice(NEAR[kind])
    name = thing if kind in MASS_KINDS else article(thing)
    so = f"{name} is {article(kind)}" if kind != "fish" else f"{name} is a fish"
    question = rng.choice(["Is {t} {k}?"] * 4 + ["Would you call {t} {k}?", "Does {t} count as {k}?", "Do we call {t} {k}?"])
    return question.format(t=name, k=article(asked)), f"{name} is {article(asked)}", true, so


def yes_no(rng: random.Random, held: bool, question: str, claim: str, true: bool, so: str, thought: str) -> tuple[str, str, str, tuple[str, ...]]:
    """User's words, answer, thought, accepted: for the question in one of the three ways of asking."""
    word = "Yes" if true else "No"
    capital = so[:1].upper() + so[1:]
    way = rng.choices(["full", "bare", "truth"], [55, 25, 20 if claim else 0])[0]
    values = {"q": question, "Q": question.rstrip("?"), "l": question[:1].lower() + question[1:], "s": claim[:1].upper() + claim[1:], "sl": claim}
    template = choose(rng, {"full": FACT_FRAMES, "bare": BARE_FRAMES, "truth": TRUTH_FRAMES}[way], held)
    user = template.format(**values)
    accept: tuple[str, ...] = (f"re:(?i)^{word}\\b",)
    if way == "bare":
        return user, word, thought or f"{capital}.", accept
    if way == "truth" and "rue or false" in template:
        word = "True" if true else "False"
        accept = (f"re:(?i)^{word}\\b",)
    # A proper name keeps its capital after the comma.
    return user, f"{word}, {so if so[:1].islower() or is_name(so) else so[:1].lower() + so[1:]}.", thought or f"{capital}.", accept


COMMON_STARTS = {"A", "An", "The", "We", "Fish", "Birds", "Cows", "Lions", "Bees", "Water", "People", "Bread", "Cheese", "Paper", "Glass", "Wood", "Iron"}


def is_name(sentence: str) -> bool:
    return sentence.split()[0] not in COMMON_STARTS


# ---- yes or no: given texts -----------------------------------------------------------

SHOPS = "shop library bank museum bakery pharmacy post office cafe pool gym cinema zoo clinic market".replace("post office", "post-office").split()
SHOPS = [shop.replace("-", " ") for shop in SHOPS]
TEXT_QUESTION_FRAMES = [
    "{x} {q}", "{x} {q}", "{x}\n{q}", "{x}\n\n{q}", "Text: {x}\nQuestion: {q}", "Text: {x} {q}", "{q} {x}", "{x} So, {l}", "{x} Tell me: {q}",
    "Given: {x} {q}", "Read this: {x} {q}", "Q: {x} {q}\nA:", "We know this: {x} {q}", "{x} Now, {l}", "Here are the facts: {x} {q}", "{x} {l}",
    "{x} Please answer: {q}", "Suppose: {x} {q}", "Context: {x}\n{q}", "{x} What do you say, {l}", "Story: {x}\nQ: {q}", "{q}\nText: {x}",
]
UNKNOWN = "The text does not say."


def two(rng: random.Random, low: int, high: int) -> tuple[int, int]:
    first, second = rng.sample(range(low, high + 1), 2)
    return first, second


def names(rng: random.Random, count: int, held: bool) -> list[str]:
    drawn: list[str] = []
    while len(drawn) < count:
        name = choose(rng, FIRST, held)
        if name not in drawn:
            drawn.append(name)
    return drawn


# Each gives: text, question, yes or no (None: not said), what is so, thought.
Given = tuple[str, str, bool | None, str, str]


def given_hours(rng: random.Random, held: bool) -> Given:
    shop, opens, closes = rng.choice(SHOPS), rng.randint(6, 11), rng.randint(14, 22)
    asked = rng.choice([hour for hour in range(5, 24) if hour not in (opens, closes)])
    open_ = opens < asked < closes
    text = rng.choice(["The {s} opens at {a}:00 and closes at {b}:00.", "The {s} is open from {a}:00 to {b}:00.", "Opening hours of the {s}: {a}:00 to {b}:00."])
    question = rng.choice(["Is it open at {t}:00?", "Can I go there at {t}:00?", "Is the {s} open at {t}:00?"])
    where = f"{asked} is before {opens}" if asked < opens else f"{asked} is after {closes}" if asked > closes else f"{asked} is between"
    thought = f"Open from {opens} to {closes}. {where}."
    values = {"s": shop, "a": opens, "b": closes, "t": asked}
    so = f"it is {'open' if open_ else 'closed'} at {asked}:00"
    return text.format(**values), question.format(**values), open_, so, thought


def given_closed(rng: random.Random, held: bool) -> Given:
    days = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
    shop, (closed, other) = rng.choice(SHOPS), rng.sample(days, 2)
    asked = rng.choice([closed, other])
    text = f"The {shop} is closed on {closed}s and open on all other days."
    open_ = asked != closed
    return text, f"Is the {shop} open on {asked}?", open_, f"it is {'open' if open_ else 'closed'} on {asked}s", f"Closed: {closed}. Asked: {asked}."


COMPARISONS = [  # text of a value, more, less, greatest number
    ("{n} is {v} years old.", "older", "younger", 90), ("{n} has {v} coins.", "richer", "poorer", 60), ("{n} is {v} centimeters tall.", "taller", "shorter", 190),
    ("{n} ran {v} kilometers an hour.", "faster", "slower", 25), ("{n} weighs {v} kilos.", "heavier", "lighter", 95),
]  # fmt: skip


def given_comparison(rng: random.Random, held: bool) -> Given:
    form, more, less, top = rng.choice(COMPARISONS)
    (a, b), (first, second) = two(rng, top // 3, top), names(rng, 2, held)
    text = " ".join([form.format(n=first, v=a), form.format(n=second, v=b)])
    word = rng.choice([more, less])
    one, other, x, y = (first, second, a, b) if rng.random() < 0.5 else (second, first, b, a)
    true = (x > y) == (word == more)
    verb = {"faster": "Was", "slower": "Was"}.get(word, "Is")
    said = word if true else (less if word == more else more)
    thought = f"{one} {x}, {other} {y}. {x} is {'more' if x > y else 'less'} than {y}."
    return text, f"{verb} {one} {word} than {other}?", true, f"{one} {verb.lower()} {said} than {other}", thought


def given_money(rng: random.Random, held: bool) -> Given:
    (name,), (has, costs) = names(rng, 1, held), two(rng, 3, 90)
    thing = rng.choice(THEMES["things"])
    text = rng.choice(["{n} has {h} dollars. A {t} costs {c} dollars.", "A {t} costs {c} dollars. {n} has {h} dollars.", "{n} owns {h} dollars, and the {t} costs {c}."])
    enough = has >= costs
    so = f"{has} dollars are {'enough' if enough else 'not enough'}"
    thought = f"Has {has}, costs {costs}. {has} is {'more' if enough else 'less'} than {costs}."
    text = re.sub(r"\b([Aa]) (?=[aeiou])", r"\1n ", text.format(n=name, h=has, c=costs, t=thing))
    return text, f"Can {name} buy the {thing}?", enough, so, thought


def given_place(rng: random.Random, held: bool) -> Given:
    thing, (here, there) = rng.choice(THEMES["things"]), rng.sample(THEMES["places"], 2)
    asked = rng.choice([here, there])
    text = rng.choice(["The {t} is in the {p}.", "I left the {t} in the {p}.", "Someone put the {t} into the {p}."]).format(t=thing, p=here)
    return text, f"Is the {thing} in the {asked}?", asked == here, f"the {thing} is in the {here}", f"The {thing}: {here}. Asked: {asked}."


def given_color(rng: random.Random, held: bool) -> Given:
    thing, (color, other) = rng.choice(THEMES["clothes"] + THEMES["things"]), rng.sample(THEMES["colors"], 2)
    asked = rng.choice([color, other])
    (name,) = names(rng, 1, held)
    text = rng.choice(["{n} has a {c} {t}.", "{n} bought a {c} {t} yesterday.", "The {t} of {n} is {c}."]).format(n=name, c=color, t=thing)
    text = re.sub(r"\ba (?=[aeiou])", "an ", text)
    return text, f"Is the {thing} {asked}?", asked == color, f"the {thing} is {color}", f"The {thing}: {color}. Asked: {asked}."


def given_members(rng: random.Random, held: bool) -> Given:
    people = names(rng, rng.randint(3, 5), held)
    asked = rng.choice(people)
    on = people if rng.random() < 0.5 else [person for person in people if person != asked]
    group = rng.choice(["team", "list", "committee", "choir", "guest list"])
    text = rng.choice(["The {g}: {m}.", "On the {g} are {m}.", "These people are on the {g}: {m}."]).format(g=group, m=", ".join(on))
    so = f"{asked} is {'' if asked in on else 'not '}on the {group}"
    thought = ", ".join(f"{person} {'yes' if person == asked else 'no'}" for person in on) + "."
    return text, f"Is {asked} on the {group}?", asked in on, so, thought


STATES = [("open", "closed"), ("on", "off"), ("full", "empty"), ("locked", "unlocked"), ("clean", "dirty"), ("wet", "dry"), ("hot", "cold"), ("broken", "whole")]
STATE_THINGS = {
    "open": ["door", "window", "gate", "box", "shop"], "on": ["lamp", "radio", "oven", "heater", "computer"], "full": ["cup", "bottle", "bucket", "bus", "bag"],
    "locked": ["door", "car", "drawer", "safe", "garage"], "clean": ["plate", "floor", "shirt", "kitchen", "car"], "wet": ["towel", "coat", "street", "grass", "hair"],
    "hot": ["soup", "tea", "stove", "water", "pan"], "broken": ["vase", "chair", "glass", "toy", "clock"],
}  # fmt: skip


def given_state(rng: random.Random, held: bool) -> Given:
    pair = rng.choice(STATES)
    thing, (now, other) = rng.choice(STATE_THINGS[pair[0]]), rng.sample(pair, 2)
    asked = rng.choice(pair)
    (name,) = names(rng, 1, held)
    text = rng.choice(["The {t} is {a}.", "{n} says that the {t} is {a}.", "The {t} was {b} before. Now it is {a}.", "{n} came home and found the {t} {a}."])
    return text.format(t=thing, a=now, b=other, n=name), f"Is the {thing} {asked}?", asked == now, f"the {thing} is {now}", f"The {thing}: {now}. Asked: {asked}."


def given_all(rng: random.Random, held: bool) -> Given:
    thing, box, (color, other) = rng.choice(["ball", "pen", "cup", "hat", "apple", "sock", "card", "coin"]), rng.choice(["box", "bag", "drawer", "basket"]), rng.sample(THEMES["colors"], 2)
    if rng.random() < 0.5:
        asked = rng.choice([color, other])
        text = f"All the {thing}s in the {box} are {color}."
        return text, f"Is there {article(asked)} {thing} in the {box}?", asked == color, f"all the {thing}s in the {box} are {color}", f"All: {color}. Asked: {asked}."
    text = f"There is no {color} {thing} in the {box}."
    return text, f"Is there {article(color)} {thing} in the {box}?", False, f"there is no {color} {thing} in the {box}", f"No {color} {thing}."


def given_catch(rng: random.Random, held: bool) -> Given:
    (name,), hour, (leaves, comes) = names(rng, 1, held), rng.randint(6, 22), two(rng, 0, 59)
    ride = rng.choice(["bus", "train", "ferry", "plane", "tram"])
    text = rng.choice(["The {r} leaves at {h}:{a:02}. {n} arrives at {h}:{b:02}.", "{n} arrives at {h}:{b:02}, and the {r} leaves at {h}:{a:02}."])
    early = comes < leaves
    so = f"{name} arrives {'before' if early else 'after'} the {ride} leaves"
    thought = f"Leaves at {hour}:{leaves:02}, arrives at {hour}:{comes:02}. {comes:02} is {'before' if early else 'after'} {leaves:02}."
    return text.format(r=ride, h=hour, a=leaves, b=comes, n=name), f"Does {name} catch the {ride}?", early, so, thought


def given_limit(rng: random.Random, held: bool) -> Given:
    limit, weight = two(rng, 5, 99)
    carrier, load = rng.choice([("bag", "stone"), ("shelf", "box"), ("elevator", "crate"), ("cart", "sack"), ("box", "book pile"), ("boat", "load")])
    text = f"The {carrier} can carry {limit} kilos. The {load} weighs {weight} kilos."
    fits = weight <= limit
    so = f"{weight} kilos are {'not more' if fits else 'more'} than {limit}"
    return text, f"Can the {carrier} carry the {load}?", fits, so, f"Limit {limit}, weight {weight}. {weight} is {'less' if fits else 'more'} than {limit}."


def given_chain(rng: random.Random, held: bool) -> Given:
    people = names(rng, 3, held)
    more, less = rng.choice([("taller", "shorter"), ("older", "younger"), ("faster", "slower"), ("stronger", "weaker")])
    a, b, c = people
    said = [f"{a} is {more} than {b}.", f"{b} is {more} than {c}."]
    rng.shuffle(said)
    x, y = rng.sample(people, 2)
    word = rng.choice([more, less])
    ahead = people.index(x) < people.index(y)
    true = ahead == (word == more)
    so = f"{x} is {more if ahead else less} than {y}"
    return " ".join(said), f"Is {x} {word} than {y}?", true, so, f"Order, {more} first: {a}, {b}, {c}. {x} comes {'before' if ahead else 'after'} {y}."


def given_unknown(rng: random.Random, held: bool) -> Given:
    first, second = names(rng, 2, held)
    thing, place, color = rng.choice(THEMES["things"]), rng.choice(THEMES["places"]), rng.choice(THEMES["colors"])
    animal, other = rng.sample(["dog", "cat", "horse", "parrot", "rabbit", "hamster"], 2)
    text, question, about = rng.choice([
        (f"{first} has {article(thing)}.", f"Is the {thing} {color}?", f"the color of the {thing}"),
        (f"{first} has {article(animal)}.", f"Does {second} have {article(other)}?", f"animals of {second}"),
        (f"{first} went to the {place}.", f"Did {second} go to the {place}?", f"where {second} went"),
        (f"{first} is {rng.randint(8, 80)} years old.", f"Is {first} older than {second}?", f"the age of {second}"),
        (f"The {rng.choice(SHOPS)} opens at {rng.randint(6, 11)}:00.", f"Does {first} work there?", f"the work of {first}"),
        (f"The {thing} is in the {place}.", f"Is the {thing} expensive?", f"the price of the {thing}"),
        (f"{first} is taller than {second}. {first} is taller than the teacher.", f"Is {second} taller than the teacher?",
         f"{second} and the teacher"),
    ])  # fmt: skip
    return text, question, None, "", f"Said: {text} Nothing is said about {about}."


GIVEN: list[Callable[[random.Random, bool], Given]] = [
    given_hours, given_closed, given_comparison, given_comparison, given_money, given_place, given_color, given_members, given_state, given_all,
    given_catch, given_limit, given_chain, given_unknown, given_unknown,
]  # fmt: skip


def make_yesno(rng: random.Random, held: bool) -> Example:
    if rng.random() < 0.5:
        question, claim, true, so = fact(rng)
        user, answer, thought, accept = yes_no(rng, held, question, claim, true, so, "")
        return Example([("user", user)], answer, thought, accept)
    make = rng.choice(GIVEN)
    while True:
        text, question, true, so, thought = make(rng, held)
        if is_held((text, question)) == held:
            break
    bare = rng.random() < 0.3
    if bare:
        question = choose(rng, ASKED_BARE, held).format(q=question)
    user = choose(rng, TEXT_QUESTION_FRAMES, held).replace("{x}", text).replace("{q}", question).replace("{l}", question[:1].lower() + question[1:])
    if true is None:
        return Example([("user", user)], UNKNOWN, thought, ("re:(?i)(does not say|not said|not known|do not know|unknown)",))
    word = "Yes" if true else "No"
    return Example([("user", user)], word if bare else f"{word}, {so}.", thought, (f"re:(?i)^{word}\\b",))


# ---- classify -------------------------------------------------------------------------

# {p} a person, {n} a number, {c} a city
TOPICS: dict[str, list[str]] = {
    "sport": pieces("""The team won the final by {n} goals.|{p} scored twice in the second half.|The marathon starts at the stadium.|She broke the record
        in the high jump.|Our coach changed the goalkeeper.|The tennis match lasted {n} hours.|{p} swam {n} laps this morning.|The cyclists climbed
        the last hill.|The referee showed a red card.|He trains for the swimming championship.|The striker missed the penalty.|{p} won a gold medal
        in skiing.|The basketball league begins in {c}.|They lost the game in overtime.|The runners stretched before the race.|Fans cheered as the
        ball hit the net.|The boxer won in round {n}.|{c} hosts the rugby cup.|The golfer needed {n} strokes.|Our hockey club has a new captain."""),
    "food": pieces("""Boil the pasta for {n} minutes.|The soup needs more salt.|{p} baked a chocolate cake.|Fry the onions in butter.|The restaurant
        in {c} serves fresh fish.|Add two eggs and some flour.|I had toast and jam for breakfast.|The recipe asks for garlic and pepper.|We ate pizza
        with olives.|Slice the tomatoes and add cheese.|The bakery sells warm bread.|{p} cooks rice with vegetables.|Stir the sauce until it is
        thick.|Dinner was roast chicken with potatoes.|The menu has {n} desserts.|Mix sugar and cream.|The curry was very spicy.|Put the dough in the
        oven.|I drink my coffee with milk.|For lunch there is salad and soup."""),
    "travel": pieces("""Our flight to {c} leaves at noon.|We booked a hotel near the beach.|{p} packed a suitcase for the trip.|The train to {c} takes {n}
        hours.|Do not forget your passport.|We visited {n} museums in {c}.|The tour guide met us at the airport.|The cruise stops at three islands.|
        {p} took a bus through the mountains.|Our holiday in {c} starts on Saturday.|The hostel has free maps for tourists.|We camped beside the
        lake.|She bought a souvenir in {c}.|The ferry sails to the island twice a day.|Our luggage arrived late.|They drove along the coast for {n}
        days.|We need a visa for this journey.|The castle is full of tourists.|{p} rented a car at the airport.|We changed planes in {c}."""),
    "money": pieces("""The bank raised its interest rate.|{p} saved {n} dollars this month.|The rent is due on Friday.|Shares fell by {n} percent.|I paid the
        invoice by card.|The loan must be paid back in {n} years.|{p} opened a savings account.|Taxes go up next year.|The budget for the house is
        too small.|He owes me {n} euros.|The price of gold rose again.|Transfer {n} dollars to my account.|The company made a profit.|She invests in
        bonds.|My credit card has a limit.|Inflation is at {n} percent.|{p} sold the shares in {c}.|The cash machine is out of order.|We split the
        costs of the bill.|The pension fund lost value."""),
    "weather": pieces("""It will rain all day in {c}.|The storm brought strong wind.|Tomorrow will be sunny and warm.|Snow fell on the hills last night.|
        The temperature drops to {n} degrees.|Thick fog covers the valley.|Thunder and lightning are expected.|It is cloudy in {c} this morning.|A cold
        wind blows from the north.|The heat wave lasts {n} days.|There was frost on the grass.|The sky is clear and blue.|Showers are likely in the
        afternoon.|{c} had {n} hours of sunshine.|Hail damaged the crops.|The forecast says snow for Sunday.|The air is humid before the storm.|A
        drizzle fell at dawn.|It is freezing outside.|The hurricane moves toward the coast."""),
    "work": pieces("""The meeting with my boss is at ten.|{p} got a promotion.|Please send the report to the whole team.|Our office moves to {c}.|The deadline for
        the project is Monday.|{p} applied for a job as a manager.|I have {n} interviews with applicants.|The colleague from sales is on leave.|We
        hired {n} new employees.|The shift begins at six.|He signed the employment contract.|The department needs an assistant.|{p} works overtime
        this week.|The staff meeting was moved.|She gave her notice to the manager.|The intern prepares the slides.|Our team has a new supervisor.|I work
        from my desk at home.|The factory workers are on strike.|My career began in {c}."""),
    "health": pieces("""The doctor gave me pills for the pain.|{p} has a fever and a cough.|Wash your hands to avoid germs.|The dentist pulled a tooth.|She broke
        her arm and went to hospital.|Take the medicine {n} times a day.|My blood pressure is too high.|The nurse changed the bandage.|{p} is allergic
        to nuts.|Sleep is good for your heart.|The patient feels better after surgery.|He has had a headache for {n} days.|The vaccine protects
        against flu.|The clinic in {c} treats children.|A sore throat needs rest.|The doctor checked my lungs.|{p} needs new glasses for weak eyes.|
        The wound heals slowly.|Vitamins keep the body strong.|The pharmacy has drops for the ears."""),
    "music": pieces("""The band plays in {c} tonight.|{p} learns the piano.|The singer released a new album.|The orchestra played a symphony.|I like the
        melody of this song.|The choir has {n} voices.|{p} bought a guitar.|The concert lasted {n} hours.|She plays the violin in a quartet.|The drummer
        kept the rhythm.|The opera opens in {c}.|He wrote the lyrics of the song.|The record has {n} tracks.|Turn up the jazz station.|The trumpet
        solo was loud.|They danced to the tune.|The conductor raised his baton.|The flute sounds soft.|{p} sings in a rock band.|The festival has {n}
        bands on stage."""),
}  # fmt: skip
# Words that tell a topic, in sentences that do not. The words are not held out (their meaning must be learnt).
TOPIC_WORDS = {
    "sport": """football|tennis|the match|the referee|our coach|the stadium|the goal|swimming|the marathon|basketball|the race|rugby|golf|cycling|the championship|skiing|boxing|hockey|
        the Olympic Games|gymnastics|the players|volleyball|the winning team|baseball""",
    "food": """soup|bread|the recipe|the restaurant|cheese|pizza|the kitchen knife and the onions|dessert|breakfast|fresh fish|noodles|chocolate|salad|the menu|baking a cake|rice|dinner|fruit and vegetables|
        the oven and the dough|spices|coffee|eggs|pasta|butter""",
    "travel": """the flight|our hotel|the airport|passports|the beach holiday|the suitcase|the tour|luggage|a trip abroad|the train journey|sightseeing|the cruise|a road trip|camping|the boarding pass|tourists|
        the travel guide|a visa|the island trip|vacation plans|backpacking|the hostel""",
    "money": """the bank|the loan|taxes|my salary and savings|interest rates|shares|the invoice|the budget|debt|a savings account|the stock market|coins and banknotes|prices|the credit card|inflation|the rent payment|
        pensions|bonds|investments|the exchange rate|profits|cash""",
    "weather": """rain|snow|the storm|sunshine|the temperature outside|fog|wind|the forecast|thunder|clouds|frost|the heat wave|hail|lightning|the hurricane|drizzle|a cold front|the rainy season|ice and sleet|
        the humid air|showers|blue skies""",
    "work": """the office|my boss|the job interview|a promotion|colleagues|the deadline|the project meeting|overtime|the employees|a job application|the department|the manager|the night shift|my career|
        the employment contract|the staff|the internship|unemployment|the supervisor|working from home|the strike|the factory workers""",
    "health": """the doctor|fever|the hospital|medicine|a headache|the dentist|blood pressure|the flu|vaccines|the nurse|allergies|a broken leg|surgery|vitamins|the clinic|a sore throat|the patient|pills|
        back pain|heart disease|the cough|first aid""",
    "music": """the concert|the guitar|a song|the orchestra|the choir|the piano|an album|jazz|the band|the singer|opera|the violin|the melody|drums|rock and roll|the symphony|the trumpet|lyrics|the composer|
        the rhythm|the flute|folk songs""",
}
TOPIC_WORDS = {label: pieces(words) for label, words in TOPIC_WORDS.items()}
TOPIC_FORMS = pieces("""We talked about {w}.|I read something about {w}.|This is about {w}.|Do you know anything about {w}?|{p} asked me about {w}.|Tell me more about {w}.|The article deals with {w}.|
    There was a long report on {w}.|My question is about {w}.|I keep thinking of {w}.|{p} told us a story about {w}.|The whole page is about {w}.|What do you think about {w}?|They wrote about {w} again.|
    Today's subject is {w}.|I would like to hear about {w}.|{p} and I spoke of {w} all day.|News about {w}.|Here are some facts about {w}.|Nothing interests {p} more than {w}.|Let us discuss {w}.|
    The teacher explained {w}.|I know little about {w}.|She worries about {w}.""")
CITIES = "Paris London Tokyo Berlin Rome Madrid Cairo Oslo Vienna Lisbon Dublin Boston Prague Athens Zurich Lima Seoul Delhi".split()
TOPIC_FRAMES = [
    "What is the topic: {ls}? {x}", "Which topic fits: {ls}?\n{x}", "Choose a label from {ls}: {x}", "Classify this text as {or}: {x}",
    "{x}\nTopic ({ls})?", "Labels: {ls}\nText: {x}\nLabel:", "Is this about {or}? {x}", "Pick the right topic. Topics: {ls}. Text: {x}",
    'Assign one of these labels: {ls}. "{x}"', "Text: {x}\nWhich of these is it: {ls}?", "{x}\n\nIs that {or}?", "Categories: {ls}. Which one is this? {x}",
    "Put this sentence into one category ({ls}): {x}", "Which category, {or}: {x}", "Categorize: {x}\nCategories: {ls}", "Decide the topic of this: {x} Options: {ls}",
    "topics: {ls}. {x} -> ?", "Sort this message into {or}: {x}", "What is this text about, {or}?\n{x}", "One label please, {or}: {x}",
    "You are a classifier. Labels: {ls}.\n{x}", "Tag this with {or}: {x}", "Q: {x} Is the topic {or}?\nA:", "Read: {x} Topic? Choose from {ls}.",
    "Select the best label ({ls}) for: {x}", "Which of the topics {ls} does this belong to? {x}", "Label this {or}.\n{x}",
]
SPAM = pieces("""You have won {n} million dollars! Click here now!|Congratulations, you are our lucky winner! Send your bank details.|Cheap pills, no
    prescription, order now!|Make {n}00 dollars a day from home, no work!|Your account is locked. Click this link and enter your password.|Free phone! Only today!
    Click now!|Hot deal!!! {n}0 percent off everything, act now!|Dear friend, I am a prince and need your help to move money.|Lose {n} kilos in one week with this
    secret trick!|You have been selected for a free cruise. Call now!|Get rich fast with this coin! Do not miss it!|Claim your prize before midnight!!!|Urgent:
    verify your card number here.|Win a new car, just send us your card number!|Double your money in {n} days, guaranteed!|Limited offer: buy {n} followers for one
    dollar!|This miracle cream makes you {n} years younger!|Your parcel is waiting, pay a fee at this link!|Free gift card for you, click the link!|No credit check!
    Instant loan! Apply now!|Meet singles in your area tonight!|Earn cash by watching ads, sign up now!|You inherited {n} million, reply with your passport.|Final
    notice!!! Your prize expires in {n} minutes!|Casino bonus: {n}00 free spins, register now!|Secret stock tip: gains of {n}00 percent!|100% free trial, only your
    card number is needed!|Act fast!!! Only {n} left at this crazy price!|We noticed a virus on your computer, call this number now!|Best watches, fake price, real
    look, buy now!""")
HAM = pieces("""Can we meet at {n} tomorrow?|Please find the minutes of the meeting below.|Mom, I will be home for dinner.|Thanks for the book you lent me.|The meeting
    is moved to Thursday.|Happy birthday, {p}! See you on Sunday.|Could you send me the report by Friday?|I will be {n} minutes late, sorry.|Your appointment with the
    dentist is on Monday.|Do you want to have lunch with {p}?|The train was late, I just got home.|Please bring the keys to the office.|{p} says hello and hopes you
    are well.|I attached the photos from the picnic.|Your order was shipped yesterday.|The class starts at {n} in the main hall.|Let us talk about the plan
    tomorrow.|How was your exam, {p}?|The kids have a day off on Friday.|I left your jacket in the car.|The neighbors invite us for coffee.|Here is the recipe that
    you asked for.|Please call grandma when you can.|The plumber comes at {n} on Tuesday.|We need milk and bread.|Could you water my plants next week?|I agree with
    your changes to the text.|The library book is due on Monday.|{p} will pick you up at the station.|See you at practice tonight.""")
SPAM_FRAMES = [
    "Is this spam? {x}", "Spam or not spam? {x}", "Spam or not? {x}", "{x}\nSpam or not spam?", "Is this message spam or not spam? {x}", "Classify as spam or not spam: {x}",
    "Message: {x}\nIs it spam?", "is this spam: {x}", "Would you say this e-mail is spam? {x}", "Check this mail for spam: {x}", "Spam check: {x}",
    "I got this mail: {x} Is it spam?", "Label this as spam or not spam.\n{x}", "Tell me if this is spam: {x}", 'Is "{x}" spam?', "Decide: spam or not spam?\n{x}",
    "Mail: {x}\nLabel (spam, not spam):", "Should this go to the spam folder? {x}",
]  # fmt: skip
KIND_FRAMES = [
    "Is this a question or a statement? {x}", "Question or statement? {x}", "{x}\nQuestion or statement?", "question or statement: {x}", "Is the following a question or a statement?\n{x}",
    'Is "{x}" a question or a statement?', "Classify as question or statement: {x}", "Tell me if this is a question or a statement: {x}", "Sentence: {x}\nType (question, statement):",
    "Decide whether this is a question or a statement: {x}", "What is this, a question or a statement? {x}", "Label as question or statement.\n{x}", "Statement or question? {x}",
    "Does this ask or tell, question or statement? {x}",
]  # fmt: skip
LANGUAGE_FRAMES = [
    "What language is this? {x}", "Which language is this? {x}", "What language is this sentence in? {x}", "{x}\nWhich language?", "Language of: {x}", "language? {x}", "In which language is this written? {x}",
    'In what language is "{x}"?', "Identify the language: {x}", "Detect the language.\n{x}", "Tell me the language of this text: {x}", "Is this English, German, French, Spanish or Italian? {x}",
    "{x}\nWhat language is that?", "Name the language: {x}", "Which of English, German, French, Spanish, Italian is this? {x}", "Text: {x}\nLanguage:", "Someone wrote me this: {x} Which language is it?",
    "guess the language: {x}", "Q: What language is this? {x}\nA:",
]  # fmt: skip
LANGUAGES: dict[str, list[str]] = {
    "English": pieces("""Where is the station?|The house is very old.|I would like a cup of tea.|Good morning, how are you?|My brother lives in the city.|The children play in the
        garden.|What time is it now?|We are going to the beach tomorrow.|She reads a book every week.|The weather is nice today.|I do not understand this.|Thank you for your
        help.|He works with his father.|The dog sleeps under the table.|Can you show me the way?|They have two cars.|My name is {p}.|The door is open.|I have been here since Monday.|
        This bread is fresh.|How much does the ticket cost?|Our teacher is friendly.|You are always welcome here.|The train leaves at {n}.|I am looking for my keys.|The water is
        cold.|Nobody knows the answer.|Would you like something to drink?|It is raining again.|The boy has a red ball."""),
    "German": pieces("""Wo ist der Bahnhof?|Das Haus ist sehr alt.|Ich möchte eine Tasse Tee.|Guten Morgen, wie geht es dir?|Mein Bruder wohnt in der Stadt.|Die Kinder spielen im
        Garten.|Wie spät ist es jetzt?|Wir fahren morgen an den Strand.|Sie liest jede Woche ein Buch.|Das Wetter ist heute schön.|Ich verstehe das nicht.|Vielen Dank für deine
        Hilfe.|Er arbeitet mit seinem Vater.|Der Hund schläft unter dem Tisch.|Kannst du mir den Weg zeigen?|Sie haben zwei Autos.|Ich heiße {p}.|Die Tür ist offen.|Ich bin seit
        Montag hier.|Dieses Brot ist frisch.|Was kostet die Karte?|Unser Lehrer ist freundlich.|Ihr seid immer willkommen.|Der Zug fährt um {n} Uhr.|Ich suche meine
        Schlüssel.|Das Wasser ist kalt.|Niemand weiß die Antwort.|Möchten Sie etwas trinken?|Es regnet schon wieder.|Der Junge hat einen roten Ball."""),
    "French": pieces("""Où est la gare?|La maison est très vieille.|Je voudrais une tasse de thé.|Bonjour, comment allez-vous?|Mon frère habite dans la ville.|Les enfants jouent dans le
        jardin.|Quelle heure est-il?|Nous allons à la plage demain.|Elle lit un livre chaque semaine.|Il fait beau aujourd'hui.|Je ne comprends pas cela.|Merci beaucoup pour votre
        aide.|Il travaille avec son père.|Le chien dort sous la table.|Peux-tu me montrer le chemin?|Ils ont deux voitures.|Je m'appelle {p}.|La porte est ouverte.|Je suis ici depuis
        lundi.|Ce pain est frais.|Combien coûte le billet?|Notre professeur est gentil.|Vous êtes toujours les bienvenus.|Le train part à {n} heures.|Je cherche mes clés.|L'eau est
        froide.|Personne ne connaît la réponse.|Voulez-vous boire quelque chose?|Il pleut encore.|Le garçon a un ballon rouge."""),
    "Spanish": pieces("""¿Dónde está la estación?|La casa es muy vieja.|Quisiera una taza de té.|Buenos días, ¿cómo estás?|Mi hermano vive en la ciudad.|Los niños juegan en el jardín.|¿Qué
        hora es?|Mañana vamos a la playa.|Ella lee un libro cada semana.|Hoy hace buen tiempo.|No entiendo esto.|Muchas gracias por tu ayuda.|Él trabaja con su padre.|El perro duerme
        debajo de la mesa.|¿Puedes mostrarme el camino?|Ellos tienen dos coches.|Me llamo {p}.|La puerta está abierta.|Estoy aquí desde el lunes.|Este pan está fresco.|¿Cuánto cuesta
        el billete?|Nuestro maestro es amable.|Ustedes siempre son bienvenidos.|El tren sale a las {n}.|Busco mis llaves.|El agua está fría.|Nadie sabe la respuesta.|¿Quiere beber
        algo?|Está lloviendo otra vez.|El niño tiene una pelota roja."""),
    "Italian": pieces("""Dov'è la stazione?|La casa è molto vecchia.|Vorrei una tazza di tè.|Buongiorno, come stai?|Mio fratello abita in città.|I bambini giocano nel giardino.|Che ore
        sono?|Domani andiamo alla spiaggia.|Lei legge un libro ogni settimana.|Oggi il tempo è bello.|Non capisco questo.|Grazie mille per il tuo aiuto.|Lui lavora con suo padre.|Il cane
        dorme sotto il tavolo.|Puoi mostrarmi la strada?|Loro hanno due macchine.|Mi chiamo {p}.|La porta è aperta.|Sono qui da lunedì.|Questo pane è fresco.|Quanto costa il
        biglietto?|Il nostro insegnante è gentile.|Siete sempre i benvenuti.|Il treno parte alle {n}.|Cerco le mie chiavi.|L'acqua è fredda.|Nessuno sa la risposta.|Vuole bere
        qualcosa?|Piove di nuovo.|Il ragazzo ha una palla rossa."""),
}  # fmt: skip


def filled(rng: random.Random, held: bool, sentence: str) -> str:
    return sentence.replace("{p}", choose(rng, FIRST, held)).replace("{n}", str(rng.randint(2, 9))).replace("{c}", rng.choice(CITIES))


def topic(rng: random.Random, held: bool) -> Example:
    label = rng.choice(list(TOPICS))
    labels = rng.sample([other for other in TOPICS if other != label], rng.randint(1, 4)) + [label]
    rng.shuffle(labels)
    if rng.random() < 0.35:
        form = choose(rng, TOPIC_FORMS, held).replace("{w}", rng.choice(TOPIC_WORDS[label]))
        sentences = [filled(rng, held, form)]
    else:
        sentences = [filled(rng, held, choose(rng, TOPICS[label], held))]
    if rng.random() < 0.3:
        sentences.append(filled(rng, held, choose(rng, TOPICS[label], held)))
    listed, either = ", ".join(labels), ", ".join(labels[:-1]) + " or " + labels[-1]
    if rng.random() < 0.12:
        system = choose(rng, TOPIC_SYSTEM, held).replace("{ls}", listed).replace("{or}", either)
        return Example([("system", system), ("user", " ".join(dict.fromkeys(sentences)))], label, f"It speaks of {label}. Among the labels: {label}.")
    user = choose(rng, TOPIC_FRAMES, held).replace("{ls}", listed).replace("{or}", either).replace("{x}", " ".join(dict.fromkeys(sentences)))
    accept = (f"re:(?i)^(the topic is |it is about |it is )?{label}\\W*$",)
    return Example([("user", user)], label, f"It speaks of {label}. Among the labels: {label}.", accept)


def spam(rng: random.Random, held: bool) -> Example:
    bad = rng.random() < 0.5
    text = filled(rng, held, choose(rng, SPAM if bad else HAM, held))
    user = choose(rng, SPAM_FRAMES, held).replace("{x}", text)
    thought = "It wants money, clicks or data from strangers." if bad else "It is an ordinary message."
    accept = ("re:(?i)^(yes|(it is |this is )?spam)\\b",) if bad else ("re:(?i)^(no\\b|(it is |this is )?not spam)",)
    return Example([("user", user)], "spam" if bad else "not spam", thought, accept)


QUESTION_STARTS = "are is do does did can could would will where what who when how why which was were has have".split()


def question_or_statement(rng: random.Random, held: bool) -> Example:
    """With or without its mark: then the order of the words tells."""
    if rng.random() < 0.5:
        text = filled(rng, held, choose(rng, LANGUAGES["English"] + HAM, held))
        text = re.split(r"(?<=[.?!]) ", text)[0]
    else:
        noun, place = rng.choice(THEMES["people"]), rng.choice(THEMES["places"])
        tail = rng.choice([f"in the {place}", "at home", "on Monday", "very early", "with a friend"])
        verb = rng.choice(["work", "sleep", "wait", "sing", "cook", "read", "live", "play"])
        asked = rng.choice(["Does the {n} {v} {e}?", "Will the {n} {v} {e}?", "Can the {n} {v} {e}?", "Why does the {n} {v} {e}?", "When did the {n} {v} {e}?", "Did the {n} {v} {e}?"])
        told = rng.choice(["The {n} will {v} {e}.", "The {n} can {v} {e}.", "The {n} did not {v} {e}.", "Every {n} may {v} {e}.", "The {n} must {v} {e}.", "No {n} can {v} {e}."])
        text = rng.choice([asked, told]).format(n=noun, v=verb, e=tail)
        if is_held(text.lower()) != held:
            return question_or_statement(rng, held)
    first = re.split(r"\W", text)[0].lower()
    # "Good morning, how are you?" asks although it does not begin so.
    asks = text.endswith("?")
    if first in QUESTION_STARTS or not asks:
        if rng.random() < 0.35:
            text = text.rstrip(".?!")
            text = text.lower() if rng.random() < 0.5 else text
    user = choose(rng, KIND_FRAMES, held).replace("{x}", text)
    thought = f'It begins with "{text.split()[0]}": it {"asks" if asks else "tells"}.'
    if text.endswith("?"):
        thought = "It ends with a question mark: it asks."
    answer = "question" if asks else "statement"
    return Example([("user", user)], answer, thought, (f"re:(?i)^(it is |this is )?(a )?{answer}\\W*$",))


def language(rng: random.Random, held: bool) -> Example:
    name = rng.choice(list(LANGUAGES))
    # Held by place in the lists: the same sentence in another language is not seen either.
    place = choose(rng, SENTENCE_PLACES, held)
    text = filled(rng, held, LANGUAGES[name][place])
    if rng.random() < 0.4:
        other = filled(rng, held, LANGUAGES[name][choose(rng, SENTENCE_PLACES, held)])
        text += "" if other == text else f" {other}"
    user = choose(rng, LANGUAGE_FRAMES, held).replace("{x}", text.lower() if rng.random() < 0.1 else text)
    return Example([("user", user)], f"{name}", "", (f"re:(?i)^(it is |this is |the language is )?(in )?{name}\\W*$",))


SENTENCE_PLACES = list(range(30))


def make_classify(rng: random.Random, held: bool) -> Example:
    return rng.choices([topic, spam, question_or_statement, language], [50, 17, 13, 20])[0](rng, held)


ABILITIES = {"sentiment": make_sentiment, "yesno": make_yesno, "classify": make_classify}
