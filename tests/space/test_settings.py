from space.settings import RECORDS_FOLDER, Settings


def test_settings_default_to_the_embedded_weights():
    assert Settings.from_environment({"DASL_WEIGHTS": ""}) == Settings(None, None, RECORDS_FOLDER)


def test_weights_and_revision_come_from_the_environment():
    given = {"DASL_WEIGHTS": "user/repo", "DASL_WEIGHTS_REVISION": "abc"}
    assert Settings.from_environment(given) == Settings("user/repo", "abc", RECORDS_FOLDER)
