// The desk is whole without scripts; this only spares some reloading.
"use strict";
