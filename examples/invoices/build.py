"""Draw the made-up invoices and write them as an export of Annotation Lab: `python examples/invoices/build.py`.

Nobody and nothing in them is real. Layout, wording and places differ from page to page, as between real sellers:
a model has to look at where something stands and at the words around it. The boxes are those that were drawn.
"""

from __future__ import annotations

import io
import json
import random
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

HERE = Path(__file__).parent
WIDTH, HEIGHT = 850, 1100
PAGES, TESTING, NEW = 30, 6, 2
MADE = "Made-up example. No such company, person or purchase exists."
LABELS = {"SELLER": "#e6194b", "BUYER": "#4363d8", "NUMBER": "#3cb44b", "DATE": "#f58231", "TOTAL": "#911eb4"}
CONFIG = """<View visualNER="true">
  <RectangleLabels name="label" toName="image">
{labels}
  </RectangleLabels>
  <Image name="image" value="$image" zoom="true" zoomControl="true"/>
</View>
"""
SELLERS = ("Nordwind Optics", "Blue Harbor Supplies", "Kestrel & Moss", "Tallow Lane Paper", "Fennel Works",
           "Ostrich Tools", "Quiet River Books", "Juniper Lamps", "Copper Kettle Trading",
           "Larkspur Textiles")  # fmt: skip
FORMS = ("Ltd.", "Inc.", "GmbH", "LLC", "")
PEOPLE = ("Ada Birch", "Tom Ferrow", "Lena Quist", "Ivo Marsh", "Nell Harper", "Otto Wren", "Mira Sol", "Paul Tarn")
STREETS = ("Mill Road", "Station Street", "Orchard Lane", "Quay Walk", "Hill View")
TOWNS = ("Eastwick", "Brammel", "Port Avery", "Oldham Cross", "Saltmere")
GOODS = ("Reading lamp", "Box of nails", "Linen towel", "Fountain pen", "Tea kettle", "Brass hinge", "Hand lens",
         "Paper, 500 sheets", "Wool blanket", "Field notebook")  # fmt: skip
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip


@dataclass
class Sheet:
    """A page that is being drawn: its picture, the words on it, and the boxes around some of them."""

    picture: Image.Image = field(default_factory=lambda: Image.new("L", (WIDTH, HEIGHT), 255))
    words: list[dict[str, Any]] = field(default_factory=list)
    regions: list[dict[str, Any]] = field(default_factory=list)

    def write(self, x: float, y: float, text: str, size: int = 15, label: str = "", *, right: bool = False) -> float:
        """Write words from `x` on, or up to it; return where they end."""
        pencil, font = ImageDraw.Draw(self.picture), ImageFont.load_default(size)
        blank = font.getlength(" ")
        if right:
            x -= sum(font.getlength(word) for word in text.split()) + blank * (len(text.split()) - 1)
        written = []
        for word in text.split():
            left, top, end, bottom = map(round, pencil.textbbox((x, y), word, font=font))
            pencil.text((x, y), word, fill=20, font=font)
            box = {"x": left, "y": top, "width": end - left, "height": bottom - top, "rotation": 0, "text": word}
            written.append(box)
            x += font.getlength(word) + blank
        self.words += written
        if label:
            self.regions.append(_region(label, written, len(self.regions) + 1))
        return x

    def line(self, y: float) -> None:
        """Draw a line from margin to margin."""
        ImageDraw.Draw(self.picture).line((60, y, WIDTH - 60, y), fill=120)

    def png(self) -> bytes:
        """Return the picture."""
        written = io.BytesIO()
        self.picture.quantize(16).save(written, format="PNG", optimize=True)
        return written.getvalue()


def draw(chance: random.Random) -> Sheet:
    """Draw an invoice."""
    sheet = Sheet()
    swapped, beside = chance.random() < 0.5, chance.random() < 0.5
    near, far = (480, 70) if swapped else (70, 480)
    size = chance.choice((20, 24, 28))
    sheet.write(near, 60, f"{chance.choice(SELLERS)} {chance.choice(FORMS)}".strip(), size, "SELLER")
    sheet.write(near, 70 + size, f"{chance.randint(1, 99)} {chance.choice(STREETS)}, {chance.choice(TOWNS)}")
    sheet.write(far, 66, chance.choice(("INVOICE", "Invoice", "Tax invoice", "BILL")), 30)
    y = 190.0 + chance.randint(0, 30)
    sheet.write(70, y, chance.choice(("Bill to", "Customer:", "Sold to:", "To")), 14)
    sheet.write(70, y + 22, chance.choice(PEOPLE), 16, "BUYER")
    sheet.write(70, y + 44, f"{chance.randint(1, 99)} {chance.choice(STREETS)}")
    sheet.write(70, y + 64, chance.choice(TOWNS))
    number = chance.choice(("Invoice no.", "Number:", "Invoice #", "Our reference"))
    for place, (caption, value, label) in enumerate(
        ((number, _number(chance), "NUMBER"), (chance.choice(("Date", "Date:", "Issued on")), _date(chance), "DATE"),
         (chance.choice(("Due", "Payable by")), _date(chance), "")),
    ):  # fmt: skip
        top = y + place * (26 if beside else 46)
        end = sheet.write(480, top, caption, 14)
        sheet.write(max(end + 12, 610) if beside else 480, top if beside else top + 19, value, 15, label)
    _table(sheet, chance, y + 150)
    sheet.write(70, HEIGHT - 60, MADE, 12)
    return sheet


def _table(sheet: Sheet, chance: random.Random, y: float) -> None:
    columns = (70.0, 470.0, 610.0, 780.0)
    for x, caption in zip(columns, ("Article", "Quantity", "Price", "Amount"), strict=True):
        sheet.write(x, y, caption, 14, right=x > 700)
    sheet.line(y + 24)
    total = 0
    for _ in range(chance.randint(2, 6)):
        y += 32
        count, price = chance.randint(1, 9), chance.randint(150, 9900)
        total += count * price
        sheet.write(columns[0], y, chance.choice(GOODS))
        sheet.write(columns[1], y, str(count))
        sheet.write(columns[2], y, _money(price))
        sheet.write(columns[3], y, _money(count * price), right=True)
    sheet.line(y + 34)
    tax = total // 5
    currency = chance.choice(("EUR", "$", "GBP"))
    rows = [(chance.choice(("Subtotal", "Net")), total, ""), (chance.choice(("VAT 20 %", "Tax")), tax, "")]
    for caption, amount, label in [*rows, (chance.choice(("Total", "Amount due", "TOTAL")), total + tax, "TOTAL")]:
        y += 46 if label else 40
        sheet.write(470, y, caption, 17 if label else 15)
        sheet.write(780, y, f"{currency} {_money(amount)}", 17 if label else 15, label, right=True)


def _region(label: str, words: list[dict[str, Any]], number: int) -> dict[str, Any]:
    left, top = min(word["x"] for word in words), min(word["y"] for word in words)
    width = max(word["x"] + word["width"] for word in words) - left
    height = max(word["y"] + word["height"] for word in words) - top
    value = {
        "x": left / WIDTH * 100, "y": top / HEIGHT * 100, "width": width / WIDTH * 100, "height": height / HEIGHT * 100,
        "rotation": 0, "x_px": left, "y_px": top, "width_px": width, "height_px": height,
        "rectanglelabels": [label], "text": [" ".join(word["text"] for word in words)], "confidence": 1,
    }  # fmt: skip
    return {
        "id": f"r{number}", "from_name": "label", "to_name": "image", "type": "rectanglelabels",
        "original_width": WIDTH, "original_height": HEIGHT, "image_rotation": 0, "pageNumber": 1,
        "tokens": [dict(word) for word in words], "value": value,
    }  # fmt: skip


def _number(chance: random.Random) -> str:
    return chance.choice(("{a}-{b}", "INV {b}", "{b}", "R{a}/{b}")).format(
        a=chance.randint(2020, 2026), b=chance.randint(1000, 99999)
    )


def _date(chance: random.Random) -> str:
    day, month, year = chance.randint(1, 28), chance.randint(1, 12), chance.randint(2020, 2026)
    return chance.choice(
        (f"{day} {MONTHS[month - 1]} {year}", f"{year}-{month:02}-{day:02}", f"{day:02}/{month:02}/{year}")
    )


def _money(cents: int) -> str:
    return f"{cents / 100:,.2f}"


def _task(number: int, sheet: Sheet) -> dict[str, Any]:
    chance = random.Random(number)  # noqa: S311 - an order, not a secret
    words = sorted(sheet.words, key=lambda _word: chance.random())  # no order of words is given away
    stamp = f"2026-02-{number % 28 + 1:02}T09:00:00.000Z"
    completion = {
        "id": number * 1000 + 1, "created_username": "ann", "created_ago": stamp, "updated_at": stamp,
        "updated_by": "ann", "submitted_at": stamp[:-1], "lead_time": 40, "honeypot": True, "result": sheet.regions,
    }  # fmt: skip
    return {
        "id": number, "created_at": "2026-02-01 09:00:00", "created_by": "admin", "predictions": [],
        "data": {"image": [f"/images/invoices/invoice_{number:02}_0.png"], "title": f"invoice_{number:02}",
                 "ocr_text": [words]},
        "completions": [completion], "tags": ["Test" if number > PAGES - TESTING else "Train"],
    }  # fmt: skip


def main() -> None:
    """Write the export, and the pictures that no model has seen."""
    labels = "\n".join(f'    <Label value="{name}" background="{colour}"/>' for name, colour in LABELS.items())
    sheets = [draw(random.Random(f"invoice {number}")) for number in range(1, PAGES + NEW + 1)]  # noqa: S311
    files = {
        "result.json": json.dumps([_task(number, sheet) for number, sheet in enumerate(sheets[:PAGES], 1)]).encode(),
        "config.xml": CONFIG.format(labels=labels).encode(),
        **{f"images/invoices/invoice_{n:02}_0.png": sheet.png() for n, sheet in enumerate(sheets[:PAGES], 1)},
    }
    with zipfile.ZipFile(HERE / "invoices.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 2, 1, 9, 0, 0)), content, zipfile.ZIP_DEFLATED)
    new = HERE / "new"
    new.mkdir(exist_ok=True)
    for number, sheet in enumerate(sheets[PAGES:], 1):
        (new / f"new_{number}.png").write_bytes(sheet.png())


if __name__ == "__main__":
    main()
