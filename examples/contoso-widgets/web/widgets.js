// Shows on an account's form how many of its widgets have gone quiet.
var Contoso = window.Contoso || {};

Contoso.Widgets = (function () {
  "use strict";

  var QUIET_AFTER_HOURS = 24;

  function quietSince(now) {
    return new Date(now.getTime() - QUIET_AFTER_HOURS * 3600 * 1000).toISOString();
  }

  function onLoad(context) {
    var form = context.getFormContext();
    var account = form.data.entity.getId().replace(/[{}]/g, "");
    var query =
      "?$select=contoso_name&$filter=_contoso_accountid_value eq " + account +
      " and contoso_lastseenon lt " + quietSince(new Date());
    return Xrm.WebApi.retrieveMultipleRecords("contoso_widget", query).then(function (found) {
      form.ui.clearFormNotification("contoso-quiet");
      if (found.entities.length > 0) {
        form.ui.setFormNotification(found.entities.length + " widget(s) have not been heard from for a day.", "WARNING", "contoso-quiet");
      }
    });
  }

  return { onLoad: onLoad };
})();
