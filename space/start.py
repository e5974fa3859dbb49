"""Corrects or reports environment settings that would keep the page from starting.

Gradio reads them when it is imported and launched, and fails with tracebacks. Also how it is
imported in half the time, and how the program ends.
"""

import gc
import getpass
import importlib.util
import os
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import NoReturn
from urllib.parse import urlsplit

from dasl.runtime.processes import one_blas_thread
from space.settings import SettingsError

PORT_VARIABLE, TEMP_VARIABLE = "GRADIO_SERVER_PORT", "GRADIO_TEMP_DIR"
HERE = ("localhost", "127.0.0.1", "::1")
"""Gradio checks its own server by a request, which must not go through a proxy."""
WRITE_STUBS = "create_or_modify_pyi"
"""Gradio's function that writes type stubs."""
PROXIES = ("http_proxy", "https_proxy", "all_proxy")
SOCKS = ("socks5", "socks5h")


def prepare_environment(environment: MutableMapping[str, str] | None = None) -> None:
    """Prepares the environment for the page; call before Gradio is imported.

    Args:
        environment: modified in place; None takes the process's.

    Raises:
        SettingsError: a variable is invalid and cannot be corrected here.
    """
    given = os.environ if environment is None else environment
    _check_port(given)
    _keep_proxies_out(given)
    _find_folder(given)
    one_blas_thread(given)


def _check_port(given: MutableMapping[str, str]) -> None:
    port = given.get(PORT_VARIABLE)
    if port is not None and not (port.isdecimal() and 0 < int(port) < 65536):
        raise SettingsError(
            f"{PORT_VARIABLE} must be a whole number from 1 to 65535, got {port!r}; set one, or "
            "unset it for 7860 or the next free one"
        )


def _keep_proxies_out(given: MutableMapping[str, str]) -> None:
    named = [name for low in PROXIES for name in (low, low.upper()) if given.get(name)]
    for name in named:
        scheme = _scheme(given[name])
        if scheme not in ("http", "https", *SOCKS):
            raise SettingsError(  # without the value, which may contain a password
                f"{name} is not a usable proxy address; wanted one such as http://host:port, with "
                f"special characters of a password as %23; or unset {name}"
            )
        if scheme in SOCKS and not importlib.util.find_spec("socksio"):
            raise SettingsError(
                f"{name}={given[name]} is a SOCKS proxy, which needs `pip install socksio`; or "
                f"unset {name}: with the embedded weights the page asks nobody"
            )
    if named:
        for name in ("no_proxy", "NO_PROXY"):
            known = [host.strip() for host in given.get(name, "").split(",") if host.strip()]
            given[name] = ",".join([*known, *(host for host in HERE if host not in known)])


def _scheme(proxy: str) -> str | None:
    """The scheme of an address, http by default; None for an invalid address."""
    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        return parts.scheme if parts.hostname and parts.port != 0 else None
    except ValueError:  # malformed brackets or port
        return None


def _find_folder(given: MutableMapping[str, str]) -> None:
    """Gradio's default is one folder for all users of a machine, owned by the first one."""
    if given.get(TEMP_VARIABLE):
        if not _is_usable(Path(given[TEMP_VARIABLE])):
            raise SettingsError(
                f"{TEMP_VARIABLE}={given[TEMP_VARIABLE]} cannot be written; name another folder, "
                "or unset it"
            )
        return
    shared = Path(tempfile.gettempdir()) / "gradio"
    if not _is_usable(shared):
        own = shared.with_name(f"gradio-{_user()}")
        usable = own if _is_usable(own) else Path(tempfile.mkdtemp(prefix="gradio-"))
        given[TEMP_VARIABLE] = str(usable)


@contextmanager
def quick_imports() -> Iterator[None]:
    """Inside the block Gradio is imported in half the time.

    It does not write its type stubs, and Python looks for no garbage, of which imports make little.
    """
    finder = WithoutStubs()
    sys.meta_path.insert(0, finder)
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # what was imported stays, and need not be looked through later either
        gc.enable()
        sys.meta_path.remove(finder)


class WithoutStubs(MetaPathFinder):
    """Lets Gradio write no type stubs for editors.

    Without it, each import reads the source of all components, renders their stubs and compares
    them with the files beside it. Gradio has no setting for that.
    """

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module that writes them, without that; None for all others."""
        if name != "gradio.component_meta":
            return None
        spec = PathFinder.find_spec(name, path)
        if spec is not None and spec.origin is not None:
            spec.loader = _LoaderWithoutStubs(name, spec.origin)
        return spec


class _LoaderWithoutStubs(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        setattr(module, WRITE_STUBS, lambda *component: None)


def leave(status: int, while_alive: str) -> NoReturn:
    """Ends the program; immediately if a thread of that name still runs.

    Otherwise Python would wait for the model that this thread loads, or abort during loading.
    """
    if any(thread.name == while_alive for thread in threading.enumerate()):
        sys.stdout.flush()
        os._exit(status)
    sys.exit(status)


def _is_usable(folder: Path) -> bool:
    probe = folder / f".{uuid.uuid4().hex}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.mkdir()
        probe.rmdir()
    except OSError:
        return False
    return True


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # user without a name, in a container
        return str(os.getpid())
