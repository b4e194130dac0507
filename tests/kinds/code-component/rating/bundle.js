var Contoso = { Rating: function () {} };
