"""A closed stock of facts: countries, nature, words, works and their makers, plain definitions.

Held out: an eighth of the wordings of each kind (`choose` over the written-out forms). The facts themselves are not held out, since
nobody knows what he never read; number words are, by the number. What is not in here the starter is to say that it does not know
(unknown.py), so both read this stock.

Left out on purpose: capitals and continents that are disputed or about to change, and days, months and units, which dates.py and
units.py work out.
"""

import random
from dataclasses import dataclass

from .common import Example, choose
from .talk import forms, mentions, surface

# ---- Countries: name; capital; continent; languages; currency. A star: asked about more often. "-": not asked.

COUNTRIES = """
Afghanistan; Kabul; Asia; Pashto and Dari; the afghani
Albania; Tirana; Europe; Albanian; the lek
Algeria; Algiers; Africa; Arabic and Berber; the dinar
Andorra; Andorra la Vella; Europe; Catalan; the euro
Angola; Luanda; Africa; Portuguese; the kwanza
Antigua and Barbuda; Saint John's; North America; English; -
*Argentina; Buenos Aires; South America; Spanish; the peso
Armenia; Yerevan; -; Armenian; the dram
*Australia; Canberra; Oceania; English; the Australian dollar
*Austria; Vienna; Europe; German; the euro
Azerbaijan; Baku; -; Azerbaijani; the manat
the Bahamas; Nassau; North America; English; -
Bahrain; Manama; Asia; Arabic; the dinar
Bangladesh; Dhaka; Asia; Bengali; the taka
Barbados; Bridgetown; North America; English; -
Belarus; Minsk; Europe; Belarusian and Russian; -
*Belgium; Brussels; Europe; Dutch, French and German; the euro
Belize; Belmopan; North America; English; -
Benin; Porto-Novo; Africa; French; -
Bhutan; Thimphu; Asia; Dzongkha; -
Bolivia; Sucre; South America; -; the boliviano
Bosnia and Herzegovina; Sarajevo; Europe; Bosnian, Croatian and Serbian; -
Botswana; Gaborone; Africa; -; the pula
*Brazil; Brasília; South America; Portuguese; the real
Brunei; Bandar Seri Begawan; Asia; Malay; -
Bulgaria; Sofia; Europe; Bulgarian; -
Burkina Faso; Ouagadougou; Africa; -; -
Burundi; Gitega; Africa; -; -
Cambodia; Phnom Penh; Asia; Khmer; the riel
Cameroon; Yaoundé; Africa; French and English; -
*Canada; Ottawa; North America; English and French; the Canadian dollar
Cape Verde; Praia; Africa; Portuguese; -
the Central African Republic; Bangui; Africa; -; -
Chad; N'Djamena; Africa; French and Arabic; -
*Chile; Santiago; South America; Spanish; the peso
*China; Beijing; Asia; Chinese; the yuan
Colombia; Bogotá; South America; Spanish; the peso
the Comoros; Moroni; Africa; -; -
the Republic of the Congo; Brazzaville; Africa; French; -
the Democratic Republic of the Congo; Kinshasa; Africa; French; -
Costa Rica; San José; North America; Spanish; the colón
*Croatia; Zagreb; Europe; Croatian; the euro
*Cuba; Havana; North America; Spanish; the peso
Cyprus; Nicosia; -; Greek and Turkish; the euro
*the Czech Republic; Prague; Europe; Czech; the koruna
*Denmark; Copenhagen; Europe; Danish; the krone
Djibouti; Djibouti; Africa; French and Arabic; -
Dominica; Roseau; North America; English; -
the Dominican Republic; Santo Domingo; North America; Spanish; the peso
Ecuador; Quito; South America; Spanish; the US dollar
*Egypt; Cairo; Africa; Arabic; the Egyptian pound
El Salvador; San Salvador; North America; Spanish; -
Eritrea; Asmara; Africa; -; -
*Estonia; Tallinn; Europe; Estonian; the euro
Eswatini; Mbabane; Africa; -; -
Ethiopia; Addis Ababa; Africa; -; the birr
Fiji; Suva; Oceania; -; -
*Finland; Helsinki; Europe; Finnish and Swedish; the euro
*France; Paris; Europe; French; the euro
Gabon; Libreville; Africa; French; -
the Gambia; Banjul; Africa; English; -
Georgia; Tbilisi; -; Georgian; the lari
*Germany; Berlin; Europe; German; the euro
Ghana; Accra; Africa; English; the cedi
*Greece; Athens; Europe; Greek; the euro
Grenada; Saint George's; North America; English; -
Guatemala; Guatemala City; North America; Spanish; the quetzal
Guinea; Conakry; Africa; French; -
Guinea-Bissau; Bissau; Africa; Portuguese; -
Guyana; Georgetown; South America; English; -
Haiti; Port-au-Prince; North America; French and Haitian Creole; the gourde
Honduras; Tegucigalpa; North America; Spanish; the lempira
*Hungary; Budapest; Europe; Hungarian; the forint
*Iceland; Reykjavik; Europe; Icelandic; the króna
*India; New Delhi; Asia; -; the rupee
*Indonesia; Jakarta; Asia; Indonesian; the rupiah
*Iran; Tehran; Asia; Persian; the rial
*Iraq; Baghdad; Asia; Arabic and Kurdish; the dinar
*Ireland; Dublin; Europe; English and Irish; the euro
*Italy; Rome; Europe; Italian; the euro
Ivory Coast; Yamoussoukro; Africa; French; -
*Jamaica; Kingston; North America; English; the Jamaican dollar
*Japan; Tokyo; Asia; Japanese; the yen
Jordan; Amman; Asia; Arabic; the dinar
Kazakhstan; Astana; -; Kazakh and Russian; the tenge
*Kenya; Nairobi; Africa; Swahili and English; the shilling
Kiribati; South Tarawa; Oceania; -; -
Kuwait; Kuwait City; Asia; Arabic; the dinar
Kyrgyzstan; Bishkek; Asia; Kyrgyz and Russian; the som
Laos; Vientiane; Asia; Lao; the kip
*Latvia; Riga; Europe; Latvian; the euro
Lebanon; Beirut; Asia; Arabic; the Lebanese pound
Lesotho; Maseru; Africa; -; -
Liberia; Monrovia; Africa; English; -
Libya; Tripoli; Africa; Arabic; the dinar
Liechtenstein; Vaduz; Europe; German; the Swiss franc
*Lithuania; Vilnius; Europe; Lithuanian; the euro
*Luxembourg; Luxembourg; Europe; Luxembourgish, French and German; the euro
Madagascar; Antananarivo; Africa; Malagasy and French; the ariary
Malawi; Lilongwe; Africa; -; -
*Malaysia; Kuala Lumpur; Asia; Malay; the ringgit
the Maldives; Malé; Asia; Dhivehi; -
Mali; Bamako; Africa; -; -
*Malta; Valletta; Europe; Maltese and English; the euro
the Marshall Islands; Majuro; Oceania; -; -
Mauritania; Nouakchott; Africa; Arabic; -
Mauritius; Port Louis; Africa; -; -
*Mexico; Mexico City; North America; Spanish; the peso
Micronesia; Palikir; Oceania; -; -
Moldova; Chișinău; Europe; Romanian; the leu
Monaco; Monaco; Europe; French; the euro
Mongolia; Ulaanbaatar; Asia; Mongolian; the tögrög
Montenegro; Podgorica; Europe; Montenegrin; the euro
*Morocco; Rabat; Africa; Arabic and Berber; the dirham
Mozambique; Maputo; Africa; Portuguese; the metical
Myanmar; Naypyidaw; Asia; Burmese; the kyat
Namibia; Windhoek; Africa; English; -
*Nepal; Kathmandu; Asia; Nepali; the rupee
*the Netherlands; Amsterdam; Europe; Dutch; the euro
*New Zealand; Wellington; Oceania; English and Maori; the New Zealand dollar
Nicaragua; Managua; North America; Spanish; the córdoba
Niger; Niamey; Africa; -; -
*Nigeria; Abuja; Africa; English; the naira
*North Korea; Pyongyang; Asia; Korean; the won
North Macedonia; Skopje; Europe; Macedonian and Albanian; the denar
*Norway; Oslo; Europe; Norwegian; the krone
Oman; Muscat; Asia; Arabic; the rial
*Pakistan; Islamabad; Asia; Urdu and English; the rupee
Palau; Ngerulmud; Oceania; -; -
Panama; Panama City; North America; Spanish; the balboa
Papua New Guinea; Port Moresby; Oceania; -; the kina
Paraguay; Asunción; South America; Spanish and Guaraní; the guaraní
*Peru; Lima; South America; Spanish; the sol
*the Philippines; Manila; Asia; Filipino and English; the peso
*Poland; Warsaw; Europe; Polish; the złoty
*Portugal; Lisbon; Europe; Portuguese; the euro
Qatar; Doha; Asia; Arabic; the riyal
*Romania; Bucharest; Europe; Romanian; the leu
*Russia; Moscow; -; Russian; the rouble
Rwanda; Kigali; Africa; -; -
Saint Kitts and Nevis; Basseterre; North America; English; -
Saint Lucia; Castries; North America; English; -
Saint Vincent and the Grenadines; Kingstown; North America; English; -
Samoa; Apia; Oceania; Samoan and English; -
San Marino; San Marino; Europe; Italian; the euro
São Tomé and Príncipe; São Tomé; Africa; Portuguese; -
*Saudi Arabia; Riyadh; Asia; Arabic; the riyal
Senegal; Dakar; Africa; French; -
*Serbia; Belgrade; Europe; Serbian; the dinar
the Seychelles; Victoria; Africa; -; -
Sierra Leone; Freetown; Africa; English; -
*Singapore; Singapore; Asia; English, Malay, Chinese and Tamil; the Singapore dollar
*Slovakia; Bratislava; Europe; Slovak; the euro
*Slovenia; Ljubljana; Europe; Slovene; the euro
the Solomon Islands; Honiara; Oceania; English; -
Somalia; Mogadishu; Africa; Somali and Arabic; -
*South Korea; Seoul; Asia; Korean; the won
South Sudan; Juba; Africa; English; -
*Spain; Madrid; Europe; Spanish; the euro
Sri Lanka; Sri Jayawardenepura Kotte; Asia; Sinhala and Tamil; the rupee
Sudan; Khartoum; Africa; Arabic and English; the Sudanese pound
Suriname; Paramaribo; South America; Dutch; -
*Sweden; Stockholm; Europe; Swedish; the krona
*Switzerland; Bern; Europe; German, French, Italian and Romansh; the Swiss franc
Syria; Damascus; Asia; Arabic; the Syrian pound
Tajikistan; Dushanbe; Asia; Tajik; the somoni
Tanzania; Dodoma; Africa; Swahili and English; the shilling
*Thailand; Bangkok; Asia; Thai; the baht
East Timor; Dili; Asia; Portuguese and Tetum; the US dollar
Togo; Lomé; Africa; French; -
Tonga; Nuku'alofa; Oceania; -; -
Trinidad and Tobago; Port of Spain; North America; English; -
*Tunisia; Tunis; Africa; Arabic; the dinar
*Turkey; Ankara; -; Turkish; the lira
Turkmenistan; Ashgabat; Asia; Turkmen; -
Tuvalu; Funafuti; Oceania; -; -
Uganda; Kampala; Africa; English and Swahili; the shilling
*Ukraine; Kyiv; Europe; Ukrainian; the hryvnia
the United Arab Emirates; Abu Dhabi; Asia; Arabic; the dirham
*the United Kingdom; London; Europe; English; the pound
*the United States; Washington, D.C.; North America; English; the dollar
Uruguay; Montevideo; South America; Spanish; the peso
Uzbekistan; Tashkent; Asia; Uzbek; the som
Vanuatu; Port Vila; Oceania; -; -
Venezuela; Caracas; South America; Spanish; the bolívar
*Vietnam; Hanoi; Asia; Vietnamese; the dong
Yemen; Sana'a; Asia; Arabic; the rial
Zambia; Lusaka; Africa; English; the kwacha
Zimbabwe; Harare; Africa; -; -
Scotland; Edinburgh; Europe; -; the pound
Wales; Cardiff; Europe; -; the pound
"""

# ---- Nature

ELEMENTS = """hydrogen H, helium He, lithium Li, carbon C, nitrogen N, oxygen O, fluorine F, neon Ne, sodium Na, magnesium Mg, aluminium Al,
silicon Si, phosphorus P, sulphur S, chlorine Cl, argon Ar, potassium K, calcium Ca, titanium Ti, chromium Cr, iron Fe, nickel Ni, copper Cu,
zinc Zn, silver Ag, tin Sn, iodine I, platinum Pt, gold Au, mercury Hg, lead Pb, uranium U"""

PLANETS = ["Mercury", "Venus", "Earth", "Mars", "Jupiter", "Saturn", "Uranus", "Neptune"]

# Animal; class; young; what it does when it makes its sound; legs. "-": not asked.
ANIMALS = """
dog; mammal; puppy; barks; 4
cat; mammal; kitten; meows; 4
cow; mammal; calf; moos; 4
horse; mammal; foal; neighs; 4
sheep; mammal; lamb; bleats; 4
goat; mammal; kid; bleats; 4
pig; mammal; piglet; oinks; 4
lion; mammal; cub; roars; 4
tiger; mammal; cub; roars; 4
bear; mammal; cub; growls; 4
wolf; mammal; pup; howls; 4
fox; mammal; kit; -; 4
deer; mammal; fawn; -; 4
rabbit; mammal; kit; -; 4
mouse; mammal; -; squeaks; 4
elephant; mammal; calf; trumpets; 4
giraffe; mammal; calf; -; 4
donkey; mammal; foal; brays; 4
camel; mammal; calf; -; 4
kangaroo; mammal; joey; -; -
koala; mammal; joey; -; 4
monkey; mammal; -; -; -
whale; mammal; calf; -; 0
dolphin; mammal; calf; clicks and whistles; 0
bat; mammal; pup; -; -
seal; mammal; pup; barks; -
squirrel; mammal; -; -; 4
hedgehog; mammal; hoglet; -; 4
zebra; mammal; foal; -; 4
duck; bird; duckling; quacks; 2
hen; bird; chick; clucks; 2
goose; bird; gosling; honks; 2
swan; bird; cygnet; -; 2
owl; bird; owlet; hoots; 2
eagle; bird; eaglet; -; 2
penguin; bird; chick; -; 2
ostrich; bird; chick; -; 2
parrot; bird; chick; -; 2
crow; bird; chick; caws; 2
pigeon; bird; squab; coos; 2
snake; reptile; -; hisses; 0
crocodile; reptile; hatchling; -; 4
lizard; reptile; hatchling; -; 4
tortoise; reptile; hatchling; -; 4
turtle; reptile; hatchling; -; -
frog; amphibian; tadpole; croaks; 4
toad; amphibian; tadpole; croaks; 4
newt; amphibian; -; -; 4
salmon; fish; -; -; 0
shark; fish; pup; -; 0
tuna; fish; -; -; 0
trout; fish; -; -; 0
bee; insect; larva; buzzes; 6
ant; insect; larva; -; 6
butterfly; insect; caterpillar; -; 6
beetle; insect; larva; -; 6
fly; insect; maggot; buzzes; 6
wasp; insect; larva; buzzes; 6
spider; arachnid; spiderling; -; 8
scorpion; arachnid; -; -; 8
crab; crustacean; -; -; 10
lobster; crustacean; -; -; 10
snail; mollusc; -; -; 0
"""

COLOURS = [("red and yellow", "orange"), ("yellow and red", "orange"), ("blue and yellow", "green"), ("yellow and blue", "green"),
           ("red and blue", "purple"), ("blue and red", "purple"), ("red and white", "pink"), ("white and red", "pink"),
           ("black and white", "grey"), ("white and black", "grey")]

# ---- Words

OPPOSITES = """hot cold, big small, tall short, old young, new old, fast slow, high low, long short, good bad, happy sad, light dark, day night,
up down, left right, in out, on off, open closed, full empty, rich poor, strong weak, hard soft, heavy light, wet dry, clean dirty, early late,
first last, near far, loud quiet, black white, true false, yes no, start stop, begin end, push pull, buy sell, give take, come go, win lose,
love hate, laugh cry, ask answer, remember forget, find lose, above below, inside outside, before after, always never, more less, many few,
thick thin, wide narrow, deep shallow, rough smooth, sharp blunt, easy difficult, simple complicated, cheap expensive, safe dangerous, brave cowardly,
kind cruel, polite rude, honest dishonest, lucky unlucky, possible impossible, legal illegal, visible invisible, correct incorrect, real fake,
alive dead, asleep awake, present absent, public private, friend enemy, top bottom, front back, east west, north south, summer winter, heaven hell,
war peace, success failure, hope despair, question answer, profit loss, victory defeat, increase decrease, accept refuse, arrive depart, attack defend,
build destroy, borrow lend, create destroy, float sink, freeze melt, lock unlock, raise lower, save spend, send receive, show hide, sit stand,
teach learn, throw catch, work rest, enter leave, import export, include exclude, inhale exhale, maximum minimum, major minor, male female,
man woman, boy girl, king queen, uncle aunt, brother sister, husband wife, mother father, son daughter, nephew niece, plural singular,
positive negative, plus minus, past future, ancient modern, sweet sour, tight loose, straight crooked, tame wild, guilty innocent, vertical horizontal,
temporary permanent, rare common, sick healthy, wise foolish, lazy hardworking, patient impatient, perfect imperfect, regular irregular,
friendly unfriendly, fair unfair, useful useless, careful careless, hopeful hopeless, comfortable uncomfortable, generous stingy, shy bold,
noisy silent, wrong right, calm nervous, proud humble, fresh stale, raw cooked, bright dim, interior exterior, urban rural, optimist pessimist, beautiful ugly"""

PLURALS = """child children, man men, woman women, foot feet, tooth teeth, goose geese, mouse mice, person people, ox oxen, sheep sheep, deer deer,
fish fish, leaf leaves, knife knives, wife wives, life lives, half halves, wolf wolves, shelf shelves, loaf loaves, thief thieves, calf calves,
scarf scarves, potato potatoes, tomato tomatoes, hero heroes, echo echoes, city cities, baby babies, country countries, lady ladies, party parties,
story stories, family families, box boxes, bus buses, dish dishes, watch watches, church churches, fox foxes, cactus cacti, crisis crises,
analysis analyses, phenomenon phenomena, criterion criteria, series series, species species, aircraft aircraft, louse lice, elf elves,
policeman policemen, fireman firemen, grandchild grandchildren, medium media, appendix appendices, oasis oases, hypothesis hypotheses"""
REGULAR_NOUNS = """dog cat house car book tree table chair pen cup door window apple orange river road town key letter lamp shoe hat bird horse
garden friend teacher doctor phone computer song film game picture flower cloud star stone bridge boat train plane ticket"""

PAST = """be was or were, have had, do did, go went, come came, see saw, take took, give gave, get got, make made, know knew, think thought,
say said, tell told, find found, feel felt, leave left, keep kept, begin began, bring brought, buy bought, build built, burn burned, catch caught,
choose chose, cost cost, cut cut, dig dug, draw drew, drink drank, drive drove, eat ate, fall fell, feed fed, fight fought, fly flew, forget forgot,
forgive forgave, freeze froze, grow grew, hang hung, hear heard, hide hid, hit hit, hold held, hurt hurt, lay laid, lead led, lend lent, let let,
lose lost, mean meant, meet met, pay paid, put put, ride rode, ring rang, rise rose, run ran, sell sold, send sent, set set, shake shook,
shine shone, shoot shot, show showed, shut shut, sing sang, sink sank, sit sat, sleep slept, slide slid, speak spoke, spend spent, spread spread,
stand stood, steal stole, stick stuck, sting stung, strike struck, swear swore, sweep swept, swim swam, swing swung, teach taught, tear tore,
throw threw, understand understood, wake woke, wear wore, win won, write wrote, break broke, become became, bend bent, bite bit, blow blew,
deal dealt, hurry hurried, weep wept, wind wound"""
REGULAR_VERBS = "walk walked, talk talked, play played, work worked, ask asked, look looked, open opened, help helped, jump jumped, cook cooked, " \
    "like liked, love loved, live lived, use used, move moved, close closed, stop stopped, plan planned, try tried, study studied"

# ---- Works and their makers: what; who. The verb is of the kind.

BOOKS = """
Hamlet; William Shakespeare
Romeo and Juliet; William Shakespeare
Macbeth; William Shakespeare
Don Quixote; Miguel de Cervantes
War and Peace; Leo Tolstoy
Anna Karenina; Leo Tolstoy
Crime and Punishment; Fyodor Dostoevsky
Pride and Prejudice; Jane Austen
Emma; Jane Austen
Oliver Twist; Charles Dickens
A Christmas Carol; Charles Dickens
Great Expectations; Charles Dickens
Moby-Dick; Herman Melville
The Adventures of Tom Sawyer; Mark Twain
Frankenstein; Mary Shelley
Dracula; Bram Stoker
Jane Eyre; Charlotte Brontë
Wuthering Heights; Emily Brontë
Alice's Adventures in Wonderland; Lewis Carroll
Treasure Island; Robert Louis Stevenson
Robinson Crusoe; Daniel Defoe
Gulliver's Travels; Jonathan Swift
The Hobbit; J. R. R. Tolkien
The Lord of the Rings; J. R. R. Tolkien
Harry Potter; J. K. Rowling
1984; George Orwell
Animal Farm; George Orwell
Brave New World; Aldous Huxley
The Old Man and the Sea; Ernest Hemingway
The Great Gatsby; F. Scott Fitzgerald
To Kill a Mockingbird; Harper Lee
The Little Prince; Antoine de Saint-Exupéry
Les Misérables; Victor Hugo
The Three Musketeers; Alexandre Dumas
Around the World in Eighty Days; Jules Verne
Faust; Johann Wolfgang von Goethe
The Metamorphosis; Franz Kafka
The Divine Comedy; Dante Alighieri
Ulysses; James Joyce
The Jungle Book; Rudyard Kipling
Peter Pan; J. M. Barrie
Pippi Longstocking; Astrid Lindgren
The Ugly Duckling; Hans Christian Andersen
One Hundred Years of Solitude; Gabriel García Márquez
"""
PAINTINGS = """
the Mona Lisa; Leonardo da Vinci
The Last Supper; Leonardo da Vinci
The Starry Night; Vincent van Gogh
Sunflowers; Vincent van Gogh
Guernica; Pablo Picasso
The Scream; Edvard Munch
The Night Watch; Rembrandt
Girl with a Pearl Earring; Johannes Vermeer
The Kiss; Gustav Klimt
The Birth of Venus; Sandro Botticelli
the ceiling of the Sistine Chapel; Michelangelo
The Persistence of Memory; Salvador Dalí
The Great Wave off Kanagawa; Hokusai
"""
MUSIC = """
The Magic Flute; Wolfgang Amadeus Mozart
Don Giovanni; Wolfgang Amadeus Mozart
the Moonlight Sonata; Ludwig van Beethoven
Für Elise; Ludwig van Beethoven
The Four Seasons; Antonio Vivaldi
Swan Lake; Pyotr Ilyich Tchaikovsky
The Nutcracker; Pyotr Ilyich Tchaikovsky
the Brandenburg Concertos; Johann Sebastian Bach
Messiah; George Frideric Handel
Carmen; Georges Bizet
Aida; Giuseppe Verdi
La Traviata; Giuseppe Verdi
The Blue Danube; Johann Strauss II
The Ring of the Nibelung; Richard Wagner
Boléro; Maurice Ravel
Madama Butterfly; Giacomo Puccini
"""
INVENTIONS = """
the telephone; Alexander Graham Bell
dynamite; Alfred Nobel
the World Wide Web; Tim Berners-Lee
the phonograph; Thomas Edison
the battery; Alessandro Volta
the diesel engine; Rudolf Diesel
the lightning rod; Benjamin Franklin
Braille; Louis Braille
the Linux kernel; Linus Torvalds
the aeroplane; the Wright brothers
the printing press; Johannes Gutenberg
the Rubik's Cube; Ernő Rubik
the Python language; Guido van Rossum
the C language; Dennis Ritchie
"""
DISCOVERIES = """
penicillin; Alexander Fleming
the law of gravity; Isaac Newton
X-rays; Wilhelm Röntgen
radium; Marie and Pierre Curie
the theory of relativity; Albert Einstein
evolution by natural selection; Charles Darwin
the electron; J. J. Thomson
the largest moons of Jupiter; Galileo Galilei
the planet Uranus; William Herschel
the periodic table; Dmitri Mendeleev
"""

# ---- Questions that stand by themselves: wordings; answer; what a right answer has (`|` between equals, `;` between parts); bare answer

SINGLES: list[tuple[str, str, str, str]] = [
    ("largest country( in the world| on Earth| by area)", "The largest country in the world is Russia.", "Russia", "Russia"),
    ("smallest country( in the world| on Earth| by area)", "The smallest country in the world is Vatican City.", "Vatican", "Vatican City"),
    ("largest ocean( in the world| on Earth|)", "The largest ocean is the Pacific Ocean.", "Pacific", "The Pacific Ocean"),
    ("smallest ocean( in the world| on Earth|)", "The smallest ocean is the Arctic Ocean.", "Arctic", "The Arctic Ocean"),
    ("highest mountain( in the world| on Earth|)", "The highest mountain in the world is Mount Everest, at 8,849 metres.", "Everest", "Mount Everest"),
    ("tallest mountain( in the world| on Earth|)", "The highest mountain in the world is Mount Everest, at 8,849 metres.", "Everest", "Mount Everest"),
    ("longest river( in the world| on Earth|)", "The Nile is usually named as the longest river in the world.", "Nile", "The Nile"),
    ("largest desert( in the world| on Earth|)", "The largest hot desert in the world is the Sahara.", "Sahara", "The Sahara"),
    ("largest hot desert( in the world| on Earth|)", "The largest hot desert in the world is the Sahara.", "Sahara", "The Sahara"),
    ("largest island( in the world| on Earth|)", "The largest island in the world is Greenland.", "Greenland", "Greenland"),
    ("largest continent( in the world| on Earth|)", "The largest continent is Asia.", "Asia", "Asia"),
    ("smallest continent( in the world| on Earth|)", "The smallest continent is Australia.", "Australia|Oceania", "Australia"),
    ("largest lake( in the world| on Earth|)", "The largest lake in the world is the Caspian Sea.", "Caspian", "The Caspian Sea"),
    ("deepest lake( in the world| on Earth|)", "The deepest lake in the world is Lake Baikal.", "Baikal", "Lake Baikal"),
    ("highest waterfall( in the world| on Earth|)", "The highest waterfall in the world is Angel Falls in Venezuela.", "Angel", "Angel Falls"),
    ("deepest place in the (ocean|sea|oceans)", "The deepest place in the ocean is in the Mariana Trench.", "Mariana", "The Mariana Trench"),
    ("largest rainforest( in the world| on Earth|)", "The largest rainforest in the world is the Amazon.", "Amazon", "The Amazon"),
    ("longest mountain range( in the world| on land| on Earth|)", "The longest mountain range on land is the Andes.", "Andes", "The Andes"),
    ("largest coral reef( in the world| on Earth|)", "The largest coral reef in the world is the Great Barrier Reef.", "Great Barrier", "The Great Barrier Reef"),
    ("tallest building( in the world| on Earth|)", "The tallest building that I know of is the Burj Khalifa in Dubai.", "Burj Khalifa", "The Burj Khalifa"),
    ("coldest continent( in the world| on Earth|)", "The coldest continent is Antarctica.", "Antarctica", "Antarctica"),
    ("largest country in Africa( by area|)", "The largest country in Africa is Algeria.", "Algeria", "Algeria"),
    ("largest country in South America( by area|)", "The largest country in South America is Brazil.", "Brazil", "Brazil"),
    ("largest country in North America( by area|)", "The largest country in North America is Canada.", "Canada", "Canada"),
    ("highest mountain (in|of) Africa", "The highest mountain in Africa is Kilimanjaro.", "Kilimanjaro", "Kilimanjaro"),
    ("highest mountain (in|of) Europe", "The highest mountain in Europe is Mount Elbrus.", "Elbrus", "Mount Elbrus"),
    ("highest mountain (in|of) North America", "The highest mountain in North America is Denali.", "Denali", "Denali"),
    ("highest mountain (in|of) South America", "The highest mountain in South America is Aconcagua.", "Aconcagua", "Aconcagua"),
    ("highest mountain (in|of) the Alps", "The highest mountain in the Alps is Mont Blanc.", "Mont Blanc", "Mont Blanc"),
    ("highest mountain (in|of) Japan", "The highest mountain in Japan is Mount Fuji.", "Fuji", "Mount Fuji"),
    ("longest river (in|of) Europe", "The longest river in Europe is the Volga.", "Volga", "The Volga"),
    ("longest river (in|of) Africa", "The longest river in Africa is the Nile.", "Nile", "The Nile"),
    ("longest river (in|of) China", "The longest river in China is the Yangtze.", "Yangtze", "The Yangtze"),
    ("longest river (in|of) Asia", "The longest river in Asia is the Yangtze.", "Yangtze", "The Yangtze"),
    ("longest river (in|of) South America", "The longest river in South America is the Amazon.", "Amazon", "The Amazon"),
    ("largest animal( in the world| on Earth| of all|)", "The largest animal is the blue whale.", "blue whale", "The blue whale"),
    ("largest land animal( in the world| on Earth|)", "The largest land animal is the African elephant.", "elephant", "The African elephant"),
    ("tallest animal( in the world| on Earth|)", "The tallest animal is the giraffe.", "giraffe", "The giraffe"),
    ("fastest land animal( in the world| on Earth|)", "The fastest land animal is the cheetah.", "cheetah", "The cheetah"),
    ("fastest bird( in the world|)", "The fastest bird is the peregrine falcon.", "peregrine", "The peregrine falcon"),
    ("largest bird( in the world|)", "The largest bird is the ostrich.", "ostrich", "The ostrich"),
    ("smallest bird( in the world|)", "The smallest bird is the bee hummingbird.", "hummingbird", "The bee hummingbird"),
    ("largest fish( in the world| in the sea|)", "The largest fish is the whale shark.", "whale shark", "The whale shark"),
    ("largest cat( in the world|)", "The largest cat is the tiger.", "tiger", "The tiger"),
    ("hardest natural material( in the world| on Earth|)", "The hardest natural material is diamond.", "diamond", "Diamond"),
    ("largest planet( in the solar system| of the solar system|)", "The largest planet in the solar system is Jupiter.", "Jupiter", "Jupiter"),
    ("smallest planet( in the solar system| of the solar system|)", "The smallest planet in the solar system is Mercury.", "Mercury", "Mercury"),
    ("hottest planet( in the solar system| of the solar system|)", "The hottest planet in the solar system is Venus.", "Venus", "Venus"),
    ("planet (closest|nearest) to the Sun", "The planet closest to the Sun is Mercury.", "Mercury", "Mercury"),
    ("planet farthest from the Sun", "The planet farthest from the Sun is Neptune.", "Neptune", "Neptune"),
    ("planet with the (brightest|largest|best known) rings", "The planet with the brightest rings is Saturn.", "Saturn", "Saturn"),
    ("largest organ of the (human |)body", "The largest organ of the human body is the skin.", "skin", "The skin"),
    ("largest bone (of|in) the (human |)body", "The largest bone of the human body is the thigh bone.", "thigh bone|femur|thighbone", "The thigh bone"),
    ("smallest bone (of|in) the (human |)body", "The smallest bone of the human body is the stirrup in the ear.", "stirrup|stapes", "The stirrup"),
    ("lightest (chemical |)element", "The lightest element is hydrogen.", "hydrogen", "Hydrogen"),
    ("country with the (most people|largest population)", "The country with the most people is India.", "India", "India"),
    ("nearest star( to Earth| to us|)", "The nearest star is the Sun.", "Sun", "The Sun"),
    ("smallest prime number", "The smallest prime number is 2.", "2|two", "2"),
    ("first letter of the alphabet", "The first letter of the alphabet is A.", "A", "A"),
    ("last letter of the alphabet", "The last letter of the alphabet is Z.", "Z", "Z"),
    ("first month of the year", "The first month of the year is January.", "January", "January"),
    ("last month of the year", "The last month of the year is December.", "December", "December"),
    ("shortest month( of the year|)", "The shortest month is February.", "February", "February"),
    ("capital of Israel", "Israel names Jerusalem as its capital; not all countries accept that.", "Jerusalem", "Jerusalem"),
    ("capital of South Africa", "South Africa has three capitals: Pretoria, Cape Town and Bloemfontein.", "Pretoria", "Pretoria"),
]
SINGLE_FORMS = forms("(What|Which) is the {}?", "What's the {}?", "(Can|Could) you tell me the {}?", "(Tell me|Name|Give me|Say) the {}.", "Do you know the {}?",
                     "Name the {}", "The {}?", "The {} is", "Which is the {} please?", "I would like to know the {}.", "what would be the {}?")

COUNTS = """
bones; the adult human body; 206
players on the field; a football team; eleven
wheels; a bicycle; two
wheels; a car; four
wheels; a tricycle; three
strings; a violin; four
strings; a guitar; six
keys; a piano; 88
squares; a chessboard; 64
arms; an octopus; eight
fingers; a hand; five
sides; a triangle; three
sides; a square; four
sides; a pentagon; five
sides; a hexagon; six
sides; an octagon; eight
faces; a cube; six
faces; a die; six
cards; a usual deck of cards without jokers; 52
stars; the flag of the United States; 50
wings; a bird; two
wings; a bee; four
humps; a dromedary; one
players on the court; a basketball team; five
"""
SHORT_FORMS = """
CPU; central processing unit
GPU; graphics processing unit
RAM; random access memory
HTTP; Hypertext Transfer Protocol
HTML; Hypertext Markup Language
URL; Uniform Resource Locator
PDF; Portable Document Format
JSON; JavaScript Object Notation
SQL; Structured Query Language
API; application programming interface
LLM; large language model
AI; artificial intelligence
UN; United Nations
EU; European Union
USA; United States of America
UK; United Kingdom
DNA; deoxyribonucleic acid
TLS; Transport Layer Security
IP; Internet Protocol
USB; Universal Serial Bus
GPS; Global Positioning System
PIN; personal identification number
FAQ; frequently asked questions
ATM; automated teller machine
CEO; chief executive officer
"""
PLACES = """
the Eiffel Tower; Paris
Big Ben; London
Tower Bridge; London
the Colosseum; Rome
the Statue of Liberty; New York
the Taj Mahal; India
Machu Picchu; Peru
the Great Wall; China
the Brandenburg Gate; Berlin
the Acropolis; Athens
the Kremlin; Moscow
the Golden Gate Bridge; San Francisco
the Sydney Opera House; Sydney
the Louvre; Paris
the Sagrada Família; Barcelona
the Leaning Tower; Pisa
the Little Mermaid; Copenhagen
Stonehenge; England
Petra; Jordan
the White House; Washington, D.C.
"""

# Whole questions: wordings; answer; what a right answer has; bare answer
QUESTIONS: list[tuple[list[str], str, str, str]] = [
    (forms("How many continents (are there|does the Earth have|are there on Earth|are on Earth)?", "What is the number of continents?", "Number of continents?"), "There are seven continents.", "seven|7", "7"),
    (forms("How many oceans (are there|does the Earth have|are there on Earth|are on Earth)?", "What is the number of oceans?", "Number of oceans?"), "There are five oceans.", "five|5", "5"),
    (forms("How many letters (are in|are there in) the (English |)alphabet?", "How many letters does the (English |)alphabet have?", "Number of letters in the alphabet?"), "The English alphabet has 26 letters.", "26", "26"),
    (forms("How many colours (are in|are there in) (a|the) rainbow?", "How many colours does (a|the) rainbow have?", "Number of colours in a rainbow?"), "A rainbow has seven colours.", "seven|7", "7"),
    (forms("How many teeth (does an adult|does a grown-up|do adults) have?", "How many teeth has an adult?", "Number of teeth of an adult?"), "An adult has up to 32 teeth.", "32", "32"),
    (forms("(Name|List) the( seven|) continents.", "(What|Which) are the( seven|) continents?"), "The continents are Africa, Antarctica, Asia, Australia, Europe, North America and South America.", "Africa;Asia;Europe", "Africa, Antarctica, Asia, Australia, Europe, North America, South America"),
    (forms("(Name|List) the( five|) oceans.", "(What|Which) are the( five|) oceans?"), "The oceans are the Pacific, the Atlantic, the Indian, the Southern and the Arctic Ocean.", "Pacific;Atlantic;Indian;Arctic", "Pacific, Atlantic, Indian, Southern, Arctic"),
    (forms("How many planets are there( in the solar system|)?", "How many planets does the solar system have?", "Number of planets?"), "There are eight planets in the solar system.", "eight|8", "8"),
    (forms("(Name|List) the( eight|) planets( in order|).", "(What|Which) are the planets( in order| of the solar system|)?", "(Tell|Give) me the planets( in order|)."), "The planets are Mercury, Venus, Earth, Mars, Jupiter, Saturn, Uranus and Neptune.", "Mercury;Venus;Mars;Neptune", "Mercury, Venus, Earth, Mars, Jupiter, Saturn, Uranus, Neptune"),
    (forms("Which planet is (called |known as |)the red planet?", "What is the red planet?", "(Name|Which is) the red planet?"), "The red planet is Mars.", "Mars", "Mars"),
    (forms("How many moons does (the Earth|Earth) have?", "How many moons go round the Earth?", "How many moons has the Earth?"), "The Earth has one moon.", "one|1", "1"),
    (forms("Is the Sun a (star|planet|star or a planet)?", "What is the Sun?"), "The Sun is a star.", "star", "A star"),
    (forms("Is Pluto a planet?", "What is Pluto?", "Is Pluto still a planet?"), "Pluto is a dwarf planet.", "dwarf", "A dwarf planet"),
    (forms("What does the Earth (go|move|travel) (round|around)?", "Which star does the Earth go round?"), "The Earth goes round the Sun.", "Sun", "The Sun"),
    (forms("How long does the Earth (need|take) to go (round|around) the Sun?", "How long is a year on Earth?"), "The Earth goes round the Sun in about 365 days.", "365|year", "About 365 days"),
    (forms("(When|At what temperature|At how many degrees) does water freeze?", "What is the freezing point of water?", "Freezing point of water?"), "Water freezes at 0 degrees Celsius.", "0|zero", "0 °C"),
    (forms("(When|At what temperature|At how many degrees) does water boil?", "What is the boiling point of water?", "Boiling point of water?"), "Water boils at 100 degrees Celsius at sea level.", "100|hundred", "100 °C"),
    (forms("What is the (chemical |)formula of water?", "What is water made of?", "(Chemical formula|Formula) of water?"), "Water is H2O: hydrogen and oxygen.", "H2O|hydrogen", "H2O"),
    (forms("What is the (chemical |)formula of (table |)salt?", "What is the chemical name of (table |)salt?", "What is table salt made of?"), "Table salt is NaCl, sodium chloride.", "NaCl|sodium chloride", "NaCl"),
    (forms("What is the (chemical |)formula of carbon dioxide?", "What is carbon dioxide's formula?", "Formula of carbon dioxide?"), "The formula of carbon dioxide is CO2.", "CO2", "CO2"),
    (forms("(What|Which) gas do (people|we|humans) (breathe|need to breathe|need from the air)?"), "People need oxygen from the air.", "oxygen", "Oxygen"),
    (forms("What is (air|the air) (mostly |mainly )made of?", "Which gas is most of the air?", "What is most of the air?"), "Most of the air is nitrogen.", "nitrogen", "Nitrogen"),
    (forms("How fast is light?", "What is the speed of light?", "How fast does light travel?", "Speed of light?"), "Light travels about 300,000 kilometres per second.", "300,000|300000", "About 300,000 km/s"),
    (forms("What does the heart do?", "What is the heart for?", "Which job has the heart?"), "The heart pumps blood through the body.", "blood", "It pumps blood"),
    (forms("What do (lungs|the lungs) do?", "What are (lungs|the lungs) for?"), "The lungs take oxygen from the air.", "oxygen|air|breathe", "They take in oxygen"),
    (forms("What colour is the sky?", "(Which|What) colour does the sky have( by day|)?", "What is the colour of the sky?"), "The sky is blue on a clear day.", "blue", "Blue"),
    (forms("Why is the sky blue?", "What makes the sky blue?", "Why does the sky look blue?"), "The sky is blue because air scatters blue light more than red light.", "scatter|scatters", "Air scatters blue light"),
    (forms("What colour is (grass|the grass)?", "(Which|What) colour does grass have?"), "Grass is green.", "green", "Green"),
    (forms("What colour is (snow|milk)?", "(Which|What) colour does (snow|milk) have?"), "It is white.", "white", "White"),
    (forms("What colour is (a banana|a lemon)?", "(Which|What) colour does (a banana|a lemon) have?"), "It is yellow.", "yellow", "Yellow"),
    (forms("What colour is (blood|a ripe strawberry)?", "(Which|What) colour does (blood|a fire engine) have?"), "It is red.", "red", "Red"),
    (forms("What colour is (coal|soot)?", "(Which|What) colour does (coal|soot) have?"), "It is black.", "black", "Black"),
    (forms("(Name|What are|Which are) the (three |)primary colours( of paint|)?", "Primary colours?"), "The primary colours of paint are red, yellow and blue.", "red;yellow;blue", "Red, yellow, blue"),
    (forms("(Name|What are|Which are) the colours of (the|a) rainbow?", "Colours of the rainbow?", "List the colours of the rainbow."), "The colours of the rainbow are red, orange, yellow, green, blue, indigo and violet.", "red;orange;yellow;green;blue;violet", "Red, orange, yellow, green, blue, indigo, violet"),
    (forms("(Name|What are|Which are) the (four |)seasons( of the year|)?", "List the seasons.", "The four seasons?"), "The seasons are spring, summer, autumn and winter.", "spring;summer;autumn|fall;winter", "Spring, summer, autumn, winter"),
    (forms("How many seasons are there( in a year|)?", "How many seasons does a year have?"), "There are four seasons in a year.", "four|4", "4"),
    (forms("(Which|What) season comes after spring?", "What season follows spring?"), "Summer comes after spring.", "summer", "Summer"),
    (forms("(Which|What) season comes after summer?", "What season follows summer?"), "Autumn comes after summer.", "autumn|fall", "Autumn"),
    (forms("(Which|What) season comes after autumn?", "What season follows autumn?"), "Winter comes after autumn.", "winter", "Winter"),
    (forms("(Which|What) season comes after winter?", "What season follows winter?"), "Spring comes after winter.", "spring", "Spring"),
    (forms("(Which|What) is the (coldest|cold) season?", "Which season is the coldest?"), "The coldest season is winter.", "winter", "Winter"),
    (forms("(Which|What) is the (warmest|hottest) season?", "Which season is the (warmest|hottest)?"), "The warmest season is summer.", "summer", "Summer"),
    (forms("(Name|List|Tell me|Give me) the (seven |)days of the week.", "What are the days of the week?"), "The days are Monday, Tuesday, Wednesday, Thursday, Friday, Saturday and Sunday.", "Monday;Wednesday;Friday;Sunday", "Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday"),
    (forms("(Name|List|Tell me|Give me) the (twelve |)months( of the year|).", "What are the months of the year?"), "The months are January, February, March, April, May, June, July, August, September, October, November and December.", "January;April;August;December", "January, February, March, April, May, June, July, August, September, October, November, December"),
    (forms("(Which|What) days are the weekend?", "What is the weekend?", "Which days are on the weekend?"), "The weekend is Saturday and Sunday.", "Saturday;Sunday", "Saturday and Sunday"),
    (forms("(Name|List|What are|Which are) the vowels?", "Which letters are vowels?", "Vowels?"), "The vowels are A, E, I, O and U.", "A;E;I;O;U", "A, E, I, O, U"),
    (forms("How many vowels (are there|are in the alphabet|does English have)?", "Number of vowels?"), "There are five vowels: A, E, I, O and U.", "five|5", "5"),
    (forms("(Say|Write|Tell me|Give me|Recite) the (English |)alphabet.", "What is the alphabet?"), "A B C D E F G H I J K L M N O P Q R S T U V W X Y Z.", "A;M;Z", "A B C D E F G H I J K L M N O P Q R S T U V W X Y Z"),
    (forms("What do bees make?", "What do we get from bees?", "What food comes from bees?"), "Bees make honey.", "honey", "Honey"),
    (forms("What do cows give( us|)?", "Where does milk come from?", "Which animal gives milk?"), "Milk comes from cows.", "milk|cow|cows", "Milk from cows"),
    (forms("Where do eggs come from?", "Which bird gives us eggs?", "Who lays the eggs that we eat?"), "The eggs that we eat come from hens.", "hens|hen|chickens", "Hens"),
    (forms("Where does wool come from?", "Which animal gives wool?", "What animal do we get wool from?"), "Wool comes from sheep.", "sheep", "Sheep"),
    (forms("What do (plants need|plants need to grow|flowers need)?", "What does a plant need( to grow|)?"), "Plants need light, water and air.", "light;water", "Light, water and air"),
    (forms("What do pandas eat?", "What is a panda's food?", "What does a panda (eat|like to eat)?"), "Pandas eat bamboo.", "bamboo", "Bamboo"),
    (forms("What do caterpillars (turn into|become)?", "What does a caterpillar (become|turn into)?"), "A caterpillar becomes a butterfly or a moth.", "butterfly", "A butterfly or a moth"),
    (forms("What does a tadpole (become|turn into)?", "What do tadpoles become?"), "A tadpole becomes a frog or a toad.", "frog", "A frog or a toad"),
    (forms("What is bread made (of|from)?", "What do you need for bread?"), "Bread is made of flour, water, salt and yeast.", "flour", "Flour, water, salt and yeast"),
    (forms("What is cheese made (of|from)?", "What do you make cheese from?"), "Cheese is made from milk.", "milk", "Milk"),
    (forms("What is wine made (of|from)?", "Which fruit is wine made from?"), "Wine is made from grapes.", "grapes", "Grapes"),
    (forms("What is glass made (of|from)?", "What do you make glass from?"), "Glass is made mostly of sand.", "sand", "Sand"),
    (forms("What is paper made (of|from)?", "Where does paper come from?"), "Paper is made from wood.", "wood|trees", "Wood"),
    (forms("What is chocolate made (of|from)?", "What do you make chocolate from?"), "Chocolate is made from cocoa beans and sugar.", "cocoa", "Cocoa beans"),
    (forms("What (do people use|do you use|is) an umbrella for?", "Why do people carry an umbrella?"), "An umbrella keeps off the rain.", "rain", "The rain"),
    (forms("How many is a dozen?", "How many are in a dozen?", "What is a dozen?", "How much is a dozen?"), "A dozen is twelve.", "twelve|12", "12"),
    (forms("How many years (are in|are there in|has) a century?", "How long is a century?", "What is a century?"), "A century is one hundred years.", "hundred|100", "100 years"),
    (forms("How long is a decade?", "How many years are in a decade?", "What is a decade?"), "A decade is ten years.", "ten|10", "10 years"),
    (forms("How long is a millennium?", "How many years are in a millennium?", "What is a millennium?"), "A millennium is one thousand years.", "thousand|1000", "1000 years"),
    (forms("How many bits (are in|are there in|make) a byte?", "How many bits does a byte have?", "Bits in a byte?"), "A byte has eight bits.", "eight|8", "8"),
    (forms("(When|In what year|In which year) did (World War II|the Second World War|World War 2) end?"), "The Second World War ended in 1945.", "1945", "1945"),
    (forms("(When|In what year|In which year) did (World War II|the Second World War|World War 2) (begin|start)?"), "The Second World War began in 1939.", "1939", "1939"),
    (forms("(When|In what year|In which year) did (World War I|the First World War|World War 1) (begin|start)?"), "The First World War began in 1914.", "1914", "1914"),
    (forms("(When|In what year|In which year) did (World War I|the First World War|World War 1) end?"), "The First World War ended in 1918.", "1918", "1918"),
    (forms("(When|In what year|In which year) did (the Berlin Wall) fall?", "When was the fall of the Berlin Wall?"), "The Berlin Wall fell in 1989.", "1989", "1989"),
    (forms("(When|In what year|In which year) did the French Revolution (begin|start)?", "When was the French Revolution?"), "The French Revolution began in 1789.", "1789", "1789"),
    (forms("(When|In what year|In which year) did (people|humans|the first people) (first |)land on the Moon?", "When was the first Moon landing?"), "People first landed on the Moon in 1969.", "1969", "1969"),
    (forms("Who was the first (person|man|human) on the Moon?", "Who first walked on the Moon?", "Who first set foot on the Moon?"), "The first person on the Moon was Neil Armstrong.", "Armstrong", "Neil Armstrong"),
    (forms("Who was the first (person|man|human) in space?", "Who first flew (into|to) space?"), "The first person in space was Yuri Gagarin.", "Gagarin", "Yuri Gagarin"),
    (forms("Who was the first president of the (United States|USA|US)?", "Who was America's first president?"), "The first president of the United States was George Washington.", "Washington", "George Washington"),
    (forms("(When|In what year|In which year) did Columbus (first |)(reach|sail to|come to) America?", "When did Christopher Columbus reach America?"), "Columbus reached America in 1492.", "1492", "1492"),
    (forms("(When|In what year|In which year) was the American Declaration of Independence?", "When did the United States declare independence?"), "The United States declared independence in 1776.", "1776", "1776"),
    (forms("Where are the (great |)pyramids( of Giza|)?", "In which country are the pyramids of Giza?"), "The pyramids of Giza are in Egypt.", "Egypt", "Egypt"),
    (forms("(On|In) which (continent|continents) does (Russia|Turkey) lie?", "(On|In) (which|what) continent is (Russia|Turkey)?"), "It lies in Europe and in Asia.", "Europe;Asia", "Europe and Asia"),
]

# ---- Simple definitions: word: what it is (begun as a sentence without its verb)

DEFINITIONS = """
computer: a machine that follows programs to work on data
program: a list of steps that a computer follows
algorithm: a list of steps that solves a problem
software: the programs that run on a computer
hardware: the parts of a computer that you can touch
file: a named piece of data on a computer
folder: a place on a computer that holds files
server: a computer or program that answers others over a network
client: a program that asks a server for something
network: a group of computers that are connected
router: a device that passes data between networks
gateway: a program that stands between two sides and passes requests on
firewall: a guard that decides which data may pass a network
database: an ordered store of data that can be searched
browser: a program that shows web pages
website: a group of pages on the web
internet: the network that connects computers all over the world
password: a secret word that proves who you are
token: a small piece of text that a language model reads or writes
prompt: the text that is given to a language model
language model: a program that predicts text word by word
neural network: a program of many small weighted sums that learns from examples
chatbot: a program that talks with people in text
cloud: a set of computers of somebody else that is used over the internet
encryption: the turning of text into a form that only a key can read
hash: a short fixed-length value that is computed from data
checksum: a small value that shows whether data was changed
backup: a copy of data that is kept in case the first is lost
bug: a mistake in a program
compiler: a program that turns source code into machine code
operating system: the program that runs a computer and its other programs
kernel: the core of an operating system
processor: the part of a computer that carries out instructions
memory: the part of a computer that holds data while it works
cache: a small fast store of data that is needed again
disk: a device that keeps data when the computer is off
screen: the part of a device that shows pictures and text
keyboard: a board of keys for typing
printer: a machine that puts text and pictures on paper
cable: a strong wire with a cover
bit: the smallest unit of data, a zero or a one
byte: a unit of data of eight bits
port: a numbered door by which programs reach one another on a network
proxy: a program that asks for something in place of another
spam: unwanted messages that are sent to many people
virus: a very small thing, or a harmful program, that makes copies of itself
robot: a machine that can do work by itself
app: a program for a phone or a computer
e-mail: a message that is sent over a network
loop: a part of a program that is done again and again
variable: a named value in a program that can change
function: a named part of a program that does one task
log: a list of what a program did, in order of time
queue: a line in which the first to come is the first to be served
licence: a text that says what others may do with a work
house: a building that people live in
school: a place where children learn
hospital: a place where ill people are treated
library: a place where books are kept and lent
bank: a firm that keeps and lends money
shop: a place where things are sold
bakery: a shop where bread is made and sold
restaurant: a place where people pay to eat a meal
museum: a building where interesting things are shown
hotel: a house where travellers pay to sleep
airport: a place where planes start and land
station: a place where trains or buses stop
farm: a piece of land where food is grown and animals are kept
factory: a building where goods are made
office: a room or building where people work at desks
kitchen: a room for cooking
garden: a piece of land with plants near a house
bridge: a way over a river, a road or a valley
road: a way for cars and people
map: a drawing of a place from above
clock: a device that shows the time
calendar: a list of the days of a year
compass: a device that shows where north is
thermometer: a device that measures how warm it is
telescope: a device that makes far things look near
microscope: a device that makes small things look large
camera: a device that takes pictures
bicycle: a vehicle with two wheels and pedals
car: a vehicle with an engine and four wheels
train: a row of carriages that runs on rails
ship: a large boat
aeroplane: a vehicle with wings that flies
ladder: two long bars with steps between them for climbing
hammer: a tool for driving in nails
saw: a tool with teeth for cutting wood
scissors: a tool with two blades for cutting paper
needle: a thin pointed tool for sewing
spoon: a tool for eating soup
fork: a tool with points for eating
knife: a tool with a blade for cutting
cup: a small bowl with a handle for drinking
umbrella: a folding cover that keeps off the rain
mirror: a glass that shows your own face
candle: a stick of wax that burns with a light
letter: a written message, or a sign of the alphabet
dictionary: a book that explains words
novel: a long story in a book
poem: a short text with rhythm and often rhyme
noun: a word for a person, a thing or an idea
verb: a word for something that is done or happens
adjective: a word that says what a thing is like
adverb: a word that says how something is done
vowel: one of the letters A, E, I, O and U
consonant: a letter that is not a vowel
synonym: a word with the same meaning as another
antonym: a word with the opposite meaning
sentence: a group of words that says something whole
triangle: a shape with three sides
square: a shape with four equal sides and four right angles
rectangle: a shape with four sides and four right angles
circle: a round shape whose edge is everywhere equally far from its middle
cube: a solid with six equal square sides
sphere: a round solid like a ball
pentagon: a shape with five sides
hexagon: a shape with six sides
octagon: a shape with eight sides
even number: a whole number that can be divided by two
odd number: a whole number that cannot be divided by two
prime number: a whole number above one that only one and itself divide
fraction: a part of a whole, such as one half
percent: one part in a hundred
average: the sum of some numbers divided by how many they are
sum: what you get when you add numbers
product: what you get when you multiply numbers
planet: a large body that goes round a star
star: a huge ball of hot gas that shines
moon: a body that goes round a planet
galaxy: a huge group of stars
comet: a ball of ice and dust that goes round the Sun
gravity: the force that pulls things towards each other
atom: the smallest part of an element
molecule: a group of atoms that hold together
oxygen: a gas in the air that people and animals need
ice: water that is frozen
steam: water as a hot gas
rain: water that falls from clouds
snow: frozen water that falls in flakes
cloud in the sky: a mass of tiny drops of water in the air
rainbow: a bow of colours in the sky when the sun shines on rain
thunder: the loud noise that follows lightning
wind: air that moves
river: a large stream of water that flows to a sea or lake
lake: a large body of water with land all round it
ocean: a very large sea
island: a piece of land with water all round it
mountain: a very high piece of land
volcano: a mountain from which hot melted rock can come
desert: a dry place where little grows
forest: a large piece of land covered with trees
valley: low land between hills
continent: one of the very large pieces of land on Earth
country: a land with its own government
city: a large and important town
capital: the city where a country's government sits
mammal: a warm-blooded animal that feeds its young with milk
bird: an animal with feathers and wings
fish: an animal that lives in water and breathes with gills
reptile: a cold-blooded animal with dry scales, such as a snake
insect: a small animal with six legs
tree: a large plant with a trunk of wood
flower: the part of a plant that makes seeds
seed: the part of a plant from which a new one grows
fruit: the part of a plant that holds its seeds
vegetable: a plant that is eaten, such as a carrot
doctor: a person who treats ill people
nurse: a person who cares for ill people
teacher: a person who helps others to learn
lawyer: a person who gives advice on the law
pilot: a person who flies a plane
baker: a person who makes bread
farmer: a person who grows food or keeps animals
author: a person who writes books
judge: a person who decides in a court
neighbour: a person who lives next to you
friend: a person whom you know and like
president: the head of a country or a firm
invoice: a list of goods or work with the money that is owed
contract: an agreement that binds two sides by law
budget: a plan of how much money is spent
salary: the money that is paid for work each month
tax: money that people pay to the state
rent: the money that is paid for using a house
loan: money that is lent and has to be paid back
diary: a book in which somebody writes about each day
holiday: a day or time without work
birthday: the day on which somebody was born
breakfast: the first meal of the day
lunch: the meal in the middle of the day
dinner: the main meal of the day
soup: a warm food that is eaten with a spoon
bread: a food that is baked from flour and water
"""

UNCOUNTED = {"software", "hardware", "memory", "spam", "encryption", "gravity", "oxygen", "ice", "steam", "rain", "snow", "thunder", "wind", "soup",
             "bread", "rent", "breakfast", "lunch", "dinner", "percent"}
WITH_THE = {"internet", "cloud", "sum", "average"}

ONES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen",
        "sixteen", "seventeen", "eighteen", "nineteen"]
TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"]
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def words_of(number: int) -> str:
    """A number below 10,000 in words, as in British English."""
    if number < 20:
        return ONES[number]
    if number < 100:
        return TENS[number // 10] + (f"-{ONES[number % 10]}" if number % 10 else "")
    if number < 1000:
        rest = f" and {words_of(number % 100)}" if number % 100 else ""
        return f"{ONES[number // 100]} hundred{rest}"
    rest = number % 1000
    joint = " and " if 0 < rest < 100 else " "
    return f"{words_of(number // 1000)} thousand{joint + words_of(rest) if rest else ''}"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th …"""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def article(word: str) -> str:
    """With «a» or «an»."""
    return f"{'an' if word[0].lower() in 'aeiou' else 'a'} {word}"


# ---- Kinds


@dataclass
class Kind:
    """Facts of one kind: how they are asked, how they are answered, and what fills `{x}` and `{y}`."""

    questions: list[str]
    answer: str
    items: list[tuple[str, str]]
    weight: float = 1.0
    # How it is asked in a second turn, after the same was asked of something else.
    follow: tuple[str, ...] = ("And {x}?", "What about {x}?", "and {x}", "And for {x}?")
    # How often each item is asked, where that differs.
    often: list[float] | None = None


def pairs(text: str) -> list[tuple[str, str]]:
    """«a b, c d e» as pairs of the first word and the rest."""
    split = [entry.strip().split(" ", 1) for entry in text.replace("\n", " ").split(",")]
    return [(left, right.strip()) for left, right in split]


def rows(text: str) -> list[list[str]]:
    """Lines with `;` between their cells."""
    return [[cell.strip() for cell in line.split(";")] for line in text.strip().splitlines()]


_COUNTRIES = rows(COUNTRIES)
# name without the star -> how often it is asked
_FAME = {row[0].lstrip("*"): 3.0 if row[0].startswith("*") else 1.0 for row in _COUNTRIES}


def _countries(column: int) -> list[tuple[str, str]]:
    return [(row[0].lstrip("*"), row[column]) for row in _COUNTRIES if row[column] != "-"]


def _capital_first() -> list[tuple[str, str]]:
    return [(city, name) for name, city in _countries(1) if city != name and name not in ("Scotland", "Wales")]


def _animals(column: int) -> list[tuple[str, str]]:
    return [(row[0], row[column]) for row in rows(ANIMALS) if row[column] != "-"]


def _opposites() -> list[tuple[str, str]]:
    """Both ways; where a word has two opposites, the pair that stands first is asked."""
    both: dict[str, str] = {}
    for left, right in pairs(OPPOSITES):
        both.setdefault(left, right)
    for left, right in pairs(OPPOSITES):
        both.setdefault(right, left)
    return list(both.items())


def _definitions() -> list[tuple[str, str]]:
    return [tuple(part.strip() for part in line.split(":", 1)) for line in DEFINITIONS.strip().splitlines()]  # type: ignore[misc]


def named(word: str) -> str:
    """A defined word with the article that it is used with."""
    if word in UNCOUNTED or word in ("scissors",):
        return word
    return f"the {word}" if word in WITH_THE else article(word)


def _fame(items: list[tuple[str, str]], side: int) -> list[float]:
    return [_FAME[item[side]] for item in items]


KINDS: dict[str, Kind] = {
    "capital": Kind(
        forms("(What|Which) is the capital (city |)of {x}?", "What's the capital of {x}?", "(Tell|Give) me the capital of {x}.", "Capital of {x}?", "capital of {x}",
              "(What|Which) city is the capital of {x}?", "Name the capital (city |)of {x}.", "Do you know the capital of {x}?", "(Can|Could) you tell me the capital of {x}?",
              "The capital of {x} is", "I would like to know the capital of {x}.", "What is the name of {x}'s capital?", "{x}: capital?", "Which is {x}'s capital city?",
              "What capital does {x} have?", "Remind me what the capital of {x} is."),
        "The capital of {x} is {y}.", _countries(1), 9.0, ("And of {x}?", "What about {x}?", "And {x}?", "and the capital of {x}?")),
    "country of capital": Kind(
        forms("{x} is the capital of which country?", "(What|Which) country has {x} as its capital?", "Of which country is {x} the capital?", "Which country's capital is {x}?",
              "Whose capital is {x}?", "{x} is the capital of", "(Name|Tell me) the country whose capital is {x}.", "{x} is the capital of what?", "Which country is {x} the capital of?",
              "What country is {x} the capital of?"),
        "{x} is the capital of {y}.", _capital_first(), 4.0),
    "continent": Kind(
        forms("(On|In) (which|what) continent is {x}?", "(Which|What) continent is {x} (on|in)?", "Where is {x}?", "Where does {x} lie?", "(On|In) which continent does {x} lie?", "Where in the world is {x}?",
              "Continent of {x}?", "Tell me the continent of {x}.", "To which continent does {x} belong?", "Where can I find {x} on a map?", "{x} is on which continent?"),
        "{x} is in {y}.", _countries(2), 4.0),
    "language": Kind(
        forms("(Which|What) language (is spoken|do people speak|do they speak) in {x}?", "(Which|What) languages are spoken in {x}?", "What do people speak in {x}?", "What is the (official |)language of {x}?",
              "Language of {x}?", "How do people talk in {x}, in which language?", "Name the language of {x}.", "Tell me what is spoken in {x}.", "(Which|What) is the main language in {x}?"),
        "People in {x} speak {y}.", _countries(3), 3.0, ("And in {x}?", "What about {x}?", "And {x}?")),
    "currency": Kind(
        forms("What is the currency (of|in) {x}?", "(Which|What) currency (does {x} use|is used in {x})?", "(What|Which) money is used in {x}?", "What money do people pay with in {x}?", "How do you pay in {x}?",
              "Currency of {x}?", "currency {x}", "Name the currency of {x}.", "Tell me the currency of {x}.", "What do I pay with in {x}?"),
        "The currency of {x} is {y}.", _countries(4), 3.0, ("And in {x}?", "What about {x}?", "And {x}?")),
    "symbol": Kind(
        forms("What is the (chemical |)symbol (of|for) {x}?", "(Chemical |)symbol (of|for) {x}?", "Which symbol does {x} have?", "How is {x} written in chemistry?", "What letters stand for {x} in the periodic table?",
              "Give me the symbol for {x}.", "Tell me the chemical symbol of {x}.", "What is {x}'s chemical symbol?", "{x}: chemical symbol?"),
        "The chemical symbol of {x} is {y}.", pairs(ELEMENTS), 2.0),
    "element": Kind(
        forms("(What|Which) (chemical |)element has the symbol {x}?", "What does the symbol {x} stand for (in chemistry)?", "Which element is {x}?", "What is {x} in chemistry?", "{x} is the symbol of which element?",
              "Name the element with the symbol {x}.", "What element is written {x}?", "In the periodic table, what is {x}?"),
        "{x} is the symbol of {y}.", [(y, x) for x, y in pairs(ELEMENTS)], 1.5),
    "planet place": Kind(
        forms("(What|Which) is the {x} planet (from the Sun|)?", "Which planet is the {x} (from the Sun|in order|one)?", "Name the {x} planet from the Sun.", "What planet comes {x} from the Sun?", "The {x} planet from the Sun is",
              "Tell me the {x} planet of the solar system."),
        "The {x} planet from the Sun is {y}.", list(zip(ORDINALS, PLANETS)), 0.6, ("And the {x}?", "What about the {x}?")),
    "planet after": Kind(
        forms("(What|Which) planet comes (right |)after {x}?", "Which planet follows {x}?", "What is the next planet after {x}?", "After {x}, which planet is next?", "Name the planet after {x}."),
        "After {x} comes {y}.", list(zip(PLANETS[:-1], PLANETS[1:])), 0.5),
    "colours": Kind(
        forms("(What|Which) colour do you get when you mix {x}?", "What colour do {x} make?", "What do {x} give when mixed?", "Mix {x}. What colour is it?", "If I mix {x}, what colour do I get?", "{x} make which colour?",
              "What is the mixture of {x}?", "(What|Which) colour comes from {x} paint?", "What happens when I mix {x}?"),
        "When you mix {x} you get {y}.", COLOURS, 0.8),
    "animal class": Kind(
        forms("(What|Which) (kind|class|type) of animal is {a}?", "Is {a} a mammal, a bird, a fish, a reptile or something else?", "What is {a}?", "To which class of animals does {a} belong?", "What sort of animal is {a}?",
              "Tell me what kind of animal {a} is.", "In which group of animals is {a}?", "Classify this animal: {x}."),
        "{A} is {b}.", _animals(1), 1.5, ("And {a}?", "What about {a}?")),
    "animal young": Kind(
        forms("What is (a baby|a young) {x} called?", "What do you call (a baby|a young) {x}?", "What is the young of {a} called?", "What is the name (for|of) a baby {x}?", "A baby {x} is called?", "The young of {a} is called",
              "How do you call the baby of {a}?", "Name the young of {a}."),
        "A young {x} is called {b}.", _animals(2), 1.2, ("And {a}?", "What about {a}?")),
    "animal sound": Kind(
        forms("What (sound|noise) does {a} make?", "Which (sound|noise) does {a} make?", "What does {a} do when it makes a sound?", "How does {a} sound?", "What is the sound of {a}?", "Tell me the sound that {a} makes.",
              "What does {a} say?", "Sound of {a}?", "How does {a} call?"),
        "{A} {y}.", _animals(3), 1.0, ("And {a}?", "What about {a}?")),
    "animal legs": Kind(
        forms("How many legs does {a} have?", "How many legs has {a}?", "Number of legs of {a}?", "Legs of {a}?", "Tell me how many legs {a} has.", "What number of legs does {a} have?", "How many legs are on {a}?"),
        "{A} has {y} legs.", [(x, words_of(int(y)) if y != "0" else "no") for x, y in _animals(4)], 1.0, ("And {a}?", "What about {a}?")),
    "month number": Kind(
        forms("(What|Which) is the {x} month (of the year|)?", "Which month is the {x} (of the year|one|)?", "Name the {x} month of the year.", "Tell me the {x} month.", "The {x} month of the year is", "What month is the {x}?"),
        "The {x} month of the year is {y}.", list(zip(ORDINALS, MONTHS)), 0.6, ("And the {x}?", "What about the {x}?")),
    "opposite": Kind(
        forms("What is the opposite of (|the word ){x}?", "What's the opposite of {x}?", "opposite of {x}", "Opposite of {x}?", "(Give|Tell) me the opposite of {x}.", "(Which|What) word is the opposite of {x}?", "What is the contrary of {x}?",
              "Name the opposite of {x}.", "Give the antonym of {x}.", "What is an antonym (of|for) {x}?", "{x}: opposite?", "The opposite of {x} is", "not {x} but what? Give the opposite."),
        "The opposite of {x} is {y}.", _opposites(), 4.0, ("And of {x}?", "What about {x}?", "And {x}?")),
    "plural": Kind(
        forms("What is the plural (of|for) (|the word ){x}?", "What's the plural of {x}?", "plural of {x}", "Plural of {x}?", "(Give|Tell) me the plural of {x}.", "How do you (say|write) {x} in the plural?", "One {x}, two what?", "Write the plural of {x}.",
              "Make {x} plural.", "The plural of {x} is", "If there is more than one {x}, what is it called?"),
        "{y}", pairs(PLURALS) + [(noun, f"{noun}s") for noun in REGULAR_NOUNS.split()], 2.0, ("And of {x}?", "What about {x}?", "And {x}?")),
    "past": Kind(
        forms("What is the past (tense |)of (|the verb ){x}?", "What's the past tense of {x}?", "past tense of {x}", "Past tense of {x}?", "(Give|Tell) me the past tense of {x}.", "Write {x} in the past tense.", "How do you say {x} in the past?",
              "Put {x} in the past tense.", "The past tense of {x} is", "What is the simple past of {x}?", "Today I {x}, yesterday I what? Give the past tense.", "What is the past form of to {x}?"),
        "The past tense of {x} is {y}.", pairs(PAST) + pairs(REGULAR_VERBS), 3.0, ("And of {x}?", "What about {x}?", "And {x}?")),
    "letter at": Kind(
        forms("(What|Which) is the {x} letter of the alphabet?", "Which letter is the {x} (in|of) the alphabet?", "Name the {x} letter of the alphabet.", "Tell me the {x} letter of the alphabet.", "The {x} letter of the alphabet is", "{x} letter of the alphabet?"),
        "The {x} letter of the alphabet is {y}.", [(ordinal(place), letter) for place, letter in enumerate(LETTERS, 1)], 1.0, ("And the {x}?", "What about the {x}?")),
    "letter place": Kind(
        forms("(Which|What) place does (the letter |){x} have in the alphabet?", "What number is the letter {x} in the alphabet?", "Where in the alphabet is (the letter |){x}?", "Which position has {x} in the alphabet?", "What is the position of {x} in the alphabet?", "{x} is which letter of the alphabet?"),
        "{x} is the {y} letter of the alphabet.", [(letter, ordinal(place)) for place, letter in enumerate(LETTERS, 1)], 1.0),
    "letter after": Kind(
        forms("(Which|What) letter comes (right |)after {x}?", "What is the letter after {x}?", "Which letter follows {x} (in the alphabet|)?", "After {x}, what letter comes?", "Next letter after {x}?", "Name the letter after {x}."),
        "After {x} comes {y}.", list(zip(LETTERS[:-1], LETTERS[1:])), 0.8),
    "letter before": Kind(
        forms("(Which|What) letter comes (right |)before {x}?", "What is the letter before {x}?", "Which letter stands before {x} (in the alphabet|)?", "Before {x}, what letter comes?", "Letter before {x}?", "Name the letter before {x}."),
        "Before {x} comes {y}.", list(zip(LETTERS[1:], LETTERS[:-1])), 0.8),
    "author": Kind(
        forms("Who wrote {x}?", "Who is the (author|writer) of {x}?", "(By whom|By which author) is {x}?", "Who is {x} by?", "{x} was written by", "Author of {x}?", "(Name|Tell me) the author of {x}.", "Which writer wrote {x}?", "Do you know who wrote {x}?", "Who was the author of {x}?", "{x}: who wrote it?"),
        "{x} was written by {y}.", [(x, y) for x, y in rows(BOOKS)], 2.5),
    "painter": Kind(
        forms("Who painted {x}?", "(By whom|By which painter) is {x}?", "Who is the painter of {x}?", "{x} was painted by", "Painter of {x}?", "(Name|Tell me) the painter of {x}.", "Which artist painted {x}?", "Do you know who painted {x}?"),
        "{x} was painted by {y}.", [(x, y) for x, y in rows(PAINTINGS)], 1.0),
    "composer": Kind(
        forms("Who (composed|wrote the music of|wrote the music for) {x}?", "(By whom|By which composer) is {x}?", "Who is the composer of {x}?", "{x} was composed by", "Composer of {x}?", "(Name|Tell me) the composer of {x}.", "Which composer wrote {x}?", "Do you know who composed {x}?"),
        "{x} was composed by {y}.", [(x, y) for x, y in rows(MUSIC)], 1.0),
    "inventor": Kind(
        forms("Who invented {x}?", "Who was the inventor of {x}?", "{x} was invented by", "Inventor of {x}?", "(Name|Tell me) the inventor of {x}.", "By whom was {x} invented?", "Do you know who invented {x}?", "Who came up with {x}?"),
        "{y} invented {x}.", [(x, y) for x, y in rows(INVENTIONS)], 1.0),
    "discoverer": Kind(
        forms("Who (discovered|found) {x}?", "{x} was discovered by", "By whom was {x} discovered?", "(Name|Tell me) who discovered {x}.", "Do you know who discovered {x}?", "Which scientist discovered {x}?", "{x}: who discovered it?"),
        "{y} discovered {x}.", [(x, y) for x, y in rows(DISCOVERIES)], 0.8),
    "count": Kind(
        forms("How many {p} does {t} have?", "How many {p} has {t}?", "Tell me how many {p} {t} has.", "Do you know how many {p} {t} has?", "Number of {p} of {t}?", "What number of {p} does {t} have?", "{T} has how many {p}?", "Count the {p} of {t}.",
              "(Can|Could) you say how many {p} {t} has?"),
        "{T} has {y} {p}.", [(f"{parts}|{thing}", number) for parts, thing, number in rows(COUNTS)], 1.2, ("And how many {p} has {t}?",)),
    "short form": Kind(
        forms("What does {x} (stand for|mean)?", "What is {x} short for?", "{x} stands for", "{x} is short for what?", "What is the long form of {x}?", "Write out {x}.", "What do the letters {x} stand for?", "What does the abbreviation {x} mean?",
              "Meaning of the abbreviation {x}?", "Tell me what {x} stands for."),
        "{x} stands for {y}.", [(x, y) for x, y in rows(SHORT_FORMS)], 1.2),
    "place": Kind(
        forms("Where is {x}?", "(In which city or country|In what place) is {x}?", "Where does {x} stand?", "Where can I (find|see|visit) {x}?", "Where do I have to go to see {x}?", "Tell me where {x} is.", "{x} is where?"),
        "{x} is in {y}.", [(x, y) for x, y in rows(PLACES)], 0.8),
    "definition": Kind(
        forms("What is {n}?", "What does (|the word )\"{x}\" mean?", "Explain what {n} is.", "Define {x}.", "(Give|Write) a definition of {x}.", "What do you call {n}? Define it.", "What's {n}?", "In one sentence, what is {n}?", "{x}: meaning?", "Meaning of {x}?", "Tell me what {n} is.",
              "What is meant by {x}?", "Please define the word {x}.", "Explain the word {x}.", "How would you explain {n}?", "what is the meaning of {x}"),
        "{N} is {y}.", _definitions(), 6.0, ("And {n}?", "What about {n}?")),
}
for _kind, _side in [("capital", 0), ("country of capital", 1), ("continent", 0), ("language", 0), ("currency", 0)]:
    KINDS[_kind].often = _fame(KINDS[_kind].items, _side)

# Where two names are usual, either is right. Only for what is said, never for what is asked.
ALSO = {"roubles": "rubles", "Washington, D.C.": "Washington", "grey": "gray", "Kyiv": "Kiev", "the rouble": "ruble", "kit": "cub",
        "was or were": "was", "burned": "burnt", "autumn": "fall", "aluminium": "aluminum", "sulphur": "sulfur", "difficult": "hard", "tall": "long", "dark": "heavy", "young": "new", "left": "wrong", "soft": "easy", "win": "find",
        "ask": "question", "build": "create", "healthy": "well", "female": "feminine", "lower": "drop", "stop": "end"}

BARE = forms("(Answer|Reply) with (one word|the name|the answer) only.", "(Just|Only) the (answer|name|word)(, please|).", "One word(, please|).", "No sentence, just the answer.", "Short answer.", "Be brief.", "Only the answer.",
             "Give only the (answer|name).")


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _fill(pattern: str, kind: str, x: str, y: str, is_answer: bool = False) -> str:
    """Fills a pattern. `{a}` and `{b}` are x and y with «a» or «an», `{n}` is x as a defined word; capitals begin a sentence."""
    pattern = pattern.replace("{x}'s", x + ("'" if x.endswith("s") else "'s"))
    parts, _, thing = x.partition("|")
    a = article(x)
    filled = pattern.format(x=x, y=y, a=a, A=_upper(a), b=article(y), n=named(x), N=_upper(named(x)), p=parts, t=thing, T=_upper(thing))
    if kind == "definition" and x == "scissors":
        filled = filled.replace("what is scissors", "what are scissors").replace("What is scissors", "What are scissors").replace("scissors is", "scissors are").replace("Scissors is", "Scissors are")
    if pattern == "{y}":
        return filled
    return _upper(filled) if is_answer or pattern.startswith(("{x}", "{a}", "{n}")) else filled


def tell(kind: str, x: str, y: str) -> str:
    """The answer of a kind as a whole sentence."""
    return _fill(KINDS[kind].answer, kind, x, y, is_answer=True)


def make_fact(rng: random.Random, held: bool) -> Example:
    kind = rng.choices(list(KINDS), [entry.weight for entry in KINDS.values()])[0]
    entry = KINDS[kind]
    x, y = rng.choices(entry.items, entry.often)[0]
    answer = tell(kind, x, y)
    alike = "|".join([y.removeprefix("the "), *([ALSO[y]] if y in ALSO else [])])
    accept = (mentions(alike),) if kind != "definition" else (mentions(*[word for word in y.split() if len(word) > 4][:1]),)
    if rng.random() < 0.07 and len(entry.items) > 12:
        first = rng.choices(entry.items, entry.often)[0]
        if first != (x, y):
            turns = [("user", surface(rng, _fill(choose(rng, entry.questions, held), kind, *first), first)), ("assistant", tell(kind, *first)),
                     ("user", _fill(rng.choice(entry.follow), kind, x, y))]
            return Example(turns, answer, accept=accept)
    asked = surface(rng, _fill(choose(rng, entry.questions, held), kind, x, y), (x, y))
    if kind != "definition" and rng.random() < 0.1:
        bare = _upper(y.removeprefix("the ")) if kind not in ("plural", "past", "opposite") else y
        return Example([("user", f"{_closed(asked)} {choose(rng, BARE, held)}")], bare, accept=accept)
    return Example([("user", asked)], answer, accept=accept)


def _closed(text: str) -> str:
    return text if text[-1] in ".?!" else f"{text}?"


def make_single(rng: random.Random, held: bool) -> Example:
    place = rng.randrange(len(_SINGLES) + len(QUESTIONS))
    if place < len(_SINGLES):
        wordings, answer, has, bare = _SINGLES[place]
        asked = choose(rng, SINGLE_FORMS, held).format(rng.choice(wordings))
    else:
        wordings, answer, has, bare = QUESTIONS[place - len(_SINGLES)]
        asked = choose(rng, wordings, held)
    accept = (mentions(*has.split(";")),)
    asked = surface(rng, asked)
    if rng.random() < 0.08:
        return Example([("user", f"{_closed(asked)} {choose(rng, BARE, held)}")], bare, accept=accept)
    return Example([("user", asked)], answer, accept=accept)


_SINGLES = [(forms(pattern), answer, has, bare) for pattern, answer, has, bare in SINGLES]

INTO_WORDS = forms("(Write|Say|Spell) {} in words.", "How do you (write|say|spell) {} in words?", "What is {} in words?", "{} in words", "(Write|Spell) out the number {}.", "Turn {} into words.", "Number {} as words?", "How is {} written in words?")
INTO_DIGITS = forms("(Write|Give me) {} in digits.", "What is {} in (digits|figures)?", "How do you write {} (in|with) (digits|figures)?", "{} as a number?", "{} in digits", "Turn \"{}\" into a number.", "Which number is {}?", "Write the number {} in figures.")
# Held out by themselves, beside the wordings.
NUMBERS = list(range(101)) + [number for number in range(101, 10_000) if number % 7 == 3 or number % 100 == 0]


def make_number_word(rng: random.Random, held: bool) -> Example:
    number = min(choose(rng, NUMBERS, held), choose(rng, NUMBERS, held))
    digits, words = str(number), words_of(number)
    if rng.random() < 0.5:
        return Example([("user", surface(rng, choose(rng, INTO_WORDS, held).format(digits)))], f"{_upper(words)}.", accept=(words, mentions(words)))
    return Example([("user", surface(rng, choose(rng, INTO_DIGITS, held).format(words), (words,)))], digits, accept=(digits, mentions(digits)))


def make_facts(rng: random.Random, held: bool) -> Example:
    dice = rng.random()
    if dice < 0.78:
        return make_fact(rng, held)
    return make_single(rng, held) if dice < 0.95 else make_number_word(rng, held)


ABILITIES = {"facts": make_facts}
