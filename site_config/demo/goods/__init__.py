"""What the demo store sells: a module a shop, with the shop's name, its colours and its items."""

from . import electronics, fashion, food, garden, home, kitchen, music, sport, stationery, toys

SHOPS = [kitchen, food, home, fashion, electronics, music, sport, toys, stationery, garden]
