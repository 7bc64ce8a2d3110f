"""`python -m tests.faults --interviews 10000` holds them in a storm; it fails when one is not as meant."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.chromium import find_chromium
from tests.faults.campaign import TOGETHER, Campaign
from tests.faults.field import open_field

#: batches between two deaths of the browser
CALM_BATCHES = 10


def main() -> int:
    """Run as many interviews as asked; 1 when one is lost, doubled, altered or unknown."""
    asked = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    asked.add_argument("--interviews", type=int, default=1000, metavar="NUMBER")
    asked.add_argument("--seed", type=int, default=2027)
    options = asked.parse_args()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory(prefix="baro-faults-") as folder:
        place = Path(folder)
        with open_field(place, options.seed, playwright.chromium, find_chromium()) as field:
            campaign = Campaign(field, options.seed)
            for batch, first in enumerate(range(0, options.interviews, TOGETHER)):
                number = min(TOGETHER, options.interviews - first)
                campaign.hold(number, browser_kills=batch % CALM_BATCHES == 0)
                if sys.stderr.isatty():
                    print(f"\r{first + number} held", end="", file=sys.stderr, flush=True)
            campaign.drain()
            figures, verdict = campaign.conclude()
    print(f"{figures}\n  {verdict}")
    return 0 if verdict.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
