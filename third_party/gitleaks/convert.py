"""Writes rules.json from the file config/gitleaks.toml of a gitleaks release: python3 convert.py gitleaks.toml"""

import json
import pathlib
import sys
import tomllib

KEPT = ("id", "regex", "path", "keywords", "entropy", "secretGroup", "allowlists")
KEPT_OF_ALLOWLIST = ("condition", "regexTarget", "regexes", "stopwords", "paths")


def kept(table, names):
    return {name: table[name] for name in names if name in table}


def rule(table):
    allowlists = [kept(entry, KEPT_OF_ALLOWLIST) for entry in table.get("allowlists", [])]
    return kept({**table, "allowlists": allowlists}, KEPT)


config = tomllib.loads(pathlib.Path(sys.argv[1]).read_text())
rules = {
    "allowlist": kept(config["allowlist"], KEPT_OF_ALLOWLIST),
    "rules": sorted((rule(table) for table in config["rules"]), key=lambda entry: entry["id"]),
}
target = pathlib.Path(__file__).parent / "rules.json"
target.write_text(json.dumps(rules, indent=1, ensure_ascii=False) + "\n")
