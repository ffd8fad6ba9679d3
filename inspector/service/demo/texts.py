"""What the demo's lists, to-dos and notes say."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListTexts:
    """A list's name and its to-dos: each verb goes with each thing. Both are separated by " | "."""

    name: str
    verbs: str
    things: str

    def todos(self) -> list[str]:
        """Every to-do that fits this list."""
        return [f"{verb} {thing}" for verb in self.verbs.split(" | ") for thing in self.things.split(" | ")]


LISTS: tuple[ListTexts, ...] = (
    ListTexts(
        "Summer trip to Lisbon ☀",
        "Book | Compare prices for | Ask Bob about | Pay for | Cancel | Print",
        "the night train | flat in Alfama | museum tickets | rental bikes | fado evening | airport transfer | "
        "travel insurance | surf course in Ericeira | table at Cervejaria | boat to Cacilhas | laundry bag | "
        "tram 28 pass | beach umbrella | Sintra day tour | phrase book “Olá”",
    ),
    ListTexts(
        "Groceries",
        "Buy | Order | Get more | Check if we have | Freeze | Try another brand of",
        "oat milk | crème fraîche | jalapeños | rye bread | smoked tofu | olive oil (1 l) | basmati rice | "
        "cherry tomatoes | parmesan | limes | coffee beans | dish soap | yeast | chickpeas | Gruyère",
    ),
    ListTexts(
        "Küche renovieren",
        "Messen: | Bestellen: | Angebot einholen für | Streichen: | Abholen: | Reklamieren:",
        "Arbeitsplatte | Dunstabzug | Fliesenspiegel | Spüle | Oberschränke | Steckdosen | Sockelleisten | "
        "Wasseranschluss | Lichtleiste | Türgriffe | Fußboden | Fensterbrett | Kühlschrank | Müllsystem",
    ),
    ListTexts(
        "Book club",
        "Read | Return | Lend out | Find questions about | Order | Review",
        "“The Left Hand of Darkness” | “Piranesi” | “Austerlitz” | “Cien años de soledad” | “Middlemarch” | "
        "“Kafka on the Shore” | “Beloved” | “The Dispossessed” | “Stoner” | “Drive Your Plow…” | “Les Années” "
        "| “Station Eleven” | “Disgrace” | “The Waves”",
    ),
    ListTexts(
        "Home network",
        "Update | Restart | Label | Replace | Back up | Measure",
        "router firmware | NAS (192.168.1.20) | access point upstairs | the VPN key | guest Wi‑Fi | switch | "
        'printer queue | UPS battery | C:\\backup\\photos | DNS blocklist | cable to the attic | camera "porch" '
        "| media server | old laptop",
    ),
    ListTexts(
        "Μαθήματα ελληνικών",
        "Μάθε: | Γράψε: | Άκουσε: | Επανάλαβε: | Διάβασε: | Πες: ",
        "το αλφάβητο | τους αριθμούς | τα ρήματα | τα άρθρα | τον καιρό | τα χρώματα | την ώρα | τις μέρες | "
        "τους μήνες | την οικογένεια | το σπίτι | την κουζίνα | το ταξίδι | "
        "τα τραγούδια",
    ),
    ListTexts(
        "Garden",
        "Water | Prune | Plant | Cover | Harvest | Move",
        "roses | tomatoes | the fig tree | raspberries | lavender | courgettes | compost | hedge | herbs | "
        "peonies | strawberries | apple tree | beans | rhubarb",
    ),
    ListTexts(
        "Tax return 2025",
        "Find | Scan | Send | Ask about | Add up | File",
        "travel receipts | rent contract | health insurance | donations | union fee | home office days | bank "
        "interest | childcare invoices | pension statement | phone bills | training course | bike leasing | "
        "moving costs | last year’s notice",
    ),
    ListTexts(
        "Zoé’s 5th birthday ✿",
        "Bake | Wrap | Invite | Borrow | Buy | Hide",
        "unicorn cake | balloons | Noé & Léa | treasure map | face paint | paper crowns | music box | candles "
        "| piñata | juice boxes | prizes | the neighbours | bubble machine | puppet theatre",
    ),
    ListTexts(
        "Band rehearsal",
        "Practise | Tune | Record | Transpose | Listen to | Arrange",
        "bridge of “Saudade” | horn section | drum intro | second verse | bass line in 7/8 | closing number | "
        "harmonies | solo | set list | the slow one | click track | cajón part | ending | encore",
    ),
    ListTexts(
        "Release 2.4",
        "Review | Test | Document | Merge | Measure | Announce",
        "offline banner | retry after 401 | new icons | migration 31 | CSV export | dark theme | login form | "
        "crash on resume | search index | API limits | Turkish locale (İ/ı) | push tokens | changelog | "
        "<b>markup</b> in names",
    ),
    ListTexts(
        "Marathon plan",
        "Run | Log | Stretch after | Skip | Repeat | Plan",
        "8 km easy | 12 × 400 m | long run 26 km | hills | tempo 45 min | recovery | 30 km | half marathon | "
        "strides | fartlek | parkrun | treadmill | race pace | night run",
    ),
    ListTexts(
        "Photo archive",
        "Sort | Scan | Tag | Share | Restore | Delete duplicates of",
        "Kraków 2019 | grandma’s album | wedding | slides (box 3) | Malmö | hiking in Ötztal | first flat | "
        "school years | negatives | São Paulo | video tapes | concerts | winter 2012 | phone backup",
    ),
    ListTexts(
        "Bike workshop",
        "Fix | Order | Grease | True | Clean | Sell",
        "rear wheel | bottom bracket | brake pads | chain 11-speed | dynamo | saddle | headset | cables | "
        "mudguards | pedals | cargo box | derailleur | old frame | pump",
    ),
    ListTexts(
        "Flat hunting",
        "Call about | Visit | Apply for | Compare | Ask for plans of | Say no to",
        "Gartenstraße 12 | loft at the canal | 3 rooms, 78 m² | attic in Žižkov | sublet until June | Rue de "
        "la Paix 4 | house share | new building B | flat above the bakery | Calle Mayor 9 | top floor | "
        "ground floor + yard | Hlavní 77 | studio",
    ),
    ListTexts(
        "Cooking challenge",
        "Cook | Write down | Photograph | Improve | Serve | Shop for",
        "phở | smørrebrød | köfte | mole poblano | pierogi | ramen | bouillabaisse | injera | paella | "
        "khachapuri | gözleme | tteokbokki | moussaka | crêpes",
    ),
    ListTexts(
        "Car",
        "Check | Book | Pay | Renew | Wash | Compare",
        "winter tyres | oil level | insurance | parking permit | inspection | dashcam | seat covers | roof "
        "box | charging card | wipers | road tax | child seat | first-aid kit | battery",
    ),
    ListTexts(
        "Dissertation",
        "Draft | Cite | Rewrite | Proofread | Discuss | Cut",
        "chapter 1 | chapter 2: methods | Erdős–Rényi section | figure 7 | table 3 | appendix B | abstract | "
        "limitations | related work | acknowledgements | introduction | Poincaré proof | data set | outlook",
    ),
    ListTexts(
        "Office plants ❀",
        "Water | Repot | Feed | Turn | Dust | Adopt out",
        "monstera | ficus at reception | cactus #4 | peace lily | spider plants | aloe | orchid | ivy wall | "
        "palm | bonsai | pothos | fern | dracaena | succulents",
    ),
    ListTexts(
        "Team offsite",
        "Vote on | Reserve | Confirm | Prepare | Budget | Announce",
        "mountain hut | train tickets | catering | retro session | name tags | climbing wall | workshop | "
        "quiz night | projector | allergies list | group photo | agenda | rooms | feedback form",
    ),
    ListTexts(
        "Library returns",
        "Return | Renew | Reserve | Scan | Look for | Pay fine for",
        "atlas | “Ulysses” | DVD set | sheet music | comics | magazine 11/25 | cookbook | audiobook | "
        "dictionary | travel guide | board game | picture book | poems | biography",
    ),
    ListTexts(
        "New hire: onboarding",
        "Create | Explain | Send | Schedule | Order | Introduce",
        "account | laptop | badge | payroll form | buddy lunch | repo access | VPN | handbook | desk | "
        "calendar | security course | welcome mail | phone | parking",
    ),
)

NOTES: tuple[str, ...] = (
    "The landlord called; he wants the meter reading by the 15th.",
    "Idee: Fahrradständer im Hof, Nachbarn fragen.",
    "Gate code is on the card in the blue drawer.",
    "Recept från mormor: 3 dl mjölk, 2 ägg, en nypa salt.",
    "Dr. Öztürk says: again in six weeks.",
    "Wi‑Fi drops whenever the microwave runs…",
    "“Simple things should be simple.” — look up who said it.",
    "Meeting moved to Thursday, room Ångström.",
    "Μπαταρίες: τέσσερις, μέγεθος ΑΑ.",
    "La clave del garaje cambió; pregunta a Inés.",
    "Train leaves at 07:52, platform 4\\5.",
    "Measured again: 182 × 64 cm, not 180.",
    "Left the umbrella at Café Müller ☂",
    "Ask for the invoice with the right VAT number.",
    "Pour l’anniversaire : pas de noix !",
    "First line\nsecond line\n\tindented third",
    "Привет от Наташи, она вернётся в мае.",
    "Passwords do not belong here. Moved to the vault.",
    'Neighbour’s cat answers to "Šárka" ♥',
    "Try the shortcut over the bridge, 6 min faster.",
)

NOTE_TAGS: tuple[str, ...] = ("home", "work", "idea", "urgent", "später", "récurrent", "σπίτι", "travel", "health")
