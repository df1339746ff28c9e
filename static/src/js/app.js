// What every page needs beyond HTML: htmx, and the small things that make it kind. Nothing here is needed
// to use the store; without it every form posts and every link leads somewhere.
import "./htmx-global.js";
import "./confirm.js";
import "./menus.js";
import "./more.js";
import "./requests.js";
import "./search.js";
import "./stepper.js";
import "./theme.js";
import "./times.js";
import "./toasts.js";
