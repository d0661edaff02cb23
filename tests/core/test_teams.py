"""Teams of threads: any number of tasks, a fork, the end of the interpreter, too little memory."""

import os
import sys

import numpy as np
import pytest

from chainrule.core import threads
from chainrule.core.engine import _engine
from helpers.processes import run

PRELUDE = """
    import os, sys, threading, time
    import numpy as np
    from chainrule.core import CompiledEngine
    from chainrule.nn import Network
    from chainrule.optim import SGD
    from chainrule.train import Dataset, Trainer

    def point(network, m, dtype=np.float64):
        rng = np.random.RandomState(0)
        X = rng.normal(size=(m, network.sizes[0])).astype(dtype)
        Y = rng.normal(size=(m, network.sizes[-1])).astype(dtype)
        return network.init(0, dtype=dtype), X, Y

    def train(network, m, epochs):
        params, X, Y = point(network, m)
        trainer = Trainer(network, SGD(1e-6), batch_size=1000, epochs=epochs, n_threads=2)
        return trainer.run(params, Dataset(X, Y))
"""
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no forks")


# -------------------------------------------------------------------------------------- many tasks


@pytest.mark.parametrize("size", [1, 2, 3, 8])
def test_every_task_is_run_once(size):
    """A ticket has room for 65,535 tasks; more are several rounds."""
    team = _engine.Team(size)
    for count in (0, 1, 2, 65_534, 65_535, 65_536, 131_070, 200_001):
        assert team.runs(count) == [1] * count
    assert team.runs(-5) == []


def test_a_team_has_an_end():
    assert _engine.Team(3).size == 3
    assert _engine.Team(2**31 - 1).size <= 1024


def test_networks_of_more_tasks_than_a_round_has():
    """Members, members × layers, and both at a prediction: the bits of one thread, and Ctrl-C."""
    status, printed = run(
        PRELUDE,
        """
        for network in (
            Network((2, 1), members=65_536),
            Network((2, 2, 1), members=33_000),
            Network((2,) * 63 + (1,), members=1_100),
            Network((2, 2, 1), members=33_000, shared_weights=False, input_scale=True),
        ):
            left = set()
            for n_threads in (1, 2, 3):
                engine = CompiledEngine(network, np.float64, n_threads)
                params, X, Y = point(network, 9)
                J, gradients = engine.cost_and_gradients(params, X, Y)
                outputs = engine.outputs(params, X)[1]
                left.add((float(J), gradients.vector.tobytes(), outputs.tobytes()))
            print(len(left), np.isfinite(J), end=" ")
        print("over")
        """,
    )
    assert (status, printed) == (0, "1 True " * 4 + "over\n")


def test_an_interruption_is_heard_among_many_tasks():
    status, printed = run(
        PRELUDE,
        """
        import signal
        signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
        signal.setitimer(signal.ITIMER_REAL, 1.5)
        print(train(Network((2, 2, 1), members=40_000), 64, 10**9).interrupted)
        """,
    )
    assert (status, printed) == (0, "True\n")


# ------------------------------------------------------------------------------- too little memory


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of an address space is Linux's")
def test_too_little_memory_is_an_exception_wherever_it_ends():
    """In weights, in workspaces, in gradients; the engine computes on when there is more again."""
    status, printed = run(
        PRELUDE,
        """
        import resource
        network = Network((64, 1500, 1500, 8), members=3, input_scale=True)
        params, X, Y = point(network, 40)
        want = CompiledEngine(network, np.float64, 2).cost_and_gradients(params, X, Y)
        used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
        no_limit = resource.getrlimit(resource.RLIMIT_AS)
        said, refused, computed = set(), 0, 0
        for megabytes in [int(8 * 1.15**step) for step in range(36)]:
            resource.setrlimit(resource.RLIMIT_AS, (used + (megabytes << 20), no_limit[1]))
            engine = None
            try:
                engine = CompiledEngine(network, np.float64, 2)
                engine.cost_and_gradients(params, X, Y, dropout=[0.5, 0.5])
                engine.outputs(params, X)
                computed += 1
            except MemoryError as error:
                refused += 1
                said.add(str(error))
            resource.setrlimit(resource.RLIMIT_AS, no_limit)
            if engine is not None:
                assert engine.cost_and_gradients(params, X, Y) == want
        print(refused > 5, computed > 5)
        print(*said, sep="\\n")
        """,
    )
    assert status == 0, printed
    first, *said = printed.splitlines()
    assert first == "True True"
    ours = [text for text in said if text.startswith("the compiled engine needs ")]
    assert ours
    assert all("MB more memory than there is" in text for text in ours)


# ------------------------------------------------------------------------ the end of the interpreter


@pytest.mark.parametrize("seconds", [0.0, 0.1, 0.3, 0.5, 0.8])
@pytest.mark.parametrize("sizes", [(20, 32, 16, 1), (20, 1)], ids=str)
def test_the_interpreter_ends_while_a_daemon_trains(seconds, sizes):
    """The thread comes back from the engine when Python is on its way out, or gone."""
    status, printed = run(
        PRELUDE,
        """
        network = Network(eval(sys.argv[2]))
        threading.Thread(target=train, args=(network, 2000, 10**9), daemon=True).start()
        time.sleep(float(sys.argv[1]))
        print("over", flush=True)
        sys.exit(7)
        """,
        arguments=(seconds, sizes),
    )
    assert (status, printed) == (7, "over\n")


def test_a_network_may_be_used_at_the_very_end():
    """By the thread that ends the interpreter itself, in a destructor that runs then."""
    status, printed = run(
        PRELUDE,
        """
        class Last:
            def __init__(self):
                network = Network((20, 64, 1))
                self.engine, self.point = CompiledEngine(network, np.float64, 2), point(network, 500)
                self.write = os.write

            def __del__(self):
                self.engine._native.shards(5)
                rows = self.engine._rows(*self.point[1:])
                J = self.engine._native.evaluate(
                    team=self.engine._team, parameters=self.point[0].vector, gradient=None,
                    table=rows, dropout=None, dropout_key=0,
                )
                self.write(1, b"computed" if J > 0 else b"not")

        last = Last()
        """,
    )
    assert (status, printed) == (0, "computed")


# ------------------------------------------------------------------------------------------- forks


@forks
def test_the_child_of_a_fork_has_no_workers_and_computes_the_same():
    """With the engine of its parent, which it may also throw away; and it ends like any process."""
    status, printed = run(
        PRELUDE,
        """
        network = Network((20, 64, 1))
        engine = CompiledEngine(network, np.float64, 3)
        given = point(network, 2000)
        want = engine.cost_and_gradients(*given)
        for way in ("exit", "_exit", "delete"):
            pid = os.fork()
            if not pid:
                old = engine._team
                good = old.size == 1 and old.runs(70_000) == [1] * 70_000
                good &= engine.cost_and_gradients(*given) == want and engine._team.size == 3
                if way == "delete":
                    del engine, old
                (os._exit if way == "_exit" else sys.exit)(3 if good else 4)
            print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), end=" ", flush=True)
        print(engine.cost_and_gradients(*given) == want)
        """,
        flags=("-W", "ignore::DeprecationWarning"),  # 3.12: a fork beside threads
    )
    assert (status, printed) == (0, "3 3 3 True\n")


@forks
def test_children_train_while_their_parent_does():
    status, printed = run(
        PRELUDE,
        """
        network = Network((20, 32, 1))
        other = threading.Thread(target=train, args=(network, 2000, 3000))
        other.start()
        ends = []
        for _ in range(12):
            time.sleep(0.02)
            pid = os.fork()
            if not pid:
                train(network, 2000, 2)
                os._exit(0)
            ends.append(os.waitpid(pid, 0)[1])
        other.join()
        print(ends == [0] * 12)
        """,
        flags=("-W", "ignore::DeprecationWarning"),
    )
    assert (status, printed) == (0, "True\n")


@forks
def test_a_child_counts_its_own_computations():
    with threads.sharing(None, 8):
        pid = os.fork()
        if not pid:
            with threads.sharing(None, 8) as share:
                os._exit(share)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 8
    assert np.isfinite(threads._at_work)
