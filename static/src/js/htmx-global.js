// Bundled with ours: one request less than beside it. Pages' own scripts find it on window.
import htmx from "htmx.org";

window.htmx = htmx;
