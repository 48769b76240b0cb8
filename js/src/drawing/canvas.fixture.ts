/** A stand-in for the canvas in tests, where there is none; the browser tests look at real pixels. */

import { type Mock, vi } from "vitest";

const drawing = ["putImageData", "drawImage", "scale", "fillRect"] as const;
const clipping = ["save", "beginPath", "moveTo", "lineTo", "clip", "restore"] as const;

/** The context of every canvas: it draws nothing, and knows how it was called. Every letter is 6 pixels wide. */
export const pixels = {
  ...(Object.fromEntries([...drawing, ...clipping].map((name) => [name, vi.fn()])) as Record<
    (typeof drawing | typeof clipping)[number],
    Mock
  >),
  measureText: (text: string) => ({ width: 6 * text.length }),
};

export function withoutCanvas(): void {
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(pixels as never);
  vi.stubGlobal(
    "ImageData",
    class {
      constructor(
        readonly data: Uint8ClampedArray,
        readonly width: number,
        readonly height: number,
      ) {}
    },
  );
}
