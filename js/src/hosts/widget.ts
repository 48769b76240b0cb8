/** The widget's two hooks: one session for a model, one view for each place where it is shown. */

import "../styles.css";
import type { AnyModel, RenderProps } from "@anywidget/types";
import { Session, type Traits } from "../session";
import { View } from "../view";

/** Hosts call this once for a model: what it returns is that model's. */
export default () => {
  let session: Session;
  return {
    initialize({ model }: { model: AnyModel<Traits> }) {
      session = new Session(model);
      return () => session.close();
    },

    render({ el }: RenderProps<Traits>) {
      const root = document.createElement("div");
      el.classList.add("nntf-fingerprint");
      el.append(root);
      const view = new View(root, session);
      return () => view.close();
    },
  };
};
