"""What would keep the page from starting is mended or told in one line."""

import gc
import os
import subprocess
import sys
from importlib.util import module_from_spec
from pathlib import Path

import gradio
import pytest

from space.settings import SettingsError
from space.start import WRITE_STUBS, WithoutStubs, prepare_environment, quick_imports

ROOT = Path(__file__).parents[2]


def test_gradio_can_be_imported_without_writing_its_stubs():
    spec = WithoutStubs().find_spec("gradio.component_meta", gradio.__path__)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    assert getattr(module, WRITE_STUBS)(int, "int", []) is None  # its own would raise a TypeError
    assert WRITE_STUBS in module.ComponentMeta.__new__.__code__.co_names, "Gradio renamed it"
    assert WithoutStubs().find_spec("gradio.blocks", gradio.__path__) is None


def test_imports_are_hurried_inside_the_block_alone():
    finders = list(sys.meta_path)
    with pytest.raises(ImportError), quick_imports():
        assert not gc.isenabled() and isinstance(sys.meta_path[0], WithoutStubs)
        raise ImportError
    assert gc.isenabled() and sys.meta_path == finders


@pytest.mark.parametrize("port", ["abc", "0", "99999", "-1", "78.5"])
def test_a_port_that_cannot_be_is_told(port, tmp_path):
    with pytest.raises(SettingsError, match="GRADIO_SERVER_PORT must be a whole number"):
        prepare_environment({"GRADIO_SERVER_PORT": port, "GRADIO_TEMP_DIR": str(tmp_path)})


@pytest.mark.parametrize("name", ["http_proxy", "HTTPS_PROXY", "all_proxy"])
def test_a_proxy_does_not_stand_between_the_page_and_itself(name, tmp_path):
    given = {name: "http://proxy:3128", "no_proxy": "intern", "GRADIO_TEMP_DIR": str(tmp_path)}
    prepare_environment(given)
    assert given["no_proxy"] == "intern,localhost,127.0.0.1,::1"
    assert given["NO_PROXY"] == "localhost,127.0.0.1,::1"


def test_without_a_proxy_only_the_threads_are_set(tmp_path):
    given = {"GRADIO_TEMP_DIR": str(tmp_path)}
    prepare_environment(given)
    assert given == {"GRADIO_TEMP_DIR": str(tmp_path), "OPENBLAS_NUM_THREADS": "1"}


def test_a_number_of_threads_that_was_chosen_stays(tmp_path):
    given = {"GRADIO_TEMP_DIR": str(tmp_path), "OPENBLAS_NUM_THREADS": "8"}
    prepare_environment(given)
    assert given["OPENBLAS_NUM_THREADS"] == "8"


def test_the_threads_are_set_before_numpy_reads_them():
    told = "import sys, app; print('numpy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_a_socks_proxy_without_its_package_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    given = {"ALL_PROXY": "socks5h://proxy:1080", "GRADIO_TEMP_DIR": str(tmp_path)}
    with pytest.raises(SettingsError, match=r"ALL_PROXY=socks5h.*pip install socksio"):
        prepare_environment(given)


@pytest.mark.parametrize(
    "proxy",
    ["ftp://proxy:21", "socks4://proxy:1080", "http://[::1", "http://me:pa#ss@proxy:80", "http://"],
)
def test_a_proxy_that_cannot_be_used_is_told(proxy, tmp_path):
    with pytest.raises(SettingsError, match="https_proxy is not a usable proxy address"):
        prepare_environment({"https_proxy": proxy, "GRADIO_TEMP_DIR": str(tmp_path)})


@pytest.mark.parametrize("proxy", ["proxy:3128", "HTTP://user:secret@proxy", "http://[::1]:3128/"])
def test_ordinary_addresses_of_proxies_are_taken(proxy, tmp_path):
    given = {"https_proxy": proxy, "GRADIO_TEMP_DIR": str(tmp_path)}
    prepare_environment(given)
    assert given["https_proxy"] == proxy and "127.0.0.1" in given["no_proxy"]


def test_a_folder_that_somebody_else_owns_is_not_used(monkeypatch, tmp_path):
    (tmp_path / "gradio").touch()  # no folder of ours can be made there
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr("getpass.getuser", lambda: "anna")
    given: dict[str, str] = {}
    prepare_environment(given)
    assert given["GRADIO_TEMP_DIR"] == str(tmp_path / "gradio-anna")


def test_a_named_folder_that_cannot_be_used_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="cannot be written; name another folder"):
        prepare_environment({"GRADIO_TEMP_DIR": str(tmp_path / "file")})


def _run(words: list[str], folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,  # a hang, not slowness
        check=False,
    )


def test_the_entry_tells_it_in_one_line(tmp_path):
    done = _run([str(ROOT / "app.py")], tmp_path, GRADIO_SERVER_PORT="abc")
    assert done.returncode == 1
    assert done.stderr.startswith("app.py: GRADIO_SERVER_PORT must be")
    assert len(done.stderr.splitlines()) == 1


def test_a_missing_library_of_the_system_is_told_with_its_package(tmp_path):
    (tmp_path / "cv2.py").write_text(
        "raise ImportError('libGL.so.1: cannot open shared object file', name='cv2')\n"
    )
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import app; sys.exit(app.main())"
    done = _run(["-c", program], tmp_path, GRADIO_TEMP_DIR=str(tmp_path / "files"))
    assert done.returncode == 1
    assert done.stderr.startswith("app.py: libGL.so.1") and "apt-get install libgl1" in done.stderr
    assert "Traceback" not in done.stderr


INTERRUPTED_WHILE_LOADING = """\
import concurrent.futures, runpy, sys, threading, time, types
loading = threading.Event()
class Service:
    from_settings = classmethod(lambda cls, settings: cls())
    def warm_up(self, photo):
        with concurrent.futures.ThreadPoolExecutor() as pool:  # Python waits for it at its end
            loading.set()
            pool.submit(time.sleep, 3000).result()
class Demo:
    def launch(self):
        loading.wait()
        raise KeyboardInterrupt
page = types.SimpleNamespace(build_demo=lambda *_: Demo(), launch_options=lambda *_, **__: {{}})
sys.modules["space.page"] = page
sys.modules["space.reconstruct.service"] = types.SimpleNamespace(ReconstructionService=Service)
runpy.run_path({app!r}, run_name="__main__")
"""


def test_ctrl_c_does_not_wait_for_the_model_to_load(tmp_path):
    program = INTERRUPTED_WHILE_LOADING.format(app=str(ROOT / "app.py"))
    done = _run(["-c", program], tmp_path, GRADIO_TEMP_DIR=str(tmp_path))
    assert (done.returncode, done.stderr) == (1, "app.py: interrupted\n")


@pytest.mark.parametrize("place", [".", "docs", "space", "dasl/photo"])
def test_deploy_works_from_any_folder_of_a_clone(place):
    done = _run(["-m", "space", "deploy", "user/faces", "--dry-run"], ROOT / place)
    assert done.returncode == 0, done.stderr
    assert "space/start.py\n" in done.stdout


@pytest.mark.parametrize("place", ["tests", "docs"])
def test_deploy_works_by_the_path_of_the_package(place):
    words = [str(ROOT / "space"), "deploy", "user/faces", "--dry-run"]
    done = _run(words, ROOT / place, PYTHONPATH="")
    assert done.returncode == 0, done.stderr
