"""What a page holds."""

from __future__ import annotations


class Memory:
    """What the page holds once the rubbish is gone."""

    def __init__(self, page):
        self.session = page.context.new_cdp_session(page)
        self.session.send("Performance.enable")

    def count(self, kind: str) -> int:
        """The living objects of a kind, in the document or not."""
        of = self.session.send("Runtime.evaluate", {"expression": f"{kind}.prototype"})["result"]["objectId"]
        found = self.session.send("Runtime.queryObjects", {"prototypeObjectId": of})["objects"]["objectId"]
        length = {"objectId": found, "functionDeclaration": "function() { return this.length; }", "returnByValue": True}
        return self.session.send("Runtime.callFunctionOn", length)["result"]["value"]

    def held(self) -> dict[str, float]:
        for _ in range(3):
            self.session.send("HeapProfiler.collectGarbage")
        metrics = {metric["name"]: metric["value"] for metric in self.session.send("Performance.getMetrics")["metrics"]}
        return {
            "canvases": self.count("HTMLCanvasElement"),
            "observers": self.count("ResizeObserver"),
            "listeners": metrics["JSEventListeners"],
            "nodes": metrics["Nodes"],
            "bytes": metrics["JSHeapUsedSize"],
            "arrays": self.session.send("Runtime.getHeapUsage")["backingStorageSize"],  # which lie beside the heap
        }
