"""What the harness does where something that a test needs is not there."""

import os
import subprocess
import sys
import unittest

import harness

MISSING = f"import sys; sys.path.insert(0, {str(harness.HERE)!r}); import harness; harness.require(False, 'no such thing')"


class Missing(unittest.TestCase):
    def ends(self, **environment):
        inherited = {name: value for name, value in os.environ.items() if name != "TICKER_REQUIRE_ALL"}
        script = subprocess.run([sys.executable, "-B", "-c", MISSING], env=inherited | environment, capture_output=True,
                                text=True, check=False)
        return script.returncode, script.stdout

    def test_a_test_that_misses_something_is_skipped_or_fails_where_all_must_be_there(self):
        self.assertEqual(self.ends(), (harness.SKIPPED, "skipped: no such thing\n"))
        self.assertEqual(self.ends(TICKER_REQUIRE_ALL="1"), (1, "skipped: no such thing\n"))


if __name__ == "__main__":
    harness.main()
