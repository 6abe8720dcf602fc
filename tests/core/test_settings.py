import pytest

from dlcr.core.errors import SettingError
from dlcr.core.settings import Backends, GateSettings, GuideSettings, PaintSettings, checked
from dlcr.core.training import TrainSettings


def test_none_means_default():
    assert checked(PaintSettings, steps=None, guidance=None) == PaintSettings()
    assert checked(PaintSettings, steps=7).steps == 7


@pytest.mark.parametrize(
    "values", [{"steps": 0}, {"steps": 201}, {"guidance": -1.0}, {"strength": 0.0}, {"batch": 0}, {"steps": "many"}]
)
def test_error_names_the_setting_and_what_it_got(values: dict[str, object]):
    with pytest.raises(SettingError) as caught:
        checked(PaintSettings, **values)
    ((name, value),) = values.items()
    assert caught.value.what.startswith(name)
    assert repr(value) in caught.value.what
    assert caught.value.remedy
    assert caught.value.exit_code == 2


def test_unknown_setting_is_refused():
    with pytest.raises(SettingError, match="stepz"):
        checked(PaintSettings, stepz=3)


def test_settings_that_do_not_go_together_are_told_without_the_rest():
    with pytest.raises(SettingError) as caught:
        checked(TrainSettings, batch=30, seed=12345)
    assert caught.value.what.startswith("30 real photos a batch do not give two persons")
    assert "12345" not in caught.value.what


def test_a_batch_has_as_many_real_photos_with_variants_as_without_for_the_embedded_backbone():
    assert (TrainSettings().real_photos, TrainSettings(variants=10).real_photos) == (32, 32)
    assert TrainSettings(recoloured=True).real_photos == 32
    assert TrainSettings(backbone="timm:resnet50").real_photos == 64
    assert TrainSettings(backbone="timm:resnet50", variants=10).real_photos == 32
    assert (TrainSettings(batch=64).real_photos, TrainSettings(batch=64, variants=2).real_photos) == (64, 32)


def test_environment_sets_backends_and_arguments_win(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DLCR_PARSER", "schp:model.onnx")
    assert Backends().parser == "schp:model.onnx"
    assert checked(Backends, parser="demo").parser == "demo"


def test_thresholds_and_guidance_have_ranges():
    with pytest.raises(SettingError, match="gate"):
        checked(GateSettings, gate="burn")
    with pytest.raises(SettingError, match="min_agreement"):
        checked(GateSettings, min_agreement=1.5)
    with pytest.raises(SettingError, match="discriminator"):
        checked(PaintSettings, discriminator="../model")
    with pytest.raises(SettingError, match="batch"):
        checked(GuideSettings, batch=7)


def test_a_setting_of_any_name_is_told_as_unknown():
    with pytest.raises(SettingError, match="model"):
        checked(PaintSettings, model=1)
