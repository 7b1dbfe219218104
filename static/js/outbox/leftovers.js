/**
 * The outbox of a page that has no other: sends what was left behind in a hurry or while the server
 * was away, and what the page itself adds; import `outbox` from here. The same for drafts.
 */

import { Banner } from "./banner.js";
import { sendDrafts } from "./drafts.js";
import { Outbox } from "./outbox.js";
import { send } from "./sending.js";
import { Store } from "./store.js";

const person = Number(document.body.dataset.person);
export const outbox = new Outbox({ store: new Store("outbox"), send, person });

// Two masks are compared on the review page, which knows what the refusal said.
const onCompare = ({ specimenId }) => location.assign(`/review?specimen=${specimenId}`);
const banner = new Banner(document.getElementById("banner"), { outbox, onCompare });
outbox.onChange = () => banner.show();

function wake() {
  outbox.retry();
  sendDrafts(new Store("drafts"), person);
}

for (const name of ["online", "focus"]) addEventListener(name, wake);
addEventListener("beforeunload", (event) => outbox.isUnsafe && event.preventDefault());
wake();
