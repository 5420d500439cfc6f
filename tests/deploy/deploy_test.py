"""What operators are given agrees with the service: metrics, codes, limits and links in the pages, alert rules, scripts."""

import json
import os
import re
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "deploy/README.md").read_text(encoding="utf-8")
RULES = ROOT / "deploy/prometheus/ticker.rules.yml"
METRIC = r"\b(?:ticker|process)_[a-z_]+\b"


def run(*command, cwd=ROOT):
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)


def families():
    """The names of all metrics, from the table that they are made from."""
    return set(re.findall(r'\{"(' + METRIC + ')"', (ROOT / "libs/metrics/src/family.cpp").read_text(encoding="utf-8")))


class OperatorsPage(unittest.TestCase):
    def test_names_every_metric_and_no_other(self):
        self.assertGreater(len(families()), 25)
        self.assertEqual(set(re.findall(METRIC, PAGE)), families())

    def test_names_every_close_code(self):
        codes = {str(code["number"]) for code in json.loads((ROOT / "proto/codes.json").read_text())["close"]}
        section = PAGE.split("## Close codes")[1].split("\n## ")[0]
        self.assertEqual(codes - set(re.findall(r"\b\d{4}\b", section)), set())

    def test_names_every_limit(self):
        live = (ROOT / "configs/live.yaml").read_text(encoding="utf-8")
        limits = re.findall(r"^    (\w+):", live.split("  limits:\n")[1].split("\nmetrics:")[0], re.MULTILINE)
        self.assertGreater(len(limits), 10)
        for limit in limits:
            self.assertIn(f"`{limit}`", PAGE)

    def test_names_every_alert(self):
        alerts = re.findall(r"alert: (\w+)", RULES.read_text(encoding="utf-8"))
        self.assertGreater(len(alerts), 5)
        for alert in alerts:
            self.assertIn(alert, PAGE.split("## Alerts")[1])


class Prometheus(unittest.TestCase):
    def test_takes_the_configuration_and_the_rules(self):
        checked = run("promtool", "check", "config", "deploy/prometheus/prometheus.yml")
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)

    def test_alerts_when_it_should(self):
        checked = run("promtool", "test", "rules", "ticker_rules_test.yml", cwd=ROOT / "tests/deploy")
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)

    def test_is_asked_for_metrics_that_exist(self):
        used = {re.sub(r"_bucket$", "", name) for name in re.findall(METRIC, RULES.read_text(encoding="utf-8"))}
        self.assertTrue(used)
        self.assertEqual(used - families(), set())


class Scripts(unittest.TestCase):
    SCRIPTS = ["deploy/install-deps.sh", "deploy/demo.sh", "tests/run.sh", "tests/load/bench.sh", ".ci/run"]

    def test_can_be_run(self):
        for script in self.SCRIPTS:
            self.assertTrue(os.access(ROOT / script, os.X_OK), script)
            checked = run("bash", "-n", script)
            self.assertEqual(checked.returncode, 0, checked.stderr)

    def test_refuse_what_they_do_not_know(self):
        for script, options in (("deploy/install-deps.sh", "[--all | --bench]"), ("tests/run.sh", "[--all]")):
            refused = run(f"./{script}", "--nonsense")
            self.assertEqual((refused.returncode, refused.stderr), (2, f"usage: ./{script} {options}\n"))

    def test_of_the_demo_says_where_everything_is(self):
        script = (ROOT / "deploy/demo.sh").read_text(encoding="utf-8")
        told = script[script.index("metrics=$(sed"):script.rindex("\nTEXT\n") + len("\nTEXT\n")]
        for line, expected in (("metrics http://127.0.0.1:2/metrics", "http://127.0.0.1:2/metrics"), ("", "http://127.0.0.1:1/healthz")):
            shown = run("bash", "-euc", f'url=http://127.0.0.1:1 page=prices output=<(echo "{line}")\n{told}')
            self.assertEqual((shown.returncode, shown.stderr), (0, ""))
            for text in ("Ticker is running: http://127.0.0.1:1\n", f"curl {expected}\n", "ws://127.0.0.1:1/v1/stream"):
                self.assertIn(text, shown.stdout)
            self.assertNotIn("${", shown.stdout)


class Pages(unittest.TestCase):
    def test_link_only_to_what_is_there(self):
        pages = [page for page in ROOT.rglob("*.md") if not {"build", "node_modules"} & set(page.relative_to(ROOT).parts)]
        for page in pages:
            for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
                if "://" not in target:
                    self.assertTrue((page.parent / target).exists(), f"{page.relative_to(ROOT)}: {target}")


if __name__ == "__main__":
    unittest.main()
