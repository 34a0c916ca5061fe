// What every page needs.
import "./theme.js";
import "./fields.js";
import "./hexgrid.js";
import "./actions.js";
