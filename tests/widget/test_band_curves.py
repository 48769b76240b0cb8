import numpy as np
import runs

import nntf_widget as nntf
from nntf_widget.widget.band_curves import BandCurves


def test_the_page_hands_the_curves_over_by_links():
    widget = nntf.FingerprintWidget(runs.grow(runs.new(), 5))
    bands = widget._box.children[-1]
    assert isinstance(bands, BandCurves)
    focus, curves = bands.marks
    linked = {link.source[1]: link.target for link in bands.links}
    assert linked["bands_places"] == (curves, "x")
    assert linked["bands_best"] == (curves, "y")
    assert linked["bands_focus"] == (focus, "x")
    assert linked["epochs_low"] == (curves.scales["x"], "min")
    assert linked["epochs_high"] == (focus.scales["x"], "max")
    assert linked["bands_high"] == (curves.scales["y"], "max")
    assert np.max(curves.y) < curves.scales["y"].min  # nothing is seen until the page hands them over
    widget.close()
