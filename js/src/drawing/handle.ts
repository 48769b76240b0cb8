/** A handle of a control: dragged by the pointer, or moved by the keys. */

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
