var Contoso = window.Contoso || {};
Contoso.Visit = { load() {}, day() {} };
