import pytest

from space.visitor_files import visitor_folder, zipped


def test_a_zip_that_fails_leaves_nothing_behind(tmp_path):
    with pytest.raises(TypeError):
        zipped({"good": b"1", "bad": None}, tmp_path / "a.zip")
    assert list(tmp_path.iterdir()) == []


def test_every_visitor_has_a_folder_where_gradio_cleans(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    one, other = visitor_folder(), visitor_folder()
    assert one != other
    assert one.is_dir()
    assert one.is_relative_to(tmp_path)
