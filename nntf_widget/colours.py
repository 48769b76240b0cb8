"""Colours: the sequential scale of distances and shares, as js/src/colour.ts has it, and a palette for curves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CURVES = ["#3A8FC9", "#E07B39", "#2FA384", "#C77DA6"]  # told apart by colour-blind readers, on light and on dark

# Viridis, by Nathaniel Smith and Stefan van der Walt for matplotlib, given to the public domain (CC0).
VIRIDIS: NDArray[np.uint8] = np.frombuffer(
    bytes.fromhex(
        "44015444025645045745055946075a46085c460a5d460b5e470d60470e6147106347116447136548146748166848176948186a"
        "481a6c481b6d481c6e481d6f481f70482071482173482374482475482576482677482878482979472a7a472c7a472d7b472e7c"
        "472f7d46307e46327e46337f463480453581453781453882443983443a83443b84433d84433e85423f85424086424186414287"
        "4144874045884046883f47883f48893e49893e4a893e4c8a3d4d8a3d4e8a3c4f8a3c508b3b518b3b528b3a538b3a548c39558c"
        "39568c38588c38598c375a8c375b8d365c8d365d8d355e8d355f8d34608d34618d33628d33638d32648e32658e31668e31678e"
        "31688e30698e306a8e2f6b8e2f6c8e2e6d8e2e6e8e2e6f8e2d708e2d718e2c718e2c728e2c738e2b748e2b758e2a768e2a778e"
        "2a788e29798e297a8e297b8e287c8e287d8e277e8e277f8e27808e26818e26828e26828e25838e25848e25858e24868e24878e"
        "23888e23898e238a8d228b8d228c8d228d8d218e8d218f8d21908d21918c20928c20928c20938c1f948c1f958b1f968b1f978b"
        "1f988b1f998a1f9a8a1e9b8a1e9c891e9d891f9e891f9f881fa0881fa1881fa1871fa28720a38620a48621a58521a68522a785"
        "22a88423a98324aa8325ab8225ac8226ad8127ad8128ae8029af7f2ab07f2cb17e2db27d2eb37c2fb47c31b57b32b67a34b679"
        "35b77937b87838b9773aba763bbb753dbc743fbc7340bd7242be7144bf7046c06f48c16e4ac16d4cc26c4ec36b50c46a52c569"
        "54c56856c66758c7655ac8645cc8635ec96260ca6063cb5f65cb5e67cc5c69cd5b6ccd5a6ece5870cf5773d05675d05477d153"
        "7ad1517cd2507fd34e81d34d84d44b86d54989d5488bd6468ed64590d74393d74195d84098d83e9bd93c9dd93ba0da39a2da37"
        "a5db36a8db34aadc32addc30b0dd2fb2dd2db5de2bb8de29bade28bddf26c0df25c2df23c5e021c8e020cae11fcde11dd0e11c"
        "d2e21bd5e21ad8e219dae319dde318dfe318e2e418e5e419e7e419eae51aece51befe51cf1e51df4e61ef6e620f8e621fbe723"
        "fde725"
    ),
    np.uint8,
).reshape(256, 3)


def shaded(values: NDArray[np.floating], missing: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Return the colours of values from 0 to 1, shape (…, 3); `missing` is that of NaN."""
    known = ~np.isnan(values)
    steps = np.rint(np.clip(np.where(known, values, 0), 0, 1) * 255).astype(np.intp)
    return np.where(known[..., None], VIRIDIS[steps], np.array(missing, np.uint8))
