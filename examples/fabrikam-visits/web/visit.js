"use strict";
var Fabrikam = Fabrikam || {};
Fabrikam.Visit = {
  // A visit with an outcome needs a report.
  outcome: function (context) {
    var form = context.getFormContext();
    var done = form.getAttribute("fabrikam_outcome").getValue() !== null;
    form.getAttribute("fabrikam_report").setRequiredLevel(done ? "required" : "none");
  },
};
