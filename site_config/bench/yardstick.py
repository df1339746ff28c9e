"""The search's yardstick: two hundred questions as people type them, and what each of them should find.

The goods are the demo's and those below, for what the demo lacks: other scripts, codes, titles of words
that say nothing. A question is answered if what it is after stands among the first five products. The test
(`site_config/tests/test_yardstick.py`) asks them on every database; docs/performance.md has the shares.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

FIRST = 5
LEAST = 0.95


@dataclass(frozen=True, slots=True)
class Extra:
    """A product that the demo does not have."""

    title: str
    shop: str = "Odd & Ends"
    brand: str = ""
    sku: str = ""
    text: str = ""


EXTRA = [
    Extra("iPhone15 Case, Clear", sku="CASE-IP15-CLR"),
    Extra("Galaxy S24 Screen Protector", sku="SP-S24-2"),
    Extra("iPhone 14 Charger"),
    Extra("Drill Bit HSS", sku="AB1234XL"),
    Extra("Drill Bit SDS", sku="AB1235XL"),
    *(
        Extra(f"Filter Cartridge {size}", sku=f"FC-100-{size}")
        for size in ("A", "B", "C", "D", "E", "F", "G")
    ),
    Extra("500ml Water Bottle"),
    Extra("USB-C Wall Plug"),
    Extra("Wi-Fi Repeater"),
    Extra("4K TV, 55 inch"),
    Extra("The Who: Live at Leeds", shop="Groove Cellar"),
    Extra("It", shop="Groove Cellar", text="A novel about a clown."),
    Extra("The The: Soul Mining", shop="Groove Cellar"),
    Extra("Bath Towel, White", brand="Écrin Noir"),
    Extra("Silk Pillowcase", brand="Écrin Noir"),
    Extra("Crème Brûlée Torch"),
    Extra("Weekend Jalapeño Mix"),
    Extra("Smørrebrød Board"),
    Extra("Łódź Linen Tote"),
    Extra("Straßenkarte Berlin"),
    Extra("KIRMIZI Halı", shop="Anadolu Evi"),
    Extra("Türk Kahvesi Fincanı", shop="Anadolu Evi"),
    Extra("無線イヤホン ブラック", shop="東京商店"),
    Extra("折りたたみ傘", shop="東京商店"),
    Extra("抹茶セット", shop="東京商店"),
    Extra("红色连衣裙", shop="东方小店"),
    Extra("不锈钢保温杯", shop="东方小店"),
    Extra("무선 이어폰 케이스", shop="서울마켓"),
    Extra("한복인형", shop="서울마켓"),
    Extra("เสื้อยืดผ้าฝ้าย", shop="ร้านสยาม"),
    Extra("Беспроводные наушники", shop="Лавка"),
    Extra("Самовар медный", shop="Лавка"),
    Extra("سماعات لاسلكية", shop="سوق"),
    Extra("חולצת כותנה", shop="שוק"),
    Extra("कपास की कमीज़", shop="हाट"),
    Extra("Ελαιόλαδο παρθένο", shop="Αγορά"),
    Extra("Coffee ☕ Lovers' Sticker"),
    Extra("Dog 🐶 Bandana"),
    Extra("Watch Box for Six"),
    Extra("Wooden Toy Box"),
    Extra("Wine Glass, Tall"),
    Extra("Tomato Knife"),
    Extra("Potato Masher"),
    Extra("Dish Brush"),
    Extra("Baby Blanket with Bunnies"),
    Extra("Women's Raincoat"),
    Extra("Child's Rain Boots"),
    Extra("Salad Bowl, Olive Wood"),
    Extra("Movie Poster: Metropolis"),
    Extra("Bus Model, Routemaster"),
    Extra("Zoom Lens 70-200"),
    Extra("Headphone Stand"),
    Extra("Tooth Fairy Pillow"),
]

# Kind → what is typed → what should be among the first five: the beginning of a title, "@" and a shop, "#" and a brand.
QUESTIONS: dict[str, dict[str, str]] = {
    "plain words": {
        "teapot": "Raspberry Stoneware Teapot",
        "skillet": "Cast-Iron Skillet",
        "cast iron skillet": "Cast-Iron Skillet",
        "kitchen chair": "Spindle-Back Kitchen Chair",
        "alarm clock": "Twin-Bell Alarm Clock",
        "wool coat": "Camel Wool Coat",
        "linen dress": "Linen Summer Dress",
        "chess set": "Weighted Chess Set",
        "red bicycle": "City Bicycle, Red",
        "mechanical keyboard": "Quiet Mechanical Keyboard",
        "garden roses": "Garden Roses",
        "the keyboard": "Quiet Mechanical Keyboard",
        "a tent for two": "Two-Person Tent",
        "KNIFE": "Cook's Knife",
        "cooks knife": "Cook's Knife",
        "cook's knife": "Cook's Knife",
        "sea salt chocolate": "Sea Salt Chocolate",
        "coin purse": "Kiss-Clasp Coin Purse",
        "top hat": "Felt Top Hat",
        "cherry scarf": "Lambswool Scarf",
        "yo-yo": "Ball-Bearing Yo-Yo",
        "hiking boots ochre": "Ridge Hiking Boots",
    },
    "typing mistakes": {
        "kichen knfe": "Cook's Knife",
        "kichen chair": "Spindle-Back Kitchen Chair",
        "keybord": "Quiet Mechanical Keyboard",
        "mechanical keybaord": "Quiet Mechanical Keyboard",
        "headfones": "Over-Ear Headphones",
        "haedphones": "Over-Ear Headphones",
        "tepot": "Raspberry Stoneware Teapot",
        "skilet": "Cast-Iron Skillet",
        "microfone": "Studio Microphone",
        "umbrela": "Storm Umbrella",
        "accordian": "Button Accordion",
        "saxaphone": "Alto Saxophone",
        "voilin": "Student Violin",
        "gutiar": "Electric Guitar",
        "bycicle": "City Bicycle",
        "telescop": "Beginner's Telescope",
        "thermometre": "Garden Thermometer",
        "screwdiver": "Screwdriver",
        "hamer": "Joiner's Hammer",
        "choclate": "Sea Salt Chocolate",
        "strawbery cake": "Strawberry Layer Cake",
        "bluberries": "Wild Blueberries",
        "pinapple": "Sun-Ripened Pineapple",
        "avacado": "Creamy Avocados",
        "croisant": "Butter Croissants",
        "basball cap": "Sky Blue Baseball Cap",
        "sunglases": "Midnight Sunglasses",
        "suitcse": "Cabin Suitcase",
        "lether briefcase": "Saddle Leather Briefcase",
        "fountan pen": "Fountain Pen",
        "watercolor palete": "Watercolour Palette",
        "calender": "Desk Calendar",
        "jigsaw puzle": "1,000-Piece Puzzle",
        "boomrang": "Returning Boomerang",
        "candel": "Beeswax Table Candle",
        "miror": "Scalloped Wall Mirror",
        "wireles controler": "Wireless Game Controller",
        "laptob": "Pebblo Air 14 Laptop",
        "pritner": "Home Printer",
        "projecter": "Super-8 Film Projector",
    },
    "plurals": {
        "boxes": "Watch Box",
        "box": "Mystery Gift Box",
        "toy boxes": "Wooden Toy Box",
        "wine glasses": "Wine Glass",
        "glasses": "Reading Glasses",
        "watches": "Field Watch",
        "watch": "Field Watch",
        "tomatoes": "Vine Tomatoes",
        "tomato": "Vine Tomatoes",
        "tomato knives": "Tomato Knife",
        "knives": "Cook's Knife",
        "potatoes masher": "Potato Masher",
        "dishes brush": "Dish Brush",
        "brushes": "Sable Brush",
        "shoe": "Brown Derby Shoes",
        "cookie": "Brown Butter Cookies",
        "bunny": "Baby Blanket with Bunnies",
        "woman raincoat": "Women's Raincoat",
        "children boots": "Child's Rain Boots",
        "movies poster": "Movie Poster",
        "buses": "Bus Model",
        "lenses": "Compact Camera with 35 mm Lens",
        "zoom lens": "Zoom Lens 70-200",
        "strawberry": "Strawberries",
        "axes": "Camp Axe",
        "torches": "Pocket Torch",
        "headphone": "Over-Ear Headphones",
        "dresses": "Linen Summer Dress",
        "sofas": "Two-Seat Sofa",
        "benches chairs lamp": "Two-Seat Sofa",
        "rechargeable cell": "Rechargeable AA Cells",
        "scarves": "Lambswool Scarf",
        "teeth fairy": "Tooth Fairy Pillow",
        "atlas": "The Blue Atlas",
    },
    "half a word": {
        "keyb": "Quiet Mechanical Keyboard",
        "telesc": "Beginner's Telescope",
        "umbr": "Storm Umbrella",
        "sax": "Alto Saxophone",
        "microsc": "Student Microscope",
        "pinea": "Sun-Ripened Pineapple",
        "volleyb": "Beach Volleyball",
        "snork": "Snorkel and Mask",
        "chess se": "Weighted Chess Set",
        "wireless cont": "Wireless Game Controller",
        "croiss": "Butter Croissants",
        "skatebo": "Maple Skateboard",
        "shuttle": "Badminton Racket",
        "calab": "Calabash Mate Cup",
        "accord": "Button Accordion",
    },
    "in one piece or two": {
        "head phones": "Over-Ear Headphones",
        "key board": "Quiet Mechanical Keyboard",
        "tooth brush": "Bamboo Toothbrush",
        "skate board": "Maple Skateboard",
        "sun glasses": "Midnight Sunglasses",
        "wi fi repeater": "Wi-Fi Repeater",
        "wifi": "Wi-Fi Repeater",
        "tshirt": "Heavy Cotton T-Shirt",
        "t-shirt": "Heavy Cotton T-Shirt",
        "yoyo": "Ball-Bearing Yo-Yo",
        "alarmclock": "Twin-Bell Alarm Clock",
        "deskcalendar": "Desk Calendar",
        "handsoap": "Lavender Hand Soap",
        "usbc": "USB-C Wall Plug",
        "back pack": "Cherry School Backpack",
        "note book": "Pocket Notebook",
    },
    "numbers and codes": {
        "iphone 15": "iPhone15 Case",
        "iphone15": "iPhone15 Case",
        "iphone14": "iPhone 14 Charger",
        "iphone 15 case": "iPhone15 Case",
        "galaxy s24": "Galaxy S24 Screen Protector",
        "AB1234XL": "Drill Bit HSS",
        "ab1234": "Drill Bit HSS",
        "AB 1234 XL": "Drill Bit HSS",
        "ab-1235-xl": "Drill Bit SDS",
        "FC-100-D": "Filter Cartridge D",
        "fc100e": "Filter Cartridge E",
        "FC-100-A": "Filter Cartridge A",
        "CASE-IP15-CLR": "iPhone15 Case",
        "sp-s24-2": "Galaxy S24 Screen Protector",
        "500 ml bottle": "500ml Water Bottle",
        "500ml bottle": "500ml Water Bottle",
        "4k tv": "4K TV",
        "55 inch tv": "4K TV",
        "35mm lens": "Compact Camera with 35 mm Lens",
        "35 mm": "Compact Camera with 35 mm Lens",
        "1tb": "Retro Storage Drive",
        "super 8": "Super-8 Film Projector",
        "size 5 football": "Match Football",
    },
    "silent words and signs": {
        "It": "It",
        "The Who": "The Who",
        "the the": "The The",
        "who": "The Who",
        "the who live": "The Who",
        "☕": "Coffee",
        "🐶": "Dog",
        "☕ coffee": "Coffee",
    },
    "accents and scripts": {
        "creme brulee": "Crème Brûlée",
        "CRÈME": "Crème Brûlée",
        "pinata": "Donkey Piñata",
        "jalapeno": "Weekend Jalapeño",
        "smorrebrod": "Smørrebrød",
        "lodz": "Łódź",
        "strassenkarte": "Straßenkarte",
        "STRAßENKARTE": "Straßenkarte",
        "kirmizi": "KIRMIZI",
        "KIRMIZI": "KIRMIZI",
        "kırmızı halı": "KIRMIZI",
        "kahvesi fincani": "Türk Kahvesi",
        "イヤホン": "無線イヤホン",
        "無線イヤホン": "無線イヤホン",
        "傘": "折りたたみ傘",
        "ｲﾔﾎﾝ": "無線イヤホン",
        "抹茶": "抹茶セット",
        "连衣裙": "红色连衣裙",
        "保温杯": "不锈钢保温杯",
        "이어폰": "무선 이어폰",
        "인형": "한복인형",
        "ผ้าฝ้าย": "เสื้อยืดผ้าฝ้าย",
        "наушники": "Беспроводные",
        "НАУШНИКИ": "Беспроводные",
        "самовар": "Самовар",
        "سماعات": "سماعات",
        "חולצת": "חולצת",
        "कमीज़": "कपास",
        "ελαιολαδο": "Ελαιόλαδο",
    },
    "brands": {
        "pebblo": "#Pebblo",
        "peblo": "#Pebblo",
        "pebblo phone": "Pebblo Mini Phone",
        "ecrin noir": "#Écrin Noir",
        "Écrin": "#Écrin Noir",
        "hushfell headphones": "Over-Ear Headphones",
        "goldfinch & rye": "#Goldfinch & Rye",
        "goldfinch rye": "#Goldfinch & Rye",
        "juniperlin": "#Juniperline",
        "tallowmere ball": "#Tallowmere",
        "kindlewood": "#Kindlewood Press",
        "quilmark": "#Quillmark",
    },
    "shops": {
        "loom & lace": "@Loom & Lace",
        "loom and lace": "@Loom & Lace",
        "loom lace": "@Loom & Lace",
        "fern & kettle": "@Fern & Kettle",
        "the paper fox": "@The Paper Fox",
        "paper fox": "@The Paper Fox",
        "nightjar music": "@Nightjar Music",
        "nightjr": "@Nightjar Music",
        "inkwell & sons": "@Inkwell & Sons",
        "copper circuit laptop": "Pebblo Air 14 Laptop",
        "ridgeline tent": "Two-Person Tent",
        "東京商店": "@東京商店",
        "anadolu evi": "@Anadolu Evi",
    },
    "more words than a product has": {
        "sofa bed lamp": "Two-Seat Sofa",
        "cheap lambswool scarf cherry": "Lambswool Scarf",
        "waterproof two person tent forest": "Two-Person Tent",
        "best electric guitar rosewood": "Electric Guitar",
        "ladies straw hat ribbon": "Straw Hat",
        "gaming wireless controller violet usb": "Wireless Game Controller",
        "large sponge qwxyz": "Sea Sponge",
        "teapot qwxyz": "Raspberry Stoneware Teapot",
        "vintage rotary telephone": "Rotary Desk Telephone",
    },
}


@dataclass(frozen=True, slots=True)
class Good:
    """What the yardstick sells, as a question names it."""

    title: str
    shop: str
    brand: str

    def answers(self, wanted: str) -> bool:
        """Whether this is what a question is after."""
        match wanted[0]:
            case "@":
                return self.shop == wanted[1:]
            case "#":
                return self.brand == wanted[1:]
        return self.title.startswith(wanted)


def missed(found: Callable[[str], Iterable[Good]]) -> dict[str, list[str]]:
    """Kind → the questions whose answer is not among the first `FIRST` of `found(text)`."""
    return {
        kind: [
            text
            for text, wanted in questions.items()
            if not any(good.answers(wanted) for good in islice(found(text), FIRST))
        ]
        for kind, questions in QUESTIONS.items()
    }
