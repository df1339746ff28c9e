"""Make the receipts' Noto fonts anew from npm's packages: `.venv/bin/python .ci/fonts.py` (npm and 100 MB of download).

What is kept of Han: all that GB 2312, Big5, JIS X 0208 and KS X 1001 can write. The other scripts stay whole, with the
tables that shape them. Only the regular weight: a bold line falls back to it.
"""

import io
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

FONTS = Path(__file__).parent.parent / "marketplace" / "orders" / "fonts"
VERSIONS = {
    "armenian": "0.4.2",
    "bengali": "0.4.4",
    "devanagari": "0.4.1",
    "emoji": "0.4.7",
    "ethiopic": "0.4.2",
    "georgian": "0.4.3",
    "gujarati": "0.4.2",
    "gurmukhi": "0.4.1",
    "kannada": "0.4.3",
    "khmer": "0.4.3",
    "kr": "0.4.3",
    "lao": "0.4.2",
    "malayalam": "0.4.2",
    "myanmar": "0.4.2",
    "sc": "0.4.3",
    "sinhala": "0.4.2",
    "tamil": "0.4.3",
    "telugu": "0.4.2",
    "thai": "0.4.2",
}
NAMES = {"sc": "Han", "kr": "Hangul"}
WHOLE = ["--unicodes=*", "--glyphs=*", "--layout-features=*", "--drop-tables+=STAT,meta"]


def han() -> str:
    letters = set()
    for codec in ("gb2312", "big5", "shift_jis", "euc_kr"):
        for first in range(0x81, 0xFF):
            for second in range(0x40, 0xFF):
                letter = bytes((first, second)).decode(codec, "replace")
                if len(letter) == 1 and ("\u3000" <= letter <= "\u9fff" or "\uff00" <= letter <= "\uffee"):
                    letters.add(f"{ord(letter):X}")
    return ",".join(sorted(letters))


EMOJI = "200D,20E3,2139,231A-232B,23CF,23E9-23FA,24C2,2600-27BF,2934,2935,2B05-2B55,1F000-1FAFF"
KEPT = {
    # With the tables that make one sign of a waving hand and a skin tone.
    "emoji": [f"--unicodes={EMOJI}", "--layout-features=*", "--drop-tables+=STAT,meta"],
    "sc": ["--layout-features=", f"--unicodes={han()}"],
    "kr": ["--layout-features=", "--unicodes=1100-11FF,3131-318E,AC00-D7A3"],
}


def main() -> None:
    for script, version in VERSIONS.items():
        name = script if script == "emoji" else f"sans-{script}"
        package = f"@expo-google-fonts/noto-{name}@{version}"
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                ["npm", "pack", "--silent", package], cwd=folder, check=True, stdout=subprocess.DEVNULL
            )
            archive = next(Path(folder).glob("*.tgz"))
            with tarfile.open(fileobj=io.BytesIO(archive.read_bytes())) as files:
                name = next(name for name in files.getnames() if name.endswith("_400Regular.ttf"))
                source = Path(folder, "font.ttf")
                source.write_bytes(files.extractfile(name).read())
            letters = NAMES.get(script, script.capitalize())
            target = FONTS / ("NotoEmoji.ttf" if script == "emoji" else f"NotoSans{letters}.ttf")
            command = [
                sys.executable,
                "-m",
                "fontTools.subset",
                str(source),
                f"--output-file={target}",
                "--no-hinting",
            ]
            subprocess.run([*command, *KEPT.get(script, WHOLE)], check=True)
            print(target.name, target.stat().st_size)


if __name__ == "__main__":
    main()
