from space.settings import RECORDS_FOLDER, Settings


def test_settings_default_to_the_embedded_weights():
    assert Settings.from_environment({"DASL_WEIGHTS": ""}) == Settings(None, None, RECORDS_FOLDER)


def test_weights_and_revision_come_from_the_environment():
    given = {"DASL_WEIGHTS": "user/repo", "DASL_WEIGHTS_REVISION": "abc"}
    assert Settings.from_environment(given) == Settings("user/repo", "abc", RECORDS_FOLDER)


def test_boards_and_mcp_come_from_the_environment_too():
    settings = Settings.from_environment({"DASL_PUBLISH": "at-once", "DASL_MCP": "1"})
    assert settings.boards.publish == "at-once" and settings.mcp
    assert not Settings.from_environment({"DASL_MCP": "0"}).mcp
