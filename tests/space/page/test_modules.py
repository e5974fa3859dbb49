from space.page.modules import modules_of


def test_all_that_a_module_imports_at_once_is_found_and_what_is_missing_left_out(tmp_path):
    (tmp_path / "entry.js").write_text(
        'import { a } from "./one.js";\nimport"./two.js";import("./later.js");'
        'import{b as c}from"./gone.js";import x from "https://elsewhere/far.js";'
    )
    (tmp_path / "one.js").write_text('export { d } from "./three.js"; import "./entry.js";')
    for name in ("two", "three", "later"):
        (tmp_path / f"{name}.js").write_text("")
    names = [path.name for path in modules_of(tmp_path / "entry.js")]
    assert names == ["entry.js", "one.js", "two.js", "three.js"]
