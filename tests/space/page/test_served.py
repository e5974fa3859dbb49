from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.testclient import TestClient

from space import text
from space.page import launch_options
from space.page.served import with_own_head
from space.reconstruct.service import EXAMPLE_PREFIX, ExampleHead

PAGE = """<!doctype html><html><head>
<meta property="og:title" content="Gradio" />
<meta
  name="twitter:image"
  content="https://elsewhere/header.jpg"
/>
<script>window.gradio_config = {};</script></head>
<body><gradio-app></gradio-app></body></html>"""


def test_links_show_our_card_and_nothing_of_gradios():
    page = with_own_head(PAGE, "user-faces.hf.space", None)
    assert "Gradio" not in page and "elsewhere" not in page
    assert f'property="og:title" content="{text.TITLE}"' in page
    assert 'property="og:image" content="https://user-faces.hf.space/gradio_api/file=' in page
    assert page.index("<title>") < page.index("</head>") < page.index("<noscript>")
    assert "window.gradio_config" in page and "daslGreeting" not in page


def test_the_head_that_greets_comes_with_the_page_and_ends_no_script():
    behind = {"photo": {"path": "/x/</script>.jpg"}, "view": {"side": 720}}
    page = with_own_head(PAGE, "", ExampleHead(Path("/x/a.glb"), None, behind))
    assert 'as="fetch" crossorigin="anonymous" href="gradio_api/file=/x/a.glb"' in page
    assert page.count("</script>") == PAGE.count("</script>") + 4
    # those are for links, the greeting, the viewer, and the first screen
    assert 'content="gradio_api/file=' in page  # nobody named the host


@pytest.mark.parametrize(
    ("path", "compressed"),
    [
        ("/", True),
        ("/a/head.glb", True),
        (f"/{EXAMPLE_PREFIX}x/head.glb", True),
        ("/a/photo.jpg", False),
    ],
)
def test_the_page_and_heads_are_compressed(path, compressed):
    async def app(scope, receive, send):
        await PlainTextResponse("head " * 1000)(scope, receive, send)

    ours = [one for one in launch_options()["app_kwargs"]["middleware"] if "Compress" in str(one)]
    client = TestClient(Starlette(routes=[Mount("/", app)], middleware=ours))
    answer = client.get(path, headers={"Accept-Encoding": "br"})
    assert answer.text == "head " * 1000
    assert (answer.headers.get("content-encoding") == "br") == compressed


def test_another_document_stays_as_it_is():
    assert with_own_head("<html><head></head></html>", "", None) == "<html><head></head></html>"
