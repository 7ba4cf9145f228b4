import json

import pytest

from core.errors import FormatError
from core.kernels.isa import AVX2, AVX512_VNNI, CpuTarget, host_target


def test_a_target_survives_json():
    for target in (host_target(), CpuTarget.for_class("generic"), CpuTarget.for_class("vnni")):
        assert CpuTarget.from_json(json.loads(json.dumps(target.to_json()))) == target


@pytest.mark.parametrize("name", ["generic", "avx2", "vnni"])
def test_a_forced_class_is_the_class_it_says(name):
    assert CpuTarget.for_class(name).kernel_class == name


def test_a_cpu_with_avx_vnni_but_without_avx512_counts_as_vnni():
    target = CpuTarget("x86_64-unknown-linux-gnu", "x86-64", ("avx2", "avxvnni", "f16c", "fma"))
    assert target.kernel_class == "vnni"
    assert not target.wide


def test_what_a_cpu_lacks_is_named():
    old = CpuTarget.for_class("avx2")
    new = CpuTarget.for_class("vnni")
    assert old.missing_on(new) == ()
    assert new.missing_on(old) == tuple(sorted(set(AVX512_VNNI) - set(AVX2)))
    arm = CpuTarget("aarch64-unknown-linux-gnu", "generic", ())
    assert arm.missing_on(old) == ("aarch64",)


def test_this_machine_can_run_its_own_target():
    assert host_target().missing_on() == ()
    assert CpuTarget.for_class("generic").missing_on() == ()


@pytest.mark.parametrize(
    "data",
    [
        None,
        {"triple": "x86_64", "mcpu": "x86-64"},
        {"triple": "x86_64", "mcpu": "x86-64", "features": [], "more": 1},
        {"triple": "x86_64", "mcpu": "x86-64", "features": "avx2"},
        {"triple": "x86_64", "mcpu": "x86-64", "features": ["fma", "avx2"]},
        {"triple": "x86_64", "mcpu": "x86-64", "features": ["avx2", "avx2"]},
        {"triple": "x86_64", "mcpu": "x86-64", "features": ["avx2,-fma"]},
        {"triple": "x86 64 -mcpu=x", "mcpu": "x86-64", "features": []},
        {"triple": 7, "mcpu": "x86-64", "features": []},
        {"triple": "x86_64", "mcpu": "", "features": []},
        {"triple": "x86_64", "mcpu": "x" * 100, "features": []},
        {"triple": "x86_64", "mcpu": "x86-64", "features": ["a"] * 100},
    ],
)
def test_odd_json_is_refused(data):
    with pytest.raises(FormatError):
        CpuTarget.from_json(data)
