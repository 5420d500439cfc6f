"""What makes a round count, and a bar hold: the rules of README.md, without a server."""

import dataclasses
import pathlib
import sys
import types
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "bench"))

import measures
import recording
import results
from workloads import CPU, WORKLOADS, Cell, Workload, bar

CELL = Cell(connections=10, instruments=1, per_connection=1)
NOW = Workload("now", "", CELL, ("peer",), (CPU,), (bar(CPU.name, "peer", (1.1, 1.0), (1.0, 0.9)),), rounds=1)
CONFLATED = Workload("conflated", "", Cell(10, 1, 1, interval_ms=50), ("peer",), (CPU,))


def figures(cpu, p99_us=1000, void=()):
    return {CPU.name: cpu, "p99_us": p99_us, "void": list(void)}


def evaluated(workload, ours, peers, name="tickerd"):
    return results.evaluate(workload, {name: ours, "peer": peers})


class Rounds(unittest.TestCase):
    def round(self, cell=CELL, **changes):
        report = {"lost": 0, "finals": 10, "updates": 100, "merged": 0, **changes}
        server = types.SimpleNamespace(is_paced=False, faults=list, is_beside_load=changes.get("beside", False),
                                       own_cores=(0, 1) if changes.get("beside") else (0,))
        one = types.SimpleNamespace(cell=cell, subscriptions=10, server=server)
        result = {"updates": report["updates"], "expected": 100, "others_share": changes.get("others", 0.0),
                  "server_share": changes.get("server", 0.5),
                  "load_share": changes.get("load", 0.4), "offered": changes.get("offered", 1.0)}
        return measures.void(one, result, report)

    def test_count_when_all_arrived_and_nobody_was_short_of_cpu(self):
        self.assertEqual(self.round(), [])

    def test_do_not_count_where_a_change_is_missing_or_too_many(self):
        self.assertEqual(self.round(updates=99), ["99 of 100 updates arrived"])
        self.assertEqual(self.round(updates=101), ["101 of 100 updates arrived"])

    def test_count_changes_that_a_later_one_stood_for_since_they_are_booked_with_their_age(self):
        self.assertEqual(self.round(updates=99, merged=1), [])
        self.assertEqual(self.round(updates=98, merged=1), ["99 of 100 updates arrived"])

    def test_do_not_count_where_less_was_offered(self):
        self.assertEqual(self.round(offered=0.98), [])
        self.assertEqual(self.round(offered=0.97), ["only 97% of the rate was offered"])

    def test_of_a_server_beside_the_load_do_not_count_where_the_two_come_near_saturation(self):
        self.assertEqual(self.round(beside=True, server=0.6, load=0.5), [])
        self.assertEqual(self.round(beside=True, server=0.6, load=0.6), ["server and load, of each took 90% of its core"])

    def test_do_not_count_where_others_disturbed_whomever_it_was_about(self):
        self.assertEqual(self.round(others=0.15), [])
        self.assertEqual(self.round(others=0.16), ["others took 16% of a core"])

    def test_may_merge_where_there_is_an_interval_but_not_lose_the_last_value(self):
        self.assertEqual(self.round(CONFLATED.cell, updates=40), [])
        self.assertEqual(self.round(CONFLATED.cell, finals=9), ["9 of 10 last values arrived"])

    def test_do_not_count_near_saturation_or_where_a_connection_was_lost(self):
        self.assertEqual(self.round(server=0.9), ["server took 90% of its core"])
        self.assertEqual(self.round(load=0.9), ["load took 90% of its core"])
        self.assertEqual(self.round(lost=1), ["1 connections lost"])


class Figures(unittest.TestCase):
    def test_are_medians_of_the_rounds_that_count(self):
        of = evaluated(NOW, [figures(7), figures(5), figures(6), figures(1, void=["lost"])], [])["figures"]["tickerd"]
        self.assertEqual(of[CPU.name], {"median": 6, "least": 5, "most": 7})

    def test_have_ratios_of_the_same_round_only(self):
        ratio = evaluated(NOW, [figures(6), figures(9)], [figures(3), figures(9, void=["lost"])])["ratios"]
        self.assertEqual(ratio[CPU.name]["tickerd"]["peer"], {"median": 2, "least": 2, "most": 2})

    def test_of_cost_do_not_count_where_delivery_was_later(self):
        def ratio(workload, ours_us, peer_us):
            return evaluated(workload, [figures(1, ours_us)], [figures(1, peer_us)])["ratios"][CPU.name]["tickerd"]["peer"]
        self.assertIsNotNone(ratio(NOW, 3000, 1000))
        self.assertIsNone(ratio(NOW, 3001, 1000))
        self.assertIsNotNone(ratio(CONFLATED, 75_000, 1000))
        self.assertIsNone(ratio(CONFLATED, 75_001, 80_000))


class Bars(unittest.TestCase):
    def verdict(self, ratio, name="tickerd"):
        return evaluated(NOW, [figures(ratio)], [figures(1)], name)["bars"][0]["verdict"]

    def test_are_met_missed_or_left_open(self):
        self.assertEqual([self.verdict(1.0), self.verdict(1.1), self.verdict(1.35)], ["goal", "must", "missed by 0.25"])
        self.assertEqual(evaluated(NOW, [figures(1)], [])["bars"][0]["verdict"], "no round counts")

    def test_are_higher_for_io_uring(self):
        self.assertEqual(self.verdict(1.05, "tickerd sendmsg"), "must")
        self.assertEqual(self.verdict(1.05, "tickerd io_uring"), "missed by 0.05")

    def test_are_told_where_they_lie_within_the_spread(self):
        three = dataclasses.replace(NOW, rounds=3)
        measured = {"tickerd": [figures(0.9), figures(1.05), figures(1.2)], "peer": [figures(1)] * 3}
        self.assertEqual(results.evaluate(three, measured)["bars"][0]["verdict"], "must, within the spread")

    def test_tell_of_rounds_that_are_left_out_since_ours_was_later(self):
        two = dataclasses.replace(NOW, rounds=2)
        measured = {"tickerd": [figures(1, 1000), figures(0.5, 3001), figures(1, 1000)], "peer": [figures(1, 1000)] * 3}
        self.assertEqual(results.evaluate(two, measured)["bars"][0]["verdict"], "goal, 1 left out since ours was later")
        self.assertEqual(evaluated(NOW, [figures(1, 3001)], [figures(1, 1000)])["bars"][0]["verdict"],
                         "no round counts, 1 left out since ours was later")

    def test_can_be_a_least_value(self):
        workload = Workload("storm", "", CELL, (), (CPU,), (bar(CPU.name, None, 0.75, 0.95, at_least=True),), rounds=1)
        self.assertEqual([evaluated(workload, [figures(value)], [])["bars"][0]["verdict"] for value in (0.96, 0.8, 0.5)],
                         ["goal", "must", "missed by 0.25"])

    def test_are_told_as_of_too_few_rounds_and_wanting_until_enough_of_them_count(self):
        three = dataclasses.replace(NOW, rounds=3)
        measured = {"tickerd": [figures(1), figures(1), figures(1, void=["lost"])], "peer": [figures(1)] * 3}
        self.assertEqual(results.evaluate(three, measured)["bars"][0]["verdict"], "goal, were it not of 2 rounds only")
        self.assertTrue(results.is_wanting(three, measured, 3))
        self.assertFalse(results.is_wanting(three, measured, 2))
        self.assertFalse(results.is_wanting(three, {"tickerd": [figures(1)]}, 3), "its peer was not asked for")


class Faults(unittest.TestCase):
    def test_are_missing_figures_and_last_values_that_ours_left_out_but_not_a_busy_machine(self):
        def of(rounds):
            return [*results.faults(NOW, rounds)]
        self.assertEqual(of({"tickerd": [figures(1, void=["busy"])], "peer": [{**figures(1), "held_percent": 50}]}), [])
        self.assertEqual(of({"peer": [results.LEFT_OUT]}), [])
        self.assertEqual(of({"peer": [{**figures(1), "updates": 0}]}), ["peer delivered nothing"])
        self.assertEqual(of({"peer": [{"void": ["it ended"]}]}), [f"peer has no {CPU.name}: it ended"])
        self.assertEqual(of({"tickerd": [{**figures(1, void=["9 of 10"]), "held_percent": 90}]}),
                         ["tickerd left clients without the last values: 9 of 10"])


class Recording(unittest.TestCase):
    def test_is_worth_what_load_ingest_says_of_each_round_and_nothing_where_messages_are_missing(self):
        said = ("off 400000 messages/s, 2000 ns; recorded 384000 messages/s, 2100 ns\n"
                "  17 were not recorded\noff 400000 messages/s, 2000 ns; recorded 500000 messages/s, 1000 ns\n"
                "off 400000 messages/s, 2000 ns; recorded 344000 messages/s, 2200 ns\nrecorded/off, median of 3: throughput 0.96\n")
        workload, = (one for one in WORKLOADS if one.name == "recording")
        rounds = recording.rounds_of(said)
        self.assertEqual([(one["ratio"], one["cpu_ratio"], one["void"]) for one in rounds],
                         [(0.96, 1.05, []), (1.25, 0.5, ["17 messages were not recorded"]), (0.86, 1.1, [])])
        bar_of = results.evaluate(workload, {"tickerd": rounds})["bars"][0]
        self.assertEqual((bar_of["seen"]["least"], bar_of["seen"]["most"], bar_of["verdict"]), (0.86, 0.96, "goal, within the spread, were it not of 2 rounds only"))
        missed = results.evaluate(workload, {"tickerd": rounds[1:]})["bars"][0]
        self.assertEqual(missed["verdict"], "missed by 0.04, were it not of 1 round only")


unittest.main()
