"""How the processes of a distributed run start, find each other and end together."""

from __future__ import annotations

import atexit
import collections
import contextlib
import dataclasses
import os
import socket
import sys
import threading
from collections.abc import Iterator

import jax

from jaxact.lab.distributed import ALONE, Lost, Stopped, Team
from jaxact.lab.errors import UserError, first_line
from jaxact.lab.parallel import use_all_cores

# XLA gives up a collective of CPUs after half an hour. A process may well wait longer for one
# that prepares data or has a slower machine; the runtime notices those that died by itself.
_PATIENCE = "--xla_cpu_collective_timeout_seconds=604800"


@dataclasses.dataclass(frozen=True)
class Launch:
    """How the processes of a run find each other.

    Raises:
        UserError: if fields are missing or contradict each other.
    """

    distributed: bool = False
    """Share the runs with the other processes that a TPU pod, Slurm, Open MPI or Kubernetes
    started; all get the same command. Process 0 writes and prints."""
    coordinator: str | None = None
    """Where nothing of that kind started them: host and port of process 0, as HOST:PORT."""
    num_processes: int | None = None
    """With --coordinator, number of processes."""
    process_id: int | None = None
    """With --coordinator, number of this process, from 0 on."""
    initialization_timeout: int = 300
    """Seconds in which the processes have to find each other."""

    def __post_init__(self) -> None:
        given = {
            "--coordinator": self.coordinator,
            "--num-processes": self.num_processes,
            "--process-id": self.process_id,
        }
        missing = [flag for flag, value in given.items() if value is None]
        if 0 < len(missing) < 3:
            raise UserError(
                f"{' and '.join(missing)} missing; {', '.join(given)} go together, or give "
                "--distributed alone in a cluster"
            )
        if self.initialization_timeout < 1:
            raise UserError(
                f"--initialization-timeout is at least 1 second, got {self.initialization_timeout}"
            )
        if self.coordinator is None or self.num_processes is None or self.process_id is None:
            return
        host, _, port = self.coordinator.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise UserError(
                f"--coordinator is HOST:PORT, such as 10.0.0.1:1234, got {self.coordinator}"
            )
        if self.num_processes < 1:
            raise UserError(f"--num-processes must be positive, got {self.num_processes}")
        if not 0 <= self.process_id < self.num_processes:
            raise UserError(
                f"--process-id is a number from 0 to {self.num_processes - 1} with "
                f"--num-processes {self.num_processes}, got {self.process_id}"
            )


NO_OTHERS = Launch()


@contextlib.contextmanager
def joined(launch: Launch) -> Iterator[Team]:
    """This process as a member of a team, until all members are through.

    A UserError in one process ends all of them with a message. After any other end of one, the
    others end by themselves: at once if they wait for it, else when the runtime misses its
    heartbeat, after about 100 seconds.

    Args:
        launch: how to find the others.

    Yields:
        The team; :data:`ALONE` if ``launch`` asks for none.

    Raises:
        UserError: if the processes do not find each other, or another one stopped.
    """
    if not launch.distributed and launch.coordinator is None:
        yield ALONE
        return
    team = _start(launch)
    try:
        yield team
        team.meet()
    except Stopped:
        raise
    except Lost:
        _leave_at_once(2)
        raise
    except UserError as error:
        try:
            team.tell(str(error))
        except Lost:
            _leave_at_once(2)
        raise
    except BaseException as error:
        _leave_at_once(getattr(error, "code", 130 if isinstance(error, KeyboardInterrupt) else 1))
        raise


def _start(launch: Launch) -> Team:
    """The team of this process, once all others are there."""
    use_all_cores()
    os.environ["XLA_FLAGS"] = f"{_PATIENCE} {os.environ.get('XLA_FLAGS', '')}".strip()
    jax.config.update("jax_enable_preemption_service", False)  # it takes SIGTERM to itself
    jax.config.update("jax_check_proxy_envs", False)  # a warning from every process
    try:
        _find_each_other(launch)
        devices = jax.devices()
    except (RuntimeError, AssertionError) as error:
        _leave_at_once(2)
        raise UserError(f"JAX finds no device; is JAX_PLATFORMS right? {error}") from None
    except BaseException:
        _leave_at_once(2)
        raise
    counts = collections.Counter(device.process_index for device in devices)
    if len(set(counts.values())) > 1:
        raise UserError(
            f"processes have {sorted(set(counts.values()))} devices; give each the same number, "
            "on CPUs with JAX_NUM_CPU_DEVICES"
        )
    team = Team(jax.process_count(), jax.process_index())
    with _stdout_closed():  # Gloo greets its peers there.
        team.meet()
    return team


def _find_each_other(launch: Launch) -> None:
    """Connects this process with the others."""
    failures: list[BaseException] = []

    def connect() -> None:
        try:
            jax.distributed.initialize(
                launch.coordinator,
                launch.num_processes,
                launch.process_id,
                # Who gives an address wants no other found.
                cluster_detection_method="deactivate" if launch.coordinator else None,
                initialization_timeout=launch.initialization_timeout + 60,
            )
        except BaseException as error:
            failures.append(error)

    # At its own time limit the runtime aborts the process with a dump of its stack.
    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(launch.initialization_timeout)
    if thread.is_alive():
        raise UserError(_not_met(launch))
    if not failures:
        return
    if launch.coordinator is not None:
        raise UserError(f"--coordinator {launch.coordinator}: {first_line(failures[0])}")
    if "be defined" in str(failures[0]):
        raise UserError(
            "--distributed: no TPU pod, Slurm (srun), Open MPI (mpirun) or Kubernetes job started "
            "this process; give --coordinator HOST:PORT --num-processes N --process-id I"
        )
    raise UserError(f"--distributed: the cluster is not as expected: {first_line(failures[0])}")


def _not_met(launch: Launch) -> str:
    """Why the processes did not find each other in time."""
    within = f"within {launch.initialization_timeout} s (--initialization-timeout)"
    if launch.coordinator is None:
        return f"--distributed: not all processes of the cluster came {within}"
    if launch.process_id and not _answers(launch.coordinator):
        return (
            f"--coordinator {launch.coordinator} did not answer {within}; start process 0 on that "
            "host, and see that the port is open"
        )
    return (
        f"--coordinator {launch.coordinator}: not all {launch.num_processes} processes came "
        f"{within}; start each with the same --coordinator and --num-processes"
    )


def _answers(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=5).close()
    except OSError:
        return False
    return True


@contextlib.contextmanager
def _stdout_closed() -> Iterator[None]:
    """Keeps what C++ writes to standard output from being seen."""
    sys.stdout.flush()
    kept, nothing = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nothing)


def _leave_at_once(code: int) -> None:
    """Makes this process end, once it has said why, without waiting for the others.

    At exit the runtime waits for all processes, and aborts this one when one is missing.
    """

    def leave() -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)

    atexit.register(leave)
