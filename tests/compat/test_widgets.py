from tapeflow.compat.widgets import BAR_WIDTH, as_text

STATES = {
    "box": {"_model_name": "HBoxModel", "children": ["IPY_MODEL_left", "IPY_MODEL_bar", "IPY_MODEL_right"]},
    "left": {"_model_name": "HTMLModel", "value": "loss:\u20070.5: &nbsp;40%"},
    "bar": {"_model_name": "FloatProgressModel", "value": 4.0, "min": 0.0, "max": 10.0},
    "right": {"_model_name": "HTMLModel", "value": "&nbsp;4/10&nbsp;[00:01&lt;00:02, <b>3.9</b>it/s]"},
}


def test_a_progress_bar_with_its_texts_is_one_line():
    filled = BAR_WIDTH * 4 // 10
    bar = "|" + "█" * filled + " " * (BAR_WIDTH - filled) + "|"
    assert as_text("box", STATES) == f"loss: 0.5: 40% {bar} 4/10 [00:01<00:02, 3.9it/s]"


def test_a_bar_alone_says_its_numbers():
    assert as_text("bar", STATES).endswith("| 4/10")


def test_a_bar_never_overflows():
    for value in (-5, 0, 10, 25):
        states = {"bar": {"_model_name": "IntProgressModel", "value": value, "min": 0, "max": 10}}
        assert len(as_text("bar", states).rpartition("|")[0]) == BAR_WIDTH + 1


def test_a_bar_of_no_length_is_full():
    states = {"bar": {"_model_name": "IntProgressModel", "value": 0, "min": 0, "max": 0}}
    assert as_text("bar", states).count("█") == BAR_WIDTH


def test_other_widgets_show_their_description_and_value():
    assert as_text("s", {"s": {"_model_name": "IntSliderModel", "description": "steps:", "value": 3}}) == "steps: 3"


def test_an_unknown_widget_shows_nothing():
    assert as_text("nosuch", {}) == ""
