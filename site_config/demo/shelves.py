"""Categories and brands of the demo store. Every name is invented; none is a trademark we know of."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Shelf:
    """A category: its name, its icon in static/img/category-icons.svg, and what lies below it."""

    name: str
    icon: str
    below: list["Shelf"] = field(default_factory=list)


SHELVES = [
    Shelf(
        "Kitchen & Table",
        "utensils",
        [
            Shelf("Pots & Pans", "cooking-pot"),
            Shelf("Knives & Boards", "utensils-crossed"),
            Shelf(
                "Tableware",
                "hand-platter",
                [
                    Shelf("Mugs & Cups", "coffee"),
                    Shelf("Bowls & Plates", "soup"),
                    Shelf("Cutlery", "utensils"),
                ],
            ),
            Shelf("Tea & Coffee Makers", "coffee"),
            Shelf("Storage Jars", "package"),
        ],
    ),
    Shelf(
        "Food & Drink",
        "apple",
        [
            Shelf("Fresh Produce", "leafy-green", [Shelf("Fruit", "grape"), Shelf("Vegetables", "carrot")]),
            Shelf(
                "Bakery",
                "wheat",
                [Shelf("Bread & Rolls", "croissant"), Shelf("Cakes & Biscuits", "cake-slice")],
            ),
            Shelf(
                "Pantry", "cookie", [Shelf("Sweets & Snacks", "candy"), Shelf("Honey & Preserves", "hexagon")]
            ),
            Shelf("Cheese & Dairy", "milk"),
            Shelf("Drinks", "cup-soda"),
        ],
    ),
    Shelf(
        "Home & Living",
        "lamp-floor",
        [
            Shelf(
                "Furniture",
                "sofa",
                [Shelf("Sofas & Chairs", "armchair"), Shelf("Beds", "bed-double")],
            ),
            Shelf("Lighting", "lamp", [Shelf("Lamps", "lamp"), Shelf("Candles & Lanterns", "flame")]),
            Shelf("Decoration", "frame", [Shelf("Clocks", "clock"), Shelf("Mirrors & Pictures", "image")]),
            Shelf("Bathroom", "bath"),
            Shelf("Cleaning", "brush-cleaning"),
        ],
    ),
    Shelf(
        "Fashion",
        "shirt",
        [
            Shelf(
                "Clothing",
                "shirt",
                [
                    Shelf("Tops & Coats", "shirt"),
                    Shelf("Dresses", "sparkles"),
                    Shelf("Trousers & Shorts", "ruler"),
                    Shelf("Swimwear", "waves"),
                ],
            ),
            Shelf(
                "Shoes",
                "footprints",
                [Shelf("Trainers & Boots", "footprints"), Shelf("Smart Shoes", "footprints")],
            ),
            Shelf("Bags & Luggage", "luggage"),
            Shelf(
                "Accessories",
                "umbrella",
                [
                    Shelf("Hats & Scarves", "crown"),
                    Shelf("Eyewear", "glasses"),
                    Shelf("Jewellery & Watches", "gem"),
                ],
            ),
        ],
    ),
    Shelf(
        "Electronics",
        "laptop",
        [
            Shelf(
                "Computers",
                "laptop",
                [Shelf("Laptops & Desktops", "monitor"), Shelf("Keyboards & Mice", "mouse")],
            ),
            Shelf("Phones", "smartphone"),
            Shelf("Audio", "headphones"),
            Shelf("Cameras", "camera"),
            Shelf("Gaming & Screens", "gamepad-2"),
            Shelf("Power & Parts", "plug"),
        ],
    ),
    Shelf(
        "Music",
        "music",
        [
            Shelf("Strings", "guitar"),
            Shelf("Keys & Wind", "piano"),
            Shelf("Drums & Percussion", "drum"),
        ],
    ),
    Shelf(
        "Sport & Outdoor",
        "bike",
        [
            Shelf(
                "Ball Sports", "volleyball", [Shelf("Rackets & Bats", "trophy"), Shelf("Balls", "volleyball")]
            ),
            Shelf("Winter Sports", "snowflake"),
            Shelf("Bikes & Boards", "bike"),
            Shelf("Camping & Water", "tent"),
            Shelf("Training", "dumbbell"),
        ],
    ),
    Shelf(
        "Toys & Games",
        "puzzle",
        [
            Shelf("Soft & Wooden Toys", "toy-brick"),
            Shelf("Puzzles & Board Games", "dices"),
            Shelf("Outdoor Toys", "wind"),
            Shelf("Party & Gifts", "gift"),
        ],
    ),
    Shelf(
        "Books & Stationery",
        "book-open",
        [
            Shelf("Books", "book-open"),
            Shelf("Notebooks & Calendars", "notebook"),
            Shelf("Pens & Colours", "pen-line", [Shelf("Writing", "pen-line"), Shelf("Painting", "palette")]),
            Shelf("Desk Tools", "scissors"),
        ],
    ),
    Shelf(
        "Tools & Garden",
        "hammer",
        [
            Shelf(
                "Hand Tools",
                "hammer",
                [Shelf("Striking & Cutting", "axe"), Shelf("Screws & Spanners", "wrench")],
            ),
            Shelf("Garden", "sprout", [Shelf("House Plants", "sprout"), Shelf("Flowers", "flower-2")]),
            Shelf("Needlework", "spool"),
            Shelf("Science & Stars", "telescope"),
        ],
    ),
]

BRANDS = {
    "Almbach": "Stoneware from a two-kiln workshop.",
    "Amberling": "Honey and preserves in small batches.",
    "Birkvale": "Furniture in solid birch and ash.",
    "Brambleby": "Fruit and vegetables from family farms.",
    "Cinderlake": "Cast iron that outlives its owners.",
    "Cloverhatch": "Cheese, milk and butter from mountain pastures.",
    "Dapplewood": "Wooden toys, finished with beeswax.",
    "Doughsworth": "Long-fermented bread, baked before dawn.",
    "Eastmere": "Travel bags that are repaired, not replaced.",
    "Emberlys": "Candles and lanterns with a soft light.",
    "Farrowgate": "Coats and scarves in undyed wool.",
    "Fjellora": "Winter gear tried where winters are long.",
    "Glimmerwick": "Lamps with a warm, steady light.",
    "Goldfinch & Rye": "Jewellery made to be worn every day.",
    "Hollowreed": "Wind instruments for first notes and last encores.",
    "Hushfell": "Headphones and speakers, tuned by ear.",
    "Inkwren": "Pens, paper and everything that blots.",
    "Ironpetal": "Hand tools forged in one piece.",
    "Juniperline": "Dresses in linen and crisp cotton.",
    "Kestrelo": "Bicycles and boards for every day.",
    "Kindlewood Press": "A small publisher of slow books.",
    "Lanternfold": "Paper goods folded by hand.",
    "Larkhollow": "Stringed instruments from a family of luthiers.",
    "Lumivo": "Cameras and optics with honest glass.",
    "Marrowby": "Pantry staples and sweet things.",
    "Meadowrush": "Plants raised without peat.",
    "Northpane": "Mirrors, frames and clocks.",
    "Nimblefoot": "Shoes with soles that can be replaced.",
    "Oatfield": "Biscuits and cakes by recipe, not by formula.",
    "Orbito": "Telescopes and kits for the curious.",
    "Pebblo": "Computers and parts that open with one screwdriver.",
    "Puddlecrest": "Soap, sponges and tools for clean rooms.",
    "Quillmark": "Notebooks that lie flat.",
    "Ravelin": "Yarn, thread and needles.",
    "Rookwell": "Board games for long evenings.",
    "Saltbrook": "Everything for the water's edge.",
    "Solvane": "Sunglasses and spectacles.",
    "Tallowmere": "Balls, bats and rackets.",
    "Tambourly": "Drums from oak and rope.",
    "Thistlecourt": "Hats for every weather.",
    "Tinderpeak": "Tents and camp gear by mountain guides.",
    "Umbrio": "Games and screens for play.",
    "Velvetstag": "Smart shoes and evening wear.",
    "Voltarrow": "Batteries, plugs and tidy cables.",
    "Wispberry": "Cold drinks without the nonsense.",
    "Yarrowbell": "Soft toys with hand-sewn noses.",
}
