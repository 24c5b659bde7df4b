// Starts Swagger UI on the page that tries the interface for programs; the session of the browser signs the requests.
(() => {
  "use strict";
  const place = document.getElementById("swagger-ui");
  window.addEventListener("load", () => {
    SwaggerUIBundle({
      url: place.dataset.description,
      domNode: place,
      deepLinking: false,
      docExpansion: "none",
      presets: [SwaggerUIBundle.presets.apis],
      layout: "BaseLayout",
      validatorUrl: null,
      withCredentials: true,
    });
  });
})();
