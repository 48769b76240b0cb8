/** Handles of controls, dragged by the pointer or moved by the keys; and the keys that lead through a matrix. */

/** The rows and columns of a matrix that the arrow keys step over. */
export const ARROWS: Record<string, [rows: number, columns: number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

interface Moves {
  drag: (event: PointerEvent) => void;
  /** By as much as a key stands for. */
  step?: (by: number) => void;
  /** The drag begins with an event, or has ended. */
  hold?: (from: PointerEvent | null) => void;
}

/** Makes a handle of an element; `steps` says by how much each key moves it. */
export function movable<Handle extends HTMLElement>(
  handle: Handle,
  steps: Record<string, number>,
  { drag, step, hold }: Moves,
): Handle {
  let held = false;
  const take = (from: PointerEvent | null) => {
    held = from !== null;
    hold?.(from);
  };
  handle.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    handle.focus({ preventScroll: true });
    handle.setPointerCapture(event.pointerId);
    take(event);
  });
  handle.addEventListener("pointermove", (event) => {
    if (held) drag(event);
  });
  for (const end of ["pointerup", "pointercancel"]) handle.addEventListener(end, () => take(null));
  handle.addEventListener("keydown", (event) => {
    const by = steps[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    step?.(by);
  });
  return handle;
}
